"""Answer many distinct questions together.

Most names are plain words that need no reading: they are looked up as they
are, and those with typing errors are measured all at once. Only what is then
left open (marks, kind words, lists, stand-in levels) is read one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from linemap.geocode.choose import SAME_PLACE_KM, SETTLEMENT_SHARE, Hit, flat_km
from linemap.geocode.common import COMMON_NAMES
from linemap.geocode.counties import written_county
from linemap.geocode.decisions import Decisions
from linemap.geocode.elsewhere import not_mistyped, reason
from linemap.geocode.index import WEAK_KINDS, Index
from linemap.geocode.match import Match, Rival, missing
from linemap.geocode.resolve import CODE, MOST_RIVALS, Asked, Question, Resolver, Within
from linemap.geocode.score import MOST_BEYOND, fuzzy_score
from linemap.geocode.wording import TELLING_WORDS, Reading
from linemap.names import MAX_LENGTH, RULED_WORDS, fault, key, plain_words
from linemap.schema import AMBIGUOUS, FUZZY, LEVEL_WORDS, SETTLEMENT

_ANY_LEVEL = -1


def answer_all(
    resolver: Resolver,
    names: Sequence[object],
    levels: Sequence[object],
    within: Sequence[object],
    decisions: Decisions,
) -> list[Match]:
    """Answer distinct questions, in their order."""
    answers: list[Match | None] = [None] * len(names)
    index = resolver.index
    conditions, exact = _Conditions(index), index.exact
    telling = RULED_WORDS | TELLING_WORDS | COMMON_NAMES | index.area_tails
    mistyped: list[tuple[int, str, Question]] = []
    slow: list[tuple[int, Question]] = []
    for place, (name, level, area) in enumerate(zip(names, levels, within, strict=True)):
        known_level, inside, wrong = conditions.read(level, area)
        plain = isinstance(name, str) and len(name) <= MAX_LENGTH
        words = plain_words(name, unless=telling) if plain else None  # type: ignore[arg-type]
        if wrong or (words is None and (wrong := fault(name) or "")):
            answers[place] = missing(wrong)
            continue
        question = Question(name, known_level, inside)  # type: ignore[arg-type]  # text: no fault
        if decisions and (decided := decisions.answer(question, area)) is not None:
            answers[place] = decided
            continue
        if words is None and (row := index.row.get(question.name)) is not None:
            answers[place] = resolver.known(row, CODE)
            continue
        spelling = "".join(words) if words is not None and len(words) < 8 else ""
        entries = exact.get(spelling, ())
        if not spelling or len(spelling) > 60 or len(entries) > 1:
            slow.append((place, question))
        elif not entries:
            mistyped.append((place, spelling, question))
        elif known_level is None and inside is None:
            answers[place] = resolver.known(*entries[0])
        else:
            slow.append((place, question))
    slow += _answer_mistyped(resolver, mistyped, answers)
    _answer_slowly(resolver, slow, answers)
    return [answer for answer in answers if answer is not None]


class _Conditions:
    """The levels and areas that questions give, each read once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._read: dict[tuple[object, object], tuple[str | None, Within | None, str]] = {}

    def read(self, level: object, area: object) -> tuple[str | None, Within | None, str]:
        """Give the level, the ids of the area, and what is wrong with either (or "")."""
        asked = (level, area)
        try:
            return self._read[asked]
        except KeyError:
            pass
        known = self._level(level)
        inside = None if _blank(area) else self._within(str(area))
        wrong = ""
        if known is False:
            wrong = f"no level is named {level!r}"
        elif inside is not None and not inside.now | inside.written:
            wrong = f"{area!r} is no area that is known"
        found = (known or None, inside, wrong)
        self._read[asked] = found
        return found

    def _within(self, area: str) -> Within:
        return Within(repr(area), self._index.area_ids(area), written_county(key(area)))

    @staticmethod
    def _level(level: object) -> str | Literal[False] | None:
        if _blank(level):
            return None
        return LEVEL_WORDS.get(str(level).strip().lower(), False)


def _blank(value: object) -> bool:
    return value is None or value != value or not str(value).strip()


def _answer_mistyped(
    resolver: Resolver, asked: list[tuple[int, str, Question]], answers: list[Match | None]
) -> list[tuple[int, Question]]:
    """Answer plain names that no place bears; gives back those that need a reading."""
    if not asked:
        return []
    index = resolver.index
    left: list[tuple[int, Question]] = []
    refused = not_mistyped()
    for place, spelling, question in asked:
        if spelling in refused:
            answers[place] = missing(reason(question.name))
    asked = [one for one in asked if one[1] not in refused]
    near = index.deletions.near([spelling for _, spelling, _ in asked])
    found = _Found(index, asked, index.expand(near))
    for number, (place, spelling, question) in enumerate(asked):
        start, end = found.ends[number], found.ends[number + 1]
        if start == end:
            if found.had[number]:
                left.append((place, question))
            else:
                answers[place] = missing(f"no place is named {question.name!r}")
        elif end - start == 1 or found.edits[start + 1] > found.edits[start]:
            row = found.rows[start]
            if index.names[row].lower() in COMMON_NAMES and question.within is None:
                left.append((place, question))
            else:
                answers[place] = found.answer(spelling, start, end)
        elif (doubt := found.doubt(start, end)) is not None:
            answers[place] = doubt
        else:
            answers[place] = resolver.settle(
                Asked(Reading(spelling), None), found.hits(start, end), ()
            )
    return left


class _Found:
    """The places near each question that are as asked, best first, laid out for all at once."""

    def __init__(
        self,
        index: Index,
        asked: list[tuple[int, str, Question]],
        near: tuple[NDArray[np.int64], ...],
    ) -> None:
        question, row, edits, kind = near
        good = _as_asked(index, [q for _, _, q in asked], question, row)
        order = np.lexsort((row, -index.weights[row], edits, question))
        order = order[good[order]]
        self.had = np.bincount(question, minlength=len(asked)).tolist()
        question, row = question[order], row[order]
        self._index = index
        ends = np.searchsorted(question, np.arange(len(asked) + 1))
        self.ends: list[int] = ends.tolist()
        self.rows: list[int] = row.tolist()
        self.edits: list[int] = edits[order].tolist()
        self.kinds: list[int] = kind[order].tolist()
        first = row[ends[question]]
        self._km: list[float] = np.round(
            flat_km(index.lon[first], index.lat[first], index.lon[row], index.lat[row]), 1
        ).tolist()
        self._rivals = [
            Rival(index.ids[at], index.names[at], index.levels[at], index.inside[at], km, errors)
            for at, km, errors in zip(self.rows, self._km, self.edits, strict=True)
        ]

    def answer(self, spelling: str, start: int, end: int) -> Match:
        """Answer with the first; the others, with more typing errors, are its rivals."""
        index, row, name = self._index, self.rows[start], self._index.names[self.rows[start]]
        same_start = name[0].lower() == spelling[0]
        return Match(
            FUZZY, index.ids[row], name, index.levels[row], "fuzzy",
            fuzzy_score(
                len(spelling), self.edits[start], min(end - start - 1, MOST_BEYOND), same_start
            ),
            tuple(self._rivals[start + 1 : end][:MOST_RIVALS]), None, index.sources[row],
        )  # fmt: skip

    def doubt(self, start: int, end: int) -> Match | None:
        """Say that several towns answer as well as each other; None where it is not so plain.

        Plain are towns by their own names, all apart, of different names or none
        of which is by far the largest.
        """
        index, fewest = self._index, self.edits[start]
        while self.edits[end - 1] > fewest:
            end -= 1
        rivals = self._rivals[start:end]
        names = {rival.name for rival in rivals}
        people = [index.people[row] for row in self.rows[start:end]]
        share = people[0] / sum(people)
        if (
            not WEAK_KINDS.isdisjoint(index.kinds[kind] for kind in self.kinds[start:end])
            or any(rival.level != SETTLEMENT for rival in rivals)
            or any((rival.km or 0.0) <= SAME_PLACE_KM for rival in rivals[1:])
            or (len(names) == 1 and share >= SETTLEMENT_SHARE)
        ):
            return None
        return Match(
            AMBIGUOUS, score=round(share, 3), rivals=tuple(rivals[:MOST_RIVALS]),
            reason=f"{len(rivals)} places answer", via="fuzzy",
        )  # fmt: skip

    def hits(self, start: int, end: int) -> list[Hit]:
        """Give the places as hits."""
        kinds = self._index.kinds
        return [Hit(self.rows[at], self.edits[at], kinds[self.kinds[at]]) for at in range(start, end)]


def _as_asked(
    index: Index, questions: list[Question], question: NDArray[np.int64], row: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which pairs of question and row are at the level and inside the area asked."""
    codes = [index.level_code(q.level) for q in questions]
    levels = np.array(codes, dtype=np.int64)[question]
    good: NDArray[np.bool_] = (levels == _ANY_LEVEL) | (index.level_codes[row] == levels)
    areas = {id(q.within): q.within for q in questions}  # each area was read once
    asked = np.array([id(q.within) for q in questions])[question] if len(areas) > 1 else None
    for number, area in areas.items():
        if area is not None:
            asks = np.arange(len(row)) if asked is None else np.flatnonzero(asked == number)
            good[asks] &= index.is_inside(row[asks], area.now)
    return good


def _answer_slowly(
    resolver: Resolver, asked: list[tuple[int, Question]], answers: list[Match | None]
) -> None:
    """Answer questions that need a reading."""
    still: list[tuple[int, Question, list[Asked], Match | None]] = []
    for place, question in asked:
        ways = resolver.ask(question)
        answer, miss = resolver.exact(question, ways)
        if answer is None and miss is None:
            answer = resolver.plain_list(question.name)
        answers[place] = answer
        if answer is None:
            still.append((place, question, ways, miss))
    hits = _near(resolver.index, [ways for *_, ways, _ in still])
    for place, question, ways, miss in still:
        answers[place] = (
            miss
            or resolver.fuzzy([(way, hits[way.spelling]) for way in ways])
            or resolver.list_of(question.name)
            or missing(f"no place is named {question.name!r}")
        )


def _near(index: Index, questions: Sequence[Sequence[Asked]]) -> dict[str, list[Hit]]:
    """Find the places within a few typing errors of every reading of every question."""
    refused = not_mistyped()
    spellings = list(dict.fromkeys(asked.spelling for ways in questions for asked in ways))
    spellings = [spelling for spelling in spellings if spelling not in refused]
    hits: dict[str, list[Hit]] = defaultdict(list)
    if spellings:
        found = index.expand(index.deletions.near(spellings))
        for question, row, edits, kind in zip(*(part.tolist() for part in found), strict=True):
            hits[spellings[question]].append(Hit(row, edits, index.kinds[kind]))
    return hits
