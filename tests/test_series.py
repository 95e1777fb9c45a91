"""Which releases count the same records, and what is refused until it is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from linemap import pipeline, schema
from linemap.disclosure import Ledger, Release, block_keys, protect
from linemap.errors import DisclosureError
from linemap.flows import build_flows, find_places
from linemap.gazetteer import Gazetteer
from linemap.pipeline.series import LEDGERS, Series, ledger_folder, require_no_records
from linemap.records import read_records, read_statements
from linemap.release import read_manifest, write_release

LAST = {("Ashwick", "Eastby"): 30, ("Birchgate", "Fernport"): 20, ("Ashwick", "Glenmoor"): 10}
NEXT = {("Ashwick", "Eastby"): 21, ("Ashwick", "Glenmoor"): 22}
MORE = {**LAST, ("Ashwick", "Eastby"): 33}
Make = Callable[..., Release]


def table(
    pairs: dict[tuple[str, str], int], measure: str = "links", day: str | None = None
) -> pd.DataFrame:
    rows = [(*pair, count) for pair, count in pairs.items()]
    frame = pd.DataFrame(rows, columns=["borough", "town", "count"])
    if day is not None:
        frame["date"] = day
    return read_records(frame, measure=measure)


@pytest.fixture
def make(toy: Gazetteer, tmp_path: Path) -> Make:
    """Write the release of a table as a build does, without its drawings."""

    def build(
        pairs: dict[tuple[str, str], int],
        out: str,
        name: str = "referrals",
        *,
        measure: str = "links",
        told: bool = False,
        same_records: bool | None = None,
        day: str | None = None,
    ) -> Release:
        frame, folder = table(pairs, measure, day), tmp_path / out
        matches = find_places(frame, gazetteer=toy)
        flows: gpd.GeoDataFrame = build_flows(
            frame, gazetteer=toy, matches=matches, period="year" if day else None
        )
        read = tmp_path / "data" / "raw" / "referrals.csv"
        with Series.held(folder, name, frame, told=told, matches=matches, table=read) as series:
            series.require_ledgers(folder, block_keys(flows), same_records=same_records)
            series.require_same(block_keys(flows), same_records=same_records)
            release = protect(flows, gazetteer=toy, ledger=series.ledger)
            write_release(
                release, folder, series=series.ledger.series,
                approve=lambda made: series.enter(release, made, folder),
            )  # fmt: skip
        return release

    return build


def test_next_years_table_of_the_same_name_does_not_repeat_last_years_numbers(make: Make) -> None:
    make(LAST, "a")
    with pytest.raises(
        DisclosureError, match="Few of these rows are those of the release 'a'"
    ) as refused:
        make(NEXT, "b")
    assert [way.option for way in refused.value.ways] == [
        "--series NAME", "--same-records", "linemap withdraw FOLDER",
    ]  # fmt: skip
    assert {way.argument for way in refused.value.ways} >= {"series=name", "same_records=True"}
    assert make(NEXT, "b", "next", told=True).flows[schema.COUNT].tolist() == [20, 20]


def test_the_owners_word_makes_them_the_same(make: Make) -> None:
    make(LAST, "a")
    assert make(NEXT, "b", same_records=True).flows[schema.COUNT].tolist() == [30, 10, 20]


def test_the_same_rows_with_a_few_more_are_the_same_records(make: Make) -> None:
    assert make(LAST, "a").flows[schema.COUNT].tolist() == [30, 10, 20]
    assert make(MORE, "a").flows[schema.COUNT].tolist() == [30, 10, 20]


def test_the_same_records_under_another_measure_or_series_are_refused(make: Make) -> None:
    make(LAST, "a")
    with pytest.raises(DisclosureError, match="calls them 'links'"):
        make(MORE, "b", measure="connections")
    with pytest.raises(DisclosureError, match="calls the measure 'links', not 'Link'"):
        make(MORE, "b", measure="Link")
    with pytest.raises(DisclosureError, match="of the same rows"):
        make(MORE, "b", "other", told=True)
    with pytest.raises(DisclosureError, match="a series of their own"):
        make(MORE, "b", same_records=False)
    make(MORE, "b", "other", told=True, same_records=False)


def test_another_table_under_another_name_asks_nothing_if_no_row_is_shared(make: Make) -> None:
    make(LAST, "a")
    make({("Cedarham", "Eastby"): 30}, "b", "other")


def test_a_part_of_the_same_rows_is_known_again_whatever_its_series_is_called(make: Make) -> None:
    """The release of one borough, taken from that of all, would tell of the others."""
    make(LAST, "a", day="2024-01-03")
    part = {pair: count for pair, count in LAST.items() if pair[0] == "Ashwick"}
    with pytest.raises(DisclosureError, match="of these rows and others"):
        make(part, "b", "ashwick", told=True, day="2024-01-03")
    make(part, "b", "ashwick", told=True, day="2024-01-03", same_records=False)


def test_the_same_rows_without_their_dates_are_the_same_records(make: Make) -> None:
    make(LAST, "first", "dated", day="2024-01-03")
    for told in (False, True):
        with pytest.raises(DisclosureError, match="of the same rows"):
            make(LAST, "second", "undated", told=told)
    with pytest.raises(DisclosureError, match="states time in another way"):
        make(NEXT, "second", "undated")
    make(NEXT, "second", "undated", told=True)  # other rows: the owner's word is taken


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2024-01", {}),
        ("2024-01-28", {}),
        ("2024-01-03", {"Ashwick": "LB Ashwick", "Birchgate": "London Borough of Birchgate"}),
        ("2024-01-09", {"Ashwick": "ASHWICK", "Eastby": "Eastby, Westshire"}),
    ],
)
def test_rows_written_otherwise_are_the_same_records(
    make: Make, day: str, names: dict[str, str]
) -> None:
    """Dates cut to months, another day of the month, other spellings of places."""
    make(LAST, "first", "one", day="2024-01-03")
    spelt = {tuple(names.get(name, name) for name in pair): n for pair, n in LAST.items()}
    for told in (False, True):
        with pytest.raises(DisclosureError, match="of the same rows"):
            make(spelt, "second", "other", day=day, told=told)
    with pytest.raises(DisclosureError, match="calls them 'links'"):
        make(spelt, "second", "one", day=day, measure="connections")
    assert make(spelt, "second", "one", day=day).flows[schema.COUNT].tolist() == [30, 10, 20]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("data/processed/a", "b"),
        ("a", "data/processed/b"),
        ("a", "x/y/z/u/v/b"),
        ("data/processed/a", "x/y/b"),
        ("data/raw/a", "x/y/b"),
    ],
)
def test_the_ledger_is_found_wherever_the_next_release_goes(
    make: Make, tmp_path: Path, first: str, second: str
) -> None:
    make(LAST, first)
    for name, told in (("other", False), ("named", True)):
        with pytest.raises(DisclosureError, match="of the same rows"):
            make(MORE, second, name, told=told)
    assert make(MORE, second).flows[schema.COUNT].tolist() == [30, 10, 20]
    assert len(list(tmp_path.rglob(f"{LEDGERS}/*.json"))) == 1


def test_a_ledger_in_a_folder_that_all_users_share_is_not_taken(make: Make, tmp_path: Path) -> None:
    make(LAST, "a")
    shared = tmp_path / "shared"
    shared.mkdir()
    (tmp_path / LEDGERS).rename(shared / LEDGERS)
    shared.chmod(0o1777)
    assert ledger_folder(shared / "x" / "b") == shared / "x" / LEDGERS
    shared.chmod(0o755)
    assert ledger_folder(shared / "x" / "b") == shared / LEDGERS


def test_a_new_name_for_the_measure_does_not_pass_a_release_without_its_ledger(
    make: Make, tmp_path: Path
) -> None:
    make(LAST, "a")
    (tmp_path / LEDGERS / "referrals.json").unlink()
    with pytest.raises(DisclosureError, match="its ledger is not in") as refused:
        make(NEXT, "b", "other", measure="referals")
    assert refused.value.ways[-1].option == "--different-records"
    assert not (tmp_path / "b").exists()
    make(NEXT, "b", "other", measure="referals", same_records=False)


def test_a_release_that_was_never_put_in_place_stops_nothing(make: Make, tmp_path: Path) -> None:
    make(LAST, "a")
    (tmp_path / "a").rename(tmp_path / ".a.linemap-new")
    shutil.rmtree(tmp_path / LEDGERS)
    make(NEXT, "b")


def test_a_release_whose_ledger_is_gone_stops_the_next(make: Make, tmp_path: Path) -> None:
    make(LAST, "a")
    (tmp_path / LEDGERS / "referrals.json").unlink()
    for out in ("a", "b"):
        with pytest.raises(DisclosureError, match="its ledger is not in") as refused:
            make(MORE, out)
        assert any("restore-ledger" in way.option for way in refused.value.ways)
    ledger = pipeline.restore_ledger(tmp_path / "a", series="referrals")
    assert ledger == tmp_path / LEDGERS / "referrals.json"
    assert Ledger.read(ledger).series == read_manifest(tmp_path / "a")["series"]
    assert make(MORE, "b").flows[schema.COUNT].tolist() == [30, 10, 20]
    with pytest.raises(DisclosureError, match="exists"):
        pipeline.restore_ledger(tmp_path / "a", series="referrals")


def test_a_restored_ledger_holds_every_number_that_the_release_shows(
    make: Make, tmp_path: Path
) -> None:
    origins = ("Ashwick", "Birchgate", "Cedarham", "Dunmere")
    pairs = {(origin, place): 7 for origin in origins for place in ("Eastby", "Fernport")}
    make(pairs, "a")
    path = tmp_path / LEDGERS / "referrals.json"
    [before] = Ledger.read(path).blocks
    assert any(kind == schema.WHERE_TO for kind, _ in before.totals)
    path.unlink()
    [after] = Ledger.read(pipeline.restore_ledger(tmp_path / "a", series="referrals")).blocks
    assert (after.cells, after.totals) == (before.cells, before.totals)


def test_a_release_that_was_withdrawn_binds_nobody(make: Make, tmp_path: Path) -> None:
    make(LAST, "a")
    ledger = pipeline.withdraw(tmp_path / "a", reason="a draft")
    assert Ledger.read(ledger).entries[0].withdrawn.endswith(": a draft")
    assert make(MORE, "a").flows[schema.COUNT].tolist() == [35, 10, 20]
    pipeline.withdraw(tmp_path / "a")
    with pytest.raises(DisclosureError, match="withdrawn before"):
        pipeline.withdraw(tmp_path / "a")
    shutil.rmtree(tmp_path / LEDGERS)
    with pytest.raises(DisclosureError, match="knows the release"):
        pipeline.withdraw(tmp_path / "a")


def test_the_same_table_again_is_the_same_release(make: Make, tmp_path: Path) -> None:
    def content() -> dict[str, bytes]:
        files = (path for path in (tmp_path / "a").rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in files}

    make(LAST, "a")
    first = content()
    make(LAST, "a")
    assert content() == first
    assert len(Ledger.read(tmp_path / LEDGERS / "referrals.json").entries) == 1


def test_a_folder_below_has_the_ledgers_of_those_above(make: Make, tmp_path: Path) -> None:
    make(LAST, "a")
    assert ledger_folder(tmp_path / "c" / "d" / "e") == tmp_path / LEDGERS
    assert ledger_folder(tmp_path / "c" / "d", tmp_path / "x") == tmp_path / "x" / LEDGERS
    assert ledger_folder(tmp_path / "c", tmp_path / "x" / LEDGERS) == tmp_path / "x" / LEDGERS
    assert make(MORE, "c/d/e").flows[schema.COUNT].tolist() == [30, 10, 20]


def test_what_a_second_release_refuses_names_the_first(
    make: Make, flows_of: Callable[..., gpd.GeoDataFrame], toy: Gazetteer, tmp_path: Path
) -> None:
    make(LAST, "a")
    ledger = Ledger.read(tmp_path / LEDGERS / "referrals.json")
    with pytest.raises(DisclosureError, match="The release 'a' of 20") as refused:
        protect(flows_of(LAST, age="under 18"), gazetteer=toy, ledger=ledger)
    assert [way.option.split()[0] for way in refused.value.ways] == ["the", "--series", "linemap"]
    assert "subtract" in str(refused.value)


def test_the_rows_of_a_release_of_records_do_not_leave_as_statements(
    make: Make, tmp_path: Path
) -> None:
    make(LAST, "a")
    rows = [(f"S{n}", *pair, "links", count) for n, (pair, count) in enumerate(LAST.items())]
    frame = pd.DataFrame(
        rows, columns=["statement_id", "origin", "destination", "measure", "value"]
    ).assign(source="The Paper", published="2021-03-03")
    with pytest.raises(DisclosureError, match="which was made of records"):
        require_no_records(read_statements(frame), tmp_path / "b")
    require_no_records(read_statements(frame.assign(origin="Dunmere")), tmp_path / "b")


def test_the_private_folder_of_a_release_called_linemap_may_hold_ledgers(
    make: Make, tmp_path: Path
) -> None:
    make(LAST, "a", "private")
    (tmp_path / LEDGERS / "private.json").write_text("{}", encoding="utf-8")
    assert make(MORE, "a", "private").flows[schema.COUNT].tolist() == [30, 10, 20]
    make({("Cedarham", "Eastby"): 30}, "b", "other")
