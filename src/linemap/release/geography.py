"""Write flows and places as GeoParquet and GeoPackage, the same bytes each time."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from linemap import schema
from linemap.disclosure import Release
from linemap.errors import OutputError
from linemap.release.tables import FLOWS, typed

AREAS: Final = "areas"
POINTS: Final = "points"
_NULLABLE: Final = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
_NO_CLOCK: Final = "2000-01-01T00:00:00.000Z"


def geoparquet_bytes(flows: gpd.GeoDataFrame, stamp: str) -> bytes:
    """Write a frame as GeoParquet 1.1: geometry as WKB, longitude first, the stamp as metadata."""
    table = typed(flows)
    shapes = flows.geometry
    wkb = pa.array(list(shapes.to_wkb()), pa.binary())
    table = table.append_column(schema.GEOMETRY, wkb)
    kinds = sorted({str(kind) for kind in shapes.geom_type.dropna().unique()})
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": shapes.crs.to_json_dict()}
    if kinds:
        column["bbox"] = [float(edge) for edge in shapes.total_bounds]
    geo = {
        "version": "1.1.0",
        "primary_column": schema.GEOMETRY,
        "columns": {schema.GEOMETRY: column},
    }
    table = table.replace_schema_metadata({"geo": json.dumps(geo), "linemap": stamp})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def write_geopackage(release: Release, path: Path, stamp: str) -> dict[str, pa.Table]:
    """Write the flows, and the places that they touch as areas and points; return the layers.

    GeoPackage stores when a layer last changed; here that is a fixed moment.
    """
    places = release.places.reset_index()
    shape = places.geometry.geom_type
    layers = {
        FLOWS: release.flows,
        AREAS: places[shape.isin(["Polygon", "MultiPolygon"])],
        POINTS: places[shape == "Point"],
    }
    written: dict[str, pa.Table] = {}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _NO_CLOCK})
    try:
        for name, frame in layers.items():
            if len(frame) or name == FLOWS:
                written[name] = _layer(frame, path, name, stamp, append=bool(written))
    except RuntimeError as error:  # what pyogrio's errors all are
        raise OutputError(f"The GeoPackage could not be written: {error}.") from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    _require_sound(path, written)
    return written


def _layer(frame: gpd.GeoDataFrame, path: Path, name: str, stamp: str, *, append: bool) -> pa.Table:
    data = typed(frame)
    kind = {FLOWS: "LineString", AREAS: "MultiPolygon", POINTS: "Point"}[name]
    columns = data.to_pandas(types_mapper=_NULLABLE.get)
    flat = gpd.GeoDataFrame(columns, geometry=list(frame.geometry), crs=frame.crs)
    pyogrio.write_dataframe(
        flat, path, layer=name, driver="GPKG", geometry_type=kind, append=append,
        promote_to_multi=name == AREAS, layer_options={"DESCRIPTION": stamp},
    )  # fmt: skip
    return data


def _require_sound(path: Path, layers: dict[str, pa.Table]) -> None:
    """Read back that every row is there: a full disk may not have been reported."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            counts = {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - our names
                for name in layers
            }
    except sqlite3.Error as error:
        raise OutputError(f"The GeoPackage could not be written: {error}.") from error
    if not sound or any(counts[name] != table.num_rows for name, table in layers.items()):
        raise OutputError("The GeoPackage could not be written whole.")
