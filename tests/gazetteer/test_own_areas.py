"""The users' own areas: their parents, what they replace, and the command that joins them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from linemap.cli import app
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer, Layer, parse_layer

UK = Gazetteer.load()
THANET = UK.places.geometry["district:thanet"]
WEST, SOUTH, EAST, NORTH = THANET.bounds
HALF = THANET.intersection(shapely.box(WEST, SOUTH, (WEST + EAST) / 2, NORTH))
FORCE = ("force:kent", "region:south-east", "nation:england")
PARENTS = ["force_id", "region_id", "nation_id"]


def frame(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    codes = [f"X{i}" for i in range(len(shapes))]
    return gpd.GeoDataFrame(
        {"name": list(shapes), "code": codes}, geometry=list(shapes.values()), crs="EPSG:4326"
    )


@pytest.mark.filterwarnings("ignore:These layers stand in the stead")
@pytest.mark.parametrize("level", ["district", "county", "borough"])
def test_an_own_area_has_a_force_a_region_and_a_nation(level: str) -> None:
    own = Gazetteer.from_files(Layer(path=frame(Half=HALF), level=level, vintage="2024-05"))
    assert own[f"{level}:half"]["vintage"] == "2024-05"
    row = own[f"{level}:half"]
    assert tuple(row[PARENTS]) == FORCE
    assert row["county_id"] == ("county:kent" if level == "district" else None)
    for place in FORCE:
        assert place in own.places.index
    if level == "county":
        assert own.members("force:kent") == ("county:half",)
        assert own.parent_at(["county:half"], "force").tolist() == ["force:kent"]


@pytest.mark.filterwarnings("ignore:These layers stand in the stead")
def test_an_own_area_across_a_boundary_has_no_side() -> None:
    kent, essex = (UK.places.geometry[f"county:{name}"] for name in ("kent", "essex"))
    own = Gazetteer.from_files(Layer(path=frame(Both=kent.union(essex)), level="county"))
    assert own["county:both"]["force_id"] is None
    assert own["county:both"]["region_id"] is None
    assert own["county:both"]["nation_id"] == "nation:england"


def test_what_is_left_out_is_said() -> None:
    with pytest.warns(UserWarning, match=r"164 of level district\. To have both, merge"):
        Gazetteer.from_files(Layer(path=frame(Half=HALF), level="district"))
    with pytest.warns(UserWarning, match=r"185 of level county"):
        Gazetteer.from_files(Layer(path=frame(Half=HALF), level="county"))


@pytest.mark.filterwarnings("ignore:These layers stand in the stead")
def test_an_area_with_the_code_of_a_shipped_one_has_its_id() -> None:
    given = frame(**{"Thanet District": THANET}).assign(code="E07000114")
    own = Gazetteer.from_files(Layer(path=given, level="district", code="code"))
    assert own["district:thanet"]["name"] == "Thanet District"


def test_whole_numbers_of_a_spreadsheet_are_codes_and_points_have_codes_too(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": ["A", "B"], "code": [66.0, 7.0], "x": [0.9] * 2, "y": [52.6] * 2})
    path = tmp_path / "a.csv"
    table.to_csv(path, index=False)
    assert "66.0" in path.read_text()
    for source in (path, table):
        own = Gazetteer.from_files(
            Layer(path=source, name="name", code="code", id="code", lon="x", lat="y")
        )
        assert list(own.places["gss_code"].tail(2)) == ["66", "7"]
        assert list(own.places.index[-2:]) == ["settlement:own-1-66", "settlement:own-1-7"]
        assert own.places["district_id"].iloc[-1] == "district:breckland"
        assert own.sources["rows"].iloc[-1] == 2


def test_what_was_meant_is_said() -> None:
    with pytest.raises(InputError, match=r"'a\.gpkg' is no layer.*Layer\(path="):
        Gazetteer.from_files("a.gpkg")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(InputError, match=r"holds outlines.*level='district'"):
        Gazetteer.from_files(Layer(path=frame(Half=HALF)))
    with pytest.raises(InputError, match="key of level, name"):
        parse_layer("a.gpkg,levle=district")


def test_a_gazetteer_is_built_in_one_command(tmp_path: Path) -> None:
    frame(Half=HALF, Rest=THANET.difference(HALF)).to_file(tmp_path / "d.gpkg")
    towns = tmp_path / "towns.csv"
    towns.write_text("place,long,lat\nAshwick Parva,0.9,52.6\n", encoding="utf-8")
    out = tmp_path / "mine.parquet"
    answer = CliRunner().invoke(
        app,
        ["gazetteer", "build", "--layer", f"{tmp_path / 'd.gpkg'},level=district,code=code",
         "--layer", f"{towns},name=place,lon=long,lat=lat", "--out", str(out)],
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert "164 of level district" in answer.output
    made = Gazetteer.load(out)
    inside = made.places[made.places["district_id"].isin(["district:half", "district:rest"])]
    assert {"Margate", "Ramsgate", "Broadstairs"} <= set(inside["name"])
    assert "Ashwick Parva" in set(made.places["name"])
    margate = made.places[made.places["name"] == "Margate"].iloc[0]
    assert tuple(margate[PARENTS]) == FORCE
    assert len(made.places) > 6_000


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    run = CliRunner().invoke
    out = str(tmp_path / "a.parquet")
    assert "Give --layer" in run(app, ["gazetteer", "build", "--out", out]).output
    answer = run(app, ["gazetteer", "build", "--geonames", "GB.txt", "--out", "a.csv"])
    assert "a.parquet" in answer.output
    assert list(tmp_path.iterdir()) == []
