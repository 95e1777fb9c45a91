"""Points that stand for a place: its settlements, a lattice inside it, its outline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from linemap.schema import GEOMETRY, LAT, LON, POPULATION_WEIGHT

Points = tuple[np.ndarray, np.ndarray, np.ndarray]


def point(row: pd.Series) -> Points:
    """Return the one point of a settlement, with weight 1."""
    return np.array([row[LON]]), np.array([row[LAT]]), np.ones(1)


def weighted(settlements: pd.DataFrame) -> Points | None:
    """Return the settlements that have a weight, or None if none has."""
    weight = settlements[POPULATION_WEIGHT].to_numpy(dtype=float, na_value=np.nan)
    known = weight > 0
    if not known.any():
        return None
    lon = settlements[LON].to_numpy(dtype=float)[known]
    lat = settlements[LAT].to_numpy(dtype=float)[known]
    return lon, lat, weight[known] / weight[known].sum()


def even(row: pd.Series, n: int, settlements: pd.DataFrame) -> Points:
    """Return about `n` points of a square lattice that lie in the row's polygon.

    The lattice is square on the ground at the polygon's middle latitude. Where
    there is no polygon: the settlements, equally weighted; where there is
    none, the representative point.
    """
    outline = row[GEOMETRY]
    if outline is None or outline.is_empty or outline.geom_type not in ("Polygon", "MultiPolygon"):
        if len(settlements):
            lon = settlements[LON].to_numpy(dtype=float)
            return lon, settlements[LAT].to_numpy(dtype=float), np.full(len(lon), 1 / len(lon))
        return point(row)
    lon, lat = lattice(outline, n)
    return lon, lat, np.full(len(lon), 1 / len(lon))


def lattice(outline: shapely.Geometry, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return about `n` lattice points inside a polygon, from south-west to north-east."""
    west, south, east, north = outline.bounds
    squash = np.cos(np.radians((south + north) / 2))
    step = np.sqrt(outline.area * squash / n)
    lon: np.ndarray
    lat: np.ndarray
    while True:
        lon, lat = (
            grid.ravel()
            for grid in np.meshgrid(
                _centres(west, east, step / squash), _centres(south, north, step)
            )
        )
        inside = shapely.contains_xy(outline, lon, lat)
        if inside.sum() >= max(1, n // 2):
            return lon[inside], lat[inside]
        step /= 1.5


def _centres(low: float, high: float, step: float) -> np.ndarray:
    count = max(1, int(np.ceil((high - low) / step)))
    middle = (low + high) / 2
    centres: np.ndarray = middle + (np.arange(count) - (count - 1) / 2) * step
    return centres


def outline(row: pd.Series, settlements: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices of the row's polygon and the settlements just outside it.

    Where there is no polygon, the settlements alone.
    """
    shape = row[GEOMETRY]
    if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon"):
        vertices = shapely.get_coordinates(shape)
        lon, lat = (settlements[axis].to_numpy(dtype=float) for axis in (LON, LAT))
        shapely.prepare(shape)
        out = ~shapely.contains_xy(shape, lon, lat)
        return np.append(vertices[:, 0], lon[out]), np.append(vertices[:, 1], lat[out])
    if len(settlements):
        return settlements[LON].to_numpy(dtype=float), settlements[LAT].to_numpy(dtype=float)
    return np.array([row[LON]]), np.array([row[LAT]])
