"""Rows for whatever is not a settlement: areas, the sets that they make, and earlier areas."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from areas import union
from raw import GRID, WGS84, slug, table

PARENTS = ("borough_id", "district_id", "county_id", "force_id", "region_id", "nation_id")
LEVELS = ("settlement", "borough", "district", "county", "force", "region", "nation", "group")
LONDON_MADE = ("borough:", "region:london", "force:metropolitan", "force:city-of-london")
ASTRAY_M = 1000.0  # a settlement may lie this far outside the outline of its earlier area
VINTAGE = "2025-11"  # of the areas of today: the month of the postcodes that say which they are


def assign_forces(areas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, tuple[str, ...]]]:
    """Give each borough and county its force; each must be in exactly one."""
    members: dict[str, tuple[str, ...]] = {}
    by_name = dict(zip(areas["name"], areas.index, strict=True))
    for force in table("forces.csv").itertuples():
        force_id = f"force:{slug(force.name)}"
        if force.members == "*boroughs":
            ids = areas.index[areas["level"].eq("borough")].drop("borough:city-of-london")
        elif force.members == "*nation":
            ids = areas.index[areas["nation"] == force.nation]
        else:
            names = force.members.split("; ")
            if lost := set(names) - set(by_name):
                raise SystemExit(f"forces.csv: no area is named {sorted(lost)}")
            ids = pd.Index([by_name[name] for name in names])
        members[force_id] = tuple(sorted(ids))
    owner: dict[str, str] = {}
    for force_id, ids in members.items():
        for area in ids:
            if area in owner:
                raise SystemExit(f"forces.csv: {area} is in {owner[area]} and in {force_id}")
            owner[area] = force_id
    if lacking := set(areas.index) - set(owner):
        raise SystemExit(f"forces.csv: in no force: {sorted(lacking)}")
    return areas.assign(force_id=areas.index.map(owner)), members


def of_areas(
    finest: gpd.GeoDataFrame, upper: gpd.GeoDataFrame, towns: pd.DataFrame
) -> list[dict[str, object]]:
    """Return one row a district, borough or county."""
    districts = finest[finest["level"] == "district"]
    rows = []
    for frame in (districts, upper):
        for place_id, area in frame.iterrows():
            column = f"{area['level']}_id"
            inside = towns[towns[column] == place_id]
            source = {"Scotland": "areas", "Northern Ireland": "areas"}
            parents = {c: area[c] for c in ("force_id", "region_id", "nation_id")}
            if area["level"] == "district":
                parents["county_id"] = area["county_id"]
            made = row(
                place_id, area["name"], area["level"], area["geometry"], inside,
                source.get(area["nation"], "councils"), **parents,
            )  # fmt: skip
            made["gss_code"] = area["gss_code"]
            if area["level"] == "district":
                made["members"] = tuple(inside.index)
            rows.append(made)
    return rows


def of_sets(
    areas: gpd.GeoDataFrame, towns: pd.DataFrame, forces: dict[str, tuple[str, ...]]
) -> list[dict[str, object]]:
    """Return one row a force, region, nation and group."""
    rows = []
    sets = dict(forces)
    for force in table("forces.csv").itertuples():
        force_id = f"force:{slug(force.name)}"
        rows.append(_set(areas, towns, force_id, force.name, forces[force_id], "forces"))
        rows[-1]["gss_code"] = force.gss_code or None
    for column in ("region", "nation"):
        of_level = areas[f"{column}_id"].dropna()
        for place_id in sorted(set(of_level)):
            sets[place_id] = tuple(of_level.index[of_level == place_id])
            name = areas.loc[sets[place_id][0], column]
            rows.append(_set(areas, towns, place_id, name, sets[place_id], "councils"))
    for group in table("groups.csv").itertuples():
        ids: list[str] = []
        for member in group.members.split("; "):
            if member not in areas.index and member not in sets and member not in towns.index:
                raise SystemExit(f"groups.csv: {group.name}: nothing has the id {member!r}")
            ids.extend(sets.get(member, (member,)))
        members = tuple(dict.fromkeys(ids))
        place_id = f"group:{slug(group.name)}"
        rows.append(_set(areas, towns, place_id, group.name, members, "groups", group.reason))
    return rows


def of_earlier(
    earlier: gpd.GeoDataFrame, towns: pd.DataFrame, today: list[dict[str, object]]
) -> list[dict[str, object]]:
    """Return one row an earlier area: what it was, its settlements, and what it became."""
    names = {str(known["place_id"]): str(known["name"]) for known in today}
    of = {str(known["place_id"]): known for known in today}
    points = gpd.GeoSeries.from_xy(towns["lon"], towns["lat"], crs=WGS84).to_crs(GRID).to_numpy()
    away = np.full((len(earlier), len(towns)), np.inf)
    for i, (area, outline) in enumerate(
        zip(earlier.itertuples(), earlier.geometry.to_numpy(), strict=True)
    ):
        became = area.became.split("; ")
        if lost := set(became) - set(of):
            raise SystemExit(f"earlier.csv: nothing has the id {sorted(lost)}")
        home = set(became) | {j for j, known in of.items() if known.get("county_id") in became}
        own = towns["home"].isin(home).to_numpy()
        shapely.prepare(outline)
        away[i, own] = shapely.distance(outline, points[own])
    away[away > ASTRAY_M] = np.inf
    of_time = earlier["level"] + earlier["ended"]  # of each time and level, the nearest
    least = pd.DataFrame(away).groupby(of_time.to_numpy()).transform("min").to_numpy()
    holds = np.isfinite(away) & (away == least)
    shapes = earlier.geometry.to_crs(WGS84).to_numpy()
    rows = []
    for area, shape, held in zip(earlier.itertuples(), shapes, holds, strict=True):
        place_id = f"{area.level}:{slug(area.name)}"
        became = tuple(area.became.split("; "))
        inside = towns[held]
        parents = {
            column: _one(of[i][column] for i in became)
            for column in ("force_id", "region_id", "nation_id")
        }
        if area.county:
            parents["county_id"] = f"county:{slug(area.county)}"
        shape = _rounded(shape)
        source = "areas" if area.outline.startswith("natural earth") else "earlier"
        made = row(place_id, area.name, area.level, shape, inside, source, **parents)
        ended = date.fromisoformat(area.ended)
        last = f"{ended.year - (ended.month == 1):04d}-{(ended.month - 2) % 12 + 1:02d}"
        then = ", ".join(names[i] for i in became)
        made |= {
            "gss_code": area.gss_code or None, "vintage": last, "became_ids": became,
            "members": tuple(inside.index),
            "note": f"Until {ended.day} {ended:%B %Y}; since then {then}. {area.reason}.",
        }  # fmt: skip
        rows.append(made)
    return rows


def _rounded(shape: shapely.Geometry) -> shapely.Geometry:
    """Return an outline with 4 decimals of a degree (about ten metres), and valid."""
    round_ = shapely.transform(shapely.simplify(shape, 5e-4), lambda xy: np.round(xy, 4))
    parts = shapely.get_parts(shapely.make_valid(round_))
    areas = [part for part in parts if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.normalize(shapely.union_all(areas))


def _set(
    areas: gpd.GeoDataFrame, towns: pd.DataFrame, place_id: str, name: str,
    members: tuple[str, ...], source: str, note: str | None = None,
) -> dict[str, object]:  # fmt: skip
    ids = [member for member in members if member in areas.index]
    inside = towns[
        towns["county_id"].isin(ids) | towns["borough_id"].isin(ids) | towns.index.isin(members)
    ]
    level = place_id.partition(":")[0]
    above = {"force": ("region", "nation"), "region": ("nation",), "group": ("region", "nation")}
    parents = {
        f"{parent}_id": _one(areas[f"{parent}_id"].reindex(ids)) for parent in above.get(level, ())
    }
    made = row(place_id, name, level, union(areas, tuple(ids)), inside, source, **parents)
    return {**made, "members": members, "note": note}


def row(
    place_id: str, name: str, level: str, shape: shapely.Geometry | None, inside: pd.DataFrame,
    source: str, **parents: str | None,
) -> dict[str, object]:  # fmt: skip
    """Return one row; its point is weighted by its settlements, a London area's is its middle."""
    lon, lat = _middle(place_id, shape, inside)
    weight = inside["population_weight"].sum()
    return {
        "place_id": place_id, "name": name, "level": level, **dict.fromkeys(PARENTS), **parents,
        "members": None, "population_weight": weight if weight > 0 else None,
        "gss_code": None, "source": source, "note": None, "vintage": VINTAGE, "became_ids": None,
        "near_county_ids": (), "near_force_ids": (), "lon": lon, "lat": lat, "geometry": shape,
    }  # fmt: skip


def _middle(
    place_id: str, shape: shapely.Geometry | None, inside: pd.DataFrame
) -> tuple[float, float]:
    known = inside[inside["population_weight"] > 0]
    if shape is None or (len(known) and not place_id.startswith(LONDON_MADE)):
        weight = known["population_weight"] / known["population_weight"].sum()
        return round(float((known["lon"] * weight).sum()), 5), round(
            float((known["lat"] * weight).sum()), 5
        )
    centre = gpd.GeoSeries([shape], crs=WGS84).to_crs(GRID).centroid.to_crs(WGS84).iloc[0]
    return round(centre.x, 5), round(centre.y, 5)


def _one(values: object) -> str | None:
    found = {value if isinstance(value, str) else None for value in values}
    return found.pop() if len(found) == 1 else None


def frame_of(rows: list[dict[str, object]], towns: pd.DataFrame) -> pd.DataFrame:
    """Return all rows as one table, areas by level and name, then settlements by id."""
    made = pd.DataFrame(rows).astype({"population_weight": float})
    settled = towns.drop(columns=["home", "largeness"]).reset_index()
    table_ = pd.concat([made, settled[made.columns]], ignore_index=True)
    for name, column in (("gss_codes.csv", "gss_code"), ("notes.csv", "note")):
        kept = table(name).set_index("place_id")[column]
        if lost := set(kept.index) - set(table_["place_id"]):
            raise SystemExit(f"{name}: nothing has the ids {sorted(lost)}")
        given = table_["place_id"].map(kept)
        table_[column] = table_[column].where(given.isna(), given)
    rank = table_["level"].map({level: i for i, level in enumerate(LEVELS)})
    numbered = table_["place_id"].str.extract(r"^settlement:(\d+)$")[0].astype(float)
    order = np.lexsort((table_["place_id"].to_numpy(dtype=str), numbered.fillna(0), rank))
    return table_.iloc[order].reset_index(drop=True)
