"""Which place each mention means, by the gazetteer and by the other places of the text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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
    Mention,
    Names,
    scan,
    sentences_of,
)
from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode

_PLACED: Final = (schema.EXACT, schema.ALIAS)
_QUALIFIED: Final = re.compile(r",?\s*\(?\s*(?:in|near)?\s*(?:the\s+)?")
_AREAS: Final = (
    schema.COUNTY, schema.FORCE, schema.REGION, schema.NATION, schema.GROUP, schema.BOROUGH,
    schema.DISTRICT,
)  # fmt: skip
_PARENTS: Final = (
    schema.BOROUGH_ID, schema.DISTRICT_ID, schema.COUNTY_ID, schema.FORCE_ID, schema.REGION_ID,
    schema.NATION_ID,
)  # fmt: skip
_NEAR: Final = (schema.BOROUGH_ID, schema.DISTRICT_ID, schema.COUNTY_ID, schema.FORCE_ID)
_WIDE: Final = frozenset({"nation:england", "region:london"})
_MUCH_LARGER: Final = 5.0
_BY_TEXT: Final = 0.85
_BY_SIZE: Final = 0.6
_OPEN: Final = 0.4
_AREA_OF_SEVERAL: Final = 0.9
_PART_OF_AREA: Final = 0.85
_WIDE_LEVELS: Final = (schema.COUNTY, schema.REGION, schema.NATION)


def find_places(text: str, names: Names) -> list[Mention]:
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
        if mention.use in (PLACE, STATION, "unknown") and mention.level in (None, schema.SETTLEMENT)
        and area.is_place and (area.level in _AREAS or area.rivals)
        and _QUALIFIED.fullmatch(text[mention.end : area.start])
    ]  # fmt: skip
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
            mentions[at], place_id=answer[schema.PLACE_ID], level=answer[schema.LEVEL],
            within=area.words, share=1.0, rivals=(), doubts=(),
        )  # fmt: skip
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
        (row[c] for c in (schema.BOROUGH_ID, schema.COUNTY_ID, schema.REGION_ID, schema.NATION_ID)
         if isinstance(row[c], str) and row[c] != place_id), None,
    )  # fmt: skip
    is_settlement = row[schema.LEVEL] == schema.SETTLEMENT
    return replace(
        mention, place_id=place_id, level=str(row[schema.LEVEL]), share=share, doubts=(doubt,),
        within=str(places.loc[inside, schema.NAME]) if inside and is_settlement else None,
        rivals=tuple(r for r in (mention.place_id, *mention.rivals) if r and r != place_id),
    )  # fmt: skip
