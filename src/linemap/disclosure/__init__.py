"""What may leave the building: the rule, the release, and the only doors out."""

from __future__ import annotations

from linemap.disclosure.door import as_published, protect
from linemap.disclosure.labels import label_faults, measure_faults
from linemap.disclosure.ledger import Ledger
from linemap.disclosure.release import ALREADY_PUBLIC, PROTECTED, Release, require_release
from linemap.disclosure.rule import DFE, NHS, OPENSAFELY, PRESETS, TEN_FIVE, Rule
from linemap.disclosure.suppression import Pattern, complementary_suppression, table_sums

__all__ = [
    "ALREADY_PUBLIC", "DFE", "NHS", "OPENSAFELY", "PRESETS", "PROTECTED", "TEN_FIVE",
    "Ledger", "Pattern", "Release", "Rule", "as_published", "complementary_suppression",
    "label_faults", "measure_faults", "protect", "require_release", "table_sums",
]  # fmt: skip
