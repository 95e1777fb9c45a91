"""How a table is to be read: the options that every reader and every command shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a caller says of a table beside the table itself.

    ``columns`` maps a part (``"origin"``, ``"destination"``, ``"count"``, ...)
    to the heading that holds it, where the heading is not a known synonym.
    ``tags`` are further columns to keep, as text. ``sheet`` names the sheet of
    a workbook that has several, or counts it from 1. ``encoding`` is the text's
    encoding, null where it can be seen. ``measure`` says what is counted in a
    table without such a column. ``allow_refused`` leaves faulty rows out
    instead of refusing the table.

    ``header_row`` is the row that holds the headings, where it is not plain.
    ``layout`` says that the table is a ``"list"`` (one row a record), a
    ``"matrix"`` (a crosstab: origins down, destinations or periods across, or
    as its headings say) or a ``"matrix-transposed"`` (destinations down).
    ``financial_year`` says that ``2010-11`` is the year from April 2010.
    ``unknown_words`` adds words that stand for no place: a mapping from word to
    kind, or a CSV file with the columns ``word`` and ``kind``.

    Every reader takes these one by one too: ``read_records(path, sheet="May")``
    is ``read_records(path, ReadOptions(sheet="May"))``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    sheet: str | int | None = None
    encoding: str | None = None
    measure: str | None = None
    allow_refused: bool = False
    header_row: int | None = None
    layout: str | None = None
    financial_year: bool = False
    unknown_words: Mapping[str, str] | str | Path | None = None

    def with_given(self, given: ReadKeywords) -> ReadOptions:
        """Return the options with the keywords `given` in place of these."""
        return replace(self, **given)


class ReadKeywords(TypedDict, total=False):
    """The fields of :class:`ReadOptions` as keywords of a reader."""

    columns: Mapping[str, str]
    tags: Sequence[str]
    sheet: str | int | None
    encoding: str | None
    measure: str | None
    allow_refused: bool
    header_row: int | None
    layout: str | None
    financial_year: bool
    unknown_words: Mapping[str, str] | str | Path | None


def options_of(options: ReadOptions | None, given: ReadKeywords) -> ReadOptions:
    """Join the options that a caller gave whole with those given as keywords, which go first.

    >>> options_of(ReadOptions(sheet="May"), {"measure": "referrals"}).sheet
    'May'
    """
    return (options or ReadOptions()).with_given(given)
