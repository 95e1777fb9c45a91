"""How sure an answer is: the share of answers like it that were right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from linemap.geocode.index import ALTERNATE, OWN_NAME, SHORT_FORM

DEFAULT_MIN_SCORE: Final = 0.8
_EXACT: Final = {OWN_NAME: 0.995, "code": 1.0, ALTERNATE: 0.95, SHORT_FORM: 0.95}
_ALIAS: Final = 0.985


def exact_score(kind: str, via: Sequence[str]) -> float:
    """Score an answer whose name was written without an error."""
    score = _EXACT.get(kind, _ALIAS)
    return score * 0.95 if "near the boundary" in via else score


def fuzzy_score(letters: int, edits: int, beyond: int) -> float:
    """Score an answer by the letters of the question, its typing errors, and rivals one error on."""
    base = 0.99 if edits == 1 else 0.96
    return max(0.0, base - max(0, 8 - letters) * 0.03 * edits - 0.01 * min(beyond, 5))
