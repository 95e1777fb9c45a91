"""The drawings of a release folder: the map, and each figure in both of its forms."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from linemap.disclosure import Release
from linemap.gazetteer import Gazetteer
from linemap.release.contents import Drawing

MAP: Final = "map.html"


def drawing_names() -> frozenset[str]:
    """Name every file that a release's drawings may have."""
    from linemap.figures import FIGURE_NAMES, FORMATS

    return frozenset({MAP, *(_file(name, form) for name in FIGURE_NAMES for form in FORMATS)})


def draw_release(
    release: Release,
    title: str,
    gazetteer: Gazetteer,
    *,
    only: Collection[str] | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Drawing]:
    """Draw a release under a title, by file name: everything, or `only` some of the files.

    `told` hears how many of how many drawings are done.
    """
    # The drawing libraries are slow to load, and only a build and an audit draw.
    from linemap import figures, maps

    wanted = drawing_names() if only is None else only
    drawn: dict[str, Drawing] = {}
    names = [
        name
        for name in figures.FIGURE_NAMES
        if any(_file(name, form) in wanted for form in figures.FORMATS)
    ]
    told(0, len(names) + 1)
    if MAP in wanted:
        chart = maps.flow_map(release, title=title, gazetteer=gazetteer)
        drawn[MAP] = lambda path: maps.save_map(chart, path)
    all_figures = figures.release_figures(release, gazetteer=gazetteer, names=names)
    for done, (name, figure) in enumerate(all_figures, 1):
        told(done, len(names) + 1)
        for form, content in figures.figure_bytes(figure).items():
            if _file(name, form) in wanted:
                drawn[_file(name, form)] = content
    return drawn


def _file(name: str, form: str) -> str:
    return f"figures/{name}.{form}"
