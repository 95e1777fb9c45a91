"""Statistical disclosure control: the rule, the release, and the only ways to one.

- `protecting`: the two ways to a release: records protected, statements as printed.
- `periods`: what a window covers of each period, and of which nothing is shown.
- `release`: what may leave, sealed.
- `rule`: the publication rule: threshold, rounding, source.
- `cells`: records as blocks of counts, and cells back as flows.
- `views`: tables in which each record counts once; roll-up along the tree of places.
- `margin_protection`: roll-up until no hidden count can be computed too closely.
- `margin_limits`: what a reader knows of the hidden counts, as a linear problem.
- `suppression`: complementary suppression for tables with exact totals.
- `labels`: which words of a table may leave.
- `ledger`: what earlier releases showed.
- `row_sketch`: a keyed sample of rows, to know the same records again.
"""

from __future__ import annotations

from linemap.disclosure.cells import LABELS_LEAVE, Key, block_keys, label_errors, veiled
from linemap.disclosure.labels import (
    heading_faults,
    label_faults,
    measure_faults,
    months_of,
    require_title,
    rule_faults,
    title_faults,
)
from linemap.disclosure.ledger import WITHDRAW, Entry, Ledger, blocks_of, keys_meet
from linemap.disclosure.margin_protection import Proofs
from linemap.disclosure.periods import periods_hidden, periods_shown, within_window
from linemap.disclosure.protecting import (
    AS_RECORDS,
    SAY_WHERE,
    as_published,
    look_like_records,
    protect,
    range_starts,
    repeated_numbers,
    why_nothing,
)
from linemap.disclosure.release import (
    ALREADY_PUBLIC,
    COUNT_SHOWN,
    PROTECTED,
    REPEATS,
    SHARE_OF_SHOWN,
    SHOWN_AS,
    SIMULATION,
    Release,
    require_release,
)
from linemap.disclosure.row_sketch import Overlap, RowSketch, same_measure
from linemap.disclosure.rule import DFE, NHS, OPENSAFELY, PRESETS, TEN_FIVE, Rule
from linemap.disclosure.suppression import Pattern, complementary_suppression, table_sums

__all__ = [
    "ALREADY_PUBLIC", "AS_RECORDS", "COUNT_SHOWN", "DFE", "LABELS_LEAVE", "NHS", "OPENSAFELY",
    "PRESETS", "PROTECTED", "REPEATS", "SAY_WHERE", "SHARE_OF_SHOWN",
    "SHOWN_AS", "SIMULATION", "TEN_FIVE", "WITHDRAW", "Entry", "Key", "Ledger", "Overlap",
    "Pattern", "Proofs", "Release", "RowSketch", "Rule", "as_published", "block_keys", "blocks_of",
    "complementary_suppression", "heading_faults", "keys_meet", "label_errors", "label_faults",
    "look_like_records", "measure_faults", "months_of", "periods_hidden", "periods_shown",
    "protect", "range_starts", "repeated_numbers", "require_release", "require_title",
    "rule_faults", "same_measure", "table_sums", "title_faults", "veiled", "why_nothing",
    "within_window",
]  # fmt: skip
