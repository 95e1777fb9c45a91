"""The files that ship with linemap, read as they are."""

from __future__ import annotations

from importlib.resources import as_file, files

import geopandas as gpd
import numpy as np
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
)

FOLDER = files("linemap") / "data"


def read_shipped() -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Read the shipped places, aliases and sources."""
    with as_file(FOLDER / "places.parquet") as path:
        places = as_places(pq.read_table(path).to_pandas())
    with as_file(FOLDER / "aliases.parquet") as path:
        aliases = pq.read_table(path).to_pandas()
    with (FOLDER / "sources.csv").open(encoding="utf-8") as file:
        sources = pd.read_csv(file, keep_default_na=False)
    return places, aliases, sources


def as_places(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Turn the stored table into a PLACES frame: tuples for lists, points for settlements."""
    frame = frame.set_index(PLACE_ID)
    for column in (MEMBERS, NEAR_COUNTY_IDS, NEAR_FORCE_IDS):
        frame[column] = pd.Series(
            [None if ids is None else tuple(ids) for ids in frame[column]],
            index=frame.index, dtype=object,
        )  # fmt: skip
    shapes = frame[GEOMETRY].to_numpy()
    stored = np.array([shape is not None for shape in shapes])
    geometry = shapely.points(frame[LON].to_numpy(), frame[LAT].to_numpy())
    geometry[stored] = shapely.from_wkb(shapes[stored])
    frame[GEOMETRY] = geometry
    return gpd.GeoDataFrame(frame, geometry=GEOMETRY, crs="EPSG:4326")
