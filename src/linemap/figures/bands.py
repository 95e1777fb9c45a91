"""Distance bands per origin: what share of its counts lies how far away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

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
    Panel,
    Subject,
    admit,
    counted_panels,
    named_flows,
    numberless,
    split,
    too_wide,
)
from linemap.figures._text import NO_ONE_DISTANCE, counted, number_words, shown
from linemap.style import BANDS_KM, LIGHT, band_colours, band_labels, band_of, contrast_ratio
from linemap.windows import window_words

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
    subject = admit(source, explore=explore)
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
            alt="Bars of distance bands. " + " ".join(_in_words(row) for row in drawn),
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


def _in_words(row: Row) -> str:
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


def _draw_row(axes: Axes, row: Row, bottom: float, left: float, across: float) -> None:
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


def _draw_bands(axes: Axes, row: Row, bottom: float, left: float, across: float) -> None:
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
Kind = Literal["counted", "figures", "named", "wide", "unknown"]
COUNTED: Final[Kind] = "counted"  # records: shares of their counts
FIGURES: Final[Kind] = "figures"  # statements: places that have a figure
NAMED: Final[Kind] = "named"  # statements: places that have none
WIDE: Final[Kind] = "wide"  # all of it leads to a nation or a region
UNKNOWN: Final[Kind] = "unknown"
_EMPTY: Final[dict[Kind, str]] = {
    WIDE: "to a region or a nation, at no one distance",
    UNKNOWN: "destination unknown or not published",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One bar: what stands before it, how much lies in each band, what stands after it."""

    group: str
    label: str
    kind: Kind
    bands: tuple[float, ...]
    after: str

    @property
    def total(self) -> float:
        """All that is in a band."""
        return float(sum(self.bands))


def in_bands(km: pd.Series, weights: pd.Series) -> tuple[float, ...]:
    """Add weights up by distance band; a null distance is in none."""
    band = band_of(km.to_numpy(dtype=float))
    weight = weights.to_numpy(dtype=float)
    return tuple(float(weight[band == number].sum()) for number in range(len(BANDS_KM) + 1))


def statement_rows(subject: Subject) -> list[Row]:
    """One row a panel of an origin, one for its named places, one a figure without a place.

    Origins with a place come first, most rows first; those with a total alone last.
    """
    rows = [_panel_row(panel) for panel in counted_panels(subject, by_origin=True)]
    for flows in split(named_flows(subject), [schema.ORIGIN_NAME]):
        bands = _places_in_bands(flows)
        origin = shown(flows.iloc[0][schema.ORIGIN_NAME])
        after = counted(sum(bands) or flows[schema.DESTINATION_ID].nunique(), "place")
        kind = NAMED if sum(bands) else WIDE
        rows.append(Row(origin, f"places {numberless(flows)}", kind, bands, after))
    rows.extend(_unknown_rows(subject))
    return _grouped(rows)


def _places_in_bands(flows: pd.DataFrame) -> tuple[float, ...]:
    """Count the distinct destinations by distance band; a nation or a region is in none."""
    narrow = flows.loc[~flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)]
    once = narrow.dropna(subset=[schema.DISTANCE_KM]).drop_duplicates(schema.DESTINATION_ID)
    return in_bands(once[schema.DISTANCE_KM], pd.Series(np.ones(len(once))))


def _panel_row(panel: Panel) -> Row:
    bands = _places_in_bands(panel.flows)
    low, high = panel.flows[schema.COUNT].min(), panel.flows[schema.COUNT].max()
    figures = number_words(low) if low == high else f"{number_words(low)} to {number_words(high)}"
    return Row(
        group=str(panel.origin),
        label=f"{shown(panel.measure, most=24)} · {panel.where} · {panel.when}",
        kind=FIGURES if sum(bands) else WIDE,
        bands=bands,
        after=f"{counted(sum(bands) or panel.flows[schema.DESTINATION_ID].nunique(), 'place')}: "
        f"{figures}",
    )


def _unknown_rows(subject: Subject) -> Iterator[Row]:
    for _, flow in subject.unplaced.iterrows():
        if pd.isna(flow[schema.COUNT]):
            continue
        when = window_words(flow[schema.PERIOD_START], flow[schema.PERIOD_END], short=True)
        yield Row(
            group=shown(flow[schema.ORIGIN_NAME]),
            label=f"{shown(flow[schema.MEASURE], most=24)} · total · {when}",
            kind=UNKNOWN,
            bands=(0.0,) * (len(BANDS_KM) + 1),
            after=f"n = {number_words(flow[schema.COUNT])}",
        )


def _grouped(rows: list[Row]) -> list[Row]:
    placed: dict[str, int] = {}
    for row in rows:
        placed[row.group] = placed.get(row.group, 0) + (row.kind != UNKNOWN)
    kinds = (COUNTED, FIGURES, NAMED, WIDE, UNKNOWN)
    return sorted(
        rows, key=lambda row: (-placed[row.group], row.group, kinds.index(row.kind), row.label)
    )


def record_rows(subject: Subject) -> list[Row]:
    """One row an origin and measure, the furthest mean first, ties by name."""
    several = len(set(subject.flows[schema.MEASURE])) > 1
    rows: list[tuple[float, Row]] = []
    for panel in counted_panels(subject):
        unplaced = subject.unplaced
        unplaced = unplaced.loc[unplaced[schema.MEASURE] == panel.measure]
        for flows in split(panel.flows, [schema.ORIGIN_NAME]):
            wide = flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)
            km = flows[schema.DISTANCE_KM].astype(float).mask(wide)
            count = flows[schema.COUNT].astype(float)
            name = flows.iloc[0][schema.ORIGIN_NAME]
            bands = in_bands(km, count)
            known = km.notna()
            if not known.any() and not wide.any():
                continue
            mean = float(np.average(km[known], weights=count[known])) if known.any() else -1.0
            unknown = unplaced.loc[unplaced[schema.ORIGIN_NAME] == name, schema.COUNT].sum()
            after = f"n = {number_words(count[known].sum() if known.any() else count.sum())}"
            if known.any() and wide.any():
                after += f", wider {number_words(count[wide].sum())}"
            if unknown:
                after += f", unknown {number_words(unknown)}"
            group = panel.what if several else ""
            kind = COUNTED if known.any() else WIDE
            rows.append((mean, Row(group, shown(name), kind, bands, after)))
    rows.sort(key=lambda entry: (entry[1].group, -entry[0], entry[1].label))
    return [row for _, row in rows]
