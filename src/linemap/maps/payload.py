"""A release as plain data for a page: flows by column, places, base map, headlines, caveats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema, style
from linemap.disclosure import Release, periods_hidden, periods_shown, within_window
from linemap.gazetteer import Gazetteer
from linemap.maps import packing
from linemap.maps.packing import Floats, Nodes, Numbers
from linemap.windows import count_months, periods_in_words, window_words

FORMAT = 2  # raised whenever a page's script could not read an older page's data
_MUCH = 1e6
_HUNDREDTHS = 100  # distances travel as whole hundredths of a kilometre


@dataclass(frozen=True, slots=True)
class Words:
    """What the caller says about a map: texts only, shown as they are."""

    title: str
    subtitle: str = ""
    panes: tuple[str, ...] = ("",)
    notes: tuple[str, ...] = ()


def build_payload(
    releases: Sequence[Release],
    *,
    said: Words,
    look: style.Style,
    gazetteer: Gazetteer,
    pane_of: npt.NDArray[np.int64] | None = None,
    tiles: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Pack what a page shows of one or several releases, in their order; nothing is added up.

    `pane_of` says on which of several maps a flow is drawn, -1 for none; such
    a flow is left out. Texts are as they were; only
    :func:`linemap.maps.packing.json_text` may write them.
    """
    flows, places = within_window(releases[0].flows, releases[0].window), releases[0].places
    if len(releases) > 1:
        frames = [within_window(one.flows, one.window) for one in releases]
        flows = pd.concat(frames, ignore_index=True)
        places = pd.concat([one.places for one in releases])
        places = places[~places.index.duplicated()]
    if pane_of is not None:
        flows, pane_of = flows[pane_of >= 0], pane_of[pane_of >= 0]
    stamps = _each(one.stamps for one in releases)
    given = _each(one.caveats for one in releases)
    panes = pd.Series(0 if pane_of is None else pane_of, index=flows.index)
    where_to = _where_to(releases) if pane_of is None else None
    every = flows if where_to is None else pd.concat([flows, where_to], ignore_index=True)
    all_nodes = Nodes.of(every, places)
    same = all_nodes.same(gazetteer, statements=schema.holds_statements(flows))
    nodes = all_nodes.rows(0, len(flows))
    views = [View(flows, nodes)]
    if where_to is not None:
        views.append(View(where_to, all_nodes.rows(len(flows), len(every))))
    hidden = _periods_not_shown(releases, where_to)
    apart = _periods_not_shown(releases, None)
    payload = {
        "format": FORMAT,
        "title": said.title,
        "subtitle": said.subtitle,
        "panes": list(said.panes),
        "statements": schema.holds_statements(flows),
        "headlines": (
            pane_headlines(views[0], same, np.asarray(panes, dtype=np.int64), said.panes)
            if len(said.panes) > 1
            else headlines(views, same, hidden)
        ),
        "caveats": [*caveats(flows, given, besides=stamps), *said.notes],
        "basis": " ".join(stamps),
        "rule": _rounding(releases),
        "attributions": _each(one.attributions for one in releases),
        "style": style_data(look, flows),
        "slots": slots_of_nodes(flows, nodes),
        "nodes": nodes.packed(gazetteer),
        "flows": pack_flows(flows, panes, nodes, look),
        "grid": packing.GRID,
        "base": packing.base_data(gazetteer),
    }
    if hidden:
        payload["hidden"] = hidden
    if where_to is not None and apart:
        payload["hiddenApart"] = apart
    if where_to is not None:
        payload["reach"] = [packing.packed_nullable(km) for km in nodes.reach_km()]
        panes = pd.Series(0, index=where_to.index)
        payload["whereTo"] = pack_flows(where_to, panes, views[1].nodes, look)
    if tiles:
        payload["tiles"] = dict(tiles)
    return payload


def _where_to(releases: Sequence[Release]) -> gpd.GeoDataFrame | None:
    """Take the view of all origins together of the one release, its origin not named.

    None without such a view, and where nothing of it can be shown.
    """
    view = releases[0].views.get(schema.WHERE_TO) if len(releases) == 1 else None
    if view is None or view.empty:
        return None
    view = within_window(view, releases[0].window)
    return view.assign(**{schema.ORIGIN_NAME: None, schema.ORIGIN_LEVEL: None})


def _periods_not_shown(releases: Sequence[Release], where_to: gpd.GeoDataFrame | None) -> str:
    """Name the periods of which a first key number holds nothing; empty where that is none.

    It is of the view of all origins together if that is given, else of each origin on its own.
    Several releases share no rule.
    """
    release = releases[0]
    if len(releases) > 1 or release.rule is None:
        return ""
    view = release.views.get(schema.WHERE_TO)
    every = periods_shown(release.flows)
    if view is not None:
        every |= periods_shown(view)
    counted = release.flows if where_to is None or view is None else view
    found = periods_hidden(periods_shown(counted), every, release.window)
    return periods_in_words(found, release.window) if found else ""


def _rounding(releases: Sequence[Release]) -> dict[str, int] | None:
    """Say under what a count is not shown and to what it is rounded; null if it is as printed."""
    rules = [one.rule for one in releases if one.rule is not None]
    if not rules:
        return None
    return {
        "threshold": max(rule.threshold for rule in rules),
        "base": max(rule.base for rule in rules),
    }


def _each(texts: Iterable[Iterable[str]]) -> list[str]:
    """List texts once each, in order."""
    return list(dict.fromkeys(text for some in texts for text in some))


def style_data(look: style.Style, flows: gpd.GeoDataFrame) -> dict[str, Any]:
    """Describe widths, bands and colours; the widest width belongs to the largest drawn count."""
    drawn = flows.loc[
        flows.geometry.notna() & flows[schema.MEASURE].ne(schema.AREAS_REACHED), schema.COUNT
    ].dropna()
    largest = int(drawn.max()) if len(drawn) else 0
    classes = len(look.bands_km) + 1
    themes = [
        {**asdict(theme), "bands": style.band_colours(theme, classes=classes)}
        for theme in style.THEMES
    ]
    return {
        "colourBy": look.colour_by,
        "largest": largest,
        "widest": look.widest_px,
        "thinnest": look.thinnest_px,
        "named": look.named_px,
        "steps": style.legend_steps(largest, smallest=min(drawn, default=1)),
        "bandEdges": look.bands_km,
        "bandLabels": style.band_labels(look.bands_km),
        "themes": themes,
    }


def hundredths_of_km(km: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Write distances as whole hundredths of a kilometre; null stays null.

    A distance just under half a kilometre, or half a tenth, stays under it, so that the page
    rounds to the whole kilometre, or the tenth, that every other output tells.
    """
    near: npt.NDArray[np.float64] = np.rint(km * _HUNDREDTHS)
    whole = np.floor(near / 100 + 0.5) > np.floor(km + 0.5)
    return near - (whole | (np.floor(near / 10 + 0.5) > np.floor(km * 10 + 0.5)))


def pack_flows(
    flows: gpd.GeoDataFrame, panes: pd.Series, nodes: Nodes, look: style.Style
) -> dict[str, Any]:
    """Pack the flows by column; a null count, distance or text stays null.

    Distances are :func:`hundredths_of_km` of a kilometre; the nearest and the furthest are
    written as their differences from the distance. A band follows from the
    distance as it travels, but for the flows that ``banded`` corrects.
    """
    km = _numbers(flows[schema.DISTANCE_KM])
    low, high = _numbers(flows[schema.DISTANCE_LOW_KM]), _numbers(flows[schema.DISTANCE_HIGH_KM])
    band = style.band_of(km, edges=look.bands_km)
    km, low, high = map(hundredths_of_km, (km, low, high))
    moved = np.flatnonzero(band != style.band_of(km / _HUNDREDTHS, edges=look.bands_km))
    counts = _numbers(flows[schema.COUNT])
    step = int(np.gcd.reduce(counts[~np.isnan(counts)].astype(np.int64))) or 1
    external = flows[schema.EXTERNAL].astype("object").map({True: "yes", False: "no"})
    window = flows[schema.PERIOD_START].astype("object").fillna("") + "/"
    window = window + flows[schema.PERIOD_END].astype("object").fillna("")
    return {
        "n": len(flows),
        "id": packing.id_column(flows[schema.FLOW_ID]),
        "origin": packing.packed(nodes.origin),
        "destination": packing.packed(nodes.destination),
        "step": step,
        "count": packing.packed_nullable(counts / step),
        "km": packing.packed_nullable(km),
        "low": packing.packed_nullable(km - low),
        "high": packing.packed_nullable(high - km),
        "banded": [packing.packed(moved), packing.packed(band[moved])],
        "pane": packing.text_column(panes),
        "window": packing.text_column(window),
        "external": packing.text_column(external),
        **{
            name: packing.text_column(flows[column])
            for name, column in (
                ("measure", schema.MEASURE),
                ("qualifier", schema.QUALIFIER),
                ("source", schema.SOURCE),
                ("published", schema.PUBLISHED),
                ("url", schema.URL),
                ("note", schema.NOTE),
            )
        },
        "tags": [
            {"name": tag, **packing.text_column(flows[tag])} for tag in schema.tag_columns(flows)
        ],
    }


def slots_of_nodes(flows: gpd.GeoDataFrame, nodes: Nodes) -> dict[str, list[int]]:
    """Choose the colours of origins and of measures, those with most to draw first.

    Statements weigh one each, since their figures are never added; records
    weigh by their published counts.
    """
    weight = flows.geometry.notna().to_numpy(dtype=float)
    if not schema.holds_statements(flows):
        lines = ~flows[schema.DESTINATION_LEVEL].isin([schema.REGION, schema.NATION]).to_numpy()
        weight = weight * np.nan_to_num(_numbers(flows[schema.COUNT]))
        weight = np.where(lines, weight, weight / _MUCH)  # lines first: they need the colours
    origin = pd.Series(weight).groupby(nodes.origin, sort=True).sum()
    measure = pd.Series(weight).groupby(pd.factorize(flows[schema.MEASURE])[0], sort=True).sum()
    return {
        "originNodes": [int(node) for node in origin.index],
        "originSlots": list(style.colour_slots(list(origin))),
        "measureSlots": list(style.colour_slots(list(measure))),
    }


def _numbers(column: pd.Series) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    return numbers


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
    schema.SETTLEMENT: "towns or villages",
    schema.STATION: "railway stations",
    schema.POSTCODE_DISTRICT: "postcode districts",
    schema.BOROUGH: "London boroughs",
    schema.DISTRICT: "districts",
    schema.COUNTY: "counties",
    schema.FORCE: "police force areas",
    schema.GROUP: "wider areas",
}


@dataclass(frozen=True)
class View:
    """Flows, and their ends as numbered places."""

    flows: gpd.GeoDataFrame
    nodes: Nodes


def headlines(views: Sequence[View], same: Numbers, hidden: str = "") -> list[Headline]:
    """Choose the key numbers of a release; the page does the same for what a reader keeps.

    `hidden` names the periods of which nothing is shown. The first of the `views` is of each
    origin, the second, if there is one, of all origins together: what concerns destinations
    alone is read there.
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
    periods = to.periods() | sends.periods()
    return [
        *_total(to, hidden),
        *_where_most(to, periods, None if to is sends else views[0].nodes.reach_km()),
        *_busiest(sends, periods, sends.ends["origin"], sends.counts_as("origin"), came),
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

    def periods(self, chosen: Mask | None = None) -> set[tuple[str | None, str | None]]:
        """Return the periods of rows; an end that is not stated is None."""
        frame = self.flows[[schema.PERIOD_START, schema.PERIOD_END]].astype(object)
        spans = (frame if chosen is None else frame[chosen]).drop_duplicates()
        ends = spans.where(spans.notna(), None)
        return set(ends.itertuples(index=False, name=None))

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


def _total(rows: _Rows, hidden: str = "") -> list[Headline]:
    nothing = f"nothing is shown of {hidden}" if hidden else ""
    if rows.measure is None:
        return [_headline(f"{len(rows.flows):,}", "flows shown", nothing)]
    figures = int((~np.isnan(rows.counts)).sum())
    note = f"in {figures:,} {'figure' if figures == 1 else 'figures'}"
    note = f"{note}; {nothing}" if nothing else note
    everything = np.ones(len(rows.flows), dtype=bool)
    return [_headline(_sum(rows, everything), f"{rows.measure} shown", note)]


def _where_most(
    rows: _Rows, periods: Set[tuple[str | None, str | None]], reach: tuple[Floats, Floats] | None
) -> list[Headline]:
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
            km = hundredths_of_km(km) / _HUNDREDTHS
        else:
            km = np.array([side[number - 1] for side in reach])
        known = km[~np.isnan(km)]
        if not known.size:
            return ""
        low, high = (f"{int(np.floor(one + 0.5)):,}" for one in (known.min(), known.max()))
        return f", {low} km away" if low == high else f", {low} to {high} km away"

    return _busiest(rows, periods, ends, counts, "where most were found", kind, away)


def _busiest(
    rows: _Rows,
    periods: Set[tuple[str | None, str | None]],
    ends: Numbers,
    counts: Mask,
    note: str,
    kind: npt.NDArray[np.str_] | None = None,
    more: Callable[[int, Mask], str] = lambda number, mine: "",
) -> list[Headline]:
    """Name the end with the largest sum of the rows that count, and how many have as much.

    Of several with as much only their number is told; `kind` follows the name of one, and `more` of
    its number and rows the note. Where these are of some of the `periods` of the key numbers only,
    they are named.
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
    note += more(number, mine)
    own = rows.periods(mine)
    if own != periods:
        spans = sorted(own, key=lambda span: tuple(end or "" for end in span))
        told = ", and ".join(
            window_words(*span, short=True) if any(span) else "period not stated" for span in spans
        )
        note += f"; shown in {told if len(own) <= 3 else f'{len(own):,} of the periods'} only"
    return [_headline(_sum(rows, mine), name, note)]


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
    """Take the furthest pair of places, as distances travel; of ties the first by name."""
    km = hundredths_of_km(rows.flows[schema.DISTANCE_KM].to_numpy(dtype=float)) / _HUNDREDTHS
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


def look_of(look: style.Style | None, colour_by: style.ColourBy) -> style.Style:
    """Take the caller's style, or the usual one, with the colours asked for."""
    chosen = look or style.Style()
    return style.Style(
        colour_by=colour_by,
        widest_px=chosen.widest_px,
        thinnest_px=chosen.thinnest_px,
        named_px=chosen.named_px,
        bands_km=chosen.bands_km,
    )
