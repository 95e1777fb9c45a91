"""Options of the measures that no other test gives: what each changes, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from linemap import measures
from linemap import schema as s
from linemap.flows import roll_up
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c

Measure = Callable[..., pd.DataFrame]


def draw() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def forces(toy_flows: gpd.GeoDataFrame, toy: Gazetteer) -> gpd.GeoDataFrame:
    return roll_up(toy_flows, s.FORCE, gazetteer=toy)


FORCES = ("force:metro", "force:northshire", "force:westshire")
LEVELLED: dict[str, Measure] = {
    "concentration": lambda flows, **more: measures.concentration(flows, rng=draw(), **more),
    "ranks": lambda flows, **more: measures.ranks(flows, rng=draw(), **more).rename(
        columns={c.RANK_LOW: s.LOW, c.RANK_HIGH: s.HIGH}
    ),
    "reach_estimates": lambda flows, **more: measures.reach_estimates(flows, rng=draw(), **more),
    "geography": lambda flows, **more: measures.geography(
        flows, rng=draw(), replicates=200, **more
    ),
    "rank_agreement": lambda flows, **more: measures.rank_agreement(
        flows, flows.iloc[::2], rng=draw(), destinations=FORCES, replicates=300, **more
    ),
    "location_quotients": measures.location_quotients,
    "rates": lambda flows, **more: measures.rates(
        flows, pd.Series(50_000, index=flows[s.DESTINATION_ID].dropna().unique()), **more
    ),
}


@pytest.mark.parametrize("name", LEVELLED)
def test_an_interval_of_a_lower_level_lies_within_that_of_a_higher_one(
    name: str, forces: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    narrow, wide = (LEVELLED[name](forces, level=level, gazetteer=toy) for level in (0.5, 0.99))
    ends = [table[[s.LOW, s.HIGH]].to_numpy(dtype=float) for table in (narrow, wide)]
    known = ~np.isnan(ends[0]).any(axis=1)
    assert known.any()
    assert (ends[0][known, 0] >= ends[1][known, 0]).all()
    assert (ends[0][known, 1] <= ends[1][known, 1]).all()
    assert (np.ptp(ends[0][known], axis=1) < np.ptp(ends[1][known], axis=1)).any()


def test_crimestats_ellipse_is_yuills_times_a_known_factor(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    yuill, crimestat = (
        measures.geography(toy_flows, definition=definition, gazetteer=toy)
        for definition in ("yuill", "crimestat")
    )
    axes = yuill[s.TERM].isin(["ellipse_major_km", "ellipse_minor_km"]) & yuill[s.ESTIMATE].notna()
    n = yuill.loc[axes, c.N].astype(float)
    assert axes.sum() >= 2
    factor = np.sqrt(2 * n / (n - 2))
    assert crimestat.loc[axes, s.ESTIMATE].tolist() == pytest.approx(
        (yuill.loc[axes, s.ESTIMATE] * factor).tolist()
    )
    pd.testing.assert_frame_equal(yuill[~axes], crimestat[~axes])


def test_the_median_centre_by_another_metric_moves_by_metres_alone(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    round_earth, plane = (
        measures.geography(toy_flows, median=metric, gazetteer=toy)
        for metric in ("geodesic", "euclidean")
    )
    centres = round_earth[s.TERM].str.startswith("median_centre").to_numpy()
    apart = (round_earth[s.ESTIMATE] - plane[s.ESTIMATE])[centres].abs()
    assert apart.max() < 0.001  # degrees: under 120 m
    pd.testing.assert_frame_equal(round_earth[~centres], plane[~centres])


def test_limits_of_reach_are_those_that_are_asked_for(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    table = measures.reach_estimates(toy_flows, by=None, beyond_km=(12.5, 40), gazetteer=toy)
    found = table.set_index(s.TERM)[s.ESTIMATE]
    placed = toy_flows.dropna(subset=[s.ORIGIN_ID, s.DESTINATION_ID, s.COUNT])
    counts = placed[s.COUNT].astype(float)
    for limit in (12.5, 40):
        share = counts[placed[s.DISTANCE_KM] > limit].sum() / counts.sum()
        assert found[c.share_beyond(limit)] == pytest.approx(share)
    assert c.share_beyond(50) not in found


def test_rates_by_origin_are_of_what_begins_there(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    residents = pd.Series(40_000, index=toy_flows[s.ORIGIN_ID].dropna().unique())
    table = measures.rates(toy_flows, residents, by="origin", gazetteer=toy)
    placed = toy_flows.dropna(subset=[s.ORIGIN_ID, s.DESTINATION_ID])
    sums = placed.groupby(s.ORIGIN_ID)[s.COUNT].sum()
    assert dict(zip(table[s.ORIGIN_ID], table[c.N], strict=True)) == sums.to_dict()


def test_bounds_of_the_unknown_by_origin_are_those_of_each_origin_alone(
    forces: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    table = measures.unknown_bounds(forces, by="origin", gazetteer=toy)
    assert table[s.ORIGIN_ID].nunique() > 1
    for origin, part in table.groupby(s.ORIGIN_ID):
        alone = measures.unknown_bounds(forces[forces[s.ORIGIN_ID] == origin], gazetteer=toy)
        shared = list(alone.columns)
        pd.testing.assert_frame_equal(part[shared].reset_index(drop=True), alone)


def test_a_table_shows_the_columns_that_are_asked_for(
    toy_flows: gpd.GeoDataFrame, toy: Gazetteer
) -> None:
    table = measures.reach(toy_flows, gazetteer=toy)
    page = measures.as_table(table, title="Reach", columns=[s.ORIGIN_NAME, c.N]).as_raw_html()
    heads = page.split("<thead", 1)[1].split("</thead>", 1)[0]
    assert heads.count("<th ") == 2
