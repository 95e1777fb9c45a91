"""Statements: rows that look like records leave only if it is said where they were published."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from linemap.auditing import audit
from linemap.disclosure import as_published, look_like_records
from linemap.errors import DisclosureError
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_statements


def statements(toy: Gazetteer, counts: list[Any], **columns: object) -> gpd.GeoDataFrame:
    towns = ["Eastby", "Fernport", "Glenmoor"]
    rows = pd.DataFrame(
        {
            "statement_id": [f"S{n}" for n in range(len(counts))],
            "origin": "Ashwick", "origin_level": "borough",
            "destination": [towns[n % 3] for n in range(len(counts))],
            "destination_level": "town", "measure": "links", "value": counts, **columns,
        }
    )  # fmt: skip
    return build_flows(read_statements(rows), gazetteer=toy)


@pytest.mark.parametrize(
    ("counts", "columns", "records"),
    [
        ([1, 2, 1, 3], {}, True),
        ([1, 1, 1, 1], {"source": "police", "note": "strat meeting"}, True),
        ([3, 2, 9, 4, 12], {"source": "police"}, True),
        ([1, 2, 1, 3], {"source": "The Paper", "published": "2021-03-03"}, False),
        ([1, 2, 1, 3], {"source": "The Paper", "url": "https://example.org/a"}, False),
        ([120, 40, 31], {}, False),
        ([3, 5], {}, False),
        ([120, 40, 31, 3, 1, 2, 50, 60, 70], {}, True),
        (
            [1, 2, 3, 3],
            {"source": ["The Paper"] * 2 + [None] * 2, "url": "https://example.org"},
            False,
        ),
        ([20] * 200, {}, True),
    ],
)
def test_small_counts_without_a_publication_look_like_records(
    toy: Gazetteer, counts: list[int], columns: dict[str, str], records: bool
) -> None:
    flows = statements(toy, counts, **columns)
    assert look_like_records(flows) is records


def test_they_leave_only_with_words_that_every_output_carries(toy: Gazetteer) -> None:
    flows = statements(toy, [1, 2, 1, 3])
    with pytest.raises(DisclosureError, match="look like records") as refused:
        as_published(flows, gazetteer=toy)
    assert [way.option for way in refused.value.ways] == [
        "without --statements", '--already-published "WHERE AND WHEN"',
    ]  # fmt: skip
    release = as_published(flows, gazetteer=toy, already_published="The Paper,\n 3 March 2021")
    assert release.caveats[-1].endswith("says: The Paper, 3 March 2021")
    report = audit(release, gazetteer=toy)
    assert report.passed
    assert str(report).startswith("Published statements: nothing was checked")
    assert "Passed" not in str(report)


@pytest.mark.parametrize("words", ["", "yes", "2021", "The Paper", "x 2021", "The Paper 2021" * 20])
def test_words_that_name_no_publication_and_year_are_not_enough(toy: Gazetteer, words: str) -> None:
    with pytest.raises(DisclosureError, match="where and when"):
        as_published(statements(toy, [1, 2, 1, 3]), gazetteer=toy, already_published=words)
