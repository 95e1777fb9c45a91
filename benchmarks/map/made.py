"""Made-up flows for the benchmarks of the map: real places, counts drawn at random."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from linemap import schema
from linemap.disclosure import Release, as_published
from linemap.distance import geodesic_km
from linemap.gazetteer import Gazetteer

SEED = 7


def made_flows(n: int) -> gpd.GeoDataFrame:
    """Return n FLOWS rows of records from boroughs to settlements, with a quarter and an age."""
    rng = np.random.default_rng(SEED)
    places = Gazetteer.load().places
    boroughs = places[places[schema.LEVEL].eq(schema.BOROUGH)]
    towns = places[places[schema.LEVEL].eq(schema.SETTLEMENT)]
    pairs = rng.choice(len(boroughs) * len(towns), size=n, replace=n > len(boroughs) * len(towns))
    origin, town = boroughs.iloc[pairs // len(towns)], towns.iloc[pairs % len(towns)]
    ends = [frame[axis].to_numpy() for frame in (origin, town) for axis in (schema.LON, schema.LAT)]
    km = geodesic_km(*ends)
    quarter = rng.integers(0, 8, n)
    starts = [f"{2022 + q // 4}-{1 + 3 * (q % 4):02d}" for q in quarter]
    lasts = [f"{2022 + q // 4}-{3 + 3 * (q % 4):02d}" for q in quarter]
    lines = shapely.linestrings(np.column_stack(ends).reshape(n, 2, 2))
    frame = pd.DataFrame(dict.fromkeys(schema.FLOW_COLUMNS), index=range(n))
    frame = frame.assign(
        **{
            schema.FLOW_ID: [f"f{i:06d}" for i in range(n)],
            schema.INPUT: schema.RECORDS,
            schema.ORIGIN_ID: origin.index,
            schema.ORIGIN_NAME: origin[schema.NAME].to_numpy(),
            schema.ORIGIN_LEVEL: schema.BOROUGH,
            schema.ORIGIN_STATUS: schema.EXACT,
            schema.DESTINATION_ID: town.index,
            schema.DESTINATION_NAME: town[schema.NAME].to_numpy(),
            schema.DESTINATION_LEVEL: schema.SETTLEMENT,
            schema.DESTINATION_STATUS: schema.EXACT,
            schema.MEASURE: "simulated links",
            schema.PERIOD_START: starts,
            schema.PERIOD_END: lasts,
            schema.COUNT: pd.array(10 + 5 * np.floor(rng.pareto(1.2, n) * 2), dtype="Int64"),
            schema.DISTANCE_KM: km,
            schema.DISTANCE_LOW_KM: km * 0.97,
            schema.DISTANCE_HIGH_KM: km * 1.03,
            schema.EXTERNAL: True,
            "age_band": rng.choice(["under 18", "18 to 25", "over 25"], n),
        }
    )
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:4326")


def made_release(n: int) -> Release:
    """Return the same flows as a release."""
    return as_published(made_flows(n), already_public=True)
