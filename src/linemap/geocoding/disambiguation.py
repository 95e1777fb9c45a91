"""Choose among the candidates of a name: level, context, same ground, population.

The rules, in their order:

1. Only places at the level that is asked (or at the level that stands in for
   it where no place at that level bears the name: :data:`STANDS_IN`).
2. Only places inside the context; where none is, places whose boundary with it
   is nearer than the lines' error.
3. A settlement that the name is said to be near, or the postal area, decides
   where one place is twice as near to it as the next.
4. Without a level, rivals that are the same ground, or parts of each other, are
   one answer: see :func:`merged`.
5. Of settlements, the one that holds 98 % of their people; of areas and
   settlements elsewhere, the one that is 100 times as large as the others
   together (:data:`SETTLEMENT_SHARE`, :data:`AREA_SHARE`).
6. Else the name is ambiguous; so is one of the commonest names without a
   context, where only a small settlement bears it (``data/common_names.csv``).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, radians
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linemap.geocoding.index import OWN_NAME, WEAK_KINDS, Index
from linemap.schema import (
    BOROUGH,
    COUNTY,
    DISTRICT,
    FORCE,
    GROUP,
    NATION,
    POSTCODE_DISTRICT,
    REGION,
    SETTLEMENT,
    STATION,
)

# Which levels stand in for the one asked, in turn, where it holds no such name. A table's
# "local authority" is a borough or a county; "county" in reports is often a force or a group of
# counties; "area" is anything that is not a settlement.
STANDS_IN: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    SETTLEMENT: ((SETTLEMENT,),),
    STATION: ((STATION,),),
    POSTCODE_DISTRICT: ((POSTCODE_DISTRICT,),),
    BOROUGH: ((BOROUGH,), (COUNTY, DISTRICT)),
    DISTRICT: ((DISTRICT,), (COUNTY, BOROUGH)),
    COUNTY: ((COUNTY,), (BOROUGH,), (GROUP, FORCE)),
    FORCE: ((FORCE,),),
    REGION: ((REGION,), (GROUP,)),
    NATION: ((NATION,),),
    GROUP: ((GROUP,), (BOROUGH, DISTRICT, COUNTY, FORCE, REGION, NATION)),
}
SETTLEMENT_SHARE: Final = 0.98
AREA_SHARE: Final = 0.99
CITY_SHARE: Final = 0.2  # a settlement with this much of its namesake county is what is meant
SAME_PLACE_KM: Final = 3.0
_AROUND_KM: Final = 5.0
_HOLDS_ITS_TOWN: Final = (BOROUGH, DISTRICT, REGION, NATION)  # Blaby: the district, which has both
_TOWN_AREAS: Final = (BOROUGH, COUNTY, DISTRICT, FORCE)
_KM_A_DEGREE: Final = 111.2  # of latitude
_PREFERENCE: Final = {
    level: rank
    for rank, level in enumerate((NATION, COUNTY, BOROUGH, DISTRICT, FORCE, REGION, GROUP))
}


Point = tuple[float, float]  # longitude, latitude


class Hit(NamedTuple):
    """A place that bears the name asked: its row, typing errors, and by which kind of name.

    ``spelling`` is the number of the spelling that the errors were made in.
    """

    row: int
    edits: int
    kind: str
    spelling: int = -1


class Choice(NamedTuple):
    """What was chosen: one hit (or none), who else answers, how, and how sure (0 to 1)."""

    hit: Hit | None
    rivals: tuple[Hit, ...]
    via: tuple[str, ...] = ()
    share: float = 1.0
    reason: str | None = None


def flat_km(
    lon1: NDArray[np.float64],
    lat1: NDArray[np.float64],
    lon2: NDArray[np.float64],
    lat2: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Measure distances on a plane, good to a per cent inside the kingdom."""
    east = (lon1 - lon2) * np.cos(np.radians((lat1 + lat2) / 2))
    return np.hypot(east, lat1 - lat2) * _KM_A_DEGREE


def km_between(index: Index, one: int, other: int) -> float:
    """Measure the distance of two places on a plane."""
    return _km(*index.points[one], *index.points[other])


def _km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    east = (lon1 - lon2) * cos(radians((lat1 + lat2) / 2))
    return hypot(east, lat1 - lat2) * _KM_A_DEGREE


def at_level(index: Index, hits: Sequence[Hit], level: str | None) -> list[Hit]:
    """Keep the hits at the level asked, or at the first that stands in for it."""
    if level is None:  # a station never takes a name from a town or an area
        others = [hit for hit in hits if index.levels[hit.row] != STATION]
        return others or list(hits)
    for stand_ins in STANDS_IN[level]:
        kept = [hit for hit in hits if index.levels[hit.row] in stand_ins]
        if kept:
            return kept
    return []


def within_area(
    index: Index, hits: Sequence[Hit], context: frozenset[str], written: frozenset[str]
) -> tuple[list[Hit], bool]:
    """Keep the hits inside an area, else inside what addresses put there, else near its edge.

    Says also whether only the error of the boundary's lines lets them in.
    """
    for area in (context, written):
        kept = [hit for hit in hits if not area.isdisjoint(index.parents[hit.row])]
        if kept:
            return kept, False
    near = [hit for hit in hits if not context.isdisjoint(index.near_parents(hit.row))]
    return near, bool(near)


def distances(index: Index, hits: Sequence[Hit], points: Sequence[Point]) -> list[float]:
    """Give how far each hit is from the nearest of some points, in km."""
    return [min(_km(*index.points[hit.row], *point) for point in points) for hit in hits]


def nearest(
    index: Index, hits: Sequence[Hit], points: Sequence[Point], *, limit_km: float
) -> list[Hit]:
    """Keep what is nearest to any of the points, if it is within the limit and twice as near.

    What lies within 5 km of the nearest counts with it.
    """
    far = distances(index, hits, points)
    least = min(far)
    around = [hit for hit, km in zip(hits, far, strict=True) if km <= least + _AROUND_KM]
    beyond = [km for km in far if km > least + _AROUND_KM]
    if least > limit_km or (beyond and min(beyond) < 2 * max(least, _AROUND_KM)):
        return list(hits)
    return around


def merged(index: Index, hits: Sequence[Hit]) -> tuple[list[Hit], str | None]:
    """Merge rivals that are one answer; gives the rest and which rule merged them.

    - Areas of the same ground (county and force of Norfolk): the nation, county
      or borough before the force, region or group.
    - A county and the larger force of its name (Essex, Kent): the county.
    - A settlement in the London borough or region of its name: the area; in one
      that is only sometimes called so (Fulham): the settlement.
    - A settlement in the county or district of its name: the settlement, if it
      has a fifth of the area's people (Southampton); else the district (Blaby),
      and of a county both stay (Durham).
    - Settlements within 3 km of each other: the larger.
    - A place by an alternate name, beside a larger one of that very name: the
      larger.
    """
    kept: list[Hit] = list(hits)
    rule: str | None = None
    levels = {index.levels[hit.row] for hit in kept}
    for merge in _TOWNS_ALONE if levels == {SETTLEMENT} else _ALL_MERGES:
        fewer, says = merge(index, kept)
        if len(fewer) < len(kept):
            kept, rule = fewer, rule or says
    return kept, rule


_Merge = tuple[list[Hit], str]


def _same_ground(index: Index, hits: list[Hit]) -> _Merge:
    by_ground: dict[frozenset[str], Hit] = {}
    for hit in sorted(hits, key=lambda h: _PREFERENCE.get(index.levels[h.row], 0)):
        by_ground.setdefault(index.ground(hit.row), hit)
    return [hit for hit in hits if hit in by_ground.values()], "same ground"


def _county_before_force(index: Index, hits: list[Hit]) -> _Merge:
    inside = {
        parent
        for hit in hits
        if index.levels[hit.row] == COUNTY
        for parent in index.parents[hit.row]
    }
    return [
        hit for hit in hits if index.levels[hit.row] != FORCE or index.ids[hit.row] not in inside
    ], "county before force"


def _settlement_and_area(index: Index, hits: list[Hit]) -> _Merge:
    areas = {index.ids[hit.row]: hit for hit in hits if index.levels[hit.row] != SETTLEMENT}
    dropped: set[Hit] = set()
    for hit in hits if areas else ():
        if index.levels[hit.row] != SETTLEMENT:
            continue
        around = [areas[place] for place in index.parents[hit.row] if place in areas]
        for area in around:
            if _is_the_town(index, hit, area):
                dropped.update(a for a in around if index.levels[a.row] in _TOWN_AREAS)
            elif index.levels[area.row] in _HOLDS_ITS_TOWN or hit.kind in WEAK_KINDS:
                dropped.add(hit)
    return [hit for hit in hits if hit not in dropped], "settlement and its area"


def _is_the_town(index: Index, town: Hit, area: Hit) -> bool:
    """Say whether a name that both bear means the settlement more than the area around it."""
    level = index.levels[area.row]
    if level in (COUNTY, DISTRICT):
        own = town.kind not in WEAK_KINDS or area.kind != OWN_NAME
        return own and weight(index, town) >= CITY_SHARE * weight(index, area)
    known = index.has_people[town.row]  # else it only repeats the area
    return level == BOROUGH and known and town.kind == OWN_NAME and area.kind != OWN_NAME


def _same_place(index: Index, hits: list[Hit]) -> _Merge:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: -weight(index, h)):
        is_town = index.levels[hit.row] == SETTLEMENT
        if not is_town or not any(_is_near(index, hit.row, other.row) for other in kept):
            kept.append(hit)
    return kept, "same place"


def _is_near(index: Index, one: int, other: int) -> bool:
    """Say whether two rows are settlements within 3 km of each other."""
    north = abs(index.points[one][1] - index.points[other][1]) * _KM_A_DEGREE
    return (
        north <= SAME_PLACE_KM
        and index.levels[other] == SETTLEMENT
        and km_between(index, one, other) <= SAME_PLACE_KM
    )


def _own_name_first(index: Index, hits: list[Hit]) -> _Merge:
    if all(hit.kind not in WEAK_KINDS for hit in hits):
        return hits, ""
    own = max((weight(index, hit) for hit in hits if hit.kind not in WEAK_KINDS), default=0.0)
    return [
        hit for hit in hits if hit.kind not in WEAK_KINDS or weight(index, hit) > own
    ], "own name first"


_TOWNS_ALONE: Final = (_same_place, _own_name_first)
_ALL_MERGES: Final = (_same_ground, _county_before_force, _settlement_and_area, *_TOWNS_ALONE)


def weight(index: Index, hit: Hit) -> float:
    """Give the people of a place; 1,000 where they are not known."""
    return index.people[hit.row]


def decide(index: Index, hits: Sequence[Hit], *, by_population: bool = True) -> Choice:
    """Decide between hits that all satisfy what was asked (rules 4 to 6)."""
    if len(hits) == 1:
        return Choice(hits[0], ())
    kept, rule = merged(index, hits)
    ranked = sorted(kept, key=lambda hit: (-weight(index, hit), index.ids[hit.row]))
    others = [hit for hit in hits if hit not in kept]
    via = (rule,) if rule else ()
    if len(ranked) == 1:
        return Choice(ranked[0], tuple(others), via)
    share = weight(index, ranked[0]) / sum(weight(index, hit) for hit in ranked)
    towns = all(index.levels[hit.row] == SETTLEMENT for hit in ranked)
    if by_population and share >= (SETTLEMENT_SHARE if towns else AREA_SHARE):
        return Choice(ranked[0], (*ranked[1:], *others), (*via, "population"), share)
    return Choice(None, (*ranked, *others), via, share)
