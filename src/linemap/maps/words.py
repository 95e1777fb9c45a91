"""What a map says about its own figures: headline numbers and caveats, as plain texts."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from linemap import schema

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


def headlines(flows: gpd.GeoDataFrame) -> list[Headline]:
    """Choose the key numbers of a release's flows.

    Of statements each is a count of rows or the figure of one row, since they
    are never added up. Records are disjoint, so what is shown of one measure
    may be: the sum is of the counts in the release, and says so.
    """
    placed = flows[flows.geometry.notna()]
    first = _statements(flows) if is_statements(flows) else _records(flows)
    return [*first, *_reach(placed), *_largest(placed), *_furthest(placed)]


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


def _statements(flows: gpd.GeoDataFrame) -> list[Headline]:
    sources = flows[schema.SOURCE].nunique()
    note = f"from {sources:,} {'source' if sources == 1 else 'sources'}" if sources else ""
    return [_headline(f"{len(flows):,}", "published statements", note)]


def _records(flows: gpd.GeoDataFrame) -> list[Headline]:
    measures = flows[schema.MEASURE].dropna().unique()
    counts = flows[schema.COUNT].astype("Float64").fillna(0)
    total = int(counts.sum())
    if len(measures) != 1 or not total:
        return [_headline(f"{len(flows):,}", "flows shown", "")]
    unplaced = float(counts[flows.geometry.isna().to_numpy()].sum()) / total
    shown = f"in {len(flows):,} {'flow' if len(flows) == 1 else 'flows'}"
    return [
        _headline(f"{total:,}", f"{measures[0]} shown", shown),
        *([_headline(f"{unplaced:.0%}", "without a place", "of those shown")] if unplaced else []),
    ]


def _stated(placed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out places that are only examples: they are not stated to be destinations."""
    return placed[placed[schema.QUALIFIER].ne(schema.MENTIONED).fillna(True)]


def _reach(placed: gpd.GeoDataFrame) -> list[Headline]:
    stated = _stated(placed)
    reached = stated[schema.DESTINATION_ID].nunique()
    origins = stated[schema.ORIGIN_ID].nunique()
    if not reached:
        return []
    places = "place" if reached == 1 else "places"
    how = "reached or named" if is_statements(placed) else "reached"
    areas = "origin area" if origins == 1 else "origin areas"
    return [_headline(f"{reached:,}", f"{places} {how}", f"from {origins:,} {areas}")]


def _largest(placed: gpd.GeoDataFrame) -> list[Headline]:
    counted = placed[placed[schema.COUNT].notna()]
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


def _furthest(placed: gpd.GeoDataFrame) -> list[Headline]:
    stated = _stated(placed)
    known = stated[stated[schema.DISTANCE_KM].notna()]
    if known.empty:
        return []
    row = known.sort_values(schema.DISTANCE_KM, ascending=False, kind="stable").iloc[0]
    name = str(row[schema.DESTINATION_NAME])
    return [
        _headline(
            f"{row[schema.DISTANCE_KM]:,.0f} km", "furthest", f"{row[schema.ORIGIN_NAME]} to {name}"
        )
    ]


def _headline(value: str, label: str, note: str) -> Headline:
    return {"value": value, "label": label, "note": note}


def _months(start: object, end: object) -> int:
    first, last = (pd.Period(str(month), freq="M") for month in (start, end))
    return int((last - first).n) + 1
