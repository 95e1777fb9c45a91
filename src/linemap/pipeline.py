"""The analysis, told in order: a table comes in, a release goes out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.audit import audit
from linemap.disclosure import PRESETS, Ledger, Release, Rule, as_published, protect
from linemap.disclosure.counting import block_columns
from linemap.errors import DisclosureError, InputError, InputNotFoundError
from linemap.flows import Period, build_flows
from linemap.gazetteer import Gazetteer
from linemap.geocode import geocode, read_aliases, review_table
from linemap.records import Kind, Reading, read
from linemap.report import (
    Drawing,
    Private,
    prepare_private,
    private_folder,
    safe_file_name,
    write_private_table,
    write_release,
)

Tell = Callable[[str], None]
MAP: Final = "map.html"
REVIEW: Final = "review"
LEDGERS: Final = "linemap-private"
MOST_ORIGINS: Final = 8  # that a summary names


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made, where it lies, and what to say of it in a few lines."""

    folder: Path
    private: Path
    release: Release
    summary: tuple[str, ...]

    @property
    def map(self) -> Path:
        """The map's file."""
        return self.folder / MAP


def build(
    source: object,
    *,
    out: str | Path,
    statements: bool = False,
    title: str | None = None,
    rule: Rule | None = None,
    period: Period | None = None,
    columns: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    sheet: str | int | None = None,
    encoding: str | None = None,
    measure: str | None = None,
    aliases: str | Path | None = None,
    gazetteer: Gazetteer | None = None,
    allow_refused: bool = False,
    series: str | None = None,
    tell: Tell = lambda step: None,
) -> Built:
    """Read a table, place it, count it, protect it, draw it, audit it, and write it.

    `source` is a path or a frame of records, or of published `statements`.
    Records leave through :func:`linemap.protect` under `rule`, statements as
    they were printed. The folder `out` is replaced whole or not at all; what
    is for the analyst alone goes to the folder beside it whose name ends in
    ``-private``. `period` splits records by quarter or year. Releases of records
    that belong to one `series` (the table's name, unless it is given) repeat
    each other's numbers, so that two of them tell no more than one. `tell` is
    told each step.

    Raises
    ------
    InputError
        If the table cannot be used; all its faults are listed.
    DisclosureError
        If the release would tell more than its rule allows; nothing is written.
    OutputError
        If the folder cannot be written, or holds files of somebody else.
    """
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    gazetteer = gazetteer or Gazetteer.load()
    name = Path(source).name if isinstance(source, str | Path) else "the frame"

    tell(f"Reading {name}")
    reading = read(
        source, kind, columns=columns, tags=tags, sheet=sheet, encoding=encoding,
        allow_refused=allow_refused, measure=measure,
    )  # fmt: skip
    decisions = read_aliases(aliases) if aliases is not None else None

    tell(f"Finding the places of {len(reading.frame):,} rows")
    flows = build_flows(reading.frame, gazetteer=gazetteer, aliases=decisions, period=period)
    matches = _matches(reading.frame, gazetteer, decisions)

    tell("Deciding what may leave")
    books = None if statements else _Books.of(Path(out), series or _stem(source), told=bool(series))
    release = (
        as_published(flows, gazetteer=gazetteer)
        if books is None
        else protect(flows, rule=rule, gazetteer=gazetteer, ledger=books.ledger)
    )
    if books is not None:
        books.require_told(release)

    tell("Drawing, auditing and writing")
    title = title or _title(statements=statements)
    inputs = _hashes(source, aliases)
    written = write_release(
        release,
        out,
        title=title,
        drawings=_drawings(release, title, gazetteer),
        settings=_settings(kind, period, rule, tags, allow_refused, decisions),
        inputs=inputs,
        sources=gazetteer.sources,
        private=_private(reading, flows, matches, inputs),
        approve=lambda folder: _approve(folder, release, books),
    )
    folder = written.folder
    return Built(
        folder=folder,
        private=written.private or private_folder(folder),
        release=release,
        summary=_summary(reading, flows, release),
    )


def rule_named(name: str, *, threshold: int | None = None, base: int | None = None) -> Rule:
    """Return a preset rule, changed where its owner says so.

    Raises
    ------
    InputError
        For a name that is no preset's, or for a rule that cannot protect.
    """
    if name not in PRESETS:
        raise InputError(f"No rule is called {name!r}; there are {', '.join(PRESETS)}.")
    rule = PRESETS[name]
    if threshold is None and base is None:
        return rule
    threshold = rule.threshold if threshold is None else threshold
    base = rule.base if base is None else base
    return replace(
        rule, threshold=threshold, base=base, name=f"the data owner's rule, {threshold}-{base}",
        source="the data's owner",
    )  # fmt: skip


def look_up(
    names: Sequence[str],
    *,
    level: str | None = None,
    within: str | None = None,
    aliases: str | Path | None = None,
) -> pd.DataFrame:
    """Geocode names as they were typed; one MATCHES row a name, in their order."""
    if level is not None and schema.LEVEL_WORDS.get(level.casefold()) is None:
        raise InputError(f"No level is called {level!r}; there are {', '.join(schema.LEVELS)}.")
    decisions = read_aliases(aliases) if aliases is not None else None
    levels = schema.LEVEL_WORDS[level.casefold()] if level is not None else None
    return geocode(list(names), levels=levels, within=within, aliases=decisions)


def look_up_table(
    source: object, *, statements: bool = False, aliases: str | Path | None = None
) -> pd.DataFrame:
    """Geocode both ends of a table: one MATCHES row a distinct question, with its ``count``."""
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    decisions = read_aliases(aliases) if aliases is not None else None
    return _matches(read(source, kind).frame, Gazetteer.load(), decisions)


def write_review(matches: pd.DataFrame, *, out: str | Path) -> Path:
    """Write what needs a human eye to the private folder of the release `out`; return its path."""
    table = review_table(matches, counts=matches[schema.COUNT])
    return write_private_table(private_folder(Path(out)), REVIEW, table)


def audit_folder(folder: str | Path, *, tell: Tell = lambda step: None) -> Any:
    """Audit a release that was written, as an outsider would."""
    if not Path(folder).is_dir():
        raise InputNotFoundError(f"There is no folder {str(folder)!r}.")
    tell("Auditing")
    return audit(Path(folder))


def _approve(folder: Path, release: Release, books: _Books | None) -> None:
    """Let a finished folder out if it withstands the audit, and enter it in the ledger first.

    A release that is entered and then not put in place does no harm: what it
    shows is repeated. One that is put in place and not entered could be
    subtracted from the next.
    """
    report = audit(folder)
    if not report.passed:
        raise DisclosureError(f"The release was not written: {report}")
    if books is not None:
        books.enter(release)


@dataclass(frozen=True, slots=True)
class _Books:
    """The ledger of a series of releases, in a private folder beside them."""

    path: Path
    ledger: Ledger
    told: bool  # the caller named the series

    @classmethod
    def of(cls, out: Path, series: str, *, told: bool) -> _Books:
        path = out.absolute().parent / LEDGERS / safe_file_name(series, ".json")
        return cls(path, Ledger.read(path), told)

    def require_told(self, release: Release) -> None:
        """Refuse a release that may count the records of another series, unless it was named."""
        if self.told:
            return
        columns = block_columns(release.flows)
        for other in sorted(self.path.parent.glob("*.json")):
            if other != self.path and Ledger.read(other).overlaps(columns, release.covered):
                raise DisclosureError(
                    f"A release called {other.stem!r} beside this one counts the same measure "
                    "over the same time. If both count the same records they must agree: build "
                    f"with --series {other.stem}. If they count others, say so with a name of "
                    f"their own: --series {self.path.stem}."
                )

    def enter(self, release: Release) -> None:
        """Write the ledger with the release in it."""
        prepare_private(self.path.parent)
        self.ledger.with_release(release).write(self.path)


def _matches(
    frame: pd.DataFrame, gazetteer: Gazetteer, decisions: pd.DataFrame | None
) -> pd.DataFrame:
    """Ask each distinct question of both ends once; tell how many rows ask it."""
    ends = (
        (schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN),
        (schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN),
    )
    keys = [schema.QUERY, schema.LEVEL, "within"]
    asked = pd.concat([frame[list(end)].set_axis(keys, axis=1) for end in ends])
    asked = asked[asked[schema.QUERY].notna()]
    rows = asked.groupby(keys, dropna=False, sort=True).size().rename(schema.COUNT).reset_index()
    plain = rows.astype(object).where(rows.notna(), None)
    matches = geocode(
        plain[schema.QUERY],
        levels=plain[schema.LEVEL],
        within=plain["within"],
        gazetteer=gazetteer,
        aliases=decisions,
    )
    return matches.assign(**{schema.COUNT: rows[schema.COUNT]})


def _drawings(release: Release, title: str, gazetteer: Gazetteer) -> dict[str, Drawing]:
    # The drawing libraries are slow to load, and only a build draws.
    from linemap import figures, maps

    chart = maps.flow_map(release, title=title, gazetteer=gazetteer)
    return {
        MAP: lambda path: maps.save_map(chart, path),
        **{
            f"figures/{name}.{form}": content
            for name, figure in figures.release_figures(release, gazetteer=gazetteer)
            for form, content in figures.figure_bytes(figure).items()
        },
    }


def _private(
    reading: Reading, flows: gpd.GeoDataFrame, matches: pd.DataFrame, inputs: Mapping[str, str]
) -> Private:
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
            REVIEW: review_table(matches, counts=matches[schema.COUNT]),
        },
        facts={
            "inputs_sha256": dict(inputs),
            "rows": reading.rows,
            "rows_used": len(reading.frame),
            "rows_refused": len(reading.refused),
            "rows_blank": reading.blank,
            "columns_not_used": list(reading.unused),
        },
    )


def _stem(source: object) -> str:
    return Path(source).stem if isinstance(source, str | Path) else "frame"


def _hashes(*sources: object) -> dict[str, str]:
    """Hash the input files, by name; a frame has no bytes to hash."""
    paths = [Path(source) for source in sources if isinstance(source, str | Path)]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _settings(
    kind: str,
    period: Period | None,
    rule: Rule | None,
    tags: Sequence[str],
    allow_refused: bool,
    decisions: pd.DataFrame | None,
) -> dict[str, Any]:
    return {
        "input": kind,
        "period": period,
        "rule": asdict(rule or Rule()) if kind == schema.RECORDS else None,
        "tags": list(tags),
        "allow_refused": allow_refused,
        "own_aliases": 0 if decisions is None else len(decisions),
    }


def _title(*, statements: bool) -> str:
    return "Where the published statements lead" if statements else "County lines: links by area"


def _summary(reading: Reading, flows: gpd.GeoDataFrame, release: Release) -> tuple[str, ...]:
    """Say in a few lines what came in, what was placed, what leaves, and how far it reaches."""
    unit = "statements" if release.rule is None else "records"
    status = flows[schema.DESTINATION_STATUS]
    placed = flows[schema.DESTINATION_ID].notna() & flows[schema.ORIGIN_ID].notna()
    none_stated = ~placed & (status == schema.NOT_STATED)
    unknown_name = ~placed & ~none_stated
    rows = f"{len(reading.frame):,} used, {len(reading.refused):,} refused"
    ends = (
        f"{int(placed.sum()):,} with both places, {int(none_stated.sum()):,} that state no "
        f"destination, {int(unknown_name.sum()):,} with a name that is not placed"
    )
    return (
        f"{reading.rows:,} {unit} read: {rows}",
        f"{len(flows):,} flows: {ends}",
        release.stamp,
        "",
        *_reach(release.flows),
    )


def _reach(flows: gpd.GeoDataFrame) -> Iterator[str]:
    """Say of each origin that has destinations how many, and which is the furthest."""
    there = flows[flows[schema.DESTINATION_ID].notna() & flows[schema.DISTANCE_KM].notna()]
    origins = there.groupby(schema.ORIGIN_NAME)[schema.DESTINATION_ID].nunique()
    order = origins.sort_values(ascending=False, kind="stable")
    for origin, places in order.head(MOST_ORIGINS).items():
        mine = there[there[schema.ORIGIN_NAME] == origin]
        far = mine.loc[mine[schema.DISTANCE_KM].idxmax()]
        yield (
            f"{origin}: {places:,} {'destination' if places == 1 else 'destinations'}, "
            f"the furthest {far[schema.DESTINATION_NAME]}, "
            f"about {far[schema.DISTANCE_KM]:,.0f} km "
            f"({far[schema.DISTANCE_LOW_KM]:,.0f} to {far[schema.DISTANCE_HIGH_KM]:,.0f})"
        )
    if len(order) > MOST_ORIGINS:
        yield f"and {len(order) - MOST_ORIGINS:,} further origins"
