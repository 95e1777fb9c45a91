"""Means, quantiles and shares of counted values, for many groups at once.

Each function takes one element a row (values, counts, and the number of the
group from 0) and gives one element a group. A group without a count gets NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from linemap.errors import InputError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Counted values sorted by group and then by value; rows that count nothing left out."""

    values: FloatArray
    reached: IntArray  # running total of the counts
    before: IntArray  # running total before each group
    total: IntArray  # of each group


def order(values: FloatArray, counts: IntArray, group: IntArray, groups: int) -> Ordered:
    """Sort once; every quantile is then a look-up."""
    kept = counts > 0
    values, counts, group = values[kept], counts[kept], group[kept]
    by_value = np.argsort(values)
    small = group.astype(np.uint16) if groups <= 65_535 else group  # 16 bits sort in linear time
    rows = by_value[np.argsort(small[by_value], kind="stable")]
    total = np.bincount(group, weights=counts, minlength=groups).astype(np.int64)
    return Ordered(values[rows], np.cumsum(counts[rows]), np.cumsum(total) - total, total)


def quantile(ordered: Ordered, share: float) -> FloatArray:
    """Find the value below which `share` of the count lies, for each group.

    Hyndman and Fan's definition 2 (1996, The American Statistician 50): the
    inverse of the distribution function, averaged where it is flat, as in the
    usual median of an even number. NaN for a group that counts nothing.
    """
    result = np.full(len(ordered.total), np.nan)
    some = ordered.total > 0
    if not some.any():
        return result
    wanted = share * ordered.total[some]
    whole = np.round(wanted)
    # A product like 0.9 * 10 misses its integer by a rounding error.
    exact = np.isclose(wanted, whole, rtol=0, atol=1e-9 * np.maximum(whole, 1))
    nth = np.where(exact, whole, np.ceil(wanted)).astype(np.int64)  # the nth of the group
    first = np.clip(nth, 1, ordered.total[some])
    second = np.clip(np.where(exact, nth + 1, nth), 1, ordered.total[some])
    below, above = (
        ordered.values[np.searchsorted(ordered.reached, ordered.before[some] + n, side="left")]
        for n in (first, second)
    )
    result[some] = (below + above) / 2
    return result


def mean(values: FloatArray, counts: IntArray, group: IntArray, groups: int) -> FloatArray:
    """Average the values of each group, weighted by count; rows that count nothing say nothing."""
    kept = counts > 0
    total = np.bincount(group[kept], weights=counts[kept], minlength=groups)
    summed = np.bincount(group[kept], weights=values[kept] * counts[kept], minlength=groups)
    return ratio(summed, total)


def share(
    where: npt.NDArray[np.bool_], counts: IntArray, group: IntArray, groups: int
) -> FloatArray:
    """Give the share of each group's count that lies `where`."""
    part = np.bincount(group[where], weights=counts[where], minlength=groups)
    return ratio(part, np.bincount(group, weights=counts, minlength=groups))


def ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> FloatArray:
    """Divide, giving NaN where the whole is nothing, without a warning."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    result = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=result, where=whole != 0)
    return result


def distinct_cells(cells: IntArray, limit: int) -> IntArray:
    """List the distinct numbers below `limit`, in order; a table of flags beats a sort."""
    if limit > 20_000_000:
        return np.unique(cells)
    there = np.zeros(limit, dtype=bool)
    there[cells] = True
    return np.flatnonzero(there)


# ── Draw counts again, as often as needed, and watch how a statistic of distance moves ──────
REPLICATES: Final = 2_000
LEVEL: Final = 0.95
_AT_ONCE: Final = 4_000_000  # counts drawn at once: 32 MB
# A binomial draw a flow costs about as much as twelve draws of a single record.
_RECORDS_PER_FLOW: Final = 12
# So many different distances are drawn as they are; more, together by steps.
_MOST_DISTANCES: Final = 5_000
_STEP_KM: Final = 0.1


def resample(
    counts: IntArray, replicates: int, rng: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield blocks of replicates: one row a replicate, one column a flow.

    Each row sums to the sum of `counts`. The same generator state and counts
    give the same blocks.
    """
    if replicates < 1:
        raise InputError(f"A bootstrap needs 1 replicate or more, not {replicates}.")
    n, flows = int(counts.sum()), len(counts)
    if n == 0:
        return
    rows = max(1, _AT_ONCE // max(flows, 1))
    owner = np.repeat(np.arange(flows), counts) if n < _RECORDS_PER_FLOW * flows else None
    for first in range(0, replicates, rows):
        size = min(rows, replicates - first)
        if owner is None:
            yield rng.multinomial(n, counts / n, size=size)
            continue
        block = np.empty((size, flows), dtype=np.int64)
        for row in range(size):
            block[row] = np.bincount(owner[rng.integers(n, size=n)], minlength=flows)
        yield block


def distance_replicates(
    km: FloatArray,
    counts: IntArray,
    *,
    shares: Sequence[float],
    limits_km: Sequence[float],
    replicates: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw replicates of the mean, of quantiles, and of the shares beyond some limits.

    Returns three arrays, one row a replicate: the mean (one column), the
    quantiles at `shares` (definition 2), and the shares strictly beyond
    `limits_km`. Counts are positive. Of more than 5,000 different distances those in the same
    tenth of a kilometre, on the same side of each limit, are drawn together at their mean: a
    replicate's mean and quantiles then differ by less than 0.1 km, its shares by nothing.
    """
    kept, where = np.unique(km, return_inverse=True)  # flows equally far are one
    counts = np.bincount(where, weights=counts, minlength=len(kept)).astype(np.int64)
    if len(kept) > _MOST_DISTANCES:
        kept, counts = _in_steps(kept, counts, limits_km)
    n = int(counts.sum())
    wanted = np.array(shares) * n
    whole = np.round(wanted)
    exact = np.isclose(wanted, whole, rtol=0, atol=1e-9 * np.maximum(whole, 1))
    first = np.clip(np.where(exact, whole, np.ceil(wanted)), 1, n)
    second = np.clip(np.where(exact, whole + 1, first), 1, n)
    within = np.searchsorted(kept, np.array(limits_km), side="right")
    means = np.empty((replicates, 1))
    quantiles = np.empty((replicates, len(wanted)))
    beyond = np.empty((replicates, len(within)))
    at = 0
    for block in resample(counts, replicates, rng):
        means[at : at + len(block), 0] = block @ kept / n
        for row in block:
            reached = np.cumsum(row)
            below, above = (kept[np.searchsorted(reached, nth)] for nth in (first, second))
            quantiles[at] = (below + above) / 2
            beyond[at] = 1 - np.concatenate(([0], reached))[within] / n
            at += 1
    return means, quantiles, beyond


def _in_steps(
    km: FloatArray, counts: IntArray, limits_km: Sequence[float]
) -> tuple[FloatArray, IntArray]:
    """Join sorted distances in the same step and on the same side of each limit, at their mean."""
    beyond = np.searchsorted(np.sort(np.array(limits_km, dtype=float)), km, side="left")
    cell = np.floor(km / _STEP_KM).astype(np.int64) * (len(limits_km) + 1) + beyond
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    totals = np.add.reduceat(counts, starts)
    means = np.add.reduceat(km * counts, starts) / totals
    ends = np.append(starts[1:], len(km)) - 1
    return np.clip(means, km[starts], km[ends]), totals


def percentile_interval(
    replicates: FloatArray, level: float = LEVEL
) -> tuple[FloatArray, FloatArray]:
    """Give the percentile interval of each column of replicates."""
    if not 0 < level < 1:
        raise InputError(f"A confidence level lies between 0 and 1, not at {level}.")
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
