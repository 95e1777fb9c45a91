"""The users' own boundaries and place lists: read right, or every fault named at once."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from linemap.errors import InputError, InputNotFoundError
from linemap.gazetteer import Gazetteer, Layer
from linemap.schema import PLACES_CONTRACT

LIST = """place,long,lat,people,also
Ashwick,0.9,52.6,"12,000",Ashwick Parva; Asswick
Swaffham,0.6857,52.6477,7258,
NA,-1.5,53.8,,
"""
NORTH = shapely.box(-1.0, 52.5, 0.0, 53.0)
SOUTH = shapely.box(-1.0, 52.0, 0.0, 52.5)
BOW_TIE = shapely.Polygon([(-2, 52), (-1, 52.5), (-1, 52), (-2, 52.5)])

pytestmark = pytest.mark.filterwarnings("ignore:These layers stand in the stead")


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    path = tmp_path / "towns.csv"
    path.write_text(LIST, encoding="utf-8-sig")
    return path


def outlines(path: Path, shapes: dict[str, shapely.Geometry], **columns: list[object]) -> Path:
    frame = gpd.GeoDataFrame(
        {"NAME": list(shapes), **columns}, geometry=list(shapes.values()), crs="EPSG:4326"
    )
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, driver="GPKG" if path.suffix == ".gpkg" else "GeoJSON")
    return path


def listed(path: Path, **more: str) -> Layer:
    return Layer(path=path, name="place", lon="long", lat="lat", **more)


def faults_of(*layers: Layer) -> list[str]:
    with pytest.raises(InputError) as refused:
        Gazetteer.from_files(*layers)
    return [str(fault) for fault in refused.value.faults] or [str(refused.value)]


def test_a_list_lies_among_the_shipped_areas(towns: Path) -> None:
    own = Gazetteer.from_files(listed(towns, population="people", others="also"))
    found = own.places[own.places["level"] == "settlement"]
    assert list(found["name"]) == ["Ashwick", "Swaffham", "NA"]
    assert list(found["county_id"]) == ["county:norfolk", "county:norfolk", "county:leeds"]
    assert list(found["population_weight"].fillna(-1)) == [12000, 7258, -1]
    assert set(own.aliases["alias"][own.aliases["source"] == "own-1"]) == {
        "Ashwick Parva", "Asswick",
    }  # fmt: skip
    assert own.sources["path"].iloc[-1] == "towns.csv"
    assert own.sources["rows"].iloc[-1] == 3
    assert "Places: GeoNames (CC BY 4.0)" in own.attributions
    assert PLACES_CONTRACT.broken(own.places) == []


def test_the_county_of_a_list_is_weighted_by_it(towns: Path) -> None:
    own = Gazetteer.from_files(listed(towns, population="people"))
    lon = (0.9 * 12000 + 0.6857 * 7258) / 19258
    assert own["county:norfolk"]["lon"] == pytest.approx(lon)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_own_areas_stand_alone(tmp_path: Path, towns: Path, suffix: str) -> None:
    areas = outlines(
        tmp_path / f"areas{suffix}", {"Upper": NORTH, "Lower": SOUTH}, CODE=["E1", "E2"]
    )
    force = outlines(tmp_path / f"force{suffix}", {"Both": NORTH.union(SOUTH)})
    towns.write_text("place,long,lat\nMid Town,-0.5,52.7\nEdge Town,-0.5,52.499\n")
    own = Gazetteer.from_files(
        Layer(path=areas, level="county", name="NAME", code="CODE"),
        Layer(path=force, level="force", name="NAME"),
        listed(towns),
    )
    assert list(own.places.index) == [
        "county:upper", "county:lower", "force:both", "nation:england", "settlement:own-3-2",
        "settlement:own-3-3",
    ]  # fmt: skip
    assert own.members("force:both") == ("county:upper", "county:lower")
    assert own["county:upper"]["gss_code"] == "E1"
    assert own["settlement:own-3-2"]["county_id"] == "county:upper"
    assert own["settlement:own-3-3"]["county_id"] == "county:lower"
    assert own["settlement:own-3-3"]["near_county_ids"] == ("county:upper",)
    assert own["settlement:own-3-2"]["force_id"] == "force:both"
    assert list(own.sources["id"])[-3:] == ["own-1", "own-2", "own-3"]


def test_good_boundaries_leave_no_doubt(tmp_path: Path, towns: Path) -> None:
    areas = outlines(tmp_path / "a.geojson", {"Upper": NORTH, "Lower": SOUTH})
    towns.write_text("place,long,lat\nEdge Town,-0.5,52.49\n")
    layers = (Layer(path=areas, level="county", name="NAME"), listed(towns))
    assert Gazetteer.from_files(*layers).places.iloc[-1]["near_county_ids"] == ("county:upper",)
    sure = Gazetteer.from_files(*layers, boundary_error_km=0.1)
    assert sure.places.iloc[-1]["near_county_ids"] == ()


def test_points_of_a_spatial_file_are_a_list(tmp_path: Path) -> None:
    path = outlines(tmp_path / "p.gpkg", {"Ashwick": shapely.Point(0.9, 52.6)}, ID=["a7"])
    own = Gazetteer.from_files(Layer(path=path, name="NAME", id="ID"))
    assert own["settlement:own-1-a7"]["county_id"] == "county:norfolk"


def test_eastings_and_northings_are_read(towns: Path) -> None:
    towns.write_text("place,long,lat\nSwaffham,581800,308900\n")
    own = Gazetteer.from_files(listed(towns, crs="EPSG:27700"))
    assert own.places.iloc[-1]["lon"] == pytest.approx(0.686, abs=0.01)
    assert own.places.iloc[-1]["lat"] == pytest.approx(52.648, abs=0.01)


def test_an_invalid_outline_is_mended_and_says_so(tmp_path: Path) -> None:
    path = outlines(tmp_path / "a.geojson", {"Bow": BOW_TIE})
    own = Gazetteer.from_files(Layer(path=path, level="county", name="NAME"))
    assert own["county:bow"]["note"] == "The outline was invalid and is mended."
    assert own["county:bow"]["geometry"].is_valid
    assert own["county:bow"]["geometry"].area == pytest.approx(0.25)


def test_two_areas_of_one_name_are_told_apart_by_their_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    frame = gpd.GeoDataFrame(
        {"NAME": ["Same", "Same"], "CODE": ["E1", "E2"]}, geometry=[NORTH, SOUTH], crs="EPSG:4326"
    )
    frame.to_file(path, driver="GeoJSON")
    layer = Layer(path=path, level="county", name="NAME", code="CODE")
    assert list(Gazetteer.from_files(layer).places.index)[:2] == [
        "county:same-e1", "county:same-e2",
    ]  # fmt: skip
    (fault,) = faults_of(Layer(path=path, level="county", name="NAME"))
    assert "'Same' has appeared before" in fault


def test_every_fault_of_a_list_is_named_with_its_row(towns: Path) -> None:
    towns.write_text(
        "place,long,lat,people\n"
        "Ashwick,0.9,52.6,10\n"
        ",0.9,52.6,10\n"
        "Turned,52.6,0.9,10\n"
        "Nowhere,,52.6,10\n"
        "Many,0.9,52.6,lots\n"
        "Few,0.9,52.6,-3\n"
    )
    found = faults_of(listed(towns, population="people"))
    assert len(found) == 5
    for text, row in zip(found, (3, 4, 5, 6, 7), strict=True):
        assert text.startswith(f"row {row}")
    assert "no name" in found[0]
    assert "swapped" in found[1]
    assert "'lots' is no population" in found[3]


def test_every_fault_of_outlines_is_named(tmp_path: Path) -> None:
    shapes = {
        "Good": NORTH, "Point": shapely.Point(0, 52), "Away": shapely.box(10, 52, 11, 53),
        "Turned": shapely.box(52, -1, 53, 0), " ": SOUTH,
    }  # fmt: skip
    path = outlines(tmp_path / "a.geojson", shapes)
    found = faults_of(Layer(path=path, level="county", name="NAME"))
    assert [text.split(":")[0].split(",")[0] for text in found] == [
        "row 2", "row 3", "row 4", "row 5",
    ]  # fmt: skip
    assert "Point is no outline" in found[0]
    assert "outside the United Kingdom" in found[1]
    assert "swapped" in found[2]


def test_an_outline_that_is_missing_is_named(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"NAME": ["A", "B"]}, geometry=[NORTH, None], crs="EPSG:4326")
    frame.to_parquet(tmp_path / "a.parquet")
    (fault,) = faults_of(Layer(path=tmp_path / "a.parquet", level="county", name="NAME"))
    assert fault == "row 2: the area has no outline."


def test_columns_that_are_not_there_are_named_with_those_that_are(towns: Path) -> None:
    found = faults_of(listed(towns, population="pop", code="gss"))
    assert len(found) == 2
    assert "'gss'" in found[0] + found[1]
    assert "'people'" in found[0]


def test_ids_that_repeat_are_named(towns: Path) -> None:
    (fault,) = faults_of(
        Layer(path=_write(towns, "a,A\na,B\n"), name="name", id="id", lon="x", lat="y")
    )
    assert fault.startswith("row 3, column 'id'")


def _write(path: Path, rows: str) -> Path:
    lines = [f"{line},0.9,52.6" for line in rows.strip().splitlines()]
    path.write_text("\n".join(["id,name,x,y", *lines]))
    return path


def test_a_crs_that_is_lacking_must_be_said(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"NAME": ["A"]}, geometry=[NORTH])
    frame.to_parquet(tmp_path / "a.parquet")
    (fault,) = faults_of(Layer(path=tmp_path / "a.parquet", level="county", name="NAME"))
    assert "name it with crs" in fault
    own = Gazetteer.from_files(
        Layer(path=tmp_path / "a.parquet", level="county", name="NAME", crs="EPSG:4326")
    )
    assert "county:a" in own.places.index


def test_irish_grid_rows_are_found_out_by_their_nation(towns: Path) -> None:
    towns.write_text("place,long,lat,in\nBelfast,333800,374000,Northern Ireland\n")
    (fault,) = faults_of(listed(towns, crs="EPSG:27700", nation="in"))
    assert "EPSG:29902" in fault


@pytest.mark.parametrize(
    ("given", "says"),
    [({"level": "parish"}, "not 'parish'"), ({"level": "group"}, "not 'group'"),
     ({"lon": "x"}, "both lon and lat")],
)  # fmt: skip
def test_a_layer_that_cannot_be_is_refused(given: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Layer(path="a.csv", **given)


def test_a_table_needs_columns_of_coordinates_and_areas_need_outlines(towns: Path) -> None:
    assert "which columns are lon and lat" in faults_of(Layer(path=towns, name="place"))[0]
    assert "need outlines" in faults_of(Layer(path=towns, name="place", level="county"))[0]


def test_nothing_to_read_is_said(towns: Path, tmp_path: Path) -> None:
    towns.write_text("place,long,lat\n")
    assert "holds no places" in faults_of(listed(towns))[0]
    assert "at least one layer" in faults_of()[0]
    with pytest.raises(InputNotFoundError):
        Gazetteer.from_files(listed(tmp_path / "none.csv"))


def test_a_settlement_far_out_at_sea_is_kept_and_says_so(towns: Path) -> None:
    towns.write_text("place,long,lat\nDogger,2.3,55.0\n")
    own = Gazetteer.from_files(listed(towns))
    row = own.places.iloc[-1]
    assert row["county_id"] is None
    assert row["note"] == "Lies in none of the areas."


def test_own_forces_take_the_place_of_the_shipped(tmp_path: Path) -> None:
    half = shapely.box(-1, 51, 1.9, 52.6)
    path = outlines(tmp_path / "f.geojson", {"Norfolk": half})
    own = Gazetteer.from_files(Layer(path=path, level="force", name="NAME"))
    assert own["force:norfolk"]["source"] == "own-1"
    assert own["force:norfolk"]["geometry"].equals(half)
    assert own["force:suffolk"]["source"] == "forces"


def ring(path: Path, *corners: tuple[float, float], system: str = "EPSG:4326") -> Layer:
    polygon = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    feature = {"type": "Feature", "properties": {"NAME": "A"}, "geometry": polygon}
    crs = {"type": "name", "properties": {"name": system}}
    path.write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature] * 2})
    )
    return Layer(path=path, level="county", name="NAME")


def test_degrees_that_are_called_metres_are_found_out(tmp_path: Path) -> None:
    """Read as eastings and northings they lie in the sea off Scilly."""
    corners = [(-1, 52), (0, 52), (0, 53)]
    found = faults_of(ring(tmp_path / "a.geojson", *corners, system="EPSG:27700"))
    assert found[0] == (
        "row 1: the area lies outside the United Kingdom. "
        "These look like degrees: say crs='EPSG:4326'."
    )
    metres = [(4e5, 3e5), (5e5, 3e5), (5e5, 4e5)]
    found = faults_of(ring(tmp_path / "a.geojson", *metres))
    assert "These look like eastings and northings: say crs='EPSG:27700'." in found[0]
    (fault,) = faults_of(ring(tmp_path / "a.geojson", *metres, system="EPSG:27700"))
    assert fault.startswith("row 2, column 'NAME': 'A' has appeared before")


@pytest.mark.parametrize(
    ("corners", "says"),
    [
        ([(0, 51), (1, float("nan")), (0.5, 52)], "a coordinate that is no number"),
        ([(0, 51), (1, float("inf")), (0.5, 52)], "a coordinate that is no number"),
        ([(0, 51), (1, 51), (0.5, 51)], "encloses no area"),
        ([(0, 51), (0, 51), (0, 51)], "encloses no area"),
    ],
)
def test_an_outline_without_an_inside_is_named(
    tmp_path: Path, corners: list[tuple[float, float]], says: str
) -> None:
    found = faults_of(ring(tmp_path / "a.geojson", *corners))
    assert [text.split(":")[0] for text in found] == ["row 1", "row 2", "row 2, column 'NAME'"]
    assert says in found[0]


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_a_corner_that_is_no_number_is_named_in_every_format(tmp_path: Path, suffix: str) -> None:
    with np.errstate(invalid="ignore"):
        torn = shapely.Polygon([(0, 51), (1, np.nan), (0.5, 52)])
    path = outlines(tmp_path / f"a{suffix}", {"A": NORTH, "B": torn})
    (fault,) = faults_of(Layer(path=path, level="county", name="NAME"))
    assert fault.startswith("row 2: a corner of the outline has a coordinate that is no number.")


def test_a_system_that_leads_to_no_degrees_is_refused(tmp_path: Path) -> None:
    nowhere = 'LOCAL_CS["Mine",UNIT["metre",1]]'
    path = outlines(tmp_path / "a.geojson", {"A": NORTH})
    areas = Layer(path=path, level="county", name="NAME", crs=nowhere)
    assert "'Mine' cannot be turned into degrees" in faults_of(areas)[0]
    path = outlines(tmp_path / "p.geojson", {"A": shapely.Point(0, 52)})
    assert "cannot be turned" in faults_of(Layer(path=path, name="NAME", crs=nowhere))[0]
    wrong = Layer(path=path, level="county", name="NAME", crs="osgb")
    assert "'osgb' is no coordinate system" in faults_of(wrong)[0]


def test_rows_are_those_of_the_file(towns: Path) -> None:
    towns.write_text("place,long,lat\nAshwick,0.9,52.6\n\n\nOut,0.2,999\n")
    (fault,) = faults_of(listed(towns))
    assert fault.startswith("row 5, column 'long, lat'")
    towns.write_text("place,long,lat\n\nAshwick,0.9,52.6\n")
    assert "settlement:own-1-3" in Gazetteer.from_files(listed(towns)).places.index


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Nor\0wich", "U+0000"), ("Nor\u202ehciw", "U+202E"), ("Nor\u2067wich", "U+2067"),
        ("Nor\x07wich", "U+0007"), ("x" * 5000, "5,000 characters; at most 200"),
        ("12", "no letter"),
    ],
)  # fmt: skip
def test_a_name_that_nobody_could_read_is_named(
    tmp_path: Path, towns: Path, name: str, says: str
) -> None:
    towns.write_text(f"place,long,lat\nAshwick,0.9,52.6\n{name},0.9,52.6\n")
    (fault,) = faults_of(listed(towns))
    assert fault.startswith("row 3, column 'place'")
    assert says in fault
    path = outlines(tmp_path / "a.geojson", {"A": NORTH, name: SOUTH})
    path.write_text(path.read_text().replace('Nor"', json.dumps(name)[1:]))
    (fault,) = faults_of(Layer(path=path, level="county", name="NAME"))
    assert fault.startswith("row 2, column 'NAME'")


def test_ids_codes_and_other_names_must_be_readable(tmp_path: Path, towns: Path) -> None:
    towns.write_text("id,place,long,lat,also\na\0b,A,0.9,52.6,B;C\u202ed\n,B,0.9,52.6,\n")
    found = faults_of(listed(towns, id="id", others="also"))
    assert [text.split(":")[0] for text in found] == [
        "row 2, column 'also'", "row 2, column 'id'", "row 3, column 'id'",
    ]  # fmt: skip
    assert found[2] == "row 3, column 'id': the place has no id."
    path = outlines(tmp_path / "a.geojson", {"A": NORTH}, CODE=["E\u202e1"])
    (fault,) = faults_of(Layer(path=path, level="county", name="NAME", code="CODE"))
    assert fault.startswith("row 1, column 'CODE'")


@pytest.mark.parametrize(
    "text", ["12,5", "1,2345", "-3", "12 500", "inf", "0x10", "1e999", "1" * 400, "٣"]
)
def test_a_population_is_written_as_a_number(towns: Path, text: str) -> None:
    towns.write_text(f'place,long,lat,people\nA,0.9,52.6,"{text}"\n', encoding="utf-8")
    (fault,) = faults_of(listed(towns, population="people"))
    assert fault == (
        f"row 2, column 'people': {text!r} is no population. Write a number like 12500 or 12,500."
    )


@pytest.mark.parametrize(
    ("text", "people"),
    [("12500", 12500), (" 12,500 ", 12500), ("1,012,500.0", 1012500), ("1e+16", 1e16), ("0", -1)],
)
def test_a_population_may_have_commas_at_its_thousands(
    towns: Path, text: str, people: float
) -> None:
    towns.write_text(f'place,long,lat,people\nA,0.9,52.6,"{text}"\n')
    own = Gazetteer.from_files(listed(towns, population="people"))
    assert own.places["population_weight"].fillna(-1).iloc[-1] == people


def test_names_stay_as_they_are_written(towns: Path) -> None:
    text = "=cmd|' /C calc'!A0"
    pd.DataFrame({"place": [text], "long": ["0.9"], "lat": ["52.6"]}).to_csv(towns, index=False)
    own = Gazetteer.from_files(listed(towns))
    assert own.places.iloc[-1]["name"] == text
    assert np.isfinite(own.places.iloc[-1]["lon"])
