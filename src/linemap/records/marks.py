"""What publishers print in the place of a count: marks of hidden figures, ranges and rates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from linemap import schema
from linemap.io import shipped_list
from linemap.records.table import DATE, ERROR, OTHER, TRUTH, Cell
from linemap.records.values import Refused, count

_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d{1,9})"
_BELOW: Final = re.compile(rf"(?:<|under |fewer than |less than ) ?{_NUMBER}", re.ASCII)
_UP_TO: Final = re.compile(rf"(?:<=|≤|up to ) ?{_NUMBER}")
_FROM: Final = re.compile(rf"(?:>=|≥) ?{_NUMBER}|{_NUMBER} ?(?:\+|or more)")
_ABOVE: Final = re.compile(rf"(?:>|over |more than ) ?{_NUMBER}", re.ASCII)
_BETWEEN: Final = re.compile(rf"{_NUMBER} ?(?:-|–|to) ?{_NUMBER}")
_RATE: Final = re.compile(r"\d{1,9}(?:\.\d+)? ?(?:%|per cent|percent)|\d{1,9}\.\d+", re.ASCII)
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
        if high is not None and low > high:
            raise Refused(f"{text!r} is a range that ends before it starts.")
        most = "or more" if high is None else f"to {high:,}"
        return Printed(f"{schema.RANGE_FIGURE}, {low:,} {most} ({text})")
    if _RATE.fullmatch(plain):
        return Printed(f"{schema.RATE_FIGURE} ({text})")
    return count(cell)


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
