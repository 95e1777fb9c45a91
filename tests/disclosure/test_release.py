"""Nobody makes a release but the doors, and nobody changes one."""

from __future__ import annotations

import copy
import pickle

import geopandas as gpd
import pandas as pd
import pytest

from linemap import schema
from linemap.disclosure import (
    ALREADY_PUBLIC,
    PROTECTED,
    Release,
    as_published,
    protect,
    require_release,
)
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer
from linemap.windows import Window


@pytest.fixture
def flows(flows_of) -> gpd.GeoDataFrame:
    return flows_of({("Ashwick", "Eastby"): 23, ("Ashwick", "Fernport"): 4})


@pytest.fixture
def release(flows: gpd.GeoDataFrame, toy: Gazetteer) -> Release:
    return protect(flows, gazetteer=toy)


def test_a_release_of_records_says_so(release: Release) -> None:
    assert require_release(release) is release
    assert release.basis == PROTECTED
    assert "under 10" in release.stamp
    assert release.caveats[0] == release.stamp
    assert repr(release) == "<Release: 1 flows, protected>"


@pytest.mark.parametrize("made", [lambda r: Release(), lambda r: Release(flows=r.flows, rule=None),
                                  lambda r: pickle.dumps(r), lambda r: r.__reduce__()])  # fmt: skip
def test_nothing_else_makes_a_release(release: Release, made) -> None:
    with pytest.raises(DisclosureError):
        made(release)


def test_a_class_cannot_pretend_to_be_a_release() -> None:
    with pytest.raises(DisclosureError, match="made by protect"):
        type("Pretender", (Release,), {})()
    pretender = object.__new__(type("Pretender", (Release,), {}))
    with pytest.raises(DisclosureError, match="Pretender may not leave"):
        require_release(pretender)


def test_an_empty_shell_is_no_release() -> None:
    with pytest.raises(DisclosureError):
        require_release(object.__new__(Release))


@pytest.mark.parametrize("thing", [None, "release", pd.DataFrame(), 7, Release])
def test_anything_else_stays_in(thing: object) -> None:
    with pytest.raises(DisclosureError, match="may not leave"):
        require_release(thing)


def test_raw_flows_stay_in(flows: gpd.GeoDataFrame) -> None:
    with pytest.raises(DisclosureError, match="GeoDataFrame may not leave"):
        require_release(flows)


def test_what_a_release_hands_out_is_a_copy(release: Release) -> None:
    for name in ("flows", "places", "account"):
        frame = getattr(release, name)
        frame.iloc[0, 0] = "changed"
        assert "changed" not in getattr(release, name).iloc[:, 0].tolist()
    origins = release.summaries["origins"]
    origins.iloc[0, 0] = "changed"
    assert "changed" not in release.summaries["origins"].iloc[:, 0].tolist()
    require_release(release)
    with pytest.raises(TypeError):
        release.summaries["more"] = pd.DataFrame()


@pytest.mark.parametrize("part", ["_flows", "_places", "_account"])
def test_a_change_behind_its_back_is_noticed(release: Release, part: str) -> None:
    frame = object.__getattribute__(release, part)
    column = schema.COUNT if part == "_flows" else frame.columns[0]
    frame[column] = frame[column].iloc[::-1].map(lambda value: "x" if value == "" else 23)
    with pytest.raises(DisclosureError, match="changed after it was sealed"):
        require_release(release)


def test_columns_that_change_places_are_noticed(release: Release) -> None:
    flows = object.__getattribute__(release, "_flows")
    ends = {schema.ORIGIN_NAME: schema.DESTINATION_NAME, schema.DESTINATION_NAME: "was origin"}
    object.__setattr__(release, "_flows", flows.rename(columns=ends))
    with pytest.raises(DisclosureError, match="changed after it was sealed"):
        require_release(release)


def test_a_change_beside_a_null_is_noticed(flows_of, together, toy: Gazetteer) -> None:
    boroughs, towns = ("Ashwick", "Birchgate", "Cedarham", "Dunmere"), ("Eastby", "Glenmoor")
    many = {(borough, town): 11 for borough in boroughs for town in towns}
    parts = [
        flows_of(many, window=("2024-01", "2024-03")),
        flows_of({("Ashwick", "Eastby"): 12}, window=("2024-04", "2024-06")),
    ]
    release = protect(together(*parts), gazetteer=toy)
    table = object.__getattribute__(release, "_summaries")["whole"]
    assert table["n"].isna().any()
    table.loc[0, "mean_km"] += 5
    with pytest.raises(DisclosureError, match="changed after it was sealed"):
        require_release(release)


@pytest.mark.parametrize(
    ("part", "value"),
    [("_basis", ALREADY_PUBLIC), ("_rule", None), ("_caveats", ()), ("_attributions", ("me",)),
     ("_covered", ()), ("_summaries", {})],
)  # fmt: skip
def test_a_part_put_in_behind_its_back_is_noticed(
    release: Release, part: str, value: object
) -> None:
    object.__setattr__(release, part, value)
    with pytest.raises(DisclosureError, match="changed after it was sealed"):
        require_release(release)


def test_a_change_of_geometry_is_noticed(release: Release) -> None:
    flows = object.__getattribute__(release, "_flows")
    flows["geometry"] = flows.geometry.translate(0.1, 0)
    with pytest.raises(DisclosureError, match="changed after"):
        require_release(release)


def test_a_release_cannot_be_set_or_emptied(release: Release) -> None:
    with pytest.raises(DisclosureError):
        release._flows = release.flows
    with pytest.raises(DisclosureError):
        del release._rule
    assert copy.copy(release) is release
    assert copy.deepcopy(release) is release


def test_records_do_not_pass_as_published(flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    with pytest.raises(DisclosureError, match="already_public=True"):
        as_published(flows, gazetteer=toy)
    passed = as_published(flows, gazetteer=toy, already_public=True)
    assert passed.basis == ALREADY_PUBLIC
    assert "Already published" in passed.stamp
    assert sorted(passed.flows[schema.COUNT]) == [4, 23]


def test_published_summaries_are_by_origin_by_destination_and_by_measure(
    flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    release = as_published(flows.assign(**{schema.INPUT: schema.STATEMENTS}), gazetteer=toy)
    summaries = release.summaries
    assert summaries["origins"][schema.ORIGIN_NAME].tolist() == ["Ashwick"]
    assert sorted(summaries["destinations"][schema.DESTINATION_NAME]) == ["Eastby", "Fernport"]
    assert summaries["whole"][schema.MEASURE].tolist() == ["links"]
    assert set(summaries["bands"][schema.ORIGIN_NAME]) == {"Ashwick"}
    assert set(summaries["far_ends"][schema.ORIGIN_NAME]) == {"Ashwick"}
    for table in ("origins", "destinations", "bands"):
        assert {schema.MEASURE, schema.DESTINATION_LEVEL} <= set(summaries[table].columns)
    assert release.account.to_dict("list") == {"shown_as": ["as printed"], "flows": [2]}


def test_statements_do_not_pass_as_records(flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    statements = flows.assign(**{schema.INPUT: schema.STATEMENTS})
    assert as_published(statements, gazetteer=toy).rule is None
    with pytest.raises(DisclosureError, match="as_published"):
        protect(statements, gazetteer=toy)


def test_a_release_says_where_nobody_states_which_months_it_covers(
    flows_of, toy: Gazetteer
) -> None:
    silent = "Which months these counts cover is not stated."
    pairs = {("Ashwick", "Eastby"): 23, ("Birchgate", "Fernport"): 14}
    undated, dated = flows_of(pairs), flows_of(pairs, window=("2024-01", "2024-12"))
    assert silent in protect(undated, gazetteer=toy).caveats
    assert silent not in protect(dated, gazetteer=toy).caveats
    stated = protect(undated, gazetteer=toy, window=Window("2024-01", "2024-12"))
    assert silent not in stated.caveats
