"""Measure how soon the page is ready, and how long it ever leaves its reader without an answer.

    python benchmarks/map/pauses.py [--turns 5] 100 300 600 1200
    python benchmarks/map/pauses.py --clock [--slow] 300 1200
    python benchmarks/map/pauses.py --browser firefox 300 1200

Each size is opened as it opens by itself and on every pair (the heaviest picture), at 1920x1080;
then the level, a filter, the period and the place are changed. A pause is the longest gap between
two beats of a timer. On a machine that does other work as well, every time by the clock is longer
than the page makes it. So Chromium is first asked, by a trace, for the time of the processor that
the page's main thread takes in its longest gap, which other work hardly lengthens; with `--clock`,
and in Firefox and WebKit, it is the clock. Each time is the least of several turns.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import itertools
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from made import made_release
from playwright.sync_api import sync_playwright

from linemap.maps import flow_map, save_map

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "maps"))
import test_browsers  # the drivers of Firefox and WebKit are the tests' own

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WIDE, HIGH = 1920, 1080
PICTURES = (("as it opens", ""), ("every pair", "#picture=pairs"))

BEAT = """(() => {
  window.longest = 0;
  let last = performance.now();
  function beat() {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    last = now;
    const map = window.linemap && linemap.maps[0];
    if (map && map.app.started && !window.readyAt) window.readyAt = now;
    const app = map && map.app;
    if (map && map.complete && !app.answering && now > (window.busyUntil || 0)) {
      if (!window.completeAt) window.completeAt = now;
    }
  }
  setInterval(beat, 5);
  window.act = (what) => {
    const app = linemap.maps[0].app;
    const { periods } = app.reading;
    const acts = {
      level: () => app.levelChosen(app.chosen.level === "force" ? "county" : "force"),
      filter: () => { app.chosen.min = 20; app.changed(); },
      period: () => {
        app.chosen.min = 0;
        app.chosen.from = periods.low + 3;
        app.chosen.to = periods.low + 8;
        app.changed();
      },
      place: () => app.select(app.reading.order[0], { go: true }),
    };
    const began = last = performance.now();
    window.longest = window.completeAt = 0;
    window.busyUntil = began + 300;  /* words follow a little later */
    window.began = began;
    acts[what]();
  };
})()"""
ACTS = ("level", "filter", "period", "place")


def watched(file: Path) -> Path:
    """Write the page once more, with the timer in it, and its policy allowing that."""
    html = file.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(BEAT.encode()).digest()).decode()
    html = html.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    made = file.with_name(f"watched-{file.name}")
    made.write_text(html.replace("<style>", f"<script>{BEAT}</script><style>", 1), encoding="utf-8")
    return made


class Window:
    """A browser's window: opens an address and evaluates expressions."""

    def __init__(self, go: Callable[[str], Any], run: Callable[[str], Any]) -> None:
        self.go, self.run = go, run

    def wait(self) -> None:
        """Wait until the picture is complete and the words have followed."""
        until = time.monotonic() + 180
        while not self.run("window.completeAt || 0"):
            if time.monotonic() > until:
                raise TimeoutError("the page was not complete within 180 seconds")
            time.sleep(0.05)

    def opened(self, address: str) -> dict[str, float]:
        """Open a page; when it was ready and complete, and its longest pause, in ms."""
        self.go(address)
        self.wait()
        ready, complete, longest = self.run("[readyAt, completeAt, longest]")
        return {"ready": ready, "complete": complete, "pause": longest}

    def acted(self, what: str) -> float:
        """Change one thing, and return the longest pause in ms."""
        self.run(f"act('{what}')")
        self.wait()
        return float(self.run("longest"))


@contextmanager
def chromium(ratio: int = 1, slowed: int = 1) -> Iterator[Window]:
    """Start Chromium with one page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        context = browser.new_context(
            viewport={"width": WIDE, "height": HIGH}, device_scale_factor=ratio
        )
        page = context.new_page()
        page.set_default_timeout(180_000)
        if slowed > 1:
            session: Any = context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})

        def go(address: str) -> None:
            page.goto("about:blank")
            page.goto(address)

        yield Window(go, lambda text: page.evaluate(text))
        browser.close()


@contextmanager
def other(name: str) -> Iterator[Window]:
    """Start Firefox or WebKit with one window of the wanted size."""
    make = {"firefox": test_browsers.firefox, "webkit": test_browsers.webkit}[name]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        started = make(Path(profile), wide=WIDE, high=HIGH)
        page = next(started)

        def go(address: str) -> None:
            page.go("about:blank")
            page.go(address)

        try:
            yield Window(go, page.run)
        finally:
            started.close()


def processor(address: str) -> dict[str, float]:
    """Open the page in Chromium and change things in it, under a trace.

    Of each, the time of the processor that the page's main thread takes in its longest gap, in ms.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
        page.set_default_timeout(180_000)
        window = Window(page.goto, page.evaluate)
        found = {}
        for what in ("opening", *ACTS):
            browser.start_tracing(page=page, categories=["devtools.timeline", "toplevel"])
            if what == "opening":
                window.opened(address)
            else:
                window.acted(what)
            found[what] = longest_gap(json.loads(browser.stop_tracing())["traceEvents"])
        browser.close()
    return found


def longest_gap(events: list[dict[str, Any]]) -> float:
    """Find the most time of the processor, in ms, between two beats of the page's timer."""
    fires = [one for one in events if one["name"] == "TimerFire" and "tts" in one]
    threads = [(one["pid"], one["tid"]) for one in fires]
    page = max(set(threads), key=threads.count)
    beats = sorted(one["tts"] for one in fires if (one["pid"], one["tid"]) == page)
    return max(later - one for one, later in itertools.pairwise(beats)) / 1000


def least(turns: list[dict[str, float]]) -> dict[str, float]:
    """Take the least of each time."""
    return {key: min(one[key] for one in turns) for key in turns[0]}


def measure(window: Window, address: str, turns: int) -> dict[str, float]:
    """Open a page some times, and change things in it."""
    found = []
    for _ in range(turns):
        one = window.opened(address)
        for what in ACTS:
            one[what] = window.acted(what)
        found.append(one)
    return least(found)


def main() -> None:
    """Measure and print a table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("sizes", type=int, nargs="*", default=[100, 300, 600, 1_200, 10_000])
    asked.add_argument("--browser", choices=("chromium", "firefox", "webkit"), default="chromium")
    asked.add_argument("--turns", type=int, default=5)
    asked.add_argument("--clock", action="store_true", help="in Chromium by the clock")
    asked.add_argument("--slow", action="store_true", help="and on doubled pixels, and slowed")
    options = asked.parse_args()
    own = options.browser == "chromium"
    ways = [("plain", 1, 1)]
    if options.slow:
        ways += [("doubled", 2, 1), ("doubled, slowed 4 times", 2, 4)]
    with tempfile.TemporaryDirectory() as folder:
        files = {
            n: watched(save_map(flow_map(made_release(n)), Path(folder) / f"map{n}.html"))
            for n in options.sizes
        }
        pages = [
            (n, picture, file.as_uri() + hash_)
            for n, file in files.items()
            for picture, hash_ in PICTURES
        ]
        if own and not options.clock:
            print(row("flows", "picture", "opening", *ACTS), "| --- " * 7 + "|", sep="\n")
            for n, picture, address in pages:
                times = least([processor(address) for _ in range(options.turns)])
                print(row(f"{n:,}", picture, *ms(times)), flush=True)
            return
        print(row("flows", "picture", "screen", "ready", "complete", "pause", *ACTS))
        print("| --- " * 10 + "|")
        for way, ratio, slowed in ways:
            with chromium(ratio, slowed) if own else other(options.browser) as window:
                for n, picture, address in pages:
                    times = measure(window, address, options.turns)
                    print(row(f"{n:,}", picture, way, *ms(times)), flush=True)


def row(*cells: str) -> str:
    """Write a row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def ms(times: dict[str, float]) -> list[str]:
    """Write times as whole milliseconds."""
    return [f"{value:.0f} ms" for value in times.values()]


if __name__ == "__main__":
    main()
