"""What a map says about its own figures: headline numbers and caveats, as plain texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.maps.nodes import Nodes, Numbers

Mask = npt.NDArray[np.bool_]

MEASURING = "Counts measure detection and recording, not prevalence."
OVERLAP = (
    "Published statements overlap (the figure of a county holds those of its towns), count "
    "different things over different windows, and sometimes rival each other. Each is drawn "
    "as it was printed; they are never added up."
)
LINKS = (
    "Individuals linked are links, not people: one person may be linked to several areas, "
    "so the sum over areas would exceed the people."
)
AREAS = (
    "An area is not a point: its line ends at a point weighted by its settlements, and its "
    "distance is given with the nearest and the furthest part of the two areas."
)

Headline = dict[str, str]


def is_statements(flows: gpd.GeoDataFrame) -> bool:
    """Tell whether flows are statements, whose figures are never added up."""
    return bool(flows[schema.INPUT].eq(schema.STATEMENTS).any())


def headlines(flows: gpd.GeoDataFrame, nodes: Nodes, same: Numbers) -> list[Headline]:
    """Choose the key numbers of a release's flows; the page does the same for what a reader keeps.

    Of statements each is a count of rows or the figure of one row, since they
    are never added up. Records are a partition, so the figures of one measure
    may be added: such a sum is "about". What is left of a place, and a region
    or nation that records were rolled up to, is no destination.
    """
    whole, wide, rest = _kinds(nodes, same)
    counts = pd.to_numeric(flows[schema.COUNT]).to_numpy(dtype=float, na_value=np.nan)
    stated = flows[schema.QUALIFIER].ne(schema.MENTIONED).fillna(True).to_numpy(dtype=bool)
    rows = _Rows(
        flows,
        nodes,
        origin=same[nodes.origin],
        destination=same[nodes.destination],
        counts=counts,
        placed=flows.geometry.notna().to_numpy() & stated,
        whole=whole[nodes.destination],
        wide_from=wide[nodes.origin],
        wide_to=wide[nodes.destination],
        rest_from=rest[same[nodes.origin]],
        rest_to=rest[same[nodes.destination]],
        pooled=rest[nodes.destination],
    )
    if is_statements(flows):
        return [*_statements(flows), *_reached(rows), *_largest(flows), *_furthest(rows)]
    one = flows[schema.MEASURE].nunique(dropna=False) == 1 and np.nansum(counts) > 0
    total = _records(rows) if one else [_headline(f"{len(flows):,}", "flows shown", "")]
    return [
        *total,
        *(_busiest(rows) if one else []),
        *_furthest(rows),
        *_reached(rows),
        *(_unplaced(rows) if one else []),
    ]


def caveats(
    flows: gpd.GeoDataFrame, said_already: Iterable[str], *, besides: Iterable[str] = ()
) -> list[str]:
    """List what a reader must know, what all figures share first, without those in `besides`."""
    given = list(said_already)
    measuring = [text for text in given if "detection" in text or "prevalence" in text]
    said = [*(measuring or [MEASURING]), *given]
    if is_statements(flows):
        said.append(OVERLAP)
    if flows[schema.MEASURE].astype("string").str.contains("linked", na=False).any():
        said.append(LINKS)
    unplaced = int(flows[schema.DESTINATION_ID].isna().sum())
    if unplaced:
        share = f"{unplaced:,} of {len(flows):,}"
        said.append(f"{share} rows give no destination that can be placed; they are in the table.")
    windows = flows[[schema.PERIOD_START, schema.PERIOD_END]].drop_duplicates().dropna()
    lengths = {_months(start, end) for start, end in windows.itertuples(index=False)}
    if len(lengths) > 1:
        said.append(
            f"The windows differ in length ({min(lengths)} to {max(lengths)} months): compare "
            "rates per month, not totals."
        )
    if flows[schema.DISTANCE_LOW_KM].notna().any():
        said.append(AREAS)
    left_out = set(besides)
    return [text for text in dict.fromkeys(said) if text not in left_out]


@dataclass(frozen=True)
class _Rows:
    """Flows with their ends as numbers of places, and what kind of place each is."""

    flows: gpd.GeoDataFrame
    nodes: Nodes
    origin: Numbers
    destination: Numbers
    counts: npt.NDArray[np.float64]
    placed: Mask
    whole: Mask
    wide_from: Mask
    wide_to: Mask
    rest_from: Mask
    rest_to: Mask
    pooled: Mask

    @property
    def reached(self) -> Mask:
        """Rows to a place that counts as a destination."""
        fine = self.whole & ~self.pooled
        return fine if is_statements(self.flows) else fine & ~self.wide_to

    def name(self, number: int) -> str:
        """Name a place by its number."""
        return str(self.nodes.table["name"].iloc[number - 1]) if number else ""


def _kinds(nodes: Nodes, same: Numbers) -> tuple[Mask, Mask, Mask]:
    """Tell of each place if it has an identifier, is too wide for a point, is a rest."""
    whole = np.concatenate([[False], nodes.table["id"].notna().to_numpy()])
    level = nodes.table["level"].isin([schema.REGION, schema.NATION]).to_numpy()
    rest = np.zeros(len(same), dtype=bool)
    rest[nodes.rest] = True
    return whole, np.concatenate([[False], level]), rest


def _statements(flows: gpd.GeoDataFrame) -> list[Headline]:
    sources = flows[schema.SOURCE].nunique()
    note = f"from {sources:,} {'source' if sources == 1 else 'sources'}" if sources else ""
    return [_headline(f"{len(flows):,}", "published statements", note)]


def _sum(rows: _Rows, chosen: Mask) -> str:
    """Write a sum of figures: one as it is, several that were rounded as "about"."""
    counted = chosen & ~np.isnan(rows.counts)
    about = "about " if counted.sum() > 1 and schema.PART in rows.flows.columns else ""
    return f"{about}{int(rows.counts[counted].sum()):,}"


def _records(rows: _Rows) -> list[Headline]:
    everything = np.ones(len(rows.flows), dtype=bool)
    figures = int((~np.isnan(rows.counts)).sum())
    measure = rows.flows[schema.MEASURE].iloc[0]
    label = f"{'not stated' if pd.isna(measure) else measure} shown"
    note = f"in {figures:,} {'figure' if figures == 1 else 'figures'}"
    return [_headline(_sum(rows, everything), label, note)]


def _busiest(rows: _Rows) -> list[Headline]:
    """Name the destination and the origin with the largest sums."""
    found = []
    fine_from = np.concatenate([[False], rows.nodes.table["id"].notna().to_numpy()])
    for side, counts, note in (
        (
            rows.destination,
            rows.whole & ~rows.wide_to & ~rows.rest_to,
            "where most were found",
        ),
        (
            rows.origin,
            fine_from[rows.nodes.origin] & ~rows.wide_from & ~rows.rest_from,
            "where most came from",
        ),
    ):
        sums = np.bincount(side[counts], weights=np.nan_to_num(rows.counts[counts]))
        ranked = sorted((-n, rows.name(number), number) for number, n in enumerate(sums) if n)
        if ranked:
            _, name, number = ranked[0]
            found.append(_headline(_sum(rows, counts & (side == number)), name, note))
    return found


def _unplaced(rows: _Rows) -> list[Headline]:
    """Say what has no place, and what has only a region, a nation or "elsewhere"."""
    total = np.nansum(rows.counts)
    found = []
    for chosen, label in (
        (~rows.whole & ~rows.pooled, "with no place stated or found"),
        (
            (rows.whole & rows.wide_to) | (~rows.whole & rows.pooled),
            "shown only by region, nation or elsewhere",
        ),
    ):
        n = np.nansum(rows.counts[chosen])
        if n:
            percent = int(np.floor(100 * n / total + 0.5))
            found.append(_headline(f"{percent}%", label, "of those shown"))
    return found


def _reached(rows: _Rows) -> list[Headline]:
    there = rows.placed & rows.reached
    reached = len(np.unique(rows.destination[there]))
    origins = len(np.unique(rows.origin[there]))
    if not reached:
        return []
    places = "place" if reached == 1 else "places"
    how = "reached or named" if is_statements(rows.flows) else "reached"
    areas = "origin area" if origins == 1 else "origin areas"
    return [_headline(f"{reached:,}", f"{places} {how}", f"from {origins:,} {areas}")]


def _largest(flows: gpd.GeoDataFrame) -> list[Headline]:
    """Take, of statements, the largest figure of the measure that has most figures."""
    counted = flows[flows.geometry.notna() & flows[schema.COUNT].notna()]
    if counted.empty:
        return []
    measure = counted[schema.MEASURE].value_counts(sort=False).sort_index().idxmax()
    row = (
        counted[counted[schema.MEASURE].eq(measure)]
        .sort_values(schema.COUNT, ascending=False, kind="stable")
        .iloc[0]
    )
    ends = f"{row[schema.ORIGIN_NAME]} to {row[schema.DESTINATION_NAME]}"
    return [_headline(f"{int(row[schema.COUNT]):,}", str(measure), f"the most: {ends}")]


def _furthest(rows: _Rows) -> list[Headline]:
    """Take the furthest pair of places, to a tenth of a kilometre; of ties the first by name."""
    km = np.rint(rows.flows[schema.DISTANCE_KM].to_numpy(dtype=float) * 10) / 10
    known = rows.placed & rows.reached & ~np.isnan(km) & ~rows.wide_to
    if not is_statements(rows.flows):
        known &= ~rows.wide_from
    if not known.any():
        return []
    named = rows.flows[schema.ORIGIN_NAME] + " to " + rows.flows[schema.DESTINATION_NAME]
    ties = named[known & (km == km[known].max())]
    whole = int(np.floor(km[known].max() + 0.5))
    return [_headline(f"{whole:,} km", "furthest", str(ties.min()))]


def _headline(value: str, label: str, note: str) -> Headline:
    return {"value": value, "label": label, "note": note}


def _months(start: object, end: object) -> int:
    first, last = (pd.Period(str(month), freq="M") for month in (start, end))
    return int((last - first).n) + 1
