"""A table as it was written, with nothing interpreted yet; from frames and Parquet; its options.

A CSV is read by `delimited`, a workbook by `workbook`, and what an engine groups by `grouped`: each
makes the :class:`Table` of this module.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypedDict, get_args

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linemap.errors import Fault, InputError, rows_in_words
from linemap.text import sound

_MEMORY: Final = re.compile(r"\d+(?:\.\d+)? ?[KMGT]i?B", re.IGNORECASE | re.ASCII)

CellKind = Literal["text", "number", "date", "truth", "error", "merged", "other"]

TEXT: Final = "text"
NUMBER: Final = "number"
DATE: Final = "date"
TRUTH: Final = "truth"
ERROR: Final = "error"
MERGED: Final = "merged"
OTHER: Final = "other"


class Cell(NamedTuple):
    """One distinct content: its text in one spelling, what kind it was, and if a formula gave it.

    An empty cell is the text ``""``. A date's text is ISO, a whole number's has no point.
    """

    text: str
    kind: CellKind = "text"
    formula: bool = False


EMPTY: Final = Cell("")
ROW_BITS: Final = 40  # of the number of a row of several files: the file stands above them
ROW_MASK: Final = (1 << ROW_BITS) - 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column: for each row the position of its content in `cells`, the distinct contents.

    ``times`` says how many rows each row stands for; one, where it is None.
    """

    codes: npt.NDArray[np.int32]
    cells: Sequence[Cell]
    times: npt.NDArray[np.int64] | None = None

    def take(self, keep: npt.NDArray[np.bool_]) -> Column:
        """Keep the rows where `keep` is true."""
        return Column(self.codes[keep], self.cells)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table was found.

    ``titles`` are the rows above the headings, as written; ``other_sheets``
    hold something and were not read. With ``two_rows`` the headings are of the heading row
    and the one above it. Hidden rows and columns (letters) and
    filtered rows are read like any other.
    """

    heading_row: int = 1
    two_rows: bool = False  # the headings are of that row and of the one above it
    titles: tuple[str, ...] = ()
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    filtered: bool = False
    filled_rows: tuple[int, ...] = ()  # from a merged cell above them


@dataclass(frozen=True, slots=True)
class Table:
    """The headings, the rows that have the headings' width, and what was wrong with the rest.

    ``rows`` numbers the rows as a person counts them in the file;
    ``misfits`` holds the cells of the rows that do not fit, by row; ``blank``
    counts the rows with nothing in them, which are no records. ``damage`` is
    wrong with the table as a whole, and no row can be left out to mend it.
    ``column(i)`` gives the i-th column.

    Where an engine has grouped the rows, each stands for ``times`` rows that are alike
    in what is used; its number is negative, unless it is one row that was fetched. The
    numbers that a message needs are noted in ``told``; ``content(i)`` gives the distinct
    contents of any column, and ``in_order(i)`` those of its rows in their order, or None.
    The number of a row of several ``files`` holds which file it is.
    """

    headings: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    column: Callable[[int], Column]
    faults: tuple[Fault, ...] = ()
    misfits: dict[int, tuple[str, ...]] = field(default_factory=dict)
    blank: int = 0
    form: str = "frame"
    damage: tuple[Fault, ...] = ()
    layout: Layout = field(default_factory=Layout)
    since_1904: bool = False  # the day from which the spreadsheet counts
    spread: npt.NDArray[np.object_] | None = None  # of a crosstab: the heading over each cell
    times: npt.NDArray[np.int64] | None = None
    told: list[int] | None = None
    files: tuple[str, ...] = ()
    content: Callable[[int], Column] | None = None
    in_order: Callable[[int], Column | None] | None = None
    above: tuple[str, ...] = ()  # of a crosstab: what stands over each heading, if anything does

    @property
    def weights(self) -> npt.NDArray[np.int64]:
        """How many rows of the file each row stands for."""
        return np.ones(len(self.rows), dtype=np.int64) if self.times is None else self.times

    def contents(self, at: int) -> Column:
        """Return what a column holds, to be looked into."""
        return self.column(at) if self.content is None else self.content(at)

    def ordered(self, at: int) -> Column | None:
        """Return a column in the order of the rows; None where an engine keeps none."""
        return self.column(at) if self.in_order is None else self.in_order(at)

    def in_words(self, numbers: npt.NDArray[np.int64]) -> str:
        """Write the numbers of some of the rows for a message, or how many where none are known.

        "rows 2 to 4, 7", "rows 2, 3 and 5 more", "in 10 rows".
        """
        self.tell(numbers)
        known = numbers[numbers >= 0]
        if len(self.files) < 2:
            said = [rows_in_words(known.tolist())] if len(known) else []
        else:
            each = known >> ROW_BITS
            said = [
                f"{rows_in_words((known[each == at] & ROW_MASK).tolist())} of {self.files[at]}"
                for at in np.unique(each)
            ]
        more = self.weights[np.isin(self.rows, numbers[numbers < 0])].sum()
        if not said:
            return f"in {more:,} row{'' if more == 1 else 's'}"
        return f"rows {', '.join(said)}" + (f" and {more:,} more" if more else "")

    def tell(self, numbers: npt.NDArray[np.int64]) -> None:
        """Note that a message speaks of some of the rows."""
        if self.told is not None:
            self.told.extend(numbers.tolist())

    def keep(self, there: npt.NDArray[np.bool_]) -> Table:
        """Keep the rows where `there` is true."""
        column = self.column
        return replace(
            self,
            rows=self.rows[there],
            column=lambda at: column(at).take(there),
            spread=None if self.spread is None else self.spread[there],
            times=None if self.times is None else self.times[there],
        )


def fitted(
    headings: tuple[str, ...],
    rows: npt.NDArray[np.int64],
    columns: Sequence[Column],
    *,
    faults: Sequence[Fault] = (),
    damage: Sequence[Fault] = (),
    misfits: Mapping[int, tuple[str, ...]] | None = None,
    blank: int = 0,
    form: str,
    layout: Layout | None = None,
    since_1904: bool = False,
    above: Sequence[str] = (),
) -> Table:
    """Make a table of columns, leaving out the rows that are blank and the columns without end.

    A spreadsheet's export often ends in columns with neither heading nor
    content: they are left out. One with content and no heading is a fault.
    """
    layout = layout or Layout()
    there = np.zeros(len(rows), dtype=bool)
    kept, damage = [], list(damage)
    for at, (heading, column) in enumerate(zip(headings, columns, strict=True)):
        filled = np.array([bool(cell.text.strip()) for cell in column.cells], dtype=bool)
        there |= filled[column.codes]
        content = filled[column.codes].any()
        if heading or content:
            kept.append(at)
        if content and not heading:
            problem = f"column {at + 1} has content and no heading."
            damage.append(Fault(problem, layout.heading_row))
    if not there.all():
        blank += int((~there).sum())
        rows = rows[there]
        columns = [column.take(there) for column in columns]
    chosen = [columns[at] for at in kept]
    return Table(
        tuple(headings[at] for at in kept), rows, chosen.__getitem__,
        tuple(faults), dict(misfits or {}), blank, form, tuple(damage), layout, since_1904,
        above=tuple(above[at] for at in kept) if any(above) else (),
    )  # fmt: skip


class Coder:
    """Collect a column content by content, each distinct one kept once."""

    __slots__ = ("codes", "seen")

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.seen: dict[Cell, int] = {EMPTY: 0}

    def add(self, cell: Cell) -> None:
        """Add one row's content."""
        self.codes.append(self.seen.setdefault(cell, len(self.seen)))

    def is_empty(self, at: int) -> bool:
        """Tell if a row's content is empty."""
        return self.codes[at] == self.seen[EMPTY]

    def cell(self, at: int) -> Cell:
        """Return a row's content."""
        code = self.codes[at]
        return next(cell for cell, number in self.seen.items() if number == code)

    def put(self, start: int, stop: int, cell: Cell) -> None:
        """Put a content in the place of those from one position up to another."""
        code = self.seen.setdefault(cell, len(self.seen))
        self.codes[start:stop] = [code] * (stop - start)

    def column(self) -> Column:
        """Return what was collected."""
        return Column(np.asarray(self.codes, dtype=np.int32), tuple(self.seen))


Engine = Literal["auto", "pandas", "duckdb", "spark"]

ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """Where rows are counted, and with how much of the machine.

    ``engine`` is ``"pandas"`` (all rows in memory, each under its number), ``"duckdb"``
    (grouped while they are read), ``"spark"`` (grouped where they are) or ``"auto"``:
    DuckDB for a folder, a pattern of names and a file from 10 MB on (Parquet: from
    200,000 rows on), else pandas, which is no slower there. All give the same result.
    ``memory`` (``"4GB"``) and ``threads`` limit DuckDB; ``master`` is the cluster of
    Spark (``"local[2]"``, ``"spark://host:7077"``), null for the session that there is.
    Without ``days``, the days of records are judged and left out, for counts by pair
    alone.
    """

    engine: Engine = "auto"
    memory: str | None = None
    threads: int | None = None
    master: str | None = None
    days: bool = True

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise InputError(f"An engine is one of {', '.join(ENGINES)}, not {self.engine!r}.")
        if self.memory is not None and not _MEMORY.fullmatch(self.memory.strip()):
            raise InputError(f"A size of memory is written as 4GB or 500MB, not {self.memory!r}.")
        if self.threads is not None and self.threads < 1:
            raise InputError(f"At least one thread is needed, not {self.threads}.")
        if self.master is not None and self.engine != "spark":
            raise InputError("A master is of Spark: say engine='spark' with it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a caller says of a table beside the table itself.

    ``columns`` maps a part (``"origin"``, ``"destination"``, ``"count"``, ...)
    to the heading that holds it, where the heading is not a known synonym.
    ``tags`` are further columns to keep, as text. ``sheet`` names the sheet of
    a workbook that has several, or counts it from 1. ``encoding`` is the text's
    encoding, null where it can be seen. ``measure`` says what is counted in a
    table without such a column. ``allow_refused`` leaves faulty rows out
    instead of refusing the table.

    ``header_row`` is the row that holds the headings, if it is not found.
    ``layout`` says that the table is a ``"list"`` (one row a record), a
    ``"matrix"`` (a crosstab: origins down, destinations or periods across, or
    as its headings say) or a ``"matrix-transposed"`` (destinations down).
    ``financial_year`` says that ``2010-11`` is the year from April 2010.
    ``unknown_words`` adds words that stand for no place: a mapping from word to
    kind, or a CSV file with the columns ``word`` and ``kind``. ``engine`` says where
    rows are counted.

    Every reader takes these one by one too: ``read_records(path, sheet="May")``
    is ``read_records(path, ReadOptions(sheet="May"))``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    sheet: str | int | None = None
    encoding: str | None = None
    measure: str | None = None
    allow_refused: bool = False
    header_row: int | None = None
    layout: str | None = None
    financial_year: bool = False
    unknown_words: Mapping[str, str] | str | Path | None = None
    engine: EngineOptions = EngineOptions()

    def with_given(self, given: ReadKeywords) -> ReadOptions:
        """Return the options with the keywords `given` in place of these."""
        return replace(self, **given)


class ReadKeywords(TypedDict, total=False):
    """The fields of :class:`ReadOptions` as keywords of a reader."""

    columns: Mapping[str, str]
    tags: Sequence[str]
    sheet: str | int | None
    encoding: str | None
    measure: str | None
    allow_refused: bool
    header_row: int | None
    layout: str | None
    financial_year: bool
    unknown_words: Mapping[str, str] | str | Path | None
    engine: EngineOptions


def options_of(options: ReadOptions | None, given: ReadKeywords) -> ReadOptions:
    """Join the options that a caller gave whole with those given as keywords, which go first.

    >>> options_of(ReadOptions(sheet="May"), {"measure": "referrals"}).sheet
    'May'
    """
    return (options or ReadOptions()).with_given(given)


PARQUET_ROWS: Final = 20_000_000  # of a Parquet file, whose size on disk says little of it
_DAMAGE: Final = (pa.ArrowException, OSError, ValueError, MemoryError)


def read_frame(source: Any) -> Table:
    """Read a pandas, polars or pyarrow frame (eager or lazy); its first row counts as row 2."""
    if isinstance(source, pd.DataFrame):
        headings = [str(heading) for heading in source.columns]
        return _numbered_from_2(
            headings, len(source), lambda at: _pandas_column(source.iloc[:, at])
        )
    if isinstance(source, pa.Table):
        return _arrow_table(source, "frame")
    frame = nw.from_native(source)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return _arrow_table(frame.to_arrow(), "frame")


def read_parquet(data: bytes) -> Table:
    """Read a Parquet file, only the columns that are asked for; its first row counts as row 2."""
    try:
        names = pq.read_schema(pa.BufferReader(data))
        texts = [field.name for field in names if pa.types.is_string(field.type)]
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
    except _DAMAGE as error:
        raise InputError(f"The Parquet file cannot be read: {error}") from error
    rows = file.metadata.num_rows
    if rows > PARQUET_ROWS:
        raise InputError(
            f"The Parquet file has {rows:,} rows; at most {PARQUET_ROWS:,} are read at once."
        )

    def column(at: int) -> Column:
        try:
            values = file.read(columns=[names.names[at]]).column(0)
            values.validate(full=True)
        except _DAMAGE as error:
            raise InputError(f"The Parquet file is damaged: {error}") from error
        if len(values) != rows:
            raise InputError("The Parquet file is damaged: a column is too short.")
        return coded(values)

    return _numbered_from_2(names.names, rows, column, "Parquet")


def _numbered_from_2(headings: list[str], rows: int, column: Any, form: str = "frame") -> Table:
    stripped = tuple(sound(heading).strip() for heading in headings)
    return Table(stripped, np.arange(2, rows + 2, dtype=np.int64), column, form=form)


def _arrow_table(table: pa.Table, form: str) -> Table:
    return _numbered_from_2(
        table.column_names, table.num_rows, lambda at: coded(table.column(at)), form
    )


def _pandas_column(series: pd.Series[Any]) -> Column:
    if series.dtype == object or isinstance(series.dtype, pd.CategoricalDtype):
        coder = Coder()
        for value in series.tolist():
            coder.add(cell_of(value))
        return coder.column()
    return coded(pa.chunked_array([pa.array(series, from_pandas=True)]))


def coded(values: pa.ChunkedArray) -> Column:
    """Take the values of an arrow column as cells, each distinct one once."""
    try:
        array = values.unify_dictionaries().combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
        coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        distinct = coded.dictionary.to_pylist()
    except (pa.ArrowException, NotImplementedError):  # nested types: no cell can be read from them
        what = str(values.type).removeprefix("large_").partition("<")[0]
        return Column(np.asarray(values.is_null(), dtype=np.int32), (Cell(what, OTHER), EMPTY))
    codes = np.asarray(coded.indices.fill_null(len(distinct)), dtype=np.int32)
    return Column(codes, (*(cell_of(value) for value in distinct), EMPTY))


def cell_of(value: object) -> Cell:
    """Write a Python value as a cell: numbers without a needless point, dates as ISO."""
    if value is None or value is pd.NA or value is pd.NaT:
        return EMPTY
    if isinstance(value, str):
        return Cell(sound(str(value)))
    if isinstance(value, bool | np.bool_):
        return Cell(str(bool(value)).upper(), TRUTH)
    if isinstance(value, int | np.integer):
        return Cell(str(int(value)), NUMBER)
    if isinstance(value, float | np.floating | Decimal):
        return _number(float(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return Cell((value.date() if midnight else value.replace(microsecond=0)).isoformat(), DATE)
    if isinstance(value, dt.date):
        return Cell(value.isoformat(), DATE)
    if isinstance(value, bytes):
        try:
            return Cell(value.decode("utf-8"), TEXT)
        except UnicodeDecodeError:
            return Cell(repr(value), OTHER)
    if isinstance(value, list | tuple | np.ndarray):
        return Cell("list", OTHER)
    return Cell("struct" if isinstance(value, dict) else repr(value)[:200], OTHER)


def _number(value: float) -> Cell:
    if math.isnan(value):
        return EMPTY
    whole = value.is_integer() and abs(value) < 1e15
    return Cell(str(int(value)) if whole else repr(value), NUMBER)


Kind = Literal["records", "statements"]
