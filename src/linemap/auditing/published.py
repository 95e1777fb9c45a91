"""What was published, as an audit sees it: read, checked number by number, and reported of.

Tables of plain values, the rule, the tree of places; findings, which name numbers of cells and
never their content; and the checks of every number against the rule, or against the flows that
it must follow from, which are written apart from the code that makes a release.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.disclosure import Rule, heading_faults, label_faults, measure_faults
from linemap.errors import DisclosureError
from linemap.windows import count_months

ANYWHERE: Final = "*"
UNPLACED: Final = "?"
FLOWS: Final = "flows"
ACCOUNT: Final = "account"
WHERE_TO: Final = "where_to"
BY_TAG: Final = schema.BY_TAG
NO_PLACE: Final = frozenset({ANYWHERE, UNPLACED})
_UPWARDS: Final = (
    schema.DISTRICT, schema.BOROUGH, schema.COUNTY, schema.FORCE, schema.REGION, schema.NATION,
)  # fmt: skip

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """The rule, as it is stated with what was published."""

    threshold: int
    base: int
    total_base: int
    width: int
    km_base: int
    months: int

    @classmethod
    def of(cls, rule: Rule) -> Terms:
        """Read the terms of a rule."""
        total_base = rule.base if rule.total_base is None else rule.total_base
        return cls(rule.threshold, rule.base, total_base, rule.width, rule.km_base, rule.months)

    def meaning(self, shown: int, *, total: bool = False) -> tuple[int, int]:
        """Say which counts are shown so: at least the threshold, and nearest to the number."""
        base = self.total_base if total else self.base
        low, high = shown - base // 2, shown + (base - 1) // 2
        return (self.threshold if shown - base < self.threshold else low), high

    def is_shown(self, number: int, *, total: bool = False) -> bool:
        """Say whether the rule can have led to a number."""
        base = self.total_base if total else self.base
        return number % base == 0 and number >= self.threshold


@dataclass(frozen=True)
class Published:
    """All that was published: rows of plain values (None for null) by table, in their order.

    `columns` are those of the flows. `rule` is None for what was public already.
    `parents` maps each place to the area around it, `names` to its name, `points`
    to its longitude and latitude.
    """

    rule: Rule | None
    caveats: tuple[str, ...]
    columns: tuple[str, ...]
    tables: Mapping[str, tuple[Row, ...]]
    parents: Mapping[str, str]
    names: Mapping[str, str]
    points: Mapping[str, tuple[float, float]]

    @cached_property
    def terms(self) -> Terms | None:
        """The terms of the rule."""
        return None if self.rule is None else Terms.of(self.rule)

    def upwards(self, node: str) -> Iterator[str]:
        """Yield a place, the area around it, and so on, up to everywhere."""
        yield node
        while node != ANYWHERE:
            node = self.parents.get(node, ANYWHERE)
            yield node

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Name the tags: the columns of the flows that nobody else names."""
        known = {*schema.FLOW_COLUMNS, *schema.RELEASE_COLUMNS}
        return tuple(column for column in self.columns if column not in known)

    def block(self, row: Row) -> Key:
        """Say which measure, window and tags a row is about."""
        columns = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END, *self.tags)
        return tuple(row.get(column) for column in columns)


def node(place_id: str | None, part: str | None) -> str:
    """Name the place of one end of a flow."""
    if place_id is not None:
        return place_id
    return ANYWHERE if part == schema.REST else UNPLACED


def rows_of_frame(frame: pd.DataFrame) -> tuple[Row, ...]:
    """Write a frame's rows as plain values, geometry left out."""
    plain = frame[[column for column in frame.columns if column != schema.GEOMETRY]]
    columns = [str(column) for column in plain.columns]
    values = zip(*(map(_plain, plain[column].tolist()) for column in plain.columns), strict=True)
    return tuple(dict(zip(columns, row, strict=True)) for row in values)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return "; ".join(map(str, value)) or None
    if value is None or value is pd.NA or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    return value if value != "" else None


@dataclass(frozen=True, slots=True)
class Known:
    """The places that are known: the area around each, its name, and its point."""

    parents: dict[str, str]
    names: dict[str, str]
    points: dict[str, tuple[float, float]]


def known_places(*tables: pd.DataFrame) -> Known:
    """Read PLACES frames (index place_id); the first that has a place tells of it."""
    known = Known({}, {}, {})
    wanted = [schema.NAME, schema.LEVEL, schema.LON, schema.LAT, *schema.PARENT_IDS.values()]
    for places in tables:
        rows = pd.DataFrame(places).reindex(columns=wanted).to_dict("index")
        for place_id, row in rows.items():
            if str(place_id) not in known.names:
                known.names[str(place_id)] = str(row[schema.NAME])
                known.parents[str(place_id)] = _parent(row)
                known.points[str(place_id)] = (float(row[schema.LON]), float(row[schema.LAT]))
    return known


def _parent(row: Mapping[Any, Any]) -> str:
    level = row[schema.LEVEL]
    upper: tuple[str, ...] = _UPWARDS
    if level in _UPWARDS:
        upper = _UPWARDS[_UPWARDS.index(level) + 1 :]
    elif level == schema.GROUP:
        upper = (schema.NATION,)
    if level == schema.BOROUGH:
        upper = tuple(over for over in upper if over != schema.COUNTY)
    around = (row.get(schema.PARENT_IDS[over]) for over in upper)
    return next((area for area in around if isinstance(area, str) and area), ANYWHERE)


# ── What an audit found, in words that name numbers of cells and never their content ────────
@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why a release may not leave; `cells` is how many numbers it is about."""

    kind: str
    where: str
    what: str
    cells: int = 1
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        return f"{text.removesuffix('.')}. {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The result of an audit: it passed if nothing was found.

    ``numbers`` is how many published numbers were read, ``bounded`` how many
    hidden ones were bounded from them, ``narrowest`` the width of the
    narrowest of those where that is under twice what the rule asks (else that
    bound), and ``files`` how many files were read. ``notes`` say what was not checked.
    """

    findings: tuple[Finding, ...] = ()
    numbers: int = 0
    bounded: int = 0
    narrowest: float | None = None
    files: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def require(self) -> AuditReport:
        """Return the report itself, or raise a DisclosureError that says all that was found."""
        if self.passed:
            return self
        lines = [f"  {finding}" for finding in self.findings]
        raise DisclosureError("\n".join(["This may not leave the building:", *lines]))

    def __str__(self) -> str:
        if self.passed and self.notes:
            numbers = f"{self.numbers:,} numbers in {self.files} files"
            return "\n".join([*self.notes, f"{numbers} are as the manifest lists them."])
        if self.passed:
            return (
                f"Passed: {self.numbers:,} published numbers in {self.files} files; "
                f"{self.bounded:,} hidden numbers bounded."
            )
        return "\n".join(f"{finding.kind}: {finding}" for finding in self.findings)


def gather(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings that say the same of the same place together, adding up their cells."""
    found: dict[tuple[str, str, str, str], int] = {}
    for finding in findings:
        key = (finding.kind, finding.where, finding.what, finding.hint)
        found[key] = found.get(key, 0) + finding.cells
    return tuple(
        Finding(kind, where, what, cells, hint)
        for (kind, where, what, hint), cells in sorted(found.items())
    )


# ── Check every number of every table, by the rule or by the flows that it must follow from ──
# A check of its own: this list is written out, not taken from the code that writes.
LABELS: Final = (
    schema.ORIGIN_ID,
    schema.ORIGIN_NAME,
    schema.DESTINATION_ID,
    schema.DESTINATION_NAME,
    schema.MEASURE,
    schema.DESTINATION_LEVEL,
    schema.PERIOD_START,
    schema.PERIOD_END,
    schema.REASON,
)
COUNTS: Final = ("n", "n_unplaced")
TALLIES: Final = ("n_flows", "n_flows_unplaced", "n_destinations", "n_forces")
OF_STATEMENTS: Final = (
    "n_named",
    "n_mentioned",
    "areas_reached",
    "n_external_open",
    "furthest_id",
    "furthest_name",
    "furthest_km",
    "furthest_low_km",
    "furthest_high_km",
)
DISTANCE: Final = re.compile(r"(mean|median|p\d\d)(_low|_high)?_km")
BEYOND: Final = re.compile(r"share_beyond_([\d.]+)(_low|_high)?_km")
EXTERNAL: Final = re.compile(r"share_external(_low|_high)?")
BAND: Final = (
    "band",
    "from_km",
    "to_km",
    "n",
    "n_low",
    "n_high",
    "share",
    "share_low",
    "share_high",
    "n_named",
    "n_unplaced",
)
OF_ACCOUNT: Final = (
    schema.MEASURE,
    "shown_as",
    "flows",
    "count_shown",
    "share_of_shown",
    "basis",
)
FAR_ENDS: Final = (
    "furthest_id",
    "furthest_name",
    schema.LEVEL,
    "furthest_km",
    "furthest_low_km",
    "furthest_high_km",
    "n",
    "n_named",
)
REACH: Final = ("origins", "destinations", "whole")
TABLES: Final = ("flows", "where_to", *REACH, "bands", "far_ends", "account", BY_TAG)
OF_TAG: Final = (
    schema.MEASURE,
    schema.PERIOD_START,
    schema.PERIOD_END,
    schema.TAG_HEADING,
    schema.TAG_VALUE,
    schema.COUNT,
)
STAMP: Final = "basis"  # the column that stamps every row of a written table


def is_known(table: str, column: str, tags: tuple[str, ...]) -> bool:
    """Say whether a table may have a column."""
    if table in ("flows", "where_to"):
        return column in (*schema.FLOW_COLUMNS, *schema.RELEASE_COLUMNS, *tags, STAMP)
    if table == "account":
        return column in OF_ACCOUNT
    if table == BY_TAG:
        return column in (*OF_TAG, *tags, STAMP)
    if column in (*LABELS, *tags, STAMP):
        return True
    if table == "bands":
        return column in BAND
    if table == "far_ends":
        return column in FAR_ENDS
    return column in (*COUNTS, *TALLIES, *OF_STATEMENTS) or any(
        pattern.fullmatch(column) for pattern in (DISTANCE, BEYOND, EXTERNAL)
    )


_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_WHOLE_NUMBERS: Final = frozenset((schema.COUNT, *COUNTS))
_NUMBERS: Final = frozenset(
    (
        schema.DISTANCE_KM,
        schema.DISTANCE_LOW_KM,
        schema.DISTANCE_P05_KM,
        schema.DISTANCE_P95_KM,
        schema.DISTANCE_HIGH_KM,
        schema.BEARING_DEG,
        "mean_km",
        *schema.MODEL_COLUMNS,
    )
)
_REQUIRED: Final = {
    "flows": frozenset(schema.FLOW_COLUMNS) - {schema.GEOMETRY},
    "origins": frozenset({schema.ORIGIN_ID, schema.MEASURE, "n"}),
    "destinations": frozenset({schema.DESTINATION_ID, schema.MEASURE, "n"}),
    "whole": frozenset({schema.MEASURE, "n", "n_unplaced"}),
    BY_TAG: frozenset(OF_TAG),
}


def misfits(table: str, columns: Collection[str], rows: Iterable[Row]) -> str | None:
    """Say why a table cannot be one of a release: a column is missing, or a value is of no use.

    None where a release can be made again of it. Only what that needs is looked at;
    whatever else a table holds is then compared with what was made.
    """
    missing = _REQUIRED.get(table, frozenset()) - set(columns)
    if missing:
        return f"a table without the column {min(missing)}"
    if table not in _REQUIRED:
        return None
    for row in rows:
        for column, value in row.items():
            if value is not None and not _fits(table, column, value):
                return "values of another kind than their column's"
        if table == FLOWS and row[schema.MEASURE] is None:
            return "flows without a measure"
        if table == BY_TAG and None in (row[schema.TAG_HEADING], row[schema.COUNT]):
            return "numbers of no tag, or none"
    return None


def _fits(table: str, column: str, value: object) -> bool:
    if column in _WHOLE_NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if column in _NUMBERS:
        return isinstance(value, int | float)
    if column in (schema.PERIOD_START, schema.PERIOD_END):
        return isinstance(value, str) and _MONTH.fullmatch(value) is not None
    if table in (FLOWS, BY_TAG) or column in LABELS:
        return column == schema.EXTERNAL or isinstance(value, str)
    return True


_NEAR: Final = 1e-4
_STEP: Final = 0.05
_OWN_WORDS: Final = (
    schema.QUALIFIER,
    schema.SOURCE,
    schema.PUBLISHED,
    schema.URL,
    schema.NOTE,
)
_NO_NAME: Final = ("elsewhere or not stated", "not stated or not found")
_ALL_ORIGINS: Final = "all origins"
_COARSEN: Final = "Use larger areas, longer windows or fewer tags."


def check_tables(published: Published) -> Iterator[Finding]:
    """Yield what is wrong with the tables of a release, cell by cell."""
    tags = published.tags
    for name, rows in published.tables.items():
        if name not in TABLES:
            yield Finding("unknown", name, "a table that no release has", len(rows) or 1)
            continue
        columns = list(rows[0]) if rows else []
        strange = [column for column in columns if not is_known(name, column, tags)]
        if strange:
            yield Finding("unknown", name, "columns that no release has", len(strange))
    for tag in tags:
        numbers = sum(isinstance(row[tag], int | float) for row in published.tables[FLOWS])
        if numbers:
            yield Finding(
                "unknown", FLOWS, "numbers in a column that linemap does not know", numbers
            )
    if published.terms is not None:
        yield from _labels(published)
        for name in (FLOWS, WHERE_TO):
            yield from _flows(published, published.terms, name)
        for name in REACH:
            yield from _reach(published, published.terms, name)
        yield from _bands(published)
        yield from _by_tag(published, published.terms)
        yield from _account(published)


def _labels(published: Published) -> Iterator[Finding]:
    """Check that no tag, heading or measure holds a number: it may be an unprotected count."""
    values: dict[str, set[str | None]] = {}
    for row in published.tables.get(BY_TAG, ()):
        values.setdefault(row[schema.TAG_HEADING], set()).add(row[schema.TAG_VALUE])
    headings = len(heading_faults([*published.tags, *values]))
    if headings:
        yield Finding(
            "content",
            FLOWS,
            "numbers in the headings of tags, which may be counts",
            headings,
            "Give the column a heading without a number, and protect the flows again.",
        )
    for name, rows in published.tables.items():
        faults = len(measure_faults({row.get(schema.MEASURE) for row in rows}))
        for tag in published.tags:
            faults += len(label_faults(tag, {row.get(tag) for row in rows}))
        if name == BY_TAG:
            faults += sum(len(label_faults(tag, found)) for tag, found in values.items())
        if faults:
            yield Finding(
                "content",
                name,
                "numbers in tags or measures, which may be counts",
                faults,
                "Take the column out, or keep ages as bands.",
            )


def _flows(published: Published, terms: Terms, name: str) -> Iterator[Finding]:
    rows = published.tables.get(name, ())
    yield from _count(
        rows,
        lambda row: not _is_shown(row[schema.COUNT], terms),
        "rule",
        name,
        "counts that the rule does not show",
        "Protect the flows again.",
    )
    yield from _count(
        rows,
        lambda row: any(row.get(column) is not None for column in _OWN_WORDS),
        "content",
        name,
        "rows that carry words of the records",
    )
    yield from _count(
        rows,
        lambda row: not _is_named(row, published, name),
        "content",
        name,
        "ends with a name that the gazetteer does not give",
    )
    yield from _count(
        rows,
        lambda row: row[schema.INPUT] != schema.RECORDS,
        "unknown",
        name,
        "rows that are not of records",
    )
    yield from _count(
        rows,
        lambda row: _months(row) < terms.months,
        "rule",
        name,
        "windows that are too short",
        "Build the flows by quarter or year.",
    )
    seen: set[Any] = set()
    twice = 0
    for row in rows:
        ends = tuple(
            node(row[place], row.get(part))
            for place, part in (
                (schema.ORIGIN_ID, schema.ORIGIN_COVERAGE),
                (schema.DESTINATION_ID, schema.DESTINATION_COVERAGE),
            )
        )
        cell = (published.block(row), ends)
        twice += cell in seen
        seen.add(cell)
    if twice:
        yield Finding("rule", name, "cells that are stated more than once", twice)


def _is_shown(count: Any, terms: Terms) -> bool:
    return isinstance(count, int) and terms.is_shown(count)


def _is_named(row: Row, published: Published, table: str) -> bool:
    if table == WHERE_TO:
        if row[schema.ORIGIN_ID] is not None or row[schema.ORIGIN_NAME] != _ALL_ORIGINS:
            return False
        row = row | {schema.ORIGIN_NAME: _NO_NAME[0]}
    for place, name in (
        (schema.ORIGIN_ID, schema.ORIGIN_NAME),
        (schema.DESTINATION_ID, schema.DESTINATION_NAME),
    ):
        known_as = published.names.get(row[place]) if row[place] is not None else None
        allowed = (known_as, f"rest of {known_as}") if known_as is not None else _NO_NAME
        if (row[place] is not None and known_as is None) or row[name] not in allowed:
            return False
    return True


def _months(row: Row) -> float:
    start, end = row[schema.PERIOD_START], row[schema.PERIOD_END]
    if start is None and end is None:
        return float("inf")
    return count_months(start, end) or 0


def _reach(published: Published, terms: Terms, table: str) -> Iterator[Finding]:
    """Check totals against the rule, and statistics against the flows that are shown."""
    place = {"origins": schema.ORIGIN_ID, "destinations": schema.DESTINATION_ID}.get(table)
    wrong: dict[str, int] = {}
    groups = _grouped(published, place)
    for row in published.tables.get(table, ()):
        flows = _Flows(groups.get((published.block(row), row[place] if place else None), []))
        for column, value in row.items():
            if value is not None:
                problem = _wrong(column, value, table, flows, terms)
                if problem:
                    wrong[problem] = wrong.get(problem, 0) + 1
    for problem, cells in wrong.items():
        yield Finding("rule", table, problem, cells, _COARSEN)


def _grouped(published: Published, place: str | None) -> dict[Any, list[Row]]:
    """Put the flows together by block and, if asked, by one of their ends."""
    groups: dict[Any, list[Row]] = {}
    for flow in published.tables[FLOWS]:
        groups.setdefault((published.block(flow), flow[place] if place else None), []).append(flow)
    return groups


class _Flows:
    """The flows that the statistics of a row are of, and their distances in order."""

    def __init__(self, every: list[Row]) -> None:
        self.every = every
        self.placed = [f for f in every if f[schema.ORIGIN_ID] and f[schema.DESTINATION_ID]]
        self.shown = [f for f in self.placed if (f[schema.COUNT] or 0) > 0]
        self._by: dict[str, list[tuple[float, int]]] = {}

    def by(self, km: str) -> list[tuple[float, int]]:
        """Give each distance with its count, the least first; each order is found once."""
        if km not in self._by:
            self._by[km] = sorted((f[km], f[schema.COUNT]) for f in self.shown)
        return self._by[km]


def _wrong(column: str, value: Any, table: str, flows: _Flows, terms: Terms) -> str | None:
    if column == "n" or (column == "n_unplaced" and table == "whole"):
        total = column == "n" and table == "whole"
        fits = isinstance(value, int) and terms.is_shown(value, total=total)
        return None if fits else "totals that the rule does not show"
    if column == "n_unplaced":
        lost = _sum(flows.every) - _sum(flows.placed)
        return None if value == lost else "counts that do not follow from the flows"
    if column in TALLIES:
        tally = _tally(column, flows.every, flows.placed)
        return (
            None
            if value == tally or (tally is None and value <= len(flows.placed))
            else ("tallies that do not follow from the flows")
        )
    if column in OF_STATEMENTS:
        return "minima, maxima or counts that records do not get"
    return _statistic(column, value, flows, terms)


def _tally(column: str, flows: list[Row], placed: list[Row]) -> int | None:
    if column == "n_flows":
        return len(flows)
    if column == "n_flows_unplaced":
        return len(flows) - len(placed)
    if column == "n_destinations":
        return len({f[schema.DESTINATION_ID] for f in placed})
    return None


def _statistic(column: str, value: Any, flows: _Flows, terms: Terms) -> str | None:
    """Check a statistic of distance or a share: its rounding, and that the flows shown give it."""
    distance, beyond, external = (
        pattern.fullmatch(column) for pattern in (DISTANCE, BEYOND, EXTERNAL)
    )
    if not (distance or beyond or external):
        return None  # a label, or a column that was reported as strange
    step = float(terms.km_base) if distance else _STEP
    if abs(value / step - round(value / step)) > _NEAR:
        return "statistics given more finely than the rule allows"
    if not flows.shown:
        return "statistics of nothing that is shown"
    if external:
        found = _external(flows.shown, external[1])
    else:
        match = distance or beyond
        assert match is not None  # noqa: S101 - one of the two matched, for the type checker
        km = {"_low": schema.DISTANCE_LOW_KM, "_high": schema.DISTANCE_HIGH_KM}.get(
            match[2] or "", schema.DISTANCE_KM
        )
        if distance and column == "mean_km":
            return None  # a constraint: see linemap.auditing.linear_attack
        pairs = flows.by(km)
        found = _of_distance(match[1], pairs) if distance else _beyond(float(match[1]), pairs)
    if found is None or abs(found - value) > step / 2 + _NEAR:
        return "statistics that are not of the flows that are shown"
    return None


def _of_distance(name: str, pairs: list[tuple[float, int]]) -> float:
    whole = sum(count for _, count in pairs)
    if name == "mean":
        return sum(km * count for km, count in pairs) / whole
    share = 0.5 if name == "median" else int(name[1:]) / 100
    reached = 0
    for at, (km, count) in enumerate(pairs):
        reached += count
        if abs(reached - share * whole) < 1e-9:
            return (km + pairs[min(at + 1, len(pairs) - 1)][0]) / 2
        if reached > share * whole:
            return km
    return pairs[-1][0]


def _beyond(limit: float, pairs: list[tuple[float, int]]) -> float:
    return sum(count for km, count in pairs if km > limit) / sum(count for _, count in pairs)


def _external(placed: list[Row], side: str | None) -> float | None:
    totals = dict.fromkeys((True, False, None), 0)
    for flow in placed:
        totals[flow[schema.EXTERNAL]] += flow[schema.COUNT]
    yes, no, unsure = totals[True], totals[False], totals[None]
    if side is None:
        return yes / (yes + no) if yes + no else None
    return (yes + (unsure if side == "_high" else 0)) / (yes + no + unsure)


def _bands(published: Published) -> Iterator[Finding]:
    """Check that bands are of the flows that are shown."""
    wrong = 0
    groups = _grouped(published, schema.ORIGIN_ID)
    for row in published.tables.get("bands", ()):
        flows = groups.get((published.block(row), row[schema.ORIGIN_ID]), [])
        placed = [f for f in flows if f[schema.DESTINATION_ID]]
        low, high = row["from_km"], row["to_km"] if row["to_km"] is not None else float("inf")
        middle = [f for f in placed if low <= f[schema.DISTANCE_KM] < high]
        possible = [
            f
            for f in placed
            if f[schema.DISTANCE_LOW_KM] < high and f[schema.DISTANCE_HIGH_KM] >= low
        ]
        certain = [
            f
            for f in possible
            if f[schema.DISTANCE_LOW_KM] >= low and f[schema.DISTANCE_HIGH_KM] < high
        ]
        whole = _sum(placed)
        for suffix, part in (("", middle), ("_low", certain), ("_high", possible)):
            wrong += row.get(f"n{suffix}") not in (None, _sum(part))
            share = row.get(f"share{suffix}")
            wrong += share is not None and (
                not whole or abs(share - _sum(part) / whole) > _STEP / 2 + _NEAR
            )
        lost = _sum([f for f in flows if not f[schema.DESTINATION_ID]])
        wrong += row.get("n_unplaced") not in (None, lost)
        wrong += row.get("n_named") is not None
    if wrong:
        yield Finding("rule", "bands", "numbers that are not of the flows that are shown", wrong)


def _by_tag(published: Published, terms: Terms) -> Iterator[Finding]:
    """Check the numbers by tag against the rule; a tag has two values or more in a window."""
    rows = published.tables.get(BY_TAG, ())
    yield from _count(
        rows,
        lambda row: not terms.is_shown(row[schema.COUNT], total=True),
        "rule",
        BY_TAG,
        "counts that the rule does not show",
        "Protect the flows again.",
    )
    groups: dict[Any, list[str | None]] = {}
    for row in rows:
        groups.setdefault((published.block(row), row[schema.TAG_HEADING]), []).append(
            row[schema.TAG_VALUE]
        )
    twice = sum(len(found) - len(set(found)) for found in groups.values())
    if twice:
        yield Finding("rule", BY_TAG, "values that are stated more than once", twice)
    single = sum(len(found) == 1 for found in groups.values())
    if single:
        yield Finding("rule", BY_TAG, "tags of which one value alone is shown", single)


def _sum(flows: Iterable[Row]) -> int:
    return sum(flow[schema.COUNT] or 0 for flow in flows)


def _account(published: Published) -> Iterator[Finding]:
    """Check that the account follows from the flows that are shown."""
    wrong = 0
    for row in published.tables.get("account", ()):
        measure = row[schema.MEASURE]
        every = [f for f in published.tables[FLOWS] if f[schema.MEASURE] == measure]
        flows = [f for f in every if _shown_as(f) == row["shown_as"]]
        share = _sum(flows) / max(_sum(every), 1)
        wrong += row["flows"] != len(flows)
        wrong += row["count_shown"] != _sum(flows)
        wrong += abs(row["share_of_shown"] - share) > _STEP / 2 + _NEAR
    if wrong:
        yield Finding("rule", "account", "numbers that do not follow from the release", wrong)


def _shown_as(flow: Row) -> str:
    if flow[schema.DESTINATION_LEVEL] is not None:
        return str(flow[schema.DESTINATION_LEVEL])
    return (
        "elsewhere or not stated"
        if flow[schema.DESTINATION_COVERAGE] == schema.REST
        else "not stated"
    )


def _count(
    rows: Iterable[Row],
    is_wrong: Callable[[Row], bool],
    kind: str,
    where: str,
    what: str,
    hint: str = "",
) -> Iterator[Finding]:
    wrong = sum(bool(is_wrong(row)) for row in rows)
    if wrong:
        yield Finding(kind, where, what, wrong, hint)
