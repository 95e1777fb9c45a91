"""Tables as councils keep them: understood, or asked about once."""

import datetime as dt

import pytest

from linemap.errors import InputError, Refused
from linemap.records import inspect, read
from linemap.records.column_contents import detail_in, kind_of_heading
from linemap.records.headings import meaning
from linemap.records.table import Cell
from linemap.records.validators import kind_of, when, words_of
from linemap.windows import style_of


def said(faults):
    return " | ".join(str(fault) for fault in faults)


def rows_of(reading):
    return reading.frame[["origin", "destination", "count"]].fillna("").to_numpy().tolist()


# ── where the table lies ─────────────────────────────────────────────────────

LIST = [
    ["Youth Justice Service: exploitation"],
    ["2023/24, for internal use"],
    [],
    ["Case", "Home borough", "Where located", "Referred on"],
    [1, "Camden", "Margate", dt.datetime(2023, 4, 2)],  # noqa: DTZ001 - a workbook knows no time zone
    [],
    [2, "Camden", "Norwich", "3 May 2023"],
    [None, None, "Total", 2],
    ["Note: those under 18 only."],
]


def test_the_sheet_and_the_row_of_headings_are_found_and_told(workbook):
    path = workbook(Front=[["Read me"]], Cases=LIST, Pivot=[["Row Labels", "Cases"], ["x", 2]])
    reading = read(path, columns={"date": "Referred on"})
    assert rows_of(reading) == [["Camden", "Margate", 1], ["Camden", "Norwich", 1]]
    assert reading.layout.sheet == "Cases"
    assert reading.layout.heading_row == 4
    assert reading.layout.other_sheets == ("Front", "Pivot")
    assert reading.left_out == (8, 9)
    assert "the sheet 'Cases' is read" in said(reading.notices)
    assert "row 4 is read as the headings" in said(reading.notices)


def test_a_total_of_rows_that_disagrees_is_a_fault_with_both_numbers(workbook):
    rows = [[*row] for row in LIST]
    rows[7][3] = 5
    reading, whole = inspect(workbook(Cases=rows), columns={"date": "Referred on"})
    assert not whole
    assert "says 5; the table has 2 records" in said(reading.faults)


def test_two_sheets_with_a_table_are_asked_about_once(workbook):
    path = workbook(A=LIST, B=LIST)
    with pytest.raises(InputError, match=r"several sheets with a table: 'A', 'B'. .* sheet='A'"):
        read(path)
    assert len(read(path, sheet="B").frame) == 2
    assert len(read(path, sheet="2").frame) == 2


def test_a_hidden_sheet_gives_way_to_a_visible_one_and_what_is_hidden_is_told(workbook):
    def hide(book):
        book["Old"].sheet_state = "hidden"
        book["New"].row_dimensions[5].hidden = True
        book["New"].column_dimensions["C"].hidden = True
        book["New"].auto_filter.ref = "A4:D7"

    reading = read(workbook(change=hide, Old=LIST, New=LIST))
    assert reading.layout.sheet == "New"
    assert reading.layout.hidden_sheets == ("Old",)
    assert reading.layout.hidden_rows == (5,)
    assert reading.layout.hidden_columns == ("C",)
    assert reading.layout.filtered
    assert len(reading.frame) == 2  # what is hidden is read all the same
    assert "hidden" in said(reading.notices)


def test_two_rows_that_could_be_the_headings_are_asked_about_once(workbook):
    rows = [["from", "to"], ["Line", "Case", "Borough", "Town"], [1, 2, "Camden", "Bath"]]
    path = workbook(Sheet=rows)
    with pytest.raises(InputError, match=r"two rows that could hold the headings: 1 and 2"):
        read(path)
    assert rows_of(read(path, header_row=2)) == [["Camden", "Bath", 1]]


def test_titles_above_a_csv_with_quotes_keep_the_numbers_of_rows(table):
    path = table('"Report, with\na long title"\n\nfrom,to,n\nCamden,"Bath",2\nCamden,Bath,x\n')
    reading = read(path, allow_refused=True)
    assert reading.frame["row"].tolist() == [4]
    assert [fault.row for fault in reading.faults] == [5]


def test_a_row_of_data_is_never_taken_for_the_headings(table):
    path = table("a,b,c,d\nCamden,borough,Kent,county\n")
    reading, whole = inspect(path)
    assert reading.layout.heading_row == 1
    assert "no column for the origin" in said(whole)


def test_repeated_headings_are_left_out_and_other_ones_are_a_fault(table):
    path = table("from,to,n\nA,B,1\nfrom,to,n\nC,D,2\n")
    reading = read(path)
    assert rows_of(reading) == [["A", "B", 1], ["C", "D", 2]]
    assert reading.left_out == (3,)
    _, whole = inspect(table("from,to\nA,B\nBorough,Town\nC,D\n"))
    assert "row 3: the row looks like the headings of another table" in said(whole)


def test_many_faults_of_one_kind_are_one_message_with_its_rows(table):
    path = table("from,to,date\n" + "A,B,soon\n" * 9 + "A,B,later\n")
    with pytest.raises(InputError) as error:
        read(path)
    assert len(error.value.faults) == 10
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("  10 rows (2 to 11), column 'date': 'soon' is not a date")
    assert "Also 'later'" in lines[1]


# ── totals ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "total",
    ["Total,,6", "Grand Total,,6", ",,6", "All,All,6", "England,Grand Total,6", "Total,Total,6"],
)
def test_a_total_that_equals_its_parts_is_left_out_and_told(table, total):
    reading = read(table(f"borough,town,n\nA,X,1\nA,Y,2\nB,X,3\n{total}\n"))
    assert reading.frame["count"].sum() == 6
    assert reading.left_out == (5,)
    assert "row 5" in said(reading.notices)


@pytest.mark.parametrize("row", ["A,Total,4", "A Total,,4", "Total A,,4", "Subtotal,X,5"])
def test_a_total_that_disagrees_is_a_fault_with_both_numbers(table, row):
    path = table(f"borough,town,n\nA,X,1\nA,Y,2\nB,X,3\n{row}\n")
    reading, _ = inspect(path)
    [fault] = reading.faults
    number, parts = row[-1], "4" if "Subtotal" in row else "3"
    assert f"says {number}; its 2 parts come to {parts}" in fault.problem
    assert fault.row == 5


def test_subtotals_and_the_grand_total_are_not_added_to_each_other(table):
    text = "borough,town,n\nA,X,1\nA,Y,2\nA Total,,3\nB,X,3\nB Total,,3\nGrand Total,,6\n"
    assert read(table(text)).frame["count"].sum() == 6


def test_a_place_that_is_also_a_word_for_a_total_is_kept_unless_it_equals_its_parts(table):
    kept = read(table("borough,area,n\nA,Kent,1\nA,London,2\nB,Kent,3\n"))
    assert kept.frame["count"].sum() == 6
    assert "'London' may be a total" in said(kept.notices)
    left = read(table("borough,area,n\nA,Kent,1\nA,Essex,2\nA,England,3\n"))
    assert left.frame["count"].sum() == 3


def test_one_part_is_too_little_to_make_a_place_a_total(table):
    reading = read(table("borough,area,n\nA,Kent,2\nA,London,2\n"))
    assert reading.frame["count"].sum() == 4
    assert "equals the other row that it may be the total of" in said(reading.notices)


def test_totals_over_a_tag_and_over_years_are_found(table):
    text = (
        "borough,town,year,age,n\nA,X,2022,Under 18,1\nA,X,2022,18 to 25,2\nA,X,2022,All ages,3\n"
        "A,X,2023,Under 18,4\nA,X,2023,18 to 25,5\nA,X,2023,All ages,9\nA,X,Total,,12\n"
    )
    reading = read(table(text), tags=["age"])
    assert reading.frame["count"].sum() == 12
    assert reading.left_out == (4, 7, 8)


def test_a_total_under_the_column_of_an_end_is_found(table):
    reading, _ = inspect(table("ref,town,borough\n1,Bath,Camden\n2,Bath,Brent\nTotal,2,\n"))
    assert not reading.faults
    assert len(reading.frame) == 2
    assert reading.left_out == (4,)


def test_a_total_among_rows_that_count_one_each_is_a_fault(table):
    reading, _ = inspect(table("borough,town\nA,X\nA,Total\n"))
    assert "a total stands among rows" in said(reading.faults)


# ── crosstabs ────────────────────────────────────────────────────────────────

CROSSTAB = "Borough,Margate,Norwich,Not known,Total\nA,1,2,3,6\nB,4,,-,4\nTotal,5,2,3,10\n"


def test_a_crosstab_is_recognised_asked_about_and_read(table):
    path = table(CROSSTAB)
    _, whole = inspect(path)
    assert "looks like a crosstab: its rows are origins ('Borough')" in said(whole)
    assert "layout='matrix'" in said(whole)
    reading = read(path, layout="matrix")
    assert rows_of(reading) == [
        ["A", "Margate", 1], ["A", "Norwich", 2], ["A", "", 3], ["B", "Margate", 4],
    ]  # fmt: skip
    assert reading.frame["row"].tolist() == [2, 2, 2, 3]


def test_a_crosstab_whose_total_disagrees_is_a_fault_at_its_cell(table):
    reading, _ = inspect(table(CROSSTAB.replace("2,3,6", "2,3,7")), layout="matrix")
    [row, *_] = reading.faults
    assert (row.row, row.column) == (2, "Total")
    assert "says 7; its 3 parts come to 6" in row.problem


def test_the_headings_say_which_way_a_crosstab_runs(table):
    towns = table("Town,Camden,Brent\nMargate,1,2\nNorwich,3,4\n")
    assert rows_of(read(towns, layout="matrix")) == [
        ["Camden", "Margate", 1], ["Brent", "Margate", 2],
        ["Camden", "Norwich", 3], ["Brent", "Norwich", 4],
    ]  # fmt: skip
    corner = table("Town / Borough,Camden,Brent\nMargate,1,2\n")
    assert rows_of(read(corner, layout="matrix"))[0] == ["Camden", "Margate", 1]
    blank = table(",Camden,Brent\nMargate,1,2\n")
    _, whole = inspect(blank)
    assert "layout='matrix-transposed'" in said(whole)
    assert rows_of(read(blank, layout="matrix-transposed"))[0] == ["Camden", "Margate", 1]


def test_a_crosstab_by_period_is_read(table):
    path = table("Borough,Town,2021/22,2022/23,Total\nA,X,1,2,3\nB,X,0,4,4\n")
    with pytest.raises(InputError, match="crosstab by period"):
        read(path)
    frame = read(path, layout="matrix").frame
    assert frame[["period_start", "period_end", "count"]].to_numpy().tolist() == [
        ["2021-04", "2022-03", 1], ["2022-04", "2023-03", 2], ["2022-04", "2023-03", 4],
    ]  # fmt: skip


def test_a_crosstab_in_a_workbook_with_a_blank_corner_is_read(workbook):
    rows = [["Referrals"], [None, "Margate", "Norwich"], ["Camden", 1, 2], ["Brent", 3, None]]
    reading = read(workbook(Sheet=rows), layout="matrix")
    assert rows_of(reading) == [
        ["Camden", "Margate", 1], ["Camden", "Norwich", 2], ["Brent", "Margate", 3],
    ]  # fmt: skip


def test_a_hidden_count_in_a_crosstab_of_records_is_refused_at_its_cell(table):
    reading, _ = inspect(table("Borough,Margate,Norwich\nA,<5,2\n"), layout="matrix")
    assert [(fault.row, fault.column) for fault in reading.faults] == [(2, "Margate")]
    assert rows_of(reading) == [["A", "Norwich", 2]]
    assert reading.rows == 2


def test_a_list_is_never_taken_for_a_crosstab(table):
    path = table("borough,town,n,age,visits\nA,Bath,1,14,2\n")
    assert rows_of(read(path)) == [["A", "Bath", 1]]
    with pytest.raises(InputError, match="is no crosstab"):
        read(path, layout="matrix")


# ── dates and periods ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("11 Jan 2023", "2023-01", None), ("Wed 11th January 2023", "2023-01", None),
        ("27.1.23", "2023-01", None), ("1/2/24", "2024-02", None), ("2024-02-01", "2024-02", None),
        ("01/02/2024 14:30", "2024-02", None), ("11-Jan-23", "2023-01", None),
        ("45323", "2024-02", None), ("20240201", "2024-02", None),
        ("Feb 2024", "2024-02", "2024-02"), ("2024-02", "2024-02", "2024-02"),
        ("Feb-17", "2017-02", "2017-02"), ("02/2024", "2024-02", "2024-02"),
        ("2019/20", "2019-04", "2020-03"), ("FY2019-20", "2019-04", "2020-03"),
        ("2019-20", "2019-04", "2020-03"), ("FY 19/20", "2019-04", "2020-03"),
        ("2019-2020", "2019-04", "2020-03"), ("1999/00", "1999-04", "2000-03"),
        ("Q1 2019/20", "2019-04", "2019-06"), ("2019/20 Q4", "2020-01", "2020-03"),
        ("Q4 22/23", "2023-01", "2023-03"), ("Q1 2019", "2019-01", "2019-03"),
        ("2019 Q3", "2019-07", "2019-09"), ("2019", "2019-01", "2019-12"),
        ("year to March 2024", "2023-04", "2024-03"), ("YE Dec 23", "2023-01", "2023-12"),
        ("year ending 31 March 2024", "2023-04", "2024-03"),
        ("Jan 2023 to Mar 2024", "2023-01", "2024-03"), ("Apr-Jun 23", "2023-04", "2023-06"),
        ("2010-11", "2010-11", "2010-11"), ("Calendar year 2023", "2023-01", "2023-12"),
        ("CY2023", "2023-01", "2023-12"),
    ],
)  # fmt: skip
def test_a_date_has_a_first_and_a_last_month(text, first, last):
    cell = Cell(text)
    window = when(cell, style_of([cell.text]))
    assert (window.first, window.last) == (first, last or first)
    assert (window.day is None) == (last is not None)


@pytest.mark.parametrize(
    ("heading", "texts", "months"),
    [
        ("Date", ["May 23"], None),
        ("Date", ["Jun 14", "Sep 30"], None),
        ("Date", ["Apr 23", "May 24", "May 25"], None),
        ("Date", ["Jun 14", "Jun 4"], None),
        ("Month", ["Jun 14", "Sep 30", "Jan 02"], None),
        ("Date", ["Jun-02", "Jul-30"], None),
        ("Month", ["May 23"], ["2023-05"]),
        ("Date", ["May-23"], ["2023-05"]),
        ("Date", ["Mar '23"], ["2023-03"]),
        ("Date", ["May 99"], ["1999-05"]),
        ("Date", ["Apr 23", "May 23", "Jun 23"], ["2023-04", "2023-05", "2023-06"]),
        ("Date", ["Feb-17", "Nov-19"], ["2017-02", "2019-11"]),
    ],
)
def test_a_month_with_two_digits_is_no_day_for_certain_or_it_is_refused(
    table, heading, texts, months
):
    path = table(f"borough,town,{heading}\n" + "".join(f"A,B,{text}\n" for text in texts))
    if months is not None:
        assert read(path).frame["period_start"].tolist() == months
        return
    reading, _ = inspect(path)
    assert len(reading.faults) == len(texts)
    assert "may be a day or a month of a year" in said(reading.faults)


def test_what_is_read_as_months_and_could_be_financial_years_is_told_with_the_option(table):
    reading = read(table("borough,town,Year\nA,B,2010-11\nA,B,2011-12\n"))
    assert "read as months: rows 2, 3. If they are financial years: financial_year=True" in said(
        reading.notices
    )
    plain = read(table("borough,town,Month\nA,B,2010-11\nA,B,2011-02\n"))
    assert "financial" not in said(plain.notices)


@pytest.mark.parametrize(
    ("headings", "cells", "first", "last"),
    [
        ("Year,Quarter", "2019/20,Q1", "2019-04", "2019-06"),
        ("Financial year,Quarter", "2019-20,Quarter 4", "2020-01", "2020-03"),
        ("Quarter,Year", "Q1,2019", "2019-01", "2019-03"),
        ("Year,Quarter", "2019,2", "2019-04", "2019-06"),
        ("Year,Month", "2019,January", "2019-01", "2019-01"),
        ("Year,Month", "2019,3", "2019-03", "2019-03"),
        ("Month,FY", "Jan,FY19/20", "2020-01", "2020-01"),
        ("Month of referral,Year", "apr,2019/20", "2019-04", "2019-04"),
        ("Year,Month", "2019,Feb 2018", "2018-02", "2018-02"),
        ("Year,Month", "2019,N/K", "", ""),
        ("Year,Quarter", "2019,5", None, None),
        ("Year,Month", "2019,13", None, None),
        ("Year,Month", ",May", None, None),
        ("Financial year,Quarter", "2019,Q1", None, None),
        ("Financial year,Month", "2019,Jan", None, None),
    ],
)
def test_months_and_quarters_take_the_year_of_the_column_beside_them(
    table, headings, cells, first, last
):
    path = table(f"borough,town,{headings}\nA,B,{cells}\n")
    reading, whole = inspect(path)
    assert not whole
    if first is None:
        assert len(reading.faults) == 1
        return
    frame = reading.frame.fillna("")
    assert frame[["period_start", "period_end"]].to_numpy().tolist() == [[first, last]]


@pytest.mark.parametrize(
    "text", ["19/20", "5 May", "May", "FY20", "31/02/2024", "2/13/2024", "Q5 2019", "2021/23",
             "2024-13", "Mar 2024 to Jan 2023", "1/1/1899", "123"],
)  # fmt: skip
def test_what_has_no_one_meaning_is_refused(text):
    cell = Cell(text)
    with pytest.raises(Refused):
        when(cell, style_of([cell.text]))


def test_a_column_with_one_date_that_is_month_first_is_refused(table):
    reading, _ = inspect(table("from,to,date\nA,B,01/02/2024\nA,B,02/13/2024\nA,B,3 Mar 2024\n"))
    assert [fault.row for fault in reading.faults] == [2, 3]
    assert "month first" in said(reading.faults)


def test_a_year_and_two_digits_is_a_month_unless_the_column_or_the_owner_says_a_year(table):
    def starts(*texts, heading="date", **options):
        path = table(f"from,to,{heading}\n" + "".join(f"A,B,{text}\n" for text in texts))
        return read(path, **options).frame["period_start"].tolist()

    assert starts("2010-11", "2011-06") == ["2010-11", "2011-06"]
    assert starts("2010-11", "2018-19") == ["2010-04", "2018-04"]
    assert starts("2010-11", heading="Financial year") == ["2010-04"]
    assert starts("2010-11", financial_year=True) == ["2010-04"]
    with pytest.raises(InputError, match="financial year '2018-19' and the month '2011-06'"):
        starts("2018-19", "2011-06")
    with pytest.raises(InputError, match="could be a month or a financial year"):
        starts("2018/19", "2010-11", "2011-06")


def test_a_word_for_unknown_in_the_place_of_a_date_is_no_date(table):
    frame = read(table("from,to,date\nA,B,N/K\nA,B,1/2/24\n")).frame
    assert frame["date"].isna().tolist() == [True, False]


# ── words for no place, headings, details ────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("N/K", "unknown"), ("not  known", "unknown"), ("?", "unknown"), ("TBC", "unknown"),
        ("none", "unknown"), ("–", "unknown"), ("(unknown)", "unknown"), ("Custody", "custody"),
        ("Out of Area", "out of area"), ("local", "inside the home borough"),
        ("in placement", "placement"), ("Norwich", None), ("HMP Norwich", None), ("Nr Bath", None),
        ("😀", None),
    ],
)  # fmt: skip
def test_words_that_name_no_place_have_a_kind(text, kind):
    assert kind_of(text, words_of(None)) == kind


def test_the_owner_adds_words_and_takes_words_away(table):
    path = table("borough,town\nA,Zed House\nA,Home\nA,TBC\n")
    own = table("word,kind,reason\nzed house,placement,ours\nhome,place,a village\n", "own.csv")
    reading = read(path, unknown_words=own)
    assert reading.frame["destination"].fillna("").tolist() == ["", "Home", ""]
    assert reading.unknown["kind"].tolist() == ["placement", "unknown"]
    with pytest.raises(InputError, match="needs the columns 'word' and 'kind'"):
        read(path, unknown_words=table("a,b\n", "bad.csv"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Unknown - missing", "unknown"),
        ("N\\A", "unknown"),
        ("U/K", "unknown"),
        ("don’t know", "unknown"),
        ("N/K (TBC)", "unknown"),
        ("custody / N/K", "custody"),
        ("OOA placement", "out of area"),
        ("Not in UK", "abroad"),
        ("own home?", "inside the home borough"),
        ("London - unknown", None),
        ("Unknown, Kent", None),
        ("Local, Essex", None),
    ],
)
def test_words_for_unknown_together_are_unknown_and_beside_a_place_are_not(text, kind):
    assert kind_of(text, words_of(None)) == kind


def test_an_origin_in_words_for_unknown_is_counted_and_an_empty_one_is_a_fault(table):
    reading, _ = inspect(table("borough,town,n\nN/K,X,1\n,X,2\n"))
    assert [fault.row for fault in reading.faults] == [3]
    assert reading.frame["origin"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("heading", "part", "level"),
    [
        ("Home LA", "origin", None), ("Exporting force", "origin", "force"),
        ("Importing area", "destination", None), ("Originating force", "origin", "force"),
        ("Placing authority", "origin", None), ("Where found / linked to", "destination", None),
        ("Where located", "destination", None), ("Borough of residence", "origin", "borough"),
        ("Town found", "destination", "settlement"), ("LAD22NM", "either", None),
        ("PFA23NM", "either", "force"), ("LAD22CD", "either_code", None),
        ("Local authority", "either", None), ("Home LA code", "origin_code", None),
        ("Placement town", "destination", "settlement"), ("Recovered from", "destination", None),
        ("Home Local Authority (LAD)", "origin", None), ("Origin name", "origin", None),
        ("Home address borough", "origin", "borough"), ("Lines", "count", None),
        ("Police force area (origin)", "origin", "force"), ("Exporter", "origin", None),
        ("Area (to)", "destination", None), ("Moved to", "destination", None),
        ("Place of birth", None, None), ("Found by", None, None), ("Found", None, None),
        ("Home address", None, None), ("Count of Ref", "count", None),
    ],
)  # fmt: skip
def test_headings_of_the_field_are_known(heading, part, level):
    assert (meaning(heading).part, meaning(heading).level) == (part, level)


def test_a_heading_that_says_neither_end_takes_the_one_that_is_free(table):
    assert rows_of(read(table("LAD22NM,Town\nCamden,Bath\n"))) == [["Camden", "Bath", 1]]
    assert rows_of(read(table("Home LA,PFA23NM\nCamden,Kent\n"))) == [["Camden", "Kent", 1]]
    _, whole = inspect(table("LAD22NM,PFA23NM\nCamden,Kent\n"))
    assert "columns={'origin': 'LAD22NM'} columns={'destination': 'PFA23NM'}" in said(whole)


def test_codes_belong_to_the_name_that_is_headed_alike(table):
    path = table("LAD22CD,LAD22NM,PFA23CD,PFA23NM\nE09000007,Camden,E23000032,Kent\n")
    _, whole = inspect(path)
    assert len(whole) == 1
    assert "do not say which is the origin and which the destination" in said(whole)
    reading = read(path, columns={"origin": "PFA23NM", "destination": "LAD22NM"})
    assert reading.frame.loc[0, ["origin_code", "destination_code"]].tolist() == [
        "E23000032",
        "E09000007",
    ]


@pytest.mark.parametrize(
    ("headings", "place", "around"),
    [("Town,County", "Town", "County"), ("PFA23NM,LAD22NM", "LAD22NM", "PFA23NM")],
)
def test_of_two_sizes_of_place_at_one_end_the_larger_is_offered_as_around_it(
    table, headings, place, around
):
    path = table(f"Home borough,{headings}\nCamden,Margate,Kent\n")
    _, whole = inspect(path)
    ways = f"columns={{'destination': '{place}'}} columns={{'destination_within': '{around}'}}"
    assert ways in said(whole)
    frame = read(path, columns={"destination": place, "destination_within": around}).frame
    assert {frame.loc[0, "destination"], frame.loc[0, "destination_within"]} == {"Margate", "Kent"}


def test_a_county_line_in_the_heading_of_a_place_is_no_name_of_a_gang(table):
    reading = read(table("Home borough,County line destination\nHackney,Norwich\n"), "records")
    assert reading.used["destination"] == "County line destination"
    assert reading.details == ()
    assert kind_of_heading("Linked to county line") == "gangs"


@pytest.mark.parametrize("order", [1, -1])
def test_the_numbers_of_rows_are_no_counts(table, order):
    numbers = range(1, 31)[::order]
    rows = [f"{n},Hackney,{'Norwich' if n % 2 else 'Ipswich'}" for n in numbers]
    path = table("\n".join(["No.,Home borough,Where found", *rows]) + "\n")
    reading = read(path, "records")
    assert reading.frame["count"].sum() == 30
    assert "No." in reading.unused
    assert "numbers the rows (1, 2, 3, ...)" in said(reading.notices)
    assert "columns={'count': 'No.'}" in said(reading.notices)
    assert read(path, "records", columns={"count": "No."}).frame["count"].sum() == 465


NOTES = "\n".join(f"Note {n}: what the register holds may be revised,," for n in range(1, 6))


@pytest.mark.parametrize("foot", ["Total,,", "TOTAL,,60", "Source: a register,,", ",,", "", NOTES])
@pytest.mark.parametrize("missing", [(), (17,), (58, 59, 60), tuple(range(3, 60, 2))])
def test_the_numbers_of_rows_are_no_counts_above_a_foot_or_with_gaps(table, foot, missing):
    numbers = [n for n in range(101, 161) if n - 100 not in missing]
    rows = [f"{n},Croydon,{'Margate' if n % 3 else 'Dover'}" for n in numbers]
    path = table("\n".join(["No,Borough,Town found", *rows, foot]) + "\n")
    frame = read(path, "records", allow_refused=True).frame
    assert frame.loc[frame["origin"] == "Croydon", "count"].sum() == len(numbers)


def test_counts_under_no_that_differ_from_row_to_row_are_counts(table):
    counts = [14, 3, 31, 6, 9, 22, 41, 5, 17, 12, 8, 27, 19, 55]
    rows = [f"{n},Croydon,Margate" for n in counts]
    reading = read(table("\n".join(["No,Borough,Town found", *rows]) + "\n"), "records")
    assert reading.frame["count"].sum() == sum(counts)


def test_numbers_that_rise_with_many_gaps_are_asked_about(table):
    numbers = [n * n + 2 for n in range(24)]
    rows = [f"{n},Croydon,Margate" for n in numbers]
    path = table("\n".join(["No,Borough,Town found", *rows]) + "\n")
    _, whole = inspect(path)
    assert "it may be the count, or number the rows" in said(whole)
    assert "columns={'count': 'No'}" in said(whole)
    assert read(path, "records", columns={"count": "No"}).frame["count"].sum() == sum(numbers)
    numbered = table("\n".join(["Row number,Borough,Town found", *rows]) + "\n")
    assert read(numbered, "records").frame["count"].sum() == 24


def test_counts_that_only_begin_like_the_numbers_of_rows_are_counts(table):
    rows = [f"{n},Hackney,Norwich" for n in (1, 2, 3, 4, 5, 7)]
    reading = read(table("\n".join(["No.,Home borough,Where found", *rows]) + "\n"), "records")
    assert reading.frame["count"].sum() == 22


def test_columns_of_peoples_details_are_named_and_cannot_be_tags(table):
    lines = "".join(f"Camden,Bath,Al Boy{n},AB{n}123,07700 90012{n}\n" for n in "abcdefgh")
    text = "borough,town,Child's name,Case,Contact\n" + lines.replace("90012a", "900120")
    text = text.replace("90012", "90013").translate(str.maketrans("", "", ""))
    reading = read(table(text))
    assert ("Child's name", "names of people") in [(d.column, d.kind) for d in reading.details]
    assert "Child's name" in said(reading.notices)
    with pytest.raises(InputError, match="looks like names of people: it cannot be a tag"):
        read(table(text), tags=["Child's name"])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("07700 900123", "a telephone number"), ("+44 20 7946 0123", "a telephone number"),
        ("NR1 3AB", "a full postcode"), ("a.b@example.org", "an email address"),
        ("QQ 12 34 56 C", None), ("AB 12 34 56 C", "a National Insurance number"),
        ("12 High Street", "an address"), ("NR1", None), ("Bath", None), ("1,250", None),
        ("2024-02-01", None), ("St Albans", None), ("16 (turning 17)", None),
        ("AB12 CDE", "a vehicle's registration"), ("51.5072, -0.1276", "an exact position"),
        ("///filled.count.soap", "an exact position"), ("TQ 30123 80456", "an exact position"),
        ("snap: @tiny", "a user name"),
    ],
)  # fmt: skip
def test_details_in_a_cell_are_seen(text, what):
    assert detail_in(text) == what


@pytest.mark.parametrize("column", ["measure", "source", "age"])
def test_a_cell_with_details_in_a_column_that_is_kept_is_refused(table, column):
    path = table(f"borough,town,{column}\nA,B,fine\nA,B,call 07700 900123\n")
    reading, _ = inspect(path, tags=["age"] if column == "age" else [])
    assert [fault.row for fault in reading.faults] == [3]
    assert "telephone number" in said(reading.faults)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Child", "names of people"),
        ("SW", "names of people"),
        ("Friends", "names of people"),
        ("Keyworker", "names of people"),
        ("Reg", "vehicles"),
        ("Telegram handle", "user names"),
        ("Longitude", "addresses"),
        ("Child ethnicity", None),
        ("Region", None),
    ],
)
def test_headings_of_peoples_details_are_known_also_where_the_cells_say_little(heading, kind):
    assert kind_of_heading(heading) == kind


@pytest.mark.parametrize("kind", ["records", "statements"])
def test_no_full_postcode_is_in_a_frame(table, kind):
    path = table(
        "borough,place,within,n,measure\nN1 2AB,ct9 1xy,Kent,1,cases\n"
        "A,12 The Way NR13AB,,1,cases\n"
    )
    frame = read(path, kind, columns={"destination_within": "within"}).frame
    assert frame["origin"].tolist() == ["N1", "A"]
    assert frame["destination"].tolist() == ["CT9", "12 The Way NR1"]


def test_what_reaches_a_person_in_the_place_of_a_place_is_unknown_and_never_repeated(table):
    path = table(
        "borough,place\nA,07700 900123\nA,a.b@example.org\nA,Bath (dob 1/2/2008)\nA,Bath\n"
    )
    reading = read(path)
    assert reading.frame["destination"].fillna("").tolist() == ["", "", "", "Bath"]
    told = said(reading.notices)
    assert "a telephone number are counted as unknown: rows 2." in told
    assert "an email address are counted as unknown: rows 3." in told
    assert "900123" not in told
    assert "example" not in told
    assert "2008" not in told
    assert reading.unknown["word"].tolist() == ["people's details"]


def test_an_age_is_no_detail():
    assert kind_of_heading("Age") is None
    assert kind_of_heading("Ethnicity") is None


def test_a_note_that_cannot_be_read_takes_no_row_away(workbook):
    rows = [["from", "to", "notes"], ["A", "B", "=> see file"], ["A", "C", "fine"]]
    reading = read(workbook(Sheet=rows))
    assert len(reading.frame) == 2
    assert "notes that cannot be read" in said(reading.notices)


def test_a_name_with_one_quotation_mark_is_refused(table):
    reading, _ = inspect(table('from,to\nCamden",Bath\nCamden,the "Bath"\n'))
    assert [fault.row for fault in reading.faults] == [2]


# ── published figures that are no counts ─────────────────────────────────────

HIDDEN = "origin,destination,count,count_low,count_high,mark,measure\n"


@pytest.mark.parametrize(
    ("printed", "qualifier"),
    [
        ("[c]", "hidden by the publisher ([c])"), ("*", "hidden by the publisher (*)"),
        ("low", "hidden by the publisher (low)"), ("..", "not available from the publisher (..)"),
        ("<5", "published as a range, 0 to 4 (<5)"), ("1-7", "published as a range, 1 to 7 (1-7)"),
        ("10+", "published as a range, 10 or more (10+)"),
        ("‡", "hidden by the publisher (‡)"), ("s40", "hidden by the publisher (s40)"),
        ("12.5%", "published as a rate (12.5%)"), ("3.2", "published as a rate (3.2)"),
        ("7", "exact"),
    ],
)  # fmt: skip
def test_what_a_publisher_prints_for_a_count_is_kept_and_records_refuse_it(
    table, printed, qualifier
):
    path = table(f"origin,destination,count,measure\nLondon,Kent,{printed},arrests\n")
    frame = read(path, "statements").frame
    assert frame["qualifier"].tolist() == [qualifier]
    assert frame["count"].isna().tolist() == [qualifier != "exact"]
    reading, _ = inspect(path)
    assert len(reading.faults) == (qualifier != "exact")


@pytest.mark.parametrize(
    ("cells", "qualifier"),
    [
        (",1,4,c", "published as a range, 1 to 4 (c)"),
        ("[c],1,4,", "published as a range, 1 to 4 ([c])"),
        (",5,,", "published as a range, 5 or more"),
        (",,4,low", "published as a range, 0 to 4 (low)"),
        (",,,[x]", "not available from the publisher ([x])"),
        ("<5,,,", "published as a range, 0 to 4 (<5)"),
        ("3,1,4,", "exact"),
    ],
)
def test_a_range_and_a_mark_in_columns_of_their_own_are_kept(table, cells, qualifier):
    path = table(f"{HIDDEN}A,B,{cells},cases\n")
    frame = read(path, "statements").frame
    assert frame["qualifier"].tolist() == [qualifier]
    assert frame["count"].isna().tolist() == [qualifier != "exact"]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (",4,1,", "ends before it starts"),
        ("12,1,5,", "lies outside its range"),
        (",,,q", "'q' is no mark of a hidden number"),
        (",x,4,", "'x' is not a whole number"),
        (",,,", "count of a counted measure is missing"),
    ],
)
def test_a_range_that_contradicts_itself_and_a_mark_that_is_not_known_are_faults(
    table, cells, problem
):
    path = table(f"{HIDDEN}A,B,{cells},cases\n")
    reading, _ = inspect(path, "statements")
    assert [fault.row for fault in reading.faults] == [2] * len(reading.faults)
    assert problem in said(reading.faults)


def test_thousands_are_read_in_statements_and_refused_in_records(table):
    path = table('origin,destination,count,measure\nA,B,"1,234",cases\n')
    assert read(path, "statements").frame["count"].tolist() == [1234]
    with pytest.raises(InputError, match="Write digits alone"):
        read(path)


def test_an_empty_count_of_a_statement_is_still_a_fault(table):
    path = table("origin,destination,count,measure\nLondon,Kent,,arrests\nLondon,Kent,<5,named\n")
    reading, _ = inspect(path, "statements")
    assert [fault.row for fault in reading.faults] == [2, 3]


def test_mac_roman_is_not_taken_for_windows(tmp_path):
    path = tmp_path / "mac.csv"
    path.write_bytes("from,to\nCamden,Ynys Môn\n".encode("mac-roman"))
    with pytest.raises(InputError, match="encoding is not known"):
        read(path)
    assert rows_of(read(path, encoding="mac-roman")) == [["Camden", "Ynys Môn", 1]]


@pytest.mark.parametrize("separator", [";", "|"])
def test_a_last_row_with_another_separator_is_no_note(table, separator):
    """It was left out as a note, for it is one long cell."""
    last = separator.join(["Barking and Dagenham", "Bury St Edmunds", "149", "19/09/2023"])
    path = table(f"Borough,Town,Count,Date\nCamden,Bath,3,01/02/2023\n{last}\n")
    reading, _ = inspect(path)
    assert reading.left_out == ()
    assert [fault.row for fault in reading.faults] == [3]


@pytest.mark.parametrize(
    "detail",
    ["943 476 5919", "9434765919", "17/03/2009", "2009-03-17", "17 March 2009", "ZQX-44719"],
)
@pytest.mark.parametrize("part", ["Route", "Source"])
def test_a_number_or_a_date_of_a_person_is_refused_in_a_text_that_is_kept(table, part, detail):
    rows = "".join(f"Camden,Bath,{text}\n" for text in ["school", "home", f"x {detail}", "school"])
    path = table(f"Borough,Town,{part}\n{rows}")
    reading, _ = inspect(path, tags=["Route"] if part == "Route" else [])
    assert [fault.row for fault in reading.faults] == [4]
    assert len(reading.frame) == 3


@pytest.mark.parametrize("text", ["2023/24", "Year 11", "under 16", "16-17", "Police, May 2023"])
def test_what_is_no_detail_of_a_person_is_kept(table, text):
    reading, _ = inspect(table(f'Borough,Town,Source\nCamden,Bath,"{text}"\n'))
    assert reading.faults == ()
