"""How wide and tall a text is, from the font's own measures: for the layout and for the SVG."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

FAMILY: Final = "DejaVu Sans"  # ships with matplotlib: the same everywhere
_REGULAR, _BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
_FILES: Final = {"normal": _REGULAR, 400: _REGULAR, "bold": _BOLD, 700: _BOLD}
_EM: Final = 100  # pixels at which glyphs are measured


def font_folder() -> Path:
    """Name the folder of the fonts that figures are set in; DejaVu Sans is one of them."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf"


@cache
def font_letters() -> frozenset[int]:
    """List the code points that DejaVu Sans can show."""
    return frozenset(FT2Font(str(font_folder() / _FILES["normal"])).get_charmap())


# How far lines reach above and below, and the gap between them, by size: the typographic metrics of
# both files (their table OS/2), which matplotlib reads from 3.11 on only.
_LINE: Final = (1556 / 2048, -492 / 2048, 410 / 2048)


class _Face:
    """One font: what each letter advances, and how far it reaches below and above the line."""

    def __init__(self, file: str) -> None:
        self.font = FT2Font(str(font_folder() / file))
        self.font.set_size(_EM, 72)
        self.letters: dict[str, tuple[float, float, float]] = {}

    def measure(self, text: str, size: float) -> tuple[float, float, float]:
        """Give a line's width, height and depth below the line at a size of type, in its unit.

        Pairs of letters are not set closer, so that a line is at least as wide as it is drawn.
        """
        width, low, high = 0.0, 1.0, -1.0
        for letter in text:
            found = self.letters.get(letter)
            if found is None:
                index = self.font.get_char_index(ord(letter))  # 0, a box, where there is none
                glyph = self.font.load_glyph(index, flags=LoadFlags.NO_HINTING)
                box = glyph.bbox
                advance = glyph.linearHoriAdvance / 65536
                found = advance / _EM, box[1] / 64 / _EM, box[3] / 64 / _EM
                self.letters[letter] = found
            width += found[0]
            low, high = min(low, found[1]), max(high, found[2])
        if high < low:
            return 0.0, 0.0, 0.0
        return width * size, (high - low) * size, -low * size


@cache
def _face_of(file: str) -> _Face:
    return _Face(file)


def _face(font: FontProperties) -> _Face | None:
    """Find the font of a text, if it is one of those that figures are set in."""
    file = _FILES.get(font.get_weight())
    if file is None or font.get_family() != [FAMILY] or font.get_style() != "normal":
        return None
    return _face_of(file)


class _Measuring(RendererBase):
    """A renderer that adds up the widths of letters; matplotlib's sets each text to measure it."""

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: bool | Literal["TeX"]
    ) -> tuple[float, float, float]:
        face = _face(prop)
        if face is None or ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        return face.measure(s, self._pixels(prop))

    def _get_font_height_metrics(
        self, prop: FontProperties
    ) -> tuple[float | None, float | None, float | None]:
        """Give the ascent, descent and gap of lines, which matplotlib asks for from 3.11 on."""
        face = _face(prop)
        if face is None:
            return None, None, None
        size = self._pixels(prop)
        ascent, descent, gap = _LINE
        return ascent * size, -descent * size, gap * size

    def _pixels(self, prop: FontProperties) -> float:
        pixels: float = self.points_to_pixels(prop.get_size_in_points())  # type: ignore[assignment]  # a number of a number
        return pixels


def extent(text: str, size: float, weight: str = "normal") -> tuple[float, float]:
    """Give the width and height of a line of text, all in points."""
    face = _face_of(_FILES[weight])
    width, height, low = face.measure(text, size)
    ascent, descent, _ = (size * part for part in _LINE)
    return width, max(height - low, ascent) + max(low, -descent)


class PaperRenderer(_Measuring):
    """Measures the texts of a figure where they stand, and draws nothing."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._dpi = float(figure.dpi)
        self._size = tuple(float(inches) * self._dpi for inches in figure.get_size_inches())

    def points_to_pixels(self, points: Any) -> Any:  # numbers or arrays, as matplotlib's
        return points * self._dpi / 72

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._size[0], self._size[1]


class SvgRenderer(_Measuring, RendererSVG):
    """Writes an SVG, in which a text is text."""
