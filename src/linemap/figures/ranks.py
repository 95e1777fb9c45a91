"""Ranks in two windows, joined, among the places that have a figure in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd
from matplotlib.axes import Axes

from linemap import schema
from linemap.errors import InputError
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
from linemap.figures._subject import Subject, admit, split
from linemap.figures._text import (
    counted,
    labels_of,
    level_words,
    number_words,
    sentence,
    shown,
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
    subject = admit(source, explore=explore)
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
            _draw(axes, part)
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


def _sets(subject: Subject, by: By) -> list[_Slopes]:
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


def _totals(subject: Subject, by: By) -> pd.DataFrame:
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


def _draw(axes: Axes, part: _Slopes) -> None:
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
