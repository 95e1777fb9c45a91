"""How a table is laid out: the row or rows of its headings, notes around it, and crosstabs.

A crosstab is recognised here, and read as the list that it stands for, one row a cell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linemap import schema
from linemap.errors import Fault, InputError, Refused, rows_in_words
from linemap.records.headings import Parts, is_of_words, meaning, names_both_ends, normal, part_of
from linemap.records.table import DATE, EMPTY, NUMBER, ROW_BITS, TEXT, Cell, Column, Layout, Table
from linemap.records.totals import total_of
from linemap.windows import read_when, style_of

LOOKED_AT: Final = 60  # rows from the top in which the headings are looked for
_TITLE_LENGTH: Final = 120  # characters of a title that are kept
_WIDE_TITLES: Final = 2  # rows above the headings with almost as many cells
_PIVOT: Final = "row labels"  # the first heading of a spreadsheet's pivot table
_A_YEAR: Final = re.compile(r"(?:19|20)\d\d(?:[-/](?:\d\d){1,2})?", re.ASCII)
_COUNTED: Final = re.compile(r"\d[\d,]*", re.ASCII)

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
    stand; else that of a pivot table; else the first row with two cells or more,
    if they are text.

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
        raise _ask_row([number for number, _ in best], best[0][0], where)
    if best:
        return best[0][0]
    for number, row in filled:
        if normal(row[min(row)].text) == _PIVOT:
            return number
    return _first_of_text(filled, where)


def _first_of_text(filled: Rows, where: str) -> int | None:
    """Return the first row with two cells or more if they are text; ask if a later one is likely.

    Raises
    ------
    InputError
        If a row below it names both ends.
    """
    for at, (number, row) in enumerate(filled):
        if len(row) > 1:
            likely = [
                below
                for below, cells in filled[at + 1 :]
                if names_both_ends(_texts_of(cells)) and 2 * known_parts(cells) > len(cells)
            ]
            if likely:
                raise _ask_row([number, likely[0]], likely[0], where)
            texts = all(cell.kind in (TEXT, NUMBER, DATE) for cell in row.values())
            return number if texts and _only_titles(filled[:at], row) else None
    return filled[0][0] if filled else None


def _ask_row(rows: Sequence[int], likely: int, where: str) -> InputError:
    numbers = " and ".join(map(str, rows))
    count = "two" if len(rows) == 2 else "several"
    return InputError(
        f"{where} has {count} rows that could hold the headings: {numbers}. "
        f"Say which: header_row={likely}."
    )


def _texts(row: Mapping[int, Cell]) -> tuple[str, ...]:
    return tuple(normal(cell.text) for cell in row.values())


def _texts_of(row: Mapping[int, Cell]) -> list[str]:
    return [cell.text for cell in row.values()]


def _only_titles(above: Rows, heading: Mapping[int, Cell]) -> bool:
    """Tell if the rows above a row of headings are titles: much narrower than it, or without data.

    Above headings that name both ends, a title may have all cells but one, if they are words.
    """
    narrow = [len(row) == 1 or 2 * len(row) <= len(heading) for _, row in above]
    if all(narrow):
        return True
    wide = [row for (_, row), thin in zip(above, narrow, strict=True) if not thin]
    return (
        len(wide) <= _WIDE_TITLES
        and names_both_ends(_texts_of(heading))
        and all(len(row) < len(heading) and known_parts(row) < 2 for row in wide)
        and not any(_is_data(cell) for row in wide for cell in row.values())
    )


def _is_data(cell: Cell) -> bool:
    """Tell if a cell holds a number or a date that is no year."""
    return cell.kind not in (TEXT, NUMBER) or (
        _NUMERIC.fullmatch(cell.text.strip()) is not None
        and _A_YEAR.fullmatch(cell.text.strip()) is None
    )


@dataclass(frozen=True, slots=True)
class Headings:
    """Headings that stand in two rows: by column, what is read and what stands above it.

    ``row`` is the lower of the two. ``above`` is empty where the texts of the two rows are
    joined, or the lower one is enough.
    """

    row: int
    texts: Mapping[int, str]
    above: Mapping[int, str]


def two_rows(rows: Rows, number: int, wanted: Collection[str] = ()) -> Headings | None:
    """Read the headings of two rows, of which one is `number`; None where one row is all.

    The upper row has a cell over several of the lower one: a side over "Name" and "Code",
    whose texts are joined, or what a crosstab's columns are, over each of them. No heading
    that the caller names (`wanted`) gets lost by it.
    """
    found = _two_rows(rows, number)
    names = {normal(name) for name in wanted}
    return found if found and names <= set(map(normal, found.texts.values())) else None


def _two_rows(rows: Rows, number: int) -> Headings | None:
    by_number = {at: row for at, row in rows if row}
    for first in (number, number - 1):
        upper, lower = by_number.get(first), by_number.get(first + 1)
        if upper is None or lower is None or any(_is_data(cell) for cell in lower.values()):
            continue
        gaps = [at for at in lower if at not in upper and at > min(upper)]
        if not gaps:
            continue
        above = _spread(upper, lower)
        texts = {
            at: " ".join(lower[at].text.split()) if at in lower else above[at]
            for at in sorted({*upper, *lower})
        }
        over = {at: text for at, text in above.items() if at in lower}
        if _are_headings(lower):
            if first < number and len(texts) == len(lower) and names_both_ends(_texts_of(lower)):
                return None  # the row above is a title
            joined = {at: f"{over.get(at, '')} {text}".strip() for at, text in texts.items()}
            if names_both_ends(list(texts.values())):
                joined = {
                    at: joined[at] if part_of(text) is None and part_of(joined[at]) else text
                    for at, text in texts.items()
                }
            texts = joined
            if names_both_ends(list(texts.values())):
                return Headings(first + 1, texts, {})
        elif _are_over_numbers(by_number, first + 1, lower, gaps):
            return Headings(first + 1, texts, over)
    return None


def _spread(upper: Mapping[int, Cell], lower: Mapping[int, Cell]) -> dict[int, str]:
    """Give each column the text of the upper row that stands over it or to the left of it."""
    above: dict[int, str] = {}
    last = ""
    for at in range(min(upper), max(*upper, *lower) + 1):
        if at in upper:
            last = " ".join(upper[at].text.split())
        elif at not in lower:
            last = ""
        above[at] = last
    return above


def _are_headings(row: Mapping[int, Cell]) -> bool:
    """Tell if at least half the cells of a row, and two, are words that headings are made of."""
    known = sum(part_of(cell.text) is not None or is_of_words(cell.text) for cell in row.values())
    return known >= 2 and 2 * known >= len(row)


def _are_over_numbers(
    by_number: Mapping[int, Mapping[int, Cell]],
    row: int,
    lower: Mapping[int, Cell],
    gaps: Collection[int],
) -> bool:
    """Tell if under two or more cells of a row, one that nothing else heads, numbers stand."""
    below = by_number.get(row + 1)
    if below is None:
        return False
    counted = {
        at for at, cell in below.items() if at in lower and _COUNTED.fullmatch(cell.text.strip())
    }
    return len(counted) > 1 and not counted.isdisjoint(gaps)


def line_of(row: Mapping[int, Cell]) -> str:
    """Write a row above the headings as one line."""
    text = " ".join(" ".join(cell.text.split()) for cell in row.values())
    return text if len(text) <= _TITLE_LENGTH else text[: _TITLE_LENGTH - 1] + "…"


def layout_notices(layout: Layout) -> list[Fault]:
    """Say where the table was found, so that a person can see if that is right."""
    said = []
    if layout.sheet is not None and layout.other_sheets:
        others = ", ".join(map(repr, layout.other_sheets))
        said.append(
            Fault(
                f"the sheet {layout.sheet!r} is read; not read: {others}.",
                hint=f"For another: sheet={layout.other_sheets[0]!r}.",
            )
        )
    if layout.two_rows:
        said.append(
            Fault(
                f"rows {layout.heading_row - 1} and {layout.heading_row} are read together as the "
                "headings.",
                hint=f"For one of them alone: header_row={layout.heading_row}.",
            )
        )
    elif layout.heading_row > 1:
        titles = "; ".join(repr(title) for title in layout.titles[:3])
        above = f" Above it stands: {titles}." if titles else ""
        said.append(
            Fault(
                f"row {layout.heading_row} is read as the headings.{above}",
                hint="For another: header_row=ROW.",
            )
        )
    if layout.hidden_sheets:
        named = ", ".join(map(repr, layout.hidden_sheets))
        said.append(Fault(f"the workbook has hidden sheets: {named}."))
    if layout.hidden_rows:
        rows = rows_in_words(layout.hidden_rows)
        why = ", by a filter," if layout.filtered else ""
        said.append(Fault(f"rows are hidden{why} and read all the same: {rows}."))
    elif layout.filtered:
        said.append(Fault("the sheet has a filter; all its rows are read."))
    if layout.hidden_columns:
        named = ", ".join(layout.hidden_columns)
        said.append(Fault(f"columns are hidden and read all the same: {named}."))
    if layout.filled_rows:
        rows = rows_in_words(layout.filled_rows)
        said.append(Fault(f"merged cells are read as the content of each of their rows: {rows}."))
    return said


_NOTE: Final = re.compile(
    r"\W*(?:notes?|sources?|please note|data|figures?|key|end of|official|produced|prepared|updated"
    r"|extract(?:ed)?|last|report|this table|these|includes?|excludes?|caveats?|copyright|contact"
    r"|for (?:further|more)|see |\(?\d\)|\[\d\]|\*|©)",
    re.IGNORECASE,
)
_LONG_NOTE: Final = 40  # characters over which a lone cell at the foot is no name of a place
_SEPARATORS: Final = (",", ";", "\t", "|")
_NUMERIC: Final = re.compile(r"[\d/.-]+", re.ASCII)
_FOOT: Final = 40  # rows at the foot that may be notes


def accepted(table: Table, found: list[Fault]) -> tuple[Table, tuple[int, ...]]:
    """Leave of statements that were proposed from articles those that a person has accepted.

    Only a table with both columns `decision` and `certainty` is one of those. A row
    whose decision is yes stays; no and an empty cell leave it out, which `found` is
    told, with the rows' numbers returned. Another word, and a table in which nothing
    is accepted, are faults of the table.
    """
    headings = [normal(heading) for heading in table.headings]
    if schema.DECISION not in headings or schema.CERTAINTY not in headings:
        return table, ()
    column = table.column(headings.index(schema.DECISION))
    words = [cell.text.strip().casefold() for cell in column.cells]
    said = np.array([word in ("yes", "y") for word in words], dtype=bool)[column.codes]
    strange = np.array([word not in ("yes", "y", "no", "n", "") for word in words], dtype=bool)
    hint = "Write yes, or no; an empty cell accepts nothing."
    damage = [
        Fault(f"{column.cells[column.codes[at]].text!r} is no decision.",
              int(table.rows[at]), schema.DECISION, hint)
        for at in np.flatnonzero(strange[column.codes])
    ]  # fmt: skip
    if not said.any() and not damage and len(said):
        damage.append(Fault("no proposed statement is accepted.", None, schema.DECISION, hint))
    out = tuple(int(row) for row in table.rows[~said])
    if out and said.any():
        rows = rows_in_words(out)
        found.append(Fault(f"proposed statements that are not accepted are left out: rows {rows}."))
    return replace(table.keep(said), damage=(*table.damage, *damage)), out


def without_notes(table: Table, parts: Parts, found: list[Fault]) -> tuple[Table, tuple[int, ...]]:
    """Leave out the notes at the foot of a table and the headings that it repeats.

    A note is a row at the foot with one cell in it, a text that begins as notes
    do or is too long for a name. `found` is told; the numbers of the rows that
    are left out are returned. A further row of headings that is not the same is
    a fault of the table.
    """
    rows = len(table.rows)
    used = sorted({*parts.columns.values()})
    repeats = np.zeros(rows, dtype=np.int64)
    others = np.zeros(rows, dtype=np.int64)
    if table.spread is None and table.form not in ("frame", "Parquet"):
        for at in used:
            column = table.column(at)
            same = [normal(cell.text) == normal(table.headings[at]) for cell in column.cells]
            other = [part_of(cell.text) is not None for cell in column.cells]
            repeats += np.array(same, dtype=bool)[column.codes]
            others += np.array(other, dtype=bool)[column.codes]
    repeated = (repeats == len(used)) & (len(used) > 1)
    strange = np.flatnonzero((others == len(used)) & (len(used) > 1) & ~repeated)
    damage = [
        Fault(
            "the row looks like the headings of another table.",
            int(table.rows[at]),
            hint="Put each table into a file or a sheet of its own.",
        )
        for at in strange
    ]
    table.tell(table.rows[repeated])
    if repeated.any():
        said = table.in_words(table.rows[repeated])
        found.append(Fault(f"headings that are repeated are left out: {said}."))
    kept, notes = without_foot(table, found)
    if repeated.any():
        kept = kept.keep(~np.isin(kept.rows, table.rows[repeated]))
    if damage:
        kept = replace(kept, damage=(*table.damage, *damage))
    return kept, (*table.rows[repeated].tolist(), *notes)


def without_foot(table: Table, found: list[Fault]) -> tuple[Table, tuple[int, ...]]:
    """Leave out the notes at the foot of a table; `found` is told, their numbers are returned."""
    notes = _notes_at_foot(table)
    if not notes:
        return table, ()
    numbers = np.array(notes)
    table.tell(table.rows[np.isin(table.rows, numbers)])
    found.append(Fault(f"notes at the foot are left out: {table.in_words(numbers)}."))
    kept = replace(
        table.keep(~np.isin(table.rows, numbers)),
        faults=tuple(fault for fault in table.faults if fault.row not in notes),
        misfits={row: cells for row, cells in table.misfits.items() if row not in notes},
    )
    return kept, tuple(notes)


def _notes_at_foot(table: Table) -> list[int]:
    if table.spread is not None or table.form in ("frame", "Parquet") or len(table.headings) < 2:
        return []
    columns = [table.column(at) for at in range(len(table.headings))]
    if table.times is None:
        return _foot_of(table, columns, np.arange(len(table.rows)))
    files = np.where(table.rows < 0, -1, table.rows >> ROW_BITS)
    return [
        note
        for file in np.unique(files[files >= 0])
        for note in _foot_of(table, columns, np.flatnonzero(files == file))
    ]


def _foot_of(
    table: Table, columns: Sequence[Column], positions: npt.NDArray[np.int64]
) -> list[int]:
    foot: dict[int, list[str]] = {
        int(table.rows[at]): [
            text for column in columns if (text := column.cells[column.codes[at]].text.strip())
        ]
        for at in positions[-_FOOT:]
    }
    first = min(foot, default=0)
    for row, cells in table.misfits.items():
        if row >= first:
            foot[row] = [text for cell in cells if (text := cell.strip())]
    notes = []
    for row in sorted(foot, reverse=True):
        texts = foot[row]
        if len(texts) != 1 or not _is_note(texts[0], len(table.headings)):
            break
        notes.append(row)
    return sorted(notes)


def _is_note(text: str, width: int) -> bool:
    """Tell if a lone text at the foot is a note, and not a row whose cells are separated otherwise.

    >>> _is_note("Note: these are provisional, and exclude 2023.", 3)
    True
    >>> _is_note("Barking and Dagenham;Bury St Edmunds;149;19/09/2023", 4)
    False
    """
    named = _NOTE.match(text) is not None
    for separator in _SEPARATORS:
        cells = [cell.strip() for cell in text.split(separator)]
        if len(cells) == width and (not named or any(_NUMERIC.fullmatch(cell) for cell in cells)):
            return False
    return named or len(text) > _LONG_NOTE


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


def crosstab_columns(table: Table, crosstab: Crosstab, given: Mapping[str, str]) -> dict[str, str]:
    """Say which headings of the list that was made play which part, beside those `given`."""
    at = {label: place for place, label in enumerate(crosstab.labels)}
    down = {end: table.headings[at[label]] for end, label in crosstab.down.items()}
    kept = {end: heading for end, heading in down.items() if end not in given}
    over = {crosstab.above: ABOVE} if crosstab.above else {}
    return {**kept, **over, crosstab.across: HEADINGS, schema.COUNT: CELLS}
