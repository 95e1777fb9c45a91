"""How far groups' counts reach, in which bands, and what the unknown destinations could change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.measures import _statistics as weighted
from linemap.measures import columns as c
from linemap.measures._grouping import (
    NOTHING_COUNTED,
    NOTHING_PLACED,
    TOTAL_BESIDE_PARTS,
    FlowGroups,
    Grouping,
    counts_by_group,
    group,
)
from linemap.measures._statistics import (
    LEVEL,
    REPLICATES,
    IntArray,
    distance_replicates,
    distinct_cells,
    percentile_interval,
    ratio,
    resample,
)

BEYOND_KM: Final = (50.0, 100.0, 200.0)
ALL_ZERO: Final = "every count is zero"
NO_FLOWS: Final = "there are no flows"
ALL_OPEN: Final = "of nothing counted is it known if it crosses a force boundary"
FROM: Final = (schema.ORIGIN_ID, schema.ORIGIN_NAME)
TO: Final = (schema.DESTINATION_ID, schema.DESTINATION_NAME)


def reach(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    beyond_km: Sequence[float] = BEYOND_KM,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Summarise how far the flows of each origin (or other group) go: a SUMMARY frame.

    One row a group, the widest reach (``furthest_km``) first, then by name.
    `by` is ``"origin"``, ``"destination"``, ``"force"`` (the destination's),
    ``"measure"``, ``"level"``, ``"period"``, a tag, or several of these; None
    gives one row for the whole.

    Distances are geodesic, km, and weighted by count: mean, median, quartiles
    and 90th percentile (Hyndman and Fan's definition 2) and the share strictly
    beyond each distance are of the counted flows with a place at both ends,
    which number ``n``. Each has its ``_low`` and ``_high``: its value were
    everyone at the nearest, and at the furthest, parts of the places.
    ``n_unplaced`` are counted and have no place; for statements that print no
    destination it is the total as printed (null where parts stand beside it).
    Places named without a count are in ``n_named``, ``n_destinations`` and
    furthest; those only mentioned are in ``n_mentioned`` alone. ``areas
    reached`` enters no distance. The furthest place is the destination with
    the largest mean distance; by destination, it is the origin.

    Counts of records are added within one measure. Published statements are
    never added, so that only a group of one figure has an n and its statistics:
    links to eight forces are more links than people, and the other forces were
    not printed. Elsewhere n and its statistics are null, and ``reason`` says
    why; it is null where everything is defined.

    Raises
    ------
    InputError
        A grouping that does not exist, or a distance below 0.
    UnknownPlaceError
        A destination that the gazetteer does not hold.

    Examples
    --------
    >>> from linemap.flows import toy_flows
    >>> table = reach(toy_flows(), gazetteer=Gazetteer.toy())
    >>> table[["origin_name", "n", "n_unplaced", "furthest_name"]].head(2)
      origin_name  n  n_unplaced furthest_name
    0     Dunmere  3           1      Glenmoor
    1   Birchgate  9           2    Northshire
    """
    if any(not limit >= 0 for limit in beyond_km):
        raise InputError(f"Distances are 0 km or more, not {list(beyond_km)}.")
    groups = group(flows, by, gazetteer, adds=True)
    summary = pd.concat(
        [
            groups.labels,
            pd.DataFrame({**_numbers(groups), **_distances(groups, beyond_km)}),
            _furthest(
                groups,
                FROM
                if schema.ORIGIN_ID not in groups.labels and schema.DESTINATION_ID in groups.labels
                else TO,
            ),
            pd.DataFrame({schema.REASON: pd.Series(_reasons(groups), dtype=schema.TEXT_DTYPE)}),
        ],
        axis=1,
    )
    labels = list(groups.labels.columns)
    return summary.sort_values(
        [c.FURTHEST_KM, *labels],
        ascending=[False, *(True for _ in labels)],
        na_position="last",
        kind="stable",
        ignore_index=True,
    )


def _nullable(values: np.ndarray, bad: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64), bad.copy())


def count_of(groups: FlowGroups, rows: np.ndarray) -> IntArray:
    """Add up the counts of some flows by group."""
    summed = np.bincount(groups.number[rows], weights=groups.counts[rows], minlength=len(groups))
    return summed.astype(np.int64)


def distinct_of(groups: FlowGroups, rows: np.ndarray, values: Any) -> IntArray:
    """Count the distinct values of some flows by group; nulls are no value."""
    codes, distinct = pd.factorize(values)
    there = rows & (codes >= 0)
    width = max(len(distinct), 1)
    cells = distinct_cells(groups.number[there] * width + codes[there], len(groups) * width)
    return np.bincount(cells // width, minlength=len(groups)).astype(np.int64)


def _numbers(groups: FlowGroups) -> dict[str, Any]:
    """Count: what the statistics are over, and everything that they leave out."""
    bad = groups.bad
    rows = np.ones(len(groups.number), dtype=bool)
    ids = groups.flows[schema.DESTINATION_ID]

    def tally(where: np.ndarray) -> IntArray:
        return np.bincount(groups.number[where], minlength=len(groups)).astype(np.int64)

    return {
        c.N: _nullable(count_of(groups, groups.measured), bad),
        c.N_UNPLACED: groups.unplaced,
        c.N_FLOWS: tally(rows),
        c.N_FLOWS_UNPLACED: tally(~groups.placed & ~groups.areas),
        c.N_NAMED: tally(groups.named),
        c.N_MENTIONED: tally(groups.mentioned),
        c.N_DESTINATIONS: distinct_of(groups, groups.reached, ids),
        c.N_FORCES: distinct_of(groups, groups.reached, groups.force_ids),
        c.AREAS_REACHED: _areas(groups),
    }


def _areas(groups: FlowGroups) -> pd.Series:
    printed = groups.flows[schema.COUNT].reset_index(drop=True)[groups.areas]
    largest = printed.groupby(groups.number[groups.areas]).max()
    return largest.reindex(range(len(groups))).astype("Int64")


def _distances(groups: FlowGroups, beyond_km: Sequence[float]) -> dict[str, Any]:
    """Work out the statistics of distance, each at the middle, nearest and furthest."""
    rows = groups.measured
    counts, number, size = groups.counts[rows], groups.number[rows], len(groups)
    result: dict[str, Any] = {}
    known: dict[str, np.ndarray] = {}
    for source, name in (
        (schema.DISTANCE_KM, str),
        (schema.DISTANCE_LOW_KM, c.low),
        (schema.DISTANCE_HIGH_KM, c.high),
    ):
        km = groups.flows[source].to_numpy(dtype=float)[rows]
        known[name(c.MEAN_KM)] = weighted.mean(km, counts, number, size)
        ordered = weighted.order(km, counts, number, size)
        for column, share in c.QUANTILES.items():
            known[name(column)] = weighted.quantile(ordered, share)
        for limit in beyond_km:
            known[name(c.share_beyond(limit))] = weighted.share(km > limit, counts, number, size)
    for column in (c.MEAN_KM, *c.QUANTILES, *(c.share_beyond(limit) for limit in beyond_km)):
        for name in (str, c.low, c.high):
            result[name(column)] = known[name(column)]
    return result | _external(groups, rows)


def _external(groups: FlowGroups, rows: np.ndarray) -> dict[str, Any]:
    answer = groups.flows[schema.EXTERNAL].astype("boolean")
    yes = answer.fillna(False).to_numpy(dtype=bool)
    unknown = answer.isna().to_numpy()
    n, crossing, unsure = (count_of(groups, where) for where in (rows, rows & yes, rows & unknown))
    bad = groups.bad
    return {
        c.SHARE_EXTERNAL: weighted.ratio(crossing, n - unsure),
        c.SHARE_EXTERNAL_LOW: weighted.ratio(crossing, n),
        c.SHARE_EXTERNAL_HIGH: weighted.ratio(crossing + unsure, n),
        c.N_EXTERNAL_OPEN: _nullable(unsure, bad),
    }


def _furthest(groups: FlowGroups, end: tuple[str, str]) -> pd.DataFrame:
    """Find the furthest place at `end` of each group, by its mean distance, then by name."""
    place_id, name = end
    rows = np.flatnonzero(groups.reached)
    km = groups.flows[schema.DISTANCE_KM].to_numpy(dtype=float)[rows]
    number = groups.number[rows]
    most = np.full(len(groups), -np.inf)
    np.maximum.at(most, number, km)
    best = rows[km == most[number]]
    columns = {
        place_id: c.FURTHEST_ID,
        name: c.FURTHEST_NAME,
        schema.DISTANCE_KM: c.FURTHEST_KM,
        schema.DISTANCE_LOW_KM: c.FURTHEST_LOW_KM,
        schema.DISTANCE_HIGH_KM: c.FURTHEST_HIGH_KM,
    }
    found = pd.DataFrame(groups.flows.iloc[best][list(columns)]).set_axis(groups.number[best])
    found = found.sort_values([name, place_id], kind="stable")
    first = found[~found.index.duplicated()]
    return first.reindex(range(len(groups))).rename(columns=columns)


def _reasons(groups: FlowGroups) -> list[str | None]:
    """Say of each group why something in its row is null."""
    counted = np.bincount(groups.number[groups.counted], minlength=len(groups))
    total = count_of(groups, groups.counted)
    placed = count_of(groups, groups.measured)
    totals = groups.totals
    unsure = groups.flows[schema.EXTERNAL].isna().to_numpy()
    known = count_of(groups, groups.measured & ~unsure)
    rows = np.bincount(groups.number, minlength=len(groups))
    return [
        reason
        or (NO_FLOWS if not rows[number] else None)
        or (NOTHING_COUNTED if not counted[number] else None)
        or (ALL_ZERO if not total[number] else None)
        or (NOTHING_PLACED if not placed[number] else None)
        or (TOTAL_BESIDE_PARTS if totals[number] else None)
        or (ALL_OPEN if not known[number] else None)
        for number, reason in enumerate(groups.reasons)
    ]


# ── Reach as a tidy table: one row an estimate, with both of its intervals ──────────────────
NO_GENERATOR: Final = "no generator was given for the sampling interval"
TOO_FEW: Final = "fewer than 2 are counted, which gives no sampling interval"
KM: Final = "km"
SHARE_UNIT: Final = "share"


def reach_estimates(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    beyond_km: Sequence[float] = BEYOND_KM,
    rng: np.random.Generator | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Give each statistic of :func:`reach` a row, with its two intervals apart.

    Columns: the group's; ``term`` (the statistic); ``estimate``; ``low`` and
    ``high``, the sampling interval at `level` (percentile bootstrap by record,
    `replicates` drawn with `rng`; null without one); ``area_low`` and
    ``area_high``, the bounds over where in the places people may be; ``unit``;
    ``n``; ``n_unplaced``; ``reason`` (why something in the row is null). Groups
    in the order of :func:`reach`, statistics in one order.

    The sampling interval speaks of chance alone: had the same process been
    recorded again. It says nothing of what was never recorded, and with fewer
    than about 20 records a percentile interval is too short.
    """
    groups = group(flows, by, gazetteer, adds=True)
    wide = reach(flows, by=by, beyond_km=beyond_km, gazetteer=gazetteer)
    terms = [c.MEAN_KM, *c.QUANTILES, *(c.share_beyond(limit) for limit in beyond_km)]
    labels = list(groups.labels.columns)
    intervals = _intervals(groups, beyond_km, rng, replicates, level)
    order = _positions(wide, groups, labels)
    parts: list[dict[str, Any]] = []
    for row, number in zip(wide.to_dict("records"), order, strict=True):
        for term in (*terms, c.SHARE_EXTERNAL):
            low, high = intervals.get((number, term), (np.nan, np.nan))
            external = term == c.SHARE_EXTERNAL
            estimate = row[term]
            parts.append(
                {
                    **{label: row[label] for label in labels},
                    schema.TERM: term,
                    schema.ESTIMATE: estimate,
                    schema.LOW: low,
                    schema.HIGH: high,
                    schema.AREA_LOW: row[c.SHARE_EXTERNAL_LOW if external else c.low(term)],
                    schema.AREA_HIGH: row[c.SHARE_EXTERNAL_HIGH if external else c.high(term)],
                    c.UNIT: SHARE_UNIT if term.startswith(c.SHARE) else KM,
                    c.N: row[c.N],
                    c.N_UNPLACED: row[c.N_UNPLACED],
                    schema.REASON: _reason(row[schema.REASON], estimate, low, rng),
                }
            )
    names = [*labels, schema.TERM, schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW,
             schema.AREA_HIGH, c.UNIT, c.N, c.N_UNPLACED, schema.REASON]  # fmt: skip
    table = pd.DataFrame(parts, columns=names)
    for column in (c.N, c.N_UNPLACED):
        table[column] = table[column].astype("Int64")
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    return table


def _reason(said: object, estimate: float, low: float, rng: object) -> str | None:
    if isinstance(said, str) and np.isnan(estimate):
        return said
    if np.isnan(low):
        return NO_GENERATOR if rng is None else TOO_FEW
    return None


def _positions(wide: pd.DataFrame, groups: FlowGroups, labels: list[str]) -> list[int]:
    """Find the number of the group that each row of `wide` stands for."""
    if not labels:
        return [0]
    numbers = groups.labels.assign(_number=range(len(groups)))
    keys = [table[labels].astype(object).where(table[labels].notna(), None).itertuples(index=False,
            name=None) for table in (numbers, wide)]  # fmt: skip
    number_of = {key: number for number, key in enumerate(keys[0])}
    return [number_of[key] for key in keys[1]]


def _intervals(
    groups: FlowGroups,
    beyond_km: Sequence[float],
    rng: np.random.Generator | None,
    replicates: int,
    level: float,
) -> dict[tuple[int, str], tuple[float, float]]:
    """Bootstrap each group that counts 2 or more, in the groups' own order."""
    found: dict[tuple[int, str], tuple[float, float]] = {}
    if rng is None:
        return found
    rows = np.flatnonzero(groups.measured)
    rows = rows[np.argsort(groups.number[rows], kind="stable")]
    km = groups.flows[schema.DISTANCE_KM].to_numpy(dtype=float)
    crossing = groups.flows[schema.EXTERNAL].astype("boolean")
    terms = [c.MEAN_KM, *c.QUANTILES, *(c.share_beyond(limit) for limit in beyond_km)]
    cuts = np.searchsorted(groups.number[rows], np.arange(len(groups) + 1))
    for number in range(len(groups)):
        part = rows[cuts[number] : cuts[number + 1]]
        counts = groups.counts[part]
        if counts.sum() < 2:
            continue
        drawn = np.hstack(
            distance_replicates(
                km[part], counts, shares=list(c.QUANTILES.values()), limits_km=beyond_km,
                replicates=replicates, rng=rng,
            )
        )  # fmt: skip
        lows, highs = percentile_interval(drawn, level)
        found |= {(number, t): (lows[i], highs[i]) for i, t in enumerate(terms)}
        answer = crossing.iloc[part]
        yes = int(counts[answer.fillna(False).to_numpy(dtype=bool)].sum())
        known = int(counts[answer.notna().to_numpy()].sum())
        if known > 1:
            two = np.array([yes, known - yes], dtype=np.int64)
            again = np.vstack(list(resample(two, replicates, rng)))[:, :1] / known
            low, high = percentile_interval(again, level)
            found[number, c.SHARE_EXTERNAL] = (float(low[0]), float(high[0]))
    return found


# ── How many go how far: counts in bands of distance, and the furthest places by name ───────
EDGES_KM: Final = (0.0, 25.0, 50.0, 100.0, 200.0, 400.0)


def distance_bands(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    edges_km: Sequence[float] = EDGES_KM,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Count each group's flows by bands of distance.

    One row a group and band, groups by label, bands from the nearest; a band
    holds its lower edge and not its upper, the last is open (``to_km`` is
    infinite). ``n`` is the count by mean distance, ``share`` its share of the
    group's n; ``n_low`` are certainly in the band, wherever in their places
    people may be, and ``n_high`` possibly. ``n_named`` are places named
    without a count. ``n_unplaced``, repeated for each band, are in none.
    Counts are null where they may not be added; ``reason`` says why.

    Raises
    ------
    InputError
        Edges that do not begin at 0 or do not rise.

    Examples
    --------
    >>> from linemap.flows import toy_flows
    >>> bands = distance_bands(toy_flows(), by=None, edges_km=[0, 50], gazetteer=Gazetteer.toy())
    >>> bands[["band", "n", "n_low", "n_high"]]
                 band   n  n_low  n_high
    0     under 50 km  17     17      20
    1  50 km and over  19     16      19
    """
    edges = np.asarray(edges_km, dtype=float)
    if not len(edges) or edges[0] != 0 or not (np.diff(edges) > 0).all():
        raise InputError(f"The edges of bands begin at 0 and rise, unlike {list(edges_km)}.")
    groups = group(flows, by, gazetteer, adds=True)
    upper = np.append(edges[1:], np.inf)
    bands = len(edges)
    table = groups.labels.loc[np.repeat(np.arange(len(groups)), bands)].reset_index(drop=True)
    columns = _fill(groups, edges, upper)
    table[c.BAND] = [_name(a, b) for a, b in zip(edges, upper, strict=True)] * len(groups)
    table[c.FROM_KM] = np.tile(edges, len(groups))
    table[c.TO_KM] = np.tile(upper, len(groups))
    for name, values in columns.items():
        table[name] = values
    labels = list(groups.labels.columns)
    return table.sort_values([*labels, c.FROM_KM], kind="stable", ignore_index=True)


def _name(low: float, high: float) -> str:
    if np.isinf(high):
        return f"{low:g} km and over"
    return f"under {high:g} km" if low == 0 else f"{low:g} to under {high:g} km"


def _fill(groups: FlowGroups, edges: np.ndarray, upper: np.ndarray) -> dict[str, Any]:
    """Count in every band of every group, row by row."""
    bands, size = len(edges), len(groups)
    km, nearest, furthest = (
        groups.flows[column].to_numpy(dtype=float)
        for column in (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
    )

    def tally(rows: np.ndarray, weights: IntArray | None, values: np.ndarray) -> IntArray:
        band = np.searchsorted(edges, values[rows], side="right") - 1
        cell = groups.number[rows] * bands + band
        some = None if weights is None else weights[rows]
        return np.bincount(cell, weights=some, minlength=size * bands).astype(np.int64)

    n = tally(groups.measured, groups.counts, km)
    same = np.searchsorted(edges, nearest, side="right") == np.searchsorted(
        edges, furthest, side="right"
    )
    certain = tally(groups.measured & same, groups.counts, km)
    high = _possible(groups, nearest, furthest, edges, upper)
    total = np.repeat(n.reshape(size, bands).sum(axis=1), bands)
    bad = np.repeat(groups.bad, bands)
    totals = np.repeat(groups.totals, bands)
    reasons = np.repeat(np.array([*groups.reasons, None], dtype=object)[:-1], bands)
    reasons[~bad & (total == 0)] = NOTHING_PLACED
    reasons[totals] = TOTAL_BESIDE_PARTS

    def whole(values: np.ndarray) -> pd.arrays.IntegerArray:
        return pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64), bad.copy())

    return {
        c.N: whole(n),
        c.N_LOW: whole(certain),
        c.N_HIGH: whole(high),
        c.SHARE: ratio(n, total),
        c.SHARE_LOW: ratio(certain, total),
        c.SHARE_HIGH: ratio(high, total),
        c.N_NAMED: tally(groups.named, None, km),
        c.N_UNPLACED: groups.unplaced.repeat(bands),
        schema.REASON: pd.Series(reasons, dtype=schema.TEXT_DTYPE),
    }


def _possible(
    groups: FlowGroups,
    nearest: np.ndarray,
    furthest: np.ndarray,
    edges: np.ndarray,
    upper: np.ndarray,
) -> IntArray:
    """Count in every band of every group whoever may be in it."""
    bands, size = len(edges), len(groups)
    total = np.zeros(size * bands, dtype=np.int64)
    for band in range(bands):
        inside = groups.measured & (nearest < upper[band]) & (furthest >= edges[band])
        total[band::bands] = count_of(groups, inside)
    return total


def far_ends(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    most: int = 3,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """List the furthest places of each group, whether counted or only named.

    One row a group and place, groups by label, the furthest first, at most
    `most` a group (ties by name). ``furthest_km`` is the mean distance;
    its low and high are the place's nearest and furthest parts, which tell how
    wide the uncertainty of "Scotland" is. ``n`` is the count where it may be
    added, ``n_named`` the rows that name the place without one. By
    destination the places are origins.
    """
    groups = group(flows, by, gazetteer)
    labels = list(groups.labels.columns)
    outward = schema.DESTINATION_ID not in labels or schema.ORIGIN_ID in labels
    end, level = (TO, schema.DESTINATION_LEVEL) if outward else (FROM, schema.ORIGIN_LEVEL)
    distances = [schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM]
    rows = groups.reached
    columns = dict.fromkeys([*end, level, *distances])
    table = pd.DataFrame(groups.flows[rows][list(columns)]).reset_index(drop=True)
    number = pd.Series(groups.number[rows], name="_number")
    table[c.N] = pd.arrays.IntegerArray(groups.counts[rows], groups.bad[number])
    table[c.N_NAMED] = groups.named[rows].astype(np.int64)
    far = table.groupby([number, end[0]], sort=False, as_index=True)
    places = far.agg(
        dict.fromkeys((end[1], level), "first")
        | dict.fromkeys(distances, "max")
        | {c.N_NAMED: "sum"}
    )
    places[c.N] = far[c.N].sum(min_count=1)
    places = places.reset_index().sort_values(
        ["_number", schema.DISTANCE_KM, end[1], end[0]], ascending=[True, False, True, True]
    )
    places = places[places.groupby("_number").cumcount() < most]
    keys = groups.labels.loc[places["_number"]].reset_index(drop=True)
    found = places.rename(
        columns={
            end[0]: c.FURTHEST_ID,
            end[1]: c.FURTHEST_NAME,
            level: schema.LEVEL,
            schema.DISTANCE_KM: c.FURTHEST_KM,
            schema.DISTANCE_LOW_KM: c.FURTHEST_LOW_KM,
            schema.DISTANCE_HIGH_KM: c.FURTHEST_HIGH_KM,
        }
    ).reset_index(drop=True)
    wanted = [
        c.FURTHEST_ID,
        c.FURTHEST_NAME,
        schema.LEVEL,
        c.FURTHEST_KM,
        c.FURTHEST_LOW_KM,
        c.FURTHEST_HIGH_KM,
        c.N,
        c.N_NAMED,
    ]
    return pd.concat([keys, found[wanted]], axis=1).sort_values(
        [*labels, c.FURTHEST_KM, c.FURTHEST_NAME],
        ascending=[*(True for _ in labels), False, True],
        kind="stable",
        ignore_index=True,
    )


N_IF_LIKE_KNOWN: Final = "n_if_like_known"
RANK_IF_NONE: Final = "rank_worst"
RANK_IF_ALL: Final = "rank_best"
UNKNOWN_LOW: Final = "unknown_low"
UNKNOWN_HIGH: Final = "unknown_high"
SHARE_UNPLACED: Final = "share_unplaced"
NO_WHOLE: Final = "what was printed is no whole, so that no figure is a share of it"


def unknown_bounds(
    flows: pd.DataFrame, *, by: Grouping = None, gazetteer: Gazetteer | None = None
) -> pd.DataFrame:
    """Bound each destination's share by where the unknown might have gone.

    One row a group and destination, the largest first, ties by name. ``share``
    is of the known. ``share_low`` is the share of all if none of the
    ``n_unplaced`` went there, ``share_high`` if all did (Manski 1989, Journal
    of Human Resources 24: nothing is assumed of the missing).
    ``n_if_like_known`` spreads them as the known are, which is one assumption
    among many. ``rank_best`` and ``rank_worst`` are the ranks that the destination
    could have among these. A group whose counts may not be added, and
    any of published statements, has one row with no destination and the reason.
    """
    groups = group(flows, by, gazetteer)
    stated = schema.holds_statements(flows)
    rows: list[dict[str, Any]] = []
    for cell in counts_by_group(groups):
        if cell.reason is not None or cell.n_unplaced is None or stated:
            reason = cell.reason or (TOTAL_BESIDE_PARTS if cell.n_unplaced is None else NO_WHOLE)
            rows.append({**cell.labels, **dict.fromkeys(_PLACE), schema.REASON: reason})
            continue
        lost, total = cell.n_unplaced, cell.n + cell.n_unplaced
        for place, name, count in zip(cell.ids, cell.names, cell.counts, strict=True):
            best, worst = _ranks(cell.counts, int(count), lost)
            rows.append(
                {
                    **cell.labels,
                    schema.DESTINATION_ID: place,
                    schema.DESTINATION_NAME: name,
                    c.N: int(count),
                    c.SHARE: count / cell.n,
                    c.SHARE_LOW: count / total,
                    c.SHARE_HIGH: (count + lost) / total,
                    N_IF_LIKE_KNOWN: count / cell.n * total,
                    RANK_IF_ALL: best,
                    RANK_IF_NONE: worst,
                    c.N_UNPLACED: lost,
                    schema.REASON: None,
                }
            )
    labels = [label for label in groups.labels.columns if label not in _PLACE]
    names = [
        *labels,
        *_PLACE,
        c.N,
        c.SHARE,
        c.SHARE_LOW,
        c.SHARE_HIGH,
        N_IF_LIKE_KNOWN,
        RANK_IF_ALL,
        RANK_IF_NONE,
        c.N_UNPLACED,
        schema.REASON,
    ]
    table = pd.DataFrame(rows, columns=names)
    for column in (c.N, c.N_UNPLACED, RANK_IF_ALL, RANK_IF_NONE):
        table[column] = table[column].astype("Int64")
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    return table.sort_values(
        [*labels, c.N, schema.DESTINATION_NAME, schema.DESTINATION_ID],
        ascending=[*(True for _ in labels), False, True, True],
        kind="stable",
        ignore_index=True,
    )


def _ranks(counts: IntArray, count: int, lost: int) -> tuple[int, int]:
    """Give the best and the worst rank of a count, if `lost` more may go anywhere."""
    best = 1 + int((counts > count + lost).sum())
    # It is worst off when as many rivals as possible overtake it, the cheapest first.
    gaps = sorted(int(count - other + 1) for other in counts if other <= count)
    gaps.remove(1)  # its own
    overtaken = int((np.cumsum(gaps) <= lost).sum())
    return best, 1 + int((counts > count).sum()) + overtaken


_PLACE: Final = (schema.DESTINATION_ID, schema.DESTINATION_NAME)


def reach_if_known(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    beyond_km: Sequence[float] = BEYOND_KM,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Bound the shares that :func:`reach` gives by what has no place: nothing is assumed of it.

    One row a group and share: beyond each distance, and external. ``estimate``
    is of the n with a place. ``unknown_low`` is the share of all were nobody
    without a place beyond (or external), ``unknown_high`` were everybody; both
    also let everyone be at the nearest or furthest parts of their places, and
    every open boundary go either way. ``share_unplaced`` is what is not known.
    """
    wide = reach(flows, by=by, beyond_km=beyond_km, gazetteer=gazetteer)
    labels = list(wide.columns[: list(wide.columns).index(c.N)])
    n = wide[c.N].to_numpy(dtype=float, na_value=np.nan)
    lost = wide[c.N_UNPLACED].to_numpy(dtype=float, na_value=np.nan)
    bounds = {
        c.share_beyond(km): (c.low(c.share_beyond(km)), c.high(c.share_beyond(km)))
        for km in beyond_km
    } | {c.SHARE_EXTERNAL: (c.SHARE_EXTERNAL_LOW, c.SHARE_EXTERNAL_HIGH)}
    parts = []
    for term, (low, high) in bounds.items():
        part = wide[labels].copy()
        part[schema.TERM] = term
        part[schema.ESTIMATE] = wide[term]
        # of nobody with a place, nobody is beyond: the bounds are then 0 and 1
        part[UNKNOWN_LOW] = ratio(np.nan_to_num(wide[low]) * n, n + lost)
        part[UNKNOWN_HIGH] = ratio(np.nan_to_num(wide[high]) * n + lost, n + lost)
        part[SHARE_UNPLACED] = ratio(lost, n + lost)
        for column in (c.N, c.N_UNPLACED, schema.REASON):
            part[column] = wide[column]
        parts.append(part)
    table = pd.concat(parts)
    return table.loc[wide.index].reset_index(drop=True) if len(wide) else table
