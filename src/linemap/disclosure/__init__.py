"""What may leave the building: the rule, the release, and the only door out."""

from __future__ import annotations

from linemap.disclosure.release import Release, as_published, require_release
from linemap.disclosure.rule import Rule

__all__ = ["Release", "Rule", "as_published", "require_release"]
