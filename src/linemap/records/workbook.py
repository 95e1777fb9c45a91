"""Read an Excel workbook within limits, exactly."""

from __future__ import annotations

from linemap.errors import InputError
from linemap.records.table import Table


def read_workbook(data: bytes, *, sheet: str | int | None = None) -> Table:
    """Read one sheet of a workbook."""
    raise InputError("Workbooks cannot be read yet.")
