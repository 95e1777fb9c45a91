import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linemap.records import is_formula_like, neutralise, restore

# Leans on what matters: quotes, separators and the characters that start a formula.
RISKY = st.text(st.sampled_from("'=+-@\t\r\n;| ﹦＝＋－＠﻿​A1"), max_size=8)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+44", "-5", "@SUM(A1)", "\tx", "\rx", "＝cmd", "＋1", "－1", "＠x", " =1", "﻿=1"],
)
def test_what_a_spreadsheet_would_run_is_recognised_and_made_neutral(text):
    assert is_formula_like(text)
    assert neutralise(text) == "'" + text
    assert not is_formula_like(neutralise(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two\r\n\r\nparagraphs",
        "a; b",
        "Norwich",
        "’s-Hertogenbosch",
        "St. Leonards-on-Sea",
        "a=b",
        "'tis",
    ],
)
def test_plain_text_stays_as_it_is(text):
    assert not is_formula_like(text)
    assert neutralise(text) == text == restore(text)


@pytest.mark.parametrize("text", ["a;=cmd", "a\n=cmd", "a\t@x", "note; -5"])
def test_what_would_run_where_the_separator_is_another_is_made_neutral_too(text):
    assert not is_formula_like(text)
    assert neutralise(text) != text
    assert restore(neutralise(text)) == text


@given(st.one_of(RISKY, st.text(max_size=20)))
def test_restoring_undoes_neutralising(text):
    assert restore(neutralise(text)) == text


@given(RISKY, RISKY)
def test_two_texts_never_become_one(one, other):
    assert (neutralise(one) == neutralise(other)) == (one == other)


@given(st.one_of(RISKY, st.text(max_size=20)))
@example(";\u200b\r")
@example("\u2028=1")
def test_no_part_of_a_neutral_text_would_run_however_it_is_split(text):
    neutral = neutralise(text)
    for separator in ";\t\r\n|":
        assert not any(is_formula_like(part.lstrip()) for part in neutral.split(separator))
