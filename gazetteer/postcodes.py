"""Postcodes of Great Britain, and the districts that they make."""

from __future__ import annotations

from pathlib import Path

import brotli
import geopandas as gpd
import msgpack
import numpy as np
import pandas as pd
from raw import GRID, WGS84

ABROAD = ("L", "M")  # codes of the Channel Islands and the Isle of Man
OWN_LICENCE = "BT"  # Northern Ireland's postcodes: left out, their licence is another
WHOLE = 0.99  # with this share of its postcodes in an area, a district lies in it
PART = 0.01  # with this share it reaches into it
SPREAD = 0.95  # of the postcodes lie within the spread of the middle
PARENTS = ("borough_id", "district_id", "county_id", "force_id", "region_id", "nation_id")


def read_postcodes(folder: Path) -> pd.DataFrame:
    """Return the postcodes of Great Britain, ended ones too: ``pcd``, council code, x, y."""
    pieces = []
    for path in sorted(folder.glob("postcodes_*.msgpack.br")):
        packed = msgpack.unpackb(brotli.decompress(path.read_bytes()), raw=False)
        pieces.append(pd.DataFrame(packed["data"], columns=packed["columns"]))
    whole = pd.concat(pieces, ignore_index=True).rename(
        columns={"laua": "code", "oseast1m": "x", "osnrth1m": "y"}
    )
    known = whole["code"].notna() & whole["x"].notna()
    kept = known & ~whole["pcd"].str.startswith(OWN_LICENCE) & ~whole["code"].str[0].isin(ABROAD)
    return whole[kept].reset_index(drop=True)


def districts(postcodes: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return one row a postcode district: name, middle, spread in km, parents, what is near.

    No postcode is in it: the middle is the median of all, to three decimals of a
    degree (about 100 m).
    """
    name = postcodes["pcd"].str[:4].str.strip()
    middle = postcodes.groupby(name)[["x", "y"]].median()
    off = postcodes[["x", "y"]].to_numpy() - middle.reindex(name).to_numpy()
    spread = pd.Series(np.hypot(*off.T), name.to_numpy()).groupby(level=0).quantile(SPREAD) / 1000
    points = gpd.GeoSeries.from_xy(middle["x"], middle["y"], crs=GRID).to_crs(WGS84)
    by_code = places[places["gss_code"].notna() & places["became_ids"].isna()]
    by_code = by_code.set_index("gss_code")
    own = by_code.reindex(postcodes["code"])
    columns: dict[str, object] = {
        "name": middle.index,
        "lon": points.x.round(3).to_numpy(),
        "lat": points.y.round(3).to_numpy(),
        "spread_km": spread.reindex(middle.index).clip(lower=0.1).round(2).to_numpy(),
    }
    shares = {}
    for column in PARENTS:
        level = column.removesuffix("_id")
        parent = own["place_id"].where(own["level"] == level, own[column]).to_numpy()
        shares[column] = (
            pd.DataFrame({"name": name.to_numpy(), "parent": parent})
            .value_counts(["name", "parent"])
            .div(name.value_counts().rename_axis("name"), level="name")
        )
        most = shares[column].reset_index(name="share").sort_values(["name", "share"])
        most = most.drop_duplicates("name", keep="last").set_index("name")
        held = most["parent"].where(most["share"] >= WHOLE).reindex(middle.index)
        columns[column] = held.astype(object).where(held.notna(), None).to_numpy()
    upper = pd.concat([shares["borough_id"], shares["county_id"]])
    for near, share, homes in (
        ("near_county_ids", upper, ("borough_id", "county_id")),
        ("near_force_ids", shares["force_id"], ("force_id",)),
    ):
        some = share[share >= PART].reset_index()
        of = some.groupby("name")["parent"].agg(set)
        columns[near] = [
            sorted(of.get(district, set()) - {columns[home][i] for home in homes})
            for i, district in enumerate(middle.index)
        ]
    return pd.DataFrame(columns)
