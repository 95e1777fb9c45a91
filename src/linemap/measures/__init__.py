"""What a reader would ask of flows, each answer beside its n and its unknowns.

How far: :func:`reach`, :func:`reach_estimates`, :func:`distance_bands`,
:func:`far_ends`. Where: :func:`geography`, :func:`mean_centre`, :func:`median_centre`.
How many: :func:`rates`, :func:`monthly_rates`. Were the unknown known: :func:`unknown_bounds`,
:func:`reach_if_known`. How spread: :func:`concentration`,
:func:`location_quotients`, :func:`ranks`, :func:`rank_agreement`. Who with
whom: :func:`senders`, :func:`overlap`. Before and after: :func:`compare`,
:func:`rate_ratio`. To read: :func:`as_table`. Column names: :mod:`linemap.measures.columns`.

- `reach`: how far, in which bands, and what unknown destinations could change.
- `centrography`: where destinations lie as a whole.
- `ranks`: the order of destinations, concentration, who sends to each.
- `rates`: counts a month, location quotients, comparisons.
- `display`: measures as tables to read.
- `columns`: the names of the result columns.
- `_grouping`: which flows belong together, and may be added.
- `_statistics`: means, quantiles and intervals of groups.
"""

from __future__ import annotations

from linemap.measures.centrography import geography, mean_centre, median_centre
from linemap.measures.display import as_table
from linemap.measures.ranks import concentration, overlap, rank_agreement, ranks, senders
from linemap.measures.rates import (
    Comparison,
    compare,
    location_quotients,
    monthly_rates,
    poisson_interval,
    rate_ratio,
    rates,
)
from linemap.measures.reach import (
    distance_bands,
    far_ends,
    reach,
    reach_estimates,
    reach_if_known,
    unknown_bounds,
)

__all__ = [
    "Comparison",
    "as_table",
    "compare",
    "concentration",
    "distance_bands",
    "far_ends",
    "geography",
    "location_quotients",
    "mean_centre",
    "median_centre",
    "monthly_rates",
    "overlap",
    "poisson_interval",
    "rank_agreement",
    "ranks",
    "rate_ratio",
    "rates",
    "reach",
    "reach_estimates",
    "reach_if_known",
    "senders",
    "unknown_bounds",
]


def __dir__() -> list[str]:
    """List what is for the reader: functions and their results, not the modules behind them."""
    return sorted(__all__)
