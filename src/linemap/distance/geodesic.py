"""Distance and bearing between points on the WGS84 ellipsoid."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import Geod

FloatArray = npt.NDArray[np.float64]
METRES_PER_KM = 1000.0


@cache
def _wgs84() -> Geod:
    return Geod(ellps="WGS84")


def _degrees(values: npt.ArrayLike, limit: float, what: str) -> FloatArray:
    degrees = np.asarray(values, dtype=np.float64)
    if degrees.size:
        worst = np.fmax.reduce(np.abs(degrees), axis=None)
        if worst > limit:
            raise ValueError(
                f"A {what} of {worst:g} lies outside -{limit:g} to {limit:g} degrees. "
                "Give longitude first, and degrees rather than grid metres."
            )
    return degrees


def inverse(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Measure geodesic distance (km) and initial bearing (degrees) in one pass.

    The inverse problem on WGS84 (Karney 2013, Journal of Geodesy 87). Arguments
    broadcast; the two results have their common shape. NaN in any coordinate
    gives NaN in both. The bearing is clockwise from north in [0, 360), and NaN
    where the two points coincide.

    Raises
    ------
    ValueError
        A latitude beyond 90 degrees, or a longitude beyond 360.
    """
    coordinates = np.broadcast_arrays(
        _degrees(lon1, 360, "longitude"),
        _degrees(lat1, 90, "latitude"),
        _degrees(lon2, 360, "longitude"),
        _degrees(lat2, 90, "latitude"),
    )
    shape = coordinates[0].shape
    # One fresh copy each: pyproj then works in place instead of copying again.
    x1, y1, x2, y2 = (np.array(part, dtype=np.float64, order="C").ravel() for part in coordinates)
    azimuth, _, metres = _wgs84().inv(x1, y1, x2, y2, inplace=True, return_back_azimuth=False)
    km = np.asarray(metres, dtype=np.float64) / METRES_PER_KM
    bearing = np.asarray(azimuth, dtype=np.float64) % 360.0
    bearing[(km == 0.0) | (bearing == 360.0)] = np.nan
    return km.reshape(shape), bearing.reshape(shape)


def geodesic_km(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> FloatArray:
    """Measure geodesic distance in kilometres on WGS84; NaN where a coordinate is NaN.

    Arguments broadcast. Symmetric, and zero between a point and itself.

    >>> round(float(geodesic_km(-0.1276, 51.5072, 0.6868, 52.6477)), 2)  # London to Swaffham
    138.64
    """
    return inverse(lon1, lat1, lon2, lat2)[0]


def bearing_deg(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> FloatArray:
    """Measure the initial bearing, degrees clockwise from north in [0, 360).

    NaN where a coordinate is NaN or the two points coincide: a point has no
    direction from itself.

    >>> float(bearing_deg(0.0, 51.0, 0.0, 52.0))
    0.0
    """
    return inverse(lon1, lat1, lon2, lat2)[1]


def destination(
    lon: npt.ArrayLike, lat: npt.ArrayLike, bearing_deg: npt.ArrayLike, km: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Go `km` kilometres along the geodesic that leaves a point at a bearing: lon, lat.

    The direct problem on WGS84 (Karney 2013). Arguments broadcast; NaN in any
    gives NaN.

    >>> lon, lat = destination(0.0, 51.0, 90.0, 0.0)
    >>> float(lon), float(lat)
    (0.0, 51.0)
    """
    parts = np.broadcast_arrays(
        _degrees(lon, 360, "longitude"),
        _degrees(lat, 90, "latitude"),
        np.asarray(bearing_deg, dtype=np.float64),
        np.asarray(km, dtype=np.float64) * METRES_PER_KM,
    )
    x, y, turn, metres = (np.array(part, dtype=np.float64, order="C").ravel() for part in parts)
    end_lon, end_lat, _ = _wgs84().fwd(x, y, turn, metres)
    shape = parts[0].shape
    return np.asarray(end_lon).reshape(shape), np.asarray(end_lat).reshape(shape)
