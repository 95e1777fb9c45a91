"""Complementary suppression against published answers, and against every pattern there is."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from linemap.disclosure import complementary_suppression, table_sums
from linemap.errors import DisclosureError, InputError

Cell = tuple[str, ...]


def table(rows: dict[str, tuple[int, ...]], columns: str) -> dict[Cell, int]:
    return {(r, c): n for r, values in rows.items() for c, n in zip(columns, values, strict=True)}


def attack(
    counts: dict[Cell, int], sums: list[list[Cell]], hidden: set[Cell], cell: Cell
) -> tuple[float, float]:
    """Bound a cell as a reader would: all sums and all cells that are not hidden are known."""
    cells = sorted(counts)
    matrix = [[float(c in total) for c in cells] for total in sums]
    known = [float(sum(counts[c] for c in total)) for total in sums]
    bounds = [(0, None) if c in hidden else (counts[c], counts[c]) for c in cells]
    ends = []
    for sign in (1, -1):
        found = linprog(
            [sign * float(c == cell) for c in cells], A_eq=matrix, b_eq=known, bounds=bounds
        )
        ends.append(sign * found.fun if found.fun is not None else float("inf"))
    return round(ends[0], 6), round(ends[1], 6)


@pytest.mark.parametrize("exact", [True, False])
def test_regions_by_sex(exact: bool) -> None:
    counts = table({"A": (18, 2), "B": (14, 19), "C": (12, 10), "D": (11, 14)}, "mf")
    sums = table_sums(["ABCD", "mf"])
    pattern = complementary_suppression(counts, sums, hide=[("A", "f")], exact=exact)
    assert pattern.primary == (("A", "f"),)
    assert set(pattern.further) == {("A", "m"), ("C", "m"), ("C", "f")}


@pytest.mark.parametrize("exact", [True, False])
def test_three_by_three_with_its_interval(exact: bool) -> None:
    rows = {"I": (20, 50, 10), "II": (8, 19, 22), "III": (17, 32, 12)}
    counts, sums = table(rows, "ABC"), table_sums([["I", "II", "III"], "ABC"])
    pattern = complementary_suppression(counts, sums, hide=[("II", "C")], exact=exact)
    assert set(pattern.further) == {("II", "A"), ("III", "A"), ("III", "C")}
    assert pattern.intervals["II", "C"] == (5, 30)


def test_two_in_each_row_and_column_are_not_enough() -> None:
    rows = {"w": (30, 47, 64, 89), "x": (90, 124, 5, 31), "y": (92, 100, 59, 85),
            "z": (800, 991, 651, 685)}  # fmt: skip
    counts, sums = table(rows, "abcd"), table_sums(["wxyz", "abcd"])
    hide = [("w", "a"), ("w", "b"), ("w", "c"), ("x", "a"), ("x", "c"), ("y", "b"), ("y", "d"),
            ("z", "b"), ("z", "d")]  # fmt: skip
    assert attack(counts, sums, set(hide), ("w", "b")) == (47, 47)
    for exact in (True, False):
        pattern = complementary_suppression(counts, sums, hide=hide, exact=exact)
        assert pattern.further == (("x", "d"),)
        assert pattern.intervals["w", "b"] == (0, 78)


def test_linked_tables_are_protected_together() -> None:
    counts = dict(zip("ABIJKLMN", (2, 2, 8, 8, 3, 3, 3, 7), strict=True))
    counties, sizes = [list("ABIJ"), list("KLMN")], [list("LM"), list("ABIJKN")]
    hide = [cell for cell, n in counts.items() if n <= 3]
    for alone in (counties, sizes):  # each table is safe by itself
        assert complementary_suppression(counts, alone, hide=hide).further == ()
    assert attack(counts, counties + sizes, set(hide), "K") == (3, 3)
    pattern = complementary_suppression(counts, counties + sizes, hide=hide)
    assert pattern.further == ("N",)
    assert pattern.intervals["K"] == (0, 10)
    assert pattern.optimal


TABLES = st.lists(st.integers(0, 20), min_size=6, max_size=6)


@settings(max_examples=20)
@given(TABLES, st.sets(st.integers(0, 5), min_size=1, max_size=2), st.integers(1, 8))
def test_no_pattern_is_cheaper_and_every_cell_is_protected(
    values: list[int], which: set[int], width: int
) -> None:
    counts = table({r: tuple(values[3 * k : 3 * k + 3]) for k, r in enumerate("ab")}, "xyz")
    sums, cells = table_sums(["ab", "xyz"]), list(counts)
    hide = [cells[k] for k in sorted(which)]

    def safe(hidden: set[Cell]) -> bool:
        ranges = [attack(counts, sums, hidden, cell) for cell in hide]
        return all(high - low >= width - 1e-6 for low, high in ranges)

    others = [cell for cell in cells if cell not in hide]
    subsets = chain.from_iterable(combinations(others, n) for n in range(len(others) + 1))
    costs = [sum(counts[c] + 1 for c in more) for more in subsets if safe({*hide, *more})]
    if not costs:
        with pytest.raises(DisclosureError):
            complementary_suppression(counts, sums, hide=hide, width=width)
        return
    best = complementary_suppression(counts, sums, hide=hide, width=width)
    rough = complementary_suppression(counts, sums, hide=hide, width=width, exact=False)
    assert sum(counts[c] + 1 for c in best.further) == min(costs)
    for pattern in (best, rough):
        assert safe({*hide, *pattern.further})
        for cell, interval in pattern.intervals.items():
            told = attack(counts, sums, {*hide, *pattern.further}, cell)
            assert interval == pytest.approx(told, abs=1e-4)


def test_the_heuristic_is_seldom_much_dearer_than_the_optimum() -> None:
    rng = np.random.default_rng(4)
    sums = table_sums(["abcde", "vwxyz"])
    spent = {True: 0.0, False: 0.0}
    for _ in range(12):
        counts = table({row: tuple(map(int, rng.poisson(9, 5))) for row in "abcde"}, "vwxyz")
        hide = [cell for cell, n in counts.items() if 0 < n < 5]
        for exact in spent:
            pattern = complementary_suppression(counts, sums, hide=hide, width=5, exact=exact)
            spent[exact] += sum(counts[cell] + 1 for cell in pattern.further)
    assert spent[True] <= spent[False] <= 1.5 * spent[True]


def test_a_large_table_is_protected_by_the_heuristic() -> None:
    rng = np.random.default_rng(1)
    rows, columns = [f"r{k}" for k in range(20)], [f"c{k}" for k in range(20)]
    counts = {(r, c): int(rng.poisson(8)) for r in rows for c in columns}
    hide = [cell for cell, n in counts.items() if 0 < n < 4]
    pattern = complementary_suppression(counts, table_sums([rows, columns]), hide=hide, width=3)
    assert not pattern.optimal
    assert all(high - low >= 3 - 1e-6 for low, high in (pattern.intervals[cell] for cell in hide))
    assert len(pattern.further) < len(counts) - len(hide)


def test_a_total_of_one_cell_cannot_be_protected() -> None:
    with pytest.raises(DisclosureError, match="a total tells"):
        complementary_suppression({"a": 2, "b": 5}, [["a"], ["a", "b"]], hide=["a"])


def test_a_cell_without_a_count_is_an_error() -> None:
    with pytest.raises(InputError, match="'c'"):
        complementary_suppression({"a": 2, "b": 5}, [["a", "b"]], hide=["c"])


def test_a_cost_may_be_given() -> None:
    counts = table({"A": (18, 2), "B": (14, 19), "C": (12, 10), "D": (11, 14)}, "mf")
    dear = {("C", "m"): 1000.0}
    pattern = complementary_suppression(
        counts, table_sums(["ABCD", "mf"]), hide=[("A", "f")], cost=dear
    )
    assert set(pattern.further) == {("A", "m"), ("D", "m"), ("D", "f")}
