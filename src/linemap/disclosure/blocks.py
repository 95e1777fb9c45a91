"""A block: the counts of one measure, period and set of tags, cut along both trees.

First each origin's destinations are cut (:mod:`rollup`). What an origin
withholds then goes up to the area around the origin, is pooled there with what
its neighbours withhold, and cut again: "the rest of London to Norfolk".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from linemap.disclosure.rollup import Cut, best_cut
from linemap.disclosure.tree import ANYWHERE, Tree

Place = tuple[str, str]  # an origin and a destination
Counts = Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that is shown: all of `origin` to all of `destination` that no finer cell holds."""

    origin: str
    destination: str
    count: int


@dataclass(frozen=True)
class Block:
    """Counts, and the cut of each origin that has any, or to which any have gone up."""

    counts: Counts
    origins: Tree
    destinations: Tree
    cuts: Mapping[str, Cut]

    @property
    def cells(self) -> Iterator[Cell]:
        """Yield the cells that are shown, by origin and destination."""
        for origin, cut in sorted(self.cuts.items()):
            for destination, leaves in sorted(cut.shown.items()):
                yield Cell(origin, destination, sum(leaves.values()))

    def holder(self, origin: str, destination: str) -> Place | None:
        """Name the cell that holds what goes from a place to a place, or None if it is withheld."""
        for over in self.origins.upwards(origin):
            cut = self.cuts.get(over)
            for area in self.destinations.upwards(destination) if cut else ():
                if area in cut.shown:  # type: ignore[union-attr] # there is none without a cut
                    return over, area
        return None


def rests(
    cells: Iterable[Place], origins: Tree, destinations: Tree
) -> dict[Place, tuple[bool, bool]]:
    """Say of each cell whether finer cells are out of it: of its origin, its destination."""
    every = list(cells)
    around = {above for o, _ in every for above in origins.upwards(o) if above != o}
    beyond = {(o, above) for o, d in every for above in destinations.upwards(d) if above != d}
    return {cell: (cell[0] in around, cell in beyond) for cell in every}


def cut_block(
    counts: Counts,
    origins: Tree,
    destinations: Tree,
    *,
    threshold: int,
    pool: bool = True,
) -> Block:
    """Cut a block into cells of at least `threshold`; without `pool` nothing goes up by origin."""
    waiting: dict[str, dict[str, int]] = {}
    for (origin, destination), count in sorted(counts.items()):
        if count > 0:
            waiting.setdefault(origin, {})[destination] = count
    cuts: dict[str, Cut] = {}
    left: dict[str, int] = {}
    for origin in origins.bottom_up(list(waiting)):
        here = waiting.pop(origin, {})
        if not here:
            continue
        cut = best_cut(here, destinations, least=lambda _: threshold)
        cuts[origin] = cut
        if origin == ANYWHERE:
            continue
        above = origins.parents[origin] if pool else ANYWHERE
        target = waiting.setdefault(above, {}) if pool else left
        for destination, count in cut.withheld.items():
            target[destination] = target.get(destination, 0) + count
    if left:
        cuts[ANYWHERE] = Cut({}, left, 0)
    return Block(counts, origins, destinations, cuts)
