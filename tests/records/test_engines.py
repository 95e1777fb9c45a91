"""Every engine reads the same table to the same records, errors and account."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linemap import schema
from linemap.records import EngineOptions, ReadOptions, duck, read
from linemap.records.grouped import NotPlain

DUCK = EngineOptions(engine="duckdb", threads=2)


def written(frame: pd.DataFrame, path: Path, line_end: str = "\n") -> Path:
    frame.to_csv(path, index=False, lineterminator=line_end)
    return path


def parquet(frame: pd.DataFrame, path: Path) -> Path:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=7)
    return path


def numbered(reading):
    """Tell every word of an account with the numbers of the rows."""
    return (
        reading.faults,
        sorted(map(str, reading.notices)),
        reading.left_out,
        reading.refused.to_dict("list"),
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
def test_a_csv_read_by_duckdb_is_the_table_read_row_by_row(
    made, whole, account, tmp_path, seed, messy
):
    line_end = ("\n", "\r\n")[seed % 2]  # Windows ends lines so
    path = written(made(seed, 150, messy=messy), tmp_path / "a.csv", line_end)
    expected, found = read(path, "records", options()), read(path, "records", options(DUCK))
    assert schema.ROWS_ALIKE in found.frame
    assert whole(found) == whole(expected)
    assert account(found) == account(expected)
    assert numbered(found) == numbered(expected)


@pytest.mark.parametrize("messy", [False, True])
def test_parquet_and_a_folder_of_files_read_by_duckdb_are_that_table_too(
    made, whole, account, tmp_path, messy
):
    frame = made(3, 200, messy=messy)
    expected = read(parquet(frame, tmp_path / "a.parquet"), "records", options())
    found = read(tmp_path / "a.parquet", "records", options(DUCK))
    assert whole(found) == whole(expected)
    assert account(found) == account(expected)
    assert numbered(found) == numbered(expected)
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


ROWS = ['"q ""w"" e",b', "a,", ",b", "é,Bath", "a,b ", ' a,"b, c"']
NOT_PLAIN = ["", "a,b,", 'a, "b"', '"a" ,b', "a,b\r", '"a\n\nb",c', "a,\0", "a,\udcff"]


@pytest.mark.parametrize("piece", [7, 64, 1 << 24])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_duckdb_would_read_otherwise_is_found_wherever_it_stands(
    monkeypatch, tmp_path, piece, line_end
):
    monkeypatch.setattr(duck, "_CHUNK", piece)
    path = tmp_path / "a.csv"

    def looked(lines: list[str]) -> duck.Plain:
        path.write_bytes(line_end.join([*lines, ""]).encode(errors="surrogateescape"))
        return duck.Plain.of(path, lambda done: None)

    for at in range(24):
        lines = ["from,to", *(ROWS[(at + n) % len(ROWS)] for n in range(9))]
        found = looked(lines)
        assert found.foot[-1] == tuple(next(csv.reader([lines[-1]])))
        assert found.quotes
        lines[1 + at % 8] = NOT_PLAIN[at % len(NOT_PLAIN)]
        with pytest.raises(NotPlain):
            looked(lines)
