"""Interactive maps of a release: one HTML file that opens anywhere and loads nothing.

>>> # a map of published statements, in three lines
>>> # release = lm.as_published(lm.build_flows(lm.read_statements("statements.csv")))
>>> # lm.save_map(lm.flow_map(release, title="County lines from London"), "map.html")
"""

from __future__ import annotations

from linemap.maps.compare import compare_maps
from linemap.maps.drawing import FlowLayer, flow_map
from linemap.maps.saving import save_map

__all__ = ["FlowLayer", "compare_maps", "flow_map", "save_map"]
