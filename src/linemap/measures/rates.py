"""Counts a month with intervals, location quotients, and two periods or groups compared."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import InputError, StatisticsError
from linemap.flows import month_number
from linemap.gazetteer import Gazetteer
from linemap.measures import _statistics as weighted
from linemap.measures import columns as c
from linemap.measures._grouping import (
    GROUPINGS,
    NOTHING_COUNTED,
    FlowGroups,
    GroupCounts,
    Grouping,
    both_unplaced,
    counts_by_group,
    group,
)
from linemap.measures._statistics import (
    LEVEL,
    REPLICATES,
    FloatArray,
    IntArray,
    distance_replicates,
    percentile_interval,
)
from linemap.measures.display import Estimate, tabulate
from linemap.measures.reach import count_of

POPULATION: Final = "population"
RATE: Final = "rate_per_100_000"
RELIABILITY: Final = "reliability"
MONTHS: Final = "months"
PER_MONTH: Final = "n_per_month"
PER: Final = 100_000
# Office for National Statistics: no crude rate of fewer than 3 events, and one
# of fewer than 20 is marked as unreliable.
WITHHELD_UNDER: Final = 3
UNRELIABLE_UNDER: Final = 20


def poisson_interval(count: npt.ArrayLike, level: float = LEVEL) -> tuple[FloatArray, FloatArray]:
    """Give the exact central interval of a Poisson mean (Garwood 1936, Biometrika 28).

    >>> low, high = poisson_interval([0, 10])
    >>> [round(float(value), 2) for value in (*low, *high)]
    [0.0, 4.8, 3.69, 18.39]
    """
    from scipy.special import gammaincinv  # late: scipy is slow to load

    n = np.asarray(count, dtype=np.float64)
    tail = (1 - level) / 2
    low = np.where(n > 0, gammaincinv(np.maximum(n, 1), tail), 0.0)
    return low, np.asarray(gammaincinv(n + 1, 1 - tail), dtype=np.float64)


def rates(
    flows: pd.DataFrame,
    populations: pd.Series,
    *,
    by: Literal["origin", "destination", "force"] = "destination",
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Relate each place's counts to its residents: a rate per 100,000.

    `populations` are residents by place_id, brought by the caller: the
    gazetteer's own figures are weights and no denominators. One row a place,
    the highest rate first; ``low`` and ``high`` are the exact Poisson interval.
    A rate of fewer than 3 is withheld and one of fewer than 20 is
    ``unreliable``, as the ONS does. n counts those with a place at both ends;
    ``n_unplaced``, the same in each row, are those of the whole table that have
    none, and are in no rate.

    Raises
    ------
    InputError
        A population that is not above zero.
    """
    known = populations.dropna()
    if not (known > 0).all():
        raise InputError("A population is not above zero. Leave out those that are not known.")
    groups = group(flows, by, gazetteer, adds=True)
    place, name = GROUPINGS[by]
    table = groups.labels.copy()
    reasons: list[str | None] = list(groups.reasons)
    table[c.N] = count_of(groups, groups.measured)
    residents = table[place].map(known).astype(float)
    table[POPULATION] = residents
    low, high = poisson_interval(table[c.N], level)
    per = PER / residents
    table[RATE] = table[c.N] * per
    table[schema.LOW], table[schema.HIGH] = low * per, high * per
    table[RELIABILITY] = np.where(table[c.N] < UNRELIABLE_UNDER, "unreliable", "usual")
    for row, count in enumerate(table[c.N]):
        if reasons[row] is None and np.isnan(residents.iloc[row]):
            reasons[row] = "no population was given"
        if reasons[row] is None and count < WITHHELD_UNDER:
            reasons[row] = f"fewer than {WITHHELD_UNDER} are counted, so the rate is withheld"
    bad = np.array([reason is not None for reason in reasons], dtype=bool)
    table.loc[bad, [RATE, schema.LOW, schema.HIGH]] = np.nan
    table[RELIABILITY] = table[RELIABILITY].mask(bad, "withheld")
    _null_counts(table, groups)
    table[c.N_UNPLACED] = group(flows, None, gazetteer).unplaced.repeat(len(table))
    table[schema.REASON] = pd.Series(reasons, dtype=schema.TEXT_DTYPE)
    table = table[table[place].notna()]
    return table.sort_values(
        [RATE, name, place], ascending=[False, True, True], kind="stable", ignore_index=True
    )


def _null_counts(table: pd.DataFrame, groups: FlowGroups) -> None:
    table[c.N] = pd.arrays.IntegerArray(table[c.N].to_numpy(dtype=np.int64), groups.bad)


def months_in(start: pd.Series, end: pd.Series) -> pd.Series:
    """Count the calendar months of windows, both ends inside; null where not stated.

    >>> months_in(pd.Series(["2018-01"]), pd.Series(["2019-03"])).tolist()
    [15]
    """
    return month_number(end.astype("str")) - month_number(start.astype("str")) + 1


def monthly_rates(
    flows: pd.DataFrame,
    *,
    by: Grouping = ("origin", "measure", "level"),
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Relate each group's counts to the months of their window, one row a group and window.

    n counts everything counted, placed or not (``n_unplaced`` of them are not).
    ``low`` and ``high`` are the exact Poisson interval of ``n_per_month``.
    Null, with the reason, where no window is stated or counts may not be added.

    Warns
    -----
    UserWarning
        Windows of different lengths stand side by side: compare the monthly
        rates, and remember that what was collected may differ as well.
    """
    names = [by] if isinstance(by, str) else list(by or ())
    groups = group(flows, [*(n for n in names if n != "period"), "period"], gazetteer, adds=True)
    table = groups.labels.copy()
    total = count_of(groups, groups.counted)
    table[c.N] = total
    _null_counts(table, groups)
    table[c.N_UNPLACED] = groups.unplaced
    months = months_in(table[schema.PERIOD_START], table[schema.PERIOD_END])
    table[MONTHS] = months
    low, high = poisson_interval(total, level)
    divisor = months.to_numpy(dtype=float, na_value=np.nan)
    counted = np.bincount(groups.number[groups.counted], minlength=len(groups)) > 0
    reasons = [
        reason
        or (None if counted[row] else NOTHING_COUNTED)
        or ("no window is stated" if np.isnan(divisor[row]) else None)
        for row, reason in enumerate(groups.reasons)
    ]
    bad = np.array([reason is not None for reason in reasons], dtype=bool)
    for column, values in ((PER_MONTH, total), (schema.LOW, low), (schema.HIGH, high)):
        table[column] = np.where(bad, np.nan, values / divisor)
    table[schema.REASON] = pd.Series(reasons, dtype=schema.TEXT_DTYPE)
    lengths = sorted(set(months[~bad]))
    if len(lengths) > 1:
        warnings.warn(
            f"Windows of {', '.join(str(n) for n in lengths)} months stand side by side. Compare "
            f"{PER_MONTH!r} and not {c.N!r}; what was collected may also differ between them.",
            UserWarning,
            stacklevel=2,
        )
    return table.sort_values(list(groups.labels.columns), kind="stable", ignore_index=True)


# ── Which destinations an origin is linked to more than the others are ──────────────────────
QUOTIENT: Final = "location_quotient"
EXPECTED_IF_ALIKE: Final = "expected_if_alike"


def location_quotients(
    flows: pd.DataFrame, *, level: float = LEVEL, gazetteer: Gazetteer | None = None
) -> pd.DataFrame:
    """Compare each origin's share of a destination with everyone's share of it.

    The location quotient is ``(n_ij / n_i.) / (n_.j / n_..)``: 1 where the origin
    is like the whole, 2 where it has twice the share. One row a pair of an
    origin and a destination that anyone reaches, ordered by names; pairs
    without a count have 0. ``low`` and ``high``: the log-normal interval with
    the delta-method variance of multinomial counts, ``1/n_ij - 1/n_i. - 1/n_.j +
    2 n_ij / (n_i. n_.j) - 1/n_..``; for a count of 0, 0 and the exact Poisson
    limit over ``expected_if_alike``. Small counts make wide intervals: read
    them before the quotient.

    Raises
    ------
    StatisticsError
        Counts that may not be added (statements of several origins never may),
        destinations at several levels, or fewer than two origins.
    """
    groups = group(flows, None, gazetteer)
    next(counts_by_group(groups)).require()
    rows = groups.measured
    table = pd.DataFrame(
        {
            schema.ORIGIN_ID: groups.flows[schema.ORIGIN_ID].to_numpy(object)[rows],
            schema.ORIGIN_NAME: groups.flows[schema.ORIGIN_NAME].to_numpy(object)[rows],
            schema.DESTINATION_ID: groups.flows[schema.DESTINATION_ID].to_numpy(object)[rows],
            schema.DESTINATION_NAME: groups.flows[schema.DESTINATION_NAME].to_numpy(object)[rows],
            c.N: groups.counts[rows],
        }
    )
    counts = table.pivot_table(
        index=[schema.ORIGIN_NAME, schema.ORIGIN_ID],
        columns=[schema.DESTINATION_NAME, schema.DESTINATION_ID],
        values=c.N,
        aggfunc="sum",
        fill_value=0,
    )
    if len(counts) < 2:
        raise StatisticsError("One origin alone is like itself: a location quotient needs two.")
    cell = counts.to_numpy(dtype=float)
    expected, quotient, low, high = _quotients(cell, level)
    names = counts.index.repeat(cell.shape[1])
    places = counts.columns.repeat(1).append([counts.columns] * (cell.shape[0] - 1))
    return pd.DataFrame(
        {
            schema.ORIGIN_ID: names.get_level_values(schema.ORIGIN_ID),
            schema.ORIGIN_NAME: names.get_level_values(schema.ORIGIN_NAME),
            schema.DESTINATION_ID: places.get_level_values(schema.DESTINATION_ID),
            schema.DESTINATION_NAME: places.get_level_values(schema.DESTINATION_NAME),
            c.N: cell.ravel().astype(np.int64),
            EXPECTED_IF_ALIKE: expected.ravel(),
            QUOTIENT: quotient.ravel(),
            schema.LOW: low.ravel(),
            schema.HIGH: high.ravel(),
        }
    )


def _quotients(
    cell: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Work out what is expected, the quotient, and its interval, of a table of counts."""
    origin, reached = cell.sum(axis=1, keepdims=True), cell.sum(axis=0, keepdims=True)
    total = cell.sum()
    expected = origin * reached / total
    quotient = cell / expected
    some = np.maximum(cell, 1)
    variance = 1 / some - 1 / origin - 1 / reached + 2 * some / (origin * reached) - 1 / total
    factor = np.exp(_normal(level) * np.sqrt(np.maximum(variance, 0.0)))
    limit = float(poisson_interval(0, level)[1])
    low = np.where(cell > 0, quotient / factor, 0.0)
    high = np.where(cell > 0, quotient * factor, limit / expected)
    return expected, quotient, low, high


def _normal(level: float) -> float:
    from scipy.special import ndtri  # late: scipy is slow to load

    return float(ndtri((1 + level) / 2))


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
    reason. A change of counts may be a change of
    recording, which no test can tell apart.

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
                    f"difference_of_{term}",
                    observed[i],
                    "km",
                    low[i],
                    high[i],
                    least[i],
                    most[i],
                ),
                n,
                lost,
            )
            for i, term in enumerate((c.MEAN_KM, c.MEDIAN_KM))
        ],
        [],
    )
    table.insert(
        list(table.columns).index(schema.HIGH) + 1, P_VALUE, (1 + as_far) / (1 + permutations)
    )
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
        columns=[
            schema.DESTINATION_ID,
            schema.DESTINATION_NAME,
            N_BEFORE,
            N_AFTER,
            RATIO,
            schema.LOW,
            schema.HIGH,
            P_VALUE,
            schema.REASON,
        ],
    )
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
