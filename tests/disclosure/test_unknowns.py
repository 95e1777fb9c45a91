"""The hidden counts that a reader could ask for, worked by hand in the toy world."""

from __future__ import annotations

import pytest

from linemap.disclosure.blocks import Block, cut_block
from linemap.disclosure.tree import ANYWHERE, UNPLACED, Tree
from linemap.disclosure.unknowns import coarse, fine
from linemap.gazetteer import Gazetteer

ASHWICK, BIRCHGATE, CEDARHAM = "borough:ashwick", "borough:birchgate", "borough:cedarham"
EASTBY, FERNPORT, GLENMOOR = "settlement:eastby", "settlement:fernport", "settlement:glenmoor"


@pytest.fixture
def block(toy: Gazetteer) -> Block:
    """Ashwick to Eastby is shown, 12; five counts are withheld, 8 records in all."""
    tree = Tree.of(toy.places, toy.places.index)
    counts = {
        (ASHWICK, EASTBY): 12, (BIRCHGATE, FERNPORT): 3, (CEDARHAM, FERNPORT): 2,
        (CEDARHAM, GLENMOOR): 1, ("county:westshire", GLENMOOR): 1, ("county:westshire", EASTBY): 1,
    }  # fmt: skip
    return cut_block(counts, tree, tree, threshold=10)


def test_a_reader_who_knows_which_places_occur(block: Block) -> None:
    assert [(cell.origin, cell.destination) for cell in block.cells] == [(ASHWICK, EASTBY)]
    found = [
        (u.origin, u.origins, u.area, u.places, u.first, u.truth, u.holder)
        for u in fine(block, {ASHWICK})
    ]
    # Eastby is named by the cell; of Fernport and Glenmoor nothing is shown, so they are
    # alike; so are Birchgate and Cedarham, but not Westshire, which lies elsewhere
    shown = (ASHWICK, EASTBY)
    assert found == [
        (ASHWICK, 1, EASTBY, 1, True, 12, shown),
        (ASHWICK, 1, ANYWHERE, 1, True, 0, None), (ASHWICK, 1, ANYWHERE, 1, False, 0, None),
        (BIRCHGATE, 1, EASTBY, 1, True, 0, None),
        (BIRCHGATE, 1, ANYWHERE, 1, True, 3, None), (BIRCHGATE, 1, ANYWHERE, 1, False, 0, None),
        (CEDARHAM, 1, EASTBY, 1, True, 0, None),
        (CEDARHAM, 1, ANYWHERE, 1, True, 2, None), (CEDARHAM, 1, ANYWHERE, 1, False, 1, None),
        ("county:westshire", 1, EASTBY, 1, True, 1, None),
        ("county:westshire", 1, ANYWHERE, 1, True, 0, None),
        ("county:westshire", 1, ANYWHERE, 1, False, 1, None),
    ]  # fmt: skip
    assert all(u.alike == (1 if u.area == EASTBY else 2) for u in fine(block, {ASHWICK}))
    single = [(u.origin, u.area) for u in fine(block, {ASHWICK}) if u.single and u.truth == 3]
    assert single == [(BIRCHGATE, ANYWHERE)]


def test_a_reader_who_knows_only_what_is_shown(block: Block) -> None:
    found = [(u.origin, u.area, u.truth, u.holder) for u in coarse(block, {ASHWICK})]
    assert found == [
        (ANYWHERE, ANYWHERE, 7, None), (ANYWHERE, UNPLACED, 0, None), (ANYWHERE, EASTBY, 1, None),
        (ASHWICK, ANYWHERE, 0, None), (ASHWICK, UNPLACED, 0, None),
        (ASHWICK, EASTBY, 12, (ASHWICK, EASTBY)),
    ]  # fmt: skip
    assert all(u.single for u in coarse(block, {ASHWICK}))
