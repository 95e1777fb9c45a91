"""Read one sheet of an Excel workbook: what is stored, exactly, within limits."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from linemap.errors import Fault, InputError
from linemap.records.archive import Archive, Finished
from linemap.records.frames import cell_of
from linemap.records.serial import is_date_format, moment
from linemap.records.table import DATE, EMPTY, ERROR, TEXT, TRUTH, Cell, Coder, Table, fitted

CELLS: Final = 20_000_000
STRINGS, CHARACTERS = 3_000_000, 60_000_000  # of the table of shared strings
ROWS, COLUMNS = 1_048_576, 16_384  # of a sheet
_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_LONGEST: Final = 100_000  # characters kept of a cell; more than any judge lets through


@dataclass(slots=True)
class _Book:
    """What a workbook says of itself before its cells."""

    sheets: list[tuple[str, str]] = field(default_factory=list)  # name and part
    since_1904: bool = False
    strings: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)  # by cell style


def read_workbook(data: bytes, *, sheet: str | int | None = None) -> Table:
    """Read one sheet: the one named or counted from 1, else the only one that holds anything.

    Numbers, truths and errors keep their kind; a number in a date's format is
    the date; a formula is the value that was stored with it. Row 1 holds the
    headings.
    """
    archive = Archive(data)
    book = _open(archive)
    name, part = _choose(archive, book, sheet)
    return _Sheet(book).read(archive, part, f"workbook, sheet {name!r}")


def _open(archive: Archive) -> _Book:
    root = _relations(archive, "")
    main = next((target for kind, target in root.values() if kind == "officeDocument"), None)
    if main is None or main not in archive:
        raise InputError("This zip file is not an Excel workbook (.xlsx).")
    if main.endswith(".bin"):
        raise InputError("Binary workbooks (.xlsb) are not read: save it as .xlsx or CSV.")
    book = _Book()
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
    for kind, target in relations.values():
        if kind == "sharedStrings":
            book.strings = _strings(archive, target)
        elif kind == "styles":
            book.dates = _date_styles(archive, target)
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
    strings: list[str] = []
    length = 0
    collector = _Text()

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
                raise InputError("The workbook holds too much text. Save the table as CSV.")

    archive.parse(part, start=start, end=end, text=collector.add)
    return strings


def _date_styles(archive: Archive, part: str) -> list[bool]:
    codes: dict[int, str] = {}
    numbers: list[int] = []
    inside = False

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[_whole(attributes.get("numFmtId"), 0)] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            numbers.append(_whole(attributes.get("numFmtId"), 0))

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and tag != "cellXfs"

    archive.parse(part, start=start, end=end)
    return [is_date_format(number, codes.get(number)) for number in numbers]


def _choose(archive: Archive, book: _Book, sheet: str | int | None) -> tuple[str, str]:
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
        filled = [entry for entry in filled if _holds_anything(archive, entry[1])]
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


class _Text:
    """Collect the text of `t` elements, phonetic guides left out."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.depth = 0  # inside a phonetic guide
        self.open = False
        self.length = 0

    def clear(self) -> None:
        self.parts, self.depth, self.open, self.length = [], 0, False, 0

    def enter(self, tag: str) -> None:
        if tag == "rPh":
            self.depth += 1
        self.open = tag == "t" and not self.depth

    def leave(self, tag: str) -> None:
        if tag == "rPh":
            self.depth -= 1
        self.open = False

    def add(self, text: str) -> None:
        if self.open and self.length < _LONGEST:
            self.parts.append(text)
            self.length += len(text)

    def value(self) -> str:
        return _unescaped("".join(self.parts))


class _Sheet:
    """The state of a walk through one sheet's XML."""

    def __init__(self, book: _Book) -> None:
        self.book = book
        self.row = 0
        self.at = -1  # the column of this cell, from 0
        self.row_cells: dict[int, Cell] = {}
        self.kind, self.style, self.formula, self.raw = "n", 0, False, ""
        self.in_value = False
        self.text = _Text()
        self.count = 0
        self.headings: dict[int, str] = {}
        self.coders: dict[int, Coder] = {}
        self.numbers: list[int] = []
        self.faults: list[Fault] = []
        self.misfits: dict[int, tuple[str, ...]] = {}

    def read(self, archive: Archive, part: str, form: str) -> Table:
        archive.parse(part, start=self._start, end=self._end, text=self._add)
        if not self.headings:
            raise InputError("The first row of the sheet must hold the headings; it is empty.")
        order = sorted(self.headings)
        return fitted(
            tuple(self.headings[at] for at in order), np.asarray(self.numbers, dtype=np.int64),
            [self.coders[at].column() for at in order],
            faults=self.faults, misfits=self.misfits, form=form,
        )  # fmt: skip

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c":  # the commonest first: there are millions
            self._start_cell(attributes)
        elif tag == "v":
            self.in_value = True
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            number = _whole(attributes.get("r"), self.row + 1)
            if not self.row < number <= ROWS:
                raise InputError(f"The workbook is damaged: row {number} follows row {self.row}.")
            self.row, self.at, self.row_cells = number, -1, {}
        else:
            self.text.enter(tag)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self.at = _column(attributes["r"], self.row) if "r" in attributes else self.at + 1
        if self.at >= COLUMNS or self.at in self.row_cells:
            raise InputError(f"The workbook is damaged: a cell of row {self.row} is misplaced.")
        self.kind = attributes.get("t", "n")
        self.style = _whole(attributes.get("s"), 0)
        self.formula, self.raw = False, ""
        self.text.clear()
        self.count += 1
        if self.count > CELLS:
            raise InputError(f"The sheet has more than {CELLS:,} cells. Save the table as CSV.")

    def _add(self, text: str) -> None:
        if self.in_value:
            if len(self.raw) < _LONGEST:
                self.raw += text
        else:
            self.text.add(text)

    def _end(self, tag: str) -> None:
        if tag == "v":
            self.in_value = False
        elif tag == "c":
            cell = self._cell()
            if cell.text.strip() or cell.kind != TEXT:
                self.row_cells[self.at] = cell
        elif tag == "row":
            self._end_row()
        else:
            self.text.leave(tag)

    def _end_row(self) -> None:
        if self.row == 1:
            self.headings = {at: cell.text.strip() for at, cell in self.row_cells.items()}
            self.coders = {at: Coder() for at in self.headings}
        elif self.row_cells:
            if not self.headings:
                raise Finished
            outside = [at for at in self.row_cells if at not in self.headings]
            if outside:
                where = ", ".join(_letters(at) for at in outside[:5])
                problem = f"the row has content outside the headings' columns, in {where}."
                self.faults.append(Fault(problem, self.row))
                cells = [self.row_cells[at].text for at in sorted(self.row_cells)]
                self.misfits[self.row] = tuple(cells[:64])
                return
            self.numbers.append(self.row)
            for at, coder in self.coders.items():
                coder.add(self.row_cells.get(at, EMPTY))

    def _cell(self) -> Cell:
        raw = self.raw
        if self.kind == "s":
            at = _whole(raw.strip(), -1)
            if not 0 <= at < len(self.book.strings):
                raise InputError(f"The workbook is damaged: row {self.row} names a lost text.")
            return Cell(self.book.strings[at], TEXT, self.formula)
        if self.kind == "inlineStr":
            return Cell(self.text.value(), TEXT, self.formula)
        if self.kind == "str":
            return Cell(_unescaped(raw), TEXT, self.formula)
        raw = raw.strip()
        if not raw:
            uncomputed = self.formula and self.kind != "str"
            return Cell("of a formula that was never computed", ERROR) if uncomputed else EMPTY
        if self.kind == "b":
            return Cell("TRUE" if raw in ("1", "true") else "FALSE", TRUTH, self.formula)
        if self.kind == "e":
            return Cell(raw, ERROR, self.formula)
        if self.kind == "d":
            return Cell(raw, DATE, self.formula)
        return self._number(raw)

    def _number(self, raw: str) -> Cell:
        try:
            value = float(raw)
        except ValueError:
            raise InputError(
                f"The workbook is damaged: row {self.row} has no number {raw[:40]!r}."
            ) from None
        if not (0 <= self.style < len(self.book.dates) and self.book.dates[self.style]):
            return cell_of(value)._replace(formula=self.formula)
        when = moment(value, since_1904=self.book.since_1904)
        if when is None:
            return Cell(f"of a date that never was ({raw})", ERROR, self.formula)
        return cell_of(when)._replace(formula=self.formula)


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _whole(text: str | None, default: int) -> int:
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _column(reference: str, row: int) -> int:
    found = _REFERENCE.fullmatch(reference)
    if not found or int(found[2]) != row:
        raise InputError(f"The workbook is damaged: a cell of row {row} says {reference[:20]!r}.")
    at = 0
    for letter in found[1]:
        at = at * 26 + ord(letter) - 64
    return at - 1


def _letters(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
