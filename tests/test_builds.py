"""Whole builds through the command line: every table ends in a release, or in a reason.

`make trials` runs every combination with all drawings; a plain run takes a selection in
which every two settings meet, each build with a part of the drawings.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from linemap.cli import app
from linemap.errors import DisclosureError
from linemap.pipeline import audit_folder, building
from linemap.release import MANIFEST, draw_release, drawing_names

TRIALS: Final = "LINEMAP_TRIALS" in os.environ
PERIODS: Final = ("none", "quarter", "year")
TAGS: Final = (0, 1, 2)
ROWS: Final = (20, 180, 1_000, 4_000)
SHAPES: Final = (
    "random",
    "one origin",
    "one destination",
    "everything unknown",
    "half without a date",
)
SEEDS: Final = (1, 2, 3)
Case = tuple[str, int, int, str, int]

BOROUGHS: Final = (
    "Barnet", "Bromley", "Camden", "Croydon", "Ealing", "Hackney", "Islington", "Lambeth", "Merton",
)  # fmt: skip
TOWNS: Final = (
    "Norwich", "Brighton", "Oxford", "Ipswich", "Margate", "Colchester", "Cambridge", "Luton",
    "Basingstoke", "Swansea", "Bournemouth", "Norfolk", "Essex",
)  # fmt: skip


def invented(rows: int, shape: str, seed: int) -> pd.DataFrame:
    """Invent a table of records: few places take most of them, and some are not known."""
    rng = np.random.default_rng(seed)
    origins = BOROUGHS[:1] if shape == "one origin" else BOROUGHS
    towns = TOWNS[:1] if shape == "one destination" else TOWNS
    weight = 1 / np.arange(1, len(towns) + 1)
    found = rng.choice(towns, rows, p=weight / weight.sum()).astype(object)
    unknown = 1.0 if shape == "everything unknown" else 0.15
    found[rng.random(rows) < unknown] = None
    months = rng.integers(0, 24, rows)
    dates = [f"{2022 + month // 12}-{month % 12 + 1:02d}-11" for month in months]
    dated = rng.random(rows) < (0.5 if shape == "half without a date" else 1.0)
    return pd.DataFrame(
        {
            "borough": rng.choice(origins, rows),
            "town": found,
            "date": np.where(dated, dates, ""),
            "gender": rng.choice(["boy", "girl"], rows, p=[0.8, 0.2]),
            "route": rng.choice(["school", "police", "home"], rows),
        }
    )


def pairwise(cases: list[Case]) -> list[Case]:
    """Choose cases until every two settings of the small tables have met, greedily."""

    def met(case: Case) -> set[tuple[int, Any, int, Any]]:
        return {
            (one, case[one], other, case[other])
            for one, other in itertools.combinations(range(4), 2)
        }

    left = set().union(*map(met, cases))
    chosen = []
    while left:
        best = max(cases, key=lambda case: len(met(case) & left))
        chosen.append(best)
        left -= met(best)
    return chosen


EVERY: Final = [*itertools.product(PERIODS, TAGS, ROWS, SHAPES, SEEDS)]
SMALL: Final = [case for case in EVERY if case[2] in (20, 180) and case[4] == 1]
CHOSEN: Final = EVERY if TRIALS else [*pairwise(SMALL), ("quarter", 1, 1_000, "random", 2)]


def command(case: Case, folder: Path) -> list[str]:
    """Write the table of a case, and the command that builds it."""
    period, tags, rows, shape, seed = case
    table = folder / "referrals.csv"
    invented(rows, shape, seed).to_csv(table, index=False)
    options = [] if period == "none" else ["--period", period]
    for tag in ("gender", "route")[:tags]:
        options += ["--tag", tag]
    return ["build", str(table), "--out", str(folder / "release"), *options]


def some_drawings(part: int) -> Callable[..., Any]:
    """Draw one figure, and the map for every fourth part; all of them in the trials."""
    if TRIALS:
        return draw_release
    names = sorted(name for name in drawing_names() if name.endswith(".svg"))
    chosen = {names[part % len(names)], *(["map.html"] if part % 4 == 0 else [])}
    return partial(draw_release, only=chosen)


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: "-".join(map(str, case)))
def test_a_build_ends_in_a_release_or_in_a_reason(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "draw_release", some_drawings(CHOSEN.index(case)))
    result = CliRunner().invoke(app, command(case, tmp_path))
    if result.exit_code == 0:
        assert (tmp_path / "release" / MANIFEST).is_file()
        return
    # what the command's face turns into a message and an exit code
    assert isinstance(result.exception, DisclosureError), result.exception
    assert "may not leave" not in str(result.exception), result.exception  # not by its own audit
    assert "was not written" not in str(result.exception), result.exception
    assert not (tmp_path / "release").exists()


COUNCILS: Final = {
    "two boroughs, two years": (
        ["--period", "year"],
        (
            "borough,town,count,date\n"
            "Islington,Norwich,20,2023-05-01\nHackney,Norwich,27,2023-05-01\n"
            "Islington,Norwich,23,2024-05-01\nHackney,Norwich,30,2024-05-01\n"
        ),
    ),
    "four pairs": (
        [],
        (
            "borough,town,count\nIslington,Norwich,31\nIslington,Oxford,39\n"
            "Camden,Brighton,34\nCamden,Oxford,20\n"
        ),
    ),
    "only a rest": ([], "borough,town,count\nCroydon,Norwich,6\nCroydon,Cardiff,6\n"),
    "one origin, and a total": (
        [],
        "borough,town,count\nBarnet,Norwich,34\nBarnet,Ipswich,11\nBarnet,Oxford,8\n",
    ),
}


@pytest.mark.parametrize("name", COUNCILS)
def test_small_tables_end_in_a_release(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each was refused by the audit, or ended in a KeyError, before door and audit agreed."""
    if name != "four pairs":  # of which everything is drawn
        monkeypatch.setattr(building, "draw_release", some_drawings(list(COUNCILS).index(name)))
    options, rows = COUNCILS[name]
    table = tmp_path / "table.csv"
    table.write_text(rows, encoding="utf-8")
    arguments = ["build", str(table), "--out", str(tmp_path / "out"), *options]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    if name == "four pairs":  # the whole audit, drawings and all, from the folder alone
        assert audit_folder(tmp_path / "out").passed


@pytest.mark.parametrize(("tags", "shape"), [(1, "random"), (0, "half without a date")])
def test_the_same_command_twice_gives_the_same_bytes(
    tags: int, shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second build has the ledger of the first, which binds it."""
    monkeypatch.setattr(building, "draw_release", some_drawings(1))
    words = command(("year", tags, 180, shape, 1), tmp_path)
    made = []
    for _ in range(2):
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        release = tmp_path / "release"
        made.append({path.name: path.read_bytes() for path in release.rglob("*") if path.is_file()})
    assert made[0] == made[1]


def test_the_selection_meets_every_two_settings() -> None:
    chosen = pairwise(SMALL)
    assert len(chosen) < len(SMALL) / 3
    for one, other in itertools.combinations(range(4), 2):
        wanted = {(case[one], case[other]) for case in SMALL}
        assert {(case[one], case[other]) for case in chosen} == wanted
