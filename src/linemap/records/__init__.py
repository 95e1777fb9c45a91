"""Read an analyst's table, whatever wrote it, or say by row and column what is wrong with it.

In the order of the work:

- `reading`: what callers use; chooses the reader by the kind of file, and an engine by its size.
- `table`: a table as it was written, from frames and Parquet too; the options of reading.
- `delimited`, `workbook`: read CSV and Excel into such a table; `archive` opens a workbook's zip.
- `table_layout`: where headings and notes stand; a crosstab read as the list it stands for.
- `headings`: which column plays which part.
- `column_contents`: what a column holds by its looks, above all people's details.
- `totals`: rows that are totals of other rows.
- `validators`: what one cell may hold, and the cells of one row together.
- `assemble`: each row used, or refused with its reasons; makes RECORDS or STATEMENTS.
- `several`: which files a table is, and several of them as one table.
- `grouped`, `duck`, `spark`: the same for tables that an engine groups where they are.
"""

from __future__ import annotations

from linemap.records.assemble import Reading, fault_at
from linemap.records.delimited import is_formula_like, neutralise, restore
from linemap.records.grouped import Tell, nobody
from linemap.records.reading import (
    check_table,
    inspect,
    inspect_table,
    read,
    read_records,
    read_statements,
)
from linemap.records.several import files_of
from linemap.records.table import (
    ENGINES,
    Engine,
    EngineOptions,
    Kind,
    ReadKeywords,
    ReadOptions,
    options_of,
)
from linemap.records.validators import PUBLISHED

__all__ = [
    "ENGINES",
    "PUBLISHED",
    "Engine",
    "EngineOptions",
    "Kind",
    "ReadKeywords",
    "ReadOptions",
    "Reading",
    "Tell",
    "check_table",
    "fault_at",
    "files_of",
    "inspect",
    "inspect_table",
    "is_formula_like",
    "neutralise",
    "nobody",
    "options_of",
    "read",
    "read_records",
    "read_statements",
    "restore",
]
