"""Settlements: the areas that they lie in, the areas that they lie near, and their weights."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from raw import GRID, WGS84, table

NEAR_M = 2000.0  # the error of the areas' lines and of the settlements' points


def place(towns: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the settlements as rows of places.

    The parent is the finest area that the point lies in, or the nearest where it
    lies just outside all; rows of ``parents.csv`` overrule it.
    """
    points = gpd.GeoSeries.from_xy(towns["longitude"], towns["latitude"], crs=WGS84).to_crs(GRID)
    outlines = areas.to_crs(GRID).geometry.array
    away = np.stack([shapely.distance(outline, points.array) for outline in outlines])
    index = pd.Index("settlement:" + towns.index, name="place_id")
    home = pd.Series(areas.index.to_numpy()[away.argmin(axis=0)], index=index)
    was = home.copy()
    for fix in table("parents.csv").itertuples():
        place_id = f"settlement:{fix.geonameid}"
        if home[place_id] != fix.was or fix.becomes not in {*areas.index, *areas["region_id"]}:
            raise SystemExit(f"parents.csv: {fix.name} lies in {home[place_id]}, not {fix.was}")
        home[place_id] = fix.becomes
    for added in table("additions.csv").itertuples():
        place_id = f"settlement:{added.id}"
        if added.area not in areas.index or away[:, home.index.get_loc(place_id)].min() > NEAR_M:
            raise SystemExit(f"additions.csv: {added.name} lies in no area")
        home[place_id] = added.area
    upper = areas["county_id"].where(areas["county_id"].notna(), areas.index.to_series())
    near = [
        tuple(sorted(set(upper[away[:, i] < NEAR_M]) - {upper[home.iloc[i]], upper[was.iloc[i]]}))
        if home.iloc[i] in areas.index
        else ()
        for i in range(len(home))
    ]
    return weigh(_rows(towns, areas, home, near))


def _rows(
    towns: pd.DataFrame, areas: gpd.GeoDataFrame, home: pd.Series, near: list[tuple[str, ...]]
) -> pd.DataFrame:
    county = areas["county_id"].where(areas["county_id"].notna(), areas.index.to_series())
    force_of = areas["force_id"].groupby(county).first()
    reasons = table("parents.csv").set_index("geonameid")["reason"]
    frame = pd.DataFrame({"name": towns["name"].to_numpy(), "level": "settlement"}, home.index)
    frame["borough_id"] = home.where(home.str.startswith("borough:"), None)
    frame["district_id"] = home.where(home.str.startswith("district:"), None)
    own = home.where(home.str.startswith("county:"), None)
    frame["county_id"] = own.where(own.notna(), areas["county_id"].reindex(home).to_numpy())
    for column in ("force_id", "region_id", "nation_id"):
        frame[column] = areas[column].reindex(home).to_numpy()
    whole = home.str.startswith("region:")  # a row that stands for a region lies in no one area
    frame.loc[whole, "region_id"] = home[whole]
    frame.loc[whole, "nation_id"] = "nation:england"
    frame["members"] = None
    frame["population_weight"] = towns["population"].astype(float).replace(0, np.nan).to_numpy()
    frame["gss_code"] = None
    added = table("additions.csv").set_index("id")["reason"]
    frame["source"] = ["additions" if i in added else "geonames" for i in towns.index]
    reasons = pd.concat([reasons, added])
    frame["note"] = [f"{reasons[i]}." if i in reasons else None for i in towns.index]
    frame["vintage"] = None
    frame["became_ids"] = None
    frame["near_county_ids"] = near
    frame["near_force_ids"] = [
        tuple(sorted({force_of[i] for i in ids} - {own})) if own is not None else ()
        for ids, own in zip(near, frame["force_id"], strict=True)
    ]
    frame["lon"] = towns["longitude"].to_numpy(dtype=float)
    frame["lat"] = towns["latitude"].to_numpy(dtype=float)
    frame["geometry"] = None
    frame["home"] = home
    return frame


def weigh(frame: pd.DataFrame) -> pd.DataFrame:
    """Apply ``weights.csv``: no weight, or what a total leaves, with the reason as the note.

    Rows without a weight come first, so that no remainder is taken from a
    figure that counts for nothing.
    """
    frame = frame.copy()
    fixes = table("weights.csv")
    for fix in fixes.itertuples():
        place_id = f"settlement:{fix.geonameid}"
        printed = frame.loc[place_id, "population_weight"]
        if frame.loc[place_id, "name"] != fix.name or printed != float(fix.population):
            raise SystemExit(f"weights.csv: {fix.name} has {printed}, not {fix.population}")
        reason = f"Population {int(fix.population):,}: {fix.reason}."
        before = frame.loc[place_id, "note"]
        frame.loc[place_id, "note"] = f"{before} {reason}" if isinstance(before, str) else reason
    nothing = "settlement:" + fixes.loc[fixes["treatment"] == "null", "geonameid"]
    frame.loc[nothing, "population_weight"] = np.nan
    given = frame["population_weight"].copy()
    frame["largeness"] = given  # of the whole town, for choosing which to label
    for fix in fixes[fixes["treatment"] == "remainder"].itertuples():
        place_id = f"settlement:{fix.geonameid}"
        if fix.less == "area":
            others = frame.index[frame["home"] == frame.loc[place_id, "home"]].drop(place_id)
        else:
            others = pd.Index(["settlement:" + less.split()[0] for less in fix.less.split("; ")])
        rest = given[place_id] - given[others].sum()
        if not rest > 0:
            raise SystemExit(f"weights.csv: {fix.name} would be left {rest}")
        frame.loc[place_id, "population_weight"] = rest
    return frame
