"""Releasing a block again: repeat what was shown, or show what has changed by enough people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from linemap import schema
from linemap.disclosure.cells import block_columns, count_blocks, trees
from linemap.disclosure.ledger import Ledger, Shown, blocks_of
from linemap.disclosure.release import Release
from linemap.disclosure.roll_up import ANYWHERE, Counts, Left, Place, Tree, roll_up
from linemap.disclosure.rule import Rule
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer

Held = Mapping[str, Mapping[str, int]]  # the places shown of an origin, with what each holds

SHOWN: Final = "shown"
COUNT_NOW: Final = "count_now"
DIFFERENCE: Final = "difference"
SHOWN_SINCE: Final = "shown_since"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that is shown: all of `origin` to all of `destination` that no finer cell holds."""

    origin: str
    destination: str
    count: int


@dataclass(frozen=True)
class Block:
    """Counts of one measure, window and set of tags, and the cut of each origin."""

    counts: Counts
    origins: Tree
    destinations: Tree
    cuts: Mapping[str, Held]

    @property
    def cells(self) -> Iterator[Cell]:
        """Yield the cells that are shown, by origin and destination."""
        for origin, cut in sorted(self.cuts.items()):
            for destination, leaves in sorted(cut.items()):
                yield Cell(origin, destination, sum(leaves.values()))

    def holder(self, origin: str, destination: str) -> Place | None:
        """Name the cell that holds what goes from a place to a place, or None if it is withheld.

        A release of an earlier version may hold it with an area around the origin.
        """
        for over in self.origins.upwards(origin):
            cut = self.cuts.get(over)
            for area in self.destinations.upwards(destination) if cut is not None else ():
                if cut is not None and area in cut:
                    return over, area
        return None


def is_change(before: int, count: int, rule: Rule) -> bool:
    """Say whether a count now differs from a number shown before by at least the threshold.

    Whatever the counts were that both numbers stand for: a reader can conclude
    of a change that shows that it is of enough people.

    >>> is_change(10, 22, Rule()), is_change(10, 23, Rule()), is_change(30, 9, Rule())
    (False, True, True)
    """
    shown = rule.shown(count)
    low, high = (0, rule.threshold - 1) if shown is None else rule.meaning(shown)
    least, most = rule.meaning(before)
    return max(low - most, least - high) >= rule.threshold


def enough_anew(rule: Rule) -> int:
    """Say how many a cell needs that was not shown before, and so held fewer than the threshold.

    >>> enough_anew(Rule())
    23
    """
    count = 2 * rule.threshold - 1
    while rule.meaning(rule.rounded(count))[0] < 2 * rule.threshold - 1:
        count += 1
    return count


def show_again(
    counts: Counts, origins: Tree, destinations: Tree, earlier: Sequence[Shown], rule: Rule
) -> tuple[dict[Place, int], Shown | None]:
    """Show a block again, from the last release on back to one that agrees with all of them.

    Returns what to show, and the earlier release if it is all as it was there.

    Raises
    ------
    DisclosureError
        If some number would come too close to one of an earlier release whichever is repeated.
    """
    befores = [_as_before(counts, origins, destinations, shown) for shown in earlier]
    for shown, before in zip(earlier, befores, strict=True):
        block, numbers = _from(shown, before, rule)
        others = zip(earlier, befores, strict=True)
        if all(_agrees(numbers, block, other, was, rule) for other, was in others):
            return numbers, shown if block is before else None
    raise DisclosureError(
        "Some count has come back to within fewer people than the threshold of what an earlier "
        "release showed, and no earlier release can be repeated. Release again when more have "
        "changed."
    )


def repeated_numbers(
    release: Release, flows: pd.DataFrame, ledger: Ledger, gazetteer: Gazetteer
) -> pd.DataFrame:
    """List what a release repeats of earlier ones, and how far each number is from now.

    For the analyst alone: it holds true counts. One row a cell that shows the number of
    an earlier release, in the order of the release's flows, then those of all origins
    together (``origin_id`` null): measure, window and tags,
    the two ends, ``shown`` (people, rounded), ``count_now`` (people in `flows`, which the
    release was made of), ``difference`` (now less shown) and ``shown_since``, the day of the
    first release with that number (null if the ledger does not say).
    """
    columns = block_columns(release.flows)
    before: dict[tuple[object, ...], str] = {}
    for entry in ledger.binding:  # the last first, so that the first release stays
        for block in entry.blocks:
            for place, number in (*block.cells.items(), *_together(block).items()):
                before[block.columns, block.key, place, number] = entry.day
    counts = {counted.key: counted.counts for counted in count_blocks(flows)}
    rows: list[tuple[object, ...]] = []
    where_to = release.views.get(schema.WHERE_TO)
    for shown in blocks_of(release.flows, {}, release.rule or Rule(), where_to=where_to):
        here, whole = counts.get(shown.key, {}), _together(shown)
        places = [*here, *shown.cells, *((ANYWHERE, place) for _, place in whole)]
        origins, destinations = trees(places, gazetteer)
        as_before = _as_before(here, origins, destinations, shown)
        now: dict[tuple[str | None, str], int] = {
            (cell.origin, cell.destination): cell.count for cell in as_before.cells
        }
        held = _reached(as_before, {place for _, place in whole})
        now |= {(None, place): count for place, count in held.items()}
        for place, number in (*shown.cells.items(), *whole.items()):
            since = before.get((columns, shown.key, place, number))
            if since is not None:
                count = now.get(place, 0)
                rows.append((*shown.key, *place, number, count, count - number, since or None))
    ends = (schema.ORIGIN_ID, schema.DESTINATION_ID)
    return pd.DataFrame(rows, columns=[*columns, *ends, SHOWN, COUNT_NOW, DIFFERENCE, SHOWN_SINCE])


def _together(block: Shown) -> dict[tuple[str | None, str], int]:
    """Return the numbers of all origins together, by no origin and a place."""
    return {
        (None, place): n for (kind, place), n in block.totals.items() if kind == schema.WHERE_TO
    }


def _reached(block: Block, shown: Collection[str]) -> dict[str, int]:
    """Add up what all origins send, by the finest place around that is shown."""
    now = dict.fromkeys(shown, 0)
    for (_, destination), count in block.counts.items():
        holder = next((o for o in block.destinations.upwards(destination) if o in now), None)
        if holder is not None:
            now[holder] += count
    return now


def _agrees(
    numbers: Mapping[Place, int], block: Block, other: Shown, was: Block, rule: Rule
) -> bool:
    """Say whether each number is that of an earlier release, if of the same, or far from it."""
    for place in numbers.keys() & other.cells.keys():
        number, old = numbers[place], other.cells[place]
        (low, high), (least, most) = rule.meaning(number), rule.meaning(old)
        near = number != old and max(low - most, least - high) < rule.threshold
        if near and _leaves(block, place) == _leaves(was, place):
            return False
    return True


def _from(earlier: Shown, before: Block, rule: Rule) -> tuple[Block, dict[Place, int]]:
    """Cut a block that was shown before, and number its cells; the same block if nothing changed.

    An origin of which nothing has changed by enough repeats what it showed.
    The others are cut anew, where a place that had no cell needs enough to
    tell that the change is of more people than the threshold. If any is, what
    was pooled over several origins is no longer shown.
    """
    counts, origins, destinations = before.counts, before.origins, before.destinations
    changed = _changed(before, earlier, rule)
    if not changed and not _whole_changed(before, earlier, rule):
        return before, dict(earlier.cells)
    rows: dict[str, dict[str, int]] = {}
    for (origin, destination), count in counts.items():
        rows.setdefault(origin, {})[destination] = count
    own = {*rows, *(origin for origin, _ in earlier.cells)}
    pools = {area for origin in own for area in origins.upwards(origin) if area != origin}
    cuts: dict[str, Held] = {}
    for origin in sorted(own):
        if origin in changed:
            cuts[origin] = _cut(origin, rows.get(origin, {}), destinations, earlier, rule)
        elif origin in before.cuts and origin not in pools:
            cuts[origin] = before.cuts[origin]
    block = Block(counts, origins, destinations, cuts)
    return block, _numbers(block, before, changed, earlier, rule)


def _as_before(counts: Counts, origins: Tree, destinations: Tree, earlier: Shown) -> Block:
    """Put the counts into the cells that were shown before."""
    held: dict[str, dict[str, dict[str, int]]] = {}
    for origin, area in sorted(earlier.cells):
        held.setdefault(origin, {})[area] = {}
    block = Block(counts, origins, destinations, held)
    for (origin, destination), count in sorted(counts.items()):
        holder = block.holder(origin, destination)
        if holder is not None:
            row = held[holder[0]][holder[1]]
            row[destination] = row.get(destination, 0) + count
    return block


def _changed(before: Block, earlier: Shown, rule: Rule) -> set[str]:
    """Name the origins of which a cell, or what is in none, has changed by enough."""
    changed = {
        cell.origin
        for cell in before.cells
        if is_change(earlier.cells[cell.origin, cell.destination], cell.count, rule)
    }
    loose: dict[str, int] = {}
    for (origin, destination), count in before.counts.items():
        holder = before.holder(origin, destination)
        if holder is None or holder[0] != origin:
            loose[origin] = loose.get(origin, 0) + count
    return changed | {origin for origin, count in loose.items() if count >= enough_anew(rule)}


def _whole_changed(before: Block, earlier: Shown, rule: Rule) -> bool:
    """Say whether a number of all origins together has changed by enough."""
    shown = {place: number for (_, place), number in _together(earlier).items()}
    now = _reached(before, shown)
    return any(is_change(shown[place], count, rule) for place, count in now.items())


def _cut(
    origin: str, row: Mapping[str, int], destinations: Tree, earlier: Shown, rule: Rule
) -> Held:
    """Cut an origin anew: the threshold where a cell was shown before, else enough to be new."""

    def is_shown(area: str, left: Left) -> bool:
        old = (origin, area) in earlier.cells
        return left.counts[0] >= (rule.threshold if old else enough_anew(rule))

    nodes = destinations.bottom_up(row)
    cut = roll_up([row], destinations, nodes, is_shown, leaves=frozenset(row))
    return {area: windows[0] for area, windows in cut.shown.items()}


def _numbers(
    block: Block, before: Block, changed: set[str], earlier: Shown, rule: Rule
) -> dict[Place, int]:
    """Repeat each number whose cell is as it was and has not changed by enough; round the rest."""
    numbers: dict[Place, int] = {}
    for cell in block.cells:
        place = (cell.origin, cell.destination)
        old = earlier.cells.get(place)
        same = old is not None and (
            cell.origin not in changed or _leaves(block, place) == _leaves(before, place)
        )
        if old is not None and same and not is_change(old, cell.count, rule):
            numbers[place] = old
        else:
            numbers[place] = rule.rounded(cell.count)
    return numbers


def _leaves(block: Block, place: Place) -> Mapping[str, int]:
    return block.cuts[place[0]].get(place[1], {})
