"""Where a text names places of the kingdom, and what looks like one and is none.

Names are those of the gazetteer as they are written: no spelling is corrected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from linemap import schema
from linemap.gazetteer import Gazetteer
from linemap.io import shipped_list
from linemap.text import key, short_form

TOKEN: Final = re.compile(r"[^\W_]+(?:['’‘\-‐‑][^\W_]+)*")
PLACE: Final = "place"
COUNCIL: Final = "council"
POLICE: Final = "police"
STATION: Final = "station"
PERSON: Final = "person"
WORD: Final = "word"
NAME: Final = "name"  # part of a longer name that is no place's
# What stands behind a name and makes something else of it, the first to fit.
BESIDE: Final = (STATION, COUNCIL, POLICE, "politician", "court", "paper", "road", "body")
USES: Final = frozenset({PLACE, COUNCIL, POLICE, STATION})
PREPOSITIONS: Final = frozenset(
    "in at near from to into of around across through via towards outside inside throughout "
    "between including like reached as both within beyond over visiting reaching targeting".split()
)
_MOST_WORDS: Final = 6
_WRAPPED: Final = 70  # letters of a line that a page may have broken
_LONGEST_SENTENCE: Final = 1_000
_GAP: Final = re.compile(r"[ \t\u00a0]{1,3}|[ \t]?&[ \t]?|[ \t]*\n[ \t]*")
_SHORT: Final = frozenset({"St", "Gt", "Nr"})
_SUFFIX: Final = re.compile(
    r"(.+?)(?=[-‐‑](?:based|run|born|wide|bound|area|led|linked|style|raised|"
    r"registered)\b)",
    re.I,
)
_POSSESSIVE: Final = re.compile(r"['’]s?$")
_BREAK: Final = re.compile(
    r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘'(]?[A-Z0-9£])|\n+|;\s+(?=[A-Z][\w ]{2,30}:)"
)
_ABBREVIATION: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|St|Cllr|Coun|Prof|Rev|Det|Insp|Sgt|Supt|Ch|Sir|No|Nos|approx|e\.g|i\.e|"
    r"vs|Gt|Co|Jan|Feb|Aug|Sept|Oct|Nov|Dec|[A-Z])\.$"
)
_OFFICE: Final = re.compile(
    r"\b(?:(?:University|Bishop|Archbishop|Duke|Duchess|Mayor|Earl|Diocese|Bank|Church|Battle|"
    r"Treaty|Tower|Royal Borough Theatre|College|Lord Lieutenant|Dean|Recorder|Archdeacon) of|"
    r"(?:MP|MPs|MEP|candidate|Member|member) for|Operation|HMP|HMS|RAF|HMYOI|YOI|Project)\s+"
    r"(?:the\s+)?$"
)
_LEADING: Final = frozenset(
    "a an in from to at near around across both neighbouring nearby rural leafy sleepy coastal "
    "the and or but while when where police since unlike like historic affluent seaside central "
    "greater inner outer north south east west meanwhile although though because if as most "
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty "
    "many some all of for with by on into only even now yesterday today between".split()
)
_MONTHS: Final = frozenset(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)

_TOWN_IS: Final = re.compile(
    r" (?:has (?:now )?become|is now|has been (?:hit|targeted|flooded)|has seen)\b"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's place in the text."""

    start: int
    end: int
    paragraph: int
    is_title: bool  # a heading in which most words begin with a capital


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that name a place, or look as if they did.

    ``use`` says what they are (a place, a council or force that speaks, a
    police station; or a person, road, court, newspaper, ...). ``place_id`` is
    None where the gazetteer knows several. ``share`` (0 to 1) is how sure the
    place is, ``doubts`` say why it is not. ``within`` tells its namesakes apart.
    """

    start: int
    end: int
    words: str
    use: str
    place_id: str | None = None
    level: str | None = None
    within: str | None = None
    share: float = 1.0
    rivals: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    parents: frozenset[str] = frozenset()  # region and nation, and what else it lies in
    qualifies: bool = False  # an area that only tells the place before it apart

    @property
    def is_place(self) -> bool:
        """Whether the words name a place at all."""
        return self.use in USES


def sentences_of(text: str) -> list[Sentence]:
    """Cut a text into sentences; a list behind a colon belongs to what it lists."""
    found: list[Sentence] = []
    start, paragraph = 0, 1

    def add(end: int) -> None:
        for piece in range(start, end, _LONGEST_SENTENCE):
            last = min(piece + _LONGEST_SENTENCE, end)
            if text[piece:last].strip():
                found.append(Sentence(piece, last, paragraph, _is_title(text[piece:last])))

    for gap in _BREAK.finditer(text):
        before = text[start : gap.start()].rstrip()
        if "\n" in gap[0]:
            behind = text[gap.end() : gap.end() + 2].lstrip()
            if gap[0].count("\n") == 1 and _is_wrapped(
                text[max(0, gap.start() - 500) : gap.start()], behind
            ):
                continue
            if before.endswith((":", ",", ";")) or (behind[:1] in "•*–-" and behind and before):
                continue
        elif _ABBREVIATION.search(before[-12:]):
            continue
        add(gap.start())
        start = gap.end()
        paragraph += "\n" in gap[0]
    add(len(text))
    return found


def _is_wrapped(before: str, behind: str) -> bool:
    """Say whether a line was broken for its width: it ends no sentence, and the next goes on."""
    line = before[before.rfind("\n") + 1 :].rstrip()
    if not line or line[-1] in '.!?"”’':
        return False
    return behind[:1].islower() or (len(line) >= _WRAPPED and "\n" in before)


def _is_title(text: str) -> bool:
    words = [token[0] for token in TOKEN.finditer(text)]
    long = [word for word in words if len(word) > 3 and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in long)
    return len(words) >= 3 and len(long) >= 2 and capitals >= 0.75 * len(long)


class KnownNames:
    """The spellings that name a place in a gazetteer: names, other names and short forms."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        names = gazetteer.places[schema.NAME]
        settlements = names[gazetteer.places[schema.LEVEL] == schema.SETTLEMENT]
        short = filter(None, map(short_form, settlements))
        others = map(key, gazetteer.aliases["alias"])
        self.gazetteer = gazetteer
        self.known = frozenset({*map(key, names), *others, *map(key, short)})

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> KnownNames:
        """Return the names of a gazetteer, which never changes, kept as long as it lives."""
        held: KnownNames | None = gazetteer.__dict__.get("_extraction_names")
        if held is None:
            held = cls(gazetteer)
            gazetteer.__dict__["_extraction_names"] = held
        return held


@dataclass(frozen=True, slots=True)
class _Span:
    first: int  # token numbers
    last: int
    start: int
    end: int


class TextScan:
    """One pass over a text: its tokens, and the spans that spell a listed name."""

    def __init__(self, text: str, names: KnownNames, sentences: list[Sentence]) -> None:
        self.text = text
        self.tokens = list(TOKEN.finditer(text))
        self.sentence_of: list[Sentence | None] = []
        at = 0
        for token in self.tokens:
            while at < len(sentences) and sentences[at].end <= token.start():
                at += 1
            inside = at < len(sentences) and sentences[at].start <= token.start()
            self.sentence_of.append(sentences[at] if inside else None)
        self.spans = self._spans(names.known)
        self.is_first = {span.first for span in self.spans}
        self.surnames: set[str] = set()

    def _spans(self, known: frozenset[str]) -> list[_Span]:
        spans: list[_Span] = []
        at = 0
        while at < len(self.tokens):
            span = self._longest(at, known)
            if span is None:
                at += 1
            else:
                spans.append(span)
                at = span.last + 1
        return spans

    def _longest(self, first: int, known: frozenset[str]) -> _Span | None:
        word = self.tokens[first][0]
        if word in ("The", "THE"):
            return None
        if not word[0].isupper() and word.lower() not in COMPASS:
            return None
        best = None
        start = self.tokens[first].start()
        for last in range(first, min(first + _MOST_WORDS, len(self.tokens))):
            if last > first and not self._joined(last - 1, last):
                break
            token = self.tokens[last]
            if not token[0][0].isupper():
                continue
            ends = [token.end()]
            if stem := _SUFFIX.match(token[0]):
                ends.append(token.start() + stem.end())
            if found := _POSSESSIVE.search(token[0]):
                ends.append(token.start() + found.start())
            for end in ends:
                spelling = key(self.text[start:end])
                if spelling in known and (
                    len(spelling) > 3
                    or self.text[start:end][:2].isupper()
                    or (len(spelling) == 3 and spelling not in ("met", "nfk"))
                ):
                    best = _Span(first, last, start, end)
                    break
        return (
            best
            if (best and self.text[best.start].isupper()) or (best and best.last > first)
            else None
        )

    def _joined(self, before: int, after: int) -> bool:
        gap = self.text[self.tokens[before].end() : self.tokens[after].start()]
        is_short = gap == ". " and self.tokens[before][0] in _SHORT
        if "\n" in gap and self.sentence_of[before] is not self.sentence_of[after]:
            return False
        return is_short or _GAP.fullmatch(gap) is not None

    def beside(self, span: _Span) -> tuple[str, int] | None:
        """Say what the words behind a span make of it, and where they end."""
        behind = self.text[span.end : span.end + 60]
        for kind in BESIDE:
            found = _beside(kind).match(behind)
            if found:
                return kind, span.end + found.end()
        return None

    def before(self, span: _Span, length: int = 40) -> str:
        """Give the text before a span, in its own sentence."""
        sentence = self.sentence_of[span.first]
        start = max(sentence.start if sentence else 0, span.start - length)
        return self.text[start : span.start]

    def use(self, span: _Span) -> str:
        """Say what the words of a span are."""
        before = self.before(span)
        if re.search(r"\b(?:Police|Constabulary|police)$", self.text[span.start : span.end]):
            return POLICE
        if _OFFICE.search(before):
            return NAME
        if self._is_person(span):
            return PERSON
        sentence = self.sentence_of[span.first]
        beside = self.beside(span)
        if beside is not None:
            return beside[0]
        behind = self.text[span.end : span.end + 30]
        preposition = self._previous(span).lower() in PREPOSITIONS
        if (
            re.match(r", (?:aged )?\d{1,2},", behind)
            and not preposition
            and not re.search(r"[,] $|\b(?:and|of) $", before)
        ):
            return PERSON
        if (
            not preposition
            and re.match(rf" {alternatives('cues', 'speech')}\b", behind)
            and (key(self.text[span.start : span.end]) in self.surnames)
        ):
            return PERSON
        spelling = key(self.text[span.start : span.end])
        if spelling in keys("traps", "month"):
            return WORD
        if spelling in keys("traps", "word") and not preposition and not _TOWN_IS.match(behind):
            return WORD
        if (
            spelling in self.surnames
            and not preposition
            and not before.rstrip().endswith((",", " and"))
        ):
            return PERSON
        if sentence is not None and not sentence.is_title and self._is_part_of_name(span):
            return NAME
        return PLACE

    def _previous(self, span: _Span) -> str:
        """Give the word right before a span, where only a space, or "the", lies between."""
        at = span.first - 1
        while (
            at >= 0 and self.tokens[at][0].lower() in ("the", *COMPASS) and self._joined(at, at + 1)
        ):
            at -= 1
        return self.tokens[at][0] if at >= 0 and self._joined(at, at + 1) else ""

    def _is_person(self, span: _Span) -> bool:
        before = self.text[max(0, span.start - 2) : span.start]
        at = span.first - 1
        steps = 0
        while at >= 0 and steps < 4 and self.tokens[at][0][0].isupper():
            gap = self.text[self.tokens[at].end() : self.tokens[at + 1].start()]
            if (
                gap not in (" ", ". ", "\u00a0")
                or self.sentence_of[at] != self.sentence_of[span.first]
            ):
                break
            word = self.tokens[at][0]
            if key(word) in keys("people", "title") and not (
                word.lower() in ("officer", "chief", "member") and steps == 0 and before == "in"
            ):
                return True
            if steps == 0 and gap != ". " and key(word) in keys("people", "forename"):
                return True
            at -= 1
            steps += 1
        if (
            key(self.tokens[span.first][0]) in keys("people", "forename")
            and span.first == span.last
        ):
            after = span.last + 1
            return (
                after < len(self.tokens)
                and self._joined(span.last, after)
                and self.tokens[after][0][0].isupper()
                and self.beside(span) is None
            )
        return False

    def _is_part_of_name(self, span: _Span) -> bool:
        """Say whether an unknown word with a capital stands right before or behind."""
        sentence = self.sentence_of[span.first]
        at = span.first - 1
        if at >= 0 and self._joined(at, span.first) and self.sentence_of[at] is sentence:
            word = self.tokens[at][0]
            begins = sentence is not None and not self.text[
                sentence.start : self.tokens[at].start()
            ].strip(" \"“‘'(•-–*")
            common = word.lower() in _LEADING or word.lower() in COMPASS or word.lower() in _MONTHS
            if word[0].isupper() and not common and not (begins and word.endswith(("ing", "ly"))):
                return True
        after = span.last + 1
        if (
            after < len(self.tokens)
            and self._joined(span.last, after)
            and (self.sentence_of[after] is sentence and self.tokens[span.last].end() == span.end)
        ):
            word = self.tokens[after][0]
            known = (
                after in self.is_first
                or word.isupper()
                or key(word) in keys("people", "title")
                or word.lower() in _MONTHS
                or word.lower() in _LEADING
            )
            return word[0].isupper() and not known
        return False


@cache
def _beside(kind: str) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in words_listed("beside", kind))
    part = r"(?:North|South|East|West|Central) (?=MP)"
    return re.compile(rf"(?:['’]s?)?[ \t\u00a0]+((?:{part})?(?:{words}))(?![\w])")


def scan(text: str, names: KnownNames, sentences: list[Sentence]) -> list[Mention]:
    """Find everything that spells a listed name, in order, and say what it is."""
    seen = TextScan(text, names, sentences)
    uses = [seen.use(span) for span in seen.spans]
    seen.surnames |= {
        key(text[seen.tokens[span.last].start() : span.end])
        for span, use in zip(seen.spans, uses, strict=True)
        if use == PERSON
    }
    mentions = []
    for span in seen.spans:
        use = seen.use(span)
        spelling = key(text[span.start : span.end])
        if spelling in keys("traps", "whole") and use == PLACE:
            use = "whole"
        mentions.append(Mention(span.start, span.end, text[span.start : span.end], use))
    return _with_neighbours(text, _with_compass(text, mentions))


def _with_compass(text: str, mentions: list[Mention]) -> list[Mention]:
    """Take the points of the compass before a name as part of its words."""
    extended = []
    for mention in mentions:
        before = re.search(
            r"(?<![\w-])([\w-]+)[ \t]$", text[max(0, mention.start - 14) : mention.start]
        )
        if before and before[1].lower() in COMPASS and mention.use in (PLACE, "whole"):
            start = mention.start - len(before[0])
            words = text[start : mention.end]
            mention = replace(mention, start=start, words=words, use=PLACE)
        extended.append(mention)
    return extended


LIST_GAP: Final = re.compile(
    r"(?:['’]s)?\s*(?:\([^()]{0,20}\))?\s*(?:,|and|or|&|,\s*and|as well as|,\s*as well as|"
    r";)\s*(?:in|to|from|at)?\s*(?:both|the|nearby|even|also|then|then|later)?\s*",
    re.I,
)


def _with_neighbours(text: str, mentions: list[Mention]) -> list[Mention]:
    """Take a common word in a list of places, or before its county, for the place."""
    kept = list(mentions)
    for _ in range(2):
        for at, mention in enumerate(kept):
            if mention.use != WORD:
                continue
            for other in (at - 1, at + 1):
                if 0 <= other < len(kept) and kept[other].use == PLACE:
                    first, second = sorted((at, other))
                    gap = text[kept[first].end : kept[second].start]
                    if LIST_GAP.fullmatch(gap):
                        kept[at] = replace(mention, use=PLACE)
    return kept


COMPASS: Final = frozenset(
    "north south east west north-east north-west south-east south-west northeast northwest "
    "southeast southwest mid central inner outer greater northern southern eastern western".split()
)
_NUMBERS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SET: Final = {"a dozen": 12, "two dozen": 24, "once": 1, "twice": 2, "thrice": 3, "both": 2}


@cache
def words_listed(name: str, kind: str) -> tuple[str, ...]:
    """Give the words of one kind in one of the lists, the longest first."""
    rows = shipped_list(f"extraction_{name}.csv")
    column = "measure" if name == "counted" else "kind"
    return tuple(sorted((r["word"] for r in rows if r[column] == kind), key=lambda w: (-len(w), w)))


@cache
def keys(name: str, kind: str) -> frozenset[str]:
    """Give the words of one kind in their one spelling."""
    return frozenset(map(key, words_listed(name, kind)))


@cache
def alternatives(name: str, kind: str) -> str:
    """Write the words of one kind as one group of a pattern."""
    return "(?:" + "|".join(map(re.escape, (w.lower() for w in words_listed(name, kind)))) + ")"


@cache
def cue(kind: str) -> re.Pattern[str]:
    """Make the pattern that finds a cue in small letters; stems match what begins with them."""
    stems = kind in ("action", "topic")
    return re.compile(rf"\b{alternatives('cues', kind)}" + ("" if stems else r"\b"))


@cache
def numbers_by_word() -> dict[str, int]:
    """Give the numbers from 0 to 99 as they are written in words.

    >>> numbers_by_word()["twenty-three"], numbers_by_word()["thirteen"], numbers_by_word()["twice"]
    (23, 13, 2)
    """
    words = {word: number for number, word in enumerate(_NUMBERS)}
    for ten, word in enumerate(_TENS, start=2):
        words[word] = ten * 10
        for unit in range(1, 10):
            words[f"{word}-{_NUMBERS[unit]}"] = words[f"{word} {_NUMBERS[unit]}"] = ten * 10 + unit
    return words | _SET


@cache
def measures() -> dict[str, str]:
    """Give the measure of each word for what is counted."""
    return {row["word"].lower(): row["measure"] for row in shipped_list("extraction_counted.csv")}
