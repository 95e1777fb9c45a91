from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pointpats import centrography
from scipy.optimize import minimize

from linemap import schema as s
from linemap.distance import destination, geodesic_km
from linemap.gazetteer import Gazetteer
from linemap.measures import geography, median_centre
from linemap.measures.centrography import ellipse, mean_centre, mean_direction, plane_km

# The eleven points of pointpats' own published example.
POINTS = np.array(
    [[66.22, 32.54], [22.52, 22.39], [31.01, 81.21], [9.47, 31.02], [30.78, 60.10],
     [75.21, 58.93], [79.26, 7.68], [8.23, 39.93], [98.73, 77.17], [89.78, 42.53],
     [65.19, 92.08]]
)  # fmt: skip

cloud = st.lists(
    st.tuples(st.floats(-6, 2), st.floats(50, 58), st.integers(1, 30)), min_size=2, max_size=12
)


def on_earth(km: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lay plane points out around 0 E, 52 N, where a plane of some kilometres is true."""
    turn = np.degrees(np.arctan2(km[:, 0], km[:, 1]))
    return destination(0.0, 52.0, turn, np.hypot(km[:, 0], km[:, 1]))


def term(table: pd.DataFrame, name: str) -> pd.Series:
    return table[table[s.TERM] == name].iloc[0]


def test_the_ellipse_agrees_with_pointpats_on_its_published_example() -> None:
    major, minor, bearing = ellipse(*POINTS.T, np.ones(11), "crimestat")
    theirs = centrography.ellipse(POINTS)
    assert major == pytest.approx(theirs[0], rel=1e-9)
    assert minor == pytest.approx(theirs[1], rel=1e-9)
    assert (round(major, 4), round(minor, 4)) == (50.1303, 37.9522)
    plain = centrography.ellipse(POINTS, method="yuill", crimestatCorr=False, degfreedCorr=False)
    assert ellipse(*POINTS.T, np.ones(11))[:2] == pytest.approx(plain[:2], rel=1e-9)
    # The longer axis is the direction in which the points vary most: try them all.
    turns = np.radians(np.arange(0, 180, 0.01))
    centred = POINTS - POINTS.mean(axis=0)
    along = np.outer(centred[:, 0], np.sin(turns)) + np.outer(centred[:, 1], np.cos(turns))
    assert bearing == pytest.approx(np.degrees(turns[along.var(axis=0).argmax()]), abs=0.02)


@given(st.lists(st.integers(1, 9), min_size=11, max_size=11))
def test_weights_are_repetitions(weights: list[int]) -> None:
    weighted = ellipse(*POINTS.T, np.array(weights))
    repeated = ellipse(*np.repeat(POINTS, weights, axis=0).T, np.ones(sum(weights)))
    assert weighted == pytest.approx(repeated, rel=1e-7)


def test_centre_and_standard_distance_agree_with_pointpats_on_a_small_plane() -> None:
    metres = POINTS / 100  # about a kilometre across, where the Earth is flat to a millimetre
    weights = np.arange(1, 12)
    lon, lat = on_earth(metres)
    centre = mean_centre(lon, lat, weights)
    east, north = plane_km(np.array([centre[0]]), np.array([centre[1]]), (0.0, 52.0))
    theirs = centrography.weighted_mean_center(metres, weights)
    assert (east[0], north[0]) == pytest.approx(tuple(theirs), abs=1e-6)
    x, y = plane_km(*on_earth(metres), mean_centre(*on_earth(metres), np.ones(11)))
    assert np.sqrt(np.mean(x**2 + y**2)) == pytest.approx(
        centrography.std_distance(metres), abs=1e-6
    )


@given(cloud)
def test_the_centre_is_where_squared_distances_are_least(
    points: list[tuple[float, float, int]],
) -> None:
    lon, lat, weight = (np.array(part, dtype=float) for part in zip(*points, strict=True))
    centre = mean_centre(lon, lat, weight)

    def squared(x: float, y: float) -> float:
        return float(np.sum(weight * geodesic_km(x, y, lon, lat) ** 2))

    least = squared(*centre)
    for turn in range(0, 360, 45):
        x, y = destination(*centre, turn, 1.0)
        assert squared(float(x), float(y)) > least


@given(st.lists(st.tuples(st.floats(0, 359), st.integers(1, 20)), min_size=1, max_size=10))
def test_mean_direction_turns_with_the_directions(rows: list[tuple[float, int]]) -> None:
    bearing, weight = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    direction, length = mean_direction(bearing, weight)
    assume(length > 1e-6)
    turned, same = mean_direction(bearing + 100, weight)
    assert 0 <= length <= 1
    assert same == pytest.approx(length, abs=1e-9)
    assert (turned - direction - 100 + 180) % 360 - 180 == pytest.approx(0, abs=1e-4)


def test_directions_by_hand() -> None:
    assert mean_direction(np.array([350.0, 10.0]), [1, 1]) == pytest.approx(
        (360.0, np.cos(np.radians(10)))
    ) or mean_direction(np.array([350.0, 10.0]), [1, 1])[0] == pytest.approx(0.0, abs=1e-9)
    direction, length = mean_direction(np.array([0.0, 90.0]), [3, 1])
    assert direction == pytest.approx(np.degrees(np.arctan2(1, 3)))
    assert length == pytest.approx(np.sqrt(10) / 4)
    north_and_south = mean_direction(np.array([0.0, 180.0]), [1, 1])
    assert np.isnan(north_and_south[0])
    assert north_and_south[1] == pytest.approx(0, abs=1e-12)


def test_the_toy_worlds_geography(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = geography(toy_flows, gazetteer=toy, rng=np.random.default_rng(1), replicates=300)
    cedarham = table[table[s.ORIGIN_NAME] == "Cedarham"]  # all three at Eastby
    assert term(cedarham, "centre_lon")[s.ESTIMATE] == pytest.approx(-0.5)
    assert term(cedarham, "centre_lat")[s.ESTIMATE] == pytest.approx(51.5)
    assert term(cedarham, "standard_distance_km")[s.ESTIMATE] == 0
    assert np.isnan(term(cedarham, "ellipse_bearing_deg")[s.ESTIMATE])
    assert "circle" in term(cedarham, "ellipse_bearing_deg")[s.REASON]
    assert term(cedarham, "direction_concentration")[s.ESTIMATE] == pytest.approx(1)
    dunmere = table[table[s.ORIGIN_NAME] == "Dunmere"]  # 2 at Glenmoor, 1 at Fernport
    apart = float(geodesic_km(0.0, 53.0, -1.5, 51.5))
    # Two thirds at one end and a third at the other: the root of 2/9 of the way.
    assert term(dunmere, "standard_distance_km")[s.ESTIMATE] == pytest.approx(
        apart * np.sqrt(2 / 9), rel=1e-4
    )
    known = table[table[s.ESTIMATE].notna()]
    spread = known[known[s.TERM] == "standard_distance_km"]
    assert (spread[s.LOW] <= spread[s.ESTIMATE]).all()
    assert table[s.REASON].notna().sum() == table[s.ESTIMATE].isna().sum()


def test_intervals_hold_the_estimate_across_north(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    glenmoor = toy_flows[toy_flows[s.DESTINATION_NAME] == "Glenmoor"]  # bearings 2 and 358
    table = geography(glenmoor, by=None, gazetteer=toy, rng=np.random.default_rng(1))
    row = term(table, "direction_deg")
    assert row[s.LOW] <= row[s.ESTIMATE] <= row[s.HIGH]
    assert row[s.HIGH] - row[s.LOW] < 6


def test_inside_one_place_there_is_no_direction(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    inside = toy_flows[toy_flows[s.DESTINATION_NAME] == "Ashwick"]
    table = geography(inside, gazetteer=toy)
    assert np.isnan(term(table, "direction_deg")[s.ESTIMATE])
    assert "own place" in term(table, "direction_deg")[s.REASON]
    assert "fewer than 3" in term(table, "ellipse_major_km")[s.REASON]


def test_no_flows_have_a_reason(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> None:
    table = geography(toy_flows.iloc[:0], by=None, gazetteer=toy)
    assert table[s.ESTIMATE].isna().all()
    assert table[s.REASON].notna().all()


def test_the_median_centre_is_where_distances_sum_to_least() -> None:
    lon, lat = on_earth(POINTS * 5)
    weights = np.arange(1.0, 12.0)
    for metric in ("geodesic", "euclidean"):
        at = median_centre(lon, lat, weights, metric=metric)

        def total(point: np.ndarray) -> float:
            return float((weights * geodesic_km(point[0], point[1], lon, lat)).sum())

        least = total(np.array(at))
        best = minimize(total, np.array(at) + 0.3, method="Nelder-Mead",
                        options={"xatol": 1e-9, "fatol": 1e-9}).fun  # fmt: skip
        assert least == pytest.approx(best, rel=1e-6)
    apart = geodesic_km(*median_centre(lon, lat, weights), *at)
    assert 0 < float(apart) < 0.5


def test_the_median_centre_may_be_one_of_the_places() -> None:
    at = median_centre([0.0, 1.0, 0.5], [52.0, 52.0, 53.0], [10, 1, 1])
    assert at == pytest.approx((0.0, 52.0), abs=1e-6)
    assert median_centre([0.3], [51.0], [4]) == pytest.approx((0.3, 51.0))
