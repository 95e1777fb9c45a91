"""Measures as tables to read, in a notebook or a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api import types

from linemap import schema
from linemap.errors import MissingLibraryError
from linemap.flows.counting import TEXT
from linemap.measures import columns as c

HIDDEN: Final = frozenset(
    {schema.ORIGIN_ID, schema.DESTINATION_ID, schema.FORCE_ID, "furthest_id", "other_id"}
)


def as_table(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str | None = None,
    columns: Sequence[str] | None = None,
    source: str | None = None,
) -> Any:
    """Render a result of the measures as a ``great_tables.GT`` to show in a notebook.

    Identifiers are left out unless `columns` names them. Kilometres have one
    decimal, shares are per cent, counts are whole with commas; null is an
    em dash, and the ``reason`` column stays where any row has one.

    Raises
    ------
    MissingLibraryError
        If great_tables is not installed: it comes with ``linemap[notebook]``.
    """
    try:
        from great_tables import GT  # late: it is slow to load
    except ModuleNotFoundError as error:
        raise MissingLibraryError("great_tables", extra="notebook") from error

    every = [str(column) for column in frame]
    chosen = list(columns) if columns is not None else [c for c in every if c not in HIDDEN]
    if columns is None and schema.REASON in frame and frame[schema.REASON].isna().all():
        chosen.remove(schema.REASON)
    shown = pd.DataFrame(frame)[chosen]
    table = GT(shown.astype(object).where(shown.notna(), None)).tab_header(title, subtitle)
    for column in chosen:
        values = shown[column]
        if "share" in column and types.is_numeric_dtype(values):
            table = table.fmt_percent(column, decimals=0)
        elif types.is_integer_dtype(values):
            table = table.fmt_integer(column)
        elif types.is_float_dtype(values):
            table = table.fmt_number(column, decimals=1 if column.endswith("_km") else 3)
    table = table.cols_label({column: _heading(column) for column in chosen})
    table = table.sub_missing(missing_text="—")
    return table.tab_source_note(source) if source else table


def _heading(column: str) -> str:
    """Write a column's name for a reader.

    >>> _heading("mean_low_km"), _heading("n_unplaced")
    ('Mean low (km)', 'n unplaced')
    """
    words = column.replace("_", " ")
    if words.endswith(" km"):
        words = f"{words.removesuffix(' km')} (km)"
    return words if words == "n" or words.startswith("n ") else words[:1].upper() + words[1:]


# ── Tidy results: one row an estimate, with what it is, its intervals, and its n ────────────
COLUMNS: Final = (
    schema.TERM, schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH,
    c.UNIT, c.N, c.N_UNPLACED, schema.REASON,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimate: low and high are its sampling interval; NaN is explained by `reason`."""

    term: str
    estimate: float
    unit: str
    low: float = np.nan
    high: float = np.nan
    area_low: float = np.nan
    area_high: float = np.nan
    reason: str | None = None


def tabulate(
    rows: Sequence[tuple[Mapping[str, Any], Estimate, int | None, int | None]],
    labels: Sequence[str],
) -> pd.DataFrame:
    """Lay estimates out as ESTIMATES: labels, the estimate, n and n_unplaced, in the order given.

    Raises
    ------
    ValueError
        A null estimate without its reason.
    """
    bare = [e.term for _, e, _, _ in rows if np.isnan(e.estimate) and e.reason is None]
    if bare:
        raise ValueError(f"A null estimate of {bare[0]} has no reason.")
    table = pd.DataFrame(
        [
            {
                **{label: key.get(label) for label in labels},
                schema.TERM: e.term, schema.ESTIMATE: e.estimate,
                schema.LOW: e.low, schema.HIGH: e.high,
                schema.AREA_LOW: e.area_low, schema.AREA_HIGH: e.area_high,
                c.UNIT: e.unit, c.N: n, c.N_UNPLACED: unplaced, schema.REASON: e.reason,
            }
            for key, e, n, unplaced in rows
        ],
        columns=[*labels, *COLUMNS],
    )  # fmt: skip
    numbers = (schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH)
    for column in numbers:
        table[column] = table[column].astype(float)
    for column in (c.N, c.N_UNPLACED):
        table[column] = table[column].astype("Int64")
    table[schema.REASON] = table[schema.REASON].astype(TEXT)
    return table
