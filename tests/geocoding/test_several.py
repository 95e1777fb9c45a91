"""Several places in one cell: the owner's rule for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from linemap.errors import InputError
from linemap.geocoding import geocode
from linemap.pipeline import PlaceOptions, check, look_up_table


def answer(folder: Path, place: str, rule: str) -> tuple[object, str, object]:
    path = folder / "table.csv"
    path.write_text(f"Home borough,Place found\nCamden,{place}\n", encoding="utf-8")
    found = look_up_table(path, several=rule).set_index("query").astype(object)
    row = found.loc[place]
    known = isinstance(row["place_id"], str)
    return row["name"] if known else None, row["status"], row["via"]


@pytest.mark.parametrize(
    ("place", "rule", "name", "status", "via"),
    [
        ("Gt Yarmouth / Norwich", "none", None, "several", "list"),
        ("Gt Yarmouth / Norwich", "first", "Great Yarmouth", "alias", "first of several"),
        ("Gt Yarmouth / Norwich", "area", "Norfolk", "alias", "area of several"),
        ("Norwich and Ipswich", "area", "East of England", "alias", "area of several"),
        ("Norwich / Cardiff", "area", None, "several", "list"),
        ("Xyzzyville / Norwich", "first", None, "several", "list"),
        ("Norwich / Xyzzyville", "first", "Norwich", "alias", "first of several"),
        ("Norwich / Xyzzyville", "area", None, "several", "list"),
    ],
)
def test_the_rule_decides(tmp_path: Path, place, rule, name, status, via) -> None:
    assert answer(tmp_path, place, rule) == (name, status, via)


def test_check_says_the_rule_and_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Home borough,Place found\nCamden,Norwich / Ipswich\n", encoding="utf-8")
    said = "Several places in one cell"
    [left] = [line for line in check(path).plan if line.startswith(said)]
    assert "--several first" in left
    [placed] = [line for line in check(path, several="area").plan if line.startswith(said)]
    assert placed == f"{said}, placed by the rule area: Norwich / Ipswich"


@pytest.mark.parametrize(("rule", "said"), [("share", "share a record"), ("last", "no rule")])
def test_a_rule_that_there_is_not_is_refused_with_the_reason(rule, said) -> None:
    with pytest.raises(InputError, match=said):
        PlaceOptions(several=rule)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("London, Liverpool and Birmingham", 3),
        ("Islington, Camden and Hackney", 3),
        ("Kent, Essex & Suffolk", 3),
        ("Norwich, Ipswich, and Diss", 3),
        ("Metropolitan Police, Merseyside Police and West Midlands Police", 3),
    ],
)
def test_places_that_are_enumerated_are_several(text, parts):
    [row] = geocode([text]).to_dict("records")
    assert row["status"] == "several"
    assert f"({parts})" in row["reason"]


@pytest.mark.parametrize(
    "name", ["Bournemouth, Christchurch and Poole", "Kensington and Chelsea", "Norwich, Norfolk"]
)
def test_one_place_with_a_comma_or_an_and_is_one(name):
    assert geocode([name])["status"].tolist() == ["exact"]
