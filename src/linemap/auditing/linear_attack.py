"""The attack: bound every hidden number by linear and, where narrow, integer programming.

What published numbers say about the counts behind them is written as linear constraints.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from linemap import schema
from linemap.auditing.limits import FACT, AttackTarget, Constraint, Limits
from linemap.auditing.published import (
    ANYWHERE,
    BY_TAG,
    FLOWS,
    NO_PLACE,
    UNPLACED,
    WHERE_TO,
    Key,
    Published,
    Row,
    Terms,
    node,
)
from linemap.linear_programming import CountProgramme

_NEAR: Final = 1e-6
_ROUNDS: Final = 400  # tries at widening many ranges at once
_PATIENCE: Final = 4  # tries, one of each share, that widen few before each is asked on its own
_MANY: Final = 15  # a table for many targets takes as long as about so many for one each
_LARGE: Final = 6_000  # unknowns, beyond which those that nothing connects are attacked apart
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
    problem: AttackProblem,
    *,
    own: int | None = None,
    seed: int = 1,
    belief: int | None = None,
    after: Attacked | None = None,
) -> Attacked:
    """Bound the targets of a problem, as a reader could who believes the rule was kept.

    A reader who contributed one record to the unknown `own` knows that it is
    at least 1. Unless it is given, `belief` in the threshold is as much as
    does not contradict the numbers. The ranges are found from below, by tables
    that fit: what is wide is proven wide, and what stays narrow was bounded
    exactly. `after` is an attack on the same constraints without an own record:
    its tables in which that record may be are tables of this one too.

    Unknowns that every constraint takes alike are bounded together
    (:mod:`linemap.auditing.limits`). Of a large problem, unknowns that no number connects are
    attacked apart, since tables of them can be put together in any way. An own record tells of
    what is connected with it alone: targets elsewhere, which range as they do without it, are
    then not among the `narrow`.
    """
    every = problem.limits
    classes = every.classes()
    known = [] if after is None else [np.bincount(classes, table) for table in after.tables]
    if own is not None:
        classes, known, own = _apart(own, classes, known)
    limits = every.together(classes)
    parts = limits.parts(_LARGE)
    if own is not None:
        parts = [part for part in parts if own in part]
    posed = [
        _Part(part, *limits.part(part, first=at == 0), _position(own, part))
        for at, part in enumerate(parts)
    ]
    if known and after is not None and belief is None:
        belief = after.belief  # no more can be believed with the record, and no less need be
    if belief is None:
        beliefs = [most_belief(part.limits, own=part.own) for part in posed]
        if None in beliefs:
            return _contradictory(problem)
        belief = min(b for b in beliefs if b is not None)
    least, most = np.zeros(len(every.need)), np.zeros(len(every.need))
    tables: list[np.ndarray] = []
    for part in posed:
        found = _attack_part(part, belief, [table[part.members] for table in known], seed)
        if found is None:
            return _contradictory(problem)
        least[part.targets] += found.least
        most[part.targets] += found.most
        while len(tables) < len(found.tables):
            tables.append(tables[0].copy() if tables else np.zeros(limits.size))
        for at, table in enumerate(tables):
            table[part.members] = found.tables[at % len(found.tables)]
    large = np.array([target.large for target in problem.targets])
    narrow = (most - least < every.need - _NEAR) & (least < large)
    if own is not None:  # of what is elsewhere nothing was asked
        narrow &= np.isin(np.arange(len(narrow)), posed[0].targets)
    first = np.unique(classes, return_index=True)[1]
    wide = [np.zeros(every.size) for _ in tables]
    for table, spread in zip(tables, wide, strict=True):
        spread[first] = table
    return Attacked(False, least, most, np.flatnonzero(narrow), belief, tuple(wide))


@dataclass(frozen=True, slots=True)
class _Part:
    """Some unknowns, what is said of them, which targets have any of them, and the own one."""

    members: np.ndarray
    limits: Limits
    targets: np.ndarray
    own: int | None


@dataclass(frozen=True, slots=True)
class _Ranges:
    """How far the targets of a part can be seen to range, and some of the tables of it."""

    least: np.ndarray
    most: np.ndarray
    tables: list[np.ndarray]


def _contradictory(problem: AttackProblem) -> Attacked:
    nothing = np.zeros(len(problem.targets))
    return Attacked(True, nothing, nothing, np.arange(len(nothing)))


def _apart(
    own: int, classes: np.ndarray, known: Sequence[np.ndarray]
) -> tuple[np.ndarray, list[np.ndarray], int]:
    """Make a class of the own unknown; keep the tables in which it can be 1, and put a record in.

    What is alike can be split in any way.
    """
    alike = int(classes[own])
    if (classes == alike).sum() == 1:
        return classes, [table for table in known if table[alike] >= 1], alike
    number = int(classes.max()) + 1
    classes = classes.copy()
    classes[own] = number
    fitting = [np.append(table, 1.0) for table in known if table[alike] >= 1]
    for table in fitting:
        table[alike] -= 1
    return classes, fitting, number


def _position(own: int | None, members: np.ndarray) -> int | None:
    return None if own is None else int(np.searchsorted(members, own))


def _attack_part(part: _Part, belief: int, known: list[np.ndarray], seed: int) -> _Ranges | None:
    """Bound the targets of one part; None if its numbers contradict each other."""
    limits, which = part.limits.distinct()
    solver = Solver(limits, belief=belief, own=part.own)
    if not known:
        first = solver.table(np.zeros(limits.size))
        if first is None:
            return None
        known = [first]
    for table in known:
        solver.see(table)
    solver.spread(np.random.default_rng(seed), evenly=part.own is not None)
    solver.finish()
    return _Ranges(solver.least[which], solver.most[which], solver.tables)


def most_belief(limits: Limits, *, own: int | None = None) -> int | None:
    """Find how much of the rule a reader can believe; None if the numbers contradict each other."""
    for belief in (OF_ALL, OF_ONE, FACT):
        if Solver(limits, belief=belief, own=own).table(np.zeros(limits.size)) is not None:
            return belief
    return None


class Solver:
    """Tables that fit what is said of the unknowns, and the ranges seen among them."""

    def __init__(self, limits: Limits, *, belief: int, own: int | None) -> None:
        kept = np.flatnonzero(limits.belief <= belief)
        self.size = limits.size
        self.floor = np.zeros(self.size)
        if own is not None:
            self.floor[own] = 1
        self.programme = CountProgramme(
            limits.matrix[kept], limits.low[kept], limits.high[kept], floor=self.floor
        )
        self.inner, self.outer, self.need = limits.inner, limits.outer, limits.need
        self.highest = limits.most
        self.least = np.full(len(self.need), np.inf)
        self.most = np.full(len(self.need), -np.inf)
        self.tables: list[np.ndarray] = []

    # As disclosure control searches, and written apart from it: a fault there must not hide here.
    def table(
        self,
        objective: np.ndarray,
        *,
        exact: bool = True,
        most: np.ndarray | None = None,
        close: bool = False,
    ) -> np.ndarray | None:
        """Find a table of whole numbers that fits and makes the objective least.

        `most` is what no unknown may exceed; `close`, that the objective is much like the last.
        None if there is none or, unless `exact`, if it took integer programming.
        """
        most = self.highest if most is None else most
        return self.programme.table(objective, most, close=close, exact=exact)

    def see(self, table: np.ndarray) -> None:
        """Widen the ranges by a table that fits."""
        self.least = np.minimum(self.least, self.inner @ table)
        self.most = np.maximum(self.most, self.outer @ table)
        if len(self.tables) < _KEPT:
            self.tables.append(table)

    def _members(self, position: int, *, down: bool) -> np.ndarray:
        """Name the unknowns that a target is at least, or at most."""
        sums = self.inner if down else self.outer
        return np.asarray(sums.indices[sums.indptr[position] : sums.indptr[position + 1]])

    def narrow(self) -> np.ndarray:
        """Tell which targets have been seen to range over less than they need."""
        return np.flatnonzero(self.most - self.least < self.need - _NEAR)

    def spread(self, rng: np.random.Generator, *, evenly: bool) -> None:
        """Widen many ranges at once with objectives drawn at random among the narrow ones.

        `evenly`: no unknown of a chosen target gets more than the target needs, so that a
        table widens many by as much as they need and none by more.
        """
        gained = [_MANY] * _PATIENCE
        for turn in range(_ROUNDS):
            left = self.narrow()
            if len(left) <= _MANY or max(gained[-_PATIENCE:]) < _MANY:
                return
            objective, most = np.zeros(self.size), self.highest.copy()
            share = (0.02, 0.1, 0.5, 1.0)[3 - turn % 4 if evenly else turn % 4]
            chosen = left[rng.random(len(left)) < max(share, 1 / len(left))]
            sign = 1 if turn % 8 >= 6 else -1
            for position in chosen:
                members = self._members(position, down=sign == 1)
                objective[members] += sign * rng.random()
                if evenly:
                    most[members] = self.floor[members] + self.need[position]
            objective[objective == 0] = 0.01 * rng.random()
            found = self.table(np.clip(objective, -5, 5), exact=False, most=most)
            if found is not None:
                self.see(found)
            gained.append(len(left) - len(self.narrow()))

    def finish(self) -> None:
        """Bound exactly whatever is still narrow."""
        for position in self.narrow():
            for sign in (1, -1):
                objective = np.zeros(self.size)
                objective[self._members(position, down=sign == 1)] = 1
                if self.most[position] - self.least[position] < self.need[position] - _NEAR:
                    found = self.table(sign * objective, close=True)
                    if found is not None:
                        self.see(found)


# ── What published numbers say about the counts behind them, as linear constraints ──────────
Place = tuple[str, str]

# What a reader takes from a published number, and what from the rule alone: that an
# origin withheld less than could be shown; that so did the origins of an area together.
OF_ONE: Final = 1
OF_ALL: Final = 2

_OF_TAG: Final = "tag "  # no place has an identifier that begins so
_OTHER_VALUE: Final = "*"
_EARTH_KM: Final = 6371.0  # mean radius; 1 % more and less covers the ellipsoid
_INSIDE_KM: Final = 10.0  # how far a place's mean may lie from its point
_FURTHEST_KM: Final = 2000.0  # nothing in the British Isles is further apart


@dataclass(slots=True)
class Claims:
    """One block: its cells and totals as published, and where its distances are known.

    `cut` and `where_cut` name the cells, and the places of all origins together, that any window
    of the measure shows: what one of them holds goes nowhere else in a window that withholds it.
    """

    key: Key
    cells: dict[Place, int] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    destinations: dict[str, int] = field(default_factory=dict)
    whole: int | None = None
    unplaced: int | None = None
    where: dict[str, int] = field(default_factory=dict)  # all origins together, by destination
    by_tag: dict[tuple[str, str], int] = field(default_factory=dict)  # by tag and its value
    means: dict[str, float] = field(default_factory=dict)
    distances: dict[Place, float] = field(default_factory=dict)
    cut: set[Place] = field(default_factory=set)
    where_cut: set[str] = field(default_factory=set)


@dataclass(slots=True)
class AttackProblem:
    """The unknowns of a block, what is said of them, and what must stay hidden."""

    claims: Claims
    places: list[Place]
    constraints: list[Constraint] = field(default_factory=list)
    targets: list[AttackTarget] = field(default_factory=list)

    @property
    def limits(self) -> Limits:
        """The constraints and targets as matrices."""
        return Limits.of(self.constraints, self.targets, len(self.places))


def read_claims(published: Published) -> dict[Key, Claims]:
    """Collect the published numbers by block; equal cells stated twice are stated once."""
    claims: dict[Key, Claims] = {}
    for row in published.tables[FLOWS]:
        block = claims.setdefault(published.block(row), Claims(published.block(row)))
        place = (
            node(row[schema.ORIGIN_ID], row.get(schema.ORIGIN_COVERAGE)),
            node(row[schema.DESTINATION_ID], row.get(schema.DESTINATION_COVERAGE)),
        )
        if row[schema.COUNT] is not None:
            block.cells[place] = int(row[schema.COUNT])
        if row[schema.DISTANCE_KM] is not None:
            block.distances[place] = float(row[schema.DISTANCE_KM])
    for row in published.tables.get(WHERE_TO, ()):
        block = claims.setdefault(published.block(row), Claims(published.block(row)))
        if row[schema.COUNT] is not None:
            block.where[node(row[schema.DESTINATION_ID], row.get(schema.DESTINATION_COVERAGE))] = (
                row[schema.COUNT]
            )
    for row in published.tables.get(BY_TAG, ()):
        block = claims.setdefault(published.block(row), Claims(published.block(row)))
        block.by_tag[row[schema.TAG_HEADING], row[schema.TAG_VALUE] or ""] = int(row[schema.COUNT])
    for name, take in _TOTALS.items():
        for row in published.tables.get(name, ()):
            take(claims.setdefault(published.block(row), Claims(published.block(row))), row)
    share_cuts(claims.values())
    return claims


def share_cuts(claims: Iterable[Claims]) -> None:
    """Tell each block what the other windows of its measure and tags show."""
    series: dict[Key, list[Claims]] = {}
    for block in claims:
        series.setdefault((block.key[0], *block.key[3:]), []).append(block)
    for blocks in series.values():
        cut = {cell for block in blocks for cell in block.cells}
        where_cut = {area for block in blocks for area in block.where}
        for block in blocks:
            block.cut, block.where_cut = cut, where_cut


def _take_origin(block: Claims, row: Row) -> None:
    if row.get("n") is not None:
        block.origins[row[schema.ORIGIN_ID]] = int(row["n"])
    if row.get("mean_km") is not None:
        block.means[row[schema.ORIGIN_ID]] = float(row["mean_km"])


def _take_destination(block: Claims, row: Row) -> None:
    if row.get("n") is not None:
        block.destinations[row[schema.DESTINATION_ID]] = int(row["n"])


def _take_whole(block: Claims, row: Row) -> None:
    for column, name in (("n", "whole"), ("n_unplaced", "unplaced")):
        if row.get(column) is not None:
            setattr(block, name, int(row[column]))


_TOTALS: Mapping[str, Callable[[Claims, Row], None]] = {
    "origins": _take_origin,
    "destinations": _take_destination,
    "whole": _take_whole,
}


def attack_problem(
    claims: Claims, published: Published, terms: Terms, *, beside: Claims | None = None
) -> AttackProblem:
    """Write a block as a problem of linear programming; with `beside`, over its places too."""
    origins, areas = {ANYWHERE}, set(NO_PLACE)
    for told in filter(None, (claims, beside)):
        origins |= {origin for origin, _ in told.cells} | set(told.origins)
        areas |= {area for _, area in told.cells} | set(told.destinations) | set(told.where)
    places = [(origin, area) for origin in sorted(origins) for area in sorted(areas)]
    problem = AttackProblem(claims, places)
    above = {name: tuple(published.upwards(name)) for name in origins | areas}
    cut = [_holder(place, claims, above) for place in places]
    holders = [cell if cell in claims.cells else None for cell in cut]
    _cells(problem, holders, terms)
    _together(problem, above, terms)
    _totals(problem, above, published, terms)
    _threshold(problem, cut, terms)
    _hidden(problem, holders, above, terms)
    named = set(claims.by_tag) | (set(beside.by_tag) if beside is not None else set())
    for tag in sorted({tag for tag, _ in named}):
        _by_tag(problem, tag, sorted(value for of, value in named if of == tag), terms)
    return problem


def _holder(place: Place, claims: Claims, above: Mapping[str, tuple[str, ...]]) -> Place | None:
    """Find the cell of an origin that a count is part of, shown or withheld in this window.

    It is that of the finest area that any window shows.
    """
    cut = claims.cut or claims.cells.keys()
    return next((cell for area in above[place[1]] if (cell := (place[0], area)) in cut), None)


def _cells(problem: AttackProblem, holders: list[Place | None], terms: Terms) -> None:
    held = _by_name(holders)
    for cell, shown in problem.claims.cells.items():
        members = held.get(cell, _NONE)
        low, high = terms.meaning(shown)
        problem.constraints.append(Constraint(members, low, high))
        problem.targets.append(AttackTarget(members, min(high - low, terms.base // 2), "shown"))


def _together(problem: AttackProblem, above: Mapping[str, tuple[str, ...]], terms: Terms) -> None:
    """Add the numbers of all origins together, each of its finest area."""
    where = problem.claims.where
    cut = problem.claims.where_cut or where.keys()
    holders = [next((area for area in above[a] if area in cut), None) for _, a in problem.places]
    held = _by_name(holders)
    for area, shown in where.items():
        low, high = terms.meaning(shown)
        members = held.get(area, _NONE)
        problem.constraints.append(Constraint(members, low, high))


def _totals(
    problem: AttackProblem,
    above: Mapping[str, tuple[str, ...]],
    published: Published,
    terms: Terms,
) -> None:
    claims, places = problem.claims, problem.places
    both = [UNPLACED not in place for place in places]

    def add(flags: Iterator[bool], shown: int, *, total: bool = False) -> None:
        low, high = terms.meaning(shown, total=total)
        problem.constraints.append(Constraint(_where(flags), low, high))

    sent = _by_name([o if ok else None for (o, _), ok in zip(places, both, strict=True)])
    for name, shown in claims.origins.items():
        low, high = terms.meaning(shown)
        problem.constraints.append(Constraint(sent.get(name, _NONE), low, high))
    for name, shown in claims.destinations.items():
        add((name in above[a] and ok for (_, a), ok in zip(places, both, strict=True)), shown)
    if claims.whole is not None:
        add(iter(both), claims.whole, total=True)
    if claims.unplaced is not None:
        add((not ok for ok in both), claims.unplaced)
    for name, mean in claims.means.items():
        _mean(problem, name, mean, published, terms)


def _mean(
    problem: AttackProblem, origin: str, mean: float, published: Published, terms: Terms
) -> None:
    """Add a mean distance, unless it is that of the cells as shown, which tells nothing new."""
    claims = problem.claims
    shown = {cell: n for cell, n in claims.cells.items() if cell[0] == origin}
    known = {cell: n for cell, n in shown.items() if cell in claims.distances}
    half = terms.km_base / 2
    if known:
        found = sum(n * claims.distances[cell] for cell, n in known.items()) / sum(known.values())
        if abs(found - mean) <= half + 1e-6:
            return
    members = _where(o == origin and a != UNPLACED for o, a in problem.places)
    ranges = [_distance(problem.places[member], claims, published) for member in members]
    low, high = np.array(ranges).reshape(-1, 2).T
    problem.constraints.append(Constraint(members, -np.inf, 0, low - mean - half))
    problem.constraints.append(Constraint(members, 0, np.inf, high - mean + half))


def _distance(place: Place, claims: Claims, published: Published) -> tuple[float, float]:
    """Say how far apart two places are, at least and at most, in km, as a reader can know."""
    if place in claims.distances:
        return claims.distances[place], claims.distances[place]
    if not all(end in published.points for end in place):
        return 0.0, _FURTHEST_KM
    (lon1, lat1), (lon2, lat2) = (np.radians(published.points[end]) for end in place)
    across = np.sin((lat2 - lat1) / 2) ** 2
    across += np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    km = 2 * _EARTH_KM * float(np.arcsin(np.sqrt(across)))
    return max(km * 0.99 - _INSIDE_KM, 0.0), km * 1.01 + _INSIDE_KM


def _by_tag(problem: AttackProblem, tag: str, values: Sequence[str], terms: Terms) -> None:
    """Add that each record has one value of a tag: those that are named, or any other."""
    size, pairs = len(problem.places), _where(not is_value(place) for place in problem.places)
    problem.places += [(_OF_TAG + tag, value) for value in (*values, _OTHER_VALUE)]
    own = np.arange(size, len(problem.places))
    members, weights = np.concatenate([pairs, own]), np.repeat([1.0, -1.0], (len(pairs), len(own)))
    problem.constraints.append(Constraint(members, 0, 0, weights))
    for at, value in enumerate(values):
        alone, others = own[at : at + 1], np.delete(own, at)
        shown = problem.claims.by_tag.get((tag, value))
        if shown is None:  # another release shows it
            continue
        low, high = terms.meaning(shown, total=True)
        problem.constraints.append(Constraint(alone, low, high))
        problem.targets.append(AttackTarget(alone, min(high - low, terms.total_base // 2), "shown"))
        problem.targets.append(AttackTarget(others, terms.width, "value", terms.threshold))
    problem.targets.append(AttackTarget(own[-1:], terms.width, "value", terms.threshold))


def is_value(place: Place) -> bool:
    """Say whether an unknown is of a value of a tag, and not of a pair of places."""
    return place[0].startswith(_OF_TAG)


def _threshold(problem: AttackProblem, cut: list[Place | None], terms: Terms) -> None:
    """Add that what an origin of which something is shown withholds is under the threshold.

    So is each cell that another window shows and this one does not.
    """
    claims, most = problem.claims, terms.threshold - 1
    named = {origin for origin, _ in (*claims.cells, *claims.cut)} | set(claims.origins)
    places = zip(problem.places, cut, strict=True)
    held = _by_name([cell or origin for (origin, _), cell in places])
    withheld = sorted(cell for cell in claims.cut if cell not in claims.cells)
    for name in (*sorted(named - {ANYWHERE}), *withheld):
        alone = held.get(name, _NONE)
        problem.constraints.append(Constraint(alone, 0, most, belief=OF_ONE))


def _hidden(
    problem: AttackProblem,
    holders: list[Place | None],
    above: Mapping[str, tuple[str, ...]],
    terms: Terms,
) -> None:
    """List each count that no cell shows alone, what goes up from each area, and small totals."""
    alone: dict[Place | None, int] = {None: 2}
    rising: dict[Place, list[int]] = {}
    columns: dict[str, list[int]] = {}
    for holder in holders:
        alone[holder] = alone.get(holder, 0) + 1
    for position, ((origin, area), holder) in enumerate(zip(problem.places, holders, strict=True)):
        columns.setdefault(area, []).append(position)
        if alone[holder] > 1:
            large = terms.threshold if origin == ANYWHERE else np.inf  # several origins together
            problem.targets.append(AttackTarget(np.array([position]), terms.width, "count", large))
        for around in above[area]:
            if holder == (origin, around):
                break
            rising.setdefault((origin, around), []).append(position)
    sums = {tuple(members) for members in rising.values() if len(members) > 1}
    for summed in sorted(sums):
        problem.targets.append(AttackTarget(np.array(summed), terms.width, "sum", terms.threshold))
    shown = set(problem.claims.destinations) | set(problem.claims.where)
    shown |= {area for _, area in problem.claims.cells}
    if problem.claims.unplaced is not None:  # the total of what has no place is shown too
        shown.add(UNPLACED)
    for area, members in columns.items():
        if area not in shown:
            problem.targets.append(
                AttackTarget(np.array(members), terms.width, "total", terms.threshold)
            )


_NONE: Final = np.empty(0, dtype=np.int64)


def _by_name(names: Sequence[Hashable]) -> dict[Hashable, np.ndarray]:
    """Say where each name stands in a list."""
    found: dict[Hashable, list[int]] = {}
    for position, name in enumerate(names):
        found.setdefault(name, []).append(position)
    return {name: np.array(positions) for name, positions in found.items()}


def _where(flags: Iterator[bool]) -> np.ndarray:
    return np.flatnonzero(np.fromiter(flags, dtype=bool))
