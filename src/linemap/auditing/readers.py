"""Read the tables of a release folder, each form with its own parser, and compare the forms."""

from __future__ import annotations

import csv
import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from linemap import schema
from linemap.auditing.published import Row
from linemap.records import restore
from linemap.records.xlsx.cells import unescaped

Columns = Sequence[Mapping[str, str]]
_NEAR: Final = 1e-6
TYPES: Final = ("text", "integer", "number", "truth")
_MOST: Final = 1e12  # no number of a release is larger


def read_csv(path: Path, columns: Columns, *, most: int) -> tuple[Row, ...] | None:
    """Read a CSV table by its declared columns; None if it is not what was declared.

    None, too, for a table of more than `most` cells, which is not read to its end.
    """
    found: list[Row] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream, strict=True)
            if [restore(name) for name in next(lines)] != [column["name"] for column in columns]:
                return None
            for row in lines:
                most -= len(columns)
                if most < 0:
                    return None
                cells = zip(columns, row, strict=True)
                found.append(
                    {column["name"]: _read(text, column["type"]) for column, text in cells}
                )
    except (ValueError, KeyError, StopIteration, csv.Error):
        return None
    return tuple(found)


def _read(text: str, kind: str) -> Any:
    if text == "":
        return None
    if kind == "text":
        return restore(text)
    if kind == "truth":
        return {"true": True, "false": False}[text]
    number = int(text) if kind == "integer" else float(text)
    if not abs(number) <= _MOST:  # nor what is not a number at all
        raise ValueError(text)
    return number


def same(one: Sequence[Row], other: Sequence[Row], *, leave: frozenset[str] = frozenset()) -> bool:
    """Say whether two tables hold the same, in the same order, columns in `leave` apart."""
    return len(one) == len(other) and all(
        a.keys() - leave == b.keys() - leave
        and all(_equal(a[key], b[key]) for key in a.keys() - leave)
        for a, b in zip(one, other, strict=True)
    )


def _equal(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return math.isclose(float(one), float(other), rel_tol=0, abs_tol=_NEAR)


def read_parquet(path: Path) -> tuple[Row, ...]:
    """Read a GeoParquet file: its rows without geometry."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return tuple(table.drop_columns([schema.GEOMETRY]).to_pylist())


def read_package(path: Path) -> tuple[Row, ...]:
    """Read the flows of a GeoPackage without geometry."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return _layer(connection, "flows")


def _layer(connection: sqlite3.Connection, name: str) -> tuple[Row, ...]:
    cursor = connection.execute(f'SELECT * FROM "{name}" ORDER BY fid')  # noqa: S608 - our name
    columns = [column[0] for column in cursor.description]
    kinds = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{name}")')}
    skip = {"fid", "geom"}
    return tuple(
        {
            column: bool(value) if kinds[column] == "BOOLEAN" and value is not None else value
            for column, value in zip(columns, row, strict=True)
            if column not in skip
        }
        for row in cursor
    )


def read_workbook(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read the sheets of a workbook as rows of values."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=False, data_only=False)
    return {
        sheet.title: [tuple(map(_unescaped, row)) for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }


def _unescaped(value: Any) -> Any:
    return unescaped(value) if isinstance(value, str) else value


def sheet_rows(rows: Sequence[tuple[Any, ...]], columns: Columns) -> tuple[Row, ...] | None:
    """Read a sheet by its declared columns; None if it is not what was declared."""
    names = [column["name"] for column in columns]
    if not names:
        return () if not any(cell is not None for row in rows for cell in row) else None
    if not rows or list(rows[0]) != names:
        return None
    found = []
    for row in rows[1:]:
        values = dict(zip(names, row, strict=True))
        found.append(
            {column["name"]: _typed(values[column["name"]], column["type"]) for column in columns}
        )
    return tuple(found)


def _typed(value: Any, kind: str) -> Any:
    if value is None or kind in ("truth", "text"):
        return value
    return int(value) if kind == "integer" and float(value).is_integer() else float(value)


def read_json(data: bytes) -> Any:
    """Read JSON strictly: no key twice."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in found}) < len(found):
            raise ValueError("a key twice")
        return dict(found)

    return json.loads(data.decode("utf-8"), object_pairs_hook=pairs)
