"""Read a release folder as an outsider would: bounded, and by what its manifest declares.

Nothing is unpacked here. The manifest and the CSV tables, which are plain text, are
read within bounds; every other file is read only once it has come out the same when
the release was made again (see :mod:`linemap.auditing.rebuild`), so that no
archive or picture of a stranger's is ever opened.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import os
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args
from xml.parsers import expat

import pandas as pd

from linemap import schema
from linemap.auditing.published import (
    FLOWS,
    STAMP,
    Finding,
    Published,
    Row,
    known_places,
    misfits,
)
from linemap.disclosure import Rule
from linemap.errors import InputError
from linemap.flows import Period
from linemap.io import checksum
from linemap.records import restore
from linemap.records.workbook import unescaped
from linemap.release import WITHDRAWN

MANIFEST: Final = "datapackage.json"
_FLOWS: Final = "flows.csv"
_MOST_FILES: Final = 1_000  # a release has about forty
_MOST_FILE: Final = 1_000_000_000  # bytes of any one; more is not even hashed
_MOST_MANIFEST: Final = 8_000_000  # bytes; that of the published statements has 45,000
_MOST_TABLE: Final = 256_000_000  # bytes of one CSV table
_MOST_CELLS: Final = 8_000_000  # of all CSV tables: 200,000 flows, and 1 GB of memory

_KEYS: Final = frozenset((
    "format", "title", "basis", "stamp", "rule", "caveats", "attributions", "versions",
    "settings", "inputs", "sources", "series", "window", "resources", "seal", "name",
))  # fmt: skip
_SETTINGS: Final[Mapping[str, tuple[object, ...]]] = {
    "input": (schema.RECORDS, schema.STATEMENTS),
    "period": (None, *get_args(Period)),
    "allow_refused": (True, False),
    "own_aliases": (True, False),
    "several": ("none", "first", "area"),
    "accept_suggestions": (None, *(f"{score / 100:.2f}" for score in range(101))),
}
_SERIES: Final = re.compile(r"[0-9a-f]{16}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(slots=True)
class Folder:
    """What was read of a folder: its manifest, its tables as published, what was found."""

    path: Path
    manifest: Mapping[str, Any]
    published: Published | None = None
    files: int = 0
    hashes: dict[str, str] = field(default_factory=dict)  # of each file, as the manifest has them
    findings: list[Finding] = field(default_factory=list)


def read_folder(path: Path, places: pd.DataFrame) -> Folder:
    """Read the manifest and the tables of a release folder, and check that no file is unlisted."""
    names = sorted(itertools.islice(_names(path), _MOST_FILES + 1))
    if len(names) > _MOST_FILES:
        what = f"more than {_MOST_FILES:,} files, which no release has"
        return Folder(path, {}, files=len(names), findings=[Finding("unknown", str(path), what)])
    special = list(_special(path, names))
    if special:
        return Folder(path, {}, files=len(names), findings=special)
    try:
        manifest = _manifest(path / MANIFEST)
    except (OSError, ValueError, RecursionError) as error:
        what = f"no manifest that can be read ({error})"
        found = [Finding("unknown", MANIFEST, what, max(len(names), 1), _AGAIN)]
        return Folder(path, {}, files=len(names), findings=found)
    folder = Folder(path, manifest, files=len(names))
    outputs = {entry["path"]: entry for entry in manifest["resources"]}
    folder.hashes = {name: f"sha256:{checksum(path / name)}" for name in names if name != MANIFEST}
    folder.findings += _listed(folder.hashes, outputs)
    folder.findings += _said(manifest)
    tables = _tables(folder, outputs)
    if tables is not None:
        folder.published = _published(manifest, tables, places)
        if folder.published is None:
            folder.findings.append(Finding("unknown", MANIFEST, "a rule that is none", hint=_AGAIN))
    return folder


_AGAIN: Final = "Build the release again; send no folder that was changed by hand."


def _names(path: Path) -> Iterator[str]:
    """Name every file and link in a folder, and every folder in it that holds none, with a /."""
    for file in path.rglob("*"):
        name = file.relative_to(path).as_posix()
        if file.is_symlink() or not file.is_dir():
            yield name
        elif not any(file.iterdir()):
            yield f"{name}/"


def _special(path: Path, names: list[str]) -> Iterator[Finding]:
    """Yield what is no plain file, or cannot be opened: none of it is read."""
    for name in names:
        file = path / name
        if file.is_symlink():
            yield Finding("unknown", name, "a link to elsewhere", hint=_AGAIN)
        elif not file.is_file():
            yield Finding("unknown", name, "what is not a file", hint=_AGAIN)
        elif not os.access(file, os.R_OK):
            yield Finding("unknown", name, "a file that cannot be read")
        elif file.stat().st_size > _MOST_FILE:
            yield Finding("unknown", name, "a file larger than any of a release", hint=_AGAIN)


def _manifest(path: Path) -> dict[str, Any]:
    """Read a manifest whose parts have the kinds that they should have; else a ValueError."""
    if path.stat().st_size > _MOST_MANIFEST:
        raise ValueError(f"it has more than {_MOST_MANIFEST:,} bytes")
    content = read_json(path.read_bytes())
    if not isinstance(content, dict) or content.keys() != _KEYS:
        raise ValueError("its parts are not those of a release")
    kinds: dict[str, type | tuple[type, ...]] = {
        **dict.fromkeys(("format", "title", "basis", "stamp", "seal", "name"), str),
        **dict.fromkeys(("caveats", "attributions", "inputs", "sources", "resources"), list),
        **dict.fromkeys(("versions", "settings"), dict),
        **dict.fromkeys(("rule", "window"), (dict, type(None))),
        "series": (str, type(None)),
    }
    wrong = [key for key, kind in kinds.items() if not isinstance(content[key], kind)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is of another kind")
    _require(_texts(content["caveats"]) and _texts(content["attributions"]), "its sentences")
    _require(_texts(content["versions"].values()), "its versions")
    for entry in content["resources"]:
        _require(
            isinstance(entry, dict) and isinstance(entry.get("path"), str), "its list of files"
        )
        if entry["path"].endswith(".csv"):
            described = entry.get("schema")
            fields = described.get("fields") if isinstance(described, dict) else None
            _require(
                isinstance(entry.get("table"), str)
                and isinstance(fields, list)
                and all(isinstance(f, dict) and {"name", "type"} <= f.keys() for f in fields)
                and all(_texts(f.values()) and f["type"] in TYPES for f in fields),
                "its list of columns",
            )
    paths = [entry["path"] for entry in content["resources"]]
    tables = [entry["table"] for entry in content["resources"] if entry["path"].endswith(".csv")]
    _require(len(set(paths)) == len(paths) and len(set(tables)) == len(tables), "its list of files")
    _require(_FLOWS in paths, "its list of files")
    return content


def _require(right: bool, what: str) -> None:
    if not right:
        raise ValueError(f"{what} cannot be read")


def _texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _listed(hashes: Mapping[str, str], outputs: Mapping[str, Any]) -> Iterator[Finding]:
    """Check that every file is listed with its hash, and that none is missing."""
    for name, digest in hashes.items():
        if name == WITHDRAWN:
            what = "this release was withdrawn: it may not leave"
            yield Finding("withdrawn", name, what, hint="Build the table anew.")
            continue
        if name not in outputs:
            yield Finding("unknown", name, "a file that the manifest does not list", hint=_AGAIN)
            continue
        if digest != outputs[name].get("hash"):
            yield Finding(
                "unknown", name, "a file that was changed after it was listed", hint=_AGAIN
            )
    for name in sorted(outputs.keys() - hashes.keys()):
        yield Finding("unknown", name, "a file that is listed and missing", hint=_AGAIN)


def _said(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Check what in a manifest nothing else makes: the settings and, of statements, the inputs.

    All else is compared with a manifest that is made again. What is left is of few words.
    """
    settings, statements = manifest["settings"], manifest["rule"] is None
    strange = [
        key for key, value in settings.items()
        if key not in _SETTINGS or (not any(value is word for word in _SETTINGS[key])
        and not (isinstance(value, str) and value in _SETTINGS[key]))
    ]  # fmt: skip
    kind = schema.STATEMENTS if statements else schema.RECORDS
    if strange or settings.get("input", kind) != kind:
        what = "settings that no release has"
        yield Finding("unknown", MANIFEST, what, len(strange) or 1, _AGAIN)
    inputs = manifest["inputs"]
    if inputs and not statements:
        what = "names or hashes of the files that hold the records"
        yield Finding("content", MANIFEST, what, len(inputs), _AGAIN)
    series = manifest["series"]
    if series is not None and (statements or not _SERIES.fullmatch(series)):
        yield Finding("unknown", MANIFEST, "a name of a series that is no identifier", hint=_AGAIN)
    named = all(
        isinstance(entry, dict)
        and entry.keys() == {"name", "sha256"}
        and _texts(entry.values())
        and _HASH.fullmatch(entry["sha256"])
        for entry in inputs
    )
    if not named:
        yield Finding("unknown", MANIFEST, "inputs that are no file's name and hash", hint=_AGAIN)


def _tables(folder: Folder, outputs: Mapping[str, Any]) -> dict[str, tuple[Row, ...]] | None:
    """Read the CSV tables, the form that all others are compared with; None if one is none."""
    tables: dict[str, tuple[Row, ...]] = {}
    left = _MOST_CELLS
    for name, entry in outputs.items():
        path = folder.path / name
        if not name.endswith(".csv") or not path.is_file():
            continue
        rows = None
        if path.stat().st_size <= _MOST_TABLE:
            rows = read_csv(path, _columns(entry), most=left)
        if rows is None:
            what = "a table other than was declared, or larger than can be audited"
            folder.findings.append(Finding("unknown", name, what, hint=_AGAIN))
            return None
        left -= len(rows) * len(_columns(entry))
        stamps = {row.get(STAMP) for row in rows}
        if len(stamps) > 1:
            folder.findings.append(
                Finding("unknown", name, "rows with different stamps", len(rows), _AGAIN)
            )
        table = str(entry["table"])
        tables[table] = tuple(
            {key: value for key, value in row.items() if key != STAMP} for row in rows
        )
        columns = {str(c["name"]) for c in _columns(entry)}
        strange = misfits(table, columns, tables[table])
        if strange:
            folder.findings.append(Finding("unknown", name, strange, len(rows) or 1, _AGAIN))
            return None
    return tables if FLOWS in tables else None


def _columns(entry: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the columns that a CSV table is declared with, under the names that they stand for."""
    fields = entry["schema"]["fields"]
    return [{"name": restore(field["name"]), "type": field["type"]} for field in fields]


def _published(
    manifest: Mapping[str, Any], tables: dict[str, tuple[Row, ...]], places: pd.DataFrame
) -> Published | None:
    declared = next(_columns(e) for e in manifest["resources"] if e["path"] == _FLOWS)
    columns = tuple(c["name"] for c in declared if c["name"] != STAMP)
    found = known_places(places)
    try:
        rule = None if manifest["rule"] is None else Rule(**manifest["rule"])
    except (InputError, TypeError):
        return None
    return Published(
        rule, tuple(manifest["caveats"]), columns, tables, found.parents, found.names, found.points
    )


def compare_forms(folder: Folder, same: frozenset[str]) -> Iterator[Finding]:
    """Read the flows again from each other form of the data, and compare them with the tables.

    Only files in `same` are opened: those that come out the same when the release is
    made again.
    """
    published = folder.published
    if published is None:
        return
    flows = published.tables[FLOWS]
    if "flows.parquet" in same:
        yield from _compare("flows.parquet", parquet_rows(folder.path / "flows.parquet"), flows)
    if "flows.gpkg" in same:
        yield from _compare("flows.gpkg", read_package(folder.path / "flows.gpkg"), flows)
    if "flows.geojson" in same:
        yield from _compare("flows.geojson", feature_rows(folder.path / "flows.geojson"), flows)
    name = "linemap.xlsx"
    if name in same:
        entry = next(entry for entry in folder.manifest["resources"] if entry["path"] == name)
        sheets = workbook_sheets(folder.path / name)
        for sheet in entry["sheets"]:
            found = sheet_rows(sheets.get(sheet["sheet"], []), sheet["columns"])
            yield from _compare(name, found or (), published.tables.get(sheet["table"], ()))


def _compare(name: str, rows: tuple[Row, ...], tabled: tuple[Row, ...]) -> Iterator[Finding]:
    if not same(rows, tabled, leave=frozenset((schema.GEOMETRY,))):
        wrong = abs(len(rows) - len(tabled)) or 1
        yield Finding("unknown", name, "rows other than the table's", wrong, OWN_FAULT)


OWN_FAULT: Final = "This is a fault of linemap, not of your table: please report it."


# ── Read the tables of a release folder, each form with its own parser, and compare the forms ───
Columns = Sequence[Mapping[str, str]]
_NEAR: Final = 1e-6
TYPES: Final = ("string", "integer", "number", "boolean")
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
    if kind == "string":
        return restore(text)
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    number = int(text) if kind == "integer" else float(text)
    if not abs(number) <= _MOST:  # nor what is not a number at all
        raise ValueError(text)
    return number


def same(one: Sequence[Row], other: Sequence[Row], *, leave: frozenset[str] = frozenset()) -> bool:
    """Say whether two tables hold the same, in the same order, columns in `leave` apart."""
    return len(one) == len(other) and all(
        a == b  # nearly always
        or (
            a.keys() - leave == b.keys() - leave
            and all(_equal(a[key], b[key]) for key in a.keys() - leave)
        )
        for a, b in zip(one, other, strict=True)
    )


def _equal(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return math.isclose(float(one), float(other), rel_tol=0, abs_tol=_NEAR)


def parquet_rows(path: Path) -> tuple[Row, ...]:
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


def feature_rows(path: Path) -> tuple[Row, ...]:
    """Read the properties of a GeoJSON file, without the stamp that each of them bears."""
    whole = read_json(path.read_bytes())
    return tuple(
        {key: cell for key, cell in one["properties"].items() if key != STAMP}
        for one in whole["features"]
    )


def workbook_sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read the sheets of a workbook as linemap writes it: rows of values, by the sheet's name."""
    with zipfile.ZipFile(path) as book:
        names: list[str] = []
        _walk(book, "xl/workbook.xml", "sheet", lambda given, _: names.append(given["name"]))
        texts: list[str] = []
        if "xl/sharedStrings.xml" in book.namelist():
            strings = "xl/sharedStrings.xml"
            _walk(book, strings, "si", lambda _, text: texts.append(unescaped(text)))
        return {
            name: _cells(book, f"xl/worksheets/sheet{number}.xml", texts)
            for number, name in enumerate(names, start=1)
        }


def _cells(book: zipfile.ZipFile, part: str, texts: Sequence[str]) -> list[tuple[Any, ...]]:
    """Read the cells of a sheet, whose texts are named by their number."""
    rows: list[dict[str, Any]] = []
    columns: dict[str, None] = {}
    kinds: dict[str, Callable[[str], Any]] = {
        "n": float,
        "s": lambda text: texts[int(text)],
        "b": lambda text: text == "1",
    }

    def cell(given: Mapping[str, str], text: str) -> None:
        column = given["r"].rstrip("0123456789")
        if text:
            value = kinds[given.get("t", "n")](text)
            rows[int(given["r"][len(column) :]) - 1][column] = value
            columns[column] = None

    def row(given: Mapping[str, str]) -> None:
        rows.extend({} for _ in range(len(rows), int(given["r"])))

    _walk(book, part, "c", cell, row=row)
    order = sorted(columns, key=lambda name: (len(name), name))
    return [tuple(map(found.get, order)) for found in rows]


def _walk(
    book: zipfile.ZipFile,
    part: str,
    tag: str,
    take: Callable[[Mapping[str, str], str], object],
    *,
    row: Callable[[Mapping[str, str]], object] = lambda _: None,
) -> None:
    """Walk through a part's XML; take the attributes of each `tag` and the text in it."""
    parser = expat.ParserCreate()
    given: dict[str, str] | None = None
    parts: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal given
        if name == tag:
            given = attributes
            parts.clear()
        elif name == "row":
            row(attributes)

    def text(found: str) -> None:
        if given is not None:
            parts.append(found)

    def end(name: str) -> None:
        nonlocal given
        if name == tag and given is not None:
            take(given, "".join(parts))
            given = None

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.buffer_text = True
    with book.open(part) as stream:
        parser.ParseFile(stream)


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
    if value is None or kind in ("boolean", "string"):
        return value
    return int(value) if kind == "integer" and float(value).is_integer() else float(value)


def read_json(data: bytes) -> Any:
    """Read JSON strictly: no key twice."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(found)
        if len(result) < len(found):
            raise ValueError("a key twice")
        return result

    return json.loads(data.decode("utf-8"), object_pairs_hook=pairs)
