"""How a table is to be read: the options that every reader and every command shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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

    Every reader takes these one by one too: ``read_records(path, sheet="May")``
    is ``read_records(path, ReadOptions(sheet="May"))``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    sheet: str | int | None = None
    encoding: str | None = None
    measure: str | None = None
    allow_refused: bool = False

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


def options_of(options: ReadOptions | None, given: ReadKeywords) -> ReadOptions:
    """Join the options that a caller gave whole with those given as keywords, which go first.

    >>> options_of(ReadOptions(sheet="May"), {"measure": "referrals"}).sheet
    'May'
    """
    return (options or ReadOptions()).with_given(given)
