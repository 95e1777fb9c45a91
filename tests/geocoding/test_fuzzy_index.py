"""The search for mistyped names against measuring every pair."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from linemap.geocoding.index import Deletions, edits_allowed

LETTERS = st.text(alphabet="abcño ", min_size=1, max_size=9)
LONG = st.text(alphabet="ab", min_size=12, max_size=24)


def every_pair(questions: list[str], names: list[str]) -> set[tuple[int, int, int]]:
    return {
        (q, n, OSA.distance(question, name))
        for q, question in enumerate(questions)
        for n, name in enumerate(names)
        if OSA.distance(question, name) <= edits_allowed(len(name)) and edits_allowed(len(name))
    }


def found(questions: list[str], names: list[str]) -> set[tuple[int, int, int]]:
    near = Deletions(names).near(questions)
    return set(zip(near.question.tolist(), near.name.tolist(), near.edits.tolist(), strict=True))


@settings(deadline=None, max_examples=150)
@given(
    st.lists(LETTERS | LONG, max_size=8, unique=True),
    st.lists(LETTERS | LONG, max_size=12, unique=True),
)
def test_it_finds_what_measuring_every_pair_finds(questions: list[str], names: list[str]) -> None:
    assert found(questions, names) == every_pair(questions, names)


def test_it_finds_the_edits_that_fingers_make() -> None:
    names = ["northampton"]
    typed = ["nrothampton", "norhampton", "northhampton", "northamptom", "northamptonn",
             "orthampton", "nothamptno", "north"]  # fmt: skip
    assert [edits for *_, edits in sorted(found(typed, names))] == [1, 1, 1, 1, 1, 1, 2]


def test_it_finds_edits_behind_the_letters_that_are_filed() -> None:
    name = "ashbydelazouchandtheisle"
    assert found([name[:-3] + "ls" + "e", name[:20] + name[21:]], [name]) == {(0, 0, 1), (1, 0, 1)}


def test_answers_come_by_question_and_then_by_edits() -> None:
    near = Deletions(["margate", "margata", "margats"]).near(["nowhere", "margate", "margat"])
    assert np.all(np.diff(near.question) >= 0)
    assert near.edits[near.question == 1].tolist() == [0, 1, 1]


def test_many_questions_are_answered_as_one_by_one() -> None:
    names = [f"place{number}" for number in range(40)]
    questions = [f"plcae{number % 50}" for number in range(20_000)]
    near = Deletions(names).near(questions)
    alone = {question: found([question], names) for question in set(questions)}
    for position in (0, 2499, 4999, 16_383, 16_384, 19_999):
        picked = near.question == position
        assert {
            (0, n, e)
            for n, e in zip(near.name[picked].tolist(), near.edits[picked].tolist(), strict=True)
        } == alone[questions[position]]


def test_no_names_and_no_questions() -> None:
    assert found([], ["margate"]) == found(["margate"], []) == found([""], ["margate"]) == set()


def test_a_large_table_is_read_in_another_order_with_the_same_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ["margate", "margaret", "ramsgate", "ashbydelazouch", "sandgate"]
    questions = ["margat", "ramsgaet", "ashbydelazuoch", "nowhere", "sandgte", "margate"]
    straight = found(questions, names)
    module = importlib.import_module("linemap.geocoding.index")
    monkeypatch.setattr(module, "_LARGE_TABLE", 0)
    assert found(questions, names) == straight
    assert straight == every_pair(questions, names)
