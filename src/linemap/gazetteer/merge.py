"""Two lists of places as one: a settlement that both name stands once."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Geod

from linemap.gazetteer.storage import as_places
from linemap.schema import (
    BOROUGH_ID,
    COUNTY_ID,
    GEOMETRY,
    GSS_CODE,
    LAT,
    LEVEL,
    LON,
    NAME,
    NEAR_COUNTY_IDS,
    NOTE,
    PLACE_ID,
    POPULATION_WEIGHT,
    SETTLEMENT,
    SOURCE,
)
from linemap.text import key

SAME_KM: Final = 3.0  # two points of one name and parent, nearer than this, are one settlement
_GEOD: Final = Geod(ellps="WGS84")


def duplicates(
    ours: pd.DataFrame, theirs: pd.DataFrame, *, same_km: float = SAME_KM,
    our_aliases: pd.DataFrame | None = None,
) -> pd.Series:  # fmt: skip
    """Say which of our settlements each of theirs is: our place_id by theirs.

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
