"""How far: the cumulative distribution of distance, and each origin's shares by distance band."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from linemap import schema
from linemap.figures._layout import (
    PORTRAIT_IN,
    SMALL_PT,
    TEXT_PT,
    Label,
    LinemapFigure,
    Page,
    caption,
    drawing,
    empty_note,
    finished,
    ground_line,
    heading,
    kilometres,
    listing,
    new_page,
    place_labels,
    rules,
)
from linemap.figures._subject import (
    NO_ONE_DISTANCE,
    CountedPanel,
    FigureSubject,
    admit,
    counted,
    counted_panels,
    how_far,
    named_flows,
    number_words,
    numberless,
    shown,
    split,
    too_wide,
    with_one_distance,
)
from linemap.measures import _statistics as weighted
from linemap.measures.columns import MOST_WIDE
from linemap.style import BANDS_KM, LIGHT, band_colours, band_labels, band_of, contrast_ratio
from linemap.windows import window_words

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
    return draw_ecdf(admit(source, explore=explore))


def draw_ecdf(subject: FigureSubject) -> LinemapFigure:
    """Draw :func:`distance_ecdf` of what has been admitted."""
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
        _draw_grid(page, drawn, statements=subject.statements, no_half=_wide_measures(subject))
        if named:
            draw_named(page, named)
    return finished(page)


def _page(
    subject: FigureSubject,
    drawn: list[CountedPanel],
    available: int,
    named: list[tuple[str, pd.DataFrame]],
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
            f". Left out, for a nation or a region is at no one distance: {wide}. The n over "
            "the drawing counts what is drawn alone; half of n is marked where no more than "
            "5% are left out"
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
    alt += " ".join(
        _in_words(
            panel,
            statements=subject.statements,
            tells_half=panel.measure not in _wide_measures(subject),
        )
        for panel in drawn
    )
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


def _units(panels: list[CountedPanel], *, statements: bool) -> str:
    measures = dict.fromkeys(shown(panel.measure) for panel in panels)
    if not measures:
        return "distance, km"
    return ", ".join(measures) if statements else f"share of {' and of '.join(measures)}"


def _wide_measures(subject: FigureSubject) -> frozenset[str]:
    """Name the measures of which too many are at no one distance to tell where half of all are."""
    counts = subject.placed.dropna(subset=[schema.COUNT])
    wide = counts[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)
    total = counts.groupby(schema.MEASURE)[schema.COUNT].sum()
    left_out = counts.loc[wide].groupby(schema.MEASURE)[schema.COUNT].sum()
    too_many = left_out[left_out > MOST_WIDE * total.reindex(left_out.index)]
    return frozenset(map(str, too_many.index))


def _in_words(panel: CountedPanel, *, statements: bool, tells_half: bool) -> str:
    if statements:
        return f"{panel.origin}: {panel.words}. {listing(panel.flows)}."
    km, _, counts = steps(panel.flows, schema.DISTANCE_KM)
    half = median_km(km, counts)
    n = number_words(panel.total)
    told = f"half of n = {n} within {half:.0f} km" if tells_half else f"n = {n}"
    return f"{panel.words}: {told}. {listing(panel.flows)}."


def steps(flows: pd.DataFrame, column: str) -> tuple[Floats, Floats, Floats]:
    """Give the distinct distances, the share of counts within each, and the count at each."""
    rows = flows.dropna(subset=[column, schema.COUNT])
    at = rows.groupby(column)[schema.COUNT].sum().astype(float).sort_index()
    counts: Floats = np.array(at, dtype=np.float64)
    share: Floats = np.divide(np.cumsum(counts), counts.sum())
    km: Floats = np.array(at.index, dtype=np.float64)
    return km, share, counts


def _columns(panels: list[CountedPanel]) -> int:
    return 1 if len(panels) < 2 else 2


def _draw_grid(
    page: Page, panels: list[CountedPanel], *, statements: bool, no_half: Collection[str]
) -> None:
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
        axes.axis("off")
        if statements:
            _draw_figures(axes, panel, limit, top)
        else:
            _draw_shares(axes, panel, limit, tells_half=panel.measure not in no_half)


def _draw_figures(axes: Axes, panel: CountedPanel, limit: float, top: float) -> None:
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
    axes.set_ylim(0, top * 1.15)
    steps = [
        step for step in MaxNLocator(4, integer=True).tick_values(0, top) if step <= top * 1.15
    ]
    rules(axes, steps, [number_words(step) for step in steps], upright=False)
    kilometres(axes, limit)
    ground_line(axes)
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


def _draw_shares(axes: Axes, panel: CountedPanel, limit: float, *, tells_half: bool) -> None:
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
    if tells_half:
        _mark_half(axes, every_km, counts, limit)
    if len(km) <= _FEW_STEPS:
        _name_steps(axes, flows, km, share, limit)


def _stepped(at: Floats, km: Floats, share: Floats) -> Floats:
    return np.concatenate([[0.0], share])[np.searchsorted(km, at, side="right")]


def _scale(axes: Axes, limit: float) -> None:
    axes.set_ylim(0, 1.02)
    rules(axes, [0, 0.5, 1], ["0%", "50%", "100%"], upright=False)
    kilometres(axes, limit)
    ground_line(axes)


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


def named_by_origin(subject: FigureSubject) -> list[tuple[str, pd.DataFrame]]:
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
    axes.axis("off")
    axes.set_ylim(-0.6, len(named) - 0.4)
    kilometres(axes, limit)
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


MOST_ROWS: Final = 60
_ROW_IN: Final = 0.215
_BAR_IN: Final = 0.15
_GROUP_IN: Final = 0.27
_KEY_IN: Final = 0.34
_AFTER_IN: Final = 1.32
_NARROW_SHARE: Final = 0.045


def distance_band_bars(source: object, *, explore: bool = False) -> LinemapFigure:
    """Draw a bar an origin: how much of what it has lies in each band of mean distance.

    Records have a bar an origin and measure, furthest mean first: the share of
    its counts in each band. Published statements overlap and are never added,
    so their bars, one for each measure, level and window, tell how many places
    with a figure lie in each band, with the smallest and the largest figure
    beside it; outlined, how many places are named without a figure. Figures
    without a destination are empty bars with their number.

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    """
    return draw_band_bars(admit(source, explore=explore))


def draw_band_bars(subject: FigureSubject) -> LinemapFigure:
    """Draw :func:`distance_band_bars` of what has been admitted."""
    rows = statement_rows(subject) if subject.statements else record_rows(subject)
    drawn, left_out = rows[:MOST_ROWS], len(rows) - MOST_ROWS
    groups = [group for group in dict.fromkeys(row.group for row in drawn) if group]
    kinds = {row.kind for row in drawn}
    notes = "Bands by the mean distance between the two places; an area may reach into others"
    if wide := too_wide(subject):
        notes += f". In no band, for a nation or a region is at no one distance: {wide}"
    if NAMED in kinds:
        notes += ". Outlined bars: places without a number, no people counted"
    if UNKNOWN in kinds:
        notes += ". Empty bars: a figure whose destination is not known or not published"
    unit = "share of the counts of each row, n beside it"
    if subject.statements:
        unit = "number of places in each band, not people; beside it the figures published of them"
    with drawing():
        page = new_page(
            subject,
            title="How far from each origin: distance bands",
            subtitle="Number of places by their distance from the origin; figures are not added"
            if subject.statements
            else "Share of counts by distance between origin and destination",
            caption=caption(
                subject,
                unit=unit,
                notes=notes,
                drawn=f"Not drawn: {counted(left_out, 'more row')}" if left_out > 0 else "",
            ),
            alt="Bars of distance bands. " + " ".join(_row_in_words(row) for row in drawn),
            body_in=max(1.0, _KEY_IN + len(drawn) * _ROW_IN + len(groups) * _GROUP_IN + 0.08),
        )
        if not drawn:
            empty_note(page, "No flow has a count, so there are no bands.")
            return finished(page)
        axes = page.canvas()
        longest = max(len(row.label) for row in drawn)
        before = min(3.7, max(1.75, 0.15 + longest * SMALL_PT * 0.56 / 72))
        across = page.width - before - _AFTER_IN
        _draw_key(axes, page.height - 0.12, before, page.width - before)
        reach, group = page.height - _KEY_IN, ""
        for row in drawn:
            if row.group != group:
                group = row.group
                reach -= _GROUP_IN
                axes.text(
                    0,
                    reach - 0.02,
                    group,
                    size=TEXT_PT,
                    weight="bold",
                    va="bottom",
                    parse_math=False,
                )
            reach -= _ROW_IN
            _draw_row(axes, row, reach, before, across)
    return finished(page)


def _row_in_words(row: BandBar) -> str:
    who = f"{row.group}, {row.label}" if row.group else row.label
    if row.kind in _EMPTY:
        return f"{who}: {row.after}, {_EMPTY[row.kind]}."
    parts = [
        f"{label} {number_words(value) if row.kind == COUNTED else counted(value, 'place')}"
        for label, value in zip(band_labels(), row.bands, strict=True)
        if value
    ]
    return f"{who}: {', '.join(parts) or 'no distance'}."


def _draw_key(axes: Axes, top: float, left: float, across: float) -> None:
    labels = band_labels()
    colours = band_colours(LIGHT, classes=len(labels))
    step = across / len(labels)
    for number, (label, colour) in enumerate(zip(labels, colours, strict=True)):
        x = left + number * step
        axes.add_patch(Rectangle((x, top - 0.035), 0.09, 0.09, facecolor=colour, linewidth=0))
        axes.text(x + 0.12, top + 0.01, label, size=6.2, va="center", parse_math=False)


def _draw_row(axes: Axes, row: BandBar, bottom: float, left: float, across: float) -> None:
    middle = bottom + _BAR_IN / 2
    axes.text(
        left - 0.1,
        middle,
        row.label,
        size=SMALL_PT,
        ha="right",
        va="center",
        color=LIGHT.quiet if row.group else LIGHT.ink,
        parse_math=False,
    )
    axes.text(
        left + across + 0.08,
        middle,
        row.after,
        size=SMALL_PT,
        va="center",
        color=LIGHT.ink,
        parse_math=False,
    )
    if row.kind in _EMPTY or not row.total:
        axes.add_patch(
            Rectangle(
                (left, bottom),
                across,
                _BAR_IN,
                facecolor="none",
                edgecolor=LIGHT.rule,
                linewidth=0.6,
            )
        )
        axes.text(
            left + 0.06,
            middle,
            _EMPTY.get(row.kind, "no distance is known"),
            size=6.0,
            va="center",
            color=LIGHT.quiet,
            parse_math=False,
        )
        return
    _draw_bands(axes, row, bottom, left, across)


def _draw_bands(axes: Axes, row: BandBar, bottom: float, left: float, across: float) -> None:
    colours = band_colours(LIGHT, classes=len(BANDS_KM) + 1)
    x = left
    for value, colour in zip(row.bands, colours, strict=True):
        if not value:
            continue
        share = value / row.total
        filled = row.kind != NAMED
        axes.add_patch(
            Rectangle(
                (x, bottom),
                across * share,
                _BAR_IN,
                facecolor=colour if filled else LIGHT.paper,
                edgecolor=LIGHT.paper if filled else colour,
                linewidth=0.8,
            )
        )
        if share > _NARROW_SHARE:
            ink = LIGHT.paper if contrast_ratio(LIGHT.paper, colour) > 4.5 else LIGHT.ink
            axes.text(
                x + across * share / 2,
                bottom + _BAR_IN / 2 - 0.004,
                f"{share:.0%}" if row.kind == COUNTED else number_words(value),
                size=6.0,
                ha="center",
                va="center",
                color=ink if filled else LIGHT.ink,
                parse_math=False,
            )
        x += across * share


# ── The rows of the distance bands: what each origin's counts, names and unknowns are ───────
BarKind = Literal["counted", "figures", "named", "wide", "unknown"]
COUNTED: Final[BarKind] = "counted"  # records: shares of their counts
FIGURES: Final[BarKind] = "figures"  # statements: places that have a figure
NAMED: Final[BarKind] = "named"  # statements: places that have none
WIDE: Final[BarKind] = "wide"  # all of it leads to a nation or a region
UNKNOWN: Final[BarKind] = "unknown"
_EMPTY: Final[dict[BarKind, str]] = {
    WIDE: "to a region or a nation, at no one distance",
    UNKNOWN: "destination unknown or not published",
}


@dataclass(frozen=True, slots=True)
class BandBar:
    """One bar: what stands before it, how much lies in each band, what stands after it."""

    group: str
    label: str
    kind: BarKind
    bands: tuple[float, ...]
    after: str

    @property
    def total(self) -> float:
        """All that is in a band."""
        return float(sum(self.bands))


def in_bands(km: ArrayLike, weights: ArrayLike) -> tuple[float, ...]:
    """Add weights up by distance band; a null distance is in none."""
    band, weight = band_of(km), np.asarray(weights, dtype=float)
    return tuple(float(weight[band == number].sum()) for number in range(len(BANDS_KM) + 1))


def statement_rows(subject: FigureSubject) -> list[BandBar]:
    """One row a panel of an origin, one for its named places, one a figure without a place.

    Origins with a place come first, most rows first; those with a total alone last.
    """
    rows = [_panel_row(panel) for panel in counted_panels(subject, by_origin=True)]
    for flows in split(named_flows(subject), [schema.ORIGIN_NAME]):
        bands = _places_in_bands(flows)
        origin = shown(flows.iloc[0][schema.ORIGIN_NAME])
        after = counted(sum(bands) or flows[schema.DESTINATION_ID].nunique(), "place")
        kind = NAMED if sum(bands) else WIDE
        rows.append(BandBar(origin, f"places {numberless(flows)}", kind, bands, after))
    rows.extend(_unknown_rows(subject))
    return _grouped(rows)


def _places_in_bands(flows: pd.DataFrame) -> tuple[float, ...]:
    """Count the distinct destinations by distance band; a nation or a region is in none."""
    narrow = flows.loc[~flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)]
    once = narrow.dropna(subset=[schema.DISTANCE_KM]).drop_duplicates(schema.DESTINATION_ID)
    return in_bands(once[schema.DISTANCE_KM].to_numpy(dtype=float), np.ones(len(once)))


def _panel_row(panel: CountedPanel) -> BandBar:
    bands = _places_in_bands(panel.flows)
    low, high = panel.flows[schema.COUNT].min(), panel.flows[schema.COUNT].max()
    figures = number_words(low) if low == high else f"{number_words(low)} to {number_words(high)}"
    return BandBar(
        group=str(panel.origin),
        label=f"{shown(panel.measure, most=24)} · {panel.where} · {panel.when}",
        kind=FIGURES if sum(bands) else WIDE,
        bands=bands,
        after=f"{counted(sum(bands) or panel.flows[schema.DESTINATION_ID].nunique(), 'place')}: "
        f"{figures}",
    )


def _unknown_rows(subject: FigureSubject) -> Iterator[BandBar]:
    for _, flow in subject.unplaced.iterrows():
        if pd.isna(flow[schema.COUNT]):
            continue
        when = window_words(flow[schema.PERIOD_START], flow[schema.PERIOD_END], short=True)
        yield BandBar(
            group=shown(flow[schema.ORIGIN_NAME]),
            label=f"{shown(flow[schema.MEASURE], most=24)} · total · {when}",
            kind=UNKNOWN,
            bands=(0.0,) * (len(BANDS_KM) + 1),
            after=f"n = {number_words(flow[schema.COUNT])}",
        )


def _grouped(rows: list[BandBar]) -> list[BandBar]:
    placed: dict[str, int] = {}
    for row in rows:
        placed[row.group] = placed.get(row.group, 0) + (row.kind != UNKNOWN)
    kinds = (COUNTED, FIGURES, NAMED, WIDE, UNKNOWN)
    return sorted(
        rows, key=lambda row: (-placed[row.group], row.group, kinds.index(row.kind), row.label)
    )


def record_rows(subject: FigureSubject) -> list[BandBar]:
    """One row an origin and measure, the furthest mean first, ties by name."""
    several = len(set(subject.flows[schema.MEASURE])) > 1
    rows: list[tuple[float, BandBar]] = []
    unplaced = subject.unplaced
    for panel in counted_panels(subject):
        of_measure = unplaced.loc[unplaced[schema.MEASURE] == panel.measure]
        lost = of_measure.groupby(schema.ORIGIN_NAME)[schema.COUNT].sum().to_dict()
        every = panel.flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE).to_numpy()
        counts = panel.flows[schema.COUNT].to_numpy(dtype=float)
        distances = np.where(every, np.nan, panel.flows[schema.DISTANCE_KM].to_numpy(dtype=float))
        names = panel.flows[schema.ORIGIN_NAME].fillna("").to_numpy(dtype=object)
        for name in sorted(set(names)):
            chosen = names == name
            wide, count, km = every[chosen], counts[chosen], distances[chosen]
            bands = in_bands(km, count)
            known = ~np.isnan(km)
            if not known.any() and not wide.any():
                continue
            mean = float(np.average(km[known], weights=count[known])) if known.any() else -1.0
            after = f"n = {number_words(count[known].sum() if known.any() else count.sum())}"
            if known.any() and wide.any():
                after += f", wider {number_words(count[wide].sum())}"
            if lost.get(name):
                after += f", unknown {number_words(lost[name])}"
            group = panel.what if several else ""
            kind = COUNTED if known.any() else WIDE
            rows.append((mean, BandBar(group, shown(name), kind, bands, after)))
    rows.sort(key=lambda entry: (entry[1].group, -entry[0], entry[1].label))
    return [row for _, row in rows]
