"""Commands for whoever tries linemap: doctor, demo, simulate."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from linemap import cli, pipeline
from linemap.errors import LinemapError
from linemap.pipeline import doctor
from linemap.simulate import SIMULATED, simulate_table

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command in an empty folder; return its code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def command(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["linemap", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out + printed.err

    return command


def test_a_doctor_finds_nothing_wrong_here_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    code, said = run("doctor")
    assert code == 0, said
    assert "BAD" not in said
    assert "A small release: made, drawn and audited" in said
    assert list(tmp_path.iterdir()) == []


def test_a_doctor_says_what_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> str:
        raise LinemapError("it does not pass its audit.")

    monkeypatch.setattr(doctor, "_release", fails)
    code, said = run("doctor", "no-such-folder")
    assert code == cli.NOT_WRITTEN
    assert "no-such-folder is no folder" in said
    assert "BAD   A small release: it does not pass its audit." in said
    assert "3 of these need correcting" in said


def test_a_demonstration_stands_on_its_own(run: Run, tmp_path: Path) -> None:
    code, said = run("demo", "try me")
    assert code == 0, said
    folder = tmp_path / "try me"
    notebooks = sorted(folder.glob("*.ipynb"))
    assert len(notebooks) == 7
    for path in notebooks:
        for cell in nbformat.read(path, as_version=4).cells:
            assert "../" not in cell.source, path.name
    assert f'Next:\n  linemap check "{Path("try me") / pipeline.EXAMPLE}"' in said
    code, said = run("check", folder / pipeline.EXAMPLE)
    assert code == 0, said
    code, said = run("demo", "try me")
    assert code == cli.NOT_WRITTEN
    assert "exists and is not empty" in said


def test_simulated_tables_are_seeded_labelled_and_never_written_over(
    run: Run, tmp_path: Path
) -> None:
    assert run("simulate", "a.csv", "--rows", 300, "--seed", 4)[0] == 0
    assert run("simulate", "b.csv", "--rows", 300, "--seed", 4)[0] == 0
    assert run("simulate", "c.csv", "--rows", 300, "--seed", 5)[0] == 0
    a, b, c = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert a == b != c
    code, said = run("simulate", "a.csv")
    assert code == cli.NOT_WRITTEN
    assert "a.csv exists" in said
    assert (tmp_path / "a.csv").read_bytes() == a
    assert run("simulate", "a.xlsx")[0] == 2


def test_a_simulated_table_is_read_as_what_was_drawn(tmp_path: Path) -> None:
    """Untidy names lose few records: of 2,000 about 71 % have a destination, as printed."""
    table = simulate_table(2_000, seed=9)
    assert (table["Measure"] == SIMULATED).all()
    assert table["Source"].str.startswith("Simulated, not observed").all()
    assert table["Where found"].ne(table["Where found"].str.strip()).any()
    path = tmp_path / "t.csv"
    table.to_csv(path, index=False)
    checked = pipeline.check(path)
    assert not checked.faults
    assert checked.matches is not None
    asked = checked.matches.dropna(subset=["query"])
    origins = asked[asked["level"] == "borough"]["count"].sum()
    assert origins >= 2_000  # every home borough is found, however it is written
    found = pd.Series(asked["place_id"].notna())
    assert asked["count"][found].sum() / asked["count"].sum() > 0.93
