"""The files that ship with linemap, read as they are."""

from __future__ import annotations

from importlib.resources import as_file, files

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import shapely

from linemap.schema import (
    GEOMETRY,
    LAT,
    LON,
    MEMBERS,
    NEAR_COUNTY_IDS,
    NEAR_FORCE_IDS,
    PLACE_ID,
    POPULATION_WEIGHT,
)

FOLDER = files("linemap") / "data"
TUPLES = (MEMBERS, NEAR_COUNTY_IDS, NEAR_FORCE_IDS)
NUMBERS = frozenset({LON, LAT, POPULATION_WEIGHT})


def read_shipped() -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Read the shipped places, other names and sources."""
    with as_file(FOLDER / "places.parquet") as path:
        table = pq.read_table(path)
    with as_file(FOLDER / "aliases.parquet") as path:
        aliases = pq.read_table(path).to_pandas().astype(object)
    with (FOLDER / "sources.csv").open(encoding="utf-8") as file:
        sources = pd.read_csv(file, keep_default_na=False)
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    geometry = shapely.from_wkb(columns.pop(GEOMETRY))
    index = pd.Index(columns.pop(PLACE_ID), name=PLACE_ID, dtype=object)
    return as_places(pd.DataFrame(columns, index=index), geometry), aliases, sources


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
