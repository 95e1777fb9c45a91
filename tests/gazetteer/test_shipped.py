"""What the shipped gazetteer promises about the United Kingdom."""

import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.schema import PLACES_CONTRACT

UK = Gazetteer.load()
PLACES = UK.places
TOWNS = PLACES[PLACES["level"] == "settlement"]
TODAY = PLACES["became_ids"].isna()
AREAS = PLACES[PLACES["level"].isin(["county", "borough"]) & TODAY]
DISTRICTS = PLACES[(PLACES["level"] == "district") & TODAY]
EARLIER = PLACES[~TODAY]
GRID = "EPSG:27700"
LINE_ERROR_KM = 2.0
CHARING_CROSS = (-0.1276, 51.5072)
GEOD = Geod(ellps="WGS84")


def area_km2(level: str) -> pd.Series:
    return PLACES[PLACES["level"] == level].to_crs(GRID).area / 1e6


def home(towns: pd.DataFrame) -> pd.Series:
    return towns["borough_id"].where(towns["borough_id"].notna(), towns["county_id"])


def test_it_is_a_places_frame() -> None:
    assert PLACES_CONTRACT.broken(PLACES) == []
    assert PLACES.crs == "EPSG:4326"


def test_it_holds_the_kingdoms_areas() -> None:
    counts = PLACES[TODAY]["level"].value_counts()
    assert counts[["borough", "district", "county", "force", "region", "nation"]].to_dict() == {
        "borough": 33, "district": 164, "county": 185, "force": 45, "region": 9, "nation": 4,
    }  # fmt: skip
    assert counts["settlement"] > 5900


# ── Areas ────────────────────────────────────────────────────────────────────


def test_every_area_lies_in_exactly_one_force_and_one_nation() -> None:
    for level in ("force", "nation"):
        sets = PLACES[PLACES["level"] == level]["members"]
        listed = pd.Series([member for members in sets for member in members])
        assert sorted(listed) == sorted(AREAS.index)
        owner = {m: place for place, members in sets.items() for m in members}
        assert AREAS[f"{level}_id"].to_dict() == {i: owner[i] for i in AREAS.index}


def test_every_english_area_lies_in_one_region_and_no_other_does() -> None:
    english = AREAS["nation_id"] == "nation:england"
    assert AREAS.loc[english, "region_id"].notna().all()
    assert AREAS.loc[~english, "region_id"].isna().all()


def test_areas_neither_overlap_nor_leave_slivers() -> None:
    assert shapely.coverage_is_valid(AREAS.geometry.to_numpy())
    assert AREAS.is_valid.all()
    assert PLACES[PLACES.geometry.notna()].is_valid.all()


def test_the_33_boroughs_tile_london() -> None:
    boroughs = AREAS[AREAS["level"] == "borough"].to_crs(GRID)
    london = boroughs.union_all()
    assert boroughs.area.sum() == pytest.approx(london.area, rel=1e-6)
    # what the boroughs leave out of the land around them is the tidal Thames, and nothing else
    holes = [r for p in getattr(london, "geoms", [london]) for r in p.interiors]
    assert sum(shapely.Polygon(r).area for r in holes) < 1e4
    closed = london.buffer(700).buffer(-700)
    left = [p for p in shapely.get_parts(closed.difference(london)) if p.area > 1e6]
    assert len(left) == 1
    west, _, east, _ = left[0].bounds
    assert east - west > 30_000  # from Teddington to Dartford
    assert left[0].area < 30e6


@pytest.mark.parametrize(
    ("borough", "km2"),
    [("islington", 14.86), ("croydon", 86.5), ("richmond-upon-thames", 57.4), ("hackney", 19.0)],
)
def test_a_borough_has_its_known_size(borough: str, km2: float) -> None:
    assert area_km2("borough")[f"borough:{borough}"] == pytest.approx(km2, rel=0.02)


def test_a_set_is_as_large_as_its_members() -> None:
    size = pd.concat([area_km2("county"), area_km2("borough")])
    for level in ("force", "region", "nation", "group"):
        for place, km2 in area_km2(level).items():
            members = [m for m in UK.members(str(place)) if m in size.index]
            assert km2 == pytest.approx(size[members].sum(), rel=1e-6), place


def test_rockall_is_not_the_end_of_scotland() -> None:
    lon, lat = UK.extent("nation:scotland")
    n = len(lon)
    km = GEOD.inv([CHARING_CROSS[0]] * n, [CHARING_CROSS[1]] * n, lon, lat)[2] / 1000
    furthest = km.argmax()
    assert km[furthest] == pytest.approx(1041, abs=1)
    assert (lon[furthest], lat[furthest]) == pytest.approx((-0.8, 60.85), abs=0.1)  # Unst


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Merseyside", "county:st-helens"), ("North Ayshire", "county:north-ayrshire"),
        ("Perthshire and Kinross", "county:perth-and-kinross"),
        ("Rhondda, Cynon, Taff", "county:rhondda-cynon-taf"), ("City", "borough:city-of-london"),
        ("Royal Borough of Windsor and Maidenhead", "county:windsor-and-maidenhead"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_no_countys_name_any_more(wrong: str, right: str) -> None:
    assert wrong not in set(AREAS["name"])
    assert right in AREAS.index


def test_there_is_one_halton_and_it_is_on_the_mersey() -> None:
    halton = AREAS[AREAS["name"] == "Halton"]
    assert len(halton) == 1
    assert halton["force_id"].iloc[0] == "force:cheshire"
    assert halton.contains(shapely.Point(-2.73, 53.36)).all()  # Widnes
    assert AREAS.geometry["county:wirral"].contains(shapely.Point(-3.02, 53.39))  # Birkenhead


def test_forces_are_the_43_and_two() -> None:
    forces = PLACES[PLACES["level"] == "force"]
    codes = forces["gss_code"].dropna()
    assert sorted(c for c in codes if c.startswith("E23")) == [
        f"E230000{i:02d}" for i in range(1, 40) if i != 0
    ]
    assert sorted(c for c in codes if c.startswith("W15")) == [f"W1500000{i}" for i in range(1, 5)]
    assert set(forces.index[forces["gss_code"].isna()]) == {
        "force:police-scotland", "force:police-service-of-northern-ireland",
    }  # fmt: skip


def test_boroughs_carry_their_codes_in_order_of_name_after_the_city() -> None:
    boroughs = PLACES[PLACES["level"] == "borough"].sort_values("gss_code")
    names = list(boroughs["name"])
    assert names[0] == "City of London"
    assert names[1:] == sorted(names[1:])
    assert list(boroughs["gss_code"]) == [f"E090000{i:02d}" for i in range(1, 34)]


FORMS = {
    "borough": "E09", "district": "E07", "county": "E06|E08|E10|W06|S12|N09", "force": "E23|W15",
    "region": "E12", "nation": "[ENSW]92",
}  # fmt: skip


@pytest.mark.parametrize("level", FORMS)
def test_every_area_has_a_code_of_its_kind(level: str) -> None:
    areas = PLACES[(PLACES["level"] == level) & TODAY]
    codes = areas["gss_code"].dropna()
    assert codes.str.fullmatch(rf"({FORMS[level]})\d{{6}}").all()
    lacking = set(areas.index[areas["gss_code"].isna()])
    assert lacking == (
        {"force:police-scotland", "force:police-service-of-northern-ireland"}
        if level == "force"
        else set()
    )
    assert PLACES["gss_code"].dropna().is_unique


def test_every_council_of_today_is_there() -> None:
    councils = pd.concat([AREAS, DISTRICTS])
    kinds = councils["gss_code"].str[:3].value_counts().to_dict()
    assert kinds == {
        "E06": 63, "E07": 164, "E08": 36, "E09": 33, "E10": 21, "W06": 22, "S12": 32, "N09": 11,
    }  # fmt: skip
    assert councils.geometry.notna().all()
    assert councils["vintage"].eq("2025-11").all()
    for column in ("force_id", "nation_id"):
        assert councils[column].isin(PLACES.index).all()
    english = councils["nation_id"] == "nation:england"
    assert councils["region_id"].notna().eq(english).all()


def test_districts_tile_their_counties() -> None:
    assert shapely.coverage_is_valid(DISTRICTS.geometry.to_numpy())
    km2 = DISTRICTS.to_crs(GRID).area.groupby(DISTRICTS["county_id"]).sum() / 1e6
    assert (km2 / area_km2("county")[km2.index]).between(0.9999, 1.0001).all()
    assert set(km2.index) == set(AREAS.index[AREAS["gss_code"].str.startswith("E10")])
    for column in ("force_id", "region_id", "nation_id"):
        above = AREAS[column].reindex(DISTRICTS["county_id"]).to_numpy()
        assert (DISTRICTS[column] == above).all()


@pytest.mark.parametrize(
    ("district", "km2"),
    [("Breckland", 1305), ("Thanet", 103), ("Norwich", 39), ("King's Lynn and West Norfolk", 1439),
     ("West Suffolk", 1035), ("Gosport", 25), ("Cotswold", 1165), ("Barrow-in-Furness", 78)],
)  # fmt: skip
def test_a_district_has_its_known_size(district: str, km2: float) -> None:
    found = area_km2("district")[PLACES["name"][PLACES["level"] == "district"] == district]
    assert found.item() == pytest.approx(km2, rel=0.03)


# ── Earlier areas ────────────────────────────────────────────────────────────


def test_an_earlier_area_says_when_it_ended_and_what_it_became() -> None:
    assert len(EARLIER) == 70
    assert EARLIER["vintage"].between("2015-03", "2023-03").all()
    for place, row in EARLIER.iterrows():
        assert TODAY[list(row["became_ids"])].all(), place
        assert row["note"].startswith("Until 1 April"), place
        assert row["force_id"] in PLACES.index
        if row["level"] == "district":
            assert row["county_id"] in PLACES.index


@pytest.mark.parametrize(
    ("place", "code", "became", "town"),
    [
        ("county:cumbria", "E10000006", "county:cumberland", "Kendal"),
        ("county:northamptonshire", "E10000021", "county:west-northamptonshire", "Corby"),
        ("district:waveney", "E07000206", "district:east-suffolk", "Lowestoft"),
        ("county:poole", "E06000029", "county:bournemouth-christchurch-and-poole", "Poole"),
        ("county:omagh", None, "county:fermanagh-and-omagh", "Omagh"),
        ("district:somerset-west-and-taunton", "E07000246", "county:somerset", "Minehead"),
    ],
)
def test_earlier_areas_are_answered_as_what_they_were(
    place: str, code: str | None, became: str, town: str
) -> None:
    assert UK[place]["gss_code"] == code
    assert became in UK[place]["became_ids"]
    inside = UK.settlements(place)
    assert town in set(inside["name"])
    assert all(place in UK.earlier_areas[settlement] for settlement in inside.index)


def test_a_county_that_was_parted_holds_what_its_parts_hold() -> None:
    for county in ("cumbria", "northamptonshire"):
        parts = [set(UK.settlements(i).index) for i in UK[f"county:{county}"]["became_ids"]]
        assert not parts[0] & parts[1]
        held = set(UK.settlements(f"county:{county}").index)
        assert held == (parts[0] | parts[1])


def test_codes_that_were_replaced_still_lead_to_their_place() -> None:
    codes = UK.aliases[UK.aliases["kind"] == "code"].set_index("alias")["place_id"]
    assert codes["E10000023"] == "county:north-yorkshire"
    assert codes["E08000016"] == "county:barnsley"
    assert not set(codes.index) & set(PLACES["gss_code"].dropna())


# ── Settlements ──────────────────────────────────────────────────────────────


def test_a_settlements_parents_agree() -> None:
    of_area = AREAS.loc[home(TOWNS).dropna()]
    towns = TOWNS[home(TOWNS).notna()]
    for column in ("force_id", "region_id", "nation_id"):
        mine = towns[column].fillna("").to_numpy()
        assert (mine == of_area[column].fillna("").to_numpy()).all()
    assert (TOWNS["borough_id"].isna() | TOWNS["county_id"].isna()).all()


def test_every_settlement_lies_in_its_area_or_within_the_lines_error_or_says_why() -> None:
    towns = TOWNS[home(TOWNS).notna()]
    outlines = AREAS.geometry.loc[home(towns)].to_crs(GRID).to_numpy()
    km = shapely.distance(towns.to_crs(GRID).geometry.to_numpy(), outlines) / 1000
    assert (km == 0).mean() > 0.95
    astray = towns[km > LINE_ERROR_KM]
    assert astray["note"].notna().all()
    assert len(astray) < 30


def test_no_settlement_lies_in_the_sea() -> None:
    land = shapely.union_all(AREAS.to_crs(GRID).geometry.to_numpy())
    shapely.prepare(land)
    km = shapely.distance(TOWNS.to_crs(GRID).geometry.to_numpy(), land) / 1000
    afloat = set(TOWNS["name"][km > LINE_ERROR_KM])
    assert afloat == {"Millport", "Isle of Cumbrae"}  # an island that the outlines lack
    assert TOWNS["note"][km > LINE_ERROR_KM].str.contains("not in the outlines").all()


def test_nothing_lies_abroad() -> None:
    assert TOWNS["lon"].between(-8.7, 1.8).all()
    assert TOWNS["lat"].between(49.8, 60.9).all()
    assert not {"Akrotiri", "Dhekelia"} & set(TOWNS["name"])


@pytest.mark.parametrize(
    ("name", "county", "force", "km"),
    [
        ("Swaffham", "norfolk", "norfolk", 138.64),
        ("King's Lynn", "norfolk", "norfolk", 143.03),
        ("Margate", "kent", "kent", 106.17),
        ("Truro", "cornwall", "devon-and-cornwall", 372.99),
        ("Aberdeen", "aberdeen", "police-scotland", 640.90),
    ],
)
def test_known_towns_lie_where_they_should(name: str, county: str, force: str, km: float) -> None:
    town = TOWNS[TOWNS["name"] == name].iloc[0]
    assert (town["county_id"], town["force_id"]) == (f"county:{county}", f"force:{force}")
    metres = GEOD.inv(*CHARING_CROSS, town["lon"], town["lat"])[2]
    assert metres / 1000 == pytest.approx(km, abs=1.0)


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Reading", "county:reading"), ("Salford", "county:salford"),
        ("South Shields", "county:south-tyneside"), ("Wallsend", "county:north-tyneside"),
        ("Beccles", "county:suffolk"), ("Peacehaven", "county:east-sussex"),
        ("Otley", None), ("Keynsham", "county:bath-and-north-east-somerset"),
        ("Royston", None), ("Uxbridge", "borough:hillingdon"), ("Harefield", "borough:hillingdon"),
        ("Chessington", "borough:kingston-upon-thames"), ("Cromer", "county:norfolk"),
        ("Bournemouth", "county:bournemouth-christchurch-and-poole"), ("Whitstable", "county:kent"),
        ("Torpoint", "county:cornwall"), ("Severn Beach", "county:south-gloucestershire"),
        ("Garston", None), ("Penarth", "county:vale-of-glamorgan"),
    ],
)  # fmt: skip
def test_towns_at_an_edge_belong_to_their_own_side(name: str, area: str | None) -> None:
    found = set(home(TOWNS[TOWNS["name"] == name]))
    expected = {
        "Royston": {"county:hertfordshire", "county:barnsley"},
        "Otley": {"county:leeds", "county:suffolk"},
        "Garston": {"county:liverpool", "county:hertfordshire"},
    }.get(name, {area})
    assert found <= expected
    assert found


def test_a_quarter_lie_near_another_area_and_say_so() -> None:
    share = TOWNS["near_county_ids"].map(len).gt(0).mean()
    assert 0.15 < share < 0.35
    known = set(AREAS.index)
    for own, near in zip(home(TOWNS), TOWNS["near_county_ids"], strict=True):
        assert own not in near
        assert set(near) <= known


def test_the_forces_near_are_those_of_the_areas_near() -> None:
    force_of = AREAS["force_id"].to_dict()
    for near, own, forces in zip(
        TOWNS["near_county_ids"], TOWNS["force_id"], TOWNS["near_force_ids"], strict=True
    ):
        assert set(forces) == {force_of[i] for i in near} - {own}


# ── Weights ──────────────────────────────────────────────────────────────────


def test_a_population_that_repeats_an_areas_total_is_no_weight() -> None:
    for name in ("London", "Islington", "Archway", "Brent", "Saint Peters"):
        town = TOWNS[(TOWNS["name"] == name) & TOWNS["note"].notna()]
        assert len(town) == 1
        assert np.isnan(town["population_weight"].iloc[0])
        assert town["note"].iloc[0].startswith(("Population", "Stands for"))


def test_what_a_total_leaves_is_the_weight() -> None:
    oldham = TOWNS[TOWNS["county_id"] == "county:oldham"]
    town = oldham[oldham["name"] == "Oldham"].iloc[0]
    assert oldham["population_weight"].sum() == pytest.approx(237_110)
    assert town["population_weight"] == pytest.approx(96_555, rel=0.2)  # the census of 2011


def test_no_settlement_outweighs_the_largest_city() -> None:
    heaviest = TOWNS["population_weight"].idxmax()
    assert TOWNS.loc[heaviest, "name"] == "Birmingham"
    assert (TOWNS["population_weight"].dropna() > 0).all()


def test_counties_weigh_about_what_the_census_counted() -> None:
    census = {  # residents in 2011, thousands
        "norfolk": 858, "kent": 1464, "essex": 1394, "cornwall": 532, "suffolk": 728,
        "cardiff": 346, "glasgow": 593, "leeds": 751, "edinburgh": 477, "oldham": 225,
        "st-helens": 175, "wigan": 318, "brighton-and-hove": 273, "wirral": 320,
    }  # fmt: skip
    weights = AREAS["population_weight"]
    for county, thousands in census.items():
        assert 0.7 < weights[f"county:{county}"] / (thousands * 1000) < 1.25, county


# ── Districts and groups ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("town", "district"),
    [
        ("Swaffham", "breckland"), ("King's Lynn", "kings-lynn-and-west-norfolk"),
        ("Margate", "thanet"), ("Ramsgate", "thanet"), ("Broadstairs", "thanet"),
        ("Whitstable", "canterbury"), ("Herne Bay", "canterbury"), ("Clacton-on-Sea", "tendring"),
        ("Great Yarmouth", "great-yarmouth"), ("Lowestoft", "east-suffolk"),
        ("Bexhill-on-Sea", "rother"), ("Andover", "test-valley"), ("Melton Mowbray", "melton"),
        ("Cromer", "north-norfolk"), ("Skegness", "east-lindsey"), ("Boston", "boston"),
        ("Aldershot", "rushmoor"), ("Nuneaton", "nuneaton-and-bedworth"), ("Dover", "dover"),
    ],
)  # fmt: skip
def test_known_towns_lie_in_their_district(town: str, district: str) -> None:
    found = set(TOWNS["district_id"][TOWNS["name"] == town].dropna())
    assert f"district:{district}" in found
    assert town in set(UK.settlements(f"district:{district}")["name"])


def test_a_districts_members_are_its_settlements() -> None:
    for place in DISTRICTS.index:
        assert set(UK.members(place)) == set(TOWNS.index[TOWNS["district_id"] == place])


@pytest.mark.parametrize(
    "name",
    ["East Anglia", "Home Counties", "South Coast", "West Country", "Midlands", "Teesside",
     "South Wales", "The North", "Berkshire", "Tyne and Wear", "Merseyside", "Yorkshire"],
)  # fmt: skip
def test_a_group_has_members_an_outline_and_a_reason(name: str) -> None:
    group = PLACES[(PLACES["level"] == "group") & (PLACES["name"] == name)]
    assert len(group) == 1
    place = group.index[0]
    assert len(UK.members(place)) > 1
    assert group["note"].iloc[0]
    assert len(UK.settlements(place)) > 5


def test_south_wales_the_region_is_larger_than_the_force() -> None:
    size = pd.concat([area_km2("force"), area_km2("group")])
    assert size["group:south-wales"] > 2 * size["force:south-wales"]
    assert set(UK.members("force:south-wales")) < set(UK.members("group:south-wales"))


# ── Other names ──────────────────────────────────────────────────────────────


def test_every_other_name_is_of_a_place() -> None:
    assert set(UK.aliases["place_id"]) <= set(PLACES.index)
    assert UK.aliases["alias"].str.strip().eq(UK.aliases["alias"]).all()
    assert not UK.aliases.duplicated(["alias", "place_id"]).any()


@pytest.mark.parametrize(
    ("alias", "place"),
    [
        ("Rhondda, Cynon, Taff", "county:rhondda-cynon-taf"), ("Hull", "county:kingston-upon-hull"),
        ("Bristol, City of", "county:bristol"), ("Durham", "county:county-durham"),
        ("LBHF", "borough:hammersmith-and-fulham"), ("MK", "county:milton-keynes"),
        ("Kernow", "county:cornwall"), ("Ynys Môn", "county:anglesey"),
        ("Western Isles", "county:eilean-siar"), ("Herts", "force:hertfordshire"),
        ("PSNI", "force:police-service-of-northern-ireland"), ("UK", "group:united-kingdom"),
        ("Caerfyrddin", "settlement:2653755"), ("Clacton", "settlement:2652974"),
    ],
)  # fmt: skip
def test_names_that_people_type_are_known(alias: str, place: str) -> None:
    known = UK.aliases[UK.aliases["alias"] == alias]["place_id"]
    assert place in set(known)


def test_an_alternate_name_is_never_that_of_a_place_as_large() -> None:
    listed = UK.aliases[UK.aliases["source"] == "geonames"]
    weight = PLACES["population_weight"]
    largest = weight.groupby(PLACES["name"].str.casefold()).max()
    for alias, place in zip(listed["alias"], listed["place_id"], strict=True):
        rival = largest.get(alias.casefold(), np.nan)
        if not np.isnan(rival):
            printed = PLACES.loc[place, "note"] or ""
            assert weight[place] > rival or "Population" in printed, alias


def test_transliterations_are_left_out() -> None:
    names = set(UK.aliases["alias"])
    assert not names & {"Kharvich", "Londres", "Edimburgo", "Kembridzh", "Suindon", "Uembli"}


def test_the_files_are_small() -> None:
    folder = Path(sys.modules["linemap"].__file__ or "").parent / "data"
    size = {p.name: p.stat().st_size for p in folder.iterdir() if p.is_file()}
    assert size["places.parquet"] < 1_000_000
    assert size["basemap.json"] < 140_000


# ── Promises of the whole ────────────────────────────────────────────────────


def test_moves_between_the_codes_of_councils_are_placed_at_both_ends() -> None:
    codes = pd.concat([AREAS, DISTRICTS])["gss_code"]
    moves = pd.DataFrame(
        {end: codes.sample(2_000, replace=True, random_state=seed).to_numpy()
         for end, seed in (("origin", 1), ("destination", 2))}
    )  # fmt: skip
    place_of = {code: place for place, code in codes.items()}
    for end in moves:
        found = geocode(moves[end])["place_id"]
        assert list(found) == list(moves[end].map(place_of))


def test_every_council_is_found_by_name_as_an_authority() -> None:
    councils = pd.concat([AREAS, DISTRICTS])
    found = geocode(councils["name"], levels="borough")["place_id"]
    assert list(found) == list(councils.index)


def test_what_ships_was_built_of_the_tables_that_are_here() -> None:
    """A table that is changed without a new build would make the shipped files a lie."""
    folder = Path(__file__).parents[2] / "gazetteer"
    listed = UK.sources[[(folder / path).is_file() for path in UK.sources["path"]]]
    assert len(listed) >= 9
    for path, checksum in zip(listed["path"], listed["sha256"], strict=True):
        assert sha256((folder / path).read_bytes()).hexdigest() == checksum, path


def test_every_area_can_be_written_by_a_gis(tmp_path: Path) -> None:
    columns = ["name", "level", "gss_code", "force_id", "vintage", "geometry"]
    areas = PLACES.loc[PLACES["level"] != "settlement", columns]
    areas.to_file(tmp_path / "areas.gpkg")
    bare = areas.copy()
    bare.loc["group:midlands", "geometry"] = None
    bare.to_file(tmp_path / "bare.gpkg")
    assert (tmp_path / "bare.gpkg").stat().st_size > 0
