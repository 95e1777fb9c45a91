"""What is declared once agrees everywhere else, and private data cannot be committed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}


def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def split(requirement: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+?)\s*([<>=!~].*)?", requirement).groups()
    return re.sub(r"[-_.]+", "-", name).lower(), bound or ""


def test_conda_environment_names_the_same_dependencies(root: Path) -> None:
    declared = project(root)["project"]
    wanted = {split(line) for line in declared["dependencies"]}
    wanted = {(CONDA_NAMES.get(name, name), bound) for name, bound in wanted}
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    conda = {split(line) for line in environment["dependencies"] if isinstance(line, str)}
    (by_pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    listed = conda | {split(line) for line in by_pip if not line.startswith("-")}
    assert ("python", declared["requires-python"]) in listed
    assert listed - {("python", declared["requires-python"]), ("pip", "")} == wanted


def test_lock_holds_every_dependency_with_its_hash(root: Path) -> None:
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    locked = {split(name)[0] for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.M)}
    declared = project(root)["project"]
    extras = declared["optional-dependencies"]
    wanted = [*declared["dependencies"], *extras["test"], *extras["lint"], *extras["build"]]
    assert {split(line)[0] for line in wanted} <= locked
    blocks = re.split(r"\n(?=\S)", text)
    unhashed = [b for b in blocks if re.match(r"[A-Za-z0-9].*==", b) and "--hash=sha256:" not in b]
    assert unhashed == []


def test_lock_names_no_index(root: Path) -> None:
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"^\s*--(extra-)?(index|find)", text, re.M)
    assert "://" not in text


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
