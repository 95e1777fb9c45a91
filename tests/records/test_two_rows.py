"""Headings in two rows, pivot tables and wide titles: understood, or asked about."""

import openpyxl
import pytest

from linemap.errors import InputError
from linemap.records import inspect, read
from linemap.records.table_layout import plain_rows, two_rows


def said(faults):
    return " | ".join(str(fault) for fault in faults)


def rows_of(reading):
    columns = ["origin", "destination", "period_start", "count"]
    return reading.frame[columns].fillna("").to_numpy().tolist()


def test_a_side_over_name_and_code_is_joined_with_them(workbook):
    path = workbook(
        [
            ["Origin", None, "Destination", None, "Number"],
            ["Name", "Code", "Name", "Code", None],
            ["Islington", "E09000019", "Kent", "E10000016", 5],
        ],
        "A1:B1",
        "C1:D1",
        "E1:E2",
    )
    reading = read(path)
    assert dict(reading.used) == {
        "origin": "Origin Name",
        "origin_code": "Origin Code",
        "destination": "Destination Name",
        "destination_code": "Destination Code",
        "count": "Number",
    }
    assert rows_of(reading) == [["Islington", "Kent", "", 5]]
    assert reading.frame["row"].tolist() == [3]
    assert "rows 1 and 2 are read together as the headings" in said(reading.notices)


def test_a_csv_with_sides_over_the_headings_is_joined_too(table):
    text = "Report\nOrigin,,Destination,,Number\nBorough,Age,Place,Code,\nIslington,15,Kent,,5\n"
    reading = read(table(text))
    assert dict(reading.used)["destination_code"] == "Destination Code"
    assert rows_of(reading) == [["Islington", "Kent", "", 5]]
    assert reading.layout.titles == ("Report",)
    assert reading.layout.heading_row == 3


def test_a_lower_row_that_says_enough_is_the_headings_and_the_upper_one_a_title(workbook):
    path = workbook(
        [
            ["Young person", None, "Found", None],
            ["Home borough", "Age", "Place", "Date"],
            ["Islington", 15, "Kent", "3 May 2023"],
        ],
        "A1:B1",
        "C1:D1",
    )
    reading = read(path)
    assert rows_of(reading) == [["Islington", "Kent", "", 1]]
    assert reading.layout.heading_row == 2


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        (
            ["Home borough", "2021/22", "", "2022/23", ""],
            ["", "Margate", "Bath", "Margate", "Bath"],
            [
                ["A", "Margate", "2021-04", 1],
                ["A", "Bath", "2021-04", 2],
                ["A", "Margate", "2022-04", 3],
                ["A", "Bath", "2022-04", 4],
            ],
        ),
        (
            ["Home borough", "Margate", "", "Bath", ""],
            ["", "2021", "2022", "2021", "2022"],
            [
                ["A", "Margate", "2021-01", 1],
                ["A", "Margate", "2022-01", 2],
                ["A", "Bath", "2021-01", 3],
                ["A", "Bath", "2022-01", 4],
            ],
        ),
        (
            ["Borough", "Where found", "", "", ""],
            ["", "Margate", "Bath", "Ely", "Diss"],
            [
                ["A", "Margate", "", 1],
                ["A", "Bath", "", 2],
                ["A", "Ely", "", 3],
                ["A", "Diss", "", 4],
            ],
        ),
    ],
    ids=["periods over places", "places over periods", "what the columns are"],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_crosstab_with_two_rows_of_headings_is_read(
    table, workbook, form, upper, lower, expected
):
    rows = [upper, lower, ["A", 1, 2, 3, 4]]
    if form == "csv":
        path = table("".join(",".join(map(str, row)) + "\n" for row in rows))
    else:
        path = workbook([[cell or None for cell in row] for row in rows])
    _, asked = inspect(path)
    assert "looks like a crosstab" in said(asked)
    assert rows_of(read(path, layout="matrix")) == expected


def test_a_crosstab_under_two_rows_that_are_no_periods_is_refused_with_the_way_out(table):
    path = table("Borough,Boys,,Girls,\n,Bath,Ely,Bath,Ely\nA,1,2,3,4\n")
    for layout in (None, "matrix"):
        _, whole = inspect(path, layout=layout)
        assert "under two rows of headings ('Boys', 'Girls' over the others)" in said(whole)
        assert "a table of its own" in said(whole)


def test_a_pivot_table_is_a_crosstab_whose_ends_are_asked(workbook):
    path = workbook(
        [
            ["Year", "(All)"],
            [],
            ["Count of Ref", "Column Labels"],
            ["Row Labels", "Margate", "Norwich", "(blank)", "Grand Total"],
            ["Islington", 1, 2, None, 3],
            ["Camden", 5, 6, 7, 18],
            ["Grand Total", 6, 8, 7, 21],
        ]
    )
    _, whole = inspect(path)
    assert "its rows are origins ('Row Labels')" in said(whole)
    assert "layout='matrix-transposed'" in said(whole)
    reading = read(path, layout="matrix")
    assert reading.frame["count"].sum() == 21
    assert reading.frame["destination"].isna().sum() == 1
    assert reading.left_out == (7,)


def test_a_title_of_several_cells_is_no_heading(workbook):
    path = workbook(
        [
            ["Table 1: people", "by borough"],
            ["Home borough", "Where found", "Number"],
            ["A", "B", 5],
        ]
    )
    assert rows_of(read(path)) == [["A", "B", "", 5]]


def test_a_row_as_wide_as_the_headings_above_them_is_asked_about(table):
    path = table("Camden,Bath,X\nHome borough,Where found,Number\nA,B,5\n")
    with pytest.raises(InputError, match=r"two rows .* headings: 1 and 2\. .* header_row=2"):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        "Home borough,,Town\nCamden,x,Bath\nBrent,y,Ely\n",
        "Home borough,,Town,n\n,x,Bath,1\nBrent,y,Ely,2\n",
        "a,,b\nLondon,Camden,Kent\nLondon,Brent,Essex\n",
    ],
)
def test_a_row_of_data_under_a_heading_that_is_missing_is_never_read_as_headings(table, text):
    reading, whole = inspect(table(text))
    assert reading.layout.heading_row == 1
    assert "column 2 has content and no heading" in said(whole)


def test_a_heading_that_the_owner_names_is_not_lost_by_joining(table):
    text = "Origin,,Destination,\nName,Age,Name,Code\nCamden,15,Kent,E10000016\n"
    reading = read(table(text), columns={"origin": "Origin Name"})
    assert rows_of(reading) == [["Camden", "Kent", "", 1]]
    rows = plain_rows([(1, ["Origin", ""]), (2, ["Name", "Code"]), (3, ["A", "B"])])
    assert two_rows(rows, 1, ["Name"]) is None


def test_the_one_sheet_that_is_no_page_of_notes_is_read_and_else_the_likeliest_is_named(tmp_path):
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Report"])
    table = book.create_sheet("Table 1")
    for row in (["LA", "Margate", "Norwich"], ["Islington", 12, 13], ["Camden", 15, 16]):
        table.append(row)
    book.save(path)
    assert read(path, layout="matrix").frame["count"].sum() == 56
    data = book.create_sheet("Data")
    data.append(["Ref", "Home LA", "Located"])
    data.append(["A1", "Camden", "Norwich"])
    book.save(path)
    with pytest.raises(InputError, match=r"several sheets: .* Say which: sheet='Data'"):
        read(path, layout="matrix")


@pytest.mark.parametrize("foot", ["Source: case system", "Source: case system,,"])
def test_notes_at_the_foot_of_a_crosstab_are_left_out_and_told(table, foot):
    path = table(f"Borough,Bath,Ely\nA,1,2\nB,3,4\nTotal,4,6\n{foot}\n")
    reading = read(path, layout="matrix")
    assert reading.left_out == (4, 5)
    assert "notes at the foot are left out: rows 5" in said(reading.notices)
    assert "a crosstab of 3 rows by 2 columns" in said(reading.notices)
