"""Crosstabs: recognised, and read as the list that they stand for, one row a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linemap import schema
from linemap.errors import Fault, Refused
from linemap.records.headings import meaning, normal, part_of
from linemap.records.table import EMPTY, Cell, Column, Table
from linemap.records.totals import total_of
from linemap.windows import read_when, style_of

LAYOUTS: Final = ("list", "matrix", "matrix-transposed")
ABOVE: Final = "the headings above"  # where periods stand over places, or places over periods
HEADINGS: Final = "the columns' headings"  # what the new columns of the list are called
CELLS: Final = "the cells"
CORNER: Final = "the first column"  # where it has no heading
_ENDS: Final = (schema.ORIGIN, schema.DESTINATION)
_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})*|\d+", re.ASCII)
_MARK: Final = re.compile(
    r"\[?[a-z*:.~-]{1,2}\]?|[<>≤≥] ?\d+|\d+ ?[-–] ?\d+|low|n/?a", re.IGNORECASE | re.ASCII
)
_CORNER: Final = re.compile(r"(.+?)(?: by | to |[\\/|>→]| vs\.? )(.+)")
_WHOLE, _MARKED = "whole numbers", "marks"
_SHOWN: Final = 4  # headings that a message names


@dataclass(frozen=True, slots=True)
class Crosstab:
    """A table whose columns are the destinations, the origins or the periods.

    ``values`` are the positions of the columns of numbers, ``labels`` those of
    the others; ``across`` is the part that the headings play, and ``down`` the
    end that the first label plays where only one does. ``above`` is the part of the
    texts over the headings, where they differ; None where they are neither places
    nor periods.
    """

    values: tuple[int, ...]
    labels: tuple[int, ...]
    across: str
    down: Mapping[str, int]
    above: str | None = ""


def recognise(
    table: Table, columns: Mapping[str, str], layout: str | None, *, financial: bool = False
) -> Crosstab | None:
    """Tell if a table is a crosstab, or read it as one where `layout` says so; else None."""
    if layout == "list":
        return None
    given = {normal(heading): part for part, heading in columns.items()}
    parts = [given.get(normal(heading)) or part_of(heading) for heading in table.headings]
    values: list[int] = []
    labels: list[int] = []
    weak: list[int] = []  # of marks alone
    for at, part in enumerate(parts):
        totals = total_of(table.headings[at]) is not None
        counted = part is None or totals or part in (*_ENDS, schema.COUNT)
        named = normal(table.headings[at]) in given
        kind = _content(table.column(at)) if counted and not named and table.headings[at] else ""
        if kind == _WHOLE:
            values.append(at)
        else:
            (weak if kind == _MARKED and part not in _ENDS else labels).append(at)
    (values if values else labels).extend(weak)
    values, labels = sorted(values), sorted(labels)
    plain = [at for at in values if total_of(table.headings[at]) is None]
    if len(plain) < 2 or not labels or any(parts[at] == schema.COUNT for at in plain):
        return None
    ends = {part: at for at in labels if (part := parts[at]) in _ENDS}
    if "either" in (parts[at] for at in labels) and len(ends) < 2:
        at = next(at for at in labels if parts[at] == "either")
        ends[next(end for end in _ENDS if end not in ends)] = at
    periods = _are_periods([table.headings[at] for at in plain], financial=financial)
    if periods and len(ends) == 2 and schema.DATE not in parts:
        return Crosstab(tuple(values), tuple(labels), schema.DATE, ends)
    if len(ends) == 2:
        return None
    over = {table.above[at] for at in plain} - {""} if table.above else set()
    if len(over) == 1 and not ends and (part := meaning(next(iter(over))).part) in _ENDS:
        ends = {next(end for end in _ENDS if end != part): labels[0]}
    known = bool(ends)
    if not ends:
        ends, known = _corner(table, labels, layout)
    if len(ends) != 1:
        return None
    if layout in ("matrix", "matrix-transposed"):
        wanted = schema.ORIGIN if layout == "matrix" else schema.DESTINATION
        ends = ends if known and layout == "matrix" else {wanted: next(iter(ends.values()))}
    [down] = ends
    across = schema.DESTINATION if down == schema.ORIGIN else schema.ORIGIN
    if len(over) < 2:
        return Crosstab(tuple(values), tuple(labels), across, ends)
    above: str | None = None
    if _are_periods(sorted(over), financial=financial) and schema.DATE not in parts:
        above = schema.DATE
    elif periods and schema.DATE not in parts:
        across, above = schema.DATE, across
    return Crosstab(tuple(values), tuple(labels), across, ends, above)


def _corner(table: Table, labels: Sequence[int], layout: str | None) -> tuple[dict[str, int], bool]:
    """Say which end the rows are where the first heading names no end, and if that is certain."""
    at = labels[0]
    if found := _CORNER.fullmatch(table.headings[at].strip()):
        first, second = (meaning(half.strip()).part for half in found.groups())
        if {first, second} == set(_ENDS) and first is not None:
            return {first: at}, True
    if layout in ("matrix", "matrix-transposed") or len(labels) == 1:
        return {schema.ORIGIN: at}, False
    return {}, False


def _content(column: Column) -> str:
    """Tell if a column holds whole numbers and, besides them, only marks; or only marks."""
    used = np.unique(column.codes)
    texts = [text for code in used if (text := column.cells[code].text.strip())]
    whole = sum(bool(_NUMBER.fullmatch(text)) for text in texts)
    if not texts or not all(_NUMBER.fullmatch(text) or _MARK.fullmatch(text) for text in texts):
        return ""
    return _WHOLE if whole else _MARKED


def _are_periods(headings: Sequence[str], *, financial: bool) -> bool:
    style = style_of(headings, financial=financial, monthly=True)
    try:
        return all(read_when(heading, style) for heading in headings)
    except Refused:
        return False


def ask_layout(table: Table, crosstab: Crosstab) -> Fault:
    """Ask the owner once if a table is the crosstab that it looks like."""
    named = [table.headings[at] for at in crosstab.values if not total_of(table.headings[at])]
    shown = ", ".join(map(repr, named[:_SHOWN]))
    more = f" and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
    if crosstab.across == schema.DATE:
        return Fault(
            f"the table looks like a crosstab by period: {shown}{more}.",
            table.layout.heading_row,
            hint="If it is: layout='matrix'; if not: layout='list'.",
        )
    [(down, at)] = crosstab.down.items()
    rows = table.headings[at] or "the first column"
    other = "matrix-transposed" if down == schema.ORIGIN else "matrix"
    known = meaning(table.headings[at]).part is not None
    if known:
        hint = "If it is: layout='matrix'; if not: layout='list'."
    else:
        told = "matrix" if down == schema.ORIGIN else "matrix-transposed"
        hint = (
            f"If it is: layout={told!r}; if the rows are the {crosstab.across}s: "
            f"layout={other!r}; if it is none: layout='list'."
        )
    return Fault(
        f"the table looks like a crosstab: its rows are {down}s ({rows!r}), its columns "
        f"{crosstab.across}s ({shown}{more}).",
        table.layout.heading_row,
        hint=hint,
    )


def two_rows_over(table: Table, crosstab: Crosstab) -> Fault:
    """Refuse a crosstab whose columns stand under two rows of headings, none of them periods."""
    over = list(dict.fromkeys(text for at in crosstab.values if (text := table.above[at])))
    return Fault(
        f"the columns stand under two rows of headings ({', '.join(map(repr, over[:_SHOWN]))} "
        "over the others), neither of them periods.",
        table.layout.heading_row,
        hint="Give each block a table of its own, with one row of headings.",
    )


def as_list(table: Table, crosstab: Crosstab, *, zeros: bool) -> tuple[Table, int]:
    """Read a crosstab as a list, one row a cell; return it and how many cells are left out.

    A cell with nothing or a dash in it is none; so is a zero, unless `zeros`.
    The rows keep their numbers, and each cell the heading of its column.
    """
    width = len(crosstab.values)
    stacked, cells = _stacked([table.column(at) for at in crosstab.values])
    there = np.array([_holds(cell.text.strip(), zeros=zeros) for cell in cells], dtype=bool)
    keep = there[stacked]
    names = tuple(Cell(table.headings[at]) for at in crosstab.values)
    over = tuple(Cell(table.above[at]) for at in crosstab.values) if crosstab.above else ()
    across = np.tile(np.arange(width, dtype=np.int32), len(table.rows))[keep]
    columns: list[Column] = []
    for at in crosstab.labels:
        column = table.column(at)
        columns.append(Column(np.repeat(column.codes, width)[keep], column.cells))
    if over:
        columns.append(Column(across, over))
    columns.append(Column(across, names))
    columns.append(Column(stacked[keep], cells))
    labels = [table.headings[at] for at in crosstab.labels]
    shown = [f"{high.text} {low.text}".strip() for high, low in zip(over, names, strict=False)]
    headings = np.array(shown or [name.text for name in names], dtype=object)
    made = (ABOVE, HEADINGS, CELLS) if over else (HEADINGS, CELLS)
    melted = replace(
        table,
        headings=(*(label or CORNER for label in labels[:1]), *labels[1:], *made),
        rows=np.repeat(table.rows, width)[keep],
        column=columns.__getitem__,
        damage=tuple(
            fault for fault in table.damage if not _is_corner(fault, table, crosstab.labels)
        ),
        spread=headings[across],
    )
    return melted, int((~keep).sum())


def _is_corner(fault: Fault, table: Table, labels: Sequence[int]) -> bool:
    """Tell if a fault says of the corner that it has no heading."""
    return table.headings[labels[0]] == "" and fault.problem.startswith(f"column {labels[0] + 1} ")


def _stacked(columns: Sequence[Column]) -> tuple[npt.NDArray[np.int32], tuple[Cell, ...]]:
    """Put columns side by side into one, row by row."""
    cells: list[Cell] = []
    codes: list[npt.NDArray[Any]] = []
    for column in columns:
        codes.append(column.codes + len(cells))
        cells.extend(column.cells)
    flat = np.column_stack(codes).astype(np.int32).ravel()
    return flat, tuple(cells) or (EMPTY,)


def _holds(text: str, *, zeros: bool) -> bool:
    return bool(text) and text not in ("-", "–", "—") and (zeros or text != "0")


def columns_of(table: Table, crosstab: Crosstab, given: Mapping[str, str]) -> dict[str, str]:
    """Say which headings of the list that was made play which part, beside those `given`."""
    at = {label: place for place, label in enumerate(crosstab.labels)}
    down = {end: table.headings[at[label]] for end, label in crosstab.down.items()}
    kept = {end: heading for end, heading in down.items() if end not in given}
    over = {crosstab.above: ABOVE} if crosstab.above else {}
    return {**kept, **over, crosstab.across: HEADINGS, schema.COUNT: CELLS}
