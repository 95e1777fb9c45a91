"""How sure an answer is: the share of answers like it that were right.

The weights of a mistyped name's score were fitted by
``benchmarks/geocoding/calibrate.py`` (logistic regression) on noise that is
described there; the reliability on noise and names held out from that fitting
stands in ``benchmarks/geocoding/RESULTS.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linemap.geocoding.index import ALTERNATE, OWN_NAME, SHORT_FORM

SUPPORTED_SCORE: Final = 0.99  # of a slip that its county or the same table supports
_EXACT: Final = {OWN_NAME: 0.995, "code": 1.0, ALTERNATE: 0.95, SHORT_FORM: 0.95}
_ALIAS: Final = 0.985
_WEIGHTS: Final = (-0.249, 0.160, -1.378, 0.092, -0.805, 0.327, 1.132, 0.068, 3.700)
_MOST: Final = 0.994  # of a mistyped name: under that of a name written right
_MOST_LETTERS: Final = 12
MOST_BEYOND: Final = 4


def exact_score(kind: str, via: Sequence[str]) -> float:
    """Score an answer whose name was written without an error."""
    score = _EXACT.get(kind, _ALIAS)
    return score * 0.95 if "near the boundary" in via else score


def features(
    letters: NDArray[np.int64],
    edits: NDArray[np.int64],
    beyond: NDArray[np.int64],
    same_start: NDArray[np.bool_],
    is_slip: NDArray[np.bool_],
) -> list[NDArray[np.float64]]:
    """Say what mistyped names' scores depend on.

    A constant; the letters of the question, up to 12; whether there are two
    typing errors, and that again by the letters; the rivals with more errors, up
    to 4; whether two errors meet under 7 letters; whether question and name
    start with the same letter, and that again with two errors; whether the one
    error is a slip of the hand.
    """
    length = np.minimum(letters, _MOST_LETTERS) - 8.0
    two = (edits > 1).astype(float)
    start = same_start.astype(float)
    many = np.minimum(beyond, MOST_BEYOND).astype(float)
    return [
        np.ones(len(two)),
        length,
        two,
        two * length,
        many,
        two * (letters < 7),
        start,
        two * start,
        np.asarray(is_slip, dtype=float),
    ]


def fuzzy_scores(
    letters: NDArray[np.int64],
    edits: NDArray[np.int64],
    beyond: NDArray[np.int64],
    same_start: NDArray[np.bool_],
    is_slip: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Score the answers to mistyped names, never as high as a name written right."""
    drawn = np.column_stack(features(letters, edits, beyond, same_start, is_slip))
    logit = drawn @ np.array(_WEIGHTS)
    return np.asarray(np.round(np.minimum(1 / (1 + np.exp(-logit)), _MOST), 3))


@cache
def fuzzy_score(letters: int, edits: int, beyond: int, same_start: bool, is_slip: bool) -> float:
    """Score the suggestion for one mistyped name."""
    one = (np.array([part]) for part in (letters, edits, beyond, same_start, is_slip))
    return float(fuzzy_scores(*one)[0])
