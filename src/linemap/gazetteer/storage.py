"""Places as they are stored: the shipped tables and the toy world."""

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

# ── shipped ───────────────────────────────────────────────────────────────
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


# ── toy ───────────────────────────────────────────────────────────────────
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
