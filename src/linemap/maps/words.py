"""What a map says about its own figures: headline numbers and caveats, as plain texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.maps.nodes import Floats, Nodes, Numbers
from linemap.windows import count_months

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
_KINDS = {
    "settlement": "towns or villages",
    "station": "railway stations",
    "postcode district": "postcode districts",
    "borough": "London boroughs",
    "district": "districts",
    "county": "counties",
    "force": "police force areas",
    "group": "wider areas",
}


@dataclass(frozen=True)
class View:
    """Flows, and their ends as numbered places."""

    flows: gpd.GeoDataFrame
    nodes: Nodes


def headlines(views: Sequence[View], same: Numbers) -> list[Headline]:
    """Choose the key numbers of a release; the page does the same for what a reader keeps.

    The first of the `views` is of each origin, the second, if there is one, of
    all origins together: what concerns destinations alone is read there.
    Of statements each is a count of rows or the figure of one row, since they
    are never added up. Records are a partition, so the figures of one measure
    and view may be added: such a sum is "about". What is left of a place, and a
    region or nation that records were rolled up to, is no destination. Where most
    were found is told by police force area, where that is known: places of several
    levels lie on one another.
    """
    sends = _Rows.of(views[0], same)
    to = sends if len(views) == 1 else _Rows.of(views[-1], same)
    flows = views[0].flows
    if schema.holds_statements(flows):
        return [*_statements(flows), *_reached(sends, sends), *_largest(flows), *_furthest(sends)]
    came = "where most came from" + ("" if to is sends else ", each origin on its own")
    return [
        *_total(to),
        *_where_most(to, None if to is sends else views[0].nodes.reach_km()),
        *_busiest(sends, sends.ends["origin"], sends.counts_as("origin"), came),
        *(_furthest(sends) if to is sends else _furthest_of_all(to, views[0].nodes.reach_km())),
        *_reached(to, sends),
        *_unplaced(to, "" if to is sends else ", all origins together"),
    ]


def pane_headlines(
    view: View, same: Numbers, panes: Numbers, titles: Sequence[str]
) -> list[Headline]:
    """Take the first key number of each of several maps, which may show the same records."""
    statements = schema.holds_statements(view.flows)
    found = []
    for number, title in enumerate(titles):
        mine = panes == number
        nodes = replace(
            view.nodes,
            origin=view.nodes.origin[mine],
            destination=view.nodes.destination[mine],
        )
        flows = view.flows[mine]
        [first] = _statements(flows) if statements else _total(_Rows.of(View(flows, nodes), same))
        found.append({**first, "label": f"{first['label']}: {title}"})
    return found


def caveats(
    flows: gpd.GeoDataFrame, said_already: Iterable[str], *, besides: Iterable[str] = ()
) -> list[str]:
    """List what a reader must know, what all figures share first, without those in `besides`."""
    given = list(said_already)
    measuring = [text for text in given if "detection" in text or "prevalence" in text]
    said = [*(measuring or [MEASURING]), *given]
    if schema.holds_statements(flows):
        said.append(OVERLAP)
    if flows[schema.MEASURE].astype("string").str.contains("linked", na=False).any():
        said.append(LINKS)
    unplaced = int(flows[schema.DESTINATION_ID].isna().sum())
    if unplaced:
        share = f"{unplaced:,} of {len(flows):,}"
        said.append(f"{share} rows give no destination that can be placed; they are in the table.")
    windows = flows[[schema.PERIOD_START, schema.PERIOD_END]].drop_duplicates().dropna()
    counted = {count_months(*window) for window in windows.itertuples(index=False)}
    lengths = sorted(months for months in counted if months is not None)
    if len(lengths) > 1:
        said.append(
            f"The windows differ in length ({lengths[0]} to {lengths[-1]} months): compare "
            "rates per month, not totals."
        )
    if flows[schema.DISTANCE_LOW_KM].notna().any():
        said.append(AREAS)
    left_out = set(besides)
    return [text for text in dict.fromkeys(said) if text not in left_out]


@dataclass(frozen=True)
class _Rows:
    """Flows with their ends as numbers of places, and what kind of place each is.

    Of each end: ``whole`` has an identifier, ``wide`` is a region or a nation,
    ``rest`` is what is left of a place. ``pooled`` tells a rest by the end's own
    number, the others by that of the place that stands for it.
    """

    flows: gpd.GeoDataFrame
    nodes: Nodes
    ends: Mapping[str, Numbers]
    counts: npt.NDArray[np.float64]
    stated: Mask
    whole: Mapping[str, Mask]
    wide: Mapping[str, Mask]
    rest: Mapping[str, Mask]
    pooled: Mask
    same: Numbers

    @classmethod
    def of(cls, view: View, same: Numbers) -> _Rows:
        """Look the ends of the flows up."""
        flows, nodes = view.flows, view.nodes
        own = {"origin": nodes.origin, "destination": nodes.destination}
        known = np.concatenate([[False], nodes.table["id"].notna().to_numpy()])
        level = nodes.table["level"].isin([schema.REGION, schema.NATION]).to_numpy()
        wide = np.concatenate([[False], level])
        rest = np.zeros(len(same), dtype=bool)
        rest[nodes.rest] = True
        return cls(
            flows,
            nodes,
            ends={side: same[ends] for side, ends in own.items()},
            counts=pd.to_numeric(flows[schema.COUNT]).to_numpy(dtype=float, na_value=np.nan),
            stated=flows[schema.QUALIFIER].ne(schema.MENTIONED).fillna(True).to_numpy(dtype=bool),
            whole={side: known[ends] for side, ends in own.items()},
            wide={side: wide[ends] for side, ends in own.items()},
            rest={side: rest[same[ends]] for side, ends in own.items()},
            pooled=rest[nodes.destination],
            same=same,
        )

    def counts_as(self, side: str) -> Mask:
        """Tell the rows whose origin or destination is a place of its own."""
        return self.whole[side] & ~self.wide[side] & ~self.rest[side]

    @property
    def reached(self) -> Mask:
        """Rows to a place that counts as a destination."""
        fine = self.stated & self.whole["destination"] & ~self.pooled
        return fine if schema.holds_statements(self.flows) else fine & ~self.wide["destination"]

    @property
    def measure(self) -> str | None:
        """What all of the rows count; None where they count different things or nothing."""
        measures = self.flows[schema.MEASURE].unique()
        if len(measures) != 1 or not np.nansum(self.counts) > 0:
            return None
        return "not stated" if pd.isna(measures[0]) else str(measures[0])

    def name(self, number: int) -> str:
        """Name a place by its number."""
        return str(self.nodes.table["name"].iloc[number - 1]) if number else ""


def _statements(flows: gpd.GeoDataFrame) -> list[Headline]:
    sources = flows[schema.SOURCE].nunique()
    note = f"from {sources:,} {'source' if sources == 1 else 'sources'}" if sources else ""
    return [_headline(f"{len(flows):,}", "published statements", note)]


def _sum(rows: _Rows, chosen: Mask) -> str:
    """Write a sum of figures: one as it is, several that were rounded as "about"."""
    counted = chosen & ~np.isnan(rows.counts)
    about = (
        "about " if counted.sum() > 1 and schema.DESTINATION_COVERAGE in rows.flows.columns else ""
    )
    return f"{about}{int(rows.counts[counted].sum()):,}"


def _total(rows: _Rows) -> list[Headline]:
    if rows.measure is None:
        return [_headline(f"{len(rows.flows):,}", "flows shown", "")]
    figures = int((~np.isnan(rows.counts)).sum())
    note = f"in {figures:,} {'figure' if figures == 1 else 'figures'}"
    everything = np.ones(len(rows.flows), dtype=bool)
    return [_headline(_sum(rows, everything), f"{rows.measure} shown", note)]


def _where_most(rows: _Rows, reach: tuple[Floats, Floats] | None) -> list[Headline]:
    """Name the police force area, or else the place, with the largest sum, and say how far it is.

    `reach` is how far each place is from the origins, where the rows do not tell.
    """
    forces = np.concatenate([[0], rows.nodes.parents[schema.FORCE]])
    own = rows.nodes.destination
    found = forces[own] > 0
    ends = np.where(found, rows.same[forces[own]], rows.ends["destination"])
    counts = rows.whole["destination"] & ~rows.wide["destination"]
    counts &= found | ~rows.rest["destination"]
    kind = np.where(found, " police force area", "")

    def away(number: int, mine: Mask) -> str:
        if reach is None:
            km = rows.flows[schema.DISTANCE_KM].to_numpy(dtype=float)[mine & ~rows.wide["origin"]]
            km = np.rint(km * 10) / 10
        else:
            km = np.array([side[number - 1] for side in reach])
        known = km[~np.isnan(km)]
        if not known.size:
            return ""
        low, high = (f"{int(np.floor(one + 0.5)):,}" for one in (known.min(), known.max()))
        return f", {low} km away" if low == high else f", {low} to {high} km away"

    return _busiest(rows, ends, counts, "where most were found", kind, away)


def _busiest(
    rows: _Rows,
    ends: Numbers,
    counts: Mask,
    note: str,
    kind: npt.NDArray[np.str_] | None = None,
    more: Callable[[int, Mask], str] = lambda number, mine: "",
) -> list[Headline]:
    """Name the end with the largest sum of the rows that count, and how many have as much.

    Of several with as much only their number is told; `kind` follows the name of one, and `more` of
    its number and rows the note.
    """
    if rows.measure is None:
        return []
    sums = np.bincount(ends[counts], weights=np.nan_to_num(rows.counts[counts]))
    ranked = sorted((-n, rows.name(number), number) for number, n in enumerate(sums) if n)
    if not ranked:
        return []
    most, name, number = ranked[0]
    mine = counts & (ends == number)
    if kind is not None and "Police" not in name:  # Police Scotland
        name += str(kind[mine][0])
    ties = [number for n, _, number in ranked if n == most]
    if len(ties) > 1:
        levels = rows.nodes.table["level"]
        kinds = {
            (str(kind[row]).strip() if kind is not None else "")
            or _KINDS.get(str(levels.iloc[ends[row] - 1]), "places")
            for row in np.flatnonzero(counts & np.isin(ends, ties))
        }
        several = kinds.pop() if len(kinds) == 1 else "places"
        if several == "police force area":
            several += "s"
        return [_headline(_sum(rows, mine), f"each of {len(ties):,} {several}", note)]
    return [_headline(_sum(rows, mine), name, note + more(number, mine))]


def _unplaced(rows: _Rows, scope: str) -> list[Headline]:
    """Say what has no place, and what has only a region, a nation or "elsewhere"."""
    if rows.measure is None:
        return []
    total = np.nansum(rows.counts)
    whole, wide = rows.whole["destination"], rows.wide["destination"]
    found = []
    for chosen, label in (
        (~whole & ~rows.pooled, "with no place stated or found"),
        (np.where(whole, wide, rows.pooled), "shown only by region, nation or elsewhere"),
    ):
        n = np.nansum(rows.counts[chosen])
        if n:
            percent = int(np.floor(100 * n / total + 0.5))
            found.append(_headline(f"{percent}%", label, f"of those shown{scope}"))
    return found


def _reached(to: _Rows, sends: _Rows) -> list[Headline]:
    """Count the places that are reached, and the origins that reach one."""
    reached = len(set(to.ends["destination"][to.reached].tolist()))
    origins = len(set(sends.ends["origin"][sends.reached].tolist()) - {0})
    if not reached:
        return []
    places = "place" if reached == 1 else "places"
    how = "reached or named" if schema.holds_statements(to.flows) else "reached"
    areas = "origin area" if origins == 1 else "origin areas"
    of = f"{origins:,} {areas}" if to is sends else "all origins together"
    return [_headline(f"{reached:,}", f"{places} {how}", f"from {of}")]


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
    known = rows.reached & ~np.isnan(km) & ~rows.wide["destination"]
    if not schema.holds_statements(rows.flows):
        known &= ~rows.wide["origin"]
    if not known.any():
        return []
    named = rows.flows[schema.ORIGIN_NAME] + " to " + rows.flows[schema.DESTINATION_NAME]
    ties = named[known & (km == km[known].max())]
    whole = int(np.floor(km[known].max() + 0.5))
    return [_headline(f"{whole:,} km", "furthest", str(ties.min()))]


def _furthest_of_all(rows: _Rows, reach: tuple[Floats, Floats]) -> list[Headline]:
    """Take the place that is furthest from any origin; of ties the first by name.

    `reach` is how far each place is from the origins.
    """
    ends = np.unique(rows.ends["destination"][rows.reached & ~rows.wide["destination"]])
    low, high = (side[ends - 1] for side in reach)
    known = ~np.isnan(high)
    if not known.any():
        return []
    furthest = np.flatnonzero(known & (high == high[known].max()))
    best = min(furthest, key=lambda k: rows.name(int(ends[k])))
    near, far = (f"{int(np.floor(km[best] + 0.5)):,}" for km in (low, high))
    value = f"{far} km" if near == far else f"{near} to {far} km"
    note = f"{rows.name(int(ends[best]))}, from the origins that are shown"
    return [_headline(value, "furthest", note)]


def _headline(value: str, label: str, note: str) -> Headline:
    return {"value": value, "label": label, "note": note}
