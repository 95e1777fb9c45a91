"""The printed page: a title, what is drawn, labels that do not collide, and a caption."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection, LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from numpy.typing import NDArray

from linemap import schema
from linemap.errors import StatisticsError
from linemap.figures._lettering import FAMILY, PaperRenderer, extent
from linemap.figures._subject import (
    FigureSubject,
    counted,
    is_withheld,
    lines,
    named_flows,
    number_words,
    sentence,
    shown,
    whole_window,
)
from linemap.style import LIGHT

PORTRAIT_IN: Final = 7.1  # 180 mm, the text width of A4
LANDSCAPE_IN: Final = 10.6
MARGIN_IN: Final = 0.22
TITLE_PT: Final = 12.0
SUBTITLE_PT: Final = 8.5
TEXT_PT: Final = 8.0
SMALL_PT: Final = 7.0
CAPTION_PT: Final = 6.8
ALARM: Final = "#a3120a"
NOT_FOR_RELEASE: Final = "NOT FOR RELEASE: drawn from flows that have not been protected"
_LABEL_GAP_PT: Final = 3.5
_LEADING: Final = 1.38 / 72  # inches a line for each point of type

SETTINGS: Final[dict[str, Any]] = {
    "text.parse_math": False,  # a name may hold a dollar sign
    "text.usetex": False,
    "font.family": [FAMILY],
    "font.size": TEXT_PT,
    "text.hinting": "no_hinting",  # as wide as in an SVG, and quicker to measure
    "axes.unicode_minus": True,
    "svg.fonttype": "none",  # text stays text, so that it can be read and audited
    "svg.hashsalt": "linemap",
    "svg.image_inline": True,
    "path.simplify": True,
    "axes.edgecolor": LIGHT.quiet,
    "axes.labelcolor": LIGHT.ink,
    "axes.linewidth": 0.6,
    "xtick.color": LIGHT.quiet,
    "ytick.color": LIGHT.quiet,
    "text.color": LIGHT.ink,
    "hatch.linewidth": 0.5,
    "figure.facecolor": LIGHT.paper,
    "savefig.facecolor": LIGHT.paper,
}
SCREEN_DPI: Final = 110


class LinemapFigure(Figure):
    """A figure that knows what it shows, by its ``title`` and, in words, its ``alt``.

    ``note`` is what must stand beside a figure that has no caption.
    """

    title: str = ""
    alt: str = ""
    note: str = ""

    def _repr_png_(self) -> bytes:
        """Show the figure in a notebook's cell."""
        sink = io.BytesIO()
        with drawing():
            self.savefig(sink, format="png", dpi=SCREEN_DPI)
        return sink.getvalue()


class ReleaseFigure(LinemapFigure):
    """A figure drawn from a Release: it may be saved and leave."""


class ExploreFigure(LinemapFigure):
    """A figure of flows that have not been protected: it says so, and is not saved as a release."""


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with linemap's settings, whatever the notebook's are; they are back afterwards."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A letter that the font lacks is a box in the PNG; the SVG keeps it as it is.
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)  # type: ignore[arg-type]  # its keys are literal strings
        yield


@dataclass(frozen=True, slots=True)
class Page:
    """A figure with its body, the rectangle left to draw in, in inches from the bottom left."""

    figure: LinemapFigure
    left: float
    bottom: float
    width: float
    height: float

    def axes(self, left: float, bottom: float, width: float, height: float, **options: Any) -> Axes:
        """Add axes at a place of the body, in inches from the body's bottom left."""
        whole_width, whole_height = self.figure.get_size_inches()
        return self.figure.add_axes(
            (
                (self.left + left) / whole_width,
                (self.bottom + bottom) / whole_height,
                width / whole_width,
                height / whole_height,
            ),
            **options,
        )

    def canvas(self) -> Axes:
        """Add axes over the body whose data are inches, without any line of their own."""
        axes = self.axes(0, 0, self.width, self.height)
        axes.set_xlim(0, self.width)
        axes.set_ylim(0, self.height)
        axes.axis("off")
        return axes


def new_page(
    subject: FigureSubject,
    *,
    title: str,
    subtitle: str,
    caption: Sequence[str],
    alt: str,
    body_in: float,
    width_in: float = PORTRAIT_IN,
) -> Page:
    """Lay out a page around a body of `body_in` inches: as tall as its text needs.

    Without a title, for a page of text, there is no margin above and below.
    """
    across = width_in - 2 * MARGIN_IN
    above = MARGIN_IN if title else 0.0
    heads = lines(title, inches=across, points=TITLE_PT * 1.12) if title else []
    subs = lines(subtitle, inches=across, points=SUBTITLE_PT) if title else []
    feet = [line for part in caption for line in lines(part, inches=across, points=CAPTION_PT)]
    alarm = [NOT_FOR_RELEASE] if subject.private else []
    top = sum(
        size * _LEADING * len(part)
        for size, part in ((TITLE_PT, heads), (SUBTITLE_PT, subs), (TEXT_PT, alarm))
    )
    foot = CAPTION_PT * _LEADING * len(feet) + (0.1 if feet else 0.0)
    height = above * 2 + top + 0.12 + body_in + foot
    kind = ExploreFigure if subject.private else ReleaseFigure
    figure = kind(figsize=(width_in, height), dpi=100)
    FigureCanvasAgg(figure)
    figure.title, figure.alt = title, " ".join([alt, *caption])
    reach = height - above
    for text, size, colour, weight in (
        *((line, TEXT_PT, ALARM, "bold") for line in alarm),
        *((line, TITLE_PT, LIGHT.ink, "bold") for line in heads),
        *((line, SUBTITLE_PT, LIGHT.quiet, "normal") for line in subs),
    ):
        _write(figure, reach, text, size, colour, weight)
        reach -= size * _LEADING
    reach = above + foot - 0.1
    for line in feet:
        _write(figure, reach, line, CAPTION_PT, LIGHT.quiet, "normal")
        reach -= CAPTION_PT * _LEADING
    return Page(figure, MARGIN_IN, above + foot, across, body_in)


def _write(figure: Figure, top_in: float, text: str, size: float, colour: str, weight: str) -> Text:
    width, height = figure.get_size_inches()
    return figure.text(
        MARGIN_IN / width,
        top_in / height,
        text,
        size=size,
        color=colour,
        weight=weight,
        ha="left",
        va="top",
        parse_math=False,
    )


def rules(axes: Axes, at: Sequence[float], labels: Sequence[str], *, upright: bool) -> None:
    """Draw a pale line at each value, upright or level, and its label below or to the left.

    The axes have no ticks of their own, which take longer to make than all that they hold.
    """
    place = axes.get_xaxis_transform() if upright else axes.get_yaxis_transform()
    ends = [[(one, 0), (one, 1)] if upright else [(0, one), (1, one)] for one in at]
    axes.add_collection(
        LineCollection(
            ends, transform=place, colors=LIGHT.rule, linewidths=0.5, zorder=0.5, clip_on=False
        ),
        autolim=False,
    )
    for (start, _), label in zip(ends, labels, strict=True):
        axes.annotate(
            label,
            start,
            xycoords=place,
            xytext=(0, -_LABEL_GAP_PT) if upright else (-_LABEL_GAP_PT, 0),
            textcoords="offset points",
            size=SMALL_PT,
            color=LIGHT.quiet,
            ha="center" if upright else "right",
            va="top" if upright else "center_baseline",
            parse_math=False,
            annotation_clip=False,
        )


def ground_line(axes: Axes) -> None:
    """Draw the line on which what is drawn stands."""
    axes.plot(
        [0, 1],
        [0, 0],
        transform=axes.transAxes,
        color=LIGHT.quiet,
        linewidth=0.6,
        clip_on=False,
        zorder=2.5,
    )


def heading(axes: Axes, bold: str, quiet: str, *, inches: float | None = None) -> None:
    """Write a panel's heading over it: what it is, and under that when and how many.

    Within `inches` both are broken into two lines or more.
    """
    gap = 2.0
    small = [quiet] if inches is None else lines(quiet, inches=inches, points=SMALL_PT)
    broken = [bold] if inches is None else lines(bold, inches=inches, points=TEXT_PT * 1.12)
    for text, size, colour, weight in (
        *((line, SMALL_PT, LIGHT.quiet, "normal") for line in reversed(small) if line),
        *((line, TEXT_PT, LIGHT.ink, "bold") for line in reversed(broken)),
    ):
        gap += 3.0
        axes.annotate(
            text,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, gap),
            textcoords="offset points",
            size=size,
            color=colour,
            weight=weight,
            va="bottom",
            ha="left",
            parse_math=False,
            annotation_clip=False,
        )
        gap += size


def kilometres(axes: Axes, limit: float) -> None:
    """Scale the axes across from 0 to `limit` km, with at most ten lines at round steps."""
    steps = (1, 2, 5, 10, 25, 50, 100, 200, 500, 1000, 2500, 5000)
    most = max(3.0, float(axes.bbox.width) / float(axes.figure.dpi) * 1.9)
    step = next((step for step in steps if limit / step <= most), steps[-1])
    ticks = [float(tick) for tick in range(0, int(limit) + 1, step)]
    labels = [f"{tick:,.0f}" for tick in ticks]
    labels[-1] += " km"
    axes.set_xlim(0, limit)
    rules(axes, ticks, labels, upright=True)


def empty_note(page: Page, text: str) -> None:
    """Say in the body why there is nothing to draw."""
    axes = page.canvas()
    axes.text(
        page.width / 2,
        page.height / 2,
        "\n".join(lines(text, inches=page.width * 0.8, points=9)),
        ha="center",
        va="center",
        size=9,
        color=LIGHT.quiet,
        parse_math=False,
    )


def finished(page: Page) -> LinemapFigure:
    """Return the page's figure, with every text that would leave the paper cut short."""
    figure = page.figure
    renderer = PaperRenderer(figure)
    for text in (*figure.texts, *(text for axes in figure.axes for text in axes.texts)):
        _cut_short(text, renderer)
    for axes in figure.axes:
        _unclip(axes)
    return figure


def _unclip(axes: Axes) -> None:
    """Clip nothing that lies within its axes: in a picture each clipping costs a mask of its size.

    What an axes' edge cuts stays clipped.
    """
    frame = axes.bbox.extents + np.array([-0.5, -0.5, 0.5, 0.5])
    for shape in (*axes.lines, *axes.patches, *axes.collections):
        if isinstance(shape, Collection):
            if not shape.get_transform().contains_branch(axes.transData):
                continue  # marks at points, as large on paper whatever the data
            paths = list(shape.get_paths())
        else:
            assert isinstance(shape, Line2D | Patch)  # noqa: S101  narrows the type for mypy
            paths = [shape.get_path()]
        at = np.vstack([np.empty((0, 2)), *(np.asarray(path.vertices) for path in paths)])
        if not shape.get_clip_on() or not len(at):
            continue
        at = np.asarray(shape.get_transform().transform(at))
        if (at >= frame[:2]).all() and (at <= frame[2:]).all():
            shape.set_clip_on(False)


def _cut_short(text: Text, renderer: PaperRenderer) -> None:
    """Cut a text that would leave the paper to the left or to the right."""
    width, _ = renderer.get_canvas_width_height()
    words = text.get_text()
    for _ in range(4):
        if not words.strip() or not text.get_visible():
            return
        left, right = _ends(text, renderer)
        over = max(-left, right - width)
        if over <= 0:
            return
        kept = int(len(words) * max(0.0, 1 - over / max(right - left, 1.0))) - 2
        words = words[: max(kept, 1)].rstrip("… ") + "…"
        text.set_text(words)


def _ends(text: Text, renderer: PaperRenderer) -> tuple[float, float]:
    """Find where a text begins and ends across the page, in its pixels."""
    if text.get_rotation():
        box = text.get_window_extent(renderer)
        return float(box.x0), float(box.x1)
    if isinstance(text, Annotation):
        text.update_positions(renderer)
    x = float(np.asarray(text.get_transform().transform(text.get_unitless_position()))[0])
    font = text.get_fontproperties()
    width = max(
        renderer.get_text_width_height_descent(line, font, ismath=False)[0]
        for line in text.get_text().split("\n")
    )
    left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[text.get_horizontalalignment()] * width
    return left, left + width


# ── The caption: how many, how many unknown, of what, when, from where, and what it is not ───
MOST_SOURCES: Final = 2
STATEMENTS_NOTE: Final = (
    "Figures of different measures, levels or windows overlap and are never added: a town's is "
    "inside its county's. One person may be linked to several places."
)

PROTECTED_NOTE: Final = (
    "Each record stands once, at the smallest area that may be shown: what goes to a region is not "
    "the region's total"
)


def caption(subject: FigureSubject, *, unit: str, notes: str = "", drawn: str = "") -> list[str]:
    """Write the caption of a figure, one part a line or more.

    `unit` says what a number counts, `notes` what the drawing means, `drawn`
    what of the flows is shown where it is not all of them.
    """
    parts = [
        " ".join(sentence(part) for part in (_how_many(subject), drawn) if part),
        " ".join(
            sentence(part)
            for part in (
                f"Unit: {unit}",
                f"window: {whole_window(subject.flows)}" if len(subject.flows) else "",
                notes,
            )
            if part
        ),
        " ".join(sentence(part) for part in (f"Source: {sources(subject)}", _standing(subject))),
    ]
    if subject.attributions:
        parts.append(sentence("; ".join(dict.fromkeys(subject.attributions))))
    return parts


def _how_many(subject: FigureSubject) -> str:
    if subject.statements:
        return _how_many_statements(subject)
    placed = subject.placed
    places = placed[schema.DESTINATION_ID].nunique()
    told = (
        f"n = {number_words(placed[schema.COUNT].sum())} with a known place, between "
        f"{counted(placed[schema.ORIGIN_ID].nunique(), 'origin')} and "
        f"{counted(places, 'destination')}"
    )
    if subject.protected:
        hidden = int(placed[schema.COUNT].isna().sum())
        told += " that are shown"
        if hidden:
            told += f"; {counted(hidden, 'count')} hidden"
        return f"{told}; {unknown_of_release(subject.unplaced)}"
    unplaced = subject.unplaced
    return f"{told}; unknown destination or origin: {number_words(unplaced[schema.COUNT].sum())}"


def unknown_of_release(flows: pd.DataFrame) -> str:
    """Say how many a release shows without a known destination, or that it does not show it."""
    unplaced = flows.dropna(subset=[schema.COUNT])
    unknown = unplaced.loc[unplaced[schema.DESTINATION_COVERAGE] == schema.WHOLE, schema.COUNT]
    mixed = unplaced.loc[unplaced[schema.DESTINATION_COVERAGE] == schema.REST, schema.COUNT]
    told = []
    if len(unknown):
        told.append(f"unknown destination: {number_words(unknown.sum())}")
    if len(mixed):
        told.append(f"unknown or too few to show where: {number_words(mixed.sum())}")
    return "; ".join(told) or (
        "how many have no known destination is not shown, which does not mean that there are none"
    )


def _how_many_statements(subject: FigureSubject) -> str:
    placed, unnumbered = subject.placed, named_flows(subject)
    withheld = int(is_withheld(unnumbered).sum())
    figures = len(placed) - len(unnumbered)
    unplaced = subject.unplaced
    areas = int((subject.flows[schema.MEASURE] == schema.AREAS_REACHED).sum())
    told = (
        f"n = {counted(len(subject.flows), 'published statement')}: "
        f"{counted(figures, 'figure')} for a place, {len(unnumbered) - withheld} that name a "
        f"place and count nothing, {len(unplaced)} whose place is unknown or not published"
    )
    if withheld:
        told += f", {withheld} whose number is hidden, a range or a rate"
    if not areas:
        return told
    return f"{told}, {areas} that {'counts' if areas == 1 else 'count'} areas"


def sources(subject: FigureSubject) -> str:
    """Name the sources where they are few, else say how many and where they stand."""
    found = subject.flows[schema.SOURCE].dropna().unique()
    if len(found) == 0:
        return "the records of the organisation that made this"
    if len(found) <= MOST_SOURCES:
        return "; ".join(shown(source, most=160) for source in sorted(map(str, found)))
    return f"{len(found)} published sources, each named beside its figure in the tables"


def _standing(subject: FigureSubject) -> str:
    if subject.private:
        return "Not protected: for the analyst alone"
    told = list(subject.caveats)
    if subject.statements:
        told.insert(0, STATEMENTS_NOTE)
    if subject.protected:
        told.insert(0, PROTECTED_NOTE)
    return " ".join(sentence(part) for part in told)


def unnumbered(flow: Mapping[Hashable, Any]) -> str:
    """Say what stands in the place of a flow's number: "named", or what its publisher says."""
    qualifier = flow[schema.QUALIFIER]
    if isinstance(qualifier, str) and qualifier.startswith(schema.PRINTED_FIGURES):
        return shown(qualifier, most=34)
    return "mentioned" if qualifier == schema.MENTIONED else "named"


def listing(flows: pd.DataFrame, *, most: int = 8) -> str:
    """List flows in words, largest count first, for the description of a figure."""
    columns = [
        schema.COUNT,
        schema.DISTANCE_KM,
        schema.FLOW_ID,
        schema.ORIGIN_NAME,
        schema.DESTINATION_NAME,
        schema.QUALIFIER,
    ]
    plain = pd.DataFrame(flows)[columns].astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    first = nsmallest(most, rows, key=_largest_first)
    told = []
    for row in first:
        count = unnumbered(row) if row[schema.COUNT] is None else number_words(row[schema.COUNT])
        told.append(
            f"{shown(row[schema.ORIGIN_NAME])} to {shown(row[schema.DESTINATION_NAME])}: {count}"
        )
    left = len(rows) - len(told)
    return "; ".join(told) + (f"; and {left} more" if left > 0 else "")


def _largest_first(row: Mapping[Hashable, Any]) -> tuple[bool, float, bool, float, str]:
    """Order flows by count, then by distance, both the largest first and null last."""
    count, km = row[schema.COUNT], row[schema.DISTANCE_KM]
    return count is None, -(count or 0), km is None, -(km or 0), row[schema.FLOW_ID]


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
_OFFSETS: Final = np.tile(np.array(_DIRECTIONS, dtype=float), (len(_RADII_PT), 1))
_REACHES: Final = np.repeat(_RADII_PT, len(_DIRECTIONS))[:, None] * np.where(
    (_OFFSETS != 0).all(axis=1, keepdims=True), 0.75, 1.0
)  # askew a label is as far from its point at less
_MOST_POINTS: Final = 6_000
_PAD_PT: Final = 2.0
_TIED_PT: Final = 5.5  # a label further from its point is tied to it
_NEAR_PT: Final = 4.0  # a tie nearer to a point could name it
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
    to_points = 72 / figure.dpi

    def on_page(data: Floats | None) -> Floats:
        if data is None or not len(data):
            return np.empty((0, 2))
        return np.asarray(axes.transData.transform(data)) * to_points

    ground = _Ground(
        frame=np.asarray(axes.bbox.extents) * to_points,
        marks=on_page(nodes),
        lines=on_page(_thinned(strokes)),
        boxes=np.empty((0, 4)) if taken is None else np.asarray(taken, dtype=float).reshape(-1, 4),
    )
    fixed = len(ground.boxes)
    left_out = []
    points = on_page(np.array([[label.x, label.y] for label in labels]))
    to_data = axes.transData.inverted()
    for label, at in zip(labels, points, strict=True):
        box = ground.place(at, np.array(extent(label.text, label.size, label.weight)))
        if box is None:
            left_out.append(label.text)
            continue
        corners = np.array([box[:2], at, np.clip(at, box[:2], box[2:])]) / to_points
        corner, *tie = to_data.transform(corners)
        _draw_label(axes, label, corner)
        if np.linalg.norm(corners[1] - corners[2]) * to_points > _TIED_PT:
            axes.plot(*zip(*tie, strict=True), color=LIGHT.quiet, linewidth=0.4, zorder=25)
    return Placing(ground.boxes[fixed:], tuple(left_out))


def _draw_label(axes: Axes, label: Label, corner: Floats) -> None:
    axes.text(
        float(corner[0]),
        float(corner[1]),
        label.text,
        size=label.size,
        weight=label.weight,
        color=label.colour,
        ha="left",
        va="bottom",
        zorder=30,
        parse_math=False,
        bbox={"facecolor": (LIGHT.paper, 0.78), "linewidth": 0, "pad": 0.6},
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
        boxes = _beside(at, extent)
        reach = np.vstack([boxes.min(axis=0)[:2] - _NEAR_PT, boxes.max(axis=0)[2:] + _NEAR_PT])
        marks, lines = (_within(points, *reach) for points in (self.marks, self.lines))
        free = self._free(boxes, marks)
        best: tuple[float, Floats, Floats] | None = None
        for rank in range(len(_RADII_PT)):
            for order in range(len(_DIRECTIONS)):
                number = rank * len(_DIRECTIONS) + order
                if not free[number]:
                    continue
                box = boxes[number]
                tie = _along(at, np.clip(at, box[:2], box[2:]))
                cost = _NEAR * rank + 0.1 * order
                cost += 0.8 * min(len(_within(lines, box[:2], box[2:])), 60)
                cost += self._in_the_way(at, box, tie, marks)
                if cost < (math.inf if best is None else best[0]):
                    best = (cost, box, tie)
            if best is not None and best[0] <= _NEAR * (rank + 1):
                break
        if best is None:
            return None
        self.boxes = np.vstack([self.boxes, best[1]])
        self.marks = np.vstack([self.marks, best[2][1:]])
        return best[1]

    def _free(self, boxes: Floats, marks: Floats) -> NDArray[np.bool_]:
        """Tell which boxes lie in the frame, cover no point and touch no other box."""
        low, high = boxes[:, None, :2], boxes[:, None, 2:]
        inside = (low >= self.frame[:2]) & (high <= self.frame[2:])
        covers = _all((marks >= low - _PAD_PT) & (marks <= high + _PAD_PT)).any(axis=1)
        pad = np.array([2 * _PAD_PT, _PAD_PT])
        touch = (low - pad <= self.boxes[:, 2:]) & (high + pad >= self.boxes[:, :2])
        return np.asarray(_all(inside)[:, 0] & ~covers & ~_all(touch).any(axis=1))

    def _in_the_way(self, at: Floats, box: Floats, tie: Floats, marks: Floats) -> float:
        """Price a tie: what it crosses, and other points that it could be taken to name.

        Where it goes under a label, its own may not stand beside somebody else's point.
        """
        if len(tie) < 2:
            return 0.0
        within = (tie >= self.boxes[:, None, :2]) & (tie <= self.boxes[:, None, 2:])
        crossed = int(_all(within).any(axis=1).sum())
        others = marks[np.abs(marks - at).max(axis=1) > 3.0]
        if crossed and len(_within(others, box[:2] - _NEAR_PT, box[2:] + _NEAR_PT)):
            return math.inf
        near = 0
        if len(others):
            gaps = np.linalg.norm(tie[:, None] - others[None], axis=2)
            near = int((gaps.min(axis=0) < _NEAR_PT).sum())
        return 8.0 * crossed + 4.0 * min(near, 3)


def _beside(at: Floats, extent: Floats) -> Floats:
    """List the boxes beside a point, nearest first; a row each, left, bottom, right and top."""
    low = at + _OFFSETS * _REACHES - (0.5 - 0.5 * _OFFSETS) * extent
    return np.hstack([low, low + extent])


def _along(start: Floats, end: Floats) -> Floats:
    """Sample a tie every three points of the page; a tie too short to draw is its start alone."""
    length = float(np.linalg.norm(end - start))
    if length <= _TIED_PT:
        return start[None]
    share = np.linspace(0, 1, max(2, int(length / 3) + 1))[:, None]
    return np.asarray(start + share * (end - start))


def _all(both: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Join what holds across the page with what holds along it, the last axis."""
    return np.asarray(both[..., 0] & both[..., 1])


def _within(points: Floats, low: Floats, high: Floats) -> Floats:
    """Keep the points of a rectangle."""
    return points[((points >= low) & (points <= high)).all(axis=1)]
