"""Count and place millions of records, beside DuckDB's own GROUP BY over the same file.

`python benchmarks/scale/run.py 10000000 FOLDER` makes the rows in FOLDER and measures each
step in a process of its own, with its peak memory. `--rows-by-row 1000000` adds the
geocoding of each row of a pandas frame, measured on 2,000 rows of it and extrapolated.
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
    frame.columns = pd.Index(["origin", "destination", "band"])
    frame["origin_level"] = "borough"
    start = time.perf_counter()
    flows = lm.build_flows(frame, kind="records", tags=["band"])
    print(json.dumps({"own": time.perf_counter() - start}))
    return len(flows)


def row_by_row(path: Path) -> int:
    """Geocode each of 2,000 rows by itself, as a loop over a pandas frame does."""
    import pandas as pd

    import linemap as lm

    frame = pd.read_parquet(path).head(2_000)
    lm.geocode(["Norwich"])
    start = time.perf_counter()
    for borough, town in zip(frame["Home borough"], frame["Town found"], strict=True):
        lm.geocode([borough, town])
    print(json.dumps({"own": time.perf_counter() - start}))
    return len(frame)


STEPS = {step.__name__: step for step in (group_by, counted, placed, pairs, row_by_row)}


def measured(step: str, path: Path) -> dict[str, float]:
    """Run a step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            found |= json.loads(line)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--step", nargs=2)
    parser.add_argument("--no-csv", action="store_true")
    parser.add_argument("--rows-by-row", action="store_true")
    given = parser.parse_args()
    if given.step:
        import linemap.flows
        import linemap.records  # noqa: F401 - loaded first, so that loading is not timed

        start, used = time.perf_counter(), time.process_time()
        result = STEPS[given.step[0]](Path(given.step[1]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            json.dumps(
                {
                    "result": result,
                    "s": time.perf_counter() - start,
                    "cpu": time.process_time() - used,
                    "gb": peak,
                }
            )
        )
        return
    parquet, text = made.write(given.rows, given.folder, csv=not given.no_csv)
    for path in (parquet,) if given.no_csv else (parquet, text):
        peer = measured("group_by", path)
        told = {step: measured(step, path) for step in ("counted", "placed")}
        print(f"{path.suffix[1:]}, {given.rows:,} rows")
        for step, found in {"group_by": peer, **told}.items():
            print(
                f"| {step} | {found['s']:.2f} s | {found['cpu']:.2f} s of processor | "
                f"{found['cpu'] / peer['cpu']:.2f} | {found['gb']:.2f} GB |"
            )
    own = measured("pairs", parquet)
    print(f"| pairs alone | {own['own']:.2f} s | {own['result']:,} flows | {own['gb']:.2f} GB |")
    if given.rows_by_row:
        each = measured("row_by_row", parquet)
        print(f"| row by row | {each['own'] / 2_000 * 1e6:.0f} microseconds a row |")


if __name__ == "__main__":
    main()
