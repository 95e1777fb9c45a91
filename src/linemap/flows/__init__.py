"""Records counted into pairs of places; statements joined to theirs, one flow each.

A FLOWS frame holds one kind of input only. Records are disjoint and may be
rolled up; statements overlap and rival each other, and stand as printed.
"""

from __future__ import annotations

from linemap.flows.build import Geocoder, build_flows
from linemap.flows.pairs import measure_pairs
from linemap.flows.periods import Period
from linemap.flows.rollup import roll_up
from linemap.flows.toy import toy_flows

__all__ = ["Geocoder", "Period", "build_flows", "measure_pairs", "roll_up", "toy_flows"]
