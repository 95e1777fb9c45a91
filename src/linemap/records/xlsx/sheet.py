"""Walk through one sheet of a workbook, cell by cell, and make a table of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn

import numpy as np

from linemap.errors import Fault, InputError
from linemap.records.frames import cell_of
from linemap.records.layout import Rows, title_of
from linemap.records.table import (
    DATE,
    EMPTY,
    ERROR,
    TEXT,
    TRUTH,
    Cell,
    Coder,
    Layout,
    Table,
    fitted,
)
from linemap.records.xlsx.archive import Archive, Finished
from linemap.records.xlsx.cells import (
    letters,
    moment,
    number,
    number_cell,
    position,
    unescaped,
    whole,
)
from linemap.records.xlsx.merged import mark_merged

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
    """The state of a walk through one sheet's XML, whose headings stand in `heading_row`."""

    def __init__(self, book: Book, heading_row: int = 1) -> None:
        self.book = book
        self.heading_row = heading_row
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
            heading_row=self.heading_row, titles=tuple(self.titles),
            hidden_rows=tuple(self.hidden_rows), hidden_columns=self._hidden_columns(order),
            filtered=self.filtered, filled_rows=tuple(filled),
        )  # fmt: skip
        return fitted(
            tuple(self.headings.get(at, "") for at in order),
            np.asarray(self.numbers, dtype=np.int64),
            [self.coders[at].column() for at in order],
            faults=self.faults, misfits=self.misfits, form=form, layout=layout,
            since_1904=self.book.since_1904,
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
            number = whole(attributes.get("r"), self.row + 1)
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
                    (whole(attributes.get("min"), 1), whole(attributes.get("max"), 0))
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
        self.style = whole(attributes.get("s"), 0)
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
        elif self.row < self.heading_row:
            if self.row_cells and len(self.titles) < _TITLES:
                self.titles.append(title_of(self.row_cells))
        elif self.row == self.heading_row:
            self.headings = {at: " ".join(cell.text.split()) for at, cell in self.row_cells.items()}
            # The corner of a crosstab has no heading, and so has its column.
            first = min(self.headings, default=0)
            self.coders = {at: Coder() for at in (*range(max(first - 1, 0), first), *self.headings)}
        elif self.row_cells:
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
            at = whole(raw.strip(), -1)
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
