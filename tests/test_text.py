"""Laws and hand-worked answers of the one spelling."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linemap import text as names

WORDS = st.sampled_from(
    "the co s n e w st gt nr iow wilt king and & upon lynn St. N.Yorks (Kent) , - ' ’ ne".split()
)
NAMES = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=6).map(" ".join))


@settings(deadline=None, max_examples=400)
@given(NAMES)
@example("the the co durham")
@example("Wilt s x")
@example("İstanbul")
@example("S. S. S.")
def test_normalise_is_idempotent(text: str) -> None:
    once = names.normalise(text)
    assert names.normalise(once) == once


@settings(deadline=None, max_examples=200)
@given(NAMES)
def test_a_normalised_name_holds_no_capitals_and_no_doubled_or_outer_spaces(text: str) -> None:
    once = names.normalise(text)
    assert once == once.casefold() == " ".join(once.split())


@settings(deadline=None)
@given(NAMES, st.sampled_from("'’‘ʼ`´′"))
def test_which_apostrophe_was_typed_does_not_matter(text: str, mark: str) -> None:
    assert names.key(f"king's {text}") == names.key(f"king{mark}s {text}")


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("King’s Lynn", "Kings Lynn"),
        ("King s Lynn", "KING'S  LYNN"),
        ("Southend-on-Sea", "southend on sea"),
        ("Southend–on–Sea", "South End on Sea"),
        ("Barking & Dagenham", "barking and dagenham"),
        ("St. Albans", "Saint Albans"),
        ("St.Albans", "St Albans"),
        ("Gt Yarmouth", "Great Yarmouth"),
        ("Upr. Heyford", "Upper Heyford"),
        ("Kingston-upon-Thames", "Kingston on Thames"),
        ("L.B. Islington", "LB Islington"),
        ("Richmond, N. Yorks", "Richmond (North Yorkshire)"),
        ("Co. Durham", "County Durham"),
        ("The Wirral", "Wirral"),
        ("Ynys Môn", "ynys mon"),
        ("Norwich,", " norwich "),
        ("E. Sussex", "East Sussex"),
        ("Newport IoW", "Newport Isle of Wight"),
        ("Norwich\u200b", "\ufeffNorwich"),
        ("ＮＯＲＷＩＣＨ", "norwich"),
    ],
)
def test_two_ways_to_write_a_name_are_one(written: str, other: str) -> None:
    assert names.key(written) == names.key(other)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("Newport", "Newport Pagnell"),
        ("North Walsham", "South Walsham"),
        ("Sutton", "Sutton Coldfield"),
        ("Londonderry", "London"),
        ("H&F", "HF Hills"),
        ("Great Yarmouth", "Little Yarmouth"),
    ],
)
def test_two_names_stay_two(one: str, another: str) -> None:
    assert names.key(one) != names.key(another)


@pytest.mark.parametrize(
    "name",
    [None, math.nan, "", "  ", "\u200b", 7, 3.5, b"Norwich", ["Norwich"], "12", "---", "x" * 201,
     "Nor\x00wich", "\x1b[31mNorwich", "\ud800abc"],
)  # fmt: skip
def test_what_is_no_name_has_a_fault(name: object) -> None:
    assert names.fault(name)


@pytest.mark.parametrize("name", ["Ware", "A", "Ynys Môn", "King’s Lynn", "x" * 200, " a\n", "E07"])
def test_what_may_be_a_name_has_none(name: str) -> None:
    assert names.fault(name) is None
