"""Every engine reads the same table to the same records, errors and account."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linemap import schema
from linemap.records import EngineOptions, ReadOptions, read

DUCK = EngineOptions(engine="duckdb", threads=2)
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
MESSY = {
    "Home borough": ["", "Hack\tney", "Total", "Hackney Total"],
    "Place found": ["\u200bBath", "MÃ´n", "Total", "'=Bath"],
    "Date": ["2024-02-30", "soon", "45323"],
    "Count": ["-1", "1.5", "", "two", "1,250"],
    "Age band": ["NR1 3AB", "call 07700 900123"],
    "Ref": [],
    "Note": ["\x07"],
}


def made(seed: int, rows: int, *, messy: bool) -> pd.DataFrame:
    rnd = random.Random(seed)  # noqa: S311 - a made table
    pools = {name: CLEAN[name] + (MESSY[name] if messy else []) for name in HEADINGS}
    frame = pd.DataFrame(
        [{name: rnd.choice(pools[name]) for name in HEADINGS} for _ in range(rows)]
    )
    return frame[HEADINGS]


def written(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, index=False)
    return path


def parquet(frame: pd.DataFrame, path: Path) -> Path:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=7)
    return path


def whole(reading):
    """Undo the grouping: one row of the frame for each row of the table, in one order."""
    frame = reading.frame.copy()
    if schema.ROWS_ALIKE in frame:
        times = frame.pop(schema.ROWS_ALIKE).to_numpy()
        frame[schema.COUNT] = frame[schema.COUNT] // times
        frame = frame.loc[np.repeat(frame.index, times)]
    frame = frame.drop(columns=schema.ROW).astype(object).where(frame.notna(), None)
    return sorted(
        map(repr, frame.drop(columns=schema.ROW, errors="ignore").itertuples(index=False))
    )


def account(reading, whole_faults=()):
    notices = [str(n) for n in reading.notices]
    return (
        reading.rows,
        reading.blank,
        reading.faults,
        sorted(notices),
        reading.left_out,
        reading.refused.to_dict("list"),
        reading.unknown.to_dict("list"),
        reading.used,
        reading.unused,
        reading.details,
    )


def options(engine=None, **more):
    return ReadOptions(
        tags=("Age band",),
        allow_refused=True,
        engine=engine or EngineOptions(engine="pandas"),
        **more,
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("messy", [False, True])
def test_a_csv_read_by_duckdb_is_the_table_read_row_by_row(tmp_path, seed, messy):
    path = written(made(seed, 150, messy=messy), tmp_path / "a.csv")
    expected, found = read(path, "records", options()), read(path, "records", options(DUCK))
    assert schema.ROWS_ALIKE in found.frame
    assert whole(found) == whole(expected)
    assert account(found) == account(expected)


@pytest.mark.parametrize("messy", [False, True])
def test_parquet_and_a_folder_of_files_read_by_duckdb_are_that_table_too(tmp_path, messy):
    frame = made(3, 200, messy=messy)
    expected = read(parquet(frame, tmp_path / "a.parquet"), "records", options())
    found = read(tmp_path / "a.parquet", "records", options(DUCK))
    assert whole(found) == whole(expected)
    assert account(found) == account(expected)
    parts = tmp_path / "parts"
    parts.mkdir()
    for at in range(4):
        written(frame.iloc[50 * at : 50 * at + 50], parts / f"{at}.csv")
    of_parts = read(parts, "records", options(DUCK))
    assert whole(of_parts) == whole(expected)
    assert of_parts.rows == expected.rows
    where = [divmod(int(row) - 2, 50) for row in expected.refused["row"]]
    if messy:
        told = zip(of_parts.refused["file"], of_parts.refused["row"], strict=True)
        assert list(told) == [(f"{file}.csv", row + 2) for file, row in where]
