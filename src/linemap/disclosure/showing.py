"""From the numbers that are shown to a release, made of these and of geography alone.

Everything that leaves of records is made here: no true count comes this far, so
none can be in a table, a line or a drawing. The audit makes a release again from the
numbers that it has read, and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd

from linemap import schema
from linemap.disclosure.account import account
from linemap.disclosure.blocks import Place
from linemap.disclosure.counting import Key, to_flows, to_where
from linemap.disclosure.ledger import veiled
from linemap.disclosure.release import PROTECTED, Release, seal
from linemap.disclosure.rule import Rule
from linemap.disclosure.summaries import protected_summaries
from linemap.disclosure.views import ALL, WHERE, Name
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer
from linemap.windows import Window

CAVEAT: Final = (
    "Counts measure detection and recording, not how much exploitation there is: an area with "
    "few may be one that looks less."
)
REPEATS: Final = (
    "Numbers that an earlier release showed are repeated, unless they have changed by more "
    "people than the threshold; where any has, totals are left out."
)
WHAT_TOTALS_ARE: Final = (
    "Statistics of distance, shares and bands are of the flows that are shown. What is not "
    "shown is too small, or would let somebody who knows this method compute a count that is."
)
WHAT_VIEWS_ARE: Final = (
    "The flows and the view of all origins together are of the same records: their counts are "
    "never to be added up."
)


def release_of(
    cells: Mapping[Key, Mapping[Place, int]],
    totals: Mapping[Key, Mapping[Name, int]],
    columns: tuple[str, ...],
    *,
    rule: Rule,
    gazetteer: Gazetteer,
    repeats: bool = False,
    window: Window | None = None,
) -> Release:
    """Make the release that shows these numbers, by block and cell, and these totals.

    `columns` name the parts of a block's key. `repeats` says that some of the
    numbers are those of an earlier release, `window` which months its owner says
    that it covers.

    Raises
    ------
    DisclosureError
        For a number that the rule does not show.
    """
    numbers = [(number, False) for shown in cells.values() for number in shown.values()]
    numbers += [(n, name == ALL) for shown in totals.values() for (name, _), n in shown.items()]
    if not all(rule.shown(number, total=total) == number for number, total in numbers):
        raise DisclosureError("A number that the rule does not show cannot be released.")
    flows = to_flows(cells, columns, gazetteer)
    reached = {
        key: {place: n for (kind, place), n in shown.items() if kind == WHERE}
        for key, shown in totals.items()
    }
    told = (*((WHAT_VIEWS_ARE,) if any(reached.values()) else ()), *((REPEATS,) if repeats else ()))
    where_to = to_where(reached, columns, gazetteer) if any(reached.values()) else None
    return seal(
        flows=flows,
        where_to=where_to,
        places=places_of(flows, gazetteer, where_to),
        summaries=protected_summaries(flows, totals, columns, rule, gazetteer),
        rule=rule,
        basis=PROTECTED,
        account=account(flows),
        attributions=gazetteer.attributions,
        caveats=(
            rule.sentence,
            *told_window(window),
            CAVEAT,
            WHAT_TOTALS_ARE,
            *told,
        ),
        covered=tuple(key if cells[key] or totals.get(key) else veiled(key) for key in cells),
        window=window,
    )


def told_window(window: Window | None) -> tuple[str, ...]:
    """Return the caveat that states what a release covers; none where nobody stated it."""
    return () if window is None else (window.sentence,)


def places_of(
    flows: gpd.GeoDataFrame, gazetteer: Gazetteer, where_to: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Take the places that both views touch, and the areas around, in the gazetteer's order."""
    places = gazetteer.places
    touched = set(flows[schema.ORIGIN_ID].dropna()) | set(flows[schema.DESTINATION_ID].dropna())
    if where_to is not None:
        touched |= set(where_to[schema.DESTINATION_ID].dropna())
    inside = places.loc[places.index.isin(touched)]
    around = {
        parent
        for column in schema.PARENT_IDS.values()
        for parent in inside[column].dropna().tolist()
    }
    return places.loc[places.index.isin(touched | around)]
