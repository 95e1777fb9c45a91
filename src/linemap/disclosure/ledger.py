"""The ledger: what earlier releases showed, so that two together tell no more than one.

It lies in the private folder and holds published numbers only. A later release
of the same measure, windows and tags repeats what it showed before, unless a
number has changed by more people than the threshold: a change is a count too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from linemap import schema
from linemap.disclosure.blocks import Place
from linemap.disclosure.counting import Key, block_columns
from linemap.disclosure.release import Release, require_release
from linemap.disclosure.rule import Rule
from linemap.disclosure.tree import ANYWHERE, UNPLACED
from linemap.errors import DisclosureError, InputError

FORMAT: Final = "linemap ledger 1"


@dataclass(frozen=True)
class Shown:
    """What a release showed of one block: its cells, and its totals by kind and name."""

    columns: tuple[str, ...]
    key: Key
    cells: Mapping[Place, int]
    totals: Mapping[tuple[str, str], int]
    rule: Rule


@dataclass(frozen=True)
class Ledger:
    """The blocks that earlier releases showed, the last release first."""

    blocks: tuple[Shown, ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> Ledger:
        """Read a ledger; an empty one where there is no such file.

        Raises InputError for a file that is no ledger: nothing is let out on a guess.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ValueError(content["format"])
            return cls(tuple(_read(block) for block in content["blocks"]))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(
                f"{path} is no ledger of earlier releases ({error}). Restore it: without it two "
                "releases together may tell what each of them hides."
            ) from error

    def text(self) -> str:
        """Write the ledger as JSON, the same for the same ledger."""
        blocks = [_plain(block) for block in self.blocks]
        return json.dumps({"format": FORMAT, "blocks": blocks}, ensure_ascii=False, indent=1) + "\n"

    def write(self, path: str | Path) -> None:
        """Write the ledger to a file, whole or not at all."""
        target = Path(path)
        beside = target.with_name(f".{target.name}.new")
        beside.write_text(self.text(), encoding="utf-8")
        beside.replace(target)

    def with_release(self, release: Release) -> Ledger:
        """Return the ledger with a release added; one of published statements adds nothing.

        A block that says what it said before is not added again.
        """
        release = require_release(release)
        if release.rule is None:
            return self
        new = tuple(b for b in _blocks(release) if _bare(b) not in map(_bare, self.blocks))
        return replace(self, blocks=(*new, *self.blocks))

    def overlaps(self, keys: Iterable[Key]) -> bool:
        """Say whether any block shown here may count the same records as one of `keys`."""
        return any(_meet(block.key, key) for key in keys for block in self.blocks)

    def earlier(self, columns: tuple[str, ...], key: Key, rule: Rule) -> tuple[Shown, ...]:
        """Return what was shown of a block before, the last first.

        Raises
        ------
        DisclosureError
            If an earlier release counted the same measure under another rule, or in
            windows or tags that overlap and are not the same: together they could
            tell what each of them hides.
        """
        meeting = [block for block in self.blocks if _meet(block.key, key)]
        window = [
            block for block in meeting if (block.columns, block.key[:3]) == (columns, key[:3])
        ]
        same = tuple(block for block in window if block.key in (key, veiled(key)))
        if any(block.rule != rule for block in same):
            raise DisclosureError(
                "An earlier release showed the same records under another rule; two "
                "such releases can be compared. Use the earlier rule."
            )
        if len(window) < len(meeting):
            raise DisclosureError(
                "An earlier release divides the same records otherwise, by other windows or "
                "tags; two such releases can be subtracted from each other. Use the windows "
                "and tags of the earlier one, or a measure that it does not count."
            )
        if window and not same:
            raise DisclosureError(
                "An earlier release of the same window has no such value of a tag: the records "
                "may have had another one there, and could be subtracted. Use the values of "
                "the earlier release."
            )
        return same


def veiled(key: Key) -> Key:
    """Hide the tags of a block that shows nothing behind their hash: they are the records' words.

    >>> veiled(("links", None, None)), veiled(("links", None, None, "boy"))[3][:7]
    (('links', None, None), 'sha256:')
    """
    return (*key[:3], *(f"sha256:{sha256(str(tag).encode()).hexdigest()}" for tag in key[3:]))


def _meet(one: Key, other: Key) -> bool:
    """Say whether two blocks are of one measure, in windows that may hold the same records."""
    (measure, start, end), (its, first, last) = one[:3], other[:3]
    if measure != its or None in (start, end, first, last):
        return measure == its
    return str(start) <= str(last) and str(first) <= str(end)


def _bare(block: Shown) -> tuple[Any, ...]:
    return block.columns, block.key, dict(block.cells), dict(block.totals)


def _blocks(release: Release) -> list[Shown]:
    flows, summaries = release.flows, release.summaries
    assert release.rule is not None  # noqa: S101 - asked by the only caller, for the type checker
    columns = block_columns(flows)
    cells: dict[Key, dict[Place, int]] = {}
    totals: dict[Key, dict[tuple[str, str], int]] = {}
    for row in flows.to_dict("records"):
        place = (
            _node(row[schema.ORIGIN_ID], row[schema.ORIGIN_PART]),
            _node(row[schema.DESTINATION_ID], row[schema.PART]),
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
    return [
        Shown(columns, key, cells.get(key, {}), totals.get(key, {}), release.rule)
        for key in release.covered
    ]


def _key(row: Mapping[Any, Any], columns: tuple[str, ...]) -> Key:
    return tuple(str(row[c]) if isinstance(row[c], str) else None for c in columns)


def _node(place_id: object, part: object) -> str:
    if isinstance(place_id, str):
        return place_id
    return ANYWHERE if part == schema.REST else UNPLACED


def _plain(block: Shown) -> dict[str, Any]:
    return {
        "columns": list(block.columns),
        "key": list(block.key),
        "rule": asdict(block.rule),
        "cells": [[*place, count] for place, count in sorted(block.cells.items())],
        "totals": [[*name, count] for name, count in sorted(block.totals.items())],
    }


def _read(block: Mapping[str, Any]) -> Shown:
    return Shown(
        tuple(block["columns"]),
        tuple(block["key"]),
        {(str(o), str(d)): int(n) for o, d, n in block["cells"]},
        {(str(kind), str(name)): int(n) for kind, name, n in block["totals"]},
        Rule(**block["rule"]),
    )
