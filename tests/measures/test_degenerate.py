"""Whatever little there is, every measure answers or refuses with a reason, and never warns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from linemap import schema as s
from linemap.errors import LinemapError
from linemap.gazetteer import Gazetteer
from linemap.measures import (
    as_table,
    compare,
    concentration,
    distance_bands,
    far_ends,
    geography,
    location_quotients,
    monthly_rates,
    overlap,
    rank_agreement,
    ranks,
    rates,
    reach,
    reach_estimates,
    reach_if_known,
    senders,
    unknown_bounds,
)
from linemap.measures import columns as c

KM = [s.DISTANCE_LOW_KM, s.DISTANCE_P05_KM, s.DISTANCE_KM, s.DISTANCE_P95_KM, s.DISTANCE_HIGH_KM]
INPUTS: dict[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "no flow": lambda flows: flows.iloc[:0],
    "one flow": lambda flows: flows.iloc[[1]],
    "one flow of one": lambda flows: flows.iloc[[10]],
    "all unknown": lambda flows: flows[flows[s.DESTINATION_ID].isna()],
    "all at distance zero": lambda flows: flows.assign(
        **{column: flows[column].where(flows[column].isna(), 0.0) for column in KM}
    ),
    "one origin": lambda flows: flows[flows[s.ORIGIN_NAME] == "Ashwick"],
    "one destination": lambda flows: flows[flows[s.DESTINATION_NAME] == "Fernport"],
    "all zero": lambda flows: flows.assign(**{s.COUNT: pd.array([0] * 12, dtype="Int64")}),
    "all named": lambda flows: flows.assign(**{s.COUNT: pd.array([None] * 12, dtype="Int64")}),
    "another index": lambda flows: flows.set_axis([7] * 12),
}


def _two(measure: Callable[..., Any]) -> Callable[..., Any]:
    def both(flows: gpd.GeoDataFrame, **options: Any) -> pd.DataFrame:
        result = measure(flows, flows, rng=np.random.default_rng(0), **options)
        return result if isinstance(result, pd.DataFrame) else result.reach

    return both


def _drawn(measure: Callable[..., Any], by: Any) -> Callable[..., Any]:
    def with_rng(flows: gpd.GeoDataFrame, **options: Any) -> pd.DataFrame:
        return measure(flows, by=by, rng=np.random.default_rng(0), replicates=20, **options)

    return with_rng


def _dated(flows: gpd.GeoDataFrame, **options: Any) -> pd.DataFrame:
    year = flows.assign(**{s.PERIOD_START: "2024-01", s.PERIOD_END: "2024-12"})
    return _two(compare)(year, permutations=20, replicates=20, **options)


MEASURES: dict[str, Callable[..., pd.DataFrame]] = {
    "reach": reach,
    "reach of the whole": lambda flows, **o: reach(flows, by=None, **o),
    "reach by force": lambda flows, **o: reach(flows, by=["force", "period"], **o),
    "reach_estimates": _drawn(reach_estimates, "origin"),
    "reach_if_known": reach_if_known,
    "distance_bands": distance_bands,
    "far_ends": far_ends,
    "geography": _drawn(geography, None),
    "geography by origin": _drawn(geography, "origin"),
    "concentration": _drawn(concentration, None),
    "concentration by origin": _drawn(concentration, "origin"),
    "ranks": _drawn(ranks, "origin"),
    "unknown_bounds": unknown_bounds,
    "location_quotients": location_quotients,
    "overlap": overlap,
    "senders": lambda flows, **o: senders(flows, "county:westshire", **o),
    "rates": lambda flows, **o: rates(flows, pd.Series({"settlement:eastby": 1e5}), **o),
    "monthly_rates": monthly_rates,
    "rank_agreement": _two(rank_agreement),
    "compare": _dated,
}
# What of each result must not be null without a reason beside it.
ESTIMATES = (s.ESTIMATE, c.MEAN_KM, c.MEDIAN_KM, c.SHARE, "rate_per_100_000", "n_per_month",
             "overlap", "location_quotient")  # fmt: skip


@pytest.mark.parametrize("given", INPUTS)
@pytest.mark.parametrize("name", MEASURES)
def test_an_answer_or_a_clear_refusal(
    name: str, given: str, toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    flows = INPUTS[given](toy_flows)
    try:
        result = MEASURES[name](flows, gazetteer=toy)
    except LinemapError as refusal:
        assert len(str(refusal)) > 30  # noqa: PT017  (an answer is as good as a refusal)
        return
    if s.REASON in result:
        for column in ESTIMATES:
            if column in result:
                silent = result[column].isna() & result[s.REASON].isna()
                assert not silent.any(), result[silent]
    else:
        assert not result.drop(columns=s.PERIOD_START, errors="ignore").isna().any(axis=None)
    if given == "all unknown":
        as_table(result, title=name)
