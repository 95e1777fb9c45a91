"""Which flows belong together, whether their counts may be added, and each group's counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import InputError, StatisticsError, UnknownPlaceError
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.measures._statistics import IntArray, distinct_cells

Grouping = str | Sequence[str] | None
BoolArray = npt.NDArray[np.bool_]

FORCE: Final = "force"
NOTHING_COUNTED: Final = "nothing is counted"
NOTHING_PLACED: Final = "nothing that is counted has a place at both ends"
TOTAL_BESIDE_PARTS: Final = (
    "a total without a destination stands beside its parts, so what of it has no place is not known"
)
GROUPINGS: Final[dict[str, tuple[str, ...]]] = {
    "origin": (schema.ORIGIN_ID, schema.ORIGIN_NAME),
    "destination": (schema.DESTINATION_ID, schema.DESTINATION_NAME),
    FORCE: (schema.FORCE_ID, c.FORCE_NAME),
    "measure": (schema.MEASURE,),
    "level": (schema.DESTINATION_LEVEL,),
    "period": (schema.PERIOD_START, schema.PERIOD_END),
}


@dataclass(frozen=True, slots=True)
class FlowGroups:
    """A FLOWS frame told apart: one element a flow, except `labels` and `reasons` (a group)."""

    flows: pd.DataFrame
    labels: pd.DataFrame  # one row a group: its key columns
    number: IntArray  # the group of each flow
    placed: BoolArray  # both ends have a place
    counted: BoolArray  # it counts people, and its group's counts may be added
    named: BoolArray  # a destination without a count
    mentioned: BoolArray  # a place that is not stated to be a destination
    areas: BoolArray  # it counts areas, not people
    counts: IntArray  # 0 where nothing is counted
    force_ids: npt.NDArray[np.object_]  # of the destination; None where it has no one force
    reasons: tuple[str | None, ...]  # why a group's counts may not be added
    gazetteer: Gazetteer  # what placed the flows

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def bad(self) -> BoolArray:
        """Tell the groups (not the flows) whose counts may not be added."""
        return np.array([reason is not None for reason in self.reasons], dtype=bool)

    @property
    def totals(self) -> BoolArray:
        """Tell the groups in which a statement prints a total beside some of its parts.

        A statement without a destination may be such a total: what of it has
        no place is then not known.
        """
        if not schema.holds_statements(self.flows):
            return np.zeros(len(self), dtype=bool)
        stated = self.flows[schema.DESTINATION_STATUS] == schema.NOT_STATED
        whole, parts = (
            np.bincount(self.number[rows], minlength=len(self)) > 0
            for rows in (self.counted & stated.to_numpy(dtype=bool), self.measured)
        )
        return np.asarray(whole & parts)

    @property
    def unplaced(self) -> pd.arrays.IntegerArray:
        """Count what is counted and has no place, by group; null where that is not known."""
        rows = self.counted & ~self.placed
        lost = np.bincount(self.number[rows], weights=self.counts[rows], minlength=len(self))
        return pd.arrays.IntegerArray(lost.astype(np.int64), self.bad | self.totals)

    @property
    def reached(self) -> BoolArray:
        """Tell the flows that reach a destination: counted above zero, or named."""
        above = self.flows[schema.COUNT].fillna(0).to_numpy(dtype=float) > 0
        return self.placed & ~self.mentioned & ~self.areas & (above | self.named)

    @property
    def measured(self) -> BoolArray:
        """Tell the flows that enter the statistics of distance."""
        return self.counted & self.placed & (self.counts > 0)


def group(
    flows: pd.DataFrame, by: Grouping, gazetteer: Gazetteer | None, *, adds: bool = False
) -> FlowGroups:
    """Tell the flows of a FLOWS frame apart by `by`.

    `adds` says that the caller makes one number of a group's counts: of published
    statements a group of several figures then has a reason, as they are never added.

    `by` is ``"origin"``, ``"destination"``, ``"force"`` (the destination's),
    ``"measure"``, ``"level"`` (the destination's), ``"period"``, a tag, or
    several of them; None is the whole, as one group.

    Raises
    ------
    InputError
        A grouping that is none of these.
    UnknownPlaceError
        A destination that the gazetteer does not hold.
    """
    schema.require_contract(flows, schema.FLOWS_CONTRACT)
    gazetteer = Gazetteer.load(gazetteer)
    names = [by] if isinstance(by, str) else list(by or ())
    for name in names:
        if name not in GROUPINGS and name not in schema.tag_columns(flows):
            allowed = ", ".join((*GROUPINGS, *schema.tag_columns(flows)))
            raise InputError(f"Flows are not grouped by {name!r}; by one or more of {allowed}.")
    placed = (flows[schema.ORIGIN_ID].notna() & flows[schema.DESTINATION_ID].notna()).to_numpy()
    force_ids = _forces(flows[schema.DESTINATION_ID], gazetteer)
    number, labels = _number(flows, names, force_ids, gazetteer)
    counts = flows[schema.COUNT].fillna(0).to_numpy(dtype=np.int64)
    mentioned = (flows[schema.QUALIFIER] == schema.MENTIONED).fillna(False).to_numpy(dtype=bool)
    nothing = schema.is_unavailable(flows).to_numpy()
    areas = (flows[schema.MEASURE] == schema.AREAS_REACHED).fillna(False).to_numpy(dtype=bool)
    counts_people = flows[schema.COUNT].notna().to_numpy() & ~areas & ~mentioned
    reasons, added = why_not_added(flows, number, len(labels), counts_people, placed, adds=adds)
    return FlowGroups(
        flows=flows,
        labels=labels,
        number=number,
        placed=placed,
        counted=added,
        named=flows[schema.COUNT].isna().to_numpy() & placed & ~mentioned & ~areas & ~nothing,
        mentioned=mentioned,
        areas=areas,
        counts=np.where(added, counts, 0),
        force_ids=force_ids,
        reasons=reasons,
        gazetteer=gazetteer,
    )


def _forces(ids: pd.Series, gazetteer: Gazetteer) -> npt.NDArray[np.object_]:
    """Name the one force that each destination lies in; None where there is not one."""
    codes, distinct = pd.factorize(ids)
    unknown = [place for place in distinct if place not in gazetteer.places.index]
    if unknown:
        raise UnknownPlaceError(
            f"The gazetteer holds no place {unknown[0]!r}. Pass the one that placed these flows: "
            "gazetteer=..."
        )
    return _take(gazetteer.parent_at(list(distinct), schema.FORCE), codes)


def _take(values: pd.Series, codes: npt.NDArray[np.intp]) -> npt.NDArray[np.object_]:
    """Look values up by code; the code -1, of no value, gives None."""
    known = np.array([*values, None], dtype=object)
    known[pd.isna(known)] = None
    chosen: npt.NDArray[np.object_] = known[codes]
    return chosen


def _number(
    flows: pd.DataFrame,
    names: Sequence[str],
    force_ids: npt.NDArray[np.object_],
    gazetteer: Gazetteer,
) -> tuple[IntArray, pd.DataFrame]:
    """Give each flow the number of its group, and each group its row of labels."""
    if not names:
        return np.zeros(len(flows), dtype=np.int64), pd.DataFrame(index=range(1))
    keys: dict[str, pd.Series] = {}
    for name in names:
        if name == FORCE:
            places = gazetteer.places
            ids = pd.Series(force_ids, index=flows.index, dtype=object)
            codes, distinct = pd.factorize(ids)
            titles = _take(places[schema.NAME].reindex(distinct), codes)
            keys[schema.FORCE_ID] = ids
            keys[c.FORCE_NAME] = pd.Series(titles, index=flows.index, dtype=object)
            continue
        for column in GROUPINGS.get(name, (name,)):
            values = flows[column]
            if column == schema.DESTINATION_NAME:  # what has no place is one group, unnamed
                values = values.where(flows[schema.DESTINATION_ID].notna())
            keys[column] = values
    table = pd.DataFrame(keys).reset_index(drop=True)
    number = np.zeros(len(table), dtype=np.int64)
    for column in list(keys):
        codes, distinct = pd.factorize(table[column], use_na_sentinel=False)
        number = number * max(len(distinct), 1) + codes
        number = pd.factorize(number)[0].astype(np.int64)
    first = np.unique(number, return_index=True)[1]
    labels = table.iloc[first].reset_index(drop=True)
    # By label and not by first appearance, so that the order of rows (and with it what
    # a generator draws for whom) does not matter.
    order = labels.sort_values(list(keys), kind="stable").index.to_numpy()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[number], labels.iloc[order].reset_index(drop=True)


# ── When counts may be added, and the reason when they may not ──────────────────────────────
NO_WINDOW = "window not stated"


def window(flows: pd.DataFrame) -> pd.Series:
    """Write each flow's window; where none is stated, its source stands for it.

    Two figures without a window are of one window at best when one source
    prints both.
    """
    start, end = flows[schema.PERIOD_START], flows[schema.PERIOD_END]
    unstated = NO_WINDOW + ", " + flows[schema.SOURCE].fillna("source not stated")
    stated = start.fillna("?") + " to " + end.fillna("?")
    return stated.where(start.notna() | end.notna(), unstated)


def why_not_added(
    flows: pd.DataFrame,
    number: IntArray,
    groups: int,
    counts: BoolArray,
    placed: BoolArray,
    *,
    adds: bool = False,
) -> tuple[tuple[str | None, ...], BoolArray]:
    """Say for each group why its counts may not be added, and which flows may be.

    `counts` tells the flows that count people, `placed` those with a place at
    both ends. Returns one reason or None a group, and a mask of the flows
    whose count takes part: none of a group with a reason, and of two equal
    figures for one destination only the first. With `adds` several published
    figures are a reason too.
    """
    reasons: list[str | None] = [None] * groups
    statements = schema.holds_statements(flows)
    taking = counts.copy()
    parts: list[tuple[str, pd.Series]] = [("measures", flows[schema.MEASURE])]
    if statements:
        parts += [
            ("origins", flows[schema.ORIGIN_NAME]),
            ("windows", window(flows)),
            ("levels", flows[schema.DESTINATION_LEVEL].where(placed)),
        ]
    for what, values in parts:
        codes, distinct = pd.factorize(values)
        there = counts & (codes >= 0)
        width = max(len(distinct), 1)
        cells = distinct_cells(number[there] * width + codes[there], groups * width)
        owner = cells // width
        for crowded in np.flatnonzero(np.bincount(owner, minlength=groups) > 1):
            named = sorted(str(distinct[cell % width]) for cell in cells[owner == crowded])
            text = f"counts of {len(named)} {what} are never added ({_some(named)})"
            reasons[crowded] = "; ".join(filter(None, (reasons[crowded], text)))
    if statements:
        _rivals(flows, number, reasons, taking, counts & placed)
    if statements and adds:
        for rows in (taking & placed, taking & ~placed):
            figures = np.bincount(number[rows], minlength=groups)
            for crowded in np.flatnonzero(figures > 1):
                if reasons[crowded] is None:
                    reasons[crowded] = f"{figures[crowded]} published figures are never added"
    bad = np.array([reason is not None for reason in reasons], dtype=bool)
    return tuple(reasons), taking & ~bad[number]


def _some(names: list[str]) -> str:
    shown = names[:3] if len(names) > 4 else names
    return "; ".join(shown) + (f"; and {len(names) - 3} more" if len(names) > 4 else "")


def _rivals(
    flows: pd.DataFrame,
    number: IntArray,
    reasons: list[str | None],
    taking: BoolArray,
    counts: BoolArray,
) -> None:
    """Add the reasons that lie in one destination's figures; drop a figure printed twice."""
    figures = np.bincount(number[counts])
    for crowded in np.flatnonzero(figures > 1):  # one figure has no rival
        if reasons[crowded] is not None:
            continue
        rows = np.flatnonzero(counts & (number == crowded))
        part = flows.iloc[rows]
        twice = part.duplicated(schema.DESTINATION_ID, keep=False)
        for _, same in part[twice].groupby(schema.DESTINATION_ID, sort=True) if twice.any() else ():
            distinct = same[schema.COUNT].unique()
            if len(distinct) > 1:
                said = " and ".join(f"{figure:,}" for figure in sorted(distinct))
                reasons[crowded] = (
                    f"rival figures for {same[schema.DESTINATION_NAME].iloc[0]}: {said}"
                )
        several = part[schema.DESTINATION_ID].nunique() > 1
        if several and (part[schema.DESTINATION_LEVEL] == schema.GROUP).any():
            reasons[crowded] = "groups of areas may overlap, so their counts are never added"
        taking[rows[part.duplicated(schema.DESTINATION_ID).to_numpy()]] = False


# ── The counts of each group by destination, at one level ───────────────────────────────────
# Boroughs and counties tile the land together: they are one level of detail.
_TIER = {schema.BOROUGH: schema.COUNTY}


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """The destinations of one group: who they are, how many each, and what has no place."""

    number: int
    labels: Mapping[str, Any]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    counts: IntArray  # above zero, unless of a closed set; ordered by place_id
    n: int
    n_unplaced: int | None
    reason: str | None  # why nothing may be said about the counts

    def require(self) -> None:
        """Raise a StatisticsError with the reason, if there is one."""
        if self.reason is not None:
            raise StatisticsError(f"This cannot be said of these flows: {self.reason}.")


def counts_by_group(
    groups: FlowGroups,
    *,
    one_level: bool = True,
    destinations: Sequence[str] | None = None,
) -> Iterator[GroupCounts]:
    """Yield each group's counts by destination, in the groups' order.

    With `one_level`, destinations at several levels of detail are a reason to
    say nothing: a town and its county are not two destinations. With a closed
    set of `destinations` (place_ids) each group has a count for every one of
    them, 0 where none is counted; a group with a count elsewhere has a reason,
    and so has one of statements that does not print them all.
    """
    places = None if destinations is None else _closed(destinations, groups.gazetteer)
    stated = schema.holds_statements(groups.flows)
    flows = groups.flows
    ids = flows[schema.DESTINATION_ID].to_numpy(object)
    frame = pd.DataFrame(
        {
            "id": ids,
            schema.NAME: flows[schema.DESTINATION_NAME].to_numpy(object),
            schema.LEVEL: flows[schema.DESTINATION_LEVEL].to_numpy(object),
            "number": groups.number,
            schema.COUNT: groups.counts,
        }
    )
    parts = dict(list(frame[groups.measured].groupby("number")))
    lost = groups.unplaced
    counted = np.bincount(groups.number[groups.counted], minlength=len(groups))
    empty = frame.iloc[:0]
    for number in range(len(groups)):
        part = parts.get(number, empty)
        totals = part.groupby("id", sort=True).agg({schema.NAME: "first", schema.COUNT: "sum"})
        reason = groups.reasons[number]
        if reason is None and not len(part):
            reason = NOTHING_PLACED if counted[number] else NOTHING_COUNTED
        levels = sorted({str(_TIER.get(level, level)) for level in part[schema.LEVEL]})
        if reason is None and one_level and len(levels) > 1:
            reason = _several_levels(part, levels)
        if reason is None and places is not None:
            outside = totals.index.difference(places.index)
            printed = set(ids[groups.placed & groups.counted & (groups.number == number)])
            missing = sorted(set(places.index) - printed) if stated else []
            if len(outside):
                reason = (
                    f"{len(outside)} destinations are counted that are not among `destinations` "
                    f"({_few(list(totals['name'][outside]))})"
                )
            elif missing:
                reason = (
                    f"{len(missing)} of `destinations` have no published figure "
                    f"({_few(list(places[missing]))}): what is not printed is not zero"
                )
            else:
                totals = totals.reindex(places.index)
                totals = totals.assign(
                    **{schema.NAME: places, schema.COUNT: totals[schema.COUNT].fillna(0)}
                )
        unplaced = lost[number]
        yield GroupCounts(
            number=number,
            labels=dict(zip(groups.labels.columns, groups.labels.iloc[number], strict=True)),
            ids=tuple(totals.index),
            names=tuple(totals[schema.NAME]),
            counts=totals[schema.COUNT].to_numpy(dtype=np.int64),
            n=int(totals[schema.COUNT].sum()),
            n_unplaced=None if pd.isna(unplaced) else int(unplaced),
            reason=reason,
        )


def _closed(destinations: Sequence[str], gazetteer: Gazetteer) -> pd.Series:
    """Name the places of a closed set, in order of place_id."""
    names = gazetteer.places[schema.NAME]
    wanted = sorted(set(destinations))
    unknown = [place for place in wanted if place not in names.index]
    if unknown:
        raise UnknownPlaceError(f"The gazetteer holds no place {unknown[0]!r}.")
    closed: pd.Series = names[wanted]
    return closed


def _several_levels(part: pd.DataFrame, levels: list[str]) -> str:
    """Say which levels there are, with an example and a count of each, and what to do."""
    told = []
    for level in levels:
        here = part.loc[part[schema.LEVEL].map(lambda value: _TIER.get(value, value)) == level]
        counted = int(here[schema.COUNT].sum())
        told.append(f"{level}, {counted:,} counted, such as {here['name'].min()}")
    return (
        f"destinations are at several levels ({'; '.join(told)}), and a place and the area around "
        "it are not two destinations: bring them to one with lm.roll_up(flows, ...), or keep the "
        "flows of one level"
    )


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def both_unplaced(first: GroupCounts, second: GroupCounts) -> int | None:
    """Add up what has no place in two groups; None where it is not known of either."""
    if first.n_unplaced is None or second.n_unplaced is None:
        return None
    return first.n_unplaced + second.n_unplaced
