"""The large public lists, in exactly their formats: GeoNames, OS Open Names, the IPN."""

from pathlib import Path

import numpy as np
import pytest

from linemap.errors import InputError, InputNotFoundError
from linemap.gazetteer import Gazetteer
from linemap.gazetteer.readers import (
    OPEN_NAMES_COLUMNS,
    read_geonames,
    read_ons_ipn,
    read_os_open_names,
)

UK = Gazetteer.load()


# ── GeoNames ─────────────────────────────────────────────────────────────────


def geoname(number: int, name: str, lat: str, lon: str, *, kind: str = "P", code: str = "PPL",
            country: str = "GB", people: str = "0") -> str:  # fmt: skip
    return "\t".join(
        [str(number), name, name, f"{name} i England,{name}\"", lat, lon, kind, code, country, "",
         "ENG", "", "", "", people, "", "31", "Europe/London", "2024-05-01"]
    )  # fmt: skip


GB = [
    geoname(2636464, "Swaffham", "52.6477", "0.6857", people="7258"),
    geoname(1, "Tiny Hamlet", "52.60", "0.70"),
    geoname(2, "Old Village", "52.61", "0.71", code="PPLQ"),
    geoname(3, "Big Hill", "52.62", "0.72", kind="T", code="HLL"),
    geoname(4, "Swaffham", "-38.0", "145.0", country="AU"),
    geoname(146839, "Akrotiri", "34.6", "32.95"),
]


@pytest.fixture
def gb(tmp_path: Path) -> Path:
    path = tmp_path / "GB.txt"
    path.write_text("\n".join(GB) + "\n", encoding="utf-8")
    return path


def test_geonames_settlements_of_the_kingdom_are_read(gb: Path) -> None:
    listing = read_geonames(gb)
    assert list(listing["name"]) == ["Swaffham", "Tiny Hamlet"]
    assert list(listing["id"]) == ["2636464", "1"]
    assert list(listing["population"]) == [7258, 0]
    assert list(listing["others"]) == [(), ()]


def test_geonames_alternate_names_in_the_islands_languages_are_read(gb: Path) -> None:
    names = gb.with_name("alternateNamesV2.txt")
    names.write_text(
        "10\t1\ten\tTiny\t\t1\t\t\t\t\n11\t1\tcy\tPentref Bach\t\t\t\t\t\t\n"
        "12\t1\tlt\tTinis\t\t\t\t\t\t\n13\t1\tlink\thttps://example.org\t\t\t\t\t\t\n"
        "14\t1\ten\tTinham\t\t\t\t1\t\t\n15\t99\ten\tElsewhere\t\t\t\t\t\t\n",
        encoding="utf-8",
    )
    listing = read_geonames(gb, alternates=names)
    assert list(listing["others"]) == [(), ("Tiny", "Pentref Bach")]


def test_geonames_come_on_top_of_the_shipped_and_keep_their_ids(gb: Path) -> None:
    full = Gazetteer.from_geonames(gb)
    assert len(full.places) == len(UK.places) + 1
    assert full["settlement:1"]["county_id"] == "county:norfolk"
    assert full["settlement:1"]["source"] == "geonames-full"
    assert full["settlement:2636464"].equals(UK["settlement:2636464"])
    assert full.sources["id"].iloc[-1] == "geonames-full"
    assert full.sources["rows"].iloc[-1] == 2


def test_a_total_that_was_dropped_does_not_come_back(gb: Path) -> None:
    gb.write_text(geoname(2643743, "London", "51.50853", "-0.12574", people="8961989") + "\n")
    full = Gazetteer.from_geonames(gb)
    assert np.isnan(full["settlement:2643743"]["population_weight"])


def test_a_file_that_is_no_geonames_export_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "GB.txt"
    path.write_text("name\tlat\tlon\nSwaffham\t52.6\t0.7\n")
    with pytest.raises(InputError, match="no GeoNames export"):
        read_geonames(path)


def test_faulty_geonames_rows_are_named(gb: Path) -> None:
    rows = [GB[0], geoname(5, "North", "north", "0.7"), GB[0]]
    gb.write_text("\n".join(rows) + "\n")
    with pytest.raises(InputError) as refused:
        read_geonames(gb)
    assert [fault.row for fault in refused.value.faults] == [2, 3]


def test_rows_of_the_public_lists_are_those_of_the_file(
    gb: Path, open_names: Path, tmp_path: Path
) -> None:
    gb.write_text("\n".join([GB[0], "", geoname(5, "Nor\u202eth", "north", "0.7")]) + "\n")
    tile = open_names / "Data" / "TF80.csv"
    tile.write_text("\n".join(["", place(1, "A\u202e", 1, 2, NAME2="B\u202e")]))
    index = ipn(tmp_path / "a.csv", HEAD_2024, [locality("IPN9", "T\u202e", "0.7", "52")], "utf-8")
    index.write_text(index.read_text().replace("\n", "\n\n", 1))
    for read, path, row in (
        (read_geonames, gb, 3), (read_os_open_names, tile, 2), (read_ons_ipn, index, 3),
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"U\+202E") as refused:
            read(path)
        assert {fault.row for fault in refused.value.faults} == {row}


# ── OS Open Names ────────────────────────────────────────────────────────────


def os_row(**cells: str) -> str:
    return ",".join(f'"{cells.get(column, "")}"' for column in OPEN_NAMES_COLUMNS)


def place(number: int, name: str, x: int, y: int, **more: str) -> str:
    cells = {
        "ID": f"osgb40000000745{number:05d}", "NAME1": name, "TYPE": "populatedPlace",
        "LOCAL_TYPE": "Village", "GEOMETRY_X": str(x), "GEOMETRY_Y": str(y),
    }  # fmt: skip
    cells.update(more)
    return os_row(**cells)


@pytest.fixture
def open_names(tmp_path: Path) -> Path:
    folder = tmp_path / "opname_csv_gb"
    (folder / "Data").mkdir(parents=True)
    (folder / "Doc").mkdir()
    header = "\ufeff" + ",".join(OPEN_NAMES_COLUMNS) + "\r\n"
    (folder / "Doc" / "OS_Open_Names_Header.csv").write_bytes(header.encode())
    (folder / "Doc" / "licence.txt").write_text("Open Government Licence")
    tiles = {
        "TF80.csv": [
            place(1, "Swaffham", 581950, 309000, LOCAL_TYPE="Town"),
            place(2, "Little Hamlet", 583000, 303000, LOCAL_TYPE="Hamlet"),
            os_row(ID="PE37", NAME1="PE37", TYPE="other", LOCAL_TYPE="Postcode",
                   GEOMETRY_X="581000", GEOMETRY_Y="309000"),
        ],
        "SN00.csv": [
            place(3, "Llanfach", 250000, 250000, NAME2="Llan Fach", NAME2_LANG="cym"),
            place(2, "Little Hamlet", 583000, 303000, LOCAL_TYPE="Hamlet"),
        ],
    }  # fmt: skip
    for name, rows in tiles.items():
        (folder / "Data" / name).write_bytes(("\ufeff" + "\r\n".join(rows) + "\r\n").encode())
    return folder


def test_open_names_places_are_read_from_their_tiles(open_names: Path) -> None:
    listing = read_os_open_names(open_names).sort_values("id", ignore_index=True)
    assert list(listing["name"]) == ["Swaffham", "Little Hamlet", "Llanfach"]
    assert (listing["lon"][0], listing["lat"][0]) == pytest.approx((0.687, 52.648), abs=0.005)
    assert list(listing["others"]) == [(), (), ("Llan Fach",)]
    assert listing["population"].isna().all()


def test_one_tile_reads_too(open_names: Path) -> None:
    listing = read_os_open_names(open_names / "Data" / "TF80.csv")
    assert list(listing["name"]) == ["Swaffham", "Little Hamlet"]


def test_open_names_join_the_shipped_by_name_parent_and_distance(open_names: Path) -> None:
    full = Gazetteer.from_os_open_names(open_names)
    new = full.places.index.difference(UK.places.index)
    assert list(full.places.loc[new, "name"].sort_values()) == ["Little Hamlet", "Llanfach"]
    assert (full.places["name"] == "Swaffham").sum() == 1
    assert "Contains OS data © Crown copyright and database right (OGL v3)" in full.attributions
    welsh = full.aliases[full.aliases["alias"] == "Llan Fach"]
    assert full[welsh["place_id"].iloc[0]]["nation_id"] == "nation:wales"


def test_a_link_to_geonames_makes_two_one_whatever_their_names(open_names: Path) -> None:
    link = "http://sws.geonames.org/2636464"
    tile = open_names / "Data" / "TF80.csv"
    rows = [
        place(1, "Swaffham Town", 581950, 309000, SAME_AS_GEONAMES=link),
        place(2, "Swaffham Again", 581950, 309000, SAME_AS_GEONAMES=link),
    ]
    tile.write_text("\n".join(rows))
    full = Gazetteer.from_os_open_names(tile)
    new = full.places.index.difference(UK.places.index)
    assert list(new) == ["settlement:os-osgb4000000074500002"]
    assert full["settlement:2636464"]["name"] == "Swaffham"


def test_a_folder_without_tiles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="no CSV tiles"):
        read_os_open_names(tmp_path)


def test_headings_that_are_no_text_are_refused(open_names: Path) -> None:
    (open_names / "Doc" / "OS_Open_Names_Header.csv").write_bytes(b"ID,NAME1\xff")
    with pytest.raises(InputError, match="is not in UTF-8"):
        read_os_open_names(open_names)


def test_faulty_open_names_rows_are_named(open_names: Path) -> None:
    tile = open_names / "Data" / "TF80.csv"
    tile.write_text("\n".join([place(1, "A", 1, 2), place(2, "B", 583000, 303000)]))
    with pytest.raises(InputError) as refused:
        read_os_open_names(tile)
    assert [fault.row for fault in refused.value.faults] == [1]


# ── The Index of Place Names ─────────────────────────────────────────────────

HEAD_2016 = """placeid,place15cd,placesort,place15nm,splitind,popcnt,descnm,ctyhistnm,ctyltnm,
ctry15nm,cty15cd,cty15nm,lad15cd,lad15nm,laddescnm,wd15cd,par15cd,hlth12cd,hlth12nm,regd15cd,
regd15nm,rgn15cd,rgn15nm,npark15cd,npark15nm,bua11cd,pcon15cd,pcon15nm,eer15cd,eer15nm,pfa15cd,
pfa15nm,gridgb1m,gridgb1e,gridgb1n,grid1km,lat,long""".replace("\n", "").split(",")
HEAD_2024 = """tempcode,placeid,place23cd,placesort,place23nm,splitind,descnm,ctyhistnm,cty61nm,
cty91nm,ctyltnm,ctry23nm,cty23cd,cty23nm,lad61nm,lad61desc,lad91nm,lad91desc,lad23cd,lad23nm,
lad23desc,ced23cd,wd23cd,par23cd,hlth23cd,hlth23nm,regd23cd,regd23nm,rgn23cd,rgn23nm,npark23cd,
npark23nm,bua22cd,pcon23cd,pcon23nm,eer23cd,eer23nm,pfa23cd,pfa23nm,gridgb1m,gridgb1e,gridgb1n,
grid1km,lat,long""".replace("\n", "").split(",")


def ipn(path: Path, head: list[str], rows: list[dict[str, str]], encoding: str) -> Path:
    year = next(h for h in head if h.startswith("place") and h.endswith("nm"))[5:7]
    lines = [",".join(head)]
    for row in rows:
        cells = {k.replace("YY", year): v for k, v in row.items()}
        lines.append(",".join(f'"{cells.get(h, "")}"' for h in head))
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def locality(code: str, name: str, lat: str, long: str, **more: str) -> dict[str, str]:
    return {"placeYYcd": code, "placeYYnm": name, "descnm": "LOC", "ladYYcd": "E07000146",
            "lat": lat, "long": long, **more}  # fmt: skip


ROWS = [
    locality("IPN0000001", "Swaffham", "52.6477", "0.6857"),
    locality("IPN0000002", "Hamlet, The", "52.60", "0.70"),
    locality("IPN0000003", "Ynys Môn Fach", "53.28", "-4.32", ladYYcd="W06000001"),
    locality("IPN0000003", "Ynys Môn Fach", "53.29", "-4.31", splitind="1"),
    locality("IPN0000004", "Nowhere", "99.999999", "0"),
    {"placeYYcd": "E34001", "placeYYnm": "Hamlet, The BUA", "descnm": "BUA", "popcnt": "812",
     "ladYYcd": "E07000146", "lat": "52.6", "long": "0.7"},
    {"placeYYcd": "E04006", "placeYYnm": "Swaffham", "descnm": "PAR", "lat": "52.6", "long": "0.6"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "encoding"), [(HEAD_2016, "cp1252"), (HEAD_2024, "utf-8-sig"), (HEAD_2024, "cp1252")]
)
def test_localities_of_every_year_are_read(tmp_path: Path, head: list[str], encoding: str) -> None:
    listing = read_ons_ipn(ipn(tmp_path / "IPN_GB.csv", head, ROWS, encoding))
    assert list(listing["name"]) == ["Swaffham", "The Hamlet", "Ynys Môn Fach"]
    assert list(listing["id"]) == ["IPN0000001", "IPN0000002", "IPN0000003"]
    assert list(listing["lat"]) == [52.6477, 52.6, 53.28]
    people = 812 if head is HEAD_2016 else -1
    assert list(listing["population"].fillna(-1)) == [-1, people, -1]


def test_the_index_joins_the_shipped(tmp_path: Path) -> None:
    full = Gazetteer.from_ons_ipn(ipn(tmp_path / "IPN_GB.csv", HEAD_2024, ROWS, "cp1252"))
    new = full.places.index.difference(UK.places.index)
    assert list(new) == ["settlement:IPN0000002", "settlement:IPN0000003"]
    assert full["settlement:IPN0000003"]["county_id"] == "county:anglesey"


def test_a_table_that_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,lat,long\nSwaffham,52.6,0.7\n")
    with pytest.raises(InputError, match="no Index of Place Names"):
        read_ons_ipn(path)


def test_faulty_index_rows_are_named(tmp_path: Path) -> None:
    rows = [ROWS[0], locality("IPN9", "Turned", "0.7", "52.6")]
    with pytest.raises(InputError) as refused:
        read_ons_ipn(ipn(tmp_path / "a.csv", HEAD_2024, rows, "cp1252"))
    assert [fault.row for fault in refused.value.faults] == [3]
    assert "swapped" in str(refused.value)
