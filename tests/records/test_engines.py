"""Every engine reads the same table to the same records, errors and account."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from linemap import schema
from linemap.cli import app
from linemap.errors import InputError
from linemap.flows import build_flows
from linemap.pipeline import building
from linemap.records import EngineOptions, ReadOptions, duck, grouped, inspect, read, reading
from linemap.records.grouped import NotPlain
from linemap.release import draw_release

DUCK = EngineOptions(engine="duckdb", threads=2)
WITHIN_S = 1.0  # after Ctrl-C


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


OWN_WAYS = [  # of saving a table as CSV that DuckDB does not read
    lambda text: text.replace("Norwich", "King’s Lynn").encode("cp1252"),
    lambda text: f"Referrals\n{text}".encode(),
    lambda text: text.replace("\n", ",\n", 2).encode(),
    lambda text: text.replace("\n", "\n\n", 3).encode("utf-16"),
    lambda text: text.encode() + b"Bath,Bath\n",
    lambda text: text.encode(),
]


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_folder_that_no_engine_reads_exactly_is_read_row_by_row(
    made, whole, account, tmp_path, way
):
    frame = made(11, 40, messy=False)
    frame.loc[7, "Date"] = "soon"
    saved = [written(part, tmp_path / "part.csv").read_text("utf-8") for part in (frame, frame[5:])]
    (tmp_path / "parts").mkdir()
    for number, text in enumerate([*saved, "\n".join(saved[0].splitlines()[:1])]):
        save = way if number == 1 else OWN_WAYS[-1]
        (tmp_path / "parts" / f"{number}.csv").write_bytes(save(text))
    found, asked = inspect(tmp_path / "parts", "records", options(DUCK))
    again, asked_again = inspect(tmp_path / "parts", "records", options())
    alone = [
        inspect(tmp_path / "parts" / f"{at}.csv", "records", options(layout="list"))
        for at in range(2)
    ]
    assert whole(found) == whole(again)
    assert account(found) == account(again)
    assert numbered(found) == numbered(again)
    assert asked == asked_again
    assert found.rows == sum(reading.rows for reading, _ in alone)
    assert found.blank == sum(reading.blank for reading, _ in alone)
    named = [(fault.file, fault.row, fault.column) for fault in found.faults]
    each = [
        (f"{at}.csv", fault.row, fault.column)
        for at, (reading, _) in enumerate(alone)
        for fault in reading.faults
    ]
    assert sorted(named, key=str) == sorted(each, key=str)


def test_a_folder_with_tables_that_would_be_left_out_is_refused(made, tmp_path):
    written(made(1, 5, messy=False), tmp_path / "a.csv")
    (tmp_path / "notes.txt").write_text("Read me first.", "utf-8")
    assert read(tmp_path, "records", options()).rows == 5
    (tmp_path / "b.xlsx").write_bytes(b"PK")
    (tmp_path / "older").mkdir()
    written(made(2, 5, messy=False), tmp_path / "older" / "b.csv")
    with pytest.raises(InputError, match=r"holds b\.xlsx, older/, which .* not take in.*/\*\.csv'"):
        read(tmp_path, "records", options())
    assert read(tmp_path / "*.csv", "records", options()).rows == 5
    for pattern in ("*.xlsx", "[ab].*"):
        with pytest.raises(InputError, match=r"several files are one table if all are CSV or all"):
            read(tmp_path / pattern, "records", options())


ROWS = ['"q ""w"" e",b', "a,", ",b", "é,Bath", "a,b ", ' a,"b, c"']
NOT_PLAIN = ["", "a,b,", 'a, "b"', '"a" ,b', "a,b\r", '"a\n\nb",c', "a,\0", "a,\udcff"]


@pytest.mark.parametrize("piece", [7, 64, 1 << 24])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_duckdb_would_read_otherwise_is_found_wherever_it_stands(
    monkeypatch, tmp_path, piece, line_end
):
    monkeypatch.setattr(duck, "_CHUNK", piece)
    path = tmp_path / "a.csv"

    def looked(lines: list[str]) -> duck.PlainFile:
        path.write_bytes(line_end.join([*lines, ""]).encode(errors="surrogateescape"))
        return duck.PlainFile.of(path, lambda done: None)

    for at in range(24):
        lines = ["from,to", *(ROWS[(at + n) % len(ROWS)] for n in range(9))]
        found = looked(lines)
        assert found.foot[-1] == tuple(next(csv.reader([lines[-1]])))
        assert found.quotes
        lines[1 + at % 8] = NOT_PLAIN[at % len(NOT_PLAIN)]
        with pytest.raises(NotPlain):
            looked(lines)


def both(path: Path, **more):
    """Read a table row by row, and grouped by DuckDB."""
    return (read(path, "records", options(one, **more)) for one in (None, DUCK))


def test_rows_of_separators_alone_are_blank_however_many_and_in_whatever_they_hold(
    monkeypatch, whole, account, table
):
    monkeypatch.setattr(grouped, "LOCATED", 3)
    blank = [",,,,", " ,\t,\u00a0,,", ",,,,\u2028", ",,,2024-01-05,"] * 5
    path = table("\n".join(["From,To,Age band,When,Note", "Hackney,Bath,,,", *blank, ""]))
    expected, found = both(path)
    assert (found.rows, found.blank) == (expected.rows, expected.blank) == (6, 15)
    assert whole(found) == whole(expected)
    assert account(found) == account(expected)


@pytest.mark.parametrize("order", ["rising", "falling"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_column_that_numbers_the_rows_is_known_by_their_order(account, table, order, step):
    numbers = [step * at // 2 + 7 for at in range(1, 41)]
    numbers = numbers if order == "rising" else numbers[::-1]
    rows = [f"{'Bath' if at % 3 else 'Norwich'},Hackney,{at},a" for at in numbers]
    path = table("\n".join(["To,From,n,Age band", *rows, ""]))
    (expected, asked), (found, asked_too) = (
        inspect(path, "records", options(one)) for one in (None, DUCK)
    )
    assert asked == asked_too
    assert account(found) == account(expected)
    assert found.frame["count"].sum() == expected.frame["count"].sum()
    assert numbered(found) == numbered(expected)


def test_dates_under_a_heading_that_says_nothing_are_pointed_at(table):
    path = table("From,To,Age band,Seen\nHackney,Bath,,2024-01-05\nHackney,Bath,,6 May 2024\n")
    expected, found = both(path)
    assert numbered(found) == numbered(expected)
    assert any("this one holds dates" in notice.problem for notice in found.notices)


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not allow")
@pytest.mark.parametrize("save", [written, parquet])
def test_no_sign_of_a_name_is_taken_for_a_pattern(tmp_path, save):
    folder = tmp_path / "it's [2024] {a,b} ü"
    folder.mkdir()
    names = [f"{name}.{save.__name__}" for name in ("a", "a*", "a[1]", "a{1,2}", "é'?", "a%20b")]
    names = [name.replace(".written", ".csv") for name in names]
    for name in names:
        frame = pd.DataFrame({"From": ["Hackney"], "To": ["Bath"], "Count": ["x"]})
        save(frame.assign(Seen=name), folder / name)
    found = read(folder, "records", ReadOptions(allow_refused=True, engine=DUCK))
    assert sorted(found.refused["file"]) == sorted(names)


def test_a_file_that_is_written_to_while_it_is_read_is_refused(monkeypatch, made, tmp_path):
    path = written(made(5, 60, messy=False), tmp_path / "a.csv")

    def grow(_) -> set[int]:
        with path.open("a", encoding="utf-8") as file:
            file.write("Hackney,Bath,2024-01-05,1,,,\n")
        return set()

    monkeypatch.setattr(grouped._GroupedRows, "_at_foot", grow)
    with pytest.raises(InputError, match=r"a\.csv changed while it was read"):
        read(path, "records", options(DUCK))


def test_duckdb_groups_every_file_for_which_that_is_no_slower(monkeypatch, made, tmp_path):
    frame = made(5, 60, messy=False)
    monkeypatch.setattr(reading, "LARGE_ROWS", 60)
    monkeypatch.setattr(reading, "LARGE", 1_000)
    for path, grouped_by in (
        (parquet(frame, tmp_path / "a.parquet"), True),
        (parquet(frame[:59], tmp_path / "b.parquet"), False),
        (written(frame, tmp_path / "a.csv"), True),
        (written(frame[:5], tmp_path / "b.csv"), False),
    ):
        found = read(path, "records", options(EngineOptions()))
        assert (schema.ROWS_ALIKE in found.frame) is grouped_by
    damaged = tmp_path / "c.parquet"
    damaged.write_bytes(b"PAR1" * 1_000)
    with pytest.raises(InputError, match="cannot be read"):
        read(damaged, "records", options(EngineOptions()))


def test_the_frame_of_an_engine_has_one_order(made, tmp_path):
    path = parquet(made(4, 400, messy=True), tmp_path / "a.parquet")
    first = read(path, "records", options(DUCK))
    for threads in (1, 4):
        again = read(path, "records", options(EngineOptions(engine="duckdb", threads=threads)))
        pd.testing.assert_frame_equal(again.frame, first.frame)
        pd.testing.assert_frame_equal(again.refused, first.refused)


def test_too_many_distinct_rows_are_refused_with_what_to_do(monkeypatch, made, tmp_path):
    path = written(made(5, 60, messy=False), tmp_path / "a.csv")
    monkeypatch.setattr(duck, "DISTINCT", 20)
    with pytest.raises(InputError, match=r"more than .* distinct rows.* Use fewer tags"):
        read(path, "records", options(DUCK))
    with pytest.raises(InputError, match=r"do not fit into 100KB of memory.*memory='4GB'"):
        read(path, "records", options(EngineOptions(engine="duckdb", memory="100KB")))


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Hear the signal also where a shell that runs this in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_ctrl_c_ends_what_an_engine_does_and_until_then_it_is_told(ctrl_c):
    heard = []
    connection = duckdb.connect()
    running = duck.Running(connection, (Path(__file__),), lambda *said: heard.append(said))
    Timer(0.6, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        running.table_of("SELECT sum(a.range * b.range) FROM range(10000000) a, range(9999999) b")
    assert time.monotonic() - began < 0.6 + WITHIN_S
    assert heard
    assert {said[0] for said in heard} == {"Counting the rows of test_engines.py (MB)"}
    assert running.table_of("SELECT 1 AS one").to_pylist() == [{"one": 1}]
    connection.close()


def test_frames_of_every_library_are_one_table_with_one_account(made, tmp_path):
    frame = made(6, 300, messy=True)
    frame["Date"] = pd.to_datetime(frame["Date"], format="%Y-%m-%d", errors="coerce")
    frame["Count"] = pd.to_numeric(frame["Count"], errors="coerce")
    frame["Age band"] = frame["Age band"].mask(frame["Age band"] == "")
    held = pl.from_pandas(frame)
    path = parquet(frame, tmp_path / "a.parquet")
    expected = read(frame, "records", options())
    assert len(expected.refused) > 20
    flows = build_flows(expected.frame)
    for source in (held, held.lazy(), held.to_arrow(), held.to_arrow().to_pandas(), path):
        found = read(source, "records", options())
        pd.testing.assert_frame_equal(found.frame, expected.frame)
        assert numbered(found) == numbered(expected)
        pd.testing.assert_frame_equal(build_flows(found.frame), flows)
    grouped = read(path, "records", options(DUCK))
    assert numbered(grouped) == numbered(expected)
    pd.testing.assert_frame_equal(build_flows(grouped.frame), flows)


STAMPS = pa.array([None, "2024-03-31T23:30", "2024-07-01T14:00", "2024-01-05T00:00"] * 3)
NUMBERS = pa.array([None, 2, 45323, -1] * 3)
VALUES = [
    ("Date", STAMPS.cast(pa.timestamp("us")).cast(pa.timestamp("us", "Asia/Tokyo"))),
    ("Date", STAMPS.cast(pa.timestamp("ns"))),
    ("Date", NUMBERS),
    ("Count", NUMBERS.dictionary_encode()),
    ("Count", pa.array([None, Decimal("1.00"), Decimal("1.10"), Decimal(0)] * 3)),
    ("Count", pa.array([None, 1.5, 2.0, float("nan")] * 3)),
    ("Age band", pa.array([None, [1], [1], []] * 3)),
    ("Age band", NUMBERS.cast(pa.duration("s"))),
    ("Age band", pa.array([None, b"14-17", b"\xff", b""] * 3)),
]


@pytest.mark.parametrize(("part", "values"), VALUES, ids=lambda one: str(getattr(one, "type", one)))
def test_values_of_every_type_are_the_same_whatever_holds_them(
    whole, account, tmp_path, part, values
):
    given = {
        "From": pa.array(["Hackney", "Camden"] * 6),
        "To": pa.array(["Bath"] * 12),
        "Age band": pa.array(["14-17", None] * 6),
    }
    held = pa.table(given | {part: values})
    path = tmp_path / "a.parquet"
    pq.write_table(held, path)
    expected = read(path, "records", options())
    for source, engine in ((path, DUCK), (held, None), (held.to_pandas(), None)):
        found = read(source, "records", options(engine))
        assert whole(found) == whole(expected)
        assert account(found) == account(expected)
        assert numbered(found) == numbered(expected)


def test_a_release_has_the_same_bytes_on_every_engine(made, tmp_path, monkeypatch):
    monkeypatch.setattr("secrets.token_hex", lambda size: "00" * size)
    monkeypatch.setattr("secrets.token_bytes", lambda size: b"k" * size)
    monkeypatch.setattr(building, "draw_release", partial(draw_release, only=set()))
    monkeypatch.setattr(building, "audit", lambda *_, **__: SimpleNamespace(passed=True))
    made(9, 900, messy=True).to_csv(tmp_path / "referrals.csv", index=False)
    built = {}
    for engine in ("pandas", "duckdb"):
        home = tmp_path / engine / "deep" / "down"
        words = ["build", tmp_path / "referrals.csv", "--out", home / "out", "--engine", engine]
        done = CliRunner().invoke(app, [*map(str, words), "--tag", "Age band", "--allow-refused"])
        assert done.exit_code == 0, done.output
        files = [path for path in home.rglob("*") if path.is_file()]
        here = str(home).encode()  # what was said of the build is kept privately, with its paths
        built[engine] = {
            path.relative_to(home): path.read_bytes().replace(here, b"") for path in files
        }
    assert len(built["pandas"]) > 15
    assert built["pandas"] == built["duckdb"]


@pytest.mark.parametrize("folder", [True, False])
def test_a_csv_whose_lines_end_in_carriage_returns_is_read_row_by_row(tmp_path, folder):
    path = tmp_path / "old" / "a.csv"
    path.parent.mkdir()
    path.write_bytes(b"Home borough,Place found,Count\rIslington,Norwich,3\rCamden,Margate,4\r")
    found = read(path.parent if folder else path, "records", engine=DUCK)
    assert found.frame[schema.COUNT].tolist() == [3, 4]
    with pytest.raises(NotPlain, match="lines end"):
        duck.plain_files([path])


def test_a_notice_of_rows_whose_numbers_are_not_known_says_in_how_many():
    table = reading.open_table(pd.DataFrame({"a": ["x"] * 3}))
    numbers = np.array([-1, -2])
    unknown = replace(table, rows=np.array([4, -1, -2]), times=np.array([1, 9, 1]))
    assert unknown.in_words(numbers) == "in 10 rows"
    assert unknown.in_words(numbers[1:]) == "in 1 row"
    assert unknown.in_words(np.array([4, *numbers])) == "rows 4 and 10 more"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (pa.array([3_600], pa.time32("s")), "'Count', which holds times of day. Leave it out"),
        (pa.array(np.array([1], "float16")), r"'Count', which holds .* \(float16\)\. Save it as"),
    ],
)
def test_types_that_spark_does_not_know_are_told_before_it_starts(tmp_path, values, said):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"From": ["Hackney"], "To": ["Bath"], "Count": values}), path)
    with pytest.raises(InputError, match=said):
        read(path, "records", engine=EngineOptions(engine="spark"))
