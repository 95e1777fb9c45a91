"""Read one sheet of an Excel workbook: what is stored, exactly, within limits."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from linemap.errors import InputError
from linemap.records.headings import names_both_ends, normal
from linemap.records.layout import LOOKED_AT, Rows, find_heading_row, known_parts, two_rows
from linemap.records.table import Table
from linemap.records.xlsx.archive import Archive
from linemap.records.xlsx.sheet import Book, Sheet, Text, is_date_format, whole

STRINGS, CHARACTERS = 3_000_000, 60_000_000  # of the table of shared strings
TOO_MUCH: Final = "The workbook holds too much text. Save the table as CSV."


def read_workbook(
    data: bytes,
    *,
    sheet: str | int | None = None,
    header_row: int | None = None,
    wanted: Collection[str] = (),
) -> Table:
    """Read one sheet: the one named or counted from 1, else the only one that holds a table.

    Numbers, truths and errors keep their kind; a number in a date's format is
    the date; a formula is the value that was stored with it. The row of
    headings is `header_row`, else the one that the known headings, and those
    that the caller names (`wanted`), make plain.
    """
    archive = Archive(data)
    book = _open(archive)
    seen: dict[str, Rows] = {}
    at = _choose(archive, book, sheet, wanted, seen)
    name, part = book.sheets[at]
    headings = None
    if header_row is None:
        rows = _look(archive, book, part, seen)
        header_row = find_heading_row(rows, wanted, where=f"The sheet {name!r}")
        if header_row is None:
            first = rows[0][0] if rows else 1
            header_row = first
        headings = two_rows(rows, header_row, wanted)
        header_row = headings.row if headings else header_row
    table = Sheet(book, header_row, headings).read(archive, part, f"workbook, sheet {name!r}")
    others = [other for other, rows in seen.items() if rows and other != part]
    layout = replace(
        table.layout,
        sheet=name,
        other_sheets=tuple(other for other, where in book.sheets if where in others),
        hidden_sheets=tuple(other for other, _ in book.sheets if other in book.hidden),
    )
    return replace(table, layout=layout)


def _look(archive: Archive, book: Book, part: str, seen: dict[str, Rows]) -> Rows:
    """Return the first rows of a sheet, each looked at once."""
    if part not in seen:
        seen[part] = Sheet(book).look(archive, part, LOOKED_AT)
    return seen[part]


def _open(archive: Archive) -> Book:
    root = _relations(archive, "")
    main = next((target for kind, target in root.values() if kind == "officeDocument"), None)
    if main is None or main not in archive:
        raise InputError("This zip file is not an Excel workbook (.xlsx).")
    if main.endswith(".bin"):
        raise InputError("Binary workbooks (.xlsb) are not read: save it as .xlsx or CSV.")
    book = Book()
    relations = _relations(archive, main)

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "workbookPr":
            book.since_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            by = next((attributes[key] for key in attributes if key.endswith(":id")), "")
            kind, target = relations.get(by, ("", ""))
            if kind == "worksheet":
                book.sheets.append((attributes.get("name", ""), target))
                if attributes.get("state", "visible") != "visible":
                    book.hidden.add(attributes.get("name", ""))

    archive.parse(main, start=start)
    parts = dict(relations.values())  # by kind
    if "sharedStrings" in parts:
        book.strings = _strings(archive, parts["sharedStrings"])
    if "styles" in parts:
        book.dates = _date_styles(archive, parts["styles"])
    return book


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """List what a part refers to: by id, the kind and the part."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/" + folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, target.lstrip("/"))

    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in archive:
        if not part:
            raise InputError("This zip file is not an Excel workbook (.xlsx).")
        return found
    archive.parse(path, start=start)
    return found


def _strings(archive: Archive, part: str) -> list[str]:
    if archive.count(part, "si") > STRINGS:
        raise InputError(TOO_MUCH)
    strings: list[str] = []
    length = 0
    collector = Text()

    def start(tag: str, _: Mapping[str, str]) -> None:
        if tag == "si":
            collector.clear()
        collector.enter(tag)

    def end(tag: str) -> None:
        nonlocal length
        collector.leave(tag)
        if tag == "si":
            strings.append(collector.value())
            length += len(strings[-1])
            if len(strings) > STRINGS or length > CHARACTERS:
                raise InputError(TOO_MUCH)

    archive.parse(part, start=start, end=end, text=collector.add)
    return strings


def _date_styles(archive: Archive, part: str) -> list[bool]:
    codes: dict[int, str] = {}
    numbers: list[int] = []
    inside = False

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[whole(attributes.get("numFmtId"), 0)] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            numbers.append(whole(attributes.get("numFmtId"), 0))

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and tag != "cellXfs"

    archive.parse(part, start=start, end=end)
    return [is_date_format(number, codes.get(number)) for number in numbers]


def _choose(
    archive: Archive,
    book: Book,
    sheet: str | int | None,
    wanted: Collection[str],
    seen: dict[str, Rows],
) -> int:
    """Return the position of the sheet to read."""
    names = [name for name, _ in book.sheets]
    shown = ", ".join(repr(name) for name in names)
    if sheet is not None:
        if sheet in names:
            return names.index(str(sheet))
        number = int(sheet) if str(sheet).isdecimal() and len(str(sheet)) < 5 else 0
        if 1 <= number <= len(names):
            return number - 1
        raise InputError(f"The workbook has no sheet {sheet!r}. Its sheets are {shown}.")
    if len(names) == 1:
        return 0
    filled = [at for at, (_, part) in enumerate(book.sheets) if _look(archive, book, part, seen)]
    if not filled:
        raise InputError("The workbook is empty.")
    if len(filled) == 1:
        return filled[0]
    tables = [at for at in filled if _is_table(seen[book.sheets[at][1]], wanted)]
    visible = [at for at in tables if names[at] not in book.hidden]
    wide = [] if tables else [at for at in filled if _is_wide(seen[book.sheets[at][1]])]
    for alone in (tables, visible, wide):
        if len(alone) == 1:
            return alone[0]
    shown = ", ".join(repr(names[at]) for at in tables or filled)
    what = "several sheets with a table" if tables else "several sheets"
    likely = max(tables or filled, key=lambda at: _most_known(seen[book.sheets[at][1]]))
    raise InputError(f"The workbook has {what}: {shown}. Say which: sheet={names[likely]!r}.")


def _is_wide(rows: Rows) -> bool:
    """Tell if a sheet has two rows of two cells or more, which a page of notes has not."""
    return sum(len(row) > 1 for _, row in rows) > 1


def _most_known(rows: Rows) -> int:
    """Count the known headings of the row that has the most of them."""
    return max((known_parts(row) for _, row in rows), default=0)


def _is_table(rows: Rows, wanted: Collection[str]) -> bool:
    """Tell if the first rows of a sheet hold a row of headings that names both ends."""
    try:
        number = find_heading_row(rows, wanted)
    except InputError:
        return True
    headings = next((row for at, row in rows if at == number), {})
    names = [cell.text for cell in headings.values()]
    if wanted and {normal(name) for name in wanted} <= {normal(name) for name in names}:
        return True
    return names_both_ends(names)
