"""Run the large trials of disclosure control, a batch at a time, and sum up what they found.

    python benchmarks/disclosure/run.py trials.jsonl [minutes]
    python benchmarks/disclosure/run.py trials.jsonl 0

Each line of the results is one batch of trials, drawn with a seed of its own. The kind of which
the least share is done comes next, so that a run that is stopped has some of every kind; one
that is started again goes on. With 0 minutes it says what has been found so far, and no more.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trials

from linemap.disclosure import PRESETS

BATCH = 2
SEED = 2026
# How many trials of each kind, by preset: tables attacked without the method and with it, pairs
# of releases that differ by one child, and distances; and tables attacked with the method by one
# who has the list of all places that occur, against whom nothing is promised.
WANTED = {
    ("tables", "ons"): 300,
    ("aware", "ons"): 300,
    ("aware", "nhs"): 100,
    ("aware", "dfe"): 100,
    ("aware", "opensafely"): 100,
    ("pairs", "ons"): 400,
    ("distances", "ons"): 500,
    ("listed", "ons"): 100,
    ("listed", "nhs"): 30,
}


def batch(name: str, preset: str, number: int) -> dict[str, Any]:
    """Run one batch of trials, and say what was found, by name."""
    seed, rule = SEED + number, PRESETS[preset]
    if name in ("tables", "aware", "listed"):
        ranges = trials.tables(
            BATCH, seed=seed, rule=rule, aware=name != "tables", listed=name != "aware"
        )
        return {
            "hidden": ranges.hidden,
            "recovered": ranges.recovered,
            "narrowest": ranges.narrowest if ranges.hidden else None,
        }
    if name == "distances":
        recovered, given = trials.distances(BATCH, seed=seed)
        return {"given": given, "recovered": recovered}
    return {
        "pinned_with_ledger": trials.pairs(BATCH, seed=seed, with_ledger=True),
        "pinned_without": trials.pairs(BATCH, seed=seed, with_ledger=False),
    }


def finished(results: Path) -> list[dict[str, Any]]:
    """Read the batches that are done."""
    return (
        [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    )


def sum_up(done: list[dict[str, Any]]) -> list[str]:
    """Add up each kind of trial, one line a kind."""
    lines = []
    for (name, preset), wanted in WANTED.items():
        found = [one for one in done if (one["name"], one["preset"]) == (name, preset)]
        sums: dict[str, float] = {}
        for one in found:
            for key, value in one["found"].items():
                if value is not None:
                    least = key == "narrowest"
                    sums[key] = (
                        min(sums.get(key, value), value) if least else sums.get(key, 0) + value
                    )
        told = ", ".join(f"{key} {value:g}" for key, value in sums.items())
        seconds = sum(one["seconds"] for one in found)
        lines.append(f"{name} {preset}: {BATCH * len(found)} of {wanted}: {told} ({seconds:.0f} s)")
    return lines


def next_kind(done: list[dict[str, Any]]) -> tuple[str, str] | None:
    """Choose the kind of which the least share is done; None if all are."""
    shares: Mapping[tuple[str, str], float] = {
        kind: BATCH * sum((one["name"], one["preset"]) == kind for one in done) / wanted
        for kind, wanted in WANTED.items()
    }
    kind = min(shares, key=lambda kind: shares[kind])
    return kind if shares[kind] < 1 else None


def main(results: Path, minutes: float) -> None:
    end = time.monotonic() + 60 * minutes
    done = finished(results)
    while time.monotonic() < end and (kind := next_kind(done)) is not None:
        number = sum((one["name"], one["preset"]) == kind for one in done)
        start = time.process_time()
        found = batch(*kind, number)
        line = {
            "name": kind[0],
            "preset": kind[1],
            "batch": number,
            "found": found,
            "seconds": round(time.process_time() - start, 1),
        }
        with results.open("a") as stream:
            stream.write(json.dumps(line) + "\n")
        done.append(line)
    print("\n".join(sum_up(done)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 60.0)
