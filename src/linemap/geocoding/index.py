"""The index of a gazetteer: names by spelling, areas by name, places by row; lists of names.

Names within two typing errors of a question are found for many questions at once
(:class:`Deletions`): two names within *d* edits (an edit inserts, deletes, replaces one letter, or
swaps two neighbours) share a string that is left of each after at most *d* deletions. So each name
files the hashes of what is left of it, a question looks up the hashes of what is left of itself,
and only those who meet are measured. The cost of a question hardly depends on how many names there
are. (Deletion neighbourhoods: Mor and Fraenkel 1982, "A hash code method for detecting and
correcting spelling errors".)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from linemap.gazetteer import Gazetteer
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
    PLACE_ID,
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
MOST_EDITS: Final = 2
# Of a longer name only so many letters are filed: what is left of two names
# after deletions agrees on its beginning too.
_PREFIX: Final = 11
_CHUNK: Final = 16_384
_LARGE_TABLE: Final = 2**22  # entries: more than the processor keeps at hand
_WEIGHTS: Final = tuple(
    (0x9E3779B97F4A7C15 ** (2 * place + 3) >> 16) % 2**32 | 1 for place in range(_PREFIX)
)


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
        rows = [self.row.get(place, -1) for place in aliases[PLACE_ID]]
        for kind, part in aliases.assign(row=rows).groupby("kind", sort=False):
            known = part[part["row"] >= 0]
            self._file(zip(known["alias"], known["row"], strict=True), str(kind))
        forces = (
            (row[NAME], self.row[row[PLACE_ID]])
            for row in shipped_list("force_names.csv")
            if row[PLACE_ID] in self.row
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


def edits_allowed(letters: int) -> int:
    """Say how many typing errors a name of so many letters may bear and still be known."""
    return 0 if letters < 4 else 1 if letters < 6 else MOST_EDITS


def _remainders(letters: NDArray[np.uint32], edits: int) -> NDArray[np.uint32]:
    """Hash what is left of each name (one a row, all of one length) after 0 to `edits` deletions.

    A hash is the sum of each letter times the weight of its place; running sums
    under the weights shifted by 0, 1 and 2 places give every deletion at once.
    """
    count, length = letters.shape
    weights = np.array(_WEIGHTS[:length], dtype=np.uint32)
    sums = np.zeros((MOST_EDITS + 1, count, length + 1), dtype=np.uint32)
    for shift in range(min(edits, length) + 1):
        np.cumsum(
            letters[:, shift:] * weights[: length - shift], axis=1, out=sums[shift, :, shift + 1 :]
        )
    kept = [sums[0, :, length:]]
    if edits >= 1 and length > 1:
        out = np.arange(length)
        kept.append(sums[0][:, out] + (sums[1][:, [length]] - sums[1][:, out + 1]))
    if edits >= 2 and length > 2:
        pairs = np.array(list(combinations(range(length), 2)))
        first, second = pairs[:, 0], pairs[:, 1]
        kept.append(
            sums[0][:, first]
            + (sums[1][:, second] - sums[1][:, first + 1])
            + (sums[2][:, [length]] - sums[2][:, second + 1])
        )
    return np.concatenate(kept, axis=1)


def _all_remainders(
    names: Sequence[str], edits: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Hash what is left of every name, and say of which name (by position) each hash is."""
    text = "".join([name[:_PREFIX].ljust(_PREFIX) for name in names])
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    letters = letters.reshape(len(names), _PREFIX)
    lengths = np.minimum(np.fromiter(map(len, names), np.int64, len(names)), _PREFIX)
    kinds = lengths * (MOST_EDITS + 1) + edits
    hashes, owners = [np.empty(0, np.uint32)], [np.empty(0, np.int32)]
    for kind in np.unique(kinds).tolist():
        length, most = divmod(kind, MOST_EDITS + 1)
        if length:
            of_kind = np.flatnonzero(kinds == kind).astype(np.int32)
            left = _remainders(letters[of_kind, :length], most)
            hashes.append(left.ravel())
            owners.append(np.repeat(of_kind, left.shape[1]))
    return np.concatenate(hashes), np.concatenate(owners)


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of a question and a name near it, by position, ordered by question and edits."""

    question: NDArray[np.int64]
    name: NDArray[np.int64]
    edits: NDArray[np.int64]


class Deletions:
    """Names, filed by what is left of them after deletions."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._allowed = np.array([edits_allowed(len(name)) for name in names], dtype=np.int64)
        filed = np.flatnonzero(self._allowed > 0)
        hashes, owners = _all_remainders([names[p] for p in filed.tolist()], self._allowed[filed])
        bits = min(26, max(8, len(hashes).bit_length() + 1))
        self._shift = np.uint32(32 - bits)
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._owners = filed[owners[order]].astype(np.int32) if len(filed) else owners
        buckets = (self._hashes >> self._shift).astype(np.int64)
        self._starts = np.concatenate(
            ([0], np.cumsum(np.bincount(buckets, minlength=2**bits)))
        ).astype(np.int32)
        self._is_large = len(self._starts) > _LARGE_TABLE

    def near(self, questions: Sequence[str]) -> Near:
        """Find every name within the edits that it allows of each question."""
        parts = [
            self._near(questions[start : start + _CHUNK], start)
            for start in range(0, len(questions), _CHUNK)
        ]
        empty = np.empty(0, dtype=np.int64)
        question, name, edits = (
            np.concatenate([empty, *(part[column] for part in parts)]) for column in range(3)
        )
        return Near(question, name, edits)

    def _near(self, questions: Sequence[str], offset: int) -> tuple[NDArray[np.int64], ...]:
        hashes, askers = _all_remainders(questions, np.full(len(questions), MOST_EDITS))
        if self._is_large:  # looked up in order, the table is read from end to end
            packed = (hashes.astype(np.uint64) << np.uint64(32)) | askers.astype(np.uint64)
            packed.sort()
            hashes = (packed >> np.uint64(32)).astype(np.uint32)
            askers = packed.astype(np.uint32).astype(np.int32)
        buckets = (hashes >> self._shift).astype(np.int64)
        starts = self._starts[buckets]
        counts = self._starts[buckets + 1] - starts
        held = np.flatnonzero(counts)
        counts = counts[held]
        ends = np.cumsum(counts)
        source = np.repeat(held, counts)
        found = np.arange(len(source)) + np.repeat(starts[held] - ends + counts, counts)
        meets = np.flatnonzero(self._hashes[found] == hashes[source])
        pairs = np.sort(
            askers[source[meets]].astype(np.int64) * len(self._names) + self._owners[found[meets]]
        )
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        asker, name = np.divmod(pairs, max(1, len(self._names)))
        edits = cpdist(
            list(map(questions.__getitem__, asker.tolist())),
            list(map(self._names.__getitem__, name.tolist())),
            scorer=OSA.distance,
            score_cutoff=MOST_EDITS,
            dtype=np.uint8,
        ).astype(np.int64)
        good = np.flatnonzero(edits <= self._allowed[name])
        asker, name, edits = asker[good], name[good], edits[good]
        order = np.argsort(asker * (MOST_EDITS + 1) + edits, kind="stable")
        return asker[order] + offset, name[order], edits[order]


# Neighbours on a British keyboard.
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _keyboard() -> NDArray[np.bool_]:
    """Say of each two letters of a to z whether their keys are beside or above each other."""
    touch = np.zeros((26, 26), dtype=np.bool_)
    spots = {ord(key) - 97: (x, y) for y, row in enumerate(_KEYS) for x, key in enumerate(row)}
    for one, (x, y) in spots.items():
        for other, (u, v) in spots.items():
            touch[one, other] = one != other and abs(y - v) <= 1 and abs(x - u) <= 1
    return touch


_TOUCH: Final = _keyboard()


def is_slip(typed: str, name: str) -> bool:
    """Say whether a spelling that is one edit from a name is a likely typing error."""
    longer = len(typed) - len(name)
    if longer < 0:
        return True
    at = next((at for at, (a, b) in enumerate(zip(typed, name, strict=False)) if a != b), len(name))
    if longer > 0:
        return at > 0 and typed[at] == typed[at - 1]
    if typed[at + 1 :] != name[at + 1 :]:
        return True  # two letters swapped
    struck, meant = ord(typed[at]) - 97, ord(name[at]) - 97
    return 0 <= struck < 26 and 0 <= meant < 26 and bool(_TOUCH[struck, meant])


def are_slips(typed: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Say which spellings, each one edit from the name beside it, are slips of the hand.

    A slip swaps two letters, doubles one, leaves one out, or strikes the key
    beside it. Spaces and apostrophes are in neither spelling.

    >>> are_slips(["swafham", "basilldon", "portchester", "gatwick"],
    ...           ["swaffham", "basildon", "porchester", "patwick"]).tolist()
    [True, True, False, False]
    """
    if not len(typed):
        return np.zeros(0, dtype=np.bool_)
    width = max(map(len, [*typed, *names])) + 1
    ours, theirs = (
        np.array(list(texts), dtype=f"U{width}").view(np.uint32).reshape(len(texts), width)
        for texts in (typed, names)
    )
    longer = (ours != 0).sum(axis=1) - (theirs != 0).sum(axis=1)
    differs = ours != theirs
    at = differs.argmax(axis=1)
    rows = np.arange(len(typed))
    struck, meant, before = ours[rows, at], theirs[rows, at], ours[rows, np.maximum(at - 1, 0)]
    letters = (struck >= 97) & (struck <= 122) & (meant >= 97) & (meant <= 122)
    beside = np.zeros(len(typed), dtype=np.bool_)
    beside[letters] = _TOUCH[struck[letters] - 97, meant[letters] - 97]
    swapped = differs.sum(axis=1) == 2
    doubled = (longer == 1) & (struck == before) & (at > 0)
    return np.asarray((longer == -1) | doubled | ((longer == 0) & (swapped | beside)))
