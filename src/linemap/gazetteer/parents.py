"""Which area a point lies in, and which others are so near that the lines' error decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

BOUNDARY_ERROR_KM: Final = 2.0  # of the shipped areas' lines
ASHORE_KM: Final = 5.0  # further from every area than this, a point is not in the country
_GRID: Final = "EPSG:27700"


class Locator:
    """Areas made ready to be asked which of them a point lies in."""

    def __init__(self, areas: gpd.GeoSeries, *, error_km: float = BOUNDARY_ERROR_KM) -> None:
        """Take outlines by place_id; lines are wrong by up to `error_km`."""
        self.ids = np.asarray(areas.index, dtype=object)
        outlines = areas.to_crs(_GRID).to_numpy()
        shapely.prepare(outlines)
        self._outlines = outlines
        self._tree = shapely.STRtree(outlines)
        self._error_m = error_km * 1000

    def locate(
        self, lon: Sequence[float] | np.ndarray, lat: Sequence[float] | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, list[tuple[str, ...]]]:
        """Return each point's area, its distance to it in km, and the other areas near it.

        A point just outside all areas belongs to the nearest one; one that
        lies further than 5 km from all, or has no coordinates, to none.
        """
        n = len(lon)
        home = np.full(n, None, dtype=object)
        away = np.full(n, np.nan)
        near: list[tuple[str, ...]] = [()] * n
        points = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326").to_crs(_GRID).to_numpy()
        known = np.flatnonzero(np.isfinite(np.asarray(lon, dtype=float)))
        if not len(known) or not len(self.ids):
            return home, away, near
        tree = shapely.STRtree(points[known])  # of points: the outlines ask, being prepared
        area, point = tree.query(self._outlines, predicate="intersects")
        home[known[point[::-1]]] = self.ids[area[::-1]]  # on a line, the first area has it
        away[known[point]] = 0.0
        outside = known[np.isnan(away[known])]
        nearest, metres = self._tree.query_nearest(
            points[outside], return_distance=True, all_matches=False, max_distance=ASHORE_KM * 1000
        )
        asked, found = outside[nearest[0]], nearest[1]
        home[asked], away[asked] = self.ids[found], metres / 1000
        close, which = tree.query(self._outlines, predicate="dwithin", distance=self._error_m)
        by_point: dict[int, list[str]] = {}
        for i, area in zip(known[which], close, strict=True):
            if self.ids[area] != home[i]:
                by_point.setdefault(int(i), []).append(str(self.ids[area]))
        for i, ids in by_point.items():
            near[i] = tuple(sorted(ids))
        return home, away, near


def forces_near(
    near: Sequence[tuple[str, ...]], own: Sequence[object], force_of: Callable[[str], object]
) -> list[tuple[str, ...]]:
    """Return, for each point, the other forces whose areas are among those near it."""
    return [
        tuple(sorted({str(f) for f in map(force_of, ids) if f is not None and f != force}))
        for ids, force in zip(near, own, strict=True)
    ]


def as_column(values: Sequence[object] | np.ndarray, index: pd.Index) -> pd.Series:
    """Return values of any kind (tuples, text, None) as a column of objects."""
    cells = np.empty(len(index), dtype=object)
    for i, value in enumerate(values):
        cells[i] = value
    return pd.Series(cells, index=index, dtype=object)
