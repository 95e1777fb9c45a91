"""Windows of time as their first and last month, "YYYY-MM"."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd

from linemap import schema
from linemap.flows.counting import FIRST_MONTH, LAST_MONTH, MONTH, TEXT
from linemap.windows import Window

Period = Literal["month", "quarter", "year", "financial-quarter", "financial-year", "stated"]
# How many months a window has, and how many of a calendar year stand before its first.
# A quarter of the financial year, which starts in April, has a calendar quarter's months.
MONTHS: Final[dict[str, tuple[int, int]]] = {
    "month": (1, 0), "quarter": (3, 0), "year": (12, 0),
    "financial-quarter": (3, 3), "financial-year": (12, 3),
}  # fmt: skip


def month_number(months: pd.Series) -> pd.Series:
    """Count the months since year 0 of "YYYY-MM" texts; null stays null."""
    number = {
        month: int(month[:4]) * 12 + int(month[5:7]) - 1 for month in months.dropna().unique()
    }
    return months.map(number).astype("Int64")


def _text(numbers: pd.Series) -> pd.Series:
    text = {number: f"{number // 12:04d}-{number % 12 + 1:02d}" for number in
            numbers.dropna().unique()}  # fmt: skip
    return numbers.map(text).astype(TEXT)


def set_windows(
    counted: pd.DataFrame, period: Period | None, window: Window | None = None
) -> pd.DataFrame:
    """Give each row its window: what it states, or the month of its date.

    With no `period`, the `window` that is stated for all of them, else the
    window that every row states, and none if they do not
    state the same one: the first and the last of the dates are those of single
    people. With ``"stated"`` each keeps its own. With a month, quarter or year a
    row gets the one that it lies in, of the calendar or of the financial year;
    one whose own window is longer
    keeps that, for no part of its count can be told apart. A row without
    either has none. Returns a new frame.
    """
    unstated = counted[schema.PERIOD_START].isna() & counted[schema.PERIOD_END].isna()
    first, last = (
        (counted[MONTH], counted[MONTH])
        if counted[MONTH].notna().any()
        else (counted[FIRST_MONTH], counted[LAST_MONTH])
    )
    start = counted[schema.PERIOD_START].mask(unstated, first)
    end = counted[schema.PERIOD_END].mask(unstated, last)
    if period is None and window is not None:
        start = pd.Series(window.start, counted.index, dtype=TEXT)
        end = pd.Series(window.end, counted.index, dtype=TEXT)
    elif period is None:
        stated = counted[[schema.PERIOD_START, schema.PERIOD_END]]
        if len(stated.drop_duplicates()) == 1:
            start, end = stated[schema.PERIOD_START], stated[schema.PERIOD_END]
        else:
            start = end = pd.Series(pd.NA, counted.index, dtype=TEXT)
    elif period != "stated":
        width, before = MONTHS[period]
        first_bin = (month_number(start) - before) // width
        last_bin = (month_number(end) - before) // width
        inside = (first_bin == last_bin).fillna(False).astype(bool)
        start = start.mask(inside, _text(first_bin * width + before))
        end = end.mask(inside, _text(first_bin * width + before + width - 1))
    return counted.drop(columns=[MONTH, FIRST_MONTH, LAST_MONTH]).assign(
        **{schema.PERIOD_START: start, schema.PERIOD_END: end}
    )
