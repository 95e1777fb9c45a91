"""A period that is covered in part, or of which nothing is shown, says so beside its numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from linemap import schema
from linemap.briefing import brief
from linemap.disclosure import Key, Release, Rule, within_window
from linemap.disclosure.periods import NOT_SAID_WHOLE
from linemap.disclosure.release import release_of
from linemap.disclosure.views import WHERE
from linemap.gazetteer import Gazetteer
from linemap.maps import flow_map
from linemap.windows import Window

YEARS = (("2021-04", "2022-03"), ("2022-04", "2023-03"), ("2023-04", "2024-03"))
COLUMNS = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)
EASTBY, FERNPORT = "settlement:eastby", "settlement:fernport"
PART = "April 2023 to March 2024"


def _key(start: str, end: str) -> Key:
    return ("links", start, end)


@pytest.fixture(scope="module")
def toy() -> Gazetteer:
    return Gazetteer.toy()


def released(toy: Gazetteer, window: Window | None, *, together: bool = False) -> Release:
    """Two of three financial years have flows; one place is shown in the first of them alone."""
    cells: dict[Key, dict[tuple[str, str], int]] = {
        ("links", *YEARS[0]): {
            ("borough:ashwick", EASTBY): 40,
            ("borough:ashwick", FERNPORT): 30,
        },
        ("links", *YEARS[1]): {},
        ("links", *YEARS[2]): {("borough:ashwick", EASTBY): 20},
    }
    totals = {key: {(WHERE, EASTBY): 60} for key in cells if together}
    return release_of(cells, totals, COLUMNS, rule=Rule(), gazetteer=toy, window=window)


@pytest.fixture(scope="module")
def partial(toy: Gazetteer) -> Release:
    return released(toy, Window("2021-04", "2023-06"))


def test_what_a_window_leaves_of_a_period_is_said_and_what_is_hidden(
    toy: Gazetteer, partial: Release
) -> None:
    told = " ".join(partial.caveats)
    assert f"Of {PART} it covers April 2023 to June 2023 only." in told
    assert "Nothing is shown of April 2022 to March 2023: too few, or none." in told
    assert NOT_SAID_WHOLE not in told
    assert set(partial.flows[schema.PERIOD_END]) == {"2022-03", "2024-03"}  # the key of a ledger
    by_origin = " ".join(released(toy, Window("2021-04", "2024-03"), together=True).caveats)
    assert "Of single origins nothing is shown of April 2022 to March 2023" in by_origin
    assert "covers April 2023" not in by_origin


def test_without_the_owners_word_it_is_not_known_whether_a_period_is_whole(toy: Gazetteer) -> None:
    told = " ".join(released(toy, None).caveats)
    assert NOT_SAID_WHOLE in told
    assert "Nothing is shown of April 2022 to March 2023: too few, or none." in told
    months: dict[Key, dict[tuple[str, str], int]] = {
        ("links", "2023-04", "2023-04"): {("borough:ashwick", EASTBY): 40}
    }
    alone = release_of(months, {}, COLUMNS, rule=Rule(), gazetteer=toy)
    assert NOT_SAID_WHOLE not in alone.caveats  # no window is shorter than a month


def test_a_frame_within_its_window_has_the_months_that_are_covered(partial: Release) -> None:
    clipped = within_window(partial.flows, partial.window)
    assert set(clipped[schema.PERIOD_END]) == {"2022-03", "2023-06"}
    assert clipped.drop(columns=schema.PERIOD_END).equals(
        partial.flows.drop(columns=schema.PERIOD_END)
    )
    nothing = pd.DataFrame({schema.PERIOD_START: [pd.NA], schema.PERIOD_END: [pd.NA]})
    assert within_window(nothing, partial.window) is nothing


def test_a_brief_names_what_is_hidden_and_where_a_place_is_shown_in_one_period_alone(
    toy: Gazetteer, partial: Release
) -> None:
    html = brief(partial, gazetteer=toy).html()
    assert "That holds nothing of April 2022 to March 2023: too few to be shown, or none." in html
    assert "Fernport 30 (Apr 2021 to Mar 2022 only)" in html
    assert "Eastby 60 (" not in html
    told = brief(partial, destination="Fernport", gazetteer=toy).html()
    assert "nothing of April 2022 to March 2023 and April 2023 to June 2023" in told


def test_a_map_names_what_its_first_number_holds_nothing_of(
    toy: Gazetteer, partial: Release
) -> None:
    payload = flow_map(partial, gazetteer=toy).payload
    assert payload["headlines"][0]["note"] == (
        "in 3 figures; nothing is shown of April 2022 to March 2023"
    )
    assert payload["hidden"] == "April 2022 to March 2023"
    assert "2023-04/2023-06" in payload["flows"]["window"]["texts"]
    whole = flow_map(released(toy, Window("2021-04", "2024-03"), together=True), gazetteer=toy)
    assert "hidden" not in whole.payload


def test_what_is_at_no_one_distance_leaves_the_statistics_open(toy: Gazetteer) -> None:
    nation = next(place for place in toy.places.index if place.startswith("nation:"))
    cells: dict[tuple[str, str], int] = {
        ("borough:ashwick", EASTBY): 400,
        ("borough:ashwick", nation): 15,
        ("borough:birchgate", EASTBY): 40,
        ("borough:birchgate", nation): 20,
    }
    key: Key = ("links", None, None)
    made = release_of({key: cells}, {}, COLUMNS, rule=Rule(), gazetteer=toy).summaries
    points = ["mean_km", "p25_km", "median_km", "p75_km", "p90_km", "share_beyond_100_km"]
    bounds = ["median_low_km", "median_high_km", "share_beyond_100_low_km"]
    known, open_ = (
        made["origins"][made["origins"][schema.ORIGIN_ID] == f"borough:{name}"]
        for name in ("ashwick", "birchgate")
    )
    assert known[points + bounds].notna().all(axis=None)
    assert open_[points].isna().all(axis=None)
    assert open_[bounds].notna().all(axis=None)
    assert "at no one distance" in open_[schema.REASON].iloc[0]
    bands = made["bands"]
    mine = bands[bands[schema.ORIGIN_ID] == "borough:birchgate"]
    assert mine[["n", "share"]].isna().all(axis=None)
    assert mine["n_high"].notna().all()
    assert bands["n"].sum() == 415  # of the other origin alone


def test_a_map_names_what_is_hidden_of_each_of_its_views(toy: Gazetteer) -> None:
    """A year of which all origins together show nothing may be shown of each origin."""
    year, next_year = (_key(*period) for period in YEARS[:2])
    cells = {
        year: {("borough:ashwick", EASTBY): 40},
        next_year: {("borough:ashwick", EASTBY): 30},
    }
    totals = {year: {(WHERE, EASTBY): 60}, next_year: {}}
    release = release_of(cells, totals, COLUMNS, rule=Rule(), gazetteer=toy)
    payload = flow_map(release, gazetteer=toy).payload
    assert payload["hidden"] == "April 2022 to March 2023"
    assert "hiddenApart" not in payload
    found = {one["note"].split("; ")[-1] for one in payload["headlines"]}
    assert "shown in Apr 2021 to Mar 2022 only" in found
    opposite = release_of(
        {year: {("borough:ashwick", EASTBY): 40}, next_year: {}},
        {year: {(WHERE, EASTBY): 60}, next_year: {(WHERE, EASTBY): 30}},
        COLUMNS,
        rule=Rule(),
        gazetteer=toy,
    )
    payload = flow_map(opposite, gazetteer=toy).payload
    assert "hidden" not in payload
    assert payload["hiddenApart"] == "April 2022 to March 2023"
