"""The errors that linemap raises.

Each class is also the built-in error that a caller would catch anyway, so
``except ValueError`` keeps working for those who do not know linemap.
Messages say what was given, what is allowed, and a hint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, and where.

    ``row`` is the row as a person counts it in the file (the heading is row 1,
    the first record row 2), or None for a fault of the whole table. ``file`` names
    the file of a table that is in several. ``times`` says in how many rows it is where an
    engine that does not number rows has counted them. ``column``
    is the heading as it was written, or None. ``kind`` groups faults whose
    sentences differ; without it those that differ in what they quote are alike.
    ``argument`` is what the caller gave that is wrong: ``("columns", part)`` or
    ``("tags", heading)``.
    """

    problem: str
    row: int | None = None
    column: str | None = None
    hint: str | None = None
    kind: str | None = None  # faults of one kind are told together
    file: str | None = None
    times: int = 0
    argument: tuple[str, str] | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file or "",
                f"row {self.row}" if self.row is not None else "",
                f"{self.times:,} rows" if self.row is None and self.times else "",
                f"column {self.column!r}" if self.column is not None else "",
            )
            if part
        )
        text = f"{place}: {self.problem}" if place else self.problem
        return f"{text} {self.hint}" if self.hint else text


class LinemapWarning(UserWarning):
    """A result stands, and something about its input is worth a look."""


_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"[^\"]*\"|\d[\d,.]*")
_EXAMPLES: Final = 3


def rows_in_words(rows: Iterable[int], most: int = 8) -> str:
    """Write row numbers for a message, runs together, at most so many runs.

    >>> rows_in_words([5, 6, 7, 12])
    '5 to 7, 12'
    """
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    shown = [
        str(first) if first == last else f"{first}, {last}" if last == first + 1
        else f"{first} to {last}"
        for first, last in runs[:most]
    ]  # fmt: skip
    left = sum(last - first + 1 for first, last in runs[most:])
    return ", ".join(shown) + (f" and {left:,} more" if left else "")


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """Faults of one kind: the rows that have it, the first of them, what the others quote."""

    first: Fault
    rows: tuple[int, ...]
    examples: tuple[str, ...] = ()
    unnumbered: int = 0  # further rows, of which only the number is known

    def __str__(self) -> str:
        number = len(self.rows) + self.unnumbered
        if number < 2:
            return str(self.first)
        column = f", column {self.first.column!r}" if self.first.column is not None else ""
        others = f" Also {', '.join(self.examples)}." if self.examples else ""
        hint = f" {self.first.hint}" if self.first.hint else ""
        which = f" ({rows_in_words(self.rows)})" if self.rows else ""
        file = f"{self.first.file}: " if self.first.file else ""
        return f"{file}{number:,} rows{which}{column}: {self.first.problem}{others}{hint}"


def group_faults(faults: Iterable[Fault]) -> tuple[FaultGroup, ...]:
    """Put faults of one kind and column together, in the order of their first.

    >>> group = group_faults([Fault("'a' is no date.", 2), Fault("'b' is no date.", 5)])
    >>> print(*group)
    2 rows (2, 5): 'a' is no date. Also 'b'.
    """
    groups: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        kind = fault.kind or _QUOTED.sub("…", fault.problem)
        alone = () if fault.row is not None or fault.times else (len(groups),)
        key = (kind, fault.column, fault.hint and fault.kind, fault.file, *alone)
        groups.setdefault(key, []).append(fault)
    return tuple(map(_group, groups.values()))


def _group(faults: Sequence[Fault]) -> FaultGroup:
    first = faults[0]
    quoted = {
        found[0]
        for fault in faults
        if (found := _QUOTED.search(fault.problem)) and found[0].startswith(("'", '"'))
    }
    mine = _QUOTED.search(first.problem)
    others = sorted(quoted - {mine[0] if mine else ""})
    examples = others[:_EXAMPLES]
    if len(others) > _EXAMPLES:
        examples.append(f"{len(others) - _EXAMPLES:,} others")
    rows = tuple(dict.fromkeys(fault.row for fault in faults if fault.row is not None))
    unnumbered = sum(fault.times for fault in faults if fault.row is None)
    return FaultGroup(first, rows, tuple(examples), unnumbered)


class LinemapError(Exception):
    """Any error that linemap raises; its message is written for the user."""


class InputError(LinemapError, ValueError):
    """An input table that cannot be used as it is; ``faults`` lists everything wrong with it.

    The message shows faults of one kind together, and the first kinds of many.
    """

    SHOWN: ClassVar[int] = 100

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(faults)
        super().__init__(message)

    def __str__(self) -> str:
        groups = group_faults(self.faults)
        lines = [super().__str__(), *(f"  {group}" for group in groups[: self.SHOWN])]
        if len(groups) > self.SHOWN:
            lines.append(f"  and {len(groups) - self.SHOWN:,} more.")
        return "\n".join(lines)


class InputNotFoundError(InputError, FileNotFoundError):
    """An input file that is not there."""


class Refused(ValueError):  # noqa: N818 - a verdict on a cell, gathered and never shown raised
    """A text that cannot be what it is meant to be; `hint` says what to write."""

    def __init__(self, problem: str, hint: str | None = None, kind: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.kind = kind


class SchemaError(LinemapError, ValueError):
    """A frame that breaks a promise of its contract in :mod:`linemap.schema`."""


class UnknownPlaceError(LinemapError, LookupError):
    """A place that the gazetteer does not hold."""


class AmbiguousPlaceError(LinemapError, LookupError):
    """A name of more than one place, where the caller asked to raise for such names."""


class StatisticsError(LinemapError, ValueError):
    """A statistic or model that the data cannot identify; the message says why."""


@dataclass(frozen=True, slots=True)
class Way:
    """What the user can do after a refusal: what to type, and what follows from it.

    ``option`` is for the command line (``"--same-records"``), ``argument`` the same in
    Python (``"same_records=True"``). ``instead_of`` are the options that it goes without.
    """

    option: str
    argument: str
    consequence: str
    instead_of: tuple[str, ...] = ()

    def __str__(self) -> str:
        same = "" if self.option == self.argument else f" (in Python {self.argument})"
        return f"{self.option}{same}: {self.consequence}"


class MissingLibraryError(LinemapError, ImportError):
    """A library that is installed only with one of linemap's extras."""

    def __init__(self, library: str, *, extra: str) -> None:
        super().__init__(
            f"This needs {library}, which is not installed. Type: pip install 'linemap[{extra}]' "
            f"(in a clone of linemap: pip install '.[{extra}]')",
            name=library,
        )


class DisclosureError(LinemapError, PermissionError):
    """Something that may not be published; ``ways`` lists what can be done, if anything."""

    def __init__(self, message: str, ways: Iterable[Way] = ()) -> None:
        self.ways = tuple(ways)
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {way}" for way in self.ways)])


class OutputError(LinemapError, OSError):
    """An output that cannot be written; what was there before is untouched."""
