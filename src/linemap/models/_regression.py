"""Poisson and negative-binomial regression, by statsmodels, in the terms of a design."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from linemap import schema
from linemap.errors import StatisticsError

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


# ── The columns of a gravity model: who is held fixed, what distance costs, what attracts ───
Constraint = Literal["unconstrained", "production", "attraction", "doubly"]
Cost = Literal["exponential", "power"]
Floats = NDArray[np.float64]

CONSTRAINTS: tuple[Constraint, ...] = ("unconstrained", "production", "attraction", "doubly")
COST_TERM: dict[Cost, str] = {"exponential": schema.DISTANCE_KM, "power": "log_distance_km"}
CONSTANT = "constant"
MOST_CELLS = 50_000_000  # of the design: 400 MB


@dataclass(frozen=True, slots=True)
class Design:
    """The fitted rows, their columns and the offset; ``kept`` marks those rows in the frame."""

    matrix: Floats
    terms: tuple[str, ...]
    offset: Floats
    kept: NDArray[np.bool_]
    dropped: tuple[str, ...]


def held_fixed(constraint: Constraint) -> tuple[str, ...]:
    """Name the columns whose totals a constraint reproduces."""
    return {
        "unconstrained": (),
        "production": (schema.ORIGIN_ID,),
        "attraction": (schema.DESTINATION_ID,),
        "doubly": (schema.ORIGIN_ID, schema.DESTINATION_ID),
    }[constraint]


def build_design(
    pairs: pd.DataFrame,
    *,
    constraint: Constraint,
    cost: Cost,
    masses: Sequence[str],
    covariates: Sequence[str],
    exposure: str | None,
) -> Design:
    """Lay out the model's columns, or say why the data cannot identify it.

    Places held fixed have one indicator each but the first. A place held fixed
    that has no count at all is expected to have none, whatever the distance:
    its rows say nothing and are left out of the fit (``kept`` is False).
    """
    _require_known(constraint, cost)
    fixed = held_fixed(constraint)
    _require_places(pairs, constraint)
    kept, dropped = _informative(pairs, fixed)
    rows = pairs.loc[kept]
    columns: dict[str, Floats] = {CONSTANT: np.ones(len(rows))}
    for key in fixed:
        places = sorted(rows[key].unique())[1:]
        if len(rows) * (len(columns) + len(places)) > MOST_CELLS:
            raise StatisticsError(
                f"{len(rows)} pairs with {len(places) + 1} places held fixed are more than this "
                "model holds in memory: roll the flows up to counties or forces."
            )
        side = "origin" if key == schema.ORIGIN_ID else "destination"
        place_of_row = rows[key].to_numpy()
        for place in places:
            columns[f"{side} {place}"] = (place_of_row == place).astype(float)
    for name in masses:
        columns[f"log_{name}"] = _logged(rows, name, "a mass")
    for name in covariates:
        columns[name] = _numbers(rows, name)
    columns[COST_TERM[cost]] = _cost(rows, cost)
    offset = np.zeros(len(rows)) if exposure is None else _logged(rows, exposure, "an exposure")
    matrix = np.column_stack(list(columns.values()))
    _require_rank(matrix, tuple(columns), rows, constraint)
    return Design(matrix, tuple(columns), offset, kept, dropped)


def _require_known(constraint: str, cost: str) -> None:
    if constraint not in CONSTRAINTS:
        raise StatisticsError(
            f"No constraint is called {constraint!r}: choose from {', '.join(CONSTRAINTS)}."
        )
    if cost not in COST_TERM:
        raise StatisticsError(f"No cost is called {cost!r}: choose from {', '.join(COST_TERM)}.")


def _require_places(pairs: pd.DataFrame, constraint: Constraint) -> None:
    origins = pairs[schema.ORIGIN_ID].nunique()
    places = pairs[schema.DESTINATION_ID].nunique()
    if constraint in ("attraction", "doubly") and origins == 1:
        raise StatisticsError(
            "There is a single origin, so a model that holds each destination fixed "
            f"({constraint}) has one free number a pair and fits every count exactly: distance is "
            "not identified. Fit an unconstrained or production-constrained model, which for one "
            "origin are the same."
        )
    if constraint in ("production", "doubly") and places == 1:
        raise StatisticsError(
            "There is a single destination, so a model that holds each origin fixed "
            f"({constraint}) fits every count exactly: distance is not identified. Fit an "
            "unconstrained or attraction-constrained model."
        )


def _informative(
    pairs: pd.DataFrame, fixed: tuple[str, ...]
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Mark the rows of places with a count, until no place held fixed is without."""
    kept = np.ones(len(pairs), dtype=bool)
    dropped: list[str] = []
    while True:
        before = kept.sum()
        for key in fixed:
            totals = pairs.loc[kept].groupby(key)[schema.COUNT].sum()
            empty = totals.index[totals == 0]
            dropped.extend(map(str, empty))
            kept &= ~pairs[key].isin(empty).to_numpy()
        if kept.sum() == before:
            break
    if not kept.any() or pairs.loc[kept, schema.COUNT].sum() == 0:
        raise StatisticsError("Every count is zero, so no model of counts can be fitted.")
    return kept, tuple(dict.fromkeys(dropped))


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    if name not in rows.columns:
        raise StatisticsError(f"The pairs have no column {name!r}: bring it, one value a row.")
    values = pd.to_numeric(rows[name], errors="coerce").to_numpy(float)
    unknown = int((~np.isfinite(values)).sum())
    if unknown:
        raise StatisticsError(
            f"{unknown} pairs have no number in {name!r}: fill or leave them out."
        )
    return values


def _logged(rows: pd.DataFrame, name: str, what: str) -> Floats:
    values = _numbers(rows, name)
    if (values <= 0).any():
        raise StatisticsError(
            f"{name!r} enters as {what}, by its logarithm, and {int((values <= 0).sum())} of its "
            "values are zero or below."
        )
    return np.asarray(np.log(values))


def _cost(rows: pd.DataFrame, cost: Cost) -> Floats:
    distance = rows[schema.DISTANCE_KM].to_numpy(float)
    if cost == "exponential":
        return distance
    zero = int((distance <= 0).sum())
    if zero:
        raise StatisticsError(
            f"{zero} pairs lie at distance zero, where a power of distance has no value: use "
            "cost='exponential', or leave the pairs inside one place out."
        )
    return np.asarray(np.log(distance))


def _require_rank(
    matrix: Floats, terms: tuple[str, ...], rows: pd.DataFrame, constraint: Constraint
) -> None:
    """Refuse a term that others determine, by name; and a model with no pair to spare."""
    if matrix.shape[0] <= matrix.shape[1]:
        raise StatisticsError(
            f"{matrix.shape[0]} pairs with a count to explain and {matrix.shape[1]} free numbers: "
            "the model fits every count exactly and is not identified."
        )
    centred = matrix.copy()
    centred[:, 1:] -= centred[:, 1:].mean(axis=0)
    scale = np.linalg.norm(centred, axis=0)
    flat = [term for term, size in zip(terms[1:], scale[1:], strict=True) if size < 1e-12]
    if not flat:
        triangle = np.linalg.qr(centred / scale, mode="r")
        flat = [
            term for term, left in zip(terms, np.abs(np.diag(triangle)), strict=True) if left < 1e-9
        ]
    if flat:
        why = (
            "it does not vary beside the places held fixed"
            if held_fixed(constraint)
            else ("it does not vary over these pairs")
        )
        single = " There is a single origin." if len(set(rows[schema.ORIGIN_ID])) == 1 else ""
        raise StatisticsError(
            f"Not identified: {', '.join(flat)}; {why}, or other terms determine it.{single}"
        )
