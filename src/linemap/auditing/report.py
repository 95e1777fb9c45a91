"""What an audit found, in words that name numbers of cells and never their content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from linemap.errors import DisclosureError


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
