"""The two folders of a release: the one that may leave, and the private one beside it.

A release is written whole or not at all: to a folder beside the output folder. Two renames then
put it in place of the old one; a journal records them first, so that the next run or reader
completes them if the run is stopped in between. It is done so on every system, since Windows has
no step that exchanges two folders. The names beside an output folder ``x``:

- ``.x.linemap-lock``: the lock that the writing run holds
- ``.x.linemap-new``: the new release while it is written
- ``.x.linemap-old``: the old release, between the two renames and its removal
- ``.x.linemap-journal``: the checksum of the manifest that the two renames put in place

The private folder holds what shows content, and is for the analyst alone. It keeps git out by
itself, and is open to nobody else where the system knows owners. Its files are replaced one by
one, each whole; one that the analyst edited is kept under another name first.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from linemap.errors import InputError, LinemapError, OutputError
from linemap.io import checksum, flush_names, locked, read_cells, read_text, write_whole
from linemap.release import manifest
from linemap.release.writers import csv_bytes, safe_file_name, typed

_NEW: Final = ".linemap-new"


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """The folder of a release, there or to be written, and the names beside it."""

    path: Path

    @classmethod
    def of(cls, folder: Path) -> OutputFolder:
        """Return the output folder of a path; a link is followed."""
        path = Path(os.path.realpath(folder))
        if path == path.parent:
            raise OutputError(f"A release cannot be written to {path}.")
        return cls(path)

    @staticmethod
    def is_unfinished(folder: Path) -> bool:
        """Tell if a folder holds a release that was never put in place, and never will be."""
        name = folder.name
        if not (name.startswith(".") and name.endswith(_NEW)):
            return False
        return not OutputFolder(folder.with_name(name[1 : -len(_NEW)])).journal.exists()

    def beside(self, what: str) -> Path:
        """Return the path of a file or folder beside the output folder."""
        return self.path.with_name(f".{self.path.name}.linemap-{what}")

    @property
    def new(self) -> Path:
        """The folder that a new release is written to."""
        return self.beside("new")

    @property
    def old(self) -> Path:
        """The old release, between the two renames."""
        return self.beside("old")

    @property
    def journal(self) -> Path:
        """The file that records that the two renames were begun."""
        return self.beside("journal")

    def is_busy(self) -> bool:
        """Tell if a run is writing here, or was stopped while it wrote."""
        return self.beside("lock").exists() or self.journal.exists()


@contextmanager
def writing(out: OutputFolder) -> Iterator[Path]:
    """Yield an empty folder to write a release to, and put it in place at the end.

    If anything is raised inside, that folder is removed and the output folder
    stays as it was.

    Raises
    ------
    OutputError
        If another run is writing there, if the output folder holds anything that
        linemap did not write, or if the system refuses.
    """
    try:
        out.path.parent.mkdir(parents=True, exist_ok=True)
        with locked(out.beside("lock")):
            settle_locked(out)
            require_ours(out.path)
            out.new.mkdir()
            try:
                yield out.new
                flush_tree(out.new)
                require_ours(out.path)
                put(out)
            finally:
                _remove(out.new)
    except LinemapError:
        raise
    except OSError as error:
        raise OutputError(
            f"{out.path} could not be written: {error.strerror or error}. "
            "What was there before is untouched."
        ) from error


def require_ours(path: Path) -> None:
    """Raise an OutputError unless a path is free, an empty folder, or a whole release."""
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise OutputError(f"{path} is a file; a release is a folder.")
    found = manifest.files(path)
    if not found:
        return
    if manifest.MANIFEST not in found:
        shown = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
        raise OutputError(
            f"{path} holds files that linemap did not write ({shown}). Choose another folder."
        )
    faults = manifest.broken(path)
    if faults:
        raise OutputError(
            f"{path} is not as linemap left it: {'; '.join(faults[:5])}. Move what you want to "
            "keep, delete the folder, or choose another."
        )


def mark_withdrawn(folder: Path, day: str) -> None:
    """Write into the folder of a release that it was withdrawn on a `day`; the audit refuses it.

    A later build into the folder replaces it, mark and all.
    """
    text = (
        f"This release was withdrawn on {day}: it was never to leave the building. Do not send "
        "it. Another release of the same records may be made, and whoever holds both can "
        "subtract one from the other.\n"
    )
    write_whole(folder / manifest.WITHDRAWN, text.encode())


def put(out: OutputFolder) -> None:
    """Put the finished folder in place, and the old one, if there is one, out of it."""
    if os.path.lexists(out.path):
        _replace(out)
    else:
        out.new.rename(out.path)
    flush_names(out.path.parent)


def _replace(out: OutputFolder) -> None:
    # not written beside and renamed: half a journal is none, and no third file is left
    with out.journal.open("wb") as stream:
        stream.write(checksum(out.new / manifest.MANIFEST).encode())
        stream.flush()
        os.fsync(stream.fileno())
    try:
        out.path.rename(out.old)
    except OSError as error:
        out.journal.unlink()
        raise OutputError(
            f"{out.path} could not be replaced: {error.strerror or error}. Is one of its files "
            "open in another program? Close it and run again; the old release is untouched."
        ) from error
    try:
        out.new.rename(out.path)
    except OSError:
        out.old.rename(out.path)
        out.journal.unlink()
        raise
    out.journal.unlink()
    _remove(out.old)


def settle(out: OutputFolder) -> None:
    """Complete the two renames of a run that was stopped. Raises OutputError if one is running."""
    if out.journal.exists() or out.old.exists():
        with locked(out.beside("lock")):
            settle_locked(out)


def settle_locked(out: OutputFolder) -> None:
    """Complete or undo the two renames, then remove what was left beside the folder."""
    gone = not os.path.lexists(out.path)
    if gone and out.journal.exists() and _is_meant(out):
        out.new.rename(out.path)
    elif gone and out.old.exists():
        out.old.rename(out.path)
    flush_names(out.path.parent)
    out.journal.unlink(missing_ok=True)
    _remove(out.old)
    _remove(out.new)


def _is_meant(out: OutputFolder) -> bool:
    """Tell if the new folder is whole and the one that the journal names."""
    try:
        meant = out.journal.read_text("ascii")
        return meant == checksum(out.new / manifest.MANIFEST) and not manifest.broken(out.new)
    except (OutputError, OSError, ValueError):
        return False


def flush_tree(folder: Path) -> None:
    """Flush a folder's files and their names to the disk."""
    for path in folder.rglob("*"):
        if path.is_dir():
            flush_names(path)
        else:
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
    flush_names(folder)


def _remove(folder: Path) -> None:
    """Remove one of the folders beside the output folder; what cannot go now goes next time."""
    shutil.rmtree(folder, ignore_errors=True)


# ── The private folder ────────────────────────────────────────────────────────────────────

RECORD: Final = "private.json"
IGNORE: Final = ".gitignore"


@dataclass(frozen=True, slots=True)
class Private:
    """What goes to the private folder: tables by name, and facts (plain hashes, row counts)."""

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def private_folder(out: Path) -> Path:
    """Name the private folder of a release: beside it, `-private` after its name.

    >>> private_folder(Path("data/processed/2024")).as_posix()
    'data/processed/2024-private'
    """
    return out.with_name(f"{out.name}-private")


def write_private(folder: Path, private: Private, release: str) -> tuple[Path, ...]:
    """Write the private folder's files; return those of the analyst's that were kept aside.

    `release` is the hash of the release's manifest that they belong to.
    """
    prepare_private(folder)
    content = {
        safe_file_name(name, ".csv"): csv_bytes(typed(frame))
        for name, frame in private.tables.items()
    }
    before = _before(folder)
    kept = [
        _keep(folder / name)
        for name, data in content.items()
        if _edited(folder / name, data, before.get(name))
    ]
    for name in before.keys() - content.keys():
        if not _edited(folder / name, b"", before[name]):
            (folder / name).unlink(missing_ok=True)
    for name, data in content.items():
        _put_file(folder / name, data)
    record = {
        "release": release,
        "facts": dict(private.facts),
        "files": {name: checksum(data) for name, data in content.items()},
    }
    _write_record(folder, record)
    return tuple(kept)


def write_private_table(folder: Path, name: str, frame: pd.DataFrame) -> Path:
    """Write one table to a private folder and return its path.

    One that the analyst edited is kept beside it under another name.
    """
    prepare_private(folder)
    path = folder / safe_file_name(name, ".csv")
    data = csv_bytes(typed(frame))
    before = _before(folder)
    if _edited(path, data, before.get(path.name)):
        _keep(path)
    _put_file(path, data)
    record = _record(folder)
    record["files"] = {**before, path.name: checksum(data)}
    _write_record(folder, record)
    return path


def note_in_private(folder: Path, name: str, value: Any) -> None:
    """Keep a value of JSON under a name in the record of a private folder, until the next build."""
    _write_record(folder, {**_record(folder), name: value})


def noted_of(folder: Path, release: str) -> Mapping[str, Any]:
    """Return the record of a private folder if it is of a release, and whole; else nothing.

    `release` is the hash of the release's manifest. A file that is missing, or was changed
    after it was written, makes it not whole.
    """
    record, files = _record(folder), _before(folder)
    if record.get("release") != release:
        return {}
    paths = {folder / name: digest for name, digest in files.items()}
    if all(path.is_file() and checksum(path) == digest for path, digest in paths.items()):
        return record
    return {}


def prepare_private(folder: Path) -> None:
    """Make a folder that its owner alone can read, out of git's reach; close one that is there.

    Raises
    ------
    OutputError
        If there is a release, a link or what is no folder, or the system refuses.
    """
    if (folder / manifest.MANIFEST).exists():
        raise OutputError(
            f"{folder} holds a release, and what is for you alone would leave with it. Give the "
            "release that you write another name."
        )
    if folder.is_symlink():
        raise OutputError(
            f"{folder} is a link, and others may read what it leads to. Remove the link: linemap "
            "makes a folder there that you alone can read."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _close(folder)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made a private folder: {error.strerror or error}. Move or delete "
            "it, or write the release elsewhere."
        ) from error
    if not keeps_git_out(folder):
        if os.path.lexists(folder / IGNORE):
            _keep(folder / IGNORE)
        _put_file(folder / IGNORE, b"*\n")


def keeps_git_out(folder: Path) -> bool:
    """Tell if a private folder has the file that keeps all of it out of git, with no exception."""
    ignore = folder / IGNORE
    if ignore.is_symlink() or not ignore.is_file():
        return False
    lines = [line.strip() for line in ignore.read_bytes().splitlines()]
    return b"*" in lines and not any(line.startswith(b"!") for line in lines)


def _close(folder: Path) -> None:
    """Let only the owner read a folder and its files, on systems that have owners."""
    if os.name == "nt":
        return
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)
    for path in folder.iterdir():
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o700 if path.is_dir() else 0o600)


def _record(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_record(folder: Path, record: Mapping[str, Any]) -> None:
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    _put_file(folder / RECORD, text.encode() + b"\n")


def _before(folder: Path) -> dict[str, str]:
    """Say which files the last run wrote, and their hashes."""
    files = _record(folder).get("files")
    if not isinstance(files, dict):
        return {}
    return {str(name): str(digest) for name, digest in files.items() if Path(name).name == name}


def _edited(path: Path, data: bytes, digest: str | None) -> bool:
    """Tell if a file was edited by the analyst, so that writing it would lose something.

    Nothing is lost of a table whose every row stands in the new one, as of a review that was
    saved by a spreadsheet and has been read.
    """
    if not path.exists() or checksum(path) in (digest, checksum(data)):
        return False
    try:
        there, new = _rows(*read_text(path)), _rows(data.decode("utf-8-sig"), ",")
    except (InputError, csv.Error, ValueError):
        return True
    return not there <= new


def _rows(text: str, separator: str) -> set[tuple[str, ...]]:
    rows = read_cells(text, separator)
    return {tuple(cell.strip() for cell in cells) for cells in rows if any(cells)}


def _keep(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}-kept-{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
    return aside


def _put_file(path: Path, data: bytes) -> None:
    write_whole(path, data, private=True)
