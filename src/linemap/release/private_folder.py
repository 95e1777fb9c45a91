"""The private folder: what shows content, and is for the analyst alone.

It stands beside the release, keeps git out by itself, and is open to nobody
else where the system knows owners. Files are replaced one by one, each whole;
one that the analyst edited is kept under another name first.
"""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from linemap.errors import InputError, OutputError
from linemap.io import checksum, read_text, write_whole
from linemap.release import manifest
from linemap.release.writers import csv_bytes, safe_file_name, typed

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
        _replace(folder / name, data)
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
    _replace(path, data)
    record = _record(folder)
    record["files"] = {**before, path.name: checksum(data)}
    _write_record(folder, record)
    return path


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
    if not (folder / IGNORE).exists():
        _replace(folder / IGNORE, b"*\n")


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
    _replace(folder / RECORD, text.encode() + b"\n")


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
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return {tuple(cell.strip() for cell in cells) for cells in lines if any(cells)}


def _keep(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}-kept-{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
    return aside


def _replace(path: Path, data: bytes) -> None:
    write_whole(path, data, private=True)
