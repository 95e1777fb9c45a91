"""Write a release as tables: CSV, a workbook, and the data dictionary.

Each column has one declared type, and every form shows the same numbers. CSV is UTF-8 with a
byte-order mark, without which Excel on a British Windows reads Windows-1252 and King’s Lynn
becomes Kingâ€™s Lynn; its lines end as RFC 4180 says. Text that a spreadsheet would run as a
formula is preceded by an apostrophe, which :func:`linemap.records.read_records` removes.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from geopandas.array import GeometryDtype

from linemap import schema
from linemap.disclosure import Release
from linemap.errors import OutputError
from linemap.io import read_cells, shipped_list
from linemap.records import neutralise, restore

DECIMALS: Final = 6  # of a number with a point; of a kilometre that is a millimetre
FLOWS: Final = "flows"
WHERE_TO: Final = "where_to"
ACCOUNT: Final = "account"
PLACES: Final = "places"
# The types of columns, as a data package names them; geometry is none of the table's.
_TYPES: Final = {
    pa.string(): "string",
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.bool_(): "boolean",
}
_FACTS: Final = {"description": "meaning", "unit": "unit"}  # of a field, and of the dictionary
_SHAPE: Final = {"name": schema.GEOMETRY, "type": "geometry"}


@dataclass(frozen=True, slots=True)
class ReleaseTable:
    """One table of a release, without geometry: its name and its typed columns."""

    name: str
    data: pa.Table

    def columns(self, *, shape: bool = False) -> list[dict[str, str]]:
        """Name the columns and their types, and with `shape` the geometry that stands beside."""
        named = [{"name": field.name, "type": _TYPES[field.type]} for field in self.data.schema]
        return [*named, _SHAPE] if shape else named


def table_facts(table: ReleaseTable) -> dict[str, Any]:
    """Describe a CSV table for the manifest: how it is written, and what each column is."""
    known = column_meanings()
    fields = []
    for column in table.columns():
        told = known.get(column["name"], {})
        field = {**column, "name": neutralise(column["name"])}
        fields.append(field | {key: told[cell] for key, cell in _FACTS.items() if told.get(cell)})
    return {
        "type": "table",
        "table": table.name,
        "rows": table.data.num_rows,
        "encoding": "utf-8-sig",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "header": True},
        "schema": {"fields": fields, "missingValues": [""]},
    }


def column_meanings() -> dict[str, Mapping[str, str]]:
    """Return what is known of each column of a release, by its name: the data dictionary."""
    return {row["column"]: row for row in shipped_list("columns.csv")}


def tables(release: Release) -> Iterator[ReleaseTable]:
    """Yield the flows, the view of all origins, every summary by name, and the account."""
    yield ReleaseTable(FLOWS, typed(release.flows))
    if schema.WHERE_TO in release.views:
        yield ReleaseTable(WHERE_TO, typed(release.views[schema.WHERE_TO]))
    for name in sorted(release.summaries):
        yield ReleaseTable(name, typed(release.summaries[name]))
    yield ReleaseTable(ACCOUNT, typed(release.account))


def typed(frame: pd.DataFrame) -> pa.Table:
    """Type every column but the geometry: text, integer, number or truth; a tuple is joined text.

    Null stays null and is what empty text becomes, and infinity (a band without
    an end), which no spreadsheet knows. Numbers keep six decimals,
    so that every output shows the same ones.

    Raises
    ------
    OutputError
        If a column holds anything else, or two columns share a name.
    """
    names = [str(column) for column in frame.columns]
    if len(set(names)) < len(names):
        raise OutputError("A table with two columns of one name cannot be written.")
    fields = {
        str(name): _column(str(name), values)
        for name, values in pd.DataFrame(frame).items()
        if not isinstance(values.dtype, GeometryDtype) and name != schema.GEOMETRY
    }
    return pa.table(fields) if fields else pa.table({}, schema=pa.schema([]))


def _column(name: str, series: pd.Series[Any]) -> pa.Array:
    # What has a dtype of its own is told without a look at each value.
    if isinstance(series.dtype, pd.StringDtype):
        return _text_column(series)
    if isinstance(series.dtype, pd.Int64Dtype | pd.BooleanDtype):
        return pa.array(series)
    if series.dtype == np.float64:
        numbers = (number if math.isfinite(number) else None for number in series.tolist())
        return pa.array([_rounded(number) for number in numbers], pa.float64())
    values = [_plain(value) for value in series.tolist()]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str} and not pd.api.types.is_numeric_dtype(series.dtype):
        return pa.array(values, pa.string())
    if kinds <= {bool} and (kinds or pd.api.types.is_bool_dtype(series.dtype)):
        return pa.array(values, pa.bool_())
    whole = pd.api.types.is_integer_dtype(series.dtype) or (kinds == {int})
    if kinds <= {int} and whole:
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([_rounded(value) for value in values], pa.float64())
    shown = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise OutputError(f"Column {name!r} holds {shown}: it cannot be written as one type.")


def _text_column(series: pd.Series[Any]) -> pa.Array:
    held = pa.array(series, from_pandas=True)
    whole = held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held
    text = whole.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), DECIMALS) + 0.0  # and no minus zero


def _plain(value: object) -> object:
    """Turn one value into a plain Python one; a null, empty text or infinity into None."""
    if isinstance(value, tuple | list):
        return "; ".join(str(part) for part in value) or None
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, str):
        return str(value) or None
    if isinstance(value, float) and math.isinf(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool | int | float):
        return value
    return str(value)


def stamp(release: Release) -> str:
    """Return the stamp: on what basis the numbers are published, and which months they cover."""
    covers = "" if release.window is None else f"; covers {release.window.words}"
    if release.rule is None:
        return f"{release.basis}{covers}"
    rule = release.rule
    told = f"under {rule.threshold} not shown, others to {rule.base} ({rule.name})"
    return f"{release.basis}: {told}{covers}"


def with_basis(data: pa.Table, words: str) -> pa.Table:
    """Add the stamp as a last column."""
    return data.append_column(schema.BASIS, pa.array([words] * data.num_rows, pa.string()))


def rows(data: pa.Table) -> Iterator[Sequence[object]]:
    """Yield the rows of a table as plain values."""
    columns = [column.to_pylist() for column in data.columns]
    return zip(*columns, strict=True)


_READ: Final[dict[str, str]] = {
    "string": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
}


def read_table(columns: Sequence[Mapping[str, str]], path: Path) -> pd.DataFrame:
    """Read a CSV table of a release by its declared columns; the apostrophes are removed."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heading, *body = read_cells(stream.read())
    if heading != [column["name"] for column in columns]:
        raise OutputError(f"{path.name} has other columns than its manifest declares.")
    frame = {}
    for at, column in enumerate(columns):
        texts = [row[at] for row in body]
        frame[restore(column["name"])] = _read_column(texts, column["type"])
    return pd.DataFrame(frame)


def _read_column(texts: Sequence[str], kind: str) -> pd.Series[Any]:
    read: Mapping[str, Callable[[str], object]] = {
        "string": restore,
        "integer": int,
        "number": float,
        "boolean": lambda text: text == "true",
    }
    values = [read[kind](text) if text else None for text in texts]
    return pd.Series(values, dtype=_READ[kind])


# ── File names that every system accepts, Windows included ───────────────────────────
LONGEST: Final = 80  # characters; a council laptop's whole path has 260
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE
)


def safe_file_name(text: str, suffix: str = "") -> str:
    """Make a file name of any text: plain letters, digits and hyphens, never reserved or long.

    Texts that lose anything but case, accents and punctuation get a mark of
    their own, so that different names stay different files.

    >>> safe_file_name("Barking & Dagenham", ".csv"), safe_file_name("CON")
    ('barking-dagenham.csv', 'con_')
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    stem = re.sub(r"[^a-z0-9_]+", "-", letters).strip("-")
    lossy = any(sign.isalnum() and not sign.isascii() for sign in letters)
    room = LONGEST - len(suffix)
    if lossy or not stem or len(stem) > room:
        mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        stem = f"{stem[: room - 9].rstrip('-')}-{mark}".lstrip("-")
    if _RESERVED.fullmatch(stem):
        stem += "_"
    return stem + suffix


def file_names(texts: Iterable[str], suffix: str = "") -> dict[str, str]:
    """Name a file for each text; where two would share one, the later gets a number."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for text in texts:
        name = safe_file_name(text, suffix)
        number = 2
        while name in taken:
            name = safe_file_name(f"{text} {number}", suffix)
            number += 1
        taken.add(name)
        names[text] = name
    return names


# ── CSV ───────────────────
def csv_bytes(data: pa.Table) -> bytes:
    """Write a typed table; null is an empty cell, a truth is `true` or `false`."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([neutralise(name) for name in data.column_names])
    writer.writerows(zip(*map(_written, data.columns), strict=True))
    return stream.getvalue().encode("utf-8-sig")


def _written(column: pa.ChunkedArray) -> list[str]:
    """Write the cells of a column, each distinct text or truth once."""
    values = column.to_pylist()
    if pa.types.is_string(column.type):
        told: dict[Any, str] = {text: neutralise(text) for text in set(values) - {None}}
    elif pa.types.is_boolean(column.type):
        told = {True: "true", False: "false"}
    else:
        return ["" if value is None else repr(value) for value in values]
    told[None] = ""
    return [told[value] for value in values]


# ── The data dictionary ───────────────────────────────────────────────────────
_HEAD: Final = """# Data dictionary

Every column of every table{of}. The same names mean the same in CSV, GeoParquet, GeoPackage and
the workbook. An empty cell is null: the last column says what that means. Null is never zero.

| column | type | unit | meaning | null means |
| --- | --- | --- | --- | --- |
"""
_TAG: Final = ("text", "", "A column of the table that was counted, kept as a tag", "not stated")


def dictionary_text(tables: Sequence[ReleaseTable] | None = None) -> str:
    """Write the data dictionary of some tables in Markdown, or without them that of all columns.

    A column that linemap does not name is a tag of the owner's table; its name is escaped.
    """
    known = column_meanings()
    names = list(known)
    tags: list[str] = []
    if tables is not None:
        used = [column["name"] for table in tables for column in table.columns(shape=True)]
        names = [name for name in known if name in used]
        tags = [name for name in dict.fromkeys(used) if name not in known]
    rows = [
        (f"`{name}`", *(known[name][cell] for cell in ("type", "unit", "meaning", "null means")))
        for name in names
    ]
    rows += [(_escaped(tag), *_TAG) for tag in tags]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return _HEAD.format(of="" if tables is None else " of this release") + "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Write every sign but letters, digits, spaces and hyphens as a reference to its number."""
    return re.sub(r"[^\w -]", lambda sign: f"&#{ord(sign[0])};", " ".join(text.split()))


# ── Workbook: text is typed as text, and the bytes are the same each time ───
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


def workbook_bytes(tables: Sequence[ReleaseTable], about: Sequence[tuple[str, str]]) -> bytes:
    """Write a sheet of notes, then a sheet for each table, frozen at its headings.

    The notes begin with `about`, and say what each sheet and column is. Numbers are
    shown with no more digits than are known, and kept whole in the cells.

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
        names = sheet_names([table.name for table in tables])
        _notes(book, tables, about, names)
        forms = {form: book.add_format({"num_format": form}) for form in _FORMS}
        heading = book.add_format(_HEADING)
        for table in tables:
            sheet = book.add_worksheet(names[table.name])
            _sheet(sheet, table, forms, heading)
    return buffer.getvalue()


_HEADING: Final = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
_NOTE: Final = (
    "An empty cell is null, which is never zero. Numbers are shown without the decimals that "
    "nobody knows; the cells and the CSV files hold them."
)
_WIDE: Final = 100  # characters
_WHOLE, _SHARE, _DEGREES = "#,##0", "0 %", "0.00"
_FORMS: Final = (_WHOLE, _SHARE, _DEGREES)
_NARROW, _WIDEST = 9, 44  # characters of a column
_LOOKED_AT: Final = 2_000  # rows: of longer tables the first give a column its width


def _notes(
    book: Any,
    tables: Sequence[ReleaseTable],
    about: Sequence[tuple[str, str]],
    names: Mapping[str, str],
) -> None:
    """Write the first sheet: what the release is, its caveats, its sheets, and each column."""
    bold = book.add_format({"bold": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(ABOUT)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _WIDE, wrap)
    known = column_meanings()
    used = dict.fromkeys(column["name"] for table in tables for column in table.columns())
    lines = [
        *about,
        *(("sheet", f"{names[table.name]}: {table.data.num_rows:,} rows") for table in tables),
        ("note", _NOTE),
        *((name, _meaning(known[name]) if name in known else _TAG[2]) for name in used),
    ]
    for at, (item, text) in enumerate(lines):
        _text(sheet, at, 0, item, bold)
        _text(sheet, at, 1, text, wrap)
    _printed(sheet)


def _meaning(column: Mapping[str, str]) -> str:
    unit = f" ({column['unit']})" if column["unit"] else ""
    return f"{column['meaning']}{unit}. Empty: {column['null means']}."


def _printed(sheet: Any) -> None:
    """Let a sheet print across the width of A4 pages."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _sheet(sheet: Any, table: ReleaseTable, forms: Mapping[str, Any], heading: Any) -> None:
    if table.data.num_rows >= ROWS:
        raise OutputError(f"The table {table.name!r} has more rows than a sheet can hold.")
    fields = list(table.data.schema)
    shown = [forms.get(_form(field)) for field in fields]
    texts = table.data.slice(0, _LOOKED_AT)
    for at, field in enumerate(fields):
        _text(sheet, 0, at, field.name, heading)
        cells = texts.column(at).to_pylist() if field.type == pa.string() else ()
        width = max((len(cell) for cell in cells if cell is not None), default=0)
        words = max(map(len, re.split("[_ ]", field.name)))  # a heading breaks at its words
        sheet.set_column(at, at, min(max(width, words, len(field.name) // 2, _NARROW) + 2, _WIDEST))
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    if fields and table.data.num_rows:
        sheet.autofilter(0, 0, table.data.num_rows, len(fields) - 1)
    _printed(sheet)
    for down, row in enumerate(rows(table.data), start=1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                _text(sheet, down, at, value)
            elif isinstance(value, bool):
                sheet.write_boolean(down, at, value)
            elif value is not None:
                sheet.write_number(down, at, value, shown[at])


def _form(field: pa.Field) -> str:
    """Choose how Excel shows a column: counts and km whole, shares as per cents."""
    if field.type == pa.int64():
        return _WHOLE
    if field.type != pa.float64():
        return ""
    if field.name.startswith("share"):
        return _SHARE
    return _DEGREES if field.name.endswith(("_deg", "lon", "lat")) else _WHOLE


def _text(sheet: Any, row: int, column: int, text: str, style: Any = None) -> None:
    if len(text) > CELL:
        raise OutputError(f"A text of {len(text):,} characters is longer than a cell can hold.")
    sheet.write_string(row, column, text, style)
