"""From a table to its rows and their places: the first half of a build, shared by every command."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from linemap import schema
from linemap.errors import Fault, InputError
from linemap.flows import Geocoder, codes_against_names, find_places
from linemap.gazetteer import Gazetteer
from linemap.geocoding import Several, geocode_by_rule, read_aliases, require_several
from linemap.pipeline.coverage import is_dated, require_inside
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
from linemap.windows import Window


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

    def places(self) -> Gazetteer:
        """Return the gazetteer to use."""
        if isinstance(self.gazetteer, Gazetteer):
            return self.gazetteer
        return Gazetteer.load(
            self.gazetteer, stations=self.stations, postcode_districts=self.postcode_districts
        )

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
    pattern = not path.exists() and "*" in path.name
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
