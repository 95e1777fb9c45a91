"""Flows of records in the toy world, and the trials of the benchmarks."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import pandas as pd
import pytest

from linemap import schema
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer

Pairs = Mapping[tuple[str, str | None], int]
FlowsOf = Callable[..., gpd.GeoDataFrame]
TRIALS = Path(__file__).parents[2] / "benchmarks" / "disclosure" / "trials.py"


@pytest.fixture(scope="session")
def toy() -> Gazetteer:
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


@pytest.fixture(scope="session")
def trials() -> ModuleType:
    spec = importlib.util.spec_from_file_location("disclosure_trials", TRIALS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
