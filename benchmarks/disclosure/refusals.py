"""Count how often the audit refuses what disclosure control made, over random tables of records.

python benchmarks/disclosure/refusals.py 0 200

Each table has 20 to 4,000 records, no window or quarters or years, and no to two tags;
some have one origin, one destination, or no place that is known. Prints a line a table,
then the counts: passed, refused by disclosure control with a reason, refused by the audit.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Final

import numpy as np
import pandas as pd

from linemap.auditing import audit
from linemap.disclosure import protect
from linemap.errors import DisclosureError
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_records

BOROUGHS: Final = (
    "Barnet", "Bromley", "Camden", "Croydon", "Ealing", "Hackney", "Islington", "Lambeth", "Merton",
)  # fmt: skip
TOWNS: Final = (
    "Norwich", "Brighton", "Oxford", "Ipswich", "Margate", "Colchester", "Cambridge", "Luton",
    "Basingstoke", "Swansea", "Bournemouth", "Norfolk", "Essex", "Hastings", "Southend-on-Sea",
)  # fmt: skip
SIZES: Final = (20, 60, 180, 400, 1_000, 4_000)


def random_table(seed: int) -> tuple[pd.DataFrame, str | None, tuple[str, ...]]:
    """Draw a table, a period and the tags to keep."""
    rng = np.random.default_rng(seed)
    rows = int(rng.choice(SIZES, p=[0.3, 0.3, 0.3, 0.07, 0.02, 0.01]))
    shape = rng.choice(
        ["random", "one origin", "one destination", "unknown"], p=[0.7, 0.1, 0.1, 0.1]
    )
    origins = BOROUGHS[: 1 if shape == "one origin" else int(rng.integers(2, len(BOROUGHS)))]
    towns = TOWNS[: 1 if shape == "one destination" else int(rng.integers(2, len(TOWNS)))]
    weight = 1 / np.arange(1, len(towns) + 1) ** rng.uniform(0, 2)
    found = rng.choice(towns, rows, p=weight / weight.sum()).astype(object)
    found[rng.random(rows) < (1 if shape == "unknown" else rng.uniform(0, 0.4))] = None
    months = rng.integers(0, int(rng.choice([3, 12, 24])), rows)
    frame = pd.DataFrame(
        {
            "origin": rng.choice(origins, rows),
            "destination": found,
            "date": [f"{2022 + month // 12}-{month % 12 + 1:02d}-11" for month in months],
            "gender": rng.choice(["boy", "girl"], rows, p=[0.8, 0.2]),
            "route": rng.choice(["school", "police", "home"], rows),
        }
    )
    period = rng.choice(["", "quarter", "year"])
    return frame, str(period) or None, ("gender", "route")[: int(rng.integers(0, 3))]


def outcome(seed: int, gazetteer: Gazetteer) -> str:
    """Say how one table ended."""
    frame, period, tags = random_table(seed)
    records = read_records(frame, tags=tags)
    try:
        flows = build_flows(records, gazetteer=gazetteer, period=period, tags=tags)  # type: ignore[arg-type]
        release = protect(flows, gazetteer=gazetteer)
    except DisclosureError as error:
        return f"disclosure control refused: {error}"
    report = audit(release, gazetteer=gazetteer)
    shown = len(release.flows)
    return f"passed, {shown} flows" if report.passed else f"AUDIT REFUSED: {report}"


def main(first: int, last: int) -> None:
    """Run the tables of the seeds `first` to `last`, the last one out."""
    gazetteer = Gazetteer.load()
    counts: Counter[str] = Counter()
    for seed in range(first, last):
        start = time.process_time()
        found = outcome(seed, gazetteer)
        counts[found.partition(",")[0].partition(":")[0]] += 1
        print(f"{seed}: {found} ({time.process_time() - start:.1f} s)", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
