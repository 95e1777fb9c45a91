"""The best cut against every cut there is."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.disclosure.rollup import best_cut
from linemap.disclosure.tree import ANYWHERE, DETAIL, UNPLACED, Tree
from linemap.errors import UnknownPlaceError
from linemap.gazetteer import Gazetteer

LEVELS = ("settlement", "county", "force", "nation")


@st.composite
def forests(draw: st.DrawFn) -> tuple[Tree, dict[str, int]]:
    """A small tree and counts at some of its nodes, areas included."""
    parents, levels = {UNPLACED: ANYWHERE}, {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED}
    above = [ANYWHERE]
    for level, most in zip(reversed(LEVELS), (2, 2, 3, 4), strict=True):
        row = [f"{level}:{n}" for n in range(draw(st.integers(1, most)))]
        for node in row:
            parents[node] = draw(st.sampled_from(above))
            levels[node] = level
        above = [*row, above[0]] if draw(st.booleans()) else row
    nodes = sorted(parents)
    counted = draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=7, unique=True))
    return Tree(parents, levels), {node: draw(st.integers(1, 9)) for node in counted}


def brute(counts: dict[str, int], tree: Tree, threshold: int) -> int:
    """Score every set of places that could be shown."""
    nodes = tree.bottom_up(counts)
    sets = chain.from_iterable(combinations(nodes, n) for n in range(len(nodes) + 1))
    best = 0
    for shown in map(set, sets):
        held = dict.fromkeys(shown, 0)
        for leaf, count in counts.items():
            holder = next((node for node in tree.upwards(leaf) if node in shown), None)
            if holder is not None:
                held[holder] += count
        if all(count >= threshold for count in held.values()):
            best = max(best, sum(n * DETAIL[tree.levels[node]] for node, n in held.items()))
    return best


@settings(deadline=None, max_examples=150)
@given(forests(), st.integers(3, 9))
def test_no_cut_keeps_more_than_the_best_cut(
    forest: tuple[Tree, dict[str, int]], threshold: int
) -> None:
    tree, counts = forest
    cut = best_cut(counts, tree, least=lambda node: threshold)
    assert cut.score == brute(counts, tree, threshold)


@settings(deadline=None)
@given(forests(), st.integers(3, 9))
def test_every_record_is_in_exactly_one_cell_and_every_cell_holds_enough(
    forest: tuple[Tree, dict[str, int]], threshold: int
) -> None:
    tree, counts = forest
    cut = best_cut(counts, tree, least=lambda node: threshold)
    cells = [*cut.shown.values(), cut.withheld]
    assert sorted(chain.from_iterable(cells)) == sorted(counts)
    assert all(cell[leaf] == counts[leaf] for cell in cells for leaf in cell)
    assert all(sum(cell.values()) >= threshold for cell in cut.shown.values())
    assert sum(cut.withheld.values()) < threshold
    worth = sum(
        n * DETAIL[tree.levels[node]] for node, cell in cut.shown.items() for n in cell.values()
    )
    assert worth == cut.score


@pytest.fixture
def toy() -> Tree:
    places = Gazetteer.toy().places
    return Tree.of(places, places.index)


@pytest.mark.parametrize(
    ("counts", "shown", "withheld"),
    [
        ({"eastby": 12}, {"settlement:eastby": 12}, 0),
        ({"eastby": 9}, {}, 9),
        ({"eastby": 6, "fernport": 4}, {"county:westshire": 10}, 0),
        ({"eastby": 30, "fernport": 6, "newton-w": 5},
         {"settlement:eastby": 30, "county:westshire": 11}, 0),
        ({"eastby": 30, "fernport": 6, "glenmoor": 5},
         {"settlement:eastby": 30, "nation:toyland": 11}, 0),
        # 17 in the county (17 x 85) are worth more than 12 in the town (12 x 100)
        ({"eastby": 12, "fernport": 5}, {"county:westshire": 17}, 0),
        # and 31 in the county less than 30 in the town
        ({"eastby": 30, "fernport": 1}, {"settlement:eastby": 30}, 1),
    ],
)  # fmt: skip
def test_the_cut_worked_by_hand(
    toy: Tree, counts: dict[str, int], shown: dict[str, int], withheld: int
) -> None:
    named = {f"settlement:{town}": count for town, count in counts.items()}
    cut = best_cut(named, toy, least=lambda node: 10)
    assert {node: sum(cell.values()) for node, cell in cut.shown.items()} == shown
    assert sum(cut.withheld.values()) == withheld


def test_what_is_not_placed_goes_to_the_rest_of_everything(toy: Tree) -> None:
    cut = best_cut({UNPLACED: 4, "settlement:glenmoor": 7}, toy, least=lambda node: 10)
    assert {node: sum(cell.values()) for node, cell in cut.shown.items()} == {ANYWHERE: 11}


def test_a_place_that_needs_more_gets_it(toy: Tree) -> None:
    counts = {"settlement:eastby": 15, "settlement:fernport": 15}
    cut = best_cut(counts, toy, least=lambda node: 19 if node == "settlement:eastby" else 10)
    assert set(cut.shown) == {"settlement:fernport", "county:westshire"}


def test_the_tree_follows_the_parents_that_are_known(toy: Tree) -> None:
    assert list(toy.upwards("settlement:eastby")) == [
        "settlement:eastby", "county:westshire", "force:westshire", "nation:toyland", ANYWHERE,
    ]  # fmt: skip
    assert list(toy.upwards("borough:ashwick"))[1] == "force:metro"


def test_a_place_that_nobody_knows_has_no_tree() -> None:
    with pytest.raises(UnknownPlaceError, match="settlement:atlantis"):
        Tree.of(Gazetteer.toy().places, ["settlement:atlantis"])
