"""Files: find them, read a table as text, write one whole, take its checksum, and lock a place.

Of a table every cell is read as it stands, and every row keeps its number in the file.
"""

from __future__ import annotations

import codecs
import csv
import errno
import hashlib
import io
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd
import pyarrow.parquet as pq

from linemap.errors import Fault, InputError, InputNotFoundError, OutputError

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


_PIECE: Final = 500_000  # rows read at a time


def read_rows(
    path: PathLike,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    names: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    keep: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> pd.DataFrame:
    """Read a CSV or Parquet table as text, every cell as it stands; empty cells are "".

    `encoding` is UTF-8, UTF-16 where the file's first bytes say so, and
    Windows-1252 where it is neither. `separator` is found in the first line of
    a ``.csv`` (comma or semicolon), and a tab for ``.tsv`` and ``.txt``; `names`
    are the headings of a file that has none; `columns` are those wanted. `keep`
    says of a piece of the table which rows are wanted: a file larger than
    memory can be read so. A row with nothing in it is left out; the index
    counts the file's records from 0, those left out too. Raises InputError for
    a folder, a damaged file, a wrong encoding, a row longer than the headings,
    a heading that stands twice, or lacking headings.
    """
    path = file(path)
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        return _parquet(path)
    encoding = encoding or _encoding(path)
    form = _Form(path, encoding, separator or _separator(path, encoding))
    options: dict[str, Any] = {
        "sep": form.separator,
        "dtype": str,
        "keep_default_na": False,
        "encoding": encoding,
        "header": 0 if names is None else None,
        "names": None if names is None else list(names),
        "usecols": None if columns is None else list(columns),
        "index_col": False,
        "quoting": form.quoting,
        "skip_blank_lines": False,
        "low_memory": False,
        "chunksize": _PIECE,
    }
    try:
        headings = form.headings() if names is None else list(names)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row is too long
            with pd.read_csv(path, **options) as pieces:
                filled = (_filled(piece) for piece in pieces)
                kept = [piece if keep is None else piece[keep(piece)] for piece in filled]
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        faults = form.damage(len(headings))
        said = "" if faults else f" {error}"
        raise InputError(f"{path.name} cannot be read as a table:{said}", faults) from error
    except (ValueError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name} cannot be read as a table: {error}") from error
    table: pd.DataFrame = pd.concat(kept)
    return table


@cache
def shipped_list(name: str) -> tuple[Mapping[str, str], ...]:
    """Read a list that ships with linemap by its file's name; a row is a mapping by heading."""
    text = (files("linemap") / "data" / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def read_cells(text: str, separator: str = ",") -> Iterator[list[str]]:
    """Split the text of a small table into rows of cells, strictly; its headings are a row too.

    Raises csv.Error where a quotation mark hides where a row ends.
    """
    lines = io.StringIO(text, newline="")
    yield from csv.reader(lines, delimiter=separator, strict=True)


def read_text(path: PathLike) -> tuple[str, str]:
    """Read a table as one text, with its separator: as :func:`read_rows` finds both.

    Raises InputNotFoundError, and InputError for a folder or a file that cannot be read.
    """
    found = file(path)
    encoding = _encoding(found)
    try:
        with found.open(encoding=encoding, newline="") as stream:
            return stream.read(), _separator(found, encoding)
    except (OSError, UnicodeError) as error:
        raise InputError(f"{found.name!r} cannot be read: {error}.") from error


def lacking(table: pd.DataFrame, wanted: Mapping[str, str | None]) -> list[str]:
    """List the headings that a caller named and the table has not."""
    return [h for h in wanted.values() if h is not None and h not in table.columns]


def cells_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with every cell as text, and what is null as ""."""
    text: pd.DataFrame = frame.astype(object).where(frame.notna(), "").astype(str)
    return text


def require_once(headings: Sequence[object], path: Path, *, row: int | None = None) -> None:
    """Refuse headings of which one stands twice; the empty ones may."""
    twice = [h for h in dict.fromkeys(headings) if h and list(headings).count(h) > 1]
    if twice:
        raise InputError(
            f"{path.name} cannot be used:",
            [
                Fault("the heading stands twice.", row, str(heading), "Rename or remove one.")
                for heading in twice
            ],
        )


@contextmanager
def reading_parquet(path: Path) -> Iterator[Any]:
    """Open a Parquet file as a stream; whatever goes wrong with it is an InputError."""
    require(path, "Parquet")
    try:
        with path.open("rb") as stream:
            require_once(pq.read_schema(stream).names, path)
            yield stream
    except InputError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise InputError(f"{path.name} cannot be read as Parquet: {error}") from error


def _parquet(path: Path) -> pd.DataFrame:
    with reading_parquet(path) as stream:
        table = pq.ParquetFile(stream).read()
        frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    return cells_as_text(frame)


@dataclass(frozen=True, slots=True)
class _Form:
    """How a file of separated text is written."""

    path: Path
    encoding: str
    separator: str

    @property
    def quoting(self) -> Literal[0, 3]:
        return csv.QUOTE_NONE if self.separator == "\t" else csv.QUOTE_MINIMAL

    @contextmanager
    def rows(self) -> Iterator[Iterator[list[str]]]:
        with self.path.open(encoding=self.encoding, newline="") as stream:
            yield csv.reader(stream, delimiter=self.separator, quoting=self.quoting, strict=True)

    def headings(self) -> list[str]:
        with self.rows() as rows:
            headings = next(rows, [])
        if not any(heading.strip() for heading in headings):
            raise InputError(f"{self.path.name} has no headings: its first row must hold them.")
        require_once(headings, self.path, row=1)
        return headings

    def damage(self, width: int) -> list[Fault]:
        """Name the rows that are longer than the headings, or at which quoting goes wrong."""
        faults, number = [], 0
        with self.rows() as rows:
            try:
                for number, row in enumerate(rows, 1):
                    if len(row) > width:
                        problem = f"the row has {len(row)} cells under {width} headings."
                        hint = "A cell that holds the separator must stand in quotation marks."
                        faults.append(Fault(problem, number, hint=hint))
            except csv.Error:
                problem = "a quotation mark in this row stands inside a cell or never closes."
                faults.append(Fault(problem, number + 1, hint="Write it twice, or close it."))
        return faults


def _filled(piece: pd.DataFrame) -> pd.DataFrame:
    """Write cells that a short row lacks as empty, and leave out the rows without content."""
    filled: pd.DataFrame = piece.fillna("")
    hollow = filled[filled.iloc[:, 0].str.strip().eq("")]
    empty = hollow.apply(lambda column: column.str.strip().eq("")).all(axis=1)
    kept: pd.DataFrame = filled.drop(index=hollow.index[empty])
    return kept


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
    with path.open(encoding=encoding, errors="replace") as stream:
        first = stream.readline()
    return ";" if first.count(";") > first.count(",") else ","
