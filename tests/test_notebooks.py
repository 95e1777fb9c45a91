"""The notebooks run from top to bottom, on one's own table too, and are kept without output."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from linemap import pipeline

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
OWN = """Home LA,Seen in,When
Islington,Norwich,2024-02-01
LB Hackney,Ipswich,2024-03-04
Islington,Swafham,2024-03-05
Camden,N/K,2024-05-06
"""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def parameters(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]


def outputs_of(notebook: Any, folder: Path) -> list[Any]:
    """Run a notebook in a folder; return what its cells gave, of which nothing is a complaint."""
    with warnings.catch_warnings():
        # The client's own event loop and sockets warn as they close; the code that is
        # under test runs in another process and shows its warnings as output.
        warnings.simplefilter("ignore")
        client = NotebookClient(
            notebook, timeout=240, resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    assert outputs
    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    return outputs


def test_the_story_has_its_chapters() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "00_start_here", "01_places", "02_flows_and_distances", "03_maps", "04_statistics",
        "05_publishing", "06_your_own_data",
    ]  # fmt: skip


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output_and_defines_nothing(path: Path) -> None:
    notebook = read(path)
    assert "**For**" in notebook.cells[0].source
    assert "**Answers**" in notebook.cells[0].source
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            assert not cell.source.lstrip().startswith(("def ", "class "))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermill_finds_one_cell_of_plain_parameters(path: Path) -> None:
    (cell,) = parameters(read(path))
    for line in ast.parse(cell.source).body:
        assert isinstance(line, ast.Assign)
        ast.literal_eval(line.value)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    outputs = outputs_of(read(path), path.parent)
    if path.stem == "03_maps":
        kinds = [set(out.get("data", ())) for out in outputs]
        assert sum("image/png" in kind for kind in kinds) >= 2
        maps = [out.data["text/html"] for out in outputs if "text/html" in out.get("data", ())]
        assert any("<iframe" in html and "srcdoc" in html for html in maps)


@pytest.mark.parametrize(
    ("chapter", "given", "said"),
    [
        ("01_places", {"table": "own.csv", "published": False}, "Swafham"),
        ("02_flows_and_distances", {"table": "own.csv", "published": False}, "Norwich"),
        (
            "06_your_own_data",
            {"table": "own.csv", "columns": {"origin": "Home LA", "destination": "Seen in"}},
            "Swafham",
        ),
    ],
)
def test_a_copy_out_of_the_package_runs_on_a_table_of_ones_own(
    chapter: str, given: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """As papermill does: a cell with what is given, after the one that is tagged."""
    folder = tmp_path / "demo"
    pipeline.write_demonstration(folder)
    own = OWN if "columns" in given else OWN.replace("Home LA,Seen in", "borough,town")
    (folder / "own.csv").write_text(own, encoding="utf-8")
    notebook = read(folder / f"{chapter}.ipynb")
    (cell,) = parameters(notebook)
    lines = "\n".join(f"{name} = {value!r}" for name, value in given.items())
    notebook.cells.insert(notebook.cells.index(cell) + 1, nbformat.v4.new_code_cell(lines))
    outputs = outputs_of(notebook, folder)
    shown = " ".join(str(out.get("data", out.get("text"))) for out in outputs)
    assert said in shown
