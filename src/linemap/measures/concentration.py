"""How unevenly counts are spread over their destinations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.gazetteer import Gazetteer
from linemap.measures._grouping import GroupCounts, Grouping, counts_by_group, group
from linemap.measures._statistics import (
    LEVEL,
    REPLICATES,
    FloatArray,
    percentile_interval,
    resample,
)
from linemap.measures.display import Estimate, tabulate

EXPECTED_IF_EVEN: Final = "expected_if_even"
DESTINATIONS: Final = "n_destinations"
ONE_PLACE: Final = "one destination alone is neither even nor uneven"
Counts = npt.NDArray[np.int64]


def _shares(counts: Counts) -> FloatArray:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def hhi(counts: Counts) -> FloatArray:
    """Herfindahl-Hirschman index of each row: the sum of squared shares, 1/k to 1."""
    return np.asarray(np.square(_shares(counts)).sum(axis=1))


def effective_number(counts: Counts) -> FloatArray:
    """How many equal destinations would be as concentrated: 1 / HHI (Hill number of order 2)."""
    return 1 / hhi(counts)


def entropy(counts: Counts) -> FloatArray:
    """Shannon entropy of each row in nats: 0 for one destination, ln k for k equal ones."""
    shares = _shares(counts)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(np.abs((shares * logs).sum(axis=1)))


def evenness(counts: Counts) -> FloatArray:
    """Pielou's evenness of each row: entropy over its largest value, ln k; NaN where k is 1."""
    k = counts.shape[1]
    return entropy(counts) / np.log(k) if k > 1 else np.full(len(counts), np.nan)


def theil(counts: Counts) -> FloatArray:
    """Theil's T of each row: ln k less the entropy; 0 where all are equal."""
    return np.asarray(np.maximum(np.log(counts.shape[1]) - entropy(counts), 0.0))


def gini(counts: Counts) -> FloatArray:
    """Gini coefficient of each row, as half the mean absolute difference over the mean.

    0 where all destinations are equal, (k - 1) / k where one has everything.
    """
    k = counts.shape[1]
    ordered = np.sort(counts, axis=1)
    ranks = 2 * np.arange(1, k + 1) - k - 1
    return np.asarray((ordered * ranks).sum(axis=1) / (k * counts.sum(axis=1)))


def share_top5(counts: Counts) -> FloatArray:
    """Share of each row that goes to its five largest destinations."""
    return np.asarray(-np.sort(-_shares(counts), axis=1)[:, :5].sum(axis=1))


INDICES: Final[dict[str, tuple[Callable[[Counts], FloatArray], str]]] = {
    "gini": (gini, "index"),
    "hhi": (hhi, "index"),
    "effective_number": (effective_number, "destinations"),
    "entropy_nats": (entropy, "nats"),
    "evenness": (evenness, "share"),
    "theil": (theil, "nats"),
    "share_top5": (share_top5, "share"),
}


def concentration(
    flows: pd.DataFrame,
    *,
    by: Grouping = "origin",
    destinations: Sequence[str] | None = None,
    rng: np.random.Generator | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Measure how concentrated each group's counts are on few destinations: ESTIMATES.

    One row a group and index: Gini, Herfindahl-Hirschman, its effective
    number, Shannon entropy, Pielou's evenness, Theil's T, and the share of the
    five largest; all over the k destinations that are reached at all
    (``n_destinations``), for zeros cannot be told from the unrecorded.
    With a closed set of `destinations` (place_ids that could all have been
    reached; that the list is closed is the caller's claim) those without a count
    take part as zeros. Statements must then print a figure, 0 included, for each;
    their n is then a number of links and not of people, and without such a list the
    indices are those of what was printed, which is a choice.

    Small counts look concentrated by chance alone. With `rng`,
    ``expected_if_even`` is the index's mean when n are dropped evenly over
    those k destinations, and ``low`` and ``high`` are a percentile bootstrap by
    record, which leans to the concentrated side for the same reason. Without
    it they are null. A group whose counts may not be added, or whose
    destinations are at several levels, has null estimates and the reason.
    """
    groups = group(flows, by, gazetteer)
    rows = []
    expected: list[float] = []
    reached: list[int] = []
    for cell in counts_by_group(groups, destinations=destinations):
        for estimate, chance in _indices(cell, rng, replicates, level):
            rows.append(
                (cell.labels, estimate, cell.n if cell.reason is None else None, cell.n_unplaced)
            )
            expected.append(chance)
            reached.append(len(cell.ids))
    table = tabulate(rows, list(groups.labels.columns))
    table.insert(
        list(table.columns).index(schema.HIGH) + 1, EXPECTED_IF_EVEN, np.array(expected, float)
    )
    table[DESTINATIONS] = np.array(reached, dtype=np.int64)
    return table


def _indices(
    cell: GroupCounts, rng: np.random.Generator | None, replicates: int, level: float
) -> list[tuple[Estimate, float]]:
    if cell.reason is not None:
        return [
            (Estimate(term, np.nan, unit, reason=cell.reason), np.nan)
            for term, (_, unit) in INDICES.items()
        ]
    observed = cell.counts[np.newaxis, :]
    drawn: dict[str, Any] = {}
    chance: dict[str, float] = {}
    if rng is not None:
        k = len(cell.counts)
        even = rng.multinomial(cell.n, np.full(k, 1 / k), size=min(replicates, 1_000))
        again = list(resample(cell.counts, replicates, rng))
        for term, (index, _) in INDICES.items():
            chance[term] = float(index(even).mean())
            drawn[term] = np.concatenate([index(block) for block in again])[:, np.newaxis]
    found = []
    for term, (index, unit) in INDICES.items():
        value = float(index(observed)[0])
        if np.isnan(value):
            found.append((Estimate(term, np.nan, unit, reason=ONE_PLACE), np.nan))
            continue
        low = high = np.array([np.nan])
        if term in drawn and cell.n > 1:
            low, high = percentile_interval(drawn[term], level)
        found.append(
            (
                Estimate(term, value, unit, low=float(low[0]), high=float(high[0])),
                chance.get(term, np.nan),
            )
        )
    return found
