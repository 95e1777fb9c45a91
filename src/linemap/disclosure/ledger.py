"""The ledger: what earlier releases showed, so that two together tell no more than one.

It lies in a private folder and is never sent: it holds what was published, and a keyed
sample of the rows behind it. A later release of the same measure, windows and tags
repeats what was shown before, unless a number has changed by more people than the
threshold: a change is a count too. A release that was withdrawn binds nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.disclosure.cells import NO_VALUE, Key, block_columns, series_of, veiled
from linemap.disclosure.release import Release, require_release
from linemap.disclosure.row_sketch import Group, RowSketch, Sample, same_measure
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import ANYWHERE, UNPLACED, Place, is_of_tag, kind_of_tag
from linemap.errors import DisclosureError, InputError, Way
from linemap.io import write_whole

FORMAT: Final = "linemap ledger 2"
KINDS: Final = ("origin", "destination", "all", "unplaced", schema.WHERE_TO)  # of totals
_COUNT_LIMIT: Final = 10**12
_REPEAT: Final = Way(
    "the same windows, tags, values and rule as before",
    "the same period, tags and rule as before",
    "numbers are repeated unless they have changed by the threshold or more.",
)
_OTHERS: Final = Way(
    "--series NAME",
    "series=name",
    "only if these are other records (another year, another force): a series of their own "
    "begins. The same records are refused there too.",
)
WITHDRAW: Final = Way(
    "linemap withdraw FOLDER",
    "withdraw(folder)",
    "only if that release has never left the building, as a draft: it then binds no later one, "
    "and its folder may be deleted (to delete the folder alone changes nothing). If it has left, "
    "whoever holds both can subtract them.",
)


@dataclass(frozen=True)
class Shown:
    """What a release showed of one block: its cells, and its totals by kind and name.

    ``by`` are the tags that were a view of their own, whether any number of them was shown.
    ``withheld`` are the places of an origin (None: of all together) that were shown in another
    window that was cut with this one, but had too few in this: they are in no area around. It
    is worked out from the ledger (:meth:`Ledger.earlier`) and not kept in it.
    """

    columns: tuple[str, ...]
    key: Key
    cells: Mapping[Place, int]
    totals: Mapping[tuple[str, str], int]
    rule: Rule
    by: tuple[str, ...] = ()
    withheld: frozenset[tuple[str | None, str]] = field(default=frozenset(), compare=False)

    @property
    def together(self) -> dict[tuple[str | None, str], int]:
        """The numbers of all origins together, by no origin and a place."""
        return {
            (None, place): n for (kind, place), n in self.totals.items() if kind == schema.WHERE_TO
        }


@dataclass(frozen=True)
class Entry:
    """One release: its folder's name, the day it was made, and what it showed.

    `manifest` is the SHA-256 of its manifest, `withdrawn` the day and the reason why it
    binds nobody any more; both are empty where there is none.
    """

    name: str
    day: str
    blocks: tuple[Shown, ...]
    manifest: str = ""
    rows: RowSketch = field(default_factory=RowSketch)
    withdrawn: str = ""

    def __str__(self) -> str:
        called = f"the release {self.name!r}" if self.name else "an earlier release"
        return f"{called} of {self.day}" if self.day else called


@dataclass(frozen=True)
class Ledger:
    """The releases of one series, the last first.

    `series` is a random identifier that its releases carry, `key` the secret under
    which rows are sampled; both are empty in a ledger that is kept in memory.
    """

    entries: tuple[Entry, ...] = ()
    series: str = ""
    key: bytes = b""

    @classmethod
    def read(cls, path: str | Path) -> Ledger:
        """Read a ledger; an empty one where there is no such file.

        Raises InputError for a file that is no ledger: nothing is released on a guess.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ValueError(f"its format is {content['format']!r}, not {FORMAT!r}")
            return cls(
                tuple(_entry(entry) for entry in _list(content["releases"])),
                _hex(content["series"]),
                bytes.fromhex(_hex(content["key"])),
            )
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
            raise InputError(
                f"{path} is no ledger of earlier releases ({error}). Restore it from a backup: "
                "without it two releases together may tell what each of them hides."
            ) from error

    def text(self) -> str:
        """Write the ledger as JSON, the same for the same ledger."""
        content = {
            "format": FORMAT,
            "series": self.series,
            "key": self.key.hex(),
            "releases": [_plain_entry(entry) for entry in self.entries],
        }
        return json.dumps(content, ensure_ascii=True, indent=1) + "\n"

    def write(self, path: str | Path) -> None:
        """Write the ledger to a file, whole or not at all, for its owner alone, and see it there.

        When this returns, the file is on the disk under its name.
        """
        write_whole(Path(path), self.text().encode(), private=True)

    @property
    def binding(self) -> tuple[Entry, ...]:
        """The releases that were not withdrawn, the last first."""
        return tuple(entry for entry in self.entries if not entry.withdrawn)

    @property
    def blocks(self) -> tuple[Shown, ...]:
        """What the releases that bind showed, each once, the last first."""
        found: list[Shown] = []
        for entry in self.binding:
            found += [block for block in entry.blocks if block not in found]
        return tuple(found)

    def with_release(
        self,
        release: Release,
        *,
        name: str = "",
        day: str = "",
        manifest: str = "",
        rows: RowSketch | None = None,
    ) -> Ledger:
        """Return the ledger with a release added; one of published statements adds nothing.

        `name`, `day` (YYYY-MM-DD), `manifest` and `rows` describe it as an :class:`Entry`
        does. One that the ledger holds already, by its manifest or (without one) by all that
        it shows, is not added again.
        """
        release = require_release(release)
        if release.rule is None:
            return self
        blocks = tuple(_blocks(release))
        if manifest:
            known = any(entry.manifest == manifest for entry in self.binding)
        else:
            known = all(block in self.blocks for block in blocks)
        if known:
            return self
        entry = Entry(name, day, blocks, manifest, rows or RowSketch())
        return replace(self, entries=(entry, *self.entries))

    def withdraw(self, manifest: str, *, day: str, reason: str = "") -> Ledger:
        """Return the ledger with a release that never left the building marked as withdrawn.

        It stays in the ledger, with the day and the reason, and binds no later release.

        Raises
        ------
        DisclosureError
            If no release that binds has a manifest with this SHA-256.
        """
        if not any(entry.manifest == manifest for entry in self.binding):
            raise DisclosureError(
                "The ledger holds no release with this manifest that could be withdrawn: it was "
                "withdrawn already, was changed, or belongs to another series."
            )
        said = f"{day}: {reason}" if reason else day
        entries = [
            replace(entry, withdrawn=said) if entry.manifest == manifest else entry
            for entry in self.entries
        ]
        return replace(self, entries=tuple(entries))

    def meeting(self, keys: Iterable[Key]) -> tuple[Entry, ...]:
        """Return the releases that bind and may count the same records as one of `keys`."""
        wanted = list(keys)
        return tuple(
            entry
            for entry in self.binding
            if any(keys_meet(block.key, key) for block in entry.blocks for key in wanted)
        )

    def overlaps(self, keys: Iterable[Key]) -> bool:
        """Say whether any block shown here may count the same records as one of `keys`."""
        return bool(self.meeting(keys))

    def earlier(
        self,
        columns: tuple[str, ...],
        key: Key,
        rule: Rule,
        beside: Iterable[Key] = (),
        *,
        by: tuple[str, ...] = (),
    ) -> tuple[Shown, ...]:
        """Return what was shown of a block before, the last first.

        `by` are the tags that are views of their own, which were those of every earlier
        release too: two divisions of the same records may tell what neither does.
        `beside` are the keys of all blocks of the release: records without a date
        beside dated ones are others than these, in it and in an earlier one alike.

        Raises
        ------
        DisclosureError
            If an earlier release counted the same measure under another name or rule, or in
            windows or tags that overlap and are not the same: together they could
            tell what each of them hides. The error names that release and the ways out.
        """
        undated = is_undated_rest(key, beside)
        meeting: list[Shown] = []
        for entry in self.binding:
            keys = [block.key for block in entry.blocks]
            meeting += [
                block
                for block in entry.blocks
                if block not in meeting
                and keys_meet(block.key, key)
                and not (undated and block.key[1] is not None)
                and not (key[1] is not None and is_undated_rest(block.key, keys))
            ]
        renamed = [block for block in meeting if block.key[0] != key[0]]
        if renamed:
            raise self._refusal(
                renamed[0],
                f"calls the measure {renamed[0].key[0]!r}, not {key[0]!r}",
                Way(f'--measure "{renamed[0].key[0]}", or that word in the table',
                    f"measure={str(renamed[0].key[0])!r}", _REPEAT.consequence),
            )  # fmt: skip
        window = [
            block
            for block in meeting
            if (block.columns, block.key[:3], set(block.by)) == (columns, key[:3], set(by))
        ]
        same = tuple(block for block in window if block.key in (key, veiled(key)))
        other = next((block for block in same if block.rule != rule), None)
        if other is not None:
            raise self._refusal(other, f"showed the same records under another rule "
                                       f"({other.rule.name})", _REPEAT)  # fmt: skip
        divided = [block for block in meeting if block not in window]
        if divided:
            raise self._refusal(
                divided[0], "divides the same records otherwise, by other windows or tags", _REPEAT
            )
        if window and not same:
            raise self._refusal(
                window[0],
                "has no such value of a tag in the same window: the records may have had another "
                "value there",
                _REPEAT,
            )
        return tuple(self.with_withheld(block) for block in same)

    def with_withheld(self, block: Shown) -> Shown:
        """Add to what was shown of a block which places were withheld in it.

        The windows that a release showed first were cut by the same places; later releases
        repeat that cut. A place that is shown in one of them is in no area around in the others.
        """
        first: dict[tuple[tuple[str, ...], Key], tuple[int, Shown]] = {}
        for at, entry in enumerate(self.entries):  # the last first, so that the first stays
            first |= {(shown.columns, shown.key): (at, shown) for shown in entry.blocks}
        here, series = (block.columns, block.key), series_of(block.key)
        cut: set[tuple[str | None, str]] = set()
        for (columns, key), (at, shown) in first.items():
            same = columns == block.columns and series_of(key) == series
            if same and here in first and at == first[here][0]:
                cut |= {*shown.cells, *shown.together}
        return replace(block, withheld=frozenset(cut - block.cells.keys() - block.together.keys()))

    def _refusal(self, block: Shown, what: str, *ways: Way) -> DisclosureError:
        entry = next((entry for entry in self.binding if block in entry.blocks), None)
        called = str(entry) if entry is not None else "an earlier release"
        return DisclosureError(
            f"{called[0].upper()}{called[1:]} {what}; two such releases can be subtracted from "
            "each other. These are the ways on:",
            (*ways, _OTHERS, WITHDRAW),
        )


def blocks_of(
    flows: pd.DataFrame,
    summaries: Mapping[str, pd.DataFrame],
    rule: Rule,
    covered: Iterable[Key] | None = None,
    where_to: pd.DataFrame | None = None,
    by: Iterable[str] | None = None,
) -> tuple[Shown, ...]:
    """Take what a release showed from its tables, block by block.

    The numbers of the view `where_to` stand among the totals, as do those by tag. `by` names
    the tags that were views of their own; without it, those of which a number is shown.

    `covered` are the keys of all that was counted, also of what is not shown; without
    them there are the blocks that show a cell.
    """
    columns = block_columns(flows)
    cells: dict[Key, dict[Place, int]] = {}
    totals: dict[Key, dict[tuple[str, str], int]] = {}
    for row in flows.to_dict("records"):
        place = (
            _node(row[schema.ORIGIN_ID], row[schema.ORIGIN_COVERAGE]),
            _node(row[schema.DESTINATION_ID], row[schema.DESTINATION_COVERAGE]),
        )
        cells.setdefault(_key(row, columns), {})[place] = int(row[schema.COUNT])
    for name, kind, column, place_column in (
        ("origins", "origin", "n", schema.ORIGIN_ID),
        ("destinations", "destination", "n", schema.DESTINATION_ID),
        ("whole", "all", "n", None),
        ("whole", "unplaced", "n_unplaced", None),
    ):
        for row in summaries[name].to_dict("records") if name in summaries else ():
            if isinstance(row[column], int):
                name_of = str(row[place_column]) if place_column else ""
                totals.setdefault(_key(row, columns), {})[kind, name_of] = row[column]
    for row in where_to.to_dict("records") if where_to is not None else ():
        name_of = _node(row[schema.DESTINATION_ID], row[schema.DESTINATION_COVERAGE])
        number = int(row[schema.COUNT])
        totals.setdefault(_key(row, columns), {})[schema.WHERE_TO, name_of] = number
    values = summaries.get(schema.BY_TAG)
    for row in values.to_dict("records") if values is not None else ():
        value = row[schema.TAG_VALUE]
        kind, name_of = kind_of_tag(row[schema.TAG_HEADING]), NO_VALUE
        if isinstance(value, str):
            name_of = value
        totals.setdefault(_key(row, columns), {})[kind, name_of] = int(row[schema.COUNT])
    if by is None:
        by = [] if values is None else sorted(set(values[schema.TAG_HEADING]))
    keys = cells if covered is None else covered
    return tuple(
        Shown(columns, key, cells.get(key, {}), totals.get(key, {}), rule, tuple(by))
        for key in keys
    )


def keys_meet(one: Key, other: Key) -> bool:
    """Say whether two blocks are of one measure, in windows that may hold the same records.

    >>> keys_meet(("Links", "2024-01", "2024-03"), ("link", "2024-03", "2024-05"))
    True
    """
    (measure, start, end), (its, first, last) = one[:3], other[:3]
    if same_measure(measure) != same_measure(its):
        return False
    if None in (start, end, first, last):
        return True
    return str(start) <= str(last) and str(first) <= str(end)


def is_undated_rest(key: Key, beside: Iterable[Key]) -> bool:
    """Say whether a block holds the records without a date of a release that has dated ones too.

    >>> is_undated_rest(("links", None, None), [("links", "2024-01", "2024-12")])
    True
    """
    return key[1] is None and any(
        other[1] is not None and same_measure(other[0]) == same_measure(key[0]) for other in beside
    )


def _blocks(release: Release) -> tuple[Shown, ...]:
    assert release.rule is not None  # noqa: S101 - asked by the only caller, for the type checker
    where_to = release.views.get(schema.WHERE_TO)
    return blocks_of(
        release.flows, release.summaries, release.rule, release.covered, where_to, release.tags
    )


def _key(row: Mapping[Any, Any], columns: tuple[str, ...]) -> Key:
    return tuple(str(row[c]) if isinstance(row[c], str) else None for c in columns)


def _node(place_id: object, part: object) -> str:
    if isinstance(place_id, str):
        return place_id
    return ANYWHERE if part == schema.REST else UNPLACED


# ── To and from JSON; whatever is read is checked, for a ledger may have been edited ──


def _plain_entry(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "day": entry.day,
        "manifest": entry.manifest,
        "withdrawn": entry.withdrawn,
        "rows": _plain_samples(entry.rows.groups),
        "placed": _plain_samples(entry.rows.placed),
        "blocks": [_plain(block) for block in entry.blocks],
    }


def _plain_samples(groups: Mapping[Group, Sample]) -> list[list[Any]]:
    return [
        [*group, sample.size, [f"{value:x}" for value in sample.hashes]]
        for group, sample in sorted(groups.items())
    ]


def _plain(block: Shown) -> dict[str, Any]:
    return {
        "columns": list(block.columns),
        "key": list(block.key),
        "by": list(block.by),
        "rule": asdict(block.rule),
        "cells": [[*place, count] for place, count in sorted(block.cells.items())],
        "totals": [[*name, count] for name, count in sorted(block.totals.items())],
    }


def _entry(entry: Mapping[str, Any]) -> Entry:
    return Entry(
        _str(entry["name"]),
        _str(entry["day"]),
        tuple(_shown(block) for block in _list(entry["blocks"])),
        _hex(entry["manifest"]),
        RowSketch(_samples(entry["rows"]), _samples(entry.get("placed", []))),
        _str(entry["withdrawn"]),
    )


def _samples(value: object) -> dict[Group, Sample]:
    groups = {}
    for measure, month, size, hashes in map(_list, _list(value)):
        values = tuple(int(_hex(value), 16) for value in _list(hashes))
        if not len(values) <= _count(size, 1) or sorted(set(values)) != list(values):
            raise ValueError("a sample of rows is damaged")
        groups[_str(measure), _str(month)] = Sample(size, values)
    return groups


def _shown(block: Mapping[str, Any]) -> Shown:
    columns = tuple(map(_str, _list(block["columns"])))
    key = tuple(None if part is None else _str(part) for part in _list(block["key"]))
    windows = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)
    if columns[:3] != windows or len(key) != len(columns) or len(set(columns)) != len(columns):
        raise ValueError("a block has a key other than its columns")
    rule = block["rule"]
    if not isinstance(rule, dict) or rule.keys() != {part.name for part in fields(Rule)}:
        raise ValueError("a rule is damaged")
    read = Rule(**rule)
    if asdict(read) != rule:
        raise ValueError("a rule has the name of another")
    cells = {(_str(o), _str(d)): _number(n, read) for o, d, n in map(_list, _list(block["cells"]))}
    totals = {
        (_str(kind), _str(name)): _number(n, read, total=kind == "all" or is_of_tag(kind))
        for kind, name, n in map(_list, _list(block["totals"]))
    }
    if len(cells) < len(block["cells"]) or len(totals) < len(block["totals"]):
        raise ValueError("a cell is stated twice")
    by = tuple(map(_str, _list(block.get("by", []))))  # an earlier version wrote none
    if not {kind for kind, _ in totals} <= {*KINDS, *map(kind_of_tag, by)}:
        raise ValueError("a total is of no known kind")
    return Shown(columns, key, cells, totals, read, by)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{str(value)[:40]!r} is not a list")
    return value


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is not a text")
    value.encode()  # half a character raises a ValueError
    return value


def _hex(value: object) -> str:
    text = _str(value)
    if not set(text) <= set("0123456789abcdef") or len(text) > 64:
        raise ValueError(f"{text[:40]!r} is no identifier")
    return text


def _count(value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < _COUNT_LIMIT:
        raise ValueError(f"{str(value)[:40]!r} is no count")
    return value


def _number(value: object, rule: Rule, *, total: bool = False) -> int:
    """Take a number that the rule can have shown."""
    count = _count(value, rule.threshold)
    if rule.shown(count, total=total) != count:
        raise ValueError(f"{count} is not shown by its rule")
    return count
