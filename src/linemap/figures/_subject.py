"""What a figure draws (a Release, or FLOWS to explore), its panels, and its words."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure import PROTECTED, Release, require_release, within_window
from linemap.errors import DisclosureError
from linemap.measures import columns
from linemap.windows import month_words, window_words

MOST_LISTED: Final = 12


@dataclass(frozen=True)
class FigureSubject:
    """What a figure draws, and what it must say of where that comes from."""

    flows: pd.DataFrame  # a plain frame, whose geometries are objects: sooner cut up
    places: gpd.GeoDataFrame | None
    statements: bool
    private: bool
    basis: str
    attributions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    summaries: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    views: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def protected(self) -> bool:
        """Say whether counts are hidden and rounded, and shown at several levels."""
        return self.basis == PROTECTED

    @cached_property
    def placed(self) -> pd.DataFrame:
        """The flows with a place at both ends, without counts of areas."""
        return schema.placed_at_both_ends(self.flows)

    @cached_property
    def unplaced(self) -> pd.DataFrame:
        """The flows without one of the places, without counts of areas."""
        flows = self.flows
        known = flows[schema.ORIGIN_ID].notna() & flows[schema.DESTINATION_ID].notna()
        return flows.loc[~known & (flows[schema.MEASURE] != schema.AREAS_REACHED)]


def admit(source: object, *, explore: bool) -> FigureSubject:
    """Take a Release; or, only where the caller says `explore`, a FLOWS frame.

    Raises
    ------
    DisclosureError
        Anything that is not a Release, without `explore`.
    """
    if explore and isinstance(source, pd.DataFrame):
        schema.require_contract(source, schema.FLOWS_CONTRACT)
        return FigureSubject(
            flows=_ordered(source),
            places=None,
            statements=schema.holds_statements(source),
            private=True,
            basis="not protected",
        )
    if isinstance(source, pd.DataFrame):
        raise DisclosureError(
            "A figure that may leave is drawn from a Release: pass the flows through protect() "
            "or as_published() first. To look at them here and now, say explore=True; that "
            "figure says on its face that it is not for release, and cannot be saved as one."
        )
    release: Release = require_release(source)
    flows = within_window(release.flows, release.window)
    return FigureSubject(
        flows=_ordered(flows),
        places=release.places,
        statements=schema.holds_statements(flows),
        private=False,
        basis=release.basis,
        attributions=release.attributions,
        caveats=release.caveats,
        summaries={
            name: within_window(table, release.window) for name, table in release.summaries.items()
        },
        views={name: within_window(view, release.window) for name, view in release.views.items()},
    )


def _ordered(flows: pd.DataFrame) -> pd.DataFrame:
    """Sort flows by their identifiers; texts and geometries become objects, which are had fast."""
    plain = pd.DataFrame(flows)
    slow = [
        name
        for name, kind in plain.dtypes.items()
        if isinstance(kind, pd.StringDtype) or name == schema.GEOMETRY
    ]
    plain = plain.astype(dict.fromkeys(slow, object))
    return plain.sort_values(schema.FLOW_ID, kind="stable", ignore_index=True)


# ── What may be drawn on one scale ───────────────────────────────────────────────────────────
_NONE: Final = ""


@dataclass(frozen=True, slots=True)
class CountedPanel:
    """Flows that may share a scale, and the words for them.

    Counts of records may be added; statements stand side by side and are never
    added, for one person may be linked to several places.
    """

    measure: str
    what: str
    where: str
    when: str
    origin: str | None
    flows: pd.DataFrame

    @property
    def total(self) -> float:
        """The counts of the panel together: to be shown of records alone."""
        return float(self.flows[schema.COUNT].sum())

    @property
    def words(self) -> str:
        """What, to where, when; one line."""
        return f"{self.what}, {self.where}, {self.when}"


def counted_panels(subject: FigureSubject, *, by_origin: bool = False) -> list[CountedPanel]:
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


def with_one_distance(subject: FigureSubject) -> FigureSubject:
    """Leave out what leads to a nation or a region: that is at no one distance or direction."""
    wide = subject.flows[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)
    return replace(subject, flows=subject.flows.loc[~wide])


def too_wide(subject: FigureSubject) -> str:
    """Name the nations and regions that :func:`with_one_distance` leaves out, with their counts."""
    placed = subject.placed
    flows = placed.loc[placed[schema.DESTINATION_LEVEL].isin(NO_ONE_DISTANCE)]
    told = []
    for part in split(flows, [schema.MEASURE, schema.DESTINATION_NAME]):
        name = shown(part.iloc[0][schema.DESTINATION_NAME])
        count = part[schema.COUNT].sum()
        told.append((-count, name if subject.statements else f"{name} {number_words(count)}"))
    listed = list(dict.fromkeys(text for _, text in sorted(told)))
    more = f" and {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
    return f"{', '.join(listed[:MOST_LISTED])}{more}"


def named_flows(subject: FigureSubject) -> pd.DataFrame:
    """Keep the placed flows of a place without a number: named only, or the number is withheld.

    In a protected release a null count is a hidden one, not a place that was
    only named, so there are none.
    """
    flows = subject.placed
    named = flows[schema.COUNT].isna()
    if not subject.statements:
        named &= flows[schema.MEASURE] == schema.NAMED
    return flows.loc[named]


def is_withheld(flows: pd.DataFrame) -> pd.Series:
    """Say of each flow of statements whether its publisher hides its number, or blurs it.

    Hidden, not available, a range or a rate: a number there is, so the place is not only named.
    """
    qualifier = flows[schema.QUALIFIER].astype("str").fillna("")
    return flows[schema.COUNT].isna() & qualifier.str.startswith(schema.PRINTED_FIGURES)


def numberless(flows: pd.DataFrame) -> str:
    """Say in words why flows of places have no number.

    "named, not counted", unless the number of some is withheld.
    """
    if is_withheld(flows).any():
        return "without a number: named, or the number is hidden, a range or a rate"
    return "named, not counted"


def _panel(subject: FigureSubject, flows: pd.DataFrame, by_origin: bool) -> CountedPanel:
    first = flows.iloc[0]
    measure = str(first[schema.MEASURE])
    levels = set(flows[schema.DESTINATION_LEVEL].dropna())
    where = level_words(next(iter(levels))) if len(levels) == 1 else "places of several levels"
    if subject.statements:
        when = window_words(first[schema.PERIOD_START], first[schema.PERIOD_END], short=True)
    else:
        when = whole_window(flows)
    return CountedPanel(
        measure=measure,
        what=sentence(shown(measure)).rstrip("."),
        where=where,
        when=when,
        origin=shown(first[schema.ORIGIN_NAME]) if by_origin else None,
        flows=flows,
    )


# ── Words of a figure: names made safe to draw, windows, levels, numbers, lines of text ─────
MOST_LETTERS: Final = 42
# areas so large that the distance to their middle is nobody's
NO_ONE_DISTANCE: Final = columns.NO_ONE_DISTANCE
LEVEL_PLURALS: Final[dict[str, str]] = {
    schema.SETTLEMENT: "towns",
    schema.STATION: "railway stations",
    schema.POSTCODE_DISTRICT: "postcode districts",
    schema.BOROUGH: "boroughs",
    schema.DISTRICT: "districts",
    schema.COUNTY: "counties",
    schema.FORCE: "police force areas",
    schema.REGION: "regions",
    schema.NATION: "nations",
    schema.GROUP: "groups of areas",
}


def shown(text: object, *, most: int = MOST_LETTERS) -> str:
    r"""Make a name from outside safe to draw: one line, visible letters, not too long.

    Control and direction characters, which can hide or turn what stands beside
    them, and lone surrogates, which no file can hold, become the replacement sign.

    >>> shown("King's\tLynn")
    "King's Lynn"
    """
    if text is None or text is pd.NA or (isinstance(text, float) and math.isnan(text)):
        return "not named"
    spaced = " ".join(str(text).split())
    clean = "".join(
        "\ufffd" if unicodedata.category(letter)[0] == "C" else letter for letter in spaced
    )
    clean = clean or "not named"
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"


def labels_of(ids: pd.Series, names: pd.Series, *, most: int = MOST_LETTERS) -> pd.Series:
    """Name each row's place, telling apart different places that would be called the same.

    Row for row. By their levels where those differ (Essex the county, Essex the
    force), else by numbers. An area and the rest of it share an id and differ in name.

    >>> labels_of(pd.Series(["a:1", "a:2", "a:1"]), pd.Series(["Newton"] * 3)).tolist()
    ['Newton', 'Newton (2)', 'Newton']
    >>> labels_of(pd.Series(["county:essex", "force:essex"]), pd.Series(["Essex"] * 2)).tolist()
    ['Essex (county)', 'Essex (force)']
    """
    keys = ids.astype(str) + "\n" + names.astype(str)
    alike: dict[str, list[str]] = {}
    for key, name in sorted(set(zip(keys, names.astype(object), strict=True)), key=str):
        alike.setdefault(shown(name, most=most), []).append(key)
    labels: dict[str, str] = {}
    for label, places in alike.items():
        levels = [place.partition(":")[0] for place in places]
        apart = len(set(levels)) == len(levels) > 1
        for number, (place, level) in enumerate(zip(places, levels, strict=True), start=1):
            suffix = f" ({level})" if apart else f" ({number})" if number > 1 else ""
            labels[place] = label + suffix
    return keys.map(labels)


def how_far(flow: pd.Series) -> str:
    """Write a flow's distance: the mean, or the range where the destination has no one distance.

    >>> how_far(pd.Series({"destination_level": "nation", "distance_km": 565.3,
    ...                    "distance_low_km": 461.2, "distance_high_km": 1037.9}))
    '461 to 1,038 km'
    """
    if flow[schema.DESTINATION_LEVEL] in NO_ONE_DISTANCE:
        low, high = float(flow[schema.DISTANCE_LOW_KM]), float(flow[schema.DISTANCE_HIGH_KM])
        return f"{number_words(low)} to {number_words(high)} km"
    return f"{number_words(float(flow[schema.DISTANCE_KM]))} km"


def year_words(start: object, end: object) -> str:
    """Write the years of a window as short as can be; empty where it is not stated.

    >>> year_words("2018-01", "2019-03"), year_words("2018-01", "2018-12")
    ('2018–19', '2018')
    """
    if month_words(start) is None or month_words(end) is None:
        return ""
    first, last = str(start)[:4], str(end)[:4]
    return first if first == last else f"{first}–{last[2:]}"


def whole_window(flows: pd.DataFrame) -> str:
    """Write the window that all of `flows` lie in, saying so where some state none."""
    starts = flows[schema.PERIOD_START].dropna()
    ends = flows[schema.PERIOD_END].dropna()
    if starts.empty or ends.empty:
        return "window not stated"
    words = window_words(str(starts.min()), str(ends.max()), short=True)
    missing = int((flows[schema.PERIOD_START].isna() | flows[schema.PERIOD_END].isna()).sum())
    return f"{words}; {counted(missing, 'row')} without a window" if missing else words


def number_words(value: float) -> str:
    """Write a whole number with its thousands apart.

    >>> number_words(4013)
    '4,013'
    """
    return f"{round(value):,}"


def counted(n: float, thing: str, things: str | None = None) -> str:
    """Write a number and what it counts, in the right number.

    >>> counted(1, "flow"), counted(2, "flow"), counted(2, "county", "counties")
    ('1 flow', '2 flows', '2 counties')
    """
    return f"{number_words(n)} {thing if round(n) == 1 else things or thing + 's'}"


def level_words(level: object) -> str:
    """Name the places of a level in the plural; "places" for several levels or none."""
    return LEVEL_PLURALS.get(str(level), "places")


def sentence(text: str) -> str:
    """Begin with a capital (but for the sign n) and end with a full stop.

    >>> sentence("window not stated")
    'Window not stated.'
    """
    stripped = text.strip()
    if not stripped:
        return ""
    ended = stripped if stripped[-1] in ".!?" else stripped + "."
    return ended if ended.startswith("n =") else ended[0].upper() + ended[1:]


def lines(text: str, *, inches: float, points: float) -> list[str]:
    """Break a text into lines that fit a width at a size of type, on the safe side."""
    letters = max(12, int(inches * 72 / (points * 0.545)))
    return textwrap.wrap(text, letters, break_long_words=True, break_on_hyphens=False)
