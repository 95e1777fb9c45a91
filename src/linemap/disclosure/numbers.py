"""Find numbers in words that leave with a release: tags, measures, headings and titles.

One search serves them all: digits of any script, signs that stand for numbers, number
words and Roman numerals, also where they are spaced out or written in look-alike letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from linemap import schema
from linemap.gazetteer import Gazetteer
from linemap.io import shipped_list

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
