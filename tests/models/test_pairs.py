"""The closed table of pairs in the toy world."""

from __future__ import annotations

import pandas as pd
import pytest

from linemap import schema
from linemap.errors import StatisticsError
from linemap.flows import measure_pairs
from linemap.models import fit_gravity, months, with_zero_pairs

TOWNS = ["settlement:eastby", "settlement:fernport", "settlement:glenmoor"]
MOVES = [
    ("borough:ashwick", TOWNS[0], 12),
    ("borough:ashwick", TOWNS[1], 4),
    ("borough:ashwick", TOWNS[2], 3),
    ("borough:birchgate", TOWNS[1], 6),
    ("borough:dunmere", TOWNS[2], 2),
    ("borough:dunmere", TOWNS[1], 1),
    ("borough:birchgate", None, 2),
]


@pytest.fixture(scope="module")
def moves() -> pd.DataFrame:
    table = pd.DataFrame(MOVES, columns=[schema.ORIGIN_ID, schema.DESTINATION_ID, schema.COUNT])
    return table.assign(
        input=schema.RECORDS,
        measure="referrals",
        period_start=["2024-01", *["2024-03"] * 6],
        period_end="2024-12",
    )


def test_every_pair_is_there_once_and_none_is_lost(moves, toy):
    pairs = with_zero_pairs(moves, destinations=TOWNS, gazetteer=toy)
    schema.require_contract(pairs, schema.FLOWS_CONTRACT)
    assert len(pairs) == 3 * 3
    assert pairs[schema.COUNT].sum() == 28  # 30 less the 2 without a place
    assert (pairs[schema.COUNT] == 0).sum() == 3
    keys = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    assert pairs[keys].apply(tuple, axis=1).is_monotonic_increasing
    ashwick_to_eastby = pairs.set_index(keys).loc[("borough:ashwick", TOWNS[0])]
    assert ashwick_to_eastby[schema.COUNT] == 12
    assert ashwick_to_eastby[schema.DESTINATION_NAME] == "Eastby"
    measured = measure_pairs(pairs[schema.ORIGIN_ID], pairs[schema.DESTINATION_ID], toy)
    pd.testing.assert_series_equal(pairs[schema.DISTANCE_KM], measured[schema.DISTANCE_KM])
    assert set(pairs[schema.PERIOD_START]) == {"2024-01"}


def test_the_residuals_are_flows(moves, toy):
    pairs = with_zero_pairs(moves, destinations=TOWNS, gazetteer=toy)
    left = fit_gravity(pairs, constraint="production").residuals()
    schema.require_contract(left, schema.FLOWS_CONTRACT)
    assert set(schema.MODEL_COLUMNS) <= set(left.columns)
    assert left.geometry.notna().all()


def test_an_origin_without_records_is_listed_when_asked_for(moves, toy):
    pairs = with_zero_pairs(
        moves,
        destinations=TOWNS,
        origins=["borough:ashwick", "borough:birchgate", "borough:cedarham", "borough:dunmere"],
        gazetteer=toy,
    )
    assert len(pairs) == 12
    assert pairs.loc[pairs[schema.ORIGIN_ID] == "borough:cedarham", schema.COUNT].sum() == 0


def test_flows_to_a_place_outside_the_list_are_not_dropped_in_silence(moves, toy):
    with pytest.raises(StatisticsError, match="2 pairs have a count and are not in the lists"):
        with_zero_pairs(moves, destinations=TOWNS[:2], gazetteer=toy)


def test_statements_are_refused(moves, toy):
    with pytest.raises(StatisticsError, match="overlap"):
        with_zero_pairs(moves.assign(input=schema.STATEMENTS), destinations=TOWNS, gazetteer=toy)


def test_months_count_both_ends():
    frame = pd.DataFrame(
        {
            schema.PERIOD_START: ["2018-01", "2019-05", None],
            schema.PERIOD_END: ["2019-03", "2020-04", "2020-04"],
        }
    )
    assert months(frame).tolist()[:2] == [15, 12]
    assert months(frame).isna().tolist() == [False, False, True]
