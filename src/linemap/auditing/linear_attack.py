"""The attack: bound every hidden number by linear and, where narrow, integer programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from linemap.auditing.constraints import FACT, OF_ALL, OF_ONE, Constraint, Problem

_NEAR: Final = 1e-6
_MOST: Final = 1e6  # no count is larger than this
_ROUNDS: Final = 400  # tries at widening many ranges at once
_PATIENCE: Final = 8
_KEPT: Final = 64  # tables that one attack hands on to the next


@dataclass(frozen=True, slots=True)
class Attacked:
    """What an attack found: how far each target of a problem can be seen to range."""

    contradictory: bool
    least: np.ndarray
    most: np.ndarray
    narrow: np.ndarray  # which targets range over less than they need
    belief: int | None = None  # how much of the rule was believed
    tables: tuple[np.ndarray, ...] = ()  # some of the tables that fit

    @property
    def width(self) -> np.ndarray:
        """How far each target was seen to range."""
        return np.asarray(self.most - self.least)


def attack(
    problem: Problem, *, own: int | None = None, seed: int = 1, belief: int | None = None,
    after: Attacked | None = None,
) -> Attacked:  # fmt: skip
    """Bound the targets of a problem, as a reader could who believes the rule was kept.

    A reader who contributed one record to the unknown `own` knows that it is
    at least 1. Unless it is given, `belief` in the threshold is as much as
    does not contradict the numbers. The ranges are found from below, by tables
    that fit: what is wide is proven wide, and what stays narrow was bounded
    exactly. `after` is an attack on the same constraints without an own record:
    its tables in which that record may be are tables of this one too.
    """
    known = [] if after is None else [t for t in after.tables if own is None or t[own] >= 1]
    if known and belief is None:
        assert after is not None  # noqa: S101  narrows the type for mypy
        belief = after.belief  # no more can be believed with the record, and no less need be
    belief = most_belief(problem, own=own) if belief is None else belief
    solver = Solver(problem, belief=FACT if belief is None else belief, own=own)
    if not known:
        first = solver.table(np.zeros(len(problem.places)))
        if first is None:
            nothing = np.zeros(len(problem.targets))
            return Attacked(True, nothing, nothing, np.arange(len(problem.targets)))
        known = [first]
    for table in known:
        solver.see(table)
    solver.spread(np.random.default_rng(seed), evenly=own is not None)
    solver.finish()
    large = np.array([target.large for target in problem.targets])
    narrow = solver.narrow()
    narrow = narrow[solver.least[narrow] < large[narrow]]
    return Attacked(False, solver.least, solver.most, narrow, belief, tuple(solver.tables))


def most_belief(problem: Problem, *, own: int | None = None) -> int | None:
    """Find how much of the rule a reader can believe; None if the numbers contradict each other."""
    nothing = np.zeros(len(problem.places))
    for belief in (OF_ALL, OF_ONE, FACT):
        if Solver(problem, belief=belief, own=own).table(nothing) is not None:
            return belief
    return None


class Solver:
    """Tables that fit what is said of the unknowns, and the ranges seen among them."""

    def __init__(self, problem: Problem, *, belief: int, own: int | None) -> None:
        from scipy.optimize import Bounds, LinearConstraint

        kept = [c for c in problem.constraints if c.belief <= belief]
        size = len(problem.places)
        matrix = _matrix([_row(c) for c in kept], size)
        self.limits = LinearConstraint(
            matrix, np.array([c.low for c in kept]), np.array([c.high for c in kept])
        )
        floor = np.zeros(size)
        if own is not None:
            floor[own] = 1
        self.bounds = Bounds(floor, np.full(size, _MOST))
        self.floor = floor
        self.members = [target.members for target in problem.targets]
        self.sums = _matrix([(m, np.ones(len(m))) for m in self.members], size)
        self.need = np.array([target.need for target in problem.targets])
        self.least = np.full(len(self.members), np.inf)
        self.most = np.full(len(self.members), -np.inf)
        self.size = size
        self.tables: list[np.ndarray] = []

    # As disclosure control searches, and written apart from it: a fault there must not hide here.
    def table(
        self, objective: np.ndarray, *, exact: bool = True, most: np.ndarray | None = None
    ) -> np.ndarray | None:
        """Find a table of whole numbers that fits and makes the objective least.

        `most` is what no unknown may exceed. None if there is none or, unless `exact`,
        if it took integer programming.
        """
        from scipy.optimize import Bounds, milp

        bounds = self.bounds if most is None else Bounds(self.floor, most)
        for whole in (0, 1) if exact else (0,):
            found = milp(objective, constraints=self.limits, bounds=bounds, integrality=whole)
            if found.x is None:
                return None
            if np.abs(found.x - np.round(found.x)).max(initial=0) < _NEAR:
                return np.asarray(np.round(found.x))
        return None

    def see(self, table: np.ndarray) -> None:
        """Widen the ranges by a table that fits."""
        values = self.sums @ table
        self.least, self.most = np.minimum(self.least, values), np.maximum(self.most, values)
        if len(self.tables) < _KEPT:
            self.tables.append(table)

    def narrow(self) -> np.ndarray:
        """Tell which targets have been seen to range over less than they need."""
        return np.flatnonzero(self.most - self.least < self.need - _NEAR)

    def spread(self, rng: np.random.Generator, *, evenly: bool) -> None:
        """Widen many ranges at once with objectives drawn at random among the narrow ones.

        `evenly`: no unknown of a chosen target gets more than the target needs, so that a
        table widens many by as much as they need and none by more.
        """
        idle = 0
        for turn in range(_ROUNDS):
            left = self.narrow()
            if not len(left) or idle >= _PATIENCE:
                return
            objective, most = np.zeros(self.size), np.full(self.size, _MOST)
            share = (0.02, 0.1, 0.5, 1.0)[3 - turn % 4 if evenly else turn % 4]
            chosen = left[rng.random(len(left)) < max(share, 1 / len(left))]
            sign = 1 if turn % 8 >= 6 else -1
            for position in chosen:
                objective[self.members[position]] += sign * rng.random()
                if evenly:
                    members = self.members[position]
                    most[members] = self.floor[members] + self.need[position]
            objective[objective == 0] = 0.01 * rng.random()
            found = self.table(np.clip(objective, -5, 5), exact=False, most=most)
            if found is not None:
                self.see(found)
            idle = 0 if len(self.narrow()) < len(left) else idle + 1

    def finish(self) -> None:
        """Bound exactly whatever is still narrow."""
        for position in self.narrow():
            objective = np.zeros(self.size)
            objective[self.members[position]] = 1
            for sign in (1, -1):
                if self.most[position] - self.least[position] < self.need[position] - _NEAR:
                    found = self.table(sign * objective)
                    if found is not None:
                        self.see(found)


def _row(constraint: Constraint) -> tuple[np.ndarray, np.ndarray]:
    weights = constraint.weights
    return constraint.members, np.ones(len(constraint.members)) if weights is None else weights


def _matrix(parts: list[tuple[np.ndarray, np.ndarray]], size: int) -> Any:
    from scipy.sparse import csr_array

    columns = np.concatenate([np.empty(0, dtype=np.int64), *(members for members, _ in parts)])
    values = np.concatenate([np.empty(0), *(weights for _, weights in parts)])
    starts = np.cumsum([0, *(len(members) for members, _ in parts)])
    return csr_array((values, columns.astype(np.int64), starts), shape=(len(parts), size))
