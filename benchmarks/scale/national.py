"""Build a national table whole: some 66,000 pairs of 33 boroughs and 2,000 places, as records.

`python benchmarks/scale/national.py FOLDER [3]` writes a table with about 3 records a pair, builds
its release, and says what each step took (protected, drawn, written, audited).
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made
import numpy as np
import pandas as pd


def write(folder: Path, mean: float, *, seed: int = 66_000) -> Path:
    """Write a row a pair, with how many records it stands for: a few pairs have most of them."""
    boroughs, towns = made.names()
    rng = np.random.default_rng(seed)
    size = (len(boroughs), len(towns))
    near = 1 / (1 + np.arange(len(towns))) ** 0.7  # the larger destinations first
    near *= (mean - 1) / near.mean()
    counts = 1 + rng.poisson(rng.gamma(2.0, near / 2, size=size))
    table = pd.DataFrame(
        {
            "Home borough": np.repeat(boroughs, len(towns)),
            "Town found": np.tile(towns, len(boroughs)),
            "Number": counts.ravel(),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "national.csv"
    table.to_csv(path, index=False)
    print(f"{len(table):,} pairs, {counts.sum():,} records, {(counts >= 10).mean():.0%} of ten up")
    return path


def main(folder: Path, mean: float) -> None:
    """Build with a clock on the steps."""
    path = write(folder, mean)
    import linemap as lm
    from linemap.auditing import core
    from linemap.pipeline import building
    from linemap.release import write as writing

    spent: dict[str, float] = {}

    def clocked(name: str, of: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*given: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return of(*given, **named)
            finally:
                spent[name] = spent.get(name, 0) + time.process_time() - start

        return wrapper

    for module, name in (
        (building, "protect"),
        (building, "draw_release"),
        (building, "audit"),
        (core, "remake"),
        (core, "compare_files"),
        (core, "compare_forms"),
        (core, "_examine"),
        (writing, "write_data"),
    ):
        if hasattr(module, name):
            setattr(module, name, clocked(name, getattr(module, name)))
    start, clock = time.process_time(), time.perf_counter()
    lm.build(path, out=folder / "national")
    spent["in all"] = time.process_time() - start
    for name, seconds in spent.items():
        print(f"| {name} | {seconds:.1f} s |")
    print(f"| clock | {time.perf_counter() - clock:.1f} s |")
    print(f"| peak memory | {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 3.0)
