"""Figures ready to print, each drawn from a Release (or, to explore, from FLOWS, and marked)."""

from __future__ import annotations

from linemap.figures.bands import distance_band_bars
from linemap.figures.ecdf import distance_ecdf
from linemap.figures.flow_map import flow_figure
from linemap.figures.page import ExploreFigure, LinemapFigure, ReleaseFigure
from linemap.figures.saving import figure_bytes, save_figure

__all__ = [
    "ExploreFigure",
    "LinemapFigure",
    "ReleaseFigure",
    "distance_band_bars",
    "distance_ecdf",
    "figure_bytes",
    "flow_figure",
    "save_figure",
]
