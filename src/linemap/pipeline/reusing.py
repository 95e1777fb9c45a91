"""Whether a release on disk is what a build of the same table would write again.

It is if the table, the files of decisions and places, the settings, linemap, the libraries, and
the ledgers of earlier releases are those of the build that wrote it, and if the release and the
private folder still hold what was written. Of all these the private folder keeps checksums: in
the release they would tell when the records have changed.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from linemap.disclosure import Ledger, Rule
from linemap.errors import InputError, LinemapError
from linemap.flows import Period
from linemap.gazetteer import Gazetteer
from linemap.io import checksum
from linemap.pipeline.preparing import PlaceOptions, TableKeywords, stem_of
from linemap.pipeline.series import LEDGERS, homes_of, ledgers_in
from linemap.records import EngineOptions, ReadOptions, files_of
from linemap.release import (
    MANIFEST,
    MAP,
    WITHDRAWN,
    OutputFolder,
    keeps_git_out,
    note_in_private,
    noted_of,
    private_folder,
    verify_release,
    versions,
)
from linemap.windows import Window

_NOTED: Final = "unchanged"  # the key of what is noted in the private folder
_MADE_OF: Final = "made_of"
_SUMMARY: Final = "summary"
_WARNINGS: Final = "warnings"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """What a build is told beside the table and the folder; see :func:`linemap.build`."""

    statements: bool = False
    title: str | None = None
    rule: Rule | None = None
    period: Period | None = None
    window: Window | str | None = None
    options: ReadOptions = field(default_factory=ReadOptions)
    places: PlaceOptions = field(default_factory=PlaceOptions)
    series: str | None = None
    same_records: bool | None = None
    already_published: str | None = None
    ledgers: str | Path | None = None
    cross_tags: bool = False

    def keywords(self) -> dict[str, Any]:
        """Return them as the keywords of a build."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of these keywords."""
        return tuple(one.name for one in fields(cls))


class BuildKeywords(TableKeywords, total=False):
    """The fields of :class:`BuildSettings`, of its options and of its places, as keywords."""

    statements: bool
    title: str | None
    rule: Rule | None
    period: Period | None
    window: Window | str | None
    options: ReadOptions | None
    places: PlaceOptions | None
    series: str | None
    same_records: bool | None
    already_published: str | None
    ledgers: str | Path | None
    cross_tags: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A release that is kept as it is, where it lies, and what was said when it was built.

    It has the folders, the summary and the warnings of a build, and no release in memory.
    """

    folder: Path
    private: Path
    summary: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    kept: tuple[Path, ...] = ()

    @property
    def map(self) -> Path:
        """The map's file."""
        return self.folder / MAP


def unchanged(source: object, *, out: str | Path, settings: BuildSettings) -> Kept | None:
    """Return the release at `out` if a build of `source` would write it again; None if it may not.

    Nothing is read of the table but its bytes. A table that is no file, and places that are in
    memory alone, prove nothing.
    """
    try:
        folder = OutputFolder.of(Path(out)).path
        private = private_folder(folder)
        if not (folder / MANIFEST).is_file() or (folder / WITHDRAWN).exists():
            return None
        noted = noted_of(private, checksum(folder / MANIFEST)).get(_NOTED)
        if not isinstance(noted, dict):
            return None
        now = Proof.of(source, settings)
        if not now.made_of or noted.get(_MADE_OF) != now.with_ledgers(folder):
            return None
        if not keeps_git_out(private):
            return None
        if not settings.statements and not now.is_in_a_ledger(folder):
            return None  # private.json alone does not say who wrote it
        verify_release(folder)
    except (LinemapError, OSError):
        return None  # a build says what is wrong
    summary, warnings = (tuple(map(str, noted.get(key, ()))) for key in (_SUMMARY, _WARNINGS))
    return Kept(folder, private, summary, warnings)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a build is made of, as checksums by name; empty where something has none.

    ``inputs`` has those of the table's files and of the decisions, by the files' names.
    """

    source: object
    settings: BuildSettings
    made_of: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: object, settings: BuildSettings) -> Proof:
        """Take the checksums, before the table is read: one that changes meanwhile is another."""
        places = settings.places
        if not isinstance(source, str | Path) or isinstance(places.gazetteer, Gazetteer):
            return cls(source, settings)
        given = (places.aliases, places.gazetteer, settings.options.unknown_words)
        beside = [Path(one) for one in given if isinstance(one, str | Path)]
        try:
            table = [[path.name, checksum(path)] for path in files_of(source)]
            files = [checksum(path) for path in beside]
        except (InputError, OSError):  # who reads them says what is wrong
            return cls(source, settings)
        inputs = dict(table) | ({beside[0].name: files[0]} if places.aliases else {})
        made_of = {
            "table": [stem_of(source), *table],
            "files": files,
            "settings": checksum(_plain(settings).encode()),
            "linemap": _program(),
        }
        return cls(source, settings, made_of, inputs)

    def with_ledgers(self, out: Path) -> dict[str, Any]:
        """Return all checksums, with those of the ledgers around the release and its table."""
        ledgers = [[at, path.name, checksum(path)] for at, path in self._ledgers(out)]
        return {**self.made_of, "ledgers": ledgers}

    def is_in_a_ledger(self, out: Path) -> bool:
        """Say whether a ledger names the release at `out`, by its manifest as it is now."""
        manifest = checksum(out / MANIFEST)
        ledgers = (Ledger.read(path) for _, path in self._ledgers(out))
        return any(entry.manifest == manifest for one in ledgers for entry in one.binding)

    def _ledgers(self, out: Path) -> list[tuple[int, Path]]:
        """List the ledgers around the release and its table, with the number of their folder."""
        table = Path(self.source) if isinstance(self.source, str | Path) else None
        own = None if self.settings.ledgers is None else Path(self.settings.ledgers)
        return [
            (at, path)
            for at, home in enumerate(homes_of(out, own, table))
            for path in ledgers_in(home / LEDGERS)
        ]

    def note(
        self, private: Path, out: Path, summary: Sequence[str], warnings: Sequence[str]
    ) -> None:
        """Keep the checksums, and what was said of the build, in the private folder."""
        if self.made_of:
            made_of = self.with_ledgers(out)
            said = {_SUMMARY: list(summary), _WARNINGS: list(warnings)}
            note_in_private(private, _NOTED, {_MADE_OF: made_of, **said})


def _plain(settings: BuildSettings) -> str:
    """Write settings as text; of files their checksums stand elsewhere.

    Whether DuckDB or pandas counts, and with how much memory, changes nothing.
    """
    options, places = settings.options, settings.places
    words, engine = options.unknown_words, options.engine
    options = replace(
        options,
        engine=EngineOptions(
            engine="spark" if engine.engine == "spark" else "auto", days=engine.days
        ),
        unknown_words="a file" if isinstance(words, str | Path) else words,
    )
    places = replace(
        places,
        aliases=None if places.aliases is None else "a file",
        gazetteer=None if places.gazetteer is None else "a file",
    )
    return repr(replace(settings, options=options, places=places, ledgers=None))


@cache
def _program() -> str:
    """Return the checksum of linemap's own files and of the names of all that is installed.

    The names of installed packages' records end in their versions.
    """
    root = Path(str(files("linemap")))
    paths = (path for path in root.rglob("*") if path.is_file())
    own = sorted(path for path in paths if "__pycache__" not in path.parts)
    parts = [(str(path.relative_to(root)).encode(), path.read_bytes()) for path in own]
    installed = sorted({path.name for entry in sys.path for path in Path(entry).glob("*-info")})
    system = (versions(), sys.version, platform.platform())
    told = repr((installed, system)).encode()
    return checksum(b"\0".join([told, *(part for both in parts for part in both)]))
