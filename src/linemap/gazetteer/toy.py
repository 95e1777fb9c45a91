"""The toy world of ``data/toy``: boxes and points whose every answer can be worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from linemap.gazetteer.shipped import FOLDER
from linemap.schema import (
    BECAME_IDS,
    BOROUGH,
    COUNTY,
    FORCE,
    FORCE_ID,
    GEOMETRY,
    GSS_CODE,
    LAT,
    LEVEL,
    LON,
    MEMBERS,
    NAME,
    NATION,
    NATION_ID,
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


def read_toy() -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Read the toy places; there are no aliases, and the one source is linemap itself."""
    with (FOLDER / "toy" / "places.csv").open(encoding="utf-8") as file:
        raw = pd.read_csv(file, keep_default_na=False).set_index(PLACE_ID)
    box = raw[["west", "south", "east", "north"]].astype(float)
    west, south, east, north = (box[side].to_numpy() for side in box)
    points = shapely.points((west + east) / 2, (south + north) / 2)
    geometry = shapely.box(west, south, east, north)
    is_point = (raw[LEVEL] == SETTLEMENT).to_numpy()
    geometry[is_point] = points[is_point]
    parents = [dict(_split(parent) for parent in text.split()) for text in raw["parents"]]
    columns: dict[str, object] = {NAME: raw[NAME], LEVEL: raw[LEVEL]}
    for level, column in PARENT_IDS.items():
        columns[column] = pd.Series([p.get(level) for p in parents], index=raw.index, dtype=object)
    frame = pd.DataFrame(columns, index=raw.index)
    frame[MEMBERS] = pd.Series([_members(frame, i) for i in frame.index], frame.index, dtype=object)
    frame[POPULATION_WEIGHT] = pd.to_numeric(raw[POPULATION_WEIGHT].replace("", None))
    frame[GSS_CODE] = pd.Series([None] * len(frame), frame.index, dtype=object)
    frame[SOURCE] = "toy"
    frame[NOTE] = pd.Series([None] * len(frame), frame.index, dtype=object)
    for column in (VINTAGE, BECAME_IDS):
        frame[column] = pd.Series([None] * len(frame), frame.index, dtype=object)
    for column in (NEAR_COUNTY_IDS, NEAR_FORCE_IDS):
        frame[column] = pd.Series([() for _ in frame.index], frame.index, dtype=object)
    frame[LON], frame[LAT] = shapely.get_x(points), shapely.get_y(points)
    _weigh(frame)
    places = gpd.GeoDataFrame(frame.assign(**{GEOMETRY: geometry}), crs="EPSG:4326")
    aliases = pd.DataFrame(columns=["alias", PLACE_ID, "kind", SOURCE], dtype=object)
    return places, aliases, _source()


def _split(parent: str) -> tuple[str, str]:
    return parent.partition(":")[0], parent


def _members(frame: pd.DataFrame, place_id: str) -> tuple[str, ...] | None:
    level = place_id.partition(":")[0]
    if level not in (FORCE, NATION):
        return None
    parent = FORCE_ID if level == FORCE else NATION_ID
    inside = frame[LEVEL].isin([BOROUGH, COUNTY]) & (frame[parent] == place_id)
    return tuple(frame.index[inside])


def _weigh(frame: pd.DataFrame) -> None:
    """Move the point of each area of weighted settlements to their weighted mean, in place."""
    towns = frame[frame[LEVEL] == SETTLEMENT]
    for level in (COUNTY, FORCE):
        for place_id in frame.index[frame[LEVEL] == level]:
            inside = towns[towns[PARENT_IDS[level]] == place_id]
            if len(inside):
                weight = inside[POPULATION_WEIGHT]
                frame.loc[place_id, LON] = (inside[LON] * weight).sum() / weight.sum()
                frame.loc[place_id, LAT] = (inside[LAT] * weight).sum() / weight.sum()


def _source() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "id": "toy", "title": "The toy world of linemap", "path": "data/toy/places.csv",
                "sha256": "", "rows": 15, "licence": "MIT",
                "attribution": "Toy world: linemap", "url": "",
            }
        ]
    )  # fmt: skip
