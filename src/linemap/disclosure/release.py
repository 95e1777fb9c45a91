"""The release: what has passed the door, and how it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure.rule import Rule
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer

PROTECTED = "protected"
ALREADY_PUBLIC = "already public"


@dataclass(frozen=True, slots=True)
class Release:
    """Flows and summaries that may leave, with the rule and the account of what was kept."""

    flows: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    summaries: Mapping[str, pd.DataFrame]
    rule: Rule | None
    basis: str
    account: pd.DataFrame
    attributions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


def as_published(flows: gpd.GeoDataFrame, *, gazetteer: Gazetteer | None = None) -> Release:
    """Pass published statements through the door as they were printed."""
    schema.check(flows, schema.FLOWS_CONTRACT)
    if not bool((flows[schema.INPUT] == schema.STATEMENTS).all()):
        raise DisclosureError("Only published statements pass as they are; records need protect().")
    gazetteer = gazetteer or Gazetteer.load()
    touched = set(flows[schema.ORIGIN_ID].dropna()) | set(flows[schema.DESTINATION_ID].dropna())
    return Release(
        flows=flows,
        places=gazetteer.places.loc[gazetteer.places.index.isin(touched)],
        summaries={},
        rule=None,
        basis=ALREADY_PUBLIC,
        account=pd.DataFrame(),
        attributions=gazetteer.attributions,
    )


def require_release(candidate: object) -> Release:
    """Return `candidate` if it is a Release; raise a DisclosureError otherwise."""
    if not isinstance(candidate, Release):
        raise DisclosureError(
            f"A {type(candidate).__name__} may not leave: pass it through protect() or "
            "as_published() first."
        )
    return candidate
