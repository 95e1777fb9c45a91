"""How quickly counts fall with distance: four laws, fitted by maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from linemap import schema
from linemap.errors import StatisticsError
from linemap.models.counts import require_disjoint

DecayFamily = Literal["negative exponential", "power", "lognormal", "truncated power"]
FAMILIES: tuple[DecayFamily, ...] = (
    "negative exponential", "power", "lognormal", "truncated power",
)  # fmt: skip
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DecayFit:
    """A law of distance with its estimates.

    ``estimates`` is one row a parameter: ``term``, ``estimate``, ``low`` and
    ``high`` (the sampling interval: profile likelihood), ``area_low`` and
    ``area_high`` (the least and the most that the estimate becomes when every
    area's distance is moved together to its 5th or 95th percentile; null where
    the flows do not carry them). ``n`` counts the records fitted,
    ``n_excluded`` those outside [``low_km``, ``high_km``], ``n_unplaced`` those
    without a distance.
    """

    family: DecayFamily
    estimates: pd.DataFrame
    log_likelihood: float
    aic: float
    n: int
    n_excluded: int
    n_unplaced: int
    low_km: float
    high_km: float
    level: float

    def density(self, distance_km: Floats) -> Floats:
        """Give the fitted density per kilometre; 0 outside the fitted range."""
        law = LAWS[self.family]
        values = self.estimates[schema.ESTIMATE].to_numpy(float)
        at = np.asarray(distance_km, dtype=float)
        inside = (at >= self.low_km) & (at <= self.high_km) & (at > 0 if law.positive else True)
        density = np.zeros_like(at)
        density[inside] = np.exp(law.log_density(at[inside], values, self.low_km, self.high_km))
        return density


def fit_decay(
    flows: pd.DataFrame,
    *,
    family: DecayFamily = "negative exponential",
    low_km: float | None = None,
    high_km: float | None = None,
    level: float = 0.95,
) -> DecayFit:
    """Fit a law to the distances of the records, each record once, by maximum likelihood.

    The law is of the distances that were seen: how far people were found. It
    mixes how distance deters with where the places are; :func:`fit_gravity`
    holds the places fixed and is the model of deterrence.

    Families, with their densities on [`low_km`, `high_km`]:

    - ``negative exponential``: rate * exp(-rate d); ``rate_per_km``;
    - ``power``: d^-alpha, from `low_km` on; ``alpha`` (Clauset, Shalizi and
      Newman 2009, 3.1); more than 1 where there is no `high_km`;
    - ``lognormal``: the log of the distance is normal; ``mu_log_km``,
      ``sigma_log_km``;
    - ``truncated power``: d^-alpha exp(-d / cutoff), the power law with an
      exponential end of Gonzalez, Hidalgo and Barabasi (2008); ``alpha``,
      ``cutoff_km``.

    `low_km` and `high_km` truncate any law to a range, and its density is
    scaled to that range; records outside it are counted and left out. Without
    `low_km` the two power laws begin at the shortest distance seen, which is
    its maximum-likelihood estimate, and the others at 0. Intervals are profile
    likelihood intervals (Venzon and Moolgavkar 1988); they take the records for
    independent, and the law for true. Counts at one place share its distance,
    so `n` records are not `n` different distances. AIC can be compared between
    laws fitted on the same range only.

    Raises :class:`StatisticsError` for statements, several measures, hidden
    counts, records at distance zero where the law has no density there, and
    where the distances do not identify the law.
    """
    law = _law(family)
    require_disjoint(flows)
    counts = flows[schema.COUNT].to_numpy(float)
    distance = flows[schema.DISTANCE_KM].to_numpy(float)
    known = np.isfinite(distance) & (counts > 0)
    low, high = _range(law, distance[known], low_km, high_km)
    inside = known & (distance >= low) & (distance <= high)
    _require_identified(law, distance[inside], low)
    values, log_likelihood = _maximum(law, distance[inside], counts[inside], low, high)
    estimates = pd.DataFrame({schema.TERM: law.terms, schema.ESTIMATE: values})
    estimates[[schema.LOW, schema.HIGH]] = _intervals(
        law, distance[inside], counts[inside], values, low, high, level
    )
    estimates[[schema.AREA_LOW, schema.AREA_HIGH]] = _area_intervals(
        law, flows.loc[inside], counts[inside], values, low, high
    )
    n_terms = len(law.terms)
    return DecayFit(
        family=family,
        estimates=estimates,
        log_likelihood=log_likelihood,
        aic=2 * n_terms - 2 * log_likelihood,
        n=int(counts[inside].sum()),
        n_excluded=int(counts[known & ~inside].sum()),
        n_unplaced=int(counts[~np.isfinite(distance)].sum()),
        low_km=low,
        high_km=high,
        level=level,
    )


def compare_decay(
    flows: pd.DataFrame, *, low_km: float, high_km: float | None = None
) -> pd.DataFrame:
    """Fit every law on one range and rank them by AIC, the best first.

    One row a law: ``family``, ``n``, ``log_likelihood``, ``aic``,
    ``aic_difference`` from the best, ``aic_weight`` (Burnham and Anderson
    2002), and ``reason`` where a law could not be fitted (its numbers are then
    null). `low_km` is asked for, because AICs on different ranges do not compare.
    """
    rows: list[dict[str, object]] = []
    for family in FAMILIES:
        try:
            fit = fit_decay(flows, family=family, low_km=low_km, high_km=high_km)
        except StatisticsError as error:
            rows.append({"family": family, schema.REASON: str(error)})
        else:
            rows.append(
                {
                    "family": family,
                    "n": fit.n,
                    "log_likelihood": fit.log_likelihood,
                    "aic": fit.aic,
                    schema.REASON: None,
                }
            )
    table = pd.DataFrame(rows, columns=["family", "n", "log_likelihood", "aic", schema.REASON])
    table[["log_likelihood", "aic"]] = table[["log_likelihood", "aic"]].astype(float)
    table["aic_difference"] = table["aic"] - table["aic"].min()
    weight = np.exp(-table["aic_difference"] / 2)
    table["aic_weight"] = weight / weight.sum()
    order = ["family", "n", "log_likelihood", "aic", "aic_difference", "aic_weight", schema.REASON]
    return table.sort_values(["aic", "family"], ignore_index=True)[order]


def _law(family: str) -> DecayLaw:
    if family not in LAWS:
        raise StatisticsError(f"No law is called {family!r}: choose from {', '.join(LAWS)}.")
    return LAWS[family]


def _range(
    law: DecayLaw, distance: Floats, low_km: float | None, high_km: float | None
) -> tuple[float, float]:
    if distance.size == 0:
        raise StatisticsError("No counted flow has a distance, so no law can be fitted.")
    high = float("inf") if high_km is None else float(high_km)
    if low_km is None:
        if law.positive and (distance == 0).any():
            raise StatisticsError(
                f"Some records lie at distance zero, where the {law.name} law has no density. "
                "Give low_km=..., the distance from which it is to hold."
            )
        low = float(distance.min()) if law.needs_low else 0.0
    else:
        low = float(low_km)
    if not 0 <= low < high:
        raise StatisticsError(
            f"The range {low:g} to {high:g} km is empty: give 0 <= low_km < high_km."
        )
    if law.needs_low and low == 0:
        raise StatisticsError(f"The {law.name} law grows without limit at 0: give low_km above 0.")
    return low, high


def _require_identified(law: DecayLaw, distance: Floats, low: float) -> None:
    different = np.unique(distance)
    if different.size == 0:
        raise StatisticsError("No counted flow lies in the range, so no law can be fitted.")
    if law.positive and different[0] == 0:
        raise StatisticsError(
            f"Some records lie at distance zero, where the {law.name} law has no density. "
            "Give low_km above 0."
        )
    needed = len(law.terms)
    informative = int((different > low).sum())
    if informative < 1 or different.size < needed:
        raise StatisticsError(
            f"All records lie at {different.size} different distance(s), {different[0]:.1f} km "
            f"first: the {law.name} law with its {needed} parameter(s) is not identified."
        )


def _maximum(
    law: DecayLaw, distance: Floats, counts: Floats, low: float, high: float
) -> tuple[Floats, float]:
    """Maximise on a scale without limits; return the parameters and the log-likelihood."""

    def log_likelihood(free: Floats) -> float:
        return float(counts @ law.log_density(distance, law.to_natural(free), low, high))

    free, best = maximise(log_likelihood, law.to_free(law.start(distance, counts, low)))
    if not np.isfinite(best):
        raise StatisticsError(f"The {law.name} law could not be fitted to these distances.")
    return law.to_natural(free), best


def _intervals(
    law: DecayLaw,
    distance: Floats,
    counts: Floats,
    values: Floats,
    low: float,
    high: float,
    level: float,
) -> Floats:
    def log_likelihood(free: Floats) -> float:
        return float(counts @ law.log_density(distance, law.to_natural(free), low, high))

    best = law.to_free(values)
    bounds = np.empty((len(values), 2))
    for index in range(len(values)):
        for side, end in enumerate(profile_interval(log_likelihood, best, index, level=level)):
            moved = best.copy()
            moved[index] = end
            bounds[index, side] = law.to_natural(moved)[index]
    return bounds


def _area_intervals(
    law: DecayLaw, flows: pd.DataFrame, counts: Floats, values: Floats, low: float, high: float
) -> Floats:
    """Refit with every distance at its 5th, then at its 95th percentile inside the places."""
    nothing = np.full((len(values), 2), np.nan)
    columns = (schema.DISTANCE_P05_KM, schema.DISTANCE_P95_KM)
    if not set(columns) <= set(flows.columns) or flows[list(columns)].isna().any(axis=None):
        return nothing
    least = max(low, 1e-3) if law.positive else low
    fits = [values]
    for column in columns:
        distance = np.clip(flows[column].to_numpy(float), least, high)
        try:
            _require_identified(law, distance, low)
            fits.append(_maximum(law, distance, counts, low, high)[0])
        except StatisticsError:
            return nothing
    return np.column_stack([np.min(fits, axis=0), np.max(fits, axis=0)])


# ── The laws of distance decay: densities on a range, starting values, scales for the search ───
@dataclass(frozen=True, slots=True)
class DecayLaw:
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


LAWS: Final[dict[str, DecayLaw]] = {
    law.name: law
    for law in (
        DecayLaw(
            "negative exponential", ("rate_per_km",), False, False,
            _log_exponential, _start_exponential, _same, _same,
        ),
        DecayLaw("power", ("alpha",), True, True, _log_power, _start_power, _same, _same),
        DecayLaw(
            "lognormal", ("mu_log_km", "sigma_log_km"), True, False,
            _log_lognormal, _start_lognormal, _log_last, _exp_last,
        ),
        DecayLaw(
            "truncated power", ("alpha", "cutoff_km"), True, True,
            _log_truncated_power, _start_truncated, _log_last, _exp_last,
        ),
    )
}  # fmt: skip


# ── Maximum likelihood in one or two parameters, and profile likelihood intervals ───────────
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
