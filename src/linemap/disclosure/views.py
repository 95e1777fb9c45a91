"""The tree of places, the cut of one row along it, and the two views of a table.

The tree of places runs from settlement over district, borough or county, force, region and
nation to everything. A cut is greedy, from the finest places up: a place is shown if what
no finer place holds is enough there, and that alone decides; else it leaves its count to the
area around. What a reader learns of a place that is not shown is that too little was left to
it, and nothing else.

The two views of a table are protected together. *Who sends* comes first: each origin's
destinations are rolled up on their own, and nothing but the threshold decides. *Where to*
then rolls up all origins together. A place is shown there only with as many more than what
is shown of single origins inside it that all others together stay uncertain; so its
threshold is computed of numbers that are shown. What a reader learns of a number that is
not shown is therefore that it is under a threshold that they can compute: the tables that
lead to the same release are those that fit these limits. :mod:`margin_protection` bounds
every hidden count over them, and takes away what would tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.disclosure.rule import Rule
from linemap.errors import UnknownPlaceError

ANYWHERE: Final = "*"  # the root: every place there is, and those not stated
UNPLACED: Final = "?"  # not stated, not found, or not decided; a leaf below the root

# A place's parent is the first of these that is known and coarser than the place.
_UPWARDS: Final = (
    schema.DISTRICT,
    schema.BOROUGH,
    schema.COUNTY,
    schema.FORCE,
    schema.REGION,
    schema.NATION,
)


@dataclass(frozen=True)
class Tree:
    """Nodes with their parents and levels; every node's last ancestor is :data:`ANYWHERE`."""

    parents: Mapping[str, str]
    levels: Mapping[str, str]

    @classmethod
    def of(cls, places: pd.DataFrame, wanted: Iterable[str]) -> Tree:
        """Build the tree of the `wanted` places and everything around them.

        Raises UnknownPlaceError for a place that `places` lacks.
        """
        parents = {UNPLACED: ANYWHERE}
        levels = {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED}
        waiting = sorted(set(wanted) - {ANYWHERE, UNPLACED})
        table = pd.DataFrame(places[[schema.LEVEL, *schema.PARENT_IDS.values()]])
        while waiting:
            for place, row in _rows(table, waiting).items():
                level = str(row[schema.LEVEL])
                parents[place] = next(_coarser(level, row), ANYWHERE)
                levels[place] = level
            waiting = sorted(set(parents.values()) - parents.keys() - {ANYWHERE})
        return cls(parents, levels)

    def upwards(self, node: str) -> Iterator[str]:
        """Yield the node itself, its parent, and so on to the root."""
        yield node
        while node != ANYWHERE:
            node = self.parents[node]
            yield node

    def inside(self, node: str, area: str) -> bool:
        """Say whether `node` lies in `area`, or is it."""
        return area in self.upwards(node)

    def bottom_up(self, nodes: Iterable[str]) -> list[str]:
        """List `nodes` and all their ancestors, children before parents, else by name."""
        wanted = {above for node in nodes for above in self.upwards(node)} | {ANYWHERE}
        return sorted(wanted, key=lambda node: (-len(list(self.upwards(node))), node))


def _rows(table: pd.DataFrame, wanted: list[str]) -> dict[str, dict[str, object]]:
    """Take the level and the parents of each of the `wanted` places."""
    found = table.index.get_indexer(pd.Index(wanted))
    for place, position in zip(wanted, found, strict=True):
        if position < 0:
            raise UnknownPlaceError(f"The gazetteer has no place with the id {place!r}.")
    rows = table.iloc[found].itertuples(index=False, name=None)
    return {
        place: dict(zip(table.columns, row, strict=True))
        for place, row in zip(wanted, rows, strict=True)
    }


def _coarser(level: str, row: Mapping[str, object]) -> Iterator[str]:
    start = len(_UPWARDS) - 1 if level == schema.GROUP else 0
    if level in _UPWARDS:
        start = _UPWARDS.index(level) + 1
    for upper in _UPWARDS[start:]:
        parent = row[schema.PARENT_IDS[upper]]
        if isinstance(parent, str) and {level, upper} != {schema.BOROUGH, schema.COUNTY}:
            yield parent


Place = tuple[str, str]  # an origin and a destination
Counts = Mapping[Place, int]


def rests(
    cells: Iterable[Place], origins: Tree, destinations: Tree
) -> dict[Place, tuple[bool, bool]]:
    """Say of each cell whether finer cells are out of it: of its origin, its destination."""
    every = list(cells)
    around = {above for o, _ in every for above in origins.upwards(o) if above != o}
    beyond = {(o, above) for o, d in every for above in destinations.upwards(d) if above != d}
    return {cell: (cell[0] in around, cell in beyond) for cell in every}


# ── The cut ─────────────────────────────────────────────────────────────────

Leaves = Mapping[str, int]  # places, as finely as the records name them, and their counts


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to a place: by window, what no finer place that is shown holds.

    `occurs` says whether any record names the place itself, `branches` how many of the places
    right below it hold, or could hold, some of what is left.
    """

    windows: tuple[Leaves, ...]
    occurs: bool
    branches: int

    @property
    def counts(self) -> tuple[int, ...]:
        """The counts, by window."""
        return tuple(sum(leaves.values()) for leaves in self.windows)


@dataclass(frozen=True, slots=True)
class Cut:
    """The places that are shown, with the leaves that each holds by window, and what is withheld.

    Every leaf is in the finest place around it that is shown.
    """

    shown: Mapping[str, tuple[Leaves, ...]]
    withheld: tuple[Leaves, ...]

    def holder(self, place: str, tree: Tree) -> str | None:
        """Name the place that is shown and holds `place`; None if it is withheld."""
        return next((over for over in tree.upwards(place) if over in self.shown), None)


def cut_along_tree(
    windows: Sequence[Leaves],
    tree: Tree,
    nodes: Sequence[str],
    is_shown: Callable[[str, Left], bool],
    *,
    leaves: frozenset[str],
) -> Cut:
    """Cut the counts of each window along the tree, by the same places in every window.

    `nodes` are the places of the tree, children before parents, `leaves` those that any record
    of the table names: what could hold something is public, whether or not it does here.
    """
    carried: dict[str, list[dict[str, int]]] = {}
    branches: dict[str, int] = {}
    shown: dict[str, tuple[Leaves, ...]] = {}
    for node in nodes:
        here = carried.pop(node, None) or [{} for _ in windows]
        for held, window in zip(here, windows, strict=True):
            if window.get(node, 0):
                held[node] = window[node]
        left = Left(tuple(here), node in leaves, branches.get(node, 0))
        if is_shown(node, left):
            shown[node] = left.windows
            here = [{} for _ in windows]
        elif node != ANYWHERE and (left.occurs or left.branches):
            above = tree.parents[node]
            branches[above] = branches.get(above, 0) + 1
        if node == ANYWHERE:
            return Cut(shown, tuple(here))
        above = tree.parents[node]
        for held, more in zip(carried.setdefault(above, [{} for _ in windows]), here, strict=True):
            held.update(more)
    raise AssertionError("a tree ends in its root")


# ── The two views ───────────────────────────────────────────────────────────

ORIGIN: Final = "origin"
DESTINATION: Final = "destination"  # only of an earlier version's release
ALL: Final = "all"
NOWHERE: Final = "unplaced"
WHERE: Final = schema.WHERE_TO
WHO: Final = schema.WHO_SENDS
# Of a number beside each origin's: (WHERE, place), (ORIGIN, origin), (kind_of_tag(tag), value)
Name = tuple[str, str]
Number = tuple[str, ...]  # of one that may be left out: a Name, or (WHO, origin, place)


_OF_TAG: Final = "tag "


def kind_of_tag(tag: str) -> str:
    """Return the kind of a number of all records that have one value of a tag.

    >>> tag_of(kind_of_tag("age_group"))
    'age_group'
    """
    return _OF_TAG + tag


def is_of_tag(kind: str) -> bool:
    """Say whether numbers of a kind are by the values of a tag."""
    return kind.startswith(_OF_TAG)


def tag_of(kind: str) -> str:
    """Name the tag by whose values numbers of a kind are."""
    return kind.removeprefix(_OF_TAG)


def need(rule: Rule) -> int:
    """Say over how many a hidden count must range: one more than the rule's interval.

    So that a reader who knows that one record is theirs is still left with the
    interval. Where the threshold is too low for that, as many as it allows.
    """
    return min(rule.width + 1, rule.threshold - 1)


@dataclass(frozen=True)
class CountTable:
    """The counts of one measure and set of tags, by window, with the trees of their places.

    ``origins`` are those that a reader knows the measure to have, with other tags too: one
    without a record here is treated as one whose records are hidden.
    """

    windows: tuple[Counts, ...]
    destinations: Tree
    origins: frozenset[str] = frozenset()

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of records of each window."""
        return tuple(sum(window.values()) for window in self.windows)

    @cached_property
    def leaves(self) -> frozenset[str]:
        """The places that any record names as its destination."""
        return frozenset(d for window in self.windows for (_, d), n in window.items() if n > 0)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """These and the areas around them, from the finest up."""
        return tuple(self.destinations.bottom_up(self.leaves))

    @cached_property
    def together(self) -> tuple[dict[str, int], ...]:
        """The counts of all origins together, by window and destination."""
        result: list[dict[str, int]] = []
        for window in self.windows:
            sums: dict[str, int] = {}
            for (_, destination), count in window.items():
                sums[destination] = sums.get(destination, 0) + count
            result.append(sums)
        return tuple(result)

    @cached_property
    def rows(self) -> dict[str, list[dict[str, int]]]:
        """The counts of each origin, by window and destination."""
        rows: dict[str, list[dict[str, int]]] = {
            origin: [{} for _ in self.windows] for origin in self.origins
        }
        for at, window in enumerate(self.windows):
            for (origin, destination), count in sorted(window.items()):
                if count > 0:
                    row = rows.setdefault(origin, [{} for _ in self.windows])
                    row[at][destination] = row[at].get(destination, 0) + count
        return dict(sorted(rows.items()))


@dataclass(frozen=True)
class Views:
    """What is shown of a table: the cuts of both views and, by window, the numbers.

    ``senders`` has the cut of each origin, ``whole`` that of all together (None where it is not
    given). Numbers are by window: rounded, or None where hidden. ``fitting`` are tables of counts
    by window that fit them and hold as many records, where a proof has kept those that it found.
    """

    table: CountTable
    senders: Mapping[str, Cut]
    whole: Cut | None
    sent: tuple[Mapping[Place, int | None], ...]
    reached: tuple[Mapping[str, int | None], ...]
    totals: tuple[Mapping[Name, int], ...]
    left_out: frozenset[Number] | None
    fitting: tuple[tuple[Any, ...], ...] = field(default=(), compare=False, repr=False)


def holds_enough(left: Left, shown: Sequence[int | None], room: Sequence[int], rule: Rule) -> bool:
    """Say whether a number would leave each place inside uncertain, for one who knows them all.

    What is in no place of its own may be any part of it. Otherwise the places inside have
    `room` (by window) for more than the number by the interval, where each holds less than
    would be shown of it.
    """
    return left.occurs or all(
        number is None or rule.meaning(number)[0] + rule.width <= most
        for number, most in zip(shown, room, strict=True)
    )


def branches_needed(number: int, rule: Rule) -> int:
    """Say how many places, each under the threshold, have room for a number of one origin.

    >>> branches_needed(10, Rule()), branches_needed(15, Rule()), branches_needed(50, Rule())
    (2, 2, 6)
    """
    return -(-(rule.meaning(number)[0] + rule.width) // (rule.threshold - 1))


def _often(shown: Sequence[int | None], table: CountTable, rule: Rule) -> bool:
    """Say whether a place is shown in at least half of the windows that could show anything.

    Windows that hold fewer records than the threshold do not count: were they to count, the
    windows of a place that is shown would tell how many others hold no record at all.
    """
    windows = sum(size >= rule.threshold for size in table.sizes)
    return 2 * sum(number is not None for number in shown) >= max(windows, 1)


def protect_views(
    table: CountTable, rule: Rule, left_out: frozenset[Number] | None = frozenset()
) -> Views:
    """Cut both views, and round; without the numbers that are `left_out` (None: only senders)."""
    without = left_out or frozenset()
    senders: dict[str, Cut] = {}
    sent: list[dict[Place, int | None]] = [{} for _ in table.windows]
    for origin, row in table.rows.items():
        is_shown = partial(_is_sent, table, rule, without, origin)
        cut = cut_along_tree(row, table.destinations, table.nodes, is_shown, leaves=table.leaves)
        senders[origin] = cut
        for node, held in cut.shown.items():
            for at, window in enumerate(held):
                sent[at][origin, node] = rule.shown(sum(window.values()))
    if left_out is None:
        return _views_of(table, senders, sent)
    whole: Cut | None = None
    reached: tuple[dict[str, int | None], ...] = tuple({} for _ in table.windows)
    if len(table.rows) > 1:
        whole, reached = _where_to(table, Floors(table, sent, rule), rule, left_out)
    totals = _totals(table, sent, reached, rule, left_out)
    return Views(table, senders, whole, tuple(sent), reached, totals, left_out)


def _views_of(
    table: CountTable, senders: Mapping[str, Cut], sent: Sequence[Mapping[Place, int | None]]
) -> Views:
    """Show each origin's view alone."""
    whole = Cut({}, table.together) if len(table.rows) > 1 else None
    none: tuple[dict[Any, Any], ...] = tuple({} for _ in table.windows)
    return Views(table, senders, whole, tuple(sent), none, none, None)


def _is_sent(
    table: CountTable,
    rule: Rule,
    left_out: frozenset[Number],
    origin: str,
    node: str,
    left: Left,
) -> bool:
    numbers = [rule.shown(count) for count in left.counts]
    room = [(rule.threshold - 1) * left.branches] * len(numbers)
    fits = _often(numbers, table, rule) and holds_enough(left, numbers, room, rule)
    return fits and (WHO, origin, node) not in left_out


class Floors:
    """How much of what is shown of single origins must be left to each place, by window.

    Places are closed one by one, those inside before those around. A cell of an origin
    is left to its place, and to those around it, less what numbers of all origins
    together that are shown inside can hold of it.
    """

    def __init__(
        self, table: CountTable, sent: Sequence[Mapping[Place, int | None]], rule: Rule
    ) -> None:
        self.rule, self.parents = rule, table.destinations.parents
        self.must: list[dict[str, int]] = [{} for _ in sent]
        self.spare: list[dict[str, int]] = [{} for _ in sent]
        self.own: list[dict[str, int]] = [{} for _ in sent]
        self.room: list[dict[str, int]] = [{} for _ in sent]  # of places inside that are not shown
        for own, numbers in zip(self.own, sent, strict=True):
            for (_, node), number in numbers.items():
                if number is not None:
                    own[node] = own.get(node, 0) + rule.meaning(number)[0]

    def _left(self, node: str, at: int) -> tuple[int, int]:
        """Say how much must be left to a place, and how much more those inside can hold."""
        own, spare = self.own[at].get(node, 0), self.spare[at].get(node, 0)
        held = min(own, spare)
        return self.must[at].get(node, 0) + own - held, spare - held

    def least(self, node: str, at: int) -> int:
        """Say from which count on a place may be shown where all origins are together."""
        return max(self.rule.threshold, self._left(node, at)[0] + need(self.rule) + 3)

    def close(
        self, node: str, numbers: Sequence[int | None] | None, *, occurs: bool = True
    ) -> None:
        """Leave a place for those around it; `numbers` are those that are shown of it, if any.

        `occurs` says whether anything that is not shown inside can be in it.
        """
        for at in range(len(self.own)):
            must, spare = self._left(node, at)
            if numbers is None and occurs and node != ANYWHERE:
                over, most = self.parents[node], below(self.least(node, at), self.rule)
                self.room[at][over] = self.room[at].get(over, 0) + most
            if numbers is not None:
                number = numbers[at]
                held = (
                    below(self.least(node, at), self.rule)
                    if number is None
                    else self.rule.meaning(number)[1]
                )
                must, spare = 0, spare + max(held - must, 0)
            if node != ANYWHERE:
                for sums, more in ((self.must[at], must), (self.spare[at], spare)):
                    sums[self.parents[node]] = sums.get(self.parents[node], 0) + more


def leasts(views: Views, at: int, rule: Rule) -> dict[str, int]:
    """Say from which count on each place of a table may be shown in a window."""
    floors = Floors(views.table, [views.sent[at]], rule)
    shown = views.whole.shown if views.whole is not None else {}
    result: dict[str, int] = {}
    for node in views.table.nodes:
        result[node] = floors.least(node, 0)
        floors.close(node, [views.reached[at][node]] if node in shown else None)
    return result


def enough(count: int, least: int, rule: Rule, *, total: bool = False) -> int | None:
    """Return the number for a count if all counts that it stands for are `least` or more."""
    number = rule.shown(count, total=total)
    if number is None or rule.meaning(number, total=total)[0] < least:
        return None
    return number


def below(least: int, rule: Rule, *, total: bool = False) -> int:
    """Say how large a count can be that is not shown because `least` is asked for it."""
    count = max(least, rule.threshold)
    while enough(count, least, rule, total=total) is None:
        count += 1
    return count - 1


def _where_to(
    table: CountTable, floors: Floors, rule: Rule, left_out: frozenset[Number]
) -> tuple[Cut, tuple[dict[str, int | None], ...]]:
    reached: tuple[dict[str, int | None], ...] = tuple({} for _ in table.windows)

    def is_shown(node: str, left: Left) -> bool:
        numbers = [
            enough(count, floors.least(node, at), rule) for at, count in enumerate(left.counts)
        ]
        room = [rooms.get(node, 0) for rooms in floors.room]
        fits = _often(numbers, table, rule) and holds_enough(left, numbers, room, rule)
        shown = fits and (WHERE, node) not in left_out
        occurs = left.occurs or left.branches > 0
        floors.close(node, numbers if shown else None, occurs=occurs)
        for at, number in enumerate(numbers) if shown else ():
            reached[at][node] = number
        return shown

    cut = cut_along_tree(
        table.together, table.destinations, table.nodes, is_shown, leaves=table.leaves
    )
    return cut, reached


def total_least(
    name: Name,
    sent: Mapping[Place, int | None],
    reached: Mapping[str, int | None],
    rule: Rule,
) -> int:
    """Say from which count on a total may be shown beside the numbers of both views."""
    kind, origin = name

    def counts(*places: str) -> bool:  # what may be anywhere may have two places
        return (UNPLACED in places) == (kind == NOWHERE)

    of_origins = sum(
        rule.meaning(number)[0]
        for (sender, place), number in sent.items()
        if number is not None and counts(sender, place) and (kind != ORIGIN or sender == origin)
    )
    of_places = 0 if kind == ORIGIN else sum(
        rule.meaning(number)[0]
        for place, number in reached.items()
        if number is not None and counts(place)
    )  # fmt: skip
    return max(rule.threshold, max(of_origins, of_places) + need(rule) + 3)


def total_names(table: CountTable) -> list[Name]:
    """List the totals that there can be: of each origin, of all with two places, of the rest.

    That of all is not given beside that of the only origin, which it is.
    """
    names: list[Name] = [(ORIGIN, origin) for origin in table.rows if origin != UNPLACED]
    every: list[Name] = [] if len(names) == 1 else [(ALL, "")]
    return [*names, *every, (NOWHERE, "")]


def _is_near(name: Name, number: int, sent: Mapping[Place, int | None], rule: Rule) -> bool:
    """Say whether an origin's total leaves it open that next to nothing of it is hidden."""
    kind, origin = name
    if kind != ORIGIN:
        return True
    most = sum(
        rule.meaning(shown)[1]
        for (sender, place), shown in sent.items()
        if sender == origin and shown is not None and place != UNPLACED
    )
    return rule.meaning(number)[0] <= most + rule.threshold - 1 - need(rule)


def _totals(
    table: CountTable,
    sent: Sequence[Mapping[Place, int | None]],
    reached: Sequence[Mapping[str, int | None]],
    rule: Rule,
    left_out: frozenset[Number],
) -> tuple[dict[Name, int], ...]:
    result: list[dict[Name, int]] = []
    for at, window in enumerate(table.windows):
        sums: dict[Name, int] = {}
        for (origin, destination), count in window.items():
            names: list[Name] = [(NOWHERE, "")]
            if UNPLACED not in (origin, destination):
                names = [(ORIGIN, origin), (ALL, "")]
            for name in names:
                sums[name] = sums.get(name, 0) + count
        shown: dict[Name, int] = {}
        for name in total_names(table):
            if name in left_out:
                continue
            least = total_least(name, sent[at], reached[at], rule)
            number = enough(sums.get(name, 0), least, rule, total=name[0] == ALL)
            if number is not None and _is_near(name, number, sent[at], rule):
                shown[name] = number
        result.append(shown)
    return tuple(result)
