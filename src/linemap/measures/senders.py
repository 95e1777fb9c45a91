"""Who sends where: the origins of one destination, and what two origins have in common."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import UnknownPlaceError
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures._group_counts import GroupCounts, counts_by_group
from linemap.measures._grouping import group
from linemap.measures.ranks import aligned
from linemap.measures.reach import reach

N_SHARED: Final = "n_shared"
JACCARD: Final = "jaccard"
OVERLAP: Final = "overlap"
OTHER_ID: Final = "other_id"
OTHER_NAME: Final = "other_name"


def senders(
    flows: pd.DataFrame,
    destination: str,
    *,
    level: str | None = None,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Rank the origins linked to a destination or to any place in it: "whom should we call?".

    `destination` is a place_id (``"force:norfolk"``), or a name that only one
    place of the gazetteer (at `level`, if given) bears. One row an origin:
    ``n``, its ``share`` and ``cumulative_share``; ``n_named`` (rows that name
    without counting); the mean distance and its range; ``reason``. The largest
    count first, then who is named most, then by name. Statements about the
    destination and about towns in it overlap, so an origin with both has no n,
    and the reason.

    Raises
    ------
    UnknownPlaceError
        A destination that the gazetteer does not hold.
    """
    gazetteer = gazetteer or Gazetteer.load()
    place = _place(destination, level, gazetteer)
    members = list(gazetteer.members(place))
    ids = flows[schema.DESTINATION_ID].astype(object)
    inside = (ids == place) | ids.isin(members)
    inside |= gazetteer.parent_at(ids, gazetteer.places[schema.LEVEL][place]) == place
    for part in (schema.COUNTY, schema.BOROUGH):  # what a group or a region is made of
        inside |= gazetteer.parent_at(ids, part).isin(members)
    summary = reach(flows[inside.to_numpy(dtype=bool)], by="origin", gazetteer=gazetteer)
    total = int(summary[c.N].fillna(0).sum())
    table = summary[[schema.ORIGIN_ID, schema.ORIGIN_NAME, c.N]].copy()
    share = summary[c.N].astype(float) / total if total else summary[c.N].astype(float) * np.nan
    table[c.SHARE] = share
    for column in (c.N_NAMED, c.MEAN_KM, c.low(c.MEAN_KM), c.high(c.MEAN_KM), schema.REASON):
        table[column] = summary[column]
    table = table.sort_values(
        [c.N, c.N_NAMED, schema.ORIGIN_NAME], ascending=[False, False, True],
        na_position="last", kind="stable", ignore_index=True,
    )  # fmt: skip
    table.insert(4, c.CUMULATIVE_SHARE, table[c.SHARE].fillna(0).cumsum().where(table[c.N].notna()))
    return table


def _place(destination: str, level: str | None, gazetteer: Gazetteer) -> str:
    places = gazetteer.places
    if destination in places.index:
        return destination
    bears = places[schema.NAME].str.casefold() == destination.casefold()
    found = places.index[bears & (True if level is None else places[schema.LEVEL] == level)]
    if len(found) == 1:
        return str(found[0])
    hint = f" It could be {', '.join(found)}." if len(found) else " Geocode it first."
    raise UnknownPlaceError(f"{destination!r} is not the name of one place.{hint}")


def overlap(flows: pd.DataFrame, *, gazetteer: Gazetteer | None = None) -> pd.DataFrame:
    """Compare the destinations of every two origins: one row a pair of origins, by name.

    ``n_shared`` destinations are reached by both, counted or named;
    ``jaccard`` is their share of those that either reaches. ``overlap`` is the
    common part of the two distributions of counts, the sum of the smaller
    shares (Schoener 1970, Ecology 51), 0 to 1; null with a reason where the
    counts of either may not be added or are at several levels.
    """
    groups = group(flows, "origin", gazetteer)
    found = list(counts_by_group(groups))
    ids = groups.flows[schema.DESTINATION_ID].to_numpy(object)
    reached = [
        frozenset(ids[groups.reached & (groups.number == number)]) for number in range(len(groups))
    ]
    known = [cell for cell in found if pd.notna(cell.labels[schema.ORIGIN_ID])]
    known.sort(key=lambda cell: (cell.labels[schema.ORIGIN_NAME], cell.labels[schema.ORIGIN_ID]))
    rows = []
    for first, second in combinations(known, 2):
        a, b = reached[first.number], reached[second.number]
        reason = _why_not(first, second)
        rows.append(
            {
                schema.ORIGIN_ID: first.labels[schema.ORIGIN_ID],
                schema.ORIGIN_NAME: first.labels[schema.ORIGIN_NAME],
                OTHER_ID: second.labels[schema.ORIGIN_ID],
                OTHER_NAME: second.labels[schema.ORIGIN_NAME],
                N_SHARED: len(a & b),
                JACCARD: len(a & b) / len(a | b) if a | b else np.nan,
                OVERLAP: _common(first, second) if reason is None else np.nan,
                schema.REASON: reason if a | b else "neither reaches a place",
            }
        )
    names = [schema.ORIGIN_ID, schema.ORIGIN_NAME, OTHER_ID, OTHER_NAME, N_SHARED, JACCARD,
             OVERLAP, schema.REASON]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    return table


def _why_not(first: GroupCounts, second: GroupCounts) -> str | None:
    for cell in (first, second):
        if cell.reason is not None:
            return f"{cell.labels[schema.ORIGIN_NAME]}: {cell.reason}"
    levels = {place.partition(":")[0] for cell in (first, second) for place in cell.ids}
    tiers = {schema.COUNTY if level == schema.BOROUGH else level for level in levels}
    return "the two are at different levels" if len(tiers) > 1 else None


def _common(first: GroupCounts, second: GroupCounts) -> float:
    a, b = aligned(first, second)
    return float(np.minimum(a / a.sum(), b / b.sum()).sum())
