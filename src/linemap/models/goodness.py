"""How well expected counts agree with observed ones: each statistic under its own name."""

from __future__ import annotations

from dataclasses import dataclass

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


# ── Do counts vary more than a Poisson model allows? Tested and said ────────────────────────
@dataclass(frozen=True, slots=True)
class Dispersion:
    """The regression test of over-dispersion, and Pearson's ratio beside it.

    ``phi`` estimates variance over mean (1 under Poisson) where the variance
    grows with the mean; ``alpha`` the excess where it grows with the mean's
    square, as in the negative binomial. Each has its z and one-sided p, small
    when the counts vary too much. ``pearson`` is Pearson's chi-square over its
    degrees of freedom, the scale of quasi-Poisson errors; null without them.
    """

    phi: float
    phi_z: float
    phi_p: float
    alpha: float
    alpha_z: float
    alpha_p: float
    pearson: float

    @property
    def overdispersed(self) -> bool:
        """Say whether either test is significant at 5 %."""
        return min(self.phi_p, self.alpha_p) < 0.05

    def __repr__(self) -> str:
        return f"<Dispersion: {self}>"

    def __str__(self) -> str:
        verdict = (
            "Counts vary more than a Poisson model allows: its own errors are too small"
            if self.overdispersed
            else "No sign that counts vary more than a Poisson model allows"
        )
        return (
            f"{verdict} (variance over mean {self.phi:.2f}, p {_p(self.phi_p)}; "
            f"negative-binomial alpha {self.alpha:.3f}, p {_p(self.alpha_p)})."
        )


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def _slope_through_zero(response: np.ndarray, regressor: np.ndarray) -> tuple[float, float]:
    """Regress without a constant; give the slope and its z."""
    squares = float(regressor @ regressor)
    slope = float(regressor @ response) / squares
    left = response - slope * regressor
    error = float(np.sqrt((left @ left) / (response.size - 1) / squares))
    if error <= 1e-12 * max(1.0, abs(slope)):
        return slope, float(np.copysign(np.inf, slope)) if slope else 0.0
    return slope, slope / error


def dispersion_test(observed: ArrayLike, expected: ArrayLike, *, n_terms: int = 0) -> Dispersion:
    """Test equal mean and variance against more, after a Poisson fit.

    Cameron and Trivedi (1990), the auxiliary regressions of
    ((y - mu)^2 - y) / mu on a constant and on mu, without intercept. Pairs that
    are expected to be exactly zero are left out. `n_terms` is the number of
    fitted parameters. Raises :class:`StatisticsError` with fewer than three pairs.
    """
    from scipy.stats import norm

    seen = np.asarray(observed, dtype=float)
    told = np.asarray(expected, dtype=float)
    seen, told = seen[told > 0], told[told > 0]
    if seen.size < 3:
        raise StatisticsError(
            f"Over-dispersion cannot be tested on {seen.size} pairs: three or more are needed."
        )
    response = ((seen - told) ** 2 - seen) / told
    phi, phi_z = _slope_through_zero(response, np.ones_like(told))
    alpha, alpha_z = _slope_through_zero(response, told)
    freedom = seen.size - n_terms
    pearson = float(np.sum((seen - told) ** 2 / told)) / freedom if freedom > 0 else float("nan")
    return Dispersion(
        phi=1 + phi,
        phi_z=phi_z,
        phi_p=float(norm.sf(phi_z)),
        alpha=alpha,
        alpha_z=alpha_z,
        alpha_p=float(norm.sf(alpha_z)),
        pearson=pearson,
    )
