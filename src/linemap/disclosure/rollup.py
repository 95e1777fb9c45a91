"""The cut through the tree of places that keeps the most detail.

Each place is shown on its own, or goes up into what is left of the area around
it, until enough has gathered to be shown as "the rest of" that area. What has
not gathered enough at the top is withheld. Every record is then in exactly one
cell, and the cut is the best there is, by dynamic programming from the leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from linemap.disclosure.tree import ANYWHERE, DETAIL, Tree

Chain = tuple[str, "Chain"] | None  # the places shown so far, the last one first


@dataclass(frozen=True, slots=True)
class Cut:
    """The places that are shown, with what each holds, and what is withheld.

    ``shown`` maps a place to its leaves and their counts: those inside it that
    no finer place that is shown holds. ``withheld`` maps the other leaves to
    their counts.
    """

    shown: Mapping[str, Mapping[str, int]]
    withheld: Mapping[str, int]
    score: int


@dataclass(frozen=True, slots=True)
class _State:
    score: int
    chain: Chain


def best_cut(
    counts: Mapping[str, int],
    tree: Tree,
    *,
    least: Callable[[str], int],
    detail: Mapping[str, int] = DETAIL,
) -> Cut:
    """Find the cut whose records, each worth the `detail` of its place's level, are worth most.

    `counts` maps places (at any level: a record counts at the finest place that
    it names) to positive counts. A place is shown only with at least
    ``least(place)`` records. Ties go to the cut that shows the finer places.

    The search is exact: below the largest `least` every number that can be
    carried up is tried; above it, a number can be shown at any place higher
    up, so only the best for each such place's worth is kept.
    """
    nodes = tree.bottom_up(counts)
    enough = max(least(node) for node in nodes)
    carried: dict[str, dict[int, _State]] = {}
    for node in nodes:
        worth = sorted({detail[tree.levels[above]] for above in tree.upwards(node)})
        states = _prune(carried.pop(node, {0: _State(0, None)}), worth, enough)
        own = counts.get(node, 0)
        states = {number + own: state for number, state in states.items()}
        states = _show(states, node, least(node), detail[tree.levels[node]])
        if node == ANYWHERE:
            best = max(states.values(), key=lambda state: state.score)
            return _cut(counts, tree, best)
        above = tree.parents[node]
        joined = _join(carried.get(above, {0: _State(0, None)}), _prune(states, worth, enough))
        worth = sorted({detail[tree.levels[over]] for over in tree.upwards(above)})
        carried[above] = _prune(joined, worth, enough)
    raise AssertionError("a tree ends in its root")


def _show(states: dict[int, _State], node: str, least: int, worth: int) -> dict[int, _State]:
    """Add the choice of showing at `node` all that has come up to it."""
    result: dict[int, _State] = {}
    for number, state in states.items():
        if number >= least:
            shown = _State(state.score + number * worth, (node, state.chain))
            if 0 not in result or shown.score > result[0].score:
                result[0] = shown
    for number, state in states.items():
        if number not in result or state.score > result[number].score:
            result[number] = state
    return result


def _join(left: dict[int, _State], right: dict[int, _State]) -> dict[int, _State]:
    result: dict[int, _State] = {}
    for a, first in left.items():
        for b, second in right.items():
            score = first.score + second.score
            if a + b not in result or score > result[a + b].score:
                result[a + b] = _State(score, _chain(second.chain, first.chain))
    return result


def _prune(states: dict[int, _State], worth: list[int], enough: int) -> dict[int, _State]:
    """Keep every small number, and of the large ones the best for each worth higher up."""
    small = {number: state for number, state in states.items() if number < enough}
    large = sorted(number for number in states if number >= enough)
    for value in worth if large else ():
        best = max(large, key=lambda number: states[number].score + number * value)
        small[best] = states[best]
    return small


def _chain(new: Chain, old: Chain) -> Chain:
    for node in _links(new):
        old = (node, old)
    return old


def _links(chain: Chain) -> Iterator[str]:
    while chain is not None:
        node, chain = chain
        yield node


def _cut(counts: Mapping[str, int], tree: Tree, best: _State) -> Cut:
    places = set(_links(best.chain))
    shown: dict[str, dict[str, int]] = {place: {} for place in sorted(places)}
    withheld: dict[str, int] = {}
    for leaf, count in sorted(counts.items()):
        holder = next((above for above in tree.upwards(leaf) if above in places), None)
        (withheld if holder is None else shown[holder])[leaf] = count
    return Cut(shown, withheld, best.score)
