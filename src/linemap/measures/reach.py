"""How far the flows of an origin, of a destination, or of the whole go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.measures import _statistics as weighted
from linemap.measures import columns as c
from linemap.measures._grouping import TOTAL_BESIDE_PARTS, Grouping, Groups, group
from linemap.measures._statistics import (
    LEVEL,
    REPLICATES,
    IntArray,
    distance_replicates,
    distinct_cells,
    percentile_interval,
    resample,
)

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
            pd.DataFrame({schema.REASON: pd.Series(_reasons(groups), dtype=schema.TEXT_DTYPE)}),
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


# ── Reach as a tidy table: one row an estimate, with both of its intervals ──────────────────
NO_GENERATOR: Final = "no generator was given for the sampling interval"
TOO_FEW: Final = "fewer than 2 are counted, which gives no sampling interval"
KM: Final = "km"
SHARE_UNIT: Final = "share"


def reach_estimates(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    beyond_km: Sequence[float] = BEYOND_KM,
    rng: np.random.Generator | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Give each statistic of :func:`reach` a row, with its two intervals apart.

    Columns: the group's; ``term`` (the statistic); ``estimate``; ``low`` and
    ``high``, the sampling interval at `level` (percentile bootstrap by record,
    `replicates` drawn with `rng`; null without one); ``area_low`` and
    ``area_high``, the bounds over where in the places people may be; ``unit``;
    ``n``; ``n_unplaced``; ``reason`` (why something in the row is null). Groups
    in the order of :func:`reach`, statistics in one order.

    The sampling interval speaks of chance alone: had the same process been
    recorded again. It says nothing of what was never recorded, and with fewer
    than about 20 records a percentile interval is too short.
    """
    groups = group(flows, by, gazetteer)
    wide = reach(flows, by=by, beyond_km=beyond_km, gazetteer=gazetteer)
    terms = [c.MEAN_KM, *c.QUANTILES, *(c.share_beyond(limit) for limit in beyond_km)]
    labels = list(groups.labels.columns)
    intervals = _intervals(groups, beyond_km, rng, replicates, level)
    order = _positions(wide, groups, labels)
    parts: list[dict[str, Any]] = []
    for row, number in zip(wide.to_dict("records"), order, strict=True):
        for term in (*terms, c.SHARE_EXTERNAL):
            low, high = intervals.get((number, term), (np.nan, np.nan))
            external = term == c.SHARE_EXTERNAL
            estimate = row[term]
            parts.append(
                {
                    **{label: row[label] for label in labels},
                    schema.TERM: term,
                    schema.ESTIMATE: estimate,
                    schema.LOW: low,
                    schema.HIGH: high,
                    schema.AREA_LOW: row[c.SHARE_EXTERNAL_LOW if external else c.low(term)],
                    schema.AREA_HIGH: row[c.SHARE_EXTERNAL_HIGH if external else c.high(term)],
                    c.UNIT: SHARE_UNIT if term.startswith(c.SHARE) else KM,
                    c.N: row[c.N],
                    c.N_UNPLACED: row[c.N_UNPLACED],
                    schema.REASON: _reason(row[schema.REASON], estimate, low, rng),
                }
            )
    names = [*labels, schema.TERM, schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW,
             schema.AREA_HIGH, c.UNIT, c.N, c.N_UNPLACED, schema.REASON]  # fmt: skip
    table = pd.DataFrame(parts, columns=names)
    for column in (c.N, c.N_UNPLACED):
        table[column] = table[column].astype("Int64")
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    return table


def _reason(said: object, estimate: float, low: float, rng: object) -> str | None:
    if isinstance(said, str) and np.isnan(estimate):
        return said
    if np.isnan(low):
        return NO_GENERATOR if rng is None else TOO_FEW
    return None


def _positions(wide: pd.DataFrame, groups: Groups, labels: list[str]) -> list[int]:
    """Find the number of the group that each row of `wide` stands for."""
    if not labels:
        return [0]
    numbers = groups.labels.assign(_number=range(len(groups)))
    keys = [table[labels].astype(object).where(table[labels].notna(), None).itertuples(index=False,
            name=None) for table in (numbers, wide)]  # fmt: skip
    number_of = {key: number for number, key in enumerate(keys[0])}
    return [number_of[key] for key in keys[1]]


def _intervals(
    groups: Groups,
    beyond_km: Sequence[float],
    rng: np.random.Generator | None,
    replicates: int,
    level: float,
) -> dict[tuple[int, str], tuple[float, float]]:
    """Bootstrap each group that counts 2 or more, in the groups' own order."""
    found: dict[tuple[int, str], tuple[float, float]] = {}
    if rng is None:
        return found
    rows = np.flatnonzero(groups.measured)
    rows = rows[np.argsort(groups.number[rows], kind="stable")]
    km = groups.flows[schema.DISTANCE_KM].to_numpy(dtype=float)
    crossing = groups.flows[schema.EXTERNAL].astype("boolean")
    terms = [c.MEAN_KM, *c.QUANTILES, *(c.share_beyond(limit) for limit in beyond_km)]
    cuts = np.searchsorted(groups.number[rows], np.arange(len(groups) + 1))
    for number in range(len(groups)):
        part = rows[cuts[number] : cuts[number + 1]]
        counts = groups.counts[part]
        if counts.sum() < 2:
            continue
        drawn = np.hstack(
            distance_replicates(
                km[part], counts, shares=list(c.QUANTILES.values()), limits_km=beyond_km,
                replicates=replicates, rng=rng,
            )
        )  # fmt: skip
        lows, highs = percentile_interval(drawn, level)
        found |= {(number, t): (lows[i], highs[i]) for i, t in enumerate(terms)}
        answer = crossing.iloc[part]
        yes = int(counts[answer.fillna(False).to_numpy(dtype=bool)].sum())
        known = int(counts[answer.notna().to_numpy()].sum())
        if known > 1:
            two = np.array([yes, known - yes], dtype=np.int64)
            again = np.vstack(list(resample(two, replicates, rng)))[:, :1] / known
            low, high = percentile_interval(again, level)
            found[number, c.SHARE_EXTERNAL] = (float(low[0]), float(high[0]))
    return found
