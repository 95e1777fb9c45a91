"""A keyed sample of the rows that a release counted, by which the same records are known again.

The sample is of people, by measure and month: a row that counts three is three
people who look alike. Of each measure and month the :data:`MOST` smallest keyed
hashes are kept (a bottom-k sketch), from which the overlap of two tables is
estimated; up to :data:`MOST` people a month it is exact. Rows are sampled twice: as they
are written, and by the places that were found for them and the month, so that another
spelling of a place or another way to write a day makes no other records. Without the key
no row can be tried; key and sketch stay in the private folder.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.text import normalise

MOST: Final = 128  # hashes that are kept of a measure and month
NO_MONTH: Final = ""
# Records are the same if this share of the earlier people is here again ...
SAME: Final = 0.8
# ... and, where no row has a date by which to tell people apart, this share of all is in both.
SAME_UNDATED: Final = 0.5
_PIECE: Final = 1 << 20  # people whose hashes are held at once
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_CONTENT: Final = (
    schema.ORIGIN, schema.DESTINATION, schema.DATE, schema.PERIOD_START, schema.PERIOD_END,
)  # fmt: skip

Group = tuple[str, str]  # a measure as it is compared, and a month
_EVER: Final = "*"  # in the place of a month: the people of all months


@dataclass(frozen=True, slots=True)
class Sample:
    """How many people a group has, and the smallest hashes of them, ascending."""

    size: int
    hashes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many people two tables have, and (estimated) how many are in both.

    Where one table has months and the other has none, or longer windows, their rows are
    not `comparable`: the same people would share nothing.
    """

    before: float = 0.0
    now: float = 0.0
    both: float = 0.0
    dated: bool = False
    comparable: bool = True

    @property
    def kept(self) -> float:
        """The share of the earlier people that is here again, 0 to 1; 1 of none."""
        return self.both / self.before if self.before else 1.0

    @property
    def same(self) -> bool:
        """Whether the two tables hold the same records, as far as rows can tell."""
        every = self.before + self.now - self.both
        shared = self.both / every if every else 1.0
        return self.kept >= SAME and (self.dated or shared >= SAME_UNDATED)

    @property
    def part(self) -> bool:
        """Whether the people of the later table are a part of the earlier, where dates tell."""
        return self.dated and self.now > 0 and self.both >= SAME * self.now


@dataclass(frozen=True, slots=True)
class RowSketch:
    """A sample of rows by measure and month: as written, and as they were `placed`."""

    groups: Mapping[Group, Sample] = field(default_factory=dict)
    placed: Mapping[Group, Sample] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pd.DataFrame, key: bytes, places: pd.DataFrame | None = None) -> RowSketch:
        """Sample a RECORDS frame under a key.

        What is compared of a row is its two places as they are written (in plain lower
        case), its date or window, and how many such there are. Rows that count
        nothing are passed over; one without a date has the month of its window, or none.
        With the `places` of the rows (``origin`` and ``destination``: ids, null for none) they
        are also sampled by these and the month, and by these alone.
        """
        written = _sampled(frame, key)
        if places is None:
            return cls(written)
        found = frame.assign(
            **{
                end: places[end].where(places[end].notna(), frame[end])
                for end in (schema.ORIGIN, schema.DESTINATION)
            }
        )
        day, days = pd.factorize(frame[schema.DATE], use_na_sentinel=False)
        months = pd.Series([_date(one)[:7] for one in days], dtype=object).iloc[day]
        months.index = frame.index
        dated = months != ""
        for column in (schema.PERIOD_START, schema.PERIOD_END):
            found[column] = months.where(dated, frame[column])
        ever = found.assign(**{schema.PERIOD_START: None, schema.PERIOD_END: None})
        placed = {
            (measure, month or named): sample
            for named, some in ((NO_MONTH, found), (_EVER, ever))
            for (measure, month), sample in _sampled(
                some.assign(**{schema.DATE: None}), key
            ).items()
        }
        return cls(written, dict(sorted(placed.items())))

    def overlap(
        self,
        now: RowSketch,
        *,
        measures: Mapping[str, str],
        windows: Iterable[Iterable[tuple[str, str]]] = (),
    ) -> Overlap:
        """Compare with a sketch under the same key.

        `measures` maps a measure of this sketch to the one of `now` that it is compared
        with. Of each list of `windows` (first and last month, ``"YYYY-MM"``) a row must be
        in one; a row without a month is in all. Of the rows as they are written and as they were
        placed, what has more in common is returned; where time is stated in other
        ways, so is what the places alone have.
        """
        spans = [list(some) for some in windows]
        written = _compare(self.groups, now.groups, measures, spans)
        if not (self.placed and now.placed):
            return written
        before, later = (
            {group: sample for group, sample in groups.items() if group[1] != _EVER}
            for groups in (self.placed, now.placed)
        )
        found = [written, replace(_compare(before, later, measures, spans), dated=False)]
        if not found[1].comparable:
            before, later = (
                {group: sample for group, sample in groups.items() if group[1] == _EVER}
                for groups in (self.placed, now.placed)
            )
            alike = replace(_compare(before, later, measures, []), dated=False)
            if alike.same:
                return alike
        return max(found, key=lambda overlap: (overlap.same, overlap.both))

    @property
    def measures(self) -> frozenset[str]:
        """The measures that were sampled, as they are compared."""
        return frozenset(measure for measure, _ in self.groups)


def same_measure(measure: object) -> str:
    """Write a measure so that two ways to write it are equal: case, accents, spaces, plural.

    >>> same_measure("Confirmed  Links") == same_measure("confirmed-link")
    True
    """
    words = normalise(str(measure)).replace("-", " ").split()
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words)


Codes = npt.NDArray[np.int64]


def _sampled(frame: pd.DataFrame, key: bytes) -> dict[Group, Sample]:
    """Sample the people of each measure and month by what is compared of them."""
    people = frame[schema.COUNT].fillna(0).to_numpy(dtype=np.int64)
    rows, people = frame[people > 0], people[people > 0]
    if rows.empty:
        return {}
    measures, measure = _coded(rows[schema.MEASURE], same_measure)
    origins, origin = _coded(rows[schema.ORIGIN], _plain)
    destinations, destination = _coded(rows[schema.DESTINATION], _plain)
    times, when = _times(rows)
    months, month = _coded(pd.Series([month for _, month in times]), _text)
    (measure, month, origin, destination, when), alike = _added(
        (measure, month[when], origin, destination, when),
        people,
        (len(measures), len(months), len(origins), len(destinations), len(times)),
    )
    found: dict[Group, Sample] = {}
    ends = np.flatnonzero(np.diff(measure) | np.diff(month)) + 1
    for group in np.split(np.arange(len(alike)), ends):
        parts = [codes[group].tolist() for codes in (origin, destination, when)]
        texts = (
            f"{origins[one]}\0{destinations[other]}\0{times[time][0]}"
            for one, other, time in zip(*parts, strict=True)
        )
        which = (measures[measure[group[0]]], months[month[group[0]]])
        found[which] = _sample(texts, alike[group], key)
    return dict(sorted(found.items()))


def _coded(values: pd.Series[Any], written: Callable[[Any], str]) -> tuple[list[str], Codes]:
    """Write the distinct values of a column as texts; return these, and the place of each row's."""
    codes, found = pd.factorize(values, use_na_sentinel=False)
    texts = [written(None if pd.isna(value) else value) for value in found]
    distinct = sorted(set(texts))
    place = {text: at for at, text in enumerate(distinct)}
    return distinct, np.array([place[text] for text in texts], dtype=np.int64)[codes]


def _times(rows: pd.DataFrame) -> tuple[list[tuple[str, str]], Codes]:
    """Return the distinct dates or windows, each with its month, and the place of each row's."""
    columns = [rows[name] for name in (schema.DATE, schema.PERIOD_START, schema.PERIOD_END)]
    coded = [pd.factorize(column, use_na_sentinel=False) for column in columns]
    sizes = [len(found) for _, found in coded]
    whole = np.ravel_multi_index(tuple(codes.astype(np.int64) for codes, _ in coded), sizes)
    distinct, at = np.unique(whole, return_inverse=True)
    told = []
    for codes in zip(*np.unravel_index(distinct, sizes), strict=True):
        date, start, end = (found[code] for (_, found), code in zip(coded, codes, strict=True))
        day, start, end = _date(date), _text(start), _text(end)
        when = day or (f"{start}/{end}" if start else "")
        told.append((when, when[:7] if day or start == end else when))
    times = sorted(set(told))
    place = {time: number for number, time in enumerate(times)}
    return times, np.array([place[time] for time in told], dtype=np.int64)[at]


def _added(
    codes: Sequence[Codes], people: Codes, sizes: Sequence[int]
) -> tuple[tuple[Codes, ...], Codes]:
    """Add up the people who are alike in every code (each below its size), ordered by codes."""
    if math.prod(sizes) < 2**63:
        whole, at = np.unique(np.ravel_multi_index(tuple(codes), sizes), return_inverse=True)
        distinct = np.unravel_index(whole, sizes)
    else:
        table, at = np.unique(np.stack(codes), axis=1, return_inverse=True)
        distinct = tuple(table)
    alike = np.bincount(at.ravel(), people, minlength=len(distinct[0])).astype(np.int64)
    return tuple(one.astype(np.int64) for one in distinct), alike


def _compare(
    one: Mapping[Group, Sample],
    other: Mapping[Group, Sample],
    measures: Mapping[str, str],
    spans: list[list[tuple[str, str]]],
) -> Overlap:
    """Compare two samples group by group, in the windows of the `spans`."""
    kinds: tuple[dict[int, int], dict[int, int]] = ({}, {})  # people by how time is stated
    months = {month for measure, month in one if measure in measures}
    months |= {month for measure, month in other if measure in measures.values()}
    result = Overlap(dated=NO_MONTH not in months)
    for old, new in measures.items():
        for month in sorted(months):
            if not all(_is_within(month, some) for some in spans):
                continue
            before, later = one.get((old, month)), other.get((new, month))
            for people, sample in zip(kinds, (before, later), strict=True):
                if sample:
                    people[len(month)] = people.get(len(month), 0) + sample.size
            result = Overlap(
                result.before + (before.size if before else 0),
                result.now + (later.size if later else 0),
                result.both + _both(before, later),
                result.dated,
            )
    mostly = {max(people, key=lambda kind: people[kind]) for people in kinds if people}
    return replace(result, comparable=len(mostly) < 2)


def _sample(contents: Iterable[str], alike: Codes, key: bytes) -> Sample:
    """Keep the smallest hashes of people who are alike by content and numbered within it."""
    digests = b"".join(
        hashlib.blake2b(text.encode(errors="surrogatepass"), key=key, digest_size=8).digest()
        for text in contents
    )
    starts = np.frombuffer(digests, dtype=">u8").astype(np.uint64)
    smallest = np.empty(0, dtype=np.uint64)
    people = int(alike.sum())
    ends = np.cumsum(alike)
    for first in range(0, people, _PIECE):
        person = np.arange(first, min(first + _PIECE, people))
        at = np.searchsorted(ends, person, side="right")
        number = (person - (ends[at] - alike[at])).astype(np.uint64)
        hashes = _mixed(starts[at] + number * _GOLDEN)
        smallest = np.sort(np.concatenate([smallest, hashes]))[:MOST]
    return Sample(people, tuple(smallest.tolist()))


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix 64 bits well (the finaliser of SplitMix64)."""
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def _both(before: Sample | None, now: Sample | None) -> float:
    """Estimate how many people two samples have in common."""
    if before is None or now is None:
        return 0.0
    one, other = set(before.hashes), set(now.hashes)
    whole = before.size == len(one) and now.size == len(other)
    every = sorted(one | other)
    drawn = every if whole else every[:MOST]
    shared = sum(value in one and value in other for value in drawn) / max(len(drawn), 1)
    both = shared * (before.size + now.size) / (1 + shared)
    return min(both, before.size, now.size)


def _is_within(month: str, spans: list[tuple[str, str]]) -> bool:
    if month == NO_MONTH:
        return True
    first, last = month[:7], month[-7:]
    return any(first <= end and start <= last for start, end in spans)


def _date(value: object) -> str:
    """Write a date as YYYY-MM-DD; empty for null."""
    if not isinstance(value, dt.datetime | np.datetime64) or str(value) == "NaT":
        return ""
    return str(value)[:10]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(name: object) -> str:
    return normalise(name) if isinstance(name, str) else ""
