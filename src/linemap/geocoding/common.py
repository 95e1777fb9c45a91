"""Names that so many places bear that one small bearer is not to be trusted.

Every list of places leaves hamlets, suburbs and parishes out. Where such a name
is asked without saying where, and the gazetteer holds only a small bearer, the
answer is that the name is ambiguous. The list is from general knowledge of
British place names: each is borne by five or more settlements or suburbs.
"""

from __future__ import annotations

from typing import Final

LARGE: Final = 50_000.0  # a bearer of so many people is meant by its plain name

_NAMES: Final = """
acton ashley ashton aston barton belmont benton bradley bramley brampton brandon brook broomfield
broughton buckland burnham burton carlton castleton chapel charlton chilton church clayton clifton
compton cottingham crosby crossgates dalton denton drayton eastend easton eaton elton fairfield
farley farnham fulford grange green greenfield hampton hatton haughton heath heaton hilton holme
holywell hope horton houghton hutton kilburn kingsley kirby kirkby langley langton lea leigh
linton littleton longton marston melbourne melton middleton milton moreton morton netherton
newbold newbridge newchurch newland newton newtown northend norton oakley oldtown overton park
preston radcliffe ridgeway riverside sandford seaton shelton shipley shipton stanley stanton
stapleford stapleton stoke stratton sutton swinton thornton thorpe townend upton walton waterloo
westend westfield weston whitchurch wilton winton woodhouse woodlands woodside wootton worthington
"""
COMMON_NAMES: Final = frozenset(_NAMES.split())
