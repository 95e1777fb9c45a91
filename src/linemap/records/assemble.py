"""Make the frame of a table: each part judged, each row used or refused with the reason."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, Final, Literal
from unicodedata import category

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError, Refused
from linemap.records.delimited import is_formula_like
from linemap.records.details import (
    kind_of_column,
    kind_of_heading,
    personal_in,
    without_details,
)
from linemap.records.headings import CODE_OF, Parts, assign
from linemap.records.layout import (
    ABOVE,
    CELLS,
    HEADINGS,
    LAYOUTS,
    accepted,
    as_list,
    ask_layout,
    columns_of,
    described,
    recognise,
    two_rows_over,
    without_foot,
    without_notes,
)
from linemap.records.table import TEXT, Cell, Column, Layout, ReadOptions, Table
from linemap.records.totals import (
    Totals,
    find_totals,
    labelled_rows,
    labelled_totals,
    parts_beside,
    total_of,
)
from linemap.records.validators import (
    JUDGES,
    PUBLISHED,
    Printed,
    contradictions,
    is_serial,
    judge_all,
    kind_of,
    label,
    printed_beside,
    published_count,
    required_cells,
    row_faults,
    row_ids,
    says_financial,
    says_months,
    when,
    words_of,
)
from linemap.text import key, sound, without_full_postcodes
from linemap.windows import When, may_be_year, style_of, with_year

Kind = Literal["records", "statements"]
PROBLEM: Final = "problem"
AS_WRITTEN: Final = "cells"
_NOTICES: Final = 1_000  # told of one column; there may be one a row
_HINTS: Final = {
    schema.ORIGIN: schema.ORIGIN_HINT, schema.DESTINATION: schema.DESTINATION_HINT,
}  # fmt: skip
_LOOKED_INTO: Final = 200_000  # rows of a table whose unused columns are looked into
_LOOKED_AT: Final = 200  # distinct contents of a column that may hold dates
_MOSTLY: Final = 0.8
_AGE: Final = re.compile(r"\bage\b", re.IGNORECASE)
_TIMES: Final = (schema.DATE, schema.PERIOD_START, schema.PERIOD_END)
_PERSONAL: Final = "people's details"  # in the place of what reaches a person and is no place
_PLACES: Final = (
    schema.ORIGIN,
    schema.DESTINATION,
    schema.ORIGIN_WITHIN,
    schema.DESTINATION_WITHIN,
)
_RANGES: Final = (schema.COUNT_LOW, schema.COUNT_HIGH, schema.MARK)
_KEPT: Final = (schema.MEASURE, schema.SOURCE)  # texts of records that may reach an output

RECORD_COLUMNS: Final[tuple[str, ...]] = (
    schema.ROW, schema.INPUT,
    schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN,
    schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN,
    schema.MEASURE, schema.COUNT, schema.PERIOD_START, schema.PERIOD_END, schema.DATE,
    schema.QUALIFIER, schema.SOURCE, schema.NOTE,
)  # fmt: skip
_ROW_NUMBERS: Final = 5  # rows from which on 1, 2, 3, ... are no counts
_GAPS_ROWS: Final = 12  # rows from which on a few numbers may be missing
_RISING_ROWS: Final = 20  # rows from which on numbers that only rise are no counts
_FOOT_ROWS: Final = 3  # totals and notes below them
_LONGEST_NUMBER: Final = 7  # digits
_SHORT_FOR_NUMBER: Final = frozenset({"no", "number", "n", "nr", "num"})
STATEMENT_COLUMNS: Final = (
    *RECORD_COLUMNS, schema.STATEMENT_ID, schema.PUBLISHED, schema.URL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detail:
    """A column that looks like people's details, and of which kind."""

    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and an account of every row that was not.

    ``frame`` is RECORDS or STATEMENTS. ``refused`` has one row for each input
    row left out: ``row``, ``problem`` (all that is wrong with it) and
    ``cells`` (as written, JSON); it is for the analyst alone. ``rows`` is
    ``len(frame) + len(refused)``; ``blank`` rows, with nothing in them, and the
    ``left_out`` (totals, repeated headings, notes at the foot) are in neither.
    ``notices`` are worth a look and stop nothing.

    ``layout`` says where the table was found, ``used`` which heading plays
    which part, ``unused`` which headings play none. ``unknown`` has one row for
    each word that stands for no place: ``end``, ``word``, ``kind``, ``rows``.
    ``details`` are the columns that look like people's details.

    Of a table that an engine grouped, a row of ``frame`` or ``refused`` stands for the
    rows that ``rows_alike`` counts; those that were looked at one by one have their ``row``,
    and those of several files the ``file``.
    """

    frame: pd.DataFrame
    refused: pd.DataFrame
    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...]
    rows: int
    blank: int
    unused: tuple[str, ...]
    form: str
    layout: Layout
    used: Mapping[str, str]
    left_out: tuple[int, ...]
    unknown: pd.DataFrame
    details: tuple[Detail, ...]

    @property
    def alike(self) -> pd.Series[Any]:
        """How many rows of the table each row of ``frame`` stands for."""
        if schema.ROWS_ALIKE in self.frame:
            return self.frame[schema.ROWS_ALIKE]
        return pd.Series(1, self.frame.index)


def fault_at(frame: pd.DataFrame, at: Any, problem: str, **said: Any) -> Fault:
    """Return a fault of one row of a RECORDS or STATEMENTS frame, whether or not it has a number.

    `at` is the row's label in the frame, `said` further fields of the :class:`Fault`.
    """
    row = frame.loc[at, schema.ROW]
    if not pd.isna(row):
        return Fault(problem, int(row), **said)
    return Fault(problem, times=int(frame.loc[at, schema.ROWS_ALIKE]), **said)


def assemble(table: Table, kind: Kind, options: ReadOptions) -> tuple[Reading, tuple[Fault, ...]]:
    """Judge a table; return what was read, and what is wrong with the table as a whole."""
    statements = kind == schema.STATEMENTS
    measure, unfit = _judged_measure(options.measure)
    found = described(table.layout)
    undecided: tuple[int, ...] = ()
    if statements:
        table, undecided = accepted(table, found)
    table, columns, asked, foot = _laid_out(table, options, found, statements=statements)
    parts = assign(
        table.headings,
        statements=statements,
        columns=columns,
        tags=tuple(options.tags),
        measured=measure is not None,
        row=table.layout.heading_row,
    )
    numbered: list[Fault] = []
    if not statements and schema.COUNT not in columns:
        parts, numbered = _without_row_numbers(table, parts)
    details = () if statements else _details(table, parts)
    table, left_out = without_notes(table, parts, found)
    whole = [*table.damage, *(asked or parts.faults), *unfit, *_tagged(parts, table, details)]
    if not len(table.rows) and not table.misfits and not table.damage:
        whole.append(Fault("the table has headings and no rows."))
    body = _Body(table, parts, options, statements=statements)
    frame = body.frame(kind, measure)
    totals = Totals(np.zeros(len(frame), dtype=bool))
    if not statements and not asked and not parts.faults:
        totals = body.totals(frame)
        totals = replace(
            totals, faults=(*totals.faults, *_totals_beside(frame, table, parts, details))
        )
    frame = body.without_unknown(frame, ~totals.rows)
    faults = _faults(frame, body, table, parts, totals, statements=statements)
    wrong = _rows_of(faults, table)
    keep = ~wrong & ~totals.rows
    table.tell(table.rows[~keep])
    refused = _refused(table, faults, wrong)
    weights = table.weights
    used = {*parts.columns.values(), *parts.tags.values()}
    notices = (
        *found,
        *totals.notices,
        *(() if asked else numbered or _perhaps_counts(table, parts, details)),
        *(() if asked else _perhaps_dates(table, parts, details)),
        *_told(details),
        *body.notices,
    )
    finished = _finish(frame[keep], statements=statements, counted=schema.COUNT in parts.columns)
    if table.times is not None:
        finished[schema.COUNT] *= weights[keep]
        finished[schema.ROWS_ALIKE] = weights[keep]
    reading = Reading(
        frame=finished,
        refused=refused, faults=tuple(faults), notices=notices,
        rows=int(weights[keep | wrong].sum()) + len(table.misfits), blank=table.blank,
        unused=tuple(h for at, h in enumerate(table.headings) if at not in used and h),
        form=table.form, layout=table.layout,
        used={part: table.headings[at] for part, at in parts.columns.items()},
        left_out=tuple(
            sorted(
                {*undecided, *foot, *left_out, *_whole_rows(table, totals.rows & ~wrong)}
            )
        ),
        unknown=body.unknown, details=details,
    )  # fmt: skip
    return reading, tuple(whole)


def _whole_rows(table: Table, out: npt.NDArray[np.bool_]) -> set[int]:
    """Return the numbers of the rows of which nothing is kept: of a crosstab, no cell."""
    return set(table.rows[out].tolist()) - set(table.rows[~out].tolist())


def _laid_out(
    table: Table, options: ReadOptions, found: list[Fault], *, statements: bool
) -> tuple[Table, dict[str, str], list[Fault], tuple[int, ...]]:
    """Read a crosstab as a list where its owner says that it is one; ask where it looks like one.

    Returns the table, the parts of its columns that are certain, what to ask, and the rows of
    notes that are left out of a crosstab.
    """
    columns = dict(options.columns)
    layout = options.layout
    if layout is not None and layout not in LAYOUTS:
        raise InputError(f"A layout is one of {', '.join(LAYOUTS)}, not {layout!r}.")
    crosstab = recognise(table, columns, layout, financial=options.financial_year)
    if crosstab is None:
        if layout in LAYOUTS[1:]:
            problem = "the table is no crosstab: it has no two columns of numbers beside its ends."
            return table, columns, [Fault(problem, table.layout.heading_row)], ()
        return table, columns, [], ()
    if crosstab.above is None:
        return table, columns, [two_rows_over(table, crosstab)], ()
    if layout is None:
        return table, columns, [ask_layout(table, crosstab)], ()
    table, foot = without_foot(table, found)
    rows, across = len(table.rows), len(crosstab.values)
    table, empty = as_list(table, crosstab, zeros=statements)
    columns |= columns_of(table, crosstab, columns)
    cells = "1 cell" if empty == 1 else f"{empty:,} cells"
    left = f"; {cells} with nothing or zero in them left out" if empty else ""
    found.append(Fault(f"a crosstab of {rows:,} rows by {across:,} columns is read{left}."))
    return table, columns, [], foot


def _details(table: Table, parts: Parts) -> tuple[Detail, ...]:
    """List the columns that look like people's details, those that play a part left out."""
    playing = set(parts.columns.values())
    tagged = set(parts.tags.values())
    few = int(table.weights.sum()) <= _LOOKED_INTO
    return tuple(
        Detail(heading, kind)
        for at, heading in enumerate(table.headings)
        if at not in playing
        and heading
        and (
            kind := kind_of_column(heading, table.contents(at))
            if few or at in tagged
            else kind_of_heading(heading)
        )
    )


def _perhaps_published(refused: Refused, cell: Cell) -> Refused:
    """Say of a count that is refused how to read it, where it is what publishers print instead."""
    [printed], _ = judge_all([cell], published_count)
    if not isinstance(printed, Printed) or printed.qualifier.startswith(schema.RATE_FIGURE):
        return refused
    return Refused(refused.problem, PUBLISHED, kind="published")


def _tagged(parts: Parts, table: Table, details: Sequence[Detail]) -> list[Fault]:
    """Refuse tags that look like people's details."""
    kinds = {detail.column: detail.kind for detail in details}
    return [
        Fault(
            f"the column looks like {kinds[table.headings[at]]}: it cannot be a tag.",
            table.layout.heading_row,
            table.headings[at],
            "People's details never become an output.",
        )
        for at in parts.tags.values()
        if table.headings[at] in kinds
    ]


def _told(details: Sequence[Detail]) -> list[Fault]:
    if not details:
        return []
    named = "; ".join(f"{detail.column!r} ({detail.kind})" for detail in details)
    return [
        Fault(
            f"columns that look like people's details are not read: {named}.",
            hint="Delete them from the copy of the table that you work with.",
        )
    ]


def _judged_measure(measure: str | None) -> tuple[str | None, list[Fault]]:
    """Judge the measure of the whole table as a cell of it would be."""
    if measure is None:
        return None, []
    [judged], refused = judge_all([Cell(measure)], label)
    if judged is not None:
        return judged, []
    problem = refused[0].problem if refused else "it is empty."
    return sound(measure), [Fault(f"measure={measure!r} names no measure: {problem}")]


def _faults(
    frame: pd.DataFrame,
    body: _Body,
    table: Table,
    parts: Parts,
    totals: Totals,
    *,
    statements: bool,
) -> list[Fault]:
    """Gather what is wrong with rows, by row and column; a refused cell is not called missing."""
    heading = {part: table.headings[at] for part, at in parts.columns.items()}
    broken = required_cells(frame, statements=statements, counted=schema.COUNT in parts.columns)
    broken += contradictions(frame, statements=statements)
    told = [
        (mask & ~body.excused(part) & ~totals.rows, problem, part)
        for mask, problem, part in broken
        if part in parts.columns or part == schema.COUNT
    ]
    judged = [fault for fault, at in body.faults if not totals.rows[at]]
    faults = [
        *table.faults,
        *judged,
        *row_faults(told, table.rows, heading),
        *totals.faults,
    ]
    order = {name: at for at, name in enumerate(table.headings)}
    return sorted(faults, key=lambda fault: (fault.row or 0, order.get(fault.column or "", -1)))


def _rows_of(faults: Sequence[Fault], table: Table) -> npt.NDArray[np.bool_]:
    """Mark the rows that have a fault; of a crosstab, the cell where the fault is a cell's."""
    if table.spread is None:
        return np.isin(table.rows, [fault.row for fault in faults if fault.row is not None])
    whole = {fault.row for fault in faults if fault.column not in set(table.spread)}
    cells = {(fault.row, fault.column) for fault in faults}
    return np.array(
        [
            row in whole or (row, heading) in cells
            for row, heading in zip(table.rows.tolist(), table.spread, strict=True)
        ],
        dtype=bool,
    )


def _without_row_numbers(table: Table, parts: Parts) -> tuple[Parts, list[Fault]]:
    """Leave out a column that is headed as a count and numbers the rows: 1, 2, 3, ...

    Added up, 180 rows would be 16,290 people.
    """
    at = parts.columns.get(schema.COUNT)
    if at is None or not _numbers_rows(table.contents(at), table.headings[at]):
        return parts, []
    heading = table.headings[at]
    columns = {part: place for part, place in parts.columns.items() if part != schema.COUNT}
    told = Fault(
        "this column numbers the rows (1, 2, 3, ...), so it is not read and each row counts 1.",
        table.layout.heading_row,
        heading,
        f"If it is the count: columns={{'count': {heading!r}}}.",
    )
    return replace(parts, columns=columns), [told]


def _numbers_rows(column: Column, heading: str) -> bool:
    """Tell if a column numbers the rows: whole numbers, hardly one twice, that leave few out.

    Totals and notes may stand below it, and rows may be missing. Under a heading that is
    short for "number" the numbers may begin anywhere, or have many gaps if they rise from row
    to row; under one that is plainly a count they are 1, 2, 3, ... to the last.
    """
    times = np.ones(len(column.codes), dtype=np.int64) if column.times is None else column.times
    used = np.bincount(column.codes, weights=times, minlength=len(column.cells))
    texts = [cell.text.strip() for cell in column.cells]
    rows: Counter[int] = Counter()
    others = 0
    for text, number in zip(texts, used.tolist(), strict=True):
        if text.isdecimal() and len(text) <= _LONGEST_NUMBER:
            rows[int(text)] += int(number)
        elif text:
            others += int(number)
    numbers = sorted(rows)
    twice = rows.total() - len(numbers)
    if len(numbers) < _ROW_NUMBERS or others > _FOOT_ROWS or twice > 1 + len(numbers) // 50:
        return False
    if numbers[-1] == sum(numbers[:-1]):
        numbers = numbers[:-1]  # a total
    if key(heading) not in _SHORT_FOR_NUMBER or len(numbers) < _GAPS_ROWS:
        return numbers == list(range(1, len(numbers) + 1))
    ends = max(1, len(numbers) // 20)
    middle = numbers[ends:-ends]
    if len(middle) >= 0.9 * (middle[-1] - middle[0] + 1):
        return True
    order = [int(texts[code]) for code in column.codes if texts[code].isdecimal()]
    rising = sum(first < second for first, second in pairwise(order))
    return len(numbers) >= _RISING_ROWS and rising >= 0.95 * (len(order) - 1)


def _totals_beside(
    frame: pd.DataFrame, table: Table, parts: Parts, details: Sequence[Detail]
) -> list[Fault]:
    """Check the counts of a column that is headed as a total against the columns beside it."""
    count = parts.columns.get(schema.COUNT)
    if count is None or table.spread is not None or total_of(table.headings[count]) is None:
        return []
    beside = _whole_numbers(table, parts, details)
    return parts_beside(table, count, beside, frame[schema.COUNT])


def _whole_numbers(table: Table, parts: Parts, details: Sequence[Detail]) -> list[int]:
    """List the columns that are not used and hold whole numbers alone, and no ages."""
    used = {*parts.columns.values(), *parts.tags.values()}
    private = {detail.column for detail in details}
    return [
        at
        for at, heading in enumerate(table.headings)
        if at not in used
        and heading
        and heading not in private
        and not _AGE.search(heading)
        and _all_whole(table.contents(at))
    ]


def _perhaps_counts(table: Table, parts: Parts, details: Sequence[Detail]) -> list[Fault]:
    """Point at columns of whole numbers where none was found to be the count."""
    if schema.COUNT in parts.columns:
        return []
    problem = "no column of counts was found, so each row counts 1; this one holds whole numbers."
    return [
        Fault(
            problem,
            table.layout.heading_row,
            table.headings[at],
            f"If it is the count: columns={{'count': {table.headings[at]!r}}}.",
        )
        for at in _whole_numbers(table, parts, details)
    ]


def _perhaps_dates(table: Table, parts: Parts, details: Sequence[Detail]) -> list[Fault]:
    """Point at the columns of dates where none was found to be the date."""
    used = {*parts.columns.values(), *parts.tags.values()}
    if not used.isdisjoint(parts.columns.get(part, -1) for part in _TIMES):
        return []
    private = {detail.column for detail in details}
    return [
        Fault(
            "no column of dates was found, so no row states when; this one holds dates.",
            table.layout.heading_row,
            heading,
            f"If it is when: columns={{'date': {heading!r}}}.",
        )
        for at, heading in enumerate(table.headings)
        if at not in used and heading and heading not in private and _are_dates(table.column(at))
    ]


def _are_dates(column: Column) -> bool:
    """Tell if most of what a column holds are days or months; whole numbers may be anything."""
    cells = [cell for cell in column.cells if cell.text.strip()][:_LOOKED_AT]
    judge = partial(when, style=style_of(cell.text for cell in cells))
    dates, _ = judge_all(cells, judge)
    found = [
        cell
        for cell, date in zip(cells, dates, strict=True)
        if date is not None and not cell.text.strip().isdigit()
    ]
    return bool(cells) and len(found) >= _MOSTLY * len(cells)


def _all_whole(column: Column) -> bool:
    texts = [cell.text.strip() for cell in column.cells if cell.text.strip()]
    return bool(texts) and all(text.isascii() and text.isdigit() for text in texts)


class _Body:
    """The columns that are used, judged; what is wrong with their cells, and where."""

    def __init__(
        self, table: Table, parts: Parts, options: ReadOptions, *, statements: bool
    ) -> None:
        self.table = table
        self.parts = parts
        self.options = options
        self.statements = statements
        self.words = {**words_of(options.unknown_words), _PERSONAL: "unknown"}
        self.faults: list[tuple[Fault, int]] = []  # and the position of its row
        self.notices: list[Fault] = []
        self.bad: dict[str, npt.NDArray[np.bool_]] = {}
        self.unknown = _unknown_words([])
        self.printed: pd.Series[Any] | None = None  # instead of a count, by the publisher
        self._nowhere: dict[
            str, npt.NDArray[np.bool_]
        ] = {}  # a word stands for no place, or no count

    def frame(self, kind: Kind, measure: str | None) -> pd.DataFrame:
        """Make the frame; a refused cell is null in it."""
        wanted = STATEMENT_COLUMNS if kind == schema.STATEMENTS else RECORD_COLUMNS
        rows = len(self.table.rows)
        made: dict[str, Any] = {}
        for part in wanted:
            if part in _TIMES:
                made[part] = _typed(part, [None], np.zeros(rows, dtype=np.int32))
            elif part in self.parts.columns:
                made[part] = self._judged(part, self.parts.columns[part])
            else:
                made[part] = _typed(part, [None], np.zeros(rows, dtype=np.int32))
        self._set_codes(made)
        self._set_ranges(made)
        self._set_times(made)
        made[schema.ROW] = self.table.rows
        made[schema.INPUT] = pd.Series(kind, index=range(rows), dtype="str")
        for part, level in self.parts.levels.items():
            column = _HINTS[part]
            there = made[part].notna()
            made[column] = pd.Series(level, index=there.index, dtype="str").where(there)
        if measure is not None:
            made[schema.MEASURE] = pd.Series(measure, index=range(rows), dtype="str")
        for tag, at in self.parts.tags.items():
            made[tag] = self._judged(tag, at)
        return pd.DataFrame(made)

    def excused(self, part: str) -> npt.NDArray[np.bool_]:
        """Mark the rows where an empty part is no fault: refused, or a word for no place."""
        nothing = np.zeros(len(self.table.rows), dtype=bool)
        return self.bad.get(part, nothing) | self._nowhere.get(part, nothing)

    def _judged(self, part: str, at: int) -> pd.Series[Any]:
        column = self.table.column(at)
        judge = JUDGES.get(part, label)
        if self.statements and part == schema.COUNT:
            return self._published(at, column)
        if not self.statements and (part in _KEPT or part in self.parts.tags):
            judge = without_details(judge)
        values, refused = judge_all(column.cells, judge)
        if part in _PLACES:
            values = self._without_people(at, column, values)
        if part == schema.COUNT:
            refused = {at: _perhaps_published(one, column.cells[at]) for at, one in refused.items()}
        if part == schema.NOTE and not self.statements:
            self._leave_notes(column, refused)
            refused = {}
        self._note(part, at, column, refused)
        return _typed(part, values, column.codes)

    def _without_people(self, at: int, column: Column, values: list[Any]) -> list[Any]:
        """Leave of a full postcode its district, and of what reaches a person that it was there."""
        values = [value if value is None else without_full_postcodes(value) for value in values]
        if self.statements:
            return values
        personal = {
            code: what
            for code, value in enumerate(values)
            if value is not None and (what := personal_in(value)) is not None
        }
        for what in sorted({*personal.values()}):
            holding = [code for code, named in personal.items() if named == what]
            rows = self.table.in_words(self.table.rows[_holding(column, holding)])
            said = f"cells that hold what looks like {what} are counted as unknown: rows {rows}."
            self.notices.append(Fault(said, column=self.table.headings[at]))
        return [_PERSONAL if code in personal else value for code, value in enumerate(values)]

    def _published(self, at: int, column: Column) -> pd.Series[Any]:
        """Read published counts; what was printed instead of one goes into the qualifier."""
        values, refused = judge_all(column.cells, published_count)
        self._note(schema.COUNT, at, column, refused)
        printed = [one.qualifier if isinstance(one, Printed) else None for one in values]
        self.printed = _typed(schema.QUALIFIER, printed, column.codes)
        counts = [None if isinstance(one, Printed) else one for one in values]
        self._nowhere[schema.COUNT] = self.printed.notna().to_numpy(dtype=bool)
        return _typed(schema.COUNT, counts, column.codes)

    def _leave_notes(self, column: Column, refused: Mapping[int, Refused]) -> None:
        """Tell which notes cannot be read: of records they reach no output, so no row goes."""
        rows = self.table.rows[_holding(column, refused)]
        if len(rows):
            why = next(iter(refused.values())).problem
            said = (
                f"notes that cannot be read are left empty, rows {self.table.in_words(rows)}: {why}"
            )
            heading = self.table.headings[self.parts.columns[schema.NOTE]]
            self.notices.append(Fault(said, column=heading))

    def _note(self, part: str, at: int, column: Column, refused: Mapping[int, Refused]) -> None:
        """Keep what is wrong with the cells of a column, and what is worth a look."""
        heading = self.table.headings[at]
        over = self.table.spread if heading == CELLS else None
        self.bad[part] = _holding(column, refused)
        for position in np.flatnonzero(self.bad[part]):
            why = refused[int(column.codes[position])]
            row = int(self.table.rows[position])
            named = heading if over is None else str(over[position])
            fault = Fault(why.problem, row, named, why.hint, why.kind)
            self.faults.append((fault, int(position)))
        strange = {code: said for code, cell in enumerate(column.cells) if (said := _strange(cell))}
        positions = np.flatnonzero(_holding(column, strange))[:_NOTICES]
        self.table.tell(self.table.rows[positions])
        for position in positions:
            said = strange[int(column.codes[position])]
            self.notices.append(Fault(said, int(self.table.rows[position]), heading))

    def _set_codes(self, made: dict[str, Any]) -> None:
        """Read the codes beside names; a code whose name is empty stands in for it."""
        for end, part in CODE_OF.items():
            if part not in self.parts.columns:
                continue
            codes = self._judged(part, self.parts.columns[part])
            if not self.statements:
                known = {word: kind_of(str(word), self.words) for word in codes.dropna().unique()}
                codes = codes.mask(codes.map(known).notna())
            lone = made[end].isna() & ~self.excused(end)
            made[end] = made[end].mask(lone, codes)
            made[part] = codes

    def _set_ranges(self, made: Mapping[str, Any]) -> None:
        """Read the least, the most and the mark of counts that a statement's table hides."""
        stated = [part for part in _RANGES if part in self.parts.columns]
        if not stated:
            return
        columns = {part: self._judged(part, self.parts.columns[part]) for part in stated}
        empty = pd.Series(None, index=range(len(self.table.rows)), dtype="str")
        beside = pd.DataFrame({part: columns.get(part, empty) for part in _RANGES})
        printed = empty if self.printed is None else self.printed.copy()
        for position in np.flatnonzero(beside.notna().any(axis=1)).tolist():
            low, high, mark = (None if pd.isna(value) else value for value in beside.iloc[position])
            count = made[schema.COUNT].iloc[position]
            try:
                found = printed_beside(count, low, high, mark, printed.iloc[position])
            except Refused as why:
                heading = self.table.headings[self.parts.columns[stated[0]]]
                fault = Fault(why.problem, int(self.table.rows[position]), heading, why.hint)
                self.faults.append((fault, position))
                found = schema.HIDDEN_FIGURE
            printed.iloc[position] = found
        self.printed = printed
        self._nowhere[schema.COUNT] = printed.notna().to_numpy(dtype=bool)

    def _set_times(self, made: dict[str, Any]) -> None:
        """Read the dates and the periods; a date that is a period sets the period of its row."""
        stated = [part for part in _TIMES[1:] if part in self.parts.columns]
        for part in stated:
            windows, codes = self._windows(part, self.parts.columns[part])
            ends = [w and (w.first if part == schema.PERIOD_START else w.last) for w in windows]
            made[part] = _typed(part, ends, codes)
        if schema.DATE not in self.parts.columns:
            return
        windows, codes = self._windows(schema.DATE, self.parts.columns[schema.DATE])
        made[schema.DATE] = _typed(schema.DATE, [w and w.day for w in windows], codes)
        if stated:
            long = np.array([w is not None and w.day is None for w in windows], dtype=bool)
            for position in np.flatnonzero(long[codes]):
                heading = self.table.headings[self.parts.columns[schema.DATE]]
                problem = "the date is a period, and the table has columns for the period."
                fault = Fault(problem, int(self.table.rows[position]), heading)
                self.faults.append((fault, int(position)))
            return
        for part, end in ((schema.PERIOD_START, 0), (schema.PERIOD_END, 1)):
            months = [str(w[end]) if w and w.day is None else None for w in windows]
            made[part] = _typed(part, months, codes)

    def _windows(self, part: str, at: int) -> tuple[list[When | None], npt.NDArray[np.int32]]:
        """Read one column of dates or periods."""
        column, heading = self.table.column(at), self.table.headings[at]
        financial = self.options.financial_year or says_financial(heading)
        if part == schema.DATE and schema.YEAR in self.parts.columns:
            beside = self.parts.columns[schema.YEAR]
            financial |= says_financial(self.table.headings[beside])
            join = partial(with_year, quarter="quarter" in heading.casefold(), financial=financial)
            column = _of_years(column, self.table.column(beside), join)
        style = style_of(
            (cell.text for cell in column.cells),
            financial=financial,
            monthly=says_months(heading) or heading in (HEADINGS, ABOVE),
        )
        judge = partial(when, style=style, since_1904=self.table.since_1904)
        windows, refused = judge_all(column.cells, judge)
        if not self.statements:
            for code in list(refused):
                text = column.cells[code].text
                if kind_of(text, self.words) is not None or total_of(text) is not None:
                    del refused[code]
        serial = [
            code for code, cell in enumerate(column.cells) if windows[code] and is_serial(cell)
        ]
        if serial:
            rows = self.table.rows[_holding(column, serial)]
            said = f"numbers are read as a spreadsheet's days: rows {self.table.in_words(rows)}."
            self.notices.append(Fault(said, column=heading))
        doubtful = [
            code
            for code, cell in enumerate(column.cells)
            if windows[code] and may_be_year(cell.text, style)
        ]
        if doubtful:
            text = column.cells[doubtful[0]].text.strip()
            named = self.table.in_words(self.table.rows[_holding(column, doubtful)])
            said = f"{text!r} and its like are read as months: rows {named}."
            hint = "If they are financial years: financial_year=True."
            self.notices.append(Fault(said, column=heading, hint=hint))
        self._note(part, at, column, refused)
        return windows, column.codes

    def totals(self, frame: pd.DataFrame) -> Totals:
        """Find the rows that are totals of others."""
        labelled = labelled_rows(self.table, self.parts.columns)
        if schema.COUNT not in self.parts.columns:
            return labelled_totals(self.table, self.parts.columns, labelled)
        names = [schema.ORIGIN, schema.DESTINATION]
        texts = frame[[*names, schema.COUNT, schema.MEASURE]].copy()
        for part in (*_TIMES, schema.YEAR, *self.parts.tags):
            at = self.parts.columns.get(part, self.parts.tags.get(part))
            if at is not None:
                column = self.table.column(at)
                written = [cell.text.strip() or None for cell in column.cells]
                texts[part] = _typed("", written, column.codes)
                names.append(part)
        heading = {part: self.table.headings[at] for part, at in self.parts.columns.items()}
        return find_totals(texts, self.table, heading, names, self.bad[schema.COUNT], labelled)

    def without_unknown(self, frame: pd.DataFrame, there: npt.NDArray[np.bool_]) -> pd.DataFrame:
        """Make the ends null whose word names no place, and keep which words these were."""
        if self.statements:
            if self.printed is None:
                return frame
            stated = frame[schema.QUALIFIER]
            return frame.assign(
                **{schema.QUALIFIER: self.printed.where(self.printed.notna(), stated)}
            )
        told: list[tuple[str, str, str, int]] = []
        for end in (schema.ORIGIN, schema.DESTINATION):
            codes, texts = pd.factorize(frame[end])
            kinds = [kind_of(str(text), self.words) for text in texts]
            nowhere = np.append([kind is not None for kind in kinds], False)[codes]
            if not nowhere.any():
                continue
            self._nowhere[end] = nowhere
            if CODE_OF[end] in frame:
                beside = nowhere & there & frame[CODE_OF[end]].notna().to_numpy(dtype=bool)
                frame = frame.assign(**{CODE_OF[end]: frame[CODE_OF[end]].mask(nowhere)})
                self._leave_codes(end, beside)
            level = f"{end}_level"
            frame = frame.assign(
                **{end: frame[end].mask(nowhere), level: frame[level].mask(nowhere)}
            )
            known = nowhere & there
            weights = self.table.weights[known].astype(float)
            counts = np.bincount(codes[known], weights, minlength=len(texts)).astype(np.int64)
            told += [
                (end, str(text), kind, int(rows))
                for text, kind, rows in zip(texts, kinds, counts, strict=True)
                if kind is not None and rows
            ]
        self.unknown = _unknown_words(told)
        for kind, words in self.unknown.groupby("kind", sort=False):
            shown = ", ".join(f"{word!r} ({rows:,})" for word, rows in
                              zip(words["word"], words["rows"], strict=True))  # fmt: skip
            self.notices.append(Fault(f"words that name no place are counted as {kind}: {shown}."))
        return frame

    def _leave_codes(self, end: str, beside: npt.NDArray[np.bool_]) -> None:
        """Tell of codes beside words that name no place: the words are believed."""
        if beside.any():
            rows = self.table.in_words(self.table.rows[beside])
            said = f"a code stands beside a word that names no place; it is not used: rows {rows}."
            heading = self.table.headings[self.parts.columns[end]]
            self.notices.append(Fault(said, column=heading))


def _of_years(column: Column, years: Column, join: Callable[[str, str], str | None]) -> Column:
    """Join months or quarters with the years of another column, where none has its own."""
    alone = [cell.text for cell in column.cells if join(cell.text, "") is not None]
    full = [cell.text for cell in column.cells if re.search(r"\d{4}", cell.text)]
    if not alone or full:
        return column
    pairs, codes = np.unique(
        np.column_stack([column.codes, years.codes]), axis=0, return_inverse=True
    )
    cells = [
        Cell(join(column.cells[one].text, years.cells[other].text) or column.cells[one].text)
        for one, other in pairs.tolist()
    ]
    return Column(codes.ravel().astype(np.int32), cells)


def _unknown_words(told: Sequence[tuple[str, str, str, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(told), columns=["end", "word", "kind", "rows"])
    return frame.sort_values(["kind", "rows", "word"], ascending=[True, False, True],
                             kind="stable", ignore_index=True)  # fmt: skip


def _holding(column: Column, codes: Collection[int]) -> npt.NDArray[np.bool_]:
    """Tell which rows hold one of these contents."""
    marked = np.zeros(len(column.cells), dtype=bool)
    marked[list(codes)] = True
    return marked[column.codes]


def _strange(cell: Cell) -> str | None:
    """Say what is worth a look in a cell that is read all the same."""
    if cell.formula:
        return "the cell holds a formula; the value that was stored with it is read."
    if cell.kind == TEXT and is_formula_like(cell.text):
        return "the cell is text that a spreadsheet would run; it is kept as text."
    if cell.text.isascii():
        return None
    unseen = next((sign for sign in cell.text if category(sign) == "Cf"), None)
    if unseen is not None:
        return f"the cell holds a character that cannot be seen (U+{ord(unseen):04X})."
    return None


def _typed(part: str, values: Sequence[Any], codes: npt.NDArray[np.int32]) -> pd.Series[Any]:
    """Give each row its value; the distinct values are typed first, because they are few."""
    if part in (schema.COUNT, schema.COUNT_LOW, schema.COUNT_HIGH):
        return pd.Series(pd.Series(values, dtype="Int64").array.take(codes))
    if part == schema.DATE:
        return pd.Series(np.array(values, dtype="datetime64[s]")[codes])
    return pd.Series(pd.Series(values, dtype="str").array.take(codes))


def _finish(frame: pd.DataFrame, *, statements: bool, counted: bool) -> pd.DataFrame:
    """Fill in what a row may leave unsaid."""
    frame = frame.reset_index(drop=True)
    named = frame[schema.MEASURE] == schema.NAMED
    if statements:
        ids = frame[schema.STATEMENT_ID]
        frame[schema.STATEMENT_ID] = ids.where(ids.notna(), row_ids(frame))
        plain = named.map({True: schema.NAMED_ONLY, False: schema.EXACT_FIGURE}).astype("str")
        stated = frame[schema.QUALIFIER]
        frame[schema.QUALIFIER] = stated.where(stated.notna(), plain)
    else:
        frame[schema.MEASURE] = frame[schema.MEASURE].fillna(schema.DEFAULT_MEASURE)
        if not counted:
            frame[schema.COUNT] = pd.array(np.ones(len(frame), dtype=np.int64), dtype="Int64")
    return frame


def _refused(table: Table, faults: Sequence[Fault], wrong: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Make the table of refused rows, each with its cells as written."""
    said: defaultdict[int, list[str]] = defaultdict(list)
    for fault in faults:
        if fault.row is not None:
            where = f"{fault.column}: " if fault.column else ""
            said[fault.row].append(where + fault.problem)
    columns = [table.column(at) for at in range(len(table.headings))] if wrong.any() else []
    texts = [
        [column.cells[code].text for code in column.codes[wrong].tolist()] for column in columns
    ]
    cells = [*zip(table.rows[wrong].tolist(), zip(*texts, strict=True), strict=False)]
    cells = sorted([*table.misfits.items(), *cells], key=lambda row: row[0])
    numbers = np.asarray([row for row, _ in cells], dtype=np.int64)
    made = pd.DataFrame(
        {
            schema.ROW: numbers,
            PROBLEM: pd.Series(["; ".join(said[row]) for row, _ in cells], dtype="str"),
            AS_WRITTEN: pd.Series(
                [json.dumps(texts, ensure_ascii=False) for _, texts in cells], dtype="str"
            ),
        }
    )
    if table.times is not None:
        alike = dict(zip(table.rows.tolist(), table.times.tolist(), strict=True))
        made[schema.ROWS_ALIKE] = [alike[row] for row in numbers.tolist()]
    return made
