"""From a release to a map: what the caller may choose, checked, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from linemap import style
from linemap.disclosure import Release, require_release
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.maps.layer import FlowMap, LayerOptions, PayloadLayer
from linemap.maps.payload import Words, build_payload
from linemap.maps.still import still_page

TITLE = "Flows between places"
BRITAIN = (-8.2, 49.9, 1.8, 60.9)  # degrees: what is shown where nothing is drawn


def flow_map(
    release: Release,
    *,
    title: str = TITLE,
    subtitle: str = "",
    notes: Sequence[str] = (),
    colour_by: style.ColourBy = "origin",
    look: style.Style | None = None,
    tiles: str | None = None,
    tiles_attribution: str = "",
    gazetteer: Gazetteer | None = None,
) -> FlowMap:
    """Draw the flows of a release on a map that opens anywhere.

    The map is a ``folium.Map`` whose page linemap writes: one file that loads
    nothing. In a notebook it shows in the cell. Flows are curves, as wide as
    their count, dashed where a place is only named; counts are those of the
    release and are never added up. `notes` join the caveats. `look` sets
    widths and distance bands (its ``colour_by`` is replaced by `colour_by`).

    `tiles` is the address of an online background (``https://.../{z}/{x}/{y}.png``):
    the page then loads pictures from that host alone, and says so.

    Raises
    ------
    DisclosureError
        For anything but a Release.
    InputError
        For an option that is not allowed.
    """
    gazetteer = gazetteer or Gazetteer.load()
    payload = build_payload(
        [require_release(release)],
        said=Words(title=title, subtitle=subtitle, notes=tuple(notes)),
        look=look_of(look, colour_by),
        gazetteer=gazetteer,
        tiles=_tiles(tiles, tiles_attribution),
    )
    return FlowMap(payload, still_page(payload, release.flows, gazetteer))


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
            gazetteer=gazetteer or Gazetteer.load(),
        )
        drawn = release.flows.geometry.dropna()
        west, south, east, north = map(float, drawn.total_bounds) if len(drawn) else BRITAIN
        super().__init__(
            payload,
            bounds=[[south, west], [north, east]],
            options=LayerOptions(name, overlay, control, show),
        )


def look_of(look: style.Style | None, colour_by: style.ColourBy) -> style.Style:
    """Take the caller's style, or the usual one, with the colours asked for."""
    chosen = look or style.Style()
    return style.Style(
        colour_by=colour_by,
        widest_px=chosen.widest_px,
        thinnest_px=chosen.thinnest_px,
        named_px=chosen.named_px,
        bands_km=chosen.bands_km,
    )


def _tiles(address: str | None, attribution: str) -> dict[str, Any] | None:
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise InputError(f"Tiles need an address that is one; {address!r} is none.") from error
    host = parts.hostname or ""
    if parts.scheme != "https" or not all(part in address for part in ("{z}", "{x}", "{y}")):
        raise InputError(
            f"Tiles need an https address with {{z}}, {{x}} and {{y}} in it; {address!r} was given."
        )
    if not host.replace("-", "").replace(".", "").isalnum() or not host.isascii():
        raise InputError(f"Tiles come from one plain host; {host!r} is none.")
    return {
        "address": address,
        "origin": f"https://{host}{port}",
        "host": host,
        "attribution": attribution,
    }
