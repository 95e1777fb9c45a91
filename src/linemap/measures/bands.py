"""How many go how far: counts in bands of distance, and the furthest places by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures._grouping import TOTAL_BESIDE_PARTS, Grouping, Groups, group
from linemap.measures._statistics import IntArray, ratio
from linemap.measures.reach import FROM, NOTHING_PLACED, TO, count_of

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
    groups = group(flows, by, gazetteer)
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


def _fill(groups: Groups, edges: np.ndarray, upper: np.ndarray) -> dict[str, Any]:
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
    groups: Groups, nearest: np.ndarray, furthest: np.ndarray, edges: np.ndarray, upper: np.ndarray
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
            end[0]: c.FURTHEST_ID, end[1]: c.FURTHEST_NAME, level: schema.LEVEL,
            schema.DISTANCE_KM: c.FURTHEST_KM, schema.DISTANCE_LOW_KM: c.FURTHEST_LOW_KM,
            schema.DISTANCE_HIGH_KM: c.FURTHEST_HIGH_KM,
        }
    ).reset_index(drop=True)  # fmt: skip
    wanted = [c.FURTHEST_ID, c.FURTHEST_NAME, schema.LEVEL, c.FURTHEST_KM, c.FURTHEST_LOW_KM,
              c.FURTHEST_HIGH_KM, c.N, c.N_NAMED]  # fmt: skip
    return pd.concat([keys, found[wanted]], axis=1).sort_values(
        [*labels, c.FURTHEST_KM, c.FURTHEST_NAME],
        ascending=[*(True for _ in labels), False, True],
        kind="stable",
        ignore_index=True,
    )
