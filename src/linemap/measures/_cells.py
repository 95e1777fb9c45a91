"""What the measures of structure share: each group's counts by destination, at one level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import StatisticsError
from linemap.measures._grouping import Groups
from linemap.measures._weighted import IntArray
from linemap.measures.reach import NOTHING_COUNTED, NOTHING_PLACED

# Boroughs and counties tile the land together: they are one level of detail.
_TIER = {schema.BOROUGH: schema.COUNTY}


@dataclass(frozen=True, slots=True)
class Cell:
    """The destinations of one group: who they are, how many each, and what has no place."""

    number: int
    labels: Mapping[str, Any]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    counts: IntArray  # all above zero; ordered by place_id
    n: int
    n_unplaced: int | None
    reason: str | None  # why nothing may be said about the counts

    def require(self) -> None:
        """Raise a StatisticsError with the reason, if there is one."""
        if self.reason is not None:
            raise StatisticsError(f"This cannot be said of these flows: {self.reason}.")


def cells(groups: Groups, *, one_level: bool = True) -> Iterator[Cell]:
    """Yield each group's counts by destination, in the groups' order.

    With `one_level`, destinations at several levels of detail are a reason to
    say nothing: a town and its county are not two destinations.
    """
    flows = groups.flows
    frame = pd.DataFrame(
        {
            "id": flows[schema.DESTINATION_ID].to_numpy(object),
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
            reason = f"destinations are at several levels ({', '.join(levels)}): roll_up() first"
        unplaced = lost[number]
        yield Cell(
            number=number,
            labels=dict(zip(groups.labels.columns, groups.labels.iloc[number], strict=True)),
            ids=tuple(totals.index),
            names=tuple(totals["name"]),
            counts=totals["count"].to_numpy(dtype=np.int64),
            n=int(totals["count"].sum()),
            n_unplaced=None if pd.isna(unplaced) else int(unplaced),
            reason=reason,
        )


def both_unplaced(first: Cell, second: Cell) -> int | None:
    """Add up what has no place in two cells; None where it is not known of either."""
    if first.n_unplaced is None or second.n_unplaced is None:
        return None
    return first.n_unplaced + second.n_unplaced
