"""What a reader would ask of flows, each answer beside its n and its unknowns."""

from __future__ import annotations

from linemap.measures.bands import distance_bands, far_ends
from linemap.measures.estimates import reach_estimates
from linemap.measures.reach import reach

__all__ = ["distance_bands", "far_ends", "reach", "reach_estimates"]
