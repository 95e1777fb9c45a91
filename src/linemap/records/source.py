"""Open what the caller gives: by what it holds, never by what it is called."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from linemap.errors import InputError, InputNotFoundError
from linemap.records.frames import read_frame, read_parquet
from linemap.records.options import ReadOptions
from linemap.records.table import Table
from linemap.records.text import read_text
from linemap.records.xlsx.workbook import read_workbook
from linemap.text import sound

_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
LARGEST: Final = 1_000_000_000  # bytes of a file; reading takes several times as many


def open_table(source: object, options: ReadOptions | None = None) -> Table:
    """Read a path or a frame as a table, without interpreting it."""
    if not isinstance(source, str | Path):
        return _frame(source)
    name = name_of(source)
    try:
        return _file(_bytes(Path(source)), name, options or ReadOptions())
    except MemoryError:
        raise InputError(f"{name} does not fit into this machine's memory. Split it.") from None


def _file(data: bytes, name: str, options: ReadOptions) -> Table:
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise InputError(f"{name} is empty.")
    wanted = (*options.columns.values(), *options.tags)
    if data.startswith(b"PAR1"):
        return read_parquet(data)
    if data.startswith(b"PK"):
        return read_workbook(
            data, sheet=options.sheet, header_row=options.header_row, wanted=wanted
        )
    if data.startswith(_OLD_OFFICE):
        raise InputError(
            f"{name} is an old (.xls) or a password-protected workbook. "
            "Save it as .xlsx without a password, or as CSV."
        )
    if options.sheet is not None:
        raise InputError(f"{name} is no workbook: it has no sheet {options.sheet!r}.")
    return read_text(data, encoding=options.encoding, header_row=options.header_row, wanted=wanted)


def name_of(path: str | Path) -> str:
    """Return the name of a file, as text that can be shown whatever bytes it has."""
    return sound(Path(path).name)


def _frame(source: object) -> Table:
    try:
        return read_frame(source)
    except TypeError as error:
        raise InputError(
            f"A {type(source).__name__} is no table: give a path or a frame of pandas, polars "
            "or pyarrow."
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        size = _size(path)
        with path.open("rb") as file:
            data = file.read(size + 1)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputNotFoundError(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # a zero byte in the path
        raise InputNotFoundError(f"There is no file {str(path)!r}.") from error
    if len(data) > size:
        raise InputError(
            f"{str(path)!r} grew while it was read. Read it again when it is complete."
        )
    return data


def _size(path: Path) -> int:
    """Return how large a file is, if it is one that can be read twice and in reasonable memory."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{str(path)!r} is a folder, not a table.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(
            f"{str(path)!r} is a pipe or a device, not a file. Save it to a file first."
        )
    if status.st_size > LARGEST:
        raise InputError(
            f"{str(path)!r} has {status.st_size:,} bytes; at most {LARGEST:,} are read. "
            "Split it, or save it as Parquet."
        )
    return status.st_size
