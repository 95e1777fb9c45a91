"""Simulated records: labelled, reproducible, and drawn from what was printed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from linemap import schema
from linemap.gazetteer import Gazetteer
from linemap.simulate import simulate_records


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return simulate_records(20_000, seed=7)


def test_the_same_seed_gives_the_same_rows(records: pd.DataFrame) -> None:
    assert_frame_equal(records, simulate_records(20_000, seed=7))
    assert not records.equals(simulate_records(20_000, seed=8))


def test_every_row_says_that_it_is_simulated(records: pd.DataFrame) -> None:
    assert records[schema.MEASURE].str.contains("simulated").all()
    assert records[schema.SOURCE].str.startswith("Simulated, not observed").all()


def test_shares_are_the_printed_ones(records: pd.DataFrame) -> None:
    """A binomial share of 20,000 lies within 5 standard errors (at most 1.8 points) of its own."""
    level = records[schema.DESTINATION_LEVEL]
    assert level.notna().mean() == pytest.approx(0.71, abs=0.018)
    assert (level == schema.SETTLEMENT).mean() == pytest.approx(0.44, abs=0.018)
    assert (records["age_band"] == "under 18").mean() == pytest.approx(0.34, abs=0.018)
    lambeth = (records[schema.ORIGIN] == "Lambeth").mean()
    assert lambeth == pytest.approx(271 / 4013, abs=0.009)


def test_every_town_lies_in_the_force_beside_it(records: pd.DataFrame) -> None:
    gazetteer = Gazetteer.load()
    places = gazetteer.places
    towns = records[records[schema.DESTINATION_LEVEL] == schema.SETTLEMENT]
    pairs = towns[[schema.DESTINATION, schema.DESTINATION_WITHIN]].drop_duplicates()
    settlements = places[places[schema.LEVEL] == schema.SETTLEMENT]
    named = settlements[[schema.NAME, schema.FORCE_ID]].assign(
        force=places[schema.NAME].reindex(settlements[schema.FORCE_ID]).to_numpy()
    )
    found = pairs.merge(
        named, left_on=list(pairs.columns), right_on=[schema.NAME, "force"], how="left"
    )
    assert len(found) == len(pairs)
    assert found["force"].notna().all()


def test_every_row_is_one_link(records: pd.DataFrame) -> None:
    assert np.array_equal(records[schema.COUNT].unique(), [1])
    assert records[schema.INPUT].eq(schema.RECORDS).all()
