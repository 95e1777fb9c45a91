from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap import schema as s
from linemap.errors import InputError, SchemaError, UnknownPlaceError
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures import (
    concentration,
    distance_bands,
    far_ends,
    geography,
    ranks,
    reach,
    reach_estimates,
)
from linemap.measures._statistics import order, quantile
from linemap.records import read_statements


def row(table: pd.DataFrame, **where: Any) -> pd.Series:
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


@pytest.fixture(scope="module")
def statements(root: Any) -> gpd.GeoDataFrame:
    return build_flows(read_statements(root / "data" / "raw" / "published_statements.csv"))


def records(flows: gpd.GeoDataFrame, counts: list[int | None]) -> gpd.GeoDataFrame:
    return flows.assign(**{s.COUNT: pd.array(counts, dtype="Int64")})


# ── By hand, in the toy world ────────────────────────────────────────────────
def test_ashwick_by_hand(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    ashwick = row(reach(toy_flows, gazetteer=toy), origin_name="Ashwick")
    km = toy_flows[toy_flows[s.ORIGIN_NAME] == "Ashwick"].set_index(s.DESTINATION_NAME)[
        s.DISTANCE_KM
    ]
    assert (ashwick[c.N], ashwick[c.N_UNPLACED], ashwick[c.N_DESTINATIONS]) == (21, 0, 4)
    assert ashwick[c.N_FORCES] == 3  # Metro, Westshire, Northshire
    mean = (12 * km["Eastby"] + 4 * km["Fernport"] + 3 * km["Glenmoor"] + 2 * km["Ashwick"]) / 21
    assert ashwick[c.MEAN_KM] == pytest.approx(mean)
    # In order: 2 inside Ashwick, then 12 to Eastby, so the 11th of 21 is an Eastby.
    assert ashwick[c.MEDIAN_KM] == km["Eastby"]
    assert ashwick[c.P25_KM] == km["Eastby"]
    assert ashwick[c.P75_KM] == km["Fernport"]  # the 16th: 14 lie before it
    assert ashwick[c.P90_KM] == km["Glenmoor"]  # the 19th: 18 lie before it
    assert ashwick[c.share_beyond(50)] == pytest.approx(7 / 21)
    assert ashwick[c.share_beyond(100)] == pytest.approx(3 / 21)
    # Were everyone at the far corner of Ashwick, Fernport would be beyond 100 km too.
    assert ashwick["share_beyond_100_high_km"] == pytest.approx(7 / 21)
    assert ashwick[c.SHARE_EXTERNAL] == pytest.approx(19 / 21)
    assert (ashwick[c.FURTHEST_NAME], ashwick[c.FURTHEST_KM]) == ("Glenmoor", km["Glenmoor"])
    assert pd.isna(ashwick[s.REASON])


def test_the_whole_toy_world(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    whole = reach(toy_flows, by=None, gazetteer=toy)
    assert len(whole) == 1
    assert whole[c.N].iloc[0] == 36
    assert whole[c.N_UNPLACED].iloc[0] == 4
    assert whole[c.N_FLOWS].iloc[0] == 12
    assert whole[c.N_FLOWS_UNPLACED].iloc[0] == 3
    assert whole[c.N_DESTINATIONS].iloc[0] == 5


def test_widest_reach_first(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    names = reach(toy_flows, gazetteer=toy)[s.ORIGIN_NAME].to_list()
    assert names == ["Dunmere", "Birchgate", "Ashwick", "Cedarham"]


@pytest.mark.parametrize(
    ("by", "groups", "n"),
    [
        ("destination", 6, 36),  # five places and one for all that has none
        ("force", 4, 36),
        ("measure", 1, 36),
        ("level", 4, 36),
        ("period", 1, 36),
        (["origin", "destination"], 12, 36),  # nine pairs, and three origins of what has none
    ],
)
def test_every_grouping_tells_everyone_apart_once(
    by: Any, groups: int, n: int, toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    table = reach(toy_flows, by=by, gazetteer=toy)
    assert table[c.N].sum() == n
    assert table[c.N_UNPLACED].sum() == 4
    assert table[c.N_FLOWS].sum() == 12
    assert len(table) == groups


def test_by_destination_the_furthest_is_an_origin(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    fernport = row(reach(toy_flows, by="destination", gazetteer=toy), destination_name="Fernport")
    assert fernport[c.FURTHEST_NAME] == "Dunmere"
    assert fernport[c.N] == 11


def test_by_a_tag(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    tagged = toy_flows.assign(age=["under 18", "over 25"] * 6)
    table = reach(tagged, by=["age"], gazetteer=toy)
    assert table.set_index("age")[c.N].sum() == 36
    assert len(table) == 2


# ── Laws ─────────────────────────────────────────────────────────────────────
@given(
    st.lists(st.tuples(st.floats(0, 1000), st.integers(1, 30)), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]),
)
def test_quantiles_are_those_of_the_records_written_out(
    flows: list[tuple[float, int]], share: float
) -> None:
    km, counts = (np.array(part) for part in zip(*flows, strict=True))
    one = np.zeros(len(km), dtype=np.int64)
    mine = quantile(order(km.astype(float), counts.astype(np.int64), one, 1), share)[0]
    written_out = np.repeat(km, counts)
    # numpy rounds 0.9 * 10 to above 9; a hair less asks what is meant
    oracle = np.quantile(written_out, max(share - 1e-12, 0), method="inverted_cdf")
    above = np.quantile(written_out, min(share + 1e-12, 1), method="inverted_cdf")
    assert mine == pytest.approx((oracle + above) / 2)


counts_lists = st.lists(st.integers(0, 40), min_size=12, max_size=12)


@settings(max_examples=15)
@given(counts_lists, st.permutations(range(12)))
def test_summaries_do_not_depend_on_the_order_of_rows(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer, counts: list[int], order: list[int]
) -> None:
    flows = records(toy_flows, counts)
    for measure in (reach, distance_bands, far_ends):
        ordered = measure(flows, gazetteer=toy)
        shuffled = measure(flows.iloc[order], gazetteer=toy)
        pd.testing.assert_frame_equal(ordered, shuffled)


@settings(max_examples=15)
@given(counts_lists)
def test_bounds_hold_the_statistic_and_nothing_is_lost(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer, counts: list[int]
) -> None:
    table = reach(records(toy_flows, counts), gazetteer=toy)
    assert table[c.N].sum() + table[c.N_UNPLACED].sum() == sum(counts)
    terms = [c.MEAN_KM, *c.QUANTILES, c.share_beyond(50), c.share_beyond(100)]
    known = table[table[c.N] > 0]
    for term in terms:
        assert (known[c.low(term)] <= known[term] + 1e-9).all()
        assert (known[term] <= known[c.high(term)] + 1e-9).all()
    assert table.loc[table[c.N] == 0, s.REASON].notna().all()
    assert table.loc[table[c.N] == 0, c.MEAN_KM].isna().all()
    bands = distance_bands(records(toy_flows, counts), gazetteer=toy)
    assert bands[c.N].sum() == table[c.N].sum()
    assert (bands[c.N_LOW] <= bands[c.N]).all()
    assert (bands[c.N] <= bands[c.N_HIGH]).all()


def test_every_null_has_its_reason(statements: gpd.GeoDataFrame) -> None:
    for by in ("origin", None, "destination", ["origin", "measure", "level", "period"]):
        table = reach(statements, by=by)
        null = table[[c.N, c.MEAN_KM, c.P90_KM, c.SHARE_EXTERNAL]].isna().any(axis=1)
        assert table.loc[null, s.REASON].notna().all()
        assert table.loc[~null, s.REASON].isna().all()


# ── Statements: what may be added and what may not ───────────────────────────
def test_islingtons_story(statements: gpd.GeoDataFrame) -> None:
    islington = row(reach(statements), origin_name="Islington")
    # Three were counted, in Norfolk; the other places are named alone.
    assert (islington[c.N], islington[c.N_UNPLACED]) == (3, 0)
    assert islington[c.N_NAMED] == 15
    assert islington[c.N_MENTIONED] == 2  # Swaffham and King's Lynn are examples
    assert islington[c.AREAS_REACHED] == 13
    ends = far_ends(statements, most=3)
    ends = ends[ends[s.ORIGIN_NAME] == "Islington"].set_index(c.FURTHEST_NAME)
    assert list(ends.index) == ["Aberdeen", "Scotland", "Cornwall"]
    scotland = ends.loc["Scotland"]
    assert scotland[c.FURTHEST_LOW_KM] < 450 < 1000 < scotland[c.FURTHEST_HIGH_KM]


def test_areas_reached_enters_no_distance(statements: gpd.GeoDataFrame) -> None:
    areas = statements[statements[s.MEASURE] == s.AREAS_REACHED]
    table = reach(areas)
    assert table[c.N].to_list() == [0]
    assert table[c.N_UNPLACED].to_list() == [0]
    assert table[c.AREAS_REACHED].to_list() == [13]


def test_londons_two_windows_are_never_added(statements: gpd.GeoDataFrame) -> None:
    london = row(reach(statements), origin_name="London")
    assert pd.isna(london[c.N])
    assert "windows" in london[s.REASON]
    assert "measures" in london[s.REASON]
    assert "levels" in london[s.REASON]
    assert london[c.N_NAMED] == 7  # what adds no counts is still told
    fine = reach(statements, by=["origin", "measure", "level", "period"])
    first_year = row(fine, origin_name="London", destination_level=s.FORCE, period_start="2018-01")
    # Eight forces of one window and one series are eight figures, and no sum of them was printed.
    assert pd.isna(first_year[c.N])
    assert pd.isna(first_year[c.MEAN_KM])
    assert first_year[s.REASON] == "8 published figures are never added"
    assert first_year[c.FURTHEST_NAME] == "Norfolk"
    arrests = row(fine, origin_name="London", measure="arrests")  # one figure is no sum
    assert arrests[c.N] == 443
    assert pd.isna(arrests[s.REASON])


def test_no_table_of_statements_holds_a_sum_of_them(statements: gpd.GeoDataFrame) -> None:
    fine = ["origin", "measure", "level", "period"]
    printed = {*statements[s.COUNT].dropna(), 0}
    tables = (
        reach(statements, by=fine),
        reach(statements, by="measure"),
        reach(statements, by=["destination", *fine]),
        reach_estimates(statements, by=fine),
        distance_bands(statements, by=fine),
    )
    for table in tables:
        for column in {c.N, c.N_UNPLACED, c.N_LOW, c.N_HIGH} & set(table.columns):
            assert set(table[column].dropna()) <= printed


def one_cell(statements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return statements[
        (statements[s.MEASURE] == "individuals linked")
        & (statements[s.DESTINATION_LEVEL] == s.FORCE)
        & (statements[s.PERIOD_START] == "2018-01")
    ]


def test_rival_figures_make_it_null_and_both_are_told(statements: gpd.GeoDataFrame) -> None:
    cell = one_cell(statements)
    rival = cell[cell[s.DESTINATION_NAME] == "Essex"].assign(**{s.COUNT: 121, s.FLOW_ID: "S999"})
    table = reach(pd.concat([cell, rival]))
    assert pd.isna(table[c.N].iloc[0])
    assert table[s.REASON].iloc[0] == "rival figures for Essex: 121 and 336"
    assert np.isnan(table[c.MEAN_KM].iloc[0])


def test_one_figure_printed_twice_counts_once(statements: gpd.GeoDataFrame) -> None:
    cell = one_cell(statements)
    again = cell[cell[s.DESTINATION_NAME] == "Essex"].assign(**{s.FLOW_ID: "S999"})
    cell = cell[cell[s.DESTINATION_NAME] == "Essex"]
    once, twice = reach(cell), reach(pd.concat([cell, again]))
    assert once[c.N].iloc[0] == twice[c.N].iloc[0] == 336
    assert once[c.MEAN_KM].iloc[0] == twice[c.MEAN_KM].iloc[0]


def test_different_origins_of_statements_are_never_added(statements: gpd.GeoDataFrame) -> None:
    whole = reach(statements[statements[s.MEASURE] == "referrals"], by=None)
    assert "origins" in whole[s.REASON].iloc[0]


def test_a_total_beside_its_parts_leaves_the_unknown_unknown(
    statements: gpd.GeoDataFrame,
) -> None:
    cell = one_cell(statements)
    cell = cell[cell[s.DESTINATION_NAME] == "Essex"]
    blank = [s.DESTINATION_ID, s.DESTINATION_NAME, s.DESTINATION_LEVEL]
    total = cell.iloc[[0]].assign(
        **dict.fromkeys(blank), destination_status=s.NOT_STATED, count=4013, flow_id="S999"
    )
    table = reach(pd.concat([cell, total]))
    assert table[c.N].iloc[0] == 336  # the total is no part, and enters no distance
    assert pd.isna(table[c.N_UNPLACED].iloc[0])
    assert table[s.REASON].iloc[0].startswith("a total without a destination")
    bands = distance_bands(pd.concat([cell, total]))
    assert bands[c.N_UNPLACED].isna().all()
    assert bands[c.N].sum() == 336
    # Alone, it is what has no place.
    assert reach(total)[c.N_UNPLACED].to_list() == [4013]


def test_counts_of_zero_reach_nowhere(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = reach(records(toy_flows, [0] * 12), by=None, gazetteer=toy)
    assert table[c.N_DESTINATIONS].iloc[0] == 0
    assert table[s.REASON].iloc[0] == "every count is zero"


def test_records_of_two_measures_are_never_added(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    mixed = toy_flows.assign(**{s.MEASURE: ["referrals", "links"] * 6})
    whole = reach(mixed, by=None, gazetteer=toy)
    assert whole[s.REASON].iloc[0] == "counts of 2 measures are never added (links; referrals)"
    assert reach(mixed, by="measure", gazetteer=toy)[c.N].sum() == 36


def test_an_open_boundary_widens_the_share_external(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    unsure = toy_flows[s.EXTERNAL].mask(toy_flows[s.DESTINATION_NAME] == "Eastby")
    table = row(
        reach(toy_flows.assign(**{s.EXTERNAL: unsure}), gazetteer=toy), origin_name="Ashwick"
    )
    assert table[c.N_EXTERNAL_OPEN] == 12
    assert table[c.SHARE_EXTERNAL] == pytest.approx(7 / 9)
    assert table[c.SHARE_EXTERNAL_LOW] == pytest.approx(7 / 21)
    assert table[c.SHARE_EXTERNAL_HIGH] == pytest.approx(19 / 21)


# ── Estimates ────────────────────────────────────────────────────────────────
def test_estimates_show_the_two_intervals_apart(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    table = reach_estimates(toy_flows, gazetteer=toy, rng=np.random.default_rng(1), replicates=400)
    mean = row(table, origin_name="Ashwick", term=c.MEAN_KM)
    wide = row(reach(toy_flows, gazetteer=toy), origin_name="Ashwick")
    assert mean[s.ESTIMATE] == wide[c.MEAN_KM]
    assert (mean[s.AREA_LOW], mean[s.AREA_HIGH]) == (wide["mean_low_km"], wide["mean_high_km"])
    assert mean[s.LOW] < mean[s.ESTIMATE] < mean[s.HIGH]
    same = reach_estimates(toy_flows, gazetteer=toy, rng=np.random.default_rng(1), replicates=400)
    pd.testing.assert_frame_equal(table, same)


@pytest.mark.parametrize("measure", [reach_estimates, concentration, geography, ranks])
def test_a_seed_means_the_same_in_any_order_of_rows(
    measure: Any, toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    first, second = (
        measure(flows, by="origin", gazetteer=toy, rng=np.random.default_rng(1), replicates=50)
        for flows in (toy_flows, toy_flows.iloc[::-1])
    )
    pd.testing.assert_frame_equal(first, second)


def test_every_group_gets_its_own_interval(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = reach_estimates(toy_flows, gazetteer=toy, rng=np.random.default_rng(1), replicates=200)
    means = table[table[s.TERM] == c.MEAN_KM]
    assert ((means[s.LOW] <= means[s.ESTIMATE]) & (means[s.ESTIMATE] <= means[s.HIGH])).all()
    cedarham = row(means, origin_name="Cedarham")  # all three go to one place
    assert cedarham[s.LOW] == pytest.approx(cedarham[s.HIGH])


def test_without_a_generator_the_sampling_interval_says_why(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    table = reach_estimates(toy_flows, gazetteer=toy)
    assert table[s.LOW].isna().all()
    assert table[s.REASON].str.contains("generator").all()


# ── Degenerate input ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("by", [None, "origin", "force", ["origin", "period"]])
def test_no_flows(by: Any, toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    empty = toy_flows.iloc[:0]
    rows = 1 if by is None else 0
    assert len(reach(empty, by=by, gazetteer=toy)) == rows
    assert len(distance_bands(empty, by=by, gazetteer=toy)) == rows * 6
    assert len(far_ends(empty, by=by, gazetteer=toy)) == 0
    estimates = reach_estimates(empty, by=by, gazetteer=toy, rng=np.random.default_rng(0))
    assert estimates[s.REASON].notna().all()


@pytest.mark.parametrize(
    ("which", "reason"),
    [
        (s.MISSING, "nothing that is counted has a place"),
        (s.NOT_STATED, "nothing that is counted has a place"),
    ],
)
def test_all_unknown(which: str, reason: str, toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = reach(toy_flows[toy_flows[s.DESTINATION_STATUS] == which], by=None, gazetteer=toy)
    assert table[s.REASON].str.startswith(reason).all()
    assert table[c.N].iloc[0] == 0
    assert table[c.N_UNPLACED].iloc[0] > 0


def test_one_flow_all_at_distance_zero(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    zero = toy_flows.iloc[[1]].assign(
        **dict.fromkeys([s.DISTANCE_KM, s.DISTANCE_LOW_KM, s.DISTANCE_HIGH_KM], 0.0)
    )
    table = reach(zero, gazetteer=toy)
    assert table[[c.MEAN_KM, c.MEDIAN_KM, c.FURTHEST_KM]].iloc[0].to_list() == [0, 0, 0]
    assert pd.isna(table[s.REASON].iloc[0])


def test_refusals(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    with pytest.raises(InputError, match="not grouped by 'borough'"):
        reach(toy_flows, by="borough", gazetteer=toy)
    with pytest.raises(InputError, match="0 km or more"):
        reach(toy_flows, beyond_km=[-1], gazetteer=toy)
    with pytest.raises(InputError, match="begin at 0 and rise"):
        distance_bands(toy_flows, edges_km=[0, 50, 20], gazetteer=toy)
    with pytest.raises(UnknownPlaceError, match="gazetteer="):
        reach(toy_flows)
    with pytest.raises(SchemaError):
        reach(pd.DataFrame({s.COUNT: [1]}))


# ── Bands ────────────────────────────────────────────────────────────────────
def test_bands_by_hand(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    bands = distance_bands(toy_flows, by=None, edges_km=[0, 25, 50, 100, 200], gazetteer=toy)
    assert bands[c.BAND].to_list() == [
        "under 25 km", "25 to under 50 km", "50 to under 100 km", "100 to under 200 km",
        "200 km and over",
    ]  # fmt: skip
    # Ashwick's own 2; Eastby's 12 + 3; Fernport's 4 from Ashwick; Glenmoor 3 + 2,
    # Fernport 6 + 1 from further east, and Northshire 3.
    assert bands[c.N].to_list() == [2, 15, 4, 15, 0]
    assert bands[c.SHARE].sum() == pytest.approx(1)
    assert bands[c.N_UNPLACED].to_list() == [4] * 5
    # Northshire reaches from 44 to 315 km, so its 3 may be over 200.
    assert bands[c.N_HIGH].iloc[-1] == 3


def test_a_band_holds_its_lower_edge(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    at_50 = toy_flows.iloc[[1]].assign(
        **dict.fromkeys([s.DISTANCE_KM, s.DISTANCE_LOW_KM, s.DISTANCE_HIGH_KM], 50.0)
    )
    bands = distance_bands(at_50, edges_km=[0, 50], gazetteer=toy)
    assert bands[c.N].to_list() == [0, 12]
    assert reach(at_50, beyond_km=[50], gazetteer=toy)[c.share_beyond(50)].to_list() == [0.0]


def test_named_places_have_their_bands(statements: gpd.GeoDataFrame) -> None:
    bands = distance_bands(statements)
    islington = bands[bands[s.ORIGIN_NAME] == "Islington"]
    assert islington[c.N_NAMED].sum() == 15
    assert islington[c.N].sum() == 3
