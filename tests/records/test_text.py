import codecs
import csv
import io
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from linemap.errors import InputError
from linemap.records import inspect
from linemap.records.delimited import _plain, read_separated

HEADING = ["origin", "destination", "count"]
CELL = st.text(
    st.one_of(
        st.sampled_from("ab'’é,;\t=1 \"\n"), st.characters(codec="utf-8", exclude_characters="\0")
    ),
    max_size=6,
)
GRID = st.lists(st.tuples(CELL, CELL, CELL), max_size=6)


def grid(table):
    """The cells of a table, row by row."""
    columns = [table.column(at) for at in range(len(table.headings))]
    return [
        tuple(column.cells[column.codes[at]].text for column in columns)
        for at in range(len(table.rows))
    ]


def written(rows, separator=",", end="\r\n"):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator=end)
    writer.writerows([HEADING, *rows])
    return stream.getvalue()


@given(GRID, st.sampled_from(",;\t"), st.sampled_from(["\r\n", "\n", "\r"]))
def test_what_any_csv_writer_wrote_is_read_the_same_with_rows_as_a_person_counts_them(
    rows, separator, end
):
    # a carriage return, or a line feed that Python's writer does not quote beside them, ends a row
    ends = "\r\n" if end == "\r" else "\r"
    assume(not any(one in cell for row in rows for cell in row for one in ends))
    from linemap.records import restore

    table = read_separated(written(rows, separator, end).encode())
    filled = [(at, row) for at, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    assert grid(table) == [tuple(map(restore, row)) for _, row in filled]
    assert table.rows.tolist() == [at for at, _ in filled]
    assert table.blank == len(rows) - len(filled)
    assert not table.faults


@given(
    st.lists(st.lists(st.text("ab é’=N/A'", max_size=4), max_size=5).map(";".join), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
@example(["a;b;c", "", "a;b;c"], "\n", False)
def test_the_quick_way_and_the_strict_way_read_the_same(lines, end, closed):
    text = end.join(["origin;destination;count", *lines]) + (end if closed else "")
    quick = _plain(text.encode(), "origin;destination;count", ";", "x")
    strict = read_separated((text + ' "').replace(' "', "").encode())
    forced = read_separated(text.replace("count", '"count"', 1).encode())
    assert grid(forced) == grid(strict)
    assert forced.rows.tolist() == strict.rows.tolist()
    assert forced.blank == strict.blank
    if quick is not None:
        assert (grid(quick), quick.blank) == (grid(forced), forced.blank)
        assert not forced.faults
    else:
        assert forced.faults or forced.blank or not lines


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("cp1252", b""),
    ],
)
def test_the_encodings_that_people_have_are_read(encoding, mark):
    text = "origin,destination\nIslington,King’s Lynn\nBrent,Ynys Môn\nBarnet,“Sgùrr” – £5\n"
    table = read_separated(mark + text.encode(encoding))
    assert [row[1] for row in grid(table)] == ["King’s Lynn", "Ynys Môn", "“Sgùrr” – £5"]


@pytest.mark.parametrize(
    "data",
    [
        "origin,destination\nIslington,King’s Lynn\n".encode("mac-roman"),
        "origin,destination\nIslington,Llanférion\n".encode("cp850"),
        "origin,destination\nМосква,Москва\n".encode("cp1251"),
        "origin,destination\n東京,東京\n".encode("shift-jis"),
        "origin,destination\nIslington,Norwich\n".encode("utf-32"),
        "origin,destination\nIslington,Norwich\n".encode("utf-16-le"),
        codecs.BOM_UTF8 + b"origin,destination\nIslington,Ynys M\xf4n\n",
        codecs.BOM_UTF16_LE + b"o\0r\0i",
        bytes(range(256)),
        b"origin,destination\nIslington,Nor\x81wich\n",
    ],
    ids=[
        "mac",
        "dos",
        "cyrillic",
        "japanese",
        "utf-32",
        "no mark",
        "lying mark",
        "cut",
        "binary",
        "no sign",
    ],
)
def test_an_encoding_that_is_not_certain_is_refused_and_not_guessed(data):
    with pytest.raises(InputError, match=r"UTF|encoding|zero bytes"):
        read_separated(data)


def test_a_refused_encoding_is_told_with_its_line_and_what_it_would_hold():
    data = "origin,destination\nBrent,Bath\nIslington,King’s Lynn\n".encode("mac-roman")
    with pytest.raises(InputError, match=r"\(line 3\).* it would hold 'slington,KingÕs Lynn'"):
        read_separated(data)
    with pytest.raises(InputError, match=r"zero bytes \(line 2\)"):
        read_separated(b"from,to\nA,B\0\n")


def test_an_encoding_that_the_caller_names_is_used():
    data = "origin,destination\nIslington,King’s Lynn\n".encode("mac-roman")
    assert grid(read_separated(data, encoding="mac-roman")) == [("Islington", "King’s Lynn")]
    with pytest.raises(InputError, match="No encoding is called 'utf-9'"):
        read_separated(data, encoding="utf-9")
    with pytest.raises(InputError, match="No encoding is called"):
        read_separated(data, encoding="utf\0")
    with pytest.raises(InputError, match="not in ascii"):
        read_separated(data, encoding="ascii")


def test_rows_of_another_width_are_named_and_the_rest_is_kept():
    table = read_separated(b"from,to,n\nA,B,1\nA,B\n\nA,B,1,\n ,,\nC,D,2\n")
    assert grid(table) == [("A", "B", "1"), ("C", "D", "2")]
    assert [(fault.row, fault.problem.split(":")[0]) for fault in table.faults] == [
        (3, "the row is too short"),
        (5, "the row is too long"),
    ]
    assert table.misfits == {3: ("A", "B"), 5: ("A", "B", "1", "")}
    assert table.blank == 2


def test_a_trailing_comma_on_every_row_shifts_nothing():
    table = read_separated(b"from,to,n\nA,B,1,\nC,D,2,\n")
    assert len(table.rows) == 0
    assert [fault.row for fault in table.faults] == [2, 3]


def test_columns_at_the_end_without_heading_and_content_are_left_out():
    assert read_separated(b"from,to,,\nA,B,,\n").headings == ("from", "to")
    table = read_separated(b"from,to,,\nA,B,,x\n")
    assert [str(fault) for fault in table.damage] == ["row 1: column 4 has content and no heading."]


@pytest.mark.parametrize(
    ("data", "row", "said"),
    [
        (b'from,to\nA,"B\nC,D\n', 2, "never closes"),
        (b'from,to\nA,B\nA,"B"x\nC,D\n', 3, "inside a cell"),
    ],
)
def test_quotation_marks_that_do_not_pair_are_named_by_row(data, row, said):
    [fault] = read_separated(data).damage
    assert fault.row == row
    assert said in fault.problem


def test_a_heading_that_never_closes_its_quotation_mark_is_refused():
    data = b'from,"to\n' + b"A,B\n" * 400_000
    with pytest.raises(InputError):
        read_separated(data)


@pytest.mark.parametrize(
    "heading", ["x" * 131_073, f"from,to,{'x' * 131_073}", '"' + "x" * 140_000]
)
def test_a_heading_that_is_too_long_is_called_that(heading):
    with pytest.raises(InputError) as raised:
        read_separated(f"{heading}\nA,B,C\n".encode())
    [fault] = raised.value.faults
    assert str(fault) == "row 1: a cell is longer than 131,072 characters."


def test_a_mark_is_no_part_of_the_heading_also_where_the_encoding_is_named():
    data = codecs.BOM_UTF8 + b"from,to\nA,B\n"
    assert read_separated(data, encoding="utf-8").headings == ("from", "to")


def test_a_cell_of_many_lines_counts_as_one_row():
    table = read_separated(b'from,to\n"A\nA",B\nC,D\nE\n')
    assert table.rows.tolist() == [2, 3]
    assert [fault.row for fault in table.faults] == [4]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"sep=;\nfrom;to\nA;B\n", "semicolon"),
        (b"from\tto\nA\tB\n", "tab"),
        (b"from;to, or near\nA;B\n", "semicolon"),
    ],
)
def test_the_separator_is_what_the_heading_uses(data, said):
    table = read_separated(data)
    assert grid(table) == [("A", "B")]
    assert table.form.startswith(said)


def test_a_separator_that_is_not_certain_is_refused():
    with pytest.raises(InputError, match="comma or a semicolon"):
        read_separated(b"a,b;c\nx,y;z\n")


@pytest.mark.parametrize("data", [b" \n", b'"from,to\nA,B\n'])
def test_a_table_without_headings_in_its_first_row_is_refused(data):
    with pytest.raises(InputError, match="first row must hold the headings"):
        read_separated(data)


@pytest.mark.parametrize("mark", ["-", ": ", ";'", "q ", "a.", "0-", "1 a "])
@pytest.mark.parametrize("part", ["date", "note", "source", "tag"])
def test_a_long_cell_of_marks_is_judged_at_once(tmp_path, mark, part):
    """Each took minutes where a pattern is tried from every place of a text."""
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["from", "to", "n", part], ["A", "B", 1, mark * 40_000]])
    started = time.process_time()
    inspect(path, tags=["tag"] if part == "tag" else [])
    assert time.process_time() - started < 5
