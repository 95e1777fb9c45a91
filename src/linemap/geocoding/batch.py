"""Answer many distinct questions together.

Most names are plain words: they are looked up as they are, and the edit distances of
those with typing errors are measured together. Only the names that are then still open
(with punctuation, words for a kind of place, lists, or another level) are read one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linemap.geocoding.disambiguation import SAME_PLACE_KM, SETTLEMENT_SHARE, Hit, flat_km
from linemap.geocoding.fuzzy_index import are_slips
from linemap.geocoding.index import Index, free_text, not_mistyped, stop_reason
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
    too_common,
)
from linemap.geocoding.parsing import (
    FIRST_KIND_WORDS,
    FIRST_PART_WORDS,
    JOINING_WORDS,
    LAST_KIND_WORDS,
    Reading,
    is_doubted,
    part_of,
    trailing_words,
)
from linemap.geocoding.resolve import (
    CODE,
    IN_ITS_COUNTY,
    IN_THE_TABLE,
    MOST_RIVALS,
    SLIP,
    Asked,
    Question,
    Resolver,
)
from linemap.schema import ALIAS, AMBIGUOUS, EXACT, FUZZY, MISSING, PLACED, SETTLEMENT, SUGGESTED
from linemap.text import MAX_LENGTH, fault, key, plain_words

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
    mistyped = Plain([], [])
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
        _answer_mistyped(resolver, Plain([], []), [], still_open, answers)
    for place, answer in enumerate(answers):
        if answer is None:
            answers[place] = _nothing(str(names[place]))
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
    if first in FIRST_PART_WORDS and (part := part_of(" ".join(words))) is not None:
        return key(part[0]) in index.exact
    return last in index.area_tails and bool(trailing_words(words, index.areas.__contains__))


class Plain(NamedTuple):
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
    plain: Plain,
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
    plain: Plain,
    conditions: Sequence[Condition],
    near: Places,
    answers: list[Match | None],
) -> list[int]:
    """Answer plain mistyped names; gives back those that need a reading."""
    found = Found(resolver.index, plain.spellings, conditions, near)
    left: list[int] = []
    for number, (place, answer) in enumerate(zip(plain.places, found.answers(), strict=True)):
        if answer is not None:
            within = conditions[number].within
            if within is not None and within.is_narrow and answer.via == _SLIPPED:
                answer = resolver.accept(answer, IN_ITS_COUNTY)
            answers[place] = answer
        elif found.best[number]:
            level, within = conditions[number][:2]
            asks = Asked(Reading(plain.spellings[number]), level, (within,) if within else ())
            answers[place] = resolver.settle(asks, found.hits(number), ())
        elif found.was_near[number]:  # at another level or elsewhere: something may stand in
            left.append(place)
    return left


Integers = NDArray[np.int64]
Places = tuple[Integers, ...]  # question, row, edits, kind of name, spelling


class Found:
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
                    else Match(AMBIGUOUS, None, None, None, None, 0.5, None, None, rivals,
                               too_common(self._index.names[row]))
                )  # fmt: skip
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
            AMBIGUOUS, None, None, None, FUZZY, round(share, 3), None, None,
            (*own, *weak, *beyond)[:MOST_RIVALS],
            f"{end - start} listed places are spelt as nearly like it",
        )  # fmt: skip

    def hits(self, number: int) -> list[Hit]:
        """Give the places of name `number` as hits."""
        kinds = self._index.kinds
        return [
            Hit(self._rows[at], self._edits[at], kinds[self._kinds[at]], self._spellings[at])
            for at in range(self.starts[number], self.ends[number])
        ]


def _nothing(name: str) -> Match:
    """Answer that no place bears the name, nor one within the errors that it may have."""
    if key(name) in not_mistyped():
        return missing(stop_reason(name))
    return missing(f"no listed place is named {name!r}, or nearly so")


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
