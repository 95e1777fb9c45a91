"""A release as plain data for a page: flows packed by column, places, base map, words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from linemap import schema, style
from linemap.disclosure import Release
from linemap.gazetteer import Gazetteer
from linemap.maps import basemap, packing, words

FORMAT = 1  # raised whenever a page's script could not read an older page's data
_DEGREES = 100_000  # coordinates travel as whole hundred-thousandths of a degree: a metre
_TENTHS = 10  # distances travel as whole tenths of a kilometre
_UNPLACED = -(2**30)
_ROLL_UP = (schema.COUNTY, schema.FORCE, schema.NATION)

Key = tuple[str | None, str | None, str | None]  # place_id, name, level


@dataclass(frozen=True, slots=True)
class Words:
    """What the caller says about a map: texts only, shown as they are."""

    title: str
    subtitle: str = ""
    panes: tuple[str, ...] = ("",)
    notes: tuple[str, ...] = ()


def build_payload(
    release: Release,
    *,
    said: Words,
    look: style.Style,
    gazetteer: Gazetteer,
    pane_of: Sequence[int] | None = None,
    tiles: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Pack what a page shows of a release; counts are those of the release, none is added up.

    Flows come largest first, then those named only, then those mentioned, each
    in the release's order. `pane_of` says on which of several maps a flow is
    drawn. Texts are as they were; only :func:`linemap.maps.packing.json_text`
    may write them.
    """
    panes = pd.Series(pane_of if pane_of is not None else 0, index=release.flows.index)
    order = drawing_order(release.flows)
    flows, panes = release.flows.loc[order], panes.loc[order]
    nodes = Nodes.of(flows, release.places, gazetteer, roll_up=release.rule is not None)
    payload = {
        "format": FORMAT,
        "title": said.title,
        "subtitle": said.subtitle,
        "panes": list(said.panes),
        "statements": words.is_statements(release),
        "headlines": words.headlines(release),
        "caveats": [*words.caveats(release), *said.notes],
        "basis": words.basis(release),
        "attributions": list(release.attributions),
        "style": style_data(look, flows),
        "nodes": nodes.packed(),
        "flows": pack_flows(flows, panes, nodes, look),
        "grid": basemap.GRID,
        "base": basemap.base_data(gazetteer),
    }
    payload["slots"] = colour_slots(flows, nodes)
    if tiles:
        payload["tiles"] = dict(tiles)
    return payload


def drawing_order(flows: gpd.GeoDataFrame) -> pd.Index:
    """Order flows for drawing: largest count first, then named only, then mentioned; else stable."""
    counts = flows[schema.COUNT].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    mentioned = flows[schema.QUALIFIER].eq(schema.MENTIONED).fillna(value=False).to_numpy(bool)
    rank = np.lexsort((np.arange(len(flows)), mentioned, -np.nan_to_num(counts, nan=-1.0)))
    return flows.index[rank]


def style_data(look: style.Style, flows: gpd.GeoDataFrame) -> dict[str, Any]:
    """Describe widths, bands and colours; the widest width belongs to the largest drawn count."""
    drawn = flows.loc[
        flows[schema.DESTINATION_ID].notna() & flows[schema.MEASURE].ne(schema.AREAS_REACHED),
        schema.COUNT,
    ].dropna()
    largest = int(drawn.max()) if len(drawn) else 0
    classes = len(look.bands_km) + 1
    themes = [
        {**asdict(theme), "bands": style.band_colours(theme, classes=classes)}
        for theme in style.THEMES
    ]
    return {
        "colourBy": look.colour_by,
        "largest": largest,
        "widest": look.widest_px,
        "thinnest": look.thinnest_px,
        "named": look.named_px,
        "steps": style.legend_steps(largest),
        "bandEdges": look.bands_km,
        "bandLabels": style.band_labels(look.bands_km),
        "themes": themes,
    }


@dataclass(frozen=True)
class Nodes:
    """The distinct ends of flows: one row a place (or a name that has no place), numbered from 1.

    Number 0 is "not stated". Coordinates are the flows' own ends, else the
    place's; a name without a place has none.
    """

    number: dict[Key, int]
    lon: list[float]
    lat: list[float]
    outlines: dict[int, Any]
    parents: dict[str, list[int]]

    @classmethod
    def of(
        cls,
        flows: gpd.GeoDataFrame,
        places: gpd.GeoDataFrame,
        gazetteer: Gazetteer,
        *,
        roll_up: bool,
    ) -> Nodes:
        """Collect the ends of `flows`, origins first, each in order of appearance."""
        number: dict[Key, int] = {}
        where: dict[int, tuple[float, float]] = {}
        placed = flows.geometry.notna().to_numpy()
        ends = np.full((len(flows), 4), np.nan)
        ends[placed] = shapely.get_coordinates(flows.geometry[placed]).reshape(-1, 4)
        for side, columns in enumerate((ORIGIN_COLUMNS, DESTINATION_COLUMNS)):
            table = flows.loc[:, list(columns)].astype("object")
            table = table.where(table.notna(), None)
            table.columns = pd.Index(["id", "name", "level"])
            table["lon"], table["lat"] = ends[:, 2 * side], ends[:, 2 * side + 1]
            # one row a place, a row with coordinates before one without
            table["bare"] = np.isnan(ends[:, 0])
            table["turn"] = np.arange(len(table))
            first = table.sort_values(["bare", "turn"]).drop_duplicates(["id", "name", "level"])
            for row in first.sort_values("turn").itertuples(index=False):
                key = (row.id, row.name, row.level)
                if row.id is None and row.name is None:
                    number[key] = 0
                    continue
                index = number.setdefault(key, max([*number.values(), 0]) + 1)
                if not row.bare:
                    where.setdefault(index, (row.lon, row.lat))
        parents = _parents(number, gazetteer) if roll_up else {}
        size = max([*number.values(), 0])
        lon, lat = [float("nan")] * size, [float("nan")] * size
        outlines = {}
        for (place_id, _, _), index in number.items():
            if index == 0:
                continue
            known = place_id in places.index
            source = places if known else gazetteer.places
            if place_id is not None and (known or place_id in gazetteer.places.index):
                if index not in where:
                    row = source.loc[place_id]
                    where[index] = (float(row[schema.LON]), float(row[schema.LAT]))
                shape = source.geometry.loc[place_id]
                if basemap.is_area(shape):
                    outlines[index] = shape
            lon[index - 1], lat[index - 1] = where.get(index, (float("nan"), float("nan")))
        return cls(number, lon, lat, outlines, parents)

    def packed(self) -> dict[str, Any]:
        """Pack the places: names, levels, coordinates, outlines, parents."""
        keys = sorted((index, key) for key, index in self.number.items() if index)
        ids = [key[0] for _, key in keys]
        lon = np.array(self.lon, dtype=float)
        lat = np.array(self.lat, dtype=float)
        whole = lambda values: np.where(  # noqa: E731  one expression, used twice
            np.isnan(values), _UNPLACED, np.rint(np.nan_to_num(values) * _DEGREES)
        ).astype(np.int64)
        return {
            "id": packing.text_column(pd.Series(ids, dtype=object)),
            "name": packing.text_column(pd.Series([key[1] for _, key in keys], dtype=object)),
            "level": packing.text_column(pd.Series([key[2] for _, key in keys], dtype=object)),
            "lon": packing.packed_differences(whole(lon)),
            "lat": packing.packed_differences(whole(lat)),
            "outlined": packing.packed(sorted(self.outlines)),
            "outlines": basemap.pack_shapes([self.outlines[i] for i in sorted(self.outlines)]),
            "parents": {level: packing.packed(of) for level, of in self.parents.items()},
        }

    def index_of(self, flows: gpd.GeoDataFrame, columns: tuple[str, str, str]) -> np.ndarray:
        """Number the ends of `flows` that stand in `columns`."""
        table = flows.loc[:, list(columns)].astype("object")
        table = table.where(table.notna(), None)
        keys = zip(*(table[column] for column in columns), strict=True)
        return np.fromiter((self.number[key] for key in keys), dtype=np.int64, count=len(table))


ORIGIN_COLUMNS = (schema.ORIGIN_ID, schema.ORIGIN_NAME, schema.ORIGIN_LEVEL)
DESTINATION_COLUMNS = (schema.DESTINATION_ID, schema.DESTINATION_NAME, schema.DESTINATION_LEVEL)


def _parents(number: dict[Key, int], gazetteer: Gazetteer) -> dict[str, list[int]]:
    """Add to `number` the county (or borough), force and nation of each place, and point to them."""
    places = gazetteer.places
    first = sorted((index, key) for key, index in number.items() if index)
    by_id = {key[0]: index for index, key in first if key[0] is not None}
    found: dict[str, list[int]] = {}
    for level in _ROLL_UP:
        above = gazetteer.parent_at([key[0] for _, key in first], level)
        if level == schema.COUNTY:
            above = above.fillna(gazetteer.parent_at([key[0] for _, key in first], schema.BOROUGH))
        column = [0] * len(first)
        for row, parent in enumerate(above):
            if parent is None or pd.isna(parent):
                continue
            if parent not in by_id:
                key = (parent, str(places.at[parent, schema.NAME]), places.at[parent, schema.LEVEL])
                by_id[parent] = number[key] = max([*number.values(), 0]) + 1
            column[row] = by_id[parent]
        found[level] = column
    return found


def pack_flows(
    flows: gpd.GeoDataFrame, panes: pd.Series, nodes: Nodes, look: style.Style
) -> dict[str, Any]:
    """Pack the flows by column; a null count, distance or text stays null."""
    counts = pd.to_numeric(flows[schema.COUNT]).astype("Float64")
    yes_no = flows[schema.EXTERNAL].map({True: "yes", False: "no"}, na_action="ignore")
    return {
        "n": len(flows),
        "id": packing.id_column(flows[schema.FLOW_ID]),
        "origin": packing.packed(nodes.index_of(flows, ORIGIN_COLUMNS)),
        "destination": packing.packed(nodes.index_of(flows, DESTINATION_COLUMNS)),
        "count": packing.packed_differences(counts.fillna(-1).to_numpy(dtype=np.int64)),
        "km": packing.packed_nullable(flows[schema.DISTANCE_KM], scale=_TENTHS),
        "low": packing.packed_nullable(flows[schema.DISTANCE_LOW_KM], scale=_TENTHS),
        "high": packing.packed_nullable(flows[schema.DISTANCE_HIGH_KM], scale=_TENTHS),
        "band": packing.packed(
            style.band_of(
                pd.to_numeric(flows[schema.DISTANCE_KM]).to_numpy(float, na_value=np.nan),
                edges=look.bands_km,
            )
            + 1
        ),
        "pane": packing.text_column(panes.astype(str)),
        "external": packing.text_column(yes_no),
        **{
            name: packing.text_column(flows[column])
            for name, column in (
                ("measure", schema.MEASURE),
                ("start", schema.PERIOD_START),
                ("end", schema.PERIOD_END),
                ("qualifier", schema.QUALIFIER),
                ("source", schema.SOURCE),
                ("published", schema.PUBLISHED),
                ("url", schema.URL),
                ("note", schema.NOTE),
            )
        },
        "tags": [
            {"name": tag, **packing.text_column(flows[tag].astype("object"))}
            for tag in schema.tag_columns(flows)
        ],
    }


def colour_slots(flows: gpd.GeoDataFrame, nodes: Nodes) -> dict[str, list[int]]:
    """Number the colours of origins and of measures, those with most to draw first.

    Statements weigh one each, since their figures are never added; records
    weigh by their published counts.
    """
    statements = bool(flows[schema.INPUT].eq(schema.STATEMENTS).any())
    drawn = flows.geometry.notna().to_numpy(dtype=float)
    counts = pd.to_numeric(flows[schema.COUNT]).to_numpy(dtype=float, na_value=0.0)
    weight = drawn if statements else drawn * counts
    origin = pd.Series(weight).groupby(nodes.index_of(flows, ORIGIN_COLUMNS), sort=True).sum()
    measure = pd.Series(weight).groupby(pd.factorize(flows[schema.MEASURE])[0], sort=True).sum()
    by_origin = style.colour_slots(list(origin))
    return {
        "originNodes": [int(node) for node in origin.index],
        "originSlots": list(by_origin),
        "measureSlots": list(style.colour_slots(list(measure))),
    }
