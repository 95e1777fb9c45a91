"""Read the raw sources and apply the table of corrections to them.

Nothing is corrected here that is not a row of ``corrections.csv``; a row that
corrects nothing (because the source has changed) is an error.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

HERE = Path(__file__).parent
GRID = "EPSG:27700"
WGS84 = "EPSG:4326"


def slug(name: str) -> str:
    """Return the part of a place_id that a name makes."""
    plain = name.lower().replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def table(name: str) -> pd.DataFrame:
    """Read one hand-kept table; every cell is text and an empty one is empty text."""
    return pd.read_csv(HERE / name, dtype=str, keep_default_na=False)


def corrections(of: str) -> pd.DataFrame:
    """Return the corrections of one source."""
    rows = table("corrections.csv")
    return rows[rows["table"] == of]


def read_settlements(path: Path) -> pd.DataFrame:
    """Return the settlements of the GeoNames list with country GB, corrected, by GeoNames id."""
    world = json.loads(path.read_text(encoding="utf-8"))
    rows = [row for row in world.values() if row["countrycode"] == "GB"]
    frame = (
        pd.DataFrame(rows)
        .astype({"geonameid": str})
        .set_index("geonameid")
        .sort_index(key=lambda ids: ids.astype(int))
    )
    for fix in corrections("settlements").itertuples():
        was = str(frame.loc[fix.source_id, "name" if fix.field == "drop" else fix.field])
        _expect(fix, was)
        if fix.field == "drop":
            frame = frame.drop(index=fix.source_id)
        else:
            kind = type(frame.loc[fix.source_id, fix.field])
            frame.loc[fix.source_id, fix.field] = kind(fix.becomes)
    added = _additions()
    for place in added.itertuples():
        near = frame[(frame["longitude"] - place.longitude).abs().lt(0.08)]
        near = near[(near["latitude"] - place.latitude).abs().lt(0.05)]
        if place.name in set(near["name"]):
            raise SystemExit(f"additions.csv: {place.name} is in the list already")
    return pd.concat([frame, added])


def _additions() -> pd.DataFrame:
    """Return the settlements added by hand, in the columns of the list."""
    rows = table("additions.csv").set_index("id")
    return pd.DataFrame(
        {
            "name": rows["name"],
            "longitude": rows["longitude"].astype(float),
            "latitude": rows["latitude"].astype(float),
            "population": 0,
            "admin1code": "",
            "alternatenames": [[] for _ in rows.index],
        }
    )


def read_coarse(path: Path) -> gpd.GeoDataFrame:
    """Return Natural Earth's upper-tier areas, corrected, by name, in metres."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    frame = gpd.GeoDataFrame.from_features(raw["features"], crs=WGS84)
    frame = frame.set_index("adm1_code").sort_index()
    frame = frame[["name", "geonunit", "geometry"]].rename(columns={"geonunit": "nation"})
    frame["nation"] = frame["nation"].fillna("")
    for fix in corrections("areas").itertuples():
        if fix.field == "drop_part":
            lon, lat = map(float, fix.was.split())
            whole = frame.loc[fix.source_id, "geometry"]
            near = shapely.Point(lon, lat).buffer(0.1)
            parts = [part for part in whole.geoms if not part.within(near)]
            if len(parts) != len(whole.geoms) - 1:
                raise SystemExit(f"corrections.csv: nothing to drop for {fix.source_id}")
            frame.loc[fix.source_id, "geometry"] = shapely.MultiPolygon(parts)
        else:
            _expect(fix, frame.loc[fix.source_id, fix.field])
            frame.loc[fix.source_id, fix.field] = fix.becomes
    return frame.set_index("name").to_crs(GRID)


def _expect(fix: object, was: object) -> None:
    if str(was) != fix.was:
        raise SystemExit(f"corrections.csv expects {fix.was!r} but the source has {was!r}: {fix}")
