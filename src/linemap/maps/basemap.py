"""The base map: coasts, borders and towns to name; and outlines, packed for a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from linemap import schema
from linemap.gazetteer import Gazetteer, basemap_json
from linemap.maps import packing

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
            steps = packing.zigzag(np.diff(ring, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)))
            out.extend((np.array([len(ring)], dtype=np.uint64), steps.ravel()))
    return packing.packed(np.concatenate(out) if out else np.array([], dtype=np.uint64))


def _rings(shape: Any, tolerance: float) -> list[Any]:
    simple = shapely.simplify(shape, tolerance) if tolerance else shape
    parts = [part for part in shapely.get_parts(simple) if not part.is_empty]
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


def _ring(ring: Any) -> np.ndarray:
    points = np.rint(shapely.get_coordinates(ring)[:-1] * GRID).astype(np.int64)
    moved = np.any(np.diff(points, axis=0, prepend=points[-1:]) != 0, axis=1)
    kept: np.ndarray = points[moved]
    return kept
