"""Asking a gazetteer: parents, members, insides and outlines, in the toy world and the real one."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import linemap as lm
from linemap.errors import SchemaError, UnknownPlaceError
from linemap.gazetteer import Gazetteer
from linemap.schema import LEVELS

TOY = Gazetteer.toy()
UK = Gazetteer.load()
TOY_IDS = st.sampled_from([*TOY.places.index, None, "settlement:atlantis"])
AREAS = ["county:norfolk", "force:thames-valley", "region:south-west", "nation:wales",
         "group:east-anglia", "borough:islington", "district:thanet", "region:london"]  # fmt: skip


def test_the_examples_hold() -> None:
    import doctest

    import linemap.gazetteer
    import linemap.gazetteer.gazetteer

    for module in (linemap.gazetteer, linemap.gazetteer.gazetteer):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


def test_it_is_read_once() -> None:
    assert Gazetteer.load() is UK
    assert lm.Gazetteer is Gazetteer


def test_a_frame_that_is_no_places_frame_is_refused() -> None:
    with pytest.raises(SchemaError, match="'name'"):
        Gazetteer(TOY.places.drop(columns="name"), TOY.aliases, TOY.sources)


def test_settlements_roll_up() -> None:
    towns = ["settlement:eastby", "settlement:glenmoor", "borough:ashwick"]
    assert list(TOY.parent_at(towns, "county")) == ["county:westshire", "county:northshire", None]
    assert list(TOY.parent_at(towns, "force")) == [
        "force:westshire", "force:northshire", "force:metro",
    ]  # fmt: skip
    assert list(TOY.parent_at(towns, "nation")) == ["nation:toyland"] * 3
    assert list(TOY.parent_at(towns, "settlement")) == [*towns[:2], None]


@given(st.lists(TOY_IDS, max_size=8), st.sampled_from(LEVELS))
def test_rolling_up_keeps_order_answers_itself_and_is_idempotent(
    ids: list[str | None], level: str
) -> None:
    index = pd.Index(range(10, 10 + len(ids)))
    parents = TOY.parent_at(pd.Series(ids, index=index, dtype=object), level)
    assert list(parents.index) == list(index)
    for asked, parent in zip(ids, parents, strict=True):
        if asked in TOY.places.index and TOY.places.loc[asked, "level"] == level:
            assert parent == asked
        assert parent is None or TOY.places.loc[parent, "level"] == level
        assert asked in TOY.places.index or parent is None
    assert list(TOY.parent_at(parents, level)) == list(parents)


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="parish"):
        TOY.parent_at(["settlement:eastby"], "parish")


def test_an_unknown_place_is_refused_by_its_id() -> None:
    for ask in (TOY.members, TOY.settlements, TOY.sample, TOY.extent, TOY.__getitem__):
        with pytest.raises(UnknownPlaceError, match="atlantis"):
            ask("settlement:atlantis")


def test_members_and_settlements_of_the_toy_world() -> None:
    assert TOY.members("force:metro") == (
        "borough:ashwick", "borough:birchgate", "borough:cedarham", "borough:dunmere",
    )  # fmt: skip
    assert TOY.members("force:westshire") == ("county:westshire",)
    assert TOY.members("settlement:eastby") == ()
    assert set(TOY.settlements("county:westshire")["name"]) == {"Eastby", "Fernport", "Newton"}
    assert len(TOY.settlements("nation:toyland")) == 5
    assert len(TOY.settlements("borough:ashwick")) == 0
    assert list(TOY.settlements("settlement:eastby").index) == ["settlement:eastby"]


def test_an_areas_point_is_weighted_by_its_settlements() -> None:
    """(−0.5 × 30 − 1.5 × 90 − 1.0 × 5) / 125 = −1.24; (51.5 × 120 + 51.2 × 5) / 125 = 51.488."""
    west = TOY["county:westshire"]
    assert (west["lon"], west["lat"]) == pytest.approx((-1.24, 51.488))


def test_the_inside_of_a_county_is_its_settlements() -> None:
    lon, lat, weight = TOY.sample("county:westshire")
    assert sorted(zip(lon, lat, weight.round(3), strict=True)) == [
        (-1.5, 51.5, 0.72), (-1.0, 51.2, 0.04), (-0.5, 51.5, 0.24),
    ]  # fmt: skip


def test_the_inside_of_a_borough_is_an_even_grid() -> None:
    lon, lat, weight = TOY.sample("borough:ashwick", n=200)
    assert 100 < len(lon) < 400
    assert np.ptp(weight) == 0
    assert lon.mean() == pytest.approx(-0.1, abs=0.005)
    assert lat.mean() == pytest.approx(51.55, abs=0.005)
    west = (lon < -0.1).mean()
    assert west == pytest.approx(0.5, abs=0.05)


def test_a_settlement_is_one_point() -> None:
    lon, lat, weight = TOY.sample("settlement:glenmoor")
    assert (list(lon), list(lat), list(weight)) == ([0.0], [53.0], [1.0])
    lon, lat = TOY.extent("settlement:glenmoor")
    assert (list(lon), list(lat)) == ([0.0], [53.0])


def test_an_outline_is_its_corners() -> None:
    lon, lat = TOY.extent("borough:dunmere")
    assert set(zip(lon, lat, strict=True)) == {(0.0, 51.4), (0.2, 51.4), (0.2, 51.5), (0.0, 51.5)}


@pytest.mark.parametrize("place", AREAS)
def test_a_sample_weighs_one_lies_inside_and_is_the_same_each_time(place: str) -> None:
    lon, lat, weight = UK.sample(place)
    again = UK.sample(place)
    assert all((a == b).all() for a, b in zip((lon, lat, weight), again, strict=True))
    assert weight.sum() == pytest.approx(1)
    assert (weight > 0).all()
    hull = shapely.MultiPoint(np.column_stack(UK.extent(place))).convex_hull.buffer(1e-9)
    assert shapely.contains_xy(hull, lon, lat).all()


def test_a_borough_is_sampled_by_its_outline_and_not_by_its_settlements() -> None:
    lon, lat, _ = UK.sample("borough:islington")
    assert len(lon) > 200
    assert shapely.contains_xy(UK["borough:islington"]["geometry"], lon, lat).all()


def test_what_repeats_a_total_is_not_in_a_sample() -> None:
    london = UK["settlement:2643743"]
    lon, lat, _ = UK.sample("nation:england")
    assert not ((lon == london["lon"]) & (lat == london["lat"])).any()


@given(st.integers(min_value=1, max_value=2000))
def test_an_even_sample_is_of_about_the_size_asked(n: int) -> None:
    lon, _, weight = UK.sample("borough:hackney", n=n)
    assert max(1, n // 2) <= len(lon) <= 2 * n + 8
    assert weight.sum() == pytest.approx(1)


def test_settlements_outside_the_outline_are_in_the_extent() -> None:
    millport = UK.places[UK.places["name"] == "Millport"].iloc[0]
    lon, lat = UK.extent("county:north-ayrshire")
    assert ((lon == millport["lon"]) & (lat == millport["lat"])).any()


def test_london_the_settlement_lies_in_no_one_borough() -> None:
    london = UK["settlement:2643743"]
    assert london["borough_id"] is None
    assert london["region_id"] == "region:london"


def test_attributions_name_each_source_once() -> None:
    text = UK.attributions
    assert len(text) == len(set(text)) == 6
    assert any("GeoNames" in line and "CC BY 4.0" in line for line in text)
    assert any("National Statistics" in line and "2011" in line for line in text)
    assert any("Royal Mail" in line and "2025" in line for line in text)
    assert any("Natural Earth" in line for line in text)


def test_an_area_without_weights_or_outline_is_its_settlements_evenly() -> None:
    places = UK.places.copy()
    thanet = places["district_id"] == "district:thanet"
    places.loc["district:thanet", "geometry"] = None
    places.loc[thanet, "population_weight"] = np.nan
    bare = Gazetteer(places, UK.aliases, UK.sources)
    lon, lat, weight = bare.sample("district:thanet")
    assert len(lon) == len(lat) == thanet.sum()
    assert set(weight.round(9)) == {round(1 / thanet.sum(), 9)}


def test_an_area_without_anything_inside_is_its_point() -> None:
    places = UK.places.copy()
    places.loc[places["district_id"] == "district:thanet", "district_id"] = None
    places.loc["district:thanet", "geometry"] = None
    bare = Gazetteer(places, UK.aliases, UK.sources)
    row = bare["district:thanet"]
    for lon, lat in (bare.sample("district:thanet")[:2], bare.extent("district:thanet")):
        assert (list(lon), list(lat)) == ([row["lon"]], [row["lat"]])


def test_a_county_without_weights_is_sampled_by_its_outline() -> None:
    places = TOY.places.assign(population_weight=np.nan)
    bare = Gazetteer(places, TOY.aliases, TOY.sources)
    lon, lat, _ = bare.sample("county:westshire", n=100)
    assert lon.mean() == pytest.approx(-1.1, abs=0.05)
    assert lat.mean() == pytest.approx(51.5, abs=0.05)


def test_a_sliver_is_sampled_however_thin() -> None:
    places = TOY.places.copy()
    thin = shapely.Polygon([(0, 51), (0.5, 51.5), (0.5001, 51.5)])
    places.loc["borough:ashwick", "geometry"] = thin
    lon, lat, weight = Gazetteer(places, TOY.aliases, TOY.sources).sample("borough:ashwick", n=20)
    assert len(lon) >= 10
    assert shapely.contains_xy(thin, lon, lat).all()
    assert weight.sum() == pytest.approx(1)
