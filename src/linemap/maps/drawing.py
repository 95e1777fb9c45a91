"""Maps of a release: one, two beside each other, a folium layer, and a widget of a notebook.

Each map also has a still part, which its page shows where no script runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from linemap import schema, style
from linemap.disclosure import Release, require_release
from linemap.errors import InputError, MissingLibraryError
from linemap.gazetteer import Gazetteer
from linemap.maps.page import still_block, write_frame, write_page
from linemap.maps.payload import Words, build_payload, look_of
from linemap.windows import month_words, window_words

if TYPE_CHECKING:
    from linemap.maps.folium_map import FlowMap

TITLE = "Flows between places"


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
    from linemap.maps.folium_map import FlowMap  # late: folium is slow to load

    return FlowMap(
        *_drawn(
            release,
            Words(title=title, subtitle=subtitle, notes=tuple(notes)),
            look_of(look, colour_by),
            Gazetteer.load(gazetteer),
            _tiles(tiles, tiles_attribution),
        )
    )


def map_page(release: Release, *, title: str = TITLE, gazetteer: Gazetteer | None = None) -> str:
    """Write the page of :func:`flow_map`'s map: the same bytes, without folium.

    Raises
    ------
    DisclosureError
        For anything but a Release.
    """
    words, look = Words(title=title), style.Style()
    payload, still = _drawn(release, words, look, Gazetteer.load(gazetteer))
    return write_page(payload, still=still)


def _drawn(
    release: Release,
    words: Words,
    look: style.Style,
    gazetteer: Gazetteer,
    tiles: dict[str, Any] | None = None,
) -> tuple[dict[str, Any], str]:
    """Put a release into what its page shows: the data of the map, and its still part."""
    payload = build_payload(
        [require_release(release)], said=words, look=look, gazetteer=gazetteer, tiles=tiles
    )
    where_to = release.views.get(schema.WHERE_TO)
    return payload, still_page(payload, release.flows, gazetteer, where_to)


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
    gazetteer = Gazetteer.load(gazetteer)
    payload = build_payload(
        releases,
        said=Words(title=title, subtitle=subtitle, panes=labels or names, notes=tuple(notes)),
        look=look_of(look, colour_by),
        gazetteer=gazetteer,
        pane_of=parts,
    )
    flows = pd.concat([one.flows for one in releases], ignore_index=True)[parts >= 0]
    from linemap.maps.folium_map import FlowMap  # late: folium is slow to load

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


# ── What a page shows where no script runs: key numbers, caveats, a picture and a plain table ───
ROWS = 200  # of the table; the page's size is not that of the release
_LINES = 150
_NAMES = 26
_FAR = 4  # origins and furthest places that are named before the others
_WIDTH, _HEIGHT, _MARGIN = 900.0, 640.0, 60.0
_COAST_TOLERANCE = 0.02  # degrees: about 2 km
_BEND = 0.12
_PLAIN = re.compile(r"[^A-Za-z0-9 .,()-]")
_COLUMNS = (
    (schema.ORIGIN_NAME, "Origin"),
    (schema.DESTINATION_NAME, "Destination"),
    (schema.MEASURE, "Counted"),
    (schema.COUNT, "Count"),
    (schema.PERIOD_START, "First month"),
    (schema.PERIOD_END, "Last month"),
    (schema.DISTANCE_KM, "Distance, km"),
    (schema.SOURCE, "Source"),
)

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
Mark = tuple[tuple[float, float], str, float]  # point, name, radius


def safe(text: object) -> str:
    """Write a text for HTML, every special character as a numeric reference.

    >>> safe("King's <b>")
    'King&#39;s &#60;b&#62;'
    """
    return _PLAIN.sub(lambda match: f"&#{ord(match[0])};", str(text))


def still_page(
    payload: Mapping[str, Any],
    flows: gpd.GeoDataFrame,
    gazetteer: Gazetteer,
    where_to: gpd.GeoDataFrame | None = None,
) -> str:
    """Write the part of a page for where no script runs.

    The picture is of the view of all origins together, where the release has one.
    """
    view = where_to if where_to is not None and len(where_to) else None
    numbers = "".join(
        f"<li><b>{safe(one['value'])}</b> {safe(one['label'])}"
        + (f" ({safe(one['note'])})" if one["note"] else "")
        + "</li>"
        for one in payload["headlines"]
    )
    title = f"<h1>{safe(payload['title'])}</h1>" if payload["title"] else ""
    subtitle = f"<p>{safe(payload['subtitle'])}</p>" if payload["subtitle"] else ""
    return (
        f'<div class="still">{title}{subtitle}<ul>{numbers}</ul>'
        f"{_picture(flows, gazetteer, view)}"
        "<p>This is a still picture: where JavaScript may run, this page is a map to explore.</p>"
        f"{_list(payload['caveats'])}<p>{safe(payload['basis'])}</p>"
        f"{'' if view is None else '<h2>All origins together</h2>' + _table(view)}"
        f"{'' if view is None else '<h2>Each origin on its own</h2>'}{_table(flows)}"
        f"{_list(payload['attributions'])}</div>"
    )


def _list(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{safe(text)}</li>" for text in texts) + "</ul>"


def _table(flows: gpd.GeoDataFrame) -> str:
    """Write the rows with the largest counts, each as it stands."""
    columns = [(key, title) for key, title in _COLUMNS if flows[key].notna().any()]
    ordered = flows.sort_values(schema.COUNT, ascending=False, kind="stable", na_position="last")
    rows = []
    for values in ordered.head(ROWS)[[key for key, _ in columns]].itertuples(index=False):
        cells = "".join(f"<td>{_cell(value)}</td>" for value in values)
        rows.append(f"<tr>{cells}</tr>")
    if not rows:
        return ""
    heads = "".join(f"<th>{title}</th>" for _, title in columns)
    more = (
        f"<p>The {ROWS:,} rows with the largest counts, of {len(flows):,}.</p>"
        if len(flows) > ROWS
        else ""
    )
    return f"{more}<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.1f}" if isinstance(value, float) else safe(value)


def _picture(
    flows: gpd.GeoDataFrame, gazetteer: Gazetteer, view: gpd.GeoDataFrame | None = None
) -> str:
    """Draw statements as lines, and records as circles where they were found, as an SVG."""
    drawn = flows[flows.geometry.notna()]
    ends = shapely.get_coordinates(drawn.geometry.to_numpy()).reshape(-1, 4)
    found = _by_force(view, gazetteer) if view is not None else _by_place(drawn, ends)
    statements = schema.holds_statements(flows)
    points = (
        np.vstack([ends[:, :2], ends[:, 2:]])
        if statements
        else np.vstack([found[[schema.LON, schema.LAT]].to_numpy(dtype=float), ends[:, :2]])
    )
    if not len(points):
        return ""
    at = _Projection(points)
    theme = style.LIGHT
    parts = [f'<rect width="{_WIDTH:g}" height="{_HEIGHT:g}" fill="{theme.sea}"/>']
    coast = "".join(at.path(shape) for shape in _land(gazetteer))
    parts.append(f'<path d="{coast}" fill="{theme.land}" stroke="{theme.coast}"/>')
    parts += _lines(drawn, ends, at) if statements else _circles(found, at)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'width="{_WIDTH:g}" height="{_HEIGHT:g}" role="img">'
        f"{''.join(parts)}</svg>"
    )


def _land(gazetteer: Gazetteer) -> list[Any]:
    places = gazetteer.places
    for level in (schema.NATION, schema.COUNTY):
        shapes = places.geometry[places[schema.LEVEL].eq(level) & places.geometry.notna()]
        areas = [one for one in shapes if one.geom_type in ("Polygon", "MultiPolygon")]
        if areas:
            return [shapely.simplify(one, _COAST_TOLERANCE) for one in areas]
    return []


class _Projection:
    """Web Mercator, fitted to points."""

    def __init__(self, points: Floats) -> None:
        flat = self._flat(points)
        low, high = flat.min(axis=0), flat.max(axis=0)
        middle, span = (low + high) / 2, np.maximum(high - low, 0.02)
        room = np.array([_WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN])
        self._scale = float((room / span).min())
        self._corner = middle - np.array([_WIDTH, _HEIGHT]) / 2 / self._scale

    @staticmethod
    def _flat(points: Floats) -> Floats:
        lat = np.radians(points[:, 1])
        return np.column_stack([np.radians(points[:, 0]), -np.log(np.tan(np.pi / 4 + lat / 2))])

    def __call__(self, points: Floats) -> Floats:
        """Put points, longitude first, in pixels of the picture."""
        placed: Floats = (self._flat(points) - self._corner) * self._scale
        return placed

    def path(self, shape: Any) -> str:
        """Write the rings of a polygon that come into the picture."""
        written = []
        for part in shapely.get_parts(shape):
            ring = self(shapely.get_coordinates(part.exterior))
            low, high = ring.min(axis=0), ring.max(axis=0)
            if (high < 0).any() or low[0] > _WIDTH or low[1] > _HEIGHT or (high - low).max() < 1:
                continue
            steps = "L".join(f"{x:.0f} {y:.0f}" for x, y in ring)
            written.append(f"M{steps}Z")
        return "".join(written)


def _lines(drawn: gpd.GeoDataFrame, ends: Floats, at: _Projection) -> list[str]:
    counts = pd.to_numeric(drawn[schema.COUNT]).to_numpy(dtype=float, na_value=np.nan)
    largest = float(np.nanmax(counts)) if (~np.isnan(counts)).any() else 0.0
    widths = style.flow_widths(counts, largest=largest)
    order = np.argsort(-np.nan_to_num(counts), kind="stable")[:_LINES]
    start, end = at(ends[:, :2]), at(ends[:, 2:])
    parts = []
    for k in order[::-1]:
        (x0, y0), (x1, y1) = start[k], end[k]
        cx, cy = (x0 + x1) / 2 + (y1 - y0) * _BEND, (y0 + y1) / 2 - (x1 - x0) * _BEND
        dash = ' stroke-dasharray="7 4"' if np.isnan(counts[k]) else ""
        parts.append(_head(x1, y1, x1 - cx, y1 - cy, 5 + widths[k]))
        parts.append(
            f'<path d="M{x0:.0f} {y0:.0f}Q{cx:.0f} {cy:.0f} {x1:.0f} {y1:.0f}" fill="none" '
            f'stroke="{style.LIGHT.accent}" stroke-width="{widths[k]:.1f}" opacity="0.8"{dash}/>'
        )
    weight = pd.Series(np.nan_to_num(counts)).groupby(_ids(drawn), sort=False).max()
    far = pd.Series(np.hypot(*(end - start).T)).groupby(_ids(drawn), sort=False).max()
    marks = _marks(drawn, end, weight)
    furthest = _marks(drawn, end, far)[:_FAR]
    from_ = {
        str(name): (tuple(point), str(name), 3.0)
        for point, name in zip(start.tolist(), drawn[schema.ORIGIN_NAME], strict=True)
    }
    return parts + _labels([*list(from_.values())[:_FAR], *furthest, *marks], _NAMES)


def _head(x: float, y: float, dx: float, dy: float, size: float) -> str:
    """Draw the head of an arrow that comes along (dx, dy) and ends at a point."""
    far = float(np.hypot(dx, dy)) or 1.0
    ux, uy = dx / far * size, dy / far * size
    return (
        f'<path d="M{x + ux:.0f} {y + uy:.0f}L{x - uy * 0.6:.0f} {y + ux * 0.6:.0f}'
        f'L{x + uy * 0.6:.0f} {y - ux * 0.6:.0f}Z" fill="{style.LIGHT.accent}"/>'
    )


def _by_place(drawn: gpd.GeoDataFrame, ends: Floats) -> pd.DataFrame:
    """Sum what came to each place, largest first; a region or nation has no point."""
    fine = ~drawn[schema.DESTINATION_LEVEL].isin([schema.REGION, schema.NATION]).to_numpy()
    found = pd.DataFrame(
        {
            "id": _ids(drawn),
            schema.NAME: drawn[schema.DESTINATION_NAME].to_numpy(),
            schema.LON: ends[:, 2],
            schema.LAT: ends[:, 3],
            "n": pd.to_numeric(drawn[schema.COUNT]).fillna(0).to_numpy(dtype=float),
        }
    )
    summed = _summed(found[fine])
    if schema.DESTINATION_COVERAGE not in drawn.columns:  # as published: nothing was rounded
        summed = summed.assign(figures=1)
    return summed


def _by_force(view: gpd.GeoDataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Sum what came to each police force area, or to each place that is in none, largest first.

    Places of several levels lie on one another, and their circles would too.
    """
    places = gazetteer.places
    known = view[view[schema.DESTINATION_ID].notna()]
    known = known[~known[schema.DESTINATION_LEVEL].isin([schema.REGION, schema.NATION])]
    own = known[schema.DESTINATION_ID].astype("object")
    force = pd.Series(places[schema.FORCE_ID].astype("object").reindex(own).to_numpy(), own.index)
    ids = force.where(force.notna(), own)
    found = pd.DataFrame(
        {
            "id": ids.to_numpy(),
            schema.NAME: places[schema.NAME].reindex(ids).to_numpy(),
            schema.LON: places[schema.LON].reindex(ids).to_numpy(dtype=float),
            schema.LAT: places[schema.LAT].reindex(ids).to_numpy(dtype=float),
            "n": pd.to_numeric(known[schema.COUNT]).fillna(0).to_numpy(dtype=float),
        }
    )
    return _summed(found[found[schema.LON].notna()])


def _summed(found: pd.DataFrame) -> pd.DataFrame:
    """Add up the rows of each place, largest first, with how many figures each sum has."""
    grouped = found.groupby("id", sort=False)
    summed = grouped[[schema.NAME, schema.LON, schema.LAT]].first()
    summed = summed.assign(n=grouped["n"].sum(), figures=grouped.size())
    return summed.sort_values("n", ascending=False, kind="stable")


def _circles(found: pd.DataFrame, at: _Projection) -> list[str]:
    """Draw what came to each place as a circle, with its name and its number."""
    largest = float(found["n"].max()) if len(found) else 0.0
    points = at(found[[schema.LON, schema.LAT]].to_numpy(dtype=float)).tolist()
    marks: list[Mark] = []
    columns = (found[key].tolist() for key in (schema.NAME, "n", "figures"))
    for (x, y), name, n, figures in zip(points, *columns, strict=True):
        radius = 4 + 26 * float(np.sqrt(n / largest)) if largest else 4.0
        marks.append(((x, y), f"{name} {'about ' if figures > 1 else ''}{int(n):,}", radius))
    theme = style.LIGHT
    circles = [
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{theme.accent}" opacity="0.7"/>'
        for (x, y), _, radius in marks
    ]
    return circles + _labels(marks, _NAMES)


def _ids(flows: gpd.GeoDataFrame) -> npt.NDArray[Any]:
    ids: npt.NDArray[Any] = flows[schema.DESTINATION_ID].to_numpy(dtype=object)
    return ids


def _marks(flows: gpd.GeoDataFrame, end: Floats, weight: pd.Series) -> list[Mark]:
    """List the destinations, heaviest first: point, name, radius."""
    points = dict(zip(_ids(flows), end.tolist(), strict=True))
    names = dict(zip(_ids(flows), flows[schema.DESTINATION_NAME], strict=True))
    order = weight.sort_values(ascending=False, kind="stable").index
    return [((points[one][0], points[one][1]), str(names[one]), 3.0) for one in order]


def _labels(marks: list[Mark], most: int) -> list[str]:
    """Name places, the first first, to the right or the left, where no name lies on another.

    If it can be, none lies on a circle either.
    """
    taken: list[Box] = []
    inner = [(x, y, 0.8 * r) for (x, y), _, r in marks]  # the corners of its box are no circle
    circles: list[Box] = [(x - r, y - r, x + r, y + r) for x, y, r in inner]
    parts: list[str] = []
    named: set[tuple[float, float]] = set()
    for (x, y), name, radius in marks:
        if len(parts) == most:
            break
        wide, gap = 8.0 * len(name), radius + 3
        sides = (x + gap, x - gap - wide)
        tries = [(left, [*taken, *circles]) for left in sides] + [(left, taken) for left in sides]
        for left, others in tries:
            box = (left, y - 9, left + wide, y + 9)
            free = not any(
                box[0] < o[2] and box[2] > o[0] and box[1] < o[3] and box[3] > o[1] for o in others
            )
            if (x, y) not in named and free and box[0] >= 0 and box[2] <= _WIDTH:
                named.add((x, y))
                taken.append(box)
                parts.append(
                    f'<text x="{left:.0f}" y="{y + 5:.0f}" font-family="sans-serif" '
                    f'font-size="14" font-weight="600" fill="{style.LIGHT.ink}" '
                    f'stroke="{style.LIGHT.land}" stroke-width="3" paint-order="stroke">'
                    f"{safe(name)}</text>"
                )
                break
    return parts


_LONGEST = 8_000  # letters of a state
_SCRIPT = "explorer.js"  # built from js/ by `npm run build`


def explore(
    release: Release,
    *,
    title: str = TITLE,
    subtitle: str = "",
    notes: Sequence[str] = (),
    colour_by: style.ColourBy = "origin",
    gazetteer: Gazetteer | None = None,
) -> Any:
    """Show a release in a notebook as a map that the next cells can read and steer.

    Returns a widget. ``widget.place`` is the place_id that is chosen ("" for none),
    ``widget.state`` all that is chosen as a map's link has it ("place=county:norfolk"),
    ``widget.view`` the view that is shown ("where to" or "who sends"), and ``widget.flows``
    the flows of that view that the choice leaves, as a frame. `place` and `state` may be
    set. The page stands in a frame without an origin, under a policy of its own, and loads nothing.
    Where no widget runs (in a notebook that is not trusted, or in an exported one), the still
    picture and the table stand in its place.

    Raises
    ------
    DisclosureError
        For anything but a Release.
    MissingLibraryError
        Without anywidget, which the extra ``notebook`` brings.
    """
    release = require_release(release)
    explorer = _explorer_class()
    drawn = flow_map(
        release,
        title=title,
        subtitle=subtitle,
        notes=notes,
        colour_by=colour_by,
        gazetteer=gazetteer,
    )
    return explorer(release, drawn)


@cache
def _explorer_class() -> Any:
    """Make the class of the widget; its base is a library that only notebooks have."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise MissingLibraryError("anywidget", extra="notebook") from error

    class Explorer(anywidget.AnyWidget):
        """A map in a notebook; see :func:`linemap.explore`."""

        _esm = (resources.files("linemap.maps") / "assets" / _SCRIPT).read_text(encoding="utf-8")
        _page = traitlets.Unicode().tag(sync=True)
        place = traitlets.Unicode().tag(sync=True)
        state = traitlets.Unicode().tag(sync=True)
        view = traitlets.Unicode().tag(sync=True)
        flow_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)

        def __init__(self, release: Release, drawn: FlowMap) -> None:
            # before what is synchronised: each value is checked against the release
            self.release = release
            self._still = drawn.still
            self._frames = {"": release.flows, schema.WHO_SENDS: release.flows, **release.views}
            ids = release.flows[schema.FLOW_ID].tolist()
            super().__init__(_page=write_frame(drawn.payload), view=schema.WHO_SENDS, flow_ids=ids)

        @property
        def flows(self) -> gpd.GeoDataFrame:
            """Return the flows of the view that is shown that the choice leaves."""
            frame = self._frames[self.view]
            return frame[frame[schema.FLOW_ID].isin(self.flow_ids)].reset_index(drop=True)

        @traitlets.validate("state")
        def _check_state(self, proposal: Any) -> str:
            if len(proposal["value"]) > _LONGEST:
                raise InputError(f"A state has at most {_LONGEST:,} letters.")
            return str(proposal["value"])

        @traitlets.validate("view")
        def _check_view(self, proposal: Any) -> str:
            if proposal["value"] not in self._frames:
                raise InputError(f"There is no view {proposal['value']!r} of this release.")
            return str(proposal["value"])

        @traitlets.validate("place")
        def _check_place(self, proposal: Any) -> str:
            value = str(proposal["value"])
            if value and value not in self.release.places.index:
                raise InputError(
                    f"{value!r} is no place of this release. widget.release.places lists them."
                )
            return value

        def _ipython_display_(self) -> None:
            """Show the still picture and the table, which the widget hides once it is alive."""
            from IPython.display import HTML, display  # only a notebook has it

            bundle = self._repr_mimebundle_()
            display(HTML(still_block(self._still)))  # type: ignore[no-untyped-call]  # untyped there
            if bundle is not None:
                display(bundle[0], raw=True)  # type: ignore[no-untyped-call]  # untyped there

    return Explorer
