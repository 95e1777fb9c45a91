"""The lists that ship with linemap as CSV, a reason a row: headings, words for unknown, totals."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=16)
def shipped_list(name: str) -> tuple[dict[str, str], ...]:
    """Read one of linemap's own lists by the name of its file; a row is a mapping by heading."""
    text = (files("linemap") / "data" / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
