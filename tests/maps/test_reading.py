# ruff: noqa: E501  the scripts for the page stand whole
"""What a reader does with the page: filter, search, select, sort, take along, print; by keyboard too."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import axe_playwright_python
import geopandas as gpd
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from linemap import schema, style
from linemap.disclosure import Release, Rule, as_published
from linemap.disclosure.release import release_of
from linemap.disclosure.views import WHERE
from linemap.gazetteer import Gazetteer
from linemap.maps import flow_map

pytestmark = pytest.mark.browser
Opener = Callable[..., Any]
SHOWN = "(r => r.passing.map(i => r.flows.id(i)).sort())(linemap.maps[0].app.reading)"


def html_of(release: Release, **options: Any) -> str:
    return str(flow_map(release, **options).get_root().render())


def switch(page: Any, title: str, name: str) -> None:
    """Click one checkbox of one filter, by what they are called."""
    group = page.page.locator("fieldset.facet").filter(
        has=page.page.locator("legend", has_text=title)
    )
    group.locator("label").filter(has_text=re.compile(rf"^{re.escape(name)}\d*$")).locator(
        "input"
    ).click()
    page.settle()


def shown(page: Any) -> list[str]:
    page.settle()
    return list(page.run(SHOWN))


def ids(flows: gpd.GeoDataFrame) -> list[str]:
    return sorted(flows[schema.FLOW_ID])


def test_filters_agree_with_python(records: Release, open_page: Opener) -> None:
    page = open_page(html_of(records))
    flows = records.flows
    assert shown(page) == ids(flows)
    switch(page, "Origin areas", "Hackney")
    flows = flows[flows[schema.ORIGIN_NAME].ne("Hackney")]
    assert shown(page) == ids(flows)
    switch(page, "age_band", "under 18")
    flows = flows[flows["age_band"].ne("under 18")]
    assert shown(page) == ids(flows)
    switch(page, "Distance", "over 200 km")
    flows = flows[pd.Series(style.band_of(flows[schema.DISTANCE_KM]), index=flows.index).ne(3)]
    assert shown(page) == ids(flows)
    page.page.get_by_label("Count of at least").fill("60")
    flows = flows[flows[schema.COUNT].ge(60)]
    assert 0 < len(flows) < len(records.flows)
    assert shown(page) == ids(flows)
    page.page.get_by_label("First month").fill(str(2023 * 12 + 3))
    flows = flows[flows[schema.PERIOD_END].ge("2023-04")]
    assert shown(page) == ids(flows)
    said = page.run("document.querySelector('.status').textContent")
    assert said == f"Showing {len(flows)} of 32 flows."
    page.page.get_by_role("button", name="Show everything again").click()
    assert shown(page) == ids(records.flows)


def test_the_legend_keeps_its_scale_while_filtering(records: Release, open_page: Opener) -> None:
    page = open_page(html_of(records))
    read = "[...document.querySelectorAll('.legend-widths li')].map(li => [li.textContent, li.querySelector('line').getAttribute('stroke-width')])"
    before = page.run(read)
    pairs = records.flows.groupby([schema.ORIGIN_ID, schema.DESTINATION_ID])[schema.COUNT].sum()
    assert [float(text.replace(",", "")) for text, _ in before][-1] == pairs.max()
    page.page.get_by_label("Count of at least").fill("10")
    switch(page, "Origin areas", "Islington")
    assert page.run(read) == before


def test_levels_add_up_to_what_is_published(records: Release, open_page: Opener) -> None:
    page = open_page(html_of(records))
    page.page.get_by_label("Show destinations by").select_option("nation")
    page.settle()
    rolled = page.run(
        "(a => Array.from({length: a.flows.n}, (_, i) => [a.model.nodes.name[a.flows.destination[i]], a.flows.count[i]]))(linemap.maps[0].app.reading)"
    )
    found = pd.DataFrame(rolled, columns=["nation", "n"]).groupby("nation")["n"].sum()
    wales = records.flows[schema.DESTINATION_NAME].eq("Swansea")
    counts = records.flows[schema.COUNT]
    assert found.to_dict() == {"Wales": counts[wales].sum(), "England": counts[~wales].sum()}
    assert "Sums of the published figures" in page.run(
        "document.querySelector('.filters').textContent"
    )


def test_statements_are_never_summed(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements))
    assert page.page.get_by_label("Show destinations by").count() == 0
    counts = set(statements.flows[schema.COUNT].dropna().astype(int))
    greatest = page.run("linemap.maps[0].app.reading.greatest")
    assert greatest == max(counts) == 443
    totals = set(page.run("[...linemap.maps[0].app.reading.sizes.get(0).came]")) - {0}
    assert totals <= counts


def test_a_walk_by_keyboard(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements))
    keys = page.page.keyboard
    page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    active = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || document.activeElement.id"
    keys.press("Tab")
    assert page.run(active) == "Go to the table of flows"
    seen = []
    for _ in range(90):
        keys.press("Tab")
        seen.append(page.run(active))
        outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or page.run("document.activeElement === document.body"), seen[-1]
    for wanted in (
        "Map",
        "By origin",
        "Table",
        "linemap-search",
        "Zoom in",
        "Show all flows",
        "Islington",
        "Legend",
        "Filters",
        "CSV",
        "Print",
    ):
        assert wanted in seen, wanted
    page.page.locator("#linemap-search").focus()
    keys.type("isling")
    keys.press("Enter")
    assert page.run("document.activeElement.id") == "linemap-chosen"
    assert page.run("document.querySelector('.chosen h2').textContent").startswith("Islington")
    keys.press("Escape")
    assert page.run("linemap.maps[0].app.chosen.place") == 0
    page.page.locator(".map").focus()
    before = page.run("linemap.maps[0].leaflet.getCenter().lng")
    keys.press("ArrowRight")
    page.page.wait_for_timeout(500)
    assert page.run("linemap.maps[0].leaflet.getCenter().lng") > before


def test_search_finds_without_accents_and_says_when_it_does_not(
    statements: Release, open_page: Opener
) -> None:
    page = open_page(html_of(statements))
    page.page.locator("#linemap-search").fill("kings l")
    options = page.page.locator("[role=option]")
    assert options.count() == 1
    assert "King" in (options.first.text_content() or "")
    page.page.locator("#linemap-search").fill("Narnia")
    assert (
        options.first.text_content() == "No place of that name is on this map, which is not zero."
    )


def test_a_place_tells_its_flows_with_counts_ranges_sources(
    statements: Release, open_page: Opener
) -> None:
    page = open_page(html_of(statements))
    page.page.locator(".side .link", has_text="Islington").first.click()
    said = page.run("document.querySelector('.chosen').textContent")
    flows = statements.flows[statements.flows[schema.ORIGIN_NAME].eq("Islington")]
    assert page.run("document.querySelectorAll('.chosen > ol > .flow').length") == len(flows)
    assert "3 instances" in said
    assert "mentioned as an example" in said
    for note in flows[schema.NOTE].dropna():
        assert note in said
    for source in flows[schema.SOURCE].dropna():
        assert source in said
    page.settle()
    assert page.run("linemap.maps[0].app.reading.front.length") == flows.geometry.notna().sum()


def test_a_click_on_a_flow_tells_it(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements), at="#at=52.3_0.6_8.5")
    flow = next(one for one in page.run("linemap.maps[0].drawn()") if one["count"] == 416)
    middle = [
        (a + 2 * c + b) / 4
        for a, c, b in zip(flow["from"], flow["control"], flow["to"], strict=True)
    ]
    box = page.page.locator(".map").bounding_box()
    page.page.mouse.move(box["x"] + middle[0], box["y"] + middle[1])
    page.page.wait_for_timeout(150)
    assert "416 individuals linked" in page.run("document.querySelector('.tip').textContent")
    page.page.mouse.click(box["x"] + middle[0], box["y"] + middle[1])
    page.page.wait_for_timeout(350)
    said = page.run("document.querySelector('.chosen').textContent")
    assert "416 individuals linked" in said
    assert "Jan 2018 to Mar 2019" in said


def test_the_address_keeps_the_state(records: Release, open_page: Opener) -> None:
    html = html_of(records)
    page = open_page(html)
    switch(page, "Origin areas", "Camden")
    page.page.get_by_label("Colour by").select_option("distance")
    page.page.locator(".side .link", has_text="Lambeth").first.click()
    page.page.get_by_role("button", name="Table", exact=True).click()
    page.page.wait_for_timeout(500)
    address = page.page.url.split("#")[1]
    again = open_page(html, at=f"#{address}")
    assert shown(again) == shown(page)
    for read in ("chosen.colour", "chosen.place", "chosen.view", "chosen.at"):
        assert again.run(f"linemap.maps[0].app.{read}") == page.run(f"linemap.maps[0].app.{read}")


@pytest.mark.parametrize(
    "address",
    [
        "#place=999999&flow=-7&min=x&hide.origin=zz.1e9.-1&from=9999-99&at=a_b_c&view=evil&level=__proto__&theme=constructor",
        "#%FF%00&&&===", "#" + "a" * 5000, "#place=<img src=x onerror=alert(1)>&at=NaN_NaN_99",
    ],
)  # fmt: skip
def test_an_odd_address_does_no_harm(records: Release, open_page: Opener, address: str) -> None:
    page = open_page(html_of(records), at=address)
    assert shown(page) == ids(records.flows)
    assert page.troubles == []


def test_the_table_is_the_maps_twin(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements), at="#view=table", settle=False)
    page.page.locator("tbody tr").first.wait_for()
    page.page.wait_for_timeout(300)
    read = "key => [...document.querySelectorAll('tbody tr')].map(row => row.children[[...document.querySelectorAll('thead th')].findIndex(th => th.textContent.replace(/ [▲▼]$/, '') === key)].textContent)"
    assert sorted(page.run(read, "Flow")) == ids(statements.flows)
    page.page.get_by_role("button", name="Count", exact=True).click()
    counts = [int(text) for text in page.run(read, "Count") if text]
    assert counts == sorted(statements.flows[schema.COUNT].dropna().astype(int), reverse=True)
    assert (
        page.run("document.querySelector('th[aria-sort]').getAttribute('aria-sort')")
        == "descending"
    )
    assert page.run("document.activeElement.textContent").startswith("Count")
    page.page.get_by_role("button", name="Distance, km").click()
    far = [float(text) for text in page.run(read, "Distance, km") if text]
    assert far == sorted(far, reverse=True)


def test_the_csv_is_what_is_published(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements))
    page.page.locator("summary", has_text="Take it along").click()
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    rows = {row[schema.FLOW_ID]: row for row in csv.DictReader(io.StringIO(text))}
    flows = statements.flows.set_index(schema.FLOW_ID)
    assert set(rows) == set(flows.index)
    for flow_id, row in rows.items():
        given = flows.loc[flow_id]
        for column in (
            schema.ORIGIN_NAME,
            schema.DESTINATION_NAME,
            schema.MEASURE,
            schema.PERIOD_START,
            schema.SOURCE,
            schema.NOTE,
            schema.URL,
        ):
            assert row[column] == ("" if pd.isna(given[column]) else given[column])
        assert row[schema.COUNT] == (
            "" if pd.isna(given[schema.COUNT]) else str(given[schema.COUNT])
        )
        for column in (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM):
            if pd.isna(given[column]):
                assert row[column] == ""
            else:
                assert float(row[column]) == pytest.approx(given[column], abs=0.051)


def test_a_formula_in_the_csv_is_a_text(
    open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    rows = [{schema.ORIGIN_NAME: "=cmd|' /C calc'!A0", schema.NOTE: '-1+1,"x"', schema.COUNT: 3}]
    page = open_page(html_of(as_published(make_flows(rows), already_public=True)))
    with page.page.expect_download() as download:
        page.run("document.querySelectorAll('.tools button')[0].click()")
    (row,) = csv.DictReader(
        io.StringIO(Path(download.value.path()).read_bytes().decode("utf-8-sig"))
    )
    assert row[schema.ORIGIN_NAME] == "'=cmd|' /C calc'!A0"
    assert row[schema.NOTE] == '\'-1+1,"x"'


def test_pictures_hold_the_flows_the_title_and_the_sources(
    statements: Release, open_page: Opener
) -> None:
    page = open_page(html_of(statements, title="A & B <i>"))
    page.page.locator("summary", has_text="Take it along").click()
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="SVG").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    tree = ET.fromstring(text)  # noqa: S314  the program itself wrote it
    texts = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "A & B <i>" in texts
    assert "Islington" in texts
    assert any("GeoNames" in (text or "") for text in texts)
    curves = [e for e in tree.iter("{http://www.w3.org/2000/svg}path") if "Q" in e.get("d", "")]
    assert len(curves) >= len(page.run("linemap.maps[0].drawn()"))
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="PNG").click()
    picture = Path(download.value.path()).read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20], "big") > 1500


def test_it_prints_to_one_a4_page(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements))
    data = page.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) == 1
    (box,) = set(re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", data))
    assert [round(float(side)) for side in box] == [595, 842]
    page.page.emulate_media(media="print")
    said = page.run("document.querySelector('.linemap').innerText")
    for wanted in (
        *statements.attributions,
        statements.caveats[0],
        statements.stamp,
        "Width: count",
        "416",
    ):
        assert wanted in said
    assert page.run("document.querySelectorAll('.paper svg path').length") > 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [1280, 768, 375])
def test_axe_finds_nothing(statements: Release, open_page: Opener, wide: int, scheme: str) -> None:
    assert axe_playwright_python.__name__  # the package that carries axe-core
    page = open_page(html_of(statements, title="Reach"), wide=wide, high=900, color_scheme=scheme)
    for view in ("map", "table", "origins") if (wide, scheme) == (1280, "light") else ("map",):
        page.run(
            "view => { const app = linemap.maps[0].app; app.show(view); app.select(view === 'table' ? 2 : 0); for (const d of document.querySelectorAll('details')) d.open = true; }",
            view,
        )
        found = Axe().run(page.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.run("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize(
    "options", [{"contrast": "more"}, {"forced_colors": "active"}, {"color_scheme": "dark"}]
)
def test_each_way_of_looking_has_its_colours(
    statements: Release, open_page: Opener, options: dict[str, str]
) -> None:
    page = open_page(html_of(statements), **options)
    name = page.run("linemap.maps[0].app.look.theme.name")
    assert (
        name
        == {"contrast": "contrast", "forced_colors": "forced", "color_scheme": "dark"}[
            next(iter(options))
        ]
    )
    assert page.troubles == []


def test_less_motion_is_respected(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements), reduced_motion="reduce")
    assert page.run("linemap.maps[0].leaflet.options.zoomAnimation") is False


def test_clock_and_locale_change_nothing(statements: Release, open_page: Opener) -> None:
    html = html_of(statements)
    read = "document.querySelector('.linemap').innerText"
    here = open_page(html).run(read)
    there = open_page(html, locale="ar-EG", timezone_id="Pacific/Kiritimati").run(read)
    assert there == here


def test_texts_follow_the_browsers_size(statements: Release, open_page: Opener) -> None:
    html = html_of(statements)
    page = open_page(html)
    page.run("document.documentElement.style.fontSize = '24px'")
    assert page.run("parseFloat(getComputedStyle(document.querySelector('.status')).fontSize)") > 18
    assert page.run("document.documentElement.scrollWidth - innerWidth") <= 0


def test_in_a_notebooks_cell(statements: Release, browser: Any, tmp_path: Path) -> None:
    cell = flow_map(statements)._repr_html_()
    outer = f"<!DOCTYPE html><title>notebook</title><p>{escape('a cell')}</p>{cell}"
    file = tmp_path / "notebook.html"
    file.write_text(outer, encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text))
    page.goto(file.as_uri())
    frame = page.frames[1]
    for _ in range(200):
        page.wait_for_timeout(50)
        if frame.evaluate("window.linemap && linemap.maps.length && linemap.maps[0].complete"):
            break
    assert len(frame.evaluate("linemap.maps[0].drawn()")) == statements.flows.geometry.notna().sum()
    frame.locator(".tab", has_text="Table").click()
    page.wait_for_timeout(500)
    assert "view=table" in frame.evaluate("location.hash")
    assert page.url == file.as_uri()
    assert frame.locator("tbody tr").count() == len(statements.flows)
    assert troubles == []
    context.close()


def test_the_last_of_many_flows_is_counted_too(
    open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    rows = [
        {schema.ORIGIN_ID: "borough:islington", schema.DESTINATION_ID: "county:norfolk", schema.COUNT: n}
        for n in range(1, 251)
    ]  # fmt: skip
    page = open_page(html_of(as_published(make_flows(rows), already_public=True)))
    (line,) = page.run("linemap.maps[0].drawn()")
    assert (line["count"], line["figures"]) == (sum(range(1, 251)), 250)
    assert page.run("document.querySelector('.status').textContent") == "Showing all 250 flows."
    page.run("linemap.maps[0].app.show('table')")
    assert "page 1 of 3" in page.run("document.querySelector('.pager').textContent")


@pytest.mark.parametrize("view", ["origins", "table"])
def test_pictures_are_of_the_map_in_every_tab(
    records: Release, open_page: Opener, view: str
) -> None:
    page = open_page(html_of(records), at=f"#view={view}&place=county:norfolk&theme=dark")
    page.page.locator("summary", has_text="Take it along").click()
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="SVG").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    tree = ET.fromstring(text)  # noqa: S314  the program itself wrote it
    said = " ".join(one.text or "" for one in tree.iter("{http://www.w3.org/2000/svg}text"))
    assert re.search(r"Norfolk is chosen: \d+ of them", said), said
    curves = [e for e in tree.iter("{http://www.w3.org/2000/svg}path") if "Q" in e.get("d", "")]
    assert len(curves) >= 4
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="PNG").click()
    assert Path(download.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert page.troubles == []


ACTIVE = "document.activeElement.id || document.activeElement.textContent"


def test_the_focus_goes_where_the_answer_is_and_is_told(
    records: Release, open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    page = open_page(html_of(records), at="#picture=pairs")
    live = "document.querySelector('[role=status]').textContent"
    page.page.locator(".chosen .link", has_text="Norfolk").first.click()
    assert page.run(ACTIVE) == "linemap-chosen"
    assert "Norfolk. Showing all 32 flows" in page.run(live)
    page.page.locator(".chosen .close").click()
    assert page.run(ACTIVE) == "linemap-chosen"
    assert "Showing all 32 flows" in page.run(live)
    colour = page.page.locator("#linemap-colour")
    colour.focus()
    colour.select_option("distance")
    assert page.run(ACTIVE) == "linemap-colour"
    page.page.locator(".tab", has_text="By origin").click()
    page.page.locator(".multiple .link", has_text="Islington").click()
    assert page.run(ACTIVE) == "linemap-chosen"
    assert "Islington" in page.run("document.querySelector('#linemap-chosen').textContent")
    page.settle()

    boroughs = ("borough:islington", "borough:hackney", "borough:camden")
    rows = [
        {schema.ORIGIN_ID: boroughs[n % 3], schema.DESTINATION_ID: "county:kent", schema.COUNT: n}
        for n in range(1, 251)
    ]
    many = open_page(html_of(as_published(make_flows(rows), already_public=True)), at="#view=table")
    many.page.locator(".pager button", has_text="Next").click()
    assert many.run(ACTIVE).startswith("linemap-page-")
    assert "page 2 of 3" in many.run(live) + many.run(
        "document.querySelector('.pager').textContent"
    )
    many.run(
        "linemap.maps[0].app.pin([1, linemap.maps[0].app.model.nodes.id.indexOf('county:kent')])"
    )
    many.page.locator(".chosen button", has_text="Show 40 more").click()
    assert many.run("document.activeElement.className") == "flow"
    assert "80 of 84 are shown" in many.run(live)


def test_headline_bars_list_and_button_are_of_the_view_that_is_drawn(open_page: Opener) -> None:
    """Of the first year only each origin is shown, of the second all origins together too."""
    toy = Gazetteer.toy()
    first, second = (("links", "2023-04", "2024-03"), ("links", "2024-04", "2025-03"))
    pairs = {
        first: {("borough:ashwick", "settlement:eastby"): 40},
        second: {("borough:ashwick", "settlement:eastby"): 30},
    }
    release = release_of(
        pairs,
        {second: {(WHERE, "settlement:eastby"): 60}},
        (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END),
        rule=Rule(),
        gazetteer=toy,
    )
    page = open_page(html_of(release, gazetteer=toy), at="#picture=to&level=")

    def seen() -> tuple[str, bool, str, list[str]]:
        page.settle()
        total = page.run("document.querySelector('.figures').textContent")
        bars = "[...document.querySelectorAll('.histogram rect')]"
        empty = page.run(f"{bars}.slice(0, 12).every(one => one.getAttribute('height') === '0')")
        side = page.run("document.querySelector('.chosen').textContent")
        pressed = "[...document.querySelectorAll('.picture[aria-pressed=true]')]"
        return total, empty, side, page.run(f"{pressed}.map(one => one.textContent)")

    total, empty, side, button = seen()
    assert "nothing is shown of April 2023 to March 2024" in total
    assert empty
    assert "shown in Apr 2024 to Mar 2025 only" in total
    assert button == ["Where to"]
    assert "together" in side
    page.page.get_by_role("button", name="Every pair", exact=True).click()
    total, empty, side, button = seen()
    assert "nothing is shown" not in total
    assert not empty
    assert button == ["Every pair"]
    assert "Where to links, each origin on its own" in side
    page.page.get_by_role("button", name="Where to", exact=True).click()
    page.page.get_by_label("Find a place").fill("Ashwick")
    page.page.keyboard.press("Enter")
    total, empty, side, button = seen()
    assert "nothing is shown" not in total
    assert button == ["Every pair"]
