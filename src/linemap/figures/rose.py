"""In which direction: a rose of sixteen winds for each set of flows."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle, Wedge
from numpy.typing import NDArray

from linemap import schema
from linemap.figures._layout import (
    SMALL_PT,
    TEXT_PT,
    LinemapFigure,
    caption,
    drawing,
    empty_note,
    finished,
    new_page,
)
from linemap.figures._subject import (
    FigureSubject,
    admit,
    counted,
    counted_panels,
    lines,
    named_flows,
    number_words,
    numberless,
    shown,
    split,
    too_wide,
    with_one_distance,
)
from linemap.measures.centrography import mean_direction
from linemap.style import LIGHT

WINDS: Final = (
    "north", "north-north-east", "north-east", "east-north-east", "east", "east-south-east",
    "south-east", "south-south-east", "south", "south-south-west", "south-west",
    "west-south-west", "west", "west-north-west", "north-west", "north-north-west",
)  # fmt: skip
MOST_ROSES: Final = 6
_ROSE_IN: Final = 2.2
_HEAD_IN: Final = 0.62
_GAP_IN: Final = 5 / 72  # between the circle and a letter
Floats = NDArray[np.float64]


class _Rose:
    """The weights of sixteen sectors, and the words for them."""

    def __init__(
        self,
        title: str,
        under: str,
        flows: pd.DataFrame,
        weights: Floats,
        *,
        hollow: bool,
        colour: str = LIGHT.series[0],
    ) -> None:
        self.title, self.under, self.hollow, self.colour = title, under, hollow, colour
        bearing = flows[schema.BEARING_DEG].to_numpy(dtype=float)
        known = np.isfinite(bearing)
        self.sectors = sectors(bearing[known], weights[known])
        self.total = float(weights[known].sum())
        self.mean_deg, self.concentration = float("nan"), float("nan")
        if self.total:
            self.mean_deg, self.concentration = mean_direction(bearing[known], weights[known])

    @property
    def words(self) -> str:
        """The mean direction in words, or that there is none; nothing where places are counted."""
        if self.hollow:
            return ""
        if math.isnan(self.mean_deg):
            return "no mean direction"
        wind = WINDS[round(self.mean_deg / 22.5) % 16]
        return f"mean {wind}, {self.mean_deg:.0f}°; concentration {self.concentration:.2f}"


def direction_rose(source: object, *, explore: bool = False) -> LinemapFigure:
    """Draw the directions of flows as a rose: sixteen sectors, area in proportion.

    The sector's area, not its radius, is its share. An arrow shows the circular
    mean direction, its length the concentration R, 0 (spread evenly) to 1 (all
    one way): Mardia and Jupp (2000), 2.2. One rose a set of records that may be
    added up. Published statements are never added: their roses, for each origin
    with two places or more, are outlined and tell how many places lie in each
    direction, those with a figure and those named without one apart. At most six. What leads
    to a nation or a region has no one direction and is left out, as the caption says.

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    """
    return draw_roses(admit(source, explore=explore))


def draw_roses(subject: FigureSubject) -> LinemapFigure:
    """Draw :func:`direction_rose` of what has been admitted."""
    roses = [rose for rose in _roses(with_one_distance(subject)) if rose.total > 0]
    wide = too_wide(subject)
    apart = f". Left out, for a nation or a region has no one direction: {wide}" if wide else ""
    drawn = roses[:MOST_ROSES]
    columns = min(3, max(1, len(drawn)))
    tiers = -(-len(drawn) // columns) if drawn else 0
    left_out = len(roses) - len(drawn)
    with drawing():
        page = new_page(
            subject,
            title="In which direction",
            subtitle="Bearing from the origin at the start of the way, sixteen sectors",
            caption=caption(
                subject,
                unit="number of places by direction, not people: blue, those with a figure; "
                "orange, those without one"
                if subject.statements
                else "share of counts by direction",
                notes=(
                    "Area in proportion to the number"
                    if subject.statements
                    else "Area in proportion to the share; the arrow is the mean direction, as "
                    "long as the flows agree (concentration 0 to 1); its full length is the circle"
                )
                + apart,
                drawn=f"Not drawn: {counted(left_out, 'more set')}" if left_out > 0 else "",
            ),
            alt="Roses of directions. " + " ".join(_in_words(rose) for rose in drawn),
            body_in=max(1.2, tiers * (_ROSE_IN + _HEAD_IN)),
        )
        if not drawn:
            empty_note(
                page,
                "No flow has one direction: none is placed, or leads to less than a region.",
            )
            return finished(page)
        canvas, width = page.canvas(), page.width / columns
        for number, rose in enumerate(drawn):
            row, column = divmod(number, columns)
            bottom = page.height - (row + 1) * (_ROSE_IN + _HEAD_IN)
            side = min(_ROSE_IN - 0.4, width - 0.5)
            middle = np.array([column * width + 0.2, bottom + 0.2]) + side / 2
            _draw(canvas, rose, middle, side / 2)
            _head(canvas, rose, column * width, bottom + _ROSE_IN, width)
    return finished(page)


def _in_words(rose: _Rose) -> str:
    if not rose.hollow:
        return f"{rose.title}, {rose.under}: {rose.words}."
    told = [
        f"{wind} {number_words(weight)}"
        for wind, weight in zip(WINDS, rose.sectors, strict=True)
        if weight
    ]
    return f"{rose.title}, {rose.under}: {', '.join(told)}."


def sectors(bearing_deg: Floats, weights: Floats) -> Floats:
    """Add weights up by sixteen sectors, each centred on its wind, north first."""
    wind = np.floor((bearing_deg + 11.25) / 22.5).astype(int) % 16
    return np.bincount(wind, weights=weights, minlength=16).astype(float)


def _roses(subject: FigureSubject) -> list[_Rose]:
    roses = []
    for panel in counted_panels(subject, by_origin=subject.statements):
        flows, total = panel.flows, f"n = {number_words(panel.total)}"
        weights = flows[schema.COUNT].to_numpy(dtype=float)
        if subject.statements:
            flows = flows.drop_duplicates(schema.DESTINATION_ID)
            if len(flows) < 2:
                continue
            total, weights = counted(len(flows), "place"), np.ones(len(flows))
        who = (
            f"{panel.origin}: {panel.what[0].lower()}{panel.what[1:]}"
            if panel.origin
            else panel.what
        )
        title, under = f"{who}, {panel.where}", f"{panel.when} · {total}"
        roses.append(_Rose(title, under, flows, weights, hollow=subject.statements))
    for part in split(named_flows(subject), [schema.ORIGIN_NAME]):
        once = part.drop_duplicates(schema.DESTINATION_ID)
        if len(once) < 2:
            continue
        origin = shown(part.iloc[0][schema.ORIGIN_NAME])
        title = f"{origin}: {numberless(once)}"
        places = counted(len(once), "place")
        ones = np.ones(len(once))
        roses.append(_Rose(title, places, once, ones, hollow=True, colour=LIGHT.series[1]))
    return roses


def _head(canvas: Axes, rose: _Rose, left: float, bottom: float, width: float) -> None:
    """Write a rose's heading over it, its last line at `bottom`."""
    reach = bottom
    for text, size, colour, weight in (
        (rose.words, 6.2, LIGHT.quiet, "normal"),
        (rose.under, SMALL_PT, LIGHT.quiet, "normal"),
        *(
            (line, TEXT_PT, LIGHT.ink, "bold")
            for line in reversed(lines(rose.title, inches=width - 0.15, points=TEXT_PT * 1.12))
        ),
    ):
        canvas.text(
            left,
            reach,
            text,
            size=size,
            color=colour,
            weight=weight,
            va="bottom",
            parse_math=False,
        )
        reach += size * 1.4 / 72


def _draw(canvas: Axes, rose: _Rose, middle: Floats, reach: float) -> None:
    """Draw a rose in a circle about a point of the canvas, `reach` inches wide."""
    share = rose.sectors / rose.total
    out = np.sqrt(share) * reach / (float(np.sqrt(share).max()) * 1.12)
    circle = Circle(_at(middle), reach, facecolor=LIGHT.paper, edgecolor=LIGHT.rule, linewidth=0.6)
    canvas.add_patch(circle)
    half = 22.5 * 0.94 / 2
    wedges = [
        Wedge(_at(middle), length, 90 - 22.5 * wind - half, 90 - 22.5 * wind + half)
        for wind, length in enumerate(out)
        if length
    ]
    canvas.add_collection(
        PatchCollection(
            wedges,
            linewidths=0.9,
            facecolors=LIGHT.paper if rose.hollow else rose.colour,
            edgecolors=rose.colour,
            alpha=1.0 if rose.hollow else 0.85,
            zorder=2,
        )
    )
    for bearing, letter, across, along in (
        (0, "N", "center", "bottom"),
        (90, "E", "left", "center"),
        (180, "S", "center", "top"),
        (270, "W", "right", "center"),
    ):
        canvas.text(
            *_at(middle, bearing, reach + _GAP_IN),
            letter,
            size=SMALL_PT,
            color=LIGHT.quiet,
            ha=across,
            va=along,
            parse_math=False,
        )
    _label_sectors(canvas, rose, middle, reach, out, share)
    if not (rose.hollow or math.isnan(rose.mean_deg)):
        canvas.annotate(
            "",
            _at(middle, rose.mean_deg, reach * rose.concentration),
            xytext=_at(middle),
            arrowprops={"arrowstyle": "-|>", "color": LIGHT.ink, "linewidth": 1.3},
            zorder=5,
            annotation_clip=False,
        )


def _at(middle: Floats, bearing_deg: float = 0.0, away: float = 0.0) -> tuple[float, float]:
    """Give the point that lies so far from another in a direction, clockwise from the top."""
    angle = math.radians(bearing_deg)
    return (
        float(middle[0]) + math.sin(angle) * away,
        float(middle[1]) + math.cos(angle) * away,
    )


def _label_sectors(
    canvas: Axes, rose: _Rose, middle: Floats, reach: float, out: Floats, share: Floats
) -> None:
    """Write the share (or the number of places) into the sectors that have room for it."""
    for wind, (length, part, weight) in enumerate(zip(out, share, rose.sectors, strict=True)):
        if part < 0.08 or length < 0.45 * reach:
            continue
        canvas.text(
            *_at(middle, 22.5 * wind, 0.8 * length),
            number_words(weight) if rose.hollow else f"{part:.0%}",
            size=5.6,
            ha="center",
            va="center",
            color=LIGHT.ink if rose.hollow else LIGHT.paper,
            zorder=4,
            parse_math=False,
        )
