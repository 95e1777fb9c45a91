"""Make the vector base map that ships with linemap: lines, areas and labels, for a web page."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
from topology import QUANTUM, TOLERANCE_KM, Topology, Vertex, cut, nested, pack

LABELS = 160  # places that the map may name, largest first
CAPITAL = "settlement:2643743"
APART_KM = 12.0  # a smaller place nearer than this to a larger one has no label


def write(areas: gpd.GeoDataFrame, towns: pd.DataFrame, border: pd.DataFrame, path: Path) -> None:
    """Write the base map as one line of JSON; its README beside it tells the format.

    `border` is the table of the land border with Ireland.
    """
    shapes, rank = nested(areas)
    ends = [
        (float(lon), float(lat))
        for lon, _, lat in border["node"].str.partition(" ").to_numpy()
        if lon
    ]
    topology = cut(list(areas.index), shapes, rank, ends)
    limits = dict(zip(border["place_id"], border["west_of"].astype(float), strict=True))
    kinds = [
        _kind(areas, set(sides), arc, limits)
        for sides, arc in zip(topology.sides, topology.arcs, strict=True)
    ]
    content = {
        "quantum": QUANTUM,
        "tolerance_km": list(TOLERANCE_KM),
        "arcs": pack(topology.arcs),
        "ranks": _ranks(topology, rank),
        "kinds": "".join(kinds),
        "areas": [
            [place_id, row["name"], row["force_id"], row["nation_id"], topology.rings[place_id]]
            for place_id, row in areas.iterrows()
        ],
        "labels": labels(towns),
    }
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    path.write_text(text + "\n", encoding="ascii", newline="\n")


def labels(towns: pd.DataFrame) -> list[list[object]]:
    """List the places to name, largest first, none within 12 km of a larger one."""
    chosen: list[list[object]] = []
    capital = towns.index == CAPITAL  # first, though its population is no weight
    ordered = towns.assign(_first=capital).sort_values(
        ["_first", "largeness", "name"], ascending=[False, False, True]
    )
    for place_id, row in ordered.iterrows():
        x, y = row["lon"], row["lat"]
        if all(((x - c[1]) * 66) ** 2 + ((y - c[2]) * 111) ** 2 > APART_KM**2 for c in chosen):
            chosen.append([row["name"], round(x, 3), round(y, 3), place_id])
        if len(chosen) == LABELS:
            break
    return chosen


def _kind(
    areas: gpd.GeoDataFrame, sides: set[str], arc: list[Vertex], limits: dict[str, float]
) -> str:
    """Name an arc by what it divides, in one letter.

    c coast, i Ireland, n two nations, r London's edge, b two boroughs, f two
    forces, a two areas of one force.
    """
    if len(sides) == 1:
        middle = sum(x for x, _ in arc) / len(arc) * QUANTUM
        return "i" if middle < limits.get(min(sides), -180.0) else "c"
    a, b = (areas.loc[side] for side in sorted(sides))
    if a["nation_id"] != b["nation_id"]:
        return "n"
    if {a["level"], b["level"]} == {"borough", "county"}:
        return "r"
    if a["level"] == "borough":
        return "b"
    return "f" if a["force_id"] != b["force_id"] else "a"


def _ranks(topology: Topology, rank: dict[Vertex, int]) -> str:
    """Write the rank of every vertex, in the arcs' order, four to a byte, the first lowest."""
    flat = []
    for arc in topology.arcs:
        flat += [0, *(rank.get(v, 2) for v in arc[1:-1]), 0]
    flat += [0] * (-len(flat) % 4)
    packed = bytes(
        flat[i] | flat[i + 1] << 2 | flat[i + 2] << 4 | flat[i + 3] << 6
        for i in range(0, len(flat), 4)
    )
    return base64.b64encode(packed).decode("ascii")
