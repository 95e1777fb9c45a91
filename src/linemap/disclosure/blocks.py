"""The cells of a block: from an origin to a destination, and which of them are a rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from linemap.disclosure.tree import Tree

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
