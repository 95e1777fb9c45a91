"""Gravity against spint and statsmodels on Austria's migration, and what it refuses."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linemap import schema
from linemap.errors import StatisticsError
from linemap.models import fit_gravity

CASES = [
    (constraint, cost)
    for constraint in ("unconstrained", "production", "attraction", "doubly")
    for cost in ("exponential", "power")
]
MASSES = {
    "unconstrained": ["origin_mass", "destination_mass"],
    "production": ["destination_mass"],
    "attraction": ["origin_mass"],
    "doubly": [],
}


@pytest.fixture(scope="module")
def austria() -> pd.DataFrame:
    table = pd.read_csv(Path(__file__).with_name("austria.csv"))
    return table.rename(columns={"origin": schema.ORIGIN_ID, "destination": schema.DESTINATION_ID})


def spint_model(table: pd.DataFrame, constraint: str, cost: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spint's own, on import and on sparse products
        from spint.gravity import Attraction, Doubly, Gravity, Production

        def column(name: str) -> np.ndarray:
            return table[name].to_numpy().reshape(-1, 1)

        count, distance = column(schema.COUNT), column(schema.DISTANCE_KM)
        origin = table[schema.ORIGIN_ID].to_numpy(str)
        destination = table[schema.DESTINATION_ID].to_numpy(str)
        sent, received = column("origin_mass"), column("destination_mass")
        cost = {"exponential": "exp", "power": "pow"}[cost]
        if constraint == "unconstrained":
            return Gravity(count, sent, received, distance, cost)
        if constraint == "production":
            return Production(count, origin, received, distance, cost)
        if constraint == "attraction":
            return Attraction(count, destination, sent, distance, cost)
        return Doubly(count, origin, destination, distance, cost)


@pytest.mark.parametrize(("constraint", "cost"), CASES)
def test_agrees_with_spint(austria, constraint, cost):
    oracle = spint_model(austria, constraint, cost)
    fit = fit_gravity(austria, constraint=constraint, cost=cost, masses=MASSES[constraint])
    got = fit.estimates
    np.testing.assert_allclose(got[schema.ESTIMATE], oracle.params, atol=1e-6)
    np.testing.assert_allclose(got[schema.STD_ERROR], oracle.std_err, atol=1e-5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = {
            "aic": oracle.AIC,
            "d2": oracle.D2,
            "adjusted_d2": oracle.adj_D2,
            "srmse": oracle.SRMSE,
            "mean_cell_sorensen": oracle.SSI,
            "log_likelihood": oracle.llf,
            "deviance": oracle.deviance,
        }
    for name, value in pairs.items():
        assert fit.statistics[name] == pytest.approx(value, rel=1e-6, abs=1e-6), name
    np.testing.assert_allclose(fit.pairs[schema.EXPECTED], oracle.yhat, rtol=1e-6)


@pytest.mark.parametrize("errors", ["model", "quasi", "origin clusters"])
@pytest.mark.parametrize(("constraint", "cost"), CASES)
def test_agrees_with_statsmodels_formulae(austria, constraint, cost, errors):
    import statsmodels.formula.api as smf
    from statsmodels.api import families

    terms = [f"np.log({mass})" for mass in MASSES[constraint]]
    terms += ["C(origin_id)"] if constraint in ("production", "doubly") else []
    terms += ["C(destination_id)"] if constraint in ("attraction", "doubly") else []
    terms += ["distance_km" if cost == "exponential" else "np.log(distance_km)"]
    model = smf.glm(
        "count ~ " + " + ".join(terms),
        austria,
        family=families.Poisson(),
        offset=np.log(austria["months"]) if "months" in austria else None,
    )
    options = {}
    if errors == "quasi":
        options["scale"] = "X2"
    if errors == "origin clusters":
        options = {
            "cov_type": "cluster",
            "cov_kwds": {"groups": pd.factorize(austria[schema.ORIGIN_ID])[0]},
        }
    oracle = model.fit(tol=1e-12, maxiter=100, **options)
    fit = fit_gravity(
        austria, constraint=constraint, cost=cost, masses=MASSES[constraint], errors=errors
    )
    last = fit.estimates.iloc[-1]
    assert last[schema.ESTIMATE] == pytest.approx(oracle.params.iloc[-1], abs=1e-6)
    named = {"exponential": "distance_km", "power": "np.log(distance_km)"}[cost]
    assert last[schema.STD_ERROR] == pytest.approx(oracle.bse[named], rel=1e-6)
    if errors == "quasi":
        assert np.isnan(fit.statistics["aic"])
        assert any("no AIC" in note for note in fit.notes)


def test_covariates_enter_as_they_are_and_a_level_sets_the_intervals(austria):
    import statsmodels.formula.api as smf
    from statsmodels.api import families

    table = austria.assign(east=np.arange(len(austria)) % 3, far=austria["distance_km"] > 200)
    table["far"] = table["far"].astype(float)
    masses = ["origin_mass", "destination_mass"]
    fit = fit_gravity(table, masses=masses, covariates=["east", "far"], level=0.8)
    formula = "count ~ np.log(origin_mass) + np.log(destination_mass) + east + far + distance_km"
    oracle = smf.glm(formula, table, family=families.Poisson()).fit(tol=1e-12, maxiter=100)
    found = fit.estimates.set_index(schema.TERM)
    theirs = oracle.conf_int(alpha=0.2)
    for term in ("east", "far"):
        assert found.loc[term, schema.ESTIMATE] == pytest.approx(oracle.params[term], abs=1e-6)
        assert found.loc[term, [schema.LOW, schema.HIGH]].tolist() == pytest.approx(
            theirs.loc[term].tolist(), rel=1e-5
        )


def test_negative_binomial_agrees_with_statsmodels(austria):
    import statsmodels.formula.api as smf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its default search warns on the way
        oracle = smf.negativebinomial(
            "count ~ np.log(origin_mass) + np.log(destination_mass) + distance_km", austria
        ).fit(maxiter=2000, gtol=1e-8, disp=0)
    fit = fit_gravity(
        austria, family="negative binomial", masses=["origin_mass", "destination_mass"]
    )
    np.testing.assert_allclose(fit.estimates[schema.ESTIMATE], oracle.params, rtol=1e-4)
    np.testing.assert_allclose(fit.estimates[schema.STD_ERROR], oracle.bse, rtol=1e-3)
    assert fit.statistics["log_likelihood"] >= oracle.llf - 1e-8
    assert fit.statistics["log_likelihood"] == pytest.approx(oracle.llf, abs=1e-5)
    assert fit.estimates[schema.TERM].iloc[-1] == "alpha"


@pytest.mark.parametrize(
    ("constraint", "keys"),
    [
        ("production", [schema.ORIGIN_ID]),
        ("attraction", [schema.DESTINATION_ID]),
        ("doubly", [schema.ORIGIN_ID, schema.DESTINATION_ID]),
    ],
)
def test_constraints_reproduce_totals(austria, constraint, keys):
    fit = fit_gravity(austria, constraint=constraint)
    for key in keys:
        totals = fit.pairs.groupby(key)[[schema.COUNT, schema.EXPECTED]].sum()
        np.testing.assert_allclose(totals[schema.COUNT], totals[schema.EXPECTED], rtol=1e-7)


def test_order_of_rows_does_not_matter(austria):
    one = fit_gravity(austria, constraint="doubly").estimates
    other = fit_gravity(austria.sample(frac=1, random_state=1), constraint="doubly").estimates
    pd.testing.assert_frame_equal(one, other, atol=1e-9)


def test_a_doubled_window_with_its_exposure_changes_the_constant_alone(austria):
    longer = austria.assign(months=12.0)
    longer.loc[:35, "months"] = 24.0
    longer.loc[:35, schema.COUNT] *= 2
    plain = fit_gravity(austria, masses=MASSES["unconstrained"], errors="model")
    half = fit_gravity(
        pd.concat([austria.assign(months=12.0)] * 2), masses=MASSES["unconstrained"],
        exposure="months",
    )  # fmt: skip
    slope = plain.estimates.set_index(schema.TERM)[schema.ESTIMATE]
    shifted = half.estimates.set_index(schema.TERM)[schema.ESTIMATE]
    assert shifted["constant"] == pytest.approx(slope["constant"] - np.log(12), abs=1e-7)
    assert shifted["distance_km"] == pytest.approx(slope["distance_km"], abs=1e-10)
    weighted = fit_gravity(longer, masses=MASSES["unconstrained"], exposure="months")
    first = weighted.pairs.iloc[0]
    assert first[schema.EXPECTED] > 0
    assert weighted.statistics["expected_total"] == pytest.approx(longer[schema.COUNT].sum())


def test_a_single_origin_refuses_what_is_not_identified_and_says_why(austria):
    single = austria[austria[schema.ORIGIN_ID] == "AT13"]
    for constraint in ("attraction", "doubly"):
        with pytest.raises(StatisticsError, match="single origin"):
            fit_gravity(single, constraint=constraint)
    with pytest.raises(StatisticsError, match=r"log_origin_mass.*single origin"):
        fit_gravity(single, masses=["origin_mass", "destination_mass"])
    with pytest.raises(StatisticsError, match="single cluster"):
        fit_gravity(single, errors="origin clusters")
    free = fit_gravity(single, masses=["destination_mass"])
    held = fit_gravity(single, constraint="production", masses=["destination_mass"])
    pd.testing.assert_frame_equal(free.estimates, held.estimates)


def test_refusals_say_the_reason(austria):
    one_distance = austria.assign(distance_km=100.0)
    with pytest.raises(StatisticsError, match="distance_km"):
        fit_gravity(one_distance)
    with pytest.raises(StatisticsError, match="log_origin_mass"):
        fit_gravity(austria, constraint="production", masses=["origin_mass"])
    with pytest.raises(StatisticsError, match="overlap"):
        fit_gravity(austria.assign(input=schema.STATEMENTS))
    with pytest.raises(StatisticsError, match="several measures"):
        fit_gravity(austria.assign(measure=["a", "b"] * 36))
    with pytest.raises(StatisticsError, match="not a zero"):
        fit_gravity(austria.assign(count=austria[schema.COUNT].where(austria.index > 0)))
    with pytest.raises(StatisticsError, match="distance zero"):
        fit_gravity(austria.assign(distance_km=[0.0, *[9.0, 8.0] * 35, 7.0]), cost="power")
    with pytest.raises(StatisticsError, match="Every count is zero"):
        fit_gravity(austria.assign(count=0))
    with pytest.raises(StatisticsError, match="choose from"):
        fit_gravity(austria, constraint="triply")


def test_a_place_without_any_count_is_expected_to_have_none(austria):
    empty = austria.copy()
    empty.loc[empty[schema.DESTINATION_ID] == "AT34", schema.COUNT] = 0
    fit = fit_gravity(empty, constraint="doubly")
    without = fit_gravity(empty[empty[schema.DESTINATION_ID] != "AT34"], constraint="doubly")
    pd.testing.assert_frame_equal(fit.estimates, without.estimates, atol=1e-9)
    nobody = fit.pairs[fit.pairs[schema.DESTINATION_ID] == "AT34"]
    assert (nobody[schema.EXPECTED] == 0).all()
    assert any("no count at all" in note for note in fit.notes)


def test_a_table_without_zeros_is_warned_of(austria):
    assert any("No pair has a count of zero" in note for note in fit_gravity(austria).notes)
    some = austria.assign(count=austria[schema.COUNT].where(austria.index > 0, 0))
    assert not any("No pair" in note for note in fit_gravity(some).notes)


def test_residuals_add_up_and_come_most_surprising_first(austria):
    left = fit_gravity(austria, constraint="doubly").residuals()
    np.testing.assert_allclose(
        left[schema.EXPECTED] + left[schema.RESIDUAL], left[schema.COUNT], rtol=1e-12
    )
    assert left[schema.PEARSON_RESIDUAL].abs().is_monotonic_decreasing
    assert len(left) == len(austria)


def test_poisson_counts_refuse_the_negative_binomial():
    even = pd.DataFrame(
        {
            schema.ORIGIN_ID: np.repeat(["a", "b", "c"], 4),
            schema.DESTINATION_ID: list("wxyz") * 3,
            schema.DISTANCE_KM: np.arange(12.0),
            schema.COUNT: [20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9],
        }
    )
    with pytest.raises(StatisticsError, match="fit family='poisson'"):
        fit_gravity(even, family="negative binomial")
    assert not fit_gravity(even).dispersion.overdispersed


def test_clusters_own_effects_have_no_robust_error(austria):
    fit = fit_gravity(austria, constraint="production", errors="origin clusters")
    errors = fit.estimates.set_index(schema.TERM)[schema.STD_ERROR]
    assert errors[[term for term in errors.index if term.startswith("origin ")]].isna().all()
    assert errors["distance_km"] > 0
    assert any("few" in note for note in fit.notes)


def test_a_fit_is_shown_short(austria):
    fit = fit_gravity(austria)
    assert len(repr(fit)) < 200
    assert "pairs" in repr(fit)
    assert "<table" in fit._repr_html_()
    assert len(fit._repr_html_()) < 10_000
