"""The caption: how many, how many unknown, of what, when, from where, and what it is not."""

from __future__ import annotations

from typing import Final

import pandas as pd

from linemap import schema
from linemap.figures.doors import Subject
from linemap.figures.panels import named_flows
from linemap.figures.words import counted, number_words, sentence, shown, whole_window

MOST_SOURCES: Final = 2
STATEMENTS_NOTE: Final = (
    "Figures of different measures, levels or windows overlap and are never added: a town's is "
    "inside its county's. One person may be linked to several places."
)

PROTECTED_NOTE: Final = (
    "Each record stands once, at the smallest area that may be shown: what goes to a region is not "
    "the region's total"
)


def caption(subject: Subject, *, unit: str, notes: str = "", drawn: str = "") -> list[str]:
    """Write the caption of a figure, one part a line or more.

    `unit` says what a number counts, `notes` what the drawing means, `drawn`
    what of the flows is shown where it is not all of them.
    """
    parts = [
        " ".join(sentence(part) for part in (_how_many(subject), drawn) if part),
        " ".join(
            sentence(part)
            for part in (
                f"Unit: {unit}",
                f"window: {whole_window(subject.flows)}" if len(subject.flows) else "",
                notes,
            )
            if part
        ),
        " ".join(sentence(part) for part in (f"Source: {sources(subject)}", _standing(subject))),
    ]
    if subject.attributions:
        parts.append(sentence("; ".join(dict.fromkeys(subject.attributions))))
    return parts


def _how_many(subject: Subject) -> str:
    if subject.statements:
        return _how_many_statements(subject)
    placed = subject.placed
    places = placed[schema.DESTINATION_ID].nunique()
    told = (
        f"n = {number_words(placed[schema.COUNT].sum())} with a known place, between "
        f"{counted(placed[schema.ORIGIN_ID].nunique(), 'origin')} and "
        f"{counted(places, 'destination')}"
    )
    if subject.protected:
        hidden = int(placed[schema.COUNT].isna().sum())
        told += " that are shown"
        if hidden:
            told += f"; {counted(hidden, 'count')} hidden"
        return f"{told}; {_unknown_of_release(subject)}"
    unplaced = subject.unplaced
    return f"{told}; unknown destination or origin: {number_words(unplaced[schema.COUNT].sum())}"


def _unknown_of_release(subject: Subject) -> str:
    unplaced = subject.unplaced
    if len(unplaced) and unplaced[schema.COUNT].notna().any():
        return f"unknown destination: {number_words(unplaced[schema.COUNT].sum())}"
    return "how many have no known destination is in the release's account"


def _how_many_statements(subject: Subject) -> str:
    placed, named = subject.placed, named_flows(subject)
    figures = len(placed) - len(named)
    unplaced = subject.unplaced
    areas = int((subject.flows[schema.MEASURE] == schema.AREAS_REACHED).sum())
    told = (
        f"n = {counted(len(subject.flows), 'published statement')}: "
        f"{counted(figures, 'figure')} for a place, {len(named)} that name a place and count "
        f"nothing, {len(unplaced)} whose place is unknown or not published"
    )
    if not areas:
        return told
    return f"{told}, {areas} that {'counts' if areas == 1 else 'count'} areas"


def sources(subject: Subject) -> str:
    """Name the sources where they are few, else say how many and where they stand."""
    found = subject.flows[schema.SOURCE].dropna().unique()
    if len(found) == 0:
        return "the records of the organisation that made this"
    if len(found) <= MOST_SOURCES:
        return "; ".join(shown(source, most=160) for source in sorted(map(str, found)))
    return f"{len(found)} published sources, each named beside its figure in the tables"


def _standing(subject: Subject) -> str:
    if subject.private:
        return "Not protected: for the analyst alone"
    told = list(subject.caveats)
    if subject.statements:
        told.insert(0, STATEMENTS_NOTE)
    if subject.protected:
        told.insert(0, PROTECTED_NOTE)
    return " ".join(sentence(part) for part in told)


def listing(flows: pd.DataFrame, *, most: int = 8) -> str:
    """List flows in words, largest count first, for the description of a figure."""
    order = flows.sort_values(
        [schema.COUNT, schema.DISTANCE_KM, schema.FLOW_ID],
        ascending=[False, False, True],
        na_position="last",
    )
    told = []
    for _, row in order.head(most).iterrows():
        count = "named" if pd.isna(row[schema.COUNT]) else number_words(row[schema.COUNT])
        told.append(
            f"{shown(row[schema.ORIGIN_NAME])} to {shown(row[schema.DESTINATION_NAME])}: {count}"
        )
    left = len(order) - len(told)
    return "; ".join(told) + (f"; and {left} more" if left > 0 else "")
