"""What is typed next: after an error, a command that is not the one that failed, and that works."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from linemap import cli
from linemap.cli import next_steps
from linemap.cli.shell import command_line
from linemap.disclosure import as_published
from linemap.errors import DisclosureError, Way
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.pipeline import PlaceOptions, preparing
from linemap.records import read_statements
from linemap.release import write_release

Run = Callable[..., tuple[int, str]]

LINES = [
    "Home borough,Found in,Date,Age band",
    *[f"Islington,Norwich,{day:02d}/04/2023,16-17" for day in range(1, 13)],
    "Total,12,,",
]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, typed_command: Run, tmp_path: Path) -> Run:
    """Run a command line in a folder with a table; return its code and all that it printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "referrals 2023.csv").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return typed_command


def following(said: str) -> str:
    """Return the first command that is named as the next, which stands on a line of its own."""
    return str(re.findall(r"^Next.*:\n  (linemap .*)$", said, re.MULTILINE)[0])


CHECK = 'linemap check "referrals 2023.csv"'


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ('--column "orign=Home borough"', '--column "origin=Home borough"'),
        ('--column "destination=Found inn"', '--column "destination=Found in"'),
        ('--column "colour=Age band"', ""),
        ('--tag "Age bnad"', '--tag "Age band"'),
        ("--tag Ethnicity", ""),
        ("--window Foo", ""),
        ("--sheet Foo", ""),
        ("--encoding foo", ""),
        ("--header-row 40", ""),
        ("--layout matrix", ""),
        ("--memory 3", ""),
        ("--threads 0", ""),
        ("--several x", ""),
        ("--aliases no.csv", ""),
        ("--unknown-words no.csv", ""),
        ("--gazetteer no.parquet", ""),
        ('--measure ""', ""),
    ],
)
def test_after_a_wrong_option_the_next_command_works(run: Run, typed: str, then: str) -> None:
    code, said = run(f"{CHECK} {typed}")
    assert code == cli.FAULTY_INPUT, said
    again = following(said)
    assert again == f"{CHECK} {then}".strip()
    assert "origin is missing" not in said  # the total is none of the rows
    assert "1 error in" in said or said.startswith("Error: ")
    code, said = run(again)
    assert code == 0, said


def test_a_file_that_is_not_there_is_one_with_a_similar_name(run: Run, tmp_path: Path) -> None:
    code, said = run("linemap check referals2023.csv")
    assert code == cli.FAULTY_INPUT
    assert following(said) == CHECK
    (tmp_path / "another.xlsx").write_bytes(b"")
    _, said = run("linemap build zzz.csv --rule nhs")
    assert following(said) == "linemap build another.xlsx --rule nhs"
    assert 'Or, if you mean referrals 2023.csv:\n  linemap build "referrals 2023.csv"' in said
    _, said = run("linemap check nowhere/zzz.csv")
    assert following(said) == "linemap demo linemap-demo"


def test_rows_outside_the_window_are_told_with_each_of_their_months(run: Run) -> None:
    code, said = run(f"{CHECK} --window 2022/23")
    assert code == cli.FAULTY_INPUT
    assert "12 rows (2 to 13): '2023-04' lies outside the window 2022-04 to 2023-03." in said
    wider = [line for line in said.splitlines() if '--window "2023-04 to 2023-04"' in line]
    assert run(wider[0].strip())[0] == 0
    code, said = run('linemap preview "referrals 2023.csv" --window 2022/23')
    assert code == cli.FAULTY_INPUT
    assert "--window" in following(said)


def test_ways_out_of_a_refusal_are_commands_to_paste(run: Run) -> None:
    group = get_command(cli.app)
    typed = next_steps.Typed.of(
        ["preview", "my table.csv", "--tag", "Sex", "--base=5", "--same-records"], group
    )
    ways = (
        Way("--series NAME", "series=name", "other records."),
        Way("as before: --period year --rule ons", "as before", "repeated.", ("--tag", "--base")),
        Way('--measure "links", or that word in the table', "measure='links'", "the same."),
        Way("put it back", "put it back", "as it was."),
        Way('linemap withdraw "a b/t"', "withdraw('a b/t')", "never sent."),
    )
    told = list(next_steps.ways_told(DisclosureError("No.", ways), typed))
    assert told == [
        "  --series NAME: other records.",
        '    linemap build "my table.csv" --tag Sex --base 5 --same-records --series "my table-2"',
        "  as before: --period year --rule ons: repeated.",
        '    linemap build "my table.csv" --same-records --period year --rule ons',
        '  --measure "links", or that word in the table: the same.',
        '    linemap build "my table.csv" --tag Sex --base 5 --same-records --measure links',
        "  put it back: as it was.",
        "  linemap withdraw: never sent.",
        '    linemap withdraw "a b/t"',
    ]
    for line in told:
        if line.startswith("    linemap build"):
            assert next_steps.Typed.of(shlex.split(line)[1:], group).name == "build"


def test_a_file_of_decisions_is_corrected_and_the_same_command_typed_again(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_text("query,decision\nNorwich,Pentonvill\n", encoding="utf-8")
    code, said = run(f"{CHECK} --aliases mine.csv")
    assert code == cli.FAULTY_INPUT
    assert f"Next, when that is corrected:\n  {CHECK} --aliases mine.csv\n" in said


def test_a_release_that_is_not_there_is_one_that_is(run: Run, tmp_path: Path) -> None:
    for name in ("may", "june"):
        folder = tmp_path / "data" / "processed" / name
        folder.mkdir(parents=True)
        (folder / "datapackage.json").write_text("{}", encoding="utf-8")
    for command in ("audit", "review-release", "brief", "matrix", "withdraw", "restore-ledger"):
        code, said = run(f"linemap {command} data/processed/mai")
        assert code not in (0, cli.FAULT_OF_LINEMAP), said
        assert "Next, if you mean june:" in said
        again = following(said)
        assert again == f"linemap {command} {Path('data', 'processed', 'june')}"
    _, said = run("linemap brief juni --origin Camden")
    assert following(said).endswith(f"{Path('june')} --origin Camden")


def test_the_places_of_a_release_are_those_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"sources": [{"id": "geonames"}, {"id": "postcode-districts"}]}
    monkeypatch.setattr(preparing, "read_manifest", lambda _: named)
    found = PlaceOptions().of_release("any")
    assert (found.stations, found.postcode_districts) == (False, True)
    own = PlaceOptions(gazetteer="own.parquet")
    assert own.of_release("any") == own  # which holds its own
    monkeypatch.setattr(preparing, "read_manifest", lambda _: {"sources": 3})
    assert PlaceOptions(stations=True).of_release("any") == PlaceOptions(stations=True)


def test_a_refusal_without_ways_out_is_followed_by_what_it_asks_for() -> None:
    group = get_command(cli.app)
    words = ["build", "t.csv", "--tag", "Sex", "--tag", "Age", "--title", "Of May", "--base", "5"]
    typed = next_steps.Typed.of(words, group)

    def then(message: str) -> str:
        [(_, command)] = next_steps.steps_after(DisclosureError(message), typed)
        return command

    plain = 'linemap build t.csv --tag Sex --tag Age --title "Of May" --base 5'
    asked = "Say window='2023-05 to 2023-05'."
    assert then(asked) == f'{plain} --window "2023-05 to 2023-05"'
    assert then("'Age' holds '13': a number in a tag.") == plain.replace(" --tag Age", "")
    assert then("Nothing could be shown.") == "linemap preview t.csv --tag Sex --tag Age --base 5"


@pytest.mark.parametrize("found", [True, False])
def test_the_next_command_works_where_it_is_printed(
    found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make` puts linemap into .venv, which no shell looks into."""
    python = tmp_path / ".venv" / "bin" / "python"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if found else None)
    for started in ("/lib/linemap/__main__.py", ".venv/bin/linemap"):
        monkeypatch.setattr(sys, "argv", [started, "check", "a.csv"])
        own = "linemap" if found else f"{Path('.venv', 'bin', 'python')} -m linemap"
        assert command_line("linemap", "check", "my a.csv") == f'{own} check "my a.csv"'
    monkeypatch.setattr(sys, "argv", ["analysis.py"])
    assert command_line("linemap", "check", "a.csv") == "linemap check a.csv"


@pytest.mark.parametrize("command", ["audit", "brief"])
def test_what_is_made_of_a_release_is_followed_by_what_comes_before_it_leaves(
    command: str, run: Run, tmp_path: Path
) -> None:
    toy = Gazetteer.toy()
    (tmp_path / "figures.csv").write_text(
        "statement_id,origin,origin_level,destination,measure,value\n"
        "S1,Ashwick,borough,Eastby,arrests,30\n",
        encoding="utf-8",
    )
    flows = build_flows(read_statements(tmp_path / "figures.csv"), gazetteer=toy)
    write_release(as_published(flows, gazetteer=toy), tmp_path / "out", title="Toy")
    toy.save(tmp_path / "toy.parquet")
    _, said = run(f"linemap {command} out --gazetteer toy.parquet")
    assert "linemap review-release out --gazetteer toy.parquet" in said
