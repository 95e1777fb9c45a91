"""Words of a list: what nobody could read, or would read as something else, is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import pandas as pd

from linemap import text as names
from linemap.errors import Fault

_UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def unreadable(text: str) -> str | None:
    r"""Say why a text of a list cannot be read as it stands, or None where it can.

    Refused are more than 200 characters, control characters, and those that
    turn the direction of what follows.

    >>> unreadable("Nor\u202ehciw")
    'the control character U+202E stands in it.'
    """
    if len(text) > names.MAX_LENGTH:
        return f"it has {len(text):,} characters; at most {names.MAX_LENGTH} are read here."
    if text.isascii() and text.isprintable():
        return None
    for sign in text:
        if unicodedata.category(sign) in _UNSEEN or unicodedata.bidirectional(sign) in _TURNS:
            return f"the control character U+{ord(sign):04X} stands in it."
    return None


def name_faults(column: pd.Series, rows: Sequence[int], heading: str) -> list[Fault]:
    """List the names that are empty, hold no letter or cannot be read, each with its row."""
    faults = []
    for row, text in zip(rows, column.str.strip(), strict=True):
        if not text:
            faults.append(Fault("the place has no name.", row, heading))
        elif problem := unreadable(text):
            faults.append(Fault(f"the name cannot be read: {problem}", row, heading, "Correct it."))
        elif problem := names.fault(text):
            faults.append(Fault(f"{text!r} is no name: {problem}.", row, heading, "Correct it."))
    return faults


def text_faults(column: pd.Series, rows: Sequence[int], heading: str) -> list[Fault]:
    """List the cells of ids or codes that cannot be read, each with its row."""
    return [
        Fault(f"the text cannot be read: {problem}", row, heading, "Correct it.")
        for row, text in zip(rows, column.str.strip(), strict=True)
        if (problem := unreadable(text))
    ]


def others(cell: str) -> tuple[str, ...]:
    """Part a cell of other names at its semicolons."""
    return tuple(name for part in cell.split(";") if (name := part.strip()))


def other_faults(column: pd.Series, rows: Sequence[int], heading: str) -> list[Fault]:
    """List the cells of other names of which one cannot be read, each with its row."""
    return [
        Fault(f"the other name cannot be read: {problem}", row, heading, "Correct it.")
        for row, cell in zip(rows, column, strict=True)
        for name in others(cell)
        if (problem := unreadable(name))
    ]
