"""Lists of settlements as their publishers write them: GeoNames, ONS, Ordnance Survey."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from linemap.errors import Fault, InputError, InputNotFoundError
from linemap.gazetteer.assign_parents import LISTED_ID, OTHERS, POPULATION
from linemap.gazetteer.coordinates import BRITISH_GRID, FIRST_ROW, degrees
from linemap.gazetteer.custom_layers import text_faults
from linemap.io import PathLike, local, read_rows
from linemap.schema import LAT, LON, NAME

# ── GeoNames ──────────────────────────────────────────────────────────────
# The columns of the export's readme, in its order.
GEONAMES_COLUMNS: Final = (
    "geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature_class",
    "feature_code", "country_code", "cc2", "admin1_code", "admin2_code", "admin3_code",
    "admin4_code", "population", "elevation", "dem", "timezone", "modification_date",
)  # fmt: skip
ALTERNATE_COLUMNS: Final = (
    "alternate_id", "geonameid", "language", "alternate_name", "preferred", "short", "colloquial",
    "historic", "from", "to",
)  # fmt: skip
# Populated places that are not there any more, or are no place of their own.
NOT_SETTLEMENTS: Final = frozenset({"PPLH", "PPLQ", "PPLW", "PPLCH"})
LANGUAGES: Final = frozenset({"", "en", "cy", "gd", "ga", "sco", "kw", "abbr"})


def read_geonames(path: PathLike, *, alternates: PathLike | None = None) -> pd.DataFrame:
    """Read the settlements of the United Kingdom from a GeoNames export as a LISTING.

    `path` is a country's file or ``allCountries.txt``: tab-separated, UTF-8,
    no headings. Kept are populated places (class P) of country GB that still
    exist. `alternates` is ``alternateNames.txt`` or ``alternateNamesV2.txt``:
    from it come the names in English, Welsh, Gaelic, Irish, Scots and Cornish;
    without it there are no other names, since those in the main file do not say
    their language. Raises InputError with every faulty row.
    """
    kept = read_rows(
        path, encoding="utf-8", separator="\t", names=GEONAMES_COLUMNS, keep=_settlements
    )
    short = kept[GEONAMES_COLUMNS[-1]].fillna("").eq("")  # the last column is always filled
    if kept.empty or short.any():
        raise InputError(
            f"{local(path).name} is no GeoNames export with places of the United Kingdom: it should"
            " have 19 columns and no headings.",
            [Fault("there are fewer than 19 columns.", int(i) + 1) for i in kept.index[short]],
        )
    rows = pd.Series(kept.index + 1, index=kept.index)
    lon, lat, faults = degrees(kept["longitude"], kept["latitude"], rows=list(rows))
    # GeoNames files bases abroad (on Cyprus) under GB: they are left out, not refused.
    abroad = pd.Series(lon, kept.index).isna() & _numbers(kept)
    faults = [f for f in faults if f.row not in set(rows[abroad])]
    faults += _doubled(kept["geonameid"], rows) + text_faults(kept["name"], list(rows), "name")
    if faults:
        raise InputError(f"{local(path).name} cannot be used:", faults)
    listing = pd.DataFrame(
        {
            LISTED_ID: kept["geonameid"],
            NAME: kept["name"].str.strip(),
            LON: lon,
            LAT: lat,
            POPULATION: pd.to_numeric(kept["population"], errors="coerce"),
        }
    )[~abroad]
    known = _alternates(alternates, set(listing[LISTED_ID])) if alternates is not None else {}
    listing[OTHERS] = [known.get(i, ()) for i in listing[LISTED_ID]]
    return listing.reset_index(drop=True)


def _settlements(piece: pd.DataFrame) -> pd.Series:
    """Keep what may be a settlement of the kingdom, and what is no row of an export."""
    wanted: pd.Series = (
        piece["feature_class"].eq("P")
        & piece["country_code"].eq("GB")
        & ~piece["feature_code"].isin(NOT_SETTLEMENTS)
    )
    return wanted | piece[GEONAMES_COLUMNS[-1]].fillna("").eq("")


def _numbers(kept: pd.DataFrame) -> pd.Series:
    """Tell the rows whose coordinates are degrees on the globe."""
    lon = pd.to_numeric(kept["longitude"], errors="coerce")
    lat = pd.to_numeric(kept["latitude"], errors="coerce")
    return lon.between(-180, 180) & lat.between(-90, 90)


def _doubled(ids: pd.Series, rows: pd.Series) -> list[Fault]:
    again = ids[ids.duplicated()]
    return [
        Fault(f"the id {i!r} has appeared before.", int(row), "geonameid")
        for i, row in zip(again, rows[again.index], strict=True)
    ]


def _alternates(path: PathLike, wanted: set[str]) -> dict[str, tuple[str, ...]]:
    kept = read_rows(
        path,
        encoding="utf-8",
        separator="\t",
        names=ALTERNATE_COLUMNS,
        columns=ALTERNATE_COLUMNS[1:8],
        keep=lambda piece: (
            piece["geonameid"].isin(wanted)
            & piece["language"].isin(LANGUAGES)
            & piece["historic"].ne("1")
        ),
    )
    return {str(i): tuple(names) for i, names in kept.groupby("geonameid")["alternate_name"]}


# ── ONS Index of Place Names ──────────────────────────────────────────────
# Headings carry the year of the areas: place15nm in the index of 2016, place23nm in that of 2024.
_HEADINGS: Final = {
    "code": r"place\d\dcd",
    "name": r"place\d\dnm",
    "district": r"lad\d\dcd",
    "kind": r"descnm",
    "population": r"popcnt",
    "lat": r"lat",
    "long": r"long",
}
_NEEDED: Final = ("code", "name", "kind", "lat", "long")
LOCALITY: Final = "LOC"
BUILT_UP: Final = frozenset({"BUA", "BUASD"})
UNKNOWN: Final = ("99.999999", "0", "0.0", "")  # the index's ways to write no coordinate


def read_ons_ipn(path: PathLike) -> pd.DataFrame:
    """Read the localities of the Index of Place Names as a LISTING.

    `path` is the CSV as ONS publishes it (Windows-1252; later years in UTF-8).
    A locality that areas split stands once, at its first row. It has the
    population of the built-up area of its name in its district, in those years
    that give one. A name with its article behind (`Lizard, The`) is turned
    round. Localities without coordinates are left out. Raises InputError with
    every faulty row.
    """
    file = local(path)
    table = read_rows(path, separator=",")
    columns = {key: _find(pattern, table) for key, pattern in _HEADINGS.items()}
    if lost := [_HEADINGS[key] for key in _NEEDED if columns[key] is None]:
        raise InputError(
            f"{file.name} is no Index of Place Names: it has no heading like {', '.join(lost)}."
        )
    table = table.rename(columns={old: new for new, old in columns.items() if old is not None})
    table["row"] = table.index + FIRST_ROW
    known = ~(table["lat"].isin(UNKNOWN) | table["long"].isin(UNKNOWN))
    local_ = table[table["kind"].eq(LOCALITY) & known]
    local_ = local_.drop_duplicates("code", ignore_index=True)
    lon, lat, faults = degrees(local_["long"], local_["lat"], rows=list(local_["row"]))
    faults += text_faults(local_["name"], list(local_["row"]), str(columns["name"]))
    if faults:
        raise InputError(f"{file.name} cannot be used:", faults)
    names = local_["name"].str.strip()
    return pd.DataFrame(
        {
            LISTED_ID: local_["code"],
            NAME: [_turned(name) for name in names],
            LON: lon,
            LAT: lat,
            POPULATION: _populations(table, local_),
            OTHERS: [() for _ in names],
        }
    )


def _find(pattern: str, table: pd.DataFrame) -> str | None:
    for heading in table.columns:
        if re.fullmatch(pattern, str(heading).strip().lower()):
            return str(heading)
    return None


def _turned(name: str) -> str:
    """Put an article that stands behind its name before it."""
    match = re.fullmatch(r"(.+), (The|Y|Yr|An|Am|A')", name)
    return f"{match[2]} {match[1]}" if match else name


def _populations(table: pd.DataFrame, localities: pd.DataFrame) -> np.ndarray:
    nothing: np.ndarray = np.full(len(localities), np.nan)
    if "population" not in table or "district" not in table:
        return nothing
    built = table[table["kind"].isin(BUILT_UP)]
    name = built["name"].str.replace(r" BUA(SD)?$", "", regex=True)
    people = pd.to_numeric(built["population"], errors="coerce")
    known = people.groupby([name, built["district"]]).max().to_dict()
    keys = zip(localities["name"], localities["district"], strict=True)
    return np.array([known.get(key, np.nan) for key in keys], dtype=float)


# ── OS Open Names ─────────────────────────────────────────────────────────
HEADER: Final = "os_open_names_header.csv"
# The columns of the product's header file, in its order.
OPEN_NAMES_COLUMNS: Final = (
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
        return OPEN_NAMES_COLUMNS, [path]
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".csv")
    headers = [p for p in files if p.name.lower() == HEADER]
    tiles = [p for p in files if p.name.lower() != HEADER and p.parent.name.lower() != "doc"]
    if not tiles:
        raise InputNotFoundError(f"There are no CSV tiles in {path.name}.")
    columns: tuple[str, ...] = OPEN_NAMES_COLUMNS
    if headers:
        columns = _headings(headers[0])
    if lacking := [c for c in USED if c not in columns and c != GEONAMES]:
        raise InputError(f"The headings of OS Open Names lack {', '.join(lacking)}.")
    return columns, tiles
