"""The rows of the distance bands: what each origin's counts, names and unknowns are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from linemap import schema
from linemap.figures.doors import Subject
from linemap.figures.panels import Panel, counted_panels, named_flows, split
from linemap.figures.words import counted, level_words, number_words, shown, window_words
from linemap.style import BANDS_KM, band_of

Kind = Literal["counted", "named", "unknown", "rivals"]
COUNTED: Final[Kind] = "counted"
NAMED: Final[Kind] = "named"
UNKNOWN: Final[Kind] = "unknown"
RIVALS: Final[Kind] = "rivals"


@dataclass(frozen=True, slots=True)
class Row:
    """One bar: what stands before it, how much lies in each band, what stands after it."""

    group: str
    label: str
    kind: Kind
    bands: tuple[float, ...]
    after: str

    @property
    def total(self) -> float:
        """All that is in a band."""
        return float(sum(self.bands))


def in_bands(km: pd.Series, weights: pd.Series) -> tuple[float, ...]:
    """Add weights up by distance band; a null distance is in none."""
    band = band_of(km.to_numpy(dtype=float))
    weight = weights.to_numpy(dtype=float)
    return tuple(float(weight[band == number].sum()) for number in range(len(BANDS_KM) + 1))


def statement_rows(subject: Subject) -> list[Row]:
    """One row a panel of an origin, one for its named places, one a figure without a place.

    Origins with a place come first, most rows first; those with a total alone last.
    """
    rows = [_panel_row(panel) for panel in counted_panels(subject, by_origin=True)]
    for flows in split(named_flows(subject), [schema.ORIGIN_NAME]):
        once = flows.drop_duplicates(schema.DESTINATION_ID).dropna(subset=[schema.DISTANCE_KM])
        bands = in_bands(once[schema.DISTANCE_KM], pd.Series(np.ones(len(once))))
        origin = shown(flows.iloc[0][schema.ORIGIN_NAME])
        rows.append(
            Row(origin, "places named, not counted", NAMED, bands, counted(len(once), "place"))
        )
    rows.extend(_unknown_rows(subject))
    return _grouped(rows)


def _panel_row(panel: Panel) -> Row:
    where = panel.where
    return Row(
        group=str(panel.origin),
        label=f"{shown(panel.measure, most=24)} · {where} · {panel.when}",
        kind=RIVALS if panel.rivals else COUNTED,
        bands=in_bands(panel.flows[schema.DISTANCE_KM], panel.flows[schema.COUNT]),
        after=f"n = {number_words(panel.total)}" if not panel.rivals else "",
    )


def _unknown_rows(subject: Subject) -> Iterator[Row]:
    for _, flow in subject.unplaced.iterrows():
        if pd.isna(flow[schema.COUNT]):
            continue
        when = window_words(flow[schema.PERIOD_START], flow[schema.PERIOD_END])
        yield Row(
            group=shown(flow[schema.ORIGIN_NAME]),
            label=f"{shown(flow[schema.MEASURE], most=24)} · total · {when}",
            kind=UNKNOWN,
            bands=(0.0,) * (len(BANDS_KM) + 1),
            after=f"n = {number_words(flow[schema.COUNT])}",
        )


def _grouped(rows: list[Row]) -> list[Row]:
    placed: dict[str, int] = {}
    for row in rows:
        placed[row.group] = placed.get(row.group, 0) + (row.kind != UNKNOWN)
    kinds = (COUNTED, RIVALS, NAMED, UNKNOWN)
    return sorted(
        rows, key=lambda row: (-placed[row.group], row.group, kinds.index(row.kind), row.label)
    )


def record_rows(subject: Subject) -> list[Row]:
    """One row an origin and measure, the furthest mean first, ties by name."""
    several = len(set(subject.flows[schema.MEASURE])) > 1
    rows: list[tuple[float, Row]] = []
    for panel in counted_panels(subject):
        unplaced = subject.unplaced
        unplaced = unplaced.loc[unplaced[schema.MEASURE] == panel.measure]
        for flows in split(panel.flows, [schema.ORIGIN_NAME]):
            km = flows[schema.DISTANCE_KM].astype(float)
            count = flows[schema.COUNT].astype(float)
            name = flows.iloc[0][schema.ORIGIN_NAME]
            bands = in_bands(km, count)
            if not sum(bands):
                continue
            known = km.notna()
            mean = float(np.average(km[known], weights=count[known]))
            unknown = unplaced.loc[unplaced[schema.ORIGIN_NAME] == name, schema.COUNT].sum()
            after = f"n = {number_words(sum(bands))}"
            if unknown:
                after += f", unknown {number_words(unknown)}"
            group = panel.what if several else ""
            rows.append((mean, Row(group, shown(name), COUNTED, bands, after)))
    rows.sort(key=lambda entry: (entry[1].group, -entry[0], entry[1].label))
    return [row for _, row in rows]


def levels_in(subject: Subject) -> str:
    """Name the levels of the destinations that are drawn."""
    levels = [
        level for level in schema.LEVELS if level in set(subject.placed[schema.DESTINATION_LEVEL])
    ]
    return ", ".join(level_words(level) for level in levels)
