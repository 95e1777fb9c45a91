"""Read separated text (CSV) strictly: every row has the headings' width, every cell is text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from linemap.errors import Fault, InputError
from linemap.records import encoding as encodings
from linemap.records.formulas import restore
from linemap.records.headings import recognised
from linemap.records.table import Cell, Column, Table, fitted

SEPARATORS: Final[dict[str, str]] = {",": "comma", ";": "semicolon", "\t": "tab"}
_BATCH: Final = 5_000  # rows that a processor's cache holds
_HEADING_LINES: Final = 100  # over which a heading in quotation marks may run
_MISFIT_CELLS: Final = 64  # of a row that does not fit, enough to recognise it


def read_text(data: bytes, *, encoding: str | None = None) -> Table:
    """Read separated text; raise an InputError where there is no table in it.

    The encoding is the one given, else what :func:`linemap.records.encoding.decide`
    finds; the separator is the comma, semicolon or tab that the heading uses.
    """
    name = encoding or encodings.decide(data)
    try:
        plain = data.decode(name).removeprefix("\ufeff").encode("utf-8")
    except UnicodeError as error:
        raise InputError(f"The file is not in {name}: {error}.") from None
    except (LookupError, ValueError):  # a zero byte in the name
        raise InputError(f"No encoding is called {name!r}.") from None
    stream = io.TextIOWrapper(io.BytesIO(plain), encoding="utf-8", newline="")
    first, said = _first_line(stream)
    separator = said or _separator(first)
    form = f"{SEPARATORS[separator]}-separated, {name}"
    if not said and b'"' not in plain and plain.count(b"\r") == plain.count(b"\r\n"):
        fast = _plain(plain, first[0], separator, form)
        if fast is not None:
            return fast
    return _parse(_rejoin(first, stream), separator, form)


def _plain(data: bytes, first: str, separator: str, form: str) -> Table | None:
    """Read text in which nothing is quoted, many rows at a time; None if any row does not fit."""
    headings = _headings(first.rstrip("\r\n").split(separator))
    if not any(headings):
        return None
    names = [str(at) for at in range(len(headings))]
    coded = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pacsv.read_csv(
            pa.py_buffer(data),
            read_options=pacsv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, coded), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [_column(column.chunks) for column in table.columns]
    rows = np.arange(2, table.num_rows + 2, dtype=np.int64)
    return fitted(headings, rows, columns, form=form)


def _headings(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(restore(cell.strip()) for cell in cells)


def _first_line(stream: Iterator[str]) -> tuple[list[str], str]:
    """Take the lines of the heading; a spreadsheet's own `sep=;` line is obeyed and skipped."""
    line = next(stream, "")
    mark = line.strip().removeprefix("sep=") if line.startswith("sep=") else ""
    if mark == "" and line.startswith("sep="):
        mark = "\t" if "\t" in line else ""
    if mark in SEPARATORS:
        return [next(stream, "")], mark
    lines, quotes = [line], line.count('"')
    while quotes % 2 and len(lines) < _HEADING_LINES and (more := next(stream, "")):
        lines.append(more)
        quotes += more.count('"')
    return lines, ""


def _rejoin(first: Sequence[str], rest: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from rest


def _separator(heading: Sequence[str]) -> str:
    """Choose the separator under which the heading has most known names, then most columns."""
    if not "".join(heading).strip():
        raise InputError("The table is empty: its first row must hold the headings.")
    scores: dict[str, tuple[int, int]] = {}
    wrong = None
    for candidate in SEPARATORS:
        try:
            names = next(csv.reader(heading, delimiter=candidate, strict=True), [])
        except csv.Error as error:
            names, wrong = [], error
        scores[candidate] = (sum(map(recognised, names)), len(names))
    best = max(scores.values())
    if best[1] < 2 and wrong is not None:
        raise InputError("The first row must hold the headings.", [_broken(wrong, 1)])
    chosen = [candidate for candidate, score in scores.items() if score == best]
    if len(chosen) > 1 and best[1] > 1:
        words = " or a ".join(SEPARATORS[candidate] for candidate in chosen)
        raise InputError(
            f"The heading may be separated by a {words}.",
            [Fault("the separator is not certain", 1, hint="Use one of comma, semicolon, tab.")],
        )
    return chosen[0]


def _parse(lines: Iterable[str], separator: str, form: str) -> Table:
    rows = _Rows(csv.reader(lines, delimiter=separator, strict=True))
    headings = _headings(next(iter(rows.batches(1)), [[]])[0])
    if not any(headings) or rows.number > 1:
        raise InputError("The first row must hold the headings.", rows.damage)
    width = len(headings)
    numbers: list[int] = []
    chunks: list[list[pa.DictionaryArray]] = [[] for _ in headings]
    for batch in rows.batches(_BATCH):
        fitting = rows.fit(batch, width)
        numbers.extend(rows.numbers)
        for chunk, values in zip(chunks, zip(*fitting, strict=True), strict=False):
            chunk.append(pa.array(values, pa.string()).dictionary_encode())
    columns = [_column(chunk) for chunk in chunks]
    return fitted(
        headings, np.asarray(numbers, dtype=np.int64), columns,
        faults=rows.faults, damage=rows.damage, misfits=rows.misfits, blank=rows.blank, form=form,
    )  # fmt: skip


def _column(chunks: Sequence[pa.DictionaryArray]) -> Column:
    if not chunks:
        return Column(np.empty(0, dtype=np.int32), (Cell(""),))
    whole = pa.chunked_array(chunks).unify_dictionaries()
    codes = np.concatenate([np.asarray(chunk.indices, dtype=np.int32) for chunk in whole.chunks])
    texts = whole.chunk(whole.num_chunks - 1).dictionary.to_pylist()
    return Column(codes, tuple(Cell(restore(text)) for text in texts))


class _Rows:
    """The rows of a reader, numbered; what cannot be parsed or does not fit becomes a fault."""

    def __init__(self, reader: Iterator[list[str]]) -> None:
        self.reader = reader
        self.number = 0  # of the row that was read last
        self.start = 0  # of the row before this batch
        self.faults: list[Fault] = []
        self.damage: list[Fault] = []  # after which nobody can say where a row ends
        self.misfits: dict[int, tuple[str, ...]] = {}
        self.numbers: list[int] = []
        self.blank = 0
        self.at: list[int] = []

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Yield rows by the batch; their numbers are in ``at``."""
        while True:
            batch: list[list[str]] = []
            self.at = []
            ended = False
            while len(batch) < size and not ended:
                wrong = None
                try:
                    batch.extend(islice(self.reader, size - len(batch)))
                    ended = len(batch) < size
                except csv.Error as error:  # the rows before it are in the batch
                    wrong = error
                read = len(batch) - len(self.at)
                self.at.extend(range(self.number + 1, self.number + read + 1))
                self.number += read
                if wrong is not None:
                    self.number += 1
                    self.damage.append(_broken(wrong, self.number))
            if batch:
                yield batch
            if ended:
                return

    def fit(self, batch: list[list[str]], width: int) -> list[list[str]]:
        """Keep the rows of this width; note the others."""
        if all(len(row) == width for row in batch):
            self.numbers = self.at
            return batch
        self.numbers = []
        fitting = []
        for number, row in zip(self.at, batch, strict=True):
            if len(row) == width:
                self.numbers.append(number)
                fitting.append(row)
            elif not any(cell.strip() for cell in row):
                self.blank += 1
            else:
                self._misfit(number, row, width)
        return fitting

    def _misfit(self, number: int, row: list[str], width: int) -> None:
        word = "long" if len(row) > width else "short"
        hint = (
            "A cell that holds the separator must stand in quotation marks."
            if len(row) > width
            else "Write an empty cell for what is not known."
        )
        problem = f"the row is too {word}: {_cells(len(row))} under {_cells(width, 'heading')}."
        self.faults.append(Fault(problem, number, hint=hint))
        self.misfits[number] = tuple(row[:_MISFIT_CELLS])


def _cells(number: int, thing: str = "cell") -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def _broken(error: csv.Error, row: int) -> Fault:
    said = str(error)
    if "unexpected end" in said:
        return Fault("a quotation mark opens in this row and never closes.", row)
    if "field larger" in said:
        return Fault("a cell is longer than 131,072 characters.", row)
    return Fault(
        "a quotation mark stands inside a cell.",
        row,
        hint='Write it twice, and the cell in quotation marks: "say ""so""".',
    )
