"""Files: find them, tell their format, write one whole, hash it, and lock a place."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from linemap.errors import InputError, InputNotFoundError, OutputError

PathLike = str | os.PathLike[str]
FORMATS: Final = {
    ".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG",
    ".parquet": "Parquet", ".geoparquet": "Parquet",
    ".csv": "CSV", ".tsv": "CSV", ".txt": "CSV",
}  # fmt: skip
_SQLITE: Final = b"SQLite format 3\x00"
_GPKG_ID: Final = slice(68, 72)
_GPKG_IDS: Final = frozenset({b"GPKG", b"GP10", b"GP11"})


def local(path: PathLike) -> Path:
    """Return a path that exists on this machine. Raises InputNotFoundError."""
    found = Path(path)
    if not os.path.exists(found):  # noqa: PTH110  # Path's own raises where a name is too long
        raise InputNotFoundError(f"There is no file {os.fspath(path)!r}.")
    return found


def file(path: PathLike) -> Path:
    """Return the path of a file. Raises InputNotFoundError, and InputError for a folder."""
    found = local(path)
    if not found.is_file():
        kind = "a folder" if found.is_dir() else "no ordinary file"
        raise InputError(f"{found.name} is {kind}: give the path of one file.")
    return found


def format_of(path: PathLike) -> str:
    """Name the format of a file by its suffix: GeoJSON, GPKG, Parquet or CSV.

    Raises InputNotFoundError, and InputError for a folder or any other suffix.
    """
    found = file(path)
    suffix = found.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            f"{found.name} is not of a format that linemap opens; "
            f"it opens {', '.join(sorted(FORMATS))}."
        )
    return FORMATS[suffix]


def require(path: Path, kind: str) -> None:
    """Refuse a file whose first bytes are not of its kind (GeoJSON, GPKG or Parquet)."""
    with path.open("rb") as stream:
        head = stream.read(512)
    right = {
        "GeoJSON": head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{",
        "GPKG": head.startswith(_SQLITE) and head[_GPKG_ID] in _GPKG_IDS,
        "Parquet": head.startswith(b"PAR1"),
    }[kind]
    if not right:
        raise InputError(f"{path.name} is called a {kind} file, but is none.")


# ── Writing and hashing ───────────────────────────────────────────────────────
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # of Windows


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file in one step and flush it to the disk; the old one stays until then.

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


def write_output(path: PathLike, data: bytes) -> Path:
    """Write a file that the user asked for as :func:`write_whole` does, and return its path.

    Raises OutputError, with the reason; what was there before is then untouched.
    """
    target = Path(path)
    try:
        write_whole(target, data)
    except OSError as error:
        raise OutputError(
            f"{target} could not be written: {error.strerror or error}. "
            "Is the folder there, and is the file open in another program?"
        ) from error
    return target


def flush_names(folder: Path) -> None:
    """Flush a folder's own list of names to the disk; Windows does that by itself."""
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


# ── Locking ──────────────────────────────────────────────────────────────────
# A file system that knows no locks: nobody else can hold one there either.
_NO_LOCKS: Final = frozenset((errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; the system releases it when the process ends, however it does.

    The file is removed at the end. Raises OutputError if another run holds it.
    """
    from filelock import FileLock, Timeout  # slow to load, and only what writes needs it

    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise OutputError(
            f"Another run is writing {_locked_name(path)!r} at this moment. "
            "Wait until it has ended, then run again."
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    try:
        yield
    finally:
        if os.name != "nt":  # there an open file cannot be removed: the release does it
            path.unlink(missing_ok=True)
        lock.release()


def _locked_name(path: Path) -> str:
    return path.name.removeprefix(".").removesuffix(".linemap-lock")


# ── The register of sources: one row a file, with its hash and whom to name ─────────────────
ID: Final = "id"
TITLE: Final = "title"
PATH: Final = "path"
SHA256: Final = "sha256"
ROWS: Final = "rows"
LICENCE: Final = "licence"
ATTRIBUTION: Final = "attribution"
LINK: Final = "url"
SOURCE_COLUMNS: Final = (ID, TITLE, PATH, SHA256, ROWS, LICENCE, ATTRIBUTION, LINK)


def fingerprint(path: PathLike) -> str:
    """Return the SHA-256 of a file, or of a folder's files by name, in hexadecimal."""
    path = local(path)
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode() + b"\x00")
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def register(
    source_id: str,
    path: PathLike,
    *,
    rows: int,
    title: str = "",
    licence: str = "not stated",
    attribution: str = "",
    url: str = "",
) -> pd.DataFrame:
    """Return the row of a source: its file's name and hash, its rows, its attribution.

    The path is the file's name alone, so that no folder of a private machine
    reaches a manifest. Without an attribution, the title (or the id) is one.
    """
    title = title or source_id
    values = (
        source_id,
        title,
        Path(path).name,
        fingerprint(path),
        rows,
        licence,
        attribution or title,
        url,
    )
    return pd.DataFrame([dict(zip(SOURCE_COLUMNS, values, strict=True))])


def combine(registers: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put registers together, each source once, in order of appearance."""
    if not registers:
        return pd.DataFrame(columns=list(SOURCE_COLUMNS))
    both = pd.concat(registers, ignore_index=True)
    return both.drop_duplicates([ID, SHA256], ignore_index=True)


def attributions(register_: pd.DataFrame) -> tuple[str, ...]:
    """List the attributions that whatever is made from these sources must show, each once."""
    return tuple(dict.fromkeys(str(a) for a in register_[ATTRIBUTION] if a))
