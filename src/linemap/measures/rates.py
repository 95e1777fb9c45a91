"""Counts against residents and against time, with exact intervals."""

from __future__ import annotations

import warnings
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import InputError, StatisticsError
from linemap.flows import month_number
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures._grouping import (
    GROUPINGS,
    NOTHING_COUNTED,
    Grouping,
    Groups,
    counts_by_group,
    group,
)
from linemap.measures._statistics import LEVEL, FloatArray
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


def _null_counts(table: pd.DataFrame, groups: Groups) -> None:
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
