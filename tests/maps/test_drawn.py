# ruff: noqa: E501  the scripts for the page stand whole
"""What the page draws, in a real browser: equal to what was given, and by the rules of layout."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from linemap import schema, style
from linemap.disclosure import Release, as_published, protect
from linemap.gazetteer import Gazetteer
from linemap.maps import compare_maps, flow_map

pytestmark = pytest.mark.browser
Opener = Callable[..., Any]


def html_of(release: Release, **options: Any) -> str:
    return str(flow_map(release, **options).get_root().render())


def test_flows_drawn_are_the_flows_given_and_nothing_leaves(
    statements: Release, open_page: Opener
) -> None:
    page = open_page(html_of(statements))
    flows = statements.flows.set_index(schema.FLOW_ID)
    placed = flows[flows.geometry.notna()]
    drawn = {one["id"]: one for one in page.run("linemap.maps[0].drawn()")}
    assert set(drawn) == set(placed.index)
    for flow_id, one in drawn.items():
        count = placed.loc[flow_id, schema.COUNT]
        known = bool(pd.notna(count))
        assert one["count"] == (int(count) if known else None)
        assert one["dashed"] is not known
    assert page.requests == [page.page.url.split("#")[0]]
    assert page.troubles == []


def test_ends_lie_where_leaflet_puts_their_coordinates(
    statements: Release, open_page: Opener
) -> None:
    page = open_page(html_of(statements))
    flows = statements.flows.set_index(schema.FLOW_ID)
    for one in page.run("linemap.maps[0].drawn()"):
        (lon0, lat0), (lon1, lat1) = flows.loc[one["id"], schema.GEOMETRY].coords
        for point, (lon, lat) in ((one["from"], (lon0, lat0)), (one["to"], (lon1, lat1))):
            there = page.run(
                "at => { const p = linemap.maps[0].leaflet.latLngToContainerPoint(at); return [p.x, p.y]; }",
                [lat, lon],
            )
            assert math.dist(point, there) < 1.5


def test_width_is_in_proportion_to_the_count(records: Release, open_page: Opener) -> None:
    page = open_page(html_of(records))
    drawn = page.run("linemap.maps[0].drawn()")
    largest = max(one["count"] for one in drawn)
    widest = max(one["width"] for one in drawn)
    wide = [one for one in drawn if one["count"] / largest * 10 > 1.5]
    assert len(wide) > 10
    for one in wide:
        assert one["width"] / widest == pytest.approx(one["count"] / largest, rel=0.01)


def test_curves_bend_more_with_length_and_opposite_ones_lie_apart(
    open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    here, near, far = "borough:islington", "settlement:2641181", "settlement:2657832"
    ends = [(here, near), (near, here), (here, far), (far, here)]
    rows = [{schema.ORIGIN_ID: a, schema.DESTINATION_ID: b, schema.COUNT: 10} for a, b in ends]
    page = open_page(html_of(as_published(make_flows(rows), already_public=True)))
    drawn = {one["id"]: one for one in page.run("linemap.maps[0].drawn()")}

    def offset(one: dict[str, Any]) -> float:
        middle = [(a + b) / 2 for a, b in zip(one["from"], one["to"], strict=True)]
        return math.dist(middle, one["control"]) / 2

    def share(one: dict[str, Any]) -> float:
        return offset(one) / math.dist(one["from"], one["to"])

    assert share(drawn["f3"]) > share(drawn["f1"])
    for there, back in (("f1", "f2"), ("f3", "f4")):
        assert math.dist(drawn[there]["control"], drawn[back]["control"]) > offset(drawn[there])
    for one in drawn.values():  # symmetric: the control lies above the middle
        left, right = (math.dist(one[end], one["control"]) for end in ("from", "to"))
        assert left == pytest.approx(right, rel=1e-6)


def test_statements_of_one_pair_lie_beside_each_other(
    statements: Release, open_page: Opener
) -> None:
    page = open_page(html_of(statements))
    seen: dict[tuple[float, ...], list[tuple[float, float]]] = {}
    for one in page.run("linemap.maps[0].drawn()"):
        if not one["loop"]:
            key = (*one["from"], *one["control"], *one["to"])
            seen.setdefault(key, []).append((one["beside"], one["width"]))
    doubled = [strands for strands in seen.values() if len(strands) > 1]
    assert doubled
    for strands in doubled:
        assert abs(sum(beside for beside, _ in strands)) < 12  # around the middle
        for (a, wide), (b, other) in pairwise(sorted(strands)):
            assert b - a > (wide + other) / 2  # none lies on the next


def test_few_flows_cross_a_place_that_they_do_not_touch(
    statements: Release, open_page: Opener
) -> None:
    page = open_page(html_of(statements))
    curves = {str(one["control"]): one for one in page.run("linemap.maps[0].drawn()")}
    drawn = [one for one in curves.values() if not one["loop"]]

    def crossings(bent: bool) -> int:
        places = {tuple(one[end]) for one in drawn for end in ("from", "to")}
        hits = 0
        for one in drawn:
            straight = [(a + b) / 2 for a, b in zip(one["from"], one["to"], strict=True)]
            control = one["control"] if bent else straight
            for place in places - {tuple(one["from"]), tuple(one["to"])}:
                near = min(
                    math.dist(
                        place,
                        [
                            (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t * t * b
                            for a, c, b in zip(one["from"], control, one["to"], strict=True)
                        ],
                    )
                    for t in (k / 30 for k in range(31))
                )
                hits += near < 3
        return hits

    assert crossings(bent=True) < 0.75 * crossings(bent=False)


def test_labels_do_not_collide(statements: Release, open_page: Opener) -> None:
    html = html_of(statements)
    page = open_page(html, settle=False)
    boxes = page.run(
        """async () => {
          while (!linemap.maps[0]?.complete) await new Promise(done => setTimeout(done, 10));
          const boxes = [], real = CanvasRenderingContext2D.prototype.fillText;
          CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
            const size = parseFloat(/([\\d.]+)px/.exec(this.font)[1]);
            boxes.push([x, y - size / 2, x + this.measureText(text).width, y + size / 2, text]);
            return real.apply(this, arguments);
          };
          linemap.maps[0].app.repaint();
          while (!linemap.maps[0]?.complete) await new Promise(done => setTimeout(done, 10));
          return boxes;
        }"""
    )
    assert {"London", "Islington"} <= {box[4] for box in boxes}
    assert len(boxes) > 15
    for k, one in enumerate(boxes):
        for other in boxes[k + 1 :]:
            apart = one[2] < other[0] or one[0] > other[2] or one[3] < other[1] or one[1] > other[3]
            assert apart, (one[4], other[4])


def test_an_area_that_is_selected_shows_its_outline(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements))
    found = page.run(
        """() => { const app = linemap.maps[0].app;
          const node = app.model.nodes.name.findIndex((n, i) => n === "Scotland" && i);
          app.select(node);
          return { outlined: app.look.outlined().has(node), area: app.model.nodes.outline.get(node)(2).rings.length,
                   said: document.querySelector(".chosen").textContent }; }"""
    )
    assert found["outlined"]
    assert found["area"] > 10  # the mainland and its islands
    row = statements.flows[statements.flows[schema.DESTINATION_NAME].eq("Scotland")].iloc[0]
    low, high = round(row[schema.DISTANCE_LOW_KM]), round(row[schema.DISTANCE_HIGH_KM])
    assert f"range {low:,} to {high:,} km" in found["said"]


def test_every_colouring_uses_the_styles_colours(statements: Release, open_page: Opener) -> None:
    page = open_page(html_of(statements, colour_by="distance"))
    bands = style.band_colours(style.LIGHT, classes=4)
    flows = statements.flows.set_index(schema.FLOW_ID)
    for one in page.run("linemap.maps[0].drawn()"):
        band = style.band_of([flows.loc[one["id"], schema.DISTANCE_KM]])[0]
        assert one["colour"] == bands[band]


SMALL: dict[str, tuple[list[dict[str, Any]], str]] = {
    "no flow": ([], "No flow can be shown"),
    "one flow": (
        [{schema.ORIGIN_ID: "borough:islington", schema.DESTINATION_ID: "county:norfolk", schema.COUNT: 10}],
        "Showing the only flow",
    ),
    "to itself": (
        [{schema.ORIGIN_ID: "borough:islington", schema.DESTINATION_ID: "borough:islington", schema.COUNT: 10}],
        "Showing the only flow",
    ),
    "no place": (
        [{schema.ORIGIN_ID: "borough:islington", schema.DESTINATION_NAME: "Narnia", schema.COUNT: 10}],
        "1 has no place to draw and is in the table",
    ),
    "nothing known": ([{schema.COUNT: None}], "1 has no place to draw"),
    "all zero": (
        [{schema.ORIGIN_ID: "borough:islington", schema.DESTINATION_ID: "county:norfolk", schema.COUNT: 0}],
        "Showing the only flow",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SMALL)
def test_small_inputs_make_a_map_that_says_so(
    case: str, open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    rows, said = SMALL[case]
    page = open_page(html_of(as_published(make_flows(rows), already_public=True)))
    assert said in page.run("document.querySelector('.status').textContent")
    drawn = page.run("linemap.maps[0].drawn()")
    assert len(drawn) == (1 if case in {"one flow", "to itself", "all zero"} else 0)
    assert [one["loop"] for one in drawn] == ([case == "to itself"] if drawn else [])
    centre = page.run("linemap.maps[0].leaflet.getCenter()")
    assert centre["lat"] > 49  # nothing at 0, 0
    for view in ("table", "origins", "map"):
        page.run("view => linemap.maps[0].app.show(view)", view)
    assert page.troubles == []


def test_protected_records_show_what_the_door_let_through(
    open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    towns = ("settlement:2641181", "settlement:2636432", "settlement:2657832")
    counts = iter((120, 37, 4, 64, 8, 3, 22, 2, 51))
    rows = [
        {schema.ORIGIN_ID: origin, schema.DESTINATION_ID: town, schema.COUNT: next(counts)}
        for origin in ("borough:islington", "borough:hackney", "borough:camden")
        for town in towns
    ]
    release = protect(make_flows(rows))
    page = open_page(html_of(release))
    read = "(r => [...r.flows.count])(linemap.maps[0].app.reading)"
    page.run("linemap.maps[0].app.showPicture('pairs')")
    page.settle()
    assert sorted(page.run(read)) == sorted(release.flows[schema.COUNT])
    said = page.run("document.body.textContent")
    assert release.stamp in said
    assert min(page.run(read)) >= 10
    placed = release.flows[release.flows.geometry.notna()]
    fine = placed[~placed[schema.DESTINATION_LEVEL].isin([schema.REGION, schema.NATION])]
    pairs = fine.groupby([schema.ORIGIN_ID, schema.DESTINATION_ID])[schema.COUNT].sum()
    drawn = page.run("linemap.maps[0].drawn()")
    assert sorted(one["count"] for one in drawn) == sorted(pairs)


def test_the_largest_are_painted_first_and_lie_above(
    open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    places = Gazetteer.load().places
    towns = places.index[places[schema.LEVEL].eq(schema.SETTLEMENT)][:900]
    rows = [
        {schema.ORIGIN_ID: "borough:islington", schema.DESTINATION_ID: town, schema.COUNT: n}
        for n, town in enumerate(towns, start=1)
    ]
    page = open_page(html_of(as_published(make_flows(rows), already_public=True)))
    painted = page.run(
        """async () => {
          const map = linemap.maps[0], seen = [], real = CanvasRenderingContext2D.prototype.quadraticCurveTo;
          CanvasRenderingContext2D.prototype.quadraticCurveTo = function (...at) {
            seen.push([...this.canvas.parentNode.children].indexOf(this.canvas));
            return real.apply(this, at);
          };
          map.leaflet.setZoom(5, { animate: false });
          map.app.repaint();
          while (!map.complete) await new Promise(done => setTimeout(done, 5));
          return seen.slice(-900);
        }"""
    )
    assert painted.count(2) == 600  # the largest, on the upper sheet, before any other
    assert painted == sorted(painted, reverse=True)
    assert len(painted) == 900


def test_two_maps_share_one_scale_and_move_together(statements: Release, open_page: Opener) -> None:
    drawn = compare_maps(statements, origins=("Islington", "London"))
    page = open_page(drawn.get_root().render())
    left, right = (page.run(f"linemap.maps[{k}].drawn()") for k in (0, 1))
    flows = statements.flows[statements.flows.geometry.notna()].groupby(schema.ORIGIN_NAME).size()
    assert (len(left), len(right)) == (flows["Islington"], flows["London"])
    page.run("linemap.maps[1].leaflet.setView([53, -1], 8, {animate: false})")
    page.settle()
    assert page.run("linemap.maps[0].leaflet.getZoom()") == 8
    scale = {
        one["count"]: one["width"]
        for one in (*page.run("linemap.maps[0].drawn()"), *page.run("linemap.maps[1].drawn()"))
        if one["count"]
    }
    assert scale[443] / scale[416] == pytest.approx(443 / 416, rel=0.01)


def test_figures_of_two_maps_are_never_added(records: Release, open_page: Opener) -> None:
    """Two releases beside each other may be of the same records."""
    drawn = compare_maps(records, records, labels=("one", "other"))
    total = int(records.flows[schema.COUNT].sum())
    found = [(one["value"], one["label"]) for one in drawn.payload["headlines"]]
    assert found == [(f"{total:,}", "links shown: one"), (f"{total:,}", "links shown: other")]
    page = open_page(str(drawn.get_root().render()))
    headlines = "linemap.maps[0].app.reading.headlines()"
    assert page.run(headlines) == drawn.payload["headlines"]
    alone = records.flows[records.flows[schema.ORIGIN_ID].eq("borough:islington")]
    page.run(
        "(({ app }) => app.select(app.model.nodes.id.indexOf('borough:islington')))(linemap.maps[0])"
    )
    sums = page.run("[...document.querySelectorAll('.answer-sum strong')].map(e => e.textContent)")
    assert sums == [f"{int(alone[schema.COUNT].sum()):,}"] * 2
    assert page.run("document.querySelectorAll('#linemap-chosen').length") == 1
    sizes = page.run(
        "(({ app: { reading, model } }) => reading.panes.map(({ code }) => reading.size(model.nodes.id.indexOf('borough:islington'), code)))(linemap.maps[0])"
    )
    assert sizes == [int(alone[schema.COUNT].sum())] * 2
    bars = page.run(
        "[...document.querySelectorAll('.histogram rect')].map(one => Number(one.getAttribute('height')))"
    )
    assert max(bars) == 38  # of the month that has most, on either map
    assert bars[: len(bars) // 2] == bars[len(bars) // 2 :]


def test_a_police_force_area_that_is_a_nation_has_its_line(
    open_page: Opener, make_flows: Callable[..., gpd.GeoDataFrame]
) -> None:
    """Scotland has one police force: shown by police force area, what went to its towns is drawn."""
    towns = ("settlement:2657832", "settlement:2641181")  # Aberdeen, Norwich
    rows = [
        {
            schema.ORIGIN_ID: "borough:islington",
            schema.DESTINATION_ID: town,
            schema.COUNT: 50 + 10 * k,
        }
        for k, town in enumerate(towns)
    ]
    page = open_page(
        html_of(as_published(make_flows(rows), already_public=True)), at="#level=force"
    )
    drawn = {one["destination"]: one["count"] for one in page.run("linemap.maps[0].drawn()")}
    assert drawn == {"Police Scotland": 50, "Norfolk": 60}
    heads = [one["label"] for one in page.run("linemap.maps[0].app.reading.headlines()")]
    assert "Norfolk police force area" in heads
