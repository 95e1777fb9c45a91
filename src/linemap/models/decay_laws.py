"""The laws of distance decay: densities on a range, starting values, scales for the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Law:
    """A density on [low, high] km and how to search its parameters.

    ``positive``: it has no density at distance zero; ``needs_low``: it grows
    without limit towards zero, so it must begin above it.
    """

    name: str
    terms: tuple[str, ...]
    positive: bool
    needs_low: bool
    log_density: Callable[[Floats, Floats, float, float], Floats]
    start: Callable[[Floats, Floats, float], Floats]
    to_free: Callable[[Floats], Floats]
    to_natural: Callable[[Floats], Floats]


def _mean(values: Floats, counts: Floats) -> float:
    return float(np.average(values, weights=counts))


def _log_exponential(d: Floats, parameters: Floats, low: float, high: float) -> Floats:
    rate = parameters[0]
    if np.isinf(high):
        if rate <= 0:
            return np.full_like(d, -np.inf)
        return np.asarray(np.log(rate) - rate * (d - low))
    # On a closed range a rate of zero or below is a density too: even, or rising.
    width = high - low
    if abs(rate * width) < 1e-9:
        return np.asarray(-np.log(width) - rate * (d - low - width / 2))
    return np.asarray(np.log(rate / -np.expm1(-rate * width)) - rate * (d - low))


def _log_power(d: Floats, parameters: Floats, low: float, high: float) -> Floats:
    # In logs of distance the power law is an exponential of rate alpha - 1.
    rate = np.array([parameters[0] - 1])
    logs = np.log(d)
    return _log_exponential(logs, rate, float(np.log(low)), float(np.log(high))) - logs


def _log_lognormal(d: Floats, parameters: Floats, low: float, high: float) -> Floats:
    from scipy.special import log_ndtr

    mu, sigma = parameters
    if sigma <= 0:
        return np.full_like(d, -np.inf)
    z = (np.log(d) - mu) / sigma
    log_density = -0.5 * z**2 - np.log(sigma) - 0.5 * np.log(2 * np.pi) - np.log(d)
    if low == 0 and np.isinf(high):
        return np.asarray(log_density)
    below = (np.log(low) - mu) / sigma if low > 0 else -np.inf
    above = (np.log(high) - mu) / sigma
    if below > 0:  # the far tail is exact when it is taken from the other side
        below, above = -above, -below
    top, bottom = log_ndtr(above), log_ndtr(below)
    if top - bottom > 1e-9:
        share = top + np.log1p(-np.exp(bottom - top))
    else:  # so narrow beside sigma that the normal density is even across it
        share = -((below + above) ** 2) / 8 - 0.5 * np.log(2 * np.pi) + np.log(above - below)
    return np.asarray(log_density - share)


def _log_truncated_power(d: Floats, parameters: Floats, low: float, high: float) -> Floats:
    alpha, cutoff = parameters
    if cutoff <= 0:
        return np.full_like(d, -np.inf)
    scale = _log_tail_integral(alpha, cutoff, low, high)
    return np.asarray(-alpha * np.log(d) - d / cutoff - scale)


_NODES: Final = 200


@cache
def _gauss_legendre() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def _log_tail_integral(alpha: float, cutoff: float, low: float, high: float) -> float:
    """Give the log of the integral of x^-alpha exp(-x/cutoff) from `low` to `high`.

    Gauss-Legendre in log x, split at the cutoff, to where the end is below
    exp(-60) of the start; the upper incomplete gamma function of a negative
    order is the same number, and scipy has none.
    """
    start = np.log(low)
    end = min(np.log(high), np.log(low + 60 * cutoff + 1e-9 * low))
    middle = np.clip(np.log(cutoff), start, end)
    nodes, weights = _gauss_legendre()
    log_terms = []
    for left, right in ((start, middle), (middle, end)):
        if right <= left:
            continue
        u = left + (right - left) * (nodes + 1) / 2
        log_f = (1 - alpha) * u - np.exp(u) / cutoff
        log_terms.append(log_f + np.log(weights * (right - left) / 2))
    terms = np.concatenate(log_terms)
    peak = terms.max()
    return float(peak + np.log(np.exp(terms - peak).sum()))


def _start_exponential(d: Floats, counts: Floats, low: float) -> Floats:
    return np.array([1 / max(_mean(d, counts) - low, 1e-6)])


def _start_power(d: Floats, counts: Floats, low: float) -> Floats:
    return np.array([1 + 1 / max(_mean(np.log(d), counts) - np.log(low), 1e-6)])


def _start_lognormal(d: Floats, counts: Floats, low: float) -> Floats:
    logs = np.log(d)
    mu = _mean(logs, counts)
    return np.array([mu, max(np.sqrt(_mean((logs - mu) ** 2, counts)), 1e-3)])


def _start_truncated(d: Floats, counts: Floats, low: float) -> Floats:
    return np.array([1.0, max(_mean(d, counts), 1e-3)])


def _same(values: Floats) -> Floats:
    return values.copy()


def _log_last(values: Floats) -> Floats:
    free = values.astype(float).copy()
    free[-1] = np.log(free[-1])
    return free


def _exp_last(free: Floats) -> Floats:
    values = free.astype(float).copy()
    with np.errstate(over="ignore"):  # an end that the data do not bound is infinite
        values[-1] = np.exp(values[-1])
    return values


LAWS: Final[dict[str, Law]] = {
    law.name: law
    for law in (
        Law(
            "negative exponential", ("rate_per_km",), False, False,
            _log_exponential, _start_exponential, _same, _same,
        ),
        Law("power", ("alpha",), True, True, _log_power, _start_power, _same, _same),
        Law(
            "lognormal", ("mu_log_km", "sigma_log_km"), True, False,
            _log_lognormal, _start_lognormal, _log_last, _exp_last,
        ),
        Law(
            "truncated power", ("alpha", "cutoff_km"), True, True,
            _log_truncated_power, _start_truncated, _log_last, _exp_last,
        ),
    )
}  # fmt: skip
