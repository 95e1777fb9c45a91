from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from statsmodels.stats.rates import confint_poisson

from linemap import schema as s
from linemap.errors import InputError
from linemap.flows import build_flows, roll_up
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures import monthly_rates, poisson_interval, rates
from linemap.measures.rates import MONTHS, PER_MONTH, RATE, RELIABILITY, months_in
from linemap.records import read_statements


@pytest.fixture(scope="module")
def forces(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> gpd.GeoDataFrame:
    return roll_up(toy_flows, s.FORCE, gazetteer=toy)


@pytest.fixture(scope="module")
def statements(root: Any) -> gpd.GeoDataFrame:
    return build_flows(read_statements(root / "data" / "raw" / "published_statements.csv"))


@given(st.integers(0, 3000), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_is_where_the_tails_are_small_enough(n: int, level: float) -> None:
    low, high = (float(end) for end in poisson_interval(n, level))
    tail = (1 - level) / 2
    # At its ends, seeing n or more, and n or fewer, has exactly the tail's probability.
    assert poisson.cdf(n, high) == pytest.approx(tail, rel=1e-6)
    if n:
        assert poisson.sf(n - 1, low) == pytest.approx(tail, rel=1e-6)
    else:
        assert low == 0
    assert low <= n <= high


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_interval_is_that_of_statsmodels(level: float) -> None:
    counts = np.array([0, 1, 2, 10, 100, 123_456])
    theirs = confint_poisson(counts, 1, method="exact-c", alpha=1 - level)
    assert np.array(poisson_interval(counts, level)) == pytest.approx(np.array(theirs), rel=1e-12)


def test_rates_by_hand(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    residents = pd.Series({"force:westshire": 130_000, "force:northshire": 400_000})
    table = rates(forces, residents, gazetteer=toy).set_index(s.DESTINATION_NAME)
    west = table.loc["Westshire"]
    assert west[RATE] == pytest.approx(20)  # 26 of 130,000
    low, high = poisson_interval(26)
    assert (west[s.LOW], west[s.HIGH]) == pytest.approx((float(low) / 1.3, float(high) / 1.3))
    assert west[RELIABILITY] == "usual"
    north = table.loc["Northshire"]
    assert north[RATE] == pytest.approx(2)
    assert north[RELIABILITY] == "unreliable"  # 8 are fewer than 20
    metro = table.loc["Metro"]
    assert np.isnan(metro[RATE])
    assert metro[s.REASON] == "no population was given"
    assert (table[c.N_UNPLACED] == 4).all()


def test_a_rate_of_fewer_than_three_is_withheld(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = rates(forces, pd.Series({"force:metro": 50_000}), gazetteer=toy)
    metro = table.set_index(s.DESTINATION_NAME).loc["Metro"]  # 2
    assert np.isnan(metro[RATE])
    assert np.isnan(metro[s.HIGH])
    assert metro[RELIABILITY] == "withheld"
    assert "fewer than 3" in metro[s.REASON]


@pytest.mark.parametrize("residents", [0, -5])
def test_nobody_is_no_denominator(residents: int, forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    with pytest.raises(InputError, match="above zero"):
        rates(forces, pd.Series({"force:metro": residents}), gazetteer=toy)


def test_months_in_a_window() -> None:
    months = months_in(
        pd.Series(["2018-01", "2019-05", "2020-02", None]),
        pd.Series(["2019-03", "2020-04", "2020-02", "2020-02"]),
    )
    assert months.to_list()[:3] == [15, 12, 1]
    assert pd.isna(months.iloc[3])


def test_windows_of_different_length_are_compared_by_month_with_a_warning(
    statements: gpd.GeoDataFrame,
) -> None:
    hampshire = statements[statements[s.DESTINATION_ID] == "force:hampshire"]
    with pytest.warns(UserWarning, match="Windows of 12, 15 months"):
        table = monthly_rates(hampshire)
    assert table[c.N].to_list() == [369, 413]
    assert table[MONTHS].to_list() == [15, 12]
    assert table[PER_MONTH].to_list() == pytest.approx([369 / 15, 413 / 12])
    assert (table[s.LOW] < table[PER_MONTH]).all()
    assert (table[PER_MONTH] < table[s.HIGH]).all()


def test_one_length_gives_no_warning_and_no_window_gives_its_reason(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = monthly_rates(toy_flows, gazetteer=toy)
    assert table[PER_MONTH].isna().all()
    assert table[s.REASON].eq("no window is stated").all()
    assert table[c.N].sum() == 40  # here the unplaced count too
    assert table[c.N_UNPLACED].sum() == 4
