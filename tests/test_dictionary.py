"""The data dictionary has every column of every table of a release, and the page is its own."""

from __future__ import annotations

import csv
import hashlib
import re
from importlib import resources
from pathlib import Path

import frictionless
import pyarrow as pa
import pytest

from linemap import schema
from linemap.disclosure import as_published, protect
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_records, read_statements
from linemap.release import Written, dictionary_text, write_release
from linemap.release.writers import ReleaseTable

TYPES = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
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


@pytest.fixture(params=[schema.RECORDS, schema.STATEMENTS])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Written:
    toy = Gazetteer.toy()
    path = tmp_path / "table.csv"
    if request.param == schema.RECORDS:
        path.write_text(RECORDS, "utf-8")
        release = protect(build_flows(read_records(path), gazetteer=toy), gazetteer=toy)
    else:
        path.write_text(STATEMENTS, "utf-8")
        flows = build_flows(read_statements(path), gazetteer=toy)
        release = as_published(flows, gazetteer=toy)
    return write_release(release, tmp_path / "out", title="Figures of 4 areas (‘new’)")


def test_every_column_of_a_release_is_told(told, written: Written) -> None:
    page = (written.folder / "data-dictionary.md").read_text("utf-8")
    seen = 0
    for entry in written.manifest["resources"]:
        lists = [part["columns"] for part in (*entry.get("layers", ()), *entry.get("sheets", ()))]
        for columns in (*lists, entry.get("schema", {}).get("fields", ())):
            for column in columns:
                row = told[column["name"]]
                seen += 1
                # what is null throughout may have been written as a number
                assert {row["type"], "number"} >= {TYPES[column["type"]]}, column
                assert row["meaning"]
                assert row["null means"]
                assert f"| `{column['name']}` |" in page
    assert seen > 100


def test_frictionless_finds_the_package_valid(written: Written) -> None:
    report = frictionless.validate(str(written.folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    tables = [task for task in report.tasks if task.type == "table"]
    assert len(tables) == len(list(written.folder.glob("*.csv")))
    (written.folder / "whole.csv").write_text("other\r\n1\r\n", "utf-8-sig")
    assert not frictionless.validate(str(written.folder / "datapackage.json")).valid


def test_the_package_keeps_the_standards_rules(written: Written) -> None:
    """Name, path, hash and types as https://datapackage.org/standard has them."""
    entries = written.manifest["resources"]
    name = re.compile(r"[-a-z0-9._/]+")
    assert name.fullmatch(written.manifest["name"])
    assert len({entry["name"] for entry in entries}) == len(entries) > 5
    for entry in entries:
        assert name.fullmatch(entry["name"])
        data = (written.folder / entry["path"]).read_bytes()
        assert entry["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert entry["bytes"] == len(data)
        assert entry["type"] == ("table" if entry["path"].endswith(".csv") else "file")
        assert ("schema" in entry) == (entry["type"] == "table")


def test_the_name_of_a_tag_is_shown_and_followed_by_nobody() -> None:
    tag = "[a](http://x) `b` <script>|"
    page = dictionary_text([ReleaseTable("flows", pa.table({schema.COUNT: [1], tag: ["c"]}))])
    assert page.count("\n| ") == 5  # the heading, the rule below it, count, geometry, the tag
    assert not re.search(r"http://x\)|<script|`b`", page)
    assert "A column of the table that was counted" in page


def test_the_page_of_the_documentation_is_the_dictionary(root: Path) -> None:
    assert (root / "docs" / "data-dictionary.md").read_text("utf-8") == dictionary_text()
