"""The code of an area beside its name: the two must mean one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.gazetteer import Gazetteer

BY_CODE: Final = "code"  # in `via`
AGAINST: Final = "code against name"  # in `via`: they mean different places
Answer = Mapping[Any, Any]  # the columns of one row of MATCHES


def places_of(codes: pd.Series, gazetteer: Gazetteer) -> pd.Series:
    """Name the place that each code is of; null for a code of none, or of several."""
    listed = gazetteer.places[schema.GSS_CODE].dropna().astype(str).str.upper()
    listed = listed[~listed.duplicated(keep=False)]
    known = dict(zip(listed, listed.index, strict=True))
    return codes.astype(object).map(
        lambda code: known.get(str(code).strip().upper()), na_action="ignore"
    )


def settled(
    matches: pd.DataFrame,
    codes: pd.Series,
    as_area: pd.DataFrame,
    inside: pd.DataFrame,
    gazetteer: Gazetteer,
) -> pd.DataFrame:
    """Hold the answers of names against the places that the codes beside them are of.

    `codes` are place_ids, by the index of `matches`, none of them null. `as_area`
    answers the same names at the levels of these places, `inside` answers them within
    these places; both have the index of `codes`. A name that can mean the code's place
    means it; one that names a place inside it means that place. A name of which nothing
    is known is answered by a suggestion, and one that means another place by none: its
    ``via`` is ``"code against name"``, and ``reason`` tells both readings. Several places
    in one cell stay several.
    """
    told: list[Answer] = []
    asked = (frame.loc[codes.index].to_dict("records") for frame in (matches, as_area, inside))
    for area, before, named, within in zip(codes.astype(str), *asked, strict=True):
        if before[schema.STATUS] == schema.SEVERAL:
            told.append(before)
        elif _can_mean(named, area) or _can_mean(before, area):
            told.append(_answer(area, gazetteer))
        elif _lies_in(within[schema.PLACE_ID], area, gazetteer):
            told.append(within)
        elif before[schema.STATUS] in (schema.MISSING, schema.SUGGESTED):
            told.append(_suggested(area, gazetteer))
        else:
            told.append(_against(before, area, gazetteer))
    changed = matches.copy()
    for column in _COLUMNS:
        values = changed[column].astype(object).copy()
        values[codes.index] = pd.Series(
            [answer[column] for answer in told], codes.index, dtype=object
        )
        changed[column] = values.astype(matches[column].dtype)
    return changed


_COLUMNS: Final = (
    schema.PLACE_ID, schema.NAME, schema.LEVEL, schema.STATUS, schema.VIA, schema.SCORE,
    schema.SUGGESTION, schema.SUGGESTION_ID, schema.RIVALS, schema.REASON, schema.SOURCE,
)  # fmt: skip


def _can_mean(match: Answer, area: str) -> bool:
    """Tell if an answer is the place, suggests it, or has it among its rivals in doubt."""
    if area in (match[schema.PLACE_ID], match[schema.SUGGESTION_ID]):
        return True
    rivals = match[schema.RIVALS] if match[schema.STATUS] == schema.AMBIGUOUS else ()
    return any(rival.place_id == area for rival in rivals)


def _lies_in(place: object, area: str, gazetteer: Gazetteer) -> bool:
    if not isinstance(place, str):
        return False
    level = str(gazetteer[area][schema.LEVEL])
    return bool(gazetteer.parent_at([place], level).iloc[0] == area)


def _nothing(**said: object) -> Answer:
    empty = dict.fromkeys(_COLUMNS)
    return {**empty, schema.SCORE: 0.0, schema.RIVALS: (), **said}


def _answer(area: str, gazetteer: Gazetteer) -> Answer:
    place = gazetteer[area]
    return _nothing(
        place_id=area, name=place[schema.NAME], level=place[schema.LEVEL], status=schema.EXACT,
        via=BY_CODE, score=1.0, source=place[schema.SOURCE],
    )  # fmt: skip


def _suggested(area: str, gazetteer: Gazetteer) -> Answer:
    place = gazetteer[area]
    said = (
        f"no place bears the name; the code beside it is of {place[schema.NAME]} "
        f"({place[schema.LEVEL]})"
    )
    return _nothing(
        status=schema.SUGGESTED, via=BY_CODE, suggestion=place[schema.NAME],
        suggestion_id=area, reason=said,
    )  # fmt: skip


def _against(before: Answer, area: str, gazetteer: Gazetteer) -> Answer:
    place = gazetteer[area]
    if before[schema.STATUS] == schema.AMBIGUOUS:
        name = "one of several places elsewhere"
    else:
        name = f"{before[schema.NAME]} ({before[schema.LEVEL]})"
    said = f"the name is {name}, and the code {place[schema.NAME]} ({place[schema.LEVEL]})"
    return _nothing(status=schema.AMBIGUOUS, via=AGAINST, rivals=before[schema.RIVALS], reason=said)
