"""Councils of England and Wales, of today and earlier, out of small areas and postcodes.

Each small area (an LSOA of 2011) belongs today to the council that most of its
postcodes name; it belonged in 2011 to the council whose name it bears. The
councils' outlines are the unions of their small areas.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from raw import GRID, table


def read_small_areas(path: Path, postcodes: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the small areas: outline, council of 2011 (``was``), code of today's (``code``)."""
    areas = gpd.read_file(path)[["LSOA11CD", "LSOA11NM", "geometry"]]
    areas = areas.sort_values("LSOA11CD", ignore_index=True).to_crs(GRID)
    areas["geometry"] = areas.make_valid()
    tree = shapely.STRtree(areas.geometry.array)
    at, area = tree.query(
        shapely.points(postcodes["x"].to_numpy(), postcodes["y"].to_numpy()),
        predicate="intersects",
    )
    votes = pd.DataFrame({"area": area, "code": postcodes["code"].to_numpy()[at]})
    votes = votes[votes["code"].str[0].isin(["E", "W"])]
    counts = votes.groupby(["area", "code"]).size().rename("n").reset_index()
    counts = counts.sort_values(["area", "n", "code"], ascending=[True, False, True])
    most = counts.drop_duplicates("area").set_index("area")["code"]
    if len(most) != len(areas):
        raise SystemExit(f"small areas without a postcode: {len(areas) - len(most)}")
    return areas.assign(
        was=areas["LSOA11NM"].str.replace(r" \d{3}[A-Z]$", "", regex=True),
        code=most.reindex(range(len(areas))).to_numpy(),
    )


def of_today(small: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the councils of ``councils.csv`` that have an outline here, by GSS code."""
    listed = table("councils.csv").set_index("gss_code")
    shapes = small.dissolve("code").geometry
    ours = listed[listed["nation"].isin(["England", "Wales"])]
    ours = ours[~ours.index.str.startswith("E10")]
    if set(shapes.index) != set(ours.index):
        raise SystemExit(f"councils.csv: {set(shapes.index) ^ set(ours.index)} in one source alone")
    return gpd.GeoDataFrame(ours, geometry=shapes.reindex(ours.index), crs=GRID)


def earlier(
    small: gpd.GeoDataFrame, today: gpd.GeoDataFrame, coarse: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the areas of ``earlier.csv`` with their outlines (in degrees), in its order.

    `today` holds the areas of today by place_id, `coarse` Natural Earth's by name.
    """
    listed = table("earlier.csv")
    by_name = dict(zip(today["name"], today.geometry.to_crs(GRID), strict=True))
    was = small.groupby("was").groups
    shapes = []
    for row in listed.itertuples():
        kind, _, names = row.outline.partition(": ")
        parts = names.split("; ")
        if kind == "lsoa":
            own = small.geometry.loc[np.concatenate([was[name] for name in parts])]
            shapes.append(shapely.union_all(own.array, grid_size=1.0))
        elif kind == "areas":
            shapes.append(shapely.union_all([by_name[name] for name in parts]))
        else:
            shapes.append(coarse.geometry[parts[0]])
    return gpd.GeoDataFrame(listed, geometry=shapes, crs=GRID)
