"""The plane of a map: a projection in kilometres, outlines, curves and arrowheads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from linemap import schema
from linemap.gazetteer import Gazetteer

Floats = NDArray[np.float64]
_TOLERANCE_KM: Final = 0.35
_BEND: Final = 0.16  # how far a curve's handle stands off its line, of the line's length
_STEPS: Final = 24


@dataclass(frozen=True)
class Plane:
    """A transverse Mercator plane about a meridian, in kilometres: shapes and angles are true."""

    meridian: float

    @cached_property
    def _transformer(self) -> Transformer:
        plane = CRS.from_proj4(
            f"+proj=tmerc +lat_0=49 +lon_0={self.meridian} +k=0.9996 +ellps=WGS84 +units=km"
        )
        return Transformer.from_crs("EPSG:4326", plane, always_xy=True)

    def points(self, lon: Floats, lat: Floats) -> Floats:
        """Project points, longitude first; two columns, kilometres east and north."""
        return np.column_stack(self._transformer.transform(lon, lat))

    def shapes(self, shapes: NDArray[np.object_], *, tolerance: float) -> NDArray[np.object_]:
        """Project and simplify outlines together, so that neighbours keep their common line."""
        flat = shapely.transform(shapes, lambda at: self.points(at[:, 0], at[:, 1]))
        simple: NDArray[np.object_] = shapely.simplify(flat, tolerance)
        return simple


def plane_of(gazetteer: Gazetteer) -> Plane:
    """Choose the plane of a country: its middle meridian, to the degree."""
    lon = gazetteer.places[schema.LON].to_numpy(dtype=float)
    return Plane(float(np.round((np.nanmin(lon) + np.nanmax(lon)) / 2)))


@dataclass(frozen=True)
class Land:
    """Outlines in the plane: counties (of boroughs, London's), boroughs, and the coast."""

    areas: NDArray[np.object_]
    boroughs: NDArray[np.object_]
    coast: NDArray[np.object_]


def land(gazetteer: Gazetteer, plane: Plane) -> Land:
    """Lay out the base map of a gazetteer: areas with an outline, at their levels."""
    places = gazetteer.places

    def outlines(level: str, tolerance: float) -> NDArray[np.object_]:
        today = places[schema.BECAME_IDS].isna()
        shapes = places.geometry[today & (places[schema.LEVEL] == level)]
        keep = [s for s in shapes if s is not None and s.geom_type in ("Polygon", "MultiPolygon")]
        return plane.shapes(np.array(keep, dtype=object), tolerance=tolerance)

    boroughs = outlines(schema.BOROUGH, _TOLERANCE_KM / 4)
    areas = outlines(schema.COUNTY, _TOLERANCE_KM)
    return Land(areas, boroughs, outlines(schema.NATION, _TOLERANCE_KM))


def rings(shapes: NDArray[np.object_]) -> list[Floats]:
    """Take the outer rings of polygons, as arrays of points."""
    return [shapely.get_coordinates(part.exterior) for part in shapely.get_parts(shapes)]


def curves(starts: Floats, ends: Floats) -> Floats:
    """Bend each line into a symmetric curve, to the left of its way; flows x steps x 2.

    A quadratic Bezier curve whose handle stands off the middle in proportion to
    the length, so that longer flows curve more and there and back lie apart.
    """
    way = ends - starts
    handle = (starts + ends) / 2 + _BEND * np.column_stack([-way[:, 1], way[:, 0]])
    t = np.linspace(0, 1, _STEPS)[None, :, None]
    return np.asarray(
        (1 - t) ** 2 * starts[:, None] + 2 * t * (1 - t) * handle[:, None] + t**2 * ends[:, None]
    )


def arrowheads(drawn: Floats, widths: Floats, *, point: float) -> tuple[Floats, Floats]:
    """Cut each curve short of its end and put a triangle there.

    `widths` are the lines' in points of the page, `point` is the length of one
    in the plane. A head is wider than its line by the same share and at least
    visible; none is longer than a third of its curve. Returns the curves
    (flows x steps x 2) and the heads (flows x 3 x 2), tip first.
    """
    tip = drawn[:, -1]
    whole = np.linalg.norm(tip - drawn[:, 0], axis=1)
    long = np.minimum((2.8 + 1.5 * widths) * point, whole / 3)
    half = np.minimum((1.3 + 0.85 * widths) * point, long * 0.7)
    away = np.linalg.norm(drawn - tip[:, None], axis=2)
    row = np.arange(len(drawn))
    steps = np.arange(drawn.shape[1])
    last = np.where(away > long[:, None], steps, 0).max(axis=1)
    after = np.minimum(last + 1, drawn.shape[1] - 1)
    gap = away[row, last] - away[row, after]
    share = np.divide(away[row, last] - long, gap, out=np.zeros(len(drawn)), where=gap > 0)
    neck = drawn[row, last] + share[:, None] * (drawn[row, after] - drawn[row, last])
    way = tip - neck
    size = np.linalg.norm(way, axis=1)[:, None]
    towards = np.divide(way, size, out=np.zeros_like(way), where=size > 0)
    side = np.column_stack([-towards[:, 1], towards[:, 0]]) * half[:, None]
    cut = np.where((steps > last[:, None])[:, :, None], neck[:, None], drawn)
    return cut, np.stack([tip, neck + side, neck - side], axis=1)


def ends_of(flows: gpd.GeoDataFrame, plane: Plane) -> tuple[Floats, Floats]:
    """Project the two ends of each flow's line."""
    at = shapely.get_coordinates(flows[schema.GEOMETRY].to_numpy()).reshape(-1, 2, 2)
    return plane.points(at[:, 0, 0], at[:, 0, 1]), plane.points(at[:, 1, 0], at[:, 1, 1])
