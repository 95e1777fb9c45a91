"""From a council's table to a release, by what each command says comes next, with no manual."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import openpyxl
import pandas as pd
import pytest

from linemap import cli
from linemap.pipeline import building

ORIGINS: Final = (
    "Home LA",
    "Exporting borough",
    "Local Authority",
    "LA of origin",
    "Home borough",
)
FOUND: Final = (
    "Where found / linked to",
    "Importing area",
    "Location found",
    "Linked to (area)",
    "Place found",
)
DATES: Final = (
    "Date of referral (dd/mm/yy)",
    "Referred on",
    "Date rec'd",
    "Month",
    "Date of referral",
)
TITLES: Final = (
    ["{home} YJS - criminal exploitation referrals (out of borough)"],
    ["Q1 to Q4 2022/23   OFFICIAL-SENSITIVE"],
    [],
)
TOWNS: Final = (
    "Norwich",
    "Ipswich",
    "Great Yarmouth",
    "King's Lynn",
    "Clacton-on-Sea",
    "Margate",
    "Bournemouth",
    "Hastings",
    "Swansea",
    "Norfolk",
    "Essex",
)
OTHERWISE: Final = (
    "nr {}",
    "placement in {}",
    "{} train station",
    "HMP {}",
    "{}?",
    "poss {}",
    "{} and Oxford",
)
NO_PLACE: Final = ("N/K", "unknown", "?", "OOL", "custody", "TBC", "Not stated", None)
PLACES_OF: Final = {"one home": ["Islington"], "several homes": ["Camden", "Hackney", "Brent"]}


Run = Callable[[str], tuple[int, str]]


def slip(name: str, at: int) -> str:
    return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"


def council(seed: int) -> tuple[list[list[Any]], list[str], int]:
    """Invent the cells of a council's sheet: titles, headings, rows, a total; no row is real."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(150, 260))
    homes = list(PLACES_OF.values())[seed % 2]
    headings = [
        "Ref No",
        ORIGINS[seed % 5],
        "Age",
        "Gender",
        FOUND[(seed + 2) % 5],
        DATES[seed % 5],
        "Notes",
    ]
    weights = 1 / np.arange(1, len(TOWNS) + 1)

    def home() -> str:
        name = str(rng.choice(homes, p=[0.8, 0.1, 0.1][: len(homes)] if len(homes) > 1 else None))
        return str(rng.choice([*[name] * 8, f"LB {name}", f"{name.lower()} ", name[:3]]))

    def found() -> str | None:
        name, chance = str(rng.choice(TOWNS, p=weights / weights.sum())), rng.random()
        if chance < 0.08:
            return NO_PLACE[int(rng.integers(len(NO_PLACE)))]
        if chance < 0.14:
            return str(rng.choice(OTHERWISE)).format(name)
        if chance < 0.18 and len(name) > 5:
            return slip(name, int(rng.integers(1, len(name) - 2)))
        return "NR1" if chance < 0.19 else name

    def day() -> object:
        when = dt.datetime(2022, 4, 1) + dt.timedelta(days=int(rng.integers(365)))  # noqa: DTZ001 - a workbook knows no time zone
        if headings[5] == "Month":
            return f"{when:%b-%y}"
        written = f"{when:%d/%m/%Y}", f"{when.day}.{when.month}.{when:%y}", f"{when:%d %b %Y}", None
        return rng.choice([*[when] * 12, *written])

    top = [[text.format(home=homes[0]) for text in title] for title in TITLES[: 1 + seed % 3]]
    body = [
        [
            f"YJ{n}",
            home(),
            int(rng.integers(12, 19)),
            rng.choice(["M", "F"], p=[0.8, 0.2]),
            found(),
            day(),
            rng.choice(["Strat mtg 12/3", "=> see file", None]),
        ]
        for n in range(rows)
    ]
    body.insert(20, [])
    return [*top, headings, *body, [], ["Total", rows]], headings, rows


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, typed_command: Run, tmp_path: Path) -> Run:
    """Run a command line in an empty folder, without drawings; return its code and its words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(building, "draw_release", lambda *_, **__: {})
    return typed_command


def following(said: str) -> str:
    """Return the command that is named as the next."""
    [line] = re.findall(r"^Next.*:\n  (linemap .*)$", said, re.MULTILINE)
    return str(line)


@pytest.mark.parametrize("seed", [0, 3])  # one home and several; days and months
def test_four_commands_lead_to_a_release_that_shows_something(
    seed: int, run: Run, tmp_path: Path
) -> None:
    cells, headings, rows = council(seed)
    book = openpyxl.Workbook()
    book.active.append(["OFFICIAL-SENSITIVE"])
    sheet = book.create_sheet("Referrals")
    for row in cells:
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet.row_dimensions[30].hidden = True
    pivot = book.create_sheet("Pivot")
    pivot.append(["Row Labels", "Count of Ref No"])
    pivot.append(["Norfolk", 40])
    book.save(tmp_path / "my referrals.xlsx")

    code, said = run('linemap check "my referrals.xlsx"')
    assert code == 0, said
    assert f"Rows: {rows:,} used" in said
    for heading, part in zip(
        (headings[1], headings[4], headings[5]), ("origin", "destination", "date"), strict=True
    ):
        assert f"{heading} ({part})" in said
    code, said = run(following(said))
    assert code == 0, said
    path = tmp_path / "data" / "processed" / "my referrals-private" / "review.csv"
    review = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    short = review[review["query"].isin(["Isl", "Cam"])]
    assert set(short["suggestion"]) <= {"Islington", "Camden"}
    assert len(short)
    review["decision"] = review["suggestion_id"].map(lambda place: "yes" if place else "")
    review.to_csv(path, index=False, encoding="utf-8-sig")
    code, said = run(following(said))
    assert code == 0, said
    code, said = run(following(said))
    assert code == 0, said
    flows = pd.read_csv(tmp_path / "data/processed/my referrals/flows.csv", encoding="utf-8-sig")
    assert (flows["destination_level"] == "settlement").any()
    assert flows["count"].sum() > 0.6 * rows


def test_what_was_typed_is_typed_again(run: Run, tmp_path: Path) -> None:
    lines = ["Base;Seen", *["Hackney;Norwich"] * 12, *["Hackney;Newport"] * 3]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="cp1252")
    given = '--column origin=Base --column "destination=Seen" --encoding cp1252 --window 2023/24'
    code, said = run(f"linemap check t.csv {given}")
    assert code == 0, said
    code, said = run(following(said))
    code, said = run(following(said))
    assert code == 0, said
    last = following(said)
    assert last.startswith("linemap build t.csv ")
    for option in (
        "--column origin=Base",
        "--column destination=Seen",
        "--encoding cp1252",
        "--window 2023/24",
        "--aliases data/processed/t-private/review.csv",
    ):
        assert option in last
    code, said = run(last)
    assert code == 0, said


def test_faulty_rows_are_corrected_or_left_out(run: Run, tmp_path: Path) -> None:
    lines = ["borough,town,date", *["Hackney,Norwich,1/2/2023"] * 12, "Hackney,Norwich,soonish"]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, said = run("linemap check t.csv")
    assert code == cli.FAULTY_INPUT
    assert "row 14, column 'date'" in said
    [again] = re.findall(r"^Next, correct it .*:\n  (linemap .*)$", said, re.MULTILINE)
    assert again == "linemap check t.csv --allow-refused"
    code, said = run(again)
    assert code == 0, said
    assert following(said) == "linemap preview t.csv --allow-refused"
    assert "\nOr, if the table" in said  # what it covers is for its owner to state
    assert '  linemap preview t.csv --window "2023-02 to 2023-02" --allow-refused\n' in said


def test_a_column_of_dates_under_an_unknown_heading_is_pointed_at(run: Run, tmp_path: Path) -> None:
    lines = ["borough,town,Stage 2,Beds", *["Hackney,Norwich,1/2/2023,3"] * 12]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _, said = run("linemap check t.csv")
    assert "column 'Stage 2': no column of dates was found" in said
    assert '--column "date=Stage 2"' in said
    assert "date=Beds" not in said


def test_of_two_places_is_asked_which_is_the_origin(run: Run, tmp_path: Path) -> None:
    lines = ["Town,Linked borough", *["Ashford,Lewisham"] * 12]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, said = run("linemap check t.csv")
    assert code == cli.FAULTY_INPUT
    again = following(said)
    assert again.endswith(' --column "origin=Linked borough" --column destination=Town')
    code, said = run(again)
    assert code == 0, said
    assert "Linked borough (origin), Town (destination)" in said


def test_what_a_table_lacks_is_asked_for_with_the_options_to_type(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Alpha,Beta\nCamden,Bath\n", encoding="utf-8")
    code, said = run("linemap check t.csv")
    assert code == cli.FAULTY_INPUT
    assert "The headings are 'Alpha', 'Beta'." in said
    again = following(said)
    assert again == "linemap check t.csv --column origin=Alpha --column destination=Beta"
    assert run(again)[0] == 0
    lines = ["Borough,Margate,Norwich", "Camden,11,12", "Brent,13,14"]
    (tmp_path / "m.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, said = run("linemap check m.csv")
    assert code == cli.FAULTY_INPUT
    assert following(said) == "linemap check m.csv --layout matrix"
    code, said = run(following(said))
    assert code == 0, said
