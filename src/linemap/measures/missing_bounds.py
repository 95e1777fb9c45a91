"""What would change if the unknown destinations were known: bounds, not one guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures._grouping import TOTAL_BESIDE_PARTS, Grouping, counts_by_group, group
from linemap.measures._statistics import IntArray, ratio
from linemap.measures.reach import BEYOND_KM, reach

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
    ``n_if_like_known`` spreads them as the known are: one assumption among
    many, and no more likely for being simple. ``rank_best`` and ``rank_worst``
    are the ranks it could have among these. A group whose counts may not be added, and
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
    names = [*labels, *_PLACE, c.N, c.SHARE, c.SHARE_LOW, c.SHARE_HIGH, N_IF_LIKE_KNOWN,
             RANK_IF_ALL, RANK_IF_NONE, c.N_UNPLACED, schema.REASON]  # fmt: skip
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
