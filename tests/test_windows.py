"""Windows as owners write them."""

from __future__ import annotations

import pytest

from linemap.errors import InputError
from linemap.windows import Window, window_told


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
