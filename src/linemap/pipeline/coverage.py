"""What a release says that it covers: the window that its owner states, and its title."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError
from linemap.records import fault_at
from linemap.windows import Window


def months_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first and the last month of each row, ``start`` and ``end``; null if not stated.

    The window that a row states goes before the month of its date.
    """
    dates = frame[schema.DATE].dt.strftime("%Y-%m").astype(object)
    start = frame[schema.PERIOD_START].astype(object).fillna(frame[schema.PERIOD_END])
    end = frame[schema.PERIOD_END].astype(object).fillna(frame[schema.PERIOD_START])
    return pd.DataFrame({"start": start.fillna(dates), "end": end.fillna(dates)})


def is_dated(frame: pd.DataFrame) -> bool:
    """Tell if every row states a date or a period."""
    return bool(len(frame)) and bool(months_of(frame).notna().all(axis=None))


def faults_outside(frame: pd.DataFrame, window: Window) -> tuple[Fault, ...]:
    """List the rows whose date or period does not lie inside a window, by row."""
    months = months_of(frame).dropna()
    return tuple(
        fault_at(
            frame,
            at,
            f"the row is of {first if first == last else f'{first} to {last}'}, outside the "
            f"window {window.start} to {window.end}.",
        )
        for at, first, last in zip(months.index, months["start"], months["end"], strict=True)
        if not window.holds(first, last)
    )


def require_inside(frame: pd.DataFrame, window: Window, name: str) -> None:
    """Refuse a table with rows outside the window that its owner states.

    Raises
    ------
    InputError
        With a fault for each row that lies outside.
    """
    faults = faults_outside(frame, window)
    if faults:
        number = sum(fault.times or 1 for fault in faults)
        rows = "1 row lies" if number == 1 else f"{number:,} rows lie"
        raise InputError(
            f"{rows} outside the window {window.words} in {name}. State a window that holds every "
            "row, or leave those rows out of the table.",
            faults,
        )


def measures_of(frame: pd.DataFrame) -> list[str]:
    """Name the measures of a table, in alphabetical order."""
    return sorted(frame[schema.MEASURE].dropna().unique())


def title_of(
    title: str | None, window: Window | None, measures: Sequence[str], *, statements: bool
) -> str:
    """Return the owner's title with the window that it covers, or an honest one of linemap's.

    >>> title_of(None, Window("2023-04", "2024-03"), ["referrals"], statements=False)
    'Referrals by home area and place, April 2023 to March 2024'
    >>> title_of("Referrals, 2023-24", Window("2023-04", "2024-03"), [], statements=False)
    'Referrals, 2023-24'
    """
    if not title and statements:
        title = "Published statements by home area and place"
    elif not title:
        plain = len(measures) == 1 and measures[0].replace(" ", "").isalpha()
        what = measures[0] if plain else "records"
        title = f"{what[:1].upper()}{what[1:]} by home area and place"
    if window is None or window.is_named_in(title):
        return title
    return f"{title}, {window.words}"
