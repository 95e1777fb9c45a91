"""Two maps beside each other, on one scale, moving together."""

from __future__ import annotations

import re
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema, style
from linemap.disclosure import Release, require_release
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.maps.drawing import look_of
from linemap.maps.layer import FlowMap
from linemap.maps.payload import Words, build_payload
from linemap.maps.still import still_page

Window = tuple[str, str]
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
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
    return " to ".join(
        f"{MONTHS[int(month[5:7]) - 1]} {month[:4]}" if _MONTH.fullmatch(month) else month
        for month in window
    )


def _name(flows: gpd.GeoDataFrame, hit: npt.NDArray[np.bool_], otherwise: str) -> str:
    names = flows.loc[hit, schema.ORIGIN_NAME].dropna()
    return str(names.iloc[0]) if len(names) else otherwise
