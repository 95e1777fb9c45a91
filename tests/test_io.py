"""Files from outside: what is registered of them, and what is refused."""

import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from linemap.errors import InputError, InputNotFoundError
from linemap.gazetteer import Gazetteer
from linemap.io import (
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


@pytest.mark.parametrize("name", ["a\0b.csv", "a" * 5000 + ".csv"])
def test_a_name_that_no_file_can_have_is_that_of_no_file(name: str) -> None:
    with pytest.raises(InputNotFoundError, match="There is no file"):
        read_rows(name)


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


# ── GeoJSON ──────────────────────────────────────────────────────────────────

POINT = {"type": "Point", "coordinates": [0.1, 51.4]}
MOVED = b"+proj=longlat +lon_0=1 +datum=WGS84 +no_defs"


class Listener(HTTPServer):
    """A server that remembers who asked, and answers with a place a degree to the east."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []

    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/system"


class Answer(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(MOVED)))
        self.end_headers()
        self.wfile.write(MOVED)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def feature(**members: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"name": "Ashwick"}, "geometry": POINT, **members}


def geojson(path: Path, *features: object, **members: object) -> Path:
    whole = {"type": "FeatureCollection", "features": features or [feature()], **members}
    path.write_text(json.dumps(whole))
    return path


def linked(kind: str, address: str) -> dict[str, object]:
    key = {"link": "href", "url": "url", "name": "name"}[kind]
    return {"type": kind, "properties": {key: address}}


@pytest.mark.parametrize("kind", ["link", "url", "name"])
def test_a_coordinate_system_elsewhere_is_refused_and_not_asked_for(
    tmp_path: Path, listener: Listener, kind: str
) -> None:
    path = geojson(tmp_path / "a.geojson", crs=linked(kind, listener.address()))
    with pytest.raises(InputError, match="coordinate system"):
        read_features(path)
    assert listener.asked == []


def test_a_plain_reader_would_have_asked_for_it(tmp_path: Path, listener: Listener) -> None:
    path = geojson(tmp_path / "a.geojson", crs=linked("link", listener.address()))
    frame = gpd.read_file(path)
    assert listener.asked == ["/system"]
    assert frame.to_crs("EPSG:4326").geometry.x.iloc[0] == pytest.approx(1.1)


@pytest.mark.parametrize(
    "change",
    [
        lambda link: feature(crs=link),
        lambda link: feature(geometry={**POINT, "crs": link}),
    ],
    ids=["feature", "geometry"],
)
def test_no_feature_has_a_coordinate_system_of_its_own(
    tmp_path: Path, listener: Listener, change: Callable[[object], object]
) -> None:
    link = linked("link", listener.address())
    path = geojson(tmp_path / "a.geojson", feature(), change(link))
    with pytest.raises(InputError, match="row 2: the feature has a coordinate system"):
        read_features(path)
    assert listener.asked == []


def test_a_member_that_stands_twice_is_refused(tmp_path: Path, listener: Listener) -> None:
    path = geojson(tmp_path / "a.geojson", crs=linked("name", "EPSG:4326"))
    again = json.dumps(linked("link", listener.address()))
    path.write_text(path.read_text().replace("{", f'{{"crs": {again}, ', 1))
    with pytest.raises(InputError, match="'crs' twice"):
        read_features(path)
    assert listener.asked == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326), ("urn:ogc:def:crs:OGC::CRS84", 4326),
        ("OGC:CRS84", 4326), ("EPSG:4326", 4326), ("urn:ogc:def:crs:EPSG::4326", 4326),
        ("EPSG:27700", 27700), ("urn:ogc:def:crs:EPSG:9.8:27700", 27700), ("epsg:29902", 29902),
    ],
)  # fmt: skip
def test_a_coordinate_system_is_known_by_its_plain_name(
    tmp_path: Path, name: str, code: int
) -> None:
    frame = read_features(geojson(tmp_path / "a.geojson", crs=linked("name", name)))
    assert frame.crs.to_epsg() == code
    assert frame.geometry.iloc[0].equals(shapely.Point(0.1, 51.4))


@pytest.mark.parametrize(
    "member",
    [
        linked("name", "EPSG:99999"), linked("name", "EPSG:4326+5773"), linked("name", "OSGB"),
        linked("name", "+proj=longlat +lon_0=1"), {"type": "name"}, {"type": "EPSG"}, "EPSG:4326",
        {}, [],
    ],
    ids=str,
)  # fmt: skip
def test_any_other_coordinate_system_is_refused(tmp_path: Path, member: object) -> None:
    with pytest.raises(InputError, match=r"a\.geojson says the coordinate system .*'crs'"):
        read_features(geojson(tmp_path / "a.geojson", crs=member))


def test_a_file_may_say_nothing_of_its_coordinate_system_or_leave_it_open(tmp_path: Path) -> None:
    assert read_features(geojson(tmp_path / "a.geojson")).crs.to_epsg() == 4326
    assert read_features(geojson(tmp_path / "a.geojson", crs=None)).crs is None


def test_properties_stay_as_they_are_written(tmp_path: Path) -> None:
    cells = {"name": "Nor\0wich", "day": "2024-05-01", "n": 3}
    path = geojson(
        tmp_path / "a.geojson",
        feature(id="a7", properties=cells),
        feature(properties=None, geometry=None),
    )
    frame = read_features(path)
    first = frame.iloc[0].drop("geometry").to_dict()
    assert first == {"id": "a7", **cells}
    assert frame.drop(columns="geometry").iloc[1].isna().all()
    assert frame.geometry.iloc[1] is None


def test_one_feature_alone_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(feature(crs=linked("name", "EPSG:27700"))))
    assert read_features(path).crs.to_epsg() == 27700


def test_every_feature_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    ring = [[0, 51], [1, 51, 7], [1, 52], [0, 51]]
    wrong = [
        feature(geometry={"type": "Polygon", "coordinates": [ring]}),
        feature(geometry={"type": "Polygon"}),
        feature(geometry="POINT (0 51)"),
        feature(properties="none"),
        feature(properties={"name": "Ash\ud800"}),
        feature(properties={"na\udfffme": "Ash"}),
        {"type": "Point"},
        "feature",
    ]
    path = geojson(tmp_path / "a.geojson", feature(), *wrong)
    with pytest.raises(InputError) as refused:
        read_features(path)
    assert [fault.row for fault in refused.value.faults] == list(range(2, 10))
    assert all(fault.hint for fault in refused.value.faults)


@pytest.mark.parametrize(
    "text",
    ['{"type": "Topology"}', '{"type": "FeatureCollection", "features": {}}', '{"a":' * 100_000],
    ids=["other", "no list", "deep"],
)
def test_what_is_no_feature_collection_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.geojson").write_text(text)
    with pytest.raises(InputError, match="cannot be read as GeoJSON"):
        read_features(tmp_path / "a.geojson")


# ── GeoPackage and GeoParquet ────────────────────────────────────────────────


def changed(path: Path, *commands: str, put: str = "") -> Path:
    """Change a GeoPackage by SQL, in which PUT stands for a text."""
    with closing(sqlite3.connect(path)) as base, base:
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            base.create_function(name, 1, lambda _: 0.0)
        base.create_function("ST_IsEmpty", 1, lambda _: 0)
        for command in commands:
            base.execute(command.replace("PUT", put))
    return path


def test_a_geopackage_is_read_as_gdal_reads_it(tmp_path: Path) -> None:
    shapes = [shapely.box(4e5, 3e5, 5e5, 4e5), None, shapely.Point(4e5, 3e5, 20), shapely.Polygon()]
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame(
        {"name": ["Box", "None", None, "Empty"], "n": [1, 2, 3, 4], "share": [0.5, 1, 2, 3]},
        geometry=shapes, crs="EPSG:27700",
    ).to_file(path, driver="GPKG")  # fmt: skip
    ours, theirs = read_features(path), gpd.read_file(path)
    assert ours.crs == theirs.crs
    assert shapely.equals_identical(
        ours.geometry.iloc[[0, 2]].to_numpy(), theirs.geometry.iloc[[0, 2]].to_numpy()
    ).all()
    assert ours.geometry.iloc[1] is None
    assert ours.geometry.iloc[3].is_empty
    for column in ("n", "share"):
        assert list(ours[column]) == list(theirs[column])
    assert list(ours["name"]) == ["Box", "None", None, "Empty"]


def test_a_text_in_a_geopackage_is_not_cut(tmp_path: Path) -> None:
    cut = "UPDATE a SET name = name || char(0) || 'by'"
    path = changed(one_point(tmp_path / "a.gpkg", "Ash"), cut)
    assert list(read_features(path)["name"]) == ["Ash\0by"]


def test_a_layer_without_geometry_is_no_layer(tmp_path: Path) -> None:
    path = changed(
        one_point(tmp_path / "a.gpkg"),
        "CREATE TABLE t (fid INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        "VALUES ('t', 'attributes', 't')",
    )
    assert list(read_features(path)["name"]) == ["secret"]
    for layer in ("t", "other"):
        with pytest.raises(InputError, match=f"no layer '{layer}' with geometry.*'a'"):
            read_features(path, layer=layer)


def test_a_geopackage_runs_nothing_and_asks_nobody(tmp_path: Path, listener: Listener) -> None:
    path = changed(
        one_point(tmp_path / "a.gpkg"),
        "CREATE VIEW w AS SELECT fid, geom, ogr_layer_FeatureCount('/vsicurl/PUT') AS name FROM a",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        "VALUES ('w', 'features', 'w', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('w', 'geom', 'POINT', 4326, 0, 0)",
        put=listener.address(),
    )
    with pytest.raises(InputError, match="no such function"):
        read_features(path, layer="w")
    assert listener.asked == []


def test_an_unknown_coordinate_system_of_a_geopackage_is_refused(
    tmp_path: Path, listener: Listener
) -> None:
    path = changed(
        one_point(tmp_path / "a.gpkg"),
        "UPDATE gpkg_spatial_ref_sys SET organization = 'NONE', definition = 'PUT' "
        "WHERE srs_id = 4326",
        put=listener.address(),
    )
    with pytest.raises(InputError, match="coordinate system 4326, which is not known"):
        read_features(path)
    assert listener.asked == []
    changed(path, "UPDATE gpkg_geometry_columns SET srs_id = 99")
    with pytest.raises(InputError, match="coordinate system 99, which is not known"):
        read_features(path)
    changed(path, "UPDATE gpkg_geometry_columns SET srs_id = -1")
    assert read_features(path).crs is None


def test_a_written_coordinate_system_of_a_geopackage_is_read(tmp_path: Path) -> None:
    path = one_point(tmp_path / "a.gpkg")
    changed(path, "UPDATE gpkg_spatial_ref_sys SET organization = 'own' WHERE srs_id = 4326")
    assert read_features(path).crs.to_epsg() == 4326


@pytest.mark.parametrize(
    "blob", ["x'00'", "'text'", "x'475000FF00000000'", "x'47500001E610000001'"]
)
def test_a_geometry_that_is_none_is_named_by_its_row(tmp_path: Path, blob: str) -> None:
    path = one_point(tmp_path / "a.gpkg")
    changed(path, "INSERT INTO a (name, geom) VALUES ('b', PUT)", put=blob)
    with pytest.raises(InputError) as refused:
        read_features(path)
    assert [fault.row for fault in refused.value.faults] == [2]


def test_a_geopackage_whose_index_lies_is_refused(tmp_path: Path) -> None:
    path = changed(
        one_point(tmp_path / "a.gpkg"), "UPDATE gpkg_geometry_columns SET column_name = 'shape'"
    )
    with pytest.raises(InputError, match="no column 'shape'"):
        read_features(path)


def test_a_damaged_geopackage_is_an_input_error(tmp_path: Path) -> None:
    path = one_point(tmp_path / "a.gpkg")
    whole = path.read_bytes()
    for damaged in (whole[:5000], whole.replace(b'CREATE TABLE "a"', b'CREATE \xffABLE "a"')):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="cannot be read as GPKG"):
            read_features(path)


def test_a_parquet_file_without_outlines_is_an_input_error(tmp_path: Path) -> None:
    pd.DataFrame({"name": ["a"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_features(tmp_path / "a.parquet")


def test_the_index_of_a_geoparquet_file_numbers_no_rows(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=[shapely.Point(0, 52)] * 2, crs="EPSG:4326"
    )
    frame.set_axis([7, 9], axis=0).to_parquet(tmp_path / "a.parquet")
    assert list(read_features(tmp_path / "a.parquet").index) == [0, 1]
    named = frame.set_axis(pd.Index(["E1", "E2"], name="code"), axis=0)
    named.to_parquet(tmp_path / "a.parquet")
    assert list(read_features(tmp_path / "a.parquet")["code"]) == ["E1", "E2"]


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.parquet", "a.csv", "a.txt"])
def test_a_folder_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    pd.DataFrame({"name": ["a"]}).to_parquet(tmp_path / name / "part.parquet")
    for read in (read_features, read_rows, format_of):
        with pytest.raises(InputError, match=f"{name} is a folder"):
            read(tmp_path / name)


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


def test_blank_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('name,n\n"A\nB",1\n\n,\n , \nC,2\n\n')
    assert read_rows(path)["name"].to_dict() == {0: "A\nB", 4: "C"}


def test_a_short_row_lacks_nothing_but_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,n\nA\n")
    assert read_rows(path).to_dict("list") == {"name": ["A"], "n": [""]}


def test_long_rows_are_named_by_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,n\nA,1\n\nB,2,3\nC,3\nD,4,5,6\n")
    with pytest.raises(InputError) as refused:
        read_rows(path)
    assert [(fault.row, fault.problem) for fault in refused.value.faults] == [
        (4, "the row has 3 cells under 2 headings."),
        (6, "the row has 4 cells under 2 headings."),
    ]


def test_an_open_quotation_mark_is_named_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('name,n\nA,1\n"B,2\nC,3\n')
    with pytest.raises(InputError) as refused:
        read_rows(path)
    assert [fault.row for fault in refused.value.faults] == [3]


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lon,,\nA,0.1,0.9,,\n")
    with pytest.raises(InputError) as refused:
        read_rows(path)
    (fault,) = refused.value.faults
    assert (fault.row, fault.column) == (1, "lon")
    table = pa.table([pa.array(["0.1"]), pa.array(["0.9"])], names=["lon", "lon"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="column 'lon': the heading stands twice"):
        read_rows(tmp_path / "a.parquet")


@pytest.mark.parametrize("text", ["", "\nname,n\nA,1\n", ",\nA,1\n"])
def test_a_table_without_headings_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=r"a\.csv has no headings"):
        read_rows(tmp_path / "a.csv")


def test_a_table_called_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_text("name,n\nA,1\n")
    with pytest.raises(InputError, match="called a Parquet file, but is none"):
        read_rows(path)
    path.write_bytes(b"PAR1 and no more PAR1")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_rows(path)


def test_the_folders_around_a_parquet_file_add_no_column(tmp_path: Path) -> None:
    (tmp_path / "year=2018").mkdir()
    path = tmp_path / "year=2018" / "a.parquet"
    pd.DataFrame({"name": ["A", "B"], "n": [1, None]}).astype({"n": "Int64"}).to_parquet(path)
    assert read_rows(path).to_dict("list") == {"name": ["A", "B"], "n": ["1", ""]}


def test_nothing_is_read_through_gdal(root: Path) -> None:
    """It follows links in files; a new reader of it needs a guard first."""
    reader = re.compile(
        r"(gpd|geopandas)\.(read_file|list_layers)|pyogrio\.(raw\.)?(read|list|open)"
    )
    assert reader.search(Path(__file__).read_text(encoding="utf-8"))
    readers = [
        path.name
        for path in (root / "src").rglob("*.py")
        if reader.search(path.read_text(encoding="utf-8"))
    ]
    assert readers == []
