"""Coordinates from outside: every way to write them wrong, named with its row."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from linemap.errors import InputError
from linemap.gazetteer.readers import degrees

TO_GRID = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


def ask(x: list[object], y: list[object], **kwargs: object) -> tuple[np.ndarray, np.ndarray, list]:
    return degrees(pd.Series(x, name="x"), pd.Series(y, name="y"), **kwargs)


def test_degrees_pass_as_they_are() -> None:
    lon, lat, faults = ask(["-0.5", "1.25"], ["51.5", "52"])
    assert faults == []
    assert (list(lon), list(lat)) == ([-0.5, 1.25], [51.5, 52.0])


def test_the_british_grid_is_turned_into_degrees() -> None:
    """Ordnance Survey's own example: Caister water tower, TG 51409 13177."""
    lon, lat, faults = ask([651409.903], [313177.270], crs="EPSG:27700")
    assert faults == []
    assert (lon[0], lat[0]) == pytest.approx((1.716, 52.658), abs=0.001)


@given(
    st.lists(
        st.tuples(st.floats(-6, 1.5), st.floats(50.5, 58)), min_size=1, max_size=10
    )
)  # fmt: skip
def test_there_and_back(points: list[tuple[float, float]]) -> None:
    x, y = TO_GRID.transform(*zip(*points, strict=True))
    lon, lat, faults = ask(list(x), list(y), crs="EPSG:27700")
    assert faults == []
    assert np.allclose(np.column_stack([lon, lat]), points, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "crs", "says"),
    [
        ("", "51", "EPSG:4326", "no coordinate is given"),
        ("east", "51", "EPSG:4326", "'east' is no number"),
        ("inf", "51", "EPSG:4326", "'inf' is no number"),
        ("51.5", "-0.1", "EPSG:4326", "swapped"),
        ("0", "0", "EPSG:4326", "no coordinate"),
        ("-74", "40.7", "EPSG:4326", "no place in the United Kingdom"),
        ("651409", "313177", "EPSG:4326", "eastings and northings.*EPSG:27700"),
        ("-0.1", "51.5", "EPSG:27700", "degrees.*EPSG:4326"),
        ("51.5", "-0.1", "EPSG:27700", "degrees, swapped"),
        ("0", "0", "EPSG:27700", "no coordinate"),
    ],
)
def test_a_fault_says_what_was_probably_meant(x: str, y: str, crs: str, says: str) -> None:
    lon, lat, faults = ask([x, "400000" if crs == "EPSG:27700" else "-1"],
                           [y, "300000" if crs == "EPSG:27700" else "52"], crs=crs)  # fmt: skip
    assert len(faults) == 1
    assert faults[0].row == 2
    assert pd.Series([str(faults[0])]).str.contains(says).all(), str(faults[0])
    assert np.isnan([lon[0], lat[0]]).all()
    assert not np.isnan([lon[1], lat[1]]).any()


def test_all_faults_are_named_in_order_of_their_rows() -> None:
    _, _, faults = ask(["a", "1", "", "51"], ["51", "52", "x", "1"], rows=[7, 8, 9, 10])
    assert [fault.row for fault in faults] == [7, 9, 9, 10]


def test_belfast_on_the_irish_grid_is_found_out() -> None:
    """City Hall: Irish grid 333800, 374000. Read as British it lies off Blackpool."""
    x, y = ["333800"], ["374000"]
    irish = pd.Series([True])
    lon, _, faults = ask(x, y, crs="EPSG:27700", irish=irish)
    assert len(faults) == 1
    assert "EPSG:29902" in str(faults[0])
    lon, lat, faults = ask(x, y, crs="EPSG:29902", irish=irish)
    assert faults == []
    assert (lon[0], lat[0]) == pytest.approx((-5.93, 54.6), abs=0.01)


def test_a_coordinate_system_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"'osgb'.*EPSG:27700"):
        ask(["1"], ["51"], crs="osgb")
