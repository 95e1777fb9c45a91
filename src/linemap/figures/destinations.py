"""Destinations: how their order changes between windows, and the distance range of each."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from linemap import schema
from linemap.errors import InputError, UnknownPlaceError
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
    unnumbered,
)
from linemap.figures._subject import (
    NO_ONE_DISTANCE,
    FigureSubject,
    admit,
    counted,
    labels_of,
    level_words,
    number_words,
    sentence,
    shown,
    split,
    year_words,
)
from linemap.measures.columns import N
from linemap.style import LIGHT
from linemap.windows import count_months, window_words

By = Literal["origin", "destination"]
MOST_PLACES: Final = 25
_ROW_IN: Final = 0.2
_HEAD_IN: Final = 0.62
_MOST_SETS: Final = 3
_LEAST_SHARED: Final = 2
NOTHING: Final = (
    "There is no measure with figures in two windows for two places or more of one level, free of "
    "tags, so no ranks compare."
)
_SIDE_IN: Final = 2.4
_LABEL: Final = " label"
_ENDS: Final[dict[By, tuple[str, str, str]]] = {
    "origin": (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL),
    "destination": (schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL),
}


@dataclass(frozen=True, slots=True)
class _Slopes:
    """One set: its words, its two windows with their months, and a table by name of place.

    The table's columns 0 and 1 are counts, null where none is shown; ``rank0``
    and ``rank1`` are ranks among the places with both, null for the others;
    ``row0`` and ``row1`` tell on which row each stands: first those with a rank.
    """

    what: str
    windows: tuple[str, str]
    months: tuple[float, float]
    table: pd.DataFrame
    left_out: int

    @property
    def rows(self) -> int:
        """The rows of the fuller side."""
        return 1 + max(int(self.table[column].max()) for column in ("row0", "row1"))


def rank_slopes(source: object, *, by: By = "destination", explore: bool = False) -> LinemapFigure:
    """Join each place's rank in the first window with its rank in the last.

    Ranks are by count, 1 the largest, ties sharing the better rank, and only
    among the places with a figure in both windows: a place moves up neither
    because fewer were published later, nor because another's count is hidden.
    The others stand below, with an open dot and no rank. Records must be
    counted by period (``build_flows(..., period="year")``); statements are
    compared where one origin, measure and level is published for two windows.
    Of a protected release the totals of each place are ranked, not its flows,
    which are shown at whatever level they may be. Counts stand beside the ranks
    with their rate a month, since windows differ in length. At most 25 places a
    set and three sets.

    Draw from a Release; from FLOWS only with `explore`, marked not for release.
    """
    if by not in ("origin", "destination"):
        raise InputError(f"Ranks are by origin or destination, not by {by!r}.")
    return draw_ranks(admit(source, explore=explore), by)


def draw_ranks(subject: FigureSubject, by: By = "destination") -> LinemapFigure:
    """Draw :func:`rank_slopes` of what has been admitted."""
    sets = _sets(subject, by)[:_MOST_SETS]
    missing = any(part.table[[0, 1]].isna().any(axis=None) for part in sets)
    uneven = [part for part in sets if part.months[0] != part.months[1]]
    left_out = sum(part.left_out for part in sets)
    notes = "Ranks by count, 1 the largest, among the places with a figure in both windows; a "
    notes += "month's rate in brackets. A rank can go up while the count goes down"
    if uneven:
        first, last = uneven[0].months
        notes += (
            f". The windows are {first:.0f} and {last:.0f} months long: compare ranks and rates, "
            "not counts"
        )
    if missing:
        notes += (
            ". Open dots, without a rank: no figure is shown for the other window, which is not a "
            "zero"
        )
    with drawing():
        page = new_page(
            subject,
            title=f"Ranks of {by}s in two windows",
            subtitle="Order among the places with a figure in both; not a measure of change",
            caption=caption(
                subject,
                unit="rank by count",
                notes=notes,
                drawn=f"Not drawn: {counted(left_out, 'more place')}" if left_out else "",
            ),
            alt="Ranks in two windows. " + " ".join(_in_words(part) for part in sets),
            body_in=max(1.2, sum(part.rows * _ROW_IN + _HEAD_IN for part in sets)),
        )
        if not sets:
            empty_note(page, NOTHING)
            return finished(page)
        top = page.height
        for part in sets:
            tall = part.rows * _ROW_IN
            top -= tall + _HEAD_IN
            axes = page.axes(_SIDE_IN, top + 0.06, page.width - 2 * _SIDE_IN, tall)
            _draw_slopes(axes, part)
    return finished(page)


def _in_words(part: _Slopes) -> str:
    told = []
    for name, row in part.table.iterrows():
        ranks = [
            "no figure"
            if pd.isna(row[side])
            else "no rank"
            if pd.isna(row[f"rank{side}"])
            else f"{row[f'rank{side}']:.0f}"
            for side in (0, 1)
        ]
        told.append(f"{name} {ranks[0]} to {ranks[1]}")
    return f"{part.what}, {part.windows[0]} and {part.windows[1]}: {'; '.join(told)}."


def _sets(subject: FigureSubject, by: By) -> list[_Slopes]:
    key, name, level = _ENDS[by]
    flows = _totals(subject, by) if subject.protected else subject.placed
    flows = flows.assign(**{_LABEL: labels_of(flows[key], flows[name], most=30)})
    flows = flows.loc[flows[schema.COUNT].notna() & (flows[schema.COUNT] > 0)]
    flows = flows.dropna(subset=[schema.PERIOD_START, schema.PERIOD_END])
    keys = [schema.MEASURE, level]
    if subject.statements:
        keys = [schema.MEASURE, schema.DESTINATION_LEVEL, schema.ORIGIN_NAME]
    found = [_slopes(part, level, statements=subject.statements) for part in split(flows, keys)]
    sets = [part for part in found if part is not None]
    return sorted(sets, key=lambda part: (-len(part.table), part.what))


def _totals(subject: FigureSubject, by: By) -> pd.DataFrame:
    """Take the protected totals of each place: its flows are shown at whatever level they may be.

    None where the release is split by tags as well, whose totals do not add up.
    """
    key, _, level = _ENDS[by]
    table = subject.summaries.get(f"{by}s", pd.DataFrame())
    windows = [key, schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END]
    if not {*windows, N} <= set(table.columns) or table.duplicated(windows).any():
        return subject.placed.iloc[:0]
    totals = table.assign(**{schema.COUNT: table[N]})
    totals[level] = [str(place).partition(":")[0] for place in table[key]]
    return totals


def _slopes(flows: pd.DataFrame, level: str, *, statements: bool) -> _Slopes | None:
    windows = (
        flows[[schema.PERIOD_START, schema.PERIOD_END]]
        .drop_duplicates()
        .sort_values([schema.PERIOD_START, schema.PERIOD_END])
    )
    if len(windows) < 2:
        return None
    columns = []
    for _, window in windows.iloc[[0, -1]].iterrows():
        inside = (flows[schema.PERIOD_START] == window[schema.PERIOD_START]) & (
            flows[schema.PERIOD_END] == window[schema.PERIOD_END]
        )
        part = flows.loc[inside]
        if statements and part.duplicated(_LABEL).any():
            return None  # two figures for one place: neither is the rank's
        columns.append(part.groupby(_LABEL)[schema.COUNT].sum().astype(float))
    table = pd.concat(columns, axis=1, keys=[0, 1])
    if len(table.dropna()) < _LEAST_SHARED:
        return None
    drawn = _ranked(table)
    first = flows.iloc[0]
    what = sentence(shown(first[schema.MEASURE])).rstrip(".")
    if statements:
        what = f"{shown(first[schema.ORIGIN_NAME])}: {what[0].lower()}{what[1:]}"
    what += f", {level_words(first[level])}"
    ends = [windows.iloc[0], windows.iloc[-1]]
    return _Slopes(
        what,
        (_window(ends[0]), _window(ends[1])),
        (_months(ends[0]), _months(ends[1])),
        drawn,
        len(table) - len(drawn),
    )


def _window(row: pd.Series) -> str:
    return window_words(row[schema.PERIOD_START], row[schema.PERIOD_END], short=True)


def _months(row: pd.Series) -> float:
    months = count_months(row[schema.PERIOD_START], row[schema.PERIOD_END])
    return float("nan") if months is None else float(months)


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Rank the places with both counts, keep the first, and give each its row on either side."""
    table = table.sort_index()
    both = table.dropna()
    ranked = table.assign(
        **{f"rank{side}": both[side].rank(ascending=False, method="min") for side in (0, 1)}
    )
    best = both.max(axis=1).sort_values(ascending=False, kind="stable").index
    others = table.drop(both.index).max(axis=1).sort_values(ascending=False, kind="stable").index
    ranked = ranked.loc[ranked.index.isin([*best, *others][:MOST_PLACES])]
    for side in (0, 1):
        counts = ranked[side].dropna().sort_values(ascending=False, kind="stable")
        here = ranked.loc[counts.index]
        order = here.sort_values(f"rank{side}", na_position="last", kind="stable").index
        ranked[f"row{side}"] = pd.Series(range(len(order)), index=order, dtype=float)
    return ranked


def _draw_slopes(axes: Axes, part: _Slopes) -> None:
    axes.axis("off")
    axes.set_xlim(0, 1)
    axes.set_ylim(part.rows - 0.4, -0.6)
    axes.annotate(
        part.what,
        (0, 1),
        xycoords="axes fraction",
        xytext=(-_SIDE_IN * 72, 19),
        textcoords="offset points",
        size=TEXT_PT,
        weight="bold",
        va="bottom",
        parse_math=False,
        annotation_clip=False,
    )
    for side, x in ((0, 0.0), (1, 1.0)):
        axes.annotate(
            part.windows[side],
            (x, 1),
            xycoords="axes fraction",
            xytext=(6 * (2 * side - 1), 2),
            textcoords="offset points",
            size=SMALL_PT,
            color=LIGHT.quiet,
            va="bottom",
            ha="right" if side == 0 else "left",
            parse_math=False,
            annotation_clip=False,
        )
    for name, row in part.table.iterrows():
        ends = [row["row0"], row["row1"]]
        whole = not (pd.isna(ends[0]) or pd.isna(ends[1]))
        move = row["rank0"] - row["rank1"] if whole else 0.0
        colour = LIGHT.series[1] if move > 0 else LIGHT.series[0] if move < 0 else LIGHT.other
        if whole:
            axes.plot([0, 1], ends, color=colour, linewidth=1.6 if move else 0.9, zorder=2)
        for side in (0, 1):
            if pd.isna(ends[side]):
                continue
            axes.plot(
                [side],
                [ends[side]],
                marker="o",
                markersize=4.5,
                markeredgecolor=colour,
                markerfacecolor=colour if whole else LIGHT.paper,
                clip_on=False,
                zorder=3,
            )
            _name_end(axes, part, str(name), side, colour if move else LIGHT.ink)


def _name_end(axes: Axes, part: _Slopes, name: str, side: int, colour: str) -> None:
    row = part.table.loc[name]
    rank = row[f"rank{side}"]
    shared = int((part.table[f"rank{side}"] == rank).sum()) > 1
    count = float(part.table[side].loc[name])
    rate = count / part.months[side]
    text = f"{name}  {number_words(count)} ({rate:.1f})"
    number: str = "" if pd.isna(rank) else f"{rank:.0f}{'=' if shared else ''}"
    told = (f"{text}  {number}" if side == 0 else f"{number}  {text}").strip()
    axes.annotate(
        told,
        (side, row[f"row{side}"]),
        xytext=(-6 if side == 0 else 6, 0),
        textcoords="offset points",
        size=SMALL_PT,
        color=colour,
        va="center",
        ha="right" if side == 0 else "left",
        parse_math=False,
        annotation_clip=False,
    )


_RANGE_ROW_IN: Final = 0.158
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
    return draw_ranges(admit(source, explore=explore), origin)


def draw_ranges(subject: FigureSubject, origin: str | None = None) -> LinemapFigure:
    """Draw :func:`destination_ranges` of what has been admitted."""
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
            body_in=max(1.2, len(kept) * _RANGE_ROW_IN + len(origins) * _GROUP_IN + 0.3),
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
        axes.axis("off")
        axes.set_ylim(0, page.height - 0.22)
        kilometres(axes, limit)
        _draw_ranges(axes, kept, heights, page.height - 0.22, limit, across)
    return finished(page)


def _unit(subject: FigureSubject) -> str:
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
        down += _RANGE_ROW_IN
    return heights


def _draw_ranges(
    axes: Axes, rows: list[RangeRow], heights: list[float], top: float, limit: float, across: float
) -> None:
    inch = limit / across
    group = None
    for row, down in zip(rows, heights, strict=True):
        y = top - down - _RANGE_ROW_IN / 2
        colour = LIGHT.series[0] if row.counted else LIGHT.series[1]
        alpha = 0.45 if row.mentioned else 1.0
        if row.origin != group:
            group = row.origin
            axes.text(
                -_BEFORE_IN * inch,
                y + _RANGE_ROW_IN,
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


def range_rows(subject: FigureSubject, origin: str | None) -> tuple[list[RangeRow], int]:
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
    together = schema.ORIGIN_ID not in keys
    rows = [_row(part, usual=usual, together=together) for part in _pairs(flows, keys)]
    places: dict[str, int] = {}
    for row in rows:
        places[row.origin] = places.get(row.origin, 0) + 1
    rows.sort(key=lambda row: (-places[row.origin], row.origin, row.km, row.place))
    return rows, left_out


_Flow = dict[Hashable, Any]
_OF_A_FLOW: Final = [
    schema.FLOW_ID,
    schema.ORIGIN_ID,
    schema.ORIGIN_NAME,
    schema.DESTINATION_ID,
    schema.DESTINATION_NAME,
    schema.DESTINATION_LEVEL,
    schema.MEASURE,
    schema.QUALIFIER,
    schema.COUNT,
    schema.PERIOD_START,
    schema.PERIOD_END,
    schema.DISTANCE_KM,
    schema.DISTANCE_LOW_KM,
    schema.DISTANCE_HIGH_KM,
]


def _pairs(flows: pd.DataFrame, keys: list[str]) -> list[list[_Flow]]:
    """Split flows by pair of places, in order of the keys, as plain values, null being None."""
    plain = flows[_OF_A_FLOW].astype(object)
    pairs: dict[tuple[str, ...], list[_Flow]] = {}
    for flow in plain.where(plain.notna(), None).to_dict("records"):
        pairs.setdefault(tuple(flow[key] or "" for key in keys), []).append(flow)
    return [pairs[pair] for pair in sorted(pairs)]


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


def _row(part: list[_Flow], *, usual: str | None, together: bool) -> RangeRow:
    """Sum one pair up, or (`together`) one destination of all its origins."""
    first = part[0]
    numbers = [flow for flow in part if flow[schema.COUNT] is not None]
    km = [float(flow[schema.DISTANCE_KM]) for flow in part]
    weights = [float(flow[schema.COUNT] or 0) for flow in part]
    wide = first[schema.DESTINATION_LEVEL] in NO_ONE_DISTANCE
    mean = float(np.average(km, weights=weights)) if together else km[0]
    low = float(min(flow[schema.DISTANCE_LOW_KM] for flow in part))
    high = float(max(flow[schema.DISTANCE_HIGH_KM] for flow in part))
    mentioned = [flow[schema.QUALIFIER] == schema.MENTIONED for flow in part]
    return RangeRow(
        origin=ALL_ORIGINS if together else shown(first[schema.ORIGIN_NAME]),
        place=shown(first[schema.DESTINATION_NAME], most=26),
        km=mean,
        low=low,
        high=high,
        counted=bool(numbers),
        mentioned=all(mentioned),
        size=max((float(flow[schema.COUNT]) for flow in numbers), default=0.0),
        figures=_figures(numbers, usual=usual)
        or unnumbered(part[0 if all(mentioned) else mentioned.index(False)]),
        wide=wide,
        distance=f"{number_words(low)} to {number_words(high)} km"
        if wide
        else f"{number_words(mean)} km",
    )


def _figures(numbers: list[_Flow], *, usual: str | None) -> str:
    """Write every figure of a pair, in order of its window; records (no `usual`) add up."""
    if not numbers:
        return ""
    if usual is None:
        return number_words(sum(flow[schema.COUNT] for flow in numbers))
    measures: dict[str, list[str]] = {}
    for flow in sorted(numbers, key=_by_window):
        years = year_words(flow[schema.PERIOD_START], flow[schema.PERIOD_END])
        number = number_words(flow[schema.COUNT]) + (f" ({years})" if years else "")
        measures.setdefault(flow[schema.MEASURE], []).append(number)
    told = [
        (measure != usual, ("" if measure == usual else f"{shown(measure, most=24)} ") + listed)
        for measure, listed in ((one, ", ".join(many)) for one, many in measures.items())
    ]
    return "; ".join(text for _, text in sorted(told))


def _by_window(flow: _Flow) -> tuple[bool, str, str]:
    """Order figures by when their windows begin, those without a window last."""
    start = flow[schema.PERIOD_START]
    return start is None, start or "", flow[schema.FLOW_ID]
