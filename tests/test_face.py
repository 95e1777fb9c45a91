"""The public names: each is there, is what it says, and keeps its meaning whatever came first."""

from __future__ import annotations

import subprocess
import sys

import pytest

import linemap as lm

FUNCTIONS = (
    "read_records", "read_statements", "geocode", "read_aliases", "review_table", "build_flows",
    "roll_up", "to_matrix", "simulate_records", "reach", "distance_bands", "concentration",
    "fit_decay", "fit_gravity", "protect", "as_published", "audit", "flow_map", "compare_maps",
    "save_map", "build",
)  # fmt: skip
CLASSES = ("Gazetteer", "Layer", "ReadOptions", "Rule", "Release", "FlowLayer")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_can_be_called_and_is_documented(name: str) -> None:
    function = getattr(lm, name)
    assert callable(function)
    assert function.__doc__


@pytest.mark.parametrize("name", CLASSES)
def test_a_public_class_is_a_documented_class(name: str) -> None:
    assert isinstance(getattr(lm, name), type)
    assert getattr(lm, name).__doc__


def test_every_name_that_is_listed_is_there() -> None:
    assert {*FUNCTIONS, *CLASSES} <= set(dir(lm))
    for name in lm.__all__:
        assert getattr(lm, name) is not None


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(AttributeError, match=r"linemap has no 'flowmap'; it has .*flow_map"):
        _ = lm.flowmap


def test_functions_stay_functions_when_their_rooms_are_loaded_first() -> None:
    code = (
        "import linemap.pipeline, linemap.geocoding, linemap.auditing, linemap as lm; "
        "print(all(map(callable, (lm.geocode, lm.audit, lm.build))))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "True"
