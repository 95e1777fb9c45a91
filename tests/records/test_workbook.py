import datetime as dt
import io
import subprocess
import sys
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from linemap.errors import InputError
from linemap.records import read
from linemap.records.table_layout import LOOKED_AT
from linemap.records.workbook import is_date_format, moment, read_workbook


def saved(*rows, mac=False, **sheets):
    book = openpyxl.Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    for row in rows:
        book.active.append(row)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(data, part, old, new):
    """The workbook with one part's bytes replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(stream, "w", 8) as after:
        for info in before.infolist():
            content = before.read(info)
            if info.filename == part:
                assert old in content
                content = content.replace(old, new, 1)
            after.writestr(info.filename, content)
    return stream.getvalue()


def cells(table):
    columns = [table.column(at) for at in range(len(table.headings))]
    return [
        tuple(tuple(column.cells[column.codes[at]])[:2] for column in columns)
        for at in range(len(table.rows))
    ]


def shared(*rows):
    """A workbook with a table of shared strings, as Excel writes it."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SMALL = saved(["from", "to", "n"], ["A", "B", 1])


@given(
    st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2100, 12, 31)).map(  # noqa: DTZ001 - a workbook knows no time zone
        lambda when: when.replace(microsecond=0)
    )
)
def test_a_serial_number_is_the_moment_that_openpyxl_would_write_in_both_systems(when):
    assert moment(to_excel(when), since_1904=False) == when
    if when.year >= 1904:
        assert moment(to_excel(when, CALENDAR_MAC_1904), since_1904=True) == when


@pytest.mark.parametrize(
    ("serial", "since_1904", "expected"),
    [
        (1, False, (1900, 1, 1)), (59, False, (1900, 2, 28)), (60, False, None),
        (61, False, (1900, 3, 1)), (45323, False, (2024, 2, 1)), (43861, True, (2024, 2, 1)),
        (0, True, (1904, 1, 1)), (-1, False, None), (2_958_466, False, None), (1e300, True, None),
    ],
)  # fmt: skip
def test_serial_numbers_worked_by_hand(serial, since_1904, expected):
    when = moment(serial, since_1904=since_1904)
    assert (when and (when.year, when.month, when.day)) == expected


@pytest.mark.parametrize("mac", [False, True])
def test_dates_numbers_and_texts_keep_their_kind(mac):
    data = saved(
        ["from", "to", "n", "date"],
        ["NA", "007", 3, dt.date(2024, 2, 29)],
        ["None", True, 2.5, dt.datetime(2024, 2, 29, 18, 30)],  # noqa: DTZ001 - a workbook knows no time zone
        ["King’s Lynn", "  ", 1e20, "29/02/2024"],
        mac=mac,
    )
    assert cells(read_workbook(data)) == [
        (("NA", "text"), ("007", "text"), ("3", "number"), ("2024-02-29", "date")),
        (("None", "text"), ("TRUE", "truth"), ("2.5", "number"), ("2024-02-29T18:30:00", "date")),
        (("King’s Lynn", "text"), ("", "text"), ("1e+20", "number"), ("29/02/2024", "text")),
    ]


def test_shared_and_rich_texts_are_read_without_their_reading_guides():
    data = shared(["from", "to"], ["Llandudno", "_x000D_=1"])
    rich = b"<si><r><t>Llan</t></r><rPh><t>x</t></rPh><r><t xml:space='preserve'>dudno</t></r></si>"
    data = changed(data, "xl/sharedStrings.xml", b"<si><t>Llandudno</t></si>", rich)
    assert cells(read_workbook(data)) == [(("Llandudno", "text"), ("_x000D_=1", "text"))]
    with pytest.raises(InputError, match="names a lost text"):
        read_workbook(changed(data, SHEET, b"<v>2</v>", b"<v>9</v>"))


@pytest.mark.parametrize(
    ("number", "code", "expected"),
    [
        (14, None, True), (0, None, False), (164, "yyyy-mm-dd", True), (164, "[h]:mm", True),
        (164, '#,##0 "days"', False), (164, "[Red]0.00", False), (164, "[$-809]dd mmmm yyyy", True),
        (164, "General", False), (164, "0.00E+00", False), (164, "#,##0\\d", False),
        (164, "@", False), (164, "0;-0;\\d", False),
    ],
)  # fmt: skip
def test_a_format_that_shows_a_date_is_told_from_one_that_does_not(number, code, expected):
    assert is_date_format(number, code) is expected


def test_the_built_in_formats_that_show_a_date():
    """By the table of ECMA-376, 18.8.30, and those of other languages below it."""
    shown = [number for number in range(60) if is_date_format(number, None)]
    months = [14, 15, 16, 17, 18, 19, 20, 21, 22]
    far_east = [27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58]
    assert shown == sorted([*months, *far_east, 45, 46, 47])


def test_formulas_are_their_stored_values_and_those_without_one_are_errors():
    book = changed(saved(["from", "to"], ["=A", "B"]), SHEET, b"<f>A</f><v />", b"<f>A</f><v>7</v>")
    table = read_workbook(book)
    assert table.column(0).cells[1] == ("7", "number", True)
    never = read_workbook(saved(["from", "to"], ["=A", "B"]))
    assert never.column(0).cells[1].kind == "error"


def test_a_cell_outside_the_headings_is_named_and_blank_rows_are_not_rows():
    data = saved(["from", "to"], ["A", "B"], [None, None], ["A", "B", None, "x"], [None, "C"])
    table = read_workbook(data)
    assert table.rows.tolist() == [2, 5]
    assert [str(fault) for fault in table.faults] == [
        "row 4: the row has content outside the headings' columns, in D."
    ]


def test_the_one_sheet_that_holds_anything_is_read_and_of_several_none_is_chosen():
    assert read_workbook(saved(["from"], ["A"], Sheet2=[], Sheet3=[])).headings == ("from",)
    several = saved(["from"], ["A"], Notes=[["x"], ["y"]])
    with pytest.raises(InputError, match=r"several sheets: 'Sheet', 'Notes'"):
        read_workbook(several)
    assert read_workbook(several, sheet="Notes").headings == ("x",)
    assert read_workbook(several, sheet=2).headings == ("x",)
    with pytest.raises(InputError, match=r"no sheet 'Other'. Its sheets are 'Sheet', 'Notes'"):
        read_workbook(several, sheet="Other")
    with pytest.raises(InputError, match="no sheet 3"):
        read_workbook(several, sheet=3)
    with pytest.raises(InputError, match="is empty"):
        read_workbook(saved())


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        (SHEET, b"<sheetData>", b"<sheetData>" + b" " * 20_000_000, "would inflate"),
        (SHEET, b"<worksheet", b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet", "document type"),
        (SHEET, b'r="A2"', b'r="XFE2"', "misplaced"),
        (SHEET, b'r="A2"', b'r="A3"', "says 'A3'"),
        (SHEET, b'<row r="2"', b'<row r="1"', "row 1 follows row 1"),
        (SHEET, b'<row r="2"', b'<row r="1048577"', "row 1048577 follows"),
        (SHEET, b"<v>1</v>", b"<v>one</v>", "no number 'one'"),
        (SHEET, b"</sheetData>", b"", "is damaged in"),
        ("xl/workbook.xml", b"sheets", b"sheats", "is empty|damaged"),
        ("_rels/.rels", b'/officeDocument"', b'/other"', "not an Excel workbook"),
    ],
)
def test_a_workbook_that_is_damaged_or_a_bomb_is_refused(part, old, new, said):
    with pytest.raises(InputError, match=said):
        read_workbook(changed(SMALL, part, old, new))


def test_a_tag_without_an_end_is_refused_before_it_fills_the_memory():
    noise = bytes(range(65, 91)) * 50_000
    with pytest.raises(InputError, match=r"tag .* is too long|would inflate"):
        read_workbook(changed(SMALL, SHEET, b"<sheetData>", b'<sheetData a="' + noise))


def test_a_zip_that_is_no_workbook_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", "from,to\n")
    with pytest.raises(InputError, match="not an Excel workbook"):
        read_workbook(stream.getvalue())
    with pytest.raises(InputError, match="damaged"):
        read_workbook(SMALL[:-30])


def test_a_part_that_two_names_share_is_looked_at_once(monkeypatch):
    looked = []

    def look(_, archive, part, rows):
        looked.append((part, rows))
        return []

    monkeypatch.setattr("linemap.records.workbook.Sheet.look", look)
    twice = b'<sheet name="Again" sheetId="9" r:id="rId1"/></sheets>'
    book = changed(shared(["from"], ["A"]), "xl/workbook.xml", b"</sheets>", twice)
    with pytest.raises(InputError, match="is empty"):
        read_workbook(book)
    assert looked == [(SHEET, LOOKED_AT)]


def far(path):
    """4 kB, with one cell in the last row and column."""
    book = openpyxl.Workbook()
    book.active.append(["from", "to"])
    book.active.cell(1_048_576, 16_384, 1)
    book.save(path)


def bomb(path):
    """A sheet of 300 MB of blanks, packed a thousandfold."""
    with (
        zipfile.ZipFile(io.BytesIO(SMALL)) as before,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
    ):
        for info in before.infolist():
            head, mark, rest = before.read(info).partition(b"<sheetData>")
            with after.open(info.filename, "w") as part:
                part.write(head + mark)
                for _ in range(300 if mark else 0):
                    part.write(b" " * 1_000_000)
                part.write(rest)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("STRINGS", "too much text"),
        ("CHARACTERS", "too much text"),
        ("CELLS", "cells"),
    ],
)
def test_a_workbook_of_too_much_is_refused(limit, said, monkeypatch):
    monkeypatch.setattr(f"linemap.records.workbook.{limit}", 3)
    with pytest.raises(InputError, match=said):
        read_workbook(shared(["from", "to"], ["A", "B"]))


@pytest.mark.parametrize(
    ("limit", "part"),
    [("STRINGS", "xl/sharedStrings.xml"), ("CELLS", SHEET)],
)
def test_another_encoding_does_not_hide_how_much_there_is(limit, part, monkeypatch):
    stream = io.BytesIO()
    written = shared(["from", "to"], ["A", "B"])
    with zipfile.ZipFile(io.BytesIO(written)) as before, zipfile.ZipFile(stream, "w") as after:
        for info in before.infolist():
            content = before.read(info)
            if info.filename == part:
                content = content.decode().replace("UTF-8", "UTF-16").encode("utf-16")
            after.writestr(info.filename, content)
    assert cells(read_workbook(stream.getvalue())) == cells(read_workbook(written))
    monkeypatch.setattr(f"linemap.records.workbook.{limit}", 3)
    with pytest.raises(InputError, match="Save the table as CSV"):
        read_workbook(stream.getvalue())


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize("make", [far, bomb])
def test_a_bomb_is_refused_within_300_mb(make, tmp_path):
    path = tmp_path / "bomb.xlsx"
    make(path)
    script = (
        "import pathlib, sys\n"
        "from linemap.errors import InputError\n"
        "from linemap.records import read_records\n"
        "try:\n"
        "    read_records(sys.argv[1])\n"
        "except InputError as error:\n"
        "    print(error, file=sys.stderr)\n"
        "    status = pathlib.Path('/proc/self/status').read_text()\n"
        "    peak = status.split('VmHWM:')[1].split()[0]\n"
        "    print(int(peak) / 1024)\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(run.stdout) < 300, run.stderr


def handmade(rows, styles=""):
    """A workbook with the least that one needs, its tags prefixed as some programs write them."""
    main = 'xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = '<Relationship Id="{}" Type="' + office + '/{}" Target="{}"/>'
    parts = {
        "_rels/.rels": f"<Relationships>{relation.format('r1', 'officeDocument', '/xl/book.xml')}"
        "</Relationships>",
        "xl/book.xml": f'<x:workbook {main} xmlns:r="{office}"><x:sheets>'
        '<x:sheet name="S" r:id="r1"/></x:sheets></x:workbook>',
        "xl/_rels/book.xml.rels": f"<Relationships>{relation.format('r1', 'worksheet', 's.xml')}"
        f"{relation.format('r2', 'styles', 'styles.xml')}</Relationships>",
        "xl/s.xml": f"<x:worksheet {main}><x:sheetData>{rows}</x:sheetData></x:worksheet>",
        "xl/styles.xml": f"<x:styleSheet {main}><x:cellXfs>"
        f'<x:xf numFmtId="0"/><x:xf numFmtId="14"/></x:cellXfs>{styles}</x:styleSheet>',
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def inline(*texts):
    cells = "".join(f'<x:c t="inlineStr"><x:is><x:t>{text}</x:t></x:is></x:c>' for text in texts)
    return f"<x:row>{cells}</x:row>"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<x:c t="d"><x:v>2024-02-01</x:v></x:c>', ("2024-02-01", "date", False)),
        ('<x:c t="e"><x:v>#N/A</x:v></x:c>', ("#N/A", "error", False)),
        ('<x:c t="b"><x:v>0</x:v></x:c>', ("FALSE", "truth", False)),
        ('<x:c t="str"><x:f>A1</x:f><x:v>Bath_x000A_</x:v></x:c>', ("Bath\n", "text", True)),
        ('<x:c s="1"><x:v>45323</x:v></x:c>', ("2024-02-01", "date", False)),
        ('<x:c s="1"><x:v>60</x:v></x:c>', ("of a date that never was (60)", "error", False)),
        ('<x:c s="9"><x:v>60</x:v></x:c>', ("60", "number", False)),
        ("<x:c><x:v>1E3</x:v></x:c>", ("1000", "number", False)),
        ("<x:c><x:v></x:v></x:c>", ("", "text", False)),
    ],
)
def test_a_cell_without_a_position_follows_the_one_before_it(cell, expected):
    table = read_workbook(
        handmade(inline("from", "to") + f"<x:row>{cell}<x:c/></x:row>" + inline("A", "B"))
    )
    first = table.column(0)
    if expected[0]:
        assert first.cells[first.codes[0]] == expected
        assert table.rows.tolist() == [2, 3]
    else:
        assert table.rows.tolist() == [3]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("<x:row/>", "must hold the headings"),
        (inline("from") + '<x:row r="9999999999"/>', "row -1 follows"),
        (inline("from") + '<x:row><x:c t="s"><x:v>0</x:v></x:c></x:row>', "names a lost text"),
        (inline("from") + '<x:row><x:c r="A2"/><x:c r="A2"><x:v>1</x:v></x:c>'
         '<x:c r="A2"/></x:row>', "misplaced"),
    ],
)  # fmt: skip
def test_a_handmade_workbook_that_is_wrong_is_refused(rows, said):
    with pytest.raises(InputError, match=said):
        read_workbook(handmade(rows))


def test_a_workbook_of_too_many_or_doubled_parts_is_refused(monkeypatch):
    stream = io.BytesIO(SMALL)
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(InputError, match="two of its parts have the same name"):
        read_workbook(stream.getvalue())
    monkeypatch.setattr("linemap.records.archive.ENTRIES", 3)
    with pytest.raises(InputError, match="at most 3 are read"):
        read_workbook(SMALL)


def test_a_part_that_needs_a_password_is_named():
    locked = bytearray(SMALL)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := locked.find(mark, at + 1)) >= 0:
            locked[at + flags] |= 1
    with pytest.raises(InputError, match="cannot be opened"):
        read_workbook(bytes(locked))


def test_a_binary_workbook_is_named():
    data = changed(SMALL, "_rels/.rels", b"xl/workbook.xml", b"xl/workbook.bin")
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/workbook.bin", b"")
    with pytest.raises(InputError, match="xlsb"):
        read_workbook(stream.getvalue())


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("<x:c><x:v>1_000</x:v></x:c>", "row 2 has no number '1_000'"),
        ("<x:c><x:v>NaN</x:v></x:c>", "row 2 has no number 'NaN'"),
        ('<x:c t="zz"><x:v>2</x:v></x:c>', "row 2 has no number '2'"),
        ('<x:c t="b"><x:v>2</x:v></x:c>', "row 2 has no truth value '2'"),
    ],
)
def test_a_value_that_is_not_of_its_kind_is_refused(cell, said):
    with pytest.raises(InputError, match=said):
        read_workbook(handmade(inline("from") + f"<x:row>{cell}</x:row>"))


def test_a_half_of_a_character_is_a_lost_one_wherever_it_stands(tmp_path):
    path = tmp_path / "moves.xlsx"
    rows = ("from", "to", "a_xD800_"), ("_xD83D__xDE00_", "B", "_xDE00_"), ("_xD800_",)
    path.write_bytes(handmade("".join(inline(*row) for row in rows)))
    reading = read(path, allow_refused=True)
    assert reading.frame["origin"].tolist() == ["😀"]
    assert reading.unused == ("a\ufffd",)
    assert reading.refused["cells"].tolist() == ['["\ufffd", "", ""]']
