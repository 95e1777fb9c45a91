"""Other names of places: the hand-kept ones, and those of GeoNames that can be trusted.

GeoNames' other names here carry no language: most are transliterations
(`Kharvich` for Harwich). One is kept if it is

- the name itself with words more or fewer (`Clacton`, `Great Grimsby`), each
  word more being a word of some British name, or
- in Wales, Scotland or Northern Ireland, a name that its own language's
  spelling allows,

and if no place as large has it for a name.
"""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
from raw import corrections, slug, table

COLUMNS = ["alias", "place_id", "kind", "source"]
RIVAL = 3.0  # a namesake this many times smaller does not make an alias unsafe

# Letters that the language's own words do without, and marks that tell it from English.
SPELLING = {
    "WLS": (
        "welsh",
        re.compile(r"[jkqvxz]"),
        re.compile(
            r"[ŵŷ]|ll|dd|ff|wy|aer|aber|tre|bryn|pen|^y |castell|llan|pont|hendy|trall|mynw|fenni"
            r"|tywi|deu"
        ),
    ),
    "SCT": (
        "gaelic",
        re.compile(r"[jkqvwxyz]"),
        re.compile(r"[àèìòù]|bh|dh|mh|gh|fh|aidh|^an |^am |^a' | na h?"),
    ),
    "NIR": (
        "irish",
        re.compile(r"[jkqvwxyz]"),
        re.compile(r"[áéíóú]|bh|dh|mh|gh|^an |^baile | na "),
    ),
}
# Words of no town's name: foreign ones, and those of the area around the town.
NEVER = {"districtul", "londonska", "isole", "lontoon", "borough", "district", "hundred"}


def fold(name: str) -> str:
    """Return a name without case, accents, apostrophes and hyphens, Saint as st."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9&]+", " ", plain.replace("'", "")).split()
    return " ".join({"saint": "st", "&": "and"}.get(word, word) for word in words)


def build(places: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """Return the table of other names: alias, place_id, kind, source; hand-kept ones first."""
    hand = pd.DataFrame(_by_hand(set(places["place_id"])), columns=COLUMNS)
    kept = pd.DataFrame(_from_geonames(places, raw), columns=COLUMNS)
    both = pd.concat([hand, kept], ignore_index=True)
    return both.drop_duplicates(["alias", "place_id"], ignore_index=True)


def _by_hand(known: set[str]) -> list[tuple[str, str, str, str]]:
    rows = []
    for entry in table("aliases.csv").itertuples():
        rows += [(entry.alias, i, entry.kind, "aliases") for i in entry.place_ids.split("; ")]
    for group in table("groups.csv").itertuples():
        place_id = f"group:{slug(group.name)}"
        rows += [(a, place_id, "alternate", "groups") for a in group.aliases.split("; ") if a]
    for council in table("councils.csv").itertuples():
        if council.official:
            place_id = f"{council.level}:{slug(council.name)}"
            rows.append((council.official, place_id, "official", "councils"))
    for code in table("earlier_codes.csv").itertuples():
        rows.append((code.gss_code, code.place_id, "code", "earlier"))
    for fix in corrections("areas").itertuples():
        if fix.field == "name" and fix.alias == "yes":
            rows.append((fix.was, f"county:{slug(fix.becomes)}", "spelling", "areas"))
    for alias, place_id, *_ in rows:
        if place_id not in known:
            raise SystemExit(f"{alias!r}: nothing has the id {place_id!r}")
    return rows


def _from_geonames(places: pd.DataFrame, raw: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    words = {word for name in raw["name"] for word in fold(name).split()} | {"town"}
    weight = places["population_weight"].fillna(0)
    largest = weight.groupby(places["name"].map(fold)).max()
    refused = set(table("refused_names.csv")["alias"])
    rows = []
    for geonameid, town in raw.iterrows():
        own = float(town["population"])
        name = fold(town["name"])
        for alias in dict.fromkeys(name.strip() for name in town["alternatenames"]):
            kind = _kind(alias, name, town["admin1code"], words)
            if kind is None or alias in refused:
                continue
            rival = largest.get(fold(alias))
            if rival is None or own > RIVAL * max(rival, 1.0):
                rows.append((alias, f"settlement:{geonameid}", kind, "geonames"))
    return rows


def _kind(alias: str, name: str, nation: str, words: set[str]) -> str | None:
    """Return what kind of other name this is, or None if it cannot be trusted."""
    folded = fold(alias)
    latin = all(ord(letter) < 0x180 or letter in "ŵŷŴŶ’‘" for letter in alias)
    if not latin or len(folded) < 4 or folded == name or alias.isupper() or alias[0].islower():
        return None
    if NEVER & set(folded.split()) or re.search(r"[,/(\xad]|  | i | - |^London ", alias):
        return None
    mine, theirs = name.split(), folded.split()
    fewer, more = set(theirs) < set(mine), set(mine) < set(theirs)
    if (fewer and len(max(theirs, key=len)) > 3) or (more and set(theirs) <= words):
        return "alternate"
    if nation in SPELLING:
        kind, never, marks = SPELLING[nation]
        lower = alias.lower()
        if not never.search(lower) and marks.search(lower):
            return kind
    return None
