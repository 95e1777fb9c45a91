"""The publication rule: whose it is, what is hidden, and how the rest is rounded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Counts under `threshold` are not shown; the others are rounded to `base`."""

    threshold: int = 10
    base: int = 5
    name: str = "10-5 rule"
