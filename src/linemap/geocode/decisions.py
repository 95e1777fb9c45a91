"""What an analyst decided about names: a small file that goes before the gazetteer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from linemap.errors import Fault, InputError, InputNotFoundError, UnknownPlaceError
from linemap.geocode.conditions import Condition
from linemap.geocode.index import Index
from linemap.geocode.match import Match, missing
from linemap.names import fault, key
from linemap.schema import ALIAS, LEVEL, LEVEL_WORDS, NAME, NOTE, PLACE_ID

WITHIN: Final = "within"
DECIDED_BY: Final = "decided_by"
COLUMNS: Final = (NAME, LEVEL, WITHIN, PLACE_ID, DECIDED_BY, NOTE)
ANALYST: Final = "analyst"


def read_aliases(path: str | Path) -> pd.DataFrame:
    """Read an analyst's decisions about names: a CSV file in UTF-8.

    One row is one decision: `name` as it is written in the tables, `level` and
    `within` where the decision holds only for them (empty: always), `place_id`
    (empty: this is no place, leave it unplaced), `decided_by` and `note` for
    whoever reads it next. Only `name` and `place_id` must be there. Columns
    that it lacks are empty; order is the file's.

    Raises InputNotFoundError where there is no such file, and InputError with
    every fault: a heading that is missing, a name that is none, a level that is
    not known, a name decided twice.
    """
    path = Path(path)
    if not path.is_file():
        raise InputNotFoundError(f"There is no file {path}.")
    try:
        frame = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False
        )
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{path.name} is no table of aliases: {error}") from error
    frame.columns = [str(column).strip().lower() for column in frame.columns]
    lacking = [column for column in (NAME, PLACE_ID) if column not in frame.columns]
    if lacking:
        raise InputError(
            f"{path.name} is no table of aliases.",
            [Fault(f"there is no column {column!r}", row=1) for column in lacking],
        )
    frame = frame.reindex(columns=list(COLUMNS), fill_value="")
    for column in COLUMNS:
        frame[column] = frame[column].fillna("").str.strip()
    faults = _faults(frame)
    if faults:
        raise InputError(f"{path.name} holds decisions that cannot be used.", faults)
    return frame


def _faults(frame: pd.DataFrame) -> list[Fault]:
    found: list[Fault] = []
    seen: dict[tuple[str, str, str], int] = {}
    for row, (name, level, within) in enumerate(
        zip(frame[NAME], frame[LEVEL], frame[WITHIN], strict=True), start=2
    ):
        if (wrong := fault(name)) is not None:
            found.append(Fault(wrong, row, NAME))
        if level.lower() not in LEVEL_WORDS:
            found.append(Fault(f"no level is named {level!r}", row, LEVEL))
        earlier = seen.setdefault((key(name), level.lower(), key(within)), row)
        if earlier != row:
            found.append(Fault(f"{name!r} is decided in row {earlier} already", row, NAME))
    return found


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
            asked = (key(name), LEVEL_WORDS.get(level.lower()), key(within))
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
            return missing(note or "an analyst decided that this is no place", via=ANALYST)
        row, index = self._index.row[place], self._index
        return Match(
            ALIAS, place, index.names[row], index.levels[row], ANALYST, 1.0, (), note or None,
            index.sources[row],
        )  # fmt: skip
