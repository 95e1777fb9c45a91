"""What a model may be fitted on: disjoint counts of one measure, with the empty pairs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import StatisticsError


def require_disjoint(frame: pd.DataFrame) -> None:
    """Raise a :class:`StatisticsError` unless the counts of `frame` may be modelled together.

    Published statements overlap (a county and its town, one person linked to
    several areas, two papers on one figure), so no likelihood that multiplies
    over rows holds for them. Two measures do not add up, and a count that is
    hidden is not a zero.
    """
    if schema.INPUT in frame.columns and (frame[schema.INPUT] == schema.STATEMENTS).any():
        raise StatisticsError(
            "These are published statements: they overlap and rival each other, so they are no "
            "sample that a model could be fitted to. Models take records, each counted once."
        )
    found = frame[schema.MEASURE].dropna() if schema.MEASURE in frame.columns else pd.Series()
    if len(set(found)) > 1:
        measures = ", ".join(sorted(set(found.astype(str))))
        raise StatisticsError(
            f"These flows hold several measures ({measures}), which do not add up: fit one at a "
            f"time, flows[flows[{schema.MEASURE!r}] == ...]."
        )
    if schema.COUNT not in frame.columns:
        raise StatisticsError(f"The frame has no column {schema.COUNT!r} to model.")
    hidden = int(frame[schema.COUNT].isna().sum())
    if hidden:
        raise StatisticsError(
            f"{hidden} of {len(frame)} flows have no count. A hidden or unknown count is not a "
            "zero: fit the model before counts are protected, or leave those flows out."
        )


def months(frame: pd.DataFrame) -> pd.Series:
    """Count the months of each row's window, both ends in; null where an end is not stated."""
    ends = [
        pd.to_datetime(frame[column].astype("string"), format="%Y-%m", errors="coerce")
        for column in (schema.PERIOD_START, schema.PERIOD_END)
    ]
    years = ends[1].dt.year - ends[0].dt.year
    count = years * 12 + ends[1].dt.month - ends[0].dt.month + 1
    return count.astype(float).rename("months")


def with_zero_pairs(
    flows: pd.DataFrame,
    *,
    distances_km: pd.Series | Mapping[tuple[str, str], float],
) -> pd.DataFrame:
    """Count every pair of a closed set, those where nobody was found among them.

    A flow table lists the pairs that occur. A gravity model must also see the
    pairs that did not, or it takes the far places that were reached by chance
    for typical ones. `distances_km` names the whole set: the distance of each
    (origin_id, destination_id) that could have occurred. It is the caller's
    claim that the set is closed, and every placed pair of `flows` must be in it.

    Returns one row a pair, ordered by origin and destination: ``origin_id``,
    ``destination_id``, the names where a flow gives them, ``count`` (0 where
    none was found), ``distance_km``. Windows and tags are added up; where
    windows differ, fit on FLOWS rows with an exposure instead. Rows without a
    place enter nothing.

    Raises :class:`StatisticsError` for statements, several measures, hidden
    counts, or a flow whose pair is not in the set.
    """
    require_disjoint(flows)
    whole = pd.Series(distances_km, dtype=float)
    whole.index = pd.MultiIndex.from_tuples(
        list(whole.index), names=[schema.ORIGIN_ID, schema.DESTINATION_ID]
    )
    placed = flows.dropna(subset=[schema.ORIGIN_ID, schema.DESTINATION_ID])
    keys = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    counted = placed.groupby(keys, observed=True)[schema.COUNT].sum().astype(float)
    strangers = counted.index.difference(whole.index)
    if len(strangers):
        shown = ", ".join(f"{origin} to {place}" for origin, place in list(strangers)[:3])
        raise StatisticsError(
            f"{len(strangers)} pairs have a count and no distance in the set of pairs: {shown}. "
            "Add them to distances_km, or roll the flows up to the level of the set."
        )
    pairs = pd.DataFrame(
        {
            schema.COUNT: counted.reindex(whole.index, fill_value=0.0),
            schema.DISTANCE_KM: whole,
        }
    ).sort_index()
    pairs = pairs.reset_index()
    for key, name in (
        (schema.ORIGIN_ID, schema.ORIGIN_NAME),
        (schema.DESTINATION_ID, schema.DESTINATION_NAME),
    ):
        names = pd.Series(dtype=object)
        if name in placed.columns:
            names = placed.drop_duplicates(key).set_index(key)[name]
        pairs[name] = pairs[key].map(names).where(pairs[key].isin(names.index), pairs[key])
    return pairs


def usable_pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a model can use: placed, with a distance, counted."""
    require_disjoint(frame)
    needed = [schema.ORIGIN_ID, schema.DESTINATION_ID, schema.DISTANCE_KM]
    lacking = [column for column in needed if column not in frame.columns]
    if lacking:
        raise StatisticsError("The frame has no column " + ", ".join(map(repr, lacking)) + ".")
    rows = frame.dropna(subset=needed)
    if rows.empty:
        raise StatisticsError("No row has both places and a distance, so nothing can be fitted.")
    if not np.isfinite(rows[schema.DISTANCE_KM].to_numpy(float)).all():
        raise StatisticsError("A distance is infinite.")
    return rows
