"""What one cell may hold, part by part, and what the cells of one row promise each other.

Values, dates, words that name no place, and what publishers print in the place of a count.
Each distinct content is judged once.

A judge takes a :class:`Cell` that is not empty and returns its value, or
raises a :class:`Refused` that says what is wrong with it.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError, Refused
from linemap.io import read_cells, read_text, shipped_list
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


WORD, KIND, REASON = "word", "kind", "reason"
_LONGEST: Final = 100  # characters of a word or a kind
_MARKS: Final = frozenset("-.,;:?!*/\\_ ~#")  # a cell of these alone says nothing
_PARTS: Final = (re.compile(r" - |[,;:]| \(|\) ?| or | / "), re.compile(r"/"))
_MOST: Final = 10_000  # words that an owner may add


def folded(text: str) -> str:
    """Write a word in one spelling: lower case, one space, one dash.

    >>> folded("  N/K "), folded("Not – known")
    ('n/k', 'not - known')
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    for dash in "‐‑‒–—―−":
        plain = plain.replace(dash, "-")
    return " ".join(plain.split())


@lru_cache(maxsize=1)
def shipped_words() -> Mapping[str, str]:
    """Return linemap's own words, each with its kind."""
    return {folded(row[WORD]): row[KIND] for row in shipped_list("unknown_words.csv")}


def words_of(own: Mapping[str, str] | str | Path | None) -> Mapping[str, str]:
    """Join linemap's own words with the owner's, which go first.

    `own` is a mapping from word to kind, or a CSV file with the columns
    ``word`` and ``kind`` (and a ``reason`` for the reader). The kind
    ``place`` takes a word off the list: it is looked up again.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or has a row without a word or a kind.
    """
    if own is None:
        return shipped_words()
    pairs = own.items() if isinstance(own, Mapping) else _from_file(Path(own))
    words = dict(shipped_words())
    for word, kind in pairs:
        if kind.strip().casefold() == "place":
            words.pop(folded(word), None)
        else:
            words[folded(word)] = " ".join(kind.split())
    return words


def _from_file(path: Path) -> Iterable[tuple[str, str]]:
    text, separator = read_text(path)
    try:
        headings, *rows = [cells for cells in read_cells(text, separator) if any(cells)] or [[]]
    except csv.Error as error:
        raise InputError(f"{path.name} cannot be read as a table: {error}.") from error
    if not {WORD, KIND} <= set(headings):
        raise InputError(f"{path.name} needs the columns 'word' and 'kind'.")
    pairs, faults = [], []
    for number, cells in enumerate(rows, 2):
        row = dict(zip(headings, cells, strict=False))
        word, kind = row.get(WORD, "").strip(), row.get(KIND, "").strip()
        if not word or not kind or len(word) > _LONGEST or len(kind) > _LONGEST:
            faults.append(Fault("a word and its kind are needed, each in one short text.", number))
        pairs.append((word, kind))
    if faults or len(pairs) > _MOST:
        raise InputError(f"{path.name} cannot be used as a list of unknown words.", faults)
    return pairs


def kind_of(text: str, words: Mapping[str, str]) -> str | None:
    """Return the kind of a text that names no place, or None for one that may name a place.

    Of several words set apart by marks ("N/K - missing") each must be listed.
    """
    plain = folded(text)
    if (kind := _listed_kind(plain, words)) is not None:
        return kind
    if plain and set(plain) <= _MARKS:
        return words.get("-")
    for mark in _PARTS:
        parts = [part for part in mark.split(plain) if part.strip("() ")]
        kinds = [_listed_kind(part, words) for part in parts]
        if len(kinds) > 1 and None not in kinds:
            told = [kind for kind in kinds if kind != "unknown"] or kinds
            return told[0] if len({*told}) == 1 else "unknown"
    return None


def _listed_kind(plain: str, words: Mapping[str, str]) -> str | None:
    """Return the kind of a folded text that is listed as it is or without marks around it."""
    if plain in words:
        return words[plain]
    return words.get(plain.strip("()[]{}.,;:!\"'? "))


_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d{1,9})"
_BELOW: Final = re.compile(rf"(?:<|under |fewer than |less than ) ?{_NUMBER}", re.ASCII)
_UP_TO: Final = re.compile(rf"(?:<=|≤|up to ) ?{_NUMBER}")
_FROM: Final = re.compile(rf"(?:>=|≥) ?{_NUMBER}|{_NUMBER} ?(?:\+|or more)")
_ABOVE: Final = re.compile(rf"(?:>|over |more than ) ?{_NUMBER}", re.ASCII)
_BETWEEN: Final = re.compile(rf"{_NUMBER} ?(?:-|–|to) ?{_NUMBER}")
_RATE: Final = re.compile(r"\d{1,9}(?:\.\d+)? ?(?:%|per cent|percent)|\d{1,9}\.\d+", re.ASCII)
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+", re.ASCII)
PUBLISHED: Final = "If these are published figures: statements=True."
_MEANINGS: Final = {
    "hidden": schema.HIDDEN_FIGURE,
    "not available": schema.UNAVAILABLE_FIGURE,
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure that is no count: the qualifier that says what it is, with what was printed."""

    qualifier: str


@lru_cache(maxsize=1)
def _marks() -> Mapping[str, str]:
    return {row["mark"]: _MEANINGS[row["meaning"]] for row in shipped_list("publisher_marks.csv")}


def published_count(cell: Cell) -> int | Printed:
    """Judge the count of a statement: a whole number, or what a publisher prints instead.

    A number hidden by a mark or given as a range has no count: its qualifier
    says which of these it is, the least and the most that it may be, and what
    was printed. A rate or a percentage is never a count.

    >>> published_count(Cell("<5")).qualifier
    'published as a range, 0 to 4 (<5)'
    """
    text = " ".join(cell.text.split())
    plain = text.casefold()
    if cell.kind in (DATE, ERROR, OTHER, TRUTH):
        return count(cell)
    if plain in _marks():
        return Printed(f"{_marks()[plain]} ({text})")
    limits = _limits(plain)
    if limits is not None:
        low, high = limits
        return low if low == high else printed_range(low, high, text)
    if _RATE.fullmatch(plain):
        return Printed(f"{schema.RATE_FIGURE} ({text})")
    if _THOUSANDS.fullmatch(text):
        return count(Cell(text.replace(",", "")))
    try:
        return count(cell)
    except Refused as refused:
        hint = "For a hidden number write [c], for one that is not available [x], for a range 1-4."
        raise Refused(refused.problem, refused.hint or hint) from None


def printed_range(low: int, high: int | None, mark: str | None) -> Printed:
    """Write a count that is known as a range, with the mark that was printed in its place.

    >>> printed_range(1, 4, "[c]").qualifier, printed_range(5, None, None).qualifier
    ('published as a range, 1 to 4 ([c])', 'published as a range, 5 or more')
    """
    if high is not None and low > high:
        raise Refused(f"{mark or f'{low} to {high}'!r} is a range that ends before it starts.")
    most = "or more" if high is None else f"to {high:,}"
    shown = f" ({mark})" if mark else ""
    return Printed(f"{schema.RANGE_FIGURE}, {low:,} {most}{shown}")


def printed_mark(mark: str) -> Printed:
    """Take a publisher's mark that stands in a column of its own.

    Raises
    ------
    Refused
        If it is none that is known.
    """
    meaning = _marks().get(" ".join(mark.split()).casefold())
    if meaning is None:
        raise Refused(
            f"{mark!r} is no mark of a hidden number that is known.",
            "For a hidden number write [c], for one that is not available [x].",
        )
    return Printed(f"{meaning} ({mark})")


def printed_beside(
    count: object, low: int | None, high: int | None, mark: str | None, printed: str | None
) -> str | None:
    """Say what a statement prints instead of its count; None where it is printed.

    `low`, `high` and `mark` stand in columns of their own, `printed` in that of the count.

    Raises
    ------
    Refused
        If the range and the count contradict each other, or the mark is not known.
    """
    inside = re.search(r"\((.*)\)$", printed) if isinstance(printed, str) else None
    if isinstance(count, int | np.integer):
        if (low is not None and count < low) or (high is not None and count > high):
            raise Refused(f"the count {count:,} lies outside its range.")
        return None
    if low is not None or high is not None:
        return printed_range(low or 0, high, mark or (inside[1] if inside else None)).qualifier
    if inside is not None or mark is None:
        return printed
    return printed_mark(mark).qualifier


def _limits(text: str) -> tuple[int, int | None] | None:
    """Return the least and the most of a range; None for most where it has no end."""
    if found := _BELOW.fullmatch(text):
        return 0, _whole(found[1]) - 1
    if found := _UP_TO.fullmatch(text):
        return 0, _whole(found[1])
    if found := _FROM.fullmatch(text):
        return _whole(found[1] or found[2]), None
    if found := _ABOVE.fullmatch(text):
        return _whole(found[1]) + 1, None
    if found := _BETWEEN.fullmatch(text):
        return _whole(found[1]), _whole(found[2])
    return None


def _whole(text: str) -> int:
    return int(text.replace(",", ""))
