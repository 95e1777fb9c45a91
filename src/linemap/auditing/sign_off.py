"""The record for the person who signs a release off: which rule acted on which table, and how.

It says only what the release itself says or what follows from its audit, so it may
travel with the release. It is bound to the release by the hash of the manifest, in
which every file stands with its own hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linemap import schema
from linemap.auditing.core import audit
from linemap.auditing.folder import MANIFEST, read_folder
from linemap.auditing.published import FLOWS, WHERE_TO, AuditReport, Published, Row, Terms
from linemap.errors import InputNotFoundError
from linemap.gazetteer import Gazetteer
from linemap.io import checksum

_TOTALS: Final = {"origins": ("n",), "destinations": ("n",), "whole": ("n", "n_unplaced")}
_ATTACKER: Final = (
    "the rule, the code of linemap and the tree of places",
    "every number of this release, in every file of it",
    "one record of their own in any cell that is not shown (the audit tries some of them)",
)
_EARLIER: Final = "every earlier release in the ledger that was given"


@dataclass(frozen=True, slots=True)
class TableRecord:
    """What disclosure control did to one table of a release.

    ``shown`` is how many numbers of people it shows, ``rounded`` how many of these are
    rounded, ``rolled_up`` how many rows stand for the rest of an area, or for several
    places together, and ``withheld`` how many totals are seen to be left out. Counts that are
    not shown look the same as zero, so that nobody is told how many there are.
    """

    table: str
    rules: tuple[str, ...]
    rows: int
    shown: int
    rounded: int
    rolled_up: int
    withheld: int

    def __str__(self) -> str:
        told = (
            f"{self.rows:,} rows; {self.shown:,} numbers of people, {self.rounded:,} rounded; "
            f"{self.rolled_up:,} rolled up; {self.withheld:,} totals withheld"
        )
        return "\n".join([f"{self.table}: {told}", *(f"    {rule}" for rule in self.rules)])


@dataclass(frozen=True, slots=True)
class SignOff:
    """The record of a release: its rule, its tables, what an attacker may know, and the bound.

    ``narrowest`` is the least width (people) of what can be computed about any count that is
    not shown, ``required`` the width that the rule asks; both are None for published statements.
    """

    title: str
    manifest_sha256: str
    rule: str
    source: str
    tables: tuple[TableRecord, ...]
    attacker: tuple[str, ...]
    required: int | None
    narrowest: float | None
    report: AuditReport

    def __str__(self) -> str:
        lines = [
            f"Record of disclosure control: {self.title}",
            f"Rule: {self.rule} ({self.source})" if self.source else f"Rule: {self.rule}",
            "",
            *map(str, self.tables),
            "",
        ]
        if self.attacker:
            lines += [
                "An attacker was allowed to know:",
                *(f"    {what}" for what in self.attacker),
            ]
            lines.append(f"Hidden numbers bounded: {self.report.bounded:,}")
            narrowest = "none" if self.narrowest is None else f"{self.narrowest:g}"
            lines.append(f"Narrowest bound: {narrowest} (the rule asks for {self.required})")
        return "\n".join(
            [
                *lines, f"Audit: {self.report}", "",
                f"SHA-256 of {MANIFEST}: {self.manifest_sha256}",
                "Signed off by: ____________________  on: ____________",
            ]
        )  # fmt: skip


def review_release(
    folder: str | Path, *, ledger: str | Path | None = None, gazetteer: Gazetteer | None = None
) -> SignOff:
    """Audit the release in a folder, and say what disclosure control did to each of its tables.

    With the `ledger` of earlier releases these are compared too.

    Raises
    ------
    InputNotFoundError
        If there is no release that can be read, or no such ledger.
    """
    path = Path(folder)
    gazetteer = gazetteer or Gazetteer.load()
    read = read_folder(path, gazetteer.places)
    if read.published is None:
        raise InputNotFoundError(f"{path} holds no release that can be read.")
    report = audit(path, ledger=ledger, gazetteer=gazetteer)
    terms, rule = read.published.terms, read.published.rule
    attacker = () if terms is None else (*_ATTACKER, *((_EARLIER,) if ledger is not None else ()))
    return SignOff(
        title=str(read.manifest.get("title", "")),
        manifest_sha256=checksum(path / MANIFEST),
        rule="none: already published" if rule is None else rule.name,
        source="" if rule is None else rule.source,
        tables=tuple(_tables(read.published)),
        attacker=attacker,
        required=None if terms is None else terms.width,
        narrowest=report.narrowest,
        report=report,
    )


def _tables(published: Published) -> Iterator[TableRecord]:
    terms = published.terms
    for name, rows in published.tables.items():
        columns = _TOTALS.get(name, (schema.COUNT,) if name in (FLOWS, WHERE_TO) else ())
        numbers = [row.get(column) for row in rows for column in columns]
        shown = sum(number is not None for number in numbers)
        rounded = 0 if terms is None else _rounded(name, shown, terms)
        yield TableRecord(
            table=name,
            rules=("none: as printed",) if terms is None else tuple(_rules(name, terms)),
            rows=len(rows),
            shown=shown,
            rounded=rounded,
            rolled_up=sum(_is_rolled_up(row) for row in rows) if name in (FLOWS, WHERE_TO) else 0,
            withheld=0 if name in (FLOWS, WHERE_TO) or terms is None else len(numbers) - shown,
        )


def _rounded(name: str, shown: int, terms: Terms) -> int:
    base = terms.total_base if name == "whole" else terms.base
    return shown if base > 1 else 0


def _is_rolled_up(row: Row) -> bool:
    return schema.REST in (row.get(schema.DESTINATION_COVERAGE), row.get(schema.ORIGIN_COVERAGE))


def _rules(name: str, terms: Terms) -> Iterator[str]:
    """Name what acted on a table by the standard names of statistical disclosure control."""
    if name in (FLOWS, WHERE_TO):
        yield f"threshold rule: no count under {terms.threshold} is shown, nor is a zero"
        yield "global recoding (roll-up): small counts are shown with those of the area around"
        yield f"rounding: to the nearest {terms.base}" if terms.base > 1 else "no rounding"
    elif name in _TOTALS:
        base = terms.total_base if name == "whole" else terms.base
        yield f"threshold rule: no total under {terms.threshold}"
        if base > 1:
            yield f"independent rounding: each total on its own, to the nearest {base}"
        yield (
            "secondary suppression: a total is withheld where a feasibility interval of a hidden "
            f"count would be narrower than {terms.width}"
        )
        yield f"statistics of distance: of the cells that are shown, to {terms.km_base} km"
    else:
        yield "derived: of the cells that are shown, shares to a twentieth"
