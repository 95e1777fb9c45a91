"""The lists of words that extraction goes by, each row with its reason, made ready to search."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from linemap.io import shipped_list
from linemap.text import key

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
def listed(name: str, kind: str) -> tuple[str, ...]:
    """Give the words of one kind in one of the lists, the longest first."""
    rows = shipped_list(f"extraction_{name}.csv")
    column = "measure" if name == "counted" else "kind"
    return tuple(sorted((r["word"] for r in rows if r[column] == kind), key=lambda w: (-len(w), w)))


@cache
def keys(name: str, kind: str) -> frozenset[str]:
    """Give the words of one kind in their one spelling."""
    return frozenset(map(key, listed(name, kind)))


@cache
def alternatives(name: str, kind: str) -> str:
    """Write the words of one kind as one group of a pattern."""
    return "(?:" + "|".join(map(re.escape, (w.lower() for w in listed(name, kind)))) + ")"


@cache
def cue(kind: str) -> re.Pattern[str]:
    """Make the pattern that finds a cue in small letters; stems match what begins with them."""
    stems = kind in ("action", "topic")
    return re.compile(rf"\b{alternatives('cues', kind)}" + ("" if stems else r"\b"))


@cache
def number_words() -> dict[str, int]:
    """Give the numbers from 0 to 99 as they are written in words.

    >>> number_words()["twenty-three"], number_words()["thirteen"], number_words()["twice"]
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
