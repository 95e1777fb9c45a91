# ruff: noqa: E501  the cases stand whole
"""The page as a file: it loads nothing, says so, is whole or not at all, and always the same."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pytest
from folium.plugins import MarkerCluster

from linemap.disclosure import Release, as_published
from linemap.errors import DisclosureError, InputError, OutputError
from linemap.maps import FlowLayer, compare_maps, flow_map, save_map
from linemap.maps.page import loads_outside
from linemap.style import Style

META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def page_of(flows: Any) -> str:
    return str(flows.get_root().render())


def digests(html: str, tag: str) -> set[str]:
    texts = re.findall(rf"<{tag}(?![^>]*json)[^>]*>(.*?)</{tag}>", html, flags=re.S)
    return {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts}


def test_the_policy_lists_exactly_what_the_page_holds(statements: Release) -> None:
    html = page_of(flow_map(statements))
    (rule,) = META.findall(html)
    parts = dict(part.strip().split(" ", 1) for part in rule.split(";"))
    assert parts["default-src"] == "'none'"
    assert set(re.findall(r"'sha256-([^']+)'", parts["script-src"])) == digests(html, "script")
    assert set(re.findall(r"'sha256-([^']+)'", parts["style-src"])) == digests(html, "style")
    assert "unsafe" not in rule
    assert parts["img-src"] == "data: blob:"
    assert "connect-src" not in parts


def test_nothing_in_the_page_is_an_attribute_that_runs_or_styles(statements: Release) -> None:
    html = page_of(flow_map(statements))
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
    assert not re.search(r"\son\w+\s*=|\sstyle\s*=|javascript:", markup, flags=re.I)
    assert loads_outside(markup) == []


@pytest.mark.browser
def test_a_map_of_the_callers_own_that_loads_nothing_is_saved_under_a_policy(
    tmp_path: Path, browser
) -> None:
    script, style = "document.title = 'ran'", "b { color: rgb(1, 2, 3) }"
    bare = folium.Map(tiles=None)
    bare.default_js, bare.default_css = [], []
    inline = f"<style>{style}</style><b>bold</b><script>{script}</script><head>"
    bare.get_root().html.add_child(folium.Element(inline))
    saved = save_map(bare, tmp_path / "own.html")
    assert saved == tmp_path / "own.html"
    text = saved.read_text("utf-8")
    assert text.count("Content-Security-Policy") == 1
    told = re.search(r'<head>\n<meta http-equiv="Content-Security-Policy" content="([^"]+)">', text)
    assert told is not None
    for part, content in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"sha256-{digest}" in told[1].split(part)[1].split(";")[0]
    page = browser.new_page()
    page.goto(saved.as_uri())
    assert page.title() == "ran"
    colour = page.evaluate("getComputedStyle(document.querySelector('b')).color")
    assert colour == "rgb(1, 2, 3)"
    page.close()


def test_the_same_release_gives_the_same_bytes(statements: Release, tmp_path: Path) -> None:
    first = save_map(flow_map(statements, title="A"), tmp_path / "one.html")
    second = save_map(flow_map(statements, title="A"), tmp_path / "two.html")
    assert first.read_bytes() == second.read_bytes()


def test_every_way_out_writes_the_same_page(statements: Release, tmp_path: Path) -> None:
    drawn = flow_map(statements)
    expected = save_map(drawn, tmp_path / "saved.html").read_bytes()
    drawn.save(tmp_path / "own.html")
    assert (tmp_path / "own.html").read_bytes() == expected
    drawn.save(str(tmp_path / "text.html"))
    assert (tmp_path / "text.html").read_bytes() == expected
    file = io.BytesIO()
    drawn.get_root().save(file, close_file=False)
    assert file.getvalue() == expected


def test_a_notebook_holds_the_same_page_compressed(statements: Release) -> None:
    drawn = flow_map(statements)
    shown = re.search(r'srcdoc="([^"]*)"', drawn._repr_html_())
    assert shown is not None
    frame = unescape(shown[1])
    packed = re.search(r'id="linemap-parts">"([^"]*)"', frame)
    assert packed is not None
    parts = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    page = page_of(drawn)
    assert len(parts["scripts"]) == len(parts["styles"]) == 2
    for text in (*parts["styles"], *parts["scripts"], parts["data"]):
        assert text in page
    rules = [re.search(r'Security-Policy" content="([^"]*)"', one) for one in (frame, page)]
    allowed = [set(one[1].split()) for one in rules if one]
    assert allowed[1] <= allowed[0]
    assert len(allowed[0] - allowed[1]) == 1  # the script that unpacks
    assert drawn._repr_html_() == flow_map(statements)._repr_html_()
    assert 5 * len(drawn._repr_html_()) < 1_600_000


def test_the_frame_of_a_notebook_has_no_origin_and_its_links_open_outside(
    statements: Release,
) -> None:
    found = re.search(r'sandbox="([^"]*)"', flow_map(statements)._repr_html_())
    assert found is not None
    allowed = set(found[1].split())
    assert "allow-popups-to-escape-sandbox" in allowed
    assert not any("same-origin" in one or "navigation" in one for one in allowed)


def test_a_map_with_what_a_caller_added_stands_whole_in_a_notebook(statements: Release) -> None:
    drawn = flow_map(statements)
    folium.CircleMarker([52.6, 1.3], radius=5).add_to(drawn)
    shown = re.search(r'srcdoc="([^"]*)"', drawn._repr_html_())
    assert shown is not None
    assert unescape(shown[1]) == page_of(drawn)


def test_leaflets_notice_is_in_the_page(statements: Release) -> None:
    html = page_of(flow_map(statements))
    assert "Redistributions in binary form must reproduce" in html
    assert "Volodymyr Agafonkin" in html


def test_an_ordinary_map_is_small(statements: Release) -> None:
    assert len(page_of(flow_map(statements))) < 500_000


def test_a_map_of_folium_is_refused_with_a_list(tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    target.write_text("as it was")
    with pytest.raises(OutputError) as caught:
        save_map(folium.Map([52, 0]), target)
    assert "leaflet.js" in str(caught.value)
    assert "tile" in str(caught.value)
    assert target.read_text() == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


@pytest.mark.parametrize(
    ("added", "named"),
    [
        (lambda: MarkerCluster([[52, 0]]), "markercluster"),
        (lambda: folium.TileLayer("OpenStreetMap"), "openstreetmap.org"),
        (lambda: folium.Marker([52, 0], popup="x"), "jQuery"),
        (lambda: folium.Marker([52, 0], icon=folium.Icon()), "awesome-markers"),
        (lambda: folium.raster_layers.ImageOverlay("https://pictures.example/a.png", [[50, 0], [51, 1]]), "pictures.example"),
    ],
)  # fmt: skip
def test_what_a_caller_adds_is_listed_when_it_would_load(
    statements: Release, tmp_path: Path, added: Callable[[], Any], named: str
) -> None:
    drawn = flow_map(statements)
    added().add_to(drawn)
    with pytest.raises(OutputError, match=named):
        save_map(drawn, tmp_path / "map.html")
    with pytest.raises(OutputError, match=named):
        drawn.save(tmp_path / "map.html")
    with pytest.raises(OutputError, match=named):
        drawn._repr_html_()
    assert list(tmp_path.iterdir()) == []


def test_links_added_to_the_map_or_the_figure_are_listed(statements: Release) -> None:
    drawn = flow_map(statements)
    drawn.add_js_link("more", "https://scripts.example/x.js")
    drawn.get_root().html.add_child(folium.Element('<img src="https://pictures.example/b.png">'))
    with pytest.raises(OutputError) as caught:
        page_of(drawn)
    assert "scripts.example" in str(caught.value)
    assert "pictures.example" in str(caught.value)
    assert "more" not in [name for name, _ in flow_map(statements).default_js]


def test_what_loads_nothing_may_be_added_and_stays_the_same(statements: Release) -> None:
    def drawn() -> str:
        own = flow_map(statements)
        folium.CircleMarker([52, 0], radius=9, tooltip="here").add_to(own)
        own.get_root().html.add_child(folium.Element("<h3>a heading of the caller</h3>"))
        own.get_root().render()
        return page_of(own)

    html = drawn()
    assert "L.circleMarker" in html
    assert html.count("a heading of the caller") == 1
    assert html == drawn()
    assert set(re.findall(r"'sha256-([^']+)'", META.findall(html)[0])) == digests(
        html, "script"
    ) | digests(html, "style")


def test_tiles_are_there_only_when_asked_and_the_page_says_so(statements: Release) -> None:
    address = "https://tiles.example/{z}/{x}/{y}.png"
    html = page_of(flow_map(statements, tiles=address, tiles_attribution="Somebody"))
    assert "img-src data: blob: https://tiles.example;" in META.findall(html)[0]
    assert "tiles.example" not in page_of(flow_map(statements))


@pytest.mark.parametrize(
    "address",
    [
        "http://tiles.example/{z}/{x}/{y}", "https://tiles.example/", "javascript:{z}{x}{y}",
        "https://a b;script-src *//{z}{x}{y}", "https://tiles.example'/{z}{x}{y}",
        "https://tiles.example:99999/{z}{x}{y}", "https://[::1/{z}{x}{y}",
    ],
)  # fmt: skip
def test_tiles_from_anywhere_odd_are_refused(statements: Release, address: str) -> None:
    with pytest.raises(InputError):
        flow_map(statements, tiles=address)


def test_two_periods_are_two_maps_of_the_flows_inside_each(statements: Release) -> None:
    periods = (("2018-01", "2019-03"), ("2019-05", "2020-04"))
    drawn = compare_maps(
        statements, periods=periods, title="Two years", subtitle="Before and after", notes=["Both."]
    )
    flows = statements.flows
    inside = [
        int((flows["period_start"].ge(start) & flows["period_end"].le(end)).fillna(False).sum())
        for start, end in periods
    ]
    assert min(inside) > 2
    pane = drawn.payload["flows"]["pane"]
    index = base64.b64decode(pane["index"])  # one byte a flow: the number of its text, from 1
    assert [index.count(pane["texts"].index(text) + 1) for text in ("0", "1")] == inside
    assert drawn.payload["flows"]["n"] == sum(inside) < len(flows)
    assert drawn.payload["panes"] == ["January 2018 to March 2019", "May 2019 to April 2020"]
    assert drawn.payload["caveats"][-1] == "Both."
    assert (drawn.payload["title"], drawn.payload["subtitle"]) == ("Two years", "Before and after")
    with pytest.raises(InputError, match="No flow belongs to 'January 2001 to December 2001'"):
        compare_maps(statements, periods=(periods[0], ("2001-01", "2001-12")))


@pytest.mark.parametrize("make", [flow_map, FlowLayer, compare_maps])
def test_nothing_but_a_release_is_drawn(
    make: Callable[..., Any], make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    with pytest.raises(DisclosureError):
        make(make_flows([]))


def test_a_second_layer_is_refused(statements: Release) -> None:
    with pytest.raises(InputError, match="compare_maps"):
        FlowLayer(statements).add_to(flow_map(statements))


def test_an_unknown_colouring_is_refused(statements: Release) -> None:
    with pytest.raises(InputError, match="weather"):
        flow_map(statements, colour_by="weather")


def test_comparing_needs_one_way_and_two_parts(statements: Release) -> None:
    with pytest.raises(InputError, match="Say what"):
        compare_maps(statements)
    with pytest.raises(InputError, match="Say what"):
        compare_maps(statements, statements, origins=("London", "Islington"))
    with pytest.raises(InputError, match="'Narnia'"):
        compare_maps(statements, origins=("London", "Narnia"))


def test_an_unwritable_place_leaves_nothing(statements: Release, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written"):
        save_map(flow_map(statements), tmp_path / "nowhere" / "map.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(OutputError):
        save_map(flow_map(statements), tmp_path / "folder.html")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


def test_a_gazetteer_of_ones_own_has_its_own_base_map(
    make_flows: Callable[..., gpd.GeoDataFrame],
) -> None:
    from linemap.gazetteer import Gazetteer

    toy = Gazetteer.toy()
    release = as_published(make_flows([]), already_public=True, gazetteer=toy)
    payload = flow_map(release, gazetteer=toy).payload
    assert payload["base"]["labels"][0][0] == "Fernport"
    assert "arcs" not in payload["base"]


def test_widths_and_bands_follow_the_look(statements: Release) -> None:
    payload = flow_map(statements, look=Style(widest_px=20, bands_km=(100.0,))).payload
    assert payload["style"]["widest"] == 20
    assert payload["style"]["bandLabels"] == ("up to 100 km", "over 100 km")
