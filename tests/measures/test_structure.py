from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality.gini import Gini
from inequality.theil import Theil
from scipy.stats import kendalltau, rankdata, spearmanr

from linemap import schema as s
from linemap.errors import StatisticsError, UnknownPlaceError
from linemap.flows import build_flows, roll_up
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures import (
    concentration,
    location_quotients,
    overlap,
    rank_agreement,
    ranks,
    reach_if_known,
    senders,
    unknown_bounds,
)
from linemap.measures.ranks import (
    EXPECTED_IF_EVEN,
    INDICES,
    JACCARD,
    N_SHARED,
    OVERLAP,
    effective_number,
    entropy,
    gini,
    hhi,
    rank_of,
    theil,
)
from linemap.measures.rates import EXPECTED_IF_ALIKE, QUOTIENT
from linemap.measures.reach import N_IF_LIKE_KNOWN, RANK_IF_ALL, RANK_IF_NONE
from linemap.records import read_statements

COUNTS = st.lists(st.integers(1, 500), min_size=2, max_size=20)


@pytest.fixture(scope="module")
def forces(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> gpd.GeoDataFrame:
    """The toy flows by force: Metro 2, Westshire 26, Northshire 8, and 4 without a place."""
    return roll_up(toy_flows, s.FORCE, gazetteer=toy)


@pytest.fixture(scope="module")
def statements(root: Any) -> gpd.GeoDataFrame:
    return build_flows(read_statements(root / "data" / "raw" / "published_statements.csv"))


def term(table: pd.DataFrame, name: str) -> pd.Series:
    rows = table[table[s.TERM] == name]
    assert len(rows) == 1
    return rows.iloc[0]


# ── Concentration ────────────────────────────────────────────────────────────
@given(COUNTS)
def test_gini_and_theil_agree_with_inequality(counts: list[int]) -> None:
    row = np.array([counts])
    assert gini(row)[0] == pytest.approx(Gini(np.array(counts, dtype=float)).g, abs=1e-9)
    assert theil(row)[0] == pytest.approx(Theil(np.array(counts, dtype=float)).T, abs=1e-9)


@given(COUNTS, st.integers(2, 9))
def test_indices_see_shares_alone_and_not_names(counts: list[int], times: int) -> None:
    row, reverse, larger = (
        np.array([values]) for values in (counts, counts[::-1], [n * times for n in counts])
    )
    for index, _ in INDICES.values():
        assert index(reverse)[0] == pytest.approx(index(row)[0])
        assert index(larger)[0] == pytest.approx(index(row)[0])


@given(st.integers(2, 30), st.integers(1, 50))
def test_equal_destinations_are_even(k: int, each: int) -> None:
    row = np.full((1, k), each)
    values = {name: float(index(row)[0]) for name, (index, _) in INDICES.items()}
    assert values["gini"] == pytest.approx(0)
    assert values["hhi"] == pytest.approx(1 / k)
    assert values["effective_number"] == pytest.approx(k)
    assert values["entropy_nats"] == pytest.approx(np.log(k))
    assert values["evenness"] == pytest.approx(1)
    assert values["theil"] == pytest.approx(0, abs=1e-12)
    assert values["share_top5"] == pytest.approx(min(1, 5 / k))


def test_concentration_by_hand() -> None:
    row = np.array([[6, 3, 1]])
    assert hhi(row)[0] == pytest.approx(0.46)  # .36 + .09 + .01
    assert effective_number(row)[0] == pytest.approx(1 / 0.46)
    # Differences of all pairs: 3 + 5 + 2 = 10; over k * total = 30.
    assert gini(row)[0] == pytest.approx(10 / 30)
    assert entropy(row)[0] == pytest.approx(
        -(0.6 * np.log(0.6) + 0.3 * np.log(0.3) + 0.1 * np.log(0.1))
    )


def test_the_toy_worlds_concentration(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = concentration(forces, by=None, gazetteer=toy)
    assert term(table, "hhi")[s.ESTIMATE] == pytest.approx((26**2 + 8**2 + 2**2) / 36**2)
    assert (table[c.N] == 36).all()
    assert (table[c.N_UNPLACED] == 4).all()
    assert table[EXPECTED_IF_EVEN].isna().all()


def test_small_counts_look_concentrated_by_chance(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    rng = np.random.default_rng(5)
    table = concentration(forces, by=None, rng=rng, gazetteer=toy)
    # The mean HHI of n dropped evenly on k is 1/k + (1 - 1/k) / n.
    expected = 1 / 3 + (1 - 1 / 3) / 36
    assert term(table, "hhi")[EXPECTED_IF_EVEN] == pytest.approx(expected, abs=0.003)
    row = term(table, "hhi")
    assert row[s.LOW] < row[s.ESTIMATE] < row[s.HIGH]


def test_a_town_and_its_county_are_not_two_destinations(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    table = concentration(toy_flows, gazetteer=toy)
    ashwick = table[table[s.ORIGIN_NAME] == "Ashwick"]
    assert ashwick[s.ESTIMATE].isna().all()
    assert ashwick[s.REASON].str.contains("roll_up").all()


def test_one_destination_has_no_evenness(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = concentration(toy_flows, gazetteer=toy, rng=np.random.default_rng(0), replicates=50)
    cedarham = table[table[s.ORIGIN_NAME] == "Cedarham"]
    assert np.isnan(term(cedarham, "evenness")[s.ESTIMATE])
    assert "one destination" in term(cedarham, "evenness")[s.REASON]
    assert term(cedarham, "gini")[s.ESTIMATE] == 0
    assert term(cedarham, "effective_number")[s.ESTIMATE] == 1


# ── Location quotients ───────────────────────────────────────────────────────
def test_location_quotients_by_hand(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = location_quotients(forces, gazetteer=toy)
    assert len(table) == 4 * 3
    ashwick = table[
        (table[s.ORIGIN_NAME] == "Ashwick") & (table[s.DESTINATION_NAME] == "Westshire")
    ]
    assert ashwick[QUOTIENT].iloc[0] == pytest.approx((16 / 21) / (26 / 36))
    assert ashwick[EXPECTED_IF_ALIKE].iloc[0] == pytest.approx(21 * 26 / 36)
    for _, origin in table.groupby(s.ORIGIN_NAME):
        assert origin[EXPECTED_IF_ALIKE].sum() == pytest.approx(origin[c.N].sum())
    zero = table[table[c.N] == 0]
    assert (zero[QUOTIENT] == 0).all()
    assert (zero[s.LOW] == 0).all()
    # The exact upper limit of a mean of which none was seen: ln 40 = 3.689.
    assert np.allclose(zero[s.HIGH] * zero[EXPECTED_IF_ALIKE], np.log(40))


def test_the_quotients_interval_holds_the_truth_as_often_as_it_says(toy: Gazetteer) -> None:
    rng = np.random.default_rng(11)
    shares = np.array([[0.20, 0.05, 0.15], [0.10, 0.30, 0.20]])
    truth = shares / (shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True))
    hits = 0
    for _ in range(60):
        drawn = rng.multinomial(300, shares.ravel()).reshape(2, 3)
        frame = pd.DataFrame(
            [
                (origin, place, drawn[i, j])
                for i, origin in enumerate(["Ashwick", "Dunmere"])
                for j, place in enumerate(["Eastby", "Fernport", "Glenmoor"])
            ],
            columns=[s.ORIGIN, s.DESTINATION, s.COUNT],
        )
        flows = cached_flows(frame, toy)
        table = location_quotients(flows, gazetteer=toy)
        inside = (table[s.LOW] <= truth.ravel()) & (truth.ravel() <= table[s.HIGH])
        hits += int(inside.sum())
    assert 0.92 < hits / (60 * 6) < 0.98


_CACHE: dict[str, gpd.GeoDataFrame] = {}


def cached_flows(frame: pd.DataFrame, toy: Gazetteer) -> gpd.GeoDataFrame:
    """Build once, then change the counts alone."""
    if "base" not in _CACHE:
        _CACHE["base"] = build_flows(
            frame.assign(**{s.ORIGIN_LEVEL: s.BOROUGH, s.INPUT: s.RECORDS}), gazetteer=toy
        )
    return _CACHE["base"].assign(**{s.COUNT: frame[s.COUNT].astype("Int64").to_numpy()})


def test_one_origin_has_no_quotient(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    with pytest.raises(StatisticsError, match="needs two"):
        location_quotients(forces[forces[s.ORIGIN_NAME] == "Ashwick"], gazetteer=toy)


def test_statements_of_several_origins_have_no_quotients(statements: gpd.GeoDataFrame) -> None:
    with pytest.raises(StatisticsError, match="never added"):
        location_quotients(statements)


# ── Ranks ────────────────────────────────────────────────────────────────────
@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=5))
def test_ranks_agree_with_scipy(rows: list[list[int]]) -> None:
    counts = np.array(rows)
    assert (rank_of(counts) == rankdata(-counts, axis=1, method="min")).all()


def test_ranks_by_hand(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = ranks(forces, rng=np.random.default_rng(2), gazetteer=toy)
    assert table[s.DESTINATION_NAME].to_list() == ["Westshire", "Northshire", "Metro"]
    assert table[c.RANK].to_list() == [1, 2, 3]
    assert table[c.SHARE].to_list() == pytest.approx([26 / 36, 8 / 36, 2 / 36])
    assert (table[c.RANK_LOW] <= table[c.RANK]).all()
    assert (table[c.RANK] <= table[c.RANK_HIGH]).all()
    assert table[c.RANK_HIGH].iloc[0] == 1  # 26 of 36 is first, whoever is drawn again
    # Glenmoor's 8 and Metro's 2 are close enough to change places now and then.
    assert ranks(forces, gazetteer=toy)[c.RANK_LOW].isna().all()


def test_the_published_ranks_of_two_years(statements: gpd.GeoDataFrame) -> None:
    linked = statements[statements[s.MEASURE] == "individuals linked"]
    at_force = linked[linked[s.DESTINATION_LEVEL] == s.FORCE]
    table = ranks(at_force, by="period", rng=np.random.default_rng(3), replicates=500)
    first = table[table[s.PERIOD_START] == "2018-01"]
    assert first[s.DESTINATION_NAME].to_list()[:3] == ["Norfolk", "Hampshire", "Essex"]
    # 416 and 369 are not reliably ordered: the interval of Norfolk's rank reaches 2.
    assert first[c.RANK_HIGH].iloc[0] == 2


def test_agreement_of_two_orders(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    towns = toy_flows[toy_flows[s.DESTINATION_LEVEL] == s.SETTLEMENT]
    later = towns.assign(**{s.COUNT: (towns[s.COUNT] * 3 + 7) % 11})
    table = rank_agreement(towns, later, gazetteer=toy)
    totals = [
        flows[flows[s.DESTINATION_ID].notna()].groupby(s.DESTINATION_ID)[s.COUNT].sum()
        for flows in (towns, later)
    ]
    assert term(table, "spearman_rho")[s.ESTIMATE] == pytest.approx(spearmanr(*totals).statistic)
    assert term(table, "kendall_tau_b")[s.ESTIMATE] == pytest.approx(kendalltau(*totals).statistic)
    again = rank_agreement(towns, towns, gazetteer=toy)
    assert again[s.ESTIMATE].to_list() == pytest.approx([1, 1])


def test_ranks_of_statements_have_no_share(statements: gpd.GeoDataFrame) -> None:
    first = statements[
        (statements[s.MEASURE] == "individuals linked")
        & (statements[s.DESTINATION_LEVEL] == s.FORCE)
        & (statements[s.PERIOD_START] == "2018-01")
    ]
    table = ranks(first)
    assert table[c.RANK].tolist() == list(range(1, 9))
    assert table[c.SHARE].isna().all()
    (bounds,) = unknown_bounds(first).to_dict("records")
    assert np.isnan(bounds[c.SHARE])
    assert "no whole" in bounds[s.REASON]


def test_only_what_both_windows_print_is_ordered(statements: gpd.GeoDataFrame) -> None:
    linked = statements[
        (statements[s.MEASURE] == "individuals linked")
        & (statements[s.DESTINATION_LEVEL] == s.FORCE)
    ]
    first, second = (linked[linked[s.PERIOD_START] == start] for start in ("2018-01", "2019-05"))
    # Norfolk 416 and 198, Hampshire 369 and 413, Suffolk 238 and 113: two of three in order.
    table = rank_agreement(first, second)
    assert term(table, "spearman_rho")[s.ESTIMATE] == pytest.approx(0.5)
    assert term(table, "kendall_tau_b")[s.ESTIMATE] == pytest.approx(1 / 3)


def test_two_destinations_have_no_order_to_speak_of(
    forces: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    two = forces[forces[s.DESTINATION_NAME].isin(["Westshire", "Metro"])]
    table = rank_agreement(two, two, gazetteer=toy, rng=np.random.default_rng(0))
    assert table[s.ESTIMATE].isna().all()
    assert table[s.REASON].str.contains("fewer than 3").all()


# ── Senders and overlap ──────────────────────────────────────────────────────
def test_whom_should_westshire_call(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = senders(toy_flows, "county:westshire", gazetteer=toy)
    assert table[s.ORIGIN_NAME].to_list() == ["Ashwick", "Birchgate", "Cedarham", "Dunmere"]
    assert table[c.N].to_list() == [16, 6, 3, 1]
    assert table[c.CUMULATIVE_SHARE].to_list() == pytest.approx([16 / 26, 22 / 26, 25 / 26, 1])
    by_name = senders(toy_flows, "westshire", level=s.FORCE, gazetteer=toy)
    assert by_name[c.N].to_list() == [16, 6, 3, 1]
    with pytest.raises(UnknownPlaceError, match="county:westshire, force:westshire"):
        senders(toy_flows, "Westshire", gazetteer=toy)
    with pytest.raises(UnknownPlaceError, match="Geocode it first"):
        senders(toy_flows, "Atlantis", gazetteer=toy)


def test_whom_should_norfolk_call(statements: gpd.GeoDataFrame) -> None:
    table = senders(statements, "force:norfolk")
    assert table[[c.SHARE, c.CUMULATIVE_SHARE]].isna().all(axis=None)  # Islington's 3 are no 100 %
    islington = table[table[s.ORIGIN_NAME] == "Islington"].iloc[0]
    assert (islington[c.N], islington[c.N_NAMED]) == (3, 1)
    assert {"London", "Hackney"} <= set(table[s.ORIGIN_NAME])
    london = table[table[s.ORIGIN_NAME] == "London"].iloc[0]
    assert pd.isna(london[c.N])
    assert "levels" in london[s.REASON]  # Norfolk's 416 hold Norwich's 167


def test_overlap_by_hand(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = overlap(forces, gazetteer=toy).set_index([s.ORIGIN_NAME, "other_name"])
    assert len(table) == 6
    pair = table.loc[("Ashwick", "Birchgate")]
    assert pair[N_SHARED] == 2  # Westshire and Northshire
    assert pair[JACCARD] == pytest.approx(2 / 3)
    assert pair[OVERLAP] == pytest.approx(min(16 / 21, 6 / 9) + min(3 / 21, 3 / 9))
    assert table[OVERLAP].between(0, 1).all()


def test_named_places_overlap_without_counts(statements: gpd.GeoDataFrame) -> None:
    table = overlap(statements).set_index([s.ORIGIN_NAME, "other_name"])
    pair = table.loc[("Islington", "London")]
    assert pair[N_SHARED] >= 3  # Kent, Cornwall, South Wales
    assert np.isnan(pair[OVERLAP])
    assert isinstance(pair[s.REASON], str)


# ── What the unknown could change ────────────────────────────────────────────
def test_bounds_by_hand(forces: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = unknown_bounds(forces, gazetteer=toy).set_index(s.DESTINATION_NAME)
    north = table.loc["Northshire"]
    assert north[c.SHARE] == pytest.approx(8 / 36)
    assert north[c.SHARE_LOW] == pytest.approx(8 / 40)
    assert north[c.SHARE_HIGH] == pytest.approx(12 / 40)
    assert north[N_IF_LIKE_KNOWN] == pytest.approx(8 / 36 * 40)
    # With 4 more Metro has 6, so nothing changes places.
    assert table[RANK_IF_ALL].to_list() == table[RANK_IF_NONE].to_list() == [1, 2, 3]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 12), min_size=3, max_size=3), st.integers(0, 15))
def test_bounds_of_ranks_are_those_of_every_way_to_spread_the_unknown(
    toy: Gazetteer, counts: list[int], lost: int
) -> None:
    base = _base(toy)
    values = pd.array([*counts, lost], dtype="Int64")
    table = unknown_bounds(base.assign(**{s.COUNT: values}), gazetteer=toy)
    table = table.set_index(s.DESTINATION_NAME).loc[["Eastby", "Fernport", "Glenmoor"]]
    seen = [
        rank_of(np.add([counts], [[a, b, lost - a - b]]))[0]
        for a in range(lost + 1)
        for b in range(lost + 1 - a)
    ]
    assert table[RANK_IF_ALL].to_list() == np.min(seen, axis=0).tolist()
    assert table[RANK_IF_NONE].to_list() == np.max(seen, axis=0).tolist()


def _base(toy: Gazetteer) -> gpd.GeoDataFrame:
    if "bounds" not in _CACHE:
        frame = pd.DataFrame(
            {s.ORIGIN: "Ashwick", s.DESTINATION: ["Eastby", "Fernport", "Glenmoor", "Nowhere"],
             s.COUNT: [1, 1, 1, 1], s.ORIGIN_LEVEL: s.BOROUGH, s.INPUT: s.RECORDS}
        )  # fmt: skip
        _CACHE["bounds"] = build_flows(frame, gazetteer=toy)
    return _CACHE["bounds"]


def test_shares_were_everything_known(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = reach_if_known(toy_flows, by=None, beyond_km=[100], gazetteer=toy)
    beyond = term(table, c.share_beyond(100))
    # Beyond 100 km, wherever in their places: 5 at Glenmoor and 7 at Fernport are,
    # Northshire's 3 and Ashwick's 4 at Fernport may be; and so may the 4 without a place.
    assert beyond[s.ESTIMATE] == pytest.approx(15 / 36)
    assert beyond["unknown_low"] == pytest.approx(12 / 40)
    assert beyond["unknown_high"] == pytest.approx((19 + 4) / 40)
    assert beyond["share_unplaced"] == pytest.approx(0.1)
    external = term(table, c.SHARE_EXTERNAL)
    assert external["unknown_low"] == pytest.approx(34 / 40)
    assert external["unknown_high"] == pytest.approx(38 / 40)
    by_origin = reach_if_known(toy_flows, gazetteer=toy)
    assert by_origin[s.ORIGIN_NAME].to_list() == [
        name for name in ("Dunmere", "Birchgate", "Ashwick", "Cedarham") for _ in range(4)
    ]
    assert (by_origin["unknown_low"] <= by_origin["unknown_high"]).all()
    assert len(reach_if_known(toy_flows.iloc[:0], gazetteer=toy)) == 0


@pytest.mark.parametrize("measure", [concentration, ranks, unknown_bounds])
def test_statements_that_cannot_be_added_say_so(measure: Any, statements: gpd.GeoDataFrame) -> None:
    table = measure(statements, by="origin")
    london = table[table[s.ORIGIN_NAME] == "London"]
    assert london[s.REASON].str.contains("never added").all()


@pytest.mark.parametrize("measure", [concentration, ranks, unknown_bounds])
def test_no_flows_have_a_reason(measure: Any, toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = measure(toy_flows.iloc[:0], by=None, gazetteer=toy)
    assert table[s.REASON].notna().all()
    assert len(table) >= 1
    assert len(measure(toy_flows.iloc[:0], by="origin", gazetteer=toy)) == 0


# ── A closed set of destinations ─────────────────────────────────────────────


@pytest.fixture(scope="module")
def in_two_forces(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> gpd.GeoDataFrame:
    """Roll the toy world's flows up to forces and keep those to two of them."""
    flows = roll_up(toy_flows, "force", gazetteer=toy)
    reached = sorted(flows[s.DESTINATION_ID].dropna().unique())[:2]
    return flows[flows[s.DESTINATION_ID].isin(reached)]


def closed_set(toy: Gazetteer) -> list[str]:
    return list(toy.places.index[toy.places[s.LEVEL] == s.FORCE])


def test_a_place_of_a_closed_set_that_nobody_reached_counts_as_zero(
    in_two_forces: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    every = closed_set(toy)
    found = in_two_forces.groupby(s.DESTINATION_ID)[s.COUNT].sum()
    counts = np.array([int(found.get(place, 0)) for place in every])
    assert (counts == 0).any()
    table = concentration(in_two_forces, by=None, destinations=every, gazetteer=toy)
    by_term = table.set_index(s.TERM)[s.ESTIMATE]
    assert by_term["gini"] == pytest.approx(Gini(counts).g)
    assert by_term["hhi"] == pytest.approx(float(np.square(counts / counts.sum()).sum()))
    assert set(table[c.N_DESTINATIONS]) == {len(every)}
    ranked = ranks(in_two_forces, destinations=every, gazetteer=toy)
    assert ranked[c.N].tolist() == sorted(counts.tolist(), reverse=True)
    assert ranked[c.RANK].tolist() == sorted(
        (len(counts) + 1 - rankdata(counts, method="max")).astype(int).tolist()
    )


def test_a_count_outside_the_closed_set_is_a_reason(
    in_two_forces: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    first = sorted(in_two_forces[s.DESTINATION_ID])[:1]
    table = concentration(in_two_forces, by=None, destinations=first, gazetteer=toy)
    assert table[s.ESTIMATE].isna().all()
    assert table[s.REASON].str.contains("1 destinations are counted that are not among").all()
    with pytest.raises(UnknownPlaceError, match="nowhere"):
        ranks(in_two_forces, destinations=["force:nowhere"], gazetteer=toy)


def test_statements_must_print_every_place_of_a_closed_set(
    in_two_forces: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    printed = in_two_forces.drop_duplicates(s.DESTINATION_ID).assign(**{s.INPUT: s.STATEMENTS})
    printed[s.ORIGIN_NAME] = "all"
    table = ranks(printed, destinations=closed_set(toy), gazetteer=toy)
    assert table[s.REASON].str.contains("what is not printed is not zero").all()
    printed[s.COUNT] = pd.array([0, 5], dtype="Int64")
    table = ranks(printed, destinations=sorted(printed[s.DESTINATION_ID]), gazetteer=toy)
    assert table[c.N].tolist() == [5, 0]


def test_mixed_levels_say_which_they_are_and_what_to_do(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    reason = concentration(toy_flows, by=None, gazetteer=toy)[s.REASON].iloc[0]
    assert "settlement, " in reason
    assert "such as " in reason
    assert "lm.roll_up(flows" in reason


def test_the_measures_list_what_is_for_a_reader() -> None:
    from linemap import measures

    assert dir(measures) == sorted(measures.__all__)
    assert all(callable(getattr(measures, name)) for name in dir(measures))
