"""Resolve one question: from its readings and the places that bear them to an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from linemap.geocoding.disambiguation import (
    Choice,
    Hit,
    Point,
    at_level,
    decide,
    distances,
    km_between,
    nearest,
    weight,
    within_area,
)
from linemap.geocoding.index import OWN_NAME, Entry, Index, free_text, is_slip, post_towns
from linemap.geocoding.match import (
    SUPPORTED_SCORE,
    Condition,
    Match,
    Rival,
    Within,
    exact_score,
    fuzzy_score,
    missing,
    too_common,
    within,
)
from linemap.geocoding.parsing import (
    WHOLE_COUNTRY,
    NameReading,
    enumerated,
    joined,
    list_items,
    readings,
    set_off,
    whole_of,
)
from linemap.schema import (
    ALIAS,
    AMBIGUOUS,
    BOROUGH,
    COUNTY,
    DISTRICT,
    EXACT,
    FORCE,
    FUZZY,
    NATION,
    POSTCODE_DISTRICT,
    REGION,
    SETTLEMENT,
    SEVERAL,
    SUGGESTED,
)
from linemap.text import is_postcode_district, key, normalise, postal_area

MOST_RIVALS: Final = 12
CODE: Final = "code"
# What `via` says of a correction: that its one error is a typing error, and what supports it.
SLIP: Final = "slip"
IN_ITS_COUNTY: Final = "its county"
IN_THE_TABLE: Final = "spelt so elsewhere in the table"
ACCEPTED_SCORE: Final = "accepted by its score"
_SUPPORT: Final = {
    IN_ITS_COUNTY: "one typing error, and no other name in the area given is as near",
    IN_THE_TABLE: "one typing error, and another row spells it right",
    ACCEPTED_SCORE: "a suggestion that was accepted for its score",
}
_NEAR_KM: Final = 30.0
# Of these one says north, south, mid; "South Down" and "West Vale" are no parts of an area.
_BRITAIN: Final = frozenset({"nation:england", "nation:wales", "nation:scotland"})
_LONDON: Final = "region:london"
_COUNCILS: Final = frozenset({BOROUGH, COUNTY, DISTRICT})
_WITH_SIDES: Final = frozenset({COUNTY, FORCE, REGION, NATION})
_LAST_IN: Final = re.compile(r"\s+(?:in|at)\s+(?!.*\s(?:in|at)\s)", re.IGNORECASE)
# How often such a suggestion is right, from general knowledge: most prisons, stations and
# hospitals are in the town of their name (but Featherstone prison is not in Featherstone).
_FREE_TEXT_SCORE: Final = 0.8
_BEHIND_SCORE: Final = 0.9
_POST_KM: Final = 80.0  # from the post towns of a postal area
_DISTRICT_KM: Final = 25.0  # from the middle of a postcode district


class Question(NamedTuple):
    """A name, the level asked (or None) and the area that it must lie in (or None)."""

    name: str
    level: str | None = None
    within: Within | None = None


class Spots(NamedTuple):
    """What a postcode is around: points, and how far from all of them contradicts it."""

    label: str
    points: tuple[Point, ...]
    limit_km: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A reading of a question made ready: its areas, the points it is near, or what is unknown."""

    reading: NameReading
    level: str | None
    areas: tuple[Within, ...] = ()
    near: tuple[tuple[tuple[Point, ...], float], ...] = ()  # points, and how far from them in km
    unknown: str | None = None
    several: bool = False
    is_beside_a_town: bool = False  # what stands behind the name is a town as well as an area
    postcode: Spots | None = None
    level_is_wording: bool = False  # its kind words say the level, not the caller

    @property
    def has_context(self) -> bool:
        """Whether anything says where the place is."""
        return bool(self.areas or self.near)

    @property
    def spelling(self) -> str:
        """The base without spaces, as the index files it."""
        return self.reading.base.replace(" ", "")


class Resolver:
    """Answers questions from one index."""

    def __init__(self, index: Index) -> None:
        self.index = index

    # ── reading ─────────────────────────────────────────────────────────────
    def ask(self, question: Question) -> list[Asked]:
        """List the ways to read a question, the plainest first."""
        is_area = self.index.areas.__contains__
        return [self._prepare(reading, question) for reading in readings(question.name, is_area)]

    def _prepare(self, reading: NameReading, question: Question) -> Asked:
        level = question.level or reading.level
        areas = [] if question.within is None else [question.within]
        near: list[tuple[tuple[Point, ...], float]] = []
        unknown, several, beside = None, False, False
        for text in reading.context:
            spelling = key(text)
            if spelling in WHOLE_COUNTRY:
                continue
            area = self._area(text)
            if area.now or area.written:
                areas.append(area)
                beside |= self._is_town(spelling)
            elif (spot := self._spot(text)) is not None:
                near.append(((spot,), _NEAR_KM))
                several = True
            else:
                unknown = text
        near += [((spot,), _NEAR_KM) for text in reading.hints if (spot := self._spot(text))]
        spots = None if reading.postcode is None else self._post_spots(reading.postcode)
        if spots is not None:
            near.append((spots.points, spots.limit_km))
        is_wording = question.level is None
        return Asked(
            reading, level, tuple(areas), tuple(near), unknown, several, beside, spots, is_wording
        )

    def _is_town(self, spelling: str) -> bool:
        """Say whether a spelling names a settlement, and as an area only its district."""
        levels = self.index.levels
        named = [levels[row] for row, _ in self.index.exact.get(spelling, ())]
        return SETTLEMENT in named and set(named) <= {SETTLEMENT, DISTRICT}

    def _post_spots(self, district: str) -> Spots | None:
        """Say where a postcode district is: its own point if it is listed, else its post towns."""
        index = self.index
        listed = index.exact.get(district.lower(), ())
        points = tuple(index.points[row] for row, _ in listed if index.levels[row] != SETTLEMENT)
        if points:
            return Spots(district, points, _DISTRICT_KM)
        towns = post_towns(postal_area(district))
        return Spots(district, tuple(towns), _POST_KM) if towns else None

    def _area(self, text: str) -> Within:
        """Read an area behind a name, also one with a typing error in it."""
        index, spelling = self.index, key(text)
        area = within(index, text)
        if area.now or area.written or len(spelling) < 4 or spelling in index.exact:
            return area
        close = process.extract(
            spelling, list(index.areas), scorer=OSA.distance, score_cutoff=1, limit=2
        )
        if len(close) == 1 and is_slip(spelling, close[0][0]):
            return within(index, close[0][0])
        return area

    def _spot(self, text: str) -> Point | None:
        """Point at the one settlement (or the largest by far) that a text names."""
        hits = self._exact(key(text))
        choice = decide(self.index, hits) if hits else None
        if choice is None or choice.hit is None:
            return None
        return self.index.points[choice.hit.row]

    # ── finding ─────────────────────────────────────────────────────────────
    def _exact(self, spelling: str) -> list[Hit]:
        return [Hit(row, 0, kind) for row, kind in self.index.exact.get(spelling, ())]

    def narrow(self, asked: Asked, hits: Sequence[Hit]) -> tuple[list[Hit], list[str], str | None]:
        """Keep the hits that are as asked; gives also what narrowed them, and why none is left."""
        index, kept, via = self.index, list(hits), list[str]()
        name = index.names[hits[0].row] if hits else asked.reading.base
        for area in asked.areas:
            inside, by_error = within_area(index, kept, area.now, area.written)
            if not inside:
                return [], via, f"{name} is listed {self._where(kept)}, not in {area.label}"
            if len(inside) < len(kept):
                via.append("within")
            if by_error:
                via.append("near the boundary")
            kept = inside
        at, is_wording = at_level(index, kept, asked.level), asked.level_is_wording
        if not at and not (is_wording and asked.level not in (None, SETTLEMENT)):
            at = kept  # a heading is a preference; "Brighton and Hove City" need not be a town
        if not at:
            known = " or ".join(dict.fromkeys(index.levels[hit.row] for hit in hits))
            return [], [], f"{name} is listed as a {known}, not as a {asked.level}"
        if len(at) < len(kept):
            via.append("level")
        kept = at
        for points, limit in asked.near:
            fewer = nearest(index, kept, points, limit_km=limit)
            if len(fewer) < len(kept):
                via.append("nearby")
            kept = fewer
        spots = asked.postcode
        if spots is not None and min(distances(index, kept, spots.points)) > spots.limit_km:
            return [], via, f"{name} is listed {self._where(kept)}, far from {spots.label}"
        return kept, via, None

    def _where(self, hits: Sequence[Hit]) -> str:
        """Say in a sentence where places are."""
        inside = [self.index.inside[hit.row] or "the kingdom" for hit in hits]
        places = list(dict.fromkeys(inside))
        more = f" and {len(places) - 3} areas more" if len(places) > 3 else ""
        return f"in {', '.join(places[:3])}{more}"

    def exact(self, question: Question, ways: Sequence[Asked]) -> Match | None:
        """Answer from names as they are written; None where no reading is a name."""
        miss: Match | None = None
        several: Match | None = None
        for asked in ways:
            hits = self._exact(asked.spelling) or self._by_code(asked)
            if not hits:
                continue
            if asked.reading.level == DISTRICT and "city" in question.name.casefold():
                # Durham City Council is not of County Durham, which is called Durham for short
                hits = [hit for hit in hits if hit.kind == OWN_NAME]
                if not hits:
                    continue
            hits = self._as_spaced(hits, asked.reading.base)
            if "kind words" not in asked.reading.via:
                hits += self._styled(hits, ways)
            if asked.unknown is not None:
                miss = miss or missing(
                    f"{self.index.names[hits[0].row]} is listed, but no area or town is named "
                    f"{asked.unknown!r}",
                    self.rivals(hits),
                )
                continue
            kept, via, why = self.narrow(asked, hits)
            if why is not None:
                is_town = any(self.index.levels[hit.row] == SETTLEMENT for hit in hits)
                if asked.is_beside_a_town and is_town:  # "Norwich, Great Yarmouth" are two towns
                    parts = list_items(question.name)
                    several = several or self._several(
                        parts if len(parts) > 1 else set_off(question.name)
                    )
                miss = miss or missing(why, self.rivals(hits))
                continue
            if asked.several and "nearby" not in via:  # two places, neither in the other
                several = several or self._several(set_off(question.name))
                continue
            return self.answer(asked, self._chosen(asked, kept), via, kept)
        return several or miss

    def _of_today(self, hits: Sequence[Hit]) -> list[Hit]:
        """Leave earlier areas out, where a place of today has the name too."""
        became = self.index.became
        return [hit for hit in hits if became[hit.row] is None] or list(hits)

    def _chosen(self, asked: Asked, hits: Sequence[Hit]) -> Choice:
        """Decide; where that is open, "Durham, County Durham" is not the county behind the name."""
        hits = self._of_today(hits)
        choice = decide(self.index, hits)
        named = frozenset[str]().union(*(area.named for area in asked.areas))
        others = [hit for hit in hits if self.index.ids[hit.row] not in named]
        if choice.hit is None and 0 < len(others) < len(hits):
            return decide(self.index, others)
        return choice

    def _styled(self, hits: Sequence[Hit], ways: Sequence[Asked]) -> list[Hit]:
        """Find the borough whose style is a settlement's name: City of Westminster."""
        around = {parent for hit in hits for parent in self.index.parents[hit.row]}
        return [
            styled
            for asked in ways
            if "kind words" in asked.reading.via
            for styled in self._exact(asked.spelling)
            if self.index.levels[styled.row] == BOROUGH and self.index.ids[styled.row] in around
            if all(styled.row != hit.row for hit in hits)
        ]

    def _as_spaced(self, hits: list[Hit], base: str) -> list[Hit]:
        """Keep the places whose own name has its spaces where the question has, if there are."""
        if len(hits) == 1:
            return hits
        names = self.index.names
        kept = [hit for hit in hits if hit.kind != OWN_NAME or normalise(names[hit.row]) == base]
        return kept or hits

    def _by_code(self, asked: Asked) -> list[Hit]:
        text = asked.reading.base
        row = self.index.codes.get(text.upper())
        return [] if row is None else [Hit(row, 0, CODE)]

    def plain_list(self, name: str) -> Match | None:
        """Answer `several` where marks say that a name is a list, and some part is a place."""
        parts = list_items(name)
        if len(parts) < 2:
            parts = [] if key(name) in self.index.exact else enumerated(name)
            if not parts or not all(map(self._is_placed, parts)):
                return None
        elif not any(key(part) in self.index.exact for part in parts):
            return None
        choices = [decide(self.index, hits) for part in parts if (hits := self._exact(key(part)))]
        rows = {choice.hit.row if choice.hit else None for choice in choices}
        if len(choices) == len(parts) and len(rows) == 1 and None not in rows:
            reason = f"{' and '.join(parts)} are names of one place"
            return self._as_alias(choices[0], "two names", reason)
        return self._several(parts)

    def _is_placed(self, name: str) -> bool:
        """Say whether a part of a list is the name of one place, as it is written."""
        if key(name) in self.index.exact:
            return True
        question = Question(name)
        answer = self.exact(question, self.ask(question))
        return answer is not None and answer.place_id is not None

    def list_of(self, name: str) -> Match | None:
        """Answer `several` where "and" joins names of which some are places."""
        parts = joined(name)
        if len(parts) > 1 and any(key(part) in self.index.exact for part in parts):
            return self._several(parts)
        return None

    def _several(self, parts: Sequence[str]) -> Match:
        named = [part for part in parts if key(part) not in free_text().beside]
        hits = [hit for part in named for hit in self._best(self._exact(key(part)))]
        if len(named) == 1 and len(hits) == 1:
            reason = f"the one listed place in this text is {self.index.told[hits[0].row]}"
            return self._suggest(self.index.ids[hits[0].row], "list", _FREE_TEXT_SCORE, reason)
        return Match(
            SEVERAL,
            via="list",
            rivals=self.rivals(hits),
            reason=f"several places in one cell ({len(parts)}): " + "; ".join(parts),
        )

    def _best(self, hits: Sequence[Hit]) -> list[Hit]:
        chosen = decide(self.index, hits).hit if hits else None
        return [chosen] if chosen else sorted(hits, key=lambda hit: -weight(self.index, hit))[:1]

    # ── parts, postcodes and free text ──────────────────────────────────────
    def loosely(self, question: Question) -> Match | None:
        """Answer or suggest from a postcode, or from words around the name of one place."""
        return self._postcode(question) or self._free_text(question)

    def _postcode(self, question: Question) -> Match | None:
        """Answer the district of a postcode that stands alone."""
        district = question.name.strip().upper()
        if not is_postcode_district(district):
            return None
        if postal_area(district) == "BT":
            return missing(
                f"{district!r} is a postcode of Northern Ireland, whose places may not be shipped"
            )
        if POSTCODE_DISTRICT in self.index.levels:
            return missing(f"{district!r} is written as a postcode district, and none is called so")
        return missing(
            f"{district!r} is written as a postcode district, which are added with "
            "--postcode-districts"
        )

    def part(self, question: Question) -> Match | None:
        """Answer a part of an area, "North London" or "Rest of Essex", with the whole.

        A side of another area is a suggestion: it may be a council that is not listed.
        """
        index, name = self.index, normalise(question.name)
        found = whole_of(name)
        if found is None or key(name) in index.exact:
            return None
        whole, is_rest = found
        hits = self._exact(key(whole))
        if not is_rest:
            if question.level in (BOROUGH, DISTRICT):
                return None  # a council that is not listed is no part of another
            hits = [
                hit
                for hit in hits
                if index.levels[hit.row] in _WITH_SIDES
                and hit.kind == OWN_NAME
                and not _BRITAIN.isdisjoint(index.parents[hit.row])
            ]
            # "West Bradford" and "East Halton" are villages, far from the areas of that name
            named_after_a_town = any(
                index.levels[hit.row] == SETTLEMENT for hit in self._exact(key(whole))
            )
            if named_after_a_town and _LONDON not in {index.ids[hit.row] for hit in hits}:
                return None
        if question.within is not None:
            hits, _ = within_area(index, hits, question.within.now, question.within.written)
        if not hits:
            return None
        choice = decide(index, hits)
        row = (choice.hit or hits[0]).row
        if choice.hit is not None and not is_rest and index.ids[row] != _LONDON:
            reason = f"no listed place has this name; it may be a part of {index.told[row]}"
            return self._suggest(index.ids[row], "part", _BEHIND_SCORE, reason)
        reason = f"a part of {index.told[row]}, which stands for it"
        return self._as_alias(choice, "part", reason)

    def _as_alias(self, choice: Choice, via: str, reason: str) -> Match | None:
        """Answer with the place that was chosen, as by another name; None where none was."""
        index, hit = self.index, choice.hit
        if hit is None:
            return None
        return Match(
            ALIAS,
            place_id=index.ids[hit.row],
            name=index.names[hit.row],
            level=index.levels[hit.row],
            via=via,
            score=exact_score(hit.kind, ()),
            rivals=self.rivals(choice.rivals, hit),
            reason=reason,
            source=index.sources[hit.row],
        )

    def _free_text(self, question: Question) -> Match | None:
        """Read the one place that stands after or before words that are none."""
        words = free_text()
        found = words.before.fullmatch(question.name) or words.behind.fullmatch(question.name)
        if found is not None:
            rest, is_certain = found["place"], found["words"].lower() in words.certain
        else:
            parts = _LAST_IN.split(question.name)
            if len(parts) != 2:
                return None
            rest, is_certain = parts[1], False
        inner = Question(rest, question.level, question.within)
        answer = self.exact(inner, self.ask(inner))
        if answer is None or answer.place_id is None:
            return answer
        via = f"{answer.via}+free text"
        told = self.index.told[self.index.row[answer.place_id]]
        if is_certain:
            return answer._replace(status=ALIAS, via=via, reason=f"read as {told}")
        return self._suggest(
            answer.place_id, via, _FREE_TEXT_SCORE, f"the one listed place in this text is {told}"
        )

    def behind(self, name: str) -> Match | None:
        """Suggest the area or town that stands behind a name that nothing is near to."""
        parts = set_off(name)
        hits = self._exact(key(parts[1])) if len(parts) > 1 else []
        choice = decide(self.index, hits) if hits else None
        if choice is None or choice.hit is None:
            return None
        told = self.index.told[choice.hit.row]
        reason = f"no listed place is named {parts[0]!r}; what stands behind it is {told}"
        return self._suggest(self.index.ids[choice.hit.row], "suffix", _BEHIND_SCORE, reason)

    def _suggest(self, place: str, via: str, score: float, reason: str) -> Match:
        row = self.index.row[place]
        return Match(
            SUGGESTED, via=via, score=score, suggestion=self.index.names[row],
            suggestion_id=place, rivals=self.rivals([Hit(row, 0, OWN_NAME)]), reason=reason,
        )  # fmt: skip

    def doubt(self, answer: Match) -> Match:
        """Make a suggestion of the answer to a name that its writer was not sure of."""
        place = str(answer.place_id)
        told = self.index.told[self.index.row[place]]
        reason = f"the name is written as doubtful; the place of that name is {told}"
        via = f"{answer.via}+doubt"
        return self._suggest(place, via, _FREE_TEXT_SCORE, reason)

    # ── mistyped ────────────────────────────────────────────────────────────
    def fuzzy(self, near: Sequence[tuple[Asked, Sequence[Hit]]]) -> Match | None:
        """Answer from names that are a few typing errors away, per reading."""
        best: tuple[int, Asked, list[Hit], list[str]] | None = None
        for asked, hits in near:
            if asked.unknown is not None:
                continue
            for edits in sorted({hit.edits for hit in hits}):
                kept, via, why = self.narrow(asked, [hit for hit in hits if hit.edits == edits])
                if why is None and (best is None or edits < best[0]):
                    more, _, _ = self.narrow(asked, [hit for hit in hits if hit.edits > edits])
                    levels = {self.index.levels[hit.row] for hit in kept}
                    if asked.level is not None:
                        more = [hit for hit in more if self.index.levels[hit.row] in levels]
                    best = edits, asked, [*kept, *more], via
        return None if best is None else self.settle(best[1], best[2], best[3])

    def settle(self, asked: Asked, near: Sequence[Hit], via: Sequence[str]) -> Match:
        """Answer from mistyped names that all satisfy what was asked, fewest errors first."""
        fewest = near[0].edits
        hits = self._of_today([hit for hit in near if hit.edits == fewest])
        beyond = [hit for hit in near if hit.edits > fewest]
        names = {self.index.names[hit.row] for hit in hits}
        choice = decide(self.index, hits, by_population=len(names) == 1)
        return self.answer(asked, choice, via, hits, beyond)

    # ── answering ───────────────────────────────────────────────────────────
    def answer(
        self,
        asked: Asked,
        choice: Choice,
        via: Sequence[str],
        hits: Sequence[Hit],
        beyond: Sequence[Hit] = (),
    ) -> Match:
        """Write a choice down as a match."""
        index = self.index
        if choice.hit is None:
            return self._ambiguous(
                asked, choice, via, beyond, f"{len(choice.rivals)} listed places have this name"
            )
        hit = choice.hit
        if not asked.has_context and index.is_too_common[hit.row]:
            choice = choice._replace(rivals=(hit, *choice.rivals), share=0.5)
            reason = too_common(index.names[hit.row])
            return self._ambiguous(asked, choice, via, beyond, reason)
        if hit.edits:
            return self._corrected(asked, hit, choice, via, hits, beyond)
        how = hit.kind if hit.kind in (OWN_NAME, CODE) else f"alias ({hit.kind})"
        steps = dict.fromkeys((how, *asked.reading.via, *via, *choice.via))
        return Match(
            status=EXACT if hit.kind in (OWN_NAME, CODE) else ALIAS,
            place_id=index.ids[hit.row],
            name=index.names[hit.row],
            level=index.levels[hit.row],
            via="+".join(steps),
            score=round(exact_score(hit.kind, via) * choice.share, 3),
            rivals=self.rivals((*choice.rivals, *beyond), hit),
            reason=self._stands_in(asked, hit),
            source=index.sources[hit.row],
        )

    def _corrected(
        self,
        asked: Asked,
        hit: Hit,
        choice: Choice,
        via: Sequence[str],
        hits: Sequence[Hit],
        beyond: Sequence[Hit],
    ) -> Match:
        """Suggest the place of a mistyped name; answer it where its county supports that."""
        index, spelling = self.index, asked.spelling
        slipped = hit.edits == 1 and is_slip(spelling, index.spellings[hit.spelling])
        alone = len({other.spelling for other in hits}) == 1
        steps = (
            FUZZY, *((SLIP,) if slipped and alone else ()), *asked.reading.via, *via, *choice.via
        )  # fmt: skip
        same_start = bool(index.first_letters[hit.row] == ord(spelling[0]))
        score = choice.share * fuzzy_score(
            len(spelling), hit.edits, len(beyond), same_start, slipped
        )
        suggested = Match(
            SUGGESTED,
            via="+".join(dict.fromkeys(steps)),
            score=round(score, 3),
            suggestion=index.names[hit.row],
            suggestion_id=index.ids[hit.row],
            rivals=self.rivals((hit, *choice.rivals, *beyond)),
            reason=index.suggestion_makings[hit.row][1],
        )
        if slipped and alone and any(self._supports(area, hit) for area in asked.areas):
            return self.accept(suggested, IN_ITS_COUNTY)
        return suggested

    def _supports(self, area: Within, hit: Hit) -> bool:
        """Say whether an area is small enough to support a correction, and the place is in it."""
        around = self.index.parents[hit.row]
        return area.is_narrow and not around.isdisjoint(area.now or area.written)

    def accept(self, suggested: Match, why: str) -> Match:
        """Answer with a suggestion; `why` says what supports it."""
        index = self.index
        row = index.row[suggested.suggestion_id or ""]
        is_evidence = why != ACCEPTED_SCORE
        return Match(
            FUZZY,
            place_id=index.ids[row],
            name=index.names[row],
            level=index.levels[row],
            via=f"{suggested.via}+{why}",
            score=SUPPORTED_SCORE if is_evidence else suggested.score,
            rivals=suggested.rivals[1:],
            reason=f"read as {index.told[row]}: {_SUPPORT[why]}",
            source=index.sources[row],
        )

    def _stands_in(self, asked: Asked, hit: Hit) -> str | None:
        level = self.index.levels[hit.row]
        if asked.level in (None, level) or (asked.level_is_wording and level in _COUNCILS):
            return None
        return f"no listed {asked.level} has this name; the {level} stands in for it"

    def _ambiguous(
        self, asked: Asked, choice: Choice, via: Sequence[str], beyond: Sequence[Hit], reason: str
    ) -> Match:
        return Match(
            AMBIGUOUS,
            via="+".join(dict.fromkeys((*asked.reading.via, *via))) or None,
            score=round(choice.share, 3),
            rivals=self.rivals((*choice.rivals, *beyond)),
            reason=reason,
        )

    def known_plainly(self, entries: Sequence[Entry], condition: Condition) -> Match | None:
        """Answer with the one place that bears a plain name; None where it needs the rules."""
        if len(entries) > 1 or condition.level is not None or condition.within is not None:
            return None
        row, kind = entries[0]
        return None if self.index.is_too_common[row] else self.known(row, kind)

    def known(self, row: int, kind: str) -> Match:
        """Answer with the one place that bears the name as it is written."""
        index, own = self.index, kind in (OWN_NAME, CODE)
        return Match(
            EXACT if own else ALIAS, index.ids[row], index.names[row], index.levels[row],
            kind if own else f"alias ({kind})", exact_score(kind, ()), None, None, (), None,
            index.sources[row],
        )  # fmt: skip

    def rivals(self, hits: Sequence[Hit], answer: Hit | None = None) -> tuple[Rival, ...]:
        """Write hits down as rivals, in order, with distances from the answer or the first."""
        index = self.index
        first = answer or (hits[0] if hits else None)
        return tuple(
            Rival(
                index.ids[hit.row],
                index.names[hit.row],
                index.levels[hit.row],
                index.inside[hit.row],
                None if first is None else round(km_between(index, first.row, hit.row), 1),
                hit.edits,
            )
            for hit in dict.fromkeys(hits[: MOST_RIVALS + 1])
            if hit is not answer
        )
