"""Read files from outside, register them as sources, and write files whole.

A file is read as what its name says: GeoJSON as text, GeoPackage as a SQLite
database, Parquet and CSV as tables. None of them passes through GDAL, which
would follow a link in one of them to another file or over the network.
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
    checksum,
    combine,
    fingerprint,
    flush_names,
    format_of,
    local,
    locked,
    register,
    write_output,
    write_whole,
)
from linemap.io.tables import as_text, lacking, read_rows, read_text, reading_parquet, shipped_list

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
    "as_text",
    "attributions",
    "checksum",
    "combine",
    "fingerprint",
    "flush_names",
    "format_of",
    "lacking",
    "local",
    "locked",
    "read_features",
    "read_rows",
    "read_text",
    "reading_parquet",
    "register",
    "shipped_list",
    "write_output",
    "write_whole",
]
