"""Curves, arrowheads and the plane of a map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap.distance import geodesic_km
from linemap.figures._flow_drawing import Frame, Plane, arrowheads, curves, frame_of

numbers = st.floats(-500, 500)


@given(numbers, numbers, numbers, numbers)
def test_curves_are_symmetric_and_bend_more_the_longer_they_are(x1, y1, x2, y2):
    start, end = np.array([[x1, y1]]), np.array([[x2, y2]])
    (there,) = curves(start, end)
    np.testing.assert_allclose(there[[0, -1]], [start[0], end[0]], atol=1e-9)
    middle = (start[0] + end[0]) / 2
    # symmetric: each point as far from the start as its mirror from the end
    np.testing.assert_allclose(
        np.linalg.norm(there - start[0], axis=1),
        np.linalg.norm(there[::-1] - end[0], axis=1),
        atol=1e-6,
    )
    length = np.linalg.norm(end - start)
    off = np.linalg.norm(there - middle, axis=1).min()
    assert off == pytest.approx(0.08 * length, rel=0.05, abs=1e-6)


def test_there_and_back_lie_apart():
    a, b = np.array([[0.0, 0.0]]), np.array([[100.0, 0.0]])
    (there,), (back,) = curves(a, b), curves(b, a)
    assert there[1:-1, 1].min() > 0 > back[1:-1, 1].max()


@given(st.floats(1, 300), st.floats(0.3, 7))
def test_heads_end_at_the_place_and_lines_end_at_heads(length, width):
    drawn = curves(np.array([[0.0, 0.0]]), np.array([[length, 0.0]]))
    cut, heads = arrowheads(drawn, np.array([width]), point=1.0)
    (tip, left, right) = heads[0]
    np.testing.assert_allclose(tip, [length, 0], atol=1e-9)
    neck = (left + right) / 2
    np.testing.assert_allclose(cut[0, -1], neck, atol=1e-6)
    assert np.linalg.norm(tip - neck) <= length / 3 + 1e-6
    assert np.linalg.norm(tip - left) == pytest.approx(np.linalg.norm(tip - right))
    if length > 100:
        assert np.linalg.norm(left - right) > width  # wider than its line


def test_a_flow_of_no_length_has_a_head_of_none():
    cut, heads = arrowheads(np.zeros((1, 24, 2)), np.array([2.0]), point=1.0)
    assert np.isfinite(cut).all()
    np.testing.assert_allclose(heads, 0)


def test_the_plane_keeps_distances_within_a_fifth_of_a_per_cent():
    plane = Plane(-2.0)
    lon, lat = np.array([-0.1276, -2.0943]), np.array([51.5072, 57.1497])
    one, other = plane.points(lon, lat)
    assert np.linalg.norm(one - other) == pytest.approx(
        float(geodesic_km(lon[0], lat[0], lon[1], lat[1])), rel=2e-3
    )
    assert other[1] > one[1]  # Aberdeen is north of London


@given(st.floats(0.2, 5))
def test_frames_hold_their_points_and_have_their_shape(ratio):
    points = np.array([[0.0, 0.0], [10.0, 80.0]])
    frame = frame_of(points).to_shape(ratio)
    assert (frame.east - frame.west) / (frame.north - frame.south) == pytest.approx(ratio)
    assert frame.west < 0 < 10 < frame.east
    assert frame.south < 0 < 80 < frame.north
    assert isinstance(frame, Frame)
