"""Every figure: its doors, its words, its bytes, small inputs, hostile names, and time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from linemap import figures, schema
from linemap.disclosure import Release, Rule, as_published, protect
from linemap.disclosure.release import PROTECTED, release_of, seal
from linemap.disclosure.views import ANYWHERE, WHERE
from linemap.errors import DisclosureError, InputError
from linemap.figures import ExploreFigure, ReleaseFigure, figure_bytes, save_figure
from linemap.figures._layout import caption, drawing
from linemap.figures._subject import admit

ASHWICK, BIRCHGATE = "borough:ashwick", "borough:birchgate"
EASTBY, FERNPORT, GLENMOOR = "settlement:eastby", "settlement:fernport", "settlement:glenmoor"
FIGURES = [
    "destination_ranges",
    "direction_rose",
    "distance_band_bars",
    "distance_ecdf",
    "flow_figure",
    "od_matrix",
    "rank_slopes",
]
SVG = "{http://www.w3.org/2000/svg}"
MOVES = [
    (ASHWICK, EASTBY, 12),
    (ASHWICK, FERNPORT, 4),
    (ASHWICK, GLENMOOR, 3),
    (BIRCHGATE, FERNPORT, 6),
    (BIRCHGATE, None, 2),
]


def draw(name: str, source: object, toy=None, **options) -> Figure:
    if name == "flow_figure" and toy is not None:
        options["gazetteer"] = toy
    return getattr(figures, name)(source, **options)


@pytest.fixture(scope="module")
def of_statements(published):
    """Draw each figure of the published statements once."""
    drawn: dict[str, Figure] = {}

    def figure(name: str) -> Figure:
        if name not in drawn:
            drawn[name] = draw(name, published)
        return drawn[name]

    return figure


def parsed(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  written a moment ago, by the code under test


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("name", FIGURES)
def test_only_a_release_is_drawn_without_saying_explore(name, make):
    with pytest.raises(DisclosureError, match="explore=True"):
        draw(name, make(MOVES))
    with pytest.raises(DisclosureError):
        draw(name, "flows.parquet")
    with pytest.raises(DisclosureError):
        draw(name, None, explore=True)


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_explored_says_so_on_its_face_and_is_not_saved(name, make, toy, tmp_path):
    figure = draw(name, make(MOVES), toy, explore=True)
    assert isinstance(figure, ExploreFigure)
    assert "NOT FOR RELEASE" in words(figure)
    with pytest.raises(DisclosureError, match="have not been protected"):
        save_figure(figure, tmp_path / "figure")
    assert not list(tmp_path.iterdir())


def test_a_figure_that_linemap_did_not_draw_is_not_saved():
    with pytest.raises(DisclosureError):
        figure_bytes(Figure())


@pytest.mark.parametrize("name", FIGURES)
def test_the_caption_says_n_unknown_unit_window_and_source(name, release, of_statements, toy):
    told = words(draw(name, release(MOVES), toy)).replace("\n", " ")
    assert "n = 25" in told
    assert "unknown destination or origin: 2" in told
    assert "Unit: " in told
    assert "Window: Jan 2024 to Dec 2024" in told
    assert "Source: a source" in told
    told = words(of_statements(name))
    assert "n = 67 published statements" in told
    assert "10 whose place is unknown" in told
    assert "18 published sources" in told


@pytest.mark.parametrize("name", FIGURES)
def test_the_svg_is_text_with_a_title_and_a_description(name, of_statements):
    figure = of_statements(name)
    svg = figure_bytes(figure, formats=("svg",))["svg"]
    root = parsed(svg)
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == figure.title
    assert description is not None
    assert "London" in description.text
    drawn = {"".join(node.itertext()) for node in root.iter(f"{SVG}text")}
    assert figure.title in drawn
    assert any("London" in text for text in drawn)
    addresses = set(re.findall(rb'"https?://[^"]*"', svg))
    assert addresses <= {b'"http://www.w3.org/2000/svg"', b'"http://www.w3.org/1999/xlink"'}


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_is_the_same_bytes_whatever_the_settings(name, release, toy):
    source = release(MOVES)
    formats = ("png", "svg") if name == "distance_ecdf" else ("svg",)
    first = figure_bytes(draw(name, source, toy), formats=formats)
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path"}):
        again = figure_bytes(draw(name, source, toy), formats=formats)
        assert mpl.rcParams["font.size"] == 30  # the caller's settings are the caller's
    assert first == again


SCRIPT = """
import hashlib, sys
from linemap import figures
from linemap.disclosure import Release, as_published, protect
from linemap.flows import build_flows
from linemap.records import read_statements
release = as_published(build_flows(read_statements(sys.argv[1])))
for name in sys.argv[2:]:
    for kind, content in figures.figure_bytes(getattr(figures, name)(release)).items():
        print(name, kind, hashlib.sha256(content).hexdigest())
"""


def test_two_processes_write_the_same_bytes(statements_csv, published):
    names = ["flow_figure"]
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(statements_csv), *names],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    import hashlib

    here = [
        f"{name} {kind} {hashlib.sha256(content).hexdigest()}"
        for name in names
        for kind, content in figure_bytes(draw(name, published)).items()
    ]
    assert ran.stdout.split("\n")[:-1] == here


@pytest.mark.parametrize("name", ["destination_ranges", "distance_ecdf", "flow_figure"])
def test_a_number_that_its_publisher_withholds_is_neither_zero_nor_only_named(name, release, toy):
    kinds = [schema.EXACT_FIGURE, f"{schema.HIDDEN_FIGURE} (c)", schema.NAMED_ONLY]
    measures = ["referrals", "referrals", schema.NAMED]
    rows = [(ASHWICK, EASTBY, 12), (ASHWICK, FERNPORT, None), (ASHWICK, GLENMOOR, None)]
    source = release(rows, schema.STATEMENTS, **{schema.QUALIFIER: kinds, schema.MEASURE: measures})
    figure = draw(name, source, toy)
    told = f"{words(figure)} {figure.alt}".lower()
    assert "1 that name a place and count nothing" in figure.alt
    assert "1 whose number is hidden, a range or a rate" in figure.alt
    assert "the number is hidden, a range or a rate" in told or "hidden by the publisher" in told
    assert "named, not counted" not in told


def test_unknown_and_too_few_to_show_are_told_apart(release, toy):
    rows = [(ASHWICK, EASTBY, 12), (ASHWICK, None, 30), (BIRCHGATE, None, 15)]
    coverage = {schema.DESTINATION_COVERAGE: [schema.WHOLE, schema.WHOLE, schema.REST]}
    made = release(rows, **coverage)
    subject = replace(admit(made, explore=False), basis=PROTECTED)
    told = " ".join(caption(subject, unit="records"))
    assert "unknown destination: 30; unknown or too few to show where: 15" in told


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (schema.RECORDS, []),
        (schema.RECORDS, [(ASHWICK, EASTBY, 12)]),
        (schema.RECORDS, [(ASHWICK, EASTBY, 0)]),
        (schema.RECORDS, [(ASHWICK, None, 7), (None, EASTBY, 2)]),
        (schema.RECORDS, [(ASHWICK, ASHWICK, 5)]),
        (schema.RECORDS, [(ASHWICK, EASTBY, None)]),
        (schema.STATEMENTS, []),
        (schema.STATEMENTS, [(ASHWICK, None, 7), (ASHWICK, ASHWICK, 1)]),
        (schema.STATEMENTS, [(ASHWICK, EASTBY, None)]),
    ],
    ids=[
        "none", "one", "zero", "all unknown", "at home", "hidden",
        "no statement", "a total", "named",
    ],
)  # fmt: skip
def test_small_inputs_give_a_figure_that_says_what_it_has(name, rows, kind, release, toy):
    figure = draw(name, release(rows, kind), toy)
    parsed(figure_bytes(figure, formats=("svg",))["svg"])
    told = words(figure)
    assert "nan" not in told.lower().split()
    if not rows:
        assert any(word in told for word in ("No flow", "There is no", "no table"))


HOSTILE = [
    "$\\frac{1}{2}$ & <script>alert(1)</script>",
    "a\x00b\x0bcd\u202eevil",
    "\n\n{{ 7*7 }} ${x} ]]> --> \"'",
    "東京 ☠ 🧨",
    "W" * 500,
    "",
]


@pytest.mark.parametrize("name", FIGURES)
def test_hostile_names_are_text(name, make, toy):
    flows = make([(ASHWICK, EASTBY, 5), (ASHWICK, FERNPORT, 6), (BIRCHGATE, GLENMOOR, 7)] * 2)
    flows[schema.DESTINATION_NAME] = HOSTILE
    flows[schema.ORIGIN_NAME] = HOSTILE[::-1]
    flows[schema.MEASURE] = HOSTILE[0]
    flows[schema.SOURCE] = HOSTILE
    flows[schema.PERIOD_START] = ["2023-01"] * 3 + ["2024-01"] * 3
    flows[schema.PERIOD_END] = ["2023-12"] * 3 + ["2024-12"] * 3
    figure = draw(name, as_published(flows, gazetteer=toy, already_public=True), toy)
    assert all(not text.get_parse_math() for text in figure.findobj(Text) if "$" in text.get_text())
    root = parsed(figure_bytes(figure, formats=("svg",))["svg"])
    assert not list(root.iter(f"{SVG}script"))
    with drawing():
        figure.canvas.draw()
        nothing_leaves_the_page(figure)


def boxes_of_labels(figure: Figure) -> list[tuple[str, np.ndarray]]:
    renderer = figure.canvas.get_renderer()
    found = []
    for axes in figure.axes:
        for text in axes.texts:
            if text.get_zorder() == 30:
                found += [(text.get_text(), text.get_window_extent(renderer).extents)]
    return found


def test_labels_of_the_map_do_not_collide_and_stay_inside(of_statements):
    figure = of_statements("flow_figure")
    placed = boxes_of_labels(figure)
    assert len(placed) > 40
    for (one, a), (other, b) in combinations(placed, 2):
        apart = a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
        assert apart, (one, other)
    width, height = figure.get_size_inches() * figure.dpi
    for _, box in placed:
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= width
        assert box[3] <= height


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_page(name, of_statements):
    nothing_leaves_the_page(of_statements(name))


def nothing_leaves_the_page(figure: Figure) -> None:
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    for text in figure.findobj(Text):
        if not text.get_text() or not text.get_visible():
            continue
        box = text.get_window_extent(renderer)
        assert box.x0 >= -1, text.get_text()
        assert box.y0 >= -1, text.get_text()
        assert box.x1 <= width + 1, text.get_text()
        assert box.y1 <= height + 1, text.get_text()


def test_as_many_flows_are_drawn_as_can_be_mapped(published, of_statements):
    figure = of_statements("flow_figure")
    flows = published.flows
    placed = flows[flows.geometry.notna() & (flows[schema.MEASURE] != schema.AREAS_REACHED)]
    placed = placed[~placed[schema.DESTINATION_LEVEL].isin([schema.NATION, schema.REGION])]
    drawn = [
        len(collection.get_paths())
        for axes in figure.axes
        if axes.get_zorder() != 50  # the insets show some of them again
        for collection in axes.collections
        if collection.get_gid() in ("flows", "named")
    ]
    named = placed[placed[schema.COUNT].isna()]
    once = named.drop_duplicates([schema.ORIGIN_ID, schema.DESTINATION_ID])
    assert sum(drawn) == len(placed) - len(named) + len(once)


def test_widths_are_in_proportion(release, toy):
    figure = figures.flow_figure(
        release([(ASHWICK, EASTBY, 40), (ASHWICK, FERNPORT, 20)]), gazetteer=toy
    )
    (lines,) = [c for axes in figure.axes for c in axes.collections if c.get_gid() == "flows"]
    thin, thick = sorted(lines.get_linewidths())
    assert thick == pytest.approx(2 * thin)


def test_all_maps_have_one_scale_whatever_they_count(release, toy):
    rows = [(ASHWICK, EASTBY, 443), (ASHWICK, FERNPORT, 44), (ASHWICK, GLENMOOR, 3)]
    source = release(rows, measure=["arrests", "referrals", "instances"])
    figure = figures.flow_figure(source, gazetteer=toy)
    widths = sorted(
        float(width)
        for axes in figure.axes
        for collection in axes.collections
        if collection.get_gid() == "flows"
        for width in collection.get_linewidths()
    )
    assert len(widths) == 3
    assert widths[2] / widths[1] == pytest.approx(443 / 44)
    assert widths[0] < widths[2] / 10
    assert "on one scale in all maps; counts under 24 are drawn alike" in words(figure)


def test_a_nation_has_no_arrow_and_no_dot(published, of_statements):
    figure = of_statements("flow_figure")
    assert "Without an arrow, for they are too large: Scotland, Wales." in words(figure)
    assert "to Scotland" not in figure.alt
    ranges = figures.destination_ranges(published, origin="Islington")
    (axes,) = [axes for axes in ranges.axes if axes.lines]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    reached = published.flows
    reached = reached[(reached[schema.ORIGIN_NAME] == "Islington") & reached.geometry.notna()]
    assert len(dots) == reached[schema.DESTINATION_ID].nunique() - 1


def test_destinations_that_are_areas_are_shaded(make, toy, of_statements):
    shaded = [
        collection
        for axes in of_statements("flow_figure").axes
        for collection in axes.collections
        if collection.get_gid() == "areas"
    ]
    assert len(shaded) == 5  # the named places, three sets of forces or counties, Islington's
    drawn = figures.flow_figure(make(MOVES), gazetteer=toy, explore=True)
    assert not [c for axes in drawn.axes for c in axes.collections if c.get_gid() == "areas"]


NATION = [
    (ASHWICK, EASTBY, 20),
    (ASHWICK, FERNPORT, 15),
    (ASHWICK, "nation:toyland", 45),
    (BIRCHGATE, "nation:toyland", 30),
]


@pytest.mark.parametrize("name", ["direction_rose", "distance_band_bars", "distance_ecdf"])
def test_a_nation_is_at_no_one_distance_or_direction(name, release, toy):
    """A hurried reader would believe that all who are "in England" were found 160 km away."""
    figure = draw(name, release(NATION), toy)
    said = "\n".join(text.get_text() for text in figure.findobj(Text))
    assert "Toyland 75" in said
    assert "n = 35" in said
    assert "n = 80" not in said
    near = draw(name, release(NATION[:2]), toy)
    assert "Toyland" not in "\n".join(text.get_text() for text in near.findobj(Text))


def test_half_of_all_is_told_where_few_are_left_out_alone(release, toy):
    """As in the brief: of 110, 75 are at no one distance, and half of all may be anywhere."""

    def words(of):
        figure = draw("distance_ecdf", release(of), toy)
        return " ".join(
            " ".join(text.get_text() for text in figure.findobj(Text)).split()
        ), figure.alt

    said, alt = words(NATION)
    assert "half of n within" not in said
    assert "n = 35" in alt
    assert "half of n =" not in alt
    assert "half of n is marked where no more than 5% are left out" in said
    few = [(ASHWICK, EASTBY, 400), (ASHWICK, FERNPORT, 15), (ASHWICK, "nation:toyland", 15)]
    said, alt = words(few)
    assert "half of n within" in said
    assert "half of n = 415 within" in alt


def test_where_to_tells_no_zero_of_what_is_not_shown(toy):
    """Of the first year nothing is shown; how many have no destination is not shown either."""
    first, second = (("links", "2023-04", "2024-03"), ("links", "2024-04", "2025-03"))
    made = release_of(
        {first: {(ASHWICK, EASTBY): 40}, second: {(ASHWICK, EASTBY): 30}},
        {second: {(WHERE, EASTBY): 60}},
        (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END),
        rule=Rule(),
        gazetteer=toy,
    )
    figure = figures.destination_counts(made)
    said = " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())
    assert "unknown destination: 0" not in said
    assert "is not shown, which does not mean that there are none" in said
    assert "Window: Apr 2024 to Mar 2025" in said.replace("window:", "Window:")
    assert "Apr 2023" not in said


def test_an_origin_whose_records_all_lead_to_a_nation_has_an_empty_bar(release, toy):
    figure = draw("distance_band_bars", release(NATION), toy)
    assert "Birchgate: n = 30, to a region or a nation, at no one distance." in figure.alt
    assert "n = 35, wider 45" in "\n".join(text.get_text() for text in figure.findobj(Text))


def test_a_map_set_into_a_page_has_the_scale_of_the_whole_release(release, toy):
    """The only figure of an origin, 3, is no thick line: the release has one of 300."""
    rows = [(ASHWICK, EASTBY, 300), (BIRCHGATE, FERNPORT, 3)]
    whole = release(rows, schema.STATEMENTS, measure="links")
    figure = figures.inserted_map(whole, only=["f001"], gazetteer=toy)
    assert "300 the widest" in figure.note
    (lines,) = (one for one in figure.axes[0].collections if one.get_gid() == "flows")
    assert max(lines.get_linewidths()) < 1


def test_where_to_is_drawn_as_circles_in_proportion(make, toy):
    key = ("referrals", None, None)
    reached = {EASTBY: 80, FERNPORT: 20, "county:northshire": 25, "nation:toyland": 40}
    drawn = release_of(
        {key: {(ASHWICK, ANYWHERE): 15}},
        {key: {(WHERE, at): n for at, n in reached.items()}},
        (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END),
        rule=Rule(),
        gazetteer=toy,
    )
    view = drawn.views[schema.WHERE_TO]
    figure = figures.inserted_places(drawn, only=view[schema.FLOW_ID], gazetteer=toy)
    assert "Westshire 100, Northshire 25" in figure.alt  # both towns in their force area
    assert "too large: rest of Toyland 40" in figure.note
    (circles,) = (one for one in figure.axes[0].collections if one.get_gid() == "circles")
    first, second = circles.get_sizes()
    assert second / first == pytest.approx(0.25)
    towns = view.loc[view[schema.DESTINATION_ID].isin([EASTBY, FERNPORT]), schema.FLOW_ID]
    near = figures.inserted_places(drawn, only=towns, gazetteer=toy)
    assert "Eastby 80, Fernport 20" in near.alt
    nothing = figures.inserted_places(drawn, only=[], gazetteer=toy)
    assert nothing is None


def test_a_map_says_of_how_many_named_places_it_shows_how_many(published):
    named = published.flows[published.flows[schema.MEASURE] == schema.NAMED]
    placed = named.dropna(subset=[schema.ORIGIN_ID, schema.DESTINATION_ID])
    every = placed[schema.DESTINATION_ID].nunique()
    wide = placed[placed[schema.DESTINATION_LEVEL].isin([schema.NATION, schema.REGION])]
    drawn = every - wide[schema.DESTINATION_ID].nunique()
    assert (drawn, every) == (25, 27)
    figure = figures.inserted_map(published, only=list(placed[schema.FLOW_ID]))
    assert "Named, not counted: 25 of 27 places" in words(figure)


def insets(figure):
    return [axes for axes in figure.axes if axes.get_zorder() == 50]


def test_an_inset_stands_where_it_helps_and_covers_no_line(published):
    flows = published.flows
    named = flows[flows[schema.MEASURE] == schema.NAMED]
    whole = figures.inserted_map(published, only=list(named[schema.FLOW_ID]))
    (inset,) = insets(whole)
    box = inset.get_window_extent()
    (main,) = (axes for axes in whole.axes if axes is not inset)
    lines = [one for one in main.collections if one.get_gid() == "named"]
    for path in [path for one in lines for path in one.get_paths()]:
        for x, y in main.transData.transform(path.vertices):
            assert not box.contains(x, y)
    norfolk = named[named[schema.DESTINATION_NAME].isin(["Norfolk", "Norwich"])]
    assert norfolk[schema.ORIGIN_ID].nunique() > 1
    assert insets(figures.inserted_map(published, only=list(norfolk[schema.FLOW_ID]))) == []


def test_statements_are_not_added_across_levels_and_windows(of_statements):
    told = of_statements("distance_ecdf").alt
    assert "Individuals linked, police force areas, Jan 2018 to Mar 2019" in told
    assert "Individuals linked, towns, Jan 2018 to Mar 2019" in told
    bars = of_statements("distance_band_bars").alt
    # Hertfordshire; Essex, Bedfordshire, Thames Valley, Hampshire; the others of the first year
    assert "up to 50 km 1 place, 50 to 100 km 4 places, 100 to 200 km 3 places" in bars


@pytest.mark.parametrize("name", FIGURES)
def test_no_sum_of_published_figures_is_printed(name, published, of_statements):
    flows = published.flows.dropna(subset=[schema.COUNT, schema.DESTINATION_ID])
    keys = [
        schema.ORIGIN_NAME, schema.MEASURE, schema.DESTINATION_LEVEL,
        schema.PERIOD_START, schema.PERIOD_END,
    ]  # fmt: skip
    several = flows.groupby(keys, dropna=False)[schema.COUNT].agg(["sum", "size"])
    sums = {f"{total:,}" for total in several.loc[several["size"] > 1, "sum"]}
    assert sums >= {"1,864", "724"}
    told = re.findall(r"[0-9][0-9,]*", words(of_statements(name)) + of_statements(name).alt)
    assert not sums & set(told)


def test_rival_figures_are_not_combined(release, toy):
    rivals = [(ASHWICK, EASTBY, 336), (ASHWICK, EASTBY, 121), (ASHWICK, FERNPORT, 9)]
    source = release(rivals, schema.STATEMENTS)
    told = words(figures.distance_band_bars(source))
    assert "2 places: 9 to 336" in told
    assert not {"466", "457"} & set(told.split())
    told = words(figures.distance_ecdf(source))
    assert {"Eastby 336", "Eastby 121", "Fernport 9"} <= {
        text.get_text() for text in figures.distance_ecdf(source).findobj(Text)
    }
    assert "half within" not in told


def test_islingtons_story_is_on_the_distances(published, of_statements):
    told = words(of_statements("distance_ecdf"))
    assert "Islington: 15 places, furthest Aberdeen" in told
    figure = figures.destination_ranges(published, origin="Islington")
    assert re.search(r"Islington to Scotland: 4\d\d to 1,0\d\d km;", figure.alt)
    assert "Norfolk: 152 km, " in figure.alt
    assert "London" not in words(figure).split("n = ")[0]


def test_ranks_by_hand(release, toy):
    rows = [
        (ASHWICK, EASTBY, 10), (ASHWICK, FERNPORT, 8), (ASHWICK, GLENMOOR, 8),
        (ASHWICK, EASTBY, 5), (ASHWICK, FERNPORT, 12),
    ]  # fmt: skip
    source = release(
        rows,
        period_start=["2023-01"] * 3 + ["2024-01"] * 2,
        period_end=["2023-12"] * 3 + ["2024-06"] * 2,
    )
    figure = figures.rank_slopes(source)
    assert "Eastby 1 to 2; Fernport 2 to 1; Glenmoor no rank to no figure" in figure.alt
    told = [text.get_text() for text in figure.findobj(Text)]
    assert "Fernport  8 (0.7)  2" in told
    assert "Glenmoor  8 (0.7)" in told
    told = words(figure)
    assert "1  Fernport  12 (2.0)" in told
    assert "12 and 6 months long" in told.replace("\n", " ")
    with pytest.raises(InputError, match="origin or destination"):
        figures.rank_slopes(source, by="force")


def test_a_place_does_not_rise_because_fewer_are_published(of_statements):
    """Suffolk fell from 238 to 113; three forces were published later, eight before."""
    told = of_statements("rank_slopes").alt
    assert "Suffolk (force) 3 to 3" in told
    assert "Essex (force) no rank to no figure" in told
    assert "Norwich" not in told  # alone in both windows: there is no order


def test_ranks_are_among_all_the_places_with_both_though_few_are_drawn(release, monkeypatch):
    monkeypatch.setattr("linemap.figures.destinations.MOST_PLACES", 2)
    rows = [
        (ASHWICK, EASTBY, 10), (ASHWICK, FERNPORT, 8), (ASHWICK, GLENMOOR, 6),
        (ASHWICK, EASTBY, 9), (ASHWICK, FERNPORT, 1), (ASHWICK, GLENMOOR, 7),
    ]  # fmt: skip
    windows = {"period_start": ["2023-01"] * 3 + ["2024-01"] * 3}
    windows["period_end"] = ["2023-12"] * 3 + ["2024-12"] * 3
    figure = figures.rank_slopes(release(rows, **windows))
    assert "Eastby 1 to 1; Fernport 2 to 3." in figure.alt
    assert "Not drawn: 1 more place" in words(figure)


def sealed_like(release: Release, *, where_to=None, **summaries) -> Release:
    """Seal the content of a protected release again, with other summaries or another view."""
    return seal(
        flows=release.flows, places=release.places, rule=release.rule, basis=release.basis,
        summaries={**release.summaries, **summaries}, account=release.account,
        attributions=release.attributions, caveats=release.caveats, where_to=where_to,
    )  # fmt: skip


def test_ranks_of_a_protected_release_are_of_its_totals(make, toy):
    rows = [
        (ASHWICK, EASTBY, 60), (BIRCHGATE, EASTBY, 40), (ASHWICK, FERNPORT, 70),
        (ASHWICK, EASTBY, 90), (BIRCHGATE, EASTBY, 20), (ASHWICK, FERNPORT, 30),
    ]  # fmt: skip
    flows = make(
        rows,
        period_start=["2023-01"] * 3 + ["2024-01"] * 3,
        period_end=["2023-12"] * 3 + ["2024-12"] * 3,
    )
    source = protect(flows, gazetteer=toy)
    totals = source.summaries["destinations"]
    assert totals["n"].isna().all()  # a total may be hidden: what is shown is not ranked for it
    assert "no ranks compare" in words(figures.rank_slopes(source)).replace("\n", " ")
    n = pd.array([100, 110, 70, 30], dtype="Int64")  # Eastby's, then Fernport's, by window
    told = words(figures.rank_slopes(sealed_like(source, destinations=totals.assign(n=n))))
    told = told.replace("\n", " ")
    assert "Eastby  100 (8.3)  1" in told
    assert "1  Eastby  110 (9.2)" in told
    assert "Each record stands once" in told


def test_places_of_one_name_are_told_apart(make, toy):
    flows = make([(ASHWICK, "settlement:newton-w", 9), (ASHWICK, "settlement:newton-n", 4)])
    drawn = figures.od_matrix(as_published(flows, gazetteer=toy, already_public=True))
    texts = [text.get_text() for axes in drawn.axes for text in axes.texts]
    assert {"Newton", "Newton (2)", "9", "4"} <= set(texts)


def test_directions_by_hand(release):
    from linemap.figures.rose import sectors

    bearings = np.array([0.0, 90.0, 348.7, 348.8])
    weights = np.array([1.0, 2.0, 4.0, 8.0])
    drawn = sectors(bearings, weights)
    assert drawn[0] == 9  # 348.8 is north, 348.7 north-north-west
    assert drawn[4] == 2
    assert drawn[15] == 4
    # from Ashwick, Fernport lies west and Glenmoor north
    told = figures.direction_rose(release([(ASHWICK, FERNPORT, 1), (ASHWICK, GLENMOOR, 1)])).alt
    assert "mean north-west" in told
    # bearings 267 and 2 degrees, 95.6 apart: the cosine of half of that
    assert "concentration 0.67" in told


def test_the_matrix_is_ordered_by_reach(release, toy):
    told = figures.od_matrix(
        release([(ASHWICK, GLENMOOR, 9), (BIRCHGATE, EASTBY, 3), (BIRCHGATE, GLENMOOR, 1)])
    )
    texts = [text.get_text() for axes in told.axes for text in axes.texts]
    assert texts.index("Birchgate") < texts.index("Ashwick")
    assert texts.index("Eastby") < texts.index("Glenmoor")


def test_the_matrix_says_what_it_leaves_out(make, toy, monkeypatch, of_statements):
    assert "Not drawn" not in words(of_statements("od_matrix"))
    assert "Thanet" in words(of_statements("od_matrix"))
    monkeypatch.setattr("linemap.figures.matrix.MOST", 2)
    rows = [(ASHWICK, EASTBY, 9), (ASHWICK, FERNPORT, 3), (ASHWICK, GLENMOOR, 4)]
    drawn = words(figures.od_matrix(make(rows), explore=True))
    assert "Not drawn: 0 more origins and 1 more destination." in drawn
    assert "Fernport" not in drawn


def test_headings_of_many_columns_are_whole_and_apart(make, toy):
    flows = make([(ASHWICK, EASTBY, 1500 + 10 * row) for row in range(45)])
    flows[schema.DESTINATION_NAME] = [f"Devonport by Water {row:02}" for row in range(45)]
    figure = figures.od_matrix(flows, explore=True)
    told = [text for axes in figure.axes for text in axes.texts]
    assert not [text.get_text() for text in told if "…" in text.get_text()]
    heads = [text for text in told if text.get_text().startswith("Devonport")]
    across = np.diff([text.get_window_extent().x0 for text in heads]) / figure.dpi * 72
    size = heads[0].get_fontsize()
    assert (across * np.sin(np.radians(50)) > size).all()
    boxes = [text.get_window_extent() for text in told if text.get_text().startswith("1,")]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    assert f"{45 - len(heads)} more destination" in words(figure)


def test_where_all_origins_go_together_comes_first(make, toy):
    flows = make([(ASHWICK, EASTBY, 40), (BIRCHGATE, EASTBY, 30), (ASHWICK, None, 20)])
    released = protect(flows, gazetteer=toy)
    view = released.flows.assign(
        **{schema.ORIGIN_ID: None, schema.ORIGIN_NAME: schema.ALL_ORIGINS}
    ).iloc[[0, 1]]
    view[schema.DESTINATION_ID] = [EASTBY, None]
    view[schema.DESTINATION_NAME] = ["Eastby", "not known"]
    view[schema.DESTINATION_LEVEL] = [schema.SETTLEMENT, None]
    view[schema.COUNT] = pd.array([70, 20], dtype="Int64")
    sealed = sealed_like(released, where_to=view)
    name, figure = next(iter(figures.release_figures(sealed, gazetteer=toy)))
    assert name == "where_to"
    assert "Eastby (town) 70; destination not known 20" in figure.alt
    told = words(figure).replace("\n", " ")
    assert "n = 70 to a known place; unknown destination: 20." in told
    assert "never added or subtracted" in told
    nothing_leaves_the_page(figure)
    assert "There is no view" in words(figures.destination_counts(released))
    with pytest.raises(DisclosureError):
        figures.destination_counts(flows)


def test_observed_against_expected(make, toy):
    flows = make([(ASHWICK, EASTBY, 12), (ASHWICK, FERNPORT, 0), (BIRCHGATE, EASTBY, 3)])
    with pytest.raises(InputError, match="no expected counts"):
        figures.observed_expected(flows, explore=True)
    residuals = flows.assign(
        expected=[5.0, 2.0, 3.0], residual=[7.0, -2.0, 0.0], pearson_residual=[3.1, -1.4, 0.0]
    )
    figure = figures.observed_expected(residuals, explore=True)
    assert isinstance(figure, ExploreFigure)
    assert figure.alt.index("Ashwick to Eastby: 12 against 5.0") < figure.alt.index("Fernport")
    public = as_published(residuals, gazetteer=toy, already_public=True)
    assert isinstance(figures.observed_expected(public), ReleaseFigure)


def test_the_figures_of_a_release_have_names_and_need_one(published, statements):
    from linemap.figures import FIGURE_NAMES as NAMES

    drawn = dict(figures.release_figures(published))
    assert ("where_to", *drawn) == NAMES  # published statements have no such view
    assert all(isinstance(figure, ReleaseFigure) for figure in drawn.values())
    with pytest.raises(DisclosureError):
        next(iter(figures.release_figures(statements)))


def test_files_are_written_beside_the_stem(release, toy, tmp_path):
    paths = save_figure(figures.distance_ecdf(release(MOVES)), tmp_path / "distances.v1")
    assert [path.name for path in paths] == ["distances.v1.png", "distances.v1.svg"]
    assert paths[0].read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", FIGURES)
def test_ten_thousand_flows_are_drawn(name, make, toy):
    rng = np.random.default_rng(0)
    pairs = [(o, d, 1) for o in (ASHWICK, BIRCHGATE) for d in (EASTBY, FERNPORT, GLENMOOR)]
    few = make(pairs)
    flows = few.iloc[rng.integers(0, len(few), 10_000)].reset_index(drop=True)
    flows[schema.FLOW_ID] = [f"f{row:05}" for row in range(len(flows))]
    flows[schema.COUNT] = pd.array(rng.integers(1, 40, len(flows)), dtype="Int64")
    flows[schema.DISTANCE_KM] = flows[schema.DISTANCE_LOW_KM] + rng.uniform(0, 1, len(flows)) * (
        flows[schema.DISTANCE_HIGH_KM] - flows[schema.DISTANCE_LOW_KM]
    )
    flows[schema.ORIGIN_NAME] = [f"origin {row % 33}" for row in range(len(flows))]
    flows[schema.DESTINATION_NAME] = [f"place {row % 303}" for row in range(len(flows))]
    source = as_published(flows, gazetteer=toy, already_public=True)
    assert draw(name, source, toy).axes
