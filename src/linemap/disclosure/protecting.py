"""The two doors: records leave protected, published statements leave as they were printed.

A release of records repeats what an earlier one showed, unless it has changed by enough people.
Statements that look like records need a second word of their owner.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure.cells import (
    Counted,
    Key,
    block_columns,
    check_records,
    count_blocks,
    series_of,
    trees,
)
from linemap.disclosure.ledger import Ledger, Shown, blocks_of
from linemap.disclosure.margin_protection import Proofs, is_too_large, shown_by_tag
from linemap.disclosure.release import (
    ALREADY_PUBLIC,
    CAVEAT,
    FLOWS,
    SHOWN_AS,
    Release,
    places_touched,
    published_summaries,
    release_of,
    seal,
    told_simulated,
    told_window,
)
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import (
    ANYWHERE,
    WHERE,
    Counts,
    CountTable,
    Left,
    Name,
    Place,
    Tree,
    Views,
    cut_along_tree,
    is_of_tag,
    protect_views,
    tag_of,
)
from linemap.errors import DisclosureError, Way
from linemap.gazetteer import Gazetteer
from linemap.windows import Window


def as_published(
    flows: gpd.GeoDataFrame,
    *,
    gazetteer: Gazetteer | None = None,
    already_public: bool = False,
    already_published: str | None = None,
    window: Window | None = None,
) -> Release:
    """Make a release of published statements as they were printed.

    Records pass only where the caller says that they are `already_public`. Statements that
    look like records (:func:`look_like_records`) pass only with `already_published`, in
    words where and when (with the year) they were published; the words go into the caveats.
    Every output of the release says on what basis it was made, and that it covers the `window`
    where one is stated.

    Raises
    ------
    DisclosureError
        For records, unless `already_public`; for what looks like records, unless it is said
        where and when they were published.
    """
    schema.require_contract(flows, schema.FLOWS_CONTRACT)
    if not already_public and not bool((flows[schema.INPUT] == schema.STATEMENTS).all()):
        raise DisclosureError(
            "These flows are of records, and records leave through protect() alone. If every "
            "count of them has been published before, say already_public=True."
        )
    words = None if already_published is None else where_and_when(already_published)
    if words is None and not already_public and look_like_records(flows):
        raise DisclosureError(
            "These rows look like records and not like published figures: small counts, and no "
            "source with a date of publication. As statements they would leave as they are, with "
            "their notes, and nothing would be checked.",
            (AS_RECORDS, SAY_WHERE),
        )
    gazetteer = Gazetteer.load(gazetteer)
    return seal(
        flows=flows,
        places=places_touched(flows, gazetteer),
        summaries=published_summaries(flows, gazetteer),
        rule=None,
        basis=ALREADY_PUBLIC,
        account=pd.DataFrame({SHOWN_AS: ["as printed"], FLOWS: [len(flows)]}),
        attributions=gazetteer.attributions,
        caveats=(
            *told_simulated(flows),
            *told_window(window),
            CAVEAT,
            *((f"{PUBLISHED_IN}{words}",) if words else ()),
        ),
        window=window,
    )


def protect(
    flows: gpd.GeoDataFrame,
    *,
    rule: Rule | None = None,
    gazetteer: Gazetteer | None = None,
    ledger: Ledger | None = None,
    window: Window | None = None,
    cross_tags: bool = False,
    proofs: Proofs | None = None,
) -> Release:
    """Roll up, hide, round and seal counts of records, so that they may leave.

    Two views, each of which holds every record once, shown or withheld. *Who
    sends*, the ``flows``: what goes from each origin is shown at the finest
    place that meets the rule; places with too few go up into "rest of
    Norfolk", then the force, the nation, everything. *Where to*, among the
    ``views``: all origins together, likewise. The windows of a measure are cut by
    the same places: those that meet the rule in at least half of the windows that hold
    as many records in all as the threshold. Where a place has too few in a window, its
    number is withheld there. Totals are rounded on their own.
    Numbers of all origins together, and totals, are left out where one who
    knows all of this could compute a hidden count to within less than the
    rule's interval. Tags divide neither view: of each tag, all records of all origins
    are counted by its values (summary ``by_tag``), where that tells nothing that is hidden.
    With `cross_tags` tags divide every pair of places instead, so that far fewer numbers
    reach the threshold. What a row said in its own words stays in the building: names that
    were not found, sources, notes.

    With the `ledger` of earlier releases, what they showed is repeated unless
    it has changed by more people than the threshold; where nothing has, the release is
    the same as the earlier one. Protecting what is protected already changes no flow.
    Every output of the release says that it covers the `window`, where its owner states one.
    `proofs` are those of calls before, which the same counts need not be given again.

    Raises
    ------
    DisclosureError
        For statements, for flows without a count, for windows shorter than the rule allows, and
        for windows, tags or a rule other than those of an earlier release of the same records.
    UnknownPlaceError
        For a place that the gazetteer does not hold.
    """
    rule = rule or Rule()
    check_records(flows, rule)
    gazetteer = Gazetteer.load(gazetteer)
    by = () if cross_tags else _tags_of(flows)
    proofs = proofs or Proofs(divided=bool(by))
    columns = tuple(column for column in block_columns(flows) if column not in by)
    cells: dict[Key, Mapping[Place, int]] = {}
    totals: dict[Key, Mapping[Name, int]] = {}
    repeats = False
    anew: dict[Key, list[Counted]] = {}
    blocks = tuple(count_blocks(flows, by=by))
    known = _known_origins(blocks)
    keys = [counted.key for counted in blocks]
    for counted in blocks:
        cells[counted.key] = {}  # in the order of the keys
        earlier: Sequence[Shown] = ()
        if ledger is not None:
            earlier = ledger.earlier(columns, counted.key, rule, keys, by=by)
        if earlier:
            beside = [block for block in blocks if series_of(block.key) == series_of(counted.key)]
            shown, same = _repeat_block(counted, earlier, beside, known, rule, gazetteer, proofs)
            repeats = repeats or not same
            cells[counted.key], totals[counted.key] = shown
        else:
            anew.setdefault(series_of(counted.key), []).append(counted)
    for windows in anew.values():
        views = proofs.views(_table_of(windows, known, gazetteer), rule)
        for key, sent, others in _numbers_of(views, windows, rule):
            cells[key], totals[key] = sent, others
    every: dict[Key, list[Counted]] = {}
    for counted in blocks:
        every.setdefault(series_of(counted.key), []).append(counted)
    return release_of(
        cells,
        totals,
        columns,
        rule=rule,
        gazetteer=gazetteer,
        repeats=repeats,
        window=window,
        tags=by,
        too_large=any(
            is_too_large(_table_of(windows, known, gazetteer))
            and not any(totals[counted.key] for counted in windows)
            for windows in every.values()
        ),
    )


def _tags_of(flows: pd.DataFrame) -> tuple[str, ...]:
    return block_columns(flows)[3:]


def why_nothing(
    flows: gpd.GeoDataFrame,
    *,
    rule: Rule | None = None,
    gazetteer: Gazetteer | None = None,
    cross_tags: bool = False,
) -> str:
    """Say why :func:`protect` shows nothing of FLOWS of records that no earlier release binds.

    Either no number meets the rule, or those that do would tell a hidden one to a reader who
    knows the method. It says nothing of the counts beyond that.
    """
    rule = rule or Rule()
    series: dict[Key, list[Counted]] = {}
    for counted in count_blocks(flows, by=() if cross_tags else _tags_of(flows)):
        series.setdefault(series_of(counted.key), []).append(counted)
    gazetteer = Gazetteer.load(gazetteer)
    if any(_meets(blocks, rule, gazetteer) for blocks in series.values()):
        return (
            "of the numbers that meet the rule, a reader who knows the method could compute "
            "hidden counts too closely"
        )
    windows = max(
        sum(sum(counted.counts.values()) >= rule.threshold for counted in blocks)
        for blocks in series.values()
    )
    often = f", in half or more of the {windows} windows that hold so many" if windows > 1 else ""
    return (
        f"no number meets the rule ({rule.threshold} or more of one origin at one place or "
        f"area{often}, of so many places inside it that none of theirs is told)"
    )


def _meets(blocks: Sequence[Counted], rule: Rule, gazetteer: Gazetteer) -> bool:
    """Say whether any number of a single origin meets the rule."""
    _, destinations = trees([place for block in blocks for place in block.counts], gazetteer)
    alone = protect_views(
        CountTable(tuple(block.counts for block in blocks), destinations), rule, None
    )
    return any(number is not None for window in alone.sent for number in window.values())


def _known_origins(blocks: Sequence[Counted]) -> dict[Hashable, frozenset[str]]:
    """Name the origins of each measure that is divided by tags.

    A reader may know which boroughs are in the table, not which of them has a record with a
    tag: all of them stand in the table of each tag, so that none tells that it has none.
    """
    series: dict[Hashable, set[Key]] = {}
    origins: dict[Hashable, set[str]] = {}
    for counted in blocks:
        series.setdefault(counted.key[0], set()).add(series_of(counted.key))
        origins.setdefault(counted.key[0], set()).update(origin for origin, _ in counted.counts)
    return {
        measure: frozenset(origins[measure]) if len(some) > 1 else frozenset()
        for measure, some in series.items()
    }


def _table_of(
    blocks: Sequence[Counted], known: Mapping[Hashable, frozenset[str]], gazetteer: Gazetteer
) -> CountTable:
    """Put the windows of one measure and set of tags together, which are cut by the same places."""
    _, destinations = trees([place for block in blocks for place in block.counts], gazetteer)
    counts = tuple(block.counts for block in blocks)
    return CountTable(counts, destinations, known[blocks[0].key[0]])


def _numbers_of(
    views: Views, blocks: Sequence[Counted], rule: Rule
) -> Iterator[tuple[Key, dict[Place, int], dict[Name, int]]]:
    """Give the numbers of each window: of single origins, and all others beside them."""
    tags = {tag: [block.by_tag[tag] for block in blocks] for tag in blocks[0].by_tag}
    divided = shown_by_tag(views, tags, rule)
    for at, block in enumerate(blocks):
        cells = {place: n for place, n in sorted(views.sent[at].items()) if n is not None}
        whole = sorted(views.reached[at].items())
        totals = dict(views.totals[at]) | {(WHERE, place): n for place, n in whole if n is not None}
        yield block.key, cells, totals | divided[at]


def _repeat_block(
    counted: Counted,
    earlier: Sequence[Shown],
    beside: Sequence[Counted],
    known: Mapping[Hashable, frozenset[str]],
    rule: Rule,
    gazetteer: Gazetteer,
    proofs: Proofs,
) -> tuple[tuple[Mapping[Place, int], Mapping[Name, int]], bool]:
    """Show a block again; its totals only where all of it is as an earlier release had it.

    What was withheld is not in the ledger, and cannot be seen to be as it was. So a block that
    comes out of the blocks `beside` it, as if there had been no release, as it was shown last
    is that one: the same records make the same release.
    """
    origins, destinations = trees(
        [*counted.counts, *(place for before in earlier for place in before.cells)], gazetteer
    )
    try:
        shown, same = show_again(counted.counts, origins, destinations, earlier, rule)
    except DisclosureError:
        if not _comes_out_as(earlier[0], counted.key, beside, known, rule, gazetteer, proofs):
            raise
        return (earlier[0].cells, earlier[0].totals), True
    if same is not None and _values_changed(counted, same, rule):
        same = None
    if same is None and _comes_out_as(
        earlier[0], counted.key, beside, known, rule, gazetteer, proofs
    ):
        shown, same = dict(earlier[0].cells), earlier[0]
    return (shown, dict(same.totals) if same is not None else {}), same is not None


def _comes_out_as(
    shown: Shown,
    key: Key,
    beside: Sequence[Counted],
    known: Mapping[Hashable, frozenset[str]],
    rule: Rule,
    gazetteer: Gazetteer,
    proofs: Proofs,
) -> bool:
    """Say whether blocks that nothing binds would show of one what was shown before."""
    views = proofs.views(_table_of(beside, known, gazetteer), rule)
    for other, sent, totals in _numbers_of(views, beside, rule):
        if other == key:
            return sent == dict(shown.cells) and dict(shown.totals).items() <= totals.items()
    return False


def _values_changed(counted: Counted, shown: Shown, rule: Rule) -> bool:
    """Say whether the records of any value of a tag have changed by enough."""
    return any(
        is_change(number, counted.by_tag[tag_of(kind)].get(value, 0), rule, total=True)
        for (kind, value), number in shown.totals.items()
        if is_of_tag(kind)
    )


# ── Release a block again: repeat what was shown, or show what has changed by enough people ──
Held = Mapping[str, Mapping[str, int]]  # the places shown of an origin, with what each holds

SHOWN: Final = "shown"
COUNT_NOW: Final = "count_now"
DIFFERENCE: Final = "difference"
SHOWN_SINCE: Final = "shown_since"


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell of a cut: all of `origin` to all of `destination` that no finer cell holds."""

    origin: str
    destination: str
    count: int


@dataclass(frozen=True)
class Block:
    """Counts of one measure, window and set of tags, and the cut of each origin.

    A place of the cut is shown, or withheld: then no area around it holds its count.
    """

    counts: Counts
    origins: Tree
    destinations: Tree
    cuts: Mapping[str, Held]

    @property
    def cells(self) -> Iterator[ShownCell]:
        """Yield the cells of the cut, by origin and destination."""
        for origin, cut in sorted(self.cuts.items()):
            for destination, leaves in sorted(cut.items()):
                yield ShownCell(origin, destination, sum(leaves.values()))

    def holder(self, origin: str, destination: str) -> Place | None:
        """Name the cell that holds what goes from a place to a place, or None if there is none.

        A release of an earlier version may hold it with an area around the origin.
        """
        for over in self.origins.upwards(origin):
            cut = self.cuts.get(over)
            for area in self.destinations.upwards(destination) if cut is not None else ():
                if cut is not None and area in cut:
                    return over, area
        return None


def is_change(before: int, count: int, rule: Rule, *, total: bool = False) -> bool:
    """Say whether a count now differs from a number shown before by at least the threshold.

    Whatever the counts were that both numbers stand for: a reader can conclude
    of a change that shows that it is of enough people.

    >>> is_change(10, 22, Rule()), is_change(10, 23, Rule()), is_change(30, 9, Rule())
    (False, True, True)
    """
    shown = rule.shown(count, total=total)
    low, high = (0, rule.threshold - 1) if shown is None else rule.meaning(shown, total=total)
    least, most = rule.meaning(before, total=total)
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
            for place, number in (*block.cells.items(), *block.together.items()):
                before[block.columns, block.key, place, number] = entry.day
    by = tuple(tag for tag in _tags_of(flows) if tag not in columns)
    counts = {counted.key: counted.counts for counted in count_blocks(flows, by=by)}
    rows: list[tuple[object, ...]] = []
    where_to = release.views.get(schema.WHERE_TO)
    after = ledger.with_release(release)
    for block in blocks_of(release.flows, {}, release.rule or Rule(), where_to=where_to):
        shown = after.with_withheld(block)
        here, whole = counts.get(shown.key, {}), shown.together
        places = [*here, *shown.cells, *((ANYWHERE, place) for _, place in whole)]
        origins, destinations = trees(places, gazetteer)
        as_before = _as_before(here, origins, destinations, shown)
        now: dict[tuple[str | None, str], int] = {
            (cell.origin, cell.destination): cell.count for cell in as_before.cells
        }
        now |= {(None, place): count for place, count in _reached(as_before, shown).items()}
        for place, number in (*shown.cells.items(), *whole.items()):
            since = before.get((columns, shown.key, place, number))
            if since is not None:
                count = now.get(place, 0)
                rows.append((*shown.key, *place, number, count, count - number, since or None))
    ends = (schema.ORIGIN_ID, schema.DESTINATION_ID)
    return pd.DataFrame(rows, columns=[*columns, *ends, SHOWN, COUNT_NOW, DIFFERENCE, SHOWN_SINCE])


def _reached(block: Block, earlier: Shown) -> dict[str, int]:
    """Add up what all origins send, by the finest place around that is shown or withheld."""
    shown = {place for origin, place in earlier.withheld if origin is None}
    now = dict.fromkeys(shown | {place for _, place in earlier.together}, 0)
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
    """Put the counts into the cells of the cut of before: what was shown, and what was withheld."""
    held: dict[str, dict[str, dict[str, int]]] = {}
    withheld = {(origin, area) for origin, area in earlier.withheld if origin is not None}
    for origin, area in sorted(earlier.cells.keys() | withheld):
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
    changed: set[str] = set()
    for cell in before.cells:
        old = earlier.cells.get((cell.origin, cell.destination))
        if cell.count >= enough_anew(rule) if old is None else is_change(old, cell.count, rule):
            changed.add(cell.origin)
    loose: dict[str, int] = {}
    for (origin, destination), count in before.counts.items():
        holder = before.holder(origin, destination)
        if holder is None or holder[0] != origin:
            loose[origin] = loose.get(origin, 0) + count
    return changed | {origin for origin, count in loose.items() if count >= enough_anew(rule)}


def _whole_changed(before: Block, earlier: Shown, rule: Rule) -> bool:
    """Say whether a number of all origins together has changed by enough."""
    now = _reached(before, earlier)
    return any(is_change(old, now[place], rule) for (_, place), old in earlier.together.items())


def _cut(
    origin: str, row: Mapping[str, int], destinations: Tree, earlier: Shown, rule: Rule
) -> Held:
    """Cut an origin anew: the threshold where a cell was shown before, else enough to be new.

    What was withheld stays a place of its own: together with what was shown around it before,
    a number that held it now would tell how many it is.
    """

    def is_shown(area: str, left: Left) -> bool:
        old = (origin, area) in earlier.cells
        return (origin, area) in earlier.withheld or (
            left.counts[0] >= (rule.threshold if old else enough_anew(rule))
        )

    nodes = destinations.bottom_up(row)
    cut = cut_along_tree([row], destinations, nodes, is_shown, leaves=frozenset(row))
    return {area: windows[0] for area, windows in cut.shown.items()}


def _numbers(
    block: Block, before: Block, changed: set[str], earlier: Shown, rule: Rule
) -> dict[Place, int]:
    """Repeat each number whose cell is as it was and has not changed by enough; round the rest.

    What was withheld has a number if it is enough to be new.
    """
    numbers: dict[Place, int] = {}
    for cell in block.cells:
        place = (cell.origin, cell.destination)
        old = earlier.cells.get(place)
        same = old is not None and (
            cell.origin not in changed or _leaves(block, place) == _leaves(before, place)
        )
        if old is not None and same and not is_change(old, cell.count, rule):
            numbers[place] = old
        elif place not in earlier.withheld or cell.count >= enough_anew(rule):
            numbers[place] = rule.rounded(cell.count)
    return numbers


def _leaves(block: Block, place: Place) -> Mapping[str, int]:
    return block.cuts[place[0]].get(place[1], {})


# ── Whether rows that are said to be public look like records instead ─────────────────────
SMALL: Final = 10  # counts of people under this are hidden by the commonest rule
_FEWEST: Final = 3  # rows with a small count, under which nothing can be said
_MANY: Final = 200  # rows without a source and date that no publication is likely to have
_LONGEST: Final = 200
_RANGE: Final = rf"^{schema.RANGE_FIGURE}, ([\d,]+)"
PUBLISHED_IN: Final = "Published before, as the maker of this release says: "

AS_RECORDS: Final = Way(
    "without --statements",
    "statements=False",
    "the rows are read as records and leave through disclosure control.",
    ("--statements",),
)
SAY_WHERE: Final = Way(
    '--already-published "WHERE AND WHEN"',
    'already_published="WHERE AND WHEN"',
    "if every row was published before; the words are printed with every output.",
)


def look_like_records(flows: pd.DataFrame) -> bool:
    """Say whether FLOWS of statements look like an organisation's own records.

    They do if fewer than half of the rows name a source with a date of publication or an
    address, and of the others three have a note, or no count of ten or more (one that is
    small, none, hidden, or a range that starts lower), or they are many.
    """
    sourced = flows[schema.SOURCE].notna() & (
        flows[schema.PUBLISHED].notna() | flows[schema.URL].notna()
    )
    if sourced.mean() >= 0.5:
        return False
    rows = flows[~sourced]
    large = (rows[schema.COUNT] >= SMALL).fillna(False) | (range_starts(rows) >= SMALL)
    noted = int(rows[schema.NOTE].notna().sum())
    return max(int((~large).sum()), noted) >= _FEWEST or len(rows) >= _MANY


def range_starts(statements: pd.DataFrame) -> pd.Series[float]:
    """Return where the range of each statement starts that was published as one; else NaN."""
    starts = statements[schema.QUALIFIER].astype("string").str.extract(_RANGE, expand=False)
    return pd.to_numeric(starts.str.replace(",", "")).astype(float)


def where_and_when(words: str) -> str:
    """Return the words that say where and when figures were published, in one line.

    Raises
    ------
    DisclosureError
        If they name no year, are too long to be a reference, or hold nothing else.

    >>> where_and_when("The Paper,  3 March 2021")
    'The Paper, 3 March 2021'
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    if (
        not re.search(r"\b(19|20)\d\d\b", plain)
        or not re.search(r"[^\W\d_]{2}", plain)
        or len(plain) > _LONGEST
    ):
        raise DisclosureError(
            f"{words[:_LONGEST]!r} does not say where and when the figures were published: name "
            "the publication and the year, in at most 200 letters."
        )
    return plain
