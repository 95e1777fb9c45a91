"""Geocode place names offline.

``geocode`` finds the place of each name; ``review_table`` lists the names that a person
must decide on; ``read_aliases`` reads the decisions.

- `geocoder`: what callers use; each distinct name once, plain names many at a time.
- `resolve`: one name that is not plain, from its readings to an answer.
- `parsing`: the wording of a name: kind words, what stands behind a comma, lists.
- `index`: the names of a gazetteer by spelling, and those within two typing errors.
- `disambiguation`: the rules by which one of several places of a name is chosen.
- `match`: conditions asked, scores, the answer with its reason, an analyst's decisions.
- `review`: the table of names to decide on, written and read back.
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
