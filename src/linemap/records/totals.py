"""Rows that are totals of other rows: found, checked against their parts, left out and told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault
from linemap.io import shipped_list
from linemap.records.table import MERGED, NUMBER, TEXT, Table
from linemap.records.validators import folded

_OF: Final = re.compile(
    r"(?:(?:grand |sub ?-?)?totals?(?: for| of|:| -)?|sum of|sum for) (?P<of>\S.*)"
)
_BEHIND: Final = re.compile(r"(?P<of>.*[^\s,:-])[ ,:-]+(?:sub ?-?|grand )?totals?")
_LONGEST: Final = 250  # characters of a text that may name a total
ALL: Final = ""  # the group of a total of everything
_AGREED: Final = "totals are left out; they equal their parts"
_UNCHECKED: Final = "totals are left out unchecked, for their number cannot be read"
_CORRECT: Final = "Correct the number that is wrong, or delete the row of the total."
_PERHAPS: Final = "perhaps"
_TOTAL: Final = "total"


@dataclass(frozen=True, slots=True)
class Totals:
    """The rows that are totals: which they are, what disagrees, and what is only worth a look."""

    rows: npt.NDArray[np.bool_]
    faults: tuple[Fault, ...] = ()
    notices: tuple[Fault, ...] = ()


@lru_cache(maxsize=1)
def _words() -> Mapping[str, str]:
    return {row["word"]: row["kind"] for row in shipped_list("total_words.csv")}


def total_of(text: str) -> tuple[str, str] | None:
    """Say if a text names a total: its kind (``total`` or ``perhaps``) and the group it is of.

    >>> total_of("Grand Total"), total_of("Islington Total"), total_of("England")
    (('total', ''), ('total', 'islington'), ('perhaps', ''))
    """
    if len(text) > _LONGEST:
        return None
    plain = folded(text).strip("*:. ").replace("sub-", "sub ")
    kind = _words().get(plain)
    if kind is not None:
        return kind, ALL
    found = _OF.fullmatch(plain) or _BEHIND.fullmatch(plain)
    if found is None:
        return None
    of = found["of"].strip("()[] ")
    return _TOTAL, ALL if of in _words() else of


@dataclass(slots=True)
class _Dimension:
    """One column that totals may run over: its texts, and which of them name a total."""

    heading: str
    codes: npt.NDArray[np.int64]  # of the group; -1 where the cell is empty
    total: npt.NDArray[np.bool_]  # a word for a total, and nothing else
    perhaps: npt.NDArray[np.bool_]
    texts: list[str] = field(default_factory=list)

    @property
    def empty(self) -> npt.NDArray[np.bool_]:
        return self.codes < 0


def _dimension(heading: str, values: pd.Series[Any]) -> _Dimension:
    codes, found = pd.factorize(values, use_na_sentinel=True)
    texts = [str(text) for text in found]
    groups: dict[str, int] = {}
    group = np.full(len(texts), -1, dtype=np.int64)
    total = np.zeros(len(texts) + 1, dtype=bool)
    perhaps = np.zeros(len(texts) + 1, dtype=bool)
    for at, text in enumerate(texts):
        named = total_of(text)
        key = folded(text)
        if named is not None:
            kind, of = named
            total[at], perhaps[at] = kind == _TOTAL, kind == _PERHAPS
            key = of or key
        group[at] = groups.setdefault(key, len(groups))
    named_by = dict(zip(group.tolist(), texts, strict=True))
    group = np.append(group, -1)
    texts = [named_by[code] for code in range(len(groups))]
    return _Dimension(heading, group[codes], total[codes], perhaps[codes], texts)


def labelled_rows(table: Table, columns: Mapping[str, int]) -> npt.NDArray[np.bool_]:
    """Mark the rows that name no place and hold a word for a total in any of their cells.

    A number is no place: the total of a CSV may stand under either end.
    """
    rows = len(table.rows)
    bare = np.ones(rows, dtype=bool)
    for end in (schema.ORIGIN, schema.DESTINATION):
        if end not in columns:
            return np.zeros(rows, dtype=bool)
        column = table.column(columns[end])
        empty = [
            cell.kind not in (TEXT, MERGED)
            or _is_whole(cell.text)
            or re.fullmatch(r"[\d, ]*", cell.text.strip(), re.ASCII) is not None
            for cell in column.cells
        ]
        bare &= np.array(empty, dtype=bool)[column.codes]
    if not bare.any():
        return bare
    named = np.zeros(rows, dtype=bool)
    for at in range(len(table.headings)):
        column = table.column(at)
        total = [cell.kind == TEXT and _is_whole(cell.text) for cell in column.cells]
        named |= np.array(total, dtype=bool)[column.codes]
    return bare & named


def _is_total(text: str) -> bool:
    found = total_of(text)
    return found is not None and found[0] == _TOTAL


def _is_whole(text: str) -> bool:
    """Tell if a text names a total of everything."""
    return total_of(text) == (_TOTAL, ALL)


def labelled_totals(
    table: Table, columns: Mapping[str, int], labelled: npt.NDArray[np.bool_]
) -> Totals:
    """Check the totals of a table in which each row counts one: they say how many rows there are.

    A word for a total in the place of an end, in a row that is none, is a fault.
    """
    records = int(table.weights[~labelled].sum())
    faults: list[Fault] = []
    agreed, unchecked = [], []
    cells = [table.column(at) for at in range(len(table.headings))] if labelled.any() else []
    for at in np.flatnonzero(labelled):
        row = int(table.rows[at])
        said = [
            int(cell.text)
            for column in cells
            if (cell := column.cells[column.codes[at]]).kind in (TEXT, NUMBER)
            and re.fullmatch(r"\d{1,9}", cell.text.strip(), re.ASCII)
        ]
        if not said:
            unchecked.append(row)
        elif records in said:
            agreed.append(row)
        else:
            numbers = " and ".join(f"{number:,}" for number in said[:3])
            problem = f"the row is a total and says {numbers}; the table has {records:,} records."
            faults.append(Fault(problem, row, hint=_CORRECT))
    for end in (schema.ORIGIN, schema.DESTINATION):
        if end not in columns:
            continue
        column = table.column(columns[end])
        total = [cell.kind == TEXT and _is_total(cell.text) for cell in column.cells]
        for at in np.flatnonzero(np.array(total, dtype=bool)[column.codes] & ~labelled):
            problem = "a total stands among rows that count one each: it is no record."
            hint = "Delete the row, or say which column holds the count."
            faults.append(Fault(problem, int(table.rows[at]), table.headings[columns[end]], hint))
    notices = [
        Fault(f"{said}: {_rows(table, np.array(rows))}.")
        for said, rows in ((_AGREED, agreed), (_UNCHECKED, unchecked))
        if rows
    ]
    return Totals(labelled, tuple(faults), tuple(notices))


def _rows(table: Table, rows: npt.NDArray[np.int64]) -> str:
    said = table.in_words(rows)
    return said.replace("rows ", "row ", 1) if len(rows) == 1 else said


def find_totals(
    frame: pd.DataFrame,
    table: Table,
    headings: Mapping[str, str],
    dimensions: Sequence[str],
    unreadable: npt.NDArray[np.bool_],
    labelled: npt.NDArray[np.bool_],
) -> Totals:
    """Find the rows of a counted table that are totals of its other rows.

    `dimensions` are the columns that a total may run over: the ends, periods
    and tags; totals are of one measure. A word for a total makes a total, and
    one that does not equal its parts is a fault. A word that is also a place
    (``perhaps``), and a row that only leaves the destination empty, is one
    where all rows of that word equal their parts, and one has two parts or
    more; else it is kept. `unreadable` are rows whose count could not be read,
    `labelled` rows without ends that a word in another column calls a total.
    """
    if frame.empty:
        return Totals(np.zeros(0, dtype=bool))
    count = frame[schema.COUNT]
    measure = pd.factorize(frame[schema.MEASURE], use_na_sentinel=False)[0]
    dims = [_dimension(headings.get(name, name), frame[name]) for name in dimensions]
    finder = _Finder(table, count, measure, dims)
    named = _named(frame, dims, dimensions)
    named[0] |= labelled
    for at, dim in enumerate(dims[:2]):
        named[at] |= finder.last_of_crosstab(dim)
    finder.strict(named, unreadable)
    finder.perhaps()
    finder.unnamed(dimensions)
    return Totals(finder.out, tuple(finder.faults), tuple(finder.notices))


def _named(
    frame: pd.DataFrame, dims: Sequence[_Dimension], dimensions: Sequence[str]
) -> list[npt.NDArray[np.bool_]]:
    """Mark, for each dimension, the rows that a word makes a total over it.

    "Islington Total" under the origin is the total over the destinations of
    Islington: the group stays, and the destination is what it runs over.
    """
    marked = [dim.total.copy() for dim in dims]
    for at, (dim, name) in enumerate(zip(dims, dimensions, strict=True)):
        if not dim.total.any():
            continue
        grouped = frame[name].map(
            lambda text: bool((found := total_of(str(text))) and found[1]), na_action="ignore"
        )
        is_group = grouped.fillna(False).to_numpy(dtype=bool)
        marked[at] &= ~is_group
        for other, there in enumerate(dims):
            if other != at:
                marked[other] |= is_group & (there.empty | there.total | there.perhaps)
        # A group's own total, where nothing else could run over it.
        alone = is_group & ~np.any([mark for i, mark in enumerate(marked) if i != at], axis=0)
        marked[at] |= alone
    return marked


class _Finder:
    """Compare the rows that may be totals with the rows that may be their parts."""

    def __init__(
        self,
        table: Table,
        count: pd.Series[Any],
        measure: npt.NDArray[np.int64],
        dims: Sequence[_Dimension],
    ) -> None:
        self.table = table
        self.rows = table.rows
        self.weights = table.weights
        self.spread = table.spread
        self.count = count.fillna(0).to_numpy(dtype=np.int64)
        self.known = count.notna().to_numpy(dtype=bool)
        self.measure = measure
        self.dims = dims
        self.out = np.zeros(len(table.rows), dtype=bool)
        self.faults: list[Fault] = []
        self.notices: list[Fault] = []

    def _parts(
        self,
        ats: npt.NDArray[np.int64],
        over: npt.NDArray[np.bool_],
        among: npt.NDArray[np.bool_],
        *,
        loose: bool,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the sum and the number of the parts of each total at `ats`.

        The parts are those rows of `among` that are alike in all columns that
        the total does not run over (`over`, a row a total). With `loose`, what
        the total's row leaves empty may be anything in its parts.
        """
        empty = np.column_stack([dim.empty[ats] for dim in self.dims])
        running = over | (empty if loose else False)
        sums, sizes = (np.zeros(len(ats), dtype=np.int64) for _ in range(2))
        keys = pd.DataFrame({at: dim.codes for at, dim in enumerate(self.dims)})
        keys["measure"] = self.measure
        keys["sum"] = self.count * self.weights
        keys["size"] = self.weights
        for pattern in np.unique(running, axis=0):
            same = (running == pattern).all(axis=1)
            fixed = [at for at, runs in enumerate(pattern) if not runs] + ["measure"]
            parts = keys[among].groupby(fixed, sort=False)[["sum", "size"]].sum()
            asked = keys.loc[ats[same], fixed]
            index = pd.MultiIndex.from_frame(asked) if len(fixed) > 1 else pd.Index(asked[fixed[0]])
            found = parts.reindex(index).fillna(0).astype(np.int64)
            sums[same], sizes[same] = found["sum"].to_numpy(), found["size"].to_numpy()
        return sums, sizes

    def strict(
        self, marked: Sequence[npt.NDArray[np.bool_]], unreadable: npt.NDArray[np.bool_]
    ) -> None:
        """Leave out the rows that a word makes totals; one that disagrees is a fault."""
        named = np.any(marked, axis=0)
        if not named.any():
            return
        ats = np.flatnonzero(named)
        over = np.column_stack(
            [mark[ats] | dim.perhaps[ats] for mark, dim in zip(marked, self.dims, strict=True)]
        )
        perhaps = np.any([dim.perhaps for dim in self.dims], axis=0)
        sums, sizes = self._parts(ats, over, ~named & ~perhaps, loose=True)
        other_sums, other_sizes = self._parts(ats, over, ~named, loose=True)
        counts, readable = self.count[ats], self.known[ats] & ~unreadable[ats]
        # A place that is also a word for a total may be one of the parts.
        other = (sizes == 0) | ((sums != counts) & (other_sums == counts))
        sums, sizes = np.where(other, other_sums, sums), np.where(other, other_sizes, sizes)
        self.out[ats] = True
        self._tell(_AGREED, ats[readable & (sums == counts)])
        self._tell(_UNCHECKED, ats[~readable])
        for place in np.flatnonzero(readable & (sums != counts)):
            self._disagrees(int(ats[place]), int(sums[place]), int(sizes[place]))

    def _disagrees(self, at: int, summed: int, parts: int) -> None:
        """Note that a total says another number than its parts come to."""
        its = "1 part comes" if parts == 1 else f"{parts:,} parts come"
        self.faults.append(
            Fault(
                f"the row is a total and says {self.count[at]:,}; its {its} to {summed:,}.",
                int(self.rows[at]),
                None if self.spread is None else str(self.spread[at]),
                _CORRECT,
            )
        )

    def _tell(self, said: str, ats: npt.NDArray[np.int64]) -> None:
        """Tell of some of the rows; of a crosstab, of the whole rows and columns that they are."""
        if not len(ats):
            return
        if self.spread is None:
            self.notices.append(Fault(f"{said}: {_rows(self.table, self.rows[ats])}."))
            return
        told = np.zeros(len(self.rows), dtype=bool)
        told[ats] = True
        rows = np.setdiff1d(self.rows[told], self.rows[~told & ~self.out])
        rest = told & ~np.isin(self.rows, rows)
        whole = sorted({*self.spread[rest]} - {*self.spread[~told & ~np.isin(self.rows, rows)]})
        single = rest & ~np.isin(self.spread, whole)
        words = [_rows(self.table, rows)] if len(rows) else []
        if whole:
            word = "column" if len(whole) == 1 else "columns"
            words.append(f"{word} {', '.join(map(repr, whole))}")
        for row in np.unique(self.rows[single]):
            named = ", ".join(repr(text) for text in self.spread[single & (self.rows == row)])
            words.append(f"row {row} under {named}")
        self.notices.append(Fault(f"{said}: {', '.join(words)}."))

    def perhaps(self) -> None:
        """Leave out the rows whose word is a total only where all of them equal their parts."""
        flagged = np.any([dim.perhaps for dim in self.dims], axis=0) & ~self.out
        if not flagged.any():
            return
        ats = np.flatnonzero(flagged)
        over = np.column_stack([dim.perhaps[ats] for dim in self.dims])
        among = ~flagged & ~self.out
        empty = np.column_stack([dim.empty[ats] for dim in self.dims])
        whole = (over | empty)[:, :2].all(axis=1)  # of all origins and all destinations
        # A total without a date or a tag is of all of them; one without an end may be a record.
        beside = empty & (np.arange(len(self.dims)) > 1)
        sums, sizes = self._parts(ats, over | beside, among, loose=False)
        loose_sums, loose_sizes = self._parts(ats, over, among, loose=True)
        sums, sizes = np.where(whole, loose_sums, sums), np.where(whole, loose_sizes, sizes)
        equal = (sizes > 0) & self.known[ats] & (sums == self.count[ats])
        codes = np.column_stack(
            [np.where(dim.perhaps[ats], dim.codes[ats], -1) for dim in self.dims]
        )
        for group in np.unique(codes, axis=0):
            same = (codes == group).all(axis=1)
            agree = same & equal
            if not (equal[same].all() and sizes[same].max() > 1):
                agree &= sizes > 1  # one part alone may be as large by chance
            self.out[ats[agree]] = True
            self._tell(_AGREED, ats[agree])
            word = "/".join(
                repr(dim.texts[at]) for dim, at in zip(self.dims, group, strict=True) if at >= 0
            )
            alike, others = same & equal & ~agree, same & ~equal
            self._tell(
                f"{word} equals the other row that it may be the total of, and is counted as what "
                "it says",
                ats[alike],
            )
            self._tell(
                f"{word} may be a total, does not equal other rows, and is counted as what it says",
                ats[others],
            )

    def unnamed(self, dimensions: Sequence[str]) -> None:
        """Find rows without a word for it that equal the rows of their origin, or all rows."""
        names = list(dimensions)
        origin = self.dims[names.index(schema.ORIGIN)]
        destination = self.dims[names.index(schema.DESTINATION)]
        last = len(self.rows) - 1
        if origin.empty[last] and destination.empty[last] and not self.out[last]:
            self._last(last)
        ends = destination.empty & ~origin.empty & ~self.out & self.known
        if not ends.any() or destination.empty.all():
            return
        ats = np.flatnonzero(ends)
        over = np.tile(np.array([name == schema.DESTINATION for name in names]), (len(ats), 1))
        sums, sizes = self._parts(ats, over, ~destination.empty & ~self.out, loose=False)
        equal = (sizes > 1) & (sums == self.count[ats])
        rows = ats[equal]
        if equal.all() and self.weights[ats].sum() > 1:
            self.out[ats] = True
            self._tell(
                "rows without a destination are left out as totals; each equals the rows of its "
                "origin", rows,
            )  # fmt: skip
        else:
            self._tell(
                "a row without a destination equals the other rows of its origin together, and is "
                "counted beside them; if it is a total, write 'Total' under the destination", rows,
            )  # fmt: skip

    def last_of_crosstab(self, end: _Dimension) -> npt.NDArray[np.bool_]:
        """Mark the last row of a crosstab where it names no `end` and holds its columns' totals.

        It does where at least half of its cells, and one of two parts, equal their columns.
        """
        last = self.rows == self.rows[-1]
        nothing = np.zeros(len(self.rows), dtype=bool)
        if self.spread is None or not end.empty[last].all():
            return nothing
        ats = np.flatnonzero(last & self.known)
        over = np.tile(np.array([dim is end for dim in self.dims]), (len(ats), 1))
        sums, sizes = self._parts(ats, over, ~last, loose=False)
        equal = (sizes > 0) & (sums == self.count[ats])
        agrees = equal.any() and 2 * equal.sum() >= len(ats) and sizes[equal].max() > 1
        return last if agrees else nothing

    def _last(self, at: int) -> None:
        """Judge a last row without ends: the total of all rows, or a row that lacks its origin."""
        parts = ~self.out
        parts[at] = False
        summed = int((self.count * self.weights)[parts].sum())
        if self.known[at] and self.weights[parts].sum() > 1 and summed == int(self.count[at]):
            self.out[at] = True
            self._tell(
                "the last row is left out; it is the total of the rows above", np.array([at])
            )
        elif self.known[at] and self.weights[parts].sum() > 1:
            self.out[at] = True
            self.faults.append(
                Fault(
                    f"the last row names no place and says {self.count[at]:,}; the rows above come "
                    f"to {summed:,}.",
                    int(self.rows[at]),
                    hint="If it is their total, correct the number that is wrong; else name its "
                    "origin.",
                )
            )


def parts_beside(
    table: Table, count: int, parts: Sequence[int], counts: pd.Series[Any]
) -> list[Fault]:
    """Check the column of counts where it is headed as a total of columns that are not used.

    `parts` are the columns of whole numbers beside it. They are its parts where they add up to
    it in most rows, two or more; the rows where they do not are faults.
    """
    if total_of(table.headings[count]) != (_TOTAL, ALL) or len(parts) < 2:
        return []
    summed = np.zeros(len(table.rows), dtype=np.int64)
    for at in parts:
        column = table.column(at)
        values = [int(cell.text.strip() or 0) for cell in column.cells]
        summed += np.array(values, dtype=np.int64)[column.codes]
    known = counts.notna().to_numpy(dtype=bool)
    said = counts.fillna(0).to_numpy(dtype=np.int64)
    differs = known & (summed != said)
    agrees = known & (summed == said)
    if agrees.sum() < 2 or differs.sum() >= agrees.sum():
        return []
    named = " and ".join(repr(table.headings[at]) for at in parts)
    return [
        Fault(
            f"the total says {said[at]:,}; {named} come to {summed[at]:,}.",
            int(table.rows[at]),
            table.headings[count],
            "Correct the number that is wrong.",
        )
        for at in np.flatnonzero(differs)
    ]
