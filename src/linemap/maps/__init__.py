"""Interactive maps of a release: one HTML file that opens anywhere and loads nothing.

:func:`flow_map` draws a release, :func:`compare_maps` two parts of one beside
each other, :class:`FlowLayer` adds the flows to a folium map of one's own,
:func:`explore` shows a map in a notebook that the next cells can read and steer, and
:func:`save_map` writes a map to a file, whole or not at all.

- `drawing`: the functions that draw a map.
- `payload`: a release as plain data for the page.
- `packing`: how data travel inside a page.
- `page`: the file: its policy, scripts, styles, and what it would load.
- `folium_map`: a map and a layer as folium knows them; loaded when one is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linemap.maps.drawing import compare_maps, explore, flow_map, map_page

if TYPE_CHECKING:
    from linemap.maps.folium_map import FlowLayer, save_map

__all__ = ["FlowLayer", "compare_maps", "explore", "flow_map", "map_page", "save_map"]


def __getattr__(name: str) -> Any:
    """Load what is folium's when it is asked for: folium takes as long as drawing a map."""
    if name in ("FlowLayer", "save_map"):
        from linemap.maps import folium_map

        return getattr(folium_map, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
