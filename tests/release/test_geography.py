import io
import json
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from xml.etree import ElementTree as Xml

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geoseries_equal

from linemap.errors import OutputError
from linemap.release.spatial import geojson_bytes, geoparquet_bytes, write_geopackage


def test_flows_come_back_from_geoparquet_with_their_geometry_and_stamp(release):
    data = geoparquet_bytes(release.flows, "the stamp")
    got = gpd.read_parquet(io.BytesIO(data))
    flows = release.flows.reset_index(drop=True)
    assert list(got.columns) == [*[c for c in flows.columns if c != "geometry"], "geometry"]
    assert_geoseries_equal(got.geometry, flows.geometry)
    assert got["flow_id"].tolist() == flows["flow_id"].tolist()
    assert got["distance_km"].tolist() == pytest.approx(flows["distance_km"].tolist(), nan_ok=True)
    assert pq.read_schema(io.BytesIO(data)).metadata[b"linemap"] == b"the stamp"
    assert got.crs == "EPSG:4326"


def test_flows_and_places_come_back_from_the_geopackage(release, tmp_path):
    path = tmp_path / "flows.gpkg"
    layers = write_geopackage(release, path, "the stamp")
    assert pyogrio.list_layers(path)[:, 0].tolist() == [*layers, "layer_styles"]
    flows = gpd.read_file(path, layer="flows")
    assert_geoseries_equal(flows.geometry, release.flows.geometry.reset_index(drop=True))
    assert flows["flow_id"].tolist() == release.flows["flow_id"].tolist()
    counts = [None if value != value else value for value in flows["count"].astype(object)]
    assert (
        counts
        == release.flows["count"]
        .astype(object)
        .where(release.flows["count"].notna(), None)
        .tolist()
    )
    places = {name for layer in ("areas", "points") if layer in layers
              for name in gpd.read_file(path, layer=layer)["place_id"]}  # fmt: skip
    assert places == set(release.places.index)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT description, last_change FROM gpkg_contents").fetchall()
    assert set(rows) == {("the stamp", "2000-01-01T00:00:00.000Z")}


def test_both_are_the_same_bytes_each_time(release, tmp_path):
    one, two = tmp_path / "one.gpkg", tmp_path / "two.gpkg"
    write_geopackage(release, one, "s")
    write_geopackage(release, two, "s")
    assert one.read_bytes() == two.read_bytes()
    assert geoparquet_bytes(release.flows, "s") == geoparquet_bytes(release.flows, "s")


def test_the_clock_is_given_back(release, tmp_path):
    write_geopackage(release, tmp_path / "a.gpkg", "s")
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_a_geopackage_that_was_not_written_whole_is_refused(statements, tmp_path, monkeypatch):
    real = pyogrio.write_dataframe

    def short(frame, path, **options):
        real(frame.iloc[:-1], path, **options)

    monkeypatch.setattr(pyogrio, "write_dataframe", short)
    with pytest.raises(OutputError, match="could not be written whole"):
        write_geopackage(statements, tmp_path / "a.gpkg", "s")


def styles_of(path):
    """Read the styles as QGIS asks for them: by an empty schema, the layer, its geometry."""
    with closing(sqlite3.connect(path)) as connection:
        kind = "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        assert connection.execute(kind).fetchall() == [("attributes",)]
        asked = (
            "SELECT s.f_table_name, s.styleQML, s.useAsDefault FROM layer_styles AS s "
            "JOIN gpkg_geometry_columns AS g ON g.table_name = s.f_table_name "
            "AND g.column_name = s.f_geometry_column "
            "WHERE s.f_table_schema = '' AND s.f_table_catalog = ''"
        )
        return {
            name: (Xml.fromstring(text), used)  # noqa: S314 - our own
            for name, text, used in connection.execute(asked)
        }


def test_the_table_of_styles_is_the_one_that_qgis_makes(release, tmp_path):
    write_geopackage(release, tmp_path / "flows.gpkg", "s")
    with closing(sqlite3.connect(tmp_path / "flows.gpkg")) as connection:
        found = connection.execute("PRAGMA table_info(layer_styles)").fetchall()
    # https://github.com/pka/qgpkg: the columns, and what kind of value each holds
    text = (
        "f_table_catalog",
        "f_table_schema",
        "f_table_name",
        "f_geometry_column",
        "styleName",
        "styleQML",
        "styleSLD",
        "description",
        "owner",
        "ui",
    )
    wanted = {"id": "INTEGER", "useAsDefault": "BOOLEAN", "update_time": "DATETIME"}
    assert {name: kind for _, name, kind, *_ in found} == wanted | dict.fromkeys(text, "TEXT")
    assert [name for _, name, *_, key in found if key] == ["id"]


def test_every_layer_opens_styled_in_qgis(release, tmp_path):
    path = tmp_path / "flows.gpkg"
    layers = write_geopackage(release, path, "s")
    styles = styles_of(path)
    assert set(styles) == set(layers)
    assert {used for _, used in styles.values()} == {1}
    lines = styles["flows"][0].find("renderer-v2")
    drawn = release.flows.dropna(subset="geometry")
    assert lines.get("attr") == "measure"
    told = {one.get("value"): one.get("symbol") for one in lines.find("categories")}
    assert set(told) == set(drawn["measure"])
    symbols = {one.get("name"): one for one in lines.find("symbols")}
    assert set(told.values()) == set(symbols)
    (widths,) = {
        one.get("value")
        for symbol in symbols.values()
        for option in symbol.iter("Option")
        if option.get("name") == "outlineWidth"
        for one in option
        if one.get("name") == "expression"
    }  # one scale for every measure, so that a thick line is a large number
    most = drawn["count"].max()
    assert f'"count" / {most}' in widths
    assert '"count" is null' in widths


def test_a_measure_of_any_words_stays_text_in_a_style(statements, tmp_path):
    hostile = """a"b' or 1=1 <script>alert(1)</script> [% @x %] ]]>"""
    flows = statements.flows.copy()
    flows["measure"] = hostile
    named = SimpleNamespace(flows=flows, places=statements.places)
    write_geopackage(named, tmp_path / "a.gpkg", "s")
    (category,) = styles_of(tmp_path / "a.gpkg")["flows"][0].find("renderer-v2/categories")
    assert category.get("value") == hostile


def test_flows_come_back_from_geojson_with_null_geometries(release, tmp_path):
    data = geojson_bytes(release.flows, "the stamp")
    whole = json.loads(data)
    assert whole["type"] == "FeatureCollection"
    assert whole["basis"] == "the stamp"
    told = [one["properties"] for one in whole["features"]]
    assert [one["flow_id"] for one in told] == release.flows["flow_id"].tolist()
    assert {one["basis"] for one in told} == {"the stamp"}
    counts = release.flows["count"].astype(object)
    assert [one["count"] for one in told] == counts.where(counts.notna(), None).tolist()
    path = tmp_path / "flows.geojson"
    path.write_bytes(data)
    got = gpd.read_file(path)
    shapes = release.flows.geometry.reset_index(drop=True)
    assert got.geometry.isna().tolist() == shapes.isna().tolist()
    assert got.crs == "EPSG:4326"
    apart = shapely.hausdorff_distance(got.geometry.dropna().values, shapes.dropna().values)
    assert (apart < 2e-6).all()
