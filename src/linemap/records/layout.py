"""Where a table lies in its file: the sheet, the row of headings, what stands around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from linemap.errors import Fault, InputError
from linemap.records.headings import normal, part_of
from linemap.records.table import DATE, NUMBER, TEXT, Cell, Layout

LOOKED_AT: Final = 60  # rows from the top in which the headings are looked for
_TITLE_LENGTH: Final = 120  # characters of a title that are kept

Rows = Sequence[tuple[int, Mapping[int, Cell]]]  # number, and the cells that are not empty


def plain_rows(rows: Sequence[tuple[int, Sequence[str]]]) -> Rows:
    """Take rows of texts as rows of cells."""
    return [
        (number, {at: Cell(text) for at, text in enumerate(row) if text.strip()})
        for number, row in rows
    ]


def known_parts(row: Mapping[int, Cell]) -> int:
    """Count the different parts that the cells of a row would name as headings."""
    return len({part for cell in row.values() if (part := part_of(cell.text))})


def find_heading_row(
    rows: Rows, wanted: Collection[str] = (), *, where: str = "The table"
) -> int | None:
    """Return the number of the row that holds the headings, or None where no row is likely.

    The row that holds all headings that the caller names (`wanted`), else the
    row with the most known headings, at least two, above which only titles
    stand; else the first row with two cells or more, if they are text.

    Raises
    ------
    InputError
        If two rows are equally likely.
    """
    filled = [(number, row) for number, row in rows if row]
    names = {normal(name) for name in wanted}
    if names:
        for number, row in filled:
            if names <= {normal(cell.text) for cell in row.values()}:
                return number
    best: list[tuple[int, Mapping[int, Cell]]] = []
    for at, (number, row) in enumerate(filled):
        known = known_parts(row)
        if known < 2 or not _only_titles(filled[:at], row):
            continue
        if not best or known > known_parts(best[0][1]):
            best = [(number, row)]
        elif known == known_parts(best[0][1]) and _texts(row) != _texts(best[0][1]):
            best.append((number, row))
    if len(best) > 1:
        numbers = " and ".join(str(number) for number, _ in best)
        raise InputError(
            f"{where} has two rows that could hold the headings: {numbers}. "
            f"Say which: --header-row {best[0][0]} (header_row={best[0][0]} in Python)."
        )
    if best:
        return best[0][0]
    for at, (number, row) in enumerate(filled):
        if len(row) > 1:
            texts = all(cell.kind in (TEXT, NUMBER, DATE) for cell in row.values())
            return number if texts and _only_titles(filled[:at], row) else None
    return filled[0][0] if filled else None


def _texts(row: Mapping[int, Cell]) -> tuple[str, ...]:
    return tuple(normal(cell.text) for cell in row.values())


def _only_titles(above: Rows, heading: Mapping[int, Cell]) -> bool:
    """Tell if the rows above a row of headings are titles: much narrower than it."""
    return all(len(row) == 1 or 2 * len(row) <= len(heading) for _, row in above)


def title_of(row: Mapping[int, Cell]) -> str:
    """Write a row above the headings as one line."""
    text = " ".join(" ".join(cell.text.split()) for cell in row.values())
    return text if len(text) <= _TITLE_LENGTH else text[: _TITLE_LENGTH - 1] + "…"


def described(layout: Layout) -> list[Fault]:
    """Say where the table was found, so that a person can see if that is right."""
    said = []
    if layout.sheet is not None and layout.other_sheets:
        others = ", ".join(map(repr, layout.other_sheets))
        said.append(
            Fault(
                f"the sheet {layout.sheet!r} is read; not read: {others}.",
                hint="Another: --sheet NAME (sheet='NAME' in Python).",
            )
        )
    if layout.heading_row > 1:
        titles = "; ".join(repr(title) for title in layout.titles[:3])
        above = f" Above it stands: {titles}." if titles else ""
        said.append(
            Fault(
                f"row {layout.heading_row} is read as the headings.{above}",
                hint="Another: --header-row NUMBER (header_row=NUMBER in Python).",
            )
        )
    if layout.hidden_sheets:
        named = ", ".join(map(repr, layout.hidden_sheets))
        said.append(Fault(f"the workbook has hidden sheets: {named}."))
    if layout.hidden_rows:
        rows = numbers(layout.hidden_rows)
        why = ", by a filter," if layout.filtered else ""
        said.append(Fault(f"rows are hidden{why} and read all the same: {rows}."))
    elif layout.filtered:
        said.append(Fault("the sheet has a filter; all its rows are read."))
    if layout.hidden_columns:
        named = ", ".join(layout.hidden_columns)
        said.append(Fault(f"columns are hidden and read all the same: {named}."))
    if layout.filled_rows:
        rows = numbers(layout.filled_rows)
        said.append(Fault(f"merged cells are read as the content of each of their rows: {rows}."))
    return said


def numbers(rows: Sequence[int], most: int = 8) -> str:
    """Write row numbers for a message, runs together: "5 to 9, 12 and 3 more".

    >>> numbers([5, 6, 7, 12])
    '5 to 7, 12'
    """
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    shown = [
        f"{first}" if first == last else f"{first} to {last}"
        if last > first + 1
        else f"{first}, {last}"
        for first, last in runs[:most]
    ]
    left = sum(last - first + 1 for first, last in runs[most:])
    return ", ".join(shown) + (f" and {left:,} more" if left else "")
