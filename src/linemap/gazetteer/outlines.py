"""Outlines from outside: turned into degrees and mended, or refused with their row."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError

from linemap.errors import Fault, InputError
from linemap.gazetteer.coordinates import UNITED_KINGDOM, are_degrees, hint_for

_AREAS = ("Polygon", "MultiPolygon")


def judge(
    outlines: gpd.GeoSeries, rows: list[int]
) -> tuple[list[shapely.Geometry], list[bool], list[Fault]]:
    """Return outlines in EPSG:4326, whether each had to be mended, and what is wrong, by row.

    Each is a polygon in the United Kingdom that encloses an area; where there
    are faults, the outlines are not to be used.
    """
    mended, invalid, faults = [], [], []
    for row, given, shape in zip(rows, outlines, _in_degrees(outlines), strict=True):
        fault = _shapeless(given, row) or _elsewhere(given, shape, row, outlines.crs)
        if fault is None:
            mended.append(_polygon(shape))
            invalid.append(not shape.is_valid)
            if mended[-1].is_empty:
                hint = "Draw it again: a ring needs three corners that are not in one line."
                fault = Fault("the outline encloses no area.", row, hint=hint)
        if fault is not None:
            faults.append(fault)
    return mended, invalid, faults


def _in_degrees(outlines: gpd.GeoSeries) -> gpd.GeoSeries:
    try:
        return outlines.to_crs("EPSG:4326")
    except ProjError as error:
        raise InputError(
            f"The coordinate system {outlines.crs.name!r} cannot be turned into degrees: save the "
            "file in EPSG:4326 or EPSG:27700."
        ) from error


def _shapeless(given: shapely.Geometry | None, row: int) -> Fault | None:
    if given is None or given.is_empty:
        return Fault("the area has no outline.", row)
    if given.geom_type not in _AREAS:
        return Fault(f"a {given.geom_type} is no outline of an area.", row)
    if not np.isfinite(shapely.get_coordinates(given)).all():
        hint = "Give that corner a place, or take it out."
        return Fault("a corner of the outline has a coordinate that is no number.", row, hint=hint)
    return None


def _elsewhere(
    given: shapely.Geometry, shape: shapely.Geometry, row: int, system: CRS
) -> Fault | None:
    a, b, c, d = shape.bounds
    west, south, east, north = UNITED_KINGDOM
    inside = west <= a and south <= b and c <= east and d <= north
    x0, y0, x1, y1 = given.bounds
    if not system.is_geographic:  # degrees, read as metres, lie in the sea off Scilly
        inside &= not are_degrees(np.array([x0, x1]), np.array([y0, y1])).all()
    if inside:
        return None
    hint = hint_for((x0 + x1) / 2, (y0 + y1) / 2, system)
    return Fault("the area lies outside the United Kingdom.", row, hint=hint or None)


def _polygon(shape: shapely.Geometry) -> shapely.Geometry:
    """Mend an outline, and keep of it what is an area."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    return shapely.union_all([part for part in parts if part.geom_type in _AREAS])
