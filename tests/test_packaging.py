"""What is declared once agrees everywhere else, and private data cannot be committed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}


def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def split(requirement: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+?)\s*([<>=!~].*)?", requirement).groups()
    return re.sub(r"[-_.]+", "-", name).lower(), bound or ""


def test_conda_environment_names_the_same_dependencies(root: Path) -> None:
    declared = project(root)["project"]
    notebook = declared["optional-dependencies"]["notebook"]
    wanted = {split(line) for line in [*declared["dependencies"], *notebook]}
    wanted = {(CONDA_NAMES.get(name, name), bound) for name, bound in wanted}
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    conda = {split(line) for line in environment["dependencies"] if isinstance(line, str)}
    (by_pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    listed = conda | {split(line) for line in by_pip if not line.startswith("-")}
    assert ("python", declared["requires-python"]) in listed
    assert listed - {("python", declared["requires-python"]), ("pip", "")} == wanted


LOCKS = {
    "run": ("build",),
    "spark": ("spark", "build"),
    "notebooks": ("notebook", "build"),
    "test": ("notebook", "test", "lint", "build"),
}
LINE = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[([^]]+)\])?==(\S+)", re.M)


def locked(text: str) -> dict[str, set[str]]:
    """Read which packages a lock holds, and the extras of each."""
    found: dict[str, set[str]] = {}
    for name, extras, _ in LINE.findall(text):
        found.setdefault(canonicalize_name(name), set()).update(filter(None, extras.split(",")))
    return found


def extras_lacking(lock: dict[str, set[str]]) -> set[str]:
    """Name each package that another asks for with an extra which no line of the lock carries.

    pip takes the newest version of such a package, and then refuses it for want of a hash.
    """
    lacking = set()
    for name, extras in lock.items():
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # another platform's
            continue
        for text in needs:
            need = Requirement(text)
            asked = {"", *extras}
            if need.marker and not any(need.marker.evaluate({"extra": e}) for e in asked):
                continue
            if not need.extras <= lock.get(canonicalize_name(need.name), set()):
                lacking.add(f"{canonicalize_name(need.name)}[{','.join(sorted(need.extras))}]")
    return lacking


@pytest.mark.parametrize("purpose", LOCKS)
def test_lock_holds_every_dependency_with_its_hash(root: Path, purpose: str) -> None:
    text = (root / "locks" / f"{purpose}.lock").read_text(encoding="utf-8")
    declared = project(root)["project"]
    extras = declared["optional-dependencies"]
    wanted = [*declared["dependencies"], *(line for e in LOCKS[purpose] for line in extras[e])]
    assert {split(line)[0] for line in wanted} <= set(locked(text))
    blocks = re.split(r"\n(?=\S)", text)
    unhashed = [b for b in blocks if LINE.match(b) and "--hash=sha256:" not in b]
    assert unhashed == []


@pytest.mark.parametrize("purpose", LOCKS)
def test_lock_carries_every_extra_that_is_asked_for(root: Path, purpose: str) -> None:
    text = (root / "locks" / f"{purpose}.lock").read_text(encoding="utf-8")
    assert extras_lacking(locked(text)) == set()


def test_a_lock_without_its_extras_is_noticed(root: Path) -> None:
    text = (root / "locks" / "test.lock").read_text(encoding="utf-8")
    stripped = {name: set() for name in locked(text)}
    assert {"coverage[toml]", "bleach[css]"} <= extras_lacking(stripped)


@pytest.mark.parametrize("purpose", [*LOCKS, "lowest"])
def test_lock_names_no_index(root: Path, purpose: str) -> None:
    text = (root / "locks" / f"{purpose}.lock").read_text(encoding="utf-8")
    assert not re.search(r"^\s*--(extra-)?(index|find)", text, re.M)
    assert "://" not in text


def test_locks_agree_on_every_version(root: Path) -> None:
    versions: dict[str, set[str]] = {}
    for purpose in LOCKS:
        text = (root / "locks" / f"{purpose}.lock").read_text(encoding="utf-8")
        for name in locked(text):
            lines = re.findall(rf"^{re.escape(name)}(?:\[[^]]+\])?==.*$", text, re.M)
            plain = sorted(re.sub(r"\[.*?\]", "", line) for line in lines)
            versions.setdefault(name, set()).add("\n".join(plain))
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_what_runs_the_main_job_needs_no_tool_for_tests_or_notebooks(root: Path) -> None:
    text = (root / "locks" / "run.lock").read_text(encoding="utf-8")
    tools = {"jupyterlab", "pytest", "mypy", "ruff", "playwright", "selenium", "hypothesis"}
    assert not tools & set(locked(text))


def test_build_backend_is_in_the_lock(root: Path) -> None:
    declared = project(root)
    extras = {split(line) for line in declared["project"]["optional-dependencies"]["build"]}
    assert {split(line) for line in declared["build-system"]["requires"]} <= extras


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("data/raw/referrals.csv", True),
        ("data/raw/2024/referrals.xlsx", True),
        ("data/processed/anything/map.html", True),
        ("data/processed/anything-private/unmatched.csv", True),
        ("data/processed/README.md", False),
        ("data/raw/published_statements.csv", False),
    ],
)
def test_git_ignores_every_table_but_the_public_one(root: Path, path: str, ignored: bool) -> None:
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    answer = subprocess.run(
        ["git", "check-ignore", "--no-index", "-q", path], cwd=root, check=False
    )
    assert (answer.returncode == 0) is ignored
