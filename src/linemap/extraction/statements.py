"""From the mentions of a page to places and proposed statements, each with its sentence."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.extraction.mentions import (
    COMPASS,
    COUNCIL,
    PLACE,
    POLICE,
    STATION,
    KnownNames,
    Mention,
    Sentence,
    alternatives,
    cue,
    scan,
    sentences_of,
)
from linemap.extraction.roles import (
    DESTINATION,
    LINKED,
    MENTIONED,
    ORIGIN,
    SPEAKER,
    MentionRole,
    StatedCount,
    counts_of,
    period_of,
    roles_in,
)
from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode

_PLACED: Final = (schema.EXACT, schema.ALIAS)
_QUALIFIED: Final = re.compile(r",?\s*\(?\s*(?:in|near)?\s*(?:the\s+)?")
_AREAS: Final = (
    schema.COUNTY,
    schema.FORCE,
    schema.REGION,
    schema.NATION,
    schema.GROUP,
    schema.BOROUGH,
    schema.DISTRICT,
)
_PARENTS: Final = (
    schema.BOROUGH_ID,
    schema.DISTRICT_ID,
    schema.COUNTY_ID,
    schema.FORCE_ID,
    schema.REGION_ID,
    schema.NATION_ID,
)
_NEAR: Final = (schema.BOROUGH_ID, schema.DISTRICT_ID, schema.COUNTY_ID, schema.FORCE_ID)
_WIDE: Final = frozenset({"nation:england", "region:london"})
_MUCH_LARGER: Final = 5.0
_BY_TEXT: Final = 0.85
_BY_SIZE: Final = 0.6
_OPEN: Final = 0.4
_AREA_OF_SEVERAL: Final = 0.9
_PART_OF_AREA: Final = 0.85
_WIDE_LEVELS: Final = (schema.COUNTY, schema.REGION, schema.NATION)


def mentions_of_places(text: str, names: KnownNames) -> list[Mention]:
    """Find the mentions of places in a text and what each means, in order.

    Includes what only looks like a place, with its ``use``; those have no
    ``place_id``.
    """
    mentions = scan(text, names, sentences_of(text))
    mentions = _asked(text, mentions, names.gazetteer)
    known = _KnownPlaces(names.gazetteer.places)
    mentions = _by_neighbours(text, _within(text, mentions, names.gazetteer), known)
    return [
        replace(mention, parents=known.parents(mention.place_id)) if mention.place_id else mention
        for mention in mentions
    ]


class _KnownPlaces:
    """What a text asks of a place again and again, without a pandas row for each question."""

    def __init__(self, places: pd.DataFrame) -> None:
        self.frame = places
        self._row = {place_id: row for row, place_id in enumerate(places.index)}
        self._columns = {
            name: places[name].to_numpy(dtype=object) for name in (*_PARENTS, schema.LEVEL)
        }
        self._parents: dict[str, frozenset[str]] = {}

    def level(self, place_id: str) -> str:
        return str(self._columns[schema.LEVEL][self._row[place_id]])

    def parents(self, place_id: str) -> frozenset[str]:
        """Give the areas that a place lies in: borough, district, county, force, region, nation."""
        if place_id not in self._parents:
            self._parents[place_id] = self.inside(place_id, _PARENTS)
        return self._parents[place_id]

    def inside(self, place_id: str, columns: Sequence[str]) -> frozenset[str]:
        row = self._row[place_id]
        found = (self._columns[name][row] for name in columns)
        return frozenset(area for area in found if isinstance(area, str))


def _name_asked(text: str, mention: Mention) -> str:
    if mention.use == POLICE:
        return f"{mention.words} Police"
    if mention.use == COUNCIL:
        behind = re.match(
            r"(?:['’]s)?\s+((?:London )?(?:Metropolitan )?(?:County|Borough|City|"
            r"District) )?(?:Borough )?Council",
            text[mention.end : mention.end + 50],
        )
        if behind and behind[1] and behind[1].strip() == "County":
            return f"{mention.words} County Council"
    return mention.words


def _asked(text: str, mentions: list[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """Ask the gazetteer for every mention of a place, all at once."""
    asked = [mention for mention in mentions if mention.is_place]
    if not asked:
        return mentions
    full = geocode([_name_asked(text, mention) for mention in asked], gazetteer=gazetteer)
    plain = geocode([mention.words for mention in asked], gazetteer=gazetteer)
    answers = {}
    for mention, first, second in zip(
        asked, full.to_dict("records"), plain.to_dict("records"), strict=True
    ):
        answer = first if first[schema.STATUS] in _PLACED else second
        answers[mention.start] = _answered(mention, answer)
    answers |= _parts_of_areas(mentions, answers, gazetteer)
    return [answers.get(mention.start, mention) for mention in mentions]


def _parts_of_areas(
    mentions: list[Mention], answers: Mapping[int, Mention], gazetteer: Gazetteer
) -> dict[int, Mention]:
    """Take "northern Scotland", which no list has, for Scotland, and say that a part is meant."""
    found = {}
    for mention in mentions:
        first, _, rest = mention.words.partition(" ")
        asked = answers.get(mention.start)
        if asked is None or asked.use != "unknown" or first.lower() not in COMPASS:
            continue
        answer = geocode([rest], gazetteer=gazetteer).to_dict("records")[0]
        if answer[schema.STATUS] in _PLACED and answer[schema.LEVEL] in _WIDE_LEVELS:
            doubt = f"only a part of {rest} is named"
            found[mention.start] = replace(
                _answered(mention, answer),
                start=mention.end - len(rest),
                words=rest,
                share=_PART_OF_AREA,
                doubts=(doubt,),
            )
    return found


def _answered(mention: Mention, answer: Mapping[Any, Any]) -> Mention:
    rivals = tuple(rival.place_id for rival in answer[schema.RIVALS] or ())
    if answer[schema.STATUS] in _PLACED:
        return replace(
            mention, place_id=answer[schema.PLACE_ID], level=answer[schema.LEVEL], rivals=rivals
        )
    if answer[schema.STATUS] == schema.AMBIGUOUS:
        return replace(
            mention, rivals=rivals, share=_OPEN, doubts=("several places have this name",)
        )
    return replace(mention, use="unknown")


def _within(text: str, mentions: list[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """Let an area right behind a place tell it apart: "Newport, Isle of Wight"."""
    pairs = [
        at
        for at, (mention, area) in enumerate(itertools.pairwise(mentions))
        if mention.use in (PLACE, STATION, "unknown")
        and mention.level in (None, schema.SETTLEMENT)
        and area.is_place
        and (area.level in _AREAS or area.rivals)
        and _QUALIFIED.fullmatch(text[mention.end : area.start])
    ]
    if not pairs:
        return mentions
    kept = list(mentions)
    answers = geocode(
        [mentions[at].words for at in pairs],
        within=[mentions[at + 1].place_id or mentions[at + 1].words for at in pairs],
        gazetteer=gazetteer,
    ).to_dict("records")
    for at, answer in zip(pairs, answers, strict=True):
        area = mentions[at + 1]
        if answer[schema.STATUS] not in _PLACED or answer[schema.PLACE_ID] == area.place_id:
            continue
        kept[at] = replace(
            mentions[at],
            place_id=answer[schema.PLACE_ID],
            level=answer[schema.LEVEL],
            within=area.words,
            share=1.0,
            rivals=(),
            doubts=(),
        )
        kept[at + 1] = replace(area, qualifies=True)
    return kept


def _by_neighbours(text: str, mentions: list[Mention], places: _KnownPlaces) -> list[Mention]:
    """Choose among namesakes by the areas that the text names, else by their size."""
    named = {m.place_id for m in mentions if m.place_id and m.level in _AREAS} - _WIDE
    around: set[str] = set()
    for mention in mentions:
        if mention.place_id and not mention.rivals:
            around |= places.inside(mention.place_id, _NEAR) - _WIDE
    boroughs = " borough" in text.lower() or any(m.level == schema.BOROUGH for m in mentions)

    @cache
    def fits(place_id: str) -> int:
        near = places.parents(place_id) | {place_id}
        same = boroughs and places.level(place_id) == schema.BOROUGH
        return 2 * bool(near & named) + bool(near & around or same)

    return [
        _chosen(mention, places, {rival: fits(rival) for rival in mention.rivals}, fits)
        if mention.is_place and mention.rivals
        else mention
        for mention in mentions
    ]


def _chosen(
    mention: Mention, places: _KnownPlaces, rivals: dict[str, int], fits: Callable[[str], int]
) -> Mention:
    best = max(rivals.values())
    likely = [rival for rival, fit in rivals.items() if fit == best]
    by_text = "chosen among namesakes by the other places of the text"
    if mention.place_id is not None:
        if (
            best > fits(mention.place_id)
            and best > 1
            and len(likely) == 1
            and places.level(likely[0]) == mention.level
        ):
            return _settled(mention, likely[0], places.frame, _BY_TEXT, by_text)
        return mention
    if all(places.level(rival) != schema.SETTLEMENT for rival in rivals):
        police = mention.use == POLICE
        wanted = [r for r in rivals if (places.level(r) == schema.FORCE) == police]
        doubt = "areas of several kinds have this name"
        return _settled(mention, (wanted or list(rivals))[0], places.frame, _AREA_OF_SEVERAL, doubt)
    if best and len(_distinct(likely, places)) == 1:
        return _settled(mention, likely[0], places.frame, _BY_TEXT, by_text)
    people = places.frame.loc[list(rivals), schema.POPULATION_WEIGHT].fillna(1000.0).sort_values()
    settled = _distinct(list(people.index[::-1]), places)
    if len(settled) > 1 and people[settled[0]] >= _MUCH_LARGER * people[settled[1]]:
        doubt = "the largest of several places of this name"
        return _settled(mention, settled[0], places.frame, _BY_SIZE, doubt)
    return mention


def _distinct(rivals: Sequence[str], places: _KnownPlaces) -> list[str]:
    """Leave of an area and the town of its name in it the first."""
    kept: list[str] = []
    for rival in rivals:
        around = places.parents(rival) | {rival}
        if not any(other in around or rival in places.parents(other) for other in kept):
            kept.append(rival)
    return kept


def _settled(
    mention: Mention, place_id: str, places: pd.DataFrame, share: float, doubt: str
) -> Mention:
    row = places.loc[place_id]
    inside = next(
        (
            row[c]
            for c in (schema.BOROUGH_ID, schema.COUNTY_ID, schema.REGION_ID, schema.NATION_ID)
            if isinstance(row[c], str) and row[c] != place_id
        ),
        None,
    )
    is_settlement = row[schema.LEVEL] == schema.SETTLEMENT
    return replace(
        mention,
        place_id=place_id,
        level=str(row[schema.LEVEL]),
        share=share,
        doubts=(doubt,),
        within=str(places.loc[inside, schema.NAME]) if inside and is_settlement else None,
        rivals=tuple(r for r in (mention.place_id, *mention.rivals) if r and r != place_id),
    )


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
    count: StatedCount | None
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


def candidates_of(text: str, names: KnownNames) -> list[Candidate]:
    """Propose the statements that a text makes, in its order."""
    mentions = mentions_of_places(text, names)
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
    text: str, sentence: Sentence, parts: list[MentionRole], memory: _Memory, only: list[Mention]
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


def _unique(parts: list[MentionRole]) -> list[MentionRole]:
    """Leave of the mentions of one place in a sentence the plainest."""
    best: dict[str, MentionRole] = {}
    for part in parts:
        name = part.mention.place_id or part.mention.words
        if name not in best or part.sure > best[name].sure:
            best[name] = part
    return sorted(best.values(), key=lambda part: part.mention.start)


def _carried(
    lower: str, memory: _Memory, only: list[Mention], ends: list[MentionRole]
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
) -> list[MentionRole]:
    """Take the destination from "here", or from the force that acts."""
    if cue("here").search(lower) and memory.destination is not None:
        return [MentionRole(memory.destination, DESTINATION, _HERE)]
    same = {m.place_id for m in origins}
    acts = re.search(r"\b(?:arrest|stopp|link|rescu|safeguard|identif|found|recover)", lower)
    if forces and acts and forces[0].place_id not in same:
        return [MentionRole(forces[0], DESTINATION, _FORCE)]
    return []


def _statements(
    text: str, sentence: Sentence, origins: list[Mention], ends: list[MentionRole],
    counts: list[StatedCount], sure: float, doubts: list[str], all_ends: list[MentionRole],
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

    def add(origin: Mention, end: Mention | None, count: StatedCount | None, qualifier: str,
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
    text: str, counts: list[StatedCount], places: list[Mention], sentence: Sentence
) -> dict[int, StatedCount]:
    """Give each place the count that is its own; a count for several places is nobody's."""
    own: dict[int, StatedCount] = {}
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
