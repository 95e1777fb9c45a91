"""What is asked of an answer beside its name: a level, and an area that it must lie in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from linemap.geocoding.index import Index
from linemap.schema import LEVEL_WORDS
from linemap.text import key


class Within(NamedTuple):
    """An area that an answer must lie in: as it is now, and as addresses have it.

    ``named`` are the areas that bear the name; ``now`` these and their parts.
    ``is_narrow`` says that it is a county or less: so few of the listed places lie
    in it that a name there which is one slip away is hardly there by chance.
    """

    label: str
    now: frozenset[str]
    written: frozenset[str] = frozenset()
    is_narrow: bool = False
    named: frozenset[str] = frozenset()


class Condition(NamedTuple):
    """What is asked beside the name; ``wrong`` says what cannot be asked so (else empty).

    ``area`` is the area's name in the one spelling, as decisions file it.
    """

    level: str | None = None
    within: Within | None = None
    wrong: str = ""
    area: str = ""


# The most of the listed settlements that may lie in an area which supports a correction:
# every county and force of England and Wales holds fewer, London and Scotland more.
NARROW_SHARE: Final = 0.05
ANYTHING: Final = Condition()


def read_conditions(index: Index, asked: Iterable[tuple[object, object]]) -> list[Condition]:
    """Read pairs of a level and an area as tables give them."""
    levels: dict[object, str | Literal[False] | None] = {}
    areas: dict[object, Within | None] = {}
    return [_read(index, level, area, levels, areas) for level, area in asked]


def _read(
    index: Index,
    level: object,
    area: object,
    levels: dict[object, str | Literal[False] | None],
    areas: dict[object, Within | None],
) -> Condition:
    if _is_blank(level) and _is_blank(area):
        return ANYTHING
    if level not in levels:
        levels[level] = (
            None if _is_blank(level) else LEVEL_WORDS.get(str(level).strip().lower(), False)
        )
    if area not in areas:
        areas[area] = None if _is_blank(area) else within(index, str(area))
    known, inside = levels[level], areas[area]
    wrong = ""
    if known is False:
        wrong = f"no level is named {level!r}"
    elif inside is not None and not inside.now | inside.written:
        wrong = f"no listed area is named {area!r}"
    return Condition(known or None, inside, wrong, "" if inside is None else key(str(area)))


def within(index: Index, area: str) -> Within:
    """Read the name or place_id of an area."""
    rows = index.area_rows(area)
    now, written = index.area_ids(rows), index.historic_counties.get(key(area), frozenset())
    share = index.share_inside(now or written)
    label = index.names[rows[0]] if rows else area
    named = frozenset(index.ids[row] for row in rows)
    return Within(label, now, written, 0 < share <= NARROW_SHARE, named)


def _is_blank(value: object) -> bool:
    return value is None or value != value or not str(value).strip()
