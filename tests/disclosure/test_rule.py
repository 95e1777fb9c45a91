"""What the rule shows of a count, and what a reader learns from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap.disclosure import DFE, NHS, OPENSAFELY, PRESETS, TEN_FIVE, Rule
from linemap.errors import InputError

rules = st.builds(
    lambda threshold, base: Rule(threshold=threshold, base=base, interval=3),
    st.integers(4, 30),
    st.integers(1, 20),
)


@given(rules, st.integers(0, 10_000), st.booleans())
def test_the_meaning_of_a_number_is_the_counts_that_are_shown_so(
    rule: Rule, count: int, total: bool
) -> None:
    shown = rule.shown(count, total=total)
    if shown is None:
        assert count < rule.threshold
        return
    low, high = rule.meaning(shown, total=total)
    assert low <= count <= high
    assert shown >= rule.threshold
    assert rule.shown(low, total=total) == rule.shown(high, total=total) == shown
    assert rule.shown(low - 1, total=total) != shown != rule.shown(high + 1, total=total)


@given(rules, st.integers(0, 10_000))
def test_rounding_is_to_the_base_and_again_changes_nothing(rule: Rule, count: int) -> None:
    shown = rule.rounded(count)
    assert shown % rule.base == 0
    assert rule.rounded(shown) == shown
    assert rule.rounded(count + 1) >= shown


@pytest.mark.parametrize(
    ("rule", "count", "shown"),
    [
        (TEN_FIVE, 9, None), (TEN_FIVE, 10, 10), (TEN_FIVE, 12, 10), (TEN_FIVE, 13, 15),
        (OPENSAFELY, 7, None), (OPENSAFELY, 8, 10), (OPENSAFELY, 13, 15),
        (NHS, 7, None), (NHS, 8, 10), (NHS, 12, 10), (DFE, 5, None), (DFE, 6, 6), (DFE, 17, 17),
    ],
)  # fmt: skip
def test_the_rules_in_use(rule: Rule, count: int, shown: int | None) -> None:
    assert rule.shown(count) == shown


@pytest.mark.parametrize(
    ("rule", "shown", "counts"),
    [
        (TEN_FIVE, 10, (10, 12)), (TEN_FIVE, 15, (13, 17)), (TEN_FIVE, 20, (18, 22)),
        (NHS, 10, (8, 12)), (NHS, 15, (13, 17)), (DFE, 6, (6, 6)), (DFE, 17, (17, 17)),
        (Rule(threshold=10, base=4, interval=4), 12, (10, 13)),
        (Rule(threshold=10, base=4, interval=4), 16, (14, 17)),
    ],
)  # fmt: skip
def test_meanings_worked_by_hand(rule: Rule, shown: int, counts: tuple[int, int]) -> None:
    meaning = rule.meaning(shown)
    assert meaning == counts
    assert all(type(count) is int for count in meaning)


def test_a_national_total_is_rounded_to_ten() -> None:
    assert DFE.shown(1234, total=True) == 1230
    assert DFE.meaning(1230, total=True) == (1225, 1234)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"threshold": 0}, "threshold is 0"),
        ({"threshold": 2}, "threshold is 2"),
        ({"threshold": True}, "threshold is True"),
        ({"base": 0}, "base is 0"),
        ({"base": 1}, "interval is 1"),
        ({"km_base": 1}, "km_base is 1"),
        ({"months": 1}, "months is 1"),
        ({"total_base": 0}, "total_base is 0"),
        ({"interval": 10}, "under the threshold"),
    ],
)
def test_a_rule_that_cannot_protect_is_refused(settings: dict[str, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Rule(**settings)


def test_the_sentence_says_the_threshold_the_base_and_whose_rule_it_is() -> None:
    for part in ("under 10", "nearest 5", "10-5 rule", "same as zero"):
        assert part in TEN_FIVE.sentence
    assert "rounded to the nearest" not in DFE.sentence


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_rule_that_was_changed_loses_the_name_of_the_rule_in_use(preset: Rule) -> None:
    changed = replace(preset, threshold=preset.threshold + 2)
    assert changed.name == f"the data owner's rule, {changed.threshold}-{changed.base}"
    assert changed.source == "the data's owner"
    assert replace(preset, months=6).name == preset.name
    assert replace(changed, threshold=preset.threshold, name=preset.name) == preset


def test_a_rule_is_called_by_a_name_in_use_only_where_its_numbers_are_those() -> None:
    own = Rule(threshold=4, base=3)
    assert "10-5" not in own.sentence
    assert Rule(threshold=4, base=3, name="10-5 Rule").name == own.name
    assert Rule(threshold=4, base=3, name="ours", source="us").name == "ours"
    assert Rule(threshold=4, base=3, name="ours", source="us").source == "us"
    assert Rule() == TEN_FIVE
    assert len({rule.name for rule in PRESETS.values()}) == len(PRESETS)
