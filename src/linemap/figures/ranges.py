"""Destination by destination: how far, how sure, and whether anyone was counted."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from linemap.figures.captions import caption
from linemap.figures.doors import Subject, admit
from linemap.figures.page import (
    SMALL_PT,
    TEXT_PT,
    LinemapFigure,
    drawing,
    empty_note,
    finished,
    kilometres,
    new_page,
    quiet_axes,
)
from linemap.figures.range_rows import RangeRow, range_rows, usual_measure
from linemap.figures.words import counted, shown
from linemap.style import LIGHT

_ROW_IN: Final = 0.158
_GROUP_IN: Final = 0.3
_BEFORE_IN: Final = 1.5


def destination_ranges(
    source: object, *, origin: str | None = None, explore: bool = False
) -> LinemapFigure:
    """Draw each destination at its distance, with the range that its area covers.

    One row a pair of places (of records, unless `origin` is given, a destination
    with all its origins, at the mean weighted by count): a dot at the mean
    distance, a line from the nearest to the furthest parts; filled where people
    are counted, open where the place is only named, pale where it is only
    mentioned. Beside it every figure that is published, none of them added.
    Grouped by origin, the one with most places first; the 60 pairs with most
    behind them at most.
    `origin` (a name or place_id) draws one alone.

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    Raises :class:`UnknownPlaceError` for an origin that no flow has.
    """
    subject = admit(source, explore=explore)
    kept, left_out = range_rows(subject, origin)
    origins = list(dict.fromkeys(row.origin for row in kept))
    with drawing():
        page = new_page(
            subject,
            title="How far, place by place" + (f": {shown(origins[0])}" if origin and kept else ""),
            subtitle="Geodesic kilometres between origin and destination",
            caption=caption(
                subject,
                unit=_unit(subject),
                notes=(
                    "Dots: mean distance; lines: from the nearest to the furthest part of the two "
                    "areas. Filled: counted; open: named without a count; pale: only mentioned as "
                    "an example"
                ),
                drawn=f"Not drawn: {counted(left_out, 'more pair')}" if left_out else "",
            ),
            alt="Distances place by place. "
            + " ".join(
                f"{row.origin} to {row.place}: {row.km:.0f} km, {row.low:.0f} to {row.high:.0f}; "
                f"{row.figures}."
                for row in kept
            ),
            body_in=max(1.2, len(kept) * _ROW_IN + len(origins) * _GROUP_IN + 0.3),
        )
        if not kept:
            empty_note(page, "No flow has a known place at both ends, so there is no distance.")
            return finished(page)
        limit = max(25.0, float(np.ceil(max(row.high for row in kept) * 1.02 / 25) * 25))
        heights = _layout(kept)
        longest = max(len(row.figures) for row in kept)
        across = page.width - _BEFORE_IN - min(3.4, max(1.3, 0.7 + longest * 0.05))
        axes = page.axes(_BEFORE_IN, 0.22, across, page.height - 0.22)
        quiet_axes(axes)
        axes.set_ylim(0, page.height - 0.22)
        axes.set_yticks([])
        kilometres(axes, limit)
        axes.spines["bottom"].set_visible(False)
        _draw(axes, kept, heights, page.height - 0.22, limit, across)
    return finished(page)


def _unit(subject: Subject) -> str:
    if not subject.statements:
        return "kilometres; beside each place its count"
    usual = shown(usual_measure(subject.placed))
    return f"kilometres; beside each place its figures as published, {usual} unless it says else"


def _layout(rows: list[RangeRow]) -> list[float]:
    """Give each row its distance from the top, in inches."""
    down, group, heights = 0.0, None, []
    for row in rows:
        if row.origin != group:
            group = row.origin
            down += _GROUP_IN
        heights.append(down)
        down += _ROW_IN
    return heights


def _draw(
    axes: Axes, rows: list[RangeRow], heights: list[float], top: float, limit: float, across: float
) -> None:
    inch = limit / across
    group = None
    for row, down in zip(rows, heights, strict=True):
        y = top - down - _ROW_IN / 2
        colour = LIGHT.series[0] if row.counted else LIGHT.series[1]
        alpha = 0.45 if row.mentioned else 1.0
        if row.origin != group:
            group = row.origin
            axes.text(
                -_BEFORE_IN * inch,
                y + _ROW_IN,
                group,
                size=TEXT_PT,
                weight="bold",
                va="center",
                parse_math=False,
            )
        axes.plot([row.low, row.high], [y, y], color=colour, linewidth=1.1, alpha=alpha * 0.5)
        axes.plot(
            [row.km],
            [y],
            marker="o",
            markersize=4.6,
            markeredgecolor=colour,
            alpha=alpha,
            markerfacecolor=colour if row.counted else LIGHT.paper,
        )
        axes.text(
            -0.08 * inch, y, row.place, size=SMALL_PT, ha="right", va="center", parse_math=False
        )
        axes.text(
            limit + 0.1 * inch,
            y,
            f"{row.km:,.0f} km",
            size=SMALL_PT,
            weight="bold",
            va="center",
            parse_math=False,
        )
        axes.text(
            limit + 0.62 * inch,
            y,
            shown(row.figures, most=54),
            size=6.0,
            va="center",
            color=LIGHT.quiet,
            parse_math=False,
        )
