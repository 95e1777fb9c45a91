"""One messy table for every engine, and what must be the same of it whatever read it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from linemap import schema
from linemap.records import Reading

HEADINGS = ["Home borough", "Place found", "Date", "Count", "Age band", "Ref", "Note"]
CLEAN = {
    "Home borough": ["Islington", "islington ", "Hackney", "Camden"],
    "Place found": ["Norwich", "NORWICH", " Ipswich", "unknown", "", "England", "n/k", "Bath"],
    "Date": ["2024-01-05", "05/01/2024", "2024-02-29", "3 March 2024", "", "2024-02"],
    "Count": ["1", "2", " 3", "0", "12"],
    "Age band": ["14-17", "under 14", "", "NA"],
    "Ref": ["a1", "b2", ""],
    "Note": ["", "seen, twice", 'said "so"', "=1+1"],
}
MESSY: dict[str, list[str]] = {
    "Home borough": ["", "Hack\tney", "Total", "Hackney Total"],
    "Place found": ["\u200bBath", "MÃ´n", "Total", "'=Bath"],
    "Date": ["2024-02-30", "soon", "45323"],
    "Count": ["-1", "1.5", "", "two", "1,250"],
    "Age band": ["NR1 3AB", "call 07700 900123"],
    "Ref": [],
    "Note": ["\x07"],
}


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Write a text as a file."""

    def write(text: str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook of one sheet of rows and its merged cells, or of sheets by name.

    `change` may change it before it is saved.
    """

    def write(
        rows: Sequence[Sequence[object]] | None = None,
        *merged: str,
        change: Callable[[openpyxl.Workbook], object] | None = None,
        **sheets: Sequence[Sequence[object]],
    ) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, content in (sheets if rows is None else {"Sheet": rows}).items():
            sheet = book.create_sheet(name)
            for row in content:
                sheet.append(row)
        for cells in merged:
            book.worksheets[0].merge_cells(cells)
        if change is not None:
            change(book)
        path = tmp_path / "table.xlsx"
        book.save(path)
        return path

    return write


@pytest.fixture(scope="session")
def made() -> Callable[..., pd.DataFrame]:
    """Make a table of text: mixed case, empty text, dates, counts, tags; with errors if `messy`."""

    def table(seed: int, rows: int, *, messy: bool) -> pd.DataFrame:
        rnd = random.Random(seed)  # noqa: S311 - a made table
        pools = {name: CLEAN[name] + (MESSY[name] if messy else []) for name in HEADINGS}
        return pd.DataFrame(
            [{name: rnd.choice(pools[name]) for name in HEADINGS} for _ in range(rows)]
        )[HEADINGS]

    return table


@pytest.fixture(scope="session")
def whole() -> Callable[[Reading], list[str]]:
    """Undo the grouping: one row of the frame for each row of the table, in one order."""

    def undo(reading: Reading) -> list[str]:
        frame = reading.frame.copy()
        if schema.ROWS_ALIKE in frame:
            times = frame.pop(schema.ROWS_ALIKE).to_numpy()
            frame[schema.COUNT] = frame[schema.COUNT] // times
            frame = frame.loc[np.repeat(frame.index, times)]
        frame = frame.drop(columns=schema.ROW).astype(object).where(frame.notna(), None)
        return sorted(map(repr, frame.itertuples(index=False)))

    return undo


@pytest.fixture(scope="session")
def account() -> Callable[[Reading], tuple[Any, ...]]:
    """Tell what became of every row, with the numbers of rows left out.

    Errors are counted by what they say, where and how often; notices by what they say.
    """

    def counted(reading: Reading) -> tuple[Any, ...]:
        faults: Counter[tuple[str, str | None]] = Counter()
        for fault in reading.faults:
            faults[fault.problem, fault.column] += fault.times or 1
        refused = reading.refused
        alike = refused.get(schema.ROWS_ALIKE, pd.Series(1, refused.index))
        return (
            reading.rows,
            reading.blank,
            faults,
            alike.groupby(refused["problem"]).sum().to_dict(),
            reading.unknown.to_dict("list"),
            reading.used,
            reading.unused,
            reading.details,
        )

    return counted
