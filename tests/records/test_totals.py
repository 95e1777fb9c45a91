"""Totals and crosstabs of any shape: the parts are kept, each total is checked and left out."""

import io

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.errors import InputError
from linemap.flows import build_flows, to_matrix
from linemap.gazetteer import Gazetteer
from linemap.records import inspect, read
from linemap.records.totals import total_of

ORIGINS = ["Ashwick", "Birchgate", "Cedarham"]
PLACES = ["Eastby", "Glenmoor", "Fernport", "Not known"]
WORDS = ["Total", "Grand total", "TOTAL:", "Overall", "Total (all boroughs)"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("totals")


def said(faults):
    return " | ".join(str(fault) for fault in faults)


def write(folder, rows, form):
    path = folder / f"table.{form}"
    if form == "csv":
        path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([None if cell == "" else cell for cell in row])
        stream = io.BytesIO()
        book.save(stream)
        path.write_bytes(stream.getvalue())
    return path


@st.composite
def crosstabs(draw):
    """A matrix of counts, which way it runs, and which totals stand beside it."""
    origins = draw(st.lists(st.sampled_from(ORIGINS), min_size=2, max_size=3, unique=True))
    places = draw(st.lists(st.sampled_from(PLACES), min_size=2, max_size=4, unique=True))
    cells = [[draw(st.integers(0, 60)) for _ in places] for _ in origins]
    cells[0][0] += not any(map(any, cells))  # a table of noughts is empty
    return (
        pd.DataFrame(cells, index=origins, columns=places),
        draw(st.booleans()),
        draw(st.sampled_from(["", *WORDS])),
        draw(st.booleans()),
        draw(st.booleans()),
    )


def laid_out(counts, *, turned, word, below, beside):
    """Write a matrix of counts as the rows of a crosstab, with the totals that are wanted."""
    shown = counts.T if turned else counts
    rows = [["Town" if turned else "Borough", *shown.columns, *(["Total"] if beside else [])]]
    for name, row in shown.iterrows():
        rows.append([name, *map(int, row), *([int(row.sum())] if beside else [])])
    if below:
        sums = [int(total) for total in shown.sum()]
        rows.append([word, *sums, *([sum(sums)] if beside else [])])
    return rows


def expected(counts):
    return sorted(
        (origin, "" if place == "Not known" else place, int(n))
        for origin, row in counts.iterrows()
        for place, n in row.items()
        if n
    )


def got(frame):
    columns = ["origin", "destination", "count"]
    return sorted(frame[columns].fillna("").itertuples(index=False, name=None))


@settings(deadline=None, max_examples=40)
@given(crosstabs(), st.sampled_from(["csv", "csv", "xlsx"]))
def test_a_crosstab_is_read_as_its_cells_whatever_totals_it_has(folder, drawn, form):
    counts, turned, word, below, beside = drawn
    rows = laid_out(counts, turned=turned, word=word, below=below, beside=beside)
    layout = "matrix-transposed" if turned else "matrix"
    reading, whole = inspect(write(folder, rows, form), layout=layout)
    assert not whole
    if word:
        assert not reading.faults
    if not reading.faults:
        assert got(reading.frame) == expected(counts)


@settings(deadline=None, max_examples=25)
@given(crosstabs(), st.data())
def test_one_wrong_total_of_a_crosstab_is_a_fault_at_its_cell_with_both_numbers(
    folder, drawn, data
):
    counts, turned, word, below, beside = drawn
    rows = laid_out(counts, turned=turned, word=word or "Total", below=below, beside=beside)
    cells = [(len(rows) - 1, at) for at in range(1, len(rows[0]))] if below else []
    cells += [(at, len(rows[0]) - 1) for at in range(1, len(rows))] if beside else []
    if not cells:
        return
    row, column = data.draw(st.sampled_from(cells))
    right = rows[row][column]
    rows[row][column] = right + data.draw(st.integers(1, 9))
    layout = "matrix-transposed" if turned else "matrix"
    reading, _ = inspect(write(folder, rows, "csv"), layout=layout)
    [fault] = reading.faults
    assert (fault.row, fault.column) == (row + 1, rows[0][column])
    assert f"says {rows[row][column]:,}; " in fault.problem
    assert f"to {right:,}." in fault.problem
    assert got(reading.frame) == expected(counts)


@settings(deadline=None, max_examples=15)
@given(crosstabs())
def test_a_matrix_of_flows_is_read_back_as_the_crosstab_that_it_shows(folder, drawn):
    counts = drawn[0]
    toy = Gazetteer.toy()
    path = write(
        folder,
        laid_out(counts, turned=False, word="", below=False, beside=False),
        "csv",
    )
    matrix = to_matrix(build_flows(read(path, layout="matrix").frame, gazetteer=toy))
    held = counts.rename(columns={"Not known": "not stated"})
    for origin, row in held.iterrows():
        for place, n in row.items():
            if n:
                assert matrix.loc[origin, place] == n
    assert int(matrix.sum().sum()) == int(counts.to_numpy().sum())
    if matrix.shape[1] < 2:
        return  # one column of numbers is a list
    back = folder / "back.csv"
    matrix.to_csv(back)
    assert got(read(back, layout="matrix").frame) == expected(counts)


@st.composite
def lists(draw):
    """A list of counts with a total of some of its origins, and of all."""
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(ORIGINS), st.sampled_from(PLACES), st.integers(1, 60)),
            min_size=3,
            max_size=12,
            unique_by=lambda row: row[:2],
        )
    )
    made, totals = [], []
    for origin in ORIGINS:
        own = [row for row in rows if row[0] == origin]
        made += own
        if own and draw(st.booleans()):
            name = draw(st.sampled_from([f"{origin} Total", f"Total {origin}", origin]))
            town = "Total" if name == origin else draw(st.sampled_from(["", "All", "Total"]))
            totals.append(len(made))
            made.append((name, town, sum(row[2] for row in own)))
    if draw(st.booleans()):
        totals.append(len(made))
        word = draw(st.sampled_from(WORDS))
        made.append((word, draw(st.sampled_from(["", word])), sum(row[2] for row in rows)))
    return rows, made, totals


@settings(deadline=None, max_examples=40)
@given(lists(), st.data())
def test_the_totals_of_a_list_are_left_out_and_a_wrong_one_is_a_fault(folder, drawn, data):
    rows, made, totals = drawn
    text = [["Borough", "Town", "Count"], *map(list, made)]
    reading = read(write(folder, text, "csv"))
    assert got(reading.frame) == sorted(
        (origin, "" if place == "Not known" else place, n) for origin, place, n in rows
    )
    assert reading.left_out == tuple(at + 2 for at in totals)
    if not totals:
        return
    wrong = data.draw(st.sampled_from(totals))
    right = made[wrong][2]
    text[wrong + 1][2] = right + data.draw(st.integers(1, 9))
    reading, _ = inspect(write(folder, text, "csv"))
    [fault] = reading.faults
    assert fault.row == wrong + 2
    assert f"says {text[wrong + 1][2]:,}; " in fault.problem
    assert f"to {right:,}." in fault.problem


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TOTAL (all boroughs)", ("total", "")),
        ("Total (England)", ("total", "")),
        ("Sub-total Camden", ("total", "camden")),
        ("Camden total", ("total", "camden")),
        ("Islington, total", ("total", "islington")),
        ("Sum of Camden", ("total", "camden")),
        ("Totland", None),
        ("All London", ("perhaps", "")),
    ],
)
def test_a_word_for_a_total_says_of_what(text, found):
    assert total_of(text) == found


def test_the_totals_of_a_crosstab_are_told_as_the_row_and_the_column_that_they_are(folder):
    rows = [
        ["Borough", "Bath", "Ely", "Total"],
        ["A", 1, 2, 3],
        ["B", 3, 4, 7],
        ["Total", 4, 6, 10],
    ]
    reading = read(write(folder, rows, "csv"), layout="matrix")
    assert "they equal their parts: row 4, column 'Total'." in said(reading.notices)


def test_a_word_for_a_total_is_judged_row_by_row(folder):
    rows = [
        ["Borough", "Area", "n"],
        ["A", "Kent", 12],
        ["A", "Essex", 13],
        ["A", "England", 25],
        ["B", "Kent", 5],
        ["B", "Essex", 6],
        ["B", "England", 12],
    ]
    reading = read(write(folder, rows, "csv"))
    assert reading.left_out == (4,)
    assert "does not equal other rows, and is counted as what it says: row 7" in said(
        reading.notices
    )


def test_a_last_row_without_a_name_that_does_not_add_up_is_a_fault_with_both_numbers(folder):
    rows = [["Borough", "Town", "n"], ["A", "Bath", 12], ["B", "Ely", 15], ["", "", 29]]
    reading, _ = inspect(write(folder, rows, "csv"))
    assert "says 29; the rows above come to 27" in said(reading.faults)
    with pytest.raises(InputError):
        read(write(folder, rows, "csv"))


def test_a_column_of_totals_is_checked_against_the_columns_beside_it(folder):
    rows = [
        ["Borough", "Town", "Boys", "Girls", "Total"],
        ["A", "Bath", 12, 3, 15],
        ["B", "Ely", 15, 4, 19],
        ["B", "Bath", 15, 4, 20],
    ]
    reading, _ = inspect(write(folder, rows, "csv"))
    assert said(reading.faults).startswith(
        "row 4, column 'Total': the total says 20; 'Boys' and 'Girls' come to 19."
    )


def test_two_wider_areas_that_each_hold_everything_are_not_added(folder):
    rows = [
        ["Borough", "Town", "n"],
        ["England", "", 47],
        ["London", "", 47],
        ["A", "Bath", 27],
        ["B", "Ely", 20],
    ]
    reading = read(write(folder, rows, "csv"))
    assert reading.frame["count"].sum() == 47
    assert reading.left_out == (2, 3)


def test_an_origin_that_is_left_empty_is_asked_for_with_the_way_out(folder):
    rows = [["Borough", "Town", "n"], ["A", "Bath", 1], ["", "Ely", 2], ["B", "Ely", 4]]
    reading, _ = inspect(write(folder, rows, "csv"))
    assert "the origin is missing. If it is that of the row above, write it in each row" in said(
        reading.faults
    )


def test_a_word_for_a_total_without_a_date_is_the_total_of_all_dates(folder):
    rows = [
        ["Borough", "Town", "n", "Date"],
        ["A", "Bath", 100, "1/2/2023"],
        ["A", "", 107, "3/2/2023"],
        ["B", "Ely", 5, "3/2/2023"],
        ["A", "All", 207, ""],
        ["B", "All", 5, ""],
    ]
    reading = read(write(folder, rows, "csv"))
    assert reading.left_out == (5, 6)
    assert reading.frame["count"].sum() == 212
