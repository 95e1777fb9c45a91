"""Geodesic distance and bearing between coordinates, and its range between areas.

Arrays of numbers: longitude first, degrees in, kilometres and degrees out, NaN for what is not
known. Nothing here knows what a place, a row or a count is.

An area is not a point: it is a set of weighted points, and the distance between two areas is the
distance between a point drawn at random from each. Where one end is an area, distances are taken
straight through the WGS84 ellipsoid, all points of one by all points of the other as a product of
matrices, and only the few that are asked for are turned into geodesics: within 10 metres up to
CHORD_KM. Of longer ones each is measured as the geodesic it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

FloatArray = npt.NDArray[np.float64]

METRES_PER_KM = 1000.0


@cache
def _wgs84() -> Geod:
    return Geod(ellps="WGS84")


def _degrees(values: npt.ArrayLike, limit: float, what: str) -> FloatArray:
    degrees = np.asarray(values, dtype=np.float64)
    if degrees.size:
        worst = np.fmax.reduce(np.abs(degrees), axis=None)
        if worst > limit:
            raise ValueError(
                f"A {what} of {worst:g} lies outside -{limit:g} to {limit:g} degrees. "
                "Give longitude first, and degrees rather than grid metres."
            )
    return degrees


def inverse(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Measure geodesic distance (km) and initial bearing (degrees) in one pass.

    The inverse problem on WGS84 (Karney 2013, Journal of Geodesy 87). Arguments
    broadcast; the two results have their common shape. NaN in any coordinate
    gives NaN in both. The bearing is clockwise from north in [0, 360), and NaN
    where the two points coincide.

    Raises
    ------
    ValueError
        A latitude beyond 90 degrees, or a longitude beyond 360.
    """
    coordinates = np.broadcast_arrays(
        _degrees(lon1, 360, "longitude"),
        _degrees(lat1, 90, "latitude"),
        _degrees(lon2, 360, "longitude"),
        _degrees(lat2, 90, "latitude"),
    )
    shape = coordinates[0].shape
    # One fresh copy each: pyproj then works in place instead of copying again.
    x1, y1, x2, y2 = (np.array(part, dtype=np.float64, order="C").ravel() for part in coordinates)
    azimuth, _, metres = _wgs84().inv(x1, y1, x2, y2, inplace=True, return_back_azimuth=False)
    km = np.asarray(metres, dtype=np.float64) / METRES_PER_KM
    bearing = np.asarray(azimuth, dtype=np.float64) % 360.0
    bearing[(km == 0.0) | (bearing == 360.0)] = np.nan
    return km.reshape(shape), bearing.reshape(shape)


def geodesic_km(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> FloatArray:
    """Measure geodesic distance in kilometres on WGS84; NaN where a coordinate is NaN.

    Arguments broadcast. Symmetric, and zero between a point and itself.

    >>> round(float(geodesic_km(-0.1276, 51.5072, 0.6868, 52.6477)), 2)  # London to Swaffham
    138.64
    """
    return inverse(lon1, lat1, lon2, lat2)[0]


def bearing_deg(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> FloatArray:
    """Measure the initial bearing, degrees clockwise from north in [0, 360).

    NaN where a coordinate is NaN or the two points coincide: a point has no
    direction from itself.

    >>> float(bearing_deg(0.0, 51.0, 0.0, 52.0))
    0.0
    """
    return inverse(lon1, lat1, lon2, lat2)[1]


def destination(
    lon: npt.ArrayLike, lat: npt.ArrayLike, bearing_deg: npt.ArrayLike, km: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Go `km` kilometres along the geodesic that leaves a point at a bearing: lon, lat.

    The direct problem on WGS84 (Karney 2013). Arguments broadcast; NaN in any
    gives NaN.

    >>> lon, lat = destination(0.0, 51.0, 90.0, 0.0)
    >>> float(lon), float(lat)
    (0.0, 51.0)
    """
    parts = np.broadcast_arrays(
        _degrees(lon, 360, "longitude"),
        _degrees(lat, 90, "latitude"),
        np.asarray(bearing_deg, dtype=np.float64),
        np.asarray(km, dtype=np.float64) * METRES_PER_KM,
    )
    x, y, turn, metres = (np.array(part, dtype=np.float64, order="C").ravel() for part in parts)
    end_lon, end_lat, _ = _wgs84().fwd(x, y, turn, metres)
    shape = parts[0].shape
    return np.asarray(end_lon).reshape(shape), np.asarray(end_lat).reshape(shape)


# ── Between areas ─────────────────────────────────────────────────────────────────────────

IntArray = npt.NDArray[np.intp]

CHUNK: Final = 100_000  # distances worked on at once
CHORD_KM: Final = 1_500.0  # up to here a chord is turned into its arc
SORTED: Final = 256  # of more distances a pair, percentiles are those of a histogram

# Bins of that histogram, up to so many distances and beyond: a percentile is within half a bin.
FEW: Final = 8_192
BINS: Final = (1_024, 4_096)
PAD: Final = 8  # numbers of points are rounded up to a multiple of it: fewer, larger batches
METRES: Final = 3  # decimals of kilometres, of distances between areas
SHARES: Final = (0.05, 0.95)
_RADIUS_KM: Final = 6_371.0088  # mean, of the earth
_MAJOR_KM: Final = 6_378.137  # of WGS84
_FLATTENING: Final = 1 / 298.257223563


# Of distances, weights of both sides, least and greatest distances: one of each of SHARES.
Quantiles = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], list[FloatArray]]


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


def _through(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Return points on WGS84 as x, y, z from the middle of the earth, km: a row a point."""
    turn, rise = np.radians(lon), np.radians(lat)
    squared = _FLATTENING * (2 - _FLATTENING)
    across = _MAJOR_KM / np.sqrt(1 - squared * np.sin(rise) ** 2)
    x = across * np.cos(rise)
    points: FloatArray = np.stack(
        [x * np.cos(turn), x * np.sin(turn), across * (1 - squared) * np.sin(rise)], axis=-1
    )
    return points


def _arc_km(chord: FloatArray) -> FloatArray:
    """Return the way along a sphere for a way straight through it, km."""
    arc: FloatArray = 2 * _RADIUS_KM * np.arcsin(np.minimum(chord / (2 * _RADIUS_KM), 1.0))
    return arc


# ── Many insides, end to end ─────────────────────────────────────────────────
@dataclass(frozen=True)
class _Ragged:
    """Many insides laid end to end: the coordinates, and where each begins."""

    lon: FloatArray
    lat: FloatArray
    weight: FloatArray
    start: IntArray
    size: IntArray

    @classmethod
    def of(cls, insides: Sequence[Inside]) -> _Ragged:
        size = np.array([len(inside.lon) for inside in insides], dtype=np.intp)
        if (size == 0).any():
            raise ValueError("A place without any point inside it has no distance.")
        lon, lat, weight = (
            np.concatenate([np.asarray(inside[part], dtype=np.float64) for inside in insides])
            for part in range(3)
        )
        start = np.cumsum(size) - size
        share = weight / np.repeat(np.add.reduceat(weight, start), size)
        return cls(lon, lat, share, start, size)

    @cached_property
    def xyz(self) -> FloatArray:
        return _through(self.lon, self.lat)

    @cached_property
    def factors(self) -> tuple[FloatArray, FloatArray]:
        """Rows whose product, one of the left by one of the right, is the chord squared, km²."""
        own = (self.xyz**2).sum(axis=1)
        one = np.ones(len(own))
        return np.column_stack([self.xyz, own, one]), np.column_stack([-2 * self.xyz, one, own])

    def tables(self, pad: int) -> dict[int, _PaddedPoints]:
        """Return the insides of each number of points, this rounded up to a multiple of `pad`."""
        length = -(-self.size // pad) * pad
        return {int(n): _PaddedPoints.of(self, length == n, int(n)) for n in np.unique(length)}

    @cached_property
    def middle(self) -> IntArray:
        """The point of each inside nearest its weighted middle."""
        weighted = np.add.reduceat(self.xyz * self.weight[:, None], self.start)
        off = ((self.xyz - np.repeat(weighted, self.size, axis=0)) ** 2).sum(axis=1)
        order = np.lexsort((off, np.repeat(np.arange(len(self.size)), self.size)))
        return np.asarray(order[self.start])

    @cached_property
    def radius(self) -> FloatArray:
        """How far the points of each inside lie from its `middle` at most, km, straight."""
        off = np.linalg.norm(self.xyz - np.repeat(self.xyz[self.middle], self.size, axis=0), axis=1)
        return np.asarray(np.maximum.reduceat(off, self.start))

    def between(self, a: IntArray, b: IntArray) -> FloatArray:
        """Return the geodesic distances of points, km."""
        return inverse(self.lon[a], self.lat[a], self.lon[b], self.lat[b])[0]


class _PaddedPoints(NamedTuple):
    """Insides of one number of points, a row each: the last point again up to that number.

    ``row`` has the row of each inside of all. A point that stands there again has no weight.
    """

    row: IntArray
    points: IntArray
    left: FloatArray
    right: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, laid: _Ragged, chosen: npt.NDArray[np.bool_], length: int) -> _PaddedPoints:
        start, size = laid.start[chosen, None], laid.size[chosen, None]
        points = start + np.minimum(np.arange(length), size - 1)
        left, right = (factor[points] for factor in laid.factors)
        return cls(
            np.cumsum(chosen) - 1,
            points,
            left,
            np.ascontiguousarray(right.transpose(0, 2, 1)),
            np.where(np.arange(length) < size, laid.weight[points], 0.0),
        )


class _PairBatch(NamedTuple):
    """Pairs that are worked on at once: which, and of both sides the table and the rows in it."""

    pairs: IntArray
    left: _PaddedPoints
    right: _PaddedPoints
    a: IntArray
    b: IntArray

    def squared(self) -> FloatArray:
        """Return the chords squared, km², of all points by all points, a matrix a pair."""
        product: FloatArray = self.left.left[self.a] @ self.right.right[self.b]
        return product


def _batches(laid: _Ragged, left: IntArray, right: IntArray, *, pad: int) -> Iterator[_PairBatch]:
    """Yield pairs together that have as many points, at most CHUNK distances (or one pair).

    Numbers of points are rounded up to a multiple of `pad`.
    """
    if not len(left):
        return
    tables = laid.tables(pad)
    size = -(-laid.size // pad) * pad
    key = size[left] * (int(size.max(initial=1)) + 1) + size[right]
    order = np.argsort(key, kind="stable")
    for alike in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        a, b = (int(size[side[alike[0]]]) for side in (left, right))
        step = max(1, CHUNK // (a * b))
        for first in range(0, len(alike), step):
            pairs = alike[first : first + step]
            rows = tables[a].row[left[pairs]], tables[b].row[right[pairs]]
            yield _PairBatch(pairs, tables[a], tables[b], *rows)


def spread_km(insides: Sequence[Inside], left: npt.ArrayLike, right: npt.ArrayLike) -> Spread:
    """Measure the distribution of distance, km, for many pairs of places.

    ``left`` and ``right`` are positions in ``insides``, one pair an element.
    For a pair the distance is that between one point drawn from each inside,
    by weight and independently: its weighted mean, its 5th and 95th percentile
    (the smallest distance at which the weight reaches the share: Hyndman and
    Fan's definition 1), and the nearest and furthest of the points. A place
    paired with itself has the distances between its own points; between two
    single points all five are the geodesic distance.

    Between areas they are rounded to the metre. Percentiles of more than SORTED
    distances are within 1/2048 of the range of the distances, and of more than FEW
    within 1/8192.

    Raises
    ------
    ValueError
        A place without any point.
    """
    first = np.asarray(left, dtype=np.intp)
    second = np.asarray(right, dtype=np.intp)
    five = np.empty((5, len(first)))
    if not len(first):
        return Spread(*five)
    laid = _Ragged.of(insides)
    single = (laid.size[first] == 1) & (laid.size[second] == 1)
    a, b = laid.middle[first], laid.middle[second]
    apart = laid.between(a, b)
    five[:, single] = apart[single]
    straight = np.linalg.norm(laid.xyz[a] - laid.xyz[b], axis=1)
    far = straight + laid.radius[first] + laid.radius[second] > CHORD_KM
    near = np.flatnonzero(~single & ~far)
    count = laid.size[first[near]] * laid.size[second[near]]
    kinds: tuple[tuple[npt.NDArray[np.bool_], Quantiles, int], ...] = (
        (count <= SORTED, _sorted, 1),
        ((count > SORTED) & (count <= FEW), partial(_binned, bins=BINS[0]), PAD),
        (count > FEW, partial(_binned, bins=BINS[1]), PAD),
    )
    for of_kind, quantiles, pad in kinds:
        some = near[of_kind]
        for batch in _batches(laid, first[some], second[some], pad=pad):
            weights = batch.left.weight[batch.a], batch.right.weight[batch.b]
            five[:, some[batch.pairs]] = _measured(batch.squared(), *weights, quantiles)
    # What the ellipsoid adds to the arcs of a sphere is the same, within 10 metres, all over both.
    arc = _arc_km(straight[near])
    five[:, near] *= np.divide(apart[near], arc, out=np.ones(len(near)), where=arc > 1.0)
    for row in np.flatnonzero(~single & far):
        five[:, row] = _each_measured(laid, first[row], second[row])
    areas = ~single
    five[:, areas] = np.round(five[:, areas], METRES)
    # Rounding may carry a mean past its own extremes.
    five[0] = np.clip(five[0], five[3], five[4])
    return Spread(*five)


def _measured(
    squared: FloatArray, left: FloatArray, right: FloatArray, quantiles: Quantiles
) -> FloatArray:
    """Measure pairs along a sphere, of their chords squared: mean, p05, p95, low, high.

    ``left`` and ``right`` are the weights of the points of both sides, a row a pair.
    `squared` is overwritten.
    """
    np.maximum(squared, 0.0, out=squared)
    chord = np.sqrt(squared)
    low, high = chord.min(axis=(1, 2)), chord.max(axis=(1, 2))
    p05, p95 = quantiles(chord, left, right, low, high)
    # The mean of the series of the arc in the chord; of its fifth power an estimate will do.
    squared *= chord
    one, three = (
        ((left[:, None, :] @ part)[:, 0] * right).sum(axis=1) for part in (chord, squared)
    )
    five = np.divide(three**2, one, out=np.zeros(len(one)), where=one > 0)
    mean = one + three / (24 * _RADIUS_KM**2) + 3 * five / (640 * _RADIUS_KM**4)
    return np.stack([mean, *(_arc_km(part) for part in (p05, p95, low, high))])


# The tolerance keeps a share that is reached exactly from being missed by rounding.
_REACHED: Final = 1 - 1e-9


def _sorted(
    km: FloatArray, left: FloatArray, right: FloatArray, _low: FloatArray, _high: FloatArray
) -> list[FloatArray]:
    """Find for each pair the first distance at which the weight reaches each of SHARES."""
    pairs, count = len(km), km.shape[1] * km.shape[2]
    if (left == left[:, :1]).all() and (right == right[:, :1]).all():
        flat = np.sort(km.reshape(pairs, count), axis=1)
        return [flat[:, max(int(np.ceil(share * count * _REACHED)) - 1, 0)] for share in SHARES]
    flat = km.reshape(pairs, count)
    order = np.argsort(flat, axis=1)
    weight = (left[:, :, None] * right[:, None, :]).reshape(pairs, count)
    reached = np.cumsum(np.take_along_axis(weight, order, axis=1), axis=1)
    row = np.arange(pairs)
    return [
        flat[row, order[row, np.argmax(reached >= share * _REACHED * reached[:, -1:], axis=1)]]
        for share in SHARES
    ]


def _binned(
    km: FloatArray,
    left: FloatArray,
    right: FloatArray,
    low: FloatArray,
    high: FloatArray,
    *,
    bins: int,
) -> list[FloatArray]:
    """Find the same in a histogram of each pair: the middle of the bin in which it is reached."""
    pairs = len(km)
    width = np.maximum(high - low, 1e-9) * (1 + 1e-9) / bins
    off = km - low[:, None, None]
    off *= (1 / width)[:, None, None]
    place = off.astype(np.intp)
    place += (np.arange(pairs) * bins)[:, None, None]
    weight = left[:, :, None] * right[:, None, :]
    # One histogram for all pairs, end to end; each has a weight of 1 in all.
    reached = np.cumsum(np.bincount(place.ravel(), weight.ravel(), minlength=pairs * bins))
    row = np.arange(pairs)
    return [
        low + width * (0.5 + np.searchsorted(reached, row + share * _REACHED) - row * bins)
        for share in SHARES
    ]


def _each_measured(laid: _Ragged, left: np.intp, right: np.intp) -> FloatArray:
    """Measure one pair, each distance of its points as a geodesic: mean, p05, p95, low, high."""
    a, b = (laid.start[side] + np.arange(laid.size[side]) for side in (left, right))
    km = laid.between(a[:, None], b[None, :])[None]
    weights = laid.weight[a][None], laid.weight[b][None]
    low, high = km.min(axis=(1, 2)), km.max(axis=(1, 2))
    p05, p95 = _sorted(km, *weights, low, high)
    mean = float(weights[0][0] @ km[0] @ weights[1][0])
    return np.array([mean, p05[0], p95[0], low[0], high[0]])


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
    large = shapely.get_num_coordinates(outlines)
    swap = large[first] < large[second]
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    known = np.isfinite(middle[first]) & np.isfinite(middle[second])
    band = np.round(np.where(known, (middle[first] + middle[second]) / 2, np.nan))
    ends = np.full((len(first), 2, 2), np.nan)
    for latitude in np.unique(band[known]):
        rows = np.flatnonzero(band == latitude)
        shrink = np.array([max(float(np.cos(np.radians(latitude))), 0.01), 1.0])
        needed, place = np.unique([first[rows], second[rows]], return_inverse=True)
        plane = shapely.transform(outlines[needed], lambda xy, s=shrink: xy * s)
        a, b = place.reshape(2, -1)
        shapely.prepare(plane[np.unique(a)])
        meet = shapely.intersects(plane[a], plane[b])
        km[rows[meet]] = 0.0
        apart = np.flatnonzero(~meet)
        # Of what does not meet the nearest points lie on the edges, which GEOS looks up in an
        # index; it has none for polygons.
        edge = np.where(shapely.get_dimensions(plane) == 2, shapely.boundary(plane), plane)
        shapely.prepare(edge[np.unique(a[apart])])
        lines = shapely.shortest_line(edge[a[apart]], edge[b[apart]])
        ends[rows[apart]] = shapely.get_coordinates(lines).reshape(-1, 2, 2) / shrink
    lies = np.isfinite(ends[:, 0, 0])
    km[lies], _ = inverse(*ends[lies, 0].T, *ends[lies, 1].T)
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
    # Its corners are some of the points, with their very coordinates.
    kept = np.isin(x, corners[:, 0]) & np.isin(y, corners[:, 1])
    return lon[kept], lat[kept]


def furthest_km(
    corners: Sequence[tuple[FloatArray, FloatArray]], left: npt.ArrayLike, right: npt.ArrayLike
) -> FloatArray:
    """Measure the distance, km, between the furthest parts of two areas.

    ``corners`` are their outermost corners (longitudes, latitudes), as :func:`hull`
    keeps them; ``left`` and ``right`` are positions in it, one pair an element. An
    area paired with itself has its own diameter. The corners are those furthest
    apart straight through the ellipsoid; their distance is the geodesic.
    """
    first = np.asarray(left, dtype=np.intp)
    second = np.asarray(right, dtype=np.intp)
    km = np.full(len(first), np.nan)
    if not len(first):
        return km
    laid = _Ragged.of([Inside(lon, lat, np.ones(len(lon))) for lon, lat in corners])
    ends = np.empty((2, len(first)), dtype=np.intp)
    for batch in _batches(laid, first, second, pad=PAD):
        most = batch.squared().reshape(len(batch.pairs), -1).argmax(axis=1)
        a, b = np.divmod(most, batch.right.points.shape[1])
        ends[0, batch.pairs] = batch.left.points[batch.a, a]
        ends[1, batch.pairs] = batch.right.points[batch.b, b]
    return laid.between(ends[0], ends[1])
