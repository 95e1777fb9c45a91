"""What may leave the building: the rule, the release, and the only doors out."""

from __future__ import annotations

from linemap.disclosure.counting import Key, block_keys
from linemap.disclosure.door import as_published, protect
from linemap.disclosure.labels import label_faults, measure_faults
from linemap.disclosure.ledger import Entry, Ledger, blocks_of, keys_meet
from linemap.disclosure.release import ALREADY_PUBLIC, PROTECTED, Release, require_release
from linemap.disclosure.repeat_releases import repeated_numbers
from linemap.disclosure.row_sketch import Overlap, RowSketch, same_measure
from linemap.disclosure.rule import DFE, NHS, OPENSAFELY, PRESETS, TEN_FIVE, Rule
from linemap.disclosure.statements import AS_RECORDS, SAY_WHERE, look_like_records
from linemap.disclosure.suppression import Pattern, complementary_suppression, table_sums
from linemap.disclosure.title import months_of, require_title, rule_faults, title_faults

__all__ = [
    "ALREADY_PUBLIC", "AS_RECORDS", "DFE", "NHS", "OPENSAFELY", "PRESETS", "PROTECTED",
    "SAY_WHERE", "TEN_FIVE",
    "Entry", "Key", "Ledger", "Overlap", "Pattern", "Release", "RowSketch", "Rule",
    "as_published", "block_keys", "blocks_of", "complementary_suppression", "keys_meet",
    "label_faults", "look_like_records", "measure_faults", "months_of", "protect",
    "repeated_numbers", "require_release", "require_title", "rule_faults", "same_measure",
    "table_sums", "title_faults",
]  # fmt: skip
