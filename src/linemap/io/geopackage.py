"""Read a layer of a GeoPackage as the SQLite that it is, without extensions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from linemap.errors import Fault, InputError
from linemap.io.systems import epsg

_LAYERS: Final = (
    "SELECT CAST(c.table_name AS TEXT), g.column_name, g.srs_id FROM gpkg_contents AS c "
    "JOIN gpkg_geometry_columns AS g ON g.table_name = c.table_name ORDER BY c.rowid"
)
_SYSTEM: Final = (
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
            name, column, system = _choose(base.execute(_LAYERS).fetchall(), layer, path)
            crs = _system(base, system, path)
            quoted = '"' + name.replace('"', '""') + '"'
            rows = base.execute(f"SELECT * FROM {quoted}")  # noqa: S608  # the name is quoted
            headings = [heading for heading, *_ in rows.description]
            if column not in headings:
                raise InputError(f"{path.name} has no column {column!r} of geometry in {name!r}.")
            table = pd.DataFrame(rows.fetchall(), columns=headings, dtype=object)
    except (sqlite3.Error, UnicodeError) as error:  # its own words may be damaged too
        raise InputError(f"{path.name} cannot be read as GPKG: {error}") from error
    geometry = gpd.GeoSeries(_shapes(table.pop(column), path), crs=crs)
    return gpd.GeoDataFrame(table, geometry=geometry)


def _choose(
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


def _system(base: sqlite3.Connection, system: int, path: Path) -> CRS | None:
    if system in _UNDEFINED:
        return None
    found = base.execute(_SYSTEM, [system]).fetchone()
    if found is not None:
        organisation, code, definition = found
        is_epsg = str(organisation).upper() == "EPSG" and isinstance(code, int)
        known = epsg(code) if is_epsg else _written(definition)
        if known is not None:
            return known
    raise InputError(
        f"{path.name} says the coordinate system {system}, which is not known. "
        "Save the layer in EPSG:4326 or EPSG:27700."
    )


def _written(definition: object) -> CRS | None:
    try:
        return CRS.from_wkt(str(definition))
    except CRSError:
        return None


def _shapes(blobs: pd.Series, path: Path) -> list[shapely.Geometry | None]:
    shapes = [None if blob is None else _shape(blob) for blob in blobs]
    faults = [
        Fault("the geometry cannot be read.", row, hint="Save the layer again from a GIS.")
        for row, (blob, shape) in enumerate(zip(blobs, shapes, strict=True), 1)
        if blob is not None and shape is None
    ]
    if faults:
        raise InputError(f"{path.name} cannot be used:", faults)
    return shapes


def _shape(blob: object) -> shapely.Geometry | None:
    """Return the geometry of a cell, or None where it is none."""
    if not isinstance(blob, bytes) or len(blob) <= _HEADER or blob[:2] != b"GP":
        return None
    envelope = _ENVELOPES.get((blob[3] >> 1) & 0b111)
    if envelope is None:
        return None
    return shapely.from_wkb(blob[_HEADER + envelope :], on_invalid="ignore")
