"""The flows as a layer of folium: with all that a map says, and like any other layer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import pytest
from xstatic.pkg import leaflet

from linemap.disclosure import Release
from linemap.errors import InputError
from linemap.maps import FlowLayer, flow_map


def opened(browser: Any, html: str, tmp_path: Path) -> Any:
    """Open a page of folium with the installed Leaflet and without its other files."""
    page = browser.new_page()
    script = (Path(leaflet.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8")

    def answer(route: Any) -> None:
        body = script if "leaflet.js" in route.request.url else ""
        route.fulfill(body=body, content_type="text/javascript")

    page.route(re.compile("^http"), answer)
    file = tmp_path / "folium.html"
    file.write_text(html, encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_timeout(300)
    return page


@pytest.mark.browser
def test_two_layers_are_two_entries_and_each_brings_and_takes_what_it_says(
    statements: Release, records: Release, browser: Any, tmp_path: Path
) -> None:
    own = folium.Map([52, 0], zoom_start=6, tiles=None)
    FlowLayer(statements, name="Statements").add_to(own)
    group = folium.FeatureGroup(name="Records").add_to(own)
    FlowLayer(records, name="Records alone", show=False).add_to(own)
    FlowLayer(records, name="In a group").add_to(group)
    folium.FitOverlays().add_to(own)
    folium.LayerControl(collapsed=False).add_to(own)
    page = opened(browser, str(own.get_root().render()), tmp_path)
    names = page.locator(".leaflet-control-layers-overlays label").all_text_contents()
    assert [name.strip() for name in names] == ["Statements", "Records", "Records alone"]
    assert page.locator(".linemap-key").count() == 2  # that of the hidden layer is not there
    said = " ".join(page.locator(".linemap-key").all_text_contents())
    assert statements.caveats[0] in said
    assert "GeoNames" in page.locator(".leaflet-control-attribution").inner_text()
    checked = page.locator(".leaflet-control-layers-overlays input:checked")
    while checked.count():
        checked.first.click()
    assert page.locator(".linemap-key").count() == 0
    assert "GeoNames" not in page.locator(".leaflet-control-attribution").inner_text()
    page.close()


def test_a_layer_has_bounds(statements: Release) -> None:
    own = folium.Map(tiles=None)
    FlowLayer(statements).add_to(own)
    (south, west), (north, east) = own.get_bounds()
    assert (south, west, north, east) == pytest.approx(
        statements.flows.geometry.dropna().total_bounds[[1, 0, 3, 2]]
    )


def test_a_map_is_named_short_where_it_is_not_drawn(statements: Release) -> None:
    assert repr(flow_map(statements, title="Linked places")) == "<FlowMap: Linked places>"


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: folium.Map(crs="EPSG4326", tiles=None), "EPSG4326"),
        (lambda: folium.Map(tiles=None), "'Flows'"),
    ],
    ids=["another projection", "one name for two"],
)
def test_what_cannot_be_drawn_is_refused(
    statements: Release, make: Callable[[], folium.Map], named: str
) -> None:
    own = make()
    for _ in range(2):
        FlowLayer(statements).add_to(own)
    with pytest.raises(InputError, match=named):
        own.get_root().render()
