"""What the commands do, step after step.

- `building`: the path of the data from a table to a release.
- `preparing`: rows read, names looked up, the window, what a person must review.
- `reusing`: whether a release that stands is what a build would make.
- `checking`: what is wrong with a table, and what a build would make or has made of it.
- `previewing`: what several periods and tags would leave, before one is built.
- `series`: releases that count the same records: their ledger, withdrawn and restored.
- `doctor`: whether linemap works on this machine; tables to try it with.
"""

from __future__ import annotations

from linemap.pipeline.building import Built, audit_folder, build, build_if_changed, rule_named
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
    "build_if_changed",
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
