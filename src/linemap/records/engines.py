"""Choose where the rows of files are counted, and read them there.

A table of a council's size is read row by row; a folder, a pattern of names and a
large file are grouped by DuckDB or Spark. What an engine would not read exactly is read
row by row, where it fits.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from linemap.errors import Fault, InputError, InputNotFoundError
from linemap.records import duck, spark
from linemap.records.assemble import Reading
from linemap.records.grouped import NotPlain, Scanned, read_grouped
from linemap.records.table import EngineOptions, ReadOptions
from linemap.records.waiting import Tell, nobody
from linemap.text import sound

LARGE: Final = 64_000_000  # bytes of a file from which on DuckDB groups it
LARGEST: Final = 1_000_000_000  # bytes of a file read row by row, which takes several times as many
_ENDINGS: Final = (".csv", ".parquet")
_PATTERN: Final = re.compile(r"[*?\[]")


def files_of(source: str | Path) -> tuple[Path, ...]:
    """List the files of a table: a file, those of a folder, or those that a pattern names.

    Of a folder the CSV and Parquet files are taken, in the order of their names; names that
    begin with a dot or an underscore are passed over.

    Raises
    ------
    InputNotFoundError
        If there is none.
    """
    path = Path(source)
    try:
        if path.is_file():
            return (path,)
        if path.is_dir():
            found = [one for one in path.iterdir() if one.suffix.lower() in _ENDINGS]
        elif _PATTERN.search(path.name) and not _PATTERN.search(str(path.parent)):
            found = list(path.parent.glob(path.name))
        else:
            raise InputNotFoundError(f"There is no file {str(source)!r}.")
    except (OSError, ValueError) as error:
        if isinstance(error, InputNotFoundError):
            raise
        raise InputNotFoundError(f"There is no file {str(source)!r}.") from error
    files = sorted(one for one in found if one.is_file() and one.name[0] not in "._")
    if not files:
        what = "is a folder, and holds" if path.is_dir() else "is a pattern, and names"
        raise InputNotFoundError(f"{str(source)!r} {what} no CSV or Parquet file.")
    if len({one.suffix.lower() for one in files}) > 1:
        raise InputError(
            f"{sound(path.name)!r} holds CSV and Parquet files: give one kind, as 'folder/*.csv'."
        )
    return tuple(files)


def is_several(source: str | Path) -> bool:
    """Tell if a source is a folder or a pattern of names, and not one file."""
    path = Path(source)
    try:
        return not path.is_file() and (path.is_dir() or bool(_PATTERN.search(path.name)))
    except (OSError, ValueError):
        return False


def read_on_engine(
    source: object, options: ReadOptions, tell: Tell = nobody
) -> tuple[Reading, tuple[Fault, ...]] | None:
    """Read records on the engine that the options name; None where they are to be read in pandas.

    `tell` is told how far the engine is.

    Raises
    ------
    InputError
        If the files cannot be read as one table.
    MissingLibraryError
        If the engine is not installed.
    """
    wanted = options.engine
    if spark.is_frame(source):
        try:
            with spark.open_frame(source, tell) as scan:
                return read_grouped(scan, options, days=wanted.days)
        except NotPlain as reason:
            raise InputError(f"The frame of Spark cannot be read as a table: {reason}.") from reason
    if not isinstance(source, str | Path):
        return None
    several = is_several(source)
    if wanted.engine == "pandas" or (
        wanted.engine == "auto" and not several and not _large(source)
    ):
        if several:
            raise InputError("Several files are one table with engine='duckdb' or 'spark' alone.")
        return None
    if options.sheet is not None or options.header_row is not None or options.encoding is not None:
        return None
    files = files_of(source)
    try:
        with _opened(files, wanted, tell) as scan:
            return read_grouped(scan, options, days=wanted.days)
    except NotPlain as reason:
        if several or wanted.engine == "spark":
            raise InputError(
                f"{sound(Path(source).name)} cannot be read as one table on an engine: {reason}. "
                "Mend that, or save it as Parquet; `linemap check FILE` (check_table(file)) lists "
                "what is wrong with one file."
            ) from reason
        if _size(source) > LARGEST:
            raise InputError(
                f"{sound(Path(source).name)} has {_size(source):,} bytes; at most {LARGEST:,} are "
                f"read row by row, and it cannot be streamed, for {reason}. Mend that, or save "
                "it as Parquet."
            ) from reason
        return None


def _opened(
    files: tuple[Path, ...], options: EngineOptions, tell: Tell
) -> AbstractContextManager[Scanned]:
    if options.engine == "spark":
        return spark.open_files(files, options, tell)
    return duck.open_files(files, options, tell)


def _size(source: str | Path) -> int:
    try:
        return Path(source).stat().st_size
    except (OSError, ValueError):
        return 0


def _large(source: str | Path) -> bool:
    """Tell if a file is a large CSV or Parquet file."""
    if _size(source) < LARGE:
        return False
    try:
        with Path(source).open("rb") as file:
            start = file.read(4)
    except OSError:
        return False
    return not start.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
