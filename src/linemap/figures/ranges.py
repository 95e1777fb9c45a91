"""Destination by destination: how far, how sure, and whether anyone was counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from linemap import schema
from linemap.errors import UnknownPlaceError
from linemap.figures._layout import (
    SMALL_PT,
    TEXT_PT,
    LinemapFigure,
    caption,
    drawing,
    empty_note,
    finished,
    kilometres,
    new_page,
    quiet_axes,
    unnumbered,
)
from linemap.figures._subject import Subject, admit, split
from linemap.figures._text import NO_ONE_DISTANCE, counted, number_words, shown, year_words
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
                    "areas; a nation or region has no dot, for its mean is no one's distance. "
                    "Filled: counted; open: without a number; pale: only mentioned as an "
                    "example"
                ),
                drawn=f"Not drawn: {counted(left_out, 'more pair')}" if left_out else "",
            ),
            alt="Distances place by place. "
            + " ".join(
                f"{row.origin} to {row.place}: {row.distance}"
                + ("" if row.wide else f", {row.low:.0f} to {row.high:.0f}")
                + f"; {row.figures}."
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
        before_figures = 1.2 if any(row.wide for row in kept) else 0.7
        across = page.width - _BEFORE_IN - min(3.4, max(1.3, before_figures + longest * 0.05))
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
        width = 5.0 if row.wide else 1.1
        shade = alpha * (0.3 if row.wide else 0.5)
        axes.plot(
            [row.low, row.high],
            [y, y],
            color=colour,
            linewidth=width,
            alpha=shade,
            solid_capstyle="butt",
        )
        if not row.wide:
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
            row.distance,
            size=SMALL_PT,
            weight="bold",
            va="center",
            parse_math=False,
        )
        axes.text(
            limit + (0.62 if not any(other.wide for other in rows) else 1.15) * inch,
            y,
            shown(row.figures, most=54),
            size=6.0,
            va="center",
            color=LIGHT.quiet,
            parse_math=False,
        )


# ── The rows of the ranges: each pair of places with its distance, its range and its figures ───
MOST_ROWS: Final = 60
ALL_ORIGINS: Final = "All origins together"


@dataclass(frozen=True, slots=True)
class RangeRow:
    """One pair of places (or one destination): how far, how sure, and its figures in words."""

    origin: str
    place: str
    km: float
    low: float
    high: float
    counted: bool
    mentioned: bool
    size: float
    figures: str
    wide: bool
    distance: str


def range_rows(subject: Subject, origin: str | None) -> tuple[list[RangeRow], int]:
    """Sum up each pair of places, grouped by origin, nearest first; and count those left out.

    Raises :class:`UnknownPlaceError` for an origin that no flow has.
    """
    flows = subject.placed.dropna(subset=[schema.DISTANCE_KM])
    if origin is not None:
        wanted = (flows[schema.ORIGIN_ID] == origin) | (flows[schema.ORIGIN_NAME] == origin)
        if not wanted.any():
            raise UnknownPlaceError(f"No flow with a distance begins in {origin!r}.")
        flows = flows.loc[wanted]
    if not subject.statements:
        flows = flows.loc[flows[schema.COUNT].fillna(0) > 0]
    keys = [schema.DESTINATION_NAME, schema.DESTINATION_ID]
    if subject.statements or origin is not None:
        keys = [schema.ORIGIN_NAME, schema.ORIGIN_ID, *keys]
    flows, left_out = _most(flows, keys, together=not subject.statements)
    usual = usual_measure(flows) if subject.statements else None
    rows = [
        _row(part, usual=usual, together=schema.ORIGIN_ID not in keys)
        for part in split(flows, keys)
    ]
    places: dict[str, int] = {}
    for row in rows:
        places[row.origin] = places.get(row.origin, 0) + 1
    rows.sort(key=lambda row: (-places[row.origin], row.origin, row.km, row.place))
    return rows, left_out


def _most(flows: pd.DataFrame, keys: list[str], *, together: bool) -> tuple[pd.DataFrame, int]:
    """Keep the flows of the pairs with the largest counts; and say how many pairs are left out."""
    groups = flows.groupby(keys, dropna=False, sort=True)
    size = flows[schema.COUNT].fillna(0).astype(float)
    numbered = pd.DataFrame({"pair": groups.ngroup(), "size": size})
    sizes = numbered.groupby("pair")["size"].agg("sum" if together else "max")
    kept = sizes.sort_index().sort_values(ascending=False, kind="stable").index[:MOST_ROWS]
    return flows.loc[numbered["pair"].isin(kept)], max(len(sizes) - MOST_ROWS, 0)


def usual_measure(flows: pd.DataFrame) -> str:
    """Name the measure of most figures, which need not be repeated beside each."""
    measures = flows.loc[flows[schema.COUNT].notna(), schema.MEASURE].value_counts()
    if measures.empty:
        return ""
    return str(measures.sort_index().sort_values(ascending=False, kind="stable").index[0])


def _row(part: pd.DataFrame, *, usual: str | None, together: bool) -> RangeRow:
    """Sum one pair up, or (`together`) one destination of all its origins."""
    first = part.iloc[0]
    numbers = part[schema.COUNT].notna()
    km = part[schema.DISTANCE_KM].to_numpy(dtype=float)
    weight = part[schema.COUNT].fillna(0).to_numpy(dtype=float)
    mentioned = bool((part[schema.QUALIFIER] == schema.MENTIONED).all())
    wide = first[schema.DESTINATION_LEVEL] in NO_ONE_DISTANCE
    mean = float(np.average(km, weights=weight)) if together else float(km[0])
    low = float(part[schema.DISTANCE_LOW_KM].min())
    high = float(part[schema.DISTANCE_HIGH_KM].max())
    return RangeRow(
        origin=ALL_ORIGINS if together else shown(first[schema.ORIGIN_NAME]),
        place=shown(first[schema.DESTINATION_NAME], most=26),
        km=mean,
        low=low,
        high=high,
        counted=bool(numbers.any()),
        mentioned=mentioned,
        size=float(part.loc[numbers, schema.COUNT].max()) if numbers.any() else 0.0,
        figures=_figures(part.loc[numbers], usual=usual)
        or unnumbered(
            part.sort_values(schema.QUALIFIER, key=lambda kind: kind == schema.MENTIONED).iloc[0]
        ),
        wide=wide,
        distance=f"{number_words(low)} to {number_words(high)} km"
        if wide
        else f"{number_words(mean)} km",
    )


def _figures(part: pd.DataFrame, *, usual: str | None) -> str:
    """Write every figure of a pair, in order of its window; records (no `usual`) add up."""
    if part.empty:
        return ""
    if usual is None:
        return number_words(part[schema.COUNT].sum())
    order = part.sort_values([schema.MEASURE, schema.PERIOD_START, schema.FLOW_ID])
    told = []
    for measure, rows in order.groupby(schema.MEASURE, sort=True):
        numbers = []
        for _, row in rows.iterrows():
            years = year_words(row[schema.PERIOD_START], row[schema.PERIOD_END])
            numbers.append(number_words(row[schema.COUNT]) + (f" ({years})" if years else ""))
        named = "" if measure == usual else f"{shown(measure, most=24)} "
        told.append((measure != usual, named + ", ".join(numbers)))
    return "; ".join(text for _, text in sorted(told))
