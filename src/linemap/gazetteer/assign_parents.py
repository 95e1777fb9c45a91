"""Find the areas that a point lies in or near; merge lists of settlements into PLACES.

A LISTING is a frame with one row a settlement: ``id`` (the source's own),
``name``, ``lon``, ``lat``, ``population`` (NaN where none is known),
``others`` (a tuple of other names), and, where the source has them, ``gss_code``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from linemap.gazetteer.storage import ALIAS_COLUMNS, as_places
from linemap.schema import (
    BECAME_IDS,
    BOROUGH,
    BOROUGH_ID,
    COUNTY,
    COUNTY_ID,
    DISTRICT,
    DISTRICT_ID,
    FORCE_ID,
    GEOMETRY,
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
from linemap.text import key

BOUNDARY_ERROR_KM: Final = 2.0  # of the shipped areas' lines
ASHORE_KM: Final = 5.0  # further from every area than this, a point is not in the country
GRID: Final = "EPSG:27700"


class Locator:
    """An index of areas: which of them a point lies in, and which are near it."""

    def __init__(self, areas: gpd.GeoSeries, *, error_km: float = BOUNDARY_ERROR_KM) -> None:
        """Take outlines by place_id, and the largest error of their lines in km."""
        self.ids = np.asarray(areas.index, dtype=object)
        outlines = areas.to_crs(GRID).to_numpy()
        shapely.prepare(outlines)
        self._outlines = outlines
        self._tree = shapely.STRtree(outlines)
        self._error_m = error_km * 1000

    def locate(
        self, lon: Sequence[float] | np.ndarray, lat: Sequence[float] | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, list[tuple[str, ...]]]:
        """Return each point's area, its distance to it in km, and the other areas near it.

        A point just outside all areas belongs to the nearest one; one that
        lies further than 5 km from all, or has no coordinates, to none.
        """
        n = len(lon)
        home = np.full(n, None, dtype=object)
        away = np.full(n, np.nan)
        near: list[tuple[str, ...]] = [()] * n
        points = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326").to_crs(GRID).to_numpy()
        known = np.flatnonzero(np.isfinite(np.asarray(lon, dtype=float)))
        if not len(known) or not len(self.ids):
            return home, away, near
        tree = shapely.STRtree(points[known])  # of points: the outlines ask, being prepared
        area, point = tree.query(self._outlines, predicate="intersects")
        home[known[point[::-1]]] = self.ids[area[::-1]]  # on a line, the first area has it
        away[known[point]] = 0.0
        outside = known[np.isnan(away[known])]
        nearest, metres = self._tree.query_nearest(
            points[outside], return_distance=True, all_matches=False, max_distance=ASHORE_KM * 1000
        )
        asked, found = outside[nearest[0]], nearest[1]
        home[asked], away[asked] = self.ids[found], metres / 1000
        close, which = tree.query(self._outlines, predicate="dwithin", distance=self._error_m)
        by_point: dict[int, list[str]] = {}
        for i, area in zip(known[which], close, strict=True):
            if self.ids[area] != home[i]:
                by_point.setdefault(int(i), []).append(str(self.ids[area]))
        for i, ids in by_point.items():
            near[i] = tuple(sorted(ids))
        return home, away, near


def forces_near(
    near: Sequence[tuple[str, ...]], own: Sequence[object], force_of: Callable[[str], object]
) -> list[tuple[str, ...]]:
    """Return, for each point, the other forces whose areas are among those near it."""
    return [
        tuple(sorted({str(f) for f in map(force_of, ids) if f is not None and f != force}))
        for ids, force in zip(near, own, strict=True)
    ]


def as_column(values: Sequence[object] | np.ndarray, index: pd.Index) -> pd.Series:
    """Return values of any kind (tuples, text, None) as a column of objects."""
    cells = np.empty(len(index), dtype=object)
    for i, value in enumerate(values):
        cells[i] = value
    return pd.Series(cells, index=index, dtype=object)


LISTED_ID: Final = "id"
POPULATION: Final = "population"
OTHERS: Final = "others"
ALIAS: Final = "alias"
KIND: Final = "kind"


def areas_of_today(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts, boroughs and counties of a gazetteer that are no earlier areas."""
    today = places[LEVEL].isin([DISTRICT, BOROUGH, COUNTY]) & places[BECAME_IDS].isna()
    return places[today & places.geometry.notna()]


def places_of_listing(
    listing: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    source: str,
    prefix: str,
    level: str = SETTLEMENT,
    error_km: float = BOUNDARY_ERROR_KM,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Turn a LISTING into PLACES and ALIASES, with the parents that `areas` give.

    `areas` are the districts, boroughs and counties of a gazetteer. A
    settlement's id is `prefix` and the source's own id. One that lies in no
    area (further than 5 km from all) is kept without parents, and its note says
    so. The lines of `areas` are wrong by up to `error_km`. `level` is that of
    all: settlement or station.
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
        LEVEL: level,
        BOROUGH_ID: _of_level(home, BOROUGH),
        DISTRICT_ID: district,
        COUNTY_ID: _of_level(home, COUNTY),
        **parents,
        MEMBERS: None,
        POPULATION_WEIGHT: _weights(listing[POPULATION]),
        GSS_CODE: listing[GSS_CODE].to_numpy(dtype=object) if GSS_CODE in listing else None,
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


SAME_KM: Final = 3.0  # two points of one name and parent, nearer than this, are one settlement
_GEOD: Final = Geod(ellps="WGS84")


def duplicates(
    ours: pd.DataFrame, theirs: pd.DataFrame, *, same_km: float = SAME_KM,
    our_aliases: pd.DataFrame | None = None,
) -> pd.Series:  # fmt: skip
    """Match two lists of settlements: our place_id by theirs, for those that are one place.

    Two are one if they have one id, or if their names are spelt alike (ours
    also by an other name), they lie within `same_km`, and have one parent (or
    one lies within the lines' error of the other's). Each of ours is matched
    once, with the nearest of theirs; those that are new are not in the answer.
    """
    same_id = theirs.index.intersection(ours.index)
    pairs = _alike(ours, theirs.drop(index=same_id), our_aliases)
    metres = np.abs(
        _GEOD.inv(
            ours[LON].reindex(pairs["ours"]).to_numpy(dtype=float),
            ours[LAT].reindex(pairs["ours"]).to_numpy(dtype=float),
            theirs[LON].reindex(pairs["theirs"]).to_numpy(dtype=float),
            theirs[LAT].reindex(pairs["theirs"]).to_numpy(dtype=float),
        )[2]
    )
    pairs = pairs.assign(km=metres / 1000)
    pairs = pairs[(pairs["km"] <= same_km) & _one_parent(ours, theirs, pairs)]
    pairs = pairs.sort_values(["km", "ours", "theirs"])
    pairs = pairs.drop_duplicates("theirs").drop_duplicates("ours")
    found = pd.Series(pairs["ours"].to_numpy(), index=pairs["theirs"].to_numpy(), dtype=object)
    both: pd.Series = pd.concat([pd.Series(same_id, index=same_id, dtype=object), found])
    return both


def join(ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, same: pd.Series) -> gpd.GeoDataFrame:
    """Return our places, theirs that are new, and what theirs know that ours lack.

    Ours keep their ids, names and points; a weight or a code that we lack comes
    from theirs, and then the source names both. Where a note says why we give no
    weight, it stays so.
    """
    known = theirs.loc[same.index].set_axis(same.to_numpy(), axis=0)
    known = known[known[LEVEL] == SETTLEMENT]
    joined = ours.copy()
    for column in (POPULATION_WEIGHT, GSS_CODE):
        open_ = joined[column].isna() & joined[NOTE].isna()
        lacking = joined.index[open_].intersection(known.index[known[column].notna()])
        joined.loc[lacking, column] = known.loc[lacking, column]
        joined.loc[lacking, SOURCE] = [
            f"{a}; {b}" if b not in a.split("; ") else a
            for a, b in zip(joined.loc[lacking, SOURCE], known.loc[lacking, SOURCE], strict=True)
        ]
    new = theirs.drop(index=same.index)
    merged = pd.concat([joined, new[joined.columns]])
    merged.index.name = PLACE_ID
    return as_places(pd.DataFrame(merged.drop(columns=GEOMETRY)), merged[GEOMETRY].to_numpy())


def _alike(ours: pd.DataFrame, theirs: pd.DataFrame, aliases: pd.DataFrame | None) -> pd.DataFrame:
    """Pair up the settlements whose names are spelt alike."""
    mine = ours[ours[LEVEL] == SETTLEMENT]
    names = pd.DataFrame({"ours": mine.index, "key": [key(name) for name in mine[NAME]]})
    if aliases is not None and len(aliases):
        other = aliases[aliases[PLACE_ID].isin(mine.index)]
        spelt = pd.DataFrame({"ours": other[PLACE_ID], "key": [key(a) for a in other["alias"]]})
        names = pd.concat([names, spelt], ignore_index=True)
    yours = theirs[theirs[LEVEL] == SETTLEMENT]
    asked = pd.DataFrame({"theirs": yours.index, "key": [key(name) for name in yours[NAME]]})
    pairs = names[names["key"] != ""].merge(asked, on="key")
    return pairs.drop_duplicates(["ours", "theirs"])[["ours", "theirs"]]


def _one_parent(ours: pd.DataFrame, theirs: pd.DataFrame, pairs: pd.DataFrame) -> np.ndarray:
    mine, yours = ours.loc[pairs["ours"]], theirs.loc[pairs["theirs"]]
    here, there = _parents(mine), _parents(yours)
    return np.array(
        [
            a is None or b is None or a == b or b in near_a or a in near_b
            for a, b, near_a, near_b in zip(
                here, there, mine[NEAR_COUNTY_IDS], yours[NEAR_COUNTY_IDS], strict=True
            )
        ],
        dtype=bool,
    )


def _parents(places: pd.DataFrame) -> list[object]:
    return [
        borough if borough is not None else county
        for borough, county in zip(places[BOROUGH_ID], places[COUNTY_ID], strict=True)
    ]
