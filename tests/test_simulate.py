"""Simulated records: labelled, reproducible, and drawn from what was printed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from linemap import schema
from linemap.disclosure import SIMULATION, as_published, protect
from linemap.flows import toy_flows
from linemap.gazetteer import Gazetteer
from linemap.simulate import BOROUGH_TOTALS, FORCE_TOTALS, INDIVIDUALS, simulate_records


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


def test_totals_are_the_printed_ones_within_sampling_error(records: pd.DataFrame) -> None:
    """Of 33 boroughs and 9 forces none is further than 4.5 standard errors from its share."""
    drawn = records[records[schema.DESTINATION_LEVEL] == schema.FORCE]
    names = Gazetteer.load().places[schema.NAME]
    shares = {
        str(names[f"force:{slug}"]): n / sum(FORCE_TOTALS.values())
        for slug, n in FORCE_TOTALS.items()
    }
    for name, share in shares.items():
        error = (share * (1 - share) / len(drawn)) ** 0.5
        assert abs((drawn[schema.DESTINATION] == name).mean() - share) < 4.5 * error, name
    for slug, n in BOROUGH_TOTALS.items():
        share = n / INDIVIDUALS
        error = (share * (1 - share) / len(records)) ** 0.5
        found = (records[schema.ORIGIN] == names[f"borough:{slug}"]).mean()
        assert abs(found - share) < 4.5 * error, slug


def test_links_thin_out_with_distance(records: pd.DataFrame) -> None:
    """The law sends 23 % of Redbridge's links to Essex beside it, and 10 % of Hillingdon's."""
    force = records[schema.DESTINATION_WITHIN].fillna(records[schema.DESTINATION]).dropna()
    to_essex = (force == "Essex").groupby(records[schema.ORIGIN]).mean()
    assert to_essex["Redbridge"] > 1.6 * to_essex["Hillingdon"]


@pytest.mark.parametrize("measure", ["simulated links", "links"])
def test_what_is_simulated_says_so_in_every_release(measure: str) -> None:
    toy = Gazetteer.toy()
    flows = toy_flows().assign(measure=measure)
    flows[schema.COUNT] *= 5
    release = protect(flows, gazetteer=toy)
    for told in (release.stamps, release.caveats):
        assert (told[0] == SIMULATION) == (measure == "simulated links")
    assert (SIMULATION in release.stamp) == (measure == "simulated links")
    again = as_published(flows.assign(input=schema.STATEMENTS), gazetteer=toy, already_public=True)
    assert (SIMULATION in again.stamps) == (measure == "simulated links")


def test_every_row_is_one_link(records: pd.DataFrame) -> None:
    assert np.array_equal(records[schema.COUNT].unique(), [1])
    assert records[schema.INPUT].eq(schema.RECORDS).all()
