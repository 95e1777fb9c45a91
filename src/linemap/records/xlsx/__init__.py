"""Read Excel workbooks within limits: what is stored in each cell, and what is hidden."""

from __future__ import annotations

from linemap.records.xlsx.sheet import unescaped
from linemap.records.xlsx.workbook import read_workbook

__all__ = ["read_workbook", "unescaped"]
