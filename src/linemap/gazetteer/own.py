"""A gazetteer made of the users' own areas and place lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from linemap.errors import InputError
from linemap.gazetteer.layers import Layer, read_list, read_outlines
from linemap.gazetteer.listing import ALIAS_COLUMNS, settle
from linemap.gazetteer.parents import Locator, as_column
from linemap.gazetteer.shipped import as_places
from linemap.io import combine, register
from linemap.schema import (
    BECAME_IDS,
    BOROUGH,
    COUNTY,
    DISTRICT,
    FORCE,
    GEOMETRY,
    GSS_CODE,
    LAT,
    LEVEL,
    LEVELS,
    LON,
    MEMBERS,
    NAME,
    NATION,
    NEAR_COUNTY_IDS,
    NEAR_FORCE_IDS,
    PARENT_IDS,
    PLACE_ID,
    PLACES_CONTRACT,
    POPULATION_WEIGHT,
    REGION,
    SETTLEMENT,
    SOURCE,
    VINTAGE,
)

_SETS = (FORCE, REGION, NATION)  # levels whose members are boroughs and counties


def read_layers(
    layers: Sequence[Layer],
    shipped: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
    *,
    error_km: float,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the places, other names and sources of the users' layers.

    Where no layer holds boroughs or counties, the shipped areas (with all that
    is made of them) stand in, so that settlements have parents.
    """
    if not layers:
        raise InputError("Give at least one layer.")
    numbered = [(f"own-{i}", layer) for i, layer in enumerate(layers, 1)]
    areas, registers = [], []
    for source, layer in numbered:
        if layer.level != SETTLEMENT:
            areas.append(_areas(layer, source))
            registers.append(_register(layer, source, len(areas[-1])))
    own = gpd.GeoDataFrame(pd.concat(areas), crs="EPSG:4326") if areas else shipped[0].iloc[:0]
    if own.index.has_duplicates:
        raise InputError(f"Two areas are called {own.index[own.index.duplicated()][0]!r}.")
    bring = bool(own[LEVEL].isin([BOROUGH, COUNTY]).any())
    base = own if bring else _without_settlements(shipped[0], own)
    aliases = [] if bring else [shipped[1][shipped[1][PLACE_ID].isin(base.index)]]
    registers = registers if bring else [shipped[2], *registers]
    base = _related(base) if len(own) else base
    places = [base]
    home = base[base[LEVEL].isin([BOROUGH, COUNTY])]
    for source, layer in numbered:
        if layer.level == SETTLEMENT:
            listing = read_list(layer)
            found, other = settle(
                listing, home, source=source, prefix=f"{SETTLEMENT}:{source}-", error_km=error_km
            )
            places.append(found)
            aliases.append(other)
            registers.append(_register(layer, source, len(found)))
    both = pd.concat(places)
    both.index.name = PLACE_ID
    whole = as_places(pd.DataFrame(both.drop(columns=GEOMETRY)), both[GEOMETRY].to_numpy())
    names = (
        pd.concat(aliases, ignore_index=True) if aliases else pd.DataFrame(columns=ALIAS_COLUMNS)
    )
    return weighted_points(whole), names[list(ALIAS_COLUMNS)], combine(registers)


def weighted_points(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Move each county's, force's, region's and nation's point to its settlements' weighted mean.

    An area without a weighted settlement keeps its point, and so does one made of
    boroughs, whose point is its middle.
    """
    places = places.copy()
    towns = places[(places[LEVEL] == SETTLEMENT) & (places[POPULATION_WEIGHT] > 0)]
    weight = towns[POPULATION_WEIGHT]
    london = places[MEMBERS].map(_of_boroughs)
    for level in (COUNTY, *_SETS):
        parent = towns[PARENT_IDS[level]]
        total = weight.groupby(parent).sum()
        ids = total.index.intersection(places.index[(places[LEVEL] == level) & ~london])
        for axis in (LON, LAT):
            mean = (towns[axis] * weight).groupby(parent).sum() / total
            places.loc[ids, axis] = mean[ids]
        places.loc[ids, POPULATION_WEIGHT] = total[ids]
    return places


def _of_boroughs(members: tuple[str, ...] | None) -> bool:
    return bool(members) and all(m.startswith(f"{BOROUGH}:") for m in members or ())


def _register(layer: Layer, source: str, rows: int) -> pd.DataFrame:
    return register(
        source, layer.path, rows=rows, title=layer.title, licence=layer.licence,
        attribution=layer.attribution, url=layer.url,
    )  # fmt: skip


def _areas(layer: Layer, source: str) -> gpd.GeoDataFrame:
    """Return a layer's areas as rows of PLACES, without relations."""
    read = read_outlines(layer)
    slugs = [re.sub(r"[^\w]+", "-", name.casefold().replace("'", "")) for name in read[NAME]]
    twice = pd.Series(slugs).duplicated(keep=False)
    if twice.any():
        slugs = [
            f"{s}-{code}".casefold() if again else s
            for s, code, again in zip(slugs, read[GSS_CODE], twice, strict=True)
        ]
    index = pd.Index([f"{layer.level}:{s.strip('-')}" for s in slugs], name=PLACE_ID, dtype=object)
    frame = gpd.GeoDataFrame(read.set_axis(index, axis=0), crs="EPSG:4326")
    middle = shapely.point_on_surface(frame.geometry.to_numpy())
    empty = pd.Series([()] * len(frame), index=index, dtype=object)
    made = frame.assign(
        **{LEVEL: layer.level, SOURCE: source, POPULATION_WEIGHT: np.nan, MEMBERS: None,
           VINTAGE: None, BECAME_IDS: None,
           LON: shapely.get_x(middle), LAT: shapely.get_y(middle),
           NEAR_COUNTY_IDS: empty, NEAR_FORCE_IDS: empty},
        **dict.fromkeys(PARENT_IDS.values()),
    )  # fmt: skip
    return made[list(PLACES_CONTRACT.columns)]


def _without_settlements(places: gpd.GeoDataFrame, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the shipped areas, those of the users' own put in their stead.

    A shipped district is a list of settlements, which are not there: it is left out.
    """
    kept = places[~places[LEVEL].isin([SETTLEMENT, DISTRICT])]
    return gpd.GeoDataFrame(pd.concat([kept.drop(index=own.index, errors="ignore"), own]),
                            crs="EPSG:4326")  # fmt: skip


def _related(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give areas the larger ones that they lie in, and those their members; keep what is given."""
    places = places.copy()
    rank = {level: i for i, level in enumerate(LEVELS)}
    for level in (DISTRICT, COUNTY, *_SETS):
        larger = places[(places[LEVEL] == level) & places[MEMBERS].isna()]
        smaller = places.index[places[LEVEL].map(rank) < rank[level]]
        smaller = smaller.intersection(places.index[places[PARENT_IDS[level]].isna()])
        if level == COUNTY:  # a London borough lies in no county
            smaller = smaller[places.loc[smaller, LEVEL] != BOROUGH]
        if larger.empty or not len(smaller):
            continue
        inside = shapely.point_on_surface(places.geometry.loc[smaller].to_numpy())
        home, _, _ = Locator(larger.geometry).locate(shapely.get_x(inside), shapely.get_y(inside))
        places.loc[smaller, PARENT_IDS[level]] = home
    for level in _SETS:
        small = places[places[LEVEL].isin([BOROUGH, COUNTY])]
        of_parent = {p: tuple(ids) for p, ids in small.groupby(PARENT_IDS[level]).groups.items()}
        asked = (places[LEVEL] == level) & places[MEMBERS].isna()
        places[MEMBERS] = as_column(
            [
                of_parent.get(place_id, ()) if ask else members
                for place_id, ask, members in zip(places.index, asked, places[MEMBERS], strict=True)
            ],
            places.index,
        )
    return places
