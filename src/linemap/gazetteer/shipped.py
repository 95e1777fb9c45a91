"""The files that ship with linemap, read as they are."""

from __future__ import annotations

from importlib.resources import as_file, files

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from linemap.schema import (
    BECAME_IDS,
    GSS_CODE,
    LAT,
    LEVEL,
    LON,
    MEMBERS,
    NAME,
    NEAR_COUNTY_IDS,
    NEAR_FORCE_IDS,
    NOTE,
    PARENT_IDS,
    PLACE_ID,
    POPULATION_WEIGHT,
    SETTLEMENT,
    SOURCE,
    VINTAGE,
)

FOLDER = files("linemap") / "data"
TUPLES = (MEMBERS, BECAME_IDS, NEAR_COUNTY_IDS, NEAR_FORCE_IDS)
_OUTLINE = ("x", "y", "rings")  # of an area, in units of 1/100,000 degree
_UNIT = 1e-5
NUMBERS = frozenset({LON, LAT, POPULATION_WEIGHT})
TEXTS = frozenset({NAME, LEVEL, GSS_CODE, SOURCE, NOTE, VINTAGE, *PARENT_IDS.values()})


def read_shipped() -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Read the shipped places, other names and sources."""
    with as_file(FOLDER / "places.parquet") as path:
        table = pq.read_table(path, read_dictionary=list(TEXTS))
    with as_file(FOLDER / "aliases.parquet") as path:
        aliases = pq.read_table(path).to_pandas().astype(object)
    with (FOLDER / "sources.csv").open(encoding="utf-8") as file:
        sources = pd.read_csv(file, keep_default_na=False)
    columns = {
        name: _cells(table.column(name), name)
        for name in table.column_names
        if name not in _OUTLINE
    }
    geometry = shapely.points(columns[LON], columns[LAT])
    geometry[columns[LEVEL] != SETTLEMENT] = _outlines(table)
    index = pd.Index(columns.pop(PLACE_ID), name=PLACE_ID, dtype=object)
    kept = {  # named as objects, or pandas would make text columns of them, and NaN of None
        name: pd.Series(cells, index=index, dtype=cells.dtype) for name, cells in columns.items()
    }
    frame = pd.DataFrame(kept, index=index)
    places = gpd.GeoDataFrame(frame, geometry=geometry, crs="EPSG:4326")
    return places, aliases, sources


def _outlines(table: pa.Table) -> np.ndarray:
    """Return the outlines of the areas, in their order: polygons, and several as one."""
    x, y, rings = (table.column(name).combine_chunks().drop_null() for name in _OUTLINE)
    sizes = rings.flatten().flatten().to_numpy()
    ring_ends = np.concatenate([[0], np.cumsum(sizes)])
    by_polygon = rings.flatten().offsets.to_numpy()
    by_area = rings.offsets.to_numpy()
    polygons = by_polygon - by_polygon[0]
    corners = np.column_stack([x.flatten().to_numpy(), y.flatten().to_numpy()]) * _UNIT
    several: np.ndarray = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON,
        np.round(corners, 5),
        (ring_ends, polygons, by_area - by_area[0]),
    )
    alone = shapely.get_num_geometries(several) == 1
    several[alone] = shapely.get_geometry(several[alone], 0)
    return several


def _cells(column: pa.ChunkedArray, name: str) -> np.ndarray:
    """Return a stored column as an array: text as objects, None for null, tuples for lists."""
    if name in NUMBERS:
        numbers: np.ndarray = column.to_numpy()
        return numbers
    if name in TEXTS:  # each text is made once, however often it stands in the column
        chunk = column.combine_chunks()
        texts = np.array([*chunk.dictionary.to_pylist(), None], dtype=object)
        cells: np.ndarray = texts[chunk.indices.fill_null(len(texts) - 1).to_numpy()]
        return cells
    if name in TUPLES:
        lists = np.empty(len(column), dtype=object)
        for i, ids in enumerate(column.to_pylist()):
            lists[i] = None if ids is None else tuple(ids)
        return lists
    whole: np.ndarray = column.to_numpy()
    return whole


def as_places(frame: pd.DataFrame, geometry: object) -> gpd.GeoDataFrame:
    """Turn a table of places into a PLACES frame: None for null text, tuples for lists."""
    tidy = {
        column: pd.Series([_tuple(ids) for ids in frame[column]], index=frame.index, dtype=object)
        if column in TUPLES
        else frame[column].astype(float)
        if column in NUMBERS
        else frame[column].astype(object).where(frame[column].notna(), None)
        for column in frame.columns
    }
    return gpd.GeoDataFrame(
        pd.DataFrame(tidy, index=frame.index), geometry=geometry, crs="EPSG:4326"
    )


def _tuple(ids: object) -> tuple[str, ...] | None:
    return tuple(ids) if isinstance(ids, list | tuple) else None
