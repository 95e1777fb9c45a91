"""Read an analyst's table into RECORDS or STATEMENTS, or say by row and column what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError
from linemap.records.assemble import Kind, Reading, assemble
from linemap.records.source import name_of, open_table


def read(
    source: object,
    kind: Kind = "records",
    *,
    columns: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    sheet: str | int | None = None,
    encoding: str | None = None,
    allow_refused: bool = False,
    measure: str | None = None,
) -> Reading:
    """Read a table strictly and account for every row of it.

    `source` is a path (CSV with commas, semicolons or tabs; an Excel workbook;
    Parquet) or a frame (pandas, polars, pyarrow). The rows are numbered as a
    person counts them: the heading is row 1, in a frame as well. Headings are
    matched by known synonyms; `columns` maps a part (``"origin"``,
    ``"destination"``, ``"count"``, ...) to a heading by hand; `tags` are
    further columns to keep, as text. `sheet` names the sheet of a workbook
    that has several (or counts it, from 1). `measure` says what a table
    without such a column counts.

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
    table = open_table(source, sheet=sheet, encoding=encoding)
    reading, whole = assemble(table, kind, columns or {}, tuple(tags), measure)
    if whole or (reading.faults and not allow_refused):
        raise _error(source, (*whole, *reading.faults), len(reading.refused))
    return reading


def read_records(
    source: object,
    *,
    columns: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    sheet: str | int | None = None,
    encoding: str | None = None,
    allow_refused: bool = False,
    measure: str | None = None,
) -> pd.DataFrame:
    """Read records: disjoint rows, each one referral, link or report, or a count of them.

    One row of the result is one row of the table, in its order. See
    :func:`linemap.records.read` for the options, the types and what is
    refused; with `allow_refused` the faulty rows are left out, and `read`
    tells which.
    """
    return read(
        source, "records", columns=columns, tags=tags, sheet=sheet, encoding=encoding,
        allow_refused=allow_refused, measure=measure,
    ).frame  # fmt: skip


def read_statements(
    source: object,
    *,
    columns: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    sheet: str | int | None = None,
    encoding: str | None = None,
    allow_refused: bool = False,
    measure: str | None = None,
) -> pd.DataFrame:
    """Read statements: published figures, each standing as it was printed.

    One row of the result is one statement, in the table's order. A statement
    without a destination is a total and is kept. `count` is null exactly where
    the measure is ``named``. A statement without an identifier gets its row's
    (``"row 7"``); one without a qualifier is ``exact``, or ``named only``. See
    :func:`linemap.records.read` for the rest.
    """
    return read(
        source, "statements", columns=columns, tags=tags, sheet=sheet, encoding=encoding,
        allow_refused=allow_refused, measure=measure,
    ).frame  # fmt: skip


def check_table(
    source: object,
    kind: Kind = "records",
    *,
    columns: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    sheet: str | int | None = None,
    encoding: str | None = None,
    measure: str | None = None,
) -> tuple[Fault, ...]:
    """List everything that is wrong with a table, by row; an empty tuple means nothing.

    Raises
    ------
    InputError
        If the file cannot be read as a table at all.
    """
    faults, _ = inspect_table(
        source, kind, columns=columns, tags=tags, sheet=sheet, encoding=encoding, measure=measure
    )
    return faults


def inspect_table(
    source: object,
    kind: Kind = "records",
    *,
    columns: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    sheet: str | int | None = None,
    encoding: str | None = None,
    measure: str | None = None,
) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """List everything that is wrong with a table, and what is only worth a look, by row.

    Formula-like text and the values of formulas are read, and are worth a look.

    Raises
    ------
    InputError
        If the file cannot be read as a table at all.
    """
    table = open_table(source, sheet=sheet, encoding=encoding)
    reading, whole = assemble(table, kind, columns or {}, tuple(tags), measure)
    return (*whole, *reading.faults), reading.notices


def _error(source: object, faults: Sequence[Fault], rows: int) -> InputError:
    name = name_of(source) if isinstance(source, str | Path) else f"The {type(source).__name__}"
    things = "one thing is" if len(faults) == 1 else f"{len(faults):,} things are"
    hint = f" (in {rows:,} rows, which allow_refused=True would leave out)" if rows else ""
    return InputError(f"{name} cannot be used: {things} wrong with it{hint}.", faults)
