"""Every column that a release may have, by table: what is not listed is not known."""

from __future__ import annotations

import re
from typing import Final

from linemap import schema

# A check of its own: this list is written out, not taken from the code that writes.
LABELS: Final = (
    schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.DESTINATION_ID, schema.DESTINATION_NAME,
    schema.MEASURE, schema.DESTINATION_LEVEL, schema.PERIOD_START, schema.PERIOD_END,
    schema.REASON,
)  # fmt: skip
COUNTS: Final = ("n", "n_unplaced")
TALLIES: Final = ("n_flows", "n_flows_unplaced", "n_destinations", "n_forces")
OF_STATEMENTS: Final = (
    "n_named", "n_mentioned", "areas_reached", "n_external_open", "furthest_id", "furthest_name",
    "furthest_km", "furthest_low_km", "furthest_high_km",
)  # fmt: skip
DISTANCE: Final = re.compile(r"(mean|median|p\d\d)(_low|_high)?_km")
BEYOND: Final = re.compile(r"share_beyond_([\d.]+)(_low|_high)?_km")
EXTERNAL: Final = re.compile(r"share_external(_low|_high)?")
BAND: Final = (
    "band", "from_km", "to_km", "n", "n_low", "n_high", "share", "share_low", "share_high",
    "n_named", "n_unplaced",
)  # fmt: skip
ACCOUNT: Final = (
    schema.MEASURE, "shown_as", "flows", "count_shown", "share_of_shown", "basis",
)  # fmt: skip
FAR_ENDS: Final = (
    "furthest_id", "furthest_name", schema.LEVEL, "furthest_km", "furthest_low_km",
    "furthest_high_km", "n", "n_named",
)  # fmt: skip
REACH: Final = ("origins", "destinations", "whole")
TABLES: Final = ("flows", *REACH, "bands", "far_ends", "account")
STAMP: Final = "basis"  # the column that stamps every row of a written table


def is_known(table: str, column: str, tags: tuple[str, ...]) -> bool:
    """Say whether a table may have a column."""
    if table == "flows":
        return column in (*schema.FLOW_COLUMNS, *schema.RELEASE_COLUMNS, *tags, STAMP)
    if table == "account":
        return column in ACCOUNT
    if column in (*LABELS, *tags, STAMP):
        return True
    if table == "bands":
        return column in BAND
    if table == "far_ends":
        return column in FAR_ENDS
    return column in (*COUNTS, *TALLIES, *OF_STATEMENTS) or any(
        pattern.fullmatch(column) for pattern in (DISTANCE, BEYOND, EXTERNAL)
    )
