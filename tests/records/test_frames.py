import datetime as dt
import io
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.errors import InputError
from linemap.records import read_records
from linemap.records.table import cell_of, read_frame, read_parquet

ROWS = st.lists(
    st.tuples(
        st.text("abé’", min_size=1, max_size=3),
        st.one_of(st.none(), st.text("NA", min_size=1, max_size=2)),
        st.integers(0, 99),
        st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
    ),
    min_size=1,
    max_size=6,
)


@given(ROWS)
@settings(max_examples=15)
def test_every_engine_and_file_gives_the_same_records(rows):
    names = ["from", "to", "n", "date"]
    plain = pl.DataFrame(rows, schema=["from", "to", "n", "date"], orient="row").with_columns(
        pl.col("to").cast(pl.String)
    )
    arrow = plain.to_arrow()
    parquet = io.BytesIO()
    pq.write_table(arrow, parquet)
    expected = read_records(pd.DataFrame(rows, columns=names))
    csv = plain.write_csv().encode()
    for source in (
        plain,
        plain.lazy(),
        arrow,
        arrow.to_pandas(),
        plain.cast({"to": pl.Categorical}),
    ):
        pd.testing.assert_frame_equal(read_records(source), expected)
    wanted = [None if row[1] == "NA" else row[1] for row in rows]  # a word for unknown
    assert wanted == [None if x is np.nan else x for x in expected["destination"]]
    table = read_parquet(parquet.getvalue())
    assert table.headings == tuple(names)
    assert b"from,to,n,date" in csv


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        ("00123", "00123", "text"), (3, "3", "number"), (3.0, "3", "number"),
        (3.5, "3.5", "number"), (float("nan"), "", "text"), (None, "", "text"),
        (pd.NA, "", "text"), (pd.NaT, "", "text"), (Decimal("4"), "4", "number"),
        (True, "TRUE", "truth"), (np.bool_(False), "FALSE", "truth"), (np.int8(7), "7", "number"),
        (float("inf"), "inf", "number"), (dt.date(2024, 2, 1), "2024-02-01", "date"),
        (pd.Timestamp("2024-02-01"), "2024-02-01", "date"), (b"Bath", "Bath", "text"),
        (b"\xff", "b'\\xff'", "other"), ([1], "[1]", "other"),
    ],
)  # fmt: skip
def test_a_value_becomes_a_cell_that_keeps_its_kind(value, text, kind):
    assert cell_of(value)[:2] == (text, kind)


def test_the_first_row_of_a_frame_counts_as_row_2_whatever_its_index():
    frame = pd.DataFrame({"from": ["A", "B"], "to": ["C", "D"]}, index=[7, 7])
    assert read_records(frame)["row"].tolist() == [2, 3]


def test_a_column_that_holds_lists_is_refused_only_where_it_is_used():
    frame = pa.table({"from": ["A"], "to": ["B"], "other": [[1, 2]]})
    assert len(read_records(frame)) == 1
    with pytest.raises(InputError, match="no text"):
        read_records(frame, columns={"source": "other"})


@pytest.mark.parametrize("make", [pd.DataFrame, lambda rows, columns: pa.table(
    [[cell] for cell in rows[0]], names=columns)])  # fmt: skip
def test_doubled_headings_of_a_frame_are_named(make):
    with pytest.raises(InputError, match="stands twice"):
        read_records(make([["A", "B", "C"]], columns=["from", "to", "to"]))


def test_a_relation_of_duckdb_is_a_table():
    relation = duckdb.connect().sql("""select 'A' as "from", 'B' as "to", 3 as n""")
    assert read_records(relation)["count"].tolist() == [3]


def test_what_is_no_table_is_refused():
    with pytest.raises(InputError, match="A dict is no table"):
        read_records({"from": ["A"]})
    with pytest.raises(InputError, match="A NoneType is no table"):
        read_records(None)


def test_a_parquet_file_of_too_many_rows_is_refused_by_what_it_says_of_itself(monkeypatch):
    monkeypatch.setattr("linemap.records.table.PARQUET_ROWS", 3)
    stream = io.BytesIO()
    pq.write_table(pa.table({"from": ["A"] * 4}), stream)
    with pytest.raises(InputError, match="has 4 rows"):
        read_parquet(stream.getvalue())


@pytest.mark.parametrize("cut", [8, 100, -1])
def test_a_parquet_file_that_was_cut_is_refused(cut):
    stream = io.BytesIO()
    pq.write_table(pa.table({"from": ["A"]}), stream)
    with pytest.raises(InputError, match="cannot be read"):
        read_parquet(stream.getvalue()[:cut])


def test_the_callers_frame_is_left_as_it_was():
    frame = pd.DataFrame({"from": ["A "], "to": [None], "n": [1.0]})
    before = frame.copy(deep=True)
    read_records(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert read_frame(frame).headings == ("from", "to", "n")


def test_a_half_of_a_character_in_a_frame_is_a_lost_one():
    headings = pd.Index(["from", "to", "a\ud800"], dtype=object)
    frame = pd.DataFrame([["\ud83d\ude00", "B", "\udfff"]], columns=headings, dtype=object)
    table = read_frame(frame)
    assert table.headings == ("from", "to", "a\ufffd")
    assert [table.column(at).cells[1].text for at in range(3)] == ["😀", "B", "\ufffd"]
