"""Make FLOWS of records or of statements; roll those of records up, and make their matrix."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.errors import InputError, StatisticsError
from linemap.flows.pair_geography import measure_pairs
from linemap.flows.questions import (
    ASKED_LEVEL,
    FACTS,
    FIRST_MONTH,
    INPUT_COLUMNS,
    LAST_MONTH,
    MONTH,
    NAMES,
    QUESTION,
    QUESTION_OF,
    SEVERAL_SOURCES,
    Geocoder,
    answer,
    as_text,
    bring_home,
    columns_of,
    count_rows,
    distinct_values,
    firsts,
    geocoder_of,
    month_text,
    numbered,
    without_postcodes,
)
from linemap.gazetteer import Gazetteer
from linemap.records import read_records
from linemap.windows import Window, number_of_month

Kind = Literal["records", "statements"]

RESULTS: Final = {
    schema.ORIGIN: (
        schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL, schema.ORIGIN_STATUS,
    ),
    schema.DESTINATION: (
        schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL,
        schema.DESTINATION_STATUS,
    ),
}  # fmt: skip
ENDS_COLUMNS: Final = (
    schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL,
    schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL,
)  # fmt: skip
STATEMENT_COLUMNS: Final = (
    *NAMES, *FACTS, schema.STATEMENT_ID, schema.COUNT, schema.SOURCE,
    schema.PUBLISHED, schema.URL, schema.NOTE,
)  # fmt: skip

# From the most to the least certain: spellings of one place share a flow, and
# the flow tells the least certain of the ways in which its place was found.
CERTAINTY: Final = (*schema.STATUSES, schema.NOT_STATED)


def build_flows(
    frame: Any,
    *,
    gazetteer: Gazetteer | None = None,
    kind: Kind | None = None,
    period: Period | None = None,
    tags: Sequence[str] | None = None,
    aliases: pd.DataFrame | None = None,
    geocoder: Geocoder | None = None,
    matches: pd.DataFrame | None = None,
    window: Window | None = None,
    accept_suggestions: float | None = None,
) -> gpd.GeoDataFrame:
    """Join records or statements to their places, and measure how far apart these are.

    `frame` is RECORDS or STATEMENTS as they were read, or any frame with those
    columns on an engine that narwhals knows (pandas, polars, pyarrow, DuckDB,
    Spark); say then with `kind` which of the two it holds. Each distinct
    question is geocoded once, by `geocoder` if given, or answered from `matches`, which
    :func:`find_places` gave for the same frame. `aliases` and `accept_suggestions` go to
    linemap's own geocoder. Of a full postcode in a name only the district is kept.

    Records: one row a pair of places, measure, window, qualifier and set of
    tags that occurs; counts sum to the records'. Rows that name a place and
    count nothing stay apart with a null count. `period` splits by calendar
    ``"month"``, ``"quarter"`` or ``"year"``, by ``"financial-year"`` (from April)
    or its quarters, or by the ``"stated"`` window of each row; without it there is
    the `window` that the caller states for all rows, else the one that all rows
    state, or none.
    Tags are text. Notes do not travel. Statements:
    one row each, in their order, `flow_id` being the statement's; nothing is
    added or merged.

    Rows without a place stay, with null geography: the destination's status is
    ``not stated`` where the table has none. FLOWS columns and then tags;
    counts Int64, distances km, bearings degrees, ``external`` a nullable
    boolean. Of records, ordered by origin, destination, measure and window.

    Raises
    ------
    InputError
        A frame that says neither which kind it holds nor where rows start.
    """
    columns = columns_of(frame)
    kind = _kind(frame, kind, columns)
    if period is not None and period != "stated" and period not in MONTHS:
        raise InputError(f"A period is one of {', '.join(MONTHS)} or stated, not {period!r}.")
    chosen = _tags(tags, columns, known=schema.INPUT in columns)
    gazetteer = Gazetteer.load(gazetteer)
    if kind == schema.RECORDS:
        by_month = schema.DATE in columns and period is not None
        counted = count_rows(frame, by_month=by_month, tags=chosen)
        rows = set_windows(counted, period, window)
    else:
        rows = _statements(frame, chosen)
    if matches is None:
        matches = answer(rows, gazetteer, geocoder_of(geocoder, aliases, accept_suggestions))
    placed = _place(rows, matches)
    if kind == schema.RECORDS:
        placed = merge(placed, chosen)
    return finish(placed, kind, chosen, gazetteer)


def _kind(frame: Any, kind: Kind | None, columns: Sequence[str]) -> Kind:
    if schema.ORIGIN not in columns:
        raise InputError(
            f"The frame has no column {schema.ORIGIN!r}; it has {', '.join(columns)}. "
            "Read it with read_records() or read_statements()."
        )
    said: set[str] = set()
    if schema.INPUT in columns:
        said = set(distinct_values(frame, schema.INPUT))
    if kind is not None:
        said |= {kind}
    if len(said) > 1:
        raise InputError(f"The frame is said to hold {' and '.join(sorted(said))}: build each.")
    if said == {schema.RECORDS}:
        return "records"
    if said == {schema.STATEMENTS}:
        return "statements"
    if schema.INPUT in columns and not said:
        return "records"  # an empty frame holds nothing to protect from the other kind
    raise InputError(
        "Nothing says if these are records (disjoint rows) or statements (published figures). "
        'Read them with read_records() or read_statements(), or pass kind="records".'
    )


def _tags(tags: Sequence[str] | None, columns: Sequence[str], *, known: bool) -> tuple[str, ...]:
    """Choose the tags: those named, else every further column of a frame that was read."""
    further = tuple(c for c in columns if c not in INPUT_COLUMNS) if known else ()
    chosen = further if tags is None else tuple(tags)
    wrong = [
        tag for tag in chosen if tag not in columns or tag in INPUT_COLUMNS or schema.is_taken(tag)
    ]
    if wrong:
        raise InputError(
            f"These cannot be tags: {', '.join(wrong)}. A tag is a column of the frame, with a "
            "name that linemap gives to none of its own."
        )
    return chosen


def _statements(frame: Any, tags: Sequence[str]) -> pd.DataFrame:
    home = bring_home(frame, (*STATEMENT_COLUMNS, *tags))
    if home[schema.STATEMENT_ID].isna().any() or not home[schema.STATEMENT_ID].is_unique:
        raise InputError(f"Every statement needs a {schema.STATEMENT_ID} of its own.")
    for column in STATEMENT_COLUMNS:
        if column != schema.COUNT:
            home[column] = as_text(home[column])
    home[schema.COUNT] = pd.to_numeric(home[schema.COUNT]).astype("Int64")
    return home


def _place(rows: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Add the ids, names, levels and statuses of both ends from the answers to their questions.

    Raises
    ------
    InputError
        If a question of the rows has no answer among them.
    """
    keys = list(QUESTION)
    found = (
        matches[keys]
        .astype(schema.TEXT_DTYPE)
        .assign(
            id=matches[schema.PLACE_ID].astype(schema.TEXT_DTYPE),
            answer=matches[schema.NAME].astype(schema.TEXT_DTYPE),
            found=matches[schema.LEVEL].astype(schema.TEXT_DTYPE),
            status=matches[schema.STATUS].astype(schema.TEXT_DTYPE),
        )
    )
    placed = rows
    for end, (place_id, place_name, level, status) in RESULTS.items():
        group = numbered(rows[column] for column in QUESTION_OF[end])
        asked = rows[list(QUESTION_OF[end])].iloc[firsts(group)]
        asked = asked.set_axis(keys, axis=1).astype(schema.TEXT_DTYPE)
        asked[schema.QUERY] = without_postcodes(asked[schema.QUERY])
        match = asked.merge(found, on=keys, how="left").set_axis(asked.index)
        if bool((asked[schema.QUERY].notna() & match["status"].isna()).any()):
            raise InputError("The matches are of another table: some names have no answer in them.")
        there = match["id"].notna()
        told = {
            place_id: match["id"],
            place_name: match["answer"].where(there, match[schema.QUERY]),
            level: match["found"].where(there, match[ASKED_LEVEL]),
            status: match["status"].fillna(schema.NOT_STATED),
        }
        placed = placed.assign(
            **{
                column: values.astype(schema.TEXT_DTYPE).array.take(group)
                for column, values in told.items()
            }
        )
    asked_alone = [schema.ORIGIN_HINT, schema.DESTINATION_HINT, schema.ORIGIN_CODE,
                   schema.DESTINATION_CODE]  # fmt: skip
    return placed.drop(columns=asked_alone)


def merge(placed: pd.DataFrame, tags: Sequence[str]) -> pd.DataFrame:
    """Add up the rows of records that share both places, measure, window, qualifier and tags.

    Names without a place stay apart by what was written and by why it has none.
    """
    rows = placed.reset_index(drop=True)
    states = (
        rows[status].where(~rows[status].isin(schema.PLACED), "placed").rename(None)
        for status in (schema.ORIGIN_STATUS, schema.DESTINATION_STATUS)
    )
    columns = (rows[column] for column in (*ENDS_COLUMNS, *FACTS, *tags))
    group = numbered([*columns, *states, rows[schema.COUNT].isna()])
    first = firsts(group)
    if len(first) == len(rows):
        return rows
    merged = rows.iloc[first].set_axis(group[first])
    merged[schema.COUNT] = rows[schema.COUNT].groupby(group).sum(min_count=1)
    for status in (schema.ORIGIN_STATUS, schema.DESTINATION_STATUS):
        rank = pd.Series(pd.Categorical(rows[status], categories=CERTAINTY).codes)
        worst = pd.Series(CERTAINTY, dtype=schema.TEXT_DTYPE).reindex(rank.groupby(group).max())
        merged[status] = worst.array
    sources = rows[schema.SOURCE].groupby(group).nunique()
    merged[schema.SOURCE] = merged[schema.SOURCE].mask(sources > 1, SEVERAL_SOURCES)
    return merged.reset_index(drop=True)


def finish(
    placed: pd.DataFrame, kind: str, tags: Sequence[str], gazetteer: Gazetteer
) -> gpd.GeoDataFrame:
    """Order the rows, name the flows, add their geography, and check the promises."""
    rows = placed.reset_index(drop=True)
    if kind == schema.RECORDS:
        order = [schema.ORIGIN_NAME, schema.DESTINATION_NAME, *ENDS_COLUMNS, *FACTS,
                 *tags, schema.DESTINATION_STATUS, schema.ORIGIN_STATUS, schema.COUNT]  # fmt: skip
        rows = rows.sort_values(list(dict.fromkeys(order)), kind="stable", ignore_index=True)
        width = max(len(str(len(rows))), 4)
        rows[schema.FLOW_ID] = [
            f"f{str(number).zfill(width)}" for number in range(1, len(rows) + 1)
        ]
        for column in (schema.PUBLISHED, schema.URL, schema.NOTE):
            rows[column] = pd.Series(pd.NA, rows.index, dtype=schema.TEXT_DTYPE)
    else:
        rows[schema.FLOW_ID] = rows[schema.STATEMENT_ID]
    rows[schema.FLOW_ID] = rows[schema.FLOW_ID].astype(schema.TEXT_DTYPE)
    rows[schema.INPUT] = pd.Series(kind, rows.index, dtype=schema.TEXT_DTYPE)
    geography = measure_pairs(rows[schema.ORIGIN_ID], rows[schema.DESTINATION_ID], gazetteer)
    for column in geography.columns:
        rows[column] = geography[column]
    flows = gpd.GeoDataFrame(
        rows[[*schema.FLOW_COLUMNS, *tags]], geometry=schema.GEOMETRY, crs="EPSG:4326"
    )
    schema.require_contract(flows, schema.FLOWS_CONTRACT)
    return flows


# ── Windows of time: first and last month, "YYYY-MM" ─────────────────────────
Period = Literal["month", "quarter", "year", "financial-quarter", "financial-year", "stated"]

# How many months a window has, and how many of a calendar year stand before its first.
# A quarter of the financial year, which starts in April, has a calendar quarter's months.
MONTHS: Final[dict[str, tuple[int, int]]] = {
    "month": (1, 0), "quarter": (3, 0), "year": (12, 0),
    "financial-quarter": (3, 3), "financial-year": (12, 3),
}  # fmt: skip


def month_number(months: pd.Series) -> pd.Series:
    """Count the months since year 0 of "YYYY-MM" texts; null stays null."""
    number = {month: number_of_month(month) for month in months.dropna().unique()}
    return months.map(number).astype("Int64")


def set_windows(
    counted: pd.DataFrame, period: Period | None, window: Window | None = None
) -> pd.DataFrame:
    """Give each row its window: what it states, or the month of its date.

    With no `period`, the `window` that is stated for all of them, else the
    window that every row states, and none if they do not
    state the same one: the first and the last of the dates are those of single
    people. With ``"stated"`` each keeps its own. With a month, quarter or year a
    row gets the one that it lies in, of the calendar or of the financial year;
    one whose own window is longer
    keeps that, for no part of its count can be told apart. A row without
    either has none. Returns a new frame.
    """
    unstated = counted[schema.PERIOD_START].isna() & counted[schema.PERIOD_END].isna()
    first, last = (
        (counted[MONTH], counted[MONTH])
        if counted[MONTH].notna().any()
        else (counted[FIRST_MONTH], counted[LAST_MONTH])
    )
    start = counted[schema.PERIOD_START].mask(unstated, first)
    end = counted[schema.PERIOD_END].mask(unstated, last)
    if period is None and window is not None:
        start = pd.Series(window.start, counted.index, dtype=schema.TEXT_DTYPE)
        end = pd.Series(window.end, counted.index, dtype=schema.TEXT_DTYPE)
    elif period is None:
        stated = counted[[schema.PERIOD_START, schema.PERIOD_END]]
        if len(stated.drop_duplicates()) == 1:
            start, end = stated[schema.PERIOD_START], stated[schema.PERIOD_END]
        else:
            start = end = pd.Series(pd.NA, counted.index, dtype=schema.TEXT_DTYPE)
    elif period != "stated":
        width, before = MONTHS[period]
        first_bin = (month_number(start) - before) // width
        last_bin = (month_number(end) - before) // width
        inside = (first_bin == last_bin).fillna(False).astype(bool)
        start = start.mask(inside, month_text(first_bin * width + before))
        end = end.mask(inside, month_text(first_bin * width + before + width - 1))
    return counted.drop(columns=[MONTH, FIRST_MONTH, LAST_MONTH]).assign(
        **{schema.PERIOD_START: start, schema.PERIOD_END: end}
    )


# ── The toy world ────────────────────────────────────────────────────────────
def toy_flows() -> gpd.GeoDataFrame:
    """Build the 12 flows of the toy world; its README tells what each is there for.

    >>> int(toy_flows()["count"].sum())
    40
    """
    with as_file(files("linemap") / "data" / "toy" / "moves.csv") as moves:
        return build_flows(read_records(moves), gazetteer=Gazetteer.toy())


# ── Roll up to larger areas, and the matrix ───────────────────────────────────────────────

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
    schema.require_contract(flows, schema.FLOWS_CONTRACT)
    if schema.holds_statements(flows):
        raise StatisticsError(
            "Statements overlap (416 for a county may include 167 for its town), so they are "
            "never rolled up. Only records are."
        )
    if level not in schema.PARENT_IDS:
        raise InputError(
            f"Flows roll up to one of {', '.join(schema.PARENT_IDS)}, not to {level!r}."
        )
    gazetteer = Gazetteer.load(gazetteer)
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
    row or the column ``not stated``; of a release under the words that the release
    has for it, which tell the unknown from what is too few to be shown. A cell is the
    sum of the counts (Int64) of its pair, over all windows and tags, and null where the
    frame has no count.

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
    label = label.where(place.notna(), schema.NOT_STATED)
    if schema.DESTINATION_COVERAGE in flows:  # a release tells the unknown from what is too few
        label = label.where(place.notna() | name.isna(), name)
    return label.rename(columns[1])
