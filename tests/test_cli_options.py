"""Every option of the command line reaches what it is for."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.main import get_command

import linemap.auditing
import linemap.briefing
import linemap.pipeline
from linemap import cli
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer

Typed = Callable[..., int]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    """Run a command in an empty folder and return its code."""
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["linemap", *words])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return int(stopped.value.code or 0)

    return command


class Heard:
    """Stands in for a function: keeps what it is called with, and stops the command there."""

    def __init__(self) -> None:
        self.said: dict[str, Any] = {}

    def __call__(self, *_: object, **said: Any) -> None:
        self.said = said
        raise InputError("heard")


def heard(monkeypatch: pytest.MonkeyPatch, home: object, name: str) -> Heard:
    """Put a :class:`Heard` in the place of a function."""
    one = Heard()
    monkeypatch.setattr(home, name, one)
    return one


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (("--financial-year",), "financial_year", True),
        (("--unknown-words", "w.csv"), "unknown_words", Path("w.csv")),
        (("--threads", "3"), "threads", 3),
        (("--memory", "4GB"), "memory", "4GB"),
        (("--engine", "spark", "--master", "local[2]"), "master", "local[2]"),
        (("--header-row", "3"), "header_row", 3),
    ],
)
@pytest.mark.parametrize("command", ["check", "preview"])
def test_options_of_reading_reach_the_reader(
    typed: Typed,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    words: tuple[str, ...],
    field: str,
    value: object,
) -> None:
    call = heard(monkeypatch, linemap.pipeline, command)
    assert typed(command, "t.csv", *words) == cli.FAULTY_INPUT
    read = call.said["options"]
    home = read if hasattr(read, field) else read.engine
    assert getattr(home, field) == value


def test_options_of_a_build_and_of_its_preview_are_the_same(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--threshold", "20", "--base", "10", "--ledgers", "team", "--cross-tags")
    call = heard(monkeypatch, linemap.pipeline, "unchanged")
    assert typed("build", "t.csv", *words) == cli.FAULTY_INPUT
    built = call.said["settings"].keywords()
    call = heard(monkeypatch, linemap.pipeline, "preview")
    assert typed("preview", "t.csv", *words) == cli.FAULTY_INPUT
    for said in (built, call.said):
        assert (said["rule"].threshold, said["rule"].base) == (20, 10)
        assert (said["ledgers"], said["cross_tags"]) == (Path("team"), True)


def test_a_ledger_elsewhere_is_named_to_withdraw_and_restore(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command, function in (
        ("withdraw", "find_withdrawal"),
        ("restore-ledger", "restore_ledger"),
    ):
        call = heard(monkeypatch, linemap.pipeline, function)
        assert typed(command, "out", "--ledgers", "team") == cli.FAULTY_INPUT
        assert call.said["ledgers"] == Path("team")


@pytest.mark.parametrize(("end", "name"), [("origin", "Islington"), ("destination", "Norfolk")])
def test_a_brief_of_one_end_asks_for_it(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, end: str, name: str
) -> None:
    monkeypatch.setattr(linemap.auditing, "rebuild_release", lambda *_: None)
    call = heard(monkeypatch, linemap.briefing, "brief")
    assert typed("brief", "out", f"--{end}", name) == cli.FAULTY_INPUT
    assert call.said[end] == name
    assert call.said["title"] is None
    assert typed("brief", "out", "--origin", "x", "--destination", "y") == 2


def test_what_is_known_of_an_article_stands_in_every_row(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Six Hackney boys were found in Ipswich.", encoding="utf-8")
    source, day, url = "Weekly News", "2023-05-01", "https://news.example/a"
    about = ("--source", source, "--published", day, "--url", url)
    assert typed("extract", "a.txt", "--out", "c.csv", *about) == 0
    [row] = pd.read_csv(tmp_path / "c.csv", encoding="utf-8-sig", dtype=str).to_dict("records")
    assert (row["source"], row["published"], row["url"]) == (source, day, url)


def test_lists_of_places_are_read_each_by_its_own_reader(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {
        "from_geonames": ("--geonames", "GB.txt", "--alternates", "names.txt"),
        "from_os_open_names": ("--os-open-names", "names"),
        "from_ons_ipn": ("--ons-ipn", "ipn.csv"),
    }
    for reader, options in words.items():
        call = heard(monkeypatch, Gazetteer, reader)
        code = typed("gazetteer", "build", *options, "--out", "own.parquet")
        assert code == cli.FAULTY_INPUT, reader
        assert isinstance(call.said["base"], Gazetteer)
    assert typed("gazetteer", "build", "--ons-ipn", "x.csv", "--alternates", "y") == 2


def test_every_option_is_typed_in_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.rglob("*.py"))

    def options(command: Any) -> set[str]:
        found = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        inner = getattr(command, "commands", {}).values()
        return found.union(*map(options, inner))

    asked = {option for option in options(get_command(cli.app)) if option.startswith("--")}
    assert len(asked) > 50
    assert [name for name in sorted(asked) if not re.search(rf"{name}(?![\w-])", tests)] == []
