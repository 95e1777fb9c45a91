"""Normalise the spelling of place names: pure functions from text to text.

Nothing here knows a gazetteer. A rule lives here when it would change if a
name were *spelled* differently; what a name *means* is for
:mod:`linemap.geocoding`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import cache
from typing import Final, NamedTuple

from linemap.io import shipped_list

MAX_LENGTH: Final = 200  # the longest name of a place in the kingdom has 58 letters

_APOSTROPHES: Final = "'’‘ʼʻ`´′＇‛ʹ\u02bd\u0092"
_LETTERS: Final = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
}
_TABLE: Final = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, ""),
        **_LETTERS,
        "&": " and ",
        "+": " and ",
        **dict.fromkeys('-‐‑‒–—―_,;:/\\|()[]{}<>"“”„«»!?*#@~^=%$£•·\x7f\x85\xa0', " "),
        **dict.fromkeys(map(chr, range(32)), " "),
    }
)
_INITIALS: Final = re.compile(r"\b([a-z])\.\s?(?=[a-z]\b(?:\.|\s|$))")


class _Abbreviations(NamedTuple):
    """Words that are written short, of ``data/abbreviations.csv``.

    Counties have their usual abbreviations; what could be a word of its own (`Som`, `Corn`,
    `Mon`) is not listed.
    """

    words: dict[str, str]
    compass: dict[str, str]  # written out only before one of the next
    after_compass: frozenset[str]
    changed: frozenset[str]  # every word that the rules of `normalise` may change


@cache
def _abbreviations() -> _Abbreviations:
    rows = shipped_list("abbreviations.csv")
    words, compass, after = (
        {row["word"]: row["written"] for row in rows if row["kind"] == kind}
        for kind in ("word", "compass", "after compass")
    )
    changed = frozenset({*words, *compass, "the", "co"})
    return _Abbreviations(words, compass, frozenset(after), changed)


def fault(name: object) -> str | None:
    """Say why `name` cannot be the name of a place, or None where it might be.

    What is not text, is empty, longer than 200 characters, holds no letter, or
    holds control characters other than white space is no name.
    """
    if name is None or name != name or type(name).__name__ == "NAType":  # NaN
        return "the name is empty"
    if not isinstance(name, str):
        return f"the name is not text but {type(name).__name__}"
    if name.isascii() and name.isprintable() and len(name) <= MAX_LENGTH:
        stripped = name.strip()
        if not stripped:
            return "the name is empty"
        return None if any(map(str.isalpha, stripped)) else "the name holds no letter"
    if len(name) > MAX_LENGTH:
        return f"the name is longer than {MAX_LENGTH} characters"
    kinds = {unicodedata.category(letter) for letter in name if letter not in "\t\n\r\v\f\x85\x92"}
    if kinds & {"Cc", "Cs", "Co", "Cn"}:
        return "the name holds control characters"
    if not any(map(str.isalpha, name)):
        return "the name is empty" if not name.strip() else "the name holds no letter"
    return None


_UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def unreadable(text: str) -> str | None:
    r"""Say why a text of a list cannot be read as it stands, or None where it can.

    Refused are more than 200 characters, control characters, and those that
    turn the direction of what follows.

    >>> unreadable("Nor\u202ehciw")
    'the control character U+202E stands in it.'
    """
    if len(text) > MAX_LENGTH:
        return f"it has {len(text):,} characters; at most {MAX_LENGTH} are read here."
    if text.isascii() and text.isprintable():
        return None
    for sign in text:
        if unicodedata.category(sign) in _UNSEEN or unicodedata.bidirectional(sign) in _TURNS:
            return f"the control character U+{ord(sign):04X} stands in it."
    return None


def sound(text: str) -> str:
    r"""Join the halves of characters; a half without the other is a lost character.

    >>> sound("\ud83d\ude00"), sound("a\ud800")
    ('😀', 'a�')
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _plain(name: str) -> str:
    """Lower case, unaccented, without apostrophes, other marks as spaces, dots kept."""
    if name.isascii():
        return name.lower().translate(_TABLE)
    name = unicodedata.normalize("NFKD", name.translate(_TABLE)).casefold()
    name = unicodedata.normalize("NFKD", name.translate(_TABLE))
    return "".join(
        letter if letter.isalnum() or letter == "." else " "
        for letter in name
        if unicodedata.category(letter) not in ("Mn", "Cf", "Me")
    )


def _join_lost_apostrophes(words: list[str]) -> list[str]:
    """Give a lone `s` back to the word before it: "King s Lynn"; not in "Newport S Wales"."""
    joined: list[str] = []
    short = _abbreviations()
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        is_compass = (
            not after or after == "and" or short.words.get(after, after) in short.after_compass
        )
        if word == "s" and joined and not is_compass:
            joined[-1] += "s"
        else:
            joined.append(word)
    return joined


def normalise(name: str) -> str:
    """Write a name in one spelling: lower case, no accents or marks, short words in full.

    `&` is "and"; apostrophes of every kind vanish; other marks are spaces; St,
    Gt, Nr, Upr, N Yorks, Herts and their like are written out; "upon" is "on"; a
    leading "the" goes. Doing it twice changes nothing.

    >>> normalise("King’s  LYNN")
    'kings lynn'
    >>> normalise("St. Leonards-upon-Sea"), normalise("Richmond, N. Yorks")
    ('saint leonards on sea', 'richmond north yorkshire')
    """
    text = _plain(name)
    if "." in text:
        text = _INITIALS.sub(r"\1", text).replace(".", " ")
    words = text.split()
    if "s" in words:
        words = _join_lost_apostrophes(words)
    while len(words) > 1 and words[0] == "the":
        del words[0]
    if len(words) > 1 and words[0] == "co":
        words[0] = "county"
    short = _abbreviations()
    written = [short.words.get(word, word) for word in words]
    for place in range(len(written) - 2, -1, -1):
        word, after = written[place], written[place + 1]
        if word in short.compass and (
            after in short.after_compass or (place == 0 and len(after) > 3)
        ):
            written[place] = short.compass[word]
    return " ".join(written)


_PLAIN_BYTES: Final = bytes(
    ord(chr(byte).lower()) if chr(byte) in string.ascii_letters else 32 if byte in b" -" else 0
    for byte in range(256)
)


def plain_words(name: str) -> list[str] | None:
    """Split a name of unaccented letters into its normalised words; None where it holds marks.

    A short cut for most names: joined, the words are :func:`key` of the name.

    >>> plain_words("King's Lynn"), plain_words("St Albans"), plain_words("Ashford, Kent")
    (['kings', 'lynn'], ['saint', 'albans'], None)
    """
    text = name.encode("utf-8", "surrogatepass").translate(_PLAIN_BYTES, b"'").decode()
    if "\x00" in text or " - " in name:
        return None
    words = text.split()
    return (
        words if _abbreviations().changed.isdisjoint(words) else normalise(name).split()
    ) or None


def key(name: str) -> str:
    """Write a name in one spelling without spaces: what two spellings of a name share.

    >>> key("Southend-on-Sea") == key("SouthEnd on sea") == "southendonsea"
    True
    """
    return normalise(name).replace(" ", "")


_JOINING: Final = frozenset("on in by under super next le de cum with near at".split())


def short_form(name: str) -> str | None:
    """Return the short form of a name with a tail: "Burton" of Burton upon Trent.

    The part before the first joining word, in the one spelling; None where
    there is none.

    >>> short_form("Stow-on-the-Wold"), short_form("Ashford")
    ('stow', None)
    """
    if " " not in name and "-" not in name:
        return None
    words = normalise(name).split()
    for place, word in enumerate(words[1:-1], start=1):
        if word in _JOINING:
            return " ".join(words[:place])
    return None


_DISTRICT: Final = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
_IS_DISTRICT: Final = re.compile(_DISTRICT)
_FULL_POSTCODE: Final = re.compile(rf"\b({_DISTRICT})\s*[0-9][A-Z]{{2}}\b", re.IGNORECASE)


def without_full_postcodes(text: str) -> str:
    """Reduce each full postcode to its district: a full one stands for some fifteen addresses.

    >>> without_full_postcodes("12 High St, Margate ct9 1xy"), without_full_postcodes("M25 7")
    ('12 High St, Margate CT9', 'M25 7')
    """
    return _FULL_POSTCODE.sub(lambda found: found[1].upper(), text)


def is_postcode_district(text: str) -> bool:
    """Say whether a text in capitals is the first half of a postcode, as CT9 or EC1A."""
    return _IS_DISTRICT.fullmatch(text) is not None


def postal_area(district: str) -> str:
    """Give the letters that a postcode district begins with.

    >>> postal_area("CT9"), postal_area("EC1A"), postal_area("M25")
    ('CT', 'EC', 'M')
    """
    return re.split(r"[0-9]", district, maxsplit=1)[0]
