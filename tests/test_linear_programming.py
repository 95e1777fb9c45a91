"""Independent programmes on two cores: the order, the end, and what stops them."""

from __future__ import annotations

import time

import numpy as np
import pytest

from linemap.linear_programming import CountProgramme, in_order, sums_of


def test_what_is_found_is_in_the_order_of_the_items_whoever_is_first() -> None:
    def work(item: int) -> int:
        time.sleep(0.02 * (item % 2 == 0))
        return item * item

    assert list(in_order(work, range(7))) == [item * item for item in range(7)]
    assert list(in_order(work, [])) == []


def test_an_error_ends_what_else_is_being_solved() -> None:
    solved = 0

    def work(item: int) -> None:
        nonlocal solved
        if item == 0:
            raise ValueError("the first")
        programme = CountProgramme(sums_of([np.array([0, 1])], 2), np.array([3]), np.array([9]))
        for _ in range(100_000):  # minutes
            programme.table(np.ones(2), np.full(2, 9.0))
            solved += 1

    with pytest.raises(ValueError, match="the first"):
        list(in_order(work, range(4)))
    assert solved < 100_000
