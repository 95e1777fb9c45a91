"""Decay laws: closed forms, densities that integrate to one, intervals, refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from linemap import schema
from linemap.errors import StatisticsError
from linemap.models import FAMILIES, compare_decay, fit_decay

DISTANCES = np.array([12.0, 30.0, 45.0, 45.0, 80.0, 120.0, 150.0, 160.0, 210.0, 400.0])


def flows(distances, counts=None, **columns) -> pd.DataFrame:
    counts = np.ones(len(distances)) if counts is None else counts
    return pd.DataFrame({schema.DISTANCE_KM: distances, schema.COUNT: counts, **columns})


def value(fit, term: str, column: str = schema.ESTIMATE) -> float:
    return float(fit.estimates.set_index(schema.TERM).loc[term, column])


def test_the_exponential_rate_is_one_over_the_mean():
    fit = fit_decay(flows([10.0, 30.0], [3, 1]))
    assert value(fit, "rate_per_km") == pytest.approx(1 / 15)
    assert fit.n == 4
    assert fit.log_likelihood == pytest.approx(4 * np.log(1 / 15) - 4)
    assert fit.aic == pytest.approx(2 - 2 * fit.log_likelihood)


def test_the_power_law_is_that_of_clauset_and_others():
    fit = fit_decay(flows(DISTANCES), family="power")
    assert fit.low_km == 12
    assert value(fit, "alpha") == pytest.approx(1 + 10 / np.log(DISTANCES / 12).sum(), rel=1e-7)


def test_the_lognormal_agrees_with_scipy():
    fit = fit_decay(flows(DISTANCES), family="lognormal")
    sigma, _, scale = stats.lognorm.fit(DISTANCES, floc=0)
    assert value(fit, "mu_log_km") == pytest.approx(np.log(scale), rel=1e-6)
    assert value(fit, "sigma_log_km") == pytest.approx(sigma, rel=1e-6)
    oracle = stats.lognorm.logpdf(DISTANCES, sigma, scale=scale).sum()
    assert fit.log_likelihood == pytest.approx(oracle, abs=1e-8)


def test_the_truncated_exponential_agrees_with_scipy():
    fit = fit_decay(flows(DISTANCES), low_km=10, high_km=450)
    rate = value(fit, "rate_per_km")
    oracle = stats.truncexpon((450 - 10) * rate, loc=10, scale=1 / rate)
    np.testing.assert_allclose(fit.density(DISTANCES), oracle.pdf(DISTANCES), rtol=1e-9)
    # at the maximum the law's mean is the sample's
    assert oracle.mean() == pytest.approx(DISTANCES.mean(), rel=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("high", [None, 500.0])
def test_every_density_integrates_to_one(family, high):
    fit = fit_decay(flows(DISTANCES), family=family, low_km=10, high_km=high)
    steps = np.geomspace(10, high or 1e7, 4000)
    total = sum(
        integrate.fixed_quad(fit.density, a, b, n=5)[0] for a, b in itertools.pairwise(steps)
    )
    # without an end the power law keeps some of its mass beyond any
    allowed = 0.02 if high is None else 1e-6
    assert total == pytest.approx(1, abs=allowed)
    assert fit.density(np.array([5.0])) == 0
    assert high is None or fit.density(np.array([501.0])) == 0


@pytest.mark.parametrize("family", FAMILIES)
def test_no_nearby_parameters_are_likelier(family):
    fit = fit_decay(flows(DISTANCES), family=family, low_km=10, high_km=500)
    from linemap.models.decay import LAWS

    law = LAWS[family]
    best = fit.estimates[schema.ESTIMATE].to_numpy()
    for index in range(len(best)):
        for factor in (0.97, 1.03):
            moved = best.copy()
            moved[index] *= factor
            other = law.log_density(DISTANCES, moved, 10.0, 500.0).sum()
            assert other < fit.log_likelihood


def test_the_interval_ends_where_the_likelihood_has_fallen_by_half_of_chi_square():
    fit = fit_decay(flows(DISTANCES), level=0.9)
    n, mean = len(DISTANCES), DISTANCES.mean()
    for end in (schema.LOW, schema.HIGH):
        rate = value(fit, "rate_per_km", end)
        loss = fit.log_likelihood - n * (np.log(rate) - rate * mean)
        assert 2 * loss == pytest.approx(stats.chi2.ppf(0.9, 1), rel=1e-6)
    wider = fit_decay(flows(DISTANCES), level=0.99)
    assert value(wider, "rate_per_km", schema.LOW) < value(fit, "rate_per_km", schema.LOW)


@settings(max_examples=15)
@given(st.lists(st.integers(1, 5), min_size=10, max_size=10))
def test_counts_are_records_and_order_does_not_matter(counts):
    weighted = fit_decay(flows(DISTANCES, counts))
    listed = fit_decay(flows(np.repeat(DISTANCES, counts)[::-1]))
    np.testing.assert_allclose(
        weighted.estimates[[schema.ESTIMATE, schema.LOW, schema.HIGH]],
        listed.estimates[[schema.ESTIMATE, schema.LOW, schema.HIGH]],
        rtol=1e-5,
    )
    assert weighted.n == listed.n


def test_areas_give_an_interval_of_their_own():
    areas = flows(
        DISTANCES,
        **{schema.DISTANCE_P05_KM: DISTANCES * 0.8, schema.DISTANCE_P95_KM: DISTANCES * 1.25},
    )
    fit = fit_decay(areas)
    rate = value(fit, "rate_per_km")
    assert value(fit, "rate_per_km", schema.AREA_LOW) == pytest.approx(rate / 1.25, rel=1e-6)
    assert value(fit, "rate_per_km", schema.AREA_HIGH) == pytest.approx(rate / 0.8, rel=1e-6)
    assert np.isnan(value(fit_decay(flows(DISTANCES)), "rate_per_km", schema.AREA_LOW))


def test_what_is_left_out_is_counted():
    fit = fit_decay(flows([5.0, 20.0, 40.0, np.nan], [1, 2, 3, 4]), low_km=10)
    assert (fit.n, fit.n_excluded, fit.n_unplaced) == (5, 1, 4)


def test_the_true_law_wins():
    rng = np.random.default_rng(7)
    table = compare_decay(flows(rng.lognormal(4, 0.5, 2000)), low_km=5)
    assert table["family"].iloc[0] == "lognormal"
    assert table["aic_difference"].iloc[0] == 0
    assert table["aic_weight"].sum() == pytest.approx(1)


def test_laws_are_compared_on_the_range_that_is_given():
    km = np.random.default_rng(7).lognormal(4, 0.5, 800)
    cut = compare_decay(flows(km), low_km=20, high_km=120)
    inside = compare_decay(flows(km[(km >= 20) & (km <= 120)]), low_km=20, high_km=120)
    pd.testing.assert_frame_equal(cut, inside)
    assert (cut["n"].dropna() == ((km >= 20) & (km <= 120)).sum()).all()
    assert (cut["n"].dropna() < len(km)).all()


def test_a_law_that_cannot_be_fitted_is_listed_with_its_reason():
    table = compare_decay(flows([50.0, 50.0]), low_km=10)
    assert set(table["family"]) == set(FAMILIES)
    failed = table[table["aic"].isna()]
    assert "not identified" in failed.set_index("family")["reason"]["lognormal"]


@pytest.mark.parametrize(
    ("table", "options", "reason"),
    [
        (flows([]), {}, "No counted flow has a distance"),
        (flows([np.nan]), {}, "No counted flow has a distance"),
        (flows([0.0, 0.0]), {}, "not identified"),
        (flows([0.0, 50.0]), {"family": "power"}, "distance zero"),
        (flows([0.0, 50.0]), {"family": "lognormal"}, "distance zero"),
        (flows([50.0]), {"family": "power"}, "not identified"),
        (flows([50.0, 60.0]), {"low_km": 70}, "No counted flow lies in the range"),
        (flows([50.0, 60.0]), {"low_km": 70, "high_km": 60}, "empty"),
        (flows([50.0, 60.0]), {"family": "power", "low_km": 0}, "above 0"),
        (flows([50.0]), {"family": "gravity"}, "choose from"),
        (flows([50.0], input=schema.STATEMENTS), {}, "overlap"),
        (flows([50.0], [np.nan]), {}, "not a zero"),
    ],
)
def test_refusals_say_the_reason(table, options, reason):
    with pytest.raises(StatisticsError, match=reason):
        fit_decay(table, **options)
