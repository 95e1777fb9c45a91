"""What a sentence says: the part that each mention plays, numbers and what they count, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from linemap.extraction.mentions import (
    COMPASS,
    COUNCIL,
    LIST_GAP,
    PLACE,
    POLICE,
    STATION,
    Mention,
    Sentence,
    alternatives,
    cue,
    measures,
    numbers_by_word,
)
from linemap.windows import MONTH_NUMBERS

ORIGIN: Final = "origin"
DESTINATION: Final = "destination"
MENTIONED: Final = "mentioned"
SPEAKER: Final = "speaker"
NONE: Final = "none"
_EITHER: Final = "either"  # where young people are, which the rest of the sentence decides
LINKED: Final = "linked"  # "links to X", which the rest of the sentence decides
_AROUND: Final = 300  # letters on a side of a place that may say what it is
CERTAIN: Final = 1.0
LIKELY: Final = 0.9
WEAK: Final = 0.75
_OFFICIAL_BEFORE: Final = re.compile(rf"\b{alternatives('cues', 'official')}\b[\s,]*(?:\w+\s+)?$")
_KINDS: Final = (
    r"(?:(?:a|an|the|its|his|her|their|other|several|many|nearby)\s+)?(?:(?:seaside|market|"
    r"coastal|cathedral|rural|"
    r"nearby|commuter|london(?=\s+borough)|small|quiet|shire|\w+est|of|various|different|far-flung)\s+)*"
    r"(?:towns?|city|cities|county|counties|districts?|villages?|resorts?|port|boroughs?|"
    r"regions?|"
    r"areas?|places?|parts|streets|locations?|homes?|house|flats?|addresses|properties|"
    r"property|hotels?|"
    r"estates?|outskirts|centre|suburbs?|(?:far\s+)?(?:north|south|east|west)|half)?"
)
_FROM: Final = re.compile(
    rf"\b(from|out of|based in|based around|based on the outskirts of|living in|live in|"
    rf"originating in|exported from|run from|"
    rf"leaving|left|hail from|resident in|residents of)\s+(?:both\s+)?{_KINDS}\s*"
    r"(?:of|in|like|such as|including|across|around)?\s*(?:the\s+)?$"
)
_TO: Final = re.compile(
    r"\b(in|to|into|at|near|around|across|throughout|"
    r"as far(?:\s+\w+)?(?:\s+from\s+\w+)?\s+as|as distant as|"
    rf"including|towards|outside|through|for)\s+(?:both\s+|"
    rf"rural\s+)?(?:as far(?:\s+\w+)? as\s+)?{_KINDS}\s*"
    r"(?:,?\s*(?:of|in|around|across|including|as far(?:\s+\w+)? as|like|such as|"
    r"namely))?\s*(?:the\s+)?$"
)
_FAR: Final = re.compile(r"\bas (?:far|distant)\b[\w\s]{0,30}as\s+(?:the\s+)?$")
_OBJECT: Final = re.compile(
    r"\b(?:target\w*|flood\w*|suppl(?:y|ied|ying|ies)|reach(?:ed|ing|es)?|cover(?:ed|ing)?|hit|"
    r"plagu\w+|infiltrat\w+|serving|served|dubbed|entering|entered|including|included|"
    r"exploit\w* \w+ in|concern(?:ed|ing)?|related to)\s+"
    r"(?:the\s+)?(?:(?:seaside|market|coastal)\s+)?(?:towns?\s+of\s+|county\s+of\s+)?$"
)
_LISTED: Final = re.compile(
    r"\b(?:destinations?|areas?|counties|places|towns|forces|locations)\b[^.;]{0,70}"
    r"(?:\bwere|\bwas|\binclud\w+|\bare|\bis|:|\bnamely|\bto|\bwith|,)\s*(?:the\s+)?[•*–-]?\s*$"
)
_SENDERS: Final = re.compile(
    r"\b(?:origins?|exporting|sending|senders|home areas?|home boroughs?|came from|"
    r"come from|boroughs)\b"
    r"[^.;]{0,60}(?:\bwere|\bwas|\binclud\w+|\bare|\bis|:|\bnamely|"
    r"\bfrom)\s*(?:the\s+)?[•*–-]?\s*$"
)
_NOUN_BEHIND: Final = re.compile(
    rf"(?:['’]s?)?[-‐‑]?(?:based|run|born|linked|raised)?\s+(?:(?!in\b|to\b|at\b|by\b|for\b|"
    rf"and\b|on\b|were\b|was\b|is\b|are\b|have\b|had\b|with\b|where\b|when\b|who\b|said\b|"
    rf"after\b|from\b|as\b|through\b|via\b|using\b|of\b|into\b|while\b|before\b|because\b|"
    rf"has\b|uses?\b|used\b|targets?\b|exploits?\b|forces?\b)[\w'’-]+\s+){{0,3}}?"
    rf"(?P<noun>{alternatives('cues', 'gang')}|{alternatives('cues', 'youth')})\b"
)
_GANG: Final = re.compile(rf"\b{alternatives('cues', 'gang')}\b")
_YOUTH: Final = re.compile(rf"\b{alternatives('cues', 'youth')}\b")
_PASSIVE: Final = re.compile(
    r"(?:['’]s?)?\s*(?:\(\d[^)]*\)\s*)?(?:,[^,]{0,30},)?\s*(?:was|were|is|are|has|have|had|"
    r"saw|received|recorded|being|remains?|came|with|accounted)\b"
    r"[^.;]{0,60}\b(?:destinations?|affected|targeted|reached|most|top|highest|links?|"
    r"individuals|flooded|the largest|named)\b"
)
_AMONG: Final = re.compile(
    r"\s*,?\s*(?:is|are|was|were|remains?)\s+(?:now\s+|also\s+)?(?:among|one of|some of)"
    r"\s+(?:the\s+)?(?:[\w-]+\s+){0,2}(?:towns?|cities|places|areas|counties|districts|villages|resorts|locations)\b"
)
_SPEAKS_FOR: Final = re.compile(
    r"\b(?:members?|councillors?|leaders?|mayor)\s+(?:for|of)\s+(?:the\s+london\s+borough\s+of\s+)?$"
)
_SUBJECT: Final = re.compile(
    rf"\s*(?::|(?:made|had|has|recorded|reported|identified|referred|sent)\b)[^.;]{{0,40}}?"
    rf"(?:{alternatives('cues', 'youth')}|referrals?|arrests?)\b"
)
_DISTANCE: Final = re.compile(
    r"\b(?:miles|km|kilometres|hours|minutes|far|away)\s+from\s+(?:\w+\s+)?$"
)
_HEAD: Final = rf"(?:{alternatives('cues', 'gang')}|{alternatives('cues', 'youth')})"
_FINDING: Final = re.compile(
    r"\b(?:arrest|found|find|stopp|rescu|discover|identif|recover|caught|safeguard|pick|"
    r"spott)\w*\s+"
    r"(?:[\w-]+\s+){1,6}$"
)
_PARENT: Final = re.compile(r"\b(?:mother|mum|father|dad|parents?|family)\s+$")
_THEIR_CHILD: Final = re.compile(r"\b(?:her|his|their|whose)\s+(?:\w+\s+)?(?:sons?|daughters?)\b")
_FOUND: Final = re.compile(
    r"\b(?:found|rescu|stopp|discover|recover|picked up|(?:ran|run) from)\w*"
)
_COMPASS_BEFORE: Final = re.compile(
    rf"\b(?:{'|'.join(sorted(COMPASS))})\s+$"
)  # "northern Scotland"
_DOINGS: Final = frozenset(("dealing", "drugs", "lines", "operation", "line", "conspiracy"))
_POLICE: Final = re.compile(r"\b(?:police|officers?|detectives?|teams?|units?|squad|force)\b")
_RANKED: Final = re.compile(r"\b(?:top|most|counties|destinations?|areas|highest|largest)\b")
_ADDRESS: Final = re.compile(
    r"(?:\d{1,2}|\b(?:road|street|lane|avenue|close|drive|way|court|rd|place|gardens|"
    r"terrace|crescent)),\s*(?:(?:both\s+)?of\s+)?(?:[\w ]{0,20},\s*)?$|"
    r", \d{1,2}, (?:both )?of (?:[\w ]{1,30}, )?$|, of (?:[\w ]{1,30}, )?$"
)


@dataclass(frozen=True, slots=True)
class MentionRole:
    """A mention with the part that it plays; ``sure`` is how plain the words are."""

    mention: Mention
    role: str
    sure: float = CERTAIN
    example: bool = False


def roles_in(text: str, sentence: Sentence, mentions: list[Mention]) -> list[MentionRole]:
    """Say which part each mention of a sentence plays."""
    lower = text[sentence.start : sentence.end].lower()
    if len(lower) != sentence.end - sentence.start:  # a letter that is longer when small
        lower = text[sentence.start : sentence.end]
    parts: list[MentionRole] = []
    for at, mention in enumerate(mentions):
        begin = mentions[at - 1].end if at else sentence.start
        stop = mentions[at + 1].start if at + 1 < len(mentions) else sentence.end
        parts.append(
            _part(
                mention,
                lower[begin - sentence.start : mention.start - sentence.start],
                lower[
                    max(0, mention.start - sentence.start - _AROUND) : mention.start
                    - sentence.start
                ],
                lower[mention.end - sentence.start : stop - sentence.start][:_AROUND],
                lower,
            )
        )
    parts = _routes(text, parts)
    parts = _lists(text, parts)
    return _decided(parts, lower)


def _part(mention: Mention, before: str, wide: str, behind: str, sentence: str) -> MentionRole:
    if not mention.is_place or mention.qualifies:
        return MentionRole(mention, NONE)
    wide = _COMPASS_BEFORE.sub("", wide)
    if _elsewhere(wide, behind):
        return MentionRole(mention, NONE)
    acts = cue("action").search(sentence) is not None
    if mention.use == STATION or re.search(
        rf"\b{alternatives('cues', 'base')}\s+(?:the\s+)?$", wide
    ):
        who = " ".join(wide.split()[-6:])
        if mention.use != STATION and _GANG.search(who) and not _POLICE.search(who):
            return MentionRole(mention, ORIGIN, LIKELY)
        if mention.use == STATION or _POLICE.search(wide):
            return MentionRole(mention, MENTIONED, LIKELY, example=True)
    if (
        mention.use == POLICE
        and re.match(r"(?:['’]s)?\s+(?:police\s+)?(?:force\s+)?area", behind)
        and acts
    ):
        return MentionRole(mention, DESTINATION, LIKELY)
    if mention.use in (COUNCIL, POLICE):
        return MentionRole(mention, SPEAKER)
    if _SPEAKS_FOR.search(wide):
        return MentionRole(replace(mention, use=COUNCIL), SPEAKER)
    if _AMONG.match(behind) and (_GANG.search(sentence) or _YOUTH.search(sentence)):
        return MentionRole(mention, DESTINATION, LIKELY)
    if re.search(rf"\b{alternatives('cues', 'return')}\s+(?:the\s+)?$", wide):
        return MentionRole(mention, NONE)
    if _ADDRESS.search(wide):
        return MentionRole(mention, NONE)
    if re.match(r"\s+boroughs? of\b", behind):
        return MentionRole(mention, NONE)
    example = (
        re.search(rf"\b{alternatives('cues', 'example')}[,\s]+(?:the\s+)?(?:towns? of\s+)?$", wide)
        is not None
    )
    if _FAR.search(wide) and acts:
        return MentionRole(mention, DESTINATION)
    if _LISTED.search(wide) and (acts or _YOUTH.search(sentence)) and not _SENDERS.search(wide):
        return MentionRole(mention, DESTINATION, LIKELY, example)
    if _SENDERS.search(wide):
        return MentionRole(mention, ORIGIN, LIKELY, example)
    if found := re.search(
        r"\b(?:links?|linked|connect\w*|ties)\s+(?:to|"
        r"with)\s+(?:\w+\s+in\s+)?(?:the\s+)?$",
        wide,
    ):
        return MentionRole(mention, LINKED, LIKELY)
    if found := _FROM.search(wide):
        head = wide[: found.start()]
        if _PARENT.search(head) and _THEIR_CHILD.search(sentence) and acts:
            return MentionRole(mention, ORIGIN, LIKELY)
        if _OFFICIAL_BEFORE.search(head) or _DISTANCE.search(wide):
            return MentionRole(mention, NONE)
        if re.search(
            r"\b(?:house|flats?|address(?:es)?|property|properties|"
            r"hotels?)\b",
            found[0],
        ):
            return MentionRole(mention, DESTINATION if acts else NONE, LIKELY)
        if not (
            _GANG.search(sentence)
            or _YOUTH.search(sentence)
            or cue("topic").search(sentence)
            or _FOUND.search(sentence)
        ):
            return MentionRole(mention, NONE)
        return MentionRole(
            mention, ORIGIN, CERTAIN if re.search(rf"{_HEAD}[\w\s,'’-]{{0,30}}$", head) else LIKELY
        )
    to = _TO.search(wide)
    found = _NOUN_BEHIND.match(behind)
    if found and not (to and to[1] not in ("to", "for", "including", "at")):
        gang = _GANG.fullmatch(found["noun"]) is not None
        if to and not gang and to[1] == "to" and not re.match(r"['’]s", behind):
            pass
        else:
            return MentionRole(mention, ORIGIN, CERTAIN if gang else LIKELY)
    if to:
        head = wide[: to.start()]
        if _POLICE.search(" ".join(head.split()[-1:])) and to[1] in ("in", "across"):
            return MentionRole(replace(mention, use=POLICE), SPEAKER)
        if _OFFICIAL_BEFORE.search(head):
            return MentionRole(mention, NONE)
        if (
            to[1] in ("in", "across", "around")
            and (near := re.search(rf"({_HEAD})\s+$", head))
            and near[1].split()[-1] not in _DOINGS
            and not _FINDING.search(head)
        ):
            gang = _GANG.fullmatch(near[1]) is not None
            return MentionRole(
                mention,
                ORIGIN
                if gang
                and not re.search(
                    r"\b(?:to|of|with|by)\s+[\w\s-]{0,20}$", head[: near.start(1) - len(head)]
                )
                else _EITHER,
                WEAK if not gang else LIKELY,
                example,
            )
        if acts and to[1] != "for":
            return MentionRole(mention, DESTINATION, CERTAIN, example)
    if _OBJECT.search(wide) and (_GANG.search(sentence) or _YOUTH.search(sentence)):
        return MentionRole(mention, DESTINATION, LIKELY, example)
    if _PASSIVE.match(behind) and len(wide) < 90 and not cue("action").search(wide):
        return MentionRole(mention, DESTINATION, WEAK)
    if example and (acts or cue("hypothetical").search(wide)):
        return MentionRole(mention, DESTINATION, LIKELY, example)
    if re.match(
        r"\s*(?:has|have) (?:now )?(?:seen|suffered|been|become)\b", behind
    ) and _GANG.search(sentence):
        return MentionRole(mention, DESTINATION, LIKELY)
    if _SUBJECT.match(behind) and len(wide) < 60 and not cue("action").search(wide):
        return MentionRole(mention, ORIGIN, LIKELY)
    if re.match(r"\s*(?:\(\d{1,4}\)|:\s*\d|[–-]\s*\d|\d+\b)", behind):
        return MentionRole(mention, "counted", WEAK)
    return MentionRole(mention, "")


def _elsewhere(wide: str, behind: str) -> bool:
    """Say whether a place is named for another case, in its own part of the sentence."""
    near = re.split(r"[,;—–]", wide)[-1] + " " + re.split(r"[,;—–]", behind)[0][:60]
    if cue("elsewhere").search(near):
        return True
    clause = wide[-60:]
    return re.search(rf"\b{alternatives('cues', 'elsewhere')}\b[^.;]*$", clause) is not None and (
        not cue("action").search(re.split(r"\b(?:and|but|while|,)\b", clause)[-1])
    )


def _routes(text: str, parts: list[MentionRole]) -> list[MentionRole]:
    """Read "between X and Y" and "X to Y" of a line as its two ends."""
    kept = list(parts)
    for at in range(1, len(kept)):
        first, second = kept[at - 1], kept[at]
        if first.mention.use != PLACE or second.mention.use != PLACE:
            continue
        gap = text[first.mention.end : second.mention.start].lower()
        before = text[max(0, first.mention.start - 12) : first.mention.start].lower()
        behind = text[second.mention.end : second.mention.end + 40].lower()
        line = re.search(
            r"\b(?:lines?|route|network|supply)\b",
            behind + text[max(0, first.mention.start - 80) : first.mention.start].lower(),
        )
        if line and (
            (gap == " and " and re.search(r"\bbetween\s+$", before))
            or (gap.strip(" -–") in ("to", "into") and first.role in ("", ORIGIN))
        ):
            kept[at - 1] = MentionRole(first.mention, ORIGIN, LIKELY)
            kept[at] = MentionRole(second.mention, DESTINATION, LIKELY)
    return kept


_COUNT_GAP: Final = re.compile(
    r"(?:['’]s)?\s*(?:\([^()]{0,20}\)|on \d+(?: \w+)?|\d+|:\s*\d+|\s[–-]\s*\d+)?\s*(?:,|;|"
    r"and|,\s*and|\n|[•*–-]|\s)*\s*(?:(?:an?|another|just)?\s*[\w-]+\s+(?:\w+\s+)?(?:in|to|"
    r"from|at)\s+)?(?:the\s+)?",
    re.I,
)


def _lists(text: str, parts: list[MentionRole]) -> list[MentionRole]:
    """Give the members of a list one role, forwards and, where a noun ends it, backwards."""
    kept = list(parts)
    for at in range(1, len(kept)):
        first, second = kept[at - 1], kept[at]
        gap = text[first.mention.end : second.mention.start]
        joined = LIST_GAP.fullmatch(gap) or (len(gap) < 40 and _COUNT_GAP.fullmatch(gap))
        if first.mention.qualifies and at > 1:
            first = kept[at - 2]
        bare = second.role in ("", "counted", _EITHER) and not second.mention.qualifies
        if joined and bare and first.role in (ORIGIN, DESTINATION, MENTIONED, LINKED, _EITHER):
            if second.mention.use == PLACE:
                kept[at] = MentionRole(second.mention, first.role, first.sure, first.example)
        elif joined and first.role == SPEAKER and second.role == "":
            kept[at] = MentionRole(second.mention, NONE)
    for at in range(len(kept) - 1, 0, -1):
        first, second = kept[at - 1], kept[at]
        gap = text[first.mention.end : second.mention.start]
        if first.role in ("", "counted") and first.mention.use == PLACE and LIST_GAP.fullmatch(gap):
            if second.role in (ORIGIN, DESTINATION):
                kept[at - 1] = MentionRole(first.mention, second.role, second.sure, second.example)
            elif second.role == SPEAKER:
                kept[at - 1] = MentionRole(first.mention, NONE)
    return kept


def _decided(parts: list[MentionRole], sentence: str) -> list[MentionRole]:
    """Settle what depends on the rest of the sentence."""
    kept = []
    for part in parts:
        others = {
            p.role for p in parts if p.mention.place_id != part.mention.place_id or p is not part
        }
        role = part.role
        if role == LINKED and {ORIGIN, DESTINATION} & others:
            role = DESTINATION if ORIGIN in others else ORIGIN
        elif role == _EITHER:
            role = ORIGIN if DESTINATION in others and ORIGIN not in others else DESTINATION
        elif role == "counted":
            is_told = cue("action").search(sentence) or _RANKED.search(sentence)
            role = DESTINATION if is_told else ""
        kept.append(MentionRole(part.mention, role, part.sure, part.example))
    gangs = [p for p in kept if p.role == ORIGIN and p.sure == CERTAIN]
    if DESTINATION not in {p.role for p in kept} and gangs:  # "London gangs use Norfolk children"
        verbs = re.search(
            r"\b(?:us|target|exploit|groom|coerc|forc)(?:e|es|ed|"
            r"ing)?\b",
            sentence,
        )
        kept = [
            MentionRole(p.mention, DESTINATION, WEAK)
            if verbs
            and p.role == ORIGIN
            and p.sure == LIKELY
            and p not in gangs
            and p.mention.start > gangs[0].mention.start
            else p
            for p in kept
        ]
    return kept


_DIGITS: Final = r"\d{1,3}(?:,\d{3})+|\d{1,6}"
_LARGEST: Final = 100_000
_NOT_COUNTS: Final = re.compile(
    r"(?:[£$€]|\baged?|\bages|\bage of|\byoung as|\bunder|\bover the age of|\bfrom the age of|"
    r"\bbetween|\bclass|\bgrade|\bno\.|\bnumber|\bA|\bM|\bYear|\byear|\blast|\bpast|\bnext|"
    r"\bevery|\bOf|\bfirst|"
    r"\b(?:boy|girl|child|teenager|man|woman|son|daughter) of|"
    r"\bCounty Lines|\bout of|\bamong|\b[Aa]ll|\bAll)\s*$|[\d.,/:-]$"
)
_NOT_BEHIND: Final = re.compile(
    r"\s*(?:%|per cent|percent|years?\b|months?\b|weeks?\b|days?\b|hours?\b|minutes?\b|"
    r"miles?\b|"
    r"km\b|pounds?\b|kg\b|grams?\b|wraps?\b|[ap]m\b|p\b|st\b|nd\b|rd\b|th\b|-year|million|"
    r"knives|phones|"
    r"mobile|police|officers|deals|rocks|London boroughs|boroughs|councils|addresses|"
    r"properties|homes|"
    r"warrants|houses|charges|counts|[/:.]\d|[-–]\d)"
)
_FILLERS: Final = 4


class StatedCount(NamedTuple):
    """A number of a sentence: its words' place in the text, its value, what it counts."""

    start: int
    end: int
    value: int
    measure: str
    others: bool  # "13 other parts": those besides the ones named


_OF_BOTH: Final = re.compile(r"\s+(?:of (?:them|whom|the)|were|was|had|have|are)\b")
_OF_THEM: Final = re.compile(
    r"\s+(?:of\s+(?:them|these|those|whom)|more|others?|were|was|had|have|are)\b"
)


@cache
def _number() -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in sorted(numbers_by_word(), key=lambda w: (-len(w), w)))
    return re.compile(rf"(?<![\w£$€.,/-])(?:({_DIGITS})|({words}))(?![\w])", re.I)


def counts_of(text: str, start: int, end: int, earlier: str | None = None) -> list[StatedCount]:
    """Find the numbers of a sentence that count people, arrests, occasions, lines or places."""
    sentence = text[start:end]
    found: list[StatedCount] = []
    measure: str | None = None
    for number in _number().finditer(sentence):
        value = (
            int(number[1].replace(",", "")) if number[1] else numbers_by_word()[number[2].lower()]
        )
        before, behind = sentence[: number.start()], sentence[number.end() :]
        if not 0 < value <= _LARGEST or _NOT_COUNTS.search(before) or _NOT_BEHIND.match(behind):
            continue
        if number[1] and 1990 <= value <= 2050 and "," not in number[1]:
            continue
        if (
            number[2]
            and number[2].lower() == "one"
            and re.match(r"\s+(?:of|in|day|such|another|that|was|is)\b", behind)
            and not (measure and re.match(r"\s+in\s+[A-Z]", behind))
        ):
            continue
        if number[2] and number[2].lower() == "both" and not _OF_BOTH.match(behind):
            continue
        own = _measure(behind)
        known = measure or earlier
        if known and (re.match(r"\s+concerned\b", behind) or (not own and _OF_THEM.match(behind))):
            own = known
        if own is None and _is_of_place(before, behind):
            own = measure or _measure_of(sentence) or earlier
        if own is None and measure is None and _VERB.match(behind):
            own = "individuals linked"
        if number[2] and number[2].lower() in ("once", "twice", "thrice"):
            own = "instances"
        if own is None and measure is not None and _continues(before, behind):
            own = measure
        if own is None:
            continue
        own = _refined(own, behind, before)
        if not own:
            continue
        if own != "areas reached":
            measure = own
        others = re.match(r"\s+(?:\w+\s+)?other\b", behind) is not None
        found.append(StatedCount(start + number.start(), start + number.end(), value, own, others))
    return found


def _measure(behind: str) -> str | None:
    """Read what is counted from the words behind a number."""
    listed = measures()
    words = re.findall(r"[\w'’-]+|[,;.:()]", behind[:90].lower())[: _FILLERS + 2]
    for at, word in enumerate(words[: _FILLERS + 1]):
        if not word[0].isalnum():
            return None
        pair = f"{word} {words[at + 1]}" if at + 1 < len(words) else word
        if pair in listed:
            return listed[pair]
        if word in listed:
            return listed[word]
        if word.endswith(("year-old", "year-olds")):
            return "individuals linked"
        if at and word in (
            "of",
            "in",
            "from",
            "to",
            "for",
            "and",
            "at",
            "with",
            "on",
            "were",
            "was",
        ):
            return None
    return None


def _continues(before: str, behind: str) -> bool:
    """Say whether a bare number continues a list: "Essex (6)", "five in Norfolk"."""
    if re.search(r"\($", before) and re.match(r"\s*\)", behind):
        return True
    if re.match(r"\s+(?:concerned\s+|for\s+|related to\s+)?[A-Z]", behind):
        return True
    return (
        re.match(
            r"\s+(?:more\s+)?(?:were\s+|was\s+)?(?:\w+ed\s+|found\s+)?(?:in|to|from|"
            r"at)\b",
            behind,
        )
        is not None
    )


_VERB: Final = re.compile(
    r"(?:\s+more)?\s+(?:were|have been|had been|was)\s+(?:\w+ed|found|caught|sent|seen|taken)\b"
)


def _is_of_place(before: str, behind: str) -> bool:
    """Say whether a bare number stands right behind a name: "Essex (6)", "Kent 10"."""
    if re.search(r"[A-Z][\w'’-]+\s*\($", before) and re.match(r"\s*\)", behind):
        return True
    return re.search(r"[A-Z][\w'’-]+:?\s+$", before) is not None and (
        re.match(r"\s*(?:,|;|\.?\s*$|\.\s|\s+and\b)", behind) is not None
    )


def _measure_of(sentence: str) -> str | None:
    """Read from a whole sentence what the bare numbers in it count."""
    lower = sentence.lower()
    for pattern, measure in (
        (r"\breferr", "referrals"),
        (r"\barrest", "arrests"),
        (r"\blines\b", "deal lines"),
        (rf"\b{alternatives('counted', 'individuals linked')}\b", "individuals linked"),
    ):
        if re.search(pattern, lower.replace("county lines", "")):
            return measure
    return None


def _refined(measure: str, behind: str, before: str) -> str:
    """Let "were arrested" and "were referred" say what a number of people is."""
    if measure != "individuals linked":
        return measure
    if re.search(
        r"\b(?:jailed|sentenced|convicted|pleaded|imprisoned|admitted)\b", behind[:120]
    ) and (
        re.match(
            r"\s+(?:other\s+)?(?:men|man|women|woman|people|adults|"
            r"suspects)\b",
            behind,
        )
    ):
        return ""
    clause = re.split(r"[;.]| while | but ", behind, maxsplit=1)[0][:120].lower()
    if re.search(
        r"\b(?:were|was|been|have been|had been|are)\s+(?:\w+ly\s+)?arrested|"
        r"\barrested (?:in|at|for|on|after)\b",
        clause,
    ):
        return "arrests"
    if re.search(r"arrest(?:ed|s of)\s+(?:\w+\s+)?$|\barresting\s+$", before.lower()):
        return "arrests"
    if re.search(r"\b(?:were|was|been|be|are)\s+(?:\w+ly\s+)?referred\b", clause) or re.search(
        r"\breferr(?:ed|als? (?:of|for))\s+$", before.lower()
    ):
        return "referrals"
    return measure


_MONTH: Final = "|".join(name.capitalize() for name in sorted(MONTH_NUMBERS, key=len, reverse=True))
_DATE: Final = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?({_MONTH})\s*,?\s*((?:19|20)\d\d)"
_RANGE: Final = re.compile(
    rf"(?:between|from)?\s*(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?({_MONTH})(?:\s+((?:19|"
    rf"20)\d\d))?\s*"
    rf"(?:and|to|until|-|–)\s*{_DATE}"
)
_YEAR_TO: Final = re.compile(rf"(?:year|12 months|twelve months) (?:to|ending|ended)\s+{_DATE}")
_FINANCIAL: Final = re.compile(r"\b(20\d\d)\s?[/–-]\s?(?:20)?(\d\d)\b")
_SINGLE: Final = re.compile(rf"\b(?:in|during|of|on|since)\s+{_DATE}")
_YEARS: Final = re.compile(
    r"\b(?:between|from)\s+((?:19|20)\d\d)\s+(?:and|to)\s+((?:19|"
    r"20)\d\d)\b"
)
_YEAR: Final = re.compile(
    r"\b(?:in|during|throughout|for|of)\s+((?:19|"
    r"20)\d\d)\b(?!\s*[/–-]\s*\d)"
)


def _month(name: str) -> int:
    return MONTH_NUMBERS[name.lower()]


def period_of(sentence: str) -> tuple[str, str] | None:
    """Read the months that a sentence says it covers, first and last; None where it says none.

    >>> period_of("Between April 2018 and March 2019 six were found.")
    ('2018-04', '2019-03')
    >>> period_of("in 2018/19"), period_of("during 2017"), period_of("last year")
    (('2018-04', '2019-03'), ('2017-01', '2017-12'), None)
    """
    if found := _YEAR_TO.search(sentence):
        month, year = _month(found[1]), int(found[2])
        start = (year - 1, month + 1) if month < 12 else (year, 1)
        return f"{start[0]}-{start[1]:02d}", f"{year}-{month:02d}"
    if found := _RANGE.search(sentence):
        last = int(found[4])
        first = int(found[2]) if found[2] else last - (_month(found[1]) > _month(found[3]))
        return f"{first}-{_month(found[1]):02d}", f"{last}-{_month(found[3]):02d}"
    for found in _FINANCIAL.finditer(sentence):
        year = int(found[1])
        if (year + 1) % 100 == int(found[2]):
            return f"{year}-04", f"{year + 1}-03"
    if found := _YEARS.search(sentence):
        return f"{found[1]}-01", f"{found[2]}-12"
    if found := _SINGLE.search(sentence):
        if found[0].startswith("since"):
            return None
        return (f"{found[2]}-{_month(found[1]):02d}",) * 2
    if found := _YEAR.search(sentence):
        return f"{found[1]}-01", f"{found[1]}-12"
    return None
