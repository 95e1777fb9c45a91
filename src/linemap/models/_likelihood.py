"""Maximum likelihood in one or two parameters, and profile likelihood intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], float]


def maximise(log_likelihood: LogLikelihood, start: Floats) -> tuple[Floats, float]:
    """Find the parameters of greatest likelihood near `start`, and its log.

    Nelder and Mead's simplex, begun again from its own end, at most six times,
    until that no longer helps: no derivative is needed, and a parameter may be
    impossible on one side.
    """
    from scipy.optimize import minimize

    def cost(free: Floats) -> float:
        with np.errstate(all="ignore"):  # an impossible step is judged by its likelihood
            value = log_likelihood(free)
        return -value if np.isfinite(value) else 1e300

    best, lowest = np.asarray(start, dtype=float), cost(np.asarray(start, dtype=float))
    for _ in range(6):
        simplex = best + np.vstack(
            [np.zeros(best.size), np.diag(np.where(best == 0, 0.1, 0.1 * np.abs(best)))]
        )
        found = minimize(
            cost,
            best,
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-12, "initial_simplex": simplex, "maxiter": 4000},
        )
        gain = lowest - float(found.fun)
        if gain > 0:
            best, lowest = np.asarray(found.x, dtype=float), float(found.fun)
        if gain < 1e-9:
            break
    return best, -lowest if lowest < 1e300 else float("-inf")


def _maximise_one(log_likelihood: LogLikelihood, start: Floats) -> float:
    """Give the greatest log-likelihood of one parameter, by Brent's method."""
    from scipy.optimize import minimize_scalar

    def cost(value: float) -> float:
        with np.errstate(all="ignore"):  # as above
            reached = log_likelihood(np.array([value]))
        return -reached if np.isfinite(reached) else 1e300

    width = 0.05 * max(abs(float(start[0])), 0.1)
    found = minimize_scalar(cost, bracket=(float(start[0]) - width, float(start[0]) + width))
    return -float(found.fun)


def profile_interval(
    log_likelihood: LogLikelihood, best: Floats, index: int, *, level: float
) -> tuple[float, float]:
    """Give the ends between which one parameter loses less than chi-square allows.

    The other parameters are maximised again at each value (Venzon and
    Moolgavkar 1988). An end that cannot be reached within 60 doublings is
    infinite: the data do not bound the parameter on that side.
    """
    from scipy.optimize import brentq
    from scipy.stats import chi2

    peak = log_likelihood(best)
    allowed = float(chi2.ppf(level, 1)) / 2
    others = [position for position in range(best.size) if position != index]

    def loss(value: float) -> float:
        def rest(free: Floats) -> float:
            whole = best.copy()
            whole[index] = value
            whole[others] = free
            return log_likelihood(whole)

        if not others:
            return min(peak - rest(np.empty(0)), 1e6) - allowed
        top = (
            _maximise_one(rest, best[others])
            if len(others) == 1
            else maximise(rest, best[others])[1]
        )
        return min(peak - top, 1e6) - allowed

    ends = []
    for sign in (-1.0, 1.0):
        step = 0.01 * max(abs(best[index]), 1e-3)
        for _ in range(60):
            if loss(best[index] + sign * step) > 0:
                reach = brentq(
                    lambda by, sign=sign: loss(best[index] + sign * by), 0.0, step, xtol=1e-12
                )
                ends.append(best[index] + sign * float(reach))
                break
            step *= 2
        else:
            ends.append(sign * float("inf"))
    return ends[0], ends[1]
