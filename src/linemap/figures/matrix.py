"""Origins by destinations: the table of counts, and observed against expected counts."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, to_hex

from linemap import schema
from linemap.errors import InputError
from linemap.figures._layout import (
    MARGIN_IN,
    SMALL_PT,
    Label,
    LinemapFigure,
    caption,
    drawing,
    empty_note,
    finished,
    new_page,
    place_labels,
)
from linemap.figures._subject import (
    FigureSubject,
    admit,
    counted,
    counted_panels,
    labels_of,
    number_words,
    sentence,
    shown,
)
from linemap.style import LIGHT, contrast_ratio

MOST: Final = 45
_CELL_IN: Final = 0.185
_BEFORE_IN: Final = 1.55
_ABOVE_IN: Final = 1.15
_LEAST_IN: Final = 0.15  # as close as slanting headings may stand
_MOST_ACROSS_IN: Final = 7.6  # of cells, on a landscape page
_NUMBER_PT: Final = 5.4
_HEAD_PT: Final = 6.4
_SLANT: Final = 50  # degrees


def od_matrix(source: object, *, explore: bool = False) -> LinemapFigure:
    """Draw a cell for each pair of an origin and a destination, nearest to the upper left.

    Origins are ordered by their reach (the mean distance, weighted by count)
    and destinations by theirs, so that what is far lies low and right. Records:
    the measure with most flows, a darker cell for a larger count, its number in
    it; an empty cell has no count that is shown. Statements: which pairs are
    published, filled where a figure is, outlined where a place is only named; no
    numbers, for figures of several measures and windows do not make a table. At
    most 45 of each and as many as the page has room for, those with most behind
    them.

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    """
    return draw_matrix(admit(source, explore=explore))


def draw_matrix(subject: FigureSubject) -> LinemapFigure:
    """Draw :func:`od_matrix` of what has been admitted."""
    flows, what = _drawn(subject)
    rows = _rows(flows, statements=subject.statements)
    cell = _cell_width(rows, numbers=not subject.statements)
    small = _table(rows, columns=int(_MOST_ACROSS_IN / cell))
    counted_pairs = {
        (str(origin), str(place))
        for origin, place in rows.loc[rows["number"], ["origin", "place"]].itertuples(index=False)
    }
    with drawing():
        across = _BEFORE_IN + cell * small.shape[1] + _beyond(small, cell)
        page = new_page(
            subject,
            title="Origins and destinations, by reach",
            subtitle=f"{what}; further down and further right, further away on average",
            caption=caption(
                subject,
                unit=what.lower(),
                notes=(
                    "Filled: a figure is published; outlined: a place without a number; empty: "
                    "nothing is published, which is not a zero"
                    if subject.statements
                    else "An empty cell has no count that is shown"
                ),
                drawn=_left_out(rows, small),
            ),
            alt=f"A table of {len(small)} origins by {small.shape[1]} destinations. "
            + _in_words(small, numbers=not subject.statements),
            body_in=max(1.2, _ABOVE_IN + _CELL_IN * len(small) + 0.08) if small.size else 1.2,
            width_in=max(5.6, across + 2 * MARGIN_IN),
        )
        if not small.size:
            empty_note(page, "No flow has a known place at both ends, so there is no table.")
            return finished(page)
        axes = page.axes(_BEFORE_IN, 0.08, cell * small.shape[1], _CELL_IN * len(small))
        _draw_cells(axes, small, counted_pairs, numbers=not subject.statements)
    return finished(page)


def _drawn(subject: FigureSubject) -> tuple[pd.DataFrame, str]:
    if subject.statements:
        return subject.placed, "Pairs that published statements link"
    panels = counted_panels(subject)
    if not panels:
        return subject.placed.iloc[:0], "Count"
    return panels[0].flows, sentence(f"{panels[0].what}, {panels[0].where}").rstrip(".")


def _rows(flows: pd.DataFrame, *, statements: bool) -> pd.DataFrame:
    """Name the two ends of each flow, and weigh it: by its count, a statement as one."""
    ends = {
        "origin": (schema.ORIGIN_ID, schema.ORIGIN_NAME),
        "place": (schema.DESTINATION_ID, schema.DESTINATION_NAME),
    }
    return pd.DataFrame(
        {
            **{
                end: labels_of(flows[key], flows[name], most=24)
                for end, (key, name) in ends.items()
            },
            "weight": 1.0 if statements else flows[schema.COUNT].astype(float),
            "km": flows[schema.DISTANCE_KM].astype(float),
            "number": flows[schema.COUNT].notna(),
        }
    )


def _cell_width(rows: pd.DataFrame, *, numbers: bool) -> float:
    """Give a cell room for its number and for its column's slanting heading, in inches."""
    if rows.empty:
        return _LEAST_IN
    top = rows.groupby(["origin", "place"])["weight"].sum().max()
    digits = len(number_words(float(top))) if numbers else 1
    free = 5.0 / max(rows["place"].nunique(), 14)
    return max(_LEAST_IN, digits * _NUMBER_PT * 0.66 / 72 + 0.03, min(0.34, free))


def _beyond(table: pd.DataFrame, cell: float) -> float:
    """Give the room that slanting headings need beyond the last column, in inches."""
    reach = [
        len(str(place)) * _HEAD_PT * 0.58 / 72 * math.cos(math.radians(_SLANT))
        - (table.shape[1] - column - 0.35) * cell
        for column, place in enumerate(table.columns)
    ]
    return max(0.0, *reach) + 0.1 if reach else 0.0


def _table(rows: pd.DataFrame, *, columns: int) -> pd.DataFrame:
    """Lay the largest out, origins by destinations, each ordered by its mean distance."""
    if rows.empty:
        return pd.DataFrame()
    table = rows.pivot_table(index="origin", columns="place", values="weight", aggfunc="sum")
    for key in ("origin", "place"):
        weight = rows.groupby(key)["weight"].sum()
        moment = (rows["km"] * rows["weight"]).groupby(rows[key]).sum() / weight
        most = MOST if key == "origin" else min(MOST, columns)
        kept = weight.sort_values(ascending=False, kind="stable").index[:most]
        order = moment.loc[kept].sort_index().sort_values(kind="stable").index
        table = table.reindex(order) if key == "origin" else table.reindex(columns=order)
    return table


def _left_out(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    origins = len(set(rows["origin"])) - len(table)
    places = len(set(rows["place"])) - table.shape[1]
    if not rows.size or (origins <= 0 and places <= 0):
        return ""
    left_out = f"{counted(origins, 'more origin')} and {counted(places, 'more destination')}"
    return f"Not drawn: {left_out}"


def _in_words(table: pd.DataFrame, *, numbers: bool) -> str:
    if not table.size:
        return ""
    if not numbers:
        return " ".join(
            f"{origin}: {', '.join(str(place) for place in row.dropna().index)}."
            for origin, row in table.iterrows()
        )
    cells = [
        (-float(value), str(origin), str(place))
        for origin, row in table.iterrows()
        for place, value in row.items()
        if pd.notna(value)
    ]
    return "Largest: " + "; ".join(
        f"{origin} to {place} {number_words(-less)}" for less, origin, place in sorted(cells)[:8]
    )


def _draw_cells(
    axes: Axes, table: pd.DataFrame, counted_pairs: set[tuple[str, str]], *, numbers: bool
) -> None:
    rows, columns = table.shape
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.axis("off")
    shades = LinearSegmentedColormap.from_list("reach", ["#e3edf5", LIGHT.bands[0], "#12395e"])
    values = table.to_numpy(dtype=float)
    top = float(np.nanmax(values))
    cells: list[list[tuple[float, float]]] = []
    faces: list[str] = []
    edges: list[str] = []
    for row, origin in enumerate(table.index):
        axes.text(
            -0.25, row + 0.5, str(origin), size=6.4, ha="right", va="center", parse_math=False
        )
        for column, place in enumerate(table.columns):
            value = values[row, column]
            if np.isnan(value):
                continue
            filled = (str(origin), str(place)) in counted_pairs
            shade = to_hex(shades(np.sqrt(value / top))) if numbers else LIGHT.bands[0]
            shade = shade if filled else LIGHT.paper
            west, east, north, south = column + 0.04, column + 0.96, row + 0.05, row + 0.95
            cells.append([(west, north), (east, north), (east, south), (west, south)])
            faces.append(shade)
            edges.append("none" if filled else LIGHT.series[1])
            if not numbers:
                continue
            ink = LIGHT.ink if contrast_ratio(LIGHT.ink, shade) > 5 else LIGHT.paper
            axes.text(
                column + 0.5,
                row + 0.52,
                number_words(value),
                size=_NUMBER_PT,
                color=ink,
                ha="center",
                va="center",
                parse_math=False,
            )
    axes.add_collection(PolyCollection(cells, facecolors=faces, edgecolors=edges, linewidths=0.7))
    for column, place in enumerate(table.columns):
        axes.text(
            column + 0.35,
            -0.25,
            str(place),
            size=_HEAD_PT,
            rotation=_SLANT,
            ha="left",
            va="bottom",
            rotation_mode="anchor",
            parse_math=False,
        )
    axes.plot([0, columns], [0, 0], color=LIGHT.rule, linewidth=0.6)


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
        _draw_scatter(axes, rows, most)
    return finished(page)


def _measure(rows: pd.DataFrame) -> str:
    return ", ".join(shown(measure) for measure in sorted(set(rows[schema.MEASURE]))) or "count"


def _agreement(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    from linemap.models.counts import common_part_of_commuters  # late: slow to load

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


def _draw_scatter(axes: Axes, rows: pd.DataFrame, most: list[dict[str, object]]) -> None:
    expected = rows[schema.EXPECTED].to_numpy(float)
    seen = np.maximum(rows[schema.COUNT].to_numpy(float), _LEAST)
    low = min(_LEAST, float(expected.min())) * 0.8
    high = max(float(seen.max()), float(expected.max())) * 1.6
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(_LEAST * 0.8, high)
    _quiet(axes)
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


def _quiet(axes: Axes) -> None:
    """Take away every line that says nothing; leave a pale grid."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=SMALL_PT)
    axes.set_axisbelow(True)
    axes.grid(color=LIGHT.rule, linewidth=0.5)


def _number(axis: object, low: float, high: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    ticks = [tick * 10.0**power for power in range(-3, 8) for tick in (1, 3)]
    inside = [tick for tick in ticks if max(low, 0.001) <= tick <= high]
    axis.set_major_locator(FixedLocator(inside))  # type: ignore[attr-defined]  # an Axis
    axis.set_minor_locator(NullLocator())  # type: ignore[attr-defined]  # the same
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))  # type: ignore[attr-defined]  # the same
