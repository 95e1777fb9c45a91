"""Geodesic distance and bearing between coordinates, and its range between areas.

Pure arrays: longitude first, degrees in, kilometres and degrees out, NaN for
what is not known. Nothing here knows what a place, a row or a count is.
"""

from __future__ import annotations

from linemap.distance.area_distance import Inside, Spread, furthest_km, hull, nearest_km, spread_km
from linemap.distance.geodesic import FloatArray, bearing_deg, destination, geodesic_km, inverse

__all__ = [
    "FloatArray",
    "Inside",
    "Spread",
    "bearing_deg",
    "destination",
    "furthest_km",
    "geodesic_km",
    "hull",
    "inverse",
    "nearest_km",
    "spread_km",
]
