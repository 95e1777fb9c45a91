"""The path from a table to a release, and what it tells of itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import linemap as lm
from linemap import pipeline, schema
from linemap.auditing import AuditReport, audit
from linemap.errors import DisclosureError, InputError, OutputError
from linemap.pipeline import building
from linemap.pipeline.series import Series
from linemap.records import ReadOptions, read
from linemap.release import read_release

STATEMENTS = (
    "statement_id,origin,origin_level,destination,destination_level,measure,value,source\n"
    "A1,Islington,borough,Newport,town,arrests,12,The Paper\n"
    "A2,Islington,borough,Norfolk,county,arrests,7,The Paper\n"
    "A3,Hackney,borough,,unknown,referrals,5,The Paper\n"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes most of a build's time: the map, the figures, and their audit."""
    monkeypatch.setattr(building, "draw_release", lambda *_, **__: {})
    monkeypatch.setattr(building, "audit", lambda *_, **__: AuditReport(()))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "figures.csv"
    path.write_text(STATEMENTS, encoding="utf-8")
    return path


def manifest(built: pipeline.Built) -> dict[str, Any]:
    return json.loads((built.folder / "datapackage.json").read_text(encoding="utf-8"))


def test_every_row_is_accounted_for(table: Path, tmp_path: Path) -> None:
    built = pipeline.build(table, out=tmp_path / "out", statements=True)
    assert built.summary[:2] == (
        "3 statements read: 1 placed, 2 without a place, 0 refused",
        "Without a place: 1 state no destination, 1 have a name without a place",
    )
    flows = read_release(built.folder).flows
    assert flows[schema.FLOW_ID].tolist() == ["A1", "A2", "A3"]
    assert flows.set_index(schema.FLOW_ID)[schema.COUNT].to_dict() == {"A1": 12, "A2": 7, "A3": 5}
    assert flows.geometry.isna().tolist() == [True, False, True]


def test_a_decision_on_a_name_is_used_and_recorded(table: Path, tmp_path: Path) -> None:
    aliases = tmp_path / "decisions.csv"
    aliases.write_text("name,place_id\nNewport,settlement:2641599\n", encoding="utf-8")
    built = pipeline.build(table, out=tmp_path / "out", statements=True, aliases=aliases)
    flows = read_release(built.folder).flows
    assert flows.set_index(schema.FLOW_ID).loc["A1", schema.DESTINATION_ID] == "settlement:2641599"
    told = manifest(built)
    assert told["settings"]["own_aliases"] is True
    hashes = {entry["name"]: entry["sha256"] for entry in told["inputs"]}
    assert hashes["decisions.csv"] == hashlib.sha256(aliases.read_bytes()).hexdigest()


def test_a_frame_will_do(table: Path, tmp_path: Path) -> None:
    built = pipeline.build(pd.read_csv(table), out=tmp_path / "out", statements=True)
    assert built.summary[0].startswith("3 statements read")


def test_a_release_of_records_does_not_tell_which_table_it_was_made_of(tmp_path: Path) -> None:
    table = tmp_path / "secret-operation.csv"
    lm.simulate_records(400, seed=3).drop(columns=[schema.ROW, schema.INPUT]).to_csv(
        table, index=False
    )
    built = pipeline.build(table, out=tmp_path / "out")
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    for path in built.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"secret-operation" not in content
            assert digest.encode() not in content
    assert digest in (built.private / "private.json").read_text(encoding="utf-8")


def test_a_release_that_fails_its_audit_is_not_written(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tampered(folder: Path, **options: Any) -> object:
        (folder / "extra.txt").write_text("a number that nobody declared: 3", encoding="utf-8")
        return audit(folder, **options)

    monkeypatch.setattr(building, "audit", tampered)
    with pytest.raises(DisclosureError):
        pipeline.build(table, out=tmp_path / "out", statements=True)
    assert not (tmp_path / "out").exists()


def test_steps_are_told_in_order(table: Path, tmp_path: Path) -> None:
    told: list[str] = []

    def tell(step: str, done: int | None = None, of: int | None = None) -> None:
        told.append(step)

    pipeline.build(table, out=tmp_path / "out", statements=True, tell=tell)
    assert list(dict.fromkeys(step.split()[0].strip(":") for step in told)) == [
        "Reading",
        "Finding",
        "Applying",
        "Writing",
        "Auditing",
    ]


def test_rules_have_names_and_owners() -> None:
    assert pipeline.rule_named("ons") == lm.Rule()
    changed = pipeline.rule_named("ons", threshold=20)
    assert (changed.threshold, changed.base) == (20, lm.Rule().base)
    assert "owner" in changed.name
    with pytest.raises(InputError, match="ons, nhs, dfe"):
        pipeline.rule_named("none")
    with pytest.raises(InputError, match="cannot protect"):
        pipeline.rule_named("ons", threshold=1)


def test_geopackage_and_parquet_tell_the_same(table: Path, tmp_path: Path) -> None:
    built = pipeline.build(table, out=tmp_path / "out", statements=True)
    parquet = gpd.read_parquet(built.folder / "flows.parquet")
    package = gpd.read_file(built.folder / "flows.gpkg", layer="flows")
    assert package[schema.FLOW_ID].tolist() == parquet[schema.FLOW_ID].tolist()
    assert package[schema.DISTANCE_KM].round(6).equals(parquet[schema.DISTANCE_KM].round(6))
    assert package.crs == parquet.crs


@pytest.fixture
def referrals(tmp_path: Path) -> Path:
    path = tmp_path / "referrals.csv"
    rows = ["borough,town,n", "Islington,Norwich,40", "Islington,Margate,15", "Hackney,Norwich,12"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def shown(built: pipeline.Built) -> dict[tuple[str, str], int]:
    flows = built.release.flows
    ends = zip(flows[schema.ORIGIN_NAME], flows[schema.DESTINATION_NAME], strict=True)
    return dict(zip(ends, flows[schema.COUNT], strict=True))


def test_one_child_more_changes_nothing_that_an_earlier_release_showed(
    referrals: Path, tmp_path: Path
) -> None:
    first = pipeline.build(referrals, out=tmp_path / "may", series="referrals")
    text = referrals.read_text("utf-8")
    # 42 is rounded to 40 and 43 to 45: alone, the second release would tell of the one child
    referrals.write_text(text.replace("Norwich,40", "Norwich,43"), encoding="utf-8")
    assert not any("repeated" in line for line in first.summary)
    assert any(
        "are shown (shares of the rounded numbers), by destination: " in line
        for line in first.summary
    )
    second = pipeline.build(referrals, out=tmp_path / "june", series="referrals")
    [said] = [line for line in second.summary if "repeated_numbers.csv" in line]
    assert (
        "3 numbers are those of an earlier release of the same records: where fewer than 10" in said
    )
    assert shown(second) == shown(first)
    assert second.release.caveats == first.release.caveats
    told = pd.read_csv(second.private / "repeated_numbers.csv", encoding="utf-8-sig")
    assert told[["shown", "count_now", "difference"]].to_numpy().tolist()[-1] == [40, 43, 3]
    alone = pipeline.build(
        referrals, out=tmp_path / "elsewhere" / "june", ledgers=tmp_path / "elsewhere"
    )
    assert shown(alone)["Islington", "Norwich"] == 45


def test_two_tables_of_one_measure_must_be_told_apart(referrals: Path, tmp_path: Path) -> None:
    pipeline.build(referrals, out=tmp_path / "a")
    other = referrals.with_name("others.csv")
    other.write_text(referrals.read_text("utf-8"), encoding="utf-8")
    with pytest.raises(DisclosureError, match="--series referrals"):
        pipeline.build(other, out=tmp_path / "b")
    with pytest.raises(DisclosureError, match="of the same rows"):
        pipeline.build(other, out=tmp_path / "b", series="others")
    assert not (tmp_path / "b").exists()
    pipeline.build(other, out=tmp_path / "b", series="others", same_records=False)


def test_a_link_to_a_release_has_its_ledger(referrals: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "may")
    first = pipeline.build(referrals, out=tmp_path / "link")
    text = referrals.read_text("utf-8")
    referrals.write_text(text.replace("Norwich,40", "Norwich,43"), encoding="utf-8")
    assert shown(pipeline.build(referrals, out=tmp_path / "real" / "may")) == shown(first)


def test_one_build_of_a_series_at_a_time(referrals: Path, tmp_path: Path) -> None:
    with (
        Series.held(tmp_path / "a", "referrals", read(referrals).frame, told=False),
        pytest.raises(OutputError, match="Another run is writing 'referrals'"),
    ):
        pipeline.build(referrals, out=tmp_path / "b")
    assert not (tmp_path / "b").exists()
    pipeline.build(referrals, out=tmp_path / "b")


def test_what_is_private_never_goes_into_a_release(referrals: Path, tmp_path: Path) -> None:
    first = pipeline.build(referrals, out=tmp_path / "x-private", series="one")
    before = sorted(first.folder.rglob("*"))
    other = referrals.with_name("other.csv")
    other.write_text(referrals.read_text("utf-8") + "Islington,Zzyzx,3\n", encoding="utf-8")
    with pytest.raises(OutputError, match="holds a release"):
        pipeline.build(other, out=tmp_path / "x", series="two", same_records=False)
    assert sorted(first.folder.rglob("*")) == before
    assert not (tmp_path / "x").exists()


def test_a_private_folder_that_cannot_be_made_is_an_error(referrals: Path, tmp_path: Path) -> None:
    (tmp_path / "linemap-private").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be made a private folder"):
        pipeline.build(referrals, out=tmp_path / "x")


def test_a_release_of_one_flow_is_written_and_of_none_is_refused(tmp_path: Path) -> None:
    table = pd.DataFrame({"borough": ["Hackney"], "town": ["Norwich"], "n": [31]})
    elsewhere = tmp_path / "another"
    own = partial(pipeline.build, ledgers=elsewhere)  # not bound by what the first showed
    built = pipeline.build(table, out=tmp_path / "out")
    assert len(built.release.flows) == 1
    assert audit(built.folder).passed
    with pytest.raises(DisclosureError, match="linemap preview"):
        own(table.assign(n=3), out=elsewhere / "out")
    assert not (elsewhere / "out").exists()
    own(table.assign(n=40), out=elsewhere / "out", period=None)


def test_a_damaged_ledger_stops_a_release(referrals: Path, tmp_path: Path) -> None:
    pipeline.build(referrals, out=tmp_path / "a")
    ledger = tmp_path / "linemap-private" / "referrals.json"
    ledger.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="no ledger"):
        pipeline.build(referrals, out=tmp_path / "b")


DATED = (
    "borough,town,date,n\nIslington,Norwich,2023-02-01,40\nIslington,Norfolk,2023-05-01,15\n"
    "Hackney,Kent,2023-12-12,22\nHackney,Essex,2024-03-12,12\n"
)


def test_every_output_of_a_release_says_what_it_covers(tmp_path: Path) -> None:
    table = tmp_path / "referrals.csv"
    table.write_text(DATED, encoding="utf-8")
    built = pipeline.build(table, out=tmp_path / "out", window="2023-01 to 2024-03")
    told = manifest(built)
    assert told["window"] == {"start": "2023-01", "end": "2024-03"}
    assert told["title"] == "Records by home area and place, January 2023 to March 2024"
    assert "January 2023 to March 2024" in told["stamp"]
    assert any("January 2023 to March 2024" in caveat for caveat in told["caveats"])
    read = read_release(built.folder)
    for name, frame in read.tables.items():
        if schema.BASIS in frame:
            assert frame[schema.BASIS].str.contains("January 2023 to March 2024").all(), name
    assert set(read.flows[schema.PERIOD_START]) == {"2023-01"}
    assert set(read.flows[schema.PERIOD_END]) == {"2024-03"}
    assert audit(built.folder).passed


def test_rows_outside_the_window_are_refused_with_their_numbers(tmp_path: Path) -> None:
    table = tmp_path / "referrals.csv"
    table.write_text(DATED, encoding="utf-8")
    with pytest.raises(InputError, match="1 row lies outside the window") as refused:
        pipeline.build(table, out=tmp_path / "out", window="2023")
    assert [fault.row for fault in refused.value.faults] == [5]
    assert not (tmp_path / "out").exists()


def test_a_window_that_no_row_proves_is_stated_and_divides_nothing(tmp_path: Path) -> None:
    table = pd.DataFrame({"borough": ["Hackney"], "town": ["Norwich"], "n": [31]})
    built = pipeline.build(table, out=tmp_path / "out", window="2023-24", title="Links, 2023-24")
    assert manifest(built)["title"] == "Links, 2023-24"
    assert "April 2023 to March 2024" in built.release.stamp
    assert built.release.flows[schema.PERIOD_START].isna().all()


def test_a_heading_prefers_a_level_and_forbids_none(tmp_path: Path) -> None:
    table = tmp_path / "referrals.csv"
    table.write_text(DATED, encoding="utf-8")
    built = pipeline.build(table, out=tmp_path / "out")
    ends = built.release.flows.groupby(schema.DESTINATION_LEVEL)[schema.COUNT].sum()
    assert ends.to_dict() == {schema.COUNTY: 45, schema.SETTLEMENT: 40}


@pytest.mark.parametrize(
    "options", [{"measure": "3 of them"}, {"tags": ["under_13"]}, {"tags": ["team"]}]
)
def test_check_refuses_the_labels_that_a_build_would_refuse(options: dict[str, Any]) -> None:
    rows = pd.DataFrame(
        {
            "borough": ["Croydon", "Barnet"],
            "town": ["Norwich", "Dover"],
            "count": [14, 31],
            "under_13": ["3", "1"],
            "team": ["trzy", "north"],
        }
    )
    checked = pipeline.check(rows, options=ReadOptions(**options))
    assert [fault.column for fault in checked.faults] == [*options.get("tags", ["measure"])]
    assert checked.plan == ()


def test_check_says_what_a_build_would_do(tmp_path: Path) -> None:
    table = tmp_path / "referrals.csv"
    table.write_text(DATED + "Hackney,Newport,2024-03-12,30\n", encoding="utf-8")
    checked = pipeline.check(table, window="2023-01 to 2024-02")
    assert [fault.row for fault in checked.faults] == [5, 6]
    plan = "\n".join(checked.plan)
    assert "Dates: 2023-02 to 2024-03" in plan
    assert "Placed at both ends: about 90 records" in plan
    assert "Doubtful, and not placed: about 30 records, 1 name: Newport" in plan
    assert "Kent (county), Norfolk (county), Essex (county)" in plan


def test_a_check_counts_what_is_not_stated_as_a_build_does() -> None:
    ends = [("Hackney", "Norwich"), ("Newport", ""), ("Barnet", "Newport"), ("unknown", "Norwich")]
    rows = pd.DataFrame(ends, columns=["from", "to"]).assign(n=[100, 200, 300, 400])
    plan = pipeline.check(rows).plan
    assert [line for line in plan if " records" in line] == [
        "Placed at both ends: about 100 records",
        "Doubtful, and not placed: about 300 records, 1 name: Newport",
        "No destination stated: about 200 records",
        "No origin stated: about 400 records",
    ]


def test_a_preview_writes_and_binds_nothing(tmp_path: Path) -> None:
    table = tmp_path / "in" / "referrals.csv"
    table.parent.mkdir()
    table.write_text(DATED.replace(",n\n", ",count\n"), encoding="utf-8")
    seen = pipeline.preview(table, periods=(None, "year"))
    assert list(tmp_path.rglob("*")) == [table.parent, table]
    assert len(seen.table) == 2
    assert seen.recommended is not None
    assert str(seen).splitlines()[0].startswith("period")
    rows = {
        row.period if isinstance(row.period, str) else None: row for row in seen.table.itertuples()
    }
    assert rows[None].flows == 4
    assert rows[None].share_shown == 0.95  # 85 of 89, by the rounded numbers that would be shown


def test_a_preview_without_a_period_names_the_one_that_would_show_change() -> None:
    """Once the records are released whole, they are not divided by quarters later."""
    found = [("Hackney", "Norwich", 20), ("Brent", "Margate", 8), ("Camden", "Ipswich", 8)]
    table = pd.DataFrame(
        [(*row, f"2023-0{month}-10") for month in (2, 5) for row in found],
        columns=["borough", "town", "count", "date"],
    )
    seen = pipeline.preview(table, periods=(None, "quarter"), window="2023-01 to 2023-06")
    assert seen.recommended is not None
    assert seen.recommended.period is None
    assert "for that choose --period quarter" in seen.reason
    alone = pipeline.preview(table, periods=(None,))
    assert "change over time" not in alone.reason


def test_a_preview_says_why_less_is_shown_as_one_window(tmp_path: Path) -> None:
    rows = [f"Camden,Norwich,{year}-0{month}-01" for year in (2023, 2024) for month in (1, 6)] * 8
    table = tmp_path / "dated.csv"
    table.write_text("\n".join(["borough,town,date", *rows]), encoding="utf-8")
    seen = pipeline.preview(table, periods=(None, "year"))
    assert "Less is shown as one window" not in str(seen)
    less = seen.table.assign(share_shown=[0.4 if at else 0.1 for at in range(len(seen.table))])
    assert "Less is shown as one window" in str(replace(seen, table=less))


def test_a_preview_of_too_few_recommends_nothing(tmp_path: Path) -> None:
    table = pd.DataFrame({"borough": ["Hackney"], "town": ["Norwich"], "n": [3]})
    seen = pipeline.preview(table)
    assert seen.recommended is None
    assert seen.table["flows"].tolist() == [0]
    assert "no number meets the rule (10 or more of one origin" in str(seen)


def test_preview_and_build_tell_shares_of_the_same_records(tmp_path: Path) -> None:
    """Of 60 records 10 name no place; a share of what is shown alone would be 100 %."""
    towns = ["Norwich"] * 30 + ["Ipswich"] * 20 + [None] * 10
    table = pd.DataFrame({"borough": "Hackney", "town": towns})
    seen = pipeline.preview(table)
    [row] = seen.table.to_dict("records")
    assert (row["share_shown"], row["settlement"]) == (1.0, 0.85)  # 50 and 10 of 60; 50 of 60
    assert "in all records of the table, those without a place" in str(seen)
    [said] = [line for line in pipeline.build(table, out=tmp_path / "out").summary if "85%" in line]
    assert said.endswith("by destination: 85% settlement, 15% not stated")
    assert "about 100% are shown" in said


def test_each_measure_of_a_preview_has_a_row(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"borough": "Hackney", "town": "Norwich", "n": [30, 3], "measure": ["links", "arrests"]}
    )
    seen = pipeline.preview(table)
    assert seen.table.set_index("measure")["share_shown"].to_dict() == {"arrests": 0, "links": 1}
    assert str(seen).splitlines()[0].split()[:3] == ["period", "tags", "measure"]


def test_the_console_tells_no_small_count_of_records(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"borough": ["Hackney"] * 3, "town": ["Norwich", "Atlantis", "Margate"], "n": [31, 2, 4]}
    )
    built = pipeline.build(table, out=tmp_path / "out")
    said = "\n".join(built.summary[:2])
    assert "fewer than 10 rows read" in said
    assert " 3 " not in said
    assert "summary" not in repr(built)


def test_a_tag_of_which_no_number_can_be_shown_says_why(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"borough": "Hackney", "town": ["Norwich"] * 30 + ["Ipswich"] * 20, "age": "16-17"}
    )
    why = "No number by age can be shown: the values of a tag are shown only together"
    assert why in str(pipeline.preview(table, tags=("age",)))
    built = pipeline.build(table, out=tmp_path / "one", tags=("age",))
    said = "\n".join(built.summary)
    assert why in said
    assert "by_tag.csv" not in said
    assert not (built.folder / "by_tag.csv").exists()
    mixed = table.assign(age=["16-17", "18-20"] * 25)
    assert why not in str(pipeline.preview(mixed, tags=("age",)))


def test_a_build_counts_rows_without_an_origin_apart_from_names_that_have_no_place(
    tmp_path: Path,
) -> None:
    """As a check does: "Unknown" is no name that somebody could still decide."""
    ends = [("Hackney", "Norwich"), ("Brent", "Ipswich"), ("unknown", "Norwich"), ("Brent", "")]
    rows = pd.DataFrame(ends, columns=["from", "to"]).assign(n=[100, 100, 40, 20])
    built = pipeline.build(
        rows.loc[rows.index.repeat(rows["n"]), ["from", "to"]], out=tmp_path / "a"
    )
    said = "\n".join(built.summary)
    assert "about 20 state no destination, about 40 no origin, fewer than 10 have a name" in said
