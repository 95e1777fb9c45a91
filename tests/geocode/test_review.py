"""What needs a human eye, and what the human decided."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from linemap.errors import InputError, InputNotFoundError, UnknownPlaceError
from linemap.gazetteer import Gazetteer
from linemap.geocode import geocode, read_aliases, review_table

TOY = Gazetteer.toy()


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_table_lists_what_has_no_place_most_records_first() -> None:
    names = pd.Series(["Fernport", "Newton", "Atlantis", "Newton", "Glenmoor", "Ferport"])
    counts = pd.Series([9, 1, 4, 2, 9, 1])
    table = review_table(geocode(names, gazetteer=TOY), counts=counts, sure=1.0)
    assert table["name"].tolist() == ["Atlantis", "Newton", "Ferport"]
    assert table["records"].tolist() == [4, 3, 1]
    assert table["status"].tolist() == ["missing", "ambiguous", "fuzzy"]
    assert (table["place_id"] == "").all()
    assert "settlement:newton-n" in table["candidates"][1]
    assert "Northshire" in table["candidates"][1]


def test_the_same_name_asked_at_two_levels_is_two_questions() -> None:
    levels = pd.Series(["settlement", "county", "settlement"])
    matches = geocode(["Nowhere"] * 3, levels=levels, gazetteer=TOY)
    table = review_table(matches, levels=levels)
    assert table[["level", "records"]].to_numpy().tolist() == [["settlement", 2], ["county", 1]]


def test_rows_without_a_name_are_one_line() -> None:
    table = review_table(geocode([None, "", float("nan"), 7], gazetteer=TOY))
    assert table["name"].tolist() == ["", "7"]
    assert table["records"].tolist() == [3, 1]


def test_nothing_to_review() -> None:
    assert review_table(geocode(["Fernport"], gazetteer=TOY)).empty
    assert review_table(geocode([], gazetteer=TOY)).empty


def test_a_filled_in_review_table_is_an_aliases_file(tmp_path: Path) -> None:
    names = ["Newton", "Atlantis", "Old Town"]
    table = review_table(geocode(names, gazetteer=TOY))
    decided = {"Newton": "settlement:newton-w", "Old Town": "settlement:eastby", "Atlantis": ""}
    table["place_id"] = table["name"].map(decided)
    table.to_csv(tmp_path / "aliases.csv", index=False)
    aliases = read_aliases(tmp_path / "aliases.csv")
    matches = geocode(names, gazetteer=TOY, aliases=aliases)
    assert matches["place_id"].fillna("").tolist() == [decided[name] for name in names]
    assert matches["via"].tolist() == ["analyst"] * 3
    assert review_table(matches).empty


def test_a_decision_holds_only_for_the_level_and_area_that_it_names(tmp_path: Path) -> None:
    path = write(
        tmp_path / "aliases.csv",
        "name,level,within,place_id",
        "Newton,settlement,Westshire,settlement:newton-w",
        "Newton,,,settlement:newton-n",
    )
    aliases = read_aliases(path)
    matches = geocode(
        ["Newton", "NEWTON", "newton"],
        levels=["town", "settlement", None],
        within=["Westshire", None, "Westshire"],
        gazetteer=TOY,
        aliases=aliases,
    )
    assert matches["place_id"].tolist() == [
        "settlement:newton-w", "settlement:newton-n", "settlement:newton-n",
    ]  # fmt: skip


def test_a_decision_goes_before_the_gazetteer(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "name,place_id,note", "Eastby,settlement:fernport,asked Ann")
    match = geocode(["Eastby"], gazetteer=TOY, aliases=read_aliases(path)).iloc[0]
    assert match["place_id"] == "settlement:fernport"
    assert (match["status"], match["score"], match["reason"]) == ("alias", 1.0, "asked Ann")


def test_faults_of_an_aliases_file_are_named_together(tmp_path: Path) -> None:
    path = write(
        tmp_path / "aliases.csv",
        "name,level,place_id",
        "Newton,hamlet,settlement:newton-w",
        ",,settlement:newton-w",
        "Eastby,,settlement:eastby",
        "EASTBY,,settlement:fernport",
    )
    with pytest.raises(InputError) as error:
        read_aliases(path)
    assert [fault.row for fault in error.value.faults] == [2, 3, 5]
    with pytest.raises(InputError, match="no column 'place_id'"):
        read_aliases(write(tmp_path / "b.csv", "name,place", "a,b"))
    with pytest.raises(InputNotFoundError):
        read_aliases(tmp_path / "none.csv")


def test_a_decision_for_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "aliases.csv", "name,place_id", "Newton,settlement:newtown")
    with pytest.raises(UnknownPlaceError, match="settlement:newtown"):
        geocode(["Newton"], gazetteer=TOY, aliases=read_aliases(path))
