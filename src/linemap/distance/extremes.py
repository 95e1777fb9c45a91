"""The nearest and the furthest parts of two areas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from linemap.distance.points import FloatArray, inverse
from linemap.distance.spread import Inside, spread_km


def nearest_km(
    outlines: npt.NDArray[np.object_], left: npt.ArrayLike, right: npt.ArrayLike
) -> FloatArray:
    """Measure the distance, km, between the nearest parts of two outlines.

    ``outlines`` are shapely geometries in degrees; ``left`` and ``right`` are
    positions in it, one pair an element. Zero where two outlines touch or
    overlap. The nearest points are found in a plane whose longitudes are
    shrunk by the cosine of the pair's middle latitude (to the degree), then
    measured on the ellipsoid.
    """
    first = np.asarray(left, dtype=np.intp)
    second = np.asarray(right, dtype=np.intp)
    km = np.full(len(first), np.nan)
    if not len(first):
        return km
    bounds = shapely.bounds(outlines)
    middle = (bounds[:, 1] + bounds[:, 3]) / 2
    known = np.isfinite(middle[first]) & np.isfinite(middle[second])
    band = np.round(np.where(known, (middle[first] + middle[second]) / 2, np.nan))
    for latitude in np.unique(band[known]):
        rows = np.flatnonzero(band == latitude)
        shrink = np.array([max(float(np.cos(np.radians(latitude))), 0.01), 1.0])
        needed = np.union1d(first[rows], second[rows])
        plane = outlines.copy()
        plane[needed] = shapely.transform(outlines[needed], lambda xy, s=shrink: xy * s)
        lines = shapely.shortest_line(plane[first[rows]], plane[second[rows]])
        ends = shapely.get_coordinates(lines).reshape(-1, 2, 2) / shrink
        km[rows], _ = inverse(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
        km[rows[shapely.length(lines) == 0.0]] = 0.0  # not the rounding of the projection
    return km


def hull(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Keep the outermost of some points: the corners of their hull on the sphere.

    The hull is taken in the gnomonic projection about their middle, where great
    circles are straight, so that no outermost point is lost (as a hull drawn in
    degrees loses them). Points more than 60 degrees from the middle: all kept.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if len(lon) < 4:
        return lon, lat
    lon0 = (lon.min() + lon.max()) / 2
    sin0, cos0 = (f(np.radians((lat.min() + lat.max()) / 2)) for f in (np.sin, np.cos))
    turn, sin, cos = np.radians(lon - lon0), np.sin(np.radians(lat)), np.cos(np.radians(lat))
    facing = sin0 * sin + cos0 * cos * np.cos(turn)
    if facing.min() < 0.5:
        return lon, lat
    x = cos * np.sin(turn) / facing
    y = (cos0 * sin - sin0 * cos * np.cos(turn)) / facing
    corners = shapely.get_coordinates(
        shapely.convex_hull(shapely.multipoints(np.column_stack([x, y])))
    )
    tree = shapely.STRtree(shapely.points(x, y))
    kept = np.unique(tree.nearest(shapely.points(corners)))
    return lon[kept], lat[kept]


def furthest_km(
    extents: Sequence[tuple[FloatArray, FloatArray]], left: npt.ArrayLike, right: npt.ArrayLike
) -> FloatArray:
    """Measure the distance, km, between the furthest parts of two extents.

    ``extents`` are the corners (longitudes, latitudes) of outlines; ``left``
    and ``right`` are positions in it, one pair an element. A place paired with
    itself has its own diameter.
    """
    corners = [
        Inside(lon, lat, np.ones(len(lon))) for lon, lat in (hull(*extent) for extent in extents)
    ]
    return spread_km(corners, left, right).high
