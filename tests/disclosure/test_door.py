"""What leaves through protect(), worked by hand and as laws."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import linemap as lm
from linemap import schema
from linemap.disclosure import DFE, NHS, TEN_FIVE, Release, Rule, protect, require_release
from linemap.disclosure.cells import ELSEWHERE, NOT_FOUND
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer

BOROUGHS = ("Ashwick", "Birchgate", "Cedarham", "Dunmere")
PLACES = ("Eastby", "Fernport", "Glenmoor", "Westshire", "Northshire", "Atlantis", None)
COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(BOROUGHS), st.sampled_from(PLACES)),
    st.integers(1, 30), min_size=1, max_size=14,
)  # fmt: skip
SLOW = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def shown(release: Release) -> dict[tuple[str, str], int]:
    flows = release.flows
    ends = zip(flows[schema.ORIGIN_NAME], flows[schema.DESTINATION_NAME], strict=True)
    return dict(zip(ends, flows[schema.COUNT].tolist(), strict=True))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ({("Ashwick", "Eastby"): 12}, {("Ashwick", "Eastby"): 10}),
        ({("Ashwick", "Eastby"): 9}, {}),
        ({("Ashwick", "Eastby"): 23, ("Ashwick", "Fernport"): 7, ("Ashwick", "Westshire"): 6},
         {("Ashwick", "Eastby"): 25, ("Ashwick", "rest of Westshire"): 15}),
        # 7 and 5 are too few for either borough: the view of all origins has them
        ({("Ashwick", "Eastby"): 7, ("Birchgate", "Eastby"): 5}, {}),
        ({("Ashwick", "Eastby"): 40, ("Birchgate", "Fernport"): 6, ("Cedarham", "Eastby"): 6},
         {("Ashwick", "Eastby"): 40}),
        ({("Ashwick", "Atlantis"): 8, ("Ashwick", None): 6}, {("Ashwick", NOT_FOUND): 15}),
        # 15 stands for at least 13, and neither can be over 9: each would be 4 to 9, less a record
        ({("Ashwick", "Atlantis"): 5, ("Ashwick", "Glenmoor"): 8}, {}),
        ({("Ashwick", "Atlantis"): 5, ("Ashwick", "Glenmoor"): 7}, {("Ashwick", ELSEWHERE): 10}),
    ],
)  # fmt: skip
def test_flows_worked_by_hand(
    flows_of, toy: Gazetteer, pairs: dict[tuple[str, str | None], int], expected: dict
) -> None:
    assert shown(protect(flows_of(pairs), gazetteer=toy)) == expected


@SLOW
@given(COUNTS)
def test_protecting_what_is_protected_changes_no_flow(flows_of, toy: Gazetteer, pairs) -> None:
    once = protect(flows_of(pairs), gazetteer=toy).flows
    again = protect(once, gazetteer=toy).flows
    pd.testing.assert_frame_equal(pd.DataFrame(once), pd.DataFrame(again))


@SLOW
@given(COUNTS, st.sampled_from([TEN_FIVE, NHS, DFE]))
def test_what_is_shown_keeps_to_the_rule_and_adds_up_but_for_rounding(
    flows_of, toy: Gazetteer, pairs, rule: Rule
) -> None:
    release = protect(flows_of(pairs), rule=rule, gazetteer=toy)
    counts = release.flows[schema.COUNT]
    assert all(n >= rule.threshold and n % rule.base == 0 for n in counts)
    low = sum(rule.meaning(int(n))[0] for n in counts)
    high = sum(rule.meaning(int(n))[1] for n in counts)
    # of each origin less than twice the threshold is withheld: what two places inside can hold
    assert low <= sum(pairs.values()) <= high + 2 * (rule.threshold - 1) * len(BOROUGHS)


@SLOW
@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(flows_of, toy: Gazetteer, pairs, random) -> None:
    flows = flows_of(pairs)
    order = list(range(len(flows)))
    random.shuffle(order)
    one, other = (protect(f, gazetteer=toy) for f in (flows, flows.iloc[order]))
    pd.testing.assert_frame_equal(pd.DataFrame(one.flows), pd.DataFrame(other.flows))
    for name, table in one.summaries.items():
        pd.testing.assert_frame_equal(table, other.summaries[name])


def test_totals_are_of_the_true_counts_and_rounded_on_their_own(flows_of, toy: Gazetteer) -> None:
    pairs = {(borough, town): 11 for borough in BOROUGHS for town in ("Eastby", "Glenmoor")}
    release = protect(flows_of(pairs), gazetteer=toy)
    assert set(shown(release).values()) == {10}
    # 88 and not 80, or nothing: a total that might tell is left out
    assert release.summaries["whole"]["n"].dropna().tolist() in ([], [90])
    if schema.WHERE_TO in release.views:
        together = release.views[schema.WHERE_TO].set_index(schema.DESTINATION_NAME)[schema.COUNT]
        assert together.to_dict() == {"Eastby": 45, "Glenmoor": 45}  # 44, and not 40


def test_a_total_that_would_undo_the_rounding_is_left_out(flows_of, toy: Gazetteer) -> None:
    # four cells of 10 to 12 and a total of 48 or more: every one of them would be 12
    release = protect(flows_of({(borough, "Eastby"): 12 for borough in BOROUGHS}), gazetteer=toy)
    assert set(shown(release).values()) == {10}
    assert release.summaries["destinations"]["n"].isna().all()


def test_a_total_that_would_tell_is_left_out(flows_of, toy: Gazetteer) -> None:
    # 10 shown of a total shown as 10 would leave at most 2 for everything that is hidden
    release = protect(flows_of({("Ashwick", "Eastby"): 11}), gazetteer=toy)
    assert shown(release) == {("Ashwick", "Eastby"): 10}
    assert release.summaries["origins"]["n"].isna().all()
    assert release.summaries["whole"]["n"].isna().all()


def test_statistics_are_coarse_and_have_no_extremes(flows_of, toy: Gazetteer) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 40, ("Ashwick", "Glenmoor"): 31})
    release = protect(flows, gazetteer=toy)
    row = release.summaries["origins"].iloc[0]
    assert row["mean_km"] % 5 == 0
    assert row["median_km"] % 5 == 0
    assert round(row["share_beyond_100_km"] / 0.05, 6) % 1 == 0
    assert pd.isna(row["furthest_km"])
    assert pd.isna(row["furthest_name"])


def test_no_word_of_a_record_leaves(flows_of, toy: Gazetteer) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 40, ("Ashwick", "Atlantis"): 20})
    flows = flows.assign(**{schema.SOURCE: "SECRET", schema.NOTE: "SECRET"})
    release = protect(flows, gazetteer=toy)
    for frame in (release.flows, release.account, *release.summaries.values()):
        text = frame.to_csv()
        assert "SECRET" not in text
        assert "Atlantis" not in text
    assert len(release.flows) == 2


def test_what_a_model_added_does_not_leave(flows_of, toy: Gazetteer) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 40})
    flows = flows.assign(**dict.fromkeys(schema.MODEL_COLUMNS, 39.4))
    assert not set(schema.MODEL_COLUMNS) & set(protect(flows, gazetteer=toy).flows.columns)


@pytest.mark.parametrize("window", [("2024-01", "2024-02"), ("2024-01", "2024-01")])
def test_a_short_window_is_refused(flows_of, toy: Gazetteer, window: tuple[str, str]) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 40}, window=window)
    with pytest.raises(DisclosureError, match="shorter than 3 months"):
        protect(flows, gazetteer=toy)


def test_a_flow_without_a_count_is_refused(flows_of, toy: Gazetteer) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 40, ("Birchgate", "Eastby"): 12})
    flows.loc[0, schema.COUNT] = pd.NA
    with pytest.raises(DisclosureError, match="1 of these flows have no count"):
        protect(flows, gazetteer=toy)


def test_a_number_beside_the_counts_is_refused(flows_of, toy: Gazetteer) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 27})
    with pytest.raises(DisclosureError, match="'per_100k': numbers that stand beside"):
        protect(flows.assign(per_100k=10.4), gazetteer=toy)


def test_windows_of_one_origin_that_overlap_are_refused(flows_of, together, toy) -> None:
    year = flows_of({("Ashwick", "Eastby"): 34}, window=("2023-01", "2023-12"))
    quarter = flows_of({("Ashwick", "Eastby"): 30}, window=("2023-01", "2023-03"))
    with pytest.raises(DisclosureError, match="overlaps another of the same origin"):
        protect(together(quarter, year), gazetteer=toy)
    with pytest.raises(DisclosureError, match="overlaps"):
        protect(together(year, quarter), gazetteer=toy)
    fiscal = flows_of({("Birchgate", "Eastby"): 30}, window=("2023-04", "2024-03"))
    assert len(protect(together(year, fiscal), gazetteer=toy).flows) == 2
    after = flows_of({("Ashwick", "Eastby"): 30}, window=("2024-01", "2024-12"))
    assert len(protect(together(year, after), gazetteer=toy).flows) == 2


def test_a_tag_that_is_not_shown_is_nowhere_in_the_release(flows_of, together, toy) -> None:
    shown = flows_of({("Ashwick", "Eastby"): 34}, age="16 to 17")
    hidden = flows_of({("Ashwick", "Eastby"): 4}, age="10 to 15")
    for cross_tags, is_told in ((True, True), (False, False)):  # by tag, one value is none
        release = protect(together(shown, hidden), gazetteer=toy, cross_tags=cross_tags)
        held = repr([object.__getattribute__(release, name) for name in release.__slots__])
        assert ("16 to 17" in held) is is_told
        assert "10 to 15" not in held


def test_windows_and_tags_are_protected_apart(flows_of, together, toy: Gazetteer) -> None:
    parts = [
        flows_of({("Ashwick", "Eastby"): n}, window=(f"{year}-01", f"{year}-03"), age=age)
        for n, year, age in ((6, 2023, "under 18"), (7, 2024, "under 18"), (30, 2024, "18 to 25"))
    ]
    release = protect(together(*parts), gazetteer=toy, cross_tags=True)
    assert release.flows[[schema.PERIOD_START, "age", schema.COUNT]].to_numpy().tolist() == [
        ["2024-01", "18 to 25", 30]
    ]
    assert len(release.covered) == 3


def test_nothing_to_show_is_still_a_release(flows_of, toy: Gazetteer) -> None:
    release = protect(flows_of({("Ashwick", "Eastby"): 3}), gazetteer=toy)
    assert require_release(release).flows.empty
    assert release.account.empty


def test_the_account_says_how_much_is_shown_how_finely(flows_of, toy: Gazetteer) -> None:
    pairs = {("Ashwick", "Eastby"): 60, ("Ashwick", "Fernport"): 9, ("Ashwick", "Westshire"): 12,
             ("Ashwick", "Glenmoor"): 5, ("Ashwick", None): 8}  # fmt: skip
    account = protect(flows_of(pairs), gazetteer=toy).account
    told = account.set_index("shown_as")[["count_shown", "share_of_shown"]].to_dict("index")
    assert told == {
        "settlement": {"count_shown": 60, "share_of_shown": 0.65},
        "county": {"count_shown": 20, "share_of_shown": 0.2},
        "elsewhere or not stated": {"count_shown": 15, "share_of_shown": 0.15},
    }  # 5 in another nation and 8 without a place are one number


@pytest.mark.parametrize("hidden", [1, 9])
def test_the_account_is_the_same_with_a_hidden_child_and_without(
    flows_of, together, toy: Gazetteer, hidden: int
) -> None:
    pairs = {(borough, town): 11 for borough in BOROUGHS for town in ("Eastby", "Glenmoor", None)}
    shown_too = flows_of(pairs, window=("2023-01", "2023-03"))
    child = flows_of({("Ashwick", "Eastby"): hidden}, window=("2023-07", "2023-09"))
    one = protect(shown_too, gazetteer=toy).account
    two = protect(together(shown_too, child), gazetteer=toy).account
    pd.testing.assert_frame_equal(one, two)
    assert not one.isna().any(axis=None)


def test_all_origins_together_are_a_view_of_their_own(flows_of, toy: Gazetteer) -> None:
    pairs = {("Ashwick", "Eastby"): 7, ("Birchgate", "Eastby"): 5, ("Cedarham", "Glenmoor"): 3}
    release = protect(flows_of(pairs), gazetteer=toy)
    view = release.views[schema.WHERE_TO]
    assert list(release.views) == [schema.WHERE_TO, schema.WHO_SENDS]
    told = view[
        [schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.DESTINATION_COVERAGE, schema.COUNT]
    ]
    assert told.to_numpy().tolist() == [[schema.ALL_ORIGINS, "Eastby", schema.WHOLE, 10]]
    assert view[[schema.ORIGIN_ID, schema.DISTANCE_KM]].isna().all(axis=None)
    assert "settlement:eastby" in release.places.index


def test_where_one_origin_is_nearly_all_it_is_not_shown_beside_all(flows_of, toy) -> None:
    # 15 of one and 15 of all would leave 0 to 4 for the other three
    release = protect(
        flows_of({("Ashwick", "Eastby"): 14, ("Birchgate", "Eastby"): 1}), gazetteer=toy
    )
    assert shown(release) == {("Ashwick", "Eastby"): 15}
    assert list(release.views) == [schema.WHO_SENDS]


def test_a_place_keeps_its_cell_in_every_window(flows_of, together, toy: Gazetteer) -> None:
    windows = (("2023-01", "2023-03"), ("2023-04", "2023-06"), ("2023-07", "2023-09"))
    counts = ({"Eastby": 14, "Fernport": 12}, {"Eastby": 22, "Fernport": 3},
              {"Eastby": 4, "Fernport": 8})  # fmt: skip
    parts = [
        flows_of({("Ashwick", town): n for town, n in row.items()}, window=window)
        for row, window in zip(counts, windows, strict=True)
    ]
    flows = protect(together(*parts), gazetteer=toy).flows
    # Eastby meets the rule in two of three quarters; its 4 are withheld, and go nowhere else
    told = flows[[schema.PERIOD_START, schema.DESTINATION_NAME, schema.COUNT]].to_numpy().tolist()
    assert sorted(told) == [["2023-01", "Eastby", 15], ["2023-04", "Eastby", 20]]


def test_three_origins_without_a_period_or_a_tag_show_something() -> None:
    boroughs = ("Islington", "Hackney", "Camden")
    counts = {
        "Aberdeen": (1, 2, 1),
        "Basingstoke": (5, 2, 3),
        "Bournemouth": (9, 5, 2),
        "Brighton": (4, 1, 2),
        "Bury St Edmunds": (3, 1, 2),
        "Cambridge": (4, 0, 2),
        "Clacton-on-Sea": (1, 4, 2),
        "Colchester": (7, 0, 0),
        "Dover": (1, 1, 0),
        "Great Yarmouth": (14, 7, 6),
        "Hastings": (1, 1, 2),
        "Ipswich": (8, 6, 4),
        "King's Lynn": (7, 5, 6),
        "Lowestoft": (6, 2, 1),
        "Margate": (4, 7, 2),
        "Norwich": (9, 5, 2),
        "Peterborough": (2, 1, 2),
        "Portsmouth": (8, 2, 0),
        "Southend": (4, 3, 2),
        "Swindon": (3, 0, 3),
        "Thetford": (1, 1, 0),
    }
    rows = [
        (borough, town, count)
        for town, several in counts.items()
        for borough, count in zip(boroughs, several, strict=True)
        if count
    ]
    records = lm.read_records(pd.DataFrame(rows, columns=["borough", "town", "count"]))
    release = protect(lm.build_flows(records))
    assert set(release.flows[schema.ORIGIN_NAME]) == set(boroughs)
    assert release.flows[schema.COUNT].sum() >= 100
