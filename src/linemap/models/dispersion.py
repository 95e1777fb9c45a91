"""Do counts vary more than a Poisson model allows? Tested and said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from linemap.errors import StatisticsError


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
