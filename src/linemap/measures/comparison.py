"""Two periods or two groups side by side, and whether they differ by more than chance."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import StatisticsError
from linemap.gazetteer import Gazetteer
from linemap.measures import _statistics as weighted
from linemap.measures import columns as c
from linemap.measures._grouping import GroupCounts, both_unplaced, counts_by_group, group
from linemap.measures._statistics import (
    LEVEL,
    REPLICATES,
    FloatArray,
    IntArray,
    distance_replicates,
    percentile_interval,
)
from linemap.measures.display import Estimate, tabulate
from linemap.measures.rates import months_in

P_VALUE: Final = "p_value"
P_ADJUSTED: Final = "p_adjusted"
N_BEFORE: Final = "n_before"
N_AFTER: Final = "n_after"
RATIO: Final = "ratio"
PERMUTATIONS: Final = 2_000
ONE_ONLY: Final = "printed in one of the two windows only, and what is not printed is not zero"
_TIED: Final = 1e-7  # chances that differ by less, as a share, are one


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of flows compared: `reach` (ESTIMATES and a p-value) and `destinations`.

    ``months`` are the lengths of the two windows, None where not stated.
    """

    reach: pd.DataFrame
    destinations: pd.DataFrame
    months: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Side:
    km: FloatArray
    counts: IntArray
    ids: npt.NDArray[np.object_]
    nearest: FloatArray
    furthest: FloatArray
    cell: GroupCounts
    months: int | None


def _side(flows: pd.DataFrame, gazetteer: Gazetteer | None) -> _Side:
    groups = group(flows, None, gazetteer)
    cell = next(counts_by_group(groups))
    cell.require()
    rows = groups.measured
    months = months_in(flows[schema.PERIOD_START], flows[schema.PERIOD_END])[
        groups.counted
    ].dropna()
    windows = flows[[schema.PERIOD_START, schema.PERIOD_END]][groups.counted].drop_duplicates()
    return _Side(
        km=groups.flows[schema.DISTANCE_KM].to_numpy(dtype=float)[rows],
        nearest=groups.flows[schema.DISTANCE_LOW_KM].to_numpy(dtype=float)[rows],
        furthest=groups.flows[schema.DISTANCE_HIGH_KM].to_numpy(dtype=float)[rows],
        counts=groups.counts[rows],
        ids=groups.flows[schema.DESTINATION_ID].to_numpy(object)[rows],
        cell=cell,
        months=int(months.iloc[0]) if len(windows) == 1 and len(months) else None,
    )


def compare(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
    permutations: int = PERMUTATIONS,
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> Comparison:
    """Compare the reach and the destinations of two periods, or of any two groups.

    ``reach`` has a row for the difference (after less before) of the mean and
    of the median distance: its percentile bootstrap interval, and the p-value
    of a two-sided permutation test that shuffles records between the two
    (counting the observed order as one of them). ``destinations`` has a row
    for each destination of either, the smallest p first: the ratio of the
    counts, per month where both windows are stated, with its exact
    conditional interval (Clopper-Pearson on the split between the two), the
    exact binomial p, and ``p_adjusted`` by Benjamini and Hochberg (1995,
    Journal of the Royal Statistical Society B 57), the false discovery rate if
    this and all smaller ones are called changes.

    ``area_low`` and ``area_high`` bound the difference were everyone of one
    side at the nearest parts of the places and of the other at the furthest.
    Of statements, only the destinations that both windows print are compared:
    one that is not printed is not zero. The others have a null ratio and the
    reason. A change of counts may be a change of recording; no test knows.

    Raises
    ------
    StatisticsError
        Counts that may not be added on either side, levels that differ, or
        statements that print no destination in common.

    Warns
    -----
    UserWarning
        The windows differ in length, or one is not stated.
    """
    first, second = _side(before, gazetteer), _side(after, gazetteer)
    _same_level(first.cell, second.cell)
    shared = _shared(first.cell, second.cell, before)
    months = (first.months, second.months)
    if None in months or months[0] != months[1]:
        said = " and ".join("no stated number of" if m is None else str(m) for m in months)
        warnings.warn(
            f"The two windows are of {said} months. Counts are compared "
            + ("as they are" if None in months else "per month")
            + "; what was collected may also differ between them.",
            UserWarning,
            stacklevel=2,
        )
    return Comparison(
        reach=_differences(
            _only(first, shared), _only(second, shared), rng, replicates, permutations, level
        ),
        destinations=_changes(first, second, shared, level),
        months=months,
    )


def _same_level(first: GroupCounts, second: GroupCounts) -> None:
    levels = {place.partition(":")[0] for cell in (first, second) for place in cell.ids}
    tiers = {schema.COUNTY if level == schema.BOROUGH else level for level in levels}
    if len(tiers) > 1:
        raise StatisticsError(
            f"The two are at different levels ({', '.join(sorted(tiers))}): roll_up() first."
        )


def _shared(first: GroupCounts, second: GroupCounts, flows: pd.DataFrame) -> frozenset[str]:
    """Name the destinations to compare: of records all, of statements those that both print."""
    if not schema.holds_statements(flows):
        return frozenset(first.ids) | frozenset(second.ids)
    shared = frozenset(first.ids) & frozenset(second.ids)
    if not shared:
        raise StatisticsError("The two windows print no destination in common.")
    return shared


def _only(side: _Side, places: frozenset[str]) -> _Side:
    kept = np.isin(side.ids, sorted(places))
    counts = side.counts[kept]
    return replace(
        side,
        km=side.km[kept],
        nearest=side.nearest[kept],
        furthest=side.furthest[kept],
        counts=counts,
        ids=side.ids[kept],
        cell=replace(side.cell, n=int(counts.sum())),
    )


def _statistics(km: FloatArray, counts: IntArray) -> FloatArray:
    one = np.zeros(len(km), dtype=np.int64)
    mean = weighted.mean(km, counts, one, 1)[0]
    return np.array([mean, weighted.quantile(weighted.order(km, counts, one, 1), 0.5)[0]])


def _differences(
    first: _Side,
    second: _Side,
    rng: np.random.Generator,
    replicates: int,
    permutations: int,
    level: float,
) -> pd.DataFrame:
    observed = _statistics(second.km, second.counts) - _statistics(first.km, first.counts)
    drawn = [
        np.hstack(
            distance_replicates(
                side.km, side.counts, shares=[0.5], limits_km=[], replicates=replicates, rng=rng
            )[:2]
        )
        for side in (first, second)
    ]
    low, high = percentile_interval(drawn[1] - drawn[0], level)
    km, where = np.unique(np.concatenate([first.km, second.km]), return_inverse=True)
    pooled = np.bincount(where, weights=np.concatenate([first.counts, second.counts]))
    both = pooled.astype(np.int64)
    shuffled = rng.multivariate_hypergeometric(both, int(first.counts.sum()), size=permutations)
    apart = np.array([_statistics(km, both - row) - _statistics(km, row) for row in shuffled])
    as_far = (np.abs(apart) >= np.abs(observed) - 1e-9).sum(axis=0)
    least = _statistics(second.nearest, second.counts) - _statistics(first.furthest, first.counts)
    most = _statistics(second.furthest, second.counts) - _statistics(first.nearest, first.counts)
    n = first.cell.n + second.cell.n
    lost = both_unplaced(first.cell, second.cell)
    table = tabulate(
        [
            (
                {},
                Estimate(
                    f"difference_of_{term}", observed[i], "km",
                    low[i], high[i], least[i], most[i],
                ),
                n,
                lost,
            )
            for i, term in enumerate((c.MEAN_KM, c.MEDIAN_KM))
        ],
        [],
    )  # fmt: skip
    table.insert(list(table.columns).index(schema.HIGH) + 1, P_VALUE,
                 (1 + as_far) / (1 + permutations))  # fmt: skip
    return table


def _changes(first: _Side, second: _Side, shared: frozenset[str], level: float) -> pd.DataFrame:
    names = dict(zip(first.cell.ids, first.cell.names, strict=True)) | dict(
        zip(second.cell.ids, second.cell.names, strict=True)
    )
    known = first.months is not None and second.months is not None
    weight = (first.months or 1) / (second.months or 1) if known else 1.0
    rows: list[tuple[object, ...]] = []
    for place, name in sorted(names.items(), key=lambda item: (item[1], item[0])):
        a, b = (
            dict(zip(side.cell.ids, side.cell.counts, strict=True)).get(place, 0)
            for side in (first, second)
        )
        if place not in shared:
            null = (np.nan,) * 4
            rows.append((place, name, a or None, b or None, *null, ONE_ONLY))
            continue
        ratio = rate_ratio(int(a), int(b), weight=weight, level=level)
        rows.append((place, name, a, b, *ratio, None))
    table = pd.DataFrame(
        rows,
        columns=[schema.DESTINATION_ID, schema.DESTINATION_NAME, N_BEFORE, N_AFTER, RATIO,
                 schema.LOW, schema.HIGH, P_VALUE, schema.REASON],
    )  # fmt: skip
    tested = table[P_VALUE].notna().to_numpy()
    adjusted = np.full(len(table), np.nan)
    if tested.any():
        adjusted[tested] = _adjusted(table[P_VALUE].to_numpy(dtype=float)[tested])
    table.insert(list(table.columns).index(P_VALUE) + 1, P_ADJUSTED, adjusted)
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    for column in (N_BEFORE, N_AFTER):
        table[column] = table[column].astype("Int64")
    return table.sort_values([P_VALUE, schema.DESTINATION_NAME], kind="stable", ignore_index=True)


def rate_ratio(
    before: int, after: int, *, weight: float = 1.0, level: float = LEVEL
) -> tuple[float, float, float, float]:
    """Relate two counts: the ratio of after to before, its exact interval, and the p-value.

    `weight` is the length of the first window over that of the second (1 for windows
    as long as each other), so that rates are compared. The interval is the exact
    conditional one (Clopper-Pearson on the split between the two), p the exact
    binomial. The ratio is infinite where `before` is 0; both being 0 is a ValueError.

    >>> [round(value, 2) for value in rate_ratio(20, 40)]
    [2.0, 1.14, 3.61, 0.01]
    """
    from scipy.special import betaincinv, gammaln, xlog1py, xlogy  # late: slow to load

    together, tail = before + after, (1 - level) / 2
    if together == 0:
        raise ValueError("Neither count is of anybody.")
    low = betaincinv(after, before + 1, tail) if after else 0.0
    high = betaincinv(after + 1, before, 1 - tail) if before else 1.0
    k, share = np.arange(together + 1), 1 / (1 + weight)
    ways = gammaln(together + 1) - gammaln(k + 1) - gammaln(together - k + 1)
    chance = ways + xlogy(k, share) + xlog1py(together - k, -share)  # its logarithm
    p_value = float(np.exp(chance[chance <= chance[after] + _TIED]).sum())
    ratio = _odds(after / together) * weight
    return ratio, _odds(low) * weight, _odds(high) * weight, min(p_value, 1.0)


def _adjusted(p_values: FloatArray) -> FloatArray:
    """Adjust p-values by Benjamini and Hochberg (1995), for as many as there are."""
    order = np.argsort(p_values)[::-1]
    times = len(p_values) / np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(p_values[order] * times), 1.0)
    return adjusted


def _odds(share: float) -> float:
    return float(share / (1 - share)) if share < 1 else np.inf
