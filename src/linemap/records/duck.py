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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from linemap.errors import InputError
from linemap.records.delimited import SEPARATORS, read_separated
from linemap.records.grouped import (
    DISTINCT,
    FOOT,
    NUMBER,
    SPACE,
    NotPlain,
    Scanned,
    Tell,
    column_name,
    nobody,
    too_many,
    wait_for,
)
from linemap.records.table import EngineOptions
from linemap.text import sound

MEMORY: Final = "1GB"
_HEAD: Final = 1 << 18  # bytes in which the headings are found
_CHUNK: Final = 1 << 20
_BATCH: Final = 1 << 17  # rows
MB: Final = 1_000_000
_BOM: Final = b"\xef\xbb\xbf"
_GLOB: Final = re.compile(r"[*?\[{]")
_REACH: Final = 256  # bytes in which the run of space beside a quotation mark ends
_NEWLINE, _RETURN, _QUOTE, _SPACE = 10, 13, 34, (32, 9)


@contextmanager
def open_files(
    paths: Sequence[Path], options: EngineOptions, tell: Tell = nobody
) -> Iterator[Scanned]:
    """Open files that have the same headings as one table to be grouped.

    Raises
    ------
    NotPlain
        If a file cannot be read exactly by DuckDB.
    InputError
        If the files are of several kinds, or their groups do not fit into the memory.
    """
    import duckdb  # late: large tables alone need it

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
        stack.callback(_close, connection)
        # DuckDB knows how far it is only if it would show it
        connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        running = Running(connection, tuple(paths), tell)
        stack.enter_context(same_throughout(paths))
        opened = _parquet(running, paths) if forms == {True} else _csv(running, paths)
        try:
            yield opened
        except duckdb.OutOfMemoryException as error:
            raise InputError(
                f"The table's distinct rows do not fit into {options.memory or MEMORY} of memory. "
                "Give more, as in memory='4GB', or use fewer tags."
            ) from error


@contextmanager
def same_throughout(paths: Sequence[Path]) -> Iterator[None]:
    """Refuse files that are written to while they are read."""
    before = [path.stat() for path in paths]
    yield
    for path, old in zip(paths, before, strict=True):
        now = path.stat() if path.exists() else None
        if now is None or (now.st_size, now.st_mtime_ns) != (old.st_size, old.st_mtime_ns):
            raise InputError(
                f"{sound(path.name)} changed while it was read. Read it again when it is complete."
            )


def _close(connection: Any) -> None:
    """Close a connection, or leave it to the end of the process where it is still at work."""
    import duckdb

    with suppress(duckdb.Error):
        connection.close()


def _first_line(error: BaseException) -> str:
    return sound(str(error)).partition("\n")[0]


def is_parquet(path: Path) -> bool:
    """Tell if a file is Parquet, by what it holds."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _quoted(path: Path) -> str:
    """Write a path in SQL, so that DuckDB takes no sign of it for a pattern."""
    return "'" + _GLOB.sub(r"[\g<0>]", str(path)).replace("'", "''") + "'"


def _named(paths: Sequence[Path]) -> str:
    """Name files for a message."""
    return sound(paths[0].name) if len(paths) == 1 else f"{len(paths):,} files"


@dataclass(frozen=True, slots=True)
class Running:
    """A connection to DuckDB whose queries can be watched and stopped."""

    connection: Any
    paths: tuple[Path, ...]
    tell: Tell

    def table_of(self, query: str, most: int | None = None) -> pa.Table:
        """Return the rows of a query.

        Raises
        ------
        NotPlain
            If DuckDB cannot read the files.
        InputError
            If there are more than `most`.
        """
        import duckdb

        size = sum(path.stat().st_size for path in self.paths) // MB

        def look() -> None:
            share = max(self.connection.query_progress(), 0.0) / 100
            self.tell(f"Counting the rows of {_named(self.paths)} (MB)", int(share * size), size)

        try:
            return wait_for(
                lambda: self._fetched(query, most), stop=self.connection.interrupt, look=look
            )
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise NotPlain(_first_line(error)) from error

    def _fetched(self, query: str, most: int | None) -> pa.Table:
        reader = self.connection.sql(query).to_arrow_reader(_BATCH)
        batches, rows = [], 0
        for batch in reader:
            batches.append(batch)
            rows += batch.num_rows
            if most is not None and rows > most:
                raise too_many()
        return pa.Table.from_batches(batches, reader.schema)


@dataclass(frozen=True, slots=True)
class _Files:
    """One table in several files, on a connection to DuckDB."""

    running: Running
    headings: tuple[str, ...]
    files: tuple[str, ...]
    form: str
    source: str  # SQL: the rows of all files, in columns c0, c1, ...
    each: tuple[str, ...]  # SQL: the rows of each file, numbered
    foots: tuple[tuple[tuple[str, ...], ...], ...]  # the last rows of each file, as written
    blank: int
    is_text: bool
    rows: int | None = None  # that the files have, if that is known
    parquet: ParquetFiles | None = None
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
        found = self._run(
            f"SELECT {', '.join(names)}, count(*) AS n FROM {self.source} GROUP BY ALL", DISTINCT
        )
        if self.rows not in (None, sum(found["n"].to_pylist())):
            raise NotPlain("DuckDB finds other rows in it")
        return found

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

    def empty_rows(self, columns: Sequence[int]) -> pa.Table:
        every = [column_name(at) for at in range(len(self.headings))]
        empty = " AND ".join(
            f"regexp_full_match(coalesce({name}, ''), '{SPACE}')" for name in every
        )
        names = ", ".join(column_name(at) for at in columns)
        return self._run(
            f"SELECT {names}, count(*) AS n FROM {self.source} WHERE {empty} GROUP BY ALL"
        )

    def ordered(self, at: int) -> pa.ChunkedArray:
        name = column_name(at)
        parts = [self._run(f"SELECT row, {name} FROM {each}") for each in self.each]
        return pa.chunked_array([c for part in parts for c in part.sort_by("row")[name].chunks])

    def rows_of(self, groups: pa.Table) -> pa.Table:
        names = [name for name in groups.column_names if name != NUMBER]
        self.running.connection.register("wanted_groups", groups)
        same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM w.{name}" for name in names)
        found = [
            self._run(
                f"SELECT w.{NUMBER}, {at} AS file, r.* FROM {each} r JOIN wanted_groups w ON {same}"
            )
            for at, each in enumerate(self.each)
        ]
        self.running.connection.unregister("wanted_groups")
        return pa.concat_tables(found)

    def _run(self, query: str, most: int | None = None) -> pa.Table:
        found = self.running.table_of(query, most)
        return found if self.parquet is None else self.parquet.in_zones(found)


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """The columns of Parquet files, the same in all, and the number of their rows."""

    names: tuple[str, ...]
    rows: int
    zoned: Mapping[str, pa.DataType]  # the types of times in a zone, by the column's name in SQL

    def in_zones(self, table: pa.Table) -> pa.Table:
        """Give times the zone of the files: engines give them in that of the machine."""
        for at, name in enumerate(table.column_names):
            if name in self.zoned:
                table = table.set_column(at, name, table[name].cast(self.zoned[name], safe=False))
        return table


def parquet_files(paths: Sequence[Path]) -> ParquetFiles:
    """Look at the columns of Parquet files; those of all must be the same.

    Raises
    ------
    InputError
        If a file cannot be read, or has others than the first.
    """
    schemas, rows = [], 0
    for path in paths:
        try:
            with pq.ParquetFile(path) as file:
                schemas.append(file.schema_arrow)
                rows += file.metadata.num_rows
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
        pa.types.is_nested(field.type) or pa.types.is_duration(field.type) for field in schemas[0]
    ):
        raise NotPlain("a column is nested or a duration, or two differ in capitals alone")
    zoned = {
        column_name(at): field.type
        for at, field in enumerate(schemas[0])
        if pa.types.is_timestamp(field.type) and field.type.tz is not None
    }
    return ParquetFiles(tuple(names), rows, zoned)


def _parquet(running: Running, paths: Sequence[Path]) -> _Files:
    found = parquet_files(paths)
    names = found.names
    chosen = ", ".join(
        '"' + name.replace('"', '""') + f'" AS {column_name(at)}' for at, name in enumerate(names)
    )
    rows = pq.read_metadata(paths[-1]).num_rows
    listed = ", ".join(map(_quoted, paths))
    options = "hive_partitioning=false"
    return _Files(
        running,
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
        rows=found.rows,
        parquet=found,
        end=f"SELECT {chosen} FROM read_parquet([{_quoted(paths[-1])}], {options}, "
        f"file_row_number=true) WHERE file_row_number = {rows - 1}",
    )


def plain_files(paths: Sequence[Path], tell: Tell = nobody) -> list[PlainFile]:
    """Look through plain CSV files that have the same headings.

    Raises
    ------
    NotPlain
        If one is not plain.
    InputError
        If two have different headings.
    """
    sizes = [path.stat().st_size for path in paths]
    plain = []
    for at, path in enumerate(paths):

        def told(done: int, before: int = sum(sizes[:at])) -> None:
            tell(f"Looking through {_named(paths)} (MB)", (before + done) // MB, sum(sizes) // MB)

        try:
            plain.append(PlainFile.of(path, told))
        except NotPlain as reason:
            raise (
                NotPlain(f"{reason} ({sound(path.name)})") if len(paths) > 1 else reason
            ) from None
    first = plain[0]
    for path, other in zip(paths[1:], plain[1:], strict=True):
        if (other.headings, other.separator) != (first.headings, first.separator):
            raise InputError(
                f"{sound(path.name)} has other headings than {sound(paths[0].name)}: one table in "
                "several files has the same headings, in the same order, in each."
            )
    return plain


def _csv(running: Running, paths: Sequence[Path]) -> _Files:
    plain = plain_files(paths, running.tell)
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

    return _Files(
        running,
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
        rows=sum(one.rows for one in plain),
    )


@dataclass(frozen=True, slots=True)
class PlainFile:
    """What is known of a plain CSV before it is grouped."""

    headings: tuple[str, ...]
    separator: str
    form: str
    quotes: bool
    rows: int
    blank: int  # empty rows at the end
    foot: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, path: Path, told: Callable[[int], None]) -> PlainFile:
        """Look through a file; `told` is told of how many of its bytes.

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
        table = read_separated(head)
        if table.layout.heading_row != 1 or not all(table.headings) or table.damage:
            raise NotPlain("the headings are not in its first row, one over each column")
        mark = next(sign for sign, name in SEPARATORS.items() if table.form.startswith(name))
        try:  # the headings alone, or all of a file whose lines end in carriage returns
            written = next(csv.reader([line.decode()], delimiter=mark))
        except csv.Error as error:
            raise NotPlain("its lines end in several ways") from error
        if len(table.headings) != len(written):
            raise NotPlain("a column has no heading")
        start = len(line) + (len(_BOM) if head.startswith(_BOM) else 0)
        return _looked_through(path, start, table.headings, mark, table.form, told)


def _looked_through(
    path: Path,
    start: int,
    headings: tuple[str, ...],
    mark: str,
    form: str,
    told: Callable[[int], None],
) -> PlainFile:
    """Look through all bytes once for what DuckDB reads in another way than linemap."""
    decoder = getincrementaldecoder("utf-8")("strict")
    quotes = returns = newlines = rows = 0
    ends_open = False  # a row ends with a separator
    with path.open("rb") as file:
        file.seek(start - 1)
        before = b"\r" if file.read(1) == b"\r" else b"."  # the end of the headings
        returns += before == b"\r"
        while chunk := file.read(_CHUNK):
            if not chunk.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    raise NotPlain("it is not UTF-8") from error
            if b"\0" in chunk:
                raise NotPlain("it holds zero bytes")
            here = before + chunk
            signs = np.frombuffer(here, dtype=np.uint8)
            fresh = signs[len(before) :]
            newline = np.flatnonzero(fresh == _NEWLINE)
            ends = newline + len(before)
            newlines += len(ends)
            closing = signs[ends - 1]
            crossed = np.count_nonzero(closing == _RETURN)
            if b"\r" in here:
                found = np.flatnonzero(signs == _RETURN)
                returns += int(np.count_nonzero(found >= len(before)))
                inner = found[(found >= len(before) - 1) & (found < len(here) - 1)]
                if len(inner) != crossed:
                    raise NotPlain("its lines end in several ways")
                ends = np.where(closing == _RETURN, ends - 1, ends)
                ends = ends[ends > 0]
                closing = signs[ends - 1]
            looked = len(here.rstrip(b"\r\n")) if len(chunk) < _CHUNK else len(here)
            if (closing[ends < looked] == _NEWLINE).any():
                raise NotPlain("it has empty rows")
            ends_open = ends_open or bool((closing == ord(mark)).any())
            if b'"' in chunk or quotes % 2:
                quote = np.flatnonzero(fresh == _QUOTE)
                rows += _outside(newline, quote, quotes)
                quotes += len(quote)
                if _is_spaced(here, signs, mark):
                    raise NotPlain("space stands beside a quotation mark")
            else:
                rows += len(newline)
            before = here[-_REACH:]
            told(file.tell())
        ends_open = ends_open or before.endswith(mark.encode())
    if before.rstrip(b" \t") != before and b'"' in before:
        raise NotPlain("space stands beside a quotation mark")
    if returns and (returns != newlines or before.endswith(b"\r")):
        raise NotPlain("its lines end in several ways")
    if decoder.getstate()[0]:
        raise NotPlain("it is not UTF-8")
    foot, blank = _foot(path, start, mark, quotes)
    rows -= blank + before.endswith(b"\n")  # the first ends the headings
    if ends_open and _separators(path, start, mark) != rows * (len(headings) - 1):
        # DuckDB passes over one separator too many at the end of a row
        raise NotPlain("a row has more or fewer cells than there are headings")
    return PlainFile(headings, mark, form, quotes > 0, rows, blank, foot)


def _outside(places: npt.NDArray[np.int64], quotes: npt.NDArray[np.int64], before: int) -> int:
    """Count the places outside quotation marks, of which so many stand before the piece."""
    return int(np.count_nonzero((np.searchsorted(quotes, places) + before) % 2 == 0))


def _separators(path: Path, start: int, mark: str) -> int:
    """Count the separators outside quotation marks."""
    found = quotes = 0
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(_CHUNK):
            signs = np.frombuffer(chunk, dtype=np.uint8)
            quote = np.flatnonzero(signs == _QUOTE)
            found += _outside(np.flatnonzero(signs == ord(mark)), quote, quotes)
            quotes += len(quote)
    return found


def _is_spaced(here: bytes, signs: npt.NDArray[np.uint8], mark: str) -> bool:
    """Tell if space stands between a separator and a quotation mark: DuckDB passes over it."""
    quotes = np.flatnonzero(signs[1:-1] == _QUOTE) + 1
    leading = quotes[np.isin(signs[quotes - 1], _SPACE)].tolist()
    trailing = quotes[np.isin(signs[quotes + 1], _SPACE)].tolist()
    outside = mark.encode() + b"\n"
    for at in leading:
        run = here[max(at - _REACH, 0) : at].rstrip(b" \t")
        if not run or run[-1] in outside:
            return True
    outside += b'\r"'
    for at in trailing:
        run = here[at + 1 : at + 1 + _REACH].lstrip(b" \t")
        if run[:1] in outside and (run or at + _REACH < len(here)):
            return True
    return False


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
