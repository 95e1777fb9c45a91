"""The users' own boundaries and place lists, read with every fault named at once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError

from linemap.errors import Fault, InputError
from linemap.gazetteer.assign_parents import (
    GRID,
    LISTED_ID,
    OTHERS,
    POPULATION,
    Locator,
    areas_of_today,
    as_column,
    places_of_listing,
)
from linemap.gazetteer.readers import (
    UNITED_KINGDOM,
    are_degrees,
    coordinate_system,
    degrees,
    hint_for,
    name_faults,
    other_faults,
    others,
    text_faults,
)
from linemap.gazetteer.storage import ALIAS_COLUMNS, as_places
from linemap.io import (
    SOURCE_COLUMNS,
    PathLike,
    cells_as_text,
    checksum,
    combine,
    format_of,
    lacking,
    local,
    read_features,
    read_rows,
    register,
)
from linemap.schema import (
    BECAME_IDS,
    BOROUGH,
    COUNTY,
    COUNTY_ID,
    DISTRICT,
    FORCE,
    GEOMETRY,
    GROUP,
    GSS_CODE,
    LAT,
    LEVEL,
    LEVELS,
    LON,
    MEMBERS,
    NAME,
    NATION,
    NEAR_COUNTY_IDS,
    NEAR_FORCE_IDS,
    NOTE,
    PARENT_IDS,
    PLACE_ID,
    PLACES_CONTRACT,
    POPULATION_WEIGHT,
    REGION,
    SETTLEMENT,
    SOURCE,
    VINTAGE,
)

_AREAS = ("Polygon", "MultiPolygon")


def judge(
    outlines: gpd.GeoSeries, rows: list[int]
) -> tuple[list[shapely.Geometry], list[bool], list[Fault]]:
    """Return outlines in EPSG:4326, whether each had to be mended, and what is wrong, by row.

    Each is a polygon in the United Kingdom that encloses an area; where there
    are faults, the outlines are not to be used.
    """
    mended, invalid, faults = [], [], []
    for row, given, shape in zip(rows, outlines, _in_degrees(outlines), strict=True):
        fault = _shapeless(given, row) or _elsewhere(given, shape, row, outlines.crs)
        if fault is None:
            mended.append(_polygon(shape))
            invalid.append(not shape.is_valid)
            if mended[-1].is_empty:
                hint = "Draw it again: a ring needs three corners that are not in one line."
                fault = Fault("the outline encloses no area.", row, hint=hint)
        if fault is not None:
            faults.append(fault)
    return mended, invalid, faults


def _in_degrees(outlines: gpd.GeoSeries) -> gpd.GeoSeries:
    try:
        return outlines.to_crs("EPSG:4326")
    except ProjError as error:
        raise InputError(
            f"The coordinate system {outlines.crs.name!r} cannot be turned into degrees: save the "
            "file in EPSG:4326 or EPSG:27700."
        ) from error


def _shapeless(given: shapely.Geometry | None, row: int) -> Fault | None:
    if given is None or given.is_empty:
        return Fault("the area has no outline.", row)
    if given.geom_type not in _AREAS:
        return Fault(f"a {given.geom_type} is no outline of an area.", row)
    if not np.isfinite(shapely.get_coordinates(given)).all():
        hint = "Give that corner a place, or take it out."
        return Fault("a corner of the outline has a coordinate that is no number.", row, hint=hint)
    return None


def _elsewhere(
    given: shapely.Geometry, shape: shapely.Geometry, row: int, system: CRS
) -> Fault | None:
    a, b, c, d = shape.bounds
    west, south, east, north = UNITED_KINGDOM
    inside = west <= a and south <= b and c <= east and d <= north
    x0, y0, x1, y1 = given.bounds
    if not system.is_geographic:  # degrees, read as metres, lie in the sea off Scilly
        inside &= not are_degrees(np.array([x0, x1]), np.array([y0, y1])).all()
    if inside:
        return None
    hint = hint_for((x0 + x1) / 2, (y0 + y1) / 2, system)
    return Fault("the area lies outside the United Kingdom.", row, hint=hint or None)


def _polygon(shape: shapely.Geometry) -> shapely.Geometry:
    """Mend an outline, and keep of it what is an area."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    return shapely.union_all([part for part in parts if part.geom_type in _AREAS])


_FIRST: Final = {"CSV": 2}  # the first record's row as a person counts it; a feature's is 1
_DECIMAL: Final = r"(?<=\d)\.0$"  # of a whole number that a spreadsheet wrote
_NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:[eE]\+?[0-9]{1,3})?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file (or frame) of places, and which of its columns are what.

    ``level`` is the level of its places. A list of settlements is a CSV or
    Parquet table with ``lon`` and ``lat`` (eastings and northings if ``crs``
    says so), or a GeoJSON, GeoPackage or GeoParquet file of points; any other
    level needs outlines. ``population``, ``code`` (a GSS code) and ``others``
    (other names, parted by semicolons) are columns that may be there;
    ``nation`` one that says Northern Ireland where coordinates might be on the
    Irish grid. ``id`` is the column of a lasting id; without it a settlement is
    known by its row. What is named must exist. ``vintage`` is the month of the
    areas, "2024-05".
    """

    path: PathLike | pd.DataFrame
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
    vintage: str | None = None
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
    def title_of_file(self) -> str:
        """What messages call it: the file's name, or that it is a frame."""
        return "the frame" if isinstance(self.path, pd.DataFrame) else local(self.path).name

    @property
    def columns(self) -> dict[str, str | None]:
        """The columns that the caller named."""
        return {
            NAME: self.name, LISTED_ID: self.id, LON: self.lon, LAT: self.lat, GSS_CODE: self.code,
            POPULATION: self.population, OTHERS: self.others, "nation": self.nation,
        }  # fmt: skip


def parse_layer(text: str) -> Layer:
    """Read a layer as the command line takes it: ``FILE,level=district,name=NAME,code=CODE``.

    >>> parse_layer("districts.gpkg,level=district,name=LAD24NM").name
    'LAD24NM'

    Raises InputError for a key that a layer does not have.
    """
    path, *pairs = text.split(",")
    said = dict(pair.partition("=")[::2] for pair in pairs)
    known = [field.name for field in fields(Layer) if field.name != "path"]
    wrong = [key for key, value in said.items() if key.strip() not in known or not value.strip()]
    if wrong:
        raise InputError(
            f"--layer {text!r}: write {wrong[0]!r} as key=value, with a key of {', '.join(known)}."
        )
    return Layer(path=path, **{key.strip(): value.strip() for key, value in said.items()})


def read_list(layer: Layer) -> pd.DataFrame:
    """Read a layer of settlements as a LISTING. Raises InputError with every fault."""
    table, geometry, rows = _open(layer)
    if geometry is None and layer.lon is None:
        raise InputError(f"{layer.title_of_file} is a table: say which columns are lon and lat.")
    if geometry is not None and layer.lon is None:
        if geometry.geom_type.isin(_AREAS).any():
            raise InputError(
                f"{layer.title_of_file} holds outlines, and a list of settlements needs points. "
                "Say what its areas are, level='district' or level='county' for example."
            )
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
    codes = table[layer.code] if layer.code else pd.Series("", table.index)
    faults += text_faults(codes, rows, layer.code or "")
    people = _people(table, layer, rows, faults)
    also = table[layer.others] if layer.others else pd.Series("", table.index)
    faults += other_faults(also, rows, layer.others or "")
    if faults:
        raise InputError(f"{layer.title_of_file} cannot be used:", _ordered(faults))
    return pd.DataFrame(
        {
            LISTED_ID: ids, NAME: table[layer.name].str.strip(), LON: lon, LAT: lat,
            POPULATION: people,
            OTHERS: [others(cell) for cell in also],
            GSS_CODE: [code or None for code in codes],
        }
    ).reset_index(drop=True)  # fmt: skip


def read_outlines(layer: Layer) -> gpd.GeoDataFrame:
    """Read a layer of areas: name, GSS code, note, outline in EPSG:4326.

    An invalid outline is mended, and its note says so. Raises InputError with
    every fault.
    """
    table, geometry, rows = _open(layer)
    name = layer.title_of_file
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
    if isinstance(layer.path, pd.DataFrame):
        table, geometry, kind = *_of_frame(layer, layer.path), "frame"
    elif (kind := format_of(layer.path)) == "CSV" or (kind == "Parquet" and layer.lon is not None):
        table, geometry = read_rows(layer.path), None
    else:
        features = read_features(layer.path, layer=layer.layer)
        geometry = features.geometry
        if layer.crs is not None:
            geometry = geometry.set_crs(coordinate_system(layer.crs), allow_override=True)
        table = cells_as_text(pd.DataFrame(features.drop(columns=features.geometry.name)))
    if table.empty:
        raise InputError(f"{layer.title_of_file} holds no places.")
    for column in {layer.code, layer.id} & set(table.columns):
        table[column] = table[column].str.strip().str.replace(_DECIMAL, "", regex=True)
    lost = lacking(table, layer.columns)
    if lost:
        raise InputError(
            f"{layer.title_of_file} lacks columns that were named:",
            [
                Fault("there is no such column.", column=c, hint=f"There are: {_list(table)}.")
                for c in lost
            ],
        )
    return table, geometry, [int(row) for row in table.index + _FIRST.get(kind, 1)]


def _of_frame(layer: Layer, frame: pd.DataFrame) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    """Return a caller's frame as text, and its geometry if it has one; rows count from 1."""
    frame = frame.reset_index(drop=True)
    if not isinstance(frame, gpd.GeoDataFrame) or layer.lon is not None:
        return cells_as_text(pd.DataFrame(frame)), None
    geometry = frame.geometry
    if layer.crs is not None:
        geometry = geometry.set_crs(coordinate_system(layer.crs), allow_override=True)
    return cells_as_text(pd.DataFrame(frame.drop(columns=geometry.name))), geometry


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


_MOSTLY: Final = 0.95  # an area lies in a larger one with this share of its ground
_SETS = (FORCE, REGION, NATION)  # levels whose members are boroughs and counties


def read_layers(
    layers: Sequence[Layer],
    shipped: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
    *,
    error_km: float,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the places, other names and sources of the users' layers.

    Where no layer holds boroughs or counties, the shipped areas (with all that
    is made of them) stand in, so that settlements have parents.
    """
    if not layers:
        raise InputError("Give at least one layer.")
    for given in layers:
        if not isinstance(given, Layer):
            raise InputError(
                f"{given!r} is no layer: say what it holds, for example "
                "Layer(path='districts.gpkg', level='district', name='NAME', code='CODE')."
            )
    numbered = [(f"own-{i}", layer) for i, layer in enumerate(layers, 1)]
    areas, registers = [], []
    for source, layer in numbered:
        if layer.level != SETTLEMENT:
            areas.append(_areas(layer, source, shipped[0]))
            registers.append(_register(layer, source, len(areas[-1])))
    own = gpd.GeoDataFrame(pd.concat(areas), crs="EPSG:4326") if areas else shipped[0].iloc[:0]
    if own.index.has_duplicates:
        raise InputError(f"Two areas are called {own.index[own.index.duplicated()][0]!r}.")
    bring = bool(own[LEVEL].isin([BOROUGH, COUNTY]).any())
    base = own if bring else _without_settlements(shipped[0], own)
    if len(own):
        base = _with_larger(_related(base), own, shipped[0])
    _say_what_is_left_out(shipped[0], base, own)
    aliases = [shipped[1][shipped[1][PLACE_ID].isin(base.index.difference(own.index))]]
    if len(base) > len(own):
        registers = [shipped[2], *registers]
    places = [base]
    home = areas_of_today(base)
    for source, layer in numbered:
        if layer.level == SETTLEMENT:
            listing = read_list(layer)
            found, other = places_of_listing(
                listing, home, source=source, prefix=f"{SETTLEMENT}:{source}-", error_km=error_km
            )
            places.append(found)
            aliases.append(other)
            registers.append(_register(layer, source, len(found)))
    both = pd.concat(places)
    both.index.name = PLACE_ID
    whole = as_places(pd.DataFrame(both.drop(columns=GEOMETRY)), both[GEOMETRY].to_numpy())
    names = pd.concat(aliases, ignore_index=True)
    return weighted_points(whole), names[list(ALIAS_COLUMNS)], combine(registers)


def _say_what_is_left_out(
    shipped: gpd.GeoDataFrame, base: gpd.GeoDataFrame, own: gpd.GeoDataFrame
) -> None:
    """Warn where the users' areas put shipped ones out of the gazetteer, with how many of each."""
    areas = shipped[(shipped[LEVEL] != SETTLEMENT) & shipped[BECAME_IDS].isna()]
    left = areas[~areas.index.isin(base.index)][LEVEL].value_counts()
    if not len(own) or left.empty:
        return
    told = ", ".join(f"{left[level]} of level {level}" for level in LEVELS if level in left.index)
    warnings.warn(
        f"These layers stand in the stead of shipped areas, which are left out: {told}. To have "
        "both, merge: Gazetteer.load().merge(own).",
        UserWarning,
        stacklevel=4,
    )


def _with_larger(
    base: gpd.GeoDataFrame, own: gpd.GeoDataFrame, shipped: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Give the users' areas a force, region and nation, where their own layers give none.

    A district has those of its county. Else it is the shipped one that at least
    95 % of the area lies in; an area that is more evenly parted has none. What
    is so named joins the gazetteer, with the users' areas as its members.
    """
    base = base.copy()
    mine = own.index[own[LEVEL].isin([BOROUGH, DISTRICT, COUNTY])]
    brought = set(own[LEVEL])
    for level in _SETS:
        column = PARENT_IDS[level]
        county = base[COUNTY_ID].reindex(mine)
        of_county = base[column].reindex(county).to_numpy()
        given = base.loc[mine, column]
        base.loc[mine, column] = given.where(given.notna(), of_county)
        lacking_ = base.loc[mine].index[base.loc[mine, column].isna()]
        if level in brought or not len(lacking_):
            continue
        sets = shipped[shipped[LEVEL] == level]
        outlines = sets.geometry.to_crs(GRID).to_numpy()
        shapes = base.geometry.loc[lacking_].to_crs(GRID).to_numpy()
        which, there = shapely.STRtree(outlines).query(shapes, predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes[which], outlines[there]))
        inside = shared >= _MOSTLY * shapely.area(shapes[which])
        base.loc[lacking_[which[inside]], column] = sets.index.to_numpy()[there[inside]]
    named = pd.unique(base[[PARENT_IDS[level] for level in _SETS]].to_numpy().ravel())
    new = [i for i in shipped.index if i in set(named) and i not in base.index]
    joined = shipped.loc[new].copy()
    joined[MEMBERS] = None
    both = gpd.GeoDataFrame(pd.concat([base, joined]), crs="EPSG:4326")
    return _with_members(both) if new else base


def weighted_points(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Move each county's, force's, region's and nation's point to its settlements' weighted mean.

    An area without a weighted settlement keeps its point, and so does one made of
    boroughs, whose point is its middle.
    """
    places = places.copy()
    towns = places[(places[LEVEL] == SETTLEMENT) & (places[POPULATION_WEIGHT] > 0)]
    weight = towns[POPULATION_WEIGHT]
    london = places[MEMBERS].map(_of_boroughs)
    for level in (COUNTY, *_SETS):
        parent = towns[PARENT_IDS[level]]
        total = weight.groupby(parent).sum()
        ids = total.index.intersection(places.index[(places[LEVEL] == level) & ~london])
        for axis in (LON, LAT):
            mean = (towns[axis] * weight).groupby(parent).sum() / total
            places.loc[ids, axis] = mean[ids]
        places.loc[ids, POPULATION_WEIGHT] = total[ids]
    return places


def _of_boroughs(members: tuple[str, ...] | None) -> bool:
    return bool(members) and all(m.startswith(f"{BOROUGH}:") for m in members or ())


def _register(layer: Layer, source: str, rows: int) -> pd.DataFrame:
    said = {"title": layer.title, "licence": layer.licence, "attribution": layer.attribution}
    if not isinstance(layer.path, pd.DataFrame):
        return register(source, layer.path, rows=rows, url=layer.url, **said)
    content = layer.path.to_csv(index=False).encode("utf-8", "surrogatepass")
    title = layer.title or source
    values = (
        source, title, "", checksum(content), rows, layer.licence, layer.attribution or title,
        layer.url,
    )  # fmt: skip
    return pd.DataFrame([dict(zip(SOURCE_COLUMNS, values, strict=True))])


def _areas(layer: Layer, source: str, shipped: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer's areas as rows of PLACES, without relations.

    An area with the GSS code of a shipped one of its level has that one's id.
    """
    read = read_outlines(layer)
    slugs = [re.sub(r"[^\w]+", "-", name.casefold().replace("'", "")) for name in read[NAME]]
    twice = pd.Series(slugs).duplicated(keep=False)
    if twice.any():
        slugs = [
            f"{s}-{code}".casefold() if again else s
            for s, code, again in zip(slugs, read[GSS_CODE], twice, strict=True)
        ]
    coded = shipped[(shipped[LEVEL] == layer.level) & shipped[GSS_CODE].notna()]
    known = dict(zip(coded[GSS_CODE], coded.index, strict=True))
    ids = [
        known.get(code, f"{layer.level}:{s.strip('-')}")
        for s, code in zip(slugs, read[GSS_CODE], strict=True)
    ]
    index = pd.Index(ids, name=PLACE_ID, dtype=object)
    frame = gpd.GeoDataFrame(read.set_axis(index, axis=0), crs="EPSG:4326")
    middle = shapely.point_on_surface(frame.geometry.to_numpy())
    empty = pd.Series([()] * len(frame), index=index, dtype=object)
    made = frame.assign(
        **{LEVEL: layer.level, SOURCE: source, POPULATION_WEIGHT: np.nan, MEMBERS: None,
           VINTAGE: layer.vintage, BECAME_IDS: None,
           LON: shapely.get_x(middle), LAT: shapely.get_y(middle),
           NEAR_COUNTY_IDS: empty, NEAR_FORCE_IDS: empty},
        **dict.fromkeys(PARENT_IDS.values()),
    )  # fmt: skip
    return made[list(PLACES_CONTRACT.columns)]


def _without_settlements(places: gpd.GeoDataFrame, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the shipped areas, those of the users' own put in their stead.

    Earlier areas and members of districts are lists of settlements, which are not
    there: they are left out. Where the users bring districts, so are the shipped.
    """
    left = [SETTLEMENT, DISTRICT] if own[LEVEL].eq(DISTRICT).any() else [SETTLEMENT]
    kept = places[~places[LEVEL].isin(left) & places[BECAME_IDS].isna()].copy()
    kept[MEMBERS] = kept[MEMBERS].where(kept[LEVEL] != DISTRICT, None)
    return gpd.GeoDataFrame(pd.concat([kept.drop(index=own.index, errors="ignore"), own]),
                            crs="EPSG:4326")  # fmt: skip


def _related(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give areas the larger ones that they lie in, and those their members; keep what is given."""
    places = places.copy()
    rank = {level: i for i, level in enumerate(LEVELS)}
    for level in (DISTRICT, COUNTY, *_SETS):
        larger = places[(places[LEVEL] == level) & places[MEMBERS].isna()]
        smaller = places.index[places[LEVEL].map(rank) < rank[level]]
        smaller = smaller.intersection(places.index[places[PARENT_IDS[level]].isna()])
        if level == COUNTY:  # a London borough lies in no county
            smaller = smaller[places.loc[smaller, LEVEL] != BOROUGH]
        if larger.empty or not len(smaller):
            continue
        inside = shapely.point_on_surface(places.geometry.loc[smaller].to_numpy())
        home, _, _ = Locator(larger.geometry).locate(shapely.get_x(inside), shapely.get_y(inside))
        places.loc[smaller, PARENT_IDS[level]] = home
    return _with_members(places)


def _with_members(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give forces, regions and nations without members the boroughs and counties in them."""
    places = places.copy()
    for level in _SETS:
        small = places[places[LEVEL].isin([BOROUGH, COUNTY])]
        of_parent = {p: tuple(ids) for p, ids in small.groupby(PARENT_IDS[level]).groups.items()}
        asked = (places[LEVEL] == level) & places[MEMBERS].isna()
        places[MEMBERS] = as_column(
            [
                of_parent.get(place_id, ()) if ask else members
                for place_id, ask, members in zip(places.index, asked, places[MEMBERS], strict=True)
            ],
            places.index,
        )
    return places
