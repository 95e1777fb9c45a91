"""Where to: the records of all origins together by destination, as finely as may be shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from linemap import schema
from linemap.disclosure import Release
from linemap.figures._flow_drawing import draw_land, frame_of, land, plane_of
from linemap.figures._layout import (
    MARGIN_IN,
    PORTRAIT_IN,
    SMALL_PT,
    Label,
    LinemapFigure,
    caption,
    drawing,
    empty_note,
    finished,
    heading,
    new_page,
    place_labels,
    unknown_of_release,
)
from linemap.figures._subject import (
    NO_ONE_DISTANCE,
    FigureSubject,
    admit,
    counted,
    number_words,
    sentence,
    shown,
    split,
    whole_window,
)
from linemap.gazetteer import Gazetteer
from linemap.style import LIGHT

MOST_PLACES: Final = 40
_ROW_IN: Final = 0.17
_HEAD_IN: Final = 0.5
_BEFORE_IN: Final = 2.9
_AFTER_IN: Final = 0.6
VIEW_NOTE: Final = (
    "The figures of who sends whom count the same records another way: numbers of the two are "
    "never added or subtracted"
)


def destination_counts(release: Release) -> LinemapFigure:
    """Draw how many records go to each destination, all origins together, the largest first.

    Draws the view :data:`linemap.schema.WHERE_TO` of a release of records, whose
    destinations are mostly finer than those of each origin. A bar a destination
    and measure, its count at the end and its level in the name; what has no known
    place is a bar of its own. At most 40 places a measure. A release without
    that view has a figure that says so.

    Raises
    ------
    DisclosureError
        Anything that is not a Release.
    """
    return draw_counts(admit(release, explore=False))


def draw_counts(subject: FigureSubject) -> LinemapFigure:
    """Draw :func:`destination_counts` of what has been admitted."""
    view = subject.views.get(schema.WHERE_TO)
    flows = subject.flows.iloc[:0] if view is None else pd.DataFrame(view)
    panels = [_bars(part) for part in split(flows, [schema.MEASURE])]
    panels = [bars for bars in panels if len(bars)]
    drawn = [_first(bars) for bars in panels]
    left_out = sum(map(len, panels)) - sum(map(len, drawn))
    unit = "records; in brackets the level of the place"
    with drawing():
        page = new_page(
            subject,
            title="Where to: all origins together",
            subtitle="Records by destination, as finely as may be shown",
            caption=[
                _how_many(flows, left_out),
                *caption(replace(subject, flows=flows), unit=unit, notes=VIEW_NOTE)[1:],
            ],
            alt="Records by destination. " + " ".join(_in_words(bars) for bars in drawn),
            body_in=max(1.2, sum(len(bars) * _ROW_IN + _HEAD_IN for bars in drawn)),
        )
        if not drawn:
            empty_note(page, "There is no view of all origins together, so there is nothing here.")
            return finished(page)
        top = page.height
        for bars in drawn:
            tall = len(bars) * _ROW_IN
            top -= tall + _HEAD_IN
            across = page.width - _BEFORE_IN - _AFTER_IN
            _draw(page.axes(_BEFORE_IN, top + 0.04, across, tall), bars, whole_window(flows))
    return finished(page)


def _bars(flows: pd.DataFrame) -> pd.DataFrame:
    """Name each destination of a measure with its count, largest first, the unknown last."""
    known = flows[schema.DESTINATION_ID].notna()
    mixed = flows[schema.DESTINATION_COVERAGE].eq(schema.REST)
    level = flows[schema.DESTINATION_LEVEL].map(
        lambda value: "town" if value == schema.SETTLEMENT else str(value)
    )
    name = flows[schema.DESTINATION_NAME].map(lambda value: shown(value, most=34))
    bars = pd.DataFrame(
        {
            schema.MEASURE: flows[schema.MEASURE],
            "id": flows[schema.DESTINATION_ID].fillna(""),
            "label": (name + " (" + level + ")").where(
                known, name.where(mixed, "destination not known")
            ),
            schema.COUNT: flows[schema.COUNT].astype("Float64"),
            "known": known,
        }
    ).dropna(subset=[schema.COUNT])
    totals = bars.groupby(["known", "id", "label"], as_index=False).agg(
        {schema.MEASURE: "first", schema.COUNT: "sum"}
    )
    return totals.sort_values(
        ["known", schema.COUNT, "label", "id"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )


def _first(bars: pd.DataFrame) -> pd.DataFrame:
    """Keep the largest destinations, and the unknown whatever its size."""
    known = bars["known"].astype(bool)
    return pd.concat([bars.loc[known].head(MOST_PLACES), bars.loc[~known]], ignore_index=True)


def _how_many(flows: pd.DataFrame, left_out: int) -> str:
    if flows.empty:
        return "n = 0."
    known = flows[schema.DESTINATION_ID].notna()
    parts = [
        f"n = {number_words(float(flows.loc[known, schema.COUNT].sum()))} to a known place",
        unknown_of_release(flows.loc[~known]),
    ]
    if left_out:
        parts.append(f"not drawn: {counted(left_out, 'more destination')}")
    return sentence("; ".join(parts))


def _in_words(bars: pd.DataFrame) -> str:
    told = [
        f"{label} {number_words(float(count))}"
        for label, count in zip(bars["label"], bars[schema.COUNT], strict=True)
    ]
    return f"{_what(bars)}: {'; '.join(told)}."


def _what(bars: pd.DataFrame) -> str:
    return sentence(shown(bars.iloc[0][schema.MEASURE])).rstrip(".")


def _draw(axes: Axes, bars: pd.DataFrame, when: str) -> None:
    counts = bars[schema.COUNT].astype(float)
    axes.axis("off")
    axes.set_xlim(0, float(counts.max()))
    axes.set_ylim(len(bars) - 0.4, -0.6)
    colours = [LIGHT.series[0] if known else LIGHT.rule for known in bars["known"]]
    axes.barh(range(len(bars)), counts, height=0.72, color=colours)
    heading(axes, _what(bars), when)
    for row, (label, count) in enumerate(zip(bars["label"], counts, strict=True)):
        for text, at, gap, side in (
            (str(label), 0.0, -5, "right"),
            (number_words(float(count)), float(count), 4, "left"),
        ):
            axes.annotate(
                text,
                (at, row),
                xytext=(gap, 0),
                textcoords="offset points",
                size=SMALL_PT,
                ha=side,
                va="center",
                parse_math=False,
                annotation_clip=False,
            )


# ── The same as a map to set into a page of text ─────────────────────────────
_MAP_IN: Final = 3.6
_WIDEST_PT: Final = 34.0  # the diameter of the largest circle
_LEAST_PT: Final = 5.0


def inserted_places(
    release: Release, *, only: Collection[str], gazetteer: Gazetteer | None = None
) -> LinemapFigure | None:
    """Draw the rows `only` of the view of all origins together as circles on a map.

    For a page of text, without title and caption, as :func:`linemap.figures.inserted_map`. A
    circle's area is in proportion to the records at its place; what is inside a police force
    area is drawn together, in its middle, where several areas are reached. Nations, regions and
    groups have no circle: the ``note`` names them. None where no place has one.
    """
    subject = admit(release, explore=False)
    gazetteer = Gazetteer.load(gazetteer)
    view, places = release.views.get(schema.WHERE_TO), release.places
    if view is None:
        return None
    flows = view.loc[view[schema.FLOW_ID].isin(list(only)) & view[schema.COUNT].notna()]
    at = flows[schema.DESTINATION_ID].dropna()
    forces = at.map(places[schema.FORCE_ID])
    forces = forces.where(places[schema.LEVEL].reindex(at).to_numpy() != schema.FORCE, at)
    several = forces.nunique() > 1
    shown_at = forces if several else at
    wide = places[schema.LEVEL].reindex(at).isin({*NO_ONE_DISTANCE, schema.GROUP}).to_numpy()
    counts = flows[schema.COUNT].astype(float).loc[at.index]
    sums = counts[~wide].groupby(shown_at[~wide]).sum().sort_values(ascending=False, kind="stable")
    if sums.empty:
        return None
    names = (
        places[schema.NAME].reindex(sums.index)
        if several
        else flows.drop_duplicates(schema.DESTINATION_ID)
        .set_index(schema.DESTINATION_ID)[schema.DESTINATION_NAME]
        .reindex(sums.index)
    )
    plane = plane_of(gazetteer)
    centres = places[[schema.LON, schema.LAT]].reindex(sums.index).to_numpy(dtype=float)
    points = plane.points(centres[:, 0], centres[:, 1])
    across = PORTRAIT_IN - 2 * MARGIN_IN
    told = [f"{shown(name)} {number_words(n)}" for name, n in zip(names, sums, strict=True)]
    left = [
        f"{shown(name)} {number_words(n)}"
        for name, n in counts[wide]
        .groupby(flows.loc[at.index, schema.DESTINATION_NAME][wide])
        .sum()
        .items()
    ]
    notes = [
        "All origins together; a circle's area is in proportion to the records at its place",
        "What is inside a police force area is drawn together, in its middle" if several else "",
        f"Without a circle, for they are too large: {', '.join(left)}" if left else "",
    ]
    with drawing():
        page = new_page(
            subject,
            title="",
            subtitle="",
            caption=(),
            body_in=_MAP_IN,
            alt=f"Map of destinations, all origins together: {', '.join(told)}.",
        )
        page.figure.note = " ".join(sentence(note) for note in notes if note)
        axes = page.axes(0, 0, across, _MAP_IN)
        frame = frame_of(points, margin=0.25, least_km=120.0).to_shape(across / _MAP_IN)
        draw_land(axes, land(gazetteer, plane), frame, inches=across)
        size = np.maximum(_WIDEST_PT * np.sqrt(sums.to_numpy() / sums.max()), _LEAST_PT)
        axes.scatter(
            points[:, 0],
            points[:, 1],
            s=size**2,
            color=LIGHT.series[0],
            alpha=0.55,
            edgecolors=LIGHT.paper,
            linewidths=0.6,
            zorder=10,
            gid="circles",
        )
        labels = [Label(x, y, text) for (x, y), text in zip(points, told, strict=True)]
        place_labels(axes, labels, nodes=points)
    return finished(page)
