"""A map of a release as folium knows it: a map, a layer for a map of one's own, saving either.

Texts of a release never reach a folium or branca element, both of which treat
text as templates: :class:`FlowMap` hands its release to the page writer,
and on a map of another kind a layer of flows travels as base64.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink
from folium import Map
from folium.map import Layer

from linemap import style
from linemap.disclosure import Release, require_release
from linemap.errors import InputError, OutputError
from linemap.gazetteer import Gazetteer
from linemap.io import write_output
from linemap.maps.packing import base64_text, json_text
from linemap.maps.page import (
    Extra,
    loads_outside,
    page_script,
    page_style,
    policy,
    still_block,
    write_frame,
    write_page,
)
from linemap.maps.payload import Words, build_payload, look_of

BRITAIN = (-8.2, 49.9, 1.8, 60.9)  # degrees: what is shown where nothing is drawn
_FRAME_STYLE = (
    ".linemap-still{display:none}"
    "@media print{.linemap-frame{display:none}.linemap-still{display:block}}"
)
_IDENTIFIER = re.compile(r"[0-9a-f]{32}")


class RawElement(Element):
    """Text that branca passes on as it is, instead of rendering it as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: object) -> str:
        """Return the text."""
        return self._text


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """How a layer stands in folium's layer control."""

    name: str = "Flows"
    overlay: bool = True
    control: bool = True
    show: bool = True


class PayloadLayer(Layer):
    """A folium layer that draws a payload, with its legend, its caveats and its sources."""

    def __init__(
        self,
        payload: Mapping[str, Any],
        *,
        bounds: list[list[float | None]],
        options: LayerOptions,
    ) -> None:
        super().__init__(
            name=options.name, overlay=options.overlay, control=options.control, show=options.show
        )
        self._name = "FlowLayer"
        self._bounds = bounds
        self.payload = payload

    def _get_self_bounds(self) -> list[list[float | None]]:
        """Return [[south, west], [north, east]] of the flows, for folium's own get_bounds."""
        return self._bounds

    def render(self, **_: object) -> str:
        """Add the layer to the page of the map that it is on.

        Raises
        ------
        InputError
            On a map of another projection than Web Mercator, and beside a layer of the same name.
        """
        figure: Any = self.get_root()
        parent: Any = self._parent
        self._check(figure, parent)
        style = f"<style>{page_style()}</style>"
        figure.header.add_child(RawElement(style), name="linemap_style")
        figure.script.add_child(RawElement(page_script()), name="linemap_script")
        data = base64_text(json_text(self.payload).encode("ascii"))
        name = self.get_name()
        shown = f".addTo({parent.get_name()})" if self.show else ""
        call = f'var {name} = linemap.layer("{data}"){shown};'
        figure.script.add_child(RawElement(call), name=name)
        return ""

    def _check(self, figure: Any, parent: Any) -> None:
        above = parent
        while above is not None and not isinstance(above, Map):
            above = above._parent
        crs = getattr(above, "crs", "EPSG3857")
        if crs != "EPSG3857":
            raise InputError(
                f"Flows are drawn in Web Mercator, and this map is in {crs}: make it with "
                "folium.Map(crs='EPSG3857')."
            )
        others = [one for one in parent._children.values() if isinstance(one, PayloadLayer)]
        if sum(one.layer_name == self.layer_name for one in others) > 1:
            raise InputError(
                f"Two layers of flows on this map are called {self.layer_name!r}: give each a "
                "name of its own, FlowLayer(..., name=...)."
            )


class FlowLayer(PayloadLayer):
    """The flows of a release as a layer for a folium map of the caller's own.

    It brings its legend, caveats, rule and sources, and they leave with it.
    `name`, `overlay`, `control` and `show` are those of every layer of folium.
    The texts travel as base64, out of reach of folium's templates. What else
    that map loads is the caller's business; :func:`save_map` will say.
    """

    def __init__(
        self,
        release: Release,
        *,
        colour_by: style.ColourBy = "origin",
        look: style.Style | None = None,
        gazetteer: Gazetteer | None = None,
        name: str = "Flows",
        overlay: bool = True,
        control: bool = True,
        show: bool = True,
    ) -> None:
        payload = build_payload(
            [require_release(release)],
            said=Words(title=""),
            look=look_of(look, colour_by),
            gazetteer=Gazetteer.load(gazetteer),
        )
        drawn = release.flows.geometry.dropna()
        west, south, east, north = map(float, drawn.total_bounds) if len(drawn) else BRITAIN
        super().__init__(
            payload,
            bounds=[[south, west], [north, east]],
            options=LayerOptions(name, overlay, control, show),
        )


class PageFigure(Figure):
    """The root of a :class:`FlowMap`: renders, saves and shows through linemap's page writer."""

    def render(self, **_: object) -> str:
        """Write the whole page."""
        maps = [child for child in self._children.values() if isinstance(child, FlowMap)]
        return write_page(maps[0].payload, _extra(self, maps[0]), maps[0].still)

    def save(self, outfile: Any, close_file: bool = True, **_: object) -> None:
        """Write the page to a path (atomically) or to a binary file."""
        _save(self.render(), outfile, close_file=close_file)

    def _repr_html_(self, **_: object) -> str:
        drawn = next(child for child in self._children.values() if isinstance(child, FlowMap))
        extra = _extra(self, drawn)
        page = escape(
            write_page(drawn.payload, extra, drawn.still) if extra else write_frame(drawn.payload)
        )
        return (
            f'<div class="linemap-frame"><iframe srcdoc="{page}" width="100%" height="640" '
            'sandbox="allow-scripts allow-downloads allow-modals allow-popups '
            'allow-popups-to-escape-sandbox" '
            'title="Flow map" frameborder="0" allowfullscreen></iframe></div>'
            f"<style>{_FRAME_STYLE}</style>{still_block(drawn.still)}"
        )


class FlowMap(Map):
    """A folium map without folium's scripts and styles, whose page linemap writes.

    ``save``, ``_repr_html_`` and ``get_root().render()`` all go through the
    same writer as :func:`linemap.maps.save_map`. What the caller adds (markers,
    plugins) is rendered into the page, which is refused if it would then load
    anything from outside.
    """

    def __init__(self, payload: Mapping[str, Any], still: str) -> None:
        super().__init__(location=[54.5, -3.0], zoom_start=6, tiles=None)
        self.default_js = []
        self.default_css = []
        self.payload = payload
        self.still = still
        self.page = PageFigure()
        self.page.add_child(self)

    def add_child(self, child: Any, name: str | None = None, index: int | None = None) -> Any:
        """Add an element of folium; a second layer of flows is refused."""
        if isinstance(child, PayloadLayer):
            raise InputError(
                "This map already draws its flows. To see two releases beside each other, use "
                "compare_maps()."
            )
        return super().add_child(child, name, index)

    def save(self, outfile: Any, close_file: bool = True, **_: object) -> None:
        """Write the page to a path (atomically) or to a binary file."""
        self.page.save(outfile, close_file=close_file)

    def __repr__(self) -> str:
        return f"<FlowMap: {self.payload.get('title') or 'flows'}>"

    def _repr_html_(self, **_: object) -> str:
        return self.page._repr_html_()

    def render(self, **_: object) -> str:
        """Write the whole page."""
        return self.page.render()


def _save(page: str, outfile: Any, *, close_file: bool) -> None:
    if isinstance(outfile, bytes):
        outfile = outfile.decode()
    if hasattr(outfile, "write"):
        outfile.write(page.encode("utf-8"))
        if close_file:
            outfile.close()
    else:
        write_output(outfile, page.encode())


def _extra(figure: PageFigure, flow_map: FlowMap) -> Extra:
    """Render what the caller added, with folium's random names made the same every time."""
    parts = (figure.header, figure.html, figure.script)
    before = [dict(part._children) for part in parts]
    for child in (*_others(figure, flow_map), *flow_map._children.values()):
        child.render()
    for name, url in flow_map.default_js:
        figure.header.add_child(JavascriptLink(url), name=name)
    for name, url in flow_map.default_css:
        figure.header.add_child(CssLink(url), name=name)
    figure.header._children.pop("meta_http", None)
    texts = [part.render() for part in parts]
    for part, children in zip(parts, before, strict=True):
        part._children.clear()
        part._children.update(children)
    names = _identifiers(figure)
    fresh: dict[str, str] = {}

    def steady(match: re.Match[str]) -> str:
        if match[0] not in names:
            return match[0]
        return fresh.setdefault(match[0], f"{len(fresh) + 1:032x}")

    header, html, script, name = (
        _IDENTIFIER.sub(steady, text) for text in (*texts, flow_map.get_name())
    )
    return Extra(header=header, html=html, script=script, map_name=name)


def _others(figure: PageFigure, flow_map: FlowMap) -> list[Any]:
    return [child for child in figure._children.values() if child is not flow_map]


def _identifiers(element: Any) -> set[str]:
    """Collect the random identifiers of an element and of all within it."""
    found = {str(element._id)}
    inner = [getattr(element, part, None) for part in ("header", "html", "script")]
    for child in (*element._children.values(), *inner):
        if isinstance(child, Element):
            found |= _identifiers(child)
    return found


# ── Saving a map: whole or not at all, and only if it loads nothing ─────────────────────────
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
