import pytest

from linemap.records.headings import assign


def faults(headings, **options):
    return " ".join(map(str, assign(headings, statements=False, **options).faults))


@pytest.mark.parametrize(
    ("headings", "columns", "levels"),
    [
        (["Borough", "Town", "N"], {"origin": 0, "destination": 1, "count": 2},
         {"origin": "borough", "destination": "settlement"}),
        (["From", "To"], {"origin": 0, "destination": 1}, {}),
        (["home_borough", "Police Force Area", "how many"],
         {"origin": 0, "destination": 1, "count": 2},
         {"origin": "borough", "destination": "force"}),
        (["count", "DESTINATION LEVEL", "destination", "origin", "other"],
         {"count": 0, "destination_level": 1, "destination": 2, "origin": 3}, {}),
    ],
)  # fmt: skip
def test_headings_are_known_by_their_synonyms_and_may_say_the_level(headings, columns, levels):
    parts = assign(headings, statements=False)
    assert (parts.columns, parts.levels, parts.faults) == (columns, levels, ())


def test_two_headings_for_one_part_are_never_chosen_between():
    assert "'town' and 'county' could each be the destination" in faults(
        ["borough", "town", "county"]
    )
    parts = assign(
        ["borough", "town", "county"],
        statements=False,
        columns={"destination": "town", "destination_within": "county"},
    )
    assert parts.faults == ()
    assert parts.columns == {"origin": 0, "destination": 1, "destination_within": 2}
    assert parts.levels == {"origin": "borough", "destination": "settlement"}


def test_a_level_is_not_said_twice():
    said = faults(["borough", "origin_level", "to"])
    assert "the level is said twice" in said


def test_doubled_and_missing_headings_are_named():
    said = faults(["Origin", "origin ", "n"])
    assert "the heading stands twice" in said
    assert "no column for the destination" in said


def test_columns_and_tags_that_are_not_there_or_clash_are_named():
    headings = ["a", "b", "age_band"]
    given = {"origin": "a", "destination": "b"}
    assert "no column is headed 'c'" in faults(headings, columns={**given, "count": "c"})
    assert "no part of a table is called 'colour'" in faults(
        headings, columns={**given, "colour": "a"}
    )
    assert "one column is given two parts" in faults(
        headings, columns={"origin": "a", "destination": "a"}
    )
    assert "no column is headed 'x'" in faults(headings, columns=given, tags=["x"])
    assert "both a part and a tag" in faults(headings, columns=given, tags=["a"])
    for name in (
        "geometry",
        "Count",
        "basis",
        "origin coverage",
        "fid",
        "rowid",
        "OID",
    ):
        assert "linemap uses that name" in faults(headings, columns=given, tags=[name])
    assert "named twice" in faults(headings, columns=given, tags=["age_band", "age_band"])
    assert assign(headings, statements=False, columns=given, tags=["Age band"]).tags == {
        "Age band": 2
    }


def test_records_do_not_take_identifiers_and_statements_need_a_measure():
    headings = ["id", "from", "to", "n"]
    assert "statement_id" not in assign(headings, statements=False).columns
    assert assign(headings, statements=True).columns["statement_id"] == 0
    assert [f.problem for f in assign(headings, statements=True).faults] == [
        "there is no column for the measure."
    ]
    assert not assign(headings, statements=True, measured=True).faults
    said = assign([*headings, "measure"], statements=True, measured=True).faults
    assert [f.problem for f in said] == [
        "the measure is said twice: by this column and by measure=."
    ]
