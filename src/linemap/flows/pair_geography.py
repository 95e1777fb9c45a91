"""The geography of pairs of places: distance and its range, bearing, line, forces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from linemap import distance, schema
from linemap.errors import UnknownPlaceError
from linemap.gazetteer import Gazetteer

# Points inside an area. Measured: a borough's 64 put Bromley to Norwich 0.13 km from
# where 2,000 put it; thinned to 256, Scotland's 669 settlements move Islington's mean
# by 0.02 km and England's 4,196 by 0.4. More would cost milliseconds a pair.
LATTICE_POINTS: Final = 64
MOST_POINTS: Final = 256

Forces = frozenset[str]  # place_ids

PAIR_COLUMNS: Final = (
    schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_P05_KM, schema.DISTANCE_P95_KM,
    schema.DISTANCE_HIGH_KM, schema.BEARING_DEG, schema.EXTERNAL, schema.GEOMETRY,
)  # fmt: skip


def measure_pairs(
    origin_ids: pd.Series, destination_ids: pd.Series, gazetteer: Gazetteer
) -> gpd.GeoDataFrame:
    """Measure each pair of place_ids once, and answer every row.

    Returns the geographic columns of FLOWS, km and degrees, in the order and
    index given. Null wherever either id is null. The mean and the 5th and 95th
    percentiles are those of the distance between a point drawn from each
    place, by weight; low and high are its nearest and furthest parts. A line
    has two ends, the places' representative points, longitude first; a place
    paired with itself has a line of no length and no bearing.

    Raises
    ------
    UnknownPlaceError
        A place_id that the gazetteer does not hold.
    """
    known = (origin_ids.notna() & destination_ids.notna()).to_numpy()
    origins, destinations = origin_ids[known], destination_ids[known]
    codes, places = pd.factorize(pd.concat([origins, destinations]).astype(object))
    _require(places, gazetteer)
    pairs = codes[: len(origins)] * max(len(places), 1) + codes[len(origins) :]
    distinct, which = np.unique(pairs, return_inverse=True)
    left, right = np.divmod(distinct, max(len(places), 1))
    measured = _measure(list(places), left, right, gazetteer)
    row = np.full(len(origin_ids), -1)
    row[known] = which
    answer = measured.take(np.maximum(row, 0)) if len(measured) else measured.reindex(row)
    answer.index = origin_ids.index
    for column in PAIR_COLUMNS:
        answer[column] = answer[column].mask(~known, None if column == schema.GEOMETRY else pd.NA)
    return gpd.GeoDataFrame(answer, geometry=schema.GEOMETRY, crs="EPSG:4326")


def _require(places: np.ndarray, gazetteer: Gazetteer) -> None:
    unknown = [place for place in places if place not in gazetteer.places.index]
    if unknown:
        raise UnknownPlaceError(
            f"The gazetteer holds no place {unknown[0]!r} ({len(unknown)} such). "
            "Pass the gazetteer that placed these rows."
        )


def _measure(
    places: list[str], left: np.ndarray, right: np.ndarray, gazetteer: Gazetteer
) -> pd.DataFrame:
    """Measure distinct pairs, given as positions in `places`."""
    table = gazetteer.places.loc[places]
    lon = table[schema.LON].to_numpy(dtype=float)
    lat = table[schema.LAT].to_numpy(dtype=float)
    prepared = _prepare(places, gazetteer)
    # There and back is as far: measured once.
    there = np.minimum(left, right) * len(places) + np.maximum(left, right)
    once, back = np.unique(there, return_inverse=True)
    first, second = np.divmod(once, max(len(places), 1))
    spread = distance.spread_km([place.inside for place in prepared], first, second)
    low, high = spread.low.copy(), spread.high.copy()
    area = (table[schema.LEVEL] != schema.SETTLEMENT).to_numpy()
    wide = np.flatnonzero(area[first] | area[second])  # two points need no more
    outlines = np.array([place.outline for place in prepared], dtype=object)
    corners = [place.corners for place in prepared]
    nearest = distance.nearest_km(outlines, first[wide], second[wide])
    low[wide] = np.fmin(low[wide], nearest)
    high[wide] = np.fmax(high[wide], distance.furthest_km(corners, first[wide], second[wide]))
    bearing = distance.bearing_deg(lon[left], lat[left], lon[right], lat[right])
    return pd.DataFrame(
        {
            schema.DISTANCE_KM: spread.mean[back],
            schema.DISTANCE_LOW_KM: low[back],
            schema.DISTANCE_P05_KM: spread.p05[back],
            schema.DISTANCE_P95_KM: spread.p95[back],
            schema.DISTANCE_HIGH_KM: high[back],
            schema.BEARING_DEG: bearing,
            schema.EXTERNAL: _external(prepared, left, right),
            schema.GEOMETRY: line_strings(lon[left], lat[left], lon[right], lat[right]),
        }
    )


def line_strings(
    lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray
) -> np.ndarray:
    """Draw a line of two ends for each pair of points, longitude first."""
    coordinates = np.empty((len(lon1), 2, 2))
    coordinates[:, 0, 0], coordinates[:, 0, 1] = lon1, lat1
    coordinates[:, 1, 0], coordinates[:, 1, 1] = lon2, lat2
    drawn: np.ndarray = shapely.linestrings(coordinates)
    return drawn


class _PreparedPlace(NamedTuple):
    """What is worked out once about a place, for its distances from all others and its forces."""

    inside: distance.Inside
    outline: shapely.Geometry
    corners: tuple[np.ndarray, np.ndarray]
    forces: Forces
    near: Forces  # within the boundaries' error of them


_KNOWN: Final[WeakKeyDictionary[Gazetteer, dict[str, _PreparedPlace]]] = WeakKeyDictionary()


def _prepare(places: Sequence[str], gazetteer: Gazetteer) -> list[_PreparedPlace]:
    """Prepare places for their pairs, each once for as long as the gazetteer lives."""
    known = _KNOWN.setdefault(gazetteer, {})
    lacking = [place for place in places if place not in known]
    table = gazetteer.places.loc[lacking]
    for place, level, lon, lat, shape, *forces in zip(
        lacking,
        table[schema.LEVEL],
        table[schema.LON].to_numpy(dtype=float),
        table[schema.LAT].to_numpy(dtype=float),
        table[schema.GEOMETRY].array,
        _forces(lacking, gazetteer),
        _near(lacking, gazetteer),
        strict=True,
    ):
        if level == schema.SETTLEMENT:
            x, y = np.array([lon]), np.array([lat])
            known[place] = _PreparedPlace(
                distance.Inside(x, y, np.ones(1)), shapely.Point(lon, lat), (x, y), *forces
            )
        else:
            extent = gazetteer.extent(place)
            known[place] = _PreparedPlace(
                inside(place, gazetteer), _outline(shape, extent), distance.hull(*extent), *forces
            )
    return [known[place] for place in places]


def inside(place_id: str, gazetteer: Gazetteer) -> distance.Inside:
    """Return the inside of a place as at most MOST_POINTS weighted points.

    Of more settlements than that, a systematic sample in proportion to weight
    along a Hilbert curve: neighbours stand for each other. Deterministic.
    """
    lon, lat, weight = gazetteer.sample(place_id, n=LATTICE_POINTS)
    if len(lon) <= MOST_POINTS:
        return distance.Inside(lon, lat, weight)
    west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
    along = gpd.GeoSeries(gpd.points_from_xy(lon, lat)).hilbert_distance(
        total_bounds=(west, south, east, north)
    )
    order = np.argsort(along.to_numpy(), kind="stable")
    reached = np.cumsum(weight[order])
    strata = (np.arange(MOST_POINTS) + 0.5) / MOST_POINTS * reached[-1]
    chosen, times = np.unique(order[np.searchsorted(reached, strata)], return_counts=True)
    return distance.Inside(lon[chosen], lat[chosen], times / MOST_POINTS)


def _outline(
    shape: shapely.Geometry | None, extent: tuple[np.ndarray, np.ndarray]
) -> shapely.Geometry:
    """Return a place's polygon or, where it has none, its settlements as points."""
    if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    return shapely.multipoints(np.column_stack(extent))


# ── The boundaries of police force areas ─────────────────────────────────────
def forces_of(place_id: str, gazetteer: Gazetteer) -> Forces:
    """Name every force that a place lies in; empty where the gazetteer does not say."""
    return _forces([place_id], gazetteer)[0]


def _forces(places: Sequence[str], gazetteer: Gazetteer) -> list[Forces]:
    """Name the forces of many places; most lie in one, and are looked up together."""
    own = gazetteer.parent_at(list(places), schema.FORCE)
    if not any(gazetteer.members(place) for place in np.array(places)[own.isna()]):
        return [frozenset(() if force is None else (force,)) for force in own]
    every = list(gazetteer.places.index)
    known = dict(zip(every, gazetteer.parent_at(every, schema.FORCE), strict=True))
    return [_forces_inside(place, known, gazetteer) for place in places]


def _forces_inside(place: str, known: Mapping[str, str | None], gazetteer: Gazetteer) -> Forces:
    """Return the force of a place (`known`) or, where it has none of its own, of its members."""
    own = known.get(place)
    if own is not None:
        return frozenset((own,))
    members = (member for member in gazetteer.members(place) if member != place)
    return frozenset().union(*(_forces_inside(member, known, gazetteer) for member in members))


def _near(places: Sequence[str], gazetteer: Gazetteer) -> list[Forces]:
    near = gazetteer.places[schema.NEAR_FORCE_IDS].reindex(list(places))
    return [frozenset(ids) if isinstance(ids, tuple | list) else frozenset() for ids in near]


def _crosses(origin: Forces, destination: Forces, near: tuple[Forces, Forces]) -> bool | None:
    """Tell if every way of being in `origin` and in `destination` crosses, none does, or open."""
    if not origin or not destination:
        return None
    if origin & destination:
        if len(origin | destination) > 1 or near[0] or near[1]:
            return None
        return False
    if (near[1] & (origin | near[0])) or (near[0] & destination):
        return None
    return True


def _external(
    places: Sequence[_PreparedPlace], origin: np.ndarray, destination: np.ndarray
) -> pd.Series:
    """Say of each pair whether it crosses a force boundary; null where that is open.

    ``origin`` and ``destination`` are positions in ``places``. It is open where
    an end lies within the boundaries' error of the other's force, and where an
    end is an area of several forces of which the other end is part. A place
    paired with itself crosses nothing, unless it spans several forces.
    Nullable boolean.
    """
    forces, near = [place.forces for place in places], [place.near for place in places]
    code = {force: number for number, force in enumerate(sorted(frozenset().union(*forces)))}
    # The plain case, one force at each end and no doubt, is an array's work.
    plain = np.array([len(f) == 1 and not n for f, n in zip(forces, near, strict=True)], dtype=bool)
    only = np.array([code[min(f)] if f else -1 for f in forces], dtype=np.intp)
    crosses = pd.array(only[origin] != only[destination], dtype="boolean")
    # The others are few kinds of places: each two of these are looked at once.
    sides = list(zip(forces, near, strict=True))
    kinds = list(dict.fromkeys(sides))
    number = {side: place for place, side in enumerate(kinds)}
    kind = np.array([number[side] for side in sides], dtype=np.intp)
    rows = np.flatnonzero(~(plain[origin] & plain[destination]))
    same = origin[rows] == destination[rows]
    key = np.stack([kind[origin[rows]], kind[destination[rows]], same], axis=1)
    distinct, which = np.unique(key, axis=0, return_inverse=True)
    answers = [
        (False if len(kinds[a][0]) == 1 else None)
        if itself
        else _crosses(kinds[a][0], kinds[b][0], (kinds[a][1], kinds[b][1]))
        for a, b, itself in distinct
    ]
    crosses[rows] = pd.array(answers, dtype="boolean").take(which.ravel())
    return pd.Series(crosses)
