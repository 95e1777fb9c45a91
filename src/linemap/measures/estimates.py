"""Reach as a tidy table: one row an estimate, with both of its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.flows.counting import TEXT
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures.bootstrap import (
    LEVEL,
    REPLICATES,
    distance_replicates,
    percentile_interval,
    resample,
)
from linemap.measures.grouping import Grouping, Groups, group
from linemap.measures.reach import BEYOND_KM, reach

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
    table[schema.REASON] = table[schema.REASON].astype(TEXT)
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
