"""List what needs a human eye, and make it easy to write the decision down."""

from __future__ import annotations

from typing import Final

import pandas as pd

from linemap.geocoding.decisions import ANALYST, DECIDED_BY, WITHIN
from linemap.geocoding.match import Rival
from linemap.schema import (
    EXACT,
    LEVEL,
    NAME,
    NOTE,
    PLACE_ID,
    QUERY,
    REASON,
    RIVALS,
    SCORE,
    STATUS,
    VIA,
)

RECORDS_COUNT: Final = "records"
ANSWER: Final = "answer"
CANDIDATES: Final = "candidates"
REVIEW_COLUMNS: Final = (
    NAME, LEVEL, WITHIN, PLACE_ID, DECIDED_BY, NOTE,
    RECORDS_COUNT, STATUS, ANSWER, SCORE, VIA, REASON, CANDIDATES,
)  # fmt: skip
_SURE: Final = 0.95
_MOST_CANDIDATES: Final = 6


def review_table(
    matches: pd.DataFrame,
    *,
    counts: pd.Series | None = None,
    levels: pd.Series | str | None = None,
    within: pd.Series | str | None = None,
    sure: float = _SURE,
) -> pd.DataFrame:
    """List the names that need a human eye, those with most records first.

    ``matches`` is a MATCHES frame; ``counts`` how many records each of its rows
    stands for (default: one each), ``levels`` and ``within`` what was asked with
    the names. Listed is every question without a place, and every answer that
    is not by the name as written and scores under `sure`; what an analyst has
    decided is not. One row per distinct question; ties by name.

    The first columns are those of an aliases file (:func:`read_aliases`), with
    `place_id` empty for the analyst to fill; the rest say what was asked how
    often (`records`), and what linemap thinks (`answer`, `candidates` as
    "place_id name, county (level), km"). It holds names as they were written:
    for the analyst alone.
    """
    table = pd.DataFrame(
        {
            NAME: matches[QUERY].astype(object),
            LEVEL: _asked(levels, matches),
            WITHIN: _asked(within, matches),
            RECORDS_COUNT: 1 if counts is None else counts.to_numpy(),
            STATUS: matches[STATUS],
            ANSWER: matches[PLACE_ID],
            SCORE: matches[SCORE],
            VIA: matches[VIA],
            REASON: matches[REASON],
            RIVALS: matches[RIVALS],
        }
    )
    unsure = table[ANSWER].isna() | ((table[SCORE] < sure) & (table[STATUS] != EXACT))
    table = table[unsure & (table[VIA] != ANALYST)]
    table = table.assign(**{NAME: [_text(name) for name in table[NAME]]})
    asked = [NAME, LEVEL, WITHIN]
    records = table.groupby(asked, sort=False)[RECORDS_COUNT].sum()
    table = table.drop_duplicates(asked).drop(columns=RECORDS_COUNT)
    table = table.join(records, on=asked).assign(
        **{
            PLACE_ID: "",
            DECIDED_BY: "",
            NOTE: "",
            CANDIDATES: [_listed(rivals) for rivals in table[RIVALS]],
        }
    )
    table = table.sort_values([RECORDS_COUNT, *asked], ascending=[False, True, True, True])
    return table.reindex(columns=list(REVIEW_COLUMNS)).reset_index(drop=True)


def _asked(values: pd.Series | str | None, matches: pd.DataFrame) -> pd.Series:
    """Lay what was asked with the names out as text, empty where nothing was."""
    if values is None or isinstance(values, str):
        return pd.Series(values or "", index=matches.index, dtype=object)
    return pd.Series([_text(value) for value in values], index=matches.index, dtype=object)


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _listed(rivals: tuple[Rival, ...]) -> str:
    """Write candidates down, the likeliest first."""
    return "; ".join(
        f"{rival.place_id} {rival}" + (f", {rival.km:.0f} km" if rival.km else "")
        for rival in rivals[:_MOST_CANDIDATES]
    )
