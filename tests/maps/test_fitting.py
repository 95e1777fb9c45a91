"""All flows stay in sight while the page changes its size, until the reader moves the map."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import linemap as lm

ZOOM = "linemap.maps[0].leaflet.getZoom()"
SEEN = """() => {
  const { leaflet } = linemap.maps[0];
  const b = leaflet.getBounds();
  return [b.getSouth(), b.getNorth()];
}"""


@pytest.fixture(scope="module")
def map_file(tmp_path_factory: pytest.TempPathFactory, statements_csv: Path) -> Path:
    flows = lm.build_flows(lm.read_statements(statements_csv))
    path = tmp_path_factory.mktemp("fit") / "map.html"
    return lm.save_map(lm.flow_map(lm.as_published(flows)), path)


def open_page(browser: Browser, path: Path, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(path.as_uri())
    while not page.evaluate("linemap.maps.length && linemap.maps[0].complete"):
        page.wait_for_timeout(20)
    return page


@pytest.mark.browser
def test_a_map_that_opens_small_shows_everything_when_it_grows(
    browser: Browser, map_file: Path
) -> None:
    page = open_page(browser, map_file, 1000, 300)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_timeout(400)
    south, north = page.evaluate(SEEN)
    assert south < 50.3  # Cornwall
    assert north > 57.1  # Aberdeen
    fresh = open_page(browser, map_file, 1280, 900)
    assert page.evaluate(ZOOM) == pytest.approx(fresh.evaluate(ZOOM), abs=0.06)
    page.close()
    fresh.close()


@pytest.mark.browser
def test_what_the_reader_chose_stays(browser: Browser, map_file: Path) -> None:
    page = open_page(browser, map_file, 1280, 800)
    page.evaluate("linemap.maps[0].leaflet.setView([52.6, 1.3], 9, { animate: false })")
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_timeout(400)
    assert page.evaluate(ZOOM) == pytest.approx(9)
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("high", [844, 568])
def test_on_a_phone_the_chosen_place_lies_above_the_sheet(
    browser: Browser, map_file: Path, high: int
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": high})
    page.goto(map_file.as_uri() + "#place=county:cornwall")
    while not page.evaluate("linemap.maps.length && linemap.maps[0].complete"):
        page.wait_for_timeout(20)
    page.wait_for_timeout(500)
    top, low, place = page.evaluate("""() => {
      const { app, leaflet } = linemap.maps[0];
      const { x, y } = app.model.nodes;
      const node = app.chosen.place;
      const box = document.querySelector('.map').getBoundingClientRect();
      const at = leaflet.latLngToContainerPoint(leaflet.unproject(L.point(x[node], y[node]), 0));
      const sheet = document.querySelector('.sheet').getBoundingClientRect();
      return [box.top, sheet.top, box.top + at.y];
    }""")
    assert top < place < low
    assert low - top >= 200
    page.close()


@pytest.mark.browser
def test_on_a_phone_the_table_shows_from_to_and_count(browser: Browser, map_file: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(map_file.as_uri() + "#view=table")
    page.locator("tbody tr").first.wait_for()
    heads = page.evaluate("""() => [...document.querySelectorAll('thead th')].slice(0, 3).map(
      (th) => [th.textContent.trim(), th.getBoundingClientRect().right])""")
    assert [text for text, _ in heads] == ["From", "To", "Count"]
    assert heads[-1][1] <= 390
    page.close()
