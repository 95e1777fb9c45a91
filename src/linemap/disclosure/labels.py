"""Words that leave with the counts: titles, a rule's name, tags, their headings and measures.

No number of a release makes these words, so making the release again cannot tell what
they say. One rule holds for all: they carry no number that may be a count, in figures or in
words. In a title a year or month passes that agrees with what the release covers, and a number
word inside a listed place; in a tag a band of ages and a class do.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import pandas as pd

from linemap import schema
from linemap.disclosure.rule import PRESETS, Rule
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer
from linemap.io import shipped_list
from linemap.windows import MONTH_NUMBERS, MONTH_PATTERN

Month = tuple[int, int | None]  # a year, and a month of it or None for all of it
Span = tuple[Month, Month]

_YEAR: Final = r"(?:19|20)[0-9]{2}"
_TO: Final = r"\s*(?:-|–|—|/|to|until)\s*"
# The longest first: "Jan to Mar 2024", "Mar 2024", "2024-03", "03/2024", "2023-24", "2024".
_TIME: Final = re.compile(
    rf"(?<![\w.,])(?:(?P<from>{MONTH_PATTERN})\.?{_TO}(?P<until>{MONTH_PATTERN})\.?,?\s+(?P<of>{_YEAR})"
    rf"|(?P<name>{MONTH_PATTERN})\.?,?[\s-]+(?P<in>{_YEAR})"
    rf"|(?P<iso>{_YEAR})-(?P<number>0[1-9]|1[0-2])"
    rf"|(?P<month>0[1-9]|1[0-2])/(?P<its>{_YEAR})"
    rf"|(?P<first>{_YEAR})[-–—/](?P<last>{_YEAR}|[0-9]{{2}})"
    rf"|(?P<year>{_YEAR}))(?![\w%]|[.,][0-9])",
    re.IGNORECASE,
)
_MOST_TIMES: Final = 6
LONGEST: Final = 200  # characters of a title


def require_title(
    title: str,
    *,
    window: tuple[str, str] | None = None,
    gazetteer: Gazetteer | None = None,
    rows: tuple[str, str] | None = None,
) -> str:
    """Return a title that may stand on a release of records.

    `window` is the first and the last month that the release covers, as "2023-01";
    without it no year can agree, and `rows`, those of the rows, are named as what to state.
    `gazetteer` lists the places whose names may hold a number word.

    Raises
    ------
    DisclosureError
        For a number of any other kind, in digits of any script or in words. The message
        says which and what to write instead.

    >>> require_title("Referrals, 2023-24", window=("2023-04", "2024-03"))
    'Referrals, 2023-24'
    """
    faults = title_faults(title, window=window, gazetteer=gazetteer, rows=rows)
    if faults:
        raise DisclosureError(f"The title {title!r} cannot be used: {'; '.join(faults)}.")
    return title


def months_of(flows: pd.DataFrame) -> tuple[str, str] | None:
    """Return the first and the last month that flows cover, or None where they do not say."""
    first, last = flows[schema.PERIOD_START].dropna(), flows[schema.PERIOD_END].dropna()
    return (str(first.min()), str(last.max())) if len(first) and len(last) else None


def title_faults(
    title: str,
    *,
    window: tuple[str, str] | None = None,
    gazetteer: Gazetteer | None = None,
    rows: tuple[str, str] | None = None,
) -> list[str]:
    """List what in a title is a number that it may not hold, each with what to write instead."""
    if len(title) > LONGEST:
        return [f"it is longer than {LONGEST} characters: shorten it"]
    times = list(_TIME.finditer(title))
    faults = []
    if times:
        named = ", ".join(match[0] for match in times)
        if window is None:
            first, last = rows or ("2023-01", "2024-03")
            theirs = f" (the rows are of {first} to {last})" if rows else ""
            faults.append(
                f"it names {named}, and the release does not say which months it covers{theirs}: "
                f"state them (window='{first} to {last}'), or leave the date out of the title"
            )
        elif not _agree([list(_spans(match)) for match in times], window):
            faults.append(
                f"it names {named}, and the release covers {window[0]} to {window[1]}: name the "
                "first and the last of these months or years, or leave the date out of the title"
            )
    rest = _TIME.sub(" | ", title)
    numbers = numbers_in(rest, gazetteer, places=True)
    if numbers:
        faults.append(
            f"it holds the number{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}, and no "
            "number in a title has been checked: leave it out (a year or month that the release "
            "covers, and the name of a listed place, may stand)"
        )
    return faults


def rule_faults(rule: Rule) -> list[str]:
    """List what in a rule's name and source is neither a preset's nor one of the rule's numbers."""
    if any((rule.name, rule.source) == (kept.name, kept.source) for kept in PRESETS.values()):
        return []
    own = {rule.threshold, rule.threshold - 1, rule.base, rule.width, rule.km_base, rule.months, 1}
    if rule.total_base is not None:
        own.add(rule.total_base)
    faults = []
    for field, text in (("name", rule.name), ("source", rule.source)):
        plain = re.sub(r"[0-9]+", lambda match: "" if int(match[0]) in own else match[0], text)
        numbers = numbers_in(plain, places=True)
        if numbers or len(text) > LONGEST:
            faults.append(
                f"the rule's {field} is too long or holds {', '.join(numbers) or 'too much'}, "
                "which is none of the rule's own numbers: leave it out"
            )
    return faults


def _spans(match: re.Match[str]) -> Iterator[Span]:
    """Yield what a time that a title names can mean: from which month or year to which."""
    found = match.groupdict()
    if found["of"]:
        year = int(found["of"])
        first, last = (MONTH_NUMBERS[found[end].lower()] for end in ("from", "until"))
        yield (year, first), (year, last)
    elif found["name"]:
        month = int(found["in"]), MONTH_NUMBERS[found["name"].lower()]
        yield month, month
    elif found["month"]:
        month = int(found["its"]), int(found["month"])
        yield month, month
    elif found["year"]:
        whole = int(found["year"]), None
        yield whole, whole
    else:
        first = int(found["iso"] or found["first"])
        other = found["number"] or found["last"]
        if found["iso"]:
            yield (first, int(other)), (first, int(other))
        last = int(other) if len(other) == 4 else first - first % 100 + int(other)
        if first < last or (last + 100 == first + 1):
            yield (first, None), (max(last, first + 1), None)


def _agree(times: list[list[Span]], window: tuple[str, str]) -> bool:
    """Say whether the times of a title run from the first month of a window to its last."""
    first, last = ((int(month[:4]), int(month[5:])) for month in window)
    return len(times) <= _MOST_TIMES and any(
        _is(min((span[0] for span in spans), key=lambda month: (month[0], month[1] or 1)), first)
        and _is(max((span[1] for span in spans), key=_ending), last)
        for spans in itertools.product(*times)
    )


def _ending(month: Month) -> tuple[int, int]:
    return month[0], month[1] or 12


def _is(named: Month, month: tuple[int, int]) -> bool:
    return named[0] == month[0] and named[1] in (None, month[1])


# ── Find numbers in words that leave with a release: tags, measures, headings and titles ────
# Every number word with its role (data/number_words.csv): "part" may be joined to others
# ("twentyone"), "word" stands on its own, "abroad" is one in another language, "alone" is one
# only where it is all of a tag, as it is a word or a name in English, too.
_NUMBER_WORDS: Final = shipped_list("number_words.csv")


def _in_role(role: str) -> list[str]:
    """List the number words of a role, the longest first."""
    words = (row["word"] for row in _NUMBER_WORDS if row["role"] == role)
    return sorted(words, key=lambda word: (-len(word), word))


_PART: Final = "|".join(_in_role("part"))
_ABROAD: Final = frozenset(_in_role("abroad"))
_ALONE: Final = frozenset((*_in_role("alone"), *_in_role("abroad")))
# Number words that seldom count people: "first language", "second referral", "none".
_SELDOM_COUNTS: Final = frozenset(
    row["word"] for row in _NUMBER_WORDS if row["passes_in_tags"] == "yes"
)
# "XIII", "xiii" and "Xiii"; of two letters, or with L and C, only where the case is one:
# "Vi" and "Liv" are names, and "CV", "MD" and "DC" are no numbers here.
_ROMAN: Final = (
    "(?=[IVX]{3})X{0,3}(?:IX|IV|V?I{0,3})|(?=[IVXJ]{3})X{0,4}V?I{0,9}J?"  # and "VIIII", "iiij"
    "|(?-i:(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})|(?=[ivx]{2})x{0,3}(?:ix|iv|v?i{0,3})"
    "|(?=[IVXLC]{2})(?:XC|XL|LX{0,3})(?:IX|IV|V?I{0,3}))"
)
# "IIII", "llll", "xxx": tallies in letters. "AAA" is a class, and no word repeats a letter so.
_STROKES: Final = r"(?P<stroke>[ilox])(?P=stroke){2,}|(?P<letter>[a-z])(?P=letter){3,}"
_WORD: Final = re.compile(
    rf"(?<![^\W_])(?:(?:{_PART})(?:and|{_PART})*(?:fold|s|some|ish|th)?|{'|'.join(_in_role('word'))}|{_ROMAN}|{_STROKES})"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_ANYWHERE: Final = re.compile(_PART, re.IGNORECASE)
_NO_NUMBER: Final = re.compile(
    r"(?<![^\W_])(?:one-off|no[ -]one|one[ -]to[ -]one)(?![^\W_])", re.IGNORECASE
)
# "t h r e e", "t.h.r.e.e": three single letters or more.
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W\d_](?:[\W_]{1,3}[^\W\d_](?![^\W_])){2,}")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")  # "threeGirls"
_NUMBER_SIGN: Final = re.compile(
    rf"\b(?:DIGIT|NUMBER|KEYCAP|NUMERAL|DIE FACE|DOMINO|BRAILLE|(?:{_PART.upper()})"
    r" (?:OF|OCLOCK))\b"
)
_EMPTY: Final = "\u115f\u1160\u2800\u3164\uffa0"  # blanks that are no format characters
# Cyrillic, Armenian, Greek and small capital letters that look like Latin ones.
_LOOK_ALIKES: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb"
    "\u043a\u043c\u0442\u043d\u0432\u0433\u0475\u051d\u0501\u051b\u0578"
    "\u0410\u0412\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0421"
    "\u0422\u0425\u0423\u0405\u051c"
    "\u03b1\u03b5\u03bf\u03c1\u03c4\u03c5\u03c7\u03b9\u03ba\u03b7\u03c9"
    "\u03bd\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f"
    "\u03a1\u03a4\u03a5\u03a7\u0131\u0261\u1d07\u0262\u029c\u026a\u0274"
    "\u1d0f\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21",
    "aeopcyxijshkmthbrvwdqnABEHIJKMOPCTXYSWaeoptuxiknwvABEZHIKMNOPTYXigeghinorstuvw",
)


def numbers_in(text: str, gazetteer: Gazetteer | None = None, *, places: bool = False) -> list[str]:
    """List the numbers that a text holds, sorted, as they stand in it.

    With `places`, the names of listed places, and of those of a `gazetteer`, may hold
    number words.

    >>> numbers_in("three of XV girls"), numbers_in("t h r e e"), numbers_in("often, CV, mix")
    (['XV', 'three'], ['three'], [])
    """
    return sorted({*_signs(text), *_words(text, gazetteer, places=places)})


def is_listed_place(text: str) -> bool:
    """Say whether a text is, letter for letter, a listed place's name that holds a number word."""
    return text in _numbered_places()


def fold(text: str) -> str:
    """Write a text in plain Latin letters of their case, without marks and invisible letters."""
    letters = (
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if letter not in _EMPTY
        and (unicodedata.category(letter) not in ("Cf", "Mn", "Me", "Cc") or letter in "\t\n")
    )
    return "".join(letters).translate(_LOOK_ALIKES)


def _signs(text: str) -> Iterator[str]:
    """Yield what is written with digits of any script, or with signs that stand for numbers."""
    for part in re.findall(r"[^\s|]+", text):
        if any(map(_is_number, part)):
            yield part.strip(",.;:()[]\"'") or part


@cache
def _is_number(sign: str) -> bool:
    if any(
        unicodedata.category(letter)[0] == "N" or unicodedata.numeric(letter, None) is not None
        for letter in (sign, *unicodedata.normalize("NFKD", sign))
    ):
        return True
    return _NUMBER_SIGN.search(unicodedata.name(sign, "")) is not None


def _words(text: str, gazetteer: Gazetteer | None, *, places: bool) -> Iterator[str]:
    """Yield the number words, those inside the name of a listed place apart."""
    plain = _NO_NUMBER.sub(" | ", fold(text))
    if places and _holds_number_word(plain):
        names = {fold(name) for name in _numbered_places()}
        if gazetteer is not None:
            names.update(fold(name) for name in _numbered(gazetteer))
        for name in sorted(names, key=len, reverse=True):
            plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " | ", plain, flags=re.IGNORECASE)
    for written in (plain, _HUMP.sub(" ", plain)):
        yield from (match[0] for match in _WORD.finditer(written))
        yield from (word for word in _LETTERS.findall(written) if word.casefold() in _ABROAD)
    for run in _SPACED.findall(plain):
        joined = re.sub(r"[\W_]", "", run)
        yield from (match[0] for match in (*_ANYWHERE.finditer(joined), *_WORD.finditer(joined)))


def _numbered(gazetteer: Gazetteer) -> list[str]:
    listed = (*gazetteer.places[schema.NAME], *gazetteer.aliases[schema.ALIAS])
    return [str(name) for name in listed if _holds_number_word(str(name))]


def _holds_number_word(plain: str) -> bool:
    foreign = (word.casefold() in _ABROAD for word in _LETTERS.findall(plain))
    return _WORD.search(plain) is not None or any(foreign)


@cache
def _numbered_places() -> frozenset[str]:
    """Read the places whose names hold a number word, those too small for the gazetteer too."""
    small = (row["name"] for row in shipped_list("numbered_places.csv"))
    return frozenset((*small, *_numbered(Gazetteer.load())))


# ── Labels: which values of a tag, and which measures, may stand beside counts ──────────────
# A label is released with every count that bears it. A second count that is kept
# as a tag (a column "under_13" with 3 and 1 in it) would so leave unprotected.
# A label, and its heading, therefore holds no number, with three exceptions, whose
# grammar is closed: a band of ages in a column whose heading says that it holds ages,
# a class ("tier 2") and, in a measure or a heading, one class of ages ("links under 18").

# Headings that say that a column holds ages: "Age", "age_band", "Age at referral".
_AGE_HEADING: Final = re.compile(
    r"(?:(?:child|children|young person|victim|person|pupil|client|suspect)(?: ?s)? )?"
    r"(?:age|ages|age ?(?:group|band|range|class|bracket)s?)"
    r"(?: banded| grouped| (?:in )?years| at(?: [a-z]+){1,4})?"
)
# Words of a heading that counts people of an age: "age at which children are found".
_COUNT_HEADING: Final = re.compile(
    r"\b(n|no|num|number|numbers|count|counts|total|totals|sum|many|which|under|over|below|above"
    r"|children|people|persons|adults|girls|boys|records|referrals|links)\b"
)
_OLDEST: Final = 120
_AGE_BOUNDS: Final = shipped_list("age_bounds.csv")
# No scheme in use divides children at these ages, and small counts look like them ("0-3").
_NO_BOUNDS: Final = frozenset(int(row["age"]) for row in _AGE_BOUNDS if row["in_bands"] == "no")
# Tallies: they tell a number by how many marks there are ("links |||").
_TALLY: Final = re.compile(r"(?:^|\s)([^\w\s])\1+(?=\s|$)")
_AGE_WORDS: Final = r"(?:aged?|ages)?\s*"
_YEARS: Final = r"\s*(?:s|years?|yrs?|y/?o)?(?:\s*old)?"
# "10-15", "18 to 25", "aged 16 or 17": two ages, the lower first.
_BAND: Final = re.compile(rf"{_AGE_WORDS}(\d{{1,3}})\s*(?:-|to|/|or|and|&)\s*(\d{{1,3}}){_YEARS}")
# "under 18", "over 25", "18+", "65 and over", "<16", "U18": one age and a side.
_SIDE: Final = re.compile(
    rf"{_AGE_WORDS}(?:(?:under|below|over|above|up to|at least|less than|u|<|>|<=|>=)\s*(\d{{1,3}})"
    rf"{_YEARS}|(\d{{1,3}}){_YEARS}\s*(?:\+|(?:and|or|&)\s*(?:over|above|older|under|below|younger)))"
)
_CLASS: Final = re.compile(
    r"(tier|level|year|key stage|stage|class|category|type|phase|schedule|grade|band) "
    r"(?:\d{1,2}|[ivx]{1,4}|one|two|three|four|five|six|seven|eight|nine|ten)"
)
# One class of ages inside the words of a measure: "links under 18", "aged 10 to 17".
_AGES_IN_WORDS: Final = re.compile(
    r"\b(?:(?:under|over)[ -]?(\d{2})s?|(?:aged?|ages) (\d{2})(?: ?- ?| to | and | or )(\d{2})"
    r"|(?:aged )?(\d{2}) (?:and|or) (?:over|under|older))(?: years?)?\b"
    r"(?! (?:under|over|below|above|aged))"
)
# The ages at which the law, care and statistics divide people.
_BOUNDS: Final = frozenset(int(row["age"]) for row in _AGE_BOUNDS if row["in_measures"] == "yes")

REMEDY: Final = (
    "Take the column out, or count these people in rows of their own under a measure of their "
    "own. Ages are kept as bands (under 16, 16 to 17, 18 to 25, over 25) in a column whose "
    "heading says age."
)


def label_faults(heading: str, values: Iterable[object]) -> tuple[str, ...]:
    """Return the values of a tag that may not stand beside counts, sorted; empty if all may.

    `heading` is the name of the tag. Nulls are passed over. A value is refused if it
    is a number in any script or in words, if it holds a number, a date or a range,
    and if it cannot be told from one; bands of ages pass under a heading of ages.

    >>> label_faults("under_13", ["3", "1", None])
    ('1', '3')
    >>> label_faults("age_band", ["under 18", "18 to 25", "over 25"])
    ()
    """
    of_ages = is_age_heading(heading)
    found = {str(value) for value in values if not _is_null(value)}
    return tuple(sorted(text for text in found if not _may_stand(text, of_ages=of_ages)))


def measure_faults(values: Iterable[object]) -> tuple[str, ...]:
    """Return the measures that hold a number which may be a count, sorted.

    >>> measure_faults(["links (3 under 13)", "links under 18", "referrals"])
    ('links (3 under 13)',)
    """
    found = {str(value) for value in values if not _is_null(value)}
    return tuple(sorted(text for text in found if _holds_number(_without_ages(text))))


def heading_faults(headings: Iterable[str]) -> tuple[str, ...]:
    """Return the headings of tags that hold a number which may be a count, sorted.

    >>> heading_faults(["=3 girls of 7 in Lowestoft", "Under 18", "age_band"])
    ('=3 girls of 7 in Lowestoft',)
    """
    return measure_faults(headings)


def is_age_heading(heading: str) -> bool:
    """Say whether a heading declares a column of ages.

    >>> [is_age_heading(name) for name in ("Age band", "age_at_referral", "aged_under_13")]
    [True, True, False]
    """
    plain = re.sub(r"[\W_]+", " ", _plain(heading)).strip()
    if _AGE_HEADING.fullmatch(plain) is None or numbers_counted(heading):
        return False
    return not _COUNT_HEADING.search(plain.partition(" at ")[2])


def is_age_band(text: str) -> bool:
    """Say whether a value names a band of ages: two ages, or one and the side of it.

    >>> [is_age_band(text) for text in ("10-15", "65 and over", "16", "25-18", "3 of 5", "0-3")]
    [True, True, False, False, False, False]
    """
    plain = _plain(text)
    found = _BAND.fullmatch(plain) or _SIDE.fullmatch(plain)
    ages = [int(age) for age in found.groups() if age] if found is not None else []
    rising = ages == sorted(set(ages))
    return bool(ages) and rising and ages[-1] <= _OLDEST and _NO_BOUNDS.isdisjoint(ages)


def _may_stand(text: str, *, of_ages: bool) -> bool:
    is_class = _CLASS.fullmatch(_plain(text)) is not None
    may = is_class or (of_ages and is_age_band(text)) or not _holds_number(text)
    return may or is_listed_place(text)


def _holds_number(text: str) -> bool:
    """Say whether a text holds a number, in figures of any script, in words or in bars.

    Or what may be one as nobody can say what it means, or an address of a person (@).
    """
    plain = _plain(text)
    bars = not re.search(r"[^\W_]", plain) and len(plain) > 1  # they tell by how many they are
    words = _LETTERS.findall(plain)
    only_number_words = bool(words) and all(word in _ALONE for word in words)
    tallied = len(words) > 1 and len(set(words)) == 1  # "girl girl girl"
    if bars or only_number_words or tallied or _TALLY.search(plain) is not None:
        return True
    return "@" in plain or not _is_latin(text) or bool(numbers_counted(text))


def _is_latin(text: str) -> bool:
    """Say whether every letter is Latin: of other scripts nobody can say that it is no number."""
    letters = unicodedata.normalize("NFKC", text)
    return all("LATIN" in unicodedata.name(letter, "") for letter in letters if letter.isalpha())


def numbers_counted(text: str) -> list[str]:
    """List the numbers in a label that may count people: not "first language" or "none"."""
    return [number for number in numbers_in(text) if number.casefold() not in _SELDOM_COUNTS]


def _without_ages(text: str) -> str:
    """Take one class of ages out of the words of a measure or a heading."""
    plain = " ".join(_plain(text).replace("_", " ").split())
    rest = _AGES_IN_WORDS.sub(_age, plain, count=1)
    return rest if rest != plain else text


def _age(match: re.Match[str]) -> str:
    """Take a class of ages out of the words of a measure; leave what is none."""
    ages = [int(number) for number in match.groups() if number]
    return " " if _BOUNDS.issuperset(ages) and ages == sorted(set(ages)) else match[0]


def _plain(text: str) -> str:
    """Write a text in plain lower case, without marks, invisible letters and long dashes."""
    dashed = re.sub("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]", "-", fold(text))
    return " ".join(dashed.casefold().split())


def _is_null(value: object) -> bool:
    return value is None or value != value or str(value) in ("<NA>", "NaT")
