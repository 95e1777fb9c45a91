"""The notebooks and tables to try linemap with, copied out of the installed package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from linemap.errors import OutputError
from linemap.io import write_output
from linemap.simulate import simulate_table

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
