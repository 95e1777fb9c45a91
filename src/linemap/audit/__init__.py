"""The audit: separate code that trusts nothing, and tries to compute what was hidden."""

from __future__ import annotations

from linemap.audit.core import audit
from linemap.audit.findings import AuditReport, Finding

__all__ = ["AuditReport", "Finding", "audit"]
