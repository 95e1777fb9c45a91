"""The figures that a release folder holds, by file name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from linemap import schema
from linemap.disclosure import Release, require_release
from linemap.figures._layout import LinemapFigure
from linemap.figures.bands import distance_band_bars
from linemap.figures.ecdf import distance_ecdf
from linemap.figures.flow_map import flow_figure
from linemap.figures.matrix import od_matrix
from linemap.figures.ranges import destination_ranges
from linemap.figures.ranks import rank_slopes
from linemap.figures.rose import direction_rose
from linemap.figures.where_to import destination_counts
from linemap.gazetteer import Gazetteer

_DRAWN: Final[dict[str, Callable[[Release], LinemapFigure]]] = {
    "distances": distance_ecdf,
    "distance_bands": distance_band_bars,
    "places": destination_ranges,
    "directions": direction_rose,
    "origins_by_destinations": od_matrix,
    "ranks": rank_slopes,
}
WHERE_TO: Final = "where_to"
NAMES: Final = (WHERE_TO, "flow_map", *_DRAWN)


def release_figures(
    release: Release, *, gazetteer: Gazetteer | None = None, names: Collection[str] = NAMES
) -> Iterator[tuple[str, LinemapFigure]]:
    """Draw every figure of a release, or those of `names`, each with the stem of its file name.

    One at a time, in the order of ``NAMES``. Where all origins go together comes
    first, if the release has that view of its records. Any other figure that has
    nothing to show is drawn too, and says so.

    Raises
    ------
    DisclosureError
        Anything that is not a Release.
    """
    release = require_release(release)
    if WHERE_TO in names and schema.WHERE_TO in release.views:
        yield WHERE_TO, destination_counts(release)
    if "flow_map" in names:
        yield "flow_map", flow_figure(release, gazetteer=gazetteer)
    for name, draw in _DRAWN.items():
        if name in names:
            yield name, draw(release)
