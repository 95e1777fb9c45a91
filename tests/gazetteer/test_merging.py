"""Two lists as one: nothing is lost, nothing stands twice, and no two places become one."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.gazetteer import Gazetteer
from linemap.gazetteer.assign_parents import duplicates, places_of_listing
from linemap.schema import PLACES_CONTRACT

UK = Gazetteer.load()
AREAS = UK.places[UK.places["level"].isin(["county", "borough"])]
KM = 1 / 111.2  # of latitude, in degrees


def other(*rows: tuple[str, float, float], people: float = 500.0) -> Gazetteer:
    listing = pd.DataFrame(
        {
            "id": [f"x{i}" for i in range(len(rows))],
            "name": [name for name, _, _ in rows],
            "lon": [lon for _, lon, _ in rows],
            "lat": [lat for _, _, lat in rows],
            "population": people,
            "others": [(f"{name} Parva",) for name, _, _ in rows],
        }
    )
    places, aliases = places_of_listing(listing, AREAS, source="other", prefix="settlement:other-")
    source = UK.sources.iloc[[0]].assign(id="other", sha256="00" * 32, attribution="Other")
    return Gazetteer(places, aliases, source)


def test_one_town_in_both_stands_once_with_our_id() -> None:
    both = UK.merge(other(("swaffham", 0.69, 52.65)))
    assert len(both.places) == len(UK.places)
    assert (both.places["name"].str.lower() == "swaffham").sum() == 1
    parva = both.aliases[both.aliases["alias"] == "swaffham Parva"]
    assert list(parva["place_id"]) == ["settlement:2636464"]
    assert both.attributions == (*UK.attributions, "Other")


@pytest.mark.parametrize(
    ("spelling", "lon", "lat"),
    [("Kings Lynn", 0.395, 52.751), ("King’s Lynn", 0.395, 52.751), ("Clacton", 1.156, 51.79),
     ("St. Neots", -0.267, 52.228), ("Caerdydd", -3.18, 51.48)],
)  # fmt: skip
def test_spellings_and_other_names_of_ours_count(spelling: str, lon: float, lat: float) -> None:
    assert len(UK.merge(other((spelling, lon, lat))).places) == len(UK.places)


def test_one_name_far_away_is_another_place() -> None:
    far = UK.merge(other(("Swaffham", 0.69, 52.6477 + 4 * KM)))
    assert len(far.places) == len(UK.places) + 1
    near = UK.merge(other(("Swaffham", 0.6857, 52.6477 + 4 * KM)), same_km=5)
    assert len(near.places) == len(UK.places)


def test_one_name_in_two_counties_is_two_places() -> None:
    """Two towns of one name, 2 km apart, well inside two counties, are two."""
    ours = other(("Samename", -0.55, 52.40))
    theirs = other(("Samename", -0.55, 52.41))
    pairs = duplicates(ours.places, theirs.places.rename(lambda i: i.replace("x0", "y0")))
    assert len(pairs) == 1
    apart = theirs.places.assign(county_id="county:kent", near_county_ids=[()]).rename(
        lambda i: i.replace("x0", "y0")
    )
    lonely = ours.places.assign(near_county_ids=[()])
    assert len(duplicates(lonely, apart)) == 0
    doubtful = apart.assign(near_county_ids=[tuple(ours.places["county_id"])])
    assert len(duplicates(lonely, doubtful)) == 1


def test_of_two_alike_the_nearer_is_the_same() -> None:
    both = UK.merge(other(("Swaffham", 0.6857, 52.66), ("Swaffham", 0.6857, 52.648)))
    new = both.places.index.difference(UK.places.index)
    assert list(new) == ["settlement:other-x0"]


def test_what_ours_lack_comes_from_theirs_and_both_are_named() -> None:
    poor = UK.places[UK.places["population_weight"].isna() & UK.places["note"].isna()]
    poor = poor[poor["level"] == "settlement"].iloc[0]
    both = UK.merge(other((poor["name"], poor["lon"], poor["lat"]), people=321.0))
    merged = both.places[(both.places["name"] == poor["name"])]
    merged = merged[merged.index == poor.name].iloc[0]
    assert merged["population_weight"] == 321.0
    assert merged["source"] == "geonames; other"


def test_what_ours_say_stays() -> None:
    both = UK.merge(other(("Swaffham", 0.69, 52.65), people=99999.0))
    assert both["settlement:2636464"].equals(UK["settlement:2636464"])


def test_a_merged_gazetteer_keeps_its_promises() -> None:
    both = UK.merge(other(("Newtown Nowhere", 0.9, 52.6)))
    assert PLACES_CONTRACT.broken(both.places) == []
    assert both.places.index.is_unique
    assert set(both.aliases["place_id"]) <= set(both.places.index)
    assert both["region:london"]["lon"] == UK["region:london"]["lon"]
    assert "settlement:other-x0" in both.settlements("county:norfolk").index


def test_merging_with_itself_changes_nothing() -> None:
    same = UK.merge(UK)
    assert list(same.places.index) == list(UK.places.index)
    assert len(same.aliases) == len(UK.aliases)
    assert list(same.sources["id"]) == list(UK.sources["id"])


NAMES = st.sampled_from(["Ashwick", "Birchgate", "Cedarham"])
SPOTS = st.tuples(NAMES, st.floats(0.5, 1.2), st.floats(52.4, 52.8))


@settings(max_examples=25)
@given(st.lists(SPOTS, min_size=1, max_size=6), st.lists(SPOTS, min_size=1, max_size=6))
def test_no_settlement_is_lost_or_matched_twice(
    mine: list[tuple[str, float, float]], yours: list[tuple[str, float, float]]
) -> None:
    ours = other(*mine).places.rename(lambda i: i.replace("other", "ours"))
    theirs = other(*yours).places
    same = duplicates(ours, theirs)
    assert same.index.is_unique
    assert same.is_unique
    assert set(same) <= set(ours.index)
    assert set(same.index) <= set(theirs.index)
    for a, b in same.items():
        assert theirs.loc[a, "name"] == ours.loc[b, "name"]


ROW = [("Ashwick", 0.5 + 0.02 * i, 52.5) for i in range(5)]
OURS = other(*ROW).places.rename(lambda i: i.replace("other", "ours"))
THEIRS = other(*((name, lon + 0.003, lat) for name, lon, lat in ROW)).places


@settings(max_examples=25)
@given(st.permutations(range(5)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    turned = duplicates(OURS.iloc[order], THEIRS.iloc[order])
    assert len(turned) == 5
    assert turned.sort_index().equals(duplicates(OURS, THEIRS).sort_index())
