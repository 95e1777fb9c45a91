from __future__ import annotations

import re
import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.rates import test_poisson_2indep as two_poisson

from linemap import measures
from linemap import schema as s
from linemap.errors import StatisticsError
from linemap.flows import build_flows, roll_up
from linemap.gazetteer import Gazetteer
from linemap.measures import as_table, compare, reach
from linemap.measures import columns as c
from linemap.measures._grouping import GroupCounts
from linemap.measures.display import readable
from linemap.measures.rates import (
    N_AFTER,
    N_BEFORE,
    P_ADJUSTED,
    P_VALUE,
    RATIO,
    _differences,
    _Side,
)
from linemap.records import read_statements


@pytest.fixture(scope="module")
def forces(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> gpd.GeoDataFrame:
    return roll_up(toy_flows, s.FORCE, gazetteer=toy).assign(
        **{s.PERIOD_START: "2024-01", s.PERIOD_END: "2024-12"}
    )


@pytest.fixture(scope="module")
def years(root: Any) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    flows = build_flows(read_statements(root / "data" / "raw" / "published_statements.csv"))
    linked = flows[
        (flows[s.MEASURE] == "individuals linked") & (flows[s.DESTINATION_LEVEL] == s.FORCE)
    ]
    return linked[linked[s.PERIOD_START] == "2018-01"], linked[linked[s.PERIOD_START] == "2019-05"]


def test_p_is_adjusted_by_benjamini_and_hochbergs_step_up(years) -> None:
    with pytest.warns(UserWarning, match="15 and 12 months"):
        table = compare(*years, rng=np.random.default_rng(1)).destinations
    tested = table[table[P_VALUE].notna()].sort_values(P_VALUE)
    p, m = tested[P_VALUE].to_list(), len(tested)
    assert m > 2
    by_hand = [min(1, *(p[j] * m / (j + 1) for j in range(i, m))) for i in range(m)]
    assert tested[P_ADJUSTED].to_list() == pytest.approx(by_hand)
    assert table.loc[table[P_VALUE].isna(), P_ADJUSTED].isna().all()


def test_nothing_changed(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    result = compare(forces, forces, rng=np.random.default_rng(1), gazetteer=toy)
    assert result.months == (12, 12)
    assert result.reach[s.ESTIMATE].to_list() == [0, 0]
    assert result.reach[P_VALUE].to_list() == [1, 1]
    assert (result.reach[s.LOW] <= 0).all()
    assert (result.reach[s.HIGH] >= 0).all()
    assert (result.reach[s.AREA_LOW] < 0).all()
    assert result.destinations[RATIO].to_list() == pytest.approx([1, 1, 1])
    assert (result.destinations[P_ADJUSTED] == 1).all()


def test_a_change_is_found_and_its_sign_is_after_less_before(
    forces: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    far = forces[forces[s.DESTINATION_NAME] == "Northshire"]
    many = far.assign(**{s.COUNT: far[s.COUNT] * 10})
    result = compare(forces, many, rng=np.random.default_rng(1), gazetteer=toy)
    mean = result.reach.iloc[0]
    expected = (
        reach(many, by=None, gazetteer=toy)[c.MEAN_KM].iloc[0]
        - reach(forces, by=None, gazetteer=toy)[c.MEAN_KM].iloc[0]
    )
    assert mean[s.ESTIMATE] == pytest.approx(expected)
    assert mean[s.ESTIMATE] > mean[s.LOW] > 0
    assert mean[P_VALUE] < 0.01
    north = result.destinations.set_index(s.DESTINATION_NAME).loc["Northshire"]
    assert (north[N_BEFORE], north[N_AFTER]) == (8, 80)
    assert north[RATIO] == pytest.approx(10)


def test_the_permutation_test_is_fair_when_nothing_differs(toy: Gazetteer) -> None:
    rng = np.random.default_rng(8)
    small = 0
    for _ in range(120):
        sides = []
        for n in (15, 25):
            km = rng.choice(np.arange(10.0, 300.0, 5), size=n)
            counts = np.ones(n, dtype=np.int64)
            cell = GroupCounts(0, {}, (), (), counts, n, 0, None)
            sides.append(_Side(km, counts, np.array([""] * n, dtype=object), km, km, cell, 12))
        table = _differences(*sides, rng, 2, 99, 0.95)
        small += int(table[P_VALUE].iloc[0] <= 0.05)
    assert 1 <= small <= 14  # 6 of 120 are expected


def test_windows_of_different_length_are_compared_per_month(
    years: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    with pytest.warns(UserWarning, match="15 and 12 months"):
        result = compare(*years, rng=np.random.default_rng(1), permutations=200)
    table = result.destinations.set_index(s.DESTINATION_NAME)
    norfolk = table.loc["Norfolk"]
    assert norfolk[RATIO] == pytest.approx((198 / 12) / (416 / 15))
    # The exact conditional test, as scipy and as statsmodels do it.
    assert norfolk[P_VALUE] == pytest.approx(binomtest(198, 614, 12 / 27).pvalue)
    theirs = two_poisson(198, 12, 416, 15, method="exact-cond").pvalue
    assert norfolk[P_VALUE] == pytest.approx(theirs, rel=0.2)
    assert norfolk[s.LOW] < norfolk[RATIO] < norfolk[s.HIGH] < 1


def test_what_a_window_does_not_print_is_not_zero(
    years: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    with pytest.warns(UserWarning, match="months"):
        result = compare(*years, rng=np.random.default_rng(1), permutations=50)
    table = result.destinations.set_index(s.DESTINATION_NAME)
    assert table.index[:3].isin(["Norfolk", "Hampshire", "Suffolk"]).all()
    essex = table.loc["Essex"]
    assert pd.isna(essex[N_AFTER])
    assert np.isnan(essex[RATIO])
    assert "not zero" in essex[s.REASON]
    assert result.reach[c.N].iloc[0] == 416 + 369 + 238 + 198 + 413 + 113
    essex_alone = years[0][years[0][s.DESTINATION_NAME] == "Essex"]
    with pytest.raises(StatisticsError, match="no destination in common"):
        compare(essex_alone, years[1], rng=np.random.default_rng(1))


def test_levels_are_never_compared(
    forces: gpd.GeoDataFrame, toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    towns = toy_flows[toy_flows[s.DESTINATION_LEVEL] == s.SETTLEMENT]
    with pytest.raises(StatisticsError, match="roll_up"):
        compare(forces, towns, rng=np.random.default_rng(1), gazetteer=toy)


@pytest.mark.parametrize("which", [0, 1])
def test_nothing_has_no_difference(which: int, forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    sides = [forces, forces]
    sides[which] = forces.iloc[:0]
    with pytest.raises(StatisticsError, match="nothing is counted"):
        compare(*sides, rng=np.random.default_rng(1), gazetteer=toy)


# ── Tables to read ───────────────────────────────────────────────────────────
def test_a_table_shows_what_is_there(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        html = as_table(
            reach(toy_flows, gazetteer=toy),
            title="Reach",
            subtitle="of the toy world",
            source="toy",
        ).as_raw_html()
    assert "Reach" in html
    assert "Mean distance (km)" in html
    assert "58.6" not in html  # Ashwick's mean: no more digits than are known
    assert re.search(r">59 \(\d+ to \d+\)<", html)
    assert "33%" in html  # and its share beyond 50 km
    assert "borough:ashwick" not in html
    assert "Reason" not in html  # every statistic is defined


def test_a_table_has_no_more_digits_than_are_known_and_says_what_it_is() -> None:
    frame = pd.DataFrame(
        {
            "period_start": ["2018-01", None], "period_end": ["2019-03", None],
            "term": ["mean_km", "share_beyond_50_km"], "estimate": [90.398, 0.3333],
            "low": [88.1, np.nan], "high": [1092.6, np.nan],
            "area_low": [70.2, 0.1], "area_high": [110.9, 0.9], "unit": ["km", "share"],
            "n": pd.array([1763, None], dtype="Int64"),
        }
    )  # fmt: skip
    told = readable(frame)
    assert list(told) == ["window", "term", "estimate", "areas", "n"]
    assert told.iloc[0].tolist() == [
        "January 2018 to March 2019", "Mean distance (km)", "90 (88 to 1,093)", "70 to 111",
        "1,763",
    ]  # fmt: skip
    assert told.iloc[1].tolist() == ["not stated", "Share beyond 50 km", "33%", "10% to 90%", "—"]
    counted = readable(frame.assign(n=[1763, 2855]))
    assert counted["n"].tolist() == ["1,763", "2,855"]  # a share's unit is not that of its n
    more = pd.DataFrame(
        {"rank": [3], "rank_low": [3.025], "rank_high": [4.975], "n_if_like_known": [763.243]}
    )
    assert readable(more).iloc[0].tolist() == ["3 (3 to 5)", "763"]


def test_a_place_that_is_only_named_has_no_count_and_a_level_its_word() -> None:
    frame = pd.DataFrame(
        {
            "furthest_name": ["Aberdeen", "Kent"],
            "level": ["settlement", "force"],
            "n": pd.array([0, 0], dtype="Int64"),
            "n_named": [2, 0],
            "n_unplaced": [None, None],
            "n_forces": [None, None],
            "share": [1.0, 0.5],
            "share_low": [1.0, 0.4],
            "share_high": [1.0, 0.6],
        }
    )
    html = as_table(frame, title="Far").as_raw_html()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)
    assert cells[1:3] == ["Aberdeen", "town"]
    assert cells[3:7] == ["—", "2", "—", "100%"]  # not 0, and no bounds that are the same
    assert cells[7:] == ["Kent", "police force area", "0", "0", "—", "50% (40% to 60%)"]
    assert "Police force areas" not in html  # a column that no row fills
    assert "n without a place" in html  # unless it says what is unknown


def test_a_table_of_nulls_says_why(years: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> None:
    html = as_table(reach(pd.concat(years)), title="Two years").as_raw_html()
    assert "never added" in html
    assert "—" in html
    assert "nan" not in html.lower().replace("nano", "")


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from([0.5, 1.0, 3.0]))
@settings(deadline=None)
def test_a_ratio_of_counts_is_the_exact_binomial_test(before, after, weight):
    assume(before + after)
    found = binomtest(after, before + after, 1 / (1 + weight))
    ends = found.proportion_ci(0.95, "exact")
    odds = [weight * part / (1 - part) if part < 1 else np.inf for part in (ends.low, ends.high)]
    ratio = measures.rate_ratio(before, after, weight=weight, level=0.95)
    np.testing.assert_allclose(ratio[1:], [*odds, found.pvalue], rtol=1e-8, atol=1e-300)
