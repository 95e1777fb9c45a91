"""The hand-kept tables and the steps of the build, on worlds small enough to check by hand."""

import base64
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linemap.gazetteer import Gazetteer
from linemap.gazetteer.storage import _arcs
from linemap.io import fingerprint

FOLDER = Path(__file__).parents[2] / "gazetteer"
if not FOLDER.exists():
    pytest.skip("the build is not part of this distribution", allow_module_level=True)

TABLES = sorted(FOLDER.glob("*.csv"))
WITH_REASONS = ("corrections", "parents", "weights", "additions", "districts", "groups",
                "refused_names", "land_border")  # fmt: skip


@pytest.fixture(scope="module")
def steps() -> Iterator[dict[str, ModuleType]]:
    """The modules of the build, which lie beside their script and not in the package."""
    names = ("raw", "areas", "topology", "towns", "othernames")
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(FOLDER))
        for name in names:
            sys.modules.pop(name, None)


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.stem)
def test_a_table_is_tidy(path: Path) -> None:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert len(table)
    assert not table.duplicated().any()
    assert path.read_text(encoding="utf-8").endswith("\n")
    assert table.map(lambda cell: cell == cell.strip()).all().all()
    if path.stem in WITH_REASONS:
        assert (table["reason"].str.len() > 3).all()


def test_the_shipped_files_were_made_from_these_tables() -> None:
    """A table that was changed without building again would break this."""
    sources = Gazetteer.load().sources.set_index("path")
    made_of = [path for path in TABLES if path.name in sources.index]
    assert len(made_of) >= 8
    for path in made_of:
        assert sources.loc[path.name, "sha256"] == fingerprint(path), path.name


RAW = os.environ.get("LINEMAP_RAW_SOURCES", "")


@pytest.mark.slow
@pytest.mark.skipif(not RAW, reason="LINEMAP_RAW_SOURCES names no folder of the raw sources")
def test_building_again_gives_the_shipped_bytes(tmp_path: Path) -> None:
    """With the three raw files in a folder, and the versions that the lock names."""
    for out in (tmp_path / "one", tmp_path / "two"):
        out.mkdir()
        command = [sys.executable, str(FOLDER / "build.py"), "--out", str(out)]
        for option, name in (
            ("--geonames", "cities500.json"),
            ("--areas", "gbr.json"),
            ("--boroughs", "londonBoroughs.json"),
        ):
            command += [option, str(Path(RAW) / name)]
        subprocess.run(command, check=True, capture_output=True)
    shipped = Path(str(FOLDER.parent / "src" / "linemap" / "data"))
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
        assert file.read_bytes() == (shipped / file.name).read_bytes()


def test_a_correction_that_fits_nothing_stops_the_build(steps: dict[str, ModuleType]) -> None:
    fix = pd.Series({"was": "Halton", "source_id": "GBR-2108"})
    with pytest.raises(SystemExit, match=r"expects 'Halton' but the source has 'Wirral'"):
        steps["raw"]._expect(fix, "Wirral")


def test_the_strip_between_two_londons_goes_to_the_nearest_county(
    steps: dict[str, ModuleType],
) -> None:
    """Two counties of 10 km; a strip of 1 km along both is parted where they meet."""
    west, east = shapely.box(0, 0, 10_000, 10_000), shapely.box(10_000, 0, 20_000, 10_000)
    strip = shapely.box(0, 10_000, 20_000, 11_000)
    shared = steps["areas"]._share_out(strip, np.array([west, east]))
    assert shapely.area(shared) == pytest.approx([11e7, 11e7], rel=0.005)
    assert shapely.union_all(shared).area == pytest.approx(22e7)
    assert shapely.area(shapely.intersection(*shared)) == pytest.approx(0, abs=1)


def test_slugs_are_plain(steps: dict[str, ModuleType]) -> None:
    slug = steps["areas"].slug
    assert slug("King's Lynn & West") == "kings-lynn-west"
    assert slug("Newry, Mourne and Down") == "newry-mourne-and-down"


def test_two_boxes_have_three_arcs_and_share_one(steps: dict[str, ModuleType]) -> None:
    boxes = gpd.GeoDataFrame(
        geometry=[shapely.box(0, 52, 1, 53), shapely.box(1, 52, 2, 53)], crs="EPSG:4326"
    )
    topology = steps["topology"]
    shapes, rank = topology.nested(boxes)
    made = topology.cut(["a", "b"], shapes, rank, [])
    assert len(made.arcs) == 3
    assert sorted(len(set(sides)) for sides in made.sides) == [1, 1, 2]
    used = [i if i >= 0 else ~i for ring in (*made.rings["a"], *made.rings["b"]) for i in ring]
    shared = next(i for i in used if used.count(i) == 2)
    assert {v[0] for v in made.arcs[shared]} == {10_000}


def test_an_arc_ends_where_it_is_told_to(steps: dict[str, ModuleType]) -> None:
    box = gpd.GeoDataFrame(geometry=[shapely.box(0, 52, 1, 53)], crs="EPSG:4326")
    topology = steps["topology"]
    shapes, rank = topology.nested(box)
    made = topology.cut(["a"], shapes, rank, [(0.01, 52.01), (0.99, 52.99)])
    assert len(made.arcs) == 2
    ends = {vertex for arc in made.arcs for vertex in (arc[0], arc[-1])}
    assert ends == {(0, 520_000), (10_000, 530_000)}


STEP = st.integers(-200_000, 700_000)
ARC = st.lists(st.tuples(STEP, STEP), min_size=1, max_size=9)


@given(st.lists(ARC, max_size=6))
def test_what_the_build_packs_the_library_unpacks(arcs: list[list[tuple[int, int]]]) -> None:
    sys.path.insert(0, str(FOLDER))
    try:
        pack = importlib.import_module("topology").pack
    finally:
        sys.path.remove(str(FOLDER))
    assert _arcs(base64.b64decode(pack(arcs))) == arcs


@pytest.mark.parametrize(
    ("alias", "name", "nation", "kind"),
    [
        ("Clacton", "Clacton-on-Sea", "ENG", "alternate"),
        ("Great Grimsby", "Grimsby", "ENG", "alternate"),
        ("Caerfyrddin", "Carmarthen", "WLS", "welsh"),
        ("Inbhir Nis", "Inverness", "SCT", "gaelic"),
        ("Béal Feirste", "Belfast", "NIR", "irish"),
        ("Kharvich", "Harwich", "ENG", None), ("Districtul Larne", "Larne", "NIR", None),
        ("LON", "London", "ENG", None), ("lndn", "London", "ENG", None),
        ("Λονδίνο", "London", "ENG", None), ("London Borough of Barnet", "Barnet", "ENG", None),
        ("Saint Neots", "St Neots", "ENG", None), ("Londres", "London", "ENG", None),
        ("Caerfyrddin", "Carmarthen", "ENG", None),
    ],
)  # fmt: skip
def test_other_names_are_trusted_by_their_spelling(
    steps: dict[str, ModuleType], alias: str, name: str, nation: str, kind: str | None
) -> None:
    other = steps["othernames"]
    words = {"clacton", "on", "sea", "great", "grimsby", "london", "barnet", "of"}
    assert other._kind(alias, other.fold(name), nation, words) == kind
