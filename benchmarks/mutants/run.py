"""Change the code one piece at a time, and count the changes that the tests notice.

    pip install -e '.[test,mutants]'
    python benchmarks/mutants/run.py disclosure 40 FOLDER    # at most so many of each module

mutmut makes the mutants and runs, for each, the tests that call its function,
in a copy of the project. Mutants that change nothing but words (a string, what
an error says) or a `strict` are not drawn. The sample has a seed of its own.
"""

from __future__ import annotations

import ast
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SEED: Final = 2026
ALIVE: Final = (0, 33)  # survived, not covered by any test

# Guards against mistakes to come: nothing that works today depends on them.
UNMISSED: Final = ("strict", "encoding")

# What is mutated, and the tests that must notice.
GROUPS: Final = {
    "disclosure": (["disclosure/*.py"], ["tests/disclosure", "tests/auditing"]),
    "auditing": (["auditing/*.py"], ["tests/auditing"]),
    "reading": (["records/*.py"], ["tests/records"]),
    "writing": (["release/*.py", "io/files.py"], ["tests/release"]),
    "escaping": (
        [
            f"maps/{name}.py"
            for name in ("packing", "page", "payload", "external_requests", "folium_map")
        ],
        ["tests/maps"],
    ),
}


def prepare(group: str, folder: Path) -> None:
    """Copy the project, with the settings of mutmut for one group."""
    patterns, tests = GROUPS[group]
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    tops = sorted({name.split("/")[0] for name in listed.split("\0") if name})
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/linemap/{pattern}" for pattern in patterns],
        "also_copy": [
            "src/linemap",
            *(top for top in tops if top not in ("src", "pyproject.toml")),
        ],
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
        "pytest_add_cli_args_test_selection": tests,
        "mutate_only_covered_lines": False,
        "track_dependencies": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def mutmut(folder: Path, names: list[str]) -> None:
    """Run the mutants of these names; the first call also makes all of them."""
    with (folder / "mutmut.log").open("ab") as log:
        subprocess.run(
            [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names],
            cwd=folder, stdout=log, stderr=log, check=False,
        )  # fmt: skip


def meant(path: Path) -> list[str]:
    """Name the mutants of a module that change more than words."""
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    found = []
    for key in json.loads(path.with_name(path.name + ".meta").read_text())["exit_code_by_key"]:
        name = key.rsplit(".", 1)[1]
        original = re.sub(r"__mutmut_\d+$", "__mutmut_orig", name)
        if _bare(functions[name]) != _bare(functions[original]):
            found.append(key)
    return found


def _bare(function: ast.AST) -> str:
    """Write a function without its name, its strings and what its errors say."""
    text = ast.dump(_Bare().visit(function))
    return text.split("args=", 1)[1]


class _Bare(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        return None if node.arg in UNMISSED else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return ast.Raise(called, None)


def outcomes(folder: Path, drawn: dict[Path, list[str]]) -> Iterator[str]:
    """Yield a row of the table for each module, then its survivors."""
    alive: list[str] = []
    all_killed = all_run = 0
    for path, names in drawn.items():
        codes = json.loads(path.with_name(path.name + ".meta").read_text())["exit_code_by_key"]
        run = [name for name in names if codes[name] is not None]
        killed = [name for name in run if codes[name] not in ALIVE]
        alive += [name for name in run if codes[name] in ALIVE]
        all_killed, all_run = all_killed + len(killed), all_run + len(run)
        if run:
            yield f"| `{path.stem}` | {len(killed)} of {len(run)} |"
    yield f"| all | {all_killed} of {all_run} |"
    for name in alive:
        shown = subprocess.run(
            [sys.executable, "-m", "mutmut", "show", name],
            cwd=folder, check=False, capture_output=True, text=True,
        ).stdout  # fmt: skip
        yield f"\n{name}"
        yield from re.findall(r"^[-+](?![-+]{2}).*$", shown, flags=re.MULTILINE)


def main(group: str, most: int, folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        prepare(group, folder)
        mutmut(folder, ["none"])
    rng = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    drawn = {}
    for path in sorted((folder / "mutants" / "src").rglob("*.py")):
        if path.with_name(path.name + ".meta").exists():
            names = meant(path)
            drawn[path] = sorted(rng.sample(names, min(most, len(names))))
    mutmut(folder, [name for names in drawn.values() for name in names])
    print("\n".join(outcomes(folder, drawn)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).resolve())
