"""How counts are spread over destinations: their order, who sends to each, concentration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import UnknownPlaceError
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures._grouping import GroupCounts, Grouping, both_unplaced, counts_by_group, group
from linemap.measures._statistics import (
    LEVEL,
    REPLICATES,
    FloatArray,
    IntArray,
    percentile_interval,
    resample,
)
from linemap.measures.display import Estimate, tabulate
from linemap.measures.reach import reach

TOO_FEW_SHARED: Final = "fewer than 3 destinations, which have no meaningful order"
ALL_TIED: Final = "all destinations are tied in one of the two"


def rank_of(counts: np.ndarray) -> FloatArray:
    """Rank each row's counts, the largest first; ties share the better rank."""
    order = np.sort(counts, axis=1)
    ranks = [
        counts.shape[1] - np.searchsorted(row, values, side="right") + 1
        for row, values in zip(order, counts, strict=True)
    ]
    return np.array(ranks, dtype=np.float64)


def ranks(
    flows: pd.DataFrame,
    *,
    by: Grouping = None,
    destinations: Sequence[str] | None = None,
    rng: np.random.Generator | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Rank each group's destinations by count, with bootstrap intervals of the rank.

    One row a group and destination, the largest count first, ties (which share
    the better rank) by name. ``share`` is of the group's n. With `rng`,
    ``rank_low`` and ``rank_high`` are the percentile interval of the rank when
    records are drawn again: two places whose intervals overlap are not
    reliably ordered. Without it they are null. A group whose counts may not be
    added has one row with no destination and the reason.

    With a closed set of `destinations` (place_ids that could all have been
    reached; that the list is closed is the caller's claim) those without a count
    take part as zeros. Statements must then print a figure, 0 included, for each.
    Of statements ``share`` is null: their figures are ranked and not added.
    """
    groups = group(flows, by, gazetteer)
    rows: list[dict[str, Any]] = []
    for cell in counts_by_group(groups, destinations=destinations):
        rows += _ranked(cell, rng, replicates, level)
    if schema.holds_statements(flows):
        rows = [row | {c.SHARE: np.nan} for row in rows]
    labels = [label for label in groups.labels.columns if label not in _PLACE]
    names = [*labels, *_PLACE, c.N, c.SHARE, c.RANK, c.RANK_LOW, c.RANK_HIGH, c.N_UNPLACED,
             schema.REASON]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    for column in (c.N, c.N_UNPLACED, c.RANK):
        table[column] = table[column].astype("Int64")
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    return table.sort_values(
        [*labels, c.RANK, schema.DESTINATION_NAME, schema.DESTINATION_ID],
        kind="stable", ignore_index=True,
    )  # fmt: skip


_PLACE: Final = (schema.DESTINATION_ID, schema.DESTINATION_NAME)


def _ranked(
    cell: GroupCounts, rng: np.random.Generator | None, replicates: int, level: float
) -> list[dict[str, Any]]:
    if cell.reason is not None:
        return [
            {**cell.labels, **dict.fromkeys(_PLACE), c.N_UNPLACED: cell.n_unplaced,
             schema.REASON: cell.reason}
        ]  # fmt: skip
    order = rank_of(cell.counts[np.newaxis, :])[0]
    low = high = np.full(len(order), np.nan)
    if rng is not None:
        drawn = [rank_of(block) for block in resample(cell.counts, replicates, rng)]
        low, high = percentile_interval(np.vstack(drawn), level)
    return [
        {
            **cell.labels,
            schema.DESTINATION_ID: place,
            schema.DESTINATION_NAME: name,
            c.N: int(count),
            c.SHARE: count / cell.n,
            c.RANK: int(order[i]),
            c.RANK_LOW: low[i],
            c.RANK_HIGH: high[i],
            c.N_UNPLACED: cell.n_unplaced,
            schema.REASON: None,
        }
        for i, (place, name, count) in enumerate(
            zip(cell.ids, cell.names, cell.counts, strict=True)
        )
    ]


def rank_agreement(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    destinations: Sequence[str] | None = None,
    rng: np.random.Generator | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Say how alike two periods (or groups) order the same destinations: ESTIMATES.

    Two rows: Spearman's rho and Kendall's tau-b of the counts, over every
    destination reached in either (0 where not reached; of statements, only
    those that both print). With `rng`, percentile intervals
    by drawing both sets of records again. n is both together.

    With a closed set of `destinations` (place_ids that could all have been
    reached; that the list is closed is the caller's claim) those without a count
    take part as zeros. Statements must then print a figure, 0 included, for each.

    Raises
    ------
    StatisticsError
        Counts that may not be added, or destinations at several levels.
    """
    first, second = (
        next(counts_by_group(group(flows, None, gazetteer), destinations=destinations))
        for flows in (before, after)
    )
    first.require()
    second.require()
    counts = aligned(first, second)
    if destinations is None and schema.holds_statements(before):
        counts = counts[:, (counts > 0).all(axis=0)]  # what is not printed is not zero
    values, reason = _agreement(counts[0], counts[1])
    lows = highs = np.full(2, np.nan)
    if rng is not None and reason is None:
        drawn = np.array(
            [
                _agreement(a, b)[0]
                for a, b in zip(
                    np.vstack(list(resample(counts[0], replicates, rng))),
                    np.vstack(list(resample(counts[1], replicates, rng))),
                    strict=True,
                )
            ]
        )
        lows, highs = percentile_interval(drawn[~np.isnan(drawn).any(axis=1)], level)
    unplaced = both_unplaced(first, second)
    nothing: dict[str, Any] = {}
    rows = [
        (
            nothing,
            Estimate(term, values[i], "correlation", lows[i], highs[i], reason=reason),
            first.n + second.n,
            unplaced,
        )
        for i, term in enumerate(("spearman_rho", "kendall_tau_b"))
    ]
    return tabulate(rows, [])


def aligned(first: GroupCounts, second: GroupCounts) -> IntArray:
    """Lay two groups' counts beside each other, over the destinations of either, by place_id."""
    places = sorted({*first.ids, *second.ids})
    return np.array(
        [
            [dict(zip(cell.ids, cell.counts, strict=True)).get(place, 0) for place in places]
            for cell in (first, second)
        ],
        dtype=np.int64,
    )


def _agreement(first: IntArray, second: IntArray) -> tuple[tuple[float, float], str | None]:
    from scipy.stats import kendalltau, spearmanr  # late: scipy.stats is slow to load

    if len(first) < 3:
        return (np.nan, np.nan), TOO_FEW_SHARED
    if len(np.unique(first)) == 1 or len(np.unique(second)) == 1:
        return (np.nan, np.nan), ALL_TIED
    return (
        float(spearmanr(first, second).statistic),
        float(kendalltau(first, second).statistic),
    ), None


# ── Who sends where: the origins of one destination, and what two origins have in common ────
N_SHARED: Final = "n_shared"
JACCARD: Final = "jaccard"
OVERLAP: Final = "overlap"
OTHER_ID: Final = "other_id"
OTHER_NAME: Final = "other_name"


def senders(
    flows: pd.DataFrame,
    destination: str,
    *,
    level: str | None = None,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Rank the origins linked to a destination or to any place in it: "whom should we call?".

    `destination` is a place_id (``"force:norfolk"``), or a name that only one
    place of the gazetteer (at `level`, if given) bears. One row an origin:
    ``n``, its ``share`` and ``cumulative_share``; ``n_named`` (rows that name
    without counting); the mean distance and its range; ``reason``. The largest
    count first, then who is named most, then by name. Statements are never
    added: an origin with several figures has no n, and the reason, and no
    origin has a share.

    Raises
    ------
    UnknownPlaceError
        A destination that the gazetteer does not hold.
    """
    gazetteer = Gazetteer.load(gazetteer)
    place = _place(destination, level, gazetteer)
    members = list(gazetteer.members(place))
    ids = flows[schema.DESTINATION_ID].astype(object)
    inside = (ids == place) | ids.isin(members)
    inside |= gazetteer.parent_at(ids, gazetteer.places[schema.LEVEL][place]) == place
    for part in (schema.COUNTY, schema.BOROUGH):  # what a group or a region is made of
        inside |= gazetteer.parent_at(ids, part).isin(members)
    summary = reach(flows[inside.to_numpy(dtype=bool)], by="origin", gazetteer=gazetteer)
    total = int(summary[c.N].fillna(0).sum())
    table = summary[[schema.ORIGIN_ID, schema.ORIGIN_NAME, c.N]].copy()
    known = total and not schema.holds_statements(flows)
    share = summary[c.N].astype(float) / total if known else summary[c.N].astype(float) * np.nan
    table[c.SHARE] = share
    for column in (c.N_NAMED, c.MEAN_KM, c.low(c.MEAN_KM), c.high(c.MEAN_KM), schema.REASON):
        table[column] = summary[column]
    table = table.sort_values(
        [c.N, c.N_NAMED, schema.ORIGIN_NAME],
        ascending=[False, False, True],
        na_position="last",
        kind="stable",
        ignore_index=True,
    )
    running = table[c.SHARE].fillna(0).cumsum().where(table[c.SHARE].notna())
    table.insert(4, c.CUMULATIVE_SHARE, running)
    return table


def _place(destination: str, level: str | None, gazetteer: Gazetteer) -> str:
    places = gazetteer.places
    if destination in places.index:
        return destination
    bears = places[schema.NAME].str.casefold() == destination.casefold()
    found = places.index[bears & (True if level is None else places[schema.LEVEL] == level)]
    if len(found) == 1:
        return str(found[0])
    hint = f" It could be {', '.join(found)}." if len(found) else " Geocode it first."
    raise UnknownPlaceError(f"{destination!r} is not the name of one place.{hint}")


def overlap(flows: pd.DataFrame, *, gazetteer: Gazetteer | None = None) -> pd.DataFrame:
    """Compare the destinations of every two origins: one row a pair of origins, by name.

    ``n_shared`` destinations are reached by both, counted or named;
    ``jaccard`` is their share of those that either reaches. ``overlap`` is the
    common part of the two distributions of counts, the sum of the smaller
    shares (Schoener 1970, Ecology 51), 0 to 1; null with a reason where the
    counts of either may not be added or are at several levels.
    """
    groups = group(flows, "origin", gazetteer)
    found = list(counts_by_group(groups))
    ids = groups.flows[schema.DESTINATION_ID].to_numpy(object)
    reached = [
        frozenset(ids[groups.reached & (groups.number == number)]) for number in range(len(groups))
    ]
    known = [cell for cell in found if pd.notna(cell.labels[schema.ORIGIN_ID])]
    known.sort(key=lambda cell: (cell.labels[schema.ORIGIN_NAME], cell.labels[schema.ORIGIN_ID]))
    rows = []
    for first, second in combinations(known, 2):
        a, b = reached[first.number], reached[second.number]
        reason = _why_not(first, second)
        rows.append(
            {
                schema.ORIGIN_ID: first.labels[schema.ORIGIN_ID],
                schema.ORIGIN_NAME: first.labels[schema.ORIGIN_NAME],
                OTHER_ID: second.labels[schema.ORIGIN_ID],
                OTHER_NAME: second.labels[schema.ORIGIN_NAME],
                N_SHARED: len(a & b),
                JACCARD: len(a & b) / len(a | b) if a | b else np.nan,
                OVERLAP: _common(first, second) if reason is None else np.nan,
                schema.REASON: reason if a | b else "neither reaches a place",
            }
        )
    names = [
        schema.ORIGIN_ID,
        schema.ORIGIN_NAME,
        OTHER_ID,
        OTHER_NAME,
        N_SHARED,
        JACCARD,
        OVERLAP,
        schema.REASON,
    ]
    table = pd.DataFrame(rows, columns=names)
    table[schema.REASON] = table[schema.REASON].astype(schema.TEXT_DTYPE)
    return table


def _why_not(first: GroupCounts, second: GroupCounts) -> str | None:
    for cell in (first, second):
        if cell.reason is not None:
            return f"{cell.labels[schema.ORIGIN_NAME]}: {cell.reason}"
    levels = {place.partition(":")[0] for cell in (first, second) for place in cell.ids}
    tiers = {schema.COUNTY if level == schema.BOROUGH else level for level in levels}
    return "the two are at different levels" if len(tiers) > 1 else None


def _common(first: GroupCounts, second: GroupCounts) -> float:
    a, b = aligned(first, second)
    return float(np.minimum(a / a.sum(), b / b.sum()).sum())


EXPECTED_IF_EVEN: Final = "expected_if_even"
ONE_PLACE: Final = "one destination alone is neither even nor uneven"
CountArray = npt.NDArray[np.int64]


def _shares(counts: CountArray) -> FloatArray:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def hhi(counts: CountArray) -> FloatArray:
    """Herfindahl-Hirschman index of each row: the sum of squared shares, 1/k to 1."""
    return np.asarray(np.square(_shares(counts)).sum(axis=1))


def effective_number(counts: CountArray) -> FloatArray:
    """How many equal destinations would be as concentrated: 1 / HHI (Hill number of order 2)."""
    return 1 / hhi(counts)


def entropy(counts: CountArray) -> FloatArray:
    """Shannon entropy of each row in nats: 0 for one destination, ln k for k equal ones."""
    shares = _shares(counts)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(np.abs((shares * logs).sum(axis=1)))


def evenness(counts: CountArray) -> FloatArray:
    """Pielou's evenness of each row: entropy over its largest value, ln k; NaN where k is 1."""
    k = counts.shape[1]
    return entropy(counts) / np.log(k) if k > 1 else np.full(len(counts), np.nan)


def theil(counts: CountArray) -> FloatArray:
    """Theil's T of each row: ln k less the entropy; 0 where all are equal."""
    return np.asarray(np.maximum(np.log(counts.shape[1]) - entropy(counts), 0.0))


def gini(counts: CountArray) -> FloatArray:
    """Gini coefficient of each row, as half the mean absolute difference over the mean.

    0 where all destinations are equal, (k - 1) / k where one has everything.
    """
    k = counts.shape[1]
    ordered = np.sort(counts, axis=1)
    ranks = 2 * np.arange(1, k + 1) - k - 1
    return np.asarray((ordered * ranks).sum(axis=1) / (k * counts.sum(axis=1)))


def share_top5(counts: CountArray) -> FloatArray:
    """Share of each row that goes to its five largest destinations."""
    return np.asarray(-np.sort(-_shares(counts), axis=1)[:, :5].sum(axis=1))


INDICES: Final[dict[str, tuple[Callable[[CountArray], FloatArray], str]]] = {
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
    (``n_destinations``), since a zero cannot be told from what was not recorded.
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
    table[c.N_DESTINATIONS] = np.array(reached, dtype=np.int64)
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
