"""Places named and not counted, as open markers on a line of distance."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from linemap import schema
from linemap.figures.doors import Subject
from linemap.figures.page import Page, heading, kilometres, quiet_axes
from linemap.figures.panels import named_flows, split
from linemap.figures.words import counted, shown
from linemap.style import LIGHT

ROW_IN: Final = 0.3
MOST_NAMED: Final = 8


def named_by_origin(subject: Subject) -> list[tuple[str, pd.DataFrame]]:
    """List each origin with the places it names and does not count, the furthest first."""
    flows = named_flows(subject).dropna(subset=[schema.DISTANCE_KM])
    entries = []
    for part in split(flows, [schema.ORIGIN_NAME]):
        stated = part.sort_values(
            [schema.QUALIFIER, schema.FLOW_ID], ascending=[False, True], kind="stable"
        )
        once = stated.drop_duplicates(schema.DESTINATION_ID).sort_values(schema.DISTANCE_KM)
        entries.append((shown(part.iloc[0][schema.ORIGIN_NAME]), once))
    entries.sort(key=lambda entry: (-entry[1][schema.DISTANCE_KM].max(), entry[0]))
    return entries[:MOST_NAMED]


def round_limit(furthest: list[float]) -> float:
    """Give the end of an axis: a little beyond the furthest, to 25 km."""
    reach = max((float(km) for km in furthest if pd.notna(km)), default=100.0)
    return float(math.ceil(max(reach, 1) * 1.04 / 25) * 25)


def draw_named(page: Page, named: list[tuple[str, pd.DataFrame]]) -> None:
    """Draw a row an origin at the foot of the page's body, the furthest reach on top."""
    rows = len(named) * ROW_IN
    limit = round_limit([flows[schema.DISTANCE_HIGH_KM].max() for _, flows in named])
    axes = page.axes(0.42, 0.3, page.width - 0.6, rows)
    quiet_axes(axes)
    axes.set_ylim(-0.6, len(named) - 0.4)
    axes.set_yticks([])
    kilometres(axes, limit)
    axes.spines["bottom"].set_visible(False)
    heading(axes, "Named, not counted", "")
    for row, (origin, flows) in enumerate(reversed(named)):
        faint = (flows[schema.QUALIFIER] == schema.MENTIONED).to_numpy()
        km, low, high = (
            flows[column].to_numpy(float)
            for column in (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
        )
        for pale in (True, False):
            chosen = faint == pale
            alpha = 0.45 if pale else 1.0
            axes.hlines(
                np.full(chosen.sum(), row - 0.12),
                low[chosen],
                high[chosen],
                color=LIGHT.series[1],
                linewidth=0.7,
                alpha=alpha * 0.55,
            )
            axes.plot(
                km[chosen],
                np.full(chosen.sum(), row - 0.12),
                linestyle="none",
                marker="o",
                markersize=4.2,
                markerfacecolor=LIGHT.paper,
                markeredgecolor=LIGHT.series[1],
                alpha=alpha,
            )
        last = flows.iloc[-1]
        axes.text(
            0,
            row + 0.1,
            f"{origin}: {counted(len(flows), 'place')}, furthest "
            f"{shown(last[schema.DESTINATION_NAME])}, {last[schema.DISTANCE_KM]:.0f} km",
            size=6.2,
            color=LIGHT.quiet,
            va="bottom",
            parse_math=False,
        )
