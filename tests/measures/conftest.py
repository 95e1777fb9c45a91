"""The toy world's flows, placed by exact name so that no geocoder is under test here."""

from __future__ import annotations

from importlib.resources import files

import geopandas as gpd
import pandas as pd
import pytest

from linemap import schema as s
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_records


def by_exact_name(
    names: pd.Series, *, levels: pd.Series, within: pd.Series, gazetteer: Gazetteer
) -> pd.DataFrame:
    """Answer names as the geocoder's contract says, knowing exact names alone."""
    del within
    rows = []
    for name, level in zip(names, levels, strict=True):
        places = gazetteer.places
        hits = places[(places[s.NAME] == name) & ((level is None) | (places[s.LEVEL] == level))]
        if len(hits) == 1:
            place = hits.iloc[0]
            rows.append((name, hits.index[0], place[s.NAME], place[s.LEVEL], s.EXACT, 1.0, ()))
        else:
            status = s.AMBIGUOUS if len(hits) else s.MISSING
            rows.append((name, None, None, None, status, 0.0, tuple(hits.index)))
    columns = [s.QUERY, s.PLACE_ID, s.NAME, s.LEVEL, s.STATUS, s.SCORE, s.RIVALS]
    return pd.DataFrame(rows, columns=columns, index=names.index, dtype=object)


@pytest.fixture(scope="session")
def toy_records() -> pd.DataFrame:
    moves = files("linemap") / "data" / "toy" / "moves.csv"
    return read_records(str(moves))


@pytest.fixture(scope="session")
def toy_flows(toy: Gazetteer, toy_records: pd.DataFrame) -> gpd.GeoDataFrame:
    return build_flows(toy_records, gazetteer=toy, geocoder=by_exact_name)
