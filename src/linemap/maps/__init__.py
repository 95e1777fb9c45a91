"""Interactive maps of a release: one HTML file that opens anywhere and loads nothing.

:func:`flow_map` draws a release, :func:`compare_maps` two parts of one beside
each other, :class:`FlowLayer` adds the flows to a folium map of one's own,
:func:`explore` shows a map in a notebook that the next cells can read and steer, and
:func:`save_map` writes a map to a file, whole or not at all.

- `drawing`: the functions that draw a map.
- `payload`: a release as plain data for the page.
- `packing`: how data travel inside a page.
- `page`: the file: its policy, scripts, styles, and what it would load.
"""

from __future__ import annotations

from linemap.maps.drawing import FlowLayer, compare_maps, explore, flow_map
from linemap.maps.page import save_map

__all__ = ["FlowLayer", "compare_maps", "explore", "flow_map", "save_map"]
