"""A release is kept only where a build of the same table would write it again."""

from __future__ import annotations

import inspect
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import linemap as lm
from linemap import pipeline
from linemap.cli import app
from linemap.gazetteer import Gazetteer
from linemap.io import checksum
from linemap.pipeline import BuildSettings, PlaceOptions, building, reusing, unchanged
from linemap.pipeline.preparing import TableKeywords
from linemap.records import EngineOptions, ReadOptions
from linemap.release import MANIFEST, draw_release, private_folder, verify_release
from linemap.release.manifest import manifest_bytes

TABLE = "origin,destination,count\nIslington,Norwich,30\nBarnet,Luton,40\n"


@pytest.fixture(scope="module", autouse=True)
def no_drawings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "draw_release", partial(draw_release, only=()))
        yield


def settings_in(home: Path) -> BuildSettings:
    places = PlaceOptions(aliases=home / "decisions.csv", gazetteer=home / "places.parquet")
    return BuildSettings(places=places, series="links")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pipeline.Built]:
    home = tmp_path_factory.mktemp("home")
    (home / "table.csv").write_text(TABLE, "utf-8")
    (home / "decisions.csv").write_text("name,place_id\nNorvic,settlement:2641181\n", "utf-8")
    Gazetteer.load().save(home / "places.parquet")
    settings = settings_in(home)
    built = pipeline.build(home / "table.csv", out=home / "release", **settings.keywords())
    return home, built


@pytest.fixture
def home(made: tuple[Path, pipeline.Built], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "home"))


def kept(home: Path, **changed: Any) -> pipeline.Kept | None:
    settings = replace(settings_in(home), **changed)
    return unchanged(home / "table.csv", out=home / "release", settings=settings)


def test_an_unchanged_release_is_kept_with_what_was_said(
    home: Path, made: tuple[Path, pipeline.Built]
) -> None:
    there = kept(home)
    assert there is not None
    assert there.folder == Path(os.path.realpath(home / "release"))
    assert (there.summary, there.warnings) == (made[1].summary, made[1].warnings)


def test_where_rows_are_counted_changes_nothing(home: Path) -> None:
    engine = EngineOptions(engine="duckdb", memory="2GB", threads=1)
    assert kept(home, options=ReadOptions(engine=engine)) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"statements": True},
        {"title": "Another title"},
        {"rule": pipeline.rule_named("ons", threshold=20)},
        {"period": "year"},
        {"window": "2020 to 2030"},
        {"options": ReadOptions(tags=("age_group",))},
        {"options": ReadOptions(allow_refused=True)},
        {"options": ReadOptions(engine=EngineOptions(days=False))},
        {"series": "others"},
        {"same_records": True},
        {"cross_tags": True},
        {"places": PlaceOptions()},
    ],
    ids=str,
)
def test_other_settings_are_built(home: Path, changed: dict[str, Any]) -> None:
    assert kept(home, **changed) is None


def test_every_option_of_a_build_is_among_its_settings() -> None:
    apart = {"source", "out", "tell", "given"}
    asked = set(inspect.signature(pipeline.build).parameters) - apart
    assert asked == {one.name for one in fields(BuildSettings)}
    of_tables = TableKeywords.__annotations__.keys()
    assert reusing.BuildKeywords.__annotations__.keys() - of_tables == asked


def test_python_keeps_an_unchanged_release_where_that_is_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"aliases": home / "decisions.csv", "gazetteer": home / "places.parquet"}
    given: dict[str, Any] = {**places, "series": "links"}
    there = lm.build_if_changed(home / "table.csv", out=home / "release", **given)
    assert isinstance(there, pipeline.Kept)
    asked: dict[str, Any] = {}
    monkeypatch.setattr(building, "build", lambda source, **said: asked.update(said) or "built")
    changed: dict[str, Any] = {**given, "title": "Another title", "tags": ["age_group"]}
    built = lm.build_if_changed(home / "table.csv", out=home / "release", **changed)
    assert built == "built"
    assert asked["title"] == "Another title"
    assert asked["options"].tags == ["age_group"]
    assert asked["places"].aliases == home / "decisions.csv"
    frame = pd.DataFrame({"origin": ["Barnet"], "destination": ["Luton"], "count": [40]})
    assert lm.build_if_changed(frame, out=home / "release", **given) == "built"


def test_other_ways_to_take_names_are_built(home: Path) -> None:
    for changed in ({"accept_suggestions": 0.9}, {"several": "first"}, {"stations": True}):
        assert kept(home, places=replace(settings_in(home).places, **changed)) is None


def add(name: str, text: bytes = b"\n") -> Callable[[Path], object]:
    def changing(home: Path) -> None:
        with (home / name).open("ab") as stream:
            stream.write(text)

    return changing


def remove(name: str) -> Callable[[Path], object]:
    return lambda home: (home / name).unlink()


def touch_ledger(home: Path) -> None:
    path = home / "linemap-private" / "links.json"
    path.write_bytes(path.read_bytes() + b"\n")


def forget_proof(home: Path) -> None:
    path = home / "release-private" / "private.json"
    record = json.loads(path.read_bytes())
    del record["unchanged"]
    path.write_text(json.dumps(record), "utf-8")


@pytest.mark.parametrize(
    "change",
    [
        add("table.csv"),
        remove("table.csv"),
        add("decisions.csv"),
        remove("decisions.csv"),
        add("places.parquet"),
        add("release/flows.csv"),
        remove("release/flows.csv"),
        add("release/datapackage.json"),
        add("release/notes.txt"),
        add("release/WITHDRAWN.txt"),
        add("release-private/review.csv"),
        remove("release-private/review.csv"),
        remove("release-private/private.json"),
        remove("release-private/.gitignore"),
        add("release-private/.gitignore", b"!review.csv\n"),
        lambda home: (home / "release-private" / "private.json").write_text("{", "utf-8"),
        forget_proof,
        touch_ledger,
        remove("linemap-private/links.json"),
        add("linemap-private/others.json"),
        lambda home: shutil.rmtree(home / "release"),
    ],
)
def test_whatever_else_changes_is_built(home: Path, change: Callable[[Path], object]) -> None:
    assert kept(home) is not None
    change(home)
    assert kept(home) is None


def test_another_linemap_builds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reusing, "_program", lambda: "another")
    assert kept(home) is None


def test_what_is_in_memory_alone_proves_nothing(home: Path) -> None:
    frame = pd.read_csv(home / "table.csv")
    assert unchanged(frame, out=home / "release", settings=settings_in(home)) is None
    assert kept(home, places=PlaceOptions(gazetteer=Gazetteer.load())) is None


def test_no_checksum_of_the_table_is_in_the_release(home: Path) -> None:
    digest = json.loads((home / "release-private" / "private.json").read_bytes())
    told = digest["unchanged"]["made_of"]
    for path in (home / "release").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (told["table"][1][1], told["settings"], told["ledgers"][0][2]):
                assert secret.encode() not in content


def test_the_command_says_so_and_builds_again_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "release"
    table.write_text(TABLE, "utf-8")
    typed = ["build", str(table), "--out", str(out)]
    first = CliRunner().invoke(app, typed)
    assert first.exit_code == 0, first.output
    assert "Nothing has changed" not in first.output
    files = {path: path.stat().st_mtime_ns for path in out.rglob("*")}

    def counted(*_: object, **__: object) -> object:
        raise InterruptedError

    monkeypatch.setattr(pipeline, "build", counted)
    second = CliRunner().invoke(app, typed)
    assert second.exit_code == 0, second.output
    assert "Nothing has changed" in second.output
    assert first.output.strip() in second.output
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == files
    assert isinstance(CliRunner().invoke(app, [*typed, "--again"]).exception, InterruptedError)
    assert private_folder(out).is_dir()


def test_a_release_that_was_changed_with_all_its_checksums_is_not_kept(home: Path) -> None:
    """The private record too is made to fit: the ledger still knows which release was built."""
    assert kept(home) is not None
    number = home / "release" / "flows.csv"
    number.write_text(number.read_text("utf-8").replace("30", "3"), "utf-8")
    manifest = home / "release" / MANIFEST
    content = json.loads(manifest.read_text("utf-8"))
    for entry in content["resources"]:
        data = (home / "release" / entry["path"]).read_bytes()
        entry |= {"bytes": len(data), "hash": f"sha256:{checksum(data)}"}
    manifest.write_bytes(manifest_bytes({k: v for k, v in content.items() if k != "seal"}))
    private = private_folder(home / "release") / "private.json"
    record = json.loads(private.read_text("utf-8"))
    private.write_text(json.dumps(record | {"release": checksum(manifest)}), "utf-8")
    assert verify_release(home / "release")  # by itself it is whole
    assert kept(home) is None
