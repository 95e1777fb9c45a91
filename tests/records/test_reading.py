import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap import schema
from linemap.errors import Fault, InputError, InputNotFoundError
from linemap.records import check_table, inspect_table, read, read_records, read_statements

ROOT = Path(__file__).parents[2]
STATEMENTS = ROOT / "data/raw/published_statements.csv"
TOY = ROOT / "src/linemap/data/toy/moves.csv"


def frame(*rows, names=("from", "to", "n")):
    return pd.DataFrame(rows, columns=list(names), dtype=object)


def statement(**cells):
    plain = {"origin": "Brent", "destination": "Bath", "measure": "arrests", "value": "3"}
    return pd.DataFrame([{**plain, **cells}], dtype=object)


def said(source, kind="records", **options):
    return [str(fault) for fault in check_table(source, kind, **options)]


# ── the two real tables ──────────────────────────────────────────────────────


def test_the_published_statements_are_read_whole():
    got = read_statements(STATEMENTS)
    assert len(got) == 67
    assert got[schema.STATEMENT_ID].tolist() == [f"S{number:03}" for number in range(1, 68)]
    assert got[schema.ROW].tolist() == list(range(2, 69))
    assert int(got[schema.COUNT].notna().sum()) == 35
    assert int((got[schema.MEASURE] == schema.NAMED).sum()) == 32
    lynn = got[got[schema.STATEMENT_ID] == "S003"].iloc[0]
    assert (lynn[schema.DESTINATION], lynn[schema.DESTINATION_LEVEL]) == (
        "King’s Lynn",
        "settlement",
    )
    assert lynn[schema.QUALIFIER] == schema.MENTIONED
    wales = got[got[schema.STATEMENT_ID] == "S009"].iloc[0]
    assert wales[schema.DESTINATION_LEVEL] == schema.GROUP
    total = got[got[schema.STATEMENT_ID] == "S038"].iloc[0]
    assert total[schema.DESTINATION] is None or pd.isna(total[schema.DESTINATION])
    assert total[schema.COUNT] == 271
    assert (total[schema.PERIOD_START], total[schema.PERIOD_END]) == ("2018-01", "2019-03")
    assert set(got[schema.INPUT]) == {schema.STATEMENTS}


def test_the_toy_moves_are_read_whole():
    got = read_records(TOY)
    assert int(got[schema.COUNT].sum()) == 40
    assert int(got[schema.DESTINATION].isna().sum()) == 1
    assert set(got[schema.INPUT]) == {schema.RECORDS}
    assert str(got[schema.COUNT].dtype) == "Int64"


# ── what a row may leave unsaid, and what not ───────────────────────────────


def test_records_without_a_count_column_count_one_each():
    got = read_records(frame(["A", "B"], ["A", None], names=("from", "to")))
    assert got[schema.COUNT].tolist() == [1, 1]
    assert got[schema.MEASURE].tolist() == [schema.DEFAULT_MEASURE] * 2


def test_an_empty_origin_or_count_of_a_record_is_a_fault():
    assert said(frame(["", "B", 1], ["A", "B", None])) == [
        (
            "row 2, column 'from': the origin is missing. If it is that of the row above, write it "
            "in each row; if it is not known, write N/K."
        ),
        "row 3, column 'n': the count is missing.",
    ]


def test_NA_and_None_are_words_for_unknown_and_told():  # noqa: N802 - the texts are the point
    reading = read(frame(["A", "NA", 1], ["A", "None", 2], ["A", "Nando", 4]))
    assert reading.frame[schema.DESTINATION].fillna("").tolist() == ["", "", "Nando"]
    assert reading.unknown[["word", "kind", "rows"]].to_numpy().tolist() == [
        ["NA", "unknown", 1],
        ["None", "unknown", 1],
    ]
    statements = read_statements(statement(destination="None"))
    assert statements[schema.DESTINATION].tolist() == ["None"]  # without one it is a total


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"measure": "named"}, "a place that is only named has no count."),
        ({"value": None}, "the count of a counted measure is missing."),
        ({"measure": None}, "the measure is missing."),
        ({"measure": "named", "value": None, "destination": None}, "no destination is named."),
        ({"measure": "named", "value": None, "qualifier": "exact"}, "is no figure."),
        ({"qualifier": "mentioned"}, "a counted figure is 'exact' or 'derived'."),
        ({"qualifier": "roughly"}, "'roughly' is no qualifier."),
        ({"period_start": "2020-02", "period_end": "2020-01"}, "ends before it starts."),
        ({"destination_level": "hamlet"}, "'hamlet' is no level of place."),
        ({"origin": None}, "the origin is missing."),
    ],
)
def test_statements_that_contradict_themselves_are_faults(cells, fault):
    [found] = said(statement(**cells), "statements")
    assert fault in found


def test_a_statement_may_have_no_destination_no_qualifier_and_no_identifier():
    got = read_statements(statement(destination=None))
    assert got[schema.DESTINATION].isna().all()
    assert got[schema.QUALIFIER].tolist() == [schema.EXACT_FIGURE]
    assert got[schema.STATEMENT_ID].tolist() == ["row 2"]
    named = read_statements(statement(measure="named", value=None))
    assert named[schema.QUALIFIER].tolist() == [schema.NAMED_ONLY]


def test_a_period_may_be_one_month():
    assert not said(statement(period_start="2020-02", period_end="2020-02"), "statements")


def test_an_identifier_that_another_row_would_get_is_a_fault_of_the_row_that_has_it():
    rows = pd.concat([statement(statement_id=one) for one in ("row 3", None, "row 4", "row 6")])
    [fault] = said(rows, "statements")
    assert fault.startswith("row 2, column 'statement_id': the row of that number has no ident")


def test_statements_with_one_identifier_are_all_faults():
    rows = pd.concat([statement(statement_id="a"), statement(statement_id="a")])
    assert len(said(rows, "statements")) == 2


def test_records_cannot_be_named_only():
    rows = frame(["A", "B", 1, "named"], names=("from", "to", "n", "measure"))
    assert "is a statement" in said(rows)[0]


# ── faults, refusal and the account ──────────────────────────────────────────


def test_all_faults_are_told_at_once_by_row_and_column():
    rows = frame(
        ["A", "B", "x", "02/13/2024"], ["A", "B", "-1", "2024-02-30"], ["", "B", "1", ""],
        names=("Borough", "To", "N", "Date"),
    )  # fmt: skip
    with pytest.raises(InputError) as raised:
        read_records(rows)
    assert [(fault.row, fault.column) for fault in raised.value.faults] == [
        (2, "N"), (2, "Date"), (3, "N"), (3, "Date"), (4, "Borough"),
    ]  # fmt: skip
    assert "5 things are wrong with it (in 3 rows" in str(raised.value)


def test_refused_rows_are_left_out_kept_as_written_and_counted(tmp_path):
    path = tmp_path / "moves.csv"
    path.write_text("from,to,n\nA,B,1\nA,B,x\nA,B\n\nC,D,2\n")
    with pytest.raises(InputError):
        read_records(path)
    reading = read(path, allow_refused=True)
    assert reading.frame[schema.ROW].tolist() == [2, 6]
    assert reading.refused[schema.ROW].tolist() == [3, 4]
    assert reading.refused["cells"].tolist() == ['["A", "B", "x"]', '["A", "B"]']
    assert (reading.rows, reading.blank) == (4, 1)
    assert read_records(path, allow_refused=True).equals(reading.frame)


@given(st.lists(st.lists(st.sampled_from(["A", "", "1", "x", "-1", "=1"]), max_size=4), max_size=9))
def test_every_row_is_used_refused_or_blank(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "rows.csv"
    path.write_text("from,to,n\n" + "".join(",".join(row) + "\n" for row in rows))
    if not any(any(row) for row in rows):
        with pytest.raises(InputError, match="no rows"):
            read(path, allow_refused=True)
        return
    reading = read(path, allow_refused=True)
    used, refused = set(reading.frame[schema.ROW]), set(reading.refused[schema.ROW])
    blank = {at for at, row in enumerate(rows, 2) if not any(row)}
    assert used | refused | blank == set(range(2, len(rows) + 2))
    assert len(used) + len(refused) + len(blank) == len(rows)
    assert reading.rows == len(used) + len(refused)
    assert reading.blank == len(blank)


def test_faults_of_the_whole_table_stop_even_with_allow_refused():
    with pytest.raises(InputError, match="no column for the destination"):
        read(frame(["A"], names=("from",)), allow_refused=True)
    with pytest.raises(InputError, match="headings and no rows"):
        read(frame(), allow_refused=True)


@pytest.mark.parametrize("cell", ['"B', '"B"x'])
def test_a_quotation_mark_that_hides_where_rows_end_stops_even_with_allow_refused(tmp_path, cell):
    path = tmp_path / "moves.csv"
    path.write_text(f"from,to\nA,B\nA,{cell}\nC,D\n")
    with pytest.raises(InputError, match=r"row 3: a quotation mark"):
        read(path, allow_refused=True)


@pytest.mark.parametrize("title", ["Table 1: moves,,\n,,\n", "Table 1: moves\n\n"])
def test_headings_below_a_title_are_found_and_told(tmp_path, title):
    path = tmp_path / "moves.csv"
    path.write_text(f"{title}from,to,n\nA,B,1\n")
    reading = read(path)
    assert reading.frame[schema.ROW].tolist() == [4]
    assert reading.layout.heading_row == 3
    assert "row 3 is read as the headings" in reading.notices[0].problem


def test_formula_like_text_is_reported_and_kept():
    reading = read(frame(["A", "=cmd", 1]))
    assert reading.frame[schema.DESTINATION].tolist() == ["=cmd"]
    assert [str(notice) for notice in reading.notices] == [
        "row 2, column 'to': the cell is text that a spreadsheet would run; it is kept as text."
    ]


def test_a_column_that_may_be_the_count_is_pointed_at():
    rows = frame(["A", "B", 12, "x"], names=("from", "to", "Antal", "other"))
    [notice] = read(rows).notices
    assert "columns={'count': 'Antal'}" in str(notice)
    assert read(rows, columns={"count": "Antal"}).notices == ()
    assert read_records(rows, columns={"count": "Antal"})[schema.COUNT].tolist() == [12]


@pytest.mark.parametrize(
    "heading", ["Referrals", "Number of children", "No. of links", "Count of n"]
)
def test_a_heading_that_says_what_is_counted_is_the_count(heading):
    got = read_records(frame(["A", "B", 12], names=("from", "to", heading)))
    assert got[schema.COUNT].tolist() == [12]


def test_a_character_that_cannot_be_seen_is_reported():
    [notice] = read(frame(["A", "\u200bMargate", 1])).notices
    assert "U+200B" in str(notice)


def test_an_inspection_tells_faults_and_what_is_worth_a_look():
    faults, notices = inspect_table(frame(["A", "=cmd", "x"]))
    assert [fault.column for fault in faults] == ["n"]
    assert [notice.column for notice in notices] == ["to"]


def test_all_of_many_different_faults_are_told_and_a_thousand_notices():
    many = [str(number) for number in range(3_000)]
    rows = pd.DataFrame(
        {"from": "A", "to": ["=" + one for one in many], "n": ["x" + one for one in many]}
    )
    reading = read(rows.assign(n="1"))
    assert len(reading.notices) == 1_000
    assert len(check_table(rows)) == 3_000


def test_tags_are_kept_as_text_and_other_columns_are_named():
    rows = frame(["A", "B", 1, 17, "x"], names=("from", "to", "n", "Age Band", "secret"))
    reading = read(rows, tags=["Age Band"])
    assert reading.frame["Age Band"].tolist() == ["17"]
    assert reading.unused == ("secret",)
    assert "secret" not in reading.frame


def test_a_measure_for_the_whole_table():
    assert read_records(frame(["A", "B", 1]), measure="referrals")[schema.MEASURE].tolist() == [
        "referrals"
    ]


@pytest.mark.parametrize("measure", ["", "  ", "a\udcff", "a\0b", "x" * 201])
@pytest.mark.parametrize("kind", ["records", "statements"])
def test_a_measure_for_the_whole_table_that_is_none_is_refused(measure, kind):
    rows = frame(["A", "B", 1])
    assert "names no measure" in said(rows, kind, measure=measure)[0]
    with pytest.raises(InputError, match="names no measure"):
        read(rows, kind, measure=measure, allow_refused=True)


# ── files that are none ─────────────────────────────────────────────────────


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputNotFoundError, match="no file"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)
    (tmp_path / "empty.csv").write_bytes(b"\xef\xbb\xbf\r\n")
    with pytest.raises(InputError, match="is empty"):
        read(tmp_path / "empty.csv")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\1" * 600)
    with pytest.raises(InputError, match="password"):
        read(tmp_path / "old.xls")
    (tmp_path / "a.csv").write_text("from,to\nA,B\n")
    with pytest.raises(InputError, match="is no workbook"):
        read(tmp_path / "a.csv", sheet="x")
    with pytest.raises(InputError, match="'records' or 'statements'"):
        read(tmp_path / "a.csv", "both")


def test_a_file_is_known_by_what_it_holds_and_not_by_its_name(tmp_path):
    path = tmp_path / "moves.csv"
    read_records(TOY).loc[:, ["origin", "destination", "count"]].to_parquet(path)
    assert len(read_records(path)) == 12


def test_check_finds_nothing_in_a_good_table():
    assert check_table(STATEMENTS, "statements") == ()
    assert check_table(TOY) == ()
    assert isinstance(check_table(frame(["", "B", 1]))[0], Fault)


def test_a_path_that_no_system_has_and_a_file_that_may_not_be_read_are_named(tmp_path, monkeypatch):
    with pytest.raises(InputNotFoundError, match="no file"):
        read("a\0b.csv")

    closed, stat = tmp_path / "a.csv", Path.stat

    def refuse(path, **options):
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        read(closed)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_pipe_and_a_device_are_refused_without_waiting_for_them(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero")):
        with pytest.raises(InputError, match=r"not a file. Save it to a file first"):
            read(path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(60_000_000_000)
    with pytest.raises(InputError, match=r"60,000,000,000 bytes; at most 1,000,000,000"):
        read(path)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_a_file_that_holds_more_than_it_says_is_not_read_to_its_end():
    with pytest.raises(InputError, match="grew while it was read"):
        read("/proc/self/status")


def test_a_file_that_the_memory_does_not_hold_is_refused(tmp_path, monkeypatch):
    def exhaust(*_, **__):
        raise MemoryError

    (tmp_path / "a.csv").write_text("from,to\nA,B\n")
    monkeypatch.setattr("linemap.records.reading.read_separated", exhaust)
    with pytest.raises(InputError, match=r"a.csv does not fit into this machine's memory"):
        read(tmp_path / "a.csv")


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes there alone")
def test_a_file_whose_name_is_not_utf_8_is_told_by_a_name_that_can_be_written(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv"))
    for content in ("from,to\n,B\n", "from,to\nA\n", " ", "from\nA\n"):
        path.write_text(content)
        with pytest.raises(InputError) as raised:
            read(path)
        assert str(raised.value).encode("utf-8").startswith("caf\ufffd.csv".encode())
    path.write_text("from,to\nA,B\n")
    assert len(read_records(path)) == 1
    with pytest.raises(InputNotFoundError) as missing:
        read(str(path) + ".none")
    assert str(missing.value).encode("utf-8")


def test_what_was_read_is_printed_in_one_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("from,to,n\nHackney,Norwich,2\nHackney,Norwich,x\n", "utf-8")
    reading = read(path, allow_refused=True)
    assert repr(reading).startswith("<Reading (")
    assert "2 rows, 1 used, 1 refused" in repr(reading)
    assert len(repr(reading)) < 100
