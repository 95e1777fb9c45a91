"""The audit of a folder fails on any file, part or number that it does not know."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely import LineString, to_wkb

from linemap import schema
from linemap.auditing import audit
from linemap.disclosure import Release, as_published, protect
from linemap.gazetteer import Gazetteer
from linemap.release import draw_release, write_release
from linemap.release.manifest import manifest_bytes

TITLE = "Links by area"
SVG, PNG = "figures/distance_bands.svg", "figures/distance_bands.png"
DRAWN = ("map.html", SVG, PNG)
CANARY = 7919  # a count that is nothing else's


@pytest.fixture(scope="module")
def release(flows_of, toy: Gazetteer) -> Release:
    pairs = {
        ("Ashwick", "Eastby"): 43, ("Ashwick", "Fernport"): 4, ("Ashwick", "Glenmoor"): 17,
        ("Birchgate", "Fernport"): 26, ("Birchgate", "Northshire"): 13, ("Birchgate", None): 12,
        ("Dunmere", "Fernport"): 21,
    }  # fmt: skip
    return protect(flows_of(pairs), gazetteer=toy)


def write(release: Release, out: Path, toy: Gazetteer, *, drawn: tuple[str, ...] = DRAWN) -> Path:
    drawings = draw_release(release, TITLE, toy, only=drawn)
    kind = {"input": schema.STATEMENTS if release.rule is None else schema.RECORDS}
    return write_release(
        release, out, title=TITLE, drawings=drawings, settings=kind, sources=toy.sources
    ).folder


@pytest.fixture(scope="module")
def written(release: Release, toy: Gazetteer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(release, tmp_path_factory.mktemp("out") / "release", toy)


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "release"))


@pytest.fixture(scope="module")
def undrawn(release: Release, toy: Gazetteer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(release, tmp_path_factory.mktemp("out") / "release", toy, drawn=())


@pytest.fixture
def tables(undrawn: Path, tmp_path: Path) -> Path:
    """The same release without its drawings, which is sooner audited."""
    return Path(shutil.copytree(undrawn, tmp_path / "tables"))


def relist(folder: Path) -> None:
    """List the files again with their new hashes, as one who covers a change up would."""
    path = folder / "datapackage.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for entry in manifest["resources"]:
        if (folder / entry["path"]).exists():
            data = (folder / entry["path"]).read_bytes()
            entry |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    path.write_bytes(manifest_bytes({k: v for k, v in manifest.items() if k != "seal"}))


def where(folder: Path, toy: Gazetteer) -> set[str]:
    return {finding.where for finding in audit(folder, gazetteer=toy).findings}


def test_a_whole_release_passes(folder: Path, toy: Gazetteer) -> None:
    report = audit(folder, gazetteer=toy)
    assert report.passed, report
    assert report.files == len([path for path in folder.rglob("*") if path.is_file()])
    assert report.numbers > 100


def test_published_statements_pass(flows_of, toy: Gazetteer, tmp_path: Path) -> None:
    flows = flows_of({("Ashwick", "Eastby"): 3, ("Ashwick", "Glenmoor"): 7})
    flows = flows.assign(**{schema.INPUT: schema.STATEMENTS})
    report = audit(write(as_published(flows, gazetteer=toy), tmp_path / "out", toy), gazetteer=toy)
    assert report.passed, report


def test_words_of_published_statements_pass_in_every_form(
    flows_of, toy: Gazetteer, tmp_path: Path
) -> None:
    notes = ["see p. 3; -2 on last year", "two points:\n- one", "−5 on last year", "a\r\nb", "'=1"]
    towns = ("Eastby", "Fernport", "Glenmoor", "Norbury", "Northshire")
    flows = flows_of({("Ashwick", town): 3 for town in towns})
    flows = flows.assign(**{schema.INPUT: schema.STATEMENTS, schema.NOTE: notes})
    release = as_published(flows, gazetteer=toy, already_published="The Paper, 2021")
    out = write(release, tmp_path / "out", toy, drawn=())
    report = audit(out, gazetteer=toy)
    assert report.passed, report


def replace_text(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, (name, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add_sheet(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "linemap.xlsx")
    book.create_sheet("working")["A1"] = CANARY
    book.save(folder / "linemap.xlsx")


def hide_sheet(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "linemap.xlsx")
    book["flows"].sheet_state = "hidden"
    book.save(folder / "linemap.xlsx")


def change_sheet(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "linemap.xlsx")
    names = [cell.value for cell in book["flows"][1]]
    book["flows"].cell(2, names.index(schema.COUNT) + 1).value = 43
    book.save(folder / "linemap.xlsx")


def add_part(folder: Path) -> None:
    with zipfile.ZipFile(folder / "linemap.xlsx", "a") as archive:
        archive.writestr("xl/notes.txt", str(CANARY))


def add_column(folder: Path) -> None:
    table = pq.read_table(folder / "flows.parquet")
    exact = pa.array([CANARY] * table.num_rows)
    pq.write_table(table.append_column("exact", exact), folder / "flows.parquet")


def add_metadata(folder: Path) -> None:
    table = pq.read_table(folder / "flows.parquet")
    metadata = {**table.schema.metadata, b"pandas": str(CANARY).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), folder / "flows.parquet")


def sql(*statements: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "flows.gpkg")) as connection:
            for name in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):  # what its triggers call
                connection.create_function(f"ST_{name}", 1, lambda shape: 0)
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return change


def change_payload(change: Callable[[dict], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "map.html"
        text = path.read_text(encoding="utf-8")
        block = re.search(r'id="linemap-data">(.*?)</script>', text, re.DOTALL)
        assert block
        payload = json.loads(block[1])
        change(payload)
        path.write_text(text.replace(block[1], json.dumps(payload)), encoding="utf-8")

    return apply


def exact_counts(payload: dict) -> None:
    flows = payload["flows"]
    size = flows["n"]
    flows["step"] = 1
    flows["count"] = base64.b64encode(bytes([44] * size)).decode()


def spare_text(payload: dict) -> None:
    payload["flows"]["measure"]["texts"].append("case 7919")


def add_bytes(folder: Path) -> None:
    path = folder / "figures" / "distance_bands.png"
    path.write_bytes(path.read_bytes() + b"7919")


TAMPERED: list[tuple[str, Callable[[Path], object]]] = [
    (SVG, lambda f: replace_text(f, SVG, "n = ", "n = 7,919, ")),
    (SVG, lambda f: replace_text(f, SVG, "<desc",
                                                 "<desc data-n='7' ")),
    (SVG, lambda f: replace_text(f, SVG, "</svg>",
                                                 "<image href='x.png'/></svg>")),
    (SVG, lambda f: replace_text(f, SVG, "</svg>",
                                                 "<!-- 7919 --></svg>")),
    (PNG, add_bytes),
    ("linemap.xlsx", add_sheet), ("linemap.xlsx", hide_sheet), ("linemap.xlsx", change_sheet),
    ("linemap.xlsx", add_part),
    ("flows.parquet", add_column), ("flows.parquet", add_metadata),
    ("flows.gpkg", sql("CREATE TABLE exact (n INTEGER)", "INSERT INTO exact VALUES (7919)")),
    ("flows.gpkg", sql("UPDATE flows SET count = 43 WHERE fid = 1")),
    ("flows.gpkg", sql("ALTER TABLE flows ADD COLUMN exact INTEGER DEFAULT 7919")),
    ("flows.gpkg", sql("CREATE TABLE x (t TEXT)", "INSERT INTO x VALUES (hex(zeroblob(99999)))",
                       "DROP TABLE x")),
    ("map.html", change_payload(exact_counts)), ("map.html", change_payload(spare_text)),
    ("map.html", change_payload(lambda p: p.update(raw=[43]))),
    ("map.html", change_payload(lambda p: p["flows"].update(exact="Kw=="))),
    ("map.html", change_payload(lambda p: p.update(subtitle="of 7,919"))),
    ("map.html", change_payload(lambda p: p.update(format=99))),
    ("map.html", lambda f: replace_text(f, "map.html", "</body>", "<script>n=43</script></body>")),
    ("map.html", lambda f: replace_text(f, "map.html", "</body>", "<p>7919</p></body>")),
    ("map.html", lambda f: replace_text(f, "map.html", "</body>", "<!-- 7919 --></body>")),
    ("flows.csv", lambda f: replace_text(f, "flows.csv", ",45,", ",43,")),
    ("datapackage.json", lambda f: replace_text(f, "datapackage.json", '"inputs": []',
                                             '"inputs": [{"sha256": "ab"}]')),
    ("datapackage.json", lambda f: replace_text(f, "datapackage.json", '"settings": {',
                                             '"settings": {"rows": 7919, ')),
]  # fmt: skip


TOLD = "Ashwick to Fernport: four"  # no number that a search for numbers would find


def zipped(change: Callable[[str, bytes], bytes], comment: bytes = b"") -> Callable[[Path], None]:
    """Change the parts of the workbook, keeping their order and their names."""

    def apply(folder: Path) -> None:
        path = folder / "linemap.xlsx"
        with zipfile.ZipFile(path) as archive:
            parts = [(info, archive.read(info)) for info in archive.infolist()]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for info, data in parts:
                archive.writestr(info, change(info.filename, data))
            archive.comment = comment

    return apply


def append(name: str, data: bytes = TOLD.encode()) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(data)

    return apply


def in_parquet(folder: Path) -> None:
    data = (folder / "flows.parquet").read_bytes()
    foot = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    (folder / "flows.parquet").write_bytes(data[:foot] + TOLD.encode() + data[foot:])


def bend_lines(folder: Path) -> None:
    table = pq.read_table(folder / "flows.parquet")
    lines = [to_wkb(LineString([(4, 50), (17, 50)]))] * table.num_rows
    at = table.column_names.index("geometry")
    pq.write_table(table.set_column(at, "geometry", pa.array(lines)), folder / "flows.parquet")


def in_manifest(change: Callable[[dict], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "datapackage.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        change(manifest)
        path.write_text(json.dumps(manifest), encoding="utf-8")

    return apply


def list_again(manifest: dict) -> None:
    """List a second table of flows, which the first would hide."""
    entry = next(entry for entry in manifest["resources"] if entry["path"] == "flows.csv")
    manifest["resources"].insert(0, {**entry, "path": "a.csv"})


def true_flows(folder: Path) -> None:
    shutil.copy(folder / "flows.csv", folder / "a.csv")
    replace_text(folder, "a.csv", ",45,", ",43,")
    in_manifest(list_again)(folder)


def other_picture(folder: Path) -> None:
    from matplotlib.image import imsave

    imsave(folder / PNG, [[0.0, 1.0], [1.0, 0.0]])


HIDDEN: list[tuple[str, Callable[[Path], object]]] = [
    ("flows.csv", lambda f: replace_text(f, "flows.csv", ",45,", ",0045,")),
    ("flows.csv", lambda f: replace_text(f, "flows.csv", "protected: ", f"{TOLD}, protected: ")),
    ("datapackage.json", true_flows),
    ("flows.parquet", in_parquet), ("flows.parquet", bend_lines),
    ("flows.gpkg", append("flows.gpkg", TOLD.encode().ljust(4096))),
    ("flows.gpkg", sql("UPDATE gpkg_contents SET description = 'four'")),
    ("flows.gpkg", sql("CREATE TABLE rtree_flows_geom_true (n INTEGER)")),
    ("flows.gpkg", sql("CREATE TRIGGER x AFTER DELETE ON flows BEGIN SELECT 'four'; END")),
    ("flows.gpkg", sql("UPDATE flows SET fid = fid + 7919")),
    ("flows.gpkg", sql("UPDATE points SET note = 'four'")),
    ("linemap.xlsx", zipped(lambda name, data: data, TOLD.encode())),
    ("linemap.xlsx", zipped(lambda name, data: data.replace(
        b"</cp:core", f"<dc:description>{TOLD}</dc:description></cp:core".encode()))),
    ("linemap.xlsx", zipped(lambda name, data: data.replace(
        b"</worksheet>", f"<!-- {TOLD} --></worksheet>".encode()))),
    (SVG, lambda f: replace_text(f, SVG, "</svg>", f'<g id="{TOLD}"/></svg>')),
    (SVG, lambda f: replace_text(f, SVG, "</svg>", f"<style>/* {TOLD} */</style></svg>")),
    (SVG, lambda f: replace_text(f, SVG, "</svg>", "<text>n⁴</text></svg>")),
    (PNG, other_picture),
    ("map.html", lambda f: replace_text(f, "map.html", "<body", f'<body title="{TOLD}"')),
    ("map.html", lambda f: replace_text(f, "map.html", "</body>", "<SCRIPT>n=4</SCRIPT></body>")),
    ("map.html", change_payload(lambda p: p["base"].update(names=[TOLD]))),
    ("map.html", change_payload(lambda p: p["style"].update(steps=[4, 7]))),
    ("map.html", change_payload(lambda p: p.update(statements=TOLD))),
    ("datapackage.json", in_manifest(lambda m: m["caveats"].append(TOLD))),
    ("datapackage.json", in_manifest(lambda m: m["attributions"].append(TOLD))),
    ("datapackage.json", in_manifest(lambda m: m.update(stamp=TOLD))),
    ("datapackage.json", in_manifest(lambda m: m["versions"].update(python=TOLD))),
    ("datapackage.json", in_manifest(lambda m: m["versions"].update(case="4.7"))),
    ("datapackage.json", in_manifest(lambda m: m["settings"].update(own_aliases=4))),
    ("datapackage.json", in_manifest(lambda m: m["settings"].update(tags=[TOLD]))),
    ("datapackage.json", in_manifest(lambda m: m["inputs"].append({"hmac_sha256": "00ff" * 16}))),
    ("datapackage.json", in_manifest(
        lambda m: m["inputs"].append({"name": "a", "sha256": "00ff" * 16}))),
    ("datapackage.json", in_manifest(lambda m: m["versions"].update(pandas="3.1.4"))),
    ("datapackage.json", in_manifest(lambda m: m["settings"].update(period=TOLD))),
    ("datapackage.json", in_manifest(lambda m: m["settings"].update(input="statements"))),
    ("datapackage.json", in_manifest(lambda m: m["sources"][0].update(note=TOLD))),
    ("datapackage.json", in_manifest(lambda m: m["resources"][0].update(mediatype=TOLD))),
    ("datapackage.json", in_manifest(lambda m: m.pop("format"))),
]  # fmt: skip


CHANGED = [*TAMPERED, *HIDDEN]


@pytest.mark.parametrize(
    ("name", "change"), CHANGED, ids=[f"{n}-{k}" for k, (n, _) in enumerate(CHANGED)]
)
def test_nothing_can_hide_in_a_file(
    folder: Path, tables: Path, toy: Gazetteer, name: str, change: Callable[[Path], object]
) -> None:
    folder = folder if name in DRAWN else tables
    before = (folder / name).read_bytes() if (folder / name).exists() else b""
    change(folder)
    assert (folder / name).read_bytes() != before
    relist(folder)
    found = where(folder, toy)
    assert name in found or (name == "flows.csv" and "flows" in found), found


def test_a_manifest_without_its_seal_fails(tables: Path, toy: Gazetteer) -> None:
    in_manifest(lambda manifest: manifest.pop("seal"))(tables)
    assert where(tables, toy) == {"datapackage.json"}


@pytest.mark.parametrize("make", [
    lambda path: path.symlink_to("/"), lambda path: path.mkdir(), lambda path: os.mkfifo(path),
    lambda path: (path.touch(), os.truncate(path, 10**12)),  # it would be hashed for an hour
])  # fmt: skip
def test_what_is_no_file_or_too_large_fails(
    folder: Path, toy: Gazetteer, make: Callable[[Path], object]
) -> None:
    make(folder / "figures" / "four")
    assert {name.rstrip("/") for name in where(folder, toy)} == {"figures/four"}


@pytest.mark.parametrize(
    "name", ["flows.gpkg", "flows.parquet", "linemap.xlsx", "map.html", "flows.csv", SVG, PNG]
)
@pytest.mark.parametrize("kept", [0, 1000])
def test_a_file_that_was_cut_short_fails(
    folder: Path, tables: Path, toy: Gazetteer, name: str, kept: int
) -> None:
    folder = folder if name in DRAWN else tables
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:kept] + b"\xff")
    assert name in where(folder, toy) or name == "flows.csv"
    assert not audit(folder, gazetteer=toy).passed


@pytest.mark.parametrize("key", ["title", "stamp", "rule", "caveats", "versions", "settings",
                                 "inputs", "sources", "attributions", "basis"])  # fmt: skip
@pytest.mark.parametrize("value", [None, 4, "four", [4], {"four": 4}])
def test_a_manifest_of_other_kinds_fails(
    tables: Path, toy: Gazetteer, key: str, value: object
) -> None:
    in_manifest(lambda manifest: manifest.update({key: value}))(tables)
    relist(tables)
    if (key, value) != ("title", "four"):  # what a title says is for its author to say
        assert not audit(tables, gazetteer=toy).passed


def test_versions_that_differ_are_named(tables: Path, toy: Gazetteer) -> None:
    folder = tables
    in_manifest(lambda manifest: manifest["versions"].update(matplotlib="0.1"))(folder)
    relist(folder)
    assert "other versions of matplotlib" in str(audit(folder, gazetteer=toy))


def test_a_release_made_with_other_places_is_told_how_to_be_audited(
    tables: Path, toy: Gazetteer
) -> None:
    added = {"title": "Stations", "licence": "ODbL"}
    in_manifest(lambda manifest: manifest["sources"].append(added))(tables)
    relist(tables)
    report = audit(tables, gazetteer=toy)
    assert not report.passed
    assert "--postcode-districts" in str(report)


@pytest.mark.parametrize("name", ["notes.txt", "figures/extra.png", "extra.csv"])
def test_a_file_that_nobody_listed_fails(folder: Path, toy: Gazetteer, name: str) -> None:
    (folder / name).write_bytes(b"7919")
    assert name in where(folder, toy)


def test_a_file_changed_after_it_was_listed_fails(folder: Path, toy: Gazetteer) -> None:
    with (folder / "account.csv").open("a", encoding="utf-8") as file:
        file.write("7919\r\n")
    assert "account.csv" in where(folder, toy)


def test_a_missing_file_fails(folder: Path, toy: Gazetteer) -> None:
    (folder / "origins.csv").unlink()
    assert audit(folder, gazetteer=toy).findings


@pytest.mark.parametrize("text", ["", "{", "[]", '{"resources": 3}', '{"a": 1, "a": 2}'])
def test_a_manifest_that_is_none_fails(folder: Path, toy: Gazetteer, text: str) -> None:
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    assert "datapackage.json" in where(folder, toy)


def test_no_canary_of_the_input_is_in_any_output(
    flows_of, toy: Gazetteer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every free text of the input is a canary, and is looked for in all files, archives opened.

    So are the folder, the user and the day.
    """
    today = dt.datetime.now().astimezone().date()
    canaries = {
        "name": "Zzyzxville", "tag": "tagcanary", "note": "notecanary", "source": "sourcecanary",
        "folder": "foldercanary", "user": "usercanary", "day": today.isoformat(),
        "day in a PDF": f"D:{today:%Y%m%d}",
    }  # fmt: skip
    for name in ("USER", "USERNAME", "LOGNAME", "COMPUTERNAME"):
        monkeypatch.setenv(name, canaries["user"])
    flows = flows_of({("Ashwick", "Eastby"): 43, ("Ashwick", canaries["name"]): 14})
    flows = flows.assign(
        **{schema.NOTE: canaries["note"], schema.SOURCE: canaries["source"], "who": None}
    )
    rare = flows.iloc[[0]].assign(
        **{"who": canaries["tag"], schema.COUNT: 3, schema.FLOW_ID: "rare"}
    )
    both = pd.concat([flows, rare], ignore_index=True)
    folder = write(protect(both, gazetteer=toy), tmp_path / canaries["folder"] / "out", toy)
    for path in folder.rglob("*"):
        if path.is_file():
            for content in contents(path):
                for canary in canaries.values():
                    for form in (
                        canary,
                        canary.upper(),
                        canary.encode("utf-16-le").decode("latin-1"),
                    ):
                        assert form.encode("latin-1") not in content, path.name


def contents(path: Path) -> list[bytes]:
    """Return a file's bytes and, of an archive or a page, what is packed inside."""
    data = path.read_bytes()
    found = [data]
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            found += [archive.read(name) for name in archive.namelist()]
    if path.suffix == ".parquet":
        found.append(
            json.dumps(pq.read_table(path).drop_columns(["geometry"]).to_pylist()).encode()
        )
    if path.suffix == ".html":
        packed = re.findall(rb'"([A-Za-z0-9+/]{24,}={0,2})"', data)
        found += [base64.b64decode(part) for part in packed if len(part) % 4 == 0]
        found.append(re.sub(rb"\\u00([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), data))
    return found
