"""Flows for figures: the published statements, the toy world's moves, and hostile names."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import pytest

from linemap import schema
from linemap.disclosure import Release, as_published
from linemap.flows import build_flows, measure_pairs
from linemap.records import read_statements

Make = Callable[..., gpd.GeoDataFrame]
ASHWICK, BIRCHGATE = "borough:ashwick", "borough:birchgate"
EASTBY, FERNPORT, GLENMOOR = "settlement:eastby", "settlement:fernport", "settlement:glenmoor"


@pytest.fixture(scope="session")
def statements(statements_csv) -> gpd.GeoDataFrame:
    return build_flows(read_statements(statements_csv))


@pytest.fixture(scope="session")
def published(statements) -> Release:
    return as_published(statements)


@pytest.fixture(scope="session")
def make(toy) -> Make:
    """Make FLOWS of the toy world from (origin, destination, count) and any column."""

    def flows(rows: list[tuple], kind: str = schema.RECORDS, **columns) -> gpd.GeoDataFrame:
        frame = pd.DataFrame(
            rows, columns=[schema.ORIGIN_ID, schema.DESTINATION_ID, schema.COUNT], dtype=object
        )
        measured = measure_pairs(frame[schema.ORIGIN_ID], frame[schema.DESTINATION_ID], toy)
        for end, name, level in (
            (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL),
            (schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL),
        ):
            frame[name] = frame[end].map(toy.places[schema.NAME]).astype(object)
            frame[level] = frame[end].map(toy.places[schema.LEVEL]).astype(object)
        frame[schema.COUNT] = pd.array(frame[schema.COUNT], dtype="Int64")
        given = {
            schema.FLOW_ID: [f"f{row:03}" for row in range(len(frame))],
            schema.INPUT: kind,
            schema.MEASURE: "referrals",
            schema.PERIOD_START: "2024-01",
            schema.PERIOD_END: "2024-12",
            schema.QUALIFIER: schema.EXACT_FIGURE,
            schema.SOURCE: "a source",
            **columns,
        }
        frame = frame.assign(**given)
        frame = pd.concat([frame, measured], axis=1)
        for column in schema.FLOW_COLUMNS:
            if column not in frame.columns:
                frame[column] = None
        ordered = [*schema.FLOW_COLUMNS, *[c for c in frame if c not in schema.FLOW_COLUMNS]]
        return gpd.GeoDataFrame(frame[ordered], geometry=schema.GEOMETRY, crs="EPSG:4326")

    return flows


@pytest.fixture(scope="session")
def release(make, toy) -> Callable[..., Release]:
    """Make a Release of the toy world, its counts public."""

    def released(rows: list[tuple], kind: str = schema.RECORDS, **columns) -> Release:
        return as_published(make(rows, kind, **columns), gazetteer=toy, already_public=True)

    return released
