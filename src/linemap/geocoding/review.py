"""The review table: names that a person must decide on, written out and read back."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from linemap.errors import Fault, InputError, InputNotFoundError, LinemapWarning
from linemap.gazetteer import Gazetteer
from linemap.geocoding.geocoder import geocode
from linemap.geocoding.match import ANALYST, DECISION_COLUMNS, Rival
from linemap.io import read_cells, read_text
from linemap.schema import (
    ALIAS,
    COUNT,
    DECISION,
    EXACT,
    FUZZY,
    LEVEL,
    LEVEL_WORDS,
    NAME,
    PLACE_ID,
    QUERY,
    REASON,
    RIVALS,
    SCORE,
    STATUS,
    SUGGESTED,
    SUGGESTION,
    SUGGESTION_ID,
    VIA,
    WHY,
    WITHIN,
)
from linemap.text import fault, key, sound

REVIEW_COLUMNS: Final = (
    QUERY, LEVEL, WITHIN, COUNT, SUGGESTION, SUGGESTION_ID, SCORE, WHY, DECISION,
)  # fmt: skip
YES: Final = "yes"
NO: Final = "no"
LARGEST: Final = 50_000_000  # bytes; a decision takes about a hundred
_MOST_CANDIDATES: Final = 6

Row = tuple[int, list[str]]  # its number as a person counts it, and its cells


def review_table(
    matches: pd.DataFrame,
    *,
    counts: pd.Series | None = None,
    levels: pd.Series | str | None = None,
    within: pd.Series | str | None = None,
) -> pd.DataFrame:
    """List the names that are not answered by a listed name, those with most records first.

    ``matches`` is a MATCHES frame; ``counts`` how many records each of its rows
    stands for (default: one each), ``levels`` and ``within`` what was asked with
    the names. One row is one distinct question whose answer is neither ``exact``
    nor ``alias``; ties by name. Those that an analyst has decided follow, with
    the decision, so that the table holds all that :func:`read_aliases` needs.

    Columns: what was asked (`query`, `level`, `within`), how often (`count`), the
    place that is suggested or that a corrected spelling was read as
    (`suggestion`, `suggestion_id`, `score`: how often a suggestion like it is
    right), `why` (with the ids of the candidates), and `decision`, empty for the
    analyst to fill: `yes` for the suggestion, `no` to leave the name unplaced, or
    the id or name of a place. It holds names as they were written: for the
    analyst alone.
    """
    is_fuzzy = matches[STATUS] == FUZZY
    is_decided = matches[VIA] == ANALYST
    table = pd.DataFrame(
        {
            QUERY: [_text(name) for name in matches[QUERY]],
            LEVEL: _asked(levels, matches),
            WITHIN: _asked(within, matches),
            COUNT: 1 if counts is None else counts.to_numpy(),
            SUGGESTION: matches[SUGGESTION].where(~is_fuzzy, matches[NAME]),
            SUGGESTION_ID: matches[SUGGESTION_ID].where(~is_fuzzy, matches[PLACE_ID]),
            SCORE: matches[SCORE].where(is_fuzzy | (matches[STATUS] == SUGGESTED)),
            WHY: [
                _why(status, reason, rivals)
                for status, reason, rivals in zip(
                    matches[STATUS], matches[REASON], matches[RIVALS], strict=True
                )
            ],
            DECISION: matches[PLACE_ID].fillna(NO).where(is_decided, ""),
        }
    )
    table = table[~matches[STATUS].isin([EXACT, ALIAS]) | is_decided]
    asked = [QUERY, LEVEL, WITHIN]
    records = table.groupby(asked, sort=False)[COUNT].sum()
    table = table.drop_duplicates(asked).drop(columns=COUNT).join(records, on=asked)
    table = table.assign(open=table[DECISION] != "").sort_values(
        ["open", COUNT, *asked], ascending=[True, False, True, True, True]
    )
    texts = {column: table[column].fillna("") for column in (SUGGESTION, SUGGESTION_ID)}
    return table.assign(**texts).reindex(columns=list(REVIEW_COLUMNS)).reset_index(drop=True)


def keep_suggestions(table: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    """Give the decided rows of a review table what an earlier one suggested, and its words.

    `path` is the file in which the analyst decided. Nothing is changed where it is a table of
    aliases, or says nothing of a row.
    """
    rows, _ = _rows(*_text_of(Path(path), sound(Path(path).name)))
    headings = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if DECISION not in headings:
        return table
    said: dict[tuple[str, ...], dict[str, str]] = {}
    for _, given in rows[1:]:
        cells = dict(zip(headings, given, strict=False))
        if cells.get(DECISION):
            said[_question(cells)] = cells
    kept = (SUGGESTION, SUGGESTION_ID, SCORE, WHY, DECISION)
    table = table.copy()
    for at in table.index[table[DECISION] != ""]:
        cells = said.get(_question(table.loc[at]), {})
        for column in kept:
            if cells.get(column):
                table.loc[at, column] = _number(cells[column]) if column == SCORE else cells[column]
    return table


def _question(cells: Mapping[str, str] | pd.Series) -> tuple[str, ...]:
    """Name what a row of a review table asks, in one spelling."""
    return tuple(key(_text(cells.get(column))) for column in (QUERY, LEVEL, WITHIN))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # what somebody wrote over it
        return float("nan")


def _asked(values: pd.Series | str | None, matches: pd.DataFrame) -> pd.Series:
    """Return the levels and areas asked with the names as text, empty where none was asked."""
    if values is None or isinstance(values, str):
        return pd.Series(values or "", index=matches.index, dtype=object)
    return pd.Series([_text(value) for value in values], index=matches.index, dtype=object)


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _why(status: str, reason: object, rivals: tuple[Rival, ...]) -> str:
    """Return why a name is listed, and its candidates, the likeliest first."""
    listed = "; ".join(f"{rival} {rival.place_id}" for rival in rivals[:_MOST_CANDIDATES])
    more = len(rivals) - _MOST_CANDIDATES
    listed += f"; and {more} more" if more > 0 else ""
    said = _text(reason)
    if not listed or status == ALIAS:
        return said
    return f"{said}. Candidates: {listed}" if said else f"Candidates: {listed}"


def read_aliases(path: str | Path, *, gazetteer: Gazetteer | None = None) -> pd.DataFrame:
    """Read an analyst's decisions about names: a CSV file of one of two forms.

    It may be as Excel writes it: in UTF-8 or Windows-1252, with commas or semicolons.

    A table of :func:`review_table` with its column `decision` filled: `yes`
    accepts the suggestion, `no` leaves the name unplaced, the id or the name of a
    place (of `gazetteer`; default: the shipped one) names it; an empty cell
    decides nothing. Only `query` and `decision` must be there.

    Or a table of aliases, in which every row is a decision: `name` as it is
    written in the tables, `place_id` (empty: this is no place, leave it
    unplaced), `decided_by` and `note` for whoever reads it next. Only `name`
    and `place_id` must be there.

    In both, `level` and `within` stand where the decision holds only for them
    (empty: always), columns that are lacking are empty, and a row with nothing
    in it is no decision. Gives the aliases' columns, in the file's order.

    Raises InputNotFoundError where there is no such file, and InputError with
    every fault: a heading that is missing or stands twice, a row that is longer
    or shorter than the headings, a name that is none, a level that is not
    known, a name decided twice, a decision that names no place or several. Warns
    (:class:`~linemap.errors.LinemapWarning`) of a file that decides nothing.
    """
    path = Path(path)
    shown = sound(path.name)
    rows, damage = _rows(*_text_of(path, shown))
    headings = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    is_review = DECISION in headings
    if damage := [*_headings(headings, is_review=is_review), *damage]:
        raise InputError(f"{shown} is no table of aliases, nor a review table.", damage)
    filled = [row for row in rows[1:] if any(row[1])]
    faults = list(_misfits(filled, headings))
    wrong = {misfit.row for misfit in faults}
    cells = [
        (row, dict(zip(headings, given, strict=True))) for row, given in filled if row not in wrong
    ]
    if is_review:
        decisions = _decided(cells, gazetteer, faults)
    else:
        decisions = [(row, {c: given.get(c, "") for c in DECISION_COLUMNS}) for row, given in cells]
    faults += _faults(decisions, QUERY if is_review else NAME)
    if faults:
        faults.sort(key=lambda fault: fault.row or 0)
        raise InputError(f"{shown} holds decisions that cannot be used.", faults)
    if not decisions:
        lacking = f"its column {DECISION!r} is empty" if is_review and cells else "it has no rows"
        way = f"Write {YES}, {NO} or a place into {DECISION!r}, and save the file."
        if not is_review:
            way = f"Give each name a row, with {NAME!r} and {PLACE_ID!r}."
        said = f"{shown} decides nothing: {lacking}, so that every name is answered as without it."
        warnings.warn(f"{said} {way}", LinemapWarning, stacklevel=2)
    return pd.DataFrame(
        [given for _, given in decisions], columns=list(DECISION_COLUMNS), dtype="str"
    )


def _text_of(path: Path, shown: str) -> tuple[str, str]:
    if not path.is_file():
        raise InputNotFoundError(f"There is no file {str(path)!r}.")
    if path.stat().st_size > LARGEST:
        raise InputError(f"{shown} is no table of aliases: it has more than {LARGEST:,} bytes.")
    return read_text(path)


def _rows(text: str, separator: str) -> tuple[list[Row], list[Fault]]:
    """Split a text into rows and cells; reading ends at a fault that hides where a row ends."""
    rows: list[Row] = []
    try:
        for row, cells in enumerate(read_cells(text, separator), 1):
            rows.append((row, [cell.strip() for cell in cells]))
    except csv.Error as error:
        hint = "Put a cell with commas or quotation marks into quotation marks, and double those."
        return rows, [Fault(f"the row cannot be read: {error}.", len(rows) + 1, hint=hint)]
    return rows, []


def _headings(headings: Sequence[str], *, is_review: bool) -> Iterator[Fault]:
    for column in (QUERY, DECISION) if is_review else (NAME, PLACE_ID):
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
            yield Fault(
                "the row has content under no heading.", row, hint="Give every column a heading."
            )


Decided = tuple[int, dict[str, str]]  # a row's number, and its decision as an alias


def _decided(
    rows: Sequence[tuple[int, Mapping[str, str]]],
    gazetteer: Gazetteer | None,
    faults: list[Fault],
) -> list[Decided]:
    """Read the rows of a review table that decide something; adds to `faults`."""
    decisions: list[Decided] = []
    written = [(row, cells) for row, cells in rows if cells[DECISION]]
    gazetteer = Gazetteer.load(gazetteer)
    words = [cells[DECISION] for _, cells in written]
    answers = geocode(words, gazetteer=gazetteer)
    for (row, cells), word, status, place, rivals in zip(
        written, words, answers[STATUS], answers[PLACE_ID], answers[RIVALS], strict=True
    ):
        hint = f"Write {YES}, {NO}, or the id or name of a place; empty decides nothing."
        if word.casefold() in (NO, "n"):
            if fault(cells[QUERY]) is not None:
                continue  # what is no name is unplaced as it is
            place = ""
        elif word.casefold() in (YES, "y"):
            place = cells.get(SUGGESTION_ID, "")
            if place not in gazetteer.places.index:
                problem = f"the gazetteer has no place {place!r}." if place else (
                    "there is no suggestion in this row to accept."
                )  # fmt: skip
                faults.append(Fault(problem, row, SUGGESTION_ID if place else DECISION, hint))
                continue
        elif status not in (EXACT, ALIAS):
            near = "; ".join(f"{rival} {rival.place_id}" for rival in rivals[:_MOST_CANDIDATES])
            problem = f"{word!r} is not the id or the name of one listed place"
            problem += f" (there are {near})." if near else "."
            if near:
                hint = (
                    f"Write the identifier of the one that is meant, such as {rivals[0].place_id}, "
                    "save the file, and run the same command again."
                )
            faults.append(Fault(problem, row, DECISION, hint))
            continue
        asked = {LEVEL: cells.get(LEVEL, ""), WITHIN: cells.get(WITHIN, "")}
        blank = dict.fromkeys(DECISION_COLUMNS, "")
        decisions.append((row, blank | {NAME: cells[QUERY], **asked, PLACE_ID: str(place)}))
    return decisions


def _faults(decisions: Sequence[Decided], column: str) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str], tuple[int, str]] = {}
    for row, decision in decisions:
        name, level, place = decision[NAME], decision[LEVEL].lower(), decision[PLACE_ID]
        if (wrong := fault(name)) is not None:
            yield Fault(wrong, row, column)
        if level not in LEVEL_WORDS:
            yield Fault(f"no level is named {decision[LEVEL]!r}", row, LEVEL)
        earlier = seen.setdefault((key(name), level, key(decision[WITHIN])), (row, place))
        if earlier[1] != place:
            yield Fault(f"{name!r} is decided otherwise in row {earlier[0]} already", row, column)
