"""Names to places: the rules, worked by hand, and the laws."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.errors import AmbiguousPlaceError
from linemap.gazetteer import Gazetteer
from linemap.geocoding import Rival, geocode
from linemap.schema import MATCHES_CONTRACT, require_contract

UK = Gazetteer.load()


def one(name: object, **options: object) -> pd.Series:
    return geocode([name], **options).iloc[0]


def county(name: str, **options: object) -> str | None:
    """The county (or borough) that the answer lies in, by name."""
    place = one(name, **options)["place_id"]
    if not isinstance(place, str):
        return None
    row = UK.places.loc[place]
    parent = row["county_id"] if isinstance(row["county_id"], str) else row["borough_id"]
    return str(UK.places.loc[parent, "name"])


# ── what decides between places of one name ─────────────────────────────────
@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("Ashford, Kent", "Kent"),
        ("Ashford (Kent)", "Kent"),
        ("Ashford Kent", "Kent"),
        ("Ashford TN23", "Kent"),
        ("Ashford, Kent TN24 8AB", "Kent"),
        ("Ashford, Surrey", "Surrey"),
        ("Ashford, Middlesex", "Surrey"),
        ("Ashford nr Staines", "Surrey"),
        ("Ashford TW15", "Surrey"),
        ("Newport (IoW)", "Isle of Wight"),
        ("Newport IoW", "Isle of Wight"),
        ("Newport PO30", "Isle of Wight"),
        ("Newport, Gwent", "Newport"),
        ("Newport, South Wales", "Newport"),
        ("Newport NP20", "Newport"),
        ("Newport - Shropshire", "Telford and Wrekin"),
        ("Newport, Salop", "Telford and Wrekin"),
        ("Newport, Essex", "Essex"),
        ("Newport, Essex, UK", "Essex"),
        ("Richmond N Yorks", "North Yorkshire"),
        ("Richmond, N. Yorks.", "North Yorkshire"),
        ("Richmond (Yorks)", "North Yorkshire"),
        ("Richmond DL10", "North Yorkshire"),
        ("Gillingham, Dorset", "Dorset"),
        ("Gillingham (Kent)", "Medway"),
        ("St Ives, Cornwall", "Cornwall"),
        ("St. Ives (Cambs)", "Cambridgeshire"),
        ("Hayes, Middlesex", "Hillingdon"),
        ("Hayes, Kent", "Bromley"),
        ("Kent: Margate", "Kent"),
        ("Margate CT9", "Kent"),
        ("Margate in Kent", "Kent"),
        ("Orpington, Kent", "Bromley"),
        ("Romford, Essex", "Havering"),
        ("Wellington (Telford)", "Telford and Wrekin"),
        ("Bangor, Gwynedd", "Gwynedd"),
        ("Bangor, Northern Ireland", "Ards and North Down"),
    ],
)
def test_what_is_written_behind_a_name_decides(written: str, where: str) -> None:
    assert county(written, levels="settlement") == where
    assert county(written) == where


@pytest.mark.parametrize(
    ("name", "within", "where"),
    [
        ("Ashford", "Kent", "Kent"),
        ("Ashford", "force:surrey", "Surrey"),
        ("Newport", "Isle of Wight", "Isle of Wight"),
        ("Newport", "Hampshire Police", None),
        ("Newport", "county:isle-of-wight", "Isle of Wight"),
        ("Whitchurch", "Bristol", "Bath and North East Somerset"),
        ("Richmond", "London", "Richmond upon Thames"),
        ("Richmond", "North Yorkshire", "North Yorkshire"),
        ("Gillingham", "Kent", "Medway"),
    ],
)
def test_within_decides(name: str, within: str, where: str | None) -> None:
    assert county(name, within=within, levels="settlement") == where


@pytest.mark.parametrize(
    "name",
    ["Newport", "Ashford", "Richmond", "Whitchurch", "Halton", "Kingston", "Waltham", "Sutton",
     "South Wales", "Gillingham", "Wellington", "Bangor", "St Ives", "Hayes", "Farnborough",
     "Newcastle", "West Midlands", "Durham", "Broughton", "Burton", "Milton", "Stanley",
     "Clifton", "Norton", "Thornton", "Walton", "Houghton", "Barton"],
)  # fmt: skip
def test_a_name_of_several_places_is_ambiguous_with_its_rivals(name: str) -> None:
    match = one(name)
    assert (match["status"], match["place_id"] is None or pd.isna(match["place_id"])) == (
        "ambiguous", True,
    )  # fmt: skip
    rivals = match["rivals"]
    assert len(rivals) >= 2
    assert all(isinstance(rival, Rival) and rival.place_id in UK.places.index for rival in rivals)
    assert rivals[0].km == 0.0
    assert all(rival.km is not None and rival.km >= 0 for rival in rivals)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Norfolk", "county:norfolk"),  # county and force are the same ground
        ("Suffolk", "county:suffolk"),
        ("Essex", "county:essex"),  # the force is larger, and a rival
        ("Kent", "county:kent"),
        ("Hampshire", "county:hampshire"),
        ("Sussex", "force:sussex"),  # no county bears it; the ceremonial one is the same ground
        ("Thames Valley", "force:thames-valley"),
        ("Devon & Cornwall", "force:devon-and-cornwall"),
        ("London", "region:london"),
        ("Wales", "nation:wales"),  # and a village in South Yorkshire
        ("Scotland", "nation:scotland"),
        ("Northern Ireland", "nation:northern-ireland"),
        ("City of London", "borough:city-of-london"),
        ("East Anglia", "group:east-anglia"),
        ("the Home Counties", "group:home-counties"),
        ("Thanet", "district:thanet"),
    ],
)
def test_an_area_without_a_level(name: str, place: str) -> None:
    assert one(name)["place_id"] == place


@pytest.mark.parametrize("name", ["Southampton", "Portsmouth", "Luton", "Derby", "Leeds", "Bolton",
                                  "Canterbury", "Plymouth", "Cardiff", "Peterborough", "Reading",
                                  "Swindon", "Bristol", "Hull", "Southend", "York"])  # fmt: skip
def test_a_town_that_gives_its_name_to_the_area_around_is_the_town(name: str) -> None:
    assert one(name)["level"] == "settlement"
    wider = one(name, levels="district" if name == "Canterbury" else "county")
    assert wider["level"] in ("county", "district")


def test_the_force_of_a_county_name_is_a_rival_of_the_county() -> None:
    rivals = {rival.place_id for rival in one("Essex")["rivals"]}
    assert "force:essex" in rivals
    assert one("Essex", levels="force")["place_id"] == "force:essex"
    assert one("Essex Police")["place_id"] == "force:essex"


def test_the_level_decides_south_wales() -> None:
    assert one("South Wales", levels="force")["place_id"] == "force:south-wales"
    assert one("South Wales", levels="informal")["place_id"] == "group:south-wales"
    assert {rival.place_id for rival in one("South Wales")["rivals"]} == {
        "force:south-wales", "group:south-wales",
    }  # fmt: skip


def test_a_level_that_no_place_of_the_name_has_is_a_preference() -> None:
    match = one("Norfolk", levels="settlement")
    assert (match["status"], match["place_id"]) == ("exact", "county:norfolk")
    assert match["reason"] == ("no listed settlement has this name; the county stands in for it")
    assert one("Norfok", levels="settlement")["suggestion_id"] == "county:norfolk"
    assert one("Norwich Police")["status"] == "missing"  # words in the name are no preference


def test_a_local_authority_is_a_borough_or_a_county() -> None:
    assert one("Islington", levels="local authority")["place_id"] == "borough:islington"
    assert one("Southampton", levels="local authority")["place_id"] == "county:southampton"


def test_londonderry_is_not_london() -> None:
    match = one("Londonderry")
    assert UK.places.loc[match["place_id"], "nation_id"] == "nation:northern-ireland"


# ── lists, foreign places, what is no name ──────────────────────────────────
@pytest.mark.parametrize(
    "name",
    ["Norwich / Great Yarmouth", "Norwich and Great Yarmouth", "Norwich & Ipswich", "Norwich; Diss",
     "Norwich, Great Yarmouth", "Dorset and Somerset", "Norwich or Ipswich", "Norwich\nIpswich",
     "Norwich + Ipswich", "Margate/Ramsgate/Broadstairs", "Kent & Essex", "Norwich / elsewhere"],
)  # fmt: skip
def test_a_list_of_places_is_several_and_never_the_first(name: str) -> None:
    match = one(name)
    assert match["status"] == "several"
    assert pd.isna(match["place_id"])
    assert len(match["rivals"]) >= 1


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Devon and Cornwall", "force:devon-and-cornwall"),
        ("Brighton & Hove", "county:brighton-and-hove"),
        ("Avon & Somerset", "force:avon-and-somerset"),
    ],
)
def test_one_area_with_and_in_its_name_is_no_list(name: str, place: str) -> None:
    assert one(name)["place_id"] == place


@pytest.mark.parametrize(
    "name",
    ["Boston, USA", "Perth, Australia", "Lincoln, Nebraska", "Norwich (Connecticut)",
     "Newcastle, NSW", "Paris", "Dublin", "Marseille", "New York", "Toronto", "n/a", "unknown",
     "not known", "out of area", "John Smith", "Norwich, Kent"],
)  # fmt: skip
def test_no_place_for_what_is_not_in_the_kingdom(name: str) -> None:
    match = one(name)
    assert pd.isna(match["place_id"])
    assert match["status"] in ("missing", "ambiguous")
    assert match["reason"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (None, "empty"),
        (math.nan, "empty"),
        (pd.NA, "empty"),
        ("", "empty"),
        (" \t", "empty"),
        (12, "not text"),
        (b"Norwich", "not text"),
        (["Norwich"], "not text"),
        ({"a": 1}, "not text"),
        ("x" * 5000, "longer"),
        ("Nor\x00wich", "control"),
        ("\x1b[31mNorwich", "control"),
        ("1234", "no letter"),
    ],
)
def test_what_is_no_name_is_missing_with_a_reason_and_harms_no_other(
    name: object, reason: str
) -> None:
    matches = geocode([name, "Norwich", name])
    assert matches["status"].tolist() == ["missing", "exact", "missing"]
    assert reason in matches["reason"].iloc[0]


def test_a_level_or_area_that_is_not_known_spoils_its_row_only() -> None:
    matches = geocode(["Norwich"] * 3, levels=["hamlet", "town", None])
    assert matches["status"].tolist() == ["missing", "exact", "exact"]
    matches = geocode(["Norwich"] * 3, within=["Narnia", "Norfolk", None])
    assert matches["status"].tolist() == ["missing", "exact", "exact"]
    with pytest.raises(ValueError, match="hamlet"):
        geocode(["Norwich"], levels="hamlet")
    with pytest.raises(ValueError, match="2 values for 1 names"):
        geocode(["Norwich"], levels=["town", "town"])


# ── typing errors ───────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Swafham", "Swaffham"),
        ("Great Yarmuoth", "Great Yarmouth"),
        ("Gt Yarmoth", "Great Yarmouth"),
        ("Kings Lyn", "King's Lynn"),
        ("Northhampton", "Northampton"),
        ("Basilldon", "Basildon"),
        ("Southend-on-See", "Southend-on-Sea"),
        ("Colchestre", "Colchester"),
        ("Ipswitch", "Ipswich"),
        ("Hemel Hempsted", "Hemel Hempstead"),
        ("Bury St Edmonds", "Bury St Edmunds"),
    ],
)
def test_a_typing_error_is_a_suggestion(typed: str, name: str) -> None:
    match = one(typed)
    assert match["status"] == "suggested"
    assert pd.isna(match["place_id"])
    assert match["suggestion"] == name == match["rivals"][0].name
    assert match["suggestion_id"] == match["rivals"][0].place_id
    assert 0 < match["score"] < 1
    assert name in match["reason"]
    accepted = one(typed, accept_suggestions=0)
    assert (accepted["status"], accepted["name"]) == ("fuzzy", name)
    assert accepted["place_id"] == match["suggestion_id"]
    assert "accepted by its score" in accepted["via"]


SLIPS = ["Swafham", "Great Yarmuoth", "Gt Yarmoth", "Basilldon", "Norwuch"]
NO_SLIPS = ["Ipswitch", "Bury St Edmonds", "Great Yarmxxth", "Southend-on-See", "Swaffharn"]


@pytest.mark.parametrize("typed", SLIPS)
def test_a_slip_is_read_where_the_table_spells_it_right(typed: str) -> None:
    alone = one(typed)
    assert alone["status"] == "suggested"
    beside = geocode([typed, f"{alone['suggestion']}", "Newport"])
    assert beside["place_id"].iloc[0] == alone["suggestion_id"]
    assert beside["status"].tolist()[:2] == ["fuzzy", "exact"]
    assert "another row spells it right" in beside["reason"].iloc[0]


@pytest.mark.parametrize("typed", NO_SLIPS)
def test_what_is_no_slip_of_the_hand_stays_a_suggestion(typed: str) -> None:
    alone = one(typed)
    assert alone["status"] == "suggested"
    home = str(UK.places.loc[UK.places.loc[alone["suggestion_id"], "county_id"], "name"])
    assert geocode([typed, f"{alone['suggestion']}"])["status"].iloc[0] == "suggested"
    assert one(typed, within=home)["status"] == "suggested"
    assert one(f"{typed}, {home}")["status"] == "suggested"


def test_a_slip_is_read_where_its_county_holds_no_other_name_as_near() -> None:
    for match in (one("Swafham, Norfolk"), one("Swafham", within="Norfolk"),
                  one("Swafham", within="force:norfolk")):  # fmt: skip
        assert (match["status"], match["name"]) == ("fuzzy", "Swaffham")
        assert "no other name" in match["reason"]
    for wide in ("England", "East of England", "UK", "London", "Police Scotland"):
        assert one("Swafham", within=wide)["status"] != "fuzzy"
        assert one(f"Swafham, {wide}")["status"] != "fuzzy"
    assert one("Swafham, Kent")["status"] in ("missing", "suggested")


@pytest.mark.parametrize(
    "name",
    ["Portchester", "Gatwick", "Hampstead", "Northfleet", "Rother", "Tandridge", "Fenland",
     "Test Valley", "Melton Borough Council", "Tandridge District Council", "Moorgate",
     "Portchester, Hampshire", "Northfleet, Kent", "Hampstead, London", "Gatwick, West Sussex"],
)  # fmt: skip
def test_a_real_place_that_is_not_listed_is_not_answered_with_another(name: str) -> None:
    assert pd.isna(one(name)["place_id"]) or UK.places.loc[one(name)["place_id"], "name"] in name


@pytest.mark.parametrize("score", [-0.1, 1.1, math.nan])
def test_a_score_is_from_0_to_1(score: float) -> None:
    with pytest.raises(ValueError, match="accept_suggestions is from 0 to 1"):
        geocode(["Norwich"], accept_suggestions=score)


def test_a_mistyped_name_of_several_places_is_ambiguous() -> None:
    assert one("Newprot")["status"] == "ambiguous"
    assert county("Newprot, Isle of Wight") == "Isle of Wight"
    assert county("Newprot", within="Isle of Wight") == "Isle of Wight"


@pytest.mark.parametrize("name", ["Rye", "Diss", "Ware"])
def test_the_shortest_names_bear_no_or_one_error(name: str) -> None:
    assert one(name)["status"] == "exact"
    assert pd.isna(one(name[:1] + "x" + name[2:])["place_id"]) or len(name) > 3
    assert pd.isna(one("x" + name[1:-1] + "x")["place_id"])


def test_on_ambiguous_raise_names_the_name_and_its_rivals() -> None:
    with pytest.raises(AmbiguousPlaceError, match="'Newport'"):
        geocode(["Norwich", "Newport"], on_ambiguous="raise")
    assert geocode(["Norwich"], on_ambiguous="raise")["status"].tolist() == ["exact"]


# ── laws ────────────────────────────────────────────────────────────────────
SOME = st.sampled_from(
    ["Norwich", "norwich ", "Newport", "Newprot", "Norwich / Diss", "Kent", "Swafham", "Nowhere",
     "Swaffham", "", None, 7, "LB Islington", "Ashford, Kent", "Barnet", "E09000019",
     "borough:islington"]
)  # fmt: skip
QUESTIONS = st.tuples(
    SOME,
    st.sampled_from([None, "town", "borough", "county", "hamlet"]),
    st.sampled_from([None, "Kent", "Norfolk", "county:isle-of-wight", "Narnia"]),
)


def asked(rows: list[tuple[object, str | None, str | None]], **options: object) -> pd.DataFrame:
    names, levels, within = ([row[column] for row in rows] for column in range(3))
    return geocode(names, levels=levels, within=within, **options)


def plain(matches: pd.DataFrame) -> list[tuple[object, ...]]:
    shown = matches.drop(columns="query").astype(object)
    return [tuple(row) for row in shown.where(shown.notna(), None).to_numpy().tolist()]


@settings(deadline=None, max_examples=30)
@given(st.lists(QUESTIONS, max_size=12))
def test_many_are_answered_as_one_by_one_but_for_slips_that_another_row_spells_right(
    rows: list[tuple[object, str | None, str | None]],
) -> None:
    together = asked(rows)
    require_contract(together, MATCHES_CONTRACT)
    sure = set(together.loc[together["status"].isin(["exact", "alias"]), "place_id"])
    for one_of_many, row in zip(plain(together), rows, strict=True):
        alone = asked([row])
        if one_of_many != plain(alone)[0]:
            assert alone["status"].tolist() == ["suggested"]
            assert one_of_many[0] == alone["suggestion_id"].iloc[0]
            assert one_of_many[0] in sure


@settings(deadline=None, max_examples=40)
@given(st.lists(QUESTIONS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[object], random: object) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = asked([rows[place] for place in order])
    straight = plain(asked(rows))
    assert plain(shuffled) == [straight[place] for place in order]


@settings(deadline=None, max_examples=150)
@given(
    st.text(max_size=30) | st.lists(SOME, max_size=3).map(lambda parts: ", ".join(map(str, parts)))
)
def test_any_text_gets_an_answer_that_keeps_the_contract(text: str) -> None:
    require_contract(geocode([text]), MATCHES_CONTRACT)


def test_the_callers_order_index_and_frame_are_kept() -> None:
    names = pd.Series(["Norwich", "Newport", "Norwich"], index=["a", "b", "a"], name="to")
    before = names.copy()
    matches = geocode(names)
    assert matches.index.tolist() == ["a", "b", "a"]
    assert matches["query"].tolist() == names.tolist()
    pd.testing.assert_series_equal(names, before)


@pytest.mark.parametrize("kind", ["object", "str", "category", "string"])
def test_any_column_of_text_will_do(kind: str) -> None:
    names = pd.Series(["Norwich", None, "Newport"], dtype=kind)
    assert geocode(names)["status"].tolist() == ["exact", "missing", "ambiguous"]
    assert geocode(names.to_numpy())["status"].tolist() == ["exact", "missing", "ambiguous"]


def test_one_name_alone_will_do() -> None:
    assert geocode("Norwich")["place_id"].tolist() == one("Norwich")[["place_id"]].tolist()


def test_no_names_give_no_rows() -> None:
    empty = geocode([])
    assert empty.empty
    require_contract(empty, MATCHES_CONTRACT)


def test_no_answer_lies_outside_the_kingdom() -> None:
    names = ["Camden", "Enfield", "Lewisham", "Cornwall", "Scotland", "Boston", "Perth", "Hamilton"]
    places = geocode(names)["place_id"].dropna()
    assert len(places) >= 7
    rows = UK.places.loc[places]
    assert rows["lon"].between(-9, 2).all()
    assert rows["lat"].between(49, 61.5).all()


def test_a_million_rows_resolve_each_distinct_name_once() -> None:
    names = np.array(["Norwich", "Swafham", "Newport", "Atlantis"], dtype=object)
    rows = pd.Series(names[np.arange(1_000_000) % 4])
    matches = geocode(rows)
    assert matches["status"].value_counts().to_dict() == {
        "exact": 250_000, "suggested": 250_000, "ambiguous": 250_000, "missing": 250_000,
    }  # fmt: skip


def one_slip(name: str, random: Random) -> str:
    place = random.randrange(1, len(name))
    slips = [name[:place] + name[place + 1 :], name[:place] + "e" + name[place:],
             name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]]  # fmt: skip
    return random.choice(slips)


@pytest.mark.parametrize("levels", [None, "settlement", "borough"])
def test_plain_names_are_answered_as_names_that_are_read(levels: str | None) -> None:
    random = Random(11)  # noqa: S311 - noise, no secret
    names = UK.places["name"].drop_duplicates()
    typed = [one_slip(one_slip(name, random), random) for name in names.sample(700, random_state=3)]
    plainly = geocode(typed, levels=levels)
    read = geocode([name + "," for name in typed], levels=levels)
    assert set(plainly["status"]) >= {"suggested", "missing"}
    for column in ("status", "place_id", "suggestion_id", "score"):
        pd.testing.assert_series_equal(plainly[column], read[column])
    for one_way, other in zip(plainly["rivals"], read["rivals"], strict=True):
        if len(one_way) < 8:
            assert {rival.place_id for rival in one_way} == {rival.place_id for rival in other}


def test_half_of_a_character_is_no_name_and_harms_no_other() -> None:
    toy = Gazetteer.toy()
    for names in (["\udcff", "Fernport"], pd.Series(["\udcff", "Fernport"], dtype=object)):
        matches = geocode(names, gazetteer=toy)
        assert matches["status"].tolist() == ["missing", "exact"]
        assert matches["query"].tolist() == ["\ufffd", "Fernport"]
    assert geocode("\udcff", gazetteer=toy)["status"].tolist() == ["missing"]
    assert len(geocode("Fernport", within="\udcff", gazetteer=toy)) == 1
    assert len(geocode(["Fernport"], within=["\udcff"], levels=["\udcff"], gazetteer=toy)) == 1
