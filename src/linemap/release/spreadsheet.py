"""Write all tables as one Excel workbook: text is typed as text, and the bytes are the same."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any, Final

from linemap.errors import OutputError
from linemap.release.tables import Tabled, rows

ABOUT: Final = "about"
CELL: Final = 32_767  # characters that a cell can hold
ROWS: Final = 1_048_576
_EPOCH: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the same in every release, no clock
_NAME: Final = 31  # characters that a sheet's name can have


def sheet_names(names: Sequence[str]) -> dict[str, str]:
    """Give each table a sheet name that Excel accepts: short, plain, no two alike."""
    taken = {ABOUT, "history"}
    found: dict[str, str] = {}
    for name in names:
        stem = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:_NAME] or "table"
        chosen, number = stem, 2
        while chosen.casefold() in taken:
            chosen = f"{stem[: _NAME - len(str(number)) - 1]} {number}"
            number += 1
        taken.add(chosen.casefold())
        found[name] = chosen
    return found


def workbook_bytes(tables: Sequence[Tabled], about: Sequence[tuple[str, str]]) -> bytes:
    """Write an `about` sheet of two columns, then a sheet for each table.

    Raises
    ------
    OutputError
        If a text or a table is longer than a sheet can hold.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(buffer, {**options, "strings_to_urls": False}) as book:
        book.set_properties({"created": _EPOCH})
        bold = book.add_format({"bold": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(ABOUT)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 100, wrap)
        for at, (item, text) in enumerate(about):
            _text(sheet, at, 0, item, bold)
            _text(sheet, at, 1, text, wrap)
        names = sheet_names([table.name for table in tables])
        for table in tables:
            _sheet(book.add_worksheet(names[table.name]), table, bold)
    return buffer.getvalue()


def _sheet(sheet: Any, table: Tabled, bold: Any) -> None:
    if table.data.num_rows >= ROWS:
        raise OutputError(f"The table {table.name!r} has more rows than a sheet can hold.")
    for at, name in enumerate(table.data.column_names):
        _text(sheet, 0, at, name, bold)
        sheet.set_column(at, at, min(max(len(name) + 2, 12), 40))
    sheet.freeze_panes(1, 0)
    for down, row in enumerate(rows(table.data), start=1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                _text(sheet, down, at, value)
            elif isinstance(value, bool):
                sheet.write_boolean(down, at, value)
            elif value is not None:
                sheet.write_number(down, at, value)


def _text(sheet: Any, row: int, column: int, text: str, style: Any = None) -> None:
    if len(text) > CELL:
        raise OutputError(f"A text of {len(text):,} characters is longer than a cell can hold.")
    sheet.write_string(row, column, text, style)
