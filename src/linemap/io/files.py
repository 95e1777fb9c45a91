"""A file on this machine, and whether it is what it is called."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from linemap.errors import InputError, InputNotFoundError

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
