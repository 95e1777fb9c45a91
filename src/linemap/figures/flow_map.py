"""The static map of flows, with an inset for London: for print, and for those without a browser."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from shapely.geometry.base import BaseGeometry

from linemap import schema
from linemap.disclosure import Release
from linemap.figures._flow_drawing import (
    Floats,
    FlowPanel,
    Frame,
    Land,
    Plane,
    draw_areas,
    draw_flows,
    draw_land,
    ends_of,
    frame_of,
    label_boroughs,
    label_places,
    land,
    plane_of,
    rings,
)
from linemap.figures._layout import (
    LANDSCAPE_IN,
    MARGIN_IN,
    PORTRAIT_IN,
    SMALL_PT,
    LinemapFigure,
    Page,
    caption,
    drawing,
    empty_note,
    finished,
    heading,
    listing,
    new_page,
)
from linemap.figures._subject import (
    NO_ONE_DISTANCE,
    FigureSubject,
    admit,
    counted,
    counted_panels,
    named_flows,
    number_words,
    numberless,
    sentence,
    too_wide,
)
from linemap.gazetteer import Gazetteer
from linemap.style import LIGHT, colour_slots, flow_widths, legend_steps

MOST_PANELS: Final = 7
MOST_INSERTED: Final = 2
MOST_ORIGINS: Final = 8
FLOW_TITLE: Final = "Where young people were found or linked to"
INSERTED_IN: Final = 4.9  # 125 mm, half of an A4 page's text


def flow_figure(
    source: object,
    *,
    title: str = FLOW_TITLE,
    gazetteer: Gazetteer | None = None,
    explore: bool = False,
) -> LinemapFigure:
    """Draw flows as curves with arrowheads on a map, as wide as their counts are large.

    One map for what may be added up: of records one a measure; of statements
    one a measure, level of destination and window, and one of all places that
    are named and not counted (dashed; paler where only mentioned as an
    example). All maps have one scale of widths. Destinations that are areas are
    shaded; nations and regions are too large for an arrow, and are listed with
    their counts. At most seven maps; the caption says how many flows are not drawn.
    Labels stand beside their places and never collide; what has no room is
    counted in the caption. Where flows begin in several boroughs an inset shows
    London. `gazetteer` draws the land (by default the shipped one).

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    """
    return draw_map(admit(source, explore=explore), gazetteer, title=title)


def draw_map(
    subject: FigureSubject, gazetteer: Gazetteer | None = None, *, title: str = FLOW_TITLE
) -> LinemapFigure:
    """Draw :func:`flow_figure` of what has been admitted."""
    gazetteer = Gazetteer.load(gazetteer)
    places = gazetteer.places if subject.places is None else subject.places
    panels = _panels(subject, places.geometry)
    drawn = panels[:MOST_PANELS]
    left_out = sum(len(panel.flows) for panel in panels[MOST_PANELS:])
    further = f"{counted(left_out, 'flow')} in further sets not drawn" if left_out else ""
    with drawing():
        size, cells = divide(len(drawn))
        notes = _scale_words(drawn)
        if any(panel.named.any() for panel in drawn):
            notes += f"; dashed: {numberless(named_flows(subject))}; paler where only mentioned"
        if any(panel.areas for panel in drawn):
            notes += (
                "; shaded: a destination that is an area, its arrow ends in the middle and not at "
                "a place where anybody was found"
            )
        if (
            schema.DESTINATION_COVERAGE in subject.flows
            and (subject.flows[schema.DESTINATION_COVERAGE] != schema.WHOLE).any()
        ):
            notes += "; the rest of an area is drawn to the area's middle"
        page = new_page(
            subject,
            title=title,
            subtitle="Each curve runs from the origin to where someone was found or linked to",
            caption=caption(
                subject,
                unit="as the heading of each map says",
                notes=notes,
                drawn=" ".join(
                    sentence(part) for part in (_without_arrow(subject), further) if part
                ),
            ),
            alt="Maps of flows. " + " ".join(_in_words(panel) for panel in drawn),
            body_in=size[1] if drawn else 2.0,
            width_in=size[0],
        )
        if not drawn:
            empty_note(page, "No flow has a place for an arrow at both ends, so there is no map.")
            return finished(page)
        plane = plane_of(gazetteer)
        outlines = land(gazetteer, plane)
        for panel, cell in zip(drawn, cells, strict=True):
            _draw_cell(page, panel, cell, plane, outlines)
    return finished(page)


def inserted_map(
    release: Release, *, only: Collection[str], gazetteer: Gazetteer | None = None
) -> LinemapFigure | None:
    """Draw the flows with the identifiers `only` as a map to set into a page of text.

    As :func:`flow_figure`, of at most two maps, as wide as the text of an A4 page and without
    title and caption. Widths have the scale of the whole release, so that a thick line is a large
    number in the brief of a small origin too. ``note`` is for the page to print below, ``alt``
    describes the map. Of records, what is shown of a county is drawn with the rest of its police
    force area; from more than eight origins to several areas, one curve runs from each region to
    each police force area. None where no flow has an arrow.
    """
    subject = admit(release, explore=False)
    gazetteer = Gazetteer.load(gazetteer)
    kept = subject.flows[schema.FLOW_ID].isin(list(only))
    every = _mappable(subject.placed)[schema.COUNT].max()
    subject = replace(subject, flows=subject.flows.loc[kept].reset_index(drop=True))
    places = subject.places
    assert places is not None  # noqa: S101  narrows the type for mypy
    notes = []
    if not subject.statements:
        flows, told = _in_areas(subject.flows, places)
        subject = replace(subject, flows=flows)
        notes.append(told)
    scale = 1.0 if pd.isna(every) else float(every)
    panels = _panels(subject, places.geometry, least_scale=scale)[:MOST_INSERTED]
    if not panels:
        return None
    notes += [_scale_words(panels, of_all=True), _without_arrow(subject)]
    if any(panel.areas for panel in panels):
        notes.append("An arrow to a shaded area ends in its middle, not where anybody was found")
    tall = INSERTED_IN if len(panels) == 1 else INSERTED_IN * 0.88
    across = PORTRAIT_IN - 2 * MARGIN_IN
    width = (across - 0.2 * (len(panels) - 1)) / len(panels)
    with drawing():
        page = new_page(
            subject,
            title="",
            subtitle="",
            caption=(),
            body_in=tall,
            alt="Map of flows. " + " ".join(_in_words(panel) for panel in panels),
        )
        page.figure.note = " ".join(sentence(note) for note in notes if note)
        plane = plane_of(gazetteer)
        outlines = land(gazetteer, plane)
        for at, panel in enumerate(panels):
            _draw_cell(page, panel, PanelBox(at * (width + 0.2), 0, width, tall), plane, outlines)
    return finished(page)


def _in_areas(flows: pd.DataFrame, places: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Draw counties as their police force areas, and many flows from regions; say so."""
    flows = flows.copy()
    forces = flows[schema.DESTINATION_ID].map(places[schema.FORCE_ID])
    itself = flows[schema.DESTINATION_LEVEL] == schema.FORCE
    forces = forces.where(~itself, flows[schema.DESTINATION_ID])
    many = flows[schema.ORIGIN_ID].nunique() > MOST_ORIGINS and forces.nunique() > 1
    areas = itself | (flows[schema.DESTINATION_LEVEL] == schema.COUNTY)
    _move(flows, forces.where(many | areas), places, DESTINATION)
    if not many:
        apart = flows[schema.DESTINATION_ID].isin(forces[~areas].dropna())  # towns stand beside
        flows.loc[apart, schema.DESTINATION_NAME] = (
            "rest of " + flows.loc[apart, schema.DESTINATION_NAME]
        )
        return flows, "What is shown of a county is drawn with the rest of its police force area"
    _move(
        flows, flows[schema.ORIGIN_ID].map(places[schema.PARENT_IDS[schema.REGION]]), places, ORIGIN
    )
    return flows, "Origins are drawn together by region, destinations by police force area"


ORIGIN: Final = (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL, 0)
DESTINATION: Final = (
    schema.DESTINATION_ID,
    schema.DESTINATION_NAME,
    schema.DESTINATION_LEVEL,
    -1,
)


def _move(
    flows: pd.DataFrame,
    areas: pd.Series,
    places: pd.DataFrame,
    end: tuple[str, str, str, int],
) -> None:
    """Let flows begin or end in the middle of the areas, row for row; null leaves them."""
    place, name, level, vertex = end
    moved = areas.isin(places.index) & flows[schema.GEOMETRY].notna()
    wanted = areas[moved]
    lines = flows.loc[moved, schema.GEOMETRY].to_numpy()
    middles = places.geometry.reindex(wanted).representative_point()
    at = shapely.get_coordinates(lines).reshape(-1, 2, 2).copy()
    at[:, vertex] = shapely.get_coordinates(middles.to_numpy())
    shapes = pd.Series(shapely.linestrings(at), index=wanted.index, dtype=object)
    flows.loc[moved, schema.GEOMETRY] = shapes
    flows.loc[moved, place] = wanted
    flows.loc[moved, name] = wanted.map(places[schema.NAME])
    flows.loc[moved, level] = wanted.map(places[schema.LEVEL])


def _scale_words(panels: list[FlowPanel], *, of_all: bool = False) -> str:
    """Say how widths follow counts, and which counts cannot be told apart by them."""
    told = "Line width in proportion to the count"
    told += ", on one scale in all maps" if len(panels) > 1 else ""
    told += f", {number_words(panels[0].largest)} the widest" if of_all else ""
    counts = [float(panel.flows[schema.COUNT].min()) for panel in panels if not panel.named.all()]
    if not counts:
        return "Lines have one width: nothing is counted"
    alike = panels[0].drawn_alike
    if min(counts) >= alike:
        return told
    return f"{told}; counts under {number_words(alike)} are drawn alike"


def _in_words(panel: FlowPanel) -> str:
    return f"{panel.heading}, {panel.under}: {listing(panel.flows)}."


def _panels(
    subject: FigureSubject, outlines: gpd.GeoSeries, *, least_scale: float = 1.0
) -> list[FlowPanel]:
    """List the maps: the named places first, then the counted sets, most flows first.

    All of them have one scale of widths, whatever they count, so that a thick
    line is a large number wherever it stands; the widest is of `least_scale` at least.
    """
    panels: list[FlowPanel] = []
    named = _mappable(named_flows(subject))
    sets = [(panel, _mappable(panel.flows)) for panel in counted_panels(subject)]
    if not subject.statements:
        sets = [(panel, _together(flows)) for panel, flows in sets]
    sets = [(panel, flows) for panel, flows in sets if len(flows)]
    largest = max(least_scale, *(float(flows[schema.COUNT].max()) for _, flows in sets), 1.0)
    crowd = max((len(flows) for _, flows in sets), default=0)
    colours = _origin_colours(subject)

    def laid_out(heading: str, under: str, flows: pd.DataFrame) -> FlowPanel:
        return FlowPanel(
            heading, under, flows, colours, largest, crowd=crowd, areas=_areas(flows, outlines)
        )

    if len(named):
        once = named.sort_values([schema.QUALIFIER, schema.FLOW_ID], ascending=[False, True])
        once = once.drop_duplicates([schema.ORIGIN_ID, schema.DESTINATION_ID])
        places = once[schema.DESTINATION_ID].nunique()
        every = named_flows(subject)[schema.DESTINATION_ID].nunique()
        told = counted(places, "place") if places == every else f"{places} of {every} places"
        under = f"from {counted(once[schema.ORIGIN_ID].nunique(), 'origin')}, window as published"
        panels.append(laid_out(f"{numberless(once).capitalize()}: {told}", under, once))
    for panel, mapped in sets:
        flows = mapped.sort_values([schema.COUNT, schema.FLOW_ID])
        if subject.statements:
            under = f"{panel.when} · {counted(len(flows), 'figure')}"
        else:
            under = f"{panel.when} · n = {number_words(panel.total)}"
            large = float(_too_large(panel.flows)[schema.COUNT].sum())
            if large:
                under += f", {number_words(large)} of them without an arrow (see below)"
        panels.append(laid_out(f"{panel.what}, {panel.where}", under, flows))
    return panels


def _areas(flows: pd.DataFrame, outlines: gpd.GeoSeries) -> tuple[BaseGeometry, ...]:
    """Take the outlines of the destinations that are areas, each once, in order of place_id."""
    wanted = sorted(set(flows[schema.DESTINATION_ID]) & set(outlines.index))
    shapes = outlines.loc[wanted]
    return tuple(shapes[shapes.geom_type.isin(("Polygon", "MultiPolygon"))])


def _mappable(flows: pd.DataFrame) -> pd.DataFrame:
    """Keep the flows with a line of some length: what stays in one place is no curve."""
    if flows.empty:
        return flows
    shapes = flows[schema.GEOMETRY]
    away = shapes.notna() & (flows[schema.ORIGIN_ID] != flows[schema.DESTINATION_ID])
    return flows.loc[away & ~flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)]


def _too_large(flows: pd.DataFrame) -> pd.DataFrame:
    """Keep the flows to a nation or a region: an arrow would end where nobody was found."""
    return flows.loc[flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)]


def _without_arrow(subject: FigureSubject) -> str:
    """List the destinations that are too large for an arrow, records with their counts."""
    listed = too_wide(subject)
    return f"Without an arrow, for they are too large: {listed}" if listed else ""


def _together(flows: pd.DataFrame) -> pd.DataFrame:
    """Add up the records of each pair, whatever their window and tags: one curve a pair."""
    ends = [schema.ORIGIN_ID, schema.DESTINATION_ID, schema.ORIGIN_NAME, schema.DESTINATION_NAME]
    totals = flows.groupby(ends, dropna=False)[schema.COUNT].transform("sum")
    return flows.assign(**{schema.COUNT: totals}).drop_duplicates(ends)


def _origin_colours(subject: FigureSubject) -> dict[str, str]:
    flows = subject.placed
    sizes = flows.groupby(schema.ORIGIN_ID).size().sort_index()
    if len(sizes) > len(LIGHT.series):
        return dict.fromkeys(map(str, sizes.index), LIGHT.series[0])
    slots = colour_slots([float(size) for size in sizes])
    return {
        str(origin): LIGHT.series[slot] if slot >= 0 else LIGHT.other
        for origin, slot in zip(sizes.index, slots, strict=True)
    }


def _draw_cell(page: Page, panel: FlowPanel, cell: PanelBox, plane: Plane, outlines: Land) -> None:
    height = cell.height - HEAD_IN
    axes = page.axes(cell.left, cell.bottom, cell.width, height)
    starts, ends = ends_of(panel.flows, plane)
    margin = 0.13 if cell.width > 3 else 0.18  # room for labels
    frame = frame_of(np.vstack([starts, ends]), margin=margin).to_shape(cell.width / height)
    draw_land(axes, outlines, frame, inches=cell.width)
    draw_areas(axes, panel, plane, frame, inches=cell.width)
    heading(axes, panel.heading, panel.under, inches=cell.width)
    drawn = draw_flows(axes, panel, plane, frame, inches=cell.width)
    taken = []
    if len(panel.flows) > 25 and not panel.named.all():
        taken.append(draw_widths(page, axes, panel, cell))
    inset = london_frame(panel, outlines) if cell.width > 3 else None
    corner = None if inset is None else inset_corner(cell, height, inset, drawn.strokes, frame)
    if inset is not None and corner is not None:
        taken.append(draw_inset(page, panel, cell, corner, plane, outlines, inset))
    placing = label_places(
        axes,
        panel,
        plane,
        drawn,
        taken=np.array(taken).reshape(-1, 4),
        boroughs=corner is None,
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


# ── What stands in the corners of a map: the legend of widths, and London closer by ─────────
def draw_widths(page: Page, axes: Axes, panel: FlowPanel, cell: PanelBox) -> list[float]:
    """Draw the legend of widths in the lower left corner; return its box in points of the page."""
    counts = panel.flows[schema.COUNT].dropna()
    steps = legend_steps(panel.largest, smallest=min(counts, default=1), at_most=3)
    widths = flow_widths(np.array(steps, dtype=float), largest=panel.largest, style=panel.style)
    points = (cell.width * 72, (cell.height - HEAD_IN) * 72)
    box = (4.0, 4.0, 64.0, 8.0 + 11.0 * len(steps))
    axes.add_patch(
        Rectangle(
            (box[0] / points[0], box[1] / points[1]),
            box[2] / points[0],
            box[3] / points[1],
            transform=axes.transAxes,
            facecolor=LIGHT.paper,
            alpha=0.85,
            linewidth=0,
            zorder=35,
        )
    )
    for row, (step, width) in enumerate(zip(steps, widths, strict=True)):
        y = (box[1] + 9.5 + 11.0 * row) / points[1]
        axes.plot(
            [10 / points[0], 32 / points[0]],
            [y, y],
            transform=axes.transAxes,
            color=LIGHT.series[0],
            linewidth=width,
            solid_capstyle="butt",
            zorder=36,
        )
        axes.text(
            37 / points[0],
            y,
            number_words(step),
            transform=axes.transAxes,
            size=SMALL_PT,
            va="center",
            zorder=36,
            parse_math=False,
        )
    left, bottom = (page.left + cell.left) * 72, (page.bottom + cell.bottom) * 72
    return [left + box[0], bottom + box[1], left + box[0] + box[2], bottom + box[1] + box[3]]


def london_frame(panel: FlowPanel, outlines: Land) -> Frame | None:
    """Frame the boroughs, where flows begin in two or more of them."""
    boroughs = panel.flows[schema.ORIGIN_LEVEL] == schema.BOROUGH
    if panel.flows.loc[boroughs, schema.ORIGIN_ID].nunique() < 2 or not len(outlines.boroughs):
        return None
    return frame_of(np.vstack(rings(outlines.boroughs)), margin=0.03, least_km=2)


def inset_corner(
    cell: PanelBox, height: float, inset: Frame, strokes: Floats, whole: Frame
) -> PanelBox | None:
    """Find a corner of the map for the inset that covers no line.

    None where each has one, or where the map itself shows London half as large or larger.
    """
    pad = 0.06
    width = min(2.6, cell.width * 0.42)
    tall = width * (inset.north - inset.south) / (inset.east - inset.west)
    scale = cell.width / (whole.east - whole.west)
    if width / (inset.east - inset.west) < 2 * scale:
        return None
    at = (strokes - np.array([whole.west, whole.south])) * scale
    for left, bottom in (
        (cell.width - width - pad, height - tall - pad),
        (pad, height - tall - pad),
        (cell.width - width - pad, pad + 0.14),
        (pad, pad + 0.14),
    ):
        low = np.array([left, bottom]) - 0.1
        high = np.array([left + width, bottom + tall]) + 0.1
        if not ((at >= low) & (at <= high)).all(axis=1).any():
            return PanelBox(left, bottom, width, tall)
    return None


def draw_inset(
    page: Page,
    panel: FlowPanel,
    cell: PanelBox,
    corner: PanelBox,
    plane: Plane,
    outlines: Land,
    frame: Frame,
) -> list[float]:
    """Draw London in a corner; return its box in points of the page."""
    left, bottom = cell.left + corner.left, cell.bottom + corner.bottom
    axes = page.axes(left, bottom, corner.width, corner.height, zorder=50)
    draw_land(axes, outlines, frame, inches=corner.width, close=True)
    begins = panel.flows.loc[panel.flows[schema.ORIGIN_LEVEL] == schema.BOROUGH]
    inner = replace(panel, flows=begins, faint=len(begins) > 60)
    inside = draw_flows(axes, inner, plane, frame, inches=corner.width)
    label_boroughs(axes, inner, plane, inside)
    axes.annotate(
        "London",
        (0, 1),
        xycoords="axes fraction",
        xytext=(3, -3),
        textcoords="offset points",
        size=SMALL_PT,
        weight="bold",
        va="top",
        parse_math=False,
        zorder=60,
        bbox={"facecolor": (LIGHT.paper, 0.8), "linewidth": 0, "pad": 1.0},
    )
    x, y = (page.left + left) * 72, (page.bottom + bottom) * 72
    return [x, y, x + corner.width * 72, y + corner.height * 72]


# ── How the maps of a figure share its page ─────────────────────────────────────────────────
TALL_IN: Final = 6.3
HEAD_IN: Final = 0.48


@dataclass(frozen=True, slots=True)
class PanelBox:
    """Where a panel stands in the body, in inches."""

    left: float
    bottom: float
    width: float
    height: float


def divide(maps: int) -> tuple[tuple[float, float], list[PanelBox]]:
    """Divide a page: one tall map, and a grid for the rest beside it."""
    if maps <= 1:
        return (PORTRAIT_IN, 7.6), [PanelBox(0, 0, PORTRAIT_IN - 0.44, 7.6)]
    across, gap = LANDSCAPE_IN - 0.44, 0.2
    if maps == 2:
        width = (across - gap) / 2
        return (LANDSCAPE_IN, TALL_IN), [
            PanelBox(0, 0, width, TALL_IN),
            PanelBox(width + gap, 0, width, TALL_IN),
        ]
    rest = maps - 1
    columns = 1 if rest == 2 else 2 if rest <= 4 else 3
    tall = across * (0.52 if columns == 1 else 0.4 if columns == 2 else 0.36)
    width = (across - tall - columns * gap) / columns
    lines = -(-rest // columns)
    height = (TALL_IN - (lines - 1) * gap) / lines
    cells = [PanelBox(0, 0, tall, TALL_IN)]
    for number in range(rest):
        row, column = divmod(number, columns)
        left = tall + gap + column * (width + gap)
        cells.append(PanelBox(left, TALL_IN - (row + 1) * height - row * gap, width, height))
    return (LANDSCAPE_IN, TALL_IN), cells
