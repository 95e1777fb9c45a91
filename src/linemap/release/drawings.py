"""What is drawn of a release: the map, the brief, and each figure in both of its forms."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from linemap.disclosure import Release
from linemap.gazetteer import Gazetteer
from linemap.release.contents import Drawing

MAP: Final = "map.html"
BRIEFS: Final = ("brief.html", "brief.pdf")


def drawing_names() -> frozenset[str]:
    """Name every file that a release's drawings may have."""
    from linemap.figures import FIGURE_NAMES, FORMATS

    return frozenset(
        {MAP, *BRIEFS, *(_file(name, form) for name in FIGURE_NAMES for form in FORMATS)}
    )


def draw_release(
    release: Release, title: str, gazetteer: Gazetteer, *, only: Collection[str] | None = None
) -> dict[str, Drawing]:
    """Draw a release under a title, by file name: everything, or `only` some of the files."""
    # The drawing libraries are slow to load, and only a build and an audit draw.
    from linemap import briefing, figures, maps

    wanted = drawing_names() if only is None else frozenset(only)
    drawn: dict[str, Drawing] = {}
    if MAP in wanted:
        chart = maps.flow_map(release, title=title, gazetteer=gazetteer)
        drawn[MAP] = lambda path: maps.save_map(chart, path)
    if wanted & {*BRIEFS}:
        made = briefing.brief(release, title=title, gazetteer=gazetteer)
        drawn |= {name: made.as_bytes(name) for name in BRIEFS if name in wanted}
    names = [
        name
        for name in figures.FIGURE_NAMES
        if any(_file(name, form) in wanted for form in figures.FORMATS)
    ]
    for name, figure in figures.release_figures(release, gazetteer=gazetteer, names=names):
        for form, content in figures.figure_bytes(figure).items():
            if _file(name, form) in wanted:
                drawn[_file(name, form)] = content
    return drawn


def _file(name: str, form: str) -> str:
    return f"figures/{name}.{form}"
