"""Counties and boroughs as one coverage: no overlap, no gap, shared lines identical.

London comes from the borough file; the counties around it are fitted to it, so
that the two sources meet. The strip between the two Londons goes to the
county that it is nearest to.
"""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

GRID = "EPSG:27700"
WGS84 = "EPSG:4326"
DECIMALS = 5  # of a degree: about a metre, far below the lines' error
SLIVER_M = 300.0  # gaps narrower than this are faults of digitising, not places
SNAP_M = 5.0  # nearer than this, two vertices are one
RIVER_M = 600.0  # more than half the Thames' width where it leaves London
RIVER_PIECE_M2 = 1e6  # smaller pieces are notches in London's outer edge, not the river
LONDON = "Greater London"


def slug(name: str) -> str:
    """Return the part of a place_id that a name makes."""
    plain = name.lower().replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def coverage(areas: gpd.GeoDataFrame, boroughs: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row a county or borough, by place_id, outlines tiling without gap or overlap."""
    outer = areas[areas["region"] != LONDON].reset_index(drop=True)
    metric = outer.to_crs(GRID)
    london = _with_river(_filled(shapely.union_all(boroughs.to_crs(GRID).geometry.array)))
    coarse = shapely.union_all(areas[areas["region"] == LONDON].to_crs(GRID).geometry.array)
    fitted = shapely.difference(metric.geometry.array, london)
    strip = shapely.difference(coarse, shapely.union_all([london, *fitted]))
    fitted = _share_out(strip, np.asarray(fitted))
    rows = pd.concat(
        [
            outer.drop(columns="geometry").assign(level="county"),
            pd.DataFrame(
                {"name": boroughs.index, "level": "borough", "region": LONDON, "nation": "England"}
            ),
        ],
        ignore_index=True,
    )
    shapes = np.concatenate([fitted, boroughs.to_crs(GRID).geometry.to_numpy()])
    shapes = shapely.coverage_clean(
        shapes, gap_width=SLIVER_M, snapping_distance=SNAP_M, merge_strategy="max_area"
    )
    shapes = gpd.GeoSeries(shapes, crs=GRID).to_crs(WGS84).to_numpy()
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    shapes = shapely.normalize(shapes)
    rows["region"] = rows["region"].replace({"East": "East of England", LONDON: "London"})
    rows.index = pd.Index(rows["level"] + ":" + rows["name"].map(slug), name="place_id")
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84).sort_index()
    _must(frame.index.is_unique, "two areas have one place_id")
    _must(bool(frame.is_valid.all()), f"invalid outlines: {list(frame.index[~frame.is_valid])}")
    _must(shapely.coverage_is_valid(frame.geometry.array), "the areas are not a coverage")
    return frame


def union(frame: gpd.GeoDataFrame, members: tuple[str, ...]) -> shapely.Geometry:
    """Return the outline of several areas of the coverage."""
    shape = shapely.coverage_union_all(frame.geometry.reindex(list(members)).array)
    return shapely.normalize(shape)


def _filled(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all(
        [shapely.Polygon(p.exterior) for p in getattr(shape, "geoms", [shape])]
    )


def _with_river(london: shapely.Geometry) -> shapely.Geometry:
    """Add the tidal Thames, which the boroughs leave out; it belongs to no county either."""
    closed = london.buffer(RIVER_M).buffer(-RIVER_M)
    pieces = shapely.get_parts(closed.difference(london))
    return shapely.union_all([london, *pieces[shapely.area(pieces) > RIVER_PIECE_M2]])


def _share_out(strip: shapely.Geometry, counties: np.ndarray) -> np.ndarray:
    """Add to each county the part of the strip that is nearest to it."""
    near = np.flatnonzero(shapely.distance(counties, strip) < 3000)
    reach = strip.buffer(3000)
    sites, owner = [], []
    for i in near:
        edge = shapely.segmentize(shapely.intersection(counties[i].boundary, reach), 250)
        points = shapely.get_coordinates(edge)
        sites.append(points)
        owner.append(np.full(len(points), i))
    coordinates, first = np.unique(np.round(np.concatenate(sites), -1), axis=0, return_index=True)
    who = np.concatenate(owner)[first]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(coordinates), extend_to=reach)
    )
    tree = shapely.STRtree(shapely.points(coordinates))
    cell_of, site_of = tree.query(cells, predicate="contains")
    result = counties.copy()
    for i in near:
        mine = np.unique(cell_of[who[site_of] == i])
        piece = shapely.intersection(shapely.union_all(cells[mine]), strip)
        result[i] = shapely.union_all([result[i], piece])
    return result


def _must(holds: bool, fault: str) -> None:
    if not holds:
        raise SystemExit(f"gazetteer: {fault}")
