"""What linemap refuses to do: a small tree of errors.

Each class is also the built-in error that a caller would catch anyway, so
``except ValueError`` keeps working for those who do not know linemap.
Messages say what was given, what is allowed, and a hint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, and where.

    ``row`` is the row as a person counts it in the file (the heading is row 1,
    the first record row 2), or None for a fault of the whole table. ``column``
    is the heading as it was written, or None.
    """

    problem: str
    row: int | None = None
    column: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                f"row {self.row}" if self.row is not None else "",
                f"column {self.column!r}" if self.column is not None else "",
            )
            if part
        )
        text = f"{place}: {self.problem}" if place else self.problem
        return f"{text} {self.hint}" if self.hint else text


class LinemapError(Exception):
    """Anything that linemap refuses, with a message meant for a person."""


class InputError(LinemapError, ValueError):
    """An input table that cannot be used as it is; ``faults`` lists everything wrong with it.

    The message shows the first of them, for a million would hide it.
    """

    SHOWN: ClassVar[int] = 100

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(faults)
        super().__init__(message)

    def __str__(self) -> str:
        lines = [super().__str__(), *(f"  {fault}" for fault in self.faults[: self.SHOWN])]
        if len(self.faults) > self.SHOWN:
            lines.append(f"  and {len(self.faults) - self.SHOWN:,} more.")
        return "\n".join(lines)


class InputNotFoundError(InputError, FileNotFoundError):
    """An input file that is not there."""


class SchemaError(LinemapError, ValueError):
    """A frame that breaks a promise of its contract in :mod:`linemap.schema`."""


class UnknownPlaceError(LinemapError, LookupError):
    """A place that no gazetteer holds."""


class AmbiguousPlaceError(LinemapError, LookupError):
    """A name that more than one place answers, where the caller asked for none such."""


class StatisticsError(LinemapError, ValueError):
    """A statistic or model that the data cannot identify; the message says why."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a refusal: what to type, and what follows from it.

    ``option`` is for the command line (``"--same-records"``), ``argument`` the same in
    Python (``"same_records=True"``).
    """

    option: str
    argument: str
    consequence: str

    def __str__(self) -> str:
        same = "" if self.option == self.argument else f" (in Python {self.argument})"
        return f"{self.option}{same}: {self.consequence}"


class MissingLibraryError(LinemapError, ImportError):
    """A library that is installed only with one of linemap's extras."""

    def __init__(self, library: str, *, extra: str) -> None:
        super().__init__(
            f"This needs {library}, which is not installed. Type: pip install 'linemap[{extra}]'",
            name=library,
        )


class DisclosureError(LinemapError, PermissionError):
    """Something that may not leave the building; ``ways`` lists what can be done, if anything."""

    def __init__(self, message: str, ways: Iterable[Way] = ()) -> None:
        self.ways = tuple(ways)
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {way}" for way in self.ways)])


class OutputError(LinemapError, OSError):
    """An output that cannot be written; what was there before is untouched."""
