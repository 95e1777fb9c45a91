"""The tree of places: settlement, district, borough or county, force, region, nation, all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from linemap import schema
from linemap.errors import UnknownPlaceError

ANYWHERE: Final = "*"  # the root: every place there is, and those not stated
UNPLACED: Final = "?"  # not stated, not found, or not decided; a leaf below the root

# A place's parent is the first of these that is known and coarser than the place.
_UPWARDS: Final = (
    schema.DISTRICT, schema.BOROUGH, schema.COUNTY, schema.FORCE, schema.REGION, schema.NATION,
)  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """Nodes with their parents and levels; every node's last ancestor is :data:`ANYWHERE`."""

    parents: Mapping[str, str]
    levels: Mapping[str, str]

    @classmethod
    def of(cls, places: pd.DataFrame, wanted: Iterable[str]) -> Tree:
        """Build the tree of the `wanted` places and everything around them.

        Raises UnknownPlaceError for a place that `places` lacks.
        """
        parents = {UNPLACED: ANYWHERE}
        levels = {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED}
        waiting = sorted(set(wanted) - {ANYWHERE, UNPLACED})
        table = pd.DataFrame(places[[schema.LEVEL, *schema.PARENT_IDS.values()]])
        while waiting:
            for place, row in _rows(table, waiting).items():
                level = str(row[schema.LEVEL])
                parents[place] = next(_coarser(level, row), ANYWHERE)
                levels[place] = level
            waiting = sorted(set(parents.values()) - parents.keys() - {ANYWHERE})
        return cls(parents, levels)

    def upwards(self, node: str) -> Iterator[str]:
        """Yield the node itself, its parent, and so on to the root."""
        yield node
        while node != ANYWHERE:
            node = self.parents[node]
            yield node

    def inside(self, node: str, area: str) -> bool:
        """Say whether `node` lies in `area`, or is it."""
        return area in self.upwards(node)

    def bottom_up(self, nodes: Iterable[str]) -> list[str]:
        """List `nodes` and all their ancestors, children before parents, else by name."""
        wanted = {above for node in nodes for above in self.upwards(node)} | {ANYWHERE}
        return sorted(wanted, key=lambda node: (-len(list(self.upwards(node))), node))


def _rows(table: pd.DataFrame, wanted: list[str]) -> dict[str, dict[str, object]]:
    """Take the level and the parents of each of the `wanted` places."""
    found = table.index.get_indexer(pd.Index(wanted))
    for place, position in zip(wanted, found, strict=True):
        if position < 0:
            raise UnknownPlaceError(f"The gazetteer has no place with the id {place!r}.")
    rows = table.iloc[found].itertuples(index=False, name=None)
    return {
        place: dict(zip(table.columns, row, strict=True))
        for place, row in zip(wanted, rows, strict=True)
    }


def _coarser(level: str, row: Mapping[str, object]) -> Iterator[str]:
    start = len(_UPWARDS) - 1 if level == schema.GROUP else 0
    if level in _UPWARDS:
        start = _UPWARDS.index(level) + 1
    for upper in _UPWARDS[start:]:
        parent = row[schema.PARENT_IDS[upper]]
        if isinstance(parent, str) and {level, upper} != {schema.BOROUGH, schema.COUNTY}:
            yield parent
