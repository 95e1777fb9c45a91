"""What a model may be fitted on: disjoint counts of one measure, with the empty pairs."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import StatisticsError
from linemap.flows import PAIR_COLUMNS, measure_pairs
from linemap.gazetteer import Gazetteer


def require_disjoint(frame: pd.DataFrame) -> None:
    """Raise a :class:`StatisticsError` unless the counts of `frame` may be modelled together.

    Published statements overlap (a county and its town, one person linked to
    several areas, two papers on one figure), so no likelihood that multiplies
    over rows holds for them. Two measures do not add up, and a count that is
    hidden is not a zero.
    """
    if schema.holds_statements(frame):
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
    destinations: Sequence[str],
    origins: Sequence[str] | None = None,
    gazetteer: Gazetteer | None = None,
) -> gpd.GeoDataFrame:
    """Count every pair of a closed set, those where nobody was found among them.

    A flow table lists the pairs that occur. A gravity model must also see the
    pairs that did not, or it takes the far places that were reached by chance
    for typical ones. `destinations` lists the place_ids that could have
    occurred, at one level (all counties, say); that the list is closed is the
    caller's claim. `origins` are by default those of `flows`.

    Returns a FLOWS frame of one row a pair, ordered by origin and destination:
    ``count`` 0 where none was found, distances and lines of every pair. Windows
    and tags are added up, and the window is the whole; where windows differ
    between rows, call this for each and fit with an exposure. Rows without a
    place enter nothing. Like `flows`, it is private.

    Raises :class:`StatisticsError` for statements, several measures, hidden
    counts, or a flow whose places are not in the lists: roll those up first.
    """
    require_disjoint(flows)
    gazetteer = Gazetteer.load(gazetteer)
    keys = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    placed = flows.dropna(subset=keys)
    starts = sorted(set(placed[schema.ORIGIN_ID]) if origins is None else set(origins))
    index = pd.MultiIndex.from_product([starts, sorted(set(destinations))], names=keys)
    counted = placed.groupby(keys, observed=True)[schema.COUNT].sum()
    strangers = counted.index.difference(index)
    if len(strangers):
        shown = ", ".join(f"{origin} to {place}" for origin, place in list(strangers)[:3])
        raise StatisticsError(
            f"{len(strangers)} pairs have a count and are not in the lists of places: {shown}. "
            "Roll the flows up to the level of the lists, or add the places."
        )
    pairs = index.to_frame(index=False)
    pairs[schema.COUNT] = counted.reindex(index, fill_value=0).astype("Int64").to_numpy()
    measured = measure_pairs(pairs[schema.ORIGIN_ID], pairs[schema.DESTINATION_ID], gazetteer)
    pairs = pd.concat([_described(pairs, flows, gazetteer), measured], axis=1)
    return gpd.GeoDataFrame(
        pairs[list(schema.FLOW_COLUMNS)], geometry=schema.GEOMETRY, crs=measured.crs
    )


def _described(pairs: pd.DataFrame, flows: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Add the columns of FLOWS that say what a pair is."""
    names, levels = gazetteer.places[schema.NAME], gazetteer.places[schema.LEVEL]
    origin, destination = pairs[schema.ORIGIN_ID], pairs[schema.DESTINATION_ID]
    described = pairs.assign(
        **{
            schema.FLOW_ID: origin + " > " + destination,
            schema.INPUT: schema.RECORDS,
            schema.ORIGIN_NAME: origin.map(names),
            schema.ORIGIN_LEVEL: origin.map(levels),
            schema.ORIGIN_STATUS: schema.EXACT,
            schema.DESTINATION_NAME: destination.map(names),
            schema.DESTINATION_LEVEL: destination.map(levels),
            schema.DESTINATION_STATUS: schema.EXACT,
            schema.MEASURE: next(iter(flows[schema.MEASURE].dropna()), schema.DEFAULT_MEASURE),
            schema.SOURCE: _only(flows[schema.SOURCE]) if schema.SOURCE in flows else None,
            schema.PERIOD_START: flows[schema.PERIOD_START].dropna().min() or None,
            schema.PERIOD_END: flows[schema.PERIOD_END].dropna().max() or None,
        }
    )
    lacking = [column for column in schema.FLOW_COLUMNS if column not in described.columns]
    geography = {schema.GEOMETRY, *PAIR_COLUMNS}
    return described.assign(**{column: None for column in lacking if column not in geography})


def _only(values: pd.Series) -> str | None:
    """Return the one value that a column holds; None where it holds none or several."""
    found = values.dropna().unique()
    return str(found[0]) if len(found) == 1 else None


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
