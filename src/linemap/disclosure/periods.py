"""The periods of a release: what its window covers of each, and of which nothing is shown.

A period that a ledger keeps is whole (a year), so that a table that grows repeats its numbers; what
the owner says that the release covers of it is told beside them.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from linemap import schema
from linemap.windows import (
    Span,
    Window,
    covered_part,
    periods_in_words,
    regular_periods,
    window_words,
)

NOT_SAID_WHOLE: Final = (
    "Whether the first and the last period are covered whole is not stated: each may hold less."
)


def told_periods(
    flows: pd.DataFrame, where_to: pd.DataFrame | None, window: Window | None
) -> tuple[str, ...]:
    """Say which periods a `window` covers only in part, and of which no number is shown.

    Both follow from what is shown and from the owner's word: when a record was made is never
    told. Without that word it is not known if the first and the last period are covered whole.
    """
    shown = periods_shown(flows)
    every = shown | (set() if where_to is None else periods_shown(where_to))
    said = [
        f"Of {window_words(*period)} it covers {window_words(*covered)} only."
        for period in sorted(every)
        if (covered := covered_part(*period, window)) != period
    ]
    if window is None and any(start != end for start, end in every):
        said.append(NOT_SAID_WHOLE)
    for text, hidden in (
        ("Nothing is shown of {}: too few, or none.", periods_hidden(every, every, window)),
        (
            "Of single origins nothing is shown of {}: too few, or none.",
            [one for one in periods_hidden(shown, every, window) if one in every],
        ),
    ):
        if hidden:
            said.append(text.format(periods_in_words(hidden, window)))
    return tuple(said)


def periods_shown(frame: pd.DataFrame) -> set[Span]:
    """Return the periods of a frame, those of which both ends are stated."""
    spans = frame[[schema.PERIOD_START, schema.PERIOD_END]].dropna().drop_duplicates()
    return {(str(start), str(end)) for start, end in spans.itertuples(index=False)}


def periods_hidden(shown: set[Span], every: set[Span], window: Window | None) -> list[Span]:
    """List the periods that are not `shown`, of those into which `every` shown one divides time."""
    return [period for period in regular_periods(every, window) if period not in shown]


def within_window(frame: pd.DataFrame, window: Window | None) -> pd.DataFrame:
    """Return a frame whose periods are the months that a `window` covers of them."""
    ends = [schema.PERIOD_START, schema.PERIOD_END]
    if window is None or frame.empty or not {*ends} <= set(frame):
        return frame
    found = {period: covered_part(*period, window) for period in periods_shown(frame)}
    if all(period == covered for period, covered in found.items()):
        return frame
    spans = [
        found.get((start, end), (start, end))
        for start, end in frame[ends].astype(object).itertuples(index=False)
    ]
    clipped = frame.copy()
    for at, column in enumerate(ends):
        values = pd.Series([span[at] for span in spans], frame.index)
        clipped[column] = values.astype(frame[column].dtype)
    return clipped
