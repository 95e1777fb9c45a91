"""How quick the gazetteer is: to load, to be asked, and to take in larger lists.

    python benchmarks/gazetteer/speed.py [--rows 6000 60000 600000]

Prints a table in Markdown. Lists are made in GeoNames' export format from the
shipped settlements, moved by some kilometres and numbered, with a fixed seed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from linemap.gazetteer import Gazetteer

FRESH = """
import time, geopandas, pyarrow.parquet, shapely, linemap.gazetteer
start = time.perf_counter(); linemap.gazetteer.Gazetteer.load(); print(time.perf_counter() - start)
"""


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Return the least time that `work` took."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def first_load() -> float:
    """Return the time of the first load in a fresh process, after the imports."""
    runs = [
        subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    return min(float(run.stdout) for run in runs)


def export(path: Path, rows: int) -> None:
    """Write `rows` made-up settlements as a GeoNames export."""
    chance = np.random.default_rng(2026)
    places = Gazetteer.load().places
    towns = places[places["level"] == "settlement"]
    pick = chance.integers(0, len(towns), rows)
    lon = towns["lon"].to_numpy()[pick] + chance.normal(0, 0.05, rows)
    lat = towns["lat"].to_numpy()[pick] + chance.normal(0, 0.03, rows)
    names = towns["name"].to_numpy()[pick]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for i in range(rows):
            cells = [
                str(90_000_000 + i), f"{names[i]} {i % 97}", "x", "", f"{lat[i]:.5f}",
                f"{lon[i]:.5f}", "P", "PPL", "GB", "", "ENG", "", "", "", str(i % 5000), "", "0",
                "Europe/London", "2026-01-01",
            ]  # fmt: skip
            file.write("\t".join(cells) + "\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[6_000, 60_000])
    rows = parser.parse_args().rows
    places = Gazetteer.load()
    ids = list(places.places.index)
    areas = [i for i in ids if not i.startswith("settlement:")]
    towns = [i for i in ids if i.startswith("settlement:")] * 20
    print("| what | seconds |\n| --- | --- |")
    print(f"| first load in a fresh process | {first_load():.3f} |")
    print(f"| roll {len(towns):,} settlements up to their forces | "
          f"{seconds(lambda: places.parent_at(towns, 'force')):.3f} |")  # fmt: skip
    print(f"| sample {len(areas)} areas | {seconds(lambda: [*map(places.sample, areas)]):.3f} |")
    print(f"| outlines of {len(areas)} areas | "
          f"{seconds(lambda: [*map(places.extent, areas)]):.3f} |")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for n in rows:
            file = Path(folder) / "GB.txt"
            export(file, n)
            took = seconds(partial(Gazetteer.from_geonames, file), times=1)
            print(f"| read, place and merge {n:,} settlements | {took:.2f} |")


if __name__ == "__main__":
    main()
