"""What is said of a table: what is wrong with it, and what a build would make or has made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Unpack

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure import (
    COUNT_SHOWN,
    LABELS_LEAVE,
    REPEATS,
    SHOWN_AS,
    Release,
    Rule,
    label_errors,
)
from linemap.errors import Fault, group_faults
from linemap.flows import ASKED_CODE, ASKED_HINT, ASKED_LEVEL, end_statuses, off_hint
from linemap.geocoding import SEVERAL_RULES
from linemap.measures import columns
from linemap.pipeline.preparing import (
    REVIEW,
    PlaceOptions,
    TableKeywords,
    called,
    changes,
    faults_of_codes,
    faults_outside,
    finding_places,
    is_open,
    months_of_rows,
    options_given,
    to_review,
    window_of_rows,
    window_to_state,
    with_short_forms,
    years_in_part,
)
from linemap.records import Kind, Reading, ReadOptions, Tell, inspect, nobody
from linemap.release import Private
from linemap.windows import Window

_NAMED: Final = 6  # names that a line lists
_TAG: Final = re.compile(
    r"\b(gender|sex|age (group|band)|ethnic\w*|type|category|route)\b", re.IGNORECASE
)
_ROUNDED: Final = "Records are counted here as a release rounds them; rows are counted exactly"
_DOUBTFUL: Final = (schema.AMBIGUOUS, schema.SEVERAL, schema.SUGGESTED)


@dataclass(frozen=True, slots=True)
class Check:
    """What is wrong with a table, what is worth a look, and what a build would do with it.

    ``plan`` is empty where the table cannot be read at all, or a tag or measure of it may not
    leave. ``matches`` are the
    answers to its names (null then too). ``open_names`` are those that wait for the
    analyst's word, and ``postcode_districts`` those of them that are postcode districts
    which the places at hand do not list. ``window`` is what may be stated as the window,
    where every record says when and none is stated; ``rows_window`` is that of the rows.
    """

    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...]
    plan: tuple[str, ...] = ()
    matches: pd.DataFrame | None = None
    window: Window | None = None
    rows_window: Window | None = None

    @property
    def open_names(self) -> int:
        """How many distinct names have no place and no decision yet."""
        if self.matches is None:
            return 0
        return int((is_open(self.matches) & self.matches[schema.PLACE_ID].isna()).sum())

    @property
    def postcode_districts(self) -> int:
        """How many of them are postcode districts that are not listed."""
        return len(_districts(self.matches)) if self.matches is not None and self.plan else 0

    def __str__(self) -> str:
        told = [*(f"Error: {line}" for line in group_faults(self.faults))]
        told += [f"Warning: {line}" for line in group_faults(self.notices)]
        plan = ("What a build would do:", *(f"  {line}" for line in self.plan))
        return "\n".join([*told, *(plan if self.plan else ())])

    def __repr__(self) -> str:
        return (
            f"<Check: {len(self.faults)} errors, {len(self.notices)} warnings, "
            f"{self.open_names} names to decide>"
        )


def check(
    source: object,
    *,
    statements: bool = False,
    window: Window | str | None = None,
    options: ReadOptions | None = None,
    places: PlaceOptions | None = None,
    tell: Tell = nobody,
    **given: Unpack[TableKeywords],
) -> Check:
    """Say everything that is wrong with a table, and what a build of it would do; write nothing.

    `tell` is told each step.

    Raises
    ------
    InputError
        If the file cannot be read as a table at all.
    """
    options, places = options_given(options, places, given)
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    tell(f"Reading {called(source)}")
    reading, whole = inspect(source, kind, options, tell=tell)
    if not statements and not whole:  # else a build would refuse what a check had passed
        whole = tuple(
            replace(fault, problem=f"{fault.problem}: {LABELS_LEAVE}")
            for fault in label_errors(reading.frame, options.tags)
        )
    faults = (*whole, *reading.faults)
    covered = Window.read(window) if isinstance(window, str) else window
    if covered is not None:
        faults += faults_outside(reading.frame, covered)
    if whole or reading.frame.empty:
        return Check(faults, reading.notices)
    tell(finding_places(reading))
    places = places.loaded()
    matches = places.find(reading.frame)
    faults += faults_of_codes(reading, matches)
    matches = with_short_forms(matches)
    plan = (
        *_rows(reading, options, kind),
        *_dates(reading.frame, covered),
        *_names(reading.frame, matches, statements=statements),
        *other_levels(matches),
        *_several(matches, places),
        *(() if places.postcode_districts else _postcodes(matches)),
        *_codes(matches, places),
        *_hints(reading.frame, matches, places, unit=kind),
        *(() if statements else (_ROUNDED,)),
    )
    to_state = window_to_state(reading.frame, covered)
    return Check(faults, reading.notices, plan, matches, to_state, window_of_rows(reading.frame))


def _rows(reading: Reading, options: ReadOptions, kind: Kind) -> Iterator[str]:
    """Say where the table was found, which rows are used, and what each column is."""
    layout = reading.layout
    sheet = f"sheet {layout.sheet!r}, " if layout.sheet is not None else ""
    yield f"Read from {sheet}headings in row {layout.heading_row}"
    parts = [f"{int(reading.alike.sum()):,} used"]
    for number, word in (
        (reading.rows - int(reading.alike.sum()), "with errors"),
        (len(reading.left_out), "left out (totals, notes)"),
        (reading.blank, "blank"),
    ):
        if number:
            parts.append(f"{number:,} {word}")
    yield f"Rows: {', '.join(parts)}"
    used = ", ".join(f"{heading} ({part})" for part, heading in reading.used.items())
    yield f"Columns used: {used}"
    if options.tags:
        yield f"Tags: {', '.join(options.tags)}"
    if reading.unused:
        private = {detail.column for detail in reading.details}
        tag = next((h for h in reading.unused if h not in private and _TAG.search(h)), None)
        advice = f'; to count by one: --tag "{tag}"' if tag and kind == schema.RECORDS else ""
        yield f"Columns not used: {', '.join(reading.unused)}{advice}"
    if len(reading.unknown):
        words = ", ".join(dict.fromkeys(reading.unknown["word"].astype(str)))
        yield f"Words that stand for no place: {words}"


def _dates(frame: pd.DataFrame, window: Window | None) -> Iterator[str]:
    months = months_of_rows(frame)
    stated = months.dropna()
    if stated.empty:
        yield "Dates: none; state what the table covers with --window"
        return
    without = len(months) - len(stated)
    also = f"; {_rows_of(without)} without" if without else ""
    first, last = stated["start"].min(), stated["end"].max()
    advice = "" if window is not None else f'; say --window "{first} to {last}" if it covers that'
    yield f"Dates: {first} to {last}{also}{advice}"
    yield from years_in_part(window or Window(str(first), str(last)))


def _names(frame: pd.DataFrame, matches: pd.DataFrame, *, statements: bool) -> Iterator[str]:
    """Count the records by what becomes of their names; what is not stated goes first.

    Of two names that are both not placed the worse decides. The classes add up, and rows that
    state no destination are those that a build counts so.
    """
    unit = schema.STATEMENTS if statements else schema.RECORDS
    counts = pd.Series(1, frame.index) if statements else frame[schema.COUNT].fillna(0)
    ends = end_statuses(frame, matches)
    placed = ends.isin(schema.PLACED).all(axis=1)
    silent = ends[schema.DESTINATION] == schema.NOT_STATED
    no_origin = (ends[schema.ORIGIN] == schema.NOT_STATED) & ~silent
    missing = (ends == schema.MISSING).any(axis=1) & ~silent & ~no_origin
    doubtful = ends.isin(_DOUBTFUL).any(axis=1) & ~missing & ~silent & ~no_origin
    status = matches[schema.STATUS]
    corrected = matches[(status == schema.FUZZY) & is_open(matches)]
    yield f"Placed at both ends: {_of(counts[placed], unit)}"
    if len(corrected):
        yield f"By a corrected spelling, {_number(corrected)} of these: {_listed(corrected)}"
    for word, rows, names in (
        ("Doubtful, and not placed", doubtful, matches[status.isin(_DOUBTFUL)]),
        ("Not placed", missing, matches[status == schema.MISSING]),
    ):
        if len(names):
            yield f"{word}: {_of(counts[rows], unit)}, {_number(names)}: {_listed(names)}"
    for end, rows in ((schema.DESTINATION, silent), (schema.ORIGIN, no_origin)):
        if rows.any():
            yield f"No {end} stated: {_of(counts[rows], unit)}"


def _number(names: pd.DataFrame) -> str:
    return "1 name" if len(names) == 1 else f"{len(names):,} names"


def _several(matches: pd.DataFrame, places: PlaceOptions) -> Iterator[str]:
    """Say by which rule several places in one cell are placed, where there are any."""
    left = matches[matches[schema.STATUS] == schema.SEVERAL]
    ruled = matches[matches[schema.VIA].isin(SEVERAL_RULES)]
    if len(ruled):
        yield f"Several places in one cell, placed by the rule {places.several}: {_listed(ruled)}"
    if len(left):
        advice = "; say --several first or --several area" if places.several == "none" else ""
        yield f"Several places in one cell, left unplaced{advice}: {_listed(left)}"


def _postcodes(matches: pd.DataFrame) -> Iterator[str]:
    """Say which names would be placed if postcode districts were places."""
    if len(found := _districts(matches)):
        yield (
            f"Written as postcode districts, whose list --postcode-districts adds: {_listed(found)}"
        )


def _districts(matches: pd.DataFrame) -> pd.DataFrame:
    asked = matches[schema.REASON].astype("str").str.contains("--postcode-districts", na=False)
    return matches[is_open(matches) & asked]


def _codes(matches: pd.DataFrame, places: PlaceOptions) -> Iterator[str]:
    """Say how many of the codes beside names are of no listed place, so that names decide."""
    coded = matches[ASKED_CODE].dropna().astype(str).str.strip().str.upper()
    known = set(places.places().places[schema.GSS_CODE].dropna().astype(str).str.upper())
    unknown = sorted(set(coded) - known)
    if unknown:
        shown = ", ".join(unknown[:_NAMED])
        yield f"Codes of no listed place, where the name alone decides: {len(unknown):,}: {shown}"


def _hints(
    frame: pd.DataFrame, matches: pd.DataFrame, places: PlaceOptions, *, unit: str
) -> Iterator[str]:
    """Say where the level that a heading says changes the answer."""
    hints = [column for column in (schema.ORIGIN_HINT, schema.DESTINATION_HINT) if column in frame]
    hinted = matches[matches[ASKED_LEVEL].isna() & matches[ASKED_HINT].notna()]
    if not hints or hinted.empty:
        return
    freely = places.find(frame.drop(columns=hints)).set_index(schema.QUERY)[schema.PLACE_ID]
    again = freely[~freely.index.duplicated()].reindex(hinted[schema.QUERY])
    now = hinted[schema.PLACE_ID].fillna("").to_numpy()
    changed = hinted[now != again.fillna("").to_numpy()]
    if len(changed):
        changed = changed.sort_values([schema.COUNT, schema.QUERY], ascending=[False, True])
        yield (
            f"The heading's level decides what {_number(changed)} mean{'s' * (len(changed) == 1)} "
            f"({_of(changed[schema.COUNT], unit)}): {_listed(changed)}. Under a heading such as "
            "'place' another place would be meant, or none for certain."
        )


def _listed(rows: pd.DataFrame) -> str:
    """List names, most records first."""
    ordered = rows.sort_values([schema.COUNT, schema.QUERY], ascending=[False, True], kind="stable")
    more = f" and {len(rows) - _NAMED:,} more" if len(rows) > _NAMED else ""
    return ", ".join(str(name) for name in ordered[schema.QUERY].head(_NAMED)) + more


def _of(counts: pd.Series, unit: str) -> str:
    """Write how many records some rows stand for, rounded; statements as they are."""
    number = int(counts.sum())
    return f"{rounded_count(number, Rule() if unit == schema.RECORDS else None)} {unit}"


def _rows_of(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


SHARE: Final = "share"
_STEP: Final = 0.05  # shares are told to a twentieth, as in a release
MOST_ORIGINS: Final = 8  # that a summary names


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every input row: `placed`, `unplaced` and `refused` sum to `read`.

    ``unplaced`` rows state no destination (``not_stated``), or else no origin (``no_origin``), or
    hold a name that has no place.
    """

    read: int
    placed: int
    not_stated: int
    no_origin: int
    refused: int

    @classmethod
    def of(cls, reading: Reading, matches: pd.DataFrame) -> Account:
        """Count the rows of a table by what became of them."""
        ends = end_statuses(reading.frame, matches)
        placed = ends.isin(schema.PLACED).all(axis=1)
        silent = reading.frame[schema.DESTINATION].isna()
        no_origin = ends[schema.ORIGIN].eq(schema.NOT_STATED) & ~silent
        return cls(
            read=reading.rows,
            placed=int(reading.alike[placed].sum()),
            not_stated=int(reading.alike[silent].sum()),
            no_origin=int(reading.alike[no_origin].sum()),
            refused=reading.rows - int(reading.alike.sum()),
        )

    @property
    def unplaced(self) -> int:
        """The rows that were read and have no place at one end or both."""
        return self.read - self.placed - self.refused


def kept_private(
    reading: Reading,
    account: Account,
    flows: gpd.GeoDataFrame,
    matches: pd.DataFrame,
    inputs: Mapping[str, str],
    *,
    aliases: str | Path | None = None,
    repeated: pd.DataFrame | None = None,
) -> Private:
    """Gather what is for the analyst alone: the unplaced, the doubtful, the refused, the hashes.

    And, of a series of releases, which numbers are `repeated` and how far each is from now.
    `aliases` is the analyst's file of decisions.
    """
    unplaced = flows[flows[schema.DESTINATION_ID].isna() | flows[schema.ORIGIN_ID].isna()]
    notices = pd.DataFrame(
        [(n.row, n.column, n.problem) for n in reading.notices],
        columns=[schema.ROW, "column", "problem"],
    )
    return Private(
        tables={
            "refused_rows": reading.refused,
            "notices": notices,
            "unplaced": unplaced.drop(columns=schema.GEOMETRY),
            REVIEW: to_review(matches, aliases),
            **({} if repeated is None else {"repeated_numbers": repeated}),
        },
        facts={
            "inputs_sha256": dict(inputs),
            "rows": account.read,
            "rows_placed": account.placed,
            "rows_unplaced": account.unplaced,
            "rows_refused": account.refused,
            "rows_blank": reading.blank,
            "columns_not_used": list(reading.unused),
        },
    )


def shares_of_records(frame: pd.DataFrame, release: Release) -> pd.DataFrame:
    """Say what share of the records of a RECORDS frame is shown at each level of destination.

    One row a measure and level that shows any, the finest first: ``measure``, ``shown_as``, and
    ``share`` of all records of the measure, those without a place among them. See
    :func:`to_twentieth`.
    """
    shown = release.account
    whole = frame.groupby(schema.MEASURE, sort=False)[schema.COUNT].sum().astype(float)
    share = shown[COUNT_SHOWN].astype(float) / shown[schema.MEASURE].map(whole).clip(lower=1.0)
    return shown[[schema.MEASURE, SHOWN_AS]].assign(**{SHARE: share})


def to_twentieth(share: float) -> float:
    """Round a share to a twentieth, as a release tells them; 1 is the most.

    A share above zero that would round to none is 0.01, which stands for less than a twentieth.

    >>> to_twentieth(0.62), to_twentieth(1.04), to_twentieth(0.02), to_twentieth(0)
    (0.6, 1.0, 0.01, 0.0)
    """
    rounded = round(min(round(share / _STEP) * _STEP, 1.0), 2)
    return rounded if rounded or share <= 0 else 0.01


def in_percent(share: float) -> str:
    """Write a share that :func:`to_twentieth` has rounded.

    >>> in_percent(0.6), in_percent(to_twentieth(0.02)), in_percent(0.0)
    ('60%', 'under 5%', '0%')
    """
    return "under 5%" if 0 < share < _STEP else f"{share:.0%}"


def summary(
    account: Account,
    matches: pd.DataFrame,
    release: Release,
    frame: pd.DataFrame,
    *,
    repeated: pd.DataFrame | None = None,
) -> tuple[str, ...]:
    """Say in a few lines what came in, what was placed, what leaves, and how far it reaches.

    Of records, counts are rounded as the rule rounds them (the exact ones are in the private
    folder alone), and shares are of all records of the `frame`. `repeated` are the numbers of
    an earlier release that this one shows.
    """
    unit = "statements" if release.rule is None else "rows"
    unnamed = account.unplaced - account.not_stated - account.no_origin
    read, placed, unplaced, refused, silent, no_origin, unknown = (
        rounded_count(number, release.rule)
        for number in (
            account.read,
            account.placed,
            account.unplaced,
            account.refused,
            account.not_stated,
            account.no_origin,
            unnamed,
        )
    )
    none = rounded_count(0, release.rule)
    without = "Without a place"
    if release.rule is not None:
        without = f"Rows without a place ({none} may be none)"
    origins = f", {no_origin} no origin" if account.no_origin or release.rule is not None else ""
    left_out = f", {refused} refused" if account.refused or release.rule is None else ""
    return (
        f"{read} {unit} read: {placed} placed, {unplaced} without a place{left_out}",
        f"{without}: {silent} state no destination{origins}, {unknown} have a name without a place",
        *changes(matches),
        *other_levels(matches),
        release.stamp,
        "",
        *(_far_ends(release) if release.rule is None else _kept(release, frame)),
        *_repeats(repeated, release),
    )


def _repeats(repeated: pd.DataFrame | None, release: Release) -> Iterator[str]:
    """Say how many numbers are those of an earlier release, and what that leaves out."""
    if repeated is None or repeated.empty or release.rule is None:
        return
    number = len(repeated)
    many = "1 number is that" if number == 1 else f"{number:,} numbers are those"
    yield (
        f"{many} of an earlier release of the same records: where fewer than "
        f"{release.rule.threshold} people have changed, the old number stays, for the two "
        "together could tell of single people (repeated_numbers.csv in the private folder has each "
        "beside the count of now)"
    )


def rounded_count(number: int, rule: Rule | None) -> str:
    """Write a count of records for a console, as the rule shows it; one of statements as it is.

    >>> rounded_count(3, Rule()), rounded_count(203, Rule()), rounded_count(3, None)
    ('fewer than 10', 'about 205', '3')
    """
    if rule is None:
        return f"{number:,}"
    shown = rule.shown(number)
    return f"fewer than {rule.threshold}" if shown is None else f"about {shown:,}"


def other_levels(matches: pd.DataFrame) -> tuple[str, ...]:
    """Say which names are places of another level than their heading says; empty if none is."""
    other = off_hint(matches)
    if other.empty:
        return ()
    few = other.head(_NAMED)
    said = ", ".join(
        f"{query} ({level})"
        for query, level in zip(few[schema.QUERY], few[schema.LEVEL], strict=True)
    )
    more = f" and {len(other) - _NAMED:,} more" if len(other) > _NAMED else ""
    return (f"Of another level than their heading says, and placed as what they are: {said}{more}",)


def _far_ends(release: Release) -> Iterator[str]:
    """Say of each origin which of its places are the furthest, with the range of each."""
    ends = release.summaries["far_ends"]
    furthest = ends.groupby(schema.ORIGIN_NAME)[columns.FURTHEST_KM].max()
    for origin in furthest.sort_values(ascending=False, kind="stable").index[:MOST_ORIGINS]:
        places = [
            f"{end[columns.FURTHEST_NAME]} {end[columns.FURTHEST_KM]:,.0f} km "
            f"({end[columns.FURTHEST_LOW_KM]:,.0f} to {end[columns.FURTHEST_HIGH_KM]:,.0f})"
            for _, end in ends[ends[schema.ORIGIN_NAME] == origin].iterrows()
        ]
        yield f"{origin} reaches {', '.join(places)}"
    if len(furthest) > MOST_ORIGINS:
        yield f"and {len(furthest) - MOST_ORIGINS:,} further origins"


def _kept(release: Release, frame: pd.DataFrame) -> Iterator[str]:
    """Say how many flows are shown, at which levels, and whether any are as they were before."""
    flows = release.flows
    pairs = flows[[schema.ORIGIN_ID, schema.DESTINATION_ID]].dropna().drop_duplicates()
    yield f"{len(flows):,} flows are shown, between {len(pairs):,} pairs of places"
    for measure, levels in shares_of_records(frame, release).groupby(schema.MEASURE, sort=False):
        shares = zip(levels[SHARE], levels[SHOWN_AS], strict=True)
        told = ", ".join(f"{in_percent(to_twentieth(share))} {level}" for share, level in shares)
        whole = in_percent(to_twentieth(float(levels[SHARE].sum())))
        yield (
            f"Of all {measure} in the table, those without a place among them, about {whole} "
            f"are shown (shares of the rounded numbers), by destination: {told}"
        )
    if REPEATS in release.caveats:
        yield REPEATS
