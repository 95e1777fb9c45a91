"""Draw counts again, as often as needed, and watch how a statistic of distance moves.

The bootstrap by record (Efron and Tibshirani 1993): n records drawn with
replacement from the n that were counted. Records of one flow are alike, so
their counts are drawn instead of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from linemap.errors import InputError
from linemap.measures._weighted import FloatArray, IntArray

REPLICATES: Final = 2_000
LEVEL: Final = 0.95
_AT_ONCE: Final = 4_000_000  # counts drawn at once: 32 MB
# A binomial draw a flow costs about as much as thirty draws of a single record.
_RECORDS_PER_FLOW: Final = 30


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
    `limits_km`. Counts are positive.
    """
    kept, where = np.unique(km, return_inverse=True)  # flows equally far are one
    counts = np.bincount(where, weights=counts, minlength=len(kept)).astype(np.int64)
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


def percentile_interval(
    replicates: FloatArray, level: float = LEVEL
) -> tuple[FloatArray, FloatArray]:
    """Give the percentile interval of each column of replicates."""
    if not 0 < level < 1:
        raise InputError(f"A confidence level lies between 0 and 1, not at {level}.")
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
