"""Geocode place names offline.

``geocode`` finds the place of each name; ``review_table`` lists the names that a person
must decide on; ``read_aliases`` reads the decisions.
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
from linemap.geocoding.review import keep_suggestions, read_aliases, review_table

__all__ = [
    "ANALYST",
    "SEVERAL_RULES",
    "Match",
    "Rival",
    "Several",
    "geocode",
    "geocode_by_rule",
    "how_placed",
    "keep_suggestions",
    "read_aliases",
    "require_several",
    "review_table",
]
