"""From the parts of each sentence to proposed statements, with what is carried between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from linemap import schema
from linemap.extraction.mentions import (
    COUNCIL,
    POLICE,
    Mention,
    Names,
    Sentence,
    alternatives,
    cue,
    sentences_of,
)
from linemap.extraction.placing import find_places
from linemap.extraction.roles import (
    DESTINATION,
    LINKED,
    MENTIONED,
    ORIGIN,
    SPEAKER,
    Part,
    roles_in,
)
from linemap.extraction.stated_counts import Counted, counts_of, period_of

DEFAULT_CONFIDENCE: Final = 0.6
_BOTH: Final = 0.95
_ONLY_ORIGIN: Final = 0.85  # carried from another sentence, and the text names no other
_LAST_ORIGIN: Final = 0.7  # carried, and the text names several
_LATER_ORIGIN: Final = 0.75
_THEIRS: Final = 0.85
_HERE: Final = 0.75
_FORCE: Final = 0.75
_TOTAL: Final = 0.75
_DENIED: Final = 0.3
_NEAR_GAP: Final = 30
_APART: Final = re.compile(
    r"\bas (?:far|distant)\b|;|\bother parts\b|\bwhile\b|\bwith\b[^.]*\balso\b"
)
_OTHER_CLAUSE: Final = 0.5
_OWN_CLAUSE: Final = re.compile(
    r"[,;]\s*(?:and|while|but|whereas)\s+(?:[\w-]+\s+){1,3}from\s+(?:the\s+)?$"
)
_HYPOTHETICAL: Final = 0.7


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposed statement, with where its words stand in the text."""

    origin: Mention
    destination: Mention | None
    measure: str
    count: Counted | None
    qualifier: str
    period: tuple[str, str] | None
    sentence: Sentence
    confidence: float
    doubts: tuple[str, ...] = ()


@dataclass
class _Memory:
    """What earlier sentences said."""

    origins: list[Mention] = field(default_factory=list)  # those of the last sentence that had any
    origin_ids: set[str | None] = field(default_factory=set)
    destination: Mention | None = None
    council: Mention | None = None
    is_topical: bool = False
    measure: str | None = None


def candidates_of(text: str, names: Names) -> list[Candidate]:
    """Propose the statements that a text makes, in its order."""
    mentions = find_places(text, names)
    sentences = sentences_of(text)
    parts = [
        roles_in(text, s, [m for m in group if m.is_place])
        for s, group in zip(sentences, _grouped(sentences, mentions), strict=True)
    ]
    ends = [p for group in parts for p in group]
    stated = [p.mention for p in ends if p.role == ORIGIN] or [
        p.mention for p in ends if p.role == LINKED
    ]
    later = {m.place_id or m.words for m in stated}
    memory = _Memory()
    found: list[Candidate] = []
    for sentence, group in zip(sentences, parts, strict=True):
        found += _proposed(text, sentence, group, memory, stated if len(later) == 1 else [])
    return _without_repeats(found)


def _grouped(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> list[list[Mention]]:
    groups: list[list[Mention]] = [[] for _ in sentences]
    at = 0
    for mention in mentions:
        while at < len(sentences) - 1 and sentences[at].end <= mention.start:
            at += 1
        groups[at].append(mention)
    return groups


def _proposed(
    text: str, sentence: Sentence, parts: list[Part], memory: _Memory, only: list[Mention]
) -> list[Candidate]:
    """Propose the statements of one sentence, and remember what it says."""
    words = text[sentence.start : sentence.end]
    lower = words.lower()
    known = bool(memory.origins)
    linked = DESTINATION if known else ORIGIN
    parts = [replace(p, role=linked) if p.role == LINKED else p for p in parts]
    origins = _unique([p for p in parts if p.role == ORIGIN])
    all_ends = [p for p in parts if p.role in (DESTINATION, MENTIONED)]
    ends = _unique(all_ends)
    councils = [p.mention for p in parts if p.role == SPEAKER and p.mention.use == COUNCIL]
    forces = [p.mention for p in parts if p.role == SPEAKER and p.mention.use == POLICE]
    if councils:
        memory.council = councils[0]
    counts = counts_of(text, sentence.start, sentence.end, memory.measure)
    memory.measure = next(
        (c.measure for c in counts if c.measure != "areas reached"), memory.measure
    )
    topical = cue("topic").search(lower) is not None or (
        memory.is_topical
        and (
            cue("action").search(lower) is not None
            or any(p.role in (DESTINATION, MENTIONED) for p in parts)
        )
    )
    memory.is_topical = topical
    doubts: list[str] = []
    sure = _BOTH
    chosen = [p.mention for p in origins]
    sure *= min((p.sure for p in origins), default=1.0)
    if not origins and topical and (ends or counts):
        chosen, sure, doubts = _carried(lower, memory, only, ends)
    if not ends and origins and topical and counts:
        ends = _stand_in(lower, memory, forces, chosen)
    result: list[Candidate] = []
    origin_ids = {m.place_id for m in chosen}
    around = origin_ids | {parent for m in chosen for parent in m.parents}
    ends = [p for p in ends if p.mention.place_id is None or p.mention.place_id not in around]
    if chosen and topical:
        result = _statements(text, sentence, chosen, ends, counts, sure, doubts, all_ends)
    if origins or chosen == [memory.council]:
        memory.origins = chosen
        memory.origin_ids |= origin_ids
    real = [p for p in ends if p.role == DESTINATION and not p.example]
    if real:
        memory.destination = real[-1].mention
    elif forces and memory.destination is None:
        memory.destination = forces[0]
    return result


def _unique(parts: list[Part]) -> list[Part]:
    """Leave of the mentions of one place in a sentence the plainest."""
    best: dict[str, Part] = {}
    for part in parts:
        name = part.mention.place_id or part.mention.words
        if name not in best or part.sure > best[name].sure:
            best[name] = part
    return sorted(best.values(), key=lambda part: part.mention.start)


def _carried(
    lower: str, memory: _Memory, only: list[Mention], ends: list[Part]
) -> tuple[list[Mention], float, list[str]]:
    """Take the origin from the sentences before, or from the council that speaks."""
    theirs = re.search(
        rf"\b{alternatives('cues', 'theirs')}\b(?:\s+[\w'’-]+){{0,3}}?\s*"
        rf"{alternatives('cues', 'youth')}\b|"
        r"\bwe\b[^.;]*\b(?:sons|daughters|children|young people)\b|"
        r"\bfrom the (?:borough|city)\b|\bin (?:its|our|the council's) care\b",
        lower,
    )
    if theirs and memory.council is not None:
        return [memory.council], _THEIRS, ["the origin is the area of the council that speaks"]
    if memory.origins:
        if len(memory.origin_ids | {m.place_id for m in only}) == 1:
            return memory.origins, _ONLY_ORIGIN, ["the origin stands in another sentence"]
        doubt = "the origin stands in another sentence, and the text names several"
        return memory.origins, _LAST_ORIGIN, [doubt]
    if only:
        return only[:1], _LATER_ORIGIN, ["the origin stands in a later sentence"]
    return [], 0.0, []


def _stand_in(
    lower: str, memory: _Memory, forces: list[Mention], origins: list[Mention]
) -> list[Part]:
    """Take the destination from "here", or from the force that acts."""
    if cue("here").search(lower) and memory.destination is not None:
        return [Part(memory.destination, DESTINATION, _HERE)]
    same = {m.place_id for m in origins}
    acts = re.search(r"\b(?:arrest|stopp|link|rescu|safeguard|identif|found|recover)", lower)
    if forces and acts and forces[0].place_id not in same:
        return [Part(forces[0], DESTINATION, _FORCE)]
    return []


def _statements(
    text: str, sentence: Sentence, origins: list[Mention], ends: list[Part],
    counts: list[Counted], sure: float, doubts: list[str], all_ends: list[Part],
) -> list[Candidate]:  # fmt: skip
    words = text[sentence.start : sentence.end]
    lower = words.lower()
    period = period_of(words)
    first = min((p.mention.start for p in ends), default=sentence.end) - sentence.start
    denied = cue("negation").search(lower[: max(first, 0)]) is not None and not re.search(
        r"\bnot (?:to|only|just|alone)\b|\bno (?:longer|fewer|less)\b|\bnot to be named\b|"
        r"\bcannot be named\b",
        lower,
    )
    people = [c for c in counts if c.measure != "areas reached"]
    areas = [c for c in counts if c.measure == "areas reached"]
    every = [p.mention for p in all_ends] if all_ends else [p.mention for p in ends]
    named = {m.place_id or m.words: at for at, m in enumerate(p.mention for p in ends)}
    by_end = {
        named[name]: count
        for at, count in sorted(_assigned(text, people, every, sentence).items(), reverse=True)
        if (name := every[at].place_id or every[at].words) in named
    }
    by_origin = _assigned(text, people, origins, sentence) if len(origins) > 1 else {}
    found: list[Candidate] = []

    def add(origin: Mention, end: Mention | None, count: Counted | None, qualifier: str,
            share: float, said: Sequence[str]) -> None:  # fmt: skip
        share *= origin.share * (end.share if end else 1.0) * (_DENIED if denied else 1.0)
        told = [*doubts, *said, *origin.doubts, *(end.doubts if end else ())]
        if denied:
            told.append("the sentence denies something")
        measure = count.measure if count else schema.NAMED
        found.append(Candidate(origin, end, measure, count, qualifier, period, sentence,
                               round(share, 2), tuple(dict.fromkeys(told))))  # fmt: skip

    paired = _paired(origins, [p.mention for p in ends])
    for at, part in enumerate(ends):
        example = part.example or part.role == MENTIONED
        maybe = cue("hypothetical").search(lower[: part.mention.start - sentence.start]) is not None
        mine = paired.get(at, set(range(len(origins))))
        for number, origin in enumerate(origins):
            if number not in mine:
                continue
            said: list[str] = []
            count = by_end.get(at)
            if len(mine) > 1:
                count = (
                    by_origin.get(number)
                    if len(ends) == 1 and len(by_origin) == len(origins)
                    else None
                )
            if example:
                count = None
            if count is None and people and not example and not by_end and not by_origin:
                said.append(f"a count of {people[0].value:,} stands for several places together")
            qualifier = schema.EXACT_FIGURE if count else schema.NAMED_ONLY
            if example:
                qualifier = schema.MENTIONED
            share = sure * part.sure
            between = text[part.mention.end : origin.start]
            if part.mention.end < origin.start and _OWN_CLAUSE.search(between):
                share *= _OTHER_CLAUSE
                said.append("origin and destination stand in two clauses")
            if maybe and not example and not count:
                share, qualifier = share * _HYPOTHETICAL, schema.MENTIONED
                said.append("the sentence says what may happen")
            add(origin, part.mention, count, qualifier, share, said)
    if len(origins) == 1 or len(by_origin) == len(origins):
        found_totals = [] if ends else people[:1]
        for number, origin in enumerate(origins):
            for count in found_totals:
                own = by_origin.get(number, count)
                if count.measure != "instances" and cue("action").search(lower):
                    add(origin, None, own, schema.EXACT_FIGURE, sure * _TOTAL,
                        ["no destination is stated: a total"])  # fmt: skip
    if len(origins) == 1:
        for count in areas:
            if count.others or re.search(
                r"\b(?:across|to|in|into|reach\w*|linked to|found in|over|travel\w*|"
                r"of)\s+(?:at least\s+|more than\s+|some\s+|a total of\s+)?$",
                text[sentence.start : count.start].lower(),
            ):
                add(origins[0], None, count, schema.EXACT_FIGURE, sure, [])
    return found


def _paired(origins: list[Mention], ends: list[Mention]) -> dict[int, set[int]]:
    """Give each end its own origins where the two take turns: "X's to A, and Y's to B"."""
    turns = sorted(
        [(m.start, ORIGIN, at) for at, m in enumerate(origins)]
        + [(m.start, DESTINATION, at) for at, m in enumerate(ends)]
    )
    groups: list[tuple[str, list[int]]] = []
    for _, role, at in turns:
        if groups and groups[-1][0] == role:
            groups[-1][1].append(at)
        else:
            groups.append((role, [at]))
    if len(groups) < 4 or len(groups) % 2:
        return {}
    paired: dict[int, set[int]] = {}
    for first, second in zip(groups[::2], groups[1::2], strict=True):
        sides = dict((first, second))
        for end in sides[DESTINATION]:
            paired[end] = set(sides[ORIGIN])
    return paired


def _assigned(
    text: str, counts: list[Counted], places: list[Mention], sentence: Sentence
) -> dict[int, Counted]:
    """Give each place the count that is its own; a count for several places is nobody's."""
    own: dict[int, Counted] = {}
    taken: set[int] = set()
    for at, place in enumerate(places):  # "Essex (6)", "Essex: 6"
        for number, count in enumerate(counts):
            if place.end < count.start and re.fullmatch(
                r"(?:['’]s)?\s*[(:–-]?\s*", text[place.end : count.start]
            ):
                own[at] = count
                taken.add(number)
    if own:
        return own
    for number, count in enumerate(counts):  # "in Norfolk three times"
        for at, place in enumerate(places):
            gap = text[place.end : count.start]
            near = (
                place.end <= count.start and len(gap) <= _NEAR_GAP and not re.search(r"[.;]", gap)
            )
            if (
                near
                and count.measure == "instances"
                and at not in own
                and not any(place.end < p.start < count.start for p in places)
            ):
                own[at] = count
                taken.add(number)
    for number, count in enumerate(counts):  # "six in Essex, five in Norfolk"
        if number in taken:
            continue
        following = [at for at, p in enumerate(places) if p.start >= count.end]
        next_count = counts[number + 1].start if number + 1 < len(counts) else sentence.end
        mine = [
            at
            for at in following
            if places[at].start < next_count
            and not _APART.search(text[count.end : places[at].start].lower())
        ]
        if len(mine) == 1 and mine[0] not in own:
            own[mine[0]] = count
            taken.add(number)
        elif len(mine) > 1:
            taken.add(number)
    rest = [c for n, c in enumerate(counts) if n not in taken]
    for count in rest:  # "in Norfolk three times"
        before = [at for at, p in enumerate(places) if p.end <= count.start and at not in own]
        if before and (len(places) == 1 or len(before) == 1 or count.measure == "instances"):
            between = text[places[before[-1]].end : count.start]
            if (
                "." not in between
                and len(before) - len(list(before[:-1])) == 1
                and (len(before) == 1 or count.measure == "instances")
            ):
                own[before[-1]] = count
    return own


def _without_repeats(found: list[Candidate]) -> list[Candidate]:
    """Leave of the same statement the likeliest, and of a pair that is counted no bare naming."""
    best: dict[tuple[object, ...], Candidate] = {}
    for one in found:
        end = one.destination.place_id or one.destination.words if one.destination else None
        name = (one.origin.place_id or one.origin.words, end, one.measure,
                one.count.value if one.count else None)  # fmt: skip
        known = best.get(name)
        if known is None or (_rank(one), one.confidence) > (_rank(known), known.confidence):
            best[name] = replace(one, period=one.period or (known.period if known else None))
    counted = {name[:2] for name, one in best.items() if one.count is not None}
    kept = [one for name, one in best.items() if one.count is not None or name[:2] not in counted]
    return sorted(kept, key=_position)


def _position(one: Candidate) -> tuple[int, int, int]:
    end = one.destination.start if one.destination else one.sentence.end
    return one.sentence.start, end, one.origin.start


def _rank(one: Candidate) -> int:
    """Order qualifiers: what is stated goes before what is an example."""
    return {schema.MENTIONED: 0, schema.NAMED_ONLY: 1}.get(one.qualifier, 2)
