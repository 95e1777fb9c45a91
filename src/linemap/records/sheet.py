"""Walk through one sheet of a workbook, cell by cell, and make a table of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

import numpy as np

from linemap.errors import Fault, InputError
from linemap.records.archive import Archive, Finished
from linemap.records.frames import cell_of
from linemap.records.merged import mark_merged
from linemap.records.serial import moment
from linemap.records.stored import letters, number, number_cell, position, unescaped, whole
from linemap.records.table import DATE, EMPTY, ERROR, TEXT, TRUTH, Cell, Coder, Table, fitted

CELLS: Final = 20_000_000
ROWS, COLUMNS = 1_048_576, 16_384  # of a sheet
_TRUTHS: Final = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}
_LONGEST: Final = 100_000  # characters kept of a cell; more than any judge lets through


@dataclass(slots=True)
class Book:
    """What a workbook says of itself before its cells."""

    sheets: list[tuple[str, str]] = field(default_factory=list)  # name and part
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
    """The state of a walk through one sheet's XML."""

    def __init__(self, book: Book) -> None:
        self.book = book
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

    def read(self, archive: Archive, part: str, form: str) -> Table:
        """Walk through the part and return its table."""
        if archive.count(part, "c") > CELLS:
            self._refuse()
        archive.parse(part, start=self._start, end=self._end, text=self._add)
        if not self.headings:
            raise InputError("The first row of the sheet must hold the headings; it is empty.")
        mark_merged(self.merges, self.numbers, self.coders, self.misfits)
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
            number = whole(attributes.get("r"), self.row + 1)
            if not self.row < number <= ROWS:
                raise InputError(f"The workbook is damaged: row {number} follows row {self.row}.")
            self.row, self.at, self.row_cells = number, -1, {}
        elif tag == "mergeCell":
            self.merges.append(attributes.get("ref", ""))
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
        if self.row == 1:
            self.headings = {at: cell.text.strip() for at, cell in self.row_cells.items()}
            self.coders = {at: Coder() for at in self.headings}
        elif self.row_cells:
            if not self.headings:
                raise Finished
            outside = [at for at in self.row_cells if at not in self.headings]
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
