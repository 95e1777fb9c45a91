"""All records by the values of a tag: a view of its own, linked to the others by its total."""

from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linemap import schema
from linemap.auditing import audit, review_release
from linemap.briefing import brief
from linemap.disclosure import DFE, TEN_FIVE, Ledger, Release, Rule, margin_protection, protect
from linemap.disclosure.margin_limits import Bound, add_values, margin_problem
from linemap.disclosure.margin_protection import Search, protect_margins, shown_by_tag
from linemap.disclosure.release import TOO_LARGE, WHAT_BY_TAG_IS, release_of
from linemap.disclosure.views import ANYWHERE, UNPLACED, CountTable, Tree, Views, kind_of_tag
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer
from linemap.release import MANIFEST, write_release
from linemap.release.manifest import manifest_bytes

AGES = ("10 to 14", "15 to 17", "18 and over")
PAIRS = {
    ("Ashwick", "Eastby"): 43,
    ("Ashwick", "Fernport"): 14,
    ("Birchgate", "Fernport"): 26,
    ("Cedarham", "Eastby"): 8,
    ("Dunmere", "Eastby"): 17,
    ("Dunmere", "Northshire"): 12,
}


def by_tag(release: Release) -> dict[tuple[str, str | None], int]:
    table = release.summaries.get(schema.BY_TAG)
    if table is None:
        return {}
    values = table[schema.TAG_VALUE].astype(object).where(table[schema.TAG_VALUE].notna(), None)
    names = zip(table[schema.TAG_HEADING], values, strict=True)
    return dict(zip(names, table[schema.COUNT].tolist(), strict=True))


def tagged(flows_of, together, **ages: dict[tuple[str, str], int]):
    """Make FLOWS of counts by age, the words of an age with underscores."""
    return together(*(flows_of(pairs, age=age.replace("_", " ")) for age, pairs in ages.items()))


@pytest.fixture
def flows(flows_of, together):
    """Some links, a quarter of them of one age and a few of another."""
    few = {("Ashwick", "Eastby"): 3, ("Dunmere", "Eastby"): 1}
    quarter = {pair: count // 4 for pair, count in PAIRS.items()}
    rest = {pair: n - quarter[pair] - few.get(pair, 0) for pair, n in PAIRS.items()}
    return tagged(flows_of, together, u_15=few, u_18=quarter, adult=rest)


def test_a_tag_leaves_the_other_views_as_they_are(flows, flows_of, toy: Gazetteer) -> None:
    with_tag = protect(flows, gazetteer=toy)
    without = protect(flows_of(PAIRS), gazetteer=toy)
    for name, view in without.views.items():
        assert pd.DataFrame(with_tag.views[name]).equals(pd.DataFrame(view)), name
    for name, table in without.summaries.items():
        assert with_tag.summaries[name].equals(table), name
    assert WHAT_BY_TAG_IS in with_tag.caveats


def test_all_records_stand_once_by_the_values_of_a_tag(flows, toy: Gazetteer) -> None:
    release = protect(flows, gazetteer=toy)
    assert by_tag(release) == {("age", "u 18"): 30, ("age", "adult"): 90}
    assert "u 15" not in str(release.summaries[schema.BY_TAG])
    assert release.tags == ("age",)
    assert audit(release, gazetteer=toy).passed


def test_what_has_no_value_is_a_value_of_its_own(flows_of, together, toy: Gazetteer) -> None:
    half = {pair: count // 2 for pair, count in PAIRS.items()}
    parts = flows_of(half, age="under 18"), flows_of(PAIRS).assign(age=None)
    release = protect(together(*parts), gazetteer=toy)
    assert by_tag(release) == {("age", None): 120, ("age", "under 18"): 60}


def test_tags_divide_every_pair_where_that_is_asked(flows, toy: Gazetteer) -> None:
    release = protect(flows, gazetteer=toy, cross_tags=True)
    assert "age" in release.flows
    assert schema.BY_TAG not in release.summaries
    assert release.tags == ()


@pytest.mark.parametrize("ages", [(116, 4), (120, 0), (111, 9)])
def test_one_value_alone_tells_of_nearly_everybody_and_is_not_shown(ages: tuple[int, int]) -> None:
    views = protect_margins(one_window(), TEN_FIVE)
    values = {age: n for age, n in zip(("adult", "child"), ages, strict=True) if n}
    assert shown_by_tag(views, {"age": [values]}, TEN_FIVE) == ({},)


def one_window() -> CountTable:
    towns = {f"town:a{n}": "county:a" for n in range(4)}
    tree = Tree(
        {UNPLACED: ANYWHERE, "county:a": ANYWHERE, **towns},
        {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED, "county:a": "county"}
        | dict.fromkeys(towns, "settlement"),
    )
    counts = {(origin, town): 15 for origin in "xy" for town in towns}
    return CountTable((counts,), tree)


def random_table(rng: np.random.Generator) -> CountTable:
    """Draw two or three origins and up to six towns in two counties, in one window or two."""
    parents, levels = {UNPLACED: ANYWHERE}, {ANYWHERE: ANYWHERE, UNPLACED: UNPLACED}
    for county in "ab":
        parents[f"county:{county}"], levels[f"county:{county}"] = ANYWHERE, "county"
        for number in range(int(rng.integers(1, 4))):
            parents[f"town:{county}{number}"] = f"county:{county}"
            levels[f"town:{county}{number}"] = "settlement"
    towns = [place for place, level in levels.items() if level == "settlement"]
    windows = []
    for _ in range(int(rng.integers(1, 3))):
        drawn = rng.poisson(rng.choice([3.0, 8.0, 20.0]), (3, len(towns)))
        windows.append(
            {
                (origin, town): int(drawn[row, column])
                for row, origin in enumerate("xyz")
                for column, town in enumerate(towns)
                if drawn[row, column]
            }
        )
    return CountTable(tuple(windows), Tree(parents, levels))


def meant(rule: Rule, number: int) -> range:
    """List the counts that a number by tag stands for."""
    low, high = rule.meaning(number, total=True)
    return range(low, high + 1)


def totals_that_fit(views: Views, at: int, rule: Rule) -> tuple[int, int]:
    """Say how few and how many records a window can hold by both other views."""
    search = Search(margin_problem(views, at, rule))
    ends = [search.table(sign * np.ones(search.problem.size), search.surely) for sign in (1, -1)]
    few, many = (int(found.sum()) for found in ends if found is not None)
    return few, many


@pytest.mark.parametrize("rule", [TEN_FIVE, DFE])
def test_what_is_shown_by_tag_leaves_every_value_and_all_others_uncertain(rule: Rule) -> None:
    """All tables of three values are listed that fit what is shown and the other views' total."""
    rng = np.random.default_rng(rule.threshold)
    base, shown = rule.total_base or rule.base, 0
    for _ in range(16):
        table = random_table(rng)
        views = protect_margins(table, rule)
        shares = rng.dirichlet([1.0, 1.0, 0.2])
        drawn = [dict(zip(AGES, rng.multinomial(n, shares), strict=True)) for n in table.sizes]
        values = [{age: int(n) for age, n in window.items() if n} for window in drawn]
        listed = sorted(set().union(*values))
        for at, numbers in enumerate(shown_by_tag(views, {"age": values}, rule)):
            if not numbers:
                continue
            shown += 1
            kind = kind_of_tag("age")
            assert all(
                numbers[kind, a] == rule.shown(values[at][a], total=True) for _, a in numbers
            )
            hidden = range(rule.threshold)
            boxes = [
                meant(rule, n) if n is not None else hidden
                for n in (numbers.get((kind, age)) for age in listed)
            ]
            few, many = totals_that_fit(views, at, rule)
            fitting = [t for t in itertools.product(*boxes) if few <= sum(t) <= many]
            assert fitting
            for position, age in enumerate(listed):
                own = {t[position] for t in fitting}
                others = {sum(t) - t[position] for t in fitting}
                if (kind, age) not in numbers:
                    assert max(own) - min(own) >= rule.width
                else:
                    assert max(own) - min(own) >= min(len(boxes[position]) - 1, base // 2)
                assert max(others) - min(others) >= rule.width or min(others) >= rule.threshold
    assert shown > 5


@pytest.mark.parametrize("rule", [TEN_FIVE, DFE])
def test_the_views_stay_as_uncertain_beside_what_is_shown_by_tag(rule: Rule) -> None:
    """The total that the values tell is a limit of the other views, and of what they hide."""
    rng = np.random.default_rng(rule.base)
    shown = left_out = 0
    for _ in range(16):
        table = random_table(rng)
        views = protect_margins(table, rule)
        values = [dict(zip(AGES[:2], (n // 3, n - n // 3), strict=True)) for n in table.sizes]
        for at, numbers in enumerate(shown_by_tag(views, {"age": values}, rule)):
            told = [meant(rule, n) for n in numbers.values()]
            shown, left_out = shown + bool(told), left_out + (not told)
            if not told:
                continue
            few, many = totals_that_fit(views, at, rule)
            low, high = sum(map(min, told)), sum(map(max, told))
            problem = margin_problem(views, at, rule)
            every = np.arange(problem.size)
            problem.bounds.append(Bound(every, max(low, few), min(high, many)))
            search = Search(problem)
            assert search.begins()
            assert not search.narrow()
    assert shown > 5
    assert left_out > 0


@pytest.mark.parametrize("rule", [TEN_FIVE, DFE])
def test_the_tables_of_the_views_only_save_time_by_tag(rule: Rule) -> None:
    rng = np.random.default_rng(rule.threshold + 1)
    saved = 0
    for _ in range(3):
        table = random_table(rng)
        views = protect_margins(table, rule, divided=True)
        values = [dict(zip(AGES[:2], (n // 3, n - n // 3), strict=True)) for n in table.sizes]
        without = protect_margins(table, rule)
        assert (views.sent, views.reached, views.totals) == (
            without.sent,
            without.reached,
            without.totals,
        )
        assert shown_by_tag(views, {"age": values}, rule) == shown_by_tag(
            without, {"age": values}, rule
        )
        for at, tables in enumerate(views.fitting):
            assert all(found.sum() == table.sizes[at] for found in tables)
            saved += len(tables)
    assert saved > 5


def test_a_total_that_would_tell_is_not_told_by_its_parts() -> None:
    """Values whose sum pins what the other views hide are not shown, and those left alone are."""
    views = protect_margins(one_window(), TEN_FIVE)
    problem = margin_problem(views, 0, TEN_FIVE)
    add_values(problem, [60, 60], TEN_FIVE)
    assert Search(problem).begins()
    contradictory = margin_problem(views, 0, TEN_FIVE)
    add_values(contradictory, [600, 60], TEN_FIVE)
    assert not Search(contradictory).begins()
    assert shown_by_tag(views, {"age": [{"a": 600, "b": 60}]}, TEN_FIVE) == ({},)


def test_another_tag_later_is_refused_and_the_same_is_repeated(
    flows, flows_of, toy: Gazetteer, tmp_path: Path
) -> None:
    Ledger().with_release(protect(flows, gazetteer=toy)).write(tmp_path / "ledger.json")
    ledger = Ledger.read(tmp_path / "ledger.json")
    again = protect(flows, gazetteer=toy, ledger=ledger)
    assert by_tag(again) == by_tag(protect(flows, gazetteer=toy))
    assert ledger.with_release(again) == ledger
    for other in (flows_of(PAIRS), flows.rename(columns={"age": "age band"}), flows.assign(b="x")):
        with pytest.raises(DisclosureError, match="divides the same records otherwise"):
            protect(other, gazetteer=toy, ledger=ledger)
    with pytest.raises(DisclosureError, match="divides the same records otherwise"):
        protect(flows, gazetteer=toy, ledger=ledger, cross_tags=True)
    plain = Ledger().with_release(protect(flows_of(PAIRS), gazetteer=toy))
    with pytest.raises(DisclosureError, match="divides the same records otherwise"):
        protect(flows, gazetteer=toy, ledger=plain)


def test_a_tag_of_which_nothing_was_shown_binds_too(flows_of, toy: Gazetteer) -> None:
    ledger = Ledger().with_release(protect(flows_of(PAIRS, age="adult"), gazetteer=toy))
    with pytest.raises(DisclosureError, match="divides the same records otherwise"):
        protect(flows_of(PAIRS), gazetteer=toy, ledger=ledger)


def test_values_that_were_put_right_are_not_repeated_as_they_were(
    flows_of, together, flows, toy: Gazetteer, tmp_path: Path
) -> None:
    ledger = Ledger().with_release(protect(flows, gazetteer=toy))
    ledger.write(tmp_path / "ledger.json")
    half = {pair: count // 2 for pair, count in PAIRS.items()}
    rest = {pair: count - half[pair] for pair, count in PAIRS.items()}
    later = protect(tagged(flows_of, together, u_18=half, adult=rest), gazetteer=toy, ledger=ledger)
    assert by_tag(later) == {}
    assert pd.DataFrame(later.flows).equals(pd.DataFrame(protect(flows, gazetteer=toy).flows))
    assert audit(later, gazetteer=toy, ledger=tmp_path / "ledger.json").passed


def test_a_value_of_few_in_one_window_is_not_told_by_another(
    flows_of, together, toy: Gazetteer
) -> None:
    """Each window shows its own values; one that is few in all of them is nowhere."""
    parts = []
    for year, rare in (("2023", 3), ("2024", 0)):
        window = (f"{year}-01", f"{year}-12")
        half = {pair: count // 2 for pair, count in PAIRS.items()}
        rest = {pair: count - half[pair] for pair, count in PAIRS.items()}
        rest["Ashwick", "Eastby"] -= rare
        parts += [flows_of(half, age="u 18", window=window)]
        parts += [flows_of(rest, age="adult", window=window)]
        if rare:
            parts += [flows_of({("Ashwick", "Eastby"): rare}, age="u 12", window=window)]
    release = protect(together(*parts), gazetteer=toy)
    table = release.summaries[schema.BY_TAG]
    assert set(table[schema.TAG_VALUE]) == {"u 18", "adult"}
    assert table[schema.PERIOD_START].tolist() == ["2023-01", "2023-01", "2024-01", "2024-01"]
    assert audit(release, gazetteer=toy).passed


def test_the_audit_reads_the_table_by_tag(flows, toy: Gazetteer, tmp_path: Path) -> None:
    """A number, a value or a row of the table that was changed does not pass."""
    written = write_release(protect(flows, gazetteer=toy), tmp_path / "out", title="Links").folder
    assert audit(written, gazetteer=toy).passed
    record = review_release(written, gazetteer=toy)
    assert record.words["age"] == ("adult", "u 18")
    [table] = [table for table in record.tables if table.table == schema.BY_TAG]
    assert (table.shown, table.rounded) == (2, 2)
    path = written / "by_tag.csv"
    text = path.read_bytes().decode()
    row = next(line for line in text.splitlines() if ",u 18," in line)
    for changed in (
        text.replace(",30,", ",3,"),
        text.replace("u 18", "four"),
        text.replace(row + "\r\n", ""),
    ):
        assert changed != text
        path.write_bytes(changed.encode())
        list_again(written)
        assert not audit(written, gazetteer=toy).passed


def list_again(folder: Path) -> None:
    """List the files with their new hashes, as one who covers a change up would."""
    path = folder / MANIFEST
    content = json.loads(path.read_text(encoding="utf-8"))
    for entry in content["resources"]:
        data = (folder / entry["path"]).read_bytes()
        entry |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    path.write_bytes(manifest_bytes({k: v for k, v in content.items() if k != "seal"}))


def test_the_audit_attacks_the_sum_of_the_values(toy: Gazetteer) -> None:
    """Values that add up to all that the totals allow pin what goes elsewhere: 5 to 9."""
    place, around = toy_ends(toy)
    key = ("links", None, None)
    cells = {key: {(place, around): 100}}
    plain = {("all", ""): 105, ("unplaced", ""): 15}
    by_age = {("tag age", "a"): 40, ("tag age", "b"): 40, ("tag age", "c"): 50}
    columns = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)
    for numbers, passes in (({key: plain}, True), ({key: plain | by_age}, False)):
        release = release_of(cells, numbers, columns, rule=TEN_FIVE, gazetteer=toy)
        assert audit(release, gazetteer=toy).passed is passes


def toy_ends(toy: Gazetteer) -> tuple[str, str]:
    named = toy.places.reset_index().set_index(schema.NAME)[schema.PLACE_ID]
    return str(named["Ashwick"]), str(named["Eastby"])


def test_a_table_too_large_to_prove_says_what_is_left_out(
    flows, flows_of, toy: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = protect(flows, gazetteer=toy)
    assert TOO_LARGE not in first.caveats
    for limit in ("MOST_PAIRS", "MOST_PAIRS_OF_FEW_WINDOWS"):
        monkeypatch.setattr(margin_protection, limit, 3)
    release = protect(flows, gazetteer=toy)
    assert TOO_LARGE in release.caveats
    assert list(release.views) == [schema.WHO_SENDS]
    assert by_tag(release) == {}
    assert release.summaries["whole"]["n"].isna().all()
    assert audit(release, gazetteer=toy).passed
    again = protect(flows, gazetteer=toy, ledger=Ledger().with_release(release))
    assert again.caveats == release.caveats
    repeated = protect(flows, gazetteer=toy, ledger=Ledger().with_release(first))
    assert TOO_LARGE not in repeated.caveats  # its totals are those of the first


def test_the_audit_knows_that_an_earlier_release_had_other_tags(
    flows, flows_of, toy: Gazetteer, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.json"
    Ledger().with_release(protect(flows_of(PAIRS), gazetteer=toy)).write(path)
    careless = protect(flows, gazetteer=toy)
    told = [finding.what for finding in audit(careless, gazetteer=toy, ledger=path).findings]
    assert "the same records, divided by another tag" in told
    Ledger().with_release(careless).write(path)
    assert audit(careless, gazetteer=toy, ledger=path).passed


def test_a_brief_has_a_section_by_tag(flows_of, together, toy: Gazetteer) -> None:
    pairs = {("Ashwick", "Eastby"): 21, ("Birchgate", "Fernport"): 32}
    parts = flows_of(pairs, sex="girl"), flows_of(dict.fromkeys(pairs, 20)).assign(sex=None)
    release = protect(together(*parts), gazetteer=toy)
    sections = {
        section.heading: section for section in brief(release, gazetteer=toy).content.sections
    }
    [table] = sections["By tag"].tables
    assert table.caption == "Links, by sex"
    assert sorted(table.rows) == [("girl", "55"), ("not stated", "40")]
    assert "not to be added" in " ".join(map(str, sections["By tag"].sentences))


def test_whether_a_value_is_hidden_changes_nothing_that_is_shown_by_tag() -> None:
    """A few records lose their value, in one window or the other, and no number changes by it."""
    rng, compared, shown = np.random.default_rng(11), 0, 0
    for _ in range(12):
        table = random_table(rng)
        views = protect_margins(table, TEN_FIVE)
        values = [dict(zip(AGES[:2], (n // 3, n - n // 3), strict=True)) for n in table.sizes]
        before = shown_by_tag(views, {"age": values}, TEN_FIVE)
        shown += any(before)
        for at, window in enumerate(values):
            for age, few in itertools.product(window, (1, 3)):
                fewer = {**window, age: window[age] - few}
                rounded = [TEN_FIVE.shown(n, total=True) for n in fewer.values()]
                if rounded != [TEN_FIVE.shown(n, total=True) for n in window.values()]:
                    continue
                compared += 1
                lost = [*values]
                lost[at] = fewer | {"": few}
                assert shown_by_tag(views, {"age": lost}, TEN_FIVE) == before
                lost[at] = fewer | {"": few - few // 2, AGES[2]: few // 2}
                assert shown_by_tag(views, {"age": lost}, TEN_FIVE) == before
    assert compared > 10
    assert shown > 2
