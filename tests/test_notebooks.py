"""The notebooks run from top to bottom, show what they promise, and are kept without output."""

from __future__ import annotations

import warnings
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_the_story_has_its_chapters() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "00_start_here", "01_places", "02_flows_and_distances", "03_maps", "04_statistics",
        "05_publishing", "06_your_own_data",
    ]  # fmt: skip


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output_and_defines_nothing(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            assert not cell.source.lstrip().startswith(("def ", "class "))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    with warnings.catch_warnings():
        # The client's own event loop and sockets warn as they close; the code that is
        # under test runs in another process and shows its warnings as output.
        warnings.simplefilter("ignore")
        client = NotebookClient(
            notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
        )
        client.execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    assert outputs
    complaints = [out.text for out in outputs if out.get("name") == "stderr"]
    assert complaints == []
    if path.stem == "03_maps":
        kinds = [set(out.get("data", ())) for out in outputs]
        assert sum("image/png" in kind for kind in kinds) >= 2
        maps = [out.data["text/html"] for out in outputs if "text/html" in out.get("data", ())]
        assert any("<iframe" in html and "srcdoc" in html for html in maps)
