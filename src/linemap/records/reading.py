"""Read an analyst's table into RECORDS or STATEMENTS, or say by row and column what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError
from linemap.records.assemble import Kind, Reading, assemble
from linemap.records.options import ReadKeywords, ReadOptions, options_of
from linemap.records.source import name_of, open_table


def read(
    source: object,
    kind: Kind = "records",
    options: ReadOptions | None = None,
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
    record counts 1.

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
    reading, whole = assemble(open_table(source, options), kind, options)
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
    return assemble(open_table(source, options), kind, options)


def _error(source: object, faults: Sequence[Fault], rows: int) -> InputError:
    name = name_of(source) if isinstance(source, str | Path) else f"The {type(source).__name__}"
    things = "one thing is" if len(faults) == 1 else f"{len(faults):,} things are"
    hint = f" (in {rows:,} rows, which allow_refused=True would leave out)" if rows else ""
    return InputError(f"{name} cannot be used: {things} wrong with it{hint}.", faults)
