"""Run the large trials of disclosure control and print their figures.

python benchmarks/disclosure/run.py tables 300
python benchmarks/disclosure/run.py distances 500
python benchmarks/disclosure/run.py pairs 400
"""

from __future__ import annotations

import sys
import time

import trials


def main(name: str, number: int) -> None:
    start = time.perf_counter()
    if name == "tables":
        found = trials.tables(number, seed=2026)
        print(f"{number} tables: {found.hidden} hidden counts, {found.recovered} recovered, "
              f"narrowest range {found.narrowest:g}")  # fmt: skip
    elif name == "distances":
        recovered, given = trials.distances(number, seed=2026)
        print(f"{number} trials, {given} with a mean distance: {recovered} recovered")
    elif name == "pairs":
        for with_ledger in (True, False):
            certain = trials.pairs(number, seed=2026, with_ledger=with_ledger)
            said = "with" if with_ledger else "without"
            print(f"{number} pairs one record apart, {said} the ledger: {certain} pinned to a cell",
                  flush=True)  # fmt: skip
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
