"""What is packed is what is unpacked, by a reader written from the format's words."""

from __future__ import annotations

import base64
import json

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linemap.maps import packing
from linemap.maps.payload import hundredths_of_km

small = st.lists(st.integers(0, 2**40), max_size=60)
signed = st.lists(st.integers(-(2**40), 2**40), max_size=60)


def unpacked(text: str) -> list[int]:
    """Read base-128 integers, seven bits a byte, least significant first."""
    out, value, shift = [], 0, 0
    for byte in base64.b64decode(text):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            out.append(value)
            value = shift = 0
    return out


def unfolded(value: int) -> int:
    return value // 2 if value % 2 == 0 else -(value + 1) // 2


@given(small)
def test_integers_come_back(values: list[int]) -> None:
    assert unpacked(packing.packed(values)) == values


@given(signed)
def test_differences_come_back(values: list[int]) -> None:
    steps = [unfolded(value) for value in unpacked(packing.packed_differences(values))]
    assert np.cumsum(steps, dtype=np.int64).tolist() == values


@given(st.lists(st.none() | st.integers(0, 10**6), max_size=40))
def test_null_stays_null(values: list[int | None]) -> None:
    column = np.array([np.nan if value is None else value for value in values], dtype=float)
    back = [None if code == 0 else code - 1 for code in unpacked(packing.packed_nullable(column))]
    assert back == values


@given(st.lists(st.none() | st.text(max_size=5), max_size=30))
def test_texts_come_back(values: list[str | None]) -> None:
    column = packing.text_column(pd.Series(values, dtype=object))
    codes = [column["same"]] * len(values) if "same" in column else unpacked(column["index"])
    assert [None if code == 0 else column["texts"][code - 1] for code in codes] == values


@pytest.mark.parametrize(
    "values", [["f01", "f02", "f03"], ["f3", "f1", "f2"], ["S1", "x"], ["a1", "b1"], ["7"], []]
)
def test_identifiers_come_back(values: list[str]) -> None:
    column = packing.id_column(pd.Series(values, dtype=object))
    if "from" in column:
        numbers = list(range(column["from"], column["from"] + len(values)))
    elif "numbers" in column:
        steps = [unfolded(step) for step in unpacked(column["numbers"])]
        numbers = np.cumsum(steps).tolist()
    else:
        assert set(column["texts"]) == set(values)
        return
    assert [f"{column['prefix']}{n:0{column['digits']}d}" for n in numbers] == values


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_like)
def test_json_means_the_same_and_holds_nothing_special(value: object) -> None:
    text = packing.json_text(value)
    assert json.loads(text) == value
    assert text.isascii()
    assert not set(text) & set("<>&'`$%#@!?*")
    inside = "".join(part for k, part in enumerate(text.split('"')) if k % 2)
    assert not set(inside) & set("{}[]")


def test_what_cannot_travel_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        packing.json_text(object())


def test_outlines_come_back_on_their_grid() -> None:
    square = shapely.box(-1.5, 51.0, 0.25, 52.5)
    holed = shapely.Polygon(
        shapely.box(0, 50, 4, 54).exterior, [shapely.box(1, 51, 2, 52).exterior]
    )
    numbers = iter(unpacked(packing.pack_shapes([square, holed], tolerance=0)))
    found = []
    for _ in range(2):
        rings = []
        for _ in range(next(numbers)):
            x = y = 0
            points = []
            for _ in range(next(numbers)):
                x, y = x + unfolded(next(numbers)), y + unfolded(next(numbers))
                points.append((x / packing.GRID, y / packing.GRID))
            rings.append(points)
        found.append(shapely.Polygon(rings[0], rings[1:]))
    assert found[0].equals(square)
    assert found[1].equals(holed)


@given(st.lists(st.floats(0, 20_000) | st.just(np.nan), min_size=1))
def test_a_distance_rounds_on_the_page_to_the_kilometre_that_it_rounds_to_here(
    found: list[float],
) -> None:
    """639.48 km is 639 km: by way of a tenth it would be 640."""
    km = np.array([639.48, 639.4999, 639.5, 564.946, 0.0, *found])
    whole = hundredths_of_km(km)
    assert whole[:4].tolist() == [63_948, 63_949, 63_950, 56_494]
    assert np.array_equal(np.floor(whole / 100 + 0.5), np.floor(km + 0.5), equal_nan=True)
    known = ~np.isnan(km)
    assert (abs(whole[known] / 100 - km[known]) <= 0.0101).all()
