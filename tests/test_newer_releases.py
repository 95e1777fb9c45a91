"""Setting up from a lock on a day when every package has a newer release than the lock names."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

pytest.importorskip("pip")
LINE = re.compile(
    r"^(?P<name>[\w.-]+)(?P<extras>\[[^]]+\])?==(?P<version>[^ ;\\]+)(?P<marker>[^\\]*)"
)
NEWER = "99999.0"


def wheel(folder: Path, name: str, version: str, needs: list[str], extras: list[str]) -> str:
    """Write a wheel with nothing in it but what it requires; return its SHA-256."""
    plain = re.sub(r"[-.]+", "_", name)
    about = f"{plain}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {need}" for need in needs]
    path = folder / f"{plain}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{about}/METADATA", "\n".join(lines) + "\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def index_and_lock(lock: str, folder: Path, *, only: str = "", extras: bool = True) -> str:
    """Write an index of the packages of a lock, each with a newer release; return the lock for it.

    `only` are the packages that are wanted; all, if it is empty. Without `extras` the lock is
    as a tool writes it that leaves them out.
    """
    lines = []
    for found in map(LINE.match, lock.splitlines()):
        if found is None or (only and found["name"] not in only.split()):
            continue
        name = found["name"]
        try:
            needs = metadata.requires(name) or []
            provided = metadata.metadata(name).get_all("Provides-Extra") or []
        except metadata.PackageNotFoundError:  # another platform's
            needs, provided = [], []
        if only:
            needs = [need for need in needs if re.match(r"[\w.-]+", need)[0] in only.split()]
        digest = wheel(folder, name, found["version"], needs, provided)
        wheel(folder, name, NEWER, needs, provided)
        kept = found["extras"] or "" if extras else ""
        lines.append(
            f"{name}{kept}=={found['version']} {found['marker'].strip()} --hash=sha256:{digest}"
        )
    return "\n".join(lines) + "\n"


def set_up(lock: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    path = folder / "requirements.txt"
    path.write_text(lock, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--isolated", "install", "--dry-run", "--quiet"]
    command += ["--ignore-installed", "--disable-pip-version-check", "--no-index"]
    command += ["--find-links", str(folder), *options, "-r", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def is_meant(marker: str) -> bool:
    """Say whether a line of a lock is for this Python and this system."""
    plain = marker.strip().lstrip(";").strip()
    return not plain or Marker(plain).evaluate()


@pytest.fixture(scope="module")
def options(root: Path) -> list[str]:
    """The options with which `make` installs a lock."""
    made = (root / "Makefile").read_text(encoding="utf-8")
    [line] = re.findall(r"^\t\$\(PIP\) (.*) -r locks/\$\*\.lock$", made, re.MULTILINE)
    return line.split()


@pytest.mark.skipif("LINEMAP_TRIALS" not in os.environ, reason="takes minutes: make trials")
@pytest.mark.parametrize("purpose", ["run", "notebooks", "test"])
def test_a_lock_sets_up_where_every_package_has_a_newer_release(
    purpose: str, root: Path, tmp_path: Path, options: list[str]
) -> None:
    written = (root / "locks" / f"{purpose}.lock").read_text(encoding="utf-8")
    done = set_up(index_and_lock(written, tmp_path), tmp_path, *options)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("only", "extras"),
    [("pytest-cov coverage", False), ("frictionless jsonschema", True)],
)
def test_the_simulated_index_bites(
    only: str, extras: bool, root: Path, tmp_path: Path, options: list[str]
) -> None:
    """Where pip looks for dependencies, an extra left out breaks a lock on the day of a release.

    So may an extra that is kept, in pip 23.2: of another package's plain `jsonschema>=4.20`
    it looks at the newest release before it comes to `jsonschema[format-nongpl]==4.26.0`.
    pip 24.2 breaks at neither; what is typed in the Makefile works with both.
    """
    written = (root / "locks" / "test.lock").read_text(encoding="utf-8")
    lock = index_and_lock(written, tmp_path, only=only, extras=extras)
    looking = set_up(lock, tmp_path, "--require-hashes")
    if not extras and Version(metadata.version("pip")) < Version("23.3"):
        assert "must have their versions pinned" in looking.stderr
    assert set_up(lock, tmp_path, *options).returncode == 0


@pytest.mark.parametrize("purpose", ["run", "notebooks", "test"])
def test_a_lock_holds_all_that_its_packages_need(purpose: str, root: Path) -> None:
    """Nothing is looked for beside the lock, so that what it lacks would be lacking."""
    written = (root / "locks" / f"{purpose}.lock").read_text(encoding="utf-8")
    lines = [
        found
        for line in written.splitlines()
        if (found := LINE.match(line)) and is_meant(found["marker"])
    ]
    held = {canonicalize_name(line["name"]): line["version"] for line in lines}
    lacking = []
    for line in lines:
        extras = ["", *(line["extras"] or "").strip("[]").split(",")]
        try:
            needs = map(Requirement, metadata.requires(line["name"]) or [])
        except metadata.PackageNotFoundError:  # another platform's
            continue
        for need in needs:
            asked = need.marker is None or any(need.marker.evaluate({"extra": e}) for e in extras)
            version = held.get(canonicalize_name(need.name), "")
            if asked and not (version and need.specifier.contains(version, prereleases=True)):
                lacking.append(f"{line['name']} needs {need}; the lock has {version or 'none'}")
    assert lacking == []
