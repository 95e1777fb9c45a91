"""Counts for a model: what may be fitted, the empty pairs, and how well expected counts agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from linemap import schema
from linemap.errors import StatisticsError
from linemap.flows import PAIR_COLUMNS, measure_pairs
from linemap.gazetteer import Gazetteer
from linemap.windows import count_months


def require_disjoint(frame: pd.DataFrame) -> None:
    """Raise a :class:`StatisticsError` unless the counts of `frame` may be modelled together.

    Published statements overlap (a county and its town, one person linked to
    several areas, two papers on one figure), so no likelihood that multiplies
    over rows holds for them. Two measures do not add up, and a count that is
    hidden is not a zero.
    """
    if schema.holds_statements(frame):
        raise StatisticsError(
            "These are published statements: they overlap and rival each other, so they are no "
            "sample that a model could be fitted to. Models take records, each counted once."
        )
    found = frame[schema.MEASURE].dropna() if schema.MEASURE in frame.columns else pd.Series()
    if len(set(found)) > 1:
        measures = ", ".join(sorted(set(found.astype(str))))
        raise StatisticsError(
            f"These flows hold several measures ({measures}), which do not add up: fit one at a "
            f"time, flows[flows[{schema.MEASURE!r}] == ...]."
        )
    if schema.COUNT not in frame.columns:
        raise StatisticsError(f"The frame has no column {schema.COUNT!r} to model.")
    hidden = int(frame[schema.COUNT].isna().sum())
    if hidden:
        raise StatisticsError(
            f"{hidden} of {len(frame)} flows have no count. A hidden or unknown count is not a "
            "zero: fit the model before counts are protected, or leave those flows out."
        )


def months(frame: pd.DataFrame) -> pd.Series:
    """Count the months of each row's window, both ends in; null where an end is not stated."""
    ends = zip(frame[schema.PERIOD_START], frame[schema.PERIOD_END], strict=True)
    counted = [count_months(start, end) for start, end in ends]
    return pd.Series(counted, frame.index, dtype=float, name="months")


def with_zero_pairs(
    flows: pd.DataFrame,
    *,
    destinations: Sequence[str],
    origins: Sequence[str] | None = None,
    gazetteer: Gazetteer | None = None,
) -> gpd.GeoDataFrame:
    """Count every pair of a closed set, those where nobody was found among them.

    A flow table lists the pairs that occur. A gravity model must also see the
    pairs that did not, or it takes the far places that were reached by chance
    for typical ones. `destinations` lists the place_ids that could have
    occurred, at one level (all counties, say); that the list is closed is the
    caller's claim. `origins` are by default those of `flows`.

    Returns a FLOWS frame of one row a pair, ordered by origin and destination:
    ``count`` 0 where none was found, distances and lines of every pair. Windows
    and tags are added up, and the window is the whole; where windows differ
    between rows, call this for each and fit with an exposure. Rows without a
    place enter nothing. Like `flows`, it is private.

    Raises :class:`StatisticsError` for statements, several measures, hidden
    counts, or a flow whose places are not in the lists: roll those up first.
    """
    require_disjoint(flows)
    gazetteer = Gazetteer.load(gazetteer)
    keys = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    placed = flows.dropna(subset=keys)
    starts = sorted(set(placed[schema.ORIGIN_ID]) if origins is None else set(origins))
    index = pd.MultiIndex.from_product([starts, sorted(set(destinations))], names=keys)
    counted = placed.groupby(keys, observed=True)[schema.COUNT].sum()
    strangers = counted.index.difference(index)
    if len(strangers):
        shown = ", ".join(f"{origin} to {place}" for origin, place in list(strangers)[:3])
        raise StatisticsError(
            f"{len(strangers)} pairs have a count and are not in the lists of places: {shown}. "
            "Roll the flows up to the level of the lists, or add the places."
        )
    pairs = index.to_frame(index=False)
    pairs[schema.COUNT] = counted.reindex(index, fill_value=0).astype("Int64").to_numpy()
    measured = measure_pairs(pairs[schema.ORIGIN_ID], pairs[schema.DESTINATION_ID], gazetteer)
    pairs = pd.concat([_described(pairs, flows, gazetteer), measured], axis=1)
    return gpd.GeoDataFrame(
        pairs[list(schema.FLOW_COLUMNS)], geometry=schema.GEOMETRY, crs=measured.crs
    )


def _described(pairs: pd.DataFrame, flows: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Add the columns of FLOWS that say what a pair is."""
    names, levels = gazetteer.places[schema.NAME], gazetteer.places[schema.LEVEL]
    origin, destination = pairs[schema.ORIGIN_ID], pairs[schema.DESTINATION_ID]
    described = pairs.assign(
        **{
            schema.FLOW_ID: origin + " > " + destination,
            schema.INPUT: schema.RECORDS,
            schema.ORIGIN_NAME: origin.map(names),
            schema.ORIGIN_LEVEL: origin.map(levels),
            schema.ORIGIN_STATUS: schema.EXACT,
            schema.DESTINATION_NAME: destination.map(names),
            schema.DESTINATION_LEVEL: destination.map(levels),
            schema.DESTINATION_STATUS: schema.EXACT,
            schema.MEASURE: next(iter(flows[schema.MEASURE].dropna()), schema.DEFAULT_MEASURE),
            schema.SOURCE: _only(flows[schema.SOURCE]) if schema.SOURCE in flows else None,
            schema.PERIOD_START: flows[schema.PERIOD_START].dropna().min() or None,
            schema.PERIOD_END: flows[schema.PERIOD_END].dropna().max() or None,
        }
    )
    lacking = [column for column in schema.FLOW_COLUMNS if column not in described.columns]
    geography = {schema.GEOMETRY, *PAIR_COLUMNS}
    return described.assign(**{column: None for column in lacking if column not in geography})


def _only(values: pd.Series) -> str | None:
    """Return the one value that a column holds; None where it holds none or several."""
    found = values.dropna().unique()
    return str(found[0]) if len(found) == 1 else None


def usable_pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a model can use: placed, with a distance, counted."""
    require_disjoint(frame)
    needed = [schema.ORIGIN_ID, schema.DESTINATION_ID, schema.DISTANCE_KM]
    lacking = [column for column in needed if column not in frame.columns]
    if lacking:
        raise StatisticsError("The frame has no column " + ", ".join(map(repr, lacking)) + ".")
    rows = frame.dropna(subset=needed)
    if rows.empty:
        raise StatisticsError("No row has both places and a distance, so nothing can be fitted.")
    if not np.isfinite(rows[schema.DISTANCE_KM].to_numpy(float)).all():
        raise StatisticsError("A distance is infinite.")
    return rows


Floats = NDArray[np.float64]


def _both(observed: ArrayLike, expected: ArrayLike) -> tuple[Floats, Floats]:
    seen = np.asarray(observed, dtype=float)
    told = np.asarray(expected, dtype=float)
    if seen.shape != told.shape or seen.ndim != 1:
        raise StatisticsError(
            f"Observed and expected counts must be two lists of one length, not of shapes "
            f"{seen.shape} and {told.shape}."
        )
    if seen.size == 0:
        raise StatisticsError("No pair was given, so nothing can be compared.")
    if not (np.isfinite(seen).all() and np.isfinite(told).all()):
        raise StatisticsError("A count is unknown: leave its pair out of both lists.")
    if (seen < 0).any() or (told < 0).any():
        raise StatisticsError("A count is negative.")
    return seen, told


def common_part_of_commuters(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give the share of all counts that the two tables have in common, 0 to 1.

    Twice the sum of the smaller count of each pair, over the sum of both
    tables: the common part of commuters (CPC) of Gargiulo and others (2012)
    and Lenormand and others (2012), the Sorensen-Dice index of whole tables.
    Two empty tables agree: 1. This is not :func:`mean_cell_sorensen`, which
    averages over pairs and so gives a pair of 1 the weight of a pair of 1,000.

    >>> common_part_of_commuters([3, 1], [1, 3])
    0.5
    """
    seen, told = _both(observed, expected)
    total = float(seen.sum() + told.sum())
    return 1.0 if total == 0 else float(2 * np.minimum(seen, told).sum() / total)


def mean_cell_sorensen(observed: ArrayLike, expected: ArrayLike) -> float:
    """Average the Sorensen similarity of each pair's two counts, 0 to 1.

    What spint calls SSI. A pair where both counts are zero agrees and counts
    as 1, so the statistic rises with the number of empty pairs.

    >>> round(mean_cell_sorensen([3, 1], [1, 1]), 3)
    0.75
    """
    seen, told = _both(observed, expected)
    total = seen + told
    similar = np.ones_like(total)
    np.divide(2 * np.minimum(seen, told), total, out=similar, where=total > 0)
    return float(similar.mean())


def srmse(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give the root mean square error over the mean observed count.

    The standardised root mean square error of Knudsen and Fotheringham (1986):
    0 is perfect; there is no upper limit.

    Raises :class:`StatisticsError` where every observed count is zero.
    """
    seen, told = _both(observed, expected)
    if seen.sum() == 0:
        raise StatisticsError("Every observed count is zero, so SRMSE has no scale.")
    return float(np.sqrt(np.mean((seen - told) ** 2)) / seen.mean())


def poisson_deviance(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give twice the log-likelihood that a Poisson model falls short of a saturated one.

    McCullagh and Nelder (1989), 2.3. Infinite where a pair was seen that the
    model holds impossible.
    """
    seen, told = _both(observed, expected)
    if ((told == 0) & (seen > 0)).any():
        return float("inf")
    positive = seen > 0
    log_ratio = np.zeros_like(seen)
    log_ratio[positive] = seen[positive] * np.log(seen[positive] / told[positive])
    return float(2 * np.sum(log_ratio - (seen - told)))


def deviance_explained(observed: ArrayLike, expected: ArrayLike) -> float:
    """Give D2, the share of the Poisson deviance of one constant mean that the model explains.

    Null (NaN) where all observed counts are equal: there is nothing to explain.
    """
    seen, _ = _both(observed, expected)
    null = poisson_deviance(seen, np.full_like(seen, seen.mean()))
    if null <= 1e-12 * max(1.0, float(seen.sum())):
        return float("nan")
    return 1 - poisson_deviance(observed, expected) / null


def compare_counts(observed: ArrayLike, expected: ArrayLike) -> pd.Series:
    """Compare observed with expected counts, of whatever model: the statistics of one table.

    One number a pair in each list, in the same order; zeros belong in both. A Series:
    ``n_pairs``, ``n_zero_pairs`` (observed), ``total``, ``expected_total``, ``deviance``
    (Poisson), ``d2``, ``srmse``, ``common_part_of_commuters``, ``mean_cell_sorensen``.

    Raises :class:`StatisticsError` for null or negative counts, for no pair, for lists of
    different lengths, and where every observed count is zero.
    """
    seen, told = _both(observed, expected)
    return pd.Series(
        {
            "n_pairs": float(seen.size),
            "n_zero_pairs": float((seen == 0).sum()),
            "total": float(seen.sum()),
            "expected_total": float(told.sum()),
            "deviance": poisson_deviance(seen, told),
            "d2": deviance_explained(seen, told),
            "srmse": srmse(seen, told),
            "common_part_of_commuters": common_part_of_commuters(seen, told),
            "mean_cell_sorensen": mean_cell_sorensen(seen, told),
        },
        dtype=float,
    )


# ── Do counts vary more than a Poisson model allows? Tested and said ────────────────────────
@dataclass(frozen=True, slots=True)
class Dispersion:
    """The regression test of over-dispersion, and Pearson's ratio beside it.

    ``phi`` estimates variance over mean (1 under Poisson) where the variance
    grows with the mean; ``alpha`` the excess where it grows with the mean's
    square, as in the negative binomial. Each has its z and one-sided p, small
    when the counts vary too much. ``pearson`` is Pearson's chi-square over its
    degrees of freedom, the scale of quasi-Poisson errors; null without them.
    """

    phi: float
    phi_z: float
    phi_p: float
    alpha: float
    alpha_z: float
    alpha_p: float
    pearson: float

    @property
    def overdispersed(self) -> bool:
        """Say whether either test is significant at 5 %."""
        return min(self.phi_p, self.alpha_p) < 0.05

    def __repr__(self) -> str:
        return f"<Dispersion: {self}>"

    def __str__(self) -> str:
        verdict = (
            "Counts vary more than a Poisson model allows: its own errors are too small"
            if self.overdispersed
            else "No sign that counts vary more than a Poisson model allows"
        )
        return (
            f"{verdict} (variance over mean {self.phi:.2f}, p {_p(self.phi_p)}; "
            f"negative-binomial alpha {self.alpha:.3f}, p {_p(self.alpha_p)})."
        )


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def _slope_through_zero(response: np.ndarray, regressor: np.ndarray) -> tuple[float, float]:
    """Regress without a constant; give the slope and its z."""
    squares = float(regressor @ regressor)
    slope = float(regressor @ response) / squares
    left = response - slope * regressor
    error = float(np.sqrt((left @ left) / (response.size - 1) / squares))
    if error <= 1e-12 * max(1.0, abs(slope)):
        return slope, float(np.copysign(np.inf, slope)) if slope else 0.0
    return slope, slope / error


def dispersion_test(observed: ArrayLike, expected: ArrayLike, *, n_terms: int = 0) -> Dispersion:
    """Test equal mean and variance against more, after a Poisson fit.

    Cameron and Trivedi (1990), the auxiliary regressions of
    ((y - mu)^2 - y) / mu on a constant and on mu, without intercept. Pairs that
    are expected to be exactly zero are left out. `n_terms` is the number of
    fitted parameters. Raises :class:`StatisticsError` with fewer than three pairs.
    """
    from scipy.stats import norm

    seen = np.asarray(observed, dtype=float)
    told = np.asarray(expected, dtype=float)
    seen, told = seen[told > 0], told[told > 0]
    if seen.size < 3:
        raise StatisticsError(
            f"Over-dispersion cannot be tested on {seen.size} pairs: three or more are needed."
        )
    response = ((seen - told) ** 2 - seen) / told
    phi, phi_z = _slope_through_zero(response, np.ones_like(told))
    alpha, alpha_z = _slope_through_zero(response, told)
    freedom = seen.size - n_terms
    pearson = float(np.sum((seen - told) ** 2 / told)) / freedom if freedom > 0 else float("nan")
    return Dispersion(
        phi=1 + phi,
        phi_z=phi_z,
        phi_p=float(norm.sf(phi_z)),
        alpha=alpha,
        alpha_z=alpha_z,
        alpha_p=float(norm.sf(alpha_z)),
        pearson=pearson,
    )
