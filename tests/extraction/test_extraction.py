"""What articles are read to say: hand-worked answers, and promises that hold for any text."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import linemap as lm
from linemap import schema
from linemap.errors import InputError, InputNotFoundError, OutputError
from linemap.extraction import (
    CANDIDATE_COLUMNS,
    DEFAULT_CONFIDENCE,
    find_mentions,
    in_context,
    read_article,
    write_candidates,
)

BOROUGH = """Camden children treated as slaves
Camden youngsters have been caught in Suffolk five times this year, and in nine other parts.
Some were found as far away as Northumberland and Somerset.
Councillor Jack Lincoln said: "They may be sent to places like Sudbury or Diss."
Mr Kent of the Home Office praised Camden Council.
The Camden Gazette reported a crash in Essex Road.
"""
LETTER = """London gangs using children in Devon
Eleven London boroughs have written to the minister. Children have been found as far away as
Orkney and north Wales. In Plymouth and Torbay homes were taken over by gangs.
The detectives' team is based at Paignton police station. Kent MP Paul Durham spoke of Rotherham
and its scandal.
"""


@functools.lru_cache(maxsize=64)
def proposed(text: str) -> pd.DataFrame:
    """Propose the statements of a text."""
    return lm.extract_statements(text)


def rows(text: str, least: float = DEFAULT_CONFIDENCE) -> set[tuple[object, ...]]:
    """Give the ends, measure, count and qualifier of what is proposed with enough confidence."""
    frame = proposed(text)
    return {
        (
            row["origin"],
            None if pd.isna(row["destination"]) else row["destination"],
            row["measure"],
            None if pd.isna(row["count"]) else row["count"],
            row["qualifier"],
        )
        for row in frame[frame["confidence"] >= least].to_dict("records")
    }


def test_an_article_about_one_borough_gives_its_six_statements() -> None:
    assert rows(BOROUGH) == {
        ("Camden", "Suffolk", "instances", 5, "exact"),
        ("Camden", None, "areas reached", 9, "exact"),
        ("Camden", "Northumberland", "named", None, "named only"),
        ("Camden", "Somerset", "named", None, "named only"),
        ("Camden", "Sudbury", "named", None, "mentioned"),
        ("Camden", "Diss", "named", None, "mentioned"),
    }


def test_an_article_about_a_letter_gives_its_places_and_no_scandal() -> None:
    said = rows(LETTER)
    assert {row[:2] for row in said} == {
        ("London", place)
        for place in ("Devon", "Orkney", "north Wales", "Plymouth", "Torbay", "Paignton")
    }
    assert ("London", "Paignton", "named", None, "mentioned") in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mr Kent met PC Norwich and Councillor Lincoln.", {"Kent", "Norwich", "Lincoln"}),
        ("Jaden Sutton, 19, was jailed.", {"Sutton"}),
        ("Chelsea Smith and Jack London were there.", {"Chelsea", "London"}),
        ("The Mayor of London and the Bishop of Norwich came.", {"London", "Norwich"}),
        ("Reading between the lines, there was no Deal in March.", {"Reading", "Deal", "March"}),
        ("A crash closed Essex Road and Bath Street.", {"Essex", "Bath"}),
        ("Norwich Crown Court and the Islington Gazette.", {"Norwich", "Islington"}),
        ("Kent MP and the MP for Croydon.", {"Kent", "Croydon"}),
    ],
)
def test_what_only_looks_like_a_place_is_none(text: str, words: set[str]) -> None:
    mentions = find_mentions(text)
    assert not set(mentions.loc[mentions["place_id"].notna(), "words"]) & words


@pytest.mark.parametrize(
    ("text", "words", "place_id"),
    [
        ("found in Deal, Sandwich and Battle", "Battle", "settlement:2656161"),
        ("found in Wisbech and March", "March", "settlement:2643071"),
        ("found in Newport, Isle of Wight", "Newport", "settlement:2641599"),
        ("found in Newport. Gwent Police and Swansea", "Newport", "settlement:2641598"),
        ("teenagers from Merton and from Sutton", "Sutton", "borough:sutton"),
        ("sent to St Albans", "St Albans", "settlement:2638867"),
        ("a Liverpool-based gang", "Liverpool", "settlement:2644210"),
    ],
)
def test_a_place_is_found_and_told_from_its_namesakes(text: str, words: str, place_id: str) -> None:
    mentions = find_mentions(text)
    assert place_id in set(mentions.loc[mentions["words"] == words, "place_id"])


def test_a_name_of_several_places_is_uncertain_and_names_its_rivals() -> None:
    [row] = proposed("Children from Hackney were found in Rochester.").to_dict("records")
    if pd.isna(row["proposed_destination_id"]):
        assert row["certainty"] == "uncertain"
    assert "Rochester" in row["rivals"]


def test_a_count_for_several_places_together_is_nobodys() -> None:
    text = "Six teenagers from Hackney were found in Ipswich and Colchester."
    assert {row[:4] for row in rows(text)} == {
        ("Hackney", "Ipswich", "named", None),
        ("Hackney", "Colchester", "named", None),
    }
    assert proposed(text)["doubts"].str.contains("a count of 6").all()


def test_a_count_belongs_to_its_own_place() -> None:
    text = "Young people from Haringey were linked to Essex (6), Norfolk (5) and Kent (3)."
    assert {row[1:4] for row in rows(text)} == {
        ("Essex", "individuals linked", 6),
        ("Norfolk", "individuals linked", 5),
        ("Kent", "individuals linked", 3),
    }
    text = "Hackney boys were caught in Norfolk three times, and as far away as Scotland."
    assert {row[1:4] for row in rows(text)} == {
        ("Norfolk", "instances", 3), ("Scotland", "named", None),
    }  # fmt: skip


def test_a_number_of_those_told_of_before_counts_the_same() -> None:
    text = (
        "Four teenagers from Lewisham were rescued in Dover. Both of them had been in Deal. "
        "Two more, from Bexley, were rescued in Ashford."
    )
    assert {row[:4] for row in rows(text)} == {
        ("Lewisham", "Dover", "individuals linked", 4),
        ("Lewisham", "Deal", "individuals linked", 2),
        ("Bexley", "Ashford", "individuals linked", 2),
    }
    assert {row[1:4] for row in rows("Of 61 lines in Kent, most are controlled from Hackney.")} == {
        ("Kent", "named", None)
    }


def test_towns_named_before_the_gangs_are_their_destinations() -> None:
    text = (
        "Dover and Deal are among the towns where gangs from Camden and Brent use people's homes."
    )
    assert {row[:2] for row in rows(text)} == {
        (origin, town) for origin in ("Camden", "Brent") for town in ("Dover", "Deal")
    }


def test_a_part_of_a_nation_is_the_nation_with_a_doubt() -> None:
    text = "Children from Hackney were found as far away as northern Scotland."
    assert rows(text) == {("Hackney", "Scotland", "named", None, "named only")}
    assert proposed(text)["doubts"].str.contains("only a part of Scotland").all()


@pytest.mark.parametrize(
    "text",
    [
        "No children from Tower Hamlets had been found in Kent, the mayor said.",
        "Fans came from Colchester to Norwich for the match.",
        "Police in Ipswich met councillors from Hackney.",
        "The girl was sent back to Croydon.",
    ],
)
def test_what_is_denied_or_beside_the_matter_is_not_proposed(text: str) -> None:
    assert rows(text) == set()


def test_a_period_is_read_to_the_month() -> None:
    text = "Between April 2018 and March 2019 six children from Barnet were found in Luton."
    [row] = proposed(text).to_dict("records")
    assert (row["period_start"], row["period_end"], row["count"]) == ("2018-04", "2019-03", 6)


def test_the_words_of_each_position_are_those_of_the_row_and_no_sentence_is_kept() -> None:
    for row in proposed(BOROUGH).to_dict("records"):
        for part, words in (("origin", row["origin"]), ("destination", row["destination"]),
                            ("count", row["words_of_count"])):  # fmt: skip
            if not pd.isna(words):
                start, end = (row[f"{part}_position_{side}"] for side in ("start", "end"))
                assert BOROUGH[start:end] == words
        assert "caught" not in " ".join(map(str, row.values()))
        if row["destination"] == "Suffolk":
            assert "[Camden] youngsters have been caught in [Suffolk] [five]" in (
                in_context(row, BOROUGH)
            )


def test_accepted_rows_alone_are_read_as_statements(tmp_path: Path) -> None:
    table = write_candidates(proposed(BOROUGH), tmp_path / "candidates.csv")
    with pytest.raises(InputError, match="no proposed statement is accepted"):
        lm.read_statements(table)
    with table.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert list(written[0]) == list(CANDIDATE_COLUMNS)
    written[0]["decision"], written[1]["decision"] = "yes", "no"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, CANDIDATE_COLUMNS)
        writer.writeheader()
        writer.writerows(written)
    [row] = lm.read_statements(table).to_dict("records")
    assert row[schema.STATEMENT_ID] == written[0]["statement_id"]
    with pytest.raises(OutputError, match="holds decisions"):
        write_candidates(proposed(BOROUGH), table)
    written[1]["decision"] = "perhaps"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, CANDIDATE_COLUMNS)
        writer.writeheader()
        writer.writerows(written)
    with pytest.raises(InputError, match="'perhaps' is no decision"):
        lm.read_statements(table)


def test_the_same_text_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_candidates(lm.extract_statements(LETTER), tmp_path / "a.csv").read_bytes()
    assert write_candidates(lm.extract_statements(LETTER), tmp_path / "b.csv").read_bytes() == first


def test_html_is_read_as_a_reader_sees_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><head><title>Norwich</title></head><body><nav>Essex</nav><script>Kent</script>"
        "<p>Children from <b>Hackney</b> were found in&nbsp;Ipswich.</p></body></html>",
        encoding="utf-8",
    )
    assert read_article(page).text == "Children from Hackney were found in Ipswich."


def test_a_pdf_is_read_by_its_words(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    stream = b"BT /F1 12 Tf 72 700 Td (Children from Hackney were found in Ipswich.) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>"),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj" % number + content + b"endobj\n"
    xref = len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    body += b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % xref
    (tmp_path / "a.pdf").write_bytes(body)
    [row] = lm.extract_statements(tmp_path / "a.pdf").to_dict("records")
    assert (row["origin"], row["destination"]) == ("Hackney", "Ipswich")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 broken", b"\x00\x01\x02", b"<p> </p>"])
def test_a_file_without_words_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_article(path)
    with pytest.raises(InputNotFoundError):
        read_article(tmp_path / "none.txt")


PIECES = st.sampled_from(
    ["Hackney", "Newport", "March", " from ", " in ", "children ", "six ", "(6)", ", ", " and ",
     ". ", "\n", "Mr ", "İstanbul ", "=cmd|'/c calc'!A1", "<script>", "{{x}}", "London's ", "ﬁ",
     "found ", " to ", "Sutton, 19, ", "\u202e", "\x00", "4,013 ", "times ", "Police ", "’",
     "\ud800"]
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=24).map("".join)))
def test_any_text_is_read_and_each_position_lies_in_it(text: str) -> None:
    from linemap.text import sound

    read = sound(text)
    for row in lm.extract_statements([text + "\n"]).to_dict("records"):
        for part in ("origin", "destination", "sentence", "count"):
            start, end = (row[f"{part}_position_{side}"] for side in ("start", "end"))
            if not pd.isna(start):
                assert 0 <= start < end <= len(read) + 1
        assert read[row["origin_position_start"] : row["origin_position_end"]].split() == (
            row["origin"].split()
        )
        assert 0 <= row["confidence"] <= 1
        assert pd.isna(row["count"]) == (row["measure"] == "named")
    for row in find_mentions(text).itertuples():
        assert read[row.start : row.end] == row.words


def test_the_command_shows_the_sentence_and_writes_none_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from linemap.cli import app

    article = tmp_path / "article.txt"
    article.write_text("Kyle Smith sent six Hackney boys to Ipswich.", encoding="utf-8")
    table = tmp_path / "candidates.csv"
    app(["extract", str(article), "--out", str(table)], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "Hackney (borough) to Ipswich (settlement)" in shown
    assert "Kyle Smith sent" in shown
    assert "Kyle" not in table.read_text(encoding="utf-8")
