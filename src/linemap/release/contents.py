"""The files of a release: data in every form, the drawings, and the manifest's entry of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from linemap import schema
from linemap.disclosure import Release
from linemap.errors import OutputError
from linemap.io import checksum, write_whole
from linemap.release import manifest
from linemap.release.delimited import csv_bytes
from linemap.release.filenames import file_names
from linemap.release.geography import geoparquet_bytes, write_geopackage
from linemap.release.spreadsheet import ABOUT, sheet_names, workbook_bytes
from linemap.release.tables import Tabled, stamp, tables, with_basis

FLOWS_PARQUET: Final = "flows.parquet"
FLOWS_PACKAGE: Final = "flows.gpkg"
WORKBOOK: Final = "linemap.xlsx"
_SHAPE: Final = {"name": schema.GEOMETRY, "type": "geometry"}

Drawing = bytes | str | Callable[[Path], object]
_KINDS: Final = {
    ".csv": "text/csv", ".html": "text/html", ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet", ".gpkg": "application/geopackage+sqlite3",
    ".png": "image/png", ".svg": "image/svg+xml", ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def write_data(release: Release, folder: Path, title: str) -> list[dict[str, Any]]:
    """Write the data files; return an entry of the manifest for each."""
    tabled = list(tables(release))
    write_whole(folder / FLOWS_PARQUET, geoparquet_bytes(release.flows, release.stamp))
    flows = _described(tabled[0], shape=True)
    entries = [_entry(folder, FLOWS_PARQUET, **flows)]
    layers = write_geopackage(release, folder / FLOWS_PACKAGE, release.stamp)
    described = [_described(Tabled(name, data), shape=True) for name, data in layers.items()]
    entries.append(_entry(folder, FLOWS_PACKAGE, layers=described))
    files = file_names((table.name for table in tabled), ".csv")
    for table in tabled:
        stamped = Tabled(table.name, with_basis(table.data, stamp(release)))
        write_whole(folder / files[table.name], csv_bytes(stamped.data))
        facts = _described(stamped)
        entries.append(_entry(folder, files[table.name], encoding="utf-8-sig", **facts))
    write_whole(folder / WORKBOOK, workbook_bytes(tabled, _about(release, title)))
    names = sheet_names([table.name for table in tabled])
    sheets = [{"sheet": names[table.name], **_described(table)} for table in tabled]
    entries.append(_entry(folder, WORKBOOK, about=ABOUT, sheets=sheets))
    return entries


def _described(table: Tabled, *, shape: bool = False) -> dict[str, Any]:
    columns = [*table.declared, *([_SHAPE] if shape else [])]
    return {"table": table.name, "rows": table.data.num_rows, "columns": columns}


def write_drawings(folder: Path, drawings: Mapping[str, Drawing]) -> list[dict[str, Any]]:
    """Write the drawings; return an entry of the manifest for each file."""
    before = set(manifest.files(folder))
    for name, drawing in drawings.items():
        path = folder / _inside(name)
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        if manifest.files(folder) and path.is_file():
            raise OutputError(f"Two outputs would be called {name!r}.")
        if callable(drawing):
            drawing(path)
        else:
            write_whole(path, drawing.encode() if isinstance(drawing, str) else drawing)
        if not path.exists():
            raise OutputError(f"Nothing was drawn to {name!r}.")
    return [_entry(folder, file) for file in manifest.files(folder) if file not in before]


def _inside(name: str) -> str:
    parts = PurePosixPath(name).parts
    if (
        not parts
        or PurePosixPath(name).is_absolute()
        or ".." in parts
        or "\\" in name
        or ":" in name
    ):
        raise OutputError(f"{name!r} is no name for a file in the release.")
    return name


def _entry(folder: Path, name: str, **facts: Any) -> dict[str, Any]:
    path = folder / name
    kind = _KINDS.get(path.suffix, "application/octet-stream")
    size = path.stat().st_size
    return {
        "path": name,
        "bytes": size,
        "sha256": checksum(path),
        "media_type": kind,
        **facts,
    }


def _about(release: Release, title: str) -> list[tuple[str, str]]:
    return [
        ("title", title),
        ("basis", release.stamp),
        *(("caveat", text) for text in release.caveats),
        *(("data", text) for text in release.attributions),
    ]
