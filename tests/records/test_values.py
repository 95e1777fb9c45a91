import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap import schema
from linemap.errors import Refused
from linemap.records import ReadOptions, read, validators
from linemap.records.table import Cell


def day(text):
    return validators.when(Cell(text)).day


def month(text):
    return validators.when(Cell(text)).first


DATES = st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31))


@given(DATES)
def test_a_date_is_the_same_in_both_forms_and_never_month_first(date):
    assert day(date.isoformat()) == date
    assert day(f"{date:%d/%m/%Y}") == date
    assert day(f"{date.day}/{date.month}/{date.year}") == date
    assert day(f"{date.isoformat()}T23:59:59Z") == date
    if date.day > 12:
        with pytest.raises(Refused, match="has no month"):
            day(f"{date:%m/%d/%Y}")


@pytest.mark.parametrize(
    "text",
    ["2024-02-30", "30/02/2024", "29/02/2023", "2024-13-01",
     "2020-02-01T99:99:99+99:99", "2020-02-01T24:00", "2020-02-01T10:60", "2020-02-01T10:00:60",
     "2020-02-01T10:00+15:00", "2020-02-01T10:00+01:60", "01/02/2020 25:61", "01/02/2020 23:60",
     "0203-01-01", "2204-01-01", "٢٠٢٤-٠٢-٠١", "NA", "2019 to 2020"],
)  # fmt: skip
def test_what_is_no_date_or_might_be_two_is_refused(text):
    with pytest.raises(Refused):
        day(text)


@pytest.mark.parametrize(
    "time", ["T00:00", " 23:59:59", "T09:30:00.123456", "T23:59:59Z", "T00:00-12:00", "T10:00+1400"]
)
def test_a_time_of_day_that_there_is_stands_beside_a_date(time):
    assert day(f"2024-02-01{time}") == dt.date(2024, 2, 1)


@pytest.mark.parametrize(
    ("year", "read"), [(1949, False), (1950, True), (2100, True), (2101, False)]
)
def test_a_year_that_is_surely_mistyped_is_refused(year, read):
    if read:
        assert day(f"{year}-06-01").year == year
    else:
        with pytest.raises(Refused, match="outside 1950 to 2100"):
            day(f"{year}-06-01")


@given(DATES)
def test_a_month_is_the_month_of_a_date_or_stands_alone(date):
    for text in (f"{date:%Y-%m}", f"{date:%m/%Y}", date.isoformat(), f"{date:%d/%m/%Y}"):
        assert month(text) == f"{date:%Y-%m}"


@pytest.mark.parametrize(
    ("judge", "cell", "said"),
    [
        (validators.count, Cell("#N/A", "error"), "spreadsheet's error #N/A"),
        (validators.when, Cell("#REF!", "error"), "spreadsheet's error #REF!"),
        (validators.count, Cell("2024-02-01", "date"), "a date .* stands where a count"),
        (validators.count, Cell("1,250"), "'1,250' is not a whole number"),
        (validators.when, Cell("453.5", "number"), "453.5 is a number, not a date"),
        (validators.when, Cell("x" * 50), "'x{39}…' is not a date"),
        (validators.name, Cell("12", "number"), "a number \\('12'\\) stands where a place's name"),
        (validators.name, Cell("TRUE", "truth"), "a truth value"),
        (validators.label, Cell("[1]", "other"), "no text"),
        (validators.label, Cell("#N/A", "error"), "spreadsheet's error"),
        (validators.prose, Cell("[1]", "other"), "no text"),
        (validators.prose, Cell("#N/A", "error"), "spreadsheet's error"),
        (validators.level, Cell("3", "number"), "a number"),
        (validators.qualifier, Cell("sure"), "'sure' is no qualifier"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_was_given(judge, cell, said):
    with pytest.raises(Refused, match=said):
        judge(cell)


@pytest.mark.parametrize("kind", ["text", "number", "date", "truth"])
def test_a_label_may_be_of_any_kind(kind):
    assert validators.label(Cell(" 17 ", kind)) == "17"


@pytest.mark.parametrize("text", ["2018-13", "13/2018", "2018-00", "2018-1", "Jann 2018"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(Refused):
        month(text)


@given(st.integers(0, validators.LARGEST_COUNT))
def test_a_whole_number_is_a_count(number):
    assert validators.count(Cell(str(number))) == number
    assert validators.count(Cell(f" {number} ", "number")) == number


@pytest.mark.parametrize(
    "text",
    ["-1", "1.0", "1.5", "1e3", "1,250", "1 250", "+3", "NaN", "inf", "0x10", "three", "1000000001",
     "٣", "３", "1_000", "--", "*", "<5"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(Refused):
        validators.count(Cell(text))


@pytest.mark.parametrize("kind", ["date", "truth", "error", "other"])
def test_a_count_of_another_kind_is_refused(kind):
    with pytest.raises(Refused):
        validators.count(Cell("1", kind))


@pytest.mark.parametrize("kind", ["number", "date", "truth", "error", "other"])
def test_a_place_is_text(kind):
    with pytest.raises(Refused):
        validators.name(Cell("12", kind))


@pytest.mark.parametrize(
    "text", ["NA", "None", "null", "nan", "-", "N/A", "King’s Lynn", "Ynys Môn"]
)
def test_a_name_is_kept_as_it_is(text):
    assert validators.name(Cell(f" {text}\u00a0")) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nor\0wich", "U\\+0000"),
        ("Nor\nwich", "U\\+000A"),
        ("Nor\u202ewich", "U\\+202E"),
        ("Nor\x9dwich", "U\\+009D"),
        ("Nor�wich", "was lost"),
        ("Ynys MÃ´n", "It may have been 'Ynys Môn'|looks like UTF-8"),
        ("Kingâ€™s Lynn", "looks like UTF-8"),
        ("x" * 201, "201 characters"),
    ],
)
def test_a_name_that_cannot_be_seen_or_was_damaged_is_refused(text, said):
    with pytest.raises(Refused, match=said):
        validators.name(Cell(text))


def test_prose_may_run_over_lines_but_not_over_a_spreadsheets_cell():
    assert validators.prose(Cell("one\r\n\ttwo")) == "one\r\n\ttwo"
    assert len(validators.prose(Cell("x" * 32_767))) == 32_767
    with pytest.raises(Refused, match="32,768 characters"):
        validators.prose(Cell("x" * 32_768))


@pytest.mark.parametrize(
    ("word", "level"),
    [("Town", "settlement"), ("informal", "group"), ("unknown", None), ("police_force", "force")],
)
def test_a_level_is_known_by_its_words(word, level):
    assert validators.level(Cell(word)) == level


def test_a_word_that_is_no_level_is_refused_with_the_levels():
    with pytest.raises(Refused) as refused:
        validators.level(Cell("hamlet"))
    assert all(level in str(refused.value.hint) for level in schema.LEVELS)


def test_groups_written_in_several_ways_are_told(tmp_path: Path) -> None:
    path = tmp_path / "ages.csv"
    ages = ("10-13", "10 – 13", "10 to 13", "14-17", "18+", "Under 10", "under 10")
    rows = "".join(f"Islington,Norwich,{age}\n" for age in ages)
    path.write_text(f"borough,town,Age\n{rows}", encoding="utf-8")
    told = [one.problem for one in read(path, options=ReadOptions(tags=("Age",))).notices]
    assert (
        "written in several ways, and so counted apart: "
        "'10 to 13', '10 – 13', '10-13'; 'Under 10', 'under 10'." in told
    )
    path.write_text("borough,town,Age\nIslington,Norwich,10-13\nIslington,Norwich,14-17\n")
    assert read(path, options=ReadOptions(tags=("Age",))).notices == ()
