"""The sections of a brief: each sentence and table made from the tables of a release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from linemap import measures, schema
from linemap.briefing.content import Content, Number, Picture, Section, Sentence, Table, listed
from linemap.briefing.subject import Subject
from linemap.measures import columns as c
from linemap.windows import Window

FLOWS: Final = "flows"
WHERE_TO: Final = schema.WHERE_TO
THIN: Final = 20  # fewer give no rank, mean or change: the ONS calls rates of fewer unreliable
SEED: Final = 2019
_MOST_ROWS: Final = 10
_MOST_TABLES: Final = 5
_FURTHEST: Final = 6
_SHARE_STEP: Final = 0.05
_MOST_NAMES: Final = 30
_MOST_INSIDE: Final = 6
_MOST_AREAS: Final = 15
_NO_FINER: Final = "not shown more finely"
_TOP: Final = 3
_NOT_KNOWN: Final = "not known"
_KM: Final = "km (nearest to furthest parts)"
_FURTHER: Final = "The rest is in the tables of the release."
_PLURALS: Final = {
    schema.SETTLEMENT: "towns", schema.BOROUGH: "boroughs", schema.COUNTY: "counties",
    schema.FORCE: "police force areas", schema.REGION: "regions", schema.NATION: "nations",
    schema.GROUP: "groups of areas", schema.DISTRICT: "districts",
    schema.STATION: "railway stations", schema.POSTCODE_DISTRICT: "postcode districts",
}  # fmt: skip


def compose(subject: Subject, title: str, picture: Picture | None) -> Content:
    """Write all of a brief but its picture, which is given."""
    sections = [
        *_where(subject),
        _how_far(subject),
        _change(subject),
        _unknown(subject),
        _method(subject),
        _sources(subject),
    ]
    headline = tuple(_headline(subject))
    return Content(title, subject.release.stamp, headline, picture, tuple(sections))


# ── Numbers and words ───────────────────────────────────────────────────────────────────────
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


def _ids(flows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(map(str, flows[schema.FLOW_ID]))


def _sum(flows: pd.DataFrame, table: str = FLOWS) -> Number:
    total = whole_number(int(flows[schema.COUNT].sum()))
    return Number(total, table, _ids(flows), schema.COUNT, "sum")


def _different(flows: pd.DataFrame, column: str, table: str = FLOWS) -> Number:
    text = whole_number(flows[column].nunique())
    return Number(text, table, _ids(flows), column, "distinct")


def _how_many(flows: pd.DataFrame) -> Number:
    return Number(whole_number(len(flows)), FLOWS, _ids(flows), schema.FLOW_ID, "rows")


def _level(level: object) -> str:
    """Name a level as a reader does; what is none of them stays as it is."""
    words = {
        schema.SETTLEMENT: "town",
        schema.FORCE: "police force area",
        schema.STATION: "railway station",
        schema.POSTCODE_DISTRICT: "postcode district",
        schema.GROUP: "group of areas",
    }
    return words.get(str(level), str(level))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _set_words(subject: Subject, flows: pd.DataFrame) -> str:
    """Say what a set of flows counts: the measure and, of statements, the level and window."""
    first = flows.iloc[0]
    measure = str(first[schema.MEASURE])
    if not subject.statements:
        return measure
    level = _PLURALS.get(str(first[schema.DESTINATION_LEVEL]), "places")
    return f"{measure}, {level}, {window_of(first[schema.PERIOD_START], first[schema.PERIOD_END])}"


def _km(row: Any, low: str, high: str, middle: str = schema.DISTANCE_KM) -> str:
    if pd.isna(row[middle]):
        return _NOT_KNOWN
    return f"{row[middle]:,.0f} ({row[low]:,.0f} to {row[high]:,.0f})"


# ── The headline ────────────────────────────────────────────────────────────────────────────
def _headline(subject: Subject) -> Iterator[Sentence]:
    if subject.statements:
        if len(subject.counted) or len(subject.named):
            yield from _headline_of_statements(subject)
        else:
            yield Sentence("The release shows nothing that has a place at both ends.")
        return
    together, blocks = list(subject.view_blocks()), list(subject.blocks())
    for flows in together:
        yield from _totals_together(subject, flows)
    for flows in blocks:
        yield from _totals(subject, flows, again=bool(together))
    if not blocks:
        if subject.kind == "destination" and together:
            yield Sentence("No origin has enough of them to be shown.")
        elif together:
            yield Sentence("No single origin has a destination that may be shown.")
        else:
            yield Sentence("The release shows nothing that has a place at both ends.")


def _totals_together(subject: Subject, flows: pd.DataFrame) -> Iterator[Sentence]:
    """Say how many go where, all origins together, and to which areas most do."""
    measure = str(flows.iloc[0][schema.MEASURE])
    if subject.kind == "destination":
        yield Sentence(
            "{} {} are shown that lead to {}, all origins together.",
            (_sum(flows, WHERE_TO), measure, subject.name),
        )
        return
    yield Sentence(
        "{} {} are shown with a destination, at {} places or areas, all origins together.",
        (_sum(flows, WHERE_TO), measure, _different(flows, schema.DESTINATION_ID, WHERE_TO)),
    )
    yield from _largest_areas(subject, flows, WHERE_TO)


def _totals(subject: Subject, flows: pd.DataFrame, *, again: bool) -> Iterator[Sentence]:
    """Say how many are shown between known places, and which ends have most."""
    measure = str(flows.iloc[0][schema.MEASURE])
    total = _sum(flows)
    if subject.kind == "origin":
        yield Sentence(
            "{} {} from {} are shown with a destination, which is one of {} places or areas.",
            (total, measure, subject.name, _different(flows, schema.DESTINATION_ID)),
        )
        yield from _largest_areas(subject, flows, FLOWS)
    elif subject.kind == "destination":
        start = "Of the same, by origin: " if again else ""
        yield Sentence(
            start + "{} {} are shown that lead to {}, from {} different origins.",
            (total, measure, subject.name, _different(flows, schema.ORIGIN_ID)),
        )
        yield _largest_origins(flows)
    else:
        start = "Of the same, by origin: " if again else ""
        yield Sentence(
            start + "{} {} are shown with a place at both ends, from {} origins to {} places or "
            "areas.",
            (
                total, measure, _different(flows, schema.ORIGIN_ID),
                _different(flows, schema.DESTINATION_ID),
            ),
        )  # fmt: skip
        if not again:
            yield from _largest_areas(subject, flows, FLOWS)
        yield _largest_origins(flows)


def _largest_origins(flows: pd.DataFrame) -> Sentence:
    return _largest(flows, flows[schema.ORIGIN_NAME].astype(str), "origins", FLOWS)


def _largest_areas(subject: Subject, flows: pd.DataFrame, table: str) -> Iterator[Sentence]:
    """Name the police force areas with most; what is shown more widely is said apart."""
    areas, wide = _areas(subject, flows)
    if not wide.all():
        yield _largest(flows.loc[~wide], areas.loc[~wide], "police force areas", table)
    if wide.any():
        yield Sentence(
            "{} are shown by region, nation or group of areas only: they may belong to any area "
            "in it.",
            (_sum(flows.loc[wide], table),),
        )


def _largest(flows: pd.DataFrame, labels: pd.Series, what: str, table: str) -> Sentence:
    """Name the largest numbers of records, if there are enough to say so."""
    sums = _ranked(flows, labels)
    if int(flows[schema.COUNT].sum()) < THIN:
        return Sentence("That is too few to say which {} have most.", (what,))
    parts: list[str | Number] = []
    for name in sums.index[:_TOP]:
        parts += [str(name), _sum(flows.loc[labels == name], table)]
    named = ", ".join(["{} ({})"] * (len(parts) // 2))
    if len(sums) == 1:
        return Sentence(f"Of the {{}} only one is shown: {named}.", (what, *parts))
    alike = _overlap(int(sums.iloc[0]), int(sums.iloc[1]))
    doubt = " The first two are too close for chance to be ruled out." if alike else ""
    return Sentence(f"The largest numbers of the {{}} are those of {named}.{doubt}", (what, *parts))


def _areas(subject: Subject, flows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Name the police force area that each destination lies in or is; and say what is wider.

    The rest of an area belongs to it. What lies in no one police force area is called by its
    own name and is wider.
    """
    places = subject.release.places
    itself = places.index.to_series().where(places[schema.LEVEL] == schema.FORCE)
    forces = flows[schema.DESTINATION_ID].map(places[schema.FORCE_ID].fillna(itself))
    names = forces.map(places[schema.NAME])
    known = names.notna()
    return names.where(known, flows[schema.DESTINATION_NAME]).astype(str), ~known


def _ranked(flows: pd.DataFrame, labels: pd.Series) -> pd.Series:
    """Add up the counts by label, the largest first, then by name."""
    sums = flows[schema.COUNT].groupby(labels).sum().sort_index(kind="stable")
    return sums.sort_values(ascending=False, kind="stable")


def _overlap(first: int, second: int) -> bool:
    """Say whether two counts may be in either order by chance: an interval of their ratio has 1."""
    _, low, high, _ = measures.rate_ratio(second, first)
    return low <= 1 <= high


def _headline_of_statements(subject: Subject) -> Iterator[Sentence]:
    if subject.kind == "destination" and len(subject.counted):
        origins = sorted(set(subject.counted[schema.ORIGIN_NAME]))
        yield Sentence("Figures name these origins: {}.", (listed(origins, most=_MOST_NAMES),))
    for flows in list(subject.blocks())[:_TOP]:
        top = flows.sort_values([schema.COUNT, schema.FLOW_ID], ascending=[False, True]).iloc[:1]
        row = top.iloc[0]
        parts = (
            _capital(_set_words(subject, flows)), _sum(top), str(row[schema.ORIGIN_NAME]),
            str(row[schema.DESTINATION_NAME]),
        )  # fmt: skip
        if len(flows) == 1:
            yield Sentence("{}: the one figure printed is {}, from {} to {}.", parts)
        else:
            yield Sentence(
                "{}: the largest figure printed is {}, from {} to {}, of {} figures.",
                (*parts, _how_many(flows)),
            )
    named = subject.named
    if len(named):
        yield Sentence(
            "Places named without any count: {}. They are listed below; on the map, those that are "
            "small enough are drawn dashed.",
            (_different(named, schema.DESTINATION_ID),),
        )


# ── From where and where to ─────────────────────────────────────────────────────────────────
def _where(subject: Subject) -> Iterator[Section]:
    if subject.statements:
        yield _printed(subject)
        return
    if subject.kind == "origin":
        yield _destinations(subject)
        return
    together = list(subject.view_blocks())
    if subject.kind == "whole":
        yield _by_area(subject, together)
    elif together:
        yield _within(subject, together)
    if len(subject.counted):
        yield _origins(subject)
    if subject.kind == "destination":
        yield _pairs(subject)


_SUMS: Final = Sentence(
    "Each number is the sum of what is shown over all windows and groups; what is hidden is in "
    "none of them."
)
_FINEST: Final = Sentence(
    "Each record stands once, at the finest place that may be shown: what stands at the rest of "
    "an area may belong to any place in it."
)
_TOGETHER: Final = Sentence(
    "All origins are counted together here, which shows destinations more finely. These numbers "
    "count the same records as those of single origins, and are not to be added to, or taken "
    "from, them."
)
_NO_PLACE: Final = "Without one"


def _destinations(subject: Subject) -> Section:
    """List the places that records of one origin lead to, with the distance of each."""
    tables = []
    for measure, rows in subject.counted.groupby(schema.MEASURE, sort=True):
        sums = _ranked(rows, rows[schema.DESTINATION_NAME])
        areas, wide = _areas(subject, rows)
        lines = []
        for label in sums.index[:_MOST_ROWS]:
            at = rows.index[rows[schema.DESTINATION_NAME] == label][0]
            lines.append(
                (
                    str(label),
                    "" if wide.loc[at] else str(areas.loc[at]),
                    whole_number(sums[label]),
                    _km(rows.loc[at], schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
                )
            )
        tables.append(
            Table(
                _capital(f"{measure}, by destination"),
                ("Place", "Police force area", "Shown", _KM), tuple(lines), frozenset({2, 3}),
                _left(len(sums) - len(lines), "place"),
            )
        )  # fmt: skip
    return Section("Where to", (_SUMS, _FINEST, *_wider(subject)), tuple(tables))


def _origins(subject: Subject) -> Section:
    """List the origins of records: with a destination that is shown, and without one."""
    flows = subject.flows.loc[subject.flows[schema.COUNT].fillna(0) > 0]
    flows = flows.dropna(subset=[schema.ORIGIN_ID])
    every = subject.kind == "whole"
    tables = []
    for measure, rows in flows.groupby(schema.MEASURE, sort=True):
        sums = _ranked(rows, rows[schema.ORIGIN_NAME])
        known = rows[schema.DESTINATION_ID].notna()
        placed = _ranked(rows.loc[known], rows.loc[known, schema.ORIGIN_NAME])
        lines = []
        for label in sums.index[:_MOST_ROWS]:
            with_place = int(placed.get(label, 0))
            more = (with_place, int(sums[label]) - with_place) if every else ()
            told = (whole_number(n) if n else "none shown" for n in (int(sums[label]), *more))
            lines.append((str(label), *told))
        heads = ("Origin", "Shown", "Of these, with a destination", _NO_PLACE)
        tables.append(
            Table(
                _capital(f"{measure}, by origin"), heads if every else heads[:2], tuple(lines),
                frozenset({1, 2, 3}) if every else frozenset({1}),
                _left(len(sums) - len(lines), "origin"),
            )
        )  # fmt: skip
    sentences = [] if every or len(subject.view) else [_SUMS]
    if every:
        sentences.append(
            Sentence(
                "Without a destination is what is not stated, not found, or too few to be shown "
                "at any area."
            )
        )
    return Section("From where", tuple(sentences), tuple(tables))


def _by_area(subject: Subject, together: list[pd.DataFrame]) -> Section:
    """List the police force areas that records lead to, each with its largest places."""
    told = [_SUMS, _FINEST, *([_TOGETHER] if together else [])]
    tables = []
    for rows in together or subject.blocks():
        measure = str(rows.iloc[0][schema.MEASURE])
        areas, wide = _areas(subject, rows)
        sums = pd.concat(
            [_ranked(rows.loc[part], areas.loc[part]) for part in (~wide, wide)]
        )  # what is wider comes last: it is no rival of the areas in it
        lines = []
        for area in sums.index[:_MOST_AREAS]:
            named = _ranked(
                rows.loc[areas == area], rows.loc[areas == area, schema.DESTINATION_NAME]
            )
            within = [f"{name} {whole_number(n)}" for name, n in named.head(_MOST_INSIDE).items()]
            within += ["others"] if len(named) > _MOST_INSIDE else []
            alone = len(named) == 1 and str(named.index[0]) == area
            lines.append(
                (
                    str(area),
                    whole_number(sums[area]),
                    _NO_FINER if alone else ", ".join(within),
                )
            )
        tables.append(
            Table(
                _capital(f"{measure}, by police force area, then by wider area"),
                ("Area", "Shown", "Of these, at"), tuple(lines), frozenset({1}),
                _left(len(sums) - len(lines), "area"),
            )
        )  # fmt: skip
    return Section("Where to", tuple(told), tuple(tables))


def _within(subject: Subject, together: list[pd.DataFrame]) -> Section:
    """List the places in a destination that records lead to, all origins together."""
    tables = []
    for rows in together:
        sums = _ranked(rows, rows[schema.DESTINATION_NAME])
        lines = tuple((str(name), whole_number(n)) for name, n in sums.head(_MOST_ROWS).items())
        tables.append(
            Table(
                _capital(f"{rows.iloc[0][schema.MEASURE]}, by place, all origins together"),
                ("Place", "Shown"), lines, frozenset({1}),
                _left(len(sums) - len(lines), "place"),
            )
        )  # fmt: skip
    return Section(f"Where in {subject.name}", (_SUMS, _FINEST, _TOGETHER), tuple(tables))


def _left(more: int, thing: str) -> str:
    """Say how many rows a table leaves out."""
    if not more:
        return ""
    return f"{more:,} further {thing}{'' if more == 1 else 's'}. {_FURTHER}"


def _pairs(subject: Subject) -> Section:
    """List what leads to a destination, by origin and by place within it."""
    flows = subject.counted
    ends = [schema.ORIGIN_NAME, schema.DESTINATION_NAME]
    tables = []
    for measure, rows in flows.groupby(schema.MEASURE, sort=True):
        first = rows.drop_duplicates(ends).set_index(ends)
        sums = rows.groupby(ends)[schema.COUNT].sum().reset_index()
        sums = sums.sort_values([schema.COUNT, *ends], ascending=[False, True, True])
        lines = tuple(
            (
                origin, place, whole_number(count),
                _km(first.loc[origin, place], schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
            )
            for origin, place, count in sums.head(_MOST_ROWS).itertuples(index=False)
        )  # fmt: skip
        left = len(sums) - len(lines)
        tables.append(
            Table(
                _capital(f"{measure}, by origin and place"),
                ("Origin", "Place", "Shown", _KM),
                lines, frozenset({2, 3}),
                _left(left, "pair"),
            )
        )  # fmt: skip
    return Section("By origin and place", _wider(subject), tuple(tables))


def _wider(subject: Subject) -> tuple[Sentence, ...]:
    """Say what goes to, or comes from, wider areas that hold the place that was asked for."""
    wider = subject.wider
    if not len(wider):
        return ()
    name = schema.ORIGIN_NAME if subject.kind == "origin" else schema.DESTINATION_NAME
    areas = sorted(set(wider[name].astype(str)))
    if subject.statements:
        many, of = _how_many(wider), "figures are"
    else:
        many, of = _sum(wider), "more are"
    return (
        Sentence(
            f"{{}} {of} shown for wider areas that hold {{}} ({{}}): how much of that is its own "
            "is not known, and it is in no number here.",
            (many, subject.name, listed(areas)),
        ),
    )


def _printed(subject: Subject) -> Section:
    """List published figures, each with its source; nothing is added."""
    numbers = _source_numbers(subject)
    tables = []
    blocks = list(subject.blocks())
    single = subject.kind == "origin"
    for flows in blocks[:_MOST_TABLES]:
        rows = flows.sort_values(
            [schema.COUNT, schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.FLOW_ID],
            ascending=[False, True, True, True],
        )
        lines = []
        for _, row in rows.head(_MOST_ROWS).iterrows():
            origin = [] if single else [str(row[schema.ORIGIN_NAME])]
            lines.append((
                *origin, str(row[schema.DESTINATION_NAME]), whole_number(row[schema.COUNT]),
                _km(row, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
                numbers.get(_source(row), ""),
            ))  # fmt: skip
        left = len(rows) - len(lines)
        heads = [] if single else ["Origin"]
        at = len(heads) + 1
        tables.append(
            Table(
                _capital(_set_words(subject, flows)),
                (*heads, "Destination", "Figure", _KM, "Source"),
                tuple(lines), frozenset({at, at + 1}),
                _left(left, "figure"),
            )
        )  # fmt: skip
    sentences = [
        Sentence(
            "Figures stand as they were printed. Those of different measures, levels or windows "
            "overlap and are never added: a town's is inside its county's, and one person may be "
            "linked to several places."
        ),
        *_wider(subject),
    ]
    named = subject.named
    if len(named):
        names = sorted(set(named[schema.DESTINATION_NAME].astype(str)))
        if subject.kind == "destination":
            names = sorted(set(named[schema.ORIGIN_NAME].astype(str)))
        words = "origins" if subject.kind == "destination" else "places"
        sentences.append(
            Sentence("Named without a count, {}: {}.", (words, listed(names, most=_MOST_NAMES)))
        )
    if len(blocks) > _MOST_TABLES:
        sentences.append(Sentence("Further sets of figures are in the tables of the release."))
    heading = {"whole": "From where and where to", "origin": "Where to"}.get(
        subject.kind, "From where"
    )
    return Section(heading, tuple(sentences), tuple(tables))


# ── How far ─────────────────────────────────────────────────────────────────────────────────
def _how_far(subject: Subject) -> Section:
    if subject.statements:
        return _furthest(subject)
    lines: list[tuple[str, ...]] = []
    sentences: list[Sentence] = []
    thin = False
    rule = subject.release.rule
    step = 1 if rule is None else rule.km_base
    for flows in subject.blocks():
        words = _set_words(subject, flows)
        if int(flows[schema.COUNT].sum()) < THIN:
            thin = True
            continue
        rng = np.random.default_rng(SEED)
        table = measures.reach_estimates(
            flows, by=None, rng=rng, gazetteer=subject.gazetteer
        ).set_index(schema.TERM)
        if not lines:
            sentences.append(_half(flows, table, words, step))
        lines.append((
            _capital(words), whole_number(float(table[c.N].iloc[0])),
            *_interval(table, c.MEDIAN_KM, step),
            *_interval(table, c.share_beyond(100), _SHARE_STEP, percent=True),
        ))  # fmt: skip
    if not lines:
        return Section(
            "How far",
            (Sentence("Too few are shown with a place at both ends to say how far they reach."),),
        )
    if thin:
        sentences.append(Sentence("Of further measures too few are counted to say."))
    sentences.append(
        Sentence(
            "A straight line is not a journey. By chance: what as many others might have given "
            "(bootstrap, {}). By area: had everybody been found in the nearest, or in the "
            "furthest, parts of the areas; no number of records narrows that.",
            ("95 %",),
        )
    )
    more = len(lines) - _MOST_ROWS
    return Section("How far", tuple(sentences), (Table(
        "Distance between the origin and where people were found or linked to",
        ("What", "n", "Half within (km)", "by chance", "by area", "Beyond 100 km", "by chance",
         "by area"),
        tuple(lines[:_MOST_ROWS]), frozenset(range(1, 8)),
        _left(max(more, 0), "measure"),
    ),))  # fmt: skip


def _furthest(subject: Subject) -> Section:
    """List the furthest places of published statements, which have no distance together."""
    flows = subject.placed.dropna(subset=[schema.DISTANCE_KM])
    flows = flows.loc[flows[schema.QUALIFIER] != schema.MENTIONED]
    once = flows.sort_values(
        [schema.DISTANCE_KM, schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.FLOW_ID],
        ascending=[False, True, True, True],
    ).drop_duplicates([schema.ORIGIN_ID, schema.DESTINATION_ID])
    if not len(once):
        return Section("How far", (Sentence("No statement has a place at both ends."),))
    counted = set(subject.counted[schema.DESTINATION_ID])
    lines = tuple(
        (
            str(row[schema.ORIGIN_NAME]), str(row[schema.DESTINATION_NAME]),
            _level(row[schema.DESTINATION_LEVEL]),
            _km(row, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
            "counted" if row[schema.DESTINATION_ID] in counted else "named only",
        )
        for _, row in once.head(_FURTHEST).iterrows()
    )  # fmt: skip
    top = once.iloc[:1]
    numbers = [
        Number(whole_number(top.iloc[0][at]), FLOWS, _ids(top), at, "cell")
        for at in (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
    ]
    sentences = (
        Sentence(
            "The furthest place that is counted or named is {}, from {}: {} km, or {} to {} km by "
            "where in the two areas.",
            (
                str(top.iloc[0][schema.DESTINATION_NAME]), str(top.iloc[0][schema.ORIGIN_NAME]),
                *numbers,
            ),
        ),
        Sentence(
            "Each figure has its distance beside it. They are not put together to a mean, and "
            "have no interval of chance: the places that were printed are a choice, and one person "
            "may be linked to several."
        ),
    )  # fmt: skip
    heads = ("Origin", "Destination", "Level", _KM, "Figure")
    return Section(
        "How far", sentences, (Table("The furthest places", heads, lines, frozenset({3})),)
    )


def rounded(value: float, step: float) -> float:
    """Round to a multiple of a step, away from false precision.

    >>> rounded(151.6, 5), rounded(0.637, 0.05)
    (150.0, 0.65)
    """
    return float(round(round(value / step) * step, 2))


def _spelt(value: float, step: float, *, percent: bool = False) -> str:
    exact = rounded(value, step)
    return f"{exact * 100:.0f} %" if percent else whole_number(exact)


def _interval(
    table: pd.DataFrame, term: str, step: float, *, percent: bool = False
) -> tuple[str, str, str]:
    row = table.loc[term].to_dict()
    spans = []
    for low, high in ((schema.LOW, schema.HIGH), (schema.AREA_LOW, schema.AREA_HIGH)):
        ends = [_spelt(row[at], step, percent=percent) for at in (low, high)]
        spans.append(" to ".join(ends))
    return _spelt(row[schema.ESTIMATE], step, percent=percent), spans[0], spans[1]


def _half(flows: pd.DataFrame, table: pd.DataFrame, words: str, step: float) -> Sentence:
    row = table.loc[c.MEDIAN_KM].to_dict()
    ids = _ids(flows)
    numbers = [
        Number(_spelt(row[at], step), FLOWS, ids, f"{c.MEDIAN_KM} {at}", "statistic")
        for at in (schema.ESTIMATE, schema.LOW, schema.HIGH, schema.AREA_LOW, schema.AREA_HIGH)
    ]
    return Sentence(
        "{} (n = {}): half are linked to places within {} km; by chance {} to {}, by area {} to "
        "{}.",
        (_capital(words), _sum(flows), *numbers),
    )


# ── Change ──────────────────────────────────────────────────────────────────────────────────
def _change(subject: Subject) -> Section:
    rows = list(_changes(subject))
    heading = "Change since the period before"
    if not rows:
        return Section(
            heading,
            (Sentence("No figure is shown for two windows that could be compared."),),
        )
    sentences = [_changed(*rows[0])]
    windows = {(_window(before), _window(after)) for _, before, after in rows[:_MOST_ROWS]}
    (heads,) = windows if len(windows) == 1 else [("Before", "After")]
    lines = [
        (
            label,
            *(_in_window(cell, told=len(windows) > 1) for cell in (before, after)),
            *_verdict(before, after),
        )
        for label, before, after in rows[:_MOST_ROWS]
    ]
    left = len(rows) - len(lines)
    sentences.append(
        Sentence(
            "Rates a month are compared, since windows may differ in length. What was collected, "
            "and by whom, may differ too: no test knows. Of {} such intervals about one misses by "
            "chance.",
            ("twenty",),
        )
    )
    table = Table(
        "Figures that both windows have",
        ("What", *heads, "Ratio a month (95 %)", "What can be said"),
        tuple(lines), frozenset({3}), _left(left, "row"),
    )  # fmt: skip
    return Section(heading, tuple(sentences), (table,))


_Cell = tuple[str, str | int, pd.Series]  # the table, the row in it, and its values


def _changes(subject: Subject) -> Iterator[tuple[str, _Cell, _Cell]]:
    """Yield what two windows both count: a label, and the two cells, the latest windows."""
    if subject.statements:
        keys = [schema.MEASURE, schema.DESTINATION_LEVEL, schema.ORIGIN_NAME, schema.ORIGIN_ID,
                schema.DESTINATION_ID, schema.DESTINATION_NAME]  # fmt: skip
        dated = subject.counted.dropna(subset=[schema.PERIOD_START, schema.PERIOD_END])
        found = []
        for _, flows in dated.groupby(keys, sort=True):
            pair = _last_two(flows)
            if pair is not None:
                one, other = (
                    (FLOWS, str(row[schema.FLOW_ID]), row.rename({schema.COUNT: c.N}))
                    for row in pair
                )
                row = pair[1]
                label = f"{row[schema.MEASURE]}, {row[schema.ORIGIN_NAME]} to "
                found.append((_capital(f"{label}{row[schema.DESTINATION_NAME]}"), one, other))
        yield from sorted(found, key=lambda item: (-int(item[2][2][c.N]), item[0]))
        return
    if subject.kind == "whole":
        for name in ("whole", "origins", "destinations"):
            yield from _changes_in(subject, name)
    else:
        yield from _changes_in(subject, f"{subject.kind}s")


def _changes_in(subject: Subject, name: str) -> Iterator[tuple[str, _Cell, _Cell]]:
    """Yield what two windows count in one summary of records: of the ids, or of all places."""
    table = subject.release.summaries.get(name)
    if table is None:
        return
    ends = {"origins": schema.ORIGIN_ID, "destinations": schema.DESTINATION_ID}
    if subject.ids:
        table = table.loc[table[ends[name]].isin(subject.ids)]
    table = table.dropna(subset=[schema.PERIOD_START, schema.PERIOD_END, c.N])
    tags = list(schema.tag_columns(subject.release.flows))
    place = [ends[name]] if name in ends else []
    names = {"origins": schema.ORIGIN_NAME, "destinations": schema.DESTINATION_NAME}
    before = {"origins": "from ", "destinations": "to "}
    for _, rows in table.groupby([schema.MEASURE, *tags, *place], dropna=False, sort=True):
        pair = _last_two(rows)
        if pair is not None:
            first, second = ((name, int(str(row.name)), row) for row in pair)
            row = pair[1]
            words = [str(row[schema.MEASURE]), *(str(row[tag]) for tag in tags)]
            words += [f"{before[name]}{row[names[name]]}"] if place else ["all"]
            yield _capital(", ".join(words)), first, second


def _last_two(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series] | None:
    """Take the rows of the last two windows; None if they overlap, or a window has two rows."""
    ordered = rows.sort_values(schema.PERIOD_END, kind="stable")
    if len(ordered) < 2 or ordered.duplicated([schema.PERIOD_START, schema.PERIOD_END]).any():
        return None
    before, after = ordered.iloc[-2], ordered.iloc[-1]
    if before[schema.PERIOD_END] >= after[schema.PERIOD_START]:
        return None
    return before, after


def months_of(row: pd.Series) -> int:
    """Count the months of a row's window, both ends inside."""
    (start_year, start), (end_year, end) = (
        map(int, str(row[column]).split("-")) for column in (schema.PERIOD_START, schema.PERIOD_END)
    )
    return (end_year - start_year) * 12 + end - start + 1


def ratio_of(before: pd.Series, after: pd.Series) -> tuple[float, float, float]:
    """Relate two rows' counts a month: the ratio and its exact 95 % interval."""
    weight = months_of(before) / months_of(after)
    ratio, low, high, _ = measures.rate_ratio(int(before[c.N]), int(after[c.N]), weight=weight)
    return ratio, low, high


def _window(cell: _Cell) -> str:
    return window_of(cell[2][schema.PERIOD_START], cell[2][schema.PERIOD_END])


def _in_window(cell: _Cell, *, told: bool) -> str:
    _, _, row = cell
    rate = int(row[c.N]) / months_of(row)
    number = f"{whole_number(row[c.N])} ({rate:,.1f} a month)"
    return f"{number}, {_window(cell)}" if told else number


def _verdict(before: _Cell, after: _Cell) -> tuple[str, str]:
    if int(before[2][c.N]) + int(after[2][c.N]) < THIN:
        return "", "too few to say"
    ratio, low, high = ratio_of(before[2], after[2])
    words = f"{ratio:.2f} ({low:.2f} to {high:.2f})"
    if low <= 1 <= high:
        return words, "no more than chance can make"
    return words, "more a month" if ratio > 1 else "fewer a month"


def _changed(label: str, before: _Cell, after: _Cell) -> Sentence:
    parts: list[str | Number] = [label]
    for table, row, values in (before, after):
        months = months_of(values)
        rate = int(values[c.N]) / months
        parts += [
            Number(whole_number(values[c.N]), table, (row,), c.N, "cell"),
            window_of(values[schema.PERIOD_START], values[schema.PERIOD_END]),
            Number(f"{rate:,.1f}", table, (row,), c.N, "per month"),
        ]
    if int(before[2][c.N]) + int(after[2][c.N]) < THIN:
        return Sentence("{}: {} in {} ({} a month), {} in {} ({} a month): too few to say.",
                        tuple(parts))  # fmt: skip
    ratio, low, high = ratio_of(before[2], after[2])
    ends = (
        "which chance alone hardly makes"
        if not low <= 1 <= high
        else "no more than chance can make"
    )
    numbers = [
        Number(f"{value:.2f}", before[0], (before[1], after[1]), at, "ratio")
        for value, at in ((ratio, schema.ESTIMATE), (low, schema.LOW), (high, schema.HIGH))
    ]
    return Sentence(
        "{}: {} in {} ({} a month), then {} in {} ({} a month): {} times as many a month "
        "({} to {}), {}.",
        (*parts, *numbers, ends),
    )


# ── What is unknown or withheld ─────────────────────────────────────────────────────────────
def _unknown(subject: Subject) -> Section:
    heading = "What is unknown or withheld"
    if subject.statements:
        return Section(heading, tuple(_unknown_of_statements(subject)), points=True)
    sentences = [*_not_known(subject), *_withheld(subject)]
    table = subject.release.account
    tables: tuple[Table, ...] = ()
    if subject.kind == "whole" and len(table):
        lines = tuple(
            (str(row[schema.MEASURE]), _level(row["shown_as"]), whole_number(row["count_shown"]),
             _share(row))
            for _, row in table.iterrows()
        )  # fmt: skip
        tables = (Table("At which level of destination the counts are shown",
                        ("Measure", "Level", "Shown", "Share of what is shown"), lines,
                        frozenset({2, 3})),)  # fmt: skip
    return Section(heading, tuple(sentences), tables)


def _share(row: pd.Series) -> str:
    share = float(row["share_of_shown"])
    return f"{share * 100:.0f} %" if share or not row["count_shown"] else "less than 5 %"


def _not_known(subject: Subject) -> Iterator[Sentence]:
    """Say how many have no place that is stated or found, as far as that is shown."""
    rows = subject.view if len(subject.view) else subject.flows
    table = WHERE_TO if len(subject.view) else FLOWS
    lost = rows.loc[rows[schema.DESTINATION_ID].isna() & rows[schema.COUNT].notna()]
    unknown = lost.loc[lost[schema.DESTINATION_COVERAGE] == schema.WHOLE]
    for measure, part in unknown.groupby(schema.MEASURE, sort=True):
        yield Sentence(
            "{} {} have no destination that is stated or found; they are on no map and in no "
            "distance.",
            (_sum(part, table), str(measure)),
        )
    if not len(unknown) and subject.kind != "destination":
        yield Sentence(
            "How many have no destination that is stated or found is not shown, which does not "
            "mean that there are none."
        )
    flows = subject.flows
    begins = flows.loc[flows[schema.ORIGIN_ID].isna() & flows[schema.COUNT].notna()]
    for measure, part in begins.groupby(schema.MEASURE, sort=True):
        yield Sentence(
            "{} {} are shown without an origin that is stated or found.",
            (_sum(part), str(measure)),
        )


def _withheld(subject: Subject) -> Iterator[Sentence]:
    """Say what is put together, or not shown, because it is too few."""
    flows = subject.flows
    mixed = flows.loc[
        flows[schema.DESTINATION_ID].isna()
        & flows[schema.COUNT].notna()
        & (flows[schema.DESTINATION_COVERAGE] == schema.REST)
    ]
    for measure, part in mixed.groupby(schema.MEASURE, sort=True):
        yield Sentence(
            "{} {} of single origins stand at no place: their destinations are unknown, or too "
            "few to be shown at any area. The two cannot be told apart.",
            (_sum(part), str(measure)),
        )
    rest = flows.loc[
        (flows[schema.DESTINATION_COVERAGE] == schema.REST) & flows[schema.DESTINATION_ID].notna()
    ]
    if len(rest):
        yield Sentence(
            "{} are shown at the rest of an area: its places with too few of their own are put "
            "together there.",
            (_sum(rest),),
        )
    hidden = flows.loc[flows[schema.COUNT].isna()]
    if len(hidden):
        yield Sentence("Of flows that are listed, {} have a hidden count.", (_how_many(hidden),))
    yield Sentence(
        "A place, an origin or a pair that is not shown has too few to be shown, or none: which, "
        "is not known."
    )


def _unknown_of_statements(subject: Subject) -> Iterator[Sentence]:
    flows = subject.flows
    areas = flows.loc[flows[schema.MEASURE] == schema.AREAS_REACHED]
    rest = flows.loc[flows[schema.MEASURE] != schema.AREAS_REACHED]
    lost = rest.loc[rest[schema.ORIGIN_ID].isna() | rest[schema.DESTINATION_ID].isna()]
    if len(lost):
        yield Sentence(
            "{} of {} statements state no destination, or one that is not placed: they are in no "
            "distance and on no map.",
            (_how_many(lost), _how_many(flows)),
        )
    no_count = rest.loc[rest[schema.COUNT].isna() & (rest[schema.MEASURE] != schema.NAMED)]
    if len(no_count):
        yield Sentence(
            "Figures that their publisher hides, or gives as a range or a rate: {}. They are not "
            "zero, and are in no number here.",
            (_how_many(no_count),),
        )
    for _, row in areas.iterrows():
        yield Sentence(
            "A source counts {} areas reached from {}; it counts places, not people.",
            (_sum(areas.loc[areas[schema.FLOW_ID] == row[schema.FLOW_ID]]),
             str(row[schema.ORIGIN_NAME])),
        )  # fmt: skip
    yield Sentence("A place that is not printed is unknown. It is not zero.")


# ── Method, limits and sources ──────────────────────────────────────────────────────────────
def _method(subject: Subject) -> Section:
    told = [*subject.release.caveats]
    sentences = [Sentence("{}", (text,)) for text in dict.fromkeys(told)]
    sentences += [
        Sentence(
            "Distances are geodesic, on the ellipsoid {}. An area is not a point: beside the mean "
            "over the insides of both places stand the distances of their nearest and of their "
            "furthest parts.",
            ("WGS84",),
        ),
        Sentence("Too few to say: fewer than {} are counted.", ("twenty",)),
        Sentence("The children behind these numbers are victims of exploitation."),
    ]
    return Section("Method and limits", tuple(sentences), points=True)


def _source(row: Any) -> tuple[str, str, str]:
    source, published, url = (
        "" if pd.isna(row[column]) else str(row[column])
        for column in (schema.SOURCE, schema.PUBLISHED, schema.URL)
    )
    return source, published, url


def _source_numbers(subject: Subject) -> dict[tuple[str, str, str], str]:
    """Give each source of the flows its number, in their order."""
    numbers: dict[tuple[str, str, str], str] = {}
    for _, row in subject.flows.sort_values(schema.FLOW_ID).iterrows():
        found = _source(row)
        if any(found):
            numbers.setdefault(found, f"[{len(numbers) + 1}]")
    return numbers


def _sources(subject: Subject) -> Section:
    sentences = []
    if subject.statements:
        for parts, number in _source_numbers(subject).items():
            words = ", ".join(part for part in parts if part)
            sentences.append(Sentence("{} {}", (number, words)))
    else:
        sentences.append(Sentence("Counts: the records of whoever made this release."))
    sentences += [Sentence("{}", (text,)) for text in _once(subject.release.attributions)]
    return Section("Sources", tuple(sentences), points=True)


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
