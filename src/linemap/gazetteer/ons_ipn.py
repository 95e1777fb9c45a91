"""Read the ONS Index of Place Names in Great Britain, whatever its year."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from linemap.errors import InputError
from linemap.gazetteer.coordinates import FIRST_ROW, degrees
from linemap.gazetteer.listing import LISTED_ID, OTHERS, POPULATION
from linemap.gazetteer.wording import text_faults
from linemap.io import PathLike, local, read_rows
from linemap.schema import LAT, LON, NAME

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
