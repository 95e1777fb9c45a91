"""What may leave the building: the rule, the release, and the only doors out."""

from __future__ import annotations

from linemap.disclosure.door import as_published, protect
from linemap.disclosure.ledger import Ledger
from linemap.disclosure.release import ALREADY_PUBLIC, PROTECTED, Release, require_release
from linemap.disclosure.rule import DFE, NHS, PRESETS, TEN_FIVE, Rule
from linemap.disclosure.suppression import Pattern, complementary_suppression, table_sums
from linemap.disclosure.title import months_of, require_title, rule_faults, title_faults

__all__ = [
    "ALREADY_PUBLIC", "DFE", "NHS", "PRESETS", "PROTECTED", "TEN_FIVE",
    "Ledger", "Pattern", "Release", "Rule", "as_published",
    "complementary_suppression", "months_of", "protect", "require_release", "require_title",
    "rule_faults", "table_sums", "title_faults",
]  # fmt: skip
