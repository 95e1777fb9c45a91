"""The gazetteer: a frozen set of places, their other names, sources, and points inside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from linemap.errors import UnknownPlaceError
from linemap.gazetteer.assign_parents import (
    ALIAS,
    BOUNDARY_ERROR_KM,
    LISTED_ID,
    OTHERS,
    POPULATION,
    SAME_KM,
    areas_of_today,
    as_column,
    duplicates,
    join,
    places_of_listing,
)
from linemap.gazetteer.custom_layers import Layer, read_layers, weighted_points
from linemap.gazetteer.readers import read_geonames, read_ons_ipn, read_os_open_names
from linemap.gazetteer.storage import (
    POSTCODES,
    STATIONS,
    as_places,
    read_gazetteer,
    read_postcode_districts,
    read_shipped,
    read_stations,
    read_toy,
    write_gazetteer,
)
from linemap.io import ID, ROWS, PathLike, attributions, combine, register
from linemap.schema import (
    BECAME_IDS,
    BOROUGH,
    BOROUGH_ID,
    COUNTY,
    COUNTY_ID,
    GEOMETRY,
    GROUP,
    LAT,
    LEVEL,
    LEVELS,
    LON,
    MEMBERS,
    NAME,
    NEAR_COUNTY_IDS,
    NEAR_FORCE_IDS,
    PARENT_IDS,
    PLACE_ID,
    PLACES_CONTRACT,
    POPULATION_WEIGHT,
    SETTLEMENT,
    SOURCE,
    STATION,
    require_contract,
)

# Longitudes, latitudes and weights of the points inside a place.
Points = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, repr=False, eq=False)
class Gazetteer:
    """Places with their parents, their other names, and where both come from.

    >>> uk = Gazetteer.load()
    >>> uk["borough:islington"]["gss_code"]
    'E09000019'
    >>> uk.members("force:sussex")
    ('county:brighton-and-hove', 'county:east-sussex', 'county:west-sussex')
    >>> uk.parent_at(["settlement:2636464", "borough:hackney"], "force").tolist()
    ['force:norfolk', 'force:metropolitan']

    ``places`` is a PLACES frame indexed by place_id. ``aliases`` has one row
    per other name (``alias``, ``place_id``, ``kind``, ``source``). ``sources``
    has one row per source, as :mod:`linemap.io` registers them. Neither
    frame is to be changed: make a new gazetteer.
    """

    places: gpd.GeoDataFrame
    aliases: pd.DataFrame
    sources: pd.DataFrame

    def __post_init__(self) -> None:
        require_contract(self.places, PLACES_CONTRACT)

    @classmethod
    def load(
        cls, source: Gazetteer | PathLike | None = None, *, stations: bool = False,
        postcode_districts: bool = False,
    ) -> Gazetteer:  # fmt: skip
        """Load the gazetteer of the United Kingdom that ships with linemap, or one from a file.

        `source` is a file that :meth:`save` or ``linemap gazetteer build`` wrote; a gazetteer
        that is loaded already is returned as it is; without it the shipped one is meant. With
        `stations` come the 2,600 railway stations of Great Britain (level
        station; ODbL 1.0: everything made with them carries the notice that
        :attr:`attributions` holds), with `postcode_districts` the 2,900 postcode
        districts. The shipped one is read once. Raises InputError.
        """
        if source is None:
            base = _load_with_stations() if stations else _load()
        else:
            base = source if isinstance(source, Gazetteer) else cls(*read_gazetteer(source))
            base = base.with_stations() if stations else base
        return base.with_postcode_districts() if postcode_districts else base

    def save(self, path: PathLike) -> Path:
        """Write all of it as one GeoParquet file that :meth:`load` and a GIS open.

        Railway stations are left out, being under a licence of their own: ask for
        them again when loading. The same gazetteer gives the same bytes. Raises
        OutputError.
        """
        kept = self.places[self.places[LEVEL] != STATION]
        aliases = self.aliases[self.aliases[PLACE_ID].isin(kept.index)]
        return write_gazetteer(path, (kept, aliases, self.sources[self.sources[ID] != STATIONS]))

    def with_stations(self) -> Gazetteer:
        """Add the railway stations of Great Britain (ODbL 1.0)."""
        if STATIONS in set(self.sources[ID]):
            return self
        table, source = read_stations()
        listing = table.copy()
        listing[POPULATION] = np.nan
        listing[OTHERS] = [(f"{name} station", f"{name} railway station") for name in table[NAME]]
        places, aliases = places_of_listing(
            listing, areas_of_today(self.places), source=STATIONS, prefix=f"{STATION}:",
            level=STATION,
        )  # fmt: skip
        return self._joined(places, aliases, source)

    def with_postcode_districts(self) -> Gazetteer:
        """Add the postcode districts of Great Britain."""
        if POSTCODES in set(self.sources[ID]):
            return self
        places, source = read_postcode_districts()
        for column in PARENT_IDS.values():  # a parent that the user's own areas replaced is null
            known = places[column].isin(self.places.index)
            places[column] = places[column].astype(object).where(known, None)
        return self._joined(places, self.aliases.iloc[:0], source)

    def _joined(
        self, places: gpd.GeoDataFrame, aliases: pd.DataFrame, source: pd.DataFrame
    ) -> Gazetteer:
        both = pd.concat([self.places, places[self.places.columns]])
        both.index = pd.Index(both.index, dtype=object, name=PLACE_ID)
        return Gazetteer(
            as_places(pd.DataFrame(both.drop(columns=GEOMETRY)), both[GEOMETRY].to_numpy()),
            pd.concat([self.aliases, aliases], ignore_index=True),
            combine([self.sources, source]),
        )

    def __repr__(self) -> str:
        """Say in one line what it holds."""
        counts = self.places[LEVEL].value_counts()
        held = ", ".join(f"{counts[level]:,} {level}" for level in LEVELS if level in counts)
        return f"<Gazetteer of {len(self.places):,} places: {held}>"

    def _repr_html_(self) -> str:
        """Show in a notebook what it holds, and its sources."""
        counts = self.places[LEVEL].value_counts()
        rows = "".join(
            f"<tr><td>{level}</td><td style='text-align:right'>{counts[level]:,}</td></tr>"
            for level in LEVELS
            if level in counts
        )
        named = "".join(f"<li>{escape(text)}</li>" for text in self.attributions)
        return (
            f"<table><caption>Gazetteer: {len(self.places):,} places, {len(self.aliases):,} other "
            f"names</caption><tr><th>level</th><th>places</th></tr>{rows}</table><ul>{named}</ul>"
        )

    @classmethod
    def toy(cls) -> Gazetteer:
        """Load the toy world of 4 boroughs and 5 towns that the examples use."""
        return _toy()

    @classmethod
    def from_files(cls, *layers: Layer, boundary_error_km: float = BOUNDARY_ERROR_KM) -> Gazetteer:
        """Make a gazetteer of your own boundaries and place lists; see :class:`Layer`.

        A settlement within `boundary_error_km` of another area's outline names
        that area among those near it: 2 km suits the shipped outlines, 0.1 km
        the generalised ones of national statistics.

        Where no layer holds boroughs or counties, the shipped areas stand in.
        The shipped settlements are not in it: ``Gazetteer.load().merge(own)``
        has both. Raises InputError with every fault of a file and its row.
        """
        return cls(*read_layers(layers, read_shipped(), error_km=boundary_error_km))

    @classmethod
    def from_geonames(
        cls, path: PathLike, *, alternates: PathLike | None = None, base: Gazetteer | None = None
    ) -> Gazetteer:
        """Add the settlements of a full GeoNames export to `base`, by default the shipped one.

        `path` is ``GB.txt`` or ``allCountries.txt``, `alternates` is
        ``alternateNames.txt`` or ``alternateNamesV2.txt``. Raises InputError.
        """
        source = register(
            "geonames-full", path, rows=0, title="GeoNames, full export", licence="CC BY 4.0",
            attribution="Places: GeoNames (CC BY 4.0)", url="https://www.geonames.org/",
        )  # fmt: skip
        listing = read_geonames(path, alternates=alternates)
        return (base or cls.load())._added(listing, source)

    @classmethod
    def from_os_open_names(cls, path: PathLike, *, base: Gazetteer | None = None) -> Gazetteer:
        """Add the populated places of OS Open Names to `base`, by default the shipped one.

        `path` is the unpacked folder, or one of its tiles. Raises InputError.
        """
        source = register(
            "os-open-names", path, rows=0, title="OS Open Names", licence="OGL v3",
            attribution="Contains OS data © Crown copyright and database right (OGL v3)",
            url="https://www.ordnancesurvey.co.uk/products/os-open-names",
        )  # fmt: skip
        return (base or cls.load())._added(read_os_open_names(path), source)

    @classmethod
    def from_ons_ipn(cls, path: PathLike, *, base: Gazetteer | None = None) -> Gazetteer:
        """Add the localities of the ONS Index of Place Names to `base`, by default the shipped one.

        `path` is the CSV of any year. Raises InputError.
        """
        source = register(
            "ons-ipn", path, rows=0, title="ONS Index of Place Names in Great Britain",
            licence="OGL v3",
            attribution="Contains National Statistics and OS data © Crown copyright and "
            "database right (OGL v3)",
            url="https://geoportal.statistics.gov.uk/",
        )  # fmt: skip
        return (base or cls.load())._added(read_ons_ipn(path), source)

    def _added(self, listing: pd.DataFrame, source: pd.DataFrame) -> Gazetteer:
        """Merge a listing into this gazetteer."""
        name = str(source[ID].iloc[0])
        places, aliases = places_of_listing(
            listing, areas_of_today(self.places), source=name, prefix=f"{SETTLEMENT}:"
        )
        return self.merge(Gazetteer(places, aliases, source.assign(**{ROWS: len(listing)})))

    def with_shipped_settlements(self) -> Gazetteer:
        """Add the shipped settlements, with their parents among the areas of this gazetteer.

        A parent that is here too stays as it ships; one that is not is looked for
        by the settlement's point.
        """
        shipped = _load()
        towns = shipped.places[shipped.places[LEVEL] == SETTLEMENT].copy()
        listing = pd.DataFrame(
            {LISTED_ID: towns.index, NAME: towns[NAME], LON: towns[LON], LAT: towns[LAT],
             POPULATION: towns[POPULATION_WEIGHT], OTHERS: [()] * len(towns)}
        )  # fmt: skip
        found, _ = places_of_listing(listing, areas_of_today(self.places), source="", prefix="")
        for column in PARENT_IDS.values():
            here = towns[column].isin(self.places.index)
            towns[column] = towns[column].where(here, found[column])
        for column in (NEAR_COUNTY_IDS, NEAR_FORCE_IDS):
            known = set(self.places.index)
            stay = [known.issuperset(ids) for ids in towns[column]]
            towns[column] = as_column(
                [own if keep else new for own, keep, new in zip(
                    towns[column], stay, found[column], strict=True
                )],
                towns.index,
            )  # fmt: skip
        aliases = shipped.aliases[shipped.aliases[PLACE_ID].isin(towns.index)]
        return self.merge(Gazetteer(towns, aliases, shipped.sources))

    def merge(self, other: Gazetteer, *, same_km: float = SAME_KM) -> Gazetteer:
        """Return one gazetteer of both; a settlement that both name stands once.

        Two settlements are one if they share an id, or are spelt alike, have
        one parent, and lie within `same_km`. Ours keep id, name and point, and
        get the weights, codes and other names that only `other` has.
        """
        same = duplicates(self.places, other.places, same_km=same_km, our_aliases=self.aliases)
        theirs = other.aliases.assign(
            **{PLACE_ID: other.aliases[PLACE_ID].map(lambda i: same.get(i, i))}
        )
        aliases = pd.concat([self.aliases, theirs], ignore_index=True)
        return Gazetteer(
            weighted_points(join(self.places, other.places, same)),
            aliases.drop_duplicates([ALIAS, PLACE_ID], ignore_index=True),
            combine([self.sources, other.sources]),
        )

    @property
    def attributions(self) -> tuple[str, ...]:
        """List the attributions that whatever is made from these places must show."""
        return attributions(self.sources)

    def __getitem__(self, place_id: str) -> pd.Series:
        """Return the row of one place. Raises UnknownPlaceError."""
        self._require(place_id)
        row: pd.Series = self.places.loc[place_id]
        return row

    def parent_at(self, place_ids: Sequence[str | None] | pd.Series, level: str) -> pd.Series:
        """Name the place at `level` that each place lies in.

        A place at `level` answers itself. The answer is None where no parent is
        known: for a borough at level county, for an area larger than `level`,
        for a group, and for a null or unknown place_id. Keeps the order, and
        the index of a Series.
        """
        if level not in LEVELS:
            raise ValueError(f"No level is named {level!r}; levels are {', '.join(LEVELS)}.")
        asked = place_ids if isinstance(place_ids, pd.Series) else pd.Series(list(place_ids))
        asked = asked.astype(object)
        own = self.places[LEVEL].reindex(asked).eq(level).to_numpy()
        column = PARENT_IDS.get(level)
        if column is None:
            answer = np.full(len(asked), None, dtype=object)
        else:
            answer = self.places[column].reindex(asked).to_numpy(dtype=object, copy=True)
        answer[own] = asked.to_numpy()[own]
        answer[pd.isna(answer)] = None
        return pd.Series(answer, index=asked.index, dtype=object, name=f"{level}_id")

    def members(self, place_id: str) -> tuple[str, ...]:
        """List what a district, force, region, nation or group consists of, in its own order.

        Settlements for a district and for an earlier area, boroughs and counties
        for the others. A group of groups lists the areas inside. Empty for a
        settlement, a borough or a county. Raises UnknownPlaceError.
        """
        members = self._fact(place_id, MEMBERS)
        return tuple(members) if members is not None else ()

    @cached_property
    def has_shipped_areas(self) -> bool:
        """Whether its boroughs and counties of today are the shipped ones, so that their lines are.

        True of the shipped gazetteer with further settlements, stations, postcode
        districts or districts.
        """
        mine, shipped = (
            places[places[LEVEL].isin([BOROUGH, COUNTY]) & places[BECAME_IDS].isna()][SOURCE]
            for places in (self.places, _load().places)
        )
        return bool(mine.sort_index().equals(shipped.sort_index()))

    @cached_property
    def earlier_areas(self) -> dict[str, tuple[str, ...]]:
        """The earlier areas that each settlement lay in, by its place_id (those that lay in any).

        >>> Gazetteer.load().earlier_areas["settlement:2653775"]
        ('county:cumbria', 'district:carlisle')
        """
        found: dict[str, list[str]] = {}
        earlier = self.places[self.places[BECAME_IDS].notna()]
        for place_id, members in sorted(earlier[MEMBERS].items()):
            for member in members or ():
                found.setdefault(member, []).append(str(place_id))
        return {member: tuple(areas) for member, areas in found.items()}

    def settlements(self, place_id: str) -> gpd.GeoDataFrame:
        """Return the settlements inside a place, in the table's order (itself for a settlement).

        Raises UnknownPlaceError.
        """
        self._require(place_id)
        return self._towns.iloc[self._settlement_positions(place_id)]

    def sample(self, place_id: str, n: int = 256) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the inside of a place as points: longitudes, latitudes, and weights that sum to 1.

        One point for a settlement or station; about `n` even points of the polygon for a
        borough and for an area without a weighted settlement (its settlements
        alike where it has no polygon, its representative point where it has none); else the
        settlements that have a weight (all of them, whatever `n`). The same
        points each time. Raises UnknownPlaceError.
        """
        level = self._fact(place_id, LEVEL)
        if level in (SETTLEMENT, STATION):
            return self._point_of(place_id)
        settlements = self._points(place_id)
        if level != BOROUGH:
            weighted = _weighted_by_population(settlements)
            if weighted is not None and not self._is_boroughs(place_id):
                return weighted
        outline = self._outline(place_id)
        if outline is not None:
            lon, lat = _lattice(outline, n)
        elif len(settlements[0]):
            lon, lat, _ = settlements
        else:
            return self._point_of(place_id)
        return lon, lat, np.full(len(lon), 1 / len(lon))

    def extent(self, place_id: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the vertices of a place's outline: longitudes and latitudes.

        With them come its settlements that lie just outside the outline. Where a
        place has no polygon (a settlement, a hand-listed district), its
        settlements alone. Raises UnknownPlaceError.
        """
        lon, lat, _ = self._points(place_id)
        outline = self._outline(place_id)
        if outline is None:
            return (lon, lat) if len(lon) else self._point_of(place_id)[:2]
        vertices = shapely.get_coordinates(outline)
        shapely.prepare(outline)
        out = ~shapely.contains_xy(outline, lon, lat)
        return np.append(vertices[:, 0], lon[out]), np.append(vertices[:, 1], lat[out])

    def _is_boroughs(self, place_id: str) -> bool:
        members = self.members(place_id)
        return bool(members) and all(m.startswith(f"{BOROUGH}:") for m in members)

    def _require(self, place_id: str) -> None:
        if place_id not in self.places.index:
            raise UnknownPlaceError(f"The gazetteer has no place with the id {place_id!r}.")

    def _fact(self, place_id: str, column: str) -> Any:
        """Return one cell of the places, which pandas looks up in a fifth of a millisecond."""
        self._require(place_id)
        if column not in self._facts:
            self._facts[column] = dict(zip(self.places.index, self.places[column], strict=True))
        return self._facts[column][place_id]

    @cached_property
    def _facts(self) -> dict[str, dict[str, Any]]:
        return {}

    def _settlement_positions(self, place_id: str) -> np.ndarray:
        """Return where the settlements inside a place stand in `_towns`, in their order."""
        level, earlier = (self._fact(place_id, column) for column in (LEVEL, BECAME_IDS))
        nothing = np.empty(0, dtype=np.intp)
        if level == SETTLEMENT:
            return np.asarray(self._towns.index.get_indexer([place_id]))
        if earlier is None and level != GROUP and level in PARENT_IDS:
            return self._positions_in(PARENT_IDS[level]).get(place_id, nothing)
        members = list(self.members(place_id))
        found = self._towns.index.get_indexer(members)
        parts = [found[found >= 0]]
        if earlier is None:
            inside = [self._positions_in(column) for column in (BOROUGH_ID, COUNTY_ID)]
            parts += [held.get(member, nothing) for member in members for held in inside]
        return np.unique(np.concatenate(parts))

    def _positions_in(self, column: str) -> dict[str, np.ndarray]:
        """Return where the settlements of each parent stand in `_towns`."""
        if column not in self._positions:
            groups = self._towns.groupby(column, sort=False, observed=True).indices
            self._positions[column] = {str(parent): rows for parent, rows in groups.items()}
        return self._positions[column]

    @cached_property
    def _positions(self) -> dict[str, dict[str, np.ndarray]]:
        return {}

    def _points(self, place_id: str) -> Points:
        """Return the settlements inside a place; the weight of one without is not a number."""
        rows = self._settlement_positions(place_id)
        lon, lat, weight = self._coordinates
        return lon[rows], lat[rows], weight[rows]

    def _point_of(self, place_id: str) -> Points:
        """Return the representative point of a place, with weight 1."""
        lon, lat = (float(self.places.loc[place_id, axis]) for axis in (LON, LAT))
        return np.array([lon]), np.array([lat]), np.ones(1)

    def _outline(self, place_id: str) -> shapely.Geometry | None:
        """Return the polygon of a place, if it has one that is not empty."""
        shape = self._fact(place_id, GEOMETRY)
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
            return None
        return None if shape.is_empty else shape

    @cached_property
    def _coordinates(self) -> Points:
        lon, lat, weight = (
            self._towns[column].to_numpy(dtype=float, na_value=np.nan)
            for column in (LON, LAT, POPULATION_WEIGHT)
        )
        return lon, lat, weight

    @cached_property
    def _towns(self) -> gpd.GeoDataFrame:
        return self.places[self.places[LEVEL] == SETTLEMENT]


@cache
def _load() -> Gazetteer:
    return Gazetteer(*read_shipped())


@cache
def _load_with_stations() -> Gazetteer:
    return _load().with_stations()


@cache
def _toy() -> Gazetteer:
    return Gazetteer(*read_toy())


def _weighted_by_population(settlements: Points) -> Points | None:
    """Return the settlements that have a weight, or None if none has."""
    lon, lat, weight = settlements
    known = weight > 0
    if not known.any():
        return None
    return lon[known], lat[known], weight[known] / weight[known].sum()


def _lattice(outline: shapely.Geometry, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return about `n` lattice points inside a polygon, from south-west to north-east."""
    west, south, east, north = outline.bounds
    squash = np.cos(np.radians((south + north) / 2))
    step = np.sqrt(outline.area * squash / n)
    lon: np.ndarray
    lat: np.ndarray
    while True:
        lon, lat = (
            grid.ravel()
            for grid in np.meshgrid(
                _centres(west, east, step / squash), _centres(south, north, step)
            )
        )
        inside = shapely.contains_xy(outline, lon, lat)
        if inside.sum() >= max(1, n // 2):
            return lon[inside], lat[inside]
        step /= 1.5


def _centres(low: float, high: float, step: float) -> np.ndarray:
    count = max(1, int(np.ceil((high - low) / step)))
    middle = (low + high) / 2
    centres: np.ndarray = middle + (np.arange(count) - (count - 1) / 2) * step
    return centres
