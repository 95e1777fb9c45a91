"""Distances between areas: their distribution, the nearest and the furthest parts.

An area is not a point: it is a set of weighted points, and the distance
between two areas is the distance between a point drawn at random from each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from linemap.distance.geodesic import FloatArray, inverse

IntArray = npt.NDArray[np.intp]
CHUNK = 1_000_000  # point pairs measured at once: about 100 MB


class Inside(NamedTuple):
    """The inside of a place as weighted points: longitudes, latitudes, weights."""

    lon: FloatArray
    lat: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True)
class Spread:
    """Distances of many pairs of places, km: one element a pair in every array."""

    mean: FloatArray
    p05: FloatArray
    p95: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class _Ragged:
    """Many insides laid end to end: the coordinates, and where each begins."""

    lon: FloatArray
    lat: FloatArray
    weight: FloatArray
    start: IntArray
    size: IntArray


def _lay_out(insides: Sequence[Inside]) -> _Ragged:
    size = np.array([len(inside.lon) for inside in insides], dtype=np.intp)
    if (size == 0).any():
        raise ValueError("A place without any point inside it has no distance.")
    lon, lat, weight = (
        np.concatenate([np.asarray(inside[part], dtype=np.float64) for inside in insides])
        for part in range(3)
    )
    return _Ragged(lon, lat, weight, np.cumsum(size) - size, size)


def _chunks(work: IntArray) -> Iterator[slice]:
    """Cut the pairs into runs of at most CHUNK point pairs (or one pair, if it has more)."""
    first = 0
    total = np.cumsum(work)
    while first < len(work):
        done = total[first - 1] if first else 0
        last = max(int(np.searchsorted(total, done + CHUNK, side="right")), first + 1)
        yield slice(first, last)
        first = last


def _quantile(
    km: FloatArray, weight: FloatArray, pair: IntArray, start: IntArray, share: float
) -> FloatArray:
    """Find the first distance of each pair at which the weight reaches `share` (sorted input)."""
    reached = np.cumsum(weight)
    before = np.concatenate(([0.0], reached))[start]
    total = np.add.reduceat(weight, start)
    # The tolerance keeps a share that is reached exactly from being missed by rounding.
    enough = reached - before[pair] >= share * total[pair] * (1 - 1e-9)
    position = np.where(enough, np.arange(len(km)), len(km) - 1)
    return km[np.minimum.reduceat(position, start)]


def _measure(laid: _Ragged, left: IntArray, right: IntArray) -> Spread:
    """Measure one chunk of pairs."""
    size = laid.size[left] * laid.size[right]
    start = np.cumsum(size) - size
    pair = np.repeat(np.arange(len(left)), size)
    within = np.arange(int(size.sum())) - start[pair]
    width = laid.size[right][pair]
    a = laid.start[left][pair] + within // width
    b = laid.start[right][pair] + within % width
    km, _ = inverse(laid.lon[a], laid.lat[a], laid.lon[b], laid.lat[b])
    weight = laid.weight[a] * laid.weight[b]
    low = np.minimum.reduceat(km, start)
    high = np.maximum.reduceat(km, start)
    mean = np.add.reduceat(km * weight, start) / np.add.reduceat(weight, start)
    order = np.lexsort((km, pair))
    km, weight = km[order], weight[order]
    return Spread(
        mean=np.clip(mean, low, high),  # rounding may carry a mean past its own extremes
        p05=_quantile(km, weight, pair, start, 0.05),
        p95=_quantile(km, weight, pair, start, 0.95),
        low=low,
        high=high,
    )


def spread_km(insides: Sequence[Inside], left: npt.ArrayLike, right: npt.ArrayLike) -> Spread:
    """Measure the distribution of distance, km, for many pairs of places.

    ``left`` and ``right`` are positions in ``insides``, one pair an element.
    For a pair the distance is that between one point drawn from each inside,
    by weight and independently: its weighted mean, its 5th and 95th percentile
    (the smallest distance at which the weight reaches the share: Hyndman and
    Fan's definition 1), and the nearest and furthest of the points. A place
    paired with itself has the distances between its own points; between two
    single points all five are the geodesic distance.

    Raises
    ------
    ValueError
        A place without any point.
    """
    first = np.asarray(left, dtype=np.intp)
    second = np.asarray(right, dtype=np.intp)
    if not len(first):
        nothing = np.empty(0)
        return Spread(nothing, nothing, nothing, nothing, nothing)
    laid = _lay_out(insides)
    single = (laid.size[first] == 1) & (laid.size[second] == 1)
    if single.all():  # points: nothing to sort or to weigh
        a, b = laid.start[first], laid.start[second]
        km, _ = inverse(laid.lon[a], laid.lat[a], laid.lon[b], laid.lat[b])
        return Spread(km, km, km, km, km)
    parts = [
        _measure(laid, first[run], second[run])
        for run in _chunks(laid.size[first] * laid.size[second])
    ]
    return Spread(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("mean", "p05", "p95", "low", "high")
        )
    )


# ── The nearest and the furthest parts of two areas ──────────────────────────
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
