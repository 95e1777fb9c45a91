"""Labels that do not collide: with each other, with nodes, or with the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from linemap.errors import StatisticsError
from linemap.figures.page import SMALL_PT
from linemap.style import LIGHT

Floats = NDArray[np.float64]
# Where a label may stand beside its point: to the right first, as readers expect.
_DIRECTIONS: Final = (
    (1, 0),
    (-1, 0),
    (1, 1),
    (1, -1),
    (-1, 1),
    (-1, -1),
    (0, 1),
    (0, -1),
    (0.5, 1),
    (0.5, -1),
    (-0.5, 1),
    (-0.5, -1),
)
_RADII_PT: Final = (3.5, 8.0, 15.0, 24.0, 36.0)
_MOST_POINTS: Final = 6_000
_PAD_PT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Label:
    """A text for a point of the axes, in the axes' data; the first in a list are placed first."""

    x: float
    y: float
    text: str
    size: float = SMALL_PT
    weight: str = "normal"
    colour: str = LIGHT.ink


@dataclass(frozen=True, slots=True)
class Placing:
    """What became of the labels: the boxes drawn, in points of the page, and the texts left out."""

    boxes: Floats
    left_out: tuple[str, ...]


def place_labels(
    axes: Axes,
    labels: Sequence[Label],
    *,
    nodes: Floats | None = None,
    strokes: Floats | None = None,
    taken: Floats | None = None,
) -> Placing:
    """Draw each label where it hits nothing, or leave it out and say so.

    `nodes` are points (x, y, in data) that no label may cover; `strokes` are
    points along lines, which labels avoid where they can; `taken` are boxes
    (left, bottom, right, top, in points of the page) that are not free. A label
    that stands away from its point is tied to it by a thin line. The same
    labels are always placed in the same way.
    """
    figure = axes.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise StatisticsError("These axes stand on no figure.")
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]  # untyped there
    to_points = 72 / figure.dpi
    frame = np.asarray(axes.get_window_extent(renderer).extents) * to_points

    def on_page(data: Floats) -> Floats:
        return np.asarray(axes.transData.transform(data)) * to_points

    marks = on_page(nodes) if nodes is not None and len(nodes) else np.empty((0, 2))
    lines = on_page(_thinned(strokes)) if strokes is not None else np.empty((0, 2))
    boxes = [] if taken is None else [np.asarray(box, dtype=float) for box in taken]
    fixed = len(boxes)
    left_out = []
    for label in labels:
        text = axes.text(
            label.x,
            label.y,
            label.text,
            size=label.size,
            weight=label.weight,
            color=label.colour,
            ha="left",
            va="bottom",
            zorder=30,
            parse_math=False,
            bbox={"facecolor": LIGHT.paper, "alpha": 0.78, "linewidth": 0, "pad": 0.6},
        )
        size = text.get_window_extent(renderer)
        extent = np.array([size.width, size.height]) * to_points
        at = on_page(np.array([[label.x, label.y]]))[0]
        found = _best(at, extent, frame, np.array(boxes).reshape(-1, 4), marks, lines)
        if found is None:
            text.remove()
            left_out.append(label.text)
            continue
        box, radius = found
        corner = axes.transData.inverted().transform(box[:2] / to_points)
        text.set_position((float(corner[0]), float(corner[1])))
        if radius > _RADII_PT[0]:
            _tie(axes, at, box, to_points)
        boxes.append(box)
    return Placing(np.array(boxes[fixed:]).reshape(-1, 4), tuple(left_out))


def _thinned(points: Floats) -> Floats:
    """Take evenly so many points as labels need to find a quiet spot."""
    return points[:: max(1, -(-len(points) // _MOST_POINTS))] if len(points) else np.empty((0, 2))


def _best(
    at: Floats, extent: Floats, frame: Floats, boxes: Floats, marks: Floats, lines: Floats
) -> tuple[Floats, float] | None:
    """Choose the nearest free box, or of those the one that hides the fewest lines."""
    best: tuple[float, Floats, float] | None = None
    for rank, radius in enumerate(_RADII_PT):
        for order, (right, up) in enumerate(_DIRECTIONS):
            box = _beside(at, extent, radius, right, up)
            if (box[:2] < frame[:2]).any() or (box[2:] > frame[2:]).any():
                continue
            if _overlaps(box, boxes) or _covers(box, marks):
                continue
            hidden = _inside(box, lines) if len(lines) else 0
            cost = 2.0 * rank + 0.1 * order + min(hidden, 60) * 0.8
            if best is None or cost < best[0]:
                best = (cost, box, radius)
        if best is not None and best[0] <= 2.0 * (rank + 1):
            break
    return None if best is None else (best[1], best[2])


def _beside(at: Floats, extent: Floats, radius: float, right: float, up: float) -> Floats:
    reach = radius if not (right and up) else radius * 0.75
    left = at[0] + right * reach - (0.5 - 0.5 * right) * extent[0]
    bottom = at[1] + up * reach - (0.5 - 0.5 * up) * extent[1]
    return np.array([left, bottom, left + extent[0], bottom + extent[1]])


def _overlaps(box: Floats, boxes: Floats) -> bool:
    if not len(boxes):
        return False
    apart = (
        (box[0] - 2 * _PAD_PT > boxes[:, 2])
        | (box[2] + 2 * _PAD_PT < boxes[:, 0])
        | (box[1] - _PAD_PT > boxes[:, 3])
        | (box[3] + _PAD_PT < boxes[:, 1])
    )
    return not bool(apart.all())


def _inside(box: Floats, points: Floats) -> int:
    within = (points >= box[:2]) & (points <= box[2:])
    return int(within.all(axis=1).sum())


def _covers(box: Floats, marks: Floats) -> bool:
    grown = box + np.array([-2.0, -2.0, 2.0, 2.0])
    return len(marks) > 0 and _inside(grown, marks) > 0


def _tie(axes: Axes, at: Floats, box: Floats, to_points: float) -> None:
    nearest = np.clip(at, box[:2], box[2:])
    ends = axes.transData.inverted().transform(np.array([at, nearest]) / to_points)
    axes.plot(ends[:, 0], ends[:, 1], color=LIGHT.quiet, linewidth=0.4, zorder=25)
