"""Names made safe to draw, windows and numbers in words, and every doctest of the figures."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import linemap.figures
import linemap.models
from linemap.figures._subject import labels_of, lines, number_words, shown
from linemap.windows import window_words

MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (linemap.figures, linemap.models)
    for module in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@given(st.text(alphabet=st.characters(codec=None), max_size=80), st.integers(2, 60))
def test_whatever_is_shown_is_one_short_visible_line(text, most):
    safe = shown(text, most=most)
    assert 0 < len(safe) <= max(most, len("not named"))
    assert all(unicodedata.category(letter)[0] != "C" for letter in safe)
    assert "\n" not in safe
    assert shown(safe, most=max(most, len(safe))) == safe
    safe.encode("utf-8")


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, "", "  \n"])
def test_what_has_no_name_says_so(nothing):
    assert shown(nothing) == "not named"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2018-01", "2018-01", "Jan 2018"),
        ("2018-01", None, "from Jan 2018"),
        (None, "2019-12", "to Dec 2019"),
        (None, float("nan"), "window not stated"),
        ("2018-13", "2018", "window not stated"),
    ],
)
def test_windows(start, end, words):
    assert window_words(start, end, short=True) == words


@given(st.text(alphabet="abc W\u00e9", max_size=400), st.floats(1, 10))
def test_no_word_is_lost_in_breaking_lines(text, inches):
    broken = lines(text, inches=inches, points=8)
    assert "".join("".join(broken).split()) == "".join(text.split())
    assert all(len(line) <= max(12, inches * 72 / (8 * 0.545)) for line in broken)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["X", "Y"])), max_size=12))
def test_labels_are_one_to_one_with_places(rows):
    ids = pd.Series([row[0] for row in rows], dtype=object)
    names = pd.Series([row[1] for row in rows], dtype=object)
    labels = labels_of(ids, names)
    assert len(set(labels)) == len(set(rows))
    assert len({(*row, label) for row, label in zip(rows, labels, strict=True)}) == len(set(rows))


def test_thousands():
    assert number_words(1234567.4) == "1,234,567"
