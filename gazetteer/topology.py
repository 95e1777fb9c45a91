"""Cut a coverage into arcs: the lines between two nodes, each stored once.

Each vertex has a rank: 0 is drawn at every scale, 1 from a middling one on, 2
close by. The three outlines are nested, and shared lines stay shared in each.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely

QUANTUM = 1e-4  # degrees: about ten metres
TOLERANCE_KM = (4.0, 1.2, 0.25)  # of ranks 0, 1, 2
KM_PER_DEGREE = 111.2
SQUASH = float(np.cos(np.radians(54.5)))  # of a degree of longitude, amid the United Kingdom

Vertex = tuple[int, int]


@dataclass
class Topology:
    """Arcs, who lies on either side of each, and the rings of every area as arcs.

    A ring lists arcs by number; ``~i`` (that is, -1 - i) is arc i backwards.
    """

    arcs: list[list[Vertex]] = field(default_factory=list)
    sides: list[tuple[str, ...]] = field(default_factory=list)
    rings: dict[str, list[list[int]]] = field(default_factory=dict)


def nested(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, dict[Vertex, int]]:
    """Return the finest outlines in quanta, and the rank of each of their vertices."""
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy * [SQUASH, 1.0])
    finest, rank = shapes, {}
    for level in (2, 1, 0):
        shapes = shapely.coverage_simplify(shapes, TOLERANCE_KM[level] / KM_PER_DEGREE)
        if level == 2:
            finest = shapes
        rank.update(dict.fromkeys(_vertices(shapes), level))
    return finest, rank


def cut(
    names: list[str],
    shapes: np.ndarray,
    rank: dict[Vertex, int],
    ends: list[tuple[float, float]],
) -> Topology:
    """Cut outlines (as `nested` returns them) into arcs that end where the neighbours change.

    They end, too, at the vertices nearest to `ends`, which get rank 0 in `rank`.
    """
    forced = {_nearest(rank, lon, lat) for lon, lat in ends}
    rank.update(dict.fromkeys(forced, 0))
    rings = {
        name: [_ring(r) for r in _rings(shape)] for name, shape in zip(names, shapes, strict=True)
    }
    sides = _sides(rings)
    result = Topology()
    known: dict[tuple[Vertex, ...], int] = {}
    for name, loops in rings.items():
        result.rings[name] = []
        for loop in loops:
            numbers = []
            for arc in _split(loop, sides, rank, forced):
                forward, backward = tuple(arc), tuple(reversed(arc))
                if forward in known:
                    numbers.append(known[forward])
                elif backward in known:
                    numbers.append(~known[backward])
                else:
                    known[forward] = len(result.arcs)
                    numbers.append(len(result.arcs))
                    result.arcs.append(list(arc))
                    result.sides.append(sides[_edge(arc[0], arc[1])])
            result.rings[name].append(numbers)
    return result


def pack(arcs: list[list[Vertex]]) -> str:
    """Write arcs as base64 of variable-length integers: each arc's length, then its steps."""
    out = bytearray()
    x = y = 0
    for arc in arcs:
        _varint(out, len(arc))
        for to_x, to_y in arc:
            _varint(out, _zigzag(to_x - x))
            _varint(out, _zigzag(to_y - y))
            x, y = to_x, to_y
    return base64.b64encode(bytes(out)).decode("ascii")


def _nearest(rank: dict[Vertex, int], lon: float, lat: float) -> Vertex:
    x, y = lon / QUANTUM, lat / QUANTUM
    return min(rank, key=lambda v: ((v[0] - x) * SQUASH) ** 2 + (v[1] - y) ** 2)


def _vertices(shapes: np.ndarray) -> list[Vertex]:
    return [_quantised(xy) for xy in shapely.get_coordinates(shapes)]


def _quantised(xy: np.ndarray) -> Vertex:
    return round(xy[0] / SQUASH / QUANTUM), round(xy[1] / QUANTUM)


def _rings(shape: shapely.Geometry) -> list[np.ndarray]:
    polygons = shapely.get_parts(shape)
    return [shapely.get_coordinates(ring) for p in polygons for ring in (p.exterior, *p.interiors)]


def _ring(coordinates: np.ndarray) -> list[Vertex]:
    """Return the open ring in quanta, without repeats."""
    loop = [_quantised(xy) for xy in coordinates[:-1]]
    return [v for v, before in zip(loop, loop[-1:] + loop[:-1], strict=True) if v != before]


def _edge(a: Vertex, b: Vertex) -> tuple[Vertex, Vertex]:
    return (a, b) if a < b else (b, a)


def _sides(rings: dict[str, list[list[Vertex]]]) -> dict[tuple[Vertex, Vertex], tuple[str, ...]]:
    sides: dict[tuple[Vertex, Vertex], tuple[str, ...]] = {}
    for name, loops in rings.items():
        for loop in loops:
            for a, b in zip(loop, loop[1:] + loop[:1], strict=True):
                edge = _edge(a, b)
                sides[edge] = (*sides.get(edge, ()), name)
    return sides


def _split(
    loop: list[Vertex],
    sides: dict[tuple[Vertex, Vertex], tuple[str, ...]],
    rank: dict[Vertex, int],
    forced: set[Vertex],
) -> list[list[Vertex]]:
    n = len(loop)
    who = [sides[_edge(loop[i], loop[(i + 1) % n])] for i in range(n)]
    nodes = [i for i in range(n) if set(who[i]) != set(who[i - 1]) or loop[i] in forced]
    if not nodes:
        lowest = min(range(n), key=lambda i: (rank.get(loop[i], 2), loop[i]))
        whole = loop[lowest:] + loop[: lowest + 1]
        return [whole if whole[1] < whole[-2] else whole[::-1]] if len(who[0]) > 1 else [whole]
    arcs = []
    for start, end in zip(nodes, [*nodes[1:], nodes[0] + n], strict=True):
        arcs.append([loop[i % n] for i in range(start, end + 1)])
    return arcs


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _varint(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
