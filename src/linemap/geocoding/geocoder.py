"""Geocode names: many at once, each distinct query once, and cells that name several places.

:func:`geocode` answers names; :func:`geocode_by_rule` also the cells of several places
("Gt Yarmouth / Lowestoft"), by the rule that the owner of the table chose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal, cast, get_args

import numpy as np
import pandas as pd
import pyarrow as pa

from linemap import schema
from linemap.errors import AmbiguousPlaceError, InputError
from linemap.gazetteer import Gazetteer
from linemap.geocoding.batch import answer_all
from linemap.geocoding.index import index_of
from linemap.geocoding.match import Decisions, Match, read_conditions
from linemap.geocoding.parsing import enumerated, joined, listed
from linemap.geocoding.resolve import ACCEPTED_SCORE, Resolver
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
    SUGGESTED,
    SUGGESTION,
    SUGGESTION_ID,
    VIA,
)
from linemap.text import sound, without_full_postcodes

Texts = Sequence[object] | pd.Series | np.ndarray
FULL_POSTCODE: Final = "full postcode"  # in `via`: what was asked held one, which is personal
_DIGIT: Final = re.compile(r"[0-9]")
_TEXT: Final = pd.StringDtype("pyarrow", na_value=np.nan)
_COLUMNS: Final = (
    PLACE_ID, NAME, LEVEL, STATUS, VIA, SCORE, SUGGESTION, SUGGESTION_ID, RIVALS, REASON, SOURCE,
)  # fmt: skip


def geocode(
    names: Texts | str,
    *,
    levels: Texts | str | None = None,
    within: Texts | str | None = None,
    gazetteer: Gazetteer | None = None,
    aliases: pd.DataFrame | None = None,
    accept_suggestions: float | None = None,
    on_ambiguous: Literal["flag", "raise"] = "flag",
) -> pd.DataFrame:
    """Find the place that each name means, or say why none can be told.

    ``levels`` (linemap levels, or words such as "town") and ``within`` (the
    name or place_id of an area) hold for all names or are given per row; a null
    asks nothing. ``aliases`` are an analyst's own decisions, as
    :func:`read_aliases` reads them; they go before the gazetteer's names.

    Gives a MATCHES frame: one row per name, in the caller's order and index.
    ``place_id``, ``name``, ``level`` and ``source`` are null where ``status`` is
    ``suggested``, ``ambiguous``, ``several`` or ``missing``; ``reason`` then says
    why. ``via`` says how the answer came about, ``score`` (0 to 1) how often an
    answer or suggestion that came about so is right, ``rivals`` who else answers.
    Each distinct question is resolved once; a row that is no name is ``missing``
    and harms no other. Of a full postcode, which is personal, only its district is
    read and kept in ``query``, and ``via`` ends in "full postcode". A level is a
    preference: where no place at it bears the
    name, a place at another level answers, and ``reason`` says so.

    A name that no listed place bears, but one nearly, is ``suggested``:
    ``suggestion`` and ``suggestion_id`` name that place, which is not the
    answer, since most such names are real places that the gazetteer lacks. It
    is the answer (``fuzzy``) where its one error is a slip of the hand (two
    letters swapped, one doubled, one left out, a neighbouring key) and evidence
    supports it: another name of this list spells the place right, or the county
    asked or written beside it holds no other name as near. `accept_suggestions`
    answers every suggestion that scores so much or more, right or wrong.

    Raises AmbiguousPlaceError where ``on_ambiguous`` is "raise" and a name is
    ambiguous, and ValueError for an unknown level that is given for all, or for
    an `accept_suggestions` outside 0 to 1.

    >>> matches = geocode(["Fernport", "Newton"], gazetteer=Gazetteer.toy())
    >>> list(matches["status"])
    ['exact', 'ambiguous']
    """
    asked = _series([names] if isinstance(names, str) else names)
    gazetteer = Gazetteer.load() if gazetteer is None else gazetteer
    index = index_of(gazetteer)
    level_codes, level_values = _distinct(levels, len(asked), "levels")
    within_codes, within_values = _distinct(within, len(asked), "within")
    if accept_suggestions is not None and not 0 <= accept_suggestions <= 1:
        raise ValueError(f"accept_suggestions is from 0 to 1, not {accept_suggestions!r}.")
    if isinstance(levels, str) and levels.strip().lower() not in LEVEL_WORDS:
        raise ValueError(f"No level is named {levels!r}; levels are {', '.join(LEVELS)}.")
    name_codes, name_values = _factorise(asked)
    if reduced := _without_postcodes(name_values):
        name_values = [reduced.get(number, name) for number, name in enumerate(name_values)]
        asked = pd.Series([reduced.get(code, name) for code, name in
                           zip(name_codes.tolist(), asked, strict=True)],
                          index=asked.index, dtype=object)  # fmt: skip
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
    resolver = Resolver(index)
    answers = answer_all(
        resolver,
        distinct_names,
        list(map(conditions.__getitem__, asked_of.tolist())),
        Decisions(aliases, index),
    )
    if accept_suggestions is not None:
        answers = [
            resolver.accept(answer, ACCEPTED_SCORE)
            if answer.status == SUGGESTED and answer.score >= accept_suggestions
            else answer
            for answer in answers
        ]
    for place, number in enumerate(name_of.tolist() if reduced else ()):
        if number in reduced:
            via = "+".join(filter(None, (answers[place].via, FULL_POSTCODE)))
            answers[place] = answers[place]._replace(via=via)
    if on_ambiguous == "raise":
        _refuse_ambiguous(distinct_names, answers)
    return _frame(asked, codes, answers)


def _without_postcodes(names: list[object]) -> dict[int, str]:
    """Give the names that held a full postcode, with its district alone, by their number."""
    joined = "\n".join(name for name in names if isinstance(name, str))
    if not _DIGIT.search(joined) or without_full_postcodes(joined) == joined:
        return {}
    left = {
        number: without_full_postcodes(name)
        for number, name in enumerate(names)
        if isinstance(name, str)
    }
    return {number: name for number, name in left.items() if name != names[number]}


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


# ── Several places in one cell: the owner's rule for them ───────
Several = Literal["none", "first", "area"]
FIRST_OF: Final = "first of several"  # in `via`
AREA_OF: Final = "area of several"
SEVERAL_RULES: Final = frozenset((FIRST_OF, AREA_OF))  # of `via`
_AREAS: Final = (schema.COUNTY, schema.FORCE, schema.REGION, schema.NATION)


def require_several(rule: str) -> Several:
    """Return a rule that there is; refuse every other.

    Raises
    ------
    InputError
        With the rules that there are; for ``share``, with the reason too.
    """
    for known_rule in get_args(Several):
        if rule == known_rule:
            return cast("Several", known_rule)
    known = "Write none (they stay unplaced), first, or area (the smallest area that holds all)."
    if rule == "share":
        raise InputError(
            "Several places cannot share a record: parts of records are no counts, and disclosure "
            f"control protects whole people. {known}"
        )
    raise InputError(f"There is no rule {rule!r} for several places in one cell. {known}")


def geocode_by_rule(
    names: pd.Series,
    *,
    levels: pd.Series,
    within: pd.Series,
    gazetteer: Gazetteer,
    several: Several,
    **given: Any,
) -> pd.DataFrame:
    """Answer names as :func:`geocode` does, and those of several places by the rule `several`.

    ``first`` is the first place that the cell names; ``area`` the smallest county, force,
    region or nation that holds all of them. A cell stays ``several`` where the first place,
    or one of all, is not found, or no area holds them. ``via`` names the rule and ``reason``
    the places; `given` goes to :func:`geocode`.
    """
    matches = geocode(names, levels=levels, within=within, gazetteer=gazetteer, **given)
    asked = enumerate(zip(names, matches[schema.STATUS] == schema.SEVERAL, strict=True))
    lists = {row: parts for row, (name, is_list) in asked if is_list and (parts := _parts(name))}
    if several == "none" or not lists:
        return matches
    rows = [row for row, parts in lists.items() for _ in parts]
    found = geocode(
        pd.Series([part for parts in lists.values() for part in parts], dtype=object),
        levels=levels.iloc[rows].reset_index(drop=True),
        within=within.iloc[rows].reset_index(drop=True),
        gazetteer=gazetteer,
        **given,
    ).groupby(rows, sort=False)
    answers = {
        row: answer
        for row, (_, parts) in zip(lists, found, strict=True)
        if (answer := _by_rule(parts, several, gazetteer, "; ".join(lists[row])))
    }
    changed = matches.copy()
    for column in (schema.PLACE_ID, schema.NAME, schema.LEVEL, schema.STATUS, schema.VIA,
                   schema.SCORE, schema.REASON, schema.SOURCE):  # fmt: skip
        values = changed[column].astype(object).tolist()
        for row, answer in answers.items():
            values[row] = answer[column]
        changed[column] = pd.Series(values, matches.index, dtype=matches[column].dtype)
    return changed


def _parts(name: object) -> list[str]:
    """Split a cell into the places that it names; empty where it names no list."""
    text = str(name)
    parts = listed(text)
    parts = parts if len(parts) > 1 else enumerated(text) or joined(text)
    return parts if len(parts) > 1 else []


def _by_rule(
    parts: pd.DataFrame, several: Several, gazetteer: Gazetteer, said: str
) -> dict[str, object] | None:
    """Answer one cell from the answers to its parts; None where the rule gives none."""
    ids = parts[schema.PLACE_ID]
    if several == "first":
        chosen, score = ids.iloc[0], parts[schema.SCORE].iloc[0]
        via, reason = FIRST_OF, f"the first of several places: {said}"
    else:
        chosen, score = _area_of(ids, gazetteer), parts[schema.SCORE].min()
        via, reason = AREA_OF, f"the area that holds several places: {said}"
    if not isinstance(chosen, str):
        return None
    place = gazetteer[chosen]
    return {
        schema.PLACE_ID: chosen, schema.NAME: place[schema.NAME], schema.LEVEL: place[schema.LEVEL],
        schema.STATUS: schema.ALIAS, schema.VIA: via, schema.SCORE: float(score),
        schema.REASON: reason, schema.SOURCE: place[schema.SOURCE],
    }  # fmt: skip


def _area_of(ids: pd.Series, gazetteer: Gazetteer) -> str | None:
    if ids.isna().any():
        return None
    for level in _AREAS:
        areas = gazetteer.parent_at(ids, level)
        if areas.notna().all() and areas.nunique() == 1:
            return str(areas.iloc[0])
    return None
