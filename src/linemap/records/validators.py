"""What one cell may hold, part by part, and what the cells of one row promise each other.

Each distinct content is judged once.

A judge takes a :class:`Cell` that is not empty and returns its value, or
raises a :class:`Refused` that says what is wrong with it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault, Refused
from linemap.records.table import DATE, ERROR, MERGED, NUMBER, OTHER, TEXT, TRUTH, Cell
from linemap.windows import YEARS, DateStyle, When, read_when, show

NAME_LENGTH: Final = 200  # characters; the longest place name of the UK has 58
TEXT_LENGTH: Final = 32_767  # what a spreadsheet's cell can hold
LARGEST_COUNT: Final = 1_000_000_000

_WHOLE: Final = re.compile(r"\d{1,12}", re.ASCII)


Judge = Callable[[Cell], Any]


def name(cell: Cell) -> str:
    """Judge a place's name: text of one line, as written, without space around it."""
    _require_text(cell, "a place's name")
    if cell.text.count('"') % 2:
        raise Refused(
            f"{show(cell.text.strip())} holds one quotation mark.",
            "A cell may have been cut: write the name without it.",
            kind="quotation mark",
        )
    return _line(cell.text, NAME_LENGTH)


def label(cell: Cell) -> str:
    """Judge a short text of one line: a measure, a tag, an identifier."""
    if cell.kind in (ERROR, OTHER):
        _require_text(cell, "text")
    return _line(cell.text, NAME_LENGTH)


def prose(cell: Cell) -> str:
    """Judge a text that may run over several lines: a note, a source."""
    if cell.kind in (ERROR, OTHER):
        _require_text(cell, "text")
    text = cell.text.strip()
    if len(text) > TEXT_LENGTH:
        raise Refused(f"the text has {len(text):,} characters; at most {TEXT_LENGTH:,} are read.")
    _readable(text, allowed="\t\n\r")
    return text


def level(cell: Cell) -> str | None:
    """Judge a word for a level and return linemap's own, or None for `unknown`."""
    _require_text(cell, "a level")
    word = " ".join(cell.text.split()).casefold().replace("_", " ")
    if word not in schema.LEVEL_WORDS:
        known = ", ".join(word for word in schema.LEVEL_WORDS if word)
        raise Refused(f"{show(cell.text)} is no level of place.", f"Levels are {known}.")
    return schema.LEVEL_WORDS[word]


def count(cell: Cell) -> int:
    """Judge a count: a whole number, not negative."""
    if cell.kind == DATE:
        raise Refused(
            f"a date ({cell.text}) stands where a count is meant.",
            "Spreadsheets turn '1-2' into a date.",
        )
    _not_error(cell)
    text = cell.text.strip()
    if cell.kind in (TRUTH, OTHER) or not _WHOLE.fullmatch(text):
        hint = "Write digits alone, as in 1250." if re.search(r"\d[, ]\d{3}", text) else None
        raise Refused(f"{show(text)} is not a whole number of zero or more.", hint)
    value = int(text)
    if value > LARGEST_COUNT:
        raise Refused(f"{show(text)} is more than linemap counts ({LARGEST_COUNT:,}).")
    return value


def qualifier(cell: Cell) -> str:
    """Judge a qualifier: one of `schema.QUALIFIERS`."""
    _require_text(cell, "a qualifier")
    word = " ".join(cell.text.split()).casefold()
    if word not in schema.QUALIFIERS:
        known = ", ".join(schema.QUALIFIERS)
        raise Refused(f"{show(cell.text)} is no qualifier.", f"Qualifiers are {known}.")
    return word


def _not_merged(cell: Cell) -> None:
    if cell.kind == MERGED:
        raise Refused(
            f"the cell is {cell.text}, which alone holds what is written there.",
            "Unmerge the cells and write the content into each.",
        )


def _not_error(cell: Cell) -> None:
    if cell.kind == ERROR:
        raise Refused(f"the cell holds the spreadsheet's error {cell.text}.")


def _require_text(cell: Cell, meant: str) -> None:
    _not_error(cell)
    if cell.kind != TEXT:
        kinds = {NUMBER: "a number", DATE: "a date", TRUTH: "a truth value", OTHER: "no text"}
        raise Refused(f"{kinds[cell.kind]} ({show(cell.text)}) stands where {meant} is meant.")


def _line(text: str, longest: int) -> str:
    stripped = text.strip()
    if len(stripped) > longest:
        raise Refused(
            f"the text has {len(stripped):,} characters; at most {longest} are read here."
        )
    _readable(stripped, allowed="")
    return stripped


def _readable(text: str, *, allowed: str) -> None:
    """Refuse what cannot be seen or was damaged on the way."""
    if text.isascii() and text.isprintable():
        return
    for character in text:
        if character in allowed:
            continue
        if character == "\ufffd":
            raise Refused("a character was lost before this file was written (�).")
        if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or (
            unicodedata.bidirectional(character) in _TURNS
        ):
            raise Refused(f"a control character (U+{ord(character):04X}) stands in the text.")
    mended = _mended(text)
    if mended is not None:
        raise Refused(
            f"{show(text)} looks like UTF-8 that was read as Windows-1252.",
            f"It may have been {show(mended)}.",
        )


_TURNS: Final = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))


def _mended(text: str) -> str | None:
    """Undo a double encoding, if that is what happened: `MÃ´n` was `Môn`."""
    if text.isascii():
        return None
    try:
        mended = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
    # Names of British places are in Latin letters; anything else is chance.
    latin = all(ord(sign) < 0x250 or 0x2000 <= ord(sign) < 0x2070 for sign in mended)
    return mended if latin else None


JUDGES: Final[dict[str, Judge]] = {
    schema.ORIGIN: name, schema.DESTINATION: name,
    schema.ORIGIN_WITHIN: name, schema.DESTINATION_WITHIN: name,
    schema.ORIGIN_LEVEL: level, schema.DESTINATION_LEVEL: level,
    schema.COUNT: count, schema.MEASURE: label, schema.QUALIFIER: qualifier,
    schema.SOURCE: prose, schema.NOTE: prose, schema.PUBLISHED: label, schema.URL: prose,
    schema.STATEMENT_ID: label, schema.COUNT_LOW: count, schema.COUNT_HIGH: count,
    schema.MARK: label,
}  # fmt: skip


def judge_all(cells: Sequence[Cell], judge: Judge) -> tuple[list[Any], dict[int, Refused]]:
    """Judge distinct cells; return a value for each (None: empty or refused) and the refusals."""
    values: list[Any] = []
    refused: dict[int, Refused] = {}
    for at, cell in enumerate(cells):
        value = None
        if cell.text.strip():
            try:
                _not_merged(cell)
                value = judge(cell)
            except Refused as error:
                refused[at] = error
        values.append(value)
    return values, refused


# ── What the cells of a row promise each other ────────────────────────────────
Broken = tuple[npt.NDArray[np.bool_], str, str]  # which rows, what is wrong, in which part
_FILL: Final = (
    "If it is that of the row above, write it in each row; if it is not known, write N/K."
)
_FIGURES: Final = (schema.EXACT_FIGURE, schema.DERIVED_FIGURE)


def required_cells(frame: pd.DataFrame, *, statements: bool, counted: bool) -> list[Broken]:
    """List the cells that may not be empty; `counted` says that the table has a count column."""
    broken: list[Broken] = [(_null(frame, schema.ORIGIN), "the origin is missing.", schema.ORIGIN)]
    if statements:
        broken.append((_null(frame, schema.MEASURE), "the measure is missing.", schema.MEASURE))
    elif counted:
        broken.append((_null(frame, schema.COUNT), "the count is missing.", schema.COUNT))
    return broken


def contradictions(frame: pd.DataFrame, *, statements: bool) -> list[Broken]:
    """List the rows whose cells contradict each other."""
    start, end = frame[schema.PERIOD_START], frame[schema.PERIOD_END]
    both = (start.notna() & end.notna()).to_numpy(dtype=bool)
    backward = both.copy()
    backward[both] = end[both].to_numpy(dtype=object) < start[both].to_numpy(dtype=object)
    broken: list[Broken] = [
        (backward, "the period ends before it starts.", schema.PERIOD_END),
    ]
    return broken + (_statements(frame) if statements else _records(frame))


def _records(frame: pd.DataFrame) -> list[Broken]:
    return [
        (
            _equals(frame[schema.MEASURE], (schema.NAMED, schema.AREAS_REACHED)),
            "records count people or events; a place that is only named is a statement.",
            schema.MEASURE,
        )
    ]


def _statements(frame: pd.DataFrame) -> list[Broken]:
    named = _equals(frame[schema.MEASURE], (schema.NAMED,))
    measured = ~_null(frame, schema.MEASURE)
    valued = ~_null(frame, schema.COUNT)
    figure = _equals(frame[schema.QUALIFIER], _FIGURES)
    stated = ~_null(frame, schema.QUALIFIER)
    printed = _printed(frame[schema.QUALIFIER])
    placed = ~_null(frame, schema.DESTINATION)
    ids = frame[schema.STATEMENT_ID]
    doubled = (ids.notna() & ids.duplicated(keep=False)).to_numpy(dtype=bool)
    return [
        (named & valued, "a place that is only named has no count.", schema.COUNT),
        (named & printed, "a place that is only named has no count.", schema.MEASURE),
        (measured & ~named & ~valued, "the count of a counted measure is missing.", schema.COUNT),
        (named & ~placed, "no destination is named.", schema.DESTINATION),
        (named & stated & figure, "a place that is only named is no figure.", schema.QUALIFIER),
        (
            measured & ~named & stated & ~figure & ~printed,
            "a counted figure is 'exact' or 'derived'.",
            schema.QUALIFIER,
        ),
        (doubled, "another statement has the same identifier.", schema.STATEMENT_ID),
        (
            _equals(ids, tuple(row_ids(frame)[ids.isna()])),
            "the row of that number has no identifier and is called the same: give it one.",
            schema.STATEMENT_ID,
        ),
    ]


def _printed(qualifiers: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Mark the statements whose publisher printed something instead of a count."""
    return qualifiers.fillna("").str.startswith(schema.PRINTED_FIGURES).to_numpy(dtype=bool)


def row_ids(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the identifier that each statement gets if it has none."""
    return "row " + frame[schema.ROW].astype("str")


def _null(frame: pd.DataFrame, part: str) -> npt.NDArray[np.bool_]:
    return frame[part].isna().to_numpy(dtype=bool)


def _equals(series: pd.Series[Any], words: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    return series.isin(words).to_numpy(dtype=bool)


def row_faults(
    broken: list[Broken], rows: npt.NDArray[np.int64], heading: dict[str, str]
) -> list[Fault]:
    """Turn broken promises into faults, one for each row."""
    return [
        Fault(problem, int(row), heading.get(part), _FILL if part == schema.ORIGIN else None)
        for mask, problem, part in broken
        for row in rows[mask]
    ]


# ── Dates ─────────────────────────────────────────────────────────────────────
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_PLAIN: Final = DateStyle()
_TWO_YEARS: Final = re.compile(r"(\d{4}) to (\d{4})", re.ASCII)
_SERIALS: Final = (18_264, 73_415)  # days of a spreadsheet: 1950 to 2100
_EPOCH: Final = dt.date(1899, 12, 30)


def when(cell: Cell, style: DateStyle = _PLAIN, *, since_1904: bool = False) -> When:
    """Judge a date or a period, in the style of its column; a serial number is a day since 1900.

    >>> when(Cell("45323", "number")).day, when(Cell("2024", "number"))[:2]
    (datetime.date(2024, 2, 1), ('2024-01', '2024-12'))
    """
    _not_error(cell)
    text = cell.text.strip()
    if is_serial(cell) and not since_1904:
        days = int(float(text))
        if _SERIALS[0] <= days <= _SERIALS[1]:
            return read_when((_EPOCH + dt.timedelta(days=days)).isoformat())
    if cell.kind == NUMBER or (text.isdigit() and len(text) == 5):
        whole = int(text) if text.isdigit() else 0
        if len(text) != 8 and not YEARS[0] <= whole <= YEARS[1]:
            raise Refused(f"{cell.text} is a number, not a date.", "Format the cell as a date.")
    found = None if style.financial else _TWO_YEARS.fullmatch(text)
    if found and int(found[2]) == int(found[1]) + 1:
        raise Refused(
            f"{show(text)} is a financial year or two years.",
            f"Write {found[1]}/{found[2][2:]}, or {found[1]}-01 to {found[2]}-12.",
            kind="financial",
        )
    return read_when(cell.text, style)


def is_serial(cell: Cell) -> bool:
    """Tell if a cell that is read as a date would be a spreadsheet's number of a day."""
    return cell.kind != DATE and _SERIAL.fullmatch(cell.text.strip()) is not None


def says_financial(heading: str) -> bool:
    """Tell if a heading speaks of financial years.

    >>> says_financial("Financial year"), says_financial("FY"), says_financial("Year")
    (True, True, False)
    """
    return re.search(r"\b(?:financial|fiscal|fy|fin)\b", heading.casefold()) is not None


def says_months(heading: str) -> bool:
    """Tell if a heading speaks of months or longer windows, so that ``May 23`` is no day.

    >>> says_months("Month of referral"), says_months("Referral date")
    (True, False)
    """
    return re.search(r"\b(?:month|quarter|period|year|fy)", heading.casefold()) is not None
