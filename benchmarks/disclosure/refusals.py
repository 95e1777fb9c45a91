"""Count how often the audit refuses what disclosure control made, over random tables of records.

python benchmarks/disclosure/refusals.py 0 200 refusals.jsonl [MINUTES]

Each table has 20 to 400 records, no window or quarters or years, and no to two tags;
some have one origin, one destination, or no place that is known. Each is built as the command
line builds it, without drawings: protected, written to a folder, and audited there with every
file made again. The file gets a line a table; tables that it has are not built again, and no new
one is begun after so many MINUTES. At the end the counts: releases, those refused because nothing
could be shown, refused by disclosure control for another reason, refused by the audit.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import pipeline
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer
from linemap.pipeline import building

BOROUGHS: Final = (
    "Barnet", "Bromley", "Camden", "Croydon", "Ealing", "Hackney", "Islington", "Lambeth", "Merton",
)  # fmt: skip
TOWNS: Final = (
    "Norwich", "Brighton", "Oxford", "Ipswich", "Margate", "Colchester", "Cambridge", "Luton",
    "Basingstoke", "Swansea", "Bournemouth", "Norfolk", "Essex", "Hastings", "Southend-on-Sea",
)  # fmt: skip
SIZES: Final = (20, 60, 180, 400)


def random_table(seed: int) -> tuple[pd.DataFrame, str | None, tuple[str, ...]]:
    """Draw a table, a period and the tags to keep."""
    rng = np.random.default_rng(seed)
    rows = int(rng.choice(SIZES, p=[0.3, 0.35, 0.3, 0.05]))
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


def outcome(seed: int, gazetteer: Gazetteer) -> dict[str, Any]:
    """Build one table, and say how that ended."""
    frame, period, tags = random_table(seed)
    said: dict[str, Any] = {"seed": seed, "rows": len(frame), "period": period, "tags": len(tags)}
    with tempfile.TemporaryDirectory() as folder:
        try:
            built = pipeline.build(
                frame,
                out=Path(folder) / "far" / "from" / "others" / "release",
                period=period,  # type: ignore[arg-type]  # a name drawn from the list above
                tags=tags,
                gazetteer=gazetteer,
            )
        except DisclosureError as error:
            kinds = {"Nothing of this table": "nothing to show", "The release was not": "AUDIT"}
            start = next((kind for kind in kinds if error.message.startswith(kind)), "")
            return said | {"end": kinds.get(start, "refused"), "why": error.message}
    return said | {"end": "released", "flows": len(built.release.flows)}


def main(first: int, last: int, results: Path, minutes: float) -> None:
    """Build the tables of the seeds `first` to `last`, the last one out, and count the ends."""
    building.draw_release = lambda *_, **__: {}  # type: ignore[attr-defined]  # no drawings here
    gazetteer, start = Gazetteer.load(), time.monotonic()
    lines = results.read_text("utf-8").splitlines() if results.exists() else []
    done = {line["seed"]: line for line in map(json.loads, lines)}
    for seed in range(first, last):
        if seed in done:
            continue
        if time.monotonic() - start > 60 * minutes:
            break
        before = time.process_time()
        done[seed] = outcome(seed, gazetteer)
        done[seed]["seconds"] = round(time.process_time() - before, 1)
        with results.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(done[seed]) + "\n")
    ends = Counter(line["end"] for seed, line in done.items() if first <= seed < last)
    print(f"{sum(ends.values())} tables: {dict(ends)}")


if __name__ == "__main__":
    limit = float(sys.argv[4]) if len(sys.argv) > 4 else float("inf")
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), limit)
