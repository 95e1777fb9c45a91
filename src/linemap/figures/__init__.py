"""Figures ready to print, each drawn from a Release (or, to explore, from FLOWS, and marked).

- `flow_map`: the static map of flows.
- `distances`: distance curves and distance bands.
- `destinations`: destinations in order, and how far each is.
- `matrix`: origins by destinations.
- `rose`: directions.
- `where_to`: all origins together, by destination.
- `save`: all figures of a release; PNG and SVG.
- `_subject`: what a figure draws, its panels and words.
- `_layout`: the page: title, labels, caption.
- `_lettering`: how wide and tall a text is; writing it into an SVG.
- `_flow_drawing`: arrows, land and places on the axes of a map.
"""

from __future__ import annotations

from linemap.figures._layout import ExploreFigure, LinemapFigure, ReleaseFigure
from linemap.figures._lettering import font_folder, font_letters
from linemap.figures.destinations import destination_ranges, rank_slopes
from linemap.figures.distances import distance_band_bars, distance_ecdf
from linemap.figures.flow_map import flow_figure, inserted_map
from linemap.figures.matrix import observed_expected, od_matrix
from linemap.figures.rose import direction_rose
from linemap.figures.save import (
    FORMATS,
    Format,
    figure_bytes,
    release_figures,
    save_figure,
    written,
)
from linemap.figures.save import NAMES as FIGURE_NAMES
from linemap.figures.where_to import destination_counts, inserted_places

__all__ = [
    "FIGURE_NAMES",
    "FORMATS",
    "ExploreFigure",
    "Format",
    "LinemapFigure",
    "ReleaseFigure",
    "destination_counts",
    "destination_ranges",
    "direction_rose",
    "distance_band_bars",
    "distance_ecdf",
    "figure_bytes",
    "flow_figure",
    "font_folder",
    "font_letters",
    "inserted_map",
    "inserted_places",
    "observed_expected",
    "od_matrix",
    "rank_slopes",
    "release_figures",
    "save_figure",
    "written",
]
