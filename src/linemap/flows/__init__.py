"""Records counted into pairs of places; statements joined to theirs, one flow each.

A FLOWS frame holds one kind of input only. Records are disjoint and may be
rolled up; statements overlap and rival each other, and stand as printed.

- `build`: FLOWS made of records or statements, rolled up, as a matrix.
- `questions`: the distinct questions of a table, each answered once.
- `pair_geography`: distance, bearing, line and forces of pairs of places.
"""

from __future__ import annotations

from linemap.flows.build import (
    MONTHS,
    Period,
    build_flows,
    month_number,
    roll_up,
    to_matrix,
    toy_flows,
)
from linemap.flows.pair_geography import PAIR_COLUMNS, forces_of, measure_pairs
from linemap.flows.questions import (
    ASKED_CODE,
    ASKED_HINT,
    ASKED_LEVEL,
    ASKED_WITHIN,
    QUESTION,
    QUESTION_OF,
    Geocoder,
    codes_against_names,
    end_places,
    end_statuses,
    find_places,
    off_hint,
)

__all__ = [
    "ASKED_CODE",
    "ASKED_HINT",
    "ASKED_LEVEL",
    "ASKED_WITHIN",
    "MONTHS",
    "PAIR_COLUMNS",
    "QUESTION",
    "QUESTION_OF",
    "Geocoder",
    "Period",
    "build_flows",
    "codes_against_names",
    "end_places",
    "end_statuses",
    "find_places",
    "forces_of",
    "measure_pairs",
    "month_number",
    "off_hint",
    "roll_up",
    "to_matrix",
    "toy_flows",
]
