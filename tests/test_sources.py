"""Files from outside: what is registered of them, and what is refused."""

import hashlib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from linemap.errors import InputError, InputNotFoundError
from linemap.gazetteer import Gazetteer
from linemap.sources import (
    SOURCE_COLUMNS,
    attributions,
    combine,
    fingerprint,
    format_of,
    read_features,
    read_rows,
    register,
)

SHIPPED = Gazetteer.load().sources
VRT = """<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{path}</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""


def one_point(path: Path, name: str = "secret") -> Path:
    frame = gpd.GeoDataFrame({"name": [name]}, geometry=[shapely.Point(0, 52)], crs="EPSG:4326")
    frame.to_file(path, driver="GPKG" if path.suffix == ".gpkg" else "GeoJSON")
    return path


@pytest.mark.parametrize("row", SHIPPED.to_dict("records"), ids=SHIPPED["id"])
def test_every_shipped_source_says_what_it_is_and_whom_to_name(row: dict[str, object]) -> None:
    assert tuple(row) == SOURCE_COLUMNS
    assert len(bytes.fromhex(str(row["sha256"]))) == 32
    assert int(str(row["rows"])) > 0
    assert row["licence"] in {"CC BY 4.0", "Public domain", "OGL v3", "MIT"}
    assert row["attribution"]
    assert "/" not in str(row["path"])
    if row["licence"] in {"CC BY 4.0", "OGL v3"}:
        assert str(row["url"]).startswith("https://")


def test_each_place_comes_from_a_registered_source() -> None:
    assert set(Gazetteer.load().places["source"]) <= set(SHIPPED["id"])
    assert set(Gazetteer.load().aliases["source"]) <= set(SHIPPED["id"])


def test_a_fingerprint_is_the_sha_256_of_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"name\nAshwick\n")
    assert fingerprint(file) == hashlib.sha256(b"name\nAshwick\n").hexdigest()


def test_a_folders_fingerprint_changes_with_a_byte_and_with_a_name(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.csv").write_text("1")
    before = fingerprint(tmp_path / "a")
    assert fingerprint(tmp_path / "a") == before
    (tmp_path / "a" / "one.csv").rename(tmp_path / "a" / "two.csv")
    renamed = fingerprint(tmp_path / "a")
    (tmp_path / "a" / "two.csv").write_text("2")
    assert len({before, renamed, fingerprint(tmp_path / "a")}) == 3


def test_a_registered_source_tells_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("name\n")
    row = register("own", file, rows=0, title="Our list").iloc[0]
    assert row["path"] == "own.csv"
    assert row["attribution"] == "Our list"
    assert str(tmp_path) not in " ".join(map(str, row))


def test_a_source_that_is_registered_twice_stands_once(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("name\n")
    row = register("own", file, rows=0)
    both = combine([SHIPPED, row, row])
    assert list(both["id"]) == [*SHIPPED["id"], "own"]
    assert attributions(both)[-1] == "own"
    assert len(set(attributions(both))) == len(attributions(both))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match=r"nothing\.csv"):
        format_of(tmp_path / "nothing.csv")


def test_other_formats_are_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "places.shp"
    file.write_bytes(b"")
    with pytest.raises(InputError, match=r"places\.shp.*\.geojson"):
        format_of(file)


@pytest.mark.parametrize("name", ["x.geojson", "x.json", "x.gpkg", "x.parquet"])
def test_a_disguised_description_leads_nowhere(tmp_path: Path, name: str) -> None:
    secret = one_point(tmp_path / "secret.geojson")
    disguise = tmp_path / name
    disguise.write_text(VRT.format(path=secret))
    with pytest.raises(InputError, match="is called"):
        read_features(disguise)


def test_the_disguise_would_have_worked_on_a_plain_reader(tmp_path: Path) -> None:
    """The refusal above guards against something real."""
    secret = one_point(tmp_path / "secret.geojson")
    disguise = tmp_path / "x.geojson"
    disguise.write_text(VRT.format(path=secret))
    frame = gpd.read_file(disguise, layer="x") if _reads(disguise) else None
    assert frame is None or list(frame["name"]) == ["secret"]


def _reads(path: Path) -> bool:
    try:
        gpd.read_file(path)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg"])
def test_what_a_file_says_is_read(tmp_path: Path, name: str) -> None:
    frame = read_features(one_point(tmp_path / name, "Ashwick"))
    assert list(frame["name"]) == ["Ashwick"]
    assert frame.geometry.iloc[0].equals(shapely.Point(0, 52))


def test_a_geopackage_of_several_layers_needs_a_choice(tmp_path: Path) -> None:
    path = one_point(tmp_path / "a.gpkg")
    frame = gpd.GeoDataFrame({"name": ["b"]}, geometry=[shapely.Point(1, 52)], crs="EPSG:4326")
    frame.to_file(path, layer="second", driver="GPKG")
    with pytest.raises(InputError, match="2 layers: name one of 'a', 'second'"):
        read_features(path)
    assert list(read_features(path, layer="second")["name"]) == ["b"]


def test_a_broken_file_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureColl')
    with pytest.raises(InputError, match=r"a\.geojson cannot be read as GeoJSON"):
        read_features(path)


def test_cells_are_text_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,code\nNA,00123\nNone,\n", encoding="utf-8-sig")
    rows = read_rows(path)
    assert rows.to_dict("list") == {"name": ["NA", "None"], "code": ["00123", ""]}


def test_a_table_in_parquet_reads_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"name": ["Ashwick", None], "n": [1, 2]}).to_parquet(path)
    assert read_rows(path).to_dict("list") == {"name": ["Ashwick", ""], "n": ["1", "2"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_usual_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name,people\nYnys Môn,1\n".encode(encoding))
    assert read_rows(path).to_dict("list") == {"name": ["Ynys Môn"], "people": ["1"]}


def test_a_wrong_encoding_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name\nYnys Môn\n".encode("cp1252"))
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_rows(path, encoding="utf-8")


def test_a_row_longer_than_the_headings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,code\nAshwick,1,\n")
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_rows(path)


def test_a_semicolon_is_seen_in_the_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name;people\nAshwick;1,5\n")
    assert read_rows(path).to_dict("list") == {"name": ["Ashwick"], "people": ["1,5"]}


def test_rows_can_be_chosen_while_reading_and_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,in\nA,GB\nB,FR\nC,GB\n")
    kept = read_rows(path, keep=lambda piece: piece["in"].eq("GB"))
    assert kept["name"].to_dict() == {0: "A", 2: "C"}
