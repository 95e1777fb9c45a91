"""The lists about names that ship with linemap, each row with its reason.

| file (of ``linemap/data``) | one row is |
| --- | --- |
| ``common_names.csv`` | a name of so many places that a small bearer is not to be trusted |
| ``stop_names.csv`` | a name outside the kingdom, or a word that says of no place where it is |
| ``historic_counties.csv`` | an area, or towns in it, that addresses put in a county |
| ``force_names.csv`` | a short name of a police force |
| ``postal_areas.csv`` | a point that the postcodes of some letters are around, to about 5 km |
| ``free_text.csv`` | words before or behind the place that something is at |

From general knowledge of British places.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from linemap.text import key


def rows(name: str) -> list[dict[str, str]]:
    """Read one of the lists, in its order."""
    text = (files("linemap") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def common_names() -> frozenset[str]:
    """List the names, in the one spelling, that five or more settlements or suburbs bear."""
    return frozenset(key(row["name"]) for row in rows("common_names"))


@cache
def not_mistyped() -> frozenset[str]:
    """List the spellings that are never taken for a mistyped name.

    A place of the kingdom that bears such a name still answers to it as written
    (Boston, Perth); but Sydney is not a mistyped Lydney, nor `missing` Misson.
    """
    return frozenset(_stop_kinds())


@cache
def _stop_kinds() -> dict[str, str]:
    return {key(row["name"]): row["kind"] for row in rows("stop_names")}


def stop_reason(name: str) -> str:
    """Say why a name that is on the list has no place."""
    kind = _stop_kinds()[key(name)]
    if kind == "word":
        return f"{name!r} is not the name of a place"
    if kind == "force":
        return f"{name!r} is a police force or agency without an area of its own"
    return f"{name!r} is not a place in the United Kingdom that linemap knows"


@cache
def _post_towns() -> dict[str, list[tuple[float, float]]]:
    towns: dict[str, list[tuple[float, float]]] = {}
    for row in rows("postal_areas"):
        towns.setdefault(row["letters"], []).append((float(row["lon"]), float(row["lat"])))
    return towns


def post_towns(letters: str) -> list[tuple[float, float]]:
    """Give the longitudes and latitudes that a postal area is around; none where it is unknown.

    To about 5 km; the post town first.
    """
    return _post_towns().get(letters, [])


class FreeText(NamedTuple):
    """How words around the name of a place are found: before it and behind it.

    Of each pattern the group ``place`` is what is left; ``certain`` are the
    words, in small letters, after which the place is surely meant.
    """

    before: re.Pattern[str]
    behind: re.Pattern[str]
    certain: frozenset[str]
    first_words: frozenset[str]
    last_words: frozenset[str]


@cache
def free_text() -> FreeText:
    """Read the words that stand around the name of a place; the longest count first."""
    listed = sorted(rows("free_text"), key=lambda row: -len(row["words"]))
    words = {where: [row["words"] for row in listed if row["where"] == where]
             for where in ("before", "behind")}  # fmt: skip
    before, behind = ("|".join(map(re.escape, words[where])) for where in ("before", "behind"))
    return FreeText(
        re.compile(rf"\s*(?P<words>{before})\b[\s.:,-]*(?P<place>\S.*)", re.IGNORECASE),
        re.compile(rf"(?P<place>\S.*?)[\s,-]+(?P<words>{behind})\W*", re.IGNORECASE),
        frozenset(row["words"].lower() for row in listed if row["is_certain"] == "yes"),
        frozenset(text.split()[0].lower().replace("'", "") for text in words["before"]),
        frozenset(text.split()[-1].lower() for text in words["behind"]),
    )
