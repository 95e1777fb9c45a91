from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap import distance
from linemap.distance import (
    Inside,
    bearing_deg,
    destination,
    furthest_km,
    geodesic_km,
    hull,
    inverse,
    nearest_km,
    spread_km,
)

LONS = st.floats(-179, 179)
LATS = st.floats(-85, 85)
LONDON = (-0.1276, 51.5072)
METRE = 0.001  # km; distances between areas are rounded to it
# Kilometres from LONDON, by GeographicLib.
PUBLISHED_KM = {
    "Swaffham": (0.6868, 52.6477, 138.64),
    "King's Lynn": (0.3955, 52.7517, 143.03),
    "Margate": (1.3862, 51.3813, 106.17),
    "Truro": (-5.0510, 50.2632, 372.99),
    "Aberdeen": (-2.0943, 57.1497, 640.90),
}


def inside(*points: tuple[float, float, float]) -> Inside:
    lon, lat, weight = (np.array(part, dtype=float) for part in zip(*points, strict=True))
    return Inside(lon, lat, weight)


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    return shapely.box(west, south, east, north)


def corners(shape: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    xy = shapely.get_coordinates(shape)
    return xy[:, 0], xy[:, 1]


@pytest.mark.parametrize("place", PUBLISHED_KM)
def test_published_distances_from_london(place: str) -> None:
    lon, lat, km = PUBLISHED_KM[place]
    assert round(float(geodesic_km(*LONDON, lon, lat)), 2) == km


@given(LONS, LATS, LONS, LATS)
def test_agrees_with_geographiclib_to_a_micrometre(
    lon1: float, lat1: float, lon2: float, lat2: float
) -> None:
    oracle = Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2)
    km, bearing = inverse(lon1, lat1, lon2, lat2)
    assert abs(float(km) * 1000 - oracle["s12"]) < 1e-6
    if 1 < oracle["s12"] < 19_000_000:  # near the antipode many bearings are as good
        turn = (float(bearing) - oracle["azi1"] + 180) % 360 - 180
        assert abs(turn) < 1e-6


@given(LONS, LATS, LONS, LATS)
def test_distance_is_symmetric_and_zero_on_the_diagonal(
    lon1: float, lat1: float, lon2: float, lat2: float
) -> None:
    there, back = geodesic_km(lon1, lat1, lon2, lat2), geodesic_km(lon2, lat2, lon1, lat1)
    assert abs(float(there) - float(back)) < 1e-9
    assert float(geodesic_km(lon1, lat1, lon1, lat1)) == 0.0


@given(LONS, LATS, st.floats(0, 359.9), st.floats(0.001, 5000))
def test_going_there_and_measuring_agree(lon: float, lat: float, turn: float, km: float) -> None:
    end = destination(lon, lat, turn, km)
    assert abs(float(geodesic_km(lon, lat, *end)) - km) < 1e-8


@pytest.mark.parametrize(
    ("end", "expected"), [((0, 52), 0), ((0, 50), 180), ((1, 51), 90), ((-1, 51), 270)]
)
def test_bearing_is_clockwise_from_north(end: tuple[float, float], expected: float) -> None:
    assert float(bearing_deg(0, 51, *end)) == pytest.approx(expected, abs=0.5)


def test_unknown_coordinates_give_unknown_distances_and_no_warning() -> None:
    km, bearing = inverse([0.0, np.nan, 0.0], [51.0, 51.0, np.nan], 1.0, 52.0)
    assert np.isnan(km).tolist() == [False, True, True]
    assert np.isnan(bearing).tolist() == [False, True, True]


def test_a_point_has_no_direction_from_itself() -> None:
    assert np.isnan(float(bearing_deg(0.5, 51.5, 0.5, 51.5)))


def test_arguments_are_not_changed() -> None:
    lon, lat = np.array([0.0, 1.0]), np.array([51.0, 52.0])
    inverse(lon, lat, lon[::-1], lat[::-1])
    assert lon.tolist() == [0.0, 1.0]
    assert lat.tolist() == [51.0, 52.0]


def test_empty_arrays_give_empty_arrays() -> None:
    assert geodesic_km([], [], [], []).shape == (0,)


@pytest.mark.parametrize(
    ("lon", "lat"), [(0.0, 530000.0), (530000.0, 51.0), (0.0, 91.0), (0.0, np.inf)]
)
def test_grid_metres_are_refused(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match="degrees rather than grid metres"):
        geodesic_km(lon, lat, 0.0, 51.0)


def test_points_spread_over_nothing() -> None:
    spread = spread_km([inside((0, 51, 1)), inside((1, 52, 1))], [0], [1])
    km = float(geodesic_km(0, 51, 1, 52))
    assert [float(part[0]) for part in (spread.mean, spread.p05, spread.p95)] == [km] * 3
    assert float(spread.low[0]) == float(spread.high[0]) == km


def test_weighted_mean_and_percentiles_by_hand() -> None:
    # From one point to three, with 6 %, 84 % and 10 % of the weight.
    far = inside((1, 51, 0.06), (2, 51, 0.84), (3, 51, 0.10))
    km = geodesic_km(0, 51, [1, 2, 3], 51)
    spread = spread_km([inside((0, 51, 1)), far], [0], [1])
    mean = float(np.dot(km, [0.06, 0.84, 0.10]))
    assert float(spread.mean[0]) == pytest.approx(mean, abs=METRE)
    assert float(spread.p05[0]) == pytest.approx(km[0], abs=METRE)  # 6 % lies at the first
    assert float(spread.p95[0]) == pytest.approx(km[2], abs=METRE)  # 90 % lies before the third
    assert float(spread.low[0]) == pytest.approx(km[0], abs=METRE)
    assert float(spread.high[0]) == pytest.approx(km[2], abs=METRE)


def test_a_place_with_itself_has_its_own_spread() -> None:
    two = inside((0, 51, 0.5), (1, 51, 0.5))
    spread = spread_km([two], [0], [0])
    apart = float(geodesic_km(0, 51, 1, 51))
    # Half of the draws coincide.
    assert float(spread.mean[0]) == pytest.approx(apart / 2, abs=METRE)
    assert float(spread.low[0]) == 0.0
    assert float(spread.high[0]) == pytest.approx(apart, abs=METRE)


points = st.lists(
    st.tuples(st.floats(-5, 5), st.floats(48, 58), st.floats(0.01, 1)), min_size=1, max_size=6
)


@given(points, points)
def test_spread_is_ordered_and_agrees_with_every_pair_listed(
    first: list[tuple[float, float, float]], second: list[tuple[float, float, float]]
) -> None:
    spread = spread_km([inside(*first), inside(*second)], [0, 1], [1, 0])
    km, weight = [], []
    for lon1, lat1, w1 in first:
        for lon2, lat2, w2 in second:
            km.append(float(geodesic_km(lon1, lat1, lon2, lat2)))
            weight.append(w1 * w2)
    mean = float(np.average(km, weights=weight))
    for side in (0, 1):  # and it is the same both ways
        low, p05, p95, high = (
            float(getattr(spread, name)[side]) for name in ("low", "p05", "p95", "high")
        )
        assert low <= p05 <= p95 <= high
        assert low <= float(spread.mean[side]) <= high
        assert float(spread.mean[side]) == pytest.approx(mean, abs=10 * METRE)
        assert low == pytest.approx(min(km), abs=10 * METRE)
        assert high == pytest.approx(max(km), abs=10 * METRE)


def test_cutting_the_work_does_not_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    places = [
        Inside(rng.uniform(-3, 1, n), rng.uniform(50, 54, n), rng.uniform(0.1, 1, n))
        for n in (1, 4, 7, 2, 9)
    ]
    left, right = np.repeat(np.arange(5), 5), np.tile(np.arange(5), 5)
    whole = spread_km(places, left, right)
    monkeypatch.setattr(distance, "CHUNK", 10)
    cut = spread_km(places, left, right)
    for name in ("mean", "p05", "p95", "low", "high"):
        assert np.allclose(getattr(whole, name), getattr(cut, name), rtol=0, atol=1e-10)


def every_pair(a: Inside, b: Inside) -> dict[str, float]:
    """Measure the geodesic of every point of one to every point of the other."""
    km = geodesic_km(a.lon[:, None], a.lat[:, None], b.lon, b.lat).ravel()
    weight = (a.weight[:, None] * b.weight).ravel()
    order = np.argsort(km)
    reached = np.cumsum(weight[order]) / weight.sum()
    p05, p95 = (km[order][np.searchsorted(reached, share * (1 - 1e-9))] for share in (0.05, 0.95))
    mean = np.average(km, weights=weight)
    found = {"mean": mean, "p05": p05, "p95": p95, "low": km.min(), "high": km.max()}
    return {name: float(value) for name, value in found.items()}


def cloud(lon: float, lat: float, n: int, width: float, seed: int, *, alike: bool) -> Inside:
    """Scatter points, `width` degrees of latitude wide, a few of which hold most of the weight."""
    rng = np.random.default_rng(seed)
    east, north = rng.normal(size=(2, n)) * width / 4
    weight = np.ones(n) if alike else rng.pareto(1.0, n) + 0.01
    return Inside(lon + east / np.cos(np.radians(lat)), lat + north, weight / weight.sum())


CLOUDS = st.builds(
    cloud,
    st.floats(-8, 6),
    st.floats(48, 62),
    st.integers(1, 90),
    st.floats(0.02, 3),
    st.integers(0, 99),
    alike=st.booleans(),
)


@settings(deadline=None, max_examples=60)
@given(CLOUDS, CLOUDS)
def test_areas_agree_with_every_geodesic_of_their_points(a: Inside, b: Inside) -> None:
    expected = every_pair(a, b)
    found = spread_km([a, b], [0], [1])
    bin_km = (expected["high"] - expected["low"]) / 1024
    for name, km in expected.items():
        near = 0.01 if name in ("mean", "low", "high") else 0.01 + bin_km / 2
        assert float(getattr(found, name)[0]) == pytest.approx(km, abs=near)


@settings(deadline=None, max_examples=30)
@given(
    st.floats(-170, 170),
    st.floats(-75, 75),
    st.floats(-170, 170),
    st.floats(-75, 75),
    st.integers(2, 12),
    st.integers(0, 99),
)
def test_areas_anywhere_on_the_globe_agree_with_every_geodesic(
    lon1: float, lat1: float, lon2: float, lat2: float, n: int, seed: int
) -> None:
    a, b = cloud(lon1, lat1, n, 2.0, seed, alike=True), cloud(lon2, lat2, 5, 3.0, seed, alike=False)
    found = spread_km([a, b], [0], [1])
    for name, km in every_pair(a, b).items():
        assert float(getattr(found, name)[0]) == pytest.approx(km, abs=0.02)


def test_pairs_that_are_measured_together_do_not_touch_each_other() -> None:
    sizes = (17, 33, 35, 40, 64, 21, 70)
    places = [cloud(i - 3, 52, n, 0.5, i, alike=i % 2 == 0) for i, n in enumerate(sizes)]
    left, right = np.divmod(np.arange(len(places) ** 2), len(places))
    found = spread_km(places, left, right)
    for row, (a, b) in enumerate(zip(left, right, strict=True)):
        expected = every_pair(places[a], places[b])
        bin_km = (expected["high"] - expected["low"]) / 1024
        for name, km in expected.items():
            near = 0.01 if name in ("mean", "low", "high") else 0.01 + bin_km / 2
            assert float(getattr(found, name)[row]) == pytest.approx(km, abs=near)


def test_areas_agree_on_either_side_of_the_longest_chord() -> None:
    for degrees in (20.0, 21.0, 22.0, 24.0):  # 1,370 to 1,640 km
        a = cloud(0, 52, 40, 1.0, 1, alike=True)
        b = cloud(degrees, 52, 40, 1.0, 2, alike=True)
        found = spread_km([a, b], [0], [1])
        for name, km in every_pair(a, b).items():
            assert float(getattr(found, name)[0]) == pytest.approx(km, abs=0.1)


def test_a_place_without_a_point_is_refused() -> None:
    with pytest.raises(ValueError, match="without any point"):
        spread_km([inside((0, 51, 1)), Inside(np.empty(0), np.empty(0), np.empty(0))], [0], [1])


def test_no_pairs_give_nothing() -> None:
    assert len(spread_km([], [], []).mean) == 0
    assert len(nearest_km(np.array([], dtype=object), [], [])) == 0


def test_nearest_parts_of_two_boxes_side_by_side() -> None:
    shapes = np.array([box(0, 51, 1, 52), box(2, 51, 3, 52)])
    # The gap is narrowest at the northern edge, one degree of longitude at 52 north.
    assert float(nearest_km(shapes, [0], [1])[0]) == pytest.approx(
        float(geodesic_km(1, 52, 2, 52)), rel=0.02
    )
    assert float(nearest_km(shapes, [0], [1])[0]) >= float(geodesic_km(1, 52, 2, 52)) - 1e-9


@pytest.mark.parametrize(
    "other", [box(1, 51, 2, 52), box(0.5, 51.5, 4, 53), box(0.2, 51.2, 0.3, 51.3)]
)
def test_what_touches_or_overlaps_is_at_no_distance(other: shapely.Geometry) -> None:
    assert nearest_km(np.array([box(0, 51, 1, 52), other]), [0, 1], [1, 0]).tolist() == [0.0, 0.0]


def test_furthest_parts_are_opposite_corners() -> None:
    a, b = box(0, 51, 1, 52), box(2, 51, 3, 52)
    expected = max(
        float(geodesic_km(x1, y1, x2, y2))
        for x1, y1 in zip(*corners(a), strict=True)
        for x2, y2 in zip(*corners(b), strict=True)
    )
    assert float(furthest_km([hull(*corners(a)), hull(*corners(b))], [0], [1])[0]) == pytest.approx(
        expected
    )


def star(lon: float, lat: float, km: float, seed: int) -> shapely.Polygon:
    """Draw a ragged outline of 200 corners."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    far = km / 111 * (1 + 0.4 * np.sin(5 * turn) + 0.1 * rng.random(200))
    east = far * np.cos(turn) / np.cos(np.radians(lat))
    return shapely.Polygon(np.column_stack([lon + east, lat + far * np.sin(turn)]))


def test_ragged_outlines_agree_with_all_their_corners_and_edges() -> None:
    shapes = np.array(
        [star(-1, 51, 12, 1), star(-0.6, 51.1, 9, 2), star(1, 53, 20, 3), star(-4, 57, 60, 4)]
    )
    left, right = np.triu_indices(4)
    furthest = furthest_km([hull(*corners(shape)) for shape in shapes], left, right)
    nearest = nearest_km(shapes, left, right)
    dense = [corners(shapely.segmentize(shape, 0.03)) for shape in shapes]
    for a, b, low, high in zip(left, right, nearest, furthest, strict=True):
        (x1, y1), (x2, y2) = dense[a], dense[b]
        x1, y1 = x1[:, None], y1[:, None]
        km = geodesic_km(x1, y1, x2, y2)
        assert high == pytest.approx(km.max(), abs=0.3)
        assert high >= km.max() - METRE
        if shapely.intersects(shapes[a], shapes[b]):
            assert low == 0.0
        else:
            assert low == pytest.approx(km.min(), abs=0.5)


@given(
    st.lists(st.tuples(st.floats(-8, 2), st.floats(50, 60)), min_size=1, max_size=40),
    st.tuples(st.floats(-8, 2), st.floats(50, 60)),
)
def test_the_hull_keeps_the_furthest_point(
    cloud: list[tuple[float, float]], seen_from: tuple[float, float]
) -> None:
    lon, lat = (np.array(part) for part in zip(*cloud, strict=True))
    kept = hull(lon, lat)
    every = float(geodesic_km(*seen_from, lon, lat).max())
    # The hull is a sphere's, the distance an ellipsoid's: a metre is left between them.
    assert float(geodesic_km(*seen_from, *kept).max()) == pytest.approx(every, abs=0.001)


def test_a_line_along_a_parallel_keeps_its_middle() -> None:
    # Seen from the north the middle of a parallel is nearest, and from the south furthest:
    # a hull drawn in degrees would drop it.
    lon, lat = np.linspace(-5, 5, 11), np.full(11, 55.0)
    assert 0.0 in hull(lon, lat)[0]


def test_points_all_round_the_globe_are_all_kept() -> None:
    lon, lat = np.array([0.0, 90, 180, -90, 10]), np.array([0.0, 10, 0, -10, 5])
    assert len(hull(lon, lat)[0]) == 5
