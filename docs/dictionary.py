"""Write docs/data-dictionary.md from src/linemap/data/columns.csv."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

PAGE = Path(__file__).parent / "data-dictionary.md"
HEAD = """# Data dictionary

Every column of every table of a release, in the order in which the tables have them. The same
names mean the same in CSV, GeoParquet, GeoPackage and the workbook. Written by
`python docs/dictionary.py` from `src/linemap/data/columns.csv`.

An empty cell is null: the last column says what that means. Null is never zero.

| column | type | unit | meaning | null means |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """Write the page of the data dictionary."""
    with (resources.files("linemap") / "data" / "columns.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = []
    for row in rows:
        cells = [f"`{row['column']}`", row["type"], row["unit"], row["meaning"], row["null means"]]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
