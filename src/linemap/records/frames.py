"""Take a frame of any engine, or a Parquet file, as a table."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any, Final

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linemap.errors import InputError
from linemap.records.table import (
    DATE,
    EMPTY,
    NUMBER,
    OTHER,
    TEXT,
    TRUTH,
    Cell,
    Coder,
    Column,
    Table,
)
from linemap.text import sound

ROWS: Final = 20_000_000  # of a Parquet file, whose size on disk says little of it
_DAMAGE: Final = (pa.ArrowException, OSError, ValueError, MemoryError)


def read_frame(source: Any) -> Table:
    """Read a pandas, polars or pyarrow frame (eager or lazy); its first row counts as row 2."""
    if isinstance(source, pd.DataFrame):
        headings = [str(heading) for heading in source.columns]
        return _table(headings, len(source), lambda at: _pandas(source.iloc[:, at]))
    if isinstance(source, pa.Table):
        return _arrow(source, "frame")
    frame = nw.from_native(source)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return _arrow(frame.to_arrow(), "frame")


def read_parquet(data: bytes) -> Table:
    """Read a Parquet file, only the columns that are asked for; its first row counts as row 2."""
    try:
        names = pq.read_schema(pa.BufferReader(data))
        texts = [field.name for field in names if pa.types.is_string(field.type)]
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
    except _DAMAGE as error:
        raise InputError(f"The Parquet file cannot be read: {error}") from error
    rows = file.metadata.num_rows
    if rows > ROWS:
        raise InputError(f"The Parquet file has {rows:,} rows; at most {ROWS:,} are read at once.")

    def column(at: int) -> Column:
        try:
            values = file.read(columns=[names.names[at]]).column(0)
            values.validate(full=True)
        except _DAMAGE as error:
            raise InputError(f"The Parquet file is damaged: {error}") from error
        if len(values) != rows:
            raise InputError("The Parquet file is damaged: a column is too short.")
        return coded(values)

    return _table(names.names, rows, column, "Parquet")


def _table(headings: list[str], rows: int, column: Any, form: str = "frame") -> Table:
    stripped = tuple(sound(heading).strip() for heading in headings)
    return Table(stripped, np.arange(2, rows + 2, dtype=np.int64), column, form=form)


def _arrow(table: pa.Table, form: str) -> Table:
    return _table(table.column_names, table.num_rows, lambda at: coded(table.column(at)), form)


def _pandas(series: pd.Series[Any]) -> Column:
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
        return Column(np.zeros(len(values), dtype=np.int32), (Cell(str(values.type), OTHER),))
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
    return Cell(repr(value)[:200], OTHER)


def _number(value: float) -> Cell:
    if math.isnan(value):
        return EMPTY
    whole = value.is_integer() and abs(value) < 1e15
    return Cell(str(int(value)) if whole else repr(value), NUMBER)
