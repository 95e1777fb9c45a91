"""Every outside file is a row: where it lies, its hash, rows, licence and attribution.

Files are opened here, and so that a file can be nothing but what its name
says: GeoJSON is read as text, GeoPackage as the SQLite that it is, Parquet and
CSV as tables. None of them passes through GDAL, which would follow a link in
one of them to another file or over the network.
"""

from linemap.io.features import read_features
from linemap.io.files import FORMATS, PathLike, format_of, local
from linemap.io.registers import (
    ATTRIBUTION,
    ID,
    LICENCE,
    LINK,
    PATH,
    ROWS,
    SHA256,
    SOURCE_COLUMNS,
    TITLE,
    attributions,
    combine,
    fingerprint,
    register,
)
from linemap.io.tables import as_text, lacking, read_rows, reading_parquet
from linemap.io.whole import checksum, flush_names, write_whole

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
    "read_features",
    "read_rows",
    "reading_parquet",
    "register",
    "write_whole",
]
