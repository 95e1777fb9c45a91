"""Fixtures for every test: no network, one toy world, one real browser."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from linemap import schema
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile(
    "linemap",
    deadline=None,  # the machines that run this differ too much for one
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
settings.register_profile("quick", settings.get_profile("linemap"), max_examples=20)
settings.load_profile("linemap")

ROOT = Path(__file__).parents[1]
TRIALS = ROOT / "benchmarks" / "disclosure" / "trials.py"
Pairs = Mapping[tuple[str, str | None], int]
FlowsOf = Callable[..., gpd.GeoDataFrame]
Run = Callable[[str], tuple[int, str]]
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# Whole builds, drawings and proofs: `make tests-slow` runs those that `make tests` leaves out.
SLOW = (
    "auditing/",
    "briefing/",
    "disclosure/test_door",
    "disclosure/test_ledger",
    "disclosure/test_release",
    "disclosure/test_trials",
    "disclosure/test_views",
    "extraction/",
    "figures/",
    "geocoding/",
    "maps/",
    "measures/",
    "models/",
    "records/test_f",
    "release/",
    "gazetteer/",
    "test_builds",
    "test_cli",
    "test_dictionary",
    "test_notebooks",
    "test_packaging",
    "test_pipeline",
    "test_series",
    "test_simulate",
    "test_io",
)


# Of these, what takes no longer than others: `make quick` tries something of nearly every room.
FAST = (
    "briefing/test_paper_table",
    "figures/test_labels",
    "figures/test_words",
    "gazetteer/test_coordinates",
    "gazetteer/test_parents",
    "gazetteer/test_tables",
    "geocoding/test_fuzzy_index",
    "geocoding/test_parsing",
    "maps/test_packing",
    "measures/test_structure",
    "models/test_goodness",
    "models/test_pairs",
    "release/test_delimited",
    "release/test_filenames",
    "release/test_manifest",
    "release/test_tables",
    "test_io",
    "test_simulate",
)
LONG = frozenset(
    line
    for line in (ROOT / "tests" / "long_tests.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples of each law where no long test is asked for: `make quick`."""
    if "not long" in config.option.markexpr:
        settings.load_profile("quick")


def is_slow(path: Path) -> bool:
    """Tell if a file lies in a folder or module of slow tests; examples of `src` are not."""
    if not path.is_relative_to(ROOT / "tests"):
        return False
    name = path.relative_to(ROOT / "tests").as_posix()
    return name.startswith(SLOW) and not name.startswith(FAST)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave slow modules unread where no slow test is asked for: they load much."""
    unasked = "not slow" in config.option.markexpr
    return True if unasked and collection_path.is_file() and is_slow(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow modules, and those that are listed as long."""
    for item in items:
        if is_slow(item.path):
            item.add_marker(pytest.mark.slow)
        if item.nodeid.partition("[")[0].removeprefix("tests/") in LONG:
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test open a connection beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if host not in {"127.0.0.1", "::1", "localhost"}:
                refuse(host)
        connect(self, address)

    def refuse(host: str) -> NoReturn:
        raise AssertionError(f"A test tried to reach {host}; tests run without a network.")

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def statements_csv() -> Path:
    """The real input: the 67 published statements."""
    return ROOT / "data" / "raw" / "published_statements.csv"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium; skipped by name without one, failed where one is required."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        message = "no Chromium on this machine"
        if os.environ.get("LINEMAP_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def toy() -> Gazetteer:
    """The toy world, whose answers stand in its README."""
    return Gazetteer.toy()


@pytest.fixture(scope="session")
def flows_of(toy: Gazetteer) -> FlowsOf:
    """Make FLOWS of counts by names; the keys of a table by window, if asked."""

    def make(
        pairs: Pairs, *, window: tuple[str, str] | None = None, **columns: object
    ) -> gpd.GeoDataFrame:
        rows = [
            {
                schema.ORIGIN: origin, schema.DESTINATION: destination, schema.COUNT: count,
                schema.MEASURE: "links", schema.PERIOD_START: window[0] if window else None,
                schema.PERIOD_END: window[1] if window else None, **columns,
            }
            for (origin, destination), count in pairs.items()
        ]  # fmt: skip
        frame = pd.DataFrame(rows)
        return build_flows(
            frame, gazetteer=toy, kind="records", tags=tuple(columns),
            period="stated" if window else None,
        )  # fmt: skip

    return make


@pytest.fixture
def typed_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line as it is typed; return its code and all that it printed."""
    from linemap import cli

    def command(line: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", shlex.split(line))
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out + printed.err

    return command


@pytest.fixture(scope="session")
def together() -> FlowsOf:
    """Put several FLOWS of records under each other, as one table would have made them."""

    def join(*parts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        flows = pd.concat(parts, ignore_index=True)
        flows[schema.FLOW_ID] = [f"x{n}" for n in range(len(flows))]
        return flows

    return join


@pytest.fixture(scope="session")
def trials() -> ModuleType:
    """The trials of disclosure that the benchmarks run at full size."""
    spec = importlib.util.spec_from_file_location("disclosure_trials", TRIALS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
