"""Which files a table is, and several files as one table that is read row by row.

The number of a row of several files holds which file it is, until the account is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError, InputNotFoundError
from linemap.records.assemble import Reading
from linemap.records.grouped import FILE
from linemap.records.table import ROW_BITS, ROW_MASK, Cell, Column, Table
from linemap.text import sound

_ENDINGS: Final = (".csv", ".parquet")
_OTHERS: Final = frozenset(
    (
        ".xlsx",
        ".xlsm",
        ".xls",
        ".ods",
        ".tsv",
        ".gz",
        ".zst",
        ".bz2",
        ".xz",
        ".zip",
        ".orc",
        ".avro",
    )
)
_PATTERN: Final = re.compile(r"[*?\[]")


def files_of(source: str | Path) -> tuple[Path, ...]:
    """List the files of a table: a file, those of a folder, or those that a pattern names.

    Of a folder the CSV and Parquet files are taken, in the order of their names; names that
    begin with a dot or an underscore are passed over.

    Raises
    ------
    InputNotFoundError
        If there is none.
    InputError
        If there are CSV and Parquet files, or a folder holds tables that would not be read.
    """
    path = Path(source)
    try:
        if path.is_file():
            return (path,)
        if path.is_dir():
            found = [one for one in path.iterdir() if one.suffix.lower() in _ENDINGS]
            _require_no_others(path)
        elif _PATTERN.search(path.name) and not _PATTERN.search(str(path.parent)):
            found = list(path.parent.glob(path.name))
        else:
            raise InputNotFoundError(f"There is no file {str(source)!r}.")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputNotFoundError(f"There is no file {str(source)!r}.") from error
    files = sorted(one for one in found if one.is_file() and one.name[0] not in "._")
    if not files:
        what = "is a folder, and holds" if path.is_dir() else "is a pattern, and names"
        raise InputNotFoundError(f"{str(source)!r} {what} no CSV or Parquet file.")
    kinds = {one.suffix.lower() for one in files}
    if len(kinds) > 1 or kinds & _OTHERS:
        raise InputError(
            f"{sound(path.name)!r} holds files of {' and '.join(sorted(kinds))}; several files are "
            "one table if all are CSV or all are Parquet: give one kind, as 'folder/*.csv'."
        )
    return tuple(files)


def _require_no_others(folder: Path) -> None:
    """Refuse a folder with tables that would be left out without a word."""
    others = sorted(
        sound(one.name) + ("/" if one.is_dir() else "")
        for one in folder.iterdir()
        if one.name[0] not in "._"
        and (
            one.suffix.lower() in _OTHERS
            if one.is_file()
            else any(found.suffix.lower() in _ENDINGS for found in one.rglob("*"))
        )
    )
    if others:
        more = f" and {len(others) - 3:,} more" if len(others) > 3 else ""
        raise InputError(
            f"{sound(folder.name)!r} holds {', '.join(others[:3])}{more}, which a table of several "
            "files does not take in: it is of CSV or Parquet files that lie side by side. Move "
            f"them elsewhere, or name those that are meant: '{sound(folder.name)}/*.csv'."
        )


def is_several(source: str | Path) -> bool:
    """Tell if a source is a folder or a pattern of names, and not one file."""
    path = Path(source)
    try:
        return not path.is_file() and (path.is_dir() or bool(_PATTERN.search(path.name)))
    except (OSError, ValueError):
        return False


def table_of_files(tables: Sequence[Table], files: Sequence[str]) -> Table:
    """Make one table of the tables of several files, which have the same headings.

    Raises
    ------
    InputError
        If two have different headings, or one is a crosstab below two rows of headings.
    """
    first = tables[0]
    for table, name in zip(tables, files, strict=True):
        if table.headings != first.headings or any(table.above):
            raise InputError(
                f"{sound(name)} has other headings than {sound(files[0])}: one table in several "
                "files has the same headings, in the same order, in each."
            )

    def numbered(faults: Sequence[Fault], at: int) -> tuple[Fault, ...]:
        return tuple(
            fault if fault.row is None else replace(fault, row=fault.row + (at << ROW_BITS))
            for fault in faults
        )

    def column(at: int) -> Column:
        codes: list[npt.NDArray[np.int32]] = []
        seen: dict[Cell, int] = {}
        for table in tables:
            own = table.column(at)
            known = [seen.setdefault(cell, len(seen)) for cell in own.cells]
            codes.append(np.array(known, dtype=np.int32)[own.codes])
        return Column(np.concatenate(codes), tuple(seen))

    return replace(
        first,
        rows=np.concatenate([table.rows + (at << ROW_BITS) for at, table in enumerate(tables)]),
        column=column,
        faults=tuple(one for at, t in enumerate(tables) for one in numbered(t.faults, at)),
        damage=tuple(one for at, t in enumerate(tables) for one in numbered(t.damage, at)),
        misfits={
            row + (at << ROW_BITS): cells
            for at, table in enumerate(tables)
            for row, cells in table.misfits.items()
        },
        blank=sum(table.blank for table in tables),
        form=" and ".join(dict.fromkeys(table.form for table in tables)),
        files=tuple(files),
    )


def in_files(
    reading: Reading, whole: Sequence[Fault], files: Sequence[str]
) -> tuple[Reading, tuple[Fault, ...]]:
    """Say of all that was read in which row of which file it stands."""

    def told(faults: Sequence[Fault]) -> tuple[Fault, ...]:
        return tuple(
            fault
            if fault.row is None
            else replace(fault, row=fault.row & ROW_MASK, file=files[fault.row >> ROW_BITS])
            for fault in faults
        )

    def own(rows: pd.Series) -> pd.Series:
        return (rows.astype("int64") & ROW_MASK).astype(rows.dtype)

    frame, refused = reading.frame, reading.refused
    names = [files[int(row) >> ROW_BITS] for row in refused[schema.ROW]]
    places = {
        schema.ROW: own(refused[schema.ROW]),
        FILE: pd.Series(names, refused.index, dtype="str"),
    }
    done = replace(
        reading,
        frame=frame.assign(**{schema.ROW: own(frame[schema.ROW])}),
        refused=refused.assign(**places),
        faults=told(reading.faults),
        notices=told(reading.notices),
        left_out=tuple(row & ROW_MASK for row in reading.left_out),
    )
    return done, told(whole)
