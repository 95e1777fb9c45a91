"""What the documentation tells a reader to type exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

import linemap as lm
from linemap.cli import app

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


def test_there_are_commands_to_check() -> None:
    assert len(commands((ROOT / "docs" / "how-to.md").read_text("utf-8"))) > 10
