"""Broken bytes: whatever they are, they are read or refused with an InputError, and quickly."""

import contextlib
import io
import random
import zipfile

import openpyxl
import pandas as pd
import pytest

from linemap.errors import InputError
from linemap.records import read

CSV = (
    "origin,destination,count,date\nIslington,King’s Lynn,3,2024-02-01\nBrent,,1,01/02/2024\n"
).encode()
TOKENS = [
    b'"', b",", b";", b"\t", b"\r", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"=", b"'", b"\x93",
    b"origin", b"sep=;\n", b"99999999999999", b"1e400", b"nan", b"<!DOCTYPE x>", b'<c r="ZZZ1">',
    b't="s"', b't="d"', b's="1"', b"<v>-1</v>", b"<f>", b"UTF-7",
]  # fmt: skip


def workbook():
    book = openpyxl.Workbook()
    book.active.append(["origin", "destination", "count", "date"])
    book.active.append(["Islington", "Bath", 3, pd.Timestamp("2024-02-01")])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet():
    stream = io.BytesIO()
    pd.DataFrame({"origin": ["Islington"], "destination": ["Bath"], "count": [3]}).to_parquet(
        stream
    )
    return stream.getvalue()


def mutated(data, chance):
    data = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at, kind = chance.randrange(len(data) + 1), chance.randrange(5)
        if kind == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            data[at:at] = chance.choice(TOKENS)
        elif kind == 2:
            del data[at : at + chance.randrange(1, 20)]
        elif kind == 3:
            start = chance.randrange(len(data) + 1)
            data[at:at] = data[start : start + chance.randrange(1, 60)]
        else:
            del data[at:]
    return bytes(data)


def repacked(data, chance):
    """A workbook whose parts are broken and whose zip is sound."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(stream, "w", 8) as after:
        for info in before.infolist():
            content = before.read(info)
            after.writestr(
                info.filename, mutated(content, chance) if chance.random() < 0.4 else content
            )
    return stream.getvalue()


SEEDS = {
    "utf-8": (CSV, mutated),
    "utf-16": (CSV.decode().encode("utf-16"), mutated),
    "semicolon": (CSV.replace(b",", b";"), mutated),
    "zip": (workbook(), mutated),
    "workbook": (workbook(), repacked),
    "parquet": (parquet(), mutated),
}


@pytest.mark.parametrize("name", SEEDS)
def test_broken_files_are_read_or_refused_and_never_crash(name, tmp_path):
    data, breaking = SEEDS[name]
    chance = random.Random(20261121)  # noqa: S311 - not a secret
    path = tmp_path / "broken"
    was_read = 0
    for _ in range(150):
        path.write_bytes(breaking(data, chance))
        with contextlib.suppress(InputError):
            reading = read(path, chance.choice(["records", "statements"]), allow_refused=True)
            assert reading.rows == len(reading.frame) + len(reading.refused)
            was_read += 1
    assert was_read  # else nothing but refusing was tried
