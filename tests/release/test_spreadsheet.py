import io
import time
import zipfile

import openpyxl
import pandas as pd
import pytest

from linemap.errors import OutputError
from linemap.records import read_records
from linemap.release import writers
from linemap.release.writers import ReleaseTable, sheet_names, typed, workbook_bytes

HOSTILE = ["=1+1", "+1", "-1", "@x", "\tx", "＝1", "http://x.example", "007", "TRUE", "a\r\nb"]


def written(**columns):
    return workbook_bytes(
        [ReleaseTable("flows", typed(pd.DataFrame(columns)))], [("title", "=cmd")]
    )


def test_text_is_typed_as_text_and_numbers_as_numbers():
    numbers = pd.array([*range(9), None], dtype="Int64")
    data = written(text=HOSTILE, n=numbers, x=[0.5] * 10, t=[True] * 10)
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = list(book["flows"].iter_rows(min_row=2))
    assert [row[0].value.replace("_x000D_", "\r") for row in rows] == HOSTILE
    assert {row[0].data_type for row in rows} == {"s"}
    assert [row[1].value for row in rows] == [*range(9), None]
    assert {row[2].value for row in rows} == {0.5}
    assert {row[3].value for row in rows} == {True}
    assert book["about"]["B1"].data_type == "s"
    assert not any("hyperlink" in name for name in zipfile.ZipFile(io.BytesIO(data)).namelist())


def test_names_read_back_the_same(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        written(**{"from": ["=a", "'=b", "’c"], "to": ["@d", "Nash", "＝e"], "n": [1, 2, 3]})
    )
    got = read_records(path, sheet="flows")
    assert got["origin"].tolist() == ["=a", "'=b", "’c"]
    assert got["destination"].tolist() == ["@d", "Nash", "＝e"]


def test_the_bytes_are_the_same_whenever_it_is_written():
    before = written(a=["x"])
    time.sleep(2.1)  # a zip file's clock ticks every two seconds
    assert written(a=["x"]) == before


def test_sheets_get_names_that_excel_accepts():
    names = sheet_names(["about", "History", "a/b", "a b", "x" * 40, "x" * 41, "[]"])
    assert list(names.values()) == [
        "about 2", "History 2", "a b", "a b 2", "x" * 31, "x" * 29 + " 2", "table",
    ]  # fmt: skip


def test_what_a_sheet_cannot_hold_is_refused_and_not_cut(monkeypatch):
    with pytest.raises(OutputError, match="32,768 characters"):
        written(a=["x" * 32_768])
    monkeypatch.setattr(writers, "ROWS", 2)
    with pytest.raises(OutputError, match="more rows"):
        written(a=["x", "y"])


def test_a_sheet_is_frozen_at_its_headings_and_shows_no_more_than_is_known():
    data = written(
        destination_name=["A place with a long name", "b"],
        count=pd.array([12345, None], "Int64"),
        distance_km=[763.243, 90.398],
        share_external=[0.25, None],
        bearing_deg=[12.5, 1.0],
    )
    sheet = openpyxl.load_workbook(io.BytesIO(data))["flows"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E3"
    assert sheet.print_title_rows == "$1:$1"
    assert [cell.number_format for cell in sheet[2]] == ["General", "#,##0", "#,##0", "0 %", "0.00"]
    assert sheet["C2"].value == 763.243
    widths = [sheet.column_dimensions[letter].width for letter in "AB"]
    assert widths[0] > len("A place with a long name") > widths[1]


def test_the_notes_say_what_the_sheets_and_their_columns_are():
    data = written(count=[1], **{"=Age": ["x"]})
    notes = openpyxl.load_workbook(io.BytesIO(data))["about"]
    told = {row[0].value: row[1].value for row in notes}
    assert told["title"] == "=cmd"
    assert told["sheet"] == "flows: 1 rows"
    assert "null, which is never zero" in told["note"]
    assert "as the measure" in told["count"]
    assert "kept as a tag" in told["=Age"]
    assert {cell.data_type for row in notes for cell in row} == {"s"}
