"""The over-dispersion test against auxiliary regressions run by statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from linemap.errors import StatisticsError
from linemap.models import dispersion_test


def test_agrees_with_the_auxiliary_regressions():
    rng = np.random.default_rng(3)
    mean = rng.uniform(1, 30, 200)
    counts = rng.negative_binomial(2, 2 / (2 + mean))
    response = ((counts - mean) ** 2 - counts) / mean
    constant = sm.OLS(response, np.ones(200)).fit()
    slope = sm.OLS(response, mean).fit()
    got = dispersion_test(counts, mean, n_terms=1)
    assert got.phi == pytest.approx(1 + constant.params[0], rel=1e-10)
    assert got.phi_z == pytest.approx(constant.tvalues[0], rel=1e-10)
    assert got.alpha == pytest.approx(slope.params[0], rel=1e-10)
    assert got.alpha_z == pytest.approx(slope.tvalues[0], rel=1e-10)
    assert got.pearson == pytest.approx(np.sum((counts - mean) ** 2 / mean) / 199)
    assert got.overdispersed
    assert "too small" in str(got)


def test_poisson_counts_are_rarely_called_overdispersed():
    rng = np.random.default_rng(4)
    mean = rng.uniform(5, 30, 300)
    found = [dispersion_test(rng.poisson(mean), mean).overdispersed for _ in range(200)]
    assert np.mean(found) < 0.15  # two tests at 5 %


def test_too_few_pairs():
    with pytest.raises(StatisticsError, match="three or more"):
        dispersion_test([1, 2, 5], [1, 2, 0])
