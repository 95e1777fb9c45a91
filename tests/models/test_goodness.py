"""Fit statistics by hand, and the laws that they must keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.genmod.families import Poisson

from linemap.errors import StatisticsError
from linemap.models import (
    common_part_of_commuters,
    compare_counts,
    deviance_explained,
    mean_cell_sorensen,
    poisson_deviance,
    srmse,
)

tables = st.lists(
    st.tuples(st.integers(0, 50), st.floats(0.01, 50)), min_size=2, max_size=20
).filter(lambda rows: sum(count for count, _ in rows) > 0)


def test_by_hand():
    observed, expected = [4, 0, 2], [2, 1, 3]
    assert common_part_of_commuters(observed, expected) == pytest.approx(2 * (2 + 0 + 2) / 12)
    assert mean_cell_sorensen(observed, expected) == pytest.approx((4 / 6 + 0 + 4 / 5) / 3)
    assert srmse(observed, expected) == pytest.approx(math.sqrt((4 + 1 + 1) / 3) / 2)
    deviance = 2 * (4 * math.log(2) - 2 + 1 + 2 * math.log(2 / 3) + 1)
    assert poisson_deviance(observed, expected) == pytest.approx(deviance)
    null = 2 * (4 * math.log(2))
    assert deviance_explained(observed, expected) == pytest.approx(1 - deviance / null)


def test_the_two_sorensens_are_not_one():
    # one large pair told well, one small pair missed
    observed, expected = [1000, 1], [1000, 0]
    assert common_part_of_commuters(observed, expected) > 0.999
    assert mean_cell_sorensen(observed, expected) == 0.5


@given(tables)
def test_laws(rows):
    observed = np.array([count for count, _ in rows], dtype=float)
    expected = np.array([told for _, told in rows])
    assert common_part_of_commuters(observed, observed) == 1
    assert mean_cell_sorensen(observed, observed) == 1
    assert srmse(observed, observed) == 0
    assert poisson_deviance(observed, observed) == pytest.approx(0, abs=1e-9)
    for similarity in (common_part_of_commuters, mean_cell_sorensen):
        assert 0 <= similarity(observed, expected) <= 1
        assert similarity(observed, expected) == pytest.approx(similarity(expected, observed))
    assert poisson_deviance(observed, expected) == pytest.approx(
        Poisson().deviance(observed, expected), rel=1e-9, abs=1e-9
    )
    assert np.isfinite(compare_counts(observed, expected)["srmse"])


def test_degenerate_tables():
    assert common_part_of_commuters([0, 0], [0, 0]) == 1
    assert poisson_deviance([1, 0], [0, 0]) == math.inf
    assert math.isnan(deviance_explained([3, 3], [3, 3]))
    with pytest.raises(StatisticsError, match="Every observed"):
        srmse([0, 0], [1, 1])
    with pytest.raises(StatisticsError, match="No pair"):
        srmse([], [])
    with pytest.raises(StatisticsError, match="one length"):
        srmse([1], [1, 2])
    with pytest.raises(StatisticsError, match="unknown"):
        srmse([1, np.nan], [1, 2])
    with pytest.raises(StatisticsError, match="negative"):
        srmse([1, -1], [1, 2])
