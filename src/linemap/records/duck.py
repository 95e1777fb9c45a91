# ruff: noqa: S608 - columns are called c0, c1, ... in SQL, and paths are quoted
"""Group the rows of files with DuckDB: plain CSV and Parquet, streamed, within a limit of memory.

A CSV is plain if DuckDB reads it exactly as :mod:`linemap.records.delimited` does: UTF-8,
headings in its first row, no ragged or empty rows, no quotation mark out of place.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from linemap.errors import InputError
from linemap.records.delimited import SEPARATORS, read_text
from linemap.records.grouped import FOOT, NUMBER, NotPlain, Scanned, column_name
from linemap.records.table import EngineOptions
from linemap.text import sound

MEMORY: Final = "1GB"
_HEAD: Final = 1 << 18  # bytes in which the headings are found
_CHUNK: Final = 1 << 24
_BOM: Final = b"\xef\xbb\xbf"
_GLOB: Final = re.compile(r"[*?\[\]{}]")
# Space between a separator and a quotation mark, which DuckDB passes over and linemap does not.
_SPACED: Final = {
    mark: re.compile(rb'[%s\n][ \t]+"|"[ \t]+[%s\r\n"]' % (mark.encode(), mark.encode()))
    for mark in SEPARATORS
}


@contextmanager
def open_files(paths: Sequence[Path], options: EngineOptions) -> Iterator[Scanned]:
    """Open files that have the same headings as one table to be grouped.

    Raises
    ------
    NotPlain
        If a file cannot be read exactly by DuckDB.
    InputError
        If the files are of several kinds, or their groups do not fit into the memory.
    """
    import duckdb  # late: large tables alone need it

    for path in paths:
        if _GLOB.search(str(path)):
            raise NotPlain(f"DuckDB would take the name {sound(str(path))!r} for a pattern")
    forms = {is_parquet(path) for path in paths}
    if len(forms) > 1:
        raise InputError("CSV and Parquet files cannot be read as one table.")
    with ExitStack() as stack:
        spill = stack.enter_context(tempfile.TemporaryDirectory(prefix="linemap-"))
        try:
            connection = duckdb.connect(
                config={
                    "memory_limit": options.memory or MEMORY,
                    "temp_directory": spill,
                    **({} if options.threads is None else {"threads": options.threads}),
                }
            )
        except duckdb.Error as error:
            raise InputError(f"DuckDB does not start: {_first_line(error)}") from error
        stack.callback(connection.close)
        opened = _parquet(connection, paths) if forms == {True} else _csv(connection, paths)
        try:
            yield opened
        except duckdb.OutOfMemoryException as error:
            raise InputError(
                f"The table's distinct rows do not fit into {options.memory or MEMORY} of memory. "
                "Give more, as in memory='4GB', or use fewer tags."
            ) from error


def _first_line(error: BaseException) -> str:
    return sound(str(error)).partition("\n")[0]


def is_parquet(path: Path) -> bool:
    """Tell if a file is Parquet, by what it holds."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class _Files:
    """One table in several files, on a connection to DuckDB."""

    connection: Any
    headings: tuple[str, ...]
    files: tuple[str, ...]
    form: str
    source: str  # SQL: the rows of all files, in columns c0, c1, ...
    each: tuple[str, ...]  # SQL: the rows of each file, numbered
    foots: tuple[tuple[tuple[str, ...], ...], ...]  # the last rows of each file, as written
    blank: int
    is_text: bool
    numbered: bool = True
    end: str | None = None  # SQL: the last row of all

    def last(self) -> pa.Table | None:
        if self.end is not None:
            return self._run(self.end)
        names = [column_name(at) for at in range(len(self.headings))]
        texts = self.foots[-1][-1] if self.foots[-1] else None
        if texts is None:
            return None
        return pa.table({name: [text] for name, text in zip(names, texts, strict=True)})

    def groups(self, columns: Sequence[int]) -> pa.Table:
        names = [column_name(at) for at in columns]
        return self._run(
            f"SELECT {', '.join(names)}, count(*) AS n FROM {self.source} GROUP BY ALL"
        )

    def reduced(
        self, keys: Sequence[int], alone: Sequence[int], count: int | None
    ) -> tuple[pa.Table, dict[int, pa.Table]]:
        keyed, single = [column_name(at) for at in keys], [column_name(at) for at in alone]
        sets = ", ".join([f"({', '.join(keyed)})", *(f"({name})" for name in single)])
        summed = "0" if count is None else f"sum(try_cast({column_name(count)} AS BIGINT))"
        marks = "".join(f", grouping({name}) AS g{name}" for name in single)
        whole = self._run(
            f"SELECT {', '.join([*keyed, *single])}, count(*) AS n, "
            f"CAST({summed} AS BIGINT) AS total, grouping({keyed[0]}) AS keyed{marks} "
            f"FROM {self.source} GROUP BY GROUPING SETS ({sets})"
        )
        by_key = whole.filter(pa.compute.equal(whole["keyed"], 0))
        return by_key.select([*keyed, "n", "total"]), {
            at: whole.filter(pa.compute.equal(whole[f"g{name}"], 0)).select([name, "n"])
            for at, name in zip(alone, single, strict=True)
        }

    def whole(self, at: int, most: int) -> pa.Table:
        name = column_name(at)
        digits = f"regexp_full_match(trim(CAST({name} AS VARCHAR)), '[0-9]*')"
        return self._run(
            f"SELECT * FROM (SELECT {name}, count(*) AS n FROM {self.source} GROUP BY ALL) "
            f"ORDER BY {digits}, {name} LIMIT {most}"
        )

    def rows_of(self, groups: pa.Table) -> pa.Table:
        names = [name for name in groups.column_names if name != NUMBER]
        self.connection.register("wanted_groups", groups)
        same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM w.{name}" for name in names)
        found = [
            self._run(
                f"SELECT w.{NUMBER}, {at} AS file, r.* FROM {each} r JOIN wanted_groups w ON {same}"
            )
            for at, each in enumerate(self.each)
        ]
        self.connection.unregister("wanted_groups")
        return pa.concat_tables(found)

    def _run(self, query: str) -> pa.Table:
        import duckdb

        try:
            return self.connection.sql(query).to_arrow_table()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise NotPlain(_first_line(error)) from error


def _parquet(connection: Any, paths: Sequence[Path]) -> _Files:
    schemas = []
    for path in paths:
        try:
            schemas.append(pq.read_schema(path))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(f"{sound(path.name)} cannot be read as Parquet: {error}") from error
    for path, other in zip(paths[1:], schemas[1:], strict=True):
        if not other.equals(schemas[0]):
            raise InputError(
                f"{sound(path.name)} has other columns than {sound(paths[0].name)}: one table in "
                "several files has the same columns, of the same types, in each."
            )
    names = schemas[0].names
    if len(set(map(str.casefold, names))) < len(names) or any(
        pa.types.is_nested(field.type) for field in schemas[0]
    ):
        raise NotPlain("a column is nested, or two differ in capitals alone")
    chosen = ", ".join(
        '"' + name.replace('"', '""') + f'" AS {column_name(at)}' for at, name in enumerate(names)
    )
    rows = pq.read_metadata(paths[-1]).num_rows
    listed = ", ".join(map(_quoted, paths))
    options = "hive_partitioning=false"
    return _Files(
        connection,
        tuple(sound(name).strip() for name in names),
        tuple(path.name for path in paths),
        "Parquet",
        f"(SELECT {chosen} FROM read_parquet([{listed}], {options}))",
        tuple(
            f"(SELECT file_row_number + 2 AS row, {chosen} FROM "
            f"read_parquet([{_quoted(path)}], {options}, file_row_number=true))"
            for path in paths
        ),
        (),
        0,
        is_text=False,
        end=f"SELECT {chosen} FROM read_parquet([{_quoted(paths[-1])}], {options}, "
        f"file_row_number=true) WHERE file_row_number = {rows - 1}",
    )


def plain_files(paths: Sequence[Path]) -> list[Plain]:
    """Look through plain CSV files that have the same headings.

    Raises
    ------
    NotPlain
        If one is not plain.
    InputError
        If two have different headings.
    """
    plain = [Plain.of(path) for path in paths]
    first = plain[0]
    for path, other in zip(paths[1:], plain[1:], strict=True):
        if (other.headings, other.separator) != (first.headings, first.separator):
            raise InputError(
                f"{sound(path.name)} has other headings than {sound(paths[0].name)}: one table in "
                "several files has the same headings, in the same order, in each."
            )
    return plain


def _csv(connection: Any, paths: Sequence[Path]) -> _Files:
    plain = plain_files(paths)
    first = plain[0]
    names = [column_name(at) for at in range(len(first.headings))]
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"
    quote = "'\"'" if any(one.quotes for one in plain) else "''"

    def rows(files: str) -> str:
        return (
            f"read_csv([{files}], auto_detect=false, header=false, skip=1, strict_mode=true, "
            f"delim='{first.separator}', quote={quote}, escape={quote}, columns={columns}, "
            "null_padding=false, ignore_errors=false)"
        )

    files = _Files(
        connection,
        first.headings,
        tuple(path.name for path in paths),
        first.form,
        rows(", ".join(map(_quoted, paths))),
        tuple(
            f"(SELECT row_number() OVER () + 1 AS row, * FROM {rows(_quoted(path))})"
            for path in paths
        ),
        tuple(one.foot for one in plain),
        sum(one.blank for one in plain),
        is_text=True,
    )
    for one, path in zip(plain, paths, strict=True):
        _require_fitting(files, one, rows(_quoted(path)))
    return files


def _require_fitting(files: _Files, plain: Plain, rows: str) -> None:
    """Refuse a row with one separator too many at its end, which DuckDB passes over."""
    if not plain.ends_open:
        return
    mark = plain.separator
    names = [column_name(at) for at in range(len(plain.headings))]
    inside = " + ".join(
        f"coalesce(sum(length({name}) - length(replace({name}, '{mark}', ''))), 0)"
        for name in names
    )
    inside = inside if plain.quotes else "0"
    told = files._run(f"SELECT count(*) AS n, CAST({inside} AS BIGINT) AS inside FROM {rows}")
    number, held = (int(told[name][0].as_py()) for name in ("n", "inside"))
    if plain.separators - held != number * (len(names) - 1):
        raise NotPlain("a row has more cells than there are headings")


@dataclass(frozen=True, slots=True)
class Plain:
    """What is known of a plain CSV before it is grouped."""

    headings: tuple[str, ...]
    separator: str
    form: str
    quotes: bool
    ends_open: bool  # a row ends with a separator
    separators: int  # in the rows below the headings
    blank: int  # empty rows at the end
    foot: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, path: Path) -> Plain:
        """Look through a file.

        Raises
        ------
        NotPlain
            If DuckDB or Spark would read it in another way than linemap.
        """
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(0, io.SEEK_END)
            size = file.tell()
        if size > len(head):
            head = head[: head.rfind(b"\n") + 1]
        line = head.removeprefix(_BOM).partition(b"\n")[0]
        if not head.strip() or (b'"' in line and line.count(b'"') % 2) or line.startswith(b"sep="):
            raise NotPlain("the headings are not in its first line")
        if b"\0" in head:
            raise NotPlain("it is not UTF-8")
        try:
            head.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotPlain("it is not UTF-8") from error
        table = read_text(head)
        if table.layout.heading_row != 1 or not all(table.headings) or table.damage:
            raise NotPlain("the headings are not in its first row, one over each column")
        mark = next(sign for sign, name in SEPARATORS.items() if table.form.startswith(name))
        if len(table.headings) != len(next(csv.reader([line.decode()], delimiter=mark))):
            raise NotPlain("a column has no heading")
        start = len(line) + (len(_BOM) if head.startswith(_BOM) else 0)
        return _looked_through(path, start, table.headings, mark, table.form)


def _looked_through(
    path: Path, start: int, headings: tuple[str, ...], mark: str, form: str
) -> Plain:
    """Look through all bytes once for what DuckDB reads in another way than linemap."""
    decoder = getincrementaldecoder("utf-8")("strict")
    sign = mark.encode()
    quotes = returns = newlines = separators = 0
    ends_open = False
    before = b""
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(_CHUNK):
            last = len(chunk) < _CHUNK
            if not chunk.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    raise NotPlain("it is not UTF-8") from error
            if b"\0" in chunk:
                raise NotPlain("it holds zero bytes")
            here = before + chunk
            looked = here.rstrip(b"\r\n") if last else here
            if b"\n\n" in looked or b"\n\r" in looked:
                raise NotPlain("it has empty rows")
            if b'"' in chunk:
                quotes += chunk.count(b'"')
                if _SPACED[mark].search(here):
                    raise NotPlain("space stands beside a quotation mark")
            if b"\r" in chunk or returns:
                returns += chunk.count(b"\r")
                newlines += chunk.count(b"\n")
                if here.count(b"\r\n") != here.removesuffix(b"\r").count(b"\r"):
                    raise NotPlain("its lines end in several ways")
            elif b"\n" in chunk and returns:
                newlines += chunk.count(b"\n")
            separators += chunk.count(sign)
            ends_open = ends_open or sign + b"\n" in here or sign + b"\r" in here
            before = here[-64:]
        ends_open = ends_open or before.endswith(sign)
    if before.rstrip(b" \t") != before and b'"' in before:
        raise NotPlain("space stands beside a quotation mark")
    if returns and returns != newlines:
        raise NotPlain("its lines end in several ways")
    if decoder.getstate()[0]:
        raise NotPlain("it is not UTF-8")
    foot, blank = _foot(path, start, mark, quotes)
    return Plain(headings, mark, form, quotes > 0, ends_open, separators, blank, foot)


def _foot(
    path: Path, start: int, mark: str, quotes: int
) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Read the last rows of a CSV, and count the empty ones after them."""
    size = path.stat().st_size
    length = _HEAD
    while True:
        begin = max(size - length, start)
        with path.open("rb") as file:
            file.seek(begin)
            data = file.read()
        outside = (quotes - data.count(b'"')) % 2 == 0
        # The row in which the piece begins is left out; it ends at a newline outside quotes.
        whole = data.partition(b"\n")[2]
        data = _after_newline(data, outside=outside) if begin > start else whole
        text = data.decode("utf-8")
        ended = text.rstrip("\r\n")
        blank = max(text[len(ended) :].count("\n") - 1, 0)
        try:
            rows = list(csv.reader(io.StringIO(ended, newline=""), delimiter=mark, strict=True))
        except csv.Error as error:
            raise NotPlain(str(error)) from error
        if len(rows) >= FOOT or begin == start:
            return tuple(map(tuple, rows[-FOOT:])), blank
        length *= 4


def _after_newline(data: bytes, *, outside: bool) -> bytes:
    at = 0
    while at < len(data):
        newline = data.find(b"\n", at)
        if newline < 0:
            return b""
        if data.count(b'"', at, newline) % 2:
            outside = not outside
        at = newline + 1
        if outside:
            return data[at:]
    return b""
