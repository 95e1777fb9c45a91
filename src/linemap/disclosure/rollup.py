"""Roll-up: each place is shown with what is left to it, or leaves it to the area around.

The cut is greedy, from the finest places up. A place is shown if what no finer
place holds is enough there, and that alone decides: what a reader learns of a
place that is not shown is that too little was left to it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from linemap.disclosure.tree import ANYWHERE, Tree

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
