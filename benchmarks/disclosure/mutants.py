"""Change the disclosure code one operator or number at a time; count the changes the tests notice.

    python benchmarks/disclosure/mutants.py 12        # so many mutants of each module

A mutant is a copy of the package with one comparison, sum, number, `and`, `or`, `not` or
condition changed. It is killed if the tests of its module fail, or take too long.
"""

from __future__ import annotations

import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = Path("linemap") / "disclosure"
DOOR = ("tests/disclosure/test_door.py", "tests/audit/test_audit.py")
TESTS = {
    "rule": ("tests/disclosure/test_rule.py",),
    "rollup": ("tests/disclosure/test_rollup.py",),
    "tree": ("tests/disclosure/test_rollup.py", *DOOR),
    "release": ("tests/disclosure/test_release.py",),
    "again": ("tests/disclosure/test_ledger.py", "tests/audit/test_audit.py"),
    "ledger": ("tests/disclosure/test_ledger.py", "tests/audit/test_audit.py"),
    "suppression": ("tests/disclosure/test_suppression.py",),
    "blocks": DOOR, "counting": DOOR, "margins": DOOR, "unknowns": DOOR, "bounds": DOOR,
    "summaries": DOOR, "account": DOOR, "door": (*DOOR, "tests/disclosure/test_release.py"),
}  # fmt: skip
SECONDS = 240
COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult,
              ast.Div: ast.Mult}  # fmt: skip


def places(tree: ast.AST) -> Iterator[int]:
    """Yield the numbers of the nodes of a tree that can be changed and would be missed.

    Flags such as `frozen`, `slots` and `strict` guard against mistakes to come:
    nothing that works today depends on them.
    """
    flags = {
        id(word.value)
        for word in ast.walk(tree)
        if isinstance(word, ast.keyword) and word.arg in ("frozen", "slots", "strict", "exact")
    }
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in flags and change(copy.copy(node)):
            yield number


def change(node: ast.AST) -> bool:
    """Change a node in place, if it is of a kind that can be; say whether it was."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARE:
        node.ops = [COMPARE[type(node.ops[0])](), *node.ops[1:]]
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC and not _is_text(node):
        node.op = ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    else:
        return False
    return True


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in (node.left, node.right)
    )


def mutant(source: str, number: int) -> tuple[str, int]:
    """Return the source with node `number` changed, and its line."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[number]
    change(node)
    return ast.unparse(ast.fix_missing_locations(tree)), getattr(node, "lineno", 0)


def is_killed(module: str, source: str, folder: Path) -> bool:
    """Run the module's tests against a changed copy of the package."""
    path = folder / "src" / PACKAGE / f"{module}.py"
    before = path.read_text(encoding="utf-8")
    path.write_text(source, encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS[module]],
            cwd=ROOT, capture_output=True, check=False, timeout=SECONDS,
            env={**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(before, encoding="utf-8")


def main(each: int, modules: list[str]) -> None:
    rng = random.Random(2026)  # noqa: S311 - a sample, not a secret
    killed = tried = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "src", folder / "src")
        for module in modules or list(TESTS):
            source = (ROOT / "src" / PACKAGE / f"{module}.py").read_text(encoding="utf-8")
            numbers = list(places(ast.parse(source)))
            for number in sorted(rng.sample(numbers, min(each, len(numbers)))):
                changed, line = mutant(source, number)
                dead = is_killed(module, changed, folder)
                killed, tried = killed + dead, tried + 1
                if not dead:
                    print(f"survived: {module}.py line {line}", flush=True)
            print(f"{module}: {killed} of {tried} killed so far", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
