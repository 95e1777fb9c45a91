"""What a brief is about: the whole of a release, one origin or one destination."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from linemap import schema
from linemap.disclosure import Release
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.text import key

Kind = Literal["whole", "origin", "destination"]
_ENDS: Final = {
    "origin": (schema.ORIGIN_ID, schema.ORIGIN_NAME),
    "destination": (schema.DESTINATION_ID, schema.DESTINATION_NAME),
}
_MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """The flows that a brief is about, and what it may say of them.

    ``flows`` are rows of the release's flows; ``ids`` the places that were asked for
    (none for the whole), ``wider`` the flows of areas that hold them, ``view`` the rows of
    the view of all origins together (none of one origin, or where there is no such view),
    ``gazetteer`` the one that placed the flows (the shipped one by default).
    """

    release: Release
    kind: Kind
    name: str
    ids: frozenset[str]
    flows: pd.DataFrame
    wider: pd.DataFrame
    view: pd.DataFrame
    gazetteer: Gazetteer | None = None

    @property
    def statements(self) -> bool:
        """Say whether the numbers are published statements, which are never added."""
        return schema.holds_statements(self.release.flows)

    @property
    def placed(self) -> pd.DataFrame:
        """The flows with a place at both ends, counts of areas left out."""
        flows = self.flows
        known = flows[schema.ORIGIN_ID].notna() & flows[schema.DESTINATION_ID].notna()
        return flows.loc[known & (flows[schema.MEASURE] != schema.AREAS_REACHED)]

    @property
    def counted(self) -> pd.DataFrame:
        """The placed flows that have a count above zero."""
        return self.placed.loc[self.placed[schema.COUNT].fillna(0) > 0]

    @property
    def named(self) -> pd.DataFrame:
        """Of statements, the placed flows that name a place and count nothing."""
        if not self.statements:
            return self.placed.iloc[:0]
        return self.placed.loc[self.placed[schema.MEASURE] == schema.NAMED]

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Yield the counted flows in sets of one measure.

        Statements also of one level of destination and one window: what overlaps
        stands apart. The set with most flows first.
        """
        yield from self._sets(self.counted)

    def view_blocks(self) -> Iterator[pd.DataFrame]:
        """Yield the rows of the view that have a place, by measure."""
        known = self.view[schema.DESTINATION_ID].notna() & (self.view[schema.COUNT].fillna(0) > 0)
        yield from self._sets(self.view.loc[known])

    def _sets(self, flows: pd.DataFrame) -> Iterator[pd.DataFrame]:
        keys = [schema.MEASURE]
        if self.statements:
            keys += [schema.DESTINATION_LEVEL, schema.PERIOD_START, schema.PERIOD_END]
        sets = [part for _, part in flows.groupby(keys, dropna=False, sort=True)]
        yield from sorted(sets, key=lambda part: -len(part))


def whole(release: Release) -> Subject:
    """Take all of a release."""
    flows = release.flows
    return Subject(release, "whole", "", frozenset(), flows, flows.iloc[:0], _together(release))


def _together(release: Release) -> pd.DataFrame:
    """Take the view of all origins together; no rows where the release has none."""
    view = release.views.get(schema.WHERE_TO)
    return pd.DataFrame(release.flows.iloc[:0] if view is None else view)


def one_place(release: Release, kind: Literal["origin", "destination"], asked: str) -> Subject:
    """Take what a release shows of one origin or one destination, by its name or identifier.

    What goes to a place inside a destination goes to the destination. Of records what
    comes from a place inside an origin comes from the origin; of statements the figure
    of an origin stands beside those of the places in it, which are left out.

    Raises
    ------
    InputError
        For a place that the release does not show, or a name of several places.
    """
    flows, places = release.flows, release.places
    column, _ = _ENDS[kind]
    view = _together(release) if kind == "destination" else flows.iloc[:0]
    shown = places.loc[places.index.isin({*flows[column].dropna(), *view[column].dropna()})]
    parents = {
        place: {str(row[parent]) for parent in schema.PARENT_IDS.values() if pd.notna(row[parent])}
        for place, row in shown.iterrows()
    }
    ids = _found(places, set(shown.index), parents, asked, kind)
    name = str(places.loc[min(ids), schema.NAME])
    statements = schema.holds_statements(flows)
    inside = set(ids)
    if not (kind == "origin" and statements):
        inside |= {place for place, around in parents.items() if around & ids}
    above = {
        str(row[parent])
        for _, row in places.loc[sorted(ids)].iterrows()
        for parent in schema.PARENT_IDS.values()
        if pd.notna(row[parent])
    } - inside
    return Subject(
        release,
        kind,
        name,
        frozenset(ids),
        flows.loc[flows[column].isin(inside)],
        flows.loc[flows[column].isin(above)],
        view.loc[view[column].isin(inside)],
    )


def _found(
    places: pd.DataFrame,
    shown: set[str],
    parents: dict[str, set[str]],
    asked: str,
    kind: str,
) -> frozenset[str]:
    """Find the places that a name or an identifier means: shown ones, or areas around such."""
    known = shown | {area for around in parents.values() for area in around}
    known &= set(places.index)
    if asked in known:
        return frozenset({asked})
    wanted = key(asked)
    alike = sorted(
        place for place in known if wanted and key(str(places.loc[place, schema.NAME])) == wanted
    )
    if not alike:
        names = sorted({str(places.loc[place, schema.NAME]) for place in shown})
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        raise InputError(
            f"The release shows no {kind} {asked!r}. It shows "
            f"{', '.join(names[:_MOST_NAMED]) or 'none'}{more}."
        )
    levels = [str(places.loc[place, schema.LEVEL]) for place in alike]
    if len(set(levels)) < len(levels):
        raise InputError(
            f"{asked!r} is the name of several places. Give one identifier: {', '.join(alike)}."
        )
    return frozenset(alike)
