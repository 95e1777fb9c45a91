"""Time distances, reach and the bootstrap, each against its limit, in one run.

    python benchmarks/statistics/run.py            prints a table; exit code 1 if a limit is missed
    python benchmarks/statistics/run.py --quick    a tenth of the size, limits printed only

Times are those of the processor, so that other work on the machine does not
count. They drift between machines all the same: both sides of a ratio are
measured here, in turns, and the best of several is taken.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from linemap import schema
from linemap.distance import inverse
from linemap.flows.pair_geography import line_strings, measure_pairs
from linemap.gazetteer import Gazetteer
from linemap.measures import reach
from linemap.measures._statistics import distance_replicates

ROUNDS = 3


@dataclass(frozen=True)
class Result:
    """What was measured, and the most that it may be."""

    what: str
    value: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        """Tell if it is."""
        return self.value <= self.limit


def best(*jobs: Callable[[], object]) -> list[float]:
    """Time each job several times in turns; return the best of each, seconds."""
    times = [[] for _ in jobs]
    for _ in range(ROUNDS):
        for place, job in enumerate(jobs):
            start = time.process_time()
            job()
            times[place].append(time.process_time() - start)
    return [min(taken) for taken in times]


def geodesics(n: int, rng: np.random.Generator) -> Result:
    """Compare geodesics and lines with the bare calls of pyproj and shapely."""
    lon1, lon2 = rng.uniform(-8, 2, (2, n))
    lat1, lat2 = rng.uniform(49, 61, (2, n))
    geod = Geod(ellps="WGS84")

    def bare() -> None:
        geod.inv(lon1, lat1, lon2, lat2)
        shapely.linestrings(np.stack([np.c_[lon1, lat1], np.c_[lon2, lat2]], axis=1))

    def ours() -> None:
        inverse(lon1, lat1, lon2, lat2)
        line_strings(lon1, lat1, lon2, lat2)

    alone, with_linemap = best(bare, ours)
    return Result(f"geodesics and lines of {n:,} pairs", with_linemap / alone, 1.5, "times bare")


def many_flows(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Make n flows of records between boroughs and settlements, as a FLOWS frame."""
    gazetteer = Gazetteer.load()
    places = gazetteer.places
    towns = places[places[schema.LEVEL] == schema.SETTLEMENT]
    boroughs = places[places[schema.LEVEL] == schema.BOROUGH]
    towns = towns.iloc[rng.choice(len(towns), size=300, replace=False)]
    origin, end = rng.integers(len(boroughs), size=n), rng.integers(len(towns), size=n)
    pairs, where = np.unique(origin * len(towns) + end, return_inverse=True)
    geography = measure_pairs(
        pd.Series(boroughs.index[pairs // len(towns)]),
        pd.Series(towns.index[pairs % len(towns)]),
        gazetteer,
    )
    empty = pd.Series(pd.NA, index=range(n), dtype="str")
    return pd.DataFrame(
        dict.fromkeys(schema.FLOW_COLUMNS, empty)
        | {column: geography[column].take(where).array for column in geography}
        | {
            schema.FLOW_ID: pd.Series(np.arange(n)).astype("str"),
            schema.INPUT: pd.Series(schema.RECORDS, index=range(n), dtype="str"),
            schema.MEASURE: pd.Series("records", index=range(n), dtype="str"),
            schema.ORIGIN_ID: pd.Series(boroughs.index[origin], dtype="str"),
            schema.ORIGIN_NAME: pd.Series(boroughs[schema.NAME].to_numpy()[origin], dtype="str"),
            schema.DESTINATION_ID: pd.Series(towns.index[end], dtype="str"),
            schema.DESTINATION_NAME: pd.Series(towns[schema.NAME].to_numpy()[end], dtype="str"),
            schema.DESTINATION_LEVEL: pd.Series(schema.SETTLEMENT, index=range(n), dtype="str"),
            schema.COUNT: pd.array(rng.integers(1, 5, n), dtype="Int64"),
        }
    )


def reach_of_many(n: int, rng: np.random.Generator) -> list[Result]:
    """Time the reach of n flows, and how it grows from a hundredth of them."""
    flows = many_flows(n, rng)
    few = flows.iloc[: n // 100].reset_index(drop=True)
    short, whole = best(lambda: reach(few), lambda: reach(flows))
    return [
        Result(f"reach of {n:,} flows", whole, 1.0, "s"),
        Result(f"growth of reach from {n // 100:,} to {n:,} flows", whole / short, 100, "times"),
    ]


def bootstraps(records: int, rng: np.random.Generator) -> list[Result]:
    """Time 2,000 replicates of the records, spread over few and over many flows."""
    results = []
    for flows in (300, 10_000, records):
        km = rng.uniform(0, 500, flows)
        counts = rng.multinomial(records, np.full(flows, 1 / flows))
        km, counts = km[counts > 0], counts[counts > 0]

        def job(km: np.ndarray = km, counts: np.ndarray = counts) -> None:
            distance_replicates(
                km, counts, shares=[0.25, 0.5, 0.75, 0.9], limits_km=[50, 100, 200],
                replicates=2_000, rng=np.random.default_rng(1),
            )  # fmt: skip

        what = f"bootstrap, 2,000 of {records:,} records in {len(km):,} flows"
        results.append(Result(what, best(job)[0], 5.0, "s"))
    return results


def main() -> int:
    """Run every benchmark and print what was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rng = np.random.default_rng(2024)
    size = 100_000 if quick else 1_000_000
    results = [
        geodesics(size, rng),
        *reach_of_many(size, rng),
        *bootstraps(size // 10, rng),
    ]
    for result in results:
        verdict = "kept" if result.kept else "MISSED"
        print(
            f"{result.what:58} {result.value:8.2f} {result.unit:12} "
            f"limit {result.limit:g}  {verdict}"
        )
    return 0 if quick or all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
