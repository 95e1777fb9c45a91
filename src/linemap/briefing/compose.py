"""The sections of a brief: each sentence and table made from the tables of a release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pandas as pd

from linemap import measures, schema
from linemap.briefing.content import (
    FLOWS,
    KM,
    MOST_ROWS,
    THIN,
    WHERE_TO,
    BriefSentence,
    BriefSubject,
    BriefTable,
    Content,
    Number,
    Picture,
    Section,
    capital,
    how_many,
    how_many_kinds,
    km_range,
    listed,
    only_in,
    rows_left,
    set_words,
    sum_of,
    whole_number,
    window_of,
)
from linemap.briefing.findings import change, distance_section
from linemap.disclosure import SIMULATION
from linemap.measures.display import level_word

_MOST_TABLES: Final = 5
_MOST_NAMES: Final = 30
_MOST_INSIDE: Final = 6
_MOST_AREAS: Final = 15
_NO_FINER: Final = "not shown more finely"
_TOP: Final = 3


def compose(subject: BriefSubject, title: str, picture: Picture | None) -> Content:
    """Write all of a brief but its picture, which is given."""
    sections = [
        *_where(subject),
        distance_section(subject),
        change(subject),
        _unknown(subject),
        _method(subject),
        _sources(subject),
    ]
    headline = tuple(_headline(subject))
    return Content(title, subject.release.stamp, headline, picture, tuple(sections))


# ── The headline ────────────────────────────────────────────────────────────────────────────
def _headline(subject: BriefSubject) -> Iterator[BriefSentence]:
    if subject.statements:
        if len(subject.counted) or len(subject.named):
            yield from _headline_of_statements(subject)
        else:
            yield BriefSentence("The release shows nothing that has a place at both ends.")
        return
    together, blocks = list(subject.view_blocks()), list(subject.blocks())
    if subject.kind == "destination":  # first whom to call, then how many there are
        for flows in blocks:
            yield from _whom_to_call(subject, flows)
        if together and not blocks:
            yield BriefSentence("No origin has enough of them to be shown.")
    for flows in together:
        yield from _totals_together(subject, flows)
    for flows in blocks:
        yield from _totals(subject, flows, again=bool(together))
    if not blocks:
        if subject.kind == "destination" and together:
            return
        if together:
            yield BriefSentence("No single origin has a destination that may be shown.")
        else:
            yield BriefSentence("The release shows nothing that has a place at both ends.")


def _totals_together(subject: BriefSubject, flows: pd.DataFrame) -> Iterator[BriefSentence]:
    """Say how many go where, all origins together, and to which areas most do."""
    measure = str(flows.iloc[0][schema.MEASURE])
    if subject.kind == "destination":
        yield BriefSentence(
            "{} {} are shown that lead to {}, all origins together.",
            (sum_of(flows, WHERE_TO), measure, subject.name),
        )
        yield from _periods_hidden(subject, flows)
        return
    yield BriefSentence(
        f"{{}} {{}} are shown with a destination, at {{}} {_places(flows)}, all origins together.",
        (
            sum_of(flows, WHERE_TO),
            measure,
            how_many_kinds(flows, schema.DESTINATION_ID, WHERE_TO),
        ),
    )
    yield from _periods_hidden(subject, flows)
    yield from _largest_areas(subject, flows, WHERE_TO)


def _periods_hidden(subject: BriefSubject, flows: pd.DataFrame) -> Iterator[BriefSentence]:
    """Name the periods that a sum of `flows` holds nothing of, if there are any."""
    if hidden := subject.hidden_in(flows):
        yield BriefSentence("That holds nothing of {}: too few to be shown, or none.", (hidden,))


def _totals(subject: BriefSubject, flows: pd.DataFrame, *, again: bool) -> Iterator[BriefSentence]:
    """Say how many are shown between known places, and which ends have most."""
    measure = str(flows.iloc[0][schema.MEASURE])
    total = sum_of(flows)
    if subject.kind == "origin":
        yield BriefSentence(
            f"{{}} {{}} from {{}} are shown with a destination, at {{}} {_places(flows)}.",
            (total, measure, subject.name, how_many_kinds(flows, schema.DESTINATION_ID)),
        )
        yield from _periods_hidden(subject, flows)
        yield from _largest_areas(subject, flows, FLOWS)
    elif subject.kind == "destination":
        start = _COUNTED_AGAIN if again else ""
        yield BriefSentence(
            f"{start}{{}} {{}} are shown that lead to {{}}, from {{}} {_origin_words(flows)}.",
            (total, measure, subject.name, how_many_kinds(flows, schema.ORIGIN_ID)),
        )
        yield from _periods_hidden(subject, flows)
    else:
        start = _COUNTED_AGAIN if again else ""
        yield BriefSentence(
            f"{start}{{}} {{}} are shown with a place at both ends, from {{}} "
            f"{_origin_words(flows)} to {{}} {_places(flows)}.",
            (
                total, measure, how_many_kinds(flows, schema.ORIGIN_ID),
                how_many_kinds(flows, schema.DESTINATION_ID),
            ),
        )  # fmt: skip
        yield from _periods_hidden(subject, flows)
        if not again:
            yield from _largest_areas(subject, flows, FLOWS)
        yield _largest_origins(subject, measure)


_COUNTED_AGAIN: Final = "The same records, counted again origin by origin: "


def _places(flows: pd.DataFrame) -> str:
    return "place or area" if flows[schema.DESTINATION_ID].nunique() == 1 else "places or areas"


def _origin_words(flows: pd.DataFrame) -> str:
    return "origin" if flows[schema.ORIGIN_ID].nunique() == 1 else "origins"


def _from_origins(subject: BriefSubject) -> pd.DataFrame:
    """Take all that is shown of an origin, with a destination or without one."""
    flows = subject.flows.loc[subject.flows[schema.COUNT].fillna(0) > 0]
    return flows.dropna(subset=[schema.ORIGIN_ID])


def _largest_origins(subject: BriefSubject, measure: str) -> BriefSentence:
    """Name the origins with most, by the numbers of their table and of the map."""
    flows = _from_origins(subject)
    flows = flows.loc[flows[schema.MEASURE] == measure]
    what = "origins, with a destination or without one,"
    return _largest(subject, flows, flows[schema.ORIGIN_NAME].astype(str), what, FLOWS)


def _whom_to_call(subject: BriefSubject, flows: pd.DataFrame) -> Iterator[BriefSentence]:
    """Name the origins from which most lead to a destination, with their numbers."""
    labels = flows[schema.ORIGIN_NAME].astype(str)
    sums = _ranked(flows, labels)
    names, also = _top(sums)
    measure = str(flows.iloc[0][schema.MEASURE])
    parts = [part for name in names for part in (name, sum_of(flows.loc[labels == name]))]
    named = listed(["{} ({})"] * len(names), most=len(names))
    if int(flows[schema.COUNT].sum()) < THIN or len(sums) == 1:
        what = "is the only origin" if len(sums) == 1 else "are the origins"
        yield BriefSentence(
            f"{named} {what} shown of {{}} that lead to {{}}.",
            (*parts, measure, subject.name),
        )
        if len(sums) > 1:
            yield BriefSentence("That is too few to say which {} have most.", ("origins",))
        return
    more, added = _also(flows, labels, also, FLOWS)
    yield BriefSentence(
        f"{named} have the largest numbers shown of {{}} that lead to {{}}.{more}{_doubt(sums)}",
        (*parts, measure, subject.name, *added),
    )


def _largest_areas(
    subject: BriefSubject, flows: pd.DataFrame, table: str
) -> Iterator[BriefSentence]:
    """Name the police force areas with most; what is shown more widely is said apart."""
    areas, wide = _areas(subject, flows)
    if not wide.all():
        yield _largest(subject, flows.loc[~wide], areas.loc[~wide], "police force areas", table)
    if wide.any():
        sums = _ranked(flows.loc[~wide], areas.loc[~wide])
        named = sums.iloc[: len(_top(sums)[0])] if int(sums.sum()) >= THIN else sums.iloc[:0]
        most = int(flows.loc[wide, schema.COUNT].sum())
        more = (
            ", one of which may have more than some that are named"
            if len(sums) > 1 and most > named.min()
            else ""
        )
        yield BriefSentence(
            "{} are shown by region, nation or group of areas only: they may belong to any area "
            f"in it{more}.",
            (sum_of(flows.loc[wide], table),),
        )


def _largest(
    subject: BriefSubject, flows: pd.DataFrame, labels: pd.Series, what: str, table: str
) -> BriefSentence:
    """Name the largest numbers of records, if there are enough to say so."""
    sums = _ranked(flows, labels)
    if int(flows[schema.COUNT].sum()) < THIN:
        return BriefSentence("That is too few to say which {} have most.", (what,))
    names, also = _top(sums)
    parts: list[str | Number] = []
    for name in names:
        parts += [name, sum_of(flows.loc[labels == name], table)]
    named = ", ".join(["{} ({})"] * len(names))
    if len(sums) == 1:
        return BriefSentence(f"Of the {{}} only one is shown: {named}.", (what, *parts))
    more, added = _also(flows, labels, also, table)
    return BriefSentence(
        f"The largest numbers of the {{}} are those of {named}.{more}{_doubt(sums)}"
        f"{_in_some_periods(subject, flows, labels)}",
        (what, *parts, *added),
    )


def _in_some_periods(subject: BriefSubject, flows: pd.DataFrame, labels: pd.Series) -> str:
    """Say where what is compared is not shown in every period of its measure."""
    shown = (subject.release.flows, *subject.release.views.values())
    measure = flows.iloc[0][schema.MEASURE]
    every = {
        period
        for view in shown
        for period in view.loc[view[schema.MEASURE] == measure, schema.PERIOD_START].dropna()
    }
    if flows[schema.PERIOD_START].groupby(labels).nunique().min() == len(every):
        return ""
    return " Not all are shown in every period: what is withheld in one is not in these numbers."


def _top(sums: pd.Series) -> tuple[list[str], list[str]]:
    """Take the names with most, and those with the same number as the last of them.

    All that share the largest number are among the first, if they can be listed.
    """
    first = int((sums == sums.iloc[0]).sum())
    most = max(_TOP, first) if first <= _MOST_NAMES else _TOP
    names, rest = sums.iloc[:most], sums.iloc[most:]
    return [*map(str, names.index)], [*map(str, rest.index[rest == names.iloc[-1]])]


def _also(
    flows: pd.DataFrame, labels: pd.Series, also: list[str], table: str
) -> tuple[str, list[str | Number]]:
    """Write that others have the same number as the last that is named."""
    if not also:
        return "", []
    verb = "has" if len(also) == 1 else "have"
    number = sum_of(flows.loc[labels == also[0]], table)
    return f" {{}} {verb} the same number ({{}}).", [listed(also, most=_MOST_NAMES), number]


def _doubt(sums: pd.Series) -> str:
    """Say of the first two whether chance may have ordered them, if they differ."""
    first, second = int(sums.iloc[0]), int(sums.iloc[1])
    if first == second or not _overlap(first, second):
        return ""
    return " The order of the first two may be chance."


def _areas(subject: BriefSubject, flows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
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


def _headline_of_statements(subject: BriefSubject) -> Iterator[BriefSentence]:
    if subject.kind == "destination" and len(subject.counted):
        origins = sorted(set(subject.counted[schema.ORIGIN_NAME]))
        yield BriefSentence("Figures name these origins: {}.", (listed(origins, most=_MOST_NAMES),))
    for flows in list(subject.blocks())[:_TOP]:
        alike = flows.loc[flows[schema.COUNT] == flows[schema.COUNT].max()]
        if len(alike) > 1:
            yield _alike(subject, flows, alike)
            continue
        top = alike.iloc[:1]
        row = top.iloc[0]
        parts = (
            capital(set_words(subject, flows)), sum_of(top), str(row[schema.ORIGIN_NAME]),
            str(row[schema.DESTINATION_NAME]),
        )  # fmt: skip
        if len(flows) == 1:
            yield BriefSentence("{}: the one figure printed is {}, from {} to {}.", parts)
        else:
            yield BriefSentence(
                "{}: the largest figure printed is {}, from {} to {}, of {} figures.",
                (*parts, how_many(flows)),
            )
    named = subject.named
    if len(named):
        yield BriefSentence(
            "Places named without any count: {}. They are listed below; on the map, those that are "
            "small enough are drawn dashed.",
            (how_many_kinds(named, schema.DESTINATION_ID),),
        )


def _alike(subject: BriefSubject, flows: pd.DataFrame, alike: pd.DataFrame) -> BriefSentence:
    """Name every pair that shares the largest figure, or how many more there are."""
    pairs = [
        f"{row[schema.ORIGIN_NAME]} to {row[schema.DESTINATION_NAME]}"
        for _, row in alike.sort_values(
            [schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.FLOW_ID]
        ).iterrows()
    ]
    return BriefSentence(
        "{}: {} of {} figures are the largest, {} each: {}.",
        (
            capital(set_words(subject, flows)),
            how_many(alike),
            how_many(flows),
            sum_of(alike.iloc[:1]),
            listed(pairs, most=_MOST_NAMES),
        ),
    )


# ── From where and where to ─────────────────────────────────────────────────────────────────
def _where(subject: BriefSubject) -> Iterator[Section]:
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
    by_tag = subject.summary(schema.BY_TAG)
    if subject.kind == "whole" and by_tag is not None:
        yield _by_tag(by_tag)
    if subject.kind == "destination":
        yield _pairs(subject)


_SUMS: Final = BriefSentence(
    "Each number is the sum of what is shown over all windows and groups; what is hidden is in "
    "none of them."
)
_FINEST: Final = BriefSentence(
    "Each record stands once, at the finest place that may be shown: what stands at the rest of "
    "an area may belong to any place in it."
)
_TOGETHER: Final = BriefSentence(
    "All origins are counted together here. A place may be shown here and not of single origins, "
    "or of these and not here. The numbers count the same records as those of single origins, "
    "and are not to be added to, or taken from, them."
)
_NO_PLACE: Final = "Without one"


def _destinations(subject: BriefSubject) -> Section:
    """List the places that records of one origin lead to, with the distance of each."""
    tables = []
    for measure, rows in subject.counted.groupby(schema.MEASURE, sort=True):
        sums = _ranked(rows, rows[schema.DESTINATION_NAME])
        areas, wide = _areas(subject, rows)
        lines = []
        for label in sums.index[:MOST_ROWS]:
            mine = rows.loc[rows[schema.DESTINATION_NAME] == label]
            at = mine.index[0]
            lines.append(
                (
                    f"{label}{only_in(mine, rows)}",
                    "" if wide.loc[at] else str(areas.loc[at]),
                    whole_number(sums[label]),
                    km_range(rows.loc[at], schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
                )
            )
        tables.append(
            BriefTable(
                capital(f"{measure}, by destination"),
                ("Place", "Police force area", "Shown", KM), tuple(lines), frozenset({2, 3}),
                rows_left(len(sums) - len(lines), "place"),
            )
        )  # fmt: skip
    return Section("Where to", (_SUMS, _FINEST, *_wider(subject)), tuple(tables))


def _origins(subject: BriefSubject) -> Section:
    """List the origins of records: with a destination that is shown, and without one."""
    flows = _from_origins(subject)
    every = subject.kind == "whole"
    tables = []
    for measure, rows in flows.groupby(schema.MEASURE, sort=True):
        sums = _ranked(rows, rows[schema.ORIGIN_NAME])
        known = rows[schema.DESTINATION_ID].notna()
        placed = _ranked(rows.loc[known], rows.loc[known, schema.ORIGIN_NAME])
        lines = []
        for label in sums.index[:MOST_ROWS]:
            with_place = int(placed.get(label, 0))
            more = (with_place, int(sums[label]) - with_place) if every else ()
            told = (whole_number(n) if n else "none shown" for n in (int(sums[label]), *more))
            when = only_in(rows.loc[rows[schema.ORIGIN_NAME] == label], rows)
            lines.append((f"{label}{when}", *told))
        heads = ("Origin", "Shown", "Of these, with a destination", _NO_PLACE)
        tables.append(
            BriefTable(
                capital(f"{measure}, by origin"), heads if every else heads[:2], tuple(lines),
                frozenset({1, 2, 3}) if every else frozenset({1}),
                rows_left(len(sums) - len(lines), "origin"),
            )
        )  # fmt: skip
    sentences = [] if every or len(subject.view) else [_SUMS]
    if every:
        sentences.append(
            BriefSentence(
                "Without a destination is what is not stated, not found, or too few to be shown "
                "at any area."
            )
        )
    return Section("From where", tuple(sentences), tuple(tables))


def _by_tag(numbers: pd.DataFrame) -> Section:
    """List all records by the values of each tag, by window."""
    tables = []
    keys = [schema.MEASURE, schema.TAG_HEADING, schema.PERIOD_START, schema.PERIOD_END]
    for (measure, tag, start, end), rows in numbers.groupby(keys, dropna=False, sort=True):
        window = f", {window_of(start, end)}" if isinstance(start, str) else ""
        values = rows[schema.TAG_VALUE].fillna(_NOT_STATED)
        lines = zip(values, map(whole_number, rows[schema.COUNT]), strict=True)
        tables.append(
            BriefTable(
                capital(f"{measure}, by {tag}{window}"),
                (str(tag), "Shown"),
                tuple(lines),
                frozenset({1}),
                "",
            )
        )
    return Section("By tag", (_BY_TAG,), tuple(tables))


_NOT_STATED: Final = "not stated"
_BY_TAG: Final = BriefSentence(
    "All origins and all destinations are counted together here, with the records that have "
    "neither. These numbers count the same records once more, and are not to be added to, or "
    "taken from, the others. A value that is not listed has too few records to be shown, or none."
)


def _by_area(subject: BriefSubject, together: list[pd.DataFrame]) -> Section:
    """List the police force areas that records lead to, each with its largest places."""
    told = [_SUMS, _FINEST, *([_TOGETHER] if together else [])]
    tables = []
    for rows in together or subject.blocks():
        measure = str(rows.iloc[0][schema.MEASURE])
        areas, wide = _areas(subject, rows)
        sums = [
            (str(area), total, part & (areas == area))
            for part in (~wide, wide)  # what is wider comes last: it is no rival of those in it
            for area, total in _ranked(rows.loc[part], areas.loc[part]).items()
        ]
        lines = []
        for area, total, inside in sums[:_MOST_AREAS]:
            named = _ranked(rows.loc[inside], rows.loc[inside, schema.DESTINATION_NAME])
            within = [
                f"{_NO_FINER if name == area else name} {whole_number(n)}"
                + only_in(rows.loc[inside & (rows[schema.DESTINATION_NAME] == name)], rows)
                for name, n in named.head(_MOST_INSIDE).items()
            ]
            within += ["others"] if len(named) > _MOST_INSIDE else []
            alone = len(named) == 1 and str(named.index[0]) == area
            lines.append(
                (
                    f"{area}{only_in(rows.loc[inside], rows)}",
                    whole_number(total),
                    _NO_FINER if alone else ", ".join(within),
                )
            )
        tables.append(
            BriefTable(
                capital(f"{measure}, by police force area, then by wider area"),
                ("Area", "Shown", "Of these, at"), tuple(lines), frozenset({1}),
                rows_left(len(sums) - len(lines), "area"),
            )
        )  # fmt: skip
    return Section("Where to", tuple(told), tuple(tables))


def _within(subject: BriefSubject, together: list[pd.DataFrame]) -> Section:
    """List the places in a destination that records lead to, all origins together."""
    tables = []
    for rows in together:
        sums = _ranked(rows, rows[schema.DESTINATION_NAME])
        lines = tuple(
            (
                (f"{name}, {_NO_FINER}" if name == subject.name else str(name))
                + only_in(rows.loc[rows[schema.DESTINATION_NAME] == name], rows),
                whole_number(n),
            )
            for name, n in sums.head(MOST_ROWS).items()
        )
        tables.append(
            BriefTable(
                capital(f"{rows.iloc[0][schema.MEASURE]}, by place, all origins together"),
                ("Place", "Shown"), lines, frozenset({1}),
                rows_left(len(sums) - len(lines), "place"),
            )
        )  # fmt: skip
    return Section(f"Where in {subject.name}", (_SUMS, _FINEST, _TOGETHER), tuple(tables))


def _pairs(subject: BriefSubject) -> Section:
    """List what leads to a destination, by origin and by place within it."""
    flows = subject.counted
    ends = [schema.ORIGIN_NAME, schema.DESTINATION_NAME]
    tables = []
    for measure, rows in flows.groupby(schema.MEASURE, sort=True):
        first = rows.drop_duplicates(ends).set_index(ends)
        by_pair = rows.groupby(ends)
        sums = rows.groupby(ends)[schema.COUNT].sum().reset_index()
        sums = sums.sort_values([schema.COUNT, *ends], ascending=[False, True, True])
        lines = tuple(
            (
                origin,
                f"{place}{only_in(by_pair.get_group((origin, place)), rows)}",
                whole_number(count),
                km_range(first.loc[origin, place], schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
            )
            for origin, place, count in sums.head(MOST_ROWS).itertuples(index=False)
        )  # fmt: skip
        left = len(sums) - len(lines)
        tables.append(
            BriefTable(
                capital(f"{measure}, by origin and place"),
                ("Origin", "Place", "Shown", KM),
                lines, frozenset({2, 3}),
                rows_left(left, "pair"),
            )
        )  # fmt: skip
    return Section("By origin and place", _wider(subject), tuple(tables))


def _wider(subject: BriefSubject) -> tuple[BriefSentence, ...]:
    """Say what goes to, or comes from, wider areas that hold the place that was asked for."""
    wider = subject.wider
    if not len(wider):
        return ()
    name = schema.ORIGIN_NAME if subject.kind == "origin" else schema.DESTINATION_NAME
    areas = sorted(set(wider[name].astype(str)))
    if subject.statements:
        many, of = how_many(wider), "figures are"
    else:
        many, of = sum_of(wider), "more are"
    return (
        BriefSentence(
            f"{{}} {of} shown for wider areas that hold {{}} ({{}}): how much of that is its own "
            "is not known, and it is in no number here.",
            (many, subject.name, listed(areas)),
        ),
    )


def _printed(subject: BriefSubject) -> Section:
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
        for _, row in rows.head(MOST_ROWS).iterrows():
            origin = [] if single else [str(row[schema.ORIGIN_NAME])]
            lines.append((
                *origin, str(row[schema.DESTINATION_NAME]), whole_number(row[schema.COUNT]),
                km_range(row, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
                numbers.get(_source(row), ""),
            ))  # fmt: skip
        left = len(rows) - len(lines)
        heads = [] if single else ["Origin"]
        at = len(heads) + 1
        tables.append(
            BriefTable(
                capital(set_words(subject, flows)),
                (*heads, "Destination", "Figure", KM, "Source"),
                tuple(lines), frozenset({at, at + 1}),
                rows_left(left, "figure"),
            )
        )  # fmt: skip
    sentences = [
        BriefSentence(
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
            BriefSentence(
                "Named without a count, {}: {}.", (words, listed(names, most=_MOST_NAMES))
            )
        )
    if len(blocks) > _MOST_TABLES:
        sentences.append(BriefSentence("Further sets of figures are in the tables of the release."))
    heading = {"whole": "From where and where to", "origin": "Where to"}.get(
        subject.kind, "From where"
    )
    return Section(heading, tuple(sentences), tuple(tables))


# ── What is unknown or withheld ─────────────────────────────────────────────────────────────
def _unknown(subject: BriefSubject) -> Section:
    heading = "What is unknown or withheld"
    if subject.statements:
        return Section(heading, tuple(_unknown_of_statements(subject)), points=True)
    sentences = [*_not_known(subject), *_withheld(subject)]
    table = subject.release.account
    tables: tuple[BriefTable, ...] = ()
    if subject.kind == "whole" and len(table):
        lines = tuple(
            (
                str(row[schema.MEASURE]),
                level_word(row["shown_as"]),
                whole_number(row["count_shown"]),
                _share(row),
            )
            for _, row in table.iterrows()
        )  # fmt: skip
        tables = (BriefTable("At which level of destination the counts of single origins are shown",
                        ("Measure", "Level", "Shown", "Share of what is shown"), lines,
                        frozenset({2, 3})),)  # fmt: skip
    return Section(heading, tuple(sentences), tables)


def _share(row: pd.Series) -> str:
    share = float(row["share_of_shown"])
    return f"{share * 100:.0f} %" if share or not row["count_shown"] else "less than 5 %"


def _not_known(subject: BriefSubject) -> Iterator[BriefSentence]:
    """Say how many have no place that is stated or found, as far as that is shown."""
    rows = subject.view if len(subject.view) else subject.flows
    table = WHERE_TO if len(subject.view) else FLOWS
    lost = rows.loc[rows[schema.DESTINATION_ID].isna() & rows[schema.COUNT].notna()]
    unknown = lost.loc[lost[schema.DESTINATION_COVERAGE] == schema.WHOLE]
    for measure, part in unknown.groupby(schema.MEASURE, sort=True):
        yield BriefSentence(
            "{} {} have no destination that is stated or found; they are on no map and in no "
            "distance.",
            (sum_of(part, table), str(measure)),
        )
    flows = subject.flows
    if not len(unknown) and subject.kind != "destination":
        yield from _no_destination(flows if len(subject.view) else flows.iloc[:0])
    begins = flows.loc[flows[schema.ORIGIN_ID].isna() & flows[schema.COUNT].notna()]
    for measure, part in begins.groupby(schema.MEASURE, sort=True):
        yield BriefSentence(
            "{} {} are shown without an origin that is stated or found.",
            (sum_of(part), str(measure)),
        )


def _no_destination(flows: pd.DataFrame) -> Iterator[BriefSentence]:
    """Say that it is not shown how many have no destination; what `flows` show is said apart."""
    single = _at_no_place(flows, schema.WHOLE)
    for measure, part in single.groupby(schema.MEASURE, sort=True):
        yield BriefSentence(
            "{} {} of single origins have no destination that is stated or found; they are on no "
            "map and in no distance. How many there are of all origins together is not shown.",
            (sum_of(part), str(measure)),
        )
    if not len(single):
        yield BriefSentence(
            "How many have no destination that is stated or found is not shown, which does not "
            "mean that there are none."
        )


def _withheld(subject: BriefSubject) -> Iterator[BriefSentence]:
    """Say what is put together, or not shown, because it is too few."""
    flows = subject.flows
    mixed = _at_no_place(flows, schema.REST)
    for measure, part in mixed.groupby(schema.MEASURE, sort=True):
        yield BriefSentence(
            "{} {} of single origins stand at no place: their destinations are unknown, or too "
            "few to be shown at any area. The two cannot be told apart.",
            (sum_of(part), str(measure)),
        )
    together, single = _at_the_rest(subject.view), _at_the_rest(flows)
    if len(together) and len(single):
        yield BriefSentence(
            f"{{}} of all origins together, and {{}} of those by origin, {_PUT_TOGETHER}",
            (sum_of(together, WHERE_TO), sum_of(single)),
        )
    elif len(together):
        yield BriefSentence(
            f"{{}} of all origins together {_PUT_TOGETHER}", (sum_of(together, WHERE_TO),)
        )
    elif len(single):
        yield BriefSentence(f"{{}} {_PUT_TOGETHER}", (sum_of(single),))
    hidden = flows.loc[flows[schema.COUNT].isna()]
    if len(hidden):
        yield BriefSentence(
            "Of flows that are listed, {} have a hidden count.", (how_many(hidden),)
        )
    yield BriefSentence(
        "A place, an origin or a pair that is not shown has too few to be shown, or none: which, "
        "is not known."
    )


_PUT_TOGETHER: Final = (
    "are shown at the rest of an area: its places with too few of their own are put together there."
)


def _at_no_place(flows: pd.DataFrame, coverage: str) -> pd.DataFrame:
    """Take the counts without a destination: unknown (whole), or mixed with too few (rest)."""
    counted = flows[schema.DESTINATION_ID].isna() & flows[schema.COUNT].notna()
    return flows.loc[counted & (flows[schema.DESTINATION_COVERAGE] == coverage)]


def _at_the_rest(flows: pd.DataFrame) -> pd.DataFrame:
    rest = flows[schema.DESTINATION_COVERAGE] == schema.REST
    return flows.loc[rest & flows[schema.DESTINATION_ID].notna()]


def _unknown_of_statements(subject: BriefSubject) -> Iterator[BriefSentence]:
    flows = subject.flows
    areas = flows.loc[flows[schema.MEASURE] == schema.AREAS_REACHED]
    rest = flows.loc[flows[schema.MEASURE] != schema.AREAS_REACHED]
    lost = rest.loc[rest[schema.ORIGIN_ID].isna() | rest[schema.DESTINATION_ID].isna()]
    if len(lost):
        yield BriefSentence(
            "{} of {} statements state no destination, or one that is not placed: they are in no "
            "distance and on no map.",
            (how_many(lost), how_many(flows)),
        )
    no_count = rest.loc[rest[schema.COUNT].isna() & (rest[schema.MEASURE] != schema.NAMED)]
    if len(no_count):
        yield BriefSentence(
            "Figures that their publisher hides, or gives as a range or a rate: {}. They are not "
            "zero, and are in no number here.",
            (how_many(no_count),),
        )
    for _, row in areas.iterrows():
        yield BriefSentence(
            "A source counts {} areas reached from {}; it counts places, not people.",
            (sum_of(areas.loc[areas[schema.FLOW_ID] == row[schema.FLOW_ID]]),
             str(row[schema.ORIGIN_NAME])),
        )  # fmt: skip
    yield BriefSentence("A place that is not printed is unknown. It is not zero.")


# ── Method, limits and sources ──────────────────────────────────────────────────────────────
def _method(subject: BriefSubject) -> Section:
    told = [*subject.release.caveats]
    sentences = [BriefSentence("{}", (text,)) for text in dict.fromkeys(told)]
    sentences += [
        BriefSentence(
            "Distances are geodesic, on the ellipsoid {}. An area is not a point: beside the mean "
            "over the insides of both places stand the distances of their nearest and of their "
            "furthest parts.",
            ("WGS84",),
        ),
        BriefSentence("Too few to say: fewer than {} are counted.", ("twenty",)),
    ]
    if SIMULATION not in subject.release.caveats:
        sentences.append(
            BriefSentence("The children behind these numbers are victims of exploitation.")
        )
    return Section("Method and limits", tuple(sentences), points=True)


def _source(row: Any) -> tuple[str, str, str]:
    source, published, url = (
        "" if pd.isna(row[column]) else str(row[column])
        for column in (schema.SOURCE, schema.PUBLISHED, schema.URL)
    )
    return source, published, url


def _source_numbers(subject: BriefSubject) -> dict[tuple[str, str, str], str]:
    """Give each source of the flows its number, in their order."""
    numbers: dict[tuple[str, str, str], str] = {}
    for _, row in subject.flows.sort_values(schema.FLOW_ID).iterrows():
        found = _source(row)
        if any(found):
            numbers.setdefault(found, f"[{len(numbers) + 1}]")
    return numbers


def _sources(subject: BriefSubject) -> Section:
    sentences = []
    if subject.statements:
        for parts, number in _source_numbers(subject).items():
            words = ", ".join(part for part in parts if part)
            sentences.append(BriefSentence("{} {}", (number, words)))
    else:
        sentences.append(BriefSentence("Counts: the records of whoever made this release."))
    sentences += [BriefSentence("{}", (text,)) for text in _once(subject.release.attributions)]
    return Section("Sources", tuple(sentences), points=True)


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
