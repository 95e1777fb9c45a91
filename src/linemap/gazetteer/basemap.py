"""The vector base map that ships with linemap, as text for a page or as plain lists."""

from __future__ import annotations

import base64
import json
from typing import Any

from linemap.gazetteer.storage import FOLDER


def basemap_json() -> str:
    """Return the base map as it ships: one ASCII line of JSON (``data/README.md``: its format)."""
    return (FOLDER / "basemap.json").read_text(encoding="ascii").strip()


def basemap() -> dict[str, Any]:
    """Return the base map unpacked into plain lists, longitude first, in degrees.

    ``arcs``: one list of (lon, lat) pairs a line; ``ranks``: for each vertex
    of each arc the scale from which it is drawn (0 always, 1 middling, 2 close
    by); ``kinds``: one letter an arc; ``areas``: id, name, force, nation and
    rings, a ring being numbers of arcs, ``-1 - i`` for arc i backwards;
    ``labels``: name, lon, lat and place_id, the largest place first.
    """
    content: dict[str, Any] = json.loads(basemap_json())
    quantum = content.pop("quantum")
    steps = _arcs(base64.b64decode(content["arcs"]))
    content["arcs"] = [[(x * quantum, y * quantum) for x, y in arc] for arc in steps]
    content["ranks"] = _ranks(base64.b64decode(content["ranks"]), [len(arc) for arc in steps])
    content["kinds"] = list(content["kinds"])
    return content


def _arcs(packed: bytes) -> list[list[tuple[int, int]]]:
    numbers = iter(_varints(packed))
    arcs = []
    x = y = 0
    for length in numbers:
        arc = []
        for _ in range(length):
            x += _unzigzag(next(numbers))
            y += _unzigzag(next(numbers))
            arc.append((x, y))
        arcs.append(arc)
    return arcs


def _varints(packed: bytes) -> list[int]:
    numbers = []
    value = shift = 0
    for byte in packed:
        value |= (byte & 127) << shift
        if byte & 128:
            shift += 7
        else:
            numbers.append(value)
            value = shift = 0
    return numbers


def _unzigzag(value: int) -> int:
    return value >> 1 if value % 2 == 0 else -(value + 1 >> 1)


def _ranks(packed: bytes, lengths: list[int]) -> list[list[int]]:
    flat = [byte >> shift & 3 for byte in packed for shift in (0, 2, 4, 6)]
    ranks, start = [], 0
    for length in lengths:
        ranks.append(flat[start : start + length])
        start += length
    return ranks
