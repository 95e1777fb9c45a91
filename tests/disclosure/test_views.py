"""The two views against every table there is: a reader who runs the method learns no more."""

from __future__ import annotations

import functools
from itertools import product

import pytest

from linemap.disclosure import DFE, NHS, TEN_FIVE, Rule
from linemap.disclosure.margin_protection import is_too_large, protect_margins
from linemap.disclosure.views import (
    ANYWHERE,
    UNPLACED,
    WHERE,
    CountTable,
    Tree,
    Views,
    protect_views,
)

A, B = "county:a", "county:b"
LEVELS = {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED, A: "county", B: "county"}
PARENTS = {UNPLACED: ANYWHERE, A: ANYWHERE, B: ANYWHERE}
TOWNS = ("town:a1", "town:a2", "town:b1")
TREE = Tree(
    PARENTS | {town: f"county:{town[5]}" for town in TOWNS},
    LEVELS | dict.fromkeys(TOWNS, "settlement"),
)
SMALL = Rule(threshold=5, base=3, interval=3, name="a small rule", source="a test")
Shown = tuple[tuple[object, ...], ...]


def told(views: Views) -> Shown:
    """All that a release of the views says."""
    sent = tuple((*place, n) for place, n in sorted(views.sent[0].items()) if n is not None)
    whole = tuple((WHERE, p, n) for p, n in sorted(views.reached[0].items()) if n is not None)
    return (*sent, *whole, *((*name, n) for name, n in sorted(views.totals[0].items())))


def replayed(
    origins: tuple[str, ...], towns: tuple[str, ...], most: int, rule: Rule
) -> dict[Shown, list[tuple[int, ...]]]:
    """Run the whole method on every table of counts up to `most`, by what it shows.

    Tables of which the first cut is the same, and in which the same places and
    origins occur, are settled once: the method sees nothing else of them until it leaves
    numbers out.
    """
    pairs = list(product(origins, towns))
    verdicts: dict[object, bool] = {}
    found: dict[Shown, list[tuple[int, ...]]] = {}
    for counts in product(range(most + 1), repeat=len(pairs)):
        table = CountTable((dict(zip(pairs, counts, strict=True)),), TREE)
        first = protect_views(table, rule)
        key = (told(first), table.leaves, tuple(table.rows))
        if key not in verdicts or not verdicts[key]:
            last = told(protect_margins(table, rule))
            verdicts[key] = last == told(first)
        else:
            last = told(first)
        found.setdefault(last, []).append(counts)
    return found


@functools.cache
def two_origins() -> dict[Shown, list[tuple[int, ...]]]:
    return replayed(("x", "y"), TOWNS[:1], 12, SMALL)


def test_no_hidden_count_is_narrower_than_the_interval_for_one_who_replays_the_method() -> None:
    for shown, tables in two_origins().items():
        alone = {(line[0], line[1]) for line in shown}
        for at, pair in enumerate(product(("x", "y"), TOWNS[:1])):
            if pair not in alone:
                values = [table[at] for table in tables]
                assert max(values) - min(values) >= SMALL.width, (shown, pair)


def test_nor_for_one_who_knows_one_record() -> None:
    pairs = list(product(("x", "y"), TOWNS[:1]))
    for shown, tables in two_origins().items():
        alone = {(line[0], line[1]) for line in shown}
        for own, at in ((0, 1), (1, 0)):
            values = [table[at] for table in tables if table[own]]
            if pairs[at] not in alone and values:
                assert max(values) - min(values) >= SMALL.width, (shown, own, at)


@pytest.mark.parametrize("rule", [TEN_FIVE, NHS, DFE])
def test_what_is_shown_beside_each_other_leaves_all_others_open(rule: Rule) -> None:
    """Of one origin's and all origins' numbers of a place, the rest is wide, or not under t."""
    for ours, theirs in product(range(0, 40, 3), range(12)):
        table = CountTable(
            ({("x", TOWNS[0]): ours, ("y", TOWNS[0]): theirs, ("z", TOWNS[0]): 1},), TREE
        )
        views = protect_margins(table, rule)
        whole = views.reached[0].get(TOWNS[0])
        sent = [n for (_, d), n in views.sent[0].items() if d == TOWNS[0] and n is not None]
        if whole is None or not sent or len(sent) == 3:
            continue
        low, high = rule.meaning(whole)
        most = high - sum(rule.meaning(n)[0] for n in sent)
        least = max(low - sum(rule.meaning(n)[1] for n in sent), 0)
        assert most - least >= rule.width or least >= rule.threshold


def test_a_known_example_keeps_many_tables_open() -> None:
    """12 and 1 under the NHS rule: 10 shown beside a total of 15 was one table of 676."""
    found = replayed(("x",), TOWNS[:2], 14, NHS)
    tables = next(tables for tables in found.values() if (12, 1) in tables)
    assert max(t[1] for t in tables) - min(t[1] for t in tables) >= NHS.width
    assert len(tables) > 20


@pytest.mark.parametrize("hidden", [{}, {("x", "town:a1"): 1}, {("y", "town:b1"): 4}])
def test_windows_with_few_records_or_none_change_nothing_elsewhere(
    hidden: dict[tuple[str, str], int],
) -> None:
    """Else the windows in which a place is shown tell how many others hold no record."""
    first = {("x", "town:a1"): 14, ("y", "town:b1"): 1}
    second = {("x", "town:a1"): 1, ("y", "town:b1"): 16}
    alone = protect_margins(CountTable((first, second), TREE), SMALL)
    beside = protect_margins(CountTable((first, second, hidden, hidden), TREE), SMALL)
    assert any(number is not None for number in alone.sent[0].values())
    assert beside.sent[:2] == alone.sent
    assert beside.reached[:2] == alone.reached
    assert beside.totals[:2] == alone.totals
    assert all(number is None for window in beside.sent[2:] for number in window.values())


@pytest.mark.parametrize("hidden", [1, 2, 4])
def test_an_origin_without_a_record_of_a_tag_looks_like_one_whose_records_are_hidden(
    hidden: int,
) -> None:
    """Else a tag that only one origin has tells that all others have none."""
    counts = {("x", "town:a1"): 14, ("x", "town:a2"): 21, ("x", "town:b1"): 30}
    known = frozenset({"x", "y"})
    alone = protect_margins(CountTable((counts,), TREE, known), SMALL)
    beside = protect_margins(CountTable((counts | {("y", "town:b1"): hidden},), TREE, known), SMALL)
    assert alone.whole is not None
    assert beside.sent == alone.sent
    assert beside.totals[0].keys() == alone.totals[0].keys()
    assert beside.reached[0].keys() == alone.reached[0].keys()


@pytest.mark.parametrize(("windows", "pairs"), [(1, 40_000), (2, 40_000), (3, 20_000)])
def test_the_size_of_a_table_alone_decides_whether_it_is_proven(windows: int, pairs: int) -> None:
    """The limits are those of the threat model; how many records a pair has does not matter."""
    for origins in (4, 10):
        for count in (1, 500):
            within = _large(windows, origins, pairs // origins, count)
            beyond = _large(windows, origins, pairs // origins + 1, count)
            assert (is_too_large(within), is_too_large(beyond)) == (False, True)


def test_a_table_too_large_to_prove_shows_what_each_origin_sends_alone() -> None:
    views = protect_margins(_large(1, 10, 4_001, 12), Rule())
    assert views.sent[0][UNPLACED, "t7"] == 10
    assert (views.reached[0], views.totals[0]) == ({}, {})


def _large(windows: int, origins: int, towns: int, count: int) -> CountTable:
    """Every record of the first origin, but for one of each other, in as many towns as asked."""
    names = [f"t{number}" for number in range(towns)]
    tree = Tree(
        {UNPLACED: ANYWHERE} | dict.fromkeys(names, ANYWHERE),
        {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED} | dict.fromkeys(names, "settlement"),
    )
    window = {(UNPLACED, name): count for name in names}
    window |= {(f"o{number}", names[0]): 1 for number in range(origins - 1)}
    return CountTable((window,) * windows, tree)
