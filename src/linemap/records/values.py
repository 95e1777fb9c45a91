"""What one cell may hold, part by part: each distinct content is judged once.

A judge takes a :class:`Cell` that is not empty and returns its value, or
raises a :class:`Refused` that says what is wrong with it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

from linemap import schema
from linemap.records.table import DATE, ERROR, MERGED, NUMBER, OTHER, TEXT, TRUTH, Cell

NAME_LENGTH: Final = 200  # characters; the longest place name of the UK has 58
TEXT_LENGTH: Final = 32_767  # what a spreadsheet's cell can hold
LARGEST_COUNT: Final = 1_000_000_000
YEARS: Final = (1950, 2100)

_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_ZONE: Final = r"Z|[+-](?:0\d|1[0-4]):?[0-5]\d"
_ISO_DAY: Final = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)(?:[T ]{_TIME}(?:{_ZONE})?)?", re.ASCII)
_BRITISH_DAY: Final = re.compile(rf"(\d{{1,2}})/(\d{{1,2}})/(\d{{4}})(?: {_TIME})?", re.ASCII)
_ISO_MONTH: Final = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_BRITISH_MONTH: Final = re.compile(r"(\d\d)/(\d{4})", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,12}", re.ASCII)


class Refused(ValueError):  # noqa: N818 - it is a verdict on a cell, gathered and never shown raised
    """A cell that cannot be what its column says; `hint` says what to write."""

    def __init__(self, problem: str, hint: str | None = None, kind: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.kind = kind


Judge = Callable[[Cell], Any]


def show(text: str) -> str:
    """Quote a text for a message, shortened."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


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


def day(cell: Cell) -> dt.date:
    """Judge a date: ISO or dd/mm/yyyy, never month first; a time of day is left out."""
    _not_error(cell)
    if cell.kind == NUMBER:
        raise Refused(f"{cell.text} is a number, not a date.", "Format the cell as a date.")
    text = cell.text.strip()
    if found := _ISO_DAY.fullmatch(text):
        year, month, on = map(int, found.groups())
    elif found := _BRITISH_DAY.fullmatch(text):
        on, month, year = map(int, found.groups())
    else:
        raise Refused(
            f"{show(text)} is not a date that linemap reads.", "Write 2024-02-01 or 01/02/2024."
        )
    if month > 12 >= on and "/" in text:
        raise Refused(
            f"{show(text)} has no month {month}.", "Dates are read day first, never month first."
        )
    return calendar_date(year, month, on, text)


def month(cell: Cell) -> str:
    """Judge a month, `yyyy-mm` or `mm/yyyy`, or the month of a date; return ``"yyyy-mm"``."""
    text = cell.text.strip()
    if cell.kind == TEXT:
        if found := _ISO_MONTH.fullmatch(text):
            return f"{calendar_date(int(found[1]), int(found[2]), 1, text):%Y-%m}"
        if found := _BRITISH_MONTH.fullmatch(text):
            return f"{calendar_date(int(found[2]), int(found[1]), 1, text):%Y-%m}"
        if not _ISO_DAY.fullmatch(text) and not _BRITISH_DAY.fullmatch(text):
            raise Refused(f"{show(text)} is not a month.", "Write 2018-01, 01/2018 or a date.")
    return f"{day(cell):%Y-%m}"


def qualifier(cell: Cell) -> str:
    """Judge a qualifier: one of `schema.QUALIFIERS`."""
    _require_text(cell, "a qualifier")
    word = " ".join(cell.text.split()).casefold()
    if word not in schema.QUALIFIERS:
        known = ", ".join(schema.QUALIFIERS)
        raise Refused(f"{show(cell.text)} is no qualifier.", f"Qualifiers are {known}.")
    return word


def calendar_date(year: int, month: int, on: int, text: str) -> dt.date:
    """Return the day that was written, or raise Refused if there is none such, or too far off."""
    try:
        date = dt.date(year, month, on)
    except ValueError:
        raise Refused(f"{show(text.strip())} is no day of the calendar.") from None
    if not YEARS[0] <= year <= YEARS[1]:
        raise Refused(f"the year {year} lies outside {YEARS[0]} to {YEARS[1]}.")
    return date


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
    schema.DATE: day, schema.PERIOD_START: month, schema.PERIOD_END: month,
    schema.SOURCE: prose, schema.NOTE: prose, schema.PUBLISHED: label, schema.URL: prose,
    schema.STATEMENT_ID: label,
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
