"""Answer many distinct questions together.

Most names are plain words that need no reading: they are looked up as they
are, and those with typing errors are measured all at once. Only what is then
left open (marks, kind words, lists, stand-in levels) is read one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from linemap.geocode.conditions import Condition
from linemap.geocode.decisions import Decisions
from linemap.geocode.elsewhere import not_mistyped, reason
from linemap.geocode.choose import Hit
from linemap.geocode.found import Found, Plain, nothing_near
from linemap.geocode.index import Index
from linemap.geocode.match import Match, missing
from linemap.geocode.resolve import CODE, Asked, Question, Resolver
from linemap.geocode.wording import FIRST_KIND_WORDS, JOINING_WORDS, LAST_KIND_WORDS, Reading
from linemap.names import MAX_LENGTH, fault, plain_words

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
    tails = LAST_KIND_WORDS | resolver.index.area_tails
    is_too_common = resolver.index.is_too_common
    mistyped: list[Plain] = []
    slow: list[tuple[int, Question]] = []
    for place, (name, condition) in enumerate(zip(names, conditions, strict=True)):
        level, within, wrong, _ = condition
        text = name if isinstance(name, str) and len(name) <= MAX_LENGTH else None
        words = None if text is None else plain_words(text)
        if wrong or (words is None and (wrong := fault(name) or "")):
            answers[place] = missing(wrong)
        elif decisions.any and (decided := decisions.answer(str(name), condition)) is not None:
            answers[place] = decided
        elif words is None or (
            len(words) > 1
            and (
                words[-1] in tails
                or words[0] in FIRST_KIND_WORDS
                or not JOINING_WORDS.isdisjoint(words)
            )
        ):
            slow.append((place, Question(str(name), level, within)))
        elif len(spelling := "".join(words)) > _LONGEST_PLAIN:
            slow.append((place, Question(str(name), level, within)))
        elif not (entries := exact.get(spelling, ())):
            if spelling in refused:
                answers[place] = missing(reason(str(name)))
            else:
                mistyped.append(Plain(place, spelling, str(name), condition))
        elif (
            len(entries) == 1
            and level is None
            and within is None
            and not is_too_common[entries[0][0]]
        ):
            answers[place] = resolver.known(*entries[0])
        else:
            slow.append((place, Question(str(name), level, within)))
    if mistyped:
        slow += _answer_mistyped(resolver, mistyped, answers)
    _answer_slowly(resolver, slow, answers)
    return [answer for answer in answers if answer is not None]


def _answer_mistyped(
    resolver: Resolver, asked: list[Plain], answers: list[Match | None]
) -> list[tuple[int, Question]]:
    """Answer plain names that no place bears; gives back those that need a reading."""
    found = Found(resolver.index, asked)
    left: list[tuple[int, Question]] = []
    for number, one in enumerate(asked):
        if not found.best[number]:
            if found.was_near[number]:  # at another level or elsewhere: something may stand in
                left.append((one.place, Question(one.name, *one.condition[:2])))
            else:
                answers[one.place] = nothing_near(one.name)
            continue
        answer = found.answer(number)
        if answer is None:
            asks = Asked(
                Reading(one.spelling),
                one.condition.level,
                () if one.condition.within is None else (one.condition.within,),
            )
            answer = resolver.settle(asks, found.hits(number), ())
        answers[one.place] = answer
    return left


def _answer_slowly(
    resolver: Resolver, asked: list[tuple[int, Question]], answers: list[Match | None]
) -> None:
    """Answer questions that need a reading."""
    still: list[tuple[int, Question, list[Asked], Match | None]] = []
    for place, question in asked:
        row = resolver.index.row.get(question.name)
        if row is not None:
            answers[place] = resolver.known(row, CODE)
            continue
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
            or nothing_near(question.name)
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
