"""What may be drawn on one scale: records of a measure; statements of a measure, level, window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from linemap import schema
from linemap.figures.doors import Subject
from linemap.figures.words import level_words, sentence, shown, whole_window, window_words

_NONE: Final = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Flows that may share a scale, and the words for them.

    ``rivals``: two figures of the same destination stand in it, so its counts
    are drawn one by one and never combined.
    """

    measure: str
    what: str
    where: str
    when: str
    origin: str | None
    flows: pd.DataFrame
    rivals: bool

    @property
    def total(self) -> float:
        """The counts of the panel together (of statements: links to these places, not people)."""
        return float(self.flows[schema.COUNT].sum())

    @property
    def words(self) -> str:
        """What, to where, when; one line."""
        return f"{self.what}, {self.where}, {self.when}"


def counted_panels(subject: Subject, *, by_origin: bool = False) -> list[Panel]:
    """Split the placed flows with a count into panels, the one with most flows first.

    Records: one panel a measure (they are disjoint, so levels and windows add
    up). Statements: one a measure, level of destination and window, and with
    `by_origin` a panel for each origin of those too. Ties by name.
    """
    flows = subject.placed
    flows = flows.loc[flows[schema.COUNT].notna() & (flows[schema.COUNT] > 0)]
    keys = [schema.MEASURE]
    if subject.statements:
        keys += [schema.DESTINATION_LEVEL, schema.PERIOD_START, schema.PERIOD_END]
    if by_origin:
        keys.append(schema.ORIGIN_NAME)
    panels = [_panel(subject, part, by_origin) for part in split(flows, keys)]
    return sorted(panels, key=lambda panel: (-len(panel.flows), -panel.total, panel.words))


def split(flows: pd.DataFrame, keys: Sequence[str]) -> list[pd.DataFrame]:
    """Split by columns, null being a value of its own; each part keeps its order."""
    if flows.empty:
        return []
    told = flows[list(keys)].astype(object).where(flows[list(keys)].notna(), _NONE)
    return [flows.loc[part.index] for _, part in told.groupby(list(keys), sort=True)]


def named_flows(subject: Subject) -> pd.DataFrame:
    """Keep the placed flows that name a place and count nothing.

    In a protected release a null count is a hidden one, not a place that was
    only named, so there are none.
    """
    flows = subject.placed
    named = flows[schema.COUNT].isna()
    if not subject.statements:
        named &= flows[schema.MEASURE] == schema.NAMED
    return flows.loc[named]


def _panel(subject: Subject, flows: pd.DataFrame, by_origin: bool) -> Panel:
    first = flows.iloc[0]
    measure = str(first[schema.MEASURE])
    levels = set(flows[schema.DESTINATION_LEVEL].dropna())
    where = level_words(next(iter(levels))) if len(levels) == 1 else "places of several levels"
    if subject.statements:
        when = window_words(first[schema.PERIOD_START], first[schema.PERIOD_END])
    else:
        when = whole_window(flows)
    ends = [schema.ORIGIN_ID, schema.DESTINATION_ID]
    return Panel(
        measure=measure,
        what=sentence(shown(measure)).rstrip("."),
        where=where,
        when=when,
        origin=shown(first[schema.ORIGIN_NAME]) if by_origin else None,
        flows=flows,
        rivals=subject.statements and bool(flows.duplicated(ends).any()),
    )
