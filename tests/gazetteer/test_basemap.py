"""The base map: lines that close, areas of the right size, ranks that nest."""

import json
from collections import Counter

import pytest
import shapely

from linemap.gazetteer import Gazetteer, basemap, basemap_json

MAP = basemap()
PLACES = Gazetteer.load().places


def ring(numbers: list[int], rank: int = 2) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for number in numbers:
        i = number if number >= 0 else -1 - number
        pairs = zip(MAP["arcs"][i], MAP["ranks"][i], strict=True)
        arc = [point for point, level in pairs if level <= rank]
        arc = arc if number >= 0 else arc[::-1]
        assert not points or points[-1] == arc[0]
        points += arc[1:] if points else arc
    return points


def test_it_is_one_small_line_of_ascii() -> None:
    text = basemap_json()
    assert text.isascii()
    assert "\n" not in text
    assert len(text) < 140_000
    assert set(json.loads(text)) == {
        "quantum", "tolerance_km", "arcs", "ranks", "kinds", "areas", "labels",
    }  # fmt: skip


def test_each_line_has_a_kind_and_each_vertex_a_rank() -> None:
    assert len(MAP["arcs"]) == len(MAP["kinds"]) == len(MAP["ranks"])
    assert set(MAP["kinds"]) == set("cinrfab")
    for arc, ranks in zip(MAP["arcs"], MAP["ranks"], strict=True):
        assert len(arc) == len(ranks) >= 2
        assert ranks[0] == ranks[-1] == 0
    counts = Counter(rank for ranks in MAP["ranks"] for rank in ranks)
    assert 0 < counts[0] < counts[1] < counts[2]


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_every_ring_closes_at_every_scale(rank: int) -> None:
    for _, _, _, _, rings in MAP["areas"]:
        for numbers in rings:
            points = ring(numbers, rank)
            assert points[0] == points[-1]
            assert len(points) >= 4


def test_areas_are_those_of_the_gazetteer() -> None:
    areas = PLACES[PLACES["level"].isin(["county", "borough"]) & PLACES["became_ids"].isna()]
    assert {a[0]: tuple(a[1:4]) for a in MAP["areas"]} == {
        i: (row["name"], row["force_id"], row["nation_id"]) for i, row in areas.iterrows()
    }


def test_close_by_an_area_has_the_gazetteers_outline() -> None:
    for place, _, _, _, rings in MAP["areas"]:
        drawn = shapely.Polygon()
        for numbers in rings:
            drawn = drawn.symmetric_difference(shapely.Polygon(ring(numbers)).buffer(0))
        real = PLACES.geometry[place]
        wrong = drawn.symmetric_difference(real).area / real.area
        assert wrong < (0.15 if real.area < 0.01 else 0.02), place


def test_inner_lines_have_two_sides_and_coasts_one() -> None:
    sides = Counter(
        number if number >= 0 else -1 - number
        for area in MAP["areas"]
        for numbers in area[4]
        for number in numbers
    )
    assert set(sides) == set(range(len(MAP["arcs"])))
    for i, kind in enumerate(MAP["kinds"]):
        assert sides[i] == (1 if kind in "ci" else 2)


def test_the_border_with_ireland_is_no_coast() -> None:
    border = [arc for arc, kind in zip(MAP["arcs"], MAP["kinds"], strict=True) if kind == "i"]
    points = [point for arc in border for point in arc]
    assert min(lon for lon, _ in points) < -8.0
    assert max(lon for lon, _ in points) < -6.2
    assert all(53.9 < lat < 55.15 for _, lat in points)
    lines = shapely.line_merge(shapely.MultiLineString(border))
    assert lines.geom_type == "LineString"  # from Lough Foyle to Carlingford Lough, in one piece


def test_national_borders_are_two() -> None:
    lines = [arc for arc, kind in zip(MAP["arcs"], MAP["kinds"], strict=True) if kind == "n"]
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines)))
    longest = sorted(shapely.length(merged), reverse=True)
    assert sum(longest[:2]) > 0.9 * sum(longest)  # with Scotland and Wales; rivers part the rest
    assert len(merged) < 12


def test_labels_are_places_the_largest_first_and_far_apart() -> None:
    names = [label[0] for label in MAP["labels"]]
    assert names[:3] == ["London", "Birmingham", "Glasgow"]
    assert len(names) == len(set(names)) >= 150
    assert {"Norwich", "Cardiff", "Belfast", "Inverness", "Plymouth"} <= set(names)
    assert not {"Brent", "Islington", "Mendip", "Saint Peters"} & set(names)
    for _, lon, lat, place in MAP["labels"]:
        row = PLACES.loc[place]
        assert (lon, lat) == pytest.approx((row["lon"], row["lat"]), abs=0.001)
