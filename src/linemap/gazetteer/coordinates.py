"""Coordinates from outside: turned into degrees, or refused with every fault and its row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from linemap.errors import Fault, InputError

WGS84: Final = CRS.from_epsg(4326)
BRITISH_GRID: Final = "EPSG:27700"
IRISH_GRID: Final = "EPSG:29902"
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
