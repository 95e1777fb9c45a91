"""Group the rows of files or of a frame with Spark, where these are.

Spark numbers no rows: what is wrong is told with how many rows of which file have it.
"""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from linemap.errors import InputError, MissingLibraryError
from linemap.records.duck import (
    ParquetFiles,
    PlainFile,
    is_parquet,
    parquet_files,
    plain_files,
    same_throughout,
)
from linemap.records.grouped import (
    DISTINCT,
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

_PATTERN: Final = re.compile(r"[*?\[\]{}\\:]" if os.name == "posix" else r"[*?\[\]{}:]")
_BAD: Final = "_not_fitting"
_FILE: Final = "_file"
_NANOSECONDS: Final = "spark.sql.legacy.parquet.nanosAsLong"
_SETTINGS: Final = {
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.csv.parser.columnPruning.enabled": "false",  # else a ragged row is not seen
    "spark.sql.ansi.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",  # linemap shows its own
}


@contextmanager
def open_files(
    paths: Sequence[Path], options: EngineOptions, tell: Tell = nobody
) -> Iterator[Scanned]:
    """Open files that have the same columns as one table to be grouped by Spark.

    Raises
    ------
    NotPlain
        If a CSV cannot be read exactly by Spark.
    MissingLibraryError
        If PySpark is not installed.
    """
    texts = [str(path.resolve()) for path in paths]
    for text in texts:
        if _PATTERN.search(text.removeprefix(Path(text).drive)):
            raise NotPlain(f"Spark would take the name {sound(text)!r} for a pattern: rename it")
    forms = {is_parquet(path) for path in paths}
    if len(forms) > 1:
        raise InputError("CSV and Parquet files cannot be read as one table.")
    names, several = tuple(path.name for path in paths), len(paths) > 1
    found = parquet_files(paths) if forms == {True} else None
    schema = None if found is None else pq.read_schema(paths[0])
    if schema is not None:
        _require_readable(schema)
    with _session(options) as session, same_throughout(paths):
        if found is not None and schema is not None:
            with _nanoseconds_as_numbers(session):
                with _told_of():
                    frame = session.read.parquet(*texts)
                found = replace(found, zoned={**found.zoned, **_as_numbers(frame, schema)})
                yield _scan(session, frame, names, "Parquet", tell, named=several, parquet=found)
            return
        plain = plain_files(paths, tell)
        if any(one.foot and sum(bool(c.strip()) for c in one.foot[-1]) == 1 for one in plain):
            raise NotPlain("a file ends in a note, whose row Spark cannot number")
        first = plain[0]
        columns = [f"`{column_name(at)}` string" for at in range(len(first.headings))]
        with _told_of():
            frame = session.read.csv(
                texts,
                schema=", ".join([*columns, f"{_BAD} string"]),
                sep=first.separator,
                header=True,
                enforceSchema=True,
                mode="PERMISSIVE",
                columnNameOfCorruptRecord=_BAD,
                quote='"',
                escape='"',
                multiLine=any(one.quotes for one in plain),
                encoding="UTF-8",
                ignoreLeadingWhiteSpace=False,
                ignoreTrailingWhiteSpace=False,
                nullValue="",
                emptyValue="",
                maxCharsPerColumn=-1,
            )
        yield _scan(session, frame, names, first.form, tell, named=several, plain=plain)


def _require_readable(schema: pa.Schema) -> None:
    """Refuse types of Parquet that Spark does not know.

    Raises
    ------
    InputError
        If a column holds times of day or numbers of 16 bits.
    """
    for column in schema:
        if pa.types.is_time(column.type):
            what = "times of day. Leave it out, or save it as text"
        elif pa.types.is_float16(column.type):
            what = "numbers of 16 bits (float16). Save it as whole numbers (int64) or as float64"
        else:
            continue
        raise InputError(
            f"Spark cannot read the column {sound(column.name)!r}, which holds {what}; or count "
            "with engine='duckdb'."
        )


@contextmanager
def _nanoseconds_as_numbers(session: Any) -> Iterator[None]:
    """Let a session read times in nanoseconds, which it else refuses, as whole numbers."""
    before = session.conf.get(_NANOSECONDS, None)
    session.conf.set(_NANOSECONDS, "true")
    try:
        yield
    finally:
        if before is None:
            session.conf.unset(_NANOSECONDS)
        else:
            session.conf.set(_NANOSECONDS, before)


def _as_numbers(frame: Any, schema: pa.Schema) -> dict[str, pa.DataType]:
    """Return the types of the times that a frame holds as numbers, by the column's name in SQL."""
    return {
        column_name(at): column.type
        for at, (column, (_, kind)) in enumerate(zip(schema, frame.dtypes, strict=True))
        if pa.types.is_timestamp(column.type) and kind == "bigint"
    }


@contextmanager
def _told_of() -> Iterator[None]:
    """Say what Spark cannot do, and no more than its first line."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise InputError(f"Spark cannot read this: {_cause_line(error)}") from error


@contextmanager
def open_frame(frame: Any, tell: Tell = nobody) -> Iterator[Scanned]:
    """Open a frame that Spark holds."""
    yield _scan(frame.sparkSession, frame, ("the frame",), "frame", tell, named=False)


def is_frame(source: object) -> bool:
    """Tell if a source is a frame of Spark."""
    return type(source).__module__.startswith("pyspark.sql") and hasattr(source, "sparkSession")


@contextmanager
def _session(options: EngineOptions) -> Iterator[Any]:
    """Use the session that there is, or start one and stop it at the end."""
    try:
        from pyspark.sql import SparkSession  # late: only who has a cluster needs it
    except ImportError as error:
        raise MissingLibraryError("pyspark", extra="spark") from error
    there = SparkSession.getActiveSession()
    if there is not None and options.master in (None, _master_of(there)):
        yield there
        return
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise InputError(
            "Spark needs Java 17: install it (openjdk-17-jre-headless), or set JAVA_HOME."
        )
    builder = SparkSession.builder.appName("linemap").master(options.master or "local[*]")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if (options.master or "local").startswith("local"):
        builder = builder.config("spark.sql.shuffle.partitions", "8")
    if options.memory is not None:
        size = options.memory.strip().lower().replace(" ", "").replace("i", "").removesuffix("b")
        builder = builder.config("spark.driver.memory", size).config("spark.executor.memory", size)
    if options.threads is not None:
        builder = builder.config("spark.cores.max", str(options.threads))
    try:
        session = builder.getOrCreate()
    except Exception as error:  # the gateway raises several kinds
        raise InputError(f"Spark does not start: {_cause_line(error)}") from error
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def _master_of(session: Any) -> str | None:
    """Return the cluster of a session; one of Spark Connect tells of none."""
    context = getattr(session, "sparkContext", None)
    return None if context is None else str(context.master)


def _cause_line(error: BaseException) -> str:
    """Return the line that says what is wrong: the last cause, where causes are listed."""
    lines = sound(str(error)).splitlines() or [type(error).__name__]
    causes = [line for line in lines if line.startswith((": ", "Caused by: "))]
    return [lines[0], *causes][-1].removeprefix(": ").removeprefix("Caused by: ")


def _scan(
    session: Any,
    frame: Any,
    files: tuple[str, ...],
    form: str,
    tell: Tell,
    *,
    named: bool,
    parquet: ParquetFiles | None = None,
    plain: Sequence[PlainFile] = (),
) -> _SparkScan:
    from pyspark.sql import functions

    if plain:
        headings = plain[0].headings
    else:
        headings = tuple(sound(name).strip() for name in frame.columns)
        frame = frame.toDF(*(column_name(at) for at in range(len(headings))))
    name = functions.input_file_name() if named else functions.lit("")
    frame = frame.withColumn(_FILE, name)
    return _SparkScan(session, frame, headings, files, form, tell, parquet, tuple(plain))


@dataclass(frozen=True, slots=True)
class _SparkScan:
    """One table on Spark."""

    session: Any
    frame: Any
    headings: tuple[str, ...]
    files: tuple[str, ...]
    form: str
    tell: Tell
    parquet: ParquetFiles | None
    plain: tuple[PlainFile, ...]  # of CSV
    passed_over: list[int] = field(default_factory=list)  # rows of space alone, by query
    numbered: bool = False
    foots: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @property
    def is_text(self) -> bool:
        return bool(self.plain)

    @property
    def blank(self) -> int:
        return sum(one.blank for one in self.plain) + max(self.passed_over, default=0)

    def last(self) -> pa.Table | None:
        return None

    def groups(self, columns: Sequence[int]) -> pa.Table:
        return self._grouped([column_name(at) for at in columns], most=DISTINCT + 1)

    def reduced(
        self, keys: Sequence[int], alone: Sequence[int], count: int | None
    ) -> tuple[pa.Table, dict[int, pa.Table]]:
        total = "0" if count is None else f"sum(try_cast({column_name(count)} AS bigint))"
        grouped = self._grouped([column_name(at) for at in keys], f"cast({total} AS bigint) total")
        return grouped, {at: self._grouped([column_name(at)]) for at in alone}

    def whole(self, at: int, most: int) -> pa.Table:
        name = column_name(at)
        digits = f"coalesce(trim(cast({name} AS string)), '') RLIKE '^[0-9]*$'"
        from pyspark.sql import functions

        found = self.frame.groupBy(name).agg(functions.expr("count(*) AS n"))
        return self._home(found.orderBy(functions.expr(digits), name).limit(most))

    def empty_rows(self, columns: Sequence[int]) -> pa.Table:
        from pyspark.sql import functions

        every = [column_name(at) for at in range(len(self.headings))]
        empty = self.frame.filter(
            " AND ".join(f"coalesce({name}, '') RLIKE r'^{SPACE}$'" for name in every)
        )
        grouped = empty.groupBy(*map(column_name, columns)).agg(functions.expr("count(*) AS n"))
        return self._home(grouped)

    def ordered(self, at: int) -> None:
        return None

    def rows_of(self, groups: pa.Table) -> pa.Table:
        from pyspark.sql import functions

        names = [name for name in groups.column_names if name != NUMBER]
        kinds = dict(self.frame.dtypes)
        for place, name in enumerate(groups.column_names):
            if pa.types.is_timestamp(groups[name].type) and kinds[name] == "bigint":
                groups = groups.set_column(place, name, groups[name].cast(pa.int64()))
        wanted = _sent(
            self.session,
            groups.rename_columns(
                [f"w_{name}" if name != NUMBER else name for name in groups.column_names]
            ),
        )
        same = functions.expr(" AND ".join(f"{name} <=> w_{name}" for name in names))
        joined = self.frame.join(functions.broadcast(wanted), same)
        found = self._home(joined.groupBy(NUMBER, _FILE).agg(functions.expr("count(*) AS n")))
        at = {name: number for number, name in enumerate(self.files)}
        places = [at.get(unquote(name).rpartition("/")[2], 0) for name in found[_FILE].to_pylist()]
        return found.append_column("file", pa.array(places, pa.int64()))

    def _grouped(self, names: Sequence[str], *more: str, most: int | None = None) -> pa.Table:
        from pyspark.sql import functions

        sums = ["count(*) AS n", *more]
        if self.is_text:
            sums.append(f"count({_BAD}) AS {_BAD}")
        grouped = self.frame.groupBy(*names).agg(*map(functions.expr, sums))
        found = self._home(grouped if most is None else grouped.limit(most))
        if most is not None and found.num_rows == most:
            raise too_many()
        if self.is_text:
            if sum(found[_BAD].to_pylist()):
                raise NotPlain("a row has more or fewer cells than there are headings")
            found = found.drop_columns([_BAD])
        self._require_all_rows(sum(found["n"].to_pylist()))
        return found

    def _require_all_rows(self, rows: int) -> None:
        """Note how many rows of files Spark passed over: between tabs, those of space alone."""
        if not self.plain and self.parquet is None:
            return
        there = sum(one.rows for one in self.plain) if self.parquet is None else self.parquet.rows
        missing = there - rows
        if missing and (missing < 0 or not self.plain or self.plain[0].separator != "\t"):
            raise NotPlain("Spark finds other rows in it")
        self.passed_over.append(missing)

    def _home(self, frame: Any) -> pa.Table:
        """Collect a frame; tell how many of the tasks at hand are done, and stop them on Ctrl-C."""
        context = getattr(self.session, "sparkContext", None)  # none of a session of Spark Connect

        def look() -> None:
            if context is None:
                self.tell("Counting on Spark")
                return
            tracker = context.statusTracker()
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            done = sum(stage.numCompletedTasks for stage in stages if stage is not None)
            tasks = sum(stage.numTasks for stage in stages if stage is not None)
            self.tell("Counting on Spark (tasks)", done, tasks or None)

        with warnings.catch_warnings():  # nothing passes through pandas, of which PySpark warns
            warnings.simplefilter("ignore", FutureWarning)
            stop = self.session.interruptAll if context is None else context.cancelAllJobs
            with _told_of():
                found = wait_for(frame.toArrow, stop=stop, look=look)
        return found if self.parquet is None else self.parquet.in_zones(found)


def _sent(session: Any, table: pa.Table) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return session.createDataFrame(table)
