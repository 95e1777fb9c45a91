"""What stands in the corners of a map: the legend of widths, and London closer by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from linemap import schema
from linemap.figures.flow_panels import (
    Drawn,
    FlowPanel,
    Frame,
    draw_flows,
    draw_land,
    frame_of,
    label_boroughs,
)
from linemap.figures.geometry import Floats, Land, Plane, rings
from linemap.figures.map_cells import HEAD_IN, Cell
from linemap.figures.page import SMALL_PT, Page
from linemap.figures.words import number_words
from linemap.style import LIGHT, flow_widths, legend_steps


def draw_widths(page: Page, axes: Axes, panel: FlowPanel, cell: Cell) -> list[float]:
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


def draw_inset(
    page: Page,
    panel: FlowPanel,
    cell: Cell,
    height: float,
    plane: Plane,
    outlines: Land,
    frame: Frame,
    drawn: Drawn,
    whole: Frame,
) -> list[float]:
    """Draw London in the corner with the fewest flows; return its box in points of the page."""
    width = min(2.6, cell.width * 0.42)
    tall = width * (frame.north - frame.south) / (frame.east - frame.west)
    left, bottom = _freest_corner(cell, height, width, tall, drawn.strokes, whole)
    axes = page.axes(cell.left + left, cell.bottom + bottom, width, tall, zorder=50)
    draw_land(axes, outlines, frame, inches=width, close=True)
    begins = panel.flows.loc[panel.flows[schema.ORIGIN_LEVEL] == schema.BOROUGH]
    inner = replace(panel, flows=begins, faint=len(begins) > 60)
    inside = draw_flows(axes, inner, plane, frame, inches=width)
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
        bbox={"facecolor": LIGHT.paper, "alpha": 0.8, "linewidth": 0, "pad": 1.0},
    )
    x, y = (page.left + cell.left + left) * 72, (page.bottom + cell.bottom + bottom) * 72
    return [x, y, x + width * 72, y + tall * 72]


def _freest_corner(
    cell: Cell, height: float, width: float, tall: float, strokes: Floats, whole: Frame
) -> tuple[float, float]:
    pad = 0.06
    corners = [
        (cell.width - width - pad, height - tall - pad),
        (pad, height - tall - pad),
        (cell.width - width - pad, pad + 0.14),
        (pad, pad + 0.14),
    ]
    scale = cell.width / (whole.east - whole.west)
    at = (strokes - np.array([whole.west, whole.south])) * scale

    def crowd(corner: tuple[float, float]) -> int:
        low = np.array(corner) - 0.1
        high = np.array(corner) + np.array([width, tall]) + 0.1
        return int(((at >= low) & (at <= high)).all(axis=1).sum())

    return min(corners, key=crowd)
