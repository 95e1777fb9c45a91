"""Roll-up: each place is shown with what is left to it, or leaves it to the area around.

The tree of places runs from settlement over district, borough or county, force, region and
nation to everything. The cut is greedy, from the finest places up. A place is shown if what
no finer place holds is enough there, and that alone decides: what a reader learns of a
place that is not shown is that too little was left to it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


Place = tuple[str, str]  # an origin and a destination
Counts = Mapping[Place, int]


def rests(
    cells: Iterable[Place], origins: Tree, destinations: Tree
) -> dict[Place, tuple[bool, bool]]:
    """Say of each cell whether finer cells are out of it: of its origin, its destination."""
    every = list(cells)
    around = {above for o, _ in every for above in origins.upwards(o) if above != o}
    beyond = {(o, above) for o, d in every for above in destinations.upwards(d) if above != d}
    return {cell: (cell[0] in around, cell in beyond) for cell in every}


# ── The cut ─────────────────────────────────────────────────────────────────

Leaves = Mapping[str, int]  # places, as finely as the records name them, and their counts


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to a place: by window, what no finer place that is shown holds.

    `occurs` says whether any record names the place itself, `branches` how many of the places
    right below it hold, or could hold, some of what is left.
    """

    windows: tuple[Leaves, ...]
    occurs: bool
    branches: int

    @property
    def counts(self) -> tuple[int, ...]:
        """The counts, by window."""
        return tuple(sum(leaves.values()) for leaves in self.windows)


@dataclass(frozen=True, slots=True)
class Cut:
    """The places that are shown, with the leaves that each holds by window, and what is withheld.

    Every leaf is in the finest place around it that is shown.
    """

    shown: Mapping[str, tuple[Leaves, ...]]
    withheld: tuple[Leaves, ...]

    def holder(self, place: str, tree: Tree) -> str | None:
        """Name the place that is shown and holds `place`; None if it is withheld."""
        return next((over for over in tree.upwards(place) if over in self.shown), None)


def roll_up(
    windows: Sequence[Leaves],
    tree: Tree,
    nodes: Sequence[str],
    is_shown: Callable[[str, Left], bool],
    *,
    leaves: frozenset[str],
) -> Cut:
    """Cut the counts of each window along the tree, by the same places in every window.

    `nodes` are the places of the tree, children before parents, `leaves` those that any record
    of the table names: what could hold something is public, whether or not it does here.
    """
    carried: dict[str, list[dict[str, int]]] = {}
    branches: dict[str, int] = {}
    shown: dict[str, tuple[Leaves, ...]] = {}
    for node in nodes:
        here = carried.pop(node, None) or [{} for _ in windows]
        for held, window in zip(here, windows, strict=True):
            if window.get(node, 0):
                held[node] = window[node]
        left = Left(tuple(here), node in leaves, branches.get(node, 0))
        if is_shown(node, left):
            shown[node] = left.windows
            here = [{} for _ in windows]
        elif node != ANYWHERE and (left.occurs or left.branches):
            above = tree.parents[node]
            branches[above] = branches.get(above, 0) + 1
        if node == ANYWHERE:
            return Cut(shown, tuple(here))
        above = tree.parents[node]
        for held, more in zip(carried.setdefault(above, [{} for _ in windows]), here, strict=True):
            held.update(more)
    raise AssertionError("a tree ends in its root")
