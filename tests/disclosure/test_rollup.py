"""The roll-up against its definition, and worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap.disclosure.views import ANYWHERE, UNPLACED, Cut, Left, Tree, cut_along_tree
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


def cut_of(counts: dict[str, int], tree: Tree, threshold: int) -> Cut:
    def is_shown(_: str, left: Left) -> bool:
        return left.counts[0] >= threshold

    return cut_along_tree(
        [counts], tree, tree.bottom_up(counts), is_shown, leaves=frozenset(counts)
    )


@given(forests(), st.integers(3, 9))
def test_a_place_is_shown_if_and_only_if_enough_is_left_to_it(
    forest: tuple[Tree, dict[str, int]], threshold: int
) -> None:
    tree, counts = forest
    cut = cut_of(counts, tree, threshold)
    cells = [*(windows[0] for windows in cut.shown.values()), cut.withheld[0]]
    assert sorted(leaf for cell in cells for leaf in cell) == sorted(counts)
    for node in tree.bottom_up(counts):
        finer = {n for n in cut.shown if n != node and tree.inside(n, node)}
        left = sum(
            count
            for leaf, count in counts.items()
            if tree.inside(leaf, node) and finer.isdisjoint(tree.upwards(leaf))
        )
        assert (node in cut.shown) == (left >= threshold)


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
        ({"eastby": 12, "fernport": 5}, {"settlement:eastby": 12}, 5),
    ],
)  # fmt: skip
def test_the_cut_worked_by_hand(
    toy: Tree, counts: dict[str, int], shown: dict[str, int], withheld: int
) -> None:
    named = {f"settlement:{town}": count for town, count in counts.items()}
    cut = cut_of(named, toy, 10)
    assert {node: sum(held[0].values()) for node, held in cut.shown.items()} == shown
    assert sum(cut.withheld[0].values()) == withheld


def test_what_could_hold_something_is_told_to_the_one_who_decides(toy: Tree) -> None:
    """Three towns occur in Westshire; two are left when one is shown, whatever they hold."""
    leaves = [f"settlement:{town}" for town in ("eastby", "fernport", "newton-w")]
    seen: dict[str, tuple[bool, int]] = {}

    def is_shown(node: str, left: Left) -> bool:
        seen[node] = (left.occurs, left.branches)
        return left.counts[0] >= 10

    counts = {"settlement:eastby": 12}
    cut_along_tree([counts], toy, toy.bottom_up(leaves), is_shown, leaves=frozenset(leaves))
    assert seen["settlement:fernport"] == (True, 0)
    assert seen["county:westshire"] == (False, 2)
    assert seen["force:westshire"] == (False, 1)


def test_the_tree_follows_the_parents_that_are_known(toy: Tree) -> None:
    assert list(toy.upwards("settlement:eastby")) == [
        "settlement:eastby", "county:westshire", "force:westshire", "nation:toyland", ANYWHERE,
    ]  # fmt: skip
    assert list(toy.upwards("borough:ashwick"))[1] == "force:metro"


def test_a_place_that_nobody_knows_has_no_tree() -> None:
    with pytest.raises(UnknownPlaceError, match="settlement:atlantis"):
        Tree.of(Gazetteer.toy().places, ["settlement:atlantis"])
