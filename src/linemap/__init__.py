"""Turn a table of who was found where into places, flows, distances and a map.

Each public name works on its own in a notebook cell:

    import linemap as lm
    statements = lm.read_statements("data/raw/published_statements.csv")
    flows = lm.build_flows(statements)
    lm.reach(flows, by="origin")
    lm.flow_map(lm.as_published(flows))

A name is loaded when it is first used, so that ``import linemap`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from linemap._version import __version__ as __version__

_HOMES = {
    "Gazetteer": "gazetteer",
    "Layer": "gazetteer",
    "geocode": "geocoding",
    "read_aliases": "geocoding",
    "review_table": "geocoding",
    "ReadOptions": "records",
    "read_records": "records",
    "read_statements": "records",
    "extract_statements": "extraction",
    "build_flows": "flows",
    "roll_up": "flows",
    "to_matrix": "flows",
    "simulate_records": "simulate",
    "reach": "measures",
    "distance_bands": "measures",
    "concentration": "measures",
    "fit_decay": "models",
    "fit_gravity": "models",
    "Rule": "disclosure",
    "Release": "disclosure",
    "protect": "disclosure",
    "as_published": "disclosure",
    "audit": "auditing",
    "flow_map": "maps",
    "FlowLayer": "maps",
    "compare_maps": "maps",
    "explore": "maps",
    "save_map": "maps",
    "brief": "briefing",
    "paper_table": "briefing",
    "PlaceOptions": "pipeline",
    "build": "pipeline",
    "build_if_changed": "pipeline",
    "check": "pipeline",
    "preview": "pipeline",
}
_ROOMS = ("errors", "figures", "measures", "models", "schema")

__all__ = sorted([*_HOMES, *_ROOMS, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"linemap.{_HOMES[name]}"), name)
    elif name in _ROOMS:
        value = import_module(f"linemap.{name}")
    else:
        raise AttributeError(f"linemap has no {name!r}; it has {', '.join(__all__)}.")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
