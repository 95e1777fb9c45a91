import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linemap.release.writers import LONGEST, file_names, safe_file_name

ALLOWED = set(string.ascii_lowercase + string.digits + "-_.")
RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


@given(
    st.one_of(st.text(), st.sampled_from(["CON", "nul.csv", "COM1", "lpt9 ", "..", "-", "a" * 300]))
)
def test_every_system_accepts_the_name(text):
    name = safe_file_name(text, ".csv")
    assert set(name) <= ALLOWED
    assert 4 < len(name) <= LONGEST
    assert name[0] not in ".-"
    assert name.split(".")[0] not in RESERVED


@given(st.lists(st.text(max_size=4), unique=True, max_size=8))
def test_different_texts_get_different_files_also_where_case_does_not_count(texts):
    names = file_names(texts, ".svg")
    assert list(names) == texts
    assert len({name.casefold() for name in names.values()}) == len(texts)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Barking & Dagenham", "barking-dagenham"),
        ("Ynys Môn", "ynys-mon"),
        ("reach_by_origin", "reach_by_origin"),
        ("../../etc/passwd", "etc-passwd"),
        ("aux", "aux_"),
        ("COM¹", "com1_"),
    ],
)
def test_names_worked_by_hand(text, name):
    assert safe_file_name(text) == name


def test_what_letters_cannot_say_keeps_a_mark_of_its_own():
    assert safe_file_name("東京") != safe_file_name("京都")
    assert safe_file_name("!") != safe_file_name("?")
