"""A release as plain data for a page: flows packed by column, places, base map, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema, style
from linemap.disclosure import Release
from linemap.gazetteer import Gazetteer
from linemap.maps import packing, words
from linemap.maps.nodes import Nodes

FORMAT = 1  # raised whenever a page's script could not read an older page's data
_MUCH = 1e6
_TENTHS = 10  # distances travel as whole tenths of a kilometre


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
    flows, places = releases[0].flows, releases[0].places
    if len(releases) > 1:
        flows = pd.concat([one.flows for one in releases], ignore_index=True)
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
    views = [words.View(flows, nodes)]
    if where_to is not None:
        views.append(words.View(where_to, all_nodes.rows(len(flows), len(every))))
    payload = {
        "format": FORMAT,
        "title": said.title,
        "subtitle": said.subtitle,
        "panes": list(said.panes),
        "statements": schema.holds_statements(flows),
        "headlines": (
            words.pane_headlines(views[0], same, np.asarray(panes, dtype=np.int64), said.panes)
            if len(said.panes) > 1
            else words.headlines(views, same)
        ),
        "caveats": [*words.caveats(flows, given, besides=stamps), *said.notes],
        "basis": " ".join(stamps),
        "rule": _rounding(releases),
        "attributions": _each(one.attributions for one in releases),
        "style": style_data(look, flows),
        "slots": colour_slots(flows, nodes),
        "nodes": nodes.packed(gazetteer),
        "flows": pack_flows(flows, panes, nodes, look),
        "grid": packing.GRID,
        "base": packing.base_data(gazetteer),
    }
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
    return view.assign(**{schema.ORIGIN_NAME: None, schema.ORIGIN_LEVEL: None})


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


def pack_flows(
    flows: gpd.GeoDataFrame, panes: pd.Series, nodes: Nodes, look: style.Style
) -> dict[str, Any]:
    """Pack the flows by column; a null count, distance or text stays null.

    Distances are whole tenths of a kilometre; the nearest and the furthest are
    written as their differences from the distance. A band follows from the
    distance as it travels, but for the flows that ``banded`` corrects.
    """
    km = _numbers(flows[schema.DISTANCE_KM])
    low, high = _numbers(flows[schema.DISTANCE_LOW_KM]), _numbers(flows[schema.DISTANCE_HIGH_KM])
    band = style.band_of(km, edges=look.bands_km)
    moved = np.flatnonzero(
        band != style.band_of(np.rint(km * _TENTHS) / _TENTHS, edges=look.bands_km)
    )
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
        "km": packing.packed_nullable(np.rint(km * _TENTHS)),
        "low": packing.packed_nullable(np.rint(km * _TENTHS) - np.rint(low * _TENTHS)),
        "high": packing.packed_nullable(np.rint(high * _TENTHS) - np.rint(km * _TENTHS)),
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


def colour_slots(flows: gpd.GeoDataFrame, nodes: Nodes) -> dict[str, list[int]]:
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
