"""The commands, as a user types them."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from linemap import cli, pipeline, schema
from linemap._version import __version__
from linemap.gazetteer import Gazetteer
from linemap.pipeline import building
from linemap.simulate import simulate_records

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command in an empty folder; return its code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["linemap", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out, printed.err

    return command


def following(printed: str) -> str:
    """Return the command that is named as the next, which stands on a line of its own."""
    [line] = re.findall(r"^Next.*:\n  (linemap .*)$", printed, re.MULTILINE)
    return str(line)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"linemap {__version__}\n", "")


def test_check_says_that_nothing_is_wrong(run: Run, statements_csv: Path) -> None:
    code, out, _ = run("check", statements_csv, "--statements")
    assert code == 0
    assert "No errors in" in out


def test_check_lists_every_fault_with_row_and_column(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text(
        "from,to,n,date\nIslington,Swaffham,-1,2024-01-31\nHackney,Margate,1.5,13/13/2024\n"
        "Camden,Truro,2,31/01/2024\n",
        encoding="utf-8",
    )
    code, out, err = run("check", table)
    assert code == cli.FAULTY_INPUT
    lines = out.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == [
        "2 rows (2, 3), column 'n'", "row 3, column 'date'",
    ]  # fmt: skip
    assert "3 errors in moves.csv." in err


def test_check_points_at_what_a_spreadsheet_would_run(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("from,to\nIslington,=1+1\n", encoding="utf-8")
    code, _, err = run("check", table)
    assert code == 0
    assert "Warning: row 2, column 'to'" in err


def test_a_missing_file_is_one_clear_line(run: Run) -> None:
    code, out, err = run("build", "nowhere.csv")
    assert code == cli.FAULTY_INPUT
    assert out == ""
    assert "There is no file 'nowhere.csv'" in err
    assert "Traceback" not in err


def test_geocode_answers_and_tells_by_its_code(run: Run) -> None:
    code, out, _ = run("geocode", "King’s Lynn", "Swaffham")
    assert code == 0
    assert out.startswith("King’s Lynn: King's Lynn, Norfolk (settlement:2645456)")
    code, out, _ = run("geocode", "Newport", "Atlantis")
    assert code == cli.NOT_ALL_PLACED
    assert "Newport: not placed; ambiguous" in out
    assert "Atlantis: not placed; missing" in out


def test_geocode_takes_a_level_and_a_county(run: Run) -> None:
    assert "force:south-wales" in run("geocode", "South Wales", "--level", "force")[1]
    assert "Isle of Wight" in run("geocode", "Newport", "--within", "Isle of Wight")[1]
    code, _, err = run("geocode", "Kent", "--level", "continent")
    assert code == cli.FAULTY_INPUT
    assert "No level is called 'continent'" in err


def test_a_name_cannot_command_the_terminal(run: Run) -> None:
    _, out, err = run("geocode", "\x1b[31mKent\x1b]0;title\x07", "[bold]Kent[/bold]")
    assert "\x1b" not in out + err
    assert "\x07" not in out + err
    assert "[bold]Kent[/bold]" in out


def test_review_goes_to_the_private_folder_alone(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text(
        "borough,town\nIslington,Newport\nHackney,Newport\nCamden,Atlantis\nCamden,Margate\n",
        encoding="utf-8",
    )
    code, _, _ = run("geocode", "--file", table, "--review", "--out", "result")
    assert code == 0  # a step of the work, and not a failure
    assert not (tmp_path / "result").exists()
    review = pd.read_csv(tmp_path / "result-private" / "review.csv", encoding="utf-8-sig")
    assert review["query"].tolist() == ["Newport", "Atlantis"]  # most records first
    assert review["count"].tolist() == [2, 1]


@pytest.fixture(scope="module")
def built(statements_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the real statements as a user would, in a folder with no repository around it."""
    folder = tmp_path_factory.mktemp("user")
    command = [sys.executable, "-W", "error", "-m", "linemap"]
    done = subprocess.run(
        [*command, "build", str(statements_csv), "--statements"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "67 statements read: 56 placed, 11 without a place, 0 refused" in done.stdout
    assert "Islington reaches Aberdeen 636 km (633 to 639), Scotland" in done.stdout
    return folder / "data" / "processed" / "published_statements"


def test_build_makes_the_whole_release(built: Path) -> None:
    made = set(files(built))
    assert {
        "map.html", "flows.parquet", "flows.gpkg", "flows.csv", "linemap.xlsx", "datapackage.json",
        "figures/flow_map.png", "figures/flow_map.svg", "figures/distances.svg",
        "figures/distance_bands.svg",
    } <= made  # fmt: skip
    assert built.with_name("published_statements-private").is_dir()


def test_the_same_input_gives_the_same_bytes(
    built: Path, run: Run, statements_csv: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    assert run("build", statements_csv, "--statements", "--out", again)[0] == 0
    assert files(again) == files(built)


def test_what_was_built_passes_its_audit(built: Path, run: Run) -> None:
    assert run("audit", built)[0] == 0


def test_a_failed_build_leaves_the_old_release(run: Run, tmp_path: Path, built: Path) -> None:
    before = files(built)
    table = tmp_path / "published_statements.csv"
    table.write_text("origin,destination,measure,value\nIslington,Kent,arrests,few\n", "utf-8")
    code, _, err = run("build", table, "--statements", "--out", built)
    assert code == cli.FAULTY_INPUT
    assert "row 2, column 'value'" in err
    assert files(built) == before


def test_a_folder_with_foreign_files_is_refused(
    run: Run, statements_csv: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.docx").write_bytes(b"years of work")
    code, _, err = run("build", statements_csv, "--statements", "--out", folder)
    assert code == cli.NOT_WRITTEN
    assert "thesis.docx" in err
    assert files(folder) == {"thesis.docx": b"years of work"}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated_in(tmp_path_factory.mktemp("records"), seed=11)


def simulated_in(folder: Path, *, seed: int) -> Path:
    """Write a table of simulated records of five boroughs, with a canary in each free cell."""
    table = folder / "referrals.csv"
    frame = simulate_records(3_000, seed=seed)
    frame = frame[
        [schema.ORIGIN, schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN,
         schema.PERIOD_START, schema.PERIOD_END, schema.NOTE, "age_band"]
    ]  # fmt: skip
    most = frame[schema.ORIGIN].value_counts().index[:5]
    frame = frame[frame[schema.ORIGIN].isin(most)].reset_index(drop=True)
    frame[schema.NOTE] = "CANARY-note"
    frame["child"] = "CANARY-child"
    frame.loc[5, schema.DESTINATION] = "CANARY-place"
    frame.to_csv(table, index=False)
    return table


def test_records_leave_protected_and_no_word_of_theirs_does(run: Run, tmp_path: Path) -> None:
    out, table = tmp_path / "release", simulated_in(tmp_path, seed=12)
    code, printed, err = run("build", table, "--out", out, "--tag", "age_band")
    assert code == 0, err
    assert "Counts under 10 are not shown" in printed
    for name, content in files(out).items():
        assert b"CANARY" not in content, name
    flows = pd.read_csv(out / "flows.csv", encoding="utf-8-sig")
    by_tag = pd.read_csv(out / "by_tag.csv", encoding="utf-8-sig")
    assert set(by_tag["tag_heading"]) == {"age_band"}
    assert "age_band" not in flows
    counts = pd.concat([flows[schema.COUNT].dropna(), by_tag[schema.COUNT]])
    assert len(flows)
    assert (counts >= 10).all()
    assert (counts % 5 == 0).all()
    private = files(out.with_name("release-private"))
    assert b"CANARY-place" in private["review.csv"]
    code, printed, err = run("matrix", out)
    assert code == 0, err
    cells = pd.read_csv(tmp_path / "release-matrix.csv", encoding="utf-8-sig", index_col=0)
    shown = flows.dropna(subset=schema.COUNT)
    sent = shown.groupby(schema.ORIGIN_NAME)[schema.COUNT].sum()
    assert cells.sum(axis=1).to_dict() == sent.to_dict()
    assert cells.notna().sum().sum() == len(
        shown.drop_duplicates([schema.ORIGIN_ID, schema.DESTINATION_ID, schema.DESTINATION_NAME])
    )


def test_faulty_rows_are_left_out_only_on_request(
    run: Run, simulated: Path, tmp_path: Path
) -> None:
    table = tmp_path / "faulty.csv"
    table.write_text(
        simulated.read_text("utf-8") + "Islington,Kent,county,,2024-13,2024-14,,under 18,x\n",
        encoding="utf-8",
    )
    last = len(table.read_text("utf-8").splitlines())
    out = tmp_path / "release"
    code, _, err = run("build", table, "--out", out)
    assert code == cli.FAULTY_INPUT
    assert f"row {last:,}".replace(",", "") in err
    assert not out.exists()
    code, printed, _ = run("build", table, "--out", out, "--allow-refused")
    assert code == 0
    about = re.search(r"about ([\d,]+) rows read", printed)
    assert about is not None
    assert abs(int(about[1].replace(",", "")) - (last - 2)) <= 5
    assert "fewer than 10 refused" in printed
    refused = pd.read_csv(tmp_path / "release-private" / "refused_rows.csv", encoding="utf-8-sig")
    assert refused[schema.ROW].tolist() == [last]


def test_what_is_not_utf8_is_an_error(run: Run) -> None:
    code, _, said = run("geocode", "caf\udce9")
    assert code == cli.FAULTY_INPUT
    assert "is not UTF-8" in said


def test_a_tag_with_the_name_of_a_result_is_an_error(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("borough,town,mean_km\nIslington,Norwich,near\n", encoding="utf-8")
    code, _, said = run("build", table, "--tag", "mean_km")
    assert code == cli.FAULTY_INPUT
    assert "a tag may not be called 'mean_km'" in said


def test_a_system_that_refuses_is_an_error(
    run: Run, statements_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "there.csv")

    monkeypatch.setattr(pipeline, "build", full)
    code, _, said = run("build", statements_csv, "--statements")
    assert code == cli.NOT_WRITTEN
    assert said.startswith("Error: there.csv: No space left on device.\nNext, ")


def test_a_ledger_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("borough,town\n" + "Islington,Norwich\n" * 20, encoding="utf-8")
    assert run("build", table, "--out", "out")[0] == 0
    code, _, said = run("audit", "out", "--ledger", "none.json")
    assert code == cli.FAULTY_INPUT
    assert "There is no ledger" in said
    assert run("audit", "out", "--ledger", "linemap-private/moves.json")[0] == 0


def test_names_of_a_table_are_looked_up_with_the_options_of_a_build(
    run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("Home LA;Seen at\nHackney;Norwich\n", encoding="cp1252")
    parts = ("--column", "origin=Home LA", "--column", "destination=Seen at")
    for command in (("check", table), ("geocode", "--file", table)):
        code, printed, said = run(*command, *parts, "--encoding", "cp1252", "--measure", "links")
        assert code == 0, printed + said


@pytest.mark.parametrize("encoding", ["ascii", "cp850", "cp1252"])
def test_a_terminal_that_cannot_show_a_letter_shows_a_replacement(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "linemap", "check", "Łódź–东京.csv"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    said = done.stderr.decode(encoding)
    assert done.returncode == cli.FAULTY_INPUT, said
    assert "There is no file" in said
    assert "Traceback" not in said


def test_version_and_help_load_no_library_of_frames() -> None:
    code = (
        "import sys; sys.argv = ['linemap', '--version']\n"
        "from linemap.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'pandas', 'geopandas', 'matplotlib', 'folium'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == f"linemap {__version__}\n[]\n"


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Say columns={'origin': 'Home LA'}.", 'Say --column "origin=Home LA".'),
        ("For another: sheet='Pivot 2'.", 'For another: --sheet "Pivot 2".'),
        ("Say which: header_row=5.", "Say which: --header-row 5."),
        ("allow_refused=True would leave out", "--allow-refused would leave out"),
        ("layout='matrix-transposed'", '--layout "matrix-transposed"'),
        ("the heading stands twice", "the heading stands twice"),
    ],
)
def test_messages_speak_of_options(said: str, typed: str) -> None:
    assert cli.in_options(said) == typed


def test_every_command_on_a_table_takes_the_same_options(run: Run) -> None:
    shared = set()
    for command in ("build", "check", "preview", "geocode"):
        code, printed, _ = run(command, "--help")
        assert code == 0
        options = {word for word in printed.split() if word.startswith("--")}
        shared = shared & options if shared else options
    assert {
        "--statements", "--column", "--tag", "--sheet", "--encoding", "--measure", "--header-row",
        "--layout", "--window", "--aliases",
    } <= shared  # fmt: skip


def test_check_then_preview_then_build_need_no_manual(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "referrals.csv"
    rows = ["Home borough,Where found,Date of referral"]
    rows += ["Hackney,Norwich,14/02/2023"] * 12 + ["Hackney,Ipswich,3 Mar 2023"] * 11
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    code, printed, _ = run("check", table)
    assert code == 0
    assert "Home borough (origin)" in printed
    assert f"Next:\n  linemap preview {table}" in printed
    code, printed, _ = run("preview", table)
    assert code == 0
    assert following(printed).startswith(f"linemap build {table}")
    assert not (tmp_path / "data").exists()


def test_withdrawing_asks_first_and_marks_the_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("withdraw", "out")[0] == cli.NOT_WRITTEN  # there is none: nothing is asked
    monkeypatch.setattr(building, "draw_release", lambda *_, **__: {})
    table = tmp_path / "moves.csv"
    table.write_text("from,to,n\nHackney,Norwich,60\n", encoding="utf-8")
    assert run("build", table, "--out", "out")[0] == 0
    before = files(tmp_path / "out")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, _, said = run("withdraw", "out")
    assert code == cli.STOPPED
    assert "Not withdrawn" in said
    monkeypatch.setattr("sys.stdin", io.StringIO(""))  # no terminal
    code, _, said = run("withdraw", "out")
    assert code == 2
    assert "say --yes" in said
    assert files(tmp_path / "out") == before
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, said, _ = run("withdraw", "out", "--reason", "a draft")
    assert code == 0
    assert "the folder is marked" in said
    assert files(tmp_path / "out").keys() - before.keys() == {"WITHDRAWN.txt"}
    code, said, _ = run("audit", "out")
    assert code == cli.MAY_NOT_LEAVE
    assert "WITHDRAWN.txt: this release was withdrawn" in said
    assert run("withdraw", "out", "--yes")[0] == cli.MAY_NOT_LEAVE  # it was withdrawn before
    assert run("build", table, "--out", "out")[0] == 0  # which replaces it, mark and all
    assert files(tmp_path / "out").keys() == before.keys()


def test_a_deleted_draft_can_still_be_withdrawn(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "draw_release", lambda *_, **__: {})
    table = tmp_path / "moves.csv"
    rows = [f"Hackney,Norwich,{n},{year}-05-01" for year in (2023, 2024) for n in (60,)]
    table.write_text("\n".join(["from,to,n,date", *rows]) + "\n", encoding="utf-8")
    assert run("build", table, "--out", "out")[0] == 0
    shutil.rmtree(tmp_path / "out")
    code, _, said = run("build", table, "--out", "out", "--period", "year")
    assert code == cli.MAY_NOT_LEAVE
    assert "--series NAME: only if these are other records" in said
    [way] = re.findall(r"^    linemap (withdraw .*)$", said, re.MULTILINE)
    code, said, _ = run(*shlex.split(way), "--yes")
    assert code == 0
    assert "the release 'out' of" in said
    assert run("build", table, "--out", "out", "--period", "year")[0] == 0


def test_a_review_is_read_back_with_one_word_a_row(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text(
        "borough,town\nIslington,Norwhich\nHackney,Norwhich\nCamden,Atlantis\nCamden,Newport\n",
        encoding="utf-8",
    )
    assert run("geocode", "--file", table, "--review", "--out", "result")[0] == 0
    path = tmp_path / "result-private" / "review.csv"
    review = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert review["query"].tolist() == ["Norwhich", "Atlantis", "Newport"]  # most records first
    assert review["suggestion"].iloc[0] == "Norwich"
    code, printed, said = run("geocode", "--file", table, "--aliases", path)  # as it was written
    assert code == cli.NOT_ALL_PLACED
    assert "By your decisions" not in printed
    assert said.startswith("Warning: review.csv decides nothing: its column 'decision' is empty")
    assert said.count("Warning") == 1
    review["decision"] = ["yes", "no", ""]
    review.to_csv(path, index=False, encoding="utf-8-sig")
    code, printed, _ = run("geocode", "--file", table, "--aliases", path)
    assert code == cli.NOT_ALL_PLACED
    assert (
        "By your decisions 1 name placed and 1 name left unplaced: Norwhich is Norwich" in printed
    )
    assert "Names still to decide: 1" in printed
    run("geocode", "--file", table, "--review", "--out", "result", "--aliases", path)
    again = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    asked, told = ["query", "level", "within"], ["suggestion", "suggestion_id", "score", "why"]
    before, after = review.set_index(asked), again.set_index(asked)
    assert after.loc[before.index, [*told, "decision"]].equals(before[[*told, "decision"]])
    assert not list(path.parent.glob("*-kept-*"))  # nothing of what the analyst saved is lost


def test_where_every_name_has_a_place_there_is_nothing_to_review(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("from,to\nHackney,Norwich\n", encoding="utf-8")
    code, printed, _ = run("geocode", "--file", table, "--review", "--out", "result")
    assert code == 0
    assert "There is no name to decide" in printed
    assert following(printed) == f"linemap preview {table}"
    assert not (tmp_path / "result-private").exists()


def test_what_could_be_typed_next_stands_each_on_its_own_line(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("from,to\nHackney,Norwich\nHackney,Newport\n", encoding="utf-8")
    code, printed, _ = run("check", table)
    assert code == 0
    assert printed.endswith(
        "Next, to decide 1 name:\n"
        f"  linemap geocode --file {table} --review\n"
        "Or, to leave it unplaced:\n"
        f"  linemap preview {table}\n"
    )


def test_another_table_asks_whether_a_person_can_be_in_both(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("from,to,n\nHackney,Norwich,60\n", encoding="utf-8")
    dated = [f"Camden,Ipswich,2023-05-{day:02}" for day in range(1, 29)]
    second.write_text("\n".join(["from,to,date", *dated]) + "\n", encoding="utf-8")
    assert run("build", first)[0] == 0
    code, _, said = run("preview", second)
    assert code == cli.MAY_NOT_LEAVE
    assert "Can a person be in both tables?" in said
    again = f"    linemap build {second} --"
    assert "  --series first: yes, both hold the same records" in said
    assert f"{again}series first\n" in said
    assert "  --different-records: no, nobody is in both" in said
    assert f"{again}different-records\n" in said
    assert said.count("--series") == 2  # the answer, and the command that gives it
    assert run("preview", second, "--different-records")[0] == 0


def test_the_table_that_is_meant_is_asked_for_with_the_command_to_type(
    run: Run, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for name in ("2022-23", "2023-24"):
        sheet = book.create_sheet(name)
        for row in (("borough", "town"), ("Hackney", "Norwich"), ("Hackney", "Ipswich")):
            sheet.append(row)
    book.save(tmp_path / "two years.xlsx")
    code, printed, said = run("check", "two years.xlsx")
    assert code == cli.FAULTY_INPUT
    assert "several sheets with a table: '2022-23', '2023-24'" in said
    assert printed == ""
    assert run(*shlex.split(following(said))[1:])[0] == 0


def test_suggestions_are_accepted_on_request_alone(run: Run) -> None:
    assert run("geocode", "Norwhich")[0] == cli.NOT_ALL_PLACED
    assert run("geocode", "Norwhich", "--accept-suggestions", "0")[0] == 0
    assert run("geocode", "Norwhich", "--accept-suggestions", "7")[0] == 2


def test_a_title_with_a_year_asks_for_the_window_of_the_rows_at_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "protect", lambda *_, **__: pytest.fail("it asked too late"))
    table = tmp_path / "moves.csv"
    table.write_text("from,to,n,date\nHackney,Norwich,60,2023-05-01\n", encoding="utf-8")
    code, _, said = run("build", table, "--title", "Referrals, May 2023")
    assert code == cli.MAY_NOT_LEAVE
    assert (
        '(the rows are of 2023-05 to 2023-05): state them (--window "2023-05 to 2023-05")' in said
    )


def test_an_own_gazetteer_is_used(run: Run, tmp_path: Path) -> None:
    own = Gazetteer.toy().save(tmp_path / "own.parquet")
    assert run("geocode", "Fernport")[0] == cli.NOT_ALL_PLACED
    assert run("geocode", "Fernport", "--gazetteer", own)[0] == 0


def test_the_window_of_the_dates_is_offered_and_not_stated_for_the_owner(
    run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "moves.csv"
    rows = [f"Hackney,Norwich,60,{month}-03" for month in ("2023-04", "2023-11", "2024-06")]
    table.write_text("\n".join(["from,to,n,date", *rows]) + "\n", encoding="utf-8")
    window = '--window "2023-04 to 2024-06"'
    for command in ("check", "preview"):
        code, printed, _ = run(command, table)
        assert code == 0
        assert "--window" not in following(printed)
        why, other = printed.splitlines()[-2:]
        assert why == (
            "Or, if the table covers all of April 2023 to June 2024, so that every output says so:"
        )
        assert other.endswith(window)
    _, printed, _ = run("check", table, "--window", "2023-04 to 2024-06")
    assert printed.count("--window") == 1
    with table.open("a", encoding="utf-8") as stream:
        stream.write("Hackney,Norwich,60,\n")
    assert "Or, if the table covers" not in run("check", table)[1]  # no window of its rows
    code, _, said = run("build", table, "--period", "year")
    assert code == 0
    [warning] = [line for line in said.splitlines() if line.startswith("Warning: ")]
    assert "January 2023 to December 2023, and January 2024 to December 2024, are" in warning
    assert window in warning


def test_of_whole_years_no_period_is_covered_in_part(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text(
        "from,to,n,date\nHackney,Norwich,60,2023-04-01\nHackney,Norwich,60,2024-03-01\n", "utf-8"
    )
    code, printed, _ = run("check", table)
    assert code == 0
    assert following(printed) == f"linemap preview {table}"
    assert printed.endswith(f'\n  linemap preview {table} --window "2023-04 to 2024-03"\n')
    code, _, said = run("build", table, "--period", "financial-year")
    assert code == 0
    assert "Warning" not in said


def test_marks_of_publishers_ask_whether_the_figures_are_published(
    run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "statements.csv"
    marks = ["<5", "[c]", "c", "*", "..", "1-7"]
    rows = [f"Islington,Kent,{mark}" for mark in (*marks, "12")]
    table.write_text("\n".join(["from,to,children", *rows]) + "\n", encoding="utf-8")
    asked = "If these are published figures: --statements"
    code, printed, _ = run("check", table)
    assert code == cli.FAULTY_INPUT
    assert "6 rows (2 to 7)" in printed
    assert asked in printed
    assert printed.index("Next, if these are published") < printed.index("--allow-refused")
    code, _, said = run("build", table)
    assert code == cli.FAULTY_INPUT
    assert said.index(asked) < said.index("--allow-refused")


@pytest.mark.parametrize(
    ("heading", "measure"),
    [("children", "children"), ("Number of arrests", "arrests"), ("value", "WHAT IS COUNTED")],
)
def test_a_missing_measure_is_asked_for_by_its_option(
    run: Run, tmp_path: Path, heading: str, measure: str
) -> None:
    table = tmp_path / "statements.csv"
    table.write_text(f"from,to,{heading}\nIslington,Kent,<5\n", encoding="utf-8")
    code, printed, _ = run("check", table, "--statements")
    assert code == cli.FAULTY_INPUT
    assert shlex.split(following(printed))[3:] == ["--statements", "--measure", measure]
    assert "--column" not in printed
    assert run("check", table, "--statements", "--measure", measure)[0] == 0


def test_what_cannot_be_is_refused_before_anything_is_made(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("from,to,n\nHackney,Norwich,60\n", "utf-8")
    assert run("check", table, "--header-row", "0")[0] == 2
    (tmp_path / "FILE").write_text("mine", "utf-8")
    assert run("build", table, "--out", "FILE")[0] == cli.NOT_WRITTEN
    assert not (tmp_path / "FILE-private").exists()


def test_nothing_shown_claims_no_cause_that_is_not_known(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("from,to,n,date\nHackney,Norwich,6,2024-01-01\n", "utf-8")
    code, _, said = run("build", table)
    assert code == cli.MAY_NOT_LEAVE
    assert "no number meets the rule" in said
    assert "period or none" not in said
    assert "longer period or none" in run("build", table, "--period", "year")[2]


def test_a_build_says_what_binds_and_a_refusal_what_to_type(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "moves.csv"
    rows = [f"Hackney,Norwich,60,{year}-05-01" for year in (2023, 2024)]
    table.write_text("\n".join(["from,to,n,date", *rows]) + "\n", encoding="utf-8")
    code, printed, _ = run("build", table, "--out", "out", "--period", "year")
    assert code == 0
    assert "This cut (--period year --rule ons) now binds every later release" in printed
    assert str(Path("linemap-private", "moves.json")) in printed
    code, again, _ = run("preview", table, "--out", "out")
    assert code == 0
    assert again.endswith(f"Next:\n  linemap build {table} --period year --out out\n")
    code, _, said = run("build", table, "--out", "out", "--period", "quarter")
    assert code == cli.MAY_NOT_LEAVE
    assert "as before: --period year --rule ons" in said
    assert f'linemap withdraw "{tmp_path / "out"}"' in said


def test_statements_may_be_built_with_the_window_that_their_rows_state(
    run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "statements.csv"
    table.write_text(
        "from,to,n,measure,period start,period end\nIslington,Norwich,16,links,2018-01,2018-12\n",
        "utf-8",
    )
    code, printed, _ = run("check", table, "--statements")
    assert code == 0
    assert following(printed) == f"linemap build {table} --statements"
    assert printed.endswith(f'  linemap build {table} --window "2018-01 to 2018-12" --statements\n')
    assert "records" not in printed


def test_a_decision_that_fits_several_places_names_an_identifier_to_write(
    run: Run, tmp_path: Path
) -> None:
    table = tmp_path / "moves.csv"
    table.write_text("from,to,n\nHackney,Newport,60\n", "utf-8")
    review = tmp_path / "review.csv"
    review.write_text("query,decision\nNewport,Newport\n", "utf-8")
    code, _, said = run("preview", table, "--aliases", review)
    assert code == cli.FAULTY_INPUT
    assert "Write the identifier of the one that is meant, such as settlement:" in said


def test_an_airport_that_is_not_listed_names_the_option_that_lists_it(run: Run) -> None:
    code, printed, _ = run("geocode", "Gatwick airport")
    assert code == cli.NOT_ALL_PLACED
    assert "are added with --stations" in printed
    assert run("geocode", "Gatwick airport", "--stations")[0] == 0


def test_a_release_with_further_places_is_signed_off_with_them(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("borough,where found,count\nIslington,IP1,30\nBarnet,Norwich,40\n", "utf-8")
    words = ("--postcode-districts",)
    code, _, err = run("build", table, "--out", tmp_path / "release", *words)
    assert code == 0, err
    code, printed, err = run("review-release", tmp_path / "release", *words)
    assert code == 0, err
    assert "Audit: Passed" in printed
    for command in ("brief", "matrix"):
        code, printed, err = run(command, tmp_path / "release", *words)
        assert (code, err) == (0, ""), command
    assert "IP1" in (tmp_path / "release-matrix.csv").read_text("utf-8-sig")
