"""Where the destinations lie as a whole: their centre, spread, ellipse and direction."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from linemap import schema
from linemap.distance import destination, inverse
from linemap.gazetteer import Gazetteer
from linemap.measures._grouping import FlowGroups, Grouping, counts_by_group, group
from linemap.measures._statistics import (
    LEVEL,
    REPLICATES,
    FloatArray,
    IntArray,
    percentile_interval,
    resample,
)
from linemap.measures.display import Estimate, tabulate

Definition = Literal["yuill", "crimestat"]
Metric = Literal["geodesic", "euclidean"]
TOO_FEW: Final = "fewer than 3 are counted, which gives no ellipse"
NO_DIRECTION: Final = "nothing counted leaves its own place, so there is no direction"
BALANCED: Final = "the directions cancel out, so there is no mean direction"
ROUND: Final = "the ellipse is a circle or a point, so it has no longer axis"
_NEAR_KM: Final = 1e-9  # one micrometre
_MOST_STEPS: Final = 1_000
_NOTHING_KM: Final = 1e-6  # a millimetre: below what a squared kilometre can tell from 0


def mean_centre(
    lon: npt.ArrayLike, lat: npt.ArrayLike, weight: npt.ArrayLike
) -> tuple[float, float]:
    """Find the weighted mean centre of points on the ellipsoid: longitude, latitude.

    `lon` and `lat` are in degrees (WGS84), `weight` is a number a point; the result is in degrees.
    It is the point from which the weighted geodesic vectors to all points sum
    to zero, and so the weighted sum of squared geodesic distances is least
    (Frechet mean; on a plane, the weighted mean of the coordinates).
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    share = np.asarray(weight, dtype=float) / np.sum(weight)
    x, y = float(np.sum(share * lon)), float(np.sum(share * lat))
    for _ in range(50):
        east, north = plane_km(lon, lat, (x, y))
        step = float(np.sum(share * east)), float(np.sum(share * north))
        length = float(np.hypot(*step))
        turn = float(np.degrees(np.arctan2(*step)))
        new_x, new_y = destination(x, y, turn, length)
        x, y = float(new_x), float(new_y)
        if length < _NEAR_KM:
            break
    return x, y


def median_centre(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    weight: npt.ArrayLike,
    *,
    metric: Metric = "geodesic",
) -> tuple[float, float]:
    """Find the weighted median centre of points: the least sum of distances; longitude, latitude.

    ``geodesic``: distances on the ellipsoid. ``euclidean``: straight distances on
    an azimuthal equidistant plane about the mean centre, as planar software
    gives it; at most some tens of metres away within Great Britain. Both by
    Weiszfeld's algorithm in the form of Vardi and Zhang (2000, PNAS 97), which
    may end on one of the points. Of points on one line with an even split, where
    every place between two is a median, it is one of those.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    share = np.asarray(weight, dtype=float) / np.sum(weight)
    start = mean_centre(lon, lat, weight)
    if metric == "euclidean":
        east, north = plane_km(lon, lat, start)
        x, y = 0.0, 0.0
        for _ in range(_MOST_STEPS):
            step = _median_step(east - x, north - y, share)
            x, y = x + step[0], y + step[1]
            if np.hypot(*step) < _NEAR_KM:
                break
        return _moved(start, x, y)
    at = start
    for _ in range(_MOST_STEPS):
        step = _median_step(*plane_km(lon, lat, at), share)
        at = _moved(at, *step)
        if np.hypot(*step) < _NEAR_KM:
            break
    return at


def _median_step(east: FloatArray, north: FloatArray, share: FloatArray) -> tuple[float, float]:
    """Step from the origin of a plane towards the point of the least sum of distances."""
    away = np.hypot(east, north)
    here = away < _NEAR_KM
    pull = np.divide(share, away, out=np.zeros(len(away)), where=~here)
    total = float(pull.sum())
    if not total:
        return 0.0, 0.0
    force = float(np.sum(pull * east)), float(np.sum(pull * north))
    strength, held = float(np.hypot(*force)), float(share[here].sum())
    if strength <= held:
        return 0.0, 0.0  # the points here outweigh the pull of the others
    factor = (1 - held / strength) / total
    return force[0] * factor, force[1] * factor


def _moved(at: tuple[float, float], east: float, north: float) -> tuple[float, float]:
    turn = float(np.degrees(np.arctan2(east, north)))
    lon, lat = destination(*at, turn, float(np.hypot(east, north)))
    return float(lon), float(lat)


def plane_km(
    lon: FloatArray, lat: FloatArray, centre: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Lay points out on a plane, km east and north of `centre` (azimuthal equidistant)."""
    km, bearing = inverse(centre[0], centre[1], lon, lat)
    turn = np.radians(np.where(np.isnan(bearing), 0.0, bearing))
    return km * np.sin(turn), km * np.cos(turn)


def ellipse(
    east: FloatArray, north: FloatArray, weight: npt.ArrayLike, definition: Definition = "yuill"
) -> tuple[float, float, float]:
    """Fit the standard deviational ellipse: semi-axes (km) and bearing of the longer (degrees).

    ``yuill``: one standard deviation along each principal axis (Lefever 1926;
    Yuill 1971, Geografiska Annaler B 53), the roots of the eigenvalues of the
    weighted covariance. ``crimestat``: the same times the root of 2n / (n - 2),
    n being the sum of the weights (Levine, CrimeStat manual, chapter 4). The
    bearing is clockwise from north, in [0, 180), and NaN for a circle.
    """
    weight = np.asarray(weight, dtype=float)
    n = float(weight.sum())
    east = east - np.sum(weight * east) / n
    north = north - np.sum(weight * north) / n
    covariance = np.array(
        [
            [np.sum(weight * east * east), np.sum(weight * east * north)],
            [np.sum(weight * east * north), np.sum(weight * north * north)],
        ]
    )
    values, vectors = np.linalg.eigh(covariance / n)
    minor, major = np.sqrt(np.maximum(values, 0.0))
    factor = float(np.sqrt(2 * n / (n - 2))) if definition == "crimestat" else 1.0
    bearing = float(np.degrees(np.arctan2(vectors[0, 1], vectors[1, 1]))) % 180.0
    major, minor = (0.0 if axis < _NOTHING_KM else float(axis) for axis in (major, minor))
    return major * factor, minor * factor, bearing if major - minor > _NOTHING_KM else np.nan


def mean_direction(bearing_deg: FloatArray, weight: npt.ArrayLike) -> tuple[float, float]:
    """Average directions on the circle: the mean direction, degrees, and the resultant length.

    The length is 0 (all directions cancel) to 1 (all the same) (Mardia and Jupp
    2000, Directional Statistics). The direction is NaN where they cancel.
    """
    share = np.asarray(weight, dtype=float) / np.sum(weight)
    turn = np.radians(bearing_deg)
    east, north = float(np.sum(share * np.sin(turn))), float(np.sum(share * np.cos(turn)))
    length = min(float(np.hypot(east, north)), 1.0)
    direction = np.nan if length < 1e-12 else float(np.degrees(np.arctan2(east, north))) % 360.0
    return direction, length


def geography(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    definition: Definition = "yuill",
    median: Metric = "geodesic",
    rng: np.random.Generator | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Describe where each group's destinations lie, as ESTIMATES weighted by count.

    One row a group and term: ``centre_lon`` and ``centre_lat`` (weighted mean centre),
    ``median_centre_lon`` and ``median_centre_lat`` (:func:`median_centre` by the metric
    `median`; without an interval), ``standard_distance_km`` (root mean square distance
    from the mean centre; Bachi 1963), ``ellipse_major_km``, ``ellipse_minor_km``,
    ``ellipse_bearing_deg`` (see :func:`ellipse` for the `definition`),
    ``direction_deg`` and ``direction_concentration`` (see :func:`mean_direction`; flows
    inside one place have none). A destination that is an area stands at its
    representative point, so its inside widens none of these. With `rng`, ``low`` and
    ``high`` are percentile bootstrap intervals by record (of the direction, around it:
    they may lie beyond 0 or 360). Null with a reason where counts may not be added, or
    are too few.
    """
    groups = group(flows, by, gazetteer, adds=True)
    ends = shapely.get_coordinates(
        shapely.get_point(groups.flows[schema.GEOMETRY].to_numpy()[groups.measured], 1)
    )
    points = np.full((len(groups.flows), 2), np.nan)
    points[groups.measured] = ends
    rows = []
    for cell in counts_by_group(groups, one_level=False):
        part = groups.measured & (groups.number == cell.number)
        n = cell.n if cell.reason is None else None
        rows += [
            (cell.labels, estimate, n, cell.n_unplaced)
            for estimate in _intervals(
                _describe(groups, points, part, cell.reason, definition, median),
                groups, points, part, cell.n, definition, rng, replicates, level,
            )
        ]  # fmt: skip
    return tabulate(rows, list(groups.labels.columns))


_TERMS: Final = {
    "centre_lon": "degrees", "centre_lat": "degrees",
    "median_centre_lon": "degrees", "median_centre_lat": "degrees", "standard_distance_km": "km",
    "ellipse_major_km": "km", "ellipse_minor_km": "km", "ellipse_bearing_deg": "degrees",
    "direction_deg": "degrees", "direction_concentration": "share",
}  # fmt: skip


def _describe(
    groups: FlowGroups,
    points: FloatArray,
    part: np.ndarray,
    reason: str | None,
    definition: Definition,
    median: Metric,
) -> list[Estimate]:
    values = dict.fromkeys(_TERMS, np.nan)
    reasons: dict[str, str | None] = dict.fromkeys(_TERMS, reason)
    if reason is None:
        counts: IntArray = groups.counts[part]
        lon, lat = points[part, 0], points[part, 1]
        centre = mean_centre(lon, lat, counts)
        east, north = plane_km(lon, lat, centre)
        spread = float(np.sqrt(np.sum(counts * (east**2 + north**2)) / counts.sum()))
        spread = 0.0 if spread < _NOTHING_KM else spread
        middle = median_centre(lon, lat, counts, metric=median)
        values |= {"median_centre_lon": middle[0], "median_centre_lat": middle[1]}
        values |= {"centre_lon": centre[0], "centre_lat": centre[1], "standard_distance_km": spread}
        axes = ("ellipse_major_km", "ellipse_minor_km", "ellipse_bearing_deg")
        if counts.sum() >= 3:
            found = ellipse(east, north, counts, definition)
            values |= dict(zip(axes, found, strict=True))
            reasons["ellipse_bearing_deg"] = ROUND if np.isnan(found[2]) else None
        else:
            reasons |= dict.fromkeys(axes, TOO_FEW)
        bearing = groups.flows[schema.BEARING_DEG].to_numpy(dtype=float)[part]
        moving = ~np.isnan(bearing)
        names = ("direction_deg", "direction_concentration")
        if moving.any():
            direction, length = mean_direction(bearing[moving], counts[moving])
            values |= dict(zip(names, (direction, length), strict=True))
            reasons["direction_deg"] = BALANCED if np.isnan(direction) else None
        else:
            reasons |= dict.fromkeys(names, NO_DIRECTION)
    return [
        Estimate(term, float(values[term]), unit, reason=reasons[term])
        for term, unit in _TERMS.items()
    ]


def _intervals(
    estimates: list[Estimate],
    groups: FlowGroups,
    points: FloatArray,
    part: np.ndarray,
    n: int,
    definition: Definition,
    rng: np.random.Generator | None,
    replicates: int,
    level: float,
) -> list[Estimate]:
    """Add the bootstrap intervals, in the plane about the observed centre."""
    found = {estimate.term: estimate.estimate for estimate in estimates}
    if rng is None or n < 2 or np.isnan(found["centre_lon"]):
        return estimates
    drawn = _replicates(groups, points, part, found, definition, rng, replicates)
    bounds = {term: percentile_interval(values[:, np.newaxis], level) for term, values in
              drawn.items()}  # fmt: skip
    return [
        estimate
        if np.isnan(estimate.estimate) or estimate.term not in bounds
        else replace(
            estimate,
            low=float(bounds[estimate.term][0][0]),
            high=float(bounds[estimate.term][1][0]),
        )
        for estimate in estimates
    ]


def _replicates(
    groups: FlowGroups,
    points: FloatArray,
    part: np.ndarray,
    found: dict[str, float],
    definition: Definition,
    rng: np.random.Generator,
    replicates: int,
) -> dict[str, FloatArray]:
    """Draw the records again and describe each replicate, from sums over the flows."""
    centre = (found["centre_lon"], found["centre_lat"])
    n = int(groups.counts[part].sum())
    angle = groups.flows[schema.BEARING_DEG].to_numpy(dtype=float)
    rows = np.flatnonzero(part)
    # One order whatever that of the rows, so that a seed means the same.
    rows = rows[np.lexsort((groups.counts[rows], angle[rows], points[rows, 1], points[rows, 0]))]
    east, north = plane_km(points[rows, 0], points[rows, 1], centre)
    turn = np.radians(angle[rows])
    moving = ~np.isnan(turn)
    columns = np.column_stack(
        [east, north, east**2, north**2, east * north,
         np.where(moving, np.sin(turn), 0.0), np.where(moving, np.cos(turn), 0.0), moving]
    )  # fmt: skip
    sums = np.vstack([block @ columns for block in resample(groups.counts[rows], replicates, rng)])
    x, y, xx, yy, xy, sine, cosine = (sums[:, :7] / n).T
    lon, lat = destination(*centre, np.degrees(np.arctan2(x, y)), np.hypot(x, y))
    xx, yy, xy = xx - x * x, yy - y * y, xy - x * y
    root = np.hypot((xx - yy) / 2, xy)
    factor = 2 * n / (n - 2) if definition == "crimestat" and n > 2 else 1.0
    return {
        "centre_lon": lon,
        "centre_lat": lat,
        "standard_distance_km": np.sqrt(np.maximum(xx + yy, 0)),
        "ellipse_major_km": np.sqrt(np.maximum((xx + yy) / 2 + root, 0) * factor),
        "ellipse_minor_km": np.sqrt(np.maximum((xx + yy) / 2 - root, 0) * factor),
        "ellipse_bearing_deg": _around(
            np.degrees(np.arctan2(2 * xy, yy - xx)) / 2, found["ellipse_bearing_deg"], 180.0
        ),
        "direction_deg": _around(
            np.degrees(np.arctan2(sine, cosine)), found["direction_deg"], 360.0
        ),
        "direction_concentration": np.hypot(sine, cosine) * n / np.maximum(sums[:, 7], 1),
    }


def _around(angles: FloatArray, middle: float, turn: float) -> FloatArray:
    """Write angles as the nearest to `middle`, so that an interval does not cross north."""
    return middle + (angles - middle + turn / 2) % turn - turn / 2
