"""The two views of a table, protected together: who sends, and where to.

*Who sends* comes first: each origin's destinations are rolled up on their own,
and nothing but the threshold decides. *Where to* then rolls up all origins
together. A place is shown there only with as many more than what is shown of
single origins inside it that all others together stay uncertain; so its
threshold is computed of numbers that are shown. What a reader learns of a
number that is not shown is therefore that it is under a threshold that
they can compute, and nothing else: the tables that lead to the same release are
those that fit these limits. :mod:`feasibility` bounds every hidden count over
them, and takes away what would tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from linemap import schema
from linemap.disclosure.roll_up import ANYWHERE, UNPLACED, Counts, Cut, Left, Place, Tree, roll_up
from linemap.disclosure.rule import Rule

ORIGIN: Final = "origin"
DESTINATION: Final = "destination"  # only of an earlier version's release
ALL: Final = "all"
NOWHERE: Final = "unplaced"
WHERE: Final = schema.WHERE_TO
Name = tuple[str, str]  # of a number that may be left out: (WHERE, place), (ORIGIN, origin), ...


def need(rule: Rule) -> int:
    """Say over how many a hidden count must range: one more than the rule's interval.

    So that a reader who knows that one record is theirs is still left with the
    interval. Where the threshold is too low for that, as many as it allows.
    """
    return min(rule.width + 1, rule.threshold - 1)


@dataclass(frozen=True)
class Table:
    """The counts of one measure and set of tags, by window, with the trees of their places."""

    windows: tuple[Counts, ...]
    destinations: Tree

    @cached_property
    def leaves(self) -> frozenset[str]:
        """The places that any record names as its destination."""
        return frozenset(d for window in self.windows for (_, d), n in window.items() if n > 0)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """These and the areas around them, from the finest up."""
        return tuple(self.destinations.bottom_up(self.leaves))

    @cached_property
    def rows(self) -> dict[str, list[dict[str, int]]]:
        """The counts of each origin, by window and destination."""
        rows: dict[str, list[dict[str, int]]] = {}
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
    given). Numbers are by window: rounded, or None where hidden.
    """

    table: Table
    senders: Mapping[str, Cut]
    whole: Cut | None
    sent: tuple[Mapping[Place, int | None], ...]
    reached: tuple[Mapping[str, int | None], ...]
    totals: tuple[Mapping[Name, int], ...]
    left_out: frozenset[Name]


def holds_enough(left: Left, shown: Sequence[int | None], rule: Rule) -> bool:
    """Say whether a number would leave each place inside uncertain, for one who knows them all.

    What is in no place of its own may be any part of it. Otherwise each place
    inside was under the threshold, so that few of them could not make up a large number.
    """
    if left.occurs:
        return True
    most = rule.threshold - 1
    lows = [rule.meaning(number)[0] for number in shown if number is not None]
    return max(lows, default=0) - most * (left.branches - 1) <= most - need(rule)


def _often(shown: Sequence[int | None]) -> bool:
    """Say whether a place is shown in at least half of the windows."""
    return 2 * sum(number is not None for number in shown) >= len(shown)


def protect_views(
    table: Table, rule: Rule, left_out: frozenset[Name] | None = frozenset()
) -> Views:
    """Cut both views, and round; without the numbers that are `left_out` (None: only senders)."""
    senders: dict[str, Cut] = {}
    sent: list[dict[Place, int | None]] = [{} for _ in table.windows]
    is_shown = partial(_is_sent, rule)
    for origin, row in table.rows.items():
        cut = roll_up(row, table.destinations, table.nodes, is_shown, leaves=table.leaves)
        senders[origin] = cut
        for node, held in cut.shown.items():
            for at, window in enumerate(held):
                sent[at][origin, node] = rule.shown(sum(window.values()))
    floors = Floors(table, sent, rule)
    whole: Cut | None = None
    reached: tuple[dict[str, int | None], ...] = tuple({} for _ in table.windows)
    if left_out is None:
        none: tuple[dict[Name, int], ...] = tuple({} for _ in table.windows)
        return Views(table, senders, None, tuple(sent), reached, none, frozenset())
    if len(table.rows) > 1:
        whole, reached = _where_to(table, floors, rule, left_out)
    totals = _totals(table, sent, reached, rule, left_out)
    return Views(table, senders, whole, tuple(sent), reached, totals, left_out)


def _is_sent(rule: Rule, node: str, left: Left) -> bool:
    numbers = [rule.shown(count) for count in left.counts]
    return _often(numbers) and holds_enough(left, numbers, rule)


class Floors:
    """What is shown inside each place, by window: of single origins, and of all together."""

    def __init__(
        self, table: Table, sent: Sequence[Mapping[Place, int | None]], rule: Rule
    ) -> None:
        self.rule, self.tree = rule, table.destinations
        self.sent: list[dict[str, int]] = [{} for _ in sent]
        self.reached: list[dict[str, int]] = [{} for _ in sent]
        for at, numbers in enumerate(sent):
            for (_, node), number in numbers.items():
                if number is not None:
                    self._add(self.sent[at], node, rule.meaning(number)[0])

    def _add(self, sums: dict[str, int], node: str, amount: int) -> None:
        for over in self.tree.upwards(node):
            sums[over] = sums.get(over, 0) + amount

    def least(self, node: str, at: int) -> int:
        """Say from which count on a place may be shown where all origins are together."""
        own = self.sent[at].get(node, 0)
        if not own:
            return self.rule.threshold
        return max(
            self.rule.threshold,
            own - self.reached[at].get(node, 0) + need(self.rule) + 1,
        )

    def show(self, node: str, number: int, at: int) -> None:
        """Note a number of all origins together."""
        self._add(self.reached[at], node, self.rule.meaning(number)[1])


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
    table: Table, floors: Floors, rule: Rule, left_out: frozenset[Name]
) -> tuple[Cut, tuple[dict[str, int | None], ...]]:
    together: list[dict[str, int]] = []
    for window in table.windows:
        sums: dict[str, int] = {}
        for (_, destination), count in window.items():
            sums[destination] = sums.get(destination, 0) + count
        together.append(sums)
    reached: tuple[dict[str, int | None], ...] = tuple({} for _ in table.windows)

    def is_shown(node: str, left: Left) -> bool:
        numbers = [
            enough(count, floors.least(node, at), rule) for at, count in enumerate(left.counts)
        ]
        if (WHERE, node) in left_out or not _often(numbers):
            return False
        if not holds_enough(left, numbers, rule):
            return False
        for at, number in enumerate(numbers):
            reached[at][node] = number
            if number is not None:
                floors.show(node, number, at)
        return True

    cut = roll_up(together, table.destinations, table.nodes, is_shown, leaves=table.leaves)
    return cut, reached


def total_least(
    name: Name,
    sent: Mapping[Place, int | None],
    reached: Mapping[str, int | None],
    rule: Rule,
) -> int:
    """Say from which count on a total may be shown beside the numbers of both views."""
    kind, origin = name

    def inside(place: str) -> bool:
        return (place == UNPLACED) == (kind == NOWHERE)

    of_origins = sum(
        rule.meaning(number)[0]
        for (sender, place), number in sent.items()
        if number is not None and place != ANYWHERE
        and (sender == origin if kind == ORIGIN else True)
        and ((UNPLACED in (sender, place)) == (kind == NOWHERE))
    )  # fmt: skip
    of_places = 0 if kind == ORIGIN else sum(
        rule.meaning(number)[0]
        for place, number in reached.items()
        if number is not None and place != ANYWHERE and inside(place)
    )  # fmt: skip
    return max(rule.threshold, max(of_origins, of_places) + need(rule) + 1)


def total_names(table: Table) -> list[Name]:
    """List the totals that there can be: of each origin, of all with two places, of the rest."""
    names: list[Name] = [(ORIGIN, origin) for origin in table.rows if origin != UNPLACED]
    return [*names, (ALL, ""), (NOWHERE, "")]


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
    table: Table,
    sent: Sequence[Mapping[Place, int | None]],
    reached: Sequence[Mapping[str, int | None]],
    rule: Rule,
    left_out: frozenset[Name],
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
