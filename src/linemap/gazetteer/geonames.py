"""Read the full GeoNames: ``GB.txt`` or ``allCountries.txt``, with or without alternate names."""

from __future__ import annotations

from typing import Final

import pandas as pd

from linemap.errors import Fault, InputError
from linemap.gazetteer.coordinates import degrees
from linemap.gazetteer.listing import LISTED_ID, OTHERS, POPULATION
from linemap.gazetteer.wording import text_faults
from linemap.io import PathLike, local, read_rows
from linemap.schema import LAT, LON, NAME

# The columns of the export's readme, in its order.
COLUMNS: Final = (
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
    kept = read_rows(path, encoding="utf-8", separator="\t", names=COLUMNS, keep=_settlements)
    short = kept[COLUMNS[-1]].fillna("").eq("")  # the last column is always filled
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
    return wanted | piece[COLUMNS[-1]].fillna("").eq("")


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
