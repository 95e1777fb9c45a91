"""Score extraction on texts whose answers were worked out before: places, ends, counts.

python benchmarks/extraction/run.py [develop | "held out" | fresh | "second fresh" | ...] [--errors]
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
from pyproj import Geod

import linemap as lm
from linemap.extraction import DEFAULT_CONFIDENCE, find_mentions

HERE = Path(__file__).parent
NEAR_KM = 20.0
EARTH = Geod(ellps="WGS84")


def answers() -> dict[tuple[str, str], dict[str, str]]:
    """Read where each place is, from general knowledge; areas by the end of their id."""
    with (HERE / "places.csv").open(encoding="utf-8") as stream:
        return {(row["words"], row["within"]): row for row in csv.DictReader(stream)}


def is_right(place_id: str, answer: dict[str, str], places: Any) -> bool:
    """Say whether a place is within 20 km of the answer, or is the area that is meant."""
    if answer["area"]:
        return place_id.partition(":")[2] == answer["area"]
    point = places.loc[place_id]
    there = float(answer["longitude"]), float(answer["latitude"])
    return float(EARTH.inv(point["lon"], point["lat"], *there)[2]) / 1000 <= NEAR_KM


def score(split: str, errors: bool) -> Counter[str]:
    """Count what was found, right and wrong in the texts of one split."""
    known, places = answers(), lm.Gazetteer.load().places
    tally: Counter[str] = Counter()
    files = [HERE / f"{name}.json" for name in ("texts", "fresh", "second_fresh", "third_fresh")]
    for text in (t for f in files for t in json.loads(f.read_text(encoding="utf-8"))):
        if text["split"] != split:
            continue
        wrong: list[str] = []
        mentions = find_mentions(text["text"])
        used = mentions[mentions["use"].isin(["place", "council", "police", "station"])]
        for place in text["places"]:
            tally["places"] += 1
            mine = used[used["words"].map(lambda w, p=place: w == p["words"])]
            if mine.empty:
                wrong.append(f"lost {place['words']}")
                continue
            tally["found"] += 1
            answer = known.get((place["words"], place["within"] or "")) or known[place["words"], ""]
            ids = [i for i in mine["place_id"] if isinstance(i, str)]
            if any(is_right(i, answer, places) for i in ids):
                tally["near"] += 1
            else:
                wrong.append(f"misplaced {place['words']}: {ids}")
        listed = {place["words"] for place in text["places"]}
        for row in used[used["use"] == "place"].itertuples():
            tally["called places"] += 1
            if row.words not in listed:
                tally["no places"] += 1
                wrong.append(f"no place {row.words}")
        frame = lm.extract_statements(text["text"])
        sure = frame[frame["confidence"] >= DEFAULT_CONFIDENCE]
        said = {
            (
                row["origin"],
                row["destination"] if row["destination"] == row["destination"] else None,
            ): (
                row["measure"],
                None if pd.isna(row["count"]) else int(row["count"]),
                row["qualifier"],
            )
            for row in sure.to_dict("records")
        }
        meant = {
            (s["origin"], s["destination"]): (s["measure"], s["count"], s["qualifier"])
            for s in text["statements"]
        }
        tally["proposed"] += len(said)
        tally["stated"] += len(meant)
        both = said.keys() & meant.keys()
        tally["both ends"] += len(both)
        tally["origins stated"] += len({o for o, _ in meant})
        tally["origins proposed"] += len({o for o, _ in said})
        tally["origins right"] += len({o for o, _ in meant} & {o for o, _ in said})
        tally["destinations stated"] += len({d for _, d in meant if d})
        tally["destinations proposed"] += len({d for _, d in said if d})
        tally["destinations right"] += len({d for _, d in meant} & {d for _, d in said} - {None})
        tally["counts stated"] += sum(m[1] is not None for m in meant.values())
        tally["counts proposed"] += sum(m[1] is not None for m in said.values())
        tally["counts right"] += sum(
            meant[pair][:2] == said[pair][:2] for pair in both if meant[pair][1] is not None
        )
        tally["whole rows right"] += sum(meant[pair] == said[pair] for pair in both)
        wrong += [f"wrong {pair} {said[pair]}" for pair in said.keys() - meant.keys()]
        wrong += [f"not proposed {pair} {meant[pair]}" for pair in meant.keys() - said.keys()]
        wrong += [f"differs {p}: {said[p]}, not {meant[p]}" for p in both if said[p] != meant[p]]
        if wrong and errors:
            print(text["id"], *sorted(wrong), sep="\n    ")
    return tally


def main(arguments: list[str]) -> None:
    """Print the figures of one split, or of both."""
    for split in [a for a in arguments if not a.startswith("-")] or [
        "develop",
        "held out",
        "fresh",
        "second fresh",
        "third fresh",
    ]:
        tally = score(split, "--errors" in arguments)

        def share(part: str, whole: str, tally: Counter[str] = tally) -> str:
            ratio = tally[part] / tally[whole] if tally[whole] else 0.0
            return f"{ratio:.3f} ({tally[part]} of {tally[whole]})"

        print(f"{split}:")
        print("  mentions of places found ", share("found", "places"))
        print("  of these within 20 km    ", share("near", "found"))
        print("  called a place wrongly   ", share("no places", "called places"))
        for what in ("origins", "destinations"):
            print(f"  {what}: precision     ", share(f"{what} right", f"{what} proposed"))
            print(f"  {what}: recall        ", share(f"{what} right", f"{what} stated"))
        print("  both ends: precision     ", share("both ends", "proposed"))
        print("  both ends: recall        ", share("both ends", "stated"))
        print("  counts: precision        ", share("counts right", "counts proposed"))
        print("  counts: recall           ", share("counts right", "counts stated"))
        print("  all columns right        ", share("whole rows right", "both ends"))


if __name__ == "__main__":
    main(sys.argv[1:])
