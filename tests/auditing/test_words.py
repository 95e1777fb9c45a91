"""Numbers in texts: which of them a reader has been told, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from linemap import schema
from linemap.auditing.published import FLOWS, Published
from linemap.auditing.words import Told, told
from linemap.disclosure import Rule

# origin, destination, count, km, bearing
ROWS = [
    ("a", "x", 40, 100.0, 0.0), ("a", "y", 20, 50.0, 90.0), ("b", "x", 15, 200.0, 180.0),
    ("b", None, 10, None, None),
]  # fmt: skip


def flow(row: tuple[Any, ...], **more: object) -> dict[str, Any]:
    origin, destination, count, km, bearing = row
    return {
        schema.ORIGIN_ID: origin, schema.DESTINATION_ID: destination, schema.COUNT: count,
        schema.DISTANCE_KM: km, schema.DISTANCE_LOW_KM: km, schema.DISTANCE_HIGH_KM: km,
        schema.BEARING_DEG: bearing, schema.MEASURE: "links", schema.PERIOD_START: None,
        schema.PERIOD_END: None, schema.DESTINATION_LEVEL: "settlement" if destination else None,
        schema.ORIGIN_PART: schema.WHOLE, schema.PART: schema.WHOLE, **more,
    }  # fmt: skip


def of(*flows: dict[str, Any]) -> Told:
    published = Published(Rule(), (), tuple(flows[0]), {FLOWS: flows}, {}, {}, {})
    return told(published, ["Counts under 10 are not shown."])


@pytest.fixture(scope="module")
def here() -> Told:
    return of(*map(flow, ROWS))


@pytest.mark.parametrize("text", [
    "85 in all", "75 with a place", "10 without",
    "60 of a", "25 of b", "55 to x", "15 of them",
    "60 within 100 km",  # 20 and 40, the nearest
    "27%", "80%", "53%", "73% further", "20 per cent", "88% placed",  # of 75; 75 of 85
    "a mean of 107 km",  # 8,000 / 75
    "83 km for a",  # 5,000 / 60
    "a median of 100 km", "towards 39°", "concentration 0.43",  # 25 north, 20 east, of 75
    "towards 27°", "0.75",  # of a: 40 north, 20 east, of 60
    "4 flows", "3 flows with a place", "2 origins",
    "Counts under 10 are not shown.", "Counts under\n10 are not shown.",
])  # fmt: skip
def test_what_follows_from_the_flows_is_told(here: Told, text: str) -> None:
    assert here.unknown(text) == 0


@pytest.mark.parametrize("text", [
    "35 in all", "43", "13 and 17", "61%", "41 per cent", "117 km on average", "38°", "0.44",
    "7 flows", "1,085", "85.5", "Counts under 12 are not shown.",
])  # fmt: skip
def test_what_does_not_follow_is_not_told(here: Told, text: str) -> None:
    assert here.unknown(text) >= 1


GROUPS: dict[str, dict[str, Any]] = {
    "measure": {schema.MEASURE: "m"},
    "origin": {schema.ORIGIN_ID: "m"},
    "destination": {schema.DESTINATION_ID: "m"},
    "level": {schema.DESTINATION_LEVEL: "m"},
    "window": {schema.PERIOD_START: "2024-01", schema.PERIOD_END: "2024-03"},
    "measure and origin": {schema.MEASURE: "m", schema.ORIGIN_ID: "m"},
    "measure and destination": {schema.MEASURE: "m", schema.DESTINATION_ID: "m"},
    "part of a destination": {schema.DESTINATION_ID: "m", schema.PART: schema.REST},
    "part of an origin": {schema.ORIGIN_ID: "m", schema.ORIGIN_PART: schema.REST},
}


@pytest.mark.parametrize("group", GROUPS)
def test_the_sum_of_a_group_is_told(group: str) -> None:
    """Two flows of a group, among others each of which shares a part of what makes the group."""
    own = GROUPS[group]
    others = [flow(("o", "d", 1000, 150.0, 1.0))]
    others += [
        flow(("o", "d", 3000 + 10_000 * at, 150.0, 1.0), **{column: value})
        for at, (column, value) in enumerate(own.items())
        if len(own) > 1 and schema.PERIOD_START not in own
    ]
    found = of(
        flow(("o", "d", 100, 10.0, 1.0), **own), *others, flow(("o", "d", 200, 300.0, 1.0), **own)
    )
    assert found.unknown("300") == 0
    assert found.unknown("301") == 1
