"""What a reader could compute who knows the method: the feasibility interval of each hidden count.

The tables that lead to the same release are bounded by sums alone: each number
that is shown is the sum of its cell, and each that is not is under its threshold,
which follows from what is shown. Linear programming over these bounds finds how far each
hidden count can range, for one who knows which origins and places occur. All bounds are
sums over parts of two trees, so that the best tables are of whole numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from linemap.disclosure.margin_limits import (
    Bound,
    MarginProblem,
    add_values,
    margin_problem,
    with_values,
)
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import (
    WHERE,
    WHO,
    CountTable,
    Name,
    Number,
    Views,
    kind_of_tag,
    protect_views,
    total_names,
)
from linemap.linear_programming import MOST, CountProgramme, in_order, sums_of

# Beyond this many pairs of an origin and a place only each origin's view is shown: a proof of
# 28,512 pairs takes 23 seconds in one window, and in five, by way of many that fail, minutes.
MOST_PAIRS: Final = 20_000
MOST_PAIRS_OF_FEW_WINDOWS: Final = 40_000
_FEW_WINDOWS: Final = 2
_ROUNDS: Final = 12  # times that numbers are left out, before all but each origin's are
# A table for many hidden counts takes as long as about so many for one each.
_MANY: Final = 15
_MOST_KEPT: Final = 5_000_000  # numbers of all tables that a search keeps: 20 MB
_NEAR: Final = 1e-6  # below this a number is zero
# How much dearer numbers are than totals, where some have to be left out.
_DEAR: Final = {WHERE: 10.0, WHO: 1_000.0}
_SMALL: Final = 0.01  # the pull of the other counts towards zero, beside 1 for those asked


def protect_margins(table: CountTable, rule: Rule, *, divided: bool = False) -> Views:
    """Cut a table into the views of which no hidden count can be computed too closely.

    Numbers that would tell are left out until none does: totals sooner than places where
    all origins are together, and these sooner than what single origins send. A table that is
    too large to prove has each origin's view alone: one origin's numbers tell nothing of
    another's. `divided` says that the records will be divided by tags too: then the proof looks
    first for tables of as many records as there are, and keeps them for that
    (:func:`shown_by_tag`). What is proven is the same.
    """
    if is_too_large(table):
        return protect_views(table, rule, None)
    left_out: frozenset[Number] = frozenset()
    every = range(len(table.windows))
    for drastic in (_all_together, _every_number):
        for _ in range(_ROUNDS):
            views = protect_views(table, rule, left_out)
            windows: list[tuple[set[Number], tuple[np.ndarray, ...]]] = []
            for told, fitting in in_order(partial(_prove, views, rule, divided), every):
                if told is None:
                    break
                windows.append((told, fitting))
            if len(windows) < len(every):
                break
            telling = {name for told, _ in windows for name in told}
            if not telling:
                return replace(views, fitting=tuple(fitting for _, fitting in windows))
            left_out |= telling
        left_out |= drastic(table)
    return protect_views(table, rule, left_out)


class Proofs:
    """The views of each table that was protected, taken again where the same is asked.

    `divided`, as of :func:`protect_margins`, is of all of them.
    """

    def __init__(self, *, divided: bool = False) -> None:
        self.divided = divided
        self._known: dict[Hashable, Views] = {}

    def views(self, table: CountTable, rule: Rule) -> Views:
        """Cut a table as :func:`protect_margins` does."""
        counts = tuple(tuple(sorted(window.items())) for window in table.windows)
        places = tuple(sorted(table.destinations.parents.items()))
        key = (rule, counts, places, table.origins)
        if key not in self._known:
            self._known[key] = protect_margins(table, rule, divided=self.divided)
        return self._known[key]


def _all_together(table: CountTable) -> set[Number]:
    """Name every number of all origins together, and every total."""
    return {*total_names(table), *((WHERE, node) for node in table.nodes)}


def _every_number(table: CountTable) -> set[Number]:
    """Name every number that a table can show."""
    of_origins = {(WHO, origin, node) for origin in table.rows for node in table.nodes}
    return _all_together(table) | of_origins


def is_too_large(table: CountTable) -> bool:
    """Say whether a table has too many pairs to prove; what is hidden in it does not matter."""
    few = len(table.windows) <= _FEW_WINDOWS
    most = MOST_PAIRS_OF_FEW_WINDOWS if few else MOST_PAIRS
    return len(table.rows) * len(table.leaves) > most


Values = Mapping[str, int]  # the records of one window by the value of a tag
_FEWEST: Final = 2  # values of a tag that are shown together, or none


def shown_by_tag(
    views: Views, tags: Mapping[str, Sequence[Values]], rule: Rule
) -> tuple[dict[Name, int], ...]:
    """Say what may be shown, by window, of all records by the values of each tag.

    The views stay as they are. A value is shown, rounded as a total of everything is, where
    as many records as the threshold have it; and those of a tag only together: in a window in
    which two or more of its values are shown, and no hidden count, of a value or of the views,
    follows from them. Where a tag is not shown, nearly all records may have one value.
    """
    shown: tuple[dict[Name, int], ...] = tuple({} for _ in views.table.windows)
    if views.left_out is None:  # too large to prove
        return shown
    for at, told in enumerate(shown):
        divided: list[list[int]] = []
        proof: _Divisions | None = None
        for tag, windows in sorted(tags.items()):
            numbers = {
                value: number
                for value, count in sorted(windows[at].items(), key=lambda item: str(item[0]))
                if (number := rule.shown(count, total=True)) is not None
            }
            if len(numbers) < _FEWEST:
                continue
            proof = proof or _Divisions(views, at, rule)
            if proof.withstand([*divided, [*numbers.values()]]):
                divided.append([*numbers.values()])
                told |= {(kind_of_tag(tag), value): number for value, number in numbers.items()}
    return shown


class _Divisions:
    """One window, and whether a hidden count of it follows from divisions of its records."""

    def __init__(self, views: Views, at: int, rule: Rule) -> None:
        self.rule, self.problem = rule, margin_problem(views, at, rule)
        self.fitting = list(views.fitting[at]) if views.fitting else []
        search = Search(self.problem)
        fewest = search.table(np.ones(self.problem.size), search.surely)
        self.fewest = None if fewest is None else int(fewest.sum())

    def withstand(self, divided: Sequence[Sequence[int]]) -> bool:
        """Say whether no hidden count follows from the views and these divisions.

        Which values are hidden is not asked, nor whether any is: that would tell. A reader may
        think that there is none of a tag, where its numbers allow that, or of as many as it takes
        for the records of all values to be those of the views, and one more, each of which occurs.
        (That one may not occur adds tables in which it is 0, and so only widens what is asked.)
        """
        if self.fewest is None:
            return False
        supposed: list[tuple[int, ...]] = []
        for numbers in divided:
            held = sum(self.rule.meaning(number, total=True)[1] for number in numbers)
            missing = max(self.fewest - held, 0)
            enough = 1 + -(-missing // (self.rule.threshold - 1))
            supposed.append((enough,) if missing else (enough, 0))
        return all(
            self._are_wide(list(zip(divided, hidden, strict=True)))
            for hidden in itertools.product(*supposed)
        )

    def _are_wide(self, divided: Sequence[tuple[Sequence[int], int]]) -> bool:
        """Say whether everything hidden ranges widely beside numbers and as many hidden values.

        Where none is supposed to be hidden, no table need fit: there is one, then. Each proof
        begins with what the tables of those before show.
        """
        posed = self.problem
        problem = replace(posed, bounds=[*posed.bounds], targets=[*posed.targets], divided=[])
        for numbers, hidden in divided:
            add_values(problem, [*numbers, *[None] * hidden], self.rule)
        search = Search(problem)
        if not search.begins(self.fitting):
            return not all(hidden for _, hidden in divided)
        known = len(search.kept)
        wide = not search.narrow()
        self.fitting += search.kept[known:]
        return wide


# ── the programmes ──────────────────────────────────────────────────────────


def _prove(
    views: Views, rule: Rule, divided: bool, at: int
) -> tuple[set[Number] | None, tuple[np.ndarray, ...]]:
    """Name the numbers of a window that would tell (None: nothing helps); keep what fits."""
    problem = margin_problem(views, at, rule)
    fitting = _of_size(problem, views.table.sizes[at]) if divided else ()
    return _telling(problem, fitting), fitting


def _of_size(problem: MarginProblem, size: int) -> tuple[np.ndarray, ...]:
    """Find tables of so many records that fit, among which the hidden numbers range widely."""
    bounds = [*problem.bounds, Bound(np.arange(problem.size), size, size)]
    search = Search(replace(problem, bounds=bounds))
    if search.begins():
        search.narrow()
    return tuple(search.kept)


def _telling(problem: MarginProblem, fitting: Iterable[np.ndarray] = ()) -> set[Number] | None:
    """Name the numbers that would tell; an empty set if none, None if nothing helps.

    Each is taken away for the rest of the search, which only widens what is asked. It begins
    with what tables that may be `fitting` show.
    """
    search = Search(problem)
    told: set[Number] = set()
    while not search.begins(fitting):
        names = search.conflict()
        if not names:
            return None
        told |= names
        search.drop(names)
    for position in search.narrow():
        while not search.ask(position):  # what was taken away for another may have widened it
            name = search.dearest(position)
            if name is None:
                return None
            told.add(name)
            search.drop({name})
    return told


def _weights(bound: Bound) -> np.ndarray:
    return np.ones(len(bound.members)) if bound.weights is None else bound.weights


class Search:
    """Tables that fit what is shown, and the widest range of each hidden number among them."""

    def __init__(self, problem: MarginProblem) -> None:
        self.problem, targets = problem, problem.targets
        self.programme = CountProgramme(
            sums_of(
                [bound.members for bound in problem.bounds],
                problem.size,
                [_weights(bound) for bound in problem.bounds],
            ),
            np.array([bound.low for bound in problem.bounds], dtype=float),
            np.array([bound.high for bound in problem.bounds], dtype=float),
        )
        self.targets = sums_of([target.members for target in targets], problem.size)
        self.need = np.array([target.need for target in targets])
        self.known = np.array([target.known for target in targets])
        self.unless = np.array([target.unless for target in targets])
        self.extra = np.array([target.extra for target in targets], dtype=bool)
        self.least = np.where([target.empty for target in targets], 0.0, np.inf)
        self.most = np.full(len(targets), -np.inf)
        self.is_least = np.zeros(len(targets), dtype=bool)
        self.kept: list[np.ndarray] = []  # the tables that were seen, but for how many pairs
        keys: dict[Hashable, int] = {}
        self.group = np.array([keys.setdefault(t.group, len(keys)) for t in targets], dtype=int)
        width = len(problem.columns)
        # what every table has to hold, without what may occur or not
        self.surely = np.concatenate(
            [
                np.repeat([0 if row.extra else MOST for row in problem.rows], width),
                np.full(problem.values, MOST),
            ]
        )
        # the number over all origins that each unknown is part of, and how large it can be
        pairs, values = np.arange(problem.pairs), np.arange(problem.values)
        within = np.concatenate([pairs % width, width + values])
        room = [MOST if column.most is None else column.most for column in problem.columns]
        room += [MOST] * problem.values
        for bound in problem.bounds:
            if bound.name is not None and bound.name[0] == WHERE:
                within[bound.members] = len(room)
                room.append(bound.high)
        self.room = np.array(room, dtype=float)
        self.cell = within[np.array([t.members[0] for t in targets], dtype=int)]

    def begins(self, fitting: Iterable[np.ndarray] = ()) -> bool:
        """Find a first table that fits; False if there is none.

        Of tables of pairs that may be `fitting`, those that do are seen, divided by the tags.
        """
        for table in fitting:
            found = with_values(self.problem, table)
            if found is not None and self.programme.fits(found):
                self.see(found)
        if self.kept:
            return True
        first = self.table(np.ones(self.problem.size), self.surely)
        if first is not None:
            self.see(first)
        return first is not None

    def table(
        self, objective: np.ndarray, most: np.ndarray, *, close: bool = False
    ) -> np.ndarray | None:
        """Find the table of whole numbers that fits and makes the objective least, if there is."""
        return self.programme.table(objective, most, close=close)

    def see(self, table: np.ndarray) -> None:
        """Widen the ranges by a table that fits.

        A table in which something is that may occur or not widens no range that must be as
        wide without it.
        """
        values = self.targets @ table
        of = self.extra | bool((table <= self.surely).all())
        self.least = np.where(of, np.minimum(self.least, values), self.least)
        self.most = np.where(of, np.maximum(self.most, values), self.most)
        if len(self.kept) * self.problem.pairs < _MOST_KEPT:
            self.kept.append(table[: self.problem.pairs].astype(np.int32))

    def is_fine(self, position: int) -> bool:
        """Say whether a hidden number ranges widely enough, or is no small one."""
        wide = not self._is_narrow()[position]
        large = self.is_least[position] and self.least[position] >= self.unless[position]
        return bool(wide or large)

    def _is_narrow(self) -> np.ndarray:
        need = np.where(self.least > _NEAR, self.known, self.need)
        return np.asarray(self.most - self.least < need - _NEAR)

    def _open(self, asked: np.ndarray) -> np.ndarray:
        return np.flatnonzero(asked & self._is_narrow())

    def narrow(self) -> list[int]:
        """Find the hidden numbers that do not range widely enough."""
        rng = np.random.default_rng(0)
        found: list[int] = []
        for most, asked in (
            (self.surely, ~self.extra),
            (np.full(self.problem.size, MOST), self.extra),
        ):
            self._spread(most, asked, rng)
            left = self._open(asked).tolist()
            found.extend(position for position in left if not self.ask(position))
        return found

    def _spread(self, most: np.ndarray, asked: np.ndarray, rng: np.random.Generator) -> None:
        """Push many hidden numbers up, or down, at once, as long as that widens many."""
        turn, gained = 0, {False: _MANY, True: _MANY}
        while len(left := self._open(asked)) > _MANY and max(gained.values()) >= _MANY:
            down = turn % 4 == 3
            turn += 1
            if down:
                left = left[self.least[left] > 0]
            if gained[down] < _MANY or not len(left):
                gained[down] = 0
                continue
            objective = _SMALL * rng.random(self.problem.size)
            for position in self._chosen(left, rng):
                objective[self.problem.targets[position].members] = 1 if down else -1
            found = self.table(objective, most)
            if found is not None:
                self.see(found)
            gained[down] = len(left) - len(np.intersect1d(self._open(asked), left))

    def _chosen(self, left: np.ndarray, rng: np.random.Generator) -> list[int]:
        """Choose hidden numbers that one table may widen together, the most crowded first."""
        cell, group = self.cell[left], self.group[left]
        load = np.bincount(cell, self.need[left], len(self.room)) / np.maximum(self.room, 1)
        crowd = np.maximum(load[cell], np.bincount(group)[group])
        room, taken, chosen = self.room.copy(), set[int](), list[int]()
        for position in left[np.argsort(rng.random(len(left)) - crowd, kind="stable")]:
            at, of = self.cell[position], int(self.group[position])
            fits = room[at] >= self.need[position] or room[at] == self.room[at]
            if of not in taken and fits:
                taken.add(of)
                room[at] -= self.need[position]
                chosen.append(int(position))
        return chosen

    def ask(self, position: int) -> bool:
        """Find the least and the most that one hidden number can be; say whether that is fine."""
        most = np.full(self.problem.size, MOST) if self.extra[position] else self.surely
        objective = np.zeros(self.problem.size)
        objective[self.problem.targets[position].members] = 1
        for sign in (1, -1):
            if not self.is_fine(position) and not (sign == 1 and self.least[position] <= 0):
                found = self.table(sign * objective, most, close=True)
                if found is not None:
                    self.see(found)
                    self.is_least[position] |= sign == 1
        return self.is_fine(position)

    def drop(self, names: set[Number]) -> None:
        """Take numbers away."""
        bounds = enumerate(self.problem.bounds)
        self.programme.loosen([row for row, bound in bounds if bound.name in names])

    def _left(self) -> dict[int, Number]:
        """Name the numbers that may still go, by their row."""
        return {
            row: bound.name
            for row, bound in enumerate(self.problem.bounds)
            if bound.name is not None and np.isfinite(self.programme.high[row])
        }

    def _programme(self, objective: np.ndarray, matrix: Any, most: np.ndarray) -> Any:
        from scipy.optimize import linprog
        from scipy.sparse import vstack

        low, high = self.programme.low, self.programme.high
        high = np.where(np.isfinite(high), high, MOST)
        low = np.where(np.isfinite(low), low, -MOST)
        return linprog(
            objective,
            A_ub=vstack([matrix, -matrix]),
            b_ub=np.concatenate([high, -low]),
            bounds=np.column_stack([np.zeros(len(most)), most]),
            method="highs",
        )

    def conflict(self) -> set[Number]:
        """Name the numbers for which the others leave no room, totals sooner than places."""
        from scipy.sparse import csr_array, hstack

        named = self._left()
        shape = (len(self.problem.bounds), len(named))
        give = csr_array((np.ones(len(named)), (list(named), range(len(named)))), shape=shape)
        weight = [_DEAR.get(name[0], 1.0) for name in named.values()]
        objective = np.concatenate([np.zeros(self.problem.size), weight, weight])
        most = np.concatenate([self.surely, np.full(2 * len(named), MOST)])
        found = self._programme(objective, hstack([self.programme.matrix, give, -give]), most)
        if found.x is None:
            return set()
        up, down = found.x[self.problem.size :].reshape(2, -1)
        return {
            name for name, slack in zip(named.values(), up + down, strict=True) if slack > _NEAR
        }

    def dearest(self, position: int) -> Number | None:
        """Name the number to leave out for a hidden one: of those with a price the least.

        Totals go sooner than places, and small numbers sooner than large ones.
        """
        members = self.problem.targets[position].members
        most = np.full(self.problem.size, MOST) if self.extra[position] else self.surely
        named = self._left()
        priced: dict[Number, float] = {}
        for sign in (1, -1):
            objective = np.zeros(self.problem.size)
            objective[members] = sign
            found = self._programme(objective, self.programme.matrix, most)
            if found.x is None:
                continue
            prices = np.abs(found.ineqlin.marginals).reshape(2, -1).sum(axis=0)
            for row, name in named.items():
                if prices[row] > _NEAR:
                    priced[name] = priced.get(name, 0) + self.programme.high[row]
        return min(priced, key=lambda n: (_DEAR.get(n[0], 1.0), priced[n], n), default=None)
