"""Read a release folder as an outsider would: every file known, every form telling the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.auditing import known, reading
from linemap.auditing.drawing import check_png, check_svg
from linemap.auditing.findings import Finding
from linemap.auditing.manifest import MANIFEST, check_manifest, sentences
from linemap.auditing.page import check_page
from linemap.auditing.published import FLOWS, Published, Row, known_places
from linemap.auditing.words import Told, told
from linemap.disclosure import Rule

_FLOWS: Final = "flows.csv"


@dataclass(slots=True)
class Folder:
    """What was read of a folder: its manifest, its tables as published, what was found."""

    path: Path
    manifest: Mapping[str, Any]
    published: Published | None = None
    files: int = 0
    findings: list[Finding] = field(default_factory=list)


def read_folder(path: Path, places: pd.DataFrame) -> Folder:
    """Read and check every file of a release folder."""
    names = sorted(_names(path))
    try:
        manifest = reading.read_json((path / MANIFEST).read_bytes())
        outputs = {entry["path"]: entry for entry in manifest["outputs"]}
    except Exception:  # whatever a file does to its reader, it is not known
        finding = Finding("unknown", MANIFEST, "no manifest that can be read", max(len(names), 1))
        return Folder(path, {}, files=len(names), findings=[finding])
    folder = Folder(path, manifest, files=len(names))
    folder.findings += _special(path, names)
    if folder.findings:
        return folder
    folder.findings += _listed(path, names, outputs)
    try:
        tables = dict(_tables(folder, outputs))
        published = _published(folder, tables, outputs, places)
        told_here = told(published, sentences(manifest))
        folder.findings += check_manifest(manifest, published, told_here)
    except Exception:  # as above
        folder.findings.append(Finding("unknown", MANIFEST, "tables that cannot be read"))
        return folder
    folder.published = published
    for name in names:
        folder.findings += _read_file(folder, name, outputs, told_here)
    return folder


def _read_file(
    folder: Folder, name: str, outputs: Mapping[str, Any], told_here: Told
) -> list[Finding]:
    try:
        return list(_file(folder, name, outputs, told_here))
    except Exception:  # as above
        return [Finding("unknown", name, "a file that cannot be read")]


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
            yield Finding("unknown", name, "a link to elsewhere")
        elif not file.is_file():
            yield Finding("unknown", name, "what is not a file")
        elif not os.access(file, os.R_OK):
            yield Finding("unknown", name, "a file that cannot be read")


def _listed(path: Path, names: list[str], outputs: Mapping[str, Any]) -> Iterator[Finding]:
    """Check that every file is listed with its hash, and that none is missing."""
    for name in names:
        if name != MANIFEST and name not in outputs:
            yield Finding("unknown", name, "a file that the manifest does not list")
        elif name != MANIFEST:
            digest = hashlib.sha256((path / name).read_bytes()).hexdigest()
            if digest != outputs[name].get("sha256"):
                yield Finding("unknown", name, "a file that was changed after it was listed")
    for name in sorted(outputs.keys() - set(names)):
        yield Finding("unknown", name, "a file that is listed and missing")


def _tables(folder: Folder, outputs: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Read the CSV tables: the form that all others are compared with."""
    for name, entry in outputs.items():
        if name.endswith(".csv"):
            path = folder.path / name
            rows = reading.read_csv(path.read_bytes(), entry["columns"]) if path.exists() else None
            if rows is None or len(rows) != entry["rows"]:
                folder.findings.append(Finding("unknown", name, "a table other than was declared"))
            yield entry["table"], rows or ()


def _published(
    folder: Folder,
    tables: dict[str, tuple[Row, ...]],
    outputs: Mapping[str, Any],
    places: pd.DataFrame,
) -> Published:
    manifest = folder.manifest
    rule = manifest["rule"]
    found = known_places(places)
    columns = tuple(c["name"] for c in outputs[_FLOWS]["columns"] if c["name"] != known.STAMP)
    stamped = {
        name: tuple({key: row[key] for key in row if key != known.STAMP} for row in rows)
        for name, rows in tables.items()
    }
    return Published(
        None if rule is None else Rule(**rule), tuple(manifest["caveats"]), columns, stamped,
        found.parents, found.names, found.points,
    )  # fmt: skip


def _file(
    folder: Folder, name: str, outputs: Mapping[str, Any], told_here: Told
) -> Iterator[Finding]:
    """Check one file by its kind; a kind that no release has is not known."""
    path = folder.path / name
    published = folder.published
    entry = outputs.get(name)
    if published is None or entry is None or name == MANIFEST:
        return
    every = published.terms is not None
    if name.endswith(".csv"):
        yield from _stamps(path, entry)
    elif name == "flows.parquet":
        rows, findings = reading.read_parquet(path)
        yield from findings
        yield from _compare(name, rows, published.tables[FLOWS])
    elif name == "flows.gpkg":
        yield from _package(path, published)
    elif name == "linemap.xlsx":
        yield from _workbook(path, entry, published, told_here)
    elif name.endswith(".html"):
        yield from check_page(path.read_text(encoding="utf-8"), name, published, told_here)
    elif name.endswith(".svg"):
        yield from check_svg(path.read_bytes(), name, told_here, every_number=every)
    elif name.endswith(".png"):
        has_svg = name.removesuffix(".png") + ".svg" in outputs
        yield from check_png(
            path.read_bytes(), name, told_here, has_svg=has_svg, every_number=every
        )
    else:
        yield Finding("unknown", name, "a file of a kind that no release has")


def _stamps(path: Path, entry: Mapping[str, Any]) -> Iterator[Finding]:
    rows = reading.read_csv(path.read_bytes(), entry["columns"]) or ()
    if len({row.get(known.STAMP) for row in rows}) > 1:
        yield Finding("unknown", path.name, "rows with different stamps", len(rows))


def _compare(name: str, rows: tuple[Row, ...], tabled: tuple[Row, ...]) -> Iterator[Finding]:
    if not reading.same(rows, tabled, leave=frozenset((schema.GEOMETRY,))):
        yield Finding(
            "unknown", name, "rows other than the table's", abs(len(rows) - len(tabled)) or 1
        )


def _package(path: Path, published: Published) -> Iterator[Finding]:
    layers, findings = reading.read_package(path)
    yield from findings
    yield from _compare(path.name, layers.get(FLOWS, ()), published.tables[FLOWS])
    allowed = {*schema.PLACES_CONTRACT.columns, schema.PLACE_ID}
    for name in ("areas", "points"):
        strange = {column for row in layers.get(name, ()) for column in row} - allowed
        if strange:
            yield Finding(
                "unknown", path.name, "columns of places that are not known", len(strange)
            )


def _workbook(
    path: Path, entry: Mapping[str, Any], published: Published, told_here: Told
) -> Iterator[Finding]:
    sheets, findings = reading.read_workbook(path)
    yield from findings
    declared = {sheet["sheet"]: sheet for sheet in entry["sheets"]}
    strange = sheets.keys() - declared.keys() - {entry["about"]}
    if strange:
        yield Finding("unknown", path.name, "sheets that are not declared", len(strange))
    for title, sheet in declared.items():
        rows = reading.sheet_rows(sheets.get(title, []), sheet["columns"])
        if rows is None:
            yield Finding("unknown", path.name, "a sheet other than was declared")
        else:
            yield from _compare(path.name, rows, published.tables.get(sheet["table"], ()))
    numbers = sum(
        isinstance(cell, int | float) or told_here.unknown(str(cell))
        for row in sheets.get(entry["about"], ())
        for cell in row
        if cell is not None
    )
    if numbers and published.terms is not None:
        yield Finding("unknown", path.name, "numbers that nothing else tells", numbers)
