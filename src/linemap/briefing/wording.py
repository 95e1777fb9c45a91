"""Numbers, levels, windows and distances in the words of a brief."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.briefing.content import Number
from linemap.briefing.subject import Subject
from linemap.windows import Window

FLOWS: Final = "flows"
WHERE_TO: Final = schema.WHERE_TO
THIN: Final = 20  # fewer give no rank, mean or change: the ONS calls rates of fewer unreliable
MOST_ROWS: Final = 10
NOT_KNOWN: Final = "not known"
KM: Final = "km (nearest to furthest parts)"
FURTHER: Final = "The rest is in the tables of the release."
PLURALS: Final = {
    schema.SETTLEMENT: "towns", schema.BOROUGH: "boroughs", schema.COUNTY: "counties",
    schema.FORCE: "police force areas", schema.REGION: "regions", schema.NATION: "nations",
    schema.GROUP: "groups of areas", schema.DISTRICT: "districts",
    schema.STATION: "railway stations", schema.POSTCODE_DISTRICT: "postcode districts",
}  # fmt: skip


def whole_number(value: float) -> str:
    """Write a whole number with its thousands apart.

    >>> whole_number(4013)
    '4,013'
    """
    return f"{round(value):,}"


def window_of(start: object, end: object) -> str:
    """Write a window in words.

    >>> window_of("2018-01", "2019-03"), window_of(None, None)
    ('January 2018 to March 2019', 'window not stated')
    """
    if isinstance(start, str) and isinstance(end, str):
        return Window(start, end).words
    return "window not stated"


def ids_of(flows: pd.DataFrame) -> tuple[str, ...]:
    """List the identifiers of flows, of which a number is made."""
    return tuple(map(str, flows[schema.FLOW_ID]))


def sum_of(flows: pd.DataFrame, table: str = FLOWS) -> Number:
    """Add up the counts of flows, null ones left out, as a number that names its rows."""
    total = whole_number(int(flows[schema.COUNT].sum()))
    return Number(total, table, ids_of(flows), schema.COUNT, "sum")


def how_many_kinds(flows: pd.DataFrame, column: str, table: str = FLOWS) -> Number:
    """Count the different values of a column, null left out, as a number that names its rows."""
    text = whole_number(flows[column].nunique())
    return Number(text, table, ids_of(flows), column, "distinct")


def how_many(flows: pd.DataFrame) -> Number:
    """Count flows, as a number that names its rows."""
    return Number(whole_number(len(flows)), FLOWS, ids_of(flows), schema.FLOW_ID, "rows")


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def set_words(subject: Subject, flows: pd.DataFrame) -> str:
    """Say what a set of flows counts: the measure and, of statements, the level and window."""
    first = flows.iloc[0]
    measure = str(first[schema.MEASURE])
    if not subject.statements:
        return measure
    level = PLURALS.get(str(first[schema.DESTINATION_LEVEL]), "places")
    return f"{measure}, {level}, {window_of(first[schema.PERIOD_START], first[schema.PERIOD_END])}"


def km_range(row: Any, low: str, high: str, middle: str = schema.DISTANCE_KM) -> str:
    """Write a distance in km with its least and most; "not known" where it is null."""
    if pd.isna(row[middle]):
        return NOT_KNOWN
    return f"{row[middle]:,.0f} ({row[low]:,.0f} to {row[high]:,.0f})"


def rows_left(more: int, thing: str) -> str:
    """Say how many rows a table leaves out."""
    if not more:
        return ""
    return f"{more:,} further {thing}{'' if more == 1 else 's'}. {FURTHER}"
