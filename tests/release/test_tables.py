import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from linemap.errors import OutputError
from linemap.release.writers import ReleaseTable, csv_bytes, read_table, stamp, tables, typed


def kinds(frame):
    return {entry["name"]: entry["type"] for entry in ReleaseTable("x", typed(frame)).columns()}


def test_each_column_gets_one_type_and_null_stays_null():
    frame = pd.DataFrame(
        {
            "text": ["a", "", None],
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "number": [1.0, np.nan, np.inf],
            "fine": [0.1234567891, -1e-9, 2.0],
            "truth": pd.array([True, None, False], dtype="boolean"),
            "loose": pd.Series([True, None, False], dtype=object),
            "joined": [("a", "b"), (), None],
            "nothing": pd.Series([None, None, None], dtype=object),
            "unknown": [np.nan, np.nan, np.nan],
        }
    )
    assert kinds(frame) == {
        "text": "string", "whole": "integer", "number": "number", "fine": "number",
        "truth": "boolean", "loose": "boolean", "joined": "string", "nothing": "string",
        "unknown": "number",
    }  # fmt: skip
    assert typed(frame).to_pydict() == {
        "text": ["a", None, None],
        "whole": [1, None, 3],
        "number": [1.0, None, None],
        "fine": [0.123457, 0.0, 2.0],
        "truth": [True, None, False],
        "loose": [True, None, False],
        "joined": ["a; b", None, None],
        "nothing": [None] * 3,
        "unknown": [None] * 3,
    }
    assert str(typed(frame).to_pydict()["fine"][1]) == "0.0"


def test_a_column_is_written_alike_whatever_holds_it():
    frame = pd.DataFrame(
        {
            "text": pd.Series(["a", "", None, "é"], dtype="str"),
            "whole": pd.array([1, None, 3, 2**53 + 1], dtype="Int64"),
            "truth": pd.array([True, None, False, True], dtype="boolean"),
            "fine": [0.1234565, np.inf, np.nan, -0.0],
        }
    )
    plain = pd.DataFrame({name: pd.Series(list(frame[name]), dtype=object) for name in frame})
    assert typed(frame).equals(typed(plain))


def test_dates_and_other_things_become_text():
    frame = pd.DataFrame({"day": [pd.Timestamp("2024-02-01")], "month": [pd.Period("2024-02")]})
    assert typed(frame).to_pydict() == {"day": ["2024-02-01"], "month": ["2024-02"]}
    assert typed(pd.DataFrame()).num_columns == 0


def test_a_csv_table_is_read_only_by_the_columns_that_were_declared(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,n\r\n'=1,3\r\n,\r\n")
    columns = [{"name": "a", "type": "string"}, {"name": "n", "type": "integer"}]
    got = read_table(columns, path)
    assert got["a"].tolist()[0] == "=1"
    assert got.isna().to_numpy().tolist() == [[False, False], [True, True]]
    with pytest.raises(OutputError, match="other columns"):
        read_table(columns[:1], path)


def test_every_type_is_read_back_as_it_was_written(tmp_path):
    frame = pd.DataFrame(
        {
            "text": ["=a", None, "b"],
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "number": [1.5, np.nan, 2.0],
            "truth": pd.array([True, None, False], dtype="boolean"),
        }
    )
    table = ReleaseTable("x", typed(frame))
    path = tmp_path / "x.csv"
    path.write_bytes(csv_bytes(table.data))
    got = read_table(table.columns(), path).astype(object)
    assert got.where(got.notna(), None).to_dict("list") == {
        "text": ["=a", None, "b"], "whole": [1, None, 3], "number": [1.5, None, 2.0],
        "truth": [True, None, False],
    }  # fmt: skip


def test_numbers_with_and_without_a_point_are_numbers():
    frame = pd.DataFrame({"mixed": pd.Series([1, 2.5], dtype=object)})
    assert kinds(frame) == {"mixed": "number"}
    assert typed(frame).to_pydict() == {"mixed": [1.0, 2.5]}


def test_geometry_is_left_to_the_geographic_files():
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([0], [1]))
    assert kinds(frame) == {"a": "integer"}


def test_a_column_of_two_types_and_two_columns_of_one_name_are_refused():
    with pytest.raises(OutputError, match=r"Column 'a' holds int, str"):
        typed(pd.DataFrame({"a": [1, "x"]}, dtype=object))
    with pytest.raises(OutputError, match="two columns of one name"):
        typed(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_release_becomes_its_flows_its_summaries_and_its_account(protected):
    names = [table.name for table in tables(protected)]
    views = ["where_to"] if "where to" in protected.views else []
    assert names == ["flows", *views, *sorted(protected.summaries), "account"]


def test_the_stamp_says_on_what_basis(protected, statements):
    assert stamp(statements) == "already public"
    assert stamp(protected) == "protected: under 10 not shown, others to 5 (10-5 rule)"
