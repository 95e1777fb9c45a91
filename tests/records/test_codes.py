"""A code of an area beside its name: the two must mean one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from linemap.errors import InputError
from linemap.flows import build_flows, find_places
from linemap.pipeline import check, look_up_table
from linemap.pipeline.preparing import PlaceOptions, prepare
from linemap.records import ReadOptions, read


def table(folder: Path, rows: str, headings: str = "Home LA,Home LA code,Town,LAD22CD") -> Path:
    path = folder / "codes.csv"
    path.write_text(f"{headings}\n{rows}", encoding="utf-8")
    return path


def answers(path: Path) -> dict[tuple[str, str | None], tuple[str | None, str]]:
    found = look_up_table(path).astype(object)
    return {
        (row["query"], row["asked_code"] if isinstance(row["asked_code"], str) else None): (
            row["place_id"] if isinstance(row["place_id"], str) else None, row["status"],
        )
        for _, row in found.iterrows()
    }  # fmt: skip


def test_a_name_and_its_code_agree(tmp_path: Path) -> None:
    path = table(tmp_path, "Camden,e09000007,Norwich,E07000148\n")
    assert check(path).faults == ()
    assert answers(path) == {
        ("Camden", "e09000007"): ("borough:camden", "exact"),
        ("Norwich", "E07000148"): ("district:norwich", "exact"),
    }


def test_a_name_and_a_code_of_different_places_are_a_fault_with_both_readings(
    tmp_path: Path,
) -> None:
    path = table(tmp_path, "Camden,E09000007,Norwich,\nCamden,E09000012,Norwich,\n")
    [fault] = check(path).faults
    assert (fault.row, fault.column) == (3, "Home LA")
    assert fault.problem == "the name is Camden (borough), and the code Hackney (borough)."
    with pytest.raises(InputError, match="1 end of rows have a code") as error:
        prepare(path, statements=False, options=ReadOptions(), places=PlaceOptions())
    assert error.value.faults == (fault,)
    kept = prepare(
        path, statements=False, options=ReadOptions(allow_refused=True), places=PlaceOptions()
    )
    flows = build_flows(kept.reading.frame, gazetteer=kept.gazetteer, matches=kept.matches)
    assert sorted(flows["origin_status"]) == ["ambiguous", "exact"]
    assert int(flows["count"].sum()) == 2


def test_a_code_alone_is_what_an_end_is_found_by(tmp_path: Path) -> None:
    both = table(tmp_path, ",E09000007,Norwich,\n")
    assert answers(both)[("E09000007", "E09000007")] == ("borough:camden", "exact")
    alone = table(tmp_path, "E09000007,Norwich\n", "Home LA code,Town")
    assert answers(alone)[("E09000007", None)] == ("borough:camden", "exact")


def test_a_code_tells_which_of_two_places_of_one_name_is_meant(tmp_path: Path) -> None:
    path = table(tmp_path, "Camden,,Newport,\nCamden,,Newport,E06000046\n")
    found = answers(path)
    place, status = found["Newport", "E06000046"]
    assert status in ("exact", "alias")
    assert place is not None
    assert found["Newport", None] != found["Newport", "E06000046"]


def test_a_name_that_nothing_bears_is_not_placed_by_its_code_unasked(tmp_path: Path) -> None:
    path = table(tmp_path, "Xyzzyville House,E09000007,Norwich,\n")
    assert answers(path)["Xyzzyville House", "E09000007"] == (None, "suggested")


def test_a_code_of_no_listed_place_leaves_the_name_and_is_told(tmp_path: Path) -> None:
    path = table(tmp_path, "Camden,00AG,Norwich,\n")
    assert answers(path)["Camden", "00AG"] == ("borough:camden", "exact")
    assert any("Codes of no listed place" in line and "00AG" in line for line in check(path).plan)


def test_a_word_for_no_place_is_believed_before_a_code_and_told(tmp_path: Path) -> None:
    path = table(tmp_path, "Camden,E09000007,Not known,E07000148\nCamden,N/K,Norwich,-\n")
    reading = read(path)
    assert reading.frame["destination"].isna().tolist() == [True, False]
    assert reading.frame["origin_code"].isna().tolist() == [False, True]
    assert any("a code stands beside a word" in fault.problem for fault in reading.notices)
    flows = build_flows(reading.frame, matches=find_places(reading.frame))
    assert "origin_code" not in flows.columns
    assert sorted(flows["destination_status"]) == ["exact", "not stated"]
