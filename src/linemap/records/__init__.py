"""Read an analyst's table, whatever wrote it, or say by row and column what is wrong with it."""

from __future__ import annotations

from linemap.records.assemble import Reading, fault_at
from linemap.records.delimited import is_formula_like, neutralise, restore
from linemap.records.grouped import Tell, nobody
from linemap.records.reading import (
    check_table,
    files_of,
    inspect,
    inspect_table,
    read,
    read_records,
    read_statements,
)
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
