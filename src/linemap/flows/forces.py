"""Whether a flow crosses the boundary of a police force area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from linemap import schema
from linemap.gazetteer import Gazetteer

Forces = frozenset[str]


def forces_of(place_id: str, gazetteer: Gazetteer) -> Forces:
    """Name every force that a place lies in; empty where the gazetteer does not say."""
    own = gazetteer.parent_at([place_id], schema.FORCE).iloc[0]
    if own is not None:
        return frozenset((own,))
    members = gazetteer.members(place_id)
    known: list[str | None] = list(gazetteer.parent_at(list(members), schema.FORCE))
    deeper = [
        force
        for member, force in zip(members, known, strict=True)
        if force is None and member != place_id
        for force in forces_of(member, gazetteer)
    ]
    return frozenset(force for force in known if force is not None) | frozenset(deeper)


def _forces(places: Sequence[str], gazetteer: Gazetteer) -> list[Forces]:
    """Name the forces of many places; most lie in one, and are looked up together."""
    own = gazetteer.parent_at(list(places), schema.FORCE)
    return [
        frozenset((force,)) if force is not None else forces_of(place, gazetteer)
        for place, force in zip(places, own, strict=True)
    ]


def _near(places: Sequence[str], gazetteer: Gazetteer) -> list[Forces]:
    near = gazetteer.places[schema.NEAR_FORCE_IDS].reindex(list(places))
    return [frozenset(ids) if isinstance(ids, tuple | list) else frozenset() for ids in near]


def _crosses(origin: Forces, destination: Forces, near: tuple[Forces, Forces]) -> bool | None:
    """Tell if every way of being in `origin` and in `destination` crosses, none does, or open."""
    if not origin or not destination:
        return None
    if origin & destination:
        if len(origin | destination) > 1 or near[0] or near[1]:
            return None
        return False
    if (near[1] & (origin | near[0])) or (near[0] & destination):
        return None
    return True


def external(
    places: Sequence[str], origin: np.ndarray, destination: np.ndarray, gazetteer: Gazetteer
) -> pd.Series:
    """Say of each pair whether it crosses a force boundary; null where that is open.

    ``origin`` and ``destination`` are positions in ``places``. It is open where
    an end lies within the boundaries' error of the other's force, and where an
    end is an area of several forces of which the other end is part. A place
    paired with itself crosses nothing, unless it spans several forces.
    Nullable boolean.
    """
    forces = _forces(places, gazetteer)
    near = _near(places, gazetteer)
    code = {force: number for number, force in enumerate(sorted(frozenset().union(*forces)))}
    # The plain case, one force at each end and no doubt, is an array's work.
    plain = np.array([len(f) == 1 and not n for f, n in zip(forces, near, strict=True)], dtype=bool)
    only = np.array([code[min(f)] if f else -1 for f in forces], dtype=np.intp)
    crosses = pd.array(only[origin] != only[destination], dtype="boolean")
    for row in np.flatnonzero(~(plain[origin] & plain[destination])):
        a, b = origin[row], destination[row]
        if a == b:
            crosses[row] = False if len(forces[a]) == 1 else pd.NA
            continue
        answer = _crosses(forces[a], forces[b], (near[a], near[b]))
        crosses[row] = pd.NA if answer is None else answer
    return pd.Series(crosses)
