"""Roll the flows of records up to larger areas."""

from __future__ import annotations

from typing import Final, Literal

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.errors import InputError, StatisticsError
from linemap.flows.build import finish, merge
from linemap.gazetteer import Gazetteer

End = Literal["origin", "destination", "both"]
# Where a place has no county it is a London borough's: the two tile the land together.
UPWARD: Final[dict[str, tuple[str, ...]]] = {
    schema.COUNTY: (schema.COUNTY, schema.BOROUGH),
    schema.BOROUGH: (schema.BOROUGH, schema.COUNTY),
}
_COLUMNS: Final = {
    "origin": (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL),
    "destination": (schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL),
}


def roll_up(
    flows: gpd.GeoDataFrame,
    level: schema.Level,
    *,
    end: End = "destination",
    gazetteer: Gazetteer | None = None,
) -> gpd.GeoDataFrame:
    """Count the records of each pair again with one end (or both) as areas of `level`.

    ``county`` means county or London borough. A place that lies in no area of
    `level` that the gazetteer knows, or is larger than it, stays as it is; so
    does what has no place. Counts sum to the same. Distances and ``external``
    are those of the new pairs: a settlement's doubt about its side of a
    boundary is not carried to its area. FLOWS in their order, with new ids.

    Raises
    ------
    StatisticsError
        Statements: they overlap, and are never added.

    Examples
    --------
    >>> from linemap.flows import toy_flows
    >>> by_force = roll_up(toy_flows(), "force", gazetteer=Gazetteer.toy())
    >>> by_force.groupby("destination_name")["count"].sum()["Westshire"]
    np.int64(26)
    """
    schema.check(flows, schema.FLOWS_CONTRACT)
    if schema.holds_statements(flows):
        raise StatisticsError(
            "Statements overlap (416 for a county may include 167 for its town), so they are "
            "never rolled up. Only records are."
        )
    if level not in schema.PARENT_IDS:
        raise InputError(
            f"Flows roll up to one of {', '.join(schema.PARENT_IDS)}, not to {level!r}."
        )
    gazetteer = gazetteer or Gazetteer.load()
    tags = schema.tag_columns(flows)
    rows = pd.DataFrame(flows.drop(columns=schema.GEOMETRY))
    for side in ("origin", "destination") if end == "both" else (end,):
        rows = _lift(rows, side, level, gazetteer)
    return finish(merge(rows, tags), schema.RECORDS, tags, gazetteer)


def _lift(rows: pd.DataFrame, side: str, level: str, gazetteer: Gazetteer) -> pd.DataFrame:
    id_column, name_column, level_column = _COLUMNS[side]
    places = gazetteer.places
    ids = pd.Series(rows[id_column].dropna().unique(), dtype=object)
    parents = pd.Series(None, index=ids.index, dtype=object)
    for step in UPWARD.get(level, (level,)):
        answer = gazetteer.parent_at(ids, step)
        parents = parents.where(parents.notna(), answer)
    lifted = dict(zip(ids, parents.where(parents.notna(), ids), strict=True))
    new = rows[id_column].map(lifted).astype(schema.TEXT_DTYPE)
    known = new.notna()
    return rows.assign(
        **{
            id_column: new,
            name_column: rows[name_column]
            .mask(known, new.map(places[schema.NAME]))
            .astype(schema.TEXT_DTYPE),
            level_column: rows[level_column]
            .mask(known, new.map(places[schema.LEVEL]))
            .astype(schema.TEXT_DTYPE),
        }
    )


def to_matrix(flows: pd.DataFrame) -> pd.DataFrame:
    """Make the origin-destination matrix of the flows of records, as a crosstab shows it.

    Rows are origins and columns destinations, by name in order; a name that
    several places share carries the level of each. What has no place is in the
    row or the column ``not stated``. A cell is the sum of the counts (Int64) of
    its pair, over all windows and tags, and null where the frame has no count.

    Raises
    ------
    StatisticsError
        Statements, which are never added, or flows of several measures.

    Examples
    --------
    >>> from linemap.flows import toy_flows
    >>> int(to_matrix(toy_flows()).sum().sum())
    40
    """
    if schema.holds_statements(flows):
        raise StatisticsError("Statements overlap and are never added: there is no matrix of them.")
    if flows[schema.MEASURE].nunique(dropna=False) > 1:
        measures = ", ".join(sorted(flows[schema.MEASURE].fillna("not stated").unique()))
        raise StatisticsError(f"One matrix shows one measure; these are {measures}. Choose one.")
    ends = {end: _label(flows, columns) for end, columns in _COLUMNS.items()}
    counts = flows[schema.COUNT].groupby([ends["origin"], ends["destination"]])
    wide = counts.sum(min_count=1).unstack()  # noqa: PD010 - a pivot table makes null zero
    return wide.sort_index().sort_index(axis=1).astype("Int64")


def _label(flows: pd.DataFrame, columns: tuple[str, str, str]) -> pd.Series:
    """Name the places of one end so that no two share a name."""
    place, name, level = (flows[column] for column in columns)
    distinct = pd.DataFrame({"place": place, "name": name}).dropna().drop_duplicates()
    shared = set(distinct.loc[distinct["name"].duplicated(keep=False), "name"])
    label = name.where(~name.isin(shared), name + " (" + level + ")")
    return label.where(place.notna(), schema.NOT_STATED).rename(columns[1])
