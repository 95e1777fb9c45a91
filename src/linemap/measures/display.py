"""Measures as tables to read, in a notebook or a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api import types

from linemap import schema
from linemap.errors import InputError, MissingLibraryError
from linemap.measures import columns as c
from linemap.windows import Window

_KEPT: Final = (c.N, c.N_UNPLACED, schema.COUNT)  # shown whatever they hold
HIDDEN: Final = frozenset(
    {schema.ORIGIN_ID, schema.DESTINATION_ID, schema.FORCE_ID, c.FURTHEST_ID, "other_id"}
)
WINDOW: Final = "window"
_LEVELS: Final = frozenset(
    {schema.ORIGIN_LEVEL, schema.DESTINATION_LEVEL, schema.LEVEL, "shown_as"}
)
AREAS: Final = "areas"
_NOTHING: Final = "—"
_ESTIMATED: Final = frozenset(
    {schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH}
)
_RATES: Final = ("n_per_month", "rate_per_100_000")
# What a statistic or a column is called for a reader; others are named by their own words.
_WORDS: Final[dict[str, str]] = {
    schema.ORIGIN_NAME: "origin",
    schema.DESTINATION_NAME: "destination",
    schema.DESTINATION_LEVEL: "level of destination",
    schema.EXTERNAL: "across a force boundary",
    schema.TERM: "statistic",
    AREAS: "over where in the areas",
    c.N: "n",
    c.N_UNPLACED: "n without a place",
    c.N_FLOWS: "n of flows",
    c.N_FLOWS_UNPLACED: "n of flows without a place",
    c.N_NAMED: "places named, not counted",
    c.N_MENTIONED: "places only mentioned",
    c.N_DESTINATIONS: "destinations",
    c.N_FORCES: "police force areas",
    c.N_EXTERNAL_OPEN: "n with no known force boundary",
    c.MEAN_KM: "mean distance (km)",
    c.P25_KM: "lower quartile of distance (km)",
    c.MEDIAN_KM: "median distance (km)",
    c.P75_KM: "upper quartile of distance (km)",
    c.P90_KM: "90th percentile of distance (km)",
    c.SHARE_EXTERNAL: "share across a force boundary",
    c.FURTHEST_NAME: "furthest place",
    c.FURTHEST_KM: "distance of the furthest (km)",
    c.FORCE_NAME: "police force",
    "gini": "Gini coefficient",
    "hhi": "Herfindahl-Hirschman index",
    "effective_number": "effective number of destinations",
    "entropy_nats": "Shannon entropy (nats)",
    "evenness": "Pielou's evenness",
    "theil": "Theil's T (nats)",
    "share_top5": "share of the five largest",
    "spearman_rho": "Spearman's rho",
    "kendall_tau_b": "Kendall's tau-b",
    "centre_lon": "mean centre, longitude (degrees)",
    "centre_lat": "mean centre, latitude (degrees)",
    "median_centre_lon": "median centre, longitude (degrees)",
    "median_centre_lat": "median centre, latitude (degrees)",
    "ellipse_major_km": "longer semi-axis of the ellipse (km)",
    "ellipse_minor_km": "shorter semi-axis of the ellipse (km)",
    "ellipse_bearing_deg": "bearing of the longer axis (degrees)",
    "direction_deg": "mean direction (degrees)",
    "direction_concentration": "agreement of directions, 0 to 1",
    "n_if_like_known": "n if the unknown were like the known",
    "rank_best": "best rank",
    "rank_worst": "worst rank",
    "rate_per_100_000": "rate per 100,000",
    "p_value": "p",
    "aic": "AIC",
    "aic_difference": "AIC less the lowest",
    "aic_weight": "Akaike weight",
    schema.STD_ERROR: "standard error",
    "p_adjusted": "p, adjusted",
}


def level_word(level: object) -> str:
    """Name a level as a reader does; what is none stays as it is.

    >>> level_word("force"), level_word("county")
    ('police force area', 'county')
    """
    words = {
        schema.SETTLEMENT: "town",
        schema.FORCE: "police force area",
        schema.STATION: "railway station",
        schema.POSTCODE_DISTRICT: "postcode district",
        schema.GROUP: "group of areas",
    }
    return words.get(str(level), str(level))


def as_table(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str | None = None,
    columns: Sequence[str] | None = None,
    source: str | None = None,
) -> Any:
    """Render a result of the measures as a ``great_tables.GT`` to show in a notebook.

    Identifiers, and columns that are null throughout, are left out unless `columns` names
    them. A value and its bounds
    are one column, "90 (70 to 110)", and a window is one. No more digits are
    shown than are known: kilometres, counts and ranks are whole, shares whole
    per cent, indices have two decimals. Terms and columns are named in words
    with their unit; null is an em dash; the ``reason`` stays where any row has
    one. A wide table is scrolled inside the width of its cell.

    Raises
    ------
    MissingLibraryError
        If great_tables is not installed: it comes with ``linemap[notebook]``.
    """
    try:
        from great_tables import GT  # late: it is slow to load
    except ModuleNotFoundError as error:
        raise MissingLibraryError("great_tables", extra="notebook") from error

    every = [str(column) for column in frame]
    kept = [one for one in every if one not in HIDDEN and (one in _KEPT or given(frame, one))]
    chosen = list(columns) if columns is not None else kept
    shown = without_false_zeros(pd.DataFrame(frame))[chosen].reset_index(drop=True)
    texts = readable(shown)
    names = [str(name) for name in texts]
    numeric = [name for name in names if name in shown and types.is_numeric_dtype(shown[name])]
    numeric += [name for name in names if name == AREAS]
    table = (
        GT(texts.astype(object))
        .tab_header(title, subtitle)
        .cols_label({name: column_words(name) for name in names})
        .cols_align("left")
        .tab_options(table_font_size="small", container_width="100%", container_overflow_x="auto")
    )
    if numeric:
        table = table.cols_align("right", columns=numeric)
    return table.tab_source_note(source) if source else table


def without_false_zeros(frame: pd.DataFrame) -> pd.DataFrame:
    """Make n null where places are named and nothing is counted, which is no zero."""
    if c.N not in frame or c.N_NAMED not in frame:
        return frame
    only_named = (frame[c.N] == 0) & (frame[c.N_NAMED].fillna(0) > 0)
    return frame.assign(**{c.N: frame[c.N].mask(only_named)})


def given(frame: pd.DataFrame, column: str) -> bool:
    """Say whether any row gives a column a value; so does every column of a table without rows."""
    return not len(frame) or bool(frame[column].notna().any())


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Write a result of the measures as text to read, row for row; its columns keep their names.

    Bounds go beside their value, the two ends of a window into ``window``, the
    bounds over the areas' insides into ``areas``; the unit of an estimate into
    its name.
    """
    units = frame[c.UNIT] if c.UNIT in frame else pd.Series(None, index=frame.index, dtype=object)
    bounds = {column: pair for column in frame if (pair := _bounds_of(str(column), frame))}
    inside = {bound for pair in bounds.values() for bound in pair}
    inside |= {c.UNIT} if schema.TERM in frame else set()
    texts: dict[str, list[str]] = {}
    for column in map(str, frame):
        if column in inside or column in (schema.PERIOD_END, schema.AREA_HIGH):
            continue
        if column == schema.PERIOD_START and schema.PERIOD_END in frame:
            ends = zip(frame[schema.PERIOD_START], frame[schema.PERIOD_END], strict=True)
            texts[WINDOW] = [_window(start, end) for start, end in ends]
        elif column == schema.AREA_LOW and schema.AREA_HIGH in frame:
            texts[AREAS] = [
                _range(low, high, column, unit)
                for low, high, unit in zip(
                    frame[schema.AREA_LOW], frame[schema.AREA_HIGH], units, strict=True
                )
            ]
        elif column == schema.TERM:
            texts[column] = [column_words(str(term)) for term in frame[column]]
        elif column in _LEVELS:
            texts[column] = [level_word(_text(level, column, None)) for level in frame[column]]
        else:
            texts[column] = [_text(value, column, unit) for value, unit in
                             zip(frame[column], units, strict=True)]  # fmt: skip
            if column in bounds:
                low, high = bounds[column]
                ranges = [_range(one, other, column, unit) for one, other, unit in
                          zip(frame[low], frame[high], units, strict=True)]  # fmt: skip
                texts[column] = [
                    text if between in (_NOTHING, f"{text} to {text}") else f"{text} ({between})"
                    for text, between in zip(texts[column], ranges, strict=True)
                ]
    return pd.DataFrame(texts, index=frame.index)


def _bounds_of(column: str, frame: pd.DataFrame) -> tuple[str, str] | None:
    """Name the columns of a value's lower and upper bound, where it has both."""
    pairs = [(c.low(column), c.high(column)), (f"{column}_low", f"{column}_high")]
    if column in (schema.ESTIMATE, "ratio", *_RATES, "location_quotient"):
        pairs.append((schema.LOW, schema.HIGH))
    found = [pair for pair in pairs if {*pair} <= set(frame)]
    return found[0] if found else None


def _window(start: Any, end: Any) -> str:
    try:
        return Window(str(start), str(end)).words
    except InputError:
        return "not stated" if pd.isna(start) and pd.isna(end) else f"{start} to {end}"


def _range(low: Any, high: Any, column: str, unit: object) -> str:
    if pd.isna(low) and pd.isna(high):
        return _NOTHING
    return f"{_text(low, column, unit)} to {_text(high, column, unit)}"


def _text(value: Any, column: str, unit: object) -> str:
    """Write a value with the digits that are known of its kind."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return _NOTHING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if not isinstance(value, int | float | np.number):
        return str(value)
    number = float(value)
    if not np.isfinite(number):
        return "no limit"
    if column not in _ESTIMATED:
        unit = None  # the unit is that of the estimate and its bounds, not of n
    if unit == "share" or column.startswith("share") or "_share" in column:
        return f"{number:.0%}"
    whole = isinstance(value, int | np.integer) or unit == "km"
    if whole or column.endswith("_km") or column.startswith(("rank", "n_if", "expected_if_alike")):
        return f"{number:,.0f}"
    if column in _RATES:
        return f"{number:,.1f}"
    if column.startswith("p_"):
        return "under 0.001" if number < 0.001 else f"{number:.2g}"
    if unit == "degrees":
        return f"{number:.2f}"
    return f"{number:,.{2 if abs(number) < 10 else 1 if abs(number) < 100 else 0}f}"


def column_words(column: str) -> str:
    """Write the name of a column or a term for a reader.

    >>> column_words("mean_km"), column_words("share_beyond_50_km")
    ('Mean distance (km)', 'Share beyond 50 km')
    >>> column_words("difference_of_median_km")
    'Difference of median distance (km)'
    >>> column_words("n_unplaced"), column_words("standard_distance_km")
    ('n without a place', 'Standard distance (km)')
    """
    if column.startswith("difference_of_"):
        words = f"difference of {_WORDS.get(column.removeprefix('difference_of_'), column)}"
    elif column in _WORDS:
        words = _WORDS[column]
    else:
        words = column.replace("_", " ")
        if words.endswith(" km") and not column.startswith("share"):
            words = f"{words.removesuffix(' km')} (km)"
    return words if words == "n" or words.startswith("n ") else words[:1].upper() + words[1:]


# ── Tidy results: one row an estimate, with what it is, its intervals, and its n ────────────
COLUMNS: Final = (
    schema.TERM, schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH,
    c.UNIT, c.N, c.N_UNPLACED, schema.REASON,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimate: low and high are its sampling interval; NaN is explained by `reason`."""

    term: str
    estimate: float
    unit: str
    low: float = np.nan
    high: float = np.nan
    area_low: float = np.nan
    area_high: float = np.nan
    reason: str | None = None


def tabulate(
    rows: Sequence[tuple[Mapping[str, Any], Estimate, int | None, int | None]],
    labels: Sequence[str],
) -> pd.DataFrame:
    """Lay estimates out as ESTIMATES: labels, the estimate, n and n_unplaced, in the order given.

    Raises
    ------
    ValueError
        A null estimate without its reason.
    """
    bare = [e.term for _, e, _, _ in rows if np.isnan(e.estimate) and e.reason is None]
    if bare:
        raise ValueError(f"A null estimate of {bare[0]} has no reason.")
    table = pd.DataFrame(
        [
            {
                **{label: key.get(label) for label in labels},
                schema.TERM: e.term, schema.ESTIMATE: e.estimate,
                schema.LOW: e.low, schema.HIGH: e.high,
                schema.AREA_LOW: e.area_low, schema.AREA_HIGH: e.area_high,
                c.UNIT: e.unit, c.N: n, c.N_UNPLACED: unplaced, schema.REASON: e.reason,
            }
            for key, e, n, unplaced in rows
        ],
        columns=[*labels, *COLUMNS],
    )  # fmt: skip
    numbers = (schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH)
    for column in numbers:
        table[column] = table[column].astype(float)
    for column in (c.N, c.N_UNPLACED):
        table[column] = table[column].astype("Int64")
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    return table
