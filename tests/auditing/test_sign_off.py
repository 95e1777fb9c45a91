"""The record for whoever signs a release off."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from linemap.auditing import review_release
from linemap.disclosure import DFE, Ledger, Rule, as_published, protect
from linemap.errors import InputNotFoundError
from linemap.gazetteer import Gazetteer
from linemap.release import write_release

PAIRS = {
    ("Ashwick", "Eastby"): 23, ("Ashwick", "Fernport"): 7, ("Ashwick", "Westshire"): 6,
    ("Birchgate", "Glenmoor"): 31,
}  # fmt: skip


@pytest.mark.parametrize(("rule", "rounded"), [(Rule(), 3), (DFE, 0)])
def test_each_table_is_listed_with_the_rules_that_acted_on_it(
    flows_of, toy: Gazetteer, tmp_path: Path, rule: Rule, rounded: int
) -> None:
    release = protect(flows_of(PAIRS), rule=rule, gazetteer=toy)
    folder = write_release(release, tmp_path / "out", title="Links").folder
    ledger = tmp_path / "ledger.json"
    Ledger().with_release(release).write(ledger)
    record = review_release(folder, ledger=ledger, gazetteer=toy)
    flows = next(table for table in record.tables if table.table == "flows")
    assert flows.shown == flows.rows == len(release.flows)
    assert flows.rounded == (flows.shown if rounded else 0)
    assert flows.rolled_up == int(
        (release.flows[["destination_coverage", "origin_coverage"]] == "rest").any(axis=1).sum()
    )
    assert flows.withheld == 0
    assert (
        record.manifest_sha256
        == hashlib.sha256((folder / "datapackage.json").read_bytes()).hexdigest()
    )
    assert record.narrowest is not None
    assert record.narrowest >= record.required == rule.width
    assert any("ledger" in what for what in record.attacker)
    said = str(record)
    one_line = " ".join(said.split())
    for part in (rule.name, rule.source, "secondary suppression", record.manifest_sha256, "Links"):
        assert part in one_line
    assert record.words == {"measure": ("links",)}
    assert max(map(len, said.splitlines())) <= 100
    assert len(said.splitlines()) <= 45  # one page


def test_statements_are_listed_as_printed(flows_of, toy: Gazetteer, tmp_path: Path) -> None:
    release = as_published(flows_of(PAIRS), gazetteer=toy, already_public=True)
    folder = write_release(release, tmp_path / "out").folder
    record = review_release(folder, gazetteer=toy)
    assert {table.rules for table in record.tables} == {("none: as printed",)}
    assert record.attacker == ()
    assert "already published" in str(record)


def test_a_folder_without_a_release_is_an_error(toy: Gazetteer, tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="holds no release"):
        review_release(tmp_path, gazetteer=toy)
