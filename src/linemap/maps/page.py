"""The file of a map: its policy, scripts and styles, and what it would load.

:func:`write_page` inlines everything that runs or styles, lists the SHA-256 of each
in the content security policy, and puts the data into one JSON block. It refuses a
page that would load anything from outside (:func:`loads_outside`), and is the only
one to add the policy.
What a map is to folium is in :mod:`linemap.maps.folium_map`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

from linemap.errors import OutputError
from linemap.maps.packing import base64_text, json_text

SCRIPT = "page.js"  # built from js/ by `npm run build`
STYLES = ("page.css", "print.css")


@dataclass(frozen=True, slots=True)
class Extra:
    """What the caller's own folium elements add to a page, already rendered."""

    header: str = ""
    html: str = ""
    script: str = ""
    map_name: str = ""

    def __bool__(self) -> bool:
        return bool(self.header.strip() or self.html.strip() or self.script.strip())


def write_page(payload: Mapping[str, Any], extra: Extra | None = None, still: str = "") -> str:
    """Write the page of a payload, with what the caller added to its map.

    `still` is what the page shows where no script runs, its texts made safe.

    Raises
    ------
    OutputError
        If the page would load anything from outside that was not asked for by
        the payload's ``tiles``; the message lists it all.
    """
    extra = extra or Extra()
    styles = [leaflet_style(), page_style(), *_inside(extra.header, "style")]
    scripts = [leaflet_script(), page_script(), *_inside(extra.header + extra.html, "script")]
    if extra.script.strip():
        scripts.append(f"var {extra.map_name} = linemap.maps[0].leaflet;\n{extra.script}")
    _refuse_outside(extra)
    tiles = str(payload.get("tiles", {}).get("origin", ""))
    rule = policy(scripts, styles, tiles)
    at_once = " data-at-once" if scripts[2:] else ""  # what follows needs the map
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{rule}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        "<title>Flow map</title>",
        *(f"<style>{text}</style>" for text in styles),
        "</head>",
        "<body>",
        f'<div id="linemap"><noscript>{still}</noscript></div>',
        _without(extra.html, "script", "style"),
        f'<script type="application/json" id="linemap-data"{at_once}>{json_text(payload)}</script>',
        *(f"<script>{text}</script>" for text in scripts),
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(parts)


def write_frame(payload: Mapping[str, Any]) -> str:
    """Write the page of a payload for a frame of a notebook: the same, with its parts compressed.

    A notebook holds a page for each map that it shows. One script, which the policy lists as it
    lists the others, unpacks the styles, the data and the scripts and adds them; a browser that
    cannot (`DecompressionStream` came in 2020 to 2023) says so in the frame.
    """
    styles = [leaflet_style(), page_style()]
    scripts = [leaflet_script(), page_script()]
    tiles = str(payload.get("tiles", {}).get("origin", ""))
    parts = {"styles": styles, "data": json_text(payload), "scripts": scripts}
    packed = base64_text(gzip.compress(json.dumps(parts).encode(), mtime=0))
    rule = policy([_UNPACK, *scripts], styles, tiles)
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{rule}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><title>Flow map</title></head>'
        '<body><div id="linemap"></div>'
        f'<script type="application/json" id="linemap-parts">"{packed}"</script>'
        f"<script>{_UNPACK}</script></body></html>"
    )


_UNPACK = """(async () => {
  const add = (tag, text, more) =>
    document.body.append(Object.assign(document.createElement(tag), { textContent: text }, more));
  const text = JSON.parse(document.getElementById("linemap-parts").textContent);
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const { styles, data, scripts } = JSON.parse(await new Response(whole).text());
    for (const style of styles) add("style", style);
    add("script", data, { type: "application/json", id: "linemap-data" });
    for (const script of scripts) add("script", script);
  } catch (error) {
    add("p", "This browser cannot show the map here: open the map's file instead.");
    throw error;
  }
})();"""


def _refuse_outside(extra: Extra) -> None:
    """Raise an OutputError that lists all that the caller's own elements would load."""
    found = loads_outside(extra.header + extra.html, extra.script)
    if found:
        raise OutputError(
            "This map would load from outside, and linemap writes only maps that open without "
            "a network. Take these away, or inline them:\n"
            + "\n".join(f"  {what}" for what in found)
        )


def policy(scripts: Sequence[str], styles: Sequence[str], tiles: str = "") -> str:
    """Write the content security policy of a page with these inline scripts and styles."""
    images = " ".join(part for part in ("data:", "blob:", tiles) if part)
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; "
        f"img-src {images}; base-uri 'none'; form-action 'none'"
    )


@cache
def page_script() -> str:
    """Return linemap's own script."""
    return _asset(SCRIPT)


@cache
def page_style() -> str:
    """Return linemap's own style sheet."""
    return _unindented("\n".join(_asset(name) for name in STYLES))


@cache
def leaflet_script() -> str:
    """Return Leaflet's script with its licence, from the XStatic-Leaflet package."""
    text = (_leaflet() / "leaflet.js").read_text(encoding="utf-8")
    text = re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text)
    return f"/*\n{_asset('leaflet-licence.txt')}*/\n{text}"


@cache
def leaflet_style() -> str:
    """Return Leaflet's style sheet, its images inlined."""
    folder = _leaflet()
    text = (folder / "leaflet.css").read_text(encoding="utf-8")
    text = re.sub(r"\s*behavior: url\(#default#VML\);", "", text)

    def inline(match: re.Match[str]) -> str:
        image = base64.b64encode((folder / match[1]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    return re.sub(r"url\((images/[\w-]+\.png)\)", inline, text)


def _hashes(texts: Sequence[str]) -> str:
    digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
    listed = [f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests]
    return " ".join(dict.fromkeys(listed)) or "'none'"


def _asset(name: str) -> str:
    return (resources.files("linemap.maps") / "assets" / name).read_text(encoding="utf-8")


def _unindented(text: str) -> str:
    """Leave out indentation; no text of the style sheets spans lines."""
    return re.sub(r"^[ \t]+", "", text, flags=re.M)


def _leaflet() -> Path:
    from xstatic.pkg import leaflet  # imported late: only writing a page needs it

    return Path(leaflet.BASE_DIR)


def _inside(html: str, tag: str) -> list[str]:
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}\s*>", html, flags=re.S | re.I)
    return [text for text in found if text.strip()]


def _without(html: str, *tags: str) -> str:
    for tag in tags:
        html = re.sub(rf"<{tag}\b[^>]*>.*?</{tag}\s*>", "", html, flags=re.S | re.I)
    return html.strip()


# ── What a page would load from outside: found in its tags, its styles and its scripts ──────
_LOADING = {
    "src",
    "srcset",
    "data",
    "poster",
    "background",
    "action",
    "formaction",
    "manifest",
    "xlink:href",
}
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


_TRUST = "To see the map itself, trust this notebook (in JupyterLab: File, Trust Notebook)."


def still_block(still: str) -> str:
    """Put the still page into a notebook's output, for where nothing runs.

    A notebook that is not trusted drops styles, scripts, frames and drawings, but no picture whose
    data stand in the page: so a style hides the block, where there is a map instead of it.
    """

    def picture(match: re.Match[str]) -> str:
        data = base64.b64encode(match[0].encode("utf-8")).decode("ascii")
        return f'<img alt="Map of the flows" src="data:image/svg+xml;base64,{data}">'

    shown = re.sub(r"<svg\b.*?</svg>", picture, still, count=1, flags=re.S)
    return f'<div class="linemap-still"><p><b>{_TRUST}</b></p>{shown}</div>'
