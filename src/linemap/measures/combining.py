"""When counts may be added, and the reason when they may not.

Records are disjoint: those of one measure may be added, whatever their level
and window. Statements overlap, rival each other and use different windows:
only those of one origin, measure, level and window may be, and only if no two
of them print different figures for one destination.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.measures.weighted import IntArray, distinct_cells

BoolArray = npt.NDArray[np.bool_]
NO_WINDOW = "window not stated"


def window(flows: pd.DataFrame) -> pd.Series:
    """Write each flow's window; where none is stated, its source stands for it.

    Two figures without a window are of one window at best when one source
    prints both.
    """
    start, end = flows[schema.PERIOD_START], flows[schema.PERIOD_END]
    unstated = NO_WINDOW + ", " + flows[schema.SOURCE].fillna("source not stated")
    stated = start.fillna("?") + " to " + end.fillna("?")
    return stated.where(start.notna() | end.notna(), unstated)


def why_not_added(
    flows: pd.DataFrame, number: IntArray, groups: int, counts: BoolArray, placed: BoolArray
) -> tuple[tuple[str | None, ...], BoolArray]:
    """Say for each group why its counts may not be added, and which flows may be.

    `counts` tells the flows that count people, `placed` those with a place at
    both ends. Returns one reason or None a group, and a mask of the flows
    whose count takes part: none of a group with a reason, and of two equal
    figures for one destination only the first.
    """
    reasons: list[str | None] = [None] * groups
    statements = bool((flows[schema.INPUT] == schema.STATEMENTS).any())
    taking = counts.copy()
    parts: list[tuple[str, pd.Series]] = [("measures", flows[schema.MEASURE])]
    if statements:
        parts += [
            ("origins", flows[schema.ORIGIN_NAME]),
            ("windows", window(flows)),
            ("levels", flows[schema.DESTINATION_LEVEL].where(placed)),
        ]
    for what, values in parts:
        codes, distinct = pd.factorize(values)
        there = counts & (codes >= 0)
        width = max(len(distinct), 1)
        cells = distinct_cells(number[there] * width + codes[there], groups * width)
        owner = cells // width
        for crowded in np.flatnonzero(np.bincount(owner, minlength=groups) > 1):
            named = sorted(str(distinct[cell % width]) for cell in cells[owner == crowded])
            text = f"counts of {len(named)} {what} are never added ({_some(named)})"
            reasons[crowded] = "; ".join(filter(None, (reasons[crowded], text)))
    if statements:
        _rivals(flows, number, reasons, taking, counts & placed)
    bad = np.array([reason is not None for reason in reasons], dtype=bool)
    return tuple(reasons), taking & ~bad[number]


def _some(names: list[str]) -> str:
    shown = names[:3] if len(names) > 4 else names
    return "; ".join(shown) + (f"; and {len(names) - 3} more" if len(names) > 4 else "")


def _rivals(
    flows: pd.DataFrame,
    number: IntArray,
    reasons: list[str | None],
    taking: BoolArray,
    counts: BoolArray,
) -> None:
    """Add the reasons that lie in one destination's figures; drop a figure printed twice."""
    for crowded in np.unique(number[counts]):
        if reasons[crowded] is not None:
            continue
        rows = np.flatnonzero(counts & (number == crowded))
        part = flows.iloc[rows]
        for _, same in part.groupby(schema.DESTINATION_ID, sort=True):
            figures = same[schema.COUNT].unique()
            if len(figures) > 1:
                said = " and ".join(f"{figure:,}" for figure in sorted(figures))
                reasons[crowded] = (
                    f"rival figures for {same[schema.DESTINATION_NAME].iloc[0]}: {said}"
                )
        several = part[schema.DESTINATION_ID].nunique() > 1
        if several and (part[schema.DESTINATION_LEVEL] == schema.GROUP).any():
            reasons[crowded] = "groups of areas may overlap, so their counts are never added"
        taking[rows[part.duplicated(schema.DESTINATION_ID).to_numpy()]] = False
