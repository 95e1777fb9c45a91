"""Read the tables of a release folder, each form with its own parser, and compare the forms."""

from __future__ import annotations

import csv
import io
import json
import math
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from linemap import schema
from linemap.auditing.findings import Finding
from linemap.auditing.published import Row
from linemap.records import restore
from linemap.records.xlsx.cells import unescaped

Columns = Sequence[Mapping[str, str]]
_NEAR: Final = 1e-6
_PARTS: Final = (
    "[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml",
    "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml",
    "xl/theme/theme1.xml", "xl/metadata.xml",
)  # fmt: skip
_PACKAGE_TABLES: Final = (
    "gpkg_spatial_ref_sys", "gpkg_contents", "gpkg_ogr_contents", "gpkg_geometry_columns",
    "gpkg_tile_matrix_set", "gpkg_tile_matrix", "gpkg_extensions", "sqlite_sequence",
)  # fmt: skip


def read_csv(data: bytes, columns: Columns) -> tuple[Row, ...] | None:
    """Read a CSV table by its declared columns; None if it is not what was declared."""
    try:
        heading, *body = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if [restore(name) for name in heading] != [column["name"] for column in columns]:
            return None
        return tuple(
            {
                column["name"]: _read(text, column["type"])
                for column, text in zip(columns, row, strict=True)
            }
            for row in body
        )
    except (ValueError, KeyError, csv.Error):
        return None


def _read(text: str, kind: str) -> Any:
    if text == "":
        return None
    if kind == "text":
        return restore(text)
    if kind == "truth":
        return {"true": True, "false": False}[text]
    return int(text) if kind == "integer" else float(text)


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


def read_parquet(path: Path) -> tuple[tuple[Row, ...], list[Finding]]:
    """Read a GeoParquet file: its rows without geometry, and what in it is not known."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    metadata = table.schema.metadata or {}
    strange = [key for key in metadata if key not in (b"geo", b"linemap", b"ARROW:schema")]
    findings = [_unknown(path, "metadata that is not known", len(strange))] if strange else []
    findings += [
        _unknown(path, "metadata of a column", 1) for field in table.schema if field.metadata
    ]
    kept = table.drop_columns([schema.GEOMETRY]) if schema.GEOMETRY in table.column_names else table
    return tuple(kept.to_pylist()), findings


def read_package(path: Path) -> tuple[dict[str, tuple[Row, ...]], list[Finding]]:
    """Read the layers of a GeoPackage without geometry, and what in it is not known."""
    layers: dict[str, tuple[Row, ...]] = {}
    findings = []
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        if connection.execute("PRAGMA freelist_count").fetchone()[0]:
            findings.append(_unknown(path, "deleted pages that still hold data", 1))
        names = [
            str(name)
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for name in names:
            if name in ("flows", "areas", "points"):
                layers[name] = _layer(connection, name)
            elif name not in _PACKAGE_TABLES and not name.startswith(
                tuple(f"rtree_{layer}_geom" for layer in ("flows", "areas", "points"))
            ):
                findings.append(_unknown(path, "a table that is not known", 1))
        views = connection.execute("SELECT count(*) FROM sqlite_master WHERE type='view'")
        if views.fetchone()[0]:
            findings.append(_unknown(path, "a view", 1))
    return layers, findings


def _layer(connection: sqlite3.Connection, name: str) -> tuple[Row, ...]:
    cursor = connection.execute(f'SELECT * FROM "{name}" ORDER BY fid')  # noqa: S608 - the name is one of three, compared by the caller
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


def read_workbook(path: Path) -> tuple[dict[str, list[tuple[Any, ...]]], list[Finding]]:
    """Read the sheets of a workbook as rows of values, and what in it is not known."""
    import openpyxl

    findings = []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        strange = [
            name for name in names
            if name not in _PARTS and not name.startswith("xl/worksheets/sheet")
        ]  # fmt: skip
        if strange or len(set(names)) < len(names):
            findings.append(_unknown(path, "parts that are not known", len(strange) or 1))
        shared = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else b""
    book = openpyxl.load_workbook(path, read_only=False, data_only=False)
    sheets = {
        sheet.title: [tuple(map(_unescaped, row)) for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }
    hidden = [sheet for sheet in book.worksheets if sheet.sheet_state != "visible"]
    if hidden or book.defined_names:
        findings.append(_unknown(path, "hidden sheets or names", len(hidden) or 1))
    texts = {cell for rows in sheets.values() for row in rows for cell in row}
    spare = sum(text not in texts for text in _shared_texts(shared))
    if spare:
        findings.append(_unknown(path, "texts that no cell shows", spare))
    comments = sum(
        cell.comment is not None
        for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
    )  # fmt: skip
    if comments:
        findings.append(_unknown(path, "comments", comments))
    return sheets, findings


def _shared_texts(data: bytes) -> Iterator[str]:
    if data:
        from openpyxl.reader.strings import read_string_table

        yield from (str(_unescaped(text)) for text in read_string_table(io.BytesIO(data)))


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


def _unknown(path: Path, what: str, cells: int) -> Finding:
    return Finding("unknown", path.name, what, cells)
