import csv
import io

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from linemap.records import is_formula_like, read_records
from linemap.release.writers import csv_bytes, typed

# With letters at its end, for a lone mark is read as unknown; one quotation mark alone is refused.
NAME = st.text(st.sampled_from("aZé’=+-@＝'\",;|# 1"), min_size=1, max_size=8).map(
    lambda text: f"{text.strip()}Zé" + '"' * (text.count('"') % 2)
)


def test_a_table_is_written_as_excel_and_rfc_4180_expect():
    frame = pd.DataFrame(
        {"a": ["King’s Lynn", None], "n": pd.array([3, None], dtype="Int64"),
         "x": [0.5, -1.25], "t": pd.array([True, None], dtype="boolean")}
    )  # fmt: skip
    expected = "\ufeffa,n,x,t\r\nKing’s Lynn,3,0.5,true\r\n,,-1.25,\r\n"
    assert csv_bytes(typed(frame)) == expected.encode()


@given(st.lists(st.tuples(NAME, NAME, st.integers(0, 99)), min_size=1, max_size=5))
@settings(max_examples=40)
def test_names_are_neutral_in_the_file_and_read_back_the_same(tmp_path_factory, rows):
    data = csv_bytes(typed(pd.DataFrame(rows, columns=["from", "to", "n"])))
    for row in list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]:
        assert not any(is_formula_like(cell) for cell in row)
    path = tmp_path_factory.getbasetemp() / "names.csv"
    path.write_bytes(data)
    got = read_records(path)
    assert list(zip(got["origin"], got["destination"], got["count"], strict=True)) == rows
