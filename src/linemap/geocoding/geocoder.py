"""Geocode names: many at once, each distinct query once, and cells that name several places.

:func:`geocode` answers names; :func:`geocode_by_rule` also the cells of several places
("Gt Yarmouth / Lowestoft"), by the rule that the owner of the table chose.

Most names are plain words: they are looked up as they are, and the edit distances of those with
typing errors are measured together. Only the names that are then still open (with punctuation,
words for a kind of place, lists, or another level) are read one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple, cast, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from linemap import schema
from linemap.errors import AmbiguousPlaceError, InputError
from linemap.gazetteer import Gazetteer
from linemap.geocoding.disambiguation import SAME_PLACE_KM, SETTLEMENT_SHARE, Hit, flat_km
from linemap.geocoding.index import Index, are_slips, free_text, index_of, not_mistyped, stop_reason
from linemap.geocoding.match import (
    ANALYST,
    Condition,
    Decisions,
    Match,
    Rival,
    fuzzy_scores,
    missing,
    new_match,
    new_rival,
    read_conditions,
    too_common,
)
from linemap.geocoding.parsing import (
    FIRST_KIND_WORDS,
    FIRST_PART_WORDS,
    JOINING_WORDS,
    LAST_KIND_WORDS,
    NameReading,
    enumerated,
    is_doubted,
    joined,
    list_items,
    trailing_words,
    whole_of,
)
from linemap.geocoding.resolve import (
    ACCEPTED_SCORE,
    CODE,
    IN_ITS_COUNTY,
    IN_THE_TABLE,
    MOST_RIVALS,
    SLIP,
    Asked,
    Question,
    Resolver,
)
from linemap.schema import (
    ALIAS,
    AMBIGUOUS,
    EXACT,
    FUZZY,
    LEVEL,
    LEVEL_WORDS,
    LEVELS,
    MISSING,
    NAME,
    PLACE_ID,
    PLACED,
    QUERY,
    REASON,
    RIVALS,
    SCORE,
    SETTLEMENT,
    SOURCE,
    STATION,
    STATUS,
    SUGGESTED,
    SUGGESTION,
    SUGGESTION_ID,
    VIA,
)
from linemap.text import MAX_LENGTH, fault, key, plain_words, sound, without_full_postcodes

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
    gazetteer = Gazetteer.load(gazetteer)
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
    parts = list_items(text)
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


_NOTHING: Final[tuple[NDArray[np.int64], ...]] = (np.empty(0, np.int64),) * 5
_SLIPPED: Final = f"{FUZZY}+{SLIP}"
_LONGEST_PLAIN: Final = 60  # letters; what is longer is read with care


def answer_all(
    resolver: Resolver,
    names: Sequence[object],
    conditions: Sequence[Condition],
    decisions: Decisions,
) -> list[Match]:
    """Answer distinct questions, in their order."""
    answers: list[Match | None] = [None] * len(names)
    exact, refused = resolver.index.exact, not_mistyped()
    tails = LAST_KIND_WORDS | free_text().last_words
    heads = FIRST_KIND_WORDS | free_text().first_words
    mistyped = PlainNames([], [])
    slow: list[tuple[int, Question]] = []
    for place, name in enumerate(names):
        condition = conditions[place]
        words = plain_words(name) if isinstance(name, str) and len(name) <= MAX_LENGTH else None
        if condition.wrong or words is None or decisions.any:
            wrong = condition.wrong or (fault(name) if words is None else None)
            decided = None if wrong else decisions.answer(str(name), condition)
            answers[place] = missing(wrong) if wrong else decided
            if answers[place] is not None:
                continue
        if words is None or _is_telling(resolver.index, words, heads, tails):
            slow.append((place, Question(str(name), condition.level, condition.within)))
            continue
        spelling = "".join(words)
        entries = exact.get(spelling)
        if entries is not None:
            answers[place] = resolver.known_plainly(entries, condition)
            if answers[place] is None:
                slow.append((place, Question(str(name), condition.level, condition.within)))
        elif spelling in refused:
            answers[place] = missing(stop_reason(str(name)))
        else:
            mistyped.places.append(place)
            mistyped.spellings.append(spelling)
    open_ways = _answer_as_written(resolver, slow, answers)
    asked = [conditions[place] for place in mistyped.places]
    left = [
        (place, Question(str(names[place]), *conditions[place][:2]))
        for place in _answer_mistyped(resolver, mistyped, asked, open_ways, answers)
    ]
    if left:
        still_open = _answer_as_written(resolver, left, answers)
        _answer_mistyped(resolver, PlainNames([], []), [], still_open, answers)
    for place, answer in enumerate(answers):
        if answer is None:
            answers[place] = _nothing(str(names[place]), resolver.index)
    found = [answer for answer in answers if answer is not None]
    doubted = [
        resolver.doubt(answer)
        if answer.status in PLACED and answer.via != ANALYST and is_doubted(str(name))
        else answer
        for name, answer in zip(names, found, strict=True)
    ]
    return _supported(resolver, doubted)


def _supported(resolver: Resolver, answers: list[Match]) -> list[Match]:
    """Answer the slips of which the other names spell the place right."""
    spelt = {
        answer.place_id
        for answer in answers
        if answer.status in (EXACT, ALIAS) and answer.via != ANALYST
    }
    return [
        resolver.accept(answer, IN_THE_TABLE)
        if answer.status == SUGGESTED
        and answer.suggestion_id in spelt
        and SLIP in (answer.via or "").split("+")
        else answer
        for answer in answers
    ]


def _is_telling(
    index: Index, words: list[str], heads: frozenset[str], tails: frozenset[str]
) -> bool:
    """Say whether words may be more than a name: its kind, a part, an area behind it, a list."""
    if len(words) == 1:
        return len(words[0]) > _LONGEST_PLAIN
    first, last = words[0], words[-1]
    if last in tails or first in heads or not JOINING_WORDS.isdisjoint(words):
        return True
    if first in FIRST_PART_WORDS and (part := whole_of(" ".join(words))) is not None:
        return key(part[0]) in index.exact
    return last in index.area_tails and bool(trailing_words(words, index.areas.__contains__))


class PlainNames(NamedTuple):
    """Plain names that no place bears as they are written: their numbers and spellings."""

    places: list[int]
    spellings: list[str]


class _Open(NamedTuple):
    """A question that its name as written did not answer, and the ways to read it."""

    place: int
    question: Question
    ways: list[Asked]


def _answer_as_written(
    resolver: Resolver, asked: list[tuple[int, Question]], answers: list[Match | None]
) -> list[_Open]:
    """Answer questions one by one from names as they are written; gives back the rest."""
    left: list[_Open] = []
    for place, question in asked:
        row = resolver.index.row.get(question.name)
        if row is not None:
            answers[place] = resolver.known(row, CODE)
            continue
        ways = resolver.ask(question)
        answer = resolver.part(question) or resolver.exact(question, ways)
        if answer is None or answer.status == MISSING:
            answer = resolver.plain_list(question.name) or answer or resolver.loosely(question)
        answers[place] = answer
        if answer is None:
            left.append(_Open(place, question, ways))
    return left


def _answer_mistyped(
    resolver: Resolver,
    plain: PlainNames,
    conditions: Sequence[Condition],
    others: list[_Open],
    answers: list[Match | None],
) -> list[int]:
    """Answer mistyped names, all measured at once; gives back plain ones that need a reading."""
    index, refused, count = resolver.index, not_mistyped(), len(plain.places)
    read = dict.fromkeys(way.spelling for one in others for way in one.ways)
    spellings = [spelling for spelling in read if spelling not in refused]
    if not count and not spellings:
        near = _NOTHING
    else:
        near = index.expand(index.deletions.near([*plain.spellings, *spellings]))
    cut = int(np.searchsorted(near[0], count))
    measured = tuple(part[:cut] for part in near)
    left = _answer_plain(resolver, plain, conditions, measured, answers)
    hits: dict[str, list[Hit]] = defaultdict(list)
    for number, row, edits, kind, spelling in zip(
        *(part[cut:].tolist() for part in near), strict=True
    ):
        hits[spellings[number - count]].append(Hit(row, edits, index.kinds[kind], spelling))
    for place, question, ways in others:
        answers[place] = (
            resolver.fuzzy([(way, hits[way.spelling]) for way in ways])
            or resolver.list_of(question.name)
            or resolver.behind(question.name)
        )
    return left


def _answer_plain(
    resolver: Resolver,
    plain: PlainNames,
    conditions: Sequence[Condition],
    near: Places,
    answers: list[Match | None],
) -> list[int]:
    """Answer plain mistyped names; gives back those that need a reading."""
    found = Candidates(resolver.index, plain.spellings, conditions, near)
    left: list[int] = []
    for number, (place, answer) in enumerate(zip(plain.places, found.answers(), strict=True)):
        if answer is not None:
            within = conditions[number].within
            if within is not None and within.is_narrow and answer.via == _SLIPPED:
                answer = resolver.accept(answer, IN_ITS_COUNTY)
            answers[place] = answer
        elif found.best[number]:
            level, within = conditions[number][:2]
            asks = Asked(NameReading(plain.spellings[number]), level, (within,) if within else ())
            answers[place] = resolver.settle(asks, found.hits(number), ())
        elif found.was_near[number]:  # at another level or elsewhere: something may stand in
            left.append(place)
    return left


Integers = NDArray[np.int64]

Places = tuple[Integers, ...]  # question, row, edits, kind of name, spelling


class Candidates:
    """The places near each of many names that are as asked, best first."""

    def __init__(
        self, index: Index, spellings: Sequence[str], conditions: Sequence[Condition], near: Places
    ) -> None:
        self._index, count = index, len(spellings)
        self._asks_where = any(condition.within is not None for condition in conditions)
        question, row, edits, kind, spelling = near
        self.was_near: list[int] = np.bincount(question, minlength=count).tolist()
        order = np.argsort((question * 8 + edits) * len(index.ids) + index.rank[row])
        order = order[_as_asked(index, conditions, question, row, edits)[order]]
        question, row, edits, spelling = question[order], row[order], edits[order], spelling[order]
        counts = np.bincount(question, minlength=count)
        ends = np.cumsum(counts)
        starts = ends - counts
        first = starts[question]
        best = np.bincount(question[edits == edits[first]], minlength=count)
        self.starts: list[int] = starts.tolist()
        self.ends: list[int] = ends.tolist()
        self.best: list[int] = best.tolist()
        self._rows: list[int] = row.tolist()
        self._edits: list[int] = edits.tolist()
        self._kinds: list[int] = kind[order].tolist()
        self._spellings: list[int] = spelling.tolist()
        self._scores, self._slips = [0.0] * count, [False] * count
        if len(row):
            lead = np.minimum(starts, len(row) - 1)  # of a name without a place: any
            slips = np.zeros(count, dtype=np.bool_)
            one = np.flatnonzero(edits[lead] == 1)
            slips[one] = are_slips(
                [spellings[number] for number in one.tolist()],
                [index.spellings[number] for number in spelling[lead[one]].tolist()],
            )
            self._slips = slips.tolist()
            self._scores = _scores(index, spellings, row[lead], edits[lead], counts - 1, slips)
        lead = row[first]
        km = np.round(flat_km(index.lon[lead], index.lat[lead], index.lon[row], index.lat[row]), 1)
        makings = map(index.rival_makings.__getitem__, self._rows)
        self._rivals = [
            new_rival((*making, far, errors))
            for making, far, errors in zip(makings, km.tolist(), self._edits, strict=True)
        ]

    def answers(self) -> list[Match | None]:
        """Answer every name where it is plain; None where it needs a reading or the rules."""
        rows, every = self._rows, self._rivals
        common, makings = self._index.is_too_common, self._index.suggestion_makings
        found: list[Match | None] = []
        for start, end, best, score, slip in zip(
            self.starts, self.ends, self.best, self._scores, self._slips, strict=True
        ):
            if best != 1:
                found.append(self._doubt(start, start + best, end) if best else None)
                continue
            row = rows[start]
            rivals = tuple(every[start : min(end, start + MOST_RIVALS)])
            if common[row]:
                found.append(
                    None
                    if self._asks_where
                    else Match(
                        AMBIGUOUS,
                        None,
                        None,
                        None,
                        None,
                        0.5,
                        None,
                        None,
                        rivals,
                        too_common(self._index.names[row]),
                    )
                )
                continue
            place, reason = makings[row]
            via = _SLIPPED if slip else FUZZY
            found.append(
                new_match((SUGGESTED, None, None, None, via, score, *place, rivals, reason, None))
            )
        return found

    def _doubt(self, start: int, end: int, last: int) -> Match | None:
        """Say that several towns answer as well as each other.

        Plain are towns by their own names (beside smaller ones by weaker names),
        all apart, of different names or none of which is by far the largest. From
        `end` to `last` are those with more errors.
        """
        index = self._index
        own: list[Rival] = []
        weak: list[Rival] = []
        people: list[float] = []
        rivals = self._rivals[start:end]
        for at, rival in enumerate(rivals, start):
            if rival.level != SETTLEMENT:
                return None
            if index.is_weak[self._kinds[at]]:
                weak.append(rival)
                continue
            if own and (rival.km or 0.0) <= SAME_PLACE_KM:
                return None
            own.append(rival)
            people.append(index.people[self._rows[at]])
        if len(own) < 2 or own[0] is not rivals[0]:
            return None
        share = people[0] / sum(people)
        if share >= SETTLEMENT_SHARE and len({rival.name for rival in own}) == 1:
            return None
        beyond = self._rivals[end : min(last, start + MOST_RIVALS)]
        return Match(
            AMBIGUOUS,
            None,
            None,
            None,
            FUZZY,
            round(share, 3),
            None,
            None,
            (*own, *weak, *beyond)[:MOST_RIVALS],
            f"{end - start} listed places are spelt as nearly like it",
        )

    def hits(self, number: int) -> list[Hit]:
        """Give the places of name `number` as hits."""
        kinds = self._index.kinds
        return [
            Hit(self._rows[at], self._edits[at], kinds[self._kinds[at]], self._spellings[at])
            for at in range(self.starts[number], self.ends[number])
        ]


def _nothing(name: str, index: Index) -> Match:
    """Answer that no place bears the name, nor one within the errors that it may have."""
    if key(name) in not_mistyped():
        return missing(stop_reason(name))
    reason = f"no listed place is named {name!r}, or nearly so"
    is_stop = name.casefold().endswith((" airport", " station"))
    if is_stop and STATION not in index.levels:
        reason += "; railway stations, those of airports among them, are added with --stations"
    return missing(reason)


def _scores(
    index: Index,
    spellings: Sequence[str],
    row: Integers,
    edits: Integers,
    beyond: Integers,
    slips: NDArray[np.bool_],
) -> list[float]:
    """Score a place of each name, as if it were the answer."""
    letters = np.fromiter(map(len, spellings), np.int64, len(spellings))
    starting = np.array(spellings, dtype="U1").view(np.uint32)
    same_start = index.first_letters[row] == starting
    scores: list[float] = fuzzy_scores(letters, edits, beyond, same_start, slips).tolist()
    return scores


def _as_asked(
    index: Index,
    conditions: Sequence[Condition],
    question: Integers,
    row: Integers,
    edits: Integers,
) -> NDArray[np.bool_]:
    """Say which pairs of question and row are at the level and inside the area asked.

    None of a question's are where a place at another level is spelt more like it.
    """
    good = np.ones(len(row), dtype=np.bool_)
    numbers = list(map(id, conditions))
    distinct = dict(zip(numbers, conditions, strict=True))
    if all(c.level is None and c.within is None for c in distinct.values()):
        return good
    of_question = np.array(numbers)[question]
    for number, condition in distinct.items():
        asks = np.flatnonzero(of_question == number)
        if condition.within is not None:
            good[asks] &= index.is_inside(row[asks], condition.within.now)
        if condition.level is not None:
            least = _least(question, edits, good, len(conditions))
            good[asks] &= index.level_codes[row[asks]] == index.level_code(condition.level)
            nearer = _least(question, edits, good, len(conditions)) > least
            good[asks] &= ~nearer[question[asks]]
    return good


def _least(question: Integers, edits: Integers, good: NDArray[np.bool_], count: int) -> Integers:
    """Give the fewest edits of the good pairs of each question."""
    least = np.full(count, 9, dtype=np.int64)
    np.minimum.at(least, question[good], edits[good])
    return least
