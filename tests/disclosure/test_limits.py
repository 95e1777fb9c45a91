"""What is proven of hidden counts, against exact bounds and against the method itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from linemap.disclosure import DFE, TEN_FIVE, Rule
from linemap.disclosure.margin_limits import MarginProblem, margin_problem
from linemap.disclosure.margin_protection import Search, protect_margins
from linemap.disclosure.views import (
    ANYWHERE,
    UNPLACED,
    Counts,
    CountTable,
    Tree,
    Views,
    protect_views,
)
from linemap.linear_programming import CountProgramme, sums_of

SMALL = Rule(threshold=5, base=3, interval=3, name="a small rule", source="a test")
Told = tuple[tuple[object, ...], ...]


def random_table(rng: np.random.Generator) -> CountTable:
    """Draw a table of one to four origins and a few places in up to three counties."""
    parents, levels = {UNPLACED: ANYWHERE}, {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED}
    if rng.random() < 0.5:
        parents["region:r"], levels["region:r"] = ANYWHERE, "region"
    leaves = [UNPLACED] if rng.random() < 0.3 else []
    for county in range(int(rng.integers(1, 4))):
        area = f"county:{county}"
        parents[area] = "region:r" if "region:r" in parents and rng.random() < 0.7 else ANYWHERE
        levels[area] = "county"
        leaves += [area] if rng.random() < 0.3 else []
        for number in range(int(rng.integers(1, 4))):
            town = f"town:{county}{number}"
            parents[town], levels[town] = area, "settlement"
            leaves.append(town)
    origins = [f"o{number}" for number in range(int(rng.integers(1, 5)))]
    origins += [UNPLACED] if rng.random() < 0.15 else []
    size = 2 * rng.choice([1.0, 2.0, 5.0, 10.0])
    rate = np.outer(rng.gamma(1, 1, len(origins)), rng.gamma(0.5, 1, len(leaves))) * size
    drawn = rng.poisson(rate)
    counts = {
        (origin, leaf): int(drawn[row, column])
        for row, origin in enumerate(origins)
        for column, leaf in enumerate(leaves)
        if drawn[row, column]
    }
    return CountTable((counts,), Tree(parents, levels)) if counts else random_table(rng)


def told(views: Views) -> Told:
    """All that a release of the views says."""
    sent = ((*place, n) for place, n in sorted(views.sent[0].items()) if n is not None)
    whole = ((place, n) for place, n in sorted(views.reached[0].items()) if n is not None)
    return (*sent, *whole, *((*name, n) for name, n in sorted(views.totals[0].items())))


class Witnesses(Search):
    """A search that keeps each table that it saw."""

    def __init__(self, problem: MarginProblem) -> None:
        super().__init__(problem)
        self.seen: list[np.ndarray] = []

    def see(self, table: np.ndarray) -> None:
        self.seen.append(table)
        super().see(table)


def places_of(problem: MarginProblem, views: Views) -> tuple[list[list[str]], Tree]:
    """Name the places of each column, some of them invented, and grow the tree of all."""
    tree, leaves = views.table.destinations, views.table.leaves
    named = {over for column in problem.columns for over in tree.upwards(column.node)}
    inside: dict[str, list[str]] = {}
    seen = set()
    for leaf in sorted(leaves):
        line = list(tree.upwards(leaf))
        at = next(at for at, over in enumerate(line) if over in named)
        if at and line[at - 1] not in seen:
            seen.add(line[at - 1])
            inside.setdefault(line[at], []).append(leaf)
    own = {column.node for column in problem.columns}
    new: dict[str, str] = {}
    result = []
    for column in problem.columns:
        if column.most is None:
            number, over = views.reached[0].get(column.node), tree.parents.get(column.node)
            alike = [
                leaf
                for leaf in sorted(leaves - own)
                if tree.parents[leaf] == over and views.reached[0].get(leaf) == number
            ]
            result.append([column.node, *alike][: column.places])
            continue
        places = [
            inside[column.node].pop(0) for _ in range(column.places) if inside.get(column.node)
        ]
        while len(places) < column.places:
            places.append(f"new:{len(new)}")
            new[places[-1]] = column.node
        result.append(places)
    levels = dict(tree.levels) | dict.fromkeys(new, "settlement")
    return result, Tree({**tree.parents, **new}, levels)


def table_of(
    problem: MarginProblem, views: Views, counts: np.ndarray, places: list[list[str]], tree: Tree
) -> CountTable:
    """Write what a search saw as a table, evenly where several places or origins are one."""
    named = {row.origin for row in problem.rows}
    quiet = [origin for origin in views.senders if origin not in named]
    window: dict[tuple[str, str], int] = {}
    into: dict[str, int] = {}
    for row, own in zip(problem.rows, counts.reshape(len(problem.rows), -1), strict=True):
        origins = [row.origin] if row.origin is not None else quiet[: row.origins]
        quiet = quiet if row.origin is not None else quiet[row.origins :]
        out = dict.fromkeys(origins, 0)
        for column, count in enumerate(own):
            for _ in range(int(count)):
                origin = min(out, key=lambda name: out[name])
                place = min(places[column], key=lambda name: into.get(name, 0))
                window[origin, place] = window.get((origin, place), 0) + 1
                out[origin] += 1
                into[place] = into.get(place, 0) + 1
    found: Counts = window
    return CountTable((found,), tree)


def settled(rule: Rule, number: int) -> Iterator[tuple[Views, MarginProblem]]:
    rng = np.random.default_rng(rule.threshold)
    for _ in range(number):
        views = protect_margins(random_table(rng), rule)
        yield views, margin_problem(views, 0, rule)


@pytest.mark.parametrize("rule", [TEN_FIVE, DFE, SMALL])
def test_the_tables_that_are_thought_of_lead_to_the_release(rule: Rule) -> None:
    """Each table that widens a range is run through the method, and shows the same numbers."""
    tables = 0
    for views, problem in settled(rule, 20):
        search = Witnesses(problem)
        assert search.begins()
        assert not search.narrow()
        goal, (places, tree) = told(views), places_of(problem, views)
        for counts in search.seen:
            if any(row.extra for row in problem.rows):
                continue  # an origin that the table does not have
            table = table_of(problem, views, counts, places, tree)
            assert told(protect_views(table, rule)) == goal
            tables += 1
    assert tables > 20


def exact(problem: MarginProblem, members: np.ndarray) -> tuple[float, float]:
    matrix = np.zeros((len(problem.bounds), problem.size))
    for row, bound in enumerate(problem.bounds):
        matrix[row, bound.members] = 1
    limits = LinearConstraint(
        matrix, [bound.low for bound in problem.bounds], [bound.high for bound in problem.bounds]
    )
    ends = []
    for sign in (1, -1):
        objective = np.zeros(problem.size)
        objective[members] = sign
        found = milp(objective, constraints=limits, bounds=Bounds(0, 1e6), integrality=1)
        ends.append(sign * found.fun)
    return ends[0], ends[1]


def test_no_range_is_thought_wider_than_it_is() -> None:
    """What the search saw of each hidden number lies in its exact range."""
    asked = 0
    for views, problem in settled(TEN_FIVE, 8):
        search = Search(problem)
        assert search.begins()
        assert not search.narrow()
        for position, target in enumerate(problem.targets):
            least, most = exact(problem, target.members)
            assert search.most[position] <= most + 1e-6, (told(views), target)
            assert target.empty or search.least[position] >= least - 1e-6, (told(views), target)
            asked += 1
    assert asked > 50


def test_what_goes_up_from_several_places_ranges_as_widely_as_it_must() -> None:
    """A place that is not named may be empty; all of them together are not, where some occur."""
    asked = 0
    for views, problem in settled(DFE, 60):
        width = len(problem.columns)
        for target in problem.targets:
            several = len({int(member) % width for member in target.members}) > 1
            named = any(problem.rows[member // width].origin for member in target.members)
            if not (several and named):
                continue
            least, most = exact(problem, target.members)
            asked += 1
            need = target.known if least > 0 else target.need
            assert most - least >= need or least >= target.unless, (told(views), target)
    assert asked > 50


def test_the_programme_finds_what_counting_out_all_tables_finds() -> None:
    """Tables of four counts, each from 0 to 6: every one is tried, and no solver is asked."""
    rng = np.random.default_rng(4)
    every = np.array(list(itertools.product(range(7), repeat=4)))
    for _ in range(200):
        # rows and columns of two by two, of which some have limits, and all together
        members = [np.array(m) for m in ([0, 1], [2, 3], [0, 2], [1, 3], [0, 1, 2, 3])]
        chosen = [m for m in members if rng.random() < 0.6] or members[:1]
        low = rng.integers(0, 8, len(chosen)).astype(float)
        high = low + rng.integers(0, 5, len(chosen))
        matrix = sums_of(chosen, 4)
        sums = every @ matrix.toarray().T
        fitting = every[((sums >= low) & (sums <= high)).all(axis=1)]
        programme = CountProgramme(matrix, low, high)
        target = np.zeros(4)
        target[rng.choice(4, int(rng.integers(1, 4)), replace=False)] = 1
        for sign in (1, -1):
            found = programme.table(sign * target, np.full(4, 6.0), close=sign < 0)
            if not len(fitting):
                assert found is None
                continue
            assert found is not None
            assert sign * (found @ target) == min(sign * (fitting @ target))
            assert (found == fitting).all(axis=1).any()


def test_a_small_table_keeps_both_views() -> None:
    """Two boroughs and a few towns: what all send is shown beside what each sends."""
    counts = {("x", f"town:a{n}"): 6 for n in range(4)} | {("y", f"town:a{n}"): 8 for n in range(4)}
    towns = {f"town:a{n}": "county:a" for n in range(4)}
    tree = Tree(
        {UNPLACED: ANYWHERE, "county:a": ANYWHERE, **towns},
        {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED, "county:a": "county"}
        | dict.fromkeys(towns, "settlement"),
    )
    views = protect_margins(CountTable((counts,), tree), TEN_FIVE)
    assert views.sent[0] == {("x", "county:a"): 25, ("y", "county:a"): 30}
    assert {place: n for place, n in views.reached[0].items() if n} == dict.fromkeys(towns, 15)


def test_what_may_occur_or_not_widens_nothing_that_must_be_wide_without_it() -> None:
    """An origin that a table need not have cannot be why another's number is uncertain."""
    tried = 0
    for _, problem in settled(SMALL, 20):
        search, width = Search(problem), len(problem.columns)
        extra = np.repeat([row.extra for row in problem.rows], width)
        if not extra.any() or search.extra.all():
            continue
        assert search.begins()
        before = search.least.copy(), search.most.copy()
        table = search.table(np.where(extra, -1.0, 0.0), np.full(problem.size, 1e6))
        assert table is not None
        if table[extra].any():
            search.see(table)
            for old, new in zip(before, (search.least, search.most), strict=True):
                assert np.array_equal(old[~search.extra], new[~search.extra])
            tried += 1
    assert tried > 2
