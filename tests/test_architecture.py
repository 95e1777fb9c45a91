"""The order of the rooms, and what may be known where."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "linemap"
ORDER = (
    "_version", "errors", "windows", "schema", "io", "text", "gazetteer", "geocoding", "records",
    "distance", "flows", "simulate", "measures", "models",
    "linear_programming", "disclosure", "style", "figures", "maps",
    "briefing", "release", "auditing", "extraction", "pipeline", "cli",
)  # fmt: skip
FACES = {"__init__", "__main__"}


def room_of(path: Path) -> str:
    """Name the room that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def read(path: Path) -> ast.Module:
    """Parse a module once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """List the full name of everything that a module imports, wherever it does so."""
    names: list[str] = []
    for node in ast.walk(read(path)):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            names += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(names)


MODULES = sorted(PACKAGE.rglob("*.py"))


def test_every_room_is_in_the_list() -> None:
    rooms = {room_of(path) for path in MODULES} - FACES
    assert rooms == set(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_rooms_before_it(path: Path) -> None:
    room = room_of(path)
    if room in FACES:
        return
    allowed = set(ORDER[: ORDER.index(room) + 1])
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "linemap":
            inner = parts[1]
            assert inner in allowed, f"{room} imports {inner}, which comes after it"


def module_name(path: Path) -> str:
    """Name a module as an import does."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_module_imports_itself_by_way_of_others() -> None:
    names = {module_name(path) for path in MODULES}
    needs: dict[str, set[str]] = {}
    for path in MODULES:
        own = module_name(path)
        for name in imported(path):
            found = name if name in names else name.rpartition(".")[0]
            if found in names and found != own and not own.startswith(f"{found}."):
                needs.setdefault(own, set()).add(found)
    list(TopologicalSorter(needs).static_order())  # raises CycleError with the circle


def test_no_function_bears_the_name_of_its_package() -> None:
    for path in MODULES:
        packages = set(path.relative_to(PACKAGE).parts[:-1])
        for node in read(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert node.name not in packages, path


@pytest.mark.parametrize(
    ("library", "home"), [("folium", "maps"), ("branca", "maps"), ("matplotlib", "figures")]
)
def test_a_drawing_library_has_one_home(library: str, home: str) -> None:
    users = {
        room_of(path)
        for path in MODULES
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users <= {home}


def test_importing_linemap_loads_no_heavy_library() -> None:
    code = (
        "import sys, linemap; "
        "print(*[m for m in ('folium','matplotlib','statsmodels','duckdb','great_tables',"
        "'jupyterlab','IPython','pandas','geopandas','numpy','scipy','shapely','pyarrow') "
        "if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == ""


def test_there_is_no_room_for_odds_and_ends() -> None:
    assert not [path for path in MODULES if path.stem in {"utils", "util", "misc", "helpers"}]


def places_of_names(kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> dict[str, list[str]]:
    """List in which modules each name of a class or a function is defined."""
    found: dict[str, list[str]] = {}
    for path in MODULES:
        nodes = ast.walk(read(path)) if kind is ast.ClassDef else read(path).body
        for node in nodes:
            if isinstance(node, kind) and isinstance(node, ast.ClassDef | ast.FunctionDef):
                found.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    return found


def test_one_class_name_means_one_thing() -> None:
    named: dict[str, list[str]] = {}
    for name, modules in places_of_names(ast.ClassDef).items():
        named.setdefault(name.lstrip("_"), []).extend(modules)
    assert {name: modules for name, modules in named.items() if len(modules) > 1} == {}


SAME_WORK = {
    "open_files": "DuckDB's and Spark's way to open the same files",
    "about": "the command line says what linemap is, a release what it is about",
}


def test_one_public_function_name_means_one_thing() -> None:
    """A command has the name of the function that does its work."""
    named = {
        name: [module for module in modules if module != str(Path("cli", "commands.py"))]
        for name, modules in places_of_names(ast.FunctionDef).items()
        if not name.startswith("_")
    }
    twice = {name: modules for name, modules in named.items() if len(modules) > 1}
    assert {name: twice[name] for name in twice.keys() - SAME_WORK.keys()} == {}
    assert SAME_WORK.keys() <= twice.keys(), "remove what is not the same any more"


SAME_MODULE = {
    "ranks": "the measure and its figure",
    "flow_map": "the figure and the map",
}


def test_one_module_name_means_one_thing() -> None:
    rooms: dict[str, set[str]] = {}
    for path in MODULES:
        if path.stem not in FACES:
            rooms.setdefault(path.stem.lstrip("_"), set()).add(room_of(path))
    twice = {stem: found for stem, found in rooms.items() if len(found) > 1}
    assert {stem: twice[stem] for stem in twice.keys() - SAME_MODULE.keys()} == {}


def test_the_first_page_of_a_room_says_what_each_of_its_modules_is_for() -> None:
    for path in MODULES:
        face = path.parent / "__init__.py"
        if path.stem not in FACES and path.parent != PACKAGE:
            assert f"`{path.stem}`" in (ast.get_docstring(read(face)) or ""), path


def test_a_column_is_named_by_its_constant() -> None:
    """Names of one word are left out, since they are also keys of JSON and of other lists."""
    columns = {
        node.value.value
        for node in read(PACKAGE / "schema.py").body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str) and "_" in node.value.value
    }
    assert len(columns) > 40
    typed = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.value}"
        for path in MODULES
        if path.name != "schema.py"
        for node in ast.walk(read(path))
        if isinstance(node, ast.Constant) and node.value in columns
    ]
    assert typed == []


@pytest.mark.parametrize(
    ("call", "homes"),
    [
        # the auditor reads for itself, and an engine a large file
        (
            "csv.reader",
            {"io/files.py", "records/delimited.py", "records/duck.py", "auditing/release_files.py"},
        ),
        ("csv.DictReader", {"io/files.py"}),
        ("pd.read_csv", {"io/files.py", "gazetteer/storage.py"}),
        ("os.fsync", {"io/files.py", "release/folder.py"}),
        # a checksum of a file is io's; these mark a style sheet, a script and a text
        (
            "hashlib.sha256",
            {"io/files.py", "briefing/pages.py", "maps/page.py", "release/writers.py"},
        ),
    ],
)
def test_there_is_one_way_to_read_write_and_hash(call: str, homes: set[str]) -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(read(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == call
    }
    assert users == homes


def test_every_test_that_is_listed_as_long_exists() -> None:
    tests = PACKAGE.parents[1] / "tests"
    listed = (tests / "long_tests.txt").read_text(encoding="utf-8").splitlines()[1:]
    for name in listed:
        file, _, test = name.partition("::")
        assert f"def {test}(" in (tests / file).read_text(encoding="utf-8"), name
