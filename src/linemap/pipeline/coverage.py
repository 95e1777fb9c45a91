"""What a release says that it covers: the window that its owner states, and its title."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError
from linemap.records import fault_at
from linemap.windows import Window, window_words


def months_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first and the last month of each row, ``start`` and ``end``; null if not stated.

    The window that a row states goes before the month of its date.
    """
    day, days = pd.factorize(frame[schema.DATE], use_na_sentinel=False)
    dates = pd.Series(pd.Series(days).dt.strftime("%Y-%m").astype(object)[day].array, frame.index)
    start = frame[schema.PERIOD_START].astype(object).fillna(frame[schema.PERIOD_END])
    end = frame[schema.PERIOD_END].astype(object).fillna(frame[schema.PERIOD_START])
    return pd.DataFrame({"start": start.fillna(dates), "end": end.fillna(dates)})


def window_of(frame: pd.DataFrame) -> Window | None:
    """Return the window from the first to the last month that rows state; None if none does."""
    stated = months_of(frame).dropna()
    if stated.empty:
        return None
    return Window(str(stated["start"].min()), str(stated["end"].max()))


def window_to_state(frame: pd.DataFrame, window: Window | None) -> Window | None:
    """Return the window of the rows where no `window` is stated and rows say when."""
    return window_of(frame) if window is None else None


def partly_covered(
    frame: pd.DataFrame, flows: pd.DataFrame, window: Window | None
) -> tuple[str, ...]:
    """Warn of a first or last window of `flows` that the months of the rows cover only in part.

    Empty where the owner states a `window`, for every output then says what is covered.
    """
    found = window_of(frame)
    if window is not None or found is None:
        return ()
    spans = flows[[schema.PERIOD_START, schema.PERIOD_END]].dropna().drop_duplicates()
    spans = spans.astype(str).sort_values([schema.PERIOD_START, schema.PERIOD_END])
    part = [
        window_words(start, end)
        for start, end in spans.itertuples(index=False)
        if start < found.start or end > found.end
    ]
    if not part:
        return ()
    those = part[0] if len(part) == 1 else f"{part[0]}, and {part[-1]},"
    verb = "is" if len(part) == 1 else "are"
    said = (
        f"The rows are of {found.words}, so that {those} {verb} covered only in part, and no "
        f"output says so. Build with window='{found.start} to {found.end}', or with what the "
        "table covers: every output then states it."
    )
    return (said,)


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
