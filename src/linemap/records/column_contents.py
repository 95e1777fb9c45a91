"""What a column holds by its looks: people's details, row numbers, counts, dates or totals.

People's details never become an output, and numbers of rows are never added up. What looks like
counts or dates and plays no part is pointed at, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import Fault, Refused
from linemap.io import shipped_list
from linemap.records.headings import Parts, meaning
from linemap.records.table import Cell, Column, Table
from linemap.records.totals import (
    parts_beside,
    total_of,
)
from linemap.records.validators import (
    Judge,
    judge_all,
    when,
)
from linemap.text import key
from linemap.windows import style_of


@dataclass(frozen=True, slots=True)
class Detail:
    """A column that looks like people's details, and of which kind."""

    column: str
    kind: str


_FEW: Final = 5  # rows under which the contents of a column say nothing of it
_MOSTLY: Final = 0.8  # share of a column's contents that must look alike
_UNIQUE: Final = 0.8  # share of a column's rows that differ where they name people
_SAMPLE: Final = 2_000  # distinct contents that are looked at
_CELLS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("an email address", re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}\.[a-z]{2,}", re.IGNORECASE)),
    (
        "a full postcode",
        re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE | re.ASCII),
    ),
    (
        "a telephone number",
        re.compile(r"(?<![\d.])(?:\+44|0044|0)[ ()-]*\d(?:[ ()-]*\d){8,9}(?!\d)", re.ASCII),
    ),
    (
        "a National Insurance number",
        re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b", re.IGNORECASE | re.ASCII),
    ),
    (
        "an address",
        re.compile(
            r"\b\d{1,4}[a-z]?,? (?:[a-z'’]+ ){1,3}"
            r"(?:street|st|road|rd|avenue|ave|lane|close|crescent|drive|gardens|grove|house|"
            r"court|way|terrace|place|walk|mews|square|hill|row)\b",
            re.IGNORECASE,
        ),
    ),
    ("a vehicle's registration", re.compile(r"\b[A-Z]{2}\d\d ?[A-Z]{3}\b", re.ASCII)),
    (
        "an exact position",
        re.compile(
            r"-?\d{1,2}\.\d{3,}[, ]+-?\d{1,3}\.\d{3,}|///\w+\.\w+\.\w+"
            r"|\b[HJNOST][A-Z] ?\d{3,5} ?\d{3,5}\b",
            re.ASCII,
        ),
    ),
    ("a user name", re.compile(r"(?<![\w.])@\w{2,}", re.ASCII)),
    ("a full birth date", re.compile(r"\b(?:dob|d\.o\.b\.?|born)\b.{0,5}\d", re.IGNORECASE)),
)
_TELLING: Final = re.compile(r"[\d@]|///")  # without which a text holds none of them
_KINDS: Final = {
    "an email address": "email addresses",
    "a full postcode": "postcodes",
    "a telephone number": "telephone numbers",
    "a National Insurance number": "reference numbers",
    "an address": "addresses",
    "a full birth date": "birth dates",
    "a vehicle's registration": "vehicles",
    "an exact position": "addresses",
    "a user name": "user names",
}

# What tells of a person in the text of a tag or a source, and may be harmless in a column that is
# not read.
_KEPT_CELLS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("an NHS number", re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)", re.ASCII)),
    (
        "a full date",
        re.compile(
            r"(?<!\d)\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d{2})(?!\d)"
            r"|(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|(?<!\d)\d{1,2}(?:st|nd|rd|th)?[- ]"
            r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ,]+(?:\d{4}|\d{2})(?!\d)",
            re.ASCII | re.IGNORECASE,
        ),
    ),
    ("an address or a user name", re.compile(r"@|://|\bwww\.")),
    ("a reference number", re.compile(r"\b[A-Z]{1,6}[-/ ]?\d{4,}|\d{5,}", re.ASCII)),
)
_REFERENCE: Final = re.compile(r"(?=.*\d{3})[A-Z]{0,6}[-/ .]?[\dA-Z]*\d[-/ .]?[\dA-Z]*", re.ASCII)
_NHS: Final = re.compile(r"\d{3} ?\d{3} ?\d{4}", re.ASCII)
_PERSON: Final = re.compile(r"[A-Z][a-z'’-]+(?: [A-Z][a-z'’.-]*){1,2}")


def detail_in(text: str) -> str | None:
    """Say what of a person a text holds: an address, a full postcode, a telephone number, ...

    >>> detail_in("call 07700 900123"), detail_in("NR1 3AB"), detail_in("Norwich, NR1")
    ('a telephone number', 'a full postcode', None)
    """
    if not _TELLING.search(text):
        return None
    return next((what for what, pattern in _CELLS if pattern.search(text)), None)


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    rows = shipped_list("personal_headings.csv")
    return {row["word"]: row["kind"] for row in rows if row["is_whole"] == "no"}


@lru_cache(maxsize=1)
def _whole_headings() -> dict[str, str]:
    """Take the words that speak of people's details only where they are all of a heading."""
    rows = shipped_list("personal_headings.csv")
    return {row["word"]: row["kind"] for row in rows if row["is_whole"] == "yes"}


def kind_of_heading(heading: str) -> str | None:
    """Say which kind of people's details a heading speaks of, or None.

    >>> kind_of_heading("Name of YP"), kind_of_heading("Ref No"), kind_of_heading("Age")
    ('names of people', 'reference numbers', None)
    >>> kind_of_heading("County line"), kind_of_heading("County line destination")
    ('gangs', None)
    """
    if (
        meaning(heading).part in (schema.ORIGIN, schema.DESTINATION)
        and "line" in heading.casefold()
    ):
        return None  # the place that a county line leads to, and not the name of the line
    words = re.sub(r"[^a-z]+", " ", heading.casefold()).split()
    return _whole_headings().get(" ".join(words)) or next(
        (kind for word in words if (kind := _words().get(word))), None
    )


def kind_of_column(heading: str, column: Column) -> str | None:
    """Say which kind of people's details a column looks like, by its heading or its contents."""
    by_heading = kind_of_heading(heading)
    if by_heading is not None:
        return by_heading
    filled = np.array([bool(cell.text.strip()) for cell in column.cells], dtype=bool)
    there = filled[column.codes]
    rows = int(there.sum() if column.times is None else column.times[there].sum())
    used = np.unique(column.codes)
    distinct = [column.cells[code].text.strip() for code in used if filled[code]]
    if rows < _FEW or len(distinct) < 2:
        return None
    sample = distinct[:_SAMPLE]
    found = [what for text in sample if (what := detail_in(text))]
    if found and len(found) >= _MOSTLY * len(sample):
        return _KINDS[max(sorted(set(found)), key=found.count)]
    if len(distinct) < _UNIQUE * rows:
        return None
    if _share(sample, _NHS) or (_share(sample, _REFERENCE) and not _are_counts(sample)):
        return "reference numbers"
    return "names of people" if _share(sample, _PERSON) else None


def personal_in(text: str) -> str | None:
    """Say what in the cell of a place is of a person and tells of no place.

    >>> personal_in("call 07700 900123"), personal_in("12 High Street, Norwich")
    ('a telephone number', None)
    """
    what = detail_in(text)
    return None if what in (None, "a full postcode", "an address", "an exact position") else what


def without_details(judge: Judge) -> Judge:
    """Make a judge that refuses, before it judges, a cell that holds a person's details."""

    def judged(cell: Cell) -> Any:
        if (what := detail_in(cell.text) or _kept_detail_in(cell.text)) is not None:
            raise Refused(
                f"the cell holds what looks like {what}: people's details never become an output.",
                "Take it out of the column, or leave the column out.",
                kind=f"detail {what}",
            )
        return judge(cell)

    return judged


def _kept_detail_in(text: str) -> str | None:
    return next((what for what, pattern in _KEPT_CELLS if pattern.search(text)), None)


def _share(texts: Sequence[str], pattern: re.Pattern[str]) -> bool:
    return sum(bool(pattern.fullmatch(text)) for text in texts) >= _MOSTLY * len(texts)


def _are_counts(texts: Sequence[str]) -> bool:
    """Tell if contents may be counts: digits alone, few of them."""
    return all(text.isdigit() and len(text) < 5 for text in texts)


def details_of(table: Table, parts: Parts) -> tuple[Detail, ...]:
    """List the columns that look like people's details, those that play a part left out."""
    playing = set(parts.columns.values())
    tagged = set(parts.tags.values())
    few = int(table.weights.sum()) <= _LOOKED_INTO
    return tuple(
        Detail(heading, kind)
        for at, heading in enumerate(table.headings)
        if at not in playing
        and heading
        and (
            kind := kind_of_column(heading, table.contents(at))
            if few or at in tagged
            else kind_of_heading(heading)
        )
    )


def faults_of_tags(parts: Parts, table: Table, details: Sequence[Detail]) -> list[Fault]:
    """Refuse tags that look like people's details."""
    kinds = {detail.column: detail.kind for detail in details}
    return [
        Fault(
            f"the column looks like {kinds[table.headings[at]]}: it cannot be a tag.",
            table.layout.heading_row,
            table.headings[at],
            "People's details never become an output.",
        )
        for at in parts.tags.values()
        if table.headings[at] in kinds
    ]


def notices_of_details(details: Sequence[Detail]) -> list[Fault]:
    """Say which columns look like people's details and are not read."""
    if not details:
        return []
    named = "; ".join(f"{detail.column!r} ({detail.kind})" for detail in details)
    return [
        Fault(
            f"columns that look like people's details are not read: {named}.",
            hint="Delete them from the copy of the table that you work with.",
        )
    ]


TIMES: Final = (schema.DATE, schema.PERIOD_START, schema.PERIOD_END)
_LOOKED_INTO: Final = 200_000  # rows of a table whose unused columns are looked into
_LOOKED_AT: Final = 200  # distinct contents of a column that may hold dates
_MOSTLY_DATES: Final = 0.8
_AGE: Final = re.compile(r"\bage\b", re.IGNORECASE)
_ROW_NUMBERS: Final = 5  # rows from which on 1, 2, 3, ... are no counts
_GAPS_ROWS: Final = 12  # rows from which on a few numbers may be missing
_RISING_ROWS: Final = 20  # rows from which on numbers that only rise are no counts
_GAPS_SHARE: Final = 0.4  # of the numbers, if rows are numbered and some are missing
_FOOT_ROWS: Final = 3  # totals and notes below them; a fifth of the rows, if that is more
_LONGEST_NUMBER: Final = 7  # digits
_SHORT_FOR_NUMBER: Final = frozenset({"no", "number", "n", "nr", "num"})


def without_row_numbers(table: Table, parts: Parts) -> tuple[Parts, list[Fault], list[Fault]]:
    """Leave out a column that is headed as a count and numbers the rows: 1, 2, 3, ...

    Added up, 180 rows would be 16,290 people. Returns the parts, what to tell, and what to ask
    where the column may be either.
    """
    at = parts.columns.get(schema.COUNT)
    if at is None:
        return parts, [], []
    heading = table.headings[at]
    are_numbers = _numbers_rows(table.contents(at), heading, lambda: table.ordered(at))
    if are_numbers is False:
        return parts, [], []
    row, hint = table.layout.heading_row, f"If it is the count: columns={{'count': {heading!r}}}."
    columns = {part: place for part, place in parts.columns.items() if part != schema.COUNT}
    if are_numbers is None:
        problem = "this column rises from row to row: it may be the count, or number the rows."
        asked = Fault(problem, row, heading, f"{hint} If it numbers them, rename it 'row number'.")
        return replace(parts, columns=columns), [], [asked]
    told = Fault(
        "this column numbers the rows (1, 2, 3, ...), so it is not read and each row counts 1.",
        row,
        heading,
        hint,
    )
    return replace(parts, columns=columns), [told], []


def _numbers_rows(
    column: Column, heading: str, ordered: Callable[[], Column | None]
) -> bool | None:
    """Tell if a column numbers the rows: whole numbers, hardly one twice, that leave few out.

    Totals and notes may stand below it, and rows may be missing. Under a heading that is
    short for "number" the numbers may begin anywhere, or have gaps if they rise from row
    to row; None where so many are missing that they may be counts in order, or where the engine
    keeps no order of rows. Under a heading that is plainly a count they are 1, 2, 3, ... to the
    last.
    """
    times = np.ones(len(column.codes), dtype=np.int64) if column.times is None else column.times
    used = np.bincount(column.codes, weights=times, minlength=len(column.cells))
    texts = [cell.text.strip() for cell in column.cells]
    rows: Counter[int] = Counter()
    others = 0
    for text, number in zip(texts, used.tolist(), strict=True):
        if text.isdecimal() and len(text) <= _LONGEST_NUMBER:
            rows[int(text)] += int(number)
        elif text:
            others += int(number)
    numbers = sorted(rows)
    twice = rows.total() - len(numbers)
    foot = max(_FOOT_ROWS, len(numbers) // 5)
    if len(numbers) < _ROW_NUMBERS or others > foot or twice > 1 + len(numbers) // 50:
        return False
    if numbers[-1] == sum(numbers[:-1]):
        numbers = numbers[:-1]  # a total
    if key(heading) not in _SHORT_FOR_NUMBER or len(numbers) < _GAPS_ROWS:
        return numbers == list(range(1, len(numbers) + 1))
    ends = max(1, len(numbers) // 20)
    middle = numbers[ends:-ends]
    share = len(middle) / (middle[-1] - middle[0] + 1)
    if share >= 0.9:
        return True
    if len(numbers) < _RISING_ROWS:
        return False
    rows_in_order = ordered()
    if rows_in_order is None:
        return None
    texts = [cell.text.strip() for cell in rows_in_order.cells]
    order = [int(texts[code]) for code in rows_in_order.codes if texts[code].isdecimal()]
    if sum(first < second for first, second in pairwise(order)) < 0.95 * (len(order) - 1):
        return False
    return True if share >= _GAPS_SHARE else None


def totals_beside(
    frame: pd.DataFrame, table: Table, parts: Parts, details: Sequence[Detail]
) -> list[Fault]:
    """Check the counts of a column that is headed as a total against the columns beside it."""
    count = parts.columns.get(schema.COUNT)
    if count is None or table.spread is not None or total_of(table.headings[count]) is None:
        return []
    beside = _whole_numbers(table, parts, details)
    return parts_beside(table, count, beside, frame[schema.COUNT])


def _whole_numbers(table: Table, parts: Parts, details: Sequence[Detail]) -> list[int]:
    """List the columns that are not used and hold whole numbers alone, and no ages."""
    used = {*parts.columns.values(), *parts.tags.values()}
    private = {detail.column for detail in details}
    return [
        at
        for at, heading in enumerate(table.headings)
        if at not in used
        and heading
        and heading not in private
        and not _AGE.search(heading)
        and _all_whole(table.contents(at))
    ]


def perhaps_counts(table: Table, parts: Parts, details: Sequence[Detail]) -> list[Fault]:
    """Point at columns of whole numbers where none was found to be the count."""
    if schema.COUNT in parts.columns:
        return []
    problem = "no column of counts was found, so each row counts 1; this one holds whole numbers."
    return [
        Fault(
            problem,
            table.layout.heading_row,
            table.headings[at],
            f"If it is the count: columns={{'count': {table.headings[at]!r}}}.",
        )
        for at in _whole_numbers(table, parts, details)
    ]


def perhaps_dates(table: Table, parts: Parts, details: Sequence[Detail]) -> list[Fault]:
    """Point at the columns of dates where none was found to be the date."""
    used = {*parts.columns.values(), *parts.tags.values()}
    if not used.isdisjoint(parts.columns.get(part, -1) for part in TIMES):
        return []
    private = {detail.column for detail in details}
    return [
        Fault(
            "no column of dates was found, so no row states when; this one holds dates.",
            table.layout.heading_row,
            heading,
            f"If it is when: columns={{'date': {heading!r}}}.",
        )
        for at, heading in enumerate(table.headings)
        if at not in used and heading and heading not in private and _are_dates(table.contents(at))
    ]


def _are_dates(column: Column) -> bool:
    """Tell if most of what a column holds are days or months; whole numbers may be anything."""
    held = {cell for cell in column.cells if cell.text.strip()}
    cells = sorted(held, key=lambda cell: (cell.text.strip().isdigit(), cell))[:_LOOKED_AT]
    judge = partial(when, style=style_of(cell.text for cell in cells))
    dates, _ = judge_all(cells, judge)
    found = [
        cell
        for cell, date in zip(cells, dates, strict=True)
        if date is not None and not cell.text.strip().isdigit()
    ]
    return bool(cells) and len(found) >= _MOSTLY_DATES * len(cells)


def _all_whole(column: Column) -> bool:
    texts = [cell.text.strip() for cell in column.cells if cell.text.strip()]
    return bool(texts) and all(text.isascii() and text.isdigit() for text in texts)
