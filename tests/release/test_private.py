import os
import shutil
import stat
import subprocess
import sys

import pandas as pd
import pytest

from linemap.errors import OutputError
from linemap.release import Private, write_private_table
from linemap.release.folder import write_private

NAMES = Private({"unmatched": pd.DataFrame({"name": ["=Atlantis"]})}, {"rows": 12})


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git")
def test_it_is_ignored_by_git_and_open_to_its_owner_alone(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    folder = tmp_path / "anything"
    write_private(folder, NAMES, "digest")
    shown = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    assert subprocess.run(shown, capture_output=True, check=True).stdout == b""
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "unmatched.csv").read_text(encoding="utf-8-sig") == "name\n'=Atlantis\n"


@pytest.mark.parametrize("text", [None, "", "review.csv\n", "*\n!review.csv\n"])
def test_what_would_let_it_into_git_is_put_right_and_kept_aside(tmp_path, text):
    write_private(tmp_path, NAMES, "one")
    ignore = tmp_path / ".gitignore"
    ignore.unlink() if text is None else ignore.write_text(text)
    write_private(tmp_path, NAMES, "two")
    assert ignore.read_text() == "*\n"
    aside = tmp_path / ".gitignore-kept-1"
    assert (aside.read_text() if aside.exists() else None) == text
    ignore.write_text("# mine\n*\n")
    write_private(tmp_path, NAMES, "three")
    assert ignore.read_text() == "# mine\n*\n"


def test_a_table_that_a_spreadsheet_saved_is_kept_aside_only_if_a_row_is_new(tmp_path):
    names = Private(tables={"names": pd.DataFrame({"name": ["Côte", "Ynys"], "n": [1, 2]})})
    write_private(tmp_path, names, "one")
    path = tmp_path / "names.csv"
    path.write_text("name;n\nYnys;2\nCôte;1\n", encoding="cp1252")
    assert write_private(tmp_path, names, "two") == ()
    path.write_text("name;n\nYnys;2\nCôte;3\n", encoding="cp1252")
    [kept] = write_private(tmp_path, names, "three")
    assert "Côte;3" in kept.read_text(encoding="cp1252")


def test_what_the_analyst_edited_is_kept_aside_and_the_rest_is_replaced(tmp_path):
    assert write_private(tmp_path, NAMES, "one") == ()
    assert write_private(tmp_path, NAMES, "one") == ()
    (tmp_path / "unmatched.csv").write_text("my decisions")
    (tmp_path / "diary.txt").write_text("mine")
    [kept] = write_private(tmp_path, NAMES, "two")
    assert (kept.name, kept.read_text()) == ("unmatched-kept-1.csv", "my decisions")
    (tmp_path / "unmatched.csv").write_text("and again")
    [kept] = write_private(tmp_path, NAMES, "three")
    assert (kept.name, kept.read_text()) == ("unmatched-kept-2.csv", "and again")
    assert (tmp_path / "diary.txt").read_text() == "mine"


def test_a_table_that_is_not_made_any_more_goes_unless_it_was_edited(tmp_path):
    write_private(
        tmp_path, Private({"a": NAMES.tables["unmatched"], "b": NAMES.tables["unmatched"]}), "x"
    )
    (tmp_path / "b.csv").write_text("mine")
    write_private(tmp_path, Private(), "y")
    assert not (tmp_path / "a.csv").exists()
    assert (tmp_path / "b.csv").read_text() == "mine"


def test_a_table_written_alone_is_known_to_the_next_run(tmp_path):
    frame = pd.DataFrame({"name": ["Lynn"]})
    path = write_private_table(tmp_path, "unmatched", frame)
    assert path.read_text(encoding="utf-8-sig") == "name\nLynn\n"
    assert write_private(tmp_path, NAMES, "x") == ()
    path.write_text("mine")
    write_private_table(tmp_path, "unmatched", frame)
    assert (tmp_path / "unmatched-kept-1.csv").read_text() == "mine"


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"files": 3}', b'{"files": {"../x": "y"}}'])
def test_a_damaged_record_loses_nothing(tmp_path, record):
    (tmp_path / "private.json").write_bytes(record)
    (tmp_path / "unmatched.csv").write_text("mine")
    [kept] = write_private(tmp_path, NAMES, "x")
    assert kept.read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such rights")
def test_a_folder_that_others_could_read_is_closed(tmp_path):
    folder = tmp_path / "out-private"
    folder.mkdir(mode=0o755)
    (folder / "old.csv").write_text("mine")
    folder.chmod(0o755)
    (folder / "old.csv").chmod(0o644)
    write_private(folder, NAMES, "x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights of their own there")
def test_a_link_is_no_private_folder(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "out-private").symlink_to(tmp_path / "shared")
    with pytest.raises(OutputError, match="Remove the link"):
        write_private(tmp_path / "out-private", NAMES, "x")
    assert list((tmp_path / "shared").iterdir()) == []
