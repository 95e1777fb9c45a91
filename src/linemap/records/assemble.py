"""Make the frame of a table: each part judged, each row used or refused with the reason."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError
from linemap.records.columns import (
    Detail,
    details_of,
    faults_of_tags,
    notices_of_details,
    perhaps_counts,
    perhaps_dates,
    totals_beside,
    without_row_numbers,
)
from linemap.records.headings import Parts, assign
from linemap.records.judging import JudgedTable, judged_measure
from linemap.records.layout import (
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
from linemap.records.table import Kind, Layout, ReadOptions, Table
from linemap.records.totals import (
    Totals,
)
from linemap.records.validators import (
    contradictions,
    required_cells,
    row_faults,
    row_ids,
)

PROBLEM: Final = "problem"
AS_WRITTEN: Final = "cells"


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
    if not statements and not asked and not parts.faults:
        totals = body.totals(frame)
        totals = replace(
            totals, faults=(*totals.faults, *totals_beside(frame, table, parts, details))
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
