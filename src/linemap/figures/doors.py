"""Two doors into a figure: a Release, whose figure may leave; FLOWS, only to explore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure import Release, require_release
from linemap.disclosure.release import PROTECTED
from linemap.errors import DisclosureError


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure draws, and what it must say of where that comes from."""

    flows: pd.DataFrame
    places: gpd.GeoDataFrame | None
    statements: bool
    private: bool
    basis: str
    attributions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    summaries: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def protected(self) -> bool:
        """Say whether counts are hidden and rounded, and shown at several levels."""
        return self.basis == PROTECTED

    @property
    def placed(self) -> pd.DataFrame:
        """The flows with a place at both ends, without counts of areas."""
        flows = self.flows
        known = flows[schema.ORIGIN_ID].notna() & flows[schema.DESTINATION_ID].notna()
        return flows.loc[known & (flows[schema.MEASURE] != schema.AREAS_REACHED)]

    @property
    def unplaced(self) -> pd.DataFrame:
        """The flows without one of the places, without counts of areas."""
        flows = self.flows
        known = flows[schema.ORIGIN_ID].notna() & flows[schema.DESTINATION_ID].notna()
        return flows.loc[~known & (flows[schema.MEASURE] != schema.AREAS_REACHED)]


def admit(source: object, *, explore: bool) -> Subject:
    """Take a Release; or, only where the caller says `explore`, a FLOWS frame.

    Raises
    ------
    DisclosureError
        Anything that is not a Release, without `explore`.
    """
    if explore and isinstance(source, pd.DataFrame):
        schema.check(source, schema.FLOWS_CONTRACT)
        return Subject(
            flows=_ordered(source),
            places=None,
            statements=bool((source[schema.INPUT] == schema.STATEMENTS).any()),
            private=True,
            basis="not protected",
        )
    if isinstance(source, pd.DataFrame):
        raise DisclosureError(
            "A figure that may leave is drawn from a Release: pass the flows through protect() "
            "or as_published() first. To look at them here and now, say explore=True; that "
            "figure says on its face that it is not for release, and cannot be saved as one."
        )
    release: Release = require_release(source)
    flows = release.flows
    return Subject(
        flows=_ordered(flows),
        places=release.places,
        statements=bool((flows[schema.INPUT] == schema.STATEMENTS).any()),
        private=False,
        basis=release.basis,
        attributions=release.attributions,
        caveats=release.caveats,
        summaries=release.summaries,
    )


def _ordered(flows: pd.DataFrame) -> pd.DataFrame:
    return flows.sort_values(schema.FLOW_ID, kind="stable").reset_index(drop=True)
