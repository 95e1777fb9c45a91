"""Labels: no count leaves as a tag or in a measure; bands of ages do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap import schema
from linemap.auditing import audit
from linemap.disclosure import heading_faults, label_faults, measure_faults, protect
from linemap.disclosure.labels import is_age_band, is_age_heading
from linemap.disclosure.release import release_of
from linemap.disclosure.rule import Rule
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer

COUNTS = [
    "3", "3.0", "1,204", " 3 ", "٣", "३", "３", "③", "Ⅲ", "½", "三", "three", "Three children",
    "twenty one", "3 under 13", "under 13: 3", "n=3", "3 (rounded)", "5%", "£3", "1e1", "<5",
    "under 5", "1-5", "1 to 5", "3\u200b", "3 of them", "2024-05-01", "III 3", "|||", "half",
    "three siblings", "one of seven girls", "ten found here", "third", "twice here", "a trio",
    "xiii", "in XV places", "t h r e e", "a t.h.r.e.e", "th\u00adree", "t\u200bhree", "thr\u0435e",
    "\u03a4\u0395\u039d",
    "\uff54\uff48\uff52\uff45\uff45", "\u2682", "three_girls", "threeGirls", "\U0001f0a3",
    "seven sisters", "trzy", "Un", "dwoje/dwie", "tri o blant: tair", "cztery dzieci", "Siedem",
    "V", "\u0442\u0440\u0438", "\u30c4", "pump", "sept", "j.smith@police", "me @ home",
]  # fmt: skip
WORDS = [
    "boy", "girl", "not stated", "White British", "Mixed W/BC", "care leaver", "Three Rivers",
    "One-off", "tier 2", "Key Stage 4", "class A", "\u00e9l\u00e8ve", "", "looked after", "-", "?",
    "mix", "I did", "civil", "CV", "MD", "DC", "single", "often", "First language", "none", "Vi",
    "one-to-one", "tri-borough", "Pump House", "m\u00e9dcs", "bus", "car", "X",
    "Schedule II", "Seven Sisters",
]  # fmt: skip
BANDS = [
    "under 18", "18 to 25", "over 25", "10-15", "10\u201315", "18+", "aged 16 or 17", "65 and over",
    "16/17", "U18", "<16", "16 to 17 years", "Under 18s", "25 years and over",
]  # fmt: skip


@pytest.mark.parametrize("value", COUNTS)
@pytest.mark.parametrize("heading", ["under_13", "children", "aged under 13", "n aged 10"])
def test_a_number_in_any_script_is_no_tag(heading: str, value: str) -> None:
    assert label_faults(heading, [value, "boy"]) == (value,)


@pytest.mark.parametrize(
    "value", ["16", "3", "three", "3 under 13", "1 (15)", "15 to 12", "10-150"]
)
def test_a_heading_of_ages_lets_bands_through_and_no_number(value: str) -> None:
    assert label_faults("age", [value]) == (value,)


@pytest.mark.parametrize(
    "value",
    [
        "IIII",
        "iiii",
        "I I I I",
        "l.l.l.l",
        "xxxxx",
        "IIII girls",
        "singleton",
        "Duet",
        "quads",
        "triads",
        "VIIII",
        "viiii",
        "iiij",
        "girl girl girl",
        "Yes, yes",
        "hexa",
        "Gross",
        "kvar",
    ],
)
def test_tallies_in_letters_and_words_for_so_many_are_no_tags(value: str) -> None:
    assert label_faults("team", [value]) == (value,)


def test_words_that_only_look_like_tallies_are_tags() -> None:
    values = [
        "AAA",
        "mix",
        "Vi",
        "Ji",
        "gross neglect",
        "dual care",
        "Bora, Bora Bay",
        "quad bike",
        "Singleton ward",
        "Llanelli",
        "tier III",
        "Triad gang",
        "xl",
    ]
    assert label_faults("team", values) == ()


@pytest.mark.parametrize("value", WORDS)
def test_words_and_classes_are_tags(value: str) -> None:
    assert label_faults("support", [value, None, float("nan")]) == ()


@pytest.mark.parametrize("value", BANDS)
def test_bands_of_ages_are_tags_where_the_heading_says_age(value: str) -> None:
    assert label_faults("Age band", [value]) == ()
    assert label_faults("size", [value]) == (value,)


@pytest.mark.parametrize(
    "heading",
    [
        "age",
        "AGE",
        "Age (banded)",
        "age_at_referral",
        "AgeGroup",
        "Child's age",
        "victim age group",
        "Age range",
        "Age (years)",
    ],
)
def test_headings_of_ages(heading: str) -> None:
    assert is_age_heading(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "under_13",
        "stage",
        "number of age 13",
        "children by age",
        "percentage",
        "age 13",
        "average age",
        "age (girls found)",
        "age at which girls were found",
        "age at three",
    ],
)
def test_headings_that_may_count_people_of_an_age(heading: str) -> None:
    assert not is_age_heading(heading)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_band_has_its_lower_age_first_and_none_that_nobody_reaches(low: int, high: int) -> None:
    looks_like_counts = not {low, high}.isdisjoint({1, 2, 3, 6, 7})
    assert is_age_band(f"{low} to {high}") is (low < high <= 120 and not looks_like_counts)


@given(st.text(alphabet="01239 ,.-/٣३５").filter(lambda text: any(map(str.isdigit, text))))
def test_figures_alone_are_never_a_tag(value: str) -> None:
    assert label_faults("vulnerability", [value]) == (value,)


@pytest.mark.parametrize(
    ("measure", "stands"),
    [
        ("links", True), ("links under 18", True), ("children aged 10 to 17", True),
        ("under-18s found", True), ("NRM referrals, age 16 or 17", True),
        ("links (3 under 13)", False), ("links: 3", False), ("3 links", False), ("13", False),
        ("links (three under 13)", False),
        ("links under 180", False), ("links, three of whom in care (under 3)", False),
        ("links (under 18)", True), ("simulated links", True), ("links, 18 and over", True),
        ("links under 3", False), ("links aged 12", False), ("links under 12 over 13", False),
        ("links aged 17 to 10", False),
    ],
)  # fmt: skip
def test_a_measure_holds_no_number_but_an_age(measure: str, stands: bool) -> None:
    assert (measure_faults([measure]) == ()) is stands


HEADINGS = [
    "=3 girls of 7 in Lowestoft",
    "three girls",
    "girls_3",
    "under 3",
    "girls XIII",
    "thr\u0435e",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_number_in_a_heading_does_not_leave(flows_of, toy: Gazetteer, heading: str) -> None:
    assert heading_faults([heading]) == (heading,)
    flows = flows_of({("Ashwick", "Eastby"): 14}, **{heading: "yes"})
    with pytest.raises(DisclosureError, match=r"the heading .*Give the column a heading"):
        protect(flows, gazetteer=toy)
    columns = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END, heading)
    cells = {("borough:ashwick", "settlement:eastby"): 15}
    release = release_of(
        {("links", None, None, "yes"): cells}, {}, columns, rule=Rule(), gazetteer=toy
    )
    report = audit(release, gazetteer=toy)
    assert any("headings of tags" in finding.what for finding in report.findings)


@pytest.mark.parametrize("heading", ["Age group", "age_band", "Under 18", "under_13", "Ethnicity"])
def test_headings_without_a_count_pass(heading: str) -> None:
    assert heading_faults([heading]) == ()


def test_a_refusal_says_which_words_are_numbers(flows_of, toy: Gazetteer) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 14}, family="three siblings")
    with pytest.raises(DisclosureError, match=r"'family' holds 'three siblings' \(three\): .*Take"):
        protect(flows, gazetteer=toy)


def test_a_count_kept_as_a_tag_does_not_leave(flows_of, together, toy: Gazetteer) -> None:
    flows = together(
        flows_of({("Ashwick", "Eastby"): 14}, under_13="3"),
        flows_of({("Birchgate", "Fernport"): 31}, under_13="1"),
    )
    with pytest.raises(DisclosureError, match="'under_13' holds '1', '3'"):
        protect(flows, gazetteer=toy)


def test_a_count_in_a_measure_does_not_leave(flows_of, toy: Gazetteer) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 14}).assign(**{schema.MEASURE: "links (3 under 13)"})
    with pytest.raises(DisclosureError, match="may be a count"):
        protect(flows, gazetteer=toy)


@pytest.mark.parametrize(("measure", "tag"), [("links", "3"), ("links (3 under 13)", "boy")])
def test_the_audit_reads_tags_and_measures(toy: Gazetteer, measure: str, tag: str) -> None:
    columns = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END, "under_13")
    cells = {("borough:ashwick", "settlement:eastby"): 15}
    release = release_of(
        {(measure, None, None, tag): cells}, {}, columns, rule=Rule(), gazetteer=toy
    )
    report = audit(release, gazetteer=toy)
    assert any("which may be counts" in finding.what for finding in report.findings)


@pytest.mark.parametrize(
    "text", ["0-3", "0-1", "3 to 4", "under 3", "over 1", "1-2", "6 or 7", "<7"]
)
def test_a_small_count_written_as_a_band_of_ages_is_no_band(text: str) -> None:
    assert not is_age_band(text)
    assert label_faults("age", [text, "10-15", "0-4", "5 to 9", "under 18"]) == (text,)


@pytest.mark.parametrize("text", ["links |||", "*** links", "links ///", "| | || links"])
def test_a_tally_in_a_measure_is_a_number(text: str) -> None:
    assert measure_faults([text, "links", "links & contacts", "links - all"]) == (text,)
