"""The users' own boundaries and place lists, read with every fault named at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from linemap.errors import Fault, InputError
from linemap.gazetteer.coordinates import coordinate_system, degrees
from linemap.gazetteer.listing import LISTED_ID, OTHERS, POPULATION
from linemap.gazetteer.outlines import judge
from linemap.gazetteer.wording import name_faults, other_faults, others, text_faults
from linemap.io import (
    PathLike,
    as_text,
    format_of,
    lacking,
    local,
    read_features,
    read_rows,
)
from linemap.schema import GEOMETRY, GROUP, GSS_CODE, LAT, LEVELS, LON, NAME, NOTE, SETTLEMENT

_FIRST: Final = {"CSV": 2}  # the first record's row as a person counts it; a feature's is 1
_NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:[eE]\+?[0-9]{1,3})?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file of places, and which of its columns are what.

    ``level`` is the level of its places. A list of settlements is a CSV or
    Parquet table with ``lon`` and ``lat`` (eastings and northings if ``crs``
    says so), or a GeoJSON, GeoPackage or GeoParquet file of points; any other
    level needs outlines. ``population``, ``code`` (a GSS code) and ``others``
    (other names, parted by semicolons) are columns that may be there;
    ``nation`` one that says Northern Ireland where coordinates might be on the
    Irish grid. ``id`` is the column of a lasting id; without it a settlement is
    known by its row. What is named must exist.
    """

    path: PathLike
    level: str = SETTLEMENT
    name: str = "name"
    id: str | None = None
    lon: str | None = None
    lat: str | None = None
    crs: str | None = None
    population: str | None = None
    code: str | None = None
    others: str | None = None
    nation: str | None = None
    layer: str | None = None
    title: str = ""
    licence: str = "not stated"
    attribution: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if self.level not in LEVELS or self.level == GROUP:
            allowed = ", ".join(level for level in LEVELS if level != GROUP)
            raise InputError(f"A layer's level is one of {allowed}, not {self.level!r}.")
        if (self.lon is None) != (self.lat is None):
            raise InputError("A layer names both lon and lat, or neither.")

    @property
    def columns(self) -> dict[str, str | None]:
        """The columns that the caller named."""
        return {
            NAME: self.name, LISTED_ID: self.id, LON: self.lon, LAT: self.lat, GSS_CODE: self.code,
            POPULATION: self.population, OTHERS: self.others, "nation": self.nation,
        }  # fmt: skip


def read_list(layer: Layer) -> pd.DataFrame:
    """Read a layer of settlements as a LISTING. Raises InputError with every fault."""
    table, geometry, rows = _open(layer)
    if geometry is None and layer.lon is None:
        raise InputError(f"{local(layer.path).name} is a table: say which columns are lon and lat.")
    if geometry is not None and layer.lon is None:
        x, y, crs = _points(geometry)
    else:
        x, y, crs = table[layer.lon], table[layer.lat], layer.crs or "EPSG:4326"
    irish = None
    if layer.nation is not None:
        irish = table[layer.nation].str.casefold().isin(["northern ireland", "n92000002"])
    lon, lat, faults = degrees(x, y, crs=crs, rows=rows, irish=irish)
    faults += name_faults(table[layer.name], rows, layer.name)
    ids = pd.Series(rows, table.index).astype(str)
    if layer.id is not None:
        ids = table[layer.id]
        faults += _no_id(ids, rows, layer.id) + text_faults(ids, rows, layer.id)
        faults += _doubled(ids, rows, layer.id)
    people = _people(table, layer, rows, faults)
    also = table[layer.others] if layer.others else pd.Series("", table.index)
    faults += other_faults(also, rows, layer.others or "")
    if faults:
        raise InputError(f"{local(layer.path).name} cannot be used:", _ordered(faults))
    return pd.DataFrame(
        {
            LISTED_ID: ids, NAME: table[layer.name].str.strip(), LON: lon, LAT: lat,
            POPULATION: people,
            OTHERS: [others(cell) for cell in also],
        }
    ).reset_index(drop=True)  # fmt: skip


def read_outlines(layer: Layer) -> gpd.GeoDataFrame:
    """Read a layer of areas: name, GSS code, note, outline in EPSG:4326.

    An invalid outline is mended, and its note says so. Raises InputError with
    every fault.
    """
    table, geometry, rows = _open(layer)
    name = local(layer.path).name
    if geometry is None:
        raise InputError(f"{name} is a table; areas of level {layer.level} need outlines.")
    if geometry.crs is None:
        raise InputError(f"{name} says no coordinate system: name it with crs.")
    shapes, invalid, faults = judge(geometry, rows)
    faults += name_faults(table[layer.name], rows, layer.name)
    key = table[layer.code] if layer.code else table[layer.name]
    faults += _doubled(key.str.strip(), rows, layer.code or layer.name)
    if layer.code is not None:
        faults += text_faults(table[layer.code], rows, layer.code)
    if faults:
        raise InputError(f"{name} cannot be used:", _ordered(faults))
    codes = table[layer.code] if layer.code else pd.Series(None, table.index, dtype=object)
    return gpd.GeoDataFrame(
        {
            NAME: table[layer.name].str.strip().to_numpy(dtype=object),
            GSS_CODE: codes.to_numpy(dtype=object),
            NOTE: ["The outline was invalid and is mended." if bad else None for bad in invalid],
            GEOMETRY: shapes,
        },
        crs="EPSG:4326",
    )


def _open(layer: Layer) -> tuple[pd.DataFrame, gpd.GeoSeries | None, list[int]]:
    """Return a layer's table (all text), its geometry if it has one, and the rows' numbers."""
    kind = format_of(layer.path)
    if kind == "CSV" or (kind == "Parquet" and layer.lon is not None):
        table, geometry = read_rows(layer.path), None
    else:
        features = read_features(layer.path, layer=layer.layer)
        geometry = features.geometry
        if layer.crs is not None:
            geometry = geometry.set_crs(coordinate_system(layer.crs), allow_override=True)
        table = as_text(pd.DataFrame(features.drop(columns=features.geometry.name)))
    if table.empty:
        raise InputError(f"{local(layer.path).name} holds no places.")
    lost = lacking(table, layer.columns)
    if lost:
        raise InputError(
            f"{local(layer.path).name} lacks columns that were named:",
            [
                Fault("there is no such column.", column=c, hint=f"There are: {_list(table)}.")
                for c in lost
            ],
        )
    return table, geometry, [int(row) for row in table.index + _FIRST.get(kind, 1)]


def _list(table: pd.DataFrame) -> str:
    return ", ".join(map(repr, table.columns))


def _points(geometry: gpd.GeoSeries) -> tuple[pd.Series, pd.Series, str]:
    """Take points apart, in their own CRS; what is no point has no coordinates."""
    if geometry.crs is None:
        raise InputError("The file says no coordinate system: name it with crs.")
    shapes = geometry.to_numpy()
    point = (shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes)
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    x[point], y[point] = shapely.get_x(shapes[point]), shapely.get_y(shapes[point])
    return pd.Series(x, name="x"), pd.Series(y, name="y"), geometry.crs.to_string()


def _no_id(ids: pd.Series, rows: list[int], column: str) -> list[Fault]:
    empty = ids.str.strip().eq("").to_numpy()
    return [Fault("the place has no id.", rows[i], column) for i in np.flatnonzero(empty)]


def _doubled(ids: pd.Series, rows: list[int], column: str) -> list[Fault]:
    again = ids.duplicated().to_numpy() & ids.ne("").to_numpy()
    return [
        Fault(f"{ids.iloc[i]!r} has appeared before.", rows[i], column,
              "Name a column of codes or ids that tells them apart.")
        for i in np.flatnonzero(again)
    ]  # fmt: skip


def _people(table: pd.DataFrame, layer: Layer, rows: list[int], faults: list[Fault]) -> pd.Series:
    if layer.population is None:
        return pd.Series(np.nan, table.index)
    text = table[layer.population].str.strip()
    plain = text.where(text.str.fullmatch(_NUMBER)).str.replace(",", "").astype(object)
    numbers = plain.map(float, na_action="ignore").astype(float)
    wrong = (text.ne("") & numbers.isna()) | np.isinf(numbers)
    faults += [
        Fault(f"{text.iloc[i]!r} is no population.", rows[i], layer.population,
              "Write a number like 12500 or 12,500.")
        for i in np.flatnonzero(wrong)
    ]  # fmt: skip
    return numbers


def _ordered(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: (fault.row or 0, fault.column or ""))
