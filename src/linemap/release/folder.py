"""Write an output folder whole or not at all.

A new release is written to a folder beside the output folder. Two renames then put
it in place of the old one; a journal records them first, so that the next run
or reader completes them if the run is stopped in between. It is done so on every
system, since Windows has no step that exchanges two folders. The names beside an
output folder ``x``:

- ``.x.linemap-lock``: the lock that the writing run holds
- ``.x.linemap-new``: the new release while it is written
- ``.x.linemap-old``: the old release, between the two renames and its removal
- ``.x.linemap-journal``: the checksum of the manifest that the two renames put in place
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linemap.errors import LinemapError, OutputError
from linemap.io import checksum, flush_names, locked, write_whole
from linemap.release import manifest

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
