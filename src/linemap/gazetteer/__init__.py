"""The table of places: settlements and areas, with their parents.

>>> from linemap.gazetteer import Gazetteer
>>> Gazetteer.toy().places.loc["borough:ashwick", "force_id"]
'force:metro'
"""

from linemap.gazetteer.custom_layers import Layer, parse_layer
from linemap.gazetteer.gazetteer import Gazetteer
from linemap.gazetteer.storage import basemap, basemap_json

__all__ = ["Gazetteer", "Layer", "basemap", "basemap_json", "parse_layer"]
