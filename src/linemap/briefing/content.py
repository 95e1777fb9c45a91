"""What a brief is about, what it holds (sentences, tables, a picture), and its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import pandas as pd

from linemap import schema
from linemap.disclosure import Release, periods_shown, within_window
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.measures import columns
from linemap.text import key
from linemap.windows import (
    Window,
    covered_part,
    periods_in_words,
    regular_periods,
    window_words,
)

BriefKind = Literal["whole", "origin", "destination"]
_ENDS: Final = {
    "origin": (schema.ORIGIN_ID, schema.ORIGIN_NAME),
    "destination": (schema.DESTINATION_ID, schema.DESTINATION_NAME),
}
_MOST_NAMED: Final = 12


@dataclass(frozen=True)
class BriefSubject:
    """The flows that a brief is about, and what it may say of them.

    ``flows`` are rows of the release's flows; ``ids`` the places that were asked for
    (none for the whole), ``wider`` the flows of areas that hold them, ``view`` the rows of
    the view of all origins together (none of one origin, or where there is no such view),
    ``gazetteer`` the one that placed the flows (the shipped one by default).
    """

    release: Release
    kind: BriefKind
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

    def summary(self, name: str) -> pd.DataFrame | None:
        """Return a table of statistics of the release, its periods as the months covered."""
        table = self.release.summaries.get(name)
        return None if table is None else within_window(table, self.release.window)

    def hidden_in(self, flows: pd.DataFrame) -> str:
        """Name the periods of which a set of flows of one measure shows nothing; else empty.

        They are those into which the release divides time, by what its owner says it covers.
        """
        views = (self.release.flows, *self.release.views.values())
        every = {period for view in views for period in periods_shown(view)}
        window = self.release.window
        shown = periods_shown(flows)
        periods = [
            covered
            for period in regular_periods(every, window)
            if (covered := covered_part(*period, window)) not in shown
        ]
        return periods_in_words(periods, None) if periods else ""

    @cached_property
    def placed(self) -> pd.DataFrame:
        """The flows with a place at both ends, counts of areas left out."""
        return schema.placed_at_both_ends(self.flows)

    @cached_property
    def counted(self) -> pd.DataFrame:
        """The placed flows that have a count above zero."""
        return self.placed.loc[self.placed[schema.COUNT].fillna(0) > 0]

    @cached_property
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


def whole(release: Release) -> BriefSubject:
    """Take all of a release."""
    flows = _plain_flows(release.flows, release.window)
    return BriefSubject(
        release, "whole", "", frozenset(), flows, flows.iloc[:0], _together(release)
    )


def _plain_flows(flows: pd.DataFrame, window: Window | None) -> pd.DataFrame:
    """Take flows, their periods as the months covered; no geometry, and texts as objects.

    So cut, a frame is divided and read value by value several times as fast.
    """
    plain = within_window(pd.DataFrame(flows.drop(columns=schema.GEOMETRY)), window)
    texts = [name for name, kind in plain.dtypes.items() if isinstance(kind, pd.StringDtype)]
    return plain.astype(dict.fromkeys(texts, object))


def _together(release: Release) -> pd.DataFrame:
    """Take the view of all origins together; no rows where the release has none."""
    view = release.views.get(schema.WHERE_TO)
    return _plain_flows(release.flows.iloc[:0] if view is None else view, release.window)


def one_place(release: Release, kind: Literal["origin", "destination"], asked: str) -> BriefSubject:
    """Take what a release shows of one origin or one destination, by its name or identifier.

    What goes to a place inside a destination goes to the destination. Of records what
    comes from a place inside an origin comes from the origin; of statements the figure
    of an origin stands beside those of the places in it, which are left out.

    Raises
    ------
    InputError
        For a place that the release does not show, or a name of several places.
    """
    flows, places = _plain_flows(release.flows, release.window), release.places
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
    return BriefSubject(
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


# ── What it holds: sentences whose numbers name their source, tables, a picture ─────────────
How = Literal["sum", "distinct", "rows", "cell", "statistic", "months", "per month", "ratio"]


_SHORT: Final = 40  # letters of a cell that stands in one line


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a sentence: as it is written, and the cells that it comes from.

    ``table`` is ``flows``, ``where to`` or the name of a summary; ``rows`` the
    identifiers of the flows, or the positions in the summary; ``column`` the column;
    ``how`` what was done with the cells: their sum, their number of different values,
    the number of rows, one cell, a statistic of the flows (named by ``column``), the
    months of a window, a count per month, or the ratio of two such.
    """

    text: str
    table: str
    rows: tuple[str | int, ...]
    column: str
    how: How

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class BriefSentence:
    """A sentence: a template without numbers, and what fills its places in order."""

    template: str
    parts: tuple[str | Number, ...] = ()

    def __str__(self) -> str:
        pieces = self.template.split("{}")
        filled = [str(part) for part in self.parts]
        return pieces[0] + "".join(a + b for a, b in zip(filled, pieces[1:], strict=True))

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers of the sentence, in order."""
        return tuple(part for part in self.parts if isinstance(part, Number))


@dataclass(frozen=True, slots=True)
class BriefTable:
    """A table to read: a caption, headings, rows of text, and which columns hold numbers."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the sentences under it and the tables after those."""

    heading: str
    sentences: tuple[BriefSentence, ...] = ()
    tables: tuple[BriefTable, ...] = ()
    points: bool = False  # the sentences are a list


@dataclass(frozen=True, slots=True)
class Picture:
    """A map as SVG, its description for those who do not see it, and what stands below it."""

    svg: bytes
    alt: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a brief says, in the order in which it is read."""

    title: str
    stamp: str
    headline: tuple[BriefSentence, ...]
    picture: Picture | None
    sections: tuple[Section, ...]

    @property
    def sentences(self) -> tuple[BriefSentence, ...]:
        """Every sentence, the headline's first."""
        return (*self.headline, *(one for part in self.sections for one in part.sentences))

    def as_json(self) -> dict[str, Any]:
        """Give the text of the brief as plain lists and dictionaries, without the picture."""
        return {
            "title": self.title,
            "stamp": self.stamp,
            "headline": [str(sentence) for sentence in self.headline],
            "alt": self.picture.alt if self.picture else "",
            "note": self.picture.note if self.picture else "",
            "sections": [
                {
                    "heading": section.heading,
                    "points": section.points,
                    "sentences": [str(sentence) for sentence in section.sentences],
                    "tables": [_plain(table) for table in section.tables],
                }
                for section in self.sections
            ],
        }


def _plain(table: BriefTable) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "headings": list(table.headings),
        "rows": [list(row) for row in table.rows],
        "numeric": sorted(table.numeric),
        "long": _long(table),
        "note": table.note,
    }


def _long(table: BriefTable) -> list[int]:
    """List the columns of long texts: the others are as wide as their words, near each other."""
    return [
        at for at in range(len(table.headings)) if any(len(row[at]) > _SHORT for row in table.rows)
    ]


def listed(names: Sequence[str], *, most: int = 8) -> str:
    """Join names as a sentence does, and say so if there are more than `most`.

    >>> listed(["Norfolk", "Essex", "Kent"]), listed(["a", "b", "c"], most=2)
    ('Norfolk, Essex and Kent', 'a, b and others')
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and others"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


# ── Numbers, levels, windows and distances in the words of a brief ──────────────────────────
FLOWS: Final = "flows"
WHERE_TO: Final = schema.WHERE_TO
NO_ONE_DISTANCE: Final = columns.NO_ONE_DISTANCE
THIN: Final = 20  # fewer give no rank, mean or change: the ONS calls rates of fewer unreliable
MOST_ROWS: Final = 10
_MOST_PERIODS: Final = 2  # that are named beside a place
NOT_KNOWN: Final = "not known"
KM: Final = "km (nearest to furthest parts)"
FURTHER: Final = "The rest is in the tables of the release."
PLURALS: Final = {
    schema.SETTLEMENT: "towns",
    schema.BOROUGH: "boroughs",
    schema.COUNTY: "counties",
    schema.FORCE: "police force areas",
    schema.REGION: "regions",
    schema.NATION: "nations",
    schema.GROUP: "groups of areas",
    schema.DISTRICT: "districts",
    schema.STATION: "railway stations",
    schema.POSTCODE_DISTRICT: "postcode districts",
}


def whole_number(value: float) -> str:
    """Write a whole number with its thousands apart.

    >>> whole_number(4013)
    '4,013'
    """
    return f"{round(value):,}"


def window_of(start: object, end: object) -> str:
    """Write a window in words.

    >>> window_of("2018-01", "2019-03"), window_of(None, None)
    ('January 2018 to March 2019', 'window not stated')
    """
    if isinstance(start, str) and isinstance(end, str):
        return Window(start, end).words
    return "window not stated"


def only_in(rows: pd.DataFrame, every: pd.DataFrame) -> str:
    """Say in which periods rows are shown, where `every` row of a table has more; else empty.

    It follows a name: a sum of one period looks like that of all.
    """
    shown = periods_shown(rows)
    if len(shown) == len(periods_shown(every)):
        return ""
    if len(shown) > _MOST_PERIODS:
        return f" (in {len(shown)} of the periods only)"
    return f" ({' and '.join(window_words(*span, short=True) for span in sorted(shown))} only)"


def ids_of(flows: pd.DataFrame) -> tuple[str, ...]:
    """List the identifiers of flows, of which a number is made."""
    return tuple(map(str, flows[schema.FLOW_ID]))


def sum_of(flows: pd.DataFrame, table: str = FLOWS) -> Number:
    """Add up the counts of flows, null ones left out, as a number that names its rows."""
    total = whole_number(int(flows[schema.COUNT].sum()))
    return Number(total, table, ids_of(flows), schema.COUNT, "sum")


def how_many_kinds(flows: pd.DataFrame, column: str, table: str = FLOWS) -> Number:
    """Count the different values of a column, null left out, as a number that names its rows."""
    text = whole_number(flows[column].nunique())
    return Number(text, table, ids_of(flows), column, "distinct")


def how_many(flows: pd.DataFrame) -> Number:
    """Count flows, as a number that names its rows."""
    return Number(whole_number(len(flows)), FLOWS, ids_of(flows), schema.FLOW_ID, "rows")


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def set_words(subject: BriefSubject, flows: pd.DataFrame) -> str:
    """Say what a set of flows counts: the measure and, of statements, the level and window."""
    first = flows.iloc[0]
    measure = str(first[schema.MEASURE])
    if not subject.statements:
        return measure
    level = PLURALS.get(str(first[schema.DESTINATION_LEVEL]), "places")
    return f"{measure}, {level}, {window_of(first[schema.PERIOD_START], first[schema.PERIOD_END])}"


def km_range(row: Any, low: str, high: str, middle: str = schema.DISTANCE_KM) -> str:
    """Write a distance in km with its least and most; "not known" where it is null.

    What is shown at a region or a nation is at no one distance: the least and the most alone.
    """
    if pd.isna(row[middle]):
        return NOT_KNOWN
    if row[schema.DESTINATION_LEVEL] in NO_ONE_DISTANCE:
        return f"{row[low]:,.0f} to {row[high]:,.0f}"
    return f"{row[middle]:,.0f} ({row[low]:,.0f} to {row[high]:,.0f})"


def rows_left(more: int, thing: str) -> str:
    """Say how many rows a table leaves out."""
    if not more:
        return ""
    return f"{more:,} further {thing}{'' if more == 1 else 's'}. {FURTHER}"
