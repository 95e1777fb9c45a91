"""Open workbooks that are made to exhaust a machine, each in a process of its own.

    python benchmarks/reading/bombs.py

Says for each what it cost beside the limits of 2 seconds and 300 MB (imports
included in the memory, not in the time), and beside openpyxl, which is stopped
after 30 seconds or at 4 GB.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

SECONDS, MEGABYTES = 2.0, 300.0
PATIENCE, MOST = 30, 4_000_000_000

OURS: Final = """
from linemap.errors import InputError
from linemap.records import read_records as read
refusal = InputError
"""
THEIRS: Final = """
import openpyxl
refusal = ()
def read(path):
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            pass
"""
RUN: Final = """
import pathlib, sys, time
start, how = time.process_time(), "read"
try:
    read(sys.argv[1])
except refusal as error:
    how = "refused"
except Exception as error:
    how = type(error).__name__
took = time.process_time() - start
peak = pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(how, took, int(peak) / 1024, sep="|")
"""


def small() -> dict[str, bytes]:
    """Return the parts of a workbook of one row."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["from", "to"])
        sheet.write_row(1, 0, ["A", "B"])
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
SHEETS: Final = range(1, 401)


def noise(size: int) -> Iterator[bytes]:
    """Comments that hardly pack, so that what follows them may pack a thousandfold."""
    import base64
    import random

    raw = base64.b64encode(random.Random(1).randbytes(size * 3 // 4))  # noqa: S311 - filling that does not shrink, no secret
    yield from (b"<!--" + raw[at : at + 5_000] + b"-->" for at in range(0, len(raw), 5_000))


def inside(name: str, mark: bytes, filling: Callable[[], Iterator[bytes]], path: Path) -> None:
    """Write the small workbook with much put into one part, after a mark."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in small().items():
            head, found, rest = content.partition(mark) if part == name else (content, b"", b"")
            with archive.open(part, "w") as file:
                file.write(head + found)
                if found:
                    file.writelines(filling())
                file.write(rest)


def blanks() -> Iterator[bytes]:
    yield from (b" " * 1_000_000 for _ in range(1_000))


def random_blanks() -> Iterator[bytes]:
    """Blanks and line ends in an order that packs only thirtyfold."""
    import random

    rng = random.Random(1)  # noqa: S311 - filling that does not shrink, no secret
    for _ in range(60):
        yield bytes(rng.choices(b" \n", weights=(40, 1), k=1_000_000))


def wide_rows() -> Iterator[bytes]:
    for row in range(2, 400):
        yield b'<row r="%d">' % row + b"<c><v>1</v></c>" * 16_000 + b"</row>"


def many_cells() -> Iterator[bytes]:
    """Rows that pack only some twentyfold, each longer than what zip looks back at."""
    import random

    rng = random.Random(1)  # noqa: S311 - filling that does not shrink, no secret
    row = b"".join(rng.choices((b"<c/>", b"<c />"), k=16_000))
    yield from (b'<row r="%d">' % number + row + b"</row>" for number in range(2, 1_300))


def nested() -> Iterator[bytes]:
    yield from noise(2_700_000)
    yield from (b"<a>" * 1_000_000 for _ in range(33))


def many_names() -> Iterator[bytes]:
    yield from (b"<a%x/>" % number for number in range(9_000_000))


def empty_cells() -> Iterator[bytes]:
    yield from noise(2_700_000)
    yield from (b'<row r="%d">' % row + b"<c/>" * 16_000 + b"</row>" for row in range(2, 1_190))


def texts() -> Iterator[bytes]:
    yield from (b"<si><t>%d</t></si>" % (k * 7919 % 1_000_003) for k in range(3_100_000))


def entities() -> Iterator[bytes]:
    yield (
        b"<!DOCTYPE a ["
        + b"".join(
            b'<!ENTITY e%d "%s">' % (k, b"&e%d;" % (k - 1) * 10 if k else b"ha") for k in range(12)
        )
        + b"]>"
    )


def sheets(path: Path) -> None:
    """Sheets of which each inflates to less than what is looked at."""
    book = small()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("_rels/.rels", "[Content_Types].xml"):
            archive.writestr(name, book[name])
        listed = b"".join(b'<sheet name="%d" sheetId="%d" r:id="r%d"/>' % (k, k, k) for k in SHEETS)
        workbook = book["xl/workbook.xml"]
        archive.writestr("xl/workbook.xml", workbook.replace(b"</sheets>", listed + b"</sheets>"))
        of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            "<Relationships>"
            + "".join(
                f'<Relationship Id="r{k}" Type="{of}" Target="worksheets/s{k}.xml"/>'
                for k in SHEETS
            )
            + "</Relationships>",
        )
        for k in SHEETS:
            archive.writestr(f"xl/worksheets/s{k}.xml", "<w>" + "<a/>" * 499_000 + "</w>")


def parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in small().items():
            archive.writestr(name, content)
        for k in range(60_000):
            archive.writestr(f"xl/media/{k}.bin", b"")


def far(path: Path) -> None:
    last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    inside(SHEET, b"</row>", lambda: iter([last]), path)


BOMBS: Final[dict[str, Callable[[Path], None]]] = {
    "1 GB of blanks in the sheet": lambda p: inside(SHEET, b"<sheetData>", blanks, p),
    "1 GB of blanks in the texts": lambda p: inside(TEXTS, b'uniqueCount="4">', blanks, p),
    "60 MB of blanks that pack less": lambda p: inside(SHEET, b"<sheetData>", random_blanks, p),
    "rows of 16,000 cells": lambda p: inside(SHEET, b"</row>", wide_rows, p),
    "20.8 million cells": lambda p: inside(SHEET, b"</row>", many_cells, p),
    "33 million tags in each other": lambda p: inside(SHEET, b"<sheetData>", nested, p),
    "9 million kinds of tags": lambda p: inside(SHEET, b"<sheetData>", many_names, p),
    "19 million empty cells": lambda p: inside(SHEET, b"</row>", empty_cells, p),
    "400 sheets of 2 MB of tags": sheets,
    "3.1 million texts": lambda p: inside(TEXTS, b'uniqueCount="4">', texts, p),
    "entities in entities": lambda p: inside(SHEET, b"?>\n", entities, p),
    "60,000 parts": parts,
    "a cell in the last row and column": far,
}


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST))


def measured(before: str, path: Path) -> tuple[str, float, float]:
    """Run a reader in a process of its own; return how it ended, its seconds, its MB."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", before + RUN, str(path)], capture_output=True, text=True,
            check=True, timeout=PATIENCE, preexec_fn=limited,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "stopped", float(PATIENCE), float("nan")
    except subprocess.CalledProcessError:  # which could not even say so
        return "out of memory", float("nan"), MOST / 1e6
    how, seconds, peak = done.stdout.split("|")
    return how, float(seconds), float(peak)


def main() -> None:
    print("| workbook | kB | linemap | s of 2 s | MB of 300 MB | openpyxl | s | MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name, make in BOMBS.items():
            path = Path(folder) / "bomb.xlsx"
            make(path)
            how, seconds, peak = measured(OURS, path)
            other, its, theirs = measured(THEIRS, path)
            print(
                f"| {name} | {path.stat().st_size / 1000:,.0f} | {how} | "
                f"{seconds:.2f} ({seconds / SECONDS:.0%}) | {peak:.0f} ({peak / MEGABYTES:.0%}) | "
                f"{other} | {its:.1f} | {theirs:.0f} |", flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
