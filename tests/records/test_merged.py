import io

import openpyxl
import pytest

from linemap.errors import InputError
from linemap.records import check_table, read
from linemap.records.workbook import mark_merged, read_workbook

HEADINGS = ["from", "to", "n", "note"]
ROWS = ["A", "B", 1, "x"], ["C", None, 2, None], ["D", None, 3, None]
SAID = "which alone holds what is written there. Unmerge the cells and write the content into each."


def merged(*ranges, headings=HEADINGS):
    book = openpyxl.Workbook()
    for row in (headings, *ROWS):
        book.active.append(row)
    for one in ranges:
        book.active.merge_cells(one)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("ranges", "hidden"),
    [
        (["B2:B3"], set()),  # a text down one column stands for each of its rows
        (["C2:C4", "D2:E3"], {(3, 2), (4, 2), (3, 3)}),
        (["A2:D2"], {(2, 1), (2, 2), (2, 3)}),
        (["A1:A2"], {(2, 0)}),
        (["B3:B4"], set()),  # the first is empty as well
        (["B5:C9"], set()),
        (["F2:G9"], set()),
    ],
)
def test_a_cell_that_a_merged_one_hides_is_marked_and_no_other(ranges, hidden):
    table = read_workbook(merged(*ranges))
    found = {
        (int(row), at)
        for at in range(len(HEADINGS))
        for row, code in zip(table.rows, table.column(at).codes, strict=True)
        if table.column(at).cells[code].kind == "merged"
    }
    assert found == hidden


def test_a_merged_cell_is_a_fault_of_its_row_and_of_its_column_where_that_is_used(tmp_path):
    path = tmp_path / "moves.xlsx"
    path.write_bytes(merged("C2:C3", "A4:B4"))
    assert [str(fault) for fault in check_table(path)] == [
        f"row 3, column 'n': the cell is merged with C2, {SAID}",
        f"row 4, column 'to': the cell is merged with A4, {SAID}",
    ]
    path.write_bytes(merged("D2:D4", headings=["from", "to", "n", "colour"]))
    assert check_table(path) == ()


def test_a_text_that_is_merged_down_a_column_stands_for_each_of_its_rows(tmp_path):
    path = tmp_path / "moves.xlsx"
    path.write_bytes(merged("B2:B4"))
    reading = read(path)
    assert reading.frame["destination"].tolist() == ["B", "B", "B"]
    assert reading.layout.filled_rows == (3, 4)
    assert any("merged cells are read" in notice.problem for notice in reading.notices)


def test_a_range_that_begins_in_a_row_of_another_width_hides_its_cells_too():
    book = openpyxl.Workbook()
    for row in (["from", "to"], ["A", "B", "x"], ["C", None]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    stream = io.BytesIO()
    book.save(stream)
    table = read_workbook(stream.getvalue())
    assert table.column(1).cells[table.column(1).codes[0]] == ("merged with B2", "merged", False)


@pytest.mark.parametrize("merge", ["B3:B2", "C2:B3", "B0:B2", "all", ""])
def test_a_range_that_is_none_is_refused(merge):
    with pytest.raises(InputError, match="it merges the cells"):
        mark_merged([merge], [2], {}, {})


@pytest.mark.parametrize("limit", ["RANGES", "MERGED_CELLS"])
def test_too_many_merged_cells_are_refused(limit, monkeypatch):
    monkeypatch.setattr(f"linemap.records.workbook.{limit}", 1)
    with pytest.raises(InputError, match="too many merged"):
        read_workbook(merged("A2:B3"))
