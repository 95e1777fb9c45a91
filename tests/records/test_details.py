"""People's details are planted everywhere in a table: no byte of any output may hold one."""

import gzip
import io
import zipfile

import openpyxl
import pytest
from typer.testing import CliRunner

from linemap.cli import app
from linemap.pipeline import building
from linemap.records import inspect
from linemap.release import draw_release

# Invented: one person's details of each kind, none of them a word of the kingdom's places.
DETAILS = {
    "a name": "Zaviero Quillemane",
    "a birth date": "17/03/2009",
    "an address": "88 Zumbrella Crescent",
    "a case reference": "ZQX-4471902",
    "an NHS number": "943 476 5919",
    "a postcode": "NR1 3ZQ",
    "a telephone number": "07700 900461",
    "an email address": "zaviero@example.org",
    "a National Insurance number": "QQ 12 34 56 C".replace("QQ", "JK"),
    "a vehicle's registration": "KX61 ZQV",
    "an exact position": "52.62788, 1.29835",
    "a user name": "@zquillemane9",
}
PLANTED = (*DETAILS.values(), "Zaviero", "Quillemane", "Zumbrella", "4471902")
TOWNS = ("Norwich", "Ipswich", "Oxford", "Margate")


def workbook(path):
    """A council's workbook: clean rows, and rows with a detail in each kind of cell."""
    book = openpyxl.Workbook()
    book.properties.creator = DETAILS["a name"]
    book.properties.title = f"Case of {DETAILS['a name']}"
    book.properties.keywords = DETAILS["a case reference"]
    sheet = book.active
    sheet.title = DETAILS["a name"]
    sheet.append([f"Children known to {DETAILS['a name']}, {DETAILS['a telephone number']}"])
    sheet.append([])
    sheet.append(
        [
            "Home borough",
            "Where found",
            "Route",
            "Source",
            "Notes",
            "Name",
            "DOB",
            "Address",
            "Ref",
            "NHS No",
            "Home postcode",
            "Phone",
            "Other",
            "Worker",
        ]
    )
    private = [DETAILS["a name"], *list(DETAILS.values())[1:7], "; ".join(DETAILS.values())]
    for number in range(160):
        borough, town = ("Camden", "Islington")[number % 2], TOWNS[number % 7 % 4]
        sheet.append([borough, town, "school", "Police", "", *private, DETAILS["a name"]])
    kinds = list(DETAILS.values())
    for detail in kinds:
        for at in range(5):
            row = ["Camden", "Norwich", "school", "Police", "seen", *private, "x"]
            row[at] = f"{row[at]}, {detail}" if at < 2 else detail
            sheet.append(row)
            row = [*row]
            row[at] = detail
            sheet.append(row)
    book.create_sheet(DETAILS["a case reference"]).append([DETAILS["a name"]])
    book.save(path)


def contents(folder):
    """Yield the name and the bytes of every file, and of every file inside one."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder)), str(path.relative_to(folder)).encode()
        if path.is_file():
            yield from opened(path.name, path.read_bytes())


def opened(name, data):
    """Yield a file's bytes as they are and, of an archive, those of its members."""
    yield name, data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from opened(f"{name}/{member}", archive.read(member))
    elif data.startswith(b"\x1f\x8b"):
        yield from opened(f"{name} unzipped", gzip.decompress(data))


def found_in(data):
    """List what was planted that stands in some bytes, in any case, spaces and marks left out."""
    texts = [data.decode("utf-8", "ignore"), data.decode("utf-16-le", "ignore")]
    plain = ["".join(filter(str.isalnum, text.casefold())) for text in texts]
    return [
        detail
        for detail in PLANTED
        if any("".join(filter(str.isalnum, detail.casefold())) in text for text in plain)
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the workbook, its table named without details, with a tag, a source and notes."""
    folder = tmp_path_factory.mktemp("details")
    table = folder / "referrals.xlsx"
    workbook(table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            building, "draw_release", lambda *a, **k: draw_release(*a, **{**k, "only": DRAWN})
        )
        result = CliRunner().invoke(
            app,
            [
                "build",
                str(table),
                "--sheet",
                "1",
                "--out",
                str(folder / "release"),
                "--tag",
                "Route",
                "--allow-refused",
            ],
        )
    assert result.exit_code == 0, (result.output, result.exception)
    return folder, result.output


DRAWN = {"map.html", "figures/ranks.svg"}


@pytest.mark.slow
def test_no_byte_of_the_release_holds_a_detail_of_a_person(built):
    folder, _ = built
    told = {name: found for name, data in contents(folder / "release") if (found := found_in(data))}
    assert told == {}


def test_the_search_finds_what_is_planted(tmp_path):
    (tmp_path / "release").mkdir()
    book = openpyxl.Workbook()
    book.active.append([DETAILS["an NHS number"]])
    book.save(tmp_path / "release" / "a.xlsx")
    assert {found for _, data in contents(tmp_path) for found in found_in(data)} == {"943 476 5919"}


def test_check_names_every_column_of_details(tmp_path):
    workbook(tmp_path / "a.xlsx")
    reading, _ = inspect(tmp_path / "a.xlsx", sheet=1)
    named = {detail.column for detail in reading.details}
    assert named >= {"Name", "DOB", "Address", "Ref", "NHS No", "Home postcode", "Phone", "Worker"}
