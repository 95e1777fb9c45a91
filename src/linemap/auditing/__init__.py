"""The audit: separate code that trusts nothing, and tries to compute what was hidden."""

from __future__ import annotations

from linemap.auditing.core import audit
from linemap.auditing.report import AuditReport, Finding

__all__ = ["AuditReport", "Finding", "audit"]
