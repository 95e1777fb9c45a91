"""The two doors: records leave protected, published statements leave as they were printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
    trees,
)
from linemap.disclosure.ledger import Ledger, Shown
from linemap.disclosure.margin_protection import settle
from linemap.disclosure.release import (
    ALREADY_PUBLIC,
    CAVEAT,
    FLOWS,
    SHOWN_AS,
    Release,
    places_of,
    published_summaries,
    release_of,
    seal,
    told_simulated,
    told_window,
)
from linemap.disclosure.repeat_releases import show_again
from linemap.disclosure.roll_up import Place
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import WHERE, Name, Table, protect_views
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
    schema.check(flows, schema.FLOWS_CONTRACT)
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
    gazetteer = gazetteer or Gazetteer.load()
    return seal(
        flows=flows,
        places=places_of(flows, gazetteer),
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
) -> Release:
    """Roll up, hide, round and seal counts of records, so that they may leave.

    Two views, each of which holds every record once, shown or withheld. *Who
    sends*, the ``flows``: what goes from each origin is shown at the finest
    place that meets the rule; places with too few go up into "rest of
    Norfolk", then the force, the nation, everything. *Where to*, among the
    ``views``: all origins together, likewise. The windows of a measure are cut by
    the same places: those that meet the rule in at least half of them; a
    window with too few for the rule is withheld. Totals are rounded on their own.
    Numbers of all origins together, and totals, are left out where one who
    knows all of this could compute a hidden count to within less than the
    rule's interval. What a row said in its own words stays in the building: names that
    were not found, sources, notes.

    With the `ledger` of earlier releases, what they showed is repeated unless
    it has changed by more people than the threshold; where nothing has, the release is
    the same as the earlier one. Protecting what is protected already changes no flow.
    Every output of the release says that it covers the `window`, where its owner states one.

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
    gazetteer = gazetteer or Gazetteer.load()
    columns = block_columns(flows)
    cells: dict[Key, Mapping[Place, int]] = {}
    totals: dict[Key, Mapping[Name, int]] = {}
    repeats = False
    anew: dict[Key, list[Counted]] = {}
    blocks = tuple(count_blocks(flows))
    keys = [counted.key for counted in blocks]
    for counted in blocks:
        cells[counted.key] = {}  # in the order of the keys
        earlier = ledger.earlier(columns, counted.key, rule, keys) if ledger is not None else ()
        if earlier:
            beside = [block for block in blocks if _series_of(block) == _series_of(counted)]
            shown, same = _repeat_block(counted, earlier, beside, rule, gazetteer)
            repeats = repeats or not same
            cells[counted.key], totals[counted.key] = shown
        else:
            anew.setdefault(_series_of(counted), []).append(counted)
    for windows in anew.values():
        for key, sent, others in _views(windows, rule, gazetteer):
            cells[key], totals[key] = sent, others
    return release_of(
        cells, totals, columns, rule=rule, gazetteer=gazetteer, repeats=repeats, window=window
    )


def why_nothing(
    flows: gpd.GeoDataFrame, *, rule: Rule | None = None, gazetteer: Gazetteer | None = None
) -> str:
    """Say why :func:`protect` shows nothing of FLOWS of records that no earlier release binds.

    Either no number meets the rule, or those that do would tell a hidden one to a reader who
    knows the method. It says nothing of the counts beyond that.
    """
    rule = rule or Rule()
    series: dict[Key, list[Counted]] = {}
    for counted in count_blocks(flows):
        series.setdefault(_series_of(counted), []).append(counted)
    gazetteer = gazetteer or Gazetteer.load()
    if any(_meets(blocks, rule, gazetteer) for blocks in series.values()):
        return (
            "of the numbers that meet the rule, a reader who knows the method could compute "
            "hidden counts too closely"
        )
    windows = max(len({counted.key[1:3] for counted in blocks}) for blocks in series.values())
    often = f", in half or more of the {windows} windows" if windows > 1 else ""
    return (
        f"no number meets the rule ({rule.threshold} or more of one origin at one place or "
        f"area{often}, of so many places inside it that none of theirs is told)"
    )


def _meets(blocks: Sequence[Counted], rule: Rule, gazetteer: Gazetteer) -> bool:
    """Say whether any number of a single origin meets the rule."""
    _, destinations = trees([place for block in blocks for place in block.counts], gazetteer)
    alone = protect_views(Table(tuple(block.counts for block in blocks), destinations), rule, None)
    return any(number is not None for window in alone.sent for number in window.values())


def _views(
    blocks: Sequence[Counted], rule: Rule, gazetteer: Gazetteer
) -> Iterator[tuple[Key, dict[Place, int], dict[Name, int]]]:
    """Cut the windows of one measure and set of tags by the same places, and number each."""
    _, destinations = trees([place for block in blocks for place in block.counts], gazetteer)
    views = settle(Table(tuple(block.counts for block in blocks), destinations), rule)
    for at, block in enumerate(blocks):
        cells = {place: n for place, n in sorted(views.sent[at].items()) if n is not None}
        whole = sorted(views.reached[at].items())
        totals = dict(views.totals[at]) | {(WHERE, place): n for place, n in whole if n is not None}
        yield block.key, cells, totals


def _series_of(counted: Counted) -> Key:
    """Name the measure and tags of a block: the windows that have them are cut together."""
    return (counted.key[0], *counted.key[3:])


def _repeat_block(
    counted: Counted,
    earlier: Sequence[Shown],
    beside: Sequence[Counted],
    rule: Rule,
    gazetteer: Gazetteer,
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
        if not _comes_out_as(earlier[0], counted.key, beside, rule, gazetteer):
            raise
        return (earlier[0].cells, earlier[0].totals), True
    if same is None and _comes_out_as(earlier[0], counted.key, beside, rule, gazetteer):
        shown, same = dict(earlier[0].cells), earlier[0]
    return (shown, dict(same.totals) if same is not None else {}), same is not None


def _comes_out_as(
    shown: Shown, key: Key, beside: Sequence[Counted], rule: Rule, gazetteer: Gazetteer
) -> bool:
    """Say whether blocks that nothing binds would show of one what was shown before."""
    for other, sent, totals in _views(beside, rule, gazetteer):
        if other == key:
            return sent == dict(shown.cells) and dict(shown.totals).items() <= totals.items()
    return False


# ── Published statements: whether rows that are said to be public look like records instead ───
SMALL: Final = 10  # counts of people under this are hidden by the commonest rule
_MOST: Final = 0.8  # share of the counts that are small where all of them may be records'
_FEWEST: Final = 3  # rows with a count, under which nothing can be said
_MANY: Final = 200  # rows without a source and date that no publication is likely to have
_LONGEST: Final = 200
PUBLISHED_IN: Final = "Published before, as the maker of this release says: "

AS_RECORDS: Final = Way(
    "without --statements",
    "statements=False",
    "the rows are read as records and leave through disclosure control.",
)
SAY_WHERE: Final = Way(
    '--already-published "WHERE AND WHEN"',
    'already_published="WHERE AND WHEN"',
    "if every row was published before; the words are printed with every output.",
)


def look_like_records(flows: pd.DataFrame) -> bool:
    """Say whether FLOWS of statements look like an organisation's own records.

    They do if hardly any row names a source with a date of publication or an address,
    and the counts are small throughout or the rows are many. A row without a count is
    not counted.
    """
    sourced = flows[schema.SOURCE].notna() & (
        flows[schema.PUBLISHED].notna() | flows[schema.URL].notna()
    )
    if sourced.mean() >= 0.5:
        return False
    counts = flows.loc[~sourced, schema.COUNT].dropna()
    small = len(counts) >= _FEWEST and bool((counts < SMALL).mean() >= _MOST)
    return small or int((~sourced).sum()) >= _MANY


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
