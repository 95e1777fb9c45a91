"""What a reader could compute: how far each hidden number can range, given all that is shown.

A :class:`System` holds the numbers that are shown as intervals over sums of
hidden counts. :func:`give_up` finds the ranges of the hidden counts by linear
(where that is not whole, integer) programming, and takes shown totals away
until every hidden count ranges widely enough.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_TOUCH = 1e-6  # below this a number is zero, or a whole number whole
_MOST = 1e7  # no count is larger than this
_SMALL = 0.01  # the pull of the other counts towards zero, beside 1 for those asked
_PATIENCE = 6  # tries that widen nothing before each number is asked for on its own


@dataclass(frozen=True, slots=True)
class Shown:
    """One number that is shown: the sum of `members` lies from `low` to `high`.

    `name` is None for a cell, which stays, and names a total, which may go.
    """

    members: np.ndarray
    low: float
    high: float
    name: Hashable | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """One number that is hidden: the sum of `members` must range over at least `need`."""

    members: np.ndarray
    need: float
    apart: tuple[Hashable, ...] = ()  # two hidden numbers that share one of these compete


@dataclass(slots=True)
class System:
    """All that is shown and all that must stay hidden, over `size` counts of at least 0.

    `truth` is one table that fits: the true one.
    """

    size: int
    truth: np.ndarray
    shown: list[Shown] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)


def give_up(system: System, *, seed: int = 0) -> tuple[set[Hashable], int]:
    """Name the totals that must not be shown, and count the hidden numbers no total explains.

    A hidden number that is too narrow costs the total that weighs most in the
    linear programme's prices, until it is wide enough or no total is left that
    bears on it. Taking a total away only widens ranges, so what has once been
    seen to be wide stays so, and one pass is enough.
    """
    if not system.hidden:
        return set(), 0
    search = _Search(system)
    search.batches(np.random.default_rng(seed))
    dropped: set[Hashable] = set()
    stuck = 0
    for position in range(len(system.hidden)):
        while not search.is_wide(position):
            search.solve(position)
            if search.is_wide(position):
                break
            name = search.price(position)
            if name is None:
                stuck += 1
                break
            dropped.add(name)
            search.drop(name)
    return dropped, stuck


class _Search:
    """Tables that fit what is shown, and the widest range of each hidden number among them."""

    def __init__(self, system: System) -> None:
        from scipy.sparse import csr_array

        self.system = system
        self.rows = _matrix([shown.members for shown in system.shown], system.size, csr_array)
        self.low = np.array([shown.low for shown in system.shown], dtype=float)
        self.high = np.array([shown.high for shown in system.shown], dtype=float)
        self.targets = _matrix([h.members for h in system.hidden], system.size, csr_array)
        self.need = np.array([hidden.need for hidden in system.hidden])
        value = self.targets @ system.truth
        self.least, self.most = value.copy(), value.copy()

    def is_wide(self, position: int) -> bool:
        return bool(self.most[position] - self.least[position] >= self.need[position] - _TOUCH)

    def narrow(self) -> np.ndarray:
        return np.flatnonzero(self.most - self.least < self.need - _TOUCH)

    def batches(self, rng: np.random.Generator) -> None:
        """Push many hidden numbers up, or down, at once, as long as that widens some."""
        idle, turn = 0, 0
        while idle < _PATIENCE and len(left := self.narrow()):
            down = turn % 4 == 3
            objective = np.full(self.system.size, 0.0 if down else _SMALL)
            taken: set[Hashable] = set()
            for position in rng.permutation(left):
                hidden = self.system.hidden[position]
                if taken.isdisjoint(hidden.apart):
                    taken.update(hidden.apart)
                    objective[hidden.members] = 1 if down else -1
            self._see(self._optimum(objective))
            turn += 1
            idle = 0 if len(self.narrow()) < len(left) else idle + 1

    def solve(self, position: int) -> None:
        """Find the least and the most that one hidden number can be."""
        objective = np.zeros(self.system.size)
        objective[self.system.hidden[position].members] = 1
        for sign in (1, -1):
            if not self.is_wide(position):
                self._see(self._optimum(sign * objective))

    def price(self, position: int) -> Hashable | None:
        """Name the total whose price is highest in the programmes for one hidden number.

        Where no total has a price, one that shares an unknown with it, else any;
        None if no total is left.
        """
        members = self.system.hidden[position].members
        prices = sum((self._prices(members, sign) for sign in (1, -1)), start=self._share(members))
        order = sorted(
            (-prices[row], str(shown.name), row)
            for row, shown in enumerate(self.system.shown)
            if shown.name is not None and np.isfinite(self.high[row]) and prices[row] > 0
        )
        return self.system.shown[order[0][2]].name if order else None

    def _share(self, members: np.ndarray) -> np.ndarray:
        """Give each number a price beside nothing, and ten times that if it shares an unknown."""
        shared = [np.isin(shown.members, members).any() for shown in self.system.shown]
        return _TOUCH * (0.1 + 0.9 * np.array(shared, dtype=float))

    def _prices(self, members: np.ndarray, sign: int) -> np.ndarray:
        from scipy.optimize import linprog
        from scipy.sparse import vstack

        objective = np.zeros(self.system.size)
        objective[members] = sign
        found = linprog(
            objective,
            A_ub=vstack([self.rows, -self.rows]),
            b_ub=np.concatenate([self._finite(self.high), self._finite(-self.low)]),
            bounds=(0, _MOST),
            method="highs",
        )
        if found.ineqlin.marginals is None:
            return np.zeros(len(self.system.shown))
        prices = np.abs(found.ineqlin.marginals).reshape(2, -1).sum(axis=0)
        return np.asarray(np.where(prices > _TOUCH, prices, 0))

    def drop(self, name: Hashable) -> None:
        for row, shown in enumerate(self.system.shown):
            if shown.name == name:
                self.low[row], self.high[row] = -np.inf, np.inf

    def _finite(self, limits: np.ndarray) -> np.ndarray:
        return np.where(np.isfinite(limits), limits, 1e9)

    def _optimum(self, objective: np.ndarray) -> np.ndarray:
        from scipy.optimize import Bounds, LinearConstraint, milp

        limits = LinearConstraint(self.rows, self.low, self.high)
        for whole in (0, 1):
            found = milp(objective, constraints=limits, bounds=Bounds(0, _MOST), integrality=whole)
            if found.x is None:
                return self.system.truth
            if np.abs(found.x - np.round(found.x)).max(initial=0) < _TOUCH:
                return np.asarray(np.round(found.x))
        return self.system.truth

    def _see(self, table: np.ndarray) -> None:
        value = self.targets @ table
        self.least = np.minimum(self.least, value)
        self.most = np.maximum(self.most, value)


def _matrix(members: Sequence[np.ndarray], size: int, kind: Any) -> Any:
    columns = np.concatenate([*members, np.empty(0, dtype=int)]).astype(int)
    starts = np.cumsum([0, *(len(member) for member in members)])
    return kind((np.ones(len(columns)), columns, starts), shape=(len(members), size))
