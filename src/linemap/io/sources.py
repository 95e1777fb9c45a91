"""The register of sources: one row a file, with its hash and whom to name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from linemap.io.files import PathLike, local

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
    source_id: str, path: PathLike, *, rows: int, title: str = "", licence: str = "not stated",
    attribution: str = "", url: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Return the row of a source: its file's name and hash, its rows, its attribution.

    The path is the file's name alone, so that no folder of a private machine
    reaches a manifest. Without an attribution, the title (or the id) is one.
    """
    title = title or source_id
    values = (
        source_id, title, Path(path).name, fingerprint(path), rows, licence,
        attribution or title, url,
    )  # fmt: skip
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
