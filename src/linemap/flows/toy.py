"""The flows of the toy world, for examples."""

from __future__ import annotations

from importlib.resources import as_file, files

import geopandas as gpd

from linemap.flows.build import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_records


def toy_flows() -> gpd.GeoDataFrame:
    """Build the 12 flows of the toy world; its README tells what each is there for.

    >>> int(toy_flows()["count"].sum())
    40
    """
    with as_file(files("linemap") / "data" / "toy" / "moves.csv") as moves:
        return build_flows(read_records(moves), gazetteer=Gazetteer.toy())
