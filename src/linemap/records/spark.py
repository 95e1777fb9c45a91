"""Group the rows of files with Spark, where the files are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from linemap.records.grouped import Scanned
from linemap.records.table import EngineOptions


@contextmanager
def open_files(paths: Sequence[Path], options: EngineOptions) -> Iterator[Scanned]:
    raise NotImplementedError
    yield
