"""One rule for titles: no number but a date that agrees, or a word inside a listed place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap.disclosure import Rule, require_title, rule_faults, title_faults
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer

LONG = ("2023-01", "2024-03")
YEAR = ("2023-04", "2024-03")


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return Gazetteer.load()


@pytest.mark.parametrize(("title", "window"), [
    ("County lines: links by area", None), ("Someone's weight, often attended", None),
    ("Referrals, 2023-24", YEAR), ("Referrals, 2023/24", YEAR), ("Referrals, 2023-24", LONG),
    ("Jan 2023 to Mar 2024", LONG), ("January 2023–March 2024", LONG), ("2023 to 2024", LONG),
    ("2023-01 to 2024-03", LONG), ("01/2023 to 03/2024", LONG), ("2023", ("2023-01", "2023-12")),
    ("April to June 2024", ("2024-04", "2024-06")), ("May 2024", ("2024-05", "2024-05")),
    ("2011-12", ("2011-12", "2011-12")), ("2011-12", ("2011-04", "2012-03")),
    ("1999-00", ("1999-04", "2000-03")), ("Three Bridges, Sevenoaks", None),
    ("From three bridges, 2023-24", YEAR), ("Seven Sisters and Four Marks", None),
])  # fmt: skip
def test_a_title_that_says_no_number_of_the_records_passes(
    title: str, window: tuple[str, str] | None, places: Gazetteer
) -> None:
    assert require_title(title, window=window, gazetteer=places) == title


@pytest.mark.parametrize(("title", "window", "next_step"), [
    ("Referrals, 2023-24", None, "window="), ("Jan 2023", None, "window="),
    ("Referrals, 2022-23", YEAR, "2023-04 to 2024-03"), ("2023", LONG, "2023-01 to 2024-03"),
    ("Mar 2024", LONG, "2023-01 to 2024-03"), ("Feb 2023 to Mar 2024", LONG, "2023-01"),
    ("2023-24, compared with 2021", YEAR, "2023-04"),
    *((title, YEAR, "leave it out") for title in (
        "Links of 43", "Links of ４３", "Links ٤٣", "n⁴", "四", "Ⅳ", "½", "4️⃣", "🔟", "12th",
        "forty-three", "forty three", "twentythree", "sevenfold", "fo\u200bur", "a dozen", "half",
        "Phase II", "Norwich21", "Four children at Three Bridges", "2,023", "2023.5", "20234",
        "2023%", "2023-24 and 17 more", "first", "None in Norwich",
    )),
    ("x" * 300, None, "shorten it"),
])  # fmt: skip
def test_any_other_number_is_refused_with_what_to_type_next(
    title: str, window: tuple[str, str] | None, next_step: str, places: Gazetteer
) -> None:
    with pytest.raises(DisclosureError, match="cannot be used") as error:
        require_title(title, window=window, gazetteer=places)
    assert next_step in str(error.value)


@given(st.text(max_size=40))
def test_no_digit_of_any_script_passes_without_a_window(title: str) -> None:
    if any(sign.isnumeric() for sign in title):
        assert title_faults(title)


def test_a_rule_is_named_by_its_own_numbers_alone() -> None:
    assert not rule_faults(Rule())
    own = Rule(threshold=7, name="the council's rule, 7-5", source="the council")
    assert not rule_faults(own)
    assert rule_faults(Rule(threshold=7, name="43 in Norwich", source="the council"))
    assert rule_faults(Rule(threshold=7, name="ours", source="forty-three"))
