"""From a table to its rows, the places of its names, what a person must review, and the window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Unpack

import pandas as pd

from linemap import schema
from linemap.disclosure import periods_shown
from linemap.errors import Fault, InputError, LinemapError
from linemap.flows import (
    ASKED_LEVEL,
    ASKED_WITHIN,
    MONTHS,
    Geocoder,
    codes_against_names,
    find_places,
)
from linemap.gazetteer import Gazetteer
from linemap.geocoding import (
    ANALYST,
    Several,
    geocode_by_rule,
    keep_suggestions,
    read_aliases,
    require_several,
    review_table,
)
from linemap.records import (
    Kind,
    Reading,
    ReadKeywords,
    ReadOptions,
    Tell,
    fault_at,
    nobody,
    options_of,
    read,
)
from linemap.release import private_folder, read_manifest, write_private_table
from linemap.simulate import is_simulated
from linemap.text import key, plain_words
from linemap.windows import (
    Span,
    Window,
    covered_part,
    month_of_number,
    number_of_month,
    regular_periods,
    window_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOptions:
    """How names are answered: the analyst's decisions, and the places that there are.

    ``aliases`` is a file of decisions: a table of aliases, or the review table
    with its decisions filled in. ``accept_suggestions`` takes suggested spellings
    that score at least that (0 to 1) as the place: the owner's explicit choice,
    which the manifest states; None takes none. ``gazetteer`` is a Gazetteer, or the file of
    one; the shipped one where it is None. ``stations`` and ``postcode_districts`` add the
    shipped railway stations (under a licence of their own) and postcode districts to one
    that is loaded. ``several`` is the rule for several places in
    one cell: ``"none"`` leaves them unplaced, ``"first"`` takes the first, ``"area"`` the
    smallest county, force, region or nation that holds all.
    """

    aliases: str | Path | None = None
    accept_suggestions: float | None = None
    gazetteer: Gazetteer | str | Path | None = None
    stations: bool = False
    postcode_districts: bool = False
    several: Several = "none"

    def __post_init__(self) -> None:
        require_several(self.several)

    def of_release(self, folder: str | Path) -> PlaceOptions:
        """Return the same with the shipped places that the release in a folder names as sources.

        Nothing is added beside a gazetteer that is given, or where no manifest can be read.
        """
        if self.gazetteer is not None:
            return self
        try:
            named = {source["id"] for source in read_manifest(Path(folder))["sources"]}
        except (LinemapError, LookupError, TypeError):
            return self
        return replace(
            self,
            stations=self.stations or _STATIONS in named,
            postcode_districts=self.postcode_districts or _POSTCODE_DISTRICTS in named,
        )

    def places(self) -> Gazetteer:
        """Return the gazetteer to use."""
        if isinstance(self.gazetteer, Gazetteer):
            return self.gazetteer
        return Gazetteer.load(
            self.gazetteer, stations=self.stations, postcode_districts=self.postcode_districts
        )

    def loaded(self) -> PlaceOptions:
        """Return the same options with their gazetteer read, so that it is read once."""
        return replace(self, gazetteer=self.places())

    def geocoder(self) -> Geocoder:
        """Return what answers names: linemap's geocoder, after the analyst's decisions."""
        decisions = (
            read_aliases(self.aliases, gazetteer=self.places())
            if self.aliases is not None
            else None
        )
        return partial(
            geocode_by_rule,
            several=self.several,
            aliases=decisions,
            accept_suggestions=self.accept_suggestions,
        )

    def find(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Ask each distinct name of a table once; see :func:`linemap.flows.find_places`."""
        return find_places(frame, gazetteer=self.places(), geocoder=self.geocoder())


_STATIONS: Final = "stations"  # as the list of sources names them
_POSTCODE_DISTRICTS: Final = "postcode-districts"


class TableKeywords(ReadKeywords, total=False):
    """The fields of :class:`ReadOptions` and of :class:`PlaceOptions` as keywords."""

    aliases: str | Path | None
    accept_suggestions: float | None
    gazetteer: Gazetteer | str | Path | None
    stations: bool
    postcode_districts: bool
    several: Several


def options_given(
    options: ReadOptions | None, places: PlaceOptions | None, given: TableKeywords
) -> tuple[ReadOptions, PlaceOptions]:
    """Join the options that a caller gave whole with those given as keywords, which go first."""
    names = {field.name for field in fields(PlaceOptions)}
    reading: Any = {name: value for name, value in given.items() if name not in names}
    placing: Any = {name: value for name, value in given.items() if name in names}
    return options_of(options, reading), replace(places or PlaceOptions(), **placing)


def stem_of(source: object) -> str:
    """Name a table as its release and its series are named, unless their owner names them."""
    if not isinstance(source, str | Path):
        return "frame"
    path = Path(source)
    pattern = not path.exists() and any(sign in path.name for sign in "*?[")
    return (path.parent.name if pattern else path.stem) or "release"


def called(source: object) -> str:
    """Name a table in a message: the file's name, or that it is a frame."""
    return Path(source).name if isinstance(source, str | Path) else "the frame"


def finding_places(reading: Reading) -> str:
    """Say of how many rows the places are being found."""
    rows = int(reading.alike.sum())
    return f"Finding the places of {rows:,} {'row' if rows == 1 else 'rows'}"


def file_of(source: object) -> Path | None:
    """Return the path of a table that lies in a file, None for a frame."""
    return Path(source) if isinstance(source, str | Path) else None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table that was read, with the answer to each of its names and the window it covers."""

    reading: Reading
    matches: pd.DataFrame
    window: Window | None
    gazetteer: Gazetteer

    @property
    def flow_window(self) -> Window | None:
        """The window to give to every flow: the stated one, where every row proves it."""
        return self.window if is_dated(self.reading.frame) else None


def prepare(
    source: object,
    *,
    statements: bool,
    options: ReadOptions,
    places: PlaceOptions,
    window: Window | str | None = None,
    tell: Tell = nobody,
) -> Prepared:
    """Read a table, check it against the window that its owner states, and find its places.

    Raises
    ------
    InputError
        If the table cannot be used, or rows lie outside the window.
    """
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    name = called(source)
    covered = Window.read(window) if isinstance(window, str) else window
    tell(f"Reading {name}")
    reading = read(source, kind, options, tell=tell)
    if covered is not None:
        require_inside(reading.frame, covered, name)
    tell(finding_places(reading))
    places = places.loaded()
    matches = places.find(reading.frame)
    if (faults := faults_of_codes(reading, matches)) and not options.allow_refused:
        ends = "1 end" if len(faults) == 1 else f"{len(faults):,} ends"
        raise InputError(
            f"{name} cannot be used: {ends} of rows have a code that does not agree with the name. "
            "Correct one of the two, or leave one out; allow_refused=True leaves these ends "
            "unplaced.",
            faults,
        )
    return Prepared(reading, matches, covered, places.places())


def faults_of_codes(reading: Reading, matches: pd.DataFrame) -> tuple[Fault, ...]:
    """List the ends whose code and name mean different places, by row, with both readings."""
    said = codes_against_names(reading.frame, matches)
    wrong = said[said.notna().any(axis=1)]
    return tuple(
        fault_at(
            reading.frame, at, f"{reason}.", column=reading.used.get(end), kind="code against name"
        )
        for at, *reasons in zip(wrong.index, *(wrong[end] for end in wrong), strict=True)
        for end, reason in zip(map(str, wrong.columns), reasons, strict=True)
        if pd.notna(reason)
    )


def months_of_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first and the last month of each row, ``start`` and ``end``; null if not stated.

    The window that a row states goes before the month of its date.
    """
    day, days = pd.factorize(frame[schema.DATE], use_na_sentinel=False)
    dates = pd.Series(pd.Series(days).dt.strftime("%Y-%m").astype(object)[day].array, frame.index)
    start = frame[schema.PERIOD_START].astype(object).fillna(frame[schema.PERIOD_END])
    end = frame[schema.PERIOD_END].astype(object).fillna(frame[schema.PERIOD_START])
    return pd.DataFrame({"start": start.fillna(dates), "end": end.fillna(dates)})


def window_of_rows(frame: pd.DataFrame) -> Window | None:
    """Return the window from the first to the last month that rows state; None if none does."""
    stated = months_of_rows(frame).dropna()
    if stated.empty:
        return None
    return Window(str(stated["start"].min()), str(stated["end"].max()))


def window_to_state(frame: pd.DataFrame, window: Window | None) -> Window | None:
    """Return the window of the rows where no `window` is stated and every row says when."""
    return window_of_rows(frame) if window is None and is_dated(frame) else None


def periods_in_part(
    frame: pd.DataFrame, shown: Iterable[Span], window: Window | None
) -> list[Span]:
    """List periods of which the `window`, or else the months of the rows, cover only a part.

    For the analyst alone where no window is stated: the first and the last month are those of
    single people.
    """
    found = window or window_of_rows(frame)
    return [span for span in sorted(set(shown)) if covered_part(*span, found) != span]


def in_part(periods: Sequence[Span], window: Window) -> str:
    """Say what a `window` covers of periods, of each that it does not cover whole."""
    told = [
        f"{window_words(*span)} holds {window_words(*covered)} only"
        for span in periods
        if (covered := covered_part(*span, window)) != span
    ]
    return "; ".join(told)


def years_in_part(window: Window) -> Iterator[str]:
    """Say which years a `window` covers only in part, of the calendar and of April to March."""
    told = []
    for period in ("year", "financial-year"):
        width, before = MONTHS[period]
        first = (number_of_month(window.start) - before) // width * width + before
        span = (month_of_number(first), month_of_number(first + width - 1))
        if said := in_part(regular_periods([span], window), window):
            told.append(f"by --period {period}, {said}")
    if told:
        said = "; ".join(told)
        yield f"Years in part: {said}"


def partly_covered(
    frame: pd.DataFrame, flows: pd.DataFrame, window: Window | None
) -> tuple[str, ...]:
    """Warn of a first or last window of `flows` that the months of the rows cover only in part.

    Empty where the owner states a `window`, for every output then says what is covered.
    """
    found = window_of_rows(frame)
    if window is not None or found is None:
        return ()
    part = [window_words(*span) for span in periods_in_part(frame, periods_shown(flows), None)]
    if not part:
        return ()
    those = part[0] if len(part) == 1 else f"{part[0]}, and {part[-1]},"
    verb = "is" if len(part) == 1 else "are"
    said = (
        f"The rows are of {found.words}, so that {those} {verb} covered only in part; the outputs "
        f"say no more than that this is not stated. Build with "
        f"window='{found.start} to {found.end}', or with what the table covers: every output then "
        "says which months a period holds."
    )
    return (said,)


def is_dated(frame: pd.DataFrame) -> bool:
    """Tell if every row states a date or a period."""
    return bool(len(frame)) and bool(months_of_rows(frame).notna().all(axis=None))


def faults_outside(frame: pd.DataFrame, window: Window) -> tuple[Fault, ...]:
    """List the rows whose date or period does not lie inside a window, by row."""
    months = months_of_rows(frame).dropna()
    return tuple(
        fault_at(
            frame,
            at,
            f"{first if first == last else f'{first} to {last}'!r} lies outside the window "
            f"{window.start} to {window.end}.",
            kind="outside",
        )
        for at, first, last in zip(months.index, months["start"], months["end"], strict=True)
        if not window.holds(first, last)
    )


def require_inside(frame: pd.DataFrame, window: Window, name: str) -> None:
    """Refuse a table with rows outside the window that its owner states.

    Raises
    ------
    InputError
        With a fault for each row that lies outside.
    """
    faults = faults_outside(frame, window)
    if faults:
        number = sum(fault.times or 1 for fault in faults)
        rows = "1 row lies" if number == 1 else f"{number:,} rows lie"
        raise InputError(
            f"{rows} outside the window {window.words} in {name}. {_every_row(frame)}, or leave "
            "those rows out of the table.",
            faults,
        )


def _every_row(frame: pd.DataFrame) -> str:
    """Ask for a window that holds every row, as it would be stated."""
    found = window_of_rows(frame)
    held = "" if found is None else f": window='{found.start} to {found.end}'"
    return f"State a window that holds every row, if the table covers it{held}"


def measures_of(frame: pd.DataFrame) -> list[str]:
    """Name the measures of a table, in alphabetical order."""
    return sorted(frame[schema.MEASURE].dropna().unique())


def title_with_window(
    title: str | None, window: Window | None, measures: Sequence[str], *, statements: bool
) -> str:
    """Return the owner's title with the window that it covers, or an honest one of linemap's.

    >>> title_with_window(None, Window("2023-04", "2024-03"), ["referrals"], statements=False)
    'Referrals by home area and place, April 2023 to March 2024'
    >>> title_with_window("Referrals, 2023-24", Window("2023-04", "2024-03"), [], statements=False)
    'Referrals, 2023-24'
    >>> title_with_window("From where to where", None, ["simulated links"], statements=False)
    'SIMULATED: From where to where'
    """
    if not title and statements:
        title = "Published statements by home area and place"
    elif not title:
        plain = len(measures) == 1 and measures[0].replace(" ", "").isalpha()
        what = measures[0] if plain else "records"
        title = f"{what[:1].upper()}{what[1:]} by home area and place"
    if any(map(is_simulated, measures)) and "simulated" not in title.casefold():
        title = f"SIMULATED: {title}"
    if window is None or window.is_named_in(title):
        return title
    return f"{title}, {window.words}"


REVIEW: Final = "review"
_NAMED: Final = 6  # names that a line lists


def look_up(
    names: Sequence[str],
    *,
    level: str | None = None,
    within: str | None = None,
    places: PlaceOptions | None = None,
) -> pd.DataFrame:
    """Geocode names as they were typed; one MATCHES row a name, in their order."""
    if level is not None and schema.LEVEL_WORDS.get(level.casefold()) is None:
        raise InputError(f"No level is called {level!r}; there are {', '.join(schema.LEVELS)}.")
    places = (places or PlaceOptions()).loaded()
    levels = schema.LEVEL_WORDS[level.casefold()] if level is not None else None
    asked = pd.Series(list(names), dtype=object)
    return places.geocoder()(
        asked,
        levels=pd.Series(levels, asked.index, dtype=object),
        within=pd.Series(within, asked.index, dtype=object),
        gazetteer=places.places(),
    )


def look_up_table(
    source: object,
    *,
    statements: bool = False,
    options: ReadOptions | None = None,
    places: PlaceOptions | None = None,
    tell: Tell = nobody,
    **given: Unpack[TableKeywords],
) -> pd.DataFrame:
    """Geocode both ends of a table: one MATCHES row a distinct question, with its ``count``.

    A name that nothing is suggested for, and that abbreviates one place of the same table
    (``Isl`` and ``LBI`` where others say Islington), has that place as its suggestion.
    `tell` is told each step.
    """
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    options, places = options_given(options, places, given)
    tell(f"Reading {called(source)}")
    reading = read(source, kind, options, tell=tell)
    tell(finding_places(reading))
    return with_short_forms(places.loaded().find(reading.frame))


def write_review(
    matches: pd.DataFrame, *, out: str | Path, aliases: str | Path | None = None
) -> Path:
    """Write the names that a person must decide to the private folder of `out`; return its path.

    `aliases` is the analyst's file of decisions, if there is one.
    """
    table = to_review(matches, aliases)
    return write_private_table(private_folder(Path(out)), REVIEW, table)


def to_review(matches: pd.DataFrame, aliases: str | Path | None = None) -> pd.DataFrame:
    """List the names that a person must decide of what :func:`find_places` gave, most rows first.

    Short forms are suggested as by :func:`look_up_table`. What the file of decisions `aliases`
    says of a name, if it is a review table, stays beside the decision.
    """
    table = review_table(
        with_short_forms(matches),
        counts=matches[schema.COUNT],
        levels=matches[ASKED_LEVEL],
        within=matches[ASKED_WITHIN],
    )
    return table if aliases is None else keep_suggestions(table, aliases)


def with_short_forms(matches: pd.DataFrame) -> pd.DataFrame:
    """Suggest for each name that abbreviates one placed name of the table the place of that."""
    placed = matches[matches[schema.STATUS].isin((schema.EXACT, schema.ALIAS))]
    placed = placed.drop_duplicates(schema.PLACE_ID)
    forms = [
        (place, name, _short_forms(name, is_borough=level == schema.BOROUGH))
        for place, name, level in zip(
            placed[schema.PLACE_ID], placed[schema.NAME], placed[schema.LEVEL], strict=True
        )
    ]
    suggested = {}
    silent = matches[schema.SUGGESTION_ID].isna() & (matches[schema.STATUS] == schema.MISSING)
    for row, query in matches.loc[silent & is_open(matches), schema.QUERY].items():
        short = key(str(query))
        found = [(name, place) for place, name, short_forms in forms if short in short_forms]
        if len(found) == 1:
            said = f"it may be short for {found[0][0]}, which other rows of the table name"
            suggested[row] = (*found[0], said, schema.SUGGESTED)
    columns = [schema.SUGGESTION, schema.SUGGESTION_ID, schema.REASON, schema.STATUS]
    changed = pd.DataFrame.from_dict(suggested, orient="index", columns=columns)
    matches = matches.copy()
    matches.update(changed)
    return matches


def _short_forms(name: str, *, is_borough: bool) -> frozenset[str]:
    """List how a place may be abbreviated: its beginning, its initials, those behind LB.

    >>> sorted(_short_forms("Kent", is_borough=False))
    ['ken']
    >>> {"lbi", "isl"} <= _short_forms("Islington", is_borough=True)
    True
    """
    words = plain_words(name) or []
    whole = key(name)
    initials = {"".join(word[0] for word in some) for some in (words, _telling(words))}
    starts = {whole[:length] for length in range(3, min(len(whole), 7))}
    boroughs = {f"{mark}{short}" for mark in ("lb", "lbo") for short in initials if is_borough}
    return frozenset(starts | {short for short in initials if len(short) > 1} | boroughs)


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in ("and", "of", "the", "upon", "on")]


def is_open(matches: pd.DataFrame) -> pd.Series:
    """Tell of each answer if it waits for the analyst's word."""
    known = matches[schema.STATUS].isin((schema.EXACT, schema.ALIAS, schema.NOT_STATED))
    return ~known & (matches[schema.VIA] != ANALYST)


def changes(matches: pd.DataFrame) -> tuple[str, ...]:
    """Say what an analyst's decisions have changed, and how many names still wait for one.

    Empty where nothing was decided. Names are counted, not records.
    """
    decided = matches[schema.VIA] == ANALYST
    if not decided.any():
        return ()
    placed = matches[decided & matches[schema.PLACE_ID].notna()]
    said = [f"{query} is {name}" for query, name in _pairs(placed)]
    left = int(decided.sum()) - len(placed)
    open_ = is_open(matches)
    more = f" and {len(said) - _NAMED:,} more" if len(said) > _NAMED else ""
    return (
        f"By your decisions {_names(len(placed))} placed and {_names(left)} left unplaced"
        + (f": {', '.join(said[:_NAMED])}{more}" if said else ""),
        f"Names still to decide: {int(open_.sum()):,}",
    )


def nothing_by_tag(tags: Sequence[str]) -> tuple[str, ...]:
    """Say that no number by `tags` can be shown, why, and what may help; empty without any."""
    if not tags:
        return ()
    named = " and ".join([", ".join(tags[:-1]), tags[-1]] if len(tags) > 1 else tags)
    said = (
        f"No number by {named} can be shown: the values of a tag are shown only together, where in "
        "one period two or more of them have as many records as the threshold, and no hidden count "
        "follows from them (of a table that is too large to prove that, none is shown). The flows "
        "and the map are the same without such a tag, and later releases of the same records are "
        "bound to it even so: leave it out. Fewer values (wider bands), longer periods or more "
        "records may show some."
    )
    return (said,)


def _pairs(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if schema.COUNT in rows:
        rows = rows.sort_values([schema.COUNT, schema.QUERY], ascending=[False, True])
    yield from zip(rows[schema.QUERY].astype(str), rows[schema.NAME].astype(str), strict=True)


def _names(number: int) -> str:
    return "1 name" if number == 1 else f"{number:,} names"
