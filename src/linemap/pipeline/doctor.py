"""Whether linemap can work here, a small release made; and tables and notebooks to try it with."""

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
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from linemap import schema
from linemap._version import __version__
from linemap.auditing import audit
from linemap.disclosure import protect
from linemap.errors import LinemapError, OutputError
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.io import write_output
from linemap.pipeline.preparing import look_up
from linemap.records import read_records
from linemap.release import MAP, draw_release, prepare_private, write_release
from linemap.simulate import simulate_table

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
        raise LinemapError("King's Lynn is not found at its place. Install linemap again.")
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


STATEMENTS: Final = "published_statements.csv"
TOY_MOVES: Final = "toy_moves.csv"
EXAMPLE: Final = "example_referrals.csv"
_ROWS: Final = 1_200
_SEED: Final = 20
_DEMO: Final = "demo"  # of the package's data: what the wheel carries of the repository
# Where the notebooks find their tables in the repository, and what they are called in a copy.
_TABLES: Final = {
    "../data/raw/published_statements.csv": STATEMENTS,
    "../src/linemap/data/toy/moves.csv": TOY_MOVES,
}


def write_demonstration(folder: str | Path) -> tuple[Path, ...]:
    """Write the notebooks, the tables that they read and an invented table; return the files.

    Raises
    ------
    OutputError
        If the folder exists and is not empty, or the installed package has no notebooks.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} exists and is not empty. Name a folder that does not exist.")
    notebooks, statements = _shipped()
    content = {STATEMENTS: statements.read_bytes(), TOY_MOVES: _toy().read_bytes()}
    for notebook in sorted(notebooks.iterdir(), key=lambda path: path.name):
        if notebook.name.endswith(".ipynb"):
            text = notebook.read_text("utf-8")
            for there, here in _TABLES.items():
                text = text.replace(there, here)
            content[notebook.name] = text.encode()
    table = simulate_table(_ROWS, seed=_SEED)
    content[EXAMPLE] = table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(write_output(folder / name, data) for name, data in content.items())


def _shipped() -> tuple[Traversable, Traversable]:
    """Find the notebooks and the published statements: in the package, else beside its source."""
    demo = files("linemap") / "data" / _DEMO
    if (demo / STATEMENTS).is_file():
        return demo / "notebooks", demo / STATEMENTS
    repository = Path(__file__).parents[3]
    statements = repository / "data" / "raw" / STATEMENTS
    if not statements.is_file():
        raise OutputError("This installation has no notebooks. Install linemap from its wheel.")
    return repository / "notebooks", statements


def _toy() -> Traversable:
    return files("linemap") / "data" / "toy" / "moves.csv"
