"""What a reader knows of a window: its unknown counts, the limits of their sums, what is hidden."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from linemap.disclosure.rule import Rule
from linemap.disclosure.views import (
    ALL,
    ANYWHERE,
    NOWHERE,
    ORIGIN,
    UNPLACED,
    WHERE,
    WHO,
    Number,
    Views,
    below,
    branches_needed,
    leasts,
    need,
    total_least,
    total_names,
)

Holders = Mapping[str, Any]  # the places that a cut shows


@dataclass(frozen=True, slots=True)
class PlaceColumn:
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
class OriginRow:
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
    """The sum of `members` lies from `low` to `high`; `name` is that of a number that may go.

    `weights` are those of the members, where they are not all 1.
    """

    members: np.ndarray
    low: float
    high: float
    name: Number | None = None
    weights: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class HiddenCount:
    """A hidden number, the sum of `members`: it ranges over `need`, or is never under `unless`.

    One that is never 0 need only range over `known`: that one record is in it is no news.
    """

    members: np.ndarray
    need: float
    known: float
    unless: float
    extra: bool
    group: Hashable  # hidden numbers of one group compete
    empty: bool = False  # it may be zero


@dataclass(slots=True)
class MarginProblem:
    """The unknowns of one window, origin by column; what is known of them; what stays hidden.

    After these come as many more as there are values of tags; ``divided`` are their limits by tag.
    """

    rows: list[OriginRow]
    columns: list[PlaceColumn]
    bounds: list[Bound] = field(default_factory=list)
    targets: list[HiddenCount] = field(default_factory=list)
    divided: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        """How many unknowns are of an origin and a column."""
        return len(self.rows) * len(self.columns)

    @property
    def values(self) -> int:
        """How many unknowns are of a value of a tag."""
        return sum(len(low) for low, _ in self.divided)

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return self.pairs + self.values

    def members(self, rows: Iterable[int], columns: Sequence[int]) -> np.ndarray:
        """Name the unknowns in some rows and columns."""
        width = len(self.columns)
        at = np.asarray(columns, dtype=np.int64)
        return np.concatenate([np.empty(0, dtype=np.int64), *(at + row * width for row in rows)])

    def is_extra(self, members: np.ndarray) -> bool:
        """Say whether none of the unknowns has to occur."""
        return all(self.rows[m // len(self.columns)].extra for m in members)


def margin_problem(views: Views, at: int, rule: Rule) -> MarginProblem:
    """Write one window of the views as a problem of linear programming."""
    posing = _Posing(views, at, rule)
    if views.whole is not None:
        posing.all_together(views.whole.shown)
    posing.each_origin()
    posing.totals()
    posing.occurrences()
    return posing.problem


def add_values(problem: MarginProblem, numbers: Sequence[int | None], rule: Rule) -> None:
    """Divide all records of a window by the values of a tag; a number is None where hidden.

    Each record has one value, so that those of all values are as many as those of all pairs.
    Hidden are each value that is not shown and, of each, all records of other values: were
    these known to be few, a reader would know the value of nearly everybody. Each hidden value
    occurs, if that leaves it wide enough.
    """
    own = np.arange(problem.size, problem.size + len(numbers))
    members = np.concatenate([np.arange(problem.pairs), own])
    weights = np.concatenate([np.ones(problem.pairs), -np.ones(len(own))])
    problem.bounds.append(Bound(members, 0, 0, weights=weights))
    most, base = rule.threshold - 1, rule.base if rule.total_base is None else rule.total_base
    least = int(most - 1 >= need(rule))
    limits = [(least, most) if n is None else rule.meaning(n, total=True) for n in numbers]
    problem.divided.append((np.array([low for low, _ in limits]), np.array([h for _, h in limits])))
    for at, (number, (low, high)) in enumerate(zip(numbers, limits, strict=True)):
        alone, others = own[at : at + 1], np.delete(own, at)
        problem.bounds.append(Bound(alone, low, high))
        wide, known = need(rule), rule.width
        if number is not None:
            wide = known = min(high - low, base // 2)  # rounding is not to be undone
        problem.targets.append(HiddenCount(alone, wide, known, np.inf, False, ("value", own[at])))
        if len(others):
            problem.targets.append(
                HiddenCount(
                    others, need(rule), rule.width, rule.threshold, False, ("others", own[at])
                )
            )


def with_values(problem: MarginProblem, table: np.ndarray) -> np.ndarray | None:
    """Divide the records of a table of pairs by the values of each tag, if their limits allow it.

    Values get their least, and the first of them as much more as there is.
    """
    parts, records = [table], int(table.sum())
    for low, high in problem.divided:
        room = high - low
        more = np.clip(records - low.sum() - (np.cumsum(room) - room), 0, room)
        parts.append(low + more)
        if parts[-1].sum() != records:
            return None
    return np.concatenate(parts)


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
        self.branches = self._branches()
        self.beside: set[int] = set()  # columns of a number beside which an origin's is shown
        self.problem = MarginProblem(self._rows(), self._columns())
        self.paths = [tuple(self.tree.upwards(column.node)) for column in self.problem.columns]
        self.under: dict[str, list[int]] = {}
        for at_column, path in enumerate(self.paths):
            for over in path:
                self.under.setdefault(over, []).append(at_column)

    # ── the unknowns ────────────────────────────────────────────────────────

    def _rows(self) -> list[OriginRow]:
        senders = self.views.senders
        rows = [  # what has no origin counts in other totals, also where none of it is shown
            OriginRow(origin, 1)
            for origin, cut in senders.items()
            if cut.shown or origin == UNPLACED
        ]
        quiet_ones = len(senders) - len(rows)
        if self.views.whole is None:
            return rows + ([OriginRow(None, 1)] * quiet_ones or [OriginRow(None, 1, extra=True)])
        if not quiet_ones:  # a reader may think that there is another origin
            return [*rows, OriginRow(None, 1, extra=True)]
        # as many as can hold what no origin shows: more of them would only leave more open
        high = sum(self.rule.meaning(n)[1] for n in self.reached.values() if n is not None)
        low = sum(self.rule.meaning(n)[0] for n in self.sent.values() if n is not None)
        enough = max(2, -(-(high - low) // self.most) + 1)
        rows.append(OriginRow(None, 1))
        others = min(quiet_ones, enough) - 1
        return [*rows, OriginRow(None, others)] if others else rows

    def _columns(self) -> list[PlaceColumn]:
        """List what no number tells apart: a place's own records, one place inside, the others.

        What occurs in areas that are not shown is not known: any record may be of such an
        area itself. Places that a number needs, so that it may be shown, occur.
        """
        leaves, branches = self.views.table.leaves, self.branches
        inner = {self.tree.parents[node] for node in self.named if node != ANYWHERE}
        single = len(self.views.table.windows) == 1
        surely = int(single and self.most - 1 >= self.need)
        sure = _Occurring(self).needed() if single else {}
        same: dict[tuple[str, int], list[str]] = {}
        columns: list[PlaceColumn] = []
        for node in sorted(self.named):
            occurs, inside = node in leaves, branches.get(node, 0)
            own, others = sure.get(node, (0, 0))
            number = self.reached.get(node)
            if not (node in self.whole or node in self.senders):
                columns.append(PlaceColumn(node, 1, own, None, open=True))
            elif occurs and not inside and node not in inner | self.senders and number is not None:
                same.setdefault((self.tree.parents[node], number), []).append(node)
            else:
                if occurs and (inside or node in inner):
                    columns.append(PlaceColumn(node, 1, own, None, open=True))
                elif occurs:
                    columns.append(PlaceColumn(node, 1, surely, None))
                if inside:
                    more = min(inside, self._branches_needed(node)) - 1
                    columns.append(PlaceColumn(node, 1, min(others, 1), self.most, open=True))
                    if more:
                        least = min(max(others - 1, 0), more)
                        columns.append(PlaceColumn(node, more, least, self.most * more, open=True))
        for _, nodes in sorted(same.items()):
            columns.append(PlaceColumn(nodes[0], 1, surely, None))
            if len(nodes) > 1:
                columns.append(PlaceColumn(nodes[1], len(nodes) - 1, 0, None))
                self.alike[nodes[1]] = nodes[1:]
        return columns

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
        return max((branches_needed(n, self.rule) for n in numbers if n is not None), default=2)

    # ── what is known ───────────────────────────────────────────────────────

    def _bound(
        self, members: np.ndarray, low: float, high: float, name: Number | None = None
    ) -> None:
        if len(members):
            self.problem.bounds.append(Bound(members, low, high, name))

    def _hide(self, members: np.ndarray, group: Hashable, *, unless: float = np.inf) -> None:
        if len(members):
            extra, width = self.problem.is_extra(members), len(self.problem.columns)
            rows, columns = self.problem.rows, self.problem.columns
            quiet = all(rows[m // width].origin is None for m in members)
            one = len({m % width for m in members.tolist()}) == 1  # several are not all empty
            empty = quiet or (one and columns[members[0] % width].open)
            self.problem.targets.append(
                HiddenCount(members, self.need, self.rule.width, unless, extra, group, empty)
            )

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
                columns[0]
                for node, columns in cells.items()
                if len(columns) == 1 and self.sent[row.origin or "", node] is not None
            }
            group = {column: node for node, columns in tops.items() for column in columns}
            for column, found in enumerate(self.problem.columns):
                # a total beside each origin's tells what others can have sent
                asked = not row.extra or column in self.beside or self._is_totalled(found)
                if row.single and found.single and asked and column not in alone:
                    self._hide(
                        self.problem.members([at], [column]), (at, group.get(column, found.node))
                    )

    def _is_totalled(self, column: PlaceColumn) -> bool:
        kind = NOWHERE if column.node == UNPLACED else ALL
        return self.views.totals[self.at].get((kind, "")) is not None

    def _cell(self, at: int, row: OriginRow, node: str, columns: list[int]) -> None:
        origin = row.origin or ""
        number = self.sent[origin, node]
        members = self.problem.members([at], columns)
        if number is None:
            self._bound(members, 0, self.most)
            return
        low, high = self.rule.meaning(number)
        self._bound(members, low, high, (WHO, origin, node))
        least = min(high - low, self.rule.base // 2)  # rounding is not to be undone
        self.problem.targets.append(
            HiddenCount(members, least, least, np.inf, False, ("cell", at, node))
        )

    def _goes_up(self, at: int, row: OriginRow, node: str, columns: list[int]) -> None:
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
        """Add that each origin occurs, and what is known of the columns themselves.

        Of windows and of tags no reader knows which origins occur in them.
        """
        every = range(len(self.problem.rows))
        whole = range(len(self.problem.columns))
        table = self.views.table
        known = len(table.windows) == 1 and not table.origins
        for at, row in enumerate(self.problem.rows):
            if known and row.origin is None and not row.extra:
                self._bound(self.problem.members([at], whole), row.origins, np.inf)
        for column, found in enumerate(self.problem.columns):
            if found.most is not None or found.least:
                most = np.inf if found.most is None else found.most
                self._bound(self.problem.members(every, [column]), found.least, most)


class _Occurring:
    """Which places have to occur for the numbers of a window to be shown.

    A number of an area that no record need name itself stands for places inside, enough to make
    it up (:func:`views.holds_enough`). Those that other numbers stand for are there anyway.
    """

    def __init__(self, posing: _Posing) -> None:
        self.leaves, self.branches = posing.views.table.leaves, posing.branches
        self.inside: dict[str, list[str]] = {}
        for node in sorted(posing.named - {ANYWHERE}):
            self.inside.setdefault(posing.tree.parents[node], []).append(node)
        of_origins: dict[str, dict[str, int]] = {}
        for (origin, node), number in posing.sent.items():
            if number is not None:
                of_origins.setdefault(origin, {})[node] = number
        self.cuts = [{n: number for n, number in posing.reached.items() if number is not None}]
        self.cuts += [numbers for _, numbers in sorted(of_origins.items())]
        self.shown = {node for cut in self.cuts for node in cut}
        self.rule, self.most = posing.rule, posing.most
        self.room = {node: below(least, posing.rule) for node, least in posing.leasts.items()}
        self.own: set[str] = set()
        self.others: dict[str, int] = {}

    def needed(self) -> dict[str, tuple[int, int]]:
        """Say of each place whether records name it itself (0, 1), and how many others inside."""
        for at, cut in enumerate(self.cuts):
            room = self.room if at == 0 else {}
            for node, number in sorted(cut.items()):
                self._provide(node, number, cut, room)
        places = self.own | self.others.keys()
        return {node: (int(node in self.own), self.others.get(node, 0)) for node in places}

    def _provide(self, node: str, number: int, cut: Holders, room: Mapping[str, int]) -> None:
        if node in self.own:
            return
        inside = [place for place in self.inside.get(node, ()) if place not in cut]
        there = [place for place in inside if self._is_there(place, cut)]
        others = self.others.get(node, 0)
        missing = self.rule.meaning(number)[0] + self.rule.width - others * self.most
        missing -= sum(room.get(place, self.most) for place in there)
        if missing > 0 and node in self.leaves:
            self.own.add(node)
            return
        more = min(-(-missing // self.most), self.branches.get(node, 0) - others)
        if more > 0:
            self.others[node] = others + more
            missing -= more * self.most
        for place in inside:
            if missing > 0 and place not in there and self._put(place, cut):
                missing -= room.get(place, self.most)

    def _is_there(self, place: str, cut: Holders) -> bool:
        """Say whether something that a cut does not show surely occurs in a place."""
        if place in cut:
            return False
        if place in self.own or self.others.get(place):
            return True
        if place in self.shown and not self._shows_inside(place, cut):
            return True
        return any(self._is_there(inner, cut) for inner in self.inside.get(place, ()))

    def _shows_inside(self, place: str, cut: Holders) -> bool:
        inside = self.inside.get(place, ())
        return any(inner in cut or self._shows_inside(inner, cut) for inner in inside)

    def _put(self, place: str, cut: Holders) -> bool:
        """Let something that a cut does not show occur in a place, if anything can."""
        if place in cut:
            return False
        if place not in self.shown or place in self.leaves:
            self.own.add(place)
            return True
        if self.branches.get(place):
            self.others[place] = 1
            return True
        return any(self._put(inner, cut) for inner in self.inside.get(place, ()))
