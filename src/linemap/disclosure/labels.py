"""Labels: which values of a tag, and which measures, may stand beside counts.

A label is released with every count that bears it. A second count that is kept
as a tag (a column "under_13" with 3 and 1 in it) would so leave unprotected.
A label therefore holds no number, with three exceptions, whose grammar is
closed: a band of ages in a column whose heading says that it holds ages, a
class ("tier 2") and, in a measure, an age ("links under 18").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Headings that say that a column holds ages: "Age", "age_band", "Age at referral".
_AGE_HEADING: Final = re.compile(
    r"\b(age|ages|ageband|agebands|agegroup|agegroups|agerange|ageranges)\b"
)
# Words of a heading that counts people of an age: "number aged under 13".
_COUNT_HEADING: Final = re.compile(
    r"\d|\b(n|no|num|number|numbers|count|counts|total|totals|sum|many|which|under|over|below|above"
    r"|children|people|persons|adults|records|referrals|links)\b"
)
_OLDEST: Final = 120
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
    r"(tier|level|year|key stage|stage|class|category|type|phase|schedule|grade|band) \d{1,2}"
)
# An age inside the words of a measure: "links under 18", "aged 10 to 17".
_AGE_IN_WORDS: Final = re.compile(
    r"\b(?:under|over|aged?|ages)[ -]?(\d{1,3})(?:s|(?: ?- ?| to | and | or )(\d{1,3}))?"
    r"(?: years?)?\b(?! (?:under|over|below|above|aged))"
)
_NUMBER_WORDS: Final = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand dozen half pair couple nil ii iii iv vi vii viii ix xi xii".split()
)
_UNITS: Final = frozenset(
    "a and or of to the about around some than more fewer less at least most up under over child "
    "children person persons people adult adults boy boys girl girls young youth youths record "
    "records link links referral referrals case cases count total".split()
)

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


def is_age_heading(heading: str) -> bool:
    """Say whether a heading declares a column of ages.

    >>> [is_age_heading(name) for name in ("Age band", "age_at_referral", "aged_under_13")]
    [True, True, False]
    """
    plain = re.sub(r"[\W_]+", " ", _plain(heading))
    return bool(_AGE_HEADING.search(plain)) and not _COUNT_HEADING.search(plain)


def is_age_band(text: str) -> bool:
    """Say whether a value names a band of ages: two ages, or one and the side of it.

    >>> [is_age_band(text) for text in ("10-15", "65 and over", "16", "25-18", "3 of 5")]
    [True, True, False, False, False]
    """
    plain = _plain(text)
    band = _BAND.fullmatch(plain)
    if band is not None:
        return int(band[1]) < int(band[2]) <= _OLDEST
    side = _SIDE.fullmatch(plain)
    return side is not None and int(side[1] or side[2]) <= _OLDEST


def _may_stand(text: str, *, of_ages: bool) -> bool:
    is_class = _CLASS.fullmatch(_plain(text)) is not None
    return is_class or (of_ages and is_age_band(text)) or not _holds_number(text)


def _holds_number(text: str) -> bool:
    """Say whether a text holds a number, in figures of any script, or is one in words."""
    plain = _plain(text)
    if any(unicodedata.category(letter)[0] == "N" for letter in (*text, *plain)):
        return True
    words = re.findall(r"[^\W_]+", plain)
    in_words = [word for word in words if word not in _UNITS]
    if in_words and all(word in _NUMBER_WORDS or _is_numeral(word) for word in in_words):
        return True
    return not words and len(plain) > 1  # bars and ticks tell a number by how many they are


def _is_numeral(word: str) -> bool:
    return all(unicodedata.numeric(letter, None) is not None for letter in word)


def _without_ages(text: str) -> str:
    """Take the ages out of the words of a measure."""
    plain = _plain(text)
    rest = _AGE_IN_WORDS.sub(_age, plain)
    return rest if rest != plain else text


def _age(match: re.Match[str]) -> str:
    """Take an age out of the words of a measure; leave what no age can be."""
    ages = [int(number) for number in match.groups() if number]
    is_age = max(ages) <= _OLDEST and ages == sorted(set(ages))
    return " " if is_age else match[0]


def _plain(text: str) -> str:
    """Write a text in plain lower case, without marks, invisible letters and long dashes."""
    letters = (
        "-" if unicodedata.category(letter) == "Pd" or letter == "\u2212" else letter
        for letter in unicodedata.normalize("NFKD", text).casefold()
        if unicodedata.category(letter) not in ("Cf", "Mn", "Cc") or letter in "\t\n"
    )
    return " ".join("".join(letters).split())


def _is_null(value: object) -> bool:
    return value is None or value != value or str(value) in ("<NA>", "NaT")
