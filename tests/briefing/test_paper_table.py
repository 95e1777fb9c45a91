"""Tables to paste into a paper say what the release says, in three forms, as plain text."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import linemap as lm
from linemap import schema
from linemap.briefing import paper_table
from linemap.disclosure import Release, as_published, protect
from linemap.errors import DisclosureError, InputError
from linemap.flows import build_flows, toy_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_statements

HOSTILE = r"50% of A&B_{c} \input{x} | <script>alert(1)</script> `x` *b* $y$ ~ ^ # {{7}}"


@pytest.fixture(scope="module")
def toy() -> Gazetteer:
    return Gazetteer.toy()


@pytest.fixture(scope="module")
def records(toy: Gazetteer) -> Release:
    flows = toy_flows()
    flows[schema.COUNT] *= 5
    return protect(flows, gazetteer=toy)


@pytest.fixture(scope="module")
def statements(toy: Gazetteer) -> Release:
    table = pd.DataFrame(
        [
            ("S1", "Ashwick", "Eastby", "town", "arrests", 30, "Gazette"),
            ("S2", "Ashwick", "Fernport", "town", "arrests", 12, HOSTILE),
            ("S3", "Birchgate", "Fernport", "town", "named", None, "Gazette"),
            ("S4", "Cedarham", None, "unknown", "referrals", 7, "Gazette"),
        ],
        columns=["id", "origin", "destination", "destination level", "measure", "value", "source"],
    )
    return as_published(build_flows(read_statements(table), gazetteer=toy), gazetteer=toy)


def rows_of(markdown: str) -> list[list[str]]:
    lines = [line for line in markdown.splitlines() if line.startswith("| ")]
    return [re.split(r"(?<!\\) \| ", line[2:-2]) for line in lines]


def test_a_table_of_flows_has_each_count_with_its_range_and_what_is_unknown(records) -> None:
    head, _, *rows = rows_of(paper_table(records, "flows", form="markdown"))
    assert head == ["Origin", "Destination", "Level of destination", "Count", "Distance (km)"]
    flows = records.flows
    assert [row[3] for row in rows] == [f"{count:,}" for count in flows["count"]]
    first = flows.iloc[0]
    ends = [round(first[f"distance_{end}km"]) for end in ("", "low_", "high_")]
    assert rows[0][4] == f"{ends[0]} ({ends[1]} to {ends[2]})"
    text = paper_table(records, "flows")
    lost = int(flows["destination_id"].isna().sum())
    assert f"Without a destination that has a place: {lost} of {len(flows)} rows." in text
    assert "Measure: records." in text
    assert "Toy world: linemap" in text
    assert "Counts under 10 are not shown" in text


def test_n_and_the_unknown_are_there_whatever_is_asked_for(records) -> None:
    head, *_ = rows_of(
        paper_table(records, "origins", form="markdown", columns=["origin_name", "median_km"])
    )
    assert head == ["Origin", "Median distance (km)", "n", "n without a place"]


def test_the_largest_rows_are_kept_and_the_others_counted(records) -> None:
    text = paper_table(records, "flows", form="markdown", most=2)
    head, _, *rows = rows_of(text)
    counts = sorted(records.flows["count"], reverse=True)
    assert [int(row[head.index("Count")]) for row in rows] == counts[:2]
    assert f"Further rows in the release: {len(counts) - 2}." in text.replace("\\", "")


def test_published_figures_keep_their_sources_and_are_never_zero_for_want_of_one(
    statements,
) -> None:
    text = paper_table(statements, "flows")
    assert "[1] Gazette." in text
    assert re.search(r"^Ashwick +Eastby +town +arrests +30 .*\[1\]$", text, re.M)
    assert re.search(r"^Birchgate +Fernport +town +named +— .*\[1\]$", text, re.M)
    origins = paper_table(statements, "origins")
    assert "Published by: Gazette." in origins
    assert re.search(r"^Birchgate +.*named +—", origins, re.M)
    assert "one person may be linked to several places" in " ".join(origins.split())


def test_text_is_text_in_every_form(statements) -> None:
    markdown = paper_table(statements, "flows", form="markdown", title=HOSTILE)
    assert "<script>" not in markdown
    assert {len(row) for row in rows_of(markdown)} == {7}
    latex = paper_table(statements, "flows", form="latex", title=HOSTILE, label="tab:a-1")
    assert r"\input{x}" not in latex
    assert r"50\% of A\&B\_\{c\} \textbackslash{}input\{x\}" in latex
    assert latex.count(r"\begin{table}") == latex.count(r"\end{table}") == 1
    body = latex[latex.index(r"\toprule") : latex.index(r"\bottomrule")]
    lines = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {6}
    plain = paper_table(statements, "flows", title="a\nb\u202e\tc")
    assert plain.splitlines()[0] == "a b c"


def test_what_cannot_be_written_is_refused_with_what_can(records) -> None:
    with pytest.raises(InputError, match="no table 'origin'"):
        paper_table(records, "origin")
    with pytest.raises(InputError, match="text, markdown"):
        paper_table(records, form="html")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(InputError, match="no column shoe"):
        paper_table(records, columns=["shoe"])
    with pytest.raises(InputError, match="1 or more"):
        paper_table(records, most=0)
    with pytest.raises(InputError, match="label"):
        paper_table(records, form="latex", label="}\\input{x}")
    with pytest.raises(DisclosureError):
        paper_table(records.flows)  # type: ignore[arg-type]  # what is refused
    assert lm.paper_table is paper_table
