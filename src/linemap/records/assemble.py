"""Make the frame of a table: each part judged, each row used or refused with the reason."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from unicodedata import category

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault
from linemap.records import rules
from linemap.records.formulas import is_formula_like
from linemap.records.headings import Parts, assign, recognised
from linemap.records.options import ReadOptions
from linemap.records.table import TEXT, Cell, Column, Table
from linemap.records.values import JUDGES, judge_all, label
from linemap.text import sound

Kind = Literal["records", "statements"]
PROBLEM: Final = "problem"
CELLS: Final = "cells"
_NOTICES: Final = 1_000  # told of one column; there may be one a row
_NEAR: Final = 20  # rows in which headings are looked for that are not in the first

RECORD_COLUMNS: Final[tuple[str, ...]] = (
    schema.ROW, schema.INPUT,
    schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN,
    schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN,
    schema.MEASURE, schema.COUNT, schema.PERIOD_START, schema.PERIOD_END, schema.DATE,
    schema.QUALIFIER, schema.SOURCE, schema.NOTE,
)  # fmt: skip
STATEMENT_COLUMNS: Final = (
    *RECORD_COLUMNS, schema.STATEMENT_ID, schema.PUBLISHED, schema.URL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and an account of every row that was not.

    ``frame`` is RECORDS or STATEMENTS. ``refused`` has one row for each input
    row left out: ``row``, ``problem`` (all that is wrong with it) and
    ``cells`` (as written, JSON); it is for the analyst alone. ``rows`` is
    ``len(frame) + len(refused)``; ``blank`` rows, with nothing in them, are in
    neither. ``notices`` are worth a look and stop nothing.
    """

    frame: pd.DataFrame
    refused: pd.DataFrame
    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...]
    rows: int
    blank: int
    unused: tuple[str, ...]
    form: str


def assemble(table: Table, kind: Kind, options: ReadOptions) -> tuple[Reading, tuple[Fault, ...]]:
    """Judge a table; return what was read, and what is wrong with the table as a whole."""
    statements = kind == schema.STATEMENTS
    measure, unfit = _judged_measure(options.measure)
    parts = assign(
        table.headings,
        statements=statements,
        columns=options.columns,
        tags=tuple(options.tags),
        measured=measure is not None,
    )
    whole = [*table.damage, *parts.faults, *unfit]
    if parts.faults:
        whole += _heading_below(table)
    if not len(table.rows) and not table.misfits and not table.damage:
        whole.append(Fault("the table has headings and no rows."))
    body = _Body(table, parts)
    frame = body.frame(kind, measure)
    faults = _faults(frame, body, table, parts, statements=statements)
    wrong = {fault.row for fault in faults}
    keep = ~np.isin(table.rows, [row for row in wrong if row is not None])
    refused = _refused(table, faults, ~keep)
    used = {*parts.columns.values(), *parts.tags.values()}
    unused = tuple(h for at, h in enumerate(table.headings) if at not in used and h)
    notices = (*_perhaps_counts(table, parts), *body.notices)
    reading = Reading(
        frame=_finish(frame[keep], statements=statements, counted=schema.COUNT in parts.columns),
        refused=refused, faults=tuple(faults), notices=notices,
        rows=len(table.rows) + len(table.misfits), blank=table.blank,
        unused=unused, form=table.form,
    )  # fmt: skip
    return reading, tuple(whole)


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
    frame: pd.DataFrame, body: _Body, table: Table, parts: Parts, *, statements: bool
) -> list[Fault]:
    """Gather what is wrong with rows, by row and column; a refused cell is not called missing."""
    heading = {part: table.headings[at] for part, at in parts.columns.items()}
    broken = rules.required(frame, statements=statements, counted=schema.COUNT in parts.columns)
    broken += rules.between(frame, statements=statements)
    told = [
        (mask & ~body.bad[part] if part in body.bad else mask, problem, part)
        for mask, problem, part in broken
        if part in parts.columns or part == schema.COUNT
    ]
    faults = [*table.faults, *body.faults, *rules.faults(told, table.rows, heading)]
    order = {name: at for at, name in enumerate(table.headings)}
    return sorted(faults, key=lambda fault: (fault.row or 0, order.get(fault.column or "", -1)))


def _heading_below(table: Table) -> list[Fault]:
    """Say so where a title stands above the headings, as councils' workbooks have it."""
    if any(map(recognised, table.headings)):
        return []
    columns = [table.column(at) for at in range(len(table.headings))]
    rows = {
        int(table.rows[at]): tuple(column.cells[column.codes[at]].text for column in columns)
        for at in range(min(len(table.rows), _NEAR))
    }
    for number, cells in sorted({**rows, **table.misfits}.items())[:_NEAR]:
        if sum(map(recognised, cells)) > 1:
            hint = "Delete the rows above them: the first row must hold the headings."
            return [Fault("these look like the headings.", number, hint=hint)]
    return []


def _perhaps_counts(table: Table, parts: Parts) -> list[Fault]:
    """Point at columns of whole numbers where none was found to be the count."""
    if schema.COUNT in parts.columns:
        return []
    used = {*parts.columns.values(), *parts.tags.values()}
    problem = "no column of counts was found, so each row counts 1; this one holds whole numbers."
    return [
        Fault(problem, 1, heading, f"If it is the count, say columns={{'count': {heading!r}}}.")
        for at, heading in enumerate(table.headings)
        if at not in used and heading and _all_whole(table.column(at))
    ]


def _all_whole(column: Column) -> bool:
    texts = [cell.text.strip() for cell in column.cells if cell.text.strip()]
    return bool(texts) and all(text.isascii() and text.isdigit() for text in texts)


class _Body:
    """The columns that are used, judged; what is wrong with their cells."""

    def __init__(self, table: Table, parts: Parts) -> None:
        self.table = table
        self.parts = parts
        self.faults: list[Fault] = []
        self.notices: list[Fault] = []
        self.bad: dict[str, npt.NDArray[np.bool_]] = {}

    def frame(self, kind: Kind, measure: str | None) -> pd.DataFrame:
        """Make the frame; a refused cell is null in it."""
        wanted = STATEMENT_COLUMNS if kind == schema.STATEMENTS else RECORD_COLUMNS
        made: dict[str, Any] = {}
        for part in wanted:
            if part in self.parts.columns:
                made[part] = self._judged(part, self.parts.columns[part])
            else:
                made[part] = _typed(part, [None], np.zeros(len(self.table.rows), dtype=np.int32))
        made[schema.ROW] = self.table.rows
        made[schema.INPUT] = pd.Series(kind, index=range(len(self.table.rows)), dtype="str")
        for part, level in self.parts.levels.items():
            column = f"{part}_level"
            there = made[part].notna()
            made[column] = pd.Series(level, index=there.index, dtype="str").where(there)
        if measure is not None:
            made[schema.MEASURE] = pd.Series(
                measure, index=range(len(self.table.rows)), dtype="str"
            )
        for tag, at in self.parts.tags.items():
            made[tag] = self._judged(tag, at)
        return pd.DataFrame(made)

    def _judged(self, part: str, at: int) -> pd.Series[Any]:
        column, heading = self.table.column(at), self.table.headings[at]
        values, refused = judge_all(column.cells, JUDGES.get(part, label))
        self.bad[part] = _holding(column, refused)
        for position in np.flatnonzero(self.bad[part]):
            why = refused[int(column.codes[position])]
            row = int(self.table.rows[position])
            self.faults.append(Fault(why.problem, row, heading, why.hint))
        strange = {code: said for code, cell in enumerate(column.cells) if (said := _strange(cell))}
        for position in np.flatnonzero(_holding(column, strange))[:_NOTICES]:
            said = strange[int(column.codes[position])]
            self.notices.append(Fault(said, int(self.table.rows[position]), heading))
        return _typed(part, values, column.codes)


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
    if part == schema.COUNT:
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
        frame[schema.STATEMENT_ID] = ids.where(ids.notna(), rules.row_ids(frame))
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
    cells: dict[int, tuple[str, ...]] = dict(table.misfits)
    columns = [table.column(at) for at in range(len(table.headings))] if wrong.any() else []
    texts = [
        [column.cells[code].text for code in column.codes[wrong].tolist()] for column in columns
    ]
    cells.update(zip(table.rows[wrong].tolist(), zip(*texts, strict=True), strict=False))
    rows = sorted(cells)
    return pd.DataFrame(
        {
            schema.ROW: np.asarray(rows, dtype=np.int64),
            PROBLEM: pd.Series(["; ".join(said[row]) for row in rows], dtype="str"),
            CELLS: pd.Series(
                [json.dumps(cells[row], ensure_ascii=False) for row in rows], dtype="str"
            ),
        }
    )
