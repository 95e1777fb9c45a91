"""Rows for whatever is not a settlement: boroughs, counties, and the sets that they make."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from areas import GRID, WGS84, slug, union
from raw import table

PARENTS = ("borough_id", "district_id", "county_id", "force_id", "region_id", "nation_id")
LONDON_MADE = ("borough:", "region:london", "force:metropolitan", "force:city-of-london")


def assign_forces(areas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, tuple[str, ...]]]:
    """Give each area its force; each area must be in exactly one."""
    members: dict[str, tuple[str, ...]] = {}
    for force in table("forces.csv").itertuples():
        force_id = f"force:{slug(force.name)}"
        if force.members == "*boroughs":
            ids = areas.index[areas["level"].eq("borough")].drop("borough:city-of-london")
        elif force.members == "*nation":
            ids = areas.index[areas["nation"] == force.nation]
        else:
            ids = pd.Index([_area(areas, name) for name in force.members.split("; ")])
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


def _area(areas: gpd.GeoDataFrame, name: str) -> str:
    found = [i for i in (f"county:{slug(name)}", f"borough:{slug(name)}") if i in areas.index]
    if len(found) != 1:
        raise SystemExit(f"forces.csv: no one area is named {name!r}")
    return found[0]


def of_areas(areas: gpd.GeoDataFrame, towns: pd.DataFrame) -> list[dict[str, object]]:
    """Return one row a borough or county."""
    return [
        row(
            place_id, area["name"], area["level"], area["geometry"],
            towns[towns["home"] == place_id],
            source="boroughs" if area["level"] == "borough" else "areas",
            **{column: area[column] for column in ("force_id", "region_id", "nation_id")},
        )
        for place_id, area in areas.iterrows()
    ]  # fmt: skip


def of_sets(
    areas: gpd.GeoDataFrame, towns: pd.DataFrame, forces: dict[str, tuple[str, ...]]
) -> list[dict[str, object]]:
    """Return one row a force, region, nation, district and group."""
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
            rows.append(_set(areas, towns, place_id, name, sets[place_id], "areas"))
    for group in table("groups.csv").itertuples():
        ids: list[str] = []
        for member in group.members.split("; "):
            if member not in areas.index and member not in sets and member not in towns.index:
                raise SystemExit(f"groups.csv: {group.name}: nothing has the id {member!r}")
            ids.extend(sets.get(member, (member,)))
        members = tuple(dict.fromkeys(ids))
        place_id = f"group:{slug(group.name)}"
        rows.append(_set(areas, towns, place_id, group.name, members, "groups", group.reason))
    return rows + [_district(towns, district) for district in table("districts.csv").itertuples()]


def _set(
    areas: gpd.GeoDataFrame, towns: pd.DataFrame, place_id: str, name: str,
    members: tuple[str, ...], source: str, note: str | None = None,
) -> dict[str, object]:  # fmt: skip
    ids = [member for member in members if member in areas.index]
    inside = towns[towns["home"].isin(ids) | towns.index.isin(members)]
    level = place_id.partition(":")[0]
    above = {"force": ("region", "nation"), "region": ("nation",), "group": ("region", "nation")}
    parents = {}
    for parent in above.get(level, ()):
        of_members = {areas.loc[i, f"{parent}_id"] for i in ids}
        parents[f"{parent}_id"] = of_members.pop() if len(of_members) == 1 else None
    made = row(place_id, name, level, union(areas, tuple(ids)), inside, source, **parents)
    return {**made, "members": members, "note": note}


def _district(towns: pd.DataFrame, district: object) -> dict[str, object]:
    listed = [member.split(" ", 1) for member in district.members.split("; ")]
    ids = tuple(f"settlement:{geonameid}" for geonameid, _ in listed)
    inside = towns.loc[list(ids)]
    if list(inside["name"]) != [name for _, name in listed]:
        raise SystemExit(f"districts.csv: ids and names do not agree: {list(inside['name'])}")
    above = ("county_id", "force_id", "region_id", "nation_id")
    parents = {column: _one(inside[column]) for column in above}
    name = district.name
    made = row(f"district:{slug(name)}", name, "district", None, inside, "districts", **parents)
    return {**made, "members": ids, "note": district.reason}


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
        "gss_code": None, "source": source, "note": None,
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


def _one(values: Iterable[object]) -> str | None:
    found = set(values)
    return str(found.pop()) if len(found) == 1 else None


def frame_of(rows: list[dict[str, object]], towns: pd.DataFrame) -> pd.DataFrame:
    """Return all rows as one table, areas by level and name, then settlements by id."""
    made = pd.DataFrame(rows).astype({"population_weight": float})
    settled = towns.drop(columns=["home", "largeness"]).reset_index()
    table_ = pd.concat([made, settled[made.columns]], ignore_index=True)
    codes = table("gss_codes.csv").set_index("place_id")["gss_code"]
    given = table_["place_id"].map(codes)
    table_["gss_code"] = table_["gss_code"].where(given.isna(), given)
    notes = table("notes.csv").set_index("place_id")["note"]
    if lost := set(notes.index) - set(table_["place_id"]):
        raise SystemExit(f"notes.csv: nothing has the ids {sorted(lost)}")
    noted = table_["place_id"].map(notes)
    table_["note"] = table_["note"].where(noted.isna(), noted)
    levels = ["settlement", "borough", "district", "county", "force", "region", "nation", "group"]
    rank = table_["level"].map({level: i for i, level in enumerate(levels)})
    numbered = table_["place_id"].str.extract(r"^settlement:(\d+)$")[0].astype(float)
    order = np.lexsort((table_["place_id"].to_numpy(dtype=str), numbered.fillna(0), rank))
    return table_.iloc[order].reset_index(drop=True)
