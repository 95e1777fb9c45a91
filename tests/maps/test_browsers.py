# ruff: noqa: E501  the scripts for the page stand whole
"""The page in Firefox and in WebKit: the same figures, the same choices, nothing in the way."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linemap import schema
from linemap.disclosure import Release
from linemap.maps import flow_map, save_map

pytestmark = [
    pytest.mark.other_browser,
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),  # selenium
]
WIDE, HIGH = 1280, 850
MINI_BROWSERS = sorted(Path("/usr").glob("lib*/*/webkit2gtk-4*/MiniBrowser"))
Run = Callable[[str], Any]


class Page:
    """A browser that opens one page at a time and evaluates scripts in it."""

    def __init__(self, go: Callable[[str], Any], run: Run, picture: Callable[[], bytes]) -> None:
        self.go = go
        self.run = run
        self.picture = picture

    def open(self, file: Path, hash_: str = "") -> None:
        """Open a file, and wait until its maps are painted."""
        self.go("about:blank")  # so that another hash is another page
        self.go(file.as_uri() + hash_)
        self.settle()

    def settle(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            ready = "window.linemap && linemap.maps.length > 0 && linemap.maps.every(m => m.complete && !m.app.answering)"
            if self.run(ready):
                return
            time.sleep(0.05)
        raise AssertionError("the map was not painted within 30 seconds")


def absent(what: str) -> None:
    """Skip by name, or fail where every browser is required."""
    if os.environ.get("LINEMAP_REQUIRE_BROWSER"):
        pytest.fail(f"no {what} on this machine")
    pytest.skip(f"no {what} on this machine")


def firefox(folder: Path, *, wide: int = WIDE, high: int = HIGH) -> Iterator[Page]:
    """Drive Firefox by WebDriver BiDi."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        absent("Firefox")
    from websockets.sync.client import connect

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--headless", "--profile", folder, "--remote-debugging-port", port]
    command += ["--width", wide, "--height", high]
    with subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until = time.monotonic() + 90
            while True:
                try:
                    connection = connect(
                        f"ws://127.0.0.1:{port}/session", max_size=None, proxy=None
                    )
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.2)
            with connection as channel:
                yield _over(channel, wide, high)
        finally:
            process.terminate()


def _over(channel: Any, wide: int, high: int) -> Page:
    """Make a page that is driven over a channel of WebDriver BiDi."""
    turn = 0

    def send(method: str, **parameters: Any) -> Any:
        nonlocal turn
        turn += 1
        channel.send(json.dumps({"id": turn, "method": method, "params": parameters}))
        while True:
            answer = json.loads(channel.recv(timeout=60))
            if answer.get("id") == turn:
                assert answer["type"] == "success", answer
                return answer["result"]

    send("session.new", capabilities={})
    context = send("browsingContext.getTree")["contexts"][0]["context"]
    send("browsingContext.setViewport", context=context, viewport={"width": wide, "height": high})

    def run(script: str) -> Any:
        found = send(
            "script.evaluate",
            expression=f"JSON.stringify([{script}])",
            target={"context": context},
            awaitPromise=False,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])[0]

    return Page(
        lambda url: send("browsingContext.navigate", context=context, url=url, wait="complete"),
        run,
        lambda: base64.b64decode(
            send("browsingContext.captureScreenshot", context=context)["data"]
        ),
    )


def webkit(_: Path, *, wide: int = WIDE, high: int = HIGH) -> Iterator[Page]:
    """Drive WebKit's MiniBrowser by selenium, on a display of its own."""
    driver, server = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    if driver is None or server is None or not MINI_BROWSERS:
        absent("WebKitGTK with WebKitWebDriver and Xvfb")
    from selenium import webdriver
    from selenium.webdriver.webkitgtk.options import Options
    from selenium.webdriver.webkitgtk.service import Service

    size = f"{wide + 200}x{high + 200}x24"
    told, tells = os.pipe()
    options = Options()
    options.binary_location = str(MINI_BROWSERS[-1])
    options.add_argument("--automation")
    with subprocess.Popen(
        [server, "-displayfd", str(tells), "-screen", "0", size],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(tells,),
    ) as screen:
        try:
            os.close(tells)
            with os.fdopen(told) as number:
                display = f":{number.readline().strip()}"
            service = Service(driver, env={**os.environ, "DISPLAY": display})
            browser = webdriver.WebKitGTK(options=options, service=service)
            try:
                browser.set_window_size(wide, high)
                yield Page(
                    browser.get,
                    lambda script: json.loads(
                        browser.execute_script(f"return JSON.stringify([{script}])")
                    )[0],
                    browser.get_screenshot_as_png,
                )
            finally:
                browser.quit()
        finally:
            screen.terminate()


@pytest.fixture(scope="module", params=[firefox, webkit], ids=["firefox", "webkit"])
def page(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    yield from request.param(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="module")
def statements_map(statements: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_map(flow_map(statements), tmp_path_factory.mktemp("page") / "map.html")


@pytest.fixture(scope="module")
def records_map(records: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_map(flow_map(records), tmp_path_factory.mktemp("page") / "map.html")


def test_it_draws_what_it_was_given(page: Page, statements_map: Path, statements: Release) -> None:
    page.open(statements_map)
    flows = statements.flows[statements.flows.geometry.notna()]
    drawn = page.run("linemap.maps[0].drawn().map(one => one.id).sort()")
    assert drawn == sorted(flows[schema.FLOW_ID])
    painted = page.run(
        "[...document.querySelectorAll('.linemap-frame canvas')].some(c => c.width > 0"
        " && c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))"
    )
    assert painted


def test_a_wide_page_does_not_scroll_into_nothing(page: Page, statements_map: Path) -> None:
    page.open(statements_map)
    assert page.run("document.documentElement.scrollHeight - innerHeight") <= 0
    assert page.run("document.documentElement.scrollWidth - innerWidth") <= 0


def test_choosing_a_place_answers_for_its_ground(page: Page, statements_map: Path) -> None:
    page.open(statements_map, "#place=county:norfolk")
    said = page.run("document.querySelector('.chosen').textContent")
    for wanted in ("416", "443", "Norwich", "never added up", "27.7 a month"):
        assert wanted in said
    page.run("document.querySelector('.chosen .close').click()")
    page.settle()
    assert page.run("document.activeElement.id") == "linemap-chosen"
    assert "Islington" in page.run("document.querySelector('.chosen').textContent")


def test_a_period_is_chosen_stepped_and_filtered(page: Page, records_map: Path) -> None:
    page.open(records_map)
    page.run("document.querySelector('#linemap-later').click()")
    page.settle()
    assert page.run("document.querySelector('.time-said').textContent") == "Jan 2023 to Mar 2023"
    assert page.run("document.querySelector('.status').textContent").startswith("Showing 8 of 32")


def test_the_table_sorts_and_follows_a_choice(page: Page, records_map: Path) -> None:
    page.open(records_map, "#view=table&place=county:kent")
    assert page.run("document.querySelectorAll('tbody tr').length") == 8
    page.run("(b => { b.focus(); b.click(); })(document.querySelector('#linemap-column-count'))")
    counts = page.run(
        "[...document.querySelectorAll('tbody tr')].map(row => Number(row.querySelector('td.number').textContent))"
    )
    assert counts == sorted(counts, reverse=True)
    assert page.run("document.activeElement.id") == "linemap-column-count"


def test_a_link_opens_dark(page: Page, records_map: Path) -> None:
    page.open(records_map, "#theme=dark")
    assert page.run("linemap.maps[0].app.look.theme.name") == "dark"
    assert page.run("getComputedStyle(document.querySelector('.linemap')).backgroundColor") == (
        "rgb(22, 31, 38)"
    )
