"""Merged cells: only the first of them holds anything, and the others are not simply empty."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from linemap.errors import InputError
from linemap.records.table import DATE, MERGED, TEXT, Cell, Coder
from linemap.records.xlsx.cells import position

RANGES: Final = 1_000_000  # a range of two columns counts twice
CELLS: Final = 20_000_000


def mark_merged(
    merges: Sequence[str],
    numbers: Sequence[int],
    coders: Mapping[int, Coder],
    misfits: Collection[int],
    heading_row: int = 1,
) -> list[int]:
    """Fill or mark the cells of a table's rows that a merged range hides; return the rows filled.

    A text or a date that is merged down one column stands for each of its
    rows, which are filled with it. Any other hidden cell is marked: nobody can
    tell how a number is shared, or which column a wide cell belongs to.
    `numbers` are the rows, ascending; `coders` their columns; `misfits` the
    rows that are not among them. Nothing is hidden where the range is empty.
    """
    order = sorted(coders)
    ranges = cells = 0
    filled: list[int] = []
    for merge in merges:
        top, left, bottom, right = _corners(merge)
        start, stop = bisect_left(numbers, top), bisect_right(numbers, bottom)
        columns = order[bisect_left(order, left) : bisect_right(order, right)]
        ranges += len(columns)
        cells += len(columns) * (stop - start)
        if ranges > RANGES or cells > CELLS:
            raise InputError("The sheet has too many merged cells. Unmerge them.")
        first = start < stop and numbers[start] == top
        if first and left in coders and coders[left].is_empty(start):
            continue
        if not first and top != heading_row and top not in misfits:
            continue
        if first and left == right and left in coders:
            whole = coders[left].cell(start)
            if whole.kind in (TEXT, DATE):
                coders[left].put(start + 1, stop, whole)
                filled.extend(numbers[start + 1 : stop])
                continue
        hidden = Cell(f"merged with {merge.partition(':')[0]}", MERGED)
        for at in columns:
            coders[at].put(start + (first and at == left), stop, hidden)
    return sorted(set(filled))


def _corners(merge: str) -> tuple[int, int, int, int]:
    """Return the first row and column of a range and the last."""
    first, _, last = merge.partition(":")
    (top, left), (bottom, right) = position(first), position(last or first)
    if not (0 < top <= bottom and 0 <= left <= right):
        raise InputError(f"The workbook is damaged: it merges the cells {merge[:40]!r}.")
    return top, left, bottom, right
