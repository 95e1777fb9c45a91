from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.records.workbook import letters, number, number_cell, position, unescaped

PIECES = ["_xD83D_", "_xDE00_", "_xd83d_", "_x0041_", "_x", "a", "é", "😀"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_any_program_writes_is_read(value):
    for text in (repr(value), f"{value:.17g}", f"{value:E}", f"{value:f}"):
        assert number(text) == float(text)


@given(st.decimals(min_value=0, max_value=10_000, places=25) | st.integers(0, 10**30).map(Decimal))
def test_a_whole_number_is_never_made_of_what_is_none(written):
    raw = f"{written:f}"
    read = number_cell(raw, number(raw)).text
    if read.isdigit():
        assert Decimal(read) == written


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("3.", "3"), ("+3", "3"), (".5", "0.5"), ("000003", "3"), ("-0", "0"), ("0.3E1", "3"),
        ("0.10000000000000001", "0.1"), ("1e309", "1e309"), ("1e-400", "1e-400"),
        ("2.9999999999999999999", "2.9999999999999999999"),
    ],
)  # fmt: skip
def test_a_number_stays_as_written_only_where_a_double_would_alter_it(raw, text):
    assert number_cell(raw, number(raw)) == (text, "number", False)


@pytest.mark.parametrize(
    "raw", ["", "1_000", "١٢", "NaN", "INF", "inf", "0x10", "1e", ".", "e1", "1 2", "1" * 401]
)
def test_what_is_no_number_is_none(raw):
    assert number(raw) is None


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_whatever_is_escaped_becomes_text_that_can_be_written(text):
    assert unescaped(text).encode("utf-8").decode("utf-8") == unescaped(text)


@given(st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda text: "_x" not in text))
@settings(max_examples=50)
def test_text_that_is_escaped_by_its_halves_comes_back(text):
    units = text.encode("utf-16-be")
    escaped = "".join(f"_x{units[at : at + 2].hex()}_" for at in range(0, len(units), 2))
    assert unescaped(escaped) == text


@given(st.integers(0, 16_383), st.integers(1, 1_048_576))
def test_a_position_is_the_one_that_its_name_says(at, row):
    assert position(f"{letters(at)}{row}") == (row, at)
