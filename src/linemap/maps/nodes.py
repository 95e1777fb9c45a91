"""The ends of flows as numbered places, packed for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from linemap import schema
from linemap.distance import geodesic_km
from linemap.gazetteer import Gazetteer
from linemap.maps import packing

_DEGREES = 100_000  # coordinates travel as whole hundred-thousandths of a degree: a metre
_UNPLACED = -(2**30)
_AROUND = (schema.COUNTY, schema.FORCE, schema.REGION, schema.NATION)
_ORIGIN = (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL)
_DESTINATION = (schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL)
_KEY = ("id", "name", "level")
_LON, _LAT = "lon", "lat"

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
        known = ends[["id", "name"]].notna().any(axis=1).to_numpy()
        spelled = (
            ends["id"].fillna("") + "\0" + ends["name"].fillna("") + "\0" + ends["level"].fillna("")
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
        fine = ~self.table["level"].isin([schema.REGION, schema.NATION]).to_numpy()
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
            force = self.table["level"].eq(schema.FORCE).tolist()
            ground: dict[tuple[str, tuple[int, ...]], int] = {}
            wide = self.table["level"].isin([schema.REGION, schema.NATION]).tolist()
            fine = [n for n in sorted(self.outlines) if not wide[n - 1]]
            areas = {n: packing.areas_of(ids[n - 1], gazetteer) for n in fine}
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
        areas = {n: packing.areas_of(ids.iloc[n - 1], gazetteer) for n in sorted(self.outlines)}
        numbers = [number for number, found in areas.items() if not found]
        return {
            "name": packing.text_column(self.table["name"]),
            "level": packing.text_column(self.table["level"]),
            "id": packing.text_column(ids),
            "rest": packing.packed(self.rest),
            "ends": self.ends,
            "lon": packing.packed_differences(_whole(self.table[_LON])),
            "lat": packing.packed_differences(_whole(self.table[_LAT])),
            "areas": {number: areas for number, areas in areas.items() if areas},
            "outlined": packing.packed(numbers),
            "outlines": packing.pack_shapes([self.outlines[number] for number in numbers]),
            "parents": {level: packing.packed(of) for level, of in self.parents.items()},
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
        own = table["level"].eq(level).to_numpy()
        if level == schema.COUNTY:
            borough = places[schema.BOROUGH_ID].astype("object").reindex(table["id"])
            above = above.where(above.notna(), borough)
            own = own | table["level"].eq(schema.BOROUGH).to_numpy()
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
            "name": fresh[schema.NAME].to_numpy(),
            "level": fresh[schema.LEVEL].to_numpy(),
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
        if packing.is_area(shapes.get(place_id))
    }


def _whole(degrees: pd.Series) -> Numbers:
    values = degrees.to_numpy(dtype=float)
    whole = np.rint(np.nan_to_num(values) * _DEGREES)
    return np.where(np.isnan(values), _UNPLACED, whole).astype(np.int64)
