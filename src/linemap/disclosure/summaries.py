"""What a release says in summary: totals on their own, statistics of what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from linemap import measures, schema
from linemap.disclosure.counting import Key
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import ALL, DESTINATION, NOWHERE, ORIGIN, Name
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c

# Of records, a share is given in twentieths, as a distance is in fives of km.
SHARE_STEP: Final = 0.05
# What would be a minimum, a maximum, or about what is not shown.
_NOT_GIVEN: Final = (
    c.FURTHEST_ID, c.FURTHEST_NAME, c.FURTHEST_KM, c.FURTHEST_LOW_KM, c.FURTHEST_HIGH_KM,
    c.N_EXTERNAL_OPEN, c.N_NAMED, c.N_MENTIONED, c.AREAS_REACHED,
)  # fmt: skip
_LABELS: Final = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)


def published_summaries(flows: pd.DataFrame, gazetteer: Gazetteer) -> dict[str, pd.DataFrame]:
    """Summarise published statements: nothing is hidden, and nothing added that may not be."""
    fine = ("measure", "level", "period")
    return {
        "origins": measures.reach(flows, by=("origin", *fine), gazetteer=gazetteer),
        "destinations": measures.reach(flows, by=("destination", *fine), gazetteer=gazetteer),
        "whole": measures.reach(flows, by="measure", gazetteer=gazetteer),
        "bands": measures.distance_bands(flows, by=("origin", *fine), gazetteer=gazetteer),
        "far_ends": measures.far_ends(flows, by="origin", gazetteer=gazetteer),
    }


def protected_summaries(
    flows: pd.DataFrame,
    totals: Mapping[Key, Mapping[Name, int]],
    columns: tuple[str, ...],
    rule: Rule,
    gazetteer: Gazetteer,
) -> dict[str, pd.DataFrame]:
    """Summarise protected flows: one row a group of each measure, window and set of tags.

    ``n`` is the true count with a place at both ends, rounded on its own, and
    null where it is under the threshold or would tell what is hidden. Statistics of
    distance and bands are of the cells that are shown, weighted by what is
    shown, to the nearest 5 km and twentieth; no minimum, no maximum.
    """
    tags = tuple(column for column in columns if column not in _LABELS)
    labels = ("measure", "period", *tags)
    plain = _by_place(flows, gazetteer)
    if not len(flows):
        return {}
    result = {}
    tables: tuple[tuple[str, tuple[str, ...], str, str | None], ...] = (
        ("origins", ("origin", *labels), ORIGIN, schema.ORIGIN_ID),
        ("destinations", ("destination", *labels), DESTINATION, schema.DESTINATION_ID),
        ("whole", labels, ALL, None),
    )
    for name, by, kind, place in tables:
        table = _coarse(measures.reach(plain, by=by, gazetteer=gazetteer), rule)
        if place is not None:
            table = table[table[place].notna()].reset_index(drop=True)
        table[c.N] = _looked_up(table, columns, totals, kind, place)
        if kind == ALL:
            table[c.N_UNPLACED] = _looked_up(table, columns, totals, NOWHERE, None)
        else:  # none shown is not none
            table[c.N_UNPLACED] = table[c.N_UNPLACED].mask(table[c.N_UNPLACED] == 0)
        keys = [column for column in table.columns if column in (place, *columns)]
        result[name] = table.sort_values(keys, kind="stable", ignore_index=True)
    bands = measures.distance_bands(plain, by=("origin", *labels), gazetteer=gazetteer)
    bands = bands[bands[schema.ORIGIN_ID].notna()].reset_index(drop=True)
    result["bands"] = _shares(bands).drop(columns=c.N_NAMED)
    return result


def _by_place(flows: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Name each end as its place, so that a place and the rest of it are one group."""
    names = gazetteer.places[schema.NAME]
    ends = (
        (schema.ORIGIN_ID, schema.ORIGIN_NAME),
        (schema.DESTINATION_ID, schema.DESTINATION_NAME),
    )
    named = {
        name: flows[name].mask(flows[place].notna(), flows[place].map(names))
        for place, name in ends
    }
    return flows.drop(columns=list(schema.RELEASE_COLUMNS)).assign(**named)


def _looked_up(
    table: pd.DataFrame,
    columns: tuple[str, ...],
    totals: Mapping[Key, Mapping[Name, int]],
    kind: str,
    place: str | None,
) -> pd.arrays.IntegerArray:
    keys = table[list(columns)].astype(object)
    keys = keys.where(keys.notna(), None)
    names = table[place] if place is not None else [""] * len(table)
    found = [
        totals.get(key, {}).get((kind, name))
        for key, name in zip(keys.itertuples(index=False, name=None), names, strict=True)
    ]
    return pd.array(found, dtype="Int64")


def _coarse(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Round the statistics of distance, and leave out what the rule does not give."""
    table = _shares(table)
    for column in table.columns:
        if column in _NOT_GIVEN:
            table[column] = pd.Series(None, index=table.index, dtype=table[column].dtype)
        elif column.endswith("_km") and not column.startswith("share"):
            table[column] = (table[column] / rule.km_base).round() * rule.km_base
    return table


def _shares(table: pd.DataFrame) -> pd.DataFrame:
    shares = {
        column: (np.round(table[column].astype(float) / SHARE_STEP) * SHARE_STEP).round(2)
        for column in table.columns
        if str(column).startswith("share")
    }
    return table.assign(**shares)


# ── What was kept: how much of the records is shown, and how finely ─────────────────────────
SHOWN_AS: Final = "shown_as"
FLOWS: Final = "flows"
COUNT_SHOWN: Final = "count_shown"
SHARE_OF_SHOWN: Final = "share_of_shown"
ELSEWHERE: Final = "elsewhere or not stated"
NOT_STATED: Final = "not stated"


def account(flows: pd.DataFrame) -> pd.DataFrame:
    """Say how much is shown at which level of destination: one row a measure and level.

    ``count_shown`` adds up what the flows show, and ``share_of_shown`` is its
    share of all that is shown of the measure, to a twentieth. All of it
    follows from the flows that the release shows, and no value is ever null,
    so it tells nothing more. Ordered by measure, the finest level first.
    """
    rest = flows[schema.DESTINATION_COVERAGE] == schema.REST
    level = flows[schema.DESTINATION_LEVEL].astype(object)
    level = level.where(level.notna(), np.where(rest, ELSEWHERE, NOT_STATED))
    table = pd.DataFrame(
        {
            schema.MEASURE: flows[schema.MEASURE].astype(object),
            SHOWN_AS: level,
            COUNT_SHOWN: flows[schema.COUNT].astype("int64"),
        }
    )
    groups = table.groupby([schema.MEASURE, SHOWN_AS], dropna=False, sort=False)[COUNT_SHOWN]
    rows = groups.agg(["size", "sum"]).reset_index()
    rows.columns = pd.Index([schema.MEASURE, SHOWN_AS, FLOWS, COUNT_SHOWN])
    whole = rows.groupby(schema.MEASURE, dropna=False)[COUNT_SHOWN].transform("sum")
    share = (rows[COUNT_SHOWN] / whole / SHARE_STEP).round() * SHARE_STEP
    rows[SHARE_OF_SHOWN] = share.round(2)
    order = {name: n for n, name in enumerate((*schema.LEVELS, ELSEWHERE, NOT_STATED))}
    return rows.sort_values(
        [schema.MEASURE, SHOWN_AS],
        key=lambda column: column.map(order) if column.name == SHOWN_AS else column,
        ignore_index=True,
    )
