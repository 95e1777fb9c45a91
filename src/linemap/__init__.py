"""Turn a table of who was found where into places, flows, distances and a map."""

from __future__ import annotations

__version__ = "0.1.0"
