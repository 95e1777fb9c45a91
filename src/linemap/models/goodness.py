"""How well expected counts agree with observed ones: each statistic under its own name."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from linemap.errors import StatisticsError

Floats = NDArray[np.float64]


def _both(observed: ArrayLike, expected: ArrayLike) -> tuple[Floats, Floats]:
    seen = np.asarray(observed, dtype=float)
    told = np.asarray(expected, dtype=float)
    if seen.shape != told.shape or seen.ndim != 1:
        raise StatisticsError(
            f"Observed and expected counts must be two lists of one length, not of shapes "
            f"{seen.shape} and {told.shape}."
        )
    if seen.size == 0:
        raise StatisticsError("No pair was given, so nothing can be compared.")
    if not (np.isfinite(seen).all() and np.isfinite(told).all()):
        raise StatisticsError("A count is unknown: leave its pair out of both lists.")
    if (seen < 0).any() or (told < 0).any():
        raise StatisticsError("A count is negative.")
    return seen, told


def common_part_of_commuters(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give the share of all counts that the two tables have in common, 0 to 1.

    Twice the sum of the smaller count of each pair, over the sum of both
    tables: the common part of commuters (CPC) of Gargiulo and others (2012)
    and Lenormand and others (2012), the Sorensen-Dice index of whole tables.
    Two empty tables agree: 1. This is not :func:`mean_cell_sorensen`, which
    averages over pairs and so gives a pair of 1 the weight of a pair of 1,000.

    >>> common_part_of_commuters([3, 1], [1, 3])
    0.5
    """
    seen, told = _both(observed, expected)
    total = float(seen.sum() + told.sum())
    return 1.0 if total == 0 else float(2 * np.minimum(seen, told).sum() / total)


def mean_cell_sorensen(observed: ArrayLike, expected: ArrayLike) -> float:
    """Average the Sorensen similarity of each pair's two counts, 0 to 1.

    What spint calls SSI. A pair where both counts are zero agrees and counts
    as 1, so the statistic rises with the number of empty pairs.

    >>> round(mean_cell_sorensen([3, 1], [1, 1]), 3)
    0.75
    """
    seen, told = _both(observed, expected)
    total = seen + told
    similar = np.ones_like(total)
    np.divide(2 * np.minimum(seen, told), total, out=similar, where=total > 0)
    return float(similar.mean())


def srmse(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give the root mean square error over the mean observed count.

    The standardised root mean square error of Knudsen and Fotheringham (1986):
    0 is perfect; there is no upper limit.

    Raises :class:`StatisticsError` where every observed count is zero.
    """
    seen, told = _both(observed, expected)
    if seen.sum() == 0:
        raise StatisticsError("Every observed count is zero, so SRMSE has no scale.")
    return float(np.sqrt(np.mean((seen - told) ** 2)) / seen.mean())


def poisson_deviance(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give twice the log-likelihood that a Poisson model falls short of a saturated one.

    McCullagh and Nelder (1989), 2.3. Infinite where a pair was seen that the
    model holds impossible.
    """
    seen, told = _both(observed, expected)
    if ((told == 0) & (seen > 0)).any():
        return float("inf")
    positive = seen > 0
    log_ratio = np.zeros_like(seen)
    log_ratio[positive] = seen[positive] * np.log(seen[positive] / told[positive])
    return float(2 * np.sum(log_ratio - (seen - told)))


def deviance_explained(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give D2, the share of the Poisson deviance of one constant mean that the model explains.

    Null (NaN) where all observed counts are equal: there is nothing to explain.
    """
    seen, _ = _both(observed, expected)
    null = poisson_deviance(seen, np.full_like(seen, seen.mean()))
    if null <= 1e-12 * max(1.0, float(seen.sum())):
        return float("nan")
    return 1 - poisson_deviance(observed, expected) / null


def compare_counts(observed: ArrayLike, expected: ArrayLike) -> pd.Series:
    """Put all that needs no likelihood side by side, for any model's expected counts.

    A Series: ``n_pairs``, ``n_zero_pairs`` (observed), ``total``,
    ``expected_total``, ``deviance`` (Poisson), ``d2``, ``srmse``,
    ``common_part_of_commuters``, ``mean_cell_sorensen``.
    """
    seen, told = _both(observed, expected)
    return pd.Series(
        {
            "n_pairs": float(seen.size),
            "n_zero_pairs": float((seen == 0).sum()),
            "total": float(seen.sum()),
            "expected_total": float(told.sum()),
            "deviance": poisson_deviance(seen, told),
            "d2": deviance_explained(seen, told),
            "srmse": srmse(seen, told),
            "common_part_of_commuters": common_part_of_commuters(seen, told),
            "mean_cell_sorensen": mean_cell_sorensen(seen, told),
        },
        dtype=float,
    )
