"""Put a folder in place whole or not at all.

A new release is made in a folder beside its place and then exchanged with the
old one in a single step of the file system, where it has such a step. Where
it has none, two renames are noted in a journal first, and the next run or
reader completes them. The names beside the place, for a place ``x``:

- ``.x.linemap-lock``: held by the run that writes
- ``.x.linemap-new``: the release in the making; after an exchange, the old one
- ``.x.linemap-old``: the old one, between two renames and its removal
- ``.x.linemap-journal``: says that two renames were begun, and for which manifest
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from linemap.errors import LinemapError, OutputError
from linemap.io import checksum, flush_names
from linemap.release import manifest
from linemap.release.exchange import exchange
from linemap.release.locking import locked


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that holds a release, or will, and the names beside it."""

    path: Path

    @classmethod
    def of(cls, folder: Path) -> Place:
        """Name the place; a link is followed to what it means."""
        path = Path(os.path.realpath(folder))
        if path == path.parent:
            raise OutputError(f"A release cannot be written to {path}.")
        return cls(path)

    def beside(self, what: str) -> Path:
        """Name a file or folder beside the place."""
        return self.path.with_name(f".{self.path.name}.linemap-{what}")

    @property
    def new(self) -> Path:
        """Where a release is made."""
        return self.beside("new")

    @property
    def old(self) -> Path:
        """Where the old one waits between two renames."""
        return self.beside("old")

    @property
    def journal(self) -> Path:
        """What says that two renames were begun."""
        return self.beside("journal")

    def is_busy(self) -> bool:
        """Tell if a run is writing here, or was stopped while it did."""
        return self.beside("lock").exists() or self.journal.exists()


@contextmanager
def writing(place: Place) -> Iterator[Path]:
    """Give an empty folder to make a release in, and put it in place at the end.

    If anything is raised inside, the folder is removed and the place is left
    as it was.

    Raises
    ------
    OutputError
        If another run is writing there, if the place holds anything that
        linemap did not write, or if the system refuses.
    """
    try:
        place.path.parent.mkdir(parents=True, exist_ok=True)
        with locked(place.beside("lock")):
            settle_locked(place)
            require_ours(place.path)
            place.new.mkdir()
            try:
                yield place.new
                flush_tree(place.new)
                require_ours(place.path)
                put(place)
            finally:
                _remove(place.new)
    except LinemapError:
        raise
    except OSError as error:
        raise OutputError(
            f"{place.path} could not be written: {error.strerror or error}. "
            "What was there before is untouched."
        ) from error


def require_ours(path: Path) -> None:
    """Raise an OutputError unless a place is free, empty, or a whole release of linemap's."""
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


def put(place: Place) -> None:
    """Put the finished folder in place, in one step or in two that are noted."""
    if not os.path.lexists(place.path):
        place.new.rename(place.path)
    elif not exchange(place.new, place.path):
        _two_renames(place)
    flush_names(place.path.parent)


def _two_renames(place: Place) -> None:
    # written in place: half of it is no journal, and nothing is left beside it
    with place.journal.open("wb") as stream:
        stream.write(checksum(place.new / manifest.MANIFEST).encode())
        stream.flush()
        os.fsync(stream.fileno())
    try:
        place.path.rename(place.old)
    except OSError as error:
        place.journal.unlink()
        raise OutputError(
            f"{place.path} could not be replaced: {error.strerror or error}. Is one of its files "
            "open in another program? Close it and run again; the old release is untouched."
        ) from error
    try:
        place.new.rename(place.path)
    except OSError:
        place.old.rename(place.path)
        place.journal.unlink()
        raise
    place.journal.unlink()
    _remove(place.old)


def settle(place: Place) -> None:
    """Complete what a run that was stopped left half done, if no run is at it now."""
    if place.journal.exists() or place.old.exists():
        with locked(place.beside("lock")):
            settle_locked(place)


def settle_locked(place: Place) -> None:
    """Complete or undo two renames, then remove what was left beside the place."""
    gone = not os.path.lexists(place.path)
    if gone and place.journal.exists() and _is_meant(place):
        place.new.rename(place.path)
    elif gone and place.old.exists():
        place.old.rename(place.path)
    flush_names(place.path.parent)
    place.journal.unlink(missing_ok=True)
    _remove(place.old)
    _remove(place.new)


def _is_meant(place: Place) -> bool:
    """Tell if the new folder is whole and the one that the journal speaks of."""
    try:
        meant = place.journal.read_text("ascii")
        return meant == checksum(place.new / manifest.MANIFEST) and not manifest.broken(place.new)
    except (OutputError, OSError, ValueError):
        return False


def flush_tree(folder: Path) -> None:
    """See a folder's files and names to the disk, whatever wrote them."""
    for path in folder.rglob("*"):
        if path.is_dir():
            flush_names(path)
        else:
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
    flush_names(folder)


def _remove(folder: Path) -> None:
    """Remove one of the folders beside the place; what cannot go now goes next time."""
    shutil.rmtree(folder, ignore_errors=True)
