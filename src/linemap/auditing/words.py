"""Numbers in running text and on drawings: which of them a reader has been told already."""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from linemap import schema
from linemap.auditing.published import FLOWS, Published, Row

_NUMBER: Final = re.compile(r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?)\s*(%|per cent|km|°|px|th|st|nd|rd)?")
_SCALE: Final = re.compile(r"[1235]0*|0")  # what a legend or an axis may say on its own
_FIXED: Final = (
    "95% sampling band", "5th and at the 95th percentile", "95% interval",
    "beyond the first 4 sets", "concentration 0 to 1", "Ranks by count, 1 the largest",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What has been told already: counts, tallies, distances, shares, and whole sentences.

    ``degrees`` are mean directions, ``hundredths`` their concentrations.
    """

    counts: frozenset[int]
    tallies: frozenset[int]
    km: frozenset[int]
    shares: frozenset[int]
    sentences: tuple[str, ...]
    years: frozenset[int] = field(default_factory=frozenset)
    degrees: frozenset[int] = field(default_factory=frozenset)
    hundredths: frozenset[int] = field(default_factory=frozenset)

    def unknown(self, text: str) -> int:
        """Count the numbers of a text that nothing else in the release tells."""
        plain = re.sub(r"\s+", " ", text)
        for sentence in self.sentences:
            plain = plain.replace(sentence, " ")
        return sum(not self._is_known(*match.groups()) for match in _NUMBER.finditer(plain))

    def _is_known(self, number: str, unit: str | None) -> bool:
        digits = number.replace(",", "")
        value = float(digits)
        if unit == "km":
            return round(value) in self.km
        if unit in ("%", "per cent"):
            return round(value) in self.shares
        if unit == "°":
            return round(value) % 360 in self.degrees
        if re.fullmatch(r"[01]\.\d\d", digits):
            return round(100 * value) in self.hundredths
        whole = int(value) if value.is_integer() else None
        return whole is not None and (
            whole in self.counts or whole in self.tallies or whole in self.years
            or (whole in self.km and whole > 0)
        )  # fmt: skip


def told(published: Published, sentences: Iterable[str]) -> Told:
    """Collect what the tables of a release tell, and what follows from that alone.

    Sums of the flows that are shown, over any one origin, destination, measure,
    window or set of tags, and over stretches of distance, follow; so do their shares.
    """
    flows = [flow for flow in published.tables[FLOWS] if flow[schema.COUNT] is not None]
    counts = {int(flow[schema.COUNT]) for flow in flows}
    tallies = {len(flows), len(published.tables[FLOWS])}
    shares = {0, 100}
    degrees: set[int] = set()
    hundredths: set[int] = set()
    km = {round(edge) for edge in (0, 25, 50, 100, 150, 200, 250, 300, 350, 400, 500, 600, 800)}
    for group in _groups(flows, published):
        placed = [f for f in group if f[schema.ORIGIN_ID] and f[schema.DESTINATION_ID]]
        counts |= {_sum(group), _sum(placed), _sum(group) - _sum(placed)}
        known = round(100 * _sum(placed) / max(_sum(group), 1))
        shares |= {known, 100 - known}
        tallies |= {len(group), len(placed), max(len(placed) - 8, 0), max(len(group) - 8, 0)}
        for column in (schema.ORIGIN_ID, schema.DESTINATION_ID):
            tallies |= {len({f[column] for f in part if f[column]}) for part in (group, placed)}
        _stretches(placed, counts, shares, km)
        km |= _means(placed)
        direction, concentration = _direction(placed)
        degrees |= direction
        hundredths |= concentration
    for name, rows in published.tables.items():
        tallies.add(len(rows))
        for row in rows:
            counts |= {v for v in row.values() if isinstance(v, int) and not isinstance(v, bool)}
            for column, value in row.items():
                if value is not None and (column.endswith("_km") and "share" not in column):
                    km |= {round(value), int(value)}
                elif isinstance(value, float) and "share" in column and name != FLOWS:
                    shares.add(round(100 * value))
    return Told(
        frozenset(counts - {0}), frozenset(tallies), frozenset(km), frozenset(shares),
        tuple(sorted({*_FIXED, *_windows(flows), *sentences}, key=len, reverse=True)),
        frozenset(_years(flows)), frozenset(degrees), frozenset(hundredths),
    )  # fmt: skip


def _groups(flows: list[Row], published: Published) -> Iterator[list[Row]]:
    measure, origin, destination = schema.MEASURE, schema.ORIGIN_ID, schema.DESTINATION_ID
    keys: tuple[Callable[[Row], Any], ...] = (
        lambda f: (),
        published.block,
        lambda f: f[measure],
        lambda f: f[origin],
        lambda f: f[destination],
        lambda f: f[schema.DESTINATION_LEVEL],
        lambda f: (f[schema.PERIOD_START], f[schema.PERIOD_END]),
        lambda f: (published.block(f), f[origin]),
        lambda f: (published.block(f), f[destination]),
        lambda f: (f[measure], f[origin]),
        lambda f: (f[measure], f[destination]),
        # an area, and the rest of it, stand apart
        lambda f: (f[measure], f[destination], f.get(schema.PART)),
        lambda f: (f[measure], f[origin], f.get(schema.ORIGIN_PART)),
        lambda f: (published.block(f), f[destination], f.get(schema.PART)),
        lambda f: (published.block(f), f[origin], f.get(schema.ORIGIN_PART)),
    )
    for key in keys:
        groups: dict[Any, list[Row]] = {}
        for flow in flows:
            groups.setdefault(key(flow), []).append(flow)
        yield from groups.values()


def _stretches(placed: list[Row], counts: set[int], shares: set[int], km: set[int]) -> None:
    """Add the sums and shares of flows that follow each other in distance, and the quantiles."""
    ordered = sorted((f[schema.DISTANCE_KM], int(f[schema.COUNT])) for f in placed)
    whole = sum(count for _, count in ordered)
    reached = [0]
    for _, count in ordered:
        reached.append(reached[-1] + count)
    for at, (distance, _) in enumerate(ordered):
        if reached[at] < whole / 2 <= reached[at + 1]:
            km.add(round(distance))
    ends = range(len(reached)) if len(reached) <= _LONG else (0, len(reached) - 1)
    for start in ends:
        for stop in range(start + 1, len(reached)):
            part = reached[stop] - reached[start]
            counts.add(part)
            shares.add(round(100 * part / whole))


def _means(placed: list[Row]) -> set[int]:
    """Return the mean distance of flows that are shown, weighted by their counts, and its range."""
    whole = _sum(placed)
    columns = (schema.DISTANCE_KM, schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM)
    return {
        round(sum(flow[column] * int(flow[schema.COUNT]) for flow in placed) / whole)
        for column in columns
        if whole and all(flow[column] is not None for flow in placed)
    }


def _direction(placed: list[Row]) -> tuple[set[int], set[int]]:
    """Return the mean direction in degrees and its concentration in hundredths, if there is one."""
    there = [flow for flow in placed if flow[schema.BEARING_DEG] is not None]
    whole = _sum(there)
    if not whole:
        return set(), set()
    turns = (
        int(flow[schema.COUNT]) * cmath.rect(1, math.radians(flow[schema.BEARING_DEG]))
        for flow in there
    )
    mean = sum(turns, 0j) / whole
    return {round(math.degrees(cmath.phase(mean))) % 360}, {round(100 * abs(mean))}


_LONG: Final = 40  # stretches of more flows than that begin or end at an end


def _windows(flows: Iterable[Row]) -> Iterator[str]:
    for flow in flows:
        yield from (w for w in (flow[schema.PERIOD_START], flow[schema.PERIOD_END]) if w)


def _years(flows: Iterable[Row]) -> Iterator[int]:
    for window in _windows(flows):
        yield int(str(window)[:4])


def _sum(flows: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(flow[schema.COUNT]) for flow in flows)


def is_scale(text: str) -> bool:
    """Say whether a text is what a legend or an axis says: a round number alone."""
    plain = text.strip().removesuffix("%").removesuffix("km").strip().replace(",", "")
    return _SCALE.fullmatch(plain) is not None


def is_even(texts: list[str]) -> bool:
    """Say whether texts are the numbers of an axis: from zero on, in equal and round steps.

    >>> is_even(["0", "25", "50", "75 km"]), is_even(["0", "13", "26"]), is_even(["0", "25", "60"])
    (True, False, False)
    """
    plain = [text.removesuffix("%").removesuffix("km").strip().replace(",", "") for text in texts]
    if len(plain) < 3 or not all(re.fullmatch(r"\d+", text) for text in plain):
        return False
    values = [int(text) for text in plain]
    step = values[1]
    return values == [step * at for at in range(len(values))] and (
        re.fullmatch(r"(1|2|25|5)0*", str(step)) is not None
    )
