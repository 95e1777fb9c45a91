"""Read a file of outlines or points: GeoJSON, GeoPackage or GeoParquet.

A GeoJSON file is read as text and a GeoPackage as a SQLite database, so that
nothing that a file names (a link, another file, an address) is opened.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from linemap.errors import Fault, InputError
from linemap.io.files import PathLike, file, format_of, reading_parquet, require


def read_features(path: PathLike, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read the features of a GeoJSON, GeoPackage or GeoParquet file, in its own CRS.

    `layer` names a GeoPackage's layer, and must where several have geometry.
    Raises InputError for another format, a folder, a file that is not what it
    is called, or one that cannot be read. A coordinate may be NaN.
    """
    path, kind = file(path), format_of(path)
    if kind == "CSV":
        raise InputError(f"{path.name} is a table without outlines.")
    require(path, kind)
    with np.errstate(invalid="ignore"):  # a coordinate that is NaN is for the caller to judge
        if kind == "Parquet":
            return _geoparquet(path)
        return read_geojson(path) if kind == "GeoJSON" else read_geopackage(path, layer)


def _geoparquet(path: Path) -> gpd.GeoDataFrame:
    with reading_parquet(path) as stream:
        frame = gpd.read_parquet(stream)
        return frame.set_geometry(frame.geometry.name).reset_index(drop=frame.index.name is None)


WGS84: Final = "EPSG:4326"
_CRS84: Final = re.compile(r"(urn:ogc:def:crs:)?OGC:(1\.3:|:)?CRS84", re.IGNORECASE)
_EPSG: Final = re.compile(r"(?:urn:ogc:def:crs:EPSG:[0-9.]*|EPSG):([0-9]{1,6})", re.IGNORECASE)


def epsg(code: int) -> CRS | None:
    """Return the coordinate system of an EPSG code, or None where there is none."""
    try:
        return CRS.from_epsg(code)
    except CRSError:
        return None


def named(name: str) -> CRS | None:
    """Return the system of a plain name (``EPSG:27700``, an OGC URN, CRS84), or None.

    >>> named("urn:ogc:def:crs:EPSG::27700").to_epsg()
    27700
    >>> named("http://example.org/a.prj") is None
    True
    """
    if _CRS84.fullmatch(name):
        return CRS.from_user_input(WGS84)
    found = _EPSG.fullmatch(name)
    return epsg(int(found[1])) if found else None


_SHOWN: Final = 120  # characters of a coordinate system that nobody knows
_HALF: Final = re.compile("[\ud800-\udfff]")  # what an escape like \ud800 alone leaves
_READABLE: Final = (
    "Coordinates are finite numbers, all of them with a height or none, and a ring is closed."
)


def read_geojson(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a GeoJSON file, each property as it stands.

    A feature's ``id`` is a column where no property has its name. The
    coordinate system is WGS84, or what a plain ``crs`` member names; the
    member null leaves it open. Raises InputError for what is no feature
    collection, any other ``crs``, and with every feature that cannot be read.
    """
    whole = _parse(path)
    crs = _geojson_crs(whole, path)
    table, shapes, faults = [], [], []
    for row, feature in enumerate(_features(whole, path), 1):
        try:
            table.append(_properties(feature))
            shapes.append(_geojson_shape(feature))
        except _UnreadableError as error:
            faults.append(Fault(str(error), row, hint=error.hint))
    if faults:
        raise InputError(f"{path.name} cannot be used:", faults)
    geometry = gpd.GeoSeries(shapes, crs=crs)
    return gpd.GeoDataFrame(pd.DataFrame(table, dtype=object), geometry=geometry)


class _UnreadableError(Exception):
    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.hint = hint


def _parse(path: Path) -> dict[str, Any]:
    try:
        whole = json.loads(path.read_bytes(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name} cannot be read as GeoJSON: {error}") from error
    if not isinstance(whole, dict):
        raise InputError(f"{path.name} cannot be read as GeoJSON: it holds no object.")
    return whole


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"one object has the member {twice!r} twice; leave one of them out.")
    return members


def _geojson_crs(whole: dict[str, Any], path: Path) -> CRS | None:
    member = whole.get("crs", {"type": "name", "properties": {"name": WGS84}})
    if member is None:
        return None
    match member:
        case {"type": "name", "properties": {"name": str(name)}}:
            if (system := named(name)) is not None:
                return system
    raise InputError(
        f"{path.name} says the coordinate system {repr(member)[:_SHOWN]}, which linemap does not "
        "follow: it knows a plain name like EPSG:27700 or CRS84. Correct the member 'crs', or "
        "leave it out and name the system with crs."
    )


def _features(whole: dict[str, Any], path: Path) -> list[Any]:
    match whole:
        case {"type": "FeatureCollection", "features": list(features)}:
            return features
        case {"type": "Feature"}:
            return [{name: member for name, member in whole.items() if name != "crs"}]
    raise InputError(
        f"{path.name} cannot be read as GeoJSON: it is no FeatureCollection. Export it as one."
    )


def _properties(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _UnreadableError("this is no feature.", "Each has the type 'Feature'.")
    said = feature.get("properties")
    if not isinstance(said, dict | None):
        raise _UnreadableError("the properties are no object.", "Write {} where there are none.")
    given = {"id": feature["id"]} if feature.get("id") is not None else {}
    cells = given | (said or {})
    for heading, cell in cells.items():
        if _HALF.search(heading) or (isinstance(cell, str) and _HALF.search(cell)):
            problem = f"the property {heading!r} holds half a character."
            raise _UnreadableError(problem, "Write the file again in UTF-8.")
    return cells


def _geojson_shape(feature: dict[str, Any]) -> shapely.Geometry | None:
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        raise _UnreadableError("the geometry cannot be read.", _READABLE)
    if "crs" in feature or "crs" in geometry:
        raise _UnreadableError(
            "the feature has a coordinate system of its own.", "One holds for the whole file."
        )
    try:
        return shapely.geometry.shape(geometry)
    except Exception as error:  # a damaged file may raise anything
        raise _UnreadableError("the geometry cannot be read.", _READABLE) from error


_LAYERS: Final = (
    "SELECT CAST(c.table_name AS TEXT), g.column_name, g.srs_id FROM gpkg_contents AS c "
    "JOIN gpkg_geometry_columns AS g ON g.table_name = c.table_name ORDER BY c.rowid"
)
_CRS_ROW: Final = (
    "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
    "WHERE srs_id = ?"
)
_UNDEFINED: Final = frozenset({-1, 0})
# A geometry is a header of 8 bytes, an envelope of this many by its kind, and well-known binary.
_HEADER: Final = 8
_ENVELOPES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


def read_geopackage(path: Path, layer: str | None = None) -> gpd.GeoDataFrame:
    """Return the rows of a layer in the order of the file, with its geometry.

    `layer` may be left out where only one has geometry. Raises InputError
    where there is no such layer, its coordinate system is not known, or a
    geometry cannot be read (every row of them is named).
    """
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            name, column, system = _choose_layer(base.execute(_LAYERS).fetchall(), layer, path)
            crs = _geopackage_crs(base, system, path)
            quoted = '"' + name.replace('"', '""') + '"'
            rows = base.execute(f"SELECT * FROM {quoted}")  # noqa: S608  # the name is quoted
            headings = [heading for heading, *_ in rows.description]
            if column not in headings:
                raise InputError(f"{path.name} has no column {column!r} of geometry in {name!r}.")
            table = pd.DataFrame(rows.fetchall(), columns=headings, dtype=object)
    except (sqlite3.Error, UnicodeError) as error:  # its own words may be damaged too
        raise InputError(f"{path.name} cannot be read as GPKG: {error}") from error
    geometry = gpd.GeoSeries(_geopackage_shapes(table.pop(column), path), crs=crs)
    return gpd.GeoDataFrame(table, geometry=geometry)


def _choose_layer(
    layers: list[tuple[str, str, int]], layer: str | None, path: Path
) -> tuple[str, str, int]:
    names = ", ".join(repr(name) for name, *_ in layers) or "none"
    if layer is None and len(layers) == 1:
        return layers[0]
    for found in layers:
        if found[0] == layer:
            return found
    if layer is None:
        raise InputError(f"{path.name} has {len(layers)} layers: name one of {names}.")
    raise InputError(
        f"{path.name} has no layer {layer!r} with geometry. Layers that have it: {names}."
    )


def _geopackage_crs(base: sqlite3.Connection, system: int, path: Path) -> CRS | None:
    if system in _UNDEFINED:
        return None
    found = base.execute(_CRS_ROW, [system]).fetchone()
    if found is not None:
        organisation, code, definition = found
        is_epsg = str(organisation).upper() == "EPSG" and isinstance(code, int)
        known = epsg(code) if is_epsg else _crs_of_wkt(definition)
        if known is not None:
            return known
    raise InputError(
        f"{path.name} says the coordinate system {system}, which is not known. "
        "Save the layer in EPSG:4326 or EPSG:27700."
    )


def _crs_of_wkt(definition: object) -> CRS | None:
    try:
        return CRS.from_wkt(str(definition))
    except CRSError:
        return None


def _geopackage_shapes(blobs: pd.Series, path: Path) -> list[shapely.Geometry | None]:
    shapes = [None if blob is None else _geopackage_shape(blob) for blob in blobs]
    faults = [
        Fault("the geometry cannot be read.", row, hint="Save the layer again from a GIS.")
        for row, (blob, shape) in enumerate(zip(blobs, shapes, strict=True), 1)
        if blob is not None and shape is None
    ]
    if faults:
        raise InputError(f"{path.name} cannot be used:", faults)
    return shapes


def _geopackage_shape(blob: object) -> shapely.Geometry | None:
    """Return the geometry of a cell, or None where it is none."""
    if not isinstance(blob, bytes) or len(blob) <= _HEADER or blob[:2] != b"GP":
        return None
    envelope = _ENVELOPES.get((blob[3] >> 1) & 0b111)
    if envelope is None:
        return None
    return shapely.from_wkb(blob[_HEADER + envelope :], on_invalid="ignore")
