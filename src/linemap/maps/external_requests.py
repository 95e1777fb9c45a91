"""What a page would load from outside: found in its tags, its styles and its scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_LOADING = {
    "src", "srcset", "data", "poster", "background", "action", "formaction", "manifest",
    "xlink:href",
}  # fmt: skip
_LINKS = {"a", "area"}  # what a reader must click loads nothing by itself
_ABSOLUTE = re.compile(r"^\s*(?!data:|blob:|about:|#|$)", re.I)
_REFRESH = re.compile(r"^\s*\d+[^;,]*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"\s]+)", re.I)
_IN_STYLE = re.compile(r"url\(\s*['\"]?\s*([^'\")\s]+)|@import\s+['\"]([^'\"]+)", re.I)
_IN_SCRIPT = re.compile(r"(?:https?:)?//[\w.{}$-]+\.[\w.{}$:-]+[^\s\"'`<>\\]*", re.I)
_NAMESPACE = re.compile(r"^(https?:)?//www\.w3\.org/", re.I)
_ANCHOR = re.compile(r"<a\b[^>]*?href=\\?[\"'][^\"']*", re.I)
# folium's own libraries, which a page of linemap does not carry
_NEEDS = (
    (re.compile(r"(?<![\w.$])\$\("), "jQuery, which folium's popups and some plugins call as $()"),
    (re.compile(r"\bL\.AwesomeMarkers\b"), "Leaflet.awesome-markers, which folium.Icon needs"),
)


def loads_outside(html: str, script: str = "") -> list[str]:
    """List what `html` and `script` would load, each with where it stands; empty if nothing.

    In a script every absolute address counts, except that of a link to click
    or of an XML namespace: what a program does with an address cannot be seen.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.found + _of_script(script)
    return list(dict.fromkeys(found))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") else None
        for name, value in attrs:
            if value is None:
                continue
            loads = name in _LOADING or (name == "href" and tag not in _LINKS)
            if loads and _ABSOLUTE.match(value):
                self.found.append(f"{value.strip()} (<{tag} {name}>)")
            if tag == "meta" and name == "content":  # a refresh: no policy stops that
                self.found.extend(f"{a} (<meta refresh>)" for a in _REFRESH.findall(value))
            if name == "style":
                self.found.extend(_of_style(value, f"<{tag} style>"))

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.found.extend(_of_style(data, "<style>"))
        elif self._inside == "script":
            self.found.extend(_of_script(data))


def _of_style(text: str, where: str) -> list[str]:
    addresses = [one or other for one, other in _IN_STYLE.findall(text)]
    return [f"{address} ({where})" for address in addresses if _ABSOLUTE.match(address)]


def _of_script(text: str) -> list[str]:
    bare = _ANCHOR.sub("", text)
    addresses = [match[0] for match in _IN_SCRIPT.finditer(bare)]
    found = [f"{a} (a script)" for a in addresses if not _NAMESPACE.match(a)]
    return found + [f"{what} (a script)" for pattern, what in _NEEDS if pattern.search(bare)]
