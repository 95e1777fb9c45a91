"""Read separated text (CSV) strictly: every row has the headings' width, every cell is text.

The encoding is decided here too, and what a spreadsheet would run is recognised.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from linemap.errors import Fault, InputError
from linemap.records.headings import normal, recognised
from linemap.records.table import Cell, Column, Layout, Table, fitted
from linemap.records.table_layout import (
    LOOKED_AT,
    Headings,
    find_heading_row,
    known_parts,
    line_of,
    plain_rows,
    two_rows,
)

SEPARATORS: Final[dict[str, str]] = {",": "comma", ";": "semicolon", "\t": "tab"}
_HEAD_BYTES: Final = 1_000_000  # in which the row of headings is looked for
_BATCH: Final = 5_000  # rows that a processor's cache holds
_HEADING_LINES: Final = 100  # over which a heading in quotation marks may run
_MISFIT_CELLS: Final = 64  # of a row that does not fit, enough to recognise it


def read_separated(
    data: bytes,
    *,
    encoding: str | None = None,
    header_row: int | None = None,
    wanted: Collection[str] = (),
) -> Table:
    """Read separated text; raise an InputError where there is no table in it.

    The encoding is the one given, else what :func:`encoding_of`
    finds; the separator is the comma, semicolon or tab that the heading uses.
    The row of headings is `header_row`, else the first, unless that is a title
    and a later one is plainly the headings (`wanted` are those that the caller
    names).
    """
    name = encoding or encoding_of(data)
    try:
        plain = data.decode(name).removeprefix("\ufeff").encode("utf-8")
    except UnicodeError as error:
        raise InputError(f"The file is not in {name}: {error}.") from None
    except (LookupError, ValueError):  # a zero byte in the name
        raise InputError(f"No encoding is called {name!r}.") from None
    stream = io.TextIOWrapper(io.BytesIO(plain), encoding="utf-8", newline="")
    first, said = _first_line(stream)
    found = None if said else _below_titles(plain, first, header_row, wanted)
    separator = found.separator if found else said or _separator(first)
    form = f"{SEPARATORS[separator]}-separated, {name}"
    if not said and b'"' not in plain and plain.count(b"\r") == plain.count(b"\r\n"):
        fast = _plain(plain, found.line if found else first[0], separator, form, found)
        if fast is not None:
            return fast
    if found is None:
        return _parse(_rejoin(first, stream), separator, form)
    stream = io.TextIOWrapper(io.BytesIO(plain), encoding="utf-8", newline="")
    return _parse(islice(stream, found.lines, None), separator, form, found)


@dataclass(frozen=True, slots=True)
class _HeadingsFound:
    """A row of headings that stands below titles."""

    row: int
    lines: int  # of the file that stand above it
    line: str
    separator: str
    titles: tuple[str, ...]
    double: Headings | None = None  # of that row and the one above it

    @property
    def layout(self) -> Layout:
        return Layout(heading_row=self.row, two_rows=self.double is not None, titles=self.titles)

    def above(self, width: int) -> list[str]:
        """Return what stands above the headings of a crosstab, for each of them."""
        return [self.double.above.get(at, "") for at in range(width)] if self.double else []

    def headings(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the headings, of which the row holds these cells."""
        texts = self.double.texts if self.double else {}
        return [texts.get(at, cell) for at, cell in enumerate(cells)]


def _below_titles(
    plain: bytes, first: Sequence[str], header_row: int | None, wanted: Collection[str]
) -> _HeadingsFound | None:
    """Find the headings where they do not stand in the first row; None where they do."""
    lines = plain[:_HEAD_BYTES].decode("utf-8", "ignore").splitlines(keepends=True)
    if header_row is None and any(
        len(names) > 1 and known_parts(plain_rows([(1, names)])[0][1]) > 1
        for names in (_split(first, candidate) for candidate in SEPARATORS)
    ):
        return _in_two_rows(lines, 1, _separator(first), wanted)
    best: tuple[int, int, _HeadingsFound] | None = None
    for candidate in SEPARATORS:
        rows, starts = _first_rows(lines[: _HEADING_LINES + LOOKED_AT], candidate)
        number = header_row or find_heading_row(plain_rows(rows), wanted)
        if number is None or number > len(rows):
            continue
        cells = rows[number - 1][1]
        known = known_parts(plain_rows([(number, cells)])[0][1])
        named = {normal(name) for name in wanted}
        if named and named <= set(map(normal, cells)):
            known += len(named)
        titles = [line_of(row) for _, row in plain_rows(rows[: number - 1]) if row]
        found = _HeadingsFound(
            number, starts[number - 1], lines[starts[number - 1]], candidate, tuple(titles[:10])
        )
        if best is None or (known, len(cells)) > best[:2]:
            best = known, len(cells), found
    if header_row is not None and best is None:
        raise InputError(f"The table has no row {header_row} near its top to hold the headings.")
    if best is None:
        return None
    if header_row is None and (
        double := _in_two_rows(lines, best[2].row, best[2].separator, wanted)
    ):
        return double
    if best[2].row == 1:
        return None
    return best[2] if header_row is not None or best[0] > 1 or best[1] > 2 else None


def _in_two_rows(
    lines: Sequence[str], number: int, separator: str, wanted: Collection[str]
) -> _HeadingsFound | None:
    """Find headings that stand in two rows, of which one is `number`; None where one row is all."""
    rows, starts = _first_rows(lines[: _HEADING_LINES + LOOKED_AT], separator)
    plain = plain_rows(rows)
    double = two_rows(plain, number, wanted)
    if double is None:
        return None
    at = double.row - 1
    titles = tuple(line_of(row) for above, row in plain if above < at and row)
    return _HeadingsFound(double.row, starts[at], lines[starts[at]], separator, titles[:10], double)


def _split(lines: Sequence[str], separator: str) -> list[str]:
    with suppress(csv.Error):
        return next(csv.reader(lines, delimiter=separator, strict=True), [])
    return []


def _first_rows(
    lines: Sequence[str], separator: str
) -> tuple[list[tuple[int, list[str]]], list[int]]:
    """Parse the first rows; return them, and how many lines stand above each."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    starts: list[int] = []
    with suppress(csv.Error):
        while len(rows) < LOOKED_AT:
            start = reader.line_num
            row = next(reader, None)
            if row is None:
                break
            starts.append(start)
            rows.append((len(rows) + 1, row))
    return rows, starts


def _plain(
    data: bytes, first: str, separator: str, form: str, found: _HeadingsFound | None = None
) -> Table | None:
    """Read text in which nothing is quoted, many rows at a time; None if any row does not fit."""
    cells = first.rstrip("\r\n").split(separator)
    headings = _headings(found.headings(cells) if found else cells)
    if not any(headings):
        return None
    names = [str(at) for at in range(len(headings))]
    above = found.row - 1 if found else 0
    coded = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pacsv.read_csv(
            pa.py_buffer(data),
            read_options=pacsv.ReadOptions(column_names=names, skip_rows=above + 1),
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
    rows = np.arange(above + 2, above + table.num_rows + 2, dtype=np.int64)
    return fitted(
        headings,
        rows,
        columns,
        form=form,
        layout=found.layout if found else None,
        above=found.above(len(headings)) if found else (),
    )


def _headings(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(restore(" ".join(cell.split())) for cell in cells)


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


def _parse(
    lines: Iterable[str], separator: str, form: str, found: _HeadingsFound | None = None
) -> Table:
    row = found.row if found else 1
    rows = _ParsedRows(csv.reader(lines, delimiter=separator, strict=True), row - 1)
    cells = next(iter(rows.batches(1)), [[]])[0]
    headings = _headings(found.headings(cells) if found else cells)
    if not any(headings) or rows.number > row:
        which = "first row" if row == 1 else f"row {row}"
        raise InputError(f"The {which} must hold the headings.", rows.damage)
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
        layout=found.layout if found else None,
        above=found.above(len(headings)) if found else (),
    )  # fmt: skip


def _column(chunks: Sequence[pa.DictionaryArray]) -> Column:
    if not chunks:
        return Column(np.empty(0, dtype=np.int32), (Cell(""),))
    whole = pa.chunked_array(chunks).unify_dictionaries()
    codes = np.concatenate([np.asarray(chunk.indices, dtype=np.int32) for chunk in whole.chunks])
    texts = whole.chunk(whole.num_chunks - 1).dictionary.to_pylist()
    return Column(codes, tuple(Cell(restore(text)) for text in texts))


class _ParsedRows:
    """The rows of a reader, numbered; what cannot be parsed or does not fit becomes a fault."""

    def __init__(self, reader: Iterator[list[str]], above: int = 0) -> None:
        self.reader = reader
        self.number = above  # of the row that was read last
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


_MARKS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_READ: Final = "linemap reads UTF-8, UTF-16 with its mark, and Windows-1252"
_HINT: Final = "Save the table as 'CSV UTF-8', or say its encoding, as in encoding='mac-roman'."

# What Windows-1252 gives for text that was written in another encoding: a
# capital with an accent inside a word (Mac Roman's apostrophe), a low or
# opening quotation mark or a trade mark inside one (DOS, Mac Roman), a run of
# accented letters (Cyrillic, Greek), signs that no British table of places has
# (Japanese).
_IMPLAUSIBLE: Final = re.compile(
    "[a-z][À-ÖØ-ÞŠŒŽŸ]|[A-Za-z][‚“„•™¡¢¥¨ª¯±µ¶¸º¿÷][A-Za-z]|[À-ÖØ-öø-ÿ]{3}|[ƒˆ†‡‰‹›˜¤¦¬šž\x80-\x9f]"
)


def encoding_of(data: bytes) -> str:
    """Name the encoding of `data`, or raise an InputError that says why none is certain enough.

    A byte-order mark decides; else text that is valid UTF-8 is UTF-8; else
    Windows-1252, if all of it reads as plausible text.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            if name == "utf-32":
                raise InputError(f"The file is in UTF-32; {_READ}. {_HINT}")
            _require(data, name)
            return name
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise InputError(
            f"The file holds zero bytes (line {line}): it is damaged, not text, or UTF-16 without "
            f"its mark; {_READ}. Say encoding='utf-16-le' or 'utf-16-be' if it is that."
        )
    try:
        codecs.utf_8_decode(data, "strict", True)
    except UnicodeDecodeError as error:
        return _windows(data, error.start)
    return "utf-8"


def _require(data: bytes, name: str) -> None:
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        raise InputError(
            f"The file says that it is {name.removesuffix('-sig').upper()} and is not, "
            f"at byte {error.start}: {error.reason}."
        ) from error


def _windows(data: bytes, start: int) -> str:
    line = data.count(b"\n", 0, start) + 1
    refusal = f"The file's encoding is not known (line {line}); {_READ}. {_HINT}"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError(refusal) from None
    found = _IMPLAUSIBLE.search(text)
    if found:
        near = text[max(0, found.start() - 12) : found.end() + 12].split("\n")[0].strip()
        raise InputError(f"{refusal} As Windows-1252 it would hold {near!r}.")
    return "cp1252"


_UNSEEN: Final = (
    " \u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff\x00-\x08\x0e-\x1f\x85"
)
_SIGN: Final = f"[{_UNSEEN}]*[=+\\-@＝＋－＠﹢﹣﹦﹫−]"
_HIDDEN: Final = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0e-\x1b"  # and no space
_START: Final = f"(?:{_SIGN}|[{_UNSEEN}]*[\t\r\n\v\f])"
_LATER: Final = f"(?:{_SIGN}|[{_UNSEEN}]*[{_HIDDEN}][{_UNSEEN}]*[\t\r\n\v\f])"
_INSIDE: Final = "(?<=[;|\t\r\n\v\f])"
_RUNS: Final = re.compile(_START)
# What would run, or was made neutral before, at the start or behind a separator.
_PLACES: Final = re.compile(f"^(?='*{_START})|{_INSIDE}(?='*{_LATER})")
_NEUTRAL: Final = re.compile(f"^'(?='*{_START})|{_INSIDE}'(?='*{_LATER})")


def is_formula_like(text: str) -> bool:
    """Tell if a spreadsheet that opens `text` in a CSV file might run it.

    >>> is_formula_like("=1+1"), is_formula_like("＝cmd"), is_formula_like("King’s Lynn")
    (True, True, False)
    """
    return _RUNS.match(text) is not None


def neutralise(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; :func:`restore` takes it back.

    Text that already looks neutral gets one more, so that no two texts become
    one.

    >>> neutralise("=1+1"), neutralise("'=1+1"), neutralise("Norwich")
    ("'=1+1", "''=1+1", 'Norwich')
    """
    return _PLACES.sub("'", text)


def restore(text: str) -> str:
    """Take back what :func:`neutralise` did.

    >>> restore(neutralise("=1+1"))
    '=1+1'
    """
    return _NEUTRAL.sub("", text)
