"""What a brief finds by statistics: the change since the period before, and how far."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import measures, schema
from linemap.briefing.content import (
    FLOWS,
    KM,
    MOST_ROWS,
    NO_ONE_DISTANCE,
    NOT_KNOWN,
    THIN,
    BriefSentence,
    BriefSubject,
    BriefTable,
    Number,
    Section,
    capital,
    ids_of,
    km_range,
    rows_left,
    set_words,
    sum_of,
    whole_number,
    window_of,
)
from linemap.disclosure.periods import NOT_SAID_WHOLE, periods_shown
from linemap.measures import columns as c
from linemap.measures.display import level_word
from linemap.windows import number_of_month

_RowOfTable = tuple[str, str | int, pd.Series]  # the table, the row in it, and its values


_MOST_CHANGES: Final = 6


def change(subject: BriefSubject) -> Section:
    """Compare the last two windows that have a figure for the same thing, by rates a month."""
    rows = list(_changes(subject))
    heading = "Change since the period before"
    if not rows:
        return Section(heading, (BriefSentence(_why_none(subject)),))
    sentences = [_changed(*row) for row in _told_in_prose(rows)]
    windows = {(_window(before), _window(after)) for _, before, after in rows[:MOST_ROWS]}
    (heads,) = windows if len(windows) == 1 else [("Before", "After")]
    lines = [
        (
            label,
            *(_in_window(cell, told=len(windows) > 1) for cell in (before, after)),
            *_verdict(before, after),
        )
        for label, before, after in rows[:MOST_ROWS]
    ]
    left = len(rows) - len(lines)
    sentences.append(
        BriefSentence(
            "Rates a month are compared, since windows may differ in length. What was collected, "
            "and by whom, may differ too: no test knows. Of {} such intervals about one misses by "
            "chance.",
            ("twenty",),
        )
    )
    if NOT_SAID_WHOLE in subject.release.caveats:
        sentences.append(
            BriefSentence(
                "That both windows hold all of their months is not stated: one that holds fewer "
                "looks like fewer a month."
            )
        )
    table = BriefTable(
        "Figures that both windows have",
        ("What", *heads, "Ratio a month (95 %)", "What can be said"),
        tuple(lines),
        frozenset({3}),
        rows_left(left, "row"),
    )
    return Section(heading, tuple(sentences), (table,))


def _why_none(subject: BriefSubject) -> str:
    """Say why nothing is compared: for records totals alone are, which may be hidden."""
    if subject.statements:
        return "No figure is shown for two windows that could be compared."
    if len(periods_shown(subject.flows)) < 2:
        return "No two periods are shown that could be compared."
    return (
        "No total, of all records, of an origin or of a destination, is shown in both of two "
        "periods, so that no change is told. Single flows that are shown in both are not compared: "
        "what is not shown may have changed the other way."
    )


def _told_in_prose(
    rows: Sequence[tuple[str, _RowOfTable, _RowOfTable]],
) -> list[tuple[str, _RowOfTable, _RowOfTable]]:
    """Take what has changed by more than chance, rises and falls alike, the largest change first.

    At most :data:`_MOST_CHANGES`; the first row, which is the whole or the largest, is always told.
    """

    def size(row: tuple[str, _RowOfTable, _RowOfTable]) -> float:
        _, before, after = row
        if int(before[2][c.N]) + int(after[2][c.N]) < THIN:
            return 0.0
        ratio, low, high = ratio_of(before[2], after[2])
        return 0.0 if low <= 1 <= high else abs(float(np.log(ratio))) if ratio else np.inf

    told = sorted((row for row in rows if size(row)), key=lambda row: (-size(row), row[0]))
    told = told[:_MOST_CHANGES]
    return told if rows[0] in told else [rows[0], *told]


def _changes(subject: BriefSubject) -> Iterator[tuple[str, _RowOfTable, _RowOfTable]]:
    """Yield what two windows both count: a label, and the two cells, the latest windows."""
    if subject.statements:
        keys = [
            schema.MEASURE,
            schema.DESTINATION_LEVEL,
            schema.ORIGIN_NAME,
            schema.ORIGIN_ID,
            schema.DESTINATION_ID,
            schema.DESTINATION_NAME,
        ]
        dated = subject.counted.dropna(subset=[schema.PERIOD_START, schema.PERIOD_END])
        found = []
        for _, flows in dated.groupby(keys, sort=True):
            pair = _last_two(flows)
            if pair is not None:
                one, other = (
                    (FLOWS, str(row[schema.FLOW_ID]), row.rename({schema.COUNT: c.N}))
                    for row in pair
                )
                row = pair[1]
                label = f"{row[schema.MEASURE]}, {row[schema.ORIGIN_NAME]} to "
                found.append((capital(f"{label}{row[schema.DESTINATION_NAME]}"), one, other))
        yield from sorted(found, key=lambda item: (-int(item[2][2][c.N]), item[0]))
        return
    if subject.kind == "whole":
        for name in ("whole", "origins", "destinations"):
            yield from _changes_in(subject, name)
    else:
        yield from _changes_in(subject, f"{subject.kind}s")


def _changes_in(subject: BriefSubject, name: str) -> Iterator[tuple[str, _RowOfTable, _RowOfTable]]:
    """Yield what two windows count in one summary of records: of the ids, or of all places."""
    table = subject.summary(name)
    if table is None:
        return
    ends = {"origins": schema.ORIGIN_ID, "destinations": schema.DESTINATION_ID}
    if subject.ids:
        table = table.loc[table[ends[name]].isin(subject.ids)]
    table = table.dropna(subset=[schema.PERIOD_START, schema.PERIOD_END, c.N])
    tags = list(schema.tag_columns(subject.release.flows))
    place = [ends[name]] if name in ends else []
    names = {"origins": schema.ORIGIN_NAME, "destinations": schema.DESTINATION_NAME}
    before = {"origins": "from ", "destinations": "to "}
    for _, rows in table.groupby([schema.MEASURE, *tags, *place], dropna=False, sort=True):
        pair = _last_two(rows)
        if pair is not None:
            first, second = ((name, int(str(row.name)), row) for row in pair)
            row = pair[1]
            words = [str(row[schema.MEASURE]), *(str(row[tag]) for tag in tags)]
            words += [f"{before[name]}{row[names[name]]}"] if place else ["all"]
            yield capital(", ".join(words)), first, second


def _last_two(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series] | None:
    """Take the rows of the last two windows; None if they overlap, or a window has two rows."""
    ordered = rows.sort_values(schema.PERIOD_END, kind="stable")
    if len(ordered) < 2 or ordered.duplicated([schema.PERIOD_START, schema.PERIOD_END]).any():
        return None
    before, after = ordered.iloc[-2], ordered.iloc[-1]
    if before[schema.PERIOD_END] >= after[schema.PERIOD_START]:
        return None
    return before, after


def months_in_window(row: pd.Series) -> int:
    """Count the months of a row's window, both ends inside."""
    start, end = (number_of_month(str(row[at])) for at in (schema.PERIOD_START, schema.PERIOD_END))
    return end - start + 1


def ratio_of(before: pd.Series, after: pd.Series) -> tuple[float, float, float]:
    """Relate two rows' counts a month: the ratio and its exact 95 % interval."""
    weight = months_in_window(before) / months_in_window(after)
    ratio, low, high, _ = measures.rate_ratio(int(before[c.N]), int(after[c.N]), weight=weight)
    return ratio, low, high


def _window(cell: _RowOfTable) -> str:
    return window_of(cell[2][schema.PERIOD_START], cell[2][schema.PERIOD_END])


def _in_window(cell: _RowOfTable, *, told: bool) -> str:
    _, _, row = cell
    rate = int(row[c.N]) / months_in_window(row)
    number = f"{whole_number(row[c.N])} ({rate:,.1f} a month)"
    return f"{number}, {_window(cell)}" if told else number


def _verdict(before: _RowOfTable, after: _RowOfTable) -> tuple[str, str]:
    if int(before[2][c.N]) + int(after[2][c.N]) < THIN:
        return "", "too few to say"
    ratio, low, high = ratio_of(before[2], after[2])
    words = f"{ratio:.2f} ({low:.2f} to {high:.2f})"
    if low <= 1 <= high:
        return words, "no more than chance may make"
    return words, "more a month" if ratio > 1 else "fewer a month"


def _changed(label: str, before: _RowOfTable, after: _RowOfTable) -> BriefSentence:
    parts: list[str | Number] = [label]
    for table, row, values in (before, after):
        months = months_in_window(values)
        rate = int(values[c.N]) / months
        parts += [
            Number(whole_number(values[c.N]), table, (row,), c.N, "cell"),
            window_of(values[schema.PERIOD_START], values[schema.PERIOD_END]),
            Number(f"{rate:,.1f}", table, (row,), c.N, "per month"),
        ]
    if int(before[2][c.N]) + int(after[2][c.N]) < THIN:
        return BriefSentence(
            "{}: {} in {} ({} a month), {} in {} ({} a month): too few to say.", tuple(parts)
        )
    ratio, low, high = ratio_of(before[2], after[2])
    ends = (
        "more than chance alone would make"
        if not low <= 1 <= high
        else "no more than chance may make"
    )
    numbers = [
        Number(f"{value:.2f}", before[0], (before[1], after[1]), at, "ratio")
        for value, at in ((ratio, schema.ESTIMATE), (low, schema.LOW), (high, schema.HIGH))
    ]
    return BriefSentence(
        "{}: {} in {} ({} a month), then {} in {} ({} a month): {} times as many a month "
        "({} to {}), {}.",
        (*parts, *numbers, ends),
    )


# ── The section that says how far, with what chance and areas leave open ────────────────────
SEED: Final = 2019
_FURTHEST: Final = 6
_SHARE_STEP: Final = 0.05
_BEYOND: Final = c.share_beyond(100)
_FEW_WIDE: Final = (
    "{} of these are shown by region or nation only, and are taken at the mean distance of that "
    "area; by area they may be anywhere in it."
)


def distance_section(subject: BriefSubject) -> Section:
    """Say how far, in km, beside what chance and the size of areas leave open."""
    if subject.statements:
        return _furthest(subject)
    lines: list[tuple[str, ...]] = []
    sentences: list[BriefSentence] = []
    thin = False
    rule = subject.release.rule
    step = 1 if rule is None else rule.km_base
    for flows in subject.blocks():
        wide = flows.loc[flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)]
        words, total = set_words(subject, flows), int(flows[schema.COUNT].sum())
        if total < THIN:
            thin = True
            continue
        rng = np.random.default_rng(SEED)
        whole = subject.release.flows.loc[flows.index]  # a measure is of flows with their shapes
        table = measures.reach_estimates(
            whole, by=None, rng=rng, gazetteer=subject.gazetteer
        ).set_index(schema.TERM)
        is_open = int(wide[schema.COUNT].sum()) > c.MOST_WIDE * total
        if is_open:
            sentences += _bounded(flows, wide, table, words, step)
        elif not lines:
            sentences.append(_half(flows, table, words, step))
            if len(wide):
                sentences.append(BriefSentence(_FEW_WIDE, (sum_of(wide),)))
        lines.append(
            (
                capital(words),
                whole_number(total),
                *_interval(table, c.MEDIAN_KM, step, is_open=is_open),
                *_interval(table, _BEYOND, _SHARE_STEP, percent=True, is_open=is_open),
            )
        )
    if not lines:
        told = "Too few are shown with a place at both ends to say how far they reach."
        return Section("How far", (BriefSentence(told),))
    if thin:
        sentences.append(BriefSentence("Of further measures too few are counted to say."))
    sentences.append(
        BriefSentence(
            "A straight line is not a journey. By chance: what as many others might have given "
            "(bootstrap, {}). By area: had everybody been found in the nearest, or in the "
            "furthest, parts of the areas; no number of records narrows that. The n is the sum of "
            "what is shown; in the tables of the release it is the total, rounded on its own.",
            ("95 %",),
        )
    )
    more = len(lines) - MOST_ROWS
    return Section(
        "How far",
        tuple(sentences),
        (
            BriefTable(
                "Distance between the origin and where people were found or linked to",
                (
                    "What",
                    "n",
                    "Half within (km)",
                    "by chance",
                    "by area",
                    "Beyond 100 km",
                    "by chance",
                    "by area",
                ),
                tuple(lines[:MOST_ROWS]),
                frozenset(range(1, 8)),
                rows_left(max(more, 0), "measure"),
            ),
        ),
    )


def _furthest(subject: BriefSubject) -> Section:
    """List the furthest places of published statements, which have no distance together."""
    flows = subject.placed.dropna(subset=[schema.DISTANCE_KM])
    flows = flows.loc[flows[schema.QUALIFIER] != schema.MENTIONED]
    flows = flows.loc[~schema.is_unavailable(flows)]
    once = flows.sort_values(
        [schema.DISTANCE_KM, schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.FLOW_ID],
        ascending=[False, True, True, True],
    ).drop_duplicates([schema.ORIGIN_ID, schema.DESTINATION_ID])
    if not len(once):
        return Section("How far", (BriefSentence("No statement has a place at both ends."),))
    ends = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    counted = set(subject.counted[ends].itertuples(index=False, name=None))
    printed = {
        (row[schema.ORIGIN_ID], row[schema.DESTINATION_ID]): kind
        for _, row in flows.iterrows()
        for kind in schema.PRINTED_FIGURES
        if str(row[schema.QUALIFIER]).startswith(kind)
    }
    lines = tuple(
        (
            str(row[schema.ORIGIN_NAME]),
            str(row[schema.DESTINATION_NAME]),
            level_word(row[schema.DESTINATION_LEVEL]),
            km_range(row, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
            "counted"
            if (row[schema.ORIGIN_ID], row[schema.DESTINATION_ID]) in counted
            else printed.get((row[schema.ORIGIN_ID], row[schema.DESTINATION_ID]), "named only"),
        )
        for _, row in once.head(_FURTHEST).iterrows()
    )
    top = once.iloc[:1]
    numbers = [
        Number(whole_number(top.iloc[0][at]), FLOWS, ids_of(top), at, "cell")
        for at in (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
    ]
    sentences = (
        BriefSentence(
            "The furthest place that is counted or named is {}, from {}: {} km, or {} to {} km by "
            "where in the two areas.",
            (
                str(top.iloc[0][schema.DESTINATION_NAME]),
                str(top.iloc[0][schema.ORIGIN_NAME]),
                *numbers,
            ),
        ),
        BriefSentence(
            "Each figure has its distance beside it. They are not put together to a mean, and "
            "have no interval of chance: the places that were printed are a choice, and one person "
            "may be linked to several."
        ),
    )
    heads = ("Origin", "Destination", "Level", KM, "Figure")
    return Section(
        "How far", sentences, (BriefTable("The furthest places", heads, lines, frozenset({3})),)
    )


def rounded(value: float, step: float) -> float:
    """Round to a multiple of a step, away from false precision.

    >>> rounded(151.6, 5), rounded(0.637, 0.05)
    (150.0, 0.65)
    """
    return float(round(round(value / step) * step, 2))


def _spelt(value: float, step: float, *, percent: bool = False) -> str:
    exact = rounded(value, step)
    return f"{exact * 100:.0f} %" if percent else whole_number(exact)


def _outward(low: float, high: float, step: float) -> tuple[float, float]:
    """Round an interval to multiples of a step that hold it.

    >>> _outward(0.97, 1.0, 0.05), _outward(131.2, 134.0, 5)
    ((0.95, 1.0), (130.0, 135.0))
    """
    start, end = np.floor(round(low / step, 9)), np.ceil(round(high / step, 9))
    return float(round(start * step, 2)), float(round(end * step, 2))


def _by_chance(row: Mapping[Hashable, Any], step: float, *, percent: bool) -> tuple[float, float]:
    """Give the interval of chance; of none or all, where none can be drawn, the exact one."""
    low, high = float(row[schema.LOW]), float(row[schema.HIGH])
    if percent and low == high and low in (0, 1):
        open_share = 1 - 0.025 ** (1 / int(row[c.N]))
        low, high = (1 - open_share, 1.0) if low else (0.0, open_share)
    return _outward(low, high, step)


def _interval(
    table: pd.DataFrame, term: str, step: float, *, percent: bool = False, is_open: bool = False
) -> tuple[str, str, str]:
    """Write a statistic, its interval of chance and its bounds by area; open, its bounds alone."""
    row = table.loc[term].to_dict()

    def span(low: float, high: float) -> str:
        ends = [_spelt(value, step, percent=percent) for value in (low, high)]
        return " to ".join(dict.fromkeys(ends))

    area = span(row[schema.AREA_LOW], row[schema.AREA_HIGH])
    if is_open:
        return NOT_KNOWN, "", area
    chance = span(*_by_chance(row, step, percent=percent))
    return _spelt(row[schema.ESTIMATE], step, percent=percent), chance, area


def _half(flows: pd.DataFrame, table: pd.DataFrame, words: str, step: float) -> BriefSentence:
    row = table.loc[c.MEDIAN_KM].to_dict()
    low, high = _by_chance(row, step, percent=False)
    values = row | {schema.LOW: low, schema.HIGH: high}
    ids = ids_of(flows)
    numbers = [
        Number(_spelt(values[at], step), FLOWS, ids, f"{c.MEDIAN_KM} {at}", "statistic")
        for at in (schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH)
    ]
    return BriefSentence(
        "{} (n = {}): half are linked to places within {} km; by chance {} to {}, by area {} to "
        "{}.",
        (capital(words), sum_of(flows), *numbers),
    )


def _bounded(
    flows: pd.DataFrame, wide: pd.DataFrame, table: pd.DataFrame, words: str, step: float
) -> Iterator[BriefSentence]:
    """Bound how far by every distance that the areas allow, where many stand at wide ones."""
    total, left = sum_of(flows), sum_of(wide)
    share = int(wide[schema.COUNT].sum()) / int(flows[schema.COUNT].sum())
    yield BriefSentence(
        "{} (n = {}): {} of them ({}) are shown by region or nation only: how far they are is not "
        "known.",
        (capital(words), total, left, f"{share * 100:.0f} %"),
    )
    ids = ids_of(flows)

    def ends(term: str, step: float, *, percent: bool = False) -> list[Number]:
        return [
            Number(
                _spelt(float(str(table.loc[term, at])), step, percent=percent),
                FLOWS,
                ids,
                f"{term} {at}",
                "statistic",
            )
            for at in (schema.AREA_LOW, schema.AREA_HIGH)
        ]

    shares = ends(_BEYOND, _SHARE_STEP, percent=True)
    if shares[0].text == shares[1].text:
        yield BriefSentence(
            "Wherever in the areas everybody was found, {} of all are beyond {}.",
            (shares[0], "100 km"),
        )
    else:
        yield BriefSentence(
            "Depending on where in the areas everybody was found, between {} and {} of all are "
            "beyond {}.",
            (*shares, "100 km"),
        )
    low, high = (
        float(str(table.loc[c.MEDIAN_KM, at])) for at in (schema.AREA_LOW, schema.AREA_HIGH)
    )
    halves = ends(c.MEDIAN_KM, step)
    if high > 2 * low:
        yield BriefSentence(
            "Within what distance half of all are, too few are known to say: it may be anything "
            "from {} to {} km.",
            tuple(halves),
        )
    else:
        yield BriefSentence(
            "Half of all are within a distance between {} and {} km.", tuple(halves)
        )
