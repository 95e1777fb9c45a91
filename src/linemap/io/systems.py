"""Coordinate systems that a file may name: those that an authority lists, and no others."""

from __future__ import annotations

import re
from typing import Final

from pyproj import CRS
from pyproj.exceptions import CRSError

WGS84: Final = "EPSG:4326"
_CRS84: Final = re.compile(r"(urn:ogc:def:crs:)?OGC:(1\.3:|:)?CRS84", re.IGNORECASE)
_EPSG: Final = re.compile(r"(?:urn:ogc:def:crs:EPSG:[0-9.]*|EPSG):([0-9]{1,6})", re.IGNORECASE)


def epsg(code: int) -> CRS | None:
    """Return the coordinate system of an EPSG code, or None where there is none."""
    try:
        return CRS.from_epsg(code)
    except CRSError:
        return None


def named(name: str) -> CRS | None:
    """Return the system of a plain name (``EPSG:27700``, an OGC URN, CRS84), or None.

    >>> named("urn:ogc:def:crs:EPSG::27700").to_epsg()
    27700
    >>> named("http://example.org/a.prj") is None
    True
    """
    if _CRS84.fullmatch(name):
        return CRS.from_user_input(WGS84)
    found = _EPSG.fullmatch(name)
    return epsg(int(found[1])) if found else None
