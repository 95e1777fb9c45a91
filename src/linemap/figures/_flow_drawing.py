"""What one map of flows shows, and drawing it on given axes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.path import Path
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from linemap import schema
from linemap.figures._layout import SMALL_PT, Label, Placing, place_labels
from linemap.figures._subject import number_words, shown
from linemap.gazetteer import Gazetteer
from linemap.style import LIGHT, Style, flow_widths

_WIDEST_PT: Final = 6.5
_FEW: Final = 25  # so many of the widest flows can stand side by side
_THIN_PT: Final = 1.5  # the head of a thinner line is as good as a point
_MOST_HEADS: Final = 900  # corners, of the largest flows last: beyond, none is seen alone
_MANY: Final = 2_000  # beyond, an SVG holds the flows as a picture


@dataclass(frozen=True, slots=True)
class FlowPanel:
    """The flows of one map, largest counts last, with the colours of their origins.

    `largest` and `crowd` are the largest count and the most flows of any map of
    the figure, which set the widths of all; `areas` are the outlines, WGS84, of
    the destinations that are areas.
    """

    heading: str
    under: str
    flows: pd.DataFrame
    colours: dict[str, str]
    largest: float
    most_labels: int = 60
    faint: bool = False
    crowd: int = 0
    areas: tuple[BaseGeometry, ...] = ()

    @property
    def style(self) -> Style:
        """Widths in points of the page: the more flows on the fullest map, the thinner."""
        crowd = max(1.0, self.crowd / _FEW)
        widest = max(0.8, _WIDEST_PT / float(np.sqrt(crowd)))
        return Style(widest_px=widest, thinnest_px=min(0.35, widest / 8), named_px=0.8)

    @property
    def drawn_alike(self) -> int:
        """The count below which all are drawn at the thinnest width."""
        return int(np.ceil(self.largest * self.style.thinnest_px / self.style.widest_px))

    @property
    def widths(self) -> Floats:
        """Line widths in points."""
        counts = self.flows[schema.COUNT].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        return flow_widths(counts, largest=self.largest, style=self.style)

    @property
    def named(self) -> NDArray[np.bool_]:
        """Tell the flows that name a place and count nothing."""
        return np.asarray(self.flows[schema.COUNT].isna(), dtype=bool)

    @property
    def mentioned(self) -> NDArray[np.bool_]:
        """Tell the places that are only mentioned, and not stated to be destinations."""
        return np.asarray((self.flows[schema.QUALIFIER] == schema.MENTIONED).fillna(False), bool)


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of the plane, in kilometres."""

    west: float
    south: float
    east: float
    north: float

    def to_shape(self, ratio: float) -> Frame:
        """Grow to a ratio of width to height about the middle."""
        width, height = self.east - self.west, self.north - self.south
        if width < ratio * height:
            more = (ratio * height - width) / 2
            return replace(self, west=self.west - more, east=self.east + more)
        more = (width / ratio - height) / 2
        return replace(self, south=self.south - more, north=self.north + more)


def frame_of(points: Floats, *, margin: float = 0.1, least_km: float = 40.0) -> Frame:
    """Frame points with a margin on every side."""
    low, high = points.min(axis=0), points.max(axis=0)
    pad = np.maximum((high - low) * margin, least_km / 2)
    return Frame(low[0] - pad[0], low[1] - pad[1], high[0] + pad[0], high[1] + pad[1])


def draw_land(axes: Axes, land: Land, frame: Frame, *, inches: float, close: bool = False) -> None:
    """Draw sea, land and borders in a frame `inches` wide, no finer than print can show."""
    fine = 0.3 * (frame.east - frame.west) / (inches * 72)
    axes.set_xlim(frame.west, frame.east)
    axes.set_ylim(frame.south, frame.north)
    axes.set_aspect("equal")
    axes.xaxis.set_visible(False)
    axes.yaxis.set_visible(False)
    axes.set_facecolor(LIGHT.sea)
    for side in axes.spines.values():
        side.set_color(LIGHT.rule)
        side.set_linewidth(0.6)
    box = (frame.west, frame.south, frame.east, frame.north)
    coast = _simplified(land.coast if len(land.coast) else land.areas, frame, fine)
    _draw_path(axes, rings(shapely.clip_by_rect(coast, *box)), facecolors=LIGHT.land, linewidths=0)
    for shapes, line, width in (
        (coast, LIGHT.coast, 0.7),
        (_simplified(land.areas, frame, fine), LIGHT.border, 0.35),
        (_simplified(land.boroughs, frame, fine), LIGHT.border, 0.4 if close else 0.15),
    ):
        edges = _within(shapes, box)
        _draw_path(axes, edges, facecolors="none", edgecolors=line, linewidths=width)


def _draw_path(axes: Axes, parts: list[Floats], **look: Any) -> None:
    """Draw what lies within the frame as one path, which is drawn far sooner than one a part."""
    if parts:
        path = Path.make_compound_path(*map(Path, parts))
        axes.add_collection(PathCollection([path], zorder=1, clip_on=False, **look))


def draw_areas(axes: Axes, panel: FlowPanel, plane: Plane, frame: Frame, *, inches: float) -> None:
    """Shade the destinations that are areas, so that an arrow's end is not read as a place."""
    if not panel.areas:
        return
    fine = 0.3 * (frame.east - frame.west) / (inches * 72)
    box = (frame.west, frame.south, frame.east, frame.north)
    shapes = plane.shapes(np.array(panel.areas, dtype=object), tolerance=0)
    near = _simplified(shapes, frame, fine)
    colour = LIGHT.series[2]
    axes.add_collection(
        PolyCollection(
            rings(shapely.clip_by_rect(near, *box)),
            facecolors=(colour, 0.12),
            linewidths=0,
            zorder=2,
            clip_on=False,
            gid="areas",
        )
    )
    axes.add_collection(
        LineCollection(
            _within(near, box), colors=(colour, 0.12), linewidths=0.4, zorder=2, clip_on=False
        )
    )


def _within(shapes: NDArray[np.object_], box: tuple[float, float, float, float]) -> list[Floats]:
    """Take what lies in a box of the outer rings of polygons, as arrays of points."""
    outlines = shapely.get_exterior_ring(shapely.get_parts(shapes))
    parts = shapely.get_parts(shapely.clip_by_rect(outlines, *box))
    return [shapely.get_coordinates(part) for part in parts]


def _simplified(shapes: NDArray[np.object_], frame: Frame, fine: float) -> NDArray[np.object_]:
    """Keep of outlines what reaches into a frame, no finer than `fine`, in kilometres.

    They are cut off a little outside it, so that less is left to simplify.
    """
    west, south, east, north = shapely.bounds(shapes).T
    near = (west < frame.east) & (east > frame.west) & (south < frame.north) & (north > frame.south)
    over = 0.1 * (frame.east - frame.west)
    box = (frame.west - over, frame.south - over, frame.east + over, frame.north + over)
    simple: NDArray[np.object_] = shapely.simplify(shapely.clip_by_rect(shapes[near], *box), fine)
    return simple


@dataclass(frozen=True, slots=True)
class Drawn:
    """Points of what was drawn: along the lines, and at the corners of the heads."""

    strokes: Floats
    heads: Floats


def draw_flows(axes: Axes, panel: FlowPanel, plane: Plane, frame: Frame, *, inches: float) -> Drawn:
    """Draw the flows of a panel; return points along them, for labels to keep off.

    `inches` is the width of the axes: heads are as large on the page whatever
    the scale of the map.
    """
    km_per_point = (frame.east - frame.west) / (inches * 72)
    starts, ends = ends_of(panel.flows, plane)
    lines = curves(starts, ends)
    widths, named, mentioned = panel.widths, panel.named, panel.mentioned
    cut, heads = arrowheads(lines, widths, point=km_per_point)
    colours = np.array([panel.colours[name] for name in panel.flows[schema.ORIGIN_ID]])
    dense = float(np.clip(0.82 * (60 / max(len(lines), 1)) ** 0.3, 0.12, 0.82))
    alpha = np.where(mentioned, 0.4, dense)
    alpha = alpha * 0.3 if panel.faint else alpha
    picture = len(lines) > _MANY
    for chosen, style in ((~named, "solid"), (named, (0, (3.0, 2.0)))):
        if not chosen.any():
            continue
        axes.add_collection(
            LineCollection(
                list(cut[chosen]),
                colors=colours[chosen],
                linewidths=widths[chosen],
                linestyles=style,
                alpha=alpha[chosen],
                capstyle="butt",
                zorder=4,
                rasterized=picture,
                gid="flows" if style == "solid" else "named",
            )
        )
    seen = (heads.max(axis=1) >= (frame.west, frame.south)).all(axis=1)
    seen &= (heads.min(axis=1) <= (frame.east, frame.north)).all(axis=1)
    if seen.any():
        axes.add_collection(
            PolyCollection(
                list(heads[seen]),
                facecolors=colours[seen],
                linewidths=0,
                alpha=alpha[seen],
                zorder=5,
                rasterized=picture,
                gid="heads",
            )
        )
    axes.plot(
        starts[:, 0],
        starts[:, 1],
        linestyle="none",
        marker="o",
        markersize=2.6,
        markerfacecolor=LIGHT.paper,
        markeredgecolor=LIGHT.ink,
        markeredgewidth=0.7,
        zorder=7,
        rasterized=picture,
    )
    return Drawn(lines.reshape(-1, 2), heads[widths > _THIN_PT].reshape(-1, 2))


def label_places(
    axes: Axes,
    panel: FlowPanel,
    plane: Plane,
    drawn: Drawn,
    *,
    taken: Floats | None = None,
    boroughs: bool = True,
) -> Placing:
    """Name origins, then destinations, the largest counts first, as far as there is room.

    Without `boroughs`, those that an inset names are left to it.
    """
    starts, ends = ends_of(panel.flows, plane)
    origins = _origin_labels(panel, starts, boroughs=boroughs)
    places = _place_labels(panel, ends)
    first, last = (places, origins) if len(origins) > 8 else (origins, places)
    heads = drawn.heads[:_MOST_HEADS]
    nodes = np.unique(np.vstack([starts, ends, heads]), axis=0)
    labels = [*first, *last][: panel.most_labels]
    return place_labels(axes, labels, nodes=nodes, strokes=drawn.strokes, taken=taken)


def label_boroughs(axes: Axes, panel: FlowPanel, plane: Plane, drawn: Drawn) -> Placing:
    """Name the origins in an inset, and size their dots by what is counted from each."""
    starts, _ = ends_of(panel.flows, plane)
    labels = _origin_labels(panel, starts, boroughs=True, size=5.2, weight="normal")
    at = np.array([[label.x, label.y] for label in labels])
    return place_labels(
        axes, labels, nodes=at, strokes=np.empty((0, 2)) if panel.faint else drawn.strokes
    )


def _origin_labels(
    panel: FlowPanel,
    starts: Floats,
    *,
    boroughs: bool,
    size: float = SMALL_PT,
    weight: str = "bold",
) -> list[Label]:
    flows = panel.flows
    several = len(set(panel.colours.values())) > 1
    once: dict[str, Label] = {}
    for place, name, level, (x, y) in zip(
        flows[schema.ORIGIN_ID],
        flows[schema.ORIGIN_NAME],
        flows[schema.ORIGIN_LEVEL],
        starts.tolist(),
        strict=True,
    ):
        if place not in once and (boroughs or level != schema.BOROUGH):
            colour = panel.colours[place] if several else LIGHT.ink
            once[place] = Label(x, y, shown(name, most=26), size, weight, colour)
    return list(once.values())


def _place_labels(panel: FlowPanel, ends: Floats) -> list[Label]:
    """Label each destination once, largest count first; with its figure where there is one."""
    flows = panel.flows
    counts = flows[schema.COUNT].astype("Float64").fillna(0).astype(float)
    totals = counts.groupby(flows[schema.DESTINATION_ID]).sum().to_dict()
    times = flows[schema.DESTINATION_ID].value_counts().to_dict()
    origins = set(flows[schema.ORIGIN_ID])
    once: dict[str, tuple[bool, float, str, float, float]] = {}
    for place, name, qualifier, (x, y) in zip(
        flows[schema.DESTINATION_ID],
        flows[schema.DESTINATION_NAME],
        flows[schema.QUALIFIER].astype(object),
        ends.tolist(),
        strict=True,
    ):
        if place not in origins and place not in once:
            # a place that is only mentioned gives way to one that is named
            last = isinstance(qualifier, str) and qualifier == schema.MENTIONED
            once[place] = last, -totals[place], name, x, y
    few, size = len(once) <= _FEW, 6.2 if len(once) > 20 else SMALL_PT
    labels = []
    for place, (_, less, name, x, y) in sorted(once.items(), key=lambda entry: entry[1]):
        text = shown(name, most=26)
        if few and times[place] == 1 and less < 0:
            text += f" {number_words(-less)}"
        labels.append(Label(x, y, text, size=size))
    return labels


# ── The plane of a map: a projection in kilometres, outlines, curves and arrowheads ─────────
Floats = NDArray[np.float64]
_TOLERANCE_KM: Final = 0.35
_BEND: Final = 0.16  # how far a curve's handle stands off its line, of the line's length
_STEPS: Final = 24


@dataclass(frozen=True)
class Plane:
    """A transverse Mercator plane about a meridian, in kilometres: shapes and angles are true."""

    meridian: float

    @cached_property
    def _transformer(self) -> Transformer:
        plane = CRS.from_proj4(
            f"+proj=tmerc +lat_0=49 +lon_0={self.meridian} +k=0.9996 +ellps=WGS84 +units=km"
        )
        return Transformer.from_crs("EPSG:4326", plane, always_xy=True)

    def points(self, lon: Floats, lat: Floats) -> Floats:
        """Project points, longitude first; two columns, kilometres east and north."""
        return np.column_stack(self._transformer.transform(lon, lat))

    def shapes(self, shapes: NDArray[np.object_], *, tolerance: float) -> NDArray[np.object_]:
        """Project and simplify outlines together, so that neighbours keep their common line."""
        flat = shapely.transform(shapes, lambda at: self.points(at[:, 0], at[:, 1]))
        simple: NDArray[np.object_] = shapely.simplify(flat, tolerance)
        return simple


def plane_of(gazetteer: Gazetteer) -> Plane:
    """Choose the plane of a country: its middle meridian, to the degree."""
    lon = gazetteer.places[schema.LON].to_numpy(dtype=float)
    return Plane(float(np.round((np.nanmin(lon) + np.nanmax(lon)) / 2)))


@dataclass(frozen=True)
class Land:
    """Outlines in the plane: counties (of boroughs, London's), boroughs, and the coast."""

    areas: NDArray[np.object_]
    boroughs: NDArray[np.object_]
    coast: NDArray[np.object_]


@lru_cache(maxsize=1)
def land(gazetteer: Gazetteer, plane: Plane) -> Land:
    """Lay out the base map of a gazetteer: areas with an outline, at their levels.

    The last is kept: a release's brief and figures have the same land.
    """
    places = gazetteer.places

    def outlines(level: str, tolerance: float) -> NDArray[np.object_]:
        today = places[schema.BECAME_IDS].isna()
        shapes = places.geometry[today & (places[schema.LEVEL] == level)]
        keep = [s for s in shapes if s is not None and s.geom_type in ("Polygon", "MultiPolygon")]
        return plane.shapes(np.array(keep, dtype=object), tolerance=tolerance)

    boroughs = outlines(schema.BOROUGH, _TOLERANCE_KM / 4)
    areas = outlines(schema.COUNTY, _TOLERANCE_KM)
    return Land(areas, boroughs, outlines(schema.NATION, _TOLERANCE_KM))


def rings(shapes: NDArray[np.object_]) -> list[Floats]:
    """Take the outer rings of polygons, as arrays of points."""
    parts = [part for part in shapely.get_parts(shapes) if part.geom_type == "Polygon"]
    return [shapely.get_coordinates(part.exterior) for part in parts if not part.is_empty]


def curves(starts: Floats, ends: Floats) -> Floats:
    """Bend each line into a symmetric curve, to the left of its way; flows x steps x 2.

    A quadratic Bezier curve whose handle stands off the middle in proportion to
    the length, so that longer flows curve more and there and back lie apart.
    """
    way = ends - starts
    handle = (starts + ends) / 2 + _BEND * np.column_stack([-way[:, 1], way[:, 0]])
    t = np.linspace(0, 1, _STEPS)[None, :, None]
    return np.asarray(
        (1 - t) ** 2 * starts[:, None] + 2 * t * (1 - t) * handle[:, None] + t**2 * ends[:, None]
    )


def arrowheads(drawn: Floats, widths: Floats, *, point: float) -> tuple[Floats, Floats]:
    """Cut each curve short of its end and put a triangle there.

    `widths` are the lines' in points of the page, `point` is the length of one
    in the plane. A head is wider than its line by the same share and at least
    visible; none is longer than a third of its curve. Returns the curves
    (flows x steps x 2) and the heads (flows x 3 x 2), tip first.
    """
    tip = drawn[:, -1]
    whole = np.linalg.norm(tip - drawn[:, 0], axis=1)
    long = np.minimum((2.8 + 1.5 * widths) * point, whole / 3)
    half = np.minimum((1.3 + 0.85 * widths) * point, long * 0.7)
    away = np.linalg.norm(drawn - tip[:, None], axis=2)
    row = np.arange(len(drawn))
    steps = np.arange(drawn.shape[1])
    last = np.where(away > long[:, None], steps, 0).max(axis=1)
    after = np.minimum(last + 1, drawn.shape[1] - 1)
    gap = away[row, last] - away[row, after]
    share = np.divide(away[row, last] - long, gap, out=np.zeros(len(drawn)), where=gap > 0)
    neck = drawn[row, last] + share[:, None] * (drawn[row, after] - drawn[row, last])
    way = tip - neck
    size = np.linalg.norm(way, axis=1)[:, None]
    towards = np.divide(way, size, out=np.zeros_like(way), where=size > 0)
    side = np.column_stack([-towards[:, 1], towards[:, 0]]) * half[:, None]
    cut = np.where((steps > last[:, None])[:, :, None], neck[:, None], drawn)
    return cut, np.stack([tip, neck + side, neck - side], axis=1)


def ends_of(flows: pd.DataFrame, plane: Plane) -> tuple[Floats, Floats]:
    """Project the two ends of each flow's line."""
    at = shapely.get_coordinates(flows[schema.GEOMETRY].to_numpy()).reshape(-1, 2, 2)
    return plane.points(at[:, 0, 0], at[:, 0, 1]), plane.points(at[:, 1, 0], at[:, 1, 1])
