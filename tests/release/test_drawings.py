"""The drawings of a release folder, by file name."""

from __future__ import annotations

from pathlib import Path

from linemap import figures, maps
from linemap.disclosure import Release
from linemap.gazetteer import Gazetteer
from linemap.release import BRIEFS, MAP, draw_release, drawing_names


def test_every_drawing_has_a_name(release: Release, toy: Gazetteer, tmp_path: Path) -> None:
    drawn = draw_release(release, "Whereto", toy)
    stems = {name for name, _ in figures.release_figures(release, gazetteer=toy)}
    assert len(stems - {"where_to"}) == 7  # and one of the view of all origins, if there is one
    assert ("where_to" in stems) == ("where to" in release.views)
    assert stems | {"where_to"} == set(figures.FIGURE_NAMES)
    files = {f"figures/{s}.{f}" for s in stems for f in ("png", "svg")}
    assert drawn.keys() == {MAP, *BRIEFS, *files}
    assert drawn.keys() <= drawing_names()
    for name, content in drawn.items():
        if name.endswith(".png"):
            assert isinstance(content, bytes)
            assert content.startswith(b"\x89PNG")
        elif name.endswith(".pdf"):
            assert isinstance(content, bytes)
            assert content.startswith(b"%PDF")
        elif name.endswith(".svg"):
            assert isinstance(content, bytes)
            assert b"<svg" in content
    brief = drawn["brief.html"]
    assert isinstance(brief, bytes)
    assert "<h1>Whereto</h1>" in brief.decode()
    page = drawn[MAP]
    assert isinstance(page, str)
    chart = tmp_path / MAP
    maps.save_map(maps.flow_map(release, title="Whereto", gazetteer=toy), chart)
    assert page == chart.read_text(encoding="utf-8"), "as folium's own map of it is saved"


def test_only_what_is_asked_for_is_drawn(release: Release, toy: Gazetteer) -> None:
    assert draw_release(release, "t", toy, only=()) == {}
    assert draw_release(release, "t", toy, only={"figures/ranks.svg", "notes.txt"}).keys() == {
        "figures/ranks.svg"
    }
    assert draw_release(release, "t", toy, only=[MAP]).keys() == {MAP}
    again = [draw_release(release, "t", toy, only=BRIEFS) for _ in range(2)]
    assert again[0].keys() == {*BRIEFS}
    assert again[0] == again[1]
