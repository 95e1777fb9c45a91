"""What a page shows without scripts: the figures of the release, each as it stands."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from xml.etree import ElementTree

import geopandas as gpd

from linemap import schema
from linemap.disclosure import Release, protect
from linemap.maps import flow_map


def still_of(release: Release) -> str:
    page = str(flow_map(release, title="Reach").get_root().render())
    found = re.search(r"<noscript>(.*?)</noscript>", page, flags=re.S)
    assert found is not None
    return html.unescape(found[1])


def test_the_table_holds_every_figure(statements: Release) -> None:
    still = still_of(statements)
    rows = re.findall(r"<tr>(.*?)</tr>", still)[1:]
    assert len(rows) == len(statements.flows)
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    counts = sorted(int(row[3]) for row in cells if row[3])
    assert counts == sorted(statements.flows[schema.COUNT].dropna().astype(int))


def test_the_headline_the_caveats_and_the_sources_are_there(statements: Release) -> None:
    still = still_of(statements)
    for text in (*statements.attributions, statements.caveats[0], statements.stamp):
        assert text in still
    payload = flow_map(statements, title="Reach").payload
    for one in payload["headlines"]:
        assert f"<b>{one['value']}</b> {one['label']}" in still


def test_the_picture_has_a_line_for_each_statement_with_places(statements: Release) -> None:
    placed = statements.flows.geometry.notna().sum()
    assert len(re.findall(r'<path d="M[^"]*Q', still_of(statements))) == placed


def test_records_are_circles_at_their_destinations(records: Release) -> None:
    towns = records.flows[schema.DESTINATION_ID].nunique()
    assert still_of(records).count("<circle") == towns


def test_nothing_in_it_is_larger_than_its_table_may_be(records: Release) -> None:
    assert len(still_of(records)) < 60_000


def test_the_picture_stands_alone_as_an_image(statements: Release, records: Release) -> None:
    """In a notebook it is an image of its own, which only an SVG with its name space can be."""
    for release in (statements, records):
        found = re.search(
            r"src=\"data:image/svg\+xml;base64,([^\"]*)", flow_map(release)._repr_html_()
        )
        assert found is not None
        root = ElementTree.fromstring(base64.b64decode(found[1]))  # noqa: S314  our own
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert float(root.attrib["width"]) > float(root.attrib["height"]) > 0


def test_protected_records_are_shown_where_they_were_found(
    make_flows: Callable[..., gpd.GeoDataFrame],
) -> None:
    """The picture is of all origins together, one circle a police force area, with its number."""
    places = ("county:norfolk", "settlement:2641181", "county:kent")  # Norwich lies in Norfolk
    rows = [
        {schema.ORIGIN_ID: origin, schema.DESTINATION_ID: place, schema.COUNT: count}
        for origin in ("borough:islington", "borough:hackney", "borough:camden")
        for place, count in zip(places, (40, 20, 30), strict=True)
    ]
    release = protect(make_flows(rows))
    view = release.views[schema.WHERE_TO]
    still = still_of(release)
    shown = 0
    for name, ids in (("Norfolk", places[:2]), ("Kent", places[2:])):
        mine = view[view[schema.DESTINATION_ID].isin([*ids, f"force:{name.lower()}"])]
        if mine.empty:
            continue
        shown += 1
        about = "about " if len(mine) > 1 else ""
        assert f">{name} {about}{int(mine[schema.COUNT].sum()):,}</text>" in still
    assert still.count("<circle") == shown > 0
    tables = re.findall(r"<tbody>(.*?)</tbody>", still)
    assert [table.count("<tr>") for table in tables] == [len(view), len(release.flows)]
