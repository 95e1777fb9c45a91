"""People's details: columns and cells that look like them, so that none becomes an output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from linemap import schema
from linemap.errors import Refused
from linemap.io import shipped_list
from linemap.records.headings import meaning
from linemap.records.table import Cell, Column
from linemap.records.validators import Judge

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
    "an email address": "email addresses", "a full postcode": "postcodes",
    "a telephone number": "telephone numbers",
    "a National Insurance number": "reference numbers", "an address": "addresses",
    "a full birth date": "birth dates", "a vehicle's registration": "vehicles",
    "an exact position": "addresses", "a user name": "user names",
}  # fmt: skip
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
