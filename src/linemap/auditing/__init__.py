"""The audit: separate code that trusts nothing, and tries to compute what was hidden.

- `core`: the audit, its report, and the record for whoever signs a release off.
- `release_files`: the files of a folder, read within bounds by what its manifest declares.
- `published`: what was published as the audit sees it, checked number by number.
- `linear_attack`: bounds on every hidden number, by linear and integer programming.
- `limits`: what is said of them as matrices, what is alike together, what is apart in parts.
- `differencing`: what two releases of the same records tell together.
- `rebuild`: the release made again of its numbers, byte for byte.
"""

from __future__ import annotations

from linemap.auditing.core import SignOff, TableRecord, audit, review_release
from linemap.auditing.published import AuditReport, Finding
from linemap.auditing.rebuild import rebuild_release

__all__ = [
    "AuditReport", "Finding", "SignOff", "TableRecord", "audit", "rebuild_release",
    "review_release",
]  # fmt: skip
