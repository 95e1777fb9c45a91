import json

import pytest

from linemap.errors import OutputError
from linemap.release.manifest import (
    FORMAT,
    MANIFEST,
    broken,
    files,
    manifest_bytes,
    named_once,
    read_manifest,
    resource,
    versions,
)


@pytest.fixture
def folder(tmp_path):
    """A release of two files and its manifest."""
    (tmp_path / "figures").mkdir()
    outputs = []
    for name, text in (("a.csv", "a\r\n"), ("figures/b.svg", "<svg/>")):
        (tmp_path / name).write_bytes(text.encode())
        entry = resource(tmp_path, name)
        outputs.append(entry)
    content = {"format": FORMAT, "resources": outputs}
    (tmp_path / MANIFEST).write_bytes(manifest_bytes(content))
    return tmp_path


def test_a_whole_folder_is_whole(folder):
    assert broken(folder) == []
    assert files(folder) == ["a.csv", MANIFEST, "figures/b.svg"]
    (folder / ".DS_Store").write_bytes(b"x")  # what a file manager leaves
    assert broken(folder) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / "a.csv").unlink(), ["a.csv is missing"]),
        (lambda f: (f / "a.csv").write_bytes(b"b\r\n"), ["a.csv was changed after it was written"]),
        (lambda f: (f / "a.csv").write_bytes(b"a"), ["a.csv was changed after it was written"]),
        (lambda f: (f / "c.txt").write_bytes(b""), ["c.txt was not written by linemap"]),
        (lambda f: (f / "d").mkdir(), ["d/ was not written by linemap"]),
        (lambda f: (f / "e").symlink_to(f / "a.csv"), ["e was not written by linemap"]),
        (lambda f: (f / "figures" / "b.svg").rename(f / "b.svg"),
         ["figures/b.svg is missing", "b.svg was not written by linemap",
          "figures/ was not written by linemap"]),
    ],
)  # fmt: skip
def test_whatever_was_changed_is_named(folder, change, said):
    change(folder)
    assert broken(folder) == said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "is damaged"),
        (b"\xff", "is damaged"),
        (b"[" * 100_000, "is damaged"),
        (b"[]", "no manifest"),
        (b'{"format": "other"}', "no manifest"),
        (json.dumps({"format": FORMAT, "resources": [], "seal": "0"}).encode(), "was changed"),
    ],
)
def test_a_manifest_that_is_none_is_refused(folder, data, said):
    (folder / MANIFEST).write_bytes(data)
    with pytest.raises(OutputError, match=said):
        read_manifest(folder)


def test_every_single_byte_of_the_manifest_counts(folder):
    data = (folder / MANIFEST).read_bytes()
    for at in range(0, len(data), 7):
        if data[at : at + 1].isspace():
            continue
        (folder / MANIFEST).write_bytes(data[:at] + b"~" + data[at + 1 :])
        with pytest.raises(OutputError):
            read_manifest(folder)


def test_a_folder_without_one_is_no_release(tmp_path):
    with pytest.raises(OutputError, match="is no release"):
        broken(tmp_path)


def test_versions_name_what_makes_the_bytes():
    assert {"linemap", "python", "platform", "pandas", "pyarrow", "XlsxWriter"} <= versions().keys()


def test_resources_that_would_share_a_name_are_numbered():
    entries = [{"name": "a-b", "path": path} for path in ("c", "a b", "a-b")]
    assert [entry["name"] for entry in named_once(entries)] == ["a-b", "a-b-2", "a-b-3"]
