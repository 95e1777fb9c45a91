"""All areas as one coverage: no overlap, no gap, shared lines identical.

England and Wales come from small areas; Scotland, whose source is coarser, is
fitted to them. The strip between the two belongs to the Scottish area that it
is nearest to.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from raw import GRID, WGS84, slug, table

DECIMALS = 5  # of a degree: about a metre, far below the lines' error
SLIVER_M = 300.0  # gaps narrower than this are faults of digitising, not places
SNAP_M = 5.0  # nearer than this, two vertices are one
TOLERANCE_M = 100.0  # of the simplified outlines
ROCK_M2 = 250_000.0  # an island smaller than this is left out: it would be a dot
BORDER_M = 3000.0  # the two sources' borders differ by less


def coverage(councils: gpd.GeoDataFrame, coarse: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the finest areas by place_id: districts, and boroughs and counties without any.

    `councils` are England's and Wales's by GSS code, `coarse` Natural Earth's by
    name, both in metres; outlines tile without gap or overlap.
    """
    listed = table("councils.csv").set_index("gss_code")
    north = listed[listed["nation"] == "Scotland"]
    ireland = listed[listed["nation"] == "Northern Ireland"]
    fine = councils.geometry.to_numpy()
    land = shapely.union_all(fine, grid_size=1.0)
    scots = coarse.geometry.reindex(north["name"]).to_numpy()
    fitted = shapely.difference(scots, land)
    england = coarse.geometry[coarse["nation"] == "England"].to_numpy()
    strip = shapely.difference(shapely.union_all(england), shapely.union_all([land, *fitted]))
    border = shapely.union_all(fitted)
    strip = shapely.intersection(strip, border.buffer(BORDER_M))  # the coast beyond stays sea
    pieces = [piece for piece in shapely.get_parts(strip) if piece.dwithin(border, 10)]
    fitted = _share_out(shapely.union_all(pieces), np.asarray(fitted))
    irish = [
        shapely.union_all(coarse.geometry.loc[parts.split("; ")].to_numpy())
        for parts in ireland["origin"].str.removeprefix("made of ")
    ]
    shapes = np.concatenate([fine, fitted, irish])
    rows = pd.concat([listed.loc[councils.index], north, ireland]).reset_index()
    shapes = shapely.coverage_clean(
        shapes, gap_width=SLIVER_M, snapping_distance=SNAP_M, merge_strategy="max_area"
    )
    shapes = _without_rocks(_without_holes(shapely.coverage_simplify(shapes, TOLERANCE_M)))
    shapes = gpd.GeoSeries(shapes, crs=GRID).to_crs(WGS84).to_numpy()
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    shapes = shapely.normalize(shapes)
    rows.index = pd.Index(rows["level"] + ":" + rows["name"].map(slug), name="place_id")
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84).sort_index()
    frame["county_id"] = ("county:" + frame["county"].map(slug)).where(frame["county"] != "", None)
    frame["region_id"] = ("region:" + frame["region"].map(slug)).where(frame["region"] != "", None)
    frame["nation_id"] = "nation:" + frame["nation"].map(slug)
    _must(frame.index.is_unique, "two areas have one place_id")
    _must(bool(frame.is_valid.all()), f"invalid outlines: {list(frame.index[~frame.is_valid])}")
    _must(shapely.coverage_is_valid(frame.geometry.array), "the areas are not a coverage")
    return frame


def upper_tier(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return boroughs and counties by place_id, the counties of districts as their unions."""
    whole = areas[areas["level"] != "district"].drop(columns="county_id")
    listed = table("councils.csv")
    listed.index = pd.Index("county:" + listed["name"].map(slug), name="place_id")
    made = []
    for place_id, districts in areas[areas["level"] == "district"].groupby("county_id"):
        first = districts.iloc[0]
        made.append(
            {
                **listed.loc[place_id].to_dict(),
                "place_id": place_id,
                "region_id": first["region_id"],
                "nation_id": first["nation_id"],
                "geometry": shapely.normalize(shapely.coverage_union_all(districts.geometry.array)),
            }
        )
    counties = gpd.GeoDataFrame(made, crs=WGS84).set_index("place_id")
    return gpd.GeoDataFrame(pd.concat([whole, counties[whole.columns]]), crs=WGS84).sort_index()


def union(frame: gpd.GeoDataFrame, members: tuple[str, ...]) -> shapely.Geometry:
    """Return the outline of several areas of the coverage."""
    shape = shapely.coverage_union_all(frame.geometry.reindex(list(members)).array)
    return shapely.normalize(shape)


def _without_holes(shapes: np.ndarray) -> np.ndarray:
    """Give each hole of a coverage to the area that has the longest line on it."""
    land = shapely.get_parts(shapely.coverage_union_all(shapes))
    filled = shapes.copy()
    for hole in (shapely.Polygon(ring) for part in land for ring in part.interiors):
        shared = shapely.length(shapely.intersection(shapes, hole.exterior))
        filled[shared.argmax()] = shapely.union(filled[shared.argmax()], hole)
    return filled


def _without_rocks(shapes: np.ndarray) -> np.ndarray:
    """Leave out of a coverage the islands that are too small to draw."""
    land = shapely.get_parts(shapely.coverage_union_all(shapes))
    rocks = shapely.STRtree(land[shapely.area(land) < ROCK_M2])
    parts, area = shapely.get_parts(shapes, return_index=True)
    inside = shapely.point_on_surface(parts)
    dropped = np.zeros(len(parts), dtype=bool)
    dropped[rocks.query(inside, predicate="intersects")[0]] = True
    return np.array([shapely.union_all(parts[(area == i) & ~dropped]) for i in range(len(shapes))])


def _share_out(strip: shapely.Geometry, counties: np.ndarray) -> np.ndarray:
    """Add to each county the part of the strip that is nearest to it."""
    near = np.flatnonzero(shapely.distance(counties, strip) < BORDER_M)
    reach = strip.buffer(BORDER_M)
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
