"""A brief says what its release says, in numbers that can be traced, whatever names it holds."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from linemap import measures, schema
from linemap.auditing import audit, rebuild_release
from linemap.briefing import Brief, Number, brief
from linemap.disclosure import Release, Rule, as_published, protect
from linemap.disclosure.release import release_of
from linemap.disclosure.views import ANYWHERE, UNPLACED, WHERE
from linemap.errors import DisclosureError, InputError, OutputError
from linemap.flows import build_flows, toy_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_records, read_statements
from linemap.release import write_release

HOSTILE = "{{7*7}} ${x} <script>alert(1)</script> #set page(width: 1pt) $sum$ *b* \\n {}"
RECORDS = {
    ("Ashwick", "Eastby"): (60, 20), ("Ashwick", "Fernport"): (30, 30),
    ("Birchgate", "Eastby"): (25, 45), ("Birchgate", "Glenmoor"): (15, 20),
    ("Ashwick", "not known"): (20, 30),
}  # fmt: skip
HEADINGS = (
    "id,origin,origin level,destination,destination level,measure,value,period_start,period_end,"
    "source,url"
)
STATEMENTS = f"""{HEADINGS}
S1,Ashwick,borough,Eastby,town,arrests,30,2021-01,2022-03,Gazette,https://example.org/a
S2,Ashwick,borough,Eastby,town,arrests,60,2022-04,2023-03,Gazette,https://example.org/b
S3,Ashwick,borough,Northshire,county,people linked,70,2022-04,2023-03,"{HOSTILE}",
S4,Birchgate,borough,Fernport,town,named,,,,Gazette,
S5,Cedarham,borough,,unknown,referrals,7,,,Gazette,
"""


@pytest.fixture(scope="module")
def toy() -> Gazetteer:
    return Gazetteer.toy()


@pytest.fixture(scope="module")
def records(toy: Gazetteer, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Records of two years, of which many are shown."""
    lines = ["borough,town,date,count"]
    for ((origin, place), counts), year in product(RECORDS.items(), (0, 1)):
        lines.append(f"{origin},{place},{2022 + year}-05-05,{counts[year]}")
    path = tmp_path_factory.mktemp("records") / "records.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    flows = build_flows(read_records(path), gazetteer=toy, period="year")
    return protect(flows, gazetteer=toy)


@pytest.fixture(scope="module")
def statements(toy: Gazetteer, tmp_path_factory: pytest.TempPathFactory) -> Release:
    path = tmp_path_factory.mktemp("statements") / "statements.csv"
    path.write_text(STATEMENTS, encoding="utf-8")
    return as_published(build_flows(read_statements(path), gazetteer=toy), gazetteer=toy)


@pytest.fixture(scope="module")
def views(toy: Gazetteer) -> Release:
    """Records that show more of all origins together than of each."""
    key = ("links", None, None)
    sent = {
        ("borough:ashwick", "settlement:eastby"): 40,
        ("borough:birchgate", "county:westshire"): 20,
        ("borough:birchgate", ANYWHERE): 15,
    }
    reached = {"settlement:eastby": 75, "county:westshire": 30, "county:northshire": 25}
    totals = {(WHERE, place): n for place, n in (reached | {UNPLACED: 50}).items()}
    columns = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)
    return release_of({key: sent}, {key: totals}, columns, rule=Rule(), gazetteer=toy)


ENDS = ("_low_km", "_high_km")
ASKED: list[dict[str, str]] = [{}, {"origin": "ashwick"}, {"destination": "Eastby"}]


@pytest.fixture(scope="module")
def briefs(
    toy: Gazetteer, records: Release, statements: Release, views: Release
) -> list[tuple[Release, Brief]]:
    return [
        (release, brief(release, gazetteer=toy, **asked))
        for release in (records, statements, views)
        for asked in ASKED
    ]


def told(release: Release, number: Number) -> set[str]:
    """Work out anew what a number of a sentence may say, from the tables of the release."""
    if number.table in ("flows", schema.WHERE_TO):
        whole = release.flows if number.table == "flows" else release.views[schema.WHERE_TO]
        flows = whole.set_index(schema.FLOW_ID, drop=False)
        rows = flows.loc[list(number.rows)].rename(columns={schema.COUNT: "n"})
        column = "n" if number.column == schema.COUNT else number.column
    else:
        rows = release.summaries[number.table].loc[list(number.rows)]
        column = number.column
    if number.how == "sum":
        return {f"{int(rows[column].sum()):,}"}
    if number.how == "distinct":
        return {f"{rows[column].nunique():,}"}
    if number.how == "rows":
        return {f"{len(rows):,}"}
    if number.how == "cell":
        return {f"{float(rows[column].iloc[0]):,.0f}"}
    if number.how in ("per month", "ratio"):
        months = [
            len(pd.period_range(start, end, freq="M"))
            for start, end in zip(rows[schema.PERIOD_START], rows[schema.PERIOD_END], strict=True)
        ]
    if number.how == "per month":
        return {f"{int(rows[column].iloc[0]) / months[0]:,.1f}"}
    if number.how == "ratio":
        before, after = (int(value) for value in rows["n"])
        found = measures.rate_ratio(before, after, weight=months[0] / months[1])
        return {f"{value:.2f}" for value in found[:3]}
    assert number.how == "statistic"
    flows = release.flows
    chosen = flows.loc[flows[schema.FLOW_ID].isin(list(number.rows))]
    row = measures.reach(chosen, by=None, gazetteer=Gazetteer.toy()).iloc[0]
    term, _, end = number.column.partition(" ")
    if term.startswith("share"):
        ends = {"area_low": "_low_km", "area_high": "_high_km"}
        return {f"{100 * row[term.replace('_km', ends[end])]:.0f} %"}
    known = {"estimate": term, "area_low": "median_low_km", "area_high": "median_high_km"}
    if end not in known:  # a sampling interval: between the nearest and the furthest flow
        km = chosen[schema.DISTANCE_KM]
        return {f"{step:,}" for step in range(0, 2000, 5) if km.min() - 5 < step < km.max() + 5}
    return {f"{5 * round(row[known[end]] / 5):,}"}


def test_every_number_of_a_sentence_is_that_of_its_table(briefs) -> None:
    seen = set()
    for release, made in briefs:
        for sentence in made.content.sentences:
            assert not re.search(r"\d", sentence.template), sentence.template
            for number in sentence.numbers:
                assert number.text in told(release, number), (str(sentence), number)
                seen.add(number.how)
    assert seen >= {"sum", "distinct", "rows", "cell", "per month", "ratio", "statistic"}


def test_a_brief_of_a_destination_says_whom_to_call(records: Release, toy: Gazetteer) -> None:
    made = brief(records, destination="Eastby", gazetteer=toy)
    assert made.content.title == "Whom should Eastby call?"
    first, then = map(str, made.content.headline)
    assert first == (
        "Ashwick (80) and Birchgate (70) have the largest numbers shown of records that lead to "
        "Eastby. The order of the first two may be chance."
    )
    assert then.startswith("150 records are shown that lead to Eastby")


def test_a_tie_at_the_top_names_all_that_share_it(toy: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "ties.csv"
    path.write_text(
        f"{HEADINGS}\n"
        "S1,Ashwick,borough,Eastby,town,arrests,30,,,Gazette,\n"
        "S2,Ashwick,borough,Fernport,town,arrests,30,,,Gazette,\n"
        "S3,Birchgate,borough,Glenmoor,town,arrests,30,,,Gazette,\n"
        "S4,Birchgate,borough,Eastby,town,arrests,7,,,Gazette,\n",
        encoding="utf-8",
    )
    release = as_published(build_flows(read_statements(path), gazetteer=toy), gazetteer=toy)
    (headline,) = brief(release, gazetteer=toy).content.headline
    assert str(headline).endswith(
        "3 of 4 figures are the largest, 30 each: Ashwick to Eastby, Ashwick to Fernport and "
        "Birchgate to Glenmoor."
    )


def sent_to_eastby(toy: Gazetteer, *counts: int) -> list[str]:
    """The headline of a brief of Eastby, to which four origins send so many."""
    key = ("links", None, None)
    origins = ("ashwick", "birchgate", "cedarham", "dunmere")
    sent = {
        (f"borough:{origin}", "settlement:eastby"): n
        for origin, n in zip(origins, counts, strict=True)
    }
    reached = {(WHERE, "settlement:eastby"): sum(counts)}
    columns = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)
    release = release_of({key: sent}, {key: reached}, columns, rule=Rule(), gazetteer=toy)
    return [*map(str, brief(release, destination="Eastby", gazetteer=toy).content.headline)]


def test_a_tie_with_the_last_that_is_named_is_told(toy: Gazetteer) -> None:
    assert sent_to_eastby(toy, 90, 40, 20, 20)[0] == (
        "Ashwick (90), Birchgate (40) and Cedarham (20) have the largest numbers shown of links "
        "that lead to Eastby. Dunmere has the same number (20)."
    )


def test_a_tie_at_the_top_of_all_names_them_all(toy: Gazetteer) -> None:
    told = sent_to_eastby(toy, 20, 20, 20, 20)
    assert told[0] == (
        "Ashwick (20), Birchgate (20), Cedarham (20) and Dunmere (20) have the largest numbers "
        "shown of links that lead to Eastby."
    )
    assert told[1].startswith("80 links are shown that lead to Eastby")


def test_the_headline_ranks_origins_by_the_numbers_of_the_table(views, toy: Gazetteer) -> None:
    made = brief(views, gazetteer=toy)
    (table,) = next(s for s in made.content.sections if s.heading == "From where").tables
    ranked = ", ".join(f"{row[0]} ({row[1]})" for row in table.rows[:3])
    assert ranked == "Ashwick (40), Birchgate (35)"
    assert any(f"are those of {ranked}." in str(one) for one in made.content.headline)


def test_a_brief_leads_with_where_to_and_adds_no_views(briefs) -> None:
    made = briefs[6][1]
    told = [str(one) for one in made.content.headline]
    assert told[0].startswith("130 links are shown with a destination, at 3 places or areas")
    assert told[1].startswith(
        "The largest numbers of the police force areas are those of Westshire"
    )
    assert "Westshire (105), Northshire (25)" in told[1]
    assert told[2].startswith("The same records, counted again origin by origin: 60 links")
    for sentence in made.content.sentences:
        for number in sentence.numbers:
            assert number.table in ("flows", schema.WHERE_TO, "whole", "origins", "destinations")
    where, origins = made.content.sections[:2]
    assert where.heading == "Where to"
    assert where.tables[0].rows[0] == ("Westshire", "105", "Eastby 75, rest of Westshire 30")
    assert ("Ashwick", "40", "40", "none shown") in origins.tables[0].rows
    assert ("Birchgate", "35", "20", "15") in origins.tables[0].rows


def test_what_is_unknown_and_what_is_withheld_are_told_apart(briefs) -> None:
    (section,) = (p for p in briefs[6][1].content.sections if p.heading.startswith("What is unk"))
    text = " ".join(map(str, section.sentences))
    assert "50 links have no destination that is stated or found" in text
    assert (
        "15 links of single origins stand at no place: their destinations are unknown, or too"
        in text
    )
    assert "which, is not known" in text


def test_a_destination_that_only_the_view_shows_has_a_brief(views, toy) -> None:
    made = brief(views, destination="Northshire", gazetteer=toy)
    told = [str(one) for one in made.content.headline]
    assert told == [
        "No origin has enough of them to be shown.",
        "25 links are shown that lead to Northshire, all origins together.",
    ]


def far(toy: Gazetteer, at_nation: int) -> tuple[Release, list[str], tuple[str, ...]]:
    """A release with some at a nation; what its brief says of how far, and the row of the table."""
    key, columns = ("links", None, None), (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)
    cells = {
        ("borough:ashwick", "settlement:eastby"): 400,
        ("borough:ashwick", "settlement:fernport"): 200,
        ("borough:birchgate", "nation:toyland"): at_nation,
    }
    release = release_of({key: cells}, {key: {}}, columns, rule=Rule(), gazetteer=toy)
    (told,) = (s for s in brief(release, gazetteer=toy).content.sections if s.heading == "How far")
    return release, [*map(str, told.sentences)], told.tables[0].rows[0]


def test_many_at_a_nation_leave_how_far_to_bounds(toy: Gazetteer) -> None:
    release, told, row = far(toy, 500)
    assert told[0].startswith("Links (n = 1,100): 500 of them (45 %) are shown by region or nation")
    whole = release.summaries["whole"].iloc[0]
    share = [f"{whole[f'share_beyond_100{end}'] * 100:.0f} %" for end in ENDS]
    half = [f"{whole[f'median{end}']:,.0f}" for end in ENDS]
    assert share[0] != share[1]
    assert f"between {share[0]} and {share[1]} of all are beyond 100 km" in told[1]
    assert f"{half[0]} to {half[1]} km" in told[2]
    assert row[2:] == (
        "not known",
        "",
        f"{half[0]} to {half[1]}",
        "not known",
        "",
        f"{share[0]} to {share[1]}",
    )


def test_bounds_that_are_near_each_other_are_given_without_a_doubt(toy: Gazetteer) -> None:
    release, told, row = far(toy, 60)
    half = [f"{release.summaries['whole'].iloc[0][f'median{end}']:,.0f}" for end in ENDS]
    assert told[2] == f"Half of all are within a distance between {half[0]} and {half[1]} km."
    assert row[2:5] == ("not known", "", f"{half[0]} to {half[1]}")


def test_few_at_a_nation_are_in_the_median_of_the_release_and_of_the_brief(toy: Gazetteer) -> None:
    release, told, row = far(toy, 20)
    assert told[0].startswith("Links (n = 620): half are linked to places within")
    assert told[1].startswith("20 of these are shown by region or nation only")
    assert row[2] == f"{release.summaries['whole'].iloc[0]['median_km']:,.0f}"


def test_no_interval_of_chance_is_a_certainty(records: Release, toy: Gazetteer) -> None:
    for asked in ASKED:
        sections = brief(records, gazetteer=toy, **asked).content.sections
        (told,) = (s for s in sections if s.heading == "How far")
        for row in told.tables[0].rows:
            low, _, high = row[6].partition(" to ")
            assert low != high


def test_a_release_without_arrows_has_a_map_of_where_to(views: Release, toy: Gazetteer) -> None:
    made = brief(views, destination="Northshire", gazetteer=toy)
    assert made.content.picture is not None
    assert "all origins together: Northshire 25" in made.content.picture.alt


def test_few_arrows_do_not_stand_for_what_all_origins_show(views: Release, toy: Gazetteer) -> None:
    # 60 have an arrow, from an origin to a place; 130 are shown at places, all origins together.
    whole = brief(views, gazetteer=toy).content.picture
    assert whole is not None
    assert "all origins together" in whole.alt
    one = brief(views, origin="Ashwick", gazetteer=toy).content.picture
    assert one is not None
    assert "Ashwick" in one.alt


def test_simulated_children_are_not_called_victims(toy: Gazetteer) -> None:
    for measure, said in (("links", True), ("simulated links", False)):
        flows = toy_flows().assign(measure=measure)
        flows[schema.COUNT] *= 5
        content = brief(protect(flows, gazetteer=toy), gazetteer=toy).content
        assert ("victims" in " ".join(map(str, content.sentences))) == said
        assert ("SIMULATED" in content.stamp) == (not said)


def test_a_folder_with_views_is_made_again_and_attacked(views, toy, tmp_path) -> None:
    folder = write_release(views, tmp_path / "out", title="A title").folder
    again = rebuild_release(folder, toy)
    assert brief(again, gazetteer=toy).content == brief(views, gazetteer=toy).content
    assert audit(folder, gazetteer=toy).bounded > 0


def test_a_county_holds_its_towns(records: Release, toy: Gazetteer) -> None:
    parent = toy.places.loc["settlement:eastby", schema.COUNTY_ID]
    county = str(toy.places.loc[parent, schema.NAME])
    made = brief(records, destination=county, gazetteer=toy)
    assert any("lead to " + county in str(one) for one in made.content.headline)
    flows = records.flows
    eastby = flows.loc[flows[schema.DESTINATION_ID] == "settlement:eastby", schema.FLOW_ID]
    (total, *_) = made.content.headline[1].numbers
    assert set(eastby) <= set(total.rows)


def test_a_county_and_the_rest_of_it_are_one_area(toy: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "county.csv"
    path.write_text(
        "borough,town,count\nAshwick,Eastby,30\nAshwick,Westshire,25\nBirchgate,Glenmoor,20\n",
        "utf-8",
    )
    release = protect(build_flows(read_records(path), gazetteer=toy), gazetteer=toy)
    assert "rest of Westshire" in set(release.flows[schema.DESTINATION_NAME])
    text = " ".join(map(str, brief(release, gazetteer=toy).content.headline))
    assert "Westshire (55), Northshire (20)" in text


def test_windows_of_different_lengths_are_compared_by_the_month(statements, toy) -> None:
    made = brief(statements, origin="Ashwick", gazetteer=toy)
    (change,) = (part for part in made.content.sections if part.heading.startswith("Change"))
    assert "30 in January 2021 to March 2022 (2.0 a month)" in str(change.sentences[0])
    assert "2.50 times as many a month" in str(change.sentences[0])


def test_figures_of_two_measures_are_never_added(briefs) -> None:
    for _, made in briefs[3:6]:
        for sentence in made.content.sentences:
            for number in sentence.numbers:
                assert number.how != "sum" or len(number.rows) == 1


def test_thin_evidence_changes_the_sentences(toy: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("borough,town,count\nAshwick,Eastby,12\nAshwick,Fernport,2\n", "utf-8")
    few = protect(build_flows(read_records(path), gazetteer=toy), gazetteer=toy)
    text = " ".join(map(str, brief(few, gazetteer=toy).content.sentences))
    assert "too few to say which" in text
    assert "Too few are shown with a place at both ends to say how far" in text
    assert "half are linked" not in text


def test_nothing_is_loaded_run_or_taken_for_markup(briefs) -> None:
    for _, made in briefs:
        page = made.html()
        assert "default-src 'none'" in page
        assert "<script" not in page
        images = re.findall(r'(?:src|href)="([^"]{0,30})', page)
        assert all(start.startswith("data:image/svg+xml;base64,") for start in images)
        plain = re.sub(r'base64,[^"]*', "", page)
        assert "{{7*7}}" not in plain or "&lt;script&gt;alert(1)&lt;/script&gt;" in plain
    assert "{{7*7}} ${x} &lt;script&gt;" in briefs[3][1].html()


def test_a_pdf_is_tagged_the_same_each_time_and_takes_no_name_for_markup(briefs) -> None:
    made = briefs[3][1]
    first = made.pdf()
    assert first.startswith(b"%PDF-")
    assert b"pdfuaid" in first
    assert first == made.pdf()
    titled = Brief(replace(made.content, title=HOSTILE)).pdf()
    size = re.compile(rb"/MediaBox ?\[[^]]*\]")
    assert set(size.findall(first)) == set(size.findall(titled))
    assert len(set(size.findall(first))) == 1


def test_letters_that_the_font_lacks_do_not_stop_a_pdf(briefs) -> None:
    content = replace(briefs[3][1].content, title="Ŵyddgrug 町 \U0001f600 \u202e \ud800")
    assert Brief(content).pdf()
    assert "\u202e" not in Brief(content).html()


def test_the_map_is_of_the_flows_that_the_brief_is_about(briefs) -> None:
    _, made = briefs[1]
    assert made.content.picture is not None
    assert "Ashwick" in made.content.picture.alt
    assert "Birchgate" not in made.content.picture.alt
    assert base64.b64encode(made.content.picture.svg).decode() in made.html()


def test_a_place_that_is_not_shown_is_refused_with_those_that_are(records, toy) -> None:
    with pytest.raises(InputError, match=r"no origin 'Atlantis'\. It shows Ashwick, Birchgate"):
        brief(records, origin="Atlantis", gazetteer=toy)
    with pytest.raises(InputError, match="one of the two"):
        brief(records, origin="Ashwick", destination="Eastby", gazetteer=toy)


def test_only_a_release_has_a_brief(records: Release) -> None:
    with pytest.raises(DisclosureError):
        brief(records.flows)  # type: ignore[arg-type]


def test_a_brief_is_saved_by_its_ending(briefs, tmp_path: Path) -> None:
    _, made = briefs[0]
    assert made.save(tmp_path / "b.html").read_text("utf-8") == made.html()
    with pytest.raises(OutputError, match=r"\.html or \.pdf"):
        made.save(tmp_path / "b.docx")


def test_a_folder_that_was_written_gives_the_brief_of_its_release(records, toy, tmp_path) -> None:
    written = write_release(records, tmp_path / "out", title="A title")
    again = rebuild_release(written.folder, toy)
    made = brief(again, destination="Eastby", gazetteer=toy)
    assert made.content == brief(records, destination="Eastby", gazetteer=toy).content
    table = written.folder / "flows.csv"
    table.write_text(table.read_text("utf-8-sig").replace("60", "65"), "utf-8-sig")
    with pytest.raises(OutputError):
        rebuild_release(written.folder, toy)


def test_records_that_were_public_before_have_no_brief_and_are_told_why() -> None:
    toy = Gazetteer.toy()
    release = as_published(toy_flows(), gazetteer=toy, already_public=True)
    with pytest.raises(InputError, match="what may be withheld"):
        brief(release, gazetteer=toy)


def test_the_furthest_places_say_of_each_pair_whether_it_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "published.csv"
    path.write_text(
        "origin,destination,measure,value,period_start,period_end,source\n"
        "Lambeth,Norfolk,people,[c],2021-04,2022-03,Gazette\n"
        "Lambeth,Cornwall,people,[x],2021-04,2022-03,Gazette\n"
        "Islington,Norfolk,people,20,2021-04,2022-03,Gazette\n",
        encoding="utf-8",
    )
    flows = build_flows(read_statements(path))
    made = brief(as_published(flows)).content
    tables = [table for part in made.sections for table in part.tables]
    (furthest,) = [table for table in tables if table.caption == "The furthest places"]
    said = [(row[0], row[1], row[-1]) for row in furthest.rows]
    assert said == [
        ("Lambeth", "Norfolk", schema.HIDDEN_FIGURE),
        ("Islington", "Norfolk", "counted"),
    ]
    reach = measures.reach(flows, by="origin").set_index(schema.ORIGIN_NAME)
    assert reach.loc["Lambeth", "furthest_name"] == "Norfolk"
    assert reach.loc["Lambeth", "n_destinations"] == 1


@pytest.mark.parametrize(("brighton", "may"), [(12, True), (60, False)])
def test_an_area_that_is_shown_only_in_its_region_may_have_more_than_those_named(
    brighton: int, may: bool
) -> None:
    counts = {"Norwich": 40, "Brighton": brighton} | dict.fromkeys(
        ("Ipswich", "Cambridge", "Luton", "Southend-on-Sea", "Watford"), 7
    )
    table = pd.DataFrame({"borough": "Islington", "town": counts.keys(), "count": counts.values()})
    told = " ".join(map(str, brief(protect(build_flows(read_records(table)))).content.headline))
    assert f"Norfolk ({40}), Sussex ({10})" in told or f"Sussex ({60}), Norfolk ({40})" in told
    assert "35 are shown by region, nation or group of areas only" in told
    assert ("one of which may have more than some that are named" in told) is may


@pytest.mark.parametrize("luton_before", [30, 3])
def test_areas_that_are_not_shown_in_the_same_periods_are_said_to_be_so(luton_before: int) -> None:
    counts = (("Norwich", 2022, 40), ("Norwich", 2023, 40), ("Luton", 2023, 60))
    rows = [
        ("Islington", town, f"{year}-06-01", count)
        for town, year, count in (*counts, ("Luton", 2022, luton_before))
    ]
    table = pd.DataFrame(rows, columns=["borough", "town", "date", "count"])
    flows = build_flows(read_records(table), period="year")
    told = " ".join(map(str, brief(protect(flows)).content.headline))
    assert "The largest numbers of the police force areas are those of" in told
    assert ("Not all are shown in every period" in told) is (luton_before < 10)


def test_the_prose_tells_falls_beside_a_rise_in_order_of_size(
    toy: Gazetteer, tmp_path: Path
) -> None:
    lines = ["statement_id,origin,origin_level,destination,measure,value,period_start,period_end"]
    for at, (town, before, after) in enumerate(
        [("Eastby", 100, 160), ("Fernport", 90, 30), ("Glenmoor", 50, 52)]
    ):
        for year, value in (("2021", before), ("2022", after)):
            lines.append(f"S{at}{year},Ashwick,borough,{town},links,{value},{year}-01,{year}-12")
    path = tmp_path / "two_years.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    release = as_published(build_flows(read_statements(path), gazetteer=toy), gazetteer=toy)
    html = brief(release, gazetteer=toy).html()
    prose = html[html.index("Change since the period before") :]
    prose = re.sub(r"<[^>]+>", "", prose[: prose.index("<table")])
    assert 0 < prose.index("Fernport: 90 in") < prose.index("Eastby: 100 in")
    assert "Glenmoor" not in prose


def test_why_nothing_is_compared_is_that_no_total_is_shown(toy: Gazetteer) -> None:
    """Each pair stands in both years, so "no figure for two windows" would be untrue."""
    years = (("2021-04", "2022-03"), ("2022-04", "2023-03"))
    release = release_of(
        {("links", *year): {("borough:ashwick", "settlement:eastby"): 40} for year in years},
        {},
        (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END),
        rule=Rule(),
        gazetteer=toy,
    )
    html = brief(release, gazetteer=toy).html()
    assert "No figure is shown for two windows" not in html
    assert "No total, of all records, of an origin or of a destination, is shown in both" in html
