"""Read one sheet of an Excel workbook: what is stored, exactly, within limits."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from linemap.errors import InputError
from linemap.records.archive import Archive, Finished
from linemap.records.serial import is_date_format
from linemap.records.sheet import Book, Sheet, Text
from linemap.records.stored import whole
from linemap.records.table import Table

STRINGS, CHARACTERS = 3_000_000, 60_000_000  # of the table of shared strings
TOO_MUCH: Final = "The workbook holds too much text. Save the table as CSV."


def read_workbook(data: bytes, *, sheet: str | int | None = None) -> Table:
    """Read one sheet: the one named or counted from 1, else the only one that holds anything.

    Numbers, truths and errors keep their kind; a number in a date's format is
    the date; a formula is the value that was stored with it. Row 1 holds the
    headings.
    """
    archive = Archive(data)
    book = _open(archive)
    name, part = _choose(archive, book, sheet)
    return Sheet(book).read(archive, part, f"workbook, sheet {name!r}")


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


def _choose(archive: Archive, book: Book, sheet: str | int | None) -> tuple[str, str]:
    names = [name for name, _ in book.sheets]
    shown = ", ".join(repr(name) for name in names)
    if isinstance(sheet, int) and 1 <= sheet <= len(names):
        return book.sheets[sheet - 1]
    if sheet is not None:
        if sheet in names:
            return book.sheets[names.index(str(sheet))]
        raise InputError(f"The workbook has no sheet {sheet!r}. Its sheets are {shown}.")
    filled = book.sheets
    if len(filled) > 1:
        parts = {part for _, part in filled}
        holding = {part for part in sorted(parts) if _holds_anything(archive, part)}
        filled = [entry for entry in filled if entry[1] in holding]
    if len(filled) > 1:
        shown = ", ".join(repr(name) for name, _ in filled)
        raise InputError(f"The workbook has several sheets: {shown}. Say which: sheet='...'.")
    if not filled:
        raise InputError("The workbook is empty.")
    return filled[0]


def _holds_anything(archive: Archive, part: str) -> bool:
    found = False

    def start(tag: str, _: Mapping[str, str]) -> None:
        nonlocal found
        if tag in ("v", "is", "f"):
            found = True
            raise Finished

    archive.parse(part, start=start)
    return found
