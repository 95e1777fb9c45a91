"""Open a zip of XML within limits, so that a small file cannot become a large one."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, Final
from xml.parsers import expat

from linemap.errors import InputError

ENTRIES: Final = 2_000
PART_BYTES: Final = 300_000_000  # inflated; a million rows of ten columns take about half
RATIO: Final = 50  # inflated to packed; a table of equal rows reaches 16, a bomb 1,000
SMALL: Final = 2_000_000  # bytes under which no ratio matters
TAGS: Final = 4  # for each byte of the file; a table of equal numbers reaches 2.2, a bomb 16
FEW: Final = 1_000_000  # tags that a file of any size may have
NAMES: Final = 1_000  # of one part's tags and attributes; a sheet has about a hundred
DEPTH: Final = 100  # of tags inside each other; a sheet has about ten
_BLOCK: Final = 65_536
_TOKEN: Final = 250_000  # bytes that one tag may take

# What zipfile, zlib and expat raise for broken bytes; a wrong offset is a
# ValueError, an encoding that nobody knows a LookupError.
_DAMAGE: Final = (
    expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError,
    NotImplementedError,
)  # fmt: skip

Start = Callable[[str, Mapping[str, str]], None]

End = Callable[[str], None]

Text = Callable[[str], None]


class Finished(Exception):  # noqa: N818 - no error: the reader has seen enough
    """Raised by a handler that needs no more of a part."""


class Archive:
    """A zip file whose directory has been looked at before anything in it is inflated."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise InputError(f"The workbook is damaged: {error}.") from error
        infos = self._zip.infolist()
        if len(infos) > ENTRIES:
            raise InputError(
                f"The workbook has {len(infos):,} parts; at most {ENTRIES:,} are read."
            )
        self._parts = {info.filename.lstrip("/").casefold(): info for info in infos}
        if len(self._parts) < len(infos):
            raise InputError("The workbook is damaged: two of its parts have the same name.")
        _require_modest(infos, len(data))
        self._tags: dict[str, int] = {}  # how many each part has that was parsed
        self._most = max(FEW, TAGS * len(data))

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._parts

    def count(self, name: str, tag: str) -> int:
        """Count the elements of a part that are or begin with a tag, without reading them."""
        return self._count(name, b"<" + tag.encode(), b":" + tag.encode())

    def _count(self, name: str, *marks: bytes) -> int:
        with self._opened(name) as part:
            blocks = iter(partial(part.read, _BLOCK), b"")
            return sum(block.count(mark) for block in blocks for mark in marks)

    def _require_few_tags(self, name: str) -> None:
        """Refuse a part that has, with the parts before it, too many tags for the file's size."""
        if name.casefold() in self._tags:
            return
        self._tags[name.casefold()] = self._count(name, b"<")
        total = sum(self._tags.values())
        if total > self._most:
            raise InputError(
                f"The workbook is refused: {total:,} tags are packed into it; at most "
                f"{self._most:,} are read of a file of this size. Save the table as CSV."
            )

    def parse(
        self, name: str, *, start: Start, end: End | None = None, text: Text | None = None
    ) -> None:
        """Walk through one part's XML; names come without their namespace.

        Raises
        ------
        InputError
            If the part is missing, damaged, encrypted, declares entities, or
            is made to exhaust the machine.
        """
        self._require_few_tags(name)
        parser = _parser(start, end, text)
        fed = 0
        with suppress(Finished), self._opened(name) as part:
            while block := part.read(_BLOCK):
                parser.Parse(block, False)
                fed += len(block)
                if fed - parser.CurrentByteIndex > _TOKEN:
                    raise InputError(f"The workbook is refused: one tag of {name!r} is too long.")
                if len(parser.intern) > NAMES:
                    raise InputError(
                        f"The workbook is refused: {name!r} has more than {NAMES:,} kinds of tags."
                    )
            parser.Parse(b"", True)

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        """Open one part; whatever broken bytes raise inside is an InputError."""
        info = self._parts.get(name.casefold())
        if info is None:
            raise InputError(f"The workbook is damaged: it has no part {name!r}.")
        try:
            with self._zip.open(info) as part:
                yield part
        except (Finished, InputError):
            raise
        except _DAMAGE as error:
            raise InputError(f"The workbook is damaged in {name!r}: {error}.") from error
        except RuntimeError as error:  # what zipfile raises where a password is needed
            raise InputError(f"The workbook cannot be opened: {error}.") from error


def _require_modest(infos: Sequence[zipfile.ZipInfo], size: int) -> None:
    """Refuse a file by what its directory says of it; zipfile inflates no more than that."""
    packed = sum(info.compress_size for info in infos)
    if packed > size:
        raise InputError("The workbook is damaged: its parts are larger than the file.")
    for info in infos:
        if info.file_size > PART_BYTES or _is_dense(info.compress_size, info.file_size):
            what = f"its part {info.filename[:80]!r}"
            raise _too_large(what, info.compress_size, info.file_size)
    inflated = sum(info.file_size for info in infos)
    if _is_dense(packed, inflated):
        raise _too_large("it", packed, inflated)


def _is_dense(packed: int, inflated: int) -> bool:
    return inflated > SMALL and inflated > RATIO * max(packed, 1)


def _too_large(what: str, packed: int, inflated: int) -> InputError:
    return InputError(
        f"The workbook is refused: {what} would inflate from {packed:,} to {inflated:,} bytes. "
        "Save the table as CSV."
    )


class _LocalNames(dict[str, str]):
    """Names of tags without their prefix, each worked out once."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(":")[2]
        return local


def _parser(start: Start, end: End | None, text: Text | None) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    names = _LocalNames()
    depth = 0

    def refuse(*_: object) -> None:
        raise InputError("The workbook is refused: its XML declares a document type.")

    def enter(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise InputError(f"The workbook is refused: its tags lie more than {DEPTH} deep.")
        start(names[name], attributes)

    def leave(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(names[name])

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    if text is not None:
        parser.CharacterDataHandler = text
    return parser
