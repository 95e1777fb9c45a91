"""The columns of SUMMARY and of the other results, once.

A column that ends in ``_km`` is in kilometres, ``share_`` is 0 to 1. Beside a
statistic of distance, ``_low`` and ``_high`` before the unit are its bounds
over where in the places people may be (every distance at its nearest, at its
furthest); sampling intervals stand apart, in the tidy estimates.
"""

from __future__ import annotations

from typing import Final

from linemap import schema

N: Final = "n"  # counted, with a place at both ends: what the statistics of distance are over
N_UNPLACED: Final = "n_unplaced"  # counted, with no place: in no statistic of distance
N_FLOWS: Final = "n_flows"  # rows of the FLOWS frame, whatever they hold
N_FLOWS_UNPLACED: Final = "n_flows_unplaced"
N_NAMED: Final = "n_named"  # rows that name a place as a destination and count nothing
N_MENTIONED: Final = "n_mentioned"  # rows that mention a place, not as a destination: in nothing
N_DESTINATIONS: Final = "n_destinations"  # distinct places, counted or named, at whatever level
N_FORCES: Final = "n_forces"  # distinct forces of those destinations that lie in one
AREAS_REACHED: Final = "areas_reached"  # the largest number of areas that a statement prints
MEAN_KM: Final = "mean_km"
P25_KM: Final = "p25_km"
MEDIAN_KM: Final = "median_km"
P75_KM: Final = "p75_km"
P90_KM: Final = "p90_km"
SHARE_EXTERNAL: Final = "share_external"  # of those whose answer is known
SHARE_EXTERNAL_LOW: Final = "share_external_low"  # were every open one internal
SHARE_EXTERNAL_HIGH: Final = "share_external_high"  # were every open one external
N_EXTERNAL_OPEN: Final = "n_external_open"
FURTHEST_ID: Final = "furthest_id"
FURTHEST_NAME: Final = "furthest_name"
FURTHEST_KM: Final = "furthest_km"
FURTHEST_LOW_KM: Final = "furthest_low_km"
FURTHEST_HIGH_KM: Final = "furthest_high_km"
FORCE_NAME: Final = "force_name"

UNIT: Final = "unit"
BAND: Final = "band"
FROM_KM: Final = "from_km"
TO_KM: Final = "to_km"
N_LOW: Final = "n_low"
N_HIGH: Final = "n_high"
SHARE: Final = "share"
SHARE_LOW: Final = "share_low"
SHARE_HIGH: Final = "share_high"
CUMULATIVE_SHARE: Final = "cumulative_share"
RANK: Final = "rank"
RANK_LOW: Final = "rank_low"
RANK_HIGH: Final = "rank_high"

# What is shown at a level of these is at no one distance; more than a twentieth of it in a
# group leaves the group's statistics of distance open: only their bounds hold.
NO_ONE_DISTANCE: Final = frozenset({schema.NATION, schema.REGION})
MOST_WIDE: Final = 0.05

QUANTILES: Final[dict[str, float]] = {P25_KM: 0.25, MEDIAN_KM: 0.5, P75_KM: 0.75, P90_KM: 0.9}


def low(column: str) -> str:
    """Name the lower bound over the places' insides: ``mean_km`` gives ``mean_low_km``.

    >>> low("mean_km"), high("share_beyond_50_km")
    ('mean_low_km', 'share_beyond_50_high_km')
    """
    return f"{column.removesuffix('_km')}_low_km"


def high(column: str) -> str:
    """Name the upper bound over the places' insides: ``mean_km`` gives ``mean_high_km``."""
    return f"{column.removesuffix('_km')}_high_km"


def share_beyond(limit_km: float) -> str:
    """Name the share of the counted beyond a distance.

    >>> share_beyond(50), share_beyond(12.5)
    ('share_beyond_50_km', 'share_beyond_12.5_km')
    """
    return f"share_beyond_{limit_km:g}_km"
