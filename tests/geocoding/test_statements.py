"""The published statements: every place, worked out by hand before the program was asked."""

from __future__ import annotations

import csv
from math import cos, hypot, radians
from pathlib import Path

import pandas as pd
import pytest

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode

HERE = Path(__file__).parent
STATEMENTS = HERE.parents[1] / "data" / "raw" / "published_statements.csv"


@pytest.fixture(scope="module")
def statements() -> pd.DataFrame:
    with STATEMENTS.open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(csv.DictReader(file))


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    with (HERE / "statement_answers.csv").open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(csv.DictReader(file))


def test_the_answers_are_of_these_statements(
    statements: pd.DataFrame, answers: pd.DataFrame
) -> None:
    assert len(answers) == 67
    for column in ("statement_id", "origin", "destination"):
        assert statements[column].tolist() == answers[column].tolist()


def test_every_origin_is_the_right_place(statements: pd.DataFrame, answers: pd.DataFrame) -> None:
    matches = geocode(statements["origin"], levels=statements["origin_level"])
    assert matches["place_id"].tolist() == answers["origin_answer"].tolist()


def test_every_destination_is_the_right_place(
    statements: pd.DataFrame, answers: pd.DataFrame
) -> None:
    asked = statements["destination"] != ""
    assert asked.sum() == 56
    matches = geocode(
        statements.loc[asked, "destination"], levels=statements.loc[asked, "destination_level"]
    )
    places = Gazetteer.load().places
    wrong = []
    for (_, answer), match in zip(
        answers[asked.to_numpy()].iterrows(), matches.itertuples(), strict=True
    ):
        level, name = answer["destination_answer"].split(":")
        if level != "settlement":
            if match.place_id != answer["destination_answer"]:
                wrong.append((answer["statement_id"], match.place_id))
            continue
        place = places.loc[match.place_id]
        lon, lat = float(answer["lon"]), float(answer["lat"])
        km = 111.2 * hypot((place["lon"] - lon) * cos(radians(lat)), place["lat"] - lat)
        if (match.level, match.name) != ("settlement", name) or km > 3:
            wrong.append((answer["statement_id"], match.place_id, km))
    assert wrong == []


def test_rows_without_a_destination_are_missing_with_a_reason(statements: pd.DataFrame) -> None:
    matches = geocode(statements["destination"], levels=statements["destination_level"])
    empty = (statements["destination"] == "").to_numpy()
    assert empty.sum() == 11
    assert (matches.loc[empty, "status"] == "missing").all()
    assert (matches.loc[empty, "reason"] == "the name is empty").all()
