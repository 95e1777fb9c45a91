"""Read a table as text: every cell as it stands, every row by its number in the file."""

from __future__ import annotations

import codecs
import csv
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

from linemap.errors import Fault, InputError
from linemap.io.files import PathLike, file, require

_PIECE: Final = 500_000  # rows read at a time


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


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
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
    except Exception as error:
        raise InputError(f"{path.name} cannot be read as Parquet: {error}") from error


def _parquet(path: Path) -> pd.DataFrame:
    with reading_parquet(path) as stream:
        table = pq.ParquetFile(stream).read()
        frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    return as_text(frame)


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
