"""Each distinct name of a table asked once, and what of the answers needs a human eye."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Unpack

import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.flows import ASKED_LEVEL, ASKED_WITHIN
from linemap.geocoding import ANALYST, keep_suggestions, review_table
from linemap.pipeline.preparing import (
    PlaceOptions,
    TableKeywords,
    called,
    finding_places,
    options_given,
)
from linemap.records import Kind, ReadOptions, Tell, nobody, read
from linemap.release import private_folder, write_private_table
from linemap.text import key, plain_words

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
    tell: Tell = nobody,
    **given: Unpack[TableKeywords],
) -> pd.DataFrame:
    """Geocode both ends of a table: one MATCHES row a distinct question, with its ``count``.

    A name that nothing is suggested for, and that abbreviates one place of the same table
    (``Isl`` and ``LBI`` where others say Islington), has that place as its suggestion.
    `tell` is told each step.
    """
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    options, places = options_given(options, places, given)
    tell(f"Reading {called(source)}")
    reading = read(source, kind, options, tell=tell)
    tell(finding_places(reading))
    return with_short_forms(places.find(reading.frame))


def write_review(
    matches: pd.DataFrame, *, out: str | Path, aliases: str | Path | None = None
) -> Path:
    """Write what needs a human eye to the private folder of the release `out`; return its path.

    `aliases` is the analyst's file of decisions, if there is one.
    """
    table = to_review(matches, aliases)
    return write_private_table(private_folder(Path(out)), REVIEW, table)


def to_review(matches: pd.DataFrame, aliases: str | Path | None = None) -> pd.DataFrame:
    """List what needs a human eye of what :func:`find_places` gave, most rows first.

    Short forms are suggested as by :func:`look_up_table`. What the file of decisions `aliases`
    says of a name, if it is a review table, stays beside the decision.
    """
    table = review_table(
        with_short_forms(matches),
        counts=matches[schema.COUNT],
        levels=matches[ASKED_LEVEL],
        within=matches[ASKED_WITHIN],
    )
    return table if aliases is None else keep_suggestions(table, aliases)


def with_short_forms(matches: pd.DataFrame) -> pd.DataFrame:
    """Suggest for each name that abbreviates one placed name of the table the place of that."""
    placed = matches[matches[schema.STATUS].isin((schema.EXACT, schema.ALIAS))]
    placed = placed.drop_duplicates(schema.PLACE_ID)
    forms = [
        (place, name, _short_forms(name, is_borough=level == schema.BOROUGH))
        for place, name, level in zip(
            placed[schema.PLACE_ID], placed[schema.NAME], placed[schema.LEVEL], strict=True
        )
    ]
    suggested = {}
    silent = matches[schema.SUGGESTION_ID].isna() & (matches[schema.STATUS] == schema.MISSING)
    for row, query in matches.loc[silent & is_open(matches), schema.QUERY].items():
        short = key(str(query))
        found = [(name, place) for place, name, short_forms in forms if short in short_forms]
        if len(found) == 1:
            said = f"it may be short for {found[0][0]}, which other rows of the table name"
            suggested[row] = (*found[0], said, schema.SUGGESTED)
    columns = [schema.SUGGESTION, schema.SUGGESTION_ID, schema.REASON, schema.STATUS]
    changed = pd.DataFrame.from_dict(suggested, orient="index", columns=columns)
    matches = matches.copy()
    matches.update(changed)
    return matches


def _short_forms(name: str, *, is_borough: bool) -> frozenset[str]:
    """List how a place may be abbreviated: its beginning, its initials, those behind LB.

    >>> sorted(_short_forms("Kent", is_borough=False))
    ['ken']
    >>> {"lbi", "isl"} <= _short_forms("Islington", is_borough=True)
    True
    """
    words = plain_words(name) or []
    whole = key(name)
    initials = {"".join(word[0] for word in some) for some in (words, _telling(words))}
    starts = {whole[:length] for length in range(3, min(len(whole), 7))}
    boroughs = {f"{mark}{short}" for mark in ("lb", "lbo") for short in initials if is_borough}
    return frozenset(starts | {short for short in initials if len(short) > 1} | boroughs)


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in ("and", "of", "the", "upon", "on")]


def is_open(matches: pd.DataFrame) -> pd.Series:
    """Tell of each answer if it waits for the analyst's word."""
    known = matches[schema.STATUS].isin((schema.EXACT, schema.ALIAS, schema.NOT_STATED))
    return ~known & (matches[schema.VIA] != ANALYST)


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
    open_ = is_open(matches)
    more = f" and {len(said) - _NAMED:,} more" if len(said) > _NAMED else ""
    return (
        f"By your decisions {_names(len(placed))} placed and {_names(left)} left unplaced"
        + (f": {', '.join(said[:_NAMED])}{more}" if said else ""),
        f"Names still to decide: {int(open_.sum()):,}",
    )


def _pairs(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if schema.COUNT in rows:
        rows = rows.sort_values([schema.COUNT, schema.QUERY], ascending=[False, True])
    yield from zip(rows[schema.QUERY].astype(str), rows[schema.NAME].astype(str), strict=True)


def _names(number: int) -> str:
    return "1 name" if number == 1 else f"{number:,} names"
