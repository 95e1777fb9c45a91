"""The two doors: records leave protected, published statements leave as they were printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure.account import FLOWS, SHOWN_AS, account
from linemap.disclosure.again import show_again
from linemap.disclosure.blocks import Block, cut_block
from linemap.disclosure.counting import (
    Counted,
    Key,
    block_columns,
    check_records,
    count_blocks,
    to_flows,
)
from linemap.disclosure.ledger import Ledger, Place, Shown
from linemap.disclosure.margins import ALL, Margin, safe_margins
from linemap.disclosure.release import ALREADY_PUBLIC, PROTECTED, Release, seal
from linemap.disclosure.rule import Rule
from linemap.disclosure.summaries import protected_summaries, published_summaries
from linemap.disclosure.tree import Tree
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer

CAVEAT: Final = (
    "Counts measure detection and recording, not how much exploitation there is: an area with "
    "few may be one that looks less."
)
REPEATS: Final = (
    "Numbers that an earlier release showed are repeated, unless they have changed by more "
    "people than the threshold; where any has, totals are left out."
)
WHAT_TOTALS_ARE: Final = (
    "Statistics of distance, shares and bands are of the flows that are shown. A total that is "
    "missing is too small, would tell what is hidden, or is of too large a table to prove that "
    "it would not."
)


def as_published(
    flows: gpd.GeoDataFrame,
    *,
    gazetteer: Gazetteer | None = None,
    already_public: bool = False,
) -> Release:
    """Pass published statements through the door as they were printed.

    Records pass only where the caller says that they are `already_public`.
    Every output of the release says on what basis it was made.

    Raises
    ------
    DisclosureError
        For records, unless `already_public`.
    """
    schema.check(flows, schema.FLOWS_CONTRACT)
    if not already_public and not bool((flows[schema.INPUT] == schema.STATEMENTS).all()):
        raise DisclosureError(
            "These flows are of records, and records leave through protect() alone. If every "
            "count of them has been published before, say already_public=True."
        )
    gazetteer = gazetteer or Gazetteer.load()
    return seal(
        flows=flows,
        places=_places(flows, gazetteer),
        summaries=published_summaries(flows, gazetteer),
        rule=None,
        basis=ALREADY_PUBLIC,
        account=pd.DataFrame({SHOWN_AS: ["as printed"], FLOWS: [len(flows)]}),
        attributions=gazetteer.attributions,
        caveats=(CAVEAT,),
    )


def protect(
    flows: gpd.GeoDataFrame,
    *,
    rule: Rule | None = None,
    gazetteer: Gazetteer | None = None,
    ledger: Ledger | None = None,
) -> Release:
    """Roll up, hide, round and seal counts of records, so that they may leave.

    Each flow is shown at the finest level that meets the rule: places with too
    few go up into "rest of Norfolk", then the force, the nation, everything;
    what an origin is left with is pooled with its neighbours'. Every record
    is in exactly one cell, shown or withheld, and the cut of each origin keeps
    the most detail there is to keep. Totals are rounded on their own, and left
    out where they would tell what is hidden. What a row said in its own words
    stays in the building: names that were not found, sources, notes.

    With the `ledger` of earlier releases, what they showed is repeated unless
    it has changed by more people than the threshold. Protecting what is
    protected already changes no flow.

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
    blocks: list[tuple[Key, Block, dict[Place, int]]] = []
    totals: dict[Key, dict[Margin, int]] = {}
    repeats = False
    for counted in count_blocks(flows):
        earlier = ledger.last(columns, counted.key, rule) if ledger is not None else None
        if earlier is None:
            block, shown, totals[counted.key] = _protect_block(counted, rule, gazetteer)
        else:
            block, shown, totals[counted.key] = _repeat_block(counted, earlier, rule, gazetteer)
            repeats = True
        blocks.append((counted.key, block, shown))
    kept = to_flows(blocks, columns, gazetteer)
    return seal(
        flows=kept,
        places=_places(kept, gazetteer),
        summaries=protected_summaries(kept, totals, columns, rule, gazetteer),
        rule=rule,
        basis=PROTECTED,
        account=account(kept, totals, columns),
        attributions=gazetteer.attributions,
        caveats=(rule.sentence, CAVEAT, WHAT_TOTALS_ARE, *((REPEATS,) if repeats else ())),
        covered=tuple(key for key, _, _ in blocks),
    )


def _protect_block(
    counted: Counted, rule: Rule, gazetteer: Gazetteer
) -> tuple[Block, dict[Place, int], dict[Margin, int]]:
    """Cut one block; pool its origins unless the pooled cells would tell what is hidden."""
    origins, destinations = _trees(counted, (), gazetteer)
    for pool in (True, False):
        block = cut_block(
            counted.counts, origins, destinations, threshold=rule.threshold, pool=pool
        )
        margins, safe = safe_margins(block, rule)
        if safe:
            shown = {(cell.origin, cell.destination): rule.rounded(cell.count)
                     for cell in block.cells}  # fmt: skip
            totals = {
                name: rule.rounded(total, total=name[0] == ALL) for name, total in margins.items()
            }
            return block, shown, totals
    raise DisclosureError(
        "No set of cells of one measure and window keeps to the rule: use a longer window, "
        "fewer tags, or larger areas."
    )


def _repeat_block(
    counted: Counted, earlier: Shown, rule: Rule, gazetteer: Gazetteer
) -> tuple[Block, dict[Place, int], dict[Margin, int]]:
    """Show a block again; its totals only where all of it is as it was shown before."""
    origins, destinations = _trees(counted, earlier.cells, gazetteer)
    block, shown, all_same = show_again(counted.counts, origins, destinations, earlier, rule)
    return block, shown, cast(dict[Margin, int], dict(earlier.totals)) if all_same else {}


def _trees(counted: Counted, shown: Iterable[Place], gazetteer: Gazetteer) -> tuple[Tree, Tree]:
    ends = [*counted.counts, *shown]
    return (
        Tree.of(gazetteer.places, {origin for origin, _ in ends}),
        Tree.of(gazetteer.places, {destination for _, destination in ends}),
    )


def _places(flows: gpd.GeoDataFrame, gazetteer: Gazetteer) -> gpd.GeoDataFrame:
    """Take the places that `flows` touch, and the areas around those, in the gazetteer's order."""
    places = gazetteer.places
    touched = set(flows[schema.ORIGIN_ID].dropna()) | set(flows[schema.DESTINATION_ID].dropna())
    inside = places.loc[places.index.isin(touched)]
    around = {
        parent
        for column in schema.PARENT_IDS.values()
        for parent in inside[column].dropna().tolist()
    }
    return places.loc[places.index.isin(touched | around)]
