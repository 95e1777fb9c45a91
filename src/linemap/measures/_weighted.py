"""Means, quantiles and shares of counted values, for many groups at once.

Each function takes one element a row (values, counts, and the number of the
group from 0) and gives one element a group. A group without a count gets NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
