"""Places for names that people typed, offline: each distinct question is answered once.

``geocode`` answers; ``review_table`` lists what needs a human eye;
``read_aliases`` reads what the human decided.
"""

from __future__ import annotations

from linemap.geocoding.aliases import read_aliases
from linemap.geocoding.ask import geocode
from linemap.geocoding.decisions import ANALYST
from linemap.geocoding.match import Match, Rival
from linemap.geocoding.review import review_table

__all__ = ["ANALYST", "Match", "Rival", "geocode", "read_aliases", "review_table"]
