"""Saving a map: whole or not at all, and only if it loads nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

from folium import Map

from linemap.errors import OutputError
from linemap.io import write_output
from linemap.maps.layer import FlowMap
from linemap.maps.outside import loads_outside
from linemap.maps.page import policy

_SCRIPT = re.compile(r"<script\b(?![^>]*application/json)[^>]*>(.*?)</script\s*>", re.S | re.I)
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.S | re.I)


def save_map(flow_map: Map, path: str | os.PathLike[str]) -> Path:
    """Write a map to one HTML file that loads nothing, atomically, and return its path.

    Any folium map is taken: one that would load something from outside is
    refused with a list of it, and the file that was there stays.

    Raises
    ------
    OutputError
        If the map would load from outside, or the file cannot be written.
    """
    if isinstance(flow_map, FlowMap):
        return write_output(path, flow_map.get_root().render().encode())
    html = str(flow_map.get_root().render())
    found = loads_outside(html)
    if found:
        listed = "\n".join(f"  {what}" for what in found)
        raise OutputError(
            "This map would load from outside, and linemap writes only maps that open without "
            f"a network. flow_map() makes one that does. What it would load:\n{listed}"
        )
    rule = policy(_SCRIPT.findall(html), _STYLE.findall(html))
    meta = f'<head>\n<meta http-equiv="Content-Security-Policy" content="{rule}">'
    return write_output(path, html.replace("<head>", meta, 1).encode())
