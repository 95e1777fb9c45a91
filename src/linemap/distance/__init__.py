"""Geodesic distance and bearing between coordinates, and its range between areas.

Pure arrays: longitude first, degrees in, kilometres and degrees out, NaN for
what is not known. Nothing here knows what a place, a row or a count is.
"""

from __future__ import annotations

from linemap.distance.extremes import furthest_km, nearest_km
from linemap.distance.points import FloatArray, bearing_deg, destination, geodesic_km, inverse
from linemap.distance.spread import Inside, Spread, spread_km

__all__ = [
    "FloatArray",
    "Inside",
    "Spread",
    "bearing_deg",
    "destination",
    "furthest_km",
    "geodesic_km",
    "inverse",
    "nearest_km",
    "spread_km",
]
