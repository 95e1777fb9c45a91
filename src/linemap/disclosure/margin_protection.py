"""What a reader could compute who knows the method: the feasibility interval of each hidden count.

The tables that lead to the same release are bounded by sums alone: each number
that is shown is the sum of its cell, and each that is not is under its threshold,
which follows from what is shown. Linear programming over these bounds finds how far each
hidden count can range, for one who knows which origins and places occur. All bounds are
sums over parts of two trees, so that the best tables are of whole numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from linemap.disclosure.roll_up import ANYWHERE, UNPLACED
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import (
    ALL,
    NOWHERE,
    ORIGIN,
    WHERE,
    Name,
    Table,
    Views,
    below,
    leasts,
    need,
    protect_views,
    show_nothing,
    total_least,
    total_names,
)

# Beyond this many pairs of an origin and a place only each origin's view is shown.
MOST_PAIRS: Final = 20_000
_ROUNDS: Final = 12  # times that numbers are left out, before all but each origin's are
_PATIENCE: Final = 6  # tries that widen nothing before each hidden count is asked for on its own
_NEAR: Final = 1e-6  # below this a number is zero, or a whole number whole
_MOST: Final = 1e6  # no count is larger than this
_SMALL: Final = 0.01  # the pull of the other counts towards zero, beside 1 for those asked

Holders = Mapping[str, Any]  # the places that a cut shows


def settle(table: Table, rule: Rule) -> Views:
    """Cut a table into the views of which no hidden count can be computed too closely.

    Numbers of all origins together, and totals, that would tell are left out until none does.
    Where that leads nowhere, each origin's view stands alone, as it does where all the
    others are under their thresholds, if that is safe; else nothing is shown, as of a
    table that is under the threshold. A table that is too large to prove has each origin's
    view alone: one origin's numbers tell nothing of another's.
    """
    if is_too_large(table):
        return protect_views(table, rule, None)
    left_out: frozenset[Name] = frozenset()
    for _ in range(_ROUNDS):
        views = protect_views(table, rule, left_out)
        telling = _telling_of(views, rule)
        if telling is None:
            break
        if not telling:
            return views
        left_out |= telling
    alone = protect_views(table, rule, None)
    return alone if _stands_alone(alone, rule) else show_nothing(table)


def _stands_alone(views: Views, rule: Rule) -> bool:
    """Say whether no hidden count of each origin's view alone is known to range too little.

    A number of an origin may also stay out because too few places could make it up; then no
    table fits the limits, which say nothing, and each origin's view stands as it would in a
    table of that origin alone.
    """
    searches = (Search(pose(views, at, rule)) for at in range(len(views.table.windows)))
    return not any(search.begins() and search.narrow() for search in searches)


def is_too_large(table: Table) -> bool:
    """Say whether a table has too many pairs to prove; what is hidden in it does not matter."""
    return len(table.rows) * len(table.leaves) > MOST_PAIRS


def _telling_of(views: Views, rule: Rule) -> set[Name] | None:
    """Name the numbers of any window that would tell; None if no choice of them is safe."""
    result: set[Name] = set()
    for at in range(len(views.table.windows)):
        if views.shows_all_together(at) or views.left_out is None:
            telling = _telling(pose(views, at, rule))
            if telling is None:
                return None
            result |= telling
    return result


@dataclass(frozen=True, slots=True)
class Column:
    """One place, or several that nothing shown tells apart, in `node` or its own.

    All of it together holds from `least` to `most` (None: no limit of its own). Which place it
    is may be `open`: any other that is not named may be in its stead, and it empty.
    """

    node: str
    places: int
    least: int
    most: int | None
    open: bool = False

    @property
    def single(self) -> bool:
        """Whether it is one place."""
        return self.places == 1


@dataclass(frozen=True, slots=True)
class Row:
    """One origin, or several of which nothing is shown (`origin` None).

    An `extra` one may occur or not: none of the others is to need it.
    """

    origin: str | None
    origins: int
    extra: bool = False

    @property
    def single(self) -> bool:
        """Whether it is one origin."""
        return self.origins == 1


@dataclass(frozen=True, slots=True)
class Bound:
    """The sum of `members` lies from `low` to `high`; `name` is that of a number that may go."""

    members: np.ndarray
    low: float
    high: float
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A hidden number, the sum of `members`: it ranges over `need`, or is never under `unless`."""

    members: np.ndarray
    need: float
    unless: float
    extra: bool
    group: Hashable  # hidden numbers of one group compete
    empty: bool = False  # it may be zero


@dataclass(slots=True)
class Problem:
    """The unknowns of one window, origin by column; what is known of them; what stays hidden."""

    rows: list[Row]
    columns: list[Column]
    bounds: list[Bound] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return len(self.rows) * len(self.columns)

    def members(self, rows: Iterable[int], columns: Sequence[int]) -> np.ndarray:
        """Name the unknowns in some rows and columns."""
        width = len(self.columns)
        at = np.asarray(columns, dtype=np.int64)
        return np.concatenate([np.empty(0, dtype=np.int64), *(at + row * width for row in rows)])

    def is_extra(self, members: np.ndarray) -> bool:
        """Say whether none of the unknowns has to occur."""
        return all(self.rows[m // len(self.columns)].extra for m in members)


def pose(views: Views, at: int, rule: Rule) -> Problem:
    """Write one window of the views as a problem of linear programming."""
    posing = _Posing(views, at, rule)
    if views.whole is not None:
        posing.all_together(views.whole.shown)
    posing.each_origin()
    posing.totals()
    posing.occurrences()
    return posing.problem


class _Posing:
    def __init__(self, views: Views, at: int, rule: Rule) -> None:
        self.views, self.at, self.rule = views, at, rule
        self.tree = views.table.destinations
        self.most = rule.threshold - 1
        self.need = need(rule)
        self.sent, self.reached = views.sent[at], views.reached[at]
        self.whole: Holders = views.whole.shown if views.whole is not None else {}
        self.senders: set[str] = {n for cut in views.senders.values() for n in cut.shown}
        self.leasts = leasts(views, at, rule)
        self.named = {ANYWHERE, UNPLACED} | {  # a total of what has a place tells of what has none
            over for node in (*self.senders, *self.whole) for over in self.tree.upwards(node)
        }
        self.alike: dict[str, list[str]] = {}  # places in one column, by the first of them
        self.beside: set[int] = set()  # columns of a number beside which an origin's is shown
        self.problem = Problem(self._rows(), self._columns())
        self.paths = [tuple(self.tree.upwards(column.node)) for column in self.problem.columns]
        self.under: dict[str, list[int]] = {}
        for at_column, path in enumerate(self.paths):
            for over in path:
                self.under.setdefault(over, []).append(at_column)

    # ── the unknowns ────────────────────────────────────────────────────────

    def _rows(self) -> list[Row]:
        rows = [Row(origin, 1) for origin, cut in self.views.senders.items() if cut.shown]
        if self.views.whole is None:
            quiet = [origin for origin, cut in self.views.senders.items() if not cut.shown]
            return rows + ([Row(None, 1) for _ in quiet] or [Row(None, 1, extra=True)])
        quiet_ones = len(self.views.senders) - len(rows)
        if not quiet_ones:  # a reader may think that there is another origin
            return [*rows, Row(None, 1, extra=True)]
        # as many as can hold what no origin shows: more of them would only leave more open
        high = sum(self.rule.meaning(n)[1] for n in self.reached.values() if n is not None)
        low = sum(self.rule.meaning(n)[0] for n in self.sent.values() if n is not None)
        enough = max(2, -(-(high - low) // self.most) + 1)
        rows.append(Row(None, 1))
        others = min(quiet_ones, enough) - 1
        return [*rows, Row(None, others)] if others else rows

    def _columns(self) -> list[Column]:
        """List what no number tells apart: a place's own records, one place inside, the others.

        The numbers that are shown stand for at least so many places. What occurs in
        areas that are not shown is not known: any record may be of such an area itself.
        """
        leaves = self.views.table.leaves
        branches = self._branches()
        inner = {self.tree.parents[node] for node in self.named if node != ANYWHERE}
        single = int(len(self.views.table.windows) == 1)
        surely = single * int(self.most - 1 >= self.need)
        asked = self._asked(branches)
        same: dict[tuple[str, int], list[str]] = {}
        columns: list[Column] = []
        for node in sorted(self.named):
            occurs, inside = node in leaves, branches.get(node, 0)
            number = self.reached.get(node)
            if not (node in self.whole or node in self.senders):
                columns.append(Column(node, 1, single * (node in asked), None, open=True))
            elif occurs and not inside and node not in inner | self.senders and number is not None:
                same.setdefault((self.tree.parents[node], number), []).append(node)
            else:
                if occurs and (inside or node in inner):
                    columns.append(Column(node, 1, single, None, open=True))
                elif occurs:
                    columns.append(Column(node, 1, surely, None))
                if inside:
                    others = min(inside, self._branches_needed(node)) - 1
                    columns.append(Column(node, 1, single, self.most, open=True))
                    if others:
                        columns.append(Column(node, others, others * single, self.most * others))
        for _, nodes in sorted(same.items()):
            columns.append(Column(nodes[0], 1, surely, None))
            if len(nodes) > 1:
                columns.append(Column(nodes[1], len(nodes) - 1, 0, None))
                self.alike[nodes[1]] = nodes[1:]
        return columns

    def _asked(self, branches: Mapping[str, int]) -> set[str]:
        """Name areas that are not shown and must occur: some number stands for several places."""
        shown = self.senders | set(self.whole)
        inside: dict[str, list[str]] = {}
        for node in sorted(self.named - {ANYWHERE}):
            inside.setdefault(self.tree.parents[node], []).append(node)
        result: set[str] = set()
        for node in shown - self.views.table.leaves:
            needed = self._branches_needed(node)
            quiet = [place for place in inside.get(node, ()) if place not in shown]
            others = len(inside.get(node, ())) - len(quiet) + min(branches.get(node, 0), needed)
            result.update(quiet[: max(needed - others, 0)])
        return result

    def _branches(self) -> dict[str, int]:
        """Count the places right below each named one that occur and hold nothing named."""
        result: dict[str, int] = {}
        seen: set[str] = set()
        for leaf in self.views.table.leaves:
            branch = leaf
            for over in self.tree.upwards(leaf):
                if over in self.named:
                    if over != leaf and branch not in seen:
                        seen.add(branch)
                        result[over] = result.get(over, 0) + 1
                    break
                branch = over
        return result

    def _branches_needed(self, node: str) -> int:
        """Say how many places under the threshold make up the numbers of a place loosely."""
        numbers = [self.reached.get(node), *(n for (_, d), n in self.sent.items() if d == node)]
        low = max((self.rule.meaning(n)[0] for n in numbers if n is not None), default=0)
        return max(2, -(-(low - self.most + self.need) // self.most) + 1)

    # ── what is known ───────────────────────────────────────────────────────

    def _bound(
        self, members: np.ndarray, low: float, high: float, name: Name | None = None
    ) -> None:
        if len(members):
            self.problem.bounds.append(Bound(members, low, high, name))

    def _hide(self, members: np.ndarray, group: Hashable, *, unless: float = np.inf) -> None:
        if len(members):
            extra, width = self.problem.is_extra(members), len(self.problem.columns)
            rows, columns = self.problem.rows, self.problem.columns
            empty = all(rows[m // width].origin is None or columns[m % width].open for m in members)
            self.problem.targets.append(Target(members, self.need, unless, extra, group, empty))

    def all_together(self, whole: Holders) -> None:
        """Add the numbers of all origins together, and the limits of those that are not shown."""
        every = range(len(self.problem.rows))
        holders = [next((n for n in path if n in whole), None) for path in self.paths]
        cells: dict[str, list[int]] = {}
        for column, holder in enumerate(holders):
            if holder is not None:
                cells.setdefault(holder, []).append(column)
        for node, columns in sorted(cells.items()):
            number = self.reached[node]
            low, high = (0, self._below(node)) if number is None else self.rule.meaning(number)
            many = len(self.alike.get(node, ("",)))
            self._bound(
                self.problem.members(every, columns), many * low, many * high, (WHERE, node)
            )
            if number is not None:
                self._hide_others(node, columns)
        for node in sorted(self.named - set(whole)):
            columns = [
                column
                for column in self.under.get(node, ())
                if not self._is_inside(holders[column], node)
            ]
            self._bound(self.problem.members(every, columns), 0, self._below(node))
        for column, found in enumerate(self.problem.columns):
            holder = holders[column]
            alone = holder is not None and cells[holder] == [column]
            if found.single and not (alone and holder and self.reached[holder] is not None):
                self._hide(
                    self.problem.members(every, [column]),
                    ("to", found.node),
                    unless=self.rule.threshold,
                )

    def _is_inside(self, holder: str | None, node: str) -> bool:
        return holder is not None and self.tree.inside(holder, node)

    def _below(self, node: str) -> int:
        return below(self.leasts.get(node, self.rule.threshold), self.rule)

    def _hide_others(self, node: str, columns: list[int]) -> None:
        """Hide what all others send, beside the origins that are shown inside a place."""
        inside = [
            place
            for place, number in self.sent.items()
            if number is not None and self.tree.inside(place[1], node)
        ]
        if not inside:
            return
        self.beside.update(columns)
        members = []
        for at, row in enumerate(self.problem.rows):
            shown = {place for origin, place in inside if origin == row.origin}
            mine = [c for c in columns if not shown.intersection(self.paths[c])]
            members.append(self.problem.members([at], mine))
        self._hide(np.concatenate(members), ("others", node), unless=self.rule.threshold)

    def each_origin(self) -> None:
        """Add the numbers of each origin; what goes up from a place is under the threshold."""
        for at, row in enumerate(self.problem.rows):
            cut: Holders = self.views.senders[row.origin].shown if row.origin is not None else {}
            cells: dict[str, list[int]] = {}
            tops: dict[str, list[int]] = {}
            for column, path in enumerate(self.paths):
                height = next((h for h, node in enumerate(path) if node in cut), len(path))
                if height < len(path):
                    cells.setdefault(path[height], []).append(column)
                if height:
                    tops.setdefault(path[height - 1], []).append(column)
            for node, columns in cells.items():
                self._cell(at, row, node, columns)
            for node, columns in tops.items():
                self._goes_up(at, row, node, columns)
            alone = {
                columns[0] for node, columns in cells.items()
                if len(columns) == 1 and self.sent[row.origin or "", node] is not None
            }  # fmt: skip
            group = {column: node for node, columns in tops.items() for column in columns}
            for column, found in enumerate(self.problem.columns):
                # a total beside each origin's tells what others can have sent
                asked = not row.extra or column in self.beside or self._is_totalled(found)
                if row.single and found.single and asked and column not in alone:
                    self._hide(
                        self.problem.members([at], [column]), (at, group.get(column, found.node))
                    )

    def _is_totalled(self, column: Column) -> bool:
        kind = NOWHERE if column.node == UNPLACED else ALL
        return self.views.totals[self.at].get((kind, "")) is not None

    def _cell(self, at: int, row: Row, node: str, columns: list[int]) -> None:
        number = self.sent[row.origin or "", node]
        members = self.problem.members([at], columns)
        if number is None:
            self._bound(members, 0, self.most)
            return
        low, high = self.rule.meaning(number)
        self._bound(members, low, high)
        self.problem.targets.append(  # rounding is not to be undone
            Target(members, min(high - low, self.rule.base // 2), np.inf, False, ("cell", at, node))
        )

    def _goes_up(self, at: int, row: Row, node: str, columns: list[int]) -> None:
        members = self.problem.members([at], columns)
        merged = len(columns) == 1 and not self.problem.columns[columns[0]].single
        places = self.problem.columns[columns[0]].places if merged else 1
        self._bound(members, 0, self.most * row.origins * places)
        if row.single and len(columns) > 1:
            self._hide(members, (at, node), unless=self.rule.threshold)

    def totals(self) -> None:
        """Add the totals, and the limits of those that are not shown."""
        for name in total_names(self.views.table):
            kind, origin = name
            parts = []
            for at, row in enumerate(self.problem.rows):
                if kind == ORIGIN and row.origin != origin:
                    continue
                columns = [
                    column
                    for column, found in enumerate(self.problem.columns)
                    if (UNPLACED in (row.origin, found.node)) == (kind == NOWHERE)
                ]
                parts.append(self.problem.members([at], columns))
            members = np.concatenate([np.empty(0, dtype=np.int64), *parts])
            number, total = self.views.totals[self.at].get(name), kind == ALL
            if number is None:
                least = total_least(name, self.sent, self.reached, self.rule)
                self._bound(members, 0, below(least, self.rule, total=total))
            else:
                low, high = self.rule.meaning(number, total=total)
                self._bound(members, low, high, name)

    def occurrences(self) -> None:
        """Add that each origin occurs, and what is known of the columns themselves."""
        every = range(len(self.problem.rows))
        whole = range(len(self.problem.columns))
        for at, row in enumerate(self.problem.rows):
            if row.origin is None and not row.extra and len(self.views.table.windows) == 1:
                self._bound(self.problem.members([at], whole), row.origins, np.inf)
        for column, found in enumerate(self.problem.columns):
            if found.most is not None or found.least:
                most = np.inf if found.most is None else found.most
                self._bound(self.problem.members(every, [column]), found.least, most)


# ── the programmes ──────────────────────────────────────────────────────────


def _telling(problem: Problem) -> set[Name] | None:
    """Name the numbers that would tell; an empty set if none, None if nothing helps.

    Each is taken away for the rest of the search, which only widens what is asked.
    """
    search = Search(problem)
    told: set[Name] = set()
    while not search.begins():
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


class Search:
    """Tables that fit what is shown, and the widest range of each hidden number among them."""

    def __init__(self, problem: Problem) -> None:
        self.problem, targets = problem, problem.targets
        self.matrix = _matrix([bound.members for bound in problem.bounds], problem.size)
        self.low = np.array([bound.low for bound in problem.bounds], dtype=float)
        self.high = np.array([bound.high for bound in problem.bounds], dtype=float)
        self.targets = _matrix([target.members for target in targets], problem.size)
        self.need = np.array([target.need for target in targets])
        self.unless = np.array([target.unless for target in targets])
        self.extra = np.array([target.extra for target in targets], dtype=bool)
        self.least = np.where([target.empty for target in targets], 0.0, np.inf)
        self.most = np.full(len(targets), -np.inf)
        self.is_least = np.zeros(len(targets), dtype=bool)
        keys: dict[Hashable, int] = {}
        self.group = np.array([keys.setdefault(t.group, len(keys)) for t in targets], dtype=int)
        width = len(problem.columns)
        # what every table has to hold, without what may occur or not
        self.surely = np.repeat([0 if row.extra else _MOST for row in problem.rows], width)
        # the number over all origins that each unknown is part of, and how large it can be
        within = np.arange(problem.size) % width
        room = [_MOST if column.most is None else column.most for column in problem.columns]
        for bound in problem.bounds:
            if bound.name is not None and bound.name[0] == WHERE:
                within[bound.members] = len(room)
                room.append(bound.high)
        self.room = np.array(room, dtype=float)
        self.cell = within[np.array([t.members[0] for t in targets], dtype=int)]

    def begins(self) -> bool:
        """Find a first table that fits; False if there is none."""
        first = self.table(np.ones(self.problem.size), self.surely)
        if first is not None:
            self.see(first)
        return first is not None

    def table(self, objective: np.ndarray, most: np.ndarray) -> np.ndarray | None:
        """Find the table of whole numbers that fits and makes the objective least, if there is."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        limits = LinearConstraint(self.matrix, self.low, self.high)
        for whole in (0, 1):
            found = milp(objective, constraints=limits, bounds=Bounds(0, most), integrality=whole)
            if found.x is None:
                return None
            if np.abs(found.x - np.round(found.x)).max(initial=0) < _NEAR:
                return np.asarray(np.round(found.x))
        return None

    def see(self, table: np.ndarray) -> None:
        """Widen the ranges by a table that fits."""
        values = self.targets @ table
        self.least = np.minimum(self.least, values)
        self.most = np.maximum(self.most, values)

    def is_fine(self, position: int) -> bool:
        """Say whether a hidden number ranges widely enough, or is no small one."""
        wide = self.most[position] - self.least[position] >= self.need[position] - _NEAR
        large = self.is_least[position] and self.least[position] >= self.unless[position]
        return bool(wide or large)

    def _open(self, asked: np.ndarray) -> np.ndarray:
        return np.flatnonzero(asked & (self.most - self.least < self.need - _NEAR))

    def narrow(self) -> list[int]:
        """Find the hidden numbers that do not range widely enough."""
        rng = np.random.default_rng(0)
        found: list[int] = []
        for most, asked in (
            (self.surely, ~self.extra),
            (np.full(self.problem.size, _MOST), self.extra),
        ):
            self._spread(most, asked, rng)
            left = self._open(asked).tolist()
            found.extend(position for position in left if not self.ask(position))
        return found

    def _spread(self, most: np.ndarray, asked: np.ndarray, rng: np.random.Generator) -> None:
        """Push many hidden numbers up, or down, at once, as long as that widens some."""
        idle = turn = 0
        while idle < _PATIENCE and len(left := self._open(asked)):
            down = turn % 4 == 3 and bool((self.least[left] > 0).any())
            if down:
                left = left[self.least[left] > 0]
            objective = _SMALL * rng.random(self.problem.size)
            for position in self._chosen(left, rng):
                objective[self.problem.targets[position].members] = 1 if down else -1
            found = self.table(objective, most)
            if found is not None:
                self.see(found)
            idle = 0 if len(np.intersect1d(self._open(asked), left)) < len(left) else idle + 1
            turn += 1

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
        most = np.full(self.problem.size, _MOST) if self.extra[position] else self.surely
        objective = np.zeros(self.problem.size)
        objective[self.problem.targets[position].members] = 1
        for sign in (1, -1):
            if not self.is_fine(position) and not (sign == 1 and self.least[position] <= 0):
                found = self.table(sign * objective, most)
                if found is not None:
                    self.see(found)
                    self.is_least[position] |= sign == 1
        return self.is_fine(position)

    def drop(self, names: set[Name]) -> None:
        """Take numbers away."""
        for row, bound in enumerate(self.problem.bounds):
            if bound.name in names:
                self.low[row], self.high[row] = -np.inf, np.inf

    def _left(self) -> dict[int, Name]:
        """Name the numbers that may still go, by their row."""
        return {
            row: bound.name
            for row, bound in enumerate(self.problem.bounds)
            if bound.name is not None and np.isfinite(self.high[row])
        }

    def _programme(self, objective: np.ndarray, matrix: Any, most: np.ndarray) -> Any:
        from scipy.optimize import linprog
        from scipy.sparse import vstack

        high = np.where(np.isfinite(self.high), self.high, _MOST)
        low = np.where(np.isfinite(self.low), self.low, -_MOST)
        return linprog(
            objective,
            A_ub=vstack([matrix, -matrix]),
            b_ub=np.concatenate([high, -low]),
            bounds=np.column_stack([np.zeros(len(most)), most]),
            method="highs",
        )

    def conflict(self) -> set[Name]:
        """Name the numbers for which the others leave no room, totals sooner than places."""
        from scipy.sparse import csr_array, hstack

        named = self._left()
        shape = (len(self.problem.bounds), len(named))
        give = csr_array((np.ones(len(named)), (list(named), range(len(named)))), shape=shape)
        weight = [10.0 if name[0] == WHERE else 1.0 for name in named.values()]
        objective = np.concatenate([np.zeros(self.problem.size), weight, weight])
        most = np.concatenate([self.surely, np.full(2 * len(named), _MOST)])
        found = self._programme(objective, hstack([self.matrix, give, -give]), most)
        if found.x is None:
            return set()
        up, down = found.x[self.problem.size :].reshape(2, -1)
        return {
            name for name, slack in zip(named.values(), up + down, strict=True) if slack > _NEAR
        }

    def dearest(self, position: int) -> Name | None:
        """Name the number to leave out for a hidden one: of those with a price the least.

        Totals go sooner than places, and small numbers sooner than large ones.
        """
        members = self.problem.targets[position].members
        most = np.full(self.problem.size, _MOST) if self.extra[position] else self.surely
        named = self._left()
        priced: dict[Name, float] = {}
        for sign in (1, -1):
            objective = np.zeros(self.problem.size)
            objective[members] = sign
            found = self._programme(objective, self.matrix, most)
            if found.x is None:
                continue
            prices = np.abs(found.ineqlin.marginals).reshape(2, -1).sum(axis=0)
            for row, name in named.items():
                if prices[row] > _NEAR:
                    priced[name] = priced.get(name, 0) + self.high[row]
        return min(priced, key=lambda n: (n[0] == WHERE, priced[n], n), default=None)


def _matrix(members: Sequence[np.ndarray], size: int) -> Any:
    from scipy.sparse import csr_array

    columns = np.concatenate([np.empty(0, dtype=np.int64), *members])
    starts = np.cumsum([0, *(len(member) for member in members)])
    return csr_array((np.ones(len(columns)), columns, starts), shape=(len(members), size))
