"""The questions of the geocoding benchmark, and the right answers."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pandas as pd
from noise import KINDS, mistyped

from linemap.gazetteer import Gazetteer
from linemap.geocoding.index import index_of
from linemap.text import key

SETS = Path(__file__).parent / "sets"
EDITS = (1, 2)


def is_held_out(name: str) -> bool:
    """Half of all names, by a checksum of their spelling, is kept from every fitting."""
    return zlib.crc32(key(name).encode()) % 2 == 1


def clean() -> pd.DataFrame:
    """Places from general knowledge: name, context, lat, lon (to about 2 km)."""
    return pd.read_csv(SETS / "clean.csv", keep_default_na=False)


def lines(name: str) -> list[str]:
    """Read a list of names, one a line."""
    return (SETS / f"{name}.txt").read_text(encoding="utf-8").split("\n")[:-1]


def no_place() -> pd.DataFrame:
    """Names that are no place of the kingdom: kind, name."""
    table = pd.read_csv(SETS / "no_place.csv", keep_default_na=False)
    table["name"] = table.pop("names").str.split(";")
    table = table.explode("name", ignore_index=True)
    return table.assign(name=table["name"].str.strip()).drop_duplicates("name")


def absent(gazetteer: Gazetteer) -> pd.DataFrame:
    """Real places that the gazetteer lacks: name, county (or empty), lat, lon (or null), kind.

    Suburbs and districts from general knowledge, and railway stations.
    """
    known = pd.read_csv(SETS / "absent.csv", keep_default_na=False)
    known["name"] = known.pop("names").str.split(";")
    known = known.explode("name", ignore_index=True)
    stations = pd.read_csv(SETS / "stations.csv").assign(kind="station")
    table = pd.concat([known, stations], ignore_index=True)
    table["name"] = table["name"].str.strip()
    listed = index_of(gazetteer).exact
    table = table[[key(name) not in listed for name in table["name"]]]
    return table.drop_duplicates(["name", "county"], ignore_index=True)


def unique_settlements(gazetteer: Gazetteer) -> pd.DataFrame:
    """Settlements whose spelling no other place of the gazetteer bears."""
    places = gazetteer.places
    spellings = places["name"].map(key)
    alone = ~spellings.duplicated(keep=False) & (places["level"] == "settlement")
    return places.loc[alone, ["name", "lon", "lat"]]


def typed(
    gazetteer: Gazetteer,
    *,
    edits: int,
    rows: int,
    seed: int,
    held_out: bool,
    kinds: tuple[str, ...] = KINDS,
) -> pd.DataFrame:
    """Draw names evenly and mistype them: typed, name, place_id, lon, lat."""
    places = unique_settlements(gazetteer)
    places = places[[is_held_out(name) == held_out for name in places["name"]]]
    rng = random.Random(seed)  # noqa: S311 - a benchmark's noise is no secret
    drawn = places.iloc[[rng.randrange(len(places)) for _ in range(rows)]].reset_index()
    return drawn.assign(typed=[mistyped(name, edits, rng, kinds) for name in drawn["name"]])
