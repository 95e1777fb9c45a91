"""How far the flows of an origin, of a destination, or of the whole go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.flows.counting import TEXT
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures import weighted
from linemap.measures.grouping import TOTAL_BESIDE_PARTS, Grouping, Groups, group
from linemap.measures.weighted import IntArray, distinct_cells

BEYOND_KM: Final = (50.0, 100.0, 200.0)
NOTHING_COUNTED: Final = "nothing is counted"
ALL_ZERO: Final = "every count is zero"
NOTHING_PLACED: Final = "nothing that is counted has a place at both ends"
NO_FLOWS: Final = "there are no flows"
ALL_OPEN: Final = "of nothing counted is it known if it crosses a force boundary"
FROM: Final = (schema.ORIGIN_ID, schema.ORIGIN_NAME)
TO: Final = (schema.DESTINATION_ID, schema.DESTINATION_NAME)


def reach(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    beyond_km: Sequence[float] = BEYOND_KM,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Summarise how far the flows of each origin (or other group) go: a SUMMARY frame.

    One row a group, the widest reach (``furthest_km``) first, then by name.
    `by` is ``"origin"``, ``"destination"``, ``"force"`` (the destination's),
    ``"measure"``, ``"level"``, ``"period"``, a tag, or several of these; None
    gives one row for the whole.

    Distances are geodesic, km, and weighted by count: mean, median, quartiles
    and 90th percentile (Hyndman and Fan's definition 2) and the share strictly
    beyond each distance are of the counted flows with a place at both ends,
    which number ``n``. Each has its ``_low`` and ``_high``: its value were
    everyone at the nearest, and at the furthest, parts of the places.
    ``n_unplaced`` are counted and have no place; for statements that print no
    destination it is the total as printed (null where parts stand beside it).
    Places named without a count are in ``n_named``, ``n_destinations`` and
    furthest; those only mentioned are in ``n_mentioned`` alone. ``areas
    reached`` enters no distance. The furthest place is the destination with
    the largest mean distance; by destination, it is the origin.

    Counts are added only where that means something: those of one measure and,
    of statements, of one origin, level and window without rival figures.
    Elsewhere n and its statistics are null, and ``reason`` says why; it is null
    where everything is defined.

    Raises
    ------
    InputError
        A grouping that does not exist, or a distance below 0.
    UnknownPlaceError
        A destination that the gazetteer does not hold.

    Examples
    --------
    >>> from linemap.flows import toy_flows
    >>> table = reach(toy_flows(), gazetteer=Gazetteer.toy())
    >>> table[["origin_name", "n", "n_unplaced", "furthest_name"]].head(2)
      origin_name  n  n_unplaced furthest_name
    0     Dunmere  3           1      Glenmoor
    1   Birchgate  9           2    Northshire
    """
    if any(not limit >= 0 for limit in beyond_km):
        raise InputError(f"Distances are 0 km or more, not {list(beyond_km)}.")
    groups = group(flows, by, gazetteer)
    summary = pd.concat(
        [
            groups.labels,
            pd.DataFrame({**_numbers(groups), **_distances(groups, beyond_km)}),
            _furthest(
                groups,
                FROM
                if schema.ORIGIN_ID not in groups.labels and schema.DESTINATION_ID in groups.labels
                else TO,
            ),
            pd.DataFrame({schema.REASON: pd.Series(_reasons(groups), dtype=TEXT)}),
        ],
        axis=1,
    )
    labels = list(groups.labels.columns)
    return summary.sort_values(
        [c.FURTHEST_KM, *labels],
        ascending=[False, *(True for _ in labels)],
        na_position="last",
        kind="stable",
        ignore_index=True,
    )


def _nullable(values: np.ndarray, bad: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64), bad.copy())


def count_of(groups: Groups, rows: np.ndarray) -> IntArray:
    """Add up the counts of some flows by group."""
    summed = np.bincount(groups.number[rows], weights=groups.counts[rows], minlength=len(groups))
    return summed.astype(np.int64)


def distinct_of(groups: Groups, rows: np.ndarray, values: Any) -> IntArray:
    """Count the distinct values of some flows by group; nulls are no value."""
    codes, distinct = pd.factorize(values)
    there = rows & (codes >= 0)
    width = max(len(distinct), 1)
    cells = distinct_cells(groups.number[there] * width + codes[there], len(groups) * width)
    return np.bincount(cells // width, minlength=len(groups)).astype(np.int64)


def _numbers(groups: Groups) -> dict[str, Any]:
    """Count: what the statistics are over, and everything that they leave out."""
    bad = groups.bad
    rows = np.ones(len(groups.number), dtype=bool)
    ids = groups.flows[schema.DESTINATION_ID]

    def tally(where: np.ndarray) -> IntArray:
        return np.bincount(groups.number[where], minlength=len(groups)).astype(np.int64)

    return {
        c.N: _nullable(count_of(groups, groups.measured), bad),
        c.N_UNPLACED: groups.unplaced,
        c.N_FLOWS: tally(rows),
        c.N_FLOWS_UNPLACED: tally(~groups.placed & ~groups.areas),
        c.N_NAMED: tally(groups.named),
        c.N_MENTIONED: tally(groups.mentioned),
        c.N_DESTINATIONS: distinct_of(groups, groups.reached, ids),
        c.N_FORCES: distinct_of(groups, groups.reached, groups.force_ids),
        c.AREAS_REACHED: _areas(groups),
    }


def _areas(groups: Groups) -> pd.Series:
    printed = groups.flows[schema.COUNT].reset_index(drop=True)[groups.areas]
    largest = printed.groupby(groups.number[groups.areas]).max()
    return largest.reindex(range(len(groups))).astype("Int64")


def _distances(groups: Groups, beyond_km: Sequence[float]) -> dict[str, Any]:
    """Work out the statistics of distance, each at the middle, nearest and furthest."""
    rows = groups.measured
    counts, number, size = groups.counts[rows], groups.number[rows], len(groups)
    result: dict[str, Any] = {}
    known: dict[str, np.ndarray] = {}
    for source, name in (
        (schema.DISTANCE_KM, str),
        (schema.DISTANCE_LOW_KM, c.low),
        (schema.DISTANCE_HIGH_KM, c.high),
    ):
        km = groups.flows[source].to_numpy(dtype=float)[rows]
        known[name(c.MEAN_KM)] = weighted.mean(km, counts, number, size)
        ordered = weighted.order(km, counts, number, size)
        for column, share in c.QUANTILES.items():
            known[name(column)] = weighted.quantile(ordered, share)
        for limit in beyond_km:
            known[name(c.share_beyond(limit))] = weighted.share(km > limit, counts, number, size)
    for column in (c.MEAN_KM, *c.QUANTILES, *(c.share_beyond(limit) for limit in beyond_km)):
        for name in (str, c.low, c.high):
            result[name(column)] = known[name(column)]
    return result | _external(groups, rows)


def _external(groups: Groups, rows: np.ndarray) -> dict[str, Any]:
    answer = groups.flows[schema.EXTERNAL].astype("boolean")
    yes = answer.fillna(False).to_numpy(dtype=bool)
    unknown = answer.isna().to_numpy()
    n, crossing, unsure = (count_of(groups, where) for where in (rows, rows & yes, rows & unknown))
    bad = groups.bad
    return {
        c.SHARE_EXTERNAL: weighted.ratio(crossing, n - unsure),
        c.SHARE_EXTERNAL_LOW: weighted.ratio(crossing, n),
        c.SHARE_EXTERNAL_HIGH: weighted.ratio(crossing + unsure, n),
        c.N_EXTERNAL_OPEN: _nullable(unsure, bad),
    }


def _furthest(groups: Groups, end: tuple[str, str]) -> pd.DataFrame:
    """Find the furthest place at `end` of each group, by its mean distance, then by name."""
    place_id, name = end
    rows = np.flatnonzero(groups.reached)
    km = groups.flows[schema.DISTANCE_KM].to_numpy(dtype=float)[rows]
    number = groups.number[rows]
    most = np.full(len(groups), -np.inf)
    np.maximum.at(most, number, km)
    best = rows[km == most[number]]
    columns = {
        place_id: c.FURTHEST_ID,
        name: c.FURTHEST_NAME,
        schema.DISTANCE_KM: c.FURTHEST_KM,
        schema.DISTANCE_LOW_KM: c.FURTHEST_LOW_KM,
        schema.DISTANCE_HIGH_KM: c.FURTHEST_HIGH_KM,
    }
    found = pd.DataFrame(groups.flows.iloc[best][list(columns)]).set_axis(groups.number[best])
    found = found.sort_values([name, place_id], kind="stable")
    first = found[~found.index.duplicated()]
    return first.reindex(range(len(groups))).rename(columns=columns)


def _reasons(groups: Groups) -> list[str | None]:
    """Say of each group why something in its row is null."""
    counted = np.bincount(groups.number[groups.counted], minlength=len(groups))
    total = count_of(groups, groups.counted)
    placed = count_of(groups, groups.measured)
    totals = groups.totals
    unsure = groups.flows[schema.EXTERNAL].isna().to_numpy()
    known = count_of(groups, groups.measured & ~unsure)
    rows = np.bincount(groups.number, minlength=len(groups))
    return [
        reason
        or (NO_FLOWS if not rows[number] else None)
        or (NOTHING_COUNTED if not counted[number] else None)
        or (ALL_ZERO if not total[number] else None)
        or (NOTHING_PLACED if not placed[number] else None)
        or (TOTAL_BESIDE_PARTS if totals[number] else None)
        or (ALL_OPEN if not known[number] else None)
        for number, reason in enumerate(groups.reasons)
    ]
