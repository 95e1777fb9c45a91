"""Open a file of outlines or points, whichever of the formats it is in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from linemap.errors import InputError
from linemap.io.files import PathLike, file, format_of, require
from linemap.io.geojson import read_geojson
from linemap.io.geopackage import read_geopackage
from linemap.io.tables import reading_parquet


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
