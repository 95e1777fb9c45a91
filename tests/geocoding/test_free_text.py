"""Names as forms and letters have them: official forms, parts, postcodes, a place in a text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode, read_aliases, review_table
from linemap.text import without_full_postcodes

UK = Gazetteer.load()


def one(name: str, **options: object) -> pd.Series:
    return geocode([name], **options).iloc[0]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("Wigan Metropolitan Borough Council", "county:wigan"),
        ("Metropolitan Borough of Wigan", "county:wigan"),
        ("Wigan Council", "county:wigan"),
        ("Council of the Isles of Scilly", "county:isles-of-scilly"),
        ("London Borough of Islington", "borough:islington"),
        ("Islington London Borough Council", "borough:islington"),
        ("Royal Borough of Kingston upon Thames", "borough:kingston-upon-thames"),
        ("Essex County Council", "county:essex"),
        ("Leeds City Council", "county:leeds"),
        ("City of Bristol", "county:bristol"),
        ("Bristol, City of", "county:bristol"),
        ("Bristol City Council", "county:bristol"),
        ("WYP", "force:west-yorkshire"),
        ("SYP", "force:south-yorkshire"),
        ("GMP", "force:greater-manchester"),
        ("MPS", "force:metropolitan"),
        ("Met", "force:metropolitan"),
        ("North London", "region:london"),
        ("central London", "region:london"),
        ("Rest of Norfolk", "county:norfolk"),
        ("rest of Essex", "county:essex"),
    ],
)
def test_official_and_everyday_forms_of_areas(written: str, place: str) -> None:
    assert one(written)["place_id"] == place


@pytest.mark.parametrize(
    "written",
    ["BTP", "British Transport Police", "West Bradford", "North Derby", "West Derby Road",
     "North Atlantis", "Rest of Atlantis", "Durham City Council, Kent"],
)  # fmt: skip
def test_what_has_no_ground_or_is_no_part_has_no_place_and_a_reason(written: str) -> None:
    match = one(written)
    assert pd.isna(match["place_id"])
    assert match["reason"]


def test_a_council_that_is_not_listed_is_no_part_of_another_area() -> None:
    assert pd.isna(one("Far Norfolk", levels="district")["place_id"])
    for level in ("district", "borough"):
        found = one("Mid Norfolk", levels=level)["place_id"]
        assert pd.isna(found)


@pytest.mark.parametrize(
    ("written", "name", "county"),
    [
        ("Durham, County Durham", "Durham", "County Durham"),
        ("Abergavenny / Y Fenni", "Abergavenny", "Monmouthshire"),
        ("Inverness, Inverness-shire", "Inverness", "Highland"),
        ("Cardiff / Caerdydd", "Cardiff", "Cardiff"),
        ("Abingdon, Berkshire", "Abingdon", "Oxfordshire"),
        ("Staines, Middlesex", "Staines", "Surrey"),
        ("Wick, Caithness", "Wick", "Highland"),
        ("placement in Ipswich", "Ipswich", "Suffolk"),
        ("Moved to Ipswich, Suffolk", "Ipswich", "Suffolk"),
        ("hotel in Great Yarmouth", "Great Yarmouth", "Norfolk"),
        ("Norfolk - Norwich", "Norwich", "Norfolk"),
        ("Kent (Margate)", "Margate", "Kent"),
    ],
)
def test_a_town_by_what_is_written_around_it(written: str, name: str, county: str) -> None:
    match = one(written)
    assert name in str(match["name"])
    parents = UK.places.loc[match["place_id"]]
    assert UK.places.loc[parents["county_id"], "name"] == county


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [("Nr Swaffham", "Swaffham"), ("HMP Norwich", "Norwich"), ("Norwich bus station", "Norwich"),
     ("with an aunt in Ipswich", "Ipswich"), ("Levenshulme, Manchester", "Manchester"),
     ("Nowhereville, Norfolk", "Norfolk"), ("Mid Norfolk", "Norfolk"),
     ("North Kent", "Kent")],
)  # fmt: skip
def test_a_place_that_may_be_meant_is_a_suggestion(written: str, suggestion: str) -> None:
    match = one(written)
    assert (match["status"], match["suggestion"]) == ("suggested", suggestion)
    assert suggestion in match["reason"]


@pytest.mark.parametrize(
    ("written", "parts"),
    [("Gt Yarmouth / Lowestoft", ["Great Yarmouth", "Lowestoft"]), ("Essex/Kent", None),
     ("Norwich or Ipswich", ["Norwich", "Ipswich"])],
)  # fmt: skip
def test_several_places_are_said_to_be_several(written: str, parts: list[str] | None) -> None:
    match = one(written)
    assert match["status"] == "several"
    assert "several places in one cell (2)" in match["reason"]
    if parts:
        assert [rival.name for rival in match["rivals"]] == parts


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Dorchester, Hampshire", "Dorchester is listed in Dorset, Oxfordshire, not in Hampshire"),
        ("Banbury, Berkshire", "Banbury is listed in Oxfordshire, not in Berkshire"),
        ("Guildford, Middlesex", "Guildford is listed in Surrey, not in Middlesex"),
        ("Cambridge, Huntingdonshire", "not in Huntingdonshire"),
        ("Carlisle, Lancashire", "not in Lancashire"),
        ("Dinton HP17", "Dinton is listed in Wiltshire, far from HP17"),
        ("Margate NE1", "Margate is listed in Kent, far from NE1"),
        ("Norwich, Nowhereshire", "no area or town is named 'Nowhereshire'"),
    ],
)
def test_a_context_that_contradicts_is_a_miss_with_a_sentence(written: str, reason: str) -> None:
    match = one(written)
    assert match["status"] == "missing"
    assert reason in match["reason"]


# ── postcodes ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Margate CT9 1XY", "Margate CT9"),
        ("12 High St, Margate, ct91xy.", "12 High St, Margate, CT9."),
        ("EC1A 1BB London", "EC1A London"),
        ("sw1a  2aa", "SW1A"),
        ("Margate CT9", "Margate CT9"),
        ("Ward 7", "Ward 7"),
        ("A1 9 miles", "A1 9 miles"),
    ],
)
def test_of_a_full_postcode_its_district_is_left(written: str, left: str) -> None:
    assert without_full_postcodes(written) == left


def test_a_full_postcode_is_neither_kept_nor_shown_and_is_flagged() -> None:
    names = ["Margate CT9 1XY", "CT9 1XY", "BT1 1AA", "Nowhere NR1 1AA", "Norwich"]
    matches = geocode(pd.Series(names, index=list("abcde")))
    assert matches["query"].tolist() == [
        "Margate CT9", "CT9", "BT1", "Nowhere NR1", "Norwich"
    ]  # fmt: skip
    assert matches["via"].str.endswith("full postcode").fillna(False).tolist() == [True] * 4 + [
        False
    ]
    assert "Northern Ireland" in matches["reason"]["c"]
    told = matches.astype(str).to_string() + review_table(matches).to_string()
    assert not any(inward in told for inward in ("1XY", "1AA"))


def test_a_decision_about_a_district_holds_for_its_postcodes(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    table = review_table(geocode(["Nowhere CT9 1XY"]))
    table.assign(decision="Margate").to_csv(path, index=False)
    again = geocode(["Nowhere CT9 2AB", "nowhere ct9"], aliases=read_aliases(path))
    assert again["name"].tolist() == ["Margate", "Margate"]


@settings(deadline=None, max_examples=100)
@given(
    st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", fullmatch=True), st.text(max_size=9)
)
def test_no_full_postcode_survives_beside_any_text(postcode: str, text: str) -> None:
    told = geocode([f"{text} {postcode}", postcode]).drop(columns="rivals").astype(str).to_string()
    assert postcode not in told


@pytest.mark.parametrize(
    "text",
    [
        "Ipswich?",
        "Ipswich (?)",
        "? Ipswich",
        "Ipswich ??",
        "Ipswich (tbc)",
        "Ipswich - unconfirmed",
        "Ipswich, possibly",
    ],
)
def test_a_name_that_its_writer_was_not_sure_of_is_a_suggestion(text):
    [row] = geocode([text]).to_dict("records")
    assert (row["status"], row["suggestion"]) == ("suggested", "Ipswich")
    assert row["place_id"] is None or row["place_id"] != row["place_id"]
    assert "doubtful" in row["reason"]


def test_a_question_mark_for_a_lost_apostrophe_is_no_doubt():
    assert geocode(["King?s Lynn"])["status"].tolist() == ["exact"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ipswich and surrounding areas", "Ipswich"),
        ("Swaffham or nearby", "Swaffham"),
        ("Norwich / not known", "Norwich"),
        ("en route to Norwich", "Norwich"),
        ("Luton Airport", "Luton"),
        ("Essex border", "Essex"),
    ],
)
def test_one_place_beside_words_that_name_none_is_a_suggestion(text, place):
    assert one(text)[["status", "suggestion"]].tolist() == ["suggested", place]


@pytest.mark.parametrize(
    "text", ["Norwich then Ipswich", "Norwich -> Ipswich", "Norwich → Ipswich"]
)
def test_one_place_after_another_are_several(text):
    assert one(text)["status"] == "several"
