"""How sure an answer is: the share of answers like it that were right.

The weights of a mistyped name's score were fitted by
``benchmarks/geocoding/calibrate.py`` (logistic regression) on noise that is
described there; the reliability on noise and names held out from that fitting
stands in ``benchmarks/geocoding/RESULTS.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import exp
from typing import Final

from linemap.geocode.index import ALTERNATE, OWN_NAME, SHORT_FORM

DEFAULT_MIN_SCORE: Final = 0.8
_EXACT: Final = {OWN_NAME: 0.995, "code": 1.0, ALTERNATE: 0.95, SHORT_FORM: 0.95}
_ALIAS: Final = 0.985
_WEIGHTS: Final = (5.566, 0.618, -1.755, 0.164, -0.548, 0.172, 0.775, -0.390)
_MOST_LETTERS: Final = 12
MOST_BEYOND: Final = 4


def exact_score(kind: str, via: Sequence[str]) -> float:
    """Score an answer whose name was written without an error."""
    score = _EXACT.get(kind, _ALIAS)
    return score * 0.95 if "near the boundary" in via else score


def features(letters: int, edits: int, beyond: int, same_start: bool) -> tuple[float, ...]:
    """Say what a mistyped name's score depends on.

    A constant; the letters of the question, up to 12; whether there are two
    typing errors, and that again by the letters; the rivals with more errors, up
    to 4; whether two errors meet under 7 letters; whether question and name
    start with the same letter, and that again with two errors.
    """
    length = min(letters, _MOST_LETTERS) - 8
    two = float(edits > 1)
    many = min(beyond, MOST_BEYOND)
    short = two * float(letters < 7)
    return (1.0, length, two, two * length, many, short, float(same_start), two * same_start)


@cache
def fuzzy_score(letters: int, edits: int, beyond: int, same_start: bool) -> float:
    """Score the answer to a mistyped name."""
    drawn = features(letters, edits, beyond, same_start)
    return round(
        1 / (1 + exp(-sum(w * x for w, x in zip(_WEIGHTS, drawn, strict=True)))), 3
    )
