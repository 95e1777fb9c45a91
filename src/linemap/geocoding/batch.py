"""Answer many distinct questions together.

Most names are plain words that need no reading: they are looked up as they
are, and those with typing errors are measured all at once. Only what is then
left open (marks, kind words, lists, stand-in levels) is read one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from linemap.geocoding.choose import Hit
from linemap.geocoding.conditions import Condition
from linemap.geocoding.decisions import Decisions
from linemap.geocoding.elsewhere import not_mistyped, reason
from linemap.geocoding.found import Found, Places, nothing_near
from linemap.geocoding.match import Match, missing
from linemap.geocoding.question import Asked, Question
from linemap.geocoding.resolve import CODE, Resolver
from linemap.geocoding.wording import FIRST_KIND_WORDS, JOINING_WORDS, LAST_KIND_WORDS, Reading
from linemap.text import MAX_LENGTH, fault, plain_words

_NOTHING: Final = (np.empty(0, np.int64),) * 4
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
        if words is None or _is_telling(words, tails):
            slow.append((place, Question(str(name), condition.level, condition.within)))
            continue
        spelling = "".join(words)
        entries = exact.get(spelling)
        if entries is not None:
            answers[place] = resolver.known_plainly(entries, condition)
            if answers[place] is None:
                slow.append((place, Question(str(name), condition.level, condition.within)))
        elif spelling in refused:
            answers[place] = missing(reason(str(name)))
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
            answers[place] = nothing_near(str(names[place]))
    return [answer for answer in answers if answer is not None]


def _is_telling(words: list[str], tails: frozenset[str]) -> bool:
    """Say whether words may be more than a name: its kind, an area behind it, a list."""
    if len(words) == 1:
        return len(words[0]) > _LONGEST_PLAIN
    return words[-1] in tails or words[0] in FIRST_KIND_WORDS or not JOINING_WORDS.isdisjoint(words)


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
        answers[place] = resolver.exact(question, ways) or resolver.plain_list(question.name)
        if answers[place] is None:
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
    measured = (near[0][:cut], near[1][:cut], near[2][:cut], near[3][:cut])
    left = _answer_plain(resolver, plain, conditions, measured, answers)
    hits: dict[str, list[Hit]] = defaultdict(list)
    for number, row, edits, kind in zip(*(part[cut:].tolist() for part in near), strict=True):
        hits[spellings[number - count]].append(Hit(row, edits, index.kinds[kind]))
    for place, question, ways in others:
        answers[place] = resolver.fuzzy(
            [(way, hits[way.spelling]) for way in ways]
        ) or resolver.list_of(question.name)
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
            answers[place] = answer
        elif found.best[number]:
            level, within = conditions[number][:2]
            asks = Asked(Reading(plain.spellings[number]), level, (within,) if within else ())
            answers[place] = resolver.settle(asks, found.hits(number), ())
        elif found.was_near[number]:  # at another level or elsewhere: something may stand in
            left.append(place)
    return left
