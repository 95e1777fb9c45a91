"""How a written name is taken apart, and what its postcode says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.geocoding.index import post_towns
from linemap.geocoding.parsing import (
    joined,
    list_items,
    readings,
    set_off,
    without_kind_words,
    without_postcode,
)

AREAS = {"kent", "northyorkshire", "norfolk", "london"}


@pytest.mark.parametrize(
    ("name", "rest", "level"),
    [
        ("london borough of hackney", "hackney", "borough"),
        ("lb hackney", "hackney", "borough"),
        ("royal borough of greenwich", "greenwich", "borough"),
        ("metropolitan borough of wigan", "wigan", "borough"),
        ("county of kent", "kent", "county"),
        ("kent county council", "kent", "county"),
        ("kent police", "kent", "force"),
        ("thames valley police force area", "thames valley", "force"),
        ("sussex constabulary", "sussex", "force"),
        ("thanet district council", "thanet", "district"),
        ("city of norwich", "norwich", None),
        ("durham city", "durham", "settlement"),
        ("barnet town centre", "barnet", "settlement"),
        ("city of westminster council", "westminster", "borough"),
        ("city of westminster council", "city of westminster", "borough"),
        ("city of london police", "city of london", "force"),
        ("norwich area", "norwich", None),
    ],
)
def test_kind_words_come_off_and_say_the_level(name: str, rest: str, level: str | None) -> None:
    assert (rest, level) in without_kind_words(name)


@pytest.mark.parametrize("name", ["norwich", "camden towns", "counties", "police", "lbx", "area"])
def test_a_name_without_kind_words_stays(name: str) -> None:
    assert without_kind_words(name) == []


@pytest.mark.parametrize(
    ("name", "rest", "district"),
    [
        ("Margate CT9", "Margate", "CT9"),
        ("Margate, CT9 1XY", "Margate", "CT9"),
        ("Newport (PO30)", "Newport", "PO30"),
        ("London EC1A 1BB", "London", "EC1A"),
        ("Leeds ls1", "Leeds", "LS1"),
        ("Margate", "Margate", None),
        ("M25", "M25", None),
        ("Ward 7", "Ward 7", None),
    ],
)
def test_a_postcode_comes_off_the_end(name: str, rest: str, district: str | None) -> None:
    assert without_postcode(name) == (rest, district)


def test_a_name_splits_where_marks_set_parts_off() -> None:
    assert set_off("Newport (IoW), UK") == ["Newport", "IoW", "UK"]
    assert set_off("Kent: Margate") == ["Kent", "Margate"]
    assert set_off("Newport - Isle of Wight") == ["Newport", "Isle of Wight"]
    assert set_off("Stow-on-the-Wold") == ["Stow-on-the-Wold"]
    assert set_off(",,") == []


def test_lists_split_at_list_marks_and_pairs_at_and() -> None:
    assert list_items("Norwich / Diss; Ely | March") == ["Norwich", "Diss", "Ely", "March"]
    assert list_items("Norwich or Diss") == ["Norwich", "Diss"]
    assert list_items("Stratford") == ["Stratford"]
    assert joined("Norwich & Diss and Ely") == ["Norwich", "Diss", "Ely"]
    assert joined("Sandy") == ["Sandy"]


def bases(name: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(reading.base, reading.context) for reading in readings(name, AREAS.__contains__)]


def test_the_plainest_reading_comes_first() -> None:
    assert bases("Margate") == [("margate", ())]
    assert bases("Ashford, Kent")[:2] == [("ashford kent", ()), ("ashford", ("Kent",))]
    assert ("richmond", ("north yorkshire",)) in bases("Richmond N Yorks")
    assert ("margate", ("kent",)) in bases("Kent: Margate")
    assert ("margate", ("kent",)) in bases("Margate in Kent")
    assert ("norwich", ()) in bases("Norwich (city centre)")


def test_a_place_that_a_name_is_near_is_a_hint() -> None:
    found = readings("Ashford nr Staines", AREAS.__contains__)
    assert ("ashford", ("Staines",)) in [(reading.base, reading.hints) for reading in found]


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40))
def test_every_text_has_readings_with_a_base(text: str) -> None:
    assert all(reading.base for reading in readings(text, AREAS.__contains__))


@pytest.mark.parametrize(
    ("letters", "lon", "lat"),
    [("CT", 1.08, 51.28), ("NR", 1.30, 52.63), ("ZE", -1.15, 60.15), ("BT", -5.93, 54.60),
     ("SA", -3.94, 51.62), ("WC", -0.12, 51.52), ("TR", -5.05, 50.26), ("AB", -2.10, 57.15)],
)  # fmt: skip
def test_post_towns_are_where_they_are(letters: str, lon: float, lat: float) -> None:
    first = post_towns(letters)[0]
    assert abs(first[0] - lon) < 0.1
    assert abs(first[1] - lat) < 0.1


def test_there_are_the_postal_areas_of_the_kingdom_and_no_other() -> None:
    crown = ("GY", "JE", "IM")  # the Channel Islands and Man are not in it
    pairs = [a + b for a in " ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    known = [pair.strip() for pair in pairs if post_towns(pair.strip())]
    assert len(known) == 121
    assert not set(crown) & set(known)
    assert all(-9 < lon < 2 and 49 < lat < 61 for area in known for lon, lat in post_towns(area))
