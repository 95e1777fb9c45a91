"""The static map of flows, with an inset for London: for print, and for those without a browser."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes

from linemap import schema
from linemap.figures.captions import caption, listing
from linemap.figures.doors import Subject, admit
from linemap.figures.flow_panels import (
    FlowPanel,
    draw_flows,
    draw_land,
    frame_of,
    label_places,
)
from linemap.figures.geometry import Land, Plane, ends_of, land, plane_of
from linemap.figures.insets import draw_inset, draw_widths, london_frame
from linemap.figures.map_cells import HEAD_IN, Cell, divide
from linemap.figures.page import (
    LinemapFigure,
    Page,
    drawing,
    empty_note,
    finished,
    heading,
    new_page,
)
from linemap.figures.panels import counted_panels, named_flows
from linemap.figures.words import counted, number_words
from linemap.gazetteer import Gazetteer
from linemap.style import LIGHT, colour_slots

MOST_PANELS: Final = 7


def flow_figure(
    source: object,
    *,
    title: str = "Where young people were found",
    gazetteer: Gazetteer | None = None,
    explore: bool = False,
    only: Collection[str] | None = None,
    most: int = MOST_PANELS,
) -> LinemapFigure:
    """Draw flows as curves with arrowheads on a map, as wide as their counts are large.

    One map for what may be added up: of records one a measure; of statements
    one a measure, level of destination and window, and one of all places that
    are named and not counted (dashed; paler where only mentioned as an
    example). At most seven maps; the caption says how many flows are not drawn.
    Labels stand beside their places and never collide; what has no room is
    counted in the caption. Where flows begin in several boroughs an inset shows
    London. `gazetteer` draws the land (by default the shipped one). `only` leaves in the
    flows with these identifiers, `most` is the largest number of maps.

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    """
    subject = admit(source, explore=explore)
    if only is not None:
        kept = subject.flows[schema.FLOW_ID].isin(list(only))
        subject = replace(subject, flows=subject.flows.loc[kept].reset_index(drop=True))
    gazetteer = gazetteer or Gazetteer.load()
    panels = _panels(subject)
    drawn = panels[:most]
    left_out = sum(len(panel.flows) for panel in panels[most:])
    with drawing():
        size, cells = divide(len(drawn))
        notes = "Line width in proportion to the count"
        notes += ", on each map by itself" if len(drawn) > 1 else ""
        notes += (
            "; dashed: named without a count, paler where only mentioned"
            if any(panel.named.any() for panel in drawn)
            else ""
        )
        if schema.PART in subject.flows and (subject.flows[schema.PART] != schema.WHOLE).any():
            notes += "; the rest of an area is drawn to the area's middle"
        page = new_page(
            subject,
            title=title,
            subtitle="Each curve runs from the origin to where someone was found or linked to",
            caption=caption(
                subject,
                unit="as the heading of each map says",
                notes=notes,
                drawn=f"{counted(left_out, 'flow')} in further sets not drawn" if left_out else "",
            ),
            alt="Maps of flows. " + " ".join(_in_words(panel) for panel in drawn),
            body_in=size[1] if drawn else 2.0,
            width_in=size[0],
        )
        if not drawn:
            empty_note(page, "No flow has a known place at both ends, so there is nothing to map.")
            return finished(page)
        plane = plane_of(gazetteer)
        outlines = land(gazetteer, plane)
        for panel, cell in zip(drawn, cells, strict=True):
            _draw_cell(page, panel, cell, plane, outlines)
    return finished(page)


def _in_words(panel: FlowPanel) -> str:
    return f"{panel.heading}, {panel.under}: {listing(panel.flows)}."


def _panels(subject: Subject) -> list[FlowPanel]:
    """List the maps: the named places first, then the counted sets, most flows first."""
    panels: list[FlowPanel] = []
    named = _mappable(named_flows(subject))
    sets = counted_panels(subject)
    largest: dict[str, float] = {}
    for panel in sets:
        top = float(panel.flows[schema.COUNT].max())
        largest[panel.measure] = max(largest.get(panel.measure, 0.0), top)
    colours = _origin_colours(subject)
    if len(named):
        once = named.sort_values([schema.QUALIFIER, schema.FLOW_ID], ascending=[False, True])
        once = once.drop_duplicates([schema.ORIGIN_ID, schema.DESTINATION_ID])
        places = once[schema.DESTINATION_ID].nunique()
        under = f"from {counted(once[schema.ORIGIN_ID].nunique(), 'origin')}, window as published"
        panels.append(
            FlowPanel(f"Named, not counted: {counted(places, 'place')}", under, once, colours, 1.0)
        )
    for panel in sets:
        flows = _mappable(panel.flows)
        flows = flows if subject.statements else _together(flows)
        flows = flows.sort_values([schema.COUNT, schema.FLOW_ID])
        if subject.statements:
            under = f"{panel.when} · {counted(len(flows), 'figure')}"
        else:
            under = f"{panel.when} · n = {number_words(panel.total)}"
        if len(flows):
            panels.append(
                FlowPanel(
                    f"{panel.what}, {panel.where}", under, flows, colours, largest[panel.measure]
                )
            )
    return panels


def _mappable(flows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the flows with a line of some length: what stays in one place is no curve."""
    if flows.empty:
        return flows
    shapes = flows[schema.GEOMETRY]
    away = shapes.notna() & (flows[schema.ORIGIN_ID] != flows[schema.DESTINATION_ID])
    return flows.loc[away]


def _together(flows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add up the records of each pair, whatever their window and tags: one curve a pair."""
    ends = [schema.ORIGIN_ID, schema.DESTINATION_ID, schema.ORIGIN_NAME, schema.DESTINATION_NAME]
    totals = flows.groupby(ends, dropna=False)[schema.COUNT].transform("sum")
    return flows.assign(**{schema.COUNT: totals}).drop_duplicates(ends)


def _origin_colours(subject: Subject) -> dict[str, str]:
    flows = subject.placed
    sizes = flows.groupby(schema.ORIGIN_ID).size().sort_index()
    if len(sizes) > len(LIGHT.series):
        return dict.fromkeys(map(str, sizes.index), LIGHT.series[0])
    slots = colour_slots([float(size) for size in sizes])
    return {
        str(origin): LIGHT.series[slot] if slot >= 0 else LIGHT.other
        for origin, slot in zip(sizes.index, slots, strict=True)
    }


def _draw_cell(page: Page, panel: FlowPanel, cell: Cell, plane: Plane, outlines: Land) -> None:
    height = cell.height - HEAD_IN
    axes = page.axes(cell.left, cell.bottom, cell.width, height)
    starts, ends = ends_of(panel.flows, plane)
    margin = 0.13 if cell.width > 3 else 0.18  # room for labels
    frame = frame_of(np.vstack([starts, ends]), margin=margin).to_shape(cell.width / height)
    draw_land(axes, outlines, frame, inches=cell.width)
    heading(axes, panel.heading, panel.under, inches=cell.width)
    drawn = draw_flows(axes, panel, plane, frame, inches=cell.width)
    taken = []
    if len(panel.flows) > 25 and not panel.named.all():
        taken.append(draw_widths(page, axes, panel, cell))
    inset = london_frame(panel, outlines) if cell.width > 3 else None
    if inset is not None:
        taken.append(draw_inset(page, panel, cell, height, plane, outlines, inset, drawn, frame))
    placing = label_places(
        axes,
        panel,
        plane,
        drawn,
        taken=np.array(taken).reshape(-1, 4),
        boroughs=inset is None,
    )
    if placing.left_out:
        _note(axes, f"no room for {counted(len(placing.left_out), 'label')}")


def _note(axes: Axes, text: str) -> None:
    axes.text(
        0.99,
        0.008,
        text,
        transform=axes.transAxes,
        size=5.6,
        color=LIGHT.quiet,
        ha="right",
        va="bottom",
        parse_math=False,
        zorder=40,
    )
