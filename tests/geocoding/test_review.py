"""What needs a human eye, and what the human decided."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap.errors import InputError, InputNotFoundError, LinemapWarning, UnknownPlaceError
from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode, read_aliases, review_table

TOY = Gazetteer.toy()


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_table_lists_what_has_no_place_most_records_first() -> None:
    names = pd.Series(["Fernport", "Newton", "Atlantis", "Newton", "Glenmoor", "Ferport"])
    counts = pd.Series([9, 1, 4, 2, 9, 1])
    table = review_table(geocode(names, gazetteer=TOY), counts=counts)
    assert table.columns.tolist() == [
        "query", "level", "within", "count", "suggestion", "suggestion_id", "score", "why",
        "decision",
    ]  # fmt: skip
    assert table["query"].tolist() == ["Atlantis", "Newton", "Ferport"]
    assert table["count"].tolist() == [4, 3, 1]
    assert table["suggestion"].tolist() == ["", "", "Fernport"]
    assert table["suggestion_id"].tolist() == ["", "", "settlement:fernport"]
    assert (table["decision"] == "").all()
    assert "settlement:newton-n" in table["why"][1]
    assert "Northshire" in table["why"][1]
    assert "read as Fernport" in table["why"][2]


def test_every_answer_but_those_by_a_listed_name_is_in_the_table() -> None:
    names = ["Fernport", "Ferport", "Glenmor", "Newton", "Eastby / Glenmoor", "Nowhere", ""]
    matches = geocode(names, gazetteer=TOY)
    assert matches["status"].tolist() == [
        "exact", "fuzzy", "suggested", "ambiguous", "several", "missing", "missing",
    ]  # fmt: skip
    assert set(review_table(matches)["query"]) == set(names[1:])


def test_the_same_name_asked_at_two_levels_is_two_questions() -> None:
    levels = pd.Series(["settlement", "county", "settlement"])
    matches = geocode(["Nowhere"] * 3, levels=levels, gazetteer=TOY)
    table = review_table(matches, levels=levels)
    assert table[["level", "count"]].to_numpy().tolist() == [["settlement", 2], ["county", 1]]


def test_rows_without_a_name_are_one_line() -> None:
    table = review_table(geocode([None, "", float("nan"), 7], gazetteer=TOY))
    assert table["query"].tolist() == ["", "7"]
    assert table["count"].tolist() == [3, 1]


def test_nothing_to_review() -> None:
    assert review_table(geocode(["Fernport"], gazetteer=TOY)).empty
    assert review_table(geocode([], gazetteer=TOY)).empty


def test_a_filled_in_review_table_is_an_aliases_file(tmp_path: Path) -> None:
    names = ["Newton", "Atlantis", "Old Town", "Glenmor", "Fernprot", "Eastbyy", "?"]
    path, table = tmp_path / "review.csv", review_table(geocode(names, gazetteer=TOY))
    table.to_csv(path, index=False)
    with pytest.warns(LinemapWarning, match="decides nothing"):  # as it was written
        assert read_aliases(path, gazetteer=TOY).empty
    decided = {"Newton": "settlement:newton-w", "Old Town": "eastby", "Atlantis": "no",
               "Glenmor": "YES", "Fernprot": "No", "Eastbyy": "", "?": "no"}  # fmt: skip
    table.assign(decision=table["query"].map(decided)).to_csv(path, index=False)
    aliases = read_aliases(path, gazetteer=TOY)
    matches = geocode(names, gazetteer=TOY, aliases=aliases)
    assert matches["place_id"].fillna("").tolist() == [
        "settlement:newton-w", "", "settlement:eastby", "settlement:glenmoor", "", "", "",
    ]  # fmt: skip
    assert matches["via"].tolist()[:5] == ["analyst"] * 5
    assert matches["status"].tolist()[5:] == ["suggested", "missing"]
    again = review_table(matches)
    assert again["decision"].tolist() == [
        "", "", "no", "no", "settlement:glenmoor", "settlement:newton-w", "settlement:eastby",
    ]  # fmt: skip
    again.to_csv(path, index=False)  # what was decided is kept, so the file can be written anew
    kept = read_aliases(path, gazetteer=TOY)
    assert sorted(kept["name"]) == sorted(aliases["name"])
    assert set(zip(kept["name"], kept["place_id"], strict=True)) == set(
        zip(aliases["name"], aliases["place_id"], strict=True)
    )


def test_odd_decisions_are_faults_with_row_and_column(tmp_path: Path) -> None:
    text = "\n".join(
        (
            "query,level,suggestion_id,decision", "Glenmor,,settlement:glenmoor,yes",
            "Nowhere,,,yes", "Newtn,,settlement:gone,yes", "Newtwo,,,Newton", "Other,,,maybe",
            "?,,,Eastby", "A,hamlet,,Eastby", "glenmor,,,no", "Fernprot,,settlement:fernport,",
        )
    )  # fmt: skip
    path = tmp_path / "review.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_aliases(path, gazetteer=TOY)
    assert [(fault.row, fault.column) for fault in error.value.faults] == [
        (3, "decision"), (4, "suggestion_id"), (5, "decision"), (6, "decision"), (7, "query"),
        (8, "level"), (9, "query"),
    ]  # fmt: skip
    assert "settlement:newton-n" in str(error.value)


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


def faults_of(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_aliases(path)
    return [str(fault).split(":")[0] for fault in error.value.faults]


def test_faults_of_an_aliases_file_are_named_together(tmp_path: Path) -> None:
    text = (
        "name,level,place_id\nNewton,hamlet,settlement:newton-w\n\n,,settlement:newton-w\n"
        "Eastby,,settlement:eastby\nEASTBY,,settlement:fernport\nNewton\nFernport,,x,y\n,,\n"
    )
    assert faults_of(tmp_path / "a.csv", text) == [
        "row 2, column 'level'", "row 4, column 'name'", "row 6, column 'name'", "row 7", "row 8",
    ]  # fmt: skip
    assert faults_of(tmp_path / "b.csv", "name,place\na,b") == ["row 1"]
    assert faults_of(tmp_path / "c.csv", "") == ["row 1", "row 1"]
    with pytest.raises(InputNotFoundError):
        read_aliases(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,place_id\nNorwich\n", "row 2: the row is too short: cells 1, headings 2."),
        ("name,place_id\nNorwich,a,b\n", "row 2: the row is too long: cells 3, headings 2."),
        ("name,place_id,\nNorwich,a,b\n", "row 2: the row has content under no heading."),
        ('name,place_id\nNorwich,"a\nb,c\n', "row 2: the row cannot be read"),
        ('name,place_id\nNorwich,"a"b\n', "row 2: the row cannot be read"),
        ("Name,name,place_id\na,b,c\n", "row 1, column 'name': the heading stands twice."),
    ],
)
def test_a_slip_in_an_aliases_file_decides_nothing(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_aliases(path)
    [fault] = error.value.faults
    assert str(fault).startswith(said)


def test_a_file_that_holds_no_aliases_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(60_000_000_000)
    with pytest.raises(InputError, match="more than 50,000,000 bytes"):
        read_aliases(path)
    for other in (tmp_path, "/dev/zero", "a\0b"):
        with pytest.raises(InputNotFoundError):
            read_aliases(other)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_file_is_read_as_excel_writes_it(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "a.csv"
    rows = [["name", "place_id"], ["Caf\xe9", "settlement:eastby"]]
    path.write_bytes("\r\n".join(separator.join(row) for row in rows).encode(encoding))
    aliases = read_aliases(path)
    assert aliases[["name", "place_id"]].to_numpy().tolist() == rows[1:]


@given(
    st.dictionaries(
        st.text("abcdefg", min_size=1, max_size=4),
        st.sampled_from(["", "settlement:eastby", 'a "quoted", note\nof two lines']),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, decided: dict[str, str], marked: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "aliases.csv"
    written = pd.DataFrame({"NAME ": decided.keys(), "Place_ID": "", "note": decided.values()})
    written.to_csv(path, index=False, encoding="utf-8-sig" if marked else "utf-8")
    read = read_aliases(path)
    assert dict(zip(read["name"], read["note"], strict=True)) == decided
    assert (read[["level", "within", "place_id", "decided_by"]] == "").all(axis=None)


def test_a_decision_for_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "aliases.csv", "name,place_id", "Newton,settlement:newtown")
    with pytest.raises(UnknownPlaceError, match="settlement:newtown"):
        geocode(["Newton"], gazetteer=TOY, aliases=read_aliases(path))
