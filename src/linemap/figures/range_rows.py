"""The rows of the ranges: each pair of places with its distance, its range and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import UnknownPlaceError
from linemap.figures.doors import Subject
from linemap.figures.panels import split
from linemap.figures.words import number_words, shown, year_words

MOST_ROWS: Final = 60
ALL_ORIGINS: Final = "All origins together"


@dataclass(frozen=True, slots=True)
class RangeRow:
    """One pair of places (or one destination): how far, how sure, and its figures in words."""

    origin: str
    place: str
    km: float
    low: float
    high: float
    counted: bool
    mentioned: bool
    size: float
    figures: str


def range_rows(subject: Subject, origin: str | None) -> tuple[list[RangeRow], int]:
    """Sum up each pair of places, grouped by origin, nearest first; and count those left out.

    Raises :class:`UnknownPlaceError` for an origin that no flow has.
    """
    flows = subject.placed.dropna(subset=[schema.DISTANCE_KM])
    if origin is not None:
        wanted = (flows[schema.ORIGIN_ID] == origin) | (flows[schema.ORIGIN_NAME] == origin)
        if not wanted.any():
            raise UnknownPlaceError(f"No flow with a distance begins in {origin!r}.")
        flows = flows.loc[wanted]
    if not subject.statements:
        flows = flows.loc[flows[schema.COUNT].fillna(0) > 0]
    keys = [schema.DESTINATION_NAME, schema.DESTINATION_ID]
    if subject.statements or origin is not None:
        keys = [schema.ORIGIN_NAME, schema.ORIGIN_ID, *keys]
    flows, left_out = _most(flows, keys, together=not subject.statements)
    usual = usual_measure(flows) if subject.statements else None
    rows = [
        _row(part, usual=usual, together=schema.ORIGIN_ID not in keys)
        for part in split(flows, keys)
    ]
    places: dict[str, int] = {}
    for row in rows:
        places[row.origin] = places.get(row.origin, 0) + 1
    rows.sort(key=lambda row: (-places[row.origin], row.origin, row.km, row.place))
    return rows, left_out


def _most(flows: pd.DataFrame, keys: list[str], *, together: bool) -> tuple[pd.DataFrame, int]:
    """Keep the flows of the pairs with the largest counts; and say how many pairs are left out."""
    groups = flows.groupby(keys, dropna=False, sort=True)
    size = flows[schema.COUNT].fillna(0).astype(float)
    numbered = pd.DataFrame({"pair": groups.ngroup(), "size": size})
    sizes = numbered.groupby("pair")["size"].agg("sum" if together else "max")
    kept = sizes.sort_index().sort_values(ascending=False, kind="stable").index[:MOST_ROWS]
    return flows.loc[numbered["pair"].isin(kept)], max(len(sizes) - MOST_ROWS, 0)


def usual_measure(flows: pd.DataFrame) -> str:
    """Name the measure of most figures, which need not be repeated beside each."""
    measures = flows.loc[flows[schema.COUNT].notna(), schema.MEASURE].value_counts()
    if measures.empty:
        return ""
    return str(measures.sort_index().sort_values(ascending=False, kind="stable").index[0])


def _row(part: pd.DataFrame, *, usual: str | None, together: bool) -> RangeRow:
    """Sum one pair up, or (`together`) one destination of all its origins."""
    first = part.iloc[0]
    numbers = part[schema.COUNT].notna()
    km = part[schema.DISTANCE_KM].to_numpy(dtype=float)
    weight = part[schema.COUNT].fillna(0).to_numpy(dtype=float)
    mentioned = bool((part[schema.QUALIFIER] == schema.MENTIONED).all())
    return RangeRow(
        origin=ALL_ORIGINS if together else shown(first[schema.ORIGIN_NAME]),
        place=shown(first[schema.DESTINATION_NAME], most=26),
        km=float(np.average(km, weights=weight)) if together else float(km[0]),
        low=float(part[schema.DISTANCE_LOW_KM].min()),
        high=float(part[schema.DISTANCE_HIGH_KM].max()),
        counted=bool(numbers.any()),
        mentioned=mentioned,
        size=float(part.loc[numbers, schema.COUNT].max()) if numbers.any() else 0.0,
        figures=_figures(part.loc[numbers], usual=usual) or ("mentioned" if mentioned else "named"),
    )


def _figures(part: pd.DataFrame, *, usual: str | None) -> str:
    """Write every figure of a pair, in order of its window; records (no `usual`) add up."""
    if part.empty:
        return ""
    if usual is None:
        return number_words(part[schema.COUNT].sum())
    order = part.sort_values([schema.MEASURE, schema.PERIOD_START, schema.FLOW_ID])
    told = []
    for measure, rows in order.groupby(schema.MEASURE, sort=True):
        numbers = []
        for _, row in rows.iterrows():
            years = year_words(row[schema.PERIOD_START], row[schema.PERIOD_END])
            numbers.append(number_words(row[schema.COUNT]) + (f" ({years})" if years else ""))
        named = "" if measure == usual else f"{shown(measure, most=24)} "
        told.append((measure != usual, named + ", ".join(numbers)))
    return "; ".join(text for _, text in sorted(told))
