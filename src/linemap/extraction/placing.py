"""Which place each mention means, by the gazetteer and by the other places of the text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.extraction.mentions import (
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


def find_places(text: str, names: Names) -> list[Mention]:
    """Find the mentions of places in a text and what each means, in order.

    Includes what only looks like a place, with its ``use``; those have no
    ``place_id``.
    """
    mentions = scan(text, names, sentences_of(text))
    mentions = _asked(text, mentions, names.gazetteer)
    mentions = _by_neighbours(_within(text, mentions, names.gazetteer), names.gazetteer)
    places = names.gazetteer.places
    return [
        replace(mention, parents=_parents_of(mention.place_id, places))
        if mention.place_id
        else mention
        for mention in mentions
    ]


def _parents_of(place_id: str, places: pd.DataFrame) -> frozenset[str]:
    return frozenset(p for p in places.loc[place_id, list(_PARENTS)] if isinstance(p, str))


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
    return [answers.get(mention.start, mention) for mention in mentions]


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


def _by_neighbours(mentions: list[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """Choose among namesakes by the areas that the text names, else by their size."""
    places = gazetteer.places
    named = {m.place_id for m in mentions if m.place_id and m.level in _AREAS} - _WIDE
    around: set[str] = set()
    for mention in mentions:
        if mention.place_id and not mention.rivals:
            row = places.loc[mention.place_id, list(_NEAR)]
            around |= {place for place in row if isinstance(place, str)} - _WIDE

    boroughs = any(m.level == schema.BOROUGH for m in mentions)

    def fits(place_id: str) -> int:
        near = {p for p in places.loc[place_id, list(_PARENTS)] if isinstance(p, str)} | {place_id}
        same = boroughs and places.loc[place_id, schema.LEVEL] == schema.BOROUGH
        return 2 * bool(near & named) + bool(near & around or same)

    return [
        _chosen(mention, places, {rival: fits(rival) for rival in mention.rivals}, fits)
        if mention.is_place and mention.rivals
        else mention
        for mention in mentions
    ]


def _chosen(mention: Mention, places: pd.DataFrame, rivals: dict[str, int], fits: Any) -> Mention:
    best = max(rivals.values())
    likely = [rival for rival, fit in rivals.items() if fit == best]
    if mention.place_id is not None:
        if best > fits(mention.place_id) and best > 1 and len(likely) == 1 and (
            places.loc[likely[0], schema.LEVEL] == mention.level
        ):  # fmt: skip
            doubt = "chosen among namesakes by the other places of the text"
            return _settled(mention, likely[0], places, _BY_TEXT, doubt)
        return mention
    levels = places.loc[list(rivals), schema.LEVEL]
    if not levels.eq(schema.SETTLEMENT).any():
        wanted = [r for r in rivals if (levels[r] == schema.FORCE) == (mention.use == POLICE)]
        doubt = "areas of several kinds have this name"
        return _settled(mention, (wanted or list(rivals))[0], places, _AREA_OF_SEVERAL, doubt)
    if best and len(_distinct(likely, places)) == 1:
        doubt = "chosen among namesakes by the other places of the text"
        return _settled(mention, likely[0], places, _BY_TEXT, doubt)
    people = places.loc[list(rivals), schema.POPULATION_WEIGHT].fillna(1000.0).sort_values()
    settled = _distinct(list(people.index[::-1]), places)
    if len(settled) > 1 and people[settled[0]] >= _MUCH_LARGER * people[settled[1]]:
        doubt = "the largest of several places of this name"
        return _settled(mention, settled[0], places, _BY_SIZE, doubt)
    return mention


def _distinct(rivals: Sequence[str], places: pd.DataFrame) -> list[str]:
    """Leave of an area and the town of its name in it the first."""
    kept: list[str] = []
    for rival in rivals:
        parents = set(places.loc[rival, list(_PARENTS)]) | {rival}
        if not any(
            other in parents or rival in set(places.loc[other, list(_PARENTS)]) for other in kept
        ):
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
