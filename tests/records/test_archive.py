"""What one zip of XML may cost: known before it is read, or found before it costs much."""

import io
import zipfile

import pytest

from linemap.errors import InputError
from linemap.records import archive
from linemap.records.archive import Archive


def zipped(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return stream.getvalue()


def parsed(content):
    seen = []
    Archive(zipped(part=content)).parse("part", start=lambda tag, _: seen.append(tag))
    return seen


def test_tags_may_lie_in_each_other_only_so_deep():
    deep = archive.DEPTH
    assert len(parsed("<a>" * deep + "</a>" * deep)) == deep
    with pytest.raises(InputError, match="more than 100 deep"):
        parsed("<a>" * (deep + 1) + "</a>" * (deep + 1))


def test_tags_side_by_side_are_not_deep():
    assert len(parsed("<a>" + "<b/>" * 1_000 + "</a>")) == 1_001


@pytest.mark.parametrize("one", ["<a{}/>", '<a b{}=""/>'])
def test_a_part_may_have_only_so_many_kinds_of_tags_and_attributes(one):
    few, many = ("".join(map(one.format, range(number))) for number in (900, 1_100))
    assert len(parsed(f"<x>{few}</x>")) == 901
    with pytest.raises(InputError, match="more than 1,000 kinds"):
        parsed(f"<x>{many}</x>")


def test_the_tags_of_all_parts_together_may_be_only_so_many_for_the_size_of_the_file(monkeypatch):
    monkeypatch.setattr(archive, "FEW", 10)
    monkeypatch.setattr(archive, "TAGS", 0)
    two = Archive(zipped(one="<a>" + "<b/>" * 4 + "</a>", other="<a>" + "<b/>" * 4 + "</a>"))
    two.parse("one", start=lambda *_: None)
    two.parse("one", start=lambda *_: None)
    with pytest.raises(InputError, match=r"12 tags .* at most 10 are read"):
        two.parse("other", start=lambda *_: None)


def test_many_parts_that_are_modest_one_by_one_are_refused_together():
    part = " " * 1_900_000
    Archive(zipped(one=part))
    with pytest.raises(InputError, match="it would inflate"):
        Archive(zipped(one=part, other=part))


def test_a_directory_that_says_that_more_is_packed_than_the_file_holds_is_refused():
    data = bytearray(zipped(part=" " * 3_000_000))
    at = data.index(b"PK\1\2") + 20
    data[at : at + 4] = (1_000_000).to_bytes(4, "little")
    with pytest.raises(InputError, match="larger than the file"):
        Archive(bytes(data))
