"""Observed against expected: where there is more, or less, than a model explains."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from linemap import schema
from linemap.errors import InputError
from linemap.figures._labels import Label, place_labels
from linemap.figures._layout import (
    SMALL_PT,
    LinemapFigure,
    caption,
    drawing,
    empty_note,
    finished,
    new_page,
    quiet_axes,
)
from linemap.figures._subject import admit
from linemap.figures._text import counted, number_words, shown
from linemap.models.goodness import common_part_of_commuters
from linemap.style import LIGHT

MOST_LABELS: Final = 12
_TALL_IN: Final = 5.4
_LEAST: Final = 0.5  # where a count of zero stands on an axis of logarithms


def observed_expected(source: object, *, explore: bool = False) -> LinemapFigure:
    """Draw each pair's count against what a model expects of it, on logarithmic axes.

    `source` holds FLOWS with a model's columns, as :meth:`GravityFit.residuals`
    gives them: they tell the counts, so protected releases never hold them and
    the figure is for exploring, unless the counts are public already. The line
    is equality; the band is two standard deviations of a Poisson count, which
    over-dispersed counts leave more often. The twelve pairs with the largest
    Pearson residual are named. Pairs with a count of zero stand at the foot.

    Raises
    ------
    InputError
        Flows without the columns of a model.
    """
    subject = admit(source, explore=explore)
    if not {schema.EXPECTED, schema.PEARSON_RESIDUAL} <= set(subject.flows.columns):
        raise InputError(
            "These flows hold no expected counts. Draw fit.residuals(), with explore=True: a "
            "protected release never holds them, since they tell the counts."
        )
    rows = subject.placed.dropna(subset=[schema.COUNT, schema.EXPECTED])
    rows = rows.loc[rows[schema.EXPECTED] > 0]
    most = _most_surprising(rows)
    with drawing():
        page = new_page(
            subject,
            title="More and less than the model explains",
            subtitle="Count of each pair of places against its expected count",
            caption=caption(
                subject,
                unit=f"{_measure(rows)}, of a pair of places",
                notes=(
                    "Line: as many as expected. Band: two standard deviations of a Poisson count. "
                    "Named: the largest Pearson residuals. "
                    f"{counted(int((rows[schema.COUNT] == 0).sum()), 'pair')} with a count of zero "
                    "at the foot" + _agreement(rows)
                ),
            ),
            alt="Observed against expected counts. Most surprising: "
            + "; ".join(f"{text}: {seen} against {told}" for text, seen, told in map(_told, most)),
            body_in=_TALL_IN if len(rows) else 1.2,
        )
        if rows.empty:
            empty_note(page, "No pair has both a count and an expected count above zero.")
            return finished(page)
        axes = page.axes(0.5, 0.42, page.width - 0.6, _TALL_IN - 0.5)
        _draw(axes, rows, most)
    return finished(page)


def _measure(rows: pd.DataFrame) -> str:
    return ", ".join(shown(measure) for measure in sorted(set(rows[schema.MEASURE]))) or "count"


def _agreement(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    common = common_part_of_commuters(
        rows[schema.COUNT].to_numpy(float), rows[schema.EXPECTED].to_numpy(float)
    )
    return f". Common part of commuters {common:.2f}"


def _most_surprising(rows: pd.DataFrame) -> list[dict[str, object]]:
    surprise = rows[schema.PEARSON_RESIDUAL].abs().rename("surprise")
    order = pd.concat([surprise, rows[schema.FLOW_ID]], axis=1).sort_values(
        ["surprise", schema.FLOW_ID], ascending=[False, True]
    )
    return [
        {str(column): value for column, value in row.items()}
        for _, row in rows.loc[order.index[:MOST_LABELS]].iterrows()
    ]


def _told(row: dict[str, object]) -> tuple[str, str, str]:
    ends = (row[schema.ORIGIN_NAME], row[schema.DESTINATION_NAME])
    text = " to ".join(shown(end, most=22) for end in ends)
    return text, number_words(float(row[schema.COUNT])), f"{float(row[schema.EXPECTED]):.1f}"  # type: ignore[arg-type]  # numbers of a frame


def _draw(axes: Axes, rows: pd.DataFrame, most: list[dict[str, object]]) -> None:
    expected = rows[schema.EXPECTED].to_numpy(float)
    seen = np.maximum(rows[schema.COUNT].to_numpy(float), _LEAST)
    low = min(_LEAST, float(expected.min())) * 0.8
    high = max(float(seen.max()), float(expected.max())) * 1.6
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(_LEAST * 0.8, high)
    quiet_axes(axes, grid="both")
    line = np.geomspace(low, high, 200)
    spread = 2 * np.sqrt(line)
    axes.fill_between(
        line,
        np.maximum(line - spread, _LEAST * 0.5),
        line + spread,
        color=LIGHT.other,
        alpha=0.15,
        linewidth=0,
    )
    axes.plot(line, line, color=LIGHT.quiet, linewidth=0.8)
    more = rows[schema.RESIDUAL].to_numpy(float) > 0
    for chosen, colour in ((more, LIGHT.series[1]), (~more, LIGHT.series[0])):
        axes.plot(
            expected[chosen],
            seen[chosen],
            linestyle="none",
            marker="o",
            markersize=3.0,
            markerfacecolor=colour,
            markeredgewidth=0,
            alpha=0.55,
            rasterized=len(rows) > 2000,
        )
    for axis, text in ((axes.xaxis, "expected"), (axes.yaxis, "observed")):
        _number(axis, low, high)
        axis.set_label_text(text)
    labels = [
        Label(
            float(row[schema.EXPECTED]),  # type: ignore[arg-type]  # numbers of a frame
            max(float(row[schema.COUNT]), _LEAST),  # type: ignore[arg-type]  # the same
            _told(row)[0],
            size=6.4,
        )
        for row in most
    ]
    points = np.column_stack([expected, seen])
    place_labels(axes, labels, nodes=points[np.argsort(-seen)][:200], strokes=points)
    for text, at, ha in (
        ("more than expected", (0.01, 0.99), "left"),
        ("less than expected", (0.99, 0.02), "right"),
    ):
        axes.text(
            *at,
            text,
            transform=axes.transAxes,
            size=SMALL_PT,
            color=LIGHT.quiet,
            ha=ha,
            va="top" if at[1] > 0.5 else "bottom",
            parse_math=False,
        )


def _number(axis: object, low: float, high: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    ticks = [tick * 10.0**power for power in range(-3, 8) for tick in (1, 3)]
    inside = [tick for tick in ticks if max(low, 0.001) <= tick <= high]
    axis.set_major_locator(FixedLocator(inside))  # type: ignore[attr-defined]  # an Axis
    axis.set_minor_locator(NullLocator())  # type: ignore[attr-defined]  # the same
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))  # type: ignore[attr-defined]  # the same
