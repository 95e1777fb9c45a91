"""From a FLOWS frame of records to blocks of counts, and from their cells back to flows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, TypeVar

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure.labels import (
    REMEDY,
    heading_faults,
    label_faults,
    measure_faults,
    numbers_counted,
)
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import (
    ANYWHERE,
    UNPLACED,
    Name,
    Place,
    Tree,
    is_of_tag,
    rests,
    tag_of,
)
from linemap.errors import DisclosureError, Fault
from linemap.flows.build import finish
from linemap.gazetteer import Gazetteer
from linemap.windows import count_months

Key = tuple[Hashable, ...]
_Cell = TypeVar("_Cell", bound=Hashable)
Names = Mapping[str, tuple[str, str]]  # a place's name and level

ELSEWHERE: Final = "elsewhere or not stated"
NOT_FOUND: Final = "not stated or not found"
NO_VALUE: Final = ""  # of a tag: not stated
_NAMED: Final = 5  # values of a column that an error names
_WINDOW: Final = (schema.PERIOD_START, schema.PERIOD_END)
_ENDS: Final = (
    (
        schema.ORIGIN_ID,
        schema.ORIGIN_NAME,
        schema.ORIGIN_LEVEL,
        schema.ORIGIN_STATUS,
        schema.ORIGIN_COVERAGE,
    ),
    (
        schema.DESTINATION_ID,
        schema.DESTINATION_NAME,
        schema.DESTINATION_LEVEL,
        schema.DESTINATION_STATUS,
        schema.DESTINATION_COVERAGE,
    ),
)


@dataclass(frozen=True)
class Counted:
    """The counts of one measure, window and set of tags; `key` has them in order, None for null.

    ``by_tag`` are the counts of all its records by the values of each tag that is a view of its
    own, under :data:`NO_VALUE` where a record has none.
    """

    key: Key
    counts: dict[tuple[str, str], int]
    by_tag: dict[str, dict[str, int]] = field(default_factory=dict)


def block_columns(flows: pd.DataFrame) -> tuple[str, ...]:
    """Name the columns that tell blocks apart: measure, window and tags."""
    tags = (tag for tag in schema.tag_columns(flows) if tag not in schema.MODEL_COLUMNS)
    return (schema.MEASURE, *_WINDOW, *tags)


def block_keys(flows: pd.DataFrame) -> tuple[Key, ...]:
    """Return the measure, window and tags of each block, None for null, in a total order."""
    rows = pd.DataFrame(flows[list(block_columns(flows))]).drop_duplicates().astype(object)
    keys = [
        tuple(None if part is None or part != part or part is pd.NA else str(part) for part in row)
        for row in rows.itertuples(index=False, name=None)
    ]
    return tuple(sorted(keys, key=_order))


def veiled(key: Key) -> Key:
    """Hide the tags of a block that shows nothing behind their hash: they are the records' words.

    >>> veiled(("links", None, None)), veiled(("links", None, None, "boy"))[3][:7]
    (('links', None, None), 'sha256:')
    """
    return (*key[:3], *(f"sha256:{sha256(str(tag).encode()).hexdigest()}" for tag in key[3:]))


def _order(key: Key) -> tuple[tuple[bool, str], ...]:
    return tuple((part is None, str(part)) for part in key)


def check_records(flows: pd.DataFrame, rule: Rule) -> None:
    """Raise a DisclosureError for what cannot be counted once, or may not be shown so finely.

    That is statements, missing counts, numbers beside the counts or in tags and measures,
    and windows that are too short or overlap.
    """
    schema.require_contract(flows, schema.FLOWS_CONTRACT)
    if bool((flows[schema.INPUT] != schema.RECORDS).any()):
        raise DisclosureError(
            "These are published statements: they overlap, so nothing can be counted once. They "
            "leave through as_published()."
        )
    uncounted = int(flows[schema.COUNT].isna().sum())
    if uncounted:
        raise DisclosureError(
            f"{uncounted} of these flows have no count, and what is not known can be neither "
            "shown nor left out of a total. Count them, or take them out."
        )
    numbers = [
        column for column in block_columns(flows) if pd.api.types.is_numeric_dtype(flows[column])
    ]
    if numbers:
        raise DisclosureError(
            f"{', '.join(map(repr, numbers))}: numbers that stand beside counts may tell them. "
            f"{REMEDY}"
        )
    _check_labels(flows)
    for start, end in flows[list(_WINDOW)].drop_duplicates().itertuples(index=False):
        if pd.isna(start) and pd.isna(end):
            continue
        if (count_months(start, end) or 0) < rule.months:
            raise DisclosureError(
                f"The window {start} to {end} is shorter than {rule.months} months, or open at an "
                'end: build the flows with period="quarter", "year", or none.'
            )
    _check_overlaps(flows)


def _check_labels(flows: pd.DataFrame) -> None:
    """Refuse tags, their headings and measures that hold numbers: each leaves with the counts."""
    tags = [column for column in block_columns(flows) if column not in (schema.MEASURE, *_WINDOW)]
    faults = label_errors(flows, tags)
    if faults:
        hints = dict.fromkeys(fault.hint for fault in faults if fault.hint)
        told = "; ".join(fault.problem for fault in faults)
        raise DisclosureError(f"{told}: {LABELS_LEAVE} {' '.join(hints)}")


def label_errors(frame: pd.DataFrame, tags: Iterable[str]) -> tuple[Fault, ...]:
    """List what in the tags and measures of RECORDS or FLOWS may not stand beside counts.

    One fault a heading or column, with the first values of each. See :data:`LABELS_LEAVE`.
    """
    named = list(tags)
    faults = [
        Fault(f"the heading {_told(heading)}", column=heading, hint=f"{_RENAME} {REMEDY}")
        for heading in heading_faults(named)
    ]
    found = {column: label_faults(column, frame[column].unique()) for column in named}
    found[schema.MEASURE] = measure_faults(frame[schema.MEASURE].unique())
    for column, values in found.items():
        if values:
            more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
            told = f"{column!r} holds {', '.join(map(_told, values[:_NAMED]))}{more}"
            faults.append(Fault(told, column=column, hint=REMEDY))
    return tuple(faults)


LABELS_LEAVE: Final = (
    "a number in a tag, its heading or a measure may be a count, and would be released as it is."
)
_RENAME: Final = "Give the column a heading without a number."


def _told(text: str) -> str:
    """Quote a text, with the numbers in it where it is more than one."""
    if "@" in text:
        return f"{text!r} (an address, by its @)"
    numbers = numbers_counted(text)
    return repr(text) if not numbers or numbers == [text] else f"{text!r} ({', '.join(numbers)})"


def _check_overlaps(flows: pd.DataFrame) -> None:
    """Refuse windows of one measure and origin that overlap: records in both would be told apart.

    Windows of different origins may: not all keep the same year.
    """
    columns = [schema.MEASURE, schema.ORIGIN_NAME, *_WINDOW]
    windows = flows[columns].dropna(subset=list(_WINDOW)).drop_duplicates()
    ordered = windows.sort_values(columns)
    before = ordered.groupby(columns[:2], dropna=False)[schema.PERIOD_END].shift()
    within = ordered[before.notna() & (ordered[schema.PERIOD_START] <= before)]
    if len(within):
        start, end = within[list(_WINDOW)].iloc[0]
        raise DisclosureError(
            f"The window {start} to {end} overlaps another of the same origin: what lies in one "
            "and not in the other could be subtracted. Use windows that follow each other."
        )


def series_of(key: Key) -> Key:
    """Name the measure and the tags of a block, whose windows are cut by the same places.

    >>> series_of(("records", "2024-01", "2024-03", "16-17"))
    ('records', '16-17')
    """
    return (key[0], *key[3:])


def count_blocks(flows: pd.DataFrame, *, by: Sequence[str] = ()) -> Iterator[Counted]:
    """Count the records of each block by origin and destination, in the order of the keys.

    The tags `by` divide no block: each is counted over all of it.
    """
    columns = [column for column in block_columns(flows) if column not in by]
    rows = pd.DataFrame(flows[[*columns, *by]]).astype(object)
    rows = rows.where(rows.notna(), None)
    rows["_origin"] = _nodes(flows, *(_ENDS[0][0], _ENDS[0][4]))
    rows["_destination"] = _nodes(flows, *(_ENDS[1][0], _ENDS[1][4]))
    rows["_count"] = flows[schema.COUNT].astype("int64").to_numpy()
    blocks: dict[Key, Counted] = {}
    for tag in (*columns, *by):
        # as objects: among texts pandas would turn None into a number, which equals no key
        words = [None if part is None else str(part) for part in rows[tag]]
        rows[tag] = pd.Series(words, rows.index, dtype=object)
    for row in rows.itertuples(index=False, name=None):
        origin, destination, count = row[-3:]
        key, values = row[: len(columns)], row[len(columns) : -3]
        block = blocks.setdefault(key, Counted(key, {}, {tag: {} for tag in by}))
        if count > 0:
            ends = (origin, destination)
            block.counts[ends] = block.counts.get(ends, 0) + count
            for tag, told in zip(by, values, strict=True):
                value = NO_VALUE if told is None else told
                block.by_tag[tag][value] = block.by_tag[tag].get(value, 0) + count
    for key in sorted(blocks, key=_order):
        if blocks[key].counts:
            yield blocks[key]


def _nodes(flows: pd.DataFrame, place: str, part: str) -> list[str]:
    """Name the node of each row: a place, what has none, or (of a release) the rest of all."""
    rest = flows[part] == schema.REST if part in flows else pd.Series(False, flows.index)
    return [
        str(place_id) if isinstance(place_id, str) else (ANYWHERE if is_rest else UNPLACED)
        for place_id, is_rest in zip(flows[place], rest.fillna(False), strict=True)
    ]


def to_flows(
    cells: Mapping[Key, Mapping[Place, int]], columns: tuple[str, ...], gazetteer: Gazetteer
) -> gpd.GeoDataFrame:
    """Write the numbers to show, by block and cell, as FLOWS with their parts.

    An area is a rest in every window if a finer place is shown in any: where that place has too
    few in a window, its number is withheld, and is not in the area's.
    """
    names = _names(gazetteer)
    rest = {
        series: rests(shown, *trees(shown, gazetteer))
        for series, shown in _by_series(cells).items()
    }
    rows = [
        dict(zip(columns, key, strict=True))
        | _row(place, rest[series_of(key)][place], number, names)
        for key, shown in cells.items()
        for place, number in shown.items()
    ]
    return _finished(rows, columns, gazetteer)


def _by_series(cells: Mapping[Key, Iterable[_Cell]]) -> dict[Key, dict[_Cell, None]]:
    """List what any window shows, by measure and tags, in the order of the blocks."""
    found: dict[Key, dict[_Cell, None]] = {}
    for key, shown in cells.items():
        found.setdefault(series_of(key), {}).update(dict.fromkeys(shown))
    return found


def _names(gazetteer: Gazetteer) -> Names:
    places = gazetteer.places
    told = zip(places[schema.NAME], places[schema.LEVEL], strict=True)
    return dict(zip(places.index, told, strict=True))


def _finished(
    rows: list[dict[str, object]], columns: tuple[str, ...], gazetteer: Gazetteer
) -> gpd.GeoDataFrame:
    tags = tuple(column for column in columns if column not in schema.FLOW_COLUMNS)
    wanted = [*schema.FLOW_COLUMNS, *tags, *schema.RELEASE_COLUMNS]
    table = pd.DataFrame(rows, columns=wanted)
    for column in wanted:  # a tag is a word, also where it looks like a number
        if column not in (schema.COUNT, schema.GEOMETRY):
            table[column] = table[column].astype(schema.TEXT_DTYPE)
    table[schema.COUNT] = table[schema.COUNT].astype("Int64")
    return finish(table, schema.RECORDS, (*tags, *schema.RELEASE_COLUMNS), gazetteer)


def to_where(
    numbers: Mapping[Key, Mapping[str, int]], columns: tuple[str, ...], gazetteer: Gazetteer
) -> gpd.GeoDataFrame:
    """Write the numbers of all origins together, by block and place, as FLOWS with their parts."""
    names = _names(gazetteer)
    origin = dict(
        zip(_ENDS[0], (None, schema.ALL_ORIGINS, None, schema.EXACT, schema.WHOLE), strict=True)
    )
    around: dict[Key, set[str]] = {}
    for series, places in _by_series(numbers).items():
        _, tree = trees([(ANYWHERE, place) for place in places], gazetteer)
        around[series] = {over for place in places for over in tree.upwards(place) if over != place}
    rows = []
    for key, shown in sorted(numbers.items(), key=lambda item: _order(item[0])):
        for place, number in shown.items():
            is_rest = place in around[series_of(key)] or place == ANYWHERE
            part = schema.REST if is_rest else schema.WHOLE
            end = dict(zip(_ENDS[1], (*_named(place, part, names), part), strict=True))
            block = dict(zip(columns, key, strict=True))
            rows.append(block | origin | end | {schema.COUNT: number})
    return _finished(rows, columns, gazetteer)


def to_values(numbers: Mapping[Key, Mapping[Name, int]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Write the numbers by tag, by block: all records of all origins, one row a value shown."""
    rows = [
        (*key, tag, value or None, number)
        for key, shown in sorted(numbers.items(), key=lambda item: _order(item[0]))
        for tag, value, number in sorted(
            (tag_of(kind), value, number)
            for (kind, value), number in shown.items()
            if is_of_tag(kind)
        )
    ]
    named = [*columns, schema.TAG_HEADING, schema.TAG_VALUE]
    table = pd.DataFrame(rows, columns=[*named, schema.COUNT])
    return table.astype(dict.fromkeys(named, schema.TEXT_DTYPE) | {schema.COUNT: "Int64"})


def trees(cells: Iterable[Place], gazetteer: Gazetteer) -> tuple[Tree, Tree]:
    """Grow the trees of the origins and of the destinations of cells, with all around them."""
    ends = list(cells)
    return (
        Tree.of(gazetteer.places, {origin for origin, _ in ends}),
        Tree.of(gazetteer.places, {destination for _, destination in ends}),
    )


def _row(
    place: tuple[str, str], rests: tuple[bool, bool], number: int, names: Names
) -> dict[str, object]:
    row: dict[str, object] = {schema.COUNT: number}
    for node, rest, columns in zip(place, rests, _ENDS, strict=True):
        part = schema.REST if rest or node == ANYWHERE else schema.WHOLE
        row |= dict(zip(columns, (*_named(node, part, names), part), strict=True))
    return row


def _named(node: str, part: str, names: Names) -> tuple[str | None, ...]:
    if node in (ANYWHERE, UNPLACED):
        return None, (ELSEWHERE if node == ANYWHERE else NOT_FOUND), None, schema.NOT_STATED
    name, level = names[node]
    return node, (f"rest of {name}" if part == schema.REST else name), level, schema.RELEASED
