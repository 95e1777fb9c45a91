"""Numbers to widths, colours, classes and legend steps; no drawing library.

Maps and figures take every appearance from here, so that a flow of 100 is as
wide, and Islington as orange, wherever it is drawn. Colours are hexadecimal.
All categorical colours, the grey of the others among them, and neighbouring
distance bands are told apart with the common kinds of colour blindness; all
stand out from the land at a contrast of 3:1 or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from linemap.errors import InputError

ColourBy = Literal["origin", "distance", "measure"]
COLOUR_BY: Final[tuple[str, ...]] = ("origin", "distance", "measure")
BANDS_KM: Final[tuple[float, ...]] = (50.0, 100.0, 200.0)

_BREAKPOINT = 0.04045  # where the sRGB transfer function turns from a line into a power


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one way of looking: light, dark or high contrast."""

    name: str
    sea: str
    land: str
    border: str
    coast: str
    ink: str
    quiet: str
    paper: str
    raised: str
    rule: str
    accent: str
    node: str
    series: tuple[str, ...]
    other: str
    bands: tuple[str, ...]


LIGHT: Final = Theme(
    name="light",
    sea="#dbe6ec", land="#fbfaf6", border="#dcd8cd", coast="#9fb2bd",
    ink="#16222b", quiet="#51606b", paper="#ffffff", raised="#f3f5f6", rule="#d5dbdf",
    accent="#1166bb", node="#16222b",
    series=("#1166bb", "#dd4411", "#554400", "#009944", "#5511aa", "#aa0055"),
    other="#6f7a82",
    bands=("#2c8cc4", "#2a63ad", "#473a9c", "#4b0f56"),
)  # fmt: skip

DARK: Final = Theme(
    name="dark",
    sea="#10181f", land="#1d2830", border="#33424d", coast="#5a6d7a",
    ink="#eef3f6", quiet="#a9b7c1", paper="#161f26", raised="#202c35", rule="#36454f",
    accent="#7cc4f5", node="#eef3f6",
    series=("#6b8cff", "#ff8f52", "#f3c6ff", "#5fe0b0", "#c0562f", "#fff3b0"),
    other="#76858f",
    bands=("#4a7fb8", "#6fb0ee", "#c3ccff", "#ffdcf4"),
)  # fmt: skip

CONTRAST: Final = Theme(
    name="contrast",
    sea="#ffffff", land="#ffffff", border="#767676", coast="#000000",
    ink="#000000", quiet="#000000", paper="#ffffff", raised="#ffffff", rule="#000000",
    accent="#00309c", node="#000000",
    series=("#0046d1", "#b85c00", "#5e0080", "#007a52", "#7a1f00", "#000000"),
    other="#3c3c3c",
    bands=("#1f6fb0", "#1c4a86", "#4a2a80", "#5c0050"),
)  # fmt: skip

THEMES: Final[tuple[Theme, ...]] = (LIGHT, DARK, CONTRAST)


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers become appearances.

    Widths are in pixels at the scale of the drawing; `widest_px` belongs to
    the largest count, and nothing that has a count is thinner than
    `thinnest_px`. Bands are upper edges in kilometres.
    """

    colour_by: ColourBy = "origin"
    widest_px: float = 10.0
    thinnest_px: float = 0.75
    named_px: float = 1.75
    bands_km: tuple[float, ...] = BANDS_KM

    def __post_init__(self) -> None:
        if self.colour_by not in COLOUR_BY:
            raise InputError(
                f"Flows can be coloured by {', '.join(COLOUR_BY)}; {self.colour_by!r} was given."
            )
        if not 0 < self.thinnest_px <= self.widest_px:
            raise InputError("Widths need 0 < thinnest_px <= widest_px.")
        if list(self.bands_km) != sorted(set(self.bands_km)) or min(self.bands_km, default=1) <= 0:
            raise InputError("Distance bands are rising positive kilometres, each once.")


def flow_widths(
    counts: npt.ArrayLike, *, largest: float, style: Style | None = None
) -> npt.NDArray[np.float64]:
    """Give each count its width in pixels, in proportion, `largest` being the widest.

    A count under the thinnest width gets that width; a null count (a place
    that is named and not counted) gets `style.named_px`, whatever the scale.

    >>> flow_widths([100, 50, 1, None], largest=100).tolist()
    [10.0, 5.0, 0.75, 1.75]
    """
    style = style or Style()
    values = np.array(counts, dtype=np.float64)
    scale = style.widest_px / largest if largest > 0 else 0.0
    widths = np.clip(values * scale, style.thinnest_px, style.widest_px)
    return np.where(np.isnan(values), style.named_px, widths)


def legend_steps(largest: float, *, smallest: float = 1, at_most: int = 4) -> tuple[int, ...]:
    """Choose the numbers of a width legend, rising: round ones, and the largest count itself.

    The round ones are 1, 2 or 5 times a power of ten, each at most 0.6 of the
    step above it, so that their widths can be told apart, and none under the
    `smallest` count. Empty if nothing is counted.

    >>> legend_steps(443)
    (50, 100, 200, 443)
    >>> legend_steps(3), legend_steps(45, smallest=10)
    ((1, 3), (10, 20, 45))
    """
    if largest < 1:
        return ()
    steps = [int(largest)]
    rounds = (m * 10**e for e in range(12, -1, -1) for m in (5, 2, 1))
    for step in rounds:
        if len(steps) < at_most and smallest <= step <= 0.6 * steps[-1]:
            steps.append(step)
    return tuple(reversed(steps))


def band_of(km: npt.ArrayLike, *, edges: Sequence[float] = BANDS_KM) -> npt.NDArray[np.int64]:
    """Tell the distance band of each distance, by number; -1 where the distance is null.

    A distance on an edge belongs to the band that it closes, so "beyond 100 km"
    means more than 100.

    >>> band_of([0, 50, 50.1, 999, None]).tolist()
    [0, 0, 1, 3, -1]
    """
    values = np.array(km, dtype=np.float64)
    found = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="left")
    return np.where(np.isnan(values), -1, found).astype(np.int64)


def band_labels(edges: Sequence[float] = BANDS_KM) -> tuple[str, ...]:
    """Name the distance bands in words, nearest first.

    >>> band_labels((50, 100))
    ('up to 50 km', '50 to 100 km', 'over 100 km')
    """
    if not edges:
        return ("any distance",)
    between = [f"{low:g} to {high:g} km" for low, high in pairwise(edges)]
    return (f"up to {edges[0]:g} km", *between, f"over {edges[-1]:g} km")


def colour_slots(weights: Sequence[float], *, slots: int = len(LIGHT.series)) -> tuple[int, ...]:
    """Give each category the number of its colour, heaviest first; -1 is the colour of the others.

    When there are more categories than colours, the lightest share the last one.
    Ties keep the order in which they were given.

    >>> colour_slots([1, 9, 5], slots=2)
    (-1, 0, 1)
    """
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    slot = dict.fromkeys(range(len(weights)), -1)
    slot.update({index: rank for rank, index in enumerate(order[:slots])})
    return tuple(slot[index] for index in range(len(weights)))


def band_colours(theme: Theme, *, classes: int) -> tuple[str, ...]:
    """Spread a theme's distance colours over `classes` bands, nearest first.

    >>> band_colours(LIGHT, classes=2) == (LIGHT.bands[0], LIGHT.bands[-1])
    True
    """
    if classes <= 1:
        return theme.bands[:1]
    stops = np.linspace(0, len(theme.bands) - 1, classes)
    return tuple(_blend(theme.bands, stop) for stop in stops)


def contrast_ratio(one: str, other: str) -> float:
    """Compute the contrast of two colours, 1 to 21, as WCAG 2.2 defines it.

    >>> round(contrast_ratio("#000000", "#ffffff"))
    21
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [channel / 255 for channel in _rgb(colour)]
    linear = [p / 12.92 if p <= _BREAKPOINT else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _blend(colours: Sequence[str], stop: float) -> str:
    low = min(int(stop), len(colours) - 2)
    share = stop - low
    pairs = zip(_rgb(colours[low]), _rgb(colours[low + 1]), strict=True)
    mixed = [round(a + (b - a) * share) for a, b in pairs]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
