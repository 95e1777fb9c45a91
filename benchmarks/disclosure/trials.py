"""Trials of disclosure control against attackers written apart from it.

Each trial makes counts at random, lets them out through the door, and has an
attacker compute what is hidden, who knows the rule, the tree of places, and
every origin, town and window that occurs. Nothing of linemap.auditing or of the
bounds in linemap.disclosure is used here.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from linemap import schema
from linemap.disclosure import Ledger, Release, Rule, protect
from linemap.flows.build import finish
from linemap.gazetteer import Gazetteer

Counts = dict[tuple[str, str, str], int]  # (origin, town, quarter's first month) to count
MOST = 10_000  # no count that the attacker thinks of is larger
QUARTERS = {"2024-01": "2024-03", "2024-04": "2024-06", "2024-07": "2024-09"}
PARENTS = tuple(schema.PARENT_IDS[level] for level in (
    "district", "borough", "county", "force", "region", "nation"))  # fmt: skip


def flows_of(counts: Mapping[tuple[str, str, str], int], gazetteer: Gazetteer) -> gpd.GeoDataFrame:
    """Write counts as a FLOWS frame of records."""
    places = gazetteer.places
    rows = [
        {
            schema.ORIGIN_ID: origin, schema.DESTINATION_ID: town, schema.PERIOD_START: start,
            schema.PERIOD_END: QUARTERS[start], schema.COUNT: count, schema.MEASURE: "trial",
            schema.ORIGIN_STATUS: schema.EXACT, schema.DESTINATION_STATUS: schema.EXACT,
        }
        for (origin, town, start), count in counts.items() if count
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(schema.FLOW_COLUMNS))
    for end in ("origin", "destination"):
        ids = table[f"{end}_id"]
        table[f"{end}_name"] = ids.map(places[schema.NAME])
        table[f"{end}_level"] = ids.map(places[schema.LEVEL])
    for column in schema.FLOW_COLUMNS:
        if column not in (schema.COUNT, schema.GEOMETRY):
            table[column] = table[column].astype(schema.TEXT_DTYPE)
    table[schema.COUNT] = table[schema.COUNT].astype("Int64")
    return finish(table, schema.RECORDS, (), gazetteer)


def random_counts(rng: np.random.Generator, gazetteer: Gazetteer) -> Counts:
    """Draw a table of origins by towns by quarters, most of it small, as such tables are."""
    places = gazetteer.places
    boroughs = places.index[places[schema.LEVEL] == schema.BOROUGH]
    towns = places[(places[schema.LEVEL] == schema.SETTLEMENT) & places[schema.COUNTY_ID].notna()]
    counties = rng.choice(towns[schema.COUNTY_ID].unique(), size=rng.integers(1, 4), replace=False)
    near = towns[towns[schema.COUNTY_ID].isin(counties)]
    origins = rng.choice(boroughs, size=rng.integers(2, 7), replace=False)
    chosen = rng.choice(near.index, size=min(int(rng.integers(2, 9)), len(near)), replace=False)
    quarters = list(QUARTERS)[: rng.integers(1, 4)]
    size = rng.choice([0.5, 2.0, 5.0, 12.0])
    rate = np.outer(rng.gamma(1, 1, len(origins)), rng.gamma(0.5, 1, len(chosen))) * 2 * size
    counts = {
        (str(o), str(t), q): int(rng.poisson(rate[i, j]))
        for i, o in enumerate(origins) for j, t in enumerate(chosen) for q in quarters
    }  # fmt: skip
    return counts if any(counts.values()) else random_counts(rng, gazetteer)


@dataclass(frozen=True)
class Ranges:
    """The attacker's range of each hidden count of a release."""

    hidden: int
    recovered: int
    narrowest: float


def above(place: str, places: pd.DataFrame) -> list[str]:
    """List a place and the areas around it, the last being everywhere."""
    found = [place]
    while True:
        row = places.loc[found[-1]]
        level = list(schema.PARENT_IDS.values())
        own = schema.PARENT_IDS.get(row[schema.LEVEL])
        start = PARENTS.index(own) + 1 if own in PARENTS else 0
        around = [row[c] for c in PARENTS[start:] if isinstance(row[c], str)]
        del level
        if not around:
            return [*found, "*"]
        found.append(around[0])


def attack(
    release: Release,
    counts: Counts,
    rule: Rule,
    gazetteer: Gazetteer,
    *,
    aware: bool = False,
    listed: bool = True,
) -> Ranges:
    """Bound every count that the release does not show, quarter by quarter.

    With `aware` the attacker also knows what the method itself tells. Unless `listed` they do not
    know in which places anybody was found: each area around those may have another one.
    """
    places = gazetteer.places
    hidden = recovered = 0
    narrowest = float("inf")
    for quarter in sorted({key[2] for key in counts}):
        inner = sorted({key[:2] for key in counts if key[2] == quarter})
        lines = {end: above(end, places) for pair in inner for end in pair}
        real = range(len(inner))
        if not listed:
            around = [
                line[at:]
                for _, town in inner
                for line in [lines[town]]
                for at in range(1, len(line) - 1)
            ]
            others = {f"another in {line[0]}": line for line in around}
            lines |= {name: [name, *line] for name, line in others.items()}
            inner += [(origin, name) for origin in {o for o, _ in inner} for name in others]
        truth = [counts.get((origin, town, quarter), 0) for origin, town in inner]
        rows, low, high, shown = _constraints(release, quarter, inner, lines, rule, truth)
        told = conditions(release, quarter, inner, lines, rule, truth) if aware else ([], [], [])
        rows, low, high = rows + told[0], low + told[1], high + told[2]
        limits = LinearConstraint(np.array(rows, dtype=float).reshape(-1, len(inner)), low, high)
        for position in real:
            if position in shown:
                continue
            ends = []
            for sign in (1, -1):
                objective = np.zeros(len(inner))
                objective[position] = sign
                found = milp(objective, constraints=limits, bounds=Bounds(0, MOST), integrality=1)
                assert found.x is not None, "the truth is a solution"
                ends.append(round(found.x[position]))
            hidden += 1
            recovered += ends[0] == ends[1]
            narrowest = min(narrowest, ends[1] - ends[0])
    return Ranges(hidden, recovered, narrowest)


def meaning(shown: int, rule: Rule) -> tuple[int, int]:
    """Say which counts round to a number that is shown."""
    return max(rule.threshold, shown - rule.base // 2), shown + (rule.base - 1) // 2


def _constraints(
    release: Release, quarter: str, inner: list[tuple[str, str]], lines: dict[str, list[str]],
    rule: Rule, truth: list[int],
) -> tuple[list[Any], list[float], list[float], set[int]]:  # fmt: skip
    """Write what is shown as limits of sums; the positions of the counts that stand alone in one.

    What an origin has nowhere shown is limited where that is so in truth: a window in which
    most is hidden, beside windows that show nothing, can hold more.
    """
    cells, every = _cells(release, quarter), _cells(release)
    holders = []
    for origin, town in inner:
        tried = ((origin, d) for d in lines[town])
        holders.append(next((cell for cell in tried if cell in every), None))
    rows, low, high, shown = [], [], [], set()

    def add(flags: list[bool], bounds: tuple[float, float]) -> None:
        rows.append(flags)
        low.append(bounds[0])
        high.append(bounds[1])

    for cell, number in cells.items():
        flags = [holder == cell for holder in holders]
        add(flags, meaning(number, rule))
        if sum(flags) == 1:
            shown.add(flags.index(True))
    for origin in {o for o, _ in inner}:
        flags = [
            o == origin and holder not in cells
            for (o, _), holder in zip(inner, holders, strict=True)
        ]
        most = 2 * (rule.threshold - 1)  # what two places inside can hold
        if sum(n for n, flag in zip(truth, flags, strict=True) if flag) <= most:
            add(flags, (0, most))
    cut = together(release)
    for area, number in together(release, quarter).items():
        holds = [_over(lines[town], cut) == area for _, town in inner]
        add(holds, meaning(number, rule))
    for name, column in (("origins", schema.ORIGIN_ID), ("destinations", schema.DESTINATION_ID)):
        table = release.summaries.get(name)
        for row in [] if table is None else table.to_dict("records"):
            if row[schema.PERIOD_START] == quarter and isinstance(row["n"], int):
                side = 0 if name == "origins" else 1
                flags = [row[column] in lines[pair[side]] for pair in inner]
                add(flags, meaning(row["n"], rule))
    whole = release.summaries.get("whole")
    for row in [] if whole is None else whole.to_dict("records"):
        if row[schema.PERIOD_START] == quarter and isinstance(row["n"], int):
            add([True] * len(inner), meaning(row["n"], rule))
    return rows, low, high, shown


def _cells(release: Release, quarter: str | None = None) -> dict[tuple[str, str], int]:
    """Return the numbers of each origin of a quarter, or those of any.

    All quarters have one cut: what one of them shows holds its places in the others too.
    """
    flows = release.flows
    if quarter is not None:
        flows = flows[flows[schema.PERIOD_START] == quarter]
    return {
        (o if isinstance(o, str) else "*", d if isinstance(d, str) else "*"): int(n)
        for o, d, n in zip(
            flows[schema.ORIGIN_ID], flows[schema.DESTINATION_ID], flows[schema.COUNT], strict=True
        )
    }


def together(release: Release, quarter: str | None = None) -> dict[str, int]:
    """Return the numbers of all origins together, by area ("*" for everywhere), likewise."""
    view = release.views.get(schema.WHERE_TO)
    if view is None:
        return {}
    if quarter is not None:
        view = view[view[schema.PERIOD_START] == quarter]
    areas = [d if isinstance(d, str) else "*" for d in view[schema.DESTINATION_ID]]
    return dict(zip(areas, view[schema.COUNT].astype(int), strict=True))


def _over(line: list[str], shown: Container[str]) -> str | None:
    return next((area for area in line if area in shown), None)


def conditions(
    release: Release, quarter: str, inner: list[tuple[str, str]], lines: dict[str, list[str]],
    rule: Rule, truth: list[int],
) -> tuple[list[Any], list[float], list[float]]:  # fmt: skip
    """Write what the method itself tells: what a place that is not shown holds at most.

    Of each origin it is under the threshold; of all together under what is asked beside
    the origins that are shown inside. What is not so in truth (a place that too few
    others could hide) is left out: no reader can know more.
    """
    sent, senders = _cells(release, quarter), _cells(release)
    whole, cut = together(release, quarter), together(release)
    lines = {area: line[at:] for line in lines.values() for at, area in enumerate(line)}
    areas = sorted({area for _, town in inner for area in lines[town]})
    rows, low, high = [], [], []

    def add(flags: list[bool], most: int) -> None:
        if any(flags) and sum(n for n, flag in zip(truth, flags, strict=True) if flag) <= most:
            rows.append(flags)
            low.append(0)
            high.append(most)

    def left(area: str, shown: Container[str], town: str) -> bool:
        line = lines[town]
        return area in line and _over(line[: line.index(area)], shown) is None

    for origin in sorted({o for o, _ in inner}):
        mine = {d for o, d in senders if o == origin}
        for area in areas:
            if (origin, area) not in sent:
                flags = [o == origin and left(area, mine, town) for o, town in inner]
                add(flags, rule.threshold - 1)
    for area in areas if whole or len({o for o, _ in inner}) > 1 else ():
        if area in whole or release.views.get(schema.WHERE_TO) is None:
            continue
        most = _room(area, lines, sent, whole, cut, rule)[2] - 1
        add([left(area, cut, town) for _, town in inner], most)
    return rows, low, high


def _room(
    area: str,
    lines: dict[str, list[str]],
    sent: dict[tuple[str, str], int],
    whole: dict[str, int],
    cut: dict[str, int],
    rule: Rule,
) -> tuple[int, int, int]:
    """Say how much of single origins an area must hold, how much more there is room for inside.

    And from which count on it would be shown where all origins are together.
    """
    must = spare = 0
    for inner in {line[0] for line in lines.values() if line[1:2] == [area]}:
        found = _room(inner, lines, sent, whole, cut, rule)
        must, spare = must + found[0], spare + found[1]
    own = sum(meaning(n, rule)[0] for (_, place), n in sent.items() if place == area)
    must, spare = must + max(own - spare, 0), max(spare - own, 0)
    asked = least = max(rule.threshold, must + min(rule.width + 1, rule.threshold - 1) + 3)
    while meaning(rule.rounded(least), rule)[0] < asked:
        least += 1
    if area in cut:
        held = meaning(whole[area], rule)[1] if area in whole else least - 1
        must, spare = 0, spare + max(held - must, 0)
    return must, spare, least


def one_child_more(counts: Counts, rng: np.random.Generator) -> tuple[Counts, tuple[str, str, str]]:
    """Add one record to one cell, empty ones too."""
    keys = sorted(counts)
    key = keys[rng.integers(len(keys))]
    return {**counts, key: counts[key] + 1}, key


def pinned(
    first: Release, second: Release, counts: Counts, more: Counts, rule: Rule, gazetteer: Gazetteer
) -> int:
    """Count the cells in which the one more record can be, given both releases.

    For each cell: is there a table that fits the first release and, with one
    record more in that cell, the second?
    """
    quarters = sorted({key[2] for key in counts})
    known = {
        quarter: _both(first, second, quarter, counts, more, rule, gazetteer)
        for quarter in quarters
    }
    fits = {at: _fits(matrix, low, high) for at, (matrix, _, low, high) in known.items()}
    possible = 0
    for quarter in quarters:
        if not all(fits[other] for other in quarters if other != quarter):
            continue
        matrix, shift, low, high = known[quarter]
        for position in range(matrix.shape[1]):
            step = shift * matrix[:, position]
            possible += _fits(matrix, low - step, high - step)
    return possible


def _both(
    first: Release,
    second: Release,
    quarter: str,
    counts: Counts,
    more: Counts,
    rule: Rule,
    gazetteer: Gazetteer,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Write what both releases show of a quarter: sums, which are of the second, their limits."""
    inner = sorted({key[:2] for key in counts if key[2] == quarter})
    lines = {end: above(end, gazetteer.places) for pair in inner for end in pair}
    one, two = (
        _constraints(release, quarter, inner, lines, rule, [of[(*pair, quarter)] for pair in inner])
        for release, of in ((first, counts), (second, more))
    )
    matrix = np.array([*one[0], *two[0]], dtype=float).reshape(-1, len(inner))
    shift = np.repeat([0.0, 1.0], [len(one[0]), len(two[0])])
    return matrix, shift, np.array([*one[1], *two[1]]), np.array([*one[2], *two[2]])


def _fits(matrix: np.ndarray, low: np.ndarray, high: np.ndarray) -> bool:
    """Say whether there is a table within the limits."""
    limits = LinearConstraint(matrix, low, high)
    return milp(np.zeros(matrix.shape[1]), constraints=limits, integrality=1).x is not None


def tables(
    trials: int, *, seed: int, rule: Rule | None = None, aware: bool = False, listed: bool = True
) -> Ranges:
    """Protect and attack `trials` random tables; add the results up."""
    rule, gazetteer = rule or Rule(), Gazetteer.load()
    rng = np.random.default_rng(seed)
    hidden = recovered = 0
    narrowest = float("inf")
    for _ in range(trials):
        counts = random_counts(rng, gazetteer)
        release = protect(flows_of(counts, gazetteer), rule=rule, gazetteer=gazetteer)
        found = attack(release, counts, rule, gazetteer, aware=aware, listed=listed)
        hidden, recovered = hidden + found.hidden, recovered + found.recovered
        narrowest = min(narrowest, found.narrowest)
    return Ranges(hidden, recovered, narrowest)


def pairs(trials: int, *, seed: int, with_ledger: bool) -> int:
    """Release two tables one record apart; count how often the record's cell is certain."""
    rule, gazetteer = Rule(), Gazetteer.load()
    rng = np.random.default_rng(seed)
    certain = 0
    for _ in range(trials):
        counts = random_counts(rng, gazetteer)
        more, _ = one_child_more(counts, rng)
        first = protect(flows_of(counts, gazetteer), rule=rule, gazetteer=gazetteer)
        ledger = Ledger().with_release(first) if with_ledger else None
        second = protect(flows_of(more, gazetteer), rule=rule, gazetteer=gazetteer, ledger=ledger)
        certain += pinned(first, second, counts, more, rule, gazetteer) == 1
    return certain


def distances(trials: int, *, seed: int) -> tuple[int, int]:
    """Hide three flows of a known total; return recoveries, and trials that gave a mean distance.

    The attacker tries every triple of counts of that total and keeps those that
    would have led to the same release, statistics of distance included.
    """
    gazetteer = Gazetteer.load()
    places = gazetteer.places
    rng = np.random.default_rng(seed)
    boroughs = places.index[places[schema.LEVEL] == schema.BOROUGH]
    towns = places[(places[schema.LEVEL] == schema.SETTLEMENT) & places[schema.COUNTY_ID].notna()]
    recovered = given = 0
    for _ in range(trials):
        origin = str(rng.choice(boroughs))
        chosen = [str(town) for town in rng.choice(towns.index, size=5, replace=False)]
        shown = [int(n) for n in rng.integers(10, 60, 2)]
        triple = [int(n) for n in rng.integers(1, 8, 3)]
        fixed = {(origin, t, "2024-01"): n for t, n in zip(chosen[:2], shown, strict=True)}
        secret = [(origin, town, "2024-01") for town in chosen[2:]]
        base = flows_of({**fixed, **dict.fromkeys(secret, 1)}, gazetteer)
        truth = _let_out(base, {**fixed, **dict(zip(secret, triple, strict=True))}, gazetteer)
        whole = truth.summaries.get("whole")
        given += whole is not None and bool(whole["mean_km"].notna().any())
        recovered += _alike(base, fixed, secret, sum(triple), _told(truth), gazetteer) == 1
    return recovered, given


def _let_out(base: gpd.GeoDataFrame, values: Counts, gazetteer: Gazetteer) -> Release:
    ends = zip(base[schema.ORIGIN_ID], base[schema.DESTINATION_ID], strict=True)
    counted = pd.array([values[origin, town, "2024-01"] for origin, town in ends], dtype="Int64")
    return protect(base.assign(count=counted), gazetteer=gazetteer)


def _alike(
    base: gpd.GeoDataFrame, fixed: Counts, secret: list[tuple[str, str, str]], total: int,
    told: str, gazetteer: Gazetteer,
) -> int:  # fmt: skip
    """Count the triples that lead to the same release, up to two: two is no recovery."""
    found = 0
    for first in range(total + 1):
        for second in range(total + 1 - first):
            triple = (first, second, total - first - second)
            values = {**fixed, **dict(zip(secret, triple, strict=True))}
            found += _told(_let_out(base, values, gazetteer)) == told
            if found > 1:
                return found
    return found


def _told(release: Release) -> str:
    columns = [schema.ORIGIN_ID, schema.DESTINATION_ID, schema.COUNT]
    tables = [release.flows[columns].to_csv(), *(t.to_csv() for t in release.summaries.values())]
    return "\n".join(tables)
