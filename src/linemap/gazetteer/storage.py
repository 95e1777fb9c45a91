"""Read and write places: the tables that ship, a file, the toy world, the base map."""

from __future__ import annotations

import base64
import io as _io
import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from linemap.errors import InputError, OutputError
from linemap.io import (
    ID,
    SOURCE_COLUMNS,
    PathLike,
    format_of,
    local,
    reading_parquet,
    write_whole,
)
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
    POSTCODE_DISTRICT,
    SETTLEMENT,
    SOURCE,
    VINTAGE,
)

Tables = tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]  # places, other names, sources
STATIONS: Final = "stations"  # sources that are read only when asked for
POSTCODES: Final = "postcode-districts"
ALIAS_COLUMNS: Final = ("alias", PLACE_ID, "kind", SOURCE)
_ABOUT: Final = b"linemap"  # what a saved gazetteer says of itself in its file's metadata
_CIRCLE = 16  # corners of the circle that a postcode district's spread is drawn as

FOLDER = files("linemap") / "data"
TUPLES = (MEMBERS, BECAME_IDS, NEAR_COUNTY_IDS, NEAR_FORCE_IDS)
_OUTLINE = ("x", "y", "rings")  # of an area, in units of 1/100,000 degree
_UNIT = 1e-5
_KM_A_DEGREE = 111.2  # of latitude
NUMBERS = frozenset({LON, LAT, POPULATION_WEIGHT})
TEXTS = frozenset({NAME, LEVEL, GSS_CODE, SOURCE, NOTE, VINTAGE, *PARENT_IDS.values()})


def read_shipped() -> Tables:
    """Read the shipped places, other names and sources."""
    with as_file(FOLDER / "places.parquet") as path:
        table = pq.read_table(path, read_dictionary=list(TEXTS))
    with as_file(FOLDER / "aliases.parquet") as path:
        aliases = pq.read_table(path).to_pandas().astype(object)
    sources = _sources()
    sources = sources[~sources[ID].isin([STATIONS, POSTCODES])].reset_index(drop=True)
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


def _sources() -> pd.DataFrame:
    with (FOLDER / "sources.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False)


def read_stations() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the shipped railway stations as a table (code, name, lon, lat), and their source.

    They are under the Open Database Licence: what is made of them carries the
    source's notice.
    """
    with (FOLDER / "stations.csv").open(encoding="utf-8") as file:
        raw = pd.read_csv(file, keep_default_na=False)
    named = {"crsCode": "id", "stationName": NAME, "long": LON, "lat": LAT}
    sources = _sources()
    table = raw.rename(columns=named)[list(named.values())]
    return table.assign(id=table["id"].str.lower()), sources[sources[ID] == STATIONS]


def read_postcode_districts() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Read the shipped postcode districts of Great Britain as PLACES, and their source.

    Each has a middle, and as its outline the circle that holds 95 % of its
    postcodes. A parent is given where 99 % of them lie in it; else it is null,
    and ``near_county_ids`` lists the boroughs and counties that have a hundredth.
    """
    with as_file(FOLDER / "postcode_districts.parquet") as path:
        raw = pq.read_table(path).to_pandas()
    raw = raw.set_index(pd.Index("postcode:" + raw[NAME].str.lower(), name=PLACE_ID, dtype=object))
    angle = np.linspace(0, 2 * np.pi, _CIRCLE, endpoint=False)
    degree = raw.pop("spread_km").to_numpy() / _KM_A_DEGREE
    east = degree / np.cos(np.radians(raw[LAT].to_numpy()))
    corners = np.stack(
        [
            raw[LON].to_numpy()[:, None] + east[:, None] * np.cos(angle),
            raw[LAT].to_numpy()[:, None] + degree[:, None] * np.sin(angle),
        ],
        axis=-1,
    )
    raw[NEAR_COUNTY_IDS] = [tuple(ids) for ids in raw[NEAR_COUNTY_IDS]]
    raw[NEAR_FORCE_IDS] = [tuple(ids) for ids in raw[NEAR_FORCE_IDS]]
    frame = raw.assign(
        **{
            LEVEL: POSTCODE_DISTRICT, MEMBERS: None, POPULATION_WEIGHT: np.nan, GSS_CODE: None,
            SOURCE: POSTCODES, VINTAGE: None, BECAME_IDS: None,
            NOTE: "Its middle, and a circle that holds 95 % of its postcodes.",
        }
    )  # fmt: skip
    sources = _sources()
    return as_places(frame, shapely.polygons(corners)), sources[sources[ID] == POSTCODES]


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


def write_gazetteer(path: PathLike, tables: Tables) -> Path:
    """Write places, other names and sources as one GeoParquet file, whole or not at all.

    Raises OutputError where the folder is missing or cannot be written to.
    """
    places, aliases, sources = tables
    about = {
        "format": 1,
        "aliases": aliases[list(ALIAS_COLUMNS)].to_numpy().tolist(),
        "sources": sources[list(SOURCE_COLUMNS)].astype(object).to_numpy().tolist(),
    }
    columns = {PLACE_ID: pa.array(places.index, pa.string())}
    for name in places.columns.drop(GEOMETRY):
        if name in NUMBERS:
            columns[name] = pa.array(places[name].to_numpy(dtype=float))
            continue
        kind = pa.list_(pa.string()) if name in TUPLES else pa.string()
        cells = places[name].astype(object)
        columns[name] = pa.array(cells.where(cells.notna(), None), kind)
    shapes = shapely.to_wkb(places.geometry.to_numpy())
    columns[GEOMETRY] = pa.array(shapes, pa.binary())
    geo = {
        "version": "1.1.0", "primary_column": GEOMETRY,
        "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": []}},
    }  # fmt: skip
    metadata = {b"geo": json.dumps(geo).encode(), _ABOUT: json.dumps(about).encode()}
    stream = _io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), stream, compression="zstd")
    target = Path(path)
    try:
        write_whole(target, stream.getvalue())
    except OSError as error:
        raise OutputError(
            f"{target.name} cannot be written to {str(target.parent)!r}: "
            f"{error.strerror or error}. Name a folder that is there and can be written to."
        ) from error
    return target


def read_gazetteer(path: PathLike) -> Tables:
    """Read what :func:`write_gazetteer` wrote. Raises InputError for any other file."""
    file = local(path)
    if format_of(file) != "Parquet":
        raise InputError(_not_saved(file.name))
    with reading_parquet(file) as stream:
        table = pq.read_table(stream)
        about = (table.schema.metadata or {}).get(_ABOUT)
        if about is None:
            raise InputError(_not_saved(file.name))
        kept = json.loads(about)
        aliases = pd.DataFrame(kept["aliases"], columns=list(ALIAS_COLUMNS), dtype=object)
        sources = pd.DataFrame(kept["sources"], columns=list(SOURCE_COLUMNS))
        raw = table.to_pandas().set_index(PLACE_ID)
        raw.index = pd.Index(raw.index, dtype=object, name=PLACE_ID)
        shapes = shapely.from_wkb(raw.pop(GEOMETRY).to_numpy())
        for name in TUPLES:
            cells = np.empty(len(raw), dtype=object)
            for i, ids in enumerate(raw[name]):
                cells[i] = None if ids is None else tuple(ids)
            raw[name] = cells
        return as_places(raw, shapes), aliases, sources


def _not_saved(name: str) -> str:
    return (
        f"{name} is no gazetteer that linemap wrote. Make one of your own lists and boundaries: "
        "linemap gazetteer build --os-open-names FOLDER --layer FILE --out my-places.parquet"
    )


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


def read_toy() -> Tables:
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


def basemap_json() -> str:
    """Return the base map as it ships: one ASCII line of JSON (``data/README.md``: its format)."""
    return (FOLDER / "basemap.json").read_text(encoding="ascii").strip()


def basemap() -> dict[str, Any]:
    """Return the base map unpacked into plain lists, longitude first, in degrees.

    ``arcs``: one list of (lon, lat) pairs a line; ``ranks``: for each vertex
    of each arc the scale from which it is drawn (0 always, 1 middling, 2 close
    by); ``kinds``: one letter an arc; ``areas``: id, name, force, nation and
    rings, a ring being numbers of arcs, ``-1 - i`` for arc i backwards;
    ``labels``: name, lon, lat and place_id, the largest place first.
    """
    content: dict[str, Any] = json.loads(basemap_json())
    quantum = content.pop("quantum")
    steps = _arcs(base64.b64decode(content["arcs"]))
    content["arcs"] = [[(x * quantum, y * quantum) for x, y in arc] for arc in steps]
    content["ranks"] = _ranks(base64.b64decode(content["ranks"]), [len(arc) for arc in steps])
    content["kinds"] = list(content["kinds"])
    return content


def _arcs(packed: bytes) -> list[list[tuple[int, int]]]:
    numbers = iter(_varints(packed))
    arcs = []
    x = y = 0
    for length in numbers:
        arc = []
        for _ in range(length):
            x += _unzigzag(next(numbers))
            y += _unzigzag(next(numbers))
            arc.append((x, y))
        arcs.append(arc)
    return arcs


def _varints(packed: bytes) -> list[int]:
    numbers = []
    value = shift = 0
    for byte in packed:
        value |= (byte & 127) << shift
        if byte & 128:
            shift += 7
        else:
            numbers.append(value)
            value = shift = 0
    return numbers


def _unzigzag(value: int) -> int:
    return value >> 1 if value % 2 == 0 else -(value + 1 >> 1)


def _ranks(packed: bytes, lengths: list[int]) -> list[list[int]]:
    flat = [byte >> shift & 3 for byte in packed for shift in (0, 2, 4, 6)]
    ranks, start = [], 0
    for length in lengths:
        ranks.append(flat[start : start + length])
        start += length
    return ranks
