"""Read a map's page: decode its data by the documented format, and know everything else in it.

The data block is JSON; columns of numbers are base-128 integers (seven bits a
byte, least significant first) in base64, signed ones zigzagged, some as
differences from the one before, nullable ones with 0 for null and one more
than the number otherwise; columns of texts are distinct texts and an index
into them from 1, 0 for null, or one ``same`` index.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from linemap import schema
from linemap.auditing.findings import Finding
from linemap.auditing.published import FLOWS, Published, Row
from linemap.auditing.words import Told

FORMAT: Final = 1
_TENTHS: Final = 10
_KEYS: Final = frozenset((
    "format", "title", "subtitle", "panes", "statements", "headlines", "caveats", "basis",
    "rule", "attributions", "style", "slots", "nodes", "flows", "grid", "base", "tiles",
))  # fmt: skip
_NODE_KEYS: Final = frozenset(
    ("name", "level", "lon", "lat", "areas", "outlined", "outlines", "parents", "id", "rest")
)
_FLOW_KEYS: Final = frozenset((
    "n", "id", "origin", "destination", "step", "count", "km", "low", "high", "banded", "pane",
    "window", "external", "measure", "qualifier", "source", "published", "url", "note", "tags",
))  # fmt: skip
_STYLE_KEYS: Final = frozenset((
    "colourBy", "largest", "widest", "thinnest", "named", "steps", "bandEdges", "bandLabels",
    "themes",
))  # fmt: skip
_BASE_KEYS: Final = frozenset(
    ("quantum", "arcs", "ranks", "kinds", "rings", "labels", "shapes", "names")
)
_BLOCK: Final = re.compile(
    r'<script type="application/json" id="linemap-data">(.*?)</script>', re.DOTALL
)
_TEXTS: Final = ("measure", "qualifier", "source", "published", "url", "note")


def check_page(text: str, name: str, published: Published, told: Told) -> Iterator[Finding]:
    """Yield what is wrong with a page: data other than the flows, numbers or code not known."""
    blocks = _BLOCK.findall(text)
    if len(blocks) != 1:
        yield Finding("unknown", name, "a page without its one block of data", max(len(blocks), 1))
        return
    yield from _frame(_BLOCK.sub("", text), name, told)
    try:
        payload = json.loads(blocks[0])
        if payload.get("format") != FORMAT:
            yield Finding("unknown", name, "data in a format that is not known")
            return
        yield from _payload(payload, name, published, told)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        yield Finding("unknown", name, "data that cannot be decoded")


def _frame(text: str, name: str, told: Told) -> Iterator[Finding]:
    """Check what stands around the data: known scripts and styles, and no number of its own."""
    strange = 0
    for tag in ("script", "style"):
        pattern = re.compile(rf"<{tag}\b([^>]*)>(.*?)</{tag}>", re.DOTALL)
        for attributes, content in pattern.findall(text):
            strange += bool(attributes.strip()) or not _is_ours(content)
        text = pattern.sub("", text)
    if strange:
        yield Finding("unknown", name, "scripts or styles that linemap did not write", strange)
    text = re.sub(r'<meta http-equiv="Content-Security-Policy" content="[^"]*">', "", text)
    text = re.sub(r'<meta (charset="utf-8"|name="(viewport|referrer)" content="[^"]*")>', "", text)
    comments = re.findall(r"<!--", text)
    attributes = re.findall(
        r"\sdata-[\w-]+\s*=|<(?:img|iframe|object|embed|link|svg|canvas)\b", text
    )
    if comments or attributes:
        yield Finding("unknown", name, "hidden parts", len(comments) + len(attributes))
    numbers = told.unknown(re.sub(r"<[^>]*>", " ", text))
    if numbers:
        yield Finding("unknown", name, "numbers in the text that nothing else tells", numbers)


def _is_ours(content: str) -> bool:
    """Say whether a script or style is made of linemap's own and Leaflet's files, and only those.

    An own file may have been made smaller: what counts is that it has no
    digits beyond those of the original.
    """
    plain = re.sub(r"url\(data:image/png;base64,[A-Za-z0-9+/=]+\)", "url()", content)
    return (bool(plain.strip()) and _shape(plain) in _known_shapes()) or _is_joined(plain)


def _is_joined(content: str) -> bool:
    rest = _shape(content)
    for part in sorted(_parts(), key=len, reverse=True):
        rest = rest.replace(part, "")
    return rest == ""


def _shape(text: str) -> str:
    return re.sub(r"\s+", "", text)


@cache
def _parts() -> tuple[str, ...]:
    folder = resources.files("linemap") / "maps" / "assets"
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.is_file()]
    texts += _leaflet()
    parts = {_shape(text) for text in texts} | {"/*", "*/"}
    return tuple(part for part in parts if part)


@cache
def _known_shapes() -> frozenset[str]:
    return frozenset(_parts())


def _leaflet() -> Iterator[str]:
    from xstatic.pkg import leaflet

    folder = Path(leaflet.BASE_DIR)
    script = (folder / "leaflet.js").read_text(encoding="utf-8")
    yield re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", script)
    style = (folder / "leaflet.css").read_text(encoding="utf-8")
    style = re.sub(r"\s*behavior: url\(#default#VML\);", "", style)
    yield re.sub(r"url\(images/[\w-]+\.png\)", "url()", style)


def _payload(
    payload: Mapping[str, Any], name: str, published: Published, told: Told
) -> Iterator[Finding]:
    flows, nodes = payload["flows"], payload["nodes"]
    strange = (
        len(payload.keys() - _KEYS)
        + len(flows.keys() - _FLOW_KEYS)
        + len(nodes.keys() - _NODE_KEYS)
        + len(payload["style"].keys() - _STYLE_KEYS)
        + len(payload["base"].keys() - _BASE_KEYS)
        + len(payload["slots"].keys() - {"originNodes", "originSlots", "measureSlots"})
    )
    if strange:
        yield Finding("unknown", name, "parts of the data that are not known", strange)
    drawn = list(_flows(flows, nodes))
    known = {row[schema.FLOW_ID]: row for row in published.tables[FLOWS]}
    wrong = sum(row[schema.FLOW_ID] not in known for row in drawn)
    wrong += sum(
        any(not _agrees(row[key], known[row[schema.FLOW_ID]].get(key)) for key in row)
        for row in drawn
        if row[schema.FLOW_ID] in known
    )
    if wrong:
        yield Finding("unknown", name, "flows that are not those of the table", wrong)
    counts = [row[schema.COUNT] for row in drawn if row[schema.COUNT] is not None]
    if payload["style"]["largest"] not in (*counts, 0):
        yield Finding("unknown", name, "a largest count that no flow has")
    places = {*published.names.values(), *(f"rest of {n}" for n in published.names.values())}
    columns = (schema.ORIGIN_NAME, schema.DESTINATION_NAME)
    ends = {row[column] for row in known.values() for column in columns}
    foreign = sum(text not in places | ends for text in nodes["name"]["texts"])
    if foreign:
        yield Finding("unknown", name, "names of places that are not known", foreign)
    texts = [payload["title"], payload["subtitle"], *payload["panes"], payload["basis"]]
    texts += [*payload["caveats"], *payload["attributions"]]
    texts += [" ".join(map(str, headline.values())) for headline in payload["headlines"]]
    numbers = sum(told.unknown(str(text)) for text in texts)
    if numbers and published.terms is not None:
        yield Finding("unknown", name, "numbers in the text that nothing else tells", numbers)


def _flows(flows: Mapping[str, Any], nodes: Mapping[str, Any]) -> Iterator[Row]:
    """Decode the flows into rows with the columns of FLOWS that a page tells."""
    size = flows["n"]
    names = [None, *_texts(nodes["name"], None)]
    origin, destination = _integers(flows["origin"]), _integers(flows["destination"])
    ids = _identifiers(flows["id"], size)
    counts, km = _nullable(flows["count"]), _nullable(flows["km"])
    low, high = _nullable(flows["low"]), _nullable(flows["high"])
    windows = _texts(flows["window"], size)
    external = _texts(flows["external"], size)
    texts = {key: _texts(flows[key], size) for key in _TEXTS}
    tags = {tag["name"]: _texts(tag, size) for tag in flows["tags"]}
    for row in range(size):
        start, _, end = (windows[row] or "/").partition("/")
        count, middle = counts[row], km[row]
        yield {
            schema.FLOW_ID: ids[row],
            schema.ORIGIN_NAME: names[origin[row]],
            schema.DESTINATION_NAME: names[destination[row]],
            schema.COUNT: None if count is None else count * flows["step"],
            schema.DISTANCE_KM: _tenths(middle),
            schema.DISTANCE_LOW_KM: _tenths(None if middle is None else middle - (low[row] or 0)),
            schema.DISTANCE_HIGH_KM: _tenths(None if middle is None else middle + (high[row] or 0)),
            schema.PERIOD_START: start or None,
            schema.PERIOD_END: end or None,
            schema.EXTERNAL: {"yes": True, "no": False, None: None}[external[row]],
            **{key: column[row] for key, column in texts.items()},
            **{key: column[row] for key, column in tags.items()},
        }


def _tenths(value: int | None) -> float | None:
    return None if value is None else value / _TENTHS


def _agrees(drawn: Any, tabled: Any) -> bool:
    if isinstance(drawn, float) and isinstance(tabled, int | float):
        return abs(drawn - tabled) <= 0.5 / _TENTHS + 1e-6
    return bool(drawn == tabled)


def _integers(packed: str) -> list[int]:
    found, value, scale = [], 0, 1
    for byte in base64.b64decode(packed, validate=True):
        value += (byte & 127) * scale
        if byte < 128:
            found.append(value)
            value, scale = 0, 1
        else:
            scale *= 128
    if scale != 1:
        raise ValueError("bytes end within a number")
    return found


def _nullable(packed: str) -> list[int | None]:
    return [None if number == 0 else number - 1 for number in _integers(packed)]


def _texts(column: Mapping[str, Any], size: int | None) -> list[str | None]:
    if column.keys() - {"texts", "index", "same", "name"}:
        raise ValueError("a column with parts that are not known")
    texts = [None, *column["texts"]]
    codes = _integers(column["index"]) if "index" in column else [column["same"]] * (size or 0)
    if size is None and "index" not in column:
        codes = [column["same"]]
    if set(range(1, len(texts))) - set(codes):
        raise ValueError("a text that no row shows")
    return [texts[code] for code in codes]


def _identifiers(column: Mapping[str, Any], size: int) -> list[str | None]:
    if "texts" in column:
        return _texts(column, size)
    if "from" in column:
        numbers = list(range(column["from"], column["from"] + size))
    else:
        numbers, total = [], 0
        for step in _integers(column["numbers"]):
            total += (step >> 1) ^ -(step & 1)
            numbers.append(total)
    return [f"{column['prefix']}{number:0{column['digits']}d}" for number in numbers]
