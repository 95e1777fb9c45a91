"""Write a release with its shapes: GeoParquet, GeoPackage with styles for QGIS, and GeoJSON.

The bytes are the same each time. A row without a place at both ends has no geometry, and is
written with a null one.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as Xml

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from linemap import schema, style
from linemap.disclosure import Release
from linemap.errors import OutputError
from linemap.release.writers import DECIMALS, FLOWS, rows, typed, with_basis

AREAS: Final = "areas"
POINTS: Final = "points"
_NULLABLE: Final = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
_NO_CLOCK: Final = "2000-01-01T00:00:00.000Z"
# The folder is flushed to the disk as a whole before it is put in place.
_GDAL: Final = {"OGR_CURRENT_DATE": _NO_CLOCK, "OGR_SQLITE_SYNCHRONOUS": "OFF"}


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

    The table ``layer_styles``, which QGIS reads, holds the style in which each opens.
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
    pyogrio.set_gdal_config_options(_GDAL)
    try:
        for name, frame in layers.items():
            if len(frame) or name == FLOWS:
                written[name] = _layer(frame, path, name, stamp, append=bool(written))
        _write_styles(path, {name: _STYLES[name](release.flows) for name in written}, stamp)
    except RuntimeError as error:  # what pyogrio's errors all are
        raise OutputError(f"The GeoPackage could not be written: {error}.") from error
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_GDAL))
    _require_sound(path, written)
    return written


def _layer(frame: gpd.GeoDataFrame, path: Path, name: str, stamp: str, *, append: bool) -> pa.Table:
    data = typed(frame)
    kind = {FLOWS: "LineString", AREAS: "MultiPolygon", POINTS: "Point"}[name]
    columns = data.to_pandas(types_mapper=_NULLABLE.get)
    flat = gpd.GeoDataFrame(columns, geometry=list(frame.geometry), crs=frame.crs)
    pyogrio.write_dataframe(
        flat,
        path,
        layer=name,
        driver="GPKG",
        geometry_type=kind,
        append=append,
        promote_to_multi=name == AREAS,
        use_arrow=True,
        layer_options={"DESCRIPTION": stamp},
    )
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


# ── How the layers look in QGIS: https://docs.qgis.org, "Saving and sharing layer properties" ──
_STYLED: Final = "layer_styles"
_WIDEST_MM: Final = 3.5
_THINNEST_MM: Final = 0.26
_AREA_ALPHA: Final = 30  # of 255
# QGIS looks for a style by these: an empty catalogue and schema, the layer, its geometry column.
_STYLE_COLUMNS: Final = (
    "f_table_catalog",
    "f_table_schema",
    "f_table_name",
    "f_geometry_column",
    "styleName",
    "styleQML",
    "styleSLD",
    "useAsDefault",
    "description",
    "owner",
    "ui",
    "update_time",
)


def _write_styles(path: Path, styles: Mapping[str, str], stamp: str) -> None:
    moment = pd.Timestamp(_NO_CLOCK)
    lines = [
        ("", "", name, "geom", "linemap", text, "", True, "As linemap draws it", "", "", moment)
        for name, text in styles.items()
    ]
    frame = pd.DataFrame(lines, columns=list(_STYLE_COLUMNS))
    pyogrio.write_dataframe(
        frame,
        path,
        layer=_STYLED,
        driver="GPKG",
        append=True,
        layer_options={"FID": "id", "DESCRIPTION": stamp},
    )


def _flows_style(flows: pd.DataFrame) -> str:
    """Colour the lines by measure, as wide as their count by one scale; dashed without a count."""
    drawn = flows.loc[flows[schema.GEOMETRY].notna()]
    most = max(int(drawn[schema.COUNT].fillna(0).max()) if len(drawn) else 0, 1)
    count = f'"{schema.COUNT}"'
    width = f"if({count} is null, {_THINNEST_MM}, "
    width += f"max({_THINNEST_MM}, {_WIDEST_MM} * {count} / {most}))"
    dashed = f"if({count} is null, 'dash', 'solid')"
    root, renderer = _style("categorizedSymbol")
    renderer.set("attr", schema.MEASURE)
    categories = Xml.SubElement(renderer, "categories")
    symbols = Xml.SubElement(renderer, "symbols")
    colours = style.LIGHT.series
    for at, measure in enumerate(sorted(drawn[schema.MEASURE].dropna().unique())):
        colour = colours[at] if at < len(colours) else style.LIGHT.other
        told = {"symbol": str(at), "value": str(measure), "label": str(measure)}
        Xml.SubElement(categories, "category", {**told, "type": "string", "render": "true"})
        layer = _symbol(
            symbols,
            str(at),
            "line",
            "SimpleLine",
            {
                "line_color": _colour(colour, 190),
                "line_width": str(_THINNEST_MM),
                "line_width_unit": "MM",
                "capstyle": "round",
                "joinstyle": "round",
                "line_style": "solid",
            },
        )
        made = Xml.SubElement(layer, "data_defined_properties")
        whole = Xml.SubElement(made, "Option", {"type": "Map"})
        _option(whole, "name", "QString", "")
        defined = Xml.SubElement(whole, "Option", {"type": "Map", "name": "properties"})
        for name, expression in (("outlineWidth", width), ("outlineStyle", dashed)):
            one = Xml.SubElement(defined, "Option", {"type": "Map", "name": name})
            _option(one, "active", "bool", "true")
            _option(one, "expression", "QString", expression)
            _option(one, "type", "int", "3")
        _option(whole, "type", "QString", "collection")
    return Xml.tostring(root, encoding="unicode")


def _areas_style(_: pd.DataFrame) -> str:
    root, renderer = _style("singleSymbol")
    _symbol(
        Xml.SubElement(renderer, "symbols"),
        "0",
        "fill",
        "SimpleFill",
        {
            "color": _colour(style.LIGHT.accent, _AREA_ALPHA),
            "style": "solid",
            "outline_color": _colour(style.LIGHT.coast),
            "outline_width": str(_THINNEST_MM),
            "outline_width_unit": "MM",
            "outline_style": "solid",
        },
    )
    return _labelled(root)


def _points_style(_: pd.DataFrame) -> str:
    root, renderer = _style("singleSymbol")
    _symbol(
        Xml.SubElement(renderer, "symbols"),
        "0",
        "marker",
        "SimpleMarker",
        {
            "color": _colour(style.LIGHT.node),
            "name": "circle",
            "size": "1.8",
            "size_unit": "MM",
            "outline_color": _colour(style.LIGHT.paper),
            "outline_style": "solid",
            "outline_width": "0.2",
            "outline_width_unit": "MM",
        },
    )
    return _labelled(root)


_STYLES: Final = {FLOWS: _flows_style, AREAS: _areas_style, POINTS: _points_style}


def _style(renderer: str) -> tuple[Xml.Element, Xml.Element]:
    root = Xml.Element("qgis", {"version": "3.22", "styleCategories": "Symbology|Labeling"})
    about = {"type": renderer, "symbollevels": "0", "enableorderby": "0", "forceraster": "0"}
    return root, Xml.SubElement(root, "renderer-v2", about)


def _symbol(
    symbols: Xml.Element, name: str, kind: str, layer: str, properties: Mapping[str, str]
) -> Xml.Element:
    about = {"type": kind, "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    symbol = Xml.SubElement(symbols, "symbol", about)
    made = Xml.SubElement(
        symbol, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = Xml.SubElement(made, "Option", {"type": "Map"})
    for key, value in properties.items():
        _option(options, key, "QString", value)
    for key, value in properties.items():  # how QGIS before 3.26 reads the same
        Xml.SubElement(made, "prop", {"k": key, "v": value})
    return made


def _option(parent: Xml.Element, name: str, kind: str, value: str) -> None:
    Xml.SubElement(parent, "Option", {"name": name, "type": kind, "value": value})


def _labelled(root: Xml.Element) -> str:
    """Let each place bear its name, with a white edge."""
    settings = Xml.SubElement(Xml.SubElement(root, "labeling", {"type": "simple"}), "settings")
    text = {"fieldName": schema.NAME, "fontSize": "8", "textColor": _colour(style.LIGHT.ink)}
    words = Xml.SubElement(settings, "text-style", {**text, "isExpression": "0"})
    edge = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM"}
    Xml.SubElement(words, "text-buffer", {**edge, "bufferColor": _colour(style.LIGHT.paper)})
    return Xml.tostring(root, encoding="unicode")


def _colour(hexadecimal: str, alpha: int = 255) -> str:
    parts = (int(hexadecimal[at : at + 2], 16) for at in (1, 3, 5))
    return ",".join(map(str, (*parts, alpha)))


# ── GeoJSON (RFC 7946), which web maps read ───────────
def geojson_bytes(flows: gpd.GeoDataFrame, stamp: str) -> bytes:
    """Write flows as a FeatureCollection: one feature a flow, one a line, longitude first.

    The properties are the columns of the CSV table. A flow without a place at both
    ends has the geometry null.
    """
    data = with_basis(typed(flows), stamp)
    names = data.column_names
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    lines = [
        encode(
            {
                "type": "Feature",
                "geometry": shape,
                "properties": dict(zip(names, row, strict=True)),
            }
        )
        for shape, row in zip(_json_lines(flows.geometry), rows(data), strict=True)
    ]
    head = f'{{"type": "FeatureCollection", "{schema.BASIS}": {json.dumps(stamp)}, "features": [\n'
    return (head + ",\n".join(lines) + "\n]}\n").encode()


def _json_lines(shapes: gpd.GeoSeries) -> list[dict[str, Any] | None]:
    """Return lines as GeoJSON has them; None for none."""
    lines = shapely.set_precision(shapes.to_numpy(), 10**-DECIMALS)
    corners = iter(shapely.get_coordinates(lines).tolist())
    return [
        None
        if line is None
        else {"type": "LineString", "coordinates": list(islice(corners, int(count)))}
        for line, count in zip(lines, shapely.get_num_coordinates(lines), strict=True)
    ]
