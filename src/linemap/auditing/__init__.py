"""The audit: separate code that trusts nothing, and tries to compute what was hidden."""

from __future__ import annotations

from linemap.auditing.core import SignOff, TableRecord, audit, review_release
from linemap.auditing.published import AuditReport, Finding
from linemap.auditing.rebuild import rebuild_release

__all__ = [
    "AuditReport", "Finding", "SignOff", "TableRecord", "audit", "rebuild_release",
    "review_release",
]  # fmt: skip
