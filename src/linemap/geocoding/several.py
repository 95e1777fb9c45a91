"""Several places in one cell ("Gt Yarmouth / Lowestoft"): the owner's rule for them."""

from __future__ import annotations

from typing import Any, Final, Literal, cast, get_args

import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.geocoding.geocoder import geocode
from linemap.geocoding.parsing import joined, listed

Several = Literal["none", "first", "area"]
FIRST_OF: Final = "first of several"  # in `via`
AREA_OF: Final = "area of several"
SEVERAL_RULES: Final = frozenset((FIRST_OF, AREA_OF))  # of `via`
_AREAS: Final = (schema.COUNTY, schema.FORCE, schema.REGION, schema.NATION)


def require_several(rule: str) -> Several:
    """Return a rule that there is; refuse every other.

    Raises
    ------
    InputError
        With the rules that there are; for ``share``, with the reason too.
    """
    for known_rule in get_args(Several):
        if rule == known_rule:
            return cast("Several", known_rule)
    known = "Write none (they stay unplaced), first, or area (the smallest area that holds all)."
    if rule == "share":
        raise InputError(
            "Several places cannot share a record: parts of records are no counts, and disclosure "
            f"control protects whole people. {known}"
        )
    raise InputError(f"There is no rule {rule!r} for several places in one cell. {known}")


def geocode_by_rule(
    names: pd.Series,
    *,
    levels: pd.Series,
    within: pd.Series,
    gazetteer: Gazetteer,
    several: Several,
    **given: Any,
) -> pd.DataFrame:
    """Answer names as :func:`geocode` does, and those of several places by the rule `several`.

    ``first`` is the first place that the cell names; ``area`` the smallest county, force,
    region or nation that holds all of them. A cell stays ``several`` where the first place,
    or one of all, is not found, or no area holds them. ``via`` names the rule and ``reason``
    the places; `given` goes to :func:`geocode`.
    """
    matches = geocode(names, levels=levels, within=within, gazetteer=gazetteer, **given)
    asked = enumerate(zip(names, matches[schema.STATUS] == schema.SEVERAL, strict=True))
    lists = {row: parts for row, (name, is_list) in asked if is_list and (parts := _parts(name))}
    if several == "none" or not lists:
        return matches
    rows = [row for row, parts in lists.items() for _ in parts]
    found = geocode(
        pd.Series([part for parts in lists.values() for part in parts], dtype=object),
        levels=levels.iloc[rows].reset_index(drop=True),
        within=within.iloc[rows].reset_index(drop=True),
        gazetteer=gazetteer,
        **given,
    ).groupby(rows, sort=False)
    answers = {
        row: answer
        for row, (_, parts) in zip(lists, found, strict=True)
        if (answer := _by_rule(parts, several, gazetteer, "; ".join(lists[row])))
    }
    changed = matches.copy()
    for column in (schema.PLACE_ID, schema.NAME, schema.LEVEL, schema.STATUS, schema.VIA,
                   schema.SCORE, schema.REASON, schema.SOURCE):  # fmt: skip
        values = changed[column].astype(object).tolist()
        for row, answer in answers.items():
            values[row] = answer[column]
        changed[column] = pd.Series(values, matches.index, dtype=matches[column].dtype)
    return changed


def _parts(name: object) -> list[str]:
    """Split a cell into the places that it names; empty where it names no list."""
    text = str(name)
    parts = listed(text)
    parts = parts if len(parts) > 1 else joined(text)
    return parts if len(parts) > 1 else []


def _by_rule(
    parts: pd.DataFrame, several: Several, gazetteer: Gazetteer, said: str
) -> dict[str, object] | None:
    """Answer one cell from the answers to its parts; None where the rule gives none."""
    ids = parts[schema.PLACE_ID]
    if several == "first":
        chosen, score = ids.iloc[0], parts[schema.SCORE].iloc[0]
        via, reason = FIRST_OF, f"the first of several places: {said}"
    else:
        chosen, score = _area_of(ids, gazetteer), parts[schema.SCORE].min()
        via, reason = AREA_OF, f"the area that holds several places: {said}"
    if not isinstance(chosen, str):
        return None
    place = gazetteer[chosen]
    return {
        schema.PLACE_ID: chosen, schema.NAME: place[schema.NAME], schema.LEVEL: place[schema.LEVEL],
        schema.STATUS: schema.ALIAS, schema.VIA: via, schema.SCORE: float(score),
        schema.REASON: reason, schema.SOURCE: place[schema.SOURCE],
    }  # fmt: skip


def _area_of(ids: pd.Series, gazetteer: Gazetteer) -> str | None:
    if ids.isna().any():
        return None
    for level in _AREAS:
        areas = gazetteer.parent_at(ids, level)
        if areas.notna().all() and areas.nunique() == 1:
            return str(areas.iloc[0])
    return None
