"""What an answer is: a place, or an honest miss, with its evidence and its rivals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from linemap.schema import MISSING


class Rival(NamedTuple):
    """A place that also answers.

    ``inside`` names its county, borough or nation; ``km`` is its distance from
    the answer, or from the first rival where there is no answer; ``edits`` the
    typing errors between its name and the question.
    """

    place_id: str
    name: str
    level: str
    inside: str | None
    km: float | None
    edits: int = 0

    def __str__(self) -> str:
        where = f", {self.inside}" if self.inside else ""
        return f"{self.name}{where} ({self.level})"


class Match(NamedTuple):
    """The answer to one question; ``place_id`` is None unless one place is meant.

    A correction of the spelling that nothing supports is a ``suggestion``, and
    then the first of the rivals.
    """

    status: str
    place_id: str | None = None
    name: str | None = None
    level: str | None = None
    via: str | None = None
    score: float = 0.0
    suggestion: str | None = None
    suggestion_id: str | None = None
    rivals: tuple[Rival, ...] = ()
    reason: str | None = None
    source: str | None = None


# What `_make` does, without its check of the length: for lists of thousands.
new_rival: Callable[[tuple[object, ...]], Rival] = partial(tuple.__new__, Rival)
new_match: Callable[[tuple[object, ...]], Match] = partial(tuple.__new__, Match)


def how_placed(accept_suggestions: float | None = None) -> str:
    """Say in a sentence, for a whole release, how names were turned into places.

    >>> how_placed()[:46]
    'Places were found by their names as written, o'
    """
    chosen = (
        "and no other correction of a spelling was taken."
        if accept_suggestions is None
        else "and, as the owner chose, where the nearest listed name scored "
        f"{accept_suggestions:g} or more."
    )
    return (
        "Places were found by their names as written, or by other names of theirs. A misspelt "
        "name was placed where a person confirmed it, where another row spells it right or its "
        f"county holds no other name as near, {chosen}"
    )


def too_common(name: str) -> str:
    """Say why the one listed bearer of a name is not the answer."""
    return f"{name} is the name of many places, most of them not listed"


def missing(reason: str, rivals: tuple[Rival, ...] = (), via: str | None = None) -> Match:
    """Make the answer to a question that no place answers, with the reason."""
    return Match(MISSING, reason=reason, rivals=rivals, via=via)
