"""Which destinations an origin is linked to more than the others are."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import StatisticsError
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures._bootstrap import LEVEL
from linemap.measures._cells import cells
from linemap.measures._grouping import group
from linemap.measures._weighted import FloatArray
from linemap.measures.rates import poisson_interval

QUOTIENT: Final = "location_quotient"
EXPECTED_IF_ALIKE: Final = "expected_if_alike"


def location_quotients(
    flows: pd.DataFrame, *, level: float = LEVEL, gazetteer: Gazetteer | None = None
) -> pd.DataFrame:
    """Compare each origin's share of a destination with everyone's share of it.

    The location quotient is ``(n_ij / n_i.) / (n_.j / n_..)``: 1 where the origin
    is like the whole, 2 where it has twice the share. One row a pair of an
    origin and a destination that anyone reaches, ordered by names; pairs
    without a count have 0. ``low`` and ``high``: the log-normal interval with
    the delta-method variance of multinomial counts, ``1/n_ij - 1/n_i. - 1/n_.j +
    2 n_ij / (n_i. n_.j) - 1/n_..``; for a count of 0, 0 and the exact Poisson
    limit over ``expected_if_alike``. Small counts make wide intervals: read
    them before the quotient.

    Raises
    ------
    StatisticsError
        Counts that may not be added (statements of several origins never may),
        destinations at several levels, or fewer than two origins.
    """
    groups = group(flows, None, gazetteer)
    next(cells(groups)).require()
    rows = groups.measured
    table = pd.DataFrame(
        {
            schema.ORIGIN_ID: groups.flows[schema.ORIGIN_ID].to_numpy(object)[rows],
            schema.ORIGIN_NAME: groups.flows[schema.ORIGIN_NAME].to_numpy(object)[rows],
            schema.DESTINATION_ID: groups.flows[schema.DESTINATION_ID].to_numpy(object)[rows],
            schema.DESTINATION_NAME: groups.flows[schema.DESTINATION_NAME].to_numpy(object)[rows],
            c.N: groups.counts[rows],
        }
    )
    counts = table.pivot_table(
        index=[schema.ORIGIN_NAME, schema.ORIGIN_ID],
        columns=[schema.DESTINATION_NAME, schema.DESTINATION_ID],
        values=c.N,
        aggfunc="sum",
        fill_value=0,
    )
    if len(counts) < 2:
        raise StatisticsError("One origin alone is like itself: a location quotient needs two.")
    cell = counts.to_numpy(dtype=float)
    expected, quotient, low, high = _quotients(cell, level)
    names = counts.index.repeat(cell.shape[1])
    places = counts.columns.repeat(1).append([counts.columns] * (cell.shape[0] - 1))
    return pd.DataFrame(
        {
            schema.ORIGIN_ID: names.get_level_values(schema.ORIGIN_ID),
            schema.ORIGIN_NAME: names.get_level_values(schema.ORIGIN_NAME),
            schema.DESTINATION_ID: places.get_level_values(schema.DESTINATION_ID),
            schema.DESTINATION_NAME: places.get_level_values(schema.DESTINATION_NAME),
            c.N: cell.ravel().astype(np.int64),
            EXPECTED_IF_ALIKE: expected.ravel(),
            QUOTIENT: quotient.ravel(),
            schema.LOW: low.ravel(),
            schema.HIGH: high.ravel(),
        }
    )


def _quotients(
    cell: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Work out what is expected, the quotient, and its interval, of a table of counts."""
    origin, reached = cell.sum(axis=1, keepdims=True), cell.sum(axis=0, keepdims=True)
    total = cell.sum()
    expected = origin * reached / total
    quotient = cell / expected
    some = np.maximum(cell, 1)
    variance = 1 / some - 1 / origin - 1 / reached + 2 * some / (origin * reached) - 1 / total
    factor = np.exp(_normal(level) * np.sqrt(np.maximum(variance, 0.0)))
    limit = float(poisson_interval(0, level)[1])
    low = np.where(cell > 0, quotient / factor, 0.0)
    high = np.where(cell > 0, quotient * factor, limit / expected)
    return expected, quotient, low, high


def _normal(level: float) -> float:
    from scipy.special import ndtri  # late: scipy is slow to load

    return float(ndtri((1 + level) / 2))
