r"""How data travel inside a page: numbers as bytes, escaped texts, shapes, base map, places.

Integers are written in base-128 (seven bits a byte, least first, as in
Protocol Buffers), signed ones zigzagged and usually as differences, and the
bytes as base64. Texts keep only plain letters, digits and a few marks; every
other character is written as ``\uXXXX``, so that no text can end a script
block, open a tag or be read as a template, whatever encloses the page.
Shapes are steps on a grid; the base map has coasts, borders and towns to name.
:class:`Nodes` numbers the places at the ends of flows, with their outlines.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from linemap import schema
from linemap.distance import geodesic_km
from linemap.gazetteer import Gazetteer, basemap_json

Integers = npt.NDArray[np.int64]

_SPECIAL = re.compile(r"[^A-Za-z0-9 _.,:;+/=()-]")


def varints(values: npt.ArrayLike) -> bytes:
    """Write unsigned integers in base-128, seven bits a byte, least significant first.

    >>> varints([1, 300]).hex()
    '01ac02'
    """
    rest = np.asarray(values, dtype=np.uint64).ravel()
    if rest.size == 0:
        return b""
    size = np.ones(rest.size, dtype=np.int64)
    for bits in range(7, 64, 7):
        size += rest >= (np.uint64(1) << np.uint64(bits))
    first = np.concatenate(([0], np.cumsum(size)[:-1]))
    out = np.zeros(int(size.sum()), dtype=np.uint8)
    for step in range(int(size.max())):
        here = size > step
        more = (size > step + 1)[here]
        out[first[here] + step] = (rest[here] & np.uint64(127)).astype(np.uint8) | (more * 128)
        rest = rest >> np.uint64(7)
    return out.tobytes()


def zigzag(values: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """Fold signed integers into unsigned ones: 0, -1, 1, -2 become 0, 1, 2, 3."""
    signed = np.asarray(values, dtype=np.int64)
    return ((signed << 1) ^ (signed >> 63)).astype(np.uint64)


def base64_text(data: bytes) -> str:
    """Write bytes as base64."""
    return base64.b64encode(data).decode("ascii")


def packed(values: npt.ArrayLike) -> str:
    """Pack unsigned integers."""
    return base64_text(varints(values))


def packed_differences(values: npt.ArrayLike) -> str:
    """Pack signed integers, each as its difference from the one before it (the first from 0)."""
    whole = np.asarray(values, dtype=np.int64).ravel()
    return base64_text(varints(zigzag(np.diff(whole, prepend=0))))


def packed_nullable(values: npt.NDArray[np.float64]) -> str:
    """Pack whole numbers of 0 or more: 0 stands for null, else the number + 1."""
    return packed(np.where(np.isnan(values), 0, np.nan_to_num(values) + 1).astype(np.int64))


def text_column(values: pd.Series) -> dict[str, Any]:
    """Pack a column of texts: its distinct texts in order of appearance, and an index to them.

    In the index 0 stands for null and k for the k-th text; a column that says
    the same in every row has that number once, as ``same``.
    """
    codes, distinct = pd.factorize(values.astype("object"))
    texts = [str(text) for text in distinct]
    if len(codes) and (codes == codes[0]).all():
        return {"texts": texts, "same": int(codes[0]) + 1}
    return {"texts": texts, "index": packed(codes + 1)}


def id_column(values: pd.Series) -> dict[str, Any]:
    """Pack a column of identifiers; those that are a prefix and a number travel as numbers."""
    texts = [str(value) for value in values]
    first = re.fullmatch(r"(\D*)(\d{1,15})", texts[0]) if texts else None
    if first is None:
        return text_column(values)
    prefix, digits, start = first[1], len(first[2]), int(first[2])
    packed_as = {"prefix": prefix, "digits": digits}
    if texts == [f"{prefix}{start + turn:0{digits}d}" for turn in range(len(texts))]:
        return {**packed_as, "from": start}
    shape = re.compile(rf"{re.escape(prefix)}(\d{{{digits}}})")
    parts = [shape.fullmatch(text) for text in texts]
    numbers = [int(part[1]) for part in parts if part]
    if len(numbers) < len(texts):
        return text_column(values)
    return {**packed_as, "numbers": packed_differences(numbers)}


def json_text(value: object) -> str:
    r"""Write plain data as JSON whose strings hold no special character.

    >>> print(json_text({"name": "King’s </script> {{ x }}"}))
    {"name":"King\u2019s \u003c/script\u003e \u007b\u007b x \u007d\u007d"}
    """
    if value is None:
        return "null"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return repr(number) if np.isfinite(number) else "null"
    if isinstance(value, str):
        return '"' + _SPECIAL.sub(_escape, value) + '"'
    if isinstance(value, Mapping):
        inside = (f"{json_text(str(key))}:{json_text(part)}" for key, part in value.items())
        return "{" + ",".join(inside) + "}"
    if isinstance(value, Iterable):
        return "[" + ",".join(json_text(part) for part in value) + "]"
    raise TypeError(f"A {type(value).__name__} does not travel in a page.")


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


# ── The base map: coasts, borders and towns to name; and outlines, packed for a page ────────
GRID = 2_000  # outlines travel on a grid of 1/2000 of a degree: about 50 m
_TOWNS = 240
_OUTLINE_TOLERANCE = 0.006  # degrees: about 500 m
_LEAST_RING = 3  # a ring of two points has no inside


def base_data(gazetteer: Gazetteer) -> dict[str, Any]:
    """Describe the base map: the one that ships, or one made from a user's own areas."""
    if gazetteer.has_shipped_areas:
        return _shipped()
    places = gazetteer.places
    levels = places[schema.LEVEL]
    towns = places[levels.eq(schema.SETTLEMENT)].sort_values(
        [schema.POPULATION_WEIGHT, schema.NAME], ascending=[False, True], kind="stable"
    )
    shapes = {
        kind: pack_shapes(_polygons(places[levels.eq(kind) & places[schema.BECAME_IDS].isna()]))
        for kind in (schema.COUNTY, schema.BOROUGH)
    }
    return {"shapes": shapes, "labels": _labels(towns.head(_TOWNS))}


@cache
def _shipped() -> dict[str, Any]:
    """Read the base map that ships; the page needs neither its areas' names nor their parents."""
    content: dict[str, Any] = json.loads(basemap_json())
    return {
        "quantum": content["quantum"],
        "arcs": content["arcs"],
        "ranks": content["ranks"],
        "kinds": content["kinds"],
        "rings": [area[4] for area in content["areas"]],
        "labels": [label[:3] for label in content["labels"][:_TOWNS]],
    }


@cache
def _area_numbers() -> dict[str, int]:
    content: dict[str, Any] = json.loads(basemap_json())
    return {area[0]: number for number, area in enumerate(content["areas"])}


def areas_of(place_id: str, gazetteer: Gazetteer) -> list[int] | None:
    """List the areas of the shipped base map that make up a place, by number; None if none do."""
    if not gazetteer.has_shipped_areas or place_id not in gazetteer.places.index:
        return None
    numbers = _area_numbers()
    if place_id in numbers:
        return [numbers[place_id]]
    members = gazetteer.members(place_id)
    if not members or any(member not in numbers for member in members):
        return None
    return [numbers[member] for member in members]


def _labels(towns: gpd.GeoDataFrame) -> list[list[Any]]:
    columns = zip(towns[schema.NAME], towns[schema.LON], towns[schema.LAT], strict=True)
    return [[str(name), round(lon, 3), round(lat, 3)] for name, lon, lat in columns]


def _polygons(places: gpd.GeoDataFrame) -> list[Any]:
    return [shape for shape in places.geometry if is_area(shape)]


def is_area(shape: Any) -> bool:
    """Tell whether a geometry is one or more polygons."""
    return shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")


def pack_shapes(shapes: Iterable[Any], *, tolerance: float = _OUTLINE_TOLERANCE) -> str:
    """Pack polygons: for each, its number of rings; for each ring, its length and its steps.

    Steps are on the grid, longitude first, the first from (0, 0). A ring that
    vanishes on the grid is left out; the closing point is not written.
    """
    out: list[np.ndarray] = []
    for shape in shapes:
        rings = [ring for ring in map(_ring, _rings(shape, tolerance)) if len(ring) >= _LEAST_RING]
        out.append(np.array([len(rings)], dtype=np.uint64))
        for ring in rings:
            steps = zigzag(np.diff(ring, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)))
            out.extend((np.array([len(ring)], dtype=np.uint64), steps.ravel()))
    return packed(np.concatenate(out) if out else np.array([], dtype=np.uint64))


def _rings(shape: Any, tolerance: float) -> list[Any]:
    simple = shapely.simplify(shape, tolerance) if tolerance else shape
    parts = [part for part in shapely.get_parts(simple) if not part.is_empty]
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


def _ring(ring: Any) -> np.ndarray:
    points = np.rint(shapely.get_coordinates(ring)[:-1] * GRID).astype(np.int64)
    moved = np.any(np.diff(points, axis=0, prepend=points[-1:]) != 0, axis=1)
    kept: np.ndarray = points[moved]
    return kept


_DEGREES = 100_000  # coordinates travel as whole hundred-thousandths of a degree: a metre
_UNPLACED = -(2**30)
_AROUND = (schema.COUNTY, schema.FORCE, schema.REGION, schema.NATION)
_ORIGIN = (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL)
_DESTINATION = (schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL)
_KEY = ("id", schema.NAME, schema.LEVEL)
_LON, _LAT = schema.LON, schema.LAT

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Nodes:
    """The distinct ends of flows: places, and names without a place, numbered from 1.

    ``table`` has one row an end (id, name, level, lon, lat), in order of
    appearance, origins first; row k is number k + 1, and number 0 is "not
    stated". ``origin`` and ``destination`` number the ends of each flow.
    Coordinates are those of the flows' own lines, else of the place; a name
    without a place has none. ``parents`` numbers, by level, the place around
    each end (0 where none is known). ``rest`` lists the ends that are what is
    left of a place, or of everywhere, after what is shown of it on its own. Rows
    after the first ``ends`` are places around, which no flow goes to or comes from.
    """

    table: pd.DataFrame
    origin: Numbers
    destination: Numbers
    parents: Mapping[str, Numbers]
    outlines: Mapping[int, Any]
    rest: Numbers
    ends: int

    @classmethod
    def of(cls, flows: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Nodes:
        """Give the ends of flows, and the places around them, their numbers."""
        ends = _ends(flows)
        known = ends[["id", schema.NAME]].notna().any(axis=1).to_numpy()
        spelled = (
            ends["id"].fillna("")
            + "\0"
            + ends[schema.NAME].fillna("")
            + "\0"
            + ends[schema.LEVEL].fillna("")
        )
        codes = np.zeros(len(ends), dtype=np.int64)
        codes[known] = pd.factorize(spelled[known])[0] + 1
        table = _first_of_each(ends[known].assign(number=codes[known]))
        distinct = len(table)
        table, parents = _with_parents(table, _above(table, places), places)
        table = _placed(table, places)
        half = len(flows)
        rest = np.unique(codes[known & ends["part"].eq(schema.REST).to_numpy()])
        outlines = _outlines(table, places)
        return cls(table, codes[:half], codes[half:], parents, outlines, rest, distinct)

    def rows(self, start: int, stop: int) -> Nodes:
        """Take the same places, with the ends of some of the flows."""
        return replace(
            self, origin=self.origin[start:stop], destination=self.destination[start:stop]
        )

    def reach_km(self) -> tuple[Floats, Floats]:
        """Measure how far each place is from the middles of the origins: the least and the most.

        Whole kilometres on WGS84; NaN for a region, a nation, what is left of a place, and where a
        coordinate or every origin is missing. It is geography and depends on no count.
        """
        lon, lat = (self.table[axis].to_numpy(dtype=float) for axis in (_LON, _LAT))
        fine = ~self.table[schema.LEVEL].isin([schema.REGION, schema.NATION]).to_numpy()
        fine[self.rest - 1] = False
        fine &= ~np.isnan(lon)
        origins = np.unique(self.origin[self.origin > 0]) - 1
        origins = origins[fine[origins]]
        low, high = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
        if origins.size:
            ends = np.flatnonzero(fine)
            km = geodesic_km(lon[ends, None], lat[ends, None], lon[origins], lat[origins])
            low[ends], high[ends] = np.rint(km.min(axis=1)), np.rint(km.max(axis=1))
        return low, high

    def same(self, gazetteer: Gazetteer, *, statements: bool) -> Numbers:
        """Give each end the number of the one that stands for it: that of the whole place.

        Of records, whose figures are parts of one partition, places made of
        the same areas of the base map are one end too, but for regions and nations,
        which have no point. A place around, which is no end,
        stands for none: what is left of a place is not the place.
        """
        ids = self.table["id"].tolist()
        rest = set(self.rest.tolist())
        numbers = range(1, len(ids) + 1)
        kinds = [
            "",
            *("rest" if n in rest else "" if n <= self.ends else "around" for n in numbers),
        ]
        first: dict[tuple[str, object], int] = {}
        for number in numbers:
            first.setdefault((kinds[number], ids[number - 1]), number)
        same = [0]
        for number in numbers:
            place = ids[number - 1]
            leader = first.get(("", place)) or first[kinds[number], place]
            same.append(leader if pd.notna(place) else number)
        if not statements:
            force = self.table[schema.LEVEL].eq(schema.FORCE).tolist()
            ground: dict[tuple[str, tuple[int, ...]], int] = {}
            wide = self.table[schema.LEVEL].isin([schema.REGION, schema.NATION]).tolist()
            fine = [n for n in sorted(self.outlines) if not wide[n - 1]]
            areas = {n: areas_of(ids[n - 1], gazetteer) for n in fine}
            known = {n: tuple(sorted(found)) for n, found in areas.items() if found}
            for number in sorted(known, key=lambda n: (force[n - 1], n)):
                ground.setdefault((kinds[number], known[number]), number)
            joined = {
                same[n]: same[ground.get(("", found)) or ground[kinds[n], found]]
                for n, found in known.items()
            }
            same = [joined.get(number, number) for number in same]
        return np.array(same, dtype=np.int64)

    def packed(self, gazetteer: Gazetteer) -> dict[str, Any]:
        """Pack the places: names, levels, identifiers, coordinates, outlines, parents.

        An outline is a list of areas of the base map, where they make up the
        place, else a polygon of its own.
        """
        ids = self.table["id"]
        areas = {n: areas_of(ids.iloc[n - 1], gazetteer) for n in sorted(self.outlines)}
        numbers = [number for number, found in areas.items() if not found]
        return {
            schema.NAME: text_column(self.table[schema.NAME]),
            schema.LEVEL: text_column(self.table[schema.LEVEL]),
            "id": text_column(ids),
            "rest": packed(self.rest),
            "ends": self.ends,
            schema.LON: packed_differences(_whole(self.table[_LON])),
            schema.LAT: packed_differences(_whole(self.table[_LAT])),
            "areas": {number: areas for number, areas in areas.items() if areas},
            "outlined": packed(numbers),
            "outlines": pack_shapes([self.outlines[number] for number in numbers]),
            "parents": {level: packed(of) for level, of in self.parents.items()},
        }


def _ends(flows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Stack the origins of flows on their destinations, with their coordinates."""
    placed = flows.geometry.notna().to_numpy()
    points = np.full((len(flows), 4), np.nan)
    points[placed] = shapely.get_coordinates(flows.geometry.to_numpy()[placed]).reshape(-1, 4)
    sides = []
    for first, columns, part in (
        (0, _ORIGIN, schema.ORIGIN_COVERAGE),
        (2, _DESTINATION, schema.DESTINATION_COVERAGE),
    ):
        side = {
            key: flows[column].astype("object").to_numpy()
            for key, column in zip(_KEY, columns, strict=True)
        }
        side["part"] = (
            flows[part].astype("object").to_numpy() if part in flows.columns else schema.WHOLE
        )
        sides.append(pd.DataFrame({**side, _LON: points[:, first], _LAT: points[:, first + 1]}))
    return pd.concat(sides, ignore_index=True)


def _first_of_each(ends: pd.DataFrame) -> pd.DataFrame:
    """Keep one row a number, with the first coordinates that any of its rows has."""
    grouped = ends.groupby("number", sort=True)
    return (
        ends.drop_duplicates("number")
        .assign(**{axis: grouped[axis].first().to_numpy() for axis in (_LON, _LAT)})
        .drop(columns="number")
        .reset_index(drop=True)
    )


def _above(table: pd.DataFrame, places: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Name the county (or borough), force and nation of each end; itself, if it is one."""
    found = {}
    for level in _AROUND:
        above = places[schema.PARENT_IDS[level]].astype("object").reindex(table["id"])
        own = table[schema.LEVEL].eq(level).to_numpy()
        if level == schema.COUNTY:
            borough = places[schema.BOROUGH_ID].astype("object").reindex(table["id"])
            above = above.where(above.notna(), borough)
            own = own | table[schema.LEVEL].eq(schema.BOROUGH).to_numpy()
        found[level] = pd.Series(np.where(own, table["id"], above.to_numpy()), dtype=object)
    return found


def _with_parents(
    table: pd.DataFrame, above: Mapping[str, pd.Series], places: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, dict[str, Numbers]]:
    """Add the places around to the ends, and number them; one the release lacks is left out."""
    wanted = pd.concat([*above.values(), pd.Series(dtype=object)]).dropna().unique()
    whole_ends = table["part"].ne(schema.REST)
    ends = table.loc[whole_ends, "id"].dropna()
    new = pd.Index(wanted, dtype=object).difference(pd.Index(ends), sort=False)
    fresh = places.loc[new.intersection(places.index, sort=False)]
    added = pd.DataFrame(
        {
            "id": fresh.index,
            schema.NAME: fresh[schema.NAME].to_numpy(),
            schema.LEVEL: fresh[schema.LEVEL].to_numpy(),
        }
    )
    whole = pd.concat([table, added], ignore_index=True) if len(added) else table
    number = pd.Series(np.arange(1, len(whole) + 1), index=whole["id"])
    number = number[whole["part"].ne(schema.REST).to_numpy() & number.index.notna()]
    number = number[~number.index.duplicated()]
    parents = {}
    for level, ids in above.items():
        column = number.reindex(ids).fillna(0).to_numpy(dtype=np.int64)
        parents[level] = np.concatenate([column, np.zeros(len(added), dtype=np.int64)])
    return whole, parents


def _placed(table: pd.DataFrame, places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give an end without coordinates those of its place."""
    axes = {_LON: schema.LON, _LAT: schema.LAT}
    return table.assign(
        **{
            axis: table[axis]
            .astype(float)
            .fillna(places[column].reindex(table["id"]).reset_index(drop=True))
            for axis, column in axes.items()
        }
    )


def _outlines(table: pd.DataFrame, places: gpd.GeoDataFrame) -> dict[int, Any]:
    shapes = places.geometry[places[schema.LEVEL].ne(schema.SETTLEMENT)].to_dict()
    return {
        number: shapes[place_id]
        for number, place_id in enumerate(table["id"], start=1)
        if is_area(shapes.get(place_id))
    }


def _whole(degrees: pd.Series) -> Numbers:
    values = degrees.to_numpy(dtype=float)
    whole = np.rint(np.nan_to_num(values) * _DEGREES)
    return np.where(np.isnan(values), _UNPLACED, whole).astype(np.int64)
