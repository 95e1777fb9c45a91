"""Count and place millions of records, beside DuckDB's own GROUP BY over the same file.

`python benchmarks/scale/run.py 10000000 FOLDER` makes the rows in FOLDER and measures each
step twice in processes of its own, with its peak memory. `--row-by-row` adds the geocoding of
each row of a pandas frame, measured on the first 2,000 rows and extrapolated. The ratios are of
processor time, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import made

LOOPED = 2_000  # rows that are geocoded one by one
KEYS = '"Home borough", "Town found", "Age band"'


def group_by(path: Path) -> int:
    """Count the pairs and tags with DuckDB alone."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": "1GB", "threads": 2})
    source = f"read_csv('{path}', all_varchar=true)" if path.suffix == ".csv" else f"'{path}'"
    query = f'SELECT {KEYS}, count(*), min("Date"), max("Date") FROM {source} GROUP BY ALL'  # noqa: S608 - a constant and the path of our own file
    return connection.sql(query).to_arrow_table().num_rows


def counted(path: Path) -> int:
    """Read the file by linemap's rules, and count its rows by pair and tag."""
    from linemap.records import EngineOptions, read_records

    engine = EngineOptions(engine="duckdb", memory="1GB", threads=2, days=False)
    return int(read_records(path, tags=("Age band",), engine=engine)["count"].sum())


def placed(path: Path) -> int:
    """Count as above, and make flows of it: places found, distances measured."""
    import linemap as lm
    from linemap.records import EngineOptions, read_records

    engine = EngineOptions(engine="duckdb", memory="1GB", threads=2, days=False)
    return len(lm.build_flows(read_records(path, tags=("Age band",), engine=engine)))


def pairs(path: Path) -> int:
    """Make flows of the distinct rows alone: what the places and the pairs cost."""
    import duckdb
    import pandas as pd

    import linemap as lm

    frame = duckdb.sql(f"SELECT {KEYS} FROM '{path}' GROUP BY ALL").df()  # noqa: S608 - the same
    frame.columns = pd.Index(["origin", "destination", "Age band"])
    frame["origin_level"] = "borough"
    start = time.process_time()
    flows = lm.build_flows(frame, kind="records", tags=["Age band"])
    print(json.dumps({"own": time.process_time() - start}))
    return len(flows)


def row_by_row(path: Path) -> int:
    """Geocode each of some rows by itself, as a loop over a pandas frame does."""
    import pandas as pd

    import linemap as lm

    frame = pd.read_parquet(path).head(LOOPED)
    lm.geocode(["Norwich"])
    start = time.process_time()
    for borough, town in zip(frame["Home borough"], frame["Town found"], strict=True):
        lm.geocode([borough, town])
    print(json.dumps({"own": time.process_time() - start}))
    return len(frame)


STEPS = {step.__name__: step for step in (group_by, counted, placed, pairs, row_by_row)}


def measured(step: str, path: Path, times: int = 2) -> dict[str, float]:
    """Run a step in processes of its own; return what the one of least processor time took."""
    command = [sys.executable, __file__, "--step", step, str(path)]
    runs = []
    for _ in range(times):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, float] = {}
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                found |= json.loads(line)
        runs.append(found)
    return min(runs, key=lambda run: run["cpu"]) | {"gb": max(run["gb"] for run in runs)}


def step_alone(step: str, path: Path) -> None:
    """Run a step here, and write what it took."""
    import linemap.flows
    import linemap.records  # noqa: F401 - loaded first, so that loading is not timed

    start, used = time.perf_counter(), time.process_time()
    result = STEPS[step](path)
    told = {
        "result": result,
        "s": time.perf_counter() - start,
        "cpu": time.process_time() - used,
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    print(json.dumps(told))


def row(label: str, found: dict[str, float], beside: float | None = None) -> None:
    """Write a line of the table."""
    share = "" if beside is None else f"{beside:.2f}"
    print(
        f"| {label} | {found['s']:.1f} s | {found['cpu']:.2f} s | {share} | {found['gb']:.2f} GB |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--step", nargs=2)
    parser.add_argument("--no-csv", action="store_true")
    parser.add_argument("--row-by-row", action="store_true")
    given = parser.parse_args()
    if given.step:
        step_alone(given.step[0], Path(given.step[1]))
        return
    parquet, text = made.write(given.rows, given.folder, csv=not given.no_csv)
    own = measured("pairs", parquet)
    print("| step | clock | processor | beside GROUP BY | peak memory |")
    print("| --- | --- | --- | --- | --- |")
    for path in (parquet,) if given.no_csv else (parquet, text):
        name = f"{path.suffix[1:]}, {given.rows:,} rows"
        peer = measured("group_by", path)
        row(f"{name}: DuckDB's own GROUP BY", peer, 1.0)
        found = measured("counted", path)
        row(f"{name}: read by the rules and counted", found, found["cpu"] / peer["cpu"])
        found = measured("placed", path)
        row(f"{name}: counted, placed, measured", found, found["cpu"] / peer["cpu"])
        rest = (found["cpu"] - own["own"]) / peer["cpu"]
        print(f"| the same without the pairs' cost | | | {rest:.2f} | |")
    row(f"places and pairs of {own['result']:,.0f} flows alone", own | {"cpu": own["own"]})
    if given.row_by_row:
        each = measured("row_by_row", parquet, 1)
        whole = each["own"] / LOOPED * given.rows
        print(
            f"| row by row in pandas: {LOOPED:,} rows took {each['own']:.1f} s; "
            f"{given.rows:,} rows (extrapolated) | | "
            f"{whole:,.0f} s | {whole / found['cpu']:,.0f} times linemap | |"
        )


if __name__ == "__main__":
    main()
