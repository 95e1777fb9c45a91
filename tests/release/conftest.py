import os
from pathlib import Path

import pytest

from linemap.disclosure import as_published, protect
from linemap.flows import build_flows
from linemap.gazetteer import Gazetteer
from linemap.records import read_records, read_statements

TOY = Path(__file__).parents[2] / "src/linemap/data/toy/moves.csv"

STATEMENTS = """id,origin,origin level,destination,destination level,measure,value,source,note
S1,Ashwick,borough,Eastby,town,arrests,12,Gazette,"one
two"
S2,Ashwick,borough,Northshire,county,named,,Gazette,=cmd|' /C calc'!A0
S3,Birchgate,borough,Atlantis,town,named,,"Gazette, again",@SUM(A1)
S4,Cedarham,borough,,unknown,referrals,7,＝1+1,
"""


@pytest.fixture(autouse=True)
def flushed(monkeypatch):
    """Make flushing quick, and tell what was flushed: files and folders by their inode."""
    calls = []

    def fsync(handle):
        calls.append(os.fstat(handle).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    return calls


@pytest.fixture(scope="session")
def gazetteer():
    return Gazetteer.toy()


@pytest.fixture(scope="session")
def statements(gazetteer, tmp_path_factory):
    """A release of four published statements, with notes that a spreadsheet would run."""
    path = tmp_path_factory.mktemp("statements") / "statements.csv"
    path.write_text(STATEMENTS, encoding="utf-8")
    flows = build_flows(read_statements(path), gazetteer=gazetteer)
    words = "The Toy Times, 2024"
    return as_published(flows, gazetteer=gazetteer, already_published=words)


@pytest.fixture(scope="session")
def protected(gazetteer):
    """A release of the toy world's records."""
    return protect(build_flows(read_records(TOY), gazetteer=gazetteer), gazetteer=gazetteer)


@pytest.fixture(params=["statements", "protected"])
def release(request):
    return request.getfixturevalue(request.param)
