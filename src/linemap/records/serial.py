"""A spreadsheet's dates: which formats mean one, and which day a number is."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

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
