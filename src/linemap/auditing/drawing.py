"""Read drawings: every text of an SVG is known, and a PNG stands only beside its SVG."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from linemap.auditing.findings import Finding
from linemap.auditing.words import Told, is_even, is_scale

_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS: Final = frozenset((
    "svg", "title", "desc", "defs", "style", "g", "path", "use", "text", "tspan", "rect",
    "clipPath", "circle", "line", "polygon", "polyline", "metadata",
))  # fmt: skip
_SCALES: Final = 12  # round numbers on their own that the legends of a drawing may have
_CHUNKS: Final = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"tEXt", b"iTXt", b"tRNS"))
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def check_svg(data: bytes, name: str, told: Told, *, every_number: bool) -> Iterator[Finding]:
    """Yield what is wrong with an SVG; `every_number` asks that each of its numbers is known."""
    text = data.decode("utf-8", errors="replace")
    if "<!ENTITY" in text or "<script" in text.casefold():
        yield Finding("unknown", name, "code or entities")
        return
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without entities, refused above
    except ElementTree.ParseError:
        yield Finding("unknown", name, "a drawing that cannot be read")
        return
    elements = list(root.iter())
    strange = sum(
        not str(element.tag).startswith(_SVG) or str(element.tag)[len(_SVG) :] not in _ELEMENTS
        for element in elements
    )
    strange += sum(_is_strange(key, value) for e in elements for key, value in e.attrib.items())
    strange += sum(
        "linemap" not in comment and told.unknown(comment) > 0 and not is_scale(comment)
        for comment in re.findall(r"<!--(.*?)-->", text, re.DOTALL)
    )
    if strange:
        yield Finding("unknown", name, "parts of a drawing that are not known", strange)
    if every_number:
        numbers = sum(_unknown(part, told) for part in _texts(root))
        if numbers:
            yield Finding("unknown", name, "numbers on a drawing that nothing else tells", numbers)


def _is_strange(key: str, value: str) -> bool:
    if key.startswith(("data-", "on")) or key == "aria-label":
        return True
    return key in ("href", _LINK) and not value.startswith("#")


def _text(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _ticks(axis: ElementTree.Element) -> list[ElementTree.Element]:
    """Return the ticks of an axis that are only a scale: round, or in equal round steps."""
    if not re.fullmatch(r"matplotlib\.axis_\d+", axis.get("id", "")):
        return []
    groups = (g for g in axis.iter(f"{_SVG}g") if re.fullmatch(r"[xy]tick_\d+", g.get("id", "")))
    ticks = [text for group in groups for text in group.iter(f"{_SVG}text") if _text(text)]
    if is_even([_text(tick) for tick in ticks]):
        return ticks
    return [tick for tick in ticks if is_scale(_text(tick))]


def _texts(root: ElementTree.Element) -> Iterator[str]:
    """Yield the texts of a drawing; ticks of axes and up to twelve scale numbers are left out."""
    ticks = {id(tick) for axis in root.iter(f"{_SVG}g") for tick in _ticks(axis)}
    parts = []
    scales = 0
    for element in root.iter(f"{_SVG}text"):
        text = _text(element)
        if id(element) in ticks:
            continue
        if is_scale(text) and scales < _SCALES:
            scales += 1
            continue
        parts.append(text)
    yield " ".join(parts)
    for tag in ("title", "desc"):
        yield from (" ".join(e.itertext()) for e in root.iter(f"{_SVG}{tag}"))
    left = (e for e in root.iter() if str(e.tag)[len(_SVG) :] not in ("text", "tspan", "title",
                                                                     "desc", "style"))  # fmt: skip
    yield " ".join(filter(None, (part for e in left for part in (e.text, e.tail) if part)))


def _unknown(text: str, told: Told) -> int:
    return told.unknown(text)


def check_png(
    data: bytes, name: str, told: Told, *, has_svg: bool, every_number: bool
) -> Iterator[Finding]:
    """Yield what is wrong with a PNG: no SVG beside it, odd chunks, bytes after its end."""
    if not has_svg:
        yield Finding("unknown", name, "a picture without its drawing beside it")
    if not data.startswith(_SIGNATURE):
        yield Finding("unknown", name, "a picture that is not one")
        return
    at, strange, numbers, ended = len(_SIGNATURE), 0, 0, False
    while at + 12 <= len(data) and not ended:
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + 8 + size]
        strange += kind not in _CHUNKS
        check = int.from_bytes(data[at + 8 + size : at + 12 + size])
        strange += zlib.crc32(kind + content) != check
        if kind in (b"tEXt", b"iTXt"):
            numbers += told.unknown(_chunk_text(kind, content))
        ended = kind == b"IEND"
        at += 12 + size
    if strange or not ended or at != len(data):
        yield Finding("unknown", name, "parts of a picture that are not known", strange or 1)
    if numbers and every_number:
        yield Finding("unknown", name, "numbers with a picture that nothing else tells", numbers)


def _chunk_text(kind: bytes, content: bytes) -> str:
    _, _, text = content.partition(b"\0")
    if kind == b"tEXt":
        return text.decode("latin-1")
    squeezed, rest = text[:1] == b"\1", text[2:]
    _, _, rest = rest.partition(b"\0")
    _, _, rest = rest.partition(b"\0")
    return (zlib.decompress(rest) if squeezed else rest).decode("utf-8", errors="replace")
