"""Read files from outside, register them as sources, and write files whole.

A file is read as what its name says: GeoJSON as text, GeoPackage as a SQLite
database, Parquet and CSV as tables. None of them passes through GDAL, which
would follow a link in one of them to another file or over the network.

- `files`: tables read as text, files written whole, checksums, locks, sources.
- `features`: outlines and points.
"""

from linemap.io.features import read_features
from linemap.io.files import (
    ATTRIBUTION,
    FORMATS,
    ID,
    LICENCE,
    LINK,
    PATH,
    ROWS,
    SHA256,
    SOURCE_COLUMNS,
    TITLE,
    PathLike,
    attributions,
    cells_as_text,
    checksum,
    combine,
    fingerprint,
    flush_names,
    format_of,
    lacking,
    local,
    locked,
    read_cells,
    read_rows,
    read_text,
    reading_parquet,
    register,
    shipped_list,
    write_output,
    write_whole,
)

__all__ = [
    "ATTRIBUTION",
    "FORMATS",
    "ID",
    "LICENCE",
    "LINK",
    "PATH",
    "ROWS",
    "SHA256",
    "SOURCE_COLUMNS",
    "TITLE",
    "PathLike",
    "attributions",
    "cells_as_text",
    "checksum",
    "combine",
    "fingerprint",
    "flush_names",
    "format_of",
    "lacking",
    "local",
    "locked",
    "read_cells",
    "read_features",
    "read_rows",
    "read_text",
    "reading_parquet",
    "register",
    "shipped_list",
    "write_output",
    "write_whole",
]
