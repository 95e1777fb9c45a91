"""The audit: read what was published, check every number, attack what is hidden; its record."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from linemap import schema
from linemap.auditing.differencing import check_earlier, read_ledger
from linemap.auditing.linear_attack import (
    Attacked,
    AttackProblem,
    Claims,
    attack,
    attack_problem,
    read_claims,
)
from linemap.auditing.published import (
    ACCOUNT,
    BY_TAG,
    FLOWS,
    WHERE_TO,
    AuditReport,
    Finding,
    Published,
    Row,
    Terms,
    check_tables,
    gather,
    known_places,
    rows_of_frame,
)
from linemap.auditing.rebuild import compare_files, compare_releases, follows, remake
from linemap.auditing.release_files import MANIFEST, Folder, compare_forms, read_folder
from linemap.disclosure import (
    ALREADY_PUBLIC,
    Release,
    require_release,
    rule_faults,
    title_faults,
)
from linemap.disclosure.periods import NOT_SAID_WHOLE
from linemap.errors import InputNotFoundError
from linemap.gazetteer import Gazetteer
from linemap.io import checksum
from linemap.linear_programming import in_order
from linemap.records import Tell, nobody
from linemap.windows import window_told

NOTHING_CHECKED: Final = (
    "Published statements: nothing was checked against a rule. They leave as they were printed, "
    "on the word of the maker that they are public."
)
# How many hidden counts of a block are tried as the attacker's own.
OWN_TRIED: Final = 6


def audit(
    subject: Release | str | Path,
    *,
    ledger: str | Path | None = None,
    gazetteer: Gazetteer | None = None,
    already_public: bool = False,
    drawn: Release | None = None,
    tell: Tell = nobody,
) -> AuditReport:
    """Try to compute what a release, or the folder of one, does not show.

    Nothing is taken on trust: every number is read from what would leave,
    checked against the rule, or recomputed from the flows that it must follow
    from; a file, table, column or number that is not known fails. Cells and
    totals then become linear constraints, and every count that is not shown
    must range over at least the width that the rule asks, also for a reader
    who knows the rule, and one who knows of one record. Last, the release is
    made again of the numbers that were read, and each file of it must come out
    the same, byte for byte: so there is nothing else in any of them.

    `ledger` is the file of what earlier releases showed: together they may
    tell no more than each alone, nor of a change of fewer people than the
    threshold. `already_public` says that records were public before; without it, a
    release of records that claims so fails. `drawn` is the release that a folder
    has just been drawn from: where that is the same as the one made again, the
    drawings are not drawn a second time. `tell` is told each step.

    Raises InputNotFoundError for a ledger that is not there.
    """
    tell("Auditing: reading every file")
    gazetteer = Gazetteer.load(gazetteer)
    files, found = 0, list[Finding]()
    if isinstance(subject, str | Path):
        folder = read_folder(Path(subject), gazetteer.places)
        files, found, published = folder.files, folder.findings, folder.published
        if published is None:
            return AuditReport(gather(found), files=files)
        basis = str(folder.manifest["basis"])
        tell("Auditing: making the release again")
        remade = remake(published, gazetteer)
        if isinstance(remade, Finding):
            return AuditReport(gather([*found, remade]), files=files)
        found += _made_again(folder, published, remade, gazetteer, drawn, tell)
        found += _words(folder.manifest["title"], published, gazetteer)
        if not follows(published, remade):  # what the rest reads is not what a release holds
            return AuditReport(gather(found), files=files)
    else:
        release = require_release(subject)
        published, basis = _of_release(release, gazetteer), release.basis
        remade = remake(published, gazetteer)
        found += [remade] if isinstance(remade, Finding) else compare_releases(release, remade)
    findings, numbers, bounded, narrowest = _examine(published, basis, already_public, tell)
    if ledger is not None and published.terms is not None:
        if not Path(ledger).exists():
            raise InputNotFoundError(f"There is no ledger {str(ledger)!r}.")
        blocks, damaged = read_ledger(ledger)
        claims = read_claims(published)
        findings += [*damaged, *check_earlier(published, claims, published.terms, blocks)]
    notes = () if published.terms is not None else (NOTHING_CHECKED,)
    return AuditReport(gather([*found, *findings]), numbers, bounded, narrowest, files, notes)


def _of_release(release: Release, gazetteer: Gazetteer) -> Published:
    tables = {FLOWS: rows_of_frame(release.flows), ACCOUNT: rows_of_frame(release.account)}
    tables |= {name: rows_of_frame(frame) for name, frame in release.summaries.items()}
    if schema.WHERE_TO in release.views:
        tables[WHERE_TO] = rows_of_frame(release.views[schema.WHERE_TO])
    known = known_places(release.places, gazetteer.places)
    columns = tuple(str(c) for c in release.flows.columns if c != schema.GEOMETRY)
    return Published(
        release.rule, release.caveats, columns, tables, known.parents, known.names, known.points
    )


def _made_again(
    folder: Folder,
    published: Published,
    remade: Release,
    gazetteer: Gazetteer,
    drawn: Release | None,
    tell: Tell,
) -> Iterator[Finding]:
    """Write the release of a folder again and compare; then read each form of what is the same."""
    if drawn is not None:
        yield from compare_releases(require_release(drawn), remade)
    tell("Auditing: writing every file again")
    found, same = compare_files(folder, remade, gazetteer, draw=drawn is None, tell=tell)
    yield from found
    tell("Auditing: comparing the forms of every table")
    yield from compare_forms(folder, same)


def _words(title: str, published: Published, gazetteer: Gazetteer) -> Iterator[Finding]:
    """Check the owner's own words, which no number of the release makes."""
    if published.rule is None:  # of what was public before, every number may be said
        return
    months = [
        [row[column] for row in published.tables[FLOWS] if row[column] is not None]
        for column in (schema.PERIOD_START, schema.PERIOD_END)
    ]
    stated = window_told(published.caveats)
    window = (min(months[0]), max(months[1])) if all(months) else None
    if stated is not None:
        window = stated.start, stated.end
    for fault in title_faults(title, window=window, gazetteer=gazetteer):
        yield Finding("content", "the title", fault)
    for fault in rule_faults(published.rule):
        yield Finding("content", "the rule", fault)


def _examine(
    published: Published, basis: str, already_public: bool, tell: Tell
) -> tuple[list[Finding], int, int, float | None]:
    tell("Auditing: checking every table")
    findings = list(check_tables(published))
    numbers = sum(
        isinstance(value, int | float)
        for table in published.tables.values()
        for row in table
        for value in row.values()
    )
    if published.terms is None:
        records = sum(row[schema.INPUT] != schema.STATEMENTS for row in published.tables[FLOWS])
        if basis != ALREADY_PUBLIC:
            findings.append(Finding("rule", FLOWS, "counts without a rule", len(published.tables)))
        elif records and not already_public:
            findings.append(
                Finding(
                    "rule", FLOWS, "records that are said to be public already", records,
                    "If they are, say already_public=True.",
                )
            )  # fmt: skip
        return findings, numbers, 0, None
    terms, every = published.terms, read_claims(published)

    def examined(claims: Claims) -> tuple[list[Finding], float, int]:
        problem = attack_problem(claims, published, terms)
        hidden = sum(target.kind != "shown" for target in problem.targets)
        return *examine_problem(problem, terms), hidden

    bounded = 0
    widths: list[float] = []
    tell("Auditing: attacking every hidden number (blocks)", 0, len(every))
    for done, (found, width, hidden) in enumerate(in_order(examined, every.values()), start=1):
        tell("Auditing: attacking every hidden number (blocks)", done, len(every))
        findings.extend(found)
        widths.append(width)
        bounded += hidden
    return findings, numbers, bounded, min(widths, default=None)


def examine_problem(
    problem: AttackProblem, terms: Terms, where: str = FLOWS
) -> tuple[list[Finding], float]:
    """Attack one block; return what was found, and the narrowest width that was seen."""
    attacked = attack(problem)
    if attacked.contradictory:
        finding = Finding("contradiction", where, "numbers that cannot all be true of any counts")
        return [finding], 0.0
    findings = list(_narrow(problem, attacked.narrow, where))
    hidden = [  # a sum that is surely of as many people as may be shown is no small number
        float(width)
        for width, least, target in zip(
            attacked.width, attacked.least, problem.targets, strict=True
        )
        if target.kind != "shown" and least < target.large
    ]
    if not findings:
        findings = list(_own(problem, terms, where, attacked))
    return findings, min([*hidden, 2.0 * terms.width])


def _narrow(problem: AttackProblem, narrow: Any, where: str) -> Iterator[Finding]:
    kinds: dict[str, int] = {}
    for position in narrow:
        kind = problem.targets[position].kind
        kinds[kind] = kinds.get(kind, 0) + 1
    for kind, cells in kinds.items():
        yield Finding("recoverable", where, _RECOVERED[kind], cells, _COARSEN)


def _own(problem: AttackProblem, terms: Terms, where: str, before: Attacked) -> Iterator[Finding]:
    """Try readers who know that one record is theirs: nothing near it may be theirs to compute."""
    single = [int(t.members[0]) for t in problem.targets if t.kind == "count"]
    step = max(len(single) // OWN_TRIED, 1)
    need = max(terms.width // 2, 1)
    for own in single[::step][:OWN_TRIED]:
        origin, area = problem.places[own]
        near = [
            replace(target, need=need)
            for target in problem.targets
            if target.kind == "count" and set(problem.places[target.members[0]]) & {origin, area}
        ]
        attacked = attack(replace(problem, targets=near), own=own, seed=2, after=before)
        pinned = 0 if attacked.contradictory else len(attacked.narrow)
        if pinned:
            yield Finding(
                "recoverable", where,
                "counts that somebody who knows one record could compute", pinned, _COARSEN,
            )  # fmt: skip
            return


_COARSEN: Final = "Use larger areas, longer windows or fewer tags."
_RECOVERED: Final = {
    "count": "hidden counts that can be computed too closely",
    "sum": "hidden sums that can be computed too closely",
    "total": "hidden totals that can be computed too closely",
    "value": "hidden counts by a tag that can be computed too closely",
    "shown": "rounded counts that can be told apart more finely than they are rounded",
}


# ── The record for the person who signs a release off ───────────────────────────────────────
# It says only what the release itself says or what follows from its audit, so it may travel
# with the release. It is bound to it by the hash of the manifest, in which every file stands
# with its own hash.
_TOTALS: Final = {"origins": ("n",), "destinations": ("n",), "whole": ("n", "n_unplaced")}
_ATTACKER: Final = (
    "the rule, the code of linemap and the tree of places",
    "every number of this release, in every file of it",
    "one record of their own in any cell that is not shown (the audit tries some of them)",
)
_EARLIER: Final = "every earlier release in the ledger that was given"
_COUNTED: Final = (FLOWS, WHERE_TO, BY_TAG)  # tables that show no row for what is withheld
_THRESHOLD: Final = "threshold rule"
_ROLL_UP: Final = "global recoding (roll-up)"
_ROUNDING: Final = "rounding"
_OWN_ROUNDING: Final = "independent rounding"
_SECONDARY: Final = "secondary suppression"
_DERIVED: Final = "derived"
_NAMED: Final = 12  # values of a tag that a record names
_WIDTH: Final = 96  # letters of a line


@dataclass(frozen=True, slots=True)
class TableRecord:
    """What disclosure control did to one table of a release.

    ``rules`` are the standard names of what acted on it. ``shown`` is how many numbers of
    people it shows, ``rounded`` how many of these are rounded, ``rolled_up`` how many rows stand
    for the rest of an area, or for several places together, and ``withheld`` how many totals are
    seen to be left out. Counts that are not shown look the same as zero, so that nobody is told
    how many there are.
    """

    table: str
    rules: tuple[str, ...]
    rows: int
    shown: int
    rounded: int
    rolled_up: int
    withheld: int


@dataclass(frozen=True, slots=True)
class SignOff:
    """The record of a release: its rule, its tables, what an attacker may know, and the bound.

    ``covers`` says over which months it is, ``words`` which words of the table leave with the
    counts, by measure and tag, ``methods`` what each rule of the tables does.
    ``narrowest`` is the least width (people) of what can be computed about any count that is
    not shown, ``required`` the width that the rule asks; both are None for published statements.
    """

    title: str
    manifest_sha256: str
    rule: str
    source: str
    covers: str
    words: Mapping[str, tuple[str, ...]]
    tables: tuple[TableRecord, ...]
    methods: Mapping[str, str]
    attacker: tuple[str, ...]
    required: int | None
    narrowest: float | None
    report: AuditReport

    def __str__(self) -> str:
        head = [
            ("Title", self.title or "none"),
            ("Covers", self.covers),
            ("Rule", f"{self.rule} ({self.source})" if self.source else self.rule),
            ("Words", "; ".join(f"{name}: {_listed(found)}" for name, found in self.words.items())),
        ]
        lines = ["Record of disclosure control", ""]
        for name, text in head:
            lines += _folded(text, f"{name:9}")
        lines += ["", *self._tables(), ""]
        if self.methods:
            lines.append("What each rule does:")
            for name, text in self.methods.items():
                lines += _folded(text, f"  {name}: ", hang=4)
            lines += ["", "An attacker was allowed to know:"]
            for what in self.attacker:
                lines += _folded(what, "  ")
            lines += ["", *self._bound()]
        lines += [*_folded(f"Audit: {self.report}", ""), ""]
        return "\n".join(
            [
                *lines,
                f"SHA-256 of {MANIFEST}: {self.manifest_sha256}",
                "Signed off by: ____________________  on: ____________",
            ]
        )

    def _tables(self) -> Iterator[str]:
        head = ("table", "shown", "rounded", "rolled up", "withheld", "rules")
        rows = [
            (
                one.table,
                *(
                    f"{number:,}"
                    for number in (one.shown, one.rounded, one.rolled_up, one.withheld)
                ),
                ", ".join(one.rules),
            )
            for one in self.tables
            if one.shown or one.withheld
        ]
        derived = [one.table for one in self.tables if not (one.shown or one.withheld)]
        widths = [max(len(row[at]) for row in (head, *rows)) for at in range(5)]
        for name, *numbers, rules in (head, *rows):
            cells = [n.rjust(width) for n, width in zip(numbers, widths[1:], strict=True)]
            yield from _folded(rules, "  ".join([name.ljust(widths[0]), *cells, ""]))
        if derived:
            yield f"{', '.join(derived)}: computed of these numbers alone"

    def _bound(self) -> Iterator[str]:
        narrowest = "none" if self.narrowest is None else f"{self.narrowest:g}"
        more = " or more" if self.narrowest == 2.0 * (self.required or 0) else ""
        yield (
            f"Narrowest bound of {self.report.bounded:,} hidden numbers: {narrowest} people{more} "
            f"(the rule asks for {self.required})"
        )


def _folded(text: str, before: str, *, hang: int | None = None) -> list[str]:
    """Break a text into lines, the first after `before`, the others below it or `hang` in."""
    beneath = " " * (len(before) if hang is None else hang)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=before, subsequent_indent=beneath, break_long_words=False
    )


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    return ", ".join(values[:_NAMED]) + more


def review_release(
    folder: str | Path,
    *,
    ledger: str | Path | None = None,
    gazetteer: Gazetteer | None = None,
    tell: Tell = nobody,
) -> SignOff:
    """Audit the release in a folder, and say what disclosure control did to each of its tables.

    With the `ledger` of earlier releases these are compared too. `tell` is told each step.

    Raises
    ------
    InputNotFoundError
        If there is no release that can be read, or no such ledger.
    """
    path = Path(folder)
    gazetteer = Gazetteer.load(gazetteer)
    read = read_folder(path, gazetteer.places)
    if read.published is None:
        raise InputNotFoundError(f"{path} holds no release that can be read.")
    report = audit(path, ledger=ledger, gazetteer=gazetteer, tell=tell)
    terms, rule = read.published.terms, read.published.rule
    attacker = () if terms is None else (*_ATTACKER, *((_EARLIER,) if ledger is not None else ()))
    return SignOff(
        title=str(read.manifest.get("title", "")),
        manifest_sha256=checksum(path / MANIFEST),
        rule="none: already published" if rule is None else rule.name,
        source="" if rule is None else rule.source,
        covers=_covered(read.published),
        words=dict(_words_of(read.published)),
        tables=tuple(_tables(read.published)),
        methods={} if terms is None else _methods(terms),
        attacker=attacker,
        required=None if terms is None else terms.width,
        narrowest=report.narrowest,
        report=report,
    )


def _covered(published: Published) -> str:
    """Say over which months a release is: as its owner states, else as its windows say."""
    stated = window_told(published.caveats)
    if stated is not None:
        return f"{stated.start} to {stated.end}, as its owner states"
    windows = {
        (str(row[schema.PERIOD_START]), str(row[schema.PERIOD_END]))
        for row in published.tables[FLOWS]
        if row[schema.PERIOD_START] is not None and row[schema.PERIOD_END] is not None
    }
    if not windows:
        return "not stated"
    number = "1 window" if len(windows) == 1 else f"{len(windows)} windows"
    whole = f"{min(windows)[0]} to {max(end for _, end in windows)}, in {number}"
    part = ", as the periods are called: whether the first and the last are whole is not stated"
    return whole + (part if NOT_SAID_WHOLE in published.caveats else "")


def _words_of(published: Published) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name the words of the records that leave: measures and tags, as the flows have them."""
    for column in (schema.MEASURE, *published.tags):
        found = {row[column] for row in published.tables[FLOWS]} - {None}
        yield column, tuple(sorted(map(str, found)))
    by_tag = published.tables.get(BY_TAG, ())
    for tag in sorted({row[schema.TAG_HEADING] for row in by_tag}):
        values = {row[schema.TAG_VALUE] for row in by_tag if row[schema.TAG_HEADING] == tag}
        yield tag, tuple(sorted(map(str, values - {None})))


def _tables(published: Published) -> Iterator[TableRecord]:
    terms = published.terms
    for name, table in published.tables.items():
        columns = _TOTALS.get(name, (schema.COUNT,) if name in _COUNTED else ())
        numbers = [row.get(column) for row in table for column in columns]
        shown = sum(number is not None for number in numbers)
        rounded = 0 if terms is None else _rounded(name, shown, terms)
        yield TableRecord(
            table=name,
            rules=("none: as printed",) if terms is None else tuple(_rules(name, terms)),
            rows=len(table),
            shown=shown,
            rounded=rounded,
            rolled_up=sum(_is_rolled_up(row) for row in table) if name in (FLOWS, WHERE_TO) else 0,
            withheld=0 if name in _COUNTED or terms is None else len(numbers) - shown,
        )


def _rounded(name: str, shown: int, terms: Terms) -> int:
    base = terms.total_base if name in ("whole", BY_TAG) else terms.base
    return shown if base > 1 else 0


def _is_rolled_up(row: Row) -> bool:
    return schema.REST in (row.get(schema.DESTINATION_COVERAGE), row.get(schema.ORIGIN_COVERAGE))


def _rules(name: str, terms: Terms) -> Iterator[str]:
    """Name what acted on a table by the standard names of statistical disclosure control."""
    if name in (FLOWS, WHERE_TO):
        yield from (_THRESHOLD, _ROLL_UP)
        if terms.base > 1:
            yield _ROUNDING
    elif name == BY_TAG:
        yield _THRESHOLD
        if terms.total_base > 1:
            yield _OWN_ROUNDING
        yield _SECONDARY
    elif name in _TOTALS:
        yield _THRESHOLD
        if (terms.total_base if name == "whole" else terms.base) > 1:
            yield _OWN_ROUNDING
        yield _SECONDARY
    else:
        yield _DERIVED


def _methods(terms: Terms) -> dict[str, str]:
    """Say in a sentence what each rule does, with its numbers."""
    nearest = f"to the nearest {terms.base}"
    if terms.total_base != terms.base:
        nearest += f", totals of everything to {terms.total_base}"
    found = {
        _THRESHOLD: f"no count under {terms.threshold} is shown; it looks the same as zero, so "
        "that nobody is told how many there are",
        _ROLL_UP: "a count that may not be shown goes to the area around its place",
        _ROUNDING: f"{nearest}; each total on its own",
        _SECONDARY: f"what would bound a hidden count to fewer than {terms.width} is left out, "
        "totals first",
        _DERIVED: f"distances to {terms.km_base} km, shares to a twentieth, of what is shown",
    }
    if max(terms.base, terms.total_base) == 1:
        del found[_ROUNDING]
    return found
