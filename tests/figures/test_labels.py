"""Labels: none covers another or a node, none leaves the axes, those without room are told."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from linemap.figures._layout import (
    Label,
    Placing,
    _cut_short,
    _ends,
    _Ground,
    _unclip,
    drawing,
    place_labels,
)
from linemap.figures._lettering import PaperRenderer

points = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["Ware", "Great Yarmouth"])),
    max_size=14,
)


def placed(rows: list[tuple[float, float, str]], **options) -> tuple[Placing, np.ndarray]:
    with drawing():
        figure = Figure(figsize=(3, 3))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        labels = [Label(x, y, text) for x, y, text in rows]
        nodes = np.array([[x, y] for x, y, _ in rows]).reshape(-1, 2)
        placing = place_labels(axes, labels, nodes=nodes, **options)
        on_page = axes.transData.transform(nodes) * 72 / figure.dpi if len(nodes) else nodes
    return placing, on_page


@settings(max_examples=25)
@given(points)
def test_nothing_is_covered_and_nothing_is_lost(rows):
    placing, nodes = placed(rows)
    assert len(placing.boxes) + len(placing.left_out) == len(rows)
    for one, other in combinations(placing.boxes, 2):
        apart = (one[:2] > other[2:]).any() or (other[:2] > one[2:]).any()
        assert apart
    frame = np.array([0.1, 0.1, 0.9, 0.9]) * 3 * 72
    for box in placing.boxes:
        assert (box[:2] >= frame[:2] - 1e-6).all()
        assert (box[2:] <= frame[2:] + 1e-6).all()
        covered = ((nodes > box[:2]) & (nodes < box[2:])).all(axis=1)
        assert not covered.any()


def test_a_label_alone_stands_to_the_right_of_its_point():
    placing, nodes = placed([(0.3, 0.5, "Ware")])
    (box,) = placing.boxes
    assert box[0] > nodes[0, 0]
    assert box[1] < nodes[0, 1] < box[3]


def test_what_has_no_room_is_told():
    placing, _ = placed([(0.5, 0.5, "W" * 80)])
    assert placing.left_out == ("W" * 80,)
    taken = np.array([[0.0, 0.0, 300.0, 300.0]])
    placing, _ = placed([(0.5, 0.5, "Ware")], taken=taken)
    assert placing.left_out == ("Ware",)


def test_a_label_keeps_off_a_line_where_it_can():
    line = np.column_stack([np.linspace(0.5, 1, 200), np.full(200, 0.5)])
    placing, nodes = placed([(0.5, 0.5, "Ware")], strokes=line)
    (box,) = placing.boxes
    assert not (box[0] > nodes[0, 0] and box[1] < nodes[0, 1] < box[3])


def test_a_label_tied_from_under_another_does_not_stand_beside_a_third_point() -> None:
    """It would be read as that point's; alone it may, for nothing else is there to be named."""
    at, label = np.array([100.0, 50.0]), np.array([[70.0, 44.0, 96.0, 56.0]])
    frame = np.array([0.0, 40.0, 104.0, 60.0])  # room to the left of the label in between alone

    def place(marks: np.ndarray) -> np.ndarray | None:
        ground = _Ground(frame=frame, marks=marks, lines=np.empty((0, 2)), boxes=label)
        return ground.place(at, np.array([24.0, 8.0]))

    box = place(at[None])
    assert box is not None
    assert box[2] < 70
    beside = np.array([at, [box[0] - 3, 50]])
    assert place(beside) is None or place(beside)[2] < beside[1, 0]


LATIN = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["C"]),
    min_size=1,
    max_size=40,
)


@given(
    LATIN,
    st.floats(0, 1),
    st.sampled_from(["left", "center", "right"]),
    st.sampled_from(["normal", "bold"]),
    st.sampled_from([0, 90]),
)
@settings(max_examples=60)
def test_a_text_ends_no_further_out_than_the_sum_of_its_letters(
    words: str, across: float, side: str, weight: str, turned: float
) -> None:
    with drawing():
        figure = Figure(figsize=(4, 2), dpi=100)
        text = figure.text(
            across, 0.5, words, ha=side, weight=weight, rotation=turned, parse_math=False
        )
        left, right = _ends(text, PaperRenderer(figure))
        box = text.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    letters = 0.1 * len(words)
    assert left - letters <= box.x0 + 1
    assert box.x1 <= right + letters + 1
    assert right - left == pytest.approx(box.width, rel=0.15, abs=2)


def test_a_text_that_would_leave_the_paper_is_cut_short() -> None:
    with drawing():
        figure = Figure(figsize=(4, 2), dpi=100)
        kept = figure.text(0.5, 0.5, "Norwich", parse_math=False)
        cut = [
            figure.text(x, 0.5, "Norwich and Norfolk", ha=side, parse_math=False)
            for x, side in ((0.8, "left"), (0.2, "right"), (0.1, "center"))
        ]
        renderer = FigureCanvasAgg(figure).get_renderer()
        for text in (kept, *cut):
            _cut_short(text, PaperRenderer(figure))
            box = text.get_window_extent(renderer)
            assert box.x0 >= 0
            assert box.x1 <= 400
    assert kept.get_text() == "Norwich"
    assert all(text.get_text().endswith("…") for text in cut)


def test_only_what_the_edge_of_the_axes_cuts_is_clipped() -> None:
    with drawing():
        figure = Figure(figsize=(4, 2), dpi=100)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        axes.set_xlim(0, 10)
        axes.set_ylim(0, 10)
        (inside,) = axes.plot([0, 10], [0, 10])
        (across,) = axes.plot([5, 15], [5, 5])
        within = axes.add_collection(PolyCollection([[(1, 1), (2, 1), (2, 2)]]))
        beyond = axes.add_collection(PolyCollection([[(1, 1), (2, 1), (2, 12)]]))
        dots = axes.scatter([1, 10], [1, 10])
        _unclip(axes)
    clipped = [one.get_clip_on() for one in (inside, across, within, beyond, dots)]
    assert clipped == [False, True, False, True, True]
