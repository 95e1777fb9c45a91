"""The analysis, told in order; `building` is the path of the data."""

from __future__ import annotations

from linemap.pipeline.asking import look_up, look_up_table, write_review
from linemap.pipeline.building import Built, audit_folder, build, rule_named
from linemap.pipeline.series import restore_ledger, withdraw

__all__ = [
    "Built",
    "audit_folder",
    "build",
    "look_up",
    "look_up_table",
    "restore_ledger",
    "rule_named",
    "withdraw",
    "write_review",
]
