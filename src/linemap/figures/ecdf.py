"""How far: the share of records within each distance; each published figure at its own."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from linemap import schema
from linemap.figures._labels import Label, place_labels
from linemap.figures._layout import (
    PORTRAIT_IN,
    SMALL_PT,
    LinemapFigure,
    Page,
    caption,
    drawing,
    empty_note,
    finished,
    heading,
    kilometres,
    listing,
    new_page,
    quiet_axes,
)
from linemap.figures._subject import (
    Panel,
    Subject,
    admit,
    counted_panels,
    named_flows,
    numberless,
    split,
    too_wide,
    with_one_distance,
)
from linemap.figures._text import NO_ONE_DISTANCE, counted, how_far, number_words, shown
from linemap.measures import _statistics as weighted
from linemap.style import LIGHT

Floats = NDArray[np.float64]
_PANEL_IN: Final = 2.7
_MOST_PANELS: Final = 6
_FEW_STEPS: Final = 12
_MOST_STEPS: Final = 1_000  # of a line
LEVEL: Final = 0.95


def distance_ecdf(source: object, *, explore: bool = False) -> LinemapFigure:
    """Draw how far flows go: of records as a distribution, of statements figure by figure.

    Records have a panel a measure, with the cumulative share of the counts. The
    step line takes each destination at its mean distance; the shaded band takes
    all of them at the 5th and at the 95th percentile inside their areas, which
    is how much the middle of an area hides. Dotted lines are the sampling band
    of Dvoretzky, Kiefer, Wolfowitz and Massart (1990), 95%.

    Statements are never added, so they have no distribution: each figure stands
    at its distance, as high as it is large, all panels on one scale, with the
    same range of distances. One panel an origin, measure, level and window.
    Below, places that are named and not counted stand as open markers, with the
    range from the nearest to the furthest part of the two areas; a nation or a
    region is its range alone. Counts of a nation or a region are at no one distance: they are
    left out, and the caption names them.

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    """
    subject = admit(source, explore=explore)
    panels = [
        panel
        for panel in counted_panels(with_one_distance(subject), by_origin=subject.statements)
        if panel.flows[schema.DISTANCE_KM].notna().any()
        and (subject.statements or panel.flows[schema.DISTANCE_KM].nunique() > 1)
    ]
    drawn = panels[:_MOST_PANELS]
    named = named_by_origin(subject)
    with drawing():
        page = _page(subject, drawn, len(panels), named)
        if not drawn and not named:
            empty_note(
                page,
                "There is no distribution: no set has counts at two known distances.",
            )
            return finished(page)
        _draw_grid(page, drawn, statements=subject.statements)
        if named:
            draw_named(page, named)
    return finished(page)


def _page(
    subject: Subject, drawn: list[Panel], available: int, named: list[tuple[str, pd.DataFrame]]
) -> Page:
    body = math.ceil(len(drawn) / _columns(drawn)) * _PANEL_IN
    body += (len(named) * ROW_IN + 0.75) if named else 0.0
    left_out = available - len(drawn)
    notes = (
        "Blue line: each destination at its mean distance. Shaded: all destinations at the 5th and "
        "at the 95th percentile of distance inside their areas. Dotted: 95% sampling band "
        "(Dvoretzky-Kiefer-Wolfowitz)"
    )
    if subject.statements:
        notes = (
            "Dots: a published figure at the mean distance of its two places, as high as it is "
            "large, on one scale in all panels; horizontal: from the 5th to the 95th percentile of "
            "distance inside the areas. Figures are not added, so they have no median"
        )
    wide = "" if subject.statements else too_wide(subject)
    if wide:
        notes += (
            f". Left out, for a nation or a region is at no one distance: {wide}. They may be "
            "nearer or further than what is drawn, which alone n and its half are of"
        )
    if named:
        notes += (
            f". Open markers: places {numberless(named_flows(subject))}; "
            "at the mean distance, with the range "
            "from the nearest to the furthest part (of a nation or region the range alone); "
            "paler ones are only mentioned as examples"
        )
    alt = (
        "Distances of published figures. " if subject.statements else "Distribution of distances. "
    )
    alt += " ".join(_in_words(panel, statements=subject.statements) for panel in drawn)
    if named:
        alt += " Places without a number: " + "; ".join(
            f"{origin}: {', '.join(shown(name) for name in rows[schema.DESTINATION_NAME])}"
            for origin, rows in named
        )
    return new_page(
        subject,
        title="How far: each published figure at its distance"
        if subject.statements
        else "How far: the distribution of distances",
        subtitle="Geodesic kilometres between origin and destination"
        if subject.statements
        else "Share of the counts within each distance, geodesic kilometres",
        caption=caption(
            subject,
            unit=_units(drawn, statements=subject.statements),
            notes=notes,
            drawn=(
                f"Not drawn: {counted(left_out, 'more set')} of figures" if left_out > 0 else ""
            ),
        ),
        alt=alt,
        body_in=max(body, 1.4),
        width_in=PORTRAIT_IN,
    )


def _units(panels: list[Panel], *, statements: bool) -> str:
    measures = dict.fromkeys(shown(panel.measure) for panel in panels)
    if not measures:
        return "distance, km"
    return ", ".join(measures) if statements else f"share of {' and of '.join(measures)}"


def _in_words(panel: Panel, *, statements: bool) -> str:
    if statements:
        return f"{panel.origin}: {panel.words}. {listing(panel.flows)}."
    km, _, counts = steps(panel.flows, schema.DISTANCE_KM)
    half = median_km(km, counts)
    n = number_words(panel.total)
    return f"{panel.words}: half of n = {n} within {half:.0f} km. {listing(panel.flows)}."


def steps(flows: pd.DataFrame, column: str) -> tuple[Floats, Floats, Floats]:
    """Give the distinct distances, the share of counts within each, and the count at each."""
    rows = flows.dropna(subset=[column, schema.COUNT])
    at = rows.groupby(column)[schema.COUNT].sum().astype(float).sort_index()
    counts: Floats = np.array(at, dtype=np.float64)
    share: Floats = np.divide(np.cumsum(counts), counts.sum())
    km: Floats = np.array(at.index, dtype=np.float64)
    return km, share, counts


def _columns(panels: list[Panel]) -> int:
    return 1 if len(panels) < 2 else 2


def _draw_grid(page: Page, panels: list[Panel], *, statements: bool) -> None:
    """Draw the panels on one scale of distance (and of figures), so that they compare."""
    if not panels:
        return
    columns = _columns(panels)
    ends = (schema.DISTANCE_KM, schema.DISTANCE_P95_KM)
    limit = round_limit([panel.flows[end].max() for panel in panels for end in ends])
    top = max(float(panel.flows[schema.COUNT].max()) for panel in panels)
    width = page.width / columns
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        bottom = page.height - (row + 1) * _PANEL_IN
        axes = page.axes(column * width + 0.42, bottom + 0.3, width - 0.6, _PANEL_IN - 0.82)
        if statements:
            _draw_figures(axes, panel, limit, top)
        else:
            _draw_shares(axes, panel, limit)


def _draw_figures(axes: Axes, panel: Panel, limit: float, top: float) -> None:
    """Draw each published figure of a panel at its distance, as high as it is large."""
    flows = panel.flows.dropna(subset=[schema.DISTANCE_KM])
    flows = flows.sort_values([schema.COUNT, schema.FLOW_ID], ascending=[False, True])
    km, low, high, count = (
        flows[column].to_numpy(dtype=float)
        for column in (
            schema.DISTANCE_KM,
            schema.DISTANCE_P05_KM,
            schema.DISTANCE_P95_KM,
            schema.COUNT,
        )
    )
    axes.hlines(count, low, high, color=LIGHT.series[0], linewidth=4.0, alpha=0.16)
    axes.vlines(km, 0, count, color=LIGHT.series[0], linewidth=0.8)
    axes.plot(km, count, linestyle="none", marker="o", markersize=4, color=LIGHT.series[0])
    quiet_axes(axes, grid="both")
    axes.set_ylim(0, top * 1.15)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_words(value)))
    kilometres(axes, limit)
    places = counted(flows[schema.DESTINATION_ID].nunique(), "place")
    what = panel.what[0].lower() + panel.what[1:]
    heading(axes, f"{panel.origin}: {what}, {panel.where}", f"{panel.when} · figures of {places}")
    labels = [
        Label(x, y, f"{shown(name, most=22)} {number_words(y)}", size=6.2, colour=LIGHT.quiet)
        for x, y, name in zip(km, count, flows[schema.DESTINATION_NAME], strict=True)
    ]
    place_labels(axes, labels, nodes=np.column_stack([km, count]))


def _as_printed(km: Floats, share: Floats, limit: float) -> tuple[Floats, Floats]:
    """Keep one step of those that stand within half a point of each other on the page."""
    if len(km) <= _MOST_STEPS:
        return km, share
    last = np.append(np.diff(np.floor(km / limit * _MOST_STEPS)) > 0, True)
    return km[last], share[last]


def _draw_shares(axes: Axes, panel: Panel, limit: float) -> None:
    flows = panel.flows
    every_km, every_share, counts = steps(flows, schema.DISTANCE_KM)
    km, share = _as_printed(every_km, every_share, limit)
    low_km, low_share = _as_printed(*steps(flows, schema.DISTANCE_P05_KM)[:2], limit)
    high_km, high_share = _as_printed(*steps(flows, schema.DISTANCE_P95_KM)[:2], limit)
    if len(low_km) and len(high_km):
        at = np.unique(np.concatenate([[0.0], low_km, high_km, [limit]]))
        axes.fill_between(
            at,
            _stepped(at, low_km, low_share),
            _stepped(at, high_km, high_share),
            step="post",
            color=LIGHT.series[0],
            alpha=0.16,
            linewidth=0,
        )
    xs, ys = np.concatenate([[0.0], km, [limit]]), np.concatenate([[0.0], share, [1.0]])
    axes.step(xs, ys, where="post", color=LIGHT.series[0], linewidth=1.6)
    margin = math.sqrt(math.log(2 / (1 - LEVEL)) / (2 * counts.sum()))
    for side in (-margin, margin):
        axes.step(
            xs,
            np.clip(ys + side, 0, 1),
            where="post",
            color=LIGHT.series[0],
            linewidth=0.7,
            linestyle=(0, (1, 2)),
        )
    _scale(axes, limit)
    heading(
        axes,
        f"{panel.what}, {panel.where}",
        f"{panel.when} · n = {number_words(panel.total)} at "
        f"{counted(flows[schema.DESTINATION_ID].nunique(), 'place')}",
    )
    _mark_half(axes, every_km, counts, limit)
    if len(km) <= _FEW_STEPS:
        _name_steps(axes, flows, km, share, limit)


def _stepped(at: Floats, km: Floats, share: Floats) -> Floats:
    return np.concatenate([[0.0], share])[np.searchsorted(km, at, side="right")]


def _scale(axes: Axes, limit: float) -> None:
    quiet_axes(axes, grid="both")
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.5, 1], labels=["0%", "50%", "100%"])
    kilometres(axes, limit)


def median_km(km: Floats, counts: Floats) -> float:
    """Give the median distance of the counted, as the tables define it."""
    whole = counts.astype(np.int64)
    group = np.zeros(len(km), dtype=np.int64)
    return float(weighted.quantile(weighted.order(km, whole, group, 1), 0.5)[0])


def _mark_half(axes: Axes, km: Floats, counts: Floats, limit: float) -> None:
    half = median_km(km, counts)
    axes.plot([half], [0.5], marker="o", markersize=4, color=LIGHT.ink, zorder=5)
    right = half < limit * 0.6
    axes.annotate(
        f"half of n within {half:.0f} km",
        (half, 0.5),
        xytext=(6, -9) if right else (-6, 6),
        textcoords="offset points",
        size=SMALL_PT,
        weight="bold",
        ha="left" if right else "right",
        va="center",
        parse_math=False,
        zorder=6,
    )


def _name_steps(axes: Axes, flows: pd.DataFrame, km: Floats, share: Floats, limit: float) -> None:
    """Name the place at each step, to its left in the gap above the line, where there is room."""
    before = np.concatenate([[0.0], share[:-1]])
    for at, low, high in zip(km, before, share, strict=True):
        if high - low < 0.055:
            continue
        here = flows.loc[flows[schema.DISTANCE_KM] == at]
        names = ", ".join(
            f"{shown(row[schema.DESTINATION_NAME], most=22)} {number_words(row[schema.COUNT])}"
            for _, row in here.iterrows()
        )
        left = at > limit * 0.5
        axes.annotate(
            names,
            (at, (low + high) / 2),
            xytext=(-3 if left else 3, 0),
            textcoords="offset points",
            size=6.2,
            color=LIGHT.quiet,
            va="center",
            ha="right" if left else "left",
            parse_math=False,
        )


# ── Places named and not counted, as open markers on a line of distance ─────────────────────
ROW_IN: Final = 0.3
MOST_NAMED: Final = 8


def named_by_origin(subject: Subject) -> list[tuple[str, pd.DataFrame]]:
    """List each origin with the places it names and does not count, the furthest first."""
    flows = named_flows(subject).dropna(subset=[schema.DISTANCE_KM])
    entries = []
    for part in split(flows, [schema.ORIGIN_NAME]):
        stated = part.sort_values(
            [schema.QUALIFIER, schema.FLOW_ID], ascending=[False, True], kind="stable"
        )
        once = stated.drop_duplicates(schema.DESTINATION_ID).sort_values(schema.DISTANCE_KM)
        entries.append((shown(part.iloc[0][schema.ORIGIN_NAME]), once))
    entries.sort(key=lambda entry: (-entry[1][schema.DISTANCE_KM].max(), entry[0]))
    return entries[:MOST_NAMED]


def round_limit(furthest: list[float]) -> float:
    """Give the end of an axis: a little beyond the furthest, to 25 km."""
    reach = max((float(km) for km in furthest if pd.notna(km)), default=100.0)
    return float(math.ceil(max(reach, 1) * 1.04 / 25) * 25)


def draw_named(page: Page, named: list[tuple[str, pd.DataFrame]]) -> None:
    """Draw a row an origin at the foot of the page's body, the furthest reach on top."""
    rows = len(named) * ROW_IN
    limit = round_limit([flows[schema.DISTANCE_HIGH_KM].max() for _, flows in named])
    axes = page.axes(0.42, 0.3, page.width - 0.6, rows)
    quiet_axes(axes)
    axes.set_ylim(-0.6, len(named) - 0.4)
    axes.set_yticks([])
    kilometres(axes, limit)
    axes.spines["bottom"].set_visible(False)
    words = numberless(pd.concat([flows for _, flows in named]))
    heading(axes, words.capitalize(), "")
    for row, (origin, flows) in enumerate(reversed(named)):
        faint = (flows[schema.QUALIFIER] == schema.MENTIONED).to_numpy()
        km, low, high = (
            flows[column].to_numpy(float)
            for column in (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
        )
        wide = flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE).to_numpy()
        for pale in (True, False):
            alpha = 0.45 if pale else 1.0
            for area, width in ((True, 3.0), (False, 0.7)):
                chosen = (faint == pale) & (wide == area)
                axes.hlines(
                    np.full(chosen.sum(), row - 0.12),
                    low[chosen],
                    high[chosen],
                    color=LIGHT.series[1],
                    linewidth=width,
                    alpha=alpha * (0.3 if area else 0.55),
                )
            chosen = (faint == pale) & ~wide
            axes.plot(
                km[chosen],
                np.full(chosen.sum(), row - 0.12),
                linestyle="none",
                marker="o",
                markersize=4.2,
                markerfacecolor=LIGHT.paper,
                markeredgecolor=LIGHT.series[1],
                alpha=alpha,
            )
        last = flows.iloc[-1]
        axes.text(
            0,
            row + 0.1,
            f"{origin}: {counted(len(flows), 'place')}, furthest "
            f"{shown(last[schema.DESTINATION_NAME])}, {how_far(last)}",
            size=6.2,
            color=LIGHT.quiet,
            va="bottom",
            parse_math=False,
        )
