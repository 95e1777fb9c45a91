"""Places for names that people typed, offline: each distinct question is answered once.

``geocode`` answers; ``review_table`` lists what needs a human eye;
``read_aliases`` reads what the human decided.
"""

from __future__ import annotations

from linemap.geocoding.geocoder import (
    SEVERAL_RULES,
    Several,
    geocode,
    geocode_by_rule,
    require_several,
)
from linemap.geocoding.match import ANALYST, Match, Rival, how_placed
from linemap.geocoding.review import read_aliases, review_table

__all__ = [
    "ANALYST",
    "SEVERAL_RULES",
    "Match",
    "Rival",
    "Several",
    "geocode",
    "geocode_by_rule",
    "how_placed",
    "read_aliases",
    "require_several",
    "review_table",
]
