"""The owner's own words on a release: a title, and the name and source of a rule.

No number of a release makes these words, so making the release again cannot tell what
they say. One rule holds for them: they carry no number but a year or month that agrees
with what the release covers, and a number word inside a listed place. The search for
numbers in words serves tags, measures and headings too.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
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
_ONES: Final = (
    "zero nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy "
    "eighty ninety hundred thousand million billion dozen"
).split()
_ORDINALS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth "
    "fiftieth sixtieth seventieth eightieth ninetieth hundredth thousandth millionth"
).split()
_OTHERS: Final = (
    "once twice thrice half halves double triple treble quadruple couples? pairs? duos? trios? "
    "twins triplets? quadruplets? quintuplets? quartets? quintets? sextets? septets? octets? "
    "dozens scores hundreds thousands millions nil none"
).split()
_PART: Final = "|".join(sorted({*_ONES, *_ORDINALS}, key=len, reverse=True))
# "XIII", "xiii" and "Xiii"; of two letters, or with L and C, only where the case is one:
# "Vi" and "Liv" are names, and "CV", "MD" and "DC" are no numbers here.
_ROMAN: Final = (
    "(?=[IVX]{3})X{0,3}(?:IX|IV|V?I{0,3})"
    "|(?-i:(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})|(?=[ivx]{2})x{0,3}(?:ix|iv|v?i{0,3})"
    "|(?=[IVXLC]{2})(?:XC|XL|LX{0,3})(?:IX|IV|V?I{0,3}))"
)
_WORD: Final = re.compile(
    rf"(?<![^\W_])(?:(?:{_PART})(?:and|{_PART})*(?:fold|s|some|ish|th)?|{'|'.join(_OTHERS)}|{_ROMAN})"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_ANYWHERE: Final = re.compile(_PART, re.IGNORECASE)
_NO_NUMBER: Final = re.compile(
    r"(?<![^\W_])(?:one-off|no[ -]one|one[ -]to[ -]one)(?![^\W_])", re.IGNORECASE
)
# "t h r e e", "t.h.r.e.e": three single letters or more.
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W\d_](?:[\W_]{1,3}[^\W\d_](?![^\W_])){2,}")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")  # "threeGirls"
_NUMBER_SIGN: Final = re.compile(
    rf"\b(?:DIGIT|NUMBER|KEYCAP|NUMERAL|DIE FACE|DOMINO|BRAILLE|(?:{'|'.join(_ONES).upper()})"
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
    if places and _WORD.search(plain):
        names = {fold(name) for name in _numbered_places()}
        if gazetteer is not None:
            names.update(fold(name) for name in _numbered(gazetteer))
        for name in sorted(names, key=len, reverse=True):
            plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " | ", plain, flags=re.IGNORECASE)
    for written in (plain, _HUMP.sub(" ", plain)):
        yield from (match[0] for match in _WORD.finditer(written))
    for run in _SPACED.findall(plain):
        joined = re.sub(r"[\W_]", "", run)
        yield from (match[0] for match in (*_ANYWHERE.finditer(joined), *_WORD.finditer(joined)))


def _numbered(gazetteer: Gazetteer) -> list[str]:
    listed = (*gazetteer.places[schema.NAME], *gazetteer.aliases[schema.ALIAS])
    return [str(name) for name in listed if _WORD.search(str(name))]


@cache
def _numbered_places() -> frozenset[str]:
    """Read the places whose names hold a number word, those too small for the gazetteer too."""
    small = (row["name"] for row in shipped_list("numbered_places.csv"))
    return frozenset((*small, *_numbered(Gazetteer.load())))
