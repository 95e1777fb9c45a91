"""What a sheet stores: the number, text, date or position that each text of its XML stands for."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Final

from linemap.records.frames import cell_of
from linemap.records.table import NUMBER, Cell
from linemap.text import sound

# The lexical form of xsd:double (XML Schema part 2, 3.2.5) without its infinities
# and NaN, which no spreadsheet stores.
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)
_DIGITS: Final = 400  # more than any number takes; the longest double has 310
_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)


def number(raw: str) -> float | None:
    """Read a number as a workbook writes it, or None for what is none.

    >>> number("12.5e3"), number("1_000"), number("١٢"), number("NaN")
    (12500.0, None, None, None)
    """
    return float(raw) if len(raw) <= _DIGITS and _NUMBER.fullmatch(raw) else None


def number_cell(raw: str, value: float) -> Cell:
    """Write a number plainly; one that a double only comes near to stays as it was written.

    >>> number_cell("3.0", 3.0).text, number_cell("2.9999999999999999999", 3.0).text
    ('3', '2.9999999999999999999')
    """
    if math.isinf(value) or (value.is_integer() and Decimal(raw) != Decimal(value)):
        return Cell(raw, NUMBER)
    return cell_of(value)


def unescaped(text: str) -> str:
    """Replace a workbook's `_xHHHH_` by the character, or the half of one, that it means.

    >>> unescaped("_xD83D__xDE00_"), unescaped("Bath_xD800_")
    ('😀', 'Bath�')
    """
    if "_x" not in text:
        return text
    return sound(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))


def whole(text: str | None, default: int) -> int:
    """Read a whole number of an attribute; -1 for what is none."""
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def position(reference: str) -> tuple[int, int]:
    """Return a cell's row, from 1, and column, from 0; (0, -1) for what names no cell.

    >>> position("AB7"), position("7")
    ((7, 27), (0, -1))
    """
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return 0, -1
    at = 0
    for letter in found[1]:
        at = at * 26 + ord(letter) - 64
    return int(found[2]), at - 1


def letters(at: int) -> str:
    """Name a column, counted from 0, as a spreadsheet does.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    named = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        named = chr(65 + rest) + named
    return named


# Formats by number that mean a date or a time (ECMA-376 part 1, 18.8.30, and
# the East Asian ones of its table for other locales).
_BUILT_IN: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_SILENT: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_MILLISECONDS: Final = 86_400_000


def is_date_format(number: int, code: str | None) -> bool:
    """Tell if a number format shows a date.

    >>> is_date_format(14, None), is_date_format(164, 'dd/mm/yyyy'), is_date_format(164, '0 "days"')
    (True, True, False)
    """
    if code is None:
        return number in _BUILT_IN
    first = _SILENT.sub("", code).split(";")[0]
    return re.search("[dmyhs]", first, re.IGNORECASE) is not None and "general" not in first.lower()


def moment(serial: float, *, since_1904: bool) -> dt.datetime | None:
    """Return the moment that a spreadsheet's number means, to the millisecond, or None for none.

    The system of 1900 counts a 29 February 1900 that never was: day 60 is
    none, and the days before it stand one off (ECMA-376 part 1, 18.17.4.1).

    >>> moment(45323, since_1904=False), moment(60, since_1904=False)
    (datetime.datetime(2024, 2, 1, 0, 0), None)
    """
    if not 0 <= serial < 2_958_466:
        return None
    milliseconds = round(serial * _MILLISECONDS)
    days, rest = divmod(milliseconds, _MILLISECONDS)
    if since_1904:
        start = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - a spreadsheet's day has no zone
    elif days == 60:
        return None
    else:
        start = dt.datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001 - the same
    try:
        return start + dt.timedelta(days=days, milliseconds=rest)
    except OverflowError:
        return None
