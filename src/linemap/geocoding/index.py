"""The index of a gazetteer: names by spelling, areas by name, places by row; lists of names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from linemap.gazetteer import Gazetteer
from linemap.geocoding.fuzzy_index import Deletions, Near
from linemap.geocoding.parsing import WHOLE_COUNTRY
from linemap.io import shipped_list
from linemap.schema import (
    BECAME_IDS,
    BOROUGH_ID,
    COUNTY_ID,
    DISTRICT_ID,
    FORCE_ID,
    GSS_CODE,
    LAT,
    LEVEL,
    LEVELS,
    LON,
    MEMBERS,
    NAME,
    NATION_ID,
    NEAR_COUNTY_IDS,
    NEAR_FORCE_IDS,
    POPULATION_WEIGHT,
    REGION_ID,
    SETTLEMENT,
    SOURCE,
)
from linemap.text import key, normalise, short_form

OWN_NAME: Final = "name"
# A long list of other names is read as it is written; only these kinds may also bear typing errors
# when they are part of the name itself ("Newark" of Newark on Trent).
ALTERNATE: Final = "alternate"
SHORT_FORM: Final = "short form"
WEAK_KINDS: Final = frozenset({ALTERNATE, SHORT_FORM})  # give way to a larger place's own name
NEVER_FUZZY: Final = frozenset({"abbreviation", "code", "nickname"})
_PARENTS: Final = (BOROUGH_ID, DISTRICT_ID, COUNTY_ID, FORCE_ID, REGION_ID, NATION_ID)

LARGE: Final = 50_000.0  # a bearer of so many people is meant by its plain name
UNKNOWN_WEIGHT: Final = 1000.0  # of a place whose people are not known
Entry = tuple[int, str]  # a row of the gazetteer, and by which kind of name


class Index:
    """The places of one gazetteer, found by any spelling of any of their names.

    Built once for a gazetteer; never changed.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        places = gazetteer.places
        self.ids: list[str] = places.index.tolist()
        self.row: dict[str, int] = {place: row for row, place in enumerate(self.ids)}
        self.names: list[str] = places[NAME].tolist()
        self.levels: list[str] = places[LEVEL].tolist()
        self.sources: list[str] = places[SOURCE].tolist()
        weights = places[POPULATION_WEIGHT].to_numpy(dtype=float)
        self.has_people: list[bool] = (weights > 0).tolist()
        self.weights = np.where(weights > 0, weights, UNKNOWN_WEIGHT)
        self.lon = places[LON].to_numpy(dtype=float)
        self.lat = places[LAT].to_numpy(dtype=float)
        self.people: list[float] = self.weights.tolist()
        self.points: list[tuple[float, float]] = list(
            zip(self.lon.tolist(), self.lat.tolist(), strict=True)
        )
        # what an earlier area became; None for the areas of today
        self.became: list[tuple[str, ...] | None] = places[BECAME_IDS].tolist()
        self.members: list[tuple[str, ...] | None] = places[MEMBERS].tolist()
        self._parents = [_texts(places[column]) for column in _PARENTS]
        numbers = {place: number for number, place in enumerate(self.ids)}
        earlier = gazetteer.earlier_areas
        self._earlier = [earlier.get(place, ()) for place in self.ids]
        most = max(map(len, self._earlier), default=0)
        before = [[places[i] if i < len(places) else None for places in self._earlier]
                  for i in range(most)]  # fmt: skip
        self._parent_rows = np.array(
            [
                [numbers.get(place or "", -1) for place in column]
                for column in (*self._parents, *before)
            ]
            + [range(len(self.ids))],
            dtype=np.int64,
        )
        self._shares: dict[frozenset[str], float] = {}
        self._grounds: dict[int, frozenset[str]] = {}  # as they are asked for
        self._near = [places[column].tolist() for column in (NEAR_COUNTY_IDS, NEAR_FORCE_IDS)]
        self.codes: dict[str, int] = {
            str(code).upper(): row
            for row, code in enumerate(_texts(places[GSS_CODE]))
            if code is not None
        }
        self.exact: dict[str, tuple[Entry, ...]] = {}
        self._file(zip(self.names, range(len(self.names)), strict=True), OWN_NAME)
        aliases = gazetteer.aliases
        rows = [self.row.get(place, -1) for place in aliases["place_id"]]
        for kind, part in aliases.assign(row=rows).groupby("kind", sort=False):
            known = part[part["row"] >= 0]
            self._file(zip(known["alias"], known["row"], strict=True), str(kind))
        forces = (
            (row["name"], self.row[row["place_id"]])
            for row in shipped_list("force_names.csv")
            if row["place_id"] in self.row
        )
        self._file(forces, "abbreviation")
        shorts = ((short_form(name), row) for row, name in enumerate(self.names)
                  if self.levels[row] == SETTLEMENT)  # fmt: skip
        self._file(((short, row) for short, row in shorts if short is not None), SHORT_FORM)

    def _file(self, names: Iterable[tuple[str, int]], kind: str) -> None:
        exact = self.exact
        for name, row in names:
            spelling = key(name)
            if not spelling:
                continue
            entries = exact.get(spelling, ())
            if all(row != other for other, _ in entries):
                exact[spelling] = (*entries, (row, kind))

    @cached_property
    def spellings(self) -> list[str]:
        """The spellings that a typing error may be measured against, sorted."""
        return sorted(
            spelling
            for spelling, entries in self.exact.items()
            if any(self._may_be_mistyped(spelling, *entry) for entry in entries)
        )

    def _may_be_mistyped(self, spelling: str, row: int, kind: str) -> bool:
        if kind in WEAK_KINDS:
            return len(spelling) >= 5 and key(self.names[row]).startswith(spelling)
        return kind not in NEVER_FUZZY

    @cached_property
    def deletions(self) -> Deletions:
        """The same spellings, filed for finding the near ones."""
        return Deletions(self.spellings)

    @cached_property
    def level_codes(self) -> NDArray[np.int64]:
        """The level of each row, as its place in LEVELS."""
        return np.array([LEVELS.index(level) for level in self.levels], dtype=np.int64)

    @staticmethod
    def level_code(level: str | None) -> int:
        """Give a level's place in LEVELS; -1 for none."""
        return -1 if level is None else LEVELS.index(level)

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """The place of each row among all by their people, the most first; ties by row."""
        order = np.argsort(-self.weights, kind="stable")
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    @cached_property
    def first_letters(self) -> NDArray[np.int64]:
        """The first letter of each place's name, small, as its number."""
        letters = [name[:1].lower()[:1] or " " for name in self.names]
        return np.array(list(map(ord, letters)), dtype=np.int64)

    @cached_property
    def rival_makings(self) -> list[tuple[str, str, str, str | None]]:
        """What each row brings to a rival."""
        return list(zip(self.ids, self.names, self.levels, self.inside, strict=True))

    @cached_property
    def suggestion_makings(self) -> list[tuple[tuple[str, str], str]]:
        """What each row brings to a suggestion: its name and id, and the reason."""
        return [
            ((name, place), f"no listed place has this name; the nearest spelling is {told}")
            for (place, name, _, _), told in zip(self.rival_makings, self.told, strict=True)
        ]

    @cached_property
    def told(self) -> list[str]:
        """Each place as a sentence names it: with its borough, county or nation, and its level."""
        return [
            (f"{name}, {inside} ({level})" if inside and inside != name else f"{name} ({level})")
            for _, name, level, inside in self.rival_makings
        ]

    @cached_property
    def is_too_common(self) -> list[bool]:
        """Whether a row is a small settlement with one of the commonest names."""
        common = common_names()
        return [
            level == SETTLEMENT and people < LARGE and key(name) in common
            for level, people, name in zip(self.levels, self.people, self.names, strict=True)
        ]

    @cached_property
    def _entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The rows and kinds of every spelling in turn, and where each spelling's begin."""
        numbers = {kind: number for number, kind in enumerate(self.kinds)}
        entries = [self.exact[spelling] for spelling in self.spellings]
        starts = np.cumsum([0, *(len(of) for of in entries)])
        rows = np.array([row for of in entries for row, _ in of], dtype=np.int64)
        kinds = np.array([numbers[kind] for of in entries for _, kind in of], dtype=np.int64)
        return starts, rows, kinds

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of names that there are."""
        return sorted({kind for entries in self.exact.values() for _, kind in entries})

    @cached_property
    def is_weak(self) -> list[bool]:
        """Whether each kind of name gives way to a larger place's own."""
        return [kind in WEAK_KINDS for kind in self.kinds]

    def expand(self, near: Near) -> tuple[NDArray[np.int64], ...]:
        """Turn near spellings into candidates: question, row, edits, kind of name and spelling.

        In order of question and edits; a place by two of its names is there once.
        """
        starts, rows, kinds = self._entries
        if not len(near.name):
            return near.question, near.name, near.edits, near.name, near.name
        first = starts[near.name]
        counts = starts[near.name + 1] - first
        ends = np.cumsum(counts)
        source = np.repeat(np.arange(len(counts)), counts)
        at = np.arange(len(source)) + np.repeat(first - ends + counts, counts)
        question, row = near.question[source], rows[at]
        pair = question * len(self.ids) + row
        once = ~pd.Series(pair).duplicated().to_numpy()
        source, at = source[once], at[once]
        return question[once], row[once], near.edits[source], kinds[at], near.name[source]

    def share_inside(self, area: frozenset[str]) -> float:
        """Give the share of the listed settlements that lie in any of the areas."""
        known = self._shares.get(area)
        if known is None:
            towns = np.flatnonzero(self.level_codes == LEVELS.index(SETTLEMENT))
            known = float(self.is_inside(towns, area).mean()) if area and len(towns) else 0.0
            self._shares[area] = known
        return known

    def is_inside(self, rows: NDArray[np.int64], area: frozenset[str]) -> NDArray[np.bool_]:
        """Say which rows lie in any of the areas."""
        within = np.array([self.row[place] for place in area], dtype=np.int64)
        return np.asarray(np.isin(self._parent_rows[:, rows], within).any(axis=0))

    @cached_property
    def area_tails(self) -> frozenset[str]:
        """The last words of the names of areas: what may stand behind the name of a place."""
        names = [self.names[row] for row in range(len(self.ids)) if self.levels[row] != SETTLEMENT]
        words = (normalise(name).split()[-1:] for name in names)
        tails = frozenset(word for last in words for word in last)
        return tails | self.areas.keys() | WHOLE_COUNTRY

    @cached_property
    def parents(self) -> list[frozenset[str]]:
        """Every place that each place lies in, or lay in, itself included."""
        return [
            frozenset({own, *earlier, *parents} - {None})
            for own, earlier, *parents in zip(self.ids, self._earlier, *self._parents, strict=True)
        ]

    def near_parents(self, row: int) -> frozenset[str]:
        """Name the counties and forces whose boundary is too near to say which side it is."""
        return frozenset(place for column in self._near for place in (column[row] or ()))

    @cached_property
    def inside(self) -> list[str | None]:
        """Where each place is, in a word: its borough or county, else its nation."""
        borough, county, nation = (self._parents[column] for column in (0, 2, 5))
        return [
            None if place is None else self.names[self.row[place]]
            for place in (b or c or n for b, c, n in zip(borough, county, nation, strict=True))
        ]

    @cached_property
    def areas(self) -> dict[str, list[int]]:
        """Every area (no settlement) by each spelling of its names."""
        found: dict[str, list[int]] = {}
        for spelling, entries in self.exact.items():
            rows = [row for row, _ in entries if self.levels[row] != SETTLEMENT]
            if rows:
                found[spelling] = rows
        return found

    def ground(self, row: int) -> frozenset[str]:
        """List the finest areas that an area consists of: itself where it has no parts."""
        known = self._grounds.get(row)
        if known is None:
            parts = self.members[row]
            known = frozenset({self.ids[row]})
            if isinstance(parts, tuple):
                known = frozenset().union(*(self.ground(self.row[part]) for part in parts))
            self._grounds[row] = known
        return known

    @cached_property
    def historic_counties(self) -> dict[str, frozenset[str]]:
        """The areas and towns that addresses put in a county, by its name in the one spelling."""
        found: dict[str, set[str]] = {}
        for row in shipped_list("historic_counties.csv"):
            area = row["area"]
            if area not in self.row:
                continue
            inside = found.setdefault(key(row["county"]), set())
            if not row["towns"]:
                inside.add(area)
            for town in row["towns"].split(";") if row["towns"] else ():
                inside.update(
                    self.ids[place]
                    for place, _ in self.exact.get(key(town), ())
                    if self.levels[place] == SETTLEMENT and area in self.parents[place]
                )
        return {county: frozenset(inside) for county, inside in found.items()}

    def make_ready(self) -> None:
        """Build at once what is otherwise built at its first use."""
        parts = """deletions areas area_tails parents rival_makings is_weak suggestion_makings
            is_too_common first_letters rank _entries"""
        for part in parts.split():
            getattr(self, part)

    def area_rows(self, text: str) -> list[int]:
        """List every area that `text` (a name, code or place_id) may mean."""
        row = self.row.get(text, self.codes.get(text.upper()))
        return self.areas.get(key(text), []) if row is None else [row]

    def area_ids(self, rows: Iterable[int]) -> frozenset[str]:
        """Name areas with all their parts, and what an earlier one has become since."""
        found: set[str] = set()
        for row in rows:
            found |= {self.ids[row], *self.ground(row), *(self.became[row] or ())}
        return frozenset(found & self.row.keys())


def index_of(gazetteer: Gazetteer) -> Index:
    """Return the index of a gazetteer, built at its first use and kept as long as it lives.

    A gazetteer never changes, so what is remembered is only a shortcut.
    """
    held: Index | None = gazetteer.__dict__.get("_geocode_index")
    if held is None:
        held = Index(gazetteer)
        gazetteer.__dict__["_geocode_index"] = held
    return held


def _texts(column: pd.Series) -> list[str | None]:
    """Read a column of texts with null as None."""
    return [
        None if null else text
        for text, null in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


# ── The lists about names that ship with linemap, from general knowledge of British places ──
# Of linemap/data, a reason a row: common_names.csv (names of so many places that a small bearer
# is not to be trusted), stop_names.csv (names outside the kingdom, and words that name no place),
# historic_counties.csv (what addresses put in a county), force_names.csv (short names of police
# forces), postal_areas.csv (a point that some postcodes lie around), free_text.csv (words before
# or behind the place that something is at).


@cache
def common_names() -> frozenset[str]:
    """List the names, in the one spelling, that five or more settlements or suburbs bear."""
    return frozenset(key(row["name"]) for row in shipped_list("common_names.csv"))


@cache
def not_mistyped() -> frozenset[str]:
    """List the spellings that are never taken for a mistyped name.

    A place of the kingdom that bears such a name still answers to it as written
    (Boston, Perth); but Sydney is not a mistyped Lydney, nor `missing` Misson.
    """
    return frozenset(_stop_kinds())


@cache
def _stop_kinds() -> dict[str, str]:
    return {key(row["name"]): row["kind"] for row in shipped_list("stop_names.csv")}


def stop_reason(name: str) -> str:
    """Return the reason why a name on the stop list has no place."""
    kind = _stop_kinds()[key(name)]
    if kind == "word":
        return f"{name!r} is not the name of a place"
    if kind == "force":
        return f"{name!r} is a police force or agency without an area of its own"
    return f"{name!r} is not a place in the United Kingdom that linemap knows"


@cache
def _post_towns() -> dict[str, list[tuple[float, float]]]:
    towns: dict[str, list[tuple[float, float]]] = {}
    for row in shipped_list("postal_areas.csv"):
        towns.setdefault(row["letters"], []).append((float(row["lon"]), float(row["lat"])))
    return towns


def post_towns(letters: str) -> list[tuple[float, float]]:
    """Give the longitudes and latitudes that a postal area is around; none where it is unknown.

    To about 5 km; the post town first.
    """
    return _post_towns().get(letters, [])


class FreeText(NamedTuple):
    """How words around the name of a place are found: before it and behind it.

    Of each pattern the group ``place`` is what is left; ``certain`` are the
    words, in small letters, after which the place is surely meant. ``beside`` are
    spellings of what stands in a list and names no place ("and surrounding areas").
    """

    before: re.Pattern[str]
    behind: re.Pattern[str]
    certain: frozenset[str]
    first_words: frozenset[str]
    last_words: frozenset[str]
    beside: frozenset[str]


@cache
def free_text() -> FreeText:
    """Read the words that stand around the name of a place; the longest count first."""
    listed = sorted(shipped_list("free_text.csv"), key=lambda row: -len(row["words"]))
    words = {where: [row["words"] for row in listed if row["where"] == where]
             for where in ("before", "behind")}  # fmt: skip
    before, behind = ("|".join(map(re.escape, words[where])) for where in ("before", "behind"))
    return FreeText(
        re.compile(rf"\s*(?P<words>{before})\b[\s.:,-]*(?P<place>\S.*)", re.IGNORECASE),
        re.compile(rf"(?P<place>\S.*?)[\s,-]+(?P<words>{behind})\W*", re.IGNORECASE),
        frozenset(row["words"].lower() for row in listed if row["is_certain"] == "yes"),
        frozenset(text.split()[0].lower().replace("'", "") for text in words["before"]),
        frozenset(text.split()[-1].lower() for text in words["behind"]),
        frozenset(key(row["words"]) for row in listed if row["where"] == "beside"),
    )
