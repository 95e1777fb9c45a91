"""Queries and matches: the conditions asked, the answer with its score, and the decisions.

A match is a place, or none with the reason; ``rivals`` are the other candidates. Conditions
are the level and the area that stand beside a name. Decisions are an analyst's aliases,
which go before the gazetteer. The weights of a misspelt name's score were fitted by
``benchmarks/geocoding/calibrate.py`` (logistic regression) on noise described there; the
reliability on noise and names held out from the fitting is in
``benchmarks/geocoding/RESULTS.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from linemap.errors import UnknownPlaceError
from linemap.geocoding.index import ALTERNATE, OWN_NAME, SHORT_FORM, Index
from linemap.schema import ALIAS, LEVEL, LEVEL_WORDS, MISSING, NAME, NOTE, PLACE_ID, WITHIN
from linemap.text import key, without_full_postcodes


class Rival(NamedTuple):
    """A place that also answers.

    ``inside`` names its county, borough or nation; ``km`` is its distance from
    the answer, or from the first rival where there is no answer; ``edits`` the
    typing errors between its name and the question.
    """

    place_id: str
    name: str
    level: str
    inside: str | None
    km: float | None
    edits: int = 0

    def __str__(self) -> str:
        where = f", {self.inside}" if self.inside else ""
        return f"{self.name}{where} ({self.level})"


class Match(NamedTuple):
    """The answer to one question; ``place_id`` is None unless one place is meant.

    A correction of the spelling that nothing supports is a ``suggestion``, and
    then the first of the rivals.
    """

    status: str
    place_id: str | None = None
    name: str | None = None
    level: str | None = None
    via: str | None = None
    score: float = 0.0
    suggestion: str | None = None
    suggestion_id: str | None = None
    rivals: tuple[Rival, ...] = ()
    reason: str | None = None
    source: str | None = None


# What `_make` does, without its check of the length: for lists of thousands.
new_rival: Callable[[tuple[object, ...]], Rival] = partial(tuple.__new__, Rival)
new_match: Callable[[tuple[object, ...]], Match] = partial(tuple.__new__, Match)


def how_placed(accept_suggestions: float | None = None) -> str:
    """Say in a sentence, for a whole release, how names were turned into places.

    >>> how_placed()[:46]
    'Places were found by their names as written, o'
    """
    chosen = (
        "and no other correction of a spelling was taken."
        if accept_suggestions is None
        else "and, as the owner chose, where the nearest listed name scored "
        f"{accept_suggestions:g} or more."
    )
    return (
        "Places were found by their names as written, or by other names of theirs. A misspelt "
        "name was placed where a person confirmed it, where another row spells it right or its "
        f"county holds no other name as near, {chosen}"
    )


def too_common(name: str) -> str:
    """Return the reason why the one listed place of a common name is not the answer."""
    return f"{name} is the name of many places, most of them not listed"


def missing(reason: str, rivals: tuple[Rival, ...] = (), via: str | None = None) -> Match:
    """Return the match of a query that no place answers, with the reason."""
    return Match(MISSING, reason=reason, rivals=rivals, via=via)


SUPPORTED_SCORE: Final = 0.99  # of a slip that its county or the same table supports
_EXACT: Final = {OWN_NAME: 0.995, "code": 1.0, ALTERNATE: 0.95, SHORT_FORM: 0.95}
_ALIAS: Final = 0.985
_WEIGHTS: Final = (-0.249, 0.160, -1.378, 0.092, -0.805, 0.327, 1.132, 0.068, 3.700)
_MOST: Final = 0.994  # of a mistyped name: under that of a name written right
_MOST_LETTERS: Final = 12
MOST_BEYOND: Final = 4


def exact_score(kind: str, via: Sequence[str]) -> float:
    """Score an answer whose name was written without an error."""
    score = _EXACT.get(kind, _ALIAS)
    return score * 0.95 if "near the boundary" in via else score


def features(
    letters: NDArray[np.int64],
    edits: NDArray[np.int64],
    beyond: NDArray[np.int64],
    same_start: NDArray[np.bool_],
    is_slip: NDArray[np.bool_],
) -> list[NDArray[np.float64]]:
    """Return the variables that the score of a misspelt name depends on.

    A constant; the letters of the question, up to 12; whether there are two
    typing errors, and that again by the letters; the rivals with more errors, up
    to 4; whether two errors meet under 7 letters; whether question and name
    start with the same letter, and that again with two errors; whether the one
    error is a slip of the hand.
    """
    length = np.minimum(letters, _MOST_LETTERS) - 8.0
    two = (edits > 1).astype(float)
    start = same_start.astype(float)
    many = np.minimum(beyond, MOST_BEYOND).astype(float)
    return [
        np.ones(len(two)),
        length,
        two,
        two * length,
        many,
        two * (letters < 7),
        start,
        two * start,
        np.asarray(is_slip, dtype=float),
    ]


def fuzzy_scores(
    letters: NDArray[np.int64],
    edits: NDArray[np.int64],
    beyond: NDArray[np.int64],
    same_start: NDArray[np.bool_],
    is_slip: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Score the answers to mistyped names, never as high as a name written right."""
    drawn = np.column_stack(features(letters, edits, beyond, same_start, is_slip))
    logit = drawn @ np.array(_WEIGHTS)
    return np.asarray(np.round(np.minimum(1 / (1 + np.exp(-logit)), _MOST), 3))


@cache
def fuzzy_score(letters: int, edits: int, beyond: int, same_start: bool, is_slip: bool) -> float:
    """Score the suggestion for one mistyped name."""
    one = (np.array([part]) for part in (letters, edits, beyond, same_start, is_slip))
    return float(fuzzy_scores(*one)[0])


class Within(NamedTuple):
    """An area that an answer must lie in: as it is now, and as addresses have it.

    ``named`` are the areas that bear the name; ``now`` these and their parts.
    ``is_narrow`` says that it is a county or less: so few of the listed places lie
    in it that a name there which is one slip away is hardly there by chance.
    """

    label: str
    now: frozenset[str]
    written: frozenset[str] = frozenset()
    is_narrow: bool = False
    named: frozenset[str] = frozenset()


class Condition(NamedTuple):
    """What is asked beside the name; ``wrong`` says what cannot be asked so (else empty).

    ``area`` is the area's name in the one spelling, as decisions file it.
    """

    level: str | None = None
    within: Within | None = None
    wrong: str = ""
    area: str = ""


# The most of the listed settlements that may lie in an area which supports a correction:
# every county and force of England and Wales holds fewer, London and Scotland more.
NARROW_SHARE: Final = 0.05
ANYTHING: Final = Condition()


def read_conditions(index: Index, asked: Iterable[tuple[object, object]]) -> list[Condition]:
    """Read pairs of a level and an area, as a table has them, as conditions."""
    levels: dict[object, str | Literal[False] | None] = {}
    areas: dict[object, Within | None] = {}
    return [_read(index, level, area, levels, areas) for level, area in asked]


def _read(
    index: Index,
    level: object,
    area: object,
    levels: dict[object, str | Literal[False] | None],
    areas: dict[object, Within | None],
) -> Condition:
    if _is_blank(level) and _is_blank(area):
        return ANYTHING
    if level not in levels:
        levels[level] = (
            None if _is_blank(level) else LEVEL_WORDS.get(str(level).strip().lower(), False)
        )
    if area not in areas:
        areas[area] = None if _is_blank(area) else within(index, str(area))
    known, inside = levels[level], areas[area]
    wrong = ""
    if known is False:
        wrong = f"no level is named {level!r}"
    elif inside is not None and not inside.now | inside.written:
        wrong = f"no listed area is named {area!r}"
    return Condition(known or None, inside, wrong, "" if inside is None else key(str(area)))


def within(index: Index, area: str) -> Within:
    """Read the name or place_id of an area."""
    rows = index.area_rows(area)
    now, written = index.area_ids(rows), index.historic_counties.get(key(area), frozenset())
    share = index.share_inside(now or written)
    label = index.names[rows[0]] if rows else area
    named = frozenset(index.ids[row] for row in rows)
    return Within(label, now, written, 0 < share <= NARROW_SHARE, named)


def _is_blank(value: object) -> bool:
    return value is None or value != value or not str(value).strip()


DECIDED_BY: Final = "decided_by"
DECISION_COLUMNS: Final = (NAME, LEVEL, WITHIN, PLACE_ID, DECIDED_BY, NOTE)
ANALYST: Final = "analyst"


class Decisions:
    """An analyst's decisions by name; of several that fit a query the narrowest answers."""

    def __init__(self, frame: pd.DataFrame | None, index: Index) -> None:
        self._index = index
        self._by: dict[tuple[str, str | None, str], tuple[str, str]] = {}
        self.any = False
        if frame is None:
            return
        frame = frame.reindex(columns=list(DECISION_COLUMNS), fill_value="").fillna("")
        unknown = [place for place in frame[PLACE_ID] if place and place not in index.row]
        if unknown:
            raise UnknownPlaceError(
                "The gazetteer has no place with the id " + ", ".join(map(repr, unknown[:10])) + "."
            )
        for name, level, within, place, note in zip(
            *(frame[column] for column in (NAME, LEVEL, WITHIN, PLACE_ID, NOTE)), strict=True
        ):
            asked = (key(without_full_postcodes(name)), LEVEL_WORDS.get(level.lower()), key(within))
            self._by[asked] = place, note
        self.any = bool(self._by)

    def answer(self, name: str, condition: Condition) -> Match | None:
        """Return the match of a query that was decided, or None."""
        level, area, name = condition.level, condition.area, key(name)
        for at_level, inside in ((level, area), (level, ""), (None, area), (None, "")):
            decided = self._by.get((name, at_level, inside))
            if decided is not None:
                return self._match(*decided)
        return None

    def _match(self, place: str, note: str) -> Match:
        if not place:
            return missing(note or "an analyst decided to leave it unplaced", via=ANALYST)
        row, index = self._index.row[place], self._index
        return Match(
            ALIAS, place, index.names[row], index.levels[row], ANALYST, 1.0, None, None, (),
            note or None, index.sources[row],
        )  # fmt: skip
