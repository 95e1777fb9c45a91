"""Make the frame of a table: each part judged, each row used or refused with the reason.

Each distinct content of a column is judged once. What is wrong with a cell, and what is worth a
look, is kept with its row; a refused cell is null in the frame.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from unicodedata import category

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError, Refused
from linemap.records.column_contents import (
    TIMES,
    Detail,
    details_of,
    faults_of_tags,
    notices_of_details,
    perhaps_counts,
    perhaps_dates,
    personal_in,
    totals_beside,
    without_details,
    without_row_numbers,
)
from linemap.records.delimited import is_formula_like
from linemap.records.headings import CODE_OF, Parts, assign
from linemap.records.table import TEXT, Cell, Column, Kind, Layout, ReadOptions, Table
from linemap.records.table_layout import (
    ABOVE,
    CELLS,
    HEADINGS,
    LAYOUTS,
    accepted,
    as_list,
    ask_layout,
    crosstab_columns,
    layout_notices,
    recognise,
    two_rows_over,
    without_foot,
    without_notes,
)
from linemap.records.totals import (
    Totals,
    find_totals,
    labelled_rows,
    labelled_totals,
    total_of,
)
from linemap.records.validators import (
    JUDGES,
    PUBLISHED,
    Printed,
    contradictions,
    folded,
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
from linemap.text import sound, without_full_postcodes
from linemap.windows import When, may_be_year, style_of, with_year

PROBLEM: Final = "problem"
AS_WRITTEN: Final = "cells"
_NOTICES: Final = 1_000  # told of one column; there may be one a row
_HINTS: Final = {
    schema.ORIGIN: schema.ORIGIN_HINT,
    schema.DESTINATION: schema.DESTINATION_HINT,
}
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
    schema.ROW,
    schema.INPUT,
    schema.ORIGIN,
    schema.ORIGIN_LEVEL,
    schema.ORIGIN_WITHIN,
    schema.DESTINATION,
    schema.DESTINATION_LEVEL,
    schema.DESTINATION_WITHIN,
    schema.MEASURE,
    schema.COUNT,
    schema.PERIOD_START,
    schema.PERIOD_END,
    schema.DATE,
    schema.QUALIFIER,
    schema.SOURCE,
    schema.NOTE,
)
STATEMENT_COLUMNS: Final = (
    *RECORD_COLUMNS,
    schema.STATEMENT_ID,
    schema.PUBLISHED,
    schema.URL,
)


@dataclass(frozen=True, slots=True, repr=False)
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

    def __repr__(self) -> str:
        return (
            f"<Reading ({self.form}): {self.rows:,} rows, {int(self.alike.sum()):,} used, "
            f"{len(self.refused):,} refused, {len(self.notices):,} notices>"
        )

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
    measure, unfit = judged_measure(options.measure)
    found = layout_notices(table.layout)
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
    either: list[Fault] = []
    if not statements and schema.COUNT not in columns:
        parts, numbered, either = without_row_numbers(table, parts)
    details = () if statements else details_of(table, parts)
    table, left_out = without_notes(table, parts, found)
    whole = [
        *table.damage,
        *(asked or parts.faults),
        *either,
        *unfit,
        *faults_of_tags(parts, table, details),
    ]
    if not len(table.rows) and not table.misfits and not table.damage:
        whole.append(Fault("the table has headings and no rows."))
    body = JudgedTable(table, parts, options, statements=statements)
    frame = body.frame(kind, measure)
    totals = Totals(np.zeros(len(frame), dtype=bool))
    ends = {schema.ORIGIN, schema.DESTINATION} <= set(parts.columns)
    if not statements and not asked and ends:
        totals = body.totals(frame)
        totals = replace(
            totals, faults=(*totals.faults, *totals_beside(frame, table, parts, details))
        )
    frame = body.without_unknown(frame, ~totals.rows)
    faults = _faults(frame, body, table, parts, totals, statements=statements)
    if asked:  # what a row is waits for the answer
        faults = list(table.faults)
    wrong = _rows_of(faults, table)
    keep = ~wrong & ~totals.rows
    table.tell(table.rows[~keep])
    refused = _refused(table, faults, wrong)
    weights = table.weights
    used = {*parts.columns.values(), *parts.tags.values()}
    notices = (
        *found,
        *totals.notices,
        *(() if asked else numbered or either or perhaps_counts(table, parts, details)),
        *(() if asked else perhaps_dates(table, parts, details)),
        *notices_of_details(details),
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
            fault = Fault(problem, table.layout.heading_row, argument=("layout", layout))
            return table, columns, [fault], ()
        return table, columns, [], ()
    if crosstab.above is None:
        return table, columns, [two_rows_over(table, crosstab)], ()
    if layout is None:
        return table, columns, [ask_layout(table, crosstab)], ()
    table, foot = without_foot(table, found)
    rows, across = len(table.rows), len(crosstab.values)
    table, empty = as_list(table, crosstab, zeros=statements)
    columns |= crosstab_columns(table, crosstab, columns)
    cells = "1 cell" if empty == 1 else f"{empty:,} cells"
    left = f"; {cells} with nothing or zero in them left out" if empty else ""
    found.append(Fault(f"a crosstab of {rows:,} rows by {across:,} columns is read{left}."))
    return table, columns, [], foot


def _faults(
    frame: pd.DataFrame,
    body: JudgedTable,
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


def judged_measure(measure: str | None) -> tuple[str | None, list[Fault]]:
    """Judge the measure of the whole table as a cell of it would be."""
    if measure is None:
        return None, []
    [judged], refused = judge_all([Cell(measure)], label)
    if judged is not None:
        return judged, []
    problem = refused[0].problem if refused else "it is empty."
    fault = Fault(f"measure={measure!r} names no measure: {problem}", argument=("measure", measure))
    return sound(measure), [fault]


class JudgedTable:
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
            if part in TIMES:
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
        if part == schema.MEASURE or part in self.parts.tags:
            self._tell_spellings(at, values)
        return _typed(part, values, column.codes)

    def _tell_spellings(self, at: int, values: Sequence[Any]) -> None:
        """Tell which groups would be one if they were written alike: "10-13" and "10 to 13"."""
        alike: dict[str, set[str]] = {}
        for value in values:
            if value is not None:
                one = re.sub(r"(?<=\w) ?(?:-|\bto\b) ?(?=\w)", "-", folded(str(value)))
                alike.setdefault(one, set()).add(str(value))
        several = [
            ", ".join(map(repr, sorted(words))) for words in alike.values() if len(words) > 1
        ]
        if several:
            said = f"written in several ways, and so counted apart: {'; '.join(sorted(several))}."
            hint = "Write each group in one way in the table."
            self.notices.append(Fault(said, column=self.table.headings[at], hint=hint))

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
            said = f"cells that hold what looks like {what} are counted as unknown: {rows}."
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
            said = f"notes that cannot be read are left empty, {self.table.in_words(rows)}: {why}"
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
        stated = [part for part in TIMES[1:] if part in self.parts.columns]
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
            said = f"numbers are read as a spreadsheet's days: {self.table.in_words(rows)}."
            self.notices.append(Fault(said, column=heading))
        doubtful = [
            code
            for code, cell in enumerate(column.cells)
            if windows[code] and may_be_year(cell.text, style)
        ]
        if doubtful:
            text = column.cells[doubtful[0]].text.strip()
            named = self.table.in_words(self.table.rows[_holding(column, doubtful)])
            said = f"{text!r} and its like are read as months: {named}."
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
        for part in (*TIMES, schema.YEAR, *self.parts.tags):
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
            shown = ", ".join(
                f"{word!r} ({rows:,} {'row' if rows == 1 else 'rows'})"
                for word, rows in zip(words["word"], words["rows"], strict=True)
            )
            self.notices.append(Fault(f"words that name no place are counted as {kind}: {shown}."))
        return frame

    def _leave_codes(self, end: str, beside: npt.NDArray[np.bool_]) -> None:
        """Tell of codes beside words that name no place: the words are believed."""
        if beside.any():
            rows = self.table.in_words(self.table.rows[beside])
            said = f"a code stands beside a word that names no place; it is not used: {rows}."
            heading = self.table.headings[self.parts.columns[end]]
            self.notices.append(Fault(said, column=heading))


def _perhaps_published(refused: Refused, cell: Cell) -> Refused:
    """Say of a count that is refused how to read it, where it is what publishers print instead."""
    [printed], _ = judge_all([cell], published_count)
    if not isinstance(printed, Printed) or printed.qualifier.startswith(schema.RATE_FIGURE):
        return refused
    return Refused(refused.problem, PUBLISHED, kind="published")


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
    return frame.sort_values(
        ["kind", "rows", "word"], ascending=[True, False, True], kind="stable", ignore_index=True
    )


def _holding(column: Column, codes: Collection[int]) -> npt.NDArray[np.bool_]:
    """Tell which rows hold one of these contents."""
    marked = np.zeros(len(column.cells), dtype=bool)
    marked[list(codes)] = True
    return marked[column.codes]


def _strange(cell: Cell) -> str | None:
    """Say what is worth a look in a cell that is read all the same."""
    if cell.formula:
        return "the cell holds a formula; the value that was stored with it is read."
    if cell.kind == TEXT and is_formula_like(cell.text) and re.search(r"\w", cell.text):
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
