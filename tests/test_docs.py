"""What the documentation tells a reader to type exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.main import get_command
from typer.testing import CliRunner

import linemap as lm
from linemap import schema
from linemap.cli import app
from linemap.disclosure import protect
from linemap.flows import build_flows, toy_flows
from linemap.gazetteer import Gazetteer
from linemap.simulate import simulate_records

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]


def commands(text: str) -> list[list[str]]:
    """Give the linemap commands in the shell blocks of a page, as words."""
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S))
    lines = re.findall(r"^linemap .*$", blocks, flags=re.M)
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_has_its_options(page: Path) -> None:
    for words in commands(page.read_text("utf-8")):
        assert words[1] in COMMANDS, words
        command = COMMANDS[words[1]]
        if words[1] == "gazetteer":
            command = command.commands[words[2]]
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_name_of_a_page_exists(page: Path) -> None:
    for name in set(re.findall(r"\blm\.([a-z_]+(?:\.[a-z_]+)*)\(", page.read_text("utf-8"))):
        found: object = lm
        for part in name.split("."):
            found = getattr(found, part)
        assert callable(found), name


def cells(page: str) -> list[str]:
    """Give the Python blocks of a page, in order."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)


@pytest.mark.slow
def test_every_cell_of_the_how_to_pages_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    toy = Gazetteer.toy()
    small = toy_flows()
    small[schema.COUNT] *= 5
    flows = build_flows(simulate_records(300, seed=1))
    residents = {"force:norfolk": 900_000, "force:essex": 1_800_000, "force:suffolk": 750_000}
    known = {
        "lm": lm,
        "np": np,
        "flows": flows,
        "release": protect(small, gazetteer=toy),
        "populations": pd.Series(residents),
        "year_1": flows.iloc[::2],
        "year_2": flows.iloc[1::2],
    }
    blocks = cells("how-to.md")
    assert len(blocks) > 8
    for block in blocks:
        exec(compile(block, "how-to.md", "exec"), known)  # noqa: S102 - our own page
    assert r"\label{tab:origins}" in capsys.readouterr().out
    assert (tmp_path / "own.fgb").is_file()


@pytest.mark.slow
def test_the_tutorial_runs_from_its_first_line_to_its_last_cell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The build at its end is tested elsewhere; its other commands run here, in order."""
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    table, flows, protected, drawn = cells("tutorial.md")
    exec(compile(table, "tutorial.md", "exec"), known)  # noqa: S102 - our own page
    code = CliRunner().invoke(app, ["check", "referrals.csv"]).exit_code
    assert code == 0
    for block in (flows, protected, drawn):
        exec(compile(block, "tutorial.md", "exec"), known)  # noqa: S102 - our own page
    assert (tmp_path / "map.html").is_file()
    assert (tmp_path / "brief.pdf").read_bytes().startswith(b"%PDF")


def test_there_are_commands_to_check() -> None:
    assert len(commands((ROOT / "docs" / "how-to.md").read_text("utf-8"))) > 10


def test_every_path_and_target_that_contributing_names_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    named = set(re.findall(r"`make ([a-z-]+)`", text))
    assert len(named) >= 8
    assert named <= targets
    paths = set(re.findall(r"[\w.-]+/[\w./-]*", " ".join(re.findall(r"`([^`\n]+)`", text))))
    paths = {path for path in paths if not path.startswith(".")} | {".ci/run"}
    assert len(paths) > 12
    places = (ROOT, ROOT / "src" / "linemap", ROOT / "js")
    for path in paths:
        spots = [place / name for place in places for name in (path, f"{path}.py")]
        assert any(spot.exists() for spot in spots), path
    [file, chosen] = re.findall(r"`\.venv/bin/pytest (\S+) -k (\w+)`", text)[0]
    assert re.search(rf"^def test_\w*{chosen}\w*\(", (ROOT / file).read_text("utf-8"), flags=re.M)


def test_the_citation_has_the_version_of_the_package() -> None:
    assert f"\nversion: {lm.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
