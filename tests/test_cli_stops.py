"""Long work shows itself, and Ctrl-C ends it at once and leaves what was there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linemap import cli, pipeline
from linemap.cli import shell

WAIT_S = 120.0  # for a build to begin, on a machine that is busy


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_ctrl_c_leaves_the_old_release_whole(tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("borough,town\n" + "Islington,Norwich\n" * 20, encoding="utf-8")
    old = tmp_path / "out"
    pipeline.build(table, out=old)
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    running = subprocess.Popen(
        [sys.executable, "-m", "linemap", "build", str(table), "--out", str(old)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    began = time.monotonic()
    lock = tmp_path / "linemap-private" / ".moves.linemap-lock"
    while not lock.exists() and running.poll() is None and time.monotonic() - began < WAIT_S:
        time.sleep(0.01)
    time.sleep(0.3)  # into the work that holds the ledger
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=WAIT_S)
    assert running.returncode == cli.STOPPED, err
    assert err == "Stopped. What was there before is as it was.\n"
    assert out == ""
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert left == []


STOPPED_AT = """
import sys

class Stops:
    def find_spec(self, name, *where):
        if name == {name!r}:
            exec("raise KeyboardInterrupt")

sys.meta_path.insert(0, Stops())
sys.argv = ["linemap", "build", "moves.csv"]
from linemap.cli import main
main()
"""


@pytest.mark.parametrize(
    ("loading", "said"),
    [
        ("typer", "Stopped.\n"),
        ("pydantic", "Stopped. What was there before is as it was.\n"),
        ("linemap.pipeline", "Stopped. What was there before is as it was.\n"),
    ],
)
def test_ctrl_c_while_the_libraries_load_ends_as_it_does_later(
    tmp_path: Path, loading: str, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_AT.format(name=loading)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (cli.STOPPED, said)


def test_a_fault_of_linemap_says_so_and_tells_nothing_of_the_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("CANARY in the data")

    monkeypatch.setattr(pipeline, "check", broken)
    monkeypatch.setattr(
        sys,
        "argv",
        ["linemap", "check", "CANARY-path.csv", "--measure=CANARY", "--sheet", "CANARY"],
    )
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    said = capsys.readouterr().err
    assert stopped.value.code == cli.FAULT_OF_LINEMAP
    assert "a fault of linemap's own" in said
    assert "linemap check --measure --sheet" in said
    assert "KeyError" in said
    assert "CANARY" not in said
    monkeypatch.setenv(shell.TRACEBACK, "1")
    with pytest.raises(KeyError):
        cli.main()


def test_nothing_is_told_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with shell.telling() as tell:
        tell("Drawing", 1, 3)
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_how_far_a_step_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with shell.telling() as tell:
        tell("Reading \x1b[31mmoves.csv")
        tell("Drawing", 1, 3)
        tell("Drawing", 2, 3)
    said = capsys.readouterr().err
    assert "Drawing: 2 of 3" in said
    assert "\x1b[31m" not in said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("Drawing", 0, 12, None, None), "Drawing: 0 of 12"),
        (("Drawing", 6, 12, 0.5, 12.0), "Drawing: 6 of 12, 0.5 a second, about 12 s left"),
        (("Cuts", 1, 9, 0.1, 80.2), "Cuts: 1 of 9, 0.1 a second, about 1 min 21 s left"),
    ],
)
def test_progress_in_words(
    told: tuple[str, int, int, float | None, float | None], said: str
) -> None:
    assert shell.progress_in_words(*told) == said
