"""The data dictionary has every column of every table of a release, and the page is its own."""

from __future__ import annotations

import csv
import importlib.util
from importlib import resources
from pathlib import Path

import pytest

from linemap import schema
from linemap.disclosure import as_published, protect
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_records, read_statements
from linemap.release import write_release

TYPES = {
    "text": "text", "integer": "whole number", "number": "number", "truth": "true or false",
    "geometry": "geometry",
}  # fmt: skip
RECORDS = "borough,town,count\nAshwick,Eastby,30\nAshwick,Westshire,25\nBirchgate,not known,20\n"
STATEMENTS = (
    "origin,origin level,destination,destination level,measure,value,source\n"
    "Ashwick,borough,Eastby,town,arrests,12,Gazette\n"
    "Ashwick,borough,Northshire,county,named,,Gazette\n"
)


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, str]]:
    with (resources.files("linemap") / "data" / "columns.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["column"] for row in rows}) == len(rows)
    return {row["column"]: row for row in rows}


@pytest.mark.parametrize("kind", [schema.RECORDS, schema.STATEMENTS])
def test_every_column_of_a_release_is_told(told, kind: str, tmp_path: Path) -> None:
    toy = Gazetteer.toy()
    path = tmp_path / "table.csv"
    if kind == schema.RECORDS:
        path.write_text(RECORDS, "utf-8")
        release = protect(build_flows(read_records(path), gazetteer=toy), gazetteer=toy)
    else:
        path.write_text(STATEMENTS, "utf-8")
        flows = build_flows(read_statements(path), gazetteer=toy)
        release = as_published(flows, gazetteer=toy)
    seen = 0
    for output in write_release(release, tmp_path / "out").manifest["outputs"]:
        for table in (output, *output.get("layers", ()), *output.get("sheets", ())):
            for column in table.get("columns", ()):
                row = told[column["name"]]
                seen += 1
                # what is null throughout may have been written as a number
                assert {row["type"], "number"} >= {TYPES[column["type"]]}, column
                assert row["meaning"]
                assert row["null means"]
    assert seen > 100


def test_the_page_is_made_of_the_dictionary(root: Path) -> None:
    spec = importlib.util.spec_from_file_location("dictionary", root / "docs" / "dictionary.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (root / "docs" / "data-dictionary.md").read_text("utf-8") == module.page()
