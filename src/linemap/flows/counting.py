"""Count rows by the names in them, on whatever engine the frame lives in.

Only the counting is big. It is written once over narwhals, so it runs where
the frame is (pandas, polars, pyarrow, DuckDB, Spark), and only the distinct
questions with their counts come home to pandas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw
import pandas as pd

from linemap import schema
from linemap.errors import InputError

NAMES: Final = (
    schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN, schema.ORIGIN_HINT,
    schema.ORIGIN_CODE,
    schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN,
    schema.DESTINATION_HINT, schema.DESTINATION_CODE,
)  # fmt: skip
FACTS: Final = (schema.MEASURE, schema.QUALIFIER, schema.PERIOD_START, schema.PERIOD_END)
INPUT_COLUMNS: Final = frozenset(
    (*NAMES, *FACTS, schema.ROW, schema.ROWS_ALIKE, schema.INPUT, schema.STATEMENT_ID,
     schema.COUNT, schema.DATE, schema.SOURCE, schema.NOTE, schema.PUBLISHED, schema.URL)
)  # fmt: skip

# Names of what the engine works out; they never leave this module's callers.
MONTH: Final = "_month"
FIRST_MONTH: Final = "_first_month"
LAST_MONTH: Final = "_last_month"
_UNCOUNTED: Final = "_uncounted"
_LEAST: Final = "_least"
_BROKEN: Final = "_broken"
_FIRST_SOURCE: Final = "_first_source"
_LAST_SOURCE: Final = "_last_source"
SEVERAL_SOURCES: Final = "several sources"


def columns_of(frame: Any) -> list[str]:
    """List a frame's columns, whatever engine it lives on."""
    return list(nw.from_native(frame).lazy().collect_schema().names())


def distinct(frame: Any, column: str) -> list[Any]:
    """List the distinct values of one column, on the frame's own engine."""
    values = nw.from_native(frame).lazy().select(column).unique().collect("pyarrow")
    return sorted(value for value in values[column].to_list() if value is not None)


def bring_home(frame: Any, columns: Sequence[str]) -> pd.DataFrame:
    """Collect some columns of a frame into pandas, unchanged; a lacking one is null."""
    if isinstance(frame, pd.DataFrame):
        home = frame.reset_index(drop=True)
    else:
        present = [column for column in columns if column in columns_of(frame)]
        home = nw.from_native(frame).lazy().select(present).collect("pyarrow").to_pandas()
    return pd.DataFrame({column: home.get(column) for column in columns}, index=home.index)


def _month(dtype: Any) -> nw.Expr:
    """Return the month of a date: its number since year 0; of one that is text, ``"YYYY-MM"``."""
    date = nw.col(schema.DATE)
    if dtype == nw.Date or dtype == nw.Datetime:
        return date.dt.year() * 12 + date.dt.month() - 1
    return date.cast(nw.String).str.slice(0, 7)


def _month_text(months: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(months):
        return as_text(months)
    text = {
        month: f"{int(month) // 12:04d}-{int(month) % 12 + 1:02d}"
        for month in months.dropna().unique()
    }
    return months.map(text).astype(schema.TEXT_DTYPE)


def count_rows(frame: Any, *, by_month: bool, tags: Sequence[str]) -> pd.DataFrame:
    """Count the rows of each distinct question, measure, stated period and set of tags.

    One row per combination that occurs, in no order: the columns of NAMES and
    FACTS, ``tags``, ``count`` (Int64; rows are counted where the table has no
    such column; null where the rows name a place and count nothing: they stay
    apart from those that count), ``source`` (``several sources`` where they
    differ), and the months of the rows' dates.

    Raises
    ------
    InputError
        A negative count, or one that is not whole.
    """
    table = nw.from_native(frame).lazy()
    types = table.collect_schema()
    keys = [name for name in (*NAMES, *FACTS, *tags) if name in types]
    sums: list[nw.Expr] = []
    if schema.COUNT in types:
        count = nw.col(schema.COUNT)
        table = table.with_columns(count.is_null().alias(_UNCOUNTED))
        keys.append(_UNCOUNTED)
        sums += [count.sum(), count.min().alias(_LEAST)]
        if types[schema.COUNT].is_float():
            table = table.with_columns((count != count.round(0)).cast(nw.Int64).alias(_BROKEN))
            sums.append(nw.col(_BROKEN).max())
    else:
        sums.append(nw.len().alias(schema.COUNT))
    if schema.DATE in types:
        table = table.with_columns(_month(types[schema.DATE]).alias(MONTH))
        sums += [nw.col(MONTH).min().alias(FIRST_MONTH), nw.col(MONTH).max().alias(LAST_MONTH)]
        keys += [MONTH] if by_month else []
    if schema.SOURCE in types:
        table = table.with_columns(nw.col(schema.SOURCE).cast(nw.String))
        source = nw.col(schema.SOURCE)
        sums += [source.min().alias(_FIRST_SOURCE), source.max().alias(_LAST_SOURCE)]
    home = table.group_by(keys, drop_null_keys=False).agg(*sums).collect("pyarrow").to_pandas()
    return _tidy(home, tags)


def _tidy(home: pd.DataFrame, tags: Sequence[str]) -> pd.DataFrame:
    counts = pd.to_numeric(home[schema.COUNT]).astype("Float64")
    least = pd.to_numeric(home[_LEAST]) if _LEAST in home else counts
    if bool((least < 0).any()):
        raise InputError("A count is negative. Counts are whole numbers from 0 upwards.")
    if _BROKEN in home and bool((home[_BROKEN].fillna(0) > 0).any()):
        raise InputError("A count is not a whole number. Counts are whole numbers from 0 upwards.")
    if _UNCOUNTED in home:
        counts = counts.mask(home[_UNCOUNTED].astype(bool))
    months = (MONTH, FIRST_MONTH, LAST_MONTH)
    columns: dict[str, Any] = {
        name: pd.Series(pd.NA, home.index, dtype=schema.TEXT_DTYPE)
        if name not in home
        else _month_text(home[name])
        if name in months
        else as_text(home[name])
        for name in (*NAMES, *FACTS, *months)
    }
    columns[schema.COUNT] = counts.astype("Int64")
    columns[schema.SOURCE] = pd.Series(pd.NA, home.index, dtype=schema.TEXT_DTYPE)
    if _FIRST_SOURCE in home:
        first, last = as_text(home[_FIRST_SOURCE]), as_text(home[_LAST_SOURCE])
        columns[schema.SOURCE] = first.where((first == last) | first.isna(), SEVERAL_SOURCES)
    return pd.DataFrame(columns | {tag: as_text(home[tag]) for tag in tags})


def as_text(values: pd.Series) -> pd.Series:
    """Return values as text, stripped of outer space; null and empty text are null."""
    text = values.where(values.isna(), values.astype(str)).astype(schema.TEXT_DTYPE).str.strip()
    return text.mask(text == "")
