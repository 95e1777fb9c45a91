"""Which area a point lies in, against another engine and against hand-worked answers."""

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.gazetteer import Gazetteer
from linemap.gazetteer.assign_parents import Locator, forces_near

UK = Gazetteer.load().places
AREAS = UK[UK["level"].isin(["county", "borough"])].geometry
LOCATOR = Locator(AREAS)
TOY = Gazetteer.toy().places
BOROUGHS = Locator(TOY[TOY["level"] == "borough"].geometry)


def test_points_of_the_toy_world() -> None:
    lon = [-0.1, 0.1, 0.0001, 5.0, np.nan]
    lat = [51.55, 51.45, 51.55, 51.5, np.nan]
    home, away, near = BOROUGHS.locate(lon, lat)
    assert list(home) == ["borough:ashwick", "borough:dunmere", "borough:birchgate", None, None]
    assert list(away[:3]) == [0, 0, 0]
    assert near[0] == ()
    assert near[2] == ("borough:ashwick",)


def test_a_point_just_outside_belongs_to_the_nearest() -> None:
    home, away, near = BOROUGHS.locate([-0.1], [51.61])  # 0.01° of latitude north: 1.1 km
    assert list(home) == ["borough:ashwick"]
    assert abs(away[0] - 1.112) < 0.02
    assert near == [()]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(-5, 1.5), st.floats(50.5, 56)), min_size=1, max_size=30))
def test_the_area_is_the_one_that_a_spatial_join_finds(points: list[tuple[float, float]]) -> None:
    lon, lat = map(np.array, zip(*points, strict=True))
    home, away, near = LOCATOR.locate(lon, lat)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    joined = gpd.sjoin(frame, AREAS.to_frame("geometry"), predicate="within", how="left")
    joined = joined[~joined.index.duplicated()]["place_id"]
    for i, expected in joined.items():
        if away[i] == 0 and not near[i] and isinstance(expected, str):
            assert home[i] == expected
        if isinstance(expected, str):
            assert home[i] == expected or expected in near[i]
        if home[i] is None:
            assert pd.isna(expected)


def test_forces_near_leave_out_the_own_and_the_unknown() -> None:
    force = {"a": "force:x", "b": "force:y", "c": None}
    assert forces_near([("a", "b"), ("b", "c"), ()], ["force:x", None, "force:y"], force.get) == [
        ("force:y",), ("force:y",), (),
    ]  # fmt: skip
