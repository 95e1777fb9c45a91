"""What the measures of structure share: each group's counts by destination, at one level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import StatisticsError, UnknownPlaceError
from linemap.gazetteer import Gazetteer
from linemap.measures._grouping import Groups
from linemap.measures._statistics import IntArray
from linemap.measures.reach import NOTHING_COUNTED, NOTHING_PLACED

# Boroughs and counties tile the land together: they are one level of detail.
_TIER = {schema.BOROUGH: schema.COUNTY}


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """The destinations of one group: who they are, how many each, and what has no place."""

    number: int
    labels: Mapping[str, Any]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    counts: IntArray  # above zero, unless of a closed set; ordered by place_id
    n: int
    n_unplaced: int | None
    reason: str | None  # why nothing may be said about the counts

    def require(self) -> None:
        """Raise a StatisticsError with the reason, if there is one."""
        if self.reason is not None:
            raise StatisticsError(f"This cannot be said of these flows: {self.reason}.")


def counts_by_group(
    groups: Groups,
    *,
    one_level: bool = True,
    destinations: Sequence[str] | None = None,
) -> Iterator[GroupCounts]:
    """Yield each group's counts by destination, in the groups' order.

    With `one_level`, destinations at several levels of detail are a reason to
    say nothing: a town and its county are not two destinations. With a closed
    set of `destinations` (place_ids) each group has a count for every one of
    them, 0 where none is counted; a group with a count elsewhere has a reason,
    and so has one of statements that does not print them all.
    """
    places = None if destinations is None else _closed(destinations, groups.gazetteer)
    stated = schema.holds_statements(groups.flows)
    flows = groups.flows
    ids = flows[schema.DESTINATION_ID].to_numpy(object)
    frame = pd.DataFrame(
        {
            "id": ids,
            "name": flows[schema.DESTINATION_NAME].to_numpy(object),
            "level": flows[schema.DESTINATION_LEVEL].to_numpy(object),
            "number": groups.number,
            "count": groups.counts,
        }
    )
    parts = dict(list(frame[groups.measured].groupby("number")))
    lost = groups.unplaced
    counted = np.bincount(groups.number[groups.counted], minlength=len(groups))
    empty = frame.iloc[:0]
    for number in range(len(groups)):
        part = parts.get(number, empty)
        totals = part.groupby("id", sort=True).agg({"name": "first", "count": "sum"})
        reason = groups.reasons[number]
        if reason is None and not len(part):
            reason = NOTHING_PLACED if counted[number] else NOTHING_COUNTED
        levels = sorted({str(_TIER.get(level, level)) for level in part["level"]})
        if reason is None and one_level and len(levels) > 1:
            reason = _several_levels(part, levels)
        if reason is None and places is not None:
            outside = totals.index.difference(places.index)
            printed = set(ids[groups.placed & groups.counted & (groups.number == number)])
            missing = sorted(set(places.index) - printed) if stated else []
            if len(outside):
                reason = (
                    f"{len(outside)} destinations are counted that are not among `destinations` "
                    f"({_few(list(totals['name'][outside]))})"
                )
            elif missing:
                reason = (
                    f"{len(missing)} of `destinations` have no published figure "
                    f"({_few(list(places[missing]))}): what is not printed is not zero"
                )
            else:
                totals = totals.reindex(places.index)
                totals = totals.assign(name=places, count=totals["count"].fillna(0))
        unplaced = lost[number]
        yield GroupCounts(
            number=number,
            labels=dict(zip(groups.labels.columns, groups.labels.iloc[number], strict=True)),
            ids=tuple(totals.index),
            names=tuple(totals["name"]),
            counts=totals["count"].to_numpy(dtype=np.int64),
            n=int(totals["count"].sum()),
            n_unplaced=None if pd.isna(unplaced) else int(unplaced),
            reason=reason,
        )


def _closed(destinations: Sequence[str], gazetteer: Gazetteer) -> pd.Series:
    """Name the places of a closed set, in order of place_id."""
    names = gazetteer.places[schema.NAME]
    wanted = sorted(set(destinations))
    unknown = [place for place in wanted if place not in names.index]
    if unknown:
        raise UnknownPlaceError(f"The gazetteer holds no place {unknown[0]!r}.")
    closed: pd.Series = names[wanted]
    return closed


def _several_levels(part: pd.DataFrame, levels: list[str]) -> str:
    """Say which levels there are, with an example and a count of each, and what to do."""
    told = []
    for level in levels:
        here = part.loc[part["level"].map(lambda value: _TIER.get(value, value)) == level]
        counted = int(here["count"].sum())
        told.append(f"{level}, {counted:,} counted, such as {here['name'].min()}")
    return (
        f"destinations are at several levels ({'; '.join(told)}), and a place and the area around "
        "it are not two destinations: bring them to one with lm.roll_up(flows, ...), or keep the "
        "flows of one level"
    )


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def both_unplaced(first: GroupCounts, second: GroupCounts) -> int | None:
    """Add up what has no place in two groups; None where it is not known of either."""
    if first.n_unplaced is None or second.n_unplaced is None:
        return None
    return first.n_unplaced + second.n_unplaced
