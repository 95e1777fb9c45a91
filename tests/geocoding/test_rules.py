"""The pieces of the rules: counties as written, scores, groups, codes, decisions by distance."""

from __future__ import annotations

import pytest

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.geocoding.disambiguation import Hit, nearest
from linemap.geocoding.index import common_names, index_of, not_mistyped
from linemap.geocoding.match import exact_score, fuzzy_score
from linemap.text import key

UK = Gazetteer.load()


def place(name: str, **options: object) -> object:
    return geocode([name], **options)["place_id"].iloc[0]


def test_counties_as_written_are_of_places_of_the_gazetteer() -> None:
    counties = index_of(UK).historic_counties
    assert all(area in UK.places.index for inside in counties.values() for area in inside)
    assert all(key(county) == county for county in counties)
    assert all(inside for inside in counties.values())
    assert "narnia" not in counties


def test_names_that_are_never_mistyped_are_still_found_as_written() -> None:
    both = not_mistyped() & set(index_of(UK).exact)
    assert "washingtondc" not in both
    for name in ("Melbourne", "Houston", "Edmonton", "Louth"):
        assert key(name) in both
        assert geocode([name])["status"].iloc[0] in ("exact", "ambiguous")
    assert all(key(name) == name for name in common_names())


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("East Anglia", "group:east-anglia"),
        ("Home Counties", "group:home-counties"),
        ("The West Country", "group:west-country"),
        ("the South Coast", "group:south-coast"),
        ("Teesside", "group:teesside"),
        ("The North", "group:the-north"),
        ("The Midlands", "group:midlands"),
        ("Black Country", "group:black-country"),
        ("Berkshire", "group:berkshire"),
    ],
)
def test_groups_of_areas(name: str, where: str) -> None:
    assert place(name) == where
    assert place(name, levels="informal") == where
    assert len(UK.members(where)) > 1


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("E92000001", "nation:england"),
        ("W92000004", "nation:wales"),
        ("S92000003", "nation:scotland"),
        ("N92000002", "nation:northern-ireland"),
        ("E23000024", "force:norfolk"),
        ("E23000001", "force:metropolitan"),
        ("W15000003", "force:south-wales"),
        (" e23000029 ", "force:thames-valley"),
        ("E09000033", "borough:westminster"),
        ("force:norfolk", "force:norfolk"),
    ],
)
def test_codes_and_ids(code: str, where: str) -> None:
    match = geocode([code]).iloc[0]
    assert (match["place_id"], match["status"]) == (where, "exact")


def test_every_force_and_nation_by_its_code() -> None:
    coded = UK.places[UK.places["level"].isin(["force", "nation"]) & UK.places["gss_code"].notna()]
    assert len(coded) >= 47
    assert geocode(coded["gss_code"])["place_id"].tolist() == coded.index.tolist()


def test_every_force_by_its_name_at_its_level_and_as_police() -> None:
    forces = UK.places[UK.places["level"] == "force"]
    assert geocode(forces["name"], levels="force")["place_id"].tolist() == forces.index.tolist()
    english = forces[~forces["name"].str.contains("Police")]
    police = english["name"] + " Police"
    assert geocode(police)["place_id"].tolist() == english.index.tolist()


@pytest.mark.parametrize(
    ("name", "force"),
    [("Herts", "hertfordshire"), ("Beds", "bedfordshire"), ("Northants", "northamptonshire"),
     ("Hants", "hampshire"), ("Lincs", "lincolnshire"), ("Met", "metropolitan"),
     ("TVP", "thames-valley"), ("D&C", "devon-and-cornwall"), ("Cambs", "cambridgeshire")],
)  # fmt: skip
def test_abbreviations_of_counties_and_forces(name: str, force: str) -> None:
    assert place(name, levels="force") == f"force:{force}"


@pytest.mark.parametrize(
    ("name", "town"),
    [("Soton", "Southampton"), ("Gt Yarmouth", "Great Yarmouth"), ("Lynn", "King's Lynn"),
     ("Clacton", "Clacton-on-Sea"), ("Southend", "Southend-on-Sea"), ("Abertawe", "Swansea"),
     ("Caerdydd", "Cardiff"), ("Newark", "Newark on Trent"),
     ("Weston super Mare", "Weston-super-Mare")],

)  # fmt: skip
def test_nicknames_short_forms_and_welsh_names(name: str, town: str) -> None:
    assert geocode([name], levels="settlement")["name"].iloc[0] == town


def test_another_level_that_stands_in_is_said() -> None:
    match = geocode(["Thames Valley"], levels="county").iloc[0]
    assert match["place_id"] == "force:thames-valley"
    assert match["reason"] == "no listed county has this name; the force stands in for it"


def test_nearest_needs_to_be_twice_as_near_as_the_next() -> None:
    index = index_of(UK)
    towns = {name: index.exact[key(name)][0][0] for name in ("Margate", "Ramsgate", "Norwich")}
    hits = [Hit(row, 0, "name") for row in towns.values()]
    margate, ramsgate, norwich = hits
    at = [index.points[margate.row]]
    assert nearest(index, hits, at, limit_km=30) == hits  # Ramsgate is 5 km away: neither
    assert nearest(index, [margate, norwich], at, limit_km=30) == [margate]
    assert nearest(index, [norwich], at, limit_km=30) == [norwich]
    assert ramsgate in hits


def test_scores_fall_with_errors_and_rivals_and_rise_with_letters() -> None:
    def score(letters: int, edits: int, beyond: int, same_start: bool) -> float:
        return fuzzy_score(letters, edits, beyond, same_start, edits == 1)

    assert score(7, 1, 0, True) > score(7, 2, 0, True)
    assert score(10, 1, 0, True) >= score(6, 1, 0, True) > score(6, 1, 3, True)
    assert score(6, 2, 0, True) > score(6, 2, 0, False)
    assert 0 < score(4, 2, 9, False) < score(40, 1, 0, True) < exact_score("name", ())
    assert exact_score("name", ("near the boundary",)) < exact_score("name", ())


def test_a_town_on_the_edge_of_its_context_answers_and_says_so() -> None:
    near = UK.places[UK.places["near_county_ids"].map(lambda ids: bool(ids))]
    near = near[(near["level"] == "settlement") & ~near["name"].duplicated(keep=False)]
    row = near[near["near_county_ids"].map(lambda ids: ids[0].startswith("county:"))].iloc[0]
    match = geocode([row["name"]], within=row["near_county_ids"][0], levels="settlement").iloc[0]
    assert match["place_id"] == row.name
    assert "near the boundary" in match["via"]
    assert match["score"] < 0.95


def test_a_gazetteer_of_odd_names_is_no_trouble() -> None:
    toy = Gazetteer.toy()
    places = toy.places.copy()
    places["name"] = ["İzmir", "", "12", "Ó", "-", *places["name"].iloc[5:]]
    odd = Gazetteer(places, toy.aliases, toy.sources)
    names = ["Izmir", "", "12", "O", "-", "Fernpotr", "Izmri", "xFernport"]
    assert geocode(names, gazetteer=odd)["status"].tolist() == [
        "exact", "missing", "missing", "exact", "missing", "suggested", "fuzzy", "suggested",
    ]  # fmt: skip
