"""The names of all columns, and the contract of each kind of frame.

Every other module names a column by a constant from here. A frame is checked
with :func:`require_contract`, which names all broken promises at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from linemap.errors import SchemaError

# The dtype of every column of text; a missing text is NaN.
TEXT_DTYPE: Final = pd.StringDtype(na_value=float("nan"))

# ── Levels of place, finest first ───────────────────────────────────────────
SETTLEMENT: Final = "settlement"
STATION: Final = "station"  # a railway station
POSTCODE_DISTRICT: Final = "postcode district"  # HP17: the part of a postcode before its last three
BOROUGH: Final = "borough"
DISTRICT: Final = "district"
COUNTY: Final = "county"
FORCE: Final = "force"
REGION: Final = "region"
NATION: Final = "nation"
GROUP: Final = "group"
Level = Literal[
    "settlement", "station", "postcode district", "borough", "district", "county", "force",
    "region", "nation", "group",
]  # fmt: skip
LEVELS: Final[tuple[str, ...]] = (
    SETTLEMENT, STATION, POSTCODE_DISTRICT, BOROUGH, DISTRICT, COUNTY, FORCE, REGION, NATION, GROUP,
)  # fmt: skip

# How tables write a level. `informal` is a set of areas; `unknown` is no level.
LEVEL_WORDS: Final[dict[str, str | None]] = {
    **{level: level for level in LEVELS},
    "town": SETTLEMENT, "city": SETTLEMENT, "village": SETTLEMENT, "place": SETTLEMENT,
    "railway station": STATION, "train station": STATION, "postcode": POSTCODE_DISTRICT,
    "postal district": POSTCODE_DISTRICT,
    "outward code": POSTCODE_DISTRICT,
    "london borough": BOROUGH, "local authority": BOROUGH,
    "upper-tier authority": COUNTY, "unitary authority": COUNTY,
    "police force": FORCE, "police force area": FORCE, "pfa": FORCE,
    "country": NATION, "informal": GROUP, "area": GROUP,
    "unknown": None, "": None,
}  # fmt: skip

# ── PLACES: one row is one place, indexed by `place_id` ──────────────────────
PLACE_ID: Final = "place_id"
NAME: Final = "name"
LEVEL: Final = "level"
BOROUGH_ID: Final = "borough_id"
DISTRICT_ID: Final = "district_id"
COUNTY_ID: Final = "county_id"
FORCE_ID: Final = "force_id"
REGION_ID: Final = "region_id"
NATION_ID: Final = "nation_id"
MEMBERS: Final = "members"  # tuple of place_ids for a district, force, region, group, earlier area
POPULATION_WEIGHT: Final = "population_weight"  # relative, never a denominator; null if unknown
GSS_CODE: Final = "gss_code"
SOURCE: Final = "source"
NOTE: Final = "note"
NEAR_COUNTY_IDS: Final = "near_county_ids"  # other counties or boroughs within the lines' error
NEAR_FORCE_IDS: Final = "near_force_ids"  # other forces within the lines' error
VINTAGE: Final = "vintage"  # "YYYY-MM", the last month in which an area stood as given; else null
BECAME_IDS: Final = "became_ids"  # of an earlier area: what it became; null for all of today's
LON: Final = "lon"  # representative point: of an area, weighted by its settlements
LAT: Final = "lat"
GEOMETRY: Final = "geometry"

PARENT_IDS: Final[dict[str, str]] = {
    BOROUGH: BOROUGH_ID,
    DISTRICT: DISTRICT_ID,
    COUNTY: COUNTY_ID,
    FORCE: FORCE_ID,
    REGION: REGION_ID,
    NATION: NATION_ID,
}

# ── MATCHES: one row is one name asked, in the caller's order and index ─────
QUERY: Final = "query"
STATUS: Final = "status"
VIA: Final = "via"
SCORE: Final = "score"
SUGGESTION: Final = "suggestion"  # the name of the place that the spelling is nearest to
SUGGESTION_ID: Final = "suggestion_id"
RIVALS: Final = "rivals"
REASON: Final = "reason"
EXACT: Final = "exact"
ALIAS: Final = "alias"
FUZZY: Final = "fuzzy"  # by correcting the spelling, with evidence or as the owner chose
SUGGESTED: Final = "suggested"  # a correction that nothing supports: no place until it is accepted
AMBIGUOUS: Final = "ambiguous"
SEVERAL: Final = "several"
MISSING: Final = "missing"
STATUSES: Final[tuple[str, ...]] = (EXACT, ALIAS, FUZZY, SUGGESTED, AMBIGUOUS, SEVERAL, MISSING)
PLACED: Final[frozenset[str]] = frozenset({EXACT, ALIAS, FUZZY})

# ── REVIEW: one row is one question that no listed name answers, for the analyst alone ──
WITHIN: Final = "within"  # the area asked
WHY: Final = "why"
DECISION: Final = "decision"  # yes, no, or a place; empty decides nothing

CERTAINTY: Final = "certainty"  # of a statement that an article is read to make

# ── RECORDS and STATEMENTS: one row is one input row ────────────────────────
INPUT: Final = "input"  # which of the two a frame holds, so that nobody has to guess
RECORDS: Final = "records"
STATEMENTS: Final = "statements"
ROWS_ALIKE: Final = "rows_alike"  # the rows of a table that a grouped row stands for
ROW: Final = "row"  # the row in the input file, as a person counts it
STATEMENT_ID: Final = "statement_id"
ORIGIN: Final = "origin"
DESTINATION: Final = "destination"
ORIGIN_LEVEL: Final = "origin_level"
DESTINATION_LEVEL: Final = "destination_level"
# The level that a heading says: preferred, where the cells' level is asked for.
ORIGIN_HINT: Final = "origin_level_hint"
DESTINATION_HINT: Final = "destination_level_hint"
# The code of an area that stands beside its name; the two must agree.
ORIGIN_CODE: Final = "origin_code"
DESTINATION_CODE: Final = "destination_code"
ORIGIN_WITHIN: Final = "origin_within"
DESTINATION_WITHIN: Final = "destination_within"
MEASURE: Final = "measure"
COUNT: Final = "count"
DATE: Final = "date"
YEAR: Final = "year"  # of a date whose column holds months or quarters alone
PERIOD_START: Final = "period_start"  # "YYYY-MM", the first month inside; null if not stated
PERIOD_END: Final = "period_end"  # "YYYY-MM", the last month inside; null if not stated
QUALIFIER: Final = "qualifier"
# Of a statement's table alone: the least and the most of a count that is not printed, and
# the publisher's mark for it. They are read into the qualifier.
COUNT_LOW: Final = "count_low"
COUNT_HIGH: Final = "count_high"
MARK: Final = "mark"
PUBLISHED: Final = "published"
URL: Final = "url"

EXACT_FIGURE: Final = "exact"
DERIVED_FIGURE: Final = "derived"
NAMED_ONLY: Final = "named only"
MENTIONED: Final = "mentioned"
# How a statement's qualifier begins whose number the publisher hid, gave as a range, or
# printed as a rate; the publisher's own mark follows. Its count is null.
HIDDEN_FIGURE: Final = "hidden by the publisher"
UNAVAILABLE_FIGURE: Final = "not available from the publisher"
RANGE_FIGURE: Final = "published as a range"
RATE_FIGURE: Final = "published as a rate"
PRINTED_FIGURES: Final[tuple[str, ...]] = (
    HIDDEN_FIGURE,
    UNAVAILABLE_FIGURE,
    RANGE_FIGURE,
    RATE_FIGURE,
)
QUALIFIERS: Final[tuple[str, ...]] = (EXACT_FIGURE, DERIVED_FIGURE, NAMED_ONLY, MENTIONED)
NAMED: Final = "named"  # the measure of a place that is named and not counted
AREAS_REACHED: Final = "areas reached"  # counts places, not people: enters no distance
DEFAULT_MEASURE: Final = "records"  # what a table counts that does not say

# ── FLOWS: records: one pair, measure, period and set of tags; statements: one each ──
FLOW_ID: Final = "flow_id"
ORIGIN_ID: Final = "origin_id"
DESTINATION_ID: Final = "destination_id"
ORIGIN_NAME: Final = "origin_name"  # the gazetteer's name, or as written where unplaced
DESTINATION_NAME: Final = "destination_name"
ORIGIN_STATUS: Final = "origin_status"  # a match status
DESTINATION_STATUS: Final = "destination_status"  # a match status, or `not stated`
NOT_STATED: Final = "not stated"
# In a release of records, of every place: a status of its own would tell of single records.
RELEASED: Final = "placed"
DISTANCE_KM: Final = "distance_km"  # weighted mean over the places' insides
DISTANCE_LOW_KM: Final = "distance_low_km"  # nearest parts of the two places
DISTANCE_HIGH_KM: Final = "distance_high_km"  # furthest parts of the two places
DISTANCE_P05_KM: Final = "distance_p05_km"
DISTANCE_P95_KM: Final = "distance_p95_km"
BEARING_DEG: Final = "bearing_deg"
EXTERNAL: Final = "external"  # a force boundary is crossed; null where that is not known

FLOW_COLUMNS: Final[tuple[str, ...]] = (
    FLOW_ID, INPUT, ORIGIN_ID, ORIGIN_NAME, ORIGIN_LEVEL, ORIGIN_STATUS,
    DESTINATION_ID, DESTINATION_NAME, DESTINATION_LEVEL, DESTINATION_STATUS,
    MEASURE, PERIOD_START, PERIOD_END, COUNT, QUALIFIER, SOURCE, PUBLISHED, URL, NOTE,
    DISTANCE_KM, DISTANCE_LOW_KM, DISTANCE_P05_KM, DISTANCE_P95_KM, DISTANCE_HIGH_KM,
    BEARING_DEG, EXTERNAL, GEOMETRY,
)  # fmt: skip

# What only a protected release adds to FLOWS: how much of the place a flow stands for
DESTINATION_COVERAGE: Final = "destination_coverage"
ORIGIN_COVERAGE: Final = "origin_coverage"
BASIS: Final = "basis"  # the stamp on every row of a table that leaves as CSV
WHOLE: Final = "whole"  # all of the place
REST: Final = "rest"  # the place without what has a flow of its own
RELEASE_COLUMNS: Final[tuple[str, ...]] = (DESTINATION_COVERAGE, ORIGIN_COVERAGE)

# The table of a release by tag: all records of all origins, one row a value that is shown
BY_TAG: Final = "by_tag"
TAG_HEADING: Final = "tag_heading"  # the column of the table that was counted
TAG_VALUE: Final = "tag_value"  # null: not stated

# The views of a release: two FLOWS frames that each count every record once. Never add them up.
WHO_SENDS: Final = "who sends"  # each origin to destinations as fine as they can be
WHERE_TO: Final = "where to"  # all origins together: origin_id null, origin_name ALL_ORIGINS
ALL_ORIGINS: Final = "all origins"
VIEWS: Final[tuple[str, ...]] = (WHERE_TO, WHO_SENDS)  # in the order in which they are read


# What is computed of flows, and what a GeoPackage's tables have of their own.
_COMPUTED: Final = re.compile(
    r".*_km|share.*|n|n_.*|furthest.*|areas_reached|band|cumulative_share|rank.*|force_name"
    r"|statistic|unit|reason|fid|geom|_?rowid_?|oid"
)


def is_taken(name: str) -> bool:
    """Tell if a name is reserved for a column of linemap's own, so that no tag can have it.

    >>> is_taken("mean_km"), is_taken("Origin ID"), is_taken("age_band")
    (True, True, False)
    """
    plain = "_".join(name.casefold().split())
    own = (
        *FLOW_COLUMNS, *RELEASE_COLUMNS, *MODEL_COLUMNS, BASIS, ORIGIN_HINT, DESTINATION_HINT,
        ORIGIN_CODE, DESTINATION_CODE, ROWS_ALIKE, TAG_HEADING, TAG_VALUE,
    )  # fmt: skip
    return plain in own or _COMPUTED.fullmatch(plain) is not None


def tag_columns(flows: pd.DataFrame) -> tuple[str, ...]:
    """Name the tags of a FLOWS frame: every column that the contract does not name."""
    named = (*FLOW_COLUMNS, *RELEASE_COLUMNS)
    return tuple(str(column) for column in flows.columns if column not in named)


def is_unavailable(flows: pd.DataFrame) -> pd.Series:
    """Tell the flows of which a publisher printed that there is no figure: they reach nothing."""
    qualifiers = flows[QUALIFIER].astype("str").fillna("")
    return qualifiers.str.startswith(UNAVAILABLE_FIGURE).astype(bool)


def holds_statements(frame: pd.DataFrame) -> bool:
    """Tell if a frame holds published statements, which are never added up, and not records."""
    return INPUT in frame.columns and bool((frame[INPUT] == STATEMENTS).any())


def placed_at_both_ends(flows: pd.DataFrame) -> pd.DataFrame:
    """Return the FLOWS rows with a place at both ends, counts of areas left out."""
    known = flows[ORIGIN_ID].notna() & flows[DESTINATION_ID].notna()
    return flows.loc[known & (flows[MEASURE] != AREAS_REACHED)]


# ── ESTIMATES: one row is one estimate, with its sampling and its geographic interval ──
TERM: Final = "term"
ESTIMATE: Final = "estimate"
STD_ERROR: Final = "std_error"
LOW: Final = "low"  # sampling interval
HIGH: Final = "high"
AREA_LOW: Final = "area_low"  # where the places' insides, not their middles, are used
AREA_HIGH: Final = "area_high"
# Columns that a model adds to a FLOWS frame. They tell the counts beside them
# (observed = expected + residual), so they do not leave with a hidden count.
EXPECTED: Final = "expected"
RESIDUAL: Final = "residual"
PEARSON_RESIDUAL: Final = "pearson_residual"
MODEL_COLUMNS: Final[tuple[str, ...]] = (EXPECTED, RESIDUAL, PEARSON_RESIDUAL)

# ── Contracts ───────────────────────────────────────────────────────────────
Promise = tuple[str, Callable[[pd.DataFrame], bool]]


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract of a kind of frame: its columns, and conditions that hold of it."""

    name: str
    columns: Sequence[str]
    promises: Sequence[Promise] = ()

    def broken(self, frame: pd.DataFrame) -> list[str]:
        """List every promise that `frame` breaks; a promise about a lacking column is skipped."""
        lacking = [column for column in self.columns if column not in frame.columns]
        if lacking:
            return [f"has no column {column!r}" for column in lacking]
        return [sentence for sentence, holds in self.promises if not holds(frame)]


PLACES_CONTRACT: Final = Contract(
    "PLACES",
    (
        NAME, LEVEL, BOROUGH_ID, DISTRICT_ID, COUNTY_ID, FORCE_ID, REGION_ID, NATION_ID,
        MEMBERS, POPULATION_WEIGHT, GSS_CODE, SOURCE, NOTE, VINTAGE, BECAME_IDS,
        NEAR_COUNTY_IDS, NEAR_FORCE_IDS, LON, LAT, GEOMETRY,
    ),
    (
        ("its index, place_id, is not unique", lambda f: bool(f.index.is_unique)),
        ("a place has no name", lambda f: bool(f[NAME].notna().all())),
        ("a level is not one of " + ", ".join(LEVELS), lambda f: bool(f[LEVEL].isin(LEVELS).all())),
    ),
)  # fmt: skip

MATCHES_CONTRACT: Final = Contract(
    "MATCHES",
    (
        QUERY, PLACE_ID, NAME, LEVEL, STATUS, VIA, SCORE, SUGGESTION, SUGGESTION_ID, RIVALS,
        REASON, SOURCE,
    ),
    (
        (
            "a status is not one of " + ", ".join(STATUSES),
            lambda f: bool(f[STATUS].isin(STATUSES).all()),
        ),
        (
            "place_id is null where the status says placed, or the reverse",
            lambda f: bool((f[PLACE_ID].notna() == f[STATUS].isin(list(PLACED))).all()),
        ),
        (
            "suggestion_id is null where the status says suggested, or the reverse",
            lambda f: bool((f[SUGGESTION_ID].notna() == (f[STATUS] == SUGGESTED)).all()),
        ),
        ("a score lies outside 0 to 1", lambda f: bool(f[SCORE].between(0, 1).all())),
    ),
)  # fmt: skip

FLOWS_CONTRACT: Final = Contract(
    "FLOWS",
    FLOW_COLUMNS,
    (
        ("flow_id is not unique", lambda f: bool(f[FLOW_ID].is_unique)),
        (
            "input is not one of records, statements",
            lambda f: bool(f[INPUT].isin([RECORDS, STATEMENTS]).all()),
        ),
        (
            "records and statements are mixed in one frame",
            lambda f: bool(f[INPUT].nunique() <= 1),
        ),
        ("a count is negative", lambda f: bool((f[COUNT].dropna() >= 0).all())),
        (
            "a distance is outside its own range",
            lambda f: bool(
                (
                    f[DISTANCE_KM].isna()
                    | f[DISTANCE_KM].between(f[DISTANCE_LOW_KM], f[DISTANCE_HIGH_KM])
                ).all()
            ),
        ),
    ),
)


def require_contract(frame: pd.DataFrame, contract: Contract) -> None:
    """Raise a :class:`SchemaError` that names every promise of `contract` that `frame` breaks."""
    broken = contract.broken(frame)
    if broken:
        raise SchemaError(f"This is not a {contract.name} frame: it " + "; it ".join(broken) + ".")
