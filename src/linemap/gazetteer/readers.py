"""Read lists of settlements (GeoNames, ONS, Ordnance Survey), their words and coordinates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from linemap import text as names
from linemap.errors import Fault, InputError, InputNotFoundError
from linemap.gazetteer.assign_parents import LISTED_ID, OTHERS, POPULATION
from linemap.io import PathLike, local, read_rows
from linemap.schema import LAT, LON, NAME

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


def name_faults(column: pd.Series, rows: Sequence[int], heading: str) -> list[Fault]:
    """List the names that are empty, hold no letter or cannot be read, each with its row."""
    faults = []
    for row, text in zip(rows, column.str.strip(), strict=True):
        if not text:
            faults.append(Fault("the place has no name.", row, heading))
        elif problem := names.unreadable(text):
            faults.append(Fault(f"the name cannot be read: {problem}", row, heading, "Correct it."))
        elif problem := names.fault(text):
            faults.append(Fault(f"{text!r} is no name: {problem}.", row, heading, "Correct it."))
    return faults


def text_faults(column: pd.Series, rows: Sequence[int], heading: str) -> list[Fault]:
    """List the cells of ids or codes that cannot be read, each with its row."""
    return [
        Fault(f"the text cannot be read: {problem}", row, heading, "Correct it.")
        for row, text in zip(rows, column.str.strip(), strict=True)
        if (problem := names.unreadable(text))
    ]


def others(cell: str) -> tuple[str, ...]:
    """Part a cell of other names at its semicolons."""
    return tuple(name for part in cell.split(";") if (name := part.strip()))


def other_faults(column: pd.Series, rows: Sequence[int], heading: str) -> list[Fault]:
    """List the cells of other names of which one cannot be read, each with its row."""
    return [
        Fault(f"the other name cannot be read: {problem}", row, heading, "Correct it.")
        for row, cell in zip(rows, column, strict=True)
        for name in others(cell)
        if (problem := names.unreadable(name))
    ]


WGS84: Final = CRS.from_epsg(4326)
BRITISH_GRID: Final = "EPSG:27700"
# Longitude and latitude of the United Kingdom, with the seas between its islands.
UNITED_KINGDOM: Final = (-9.0, 49.5, 2.5, 61.5)
NORTHERN_IRELAND: Final = (-8.2, 53.9, -5.4, 55.4)
_DEGREES: Final = (180.0, 90.0)
FIRST_ROW: Final = 2  # a person counts the headings as row 1


def degrees(
    x: pd.Series, y: pd.Series, *, crs: str = "EPSG:4326", rows: Sequence[int] | None = None,
    irish: pd.Series | None = None,
) -> tuple[np.ndarray, np.ndarray, list[Fault]]:  # fmt: skip
    """Turn two columns of coordinates into longitude and latitude, and list what is wrong.

    `rows` are the rows as a person counts them in the file; `irish` marks the
    rows that another column puts in Northern Ireland: on the British grid they
    must land there, which tells a column on the Irish grid (250 km off) from
    one that is not. A faulty row's coordinates are NaN. Raises InputError for
    a `crs` that is none.
    """
    system, to_degrees = coordinate_system(crs), _to_degrees(crs)
    counted = list(rows) if rows is not None else list(range(FIRST_ROW, FIRST_ROW + len(x)))
    given = [pd.to_numeric(column, errors="coerce").to_numpy(dtype=float) for column in (x, y)]
    faults = _not_numbers((x, y), given, counted)
    ok = np.isfinite(given[0]) & np.isfinite(given[1])
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    if ok.any():
        lon[ok], lat[ok] = to_degrees.transform(given[0][ok], given[1][ok])
    west, south, east, north = UNITED_KINGDOM
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    if not system.is_geographic:  # degrees, read as metres, lie in the sea off Scilly
        inside &= ~are_degrees(given[0], given[1])
    names = f"{x.name}, {y.name}"
    for i in np.flatnonzero(ok & ~inside):
        problem = f"({given[0][i]:g}, {given[1][i]:g}) is no place in the United Kingdom"
        hint = hint_for(given[0][i], given[1][i], system)
        faults.append(Fault(f"{problem} in {crs}.", counted[i], names, hint))
    if irish is not None:
        faults += _irish(lon, lat, ok & inside & irish.to_numpy(dtype=bool), counted, names)
    bad = ~ok | ~inside
    lon[bad], lat[bad] = np.nan, np.nan
    return lon, lat, sorted(faults, key=lambda fault: fault.row or 0)


@cache
def coordinate_system(crs: str) -> CRS:
    """Return the coordinate system that a text names. Raises InputError for one that is none."""
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(
            f"{crs!r} is no coordinate system; EPSG:4326 (degrees), EPSG:27700 (British grid) and "
            "EPSG:29902 (Irish grid) are the usual ones."
        ) from error


@cache
def _to_degrees(crs: str) -> Transformer:
    try:
        return Transformer.from_crs(coordinate_system(crs), WGS84, always_xy=True)
    except ProjError as error:
        raise InputError(
            f"The coordinate system {crs!r} cannot be turned into degrees: save the file in "
            "EPSG:4326 or EPSG:27700."
        ) from error


def are_degrees(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell which pairs of numbers are so small that they are degrees, not metres of a grid."""
    small: np.ndarray = (np.abs(x) <= _DEGREES[0]) & (np.abs(y) <= _DEGREES[1])
    return small


def _not_numbers(
    columns: tuple[pd.Series, pd.Series], given: list[np.ndarray], rows: list[int]
) -> list[Fault]:
    faults = []
    for column, numbers in zip(columns, given, strict=True):
        for i in np.flatnonzero(~np.isfinite(numbers)):
            text = column.iloc[i]
            problem = (
                "no coordinate is given." if str(text).strip() == "" else f"{text!r} is no number."
            )
            faults.append(Fault(problem, rows[i], str(column.name)))
    return faults


def hint_for(x: float, y: float, system: CRS) -> str:
    """Guess what was meant by coordinates that lie nowhere."""
    west, south, east, north = UNITED_KINGDOM
    if x == 0 and y == 0:
        return "Nought stands for no coordinate."
    if west <= y <= east and south <= x <= north:
        return (
            "Longitude and latitude seem to be swapped."
            if system.is_geographic
            else ("These look like degrees, swapped: say crs='EPSG:4326'.")
        )
    if west <= x <= east and south <= y <= north and not system.is_geographic:
        return "These look like degrees: say crs='EPSG:4326'."
    if system.is_geographic and (abs(x) > 180 or abs(y) > 90):
        return "These look like eastings and northings: say crs='EPSG:27700'."
    return ""


def _irish(
    lon: np.ndarray, lat: np.ndarray, irish: np.ndarray, rows: list[int], names: str
) -> list[Fault]:
    west, south, east, north = NORTHERN_IRELAND
    there = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return [
        Fault(
            "this place of Northern Ireland lands elsewhere.", rows[i], names,
            "Its coordinates seem to be on the Irish grid: say crs='EPSG:29902' for such rows.",
        )
        for i in np.flatnonzero(irish & ~there)
    ]  # fmt: skip
