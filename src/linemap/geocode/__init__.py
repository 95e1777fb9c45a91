"""Places for names that people typed, offline: each distinct question is answered once.

``geocode`` answers; ``review_table`` lists what needs a human eye;
``read_aliases`` reads what the human decided.
"""

from __future__ import annotations

from linemap.geocode.aliases import read_aliases
from linemap.geocode.ask import geocode
from linemap.geocode.match import Match, Rival
from linemap.geocode.review import review_table

__all__ = ["Match", "Rival", "geocode", "read_aliases", "review_table"]
