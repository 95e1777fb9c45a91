"""Read an analyst's decisions about names from a file, strictly: no slip of the pen decides."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from linemap.errors import Fault, InputError, InputNotFoundError
from linemap.geocoding.decisions import COLUMNS, WITHIN
from linemap.schema import LEVEL, LEVEL_WORDS, NAME, PLACE_ID
from linemap.text import fault, key, sound

LARGEST: Final = 50_000_000  # bytes; a decision takes about a hundred

Row = tuple[int, list[str]]  # its number as a person counts it, and its cells


def read_aliases(path: str | Path) -> pd.DataFrame:
    """Read an analyst's decisions about names: a CSV file in UTF-8.

    One row is one decision: `name` as it is written in the tables, `level` and
    `within` where the decision holds only for them (empty: always), `place_id`
    (empty: this is no place, leave it unplaced), `decided_by` and `note` for
    whoever reads it next. Only `name` and `place_id` must be there. Columns
    that it lacks are empty; order is the file's; a row with nothing in it is no
    decision.

    Raises InputNotFoundError where there is no such file, and InputError with
    every fault: a heading that is missing or stands twice, a row that is longer
    or shorter than the headings, a name that is none, a level that is not
    known, a name decided twice.
    """
    path = Path(path)
    shown = sound(path.name)
    rows, damage = _rows(_text(path, shown))
    headings = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if damage := [*_headings(headings), *damage]:
        raise InputError(f"{shown} is no table of aliases.", damage)
    filled = [row for row in rows[1:] if any(row[1])]
    misfits = list(_misfits(filled, headings))
    wrong = {misfit.row for misfit in misfits}
    decisions = [(row, _decision(headings, cells)) for row, cells in filled if row not in wrong]
    if faults := [*misfits, *_faults(decisions)]:
        faults.sort(key=lambda fault: fault.row or 0)
        raise InputError(f"{shown} holds decisions that cannot be used.", faults)
    return pd.DataFrame([cells for _, cells in decisions], columns=list(COLUMNS), dtype="str")


def _text(path: Path, shown: str) -> str:
    if not path.is_file():
        raise InputNotFoundError(f"There is no file {str(path)!r}.")
    if path.stat().st_size > LARGEST:
        raise InputError(f"{shown} is no table of aliases: it has more than {LARGEST:,} bytes.")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{shown} is no table of aliases in UTF-8: {error}.") from error
    except OSError as error:
        raise InputError(f"{shown} cannot be read: {error.strerror or error}.") from error


def _rows(text: str) -> tuple[list[Row], list[Fault]]:
    """Separate rows and cells; a fault after which nobody can say where a row ends is the last."""
    rows: list[Row] = []
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            rows.append((row, [cell.strip() for cell in cells]))
    except csv.Error as error:
        hint = "Put a cell with commas or quotation marks into quotation marks, and double those."
        return rows, [Fault(f"the row cannot be read: {error}.", len(rows) + 1, hint=hint)]
    return rows, []


def _headings(headings: Sequence[str]) -> Iterator[Fault]:
    for column in (NAME, PLACE_ID):
        if column not in headings:
            yield Fault(f"there is no column {column!r}", row=1)
    for at, heading in enumerate(headings):
        if heading and heading in headings[:at]:
            yield Fault("the heading stands twice.", 1, heading, "Rename or remove one.")


def _misfits(rows: Sequence[Row], headings: Sequence[str]) -> Iterator[Fault]:
    """Name the rows of another width than the headings', and those with cells under none."""
    for row, cells in rows:
        if len(cells) != len(headings):
            word = "long" if len(cells) > len(headings) else "short"
            problem = f"the row is too {word}: cells {len(cells):,}, headings {len(headings):,}."
            hint = "Write an empty cell for what is not known; quote a cell that holds a comma."
            yield Fault(problem, row, hint=hint)
        elif any(cell for cell, heading in zip(cells, headings, strict=True) if not heading):
            yield Fault("the row has content under no heading.", row, hint="Head every column.")


def _decision(headings: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Lay one row out under the columns of a decision."""
    given = dict(zip(headings, cells, strict=True))
    return {column: given.get(column, "") for column in COLUMNS}


def _faults(decisions: Sequence[tuple[int, dict[str, str]]]) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str], int] = {}
    for row, decision in decisions:
        name, level = decision[NAME], decision[LEVEL].lower()
        if (wrong := fault(name)) is not None:
            yield Fault(wrong, row, NAME)
        if level not in LEVEL_WORDS:
            yield Fault(f"no level is named {decision[LEVEL]!r}", row, LEVEL)
        earlier = seen.setdefault((key(name), level, key(decision[WITHIN])), row)
        if earlier != row:
            yield Fault(f"{name!r} is decided in row {earlier} already", row, NAME)
