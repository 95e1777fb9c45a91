"""The two doors: records leave protected, published statements leave as they were printed."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure.release import ALREADY_PUBLIC, PROTECTED, Release, seal
from linemap.disclosure.rule import Rule
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer

CAVEAT: Final = (
    "Counts measure detection and recording, not how much exploitation there is: an area with "
    "few may be one that looks less."
)
# What a row of the input says in its own words: it stays in the building.
_OWN_WORDS: Final = (
    schema.QUALIFIER, schema.SOURCE, schema.PUBLISHED, schema.URL, schema.NOTE,
)  # fmt: skip


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
        summaries={},
        rule=None,
        basis=ALREADY_PUBLIC,
        account=pd.DataFrame({"basis": [ALREADY_PUBLIC], "flows": [len(flows)]}),
        attributions=gazetteer.attributions,
        caveats=(CAVEAT,),
    )


def protect(
    flows: gpd.GeoDataFrame, *, rule: Rule | None = None, gazetteer: Gazetteer | None = None
) -> Release:
    """Hide, round and seal counts of records, so that they may leave.

    Raises
    ------
    DisclosureError
        For periods shorter than the rule allows.
    """
    rule = rule or Rule()
    schema.check(flows, schema.FLOWS_CONTRACT)
    gazetteer = gazetteer or Gazetteer.load()
    counts = flows[schema.COUNT].fillna(0)
    kept = flows.loc[
        (counts >= rule.threshold)
        & flows[schema.ORIGIN_ID].notna()
        & flows[schema.DESTINATION_ID].notna()
    ].drop(columns=[column for column in schema.MODEL_COLUMNS if column in flows.columns])
    kept = kept.assign(
        **{
            schema.COUNT: kept[schema.COUNT].map(rule.rounded).astype("Int64"),
            schema.PART: schema.WHOLE,
            schema.ORIGIN_PART: schema.WHOLE,
            **dict.fromkeys(_OWN_WORDS),
        }
    ).reset_index(drop=True)
    total = rule.shown(int(counts.sum()), total=True)
    return seal(
        flows=kept,
        places=_places(kept, gazetteer),
        summaries={},
        rule=rule,
        basis=PROTECTED,
        account=pd.DataFrame({"level": ["everything"], "n": pd.array([total], dtype="Int64")}),
        attributions=gazetteer.attributions,
        caveats=(rule.sentence, CAVEAT),
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
