"""Whether linemap can work here: versions, fonts, rights to write, and a small release made."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from linemap import schema
from linemap._version import __version__
from linemap.auditing import audit
from linemap.disclosure import protect
from linemap.errors import LinemapError
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.pipeline.reviewing import look_up
from linemap.records import read_records
from linemap.release import MAP, draw_release, prepare_private, write_release

_EXTRAS: Final = {"notebook": "jupyterlab", "extract": "pypdf", "spark": "pyspark"}
_TOY_RECORDS: Final = 40  # as the README of the toy world says
_KINGS_LYNN: Final = "settlement:2645456"


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that linemap needs: whether it is as it should be, and what was found."""

    subject: str
    is_fine: bool
    found: str

    def __str__(self) -> str:
        return f"{'good' if self.is_fine else 'BAD '}  {self.subject}: {self.found}"


def examine(folder: str | Path = ".") -> Iterator[Examined]:
    """Examine one thing after the other; releases are to be written in `folder`.

    Nothing is sent or fetched, and nothing stays behind.
    """
    yield _versions()
    yield _libraries()
    yield _extras()
    for subject, look in (
        ("Fonts", _fonts),
        ("Places", _places),
        (f"Writing in {Path(folder).resolve()}", lambda: _writing(Path(folder))),
        ("Private folders", lambda: _private(Path(folder))),
        ("A small release", _release),
    ):
        yield _looked(subject, look)


def _looked(subject: str, look: Callable[[], str]) -> Examined:
    try:
        return Examined(subject, True, look())
    except (LinemapError, OSError, ImportError) as error:
        return Examined(subject, False, str(error) or type(error).__name__)


def _versions() -> Examined:
    python = platform.python_version()
    found = f"linemap {__version__}, Python {python}, {platform.system()} {platform.machine()}"
    return Examined("Versions", sys.version_info >= (3, 11), found)


def _libraries() -> Examined:
    """List what linemap needs, with versions, and what of it is not installed."""
    try:
        required = metadata.requires("linemap") or []
    except metadata.PackageNotFoundError:
        return Examined("Libraries", False, "linemap is not installed. Type: pip install linemap")
    names = [
        match[0]
        for text in required
        if "extra ==" not in text and (match := re.match(r"[\w.-]+", text))
    ]
    found, lacking = [], []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lacking.append(name)
    if lacking:
        said = f"not installed: {', '.join(lacking)}. Type: pip install {' '.join(lacking)}"
        return Examined("Libraries", False, said)
    return Examined("Libraries", True, ", ".join(found))


def _extras() -> Examined:
    """List the extras that are installed; none of them is needed for a release."""
    said = (
        f"{extra}: {'installed' if importlib.util.find_spec(library) else 'not installed'}"
        for extra, library in _EXTRAS.items()
    )
    return Examined("Extras", True, ", ".join(said))


def _fonts() -> str:
    from linemap.figures import font_folder, font_letters  # late: the drawing libraries are slow

    return f"DejaVu Sans with {len(font_letters()):,} letters, in {font_folder()}"


def _places() -> str:
    gazetteer = Gazetteer.load()
    if look_up(["King's Lynn"])[schema.PLACE_ID].tolist() != [_KINGS_LYNN]:
        raise LinemapError("King's Lynn is not found where it lies. Install linemap again.")
    return f"{len(gazetteer.places):,}, and King's Lynn among them"


def _writing(folder: Path) -> str:
    if not folder.is_dir():
        raise LinemapError(f"{folder} is no folder.")
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".linemap-doctor-") as stream:
        stream.write(b"x")
    return "allowed"


def _private(folder: Path) -> str:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".linemap-doctor-") as made:
        private = Path(made) / "private"
        prepare_private(private)
        if os.name == "nt":
            return "as readable as the folder that they lie in: choose one that is yours alone"
        rights = stat.S_IMODE(private.stat().st_mode)
        if rights & 0o077:
            raise LinemapError(f"others can read them here ({rights:o}). Choose another folder.")
    return "readable by you alone"


def _release() -> str:
    """Make a release of the toy world, whose records everybody knows, and audit it."""
    began = time.monotonic()
    toy = Gazetteer.toy()
    with as_file(files("linemap") / "data" / "toy" / "moves.csv") as moves:
        records = read_records(moves)
    enough = records.assign(**{schema.COUNT: records[schema.COUNT] * 5})
    flows = build_flows(enough, gazetteer=toy)
    if int(flows[schema.COUNT].sum()) != 5 * _TOY_RECORDS:
        raise LinemapError("the records of the toy world are not all counted. Please report it.")
    release = protect(flows, gazetteer=toy)
    drawings = draw_release(release, "Toy", toy, only={MAP, "figures/flow_map.svg"})
    with tempfile.TemporaryDirectory() as made:
        folder = write_release(
            release, Path(made) / "release", title="Toy", drawings=drawings, sources=toy.sources
        ).folder
        report = audit(folder, gazetteer=toy, drawn=release)
    if not report.passed:
        raise LinemapError(f"it does not pass its audit. Please report it: {report}")
    return (
        f"made, drawn and audited in {time.monotonic() - began:.1f} s: {len(release.flows)} flows"
    )
