"""What was published, as an audit sees it, and what an audit reports of it.

Tables of plain values, the rule, the tree of places; findings, which name numbers of cells and
never their content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.disclosure import Rule
from linemap.errors import DisclosureError

ANYWHERE: Final = "*"
UNPLACED: Final = "?"
FLOWS: Final = "flows"
ACCOUNT: Final = "account"
WHERE_TO: Final = "where_to"
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


def rows(frame: pd.DataFrame) -> tuple[Row, ...]:
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
        return f"{text} {self.hint}" if self.hint else text


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
