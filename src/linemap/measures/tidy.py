"""Tidy results: one row an estimate, with what it is, its intervals, and its n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.flows.counting import TEXT
from linemap.measures import columns as c

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
    table[schema.REASON] = table[schema.REASON].astype(TEXT)
    return table
