"""Each distinct name of a table asked once, and what of the answers needs a human eye."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Unpack

import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode, read_aliases, review_table
from linemap.records import Kind, ReadKeywords, ReadOptions, read
from linemap.release import private_folder, write_private_table

REVIEW: Final = "review"
ASKED_LEVEL: Final = "asked_level"
ASKED_WITHIN: Final = "asked_within"


def look_up(
    names: Sequence[str],
    *,
    level: str | None = None,
    within: str | None = None,
    aliases: str | Path | None = None,
) -> pd.DataFrame:
    """Geocode names as they were typed; one MATCHES row a name, in their order."""
    if level is not None and schema.LEVEL_WORDS.get(level.casefold()) is None:
        raise InputError(f"No level is called {level!r}; there are {', '.join(schema.LEVELS)}.")
    decisions = read_aliases(aliases) if aliases is not None else None
    levels = schema.LEVEL_WORDS[level.casefold()] if level is not None else None
    return geocode(list(names), levels=levels, within=within, aliases=decisions)


def look_up_table(
    source: object,
    *,
    statements: bool = False,
    options: ReadOptions | None = None,
    aliases: str | Path | None = None,
    **given: Unpack[ReadKeywords],
) -> pd.DataFrame:
    """Geocode both ends of a table: one MATCHES row a distinct question, with its ``count``."""
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    decisions = read_aliases(aliases) if aliases is not None else None
    return ask_once(read(source, kind, options, **given).frame, Gazetteer.load(), decisions)


def write_review(matches: pd.DataFrame, *, out: str | Path) -> Path:
    """Write what needs a human eye to the private folder of the release `out`; return its path."""
    table = to_review(matches)
    return write_private_table(private_folder(Path(out)), REVIEW, table)


def to_review(matches: pd.DataFrame) -> pd.DataFrame:
    """List what needs a human eye of what :func:`ask_once` gave, most rows first."""
    return review_table(
        matches,
        counts=matches[schema.COUNT],
        levels=matches[ASKED_LEVEL],
        within=matches[ASKED_WITHIN],
    )


def ask_once(
    frame: pd.DataFrame, gazetteer: Gazetteer, decisions: pd.DataFrame | None
) -> pd.DataFrame:
    """Ask each distinct question of both ends once.

    One MATCHES row a question, with the level and the context that were asked
    and ``count``, how many rows ask it; ordered by name, level and context.
    """
    ends = (
        (schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN),
        (schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN),
    )
    keys = [schema.QUERY, ASKED_LEVEL, ASKED_WITHIN]
    asked = pd.concat([frame[list(end)].set_axis(keys, axis=1) for end in ends])
    asked = asked[asked[schema.QUERY].notna()]
    rows = asked.groupby(keys, dropna=False, sort=True).size().rename(schema.COUNT).reset_index()
    plain = rows.astype(object).where(rows.notna(), None)
    matches = geocode(
        plain[schema.QUERY],
        levels=plain[ASKED_LEVEL],
        within=plain[ASKED_WITHIN],
        gazetteer=gazetteer,
        aliases=decisions,
    )
    told = (schema.COUNT, ASKED_LEVEL, ASKED_WITHIN)
    return matches.assign(**{column: plain[column] for column in told})
