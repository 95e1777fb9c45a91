"""Windows as owners write them."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.errors import InputError, Refused
from linemap.windows import (
    Window,
    covered_part,
    month_of_number,
    number_of_month,
    read_when,
    regular_periods,
    style_of,
    window_told,
)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2023-01 to 2024-03", "2023-01", "2024-03"),
        ("Jan 2023 to Mar 2024", "2023-01", "2024-03"),
        ("January 2023 – March 2024", "2023-01", "2024-03"),
        ("sept 2023 to oct 2023", "2023-09", "2023-10"),
        ("2023-24", "2023-04", "2024-03"),
        ("2023/24", "2023-04", "2024-03"),
        ("FY2023-24", "2023-04", "2024-03"),
        ("2023-2024", "2023-04", "2024-03"),
        ("1999/00", "1999-04", "2000-03"),
        ("2022-23 to 2023-24", "2022-04", "2024-03"),
        ("year to March 2024", "2023-04", "2024-03"),
        ("year ending December 2024", "2024-01", "2024-12"),
        ("Q1 2024", "2024-01", "2024-03"),
        ("2024 Q4", "2024-10", "2024-12"),
        ("2023", "2023-01", "2023-12"),
        ("2023 to 2024", "2023-01", "2024-12"),
        ("2023-05", "2023-05", "2023-05"),
        ("2011-12 to 2011-12", "2011-12", "2011-12"),
        ("2011-12 to 2012-02", "2011-12", "2012-02"),
        ("1 April 2023 to 31 March 2024", "2023-04", "2024-03"),
        ("01/04/2023 to 29/02/2024", "2023-04", "2024-02"),
        ("Q2 2023/24", "2023-07", "2023-09"),
        ("year to 31 March 2024", "2023-04", "2024-03"),
    ],
)  # fmt: skip
def test_a_window_is_read_in_the_spellings_of_the_field(text: str, start: str, end: str) -> None:
    window = Window.read(text)
    assert window == Window(start, end)
    assert window.is_named_in(f"Referrals ({text}), by area")
    assert Window.read(window.words) == window
    assert window_told(["Counts under 10 are not shown.", window.sentence]) == window


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2011-12",
        "2010-11 to 2011-12",
        "2024-03 to 2023-01",
        "2023-13",
        "2023-25",
        "2 April 2023 to 31 March 2024",
        "1 April 2023 to 30 March 2024",
        "1 April 2023",
    ],
)
def test_what_is_no_window_or_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Window.read(text)


def test_a_title_with_another_year_does_not_name_the_window() -> None:
    assert not Window.read("2023-24").is_named_in("Referrals, 2022-23")
    assert not Window.read("2023").is_named_in("Referrals, 2023-24")


@settings(deadline=None)
@given(
    st.dates(min_value=dt.date(1995, 1, 1), max_value=dt.date(2040, 12, 31)),
    st.lists(st.integers(0, 2000), min_size=1, max_size=30),
    st.sampled_from(["%b %d", "%B %d", "%b. %d"]),
)
def test_days_of_a_year_that_is_not_written_are_never_read_as_months(
    start: dt.date, steps: list[int], form: str
) -> None:
    days = [start + dt.timedelta(days=step) for step in steps]
    if len({day.month for day in days}) > len({day.day for day in days}):
        return  # as many months of as few years look alike
    texts = [day.strftime(form) for day in days]
    style = style_of(texts)
    for text in texts:
        with pytest.raises(Refused, match="may be a day or a month"):
            read_when(text, style)


@settings(deadline=None)
@given(
    st.integers(2001, 2031),
    st.integers(1, 12),
    st.integers(2, 100),
    st.sampled_from(["%b %y", "%b-%y", "%B '%y"]),
)
def test_months_that_follow_each_other_are_read_as_they_are(
    year: int, month: int, number: int, form: str
) -> None:
    months = [
        dt.date(year + at // 12, at % 12 + 1, 1) for at in range(month - 1, month - 1 + number)
    ]
    texts = [day.strftime(form) for day in months]
    style = style_of(texts)
    if form == "%b %y" and len({day.year for day in months}) >= min(12, number):
        return  # as few months as years look like days
    for text, day in zip(texts, months, strict=True):
        assert read_when(text, style)[:2] == (f"{day:%Y-%m}", f"{day:%Y-%m}")


PIECES = [
    "Jan",
    "May",
    "sept",
    "Q1",
    "quarter 4",
    "FY",
    "financial year",
    "year to",
    "ye",
    "to",
    "-",
    "/",
    " ",
    " ",
    "'",
    ".",
    ",",
    "2",
    "23",
    "31",
    "2019",
    "2023",
    "20240201",
    "1",
    "th",
    "of",
    "–",
    "é",
]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=7).map("".join), min_size=1, max_size=6))
def test_whatever_is_written_is_a_window_that_does_not_end_before_it_starts_or_is_refused(
    texts: list[str],
) -> None:
    style = style_of(texts)
    for text in texts:
        try:
            window = read_when(text, style)
        except Refused:
            continue
        assert window.first <= window.last
        assert window.day is None or f"{window.day:%Y-%m}" == window.first == window.last


def test_periods_of_equal_length_are_those_that_the_window_touches_or_lie_between() -> None:
    window = Window("2023-01", "2024-04")
    years = [("2022-04", "2023-03"), ("2023-04", "2024-03"), ("2024-04", "2025-03")]
    assert list(regular_periods([years[1]], window)) == years
    assert [covered_part(*year, window) for year in years] == [
        ("2023-01", "2023-03"),
        ("2023-04", "2024-03"),
        ("2024-04", "2024-04"),
    ]
    quarters = [("2023-01", "2023-03"), ("2023-07", "2023-09")]
    assert ("2023-04", "2023-06") in regular_periods(quarters, None)
    assert len(regular_periods(quarters, None)) == 3
    assert regular_periods([("2023-01", "2023-03"), ("2023-02", "2023-04")], None) == ()
    assert regular_periods([("2023-01", "2023-03"), ("2023-04", "2024-03")], None) == ()
    assert regular_periods([], window) == ()


@given(
    st.integers(24000, 24100), st.integers(0, 40), st.sampled_from([1, 3, 12]), st.integers(0, 99)
)
@settings(deadline=None)
def test_what_a_window_covers_of_its_periods_is_the_window(
    first: int, length: int, width: int, at: int
) -> None:
    window = Window(month_of_number(first), month_of_number(first + length))
    inside = first + at % (length + 1)
    shown = (month_of_number(inside), month_of_number(inside + width - 1))
    parts = [covered_part(*period, window) for period in regular_periods([shown], window)]
    assert parts[0][0] == window.start
    assert parts[-1][1] == window.end
    for before, after in itertools.pairwise(parts):
        assert number_of_month(after[0]) == number_of_month(before[1]) + 1
