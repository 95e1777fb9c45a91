"""A list of settlements from any source, settled among the areas of a gazetteer.

A LISTING is a frame with one row a settlement: ``id`` (the source's own),
``name``, ``lon``, ``lat``, ``population`` (NaN where none is known), ``others``
(a tuple of other names), and, where the source names them, ``force_code``, a
GSS code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from linemap.gazetteer.parents import BOUNDARY_ERROR_KM, Locator, as_column, forces_near
from linemap.gazetteer.shipped import as_places
from linemap.schema import (
    BECAME_IDS,
    BOROUGH,
    BOROUGH_ID,
    COUNTY,
    COUNTY_ID,
    DISTRICT,
    DISTRICT_ID,
    FORCE_ID,
    GSS_CODE,
    LAT,
    LEVEL,
    LON,
    MEMBERS,
    NAME,
    NATION_ID,
    NEAR_COUNTY_IDS,
    NEAR_FORCE_IDS,
    NOTE,
    PLACE_ID,
    POPULATION_WEIGHT,
    REGION_ID,
    SETTLEMENT,
    SOURCE,
    VINTAGE,
)

LISTED_ID: Final = "id"
POPULATION: Final = "population"
OTHERS: Final = "others"
ALIAS: Final = "alias"
KIND: Final = "kind"
ALIAS_COLUMNS: Final = (ALIAS, PLACE_ID, KIND, SOURCE)


def areas_of_today(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts, boroughs and counties of a gazetteer that are no earlier areas."""
    today = places[LEVEL].isin([DISTRICT, BOROUGH, COUNTY]) & places[BECAME_IDS].isna()
    return places[today & places.geometry.notna()]


def settle(
    listing: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    source: str,
    prefix: str,
    error_km: float = BOUNDARY_ERROR_KM,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Turn a LISTING into PLACES and ALIASES, with the parents that `areas` give.

    `areas` are the districts, boroughs and counties of a gazetteer. A
    settlement's id is `prefix` and the source's own id. One that lies in no
    area (further than 5 km from all) is kept without parents, and its note says
    so. The lines of `areas` are wrong by up to `error_km`.
    """
    districts = areas[areas[LEVEL] == DISTRICT]
    areas = areas[areas[LEVEL] != DISTRICT]
    index = pd.Index(prefix + listing[LISTED_ID].astype(str), name=PLACE_ID, dtype=object)
    lon, lat = (listing[c].to_numpy(dtype=float) for c in (LON, LAT))
    home, _, near = Locator(areas.geometry, error_km=error_km).locate(lon, lat)
    district, _, _ = Locator(districts.geometry, error_km=error_km).locate(lon, lat)
    of_county = _parent(districts[COUNTY_ID], district)
    district[[c is not None and c != h for c, h in zip(of_county, home, strict=True)]] = None
    parents = {c: _parent(areas[c], home) for c in (FORCE_ID, REGION_ID, NATION_ID)}
    force_of: Mapping[str, object] = areas[FORCE_ID].to_dict()
    columns: dict[str, object] = {
        NAME: listing[NAME].to_numpy(dtype=object),
        LEVEL: SETTLEMENT,
        BOROUGH_ID: _of_level(home, BOROUGH),
        DISTRICT_ID: district,
        COUNTY_ID: _of_level(home, COUNTY),
        **parents,
        MEMBERS: None,
        POPULATION_WEIGHT: _weights(listing[POPULATION]),
        GSS_CODE: None,
        SOURCE: source,
        NOTE: [None if h is not None else "Lies in none of the areas." for h in home],
        VINTAGE: None,
        BECAME_IDS: None,
        NEAR_COUNTY_IDS: as_column(near, index),
        NEAR_FORCE_IDS: as_column(forces_near(near, list(parents[FORCE_ID]), force_of.get), index),
        LON: lon,
        LAT: lat,
    }
    places = as_places(pd.DataFrame(columns, index=index), shapely.points(lon, lat))
    return places, _aliases(listing, index, source)


def _aliases(listing: pd.DataFrame, index: pd.Index, source: str) -> pd.DataFrame:
    rows = [
        (other, place_id, "alternate", source)
        for place_id, name, others in zip(index, listing[NAME], listing[OTHERS], strict=True)
        for other in dict.fromkeys(others)
        if other and other != name
    ]
    return pd.DataFrame(rows, columns=list(ALIAS_COLUMNS), dtype=object)


def _weights(population: pd.Series) -> np.ndarray:
    numbers = population.to_numpy(dtype=float, na_value=np.nan)
    weights: np.ndarray = np.where(numbers > 0, numbers, np.nan)
    return weights


def _of_level(home: np.ndarray, level: str) -> np.ndarray:
    return np.array([h if h is not None and h.startswith(f"{level}:") else None for h in home],
                    dtype=object)  # fmt: skip


def _parent(column: pd.Series, home: np.ndarray) -> np.ndarray:
    parents = column.to_dict()
    return np.array([parents.get(h) if h is not None else None for h in home], dtype=object)
