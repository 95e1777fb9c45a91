"""The section that compares the last two windows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from linemap import measures, schema
from linemap.briefing.content import Number, Section, Sentence, Table
from linemap.briefing.subject import Subject
from linemap.briefing.wording import (
    FLOWS,
    MOST_ROWS,
    THIN,
    capital,
    rows_left,
    whole_number,
    window_of,
)
from linemap.measures import columns as c

_Cell = tuple[str, str | int, pd.Series]  # the table, the row in it, and its values


def change(subject: Subject) -> Section:
    """Compare the last two windows that have a figure for the same thing, by rates a month."""
    rows = list(_changes(subject))
    heading = "Change since the period before"
    if not rows:
        return Section(
            heading,
            (Sentence("No figure is shown for two windows that could be compared."),),
        )
    sentences = [_changed(*rows[0])]
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
        Sentence(
            "Rates a month are compared, since windows may differ in length. What was collected, "
            "and by whom, may differ too: no test knows. Of {} such intervals about one misses by "
            "chance.",
            ("twenty",),
        )
    )
    table = Table(
        "Figures that both windows have",
        ("What", *heads, "Ratio a month (95 %)", "What can be said"),
        tuple(lines), frozenset({3}), rows_left(left, "row"),
    )  # fmt: skip
    return Section(heading, tuple(sentences), (table,))


def _changes(subject: Subject) -> Iterator[tuple[str, _Cell, _Cell]]:
    """Yield what two windows both count: a label, and the two cells, the latest windows."""
    if subject.statements:
        keys = [schema.MEASURE, schema.DESTINATION_LEVEL, schema.ORIGIN_NAME, schema.ORIGIN_ID,
                schema.DESTINATION_ID, schema.DESTINATION_NAME]  # fmt: skip
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


def _changes_in(subject: Subject, name: str) -> Iterator[tuple[str, _Cell, _Cell]]:
    """Yield what two windows count in one summary of records: of the ids, or of all places."""
    table = subject.release.summaries.get(name)
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


def months_of(row: pd.Series) -> int:
    """Count the months of a row's window, both ends inside."""
    (start_year, start), (end_year, end) = (
        map(int, str(row[column]).split("-")) for column in (schema.PERIOD_START, schema.PERIOD_END)
    )
    return (end_year - start_year) * 12 + end - start + 1


def ratio_of(before: pd.Series, after: pd.Series) -> tuple[float, float, float]:
    """Relate two rows' counts a month: the ratio and its exact 95 % interval."""
    weight = months_of(before) / months_of(after)
    ratio, low, high, _ = measures.rate_ratio(int(before[c.N]), int(after[c.N]), weight=weight)
    return ratio, low, high


def _window(cell: _Cell) -> str:
    return window_of(cell[2][schema.PERIOD_START], cell[2][schema.PERIOD_END])


def _in_window(cell: _Cell, *, told: bool) -> str:
    _, _, row = cell
    rate = int(row[c.N]) / months_of(row)
    number = f"{whole_number(row[c.N])} ({rate:,.1f} a month)"
    return f"{number}, {_window(cell)}" if told else number


def _verdict(before: _Cell, after: _Cell) -> tuple[str, str]:
    if int(before[2][c.N]) + int(after[2][c.N]) < THIN:
        return "", "too few to say"
    ratio, low, high = ratio_of(before[2], after[2])
    words = f"{ratio:.2f} ({low:.2f} to {high:.2f})"
    if low <= 1 <= high:
        return words, "no more than chance can make"
    return words, "more a month" if ratio > 1 else "fewer a month"


def _changed(label: str, before: _Cell, after: _Cell) -> Sentence:
    parts: list[str | Number] = [label]
    for table, row, values in (before, after):
        months = months_of(values)
        rate = int(values[c.N]) / months
        parts += [
            Number(whole_number(values[c.N]), table, (row,), c.N, "cell"),
            window_of(values[schema.PERIOD_START], values[schema.PERIOD_END]),
            Number(f"{rate:,.1f}", table, (row,), c.N, "per month"),
        ]
    if int(before[2][c.N]) + int(after[2][c.N]) < THIN:
        return Sentence("{}: {} in {} ({} a month), {} in {} ({} a month): too few to say.",
                        tuple(parts))  # fmt: skip
    ratio, low, high = ratio_of(before[2], after[2])
    ends = (
        "which chance alone hardly makes"
        if not low <= 1 <= high
        else "no more than chance can make"
    )
    numbers = [
        Number(f"{value:.2f}", before[0], (before[1], after[1]), at, "ratio")
        for value, at in ((ratio, schema.ESTIMATE), (low, schema.LOW), (high, schema.HIGH))
    ]
    return Sentence(
        "{}: {} in {} ({} a month), then {} in {} ({} a month): {} times as many a month "
        "({} to {}), {}.",
        (*parts, *numbers, ends),
    )
