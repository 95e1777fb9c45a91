"""How the maps of a figure share its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linemap.figures.page import LANDSCAPE_IN, PORTRAIT_IN

TALL_IN: Final = 6.3
HEAD_IN: Final = 0.48


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a panel stands in the body, in inches."""

    left: float
    bottom: float
    width: float
    height: float


def divide(maps: int) -> tuple[tuple[float, float], list[Cell]]:
    """Divide a page: one tall map, and a grid for the rest beside it."""
    if maps <= 1:
        return (PORTRAIT_IN, 7.6), [Cell(0, 0, PORTRAIT_IN - 0.44, 7.6)]
    across, gap = LANDSCAPE_IN - 0.44, 0.2
    if maps == 2:
        width = (across - gap) / 2
        return (LANDSCAPE_IN, TALL_IN), [
            Cell(0, 0, width, TALL_IN),
            Cell(width + gap, 0, width, TALL_IN),
        ]
    rest = maps - 1
    columns = 1 if rest == 2 else 2 if rest <= 4 else 3
    tall = across * (0.52 if columns == 1 else 0.4 if columns == 2 else 0.36)
    width = (across - tall - columns * gap) / columns
    lines = -(-rest // columns)
    height = (TALL_IN - (lines - 1) * gap) / lines
    cells = [Cell(0, 0, tall, TALL_IN)]
    for number in range(rest):
        row, column = divmod(number, columns)
        left = tall + gap + column * (width + gap)
        cells.append(Cell(left, TALL_IN - (row + 1) * height - row * gap, width, height))
    return (LANDSCAPE_IN, TALL_IN), cells
