"""Measure how finely simulated records are shown in each view, beside what the threshold allows.

    python benchmarks/disclosure/detail.py 4013 10 [quarter] [skewed]

Prints, for a number of records and of seeds, the median share of the records with a
place that are shown at each level, what the threshold alone would allow (of all
origins together: records at a town with enough, and so on up), and seconds of processor time.
In a skewed table the second borough and town have half of the records of the first, the third a
third, and so on: a few of each make up most of it.
"""

from __future__ import annotations

import sys
import time
from statistics import median

import pandas as pd

from linemap import schema
from linemap.disclosure import Release, Rule, protect
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.simulate import simulate_records

LEVELS = (schema.SETTLEMENT, schema.DISTRICT, schema.COUNTY, schema.FORCE, schema.REGION,
          schema.NATION)  # fmt: skip
VIEWS = (schema.WHERE_TO, schema.WHO_SENDS)
Shares = dict[tuple[str, str], float]


def shares(release: Release, placed: int) -> Shares:
    """Add up what each view shows at each level, as a share of the records with a place."""
    found: Shares = {}
    for name in VIEWS:
        view = release.views.get(name)
        for level in LEVELS:
            at = 0 if view is None else int(
                view.loc[view[schema.DESTINATION_LEVEL] == level, schema.COUNT].sum()
            )  # fmt: skip
            found[name, level] = at / placed
    return found


def skewed(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw the rows anew, so that each borough and town is as frequent as one over its rank."""
    weights = pd.Series(1.0, index=table.index)
    towns = table[schema.DESTINATION].where(table[schema.DESTINATION_LEVEL] == schema.SETTLEMENT)
    for names in (table[schema.ORIGIN], towns):
        counts = names.value_counts()
        ranks = pd.Series(range(1, len(counts) + 1), index=counts.index)
        drawn = names.map(1 / (ranks * counts))
        weights *= (drawn / drawn.mean()).fillna(1.0)
    return table.sample(len(table), replace=True, weights=weights, random_state=seed)


def main(records: int, seeds: int, *options: str) -> None:
    period = next((option for option in options if option != "skewed"), None)
    gazetteer, rule = Gazetteer.load(), Rule()
    runs: list[Shares] = []
    towns: list[float] = []
    seconds: list[float] = []
    for seed in range(1, seeds + 1):
        table = simulate_records(records, seed=seed).drop(columns="age_band")
        if "skewed" in options:
            table = skewed(table, seed).reset_index(drop=True)
        flows = build_flows(table, gazetteer=gazetteer, period=period, tags=[])
        placed = flows[flows[schema.DESTINATION_ID].notna()]
        whole = int(placed[schema.COUNT].sum())
        town = placed[placed[schema.DESTINATION_LEVEL] == schema.SETTLEMENT]
        keys = [schema.DESTINATION_ID, schema.PERIOD_START]
        sums = town.groupby(keys, dropna=False)[schema.COUNT].sum()
        towns.append(int(sums[sums >= rule.threshold].sum()) / whole)
        start = time.process_time()
        release = protect(flows, rule=rule, gazetteer=gazetteer)
        seconds.append(time.process_time() - start)
        runs.append(shares(release, whole))
    print(f"{records} records, {seeds} seeds, {', '.join(options) or 'one window'}")
    print(f"  towns that meet the threshold: {median(towns):.0%}; {median(seconds):.1f} s")
    for name in VIEWS:
        told = (f"{level} {median(run[name, level] for run in runs):.0%}" for level in LEVELS)
        print(f"  {name}: {', '.join(told)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
