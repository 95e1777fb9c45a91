"""From a release to a map: one map, two beside each other, or a layer for a map of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema, style
from linemap.disclosure import Release, require_release
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.maps.folium_map import FlowMap, LayerOptions, PayloadLayer
from linemap.maps.payload import Words, build_payload
from linemap.maps.still import still_page
from linemap.windows import month_words, window_words

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


# ── Two maps beside each other, on one scale, moving together ───────────────────────────────
Window = tuple[str, str]
_BOTH = 2


def compare_maps(
    release: Release,
    other: Release | None = None,
    *,
    origins: tuple[str, str] | None = None,
    periods: tuple[Window, Window] | None = None,
    labels: tuple[str, str] | None = None,
    title: str = "Two maps on one scale",
    subtitle: str = "",
    notes: Sequence[str] = (),
    colour_by: style.ColourBy = "origin",
    look: style.Style | None = None,
    gazetteer: Gazetteer | None = None,
) -> FlowMap:
    """Draw two parts of a release, or two releases, beside each other on one scale.

    Say what to compare in one of three ways: `origins`, two names or place_ids;
    `periods`, two windows of months (``("2018-01", "2019-03")``), a flow
    belonging to the one that its own window lies inside; or `other`, a second
    release. Flows of neither part are left out. Both maps move together and
    have the same widths, filters and table. Two releases of the same records
    can tell more than either: make both under one rule, in one run.

    Raises
    ------
    DisclosureError
        For anything but a Release.
    InputError
        If not exactly one way is given, or a part has no flow.
    """
    releases = [require_release(release)] + ([require_release(other)] if other is not None else [])
    if sum(way is not None for way in (other, origins, periods)) != 1:
        raise InputError("Say what to compare: another release, two origins, or two periods.")
    parts, names = _parts(releases, origins, periods)
    gazetteer = gazetteer or Gazetteer.load()
    payload = build_payload(
        releases,
        said=Words(title=title, subtitle=subtitle, panes=labels or names, notes=tuple(notes)),
        look=look_of(look, colour_by),
        gazetteer=gazetteer,
        pane_of=parts,
    )
    flows = pd.concat([one.flows for one in releases], ignore_index=True)[parts >= 0]
    return FlowMap(payload, still_page(payload, flows, gazetteer))


def _parts(
    releases: Sequence[Release],
    origins: tuple[str, str] | None,
    periods: tuple[Window, Window] | None,
) -> tuple[npt.NDArray[np.int64], tuple[str, str]]:
    """Tell the map of each flow, 0 or 1, or -1 for neither; and name the two."""
    if origins is not None:
        flows = releases[0].flows
        hits = [_from(flows, origin) for origin in origins]
        names = (_name(flows, hits[0], origins[0]), _name(flows, hits[1], origins[1]))
    elif periods is not None:
        flows = releases[0].flows
        hits = [_within(flows, window) for window in periods]
        names = (_window(periods[0]), _window(periods[1]))
    else:
        sizes = [len(one.flows) for one in releases]
        return np.repeat(np.arange(_BOTH), sizes), ("First", "Second")
    empty = [name for name, hit in zip(names, hits, strict=True) if not hit.any()]
    if empty:
        raise InputError(
            f"No flow belongs to {' or '.join(repr(name) for name in empty)}. Origins here are "
            f"{', '.join(sorted(flows[schema.ORIGIN_NAME].dropna().unique())[:12])}."
        )
    return np.where(hits[0], 0, np.where(hits[1], 1, -1)), names


def _from(flows: gpd.GeoDataFrame, origin: str) -> npt.NDArray[np.bool_]:
    hit = flows[schema.ORIGIN_ID].eq(origin) | flows[schema.ORIGIN_NAME].eq(origin)
    found: npt.NDArray[np.bool_] = hit.fillna(value=False).to_numpy(dtype=bool)
    return found


def _within(flows: gpd.GeoDataFrame, window: Window) -> npt.NDArray[np.bool_]:
    start = flows[schema.PERIOD_START].fillna("")
    end = flows[schema.PERIOD_END].fillna("")
    hit = start.ge(window[0]) & end.le(window[1]) & start.ne("") & end.ne("")
    found: npt.NDArray[np.bool_] = hit.to_numpy(dtype=bool)
    return found


def _window(window: Window) -> str:
    """Say a window in words: January 2018 to March 2019."""
    if any(map(month_words, window)):
        return window_words(*window)
    return " to ".join(window)


def _name(flows: gpd.GeoDataFrame, hit: npt.NDArray[np.bool_], otherwise: str) -> str:
    names = flows.loc[hit, schema.ORIGIN_NAME].dropna()
    return str(names.iloc[0]) if len(names) else otherwise
