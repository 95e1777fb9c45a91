"""The attack on counts that are not shown, worked by hand."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap import schema
from linemap.auditing import audit, linear_attack
from linemap.auditing.core import examine_problem
from linemap.auditing.limits import AttackTarget, Constraint, Limits
from linemap.auditing.linear_attack import AttackProblem, Claims, attack
from linemap.auditing.published import Terms
from linemap.disclosure import Ledger, Rule, protect
from linemap.gazetteer import Gazetteer

PLACES = [("o", "x"), ("o", "y")]


def problem(*constraints: Constraint, needs: tuple[int, int] = (5, 5)) -> AttackProblem:
    """Two hidden counts of one origin, and what is said of them."""
    targets = [AttackTarget(np.array([k]), need, "count") for k, need in enumerate(needs)]
    return AttackProblem(Claims(("links", None, None)), PLACES, list(constraints), targets)


def total(low: int, high: int, weights: list[float] | None = None) -> Constraint:
    return Constraint(np.array([0, 1]), low, high, None if weights is None else np.array(weights))


@pytest.mark.parametrize(
    ("constraint", "ranges"),
    [
        (total(0, 9), [(0, 9), (0, 9)]),
        (total(7, 9, [1, 1]), [(0, 9), (0, 9)]),
        (total(3, 3), [(0, 3), (0, 3)]),
        (total(9, 10, [2, 3]), [(0, 5), (0, 3)]),  # 5 and 0, or 0 and 3, or 2 and 2
        (total(7, 7, [2, 4]), None),  # no even number is 7
    ],
)
def test_ranges_worked_by_hand(
    constraint: Constraint, ranges: list[tuple[int, int]] | None
) -> None:
    found = attack(problem(constraint, needs=(99, 99)))
    assert found.contradictory == (ranges is None)
    if ranges is not None:
        assert list(zip(found.least, found.most, strict=True)) == ranges
        assert found.narrow.tolist() == [0, 1]


def test_who_knows_a_record_learns_of_no_other() -> None:
    # four times the first and the second are at most 5: with one of the first, at most 1 is left
    terms = Terms.of(Rule())
    told = problem(total(0, 5, [4, 1]), needs=(1, 5))
    findings, narrowest = examine_problem(told, terms)
    assert [finding.what for finding in findings] == [
        "counts that somebody who knows one record could compute"
    ]
    assert narrowest == 1
    assert examine_problem(problem(total(0, 9)), terms) == ([], 9)


def test_numbers_that_contradict_each_other_are_no_range_at_all() -> None:
    findings, narrowest = examine_problem(problem(total(7, 7, [2, 4])), Terms.of(Rule()))
    assert [finding.kind for finding in findings] == ["contradiction"]
    assert narrowest == 0


@given(
    st.builds(
        Rule, threshold=st.integers(6, 30), base=st.integers(1, 10), interval=st.just(5),
        total_base=st.none() | st.integers(1, 100),
    ),
    st.integers(1, 500), st.booleans(),
)  # fmt: skip
def test_a_number_means_what_the_rule_makes_of_counts(rule: Rule, count: int, whole: bool) -> None:
    terms = Terms.of(rule)
    shown = rule.shown(count, total=whole)
    if shown is None:
        return
    assert terms.is_shown(shown, total=whole)
    low, high = terms.meaning(shown, total=whole)
    meant = {c for c in range(max(high, count) + 200) if rule.shown(c, total=whole) == shown}
    assert (min(meant), max(meant)) == (low, high)


def test_a_number_that_is_gone_by_enough_passes(flows_of, toy: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    before = {("Ashwick", "Eastby"): 30, ("Birchgate", "Eastby"): 43}
    Ledger().with_release(protect(flows_of(before), gazetteer=toy)).write(path)
    after = flows_of({**before, ("Ashwick", "Eastby"): 3})
    later = protect(after, gazetteer=toy, ledger=Ledger.read(path))
    assert later.flows[schema.COUNT].tolist() == [45]
    assert audit(later, gazetteer=toy, ledger=path).passed


@st.composite
def apart(draw: st.DrawFn) -> AttackProblem:
    """Up to ten unknowns, sums over some of them, and numbers to hide that reach over all."""
    size = draw(st.integers(2, 10))
    some = st.lists(st.integers(0, size - 1), min_size=1, max_size=3, unique=True).map(sorted)
    constraints = []
    for members in draw(st.lists(some, max_size=6)):
        low = draw(st.integers(0, 6))
        constraints.append(Constraint(np.array(members), low, low + draw(st.integers(0, 6))))
    targets = [AttackTarget(np.array([k]), 5, "count") for k in range(size)]
    targets += [
        AttackTarget(np.array(m), draw(st.integers(1, 9)), "sum", 10) for m in draw(st.lists(some))
    ]
    places = [("o", f"place {k}") for k in range(size)]
    return AttackProblem(Claims(("links", None, None)), places, constraints, targets)


@given(apart(), st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_parts_tell_what_the_whole_tells(told: AttackProblem, own: int) -> None:
    whole = attack(told)
    with mock.patch.object(linear_attack, "_LARGE", 1):
        divided = attack(told)
        assert divided.contradictory == whole.contradictory
        assert divided.narrow.tolist() == whole.narrow.tolist()
        for table in divided.tables:
            for constraint in told.constraints:
                assert constraint.low <= table[constraint.members].sum() <= constraint.high
        if whole.contradictory or whole.narrow.size:
            return
        own %= len(told.places)
        knowing = attack(told, own=own, after=divided)
    alone = attack(told, own=own, after=whole)
    assert knowing.contradictory == alone.contradictory
    assert knowing.narrow.tolist() == alone.narrow.tolist()


@given(apart(), st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_what_is_alike_taken_together_tells_what_each_tells(told: AttackProblem, own: int) -> None:
    own %= len(told.places)
    together = attack(told)
    found = [together, attack(told, own=own, after=together)]
    with mock.patch.object(Limits, "classes", lambda limits: np.arange(limits.size)):
        each = [attack(told), attack(told, own=own)]
    for one, other in zip(found, each, strict=True):
        assert one.contradictory == other.contradictory
        assert one.narrow.tolist() == other.narrow.tolist()
