"""Run the large trials of disclosure control and print their figures as they grow.

    python benchmarks/disclosure/run.py tables 300
    python benchmarks/disclosure/run.py aware 300 [nhs]
    python benchmarks/disclosure/run.py distances 500
    python benchmarks/disclosure/run.py pairs 400

Trials are drawn in batches of ten, each with its own seed, so that a run that is
stopped has said what it found so far.
"""

from __future__ import annotations

import sys
import time

import trials

from linemap.disclosure import PRESETS

BATCH = 10
SEED = 2026


def main(name: str, number: int, preset: str = "ons") -> None:
    start, rule = time.perf_counter(), PRESETS[preset]
    found = [0, 0]
    narrowest = float("inf")
    for done in range(BATCH, number + 1, BATCH):
        seed = SEED + done
        if name in ("tables", "aware"):
            ranges = trials.tables(BATCH, seed=seed, rule=rule, aware=name == "aware")
            found = [found[0] + ranges.hidden, found[1] + ranges.recovered]
            narrowest = min(narrowest, ranges.narrowest)
            said = f"{found[0]} hidden counts, {found[1]} recovered, narrowest {narrowest:g}"
        elif name == "distances":
            recovered, given = trials.distances(BATCH, seed=seed)
            found = [found[0] + recovered, found[1] + given]
            said = f"{found[1]} with a mean distance, {found[0]} recovered"
        else:
            for place, with_ledger in enumerate((True, False)):
                found[place] += trials.pairs(BATCH, seed=seed, with_ledger=with_ledger)
            said = f"pinned to a cell: {found[0]} with the ledger, {found[1]} without"
        print(f"{done} {name}: {said} ({time.perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
