"""What an analyst decided about names, which goes before the gazetteer."""

from __future__ import annotations

from typing import Final

import pandas as pd

from linemap.errors import UnknownPlaceError
from linemap.geocoding.context import Condition
from linemap.geocoding.index import Index
from linemap.geocoding.match import Match, missing
from linemap.schema import ALIAS, LEVEL, LEVEL_WORDS, NAME, NOTE, PLACE_ID, WITHIN
from linemap.text import key, without_full_postcodes

DECIDED_BY: Final = "decided_by"
COLUMNS: Final = (NAME, LEVEL, WITHIN, PLACE_ID, DECIDED_BY, NOTE)
ANALYST: Final = "analyst"


class Decisions:
    """An analyst's decisions, ready to be asked; the narrowest that fits answers."""

    def __init__(self, frame: pd.DataFrame | None, index: Index) -> None:
        self._index = index
        self._by: dict[tuple[str, str | None, str], tuple[str, str]] = {}
        self.any = False
        if frame is None:
            return
        frame = frame.reindex(columns=list(COLUMNS), fill_value="").fillna("")
        unknown = [place for place in frame[PLACE_ID] if place and place not in index.row]
        if unknown:
            raise UnknownPlaceError(
                "The gazetteer has no place with the id " + ", ".join(map(repr, unknown[:10])) + "."
            )
        for name, level, within, place, note in zip(
            *(frame[column] for column in (NAME, LEVEL, WITHIN, PLACE_ID, NOTE)), strict=True
        ):
            asked = (key(without_full_postcodes(name)), LEVEL_WORDS.get(level.lower()), key(within))
            self._by[asked] = place, note
        self.any = bool(self._by)

    def answer(self, name: str, condition: Condition) -> Match | None:
        """Answer a question that was decided; None where it was not."""
        level, area, name = condition.level, condition.area, key(name)
        for at_level, inside in ((level, area), (level, ""), (None, area), (None, "")):
            decided = self._by.get((name, at_level, inside))
            if decided is not None:
                return self._match(*decided)
        return None

    def _match(self, place: str, note: str) -> Match:
        if not place:
            return missing(note or "an analyst decided to leave it unplaced", via=ANALYST)
        row, index = self._index.row[place], self._index
        return Match(
            ALIAS, place, index.names[row], index.levels[row], ANALYST, 1.0, None, None, (),
            note or None, index.sources[row],
        )  # fmt: skip
