"""What a page shows where no script runs: key numbers, caveats, a picture and a plain table.

Mail programs, previews and browsers without JavaScript show this and nothing
else. Texts of a release are written with every special character as a numeric
reference, so that none can end an element or open one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from linemap import schema, style
from linemap.gazetteer import Gazetteer

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
Mark = tuple[tuple[float, float], str, float]  # point, name, radius


def safe(text: object) -> str:
    """Write a text for HTML, every special character as a numeric reference.

    >>> safe("King's <b>")
    'King&#39;s &#60;b&#62;'
    """
    return _PLAIN.sub(lambda match: f"&#{ord(match[0])};", str(text))


def still_page(payload: Mapping[str, Any], flows: gpd.GeoDataFrame, gazetteer: Gazetteer) -> str:
    """Write the part of a page for where no script runs."""
    numbers = "".join(
        f"<li><b>{safe(one['value'])}</b> {safe(one['label'])}"
        + (f" ({safe(one['note'])})" if one["note"] else "")
        + "</li>"
        for one in payload["headlines"]
    )
    title = f"<h1>{safe(payload['title'])}</h1>" if payload["title"] else ""
    subtitle = f"<p>{safe(payload['subtitle'])}</p>" if payload["subtitle"] else ""
    return (
        f'<div class="still">{title}{subtitle}<ul>{numbers}</ul>{_picture(flows, gazetteer)}'
        "<p>This is a still picture: where JavaScript may run, this page is a map to explore.</p>"
        f"{_list(payload['caveats'])}<p>{safe(payload['basis'])}</p>{_table(flows)}"
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


def _picture(flows: gpd.GeoDataFrame, gazetteer: Gazetteer) -> str:
    """Draw statements as lines, and records as circles at their destinations, as an SVG."""
    drawn = flows[flows.geometry.notna()]
    if drawn.empty:
        return ""
    ends = shapely.get_coordinates(drawn.geometry.to_numpy()).reshape(-1, 4)
    at = _Projection(np.vstack([ends[:, :2], ends[:, 2:]]))
    theme = style.LIGHT
    parts = [f'<rect width="{_WIDTH:g}" height="{_HEIGHT:g}" fill="{theme.sea}"/>']
    coast = "".join(at.path(shape) for shape in _land(gazetteer))
    parts.append(f'<path d="{coast}" fill="{theme.land}" stroke="{theme.coast}"/>')
    drawing = _lines if schema.holds_statements(flows) else _circles
    parts += drawing(drawn, ends, at)
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


def _circles(drawn: gpd.GeoDataFrame, ends: Floats, at: _Projection) -> list[str]:
    """Draw what came to each place; a region or nation has no point."""
    wide = drawn[schema.DESTINATION_LEVEL].isin([schema.REGION, schema.NATION]).to_numpy()
    fine = drawn[~wide]
    counts = pd.to_numeric(fine[schema.COUNT]).fillna(0).to_numpy(dtype=float)
    sums = pd.Series(counts).groupby(_ids(fine), sort=False).sum()
    largest = float(sums.max()) if len(sums) else 0.0
    marks = [
        (point, name, 4 + 26 * float(np.sqrt(n / largest)) if largest else 4.0)
        for (point, name, _), n in zip(
            _marks(fine, at(ends[~wide, 2:]), sums),
            sums.sort_values(ascending=False, kind="stable"),
            strict=True,
        )
    ]
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
    """Name places, the first first, to the right or the left, where no name lies on another."""
    taken: list[tuple[float, float, float, float]] = []
    parts: list[str] = []
    named: set[tuple[float, float]] = set()
    for (x, y), name, radius in marks:
        if len(parts) == most:
            break
        wide, gap = 8.0 * len(name), radius + 3
        for left in (x + gap, x - gap - wide):
            box = (left, y - 9, left + wide, y + 9)
            free = not any(
                box[0] < o[2] and box[2] > o[0] and box[1] < o[3] and box[3] > o[1] for o in taken
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
