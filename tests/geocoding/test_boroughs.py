"""The 33 London boroughs by name, code and what they are commonly called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from linemap.geocoding import geocode

NAMES = (
    "City of London", "Barking and Dagenham", "Barnet", "Bexley", "Brent", "Bromley", "Camden",
    "Croydon", "Ealing", "Enfield", "Greenwich", "Hackney", "Hammersmith and Fulham", "Haringey",
    "Harrow", "Havering", "Hillingdon", "Hounslow", "Islington", "Kensington and Chelsea",
    "Kingston upon Thames", "Lambeth", "Lewisham", "Merton", "Newham", "Redbridge",
    "Richmond upon Thames", "Southwark", "Sutton", "Tower Hamlets", "Waltham Forest", "Wandsworth",
    "Westminster",
)  # fmt: skip
IDS = ["borough:" + name.lower().replace(" ", "-") for name in NAMES]


def places(names: list[str], **options: object) -> list[object]:
    return geocode(names, **options)["place_id"].tolist()


def test_every_borough_by_name() -> None:
    assert places(list(NAMES), levels="borough") == IDS


def test_every_borough_by_code() -> None:
    codes = [f"E090000{number:02d}" for number in range(1, 34)]
    assert places(codes) == IDS
    assert places([code.lower() for code in codes], levels="borough") == IDS


@pytest.mark.parametrize(
    "form",
    ["LB {}", "L.B. {}", "LB of {}", "London Borough of {}", "{} London Borough", "{} Council",
     "The London Borough of {}", "{} (London)", "{}, London", "  {} ", "{},", "{} LB"],
)  # fmt: skip
def test_every_borough_by_what_is_written_around_its_name(form: str) -> None:
    boroughs = [name for name in NAMES if name != "City of London"]
    asked = [form.format(name) for name in boroughs]
    assert places(asked, levels="borough") == IDS[1:]


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        str.lower,
        str.title,
        lambda name: name.replace(" and ", " & "),
        lambda name: name.replace(" ", "-"),
        lambda name: name.replace(" ", "  "),
    ],
)
def test_every_borough_by_how_its_name_is_written(change: Callable[[str], str]) -> None:
    assert places([change(name) for name in NAMES], levels="borough") == IDS


@pytest.mark.parametrize(
    ("alias", "borough"),
    [
        ("B&D", "barking-and-dagenham"),
        ("LBBD", "barking-and-dagenham"),
        ("Barking & Dagenham", "barking-and-dagenham"),
        ("H&F", "hammersmith-and-fulham"),
        ("LBHF", "hammersmith-and-fulham"),
        ("K&C", "kensington-and-chelsea"),
        ("RBKC", "kensington-and-chelsea"),
        ("Kensington & Chelsea", "kensington-and-chelsea"),
        ("Royal Borough of Kensington and Chelsea", "kensington-and-chelsea"),
        ("Royal Borough of Greenwich", "greenwich"),
        ("Royal Borough of Kingston upon Thames", "kingston-upon-thames"),
        ("Kingston", "kingston-upon-thames"),
        ("Richmond", "richmond-upon-thames"),
        ("Kingston-on-Thames", "kingston-upon-thames"),
        ("City of Westminster", "westminster"),
        ("Westminster City Council", "westminster"),
        ("LBTH", "tower-hamlets"),
        ("LBWF", "waltham-forest"),
        ("The City", "city-of-london"),
        ("Square Mile", "city-of-london"),
    ],
)
def test_common_aliases_at_level_borough(alias: str, borough: str) -> None:
    assert places([alias], levels="borough") == [f"borough:{borough}"]


@pytest.mark.parametrize(
    "name",
    ["Barking and Dagenham", "Brent", "Camden", "Hackney", "Haringey", "Islington", "Lambeth",
     "Newham", "Southwark", "Tower Hamlets", "Westminster", "Barnet", "Bexley", "Croydon"],
)  # fmt: skip
def test_a_borough_without_a_level_is_the_borough_and_not_the_settlement_in_it(name: str) -> None:
    assert places([name]) == ["borough:" + name.lower().replace(" ", "-")]


def test_the_style_of_a_borough_without_a_level_is_the_borough() -> None:
    assert places(["City of Westminster", "City of London", "Royal Borough of Greenwich"]) == [
        "borough:westminster", "borough:city-of-london", "borough:greenwich",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Barnet", "Bexley", "Croydon", "Harrow", "Bromley"])
def test_at_level_settlement_the_town_answers(name: str) -> None:
    match = geocode([name], levels="settlement").iloc[0]
    assert (match["level"], match["name"]) == ("settlement", name)


@pytest.mark.parametrize("name", ["Sutton", "Richmond", "Kingston"])
def test_a_name_that_towns_elsewhere_bear_too_is_ambiguous_without_a_level(name: str) -> None:
    match = geocode([name]).iloc[0]
    assert match["status"] == "ambiguous"
    assert len(match["rivals"]) > 1
