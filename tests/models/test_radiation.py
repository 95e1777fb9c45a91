"""Radiation on three places in a row, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from linemap import schema
from linemap.errors import StatisticsError
from linemap.models import radiation

MASS = {"a": 10.0, "b": 20.0, "c": 30.0}
# a -1- b -2- c on a line
PAIRS = pd.DataFrame(
    {
        schema.ORIGIN_ID: list("aabbcc"),
        schema.DESTINATION_ID: list("bcacab"),
        schema.DISTANCE_KM: [1.0, 3.0, 1.0, 2.0, 3.0, 2.0],
        schema.COUNT: [40, 20, 10, 20, 30, 30],
    }
)
# a: 10*20/(10*30) = 2/3 to b; with b between, 10*30/(30*60) = 1/6 to c
# b: 20*10/(20*30) = 1/3 to a; with a between, 20*30/(30*60) = 1/3 to c
# c: with b between, 30*10/(50*60) = 1/10 to a; 30*20/(30*50) = 2/5 to b
SHARES = np.array([2 / 3, 1 / 6, 1 / 3, 1 / 3, 1 / 10, 2 / 5])
TOTALS = np.array([60, 60, 30, 30, 60, 60])


def test_the_infinite_variant_by_hand():
    got = radiation(PAIRS, mass=MASS, variant="infinite")
    np.testing.assert_allclose(got[schema.EXPECTED], SHARES * TOTALS)
    np.testing.assert_allclose(got[schema.RESIDUAL], PAIRS[schema.COUNT] - SHARES * TOTALS)


def test_both_normalised_variants_meet_the_totals_when_all_places_are_listed():
    for variant in ("finite", "origin totals"):
        got = radiation(PAIRS, mass=pd.Series(MASS), variant=variant)
        sums = got.groupby(schema.ORIGIN_ID)[schema.EXPECTED].sum()
        np.testing.assert_allclose(sums, [60, 30, 60])


def test_they_differ_when_the_origin_is_not_among_the_destinations():
    one = PAIRS[PAIRS[schema.ORIGIN_ID] == "a"]
    finite = radiation(one, mass=MASS, variant="finite")
    np.testing.assert_allclose(finite[schema.EXPECTED], SHARES[:2] / (1 - 10 / 60) * 60)


def test_places_equally_far_are_in_each_others_way():
    pairs = PAIRS.iloc[:2].assign(**{schema.DISTANCE_KM: [2.0, 2.0]})
    got = radiation(pairs, mass=MASS, variant="infinite")
    # to b: 10*20/(40*60), to c: 10*30/(30*60)
    np.testing.assert_allclose(got[schema.EXPECTED], [60 * 200 / 2400, 60 * 300 / 1800])


def test_those_who_stay_are_not_modelled():
    home = pd.DataFrame(
        {
            schema.ORIGIN_ID: ["a"],
            schema.DESTINATION_ID: ["a"],
            schema.DISTANCE_KM: [0.0],
            schema.COUNT: [99],
        }
    )
    got = radiation(pd.concat([PAIRS, home], ignore_index=True), mass=MASS, variant="infinite")
    assert np.isnan(got[schema.EXPECTED].iloc[-1])
    np.testing.assert_allclose(got[schema.EXPECTED].iloc[:6], SHARES * TOTALS)


@pytest.mark.parametrize(
    ("pairs", "mass", "options", "reason"),
    [
        (PAIRS, {"a": 1.0}, {}, "2 places have no mass"),
        (PAIRS, {**MASS, "b": -1.0}, {}, "negative"),
        (PAIRS, {**MASS, "a": 0.0}, {}, "no mass, so nobody"),
        (PAIRS, MASS, {"variant": "large"}, "choose from"),
        (pd.concat([PAIRS, PAIRS]), MASS, {}, "listed twice"),
        (PAIRS.assign(input=schema.STATEMENTS), MASS, {}, "overlap"),
        (PAIRS.iloc[:0], MASS, {}, "No row"),
    ],
)
def test_refusals_say_the_reason(pairs, mass, options, reason):
    with pytest.raises(StatisticsError, match=reason):
        radiation(pairs, mass=mass, **options)
