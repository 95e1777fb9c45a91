"""Measure pairs of places, beside one bare Geod.inv a pair and the geodesics of all their points.

`python benchmarks/scale/areas.py` writes for each kind of pair the processor time a pair, and
the largest differences, km, of a sample from what every two points of both places give.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from linemap import distance, schema
from linemap.flows import measure_pairs
from linemap.flows.pair_geography import inside
from linemap.gazetteer import Gazetteer

SAMPLE = 100
FIVE = (
    schema.DISTANCE_KM,
    schema.DISTANCE_P05_KM,
    schema.DISTANCE_P95_KM,
    schema.DISTANCE_LOW_KM,
    schema.DISTANCE_HIGH_KM,
)


def full(place: str, other: str, gazetteer: Gazetteer) -> list[float]:
    """Measure the geodesic of every point of one place to every point of the other."""
    a, b = (
        distance.Inside(*gazetteer.sample(one))
        if gazetteer.places.loc[one, schema.LEVEL] == schema.SETTLEMENT
        else inside(one, gazetteer)
        for one in (place, other)
    )
    km = distance.geodesic_km(a.lon[:, None], a.lat[:, None], b.lon, b.lat).ravel()
    weight = (a.weight[:, None] * b.weight).ravel()
    order = np.argsort(km, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    ends = [km[order][np.searchsorted(reached, share * (1 - 1e-9))] for share in (0.05, 0.95)]
    return [float(np.average(km, weights=weight)), *map(float, ends)]


def star(lon: float, lat: float, km: float, corners: int, seed: int) -> shapely.Polygon:
    """Draw a ragged outline, as a user's own area might have."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    far = 1 + 0.3 * np.sin(3 * turn + rng.uniform(0, 6)) + 0.15 * np.sin(11 * turn)
    far = km / 111 * (far + 0.05 * rng.standard_normal(corners).cumsum() / np.sqrt(corners))
    east = far * np.cos(turn) / np.cos(np.radians(lat))
    return shapely.Polygon(np.column_stack([lon + east, lat + far * np.sin(turn)]))


def of_places(name: str, left: Sequence[str], right: Sequence[str], gazetteer: Gazetteer) -> None:
    """Measure every pair of two lists of places, as build_flows does."""
    starts = pd.Series(np.repeat(left, len(right)))
    ends = pd.Series(np.tile(right, len(left)))
    used = time.process_time()
    measured = measure_pairs(starts, ends, gazetteer)
    used = time.process_time() - used
    rows = np.random.default_rng(1).choice(len(starts), min(SAMPLE, len(starts)), replace=False)
    off = np.abs(
        measured[list(FIVE[:3])].to_numpy(dtype=float)[rows]
        - np.array([full(starts[row], ends[row], gazetteer) for row in rows])
    ).max(axis=0)
    lon, lat = (gazetteer.places[axis].to_numpy(dtype=float) for axis in (schema.LON, schema.LAT))
    a, b = (gazetteer.places.index.get_indexer(side) for side in (starts, ends))
    bare = time.process_time()
    distance.geodesic_km(lon[a], lat[a], lon[b], lat[b])
    bare = time.process_time() - bare
    told = " | ".join(f"{km:.3f}" for km in off)
    each, alone = (1e6 * spent / len(starts) for spent in (used, bare))
    print(f"| {name} | {len(starts):,} | {each:.1f} | {alone:.1f} | {told} |", flush=True)


def of_polygons(corners: int) -> None:
    """Measure 10,000 pairs of a user's polygons, with all that is prepared for them."""
    rng = np.random.default_rng(corners)
    shapes = np.array(
        [
            star(rng.uniform(-4, 1), rng.uniform(50.5, 55), rng.uniform(3, 25), corners, seed)
            for seed in range(100)
        ]
    )
    outlines = [tuple(shapely.get_coordinates(shape).T) for shape in shapes]
    points = [
        rng.normal(size=(2, 64)) * 0.05 + np.array(shape.centroid.coords).T for shape in shapes
    ]
    insides = [distance.Inside(lon, lat, np.full(64, 1 / 64)) for lon, lat in points]
    left, right = np.divmod(np.arange(10_000), 100)
    used = time.process_time()
    distance.spread_km(insides, left, right)
    spread = time.process_time()
    distance.nearest_km(shapes, left, right)
    nearest = time.process_time()
    distance.furthest_km([distance.hull(*outline) for outline in outlines], left, right)
    furthest = time.process_time()
    print(
        f"10,000 pairs of polygons of {corners:,} corners: {furthest - used:.2f} s (mean and "
        f"percentiles {spread - used:.2f}, nearest {nearest - spread:.2f}, furthest "
        f"{furthest - nearest:.2f})",
        flush=True,
    )


def main() -> None:
    gazetteer = Gazetteer.load()
    levels = gazetteer.places[schema.LEVEL]
    by_level = {level: list(levels.index[levels == level]) for level in levels.unique()}
    boroughs, counties = by_level[schema.BOROUGH], by_level[schema.COUNTY]
    wide = [*by_level[schema.FORCE], *by_level[schema.REGION], *by_level[schema.NATION]]
    print("| pairs | how many | microseconds | Geod.inv alone | mean | p05 | p95 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    of_places("borough to settlement", boroughs, by_level[schema.SETTLEMENT][::3], gazetteer)
    of_places("borough to borough", boroughs, boroughs, gazetteer)
    of_places("borough to county", boroughs, counties, gazetteer)
    of_places("borough to force, region, nation", boroughs, wide, gazetteer)
    of_places("force, region, nation among each other", wide, wide, gazetteer)
    for corners in (200, 2_000):
        of_polygons(corners)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
