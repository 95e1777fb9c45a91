"""Where the ledgers of releases lie, and what is done to one afterwards: withdraw, restore.

The ledgers of a folder of releases lie in ``linemap-private`` beside them, or in the
nearest such folder above; a caller may name another (``ledgers``).
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from linemap.disclosure import (
    Entry,
    Ledger,
    Rule,
    blocks_of,
)
from linemap.errors import DisclosureError, LinemapError, OutputError
from linemap.io import checksum, locked
from linemap.release import (
    MANIFEST,
    OutputFolder,
    mark_withdrawn,
    prepare_private,
    read_manifest,
    read_release,
    safe_file_name,
)

LEDGERS: Final = "linemap-private"
_NO_LEDGER: Final = "private.json"  # what a release called "linemap" keeps in the same folder
_PROCESSED: Final = Path("data/processed")  # where releases go by default, below a project's folder
_MOST_INSIDE: Final = 2_000  # entries of a folder that are looked at
_ABOVE: Final = 8  # how many folders above are searched for ledgers


def ledger_folder(out: Path, ledgers: Path | None = None, table: Path | None = None) -> Path:
    """Name the folder of the ledgers for a release.

    That is the nearest that holds any: beside the release, above it, in the ``data/processed``
    of a folder above, or likewise around the `table`; else the one beside the release.
    In `ledgers`, a folder that a team shares, they lie in one of the same name, so that
    nothing else is touched.
    """
    homes = homes_of(out, ledgers, table)
    return next(
        (home / LEDGERS for home in homes if ledgers_in(home / LEDGERS)), homes[0] / LEDGERS
    )


def homes_of(out: Path, ledgers: Path | None, table: Path | None) -> tuple[Path, ...]:
    """List the folders in which the ledgers of a release may lie, the nearest first."""
    if ledgers is not None:
        return (ledgers.parent if ledgers.name == LEDGERS else ledgers,)
    starts = [OutputFolder.of(out).path.parent]
    if table is not None:
        starts.append(Path(os.path.realpath(table)).parent)
    found: dict[Path, None] = {}
    for start in starts:
        for folder in _upwards(start):
            found |= {folder: None, folder / _PROCESSED: None}
    return tuple(found)


def folders_in(folder: Path) -> list[Path]:
    """List what lies in a folder, of a very large one a part; no release that is being written."""
    inside = islice(folder.iterdir(), _MOST_INSIDE)
    return sorted(path for path in inside if not OutputFolder.is_unfinished(path))


def _upwards(start: Path) -> Iterator[Path]:
    """Yield a folder and those above it; none that all users of a machine share (/tmp)."""
    yield start
    for folder in start.parents[:_ABOVE]:
        shared = stat.S_ISVTX | stat.S_IWOTH
        is_shared = folder.is_dir() and folder.stat().st_mode & shared == shared
        is_readable = not folder.is_dir() or os.access(folder, os.R_OK | os.X_OK)
        if folder == folder.parent or is_shared or not is_readable:
            return
        yield folder


def ledger_path(homes: tuple[Path, ...], name: str) -> Path:
    """Name the ledger of a series: one that there is, else one in the nearest folder of ledgers."""
    paths = [_file(home / LEDGERS, name) for home in homes]
    there = (path for path in paths if path.exists())
    beside_others = (path for path in paths if ledgers_in(path.parent))
    return next(there, next(beside_others, paths[0]))


def _file(folder: Path, series: str) -> Path:
    """Name the ledger of a series."""
    name = safe_file_name(series, ".json")
    return folder / (f"series-{name}" if name == _NO_LEDGER else name)


def home_of(ledger: Path) -> Path:
    """Name the folder whose releases a ledger is of."""
    return ledger.parent.parent


def ledgers_in(folder: Path) -> list[Path]:
    """List the ledgers of a folder, which may be the private folder of a release as well."""
    return [path for path in sorted(folder.glob("*.json")) if path.name != _NO_LEDGER]


def manifest_of(folder: Path) -> Mapping[str, Any]:
    """Read the manifest of a release, if a folder holds one."""
    if not (folder / MANIFEST).is_file():
        return {}
    try:
        return read_manifest(folder)
    except LinemapError:
        return {}


# ── Withdraw a release, or restore its ledger ─────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A release that can be withdrawn: its folder, whether that holds it, and its ledger.

    ``holds`` is False where the folder was deleted, or holds a later release by now.
    ``others`` are further releases of that name that bind.
    """

    folder: Path
    holds: bool
    ledger: Path
    entry: Entry
    others: tuple[Entry, ...] = ()

    @property
    def release(self) -> str:
        """The release in words, with the day on which it was made."""
        return str(self.entry)


def find_withdrawal(folder: str | Path, *, ledgers: Path | None = None) -> Withdrawal:
    """Find the release of a folder that binds later ones: the one there, else the last of its name.

    Raises
    ------
    OutputError
        If there is no whole release in `folder`, and none of its name binds.
    DisclosureError
        If no ledger knows the release, or it was withdrawn before and none of its name binds.
    """
    path = OutputFolder.of(Path(folder)).path
    there = (path / MANIFEST).exists()
    if there:
        read_manifest(path)  # fails where it was changed
    manifest = checksum(path / MANIFEST) if there else ""
    where = ledger_folder(path, ledgers)
    files = [file for home in homes_of(path, ledgers, None) for file in ledgers_in(home / LEDGERS)]
    read = [(file, Ledger.read(file)) for file in files]
    known = any(entry.manifest == manifest for _, ledger in read for entry in ledger.entries)
    if there and not known:
        raise DisclosureError(f"No ledger in {where}, or around it, knows the release in {path}.")
    named = [
        (file, entry)
        for file, ledger in read
        for entry in ledger.binding
        if entry.manifest == manifest
        # in a ledger that lies elsewhere others may have the name
        or (entry.name == path.name and (ledgers is not None or home_of(file) == path.parent))
    ]
    named.sort(key=lambda found: found[1].manifest != manifest)  # stable: else the last first
    if not named and there:
        raise DisclosureError(f"The release in {path} was withdrawn before, and binds no other.")
    if not named:
        raise OutputError(
            f"{path} is no release, and no ledger in {where} has one of that name that binds."
        )
    (file, entry), *others = named
    holds = entry.manifest == manifest
    return Withdrawal(path, holds, file, entry, tuple(other for _, other in others))


def withdraw(folder: str | Path, *, reason: str = "", ledgers: Path | None = None) -> Path:
    """Withdraw a release that has never left the building; return the ledger that records it.

    The release then binds no later one, and its folder, if it is still there, is marked: an audit
    refuses it. If it has left, whoever holds it can subtract it from the next: nothing can take
    it back. Where the folder was deleted, or holds a later release that was withdrawn
    before, it is the last release of that name that binds.

    Raises
    ------
    OutputError
        If there is no whole release in `folder`, and none of its name binds.
    DisclosureError
        If no ledger knows the release, or it was withdrawn before and none of its name binds.
    """
    found = find_withdrawal(folder, ledgers=ledgers)
    day = today()
    with locked(found.ledger.with_name(f".{found.ledger.stem}.linemap-lock")):
        kept = Ledger.read(found.ledger).withdraw(found.entry.manifest, day=day, reason=reason)
        kept.write(found.ledger)
    if found.holds:
        mark_withdrawn(found.folder, day)
    return found.ledger


def restore_ledger(
    folder: str | Path, *, series: str | None = None, ledgers: Path | None = None
) -> Path:
    """Make the lost ledger of a release again of what the release shows; return its path.

    What it counted and did not show, and the releases before it, are not known any more.
    `series` names the ledger; the folder's name unless it is given.

    Raises
    ------
    OutputError
        If there is no whole release in `folder`.
    DisclosureError
        If it is no release of records, or a ledger of that name exists.
    """
    path = OutputFolder.of(Path(folder)).path
    found = read_release(path)
    if found.manifest.get("rule") is None:
        raise DisclosureError(f"{path} is no release of records: it needs no ledger.")
    where = ledger_folder(path, ledgers)
    file = _file(where, series or path.name)
    prepare_private(where)
    with locked(file.with_name(f".{file.stem}.linemap-lock")):
        if file.exists():
            raise DisclosureError(f"{file} exists: say under which other name, --series NAME.")
        rule, where_to = Rule(**found.manifest["rule"]), found.tables.get("where_to")
        blocks = blocks_of(found.flows, found.tables, rule, where_to=where_to)
        entry = Entry(path.name, today(), blocks, checksum(path / MANIFEST))
        series_id = str(found.manifest.get("series") or secrets.token_hex(8))
        Ledger((entry,), series_id, secrets.token_bytes(32)).write(file)
    return file


def today() -> str:
    """Return the day, as a ledger writes it."""
    return dt.datetime.now().astimezone().date().isoformat()
