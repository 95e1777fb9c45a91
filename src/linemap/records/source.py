"""Open what the caller gives: by what it holds, never by what it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from linemap.errors import InputError, InputNotFoundError
from linemap.records.frames import read_frame, read_parquet
from linemap.records.table import Table
from linemap.records.text import read_text
from linemap.records.workbook import read_workbook

_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"


def open_table(
    source: object, *, sheet: str | int | None = None, encoding: str | None = None
) -> Table:
    """Read a path or a frame as a table, without interpreting it."""
    if not isinstance(source, str | Path):
        return _frame(source)
    data = _bytes(Path(source))
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise InputError(f"{Path(source).name} is empty.")
    if data.startswith(b"PAR1"):
        return read_parquet(data)
    if data.startswith(b"PK"):
        return read_workbook(data, sheet=sheet)
    if data.startswith(_OLD_OFFICE):
        raise InputError(
            f"{Path(source).name} is an old (.xls) or a password-protected workbook. "
            "Save it as .xlsx without a password, or as CSV."
        )
    if sheet is not None:
        raise InputError(f"{Path(source).name} is no workbook: it has no sheet {sheet!r}.")
    return read_text(data, encoding=encoding)


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
        return path.read_bytes()
    except FileNotFoundError:
        raise InputNotFoundError(f"There is no file {str(path)!r}.") from None
    except IsADirectoryError:
        raise InputError(f"{str(path)!r} is a folder, not a table.") from None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # a zero byte in the path
        raise InputNotFoundError(f"There is no file {str(path)!r}.") from error
