"""Read GeoJSON as text: what it says is looked at here, and nothing that it names is followed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from linemap.errors import Fault, InputError
from linemap.io.systems import WGS84, named

_SHOWN: Final = 120  # characters of a coordinate system that nobody knows
_HALF: Final = re.compile("[\ud800-\udfff]")  # what an escape like \ud800 alone leaves
_READABLE: Final = (
    "Coordinates are finite numbers, all of them with a height or none, and a ring is closed."
)


def read_geojson(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a GeoJSON file, each property as it stands.

    A feature's ``id`` is a column where no property has its name. The
    coordinate system is WGS84, or what a plain ``crs`` member names; the
    member null leaves it open. Raises InputError for what is no feature
    collection, any other ``crs``, and with every feature that cannot be read.
    """
    whole = _parse(path)
    crs = _system(whole, path)
    table, shapes, faults = [], [], []
    for row, feature in enumerate(_features(whole, path), 1):
        try:
            table.append(_properties(feature))
            shapes.append(_shape(feature))
        except _UnreadableError as error:
            faults.append(Fault(str(error), row, hint=error.hint))
    if faults:
        raise InputError(f"{path.name} cannot be used:", faults)
    geometry = gpd.GeoSeries(shapes, crs=crs)
    return gpd.GeoDataFrame(pd.DataFrame(table, dtype=object), geometry=geometry)


class _UnreadableError(Exception):
    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.hint = hint


def _parse(path: Path) -> dict[str, Any]:
    try:
        whole = json.loads(path.read_bytes(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name} cannot be read as GeoJSON: {error}") from error
    if not isinstance(whole, dict):
        raise InputError(f"{path.name} cannot be read as GeoJSON: it holds no object.")
    return whole


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"one object has the member {twice!r} twice; leave one of them out.")
    return members


def _system(whole: dict[str, Any], path: Path) -> CRS | None:
    member = whole.get("crs", {"type": "name", "properties": {"name": WGS84}})
    if member is None:
        return None
    match member:
        case {"type": "name", "properties": {"name": str(name)}}:
            if (system := named(name)) is not None:
                return system
    raise InputError(
        f"{path.name} says the coordinate system {repr(member)[:_SHOWN]}, which linemap does not "
        "follow: it knows a plain name like EPSG:27700 or CRS84. Correct the member 'crs', or "
        "leave it out and name the system with crs."
    )


def _features(whole: dict[str, Any], path: Path) -> list[Any]:
    match whole:
        case {"type": "FeatureCollection", "features": list(features)}:
            return features
        case {"type": "Feature"}:
            return [{name: member for name, member in whole.items() if name != "crs"}]
    raise InputError(
        f"{path.name} cannot be read as GeoJSON: it is no FeatureCollection. Export it as one."
    )


def _properties(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _UnreadableError("this is no feature.", "Each has the type 'Feature'.")
    said = feature.get("properties")
    if not isinstance(said, dict | None):
        raise _UnreadableError("the properties are no object.", "Write {} where there are none.")
    given = {"id": feature["id"]} if feature.get("id") is not None else {}
    cells = given | (said or {})
    for heading, cell in cells.items():
        if _HALF.search(heading) or (isinstance(cell, str) and _HALF.search(cell)):
            problem = f"the property {heading!r} holds half a character."
            raise _UnreadableError(problem, "Write the file again in UTF-8.")
    return cells


def _shape(feature: dict[str, Any]) -> shapely.Geometry | None:
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        raise _UnreadableError("the geometry cannot be read.", _READABLE)
    if "crs" in feature or "crs" in geometry:
        raise _UnreadableError(
            "the feature has a coordinate system of its own.", "One holds for the whole file."
        )
    try:
        return shapely.geometry.shape(geometry)
    except Exception as error:
        raise _UnreadableError("the geometry cannot be read.", _READABLE) from error
