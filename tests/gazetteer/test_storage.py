"""Stations, postcode districts, and gazetteers that are saved and loaded again."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from linemap.errors import InputError, OutputError
from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.schema import PLACES_CONTRACT

UK = Gazetteer.load()
ALL = Gazetteer.load(stations=True, postcode_districts=True)
STATIONS = ALL.places[ALL.places["level"] == "station"]
POSTCODES = ALL.places[ALL.places["level"] == "postcode district"]


# ── Stations ─────────────────────────────────────────────────────────────────


def test_stations_come_only_when_asked_and_with_their_notice() -> None:
    assert "station" not in set(UK.places["level"])
    assert not any("Open Database" in line for line in UK.attributions)
    assert len(STATIONS) > 2_500
    assert any("Open Database Licence" in line for line in ALL.attributions)
    assert ALL.sources.set_index("id").loc["stations", "licence"] == "ODbL 1.0"
    assert PLACES_CONTRACT.broken(ALL.places) == []


@pytest.mark.parametrize(
    ("code", "name", "area"),
    [
        ("gtw", "Gatwick Airport", "district:crawley"), ("cmr", "Cromer", "district:north-norfolk"),
        ("mog", "Moorgate", "borough:city-of-london"), ("pth", "Perth", "county:perth-and-kinross"),
        ("ptc", "Portchester", "district:fareham"), ("nrw", "Norwich", "district:norwich"),
    ],
)  # fmt: skip
def test_a_station_lies_in_its_council(code: str, name: str, area: str) -> None:
    row = STATIONS.loc[f"station:{code}"]
    assert row["name"] == name
    near = (row["near_county_ids"], row["borough_id"], row["district_id"], row["county_id"])
    assert area in near[1:] or area in near[0]
    assert row["force_id"] is not None


def test_a_station_never_takes_the_name_of_a_town() -> None:
    found = geocode(pd.Series(["Norwich", "Norwich station", "Portchester"]), gazetteer=ALL)
    assert list(found["level"])[:2] == ["settlement", "station"]
    assert found["place_id"].iloc[2] == "station:ptc"  # no town of the name is listed


# ── Postcode districts ───────────────────────────────────────────────────────


def test_postcode_districts_are_great_britains() -> None:
    assert len(POSTCODES) == 2_997
    assert not POSTCODES["name"].str.startswith("BT").any()
    assert POSTCODES["name"].str.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?|NPT").all()
    assert POSTCODES.geometry.geom_type.eq("Polygon").all()
    assert POSTCODES["force_id"].notna().mean() > 0.85


@pytest.mark.parametrize(
    ("name", "county", "force"),
    [
        ("HP17", "county:buckinghamshire", "force:thames-valley"),
        ("CT9", "county:kent", "force:kent"), ("PE37", "county:norfolk", "force:norfolk"),
        ("TD15", None, None), ("E8", None, "force:metropolitan"),
    ],
)  # fmt: skip
def test_a_parent_is_given_where_the_district_lies_wholly_in_it(
    name: str, county: str | None, force: str | None
) -> None:
    row = POSTCODES.loc[f"postcode:{name.lower()}"]
    assert (row["county_id"], row["force_id"]) == (county, force)
    if name == "TD15":  # Berwick and what lies across the border
        assert {"county:northumberland", "county:scottish-borders"} <= set(row["near_county_ids"])


def test_a_postcode_district_is_an_area_and_not_a_point() -> None:
    lon, _, weight = ALL.sample("postcode:pe37")
    assert len(lon) > 100
    assert weight.sum() == pytest.approx(1)
    swaffham = UK.places[UK.places["name"] == "Swaffham"].iloc[0]
    assert POSTCODES.geometry["postcode:pe37"].contains(
        shapely.Point(swaffham["lon"], swaffham["lat"])
    )


def test_the_middle_of_a_postcode_district_is_no_postcodes_point() -> None:
    for axis in ("lon", "lat"):
        assert POSTCODES[axis].sub(POSTCODES[axis].round(3)).abs().max() < 1e-9


# ── Saved ────────────────────────────────────────────────────────────────────


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    path = ALL.save(tmp_path / "mine.parquet")
    again = Gazetteer.load(path)
    kept = ALL.places[ALL.places["level"] != "station"]
    assert_frame_equal(
        pd.DataFrame(kept.drop(columns="geometry")),
        pd.DataFrame(again.places.drop(columns="geometry")),
    )
    assert kept.geometry.geom_equals_exact(again.places.geometry, 0).all()
    assert set(again.aliases["place_id"]) <= set(again.places.index)
    assert "stations" not in set(again.sources["id"])
    assert not any("Open Database" in line for line in again.attributions)
    assert path.read_bytes() == again.save(tmp_path / "again.parquet").read_bytes()
    assert len(Gazetteer.load(path, stations=True).places) == len(ALL.places)


def test_a_saved_gazetteer_opens_in_a_gis(tmp_path: Path) -> None:
    path = Gazetteer.toy().save(tmp_path / "toy.parquet")
    frame = gpd.read_parquet(path)
    assert frame.crs.to_epsg() in (4326, None) or frame.crs == "OGC:CRS84"
    assert len(frame) == len(Gazetteer.toy().places)


def test_a_file_that_is_no_gazetteer_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("name\nA\n")
    (tmp_path / "b.parquet").write_text("nothing of the kind")
    for name in ("a.parquet", "a.csv"):
        with pytest.raises(InputError, match="linemap gazetteer build"):
            Gazetteer.load(tmp_path / name)
    with pytest.raises(InputError, match="called a Parquet file, but is none"):
        Gazetteer.load(tmp_path / "b.parquet")


def test_an_old_file_stays_where_a_new_one_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        Gazetteer.toy().save(tmp_path / "none" / "a.parquet")
    assert list(tmp_path.iterdir()) == []


def test_further_places_leave_the_shipped_areas_as_they_are() -> None:
    assert UK.has_shipped_areas
    assert ALL.has_shipped_areas
    assert not Gazetteer.toy().has_shipped_areas
    moved = UK.places.copy()
    moved.loc["county:norfolk", "source"] = "own-1"
    assert not Gazetteer(moved, UK.aliases, UK.sources).has_shipped_areas


def test_it_says_in_a_line_what_it_holds() -> None:
    assert len(repr(ALL)) < 250
    assert repr(Gazetteer.toy()).startswith("<Gazetteer of 15 places: 5 settlement")
    assert "<table>" in UK._repr_html_()
    assert (
        "<script"
        not in Gazetteer(
            UK.places, UK.aliases, UK.sources.assign(attribution="<script>")
        )._repr_html_()
    )
