"""Read an analyst's table into RECORDS or STATEMENTS, or say by row and column what is wrong.

A table of a council's size is read row by row; a folder, a pattern of names and a large file are
grouped by DuckDB or Spark (the last section). What an engine would not read exactly is read row by
row, where it fits.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Unpack

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linemap import schema
from linemap.errors import Fault, InputError, InputNotFoundError
from linemap.records import duck, spark
from linemap.records.assemble import Reading, assemble
from linemap.records.delimited import read_separated
from linemap.records.grouped import NotPlain, Scanned, Tell, nobody, read_grouped
from linemap.records.several import files_of, in_files, is_several, table_of_files
from linemap.records.table import (
    EngineOptions,
    Kind,
    ReadKeywords,
    ReadOptions,
    Table,
    options_of,
    read_frame,
    read_parquet,
)
from linemap.records.validators import PUBLISHED
from linemap.records.workbook import read_workbook
from linemap.text import sound


def read(
    source: object,
    kind: Kind = "records",
    options: ReadOptions | None = None,
    *,
    tell: Tell = nobody,
    **given: Unpack[ReadKeywords],
) -> Reading:
    """Read a table strictly and account for every row of it.

    `source` is a path (CSV with commas, semicolons or tabs; an Excel workbook;
    Parquet) or a frame (pandas, polars, pyarrow). The rows are numbered as a
    person counts them: the heading is row 1, in a frame as well. Headings are
    matched by known synonyms, or as the options say: a :class:`ReadOptions`,
    or its fields as keywords, which go first.

    The frame keeps the order of the table. An empty cell is null, ``NA`` and
    ``None`` are text, space around a text is left out; counts are ``Int64``,
    dates ``datetime64[s]``, periods ``"yyyy-mm"``. Without a count column each
    record counts 1. `tell` is told how far an engine is.

    Raises
    ------
    InputNotFoundError
        If there is no such file.
    InputError
        If anything is wrong with the table as a whole, or, unless
        `allow_refused`, with any row: its ``faults`` list everything found.
    """
    if kind not in (schema.RECORDS, schema.STATEMENTS):
        raise InputError(f"A table holds 'records' or 'statements', not {kind!r}.")
    options = options_of(options, given)
    reading, whole = inspect(source, kind, options, tell=tell)
    if whole or (reading.faults and not options.allow_refused):
        raise _error(source, (*whole, *reading.faults), len(reading.refused))
    return reading


def read_records(
    source: object,
    options: ReadOptions | None = None,
    **given: Unpack[ReadKeywords],
) -> pd.DataFrame:
    """Read records: disjoint rows, each one referral, link or report, or a count of them.

    One row of the result is one row of the table, in its order. See
    :func:`linemap.records.read` for the options, the types and what is
    refused; with `allow_refused` the faulty rows are left out, and `read`
    tells which.
    """
    return read(source, "records", options, **given).frame


def read_statements(
    source: object,
    options: ReadOptions | None = None,
    **given: Unpack[ReadKeywords],
) -> pd.DataFrame:
    """Read statements: published figures, each standing as it was printed.

    One row of the result is one statement, in the table's order. A statement
    without a destination is a total and is kept. `count` is null exactly where
    the measure is ``named``. A statement without an identifier gets its row's
    (``"row 7"``); one without a qualifier is ``exact``, or ``named only``. See
    :func:`linemap.records.read` for the rest.
    """
    return read(source, "statements", options, **given).frame


def check_table(
    source: object,
    kind: Kind = "records",
    options: ReadOptions | None = None,
    **given: Unpack[ReadKeywords],
) -> tuple[Fault, ...]:
    """List everything that is wrong with a table, by row; an empty tuple means nothing.

    Raises
    ------
    InputError
        If the file cannot be read as a table at all.
    """
    faults, _ = inspect_table(source, kind, options, **given)
    return faults


def inspect_table(
    source: object,
    kind: Kind = "records",
    options: ReadOptions | None = None,
    **given: Unpack[ReadKeywords],
) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """List everything that is wrong with a table, and what is only worth a look, by row.

    Formula-like text and the values of formulas are read, and are worth a look.

    Raises
    ------
    InputError
        If the file cannot be read as a table at all.
    """
    reading, whole = inspect(source, kind, options, **given)
    return (*whole, *reading.faults), reading.notices


def inspect(
    source: object,
    kind: Kind = "records",
    options: ReadOptions | None = None,
    *,
    tell: Tell = nobody,
    **given: Unpack[ReadKeywords],
) -> tuple[Reading, tuple[Fault, ...]]:
    """Read a table whatever is wrong with it; return what was read and the faults of the whole.

    The faults of rows, and the rows left out for them, are in the reading.

    Raises
    ------
    InputError
        If the file cannot be read as a table at all.
    """
    options = options_of(options, given)
    if kind == schema.RECORDS:
        found = read_on_engine(source, options, tell)
        if found is not None:
            return found
    return assemble(open_table(source, options), kind, options)


def _error(source: object, faults: Sequence[Fault], rows: int) -> InputError:
    name = name_of(source) if isinstance(source, str | Path) else f"The {type(source).__name__}"
    things = "one thing is" if len(faults) == 1 else f"{len(faults):,} things are"
    hint = f" (in {rows:,} rows, which allow_refused=True would leave out)" if rows else ""
    if any(fault.hint == PUBLISHED for fault in faults):
        hint = (
            f" (in {rows:,} rows). {PUBLISHED.removesuffix('.')}; else correct them, or leave "
            "these rows out: allow_refused=True"
        )
    return InputError(f"{name} cannot be used: {things} wrong with it{hint}.", faults)


_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"


def open_table(source: object, options: ReadOptions | None = None) -> Table:
    """Read a path or a frame as a table, without interpreting it."""
    if not isinstance(source, str | Path):
        return _frame(source)
    name = name_of(source)
    try:
        return _file(_bytes(Path(source)), name, options or ReadOptions())
    except MemoryError:
        raise InputError(f"{name} does not fit into this machine's memory. Split it.") from None


def _file(data: bytes, name: str, options: ReadOptions) -> Table:
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise InputError(f"{name} is empty.")
    wanted = (*options.columns.values(), *options.tags)
    if data.startswith(b"PAR1"):
        return read_parquet(data)
    if data.startswith(b"PK"):
        return read_workbook(
            data, sheet=options.sheet, header_row=options.header_row, wanted=wanted
        )
    if data.startswith(_OLD_OFFICE):
        raise InputError(
            f"{name} is an old (.xls) or a password-protected workbook. "
            "Save it as .xlsx without a password, or as CSV."
        )
    if options.sheet is not None:
        raise InputError(f"{name} is no workbook: it has no sheet {options.sheet!r}.")
    return read_separated(
        data, encoding=options.encoding, header_row=options.header_row, wanted=wanted
    )


def name_of(path: str | Path) -> str:
    """Return the name of a file, as text that can be shown whatever bytes it has."""
    return sound(Path(path).name)


def _frame(source: object) -> Table:
    try:
        return read_frame(source)
    except TypeError as error:
        raise InputError(
            f"A {type(source).__name__} is no table: give a path or a frame of pandas, polars "
            "or pyarrow."
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        size = _size(path)
        with path.open("rb") as file:
            data = file.read(size + 1)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputNotFoundError(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # a zero byte in the path
        raise InputNotFoundError(f"There is no file {str(path)!r}.") from error
    if len(data) > size:
        raise InputError(
            f"{str(path)!r} grew while it was read. Read it again when it is complete."
        )
    return data


def _size(path: Path) -> int:
    """Return how large a file is, if it is one that can be read twice and in reasonable memory."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{str(path)!r} is a folder, not a table.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(
            f"{str(path)!r} is a pipe or a device, not a file. Save it to a file first."
        )
    if status.st_size > LARGEST:
        raise InputError(
            f"{str(path)!r} has {status.st_size:,} bytes; at most {LARGEST:,} are read. "
            "Split it, or save it as Parquet."
        )
    return status.st_size


# From here on DuckDB groups a file, which takes it no longer than pandas.
LARGE: Final = 10_000_000  # bytes of a CSV
LARGE_ROWS: Final = 200_000  # of Parquet, whose size says little
LARGEST: Final = 1_000_000_000  # bytes of a file read row by row, which takes several times as many


def read_on_engine(
    source: object, options: ReadOptions, tell: Tell = nobody
) -> tuple[Reading, tuple[Fault, ...]] | None:
    """Read records on the engine that the options name; None where they are to be read in pandas.

    `tell` is told how far the engine is.

    Raises
    ------
    InputError
        If the files cannot be read as one table.
    MissingLibraryError
        If the engine is not installed.
    """
    wanted = options.engine
    if spark.is_frame(source):
        try:
            with spark.open_frame(source, tell) as scan:
                return read_grouped(scan, options, days=wanted.days)
        except NotPlain as reason:
            raise InputError(f"The frame of Spark cannot be read as a table: {reason}.") from reason
    if not isinstance(source, str | Path):
        return None
    several = is_several(source)
    if wanted.engine == "pandas" or (
        wanted.engine == "auto" and not several and not _large(source)
    ):
        return _row_by_row(source, options) if several else None
    files = files_of(source)
    told = (options.sheet, options.header_row, options.encoding) != (None, None, None)
    if told and wanted.engine != "spark":
        return _row_by_row(source, options) if several else None
    try:
        if told:
            raise NotPlain("it has a sheet, a row of headings or an encoding of its own")
        with _opened(files, wanted, tell) as scan:
            return read_grouped(scan, options, days=wanted.days)
    except NotPlain as reason:
        name, size = sound(Path(source).name), sum(map(_bytes_of, files))
        if wanted.engine == "spark":
            raise InputError(
                f"{name} cannot be read on Spark: {reason}. Correct that, or save it as Parquet; "
                "`linemap check` without --engine (check_table) lists what is wrong with it."
            ) from reason
        if size > LARGEST:
            raise InputError(
                f"{name} has {size:,} bytes; at most {LARGEST:,} are read row by row, and it "
                f"cannot be streamed, for {reason}. Correct that, or save it as Parquet."
            ) from reason
        return _row_by_row(source, options) if several else None


def _row_by_row(source: str | Path, options: ReadOptions) -> tuple[Reading, tuple[Fault, ...]]:
    """Read several files as one table, each row under its number."""
    files = files_of(source)
    table = table_of_files(
        [open_table(path, options) for path in files], [path.name for path in files]
    )
    return in_files(*assemble(table, schema.RECORDS, options), table.files)


def _opened(
    files: tuple[Path, ...], options: EngineOptions, tell: Tell
) -> AbstractContextManager[Scanned]:
    if options.engine == "spark":
        return spark.open_files(files, options, tell)
    return duck.open_files(files, options, tell)


def _bytes_of(source: str | Path) -> int:
    try:
        return Path(source).stat().st_size
    except (OSError, ValueError):
        return 0


def _large(source: str | Path) -> bool:
    """Tell if a file is a large CSV or Parquet file."""
    try:
        if not Path(source).is_file():
            return False  # to open a pipe is to wait for who fills it
        with Path(source).open("rb") as file:
            start = file.read(4)
        if start == b"PAR1":
            return bool(pq.read_metadata(source).num_rows >= LARGE_ROWS)
    except (OSError, ValueError, pa.ArrowException):
        return False  # who reads it says what is wrong
    return _bytes_of(source) >= LARGE and start not in (b"PK\x03\x04", _OLD_OFFICE)
