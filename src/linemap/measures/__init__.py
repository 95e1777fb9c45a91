"""What a reader would ask of flows, each answer beside its n and its unknowns."""

from __future__ import annotations

from linemap.measures.reach import reach

__all__ = ["reach"]
