"""Labels that do not collide: with each other, with nodes, or with the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from linemap.errors import StatisticsError
from linemap.figures._layout import SMALL_PT
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
_TIED_PT: Final = 5.5  # a label further from its point is tied to it
_NEAR: Final = 2.0  # the price of standing one step further away


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
    that stands away from its point is tied to it by a thin line, which crosses
    no label and keeps off the other points. The same labels are always placed
    in the same way.
    """
    figure = axes.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise StatisticsError("These axes stand on no figure.")
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]  # untyped there
    to_points = 72 / figure.dpi

    def on_page(data: Floats | None) -> Floats:
        if data is None or not len(data):
            return np.empty((0, 2))
        return np.asarray(axes.transData.transform(data)) * to_points

    ground = _Ground(
        frame=np.asarray(axes.get_window_extent(renderer).extents) * to_points,
        marks=on_page(nodes),
        lines=on_page(_thinned(strokes)),
        boxes=np.empty((0, 4)) if taken is None else np.asarray(taken, dtype=float).reshape(-1, 4),
    )
    fixed = len(ground.boxes)
    left_out = []
    for label in labels:
        text = _write(axes, label)
        size = text.get_window_extent(renderer)
        at = on_page(np.array([[label.x, label.y]]))[0]
        box = ground.place(at, np.array([size.width, size.height]) * to_points)
        if box is None:
            text.remove()
            left_out.append(label.text)
            continue
        corners = np.array([box[:2], at, np.clip(at, box[:2], box[2:])]) / to_points
        corner, *tie = axes.transData.inverted().transform(corners)
        text.set_position((float(corner[0]), float(corner[1])))
        if np.linalg.norm(corners[1] - corners[2]) * to_points > _TIED_PT:
            axes.plot(*zip(*tie, strict=True), color=LIGHT.quiet, linewidth=0.4, zorder=25)
    return Placing(ground.boxes[fixed:], tuple(left_out))


def _write(axes: Axes, label: Label) -> Text:
    return axes.text(
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


def _thinned(points: Floats | None) -> Floats | None:
    """Take evenly so many points as labels need to find a quiet spot."""
    return None if points is None else points[:: max(1, -(-len(points) // _MOST_POINTS))]


@dataclass(slots=True)
class _Ground:
    """What is where on the page, in points: the frame, boxes, points and lines so far."""

    frame: Floats
    marks: Floats
    lines: Floats
    boxes: Floats

    def place(self, at: Floats, extent: Floats) -> Floats | None:
        """Take the cheapest free box beside a point: near, and hiding few lines; None if none."""
        best: tuple[float, Floats, Floats] | None = None
        for rank, radius in enumerate(_RADII_PT):
            for order, (right, up) in enumerate(_DIRECTIONS):
                box = _beside(at, extent, radius, right, up)
                if not self._free(box):
                    continue
                tie = _along(at, np.clip(at, box[:2], box[2:]))
                cost = _NEAR * rank + 0.1 * order + 0.8 * min(_inside(box, self.lines), 60)
                cost += self._in_the_way(at, tie)
                if best is None or cost < best[0]:
                    best = (cost, box, tie)
            if best is not None and best[0] <= _NEAR * (rank + 1):
                break
        if best is None:
            return None
        self.boxes = np.vstack([self.boxes, best[1]])
        self.marks = np.vstack([self.marks, best[2][1:]])
        return best[1]

    def _free(self, box: Floats) -> bool:
        if (box[:2] < self.frame[:2]).any() or (box[2:] > self.frame[2:]).any():
            return False
        if _inside(box + np.array([-2.0, -2.0, 2.0, 2.0]), self.marks):
            return False
        apart = (
            (box[0] - 2 * _PAD_PT > self.boxes[:, 2])
            | (box[2] + 2 * _PAD_PT < self.boxes[:, 0])
            | (box[1] - _PAD_PT > self.boxes[:, 3])
            | (box[3] + _PAD_PT < self.boxes[:, 1])
        )
        return bool(apart.all())

    def _in_the_way(self, at: Floats, tie: Floats) -> float:
        """Price a tie: what it crosses, and other points that it could be taken to name."""
        if len(tie) < 2:
            return 0.0
        crossed = sum(_inside(box, tie) > 0 for box in self.boxes)
        others = self.marks[np.abs(self.marks - at).max(axis=1) > 3.0]
        near = 0
        if len(others):
            gaps = np.linalg.norm(tie[:, None] - others[None], axis=2)
            near = int((gaps.min(axis=0) < 4.0).sum())
        return 8.0 * crossed + 4.0 * min(near, 3)


def _beside(at: Floats, extent: Floats, radius: float, right: float, up: float) -> Floats:
    reach = radius if not (right and up) else radius * 0.75
    left = at[0] + right * reach - (0.5 - 0.5 * right) * extent[0]
    bottom = at[1] + up * reach - (0.5 - 0.5 * up) * extent[1]
    return np.array([left, bottom, left + extent[0], bottom + extent[1]])


def _along(start: Floats, end: Floats) -> Floats:
    """Sample a tie every three points of the page; a tie too short to draw is its start alone."""
    length = float(np.linalg.norm(end - start))
    if length <= _TIED_PT:
        return start[None]
    share = np.linspace(0, 1, max(2, int(length / 3) + 1))[:, None]
    return np.asarray(start + share * (end - start))


def _inside(box: Floats, points: Floats) -> int:
    within = (points >= box[:2]) & (points <= box[2:])
    return int(within.all(axis=1).sum())
