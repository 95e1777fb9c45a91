"""The manifest of a release, and the check that the folder still holds what it lists.

It is a data package as https://datapackage.org describes it: the CSV tables are resources with
their schemas, every other file is a resource of the type ``file``, and what linemap adds (the
rule, the caveats, the versions, the settings, the seal) stands beside the standard's own keys.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from linemap._version import __version__
from linemap.errors import OutputError
from linemap.io import checksum

MANIFEST: Final = "datapackage.json"
FORMAT: Final = "linemap release 2"
RESOURCES: Final = "resources"
HASH: Final = "hash"
SEAL: Final = "seal"
# Beside the files of a release that was withdrawn; no manifest lists it.
WITHDRAWN: Final = "WITHDRAWN.txt"
# What a file manager leaves behind by itself, and nobody would miss.
LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PACKAGES: Final = (
    "folium", "geopandas", "highspy", "matplotlib", "numpy", "pandas", "pyarrow", "pyogrio",
    "pyproj", "scipy", "shapely", "statsmodels", "XlsxWriter", "XStatic-Leaflet",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Name what made a release: linemap, Python, the system, the packages."""
    found = {"linemap": __version__, "python": platform.python_version(), "platform": sys.platform}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def resource(folder: Path, path: str, **facts: Any) -> dict[str, Any]:
    """Describe a file of a release: its size, its SHA-256, its format, and what is said of it."""
    file = folder / path
    suffix = file.suffix.removeprefix(".")
    return {
        "name": re.sub(r"[^-a-z0-9._/]", "-", path.lower()),
        "path": path,
        "type": "file",
        "format": suffix.lower() or "bin",
        "mediatype": _MEDIA_TYPES.get(suffix, "application/octet-stream"),
        "bytes": file.stat().st_size,
        HASH: hash_of(file),
        **facts,
    }


def hash_of(content: bytes | Path) -> str:
    """Return the SHA-256 of some bytes or of a file as a data package writes it."""
    return f"sha256:{checksum(content)}"


def named_once(resources: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sort resources by path, and number the names of those that would share one."""
    taken: set[str] = set()
    sorted_: list[dict[str, Any]] = []
    for entry in sorted(resources, key=lambda entry: str(entry["path"])):
        name, number = str(entry["name"]), 2
        while name in taken:
            name, number = f"{entry['name']}-{number}", number + 1
        taken.add(name)
        sorted_.append({**entry, "name": name})
    return sorted_


def manifest_bytes(content: Mapping[str, Any]) -> bytes:
    """Write a manifest, sealed with the hash of all the rest of it."""
    body = {**content, SEAL: _seal(content)}
    return (json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _seal(content: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in content.items() if key != SEAL}
    plain = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return checksum(plain.encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a folder's manifest; raise an OutputError if it is none, or was changed."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise OutputError(f"{folder} is no release: it has no {MANIFEST}.") from None
    except (ValueError, RecursionError) as error:
        raise OutputError(f"{path} is damaged: {error}.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise OutputError(f"{path} is no manifest of a linemap release.")
    if content.get(SEAL) != _seal(content):
        raise OutputError(f"{path} was changed after it was written.")
    return content


def broken(folder: Path, *, contents: bool = True) -> list[str]:
    """List what keeps a folder from being the release that its manifest describes.

    Every listed file must be there with its size and, unless `contents` is False, its hash, and
    no other file than the mark of a release that was withdrawn.

    Raises
    ------
    OutputError
        If there is no manifest that can be read.
    """
    listed = {entry["path"]: entry for entry in read_manifest(folder)[RESOURCES]}
    there = set(files(folder)) - {MANIFEST, WITHDRAWN}
    faults = [f"{name} is missing" for name in sorted(listed.keys() - there)]
    faults += [f"{name} was not written by linemap" for name in sorted(there - listed.keys())]
    for name in sorted(listed.keys() & there):
        path = folder / name
        entry = listed[name]
        is_same = path.stat().st_size == entry["bytes"]
        if not is_same or (contents and hash_of(path) != entry[HASH]):
            faults.append(f"{name} was changed after it was written")
    return faults


def files(folder: Path) -> list[str]:
    """List every file and link under a folder, as sorted relative names; empty folders end in /."""
    found = []
    for path in folder.rglob("*"):
        name = PurePosixPath(path.relative_to(folder)).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                found.append(name + "/")
        elif path.name not in LITTER:
            found.append(name)
    return sorted(found)
