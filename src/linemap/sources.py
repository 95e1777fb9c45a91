"""Every outside file is a row: where it lies, its hash, rows, licence and attribution.

Files are opened here, and so that a file can be nothing but what its name
says: GeoJSON by the driver's name, GeoPackage after a look at its first bytes,
Parquet and CSV without GDAL. A description of other files in disguise is
refused, and so is whatever is not on this machine.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from linemap.errors import InputError, InputNotFoundError

ID: Final = "id"
TITLE: Final = "title"
PATH: Final = "path"
SHA256: Final = "sha256"
ROWS: Final = "rows"
LICENCE: Final = "licence"
ATTRIBUTION: Final = "attribution"
LINK: Final = "url"
SOURCE_COLUMNS: Final = (ID, TITLE, PATH, SHA256, ROWS, LICENCE, ATTRIBUTION, LINK)

PathLike = str | os.PathLike[str]
FORMATS: Final = {
    ".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG",
    ".parquet": "Parquet", ".geoparquet": "Parquet",
    ".csv": "CSV", ".tsv": "CSV", ".txt": "CSV",
}  # fmt: skip
_PIECE: Final = 500_000  # rows read at a time
_SQLITE: Final = b"SQLite format 3\x00"
_GPKG_ID: Final = slice(68, 72)
_GPKG_IDS: Final = frozenset({b"GPKG", b"GP10", b"GP11"})


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
    """Return the one row of a source: its file's name and hash, its rows, whom to name.

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
    """List what must stand beside anything made from these sources, each once, in order."""
    return tuple(dict.fromkeys(str(a) for a in register_[ATTRIBUTION] if a))


def local(path: PathLike) -> Path:
    """Return a path that exists on this machine. Raises InputNotFoundError."""
    found = Path(path)
    if not found.exists():
        raise InputNotFoundError(f"There is no file {os.fspath(path)!r}.")
    return found


def format_of(path: PathLike) -> str:
    """Name the format of a file by its suffix: GeoJSON, GPKG, Parquet or CSV.

    Raises InputNotFoundError, and InputError for any other suffix.
    """
    suffix = local(path).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            f"{Path(path).name} is not of a format that linemap opens; "
            f"it opens {', '.join(sorted(FORMATS))}."
        )
    return FORMATS[suffix]


def read_features(path: PathLike, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read the features of a GeoJSON, GeoPackage or GeoParquet file, in its own CRS.

    `layer` names a GeoPackage's layer, and must where there are several.
    Raises InputError for another format, a file that is not what it is called,
    or one that cannot be read.
    """
    path, kind = local(path), format_of(path)
    if kind == "CSV":
        raise InputError(f"{path.name} is a table without outlines.")
    _look(path, kind)
    try:
        if kind == "Parquet":
            return gpd.read_parquet(path)
        if kind == "GeoJSON":
            return gpd.read_file(f"GeoJSON:{path.resolve()}")
        return gpd.read_file(path.resolve(), layer=layer or _only_layer(path))
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{path.name} cannot be read as {kind}: {error}") from error


def read_rows(
    path: PathLike, *, encoding: str | None = None, separator: str | None = None,
    names: Sequence[str] | None = None, columns: Sequence[str] | None = None,
    keep: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Read a CSV or Parquet table as text, every cell as it stands; empty cells are "".

    `encoding` is UTF-8, UTF-16 where the file's first bytes say so, and
    Windows-1252 where it is neither. `separator` is found in the first line of
    a ``.csv`` (comma or semicolon), and a tab for ``.tsv`` and ``.txt``; `names`
    are the headings of a file that has none; `columns` are those wanted. `keep`
    says of a piece of the table which rows are wanted: a file larger than
    memory can be read so. The index
    counts the file's records from 0. Raises InputError for a damaged file, a
    wrong encoding, a row longer than the headings, or lacking headings.
    """
    path = local(path)
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        frame = pd.read_parquet(path)
        return frame.astype(object).where(frame.notna(), "").astype(str)
    encoding = encoding or _encoding(path)
    separator = separator or _separator(path, encoding)
    options: dict[str, Any] = {
        "sep": separator,
        "dtype": str,
        "keep_default_na": False,
        "encoding": encoding,
        "header": 0 if names is None else None,
        "names": None if names is None else list(names),
        "usecols": None if columns is None else list(columns),
        "index_col": False,
        "quoting": csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL,
        "low_memory": False,
        "chunksize": _PIECE,
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row is too long
            with pd.read_csv(path, **options) as pieces:
                kept = [piece if keep is None else piece[keep(piece)] for piece in pieces]
    except (ValueError, UnicodeError, pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(f"{path.name} cannot be read as a table: {error}") from error
    table: pd.DataFrame = pd.concat(kept)
    return table


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        stream.seek(0)
        try:
            while chunk := stream.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _separator(path: Path, encoding: str) -> str:
    if path.suffix.lower() in (".tsv", ".txt"):
        return "\t"
    with path.open(encoding=encoding, errors="replace") as file:
        first = file.readline()
    return ";" if first.count(";") > first.count(",") else ","


def lacking(table: pd.DataFrame, wanted: Mapping[str, str | None]) -> list[str]:
    """List the headings that a caller named and the table has not."""
    return [h for h in wanted.values() if h is not None and h not in table.columns]


def _look(path: Path, kind: str) -> None:
    """Refuse a file whose first bytes are not of its kind."""
    with path.open("rb") as stream:
        head = stream.read(512)
    right = {
        "GeoJSON": head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{",
        "GPKG": head.startswith(_SQLITE) and head[_GPKG_ID] in _GPKG_IDS,
        "Parquet": head.startswith(b"PAR1"),
    }[kind]
    if not right:
        raise InputError(f"{path.name} is called a {kind} file, but is none.")


def _only_layer(path: Path) -> str:
    layers = [str(name) for name in gpd.list_layers(path)["name"]]
    if len(layers) != 1:
        raise InputError(
            f"{path.name} has {len(layers)} layers: name one of {', '.join(map(repr, layers))}."
        )
    return layers[0]
