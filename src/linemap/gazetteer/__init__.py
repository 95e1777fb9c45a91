"""The table of places: settlements and areas, with their parents.

- `gazetteer`: the places, their other names and sources, and points inside each.
- `storage`: reads and writes places: what ships, a user's file, the toy world, the base map.
- `readers`: the public lists of settlements (GeoNames, ONS, Ordnance Survey).
- `assign_parents`: in which areas a place lies; two lists of places made one.
- `custom_layers`: the users' own boundaries and lists of places.

>>> from linemap.gazetteer import Gazetteer
>>> Gazetteer.toy().places.loc["borough:ashwick", "force_id"]
'force:metro'
"""

from linemap.gazetteer.custom_layers import Layer, parse_layer
from linemap.gazetteer.gazetteer import Gazetteer
from linemap.gazetteer.storage import basemap, basemap_json

__all__ = ["Gazetteer", "Layer", "basemap", "basemap_json", "parse_layer"]
