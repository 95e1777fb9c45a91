"""The widget of a notebook: what it takes, what it tells, and that its frame reaches nothing."""

from __future__ import annotations

import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from linemap import schema
from linemap.disclosure import Release
from linemap.errors import DisclosureError, InputError, MissingLibraryError
from linemap.maps import drawing, explore, flow_map

pytest.importorskip("anywidget")

# A notebook's side of a widget, as anywidget gives it: a model with traits, and an element.
MODEL = """
window.traits = {_page: %s, place: "", state: "", view: "who sends", flow_ids: []};
window.saved = 0;
const acts = {};
window.model = {
  get: (key) => traits[key],
  set: (key, value) => { traits[key] = value; },
  save_changes: () => { window.saved++; },
  on: (event, act) => { acts[event] = act; },
  off: (event) => { delete acts[event]; },
};
window.python = (key, value) => { traits[key] = value; acts["change:" + key](); };
"""


def test_only_a_release_is_explored(make_flows: Any) -> None:
    with pytest.raises(DisclosureError):
        explore(make_flows([]))


def test_without_anywidget_it_says_what_to_install(
    records: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing._explorer_class.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MissingLibraryError, match="notebook"):
        explore(records)
    drawing._explorer_class.cache_clear()


def test_the_choice_is_a_frame_of_the_release(records: Release) -> None:
    widget = explore(records)
    assert len(widget.flows) == len(records.flows)
    ids = records.flows[schema.FLOW_ID].tolist()
    widget.flow_ids = [ids[3], ids[5], "f999"]
    assert widget.flows[schema.FLOW_ID].tolist() == [ids[3], ids[5]]
    assert widget.flows[schema.COUNT].tolist() == records.flows[schema.COUNT].iloc[[3, 5]].tolist()


@pytest.mark.parametrize(
    ("trait", "value"),
    [("place", "county:nowhere"), ("view", "every child"), ("state", "a" * 9_000)],
)
def test_what_is_no_choice_of_this_release_is_refused(
    records: Release, trait: str, value: str
) -> None:
    widget = explore(records)
    before = getattr(widget, trait)
    with pytest.raises(InputError):
        setattr(widget, trait, value)
    assert getattr(widget, trait) == before


def test_a_map_in_a_notebook_says_so_where_it_is_not_trusted(statements: Release) -> None:
    html = flow_map(statements)._repr_html_()
    rest = html[html.index("</iframe>") :]
    assert "trust this notebook" in rest
    assert "<svg" not in rest  # dropped there, as scripts and styles are
    assert 'src="data:image/svg+xml;base64,' in rest
    assert "Great Yarmouth" in rest


def until(act: Any, what: str) -> Any:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = act()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(what)


@pytest.mark.browser
def test_choices_go_both_ways_and_nothing_is_asked_of_a_network(
    records: Release, browser: Any, tmp_path: Path
) -> None:
    widget = explore(records)
    made = MODEL % json.dumps(widget._page).replace("</", "<\\/")
    html = (
        "<!DOCTYPE html><html><body><div class=output><div class=linemap-still>still</div>"
        f"<div id=cell></div></div><script>{made}</script></body></html>"
    )
    (tmp_path / "cell.html").write_text(html, encoding="utf-8")
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "cell.html").as_uri())
    script = base64.b64encode(str(widget._esm).encode()).decode()
    module = f"data:text/javascript;base64,{script}"
    page.evaluate(
        "async (module) => { const it = (await import(module)).default;"
        " window.stop = it.render({model, el: document.getElementById('cell')}); }",
        module,
    )
    until(lambda: page.evaluate("saved"), "the page never told what is chosen")
    assert page.evaluate("document.querySelector('.linemap-still').hidden")
    ids = records.flows[schema.FLOW_ID]
    assert sorted(page.evaluate("traits.flow_ids")) == sorted(ids)

    # from Python to the map, and its frame back
    page.evaluate("python('place', 'borough:islington')")
    mine = sorted(ids[records.flows[schema.ORIGIN_ID].eq("borough:islington")])
    until(lambda: sorted(page.evaluate("traits.flow_ids")) == mine, "the frame is not Islington's")
    page.evaluate("python('state', 'place=county%3Anorfolk')")
    until(lambda: page.evaluate("traits.place") == "county:norfolk", "the state was not taken")

    # from the map to Python
    frame = page.frames[1]
    frame.evaluate("linemap.maps[0].app.select(0)")
    until(lambda: page.evaluate("traits.place") == "", "the choice was not told")
    widget.flow_ids = page.evaluate("traits.flow_ids")
    assert len(widget.flows) == len(ids)

    # a message of another shape, or of another sender, changes nothing
    before = page.evaluate("JSON.stringify({...traits, _page: 0})")
    page.evaluate(
        "postMessage({linemap: 1, kind: 'state', state: 'x', place: '', view: '', flows: []}, '*')"
    )
    frame.evaluate("parent.postMessage({linemap: 1, kind: 'state', state: 3, place: 'y'}, '*')")
    page.wait_for_timeout(200)
    assert page.evaluate("JSON.stringify({...traits, _page: 0})") == before

    # the frame has no origin: it reaches nothing of the notebook
    assert frame.evaluate("self.origin") == "null"
    assert [url for url in asked if not url.startswith(("file:", "about:", "data:", "blob:"))] == []
    page.close()
