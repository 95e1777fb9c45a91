"""Numbers of a sentence and what they count; months and years that it covers."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from linemap.extraction.mentions import alternatives, measures, number_words
from linemap.windows import MONTH_NUMBERS

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


class Counted(NamedTuple):
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
    words = "|".join(re.escape(w) for w in sorted(number_words(), key=lambda w: (-len(w), w)))
    return re.compile(rf"(?<![\w£$€.,/-])(?:({_DIGITS})|({words}))(?![\w])", re.I)


def counts_of(text: str, start: int, end: int, earlier: str | None = None) -> list[Counted]:
    """Find the numbers of a sentence that count people, arrests, occasions, lines or places."""
    sentence = text[start:end]
    found: list[Counted] = []
    measure: str | None = None
    for number in _number().finditer(sentence):
        value = int(number[1].replace(",", "")) if number[1] else number_words()[number[2].lower()]
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
        found.append(Counted(start + number.start(), start + number.end(), value, own, others))
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
