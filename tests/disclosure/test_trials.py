"""The large trials of the benchmarks, scaled down; their figures are in the benchmarks' results."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from linemap import schema
from linemap.disclosure import Rule, protect
from linemap.disclosure.release import seal
from linemap.gazetteer import Gazetteer


def test_no_hidden_count_of_a_random_table_is_recovered(trials: ModuleType) -> None:
    found = trials.tables(3, seed=11, aware=True)
    assert found.hidden > 50
    assert found.recovered == 0
    assert found.narrowest >= 5


def test_the_attacker_of_the_trials_can_recover(trials: ModuleType) -> None:
    """A total that leaves 1 or 2 for what is hidden is seen by the trials' attacker."""
    gazetteer, rule = Gazetteer.load(), Rule()
    places = gazetteer.places
    origin = places.index[places[schema.LEVEL] == schema.BOROUGH][0]
    towns = places.index[places[schema.COUNTY_ID] == "county:norfolk"][:2]
    counts = {(origin, towns[0], "2024-01"): 11, (origin, towns[1], "2024-01"): 1}
    release = protect(trials.flows_of(counts, gazetteer), rule=rule, gazetteer=gazetteer)
    assert trials.attack(release, counts, rule, gazetteer).narrowest >= 5
    summaries = {"origins": release.summaries["origins"].assign(n=pd.array([10], dtype="Int64"))}
    told = seal(
        flows=release.flows, places=release.places, summaries=summaries, rule=rule,
        basis=release.basis, account=release.account, attributions=(), caveats=(),
    )  # fmt: skip
    assert trials.attack(told, counts, rule, gazetteer).narrowest < 5


def test_one_record_more_is_not_pinned_with_the_ledger(trials: ModuleType) -> None:
    assert trials.pairs(2, seed=11, with_ledger=True) == 0


def test_hidden_flows_are_not_recovered_from_distances(trials: ModuleType) -> None:
    recovered, given = trials.distances(1, seed=11)
    assert recovered == 0
    assert given == 1
