"""Each distinct name of a table asked once, and what of the answers needs a human eye."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Unpack

import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.flows import ASKED_LEVEL, ASKED_WITHIN
from linemap.geocoding import ANALYST, review_table
from linemap.pipeline.preparing import PlaceOptions, TableKeywords, options_given
from linemap.records import Kind, ReadOptions, read
from linemap.release import private_folder, write_private_table

REVIEW: Final = "review"
_NAMED: Final = 6  # names that a line lists


def look_up(
    names: Sequence[str],
    *,
    level: str | None = None,
    within: str | None = None,
    places: PlaceOptions | None = None,
) -> pd.DataFrame:
    """Geocode names as they were typed; one MATCHES row a name, in their order."""
    if level is not None and schema.LEVEL_WORDS.get(level.casefold()) is None:
        raise InputError(f"No level is called {level!r}; there are {', '.join(schema.LEVELS)}.")
    places = places or PlaceOptions()
    levels = schema.LEVEL_WORDS[level.casefold()] if level is not None else None
    asked = pd.Series(list(names), dtype=object)
    return places.geocoder()(
        asked,
        levels=pd.Series(levels, asked.index, dtype=object),
        within=pd.Series(within, asked.index, dtype=object),
        gazetteer=places.places(),
    )


def look_up_table(
    source: object,
    *,
    statements: bool = False,
    options: ReadOptions | None = None,
    places: PlaceOptions | None = None,
    **given: Unpack[TableKeywords],
) -> pd.DataFrame:
    """Geocode both ends of a table: one MATCHES row a distinct question, with its ``count``."""
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    options, places = options_given(options, places, given)
    return places.find(read(source, kind, options).frame)


def write_review(matches: pd.DataFrame, *, out: str | Path) -> Path:
    """Write what needs a human eye to the private folder of the release `out`; return its path."""
    table = to_review(matches)
    return write_private_table(private_folder(Path(out)), REVIEW, table)


def to_review(matches: pd.DataFrame) -> pd.DataFrame:
    """List what needs a human eye of what :func:`find_places` gave, most rows first."""
    return review_table(
        matches,
        counts=matches[schema.COUNT],
        levels=matches[ASKED_LEVEL],
        within=matches[ASKED_WITHIN],
    )


def changes(matches: pd.DataFrame) -> tuple[str, ...]:
    """Say what an analyst's decisions have changed, and how many names still wait for one.

    Empty where nothing was decided. Names are counted, not records.
    """
    decided = matches[schema.VIA] == ANALYST
    if not decided.any():
        return ()
    placed = matches[decided & matches[schema.PLACE_ID].notna()]
    said = [f"{query} is {name}" for query, name in _pairs(placed)]
    left = int(decided.sum()) - len(placed)
    open_ = ~decided & ~matches[schema.STATUS].isin((schema.EXACT, schema.ALIAS))
    more = f" and {len(said) - _NAMED:,} more" if len(said) > _NAMED else ""
    return (
        f"By your decisions {_names(len(placed))} placed and {_names(left)} left unplaced"
        + (f": {', '.join(said[:_NAMED])}{more}" if said else ""),
        f"Still to decide: {_names(int(open_.sum()))}",
    )


def _pairs(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if schema.COUNT in rows:
        rows = rows.sort_values([schema.COUNT, schema.QUERY], ascending=[False, True])
    yield from zip(rows[schema.QUERY].astype(str), rows[schema.NAME].astype(str), strict=True)


def _names(number: int) -> str:
    return "1 name" if number == 1 else f"{number:,} names"
