"""Poisson and negative-binomial regression, by statsmodels, in the terms of a design."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linemap.errors import StatisticsError
from linemap.models.design import Design, Floats

ALPHA = "alpha"


@dataclass(frozen=True, slots=True)
class CountFit:
    """What a regression of counts found, row for row with its design."""

    terms: tuple[str, ...]
    parameters: Floats
    covariance: Floats
    expected: Floats
    poisson_expected: Floats
    alpha: float
    log_likelihood: float
    deviance: float
    d2: float
    n_means: int  # parameters of the mean, the constant among them
    notes: tuple[str, ...] = ()


def fit_counts(
    counts: Floats,
    design: Design,
    *,
    family: str,
    scaled: bool,
    groups: NDArray[np.int64] | None,
) -> CountFit:
    """Fit `counts` on `design`; `scaled` errors are quasi-Poisson's, `groups` are clusters."""
    poisson = _fit_poisson(counts, design, scaled=scaled, groups=groups)
    if family == "poisson":
        return poisson
    return _fit_negative_binomial(counts, design, poisson, groups=groups)


def _covariance_options(groups: NDArray[np.int64] | None) -> dict[str, Any]:
    if groups is None:
        return {"cov_type": "nonrobust"}
    return {"cov_type": "cluster", "cov_kwds": {"groups": groups}}


def _fit_poisson(
    counts: Floats, design: Design, *, scaled: bool, groups: NDArray[np.int64] | None
) -> CountFit:
    import statsmodels.api as sm

    model = sm.GLM(counts, design.matrix, family=sm.families.Poisson(), offset=design.offset)
    with warnings.catch_warnings():
        # statsmodels warns of separation and of no convergence; both are refused below
        warnings.simplefilter("ignore")
        result = model.fit(
            tol=1e-12, maxiter=200, scale="X2" if scaled else None, **_covariance_options(groups)
        )
    values = np.asarray(result.params, dtype=float)
    if not (result.converged and np.isfinite(values).all()):
        raise StatisticsError(
            "The Poisson fit did not converge: some terms tell zero counts from others perfectly, "
            "so their estimates run to infinity. Leave such a term out, or merge its places."
        )
    expected = np.asarray(result.mu, dtype=float)
    deviance = float(result.deviance)
    return CountFit(
        terms=design.terms,
        parameters=values,
        covariance=np.asarray(result.cov_params(), dtype=float),
        expected=expected,
        poisson_expected=expected,
        alpha=0.0,
        log_likelihood=_poisson_log_likelihood(counts, expected),
        deviance=deviance,
        d2=_explained(deviance, _null_deviance(counts, design, sm.families.Poisson())),
        n_means=len(design.terms),
    )


def _poisson_log_likelihood(counts: Floats, expected: Floats) -> float:
    from scipy.special import gammaln, xlogy

    return float(np.sum(xlogy(counts, expected) - expected - gammaln(counts + 1)))


def _null_deviance(counts: Floats, design: Design, family: Any) -> float:
    """Fit a constant (and the offset) alone, and give its deviance."""
    import statsmodels.api as sm

    null = sm.GLM(counts, np.ones((counts.size, 1)), family=family, offset=design.offset)
    return float(null.fit(tol=1e-12, maxiter=200).deviance)


def _explained(deviance: float, null: float) -> float:
    return 1 - deviance / null if null > 1e-9 else float("nan")


def _fit_negative_binomial(
    counts: Floats, design: Design, poisson: CountFit, *, groups: NDArray[np.int64] | None
) -> CountFit:
    """Search alpha by its profile likelihood, then polish all terms together (NB2)."""
    import statsmodels.api as sm

    start = _start_alpha(counts, design, poisson)
    model = sm.NegativeBinomial(counts, design.matrix, offset=design.offset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it would warn of is refused below
        result = model.fit(
            start_params=start, method="newton", maxiter=200, tol=1e-12, disp=0,
            **_covariance_options(groups),
        )  # fmt: skip
    values = np.asarray(result.params, dtype=float)
    covariance = np.asarray(result.cov_params(), dtype=float)
    gradient = np.abs(np.asarray(model.score(values), dtype=float)).max()
    sound = np.isfinite(covariance).all() and (np.diag(covariance) > 0).all()
    if not (sound and gradient < 1e-3 * max(1.0, counts.sum()) and values[-1] > 0):
        raise StatisticsError("The negative-binomial fit did not converge: use errors='quasi'.")
    alpha = float(values[-1])
    family = sm.families.NegativeBinomial(alpha=alpha)
    expected = np.asarray(result.predict(), dtype=float)
    deviance = float(family.deviance(counts, expected))
    return CountFit(
        terms=(*design.terms, ALPHA),
        parameters=values,
        covariance=covariance,
        expected=expected,
        poisson_expected=poisson.expected,
        alpha=alpha,
        log_likelihood=float(result.llf),
        deviance=deviance,
        d2=_explained(deviance, _null_deviance(counts, design, family)),
        n_means=len(design.terms),
        notes=("Deviance and D2 of the negative binomial hold alpha at its estimate.",),
    )


def _start_alpha(counts: Floats, design: Design, poisson: CountFit) -> Floats:
    import statsmodels.api as sm
    from scipy.optimize import minimize_scalar

    latest = poisson.parameters

    def cost(log_alpha: float) -> float:
        nonlocal latest
        family = sm.families.NegativeBinomial(alpha=float(np.exp(log_alpha)))
        model = sm.GLM(counts, design.matrix, family=family, offset=design.offset)
        result = model.fit(start_params=latest, maxiter=100, tol=1e-10)
        latest = np.asarray(result.params, dtype=float)
        return -float(result.llf)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a step of the search, judged by the polish
        found = minimize_scalar(cost, bounds=(-18.0, 6.0), method="bounded")
    if found.x < -15 or -found.fun <= poisson.log_likelihood + 1e-6:
        raise StatisticsError(
            "The counts do not vary more than a Poisson model allows, so the negative binomial's "
            "alpha runs to zero: fit family='poisson'."
        )
    cost(float(found.x))
    return np.append(latest, np.exp(float(found.x)))
