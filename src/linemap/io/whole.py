"""Write a file whole or not at all, and tell two contents apart."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # of Windows


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file in one step and see it to the disk; the old one stays until then.

    A `private` file can be read by its owner alone, others by all.
    Raises OSError; what was there before is then untouched.
    """
    beside = path.with_name(f".{path.name[:200]}.part")
    beside.unlink(missing_ok=True)  # what a run that was stopped left
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if not private and os.name != "nt":
            beside.chmod(0o644)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    flush_names(path.parent)


def flush_names(folder: Path) -> None:
    """See a folder's own list of names to the disk; Windows does that by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(content: bytes | Path) -> str:
    """Return the SHA-256 of some bytes or of a file, in hexadecimal."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
