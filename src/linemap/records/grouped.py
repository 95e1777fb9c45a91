"""Read records from their distinct rows, which an engine has grouped where the files are.

Only distinct contents come home, each with the number of rows that hold it. They
are judged by the same rules as the rows of a small table; what has errors, is a total
or is worth a look is fetched row by row and judged again under its own number. The last
section waits for an engine: told of while it runs, and stopped where its user stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from linemap import schema
from linemap.errors import Fault, InputError, Refused
from linemap.records.assemble import Reading, assemble
from linemap.records.delimited import restore
from linemap.records.headings import Parts, assign
from linemap.records.table import EMPTY, ROW_BITS, ROW_MASK, Cell, Column, ReadOptions, Table, coded
from linemap.records.totals import total_of
from linemap.records.validators import count as judge_count
from linemap.records.validators import is_serial, says_financial, when
from linemap.windows import read_when, style_of

NUMBER: Final = "group_number"
SPACE: Final = (  # a pattern of DuckDB and of Spark: what Python's strip takes away
    r"[\t-\r\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}"
    r"\x{3000}]*"
)
FILE: Final = "file"
FOOT: Final = 40  # rows at the end of a file that may be notes
LOCATED: Final = 100_000  # rows that are fetched one by one
DISTINCT: Final = 20_000_000  # rows that come home, of about 0.7 KB each while they are judged
_LOOKED_INTO: Final = 200_000
_ONE: Final = Cell("1")


def too_many() -> InputError:
    """Say what to do with a table of too many distinct rows."""
    return InputError(
        f"The table has more than {DISTINCT:,} distinct rows in the columns that are used, which "
        "is more than is held at once. Use fewer tags, or build a year of it at a time; where days "
        "are not needed, count without them (EngineOptions(days=False) in Python)."
    )


class NotPlain(Exception):  # noqa: N818 - no error: the table is then read in the other way
    """A table that an engine would not read exactly as linemap reads it; its text says why."""


class Scanned(Protocol):
    """A table on an engine: its columns are called c0, c1, ... in the order of the headings."""

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings, as they are read."""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""

    @property
    def form(self) -> str:
        """What the files are."""

    @property
    def foots(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The last rows of each file as written, where rows may be notes."""

    def last(self) -> pa.Table | None:
        """Return the last row of all, where the engine keeps the order of rows."""

    @property
    def blank(self) -> int:
        """The empty rows that the engine passes over."""

    @property
    def is_text(self) -> bool:
        """Whether every value is text as it is written."""

    @property
    def numbered(self) -> bool:
        """Whether the engine knows the number of a row in its file."""

    def groups(self, columns: Sequence[int]) -> pa.Table:
        """Return the distinct contents of some columns, with ``n``, the rows that hold each.

        Raises
        ------
        InputError
            If there are more than :data:`DISTINCT`.
        """

    def reduced(
        self, keys: Sequence[int], alone: Sequence[int], count: int | None
    ) -> tuple[pa.Table, dict[int, pa.Table]]:
        """Group by `keys`, with ``n`` and the ``total`` of the column `count`.

        And, in the same pass, by each of the columns `alone`.
        """

    def whole(self, at: int, most: int) -> pa.Table:
        """Return at most so many distinct contents of a column, those that are no digits first."""

    def empty_rows(self, columns: Sequence[int]) -> pa.Table:
        """Group the rows in which nothing but space stands by some columns, as :meth:`groups`."""

    def ordered(self, at: int) -> pa.ChunkedArray | None:
        """Return a column in the order of the rows, where the engine keeps it."""

    def rows_of(self, groups: pa.Table) -> pa.Table:
        """Return the rows of numbered `groups`: all columns, ``file`` and ``row``.

        Where rows have no number: the number of rows of a group in each file, ``n``.
        """


def column_name(at: int) -> str:
    """Name a column on an engine."""
    return f"c{at}"


def read_grouped(
    scan: Scanned, options: ReadOptions, *, days: bool = True
) -> tuple[Reading, tuple[Fault, ...]]:
    """Read records from an engine, whatever is wrong with them; see :func:`read`.

    A row of the frame stands for all rows that are alike in the columns that are
    used: ``rows_alike`` says how many, ``count`` is the sum of theirs, and ``row`` is null
    unless one row alone was looked at. Without `days`, these are judged and
    left out, so that rows that differ in them alone are one.

    Raises
    ------
    NotPlain
        If the headings do not name both ends, or the table looks like a crosstab.
    """
    parts = assign(
        scan.headings,
        statements=False,
        columns=dict(options.columns),
        tags=tuple(options.tags),
        measured=options.measure is not None,
    )
    if parts.faults or not {schema.ORIGIN, schema.DESTINATION} <= set(parts.columns):
        raise NotPlain("its headings do not name each part once")
    used = sorted({*parts.columns.values(), *parts.tags.values()})
    if schema.YEAR in parts.columns:
        raise NotPlain("its dates stand in two columns")
    if options.layout not in (None, "list") or _perhaps_periods(scan.headings, used):
        raise NotPlain("it may be a crosstab")
    groups = None if days else _reduced(scan, parts, used, options)
    groups = groups or _GroupedRows.of(scan, used)
    return groups.read(parts, options, days=days)


def _perhaps_periods(headings: Sequence[str], used: Sequence[int]) -> bool:
    style = style_of([], financial=False)
    found = 0
    for at, heading in enumerate(headings):
        try:
            found += at not in used and read_when(heading, style) is not None
        except Refused:
            continue
    return found > 1


@dataclass(frozen=True, slots=True)
class _GroupedRows:
    """The distinct contents of the used columns, each with the rows that hold it.

    Rows with nothing in them are not among these: ``blank`` counts them.
    """

    scan: Scanned
    keys: tuple[int, ...]  # the columns by which rows were grouped
    found: pa.Table
    columns: Mapping[int, Column]  # of all used columns, one content a group
    times: npt.NDArray[np.int64]
    sums: npt.NDArray[np.int64] | None = None  # of counts, where rows differ in them
    blank: int = 0
    looked_into: dict[int, Column] = field(default_factory=dict)  # columns that are not used

    @classmethod
    def of(cls, scan: Scanned, used: Sequence[int]) -> _GroupedRows:
        """Group by every column that is used."""
        found = scan.groups(used)
        columns = {at: _column(found[column_name(at)], scan) for at in used}
        times = np.array(found["n"], dtype=np.int64)
        return cls(scan, tuple(used), found, columns, times)._without_blank().in_order()

    def _without_blank(self) -> _GroupedRows:
        """Leave out the rows of text in which nothing stands."""
        if not (self.scan.is_text and len(self._empty(self.keys))):
            return self
        blank = self.scan.empty_rows(self.keys)
        cells = {at: _column(blank[column_name(at)], self.scan) for at in self.keys}
        times = self.times.copy()
        for row, number in enumerate(blank["n"].to_pylist()):
            alike = self._holding({at: c.cells[c.codes[row]] for at, c in cells.items()})
            times[list(alike)] -= number
        kept = np.flatnonzero(times)
        return replace(
            self,
            found=self.found.take(pa.array(kept)),
            columns={at: Column(one.codes[kept], one.cells) for at, one in self.columns.items()},
            times=times[kept],
            blank=int(self.times.sum() - times.sum()),
        )

    def _empty(self, columns: Iterable[int]) -> npt.NDArray[np.int64]:
        """Return the groups that hold nothing in some columns."""
        empty = np.ones(len(self.times), dtype=bool)
        for at in columns:
            column = self.columns[at]
            empty &= np.array([not c.text.strip() for c in column.cells], dtype=bool)[column.codes]
        return np.flatnonzero(empty)

    def in_order(self) -> _GroupedRows:
        """Order the groups by what they hold, for engines give them in any order."""
        whole = np.zeros(len(self.times), dtype=np.int64)
        room = 2**63 - 1
        for at in sorted(self.columns):
            column = self.columns[at]
            rank = np.empty(len(column.cells), dtype=np.int64)
            rank[sorted(range(len(rank)), key=column.cells.__getitem__)] = np.arange(len(rank))
            room //= len(rank)
            if not room:
                whole = np.unique(whole, return_inverse=True)[1]
                room = (2**63 - 1) // max(len(whole), 1) // len(rank)
            whole = whole * len(rank) + rank[column.codes]
        order = np.lexsort((self.times, whole))
        return replace(
            self,
            found=self.found.take(pa.array(order)),
            columns={at: Column(one.codes[order], one.cells) for at, one in self.columns.items()},
            times=self.times[order],
            sums=None if self.sums is None else self.sums[order],
        )

    def read(
        self, parts: Parts, options: ReadOptions, *, days: bool
    ) -> tuple[Reading, tuple[Fault, ...]]:
        """Judge the groups; then, row by row, what was told of, until nothing new is."""
        wanted = self._bare(parts) | self._at_foot()
        rows = _FetchedRows()
        while True:
            fresh = wanted - rows.asked
            if fresh:
                rows = rows.with_groups(self, fresh)
            table = self._table(rows)
            reading, whole = assemble(table, schema.RECORDS, options)
            wanted = {-number - 1 for number in table.told or () if number < 0}
            if wanted <= rows.asked:
                return self._finished(reading, rows, days=days), self._translated(whole, rows)

    def _bare(self, parts: Parts) -> set[int]:
        """Return the groups without a name at either end, and that of the last row, if it is one.

        Such a row may be a total.
        """
        ends = (parts.columns[schema.ORIGIN], parts.columns[schema.DESTINATION])
        bare = set(self._empty(ends).tolist())
        last = self.scan.last() if bare and self.scan.numbered else None
        if last is None:
            return bare
        cells = {at: _column(last[column_name(at)], self.scan) for at in self.columns}
        return bare | self._holding({at: c.cells[c.codes[0]] for at, c in cells.items()})

    def _at_foot(self) -> set[int]:
        """Return the groups of the last rows of those files that may end in notes."""
        wanted: set[int] = set()
        for foot in self.scan.foots:
            if foot and sum(bool(text.strip()) for text in foot[-1]) == 1:
                for texts in foot:
                    cells = {at: Cell(restore(texts[at])) for at in self.keys}
                    wanted |= self._holding(cells)
        return wanted

    def _holding(self, cells: Mapping[int, Cell]) -> set[int]:
        """Return the groups with these contents."""
        there = np.arange(len(self.times))
        for at in self.keys:
            column = self.columns[at]
            same = [code for code, cell in enumerate(column.cells) if cell == cells[at]]
            there = there[np.isin(column.codes[there], same)]
        return set(there.tolist())

    def _table(self, rows: _FetchedRows) -> Table:
        """Make one table of the groups and of the rows that were fetched, these under their number.

        Groups have the numbers from -1 downwards; those without an end come first, for what
        comes last may be a total.
        """
        left = self.times.copy()
        left[list(rows.fetched)] = 0
        kept = np.flatnonzero(left)
        scan = self.scan

        def column(at: int) -> Column:
            own = rows.columns.get(at)
            if at in self.columns:
                codes, cells = self.columns[at].codes[kept], tuple(self.columns[at].cells)
            else:
                codes, cells = np.zeros(len(kept), dtype=np.int32), (EMPTY,)
            if own is None:
                return Column(codes, cells)
            return Column(np.concatenate([codes, own.codes + len(cells)]), (*cells, *own.cells))

        return Table(
            scan.headings,
            np.concatenate([-1 - kept, rows.numbers]),
            column,
            blank=scan.blank + self.blank,
            form=scan.form,
            times=np.concatenate([left[kept], np.ones(len(rows.numbers), dtype=np.int64)]),
            told=[],
            files=scan.files,
            content=self._content,
            in_order=self._ordered,
        )

    def _content(self, at: int) -> Column:
        """Return the distinct contents of a column, with the rows of each; looked for once."""
        if at in self.columns:
            column = self.columns[at]
            return Column(column.codes, column.cells, self.times)
        if at not in self.looked_into:
            found = self.scan.whole(at, _LOOKED_INTO)
            column = _column(found[column_name(at)], self.scan)
            times = np.array(found["n"], dtype=np.int64)
            self.looked_into[at] = Column(column.codes, column.cells, times)
        return self.looked_into[at]

    def _ordered(self, at: int) -> Column | None:
        """Return a column in the order of the rows, where the engine keeps it."""
        values = self.scan.ordered(at)
        return None if values is None else _column(values, self.scan)

    def _finished(self, reading: Reading, rows: _FetchedRows, *, days: bool) -> Reading:
        """Give groups their sums, and say of everything in which rows of which file it is."""
        frame = reading.frame
        numbers = frame[schema.ROW].to_numpy(dtype=np.int64)
        grouped = numbers < 0
        if self.sums is not None:
            counts = frame[schema.COUNT].to_numpy(dtype=np.int64, copy=True)
            counts[grouped] = self.sums[-numbers[grouped] - 1]
            frame[schema.COUNT] = pd.array(counts, dtype="Int64")
        frame[schema.ROW] = _row_numbers(numbers)
        if not days:
            frame[schema.DATE] = pd.Series(pd.NaT, frame.index, dtype=frame[schema.DATE].dtype)
        refused = self._refused(reading.refused, rows)
        return replace(
            reading,
            frame=frame,
            refused=refused,
            faults=self._translated(reading.faults, rows),
            notices=self._translated(reading.notices, rows),
            left_out=tuple(row & ROW_MASK for row in reading.left_out if row >= 0),
        )

    def _refused(self, refused: pd.DataFrame, rows: _FetchedRows) -> pd.DataFrame:
        numbers = refused[schema.ROW].to_numpy(dtype=np.int64)
        if len(self.scan.files) < 2 and not (numbers < 0).any():
            return refused.drop(columns=schema.ROWS_ALIKE)
        if not (numbers < 0).any():
            refused = refused.drop(columns=schema.ROWS_ALIKE)
        names = [self._places(number, rows)[0][0] or "" for number in numbers.tolist()]
        return refused.assign(
            **{schema.ROW: _row_numbers(numbers), FILE: pd.Series(names, dtype="str")}
        )

    def _translated(self, faults: Sequence[Fault], rows: _FetchedRows) -> tuple[Fault, ...]:
        told: list[Fault] = []
        for fault in faults:
            if fault.row is None:
                told.append(fault)
                continue
            for file, row, times in self._places(fault.row, rows):
                told.append(replace(fault, row=row, file=file, times=times if row is None else 0))
        return tuple(told)

    def _places(self, number: int, rows: _FetchedRows) -> list[tuple[str | None, int | None, int]]:
        """Say where a number of the table stands: file, row and how many rows."""
        several = len(self.scan.files) > 1
        if number >= 0:
            return [
                (self.scan.files[number >> ROW_BITS] if several else None, number & ROW_MASK, 1)
            ]
        group = -number - 1
        found = rows.elsewhere.get(group)
        if found:
            return [(self.scan.files[at] if several else None, None, n) for at, n in found]
        return [(None, None, int(self.times[group]))]


def _row_numbers(numbers: npt.NDArray[np.int64]) -> pd.Series[Any]:
    known = pd.Series(numbers & ROW_MASK, dtype="Int64")
    return known.mask(pd.Series(numbers < 0))


def _column(values: pa.ChunkedArray, scan: Scanned) -> Column:
    column = coded(values)
    if not scan.is_text:
        return column
    return Column(column.codes, tuple(Cell(restore(cell.text)) for cell in column.cells))


@dataclass(frozen=True, slots=True)
class _FetchedRows:
    """Rows that were fetched one by one, beside the groups that they belong to."""

    asked: frozenset[int] = frozenset()
    fetched: frozenset[int] = frozenset()
    numbers: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    columns: Mapping[int, Column] = field(default_factory=dict)
    elsewhere: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def with_groups(self, groups: _GroupedRows, more: set[int]) -> _FetchedRows:
        """Fetch the rows of more groups, those of few rows first, up to a limit."""
        asked = self.asked | more
        order = sorted(asked, key=lambda group: (int(groups.times[group]), group))
        sizes = np.cumsum(groups.times[order])
        chosen = order[: int(np.searchsorted(sizes, LOCATED, side="right"))]
        if not chosen:
            return replace(self, asked=asked)
        names = [column_name(at) for at in groups.keys]
        wanted = groups.found.select(names).take(pa.array(chosen))
        found = groups.scan.rows_of(wanted.append_column(NUMBER, pa.array(chosen, pa.int64())))
        if not groups.scan.numbered:
            places: dict[int, list[tuple[int, int]]] = {}
            for group, file, n in zip(
                *(found[name].to_pylist() for name in (NUMBER, "file", "n")), strict=True
            ):
                places.setdefault(group, []).append((file, n))
            return replace(self, asked=asked, elsewhere=places)
        numbers = np.array(found["file"], dtype=np.int64) << ROW_BITS
        numbers |= np.array(found["row"], dtype=np.int64)
        ordered = np.argsort(numbers, kind="stable")
        columns = {
            at: _column(found[column_name(at)], groups.scan)
            for at in range(len(groups.scan.headings))
        }
        blank = np.full(len(numbers), groups.scan.is_text)
        for column in columns.values():
            nothing = np.array([not cell.text.strip() for cell in column.cells], dtype=bool)
            blank &= nothing[column.codes]
        ordered = ordered[~blank[ordered]]
        return _FetchedRows(
            asked,
            frozenset(chosen),
            numbers[ordered],
            {at: Column(column.codes[ordered], column.cells) for at, column in columns.items()},
        )


def _reduced(
    scan: Scanned, parts: Parts, used: Sequence[int], options: ReadOptions
) -> _GroupedRows | None:
    """Group without days and counts, where no row can be wrong in them; None where one may be."""
    date, count = parts.columns.get(schema.DATE), parts.columns.get(schema.COUNT)
    alone = [at for at in (date, count) if at is not None]
    keys = [at for at in used if at not in alone]
    if not alone or schema.PERIOD_START in parts.columns or schema.PERIOD_END in parts.columns:
        return None
    found, singles = scan.reduced(keys, alone, count)
    for at, values in singles.items():
        cells = _used(_column(values[column_name(at)], scan))
        if not (_are_days(cells, scan.headings[at], options) if at == date else _count(cells)):
            return None
    columns = {at: _column(found[column_name(at)], scan) for at in keys}
    if count is not None and any(
        not cell.text.strip() or total_of(cell.text) is not None
        for column in columns.values()
        for cell in _used(column)
    ):
        return None  # a row may be a total, which its own count tells
    rows = found.num_rows
    same = np.zeros(rows, dtype=np.int32)
    columns |= {at: Column(same, (_ONE if at == count else EMPTY,)) for at in alone}
    sums = None if count is None else np.array(found["total"], dtype=np.int64)
    times = np.array(found["n"], dtype=np.int64)
    return _GroupedRows(scan, tuple(keys), found, columns, times, sums).in_order()


def _used(column: Column) -> list[Cell]:
    return [column.cells[code] for code in np.unique(column.codes)]


def _are_days(cells: Sequence[Cell], heading: str, options: ReadOptions) -> bool:
    financial = options.financial_year or says_financial(heading)
    style = style_of((cell.text for cell in cells), financial=financial)
    try:
        return all(
            cell.text.strip() and not is_serial(cell) and when(cell, style=style).day is not None
            for cell in cells
        )
    except Refused:
        return False


def _count(cells: Sequence[Cell]) -> bool:
    """Tell if all contents are counts that an engine adds up as they are."""
    try:
        return all(cell.text.isdigit() and judge_count(cell) >= 0 for cell in cells)
    except Refused:
        return False


# ── Long work on an engine: told of while it runs, and stopped where its user stops it ──────
Result = TypeVar("Result")
_LOOK: Final = 0.1  # seconds between two looks at the work
_END: Final = 0.5  # seconds in which work that is stopped may end


class Tell(Protocol):
    """Who is told what is being done, and how many of the things of a step are done."""

    def __call__(self, step: str, done: int | None = None, of: int | None = None) -> None:
        """Hear of a step, of `done` things of it, and `of` how many; None is not known."""


def nobody(step: str, done: int | None = None, of: int | None = None) -> None:
    """Tell nobody."""


def wait_for(
    work: Callable[[], Result], *, stop: Callable[[], None], look: Callable[[], None]
) -> Result:
    """Do the work of an engine in a thread of its own, and return or raise what it does.

    While it is at work `look` is called ten times a second, to tell how far it is. Ctrl-C calls
    `stop`, which interrupts the engine, and is raised when this has ended, or half a second later.
    """
    result: Future[Result] = Future()

    def done() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # raised where the result is waited for
            result.set_exception(error)

    thread = Thread(target=done, daemon=True)
    thread.start()
    try:
        while True:
            try:
                return result.result(_LOOK)
            except NotYet:
                if result.done():
                    raise
                look()
    except KeyboardInterrupt:
        stop()
        thread.join(_END)
        raise
