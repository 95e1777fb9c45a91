"""The radiation model: expected counts from where people live, with nothing to fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from linemap import schema
from linemap.errors import StatisticsError
from linemap.models.pairs import usable_pairs

RadiationVariant = Literal["infinite", "finite", "origin totals"]
VARIANTS: tuple[RadiationVariant, ...] = ("infinite", "finite", "origin totals")
Floats = NDArray[np.float64]


def radiation(
    pairs: pd.DataFrame,
    *,
    mass: Mapping[str, float] | pd.Series,
    variant: RadiationVariant = "origin totals",
) -> pd.DataFrame:
    """Add what the radiation model expects of each pair, without any parameter.

    Simini, Gonzalez, Maritan and Barabasi (2012): of those who leave i, the
    share m_i n_j / ((m_i + s_ij)(m_i + n_j + s_ij)) goes to j, where m and n are
    the masses of i and j and s_ij is the mass of all other places of the frame
    at most as far from i as j is (i and j themselves left out; places equally
    far count). `mass` gives the mass of each place by id: populations that the
    caller brings. What lies between is known only for the places of the frame,
    so it must list all pairs (:func:`with_zero_pairs`); opportunities in places
    that it does not name are not seen. Pairs within one place are left as
    expected null: the model is of those who leave.

    Variants, all with the origin's observed total T_i of its outward pairs:

    - ``"infinite"``: T_i times the share, as published; the shares of an origin
      sum to less than 1 in a finite country;
    - ``"finite"``: over 1 - m_i / M, with M the mass of all places of the frame
      (Masucci, Serras, Johansson and Batty 2013);
    - ``"origin totals"``: the shares of each origin scaled to sum to 1, so that
      its total is met, as a production-constrained gravity model does.

    Returns the frame's usable rows with ``expected``, ``residual``,
    ``pearson_residual`` (over the root of expected). Raises
    :class:`StatisticsError` for statements, several measures, hidden counts, a
    pair listed twice, a place without a mass, or a negative one.
    """
    if variant not in VARIANTS:
        raise StatisticsError(
            f"No variant is called {variant!r}: choose from {', '.join(VARIANTS)}."
        )
    rows = usable_pairs(pairs)
    keys = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    if rows.duplicated(keys).any():
        raise StatisticsError("A pair is listed twice: add its windows up with with_zero_pairs.")
    masses = _masses(rows, mass)
    expected = pd.Series(np.nan, index=rows.index)
    whole = float(sum(masses.values()))
    for origin, own in rows.groupby(schema.ORIGIN_ID):
        away = own[own[schema.DESTINATION_ID] != origin]
        share = _shares(away, masses, float(masses[str(origin)]))
        if variant == "finite":
            share = share / (1 - masses[str(origin)] / whole)
        if variant == "origin totals" and share.sum() > 0:
            share = share / share.sum()
        expected.loc[away.index] = share * away[schema.COUNT].sum()
    return _with_residuals(rows, expected)


def _with_residuals(rows: pd.DataFrame, expected: pd.Series) -> pd.DataFrame:
    residual = rows[schema.COUNT].astype(float) - expected
    return rows.assign(
        **{
            schema.EXPECTED: expected,
            schema.RESIDUAL: residual,
            schema.PEARSON_RESIDUAL: residual / np.sqrt(expected.where(expected > 0)),
        }
    )


def _masses(rows: pd.DataFrame, mass: Mapping[str, float] | pd.Series) -> dict[str, float]:
    places = sorted({*rows[schema.ORIGIN_ID], *rows[schema.DESTINATION_ID]})
    given = {str(key): float(value) for key, value in mass.items()}
    lacking = [place for place in places if not np.isfinite(given.get(place, np.nan))]
    if lacking:
        raise StatisticsError(
            f"{len(lacking)} places have no mass: {', '.join(lacking[:3])}. Bring one for each."
        )
    wrong = [place for place in places if given[place] < 0]
    if wrong:
        raise StatisticsError(f"A mass is negative: {', '.join(wrong[:3])}.")
    still = [place for place in sorted(set(rows[schema.ORIGIN_ID])) if given[place] == 0]
    if still:
        raise StatisticsError(f"An origin has no mass, so nobody radiates: {', '.join(still[:3])}.")
    return {place: given[place] for place in places}


def _shares(away: pd.DataFrame, masses: Mapping[str, float], own: float) -> Floats:
    """Give each destination's share of those who leave, in the rows' order."""
    there = away[schema.DESTINATION_ID].map(masses).to_numpy(float)
    distance = away[schema.DISTANCE_KM].to_numpy(float)
    order = np.argsort(distance, kind="stable")
    within = np.cumsum(there[order])
    last_as_far = np.searchsorted(distance[order], distance, side="right") - 1
    between = within[last_as_far] - there
    return np.asarray(own * there / ((own + between) * (own + there + between)))
