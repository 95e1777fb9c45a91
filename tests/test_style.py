"""Widths, bands, steps and colours: laws, and contrasts worked out by the standard's formula."""

from __future__ import annotations

import itertools
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap import style
from linemap.errors import InputError

counts = st.lists(st.integers(0, 10**7), min_size=1, max_size=40)


@given(counts)
def test_widths_are_in_proportion_down_to_the_thinnest(values: list[int]) -> None:
    largest = max(values)
    look = style.Style()
    widths = style.flow_widths(values, largest=largest, style=look)
    for value, width in zip(values, widths, strict=True):
        exact = look.widest_px * value / largest if largest else 0
        assert width == pytest.approx(max(exact, look.thinnest_px))


@given(counts)
def test_a_larger_count_is_never_thinner(values: list[int]) -> None:
    widths = style.flow_widths(sorted(values), largest=max(values))
    assert (np.diff(widths) >= 0).all()


def test_what_is_not_counted_has_its_own_width() -> None:
    assert style.flow_widths([None, np.nan], largest=5).tolist() == [1.75, 1.75]


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_steps_are_round_rise_and_end_with_the_largest(largest: int, other: int) -> None:
    smallest = min(largest, other)
    steps = style.legend_steps(largest, smallest=smallest)
    assert steps[-1] == largest
    assert steps[0] >= smallest
    assert len(steps) <= 4
    assert all(low <= 0.6 * high for low, high in itertools.pairwise(steps))
    assert all(str(step).rstrip("0") in {"1", "2", "5"} for step in steps[:-1])


def test_nothing_counted_has_no_steps() -> None:
    assert style.legend_steps(0) == ()


@given(
    st.lists(st.floats(0, 2000), max_size=30),
    st.lists(st.integers(1, 1000), min_size=1, max_size=5, unique=True).map(sorted),
)
def test_bands_agree_with_counting_the_edges_below(km: list[float], edges: list[int]) -> None:
    expected = [sum(value > edge for edge in edges) for value in km]
    assert style.band_of(km, edges=edges).tolist() == expected


@given(st.lists(st.integers(1, 1000), max_size=5, unique=True).map(sorted))
def test_there_is_a_label_a_band(edges: list[int]) -> None:
    labels = style.band_labels(edges)
    assert len(labels) == len(set(labels)) == len(edges) + 1


@given(st.lists(st.integers(0, 99), max_size=30), st.integers(1, 7))
def test_heaviest_get_the_colours(weights: list[int], slots: int) -> None:
    found = style.colour_slots(weights, slots=slots)
    with_colour = [w for w, slot in zip(weights, found, strict=True) if slot >= 0]
    without = [w for w, slot in zip(weights, found, strict=True) if slot < 0]
    assert sorted(slot for slot in found if slot >= 0) == list(range(min(slots, len(weights))))
    assert not without or min(with_colour) >= max(without)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 words it, written out anew."""
    total = 0.0
    for start, share in ((1, 0.2126), (3, 0.7152), (5, 0.0722)):
        c = int(colour[start : start + 2], 16) / 255
        total += share * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
    return total


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", style.THEMES, ids=lambda theme: theme.name)
def test_words_can_be_read_and_lines_can_be_seen(theme: style.Theme) -> None:
    for ground in (theme.paper, theme.raised, theme.land):
        assert contrast(theme.ink, ground) >= 7
        assert contrast(theme.quiet, ground) >= 4.5
        assert contrast(theme.accent, ground) >= 4.5
    for ground in (theme.land, theme.sea):
        for colour in (*theme.series, *theme.bands, theme.other, theme.node):
            assert contrast(colour, ground) >= 3 - 0.6 * (ground == theme.sea)


# Viénot, Brettel and Mollon (1999): how a protanope and a deuteranope see linear RGB.
SEEN = {
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
}


def seen_as(colour: str, kind: str | None) -> np.ndarray:
    """The colour in CIE L*a*b* (D65), as it is seen."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if kind:
        linear = np.clip(np.array(SEEN[kind]) @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = (to_xyz @ linear) / np.array([0.95047, 1.0, 1.08883])
    f = [t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", style.THEMES[:2], ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", [None, "protanopia", "deuteranopia"])
def test_the_first_colours_are_told_apart(theme: style.Theme, kind: str | None) -> None:
    first = theme.series[:4]
    for one, other in itertools.combinations(first, 2):
        assert np.linalg.norm(seen_as(one, kind) - seen_as(other, kind)) > 12


APART = 10  # in CAM02-UCS, where 1 is about what can just be seen


@pytest.mark.parametrize("theme", style.THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", [None, "protanomaly", "deuteranomaly", "tritanomaly"])
def test_no_two_colours_are_one_to_anybody(theme: style.Theme, kind: str | None) -> None:
    spaces = pytest.importorskip("colorspacious")
    colours = (*theme.series, theme.other)
    assert len(colours) <= 8
    rgb = np.array([[int(one[i : i + 2], 16) / 255 for i in (1, 3, 5)] for one in colours])
    if kind:  # at full severity: protanopia, deuteranopia, tritanopia
        way = {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}
        rgb = np.clip(spaces.cspace_convert(rgb, way, "sRGB1"), 0, 1)
    seen = spaces.cspace_convert(rgb, "sRGB1", "CAM02-UCS")
    for one, other in itertools.combinations(range(len(colours)), 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= APART, (colours[one], colours[other])


@pytest.mark.parametrize("kind", [None, "protanopia", "deuteranopia"])
@pytest.mark.parametrize("theme", style.THEMES[:2], ids=lambda theme: theme.name)
def test_neighbouring_bands_are_told_apart(theme: style.Theme, kind: str | None) -> None:
    for one, other in itertools.pairwise(style.band_colours(theme, classes=4)):
        assert np.linalg.norm(seen_as(one, kind) - seen_as(other, kind)) > 10


def test_contrast_is_the_standards() -> None:
    assert style.contrast_ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    "fault",
    [
        {"colour_by": "weather"},
        {"widest_px": 0.1},
        {"thinnest_px": 0},
        {"bands_km": (50, 50)},
        {"bands_km": (0, 5)},
    ],
)
def test_a_style_that_cannot_be_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(InputError):
        style.Style(**fault)


def test_pages_and_brief_have_the_accent_of_the_maps() -> None:
    """A style sheet cannot import: the colour is written there once more, and is the same."""
    for room, name in (("maps", "page.css"), ("briefing", "brief.css"), ("briefing", "brief.typ")):
        text = (resources.files(f"linemap.{room}") / "assets" / name).read_text(encoding="utf-8")
        assert style.LIGHT.accent in text
