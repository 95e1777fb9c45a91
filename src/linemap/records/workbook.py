"""Read one sheet of an Excel workbook within limits: what each cell stores, merged or hidden.

A library such as python-calamine would be shorter, and tells neither of hidden rows and columns,
filters and formulas, nor of a part that is larger than the file may make it.
"""

from __future__ import annotations

import datetime as dt
import math
import posixpath
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, NoReturn

import numpy as np

from linemap.errors import Fault, InputError
from linemap.records.archive import Archive, Finished
from linemap.records.headings import names_both_ends, normal
from linemap.records.table import (
    DATE,
    EMPTY,
    ERROR,
    MERGED,
    NUMBER,
    TEXT,
    TRUTH,
    Cell,
    Coder,
    Layout,
    Table,
    cell_of,
    fitted,
)
from linemap.records.table_layout import (
    LOOKED_AT,
    Headings,
    Rows,
    find_heading_row,
    known_parts,
    line_of,
    two_rows,
)
from linemap.text import sound

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
            codes[number_in(attributes.get("numFmtId"), 0)] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            numbers.append(number_in(attributes.get("numFmtId"), 0))

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


CELLS: Final = 20_000_000
ROWS, COLUMNS = 1_048_576, 16_384  # of a sheet
_TITLES: Final = 10  # rows above the headings that are told
_HIDDEN: Final = 10_000  # hidden rows that are told
_TRUTHS: Final = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}
_LONGEST: Final = 100_000  # characters kept of a cell; more than any judge lets through


@dataclass(slots=True)
class Book:
    """What a workbook says of itself before its cells."""

    sheets: list[tuple[str, str]] = field(default_factory=list)  # name and part
    hidden: set[str] = field(default_factory=set)  # names of hidden sheets
    since_1904: bool = False
    strings: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)  # by cell style


class Text:
    """Collect the text of `t` elements, phonetic guides left out."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.depth = 0  # inside a phonetic guide
        self.open = False
        self.length = 0

    def clear(self) -> None:
        """Forget what was collected."""
        self.parts, self.depth, self.open, self.length = [], 0, False, 0

    def enter(self, tag: str) -> None:
        """Note that an element begins."""
        if tag == "rPh":
            self.depth += 1
        self.open = tag == "t" and not self.depth

    def leave(self, tag: str) -> None:
        """Note that an element ends."""
        if tag == "rPh":
            self.depth -= 1
        self.open = False

    def add(self, text: str) -> None:
        """Take text, if it stands where text counts."""
        if self.open and self.length < _LONGEST:
            self.parts.append(text)
            self.length += len(text)

    def value(self) -> str:
        """Return what was collected."""
        return unescaped("".join(self.parts))


class Sheet:
    """The state of a walk through one sheet's XML, whose headings stand in `heading_row`.

    `two_rows` are headings of that row and of the one above it.
    """

    def __init__(self, book: Book, heading_row: int = 1, two_rows: Headings | None = None) -> None:
        self.book = book
        self.heading_row = heading_row
        self.two_rows = two_rows
        self.looking = 0  # rows to look at, where only the first are wanted
        self.seen: list[tuple[int, Mapping[int, Cell]]] = []
        self.titles: list[str] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.filtered = False
        self.row = 0
        self.at = -1  # the column of this cell, from 0
        self.row_cells: dict[int, Cell] = {}
        self.kind, self.style, self.formula, self.raw = "n", 0, False, ""
        self.in_value = False
        self.text = Text()
        self.count = 0
        self.headings: dict[int, str] = {}
        self.coders: dict[int, Coder] = {}
        self.numbers: list[int] = []
        self.faults: list[Fault] = []
        self.misfits: dict[int, tuple[str, ...]] = {}
        self.merges: list[str] = []

    def look(self, archive: Archive, part: str, rows: int) -> Rows:
        """Return the first rows of the part, without those that hold nothing."""
        self.looking = rows
        archive.parse(part, start=self._start, end=self._end, text=self._add)
        return self.seen

    def read(self, archive: Archive, part: str, form: str) -> Table:
        """Walk through the part and return its table."""
        if archive.count(part, "c") > CELLS:
            self._refuse()
        archive.parse(part, start=self._start, end=self._end, text=self._add)
        if not self.headings:
            raise InputError(
                f"Row {self.heading_row} of the sheet must hold the headings; it is empty."
            )
        filled = mark_merged(self.merges, self.numbers, self.coders, self.misfits, self.heading_row)
        order = sorted(self.coders)
        layout = Layout(
            heading_row=self.heading_row, two_rows=self.two_rows is not None,
            titles=tuple(self.titles), hidden_rows=tuple(self.hidden_rows),
            hidden_columns=self._hidden_columns(order), filtered=self.filtered,
            filled_rows=tuple(filled),
        )  # fmt: skip
        return fitted(
            tuple(self.headings.get(at, "") for at in order),
            np.asarray(self.numbers, dtype=np.int64),
            [self.coders[at].column() for at in order],
            faults=self.faults, misfits=self.misfits, form=form, layout=layout,
            since_1904=self.book.since_1904,
            above=[self.two_rows.above.get(at, "") for at in order] if self.two_rows else (),
        )  # fmt: skip

    def _hidden_columns(self, order: Sequence[int]) -> tuple[str, ...]:
        """Name the columns of the table that are hidden."""
        ranges = self.hidden_columns[:COLUMNS]
        return tuple(
            letters(at) for at in order if any(first <= at + 1 <= last for first, last in ranges)
        )

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c":  # the commonest first: there are millions
            self._start_cell(attributes)
        elif tag == "v":
            self.in_value = True
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            number = number_in(attributes.get("r"), self.row + 1)
            if not self.row < number <= ROWS:
                raise InputError(f"The workbook is damaged: row {number} follows row {self.row}.")
            self.row, self.at, self.row_cells = number, -1, {}
            if _on(attributes, "hidden") and len(self.hidden_rows) < _HIDDEN:
                self.hidden_rows.append(number)
        elif tag == "mergeCell":
            self.merges.append(attributes.get("ref", ""))
        elif tag == "col":
            if _on(attributes, "hidden"):
                self.hidden_columns.append(
                    (
                        number_in(attributes.get("min"), 1),
                        number_in(attributes.get("max"), 0),
                    )
                )
        elif tag == "autoFilter":
            self.filtered = True
        else:
            self.text.enter(tag)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self.at = _column(attributes["r"], self.row) if "r" in attributes else self.at + 1
        if self.at >= COLUMNS or self.at in self.row_cells:
            raise InputError(f"The workbook is damaged: a cell of row {self.row} is misplaced.")
        self.kind = attributes.get("t", "n")
        self.style = number_in(attributes.get("s"), 0)
        self.formula, self.raw = False, ""
        self.text.clear()
        self.count += 1
        if self.count > CELLS:
            self._refuse()

    def _refuse(self) -> NoReturn:
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
        if self.looking:
            if self.row_cells:
                self.seen.append((self.row, self.row_cells))
            if self.row >= self.looking:
                raise Finished
        elif self.row < self.heading_row - (self.two_rows is not None):
            if self.row_cells and len(self.titles) < _TITLES:
                self.titles.append(line_of(self.row_cells))
        elif self.row == self.heading_row:
            self.headings = (
                dict(self.two_rows.texts)
                if self.two_rows
                else {at: " ".join(cell.text.split()) for at, cell in self.row_cells.items()}
            )
            # The corner of a crosstab has no heading, and so has its column.
            first = min(self.headings, default=0)
            self.coders = {at: Coder() for at in (*range(max(first - 1, 0), first), *self.headings)}
        elif self.row_cells and self.row > self.heading_row:
            if not self.headings:
                raise Finished
            outside = [at for at in self.row_cells if at not in self.coders]
            if outside:
                where = ", ".join(letters(at) for at in outside[:5])
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
            at = number_in(raw.strip(), -1)
            if not 0 <= at < len(self.book.strings):
                raise InputError(f"The workbook is damaged: row {self.row} names a lost text.")
            return Cell(self.book.strings[at], TEXT, self.formula)
        if self.kind == "inlineStr":
            return Cell(self.text.value(), TEXT, self.formula)
        if self.kind == "str":
            return Cell(unescaped(raw), TEXT, self.formula)
        raw = raw.strip()
        if not raw:
            uncomputed = self.formula and self.kind != "str"
            return Cell("of a formula that was never computed", ERROR) if uncomputed else EMPTY
        if self.kind == "b":
            if raw not in _TRUTHS:
                raise self._wrong("truth value", raw)
            return Cell(_TRUTHS[raw], TRUTH, self.formula)
        if self.kind == "e":
            return Cell(raw, ERROR, self.formula)
        if self.kind == "d":
            return Cell(raw, DATE, self.formula)
        return self._number(raw)

    def _wrong(self, meant: str, raw: str) -> InputError:
        return InputError(f"The workbook is damaged: row {self.row} has no {meant} {raw[:40]!r}.")

    def _number(self, raw: str) -> Cell:
        value = number(raw) if self.kind == "n" else None
        if value is None:
            raise self._wrong("number", raw)
        if not (0 <= self.style < len(self.book.dates) and self.book.dates[self.style]):
            return number_cell(raw, value)._replace(formula=self.formula)
        when = moment(value, since_1904=self.book.since_1904)
        if when is None:
            return Cell(f"of a date that never was ({raw})", ERROR, self.formula)
        return cell_of(when)._replace(formula=self.formula)


def _column(reference: str, row: int) -> int:
    number, at = position(reference)
    if number != row:
        raise InputError(f"The workbook is damaged: a cell of row {row} says {reference[:20]!r}.")
    return at


def _on(attributes: Mapping[str, str], name: str) -> bool:
    return attributes.get(name, "0") in ("1", "true")


# The lexical form of xsd:double (XML Schema part 2, 3.2.5) without its infinities
# and NaN, which no spreadsheet stores.
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)
_DIGITS: Final = 400  # more than any number takes; the longest double has 310
_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)


def number(raw: str) -> float | None:
    """Read a number as a workbook writes it, or None for what is none.

    >>> number("12.5e3"), number("1_000"), number("١٢"), number("NaN")
    (12500.0, None, None, None)
    """
    return float(raw) if len(raw) <= _DIGITS and _NUMBER.fullmatch(raw) else None


def number_cell(raw: str, value: float) -> Cell:
    """Write a number plainly; one that a double only comes near to stays as it was written.

    >>> number_cell("3.0", 3.0).text, number_cell("2.9999999999999999999", 3.0).text
    ('3', '2.9999999999999999999')
    """
    if math.isinf(value) or (value.is_integer() and Decimal(raw) != Decimal(value)):
        return Cell(raw, NUMBER)
    return cell_of(value)


def unescaped(text: str) -> str:
    """Replace a workbook's `_xHHHH_` by the character, or the half of one, that it means.

    >>> unescaped("_xD83D__xDE00_"), unescaped("Bath_xD800_")
    ('😀', 'Bath�')
    """
    if "_x" not in text:
        return text
    return sound(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))


def number_in(text: str | None, default: int) -> int:
    """Read a whole number of an attribute; -1 for what is none."""
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def position(reference: str) -> tuple[int, int]:
    """Return a cell's row, from 1, and column, from 0; (0, -1) for what names no cell.

    >>> position("AB7"), position("7")
    ((7, 27), (0, -1))
    """
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return 0, -1
    at = 0
    for letter in found[1]:
        at = at * 26 + ord(letter) - 64
    return int(found[2]), at - 1


def letters(at: int) -> str:
    """Name a column, counted from 0, as a spreadsheet does.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    named = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        named = chr(65 + rest) + named
    return named


# Formats by number that mean a date or a time (ECMA-376 part 1, 18.8.30, and
# the East Asian ones of its table for other locales).
_BUILT_IN: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_SILENT: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_MILLISECONDS: Final = 86_400_000


def is_date_format(number: int, code: str | None) -> bool:
    """Tell if a number format shows a date.

    >>> is_date_format(14, None), is_date_format(164, 'dd/mm/yyyy'), is_date_format(164, '0 "days"')
    (True, True, False)
    """
    if code is None:
        return number in _BUILT_IN
    first = _SILENT.sub("", code).split(";")[0]
    return re.search("[dmyhs]", first, re.IGNORECASE) is not None and "general" not in first.lower()


def moment(serial: float, *, since_1904: bool) -> dt.datetime | None:
    """Return the moment that a spreadsheet's number means, to the millisecond, or None for none.

    The system of 1900 counts a 29 February 1900 that never was: day 60 is
    none, and the days before it stand one off (ECMA-376 part 1, 18.17.4.1).

    >>> moment(45323, since_1904=False), moment(60, since_1904=False)
    (datetime.datetime(2024, 2, 1, 0, 0), None)
    """
    if not 0 <= serial < 2_958_466:
        return None
    milliseconds = round(serial * _MILLISECONDS)
    days, rest = divmod(milliseconds, _MILLISECONDS)
    if since_1904:
        start = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - a spreadsheet's day has no zone
    elif days == 60:
        return None
    else:
        start = dt.datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001 - the same
    try:
        return start + dt.timedelta(days=days, milliseconds=rest)
    except OverflowError:
        return None


RANGES: Final = 1_000_000  # a range of two columns counts twice
MERGED_CELLS: Final = 20_000_000


def mark_merged(
    merges: Sequence[str],
    numbers: Sequence[int],
    coders: Mapping[int, Coder],
    misfits: Collection[int],
    heading_row: int = 1,
) -> list[int]:
    """Fill or mark the cells of a table's rows that a merged range hides; return the rows filled.

    A text or a date that is merged down one column stands for each of its
    rows, which are filled with it. Any other hidden cell is marked: nobody can
    tell how a number is shared, or which column a wide cell belongs to.
    `numbers` are the rows, ascending; `coders` their columns; `misfits` the
    rows that are not among them. Nothing is hidden where the range is empty.
    """
    order = sorted(coders)
    ranges = cells = 0
    filled: list[int] = []
    for merge in merges:
        top, left, bottom, right = _corners(merge)
        start, stop = bisect_left(numbers, top), bisect_right(numbers, bottom)
        columns = order[bisect_left(order, left) : bisect_right(order, right)]
        ranges += len(columns)
        cells += len(columns) * (stop - start)
        if ranges > RANGES or cells > MERGED_CELLS:
            raise InputError("The sheet has too many merged cells. Unmerge them.")
        first = start < stop and numbers[start] == top
        if first and left in coders and coders[left].is_empty(start):
            continue
        if not first and top != heading_row and top not in misfits:
            continue
        if first and left == right and left in coders:
            whole = coders[left].cell(start)
            if whole.kind in (TEXT, DATE):
                coders[left].put(start + 1, stop, whole)
                filled.extend(numbers[start + 1 : stop])
                continue
        hidden = Cell(f"merged with {merge.partition(':')[0]}", MERGED)
        for at in columns:
            coders[at].put(start + (first and at == left), stop, hidden)
    return sorted(set(filled))


def _corners(merge: str) -> tuple[int, int, int, int]:
    """Return the first row and column of a range and the last."""
    first, _, last = merge.partition(":")
    (top, left), (bottom, right) = position(first), position(last or first)
    if not (0 < top <= bottom and 0 <= left <= right):
        raise InputError(f"The workbook is damaged: it merges the cells {merge[:40]!r}.")
    return top, left, bottom, right
