# ruff: noqa: E501  signatures stand whole
"""Releases to draw, pages to open, and a browser that reports all that it would load."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from linemap import schema
from linemap.disclosure import Release, as_published
from linemap.distance import geodesic_km
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_statements

ROOT = Path(__file__).parents[2]
DISTANCES = (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
Opener = Callable[..., Any]


@pytest.fixture(scope="session")
def statements() -> Release:
    """The 67 published statements, as a release."""
    return as_published(build_flows(read_statements(ROOT / "data/raw/published_statements.csv")))


@pytest.fixture(scope="session")
def make_flows() -> Callable[..., gpd.GeoDataFrame]:
    """Make a FLOWS frame from a few columns; ends are place_ids of the shipped gazetteer or None."""
    return flows_of


def flows_of(rows: list[dict[str, Any]], *, kind: str = schema.RECORDS) -> gpd.GeoDataFrame:
    """Make a FLOWS frame from a few columns; ends are place_ids of the shipped gazetteer or None."""
    places = Gazetteer.load().places
    blank = dict.fromkeys(schema.FLOW_COLUMNS)
    made, lines = [], []
    for number, row in enumerate(rows, start=1):
        full = {
            **blank,
            schema.FLOW_ID: f"f{number}",
            schema.INPUT: kind,
            schema.MEASURE: "links",
            **row,
        }
        ends = []
        for end, name, level in (
            (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL),
            (schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL),
        ):
            if full[end] is not None:
                place = places.loc[full[end]]
                full[name] = full[name] or place[schema.NAME]
                full[level] = place[schema.LEVEL]
                ends.append((place[schema.LON], place[schema.LAT]))
        if len(ends) == 2 and full[schema.DISTANCE_KM] is None:
            km = float(geodesic_km(*ends[0], *ends[1]))
            full |= dict.fromkeys(DISTANCES, km)
        lines.append(shapely.LineString(ends) if len(ends) == 2 else None)
        made.append(full)
    frame = pd.DataFrame(
        made, columns=list(dict.fromkeys([*schema.FLOW_COLUMNS, *(made[0] if made else ())]))
    )
    frame[schema.COUNT] = pd.array(frame[schema.COUNT], dtype="Int64")
    for column in DISTANCES:
        frame[column] = frame[column].astype(float)
    return gpd.GeoDataFrame(frame.drop(columns=schema.GEOMETRY), geometry=lines, crs="EPSG:4326")


BOROUGHS = ("borough:islington", "borough:hackney", "borough:camden", "borough:lambeth")
TOWNS = ("settlement:2641181", "settlement:2636432", "county:norfolk", "county:kent")


@pytest.fixture(scope="session")
def records() -> Release:
    """Records between four boroughs and four places, in four quarters and two tags: 32 flows."""
    rng = np.random.default_rng(5)
    rows = []
    for k, borough in enumerate(BOROUGHS):
        for m, town in enumerate(TOWNS):
            for half in (0, 1):
                quarter = (k + m + 2 * half) % 4
                rows.append(
                    {
                        schema.ORIGIN_ID: borough,
                        schema.DESTINATION_ID: town,
                        schema.COUNT: int(10 + 5 * rng.integers(0, 40)),
                        schema.PERIOD_START: f"2023-{1 + 3 * quarter:02d}",
                        schema.PERIOD_END: f"2023-{3 + 3 * quarter:02d}",
                        schema.DISTANCE_KM: 30.0 + 70.0 * m + k,
                        schema.DISTANCE_LOW_KM: 20.0 + 70.0 * m,
                        schema.DISTANCE_HIGH_KM: 60.0 + 70.0 * m,
                        schema.EXTERNAL: True,
                        "age_band": ("under 18", "18 to 25")[half],
                    }
                )
    return as_published(flows_of(rows), already_public=True)


class Opened:
    """A page in the browser, with what it asked for and what went wrong."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.troubles: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))

    def run(self, script: str, argument: Any = None) -> Any:
        """Evaluate a script in the page."""
        return self.page.evaluate(script, argument)

    def settle(self) -> None:
        """Wait until every map of the page is painted (the page's policy forbids waiting by eval)."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self.run(
                "linemap.maps.length > 0 && linemap.maps.every(m => m.complete && !m.app.answering)"
            ):
                return
            time.sleep(0.02)
        raise AssertionError("the map was not painted within 20 seconds")


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Opener]:
    """Open a map's page from a file, in a fresh context of the browser."""
    contexts = []

    def opened(
        html: str,
        *,
        wide: int = 1280,
        high: int = 800,
        at: str = "",
        settle: bool = True,
        **options: Any,
    ) -> Opened:
        context = browser.new_context(viewport={"width": wide, "height": high}, **options)
        contexts.append(context)
        file = tmp_path / f"map{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        found = Opened(context.new_page())
        found.page.goto(file.as_uri() + at)
        if settle:
            found.settle()
        return found

    yield opened
    for context in contexts:
        context.close()
