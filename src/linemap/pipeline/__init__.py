"""The analysis, told in order; `building` is the path of the data."""

from __future__ import annotations

from linemap.pipeline.building import Built, audit_folder, build, rule_named
from linemap.pipeline.checking import Check, check
from linemap.pipeline.doctor import EXAMPLE, Examined, examine, write_demonstration
from linemap.pipeline.preparing import (
    PlaceOptions,
    changes,
    look_up,
    look_up_table,
    stem_of,
    write_review,
)
from linemap.pipeline.previewing import PeriodAndTags, Preview, preview
from linemap.pipeline.reusing import BuildSettings, Kept, unchanged
from linemap.pipeline.series import Withdrawal, find_withdrawal, restore_ledger, withdraw

__all__ = [
    "EXAMPLE",
    "BuildSettings",
    "Built",
    "Check",
    "Examined",
    "Kept",
    "PeriodAndTags",
    "PlaceOptions",
    "Preview",
    "Withdrawal",
    "audit_folder",
    "build",
    "changes",
    "check",
    "examine",
    "find_withdrawal",
    "look_up",
    "look_up_table",
    "preview",
    "restore_ledger",
    "rule_named",
    "stem_of",
    "unchanged",
    "withdraw",
    "write_demonstration",
    "write_review",
]
