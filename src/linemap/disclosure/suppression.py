"""Complementary suppression: hide further cells, so that exact totals tell none that is hidden.

For those who must publish exact totals. Hiding a cell beside totals is not
enough: the others may be subtracted. The pattern that hides least besides is
found by cutting planes: an integer programme chooses cells, linear programmes
attack the choice, and each attack that succeeds becomes a constraint (Fischetti
and Salazar-Gonzalez 2001). Large tables get a sound heuristic instead: the
attack again, each time hiding the cheapest cells that let the hidden one move.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from linemap.errors import DisclosureError, InputError

Cell = Hashable
# Above this many cells that could be hidden the heuristic answers.
MOST_EXACT: Final = 150
_NEAR: Final = 1e-6
_FAR: Final = 1e6  # how far up a reader may think a hidden cell
_ROUNDS: Final = 500


@dataclass(frozen=True)
class Pattern:
    """What to hide: the cells asked for, the further ones, and what can still be computed.

    ``intervals`` has for each hidden cell the least and most that a reader of
    all that is shown can conclude. ``optimal`` says whether no cheaper pattern
    protects the same cells.
    """

    primary: tuple[Cell, ...]
    further: tuple[Cell, ...]
    intervals: Mapping[Cell, tuple[float, float]]
    optimal: bool


def table_sums(shape: Sequence[Sequence[Hashable]]) -> list[list[Cell]]:
    """List the sums of a table whose totals over any of its dimensions are shown.

    `shape` has the categories of each dimension; a cell is a tuple of one of
    each. Totals over sets of dimensions follow from those over one.

    >>> table_sums([["a", "b"], ["x", "y"]])[0]
    [('a', 'x'), ('b', 'x')]
    """
    from itertools import product

    sums: list[list[Cell]] = []
    for axis, categories in enumerate(shape):
        others = [values for at, values in enumerate(shape) if at != axis]
        sums.extend(
            [(*fixed[:axis], value, *fixed[axis:]) for value in categories]
            for fixed in product(*others)
        )
    return sums


def complementary_suppression(
    counts: Mapping[Cell, int],
    sums: Iterable[Iterable[Cell]],
    *,
    hide: Iterable[Cell],
    width: float = 1,
    cost: Mapping[Cell, float] | None = None,
    exact: bool | None = None,
) -> Pattern:
    """Find the cheapest further cells to hide beside `hide`, given the exact `sums` that are shown.

    `sums` lists the cells of every total that is shown, of all linked tables at
    once: origin by destination, by period, by age band. Every cell in `hide`
    must then range over at least `width`, as far as a reader can compute
    who knows that counts are not negative. A cell costs its count plus one,
    unless `cost` says otherwise. `exact` asks for the optimum or the heuristic;
    by default the size decides.

    Raises
    ------
    InputError
        For a cell that has no count.
    DisclosureError
        If hiding everything would not be enough: a total must go.
    """
    table = _CellTable.of(counts, sums, hide, cost or {})
    exact = len(table.cells) - len(table.primary) <= MOST_EXACT if exact is None else exact
    everything = np.ones(len(table.cells), dtype=bool)
    if any(not table.is_wide(cell, everything, width) for cell in table.primary):
        raise DisclosureError(
            "Hiding every cell would not protect all of these: a total tells one of them. Leave "
            "out a total, or use larger areas or longer windows."
        )
    chosen, best = _cheapest(table, width) if exact else (_greedy(table, width), False)
    hidden = [int(cell) for cell in np.flatnonzero(chosen)]
    further = [cell for cell in hidden if cell not in set(table.primary)]
    return Pattern(
        tuple(table.cells[cell] for cell in table.primary),
        tuple(table.cells[cell] for cell in further),
        {table.cells[cell]: table.interval(cell, chosen) for cell in hidden},
        best,
    )


@dataclass(frozen=True)
class _CellTable:
    cells: tuple[Cell, ...]
    values: np.ndarray
    cost: np.ndarray
    sums: np.ndarray  # one row a total, one column a cell
    primary: tuple[int, ...]

    @classmethod
    def of(
        cls,
        counts: Mapping[Cell, int],
        sums: Iterable[Iterable[Cell]],
        hide: Iterable[Cell],
        cost: Mapping[Cell, float],
    ) -> _CellTable:
        cells = tuple(counts)
        place = {cell: at for at, cell in enumerate(cells)}
        members = [list(total) for total in sums]
        wanted = list(dict.fromkeys(hide))
        lacking = [cell for total in [*members, wanted] for cell in total if cell not in place]
        if lacking:
            raise InputError(f"{len(lacking)} cells have no count, {lacking[0]!r} the first.")
        matrix = np.zeros((len(members), len(cells)))
        for row, total in enumerate(members):
            matrix[row, [place[cell] for cell in total]] = 1
        values = np.array([counts[cell] for cell in cells], dtype=float)
        costs = np.array([float(cost.get(cell, counts[cell] + 1)) for cell in cells])
        return cls(cells, values, costs, matrix, tuple(place[cell] for cell in wanted))

    def moves(self, cell: int, hidden: np.ndarray, sign: int) -> tuple[float, np.ndarray]:
        """Find how far a reader can think a cell up (1) or down (-1), and what stands in the way.

        The second answer tells the cells of which at least one must be hidden
        too before the first one can move further: those that have a price
        while they are shown.
        """
        from scipy.optimize import linprog

        objective = np.zeros(len(self.cells))
        objective[cell] = -sign
        low = np.where(hidden, -self.values, 0)
        high = np.where(hidden, _FAR, 0)
        found = linprog(
            objective, A_eq=self.sums, b_eq=np.zeros(len(self.sums)),
            bounds=np.column_stack([low, high]), method="highs",
        )  # fmt: skip
        prices = np.abs(found.lower.marginals) * (self.values > 0) + np.abs(found.upper.marginals)
        return -float(found.fun), np.asarray((prices > _NEAR) & ~hidden)

    def interval(self, cell: int, hidden: np.ndarray) -> tuple[float, float]:
        down, up = (self.moves(cell, hidden, sign)[0] for sign in (-1, 1))
        return round(float(self.values[cell]) - down, 6), round(float(self.values[cell]) + up, 6)

    def is_wide(self, cell: int, hidden: np.ndarray, width: float) -> bool:
        low, high = self.interval(cell, hidden)
        return high - low >= width - _NEAR


def _cheapest(table: _CellTable, width: float) -> tuple[np.ndarray, bool]:
    """Choose cells by integer programming until no attack on a primary cell succeeds."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    least = np.zeros(len(table.cells))
    least[list(table.primary)] = 1
    cuts: list[np.ndarray] = []
    for _ in range(_ROUNDS):
        limits = [LinearConstraint(np.array(cuts), 1, np.inf)] if cuts else []
        found = milp(table.cost, constraints=limits, bounds=Bounds(least, 1), integrality=1)
        chosen = np.asarray(found.x) > 0.5
        before = len(cuts)
        for cell in table.primary:
            (down, one), (up, other) = (table.moves(cell, chosen, sign) for sign in (-1, 1))
            if down + up < width - _NEAR:
                cuts.append((one | other).astype(float))
        if len(cuts) == before:
            return chosen, True
    return _greedy(table, width), False


def _greedy(table: _CellTable, width: float) -> np.ndarray:
    """Hide, cell by cell, the cheapest set that lets each primary cell range far enough.

    What one cell needed may do for the next, so the pattern is tidied up in the end.
    """
    from scipy.optimize import linprog

    hidden = np.zeros(len(table.cells), dtype=bool)
    hidden[list(table.primary)] = True
    size = len(table.cells)
    order = sorted(table.primary, key=lambda cell: table.values[cell])
    for cell in order:
        for up in (True, False):
            if table.is_wide(cell, hidden, width):
                break
            # the cheapest changes, up and down apart, that move the cell far enough
            price = np.where(hidden, 0.0, table.cost)
            low = np.zeros(2 * size)
            high = np.concatenate([np.full(size, _FAR), table.values])
            low[cell if up else cell + size] = width if up else min(width, table.values[cell])
            high[cell + size if up else cell] = 0
            found = linprog(
                np.concatenate([price, price]) + _NEAR,
                A_eq=np.hstack([table.sums, -table.sums]), b_eq=np.zeros(len(table.sums)),
                bounds=np.column_stack([low, high]), method="highs",
            )  # fmt: skip
            if found.x is not None:
                hidden |= (found.x[:size] > _NEAR) | (found.x[size:] > _NEAR)
        if not table.is_wide(cell, hidden, width):
            hidden[:] = True
    return _tidied(table, hidden, width)


def _tidied(table: _CellTable, hidden: np.ndarray, width: float) -> np.ndarray:
    """Show again, the dearest first, each cell that no primary cell needs hidden."""
    kept = hidden.copy()
    further = set(np.flatnonzero(hidden).tolist()) - set(table.primary)
    for cell in sorted(further, key=lambda cell: (-table.cost[cell], cell)):
        kept[cell] = False
        near = np.asarray(table.sums[table.sums[:, cell] > 0].any(axis=0))
        order = sorted(table.primary, key=lambda other: not near[other])
        kept[cell] = not all(table.is_wide(other, kept, width) for other in order)
    return kept
