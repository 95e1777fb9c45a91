"""Write a table as CSV that Excel opens rightly and no spreadsheet runs.

UTF-8 with a byte-order mark: without it Excel on a British Windows reads
Windows-1252, and King’s Lynn becomes Kingâ€™s Lynn. Lines end as RFC 4180
has it. Text that would run is preceded by an apostrophe, which
:func:`linemap.records.read_records` takes back.
"""

from __future__ import annotations

import csv
import io

import pyarrow as pa

from linemap.records import neutralise
from linemap.release.tables import rows


def csv_bytes(data: pa.Table) -> bytes:
    """Write a typed table; null is an empty cell, a truth is `true` or `false`."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([neutralise(name) for name in data.column_names])
    writer.writerows([_written(value) for value in row] for row in rows(data))
    return stream.getvalue().encode("utf-8-sig")


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return neutralise(value)
    return repr(value)
