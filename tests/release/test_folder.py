import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from linemap.errors import OutputError
from linemap.io import checksum, locked, write_whole
from linemap.release import OutputFolder, manifest, verify_release
from linemap.release.folder import settle, writing


def write(folder, text, meanwhile=lambda: None):
    """A release of one file."""
    with writing(OutputFolder.of(folder)) as new:
        meanwhile()
        write_whole(new / "a.csv", text.encode())
        entry = manifest.resource(new, "a.csv")
        content = {"format": manifest.FORMAT, "resources": [entry]}
        write_whole(new / manifest.MANIFEST, manifest.manifest_bytes(content))


def read(folder):
    assert manifest.broken(folder) == []
    return (folder / "a.csv").read_text()


@pytest.fixture
def out(tmp_path):
    """The path of an output folder, two levels below what exists."""
    return tmp_path / "deep" / "out"


def test_a_release_is_put_in_place_and_replaces_the_old_one(out):
    write(out, "one")
    assert read(out) == "one"
    write(out, "two")
    assert read(out) == "two"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def write_and_raise(folder, error):
    with writing(OutputFolder.of(folder)) as new:
        write_whole(new / "a.csv", b"half")
        raise error


def test_an_error_leaves_the_old_one_and_nothing_beside_it(out):
    write(out, "one")
    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error):
            write_and_raise(out, error)
    assert read(out) == "one"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_taken_and_a_link_is_followed(out):
    out.mkdir(parents=True)
    write(out, "one")
    link = out.with_name("link")
    link.symlink_to(out)
    write(link, "two")
    assert link.is_symlink()
    assert read(out) == "two"


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda f: f.write_text("x"), "is a file"),
        (lambda f: (f.mkdir(), (f / "mine.txt").write_text("x")), r"did not write \(mine.txt\)"),
        (lambda f: (write(f, "one"), (f / "mine.txt").write_text("x")), "mine.txt was not written"),
        (lambda f: (write(f, "one"), (f / "a.csv").write_text("x")), "a.csv was changed"),
        (lambda f: (write(f, "one"), (f / "a.csv").unlink()), "a.csv is missing"),
        (lambda f: (f.mkdir(), (f / manifest.MANIFEST).write_text("{}")), "no manifest"),
    ],
)
def test_what_linemap_did_not_write_is_never_replaced(tmp_path, prepare, said):
    out = tmp_path / "out"
    prepare(out)
    before = (
        {path: path.read_bytes() for path in out.rglob("*")} if out.is_dir() else out.read_text()
    )
    with pytest.raises(OutputError, match=said):
        write(out, "two")
    after = (
        {path: path.read_bytes() for path in out.rglob("*")} if out.is_dir() else out.read_text()
    )
    assert after == before


def test_a_file_put_there_during_the_run_is_not_replaced_either(out):
    write(out, "one")
    with pytest.raises(OutputError, match=r"mine.txt was not written"):
        write(out, "two", meanwhile=lambda: (out / "mine.txt").write_text("mine"))
    assert (out / "mine.txt").read_text() == "mine"


def test_a_file_that_another_program_holds_open_leaves_the_old_release(tmp_path, monkeypatch):
    """As on Windows, where a folder with an open file in it cannot be renamed."""
    out = tmp_path / "out"
    write(out, "one")
    rename = Path.rename

    def held(self, target):
        if self == out:
            raise PermissionError(13, "The process cannot access the file")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(OutputError, match="open in another program"):
        write(out, "two")
    assert read(out) == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    monkeypatch.setattr(Path, "rename", rename)
    write(out, "two")
    assert read(out) == "two"


def test_if_the_second_rename_fails_the_first_is_taken_back(tmp_path, monkeypatch):
    out = tmp_path / "out"
    write(out, "one")
    rename = Path.rename

    def held(self, target):
        if self.name.endswith("linemap-new"):
            raise PermissionError(13, "held")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(OutputError, match="held"):
        write(out, "two")
    assert read(out) == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def between_two_renames(out, *, meant=None):
    """An output folder as it is left when a run stops after the first of two renames."""
    where = OutputFolder.of(out)
    write(out, "one")
    write(where.new, "two")
    out.rename(where.old)
    digest = checksum(where.new / manifest.MANIFEST) if meant is None else meant
    write_whole(where.journal, digest.encode())
    return where


def test_two_renames_that_were_begun_are_completed(tmp_path):
    out = tmp_path / "out"
    settle(between_two_renames(out))
    assert read(out) == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("spoil", ["digest", "content", "lost", "encoding"])
def test_two_renames_that_cannot_be_completed_are_undone(tmp_path, spoil):
    out = tmp_path / "out"
    where = between_two_renames(out, meant="0" * 64 if spoil == "digest" else None)
    if spoil == "content":
        write_whole(where.new / "a.csv", b"tow")
    elif spoil == "lost":
        (where.new / manifest.MANIFEST).unlink()
    elif spoil == "encoding":
        write_whole(where.journal, "ﬀ".encode())
    settle(where)
    assert read(out) == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_journal_beside_a_whole_release_changes_nothing(tmp_path):
    out = tmp_path / "out"
    where = between_two_renames(out)
    where.old.rename(out)
    settle(where)
    assert read(out) == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_finished_folder_that_nobody_approved_is_not_put_in_place(tmp_path):
    out = tmp_path / "out"
    write(out, "one")
    write(tmp_path / ".out.linemap-new", "two")
    settle(OutputFolder.of(out))
    assert read(out) == "one"
    out.rename(tmp_path / ".out.linemap-old")
    settle(OutputFolder.of(out))
    assert read(out) == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="could not be written"):
        write(tmp_path / "file" / "out", "one")
    with pytest.raises(OutputError, match="cannot be written to"):
        OutputFolder.of(Path(os.sep))


def test_two_runs_do_not_write_one_place(tmp_path):
    out = tmp_path / "out"
    with writing(OutputFolder.of(out)) as new:
        with pytest.raises(OutputError, match="Another run is writing 'out'"):
            write(out, "two")
        (new / "a.csv").write_text("one")
    assert (out / "a.csv").read_text() == "one"


def test_a_lock_is_not_kept_by_what_is_left_of_it(tmp_path):
    path = tmp_path / "lock"
    path.write_text("")
    with locked(path):
        pass
    assert not path.exists()


def test_a_reader_sees_a_whole_release_while_runs_replace_it(out):
    write(out, "0")
    enough = threading.Event()

    def run():
        for number in range(1, 400):
            write(out, f"{number}" * number)
            if number >= 30 and enough.is_set():
                break

    writer = threading.Thread(target=run)
    writer.start()
    sizes = []
    while writer.is_alive():
        [entry] = verify_release(out)["resources"]
        sizes.append(entry["bytes"])
        if len(set(sizes)) > 3:
            enough.set()
    writer.join()
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="stops forked processes")
@pytest.mark.parametrize("moments", ["every", "random"])
def test_stopped_at_any_moment_the_folder_holds_a_whole_release(moments, tmp_path):
    """At every step of the file system, and killed at 25 random moments."""
    script = Path(__file__).with_name("crashing.py")
    command = [sys.executable, str(script), str(tmp_path / "out"), moments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    if moments == "every":
        assert told["stops"] > 40
        assert told["old"] > 20
        assert told["new"] > 2
    else:
        assert told["kills"] >= 25
        assert told["changed"] > 5
