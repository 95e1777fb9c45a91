"""Run the geocoding benchmark and write what it found to RESULTS.md.

    python benchmarks/geocoding/run.py            # accuracy and speed, about a minute
    python benchmarks/geocoding/run.py --large    # and a gazetteer of 600,000 places (3 GB)

Everything that is drawn has a fixed seed. Times are this process's own
processor time, the least of several runs, the two sides in turn.
"""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

import accuracy
import pandas as pd
import speed

from linemap.gazetteer import Gazetteer

RESULTS = Path(__file__).parent / "RESULTS.md"


def table(rows: pd.DataFrame | list[dict[str, object]]) -> str:
    """Write a table in Markdown."""
    frame = pd.DataFrame(rows).astype(object)
    frame = frame.where(frame.notna(), "")
    head = "| " + " | ".join(map(str, frame.columns)) + " |"
    rule = "|" + " --- |" * len(frame.columns)
    body = ["| " + " | ".join(map(str, row)) + " |" for row in frame.to_numpy().tolist()]
    return "\n".join([head, rule, *body])


def bullets(lines: list[str]) -> str:
    """Write a list in Markdown."""
    return "\n".join(f"- {line}" for line in lines) or "- none"


def accuracy_part(gazetteer: Gazetteer) -> str:
    """Write the accuracy down."""
    clean, clean_wrong, unanswered = accuracy.clean_names(gazetteer)
    absent, absent_wrong = accuracy.absent_names(gazetteer)
    nowhere, nowhere_wrong, nearly = accuracy.nowhere(gazetteer)
    flagged, unflagged = accuracy.ambiguous()
    homonyms, homonyms_answered = accuracy.homonyms()
    return f"""## Accuracy

An answer is right when it lies within so many kilometres of the truth.

**Clean names**: 447 towns with county and coordinates, written from general
knowledge (`sets/clean.csv`), not from the gazetteer. The rules were looked at on
them too; two that the gazetteer then lacked (Wymondham, Jaywick) are in it now.

{table(clean)}

Wrong:
{bullets(clean_wrong)}

Not answered:
{bullets(unanswered)}

**Real places that are not listed**: suburbs and districts from general knowledge
(`sets/absent.csv`) and railway stations (`sets/stations.csv`). Right is an answer within
10 km ("Harlow Town" is Harlow); where only the name is known, every answer counts as wrong.

{table(absent)}

Wrong:
{bullets(absent_wrong)}

**Slips of the hand**: names of the gazetteer that no fitting has seen (half of all, by
checksum) and that no other place bears, drawn evenly, with one error drawn evenly from: two
letters swapped, one doubled, one missing, a neighbouring key; of these the *decidable*, of
which the true name is the only one within one error.

{table(accuracy.decidable_slips(gazetteer))}

**The trade-off**: what `accept_suggestions` finds and what it gets wrong. Of names without
evidence beside them; *one error* and *two errors* may also be any letter instead or more.

{table(accuracy.trade_off(gazetteer))}

**Names that are no place of the kingdom** (foreign towns and countries, people,
words): those that are not within the errors that a UK name may bear must all
stay unanswered; the others are reported. The geocoder holds a list of countries
and large cities that are not taken for typing errors, which many of the towns
here are on; without it about one town in thirteen was answered.

{table(nowhere)}

Answered though far from every UK name:
{bullets(nowhere_wrong)}

Answered, being a UK name or nearly:
{bullets(nearly)}

**Genuinely ambiguous names**, without level or context (`sets/ambiguous.txt`;
this list was looked at while the rules were made).

{table([flagged])}

Not flagged:
{bullets(unflagged)}

**Foreign towns that are, or nearly are, UK names** (`sets/homonyms.txt`). Without
a country beside it such a name is answered with the place in the kingdom.

{table([homonyms])}

Taken for a typing error:
{bullets(homonyms_answered)}

## What the score says

The prior: of ten names that no listed place bears, six are real places that the gazetteer
lacks, three are slips of the hand in a listed name, one is a listed name with another error or
with two. Of held-out names, the suggestions by their score:

{table(accuracy.reliability(gazetteer))}
"""


def speed_part(gazetteer: Gazetteer, *, large: bool) -> str:
    """Write the speed down."""
    sizes = (6_000, 60_000, 600_000) if large else (6_000, 60_000)
    return f"""## Speed

{table([speed.against_rapidfuzz(gazetteer)])}

A million rows of 5,000 distinct names (a fifth mistyped), from column to answers:

{table([speed.million_rows(gazetteer)])}

What the first call pays:

{table([speed.first_call(gazetteer)])}

Larger gazetteers, made up from parts of real names (so that more and more names
are within two errors of each other, and more rivals are found and measured):

{table(speed.by_size(gazetteer, sizes))}
"""


def main() -> None:
    """Run everything and write RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="a gazetteer of 600,000 places too")
    options = parser.parse_args()
    gazetteer = Gazetteer.load()
    speeds = speed_part(gazetteer, large=options.large)
    version, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    text = f"""# Geocoding: what was measured

Written by `python benchmarks/geocoding/run.py{" --large" if options.large else ""}`, Python
{version}, {system}, {len(gazetteer.places):,} places.

{accuracy_part(gazetteer)}
{speeds}"""
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
