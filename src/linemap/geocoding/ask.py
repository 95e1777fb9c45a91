"""Ask many names at once: each distinct question is resolved once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from linemap.errors import AmbiguousPlaceError
from linemap.gazetteer import Gazetteer
from linemap.geocoding.batch import answer_all
from linemap.geocoding.conditions import read_conditions
from linemap.geocoding.decisions import Decisions
from linemap.geocoding.index import index_of
from linemap.geocoding.match import Match, Rival, missing
from linemap.geocoding.resolve import Resolver
from linemap.geocoding.score import DEFAULT_MIN_SCORE
from linemap.schema import (
    AMBIGUOUS,
    LEVEL,
    LEVEL_WORDS,
    LEVELS,
    NAME,
    PLACE_ID,
    QUERY,
    REASON,
    RIVALS,
    SCORE,
    SOURCE,
    STATUS,
    VIA,
)
from linemap.text import sound

Texts = Sequence[object] | pd.Series | np.ndarray
_TEXT: Final = pd.StringDtype("pyarrow", na_value=np.nan)
_COLUMNS: Final = (PLACE_ID, NAME, LEVEL, STATUS, VIA, SCORE, RIVALS, REASON, SOURCE)


def geocode(
    names: Texts | str,
    *,
    levels: Texts | str | None = None,
    within: Texts | str | None = None,
    gazetteer: Gazetteer | None = None,
    aliases: pd.DataFrame | None = None,
    min_score: float = DEFAULT_MIN_SCORE,
    on_ambiguous: Literal["flag", "raise"] = "flag",
) -> pd.DataFrame:
    """Find the place that each name means, or say why none can be told.

    ``levels`` (linemap levels, or words such as "town") and ``within`` (the
    name or place_id of an area) hold for all names or are given per row; a null
    asks nothing. ``aliases`` are an analyst's own decisions, as
    :func:`read_aliases` reads them; they go before the gazetteer's names.

    Gives a MATCHES frame: one row per name, in the caller's order and index.
    ``place_id``, ``name``, ``level`` and ``source`` are null where ``status`` is
    ``ambiguous``, ``several`` or ``missing``; ``reason`` then says why.
    ``via`` says how the answer came about, ``score`` (0 to 1) how often an
    answer that came about so is right, ``rivals`` who else answers. Answers
    that score less than ``min_score`` are ``missing``, with the place among the
    rivals. Each distinct question is resolved once; a row that is no name is
    ``missing`` and harms no other.

    Raises AmbiguousPlaceError where ``on_ambiguous`` is "raise" and a name is
    ambiguous, and ValueError for an unknown level that is given for all.

    >>> matches = geocode(["Fernport", "Newton"], gazetteer=Gazetteer.toy())
    >>> list(matches["status"])
    ['exact', 'ambiguous']
    """
    asked = _series([names] if isinstance(names, str) else names)
    gazetteer = Gazetteer.load() if gazetteer is None else gazetteer
    index = index_of(gazetteer)
    level_codes, level_values = _distinct(levels, len(asked), "levels")
    within_codes, within_values = _distinct(within, len(asked), "within")
    if isinstance(levels, str) and levels.strip().lower() not in LEVEL_WORDS:
        raise ValueError(f"No level is named {levels!r}; levels are {', '.join(LEVELS)}.")
    name_codes, name_values = _factorise(asked)
    combined = (name_codes * len(level_values) + level_codes) * len(within_values) + within_codes
    codes, distinct = pd.factorize(combined)
    name_of, condition_of = np.divmod(distinct, len(level_values) * len(within_values))
    condition_codes, asked_of = np.unique(condition_of, return_inverse=True)
    conditions = read_conditions(
        index,
        (
            (level_values[code // len(within_values)], within_values[code % len(within_values)])
            for code in condition_codes.tolist()
        ),
    )
    distinct_names = list(map(name_values.__getitem__, name_of.tolist()))
    answers = answer_all(
        Resolver(index),
        distinct_names,
        list(map(conditions.__getitem__, asked_of.tolist())),
        Decisions(aliases, index),
    )
    answers = [
        answer if answer.score >= min_score or answer.place_id is None else _held(answer, min_score)
        for answer in answers
    ]
    if on_ambiguous == "raise":
        _refuse_ambiguous(distinct_names, answers)
    return _frame(asked, codes, answers)


def _held(answer: Match, min_score: float) -> Match:
    best = Rival(answer.place_id or "", answer.name or "", answer.level or "", None, 0.0)
    return missing(
        f"{answer.name} scores {answer.score:.2f}, under {min_score:.2f}",
        (best, *answer.rivals),
        answer.via,
    )


def _refuse_ambiguous(names: list[object], answers: list[Match]) -> None:
    doubtful = [
        f"{name!r} ({', '.join(map(str, answer.rivals[:4]))})"
        for name, answer in zip(names, answers, strict=True)
        if answer.status == AMBIGUOUS
    ]
    if doubtful:
        raise AmbiguousPlaceError(
            f"{len(doubtful)} names answer to more than one place: {'; '.join(doubtful[:10])}. "
            "Give `levels` or `within`, or decide in an aliases file."
        )


def _series(names: Texts) -> pd.Series:
    series = names if isinstance(names, pd.Series) else pd.Series(list(names), dtype=object)
    if series.dtype != object:
        return series
    written = [sound(name) if isinstance(name, str) else name for name in series]
    return pd.Series(written, index=series.index, dtype=object)


def _factorise(values: pd.Series) -> tuple[np.ndarray, list[object]]:
    """Give the distinct values numbers; what cannot be compared stands for itself."""
    try:
        codes, distinct = pd.factorize(values, use_na_sentinel=True)
    except TypeError:
        plain = [value if isinstance(value, str) else _Odd(value) for value in values]
        codes, distinct = pd.factorize(pd.Series(plain, dtype=object), use_na_sentinel=True)
    found: list[object] = [value.value if isinstance(value, _Odd) else value for value in distinct]
    return np.where(codes < 0, len(found), codes).astype(np.int64), [*found, None]


class _Odd:
    """A value that is not text, by identity."""

    def __init__(self, value: object) -> None:
        self.value = value


def _distinct(
    values: Texts | str | None, rows: int, called: str
) -> tuple[np.ndarray, list[object]]:
    if values is None or isinstance(values, str):
        return np.zeros(rows, dtype=np.int64), [values if values is None else sound(values)]
    if len(values) != rows:
        raise ValueError(f"{called} holds {len(values)} values for {rows} names.")
    return _factorise(_series(values))


def _frame(asked: pd.Series, codes: np.ndarray, answers: list[Match]) -> pd.DataFrame:
    """Lay the answers out beside the names."""
    fields = dict(zip(Match._fields, zip(*answers, strict=True), strict=True)) if answers else {}
    columns: dict[str, object] = {QUERY: asked.array}
    for column in _COLUMNS:
        values = fields.get(column, ())
        if column == SCORE:
            columns[column] = np.array(values, dtype=float)[codes]
        elif column == RIVALS:
            rivals = np.empty(len(answers), dtype=object)
            rivals[:] = values
            columns[column] = rivals[codes]
        else:
            texts = pd.array(pa.array(values, pa.large_string()), dtype=_TEXT)
            columns[column] = texts.take(codes)
    return pd.DataFrame(columns, index=asked.index)
