import io
import sqlite3
from contextlib import closing

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import pytest
from geopandas.testing import assert_geoseries_equal

from linemap.errors import OutputError
from linemap.release.writers import geoparquet_bytes, write_geopackage


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
    assert pyogrio.list_layers(path)[:, 0].tolist() == list(layers)
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
