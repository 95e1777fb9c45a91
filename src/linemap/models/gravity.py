"""Gravity models of counts between places: Poisson and negative-binomial regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from linemap import schema
from linemap.errors import StatisticsError
from linemap.models._regression import (
    CONSTANT,
    Constraint,
    Cost,
    CountFit,
    Design,
    build_design,
    fit_counts,
)
from linemap.models.counts import Dispersion, compare_counts, dispersion_test, usable_pairs

CountFamily = Literal["poisson", "negative binomial"]
Errors = Literal["model", "quasi", "origin clusters", "destination clusters"]
FEW_CLUSTERS = 30
_MOST_SHOWN: Final = 12  # terms in a notebook's cell


@dataclass(frozen=True, slots=True)
class GravityFit:
    """A fitted gravity model.

    ``estimates`` is one row a term: ``term``, ``estimate``, ``std_error``,
    ``low``, ``high`` (Wald intervals at ``level``, with the kind of ``errors``);
    effects of places are logs relative to the first place held fixed.
    ``statistics`` is a Series: what :func:`compare_counts` gives, with the
    deviance and ``d2`` of the model's own family, ``adjusted_d2``,
    ``log_likelihood``, ``aic`` (both null under quasi errors, which have no
    likelihood), ``n_terms``. ``dispersion`` is the test of equal mean and
    variance on the Poisson fit of the same terms. ``pairs`` holds the rows used,
    with ``expected``, ``residual`` and ``pearson_residual``. ``notes`` say what a
    reader must know.
    """

    constraint: Constraint
    cost: Cost
    family: CountFamily
    errors: Errors
    level: float
    estimates: pd.DataFrame
    covariance: pd.DataFrame
    statistics: pd.Series
    dispersion: Dispersion
    pairs: pd.DataFrame
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """One line: what was fitted to how much."""
        return f"<GravityFit: {self._summary}>"

    def _repr_html_(self) -> str:
        """Show the estimates in a notebook, and how the fit was made."""
        shown = self.estimates.head(_MOST_SHOWN)
        more = len(self.estimates) - len(shown)
        table = shown.to_html(index=False, float_format="{:.3g}".format, border=0, na_rep="—")
        notes = [*self.notes, *([f"{more} more terms in .estimates"] if more else [])]
        told = "".join(f"<p>{escape(note)}</p>" for note in notes)
        return f"<p><strong>Gravity model</strong>: {escape(self._summary)}</p>{table}{told}"

    @property
    def _summary(self) -> str:
        return (
            f"{self.constraint}, {self.cost} cost, {self.family}, {self.errors} errors; "
            f"{len(self.pairs):,} pairs, {len(self.estimates)} terms"
        )

    def residuals(self) -> pd.DataFrame:
        """Return the rows fitted, with what was expected and what is left, most surprising first.

        A FLOWS frame if FLOWS were given: ``count`` is observed, ``expected``,
        ``residual`` (count less expected), ``pearson_residual`` (over the model's
        standard deviation). Ties by origin and destination.
        """
        surprise = self.pairs[schema.PEARSON_RESIDUAL].abs().rename("surprise")
        keys = [schema.ORIGIN_ID, schema.DESTINATION_ID]
        order = pd.concat([surprise, self.pairs[keys]], axis=1).sort_values(
            ["surprise", *keys], ascending=[False, True, True], kind="stable"
        )
        return self.pairs.loc[order.index]


def fit_gravity(
    pairs: pd.DataFrame,
    *,
    constraint: Constraint = "unconstrained",
    cost: Cost = "exponential",
    family: CountFamily = "poisson",
    masses: Sequence[str] = (),
    covariates: Sequence[str] = (),
    exposure: str | None = None,
    errors: Errors = "model",
    level: float = 0.95,
) -> GravityFit:
    """Fit expected counts that fall with distance, by maximum likelihood.

    The log of a pair's expected count is a sum: a constant, the effects of the
    places held fixed, the logs of the `masses`, the `covariates` as they are,
    and distance (``cost="exponential"``: kilometres; ``"power"``: their
    logarithm). Wilson's (1971) family as Poisson regression, after Flowerdew and
    Aitkin (1982): ``"production"`` reproduces each origin's total,
    ``"attraction"`` each destination's, ``"doubly"`` both. The negative binomial
    (NB2, variance mu + alpha mu^2) reproduces no totals exactly. `exposure`
    names a column whose logarithm is an offset: months, where windows differ.

    One row of `pairs` is one pair (and window). It must list the pairs with
    count zero as well, wherever the set of destinations is closed: see
    :func:`with_zero_pairs`. A table of the pairs that occur alone understates
    how distance deters, and ``notes`` say so when it holds no zero.

    `errors`: ``"model"``, the family's own; ``"quasi"``, Poisson's scaled by
    Pearson's chi-square over its degrees of freedom (McCullagh and Nelder 1989);
    ``"origin clusters"`` and ``"destination clusters"``, robust to dependence
    within an origin or destination, with t intervals on clusters less one
    degrees of freedom (Cameron and Miller 2015).

    Raises :class:`StatisticsError` for statements, several measures, hidden
    counts, and for a model that the data do not identify, with the reason:
    with a single origin, neither a destination's nor both constraints can be
    fitted.
    """
    _require_choices(family, errors)
    rows = usable_pairs(pairs)
    design = build_design(
        rows,
        constraint=constraint,
        cost=cost,
        masses=masses,
        covariates=covariates,
        exposure=exposure,
    )
    fitted = rows.loc[design.kept]
    counts = fitted[schema.COUNT].to_numpy(float)
    groups = _groups(fitted, errors)
    fit = fit_counts(counts, design, family=family, scaled=errors == "quasi", groups=groups)
    explained = _with_expected(rows, design, fit)
    dispersion = dispersion_test(counts, fit.poisson_expected, n_terms=len(design.terms))
    notes = _notes(rows, pairs, design, fit, errors, groups)
    if dispersion.overdispersed and family == "poisson" and errors == "model":
        notes = (f"{dispersion} Use errors='quasi' or family='negative binomial'.", *notes)
    return GravityFit(
        constraint=constraint,
        cost=cost,
        family=family,
        errors=errors,
        level=level,
        estimates=_estimates(fit, level, groups, _own_effects(design, errors)),
        covariance=pd.DataFrame(fit.covariance, index=fit.terms, columns=fit.terms),
        statistics=_statistics(explained, fit, quasi=errors == "quasi"),
        dispersion=dispersion,
        pairs=explained,
        notes=notes,
    )


def _require_choices(family: str, errors: str) -> None:
    if family not in ("poisson", "negative binomial"):
        raise StatisticsError(
            f"No family is called {family!r}: choose from poisson, negative binomial."
        )
    if errors not in ("model", "quasi", "origin clusters", "destination clusters"):
        raise StatisticsError(
            f"No errors are called {errors!r}: choose from model, quasi, origin clusters, "
            "destination clusters."
        )
    if errors == "quasi" and family != "poisson":
        raise StatisticsError(
            "Quasi errors scale Poisson's; the negative binomial has its own excess variance. "
            "Choose one of the two."
        )


def _groups(fitted: pd.DataFrame, errors: Errors) -> NDArray[np.int64] | None:
    key = {
        "origin clusters": schema.ORIGIN_ID,
        "destination clusters": schema.DESTINATION_ID,
    }.get(errors)
    if key is None:
        return None
    codes = pd.factorize(fitted[key], sort=True)[0].astype(np.int64)
    if codes.max() < 1:
        raise StatisticsError(f"There is a single cluster in {key!r}: nothing varies between any.")
    return codes


def _own_effects(design: Design, errors: Errors) -> tuple[str, ...]:
    """Name the terms that one cluster alone tells: robust errors of those are meaningless."""
    side = errors.removesuffix(" clusters")
    own = tuple(term for term in design.terms if term.startswith(f"{side} "))
    return (CONSTANT, *own) if own else ()


def _estimates(
    fit: CountFit, level: float, groups: NDArray[np.int64] | None, own: tuple[str, ...]
) -> pd.DataFrame:
    from scipy.stats import norm, t

    tail = 1 - (1 - level) / 2
    width = norm.ppf(tail) if groups is None else t.ppf(tail, groups.max())
    errors = np.sqrt(np.diag(fit.covariance))
    errors[np.isin(fit.terms, own)] = np.nan
    return pd.DataFrame(
        {
            schema.TERM: fit.terms,
            schema.ESTIMATE: fit.parameters,
            schema.STD_ERROR: errors,
            schema.LOW: fit.parameters - width * errors,
            schema.HIGH: fit.parameters + width * errors,
        }
    )


def _with_expected(rows: pd.DataFrame, design: Design, fit: CountFit) -> pd.DataFrame:
    expected = np.zeros(len(rows))
    expected[design.kept] = fit.expected
    residual = rows[schema.COUNT].to_numpy(float) - expected
    deviation = np.sqrt(expected + fit.alpha * expected**2)
    pearson = np.divide(residual, deviation, out=np.zeros(len(rows)), where=deviation > 0)
    return rows.assign(
        **{
            schema.EXPECTED: expected,
            schema.RESIDUAL: residual,
            schema.PEARSON_RESIDUAL: pearson,
        }
    )


def _statistics(explained: pd.DataFrame, fit: CountFit, *, quasi: bool) -> pd.Series:
    statistics = compare_counts(
        explained[schema.COUNT].to_numpy(float), explained[schema.EXPECTED].to_numpy(float)
    )
    n, terms = fit.expected.size, len(fit.parameters)
    statistics["deviance"] = fit.deviance
    statistics["d2"] = fit.d2
    statistics["adjusted_d2"] = 1 - (n - 1) / (n - fit.n_means) * (1 - fit.d2)
    statistics["log_likelihood"] = np.nan if quasi else fit.log_likelihood
    statistics["aic"] = np.nan if quasi else 2 * terms - 2 * fit.log_likelihood
    statistics["n_terms"] = float(terms)
    return statistics


def _notes(
    rows: pd.DataFrame,
    given: pd.DataFrame,
    design: Design,
    fit: CountFit,
    errors: Errors,
    groups: NDArray[np.int64] | None,
) -> tuple[str, ...]:
    notes = []
    unplaced = len(given) - len(rows)
    if unplaced:
        lost = given[schema.COUNT].sum() - rows[schema.COUNT].sum()
        notes.append(
            f"{unplaced} rows without a place or distance are not modelled (count {lost:g})."
        )
    if not (rows[schema.COUNT] == 0).any():
        notes.append(
            "No pair has a count of zero: if others could have occurred, list them with "
            "with_zero_pairs, or distance seems to deter less than it does."
        )
    if design.dropped:
        notes.append(
            f"{len(design.dropped)} places held fixed have no count at all: they are expected to "
            "have none and do not inform the fit."
        )
    if errors == "quasi":
        notes.append("Quasi-Poisson has no likelihood, so no AIC is given.")
    if groups is not None and groups.max() + 1 < FEW_CLUSTERS:
        notes.append(
            f"{groups.max() + 1} clusters are few: cluster-robust errors tend to be too small "
            f"under about {FEW_CLUSTERS}."
        )
    if _own_effects(design, errors):
        notes.append(
            "The effect of a place that is itself a cluster has no cluster-robust error: null."
        )
    return (*notes, *fit.notes)


# ── The radiation model: expected counts from where people live, with nothing to fit ────────
RadiationVariant = Literal["infinite", "finite", "origin totals"]
VARIANTS: tuple[RadiationVariant, ...] = ("infinite", "finite", "origin totals")
Floats = NDArray[np.float64]


def radiation(
    pairs: pd.DataFrame,
    *,
    mass: Mapping[str, float] | pd.Series,
    variant: RadiationVariant = "origin totals",
) -> pd.DataFrame:
    """Add what the radiation model expects of each pair, without any parameter.

    Simini, Gonzalez, Maritan and Barabasi (2012): of those who leave i, the
    share m_i n_j / ((m_i + s_ij)(m_i + n_j + s_ij)) goes to j, where m and n are
    the masses of i and j and s_ij is the mass of all other places of the frame
    at most as far from i as j is (i and j themselves left out; places equally
    far count). `mass` gives the mass of each place by id: populations that the
    caller brings. What lies between is known only for the places of the frame,
    so it must list all pairs (:func:`with_zero_pairs`); opportunities in places
    that it does not name are not seen. Pairs within one place are left as
    expected null: the model is of those who leave.

    Variants, all with the origin's observed total T_i of its outward pairs:

    - ``"infinite"``: T_i times the share, as published; the shares of an origin
      sum to less than 1 in a finite country;
    - ``"finite"``: over 1 - m_i / M, with M the mass of all places of the frame
      (Masucci, Serras, Johansson and Batty 2013);
    - ``"origin totals"``: the shares of each origin scaled to sum to 1, so that
      its total is met, as a production-constrained gravity model does.

    Returns the frame's usable rows with ``expected``, ``residual``,
    ``pearson_residual`` (over the root of expected). Raises
    :class:`StatisticsError` for statements, several measures, hidden counts, a
    pair listed twice, a place without a mass, or a negative one.
    """
    if variant not in VARIANTS:
        raise StatisticsError(
            f"No variant is called {variant!r}: choose from {', '.join(VARIANTS)}."
        )
    rows = usable_pairs(pairs)
    keys = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    if rows.duplicated(keys).any():
        raise StatisticsError("A pair is listed twice: add its windows up with with_zero_pairs.")
    masses = _masses(rows, mass)
    expected = pd.Series(np.nan, index=rows.index)
    whole = float(sum(masses.values()))
    for origin, own in rows.groupby(schema.ORIGIN_ID):
        away = own[own[schema.DESTINATION_ID] != origin]
        share = _shares(away, masses, float(masses[str(origin)]))
        if variant == "finite":
            share = share / (1 - masses[str(origin)] / whole)
        if variant == "origin totals" and share.sum() > 0:
            share = share / share.sum()
        expected.loc[away.index] = share * away[schema.COUNT].sum()
    return _with_residuals(rows, expected)


def _with_residuals(rows: pd.DataFrame, expected: pd.Series) -> pd.DataFrame:
    residual = rows[schema.COUNT].astype(float) - expected
    return rows.assign(
        **{
            schema.EXPECTED: expected,
            schema.RESIDUAL: residual,
            schema.PEARSON_RESIDUAL: residual / np.sqrt(expected.where(expected > 0)),
        }
    )


def _masses(rows: pd.DataFrame, mass: Mapping[str, float] | pd.Series) -> dict[str, float]:
    places = sorted({*rows[schema.ORIGIN_ID], *rows[schema.DESTINATION_ID]})
    given = {str(key): float(value) for key, value in mass.items()}
    lacking = [place for place in places if not np.isfinite(given.get(place, np.nan))]
    if lacking:
        raise StatisticsError(
            f"{len(lacking)} places have no mass: {', '.join(lacking[:3])}. Bring one for each."
        )
    wrong = [place for place in places if given[place] < 0]
    if wrong:
        raise StatisticsError(f"A mass is negative: {', '.join(wrong[:3])}.")
    still = [place for place in sorted(set(rows[schema.ORIGIN_ID])) if given[place] == 0]
    if still:
        raise StatisticsError(f"An origin has no mass, so nobody radiates: {', '.join(still[:3])}.")
    return {place: given[place] for place in places}


def _shares(away: pd.DataFrame, masses: Mapping[str, float], own: float) -> Floats:
    """Give each destination's share of those who leave, in the rows' order."""
    there = away[schema.DESTINATION_ID].map(masses).to_numpy(float)
    distance = away[schema.DISTANCE_KM].to_numpy(float)
    order = np.argsort(distance, kind="stable")
    within = np.cumsum(there[order])
    last_as_far = np.searchsorted(distance[order], distance, side="right") - 1
    between = within[last_as_far] - there
    return np.asarray(own * there / ((own + between) * (own + there + between)))
