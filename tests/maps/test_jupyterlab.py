"""The widget in a real JupyterLab: a choice on the map is a frame in the next cell, and back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

LACKING = [name for name in ("nbformat", "jupyterlab", "anywidget") if find_spec(name) is None]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}"),
]

STATEMENTS = Path(__file__).parents[2] / "data" / "raw" / "published_statements.csv"
SHOWING = f"""import linemap as lm
flows = lm.build_flows(lm.read_statements({str(STATEMENTS)!r}))
widget = lm.explore(lm.as_published(flows))
widget"""
CELLS = (
    SHOWING,
    "print('chosen', widget.place, len(widget.flows), len(widget.release.flows))",
    "widget.place = 'borough:hackney'",
    "print('now', widget.place, sorted(set(widget.flows['origin_name'])))",
)
MARK = "alive-in-this-page"


def until(act: Callable[[], Any], what: str | Callable[[], str], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = act()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(what if isinstance(what, str) else what())


def shared() -> Path:
    """Where what JupyterLab shows widgets and exports pages with is installed."""
    return Path(str(distribution("anywidget").locate_file("../../../share/jupyter"))).resolve()


def written(file: Path, cells: tuple[str, ...]) -> Path:
    """Write a notebook that has not been run."""
    import nbformat  # here, for it takes seconds to load

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(book, file)
    return file


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Run JupyterLab on this machine; its address. Its own checks for news are off."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {"JUPYTER_PATH": shared()} | {
        name: tmp_path / name.lower()
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="]
    command += [f"--ServerApp.root_dir={tmp_path}", "--LabApp.extension_manager=readonly"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    environment = {**os.environ, **{name: str(place) for name, place in places.items()}}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:

        def answers() -> bool:
            assert server.poll() is None, "JupyterLab ended"
            try:
                with urlopen(f"http://127.0.0.1:{port}/api") as found:
                    return bool(found.status == 200)
            except OSError:
                return False

        try:
            until(answers, "JupyterLab did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def test_a_choice_goes_both_ways_and_the_picture_stays_without_a_kernel(
    lab: str, browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "map.ipynb", CELLS)
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{lab}/lab/tree/map.ipynb")
    cell = page.locator(".jp-Notebook .jp-CodeCell")
    cell.nth(3).wait_for(timeout=60_000)

    def run(number: int) -> None:
        """Run a cell; a notebook that is only just open may miss the first keys."""
        prompt = cell.nth(number).locator(".jp-InputPrompt")
        for _ in range(20):
            cell.nth(number).locator(".jp-InputArea-editor").click()
            page.keyboard.press("Control+Enter")
            page.wait_for_timeout(1000)
            if prompt.inner_text() != "[ ]:":
                return
        raise AssertionError("the cell did not run")

    def said(number: int) -> str:
        return " ".join(cell.nth(number).locator(".jp-OutputArea-output").all_inner_texts())

    def frame() -> Any:
        page.wait_for_timeout(100)  # news of frames comes while the page is asked
        found = [one for one in page.frames if one != page.main_frame]
        ready = "window.linemap && linemap.maps.length > 0 && linemap.maps[0].app.started"
        return next((one for one in found if one.evaluate(ready)), None)

    until(lambda: "Idle" in page.locator(".jp-NotebookPanel-toolbar").inner_html(), "no kernel")
    run(0)
    inside = until(
        frame, lambda: f"the widget showed no map: {page.locator('.jp-Notebook').inner_text()}"
    )
    still = cell.nth(0).locator(".linemap-still")
    assert still.count() == 1
    assert not still.is_visible()

    # from the map to the next cell
    inside.evaluate(
        "(() => { const { app } = linemap.maps[0];"
        " app.select(app.model.nodes.id.indexOf('county:norfolk'), { go: true }); })()"
    )
    time.sleep(1)
    run(1)
    until(lambda: "chosen county:norfolk" in said(1), f"the choice did not arrive: {said(1)}")
    chosen, whole = (int(word) for word in said(1).split()[-2:])
    assert 0 < chosen < whole

    # from a cell to the map, and the frame of that back
    run(2)
    place = "(({ app }) => app.model.nodes.id[app.chosen.place])(linemap.maps[0])"
    until(lambda: inside.evaluate(place) == "borough:hackney", "the map did not follow")
    time.sleep(1)
    run(3)
    until(lambda: "now borough:hackney ['Hackney']" in said(3), f"not Hackney's: {said(3)}")

    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    file = tmp_path / "map.ipynb"
    until(lambda: "linemap-still" in file.read_text(encoding="utf-8"), "the notebook was not saved")
    outside = [url for url in asked if not url.startswith((lab, "data:", "blob:", "about:"))]
    assert outside == []

    # the same notebook from somebody else: not trusted, no kernel of its own
    import nbformat

    book = nbformat.read(file, as_version=4)
    book.cells.append(nbformat.v4.new_markdown_cell(MARK))
    nbformat.write(book, tmp_path / "sent.ipynb")
    page.goto(f"{lab}/lab/tree/sent.ipynb?reset")
    still = page.locator(".linemap-still")
    still.wait_for(timeout=60_000)
    assert "trust this notebook" in still.inner_text().lower()
    wide = "image => image.complete && image.naturalWidth"
    assert until(lambda: still.locator("img").evaluate(wide), "no picture") > 300
    assert "Great Yarmouth" in still.locator("table").inner_text()
    assert not [
        one for one in page.frames if "linemap" in (one.content() if one != page.main_frame else "")
    ]

    # and as a page of its own
    monkeypatch.setenv("JUPYTER_PATH", str(shared()))
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_filename(str(file))
    (tmp_path / "map.html").write_text(html, encoding="utf-8")
    page.goto((tmp_path / "map.html").as_uri())
    assert page.locator(".linemap-still img").evaluate(wide) > 300
    assert page.locator(".linemap-still").is_visible()
    page.close()
