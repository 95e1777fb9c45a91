"""The sample of rows: what it says of the overlap of two tables, against counting them."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.disclosure import RowSketch, same_measure
from linemap.disclosure.row_sketch import MOST
from linemap.records import read_records

KEY = b"k" * 32
Row = tuple[str, str, str, int]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Croydon", "Barnet"]),
        st.sampled_from(["Norwich", "Dover", "Margate"]),
        st.sampled_from(["2024-01-03", "2024-01-04", "2024-02-01", "2024-03-09"]),
        st.integers(1, 9),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def sketch(rows: list[Row], key: bytes = KEY) -> RowSketch:
    table = pd.DataFrame(rows, columns=["borough", "town", "date", "count"])
    return RowSketch.of(read_records(table), key)


def counted(rows: list[Row], months: tuple[str, ...] = ()) -> Counter[tuple[str, ...]]:
    people: Counter[tuple[str, ...]] = Counter()
    for *row, count in rows:
        if not months or str(row[2])[:7] in months:
            people[tuple(map(str, row))] += count
    return people


@settings(max_examples=15)
@given(ROWS, ROWS, st.booleans())
def test_a_small_table_is_compared_person_by_person(
    one: list[Row], two: list[Row], windowed: bool
) -> None:
    months = ("2024-01", "2024-02") if windowed else ()
    windows = [[("2024-01", "2024-02")]] if windowed else []
    measures = {"record": "record"}
    overlap = sketch(one).overlap(sketch(two), measures=measures, windows=windows)
    before, now = counted(one, months), counted(two, months)
    assert (overlap.before, overlap.now) == (before.total(), now.total())
    assert overlap.both == pytest.approx((before & now).total())
    assert overlap.dated


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_the_overlap_of_a_large_table_is_estimated(share: float) -> None:
    def table(first: int, last: int) -> list[Row]:
        days = [f"2024-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(first, last)]
        return [("Croydon", f"Town {n}", day, 1) for n, day in enumerate(days, first)]

    size = 6_000
    start = round(size * (1 - share))
    overlap = sketch(table(0, size)).overlap(
        sketch(table(start, start + size)), measures={"record": "record"}
    )
    assert overlap.kept == pytest.approx(share, abs=0.05)
    assert overlap.same is (share >= 0.8 and overlap.kept >= 0.8)


def test_a_sketch_is_of_bounded_size_and_of_the_rows_in_any_order() -> None:
    rows = [("Croydon", f"Town {n % 900}", "2024-01-03", 1 + n % 3) for n in range(4_000)]
    made = sketch(rows)
    assert [len(sample.hashes) for sample in made.groups.values()] == [MOST]
    assert made == sketch(rows[::-1])
    assert made != sketch(rows, b"other" * 6)


def test_case_spaces_and_accents_are_no_difference() -> None:
    one = sketch([("Croydon", "St. Ives", "2024-01-03", 2)])
    two = sketch([("CROYDON ", "saint  ives", "2024-01-03", 1)] * 2)
    assert one == two


def test_next_year_without_dates_is_not_the_same() -> None:
    def undated(**towns: int) -> RowSketch:
        table = pd.DataFrame(
            {"borough": "Croydon", "town": list(towns), "count": list(towns.values())}
        )
        return RowSketch.of(read_records(table), KEY)

    last = undated(Norwich=30, Margate=20, Dover=10)
    measures = {"record": "record"}
    overlap = last.overlap(undated(Norwich=21, Dover=22), measures=measures)
    assert (overlap.before, overlap.now, overlap.both) == (60, 43, pytest.approx(31))
    assert not overlap.same
    # a few more, and a few put right
    assert last.overlap(undated(Norwich=33, Margate=19, Dover=10), measures=measures).same
    # three times as many: nothing but the names of towns is shared for certain
    assert not last.overlap(undated(Norwich=90, Margate=60, Dover=30), measures=measures).same


def test_rows_with_dates_and_rows_without_cannot_be_compared() -> None:
    rows: list[Row] = [("Croydon", "Norwich", "2024-01-03", 30), ("Croydon", "Dover", "", 2)]
    dated, undated = sketch(rows[:1]), sketch([(*row[:2], "", row[3]) for row in rows])
    measures = {"record": "record"}
    assert not dated.overlap(undated, measures=measures).comparable
    assert not undated.overlap(dated, measures=measures).comparable
    # a few without a date beside many that have one
    assert dated.overlap(sketch(rows), measures=measures).comparable


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("links", "Links", True), ("links", "link", True),
        ("confirmed  links", "Confirmed-Link", True),
        ("référrals", "referrals", True), ("links", "referrals", False),
        ("children", "child", False), ("NRM", "nrm", True),
    ],
)  # fmt: skip
def test_measures_are_compared_by_their_words(one: str, other: str, same: bool) -> None:
    assert (same_measure(one) == same_measure(other)) is same
