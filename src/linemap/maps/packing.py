r"""How data travel inside a page: numbers as bytes, texts as escaped JSON, shapes, the base map.

Integers are written in base-128 (seven bits a byte, least first, as in
Protocol Buffers), signed ones zigzagged and usually as differences, and the
bytes as base64. Texts keep only plain letters, digits and a few marks; every
other character is written as ``\uXXXX``, so that no text can end a script
block, open a tag or be read as a template, whatever encloses the page.
Shapes are steps on a grid; the base map has coasts, borders and towns to name.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from linemap import schema
from linemap.gazetteer import Gazetteer, basemap_json

Integers = npt.NDArray[np.int64]

_SPECIAL = re.compile(r"[^A-Za-z0-9 _.,:;+/=()-]")


def varints(values: npt.ArrayLike) -> bytes:
    """Write unsigned integers in base-128, seven bits a byte, least significant first.

    >>> varints([1, 300]).hex()
    '01ac02'
    """
    rest = np.asarray(values, dtype=np.uint64).ravel()
    if rest.size == 0:
        return b""
    size = np.ones(rest.size, dtype=np.int64)
    for bits in range(7, 64, 7):
        size += rest >= (np.uint64(1) << np.uint64(bits))
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    out = np.zeros(int(size.sum()), dtype=np.uint8)
    for step in range(int(size.max())):
        here = size > step
        more = (size > step + 1)[here]
        out[first[here] + step] = (rest[here] & np.uint64(127)).astype(np.uint8) | (more * 128)
        rest = rest >> np.uint64(7)
    return out.tobytes()


def zigzag(values: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """Fold signed integers into unsigned ones: 0, -1, 1, -2 become 0, 1, 2, 3."""
    signed = np.asarray(values, dtype=np.int64)
    return ((signed << 1) ^ (signed >> 63)).astype(np.uint64)


def base64_text(data: bytes) -> str:
    """Write bytes as base64."""
    return base64.b64encode(data).decode("ascii")


def packed(values: npt.ArrayLike) -> str:
    """Pack unsigned integers."""
    return base64_text(varints(values))


def packed_differences(values: npt.ArrayLike) -> str:
    """Pack signed integers, each as its difference from the one before it (the first from 0)."""
    whole = np.asarray(values, dtype=np.int64).ravel()
    return base64_text(varints(zigzag(np.diff(whole, prepend=0))))


def packed_nullable(values: npt.NDArray[np.float64]) -> str:
    """Pack whole numbers of 0 or more: 0 stands for null, else the number + 1."""
    return packed(np.where(np.isnan(values), 0, np.nan_to_num(values) + 1).astype(np.int64))


def text_column(values: pd.Series) -> dict[str, Any]:
    """Pack a column of texts: its distinct texts in order of appearance, and an index to them.

    In the index 0 stands for null and k for the k-th text; a column that says
    the same in every row has that number once, as ``same``.
    """
    codes, distinct = pd.factorize(values.astype("object"))
    texts = [str(text) for text in distinct]
    if len(codes) and (codes == codes[0]).all():
        return {"texts": texts, "same": int(codes[0]) + 1}
    return {"texts": texts, "index": packed(codes + 1)}


def id_column(values: pd.Series) -> dict[str, Any]:
    """Pack a column of identifiers; those that are a prefix and a number travel as numbers."""
    texts = [str(value) for value in values]
    first = re.fullmatch(r"(\D*)(\d{1,15})", texts[0]) if texts else None
    if first is None:
        return text_column(values)
    prefix, digits, start = first[1], len(first[2]), int(first[2])
    packed_as = {"prefix": prefix, "digits": digits}
    if texts == [f"{prefix}{start + turn:0{digits}d}" for turn in range(len(texts))]:
        return {**packed_as, "from": start}
    shape = re.compile(rf"{re.escape(prefix)}(\d{{{digits}}})")
    parts = [shape.fullmatch(text) for text in texts]
    numbers = [int(part[1]) for part in parts if part]
    if len(numbers) < len(texts):
        return text_column(values)
    return {**packed_as, "numbers": packed_differences(numbers)}


def json_text(value: object) -> str:
    r"""Write plain data as JSON whose strings hold no special character.

    >>> print(json_text({"name": "King’s </script> {{ x }}"}))
    {"name":"King\u2019s \u003c/script\u003e \u007b\u007b x \u007d\u007d"}
    """
    if value is None:
        return "null"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return repr(number) if np.isfinite(number) else "null"
    if isinstance(value, str):
        return '"' + _SPECIAL.sub(_escape, value) + '"'
    if isinstance(value, Mapping):
        inside = (f"{json_text(str(key))}:{json_text(part)}" for key, part in value.items())
        return "{" + ",".join(inside) + "}"
    if isinstance(value, Iterable):
        return "[" + ",".join(json_text(part) for part in value) + "]"
    raise TypeError(f"A {type(value).__name__} does not travel in a page.")


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


# ── The base map: coasts, borders and towns to name; and outlines, packed for a page ────────
GRID = 2_000  # outlines travel on a grid of 1/2000 of a degree: about 50 m
_TOWNS = 240
_OUTLINE_TOLERANCE = 0.006  # degrees: about 500 m
_LEAST_RING = 3  # a ring of two points has no inside


def base_data(gazetteer: Gazetteer) -> dict[str, Any]:
    """Describe the base map: the one that ships, or one made from a user's own areas."""
    if gazetteer.has_shipped_areas:
        return _shipped()
    places = gazetteer.places
    levels = places[schema.LEVEL]
    towns = places[levels.eq(schema.SETTLEMENT)].sort_values(
        [schema.POPULATION_WEIGHT, schema.NAME], ascending=[False, True], kind="stable"
    )
    shapes = {
        kind: pack_shapes(_polygons(places[levels.eq(kind) & places[schema.BECAME_IDS].isna()]))
        for kind in (schema.COUNTY, schema.BOROUGH)
    }
    return {"shapes": shapes, "labels": _labels(towns.head(_TOWNS))}


@cache
def _shipped() -> dict[str, Any]:
    """Read the base map that ships; the page needs neither its areas' names nor their parents."""
    content: dict[str, Any] = json.loads(basemap_json())
    return {
        "quantum": content["quantum"],
        "arcs": content["arcs"],
        "ranks": content["ranks"],
        "kinds": content["kinds"],
        "rings": [area[4] for area in content["areas"]],
        "labels": [label[:3] for label in content["labels"][:_TOWNS]],
    }


@cache
def _area_numbers() -> dict[str, int]:
    content: dict[str, Any] = json.loads(basemap_json())
    return {area[0]: number for number, area in enumerate(content["areas"])}


def areas_of(place_id: str, gazetteer: Gazetteer) -> list[int] | None:
    """List the areas of the shipped base map that make up a place, by number; None if none do."""
    if not gazetteer.has_shipped_areas or place_id not in gazetteer.places.index:
        return None
    numbers = _area_numbers()
    if place_id in numbers:
        return [numbers[place_id]]
    members = gazetteer.members(place_id)
    if not members or any(member not in numbers for member in members):
        return None
    return [numbers[member] for member in members]


def _labels(towns: gpd.GeoDataFrame) -> list[list[Any]]:
    columns = zip(towns[schema.NAME], towns[schema.LON], towns[schema.LAT], strict=True)
    return [[str(name), round(lon, 3), round(lat, 3)] for name, lon, lat in columns]


def _polygons(places: gpd.GeoDataFrame) -> list[Any]:
    return [shape for shape in places.geometry if is_area(shape)]


def is_area(shape: Any) -> bool:
    """Tell whether a geometry is one or more polygons."""
    return shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")


def pack_shapes(shapes: Iterable[Any], *, tolerance: float = _OUTLINE_TOLERANCE) -> str:
    """Pack polygons: for each, its number of rings; for each ring, its length and its steps.

    Steps are on the grid, longitude first, the first from (0, 0). A ring that
    vanishes on the grid is left out; the closing point is not written.
    """
    out: list[np.ndarray] = []
    for shape in shapes:
        rings = [ring for ring in map(_ring, _rings(shape, tolerance)) if len(ring) >= _LEAST_RING]
        out.append(np.array([len(rings)], dtype=np.uint64))
        for ring in rings:
            steps = zigzag(np.diff(ring, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)))
            out.extend((np.array([len(ring)], dtype=np.uint64), steps.ravel()))
    return packed(np.concatenate(out) if out else np.array([], dtype=np.uint64))


def _rings(shape: Any, tolerance: float) -> list[Any]:
    simple = shapely.simplify(shape, tolerance) if tolerance else shape
    parts = [part for part in shapely.get_parts(simple) if not part.is_empty]
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


def _ring(ring: Any) -> np.ndarray:
    points = np.rint(shapely.get_coordinates(ring)[:-1] * GRID).astype(np.int64)
    moved = np.any(np.diff(points, axis=0, prepend=points[-1:]) != 0, axis=1)
    kept: np.ndarray = points[moved]
    return kept
