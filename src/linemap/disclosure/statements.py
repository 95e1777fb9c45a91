"""Published statements: whether rows that are said to be public look like records instead."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from linemap import schema
from linemap.errors import DisclosureError, Way

SMALL: Final = 10  # counts of people under this are hidden by the commonest rule
_MOST: Final = 0.8  # share of the counts that are small where all of them may be records'
_FEWEST: Final = 3  # rows with a count, under which nothing can be said
_MANY: Final = 200  # rows without a source and date that no publication is likely to have
_LONGEST: Final = 200
PUBLISHED_IN: Final = "Published before, as the maker of this release says: "

AS_RECORDS: Final = Way(
    "without --statements",
    "statements=False",
    "the rows are read as records and leave through disclosure control.",
)
SAY_WHERE: Final = Way(
    '--already-published "WHERE AND WHEN"',
    'already_published="WHERE AND WHEN"',
    "if every row was published before; the words are printed with every output.",
)


def look_like_records(flows: pd.DataFrame) -> bool:
    """Say whether FLOWS of statements look like an organisation's own records.

    They do if hardly any row names a source with a date of publication or an address,
    and the counts are small throughout or the rows are many. A row without a count is
    not counted.
    """
    sourced = flows[schema.SOURCE].notna() & (
        flows[schema.PUBLISHED].notna() | flows[schema.URL].notna()
    )
    if sourced.mean() >= 0.5:
        return False
    counts = flows.loc[~sourced, schema.COUNT].dropna()
    small = len(counts) >= _FEWEST and bool((counts < SMALL).mean() >= _MOST)
    return small or int((~sourced).sum()) >= _MANY


def where_and_when(words: str) -> str:
    """Return the words that say where and when figures were published, in one line.

    Raises
    ------
    DisclosureError
        If they name no year, are too long to be a reference, or hold nothing else.

    >>> where_and_when("The Paper,  3 March 2021")
    'The Paper, 3 March 2021'
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    if (
        not re.search(r"\b(19|20)\d\d\b", plain)
        or not re.search(r"[^\W\d_]{2}", plain)
        or len(plain) > _LONGEST
    ):
        raise DisclosureError(
            f"{words[:_LONGEST]!r} does not say where and when the figures were published: name "
            "the publication and the year, in at most 200 letters."
        )
    return plain
