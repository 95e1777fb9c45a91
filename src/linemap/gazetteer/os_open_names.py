"""Read OS Open Names: a folder of CSV tiles without headings, on the British grid."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from linemap.errors import InputError, InputNotFoundError
from linemap.gazetteer.coordinates import BRITISH_GRID, degrees
from linemap.gazetteer.listing import LISTED_ID, OTHERS, POPULATION
from linemap.gazetteer.wording import text_faults
from linemap.io import PathLike, local, read_rows
from linemap.schema import LAT, LON, NAME

HEADER: Final = "os_open_names_header.csv"
# The columns of the product's header file, in its order.
COLUMNS: Final = (
    "ID", "NAMES_URI", "NAME1", "NAME1_LANG", "NAME2", "NAME2_LANG", "TYPE", "LOCAL_TYPE",
    "GEOMETRY_X", "GEOMETRY_Y", "MOST_DETAIL_VIEW_RES", "LEAST_DETAIL_VIEW_RES", "MBR_XMIN",
    "MBR_YMIN", "MBR_XMAX", "MBR_YMAX", "POSTCODE_DISTRICT", "POSTCODE_DISTRICT_URI",
    "POPULATED_PLACE", "POPULATED_PLACE_URI", "POPULATED_PLACE_TYPE", "DISTRICT_BOROUGH",
    "DISTRICT_BOROUGH_URI", "DISTRICT_BOROUGH_TYPE", "COUNTY_UNITARY", "COUNTY_UNITARY_URI",
    "COUNTY_UNITARY_TYPE", "REGION", "REGION_URI", "COUNTRY", "COUNTRY_URI",
    "RELATED_SPATIAL_OBJECT", "SAME_AS_DBPEDIA", "SAME_AS_GEONAMES",
)  # fmt: skip
USED: Final = (
    "ID", "NAME1", "NAME2", "TYPE", "LOCAL_TYPE", "GEOMETRY_X", "GEOMETRY_Y", "SAME_AS_GEONAMES",
)  # fmt: skip
POPULATED: Final = "populatedPlace"
GEONAMES: Final = "SAME_AS_GEONAMES"


def read_os_open_names(path: PathLike) -> pd.DataFrame:
    """Read the populated places of OS Open Names as a LISTING.

    `path` is the unpacked folder (tiles in ``Data``, headings in ``Doc``), or
    one tile. Cities, towns, villages, hamlets, suburbs and other settlements
    are kept; the second name (often Welsh or Gaelic) is an other name. There
    are no populations. A place that spans tiles stands once; one that the product
    links to GeoNames has GeoNames' id. Raises InputError
    with every faulty row.
    """
    folder = local(path)
    columns, tiles = _tiles(folder)
    parts = []
    for tile in tiles:
        table = read_rows(tile, names=columns, columns=[c for c in columns if c in USED])
        table["row"] = table.index + 1
        parts.append(table[table["TYPE"] == POPULATED].assign(tile=tile.name))
    places = pd.concat(parts, ignore_index=True).drop_duplicates("ID", ignore_index=True)
    lon, lat, faults = degrees(
        places["GEOMETRY_X"], places["GEOMETRY_Y"], crs=BRITISH_GRID, rows=list(places["row"])
    )
    for column in ("NAME1", "NAME2"):
        faults += text_faults(places[column], list(places["row"]), column)
    if faults:
        raise InputError(f"{folder.name} cannot be used:", faults)
    second = [(name,) if name else () for name in places["NAME2"]]
    return pd.DataFrame(
        {
            LISTED_ID: _ids(places), NAME: places["NAME1"].str.strip(), LON: lon, LAT: lat,
            POPULATION: float("nan"), OTHERS: second,
        }
    )  # fmt: skip


def _ids(places: pd.DataFrame) -> pd.Series:
    """Return GeoNames' id where the product links to one (once), else the product's own."""
    own = "os-" + places["ID"]
    if GEONAMES not in places:
        return own
    linked = places[GEONAMES].str.extract(r"(\d+)/?$")[0]
    return linked.where(linked.notna() & ~linked.duplicated(), own)


def _headings(file: Path) -> tuple[str, ...]:
    try:
        return tuple(file.read_text(encoding="utf-8-sig").strip().split(","))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file.name} is not in UTF-8: unpack the product as it came, or leave it out."
        ) from error


def _tiles(path: Path) -> tuple[tuple[str, ...], list[Path]]:
    """Return the headings and the tiles of the product's folder, or of one tile."""
    if path.is_file():
        return COLUMNS, [path]
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".csv")
    headers = [p for p in files if p.name.lower() == HEADER]
    tiles = [p for p in files if p.name.lower() != HEADER and p.parent.name.lower() != "doc"]
    if not tiles:
        raise InputNotFoundError(f"There are no CSV tiles in {path.name}.")
    columns: tuple[str, ...] = COLUMNS
    if headers:
        columns = _headings(headers[0])
    if lacking := [c for c in USED if c not in columns and c != GEONAMES]:
        raise InputError(f"The headings of OS Open Names lack {', '.join(lacking)}.")
    return columns, tiles
